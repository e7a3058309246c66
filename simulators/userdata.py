"""Jellyfin's user data, kept by the rules of 10.x and of 12 at the same time.

The two rules differ only in what the start of a playback does, and in whom the playback of an alternate
version is credited to. Keeping both lets servers of all versions look at one household.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Rules(StrEnum):
    """Whose rules a record follows."""

    TEN = "10"
    TWELVE = "12"


@dataclass(frozen=True, slots=True)
class UserData:
    """What one user did with one item."""

    played: bool = False
    play_count: int = 0
    last_played: datetime | None = None
    position: int = 0
    favourite: bool = False
    revision: int = 0


type Change = Callable[[UserData], UserData]

NOTHING = UserData()
MIN_RESUME = 0.05
MAX_RESUME = 0.90
MIN_RESUME_DURATION = timedelta(minutes=5)


class UserDataBook:
    """All records, by user id and item id; they outlive the items."""

    def __init__(self) -> None:
        """Start with no record."""
        self._records: dict[Rules, dict[str, dict[str, UserData]]] = {
            rules: {} for rules in Rules
        }
        self._revision = 0

    def of(self, rules: Rules, user_id: str) -> dict[str, UserData]:
        """Return a user's records by item id."""
        return self._records[rules].setdefault(user_id, {})

    def get(self, rules: Rules, user_id: str, item_id: str) -> UserData | None:
        """Return a record, if there is one."""
        return self._records[rules].get(user_id, {}).get(item_id)

    def load(self, user_id: str, item_id: str, record: UserData) -> None:
        """Store a record as it is, under both rules."""
        for rules in Rules:
            self.of(rules, user_id)[item_id] = record

    def change(
        self,
        user_id: str,
        item_id: str,
        change: Change,
        *,
        rules: tuple[Rules, ...] = tuple(Rules),
    ) -> None:
        """Change a record."""
        self._revision += 1
        for each in rules:
            records = self.of(each, user_id)
            records[item_id] = replace(
                change(records.get(item_id, NOTHING)), revision=self._revision
            )

    def adopt(
        self,
        old_id: str,
        new_id: str,
        *,
        anew: bool = False,
        rules: tuple[Rules, ...] = tuple(Rules),
    ) -> None:
        """Give an item the user data of another one; ``anew``: in place of its own."""
        if old_id == new_id:
            return
        for each in rules:
            for records in self._records[each].values():
                if (record := records.get(old_id)) is not None and (
                    anew or new_id not in records
                ):
                    records[new_id] = record

    def reassign(
        self,
        sources: Mapping[str, str | None],
        rules: tuple[Rules, ...] = tuple(Rules),
    ) -> None:
        """Give items, all at once, the user data that other ids had; ``None``: none."""
        for each in rules:
            for records in self._records[each].values():
                before = {
                    item_id: records.get(old) if old else None
                    for item_id, old in sources.items()
                }
                for item_id, record in before.items():
                    records.pop(item_id, None)
                    if record is not None:
                        records[item_id] = record

    def forget_user(self, user_id: str) -> None:
        """Drop all records of a deleted user."""
        for by_user in self._records.values():
            by_user.pop(user_id, None)


def started(rules: Rules, at: datetime) -> Change:
    """Return what the start of a playback does: 10.x also takes the mark away."""

    def change(data: UserData) -> UserData:
        """Return a record after the start."""
        played = data.played and rules is Rules.TWELVE
        return replace(
            data, played=played, play_count=data.play_count + 1, last_played=at
        )

    return change


def stopped(fraction: float | None, runtime: timedelta) -> Change:
    """Return what the end of a playback does; without a position it counts as finished."""

    def change(data: UserData) -> UserData:
        """Return a record after the end."""
        if fraction is not None and fraction < MIN_RESUME:
            return replace(data, position=0)
        if fraction is None or fraction > MAX_RESUME or runtime < MIN_RESUME_DURATION:
            return replace(data, played=True, position=0)
        return replace(
            data, position=round(runtime.total_seconds() * fraction) * 10_000_000
        )

    return change


def marked(at: datetime | None, now: datetime) -> Change:
    """Return what a manual mark does: an older date stays."""

    def change(data: UserData) -> UserData:
        """Return a record after the mark."""
        return replace(
            data,
            played=True,
            play_count=max(1, data.play_count),
            last_played=at or data.last_played or now,
            position=0,
        )

    return change


def unmarked(data: UserData) -> UserData:
    """Return a record after the mark was taken away by hand."""
    return replace(data, played=False, play_count=0, last_played=None, position=0)
