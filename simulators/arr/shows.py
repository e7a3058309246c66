"""The rows of Sonarr's database, and how they are sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ..items import Episode, Series
from .records import LANGUAGES, Row, clean, cover, quality, when
from .server import ArrSimulator


@dataclass(slots=True)
class EpisodeFile:
    """A file with one or more episodes; only the episodes say which."""

    id: int
    season: int
    relative_path: str
    size: int
    added: datetime


@dataclass(slots=True)
class ManagedEpisode:
    """An episode, with a file or without; ``item`` is the household's, if it ever had one."""

    id: int
    series_id: int
    tvdb_id: int
    season: int
    number: int
    title: str
    aired: datetime | None
    monitored: bool = True
    file_id: int = 0
    item: Episode | None = None


@dataclass(slots=True)
class ManagedSeries:
    """A series managed by Sonarr."""

    id: int
    title: str
    year: int
    tvdb_id: int
    tmdb_id: int
    imdb_id: str | None
    path: str
    added: datetime
    status: str = "ended"
    monitored: bool = True
    monitor_new_items: str = "all"
    #: "anime" also numbers its episodes throughout.
    series_type: str = "standard"
    tags: list[int] = field(default_factory=list)
    #: Whether the season is monitored, by number.
    seasons: dict[int, bool] = field(default_factory=dict)
    episodes: list[ManagedEpisode] = field(default_factory=list)
    files: dict[int, EpisodeFile] = field(default_factory=dict)
    item: Series | None = None
    quality_profile: int = 6
    season_folder: bool = True
    #: What is to be done when it has been read; gone once that is done.
    add_options: Row | None = None
    #: The episodes that it will have once it has been read; ``None``: it has been.
    unread: list[ManagedEpisode] | None = None

    @property
    def provider_id(self) -> int:
        """Return the number by which import lists know the series."""
        return self.tvdb_id

    def episode(self, season: int, number: int) -> ManagedEpisode:
        """Return an episode by its numbers."""
        for episode in self.episodes:
            if (episode.season, episode.number) == (season, number):
                return episode
        raise KeyError((season, number))

    def file_of(self, season: int, number: int) -> EpisodeFile:
        """Return the file of an episode."""
        return self.files[self.episode(season, number).file_id]

    def path_of(self, file: EpisodeFile) -> str:
        """Return where a file is."""
        return f"{self.path}/{file.relative_path}"


def episode_row(series: ManagedSeries, episode: ManagedEpisode) -> Row:
    """Return an episode."""
    row: Row = {
        "seriesId": episode.series_id,
        "tvdbId": episode.tvdb_id,
        "episodeFileId": episode.file_id,
        "seasonNumber": episode.season,
        "episodeNumber": episode.number,
        "title": episode.title,
        "runtime": 30,
        "overview": "An overview.",
        "hasFile": episode.file_id > 0,
        "monitored": episode.monitored,
        "unverifiedSceneNumbering": False,
        "id": episode.id,
    }
    if series.series_type == "anime" and episode.season:
        row["absoluteEpisodeNumber"] = 1 + sum(
            0 < each.season < episode.season
            or (each.season == episode.season and each.number < episode.number)
            for each in series.episodes
        )
    if episode.aired is not None:
        row["airDate"] = f"{episode.aired:%Y-%m-%d}"
        row["airDateUtc"] = when(episode.aired)
    return row


def file_row(server: ArrSimulator, series: ManagedSeries, file: EpisodeFile) -> Row:
    """Return a file; it names no episodes."""
    several = sum(episode.file_id == file.id for episode in series.episodes) > 1
    return {
        "seriesId": series.id,
        "seasonNumber": file.season,
        "relativePath": file.relative_path,
        "path": server.seen(series.path_of(file)),
        "size": file.size,
        "dateAdded": when(file.added),
        "releaseGroup": "GRP",
        "languages": LANGUAGES,
        "quality": quality("Sonarr", 7),
        "customFormats": [],
        "customFormatScore": 0,
        "indexerFlags": 0,
        "releaseType": "multiEpisode" if several else "singleEpisode",
        "qualityCutoffNotMet": False,
        "id": file.id,
    }


