"""What the garbage collector finds after a plan was made."""

from collections.abc import Iterator
import gc

import pytest

from custom_components.oxicleanarr.cleanup.collector import without_collector


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave nothing immune to the collector."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def _is_in(generation: int, one: object) -> bool:
    """Return whether the collector has an object in a generation."""
    return any(found is one for found in gc.get_objects(generation))


def test_what_was_made_is_old_and_not_immune() -> None:
    """It is looked at with all the rest, not by itself, and is found once it is garbage."""
    with without_collector():
        made: list[object] = []
        made.append(made)
    assert _is_in(2, made)
    assert gc.get_freeze_count() == 0
    del made
    assert gc.collect() >= 1


def test_what_somebody_else_has_made_immune_stays_so() -> None:
    """That it is looked at by itself then costs a moment, no more."""
    gc.freeze()
    frozen = gc.get_freeze_count()
    with without_collector():
        made: list[object] = [[]]
    assert gc.get_freeze_count() >= frozen > 0
    assert not _is_in(2, made)
