"""What is left to do when a run is over, or was cut off: to look how it ended."""

import asyncio
from collections.abc import Callable, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from ..ledger import DeletionOutcome, JournalEntry, Ledger
from ..model import MediaItem
from ..servers import Connections, Jellyfin, ServerError
from ..sync import same_server
from .copies import Copy, copy_of
from .disk import Disk
from .found import note_failure
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

    The disk says it at once. Where it cannot, Jellyfin does after a scan that began
    later. A file that Radarr or Sonarr still has stayed there: then it is looked for
    again as before. Raises ServerError if Jellyfin fails or is another server; where
    another one fails, its rows stay open.
    """
    entries = await asyncio.to_thread(ledger.unsettled)
    if not entries:
        return []
    state = await asyncio.to_thread(ledger.state)
    await same_server(jellyfin, state.server_id)
    found = await jellyfin.items({entry.item_id for entry in entries})
    scanned_at = await jellyfin.last_scan_started()
    look = _Look(ledger, Disk(jellyfin, ledger), {entry.item_id for entry in entries})
    still_open = []
    for entry in entries:
        live = found.get(entry.item_id)
        asked_at = entry.finished_at or entry.intended_at
        under_way = asked_at <= clock() < asked_at + _STILL_AT_WORK
        scanned_since = scanned_at is not None and scanned_at > asked_at
        outcome: DeletionOutcome | None = None
        error = entry.error if entry.through else None
        try:
            owned = await _is_still_owned(entry, connections, under_way=under_way)
        except ServerError:
            still_open.append(entry)
            continue
        sight = _Sight.UNKNOWN if owned else await look.at(entry, live)
        if owned:
            outcome = DeletionOutcome.FAILED
            error = error or why(Why.INTERRUPTED)
        elif owned is None:
            pass
        elif sight is _Sight.GONE or (
            live is not None
            and await asyncio.to_thread(_came_back, ledger, entry, live)
        ):
            outcome = DeletionOutcome.DELETED
            if entry.through and entry.finished_at is None:
                error = why(Why.CUT_OFF, server=entry.through[0].app)
            if live is not None and entry.path:
                await jellyfin.look_again(entry.path)
        elif sight is _Sight.THERE and (not under_way or scanned_since):
            outcome = DeletionOutcome.FAILED
            error = entry.error or why(
                Why.STILL_ON_DISK if entry.finished_at else Why.INTERRUPTED
            )
        elif sight is _Sight.UNKNOWN and scanned_since:
            if live is None:
                outcome = DeletionOutcome.DELETED
            else:
                outcome, error = DeletionOutcome.FAILED, why(Why.STILL_IN_JELLYFIN)
        if outcome is DeletionOutcome.FAILED and not owned:
            try:
                await _restore_wishes(entry, connections)
            except ServerError:
                outcome = None
        if outcome is None:
            still_open.append(entry)
            continue
        failed = outcome is DeletionOutcome.FAILED
        freed = await look.freed(entry) if failed else 0
        await asyncio.to_thread(
            ledger.conclude, entry.entry_id, outcome, clock(), error, freed
        )
        if failed and entry.finished_at and error:
            await note_failure(ledger, entry.item_id, error, clock())
    return still_open


class _Sight(Enum):
    """What the disk says of the files of a deletion."""

    THERE = auto()
    """One of them is to be seen."""
    GONE = auto()
    AWAY = auto()
    """None is, and neither is what was beside them."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at the disk, for all open deletions."""

    ledger: Ledger
    disk: Disk
    open_ids: AbstractSet[str]

    async def at(self, entry: JournalEntry, live: MediaItem | None) -> _Sight:
        """Return what the disk says of a deletion. Raises ServerError."""
        if entry.path is None:
            return _Sight.UNKNOWN
        paths = {entry.path, *await asyncio.to_thread(self._paths, entry)}
        if await self.disk.left(sorted(paths), folders=None):
            return _Sight.THERE
        there = await self.disk.is_there(entry.path, self.open_ids)
        if there is None:
            return _Sight.UNKNOWN
        return _Sight.GONE if there else _Sight.AWAY

    async def freed(self, entry: JournalEntry) -> int:
        """Return the bytes of what went although the deletion failed. Raises ServerError.

        By what the ledger knows: to Jellyfin the file that is left may be another item.
        """
        known = await asyncio.to_thread(self.ledger.files_of, entry.item_id)
        return 0 if known is None else await self.disk.freed(*known)

    def _paths(self, entry: JournalEntry) -> frozenset[str]:
        """Return the other files that the title had; blocks for a moment."""
        return self.ledger.paths_of(entry.item_id, entry.path)


async def _is_still_owned(
    entry: JournalEntry, connections: Connections, *, under_way: bool
) -> bool | None:
    """Return whether Radarr or Sonarr has a file of it still; ``None``: wait and see.

    What stays is looked for again as before the attempt. Raises ServerError.
    """
    left = [copy for copy in _copies(entry, connections) if await copy.files_left()]
    if not left:
        return False
    if under_way:
        return None
    for copy in left:
        await copy.restore()
    await _restore_wishes(entry, connections)
    return True


async def _restore_wishes(entry: JournalEntry, connections: Connections) -> None:
    """Have Radarr and Sonarr look as before for what they had no file of."""
    for copy in _copies(entry, connections):
        if not copy.part.file_ids:
            await copy.restore()


def _copies(entry: JournalEntry, connections: Connections) -> list[Copy]:
    """Return what went through the Radarrs and Sonarrs that are still connected."""
    copies = [copy_of(part, connections) for part in entry.through]
    return [copy for copy in copies if copy is not None]


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
