"""A life: the house, its servers and the product over it, day after day.

A life is told by a seed, or by the list of steps that the seed has led to. It can be
stopped at any dawn, copied, and lived on from there more than once. It is long because
a day, and what every hour of it does to all parts of the house, is read in one go.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
import shutil
import tempfile
from typing import Any
from unittest.mock import patch

import aiohttp

from custom_components.oxicleanarr import keeper as keeper_module
from custom_components.oxicleanarr.cleanup import Limits, Plan, say
from custom_components.oxicleanarr.household import (
    Clock,
    Event,
    KeeperError,
    KeeperSettings,
    Servers,
)
from custom_components.oxicleanarr.keeper import Keeper
from custom_components.oxicleanarr.ledger import (
    Committed,
    DeletionOutcome,
    Ledger,
    LedgerError,
    SyncBatch,
)
from custom_components.oxicleanarr.model import MediaFacts, MediaKind
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from custom_components.oxicleanarr.servers import (
    Connections,
    Jellyfin,
    Jellystat,
    ServerError,
    http,
    jellystat as jellystat_module,
)
from simulators import JellystatSimulator
from simulators.faults import Answer
from simulators.server import Simulator
from tests.home import DAY, HOUR

from .bailiff import Bailiff
from .estate import Estate, settle_in
from .house import House, furnish
from .judge import Judge, JudgedJellyfin

JELLYFIN = ("10.11.11", "10.10.7", "12.0")
JELLYSTAT = ("1.1.8", "1.1.4", None, "1.1.2")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where ledgers are written fast; a power cut is played by copying them."""
PATIENCE = 10.0
"""Seconds that a server may take to answer."""
GRACE = 3 * DAY
MORNING = 22 * HOUR
EVENING = 2 * HOUR

type Step = tuple[str | int | bool, ...]
"""What happens (the name of a method) and to whom."""


@dataclass(frozen=True)
class Day:
    """What happens before the full sync of a day, and between that and the poll."""

    night: tuple[Step, ...] = ()
    day: tuple[Step, ...] = ()


type Story = Sequence[Day]


def rules(number: int) -> RetentionRules:
    """Return one of the sets of rules between which a household changes its mind."""
    week = StandardRules(
        movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
    )
    short = StandardRules(
        movie_retention=parse_duration("2d"), tv_retention=parse_duration("2d")
    )
    return (
        RetentionRules(standard=short),
        RetentionRules(standard=week),
        RetentionRules(
            standard=week,
            advanced=(
                TagRule(
                    name="quick",
                    tag="quick",
                    retention=parse_duration("1d"),
                    require_watched=True,
                ),
                TagRule(name="stay", tag="stay", retention=NEVER),
                EpisodeRule(
                    name="newest two",
                    max_episodes=2,
                    max_age=parse_duration("5d"),
                    require_watched=True,
                ),
            ),
        ),
        RetentionRules(
            standard=short,
            advanced=(
                WatchedRule(
                    name="everybody",
                    retention=parse_duration("1d"),
                    require_watched=True,
                    watched_by=Watchers.ALL,
                ),
            ),
        ),
        RetentionRules(
            standard=StandardRules(
                movie_retention=parse_duration("30d"),
                tv_retention=parse_duration("65d"),
                retention_base=RetentionBase.LAST_WATCHED_OR_ADDED,
            )
        ),
        RetentionRules(
            standard=StandardRules(
                movie_retention=parse_duration("3d"),
                tv_retention=parse_duration("3d"),
                unwatched_behavior=UnwatchedBehavior.ADDED,
                unwatched_retention=parse_duration("70d"),
            )
        ),
        RetentionRules(
            standard=week,
            advanced=(
                UserRule(
                    name="hers",
                    users=(
                        UserEntry(username="alice", retention=parse_duration("2d")),
                    ),
                    require_watched=True,
                ),
            ),
        ),
    )[number]


