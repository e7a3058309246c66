"""The executor: the only place that deletes.

It is long because everything between a plan and a file can be read here in its order.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..ledger import DeletionOutcome, Ledger, Source
from ..model import (
    MediaFile,
    MediaItem,
    MediaKind,
    PlannedDeletion,
    Progress,
    Reason,
    Tell,
    Work,
    full_title,
)
from ..servers import (
    BadAnswer,
    Connections,
    Jellyfin,
    NotFound,
    ServerError,
    Unavailable,
)
from ..sync import match_requesters, same_server
from .copies import Copy, Custody
from .decide import Live, decide_again, facts_now
from .disk import Disk
from .found import note_failure, note_found
from .guards import ENTRY_GUARDS, LIVE_GUARDS, EntryView, objection
from .last_look import LastLook, Requesters
from .owners import Owners
from .reasons import Stopped, Why, failed, unsure, why
from .terms import CleanupReport, Terms

# The caps count what went within this time.
_CAPPED = timedelta(hours=24)
_WHOLE = (MediaKind.MOVIE, MediaKind.SERIES)
# One file may have been deleted by hand; several are a disk that is not mounted.
_UNSEEN_IN_A_ROW = 3


async def clean_up(
    entries: Sequence[PlannedDeletion],
    *,
    ledger: Ledger,
    jellyfin: Jellyfin,
    terms: Callable[[], Terms],
    clock: Callable[[], datetime],
    connections: Connections = Connections(),
    halt: Callable[[], Reason | None] = lambda: None,
    tell: Tell = lambda _: None,
) -> CleanupReport:
    """Delete the entries of a plan, one after another, each decided on again before.

    ``terms`` are asked before every single deletion, and so is ``halt``, which returns
    why nothing more may go. Entries that are not due, or too many, are skipped. Errors
    of the servers end up in the report; LedgerError is raised, for without a journal
    nothing may go.
    """
    run = _Run(
        ledger,
        jellyfin,
        connections,
        terms,
        clock,
        halt,
        CleanupReport(dry_run=terms().dry_run),
        Owners(ledger, connections),
        await asyncio.to_thread(ledger.silent_sources),
        Disk(jellyfin, ledger),
    )
    before = run.sent
    for number, entry in enumerate(entries):
        tell(
            Progress(
                work=Work.DELETION,
                done=number,
                total=len(entries),
                title=full_title(entry),
            )
        )
        if because := await run.objection(entry):
            run.report.skipped.append((entry, because))
        elif await _EntryRun(entry, run).execute():
            run.begun.append(entry)
    run.report.requests = run.sent - before
    run.report.disk_away = run.unseen >= _UNSEEN_IN_A_ROW
    return run.report


@dataclass(slots=True)
class _Run:
    """What all deletions of a run share."""

    ledger: Ledger
    jellyfin: Jellyfin
    connections: Connections
    terms: Callable[[], Terms]
    clock: Callable[[], datetime]
    halt: Callable[[], Reason | None]
    report: CleanupReport
    owners: Owners
    silent: frozenset[Source]
    """The kinds of servers that did not all answer when they were last asked."""
    disk: Disk
    unseen: int = 0
    """How many entries in a row had a file that is not to be seen on the disk."""
    begun: list[PlannedDeletion] = field(default_factory=list)
    """What has gone, or would have in a dry run."""
    gone: set[str] = field(default_factory=set)
    """The ids of the files that have gone."""
    _in_sets: dict[str, frozenset[str]] = field(default_factory=dict)
    """User id to what is in that user's favorite collections."""

    @property
    def sent(self) -> int:
        """How many requests were sent to the servers so far."""
        others = sum(one.client.sent for one in self.connections)
        return self.jellyfin.sent + others

    async def in_favorite_sets(self, user_id: str) -> frozenset[str]:
        """Return what is in a user's favorite collections, as the run began."""
        if user_id not in self._in_sets:
            ours = await asyncio.to_thread(self.ledger.own_set)
            self._in_sets[user_id] = await self.jellyfin.favorites_by_set(
                user_id, ours=ours
            )
        return self._in_sets[user_id]

    async def objection(self, entry: PlannedDeletion) -> Reason | None:
        """Return why an entry has to wait, as far as that can be told without looking at it."""
        if because := self.halt():
            return because
        if self.unseen >= _UNSEEN_IN_A_ROW:
            return why(Why.DISK_AWAY)
        terms, now = self.terms(), self.clock()
        spent = await asyncio.to_thread(self.ledger.spent, now - _CAPPED)
        # In a dry run nothing is spent, and yet no more is announced than would go.
        sizes = dict(spent.sizes)
        for one in self.begun:
            begun = one.counted_as
            sizes[begun] = max(sizes.get(begun, 0), one.size_bytes or 0)
        asks_first = terms.rules.asks_first(entry.rule)
        silent = self.silent
        if not terms.rules.need_requesters:
            silent -= {Source.SEERR}
        view = EntryView(
            now=now,
            entry=entry,
            limits=terms.limits,
            begun=len(self.begun),
            spent=frozenset(sizes),
            # Of what was begun the whole counts, and not its parts as well.
            spent_bytes=sum(sizes.values()) - sizes.get(entry.counted_as, 0),
            taken=self.report.taken_bytes,
            silent=silent,
            asks_first=asks_first,
            approvals=await asyncio.to_thread(self.ledger.approvals)
            if asks_first
            else (),
        )
        found = objection(ENTRY_GUARDS, view)
        return found.because if found else None


