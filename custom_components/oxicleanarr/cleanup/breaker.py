"""The breaker: what looks as if the servers, not the household, had changed.

An outage read as "nobody watched", a restored database, a wrong clock: each changes
far more at once than people do. Nothing is deleted then until somebody has looked,
finding by finding. All of it is pure; the ledger keeps the state between two syncs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
import json
from typing import Any, Self

from ..ledger import ALL, Census, LedgerState
from ..model import Reason
from .measure import (
    PARTS,
    Counts,
    Difference,
    Measure,
    Surroundings,
    Suspicion,
    differences,
    greatest_of,
)

_UNSEEN_PLAYS = 3
# A play is no row before it has ended, and evenings can be long.
_SILENCE = timedelta(hours=6)

_DAY = timedelta(days=1)
_REMEMBERED = timedelta(days=8)
_SETTLED_AFTER = timedelta(days=7)
# The measures that are kept: some of the last day, then one for each day.
_OFTEN = timedelta(hours=3)
_MOST_MEASURES = 40

# No later measure proves these wrong: they stay until somebody has looked, or until
# the right server answers.
_LASTING = (
    Suspicion.CLOCK_JUMPED,
    Suspicion.LEDGER_REPLACED,
    Suspicion.OTHER_SERVER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A number that has changed, of a library, a kind, a user, a tag or a server."""

    scope: str
    """``all``, ``movie``, or a word and an id, as ``user:<id>``."""
    name: str = ""
    """What people call it."""
    before: int = 0
    now: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that speaks for an outage: what was, and what is."""

    suspicion: Suspicion
    before: int = 0
    now: int = 0
    scope: str = ALL
    """Where the greatest change was seen, as of a ``Change``, and so is the next."""
    name: str = ""
    changes: tuple[Change, ...] = ()
    """Everything that has changed too much, the greatest first."""
    titles: str = ""
    """Changes with which titles it is about, not only with how many."""

    @property
    def identity(self) -> str:
        """Return what it is about: the same numbers, and the same titles."""
        seen = sorted((one.scope, one.now) for one in self.changes)
        text = json.dumps([self.suspicion, self.now, seen, self.titles])
        return sha256(text.encode()).hexdigest()[:32]

    @property
    def reason(self) -> Reason:
        """Return why nothing is deleted."""
        return Reason(
            self.suspicion,
            {"before": self.before, "now": self.now, "where": self.name},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A measure, and what is not compared but has to be known beside it."""

    measure: Measure
    samples: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unmanaged: frozenset[str] = frozenset()
    """The ids of the server's libraries that are not looked at."""
    unseen_plays: int = 0
    """Plays that Jellyfin logged after Jellystat's newest row, long enough ago."""
    clock_error: int = 0
    """By how many seconds the clock moved otherwise than time has passed."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call the scopes."""
    prints: Mapping[Suspicion, str] = field(default_factory=dict)
    """What changes with which titles a suspicion would be about."""


def look_at(
    census: Census,
    state: LedgerState,
    *,
    due: Iterable[str],
    now: datetime,
    unmanaged: Iterable[str] = (),
    favorites_keep: bool = True,
    names: Mapping[str, str] | None = None,
    clock_error: int = 0,
) -> Look:
    """Return what is to be compared, of a census and of the sync on which it rests.

    ``due`` are the ids of all movies and episodes that would go now.
    """
    unseen = {
        (user_id, item_id)
        for user_id, item_id, at in state.unseen_plays
        if at <= now - _SILENCE
    }
    known = {"movie": "movies", "episode": "episodes"} | dict(names or {})
    known |= {f"user:{one}": name for one, name in census.users.items()}
    known |= {f"tag:{one}": one for one in census.tagged}
    known |= {f"requester:{one}": name for one, name in census.requesters.items()}
    return Look(
        measure=Measure(
            at=now,
            history_rows=state.history_rows,
            history=census.history,
            titles=census.inventory.titles,
            deleted=census.inventory.deleted,
            watched=census.inventory.watched,
            watched_by=census.inventory.watched_by,
            due=census.due,
            favorites=census.favorites if favorites_keep else None,
            tagged=census.tagged,
            users=tuple(sorted(census.users)),
            listed=census.listed,
            removed=census.removed,
            requested=census.requested,
        ),
        samples=census.inventory.samples,
        unmanaged=frozenset(unmanaged),
        unseen_plays=len(unseen),
        clock_error=clock_error,
        names=known,
        prints={
            Suspicion.PLAYED_SURGED: census.inventory.watched_print,
            Suspicion.DUE_SURGED: _print(due),
            Suspicion.JELLYSTAT_SILENT: _print(f"{one} {two}" for one, two in unseen),
            Suspicion.USERS_VANISHED: _print(census.users),
        },
    )


