"""Reading the servers: our way beside the guide's, in one run, as ratios.

    python -m benchmarks.sync [--events 100000] [--cost 0.05]

The simulated servers run in a process of their own and take a share (``--cost``) of
the time that real ones were measured to take. The guide's method (``getHistory``, 100
rows a page, all pages, every time) is timed on a few pages spread over the history
and counted up to all of them; it would take hours.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from pathlib import Path
import resource
import sys
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp

from custom_components.oxicleanarr.cleanup import Limits
from custom_components.oxicleanarr.household import Clock, KeeperSettings, Servers
from custom_components.oxicleanarr.keeper import Keeper
from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.retention import RetentionRules
from custom_components.oxicleanarr.servers import Connections, Jellyfin, Jellystat

_SAMPLES = 6


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def memory() -> int:
    """Return the most memory this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@asynccontextmanager
async def servers(
    options: Namespace, *more: str
) -> AsyncIterator[dict[str, dict[str, str]]]:
    """Run the simulated servers over the reference library."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators", "--reference", *more),
        *("--events", str(options.events), "--cost", str(options.cost)),
        stdout=PIPE,
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def guide_method(
    session: aiohttp.ClientSession, server: dict[str, str]
) -> tuple[int, float]:
    """Return how many pages the guide's method reads, and the seconds of one."""
    headers = {"x-api-token": server["api_key"]}

    async def page(number: int) -> int:
        url = f"{server['url']}/api/getHistory?page={number}&size=100"
        async with session.get(url, headers=headers) as response:
            return int((await response.json())["pages"])

    pages = await page(1)
    started = perf_counter()
    for sample in range(_SAMPLES):
        await page(1 + sample * (pages - 1) // _SAMPLES)
    return pages, (perf_counter() - started) / _SAMPLES


def employ(
    session: aiohttp.ClientSession,
    addresses: dict[str, dict[str, str]],
    folder: Path,
    rules: RetentionRules,
    connections: Connections = Connections(),
    *,
    jellystat: bool = True,
) -> Keeper:
    """Return a keeper of the simulated servers that deletes nothing."""
    return Keeper(
        Ledger(folder / "ledger.db"),
        Servers(
            Jellyfin(session, *addresses["jellyfin"].values(), timeout=600),
            Jellystat(session, *addresses["jellystat"].values(), timeout=600)
            if jellystat
            else None,
            connections,
        ),
        KeeperSettings(
            libraries=None,
            rules=rules,
            full_sync_interval=timedelta(hours=6),
            grace=timedelta(days=3),
            limits=Limits(),
            dry_run=True,
            import_exclusion=True,
            seerr_cleanup=False,
        ),
        Clock(now),
        lambda recycled: None,
    )


class Stalls:
    """The longest time for which the event loop did nothing else, in seconds."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.longest = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            started = perf_counter()
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, perf_counter() - started - 0.001)

    def end(self) -> float:
        """Stop watching and return the longest stall."""
        self._task.cancel()
        return self.longest


async def measured[Result](
    name: str, run: Callable[[], Awaitable[Result]]
) -> tuple[Result, float]:
    """Run a phase and say how long it took, with the longest stall."""
    stalls = Stalls()
    started = perf_counter()
    result = await run()
    seconds = perf_counter() - started
    print(
        f"{name:<28} {seconds:8.2f} s   longest stall {1000 * stalls.end():5.1f} ms"
        f"   memory {memory()} MiB",
        flush=True,
    )
    return result, seconds


async def requests(session: aiohttp.ClientSession, control: str) -> dict[str, int]:
    """Return how many requests each server has had."""
    async with session.post(f"{control}/control/state", json={}) as response:
        state = await response.json()
    return {name: one["requests"] for name, one in state["servers"].items()}


async def main() -> None:
    """Run all phases and print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--cost", type=float, default=0.05)
    options = parser.parse_args()
    async with (
        servers(options) as addresses,
        aiohttp.ClientSession() as session,
    ):
        print(f"{options.events} events, {options.cost:g} of the real servers' time")
        pages, seconds = await guide_method(session, addresses["jellystat"])
        guide = pages * seconds
        print(
            f"guide's method: {pages} pages, {seconds:.2f} s each: {guide:.0f} s in all"
        )
        with TemporaryDirectory() as folder:
            keeper = employ(session, addresses, Path(folder), RetentionRules())
            assert keeper.servers.jellystat is not None
            control = addresses["control"]["url"]
            before = memory()
            started = perf_counter()
            keeper.ledger.begin_history_scan(now())
            async for page in keeper.servers.jellystat.backfill(None, []):
                await asyncio.to_thread(
                    keeper.ledger.add_history_page, page.events, page.cursor, now()
                )
            backfill = perf_counter() - started
            print(
                f"{'first backfill':<28} {backfill:8.2f} s   ratio {guide / backfill:.0f}"
            )
            for name, full in (
                ("first full sync and plan", True),
                ("full sync and plan", True),
                ("poll and plan", False),
                ("poll and plan", False),
            ):
                asked = await requests(session, control)
                await measured(name, partial(keeper.sync, full=full))
                more = await requests(session, control)
                print(
                    "  requests: "
                    + ", ".join(f"{key} {more[key] - asked[key]}" for key in asked)
                )
            overview, _ = await measured("plan", keeper.evaluate)
            assert overview.plan is not None
            print(f"plan of {len(overview.plan.entries)} entries")
            print(f"memory: {memory() - before} MiB more than before, at the most")
            await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
