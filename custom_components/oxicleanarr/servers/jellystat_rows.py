"""What Jellystat's rows mean: from plays and groups of plays to events."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
import re
from typing import Final

from ..model import PlaybackEvent, normalize_id
from .rows import LONGEST_RUNTIME, JsonObject, identifier, integer, moment, text

NAME: Final = "Jellystat"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an answer; a group of plays is one row of several events."""

    row_id: str
    at: datetime
    events: tuple[PlaybackEvent, ...]
    grouped: bool
    skipped: int


class PlayDecoder:
    """Makes events of Jellystat's rows, whatever shape they have."""

    def __init__(self, user_ids: Collection[str]) -> None:
        """Prepare to recognize these users' ids, even those that became numbers."""
        # JavaScript reads 12e4… with one "e" as a number and keeps only its beginning.
        numbers = (
            (float(found[1]), user_id)
            for user_id in user_ids
            if (found := re.fullmatch(r"(\d+)(?:e\d+)?", user_id)) is not None
        )
        self._numbers: dict[float, str] = dict(numbers)

    def row(self, row: JsonObject) -> Row | None:
        """Return a row, ``None`` if it has no id, no date or no item."""
        row_id = identifier(row.get("Id"))
        at = moment(row.get("ActivityDateInserted"))
        if not row_id or at is None:
            return None
        # A group's own seconds are the sum of its plays, so the plays are what counts.
        # Movies' groups have none since 1.1.3: then the row is their last play.
        plays = row.get("results")
        if isinstance(plays, list) and plays:
            found = [
                self._event(play, row) if isinstance(play, dict) else None
                for play in plays
            ]
        else:
            found = [self._event(row, row)]
        events = tuple(event for event in found if event is not None)
        if not events:
            return None
        return Row(row_id, at, events, "results" in row, len(found) - len(events))

    def _event(self, play: JsonObject, group: JsonObject) -> PlaybackEvent | None:
        """Return a play of a group, ``None`` if it has no id, no date or no item."""

        def value(name: str) -> object:
            """Return what the play says, or else what its group says."""
            own = play.get(name)
            return group.get(name) if own is None else own

        event_id = identifier(play.get("Id"))
        ended_at = moment(play.get("ActivityDateInserted"))
        item_id = _item_id(value("EpisodeId")) or _item_id(value("NowPlayingItemId"))
        if not event_id or ended_at is None or not item_id:
            return None
        return PlaybackEvent(
            event_id=event_id,
            user_id=self._user_id(value("UserId")),
            item_id=item_id,
            ended_at=ended_at,
            seconds=integer(play.get("PlaybackDuration"), 0, LONGEST_RUNTIME) or 0,
            user_name=text(value("UserName")) or "",
            title=text(value("NowPlayingItemName")) or "",
            series_title=text(value("SeriesName")),
        )

    def _user_id(self, value: object) -> str:
        """Return a user's id, even one that became a number."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._numbers.get(value) or identifier(value) or ""
        user_id = identifier(value) or ""
        return normalize_id(user_id) or user_id


def _item_id(value: object) -> str | None:
    """Return an item's id; old imports have the season's behind the episode's."""
    item_id = identifier(value)
    if not item_id:
        return None
    return normalize_id(item_id.replace("-", "")[:32]) or item_id


def to_milliseconds(at: datetime) -> datetime:
    """Return a time cut to milliseconds, which is all that Jellystat sends."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def stamp(at: datetime) -> str:
    """Return a time as it is sent."""
    at = to_milliseconds(at.astimezone(UTC))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
