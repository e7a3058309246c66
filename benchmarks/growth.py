"""How the cost grows with the size: 1, 10, 100 and 300 % of the reference library.

    python -m benchmarks.growth [--plot docs/images/growth.svg]

Storing the whole history and evaluating the whole library have to be linear, and what
the history adds to a poll has to stay as it is. CPU in seconds, without any server.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import log10
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.retention import evaluate

from .evaluate import NOW, USERS, library, some_rules
from .history import plays, read_all

_SIZES = (0.01, 0.1, 1.0, 3.0)
_EVENTS, _MOVIES, _SERIES, _EPISODES = 1_000_000, 5_000, 400, 40_000
_PAGE = 15_000
_STORE, _POLL, _EVALUATE = "store the history", "poll", "evaluate"


def spent(run: Callable[[], object]) -> float:
    """Return the seconds of CPU that something takes, the best of three."""
    taken = []
    for _ in range(3):
        started = process_time()
        run()
        taken.append(process_time() - started)
    return min(taken)


def measure(size: float) -> dict[str, float]:
    """Return what each phase costs at a size, in seconds of CPU."""
    events, now = round(_EVENTS * size), datetime.now(UTC)
    costs: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        costs[_STORE] = read_all(ledger, events, _PAGE, now)
        newest = next(plays(events, now))

        def poll() -> None:
            """Do with the history what a poll does that finds nothing new."""
            ledger.state()
            batch = ledger.begin_sync(complete=False)
            batch.add_events([newest])
            assert batch.new_events() == 0
            batch.commit(users=(), libraries=(), now=now)

        costs[_POLL] = spent(poll)
        ledger.close()
    counts = (max(1, round(count * size)) for count in (_MOVIES, _SERIES, _EPISODES))
    facts, rules = library(*counts), some_rules(20)
    costs[_EVALUATE] = spent(lambda: evaluate(facts, rules, USERS, NOW))
    return costs


def plot(found: Mapping[float, Mapping[str, float]], names: Sequence[str]) -> str:
    """Return a picture of the costs, both axes logarithmic, for light and dark pages."""
    left, top, width, height = 70, 20, 420, 240
    low, high = -4.0, 2.0

    def place(size: float, cost: float) -> tuple[float, float]:
        """Return where a cost is drawn."""
        across = (log10(size) - log10(_SIZES[0])) / log10(_SIZES[-1] / _SIZES[0])
        up = (log10(max(cost, 10**low)) - low) / (high - low)
        return round(left + width * across, 1), round(top + height * (1 - up), 1)

    parts = []
    for exponent in range(int(low), int(high) + 1):
        x, y = place(_SIZES[0], 10**exponent)
        parts.append(
            f'<path class="grid" d="M{x} {y}h{width}"/>'
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{10**exponent:g} s</text>'
        )
    for size in _SIZES:
        x, _ = place(size, 1)
        parts.append(
            f'<text x="{x}" y="{top + height + 20}" text-anchor="middle">{size:.0%}</text>'
        )
    for number, name in enumerate(names):
        points = [place(size, found[size][name]) for size in _SIZES]
        line = " ".join(f"{x},{y}" for x, y in points)
        x, y = points[-1]
        parts.append(
            f'<polyline class="line{number}" points="{line}"/>'
            + "".join(
                f'<circle class="dot{number}" cx="{one}" cy="{other}" r="3"/>'
                for one, other in points
            )
            + f'<text x="{x + 8}" y="{y + 4}">{name}</text>'
        )
    colors = ("#03a9f4", "#ff9800", "#4caf50")
    style = "".join(
        f".line{number}{{fill:none;stroke:{color};stroke-width:2}}.dot{number}{{fill:{color}}}"
        for number, color in enumerate(colors)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 140}'
        f' {top + height + 35}" font-family="sans-serif" font-size="12">'
        f"<style>text{{fill:#757575}}.grid{{stroke:#9e9e9e;stroke-opacity:.3}}{style}"
        f"</style>{''.join(parts)}</svg>\n"
    )


def main() -> None:
    """Print the figures, and draw them if asked to."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    found = {size: measure(size) for size in _SIZES}
    names = (_STORE, _POLL, _EVALUATE)
    for size, costs in found.items():
        print(
            f"{size:5.0%}   "
            + "   ".join(f"{name} {costs[name]:.4f} s" for name in names)
        )
    if options.plot:
        options.plot.write_text(plot(found, names), encoding="utf-8")


if __name__ == "__main__":
    main()
