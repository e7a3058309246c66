"""kill -9 at any moment: no double delete, no lost keep, nothing unexplained."""

from pathlib import Path

import pytest

from .conftest import Run
from .kill import kill_at_random

TIMES = 5


@pytest.mark.parametrize("owned", [False, True])
def test_a_killed_run_is_found_out_by_looking(
    folder: Path, run: Run, owned: bool
) -> None:
    """Whatever it had begun: the next process ends it, once."""
    assert len(run(kill_at_random(0, TIMES, folder, owned=owned))) == TIMES
