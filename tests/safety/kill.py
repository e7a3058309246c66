"""SIGKILL at any moment of a run that deletes for real."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
import os
from pathlib import Path
import random
import signal
import sys
from time import monotonic

from custom_components.oxicleanarr.cleanup import Limits
from custom_components.oxicleanarr.ledger import DeletionOutcome

from .life import EVENING, Dawn, Day, Life, first_dawn, live_from
from .victim import Task
from .world import Kind

ROOT = Path(__file__).parents[2]
SAME_RULES = 42
"""Seeds that differ by this begin with the same rules."""
KEPT = "Bravo"
WATCHED = ("Alpha", KEPT, "Charlie", "Comets", "Hotel", "Show", "Serial")
WATCHED_TOO = ("Ultra", "Golf", "Saga")
"""By those whose files are owned."""


@dataclass(frozen=True)
class Killed:
    """A run that was killed."""

    lived: float
    """For how many seconds."""
    deleted: int
    """How many files it had deleted by then."""
    due: int
    """How many there were to delete."""


async def eve_of_a_run(
    seed: int,
    folder: Path,
    *,
    owned: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> Dawn:
    """Return a house in which a lot is due, and one watched film is kept."""
    # The process that is killed knows of no other limit than its own.
    first = first_dawn(seed - seed % SAME_RULES, owned=owned, kinds=kinds - {Kind.CAP})
    async with live_from(first, folder) as life:
        life.chosen.limits = Limits(max_items=0)
        titles = WATCHED + WATCHED_TOO * owned
        marks = tuple(("mark", "alice", title) for title in titles)
        await life.live(Day(night=marks))
        assert await life.do(("keep", KEPT, 0))
        # Many are due at once in such a small house: somebody has looked at that.
        for _ in range(4):
            await life.live(Day())
        await life.do(("go_on",))
        return life.dawn()


@asynccontextmanager
async def victims() -> AsyncIterator[Process]:
    """Start the process that forks the ones to be killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.safety.victim", stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        await process.wait()


async def kill_after(
    process: Process, dawn: Dawn, seconds: float | None, folder: Path
) -> Killed:
    """Kill a run after some seconds (``None``: never), and look at what is left.

    Raises AssertionError for whatever is not as it should be.
    """
    async with live_from(dawn, folder) as life:
        life.chosen.limits = Limits(max_items=1000)
        before = set(life.house.listed())
        life.house.clock.wait(EVENING)
        await life.keeper.close()
        lived = await _run(process, life, seconds)
        await life.restart(died=True)
        ledger = life.keeper.ledger
        assert [keep.key for keep in ledger.keeps(life.house.clock()).values()]
        rows = ledger.deletions(1000)
        gone = before - set(life.house.listed())
        written = Counter(row.title for row in rows)
        assert written.keys() >= {one.title for one in life.house.deleted}
        assert gone <= written.keys(), f"nobody knows of {gone - written.keys()}"
        assert max(written.values(), default=1) == 1, written
        open_rows = ledger.unsettled()
        assert sum(row.finished_at is None for row in open_rows) <= 1
        deleted = len(life.house.deleted)
        for _ in range(3):
            life.house.nightfall()
            await life.look(EVENING)
        _all_is_explained(life)
        await life.look_for_all()
        return Killed(lived, deleted, len(life.house.deleted))


async def _run(process: Process, life: Life, seconds: float | None) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    history = life.history
    task = Task(
        ledger=str(life.judge.ledger),
        jellyfin=(life.server.url, life.server.api_key),
        jellystat=(history.url, history.api_key) if history else None,
        owners={one.name: (one.url, one.api_key) for one in life.estate.servers}
        if life.estate is not None
        else None,
        rules=0,
        managed=sorted(life.chosen.managed or ()),
        now=life.house.clock().isoformat(),
    )
    process.stdin.write(f"{task.dump()}\n".encode())
    child = int(await process.stdout.readline())
    begun = monotonic()
    ended = asyncio.ensure_future(process.stdout.readline())
    if seconds is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(ended), seconds)
        if not ended.done():
            # It may come to its end at this very moment.
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    await ended
    assert not life.judge.wrongs, life.judge.wrongs
    return monotonic() - begun


def _all_is_explained(life: Life) -> None:
    """Everything that was due has gone once, and the journal says so, once."""
    assert not life.keeper.ledger.unsettled()
    rows = life.keeper.ledger.deletions(1000)
    deleted = Counter(
        row.title for row in rows if row.outcome is DeletionOutcome.DELETED
    )
    assert set(deleted.values()) == {1}, deleted
    assert deleted.keys() == {one.title for one in life.house.deleted}
    assert len(life.house.deleted) == len(deleted)
    assert all(row.rule and row.reason for row in rows)
    assert life.house.find(KEPT)


async def kill_at_random(
    seed: int,
    times: int,
    folder: Path,
    *,
    owned: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> list[Killed]:
    """Kill that many runs, each somewhere between its begin and its end."""
    luck = random.Random(seed)
    dawn = await eve_of_a_run(seed, folder, owned=owned, kinds=kinds)
    async with victims() as process:
        whole = await kill_after(process, dawn, None, folder)
        assert whole.deleted == whole.due > 0
        return [
            await kill_after(process, dawn, luck.uniform(0, whole.lived), folder)
            for _ in range(times)
        ]
