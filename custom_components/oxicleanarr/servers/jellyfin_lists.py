"""How Jellyfin's lists are read: nothing is missed, and only what was asked for is believed."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from time import monotonic
from typing import Final

from ..model import MediaItem, normalize_id
from .errors import BadAnswer, Unavailable, incomplete
from .http import HttpServer, Params
from .jellyfin_rows import NAME, item_id_of, total_of
from .rows import JsonObject, Rows

type Take[Row] = Callable[[list[Row]], object]
"""What is called with the rows of a list, lot by lot, in a thread and never twice at a
time: it may block, and must not touch what belongs to the event loop."""

PAGE: Final = 10_000
"""Rows of one page at the most: much of the server's effort is per page."""
IDS_A_CALL: Final = 100
"""Ids of one request: the request line may have 8 KiB, 240 ids are too many."""

_ATTEMPTS: Final = 3
_FEWEST: Final = 500
_LOT: Final = 500
"""Rows that are handed over at a time; a whole page of them would stay in memory."""
_SLOW: Final = 10.0
"""Seconds after which a page was too long."""
_QUICK: Final = 3.0


class Pages:
    """Reads pages of a server's lists, shorter ones while it is slow."""

    def __init__(self, http: HttpServer) -> None:
        """Begin with long ones."""
        self._http = http
        self._most = PAGE

    @property
    def rows(self) -> int:
        """How many rows may be asked for at a time."""
        return min(self._most, PAGE)

    async def read[Row](
        self, params: Params, limit: int, convert: Callable[[JsonObject], Row | None]
    ) -> Rows[Row]:
        """Read a page of ``GET /Items``; raises ``ServerError``."""
        started = monotonic()
        try:
            page = await self._http.read_rows(
                "/Items", {**params, "limit": limit}, convert, key="Items"
            )
        except Unavailable as err:
            if err.timed_out:
                self._most = max(_FEWEST, limit // 4)
            raise
        seconds = monotonic() - started
        if seconds > _SLOW:
            self._most = max(_FEWEST, limit // 2)
        elif seconds < _QUICK:
            self._most = max(self._most, 2 * limit)
        return page


class Lots[Row]:
    """Hands rows over in lots while a page is being decoded, in the thread that does it."""

    def __init__(self, take: Take[Row]) -> None:
        """Begin with none."""
        self._take = take
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row, and hand over what there is if that is enough."""
        self._rows.append(row)
        if len(self._rows) >= _LOT:
            self._hand_over()

    async def end(self) -> None:
        """Hand over what is left."""
        if self._rows:
            await asyncio.to_thread(self._hand_over)

    def _hand_over(self) -> None:
        """Hand over what there is; blocks."""
        rows, self._rows = self._rows, []
        self._take(rows)


async def read_complete(
    pages: Pages,
    params: Params,
    convert: Callable[[JsonObject], MediaItem | None],
    take: Take[MediaItem],
    note: Callable[[int], None] = lambda _: None,
) -> None:
    """Hand over all items of a list that may move while it is read, each once.

    ``note`` is called after each page with how many were new in it. There is no order
    without ties and no snapshot over pages: if a row shows up on two pages or the total
    changes, another may have slipped through between them, so the list is read again
    from its start. Where this raises, what was handed over is not all of it.
    """
    known: set[str] = set()
    lots = Lots(take)

    def learn(row: JsonObject) -> str:
        """Return the id of a row, after its item was added if it is new."""
        item_id = item_id_of(row)
        item = convert(row)
        if item is not None and item_id not in known:
            known.add(item_id)
            lots.add(item)
        return item_id

    for _attempt in range(_ATTEMPTS):
        seen: set[str] = set()
        start = 0
        expected: int | None = None
        while True:
            before, limit = len(known), pages.rows
            page = await pages.read({**params, "startIndex": start}, limit, learn)
            await lots.end()
            note(len(known) - before)
            total = total_of(page)
            steady = expected in (None, total) and seen.isdisjoint(page.rows)
            expected = total
            seen.update(page.rows)
            start += page.count
            if not steady:
                break
            if start >= total:
                return
            if page.count < limit:
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
