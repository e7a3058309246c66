"""A life: the house, its servers and the product over it, day after day.

A life is told by a seed, or by the list of steps that the seed has led to. It can be
stopped at any dawn, copied, and lived on from there more than once. It is long because
a day, and what every hour of it does to all parts of the house, is read in one go.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
import re
import shutil
import sqlite3
import tempfile
from typing import Any
from unittest.mock import patch

import aiohttp

from custom_components.oxicleanarr.cleanup import Plan, Prospect, say
from custom_components.oxicleanarr.household import (
    Clock,
    Event,
    KeeperError,
    NotPlannedError,
    Servers,
)
from custom_components.oxicleanarr.keeper import Keeper, open_household
from custom_components.oxicleanarr.ledger import (
    Committed,
    DeletionOutcome,
    Ledger,
    LedgerError,
    SyncBatch,
)
from custom_components.oxicleanarr.ledger.database import Database
from custom_components.oxicleanarr.model import MediaFacts, MediaKind
from custom_components.oxicleanarr.servers import (
    Connections,
    Jellyfin,
    Jellystat,
    ServerError,
    http,
    jellystat as jellystat_module,
)
from simulators import JellyfinSimulator, JellystatSimulator
from simulators.faults import Answer, Request
from simulators.server import Simulator
from tests.home import DAY, HOUR, START

from . import titles  # noqa: F401 - its trials join the others
from .bailiff import Bailiff
from .choices import OWNED_RULE_SETS, RULE_SETS, Chosen, rules
from .estate import Estate, settle_in
from .house import House, furnish
from .judge import Judge, JudgedJellyfin
from .lies import OwnersLie, altered
from .surveyor import Surveyor, surveyed
from .trials import TRIALS
from .world import Consent, Kind, Meddling, Past, Standing, Watched, World

JELLYFIN = ("10.11.11", "10.10.7", "12.0")
JELLYSTAT = ("1.1.8", "1.1.4", None, "1.1.2")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where ledgers are written fast; a power cut is played by copying them."""
PATIENCE = 10.0
"""Seconds that a server may take to answer."""
MORNING = 22 * HOUR
EVENING = 2 * HOUR
BREATH = 5.6 * HOUR
"""How long the product does nothing at most, while it runs."""
CLOCK, LEDGER = "clock", "ledger"
"""What somebody may have to look at, as the findings are called."""
_FILES = re.compile(r"/(Items|moviefile|episodefile)/\w+$")

type Step = tuple[str | int | bool, ...]
"""What happens (the name of a method) and to whom."""


@dataclass(frozen=True)
class Day:
    """What happens before the full sync of a day, and between that and the poll."""

    night: tuple[Step, ...] = ()
    day: tuple[Step, ...] = ()


type Story = Sequence[Day]


def witness(ledger: Ledger, on_sync: Callable[[bool], None]) -> None:
    """Let somebody know when a sync is complete and on disk, and whether a full one."""
    begin = ledger.begin_sync

    def begin_sync(*, complete: bool) -> SyncBatch:
        """Return a batch whose end is noticed."""
        batch = begin(complete=complete)
        commit = batch.commit

        def witnessed(**what: Any) -> Committed:
            """Write it down, then say so."""
            committed = commit(**what)
            on_sync(complete)
            return committed

        batch.commit = witnessed  # type: ignore[method-assign]
        return batch

    ledger.begin_sync = begin_sync  # type: ignore[method-assign]


