"""Long lists: how much is asked for at a time, and where the rows go meanwhile."""

import asyncio
import threading

import aiohttp
import pytest

from custom_components.oxicleanarr.model import MediaItem
from custom_components.oxicleanarr.servers import (
    BadAnswer,
    Jellyfin,
    Unavailable,
    jellyfin_lists as lists,
)
from tests.taken import all_of

from .conftest import ScriptedServer
from .test_jellyfin import MOVIES, film, hex_id, listing


def limits(server: ScriptedServer) -> list[int]:
    """Return how many rows were asked for, time after time."""
    found = [int(one.query["limit"]) for one in server.requests]
    server.requests.clear()
    return found


@pytest.fixture
def jellyfin(session: aiohttp.ClientSession, server: ScriptedServer) -> Jellyfin:
    """Return a client of the server that does what it is told."""
    return Jellyfin(session, server.url, "key")


async def test_shorter_pages_while_the_server_is_slow(
    jellyfin: Jellyfin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half as long after each that took long, and longer again when it is quick."""
    seconds = iter([20.0] * 6 + [5.0] + [0.1] * 6)
    now = [0.0]
    server.on("/Items", lambda _: listing())

    def clock() -> float:
        """Return the beginning of a page, then its end."""
        now.append(now[-1] + (0 if len(now) % 2 else next(seconds)))
        return now[-1]

    monkeypatch.setattr(lists, "monotonic", clock)
    for _ in range(12):
        await all_of(jellyfin.inventory, MOVIES)
    assert limits(server) == [
        *(10000, 5000, 2500, 1250, 625, 500),
        # Neither slow nor quick.
        *(500, 500),
        *(1000, 2000, 4000, 8000),
    ]


async def test_a_page_that_did_not_come_in_time(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """It is asked for at the next sync, by a quarter."""
    jellyfin = Jellyfin(session, server.url, "key", timeout=0.05)
    late = asyncio.Event()
    server.on("/Items", lambda _: late.wait(), lambda _: listing())
    with pytest.raises(Unavailable):
        await all_of(jellyfin.inventory, MOVIES)
    late.set()
    await all_of(jellyfin.activity, hex_id(9))
    assert limits(server) == [10000, 2500]


async def test_rows_are_handed_over_while_a_page_is_read(
    jellyfin: Jellyfin, server: ScriptedServer
) -> None:
    """In lots, none of them by the event loop, and all of them at the end."""
    server.on("/Items", lambda _: listing(*(film(number) for number in range(1234))))
    lots: list[int] = []
    threads = set()

    def take(rows: list[MediaItem]) -> None:
        """Note what comes, and where."""
        lots.append(len(rows))
        threads.add(threading.current_thread())

    noted: list[int] = []
    await jellyfin.inventory(MOVIES, take, noted.append)
    assert lots == [500, 500, 234]
    assert noted == [1234]
    assert threading.current_thread() not in threads


async def test_a_page_that_breaks_off_is_handed_over_once(
    jellyfin: Jellyfin, server: ScriptedServer
) -> None:
    """Its beginning is known when it is read again."""
    rows = [film(number) for number in range(1, 1001)]
    server.on(
        "/Items",
        lambda _: listing(*rows[:600], total=601),
        lambda _: listing(*rows),
    )
    taken: list[MediaItem] = []
    with pytest.raises(BadAnswer):
        await jellyfin.inventory(MOVIES, taken.extend)
    assert len(taken) == 600
    server.on("/Items", lambda _: None, lambda _: listing(*rows))
    assert len(await all_of(jellyfin.inventory, MOVIES)) == 1000
