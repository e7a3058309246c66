"""What Jellystat's rows mean: from plays and groups of plays to events."""

from collections.abc import Collection
from datetime import UTC, datetime
import re
from typing import Final

from ..model import Play, normalize_id
from .rows import LONGEST_RUNTIME, JsonObject, identifier, integer, moment, text

NAME: Final = "Jellystat"

type Row = tuple[str, datetime, *tuple[Play, ...]]
"""A row of an answer: its id, its date and its plays, of which only a group has several.

A plain tuple, for what a ``Play`` is one for.
"""

ROW_ID: Final = 0
AT: Final = 1


def plays_of(row: Row) -> tuple[Play, ...]:
    """Return the plays of a row."""
    return row[2:]


class PlayDecoder:
    """Makes plays of Jellystat's rows, whatever shape they have."""

    def __init__(self, user_ids: Collection[str]) -> None:
        """Prepare to recognize these users' ids, even those that became numbers."""
        # JavaScript reads 12e4… with one "e" as a number and keeps only its beginning.
        numbers = (
            (float(found[1]), user_id)
            for user_id in user_ids
            if (found := re.fullmatch(r"(\d+)(?:e\d+)?", user_id)) is not None
        )
        self._numbers: dict[float, str] = dict(numbers)
        self.met_groups = False
        """Whether any row was a group of plays."""

    def row(self, row: JsonObject) -> Row | None:
        """Return a row, ``None`` if it has no id, no date or no item."""
        row_id = identifier(row.get("Id"))
        at = moment(row.get("ActivityDateInserted"))
        if not row_id or at is None:
            return None
        if "results" not in row:
            play = self._play(row_id, at, row.get("PlaybackDuration"), row)
            return None if play is None else (row_id, at, play)
        self.met_groups = True
        plays = row["results"]
        # A group's own seconds are the sum of its plays, so the plays are what counts.
        # Movies' groups have none since 1.1.3: then the row is their last play.
        if not isinstance(plays, list) or not plays:
            plays = [row]
        found = [
            made
            for play in plays
            if isinstance(play, dict)
            and (made := self._play_of_group(play, row)) is not None
        ]
        return (row_id, at, *found) if found else None

    def _play_of_group(self, play: JsonObject, group: JsonObject) -> Play | None:
        """Return a play of a group, ``None`` if it has no id, no date or no item."""
        event_id = identifier(play.get("Id"))
        ended_at = moment(play.get("ActivityDateInserted"))
        if not event_id or ended_at is None:
            return None
        # What a play does not say itself, its group says.
        own = {name: value for name, value in play.items() if value is not None}
        seconds = play.get("PlaybackDuration")
        return self._play(event_id, ended_at, seconds, group | own)

    def _play(
        self, event_id: str, ended_at: datetime, seconds: object, said: JsonObject
    ) -> Play | None:
        """Return a play by what is said about it, ``None`` if it has no item."""
        item_id = _item_id(said.get("EpisodeId")) or _item_id(
            said.get("NowPlayingItemId")
        )
        if not item_id:
            return None
        return (
            event_id,
            self._user_id(said.get("UserId")),
            item_id,
            ended_at,
            integer(seconds, 0, LONGEST_RUNTIME) or 0,
            text(said.get("UserName")) or "",
            text(said.get("NowPlayingItemName")) or "",
            text(said.get("SeriesName")),
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
