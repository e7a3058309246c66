"""The list of guards that `scripts/mutation` takes away fits the code as it is."""

from pathlib import Path

import pytest

from scripts.contract import CONTRACT, Removal

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / "oxicleanarr"


@pytest.mark.parametrize("removal", CONTRACT, ids=lambda one: one.guard)
def test_a_guard_is_where_it_is_said_to_be(removal: Removal) -> None:
    """Its text is there exactly once, something else without it, and its tests exist."""
    assert (PACKAGE / removal.path).read_text().count(removal.text) == 1
    assert removal.instead != removal.text
    assert removal.tests
    for named in removal.tests:
        assert (ROOT / named).exists()


def test_no_guard_is_listed_twice() -> None:
    """Each is named in the table of the documentation by its own words."""
    guards = [one.guard for one in CONTRACT]
    assert len(guards) == len(set(guards))
    changes = [(one.path, one.text, one.instead) for one in CONTRACT]
    assert len(changes) == len(set(changes))
