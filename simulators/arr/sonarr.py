"""Sonarr 4: the same promises, and episodes that are monitored one by one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from posixpath import dirname
from typing import Any

from ..faults import Answer, as_json
from ..items import Episode, Series
from .binding import Body, body_flag, body_numbers
from .errors import bad_request, failed, invalid, miscounted, problem, unknown
from .files import remove_empty_folders
from .server import ArrSimulator, Call, Download, Handler, Row, paged
from .shows import (
    EpisodeFile,
    ManagedEpisode,
    ManagedSeries,
    episode_row,
    file_row,
    series_row,
)
from .tags import apply

_WORDS = (
    "Series' root folder ({}) doesn't exist.",
    "Series' root folder ({}) is empty.",
    "Unable to delete episode file",
)


class SonarrSimulator(ArrSimulator):
    """A Sonarr over a household."""

    app_name = "Sonarr"
    default_version = "4.0.19.2979"
    collection_type = "tvshows"
    title_key = "seriesId"
    migration = 217

    def _open_database(self) -> None:
        self.series: dict[int, ManagedSeries] = {}
        #: What an import list holds: everything that was ever here, by Tvdb id.
        self.listed: dict[int, ManagedSeries] = {}
        self._last_series = self._last_episode = self._last_file = 0

    @property
    def table_size(self) -> int:
        """Return the number of episodes."""
        return sum(len(series.episodes) for series in self.series.values())

    # -- what happens in the house -------------------------------------------

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
        """Put a series under control, or bring what is known of it up to date."""
        folder = path or item.path
        assert folder is not None
        if not self.owns(folder) and folder not in self.root_folders:
            self.root_folders.append(dirname(folder))
        series = self.managed(item)
        if series is None:
            ids = item.provider_ids
            self._last_series += 1
            tvdb = tvdb_id or int(ids.get("Tvdb", 0))
            series = ManagedSeries(
                id=self._last_series,
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
        """Put every series below the root folders under control that is not there yet."""
        for item in self.household.series:
            if self.owns(item.path) and self.managed(item) is None:
                self.manage(item)

    def moved(self, item: Series) -> None:
        """Take note that a series was renamed, as if Sonarr had done it."""
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
        for series in self.series.values():
            if series.title == title:
                return series
        raise KeyError(title)

    def unmanage(self, item: Series) -> None:
        """Take a series out of Sonarr; its files stay."""
        if (series := self.managed(item)) is not None:
            del self.series[series.id]
            self.listed.pop(series.tvdb_id, None)

    def remove(
        self,
        found: Sequence[ManagedSeries],
        *,
        files: bool = True,
        exclusion: bool = False,
    ) -> None:
        """Delete series: the rows at once, the rest as far as it goes."""
        for series in found:
            del self.series[series.id]
        self.forget(
            {series.id: series.path for series in found},
            [(each.tvdb_id, each.title, each.year) for each in found if exclusion],
            files_too=files,
        )

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

    def rescan(self) -> None:
        """Look what is on the disk; what is gone stays monitored, and an absent drive says nothing."""
        mounted = self.mounted(self.title_paths().values())
        for series in self.series.values():
            if dirname(series.path) in mounted:
                self._look(series)

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
                self.household.bring_back(item)
                self._look(series)
                self.queue = [
                    each for each in self.queue if each.episode_id != episode.id
                ]
                self.note("downloadFolderImported", series.id, series.path, episode.id)
                found.append(_label(series, episode))
        return found

    monitor_grabs = search

    def list_sync(self) -> list[str]:
        """Let the import list bring back what is neither there nor excluded, monitored and downloaded."""
        here = {series.tvdb_id for series in self.series.values()}
        back = []
        for tvdb_id, old in list(self.listed.items()):
            if tvdb_id not in here and not self.excluded(tvdb_id):
                back.append(self._insert(old, monitored=True).title)
        if back:
            self.search()
        return back

    def restore(self, tvdb_id: int) -> bool:
        """Add a title that was here before, as Seerr does for a request; an exclusion is no obstacle."""
        here = {series.tvdb_id for series in self.series.values()}
        if tvdb_id in here or (old := self.listed.get(tvdb_id)) is None:
            return False
        self._insert(old, monitored=True)
        self.search()
        return True

    def download(
        self, series: ManagedSeries, season: int = 1, size: int = 9_000
    ) -> list[Download]:
        """Let a season pack be in the queue: a row for each episode, each with the size of all."""
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
        """Make a new row for a title that was here before."""
        self._last_series += 1
        series = ManagedSeries(
            id=self._last_series,
            title=old.title,
            year=old.year,
            tvdb_id=old.tvdb_id,
            tmdb_id=old.tmdb_id,
            imdb_id=old.imdb_id,
            path=old.path,
            added=self.household.now(),
            status=old.status,
            monitored=monitored,
            item=old.item,
        )
        for each in old.episodes:
            episode = self._new_episode(
                series, each.season, each.number, each.title, each.aired
            )
            episode.item = each.item
        self.series[series.id] = self.listed[series.tvdb_id] = series
        self._look(series)
        return series

    def _new_episode(
        self,
        series: ManagedSeries,
        season: int,
        number: int,
        title: str,
        aired: datetime | None,
    ) -> ManagedEpisode:
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
        """Make the rows of episodes and files what the household has."""
        disk = self.household.disk
        for item in series.item.episodes if series.item is not None else ():
            self._know(series, item)
        for file in list(series.files.values()):
            if disk.resolve(series.path_of(file)) not in disk.files:
                self._file_gone(series, file, "MissingFromDisk")
        for episode in series.episodes:
            path = episode.item.path if episode.item is not None else None
            if episode.file_id or path is None:
                continue
            below = f"{series.path}/"
            if path in disk.files and path.startswith(below):
                relative = path.removeprefix(below)
                episode.file_id = self._file_at(series, episode.season, relative).id

    def _know(self, series: ManagedSeries, item: Episode) -> None:
        """Have a row for each episode that an item of the household holds."""
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
        for file in series.files.values():
            if file.relative_path == relative:
                return file
        there = self.household.disk.files[f"{series.path}/{relative}"]
        self._last_file += 1
        file = EpisodeFile(self._last_file, season, relative, there.size, there.created)
        series.files[file.id] = file
        return file

    def _file_gone(self, series: ManagedSeries, file: EpisodeFile, reason: str) -> None:
        for episode in series.episodes:
            if episode.file_id == file.id:
                path = series.path_of(file)
                self.note("episodeFileDeleted", series.id, path, episode.id)
                self.history[-1].data["reason"] = reason
                episode.file_id = 0
                if self.auto_unmonitor:
                    episode.monitored = False
        del series.files[file.id]

    # -- what the base asks for ----------------------------------------------

    def title_paths(self) -> dict[int, str]:
        """Return the folder of every series."""
        return {series.id: series.path for series in self.series.values()}

    def tagged(self, tag: int) -> list[int]:
        """Return the ids of the series with a tag."""
        return [series.id for series in self.series.values() if tag in series.tags]

    def _own_tag_details(self, number: int) -> Row:
        return {"restrictionIds": [], "seriesIds": self.tagged(number)}

    def _own_settings(self) -> Row:
        return {
            "autoUnmonitorPreviouslyDownloadedEpisodes": self.auto_unmonitor,
            "createEmptySeriesFolders": False,
            "episodeTitleRequired": "always",
        }

    def _download_row(self, download: Download) -> Row:
        row = super()._download_row(download) | {"episodeHasFile": download.has_file}
        if download.episode_id is not None:
            row["episodeId"] = download.episode_id
            row["seasonNumber"] = download.season
        return row

    def _own_routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/series", self._all_series),
            ("POST", "/series", self._add_series),
            ("PUT", "/series/editor", self._edit),
            ("DELETE", "/series/editor", self._delete_many),
            ("GET", r"/series/(\d+)", self._one_series),
            ("PUT", r"/series/(\d+)", self._put_series),
            ("DELETE", r"/series/(\d+)", self._delete_series),
            ("POST", "/seasonpass", self._season_pass),
            ("GET", "/episode", self._episodes),
            ("PUT", "/episode/monitor", self._monitor),
            ("GET", r"/episode/(\d+)", self._episode),
            ("PUT", r"/episode/(\d+)", self._put_episode),
            ("GET", "/episodefile", self._files),
            ("DELETE", "/episodefile/bulk", self._delete_files),
            ("GET", r"/episodefile/(\d+)", self._file),
            ("DELETE", r"/episodefile/(\d+)", self._delete_one_file),
            ("GET", "/importlistexclusion", self._exclusions),
            ("POST", "/importlistexclusion", self._add_exclusion),
            ("GET", "/importlistexclusion/paged", self._exclusion_page),
            ("DELETE", r"/importlistexclusion/(\d+)", self._delete_exclusion),
            ("GET", "/history/series", self._series_history),
        ]

    # -- series --------------------------------------------------------------

    async def _all_series(self, call: Call) -> Answer:
        tvdb_id = call.parameters.number("tvdbId")
        return as_json(
            [
                series_row(self, series)
                for series in self.series.values()
                if tvdb_id in (None, series.tvdb_id)
            ]
        )

    async def _one_series(self, call: Call) -> Answer:
        if (series := self.series.get(call.id)) is None:
            return problem(404)
        return as_json(series_row(self, series))

    async def _add_series(self, call: Call) -> Answer:
        """Add a series; that it is excluded keeps nobody from it."""
        body = call.body
        tvdb_id = body.get("tvdbId") or 0
        root = self.real(body.get("rootFolderPath") or "")
        if any(series.tvdb_id == tvdb_id for series in self.series.values()):
            raise invalid(
                "TvdbId",
                "This series has already been added",
                tvdb_id,
                "SeriesExistsValidator",
            )
        old = self.listed.get(tvdb_id)
        if old is None:
            title = str(body.get("title") or f"Series {tvdb_id}")
            year = int(body.get("year") or 2010)
            now = self.household.now()
            folder = f"{root}/{title}"
            old = ManagedSeries(
                0, title, year, tvdb_id, 0, f"tt{tvdb_id:07}", folder, now
            )
        series = self._insert(old, monitored=body_flag(body, "monitored") is not False)
        series.tags = body_numbers(body, "tags") or []
        if (body.get("addOptions") or {}).get("searchForMissingEpisodes"):
            self.search()
        return as_json(series_row(self, series), 201)

    async def _put_series(self, call: Call) -> Answer:
        """Replace a series; the id in the body wins, and seasons that are left out are forgotten."""
        body = call.body
        number = body.get("id") or call.id
        if (series := self.series.get(number)) is None:
            raise unknown("Series", number)
        series.monitored = bool(body_flag(body, "monitored"))
        series.monitor_new_items = body.get("monitorNewItems", "all")
        series.tags = body_numbers(body, "tags") or []
        if isinstance(path := body.get("path"), str):
            series.path = self.real(path)
        seasons = _season_flags(body)
        for season, monitored in seasons.items():
            if series.seasons.get(season) is not monitored:
                for episode in series.episodes:
                    if episode.season == season:
                        episode.monitored = monitored
        series.seasons = seasons
        return as_json(series_row(self, series), 202)

    def _several(self, ids: Sequence[int]) -> list[ManagedSeries]:
        """Return series in the order of the table; an unknown or repeated id spoils it all."""
        found = [self.series[number] for number in sorted(set(ids) & set(self.series))]
        if len(found) != len(ids):
            raise miscounted(len(ids), len(found))
        return found

    async def _edit(self, call: Call) -> Answer:
        """Change several series; seasons and episodes keep their flags."""
        body = call.body
        monitored, tags = body_flag(body, "monitored"), body_numbers(body, "tags")
        found = self._several(body_numbers(body, "seriesIds") or [])
        for series in found:
            if monitored is not None:
                series.monitored = monitored
            if tags is not None:
                series.tags = apply(body.get("applyTags"), series.tags, tags)
        return as_json([series_row(self, series, edited=True) for series in found], 202)

    async def _season_pass(self, call: Call) -> Answer:
        """Set seasons' flags only; with options rewrite the whole series."""
        body = call.body
        options = body.get("monitoringOptions") or {}
        for each in body.get("series") or []:
            if (series := self.series.get(each.get("id"))) is None:
                raise unknown("Series", each.get("id"))
            if (monitored := body_flag(each, "monitored")) is not None:
                series.monitored = monitored
            for season, flag in _season_flags(each).items():
                if season in series.seasons:
                    series.seasons[season] = flag
            if mode := options.get("monitor"):
                flag = mode != "none"
                series.monitored = series.monitored and flag
                series.seasons = dict.fromkeys(series.seasons, flag)
                for episode in series.episodes:
                    episode.monitored = flag
        return as_json({}, 202)

    # -- deleting series -----------------------------------------------------

    async def _delete_series(self, call: Call) -> Answer:
        """Delete a series: the row now, whatever becomes of the files later."""
        files = call.parameters.flag("deleteFiles")
        exclusion = call.parameters.flag("addImportListExclusion")
        self.remove(self._several([call.id]), files=files, exclusion=exclusion)
        return Answer()

    async def _delete_many(self, call: Call) -> Answer:
        body: Body = call.body
        self.remove(
            self._several(body_numbers(body, "seriesIds") or []),
            files=bool(body_flag(body, "deleteFiles")),
            exclusion=bool(body_flag(body, "addImportListExclusion")),
        )
        return as_json({})

    # -- episodes ------------------------------------------------------------

    def _every_episode(self) -> dict[int, ManagedEpisode]:
        return {
            episode.id: episode
            for series in self.series.values()
            for episode in series.episodes
        }

    def _episode_rows(
        self, episodes: Iterable[ManagedEpisode], *, with_files: bool = False
    ) -> list[Row]:
        rows = []
        for episode in episodes:
            series = self.series[episode.series_id]
            row = episode_row(series, episode)
            file = series.files.get(episode.file_id)
            if with_files and file is not None:
                row["episodeFile"] = file_row(self, series, file)
            rows.append(row)
        return rows

    async def _episodes(self, call: Call) -> Answer:
        series_id = call.parameters.number("seriesId")
        season = call.parameters.number("seasonNumber")
        ids = call.parameters.numbers("episodeIds")
        file_id = call.parameters.number("episodeFileId")
        with_files = call.parameters.flag("includeEpisodeFile")
        found: list[ManagedEpisode]
        if series_id is not None:
            series = self.series.get(series_id)
            found = [
                episode
                for episode in (series.episodes if series else ())
                if season in (None, episode.season)
            ]
        elif ids:
            found = self._several_episodes(ids)
        elif file_id is not None:
            every = self._every_episode().values()
            found = [each for each in every if each.file_id == file_id]
        else:
            raise bad_request("seriesId or episodeIds must be provided")
        return as_json(self._episode_rows(found, with_files=with_files))

    def _several_episodes(self, ids: Sequence[int]) -> list[ManagedEpisode]:
        every = self._every_episode()
        found = [every[number] for number in sorted(set(ids) & set(every))]
        if len(found) != len(ids):
            raise miscounted(len(ids), len(found))
        return found

    async def _episode(self, call: Call) -> Answer:
        if (episode := self._every_episode().get(call.id)) is None:
            return problem(404)
        return as_json(self._episode_rows([episode], with_files=True)[0])

    async def _put_episode(self, call: Call) -> Answer:
        if (episode := self._every_episode().get(call.id)) is None:
            raise unknown("Episode", call.id)
        episode.monitored = bool(body_flag(call.body, "monitored"))
        return as_json(self._episode_rows([episode])[0], 202)

    async def _monitor(self, call: Call) -> Answer:
        """Set episodes' flags; unknown ids among them are an error, after the known ones have been set."""
        body = call.body
        ids = body_numbers(body, "episodeIds") or []
        monitored = bool(body_flag(body, "monitored"))
        every = self._every_episode()
        if len(ids) == 1 and ids[0] not in every:
            raise unknown("Episode", ids[0])
        for number in ids:
            if number in every:
                every[number].monitored = monitored
        return as_json(self._episode_rows(self._several_episodes(ids)), 202)

    # -- files ---------------------------------------------------------------

    def _every_file(self) -> dict[int, tuple[ManagedSeries, EpisodeFile]]:
        return {
            file.id: (series, file)
            for series in self.series.values()
            for file in series.files.values()
        }

    def _several_files(
        self, ids: Sequence[int]
    ) -> list[tuple[ManagedSeries, EpisodeFile]]:
        every = self._every_file()
        found = [every[number] for number in sorted(set(ids) & set(every))]
        if len(found) != len(ids):
            raise miscounted(len(ids), len(found))
        return found

    async def _files(self, call: Call) -> Answer:
        series_id = call.parameters.number("seriesId")
        ids = call.parameters.numbers("episodeFileIds")
        if series_id is not None:
            if (series := self.series.get(series_id)) is None:
                raise unknown("Series", series_id)
            return as_json(
                [file_row(self, series, file) for file in series.files.values()]
            )
        if not ids:
            raise bad_request("seriesId or episodeFileIds must be provided")
        return as_json([file_row(self, *each) for each in self._several_files(ids)])

    async def _file(self, call: Call) -> Answer:
        if (found := self._every_file().get(call.id)) is None:
            return problem(404)
        return as_json(file_row(self, *found))

    async def _delete_one_file(self, call: Call) -> Answer:
        """Delete a file, now, and say whether that went well; its episodes stay monitored."""
        if (found := self._every_file().get(call.id)) is None:
            raise unknown("EpisodeFile", call.id)
        series, file = found
        self.delete_file(series.path, series.path_of(file), _WORDS)
        self._file_removed(series, file)
        return Answer()

    def _file_removed(self, series: ManagedSeries, file: EpisodeFile) -> None:
        path = series.path_of(file)
        self._file_gone(series, file, "Manual")
        if self.delete_empty_folders:
            disk, folder = self.household.disk, dirname(path)
            if folder != series.path and not disk.tree(folder):
                disk.forget_folder(folder)
            remove_empty_folders(disk, series.path, itself=True)

    async def _delete_files(self, call: Call) -> Answer:
        """Delete files; the folder of the first one's series is taken for that of all."""
        ids = body_numbers(call.body, "episodeFileIds") or []
        if not ids:
            raise failed(500, "Sequence contains no elements")
        found = self._several_files(ids)
        folder = found[0][0].path
        for series, file in found:
            self.delete_file(folder, f"{folder}/{file.relative_path}", _WORDS)
            self._file_removed(series, file)
        return as_json({})

    # -- exclusions and history ----------------------------------------------

    def _exclusion_rows(self) -> list[Row]:
        return [
            {"tvdbId": each.provider_id, "title": each.title, "id": each.id}
            for each in self.exclusions
        ]

    async def _exclusions(self, call: Call) -> Answer:
        return as_json(self._exclusion_rows())

    async def _exclusion_page(self, call: Call) -> Answer:
        return paged(self._exclusion_rows()[::-1], call, "id")

    async def _add_exclusion(self, call: Call) -> Answer:
        self.exclude(call.body["tvdbId"], call.body.get("title", ""), 0)
        return as_json(self._exclusion_rows()[-1], 201)

    async def _delete_exclusion(self, call: Call) -> Answer:
        self.exclusions = [each for each in self.exclusions if each.id != call.id]
        return Answer()

    async def _series_history(self, call: Call) -> Answer:
        wanted = call.parameters.number("seriesId")
        rows = [
            self._event_row(event)
            for event in reversed(self.history)
            if event.title_id == wanted
        ]
        return as_json(rows)


def _season_flags(body: Mapping[str, Any]) -> dict[int, bool]:
    return {
        each["seasonNumber"]: bool(body_flag(each, "monitored"))
        for each in body.get("seasons") or []
    }


def _label(series: ManagedSeries, episode: ManagedEpisode) -> str:
    return f"{series.title} S{episode.season:02}E{episode.number:02}"
