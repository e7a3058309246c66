"""Rows of Jellystat: how its versions write plays, numbers and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
import json
import math
from typing import Any

from ..plays import Play

type Row = dict[str, Any]

#: The columns whose text is left alone; everything else that reads as a number becomes one.
_TEXT = frozenset(
    {
        "Id",
        "NowPlayingItemId",
        "NowPlayingItemName",
        "SeriesName",
        "SeasonId",
        "EpisodeId",
        "ParentId",
        "ServerId",
        "ActivityDateInserted",
    }
)

STREAMS: list[Row] = [
    {
        "Codec": "h264",
        "TimeBase": "1/1000",
        "VideoRange": "SDR",
        "DisplayTitle": "1080p H264 SDR",
        "NalLengthSize": "4",
        "IsInterlaced": False,
        "BitRate": 4_000_000,
        "BitDepth": 8,
        "IsDefault": True,
        "IsForced": False,
        "Height": 1080,
        "Width": 1920,
        "Type": "Video",
        "Index": 0,
    }
]


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a version can do."""

    version: str
    guide: bool = False
    paged_history: bool = True
    paged_activity: bool = True
    numbers: bool = True

    @classmethod
    def of(cls, version: str) -> Flavour:
        """Return the flavour of a version."""
        if version == "guide":
            return cls(version, guide=True)
        parts = tuple(int(part) for part in version.split("."))
        return cls(
            version,
            paged_history=parts >= (1, 1, 3),
            numbers=parts >= (1, 1, 5),
            paged_activity=parts >= (1, 1, 7),
        )