def _print(names: Iterable[str]) -> str:
    """Return what tells a set of names from any other."""
    return sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """What is remembered from one sync to the next."""

    last: Measure | None = None
    """What nobody had to look at, each part for itself."""
    earlier: tuple[Measure, ...] = ()
    """The same some hours and days ago, the oldest first."""
    samples: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By library, as of a ``Look``, of all that are in these measures."""
    samples_at: datetime | None = None
    """Since when."""
    since: Mapping[str, datetime] = field(default_factory=dict)
    """Since when each of these libraries is known."""
    accepted_unseen: int = 0
    """How many plays that Jellystat does not know somebody has found right."""
    waiting: Counts = field(default_factory=dict)
    """What was due, as of a ``Measure``, when the grace of all began anew."""
    waiting_from: datetime | None = None
    waiting_until: datetime | None = None
    """In between it may be due again, all at once."""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any] | None) -> Self:
        """Return the state that ``to_mapping`` gave, or an earlier release.

        Nothing is an empty one.
        """
        if data is None:
            return cls()
        # An earlier release had this one measure, with all findings beside it.
        last = data.get("last", data.get("baseline"))
        return cls(
            last=None if last is None else Measure.from_mapping(last),
            earlier=tuple(map(Measure.from_mapping, data.get("earlier", ()))),
            samples={
                one: tuple(hashes) for one, hashes in data.get("samples", {}).items()
            },
            samples_at=_moment(data.get("samples_at")),
            since={
                one: datetime.fromisoformat(text)
                for one, text in data.get("since", {}).items()
            },
            accepted_unseen=data["accepted_unseen"],
            waiting=data.get("waiting", {}),
            waiting_from=_moment(data.get("waiting_from")),
            waiting_until=_moment(data.get("waiting_until")),
            findings=tuple(
                Finding(
                    **dict(one)
                    | {
                        "suspicion": Suspicion(one["suspicion"]),
                        "changes": tuple(
                            Change(**change) for change in one.get("changes", ())
                        ),
                    }
                )
                for one in data["findings"]
            ),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return {
            "last": None if self.last is None else self.last.to_mapping(),
            "earlier": [one.to_mapping() for one in self.earlier],
            "samples": dict(self.samples),
            "samples_at": _text(self.samples_at),
            "since": {one: at.isoformat() for one, at in self.since.items()},
            "accepted_unseen": self.accepted_unseen,
            "waiting": self.waiting,
            "waiting_from": _text(self.waiting_from),
            "waiting_until": _text(self.waiting_until),
            "findings": [asdict(one) for one in self.findings],
        }


def _moment(text: str | None) -> datetime | None:
    """Return a time that was stored."""
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    """Return a time as JSON can hold it."""
    return None if moment is None else moment.isoformat()


def review(state: BreakerState, look: Look) -> BreakerState:
    """Return the state after a sync: what is suspicious, and what is the new normal.

    A finding goes by itself when what was lost is back. Until then the part of the
    measure that it is about stays compared with what it was.
    """
    current, last = look.measure, state.last
    found: dict[Suspicion, Finding] = {
        one.suspicion: one for one in state.findings if one.suspicion in _LASTING
    }
    for suspicion, changes in _compare(state, look).items():
        greatest = changes[0]
        found[suspicion] = Finding(
            suspicion=suspicion,
            before=greatest.before,
            now=greatest.now,
            scope=greatest.scope,
            name=greatest.name,
            changes=tuple(changes),
            titles=look.prints.get(suspicion, ""),
        )
    held = [one for one in found if one in PARTS]
    normal = _with_parts(current, last or Measure(), held)
    if last is not None:
        normal = replace(
            normal,
            **{
                name: getattr(last, name)
                for name in ("history", "favorites", "requested")
                # It was not measured this time.
                if getattr(normal, name) is None
            },
        )
        if held and last.whole is not None:
            # A measure of an earlier release is one whole.
            normal = last
        if replace(normal, at=last.at) == last:
            normal = last
    earlier = _thinned(state.earlier, normal, current.at, held=bool(held))
    accepted_unseen = state.accepted_unseen
    if look.unseen_plays < _UNSEEN_PLAYS:
        accepted_unseen = 0
    elif look.unseen_plays > state.accepted_unseen:
        found[Suspicion.JELLYSTAT_SILENT] = Finding(
            suspicion=Suspicion.JELLYSTAT_SILENT,
            now=look.unseen_plays,
            titles=look.prints.get(Suspicion.JELLYSTAT_SILENT, ""),
        )
    if look.clock_error:
        found[Suspicion.CLOCK_JUMPED] = Finding(
            suspicion=Suspicion.CLOCK_JUMPED, now=look.clock_error
        )
    if state.waiting_until is not None and current.at > state.waiting_until:
        state = replace(state, waiting={}, waiting_from=None, waiting_until=None)
    known = {
        library
        for measure in (normal, *earlier)
        for library in (*measure.titles, *measure.watched)
    }
    samples_at = state.samples_at or current.at
    if samples_at <= current.at <= samples_at + _REMEMBERED:
        # What was moved between libraries is moved in all these measures.
        samples = {**look.samples, **state.samples}
    else:
        samples, samples_at = {**state.samples, **look.samples}, current.at
    return replace(
        state,
        last=normal,
        earlier=earlier,
        samples={one: samples[one] for one in sorted(known) if one in samples},
        samples_at=samples_at,
        since={one: state.since.get(one, current.at) for one in sorted(known)},
        accepted_unseen=accepted_unseen,
        findings=tuple(found[one] for one in Suspicion if one in found),
    )


def _compare(state: BreakerState, look: Look) -> dict[Suspicion, list[Change]]:
    """Return what differs too much from any of the known measures, the greatest first."""
    current = look.measure
    waiting: Counts = {}
    if state.waiting_from is not None and state.waiting_until is not None:
        if state.waiting_from <= current.at <= state.waiting_until:
            waiting = state.waiting
    measures = [(one, 1 if current.at - one.at <= _DAY else 2) for one in state.earlier]
    measures.append((state.last or Measure(), 1))
    around = Surroundings(
        held=state.samples,
        holds=look.samples,
        unmanaged=look.unmanaged,
        users=frozenset(
            user_id for measure, _ in measures for user_id in measure.users or ()
        ),
        settled=frozenset(
            library
            for library, since in state.since.items()
            if current.at - since >= _SETTLED_AFTER
        ),
    )
    greatest: dict[tuple[Suspicion, str], Difference] = {}
    for before, factor in measures:
        if waiting:
            before = replace(before, due=greatest_of(before.due, waiting))
        for one in differences(before, current, around, factor):
            name = one.suspicion, one.scope
            if name not in greatest or greatest[name].excess < one.excess:
                greatest[name] = one
    changes: dict[Suspicion, list[Change]] = {}
    for one in sorted(greatest.values(), key=lambda one: (one.scope != ALL, one.scope)):
        changes.setdefault(one.suspicion, []).append(
            Change(
                scope=one.scope,
                name=look.names.get(one.scope, ""),
                before=one.before,
                now=one.now,
            )
        )
    return changes


def await_grace(state: BreakerState, now: datetime, grace: timedelta) -> BreakerState:
    """Return the state when the grace of all begins anew.

    What was due is not due until then, and is no surprise when it is again.
    """
    due: Counts = {} if state.last is None else state.last.due
    return replace(
        state,
        waiting=greatest_of(state.waiting, due),
        waiting_from=now,
        waiting_until=now + grace + _DAY,
    )


def _with_parts(
    measure: Measure, source: Measure, suspicions: Iterable[Suspicion]
) -> Measure:
    """Return a measure that takes what these suspicions are about from another one."""
    return replace(
        measure,
        **{
            name: getattr(source, name)
            for suspicion in suspicions
            for name in PARTS[suspicion]
        },
    )


def _thinned(
    earlier: Iterable[Measure], normal: Measure, now: datetime, *, held: bool
) -> tuple[Measure, ...]:
    """Return the measures that are worth keeping: a few of a day, one of each other day.

    One from the future is as if made now: the clock was wrong then. While a finding is
    ``held`` none grows too old: what is compared with it would be forgotten unseen.
    """
    kept: list[Measure] = []
    for one in earlier:
        if one.at > now:
            one = replace(one, at=now)
        age = now - one.at
        if age > _REMEMBERED and not held:
            continue
        gap = _OFTEN if age <= _DAY + _OFTEN else _DAY
        if not kept or one.at - kept[-1].at >= gap:
            kept.append(one)
    if normal.whole is None and (not kept or now - kept[-1].at >= _OFTEN):
        kept.append(replace(normal, at=now))
    # Whoever never looks shall not fill the disk: the oldest tell the most.
    return tuple(kept[:_MOST_MEASURES])


def lift(state: BreakerState, finding: Finding, look: Look | None) -> BreakerState:
    """Return the state after somebody has looked at one finding and found it right.

    The others stay. What ``look`` shows of it is normal from here on, as it is this
    finding that it shows; before the first complete sync (``None``) nothing is.
    """
    state = without_finding(state, finding.suspicion)
    if look is None:
        return state
    if finding.suspicion is Suspicion.JELLYSTAT_SILENT:
        return replace(state, accepted_unseen=look.unseen_plays)
    if finding.suspicion not in PARTS or state.last is None:
        return state

    def accepted(measure: Measure) -> Measure:
        """Return a measure to which the present one is no surprise."""
        measure = _with_parts(measure, look.measure, [finding.suspicion])
        return measure.with_whole_of(look.measure, finding.suspicion)

    return replace(
        state,
        last=accepted(state.last),
        earlier=tuple(map(accepted, state.earlier)),
        samples={**state.samples, **look.samples},
        samples_at=look.measure.at,
    )


def with_finding(state: BreakerState, finding: Finding) -> BreakerState:
    """Return the state with a finding that no sync has made."""
    others = without_finding(state, finding.suspicion).findings
    return replace(state, findings=(*others, finding))


def without_finding(state: BreakerState, suspicion: Suspicion) -> BreakerState:
    """Return the state without a finding that has proved wrong."""
    others = tuple(one for one in state.findings if one.suspicion != suspicion)
    return replace(state, findings=others)
