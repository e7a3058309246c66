"""Radarr: recorded, invented and misbehaving."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.model import (
    AppInfo,
    ArrFile,
    ArrMovie,
    RecycleBin,
    RootFolder,
)
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    NotFound,
    Radarr,
    ServerError,
    Unavailable,
)

from .conftest import ScriptedServer, always, as_json, recorded

KEY = "k3y-of-radarr"
TRACE = "at NzbDrone.Core.MediaFiles.Secret.cs:line 42"
API = "/api/v3"
STATUS = {"appName": "Radarr", "version": "6.1.0.1", "instanceName": "Radarr 4K"}


@pytest.fixture
def radarr(session: aiohttp.ClientSession, server: ScriptedServer) -> Radarr:
    """Return a client of the scripted server."""
    return Radarr(session, server.url, KEY, timeout=5)


def failing(message: str, status: int) -> Callable[[web.BaseRequest], web.Response]:
    """Return an error as the *arr write it, with its stack trace."""
    return lambda _: as_json({"message": message, "description": TRACE}, status)


def safe(err: ServerError) -> bool:
    """Return whether an error's text says nothing that it should not."""
    return not any(
        part in f"{err} {err!r}" for part in (KEY, TRACE, "NzbDrone", "127.0.0.1")
    )


async def test_check(radarr: Radarr, server: ScriptedServer) -> None:
    """It says who it is; the key is in its header alone."""
    server.on(f"{API}/system/status", always({**STATUS, "urlBase": "/radarr"}))
    assert await radarr.check() == AppInfo(
        app="Radarr", version="6.1.0.1", name="Radarr 4K", url_base="/radarr"
    )
    assert server.requests[0].headers["X-Api-Key"] == KEY
    assert KEY not in str(server.requests[0].rel_url)


async def test_check_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """A real one is recognised, and its two ways of refusing a key."""
    path = f"{API}/system/status"
    server.on(path, recorded("radarr", "01-system-status"))
    assert (await radarr.check()).version == "6.1.0.10000"
    for name in ("01-system-status-no-key", "01-system-status-wrong-key"):
        server.on(path, recorded("radarr", name))
        with pytest.raises(AuthenticationFailed) as caught:
            await radarr.check()
        assert caught.value.reason == "key"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (always({**STATUS, "appName": "Sonarr"}), "Sonarr"),
        (always({**STATUS, "appName": f"<b>{TRACE}</b>"}), ""),
        (always({**STATUS, "appName": None}), ""),
        (always({"version": "6.1.0.1"}), ""),
        (always({}, 404), ""),
    ],
)
async def test_other_servers(
    radarr: Radarr,
    server: ScriptedServer,
    answer: Callable[[web.BaseRequest], object],
    found: str,
) -> None:
    """What answers instead is named if it has a name."""
    server.on(f"{API}/system/status", answer)
    with pytest.raises(BadAnswer) as caught:
        await radarr.check()
    assert caught.value.reason == "other_server"
    assert caught.value.found == found
    assert (found or "something else") in str(caught.value)
    assert safe(caught.value)


async def test_sonarr_given_as_radarr(radarr: Radarr, server: ScriptedServer) -> None:
    """The two are easily swapped."""
    server.on(f"{API}/system/status", recorded("sonarr", "01-system-status"))
    with pytest.raises(BadAnswer, match="Sonarr answers") as caught:
        await radarr.check()
    assert caught.value.found == "Sonarr"


async def test_url_base(session: aiohttp.ClientSession, server: ScriptedServer) -> None:
    """Without its url base the server points elsewhere; with it, it answers."""
    server.on(
        f"{API}/system/status",
        lambda _: web.Response(
            status=307, headers={"Location": f"/radarr{API}/system/status"}
        ),
    )
    server.on(f"/radarr{API}/system/status", always(STATUS))
    with pytest.raises(BadAnswer) as caught:
        await Radarr(session, server.url, KEY).check()
    assert caught.value.reason == "redirect"
    assert (await Radarr(session, server.url + "/radarr/", KEY).check()).app == "Radarr"


