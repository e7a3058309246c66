"""What is left to do when a run is over, or was cut off: to look how it ended."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ..ledger import DeletionOutcome, JournalEntry, Ledger
from ..model import MediaItem
from ..servers import Connections, Jellyfin, ServerError
from .copies import copy_of
from .guards import SAME_MOMENT
from .reasons import Why, why

# Radarr and Sonarr go on with a deletion whose caller has gone; to a recycle bin on
# another disk that takes minutes.
_STILL_AT_WORK = timedelta(minutes=10)


async def settle(
    ledger: Ledger,
    jellyfin: Jellyfin,
    clock: Callable[[], datetime],
    connections: Connections = Connections(),
) -> list[JournalEntry]:
    """Find out by looking how open deletions ended, and return what is still open.

    A row that Jellyfin still lists after a scan that began later was not deleted,
    unless it is of a file that came later still. A file that Radarr or Sonarr still has
    stayed there: then it is looked for again as before. Raises ServerError if Jellyfin
    fails; where another server does, its rows stay open.
    """
    entries = await asyncio.to_thread(ledger.unsettled)
    if not entries:
        return []
    found = await jellyfin.items({entry.item_id for entry in entries})
    scanned_at = await jellyfin.last_scan_started()
    still_open = []
    for entry in entries:
        live = found.get(entry.item_id)
        outcome: DeletionOutcome | None = None
        error = entry.error if entry.through else None
        try:
            owned = await _is_still_owned(entry, connections, clock())
        except ServerError:
            still_open.append(entry)
            continue
        if owned:
            outcome = DeletionOutcome.FAILED
            error = error or why(Why.INTERRUPTED)
        elif owned is None:
            pass
        elif live is None or await asyncio.to_thread(_came_back, ledger, entry, live):
            outcome = DeletionOutcome.DELETED
        elif entry.through and entry.finished_at is None:
            # It was cut off, and the file is gone since nobody knows when.
            outcome = DeletionOutcome.UNCONFIRMED
            error = why(Why.CUT_OFF, server=entry.through[0].app)
        elif scanned_at and scanned_at > (entry.finished_at or entry.intended_at):
            outcome, error = DeletionOutcome.FAILED, why(Why.STILL_IN_JELLYFIN)
        if outcome in (None, DeletionOutcome.UNCONFIRMED):
            still_open.append(entry)
            if entry.through and entry.path and owned is False:
                await jellyfin.look_again(entry.path)
        if outcome is None:
            continue
        await asyncio.to_thread(
            ledger.conclude, entry.entry_id, outcome, clock(), error
        )
    return still_open


async def _is_still_owned(
    entry: JournalEntry, connections: Connections, now: datetime
) -> bool | None:
    """Return whether Radarr or Sonarr has a file of it still; ``None``: wait and see.

    What stays is looked for again as before the attempt. Raises ServerError.
    """
    copies = [copy_of(part, connections) for part in entry.through]
    known = [copy for copy in copies if copy is not None]
    left = [copy for copy in known if await copy.files_left()]
    if not left:
        return False
    asked_at = entry.finished_at or entry.intended_at
    if asked_at <= now < asked_at + _STILL_AT_WORK:
        return None
    for copy in known:
        if copy in left or not copy.part.file_ids:
            await copy.restore()
    return True


def _came_back(ledger: Ledger, entry: JournalEntry, live: MediaItem) -> bool:
    """Return whether what is listed is another file than the one that was deleted.

    A title that returns under its old path has its old id, and its old flag too.
    """
    if live.added_at is None:
        return False
    return live.added_at > entry.intended_at or any(
        known.item_id == live.item_id
        and known.added_at is not None
        and abs(live.added_at - known.added_at) > SAME_MOMENT
        for known in ledger.find(live.item_id)
    )
