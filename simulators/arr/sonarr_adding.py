"""How a series comes into Sonarr: added at once, read later, and then monitored as was said."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .binding import Body, bad_type, body_flag
from .records import Row
from .shows import ManagedEpisode, ManagedSeries
from .sonarr_library import SonarrLibrary
from .tasks import Task, TaskFailed

_SERIES_TYPES = ("standard", "daily", "anime")
_NEW_ITEMS = ("all", "none")
_AS_SAID = ("skip", "unknown")
_RECENT = timedelta(days=90)


class SonarrAdding(SonarrLibrary):
    """A Sonarr to which series can be added."""

    def _check_words(self, body: Body) -> None:
        """Refuse words that are none of those that are known."""
        for name, words in (
            ("seriesType", _SERIES_TYPES),
            ("monitorNewItems", _NEW_ITEMS),
        ):
            if body.get(name, words[0]) not in words:
                raise bad_type(name, f"NzbDrone.Core.Tv.{name[0].upper()}{name[1:]}")

    def _set_up(self, title: ManagedSeries, body: Body) -> Row | None:
        """Set a new series up as a request says, and return what else is to be done.

        Seasons that are not said are monitored if new ones are; unknown ones are dropped.
        """
        title.monitor_new_items = body.get("monitorNewItems", "all")
        title.series_type = body.get("seriesType", "standard")
        title.season_folder = bool(body_flag(body, "seasonFolder"))
        said = season_flags(body)
        others = title.monitor_new_items == "all" or not said
        title.seasons = {
            number: said.get(number, others and number > 0)
            for number in sorted({each.season for each in title.unread or ()})
        }
        options = body.get("addOptions")
        if options is None:
            return None
        return {
            "searchForMissingEpisodes": bool(options.get("searchForMissingEpisodes")),
            "searchForCutoffUnmetEpisodes": bool(
                options.get("searchForCutoffUnmetEpisodes")
            ),
            "ignoreEpisodesWithFiles": False,
            "ignoreEpisodesWithoutFiles": False,
            "monitor": options.get("monitor", "unknown"),
        }

    def refresh(self, title_id: int) -> None:
        """Read a series, look at the disk, and do what was to be done once.

        What was to be done is forgotten even if the series cannot be read: then a later
        refresh monitors nothing that has been on the air. Raises TaskFailed.
        """
        if (series := self.series.get(title_id)) is None:
            raise TaskFailed(f"Series with ID {title_id} does not exist")
        options, series.add_options = series.add_options, None
        if self.metadata_down:
            raise TaskFailed("HTTP request failed: [503:ServiceUnavailable]")
        new = series.unread is not None
        self._read(series)
        self._look(series)
        if new:
            monitor = options["monitor"] if options else None
            apply(series, monitor, self.household.now())
        if options and options["searchForMissingEpisodes"]:
            self.queue_task(
                "MissingEpisodeSearch", {"seriesId": title_id}, "unspecified"
            )

    def search_for(self, task: Task) -> str:
        """Download what a search is for, monitored or not; a season's only if it is."""
        every = {
            episode.id: (series, episode)
            for series in self.series.values()
            for episode in series.episodes
        }
        if task.name == "SeasonSearch":
            if task.body.get("seriesId") not in self.series:
                raise TaskFailed(
                    f"Series with ID {task.body.get('seriesId')} does not exist"
                )
            wanted = [
                number
                for number, (series, episode) in every.items()
                if (series.id, episode.season)
                == (task.body["seriesId"], task.body.get("seasonNumber"))
                and episode.monitored
            ]
        else:
            wanted = list(task.body.get("episodeIds") or [])
        got = 0
        for number in wanted:
            if number not in every:
                raise TaskFailed(f"Episode with ID {number} does not exist")
            series, episode = every[number]
            item = episode.item
            if item is not None and not episode.file_id and self.indexers:
                self._fetch(series, episode, item)
                got += 1
        kind = task.name.removesuffix("Search")
        return f"{kind} search completed. {got} reports downloaded."


def season_flags(body: Mapping[str, Any]) -> dict[int, bool]:
    """Return which seasons a body says are monitored, by number."""
    return {
        each["seasonNumber"]: bool(body_flag(each, "monitored"))
        for each in body.get("seasons") or []
    }


def apply(series: ManagedSeries, monitor: str | None, now: datetime) -> None:
    """Monitor a new series' episodes; every word but ``skip`` overrides what its seasons say."""
    if monitor in _AS_SAID:
        return
    first, last = min(series.seasons, default=0), max(series.seasons, default=0)

    def wanted(episode: ManagedEpisode) -> bool:
        """Return whether an episode is monitored from now on."""
        aired = episode.aired is None or episode.aired <= now
        match monitor:
            case None:
                return not aired and series.seasons[episode.season]
            case "all" | "missing":
                return episode.season > 0
            case "existing":
                return episode.file_id > 0
            case "future":
                return not aired
            case "recent":
                return episode.aired is not None and episode.aired > now - _RECENT
            case "firstSeason":
                return episode.season == max(first, 1)
            case "lastSeason":
                return episode.season == last
            case "pilot":
                return (episode.season, episode.number) == (1, 1)
        return False

    for episode in series.episodes:
        episode.monitored = wanted(episode)
    match monitor:
        case None:
            return
        case "all" | "missing":
            series.seasons = {number: number > 0 for number in series.seasons}
        case "firstSeason":
            series.seasons = {one: one == max(first, 1) for one in series.seasons}
        case "lastSeason":
            series.seasons = {one: one == last for one in series.seasons}
        case _:
            series.seasons = dict.fromkeys(series.seasons, False)
    if monitor == "none":
        series.monitored = False