def employ(ledger: Ledger, servers: Servers, chosen: Chosen, clock: Clock) -> Keeper:
    """Return a keeper that may delete by itself whatever it finds due."""
    return Keeper(ledger, servers, chosen.settings, clock, chosen.may_go)


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
    world: World = field(default_factory=World)
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
    on_looked: Callable[[], None] | None = None
    """Told whenever the product has looked and nothing is under way."""
    meddlers: list[asyncio.Task[bool]] = field(default_factory=list)
    """What the user does during that look."""
    transactions: int = 0
    """How many there were in that look."""
    _clocks: tuple[timedelta, float] | None = None
    """By how much this process's clock was wrong at its last look, and since when."""

    def __post_init__(self) -> None:
        """Start the product, under the eyes of all."""
        self.keeper = self._start()
        self.disguise()
        for name, server in self.servers().items():
            assert isinstance(server, Watched)
            server.answered = self._answered
            if name not in ("jellyfin", "jellystat"):
                server.alter = partial(self._altered, name)

    # --- living -----------------------------------------------------------------------

    async def live(self, day: Day) -> None:
        """Let a day pass, with its looks at the servers."""
        self.nightfall()
        for steps, time in ((day.night, MORNING), (day.day, EVENING)):
            for step in steps:
                await self.do(step)
            await self.look(time)
        self.days += 1

    def nightfall(self) -> None:
        """Let a day begin: lies grow or end, and a backup is made."""
        self.house.nightfall()
        for lie in list(self.world.lies):
            lie.days -= 1
            if lie.days < 0:
                lie.end(self.house)
                self.world.lies.remove(lie)
            else:
                lie.nightfall(self.house)
        if self.world.impostor:
            self.world.impostor -= 1
            self.disguise()
        if self.world.has(Kind.RESTORED) and self._started:
            self.keeper.ledger.checkpoint()
            self.world.past.append(
                Past(
                    self.house.clock.elapsed,
                    self.judge.ledger.read_bytes(),
                    dict(self.house.kept),
                    dict(self.house.by_hand),
                    dict(self.house.life),
                    dict(self.house.missed),
                )
            )

    async def do(self, step: Step) -> bool:
        """Let something happen; return whether it could."""
        name, *arguments = step
        done: bool
        if name in TRIALS:
            done = await TRIALS[str(name)](self, *arguments)
        elif hasattr(Life, f"user_{name}"):
            done = await getattr(self, f"user_{name}")(*arguments)
        elif hasattr(House, str(name)):
            done = getattr(self.house, str(name))(*arguments)
        elif self.house.household.disk.away:
            # What Radarr and Sonarr make of that is told of by itself.
            done = False
        else:
            who = self.estate
            done = getattr(who, str(name))(*arguments)
        self.steps += done
        self.house.note_ids()
        if self.estate is not None:
            self.estate.note_wishes()
            self.judge.wrongs += self.estate.wrongs
            self.estate.wrongs.clear()
        return done

    async def look(self, after: timedelta) -> None:
        """Let time pass, and the product look at the servers every few hours."""
        looks = -(-after // BREATH)
        for _ in range(looks):
            await self._look_after(after / looks)
        if self.estate is not None:
            if not self.keeper.ledger.unsettled():
                self.judge.wrongs += self.estate.unwanted_changes()
            self.estate.night_is_over()
        self.world.full_disk = 0
        self.world.meddling.clear()
        assert not self.judge.wrongs, self.judge.wrongs

    async def _look_after(self, time: timedelta) -> None:
        """Let the product look at the servers, in a task that can be killed."""
        self.house.clock.wait(time)
        self._notice_the_clock()
        self.keeper.settings = self.chosen.settings
        self.transactions = 0
        self.looking = asyncio.create_task(self._look())
        try:
            self.outcome = await self.looking
        except asyncio.CancelledError, Died:
            self.outcome = "died"
            await self.restart(died=True)
        finally:
            self.looking = None
        for meddler in self.meddlers:
            await meddler
        self.meddlers.clear()
        self.world.standings.clear()
        self.judge.under_way.clear()
        if self._started:
            Surveyor(self.judge).read_journal()
        if self.outcome:
            self.judge.trouble_at = self.house.clock()
        if self.on_looked is not None:
            self.on_looked()

    def _notice_the_clock(self) -> None:
        """Note that somebody has to look, if the clock moved under this process."""
        clock = self.house.clock
        wrong = clock.shown() - START - timedelta(seconds=clock.elapsed)
        if self._clocks is not None and abs(wrong - self._clocks[0]) > 2 * HOUR:
            if self.world.has(Kind.FINDING):
                self.world.must_look.add(CLOCK)
        self._clocks = (wrong, clock.elapsed)

    # --- in the middle of a look --------------------------------------------------------

    async def _answered(self, request: Request) -> None:
        """Let the user do something, for a server has answered."""
        world = self.world
        world.requests += 1
        file_went = request.method == "DELETE" and bool(_FILES.search(request.path))
        world.deletes += file_went
        for one in list(world.meddling):
            place = world.meddling.index(one)
            if one.deletes and file_went:
                world.meddling[place] = one = replace(one, deletes=one.deletes - 1)
            if one.request and self.looking is not None:
                world.meddling[place] = one = replace(one, request=one.request - 1)
            if not one.deletes and not one.request:
                world.meddling.remove(one)
                await self._meddle(one)

    async def _meddle(self, meddling: Meddling) -> None:
        """Do something while the product looks, which may hold the lock for long."""
        world, (name, *arguments) = self.world, meddling.step
        standing = Standing(
            world.requests,
            replace(self.chosen),
            dict(self.house.kept),
            dict(self.house.by_hand),
            world.consents,
        )
        world.standings.append(standing)
        if hasattr(House, str(name)):
            world.meddled.append((world.requests, str(arguments)))
        task = asyncio.create_task(self.do(meddling.step))
        self.meddlers.append(task)
        await asyncio.wait([task], timeout=0.02)

    def _altered(self, name: str, request: Request, content: Any) -> Any:
        """Return what a server says instead, if it lies."""
        lies = [
            lie
            for lie in self.world.lies
            if isinstance(lie, OwnersLie) and lie.server == name
        ]
        return altered(lies, request, content)

    def disguise(self) -> None:
        """Let Jellyfin show the id of another server, or its own."""
        own = JellyfinSimulator(self.house.household, self.server.version).server_id
        shown = own[::-1] if self.world.impostor else own
        self.chosen.server_id = own
        self.server.server_id = self.server.rows.server_id = shown

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
        since = self.world.counted_from
        # What went at the last look before a backup was put back is not in that.
        gone = Counter(one.title for one in self.house.deleted if one.elapsed > since)
        written = Counter(
            row.title
            for row in journal
            if row.outcome is not DeletionOutcome.FAILED and row.rule and row.reason
        )
        assert gone <= written, f"not in the journal: {gone - written}"
        if self.outcome or not self.world.honest or self.house.clock.wrong_by:
            return
        await self.keeper.sync(full=True)
        once = self.facts()
        there = {
            name
            for name in self.house.listed()
            if self.house.libraries_of(self.house.shelf[name])
            & (self.chosen.managed or frozenset())
        }
        # What has become a version of another row is known only from before.
        listed = there - self.house.hidden
        assert listed <= once.keys() <= there, "known and listed are not the same"
        await self.keeper.sync(full=True)
        assert self.facts() == once, "the same answers led to other facts"

    async def look_for_all(self) -> None:
        """Let Radarr and Sonarr download whatever they would: nothing that we deleted."""
        for library in self.house.household.libraries:
            await self.do(("plug_in", library.name))
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
                    "SELECT item_id, user_id, max(last_at) FROM activity GROUP BY 1, 2"
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
        opened = open_household(
            self.judge.ledger, self.house.clock.shown(), self.world.ledger_id
        )
        ledger, self.world.ledger_id = opened.ledger, opened.ledger_id
        witness(ledger, self._synced)
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
        clock = Clock(self.house.clock.shown, self.house.clock.monotonic, no_time)
        keeper = employ(ledger, servers, self.chosen, clock)
        keeper.listen(self._heard)
        self._started, self._seen, self._clocks = False, None, None
        return keeper

    def _synced(self, full: bool) -> None:
        """Tell everybody that a sync is complete."""
        house = self.house
        house.synced(full=full)
        self.world.synced(house.clock.elapsed, full=full)
        if full:
            self.world.copies = house.copies(self.chosen.managed)
            self.world.libraries = {one.id for one in house.household.libraries}
        if full and self.world.kinds & {Kind.USERS, Kind.SIGHT}:
            users = house.household.users
            self.world.known = {user.id for user in users}
            self.world.met = {
                (user.id, name)
                for user in users
                for name, item in house.shelf.items()
                if house.household.data(user, item).favourite
            }

    async def begin_anew(self, change: Callable[[Path], None]) -> None:
        """End the process, change its ledger on disk, and start a new one over that."""
        await self.keeper.close()
        for suffix in ("-wal", "-shm"):
            path = self.judge.ledger
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        change(self.judge.ledger)
        self._active = {}
        self.world.counted_from = self.house.clock.elapsed
        self.keeper = self._start()

    async def adopt(self) -> None:
        """Let the product know what the user has chosen."""
        try:
            await self.keeper.adopt(self.chosen.settings)
        except ServerError, LedgerError, KeeperError:
            # It is taken over all the same; the next look reads the servers again.
            return

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
        title = self.house.find(what)
        for one in self.house.names_of(title) if title is not None else ():
            self.house.wished_back.pop(one, None)
        for one in self.house.same_as(what):
            self.house.kept.pop(one, None)
        self.house.kept[what] = until
        self.world.lost_keeps.discard(what)
        gone = self.house.names_of(self.house.shelf[what])
        self.world.consents = tuple(
            one for one in self.world.consents if not one.names & gone
        )
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

    async def user_wish_back(self, what: str) -> bool:
        """An admin wants a title or a series back that our product has deleted, twice."""
        assert self.estate is not None
        rows = await self.keeper.deletions(1000)
        number = next(
            (
                row.entry_id
                for row, found, _ in rows
                if found is Prospect.POSSIBLE and what in (row.title, row.series)
            ),
            None,
        )
        if number is None:
            return False
        title = self.keeper.ledger.deleted_title(number)
        assert title is not None
        self.estate.wishes |= {
            (one.connection_id, "title", one.provider_id) for one in title.setups
        }
        for row in title.deleted:
            self.house.wished_back[row.title] = self.house.clock()
        await asyncio.gather(
            *(self.keeper.bring_back([number]) for _ in range(2)),
            return_exceptions=True,
        )
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
        at = self.house.clock() + days * DAY
        await self.keeper.schedule(item_id, at)
        self.house.by_hand[what] = at
        return True

    async def user_not_by_hand(self, what: str) -> bool:
        """The user leaves it to the rules again."""
        item_id = self._known(what)
        if item_id is None:
            return False
        await self.keeper.schedule(item_id, None)
        for one in self.house.same_as(what):
            self.house.by_hand.pop(one, None)
        return True

    async def user_approve(self, *what: str) -> bool:
        """An admin approves what is to go of some titles, as the plan shows it."""
        overview = self.keeper._overview
        plan = overview.plan if overview else None
        shown = [
            entry
            for entry in (plan.entries if plan else ())
            if {self.house.names[one] for one in entry.target_ids} & set(what)
        ]
        if not shown:
            return False
        approved = await self.keeper.approve([one.item_id for one in shown])
        self.world.consents += tuple(
            Consent(
                entry.item_id,
                frozenset(self.house.names[one] for one in entry.target_ids),
                entry.rule,
                self.house.clock.elapsed,
            )
            for entry in shown
            if approved.get(entry.item_id)
        )
        return True

    async def user_take_back(self, *what: str) -> bool:
        """Somebody takes the approval of some titles back."""
        back = [one for one in self.world.consents if one.names & set(what)]
        if not back:
            return False
        with suppress(NotPlannedError):
            # What has left the plan is not approved anyway.
            await self.keeper.unapprove([one.item_id for one in back])
        self.world.consents = tuple(
            one for one in self.world.consents if one not in back
        )
        return True

    async def user_asks(self, first: bool) -> bool:
        """The user wants to be asked first, or no more."""
        self.chosen.rules = replace(self.chosen.rules, approval=first)
        await self.keeper.adopt(self.chosen.settings)
        return True

    async def user_rules(self, number: int) -> bool:
        """The user changes the rules."""
        self.chosen.rules = replace(rules(number), approval=self.chosen.rules.approval)
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
        """Somebody has looked at all findings of the breaker, and found them right.

        Whoever looks sees what is true: a lie and a wrong clock are not accepted.
        """
        if self.keeper._overview is None:
            return False
        if not self.world.honest or self.house.clock.wrong_by:
            return False
        shown = " ".join(one.suspicion for one in self.keeper.overview.findings)
        try:
            for finding in self.keeper.overview.findings:
                await self.keeper.lift(finding.identity)
        except ServerError, LedgerError, KeeperError:
            self.judge.trouble_at = self.house.clock()
            return False
        for why in sorted(self.world.must_look):
            if why in shown:
                self.world.must_look.discard(why)
        if LEDGER in shown:
            # Whoever has seen that knows that nothing is kept any more, but what is since.
            for one in self.world.lost_keeps:
                self.house.kept.pop(one, None)
            self.world.lost_keeps.clear()
            self.world.shown.clear()
            self.world.consents = ()
        return True

    async def user_jump(self, hours: int) -> bool:
        """Somebody moves the hands of the clock.

        What was played before was not played after this moment, whatever its date is.
        """
        house = self.house
        house.clock.jump(hours * HOUR)
        now = house.clock()
        house.active_at = {who: min(at, now) for who, at in house.active_at.items()}
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
                    self.world,
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


class WatchedJellystat(Watched, JellystatSimulator):
    """A Jellystat that tells when it has answered."""


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


def first_dawn(
    seed: int, *, owned: bool = False, kinds: frozenset[Kind] = frozenset()
) -> Dawn:
    """Return the beginning of the life of a seed: its house and its servers.

    Where files are ``owned`` there are Radarr, Sonarr and Seerr. With ``kinds`` it is
    a life in a wider world, which is hostile in these ways.
    """
    house = furnish(owned=owned, wider=bool(kinds))
    managed = frozenset(
        library.id for library in house.household.libraries if library.name != "Kids"
    )
    sets = OWNED_RULE_SETS if owned else RULE_SETS
    chosen = Chosen(rules(seed % sets), managed, forget_requests=seed % 2 > 0)
    chosen.rules = replace(chosen.rules, approval=Kind.APPROVAL in kinds)
    house.marks_part = Kind.USERS not in kinds
    if Kind.CAP in kinds:
        chosen.limits = replace(chosen.limits, max_items=1 + seed % 3)
    return Dawn(
        (
            house,
            chosen,
            {},
            None,
            {},
            settle_in(house, seed).rows() if owned else None,
            World(kinds),
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
    house, chosen, announced, trouble_at, stale, rows, world = deepcopy(dawn.things)
    assert isinstance(house, House)
    assert isinstance(chosen, Chosen)
    assert isinstance(world, World)
    own = Path(tempfile.mkdtemp(dir=folder))
    path = own / "ledger.db"
    if dawn.ledger:
        path.write_bytes(dawn.ledger)
        be_the_same_file(path)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, own)
        server = await stack.enter_async_context(
            JudgedJellyfin(house.household, dawn.jellyfin)
        )
        server.finder.stale.update(stale)  # type: ignore[call-overload]
        history = None
        if dawn.jellystat is not None:
            history = await stack.enter_async_context(
                WatchedJellystat(house.household, dawn.jellystat)
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
            world=world,
        )
        server.before, server.after = judge.before, judge.after
        life = Life(
            house,
            server,
            history,
            judge,
            chosen,
            session,
            timeout,
            judge.estate,
            world,
        )
        if life.estate is not None:
            bailiff = Bailiff(judge, life.estate)
            for witnessed in life.estate.servers:
                witnessed.before, witnessed.after = bailiff.before, bailiff.after
        for name, one in life.servers().items():
            one._answers |= dawn.answers.get(name, {})
        try:
            with quick(house), crowded_disk(life), surveyed(judge):
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


async def no_time(seconds: float) -> None:
    """Let no time pass, but others have their turn."""
    await asyncio.sleep(0)


@contextmanager
def quick(house: House) -> Iterator[None]:
    """Let nobody wait: pauses are over when the house's time has passed."""

    def elapsed() -> float:
        """Return the seconds that have really passed."""
        return house.clock.elapsed

    with (
        patch.object(http, "_sleep", no_time),
        patch.object(http, "monotonic", elapsed),
        patch.object(jellystat_module, "monotonic", elapsed),
    ):
        yield


@contextmanager
def crowded_disk(life: Life) -> Iterator[None]:
    """Let the disk be full for one transaction of a look, where the world has that."""
    if not life.world.has(Kind.FINDING):
        yield
        return
    original = Database.transaction

    @contextmanager
    def transaction(database: Database) -> Iterator[sqlite3.Connection]:
        """Be a transaction, or fail as one does."""
        if life.looking is not None and life.world.full_disk:
            life.transactions += 1
            if life.transactions == life.world.full_disk:
                life.world.full_disk = 0
                raise LedgerError("database or disk is full")
        with original(database) as connection:
            yield connection

    with patch.object(Database, "transaction", transaction):
        yield


def copy_ledger(path: Path, to: Path) -> None:
    """Copy what is on disk, as a power cut leaves it."""
    for suffix in ("", "-wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copyfile(part, to.with_name(to.name + suffix))
    be_the_same_file(to)


def be_the_same_file(path: Path) -> None:
    """Let a copy pass for the file that it is a copy of, and not for a backup's."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(
                "UPDATE state SET value = ? WHERE name = 'file'", (path.stat().st_ino,)
            )
    except sqlite3.OperationalError:
        # The process died before there was a table.
        pass
    finally:
        connection.close()
