"""Adding a title back to the simulators and to a real Radarr and Sonarr gives the same answers."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from simulators.arr.movies import ManagedMovie
from simulators.arr.server import ArrSimulator
from simulators.arr.shows import ManagedEpisode, ManagedSeries
from simulators.arr.tasks import Task

from .conftest import Client, Clock
from .recorded import recording
from .test_recorded_arr import Films, Shows, films, replay, same_shape, shows

__all__ = ["films", "shows"]

ADDED = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
MOVIE, SERIES = "/api/v3/movie", "/api/v3/series"


def known_film(films: Films, number: int, year: int) -> ManagedMovie:
    """Have Radarr's metadata know a film that it does not list."""
    title = f"Extra {number}"
    movie = ManagedMovie(
        0,
        title,
        year,
        number,
        f"tt{number:07}",
        f"/movies/{title} ({year})",
        ADDED,
    )
    films.radarr.listed[number] = movie
    return movie


def known_show(shows: Shows, number: int) -> ManagedSeries:
    """Have Sonarr's metadata know a series that it does not list: two seasons of four."""
    title = f"Extra Show {number}"
    series = ManagedSeries(
        0,
        title,
        2013,
        number,
        302060,
        f"tt900{number}",
        f"/tv/{title}",
        ADDED,
        seasons={1: True, 2: True},
    )
    series.episodes = [
        ManagedEpisode(
            0,
            0,
            number * 1000 + season * 100 + one,
            season,
            one,
            f"Episode {one}",
            datetime(2013, season, 10 + one, 20, tzinfo=UTC),
        )
        for season in (1, 2)
        for one in (1, 2, 3, 4)
    ]
    shows.sonarr.listed[number] = series
    return series


def like_a_movie(ours: Any, real: Any) -> None:
    """Assert that two movies have the same fields; a stub has no pictures and less to say."""
    assert set(ours) - {"certification"} == set(real) - {"certification"}
    for name in (
        "path",
        "qualityProfileId",
        "monitored",
        "tags",
        "minimumAvailability",
    ):
        assert ours[name] == real[name], name
    assert (ours["hasFile"], ours["movieFileId"]) == (real["hasFile"], 0)
    assert ours.get("addOptions") == real.get("addOptions")
    assert ours["tmdbId"] == real["tmdbId"]


@pytest.mark.parametrize(
    "name",
    [
        "add-back",
        "add-minimal",
        "add-excluded",
        "add-folder-has-file",
        "add-path-outside-roots",
        "add-root-missing-on-disk",
        "add-unknown-tag",
    ],
)
async def test_radarr_adds(films: Films, ask: Client, name: str) -> None:
    """Whatever is wrong with its folder or its tags, a movie is added as recorded."""
    real = recording(f"radarr/12-movie-{name}.json")
    number = real["request"]["body"]["tmdbId"]
    known_film(films, number, real["body"]["year"])
    films.radarr.tags.ids(["one", "two", "three"])
    if name == "add-excluded":
        films.radarr.exclude(number, "Extra", 2012)
    if name == "add-folder-has-file":
        films.house.disk.write("/movies/Extra 1072 (2012)/Extra.mkv", 5, ADDED)
    if name == "add-root-missing-on-disk":
        films.house.disk.unmount("/movies")
    async with films.radarr as radarr:
        ours = await replay(radarr, ask, real, fields=False)
        like_a_movie(ours, real["body"])
        after = (await ask(radarr, f"{MOVIE}/{ours['id']}")).body
        assert "addOptions" not in after
        assert after["hasFile"] is (name == "add-folder-has-file")
        assert radarr.excluded(number) is (name == "add-excluded")
        refresh, *rest = radarr.tasks.all.values()
        assert (refresh.name, refresh.trigger) == ("RefreshMovie", "unspecified")
        options = real["request"]["body"].get("addOptions") or {}
        assert [one.name for one in rest] == (
            ["MoviesSearch"] if options.get("searchForMovie") else []
        )


