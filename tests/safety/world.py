"""The wider world: everything hostile that a life can hold, one kind at a time.

A world is a set of kinds. A kind brings steps that the teller may tell, and laws by
which the judge judges; without any kind a life is the ordinary one. ``WITHSTOOD`` holds
the kinds that the product is proof against: the ordinary run draws from these.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
import json
import random
from typing import TYPE_CHECKING, Any, override

from simulators.faults import Answer, Request, dump
from simulators.server import Simulator
from tests.home import DAY, HOUR

if TYPE_CHECKING:
    from .choices import Chosen
    from .lies import Lie

FAREWELL = 7 * DAY
"""How long a favourite protects after its user has gone."""
UNSEEN = 6 * HOUR
"""After so long without a sync nobody could see what was announced."""
APPROVED_FOR = 31 * DAY
"""How long an approval holds, and a day for clocks that are wrong."""
LAST_LOOK = 40
"""What changes within so many requests, the last look at a title may not have seen."""


class Kind(StrEnum):
    """What can be hostile about a world."""

    LEDGER = "the ledger is lost or emptied"
    RESTORED = "an old copy of the ledger is put back"
    OFF = "Home Assistant is off for a long time"
    CLOCK = "the clock is wrong at boot"
    MEDDLING = "the user changes something during a run"
    FINDING = "the disk is full when a finding is written"
    LATE = "people and tags change after the last full sync"
    USERS = "users are made, disabled, hidden from and removed"
    IMPOSTOR = "another Jellyfin answers at the address"
    OWNERS = "Radarr, Sonarr and Seerr lie"
    LIES = "Jellyfin and Jellystat lie"
    CAP = "the daily limit binds"
    SWITCHES = "dry run and automatic deletion are switched between runs"
    DISKS = "the disk of a library goes away, and comes back"
    MARKS = "marks and dates are older, or newer, than what they are about"
    COPIES = "copies of a title, and versions that are none"
    NUMBERS = "episodes get other numbers"
    FILES = "films in parts, discs, and foreign files beside them"
    SIGHT = "what a user may see changes"
    APPROVAL = "nothing goes before somebody has approved it"


EVERY_KIND = frozenset(Kind)
WITHSTOOD: frozenset[Kind] = EVERY_KIND
"""The kinds that the product withstands: a kind joins when its fix does."""
REPEATABLE = frozenset({Kind.LATE, Kind.USERS, Kind.SWITCHES})
"""The kinds with which a day lived again, with a fault in it, can be compared."""


def mixture(
    seed: int, kinds: frozenset[Kind] = WITHSTOOD, *, most: int = 5
) -> frozenset[Kind]:
    """Return the kinds that the world of a seed has, out of some."""
    luck = random.Random(seed)
    return frozenset(luck.sample(sorted(kinds), min(len(kinds), luck.randint(1, most))))


@dataclass(frozen=True)
class Meddling:
    """Something that happens in the middle of a look."""

    step: tuple[Any, ...]
    request: int = 0
    """After that many more requests of the next look."""
    deletes: int = 0
    """Or after that many more deletions."""


@dataclass(frozen=True)
class Past:
    """A copy of the ledger, as a backup has it, and what its user had wished for then."""

    at: float
    """The seconds that had really passed."""
    ledger: bytes
    kept: dict[str, datetime | None]
    by_hand: dict[str, datetime]
    life: dict[str, datetime]
    missed: dict[str, datetime]


@dataclass(frozen=True)
class Farewell:
    """What a user who has gone had as favourites, and had not watched."""

    at: float
    loved: frozenset[str]
    unwatched: frozenset[str]


@dataclass(frozen=True)
class Consent:
    """What somebody has approved, as it was shown."""

    item_id: str
    """The title's."""
    names: frozenset[str]
    """The films and episodes that were to go."""
    rule: str
    at: float
    """The seconds that had really passed."""


