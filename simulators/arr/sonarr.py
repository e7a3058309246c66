"""Sonarr 4: the same promises, and episodes that are monitored one by one."""

from collections.abc import Iterable
from posixpath import dirname

from ..faults import Answer, as_json
from .binding import Body, Call, Handler, body_flag, body_numbers
from .errors import bad_request, failed, problem, unknown
from .files import remove_empty_folders
from .records import Download, Exclusion, Row
from .shows import (
    EpisodeFile,
    ManagedEpisode,
    ManagedSeries,
    episode_row,
    file_row,
    series_row,
)
from .sonarr_adding import SonarrAdding, season_flags
from .titles import several

_WORDS = (
    "Series' root folder ({}) doesn't exist.",
    "Series' root folder ({}) is empty.",
    "Unable to delete episode file",
)


class SonarrSimulator(SonarrAdding):
    """A Sonarr over a household."""

    # -- what the base asks for ----------------------------------------------

    def _row(
        self, title: ManagedSeries, *, edited: bool = False, added: bool = False
    ) -> Row:
        """Return a series as it is sent."""
        return series_row(self, title, edited=edited, added=added)

    def _own_tag_details(self, number: int) -> Row:
        """Return what uses a tag, beyond what Radarr and Sonarr share."""
        return {"restrictionIds": [], "seriesIds": self.tagged(number)}

    def _own_settings(self) -> Row:
        """Return the settings of media management that Radarr does not have."""
        return {
            "autoUnmonitorPreviouslyDownloadedEpisodes": self.auto_unmonitor,
            "createEmptySeriesFolders": False,
            "episodeTitleRequired": "always",
        }

    def _download_row(self, download: Download) -> Row:
        """Return an item of the queue, which is one episode's."""
        row = super()._download_row(download) | {"episodeHasFile": download.has_file}
        if download.episode_id is not None:
            row["episodeId"] = download.episode_id
            row["seasonNumber"] = download.season
        return row

    def _own_routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes that Radarr does not have."""
        return [
            ("GET", "/series", self._all_series),
            ("POST", "/series", self._add),
            ("PUT", "/series/editor", self._edit),
            ("DELETE", "/series/editor", self._delete_many),
            ("GET", r"/series/(\d+)", self._one),
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
            ("GET", r"/importlistexclusion/(\d+)", self._one_exclusion),
            ("DELETE", "/importlistexclusion/bulk", self._delete_exclusions),
            ("DELETE", r"/importlistexclusion/(\d+)", self._delete_exclusion),
            ("GET", "/history/series", self._title_history),
        ]

    # -- series --------------------------------------------------------------

    async def _all_series(self, call: Call) -> Answer:
        """Answer `GET /series`."""
        tvdb_id = call.parameters.number("tvdbId")
        return as_json(
            [
                series_row(self, series)
                for series in self.series.values()
                if tvdb_id in (None, series.tvdb_id)
            ]
        )

    def _unlisted(self, provider_id: int, root: str, body: Body) -> ManagedSeries:
        """Return a series that someone adds and that was never here before."""
        title = str(body.get("title") or f"Series {provider_id}")
        return ManagedSeries(
            0,
            title,
            int(body.get("year") or 2010),
            provider_id,
            0,
            f"tt{provider_id:07}",
            f"{root}/{title}",
            self.household.now(),
        )

    async def _put_series(self, call: Call) -> Answer:
        """Answer `PUT /series/{id}`; the id in the body wins, and seasons that are left out are forgotten."""
        body = call.body
        number = body.get("id") or call.id
        if (series := self.series.get(number)) is None:
            raise unknown("Series", number)
        series.monitored = bool(body_flag(body, "monitored"))
        series.monitor_new_items = body.get("monitorNewItems", "all")
        series.tags = body_numbers(body, "tags") or []
        if isinstance(path := body.get("path"), str):
            series.path = self.real(path)
        seasons = season_flags(body)
        for season, monitored in seasons.items():
            if series.seasons.get(season) is not monitored:
                for episode in series.episodes:
                    if episode.season == season:
                        episode.monitored = monitored
        series.seasons = seasons
        return as_json(series_row(self, series), 202)

    async def _season_pass(self, call: Call) -> Answer:
        """Answer `POST /seasonpass`: sets only seasons' flags, with options those of the whole series."""
        body = call.body
        options = body.get("monitoringOptions") or {}
        for each in body.get("series") or []:
            if (series := self.series.get(each.get("id"))) is None:
                raise unknown("Series", each.get("id"))
            if (monitored := body_flag(each, "monitored")) is not None:
                series.monitored = monitored
            for season, flag in season_flags(each).items():
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
        """Answer `DELETE /series/{id}`: the row is deleted now, whether or not the files follow."""
        files = call.parameters.flag("deleteFiles")
        exclusion = call.parameters.flag("addImportListExclusion")
        self.remove(several(self.series, [call.id]), files=files, exclusion=exclusion)
        return Answer()

    # -- episodes ------------------------------------------------------------

    def _every_episode(self) -> dict[int, ManagedEpisode]:
        """Return the episodes of all series, by id."""
        return {
            episode.id: episode
            for series in self.series.values()
            for episode in series.episodes
        }

    def _episode_rows(
        self, episodes: Iterable[ManagedEpisode], *, with_files: bool = False
    ) -> list[Row]:
        """Return episodes as they are sent."""
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
        """Answer `GET /episode`."""
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
            found = several(self._every_episode(), ids)
        elif file_id is not None:
            every = self._every_episode().values()
            found = [each for each in every if each.file_id == file_id]
        else:
            raise bad_request("seriesId or episodeIds must be provided")
        return as_json(self._episode_rows(found, with_files=with_files))

    async def _episode(self, call: Call) -> Answer:
        """Answer `GET /episode/{id}`."""
        if (episode := self._every_episode().get(call.id)) is None:
            return problem(404)
        return as_json(self._episode_rows([episode], with_files=True)[0])

    async def _put_episode(self, call: Call) -> Answer:
        """Answer `PUT /episode/{id}`."""
        if (episode := self._every_episode().get(call.id)) is None:
            raise unknown("Episode", call.id)
        episode.monitored = bool(body_flag(call.body, "monitored"))
        return as_json(self._episode_rows([episode])[0], 202)

    async def _monitor(self, call: Call) -> Answer:
        """Answer `PUT /episode/monitor`; unknown ids are an error after the known ones have been set."""
        body = call.body
        ids = body_numbers(body, "episodeIds") or []
        monitored = bool(body_flag(body, "monitored"))
        every = self._every_episode()
        if len(ids) == 1 and ids[0] not in every:
            raise unknown("Episode", ids[0])
        for number in ids:
            if number in every:
                every[number].monitored = monitored
        return as_json(self._episode_rows(several(every, ids)), 202)

    # -- files ---------------------------------------------------------------

    def _every_file(self) -> dict[int, tuple[ManagedSeries, EpisodeFile]]:
        """Return the files of all series, by id."""
        return {
            file.id: (series, file)
            for series in self.series.values()
            for file in series.files.values()
        }

    async def _files(self, call: Call) -> Answer:
        """Answer `GET /episodefile`."""
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
        return as_json(
            [file_row(self, *each) for each in several(self._every_file(), ids)]
        )

    async def _file(self, call: Call) -> Answer:
        """Answer `GET /episodefile/{id}`."""
        if (found := self._every_file().get(call.id)) is None:
            return problem(404)
        return as_json(file_row(self, *found))

    async def _delete_one_file(self, call: Call) -> Answer:
        """Answer `DELETE /episodefile/{id}`: at once, and honestly; its episodes stay monitored."""
        if (found := self._every_file().get(call.id)) is None:
            raise unknown("EpisodeFile", call.id)
        series, file = found
        self.delete_file(series.path, series.path_of(file), _WORDS)
        self._file_removed(series, file)
        return Answer()

    def _file_removed(self, series: ManagedSeries, file: EpisodeFile) -> None:
        """Update the rows and folders after a file was deleted by request."""
        path = series.path_of(file)
        self._file_gone(series, file, "Manual")
        if self.delete_empty_folders:
            disk, folder = self.household.disk, dirname(path)
            if folder != series.path and not disk.tree(folder):
                disk.forget_folder(folder)
            remove_empty_folders(disk, series.path, itself=True)

    async def _delete_files(self, call: Call) -> Answer:
        """Answer `DELETE /episodefile/bulk`; the folder of the first series is taken for that of all."""
        ids = body_numbers(call.body, "episodeFileIds") or []
        if not ids:
            raise failed(500, "Sequence contains no elements")
        found = several(self._every_file(), ids)
        folder = found[0][0].path
        for series, file in found:
            self.delete_file(folder, f"{folder}/{file.relative_path}", _WORDS)
            self._file_removed(series, file)
        return as_json({})

    # -- exclusions ----------------------------------------------------------

    def _exclusion_row(self, exclusion: Exclusion) -> Row:
        """Return an exclusion as it is sent."""
        return {
            "tvdbId": exclusion.provider_id,
            "title": exclusion.title,
            "id": exclusion.id,
        }
