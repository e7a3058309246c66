"""How Jellystat's history is read so that no play is lost.

It is read by date and not by page number wherever the server can do that: pages
move when a play is added, and a page past a tie loses rows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import json
from operator import itemgetter
import re
from time import monotonic
from typing import Final, NamedTuple

from ..model import Play, PlaybackEvent
from .errors import BadAnswer, incomplete
from .jellystat_rows import (
    AT,
    NAME,
    ROW_ID,
    PlayDecoder,
    Row,
    plays_of,
    stamp,
    to_milliseconds,
)
from .rows import JsonObject, Rows, integer

PAGE: Final = 5000
"""Rows of the first page. The scan of its table costs Jellystat more than the rows."""
MOST_ROWS: Final = 25_000
"""What pages may grow to: two of them are in memory."""
LARGEST_PAGE: Final = 80_000
"""What a page may grow to where that many rows share one moment."""
SMALLEST_PAGE: Final = 500
HEAVY_PAGE: Final = 96 * 1024 * 1024
"""Bytes of a page that the next ones should not reach: 25,000 real rows have 84 million."""
SLOW_PAGE: Final = 15.0
"""Seconds for a page beyond which pages do not grow: half of what is waited for one."""

# How much further than the next page should reach its lower bound lies.
_WIDER: Final = 2
_PASSES: Final = 3
# After this many pages without anything new, it is always the same one: the number is ignored.
_STALE_PAGES: Final = 3
_MILLISECOND: Final = timedelta(milliseconds=1)
# A filter that lets everything through. It is sent so that there always is one: by
# its echo the server shows whether it knows filters.
FIRST_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Way(StrEnum):
    """The route by which the history is read."""

    ACTIVITY = "activity"
    """``GET /stats/getPlaybackActivity``, paged since 1.1.7: one row a play."""
    USERS = "users"
    """``POST /api/getUserHistory``, paged since 1.1.3: one row a play, by user."""
    HISTORY = "history"
    """``GET /api/getHistory``: what every version has and the guide describes."""


_PATHS: Final = {
    Way.ACTIVITY: "/stats/getPlaybackActivity",
    Way.USERS: "/api/getUserHistory",
    Way.HISTORY: "/api/getHistory",
}


@dataclass(slots=True)
class Batch:
    """What one request of a scan brought."""

    rows: list[Row]
    until: datetime | None = None
    """The bound of the next request, where there is a new one."""
    last: bool = False
    snapshot: bool = False
    """All rows came in one answer, so that nothing can have come meanwhile."""
    left: int | None = None
    """About how many rows of the source follow; ``None``: that is not known."""

    def plays(self) -> list[Play]:
        """Return the plays of all rows."""
        return [play for row in self.rows for play in plays_of(row)]

    def events(self) -> list[PlaybackEvent]:
        """Return the plays of all rows by name, where there are not that many."""
        return list(map(PlaybackEvent._make, self.plays()))


@dataclass(slots=True)
class Source:
    """One list to read: all of a way or, where that goes by users, one user's."""

    way: Way
    decoder: PlayDecoder
    user: str | None = None
    size: int = PAGE

    @property
    def path(self) -> str:
        """Return the route of the list."""
        return _PATHS[self.way]

    @property
    def post(self) -> JsonObject | None:
        """Return the body of a request, ``None`` where it is a GET."""
        return {"userid": self.user} if self.way is Way.USERS else None


type Ask = Callable[[Source, dict[str, str | int]], Awaitable[Rows[Row]]]
"""Asks for one page of a source."""


