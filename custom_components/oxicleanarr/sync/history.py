"""The watch history: what Jellystat has recorded since it was last read."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from ..ledger import Ledger, LedgerState, SyncBatch
from ..model import User
from ..servers import BadAnswer, Jellystat

# A resumed play moves its row's date; Jellystat can be told to do so for 12 hours.
HISTORY_OVERLAP = timedelta(hours=13)
# Jellystat gives rows of vanished titles to others without touching their date.
REREAD_HISTORY_AFTER = timedelta(days=7)
HISTORY_GONE = "history_gone"
"""The reason of the BadAnswer that says so."""
# Rows that were written between two requests are no reason to read everything again.
_ROWS_MEANWHILE = 20


async def read_history(
    jellystat: Jellystat | None,
    ledger: Ledger,
    batch: SyncBatch,
    state: LedgerState,
    users: Collection[User],
    clock: Callable[[], datetime],
    *,
    full: bool,
) -> int:
    """Collect what is new in Jellystat's history, after all of it was read once.

    Return how many new rows the reading of all of it has stored already.
    """
    if jellystat is None:
        return 0
    scanned = 0
    user_ids = [user.user_id for user in users]
    reread_due = full and (
        state.history_read_at is None
        or clock() - state.history_read_at >= REREAD_HISTORY_AFTER
    )
    if not state.history_complete or state.history_scanning or reread_due:
        scanned = await _scan_history(jellystat, ledger, state, user_ids, clock)
        state = await asyncio.to_thread(ledger.state)
    found = await _read_updates(jellystat, batch, state, user_ids)
    if not found and not state.history_rows:
        return scanned
    rows = await jellystat.count() if full or not found else None
    if not found and rows == 0:
        # So it also answers after an error of its database. Nobody watched nothing.
        raise _history_gone()
    expected = state.history_rows + await asyncio.to_thread(batch.new_events)
    if found and (rows is None or expected <= rows <= expected + _ROWS_MEANWHILE):
        return scanned
    # Rows were deleted, or imported with dates of long ago.
    scanned += await _scan_history(jellystat, ledger, state, user_ids, clock)
    state = await asyncio.to_thread(ledger.state)
    if not await _read_updates(jellystat, batch, state, user_ids):
        raise _history_gone()
    return scanned


async def _scan_history(
    jellystat: Jellystat,
    ledger: Ledger,
    state: LedgerState,
    user_ids: Sequence[str],
    clock: Callable[[], datetime],
) -> int:
    """Read the whole history, page by page, from where an earlier read stopped.

    Return how many of its rows were new.
    """
    new = 0
    if not state.history_scanning:
        await asyncio.to_thread(ledger.begin_history_scan, clock())
        state = await asyncio.to_thread(ledger.state)
    async for page in jellystat.backfill(state.history_cursor, user_ids):
        if not page.events and state.history_rows and state.history_from is None:
            raise _history_gone()
        new += await asyncio.to_thread(
            ledger.add_history_page, page.events, page.cursor, clock()
        )
    return new


async def _read_updates(
    jellystat: Jellystat,
    batch: SyncBatch,
    state: LedgerState,
    user_ids: Sequence[str],
) -> bool:
    """Collect the rows since the newest known one; return whether there are any.

    That one itself has to be among them.
    """
    begins = [at for at in (state.history_from, state.history_newest) if at is not None]
    if not begins:
        since = datetime.fromtimestamp(0, UTC)
    else:
        since = min(begins) - HISTORY_OVERLAP
    found = False
    async for events in jellystat.updates(since, user_ids):
        found = found or bool(events)
        await asyncio.to_thread(batch.add_events, events)
    return found


def _history_gone() -> BadAnswer:
    """Return the error for a history that was there and is gone."""
    return BadAnswer(
        "Jellystat", "the history that was there is gone", reason=HISTORY_GONE
    )
