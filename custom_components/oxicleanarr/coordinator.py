"""The coordinator: one entry's servers, ledger and plan, and one lock around them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .automatic import automatic_limits, disk_needs_space
from .cleanup import (
    BreakerState,
    CleanupReport,
    Finding,
    Handling,
    Limits,
    Measure,
    Plan,
    Suspicion,
    Why,
    clean_up,
    entry_name,
    forget_requests,
    lift,
    measure,
    plan_cleanup,
    review,
    say,
    settle,
    with_finding,
)
from .connections import connect, connect_all, stored_connections
from .const import CONF_JELLYFIN, CONF_JELLYSTAT, DOMAIN, LOGGER
from .errors import translate
from .explain import Explained, explain_item, preview_rules
from .ledger import Ledger, LedgerError, LedgerState
from .model import (
    Keep,
    Library,
    MediaItem,
    MediaKind,
    PlannedDeletion,
    Reason,
    ServerInfo,
    User,
)
from .retention import Preview, RetentionRules
from .servers import AuthenticationFailed, Jellyfin, Jellystat, NotFound, ServerError
from .settings import Settings
from .sync import (
    HISTORY_GONE,
    SeriesOwners,
    SyncReport,
    Trouble,
    full_sync,
    managed_libraries,
    poll,
    read_files,
    read_owners,
    read_shelves,
)

MAX_SYNC_AGE = timedelta(hours=24)
TITLES_AN_EVENT = 50
CLOCK_TOLERANCE = timedelta(hours=1)
# Jellyfin looks for what Radarr or Sonarr has deleted a minute after it is told.
LOOK_AGAIN_AFTER = timedelta(seconds=90)
# Sizes are read for this many titles of the plan after each sync, the first due first.
SIZES_A_SYNC = 1000

type OxiCleanarrConfigEntry = ConfigEntry[OxiCleanarrCoordinator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the entities show: the plan, and what it rests on."""

    plan: Plan | None = None
    """``None`` before the first complete sync."""
    state: LedgerState
    users: tuple[User, ...] = ()
    libraries: tuple[Library, ...] = ()
    """All libraries of the server."""
    reclaimed_bytes: int = 0
    findings: tuple[Finding, ...] = ()
    """What the breaker has found and nobody has lifted."""


class CleanupEvent(StrEnum):
    """What the event entity tells."""

    SCHEDULED = "scheduled"
    KEPT = "kept"
    DELETED = "deleted"
    BLOCKED = "blocked"