RULE_SETS = 6
OWNED_RULE_SETS = 7
"""With somebody to ask who requested a title."""


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
    def settings(self) -> KeeperSettings:
        """Return it as the keeper is told."""
        return KeeperSettings(
            libraries=self.managed,
            rules=self.rules,
            full_sync_interval=6 * HOUR,
            grace=self.grace,
            limits=self.limits,
            dry_run=False,
            import_exclusion=True,
            seerr_cleanup=self.forget_requests,
        )


class WitnessedLedger(Ledger):
    """A ledger that says when a sync is complete and on disk."""

    on_sync: Callable[[bool], None] = staticmethod(lambda full: None)

    def begin_sync(self, *, complete: bool) -> SyncBatch:
        """Return a batch whose end is noticed."""
        batch = super().begin_sync(complete=complete)
        commit = batch.commit

        def witnessed(**what: Any) -> Committed:
            """Write it down, then say so."""
            committed = commit(**what)
            self.on_sync(complete)
            return committed

        batch.commit = witnessed  # type: ignore[method-assign]
        return batch


def employ(ledger: Ledger, servers: Servers, chosen: Chosen, clock: Clock) -> Keeper:
    """Return a keeper that may delete by itself whatever it finds due."""
    return Keeper(
        ledger, servers, chosen.settings, clock, lambda recycled: chosen.limits
    )


