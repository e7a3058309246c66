"""Jellystat of all versions: all shapes, no row lost, none doubled, nothing killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
import gc
from itertools import product
import json
from random import Random

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.model import PlaybackEvent
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    HistoryPage,
    Jellystat,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
    http,
    jellystat as module,
    jellystat_history as history,
)
from simulators import (
    FaultKind,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    Play,
    sample_household,
)

from .conftest import RECORDINGS, ScriptedServer, always, as_json, fixture

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FLAT, USERS, HISTORY = (
    "/stats/getPlaybackActivity",
    "/api/getUserHistory",
    "/api/getHistory",
)
ALICE, BOB = "a1" * 16, "b2" * 16
VERSIONS = ("1.1.8", "1.1.7", "1.1.6", "1.1.4", "1.1.2", "guide")


def configured(version: str | None, state: object = 2) -> Callable[[object], object]:
    """Return the answer of a server that is ready."""
    answer = {"state": state} | ({"version": version} if version else {})
    return lambda _: as_json(answer)


def row(number: int, at: datetime, **more: object) -> dict[str, object]:
    """Return a row as it is sent."""
    date = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
    return {
        "Id": f"play-{number}",
        "UserId": ALICE,
        "UserName": "alice",
        "NowPlayingItemId": f"{number:032x}",
        "NowPlayingItemName": "Film",
        "EpisodeId": None,
        "PlaybackDuration": 60,
        "ActivityDateInserted": date,
        **more,
    }


def named(page: HistoryPage) -> list[PlaybackEvent]:
    """Return the plays of a page by the names of their fields."""
    return list(map(PlaybackEvent._make, page.events))


async def collect(pages: AsyncIterator[HistoryPage]) -> list[PlaybackEvent]:
    """Return the events of a scan that reaches its end."""
    found: list[PlaybackEvent] = []
    cursor: str | None = ""
    async for page in pages:
        assert cursor is not None
        cursor = page.cursor
        found += named(page)
    assert cursor is None
    return found


async def all_of[T](pages: AsyncIterator[list[T]]) -> list[T]:
    """Return the rows of all pages."""
    return [one async for page in pages for one in page]


@pytest.fixture
def household() -> Household:
    """Return the demo's household at a fixed time."""
    return sample_household(lambda: NOW)


@pytest.fixture(params=VERSIONS)
async def simulator(
    request: pytest.FixtureRequest, household: Household, socket_enabled: None
) -> AsyncIterator[JellystatSimulator]:
    """Return a running Jellystat."""
    async with JellystatSimulator(household, request.param, base_path="/js") as started:
        yield started


@pytest.fixture
def jellystat(
    session: aiohttp.ClientSession, simulator: JellystatSimulator
) -> Jellystat:
    """Return our side of it."""
    return Jellystat(session, simulator.url, simulator.api_key)


@pytest.fixture
def scripted(session: aiohttp.ClientSession, server: ScriptedServer) -> Jellystat:
    """Return our side of a server that a test scripts."""
    server.on("/auth/isConfigured", configured("1.1.8"))
    return Jellystat(session, server.url, "key")


def user_ids(household: Household) -> list[str]:
    """Return the ids of all who ever watched."""
    return [user.id for user in [*household.users, *household.former_users]]


def expected(household: Household, version: str) -> dict[str, tuple[object, ...]]:
    """Return what a version's history says, by row."""

    def shown(play: Play) -> datetime:
        cut = 1_000_000 if version == "guide" else 1000
        return play.date.replace(
            microsecond=play.date.microsecond // cut * cut
        ).astimezone(UTC)

    return {
        play.id: (play.user_id, play.watched_id, shown(play), play.seconds)
        for play in household.plays
    }


def seen(events: list[PlaybackEvent]) -> dict[str, tuple[object, ...]]:
    """Return the same of events; no row may have come twice."""
    assert len(events) == len({event.event_id for event in events})
    return {
        event.event_id: (event.user_id, event.item_id, event.ended_at, event.seconds)
        for event in events
    }


# -- who and whether ----------------------------------------------------------


async def test_version_and_check(
    jellystat: Jellystat, simulator: JellystatSimulator
) -> None:
    """It is asked whether it is ready, without a key, before the key is shown."""
    version = await jellystat.version()
    assert version == (None if simulator.flavour.guide else simulator.version)
    await jellystat.check()
    ready, *rest = simulator.requests
    assert ready.path.endswith("/auth/isConfigured")
    assert "x-api-token" not in ready.headers
    assert [one.path.removeprefix("/js") for one in rest] == [
        "/auth/isConfigured",
        "/api/getLibraries",
    ]
    assert rest[-1].headers["x-api-token"] == simulator.api_key
    assert not any("Authorization" in one.headers for one in simulator.requests)


@pytest.mark.parametrize("key", ["wrong", "", "a\nb", "schlüssel"])
async def test_wrong_key(
    session: aiohttp.ClientSession, simulator: JellystatSimulator, key: str
) -> None:
    """A key that is wrong, missing or cannot travel is a wrong key."""
    with pytest.raises(AuthenticationFailed) as caught:
        await Jellystat(session, simulator.url, key).check()
    assert caught.value.reason == "key"
    assert not key or key not in str(caught.value)