@pytest.mark.parametrize(
    "name",
    [
        "add-path-taken",
        "add-profile-zero",
        "add-root-unknown",
        "add-twice",
        "add-twice-other-path",
        "add-unknown-profile",
        "add-unknown-tmdb",
        "add-metadata-down",
    ],
)
async def test_radarr_refuses_to_add(films: Films, ask: Client, name: str) -> None:
    """What is wrong with the title itself is refused as recorded, and nothing is added."""
    real = recording(f"radarr/12-movie-{name}.json")
    known_film(films, 1071, 2011)
    there = films.numbered(70)
    there.tmdb_id, there.path = 1070, "/movies/My own folder 1070"
    films.radarr.unknown_titles = {4711}
    films.radarr.metadata_down = name == "add-metadata-down"
    if films.radarr.metadata_down:
        del films.radarr.movies[there.id]
    before = set(films.radarr.movies)
    async with films.radarr as radarr:
        ours = await replay(radarr, ask, real)
        assert set(radarr.movies) == before
        if isinstance(ours, list):
            for mine, theirs in zip(ours, real["body"], strict=True):
                assert mine == theirs


async def test_radarr_adds_once(films: Films, ask: Client) -> None:
    """Of two additions at the same moment the later one violates a constraint."""
    real = recording("radarr/12-movie-add-concurrent-new.json")
    known_film(films, 1061, 2011)
    films.radarr.metadata_delay = 0.02
    body = real["request"]["body"]
    async with films.radarr as radarr:
        first, second = await asyncio.gather(
            *(ask(radarr, MOVIE, "POST", body=body) for _ in range(2))
        )
        assert sorted((first.status, second.status)) == [201, 409]
        refused = first if first.status == 409 else second
        assert refused.body["message"] == real["body"]["message"]
        assert [one.tmdb_id for one in radarr.movies.values()].count(1061) == 1


async def test_radarr_exclusions(films: Films, ask: Client) -> None:
    """An exclusion is a row with a number of its own."""
    for number in range(1, 9):
        films.radarr.exclude(2000 + number, "Other", 2000)
    films.radarr.exclusions = [
        one for one in films.radarr.exclusions if one.id in (4, 5, 6, 7, 8)
    ]
    films.radarr.exclusions[-1].provider_id = 1072
    films.radarr.exclusions[-1].title = "Extra 1072"
    films.radarr.exclusions[-1].year = 2012
    async with films.radarr as radarr:
        for name in (
            "exclusions-paged",
            "exclusion-get",
            "exclusion-get-unknown",
            "exclusion-add-twice",
            "exclusion-bulk-delete-unknown",
        ):
            ours = await replay(radarr, ask, recording(f"radarr/12-{name}.json"))
            if name == "exclusion-get":
                assert ours == recording(f"radarr/12-{name}.json")["body"]
        for name in ("exclusion-delete", "exclusion-delete-unknown"):
            real = recording(f"radarr/12-{name}.json")
            reply = await ask(radarr, real["request"]["path"], "DELETE")
            assert (reply.status, reply.body) == (200, None)
        assert not radarr.excluded(1072)


async def test_radarr_commands(films: Films, ask: Client) -> None:
    """A search is queued, completed with or without an indexer, and fails for a movie that is gone."""
    films.numbered(107)
    films.numbered(127)
    for number in (107, 127):
        films.radarr.movies[number].file = None
    films.radarr.movies[127].monitored = False
    films.radarr.indexers = False
    async with films.radarr as radarr:
        asked = recording("radarr/12-command-moviessearch.json")
        number = (await replay(radarr, ask, asked))["id"]
        done = recording("radarr/12-command-moviessearch-completed.json")
        await _ended(radarr, ask, done, number)
        body = {"name": "moviessearch", "movieIds": [99999]}
        number = (await ask(radarr, "/api/v3/command", "POST", body=body)).body["id"]
        failed = recording("radarr/12-command-moviessearch-unknown-id.json")
        await _ended(radarr, ask, failed, number)
        task = radarr.queue_task("MoviesSearch", {"movieIds": [127]}, "unspecified")
        radarr.work()
        zero = recording(
            "radarr/12-command-moviessearch-by-addoptions-unmonitored.json"
        )
        await _ended(radarr, ask, zero, task.id)
        await replay(radarr, ask, recording("radarr/12-command-unknown-id.json"))
        unknown = await ask(
            radarr, "/api/v3/command", "POST", body={"name": "NoSuchThing"}
        )
        assert (unknown.status, unknown.body["message"]) == (
            500,
            "Sequence contains no matching element",
        )


