"""Sonarr 3 and 4, with an API key.

Deleting a series is a promise that its files may outlive; deleting a file is honest.
What is deleted stays monitored and would come back, so it is unmonitored first:
exactly the episodes that go, for new ones follow their season's flag.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final, override

from ..model import ArrEpisode, ArrFile, ArrSeries, ArrSetup
from .arr import (
    Arr,
    arr_file,
    boolean,
    has_file,
    known_id,
    provider_ids,
    row_id,
    sent_id,
    tag_ids,
)
from .errors import BadAnswer
from .rows import (
    LARGEST_INDEX,
    JsonObject,
    day,
    integer,
    location,
    mapping,
    moment,
    sequence,
    size_of,
    text,
    year_of,
)

_SERIES_TYPES: Final = ("standard", "daily", "anime")
_NEW_ITEMS: Final = ("all", "none")


class Sonarr(Arr):
    """A Sonarr server; see ``Arr`` for what its errors mean."""

    app = "Sonarr"
    _kind = "series"
    _exclusion_path = "/api/v3/importlistexclusion"
    _provider = "tvdb"
    _search = ("EpisodeSearch", "episodeIds")

    async def series(self) -> list[ArrSeries]:
        """Return all series (``GET /series``)."""
        answer = await self._http.read_rows("/api/v3/series", None, _series)
        return answer.rows

    async def series_by_id(self, series_id: int) -> ArrSeries:
        """Return one series as it is now; raises ``NotFound`` (``GET /series/{id}``)."""
        return await self._title("series", series_id, _whole_series)

    async def episodes(self, series_id: int) -> list[ArrEpisode]:
        """Return all episodes of a series, also those to come (``GET /episode``).

        A series that does not exist has none. Raises ``BadAnswer`` if episodes of another
        series are among them.
        """
        series_id = sent_id(series_id)
        answer = await self._http.read_rows(
            "/api/v3/episode",
            {"seriesId": series_id, "includeEpisodeFile": "false"},
            _episode,
        )
        return self._of_series(answer.rows, series_id)

    async def episodes_and_files(
        self, series_id: int
    ) -> tuple[list[ArrEpisode], list[ArrFile]]:
        """Return all episodes of a series and the files they are in, in one request.

        A Sonarr that does not hand out the files with the episodes costs a second one.
        Raises like ``episodes`` and ``episode_files``.
        """
        series_id = sent_id(series_id)
        files: dict[int, ArrFile] = {}

        def convert(row: JsonObject) -> ArrEpisode:
            """Return an episode, and note the file that comes with it."""
            found = row.get("episodeFile")
            if isinstance(found, dict):
                file = arr_file(found)
                files[file.file_id] = file
            return _episode(row)

        answer = await self._http.read_rows(
            "/api/v3/episode",
            {"seriesId": series_id, "includeEpisodeFile": "true"},
            convert,
        )
        episodes = self._of_series(answer.rows, series_id)
        if {row.file_id for row in episodes if row.file_id is not None} - files.keys():
            return episodes, await self.episode_files(series_id)
        return episodes, list(files.values())

    async def episode_files(self, series_id: int) -> list[ArrFile]:
        """Return the files of a series, each once (``GET /episodefile``).

        Only the episodes say which of them are in a file. Raises
        ``NotFound`` if there is no such series, ``BadAnswer`` if files of another one
        are among them.
        """
        series_id = sent_id(series_id)

        def convert(row: JsonObject) -> ArrFile:
            """Return a file; raises ``ValueError`` if it is another series'."""
            if known_id(row.get("seriesId")) not in (None, series_id):
                msg = "a file of another series"
                raise ValueError(msg)
            return arr_file(row)

        answer = await self._http.read_rows(
            "/api/v3/episodefile", {"seriesId": series_id}, convert
        )
        return list({file.file_id: file for file in answer.rows}.values())

    def _of_series(self, rows: list[ArrEpisode], series_id: int) -> list[ArrEpisode]:
        """Return the episodes if they all belong to one series."""
        if any(row.series_id not in (None, series_id) for row in rows):
            raise BadAnswer(self.app, "answered with another series", reason="shape")
        return rows

    async def queue(self) -> frozenset[tuple[int, int | None]]:
        """Return what is being downloaded or imported: ids of series and episode.

        Without an episode it can be any episode of the series (``GET /queue``).
        """

        def convert(row: JsonObject) -> tuple[int, int | None] | None:
            """Return what an item of the queue is for."""
            series_id = known_id(row.get("seriesId"))
            if series_id is None:
                return None
            return series_id, known_id(row.get("episodeId"))

        return await self._queue(
            {
                "includeUnknownSeriesItems": "false",
                "includeSeries": "false",
                "includeEpisode": "false",
            },
            convert,
        )

    async def set_episodes_monitored(
        self, episode_ids: Collection[int], monitored: bool
    ) -> None:
        """Turn monitoring of these episodes on or off (``PUT /episode/monitor``).

        They must belong to one series and have just been read: if some ids are
        unknown, Sonarr changes the others and fails (``NotFound``).
        """
        ids = sorted({sent_id(episode_id) for episode_id in episode_ids})
        if not ids:
            return
        rows = await self._set_monitored(
            "/api/v3/episode/monitor", "episodeIds", ids, monitored
        )
        if len({known_id(row.get("seriesId")) for row in rows}) != 1:
            raise BadAnswer(
                self.app, "changed episodes of more than one series", reason="shape"
            )

    async def set_series_monitored(self, series_id: int, monitored: bool) -> None:
        """Turn monitoring of a series on or off (``PUT /series/editor``).

        The flags of its seasons and episodes stay as they are. Raises ``NotFound`` if
        there is no such series.
        """
        await self._set_monitored(
            "/api/v3/series/editor", "seriesIds", [sent_id(series_id)], monitored
        )

    async def delete_file(self, file_id: int) -> None:
        """Delete a file with all its episodes (``DELETE /episodefile/{id}``).

        The episodes stay, monitored as they were unless Sonarr is set to change that.
        Raises ``NotFound`` if there is no such file, ``Conflict`` if it cannot be
        removed or its disk is away.
        """
        await self._delete(f"/api/v3/episodefile/{sent_id(file_id)}")

    async def delete_series(
        self, series_id: int, *, add_import_list_exclusion: bool
    ) -> None:
        """Delete a series' entry and all that is left in its folder.

        The caller makes sure that nothing else is in the folder. The entry is deleted at
        once, the folder later or never: Sonarr does not say. Raises ``NotFound`` if
        there is no such series (``DELETE /series/{id}``).
        """
        await self._delete(
            f"/api/v3/series/{sent_id(series_id)}",
            {
                "deleteFiles": "true",
                "addImportListExclusion": (
                    "true" if add_import_list_exclusion else "false"
                ),
            },
        )

    @override
    def _as_it_was(self, setup: ArrSetup) -> JsonObject:
        """Return what only series have; episodes come later, monitored as their season."""
        body: JsonObject = {
            # Any text but none: the title comes from the database.
            "title": setup.title or str(setup.provider_id),
            "seasonFolder": setup.season_folder,
            "seasons": [
                {"seasonNumber": number, "monitored": monitored}
                for number, monitored in sorted(setup.seasons.items())
            ],
            "addOptions": {
                # Any other word overrides what the seasons say.
                "monitor": "skip",
                "searchForMissingEpisodes": False,
                "searchForCutoffUnmetEpisodes": False,
            },
        }
        if setup.series_type is not None:
            body["seriesType"] = setup.series_type
        if setup.monitor_new_items is not None:
            body["monitorNewItems"] = setup.monitor_new_items
        return body


