"""The executor: the only place that deletes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..ledger import DeletionOutcome, Ledger, Source
from ..model import MediaItem, MediaKind, PlannedDeletion, Reason
from ..servers import BadAnswer, Connections, Jellyfin, ServerError, Unavailable
from .guards import ENTRY_GUARDS, LIVE_GUARDS, EntryView, Limits, LiveView, objection
from .owners import Copy, Custody, Owners, Stopped
from .reasons import Why, failed, unsure, why


@dataclass(slots=True, kw_only=True)
class CleanupReport:
    """What a run did, entry by entry."""

    dry_run: bool
    deleted: list[PlannedDeletion] = field(default_factory=list)
    unconfirmed: list[PlannedDeletion] = field(default_factory=list)
    """Deleted, but Jellyfin still lists them: the next scan will tell."""
    skipped: list[tuple[PlannedDeletion, Reason]] = field(default_factory=list)
    failed: list[tuple[PlannedDeletion, Reason]] = field(default_factory=list)
    reclaimed_bytes: int = 0
    """What is free again for certain."""
    taken_bytes: int = 0
    """What was deleted, also what lies in a recycle bin or is not confirmed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What else is to be done with the titles of Radarr, Sonarr and Seerr."""

    import_exclusion: bool = True
    """Whether lists are kept from bringing back what was deleted."""
    forget_requests: bool = False
    """Whether Seerr forgets the request of what is gone."""
    needs_requesters: bool = False
    """Whether the rules ask who requested a title."""


_WHOLE = (MediaKind.MOVIE, MediaKind.SERIES)


async def clean_up(
    entries: Sequence[PlannedDeletion],
    *,
    ledger: Ledger,
    jellyfin: Jellyfin,
    limits: Limits,
    is_dry_run: Callable[[], bool],
    clock: Callable[[], datetime],
    connections: Connections = Connections(),
    handling: Handling = Handling(),
    halt: Callable[[], Reason | None] = lambda: None,
) -> CleanupReport:
    """Delete the entries of a plan, one after another, each looked at again before.

    ``is_dry_run`` is asked before every single deletion, and so is ``halt``, which
    returns why nothing more may go. Entries that are not due, or too many, are skipped.
    Errors of the servers end up in the report; LedgerError is raised, for without a
    journal nothing may go.
    """
    report = CleanupReport(dry_run=is_dry_run())
    owners = Owners(ledger, connections, handling.import_exclusion)
    silent = await asyncio.to_thread(ledger.silent_sources)
    if not handling.needs_requesters:
        silent -= {Source.SEERR}
    bytes_before = begun = 0
    for entry in entries:
        if because := halt():
            report.skipped.append((entry, because))
            continue
        view = EntryView(
            now=clock(),
            entry=entry,
            limits=limits,
            begun=begun,
            bytes_before=bytes_before,
            taken=report.taken_bytes,
            silent=silent,
        )
        if found := objection(ENTRY_GUARDS, view):
            report.skipped.append((entry, found.because))
            continue
        run = _EntryRun(
            entry,
            ledger,
            jellyfin,
            owners,
            limits,
            is_dry_run,
            clock,
            report,
            halt,
            forgets=handling.forget_requests and bool(connections.seerr),
        )
        if await run.execute():
            begun += 1
            bytes_before += entry.size_bytes or 0
    return report


@dataclass(slots=True)
class _EntryRun:
    """The deletion of one entry: all that it names, and nothing else."""

    entry: PlannedDeletion
    ledger: Ledger
    jellyfin: Jellyfin
    owners: Owners
    limits: Limits
    is_dry_run: Callable[[], bool]
    clock: Callable[[], datetime]
    report: CleanupReport
    halt: Callable[[], Reason | None]
    forgets: bool = False
    """Whether its request is forgotten when all of it is gone."""
    _favorites: dict[str, frozenset[str]] = field(default_factory=dict)
    _gone_with: dict[str, Custody] = field(default_factory=dict)
    """Item id to the files that it shared with one that is deleted already."""

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
                last = target is targets[-1]
                custody = self._gone_with.get(target.item_id)
                if custody is None:
                    custody = (await self._look([target]))[target.item_id]
                    together = [
                        one for one in targets if one.item_id in custody.item_ids
                    ]
                    if len(together) > 1:
                        await self._look(together)
                if self.is_dry_run() and not begun:
                    self.report.skipped.append((self.entry, why(Why.DRY_RUN)))
                    return True
                self._stop_if_told()
                begun = True
                unconfirmed |= not await self._delete(target, custody, last=last)
                deleted += 1
        except Stopped as stop:
            reason = stop.reason
        except ServerError as err:
            # What was begun has failed; the rest is only not known.
            reason = failed(err) if begun else unsure(failed(err))
        else:
            (self.report.unconfirmed if unconfirmed else self.report.deleted).append(
                self.entry
            )
            return True
        if begun:
            reason = _after(deleted, len(targets), reason)
            self.report.failed.append((self.entry, reason))
        else:
            self.report.skipped.append((self.entry, reason))
        return begun

    def _stop_if_told(self) -> None:
        """Raise Stopped if nothing more may go."""
        if because := self.halt():
            raise Stopped(because)
        if self.is_dry_run():
            raise Stopped(why(Why.DRY_RUN_TURNED_ON))

    async def _targets(self) -> list[MediaItem]:
        """Return what the entry names; raise Stopped if any of it is not there."""
        targets: list[MediaItem] = []
        for item_id in self.entry.target_ids:
            found = await asyncio.to_thread(self.ledger.find, item_id)
            targets += [item for item in found if item.item_id == item_id]
        if not targets or len(targets) != len(self.entry.target_ids):
            raise Stopped(why(Why.NOT_IN_LIBRARY))
        return targets

    async def _look(self, targets: Sequence[MediaItem]) -> dict[str, Custody]:
        """Look at the targets, live; raise Stopped if anything speaks against one.

        Return by item id who has their files.
        """
        custody = await self.owners.custody(targets, self.entry)
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
                    owners=len(
                        {
                            copy.part.connection_id
                            for copy in custody[target.item_id].copies
                        }
                    ),
                ),
            )
            if found:
                raise Stopped(found.because)
        return custody

    async def _delete(self, target: MediaItem, custody: Custody, *, last: bool) -> bool:
        """Delete one file and return whether it is seen to be gone."""
        now = self.clock()
        number = await asyncio.to_thread(
            self.ledger.intend,
            self.entry,
            target,
            now,
            through=[copy.part for copy in custody.copies],
            recycle_bin=custody.recycle_bin,
            recoverable_until=None
            if custody.keep_days is None
            else now + timedelta(days=custody.keep_days),
            forget=self.forgets and last and self.entry.kind in _WHOLE,
        )
        if not custody.copies:
            return await self._delete_in_jellyfin(number, target)
        if target.item_id not in self._gone_with:
            await self._delete_in_owners(number, custody)
        notes: list[Reason] = []
        if last and self.entry.kind in _WHOLE:
            # All of an entry is of the same titles: otherwise it is in doubt.
            notes = await self.owners.remove_titles(
                custody.copies, self.entry.target_ids
            )
        note = notes[0] if notes else None
        if len(notes) > 1:
            note = why(Why.ENTRIES_STAY, because=tuple(notes))
        return await self._see_in_jellyfin(number, target, custody, note)

    async def _delete_in_jellyfin(self, number: int, target: MediaItem) -> bool:
        """Delete a file that is nobody else's, and return whether it is seen to be gone."""
        trouble: ServerError | None = None
        try:
            await self.jellyfin.delete_item(target.item_id)
        except ServerError as err:
            trouble = err
        try:
            gone = target.item_id not in await self.jellyfin.items([target.item_id])
        except ServerError as err:
            await self._conclude(number, DeletionOutcome.UNCONFIRMED, failed(err))
            raise
        if gone:
            await self._conclude(number, DeletionOutcome.DELETED)
            await self._count(target, reclaimed=True)
            return True
        if trouble is None or (isinstance(trouble, Unavailable) and trouble.timed_out):
            # The call may have done its work, or may be doing it still.
            await self._conclude(
                number,
                DeletionOutcome.UNCONFIRMED,
                failed(trouble) if trouble else why(Why.STILL_LISTED),
            )
            await self._count(target, reclaimed=False)
            return False
        await self._conclude(number, DeletionOutcome.FAILED, failed(trouble))
        raise trouble

    async def _delete_in_owners(self, number: int, custody: Custody) -> None:
        """Delete all copies of a file; raise Stopped or ServerError if one stays.

        Whatever stays is looked for again as before.
        """
        trouble: ServerError | Stopped | None = None
        asked = False
        try:
            for copy in custody.copies:
                await copy.unmonitor()
            await self._last_word(custody)
            asked = True
            for copy in custody.copies:
                await copy.delete()
        except (ServerError, Stopped) as err:
            trouble = err
        try:
            left = [copy for copy in custody.copies if await copy.is_there()]
        except ServerError as err:
            await self._conclude(
                number, DeletionOutcome.UNCONFIRMED, _reason(trouble or err)
            )
            raise
        if not left and asked:
            self._gone_with |= dict.fromkeys(custody.item_ids, custody)
            return
        if asked and (trouble is None or isinstance(trouble, Unavailable | BadAnswer)):
            # It may be under way: to look for it again now would bring it back later.
            await self._conclude(
                number,
                DeletionOutcome.UNCONFIRMED,
                _reason(trouble or _still_there(left[0])),
            )
        else:
            stay = [
                copy
                for copy in custody.copies
                if not asked or copy.part.file_id is None or copy in left
            ]
            gone = len(custody.copies) - len(stay)
            because = _reason(trouble or _still_there(left[0]))
            await self._restore(
                number, stay, _after(gone, len(custody.copies), because)
            )
        raise trouble or _still_there(left[0])

    async def _restore(
        self, number: int, left: Sequence[Copy], because: Reason
    ) -> None:
        """Let what stays be looked for as before, and say so if that fails."""
        try:
            for copy in left:
                await copy.restore()
        except ServerError as err:
            # A later sync tries again.
            await self._conclude(
                number,
                DeletionOutcome.UNCONFIRMED,
                why(Why.NOT_RESTORED, because=because, error=str(err)),
            )
        else:
            await self._conclude(number, DeletionOutcome.FAILED, because)

    async def _last_word(self, custody: Custody) -> None:
        """Raise Stopped if a user has changed their mind while preparations were made."""
        for item_id in sorted(custody.item_ids):
            known = await asyncio.to_thread(
                self.ledger.remembered, item_id, self.clock()
            )
            if known.kept:
                raise Stopped(why(Why.KEPT))
        self._stop_if_told()

    async def _see_in_jellyfin(
        self, number: int, target: MediaItem, custody: Custody, note: Reason | None
    ) -> bool:
        """Let Jellyfin look for what is gone, and return whether it has noticed."""
        try:
            if target.path:
                await self.jellyfin.look_again(target.path)
            gone = target.item_id not in await self.jellyfin.items([target.item_id])
        except ServerError:
            # The next sync will look.
            gone = False
        await self._conclude(
            number,
            DeletionOutcome.DELETED if gone else DeletionOutcome.UNCONFIRMED,
            note,
        )
        await self._count(target, reclaimed=gone and custody.recycle_bin is None)
        return gone

    async def _count(self, target: MediaItem, *, reclaimed: bool) -> None:
        """Add the size of a file to what the run has taken."""
        sizes = await asyncio.to_thread(self.ledger.sizes, [target.item_id])
        size = sizes.get(target.item_id, 0)
        self.report.taken_bytes += size
        if reclaimed:
            self.report.reclaimed_bytes += size

    async def _conclude(
        self,
        number: int,
        outcome: DeletionOutcome,
        error: Reason | None = None,
    ) -> None:
        """Write down how the deletion of a file ended."""
        await asyncio.to_thread(
            self.ledger.conclude, number, outcome, self.clock(), error
        )


def _after(deleted: int, files: int, because: Reason) -> Reason:
    """Return why a deletion stopped after some of the files."""
    if not deleted:
        return because
    return why(Why.PARTLY_DELETED, deleted=deleted, files=files, because=because)


def _reason(trouble: ServerError | Stopped) -> Reason:
    """Return why a deletion could not go on."""
    return trouble.reason if isinstance(trouble, Stopped) else failed(trouble)


def _still_there(copy: Copy) -> Stopped:
    """Return that an *arr still has a file that it was asked to delete."""
    return Stopped(why(Why.STILL_HAS_FILE, server=copy.part.app))
