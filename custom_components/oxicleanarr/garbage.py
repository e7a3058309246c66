"""Garbage: what is made in masses and thrown away, and who looks for it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
import gc
from typing import Any

_FEW = 10_000
"""So many new objects are looked at in some milliseconds."""
_FREED_AT_A_TIME = 1000


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from stopping every thread meanwhile.

    A hundred thousand new objects make it look through all of Home Assistant's, while
    the event loop stands still; none of them is in a cycle. As a decorator, so that
    nothing is left of them but what is returned when it is on again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > _FEW:
            _let_be_old()
        if was_enabled:
            gc.enable()


def throw_away(things: list[Any]) -> None:
    """Empty a list that is all that holds its things.

    In one go, tens of thousands of them would hold up every other thread as well.
    """
    while things:
        del things[-_FREED_AT_A_TIME:]


def _let_be_old() -> None:
    """Let the collector take all that is alive for old, without looking at it now.

    It looks at what is new in one go, which holds up every thread, and at what is old
    only with all the rest: nothing escapes it for good. Whoever has made anything immune
    to it meant that to stay so.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
