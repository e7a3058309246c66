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
)
from simulators import Household, SeerrSimulator

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
            "status": 5,
            "status4k": 3,
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
        waiting=True,
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
        waiting=False,
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
        "take": "1000000",
        "skip": "0",
        "filter": "all",
        "sort": "added",
    }


async def test_no_requests(seerr: Seerr, server: ScriptedServer) -> None:
    """That is an answer too."""
    server.on(f"{API}/request", listing())
    assert await seerr.requests() == []


@pytest.mark.parametrize(
    ("status", "media", "waiting"),
    [
        (1, 2, True),
        (1, 5, True),
        (2, 3, True),
        (2, 4, True),
        (2, 5, False),
        (2, None, True),
        (3, 1, False),
        (4, 3, True),
        (4, 5, False),
        (5, 5, False),
        (5, 7, False),
        (6, 5, None),
        (None, 5, None),
    ],
)
async def test_what_is_waited_for(
    seerr: Seerr,
    server: ScriptedServer,
    status: int | None,
    media: int | None,
    waiting: bool | None,
) -> None:
    """What was wanted and has not come; what is not known is not known."""
    row = {"id": 1, "status": status, "media": {"id": 2, "status": media}}
    server.on(f"{API}/request", listing(row))
    (request,) = await seerr.requests()
    assert request.waiting is waiting


async def test_all_in_one_page(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """What vanishes between Seerr's two queries hides nobody behind it."""
    async with SeerrSimulator(household) as simulator:
        client = Seerr(session, simulator.url, simulator.api_key, timeout=5)
        film, alice = household.movies[0], household.users[0]
        for _ in range(1200):
            simulator.request(alice, film)

        def vanish() -> None:
            simulator.between_queries = None
            del simulator.requested_media[600]

        simulator.between_queries = vanish
        found = await client.requests()
        assert {one.request_id for one in found} == {
            one.id for one in simulator.requested_media
        }
        assert len(found) == 1199


async def test_requests_that_move(seerr: Seerr, server: ScriptedServer) -> None:
    """A list that changes between the two queries is read again; one that always does fails."""
    one, two, three = ({"id": number} for number in (1, 2, 3))
    server.on(
        f"{API}/request",
        # A third has come.
        listing(two, one, total=3),
        listing(three, two, one),
    )
    assert {row.request_id for row in await seerr.requests()} == {1, 2, 3}
    # One has gone, and nobody knows which.
    server.on(f"{API}/request", listing(two, one, total=1), listing(two))
    assert {row.request_id for row in await seerr.requests()} == {2}
    for answer in (listing(one, one), listing(two, one, total=1)):
        server.on(f"{API}/request", answer)
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


@pytest.mark.parametrize("seen", [True, False])
async def test_csrf_protection(
    session: aiohttp.ClientSession, household: Household, seen: bool
) -> None:
    """Its token is seen at set-up, or fetched at the first refusal, and sent back."""
    async with SeerrSimulator(household, csrf=True) as simulator:
        simulator.request(household.users[0], household.movies[0])
        client = Seerr(session, simulator.url, simulator.api_key, timeout=5)
        if seen:
            await client.check()
        await client.delete_request(1)
        await client.start_availability_sync()
        await client.delete_media(1)
        assert not simulator.requested_media
        assert not simulator.media
        refused = [one for one in simulator.requests if one.status == 403]
        assert len(refused) == (0 if seen else 1)
        # Another one, after a restart for instance, has not handed out this token.
        client._http._cookies["_csrf"] = "another"
        with pytest.raises(NotFound):
            await client.delete_media(1)
        assert client.sent == len(simulator.requests)


@pytest.mark.parametrize(
    "cookies", [(), ("_csrf=a", "XSRF-TOKEN=b"), ("_csrf=\N{EURO SIGN}",)]
)
async def test_csrf_protection_that_cannot_be_satisfied(
    seerr: Seerr, server: ScriptedServer, cookies: tuple[str, ...]
) -> None:
    """It has a reason of its own, for the key is right and can be mended elsewhere."""

    def status(_: web.BaseRequest) -> web.Response:
        answer = as_json(STATUS)
        for cookie in cookies:
            answer.headers.add("Set-Cookie", cookie)
        return answer

    server.on(f"{API}/status", status)
    server.on(f"{API}/media/9", always({"message": "invalid csrf token"}, 403))
    with pytest.raises(PermissionDenied) as caught:
        await seerr.delete_media(9)
    assert (caught.value.reason, caught.value.status) == ("csrf", 403)
    assert "CSRF" in str(caught.value)
    first, asked, second = server.requests
    assert "X-XSRF-TOKEN" not in first.headers
    assert "X-Api-Key" not in asked.headers
    assert second.headers.get("X-XSRF-TOKEN") == ("b" if len(cookies) == 2 else None)


async def test_one_request_and_a_job(seerr: Seerr, server: ScriptedServer) -> None:
    """Each is sent once."""
    server.on(f"{API}/request/9", lambda _: web.Response(status=204))
    job = f"{API}/settings/jobs/availability-sync/run"
    server.on(job, always({"id": "availability-sync", "running": True}))
    await seerr.delete_request(9)
    await seerr.start_availability_sync()
    assert [(request.method, request.path) for request in server.requests] == [
        ("DELETE", f"{API}/request/9"),
        ("POST", job),
    ]


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
