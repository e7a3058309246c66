"""Where, and how fast, the lives of the safety suite are lived."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
import logging
from pathlib import Path
import tempfile
from typing import Any

import pytest

from .life import MEMORY

type Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def folder(socket_enabled: None) -> Iterator[Path]:
    """Return a folder for ledgers, in a test that may listen on loopback."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def run() -> Iterator[Run]:
    """Return what runs a life in a loop of its own.

    The loop that tests share watches every callback, which takes three times as long.
    """

    def run(life: Coroutine[Any, Any, Any]) -> Any:
        """Run it to its end."""
        with asyncio.Runner(debug=False, loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(life)

    logging.disable(logging.INFO)
    yield run
    logging.disable(logging.NOTSET)