@dataclass
class Life:
    """One life under way."""

    house: House
    server: JudgedJellyfin
    history: JellystatSimulator | None
    judge: Judge
    chosen: Chosen
    session: aiohttp.ClientSession
    timeout: float = PATIENCE
    estate: Estate | None = None
    keeper: Keeper = field(init=False)
    outcome: str = ""
    """Why nothing could be deleted at the last look at the servers, if so."""
    days: int = 0
    steps: int = 0
    deaths: int = 0
    graveyard: list[Keeper] = field(default_factory=list)
    _active: dict[tuple[str, str], int] = field(default_factory=dict)
    _started: bool = False
    """Whether this process has shown what it knew."""
    _seen: Plan | None = None
    """The plan that the judge has seen last."""
    looking: asyncio.Task[str] | None = None
    """The look at the servers that is under way."""

    def __post_init__(self) -> None:
        """Start the product."""
        self.keeper = self._start()

    # --- living -----------------------------------------------------------------------

    async def live(self, day: Day) -> None:
        """Let a day pass, with its two looks at the servers."""
        self.house.nightfall()
        for steps, time in ((day.night, MORNING), (day.day, EVENING)):
            for step in steps:
                await self.do(step)
            await self.look(time)
        self.days += 1

    async def do(self, step: Step) -> bool:
        """Let something happen; return whether it could."""
        name, *arguments = step
        done: bool
        if hasattr(Life, f"user_{name}"):
            done = await getattr(self, f"user_{name}")(*arguments)
        else:
            who = self.house if hasattr(House, str(name)) else self.estate
            done = getattr(who, str(name))(*arguments)
        self.steps += done
        self.house.note_ids()
        if self.estate is not None:
            self.estate.note_wishes()
            self.judge.wrongs += self.estate.wrongs
            self.estate.wrongs.clear()
        return done

    async def look(self, after: timedelta) -> None:
        """Let the product look at the servers, in a task that can be killed."""
        self.house.clock.wait(after)
        self.keeper.settings = self.chosen.settings
        self.looking = asyncio.create_task(self._look())
        try:
            self.outcome = await self.looking
        except asyncio.CancelledError, Died:
            self.outcome = "died"
            await self.restart(died=True)
        finally:
            self.looking = None
        if self.outcome:
            self.judge.trouble_at = self.house.clock()
        if self.estate is not None:
            if not self.keeper.ledger.unsettled():
                self.judge.wrongs += self.estate.unwanted_changes()
            self.estate.night_is_over()
        assert not self.judge.wrongs, self.judge.wrongs

    async def _look(self) -> str:
        """Look as Home Assistant does every few minutes; return what is in the way."""
        try:
            if not self._started:
                await self.keeper.connect()
                await self.keeper.load()
                self._started = True
            await self.keeper.tick()
        except (ServerError, LedgerError, KeeperError) as err:
            return str(err) or type(err).__name__
        return " ".join(say(blocker.reason) for blocker in self.keeper.blockers)

    def _heard(self, event: Event) -> None:
        """Let the judge see every plan."""
        overview = self.keeper._overview
        if overview and overview.plan and overview.plan is not self._seen:
            self._seen = overview.plan
            self.judge.plan_made(overview.plan)

    def kill(self) -> None:
        """End the process in the middle of what it does."""
        if self.looking is not None:
            self.looking.cancel()

    async def check(self) -> None:
        """Look once more at servers that have not changed, and at what must not go back.

        The same answers lead to the same facts; what was ever active stays so; what
        has gone by our hand is in the journal, with a reason.
        """
        before = self.activity()
        for key, at in self._active.items():
            assert before.get(key, 0) >= at, f"activity of {key} went back"
        self._active = before
        journal = self.keeper.ledger.deletions(10_000)
        # Each file has one row more for every time it was brought back and deleted.
        gone = Counter(one.title for one in self.house.deleted)
        written = Counter(
            row.title
            for row in journal
            if row.outcome is not DeletionOutcome.FAILED and row.rule and row.reason
        )
        assert gone <= written, f"not in the journal: {gone - written}"
        if self.outcome:
            return
        await self.keeper.sync(full=True)
        once = self.facts()
        there = {
            name
            for name in self.house.listed()
            if self.house.shelf[name].library.id in (self.chosen.managed or ())
        }
        assert once.keys() == there, "known and listed are not the same"
        await self.keeper.sync(full=True)
        assert self.facts() == once, "the same answers led to other facts"

    async def look_for_all(self) -> None:
        """Let Radarr and Sonarr download whatever they would: nothing that we deleted."""
        if self.estate is not None:
            assert await self.do(("search",))
            assert await self.do(("list_sync",))
        assert not self.judge.wrongs, self.judge.wrongs

    def activity(self) -> dict[tuple[str, str], int]:
        """Return when each user was last active with each id, as it is remembered."""
        with self.keeper.ledger._database.reading() as connection:
            return {
                (item_id, user_id): at
                for item_id, user_id, at in connection.execute(
                    "SELECT item_id, user_id, last_at FROM activity"
                )
            }

    async def restart(self, *, died: bool = False) -> None:
        """End the process, or find it dead, and start a new one over the same file.

        What a dead process had not on disk is lost: the next one gets a copy.
        """
        if died:
            self.deaths += 1
            self.graveyard.append(self.keeper)
            path = self.judge.ledger.with_name(f"{self.deaths}-{self.days}.db")
            copy_ledger(self.judge.ledger, path)
            self.judge.ledger = path
        else:
            await self.keeper.close()
        self.keeper = self._start()

    def _start(self) -> Keeper:
        """Open the ledger and connect the servers, as a start does."""
        ledger = WitnessedLedger(self.judge.ledger)
        ledger.on_sync = lambda full: self.house.synced(full=full)
        history = None
        if self.history is not None:
            history = Jellystat(
                self.session,
                self.history.url,
                self.history.api_key,
                timeout=self.timeout,
            )
        servers = Servers(
            Jellyfin(
                self.session,
                self.server.url,
                self.server.api_key,
                timeout=self.timeout,
            ),
            history,
            self.estate.connections(self.session, self.timeout)
            if self.estate is not None
            else Connections(),
        )
        clock = Clock(self.house.clock, lambda: self.house.clock.elapsed)
        keeper = employ(ledger, servers, self.chosen, clock)
        keeper.listen(self._heard)
        self._started, self._seen = False, None
        return keeper

    def servers(self) -> dict[str, Simulator]:
        """Return all servers by their names."""
        found: dict[str, Simulator] = {"jellyfin": self.server}
        if self.history is not None:
            found["jellystat"] = self.history
        if self.estate is not None:
            found |= {server.name: server for server in self.estate.servers}
        return found

    # --- what is known ------------------------------------------------------------------

    def _known(self, what: str) -> str | None:
        """Return the id of a title that an inventory has listed."""
        item = self.house.find(what)
        return item.id if item is not None and item.id in self._facts() else None

    def _facts(self) -> dict[str, MediaFacts]:
        """Return what the product knows at this moment, by item id."""
        facts = self.keeper.ledger.facts(self.house.clock())
        return {fact.item.item_id: fact for fact in facts}

    # --- what its user does -------------------------------------------------------------

    async def user_keep(self, what: str, days: int) -> bool:
        """The user keeps something, for some days or for good (0)."""
        item_id = self._known(what)
        if item_id is None:
            return False
        until = self.house.clock() + days * DAY if days else None
        await self.keeper.keep(item_id, until, "")
        for one in self.house.same_as(what):
            self.house.kept.pop(one, None)
        self.house.kept[what] = until
        return True

    async def user_unkeep(self, what: str) -> bool:
        """The user takes that back."""
        item_id = self._known(what)
        if item_id is None or what not in self.house.kept:
            return False
        await self.keeper.unkeep(item_id)
        for one in self.house.same_as(what):
            self.house.kept.pop(one, None)
        return True

    async def user_by_hand(self, what: str, days: int) -> bool:
        """The user wants something gone, whatever the rules say."""
        item_id = self._known(what)
        if item_id is None or not any(
            fact.item.kind in (MediaKind.MOVIE, MediaKind.EPISODE)
            and item_id in (fact.item.item_id, fact.item.series_id, fact.item.season_id)
            for fact in self._facts().values()
        ):
            return False
        await self.keeper.schedule(item_id, self.house.clock() + days * DAY)
        return True

    async def user_not_by_hand(self, what: str) -> bool:
        """The user leaves it to the rules again."""
        item_id = self._known(what)
        if item_id is None:
            return False
        await self.keeper.schedule(item_id, None)
        return True

    async def user_rules(self, number: int) -> bool:
        """The user changes the rules."""
        self.chosen.rules = rules(number)
        await self.keeper.adopt(self.chosen.settings)
        return True

    async def user_restart(self) -> bool:
        """Home Assistant is started anew."""
        await self.restart()
        return True

    async def user_crash(self) -> bool:
        """The power fails."""
        await self.restart(died=True)
        return True

    async def user_go_on(self) -> bool:
        """Somebody has looked at all findings of the breaker."""
        if self.keeper._overview is None:
            return False
        try:
            for finding in self.keeper.overview.findings:
                await self.keeper.lift(finding.identity)
        except ServerError, LedgerError, KeeperError:
            self.judge.trouble_at = self.house.clock()
            return False
        return True

    async def user_jump(self, hours: int) -> bool:
        """Somebody moves the hands of the clock."""
        self.house.clock.jump(hours * HOUR)
        return True

    async def user_pass(self, hours: int) -> bool:
        """Nobody looks for some hours, for the power is off."""
        self.house.clock.wait(hours * HOUR)
        return True

    # --- dawn ---------------------------------------------------------------------------

    def dawn(self) -> Dawn:
        """Return a copy of everything, from which this life can be lived again."""
        self.keeper.ledger.checkpoint()
        return Dawn(
            deepcopy(
                (
                    self.house,
                    self.chosen,
                    self.judge.announced,
                    self.judge.trouble_at,
                    self.server.finder.stale,
                    self.estate.rows() if self.estate else None,
                )
            ),
            self.judge.ledger.read_bytes(),
            {name: dict(server._answers) for name, server in self.servers().items()},
            self.server.version,
            self.history.version if self.history else None,
        )

    def facts(self) -> dict[str, MediaFacts]:
        """Return what the product knows, by the names of the story."""
        names = {item.id: name for name, item in self.house.shelf.items()}
        return {
            names[item_id]: fact
            for item_id, fact in self._facts().items()
            if item_id in names
        }


