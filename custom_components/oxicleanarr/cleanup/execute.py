"""The executor: the only place that deletes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..ledger import DeletionOutcome, JournalEntry, Ledger
from ..model import MediaItem, PlannedDeletion
from ..servers import Jellyfin, ServerError, Unavailable
from .guards import (
    ENTRY_GUARDS,
    LIVE_GUARDS,
    SAME_MOMENT,
    EntryView,
    Limits,
    LiveView,
    objection,
)


@dataclass(slots=True, kw_only=True)
class CleanupReport:
    """What a run did, entry by entry."""

    dry_run: bool
    deleted: list[PlannedDeletion] = field(default_factory=list)
    unconfirmed: list[PlannedDeletion] = field(default_factory=list)
    """Deleted, but Jellyfin still lists them: the next scan will tell."""
    skipped: list[tuple[PlannedDeletion, str]] = field(default_factory=list)
    failed: list[tuple[PlannedDeletion, str]] = field(default_factory=list)
    reclaimed_bytes: int = 0


_DRY_RUN = "dry run: it would be deleted now"


class _Stopped(Exception):
    """An entry cannot go on; the text says why."""


async def clean_up(
    entries: Sequence[PlannedDeletion],
    *,
    ledger: Ledger,
    jellyfin: Jellyfin,
    limits: Limits,
    is_dry_run: Callable[[], bool],
    clock: Callable[[], datetime],
) -> CleanupReport:
    """Delete the entries of a plan, one after another, each looked at again before.

    ``is_dry_run`` is asked before every single deletion. Entries that are not due, or
    too many, are skipped. Errors of the server end up in the report; LedgerError is
    raised, for without a journal nothing may go.
    """
    report = CleanupReport(dry_run=is_dry_run())
    bytes_before = begun = 0
    for entry in entries:
        view = EntryView(
            now=clock(),
            entry=entry,
            limits=limits,
            begun=begun,
            bytes_before=bytes_before,
            reclaimed=report.reclaimed_bytes,
        )
        if found := objection(ENTRY_GUARDS, view):
            report.skipped.append((entry, str(found)))
            continue
        run = _EntryRun(entry, ledger, jellyfin, limits, is_dry_run, clock, report)
        if await run.execute():
            begun += 1
            bytes_before += entry.size_bytes or 0
    return report


async def settle(
    ledger: Ledger, jellyfin: Jellyfin, clock: Callable[[], datetime]
) -> list[JournalEntry]:
    """Find out by looking how open deletions ended, and return what is still open.

    A row that Jellyfin still lists after a scan that began later was not deleted,
    unless it is of a file that came later still.
    Raises ServerError.
    """
    entries = await asyncio.to_thread(ledger.unsettled)
    if not entries:
        return []
    found = await jellyfin.items({entry.item_id for entry in entries})
    scanned_at = await jellyfin.last_scan_started()
    still_open = []
    for entry in entries:
        live = found.get(entry.item_id)
        if live is None or await asyncio.to_thread(_came_back, ledger, entry, live):
            outcome, error = DeletionOutcome.DELETED, None
        elif scanned_at and scanned_at > (entry.finished_at or entry.intended_at):
            outcome, error = DeletionOutcome.FAILED, "Jellyfin still has it"
        else:
            still_open.append(entry)
            continue
        await asyncio.to_thread(
            ledger.conclude, entry.entry_id, outcome, clock(), error
        )
    return still_open


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


@dataclass(slots=True)
class _EntryRun:
    """The deletion of one entry: all that it names, and nothing else."""

    entry: PlannedDeletion
    ledger: Ledger
    jellyfin: Jellyfin
    limits: Limits
    is_dry_run: Callable[[], bool]
    clock: Callable[[], datetime]
    report: CleanupReport
    _favorites: dict[str, frozenset[str]] = field(default_factory=dict)

    async def execute(self) -> bool:
        """Try to delete the entry and report it; return whether it counts as one.

        In a dry run it counts if it would have been deleted, so that no more is
        announced than a real run would do.
        """
        deleted = 0
        begun = False
        unconfirmed = False
        targets: list[MediaItem] = []
        try:
            targets = await self._targets()
            for user in await asyncio.to_thread(self.ledger.users):
                self._favorites[user.user_id] = await self.jellyfin.favorites(
                    user.user_id
                )
            # One episode that has to stay takes the ground from under the whole entry.
            await self._look(targets)
            for target in targets:
                await self._look([target])
                if self.is_dry_run() and not begun:
                    self.report.skipped.append((self.entry, _DRY_RUN))
                    return True
                begun = True
                self._stop_if_dry_run()
                unconfirmed |= not await self._delete(target)
                deleted += 1
        except _Stopped as stop:
            reason = str(stop)
        except ServerError as err:
            reason = f"not sure about it: {err}"
        else:
            (self.report.unconfirmed if unconfirmed else self.report.deleted).append(
                self.entry
            )
            return True
        if begun:
            parts = f"{deleted} of {len(targets)} files deleted; " if deleted else ""
            self.report.failed.append((self.entry, parts + reason))
        else:
            self.report.skipped.append((self.entry, reason))
        return begun

    def _stop_if_dry_run(self) -> None:
        if self.is_dry_run():
            raise _Stopped("dry run was switched on meanwhile")

    async def _targets(self) -> list[MediaItem]:
        targets: list[MediaItem] = []
        for item_id in self.entry.target_ids:
            found = await asyncio.to_thread(self.ledger.find, item_id)
            targets += [item for item in found if item.item_id == item_id]
        if not targets or len(targets) != len(self.entry.target_ids):
            raise _Stopped("it is not in the library any more")
        return targets

    async def _look(self, targets: Sequence[MediaItem]) -> None:
        """Look at the targets, live; raise _Stopped if anything speaks against one."""
        ids = [target.item_id for target in targets]
        live = await self.jellyfin.items(ids)
        user_data = {
            user_id: await self.jellyfin.user_data(user_id, ids)
            for user_id in self._favorites
        }
        sessions = await self.jellyfin.sessions()
        scanning = await self.jellyfin.is_scanning()
        for target in targets:
            known = await asyncio.to_thread(
                self.ledger.remembered, target.item_id, self.clock()
            )
            found = objection(
                LIVE_GUARDS,
                LiveView(
                    now=self.clock(),
                    entry=self.entry,
                    target=target,
                    known=known,
                    live=live.get(target.item_id),
                    user_data={
                        user_id: rows[target.item_id]
                        for user_id, rows in user_data.items()
                        if target.item_id in rows
                    },
                    favorites=self._favorites,
                    favorites_keep=self.limits.favorites_keep,
                    sessions=sessions,
                    scanning=scanning,
                ),
            )
            if found:
                raise _Stopped(str(found))

    async def _delete(self, target: MediaItem) -> bool:
        """Delete one file and return whether it is seen to be gone."""
        number = await asyncio.to_thread(
            self.ledger.intend, self.entry, target, self.clock()
        )
        trouble: ServerError | None = None
        try:
            await self.jellyfin.delete_item(target.item_id)
        except ServerError as err:
            trouble = err
        try:
            gone = target.item_id not in await self.jellyfin.items([target.item_id])
        except ServerError as err:
            await self._conclude(number, DeletionOutcome.UNCONFIRMED, str(err))
            raise
        if gone:
            await self._conclude(number, DeletionOutcome.DELETED)
            size = (await asyncio.to_thread(self.ledger.sizes, [target.item_id])).get(
                target.item_id
            )
            self.report.reclaimed_bytes += size or 0
            return True
        if trouble is None or (isinstance(trouble, Unavailable) and trouble.timed_out):
            # The call may have done its work, or may be doing it still.
            await self._conclude(
                number,
                DeletionOutcome.UNCONFIRMED,
                str(trouble) if trouble else "Jellyfin still lists it",
            )
            return False
        await self._conclude(number, DeletionOutcome.FAILED, str(trouble))
        raise trouble

    async def _conclude(
        self, number: int, outcome: DeletionOutcome, error: str | None = None
    ) -> None:
        await asyncio.to_thread(
            self.ledger.conclude, number, outcome, self.clock(), error
        )
