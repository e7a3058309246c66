"""Whole lives: whatever a household does, nothing goes that should have stayed."""

from pathlib import Path

import pytest

from .conftest import Run
from .life import first_dawn, live_from
from .teller import Teller

DAYS = 12


async def live(seed: int, folder: Path) -> None:
    """Live the life of a seed."""
    teller = Teller(seed)
    async with live_from(first_dawn(seed), folder) as life:
        for _ in range(DAYS):
            await teller.day(life)
            await life.check()
        assert life.steps > DAYS


@pytest.mark.parametrize("seed", range(24))
def test_nothing_goes_that_should_have_stayed(
    folder: Path, run: Run, seed: int
) -> None:
    """The judge sees every file that goes; the clock jumps and the power fails."""
    run(live(seed, folder))
