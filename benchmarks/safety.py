"""The night run of the safety suite: no fault, at any moment, ever adds a deletion.

Run it with ``python -m benchmarks.safety``. It lives lives of a simulated household,
strikes each of them with one fault at a time, at every request and every write, and
kills runs that delete for real. After a fault two more days are lived, but for those
that begin in a state from which they have been lived before. Every other life is that
of a household whose files Radarr and Sonarr own, and whose requests Seerr has. Every
failure is told as the shortest story of it that can be found; the exit code is 1 if
there was any. ``--points 500 --lives 10 --kills 10`` make it shorter, ``--seed`` begins
with other lives.
``--kinds`` says in which ways the worlds of these lives are hostile: ``withstood`` (all
that the product is proof against), ``every``, ``none``, or names such as ``CAP,LATE``;
each life has its own mixture of them.
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
from tests.safety.life import MEMORY, Story, first_dawn, live_from
from tests.safety.shrink import relive, shrink
from tests.safety.teller import Teller
from tests.safety.world import EVERY_KIND, REPEATABLE, WITHSTOOD, Kind, mixture

DAYS = 12
POINTS = 10_000
POINTS_A_LIFE = 1_000
THOROUGH = 20
"""Every so manieth point is lived on to its end, whatever is known of its state."""
LIVES = 1_000
KILLS = 200


@dataclass
class Figures:
    """What was tried, and what came of it."""

    lives: int = 0
    days: int = 0
    steps: int = 0
    deletions: Counter[str] = field(default_factory=Counter)
    """By the server that was asked to."""
    points: Counter[str] = field(default_factory=Counter)
    """By the kind of fault."""
    places: Counter[str] = field(default_factory=Counter)
    """The same by the server that failed."""
    kinds: Counter[str] = field(default_factory=Counter)
    """The lives whose world had a kind of hostility."""
    kills: int = 0
    failures: list[str] = field(default_factory=list)

    def failed(self, what: str) -> None:
        """Note a failure and say so at once."""
        self.failures.append(what)
        sys.stdout.write(f"FAILED {what}\n")
        sys.stdout.flush()


async def whole_life(
    seed: int, figures: Figures, folder: Path, every: frozenset[Kind]
) -> None:
    """Live a life in which the clock jumps and the power fails, under the judge."""
    teller = Teller(seed)
    owned, kinds = is_owned(seed), mixture(seed, every)
    figures.lives += 1
    figures.kinds.update(kinds)
    dawn = first_dawn(seed, owned=owned, kinds=kinds)
    try:
        async with live_from(dawn, folder) as life:
            for _ in range(DAYS):
                await teller.day(life)
                await life.check()
            await life.look_for_all()
            figures.days += life.days
            figures.steps += life.steps
            figures.deletions.update(one.through for one in life.house.deleted)
    except Exception as err:  # noqa: BLE001 - one crash must not end the night
        told = await _told(seed, teller.story, folder, kinds)
        names = ", ".join(sorted(kind.name for kind in kinds))
        figures.failed(f"{_name(seed)} ({names}): {err!r}{told}")


def is_owned(seed: int) -> bool:
    """Return whether there are Radarr, Sonarr and Seerr in the life of a seed."""
    return seed % 2 > 0


def _name(seed: int) -> str:
    return f"life {seed}{', owned' if is_owned(seed) else ''}"


async def _told(seed: int, story: Story, folder: Path, kinds: frozenset[Kind]) -> str:
    """Return the shortest story of a failure, if it can be told again."""

    async def fails(one: Story) -> str | None:
        """Tell it."""
        return await relive(seed, one, folder, owned=is_owned(seed), kinds=kinds)

    try:
        if await fails(story) is None:
            return ", but not when it is told again"
    except Exception as err:  # noqa: BLE001 - it crashes again, which says enough
        return f", and so it does when it is told again: {err!r}"
    shortest, _ = await shrink(story, fails)
    return "".join(f"\n    {day}" for day in shortest)


async def struck_life(
    seed: int, figures: Figures, wanted: int, folder: Path, every: frozenset[Kind]
) -> None:
    """Live a life, and its eventful days again with every fault at every place.

    Of ``wanted`` points at most those are tried that are spread out evenly.
    """
    try:
        kinds = mixture(seed, every & REPEATABLE)
        lived = await live_well(seed, DAYS, folder, owned=is_owned(seed), kinds=kinds)
    except Exception as err:  # noqa: BLE001 - one crash must not end the night
        figures.failed(f"calm {_name(seed)}: {err!r}")
        return
    figures.lives += 1
    figures.days += DAYS
    figures.steps += lived.steps
    figures.deletions.update(one.through for some in lived.deleted for one in some)
    for number, (day, point) in enumerate(lived.places(wanted)):
        figures.points[str(point.kind)] += 1
        figures.places[point.where] += 1
        thorough = number % THOROUGH == 0
        if failure := await _strike(lived, day, point, folder, thorough=thorough):
            figures.failed(f"{_name(seed)}, day {day}: {failure}")


async def _strike(
    lived: Lived, day: int, point: Point, folder: Path, *, thorough: bool
) -> str | None:
    try:
        return await live_with(lived, day, point, folder, thorough=thorough)
    except Exception as err:  # noqa: BLE001 - one crash must not end the night
        return f"{point}: {err!r}"


async def kill_runs(
    seed: int,
    times: int,
    figures: Figures,
    folder: Path,
    *,
    owned: bool,
    kinds: frozenset[Kind],
) -> None:
    """Kill runs at random moments."""
    try:
        killed = await kill_at_random(seed, times, folder, owned=owned, kinds=kinds)
    except AssertionError as err:
        figures.failed(f"a killed run: {err}")
        return
    figures.kills += len(killed)
    halfway = sum(0 < one.deleted < one.due for one in killed)
    sys.stdout.write(f"killed {len(killed)} runs, {halfway} of them half-way through\n")


async def night(arguments: argparse.Namespace, folder: Path) -> Figures:
    """Try everything, and return what came of it."""
    figures, every = Figures(), kinds_of(arguments.kinds)
    for owned in (False, True):
        times = (arguments.kills + owned) // 2
        kinds = mixture(arguments.seed, every & REPEATABLE)
        await kill_runs(
            arguments.seed, times, figures, folder, owned=owned, kinds=kinds
        )
    for seed in range(arguments.seed, arguments.seed + arguments.lives):
        await whole_life(seed, figures, folder, every)
    seed = arguments.seed
    while figures.points.total() < arguments.points:
        left = arguments.points - figures.points.total()
        await struck_life(seed, figures, min(left, POINTS_A_LIFE), folder, every)
        seed += 1
    return figures


def kinds_of(text: str) -> frozenset[Kind]:
    """Return the kinds that the command line names."""
    match text:
        case "none":
            return frozenset()
        case "every":
            return EVERY_KIND
        case "withstood":
            return WITHSTOOD
        case _:
            return frozenset(Kind[name] for name in text.upper().split(","))


def _table(what: str, counts: Counter[str]) -> None:
    sys.stdout.write(f"{counts.total()} {what}:\n")
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"  {count:6} {name}\n")


def main() -> int:
    """Print the figures; fail if anything did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--lives", type=int, default=LIVES)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default="withstood")
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    begun = monotonic()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        figures = asyncio.run(night(arguments, Path(folder)))
    say = sys.stdout.write
    say(f"{figures.lives} lives from seed {arguments.seed}: {figures.days} days,")
    say(f" {figures.steps} steps\n")
    _table("kinds of hostility in the worlds of whole lives", figures.kinds)
    _table("files deleted, by the server that was asked", figures.deletions)
    _table("fault points, by the server that failed", figures.places)
    _table("the same, by the kind of fault", figures.points)
    say(f"{figures.kills} runs killed\n")
    say(f"{monotonic() - begun:.0f} s, {process_time():.0f} s of them CPU\n")
    say(f"{len(figures.failures)} failures\n")
    return bool(figures.failures)


if __name__ == "__main__":
    sys.exit(main())
