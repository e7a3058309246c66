"""Sonarr: recorded, invented and misbehaving."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.model import (
    ArrEpisode,
    ArrFile,
    ArrSeries,
    RecycleBin,
    RootFolder,
)
from custom_components.oxicleanarr.servers import (
    BadAnswer,
    Conflict,
    NotFound,
    ServerError,
    Sonarr,
    Unavailable,
)

from .conftest import ScriptedServer, always, as_json, recorded

KEY = "k3y-of-sonarr"
API = "/api/v3"


@pytest.fixture
def sonarr(session: aiohttp.ClientSession, server: ScriptedServer) -> Sonarr:
    """Return a client of the scripted server."""
    return Sonarr(session, server.url, KEY, timeout=5)


def safe(err: ServerError) -> bool:
    """Return whether an error's text says nothing that it should not."""
    return not any(part in f"{err} {err!r}" for part in (KEY, "trace", "127.0.0.1"))


async def test_check_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """A real one is recognised, also behind an url base; a Radarr is named."""
    path = f"{API}/system/status"
    server.on(path, recorded("sonarr", "01-system-status"))
    info = await sonarr.check()
    assert (info.app, info.version, info.name) == ("Sonarr", "4.0.19.2979", "Sonarr")
    server.on(path, recorded("radarr", "01-system-status"))
    with pytest.raises(BadAnswer, match="Radarr answers") as caught:
        await sonarr.check()
    assert (caught.value.reason, caught.value.found) == ("other_server", "Radarr")
    server.on(path, recorded("sonarr", "01-urlbase-redirect"))
    with pytest.raises(BadAnswer) as caught:
        await sonarr.check()
    assert caught.value.reason == "redirect"


async def test_series_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """With ids, sizes of seasons, and whether it goes on."""
    server.on(f"{API}/series", recorded("sonarr", "02-series-list"))
    found = await sonarr.series()
    assert found[0] == ArrSeries(
        title_id=1,
        title="Alpha Show",
        year=2011,
        provider_ids={"tvdb": "1001", "tmdb": "1008", "imdb": "tt0001001"},
        path="/tv/Alpha Show",
        root_folder="/tv",
        monitored=True,
        has_file=True,
        size_bytes=9012,
        added_at=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
        tag_ids=frozenset({1}),
        continuing=False,
        episode_file_count=6,
        season_sizes={1: 3006, 2: 6006},
    )
    assert [one.continuing for one in found[:2]] == [False, True]
    assert server.requests[0].query == {}
    again = await sonarr.series()
    assert found == again


async def test_one_series_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """A running one without a file."""
    server.on(
        f"{API}/series/54", recorded("sonarr", "02-series-continuing-with-specials")
    )
    series = await sonarr.series_by_id(54)
    assert (series.continuing, series.has_file) == (True, False)
    assert series.season_sizes == {0: 0, 1: 0, 2: 0}


@pytest.mark.parametrize(
    ("row", "continuing"),
    [
        ({}, None),
        ({"ended": True}, False),
        ({"ended": False}, None),
        ({"status": "ended", "ended": True}, False),
        ({"status": "continuing", "ended": False}, True),
        ({"status": "upcoming", "ended": False}, True),
        ({"status": "deleted", "ended": False}, None),
        ({"status": "deleted", "ended": True}, None),
        ({"status": "something new"}, None),
        ({"status": "ended", "nextAiring": "2027-01-01T00:00:00Z"}, True),
    ],
)
async def test_continuing(
    sonarr: Sonarr,
    server: ScriptedServer,
    row: dict[str, object],
    continuing: bool | None,
) -> None:
    """What Sonarr does not know is unknown; a date to come beats a status."""
    server.on(f"{API}/series", always([{"id": 1, **row}]))
    assert [one.continuing for one in await sonarr.series()] == [continuing]