async def _ended(server: ArrSimulator, ask: Client, real: Any, number: int) -> None:
    """Compare a command that has ended with a recorded one."""
    ours = (await ask(server, f"/api/v3/command/{number}")).body
    same_shape(ours, real["body"])
    for name in ("message", "status", "result", "trigger"):
        assert ours[name] == real["body"][name]
    if "exception" in real["body"]:
        message = real["body"]["exception"].partition(": ")[2]
        assert ours["exception"] in real["body"]["exception"] or message.startswith(
            ours["exception"].partition("\n")[0]
        )


async def test_the_same_command_waits_once(films: Films, ask: Client) -> None:
    """While others keep Radarr busy the same command has the same number."""
    async with films.radarr as radarr:
        radarr.tasks.busy = True
        body = {"name": "MoviesSearch", "movieIds": [1]}
        first, second = [
            (await ask(radarr, "/api/v3/command", "POST", body=body)).body["id"]
            for _ in range(2)
        ]
        assert first == second
        radarr.tasks.busy = False
        radarr.work()
        again = (await ask(radarr, "/api/v3/command", "POST", body=body)).body["id"]
        assert again != first


async def test_radarr_monitors(films: Films, ask: Client) -> None:
    """An entry without a file is monitored again by the editor."""
    films.numbered(107)
    async with films.radarr as radarr:
        real = recording("radarr/12-editor-monitor.json")
        ours = await replay(radarr, ask, real, fields=False)
        assert ours[0]["monitored"] is True
        await replay(radarr, ask, recording("radarr/12-editor-monitor-unknown-id.json"))


# -- Sonarr ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add-back", "add-minimal", "add-other-title"])
async def test_sonarr_adds(shows: Shows, ask: Client, name: str) -> None:
    """A series is added without episodes; its refresh makes them."""
    real = recording(f"sonarr/12-series-{name}.json")
    number = real["request"]["body"]["tvdbId"]
    known_show(shows, number)
    async with shows.sonarr as sonarr:
        sonarr.tasks.busy = True
        ours = await replay(sonarr, ask, real, fields=False)
        assert set(ours) - {"previousAiring"} <= set(real["body"])
        for one in (
            "addOptions",
            "monitored",
            "monitorNewItems",
            "path",
            "qualityProfileId",
            "seasonFolder",
            "seasons",
            "seriesType",
            "statistics",
            "tags",
            "title",
            "tvdbId",
        ):
            assert ours.get(one) == real["body"].get(one), one
        episodes = f"/api/v3/episode?seriesId={ours['id']}"
        assert (await ask(sonarr, episodes)).body == []
        sonarr.tasks.busy = False
        sonarr.work()
        flags = {
            (row["seasonNumber"], row["monitored"])
            for row in (await ask(sonarr, episodes)).body
        }
        if name == "add-back":
            assert flags == {(1, False), (2, True)}
            listed = recording("sonarr/12-episode-list-after-add-back.json")
            rows = (await ask(sonarr, episodes)).body
            assert [(one["seasonNumber"], one["episodeNumber"]) for one in rows] == [
                (one["seasonNumber"], one["episodeNumber"]) for one in listed["body"]
            ]
            same_shape(rows, listed["body"])
        else:
            # Without options nothing that has been on the air is monitored.
            assert flags == {(1, False), (2, False)}


