"""What a phase costs: time, CPU, requests, bytes, memory, stalls of the event loop.

Any process is held up at times on a busy machine. So another one, which does nothing,
watches its own event loop meanwhile (``python -m benchmarks.meter``): a stall that is
not longer than what that one has seen says nothing about us.
"""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
import os
from pathlib import Path
import resource
import sys
from time import perf_counter, process_time
from typing import Self

import aiohttp
from aiohttp.client_proto import ResponseHandler

MIB = 1024 * 1024


class Stalls:
    """The longest time for which the event loop did nothing else, in seconds."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.longest = 0.0
        self._started = perf_counter()
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Notice how much later than wanted it is one's turn."""
        while True:
            self._started = perf_counter()
            await asyncio.sleep(0.001)
            self._note()

    def _note(self) -> None:
        """Note how late it is."""
        self.longest = max(self.longest, perf_counter() - self._started - 0.001)

    def end(self) -> float:
        """Stop watching and return the longest stall, one that lasts until now included."""
        self._note()
        self._task.cancel()
        return self.longest


class Collections:
    """The longest garbage collection, in seconds."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.longest = 0.0
        self._started = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        """Take the time of one."""
        if phase == "start":
            self._started = perf_counter()
        else:
            self.longest = max(self.longest, perf_counter() - self._started)

    def end(self) -> float:
        """Stop watching and return the longest one."""
        gc.callbacks.remove(self._note)
        return self.longest


def memory(name: str = "VmRSS") -> int:
    """Return how much memory this process has, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (one for one in status.splitlines() if one.startswith(name))
    return int(line.split()[1]) // 1024


def peak_memory() -> int:
    """Return the most memory that this process has had since it was forgotten, in MiB."""
    return memory("VmHWM")


def forget_peak() -> None:
    """Let the most memory be what there is now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def be_small() -> None:
    """Have one core and 1 GiB of memory from now on, as a small computer has.

    The processes that were started before, as the simulated servers, keep theirs.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    resource.setrlimit(resource.RLIMIT_DATA, (1024 * MIB, 1024 * MIB))


class Wire:
    """Counts the bytes that come in by HTTP, packed as they are."""

    def __init__(self) -> None:
        """Begin to count."""
        self.received = 0
        take = ResponseHandler.data_received

        def count(handler: ResponseHandler, data: bytes) -> None:
            """Count some bytes and hand them on."""
            self.received += len(data)
            take(handler, data)

        ResponseHandler.data_received = count  # type: ignore[assignment, method-assign]


@dataclass(frozen=True, slots=True)
class Measured[Result]:
    """What a phase returned, how long it took, and how often it asked each server."""

    result: Result
    seconds: float
    requests: dict[str, int]


@dataclass(slots=True)
class Meter:
    """Measures phases and prints a line for each."""

    session: aiohttp.ClientSession
    control: str
    """The address at which the simulated servers tell how often they were asked; empty:
    there are none."""
    wire: Wire
    idle: Process

    @classmethod
    @asynccontextmanager
    async def begin(
        cls, session: aiohttp.ClientSession, control: str = ""
    ) -> AsyncIterator[Self]:
        """Run the idle process as long as there is something to measure."""
        idle = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.meter", stdin=PIPE, stdout=PIPE
        )
        try:
            yield cls(session, control, Wire(), idle)
        finally:
            idle.terminate()
            await idle.wait()

    async def requests(self) -> dict[str, int]:
        """Return how many requests each server has had."""
        if not self.control:
            return {}
        async with self.session.post(f"{self.control}/control/state", json={}) as found:
            state = await found.json()
        return {name: one["requests"] for name, one in state["servers"].items()}

    async def _idle_stall(self) -> float:
        """Return the longest stall of the idle process since it was last asked."""
        assert self.idle.stdin is not None
        assert self.idle.stdout is not None
        self.idle.stdin.write(b"\n")
        return float(await self.idle.stdout.readline())

    async def measure[Result](
        self, name: str, run: Callable[[], Awaitable[Result]]
    ) -> Measured[Result]:
        """Run a phase and print what it cost."""
        asked = await self.requests()
        gc.collect()
        forget_peak()
        before, received = peak_memory(), self.wire.received
        await self._idle_stall()
        collections, stalls = Collections(), Stalls()
        wall, cpu = perf_counter(), process_time()
        result = await run()
        wall, cpu = perf_counter() - wall, process_time() - cpu
        stall, collection = stalls.end(), collections.end()
        peak, received = peak_memory(), self.wire.received - received
        idle = await self._idle_stall()
        more = {key: all_ - asked[key] for key, all_ in (await self.requests()).items()}
        print(
            f"{name:<22} {wall:8.2f} s {cpu:7.2f} s CPU"
            f"   stall {1000 * stall:6.1f} ms (idle {1000 * idle:.1f},"
            f" collection {1000 * collection:.1f})"
            f"   +{peak - before} MiB ({peak})"
            f"   {received / MIB:.1f} MiB in   "
            f"{', '.join(f'{key} {count}' for key, count in more.items() if count)}",
            flush=True,
        )
        return Measured(result, wall, more)


async def _idle() -> None:
    """Do nothing, and say for each line of input how long that was impossible."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    stalls = Stalls()
    while await reader.readline():
        print(stalls.longest, flush=True)
        stalls.longest = 0.0


if __name__ == "__main__":
    asyncio.run(_idle())
