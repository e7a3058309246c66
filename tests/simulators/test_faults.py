"""Faults strike where and when they were asked to, and a stop leaves nothing behind."""

import asyncio
import time

from aiohttp import (
    ClientError,
    ClientPayloadError,
    ClientSession,
    ServerDisconnectedError,
)
import pytest

from simulators import (
    Fault,
    FaultKind,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    Request,
)
from simulators.jellyfin.cost import MeasuredCost

from .conftest import Client, Clock

MOVIES = "/Items?recursive=true&includeItemTypes=Movie"


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (FaultKind.SERVER_ERROR, 500, "Error processing request."),
        (FaultKind.UNAUTHORIZED, 401, None),
        (FaultKind.FORBIDDEN, 403, None),
        (FaultKind.NOT_FOUND, 404, None),
        (FaultKind.EMPTY, 200, None),
    ],
)
async def test_answers(
    household: Household, ask: Client, kind: FaultKind, status: int, body: str | None
) -> None:
    """A fault replaces the answer."""
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.fail(kind)
        reply = await ask(jellyfin, MOVIES)
        assert (reply.status, reply.body) == (status, body)


async def test_starting_and_html(household: Household, ask: Client) -> None:
    """A starting server and a proxy's log-in page speak HTML."""
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.fail(FaultKind.STARTING, times=1)
        reply = await ask(jellyfin, MOVIES)
        assert reply.status == 503
        assert reply.headers["Retry-After"] == "005"
        assert reply.headers["Content-Type"].startswith("text/html")
        jellyfin.fail(FaultKind.HTML, times=1)
        reply = await ask(jellyfin, MOVIES)
        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("text/html")
        assert (await ask(jellyfin, MOVIES)).names == ["Alpha", "Bravo"]


async def test_half_a_page(household: Household, ask: Client) -> None:
    """Half the rows are gone and the count does not say so."""
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.fail(FaultKind.HALF_PAGE)
        reply = await ask(jellyfin, MOVIES)
        assert reply.names == ["Alpha"]
        assert reply.body["TotalRecordCount"] == 2


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (FaultKind.NO_ROWS, []),
        (FaultKind.SHUFFLED, ["Bravo", "Alpha"]),
        (FaultKind.REPEATED, ["Alpha", "Bravo", "Alpha"]),
        (FaultKind.STALE, ["Alpha", "Bravo"]),
    ],
)
async def test_other_rows(
    household: Household, ask: Client, kind: FaultKind, names: list[str]
) -> None:
    """Rows are missing, in another order, there twice, or of yesterday."""
    async with JellyfinSimulator(household) as jellyfin:
        await ask(jellyfin, MOVIES)
        if kind is FaultKind.STALE:
            household.delete(household["Alpha"])
        jellyfin.fail(kind)
        assert (await ask(jellyfin, MOVIES)).names == names


async def test_the_house_moves_between_requests(
    household: Household, ask: Client
) -> None:
    """A listener can change the household just before an answer."""
    alice, bravo = household.user("alice"), household.movie("Bravo")

    def press_play(request: Request) -> None:
        if request.path == "/Sessions" and not household.sessions:
            household.start_playback(alice, bravo)

    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.listeners.append(press_play)
        assert (await ask(jellyfin, MOVIES)).status == 200
        assert len((await ask(jellyfin, "/Sessions")).body) == 1


async def test_cost(household: Household, ask: Client) -> None:
    """A list may take the time it takes the real server."""
    cost = MeasuredCost()
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.cost = MeasuredCost(1e-6)
        for query in ("&limit=5000", "&limit=500&userId=" + household.users[0].id):
            assert (await ask(jellyfin, MOVIES + query)).status == 200
        whole, sweep = (cost(request, 45_400) for request in jellyfin.requests)
    assert 0.6 < whole < 1.0
    assert 1.0 < sweep < 2.4


def test_cost_of_order(clock: Clock) -> None:
    """The server remembers some series: a list that hops between more of them is slow."""
    household = Household(clock)
    household.add_library("Shows", "tvshows", ["/media/shows"])
    for number in range(300):
        show = household.add_series(f"Show {number:03}")
        for episode in (1, 2):
            household.add_episode(
                show, season=1, number=episode, title=f"Part {episode}"
            )
    cost = MeasuredCost()
    by_name = sorted(household.episodes, key=lambda one: (one.name, one.series.name))
    by_series = sorted(household.episodes, key=lambda one: (one.series.name, one.name))
    assert cost.of_rows(by_name) > 1.9 * cost.of_rows(by_series) > 0
    assert cost.of_rows([*by_series[-100:], *household.movies]) == 0


