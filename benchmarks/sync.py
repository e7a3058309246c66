"""Reading the servers: our way beside the guide's, in one run, as ratios.

    python -m benchmarks.sync [--events 100000] [--cost 0.05] [--small]

The simulated servers run in a process of their own and take a share (``--cost``) of
the time that real ones were measured to take. The guide's method (``getHistory``, 100
rows a page, all pages, every time) is timed on a few pages spread over the history
and counted up to all of them; it would take hours. ``--small`` leaves us one core and
1 GiB of memory.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from pathlib import Path
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
from custom_components.oxicleanarr.sync.history import read_history

from .meter import Meter, be_small

_SAMPLES = 6


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


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


async def read_everything(keeper: Keeper) -> None:
    """Read the whole history, as the first sync does."""
    batch = await asyncio.to_thread(keeper.ledger.begin_sync, complete=False)
    state = await asyncio.to_thread(keeper.ledger.state)
    await read_history(
        keeper.servers.jellystat, keeper.ledger, batch, state, (), now, full=False
    )
    await asyncio.to_thread(batch.discard)


def on_disk(path: Path, events: int) -> str:
    """Return how large a ledger is."""
    log = path.with_name(f"{path.name}-wal")
    size, waiting = (part.stat().st_size for part in (path, log))
    return (
        f"  on disk: {size / 1e6:.1f} MB, {size / max(events, 1):.1f} bytes a row of"
        f" history; its log {waiting / 1e6:.1f} MB"
    )


async def main() -> None:
    """Run all phases and print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--cost", type=float, default=0.05)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    async with (
        servers(options) as addresses,
        aiohttp.ClientSession() as session,
        Meter.begin(session, addresses["control"]["url"]) as meter,
    ):
        if options.small:
            be_small()
        print(f"{options.events} events, {options.cost:g} of the real servers' time")
        pages, seconds = await guide_method(session, addresses["jellystat"])
        guide = pages * seconds
        print(
            f"guide's method: {pages} pages, {seconds:.2f} s each: {guide:.0f} s in all"
        )
        with TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.db"
            keeper = employ(session, addresses, path.parent, RetentionRules())
            backfill = await meter.measure(
                "first backfill", partial(read_everything, keeper)
            )
            print(
                f"  {guide / backfill.seconds:.0f} times less than the guide's method"
            )
            print(on_disk(path, options.events))
            for name, full in (
                ("first full sync, plan", True),
                ("full sync, plan", True),
                ("poll, plan", False),
                ("poll, plan", False),
            ):
                await meter.measure(name, partial(keeper.sync, full=full))
            plan = (await meter.measure("plan", keeper.evaluate)).result.plan
            assert plan is not None
            print(f"  {len(plan.entries)} entries")
            print(on_disk(path, options.events))
            await keeper.close()
            opened = await meter.measure(
                "open", partial(asyncio.to_thread, Ledger, path)
            )
            ledger = opened.result
            await meter.measure(
                "look through the file",
                partial(asyncio.to_thread, ledger.begin_sync, complete=False),
            )
            ledger.close()


if __name__ == "__main__":
    asyncio.run(main())
