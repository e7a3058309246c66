"""Faults everywhere: none adds a deletion, and none leaves a trace."""

from pathlib import Path

import pytest

from .conftest import Run
from .faults import live_well, live_with
from .world import REPEATABLE, WITHSTOOD, Kind, mixture

DAYS = 12
LIVES = (2, 10, 13)
OWNED_LIVES = (4, 12, 39)
POINTS_A_LIFE = 84
WIDER = (13,)
# Each of these is 84 short tests in one, and takes a minute of its own.
pytestmark = pytest.mark.timeout(600)


async def strike(seed: int, folder: Path, *, owned: bool = False) -> list[str]:
    """Live a life, and parts of it again with faults; return what went wrong."""
    # One of the lives is one in a wider world, as far as a day in it can be repeated.
    kinds = (
        mixture(seed, WITHSTOOD & REPEATABLE) if seed in WIDER else frozenset[Kind]()
    )
    lived = await live_well(seed, DAYS, folder, owned=owned, kinds=kinds)
    # At night more of them are tried.
    chosen = lived.places(POINTS_A_LIFE)
    assert len(chosen) == POINTS_A_LIFE
    return [
        f"day {day}, {failure}"
        for day, point in chosen
        if (failure := await live_with(lived, day, point, folder)) is not None
    ]


@pytest.mark.parametrize("seed", LIVES)
def test_a_fault_never_adds_a_deletion(folder: Path, run: Run, seed: int) -> None:
    """Wherever it strikes: the life with it deletes no more, and knows no less."""
    assert run(strike(seed, folder)) == []


@pytest.mark.parametrize("seed", OWNED_LIVES)
def test_nor_does_one_of_those_who_own_files(folder: Path, run: Run, seed: int) -> None:
    """The same with Radarr, Sonarr and Seerr, wherever they fail."""
    assert run(strike(seed, folder, owned=True)) == []


def test_the_ordinary_run_tries_enough() -> None:
    """At least five hundred faults."""
    assert (len(LIVES) + len(OWNED_LIVES)) * POINTS_A_LIFE >= 500
