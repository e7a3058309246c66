"""Seerr: invented and misbehaving."""

from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.model import (
    AppInfo,
    MediaKind,
    Requester,
    SeerrRequest,
)
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    NotFound,
    PermissionDenied,
    Seerr,
    ServerError,
    Unavailable,
    seerr as module,
)

from .conftest import ScriptedServer, always, as_json, recorded

KEY = "k3y-of-seerr"
API = "/api/v1"
STATUS = {"version": "3.1.0", "commitTag": "abc", "updateAvailable": False}
NO_ACCESS = {
    "status": 403,
    "error": "You do not have permission to access this endpoint",
}
ALICE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def seerr(session: aiohttp.ClientSession, server: ScriptedServer) -> Seerr:
    """Return a client of the scripted server."""
    return Seerr(session, server.url, KEY, timeout=5)


def listing(
    *rows: object, total: int | None = None
) -> Callable[[web.BaseRequest], object]:
    """Return what answers with a page of requests."""
    count = len(rows) if total is None else total
    return always({"pageInfo": {"results": count}, "results": rows})


async def test_check(seerr: Seerr, server: ScriptedServer) -> None:
    """It is asked who it is before it gets a key."""
    server.on(f"{API}/status", always(STATUS))
    server.on(f"{API}/auth/me", always({"id": 1, "email": "owner@example.org"}))
    assert await seerr.check() == AppInfo(app="Seerr", version="3.1.0", name="Seerr")
    first, second = server.requests
    assert "X-Api-Key" not in first.headers
    assert second.headers["X-Api-Key"] == KEY
    assert "X-API-User" not in second.headers


async def test_wrong_key(seerr: Seerr, server: ScriptedServer) -> None:
    """Its 403 is another server's 401; that of a proxy is not."""
    server.on(f"{API}/status", always(STATUS))
    server.on(f"{API}/auth/me", always(NO_ACCESS, 403))
    server.on(f"{API}/request", always(NO_ACCESS, 403))
    server.on(f"{API}/media/1", always(NO_ACCESS, 403))
    for call in (seerr.check(), seerr.requests(), seerr.delete_media(1)):
        with pytest.raises(AuthenticationFailed) as caught:
            await call
        assert caught.value.reason == "key"
        assert KEY not in str(caught.value)
    server.on(
        f"{API}/auth/me",
        lambda _: web.Response(text="<p>", status=403, content_type="text/html"),
    )
    with pytest.raises(PermissionDenied) as denied:
        await seerr.check()
    assert denied.value.reason == "permission"


@pytest.mark.parametrize(
    "answer",
    [
        always({"message": "?"}, 404),
        always({"version": "1.0"}),
        always({"commitTag": "abc"}),
        lambda _: web.Response(status=401),
        lambda _: web.Response(status=403),
    ],
)
async def test_other_servers(
    seerr: Seerr,
    server: ScriptedServer,
    answer: Callable[[web.BaseRequest], object],
) -> None:
    """They never see the key."""
    server.on(f"{API}/status", answer)
    with pytest.raises(BadAnswer) as caught:
        await seerr.check()
    assert caught.value.reason == "other_server"
    assert len(server.requests) == 1


async def test_radarr_given_as_seerr(seerr: Seerr, server: ScriptedServer) -> None:
    """It does not let anybody in without a key, which is no reason to blame ours."""
    server.on(f"{API}/status", recorded("radarr", "01-system-status-no-key"))
    with pytest.raises(BadAnswer) as caught:
        await seerr.check()
    assert caught.value.reason == "other_server"


async def test_nobody_behind_the_key(seerr: Seerr, server: ScriptedServer) -> None:
    """Something that has a status but no user is no Seerr."""
    server.on(f"{API}/status", always(STATUS))
    server.on(f"{API}/auth/me", always({}))
    with pytest.raises(BadAnswer) as caught:
        await seerr.check()
    assert caught.value.reason == "other_server"