def _whole_series(row: JsonObject) -> ArrSeries:
    """Return a series with how it is set up; raises ``ValueError`` if it has no id."""
    series = _series(row)
    tvdb_id, profile = (
        known_id(row.get("tvdbId")),
        known_id(row.get("qualityProfileId")),
    )
    folder = boolean(row.get("seasonFolder"))
    seasons: dict[int, bool] = {}
    for season in map(mapping, sequence(row.get("seasons"))):
        number = integer(season.get("seasonNumber"), 0, LARGEST_INDEX)
        monitored = boolean(season.get("monitored"))
        if number is None or monitored is None:
            return series
        seasons[number] = monitored
    if (
        tvdb_id is None
        or profile is None
        or series.monitored is None
        or folder is None
        or not series.path
    ):
        return series
    kind, new_items = row.get("seriesType"), row.get("monitorNewItems")
    setup = ArrSetup(
        title_id=series.title_id,
        provider_id=tvdb_id,
        title=series.title,
        path=series.path,
        quality_profile=profile,
        monitored=series.monitored,
        series_type=kind if kind in _SERIES_TYPES else None,
        season_folder=folder,
        monitor_new_items=new_items if new_items in _NEW_ITEMS else None,
        seasons=seasons,
    )
    return replace(series, setup=setup)


def _series(row: JsonObject) -> ArrSeries:
    """Return a series; raises ``ValueError`` if it has no id."""
    statistics = mapping(row.get("statistics"))
    files = integer(statistics.get("episodeFileCount"), 0, LARGEST_INDEX)
    sizes: dict[int, int] = {}
    for season in map(mapping, sequence(row.get("seasons"))):
        number = integer(season.get("seasonNumber"), 0, LARGEST_INDEX)
        size = size_of(mapping(season.get("statistics")).get("sizeOnDisk"))
        if number is not None and size is not None:
            sizes[number] = size
    return ArrSeries(
        title_id=row_id(row),
        title=text(row.get("title")) or "",
        year=year_of(row.get("year")),
        provider_ids=provider_ids(row, "tvdb", "tmdb", "imdb"),
        path=location(row.get("path")),
        root_folder=location(row.get("rootFolderPath")),
        monitored=boolean(row.get("monitored")),
        has_file=None if files is None else files > 0,
        size_bytes=size_of(statistics.get("sizeOnDisk")),
        added_at=moment(row.get("added")),
        tag_ids=tag_ids(row),
        continuing=_continuing(row),
        episode_file_count=files,
        season_sizes=sizes,
    )


def _continuing(row: JsonObject) -> bool | None:
    """Return whether episodes are to come; a dated one says more than the status."""
    status = row.get("status")
    if status in ("continuing", "upcoming") or day(row.get("nextAiring")) is not None:
        return True
    # A series that its database has dropped has the status "deleted" but may continue.
    if status == "ended" or (status is None and row.get("ended") is True):
        return False
    return None


def _episode(row: JsonObject) -> ArrEpisode:
    """Return an episode; raises ``ValueError`` if it has no id."""
    return ArrEpisode(
        episode_id=row_id(row),
        series_id=known_id(row.get("seriesId")),
        season=integer(row.get("seasonNumber"), 0, LARGEST_INDEX),
        episode=integer(row.get("episodeNumber"), 0, LARGEST_INDEX),
        absolute_episode=integer(row.get("absoluteEpisodeNumber"), 0, LARGEST_INDEX),
        file_id=known_id(row.get("episodeFileId")),
        has_file=has_file(row, "episodeFileId"),
        monitored=boolean(row.get("monitored")),
        aired_at=day(row.get("airDateUtc")),
    )
