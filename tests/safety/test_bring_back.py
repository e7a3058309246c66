"""What is brought back: whatever happens, once, and nothing is deleted for it.

The bailiff looks at every request, the judge at every file; the stories end with
nothing that either has to say.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import Prospect
from simulators.faults import Fault, FaultKind, Request

from .conftest import Run
from .life import EVENING, Dawn, Day, Life, first_dawn, live_from
from .world import Watched

NOTHING = Day()
FILM, SERIES = "Golf", "Show"


async def a_deletion(folder: Path, what: str) -> Dawn:
    """Return the evening after a title went through its Radarr or Sonarr."""
    async with live_from(first_dawn(0, owned=True), folder) as life:
        await life.live(Day(night=(("mark", "alice", what),)))
        for _ in range(12):
            await life.live(NOTHING)
            await life.do(("go_on",))
            if possible := await log(life):
                assert possible
                return life.dawn()
    raise AssertionError("nothing went")


async def log(life: Life) -> list[tuple[str, Prospect]]:
    """Return the titles of the deletion log that can come back, or are on the way."""
    rows = await life.keeper.deletions(1000)
    return [
        (row.title, found) for row, found, _ in rows if found is not Prospect.IMPOSSIBLE
    ]


def counts(life: Life) -> dict[tuple[str, int], int]:
    """Return how often each title is listed in each Radarr and Sonarr."""
    assert life.estate is not None
    found: dict[tuple[str, int], int] = {}
    for server in life.estate.arrs:
        for title in server.titles.values():
            name = (server.name, title.provider_id)
            found[name] = found.get(name, 0) + 1
    return found


def added(life: Life) -> int:
    """Return how many titles were added, as the servers have carried it out."""
    assert life.estate is not None
    return life.estate.additions


async def in_the_end(life: Life, before: set[str]) -> None:
    """Look at what is true once everything has had its time."""
    for _ in range(3):
        life.house.nightfall()
        await life.look(EVENING)
    assert not life.judge.wrongs, life.judge.wrongs
    assert max(counts(life).values()) == 1
    assert {found for _, found in await log(life)} == {Prospect.DONE}
    assert life.estate is not None
    # What was there is there, and what went is back.
    gone = {one.title for one in life.house.deleted}
    assert before | gone <= life.estate.there()
    await life.look_for_all()


@pytest.mark.parametrize("what", [FILM, SERIES])
def test_it_comes_back_and_stays(folder: Path, run: Run, what: str) -> None:
    """For weeks nothing deletes it again, whatever was marked before."""

    async def story() -> None:
        dawn = await a_deletion(folder, what)
        async with live_from(dawn, folder) as life:
            assert life.estate is not None
            before = life.estate.there()
            assert await life.do(("wish_back", what))
            assert added(life) == 1
            await in_the_end(life, before)
            deleted = len(life.house.deleted)
            for _ in range(30):
                await life.live(NOTHING)
            assert len(life.house.deleted) == deleted
            assert not life.judge.wrongs

    run(story())


def test_once_it_is_watched_the_rules_decide(folder: Path, run: Run) -> None:
    """It goes again, by its own time and its own grace; then it can come back again."""

    async def story() -> None:
        dawn = await a_deletion(folder, FILM)
        async with live_from(dawn, folder) as life:
            assert await life.do(("wish_back", FILM))
            await life.live(NOTHING)
            await life.live(Day(day=(("play", "alice", FILM, 96),)))
            for _ in range(30):
                await life.live(NOTHING)
                await life.do(("go_on",))
            assert [one.title for one in life.house.deleted].count(FILM) == 2
            assert (FILM, Prospect.POSSIBLE) in await log(life)
            assert not life.judge.wrongs

    run(story())


@asynccontextmanager
async def at_request(
    life: Life, number: int, happen: Callable[[], object]
) -> AsyncIterator[list[str]]:
    """Let something happen when the Radarrs and Sonarr have got so many requests."""
    seen: list[str] = []

    async def answered(request: Request) -> None:
        seen.append(f"{request.method} {request.path}")
        if len(seen) == number:
            happen()

    assert life.estate is not None
    for server in life.estate.arrs:
        assert isinstance(server, Watched)
        server.answered = answered
    try:
        yield seen
    finally:
        for server in life.estate.arrs:
            server.answered = life._answered


@pytest.mark.parametrize("what", [FILM, SERIES])
def test_it_is_killed_at_any_moment(folder: Path, run: Run, what: str) -> None:
    """After each request in turn: the next process ends it, and adds nothing twice."""

    async def one(dawn: Dawn, number: int) -> int:
        async with live_from(dawn, folder) as life:
            assert life.estate is not None
            before = life.estate.there()
            await life._look_after(EVENING / 2)
            task = asyncio.create_task(life.do(("wish_back", what)))
            async with at_request(life, number, task.cancel) as seen:
                await asyncio.wait([task])
            asked = len(seen)
            if task.cancelled():
                await asyncio.sleep(0.02)
                await life.restart(died=True)
            deleted = len(life.house.deleted)
            await in_the_end(life, before)
            assert added(life) == 1
            assert len(life.house.deleted) == deleted
            return asked

    async def story() -> None:
        dawn = await a_deletion(folder, what)
        whole = await one(dawn, 0)
        assert whole > 6
        for number in range(1, whole + 1):
            await one(dawn, number)

    run(story())


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.DISCONNECT,
        FaultKind.DISCONNECT_AFTER,
        FaultKind.SERVER_ERROR,
        FaultKind.MALFORMED,
    ],
)
@pytest.mark.parametrize("what", [FILM, SERIES])
def test_any_request_can_fail(
    folder: Path, run: Run, kind: FaultKind, what: str
) -> None:
    """It is said or tried again, and another wish ends it: nothing is added twice."""

    async def one(dawn: Dawn, number: int) -> None:
        async with live_from(dawn, folder) as life:
            assert life.estate is not None
            before = life.estate.there()
            await life._look_after(EVENING / 2)
            for server in life.estate.arrs:
                server.requests.clear()
            fault = Fault(kind, after=number, times=1)
            for server in life.estate.arrs:
                server.faults.append(fault)
            assert await life.do(("wish_back", what))
            fault.times = 0
            await life.do(("wish_back", what))
            await in_the_end(life, before)
            assert added(life) == 1

    async def story() -> None:
        dawn = await a_deletion(folder, what)
        for number in range(13):
            await one(dawn, number)

    run(story())


def test_the_bailiff_sees_what_nobody_wants_back(folder: Path, run: Run) -> None:
    """Without a wish of an admin, whatever is added is wrong."""

    async def story() -> list[str]:
        dawn = await a_deletion(folder, FILM)
        async with live_from(dawn, folder) as life:
            assert life.estate is not None
            rows = await life.keeper.deletions(10)
            number = next(
                row.entry_id for row, found, _ in rows if found is Prospect.POSSIBLE
            )
            # Nobody has told the house.
            await life.keeper.bring_back([number])
            return life.judge.wrongs

    wrongs: Any = run(story())
    assert any("nobody wants back" in one for one in wrongs)
