"""What Radarr's and Sonarr's databases have in common, and how it is sent."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
import re
from typing import Any

type Row = dict[str, Any]

_QUALITY_SOURCES = {"Radarr": ("bluray", "webdl"), "Sonarr": ("bluray", "web")}
LANGUAGES = [{"id": 1, "name": "English"}]


@dataclass(slots=True)
class Exclusion:
    """A title that import lists must not bring back."""

    id: int
    provider_id: int
    title: str
    year: int


@dataclass(slots=True)
class Event:
    """An entry of the history."""

    id: int
    title_id: int
    source_title: str
    type: str
    date: datetime
    data: dict[str, str] = field(default_factory=dict)
    episode_id: int | None = None


@dataclass(slots=True)
class Download:
    """An item of the queue; the title may be gone already."""

    id: int
    title: str
    size: int
    title_id: int | None
    episode_id: int | None = None
    season: int | None = None
    has_file: bool = False


def when(date: datetime) -> str:
    """Return a date with whole seconds."""
    return f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clean(title: str) -> str:
    """Return a title without anything but letters and digits."""
    return re.sub(r"[^a-z0-9]", "", title.lower())


def quality(app_name: str, number: int) -> Row:
    """Return a quality as it is listed with a file."""
    disc, web = _QUALITY_SOURCES[app_name]
    row: Row = {
        "id": number,
        "name": "Bluray-1080p" if number == 7 else "WEBDL-1080p",
        "source": disc if number == 7 else web,
        "resolution": 1080,
    }
    if app_name == "Radarr":
        row["modifier"] = "none"
    return {
        "quality": row,
        "revision": {"version": 1, "real": 0, "isRepack": False},
    }


def cover(
    base_path: str, title_id: int, provider_id: int, kind: str, *, local: bool
) -> Row:
    """Return a picture; without local covers only where it came from."""
    row: Row = {"coverType": kind}
    if local:
        row["url"] = f"{base_path}/MediaCover/{title_id}/{kind}.jpg"
    return row | {"remoteUrl": f"https://image.example.org/{provider_id}-{kind}.jpg"}