def series_row(
    server: ArrSimulator,
    series: ManagedSeries,
    *,
    edited: bool = False,
    added: bool = False,
) -> Row:
    """Return a series; the editor's answer and series without episodes have no statistics.

    The answer to its addition has them, all zero.
    """
    now, path = server.household.now(), server.seen(series.path)
    statistics = not edited and bool(series.episodes)
    first = [each.aired for each in series.episodes if each.aired is not None]
    seasons: list[Row] = []
    for number, monitored in sorted(series.seasons.items()):
        season: Row = {"seasonNumber": number, "monitored": monitored}
        if statistics:
            episodes = [each for each in series.episodes if each.season == number]
            season["statistics"] = _airings(episodes, now) | _counts(
                series, episodes, now
            )
        seasons.append(season)
    row: Row = {
        "title": series.title,
        "alternateTitles": [],
        "sortTitle": series.title.lower(),
        "status": series.status,
        "ended": series.status == "ended",
        "overview": "An overview.",
        "network": "NET",
        "airTime": "20:00",
        "images": [
            cover(server.base_path, series.id, series.tvdb_id, "poster", local=True),
        ],
        "originalLanguage": LANGUAGES[0],
        "seasons": seasons,
        "year": series.year,
        "path": path,
        "qualityProfileId": series.quality_profile,
        "seasonFolder": series.season_folder,
        "monitored": series.monitored,
        "monitorNewItems": series.monitor_new_items,
        "useSceneNumbering": False,
        "runtime": 30,
        "tvdbId": series.tvdb_id,
        "tvRageId": 0,
        "tvMazeId": 0,
        "tmdbId": series.tmdb_id,
        "seriesType": series.series_type,
        "cleanTitle": clean(series.title),
        "titleSlug": series.title.lower().replace(" ", "-"),
        "certification": "TV-14",
        "genres": ["Drama"],
        "tags": series.tags,
        "added": when(series.added),
        "ratings": {"votes": 10, "value": 7.5},
        "languageProfileId": 1,
        "id": series.id,
    }
    if series.imdb_id is not None:
        row["imdbId"] = series.imdb_id
    if first:
        row |= {"firstAired": when(min(first)), "lastAired": when(max(first))}
    if not edited:
        row["rootFolderPath"] = server.seen(server.root_of(series.path))
    if statistics:
        row |= _airings(series.episodes, now)
        counts = _counts(series, series.episodes, now)
        row["statistics"] = {
            "seasonCount": sum(number > 0 for number in series.seasons),
            **counts,
        }
    if added:
        counts = _counts(series, [], now)
        del counts["releaseGroups"]
        count = sum(number > 0 for number in series.seasons)
        row["statistics"] = {"seasonCount": count, **counts}
    if series.add_options is not None:
        row["addOptions"] = series.add_options
    return row


def _airings(episodes: Iterable[ManagedEpisode], now: datetime) -> Row:
    """Return when monitored episodes were or will be on the air."""
    dates = [each.aired for each in episodes if each.monitored and each.aired]
    row: Row = {}
    if later := [date for date in dates if date > now]:
        row["nextAiring"] = when(min(later))
    if earlier := [date for date in dates if date <= now]:
        row["previousAiring"] = when(max(earlier))
    return row


def _counts(
    series: ManagedSeries, episodes: list[ManagedEpisode], now: datetime
) -> Row:
    """Return the numbers; files are counted by their episodes, their sizes once."""
    here = sum(each.file_id > 0 for each in episodes)
    wanted = sum(
        each.file_id > 0
        or (each.monitored and each.aired is not None and each.aired <= now)
        for each in episodes
    )
    files = {each.file_id for each in episodes if each.file_id}
    return {
        "episodeFileCount": here,
        "episodeCount": wanted,
        "totalEpisodeCount": len(episodes),
        "sizeOnDisk": sum(series.files[number].size for number in files),
        "releaseGroups": ["GRP"] if files else [],
        "percentOfEpisodes": 100 * here / wanted if wanted else 0,
    }
