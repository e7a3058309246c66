"""What is in a library: films, series, seasons and episodes, named as Jellyfin names them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import md5
from posixpath import basename, dirname, splitext
import re
from uuid import UUID

TICKS_PER_SECOND = 10_000_000

_NAMESPACE = "MediaBrowser.Controller.Entities"
_CLASSES = {
    "Movie": f"{_NAMESPACE}.Movies.Movie",
    "Video": f"{_NAMESPACE}.Video",
    "Trailer": f"{_NAMESPACE}.Trailer",
    "Series": f"{_NAMESPACE}.TV.Series",
    "Season": f"{_NAMESPACE}.TV.Season",
    "Episode": f"{_NAMESPACE}.TV.Episode",
    "BoxSet": f"{_NAMESPACE}.Movies.BoxSet",
    "Folder": f"{_NAMESPACE}.Folder",
    "CollectionFolder": f"{_NAMESPACE}.CollectionFolder",
    "User": "Jellyfin.Data.Entities.User",
}


def jellyfin_id(kind: str, path: str) -> str:
    """Return the id Jellyfin gives to an item of a class at a path (format N)."""
    digest = md5((_CLASSES[kind] + path).encode("utf-16-le"), usedforsecurity=False)
    return UUID(bytes_le=digest.digest()).hex


def ticks(value: timedelta) -> int:
    """Return a duration in ticks of 100 ns."""
    return value // timedelta(microseconds=1) * 10


@lru_cache(maxsize=4096)
def sort_name(name: str) -> str:
    """Return the name Jellyfin sorts by: lower case, no article, numbers padded."""
    text = re.sub(r"^(the|a|an) ", "", name.lower().replace("-", " "))
    text = re.sub(r"[,&'{}]", "", text).replace(".", " ").replace("+", " ")
    return re.sub(r"\d+", lambda match: match[0].rjust(10, "0"), text).strip()


@dataclass(slots=True, eq=False)
class Library:
    """A library ("virtual folder") over some locations."""

    name: str
    collection_type: str | None
    locations: list[str]
    id: str = ""

    def __post_init__(self) -> None:
        """Give the library its id."""
        self.id = jellyfin_id("CollectionFolder", f"/config/root/default/{self.name}")

    def holds(self, item: Item) -> bool:
        """Return whether an item is listed here: several libraries may share a folder."""
        if item.library is self:
            return True
        path = item.series.path if isinstance(item, Season) else item.path
        return path is not None and any(
            path.startswith(f"{location.rstrip('/')}/") for location in self.locations
        )


@dataclass(slots=True, eq=False)
class User:
    """A Jellyfin user; ``libraries`` are those the user may see, None means all."""

    name: str
    id: str
    administrator: bool = False
    libraries: frozenset[str] | None = None
    disabled: bool = False
    may_delete: bool = False
    max_rating: int | None = None
    blocked_tags: frozenset[str] = frozenset()
    last_activity: datetime | None = None

    def sees(self, library: Library) -> bool:
        """Return whether the user may see a library."""
        return self.libraries is None or library.name in self.libraries

    @property
    def limited(self) -> bool:
        """Return whether there is anything that the user does not see."""
        return (
            self.libraries is not None
            or self.max_rating is not None
            or bool(self.blocked_tags)
        )

    def may_watch(self, item: Item) -> bool:
        """Return whether neither a parental limit nor a blocked tag hides an item."""
        series = item.series if isinstance(item, Season | Episode) else item
        rating = item.rating if item.rating is not None else series.rating
        tags = {tag.lower() for tag in (*item.tags, *series.tags)}
        return (
            self.max_rating is None or rating is None or rating <= self.max_rating
        ) and not tags & {tag.lower() for tag in self.blocked_tags}


@dataclass(slots=True)
class MediaSource:
    """One file of a film or episode."""

    id: str
    path: str
    name: str
    size: int
    runtime: timedelta | None = None
    """Its own running time, if that is not the item's."""