async def test_what_a_server_does_not_say(
    sonarr: Sonarr, server: ScriptedServer
) -> None:
    """Statistics, seasons and flags may be missing: unknown, not no."""
    server.on(
        f"{API}/series",
        always(
            [
                {"id": 1},
                {
                    "id": 2,
                    "tvdbId": 0,
                    "seasons": [{"seasonNumber": 1}, {"statistics": {"sizeOnDisk": 1}}],
                },
            ]
        ),
    )
    assert await sonarr.series() == [
        ArrSeries(title_id=1, title=""),
        ArrSeries(title_id=2, title=""),
    ]
    server.on(
        f"{API}/episode",
        always(
            [{"id": 1}, {"id": 2, "episodeFileId": 0}, {"id": 3, "episodeFileId": 9}]
        ),
    )
    bare, none, held = await sonarr.episodes(1)
    assert bare == ArrEpisode(episode_id=1, series_id=None, season=None, episode=None)
    assert (none.file_id, none.has_file) == (None, False)
    assert (held.file_id, held.has_file) == (9, True)


async def test_one_series(sonarr: Sonarr, server: ScriptedServer) -> None:
    """It is the one that was asked for, or there is none."""
    server.on(f"{API}/series/8", always({"id": 7}))
    server.on(f"{API}/series/9", always({"message": "?"}))
    for series_id in (8, 9):
        with pytest.raises(BadAnswer) as caught:
            await sonarr.series_by_id(series_id)
        assert caught.value.reason == "shape"
    with pytest.raises(NotFound):
        await sonarr.series_by_id(10)


async def test_episodes_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """With their files, which two of them may share."""
    server.on(f"{API}/episode", recorded("sonarr", "02-episode-list"))
    found = await sonarr.episodes(1)
    assert len(found) == 6
    assert found[3] == ArrEpisode(
        episode_id=4,
        series_id=1,
        season=2,
        episode=1,
        file_id=4,
        has_file=True,
        monitored=True,
        aired_at=datetime(2012, 3, 1, 20, tzinfo=UTC),
    )
    assert server.requests[0].query == {"seriesId": "1", "includeEpisodeFile": "false"}
    with pytest.raises(BadAnswer) as caught:
        await sonarr.episodes(2)
    assert caught.value.reason == "shape"


async def test_files_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """Each once, also one with two episodes; of another series none."""
    server.on(f"{API}/episodefile", recorded("sonarr", "02-episodefile-two-episodes"))
    found = await sonarr.episode_files(3)
    assert [file.file_id for file in found] == [10, 11]
    assert found[0] == ArrFile(
        file_id=10,
        path="/tv/Gamma Double/Season 01/Gamma Double - S01E01-E02.mkv",
        size_bytes=2000,
        added_at=datetime(2024, 2, 4, 5, 6, 7, tzinfo=UTC),
        season=1,
    )
    with pytest.raises(BadAnswer) as caught:
        await sonarr.episode_files(4)
    assert caught.value.reason == "shape"
    server.on(f"{API}/episodefile", always([{"id": 1}, {"id": 1}]))
    assert len(await sonarr.episode_files(4)) == 1


async def test_episodes_and_files(sonarr: Sonarr, server: ScriptedServer) -> None:
    """One request, or two if Sonarr keeps the files to itself."""
    file = {"id": 5, "path": "/tv/Foo/1-2.mkv", "size": 7}
    rows: list[dict[str, object]] = [
        {"id": 1, "seriesId": 3, "episodeFileId": 5, "episodeFile": file},
        {"id": 2, "seriesId": 3, "episodeFileId": 5, "episodeFile": file},
        {"id": 3, "seriesId": 3, "episodeFileId": 0, "hasFile": False},
    ]
    server.on(f"{API}/episode", always(rows))
    episodes, files = await sonarr.episodes_and_files(3)
    assert [one.file_id for one in episodes] == [5, 5, None]
    assert files == [ArrFile(file_id=5, path="/tv/Foo/1-2.mkv", size_bytes=7)]
    assert [request.query["includeEpisodeFile"] for request in server.requests] == [
        "true"
    ]
    for row in rows:
        row.pop("episodeFile", None)
    server.on(f"{API}/episode", always(rows))
    server.on(f"{API}/episodefile", always([file]))
    assert (await sonarr.episodes_and_files(3))[1] == files
    assert len(server.requests) == 3
    with pytest.raises(BadAnswer):
        await sonarr.episodes_and_files(4)


