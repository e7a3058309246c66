"""The night run of the safety suite: no fault, at any moment, ever adds a deletion.

Run it with ``python -m benchmarks.safety``. It lives lives of a simulated household,
strikes each of them with one fault at a time, at every request and every write, and
kills runs that delete for real. Every failure is told as the shortest story of it that
can be found; the exit code is 1 if there was any. ``--points 500 --lives 10 --kills 10``
make it shorter, ``--seed`` begins with other lives.
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass, field
import logging
from pathlib import Path
import sys
import tempfile
from time import monotonic, process_time

from tests.safety.faults import Lived, Point, live_well, live_with
from tests.safety.kill import kill_at_random
from tests.safety.life import Story, first_dawn, live_from
from tests.safety.shrink import relive, shrink
from tests.safety.teller import Teller

DAYS = 12
POINTS = 10_000
LIVES = 1_000
KILLS = 200


@dataclass
class Figures:
    """What was tried, and what came of it."""

    lives: int = 0
    days: int = 0
    steps: int = 0
    deletions: int = 0
    points: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    failures: list[str] = field(default_factory=list)

    def failed(self, what: str) -> None:
        """Note a failure and say so at once."""
        self.failures.append(what)
        sys.stdout.write(f"FAILED {what}\n")
        sys.stdout.flush()


async def whole_life(seed: int, figures: Figures, folder: Path) -> None:
    """Live a life in which the clock jumps and the power fails, under the judge."""
    teller = Teller(seed)
    figures.lives += 1
    try:
        async with live_from(first_dawn(seed), folder) as life:
            for _ in range(DAYS):
                await teller.day(life)
                await life.check()
            figures.days += life.days
            figures.steps += life.steps
            figures.deletions += len(life.house.deleted)
    except AssertionError as err:
        figures.failed(f"life {seed}: {err}{await _told(seed, teller.story, folder)}")


async def _told(seed: int, story: Story, folder: Path) -> str:
    """Return the shortest story of a failure, if it can be told again."""
    if await relive(seed, story, folder) is None:
        return ", but not when it is told again"
    shortest, _ = await shrink(story, lambda one: relive(seed, one, folder))
    return "".join(f"\n    {day}" for day in shortest)


async def struck_life(seed: int, figures: Figures, wanted: int, folder: Path) -> None:
    """Live a life, and its eventful days again with every fault at every place."""
    try:
        lived = await live_well(seed, DAYS, folder)
    except AssertionError as err:
        figures.failed(f"calm life {seed}: {err}")
        return
    figures.lives += 1
    figures.days += DAYS
    figures.steps += lived.steps
    figures.deletions += sum(map(len, lived.deleted))
    for day in range(DAYS - 2):
        if not any(lived.deleted[day : day + 2]):
            continue
        for point in lived.points(day):
            if figures.points.total() >= wanted:
                return
            figures.points[str(point.kind)] += 1
            if failure := await _strike(lived, day, point, folder):
                figures.failed(f"life {seed}, day {day}: {failure}")


async def _strike(lived: Lived, day: int, point: Point, folder: Path) -> str | None:
    try:
        return await live_with(lived, day, point, folder, thorough=True)
    except Exception as err:  # noqa: BLE001 - one crash must not end the night
        return f"{point}: {err!r}"


async def kill_runs(seed: int, times: int, figures: Figures, folder: Path) -> None:
    """Kill runs at random moments."""
    try:
        killed = await kill_at_random(seed, times, folder)
    except AssertionError as err:
        figures.failed(f"a killed run: {err}")
        return
    figures.kills += len(killed)
    halfway = sum(0 < one.deleted < one.due for one in killed)
    sys.stdout.write(f"killed {len(killed)} runs, {halfway} of them half-way through\n")


async def night(arguments: argparse.Namespace, folder: Path) -> Figures:
    """Try everything, and return what came of it."""
    figures = Figures()
    await kill_runs(arguments.seed, arguments.kills, figures, folder)
    for seed in range(arguments.seed, arguments.seed + arguments.lives):
        await whole_life(seed, figures, folder)
    seed = arguments.seed
    while figures.points.total() < arguments.points:
        await struck_life(seed, figures, arguments.points, folder)
        seed += 1
    return figures


def main() -> int:
    """Print the figures; fail if anything did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--lives", type=int, default=LIVES)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    begun = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(night(arguments, Path(folder)))
    say = sys.stdout.write
    say(f"{figures.lives} lives from seed {arguments.seed}: {figures.days} days,")
    say(f" {figures.steps} steps, {figures.deletions} deletions\n")
    say(f"{figures.points.total()} fault points:\n")
    for kind, count in sorted(figures.points.items()):
        say(f"  {count:6} {kind}\n")
    say(f"{figures.kills} runs killed\n")
    say(f"{monotonic() - begun:.0f} s, {process_time():.0f} s of them CPU\n")
    say(f"{len(figures.failures)} failures\n")
    return bool(figures.failures)


if __name__ == "__main__":
    sys.exit(main())
