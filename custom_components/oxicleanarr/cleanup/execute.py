"""The executor: the only place that deletes.

It is long because everything between a plan and a file can be read here in its order.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..ledger import DeletionOutcome, Ledger, Remembered, Source, copies_among
from ..model import MediaItem, MediaKind, PlannedDeletion, Reason, Requester
from ..servers import BadAnswer, Connections, Jellyfin, ServerError, Unavailable
from ..sync import match_requesters, same_server
from .copies import Copy, Custody
from .decide import Live, decide_again, facts_now
from .guards import ENTRY_GUARDS, LIVE_GUARDS, EntryView, LiveView, objection
from .owners import Owners
from .reasons import Stopped, Why, failed, unsure, why
from .terms import CleanupReport, Terms

# The caps count what went within this time.
_CAPPED = timedelta(hours=24)
_WHOLE = (MediaKind.MOVIE, MediaKind.SERIES)


async def clean_up(
    entries: Sequence[PlannedDeletion],
    *,
    ledger: Ledger,
    jellyfin: Jellyfin,
    terms: Callable[[], Terms],
    clock: Callable[[], datetime],
    connections: Connections = Connections(),
    halt: Callable[[], Reason | None] = lambda: None,
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
    )
    before = run.sent
    for entry in entries:
        if because := await run.objection(entry):
            run.report.skipped.append((entry, because))
        elif await _EntryRun(entry, run).execute():
            run.begun.append(entry)
    run.report.requests = run.sent - before
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
    begun: list[PlannedDeletion] = field(default_factory=list)
    """What has gone, or would have in a dry run."""
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
            self._in_sets[user_id] = await self.jellyfin.favorites_by_set(user_id)
        return self._in_sets[user_id]

    async def objection(self, entry: PlannedDeletion) -> Reason | None:
        """Return why an entry has to wait, as far as that can be told without looking at it."""
        if because := self.halt():
            return because
        terms, now = self.terms(), self.clock()
        spent = await asyncio.to_thread(self.ledger.spent, now - _CAPPED)
        # In a dry run nothing is spent, and yet no more is announced than would go.
        sizes = dict(spent.sizes)
        for one in self.begun:
            sizes[one.name] = max(sizes.get(one.name, 0), one.size_bytes or 0)
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
            spent_bytes=sum(sizes.values()) - sizes.get(entry.name, 0),
            taken=self.report.taken_bytes,
            silent=silent,
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
    _gone: set[str] = field(default_factory=set)
    """The ids of the files that have gone."""
    _gone_with: dict[str, Custody] = field(default_factory=dict)
    """Item id to the files that it shared with one that is deleted already."""
    _requested: dict[str, tuple[Requester, ...] | None] | None = None
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
        except Stopped as stop:
            reason = stop.reason
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
        state = await asyncio.to_thread(self.run.ledger.state)
        await same_server(self.run.jellyfin, state.server_id)
        custody = await self.run.owners.custody(targets, self.entry)
        copies = await self._copies(targets)
        every = [*targets, *(one for some in copies.values() for one in some)]
        ids = [one.item_id for one in every]
        known = {
            item_id: await asyncio.to_thread(
                self.run.ledger.remembered, item_id, self.run.clock()
            )
            for item_id in ids
        }
        family = sorted(
            {
                one
                for item in every
                for one in (item.item_id, item.season_id, item.series_id)
                if one
            }
            | {self.entry.item_id}
        )
        # Their own user data say it of files, and must not be asked for folders.
        folders = [one for one in family if one not in ids]
        versions = {one for each in known.values() for one in each.aliases}
        user_data = {
            user_id: await self.run.jellyfin.user_data(user_id, {*ids, *versions})
            for user_id in self._users
        }
        live = Live(
            items=await self.run.jellyfin.items(family),
            user_data=user_data,
            favorites={
                user_id: (
                    await self.run.jellyfin.favorites(user_id, folders)
                    if folders
                    else frozenset()
                )
                | await self.run.in_favorite_sets(user_id)
                | {one for one, data in rows.items() if data.favorite}
                for user_id, rows in user_data.items()
            },
            seeing=await self._seeing(targets, known),
            memories={item_id: one.memories for item_id, one in known.items()},
            owner_tags={
                (target.series_id or target.item_id): custody[target.item_id].tags
                for target in targets
                if custody[target.item_id].copies
            },
            continuing={
                target.series_id: custody[target.item_id].continuing
                for target in targets
                if target.series_id and custody[target.item_id].copies
            },
            requesters=await self._requesters(),
        )
        sessions = await self.run.jellyfin.sessions()
        scanning = await self.run.jellyfin.is_scanning()
        for target in targets:
            found = objection(
                LIVE_GUARDS,
                LiveView(
                    now=self.run.clock(),
                    entry=self.entry,
                    target=target,
                    known=known[target.item_id],
                    live=live.items.get(target.item_id),
                    user_data={
                        user_id: rows[target.item_id]
                        for user_id, rows in live.user_data.items()
                        if target.item_id in rows
                    },
                    favorites=live.favorites,
                    favorites_keep=self.run.terms().limits.favorites_keep,
                    sessions=sessions,
                    scanning=scanning,
                    by_jellyfin=custody[target.item_id].by_jellyfin,
                    copy_ids=[one.item_id for one in copies[target.item_id]],
                    copies=[
                        (
                            {
                                user_id: rows[one.item_id]
                                for user_id, rows in live.user_data.items()
                                if one.item_id in rows
                            },
                            known[one.item_id],
                        )
                        for one in copies[target.item_id]
                    ],
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
        self._live = live
        await self._decide_again()
        return custody

    async def _copies(self, targets: Sequence[MediaItem]) -> dict[str, list[MediaItem]]:
        """Return the other copies of each target's title, by the target's id."""
        ids = [target.item_id for target in targets]
        facts = await asyncio.to_thread(self.run.ledger.facts, self.run.clock(), ids)
        copies: dict[str, list[MediaItem]] = {item_id: [] for item_id in ids}
        for together in copies_among(facts):
            items = [fact.item for fact in together]
            for item in items:
                if item.item_id in copies:
                    copies[item.item_id] = [one for one in items if one is not item]
        return copies

    async def _seeing(
        self, targets: Sequence[MediaItem], known: Mapping[str, Remembered]
    ) -> dict[str, frozenset[str]]:
        """Return who sees a target, or its series, that they did not see."""
        seeing: dict[str, frozenset[str]] = {}
        for target in targets:
            for user_id in known[target.item_id].unseeing:
                if await self.run.jellyfin.sees(user_id, target.item_id):
                    for item_id in (target.item_id, target.series_id):
                        if item_id:
                            again = seeing.get(item_id, frozenset()) | {user_id}
                            seeing[item_id] = again
        return seeing

    async def _requesters(self) -> dict[str, tuple[Requester, ...] | None] | None:
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
        )
        if custody.copies and target.item_id not in self._gone_with:
            await self._delete_in_owners(number, custody)
        if custody.by_jellyfin and not await self._delete_in_jellyfin(
            number, target, custody
        ):
            return False
        if not custody.copies:
            await self._conclude(number, DeletionOutcome.DELETED)
            await self._count(target, reclaimed=True)
            return True
        notes: list[Reason] = []
        if last and self.entry.kind in _WHOLE:
            # All of an entry is of the same titles: otherwise it is in doubt.
            notes = await self.run.owners.remove_titles(
                custody.copies,
                self.entry.target_ids,
                import_exclusion=self.run.terms().handling.import_exclusion,
            )
        note = notes[0] if notes else None
        if len(notes) > 1:
            note = why(Why.ENTRIES_STAY, because=tuple(notes))
        return await self._see_in_jellyfin(number, target, custody, note)

    async def _delete_in_jellyfin(
        self, number: int, target: MediaItem, custody: Custody
    ) -> bool:
        """Delete what is nobody else's, and return whether it is seen to be gone.

        Whatever stays is looked for again as before.
        """
        trouble: ServerError | None = None
        try:
            await self.run.jellyfin.delete_item(target.item_id)
        except ServerError as err:
            trouble = err
        try:
            gone = target.item_id not in await self.run.jellyfin.items([target.item_id])
        except ServerError as err:
            await self._conclude(number, DeletionOutcome.UNCONFIRMED, failed(err))
            raise
        if gone:
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
        stay = [copy for copy in custody.copies if not copy.part.file_ids]
        because = _after(custody.owned_files, custody.files, failed(trouble))
        await self._restore(number, stay, because)
        raise Stopped(because)

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
            await self._restore(number, stay, _after(gone, custody.files, because))
        raise trouble or _still_there(*left)

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
        await self._decide_again()
        await self._stop_if_told()

    async def _see_in_jellyfin(
        self, number: int, target: MediaItem, custody: Custody, note: Reason | None
    ) -> bool:
        """Let Jellyfin look for what is gone, and return whether it has noticed."""
        try:
            if target.path:
                await self.run.jellyfin.look_again(target.path)
            gone = target.item_id not in await self.run.jellyfin.items([target.item_id])
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
        sizes = await asyncio.to_thread(self.run.ledger.sizes, [target.item_id])
        size = sizes.get(target.item_id, 0)
        self.run.report.taken_bytes += size
        if reclaimed:
            self.run.report.reclaimed_bytes += size

    async def _conclude(
        self,
        number: int,
        outcome: DeletionOutcome,
        error: Reason | None = None,
    ) -> None:
        """Write down how the deletion of a file ended."""
        await asyncio.to_thread(
            self.run.ledger.conclude, number, outcome, self.run.clock(), error
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
