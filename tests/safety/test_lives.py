"""Whole lives: whatever a household does, nothing goes that should have stayed."""

from pathlib import Path

import pytest

from .conftest import Run
from .life import first_dawn, live_from
from .teller import Teller
from .world import Kind, mixture

DAYS = 12
OWNED_LIVES = (2, 25, 64, 81, 89, 105)
"""In which much is deleted."""


WIDER_LIVES = range(200, 204)


async def live(
    seed: int,
    folder: Path,
    *,
    owned: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> int:
    """Live the life of a seed; return how many files the product has deleted."""
    teller = Teller(seed)
    dawn = first_dawn(seed, owned=owned, kinds=kinds)
    async with live_from(dawn, folder) as life:
        for _ in range(DAYS):
            await teller.day(life)
            await life.check()
        assert life.steps > DAYS
        await life.look_for_all()
        return len(life.house.deleted)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_goes_that_should_have_stayed(
    folder: Path, run: Run, seed: int
) -> None:
    """The judge sees every file that goes; the clock jumps and the power fails."""
    run(live(seed, folder))


@pytest.mark.parametrize("seed", OWNED_LIVES)
def test_nor_where_files_are_owned(folder: Path, run: Run, seed: int) -> None:
    """The bailiff sees all that Radarr, Sonarr and Seerr are asked to change."""
    run(live(seed, folder, owned=True))


@pytest.mark.parametrize("seed", WIDER_LIVES)
def test_nor_in_a_wider_world(folder: Path, run: Run, seed: int) -> None:
    """Whatever is hostile in it, as far as the product withstands that."""
    run(live(seed, folder, owned=seed % 2 > 0, kinds=mixture(seed)))


@pytest.mark.parametrize("seed", [301, 308])
def test_nor_where_somebody_is_asked_first(folder: Path, run: Run, seed: int) -> None:
    """Approvals are given and taken back, also in the middle of a run."""
    kinds = frozenset({Kind.APPROVAL, Kind.MEDDLING})
    gone = run(live(seed, folder, owned=seed % 2 > 0, kinds=kinds))
    assert gone, "nothing was approved"
