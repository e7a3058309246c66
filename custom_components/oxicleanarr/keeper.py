"""One household: settle, sync, plan, review, delete. The only orchestration there is.

The keeper takes these steps for the servers and the ledger of one config entry, one thing
at a time. What the user has chosen comes in as plain values, the time as a ``Clock``,
and whether titles may go by themselves is asked before every file; what happens goes
out as plain events. It knows nothing of Home Assistant: the coordinator, the safety
suite and the benchmarks all drive this class. It is long because nothing that belongs
to the order of these steps may be anywhere else.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
import logging
from pathlib import Path

from .cleanup import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    PARTS,
    PATIENCE,
    BreakerState,
    BroughtBack,
    CleanupReport,
    Explained,
    Finding,
    LeavingSoonCollection,
    LoggedDeletion,
    Look,
    Plan,
    Planner,
    Preview,
    Prospect,
    Suspicion,
    Terms,
    Why,
    await_grace,
    clean_up,
    done_before,
    explain_item,
    forget_requests,
    give_up,
    go_back,
    lift,
    logged_deletions,
    look_again,
    look_at,
    look_for_what_is_gone,
    plan_cleanup,
    preview,
    prospect_of,
    review,
    say,
    settle,
    take_collection_down,
    title_name,
    why,
    with_approvals,
    with_finding,
    without_finding,
)
from .garbage import throw_away
from .household import (
    AUTOMATION,
    Asker,
    AutomaticLimits,
    BlockedError,
    Blocker,
    BusyError,
    Clock,
    ClosingError,
    Event,
    EventType,
    FindingChangedError,
    KeeperSettings,
    KeptByAnotherError,
    NotBroughtBackError,
    NotPlannedError,
    Overview,
    ServerHealth,
    Servers,
    SyncFailedError,
)
from .ledger import (
    Census,
    DeletedTitle,
    Ledger,
    LedgerError,
    LedgerState,
    OpenedLedger,
    Question,
    open_ledger,
)
from .model import Keep, MediaItem, PlannedDeletion, Progress, Reason, ServerInfo
from .retention import RetentionRules, TagRule
from .servers import Jellyfin, NotFound, ServerError
from .sync import (
    HISTORY_GONE,
    OTHER_SERVER,
    SeriesOwners,
    SyncReport,
    full_sync,
    learn_sights,
    learn_sizes,
    managed_libraries,
    poll,
    read_owners,
)

_LOGGER = logging.getLogger(__name__)

JELLYFIN = "jellyfin"
JELLYSTAT = "jellystat"
"""What these two are called among the servers; the others have ids of their own."""

MAX_SYNC_AGE = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(hours=1)
TOLD_EVERY = 2.0
"""Seconds between two words about how far something is."""
APPROVED_FOR = timedelta(days=30)
NOT_SEEN_AFTER = timedelta(hours=6)
"""After this long without a sync, nobody could see what was announced."""


def open_household(
    path: Path, now: datetime, known_id: str | None = None
) -> OpenedLedger:
    """Open a household's ledger by its id; where it was lost, deletion is blocked.

    Blocks on the disk. Raises LedgerTooNew and LedgerError.
    """
    opened = open_ledger(path, now, known_id)
    if opened.replaced:
        _LOGGER.error(
            "The database was lost or damaged, and an empty one has taken its place%s",
            f"; the old file is {opened.aside.name}" if opened.aside else "",
        )
        state = with_finding(
            BreakerState(), Finding(suspicion=Suspicion.LEDGER_REPLACED)
        )
        try:
            opened.ledger.set_breaker_state(state.to_mapping())
        except LedgerError:
            opened.ledger.close()
            raise
    return opened


async def leave_household(path: Path, jellyfin: Jellyfin) -> None:
    """Take down what we have put up in Jellyfin, before a household's ledger goes.

    Raises ServerError, LedgerError and TimeoutError.
    """
    ledger = await asyncio.to_thread(Ledger, path)
    try:
        await take_collection_down(ledger, jellyfin)
    finally:
        await asyncio.to_thread(ledger.close)


class Keeper:
    """Keeps the plan of one household up to date, and does what it says."""

    def __init__(
        self,
        ledger: Ledger,
        servers: Servers,
        settings: KeeperSettings,
        clock: Clock,
        automatic_limits: AutomaticLimits,
    ) -> None:
        """Take an open ledger, which belongs to the keeper from now on."""
        self.ledger = ledger
        self.servers = servers
        self.settings = settings
        """May be exchanged at any time: it is read anew before every file."""
        self.clock = clock
        self._automatic_limits = automatic_limits
        self.health: dict[str, ServerHealth] = {JELLYFIN: ServerHealth()}
        """By the names of the servers."""
        if servers.jellystat is not None:
            self.health[JELLYSTAT] = ServerHealth()
        for connection in servers.connections:
            self.health[connection.connection_id] = ServerHealth()
        self.failure: Reason | None = None
        """Why the last sync failed; ``None``: it did not."""
        self.ledger_failure: str | None = None
        """What the ledger said when it last failed; ``None``: it answers."""
        self.progress: Progress | None = None
        """How far what is under way is; ``None``: nothing takes long now."""
        self._progress_told = False
        self._told_at = 0.0
        self._overview: Overview | None = None
        self._listeners: list[Callable[[Event], None]] = []
        self._lock = asyncio.Lock()
        self._evaluating = False
        self._held = False
        self._closing = False
        self._reading: asyncio.Task[SyncReport] | None = None
        self._series_owners = SeriesOwners()
        self._planner = Planner(ledger)
        self._last_clock: tuple[datetime, float] | None = None
        self._clock_error = 0
        self._history_gone = False
        self._right_server = False
        self._counted: tuple[tuple[datetime | None, object, object], Census] | None = (
            None
        )
        self._blocked_by: frozenset[str] = frozenset()
        self._changes = 0
        self._libraries_read = settings.libraries
        """Which ones the last full sync has read; at first those that are chosen."""
        self._deleting = False
        self._returning: set[int] = set()
        """The numbers of the deletions that somebody is bringing back now."""
        self.collection = LeavingSoonCollection(ledger)

    # --- what there is to see ---------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a sync, an evaluation or a deletion is under way."""
        return self._lock.locked()

    @property
    def closing(self) -> bool:
        """Whether nothing new may start."""
        return self._closing

    @property
    def overview(self) -> Overview:
        """Return what is known; there is something after ``load``."""
        assert self._overview is not None
        return self._overview

    @property
    def _known_plan(self) -> Plan | None:
        """Return the plan; ``None``: nothing is loaded yet, or no sync is complete."""
        return self._overview.plan if self._overview is not None else None

    @property
    def due(self) -> Sequence[PlannedDeletion]:
        """Return what may be deleted now."""
        plan = self._known_plan
        return plan.due(self.clock.now()) if plan else ()

    @property
    def awaiting_approval(self) -> Sequence[PlannedDeletion]:
        """Return what would be ready, had an admin approved it."""
        plan = self._known_plan
        return plan.awaiting_approval(self.clock.now()) if plan else ()

    def leaving_soon(self, window: timedelta) -> Sequence[PlannedDeletion]:
        """Return what is due or will be within the window."""
        plan = self._known_plan
        return plan.leaving_soon(self.clock.now(), window) if plan else ()

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """Return what keeps everything from being deleted; dry run is not among it."""
        overview = self.overview
        if self.failure is not None:
            return (Blocker(code="sync_failed", reason=self.failure),)
        if overview.plan is None or overview.state.fully_synced_at is None:
            return (Blocker(code="never_synced", reason=why(Why.NEVER_SYNCED)),)
        if self.clock.now() - overview.state.fully_synced_at > MAX_SYNC_AGE:
            return (
                Blocker(
                    code="sync_too_old",
                    reason=why(Why.SYNC_TOO_OLD),
                ),
            )
        return tuple(
            Blocker(code=finding.suspicion, reason=finding.reason)
            for finding in overview.findings
        )

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell somebody what happens; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- opening and closing ----------------------------------------------------------

    async def connect(self) -> ServerInfo:
        """Ask Jellyfin and Jellystat whether they answer. Raises ServerError.

        The others are asked by the syncs: without them nothing is lost to look at.
        """
        try:
            info = await self.servers.jellyfin.info()
            if self.servers.jellystat is not None:
                await self.servers.jellystat.check()
        except ServerError as err:
            self.health[err.server.lower()].note(err)
            raise
        self._note_answers()
        return info

    async def load(self) -> Overview:
        """Return what the ledger knows, before any server is asked. Raises LedgerError."""
        self._overview = await self._evaluated()
        return self._overview

    async def close(self) -> None:
        """Close the ledger. A sync is given up, a deletion ends after its file."""
        self._closing = True
        if self._reading is not None:
            self._reading.cancel()
        self.collection.give_up()
        self.release()
        async with self._lock:
            await asyncio.to_thread(self.ledger.close)

    async def hold(self) -> None:
        """Let nothing begin until it is released, and bring the ledger into one file.

        What is under way ends first. Raises LedgerError.
        """
        await self._lock.acquire()
        try:
            await asyncio.to_thread(self.ledger.checkpoint)
        except LedgerError:
            self._lock.release()
            raise
        self._held = True

    def release(self) -> None:
        """Let things go on."""
        if self._held:
            self._held = False
            self._lock.release()

    # --- what can be asked for --------------------------------------------------------

    async def tick(self) -> Overview:
        """Sync and plan as scheduled, and delete what may go by itself.

        If something else is under way, that is news enough. Raises ServerError,
        LedgerError and KeeperError.
        """
        if self.busy:
            return self._overview or await self.load()
        async with self._lock:
            await self._sync(full=False)
            await self._plan()
            await self._delete_automatically()
            return self.overview

    async def sync(self, *, full: bool) -> SyncReport:
        """Read the servers and make a new plan.

        Raises KeeperError, ServerError and LedgerError.
        """
        async with self._alone():
            report = await self._sync(full=full)
            await self._plan()
            return report

    async def evaluate(self) -> Overview:
        """Make a new plan from what is known. Raises BusyError and LedgerError."""
        async with self._alone():
            await self._evaluate_only()
            return self.overview

    async def delete(
        self, item_ids: Collection[str] | None, *, dry_run: bool
    ) -> CleanupReport:
        """Delete due titles of the plan (by id or key; ``None``: all that are due).

        ``dry_run`` can only make it safer: the setting counts too, and is read before
        every single deletion. Raises KeeperError, ServerError and LedgerError.
        """
        async with self._alone():
            await self._sync(full=False)
            await self._plan()

            def terms() -> Terms:
                """Return what holds now: the switch counts as well as the caller."""
                now = self.settings.terms
                return replace(now, dry_run=now.dry_run or dry_run)

            return await self._clean_up(item_ids, terms)

    async def keep(
        self,
        reference: str,
        until: datetime | None,
        reason: str,
        asker: Asker = AUTOMATION,
    ) -> MediaItem:
        """Keep a title (by id or key); also while it is about to be deleted.

        Raises LookupError if there is no such title, LedgerError, and
        KeptByAnotherError if the asker may not shorten what another person keeps.
        """
        now = self.clock.now()
        entries = plan.entries if (plan := self._known_plan) else ()

        def keep() -> tuple[MediaItem, tuple[PlannedDeletion, ...]]:
            """Write it down; return the title, and what of the plan stays with it."""
            item, key = self.ledger.named(reference)
            planned = tuple(
                one for one in entries if (one.kind, one.key) == (item.kind, key)
            )
            wish = Keep(
                key=key,
                kept_at=now,
                until=until,
                reason=reason,
                kept_by=asker.user_id,
                due_at=min((one.due_at for one in planned), default=None),
            )
            if asker.admin:
                self.ledger.keep(wish)
            elif not self.ledger.keep_no_shorter(wish):
                raise KeptByAnotherError
            return item, planned

        item, planned = await asyncio.to_thread(keep)
        self._tell(
            Event(type=EventType.KEPT, item=item, entries=planned[:1], until=until)
        )
        await self._follow_up()
        return item

    async def unkeep(self, reference: str, asker: Asker = AUTOMATION) -> MediaItem:
        """Take a keep back. Raises as keeping does."""
        now = self.clock.now()

        def unkeep() -> MediaItem:
            """Write it down."""
            item, key = self.ledger.named(reference)
            if asker.admin:
                self.ledger.unkeep(key)
            elif asker.user_id is None or not self.ledger.unkeep_own(
                key, asker.user_id
            ):
                if key in self.ledger.keeps(now):
                    raise KeptByAnotherError
            return item

        item = await asyncio.to_thread(unkeep)
        await self._follow_up()
        return item

    async def schedule(
        self, reference: str, at: datetime | None
    ) -> tuple[MediaItem, datetime | None]:
        """Let a title go at a time, or leave it to the rules again (``None``).

        Return it and when it may go now: not before the grace, and not while it is
        kept. Raises LookupError and LedgerError as keeping does.
        """

        def schedule() -> MediaItem:
            """Write it down."""
            item, key = self.ledger.named(reference)
            if at is None:
                self.ledger.unschedule(key)
            else:
                self.ledger.schedule_manually(key, at)
            return item

        item = await asyncio.to_thread(schedule)
        await self._follow_up()
        entries = plan.entries if (plan := self._known_plan) else ()
        due_at = next(
            (one.due_at for one in entries if one.item_id == item.item_id), None
        )
        return item, due_at

    async def approve(
        self, names: Collection[str], asker: Asker = AUTOMATION
    ) -> dict[str, datetime | None]:
        """Approve pending titles (by id or key) as they are in the plan.

        Return by id until when each is approved; ``None``: it needs no approval.
        Raises NotPlannedError and LedgerError.
        """
        chosen = self._chosen(names)
        rules = self.settings.rules
        asked = [one for one in chosen if rules.asks_first(one.rule)]
        until = self.clock.now() + APPROVED_FOR
        await asyncio.to_thread(self.ledger.approve, asked, until, asker.user_id)
        await self._follow_up()
        approved = {one.item_id for one in asked}
        return {
            one.item_id: until if one.item_id in approved else None for one in chosen
        }

    async def unapprove(self, names: Collection[str]) -> tuple[str, ...]:
        """Take approvals back (by id or key); return the ids of the titles.

        It holds at once, also during a run. Raises LedgerError, and NotPlannedError
        where a name is neither pending nor was approved: the others are taken back.
        """
        taken = await asyncio.to_thread(self.ledger.take_back, names)
        await self._follow_up()
        known = {name for pair in taken for name in pair}
        chosen = self._chosen([one for one in names if one not in known])
        ids = [item_id for item_id, _ in taken] + [one.item_id for one in chosen]
        return tuple(dict.fromkeys(ids))

    async def purge(self, user: str | None, before: datetime | None) -> int:
        """Forget what a user (id or name) or anybody played, before a date if there is one.

        Nothing leaves sooner for it. Return how many plays that were. Raises
        LookupError if there is no such user, BusyError and LedgerError.
        """
        async with self._alone():
            count = await asyncio.to_thread(
                self.ledger.purge, self.clock.now(), before=before, user=user
            )
            self._counted = None
            await self._plan()
            return count

    async def lift(self, identity: str) -> None:
        """Go on after somebody has looked at one finding; the others stay.

        Only the finding that was shown, as its identity says: what has changed since
        has not been looked at. Raises KeeperError, ServerError and LedgerError.
        """
        async with self._alone():
            try:
                lifted = await asyncio.to_thread(self._lift, identity)
            except FindingChangedError:
                await self._plan()
                raise
            if lifted is Suspicion.OTHER_SERVER:
                # Nobody can accept that: it goes when the right one answers.
                await self._sync(full=False)
            elif lifted is Suspicion.HISTORY_SHRANK and self._history_gone:
                # There is nothing of the old history left, so the new one is read.
                await self._sync(full=True)
            await self._plan()

    async def explain(self, reference: str) -> Explained:
        """Return why a title, named by its id or key, stays or goes.

        Raises LookupError if there is no such title, and LedgerError.
        """
        return await asyncio.to_thread(
            explain_item,
            self.ledger,
            self.settings.rules,
            self._known_plan,
            reference,
            self.clock.now(),
            favorites_keep=self.settings.limits.favorites_keep,
            max_bytes=self.settings.limits.max_bytes,
        )

    async def preview(self, rules: RetentionRules) -> Preview | None:
        """Return what other rules would do, or ``None`` before the first complete sync.

        Raises LedgerError.
        """
        before = self._known_plan
        if before is None:
            return None
        now = self.clock.now()

        def look() -> Preview:
            """Make the other plan and compare them; blocks."""
            after = plan_cleanup(
                self.ledger,
                rules,
                now=now,
                grace=self.settings.grace,
                favorites_keep=self.settings.limits.favorites_keep,
                announce=False,
            )
            previewed = preview(before, after, now)
            rest: list[object] = [*after.entries, *after.kept]
            del after
            throw_away(rest)
            return previewed

        return await asyncio.to_thread(look)

    async def adopt(self, settings: KeeperSettings) -> None:
        """Take over changed settings at once; a new plan follows.

        Other libraries are read at once. Raises KeeperError, ServerError, LedgerError.
        """
        if self.settings.collection != settings.collection:
            self.collection.try_again()
        self.settings = settings
        self._changes += 1
        change = self._changes
        # An import makes many changes at one go. None but the last is a whole one.
        await asyncio.sleep(0)
        if change == self._changes:
            self._tell(Event(type=EventType.CHANGED))
        async with self._lock:
            if change != self._changes:
                return
            try:
                if self._libraries_read != settings.libraries:
                    await self._sync(full=True)
            finally:
                await self._evaluate_only()

    # --- bringing back ----------------------------------------------------------------

    async def deletions(self, limit: int) -> list[LoggedDeletion]:
        """Return the latest deletions, each with whether it can be brought back.

        Raises LedgerError.
        """
        return await asyncio.to_thread(
            logged_deletions,
            self.ledger,
            limit,
            self.servers.connections,
            frozenset(self._returning),
        )

    async def bring_back(
        self,
        numbers: Collection[int],
        *,
        search: bool = True,
        asker: Asker = AUTOMATION,
    ) -> tuple[BroughtBack, ...]:
        """Bring back what was deleted, by the numbers of any of its rows in the log.

        Errors of a Radarr or Sonarr are in the answer. Raises LookupError if there is no
        such row, NotBroughtBackError if nothing of it can be brought back, KeeperError
        and LedgerError.
        """
        titles: dict[int, DeletedTitle] = {}
        for number in numbers:
            title = await asyncio.to_thread(self.ledger.deleted_title, number)
            if title is None:
                raise LookupError(number)
            titles[title.deletion] = title
        results: list[BroughtBack] = []
        refused: list[Reason] = []
        for title in titles.values():
            found, because = prospect_of(title, self.servers.connections)
            if title.deletion in self._returning:
                because = why(Why.BEING_BROUGHT_BACK)
            elif found is not Prospect.IMPOSSIBLE:
                results += await self._bring_back(title, search=search, asker=asker)
                continue
            if found is Prospect.IMPOSSIBLE and because is not None:
                refused.append(because)
            results.append(
                BroughtBack(title=title_name(title), server=None, reason=because)
            )
        if refused and len(refused) == len(titles):
            raise NotBroughtBackError(refused)
        return tuple(results)

    async def _bring_back(
        self, title: DeletedTitle, *, search: bool, asker: Asker
    ) -> list[BroughtBack]:
        """Bring one title back, while nothing is deleted and nobody else does."""
        if self._deleting:
            raise BusyError
        self._returning.add(title.deletion)
        try:
            self._tell(Event(type=EventType.CHANGED))
            async with self._lock:
                if self._closing:
                    raise ClosingError
                now = self.clock.now()
                new = await asyncio.to_thread(
                    partial(
                        self.ledger.begin_return,
                        title,
                        search=search,
                        asked_by=asker.name,
                        now=now,
                        until=now + KEPT_FOR,
                    )
                )
                if not new and (done := await done_before(self.ledger, title)):
                    return [done]
                results = await self._go_back(title.deletion)
                await self._evaluate_only()
                return results
        finally:
            self._returning.discard(title.deletion)
            self._tell(Event(type=EventType.CHANGED))

    async def _go_back(
        self, deletion: int, *, patience: float = PATIENCE
    ) -> list[BroughtBack]:
        """Go on with what is being brought back, and tell when all of it is done."""
        results, asked_by = await go_back(
            deletion,
            ledger=self.ledger,
            connections=self.servers.connections,
            pause=self.clock.pause,
            halt=lambda: self._closing,
            patience=patience,
        )
        if asked_by is not None:
            self._tell(
                Event(
                    type=EventType.BROUGHT_BACK,
                    brought_back=tuple(results),
                    by=asked_by,
                )
            )
        return results

    async def _settle_returns(self) -> None:
        """Go on with what was being brought back when everything ended at once."""
        for back in await asyncio.to_thread(self.ledger.open_returns):
            if self.clock.now() - back.asked_at < GIVEN_UP_AFTER:
                await self._go_back(back.deletion, patience=0)
            else:
                await asyncio.to_thread(give_up, self.ledger, back)

    # --- one after another ------------------------------------------------------------

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        """Hold the lock for one caller; a second one is told so.

        An evaluation ends so soon that it is waited for.
        """
        if self.busy and not self._evaluating:
            raise BusyError
        async with self._lock:
            yield

    async def _follow_up(self) -> None:
        """Make a new plan, unless what is under way will do so when it ends."""
        if not self.busy or self._evaluating:
            async with self._lock:
                await self._evaluate_only()
            return
        now = self.clock.now()
        kept = await asyncio.to_thread(self.ledger.announced_keeps, now)
        postponed = await asyncio.to_thread(self.ledger.postponed, now)
        approvals = await asyncio.to_thread(self.ledger.approvals)
        if self._overview is not None:
            plan = self._overview.plan
            if plan is not None:
                entries, _ = with_approvals(
                    plan.entries, self.settings.rules, approvals, now
                )
                plan = replace(plan, entries=entries)
            self._overview = replace(
                self._overview, plan=plan, kept=tuple(kept), postponed=tuple(postponed)
            )
        self._tell(Event(type=EventType.CHANGED))

    async def _evaluate_only(self) -> None:
        """Make a new plan and do nothing else."""
        self._evaluating = True
        try:
            await self._plan()
        finally:
            self._evaluating = False

    def _tell(self, event: Event) -> None:
        """Tell everybody who listens."""
        for listener in list(self._listeners):
            listener(event)

    def _note_progress(self, progress: Progress) -> None:
        """Remember how far something is, and tell it now and then."""
        now = self.clock.monotonic()
        if self.progress is None:
            # What does not take long is not worth a word.
            self._told_at = now
        self.progress = progress
        if now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            self._progress_told = True
            self._tell(Event(type=EventType.PROGRESS))

    def _end_progress(self) -> None:
        """Forget how far something was, and tell who has been told: it is over."""
        self.progress = None
        if self._progress_told:
            self._progress_told = False
            self._tell(Event(type=EventType.PROGRESS))

    def _show(self) -> None:
        """Let everybody look again, and tell when deletion has become blocked."""
        blockers = self.blockers if self._overview is not None else ()
        codes = frozenset(blocker.code for blocker in blockers)
        if codes - self._blocked_by:
            self._tell(Event(type=EventType.BLOCKED, blockers=blockers))
        self._blocked_by = codes
        self._tell(Event(type=EventType.CHANGED))

    # --- settle and sync --------------------------------------------------------------

    async def _sync(self, *, full: bool) -> SyncReport:
        """Settle what is open and read the servers, fully if that is requested or due.

        Whatever goes wrong, the sync has failed and deletion is blocked.
        """
        try:
            report = await self._settle_and_read(full=full)
        except ServerError as err:
            self.failure = why(Why.SYNC_FAILED, error=str(err))
            self.health[err.server.lower()].note(err)
            self._show()
            raise
        except LedgerError as err:
            self.ledger_failure = str(err)
            self.failure = why(Why.SYNC_FAILED, error=self.ledger_failure)
            self._show()
            raise
        except ClosingError:
            raise
        except Exception as err:
            _LOGGER.exception("A sync failed in a way that nobody foresaw")
            self.failure = why(Why.SYNC_BROKE, error=type(err).__name__)
            self._show()
            raise SyncFailedError(type(err).__name__) from err
        self.failure = self.ledger_failure = None
        self._history_gone = False
        self._right_server = True
        self._note_answers()
        await self._tell_seerr()
        return report

    async def _settle_and_read(self, *, full: bool) -> SyncReport:
        """Find out how open deletions ended, and read the servers."""
        state = await asyncio.to_thread(self.ledger.state)
        now = self.clock.now()
        full = (
            full
            or self._libraries_read != self.settings.libraries
            or state.fully_synced_at is None
            or now - state.fully_synced_at >= self.settings.full_sync_interval
            # The clock was put back: nothing that was written down can be trusted.
            or state.fully_synced_at > now
        )
        self._watch_the_clock(now, state)
        moved = timedelta(seconds=self._clock_error)
        if state.restored or not _was_seen(state.synced_at, now, moved):
            await asyncio.to_thread(self._begin_grace_anew, now)
        try:
            await settle(
                self.ledger,
                self.servers.jellyfin,
                self.clock.now,
                self.servers.connections,
            )
            await self._settle_returns()
            return await self._read(full=full)
        except ServerError as err:
            self._history_gone = err.reason == HISTORY_GONE
            if self._history_gone:
                lost = Finding(
                    suspicion=Suspicion.HISTORY_SHRANK, before=state.history_rows
                )
                await asyncio.to_thread(self._note, lost)
            elif err.reason == OTHER_SERVER and err.server.lower() == JELLYFIN:
                self._right_server = False
                other = Finding(suspicion=Suspicion.OTHER_SERVER)
                await asyncio.to_thread(self._note, other)
            raise

    async def _read(self, *, full: bool) -> SyncReport:
        """Read the servers in a task of its own, which closing can cancel.

        A user or an item that is gone since the last full sync is a reason for one.
        """
        self._reading = asyncio.ensure_future(self._read_all(full=full))
        try:
            return await self._reading
        except NotFound:
            if full:
                raise
            return await self._read(full=True)
        except asyncio.CancelledError:
            self._reading.cancel()
            if not self._closing:
                raise
            raise ClosingError from None
        finally:
            self._reading = None
            self._end_progress()

    async def _read_all(self, *, full: bool) -> SyncReport:
        """Read Jellyfin and Jellystat, then what the others know of their titles."""
        read = partial(full_sync, server_id=self.settings.server_id) if full else poll
        libraries = self.settings.libraries
        report = await read(
            self.ledger,
            self.servers.jellyfin,
            self.servers.jellystat,
            managed=libraries,
            clock=self.clock.now,
            tell=self._note_progress,
        )
        if full:
            # While they were read, others may have been chosen: these are still to be read.
            self._libraries_read = libraries
        if full and self.settings.history_kept is not None:
            await asyncio.to_thread(self._forget_old_plays, self.settings.history_kept)
        trouble = await read_owners(
            self.ledger, self.servers.connections, self._series_owners
        )
        for connection_id, err in trouble.items():
            self.health[connection_id].note(err)
        if full:
            await look_again(
                self.ledger,
                self.servers.jellyfin,
                self.servers.connections,
                self.clock.now,
            )
        await asyncio.to_thread(self.ledger.end_watched_returns, self.clock.now())
        return report

    def _forget_old_plays(self, kept: timedelta) -> None:
        """Forget who played what longer ago than that; blocks.

        By a clock that nobody trusts it could be what is to come as well.
        """
        findings = self._breaker().findings
        doubted = Suspicion.CLOCK_JUMPED in {one.suspicion for one in findings}
        if not self._clock_error and not doubted:
            now = self.clock.now()
            self.ledger.purge(now, before=now - kept)

    def _note_answers(self) -> None:
        """Note that Jellyfin has answered, and Jellystat if there is one."""
        for server in (JELLYFIN, JELLYSTAT):
            if server in self.health:
                self.health[server].note(None)

    def _watch_the_clock(self, now: datetime, state: LedgerState) -> None:
        """Notice a clock that moved otherwise than time has passed, and how much."""
        steady = self.clock.monotonic()
        if self._last_clock is not None:
            then, steady_then = self._last_clock
            passed = timedelta(seconds=steady - steady_then)
            if abs(now - then - passed) > CLOCK_TOLERANCE:
                self._clock_error = round((now - then - passed).total_seconds())
        elif state.synced_at is not None and state.synced_at - now > CLOCK_TOLERANCE:
            self._clock_error = round((now - state.synced_at).total_seconds())
        self._last_clock = (now, steady)

    def _begin_grace_anew(self, now: datetime) -> None:
        """Let nothing be due before a whole grace, and be no surprise then; blocks."""
        breaker = await_grace(self._breaker(), now, self.settings.grace)
        self.ledger.set_breaker_state(breaker.to_mapping())
        self.ledger.begin_grace_anew(now, self.settings.grace)

    def _breaker(self) -> BreakerState:
        """Return what the breaker remembers; blocks."""
        return BreakerState.from_mapping(self.ledger.breaker_state())

    def _note(self, finding: Finding) -> None:
        """Remember what a failed sync has found; blocks."""
        breaker = with_finding(self._breaker(), finding)
        self.ledger.set_breaker_state(breaker.to_mapping())
        if self._overview is not None:
            self._overview = replace(self._overview, findings=breaker.findings)

    # --- plan and review --------------------------------------------------------------

    async def _plan(self) -> None:
        """Make a new plan, and tell what is new about it. Raises LedgerError."""
        overview = await self._evaluated()
        before, self._overview = self._overview, overview
        if before is not None and overview.plan is not None:
            new = await asyncio.to_thread(overview.plan.new_since, before.plan)
            if new:
                self._tell(Event(type=EventType.SCHEDULED, entries=new))
        if overview.plan is not None:
            await self._ask(overview.plan)
        self._show()
        await self._show_collection()

    async def _show_collection(self) -> None:
        """Bring the collection in Jellyfin in step with the plan."""
        window, before = self.settings.collection, self.collection.taken
        if self._known_plan is None or self._closing or not self.health[JELLYFIN].up:
            return
        soon: list[str] | None = None
        if window is not None:
            entries = sorted(self.leaving_soon(window), key=lambda one: one.due_at)
            soon = [entry.item_id for entry in entries]
        await self.collection.follow(self.servers.jellyfin, soon, self.overview.state)
        if self.collection.taken is not before:
            self._tell(Event(type=EventType.CHANGED))

    async def _ask(self, plan: Plan) -> None:
        """Tell of what waits for an approval and nobody was asked about yet."""
        waiting = plan.awaiting_approval(self.clock.now())
        if not waiting:
            return
        known = await asyncio.to_thread(self.ledger.approvals)
        asked = {(one.name, one.item_id) for one in known}
        new = [one for one in waiting if (one.name, one.item_id) not in asked]
        if new:
            await asyncio.to_thread(self.ledger.note_asked, new)
            self._tell(Event(type=EventType.APPROVAL_NEEDED, entries=tuple(new)))

    async def _evaluated(self) -> Overview:
        """Evaluate what the ledger knows, and learn the sizes and sights that are missing."""
        overview = await asyncio.to_thread(self._evaluate)
        if overview.plan is None or not self.health[JELLYFIN].up:
            return overview
        seen = await learn_sights(
            self.ledger,
            self.servers.jellyfin,
            overview.plan.sight_questions,
            self.clock.now(),
        )
        sized = await learn_sizes(
            self.ledger,
            self.servers.jellyfin,
            self.servers.connections,
            self._series_owners,
            await asyncio.to_thread(overview.plan.targets),
        )
        if not (seen or sized):
            return overview
        return await asyncio.to_thread(self._evaluate)

    def _evaluate(self) -> Overview:
        """Make the plan where something is new; blocks, so it runs in the executor."""
        settings = self.settings
        state = self.ledger.state()
        plan = None
        if state.fully_synced_at is not None:
            plan = self._planner.plan(
                settings.rules,
                now=self.clock.now(),
                grace=settings.grace,
                favorites_keep=settings.limits.favorites_keep,
            )
        return Overview(
            plan=plan,
            state=state,
            users=tuple(self.ledger.users()),
            libraries=tuple(self.ledger.libraries()),
            reclaimed_bytes=self.ledger.reclaimed_bytes(self.clock.now()),
            kept=tuple(self.ledger.announced_keeps(self.clock.now())),
            postponed=tuple(self.ledger.postponed(self.clock.now())),
            findings=self._review(plan, state),
            titles_ahead=self.ledger.titles_ahead(),
        )

    def _review(self, plan: Plan | None, state: LedgerState) -> tuple[Finding, ...]:
        """Let the breaker look at what has changed; return what it finds."""
        before = self._breaker()
        if plan is None:
            return before.findings
        known = before
        if self._right_server:
            known = without_finding(known, Suspicion.OTHER_SERVER)
        after = review(known, self._look(plan, state, self._clock_error))
        for finding in known.findings:
            # The ledger still has what Jellystat has lost.
            if finding.suspicion is Suspicion.HISTORY_SHRANK and self._history_gone:
                after = with_finding(after, finding)
        if after != before:
            self.ledger.set_breaker_state(after.to_mapping())
        # Not before: what cannot be written down must not be forgotten.
        self._clock_error = 0
        return after.findings

    def _look(self, plan: Plan, state: LedgerState, clock_error: int = 0) -> Look:
        """Return what the breaker compares; blocks."""
        now = self.clock.now()
        libraries = self.ledger.libraries()
        managed = {
            library.library_id
            for library in managed_libraries(libraries, self.settings.libraries)
        }
        connections = self.servers.connections
        arrs = [
            *((one.connection_id, one.name) for one in connections.radarr),
            *((one.connection_id, one.name) for one in connections.sonarr),
        ]
        due = {item_id for entry in plan.due(now) for item_id in entry.target_ids}
        # All of it is read only where something has changed, and the history of each
        # user only after a complete sync.
        basis = (state.fully_synced_at, plan.statistics, managed)
        known = self._counted
        census = self.ledger.census(
            Question(
                managed=managed,
                due=due,
                labels=[
                    rule.tag
                    for rule in self.settings.rules.advanced
                    if isinstance(rule, TagRule) and rule.enabled
                ],
                connections=[connection_id for connection_id, _ in arrs],
                requests=bool(connections.seerr)
                and self.settings.rules.need_requesters,
                inventory=known[1].inventory if known and known[0] == basis else None,
                history=known[1].history if known and known[0][0] == basis[0] else None,
            )
        )
        self._counted = (basis, census)
        return look_at(
            census,
            state,
            due=due,
            now=now,
            unmanaged={one.library_id for one in libraries} - managed,
            favorites_keep=self.settings.limits.favorites_keep,
            names={f"library:{one.library_id}": one.name for one in libraries}
            | {f"server:{connection_id}": name for connection_id, name in arrs},
            clock_error=clock_error,
        )

    def _lift(self, identity: str) -> Suspicion:
        """Write down that somebody has looked at a finding, and say which; blocks.

        Raises FindingChangedError if it is no longer as it was shown.
        """
        state = self._breaker()
        finding = next(
            (one for one in state.findings if one.identity == identity), None
        )
        if finding is None:
            raise FindingChangedError
        if finding.suspicion is Suspicion.OTHER_SERVER:
            return finding.suspicion
        if finding.suspicion is Suspicion.LEDGER_REPLACED:
            # What was kept has to be kept again, and there has to be time for that.
            self._begin_grace_anew(self.clock.now())
            state = self._breaker()
        forget = finding.suspicion is Suspicion.HISTORY_SHRANK and self._history_gone
        if forget:
            self.ledger.forget_history()
            self._counted = None
        look = None
        if (plan := self._known_plan) is not None:
            look = self._look(plan, self.ledger.state())
            measured = (*PARTS, Suspicion.JELLYSTAT_SILENT)
            if finding.suspicion in measured and not forget:
                seen = review(state, look).findings
                if identity not in {one.identity for one in seen}:
                    raise FindingChangedError
        self.ledger.set_breaker_state(lift(state, finding, look).to_mapping())
        return finding.suspicion

    # --- delete -----------------------------------------------------------------------

    async def _delete_automatically(self) -> None:
        """Delete what is due, if nothing speaks against it and it is the time for it."""
        recycled = await asyncio.to_thread(self.ledger.recycled_bytes, self.clock.now())
        # Asked whether or not anything is due: a disk condition remembers its answer.
        limits = self._automatic_limits(recycled)
        if limits is None or self.blockers or not self.due:
            return

        # What the disk lacks is known from here on; what goes meanwhile is counted.
        enough = limits.enough_bytes

        def terms() -> Terms:
            """Return what holds now, with what the disk lacked at the start."""
            now = self._automatic_limits(recycled) or limits
            if enough is not None:
                now = replace(now, enough_bytes=enough)
            return replace(self.settings.terms, limits=now)

        def no_more() -> Reason | None:
            """Return why nothing more may go by itself."""
            if self._automatic_limits(recycled) is None:
                return why(Why.AUTOMATIC_ENDED)
            return None

        await self._clean_up(None, terms, no_more)

    async def _clean_up(
        self,
        item_ids: Collection[str] | None,
        terms: Callable[[], Terms],
        halt: Callable[[], Reason | None] = lambda: None,
    ) -> CleanupReport:
        """Delete what was chosen, tell what went, and make a new plan.

        ``terms`` and ``halt`` are asked before every file.
        """
        await self._meet_everybody()
        if blockers := self.blockers:
            raise BlockedError(blockers)

        def stop() -> Reason | None:
            """Return why nothing more may go."""
            if self._closing:
                return why(Why.SHUTTING_DOWN)
            return halt()

        self._deleting = True
        try:
            report = await clean_up(
                self._chosen(item_ids),
                ledger=self.ledger,
                jellyfin=self.servers.jellyfin,
                terms=terms,
                halt=stop,
                clock=self.clock.now,
                connections=self.servers.connections,
                tell=self._note_progress,
            )
        finally:
            self._deleting = False
            self._end_progress()
        await self._tell_seerr()
        if report.disk_away:
            _LOGGER.warning("Deletion ended early: %s", say(why(Why.DISK_AWAY)))
        for entry, error in report.failed:
            _LOGGER.warning("Could not delete %s: %s", entry.item_id, say(error))
        gone = (*report.deleted, *report.unconfirmed)
        if gone:
            self._tell(
                Event(
                    type=EventType.DELETED,
                    entries=gone,
                    unconfirmed=bool(report.unconfirmed),
                    deletions=report.deletions,
                )
            )
        await self._plan()
        return report

    async def _meet_everybody(self) -> None:
        """Read everything first where there are users whom no sync has met.

        They may have favorites, and may not have watched what all have to.
        """
        users = await self.servers.jellyfin.users()
        if set(users) != set(await asyncio.to_thread(self.ledger.users)):
            await self._sync(full=True)
            await self._plan()

    def _chosen(self, item_ids: Collection[str] | None) -> Sequence[PlannedDeletion]:
        """Return the entries that are meant, or all that are due."""
        if item_ids is None:
            return self.due
        plan = self._known_plan
        wanted = set(item_ids)
        chosen = [
            entry
            for entry in (plan.entries if plan else ())
            if entry.item_id in wanted or entry.key in wanted
        ]
        named = {name for entry in chosen for name in (entry.item_id, entry.key)}
        if unknown := wanted - named:
            raise NotPlannedError(unknown)
        return chosen

    async def _tell_seerr(self) -> None:
        """Have Seerr forget what is gone, if the user wants that, and look for it."""
        told = (self.ledger, self.servers.jellyfin, self.servers.connections)
        if self.settings.seerr_cleanup:
            for err in await forget_requests(*told):
                _LOGGER.warning("Requests of deleted titles are left in Seerr: %s", err)
        for err in await look_for_what_is_gone(*told, self.clock.now()):
            _LOGGER.debug("Seerr was not told to look for what is gone: %s", err)


def _was_seen(synced_at: datetime | None, now: datetime, moved: timedelta) -> bool:
    """Return whether what was announced could be seen until now, by the last sync.

    ``moved`` is by how much the clock has moved otherwise than time has passed.
    """
    if synced_at is None:
        return False
    passed = now - synced_at
    return (
        -CLOCK_TOLERANCE <= passed < NOT_SEEN_AFTER and passed - moved < NOT_SEEN_AFTER
    )
