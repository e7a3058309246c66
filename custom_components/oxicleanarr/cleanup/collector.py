"""Garbage: what a plan makes and throws away, and who looks for it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
import gc


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from stopping every thread meanwhile.

    A hundred thousand new objects make it look through all of Home Assistant's, while
    the event loop stands still; none of them is in a cycle. As a decorator, so that it
    finds nothing but what is returned when it looks again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