@pytest.mark.parametrize(
    "name",
    [
        "add-no-title",
        "add-path-taken",
        "add-root-unknown",
        "add-twice",
        "add-unknown-profile",
        "add-unknown-tvdb",
        "add-metadata-down",
    ],
)
async def test_sonarr_refuses_to_add(shows: Shows, ask: Client, name: str) -> None:
    """What is wrong with the series itself is refused as recorded."""
    real = recording(f"sonarr/12-series-{name}.json")
    for number in (2061, 2062):
        known_show(shows, number)
    there = shows.numbered(37)
    there.tvdb_id, there.path = 2060, "/tv/My show 2060"
    shows.sonarr.unknown_titles = {4711}
    shows.sonarr.metadata_down = name == "add-metadata-down"
    if shows.sonarr.metadata_down:
        del shows.sonarr.series[37]
    before = set(shows.sonarr.series)
    async with shows.sonarr as sonarr:
        ours = await replay(sonarr, ask, real)
        assert set(sonarr.series) == before
        if isinstance(ours, list):
            assert ours == real["body"]


@pytest.mark.parametrize(
    ("monitor", "seasons", "episodes", "series"),
    [
        ("skip", (False, True), (False, True), True),
        (None, (False, True), (False, True), True),
        ("no options", (False, True), (False, False), True),
        ("all", (True, True), (True, True), True),
        ("none", (False, False), (False, False), False),
        ("existing", (False, False), (False, False), True),
        ("future", (False, False), (False, False), True),
        ("firstSeason", (True, False), (True, False), True),
        ("lastSeason", (False, True), (False, True), True),
    ],
)
async def test_what_a_new_series_monitors(
    shows: Shows,
    ask: Client,
    monitor: str | None,
    seasons: tuple[bool, bool],
    episodes: tuple[bool, bool],
    series: bool,
) -> None:
    """Every word but ``skip`` overrides what the seasons say, as seen on a running server."""
    known_show(shows, 2060)
    body = {
        "tvdbId": 2060,
        "title": "x",
        "qualityProfileId": 1,
        "rootFolderPath": "/tv",
        "monitored": True,
        "seasons": [
            {"seasonNumber": 1, "monitored": False},
            {"seasonNumber": 2, "monitored": True},
        ],
    }
    if monitor != "no options":
        body["addOptions"] = {"monitor": monitor} if monitor else {}
    async with shows.sonarr as sonarr:
        number = (await ask(sonarr, SERIES, "POST", body=body)).body["id"]
        after = (await ask(sonarr, f"{SERIES}/{number}")).body
        assert tuple(one["monitored"] for one in after["seasons"]) == seasons
        rows = (await ask(sonarr, f"/api/v3/episode?seriesId={number}")).body
        for season, wanted in zip((1, 2), episodes, strict=True):
            flags = {one["monitored"] for one in rows if one["seasonNumber"] == season}
            assert flags == {wanted}
        assert after["monitored"] is series


async def test_a_series_that_cannot_be_read(shows: Shows, ask: Client) -> None:
    """Its options are gone, it has no episodes, and a later refresh monitors none."""
    known_show(shows, 2062)
    body = {
        "tvdbId": 2062,
        "title": "x",
        "qualityProfileId": 1,
        "rootFolderPath": "/tv",
        "addOptions": {"monitor": "skip"},
    }
    async with shows.sonarr as sonarr:
        sonarr.tasks.busy = True
        number = (await ask(sonarr, SERIES, "POST", body=body)).body["id"]
        sonarr.metadata_down, sonarr.tasks.busy = True, False
        sonarr.work()
        (task,) = sonarr.tasks.all.values()
        real = recording("sonarr/12-command-refreshseries-failed.json")
        await _failed(sonarr, ask, real, task)
        after = (await ask(sonarr, f"{SERIES}/{number}")).body
        assert "addOptions" not in after
        rows = f"/api/v3/episode?seriesId={number}"
        assert (await ask(sonarr, rows)).body == []
        sonarr.metadata_down = False
        again = {"name": "RefreshSeries", "seriesIds": [number]}
        await ask(sonarr, "/api/v3/command", "POST", body=again)
        assert {one["monitored"] for one in (await ask(sonarr, rows)).body} == {False}