@dataclass(slots=True)
class _EntryRun:
    """The deletion of one entry: all that it names, and nothing else."""

    entry: PlannedDeletion
    run: _Run
    _users: Mapping[str, str] = field(default_factory=dict)
    """By id what every known user is called."""
    _live: Live = field(default_factory=Live)
    """What the servers said at the last look."""
    _files: dict[str, tuple[MediaFile, ...]] = field(default_factory=dict)
    """Item id to its files, as of the last look."""
    _series: set[str] = field(default_factory=set)
    """The ids of the series of which all goes."""
    _gone: set[str] = field(default_factory=set)
    """The ids of the files that have gone."""
    _gone_with: dict[str, Custody] = field(default_factory=dict)
    """Item id to the files that it shared with one that is deleted already."""
    _deletion: int | None = None
    """The journal's number of the first file of the entry."""
    _set_up: set[tuple[str, int]] = field(default_factory=set)
    """The titles, by connection and id, of which the journal knows how they were set up."""
    _requested: Requesters = None
    """Who has requested the title; ``None``: nobody has asked Seerr yet."""

    async def execute(self) -> bool:
        """Try to delete the entry and report it; return whether it counts as one.

        In a dry run it counts if it would have been deleted, so that no more is
        announced than a real run would do.
        """
        begun = False
        unconfirmed = False
        targets: list[MediaItem] = []
        try:
            targets = await self._targets()
            users = await asyncio.to_thread(self.run.ledger.users)
            self._users = {user.user_id: user.name for user in users}
            if len(targets) > 1:
                # One episode that has to stay takes the ground from under all of it.
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
                if self.run.terms().dry_run and not begun:
                    self.run.report.skipped.append((self.entry, why(Why.DRY_RUN)))
                    return True
                await self._stop_if_told()
                begun = True
                unconfirmed |= not await self._delete(target, custody, last=last)
                self._gone.add(target.item_id)
                self.run.gone |= {target.item_id, *custody.item_ids}
        except Stopped as stop:
            reason = stop.reason
            if targets:
                item = stop.item or targets[0]
                await note_found(self.run.ledger, item, reason, self.run.clock())
        except ServerError as err:
            # What was begun has failed; the rest is only not known.
            reason = failed(err) if begun else unsure(failed(err))
        else:
            (
                self.run.report.unconfirmed if unconfirmed else self.run.report.deleted
            ).append(self.entry)
            return True
        if begun:
            reason = _after(len(self._gone), len(targets), reason)
            self.run.report.failed.append((self.entry, reason))
        else:
            self.run.report.skipped.append((self.entry, reason))
        return begun

    async def _stop_if_told(self) -> None:
        """Raise Stopped if nothing more may go."""
        if because := await self.run.objection(self.entry):
            raise Stopped(because)
        if self.run.terms().dry_run:
            raise Stopped(why(Why.DRY_RUN_TURNED_ON))

    async def _targets(self) -> list[MediaItem]:
        """Return what the entry names; raise Stopped if any of it is not there."""
        targets: list[MediaItem] = []
        for item_id in self.entry.target_ids:
            found = await asyncio.to_thread(self.run.ledger.find, item_id)
            targets += [item for item in found if item.item_id == item_id]
        if not targets or len(targets) != len(self.entry.target_ids):
            raise Stopped(why(Why.NOT_IN_LIBRARY))
        return targets

    async def _look(self, targets: Sequence[MediaItem]) -> dict[str, Custody]:
        """Look at the targets, live; raise Stopped if anything speaks against one.

        Return by item id who has their files.
        """
        run = self.run
        state = await asyncio.to_thread(run.ledger.state)
        await same_server(run.jellyfin, state.server_id)
        custody = await run.owners.custody(targets, self.entry.target_ids)
        look = LastLook(
            entry=self.entry,
            users=self._users,
            favorites_keep=run.terms().limits.favorites_keep,
            ledger=run.ledger,
            jellyfin=run.jellyfin,
            disk=run.disk,
            clock=run.clock,
            in_favorite_sets=run.in_favorite_sets,
            requesters=self._requesters,
        )
        self._live, views = await look.at(targets, custody)
        self._files |= {view.target.item_id: view.known.files for view in views}
        unseen = any(view.on_disk.unseen for view in views)
        run.unseen = run.unseen + 1 if unseen else 0
        if len(targets) == len(self.entry.target_ids) and not unseen:
            self._series |= {one.series_id for one in targets if one.series_id}
            await self._look_at_series(emptied=False)
        for view in views:
            if found := objection(LIVE_GUARDS, view):
                raise Stopped(found.because, view.target)
        await self._decide_again()
        return custody

    async def _look_at_series(self, *, emptied: bool) -> None:
        """Raise Stopped if something must not go with Sonarr's entry and its folder."""
        if self.entry.kind is not MediaKind.SERIES or not self.run.connections.sonarr:
            return
        going = dict.fromkeys(self.entry.target_ids, ()) | {
            item_id: [file.path for file in files]
            for item_id, files in self._files.items()
        }
        for series_id in self._series:
            for series in await asyncio.to_thread(self.run.ledger.find, series_id):
                if because := await self.run.disk.series_objection(
                    series, going, emptied=emptied
                ):
                    raise Stopped(because, series)

    async def _requesters(self) -> Requesters:
        """Return who has requested the entry's title, if a rule asks for it.

        Seerr is asked once, right before the first file.
        """
        if not self.run.terms().rules.need_requesters:
            return None
        if self._requested is not None:
            return self._requested
        item_id = self.entry.item_id
        if self.entry.kind is not MediaKind.MOVIE:
            series = await asyncio.to_thread(
                self.run.ledger.series_of, self.entry.target_ids
            )
            item_id = next(iter(series), item_id)
        title = await asyncio.to_thread(self.run.ledger.find, item_id)
        requests = [
            request
            for seerr in self.run.connections.seerr
            for request in await seerr.client.requests()
        ]
        self._requested = match_requesters(title, requests)
        return self._requested

    async def _decide_again(self) -> None:
        """Raise Stopped unless the entry would be planned now, and is due.

        By what the servers said at the last look, and by what the user wants by now.
        """
        terms, now = self.run.terms(), self.run.clock()
        left = [one for one in self.entry.target_ids if one not in self._gone]

        def decide() -> Reason | None:
            """Ask the rules; blocks for a moment."""
            facts = self.run.ledger.facts(now, left)
            if terms.libraries is not None and any(
                not {fact.item.library_id, *fact.other_libraries} <= terms.libraries
                for fact in facts
                if fact.item.item_id in left
            ):
                return why(Why.NOT_MANAGED)
            return decide_again(
                self.entry,
                left,
                facts_now(facts, self._live, now),
                terms.rules,
                self._users,
                self.run.ledger.keeps(now),
                self.run.ledger.manual_schedule(),
                favorites_keep=terms.limits.favorites_keep,
                now=now,
            )

        if because := await asyncio.to_thread(decide):
            raise Stopped(because)

    async def _delete(self, target: MediaItem, custody: Custody, *, last: bool) -> bool:
        """Delete one file and return whether it is seen to be gone."""
        now = self.run.clock()
        # As it was before the first of its files went.
        setups = [
            one
            for one in custody.setups
            if (one.connection_id, one.title_id) not in self._set_up
        ]
        number = await asyncio.to_thread(
            self.run.ledger.intend,
            self.entry,
            target,
            now,
            through=[copy.part for copy in custody.copies],
            recycle_bin=custody.recycle_bin,
            recoverable_until=None
            if custody.keep_days is None
            else now + timedelta(days=custody.keep_days),
            forget=self.run.terms().handling.forget_requests
            and bool(self.run.connections.seerr)
            and last
            and self.entry.kind in _WHOLE,
            deletion=self._deletion,
            setups=setups,
        )
        self._deletion = self._deletion or number
        self.run.report.deletions[self.entry.name] = self._deletion
        self._set_up |= {(one.connection_id, one.title_id) for one in setups}
        if custody.copies and target.item_id not in self._gone_with:
            await self._delete_in_owners(number, target, custody)
        trouble: ServerError | None = None
        for_jellyfin = custody.for_jellyfin(len(self._files[target.item_id]))
        if for_jellyfin:
            trouble = await self._delete_in_jellyfin(target, custody)
        gone, note = await self._is_gone(number, target, custody, trouble)
        # Of what Jellyfin deletes only the disk tells; Radarr and Sonarr are honest.
        sure = gone or (gone is None and not for_jellyfin)
        if sure and custody.copies and last and self.entry.kind in _WHOLE:
            # All of an entry is of the same titles: otherwise it is in doubt.
            note = await self._remove_titles(custody, number) or note
        if custody.copies and target.path:
            with suppress(ServerError):
                # Its row may follow later.
                await self.run.jellyfin.look_again(target.path)
        await self._conclude(
            number,
            DeletionOutcome.DELETED if gone else DeletionOutcome.UNCONFIRMED,
            note,
        )
        sizes = await asyncio.to_thread(self.run.ledger.sizes, [target.item_id])
        self._count(
            sizes.get(target.item_id, 0),
            reclaimed=bool(gone) and custody.recycle_bin is None,
        )
        return bool(gone)

    async def _delete_in_jellyfin(
        self, target: MediaItem, custody: Custody
    ) -> ServerError | None:
        """Delete what nobody else has of a target's files; return what went wrong."""
        trouble: ServerError | None = None
        for number, file in enumerate(self._files[target.item_id]):
            try:
                # The first was seen just before. With it the others may have gone.
                if (
                    number or custody.copies
                ) and not await self.run.jellyfin.path_exists(
                    file.path, folder=target.is_disc
                ):
                    continue
                await self.run.jellyfin.delete_item(
                    target.item_id if file.is_part else file.file_id
                )
            except NotFound as err:
                trouble = err
            except ServerError as err:
                return err
        return trouble

    async def _is_gone(
        self,
        number: int,
        target: MediaItem,
        custody: Custody,
        trouble: ServerError | None,
    ) -> tuple[bool | None, Reason | None]:
        """Return whether the disk says that a target is gone, and else what it says.

        ``None``: it cannot say, and Jellyfin's next scan will; ``False``: the disk is
        away. Where a file is there for certain, that is written down and Stopped or the
        trouble raised.
        """
        try:
            left = await self.run.disk.left_of(target, self._files[target.item_id])
            there = not left and await self.run.disk.is_there(
                target.path or "",
                {target.item_id, *custody.item_ids, *self._gone_with, *self.run.gone},
                just_seen=True,
            )
        except ServerError as err:
            if custody.copies:
                # Radarr and Sonarr are honest about a file.
                return None, failed(trouble or err)
            await self._conclude(
                number, DeletionOutcome.UNCONFIRMED, failed(trouble or err)
            )
            raise trouble or err from None
        if not left:
            notes = {None: why(Why.NOT_CONFIRMED), False: why(Why.DISK_AWAY)}
            return there, notes.get(there)
        files = self._files[target.item_id]
        went = [file for file in files if file not in left]
        because = why(Why.STILL_ON_DISK)
        if trouble is not None and not (went and isinstance(trouble, NotFound)):
            because = failed(trouble)
        unclear = trouble is None or (
            isinstance(trouble, Unavailable) and trouble.timed_out
        )
        if went or custody.owned_files or not unclear:
            reason = _after(len(went), len(files), because)
            # Where nothing has gone, Radarr had it somewhere else.
            stay = [
                copy for copy in custody.copies if not (went and copy.part.file_ids)
            ]
            freed = sum(file.size_bytes or 0 for file in went)
            await self._restore(number, stay, reason, freed)
            self._count(freed, reclaimed=custody.recycle_bin is None)
            if trouble is None or trouble.status is not None:
                await note_failure(
                    self.run.ledger, target.item_id, because, self.run.clock()
                )
            raise Stopped(reason) if went or trouble is None else trouble
        # The call may be doing its work still.
        return None, because

    async def _remove_titles(self, custody: Custody, number: int) -> Reason | None:
        """Remove the entries of what is gone from Radarr or Sonarr; return why one stays."""
        because = await self._objection_to_leftovers()
        notes = (
            await self.run.owners.remove_titles(
                custody.copies,
                self.entry.target_ids,
                number=number,
                import_exclusion=self.run.terms().handling.import_exclusion,
            )
            if because is None
            else [
                why(Why.ENTRY_STAYS, server=app, monitored=True, because=because)
                for app in sorted({copy.part.app for copy in custody.copies})
            ]
        )
        if len(notes) > 1:
            return why(Why.ENTRIES_STAY, because=tuple(notes))
        return notes[0] if notes else None

    async def _objection_to_leftovers(self) -> Reason | None:
        """Return what has come into a series' folder while its episodes went."""
        try:
            await self._look_at_series(emptied=True)
        except Stopped as stop:
            return stop.reason
        except ServerError as err:
            return failed(err)
        return None

    async def _delete_in_owners(
        self, number: int, target: MediaItem, custody: Custody
    ) -> None:
        """Delete all copies of a file; raise Stopped or ServerError if one stays.

        Whatever stays is looked for again as before.
        """
        trouble: ServerError | Stopped | None = None
        asked = False
        try:
            for copy in custody.copies:
                await copy.unmonitor()
            await self._last_word()
            asked = True
            for copy in custody.copies:
                await copy.delete()
        except (ServerError, Stopped) as err:
            trouble = err
        try:
            left = {
                copy: number_left
                for copy in custody.copies
                if (number_left := await copy.files_left())
            }
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
                _reason(trouble or _still_there(*left)),
            )
        else:
            stay = [
                copy
                for copy in custody.copies
                if not asked or not copy.part.file_ids or copy in left
            ]
            gone = custody.owned_files - sum(left.values()) if asked else 0
            because = _reason(trouble or _still_there(*left))
            freed = await self._freed(target) if gone else 0
            await self._restore(
                number, stay, _after(gone, custody.files, because), freed
            )
            self._count(freed or 0, reclaimed=custody.recycle_bin is None)
            refused = asked and isinstance(trouble, ServerError)
            for item_id in custody.item_ids if refused else ():
                await note_failure(self.run.ledger, item_id, because, self.run.clock())
        raise trouble or _still_there(*left)

    async def _freed(self, target: MediaItem) -> int | None:
        """Return the bytes of what has gone of a target; ``None``: nobody can look."""
        with suppress(ServerError):
            return await self.run.disk.freed(target, self._files[target.item_id])
        return None

    async def _restore(
        self, number: int, left: Sequence[Copy], because: Reason, freed: int | None
    ) -> None:
        """Let what stays be looked for as before, and say so if that fails.

        ``freed`` bytes have gone. Until that is known, all of it may have.
        """
        try:
            for copy in left:
                await copy.restore()
        except ServerError as err:
            # A later sync tries again.
            await self._conclude(
                number,
                DeletionOutcome.UNCONFIRMED,
                why(Why.NOT_RESTORED, because=because, error=str(err)),
                freed or 0,
            )
        else:
            outcome = DeletionOutcome.FAILED
            if freed is None:
                outcome = DeletionOutcome.UNCONFIRMED
            await self._conclude(number, outcome, because, freed or 0)

    async def _last_word(self) -> None:
        """Raise Stopped if a user has changed their mind while preparations were made."""
        await self._decide_again()
        await self._stop_if_told()

    def _count(self, size: int, *, reclaimed: bool) -> None:
        """Add the size of what has gone to what the run has taken."""
        self.run.report.taken_bytes += size
        if reclaimed:
            self.run.report.reclaimed_bytes += size

    async def _conclude(
        self,
        number: int,
        outcome: DeletionOutcome,
        error: Reason | None = None,
        freed: int = 0,
    ) -> None:
        """Write down how the deletion of a file ended."""
        await asyncio.to_thread(
            self.run.ledger.conclude, number, outcome, self.run.clock(), error, freed
        )


def _after(deleted: int, files: int, because: Reason) -> Reason:
    """Return why a deletion stopped after some of the files."""
    if not deleted:
        return because
    return why(Why.PARTLY_DELETED, deleted=deleted, files=files, because=because)


def _reason(trouble: ServerError | Stopped) -> Reason:
    """Return why a deletion could not go on."""
    return trouble.reason if isinstance(trouble, Stopped) else failed(trouble)


def _still_there(copy: Copy, *_: Copy) -> Stopped:
    """Return that an *arr still has a file that it was asked to delete."""
    return Stopped(why(Why.STILL_HAS_FILE, server=copy.part.app))
