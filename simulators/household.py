"""The household: one disk, Jellyfin's database of it, the users, and what Jellystat saw them play.

Everything that happens to it is a method here; the servers of any version only look at it, and delete in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from posixpath import basename, dirname, splitext

from .disk import Disk
from .items import (
    BoxSet,
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
    ticks,
)
from .plays import Play, PlayLog, play_id
from .userdata import Rules, UserData, UserDataBook, marked, started, stopped, unmarked

SIDECARS = (".nfo", ".en.srt")


@dataclass(slots=True, eq=False)
class Session:
    """A client of Jellyfin; ``item_id`` is what it plays, if anything."""

    id: str
    user: User
    device: str
    last_activity: datetime
    item: Video | None = None
    source_id: str | None = None
    started: datetime | None = None
    position: int = 0
    paused: bool = False
    check_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """An entry of Jellyfin's activity log."""

    id: int
    type: str
    name: str
    date: datetime
    user_id: str
    item_id: str | None = None


def utc_now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


class Household:
    """A mutable household; all servers take the time from its clock."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Start with an empty disk and no users."""
        self.clock = clock
        self.disk = Disk()
        self.libraries: list[Library] = []
        self.users: list[User] = []
        self.former_users: list[User] = []
        self.collections: dict[str, BoxSet] = {}
        self.sessions: list[Session] = []
        self.activities: list[Activity] = []
        self.user_data = UserDataBook()
        self.plays = PlayLog()
        self.revision = 0
        self.scans = 0
        self.scan_duration = timedelta()
        self.monitor_delay = timedelta(seconds=60)
        self.min_play_seconds = 1
        self._scan_ends: datetime | None = None
        self._rescans: list[tuple[datetime, str]] = []
        self._items: dict[str, Item] = {}
        self._last_of_key: dict[str, str] = {}
        self._play_number = 0

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

    def get(self, item_id: str) -> Item | None:
        """Return a listed item by id; the id of another version finds its film."""
        if (item := self._items.get(item_id)) is not None:
            return item
        return next(
            (
                item
                for item in self._items.values()
                if isinstance(item, Movie)
                and any(source.id == item_id for source in item.alternates)
            ),
            None,
        )

    def user(self, name: str) -> User:
        """Return a user by name."""
        return next(user for user in self.users if user.name == name)

    def library(self, name: str) -> Library:
        """Return a library by name."""
        return next(library for library in self.libraries if library.name == name)

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
        sidecars: Sequence[str] = SIDECARS,
        image: bool = True,
    ) -> Movie:
        """Put a film on the disk and into Jellyfin, in a folder of its own unless it is loose."""
        home = self._library(library)
        added = added or self.now()
        title = f"{name} ({year})" if year else name
        if path is None:
            folder = home.locations[0] if loose else f"{home.locations[0]}/{title}"
            path = (
                f"{folder}/{title} - {versions[0]}.mkv"
                if versions
                else f"{folder}/{title}.mkv"
            )
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
            self.disk.write(source.path, size, added)
        for suffix in sidecars:
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
            image=image,
        )
        self._list(movie)
        return movie

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
        """Put a series into Jellyfin; until the next scan 10.11 believes everybody has seen it."""
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
        self._list(series)
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
        self._list(season)
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
            image=False,
        )
        series.episodes.append(episode)
        self._list(episode)
        return episode

    # -- watching ------------------------------------------------------------

    def start_playback(
        self,
        user: User,
        item: Video,
        *,
        version: int = 0,
        device: str | None = None,
        at: datetime | None = None,
    ) -> Session:
        """Press play; ``version`` is the source that the client names."""
        at = at or self.now()
        source_id = item.sources[version].id
        session = self._session(user, device or f"{user.name}'s TV", at)
        session.item, session.source_id = item, source_id
        session.started = session.check_in = at
        session.position, session.paused = 0, False
        user.last_activity = at
        for rules in Rules:
            for credited in self._credited(rules, item, source_id):
                change = started(rules, at)
                if credited != source_id:
                    # The primary gets the mark of a played alternate version, but not its count.
                    change = _uncounted(change)
                self.user_data.change(user.id, credited, change, rules=(rules,))
        self._log(
            "VideoPlayback",
            f"{user.name} is playing {item.name} on {session.device}",
            at,
            user,
            source_id,
        )
        return session

    def stop_playback(
        self,
        user: User,
        item: Video,
        *,
        fraction: float | None = 0.96,
        device: str | None = None,
        seconds: int | None = None,
        at: datetime | None = None,
    ) -> Play | None:
        """Stop at a share of the runtime; None is a client that names no position.

        Jellystat's seconds are wall clock; where the clock stood still they are taken from the share.
        """
        session = next(
            session
            for session in self.sessions
            if session.user is user
            and session.item is item
            and device in (None, session.device)
        )
        at = at or self.now()
        assert session.started is not None
        assert session.source_id is not None
        elapsed = int((at - session.started).total_seconds())
        if seconds is None:
            seconds = elapsed or round(
                item.runtime.total_seconds() * (1.0 if fraction is None else fraction)
            )
        for rules in Rules:
            for credited in self._credited(rules, item, session.source_id):
                self.user_data.change(
                    user.id, credited, stopped(fraction, item.runtime), rules=(rules,)
                )
        self._log(
            "VideoPlaybackStopped",
            f"{user.name} has finished playing {item.name}",
            at,
            user,
            session.source_id,
        )
        source_id = session.source_id
        session.item = session.source_id = session.started = None
        session.last_activity = user.last_activity = at
        if seconds < self.min_play_seconds:
            return None
        play = self._play_of(user, item, source_id, seconds, at)
        play.device = session.device
        play.position = round(ticks(item.runtime) * (fraction or 0))
        return self.plays.record(play, item.runtime)

    def play(
        self,
        user: User,
        item: Video,
        fraction: float | None = 0.96,
        at: datetime | None = None,
        *,
        version: int = 0,
        seconds: int | None = None,
        device: str | None = None,
    ) -> Play | None:
        """Watch a share of an item; ``at`` is the end of it, Jellyfin remembers its start."""
        at = at or self.now()
        share = 1.0 if fraction is None else fraction
        begin = at - timedelta(seconds=round(item.runtime.total_seconds() * share))
        self.start_playback(user, item, version=version, at=begin, device=device)
        return self.stop_playback(user, item, fraction=fraction, at=at, seconds=seconds)

    def mark_played(self, user: User, item: Item, at: datetime | None = None) -> None:
        """Mark as played by hand; a series or season marks its episodes."""
        for each in _videos(item):
            self.user_data.change(user.id, each.id, marked(at, self.now()))

    def unmark_played(self, user: User, item: Item) -> None:
        """Take the mark away by hand."""
        for each in _videos(item):
            self.user_data.change(user.id, each.id, unmarked)

    def set_favourite(self, user: User, item: Item, favourite: bool = True) -> None:
        """Make an item a favourite, or not; it says nothing about what is in it."""
        self.user_data.change(
            user.id, item.id, lambda data: replace(data, favourite=favourite)
        )

    def set_played_without_date(self, user: User, item: Item) -> None:
        """Leave the mark of an old import: played, and nobody knows when."""
        self.user_data.change(
            user.id, item.id, lambda data: replace(data, played=True, last_played=None)
        )

    def import_play(
        self, user: User, item: Video, *, at: datetime, seconds: int | None = None
    ) -> Play:
        """Give Jellystat a row as its import from the Playback Reporting plugin leaves it."""
        self._play_number += 1
        play = self._play_of(
            user, item, item.id, seconds or int(item.runtime.total_seconds()), at
        )
        play.id, play.item_id, play.imported = (
            str(1000 + self._play_number),
            item.id,
            True,
        )
        if isinstance(item, Episode):
            play.name = f"{item.series.name} - s{item.season.number:02}e{item.number:02} - {item.name}"
        self.plays.add(play)
        return play

    # -- changing the disk ---------------------------------------------------

    def rename(self, item: Item, new_path: str) -> None:
        """Move a film, an episode or a series: a new id, user data follows, Jellystat keeps the old id."""
        assert item.path is not None
        if isinstance(item, Series):
            self._rename_series(item, new_path)
            return
        assert isinstance(item, Movie | Episode)
        old_folder, old_stem = dirname(item.path), stem(item.path)
        own = isinstance(item, Movie) and not item.loose
        moved = (
            self.disk.tree(old_folder)
            if own
            else [item.path, *self.disk.sidecars(item.path)]
        )
        for path in moved:
            name = path.removeprefix(old_folder + "/")
            if name.startswith(old_stem):
                name = stem(new_path) + name.removeprefix(old_stem)
            self.disk.move(path, f"{dirname(new_path)}/{name}")
        self._new_path(item, new_path)
        for source in item.alternates:
            source.path = f"{dirname(new_path)}/{basename(source.path)}"
            source.id = jellyfin_id(item.type, source.path)

    def replace(
        self, item: Video, *, size: int | None = None, path: str | None = None
    ) -> None:
        """Upgrade the file: another name, hence a new id, and a DateCreated of now."""
        assert item.path is not None
        path = path or f"{splitext(item.path)[0]} [upgrade]{splitext(item.path)[1]}"
        self.disk.remove(item.path)
        self.disk.write(path, size or item.sources[0].size, self.now())
        item.sources[0].size = size or item.sources[0].size
        item.date_created = self.now()
        self._new_path(item, path)

    def remove_file(self, item: Video) -> None:
        """Take the files away behind Jellyfin's back; it lists the item until a scan."""
        for source in item.sources:
            self.disk.remove(source.path)

    def bring_back(self, item: Movie | Episode, *, path: str | None = None) -> None:
        """Let a deleted title return: what users did with it is there at once, DateCreated is new."""
        assert item.path is not None
        target = path or item.path
        item.path = target
        item.date_created = item.date_last_saved = self.now()
        if isinstance(item, Movie):
            item.ghost = False
        if not item.sources:
            item.sources = [MediaSource("", target, stem(target), 1_000_000_000)]
        source = item.sources[0]
        source.path, source.name, source.id = (
            target,
            stem(target),
            jellyfin_id(item.type, target),
        )
        item.id = source.id
        for each in item.sources:
            self.disk.write(each.path, each.size, self.now())
        self.disk.write(splitext(target)[0] + ".nfo", 2_000, self.now())
        if isinstance(item, Episode):
            self._bring_back_parents(item)
        self._list(item)

    def identify(self, item: Item, provider_ids: Mapping[str, str]) -> None:
        """Correct the provider ids; the id stays, and 10.11 takes a series for seen until the next scan."""
        item.provider_ids = dict(provider_ids)
        item.date_last_saved = self.now()
        if isinstance(item, Series):
            item.scanned = False
        self._remember_key(item)
        self.changed()

    def retag(self, item: Item, tags: Iterable[str]) -> None:
        """Change an item's tags."""
        item.tags = list(tags)
        item.date_last_saved = self.now()
        self.changed()

    # -- scanning ------------------------------------------------------------

    @property
    def scanning(self) -> bool:
        """Return whether a library scan is running."""
        return self._scan_ends is not None and self.now() < self._scan_ends

    def start_scan(self) -> None:
        """Start a library scan that takes `scan_duration`; its result shows when it is over."""
        self._scan_ends = self.now() + self.scan_duration
        self.settle()

    def scan(self) -> None:
        """Scan all libraries now: rows without a file go, folder flags become true."""
        self._scan_ends = None
        self.scans += 1
        for item in self.items:
            if isinstance(item, Video) and not self._present(item):
                self.unlist(item)
            elif isinstance(item, Movie) and item.ghost:
                item.ghost = False
        for item in self.items:
            match item:
                case Series() if item.path is not None and not self.disk.has(item.path):
                    self.unlist(item)
                case Series() | Season():
                    item.scanned = True
        self.changed()

    def rescan(self, path: str) -> None:
        """Rescan one path when the monitor's delay has passed."""
        self._rescans.append((self.now() + self.monitor_delay, path))

    def settle(self) -> None:
        """Do what has come due: a scan that ended, a rescan of a path."""
        if self._scan_ends is not None and not self.scanning:
            self.scan()
        due = [path for when, path in self._rescans if when <= self.now()]
        if due:
            self._rescans = [each for each in self._rescans if each[0] > self.now()]
            for item in self.items:
                if (
                    isinstance(item, Video)
                    and not self._present(item)
                    and _touches(item, due)
                ):
                    self.unlist(item)

    # -- people --------------------------------------------------------------

    def delete_user(self, user: User) -> None:
        """Delete a user; Jellystat keeps the rows."""
        self.users.remove(user)
        self.former_users.append(user)
        self.user_data.forget_user(user.id)
        self.sessions = [
            session for session in self.sessions if session.user is not user
        ]
        self.changed()

    def rename_user(self, user: User, name: str) -> None:
        """Rename a user, also in every row of Jellystat."""
        user.name = name
        for play in self.plays.loose:
            if play.user_id == user.id:
                play.user_name = name
        self.plays.touch()

    # -- Jellystat's syncs ---------------------------------------------------

    def jellystat_full_sync(self) -> None:
        """Re-key the rows of items that are gone, by title alone, as the daily full sync does."""
        titles: dict[str, Item] = {}
        episodes: dict[tuple[str, str], Episode] = {}
        for item in self._items.values():
            if isinstance(item, Episode):
                episodes.setdefault((item.series.name, item.name), item)
            elif isinstance(item, Movie | Series):
                titles.setdefault(item.name, item)
        for play in self.plays.loose:
            if play.imported or self.get(play.watched_id) is not None:
                continue
            if play.episode_id is None:
                if (namesake := titles.get(play.name)) is not None:
                    play.item_id = namesake.id
                    play.library_id = namesake.library.id
            elif (
                episode := episodes.get((play.series_name or "", play.name))
            ) is not None:
                play.item_id, play.episode_id = episode.series.id, episode.id
                play.season_id = episode.season.id
        self.plays.touch()

    # -- the database of Jellyfin --------------------------------------------

    def changed(self) -> None:
        """Say that something that a listing shows has changed."""
        self.revision += 1

    def unlist(self, item: Item) -> None:
        """Take an item and what is below it out of Jellyfin; user data stays."""
        for child in self._below(item):
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

    def _below(self, item: Item) -> list[Item]:
        match item:
            case Series():
                return [*item.episodes, *item.seasons]
            case Season():
                return list(item.episodes)
            case _:
                return []

    def _library(self, library: str | Library) -> Library:
        return library if isinstance(library, Library) else self.library(library)

    def _present(self, item: Video) -> bool:
        if isinstance(item, Episode) and item.virtual:
            return True
        return any(source.path in self.disk.files for source in item.sources)

    def _list(self, item: Item) -> None:
        """List an item that is new at its path; what users did under its key comes along."""
        if (
            (key := item.user_data_key)
            and (old := self._last_of_key.get(key))
            and old not in self._items
        ):
            self.user_data.adopt(old, item.id)
        self._items[item.id] = item
        self._remember_key(item)
        self.changed()

    def _remember_key(self, item: Item) -> None:
        if key := item.user_data_key:
            self._last_of_key[key] = item.id

    def _new_path(self, item: Item, path: str) -> None:
        old = item.id
        del self._items[old]
        item.path, item.id = path, jellyfin_id(item.type, path)
        item.date_last_saved = self.now()
        if isinstance(item, Video):
            item.sources[0].path, item.sources[0].id, item.sources[0].name = (
                path,
                item.id,
                stem(path),
            )
        if item.user_data_key:
            self.user_data.adopt(old, item.id)
        self._list(item)

    def _rename_series(self, series: Series, new_path: str) -> None:
        assert series.path is not None
        old_path = series.path
        for path in self.disk.tree(old_path):
            self.disk.move(path, new_path + path.removeprefix(old_path))
        self._new_path(series, new_path)
        series.scanned = False
        for item in [*series.seasons, *series.episodes]:
            if item.path is not None:
                self._new_path(item, new_path + item.path.removeprefix(old_path))

    def _bring_back_parents(self, episode: Episode) -> None:
        series, season = episode.series, episode.season
        if series.id not in self._items:
            series.scanned = False
            series.date_created = self.now()
            self._list(series)
        if season.id not in self._items:
            series.seasons.append(season)
            self._list(season)
        if episode not in series.episodes:
            series.episodes.append(episode)

    # -- sessions and rows ---------------------------------------------------

    def _session(self, user: User, device: str, at: datetime) -> Session:
        for session in self.sessions:
            if session.user is user and session.device == device:
                break
        else:
            session = Session(
                jellyfin_id("User", f"{user.id}/{device}"), user, device, at
            )
            self.sessions.append(session)
        session.last_activity = at
        return session

    def _log(
        self, kind: str, name: str, at: datetime, user: User, item_id: str | None
    ) -> None:
        self.activities.append(
            Activity(len(self.activities) + 1, kind, name, at, user.id, item_id)
        )

    @staticmethod
    def _credited(rules: Rules, item: Video, source_id: str) -> list[str]:
        """Return the ids whose user data a playback of a source changes."""
        if source_id == item.id:
            return [item.id]
        return [source_id, item.id] if rules is Rules.TWELVE else [source_id]

    def _play_of(
        self, user: User, item: Video, source_id: str, seconds: int, at: datetime
    ) -> Play:
        self._play_number += 1
        play = Play(
            id=play_id(self._play_number),
            user_id=user.id,
            user_name=user.name,
            item_id=source_id,
            name=item.name,
            seconds=seconds,
            date=at,
            library_id=item.library.id,
            source_id=source_id,
        )
        if isinstance(item, Episode):
            play.item_id, play.episode_id = item.series.id, item.id
            play.season_id, play.series_name = item.season.id, item.series.name
            play.season_number, play.episode_number = item.season.number, item.number
        return play


def _videos(item: Item) -> list[Item]:
    """Return what a manual mark of an item marks."""
    match item:
        case Series() | Season():
            return [episode for episode in item.episodes if not episode.virtual]
        case _:
            return [item]


def _touches(item: Video, paths: list[str]) -> bool:
    """Return whether one of the paths is the item's file, or a folder above or below it."""
    return any(
        source.path == path
        or source.path.startswith(path.rstrip("/") + "/")
        or path.startswith(dirname(source.path))
        for source in item.sources
        for path in paths
    )


def _uncounted(
    change: Callable[[UserData], UserData],
) -> Callable[[UserData], UserData]:
    """Return a change that leaves the number of plays alone."""
    return lambda data: replace(change(data), play_count=data.play_count)