async def _failed(server: ArrSimulator, ask: Client, real: Any, task: Task) -> None:
    """Compare a refresh that has failed with the recorded one."""
    ours = (await ask(server, f"/api/v3/command/{task.id}")).body
    same_shape(ours, real["body"])
    assert (ours["status"], ours["result"]) == ("failed", "unknown")


async def test_sonarr_commands(shows: Shows, ask: Client) -> None:
    """Searches for episodes and seasons, and for an episode that is gone."""
    series = shows.numbered(38)
    for row, number in zip(series.episodes, range(280, 288), strict=False):
        row.id = number
    shows.sonarr.indexers = False
    async with shows.sonarr as sonarr:
        for asked, done in (
            ("12-episodesearch", "12-episodesearch-completed"),
            ("12-seasonsearch", "12-seasonsearch-completed"),
        ):
            real = recording(f"sonarr/{asked}.json")
            real["request"]["body"].pop("episodeIds", None)
            if asked == "12-episodesearch":
                real["request"]["body"]["episodeIds"] = [281, 284]
            # It was queued for us, and had begun already for the recording.
            for name in ("started", "stateChangeTime"):
                real["body"].pop(name, None)
            number = (await replay(sonarr, ask, real))["id"]
            await _ended(sonarr, ask, recording(f"sonarr/{done}.json"), number)
        body = {"name": "EpisodeSearch", "episodeIds": [999999]}
        number = (await ask(sonarr, "/api/v3/command", "POST", body=body)).body["id"]
        failed = recording("sonarr/12-episodesearch-unknown-id.json")
        await _ended(sonarr, ask, failed, number)
        refresh = sonarr.queue_task("RefreshSeries", {"seriesIds": [38]}, "unspecified")
        sonarr.work()
        ours = (await ask(sonarr, f"/api/v3/command/{refresh.id}")).body
        real = recording("sonarr/12-command-refreshseries-completed.json")["body"]
        real["body"].pop("isNewSeries")
        same_shape(ours, real)


async def test_sonarr_exclusions(shows: Shows, ask: Client) -> None:
    """As Radarr's, below another path."""
    for number in range(1, 6):
        shows.sonarr.exclude(2000 + number, "Other", 0)
    async with shows.sonarr as sonarr:
        for name in ("get", "paged"):
            await replay(
                sonarr, ask, recording(f"sonarr/12-importlistexclusion-{name}.json")
            )
        unknown = await ask(sonarr, "/api/v3/importlistexclusion/99999")
        assert unknown.status == 404
        for name in ("delete", "delete-unknown"):
            real = recording(f"sonarr/12-importlistexclusion-{name}.json")
            reply = await ask(sonarr, real["request"]["path"], "DELETE")
            assert (reply.status, reply.body) == (200, None)
        assert not sonarr.excluded(2005)


async def test_tags_that_nothing_uses_go(clock: Clock, ask: Client) -> None:
    """Housekeeping takes them, and the same label gets another number."""
    films = Films(clock)
    async with films.radarr as radarr:
        radarr.remove([radarr.movies[1]])
        await ask(radarr, "/api/v3/command", "POST", body={"name": "Housekeeping"})
        assert (await ask(radarr, "/api/v3/tag")).body == []
        made = await ask(radarr, "/api/v3/tag", "POST", body={"label": "keep"})
        assert made.body == {"label": "keep", "id": 2}


async def test_profiles(films: Films, ask: Client) -> None:
    """All quality profiles, by number."""
    async with films.radarr as radarr:
        rows = (await ask(radarr, "/api/v3/qualityprofile")).body
        assert [one["id"] for one in rows] == [1, 4, 6]
