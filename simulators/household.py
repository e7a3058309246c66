"""The household: one disk, Jellyfin's database of it, the users, and what Jellystat saw them play.

Everything that happens to it is a method; the servers of any version only look at it, and delete in it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from posixpath import basename, dirname, splitext

from .items import (
    Clip,
    Episode,
    Item,
    MediaSource,
    Movie,
    Season,
    Series,
    User,
    Video,
    jellyfin_id,
    stem,
)
from .shelves import utc_now
from .userdata import Rules
from .viewing import Viewing


class Household(Viewing):
    """A mutable household; all servers take the time from its clock."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Start with an empty disk and no users."""
        super().__init__(clock)
        self.scans = 0
        self.scan_duration = timedelta()
        self.monitor_delay = timedelta(seconds=60)
        self.last_scan: tuple[datetime, datetime] | None = None
        self._scan_ends: datetime | None = None
        self._rescans: list[tuple[datetime, str]] = []
        #: What a scan did not find, or a deletion: it is listed again when it is there.
        self.missing: list[Video] = []

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
        moved = self.disk.tree(old_folder)
        if not own:
            # A prefix of the name is not enough here: nobody moves another film's files along.
            moved = [
                path for path in moved if path.startswith(f"{old_folder}/{old_stem}.")
            ]
        for path in moved:
            name = path.removeprefix(old_folder + "/")
            if name.startswith(old_stem):
                name = stem(new_path) + name.removeprefix(old_stem)
            self.disk.move(path, f"{dirname(new_path)}/{name}")
        self._new_path(item, new_path)
        for source in item.alternates:
            source.path = f"{dirname(new_path)}/{basename(source.path)}"
            source.id = jellyfin_id(item.type, source.path)

    def renumber(self, numbers: Mapping[Episode, tuple[int, int]]) -> None:
        """Give episodes other numbers, by their files' names and nfo, all at once.

        The user data stay with the number, the creation dates with the files.
        """
        moved: dict[str, str] = {}
        for episode in numbers:
            assert episode.path is not None
            old = splitext(episode.path)[0]
            for path in self.disk.tree(dirname(old)):
                if path.startswith(f"{old}."):
                    aside = f"{path}.{episode.id}"
                    self.disk.move(path, aside)
                    moved[aside] = path.removeprefix(old)
            del self._items[episode.id]
        sources: dict[str, str | None] = {}
        for episode, (season, number) in numbers.items():
            aside = episode.id
            episode.season = self.add_season(episode.series, season)
            episode.number, episode.number_end = number, None
            path = (
                f"{episode.season.path or episode.series.path}/"
                f"{episode.series.name} S{season:02}E{number:02}.mkv"
            )
            for old, suffix in moved.items():
                if old.endswith(f".{aside}"):
                    self.disk.move(old, splitext(path)[0] + suffix)
            source = episode.sources[0]
            episode.path = source.path = path
            episode.id = source.id = jellyfin_id("Episode", path)
            source.name = stem(path)
            episode.date_last_saved = self.now()
            sources[episode.id] = self.last_of(episode)
        self.user_data.reassign(sources)
        for episode in numbers:
            self._items[episode.id] = episode
            self.remember_key(episode)
        self.changed()

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

    def delete(self, item: Item) -> None:
        """Delete an item with its files, as in Jellyfin's own web pages."""
        self.remove_files(item)
        self.unlist(item)

    def remove_files(self, item: Item) -> None:
        """Remove what Jellyfin removes with an item: its folder, or its file and its namesakes' sidecars."""
        match item:
            case Movie() if not item.loose:
                self.disk.remove_tree(item.folder)
            case Clip() if not item.of.loose:
                self.disk.remove_tree(item.of.folder)
            case Episode() if item.virtual:
                pass
            case Video():
                # Of several files of one row it takes the first.
                self.disk.remove_with_sidecars(item.sources[0].path)
            case Series() | Season():
                if item.path is not None:
                    self.disk.remove_tree(item.path)

    def bring_back(
        self,
        item: Movie | Episode,
        *,
        path: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Let a deleted title return: the old user data is there at once, DateCreated is new."""
        assert item.path is not None
        target, at = path or item.path, at or self.now()
        item.path = target
        item.date_created = item.date_last_saved = at
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
            self.disk.write(each.path, each.size, at)
        self.disk.write(splitext(target)[0] + ".nfo", 2_000, at)
        if isinstance(item, Episode):
            self._bring_back_parents(item)
        self.enlist(item)

    def identify(self, item: Item, provider_ids: Mapping[str, str]) -> None:
        """Correct the provider ids; the id stays, and 10.11 reports a series as played until the next scan.

        10.10 binds user data to the provider id: what was known under the new one shows.
        """
        item.provider_ids = dict(provider_ids)
        other = self.last_of(item)
        if isinstance(item, Movie) and other not in (None, item.id):
            self.user_data.adopt(other, item.id, anew=True, rules=(Rules.TEN,))
        item.date_last_saved = self.now()
        if isinstance(item, Series):
            item.scanned = False
        self.remember_key(item)
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
        ended = self._scan_ends or self.now()
        began = ended - self.scan_duration if self._scan_ends else ended
        self.last_scan = (began, ended)
        self._scan_ends = None
        self.scans += 1
        for item in self.items:
            if isinstance(item, Video) and not self.present(item):
                if not self._is_away(item):
                    self.unlist(item)
                    self.missing.append(item)
            elif isinstance(item, Movie) and item.ghost:
                item.ghost = False
        self._find_again()
        for item in self.movies:
            if item.loose and item.folder not in item.library.locations:
                # The last film of a folder has it to itself.
                item.loose = any(
                    each is not item and each.path and dirname(each.path) == item.folder
                    for each in self.movies
                )
        for item in self.items:
            match item:
                case Series() if item.path is not None and not self.disk.has(item.path):
                    if not self._is_away(item):
                        self.unlist(item)
                case Series() | Season():
                    item.scanned = True
        self.changed()

    def _is_away(self, item: Item) -> bool:
        """Return whether the library folder of an item is missing or empty: then its rows stay."""
        return any(
            item.path is not None
            and item.path.startswith(f"{location}/")
            and not (self.disk.is_folder(location) and self.disk.entries(location))
            for location in item.library.locations
        )

    def _find_again(self) -> None:
        """List what is there again, with its id; a part of a film that has gone is a film."""
        missing, self.missing = self.missing, []
        for item in missing:
            if item.id in self:
                continue
            if not self.present(item):
                self.missing.append(item)
                continue
            if isinstance(item, Clip):
                assert item.path is not None
                item = Movie(
                    id=jellyfin_id("Movie", item.path),
                    name=item.name,
                    library=item.library,
                    path=item.path,
                    date_created=item.date_created,
                    date_last_saved=self.now(),
                    provider_ids=dict(item.of.provider_ids),
                    year=item.year,
                    runtime=item.runtime,
                    sources=item.sources,
                    loose=item.of.loose,
                )
            if isinstance(item, Episode):
                self._bring_back_parents(item)
            self.enlist(item)

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
                match item:
                    case Video() if not self.present(item) and _touches(item, due):
                        self.unlist(item)
                    case Series(path=str() as path) if not self.disk.has(path):
                        if any(
                            each == path or each.startswith(path + "/") for each in due
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

    # -- moving within the shelves -------------------------------------------

    def _new_path(self, item: Item, path: str) -> None:
        """Move an item, which gets a new id."""
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
        self.enlist(item)

    def _rename_series(self, series: Series, new_path: str) -> None:
        """Move the folder of a series with all in it."""
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
        """List an episode's series and season again if they are gone."""
        series, season = episode.series, episode.season
        if series.id not in self._items:
            series.scanned = False
            series.date_created = self.now()
            self.enlist(series)
        if season.id not in self._items:
            series.seasons.append(season)
            self.enlist(season)
        if episode not in series.episodes:
            series.episodes.append(episode)


def _touches(item: Video, paths: list[str]) -> bool:
    """Return whether one of the paths is the item's file, or a folder above or below it."""
    return any(
        source.path == path
        or source.path.startswith(path.rstrip("/") + "/")
        or path.startswith(dirname(source.path))
        for source in item.sources
        for path in paths
    )