async def test_requests(seerr: Seerr, server: ScriptedServer) -> None:
    """Who asked for what, and by which ids it is known."""
    movie = {
        "id": 5,
        "status": 2,
        "type": "movie",
        "is4k": True,
        "createdAt": "2026-03-01T10:00:00.000Z",
        "requestedBy": {
            "id": 2,
            "displayName": "Alice A.",
            "jellyfinUsername": "alice",
            "jellyfinUserId": "01234567-89AB-cdef-0123-456789abcdef",
            "email": "alice@example.org",
            "username": None,
        },
        "media": {
            "id": 9,
            "mediaType": "movie",
            "tmdbId": 603,
            "tvdbId": None,
            "imdbId": "tt0133093",
            "jellyfinMediaId": "a" * 32,
            "jellyfinMediaId4k": "b" * 32,
            "serviceId": 0,
            "serviceId4k": 1,
            "externalServiceId": 3,
            "externalServiceId4k": 4,
        },
    }
    series = {
        "id": 6,
        "status": 3,
        "type": "tv",
        "is4k": False,
        "seasons": [{"seasonNumber": 0}, {"seasonNumber": 2}, {"id": 1}],
        "requestedBy": {"id": 3, "displayName": "bob", "jellyfinUserId": None},
        "media": {"id": 10, "tmdbId": 1396, "tvdbId": 0, "externalServiceId": 3},
    }
    server.on(f"{API}/request", listing(movie, series, {"id": 7}))
    first, second, bare = await seerr.requests()
    assert first == SeerrRequest(
        request_id=5,
        media_id=9,
        kind=MediaKind.MOVIE,
        requester=Requester(
            request_user_id=2,
            user_id=ALICE,
            names=frozenset({"Alice A.", "alice"}),
            email="alice@example.org",
        ),
        declined=False,
        is_4k=True,
        requested_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        provider_ids={"tmdb": "603", "imdb": "tt0133093"},
        item_id="b" * 32,
        service_id=1,
        title_id=4,
    )
    assert second == SeerrRequest(
        request_id=6,
        media_id=10,
        kind=MediaKind.SERIES,
        requester=Requester(request_user_id=3, names=frozenset({"bob"})),
        declined=True,
        is_4k=False,
        seasons=frozenset({0, 2}),
        provider_ids={"tmdb": "1396"},
        title_id=3,
    )
    assert bare == SeerrRequest(
        request_id=7, media_id=None, kind=None, requester=Requester()
    )
    (request,) = server.requests
    assert request.query == {
        "take": "500",
        "skip": "0",
        "filter": "all",
        "sort": "added",
    }


async def test_no_requests(seerr: Seerr, server: ScriptedServer) -> None:
    """That is an answer too."""
    server.on(f"{API}/request", listing())
    assert await seerr.requests() == []


async def test_pages(seerr: Seerr, server: ScriptedServer) -> None:
    """Few and big ones."""

    def page(request: web.BaseRequest) -> web.Response:
        skip = int(request.query["skip"])
        rows = [{"id": 1200 - n} for n in range(skip, min(skip + 500, 1200))]
        return as_json({"pageInfo": {"results": 1200}, "results": rows})

    server.on(f"{API}/request", page)
    found = await seerr.requests()
    assert [row.request_id for row in found] == list(range(1200, 0, -1))
    assert [request.query["skip"] for request in server.requests] == [
        "0",
        "500",
        "1000",
    ]


