"""What the garbage collector finds after a plan was made."""

from collections.abc import Iterator
import gc

import pytest

from custom_components.oxicleanarr.garbage import throw_away, without_collector


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Make nothing immune to the collector, as it is outside of tests."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    gc.unfreeze()
    if frozen:
        gc.freeze()


def _make(count: int) -> list[object]:
    """Return a cycle of so many new objects."""
    made: list[object] = [[] for _ in range(count)]
    made.append(made)
    return made


def _is_old(one: object) -> bool:
    """Return whether the collector looks at an object only with all the rest."""
    return any(found is one for found in gc.get_objects(2))


def test_the_many_are_old_and_not_immune() -> None:
    """They are not looked at by themselves, and are found once they are garbage."""
    gc.collect()
    with without_collector():
        made = _make(20_000)
    assert _is_old(made)
    assert gc.get_freeze_count() == 0
    del made
    assert gc.collect() > 20_000


def test_the_few_are_looked_at() -> None:
    """That costs a moment."""
    gc.collect()
    with without_collector():
        made = _make(100)
    assert not _is_old(made)


def test_what_somebody_else_has_made_immune_stays_so() -> None:
    """That the many are looked at by themselves then costs no more than before."""
    gc.freeze()
    frozen = gc.get_freeze_count()
    with without_collector():
        made = _make(20_000)
    assert gc.get_freeze_count() >= frozen > 0
    assert not _is_old(made)


def test_what_is_thrown_away_is_gone() -> None:
    """All of it, however much it is."""
    for count in (0, 1, 1000, 2500):
        things: list[object] = [*range(count)]
        throw_away(things)
        assert things == []