async def test_movies_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """With a file and a tag, with a file, without one, without a folder."""
    server.on(f"{API}/movie", recorded("radarr", "02-movie-list"))
    server.on(f"{API}/tag", always([{"id": 1, "label": "keep"}]))
    first, second, third, fourth = await radarr.movies()
    assert first == ArrMovie(
        title_id=1,
        title="Alpha Road",
        year=1999,
        provider_ids={"tmdb": "1001", "imdb": "tt0001001"},
        path="/movies/Alpha Road (1999)",
        root_folder="/movies",
        monitored=True,
        has_file=True,
        size_bytes=4096,
        added_at=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
        tag_ids=frozenset({1}),
        file=ArrFile(
            file_id=1,
            path="/movies/Alpha Road (1999)/Alpha Road (1999) Bluray-1080p.mkv",
            size_bytes=4096,
            added_at=datetime(2024, 2, 4, 5, 6, 7, tzinfo=UTC),
        ),
    )
    assert second.tag_ids == frozenset()
    assert (third.has_file, third.file, third.monitored) == (False, None, True)
    assert (fourth.has_file, fourth.file, fourth.monitored) == (False, None, False)
    assert first.tags(await radarr.tags()) == frozenset({"keep"})
    assert server.requests[0].query == {"excludeLocalCovers": "true"}


async def test_what_a_server_does_not_say(
    radarr: Radarr, server: ScriptedServer
) -> None:
    """It is unknown, not no; ids of 0 are no ids."""
    server.on(
        f"{API}/movie",
        always(
            [
                {"id": 1},
                {"id": 2, "tmdbId": 0, "imdbId": "", "movieFileId": 0, "year": 0},
                {"id": 3, "hasFile": True, "movieFileId": 7, "tags": [1, None]},
                {
                    "id": 4,
                    "movieFileId": 7,
                    "path": "D:\\Films\\Four",
                    "movieFile": {"id": 7, "relativePath": "four.mkv", "size": 9},
                    "tags": [1, 5],
                },
                {"id": 5, "statistics": {"sizeOnDisk": 3}},
                {"id": 6, "path": "/m", "movieFile": {"id": 1, "relativePath": "a.b"}},
            ]
        ),
    )
    bare, none, vague, windows, counted, joined = await radarr.movies()
    assert bare == ArrMovie(title_id=1, title="")
    assert bare.tags({1: "a"}) is None
    assert (none.provider_ids, none.has_file, none.year) == ({}, False, None)
    assert (vague.has_file, vague.file, vague.tag_ids) == (True, None, None)
    assert windows.has_file is True
    assert windows.size_bytes == 9
    assert windows.file is not None
    assert windows.file.path == "D:\\Films\\Four\\four.mkv"
    assert windows.tags({1: "a"}) is None
    assert windows.tags({1: "a", 5: "b", 6: "c"}) == frozenset({"a", "b"})
    assert counted.size_bytes == 3
    assert joined.file is not None
    assert joined.file.path == "/m/a.b"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('[{"id": 1}, {"title": "no id"}]', "shape"),
        ('[{"id": 0}]', "shape"),
        ('[{"id": 1, "movieFile": {"size": 1}}]', "shape"),
        ('{"records": []}', "shape"),
        ('[{"id": 1},', "truncated"),
        ("", "empty"),
        ("<html>", "html"),
    ],
)
async def test_lists_that_are_none(
    radarr: Radarr, server: ScriptedServer, body: str, reason: str
) -> None:
    """Half a list is no list."""
    server.on(f"{API}/movie", always(body))
    with pytest.raises(BadAnswer) as caught:
        await radarr.movies()
    assert caught.value.reason == reason


async def test_one_movie(radarr: Radarr, server: ScriptedServer) -> None:
    """It is the one that was asked for, or there is none."""
    server.on(f"{API}/movie/7", always({"id": 7, "hasFile": False}))
    server.on(f"{API}/movie/8", always({"id": 7}))
    server.on(f"{API}/movie/9", always({"message": "?"}))
    assert (await radarr.movie(7)).has_file is False
    for movie_id in (8, 9):
        with pytest.raises(BadAnswer) as caught:
            await radarr.movie(movie_id)
        assert caught.value.reason == "shape"
    with pytest.raises(NotFound):
        await radarr.movie(10)