async def test_small_reads_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """Root folders, recycle bin, exclusions and the queue of a season pack."""
    server.on(f"{API}/rootfolder", recorded("sonarr", "11-rootfolder-missing"))
    assert (await sonarr.root_folders())[1] == RootFolder(path="/tvZ", accessible=False)
    server.on(
        f"{API}/config/mediamanagement", recorded("sonarr", "10-config-mediamanagement")
    )
    assert await sonarr.recycle_bin() == RecycleBin(path="", keep_days=7)
    server.on(
        f"{API}/importlistexclusion", recorded("sonarr", "07-importlistexclusion")
    )
    assert await sonarr.exclusions() == {1: 5001}
    server.on(f"{API}/queue", recorded("sonarr", "11-queue-items"))
    assert await sonarr.queue() == {(59, 332), (59, 333), (59, 334)}


async def test_queue_without_episodes(sonarr: Sonarr, server: ScriptedServer) -> None:
    """Then it may be any episode of the series; what is nobody's does not count."""
    records = [{"seriesId": 5}, {"id": 1}, {"seriesId": 5, "episodeId": 2}]
    server.on(f"{API}/queue", always({"totalRecords": 3, "records": records}))
    assert await sonarr.queue() == {(5, None), (5, 2)}


async def test_unmonitor_episodes(sonarr: Sonarr, server: ScriptedServer) -> None:
    """Exactly these, each once; the answer has to show them all, of one series."""
    path = f"{API}/episode/monitor"

    def rows(*ids: int, series: int = 14, monitored: bool = False) -> web.Response:
        return as_json(
            [{"id": n, "seriesId": series, "monitored": monitored} for n in ids], 202
        )

    server.on(path, lambda _: rows(67, 68))
    await sonarr.set_episodes_monitored([68, 67, 68], False)
    assert server.requests[0].method == "PUT"
    assert json.loads(server.bodies[0]) == {"episodeIds": [67, 68], "monitored": False}
    await sonarr.set_episodes_monitored([], False)
    assert len(server.requests) == 1
    mixed = [
        {"id": 67, "seriesId": 14, "monitored": False},
        {"id": 68, "seriesId": 1, "monitored": False},
    ]
    for answer, reason in (
        (lambda _: rows(67), "incomplete"),
        (lambda _: rows(67, 68, monitored=True), "incomplete"),
        (lambda _: as_json(mixed, 202), "shape"),
    ):
        server.on(path, answer)
        with pytest.raises(BadAnswer) as caught:
            await sonarr.set_episodes_monitored([67, 68], False)
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    "name", ["03-episode-monitor-known-and-unknown", "03-episode-monitor-unknown"]
)
async def test_unmonitor_recorded(
    sonarr: Sonarr, server: ScriptedServer, name: str
) -> None:
    """An unknown id is not found, whichever way Sonarr says it."""
    path = f"{API}/episode/monitor"
    server.on(path, recorded("sonarr", "03-episode-monitor"))
    await sonarr.set_episodes_monitored({67, 68}, False)
    server.on(path, recorded("sonarr", name))
    with pytest.raises(NotFound) as caught:
        await sonarr.set_episodes_monitored([67, 68, 99999], False)
    assert safe(caught.value)