def cut(value: datetime) -> str:
    """Return a date cut, not rounded, to milliseconds."""
    text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{value.microsecond // 1000:03}Z"


def nested_date(value: datetime, offset: timedelta) -> str:
    """Return a date as PostgreSQL writes it into JSON: microseconds, and the session's offset."""
    local = value.astimezone(timezone(offset))
    text = local.strftime("%Y-%m-%dT%H:%M:%S")
    if local.microsecond:
        text += f".{local.microsecond:06}".rstrip("0")
    minutes = int(offset.total_seconds()) // 60
    return f"{text}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@lru_cache(maxsize=4096)
def guess(text: str) -> str | int | None:
    """Return text that JavaScript reads as a number as the whole number that it then parses."""
    stripped = text.strip()
    if stripped == "":
        return None
    try:
        number = float(stripped)
    except ValueError:
        return text
    if "_" in stripped or stripped.lower().lstrip("+-") in ("nan", "inf"):
        return text
    if math.isinf(number):
        return None
    digits = stripped.lstrip("+-").split(".")[0].lower().split("e")[0]
    if not digits:
        return None
    return -int(digits) if stripped.startswith("-") else int(digits)


class JellystatRows:
    """Writes rows for one server."""

    def __init__(self, flavour: Flavour, server_id: str) -> None:
        """Write for a flavour."""
        self.flavour = flavour
        self.server_id = server_id
        self.offset = timedelta()
        self.streams: list[Row] | None = STREAMS

    def flat(self, play: Play, *, named: bool = False) -> Row:
        """Return the row of one play; the histories of users and items add names and numbers."""
        row = self._raw(play)
        row["ActivityDateInserted"] = cut(play.date)
        if named:
            row |= self._place(play)
            row["FullName"] = play.full_name
        return self._typed(row)

    def _raw(self, play: Play) -> Row:
        """Return what every row of a play has."""
        row: Row = {
            "Id": play.id,
            "IsPaused": False,
            "UserId": play.user_id,
            "UserName": play.user_name,
            "Client": play.client,
            "DeviceName": play.device,
            "DeviceId": None,
            "ApplicationVersion": None,
            "NowPlayingItemId": play.item_id,
            "NowPlayingItemName": play.name,
            "SeasonId": play.season_id,
            "SeriesName": play.series_name,
            "EpisodeId": play.episode_id,
            "PlaybackDuration": play.seconds,
            "ActivityDateInserted": "",
            "PlayMethod": play.method,
            "MediaStreams": None,
            "TranscodingInfo": None,
            "PlayState": None,
            "OriginalContainer": None,
            "RemoteEndPoint": None,
            "ServerId": None,
            "imported": play.imported,
        }
        if not play.imported:
            row["DeviceId"] = f"{play.user_id[:12]}-{play.device}"
            row["ApplicationVersion"] = play.version
            row["MediaStreams"] = self.streams
            row["PlayState"] = _state(play)
            row["OriginalContainer"], row["RemoteEndPoint"] = "mkv", "192.0.2.17"
            row["ServerId"] = self.server_id
        return row

    @staticmethod
    def _place(play: Play) -> Row:
        """Return an episode's numbers and library."""
        return {
            "EpisodeNumber": play.episode_number,
            "SeasonNumber": play.season_number,
            "ParentId": play.library_id,
        }

    def _typed(self, row: Row) -> Row:
        """Return a row with the numbers and texts as the version sends them."""
        if not self.flavour.numbers:
            for name in ("PlaybackDuration", "TotalPlays", "TotalDuration"):
                if row.get(name) is not None:
                    row[name] = str(row[name])
            return row
        for name, value in row.items():
            if isinstance(value, str) and name not in _TEXT:
                row[name] = guess(value)
        return row

    def group(self, plays: Sequence[Play]) -> Row:
        """Return the row of getHistory for a group; ``plays`` are newest first."""
        latest = plays[0]
        row = self._raw(latest)
        row["ActivityDateInserted"] = cut(latest.date)
        row |= self._place(latest)
        total = sum(play.seconds for play in plays)
        if not self.flavour.paged_history:
            row["PlaybackDuration"] = total
            row["results"] = [self._old_nested(play) for play in plays]
            row["TotalPlays"] = len(plays)
            return row
        row |= {"results": None, "TotalPlays": None, "TotalDuration": None}
        if latest.episode_id is not None:
            row["PlaybackDuration"] = total
            row["results"] = [self._nested(play) for play in plays]
            row["TotalPlays"], row["TotalDuration"] = len(plays), total
        row["FullName"] = latest.full_name
        return self._typed(row)

    def _nested(self, play: Play) -> Row:
        """Return a play inside a group: texts as they are, dates in PostgreSQL's way."""
        row = self._raw(play) | self._place(play)
        row["ActivityDateInserted"] = nested_date(play.date, self.offset)
        return row

    def _old_nested(self, play: Play) -> Row:
        """Return a play inside a group as old versions send it."""
        row = self._raw(play) | self._place(play)
        row["ActivityDateInserted"] = cut(play.date)
        row["PlaybackDuration"] = str(play.seconds)
        return row

    def guide(self, play: Play) -> Row:
        """Return a row as the guide shows it: few keys, whole seconds, the item's own id."""
        return {
            "Id": play.id,
            "UserId": play.user_id,
            "UserName": play.user_name,
            "NowPlayingItemId": play.watched_id,
            "NowPlayingItemName": play.name,
            "SeriesName": play.series_name,
            "EpisodeId": play.episode_id,
            "SeasonId": play.season_id,
            "PlaybackDuration": play.seconds,
            "ActivityDateInserted": play.date.astimezone(UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
        }

    def flat_json(self, plays: Sequence[Play], *, named: bool = False) -> str:
        """Return the JSON array of flat rows; the streams, alike in all rows, are written only once."""
        streams, self.streams = self.streams, None
        try:
            text = ",".join(
                _encode(self.flat(play, named=named)).replace(
                    '"MediaStreams":null',
                    f'"MediaStreams":{"null" if play.imported else "@"}',
                    1,
                )
                for play in plays
            )
        finally:
            self.streams = streams
        return (
            "["
            + text.replace('"MediaStreams":@', f'"MediaStreams":{_encode(streams)}')
            + "]"
        )


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _state(play: Play) -> Row:
    """Return the state of the player when the play ended."""
    return {
        "PositionTicks": play.position,
        "CanSeek": True,
        "IsPaused": False,
        "IsMuted": False,
        "MediaSourceId": play.source_id,
        "PlayMethod": play.method,
        "RepeatMode": "RepeatNone",
        "PlaybackOrder": "Default",
    }