async def test_no_keys_yet(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """A server on which nobody made a key says so."""
    async with JellystatSimulator(household) as simulator:
        simulator.has_keys = False
        with pytest.raises(AuthenticationFailed) as caught:
            await Jellystat(session, simulator.url, "key").check()
    assert (caught.value.reason, caught.value.status) == ("no_keys", 404)


@pytest.mark.parametrize("state", [0, 1])
async def test_not_ready(
    session: aiohttp.ClientSession, household: Household, state: int
) -> None:
    """Without its database no key is sent, which would kill the process."""
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        simulator.state = state
        reads: list[Callable[[], Awaitable[object]]] = [
            jellystat.version,
            jellystat.check,
            jellystat.count,
            lambda: collect(jellystat.backfill(None, [])),
            lambda: all_of(jellystat.updates(LONG_AGO, [])),
        ]
        for read in reads:
            with pytest.raises(Unavailable) as caught:
                await read()
            assert caught.value.reason == "not_ready"
        assert {one.path for one in simulator.requests} == {"/auth/isConfigured"}
        assert simulator.deaths == 0


async def test_database_lost_in_the_middle(
    session: aiohttp.ClientSession, household: Household, waits: list[float]
) -> None:
    """A connection that ends is followed by the question whether it is ready."""
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)

        def lose(_: object) -> bool:
            simulator.database_up = False
            return True

        simulator.fail(FaultKind.DISCONNECT, FLAT, when=lose)
        with pytest.raises(Unavailable) as caught:
            await collect(jellystat.backfill(None, []))
        assert caught.value.reason == "not_ready"
        assert simulator.deaths == 0
        assert [one.path for one in simulator.requests] == [
            "/auth/isConfigured",
            FLAT,
            "/auth/isConfigured",
        ]
        assert waits == [0.5]


@pytest.mark.parametrize("page", range(1, 5))
async def test_database_lost_between_two_pages(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
    page: int,
) -> None:
    """It is asked before every page, however short a time ago it was ready."""
    monkeypatch.setattr(history, "PAGE", 7)
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)

        async def read() -> None:
            number = 0
            async for _page in jellystat.backfill(None, []):
                number += 1
                simulator.database_up = number != page

        with pytest.raises(Unavailable) as caught:
            await read()
        assert caught.value.reason == "not_ready"
        assert simulator.deaths == 0
        simulator.database_up = True
        simulator.requests.clear()
        await jellystat.count()
        simulator.database_up = False
        with pytest.raises(Unavailable):
            await jellystat.check()
        assert simulator.deaths == 0


async def test_jellyfin_at_this_address(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """The two servers swapped: it is told."""
    async with JellyfinSimulator(household) as other:
        with pytest.raises(BadAnswer):
            await Jellystat(session, other.url, "key").check()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/auth/isConfigured", {"status": "fine"}),
        ("/auth/isConfigured", []),
        ("/api/getLibraries", {"message": "something else"}),
        ("/api/getLibraries", [{"name": "Movies"}]),
        ("/api/getLibraries", ["Movies"]),
    ],
)
async def test_something_else_at_this_address(
    scripted: Jellystat, server: ScriptedServer, path: str, answer: object
) -> None:
    """Only a Jellystat passes for one."""
    server.on("/api/getLibraries", lambda _: as_json([]))
    await scripted.check()
    server.on(path, lambda _: as_json(answer))
    with pytest.raises(BadAnswer):
        await scripted.check()


async def test_a_proxy_in_between(scripted: Jellystat, server: ScriptedServer) -> None:
    """A proxy's 403 page does not mean that the key is wrong."""
    server.on(
        "/api/getLibraries",
        lambda _: web.Response(status=403, text="<html>", content_type="text/html"),
    )
    with pytest.raises(PermissionDenied):
        await scripted.check()


# -- all of it ----------------------------------------------------------------