async def test_one_movie_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """One that is gone is not found."""
    server.on(f"{API}/movie/9999", recorded("radarr", "02-movie-unknown-id"))
    with pytest.raises(NotFound):
        await radarr.movie(9999)
    server.on(f"{API}/moviefile", recorded("radarr", "07-moviefile-list"))
    assert [file.file_id for file in await radarr.files(1)] == [1]
    assert server.requests[-1].query == {"movieId": "1"}


async def test_small_reads_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """Root folders, recycle bin, exclusions and queue."""
    server.on(f"{API}/rootfolder", recorded("radarr", "10-rootfolder-missing"))
    assert await radarr.root_folders() == [
        RootFolder(path="/movies", accessible=True, free_bytes=78898810880),
        RootFolder(path="/movies2", accessible=False),
    ]
    server.on(
        f"{API}/config/mediamanagement", recorded("radarr", "09-config-mediamanagement")
    )
    assert await radarr.recycle_bin() == RecycleBin(path="", keep_days=7)
    server.on(f"{API}/exclusions", recorded("radarr", "04-exclusions"))
    assert await radarr.exclusions() == {1: 2001}
    server.on(f"{API}/queue", recorded("radarr", "10-queue-item"))
    assert await radarr.queue() == {103}


async def test_recycle_bin(radarr: Radarr, server: ScriptedServer) -> None:
    """Not said is not none."""
    path = f"{API}/config/mediamanagement"
    server.on(path, always({}))
    assert await radarr.recycle_bin() == RecycleBin(path=None)
    server.on(path, always({"recycleBin": "/bin", "recycleBinCleanupDays": 0}))
    assert await radarr.recycle_bin() == RecycleBin(path="/bin", keep_days=0)


async def test_root_folder_without_a_path(
    radarr: Radarr, server: ScriptedServer
) -> None:
    """A guard that is missing is no list of guards."""
    server.on(f"{API}/rootfolder", always([{"id": 1}]))
    with pytest.raises(BadAnswer):
        await radarr.root_folders()


async def test_queue_of_many_pages(radarr: Radarr, server: ScriptedServer) -> None:
    """All of it is read; what is nobody's or cut short is not believed."""

    def page(request: web.BaseRequest) -> web.Response:
        first = (int(request.query["page"]) - 1) * 1000
        rows = [{"movieId": n} for n in range(first + 1, min(first + 1000, 1500) + 1)]
        return as_json({"totalRecords": 1500, "records": rows})

    server.on(f"{API}/queue", page)
    assert await radarr.queue() == set(range(1, 1501))
    assert server.requests[0].query["includeUnknownMovieItems"] == "false"
    server.on(f"{API}/queue", always({"totalRecords": 1, "records": [{"id": 3}]}))
    assert await radarr.queue() == set()
    for body in ('{"totalRecords": 3, "records": []}', '{"records": []}'):
        server.on(f"{API}/queue", always(body))
        with pytest.raises(BadAnswer) as caught:
            await radarr.queue()
        assert caught.value.reason == "incomplete"


async def test_unmonitor(radarr: Radarr, server: ScriptedServer) -> None:
    """Exactly this movie, exactly this flag, and the answer has to show it."""
    path = f"{API}/movie/editor"
    server.on(path, lambda _: as_json([{"id": 2, "monitored": False}], 202))
    await radarr.set_monitored(2, False)
    assert server.requests[0].method == "PUT"
    assert json.loads(server.bodies[0]) == {"movieIds": [2], "monitored": False}
    for rows in ([], [{"id": 2, "monitored": True}], [{"id": 3, "monitored": False}]):
        server.on(path, always(rows, 202))
        with pytest.raises(BadAnswer) as caught:
            await radarr.set_monitored(2, False)
        assert caught.value.reason == "incomplete"


async def test_unmonitor_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """An unknown id comes as 500 and changes nothing."""
    path = f"{API}/movie/editor"
    server.on(path, recorded("radarr", "03-editor-unmonitor"))
    await radarr.set_monitored(2, False)
    server.on(path, recorded("radarr", "03-editor-unknown-id"))
    with pytest.raises(NotFound) as caught:
        await radarr.set_monitored(9999, False)
    assert caught.value.status == 500
    assert safe(caught.value)


