"""kill -9 at any moment: no double delete, no lost keep, nothing unexplained."""

from pathlib import Path

import pytest

from .conftest import Run
from .kill import kill_at_random
from .world import REPEATABLE, WITHSTOOD, Kind

TIMES = 5


@pytest.mark.parametrize(
    ("owned", "kinds"), [(False, frozenset()), (True, WITHSTOOD & REPEATABLE)]
)
def test_a_killed_run_is_found_out_by_looking(
    folder: Path, run: Run, owned: bool, kinds: frozenset[Kind]
) -> None:
    """Whatever it had begun: the next process ends it, once."""
    killed = run(kill_at_random(0, TIMES, folder, owned=owned, kinds=kinds))
    assert len(killed) == TIMES
