"""The product without Home Assistant: its rooms, put together as its coordinator does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from custom_components.oxicleanarr.cleanup import (
    BreakerState,
    CleanupReport,
    Finding,
    Handling,
    Limits,
    Measure,
    Plan,
    Suspicion,
    clean_up,
    forget_requests,
    lift,
    measure,
    plan_cleanup,
    review,
    say,
    settle,
    with_finding,
)
from custom_components.oxicleanarr.ledger import Ledger, LedgerError, LedgerState
from custom_components.oxicleanarr.model import MediaFacts, MediaKey, MediaKind
from custom_components.oxicleanarr.retention import RetentionRules
from custom_components.oxicleanarr.servers import (
    Connections,
    Jellyfin,
    Jellystat,
    NotFound,
    ServerError,
)
from custom_components.oxicleanarr.sync import (
    HISTORY_GONE,
    SeriesOwners,
    full_sync,
    managed_libraries,
    poll,
    read_files,
    read_owners,
    read_shelves,
)
from simulators import JellyfinSimulator, JellystatSimulator
from tests.home import DAY, HOUR

GRACE = 3 * DAY
FULL_EVERY = 6 * HOUR
TOLERANCE = timedelta(minutes=5)
PATIENCE = 10.0


@dataclass
class Chosen:
    """What the user has chosen; a restart does not change it."""

    rules: RetentionRules
    managed: frozenset[str] | None
    # No cap may bind, for a title that waits leaves its place to another.
    limits: Limits = field(default_factory=lambda: Limits(max_items=1000))
    grace: timedelta = GRACE
    forget_requests: bool = False

    @property
    def handling(self) -> Handling:
        """Return what is to be done with titles of Radarr, Sonarr and Seerr."""
        return Handling(
            forget_requests=self.forget_requests,
            needs_requesters=self.rules.need_requesters,
        )


@dataclass
class Keeper:
    """One life of the product's process, from its start to its end."""

    ledger: Ledger
    jellyfin: Jellyfin
    jellystat: Jellystat | None
    chosen: Chosen
    clock: Callable[[], datetime]
    jumped: Callable[[], timedelta]
    on_sync: Callable[[bool], None]
    on_plan: Callable[[Plan], None]
    connections: Connections = field(default_factory=Connections)
    series_owners: SeriesOwners = field(default_factory=SeriesOwners)
    measure: Measure | None = None
    running: bool = False
    """Whether this process has looked at the clock before."""
    clock_error: int = 0

    @classmethod
    def start(
        cls,
        path: Path,
        session: aiohttp.ClientSession,
        servers: tuple[JellyfinSimulator, JellystatSimulator | None],
        chosen: Chosen,
        *,
        clock: Callable[[], datetime],
        jumped: Callable[[], timedelta],
        on_sync: Callable[[bool], None],
        on_plan: Callable[[Plan], None],
        timeout: float = PATIENCE,
        connections: Connections,
    ) -> Keeper:
        """Open the ledger and connect the servers, as a start does."""
        film_server, history = servers
        return cls(
            Ledger(path),
            Jellyfin(session, film_server.url, film_server.api_key, timeout=timeout),
            Jellystat(session, history.url, history.api_key, timeout=timeout)
            if history is not None
            else None,
            chosen,
            clock,
            jumped,
            on_sync,
            on_plan,
            connections,
        )

    async def tick(self) -> CleanupReport | str:
        """Sync, plan and delete what is due, as the coordinator does every few minutes.

        Return what was done, or why nothing was.
        """
        try:
            await self.sync()
            plan = await self.plan()
            if blockers := self.review(plan):
                return " ".join(blockers)
            report = await clean_up(
                plan.due(self.clock()),
                ledger=self.ledger,
                jellyfin=self.jellyfin,
                limits=self.chosen.limits,
                is_dry_run=lambda: False,
                clock=self.clock,
                connections=self.connections,
                handling=self.chosen.handling,
            )
            await self._forget_requests()
        except (ServerError, LedgerError) as err:
            return str(err)
        return report

    async def sync(self, *, full: bool = False) -> None:
        """Settle what is open and read the servers, fully where that is due."""
        state = self.ledger.state()
        now = self.clock()
        full = (
            full
            or state.fully_synced_at is None
            or now - state.fully_synced_at >= FULL_EVERY
            or state.fully_synced_at > now
        )
        self._watch_the_clock(now, state)
        try:
            await settle(self.ledger, self.jellyfin, self.clock, self.connections)
            try:
                await self._read(full=full)
            except NotFound:
                if full:
                    raise
                await self._read(full=True)
        except ServerError as err:
            if err.reason == HISTORY_GONE:
                gone = Finding(
                    suspicion=Suspicion.HISTORY_SHRANK, before=state.history_rows
                )
                found = with_finding(self.breaker(), gone)
                self.ledger.set_breaker_state(found.to_mapping())
            raise
        await self._forget_requests()

    async def _forget_requests(self) -> None:
        if not self.chosen.forget_requests:
            return
        try:
            await forget_requests(self.ledger, self.connections)
        except ServerError:
            # The next sync tries again.
            return

    async def _read(self, *, full: bool) -> None:
        await (full_sync if full else poll)(
            self.ledger,
            self.jellyfin,
            self.jellystat,
            managed=self.chosen.managed,
            clock=self.clock,
        )
        self.on_sync(full)
        await read_owners(self.ledger, self.connections, self.series_owners)

    def _watch_the_clock(self, now: datetime, state: LedgerState) -> None:
        jumped = self.jumped()
        if self.running:
            error = jumped
        else:
            error = state.synced_at - now if state.synced_at else timedelta()
            error = max(error, timedelta())
        self.running = True
        if abs(error) > TOLERANCE:
            self.clock_error = int(error.total_seconds())

    async def plan(self) -> Plan:
        """Make the plan from what the ledger knows, and learn sizes for it."""
        plan = self._plan()
        news = await self._read_shelves(plan)
        if await self._read_sizes(plan) or news:
            plan = self._plan()
        self.on_plan(plan)
        return plan

    async def _read_sizes(self, plan: Plan) -> bool:
        """Learn sizes from Jellyfin; the plan does not rest on them."""
        wanted = [item_id for one in plan.entries for item_id in one.target_ids]
        try:
            return await read_files(self.ledger, self.jellyfin, wanted)
        except ServerError:
            return False

    async def _read_shelves(self, plan: Plan) -> bool:
        """Learn from Sonarr about the episodes of the plan."""
        wanted = [
            item_id
            for one in plan.entries
            if one.kind is not MediaKind.MOVIE
            for item_id in one.target_ids
        ]
        if not (wanted and self.connections.sonarr):
            return False
        try:
            return await read_shelves(
                self.ledger,
                self.connections,
                self.series_owners,
                self.ledger.series_of(wanted),
            )
        except ServerError:
            return False

    def _plan(self) -> Plan:
        return plan_cleanup(
            self.ledger,
            self.chosen.rules,
            now=self.clock(),
            grace=self.chosen.grace,
            favorites_keep=self.chosen.limits.favorites_keep,
        )

    def review(self, plan: Plan) -> list[str]:
        """Return what speaks for an outage, after comparing with the last sync."""
        libraries = managed_libraries(self.ledger.libraries(), self.chosen.managed)
        self.measure = measure(
            plan,
            self.ledger.state(),
            now=self.clock(),
            scope=[library.library_id for library in libraries],
            deleted=self.ledger.deleted_count(),
            clock_error=self.clock_error,
        )
        after = review(self.breaker(), self.measure)
        self.ledger.set_breaker_state(after.to_mapping())
        self.clock_error = 0
        return [say(finding.reason) for finding in after.findings]

    def breaker(self) -> BreakerState:
        """Return what the breaker remembers."""
        return BreakerState.from_mapping(self.ledger.breaker_state())

    def go_on(self) -> None:
        """Somebody has looked at every finding and found it right."""
        state = self.breaker()
        if self.measure is None:
            return
        for finding in state.findings:
            state = lift(state, finding.suspicion, self.measure)
        self.ledger.set_breaker_state(state.to_mapping())

    def facts(self) -> list[MediaFacts]:
        """Return what is known at this moment."""
        return self.ledger.facts(self.clock())

    def key_of(self, item_id: str) -> MediaKey | None:
        """Return the key of a title that an inventory has listed."""
        for fact in self.facts():
            if fact.item.item_id == item_id:
                return fact.key
        return None

    def has_episodes(self, item_id: str) -> bool:
        """Return whether a title is no empty folder."""
        return any(
            fact.item.kind in (MediaKind.MOVIE, MediaKind.EPISODE)
            and item_id in (fact.item.item_id, fact.item.series_id, fact.item.season_id)
            for fact in self.facts()
        )

    def close(self) -> None:
        """End in good order."""
        self.ledger.close()
