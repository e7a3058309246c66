"""One fault, at one request or one write, and what a life makes of it.

A life is lived once without faults. Then it is lived again from the dawn of a day, with
one fault in that day, and two whole days without: it must not have deleted anything
that the first life has not, and not sooner, and must know the same in the end.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
import sqlite3
from unittest.mock import patch

from custom_components.oxicleanarr.ledger import LedgerError
from custom_components.oxicleanarr.ledger.database import Database
from custom_components.oxicleanarr.model import MediaFacts
from custom_components.oxicleanarr.servers import (
    arr as arr_module,
    jellyfin as jellyfin_module,
    seerr as seerr_module,
)
from simulators import Fault, FaultKind

from .house import Deleted
from .life import PATIENCE, Dawn, Day, Died, Life, Story, first_dawn, live_from
from .teller import Teller
from .world import Kind

RECOVERY = 2
"""Days after the fault, until everything has to be as if it had not been."""
SHORT = 0.3
"""Seconds of patience with a server that does not answer."""


type State = tuple[int, int, bytes]
"""The day, the look within it, and the state that all was in after that."""


class AsBefore(Exception):
    """All is as it was in another life, which went well."""


class Death(StrEnum):
    """How the process ends at a request."""

    ASKED = "dies when it has asked"
    ANSWERED = "dies when the server has done it"


class WriteFault(StrEnum):
    """What goes wrong with a transaction of the ledger."""

    FULL = "the disk is full at its begin"
    FULL_LATE = "the disk is full at its end"
    DIES = "the process dies before it"
    DIES_LATE = "the process dies after it"


REQUEST_FAULTS: tuple[FaultKind | Death, ...] = (
    *(kind for kind in FaultKind if kind is not FaultKind.SLOW),
    *Death,
)
# Reads that fail in these ways are tried three times.
PATIENT = frozenset(
    {
        FaultKind.BAD_GATEWAY,
        FaultKind.STARTING,
        FaultKind.DISCONNECT,
        FaultKind.DISCONNECT_AFTER,
    }
)


@dataclass(frozen=True)
class Point:
    """One place in a day at which one thing goes wrong."""

    kind: FaultKind | Death | WriteFault
    number: int
    """Of the day's requests, or of its transactions."""
    times: int = 1
    where: str = "ledger"
    """The server that is asked."""

    def __str__(self) -> str:
        """Return it in words."""
        where = "transaction" if isinstance(self.kind, WriteFault) else "request"
        return f"{self.kind} at {where} {self.number}, {self.times} times"


@dataclass
class Trap:
    """Counts the requests and transactions of a day, and strikes at one of them."""

    point: Point | None = None
    requests: list[str] = field(default_factory=list)
    """The servers that were asked, one after another."""
    transactions: int = 0
    hits: int = 0
    life: Life | None = None
    log: list[str] = field(default_factory=list)

    @contextmanager
    def set_for(self, life: Life) -> Iterator[None]:
        """Count, and strike, in everything that the life's product does."""
        self.life = life
        servers = life.servers()
        for name, server in servers.items():
            server.faults = [self._fault(name)]
        original = Database.transaction
        trap = self

        @contextmanager
        def transaction(database: Database) -> Iterator[sqlite3.Connection]:
            """Be a transaction, or fail as one does."""
            kind = trap._write()
            if kind is WriteFault.DIES:
                raise Died
            if kind is WriteFault.FULL:
                raise LedgerError("database or disk is full")
            with original(database) as connection:
                yield connection
                if kind is WriteFault.FULL_LATE:
                    raise sqlite3.OperationalError("database or disk is full")
            if kind is WriteFault.DIES_LATE:
                raise Died

        with (
            patch.object(Database, "transaction", transaction),
            patch.object(jellyfin_module, "DELETE_SECONDS", SHORT),
            patch.object(arr_module, "DELETE_SECONDS", SHORT),
            patch.object(arr_module, "CHANGE_SECONDS", SHORT),
            patch.object(seerr_module, "PAGE_SECONDS", SHORT),
        ):
            yield
        for server in servers.values():
            server.faults = []

    def _write(self) -> WriteFault | None:
        if self.life is None or self.life.looking is None:
            # It is the user who writes, and is told when that fails.
            return None
        self.transactions += 1
        point = self.point
        if point is None or not isinstance(point.kind, WriteFault):
            return None
        if not point.number < self.transactions <= point.number + point.times:
            return None
        self.hits += 1
        return point.kind

    def _fault(self, server: str) -> Fault:
        kind = self.point.kind if self.point else FaultKind.SLOW
        if kind is Death.ASKED:
            kind = FaultKind.DISCONNECT
        elif kind is Death.ANSWERED:
            kind = FaultKind.DISCONNECT_AFTER
        elif isinstance(kind, Death | WriteFault):
            kind = FaultKind.SLOW
        return Fault(kind, when=lambda request: self._request(server, request.key))

    def _request(self, server: str, name: str) -> bool:
        self.requests.append(server)
        point = self.point
        if point is None or isinstance(point.kind, WriteFault):
            return False
        if not point.number < len(self.requests) <= point.number + point.times:
            return False
        self.hits += 1
        self.log.append(f"{server}: {name}")
        if isinstance(point.kind, Death) and self.life is not None:
            self.life.kill()
        return True


