"""What a read hands over, as one list."""

from collections.abc import Awaitable, Callable
from typing import Any


async def all_of(read: Callable[..., Awaitable[object]], *asked: object) -> list[Any]:
    """Return all rows that a read hands over to what it is given last."""
    found: list[Any] = []
    await read(*asked, found.extend)
    return found