def best_way(version: str | None) -> Way:
    """Return the best way for a version.

    Before 1.1.7 ``getPlaybackActivity`` builds the whole table in memory, which can
    kill the process, so it is not asked to find out.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    if found is None:
        return Way.HISTORY
    number = tuple(map(int, found.groups()))
    if number >= (1, 1, 7):
        return Way.ACTIVITY
    return Way.USERS if number >= (1, 1, 3) else Way.HISTORY


def sources(way: Way, user_ids: Collection[str]) -> list[Source]:
    """Return what has to be read, always in the same order."""
    decoder = PlayDecoder(user_ids)
    if way is not Way.USERS:
        return [Source(way, decoder)]
    return [Source(way, decoder, user) for user in sorted(set(user_ids))]


class HistoryReader:
    """Reads lists of plays, page by page."""

    def __init__(self, ask: Ask) -> None:
        """Prepare to read pages by ``ask``."""
        self._ask = ask

    async def page(
        self,
        source: Source,
        number: int = 1,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Rows[Row]:
        """Ask for one page of a source, newest first, within inclusive bounds."""
        params: dict[str, str | int] = {"page": number, "size": source.size}
        if since is not None:
            bounds = {"field": "ActivityDateInserted", "min": stamp(since)}
            if until is not None:
                bounds["max"] = stamp(until)
            params["filters"] = json.dumps([bounds], separators=(",", ":"))
        return await self._ask(source, params)

    async def read(
        self,
        source: Source,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        verify: bool = False,
    ) -> AsyncIterator[Batch]:
        """Read a source downwards by date, each row once; the last batch says so.

        Dates are cut to milliseconds in the answers and bounds are inclusive, so the
        next bound is the oldest date and one millisecond: the rows of that moment
        come again and are dropped by their ids. With ``verify`` the rows of the last
        page are counted, the only one whose length says nothing.

        What is asked for has a lower bound as well, below which the next page should
        not reach: Jellystat sorts all that is within the bounds for every page.
        """
        source.size = PAGE
        doubts = left = 0
        lowest = low = since or FIRST_DAY
        edge: frozenset[str] = frozenset()
        while True:
            started = monotonic()
            page = await self.page(source, since=low, until=until)
            seconds = monotonic() - started
            if page.bare:
                for batch in _whole(page, lowest):
                    yield batch
                return
            if "filters" not in page.head:
                async for batch in self._scan_numbered(source, page, lowest, verify):
                    yield batch
                return
            pages = page_count(page)
            if low > lowest and pages <= 1:
                # So little lies there that its length would not tell what is missing.
                low = lowest
                continue
            if not page.count:
                if pages:
                    raise incomplete(NAME, "the history")
                expected = until is not None or (verify and since is not None)
                if expected and not await self._is_over(source, lowest, until):
                    raise incomplete(NAME, "the history")
                yield Batch([], last=True)
                return
            if pages > 1 and page.count < min(
                source.size, integer(page.head.get("size")) or source.size
            ):
                raise incomplete(NAME, "the history")
            if pages <= 1 and verify:
                there = await self._count(source, lowest, until)
                if not 0 < there <= page.count:
                    # A row was added meanwhile, or some were not sent.
                    doubts += 1
                    if doubts == _PASSES:
                        raise incomplete(NAME, "the history")
                    continue
            sifted = await asyncio.to_thread(_sift, page.rows, edge)
            # Whoever has them throws them away, and they are not to be held here.
            page.rows = []
            batch = Batch(sifted.rows, last=pages <= 1)
            if low == lowest:
                left = pages * source.size
            batch.left = left = 0 if batch.last else max(0, left - page.count)
            batch.snapshot = batch.last and until is None
            if batch.last:
                yield batch
                return
            bound = sifted.bound
            if bound is None or (until is not None and bound >= until):
                # All of it is one moment, and the rest lies behind it.
                if source.size >= LARGEST_PAGE:
                    raise BadAnswer(
                        NAME, "too many rows share one moment", reason="incomplete"
                    )
                source.size = min(4 * source.size, LARGEST_PAGE)
                edge |= {row[ROW_ID] for row in batch.rows}
            else:
                until = batch.until = bound
                edge = sifted.edge
                source.size = _next_size(source.size, page.size, seconds)
                growth = min(source.size / page.count, 2)
                low = max(lowest, bound - _WIDER * growth * sifted.span)
            yield batch

    async def _is_over(
        self, source: Source, lowest: datetime, until: datetime | None
    ) -> bool:
        """Return whether there is really nothing within bounds that a row gave.

        At least that row should be there. It is not if it was deleted or resumed
        meanwhile, or if the query failed; the database is working if there is any
        row at all.
        """
        if not await self._count(source, FIRST_DAY, None):
            return False
        return not await self._count(source, lowest, until)

    async def _count(
        self, source: Source, since: datetime, until: datetime | None
    ) -> int:
        """Return how many rows a source has within bounds, by pages of one row."""
        return page_count(
            await self.page(replace(source, size=1), since=since, until=until)
        )

    async def _scan_numbered(
        self, source: Source, page: Rows[Row], lowest: datetime, verify: bool
    ) -> AsyncIterator[Batch]:
        """Read a source page by page, from a server that knows no filters.

        A row can move to another page meanwhile. So the list is read again, in longer
        pages, until a pass has met no more rows than are known.
        """
        seen: set[str] = set()
        for attempt in range(_PASSES):
            if attempt:
                source.size = min(4 * source.size, LARGEST_PAGE)
                page = await self.page(source, since=lowest)
            obedient = integer(page.head.get("size")) == source.size
            number = 1
            met = skipped = stale = 0
            while True:
                pages = page_count(page)
                short = obedient and number < pages and page.count < source.size
                if short or (not page.count and pages >= number):
                    raise incomplete(NAME, "the history")
                met += page.count
                fresh = {
                    row[ROW_ID]: row for row in page.rows if row[ROW_ID] not in seen
                }
                stale = 0 if fresh or attempt else stale + 1
                if stale == _STALE_PAGES:
                    raise incomplete(NAME, "the history")
                seen |= fresh.keys()
                skipped += page.skipped
                if number >= pages and verify and obedient and met:
                    met = max(met, await self._count(source, lowest, None) or met + 1)
                end = number >= pages or _reaches(page.rows, lowest)
                batch = Batch([row for row in fresh.values() if row[AT] >= lowest])
                batch.last = end and len(seen) + skipped >= met
                batch.snapshot = batch.last and not attempt and number == 1
                yield batch
                if batch.last:
                    return
                if end:
                    break
                number += 1
                page = await self.page(source, number, since=lowest)
        raise BadAnswer(
            NAME, "its history keeps changing while it is read", reason="changing"
        )


class _Sifted(NamedTuple):
    """The rows of a page that were not on the one before, and where all of it lies."""

    rows: list[Row]
    bound: datetime | None = None
    """Up to when the next page has to reach; ``None``: this one has no rows."""
    edge: frozenset[str] = frozenset()
    """The ids of the rows that come again then."""
    span: timedelta = timedelta()
    """From there to the newest row."""


def _sift(rows: list[Row], edge: frozenset[str]) -> _Sifted:
    """Sift the rows of a page; takes some milliseconds."""
    if not rows:
        return _Sifted([])
    dates = [row[AT] for row in rows]
    bound = to_milliseconds(min(dates)) + _MILLISECOND
    return _Sifted(
        [row for row in rows if row[ROW_ID] not in edge],
        bound,
        frozenset([row[ROW_ID] for row in rows if row[AT] < bound + _MILLISECOND]),
        max(dates) - bound,
    )


def _next_size(rows: int, size: int, seconds: float) -> int:
    """Return how many rows to ask for after a page of some bytes that took some time."""
    light = max(int(0.9 * rows * HEAVY_PAGE / max(size, 1)), SMALLEST_PAGE)
    # Fewer rows than that do not make it quicker.
    quick = max(int(rows * SLOW_PAGE / max(seconds, 0.001)), PAGE)
    return min(light, quick, 2 * rows, MOST_ROWS)


def page_count(page: Rows[Row]) -> int:
    """Return how many pages the whole list has."""
    pages = integer(page.head.get("pages"))
    if pages is None or pages < 0:
        raise BadAnswer(
            NAME, "does not say how long its history is", reason="incomplete"
        )
    return pages


def _whole(page: Rows[Row], lowest: datetime) -> list[Batch]:
    """Cut an answer that is everything at once, in no order, into batches."""
    unique = {row[ROW_ID]: row for row in page.rows if row[AT] >= lowest}
    rows = sorted(unique.values(), key=itemgetter(AT), reverse=True)
    batches = [
        Batch(rows[start : start + PAGE], snapshot=True)
        for start in range(0, len(rows), PAGE)
    ] or [Batch([], snapshot=True)]
    batches[-1].last = True
    return batches


def _reaches(rows: list[Row], lowest: datetime) -> bool:
    """Return whether a page that is in order goes below a date."""
    dates = [row[AT] for row in rows]
    return bool(dates) and dates[-1] < lowest and dates == sorted(dates, reverse=True)
