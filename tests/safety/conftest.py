"""Where, and how fast, the lives of the safety suite are lived."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
import logging
from pathlib import Path
import tempfile
from typing import Any

import pytest

from tests.lookout import Lookout

from .life import MEMORY

type Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def folder(socket_enabled: None) -> Iterator[Path]:
    """Return a folder for ledgers, in a test that may listen on loopback."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def run(lookout: Lookout) -> Iterator[Run]:
    """Return what runs a life in a loop of its own, in which no error tells of people.

    The loop that tests share watches every callback, which takes three times as long.
    """

    def run(life: Coroutine[Any, Any, Any]) -> Any:
        """Run it to its end."""
        with asyncio.Runner(debug=False, loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(life)

    # The lookout hears every line of the product; the others' would only cost time.
    everybody = logging.getLogger()
    level = everybody.level
    everybody.setLevel(logging.WARNING)
    yield run
    everybody.setLevel(level)
    assert lookout.with_names(lookout.errors) == []