async def test_whole_history(
    jellystat: Jellystat,
    simulator: JellystatSimulator,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every play comes once, in pages of any length; the count agrees."""
    truth = expected(household, simulator.version)
    for size in (5000, 50, 7):
        monkeypatch.setattr(history, "PAGE", size)
        events = await collect(jellystat.backfill(None, user_ids(household)))
        assert seen(events) == truth
    assert await jellystat.count() in (None, len(truth))
    assert simulator.deaths == 0
    assert simulator.in_flight_peak == 1


async def test_increments(
    jellystat: Jellystat,
    simulator: JellystatSimulator,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All rows since then come, and no others."""
    since = NOW - timedelta(days=20)
    truth = {
        key: values
        for key, values in expected(household, simulator.version).items()
        if isinstance(values[2], datetime) and values[2] >= since
    }
    assert truth
    for size in (5000, 7):
        monkeypatch.setattr(history, "PAGE", size)
        found = await all_of(jellystat.updates(since, user_ids(household)))
        assert seen(found) == truth
    assert await all_of(jellystat.updates(NOW + timedelta(days=1), [])) == []


async def test_counts_by_date(
    jellystat: Jellystat, simulator: JellystatSimulator, household: Household
) -> None:
    """A filter makes a page of one row a count; where there is none, nobody counts."""
    truth = expected(household, simulator.version)
    dates = sorted(values[2] for values in truth.values())  # type: ignore[type-var]
    for since in (LONG_AGO, dates[len(dates) // 2], NOW + timedelta(days=1)):
        found = await jellystat.count(since)  # type: ignore[arg-type]
        if simulator.version in ("1.1.8", "1.1.7"):
            assert found == sum(date >= since for date in dates)  # type: ignore[operator]
        else:
            assert found is None


async def test_rows_between_two_dates(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All of the first moment belong to it, none of the second."""
    truth = expected(household, "1.1.8")
    dates = sorted({values[2] for values in truth.values()})  # type: ignore[type-var]
    users = user_ids(household)
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        for size in (5000, 7):
            monkeypatch.setattr(history, "PAGE", size)
            for since, until in ((None, 9), (9, 40), (9, 9), (40, None), (None, None)):
                low = None if since is None else dates[since]
                high = None if until is None else dates[until]
                found = await all_of(jellystat.between(low, high, users))  # type: ignore[arg-type]
                assert seen(found) == {
                    key: values
                    for key, values in truth.items()
                    if (low is None or values[2] >= low)  # type: ignore[operator]
                    and (high is None or values[2] < high)  # type: ignore[operator]
                }


@pytest.mark.parametrize(
    "answer",
    [
        {"pages": 5, "results": [row(1, NOW)]},
        [row(1, NOW), row(2, NOW)],
        {"pages": 5, "filters": [], "results": [row(1, NOW), row(2, NOW)]},
    ],
)
async def test_filters_that_are_not_obeyed(
    scripted: Jellystat, server: ScriptedServer, answer: object
) -> None:
    """A count of everything does not pass for that of a part."""
    server.on(FLAT, always(answer))
    assert await scripted.count(NOW) is None
    server.on(FLAT, lambda _: web.Response(status=404))
    assert await scripted.count(NOW) is None


async def test_steady_poll(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """A poll costs the question whether it is ready and one request."""
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        await all_of(jellystat.updates(NOW - timedelta(days=2), user_ids(household)))
        assert [one.path for one in simulator.requests] == ["/auth/isConfigured", FLAT]


async def test_the_garbage_collector_follows_no_play(
    jellystat: Jellystat, household: Household
) -> None:
    """It looks through all of Home Assistant where a page adds much that it follows."""
    met = 0
    async for page in jellystat.backfill(None, user_ids(household)):
        gc.collect(0)
        assert not any(map(gc.is_tracked, page.events))
        met += len(page.events)
    assert met


@pytest.mark.parametrize("version", ["1.1.8", "1.1.6", "guide"])
async def test_every_interruption(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
) -> None:
    """A scan that stops after any page goes on from its cursor and ends complete."""
    monkeypatch.setattr(history, "PAGE", 10)
    truth = expected(household, version)
    async with JellystatSimulator(household, version) as simulator:
        cursor: str | None = None
        found: dict[str, PlaybackEvent] = {}
        for _ in range(100):
            jellystat = Jellystat(session, simulator.url, simulator.api_key)
            pages = 0
            scan = jellystat.backfill(cursor, user_ids(household))
            async for page in scan:
                found |= {event.event_id: event for event in named(page)}
                cursor = page.cursor
                pages += 1
                if version != "guide" and pages == 2:
                    break
            if cursor is None:
                break
        assert cursor is None
        assert seen(list(found.values())) == truth


async def test_error_in_the_middle(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pages before an error are not lost, and the scan is not finished."""
    monkeypatch.setattr(history, "PAGE", 10)
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        simulator.fail(FaultKind.SERVER_ERROR, FLAT, after=3)
        pages: list[HistoryPage] = []

        async def read() -> None:
            async for page in jellystat.backfill(
                pages[-1].cursor if pages else None, []
            ):
                pages.append(page)  # noqa: PERF401 - what came before an error counts

        with pytest.raises(Unavailable):
            await read()
        assert len(pages) == 2
        assert pages[-1].cursor is not None
        simulator.faults.clear()
        await read()
    events = {event.event_id: event for page in pages for event in named(page)}
    assert seen(list(events.values())) == expected(household, "1.1.8")


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "[]", "{}", '{"way":"odd"}', '{"way":"activity","until":"x"}'],
)
async def test_cursors_of_nobody(
    session: aiohttp.ClientSession, household: Household, cursor: str
) -> None:
    """A cursor that is not ours starts the scan anew."""
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        events = await collect(jellystat.backfill(cursor, []))
    assert seen(events) == expected(household, "1.1.8")


async def test_an_upgrade_in_the_middle(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cursor of another way of reading starts the scan anew."""
    monkeypatch.setattr(history, "PAGE", 10)
    cursor = None
    async with JellystatSimulator(household, "1.1.6") as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        async for page in jellystat.backfill(None, user_ids(household)):
            cursor = page.cursor
            break
    async with JellystatSimulator(household, "1.1.8") as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        events = await collect(jellystat.backfill(cursor, user_ids(household)))
    assert seen(events) == expected(household, "1.1.8")


async def test_nobody_ever_watched(
    jellystat: Jellystat, simulator: JellystatSimulator, household: Household
) -> None:
    """An empty history is one empty page, and counts 0 where it can be counted."""
    for play in list(household.plays):
        household.plays.remove(play)
    pages = [page async for page in jellystat.backfill(None, user_ids(household))]
    assert pages == [HistoryPage(events=[], cursor=None, left=0)]
    assert await all_of(jellystat.updates(LONG_AGO, user_ids(household))) == []
    assert await jellystat.count() in (0, None)


async def test_who_has_no_users(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """Where it goes by users, no users are no history."""
    async with JellystatSimulator(household, "1.1.6") as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        assert await collect(jellystat.backfill(None, [])) == []


@pytest.mark.parametrize("version", ["1.1.6", "1.1.4", "1.1.2"])
async def test_old_versions_are_not_asked_for_everything(
    session: aiohttp.ClientSession, household: Household, version: str
) -> None:
    """Before 1.1.7 the flat endpoint builds the whole table in memory."""
    async with JellystatSimulator(household, version) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        await collect(jellystat.backfill(None, user_ids(household)))
        await all_of(jellystat.updates(LONG_AGO, user_ids(household)))
        await jellystat.count()
        assert simulator.requested(FLAT) == []


# -- what goes wrong silently -------------------------------------------------


@pytest.mark.parametrize("kind", [FaultKind.HALF_PAGE, FaultKind.NO_ROWS])
async def test_pages_that_lost_rows(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
    kind: FaultKind,
) -> None:
    """No page that lost rows passes, in the middle or at the end."""
    for version, path in (("1.1.8", FLAT), ("1.1.6", USERS), ("guide", HISTORY)):
        raised = 0
        async with JellystatSimulator(household, version) as simulator:
            for size in (5000, 40):
                monkeypatch.setattr(history, "PAGE", size)
                for after in range(3):
                    jellystat = Jellystat(session, simulator.url, simulator.api_key)
                    fault = simulator.fail(kind, path, after=after)
                    try:
                        events = await collect(
                            jellystat.backfill(None, user_ids(household))
                        )
                    except BadAnswer:
                        raised += 1
                    else:
                        # Struck was only an answer whose rows nobody needs.
                        assert seen(events) == expected(household, version)
                        assert after
                    simulator.faults.remove(fault)
            assert raised > 2


async def test_failed_queries(scripted: Jellystat, server: ScriptedServer) -> None:
    """No pages can be an empty history; an unknown number of pages is an error."""
    server.on(FLAT, lambda _: as_json(fixture("failed-query.json")))
    server.on(HISTORY, lambda _: as_json(fixture("failed-query.json")))
    assert await scripted.count() == 0
    server.on(FLAT, lambda _: as_json(fixture("size-zero.json")))
    with pytest.raises(BadAnswer):
        await scripted.count()
    failed = {"pages": 0, "results": [], "filters": []}
    server.on(FLAT, lambda _: as_json(failed))
    assert await collect(scripted.backfill(None, [])) == []
    assert await all_of(scripted.updates(LONG_AGO, [])) == []
    wrong: tuple[object, ...] = (None, -1, "many", [], 3)
    for pages in wrong:
        server.on(FLAT, always(failed | {"pages": pages}))
        with pytest.raises(BadAnswer):
            await collect(scripted.backfill(None, []))


def paged(
    rows: list[dict[str, object]], *, failing: Collection[int]
) -> Callable[..., object]:
    """Return a flat endpoint over rows; the requests of these numbers fail silently."""
    asked = 0

    def answer(request: web.BaseRequest) -> web.Response:
        nonlocal asked
        asked += 1
        filters = json.loads(request.query.get("filters", "[{}]"))
        low, high = filters[0].get("min", ""), filters[0].get("max", "9999")
        fit = [one for one in rows if low <= str(one["ActivityDateInserted"]) <= high]
        fit.sort(key=lambda one: str(one["ActivityDateInserted"]), reverse=True)
        size = int(request.query["size"])
        start = (int(request.query["page"]) - 1) * size
        if asked in failing:
            return as_json({"pages": 0, "results": [], "filters": filters})
        envelope = {
            "pages": -(-len(fit) // size),
            "size": size,
            "results": fit[start : start + size],
        }
        return as_json(
            envelope | ({"filters": filters} if "filters" in request.query else {})
        )

    return answer


async def test_failed_query_in_the_middle(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty page where a known row should be is not the end."""
    monkeypatch.setattr(history, "MOST_ROWS", 2)
    monkeypatch.setattr(history, "PAGE", 2)
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(5)]
    outcomes = Counter[int | str | None]()
    for first, count in product(range(2, 12), range(1, 6)):
        server.on(FLAT, paged(rows, failing=range(first, first + count)))
        try:
            events = await collect(scripted.backfill(None, []))
        except BadAnswer as err:
            outcomes[err.reason] += 1
        else:
            outcomes[len(events)] += 1
    assert outcomes.keys() == {"incomplete", 5}
    assert outcomes["incomplete"] > outcomes[5]


async def test_last_row_moved_away(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty end is one if the row that should be there was resumed meanwhile."""
    monkeypatch.setattr(history, "PAGE", 2)
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(4)]
    server.on(FLAT, paged(rows, failing=[]))
    found: dict[str, PlaybackEvent] = {}
    async for page in scripted.backfill(None, []):
        found |= {event.event_id: event for event in named(page)}
        if len(found) == 2:
            rows[:] = [row(n, NOW + timedelta(hours=1)) for n in range(4)]
    assert len(found) == 4
    assert all(event.ended_at > NOW for event in found.values())


async def test_too_many_rows_at_one_moment(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages grow over a moment that does not fit in one, up to a limit."""
    monkeypatch.setattr(history, "MOST_ROWS", 2)
    monkeypatch.setattr(history, "PAGE", 2)
    rows = [row(n, NOW) for n in range(30)] + [row(99, NOW - timedelta(hours=1))]
    server.on(FLAT, paged(rows, failing=[]))
    assert len(seen(await collect(scripted.backfill(None, [])))) == 31
    assert set(sizes(server)) == {2, 8, 32}
    monkeypatch.setattr(history, "LARGEST_PAGE", 16)
    with pytest.raises(BadAnswer, match="share one moment"):
        await collect(scripted.backfill(None, []))


def sizes(server: ScriptedServer) -> list[int]:
    """Return how many rows each page was asked for, but for counts."""
    asked = (int(one.query["size"]) for one in server.requests if "size" in one.query)
    return [size for size in asked if size > 1]


@pytest.mark.parametrize(
    ("kilobytes", "most", "expected"),
    [
        # Each row weighs some hundred bytes.
        (1000, 1000, [20, 40, 80, 160, 320]),
        (1000, 60, [20, 40, 60, 60, 60, 60, 60, 60]),
        (1, 1000, [20, 5, 5, 5]),
    ],
)
async def test_pages_grow_until_they_weigh_much(
    scripted: Jellystat,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    kilobytes: int,
    most: int,
    expected: list[int],
) -> None:
    """The scan of its table costs Jellystat more than the rows; memory is ours."""
    monkeypatch.setattr(history, "PAGE", 20)
    monkeypatch.setattr(history, "SMALLEST_PAGE", 5)
    monkeypatch.setattr(history, "MOST_ROWS", most)
    monkeypatch.setattr(history, "HEAVY_PAGE", 1000 * kilobytes)
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(400)]
    server.on(FLAT, paged(rows, failing=[]))
    assert len(seen(await collect(scripted.backfill(None, [])))) == 400
    assert sizes(server)[: len(expected)] == expected


async def test_pages_stop_growing_where_a_server_is_slow(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that took long are followed by shorter ones, but not shorter than the first."""
    monkeypatch.setattr(history, "PAGE", 20)
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(400)]
    server.on(FLAT, paged(rows, failing=[]))
    seconds = iter([1, 6, 30, 100])
    clock = iter(
        at
        for begin in range(0, 100_000, 1000)
        for at in (begin, begin + next(seconds, 1))
    )
    monkeypatch.setattr(history, "monotonic", lambda: next(clock))
    await collect(scripted.backfill(None, []))
    assert sizes(server)[:5] == [20, 40, 80, 40, 20]


@pytest.mark.parametrize("bad", ["Id", "ActivityDateInserted", "NowPlayingItemId"])
async def test_rows_that_are_no_events(
    scripted: Jellystat, server: ScriptedServer, bad: str
) -> None:
    """A row without an id, a date or an item is counted, not guessed."""
    rows = [row(1, NOW), row(2, NOW - timedelta(hours=1)) | {bad: None}]
    filters = [{"field": "ActivityDateInserted"}]
    server.on(
        FLAT, lambda _: as_json({"pages": 1, "results": rows, "filters": filters})
    )
    monkey = {"pages": 2, "size": 1, "results": rows[:1], "filters": filters}
    whole = {"pages": 1, "results": rows, "filters": filters}
    server.on(
        FLAT,
        lambda request: as_json(monkey if request.query["size"] == "1" else whole),
    )
    page, end = [page async for page in scripted.backfill(None, [])]
    assert [event.event_id for event in named(page)] == ["play-1"]
    assert (end.events, end.cursor) == ([], None)


# -- servers that do as they like ---------------------------------------------


async def test_flat_endpoint_that_sends_everything(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its version says, an array is the whole table."""
    monkeypatch.setattr(history, "PAGE", 4)
    server.on(FLAT, lambda _: as_json(fixture("flat-1.1.2-array.json")))
    events = await collect(scripted.backfill(None, []))
    assert len(seen(events)) == 6
    dates = [event.ended_at for event in events]
    assert dates == sorted(dates, reverse=True)
    since = datetime(2026, 3, 4, tzinfo=UTC)
    assert len(await all_of(scripted.updates(since, []))) == 3
    assert await scripted.count() == 6


@pytest.mark.parametrize("version", ["1.1.8", "1.1.6"])
async def test_routes_that_are_not_there(
    scripted: Jellystat, server: ScriptedServer, version: str
) -> None:
    """The way that always works is taken where a better one is missing."""
    server.on("/auth/isConfigured", configured(version))
    server.on(HISTORY, lambda _: as_json(fixture("grouped-1.1.2-array.json")))
    assert len(seen(await collect(scripted.backfill(None, [ALICE])))) == 6
    assert len(await all_of(scripted.updates(LONG_AGO, [ALICE]))) == 6
    assert await scripted.count() is None
    server.answers.pop(HISTORY)
    with pytest.raises(NotFound):
        await collect(scripted.backfill(None, [ALICE]))
    with pytest.raises(NotFound):
        await all_of(scripted.updates(LONG_AGO, [ALICE]))
    if version == "1.1.8":
        with pytest.raises(NotFound):
            await scripted.count()
    server.on("/auth/isConfigured", configured(None))
    with pytest.raises(NotFound):
        await scripted.count()


@pytest.mark.parametrize("version", [None, "unstable", "1.0.9"])
async def test_versions_that_say_nothing(
    scripted: Jellystat, server: ScriptedServer, version: str | None
) -> None:
    """An unknown version may be an old one, so it is read as the guide does."""
    server.on("/auth/isConfigured", configured(version, "2"))
    server.on(HISTORY, lambda _: as_json(fixture("guide.json")))
    assert len(await collect(scripted.backfill(None, []))) == 2
    assert {one.path for one in server.requests} == {"/auth/isConfigured", HISTORY}


def numbered(
    rows: list[dict[str, object]],
    *,
    obey_size: bool = True,
    obey_page: bool = True,
    before: Callable[[int], None] = lambda asked: None,
) -> Callable[..., object]:
    """Return a getHistory that knows no filters; ``before`` runs before each answer."""
    asked = 0

    def answer(request: web.BaseRequest) -> web.Response:
        nonlocal asked
        asked += 1
        before(asked)
        size = int(request.query["size"]) if obey_size else 3
        page = int(request.query["page"]) if obey_page else 1
        ordered = sorted(
            rows, key=lambda one: str(one["ActivityDateInserted"]), reverse=True
        )
        return as_json(
            {
                "current_page": page,
                "pages": -(-len(rows) // size),
                "size": size,
                "results": ordered[(page - 1) * size : page * size],
            }
        )

    return answer


async def test_servers_without_filters(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read by page, at their own size if need be, and no further than needed."""
    monkeypatch.setattr(history, "PAGE", 3)
    server.on("/auth/isConfigured")
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(10)]
    for obey in (True, False):
        server.on(HISTORY, numbered(rows, obey_size=obey))
        assert len(seen(await collect(scripted.backfill(None, [])))) == 10
        server.requests.clear()
        since = NOW - timedelta(hours=4)
        assert len(await all_of(scripted.updates(since, []))) == 5
        assert len([one for one in server.requests if one.path == HISTORY]) == 2
        assert await scripted.count() == (10 if obey else None)
    server.on(HISTORY, numbered(rows, obey_page=False))
    with pytest.raises(BadAnswer) as caught:
        await collect(scripted.backfill(None, []))
    assert caught.value.reason == "incomplete"


async def test_rows_that_move_between_pages(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plays that come or are resumed while pages are read are not lost."""
    monkeypatch.setattr(history, "PAGE", 3)
    server.on("/auth/isConfigured")
    for seed in range(40):
        random = Random(seed)
        rows = [row(n, NOW - timedelta(hours=n)) for n in range(10)]

        def change(asked: int, random: Random = random, rows: list = rows) -> None:  # type: ignore[type-arg]
            if asked > 5 or random.random() < 0.4:
                return
            at = NOW + timedelta(minutes=asked)
            if random.random() < 0.5:
                rows.append(row(100 + asked, at))
            else:
                number = random.randrange(len(rows))
                rows[number] = rows[number] | {
                    "ActivityDateInserted": row(0, at)["ActivityDateInserted"]
                }

        server.on(HISTORY, numbered(rows, before=change))
        found = {
            event.event_id
            for event in [
                *await collect(scripted.backfill(None, [])),
                *await all_of(scripted.updates(NOW - timedelta(hours=13), [])),
            ]
        }
        assert found == {one["Id"] for one in rows}


async def test_history_that_never_rests(
    scripted: Jellystat, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every pass finds more than the last, there is no end to believe."""
    monkeypatch.setattr(history, "PAGE", 3)
    server.on("/auth/isConfigured")
    rows = [row(n, NOW - timedelta(hours=n)) for n in range(10)]

    def add(asked: int) -> None:
        rows.append(row(100 + asked, NOW + timedelta(minutes=asked)))

    server.on(HISTORY, numbered(rows, before=add))
    with pytest.raises(BadAnswer) as caught:
        await collect(scripted.backfill(None, []))
    assert caught.value.reason == "changing"


# -- shapes -------------------------------------------------------------------

FILM, EPISODES = "f1" * 16, ("e1" * 16, "e2" * 16)
PLAYS = {
    "00000000-0000-4000-8000-000000000006": (ALICE, FILM, 5400),
    "00000000-0000-4000-8000-000000000005": (BOB, EPISODES[1], 1500),
    "00000000-0000-4000-8000-000000000004": (ALICE, EPISODES[0], 1400),
    "00000000-0000-4000-8000-000000000003": (ALICE, EPISODES[0], 200),
    "00000000-0000-4000-8000-000000000002": (ALICE, FILM, 600),
    "1001": (BOB, EPISODES[0], 1380),
}
OLD_FILM = "00000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("version", "path", "name", "missing"),
    [
        ("1.1.8", FLAT, "flat-1.1.8.json", set()),
        ("1.1.4", USERS, "user-flat-1.1.4-strings.json", {BOB}),
        # A film's group has no plays since 1.1.3: only its last one is known.
        (None, HISTORY, "grouped-1.1.8.json", {OLD_FILM}),
        (None, HISTORY, "grouped-1.1.4-strings.json", {OLD_FILM}),
        ("1.1.2", HISTORY, "grouped-1.1.2-array.json", set()),
        ("1.1.8", FLAT, "flat-1.1.2-array.json", set()),
    ],
)
async def test_shapes(
    scripted: Jellystat,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    version: str | None,
    path: str,
    name: str,
    missing: set[str],
) -> None:
    """Every shape of every version gives the same plays."""
    body = json.loads(fixture(name))

    def answer(request: web.BaseRequest) -> web.Response:
        if isinstance(body, dict) and request.query["size"] == "1":
            return as_json(body | {"pages": len(body["results"])})
        return as_json(body)

    server.on("/auth/isConfigured", configured(version))
    server.on(path, answer)
    events = await collect(scripted.backfill(None, [ALICE]))
    wanted = {
        key: values
        for key, values in PLAYS.items()
        if key not in missing and values[0] not in missing
    }
    assert {
        key: (user, item, seconds)
        for key, (user, item, _at, seconds) in seen(events).items()
    } == wanted
    by_id = {event.event_id: event for event in events}
    film = by_id["00000000-0000-4000-8000-000000000006"]
    assert (film.title, film.series_title) == ("1917", None)
    assert film.user_name in {"7", "007"}
    episode = by_id["00000000-0000-4000-8000-000000000004"]
    assert (episode.title, episode.series_title) == ("One", "Long Show")
    assert episode.ended_at.replace(microsecond=500000) == datetime(
        2026, 3, 4, 20, 0, 0, 500000, tzinfo=UTC
    )


async def test_guide_rows(scripted: Jellystat, server: ScriptedServer) -> None:
    """The guide's own example is read."""
    server.on("/auth/isConfigured")
    server.on(HISTORY, lambda _: as_json(fixture("guide.json")))
    first, second = await collect(scripted.backfill(None, []))
    assert first == PlaybackEvent(
        event_id="event-id",
        user_id=ALICE,
        item_id="f2" * 16,
        ended_at=datetime(2025, 1, 15, 10, 30, tzinfo=UTC),
        seconds=8880,
        user_name="alice",
        title="Inception",
    )
    assert second.seconds == 60


@pytest.mark.parametrize(
    ("sent", "users", "expected_id"),
    [
        (ALICE, [], ALICE),
        (ALICE.upper(), [], ALICE),
        ("user-guid-here", [], "user-guid-here"),
        (None, [], ""),
        (True, [], ""),
        # Thirty-two digits, and digits around one "e", are numbers to JavaScript.
        (1.2345678901234567e31, ["12345678901234567890123456789012"], None),
        (
            48,
            [
                "0000000000000000000000000000048e" + "",
                "00000000000000000000000048e12345",
            ],
            None,
        ),
        (49, ["00000000000000000000000048e12345"], "49"),
        (10**127, [], str(10**127)),
        (10**400, [], ""),
    ],
)
async def test_ids_of_users(
    scripted: Jellystat,
    server: ScriptedServer,
    sent: object,
    users: list[str],
    expected_id: str | None,
) -> None:
    """A user's id that became a number is found again among the known users."""
    filters: list[object] = []
    body = {"pages": 1, "results": [row(1, NOW, UserId=sent)], "filters": filters}
    server.on(FLAT, lambda _: as_json(body))
    (event,) = await collect(scripted.backfill(None, users))
    assert event.user_id == (users[-1] if expected_id is None else expected_id)


# -- patience -----------------------------------------------------------------


async def test_never_answering(
    session: aiohttp.ClientSession,
    simulator: JellystatSimulator,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a time-out nothing is asked for minutes, not even another question."""
    now = 1000.0
    monkeypatch.setattr(http, "monotonic", lambda: now)
    monkeypatch.setattr(module, "monotonic", lambda: now)
    jellystat = Jellystat(session, simulator.url, simulator.api_key, timeout=0.5)
    fault = simulator.fail(FaultKind.HANG, "history|activity")
    reads: list[Callable[[], Awaitable[object]]] = [
        lambda: collect(jellystat.backfill(None, user_ids(household))),
        lambda: all_of(jellystat.updates(LONG_AGO, user_ids(household))),
        jellystat.check,
        jellystat.version,
        lambda: collect(jellystat.backfill(None, user_ids(household))),
    ]
    for number, read in enumerate(reads):
        with pytest.raises(Unavailable) as caught:
            await read()
        assert caught.value.timed_out is (number == 0)
    assert fault.hits == 1
    assert len(simulator.requests) == 2
    now += 301
    simulator.faults.clear()
    # Only what hangs has to be given up soon; a busy machine may take its time.
    jellystat._http.timeout = 30
    events = await collect(jellystat.backfill(None, user_ids(household)))
    assert seen(events) == expected(household, simulator.version)


async def test_one_request_at_a_time(
    jellystat: Jellystat,
    simulator: JellystatSimulator,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever asks at the same time has to wait."""
    monkeypatch.setattr(history, "PAGE", 20)
    users = user_ids(household)
    simulator.fail(FaultKind.SLOW, delay=0.001)
    await asyncio.gather(
        collect(jellystat.backfill(None, users)),
        all_of(jellystat.updates(LONG_AGO, users)),
        jellystat.check(),
        jellystat.count(),
    )
    assert simulator.in_flight_peak == 1


async def test_readiness_is_asked_before_every_page(
    session: aiohttp.ClientSession,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A long scan makes sure before every page that its key still does no harm."""
    now = 1000.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    monkeypatch.setattr(history, "PAGE", 30)
    async with JellystatSimulator(household) as simulator:
        jellystat = Jellystat(session, simulator.url, simulator.api_key)
        async for _page in jellystat.backfill(None, []):
            now += 60
        asked = [one.path for one in simulator.requests]
    keyed = asked.count(FLAT)
    assert 2 < asked.count("/auth/isConfigured") == keyed


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.SERVER_ERROR, Unavailable),
        (FaultKind.BAD_GATEWAY, Unavailable),
        (FaultKind.STARTING, Unavailable),
        (FaultKind.DISCONNECT, Unavailable),
        (FaultKind.UNAUTHORIZED, AuthenticationFailed),
        (FaultKind.FORBIDDEN, AuthenticationFailed),
        (FaultKind.NOT_FOUND, ServerError),
        (FaultKind.HTML, BadAnswer),
        (FaultKind.EMPTY, BadAnswer),
        (FaultKind.TRUNCATED, BadAnswer),
        (FaultKind.MALFORMED, BadAnswer),
        (FaultKind.WRONG_SHAPE, BadAnswer),
    ],
)
async def test_every_fault_of_every_read(
    jellystat: Jellystat,
    simulator: JellystatSimulator,
    household: Household,
    kind: FaultKind,
    error: type[ServerError],
) -> None:
    """Whatever goes wrong, each read says so with the right error and no secret."""
    users = user_ids(household)
    simulator.fail(kind, "/api/|/stats/")
    reads: list[Callable[[], Awaitable[object]]] = [
        jellystat.check,
        lambda: collect(jellystat.backfill(None, users)),
        lambda: all_of(jellystat.updates(LONG_AGO, users)),
    ]
    for read in reads:
        with pytest.raises(error) as caught:
            await read()
        assert simulator.api_key not in str(caught.value)
        assert caught.value.server == "Jellystat"
    assert simulator.deaths == 0


# -- recordings ---------------------------------------------------------------

RECORDED = RECORDINGS / "jellystat"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize(
    ("version", "path", "names"),
    [
        ("1.1.8", FLAT, ["getPlaybackActivity-page1", "getPlaybackActivity-page2"]),
        ("1.1.8", FLAT, ["getPlaybackActivity-filter-max-keyset"]),
        ("1.1.6", USERS, ["getUserHistory-flat"]),
        ("1.1.8", FLAT, ["getItemHistory-movie", "getItemHistory-series"]),
        (None, HISTORY, ["getHistory-page1", "getHistory-page2"]),
        (None, HISTORY, ["getHistory-last-page-short"]),
        (None, HISTORY, ["getHistory-filter-min"]),
        (None, HISTORY, ["legacy-1.1.4-getHistory-string-numbers"]),
        ("1.1.2", HISTORY, ["legacy-1.1.2-getHistory-array"]),
        ("1.1.8", FLAT, ["legacy-1.1.2-getPlaybackActivity-array"]),
        ("1.1.8", FLAT, ["legacy-1.1.4-getPlaybackActivity-array"]),
        ("1.1.8", FLAT, ["legacy-1.1.6-getPlaybackActivity-array"]),
    ],
)
async def test_recorded_answers(
    scripted: Jellystat,
    server: ScriptedServer,
    version: str | None,
    path: str,
    names: list[str],
) -> None:
    """Answers of real servers are read without loss."""
    server.on("/auth/isConfigured", configured(version))
    for name in names:
        body = json.loads((RECORDED / f"{name}.json").read_text())
        rows = body if isinstance(body, list) else body["results"]

        def answer(
            request: web.BaseRequest, body: object = body, count: int = len(rows)
        ) -> web.Response:
            if isinstance(body, list):
                return as_json(body)
            assert isinstance(body, dict)
            pages = count if request.query["size"] == "1" else 1
            return as_json(body | {"pages": pages, "filters": []})

        server.on(path, answer)
        events = {
            event.event_id: event
            for event in await collect(scripted.backfill(None, [ALICE]))
        }
        plays = [play for one in rows for play in one.get("results") or [one]]
        assert events.keys() == {play["Id"] for play in plays}
        for play in plays:
            event = events[play["Id"]]
            assert event.item_id == (play["EpisodeId"] or play["NowPlayingItemId"])[:32]
            assert event.seconds == int(play["PlaybackDuration"])
            assert event.user_id == play["UserId"]
            assert event.title == str(play["NowPlayingItemName"])
            assert abs(
                event.ended_at - datetime.fromisoformat(play["ActivityDateInserted"])
            ) < timedelta(milliseconds=1)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not here")
async def test_recorded_checks(scripted: Jellystat, server: ScriptedServer) -> None:
    """A real server's answers to the questions before the first read."""

    def recorded(name: str) -> str:
        return (RECORDED / f"{name}.json").read_text()

    server.on("/auth/isConfigured", lambda _: as_json(recorded("isConfigured-ready")))
    server.on("/api/getLibraries", lambda _: as_json(recorded("getLibraries")))
    assert await scripted.version() == "1.1.8"
    await scripted.check()
    server.on(FLAT, lambda _: as_json(recorded("getPlaybackActivity-count-size1")))
    assert await scripted.count() == 36
    for name, status, error in (
        ("error-401-no-key", 401, AuthenticationFailed),
        ("error-403-wrong-key", 403, AuthenticationFailed),
        ("error-404-unknown-api-route", 404, BadAnswer),
    ):
        server.on("/api/getLibraries", always(recorded(name), status))
        with pytest.raises(error):
            await scripted.check()
    server.on(
        "/auth/isConfigured", lambda _: as_json(recorded("isConfigured-not-ready"))
    )
    with pytest.raises(Unavailable):
        await scripted.version()