async def test_unmonitor_series(sonarr: Sonarr, server: ScriptedServer) -> None:
    """By the editor, which leaves seasons and episodes alone."""
    path = f"{API}/series/editor"
    server.on(path, lambda _: as_json([{"id": 3, "monitored": True}], 202))
    await sonarr.set_series_monitored(3, True)
    assert json.loads(server.bodies[0]) == {"seriesIds": [3], "monitored": True}
    with pytest.raises(BadAnswer):
        await sonarr.set_series_monitored(3, False)


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("05-episodefile-root-missing", Conflict, "root_folder_missing"),
        ("05-episodefile-root-empty", Conflict, "root_folder_empty"),
        ("05-episodefile-delete-undeletable", Conflict, "not_removable"),
        ("05-episodefile-delete-unknown", NotFound, "not_found"),
    ],
)
async def test_delete_file_recorded(
    sonarr: Sonarr,
    server: ScriptedServer,
    name: str,
    error: type[ServerError],
    reason: str,
) -> None:
    """Its ways of refusing are told apart."""
    server.on(f"{API}/episodefile/24", recorded("sonarr", "05-episodefile-delete"))
    await sonarr.delete_file(24)
    server.on(f"{API}/episodefile/24", recorded("sonarr", name))
    with pytest.raises(error) as caught:
        await sonarr.delete_file(24)
    assert caught.value.reason == reason
    assert safe(caught.value)
    assert [request.method for request in server.requests] == ["DELETE", "DELETE"]


@pytest.mark.parametrize("exclude", [True, False])
async def test_delete_series(
    sonarr: Sonarr, server: ScriptedServer, exclude: bool
) -> None:
    """The flag has another name than Radarr's, which Sonarr would ignore."""
    server.on(f"{API}/series/22", lambda _: web.Response())
    await sonarr.delete_series(22, add_import_list_exclusion=exclude)
    (request,) = server.requests
    assert request.method == "DELETE"
    assert request.query == {
        "deleteFiles": "true",
        "addImportListExclusion": str(exclude).lower(),
    }


async def test_delete_series_recorded(sonarr: Sonarr, server: ScriptedServer) -> None:
    """A second time it answers 500, which is "not found" all the same."""
    path = f"{API}/series/22"
    server.on(path, recorded("sonarr", "07-series-delete-files-exclusion"))
    await sonarr.delete_series(22, add_import_list_exclusion=True)
    server.on(path, recorded("sonarr", "07-series-delete-repeated"))
    with pytest.raises(NotFound) as caught:
        await sonarr.delete_series(22, add_import_list_exclusion=True)
    assert caught.value.status == 500
    assert safe(caught.value)


async def test_changes_are_sent_once(
    sonarr: Sonarr, server: ScriptedServer, waits: list[float]
) -> None:
    """A lost connection is not answered with a second try."""
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "episode/monitor": lambda: sonarr.set_episodes_monitored([1], False),
        "series/editor": lambda: sonarr.set_series_monitored(1, False),
        "episodefile/1": lambda: sonarr.delete_file(1),
        "series/1": lambda: sonarr.delete_series(1, add_import_list_exclusion=True),
    }
    for path, call in calls.items():
        server.on(f"{API}/{path}", lambda _: None)
        with pytest.raises(Unavailable) as caught:
            await call()
        assert caught.value.reason == "lost"
    assert len(server.requests) == len(calls)
    assert waits == []


@pytest.mark.parametrize("bad", [0, -1, True, "1", None])
async def test_what_is_not_an_id_is_not_sent(
    sonarr: Sonarr, server: ScriptedServer, bad: int
) -> None:
    """Without an id these calls would mean something else."""
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: sonarr.series_by_id(bad),
        lambda: sonarr.episodes(bad),
        lambda: sonarr.episode_files(bad),
        lambda: sonarr.episodes_and_files(bad),
        lambda: sonarr.set_episodes_monitored([1, bad], False),
        lambda: sonarr.set_series_monitored(bad, False),
        lambda: sonarr.delete_file(bad),
        lambda: sonarr.delete_series(bad, add_import_list_exclusion=True),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="not an id"):
            await call()
    assert server.requests == []
