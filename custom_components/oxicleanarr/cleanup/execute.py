"""The executor: the only place that deletes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..ledger import DeletionOutcome, JournalEntry, Ledger
from ..model import MediaItem, PlannedDeletion
from ..servers import Jellyfin, ServerError, Unavailable
from .guards import LiveView, objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may do."""

    max_items: int = 25
    """How many entries of the plan may go in one run."""
    max_bytes: int | None = None
    favorites_keep: bool = True


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
    planned_bytes = 0
    begun = 0
    for entry in entries:
        size = entry.size_bytes
        if entry.due_at > clock():
            report.skipped.append((entry, f"not due before {entry.due_at:%Y-%m-%d}"))
        elif begun >= limits.max_items:
            report.skipped.append(
                (entry, f"a run deletes {limits.max_items} titles at most")
            )
        elif limits.max_bytes is not None and (
            size is None or planned_bytes + size > limits.max_bytes
        ):
            report.skipped.append((entry, "a run deletes no more bytes than this"))
        else:
            run = _EntryRun(entry, ledger, jellyfin, limits, is_dry_run, clock, report)
            if await run.execute():
                begun += 1
                planned_bytes += size or 0
    return report


async def settle(
    ledger: Ledger, jellyfin: Jellyfin, clock: Callable[[], datetime]
) -> list[JournalEntry]:
    """Find out by looking how open deletions ended, and return what is still open.

    A row that Jellyfin still lists after a scan that began later was not deleted.
    Raises ServerError.
    """
    entries = await asyncio.to_thread(ledger.unsettled)
    if not entries:
        return []
    found = await jellyfin.items({entry.item_id for entry in entries})
    scanned_at = await jellyfin.last_scan_started()
    still_open = []
    for entry in entries:
        if entry.item_id not in found:
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
        """Try to delete the entry, put it into the report; return whether it began."""
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
                self._stop_if_dry_run()
                begun = True
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

    async def _targets(self) -> list[MediaItem]:
        targets: list[MediaItem] = []
        for item_id in self.entry.target_ids:
            found = await asyncio.to_thread(self.ledger.find, item_id)
            targets += [item for item in found if item.item_id == item_id]
        if not targets or len(targets) != len(self.entry.target_ids):
            raise _Stopped("it is not in the library any more")
        return targets

    def _stop_if_dry_run(self) -> None:
        if self.is_dry_run():
            raise _Stopped("dry run: it would be deleted now")

    async def _look(self, targets: Sequence[MediaItem]) -> None:
        """Look at the targets, live; raise _Stopped if anything speaks for one."""
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
            reason = objection(
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
                )
            )
            if reason:
                raise _Stopped(reason)

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
