"""Sonarr's series, episodes and files, and everything that changes them besides requests."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from posixpath import dirname

from ..disk import Disk
from ..items import Episode, Series
from .files import resolution
from .records import Download
from .shows import EpisodeFile, ManagedEpisode, ManagedSeries
from .tags import apply
from .titles import TitleServer


class SonarrLibrary(TitleServer[ManagedSeries, Series]):
    """The series, episodes and files of a Sonarr."""

    app_name = "Sonarr"
    default_version = "4.0.19.2979"
    collection_type = "tvshows"
    title_key = "seriesId"
    migration = 217
    noun = "series"
    provider_key = "tvdbId"
    exclusion_flag = "addImportListExclusion"
    unique = "Series.TitleSlug"

    def _open_database(self) -> None:
        """Make the tables, empty."""
        super()._open_database()
        self._last_episode = self._last_file = 0

    @property
    def series(self) -> dict[int, ManagedSeries]:
        """Return all series, by id."""
        return self.titles

    @property
    def table_size(self) -> int:
        """Return the number of episodes."""
        return sum(len(series.episodes) for series in self.series.values())

    # -- what changes the titles ---------------------------------------------

    def manage(
        self,
        item: Series,
        monitored: bool = True,
        status: str | None = None,
        tags: Iterable[str] = (),
        added: datetime | None = None,
        *,
        path: str | None = None,
        tvdb_id: int | None = None,
    ) -> ManagedSeries:
        """Manage a series, or bring what is known of it up to date."""
        folder = path or item.path
        assert folder is not None
        if not self.owns(folder) and folder not in self.root_folders:
            self.root_folders.append(dirname(folder))
        series = self.managed(item)
        if series is None:
            ids = item.provider_ids
            self._last_title += 1
            tvdb = tvdb_id or int(ids.get("Tvdb", 0))
            series = ManagedSeries(
                id=self._last_title,
                title=item.name,
                year=item.year or 2000,
                tvdb_id=tvdb,
                tmdb_id=int(ids.get("Tmdb", 0)),
                imdb_id=ids.get("Imdb"),
                path=folder,
                added=added or item.date_created,
                item=item,
            )
            self.series[series.id] = self.listed[tvdb] = series
        series.path, series.monitored = folder, monitored
        series.status = (status or item.status or "ended").lower()
        series.tags = apply("add", series.tags, self.tags.ids(list(tags)))
        self._look(series)
        return series

    def manage_all(self) -> None:
        """Manage every series below the root folders that is not managed yet."""
        for item in self.household.series:
            if self.owns(item.path) and self.managed(item) is None:
                self.manage(item)

    def moved(self, item: Series) -> None:
        """Follow a series that was renamed, as if Sonarr had done it."""
        if (series := self.managed(item)) is not None and item.path is not None:
            series.path = item.path
            self._look(series)

    def managed(self, item: Series) -> ManagedSeries | None:
        """Return what Sonarr knows of a series of the household."""
        for series in self.series.values():
            if series.item is item:
                return series
        return None

    def show(self, title: str) -> ManagedSeries:
        """Return a series by title."""
        return self.titled(title)

    def announce(
        self,
        series: ManagedSeries,
        season: int,
        number: int,
        aired: datetime | None = None,
    ) -> ManagedEpisode:
        """Let an episode appear that has no file yet; it follows the flag of its season."""
        title = f"Episode {season}x{number}"
        return self._new_episode(series, season, number, title, aired)

    def search(self) -> list[str]:
        """Download every monitored episode of a monitored series that has no file."""
        found: list[str] = []
        for series in self.series.values():
            for episode in series.episodes if series.monitored else ():
                item = episode.item
                if not episode.monitored or episode.file_id or item is None:
                    continue
                if item.virtual:
                    continue
                self._fetch(series, episode, item)
                found.append(_label(series, episode))
        return found

    def _fetch(
        self, series: ManagedSeries, episode: ManagedEpisode, item: Episode
    ) -> None:
        """Download an episode and clear its downloads from the queue."""
        self.household.bring_back(item)
        self._look(series)
        self.queue = [each for each in self.queue if each.episode_id != episode.id]
        self.note("downloadFolderImported", series.id, series.path, episode.id)

    monitor_grabs = search

    def download(
        self, series: ManagedSeries, season: int = 1, size: int = 9_000
    ) -> list[Download]:
        """Put a season pack into the queue: one row per episode, each with the size of the whole pack."""
        name = f"{series.title.replace(' ', '.')}.S{season:02}.1080p.WEB-DL.x264-GRP"
        downloads = [
            Download(
                self.next_id(),
                name,
                size,
                series.id,
                episode.id,
                season,
                episode.file_id > 0,
            )
            for episode in series.episodes
            if episode.season == season
        ]
        self.queue += downloads
        return downloads

    def _insert(self, old: ManagedSeries, *, monitored: bool) -> ManagedSeries:
        """Make a new row for a title that was here before, and look at the disk."""
        series = self._entry(old, monitored=monitored)
        self._read(series)
        self._look(series)
        return series

    def _entry(self, old: ManagedSeries, *, monitored: bool | None) -> ManagedSeries:
        """Make a new row for a title that was here before; it has no episodes yet."""
        self._last_title += 1
        series = ManagedSeries(
            id=self._last_title,
            title=old.title,
            year=old.year,
            tvdb_id=old.tvdb_id,
            tmdb_id=old.tmdb_id,
            imdb_id=old.imdb_id,
            path=old.path,
            added=self.household.now(),
            status=old.status,
            monitored=bool(monitored),
            item=old.item,
            unread=old.episodes if old.unread is None else old.unread,
        )
        self.series[series.id] = self.listed[series.tvdb_id] = series
        return series

    def _read(self, series: ManagedSeries) -> None:
        """Make the rows of the episodes that a new series has."""
        unread, series.unread = series.unread or [], None
        for each in unread:
            episode = self._new_episode(
                series, each.season, each.number, each.title, each.aired
            )
            episode.item = each.item

    def _new_episode(
        self,
        series: ManagedSeries,
        season: int,
        number: int,
        title: str,
        aired: datetime | None,
    ) -> ManagedEpisode:
        """Make the row of an episode, monitored like its season."""
        if season not in series.seasons:
            new = series.monitored and series.monitor_new_items == "all"
            series.seasons[season] = new and season > 0
        self._last_episode += 1
        episode = ManagedEpisode(
            id=self._last_episode,
            series_id=series.id,
            tvdb_id=series.tvdb_id * 1000 + season * 100 + number,
            season=season,
            number=number,
            title=title,
            aired=aired,
            monitored=series.seasons[season],
        )
        series.episodes.append(episode)
        return episode

    def _look(self, series: ManagedSeries) -> None:
        """Update a series' episodes and files from the household."""
        disk = self.household.disk
        if series.item is not None and series.unread is None:
            for item in series.item.episodes:
                self._know(series, item)
        for file in list(series.files.values()):
            if disk.resolve(series.path_of(file)) not in disk.files:
                self._file_gone(series, file, "MissingFromDisk")
        on_disk = _on_disk(series, disk)
        for episode in series.episodes:
            self._import(series, episode, on_disk)

    def _import(
        self,
        series: ManagedSeries,
        episode: ManagedEpisode,
        on_disk: Mapping[tuple[int, int], list[str]],
    ) -> None:
        """Take the best file of an episode, or another of the quality that it has.

        Then both have rows, of which the episode names one, and each look swaps them
        and gives them new ids. One of worse quality waits until the other is gone.
        """
        number = episode.season, episode.number
        found = on_disk.get(number, [])
        current = series.files.get(episode.file_id)
        if current is not None:
            best = resolution(current.relative_path)
            found = [
                each
                for each in found
                if each != current.relative_path and resolution(each) >= best
            ]
        if not found:
            return
        relative = max(found, key=lambda each: (resolution(each), each))
        file = self._file_at(series, episode.season, relative)
        if current is not None:
            for each in (current, file):
                old = each.id
                del series.files[old]
                self._last_file += 1
                each.id = self._last_file
                series.files[each.id] = each
                for other in series.episodes:
                    if other.file_id == old:
                        other.file_id = each.id
        for other in series.episodes:
            if relative in on_disk.get((other.season, other.number), ()):
                other.file_id = file.id

    def _know(self, series: ManagedSeries, item: Episode) -> None:
        """Make sure there is a row for each episode in an item of the household."""
        season = item.season.number
        for number in range(item.number, (item.number_end or item.number) + 1):
            try:
                episode = series.episode(season, number)
            except KeyError:
                episode = self._new_episode(
                    series, season, number, item.name, item.premiere
                )
            episode.item = item

    def _file_at(
        self, series: ManagedSeries, season: int, relative: str
    ) -> EpisodeFile:
        """Return the row of a file on the disk, made if need be."""
        for file in series.files.values():
            if file.relative_path == relative:
                return file
        there = self.household.disk.files[f"{series.path}/{relative}"]
        self._last_file += 1
        file = EpisodeFile(self._last_file, season, relative, there.size, there.created)
        series.files[file.id] = file
        return file

    def _file_gone(self, series: ManagedSeries, file: EpisodeFile, reason: str) -> None:
        """Forget a file with all its episodes, and note why."""
        for episode in series.episodes:
            if episode.file_id == file.id:
                path = series.path_of(file)
                self.note("episodeFileDeleted", series.id, path, episode.id)
                self.history[-1].data["reason"] = reason
                episode.file_id = 0
                if self.auto_unmonitor:
                    episode.monitored = False
        del series.files[file.id]


def _on_disk(series: ManagedSeries, disk: Disk) -> dict[tuple[int, int], list[str]]:
    """Return the files that hold each episode, as paths below the series."""
    below = f"{series.path}/"
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for item in series.item.episodes if series.item is not None else ():
        for source in item.sources:
            if source.path.startswith(below) and source.path in disk.files:
                for number in range(item.number, (item.number_end or item.number) + 1):
                    found[item.season.number, number].append(
                        source.path.removeprefix(below)
                    )
    return found


def _label(series: ManagedSeries, episode: ManagedEpisode) -> str:
    """Return the name of an episode for people."""
    return f"{series.title} S{episode.season:02}E{episode.number:02}"
