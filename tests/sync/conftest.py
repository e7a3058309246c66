"""A house that is read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.home import Home, open_home


@pytest.fixture
async def home(
    socket_enabled: None,
    tmp_path: Path,
    versions: tuple[str, str],
    no_waiting: None,
) -> AsyncIterator[Home]:
    """Return a house with a few films and a series, and two users."""
    async with open_home(tmp_path, *versions) as home:
        yield home
