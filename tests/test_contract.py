"""The list of guards that `scripts/mutation` takes away fits the code and its table."""

from pathlib import Path

import pytest

from scripts.contract import CONTRACT, TESTS, Removal
from scripts.mutation import documented

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / "oxicleanarr"


@pytest.mark.parametrize("removal", CONTRACT, ids=lambda one: one.guard)
def test_a_guard_is_where_it_is_said_to_be(removal: Removal) -> None:
    """Its text is there exactly once, it is Python also without it, and its tests exist."""
    whole = (PACKAGE / removal.path).read_text()
    assert whole.count(removal.text) == 1
    assert removal.instead != removal.text
    compile(whole.replace(removal.text, removal.instead), removal.path, "exec")
    assert removal.tests
    for named in removal.tests:
        assert (ROOT / named).exists()


def test_no_guard_is_listed_twice() -> None:
    """Each is named in the table of the documentation by its own words."""
    guards = [one.guard for one in CONTRACT]
    assert len(guards) == len(set(guards))
    changes = [(one.path, one.text, one.instead) for one in CONTRACT]
    assert len(changes) == len(set(changes))


def test_tests_are_named_for_modules_that_have_guards() -> None:
    """Where a guard has tests of its own, those of its module are others."""
    assert set(TESTS) == {one.path for one in CONTRACT}
    assert list(TESTS) == sorted(TESTS)
    for removal in CONTRACT:
        assert removal.elsewhere != TESTS[removal.path]


def test_the_documentation_lists_every_guard() -> None:
    """In its order, each with a test of those that are run without it."""
    rows = documented()
    assert [row[:2] for row in rows] == [(one.point, one.guard) for one in CONTRACT]
    for removal, (_, _, test) in zip(CONTRACT, rows, strict=True):
        path, _, name = test.partition("::")
        assert path in removal.tests
        assert f"def {name}(" in (ROOT / path).read_text()