@dataclass(slots=True, eq=False, kw_only=True)
class Item:
    """What every row of a library has; its id follows its path."""

    id: str
    name: str
    library: Library
    path: str | None
    date_created: datetime
    date_last_saved: datetime
    provider_ids: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    year: int | None = None
    rating: int | None = None
    """From which age it may be seen."""
    image: bool = True

    @property
    def type(self) -> str:
        """Return Jellyfin's name for the type."""
        return type(self).__name__

    @property
    def sort_name(self) -> str:
        """Return the name that Jellyfin sorts by."""
        return sort_name(self.name)

    @property
    def user_data_key(self) -> str | None:
        """Return the key under which user data outlives the item, if there is one."""
        for provider in ("Tmdb", "Imdb", "Tvdb"):
            if value := self.provider_ids.get(provider):
                return f"{self.type}:{provider}:{value}"
        return None


@dataclass(slots=True, eq=False, kw_only=True)
class Video(Item):
    """An item that can be played."""

    runtime: timedelta
    sources: list[MediaSource] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(source.size for source in self.sources)

    @property
    def alternates(self) -> list[MediaSource]:
        """Return the other versions of the film."""
        return self.sources[1:]


@dataclass(slots=True, eq=False, kw_only=True)
class Movie(Video):
    """A film in its own folder, or loose in a shared one; ``disc`` is `BluRay` or `Dvd`."""

    loose: bool = False
    ghost: bool = False
    disc: str | None = None
    parts: list[Clip] = field(default_factory=list)
    """What follows on the first of its files."""
    extras: list[Clip] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """Return the folder the film is in."""
        assert self.path is not None
        return self.path if self.disc else dirname(self.path)

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(source.size for source in self.sources) + sum(
            part.size for part in self.parts
        )


@dataclass(slots=True, eq=False, kw_only=True)
class Clip(Video):
    """A further part of a film, an extra or a trailer: no listing has it."""

    of: Movie
    extra: str | None = None

    @property
    def type(self) -> str:
        """Return Jellyfin's name for the type."""
        return "Trailer" if self.extra == "Trailer" else "Video"


@dataclass(slots=True, eq=False, kw_only=True)
class Series(Item):
    """A series; ``scanned`` is false until a library scan has seen it with its provider ids."""

    seasons: list[Season] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    scanned: bool = False
    status: str | None = None

    @property
    def user_data_key(self) -> str | None:
        """Return the key of the series, that its episodes build theirs on."""
        for provider in ("Tvdb", "Imdb", "Tmdb"):
            if value := self.provider_ids.get(provider):
                return f"Series:{provider}:{value}"
        return None


@dataclass(slots=True, eq=False, kw_only=True)
class Season(Item):
    """A season; without a path it has no folder of its own (flat layout)."""

    series: Series
    number: int
    scanned: bool = False

    @property
    def user_data_key(self) -> str | None:
        """Return the key under which user data outlives the season."""
        key = self.series.user_data_key
        return f"{key}:{self.number:03}" if key else None

    @property
    def episodes(self) -> list[Episode]:
        """Return the season's episodes."""
        return [episode for episode in self.series.episodes if episode.season is self]


@dataclass(slots=True, eq=False, kw_only=True)
class Episode(Video):
    """An episode, or a file with several; a virtual one is missing on disk."""

    series: Series
    season: Season
    number: int
    number_end: int | None = None
    premiere: datetime | None = None
    virtual: bool = False

    @property
    def sort_name(self) -> str:
        """Return the name that Jellyfin sorts by."""
        return f"{self.season.number:03} - {self.number:04} - {self.name.lower()}"

    @property
    def user_data_key(self) -> str | None:
        """Return the key under which user data outlives the episode."""
        key = self.series.user_data_key
        return f"{key}:{self.season.number:03}{self.number:03}" if key else None


@dataclass(slots=True, eq=False, kw_only=True)
class BoxSet:
    """A collection."""

    id: str
    name: str
    date_created: datetime
    members: list[str] = field(default_factory=list)
    made_as: str = ""
    """The name of its folder, which stays when it is renamed."""

    def __post_init__(self) -> None:
        """Name its folder."""
        self.made_as = self.made_as or self.name

    @property
    def path(self) -> str:
        """Return where its folder is."""
        return f"/config/data/collections/{self.made_as} [boxset]"


def stem(path: str) -> str:
    """Return a file's name without folder and extension."""
    return splitext(basename(path))[0]