async def test_requests_that_move(
    seerr: Seerr, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that changes between two pages is read again; one that never stops fails."""
    monkeypatch.setattr(module, "PAGE", 2)
    one, two, three, four = ({"id": number} for number in (1, 2, 3, 4))
    server.on(
        f"{API}/request",
        listing(three, two, total=3),
        # A fourth pushes the others down.
        listing(two, one, total=4),
        listing(four, three, total=4),
        listing(two, one, total=4),
    )
    assert {row.request_id for row in await seerr.requests()} == {1, 2, 3, 4}
    # One came and one went: the same number, but one of them is seen twice.
    server.on(
        f"{API}/request",
        listing(three, two, total=3),
        listing(two, total=3),
        listing(three, two, total=3),
        listing(one, total=3),
    )
    assert {row.request_id for row in await seerr.requests()} == {1, 2, 3}
    server.on(f"{API}/request", listing(one, one))
    with pytest.raises(BadAnswer) as caught:
        await seerr.requests()
    assert caught.value.reason == "changing"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"pageInfo": {"results": 3}, "results": [{"id": 1}]}', "incomplete"),
        ('{"pageInfo": {}, "results": []}', "incomplete"),
        ('{"results": []}', "incomplete"),
        ('{"pageInfo": {"results": 1}, "results": [{"type": "tv"}]}', "shape"),
        ('{"pageInfo": {"results": 0}}', "shape"),
        ("[]", "incomplete"),
    ],
)
async def test_lists_that_are_none(
    seerr: Seerr, server: ScriptedServer, body: str, reason: str
) -> None:
    """Half a list would let a rule match nothing in silence."""
    server.on(f"{API}/request", always(body))
    with pytest.raises(BadAnswer) as caught:
        await seerr.requests()
    assert caught.value.reason == reason


async def test_patience(
    seerr: Seerr, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages may take longer than all else, but not for ever."""
    asked: list[float | None] = []
    request = aiohttp.ClientSession._request

    async def note(
        self: aiohttp.ClientSession, *args: object, **kwargs: object
    ) -> object:
        limit = kwargs["timeout"]
        assert isinstance(limit, aiohttp.ClientTimeout)
        asked.append(limit.total)
        return await request(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(aiohttp.ClientSession, "_request", note)
    server.on(f"{API}/status", always(STATUS))
    server.on(f"{API}/auth/me", always({"id": 1}))
    server.on(f"{API}/request", listing())
    await seerr.check()
    await seerr.requests()
    assert asked == [5, 5, 60]


async def test_delete_media(seerr: Seerr, server: ScriptedServer) -> None:
    """Once; what is gone is not found."""
    server.on(f"{API}/media/9", lambda _: web.Response(status=204))
    await seerr.delete_media(9)
    assert [(request.method, request.path) for request in server.requests] == [
        ("DELETE", f"{API}/media/9")
    ]
    server.on(f"{API}/media/9", always({"message": "Media not found"}, 404))
    with pytest.raises(NotFound):
        await seerr.delete_media(9)


async def test_read_only_by_csrf_protection(
    seerr: Seerr, server: ScriptedServer
) -> None:
    """It has a reason of its own, for the key is right and can be mended elsewhere."""
    server.on(f"{API}/media/9", always({"message": "invalid csrf token"}, 403))
    with pytest.raises(PermissionDenied) as caught:
        await seerr.delete_media(9)
    assert (caught.value.reason, caught.value.status) == ("csrf", 403)
    assert "CSRF" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (always({"message": "/secret/path"}, 500), Unavailable, "status"),
        (lambda _: web.Response(status=502), Unavailable, "status"),
        (lambda _: None, Unavailable, "lost"),
        (always({"message": "/secret/path"}, 400), BadAnswer, "status"),
    ],
)
async def test_errors_of_a_deletion(
    seerr: Seerr,
    server: ScriptedServer,
    waits: list[float],
    answer: Callable[[web.BaseRequest], object],
    error: type[ServerError],
    reason: str,
) -> None:
    """None leads to a second try, none tells what the server said."""
    server.on(f"{API}/media/9", answer)
    with pytest.raises(error) as caught:
        await seerr.delete_media(9)
    assert caught.value.reason == reason
    assert not any(part in str(caught.value) for part in ("secret", KEY, "127.0.0.1"))
    assert (len(server.requests), waits) == (1, [])
    for bad in (0, True):
        with pytest.raises(ValueError, match="not an id"):
            await seerr.delete_media(bad)