@dataclass(frozen=True)
class Standing:
    """What the user wanted until something was changed in the middle of a look."""

    request: int
    """After how many answered requests it was."""
    chosen: Chosen
    kept: dict[str, datetime | None]
    by_hand: dict[str, datetime]
    consents: tuple[Consent, ...]


@dataclass
class World:
    """What is hostile at this moment, and what is true in spite of it."""

    kinds: frozenset[Kind] = frozenset()
    ledger_id: str | None = None
    """What the config entry knows of its ledger."""
    lies: list[Lie] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    must_look: set[str] = field(default_factory=set)
    """Why nothing may go until a person has looked."""
    meddling: list[Meddling] = field(default_factory=list)
    lost_keeps: set[str] = field(default_factory=set)
    """What was kept when the ledger was lost, which nobody has been told yet."""
    consents: tuple[Consent, ...] = ()
    """What is approved and was not taken back."""
    meddled: list[tuple[int, str]] = field(default_factory=list)
    """After which request a fact changed, and the title or user that it is about."""
    standings: list[Standing] = field(default_factory=list)
    """What the user wanted before each change in the middle of this look."""
    shown: dict[str, float] = field(default_factory=dict)
    """Since when a title can be seen to be announced, in the time that has passed."""
    synced_at: float | None = None
    """When a sync was last complete, in the same time."""
    farewells: list[Farewell] = field(default_factory=list)
    met: set[tuple[str, str]] = field(default_factory=set)
    """The favourites (user id and title) that the last full sync could see."""
    known: set[str] = field(default_factory=set)
    """And the ids of the users that it could see."""
    libraries: set[str] = field(default_factory=set)
    """And the ids of the libraries."""
    impostor: int = 0
    """For how many days another Jellyfin answers."""
    full_disk: int = 0
    """The number of the transaction that fails in the next look, if one does."""
    requests: int = 0
    """How many requests the servers have answered."""
    deletes: int = 0
    """How many of them were deletions."""
    at_stake: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """By item id the files of what a server was asked to delete, and when they were made."""
    bytes_at_stake: dict[str, int] = field(default_factory=dict)
    """And how many bytes these have."""
    copies: dict[str, frozenset[str]] = field(default_factory=dict)
    """The films that a full sync has seen to be the same title, by each of their names."""
    surveyed: set[tuple[int, int]] = field(default_factory=set)
    """The deletions of the journal, by number and date, that were held against the disk."""
    counted_from: float = 0.0
    """Since when the journal is whole: what went before cannot be known from it."""

    def synced(self, elapsed: float, *, full: bool) -> None:
        """Note a complete sync: after a long gap what was announced begins anew."""
        gap = elapsed - self.synced_at if self.synced_at is not None else 0
        if gap >= UNSEEN.total_seconds():
            self.shown.clear()
            # What is approved in the middle of this look is approved after the gap.
            self.consents = tuple(one for one in self.consents if one.at == elapsed)
        self.synced_at = elapsed
        for lie in self.lies:
            lie.read |= full or lie.soon_read

    def has(self, kind: Kind) -> bool:
        """Return whether the world has a kind."""
        return kind in self.kinds

    @property
    def honest(self) -> bool:
        """Return whether everybody tells the truth at this moment."""
        return not self.lies and not self.impostor


type Alteration = Callable[[Request, Any], Any]
"""Takes a request and the content of its answer, and returns another content."""


class Watched(Simulator):
    """A server that can lie, and that tells when it has answered."""

    alter: Alteration | None = None
    answered: Callable[[Request], Any] | None = None

    @override
    async def answer(self, request: Request) -> Answer:
        """Answer, perhaps with a lie, and tell it."""
        answer = await super().answer(request)
        if self.alter is not None and request.method == "GET" and answer.status == 200:
            answer = _altered(self.alter, request, answer)
        if self.answered is not None:
            await self.answered(request)
        return answer


def _altered(alter: Alteration, request: Request, answer: Answer) -> Answer:
    """Return an answer with another content."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return answer
    other = alter(request, content)
    if other is None:
        return Answer(404)
    return replace(answer, body=dump(other))