@dataclass
class Lived:
    """A life without faults, day by day."""

    seed: int
    story: list[Day] = field(default_factory=list)
    dawns: list[Dawn] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)
    """The servers that were asked on each day."""
    transactions: list[int] = field(default_factory=list)
    facts: list[dict[str, MediaFacts]] = field(default_factory=list)
    deleted: list[list[Deleted]] = field(default_factory=list)
    """What was deleted on each day."""
    survived: dict[State, int] = field(default_factory=dict)
    """The states from which all has gone well, and to the dawn of which day."""
    kinds: frozenset[Kind] = frozenset()
    """In what ways the world is hostile."""
    steps: int = 0

    def places(self, most: int) -> list[tuple[int, Point]]:
        """Return days on which or after which something goes, each with a fault.

        Of several thousand at most a given number, spread out evenly.
        """
        every = [
            (day, point)
            for day in range(len(self.dawns) - 2)
            if any(self.deleted[day : day + 2])
            for point in self.points(day)
        ]
        tried = min(most, len(every))
        return [every[len(every) * number // tried] for number in range(tried)]

    def points(self, day: int) -> Iterator[Point]:
        """Yield every fault that a day can have."""
        for number, server in enumerate(self.requests[day]):
            for kind in REQUEST_FAULTS:
                yield Point(kind, number, 3 if kind in PATIENT else 1, server)
        for number in range(self.transactions[day]):
            for write_fault in WriteFault:
                yield Point(write_fault, number)


async def live_well(
    seed: int,
    days: int,
    folder: Path,
    story: Story | None = None,
    *,
    owned: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> Lived:
    """Live a life without faults; without a story the seed tells one."""
    lived = Lived(seed, kinds=kinds)
    teller = Teller(seed, calm=True)
    dawn = first_dawn(seed, owned=owned, kinds=kinds)
    async with live_from(dawn, folder) as life:
        for number in range(days):
            lived.dawns.append(life.dawn())
            before = len(life.house.deleted)
            trap = Trap()
            passage = Passage(life, number)
            life.on_looked = passage.note
            with trap.set_for(life):
                if story is None:
                    await teller.day(life)
                else:
                    await life.live(story[number])
            lived.survived |= dict.fromkeys(passage.states, days)
            lived.requests.append(trap.requests)
            lived.transactions.append(trap.transactions)
            lived.facts.append(life.facts())
            lived.deleted.append(life.house.deleted[before:])
        lived.steps = life.steps
        await life.look_for_all()
    lived.story = list(teller.story if story is None else story)
    return lived


@dataclass
class Passage:
    """What state everything was in after each look of some days."""

    life: Life
    day: int
    states: list[State] = field(default_factory=list)
    looks: int = 0
    hits: int = 0

    def dawn(self, day: int) -> None:
        """Note that a day begins."""
        self.day, self.looks = day, 0

    def note(self) -> None:
        """Note the state after a look."""
        self.looks += 1
        self.states.append((self.day, self.looks, self._state()))

    def follow(self, trap: Trap, lived: Lived, end: int) -> None:
        """Raise AsBefore where all has gone well from the same state on, to the end.

        That is asked after a whole look without a fault.
        """
        if trap.hits and trap.hits == self.hits:
            self.note()
            if lived.survived.get(self.states[-1], 0) >= end:
                raise AsBefore
        else:
            self.looks += 1
        self.hits = trap.hits

    def _state(self) -> bytes:
        """Return a digest of all that decides what becomes of the days to come.

        That is the ledger, whatever is in it, what is left in the house, and what its
        people have been shown.
        """
        life = self.life
        with life.keeper.ledger._database.reading() as connection:
            tables = [
                sorted(
                    repr(row)
                    for row in connection.execute(f"SELECT * FROM {name}")  # noqa: S608
                    # Where the file lies on the disk is for the copies of a backup.
                    if name != "state" or row[0] != "file"
                )
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
                ).fetchall()
            ]
        rest = (
            life.outcome,
            life.house.deleted,
            life.estate.essence() if life.estate is not None else None,
            sorted(life.world.shown.items()),
            life.judge.trouble_at,
        )
        return sha256(repr((tables, rest)).encode()).digest()


async def live_with(
    lived: Lived, day: int, point: Point, folder: Path, *, thorough: bool = False
) -> str | None:
    """Live on from a day's dawn with one fault; return what is wrong with that.

    From a state from which all has gone well before, it will again: that is lived once
    more only to be ``thorough``.
    """
    end = min(day + 1 + RECOVERY, len(lived.story))
    timeout = SHORT if point.kind is FaultKind.HANG else PATIENCE
    trap = Trap(point)
    async with live_from(lived.dawns[day], folder, timeout=timeout) as life:
        before = len(life.house.deleted)
        passage = Passage(life, day)
        if not thorough:
            life.on_looked = partial(passage.follow, trap, lived, end)
        try:
            with trap.set_for(life):
                await life.live(lived.story[day])
            if life.timeout != PATIENCE:
                life.timeout = PATIENCE
                await life.restart()
            for later in range(day + 1, end):
                passage.dawn(later)
                await life.live(lived.story[later])
            life.on_looked = None
            deleted = life.house.deleted[before:]
            facts = life.facts()
            await life.look_for_all()
        except AsBefore:
            return None
        except AssertionError as err:
            return f"{point} {trap.log}: {err}"
    allowed: dict[str, datetime] = {}
    for one in reversed([one for some in lived.deleted[day:end] for one in some]):
        allowed[one.title] = one.at
    # What the user wants gone goes when it was announced, be that by a rule before.
    wanted = _about(lived.story[day:end], "by_hand")
    for one in deleted:
        if one.title in wanted or one.title.partition(" ")[0] in wanted:
            continue
        if one.title not in allowed:
            return f"{point} {trap.log}: {one.title} is deleted on {one.at}"
        if one.at < allowed[one.title]:
            return f"{point} {trap.log}: {one.title} is deleted sooner"
    if end - day <= RECOVERY:
        return None
    # A poll does not see every mark, what was un-marked before it was read has left
    # no trace, and what returned may still have to go here when it is back there.
    days = lived.story[day:end]
    unsure = _about([Day(day=days[-1].day)]) | _about(days, "bring_back", "unmark")
    # Whoever asks again before its deletion is confirmed may have to ask once more.
    unsure |= _about(days, "ask_again")
    unsure |= wanted
    # Before version 12 a re-watch takes the mark away: then nobody can have seen it.
    again = _about(days, "play", "press_play")
    late = set(allowed) - {one.title for one in deleted}
    # Of what goes later than it did (a look that fails is a gap, and the grace begins
    # anew), also the series and the rest of it are others.
    unsure |= late | {one.partition(" ")[0] for one in late}
    # Without files a series is nothing, but its folder may have been left to Sonarr.
    for one in deleted:
        series = one.title.partition(" ")[0]
        if one.through == "sonarr" and series not in lived.facts[end - 1]:
            unsure.add(series)
    here = {user.id for user in life.house.household.users}
    if wrong := _differences(lived.facts[end - 1], facts, unsure, again, here):
        return f"{point} {trap.log}: {wrong}"
    for known in passage.states:
        lived.survived[known] = max(end, lived.survived.get(known, 0))
    return None


def _about(days: Iterable[Day], *kinds: str) -> set[str]:
    """Return what steps (of some kinds) are about; a season stands for its series."""
    return {
        str(word).partition(",")[0]
        for day in days
        for step in (*day.night, *day.day)
        if not kinds or step[0] in kinds
        for word in step[1:]
    }


def _differences(
    clean: dict[str, MediaFacts],
    faulty: dict[str, MediaFacts],
    unsure: set[str],
    again: set[str],
    here: set[str],
) -> str:
    """Return in what the facts after a fault differ: dates may be later, no more.

    Who is not ``here`` any more counts until the next list of users, and a fault changes
    when that is read.
    """
    for title in sorted(clean.keys() | faulty.keys()):
        series = title.partition(" ")[0]
        if title in unsure or series in unsure or "Season" in title:
            continue
        one, other = clean.get(title), faulty.get(title)
        if one is None or other is None:
            return f"{title} is {'not known' if other is None else 'known'}"
        before, after = one.watched_by & here, other.watched_by & here
        if after != before and not (title in again and after < before):
            return f"{title} is watched by {after}, not {before}"
        if other.favorite_of != one.favorite_of or other.key != one.key:
            return f"{title} is {other.key} {other.favorite_of}, not {one.key} {one.favorite_of}"
        for name in ("last_watched_at", "added_at"):
            was, now = getattr(one, name), getattr(other, name)
            if was is not None and (now is None or now < was):
                return f"{title}: {name} is {now}, not {was}"
    return ""
