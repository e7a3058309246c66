"""What the breaker measures, and by how much two measures differ.

Everything is compared by library, by kind, by user and as a whole, so that a small part
of a big house can be seen to change. Libraries that hold the same titles are the same
library, whatever their ids: to make one anew is an ordinary thing to do.

It is long because every kind of difference is measured by the same few numbers.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from ..ledger import ALL

_FEW = 3
"""Fewer favorites, tagged, listed or requested titles than this may go at any time."""


class Suspicion(StrEnum):
    """The kinds of findings; the names of their repair issues."""

    HISTORY_SHRANK = "history_shrank"
    INVENTORY_SHRANK = "inventory_shrank"
    PLAYED_SURGED = "played_surged"
    DUE_SURGED = "due_surged"
    USERS_VANISHED = "users_vanished"
    FAVORITES_VANISHED = "favorites_vanished"
    TAGS_VANISHED = "tags_vanished"
    TITLES_UNLISTED = "titles_unlisted"
    REQUESTS_VANISHED = "requests_vanished"
    JELLYSTAT_SILENT = "jellystat_silent"
    CLOCK_JUMPED = "clock_jumped"
    LEDGER_REPLACED = "ledger_replaced"
    OTHER_SERVER = "other_server"


type Counts = Mapping[str, Mapping[str, int]]
"""Library id to a kind of media, or to a user's id, to a number."""


def share(size: int, factor: int, most: float = 0.6) -> float:
    """Return how much of so many may change without anybody having to look.

    A fifth; in a small house up to 15, but not ``most`` of it; in a huge one never more
    than 500: what people do does not grow with what they own. Within a week ``factor``
    times as much, but not more than half of it.
    """
    at_once = min(max(0.2 * size, min(most * size, 15)), 500)
    return min(factor * at_once, max(at_once, 0.5 * size))


def limit(size: int, factor: int) -> float:
    """Return how much of so many may be played or due: also of a handful a few may."""
    return max(share(size, factor), _FEW)


def first_limit(size: int, factor: int) -> float:
    """Return how much of so many may be due when a library has just been found.

    What has been watched for years comes due together then, after the first grace.
    """
    return max(min(2 * share(size, factor), 0.6 * size), _FEW)


def protection_limit(size: int, factor: int) -> float:
    """Return how many of so many favorites, tags, listed or requested titles may go.

    People rarely take them away: not half of them at once.
    """
    return share(size, factor, 0.45)


