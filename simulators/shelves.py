"""The shelves of the household: the disk, and the libraries that Jellyfin has made of it.

It is long because everything that can be put on them is named here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from posixpath import dirname, splitext

from .disk import Disk
from .items import (
    BoxSet,
    Clip,
    Episode,
    Item,
    Library,
    MediaSource,
    Movie,
    Season,
    Series,
    User,
    Video,
    jellyfin_id,
    stem,
)
from .userdata import Rules, UserData, UserDataBook

SIDECARS = (".nfo", ".en.srt")
_DISCS = {
    "BluRay": ("BDMV/STREAM/00000.m2ts", "BDMV/index.bdmv", "CERTIFICATE/id.bdmv"),
    "Dvd": ("VIDEO_TS/VIDEO_TS.IFO", "VIDEO_TS/VTS_01_1.VOB"),
}


def utc_now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


def _named[T: (Movie, Series, User, Library)](among: Iterable[T], name: str) -> T:
    """Return the first with a name; raises KeyError if there is none."""
    for one in among:
        if one.name == name:
            return one
    raise KeyError(name)


class Shelves:
    """What is on the disk, what Jellyfin lists of it, and who may see it."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Start with an empty disk and no users."""
        self.clock = clock
        self.disk = Disk()
        self.libraries: list[Library] = []
        self.users: list[User] = []
        self.former_users: list[User] = []
        self.collections: dict[str, BoxSet] = {}
        self.user_data = UserDataBook()
        self.revision = 0
        self._items: dict[str, Item] = {}
        self.merged: dict[str, str] = {}
        """Id of a row to the row that it is a version of: only 10.10 lists both."""
        self._last_of_key: dict[str, str] = {}
        self._alternates: tuple[int, dict[str, Item]] = (-1, {})

    # -- looking -------------------------------------------------------------

    def now(self) -> datetime:
        """Return the household's time."""
        return self.clock()

    @property
    def items(self) -> list[Item]:
        """Return everything Jellyfin lists."""
        return list(self._items.values())

    @property
    def movies(self) -> list[Movie]:
        """Return the films Jellyfin lists."""
        return [item for item in self._items.values() if isinstance(item, Movie)]

    @property
    def series(self) -> list[Series]:
        """Return the series Jellyfin lists."""
        return [item for item in self._items.values() if isinstance(item, Series)]

    @property
    def episodes(self) -> list[Episode]:
        """Return the episodes Jellyfin lists."""
        return [item for item in self._items.values() if isinstance(item, Episode)]

    @property
    def files(self) -> set[str]:
        """Return the paths on the disk, sidecars included."""
        return set(self.disk.files)

    def __getitem__(self, name: str) -> Movie | Series | Episode:
        """Return a listed film or series by its name, else an episode by its title."""
        for kinds in ((Movie, Series), (Episode,)):
            for item in self._items.values():
                if item.name == name and isinstance(item, kinds):
                    assert isinstance(item, Movie | Series | Episode)
                    return item
        raise KeyError(name)

    def __contains__(self, item: object) -> bool:
        """Return whether Jellyfin lists an item, an id or a name."""
        if isinstance(item, Item):
            return self._items.get(item.id) is item
        return item in self._items or any(
            each.name == item for each in self._items.values()
        )

    @property
    def size(self) -> int:
        """Return the number of items that Jellyfin lists."""
        return len(self._items)

    def get(self, item_id: str) -> Item | None:
        """Return a listed item by id; that of another version finds its film, that of a part the part."""
        if (item := self._items.get(item_id)) is not None:
            return item
        if self._alternates[0] != self.revision:
            index: dict[str, Item] = {}
            for video in self._items.values():
                if isinstance(video, Movie | Episode):
                    index |= {source.id: video for source in video.alternates}
                if isinstance(video, Movie):
                    index |= {clip.id: clip for clip in (*video.parts, *video.extras)}
            self._alternates = (self.revision, index)
        return self._alternates[1].get(item_id)

    def movie(self, name: str) -> Movie:
        """Return a listed film by name."""
        return _named(self.movies, name)

    def show(self, name: str) -> Series:
        """Return a listed series by name."""
        return _named(self.series, name)

    def episode(self, series: str, season: int, number: int) -> Episode:
        """Return a listed episode by series and numbers."""
        for episode in self.show(series).episodes:
            last = episode.number_end or episode.number
            if episode.season.number == season and episode.number <= number <= last:
                return episode
        raise KeyError(f"{series} S{season:02}E{number:02}")

    def user(self, name: str) -> User:
        """Return a user by name."""
        return _named(self.users, name)

    def library(self, name: str) -> Library:
        """Return a library by name."""
        return _named(self.libraries, name)

    def data(self, user: User, item: Item, rules: Rules = Rules.TWELVE) -> UserData:
        """Return what a user did with an item, by the rules of 12 or of 10."""
        return self.user_data.get(rules, user.id, item.id) or UserData()

    # -- furnishing ----------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        administrator: bool = False,
        libraries: Iterable[str] | None = None,
        disabled: bool = False,
        may_delete: bool = False,
    ) -> User:
        """Create a user who sees the named libraries, or all."""
        user = User(
            name=name,
            id=jellyfin_id(
                "User", f"{name}/{len(self.users) + len(self.former_users)}"
            ),
            administrator=administrator,
            libraries=None if libraries is None else frozenset(libraries),
            disabled=disabled,
            may_delete=may_delete or administrator,
        )
        self.users.append(user)
        return user

    def add_library(
        self,
        name: str,
        collection_type: str | None = "movies",
        locations: Sequence[str] | None = None,
    ) -> Library:
        """Create a library; a type of None is a mixed one."""
        library = Library(
            name, collection_type, list(locations or [f"/media/{name.lower()}"])
        )
        self.libraries.append(library)
        self.changed()
        return library

    def add_movie(
        self,
        name: str,
        *,
        year: int | None = None,
        library: str | Library = "Movies",
        provider_ids: Mapping[str, str] | None = None,
        added: datetime | None = None,
        runtime: timedelta = timedelta(hours=2),
        size: int = 4_000_000_000,
        tags: Iterable[str] = (),
        path: str | None = None,
        loose: bool = False,
        versions: Sequence[str] = (),
        parts: int = 1,
        disc: str | None = None,
        extras: Sequence[str] = (),
        sidecars: Sequence[str] = SIDECARS,
        image: bool = True,
    ) -> Movie:
        """Put a film on the disk and into Jellyfin, in its own folder unless it is loose.

        It may be in ``parts``, or a ``disc``, which is a folder; ``extras`` are paths in it.
        """
        home = self._library(library)
        added = added or self.now()
        title = f"{name} ({year})" if year else name
        if path is None:
            folder = home.locations[0] if loose else f"{home.locations[0]}/{title}"
            path = (
                f"{folder}/{title} - {versions[0]}.mkv"
                if versions
                else f"{folder}/{title}{' cd1' if parts > 1 else ''}.mkv"
            )
            if disc:
                path = folder
        paths = {versions[0] if versions else stem(path): path}
        paths |= {
            version: f"{dirname(path)}/{title} - {version}.mkv"
            for version in versions[1:]
        }
        sources = [
            MediaSource(jellyfin_id("Movie", each), each, version, size)
            for version, each in paths.items()
        ]
        for source in sources:
            if not disc:
                self.disk.write(source.path, size, added)
        for each in _DISCS.get(disc or "", ()):
            self.disk.write(f"{path}/{each}", size, added)
        for suffix in sidecars if not disc else ():
            self.disk.write(splitext(path)[0] + suffix, 2_000, added)
        movie = Movie(
            id=sources[0].id,
            name=name,
            library=home,
            path=path,
            date_created=added,
            date_last_saved=self.now(),
            provider_ids=dict(provider_ids or {}),
            tags=list(tags),
            year=year,
            runtime=runtime,
            sources=sources,
            loose=loose,
            disc=disc,
            image=image,
        )
        for number in range(2, parts + 1):
            part = path.replace(" cd1.mkv", f" cd{number}.mkv")
            movie.parts.append(self._add_clip(movie, part, name, size))
        for each in extras:
            extra = "Trailer" if each.startswith("trailers/") else "Unknown"
            clip = self._add_clip(
                movie, f"{movie.folder}/{each}", stem(each), 1_000_000, extra
            )
            movie.extras.append(clip)
        self.enlist(movie)
        return movie

    def _add_clip(
        self, movie: Movie, path: str, name: str, size: int, extra: str | None = None
    ) -> Clip:
        """Put a part or an extra of a film on the disk."""
        kind = "Trailer" if extra == "Trailer" else "Video"
        self.disk.write(path, size, movie.date_created)
        return Clip(
            id=jellyfin_id(kind, path),
            name=name,
            library=movie.library,
            path=path,
            date_created=movie.date_created,
            date_last_saved=movie.date_created,
            year=movie.year,
            runtime=movie.runtime,
            sources=[MediaSource(jellyfin_id(kind, path), path, stem(path), size)],
            of=movie,
            extra=extra,
        )

    def add_series(
        self,
        name: str,
        *,
        library: str | Library = "Shows",
        provider_ids: Mapping[str, str] | None = None,
        year: int | None = None,
        added: datetime | None = None,
        tags: Iterable[str] = (),
        path: str | None = None,
        status: str | None = None,
        image: bool = True,
    ) -> Series:
        """Put a series into Jellyfin; until the next scan 10.11 reports it as played by everyone."""
        home = self._library(library)
        path = (
            path or f"{home.locations[0]}/{name} ({year})"
            if year
            else path or f"{home.locations[0]}/{name}"
        )
        added = added or self.now()
        series = Series(
            id=jellyfin_id("Series", path),
            name=name,
            library=home,
            path=path,
            date_created=added,
            date_last_saved=self.now(),
            provider_ids=dict(provider_ids or {}),
            tags=list(tags),
            year=year,
            status=status,
            image=image,
        )
        self.disk.write(f"{path}/tvshow.nfo", 2_000, added)
        self.enlist(series)
        return series

    def add_season(self, series: Series, number: int, *, flat: bool = False) -> Season:
        """Return a season of a series, made on demand; a flat one has no folder."""
        for season in series.seasons:
            if season.number == number:
                return season
        path = None if flat else f"{series.path}/Season {number}"
        season = Season(
            id=jellyfin_id("Season", path or f"{series.id}/{number}"),
            name=f"Season {number}" if number else "Specials",
            library=series.library,
            path=path,
            date_created=self.now(),
            date_last_saved=self.now(),
            series=series,
            number=number,
            image=False,
        )
        series.seasons.append(season)
        series.seasons.sort(key=lambda each: each.number)
        self.enlist(season)
        return season

    def add_episode(
        self,
        series: Series,
        *,
        season: int,
        number: int,
        number_end: int | None = None,
        title: str | None = None,
        added: datetime | None = None,
        premiere: datetime | None = None,
        runtime: timedelta = timedelta(minutes=45),
        size: int = 1_000_000_000,
        flat: bool = False,
        virtual: bool = False,
        provider_ids: Mapping[str, str] | None = None,
        path: str | None = None,
        sidecars: Sequence[str] = SIDECARS,
        image: bool = False,
    ) -> Episode:
        """Put an episode, or a file with several, on the disk and into Jellyfin; a virtual one is missing."""
        added = added or self.now()
        parent = self.add_season(series, season, flat=flat)
        label = f"S{season:02}E{number:02}" + (
            f"-E{number_end:02}" if number_end else ""
        )
        if path is None:
            path = f"{parent.path or series.path}/{series.name} {label}.mkv"
        source = MediaSource(jellyfin_id("Episode", path), path, stem(path), size)
        if not virtual:
            self.disk.write(path, size, added)
            for suffix in sidecars:
                self.disk.write(splitext(path)[0] + suffix, 2_000, added)
        episode = Episode(
            id=source.id,
            name=title or f"Episode {number}",
            library=series.library,
            path=None if virtual else path,
            date_created=added,
            date_last_saved=self.now(),
            provider_ids=dict(provider_ids or {}),
            year=premiere.year if premiere else None,
            runtime=runtime,
            sources=[] if virtual else [source],
            series=series,
            season=parent,
            number=number,
            number_end=number_end,
            premiere=premiere,
            virtual=virtual,
            image=image,
        )
        series.episodes.append(episode)
        self.enlist(episode)
        return episode

    # -- the database of Jellyfin --------------------------------------------

    def changed(self) -> None:
        """Say that something that a listing shows has changed."""
        self.revision += 1

    def sees(self, user: User, item: Item | BoxSet) -> bool:
        """Return whether a user sees an item, in any of its libraries."""
        if isinstance(item, BoxSet):
            return True
        return user.may_watch(item) and any(
            user.sees(library) for library in self.libraries if library.holds(item)
        )

    def merge(self, primary: Video, *others: Video) -> None:
        """Make versions of one row: by hand, or as 12 does with names that begin alike."""
        for other in others:
            source = replace(other.sources[0], runtime=other.runtime)
            primary.sources.append(source)
            self.merged[other.id] = primary.id
        for other in others:
            other.sources = [
                next(one for one in primary.sources if one.id == other.id),
                *(one for one in primary.sources if one.id != other.id),
            ]
        self.changed()

    def unlist(self, item: Item) -> None:
        """Take an item and what is below it out of Jellyfin; user data stays."""
        for child in self.below(item):
            self.unlist(child)
        self._items.pop(item.id, None)
        if isinstance(item, Episode) and item in item.series.episodes:
            item.series.episodes.remove(item)
        if isinstance(item, Season) and item in item.series.seasons:
            item.series.seasons.remove(item)
        for collection in self.collections.values():
            if item.id in collection.members:
                collection.members.remove(item.id)
        self.changed()

    def remove_library(self, library: Library) -> None:
        """Remove a library from Jellyfin; its files stay."""
        for item in [item for item in self._items.values() if item.library is library]:
            self._items.pop(item.id, None)
        self.libraries.remove(library)
        self.changed()

    def list_ghost(self, movie: Movie, source: MediaSource) -> None:
        """List the other version of a deleted film as a row without a file, until the next scan."""
        ghost = replace(
            movie, id=source.id, path=source.path, sources=[source], ghost=True
        )
        self._items[ghost.id] = ghost
        self.changed()

    @staticmethod
    def below(item: Item) -> list[Item]:
        """Return the items below an item."""
        match item:
            case Series():
                return [*item.episodes, *item.seasons]
            case Season():
                return list(item.episodes)
            case _:
                return []

    def _library(self, library: str | Library) -> Library:
        """Return a library, also by its name."""
        return library if isinstance(library, Library) else self.library(library)

    def present(self, item: Video) -> bool:
        """Return whether a file of an item is on the disk."""
        if isinstance(item, Episode) and item.virtual:
            return True
        if isinstance(item, Movie) and item.disc:
            return self.disk.has(item.folder)
        return any(source.path in self.disk.files for source in item.sources)

    def enlist(self, item: Item) -> None:
        """List an item that is new at its path; user data under its key comes along."""
        if (
            (key := item.user_data_key)
            and (old := self._last_of_key.get(key))
            and old not in self._items
        ):
            self.user_data.adopt(old, item.id)
        self._items[item.id] = item
        self.remember_key(item)
        self.changed()

    def last_of(self, item: Item) -> str | None:
        """Return the id of the item that last had the key that an item has now."""
        key = item.user_data_key
        return self._last_of_key.get(key) if key else None

    def remember_key(self, item: Item) -> None:
        """Remember which item has a key now, so that the next one with it gets the user data."""
        if key := item.user_data_key:
            self._last_of_key[key] = item.id