type Observer = Callable[[CleanupEvent, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Something that keeps everything from being deleted."""

    code: str
    """Its name in the translations: ``deletion_blocked`` and its states."""
    reason: str


@dataclass(slots=True, kw_only=True)
class ServerHealth:
    """Whether a server answered when it was last asked; ``None``: not asked yet."""

    up: bool | None = None
    error: str | None = None


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the ledger of a config entry lies."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.db"))


class OxiCleanarrCoordinator(DataUpdateCoordinator[Overview]):
    """Keeps the plan up to date, and does what changes it, one thing at a time."""

    config_entry: OxiCleanarrConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: OxiCleanarrConfigEntry, ledger: Ledger
    ) -> None:
        """Connect nothing yet; ``ledger`` is open and belongs to the coordinator."""
        self.settings = Settings.from_entry(entry)
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=self.settings.poll_interval,
            always_update=False,
        )
        self.ledger = ledger
        self.jellyfin = connect(Jellyfin, hass, entry.data[CONF_JELLYFIN])
        self.health = {CONF_JELLYFIN: ServerHealth()}
        self.jellystat: Jellystat | None = None
        if jellystat := entry.data.get(CONF_JELLYSTAT):
            self.jellystat = connect(Jellystat, hass, jellystat)
            self.health[CONF_JELLYSTAT] = ServerHealth()
        self.connections = connect_all(hass, entry)
        for connection in self.connections:
            self.health[connection.connection_id] = ServerHealth()
        self._stored_connections = stored_connections(entry)
        self._series_owners = SeriesOwners()
        self._stop_looking: CALLBACK_TYPE | None = None
        self._lock = asyncio.Lock()
        self._changes = 0
        self._other_libraries = False
        self._evaluating = False
        self._last_clock: tuple[datetime, float] | None = None
        self._clock_error = 0
        self.ledger_failure: str | None = None
        """What the ledger said when it last failed; ``None``: it answers."""
        self._observers: list[Observer] = []
        self._blocked_by: set[str] = set()
        self._freeing = False
        self._held = False
        self._closing = False
        self._reading: asyncio.Task[SyncReport] | None = None
        self._failure: str | None = None
        self._history_gone = False

    # --- what the entities and actions ask for ----------------------------------

    @property
    def busy(self) -> bool:
        """Whether a sync, an evaluation or a deletion is under way."""
        return self._lock.locked()

    @property
    def leaving_soon(self) -> Sequence[PlannedDeletion]:
        """Return what will be due within the chosen days."""
        if self.data.plan is None:
            return ()
        return self.data.plan.leaving_soon(dt_util.utcnow(), self.settings.leaving_soon)

    @property
    def due(self) -> Sequence[PlannedDeletion]:
        """Return what may be deleted now."""
        return self.data.plan.due(dt_util.utcnow()) if self.data.plan else ()

    @property
    def blockers(self) -> list[Blocker]:
        """Return what keeps everything from being deleted; dry run is not among it."""
        state = self.data.state
        if self._failure is not None:
            return [Blocker(code="sync_failed", reason=self._failure)]
        if self.data.plan is None or state.fully_synced_at is None:
            return [Blocker(code="never_synced", reason="No sync has been completed.")]
        if dt_util.utcnow() - state.fully_synced_at > MAX_SYNC_AGE:
            return [
                Blocker(
                    code="sync_too_old",
                    reason="The last complete sync is older than a day.",
                )
            ]
        return [
            Blocker(code=finding.suspicion, reason=say(finding.reason))
            for finding in self.data.findings
        ]

    @callback
    def async_add_observer(self, observer: Observer) -> CALLBACK_TYPE:
        """Tell somebody what happens to the plan; return how to stop that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def _tell(self, event: CleanupEvent, **attributes: Any) -> None:
        for observer in list(self._observers):
            observer(event, attributes)

    def _tell_titles(
        self, event: CleanupEvent, entries: Sequence[PlannedDeletion]
    ) -> None:
        """Tell what has happened to some titles; a long list is cut."""
        if entries:
            self._tell(
                event,
                count=len(entries),
                items=[
                    {
                        "item_id": entry.item_id,
                        "kind": entry.kind.value,
                        "title": entry.title,
                        "due_at": entry.due_at.isoformat(),
                        "reason": say(entry.reason),
                    }
                    for entry in entries[:TITLES_AN_EVENT]
                ],
            )

    async def async_hold(self) -> None:
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

    def async_release(self) -> None:
        """Let things go on."""
        if self._held:
            self._held = False
            self._lock.release()

    async def async_keep(
        self, reference: str, until: datetime | None, reason: str
    ) -> MediaItem:
        """Keep a title (by id or key); also while it is about to be deleted.

        Raises LookupError if there is no such title, and LedgerError.
        """
        now = dt_util.utcnow()

        def keep() -> MediaItem:
            item, key = self.ledger.named(reference)
            self.ledger.keep(Keep(key=key, kept_at=now, until=until, reason=reason))
            return item

        item = await asyncio.to_thread(keep)
        self._tell(
            CleanupEvent.KEPT,
            count=1,
            items=[{"item_id": item.item_id, "kind": item.kind, "title": item.title}],
        )
        await self._async_follow_up()
        return item

    async def async_unkeep(self, reference: str) -> MediaItem:
        """Take a keep back. Raises LookupError and LedgerError as keeping does."""

        def unkeep() -> MediaItem:
            item, key = self.ledger.named(reference)
            self.ledger.unkeep(key)
            return item

        item = await asyncio.to_thread(unkeep)
        await self._async_follow_up()
        return item

    async def async_schedule(
        self, reference: str, at: datetime | None
    ) -> tuple[MediaItem, datetime | None]:
        """Let a title go at a time, or leave it to the rules again (``None``).

        Return it and when it may go now: not before the grace, and not while it is
        kept. Raises LookupError and LedgerError as keeping does.
        """

        def schedule() -> MediaItem:
            item, key = self.ledger.named(reference)
            if at is None:
                self.ledger.unschedule(key)
            else:
                self.ledger.schedule_manually(key, at)
            return item

        item = await asyncio.to_thread(schedule)
        await self._async_follow_up()
        entries = self.data.plan.entries if self.data.plan else ()
        due_at = next(
            (one.due_at for one in entries if one.item_id == item.item_id), None
        )
        return item, due_at

    async def _async_follow_up(self) -> None:
        """Make a new plan, unless what is under way will do so when it ends."""
        if not self.busy or self._evaluating:
            async with self._lock:
                await self._async_evaluate()

    async def async_lift(self, suspicion: Suspicion) -> None:
        """Go on after somebody has looked at one finding; the others stay.

        Raises HomeAssistantError if busy.
        """
        async with self._busy():
            accepted = suspicion is Suspicion.HISTORY_SHRANK and self._history_gone
            await asyncio.to_thread(self._lift, suspicion, forget_history=accepted)
            if accepted:
                # There is nothing of the old history left, so the new one is read.
                await self._async_sync_or_fail(full=True)
            await self._async_show()

    def _lift(self, suspicion: Suspicion, *, forget_history: bool) -> None:
        plan = self.data.plan
        if forget_history:
            self.ledger.forget_history()
        current = None
        if plan is not None:
            current = self._measure(plan, self.ledger.state(), self.settings)
        state = BreakerState.from_mapping(self.ledger.breaker_state())
        state = lift(state, suspicion, current)
        self.ledger.set_breaker_state(state.to_mapping())

    def _measure(
        self, plan: Plan, state: LedgerState, settings: Settings, clock_error: int = 0
    ) -> Measure:
        managed = managed_libraries(self.ledger.libraries(), settings.libraries)
        return measure(
            plan,
            state,
            now=dt_util.utcnow(),
            scope=[library.library_id for library in managed],
            deleted=self.ledger.deleted_count(),
            clock_error=clock_error,
        )

    async def async_sync(self, *, full: bool) -> SyncReport:
        """Read the servers and make a new plan.

        Raises HomeAssistantError where something is under way or a server fails.
        """
        async with self._busy():
            report = await self._async_sync_or_fail(full=full)
            await self._async_show()
            return report

    async def async_evaluate(self) -> Overview:
        """Make a new plan from what is known. Raises HomeAssistantError if busy."""
        async with self._busy():
            await self._async_evaluate()
            return self.data

    async def async_explain(self, reference: str) -> Explained:
        """Return why a title, named by its id or key, stays or goes.

        Raises LookupError if there is no such title, and LedgerError.
        """
        return await asyncio.to_thread(
            explain_item,
            self.ledger,
            self.settings,
            self.data.plan,
            reference,
            dt_util.utcnow(),
        )

    async def async_preview(self, rules: RetentionRules) -> Preview | None:
        """Return what other rules would do, or ``None`` before the first complete sync.

        Raises LedgerError.
        """
        return await asyncio.to_thread(
            preview_rules,
            self.ledger,
            self.settings.rules,
            rules,
            dt_util.utcnow(),
        )

    async def async_delete(
        self, item_ids: Collection[str] | None, *, dry_run: bool
    ) -> CleanupReport:
        """Delete due titles of the plan (by id or key; ``None``: all that are due).

        ``dry_run`` can only make it safer: the switch counts too, and is read before
        every single deletion. Raises HomeAssistantError if busy or blocked.
        """
        async with self._busy():
            await self._async_sync_or_fail(full=False)
            await self._async_show()
            return await self._async_clean_up(item_ids, dry_run=dry_run)

    # --- how it is done -----------------------------------------------------------

    async def async_connect(self) -> ServerInfo:
        """Ask Jellyfin and Jellystat whether they answer. Raises ServerError.

        The others are asked by the syncs: without them nothing is lost to look at.
        """
        try:
            info = await self.jellyfin.info()
            if self.jellystat is not None:
                await self.jellystat.check()
        except ServerError as err:
            if isinstance(err, AuthenticationFailed):
                self._start_reauth(err)
            raise
        self._note_answers()
        return info

    async def async_close(self) -> None:
        """Close the ledger. A sync is given up, a deletion ends after its file."""
        self._closing = True
        if self._stop_looking is not None:
            self._stop_looking()
        if self._reading is not None:
            self._reading.cancel()
        self.async_release()
        async with self._lock:
            await asyncio.to_thread(self.ledger.close)

    @property
    def connections_changed(self) -> bool:
        """Whether the config entry names other servers than this coordinator uses."""
        return self._stored_connections != stored_connections(self.config_entry)

    async def async_apply_options(self) -> None:
        """Take over changed options and rules; a new plan follows, without a reload."""
        libraries = self.settings.libraries
        self.settings = Settings.from_entry(self.config_entry)
        self._other_libraries |= self.settings.libraries != libraries
        self.update_interval = self.settings.poll_interval
        self._changes += 1
        change = self._changes
        # An import makes many changes at one go. None but the last is a whole one.
        await asyncio.sleep(0)
        if change == self._changes:
            self.async_update_listeners()
        async with self._lock:
            if change != self._changes:
                return
            if self._other_libraries:
                self._other_libraries = False
                with suppress(HomeAssistantError):
                    await self._async_sync_or_fail(full=True)
            await self._async_evaluate()

    async def async_load(self) -> None:
        """Show what the ledger knows, before any server is asked."""
        self.data = await self._async_evaluated()

    @override
    @callback
    def async_update_listeners(self) -> None:
        """Update the entities, and tell when deletion has become blocked."""
        blockers = (
            {} if self.data is None else {one.code: one.reason for one in self.blockers}
        )
        if set(blockers) - self._blocked_by:
            self._tell(CleanupEvent.BLOCKED, reasons=list(blockers.values()))
        self._blocked_by = set(blockers)
        super().async_update_listeners()

    @override
    async def _async_update_data(self) -> Overview:
        """Sync as scheduled; if something else is under way, that is news enough."""
        if self.busy:
            return self.data
        async with self._lock:
            try:
                await self._async_sync(full=False)
                overview = await self._async_overview()
                if self.settings.automatic_deletion and not self.settings.dry_run:
                    self.data = overview
                    overview = await self._async_delete_automatically()
            except AuthenticationFailed as err:
                self._start_reauth(err)
                raise ConfigEntryAuthFailed(**translate(err)) from err
            except (ServerError, LedgerError) as err:
                raise UpdateFailed(**translate(err)) from err
            except HomeAssistantError:
                if not self._closing:
                    raise
                # Nobody waits for this any more, and nothing has failed.
                return self.data
            return overview

    async def _async_delete_automatically(self) -> Overview:
        """Delete what is due, if nothing speaks against it and it is the time for it."""
        settings, now, recycled = self.settings, dt_util.utcnow(), 0
        if settings.disk is not None:
            recycled = await asyncio.to_thread(self.ledger.recycled_bytes, now)
            # Nothing is waited for between this and the limits: the disk stays as it is.
            needed = disk_needs_space(self.hass, settings.disk, self._freeing)
            self._freeing = bool(needed)
        limits = automatic_limits(
            self.hass, settings, now, freeing=self._freeing, recycled=recycled
        )
        if limits is not None and not self.blockers and self.due:
            await self._async_clean_up(None, dry_run=False, limits=limits)
        return self.data

    @asynccontextmanager
    async def _busy(self) -> AsyncGenerator[None]:
        """Hold the lock for one caller; a second one is told so.

        An evaluation ends so soon that it is waited for.
        """
        if self.busy and not self._evaluating:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="busy")
        async with self._lock:
            try:
                yield
            except LedgerError as err:
                raise HomeAssistantError(**translate(err)) from err

    async def _async_sync_or_fail(self, *, full: bool) -> SyncReport:
        try:
            return await self._async_sync(full=full)
        except ServerError as err:
            if isinstance(err, AuthenticationFailed):
                self._start_reauth(err)
            error = HomeAssistantError(**translate(err))
            self.async_set_update_error(error)
            raise error from err

    async def _async_sync(self, *, full: bool) -> SyncReport:
        """Sync fully if that is asked for or due, else poll; remember how it went."""
        state = await asyncio.to_thread(self.ledger.state)
        now = dt_util.utcnow()
        full = (
            full
            or state.fully_synced_at is None
            or now - state.fully_synced_at >= self.settings.full_sync_interval
            # The clock was put back: nothing that was written down can be trusted.
            or state.fully_synced_at > now
        )
        self._watch_the_clock(now, state)
        try:
            await settle(self.ledger, self.jellyfin, dt_util.utcnow, self.connections)
            report = await self._async_read(full_sync if full else poll)
        except ServerError as err:
            self._failure = str(err)
            self._history_gone = err.reason == HISTORY_GONE
            if self._history_gone:
                await asyncio.to_thread(self._note_lost_history, state)
            health = self.health[err.server.lower()]
            health.up, health.error = False, str(err)
            # Where the last sync failed too, nobody else says that the reason changed.
            self.async_update_listeners()
            raise
        except LedgerError as err:
            self._failure = self.ledger_failure = str(err)
            self.async_update_listeners()
            raise
        self._failure = self.ledger_failure = None
        self._history_gone = False
        self._note_answers()
        await self._async_forget_requests()
        return report

    def _note_answers(self) -> None:
        """Note that Jellyfin has answered, and Jellystat if there is one."""
        for server in (CONF_JELLYFIN, CONF_JELLYSTAT):
            if (health := self.health.get(server)) is not None:
                health.up, health.error = True, None

    def _watch_the_clock(self, now: datetime, state: LedgerState) -> None:
        """Notice a clock that moved otherwise than time has passed, and how much."""
        steady = monotonic()
        if self._last_clock is not None:
            then, steady_then = self._last_clock
            passed = timedelta(seconds=steady - steady_then)
            if abs(now - then - passed) > CLOCK_TOLERANCE:
                self._clock_error = round((now - then - passed).total_seconds())
        elif state.synced_at is not None and state.synced_at - now > CLOCK_TOLERANCE:
            self._clock_error = round((now - state.synced_at).total_seconds())
        self._last_clock = (now, steady)

    def _note_lost_history(self, state: LedgerState) -> None:
        """Remember that Jellystat's history is gone: somebody has to look at that."""
        breaker = BreakerState.from_mapping(self.ledger.breaker_state())
        finding = Finding(
            suspicion=Suspicion.HISTORY_SHRANK, before=state.history_rows, now=0
        )
        breaker = with_finding(breaker, finding)
        self.ledger.set_breaker_state(breaker.to_mapping())
        self.data = replace(self.data, findings=breaker.findings)

    async def _async_read(
        self, how: Callable[..., Awaitable[SyncReport]]
    ) -> SyncReport:
        """Read the servers in a task of its own, which unloading can cancel.

        A user or an item that is gone since the last full sync is a reason for one.
        """
        self._reading = asyncio.ensure_future(self._async_read_all(how))
        try:
            return await self._reading
        except NotFound:
            if how is full_sync:
                raise
            return await self._async_read(full_sync)
        except asyncio.CancelledError:
            self._reading.cancel()
            if not self._closing:
                raise
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="unloading"
            ) from None
        finally:
            self._reading = None

    async def _async_read_all(
        self, how: Callable[..., Awaitable[SyncReport]]
    ) -> SyncReport:
        """Read Jellyfin and Jellystat, then what the others know of their titles."""
        report = await how(
            self.ledger,
            self.jellyfin,
            self.jellystat,
            managed=self.settings.libraries,
            clock=dt_util.utcnow,
        )
        self._note_trouble(
            await read_owners(self.ledger, self.connections, self._series_owners)
        )
        return report

    def _note_trouble(self, trouble: Trouble) -> None:
        """Note which of the others answered; ask for the key of one that refused it."""
        for connection_id, err in trouble.items():
            health = self.health[connection_id]
            health.up = err is None
            health.error = None if err is None else str(err)
            if isinstance(err, AuthenticationFailed):
                self.async_start_reauth_of(connection_id)

    def _start_reauth(self, err: AuthenticationFailed) -> None:
        """Ask for the key of the Jellyfin or Jellystat that refused it."""
        self.async_start_reauth_of(err.server.lower())

    @callback
    def async_start_reauth_of(self, server: str) -> None:
        """Ask for the key of a server, named as in ``health``.

        Nothing happens while a key of the same config entry is being asked for.
        """
        self.config_entry.async_start_reauth(self.hass, data={"server": server})

    async def _async_evaluate(self) -> None:
        """Show a new plan and do nothing else."""
        self._evaluating = True
        try:
            await self._async_show()
        finally:
            self._evaluating = False

    async def _async_show(self) -> None:
        """Make a new plan and let the entities show it."""
        overview = await self._async_overview()
        if self._failure is None:
            self.async_set_updated_data(overview)
        else:
            # A new plan of what was known does not make the servers answer.
            self.data = overview
            self.async_update_listeners()

    async def _async_overview(self) -> Overview:
        """Make a new plan and tell what is new about it. Raises LedgerError."""
        overview = await self._async_evaluated()
        before = self.data.plan if self.data is not None else None
        if overview.plan is not None and self.data is not None:
            known = {entry_name(one) for one in before.entries} if before else set()
            self._tell_titles(
                CleanupEvent.SCHEDULED,
                [one for one in overview.plan.entries if entry_name(one) not in known],
            )
        return overview

    async def _async_evaluated(self) -> Overview:
        """Evaluate what the ledger knows, and learn the sizes that are missing."""
        overview = await asyncio.to_thread(self._evaluate, self.settings)
        if overview.plan is None or not self.health[CONF_JELLYFIN].up:
            return overview
        news = await self._async_read_shelves(overview.plan)
        if not (await self._async_read_sizes(overview.plan) or news):
            return overview
        return await asyncio.to_thread(self._evaluate, self.settings)

    async def _async_read_sizes(self, plan: Plan) -> bool:
        """Learn sizes from Jellyfin that nobody has told; return whether it had news.

        A size is a figure to look at; the plan does not rest on it.
        """
        wanted = [item_id for entry in plan.entries for item_id in entry.target_ids]
        del wanted[SIZES_A_SYNC:]
        try:
            return await read_files(self.ledger, self.jellyfin, wanted)
        except ServerError as err:
            LOGGER.debug("Sizes are not known yet: %s", err)
            return False

    async def _async_read_shelves(self, plan: Plan) -> bool:
        """Learn from Sonarr about the episodes of the plan; return whether it had news.

        Without it the plan shows no sizes; the executor reads it all again anyway.
        """
        wanted = [
            one
            for entry in plan.entries
            if entry.kind is not MediaKind.MOVIE
            for one in entry.target_ids
        ]
        if not (wanted and self.connections.sonarr):
            return False
        series_ids = await asyncio.to_thread(self.ledger.series_of, wanted)
        try:
            return await read_shelves(
                self.ledger, self.connections, self._series_owners, series_ids
            )
        except ServerError as err:
            LOGGER.debug("Episodes of Sonarr are not known yet: %s", err)
            return False

    def _evaluate(self, settings: Settings) -> Overview:
        """Make the plan; blocks, so it runs in the executor."""
        state = self.ledger.state()
        plan = None
        if state.fully_synced_at is not None:
            plan = plan_cleanup(
                self.ledger,
                settings.rules,
                now=dt_util.utcnow(),
                grace=settings.grace,
                favorites_keep=settings.limits.favorites_keep,
            )
        return Overview(
            plan=plan,
            state=state,
            users=tuple(self.ledger.users()),
            libraries=tuple(self.ledger.libraries()),
            reclaimed_bytes=self.ledger.reclaimed_bytes(dt_util.utcnow()),
            findings=self._review(plan, state, settings),
        )

    def _review(
        self, plan: Plan | None, state: LedgerState, settings: Settings
    ) -> tuple[Finding, ...]:
        """Let the breaker look at what has changed; return what it finds."""
        before = BreakerState.from_mapping(self.ledger.breaker_state())
        if plan is None:
            return before.findings
        error, self._clock_error = self._clock_error, 0
        after = review(before, self._measure(plan, state, settings, error))
        if after != before:
            self.ledger.set_breaker_state(after.to_mapping())
        return after.findings

    async def _async_clean_up(
        self,
        item_ids: Collection[str] | None,
        *,
        dry_run: bool,
        limits: Limits | None = None,
    ) -> CleanupReport:
        if blockers := self.blockers:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="deletion_blocked",
                translation_placeholders={
                    "reasons": " ".join(blocker.reason for blocker in blockers)
                },
            )
        report = await clean_up(
            self._chosen(item_ids),
            ledger=self.ledger,
            jellyfin=self.jellyfin,
            limits=limits or self.settings.limits,
            # The switch is read anew each time: it may be turned on meanwhile.
            is_dry_run=lambda: dry_run or self.settings.dry_run,
            halt=lambda: Reason(Why.SHUTTING_DOWN) if self._closing else None,
            clock=dt_util.utcnow,
            connections=self.connections,
            handling=Handling(
                import_exclusion=self.settings.import_exclusion,
                forget_requests=self.settings.seerr_cleanup,
                needs_requesters=self.settings.rules.need_requesters,
            ),
        )
        if report.unconfirmed and not self._closing:
            self._look_again_soon()
        await self._async_forget_requests()
        for entry, error in report.failed:
            LOGGER.warning("Could not delete %s: %s", entry.item_id, error)
        self._tell_titles(CleanupEvent.DELETED, [*report.deleted, *report.unconfirmed])
        await self._async_show()
        return report

    def _look_again_soon(self) -> None:
        """Sync when Jellyfin has had the time to notice what has gone."""
        if self._stop_looking is not None:
            self._stop_looking()

        async def look(_: datetime) -> None:
            self._stop_looking = None
            # No scheduled refresh: that could be followed by the next automatic run.
            with suppress(HomeAssistantError):
                await self.async_sync(full=False)

        self._stop_looking = async_call_later(self.hass, LOOK_AGAIN_AFTER, look)

    async def _async_forget_requests(self) -> None:
        """Let Seerr forget what is gone, if that is asked for."""
        if not self.settings.seerr_cleanup:
            return
        try:
            await forget_requests(self.ledger, self.connections)
        except ServerError as err:
            LOGGER.warning("Requests of deleted titles are left in Seerr: %s", err)

    def _chosen(self, item_ids: Collection[str] | None) -> Sequence[PlannedDeletion]:
        if item_ids is None:
            return self.due
        assert self.data.plan is not None
        wanted = set(item_ids)
        chosen = [
            entry
            for entry in self.data.plan.entries
            if entry.item_id in wanted or entry.key in wanted
        ]
        named = {name for entry in chosen for name in (entry.item_id, entry.key)}
        if unknown := wanted - named:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_planned",
                translation_placeholders={"item_ids": ", ".join(sorted(unknown))},
            )
        return chosen