def history_limit(size: int) -> float:
    """Return how many plays of a total may go: people do not delete them."""
    return max(min(0.1 * size, 500), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is compared; titles are movies and episodes. Ids name libraries and users."""

    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    history_rows: int = 0
    history: Mapping[str, int] | None = None
    """By user; ``None``: not counted."""
    titles: Counts = field(default_factory=dict)
    deleted: Counts = field(default_factory=dict)
    """What has gone by our own hand, ever."""
    watched: Counts = field(default_factory=dict)
    watched_by: Counts = field(default_factory=dict)
    due: Counts = field(default_factory=dict)
    """How many titles would go now."""
    favorites: Mapping[str, int] | None = None
    """By user; ``None``: they protect nothing."""
    tagged: Mapping[str, int] = field(default_factory=dict)
    users: tuple[str, ...] | None = None
    """Who may log in; ``None``: not known."""
    listed: Mapping[str, int] = field(default_factory=dict)
    """By Radarr or Sonarr."""
    removed: Mapping[str, int] = field(default_factory=dict)
    requested: Mapping[str, int] | None = None
    """By Seerr's number of who asked for them, and of ``ALL``; ``None``: nothing rests
    on that."""
    whole: tuple[int, int, int, int] | None = None
    """Titles, deleted, watched and due of all libraries, where an earlier release has
    measured no more than that."""
    scope: tuple[str, ...] = ()
    """The libraries that it had measured."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Return the measure that ``to_mapping`` gave, or an earlier release."""
        if "at" not in data:
            return cls(
                history_rows=data["history_rows"],
                whole=tuple(
                    data[name] for name in ("titles", "deleted", "watched", "due")
                ),
                scope=tuple(data["scope"]),
            )
        return cls(
            **dict(data)
            | {
                "at": datetime.fromisoformat(data["at"]),
                "users": None if data["users"] is None else tuple(data["users"]),
                "whole": None if data["whole"] is None else tuple(data["whole"]),
                "scope": tuple(data["scope"]),
            }
        )

    def with_whole_of(self, other: Measure, suspicion: Suspicion) -> Measure:
        """Return it with what a suspicion is about, if it is one of an earlier release."""
        if self.whole is None:
            return self
        titles, deleted, watched, due = self.whole
        match suspicion:
            case Suspicion.INVENTORY_SHRANK:
                titles, deleted = _sum(other.titles), _sum(other.deleted)
            case Suspicion.PLAYED_SURGED:
                watched = _sum(other.watched)
            case Suspicion.DUE_SURGED:
                due = _sum(other.due)
        return replace(self, whole=(titles, deleted, watched, due))

    def to_mapping(self) -> dict[str, Any]:
        """Return the measure as JSON can hold it."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"at": self.at.isoformat()}


PARTS: Mapping[Suspicion, tuple[str, ...]] = {
    Suspicion.HISTORY_SHRANK: ("history_rows", "history"),
    Suspicion.INVENTORY_SHRANK: ("titles", "deleted"),
    Suspicion.PLAYED_SURGED: ("watched", "watched_by"),
    Suspicion.DUE_SURGED: ("due",),
    Suspicion.USERS_VANISHED: ("users",),
    Suspicion.FAVORITES_VANISHED: ("favorites",),
    Suspicion.TAGS_VANISHED: ("tagged",),
    Suspicion.TITLES_UNLISTED: ("listed", "removed"),
    Suspicion.REQUESTS_VANISHED: ("requested",),
}
"""What of a measure each suspicion is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What has to be known beside the measures to compare them."""

    held: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By library some hashes of what it held some days ago."""
    holds: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """And of what it holds."""
    unmanaged: frozenset[str] = frozenset()
    """The libraries of the server that nobody wants to be looked at."""
    users: frozenset[str] = frozenset()
    """Everybody who was there in the last days."""
    settled: frozenset[str] = frozenset()
    """The libraries that have been there for a week."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A change that is too great for what people do."""

    suspicion: Suspicion
    scope: str
    before: int
    now: int
    excess: float
    """How many times what may change."""


def differences(
    before: Measure, current: Measure, around: Surroundings, factor: int
) -> Iterator[Difference]:
    """Yield what has changed by more than ``factor`` times what may change at once."""

    def find(
        suspicion: Suspicion,
        scope: str,
        numbers: tuple[int, int],
        change: int,
        allowed: float,
    ) -> Iterator[Difference]:
        """Yield the difference if it is too great."""
        if change > 0 and change > allowed:
            excess = change / max(allowed, 0.5)
            yield Difference(suspicion, scope, *numbers, excess)

    for scope, was, now in _histories(before, current):
        allowed = factor * history_limit(was) if scope == ALL else limit(was, factor)
        yield from find(Suspicion.HISTORY_SHRANK, scope, (was, now), was - now, allowed)
    for scope, was_there, is_there in _scopes(before, current, around):
        if was_there is None:
            # Of what is new everything may be watched, but nothing be due at once.
            yield from find(
                Suspicion.DUE_SURGED,
                scope,
                (0, is_there.due),
                is_there.due,
                first_limit(is_there.titles, factor),
            )
            continue
        yield from find(
            Suspicion.INVENTORY_SHRANK,
            scope,
            (was_there.titles, is_there.titles),
            was_there.titles - is_there.titles - _since(was_there, is_there),
            share(was_there.titles, factor),
        )
        changes = [(Suspicion.PLAYED_SURGED, was_there.watched, is_there.watched)]
        if not is_there.new or is_there.due > first_limit(is_there.titles, factor):
            changes += [(Suspicion.DUE_SURGED, was_there.due, is_there.due)]
        for suspicion, was, now in changes:
            yield from find(
                suspicion, scope, (was, now), now - was, limit(is_there.titles, factor)
            )
    deleted = max(0, _sum(current.deleted) - _sum(before.deleted))
    for suspicion, scope, was, now, excused in _protections(before, current, deleted):
        lost = was - now - excused
        if lost >= _FEW or (not now and _is_whole_list(suspicion, scope)):
            allowed = protection_limit(was, factor)
            yield from find(suspicion, scope, (was, now), lost, allowed)
    if _too_many_gone(before, current, factor):
        was_users, now_users = before.users or (), current.users or ()
        yield Difference(
            Suspicion.USERS_VANISHED, ALL, len(was_users), len(now_users), 1
        )


# --- libraries -------------------------------------------------------------------


@dataclass(slots=True)
class _Amount:
    """How much there is in a scope."""

    titles: int = 0
    deleted: int = 0
    watched: int = 0
    due: int = 0
    new: bool = False
    """Whether some of it has been there for a few days only."""

    def add(self, other: _Amount) -> None:
        """Add what there is elsewhere."""
        self.titles += other.titles
        self.deleted += other.deleted
        self.watched += other.watched
        self.due += other.due
        self.new |= other.new


def _since(before: _Amount, current: _Amount) -> int:
    """Return how many titles have gone by our own hand in between."""
    return max(0, current.deleted - before.deleted)


def _scopes(
    before: Measure, current: Measure, around: Surroundings
) -> Iterator[tuple[str, _Amount | None, _Amount]]:
    """Yield each scope with what there was and what there is; ``None``: it is new."""
    if before.whole is not None:
        titles, deleted, watched, due = before.whole
        scope = set(before.scope)
        if scope.issuperset(current.titles) and not scope & around.unmanaged:
            yield (
                ALL,
                _Amount(titles=titles, deleted=deleted, watched=watched, due=due),
                _amount(current, scope),
            )
        return
    totals: dict[str, tuple[_Amount, _Amount]] = defaultdict(
        lambda: (_Amount(), _Amount())
    )
    user_then: dict[str, int] = defaultdict(int)
    user_now: dict[str, int] = defaultdict(int)
    fresh: frozenset[str] = frozenset()
    if before.users is not None:
        fresh = frozenset(current.users or ()).difference(before.users)
    for name, then, now in _groups(before, current, around):
        is_there = _amount(current, now)
        if not then:
            yield f"library:{name}", None, is_there
            continue
        # What users have watched who were not there is none of the others' doing.
        excused = sum(
            count for user_id, count in _by_user(current, now) if user_id in fresh
        )
        was_there = _amount(before, then)
        was_there.watched += excused
        is_there.new = not then & around.settled
        yield f"library:{name}", was_there, is_there
        for kind in sorted({*_kinds(before, then), *_kinds(current, now)}):
            for side, measure, libraries in (
                (0, before, then),
                (1, current, now),
            ):
                amount = _amount(measure, libraries, kind)
                amount.new = is_there.new
                totals[kind][side].add(amount)
                totals[ALL][side].add(amount)
        totals[ALL][0].watched += excused
        for kind in _kinds(current, now):
            totals[kind][0].watched += excused
        for user_id, count in _by_user(before, then):
            user_then[user_id] += count
        for user_id, count in _by_user(current, now):
            user_now[user_id] += count
    for kind, (was_there, is_there) in totals.items():
        yield kind, was_there, is_there
    titles = totals[ALL][1].titles
    returned = fresh & around.users
    for user_id, count in user_now.items():
        if user_id in returned and user_id not in user_then:
            # Away for a while: an older measure knows how much it was.
            continue
        yield (
            f"user:{user_id}",
            _Amount(titles=titles, watched=user_then.get(user_id, 0)),
            _Amount(titles=titles, watched=count),
        )


def _groups(
    before: Measure, current: Measure, around: Surroundings
) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield the libraries that are one, by a name: the ids of then, and those of now.

    A library without a counterpart is one that is new, or one that is gone.
    """
    then = {*before.titles, *before.watched, *before.due} - around.unmanaged
    # A library is still there after we have deleted everything in it.
    now = {*current.titles, *current.watched, *current.due, *current.deleted}
    groups = {one: {one} for one in then | now}
    for old in sorted(then):
        lost = _amount(before, {old}).titles - _amount(current, {old}).titles
        for new in sorted(now - then if old in now else now):
            # What is still all there has been copied, not moved.
            moved = 2 * lost >= _amount(current, {new}).titles
            if (old not in now or moved) and _holds_the_same(
                around.held.get(old, ()), around.holds.get(new, ())
            ):
                together = groups[old] | groups[new]
                for one in together:
                    groups[one] = together
    seen: set[str] = set()
    for one in sorted(groups):
        if one not in seen:
            seen |= groups[one]
            together = groups[one]
            yield min(together & now or together), together & then, together & now


def _holds_the_same(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether most of one of two libraries is in the other one.

    Each sample holds the smallest of all hashes; below the greatest of a sample the
    other one is complete.
    """
    return _is_part(one, other) or _is_part(other, one)


def _is_part(part: tuple[int, ...], of: tuple[int, ...]) -> bool:
    """Return whether most of what can be compared of a sample is in another one."""
    comparable = [one for one in part if of and one <= of[-1]]
    shared = len(set(comparable).intersection(of))
    return shared * 2 >= max(len(comparable), 1) and shared * 3 >= min(len(part), 9)


def _amount(measure: Measure, libraries: set[str], kind: str | None = None) -> _Amount:
    """Return how much there is in libraries, of one kind or of all."""
    return _Amount(
        titles=_total(measure.titles, libraries, kind),
        deleted=_total(measure.deleted, libraries, kind),
        watched=_total(measure.watched, libraries, kind),
        due=_total(measure.due, libraries, kind),
    )


def _total(counts: Counts, libraries: set[str], kind: str | None) -> int:
    """Return the sum of the numbers of libraries, of one kind or of all."""
    inside = [counts[one] for one in libraries if one in counts]
    if kind is None:
        return sum(sum(inner.values()) for inner in inside)
    return sum(inner.get(kind, 0) for inner in inside)


def _kinds(measure: Measure, libraries: set[str]) -> set[str]:
    """Return the kinds of titles in libraries."""
    return {kind for one in libraries for kind in measure.titles.get(one, {})}


def _by_user(measure: Measure, libraries: set[str]) -> Iterator[tuple[str, int]]:
    """Yield what users have watched in libraries."""
    for one in libraries:
        yield from measure.watched_by.get(one, {}).items()


def _sum(counts: Counts) -> int:
    """Return the sum of all numbers."""
    return sum(sum(inner.values()) for inner in counts.values())


def greatest_of(one: Counts, other: Counts) -> Counts:
    """Return the greater one of every two numbers."""
    return {
        library: {
            kind: max(
                one.get(library, {}).get(kind, 0), other.get(library, {}).get(kind, 0)
            )
            for kind in {*one.get(library, {}), *other.get(library, {})}
        }
        for library in {*one, *other}
    }


# --- everything else -------------------------------------------------------------


def _histories(before: Measure, current: Measure) -> Iterator[tuple[str, int, int]]:
    """Yield how many plays there were and are, in all and by user."""
    yield ALL, before.history_rows, current.history_rows
    if before.history is not None and current.history is not None:
        for user_id, was in before.history.items():
            yield f"user:{user_id}", was, current.history.get(user_id, 0)


def _protections(
    before: Measure, current: Measure, deleted: int
) -> Iterator[tuple[Suspicion, str, int, int, int]]:
    """Yield what protects titles: how much there was, is, and went by our own hand."""
    if before.favorites is not None and current.favorites is not None:
        total = [0, 0]
        for user_id in current.users or ():
            was = before.favorites.get(user_id, 0)
            now = current.favorites.get(user_id, 0)
            total[0] += was
            total[1] += now
            yield Suspicion.FAVORITES_VANISHED, f"user:{user_id}", was, now, 0
        yield Suspicion.FAVORITES_VANISHED, ALL, total[0], total[1], 0
    for tag, was in before.tagged.items():
        if tag in current.tagged:
            yield (
                Suspicion.TAGS_VANISHED,
                f"tag:{tag}",
                was,
                current.tagged[tag],
                deleted,
            )
    for connection, was in before.listed.items():
        if connection in current.listed:
            removed = current.removed.get(connection, 0)
            removed -= before.removed.get(connection, 0)
            yield (
                Suspicion.TITLES_UNLISTED,
                f"server:{connection}",
                was,
                current.listed[connection],
                max(0, removed),
            )
    if before.requested is not None and current.requested is not None:
        for requester, was in before.requested.items():
            yield (
                Suspicion.REQUESTS_VANISHED,
                ALL if requester == ALL else f"requester:{requester}",
                was,
                current.requested.get(requester, 0),
                deleted,
            )


def _is_whole_list(suspicion: Suspicion, scope: str) -> bool:
    """Return whether it is about all that a server lists: nothing is not believed."""
    return suspicion is Suspicion.TITLES_UNLISTED or (
        suspicion is Suspicion.REQUESTS_VANISHED and scope == ALL
    )


def _too_many_gone(before: Measure, current: Measure, factor: int) -> bool:
    """Return whether more users have gone than leave a household.

    That is more than half of them, more than a few, or all who had a favorite or had
    watched anything.
    """
    if before.users is None or current.users is None:
        return False
    gone = set(before.users).difference(current.users)
    if not gone:
        return False
    if 2 * len(gone) > len(before.users) or len(gone) > factor * _FEW:
        return True
    watchers = {one for users in before.watched_by.values() for one in users}
    return any(
        having and gone.issuperset(having)
        for having in (set(before.favorites or ()), watchers)
    )
