"""How Jellyfin's lists are read: nothing is missed, and only what was asked for is believed."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from typing import Final

from ..model import MediaItem, normalize_id
from .errors import BadAnswer, incomplete
from .http import HttpServer, Params
from .jellyfin_rows import NAME, item_id_of, total_of
from .rows import JsonObject

PAGE: Final = 5000
"""Rows of one page: the server's effort is per page, whatever its length."""
IDS_A_CALL: Final = 100
"""Ids of one request: the request line may have 8 KiB, 240 ids are too many."""

_ATTEMPTS: Final = 3


async def read_complete(
    http: HttpServer,
    params: dict[str, str | int],
    convert: Callable[[JsonObject], MediaItem | None],
) -> AsyncIterator[list[MediaItem]]:
    """Yield all items of a list that may move while it is read, each once.

    There is no order without ties and no snapshot over pages: if a row shows up
    on two pages or the total changes, another may have slipped through between
    them, so the list is read again from its start.
    """
    yielded: set[str] = set()
    for _attempt in range(_ATTEMPTS):
        seen: set[str] = set()
        start = 0
        expected: int | None = None
        steady = True
        while steady:
            page = await http.read_rows(
                "/Items",
                {**params, "startIndex": start, "limit": PAGE},
                lambda row: (item_id_of(row), convert(row)),
                key="Items",
            )
            total = total_of(page)
            if expected is not None and total != expected:
                steady = False
            expected = total
            ids = {item_id for item_id, _item in page.rows}
            if ids & seen:
                steady = False
            seen |= ids
            fresh = {
                item_id: item
                for item_id, item in page.rows
                if item is not None and item_id not in yielded
            }
            yielded |= fresh.keys()
            if fresh:
                yield list(fresh.values())
            start += page.count
            if not steady:
                break
            if start >= total:
                return
            if page.count < PAGE:
                raise incomplete(NAME)
    raise BadAnswer(
        NAME, "its library keeps changing while it is read", reason="changing"
    )


async def read_by_id[T](
    http: HttpServer,
    item_ids: Collection[str],
    params: Params,
    convert: Callable[[JsonObject], T | None],
    identity: Callable[[T], str],
) -> dict[str, T]:
    """Read items by their ids; only what was asked for is in the answer."""
    found: dict[str, T] = {}
    for ids in _chunks(item_ids):
        answer = await http.read_rows(
            "/Items",
            {"ids": ",".join(ids), "collapseBoxSetItems": "false", **params},
            convert,
            key="Items",
        )
        if answer.count < total_of(answer):
            raise incomplete(NAME)
        # A server that can make nothing of the list answers the whole library.
        asked = frozenset(ids)
        for row in answer.rows:
            if identity(row) in asked:
                found[identity(row)] = row
    return found


def _chunks(item_ids: Collection[str]) -> Iterator[list[str]]:
    """Cut ids into requests; what is not an id is not sent.

    If there is no id in a list, the server ignores it and answers everything.
    """
    known = dict.fromkeys(
        item_id for item_id in map(normalize_id, item_ids) if item_id is not None
    )
    ids = list(known)
    for start in range(0, len(ids), IDS_A_CALL):
        yield ids[start : start + IDS_A_CALL]