@pytest.mark.parametrize(
    ("name", "reason", "status"),
    [
        ("07-moviefile-delete-root-missing", "root_folder_missing", 409),
        ("07-moviefile-delete-root-empty", "root_folder_empty", 409),
        ("07-moviefile-delete-undeletable", "not_removable", 500),
    ],
)
async def test_delete_file_recorded(
    radarr: Radarr, server: ScriptedServer, name: str, reason: str, status: int
) -> None:
    """Its three ways of refusing are told apart."""
    server.on(f"{API}/moviefile/23", recorded("radarr", name))
    with pytest.raises(Conflict) as caught:
        await radarr.delete_file(23)
    assert (caught.value.reason, caught.value.status) == (reason, status)
    assert safe(caught.value)
    server.on(f"{API}/moviefile/24", recorded("radarr", "07-moviefile-delete"))
    await radarr.delete_file(24)
    assert [request.method for request in server.requests] == ["DELETE", "DELETE"]


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (
            failing("root folder (/m) doesn't exist.", 409),
            Conflict,
            "root_folder_missing",
        ),
        (
            lambda _: web.Response(
                text=r'{"message": "root folder (/m) doesn\u0027t exist."}',
                status=409,
                content_type="application/json",
            ),
            Conflict,
            "root_folder_missing",
        ),
        (failing("another one", 409), Conflict, "conflict"),
        (failing("database is locked", 500), Unavailable, "status"),
        (failing("gone", 404), NotFound, "not_found"),
        (failing("no", 400), BadAnswer, "status"),
        (lambda _: web.Response(status=401), AuthenticationFailed, "key"),
        (lambda _: web.Response(status=503), Unavailable, "status"),
        (
            lambda _: web.Response(
                text="Unable to delete", status=500, content_type="text/html"
            ),
            Unavailable,
            "status",
        ),
        (
            lambda _: web.Response(text="<html>", content_type="text/html"),
            BadAnswer,
            "html",
        ),
        (lambda _: None, Unavailable, "lost"),
    ],
)
async def test_errors_of_a_deletion(
    radarr: Radarr,
    server: ScriptedServer,
    waits: list[float],
    answer: Callable[[web.BaseRequest], object],
    error: type[ServerError],
    reason: str,
) -> None:
    """Each has its type, none its stack trace, and none leads to a second try."""
    server.on(f"{API}/moviefile/1", answer)
    with pytest.raises(error) as caught:
        await radarr.delete_file(1)
    assert type(caught.value) is error
    assert caught.value.reason == reason
    assert safe(caught.value)
    assert len(server.requests) == 1
    assert waits == []


@pytest.mark.parametrize("exclude", [True, False])
async def test_delete_movie(
    radarr: Radarr, server: ScriptedServer, exclude: bool
) -> None:
    """The flags are written as Radarr reads them, and always both."""
    server.on(f"{API}/movie/5", lambda _: web.Response())
    await radarr.delete_movie(5, add_import_exclusion=exclude)
    (request,) = server.requests
    assert request.method == "DELETE"
    assert request.query == {
        "deleteFiles": "true",
        "addImportExclusion": str(exclude).lower(),
    }
    assert server.bodies == [b""]


async def test_delete_movie_recorded(radarr: Radarr, server: ScriptedServer) -> None:
    """A second time there is nothing to delete."""
    path = f"{API}/movie/5"
    server.on(path, recorded("radarr", "04-delete-with-files"))
    await radarr.delete_movie(5, add_import_exclusion=True)
    server.on(path, recorded("radarr", "04-delete-repeated"))
    with pytest.raises(NotFound) as caught:
        await radarr.delete_movie(5, add_import_exclusion=True)
    assert safe(caught.value)


@pytest.mark.parametrize("bad", [0, -1, True, "1", "1/../2", None])
async def test_what_is_not_an_id_is_not_sent(
    radarr: Radarr, server: ScriptedServer, bad: int
) -> None:
    """A path is never made of something else."""
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: radarr.movie(bad),
        lambda: radarr.files(bad),
        lambda: radarr.set_monitored(bad, False),
        lambda: radarr.delete_file(bad),
        lambda: radarr.delete_movie(bad, add_import_exclusion=True),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="not an id"):
            await call()
    assert server.requests == []
