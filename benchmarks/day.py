"""A day of polls over a library that has been read: does anything grow, does anything stall?

    python -m benchmarks.day [--events 1000000] [--hours 24]

The simulated servers and the keeper live through it in a few minutes: a poll every
quarter of an hour, a full sync every six hours, and a play every hour. They answer as
fast as they can, so what is measured is ours.
"""

from argparse import ArgumentParser
import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import gc
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import aiohttp

from custom_components.oxicleanarr.household import Clock
from custom_components.oxicleanarr.keeper import Keeper

from .meter import Stalls, memory
from .plan import rules
from .sync import employ, servers

_POLL = timedelta(minutes=15)
_POLLS_AN_HOUR = 4


@dataclass(slots=True)
class Moved:
    """A clock that is moved by hand."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        """Return the same as seconds, which nobody sets."""
        return self.now().timestamp()


@dataclass(slots=True)
class Hour:
    """What an hour of polls has cost."""

    cpu: list[float]
    stall: float = 0.0

    def tell(self, number: int, path: Path) -> None:
        """Print it, with what there is at its end."""
        size = sum(one.stat().st_size for one in path.parent.iterdir())
        print(
            f"hour {number:2}   CPU of a poll {min(self.cpu):.3f} to"
            f" {max(self.cpu):.3f} s   stall {1000 * self.stall:6.1f} ms"
            f"   memory {memory()} MiB   on disk {size / 1e6:.2f} MB",
            flush=True,
        )


async def live(
    keeper: Keeper, steer: Any, clock: Moved, hours: int, path: Path
) -> None:
    """Let hours pass."""
    for number in range(1, hours + 1):
        hour = Hour([])
        await steer("play", user="user01", item=f"Film {number:05}")
        for _ in range(_POLLS_AN_HOUR):
            clock.ahead += _POLL
            await steer("tick", seconds=_POLL.total_seconds())
            gc.collect()
            stalls, cpu = Stalls(), process_time()
            await keeper.tick()
            hour.cpu.append(process_time() - cpu)
            hour.stall = max(hour.stall, stalls.end())
        hour.tell(number, path)


async def main() -> None:
    """Read everything once, then live a day."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--cost", type=float, default=0.0)
    options = parser.parse_args()
    clock = Moved()
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(servers(options))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        path = Path(stack.enter_context(TemporaryDirectory())) / "ledger.db"

        async def steer(command: str, **body: Any) -> None:
            """Let something happen in the household."""
            url = f"{addresses['control']['url']}/control/{command}"
            async with session.post(url, json=body) as response:
                response.raise_for_status()

        keeper = employ(session, addresses, path.parent, rules())
        keeper.clock = Clock(clock.now, clock.monotonic)
        await keeper.connect()
        await keeper.load()
        await keeper.sync(full=True)
        await live(keeper, steer, clock, options.hours, path)
        await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
