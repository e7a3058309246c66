"""The watch history: what Jellystat has recorded since it was last read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from ..garbage import throw_away
from ..ledger import Ledger, LedgerState, SyncBatch
from ..model import Progress, Tell, User, Work
from ..servers import BadAnswer, HistoryPage, Jellystat

# A resumed play moves its row's date; Jellystat can be told to do so for 12 hours.
HISTORY_OVERLAP = timedelta(hours=13)
# Jellystat gives rows of vanished titles to others without touching their date.
REREAD_HISTORY_AFTER = timedelta(days=7)
HISTORY_GONE = "history_gone"
"""The reason of the BadAnswer that says so."""
# Rows that were written between two requests are no reason to read everything again.
_ROWS_MEANWHILE = 20
# Where Jellystat has no more rows than this, they are read again rather than counted.
_FEW_ROWS = 1000
# Where the difference is everywhere, reading everything again is less work.
_MOST_COUNTS = 64
_MOST_ROWS = 20_000


async def read_history(
    jellystat: Jellystat | None,
    ledger: Ledger,
    batch: SyncBatch,
    state: LedgerState,
    users: Collection[User],
    clock: Callable[[], datetime],
    *,
    full: bool,
    tell: Tell = lambda _: None,
) -> int:
    """Collect what is new in Jellystat's history, after all of it was read once.

    Return how many new rows the reading of all of it has stored already.
    """
    if jellystat is None:
        return 0
    scanned = 0
    # Who is gone from Jellyfin still has rows in Jellystat, which are to be found again.
    user_ids = {user.user_id for user in users}
    user_ids |= await asyncio.to_thread(ledger.users_in_history)
    reread_due = full and (
        state.history_read_at is None
        or clock() - state.history_read_at >= REREAD_HISTORY_AFTER
    )
    if not state.history_complete or state.history_scanning or reread_due:
        scanned = await _scan_history(jellystat, ledger, state, user_ids, clock, tell)
        state = await asyncio.to_thread(ledger.state)
    found = await _read_updates(jellystat, batch, state, user_ids)
    if not found and not state.history_rows:
        return scanned
    rows = await jellystat.count() if full or not found else None
    if not found and rows == 0:
        # So it also answers after an error of its database. Nobody watched nothing.
        raise _history_gone()
    if rows is None:
        if found:
            return scanned
    else:
        expected = state.history_rows + await asyncio.to_thread(batch.new_events)
        if found and rows == expected + state.history_surplus:
            return scanned
        # Rows were deleted, or imported with dates of long ago.
        begin = _updates_begin(state)
        if await _reread_what_differs(jellystat, batch, rows, begin, user_ids):
            expected = await asyncio.to_thread(batch.known_between, None, None)
            found = True
        if found and 0 <= rows - expected <= _ROWS_MEANWHILE:
            await asyncio.to_thread(ledger.note_history_surplus, rows - expected)
            return scanned
    scanned += await _scan_history(jellystat, ledger, state, user_ids, clock, tell)
    state = await asyncio.to_thread(ledger.state)
    if not await _read_updates(jellystat, batch, state, user_ids):
        raise _history_gone()
    return scanned


async def _reread_what_differs(
    jellystat: Jellystat,
    batch: SyncBatch,
    rows: int,
    begin: datetime,
    user_ids: Collection[str],
) -> bool:
    """Find by counting in halves where Jellystat has other rows, and collect those.

    Return whether that could be done. ``rows`` is the number of all of its rows, and
    ``begin`` is where the increment began.
    """
    # Only counts from a date on are asked for: Jellystat cuts dates to milliseconds
    # when it shows them, so rows at a second bound could fall on either side of it.
    later = await jellystat.count(begin)
    if later is None:
        return False
    spans: list[tuple[datetime | None, datetime | None, int, int]] = [
        (None, begin, rows, later),
        (begin, None, later, 0),
    ]
    counts_left, rows_left = _MOST_COUNTS, _MOST_ROWS
    while spans:
        since, until, from_since, from_until = spans.pop()
        there = from_since - from_until
        if there == await asyncio.to_thread(batch.known_between, since, until):
            continue
        if there < 0:
            # Counts that contradict each other tell nothing.
            return False
        middle = None
        if there > _FEW_ROWS:
            middle = await asyncio.to_thread(batch.middle_between, since, until)
        if middle is None:
            rows_left -= there
            if rows_left < 0:
                return False
            async for events in jellystat.between(since, until, user_ids):
                await asyncio.to_thread(batch.add_events, events)
            batch.note_reread(since, until)
            continue
        counts_left -= 1
        from_middle = await jellystat.count(middle) if counts_left >= 0 else None
        if from_middle is None:
            return False
        spans += [
            (since, middle, from_since, from_middle),
            (middle, until, from_middle, from_until),
        ]
    return True


async def _scan_history(
    jellystat: Jellystat,
    ledger: Ledger,
    state: LedgerState,
    user_ids: Collection[str],
    clock: Callable[[], datetime],
    tell: Tell,
) -> int:
    """Read the whole history, page by page, from where an earlier read stopped.

    Return how many of its rows were new.
    """
    new = 0
    if not state.history_scanning:
        await asyncio.to_thread(ledger.begin_history_scan, clock())
        state = await asyncio.to_thread(ledger.state)
    # An unfinished scan goes on where it stopped, and so does the count of the first.
    read = before = 0 if state.history_complete else state.history_rows
    missing = bool(state.history_rows) and state.history_from is None
    backfill = jellystat.backfill(state.history_cursor, user_ids)
    async with aclosing(_one_ahead(backfill)) as pages:
        async for page in pages:
            if missing and page.cursor is None and read == before:
                raise _history_gone()
            read += len(page.events)
            new += await asyncio.to_thread(_store, ledger, page, clock())
            total = None if page.left is None else read + page.left
            tell(Progress(work=Work.HISTORY, done=read, total=total))
    return new


def _store(ledger: Ledger, page: HistoryPage, now: datetime) -> int:
    """Store a page and throw it away; return the new rows."""
    new = ledger.add_history_page(page.events, page.cursor, now)
    throw_away(page.events)
    return new


async def _one_ahead(pages: AsyncIterator[HistoryPage]) -> AsyncGenerator[HistoryPage]:
    """Yield pages, each of which is dealt with while the next one is on its way."""
    following = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await following) is not None:
            following = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _read_updates(
    jellystat: Jellystat,
    batch: SyncBatch,
    state: LedgerState,
    user_ids: Collection[str],
) -> bool:
    """Collect the rows since the newest known one; return whether there are any.

    That one itself has to be among them.
    """
    found = False
    async for events in jellystat.updates(_updates_begin(state), user_ids):
        found = found or bool(events)
        await asyncio.to_thread(batch.add_events, events)
    return found


def _updates_begin(state: LedgerState) -> datetime:
    """Return from when on everything is read at every sync."""
    begins = [at for at in (state.history_from, state.history_newest) if at is not None]
    if not begins:
        return datetime.fromtimestamp(0, UTC)
    return min(begins) - HISTORY_OVERLAP


def _history_gone() -> BadAnswer:
    """Return the error for a history that was there and is gone."""
    return BadAnswer(
        "Jellystat", "the history that was there is gone", reason=HISTORY_GONE
    )
