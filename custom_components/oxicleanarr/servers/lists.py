"""Lists that do not say how long they are."""

from collections.abc import Awaitable, Callable, Collection

from .errors import BadAnswer


async def read_whole[T, Identity](
    server: str,
    read: Callable[[], Awaitable[list[T]]],
    known: Collection[Identity],
    identity: Callable[[T], Identity],
) -> list[T]:
    """Return such a list; anything known that is missing must be missing twice.

    Otherwise half an answer could pass for a whole one. Raises ``ServerError``, also
    if two answers differ.
    """
    rows = await read()
    ids = set(map(identity, rows))
    if ids.issuperset(known):
        return rows
    again = await read()
    if set(map(identity, again)) != ids:
        raise BadAnswer(server, "a list changes while it is read", reason="changing")
    return again