async def test_broken_connections(household: Household, ask: Client) -> None:
    """A body breaks off, or the connection does."""
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.fail(FaultKind.TRUNCATED, times=1)
        with pytest.raises(ClientPayloadError):
            await ask(jellyfin, MOVIES)
        jellyfin.fail(FaultKind.DISCONNECT)
        with pytest.raises((ServerDisconnectedError, ClientError)):
            await ask(jellyfin, MOVIES)


async def test_which_requests(household: Household, ask: Client) -> None:
    """A fault is picky: method, path, times, how many pass before, or any test."""
    async with JellyfinSimulator(household) as jellyfin:
        fault = Fault(
            FaultKind.NOT_FOUND, method="GET", path="^/Items$", times=1, after=1
        )
        jellyfin.faults.append(fault)
        assert (await ask(jellyfin, "/Users")).status == 200
        statuses = [(await ask(jellyfin, MOVIES)).status for _ in range(3)]
        assert statuses == [200, 404, 200]
        assert fault.hits == 1
        jellyfin.faults[:] = [
            Fault(
                FaultKind.FORBIDDEN, when=lambda request: "isDisabled" in request.query
            )
        ]
        assert (await ask(jellyfin, "/Users")).status == 200
        assert (await ask(jellyfin, "/Users?isDisabled=false")).status == 403
        assert [request.status for request in jellyfin.requested("/users")] == [
            200,
            200,
            403,
        ]


async def test_delete_carried_out_without_an_answer(
    household: Household, ask: Client
) -> None:
    """The connection breaks before the deletion, or after it."""
    alpha, bravo = household["Alpha"], household["Bravo"]
    async with JellyfinSimulator(household) as jellyfin:
        for kind, item, gone in (
            (FaultKind.DISCONNECT, alpha, False),
            (FaultKind.DISCONNECT_AFTER, bravo, True),
        ):
            jellyfin.fail(kind, method="DELETE", times=1)
            with pytest.raises(ClientError):
                await ask(jellyfin, f"/Items/{item.id}", "DELETE")
            assert (item not in household) is gone


async def test_stop_lets_go_of_what_hangs(
    household: Household, socket_enabled: None
) -> None:
    """A stop is quick and leaves no task; a start listens on the same port."""
    before = asyncio.all_tasks()
    jellyfin = JellyfinSimulator(household)
    await jellyfin.start()
    jellyfin.fail(FaultKind.HANG, path="Items")
    jellyfin.fail(FaultKind.SLOW, path="Users", delay=60)
    async with ClientSession() as session:
        headers = {"Authorization": f'MediaBrowser Token="{jellyfin.api_key}"'}

        async def get(path: str) -> None:
            with pytest.raises(ClientError):
                await session.get(jellyfin.url + path, headers=headers)

        waiting = [asyncio.create_task(get(path)) for path in ("/Items", "/Users")]
        while jellyfin.in_flight < 2:
            await asyncio.sleep(0.01)
        port, began = jellyfin.port, time.monotonic()
        await jellyfin.stop()
        await asyncio.gather(*waiting)
        assert time.monotonic() - began < 1
        with pytest.raises(ClientError):
            await session.get(jellyfin.url, headers=headers)
        jellyfin.faults.clear()
        await jellyfin.start()
        assert jellyfin.port == port
        async with session.get(jellyfin.url + "/Users", headers=headers) as response:
            assert response.status == 200
        assert jellyfin.in_flight_peak == 2
        await jellyfin.stop()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_self_signed(household: Household, socket_enabled: None) -> None:
    """A self-signed certificate is refused unless one looks away."""
    async with (
        JellystatSimulator(household, tls=True) as jellystat,
        ClientSession() as session,
    ):
        assert jellystat.url.startswith("https://")
        with pytest.raises(ClientError):
            await session.get(f"{jellystat.url}/auth/isConfigured")
        async with session.get(
            f"{jellystat.url}/auth/isConfigured", ssl=False
        ) as response:
            assert response.status == 200