class Died(BaseException):
    """The process ended between two instructions."""


@dataclass(frozen=True)
class Dawn:
    """A life at the beginning of a day."""

    things: tuple[object, ...]
    ledger: bytes
    answers: dict[str, dict[str, Answer]]
    """What each server has answered, by its name."""
    jellyfin: str
    jellystat: str | None


def first_dawn(seed: int, *, owned: bool = False) -> Dawn:
    """Return the beginning of the life of a seed: its house and its servers.

    Where files are ``owned`` there are Radarr, Sonarr and Seerr.
    """
    house = furnish(owned=owned)
    managed = frozenset(
        library.id for library in house.household.libraries if library.name != "Kids"
    )
    sets = OWNED_RULE_SETS if owned else RULE_SETS
    chosen = Chosen(rules(seed % sets), managed, forget_requests=seed % 2 > 0)
    return Dawn(
        (
            house,
            chosen,
            {},
            None,
            {},
            settle_in(house, seed).rows() if owned else None,
        ),
        b"",
        {},
        JELLYFIN[seed % len(JELLYFIN)],
        JELLYSTAT[seed % len(JELLYSTAT)],
    )


@asynccontextmanager
async def live_from(
    dawn: Dawn, folder: Path, *, timeout: float = PATIENCE
) -> AsyncIterator[Life]:
    """Begin, or go on with, a life; the dawn stays as it is."""
    house, chosen, announced, trouble_at, stale, rows = deepcopy(dawn.things)
    assert isinstance(house, House)
    assert isinstance(chosen, Chosen)
    own = Path(tempfile.mkdtemp(dir=folder))
    path = own / "ledger.db"
    if dawn.ledger:
        path.write_bytes(dawn.ledger)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, own)
        server = await stack.enter_async_context(
            JudgedJellyfin(house.household, dawn.jellyfin)
        )
        server.finder.stale.update(stale)  # type: ignore[call-overload]
        history = None
        if dawn.jellystat is not None:
            history = await stack.enter_async_context(
                JellystatSimulator(house.household, dawn.jellystat)
            )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        judge = Judge(
            house,
            server,
            chosen,
            path,
            announced=announced,  # type: ignore[arg-type]
            trouble_at=trouble_at,  # type: ignore[arg-type]
            estate=await _estate(house, rows, stack),
        )
        server.before, server.after = judge.before, judge.after
        life = Life(
            house, server, history, judge, chosen, session, timeout, judge.estate
        )
        if life.estate is not None:
            bailiff = Bailiff(judge, life.estate)
            for witnessed in life.estate.servers:
                witnessed.before, witnessed.after = bailiff.before, bailiff.after
        for name, one in life.servers().items():
            one._answers |= dawn.answers.get(name, {})
        try:
            with quick(house):
                yield life
        finally:
            for keeper in (life.keeper, *life.graveyard):
                keeper.ledger.close()


async def _estate(house: House, rows: object, stack: AsyncExitStack) -> Estate | None:
    """Return the other servers of a house, listening, if it has any."""
    if not isinstance(rows, dict):
        return None
    estate = Estate.of(house)
    estate.take_over(rows)
    await estate.open(stack)
    return estate


@contextmanager
def quick(house: House) -> Iterator[None]:
    """Let nobody wait: pauses are over when the house's time has passed."""

    async def no_time(seconds: float) -> None:
        """Let no time pass."""

    def elapsed() -> float:
        """Return the seconds that have really passed."""
        return house.clock.elapsed

    with (
        patch.object(http, "_sleep", no_time),
        patch.object(http, "monotonic", elapsed),
        patch.object(jellystat_module, "monotonic", elapsed),
        # Two looks a day have to do.
        patch.object(keeper_module, "NOT_SEEN_AFTER", 23 * HOUR),
    ):
        yield


def copy_ledger(path: Path, to: Path) -> None:
    """Copy what is on disk, as a power cut leaves it."""
    for suffix in ("", "-wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copyfile(part, to.with_name(to.name + suffix))
