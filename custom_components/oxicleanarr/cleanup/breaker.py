"""The breaker: what looks as if the servers, not the household, had changed.

An outage read as "nobody watched", a restored database, a wrong clock: each changes
far more at once than people do. Nothing is deleted then until somebody has looked,
finding by finding. All of it is pure; the ledger keeps the state between two syncs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from ..ledger import LedgerState
from ..model import Reason
from .plan import Plan

_HISTORY_LOSS = 0.10
_INVENTORY_LOSS = 0.20
_PLAYED_SURGE = 0.20
_DUE_SHARE = 0.30
# Below this many titles a share says little: a weekend is not an outage.
_FEW = 10
_UNSEEN_PLAYS = 3
# A play is no row before it has ended, and evenings can be long.
_SILENCE = timedelta(hours=6)


class Suspicion(StrEnum):
    """The kinds of findings; the names of their repair issues."""

    HISTORY_SHRANK = "history_shrank"
    INVENTORY_SHRANK = "inventory_shrank"
    PLAYED_SURGED = "played_surged"
    DUE_SURGED = "due_surged"
    JELLYSTAT_SILENT = "jellystat_silent"
    CLOCK_JUMPED = "clock_jumped"
    LEDGER_REPLACED = "ledger_replaced"


# Nothing that comes later proves these wrong, so they stay until somebody has looked.
_LASTING = (Suspicion.CLOCK_JUMPED, Suspicion.LEDGER_REPLACED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that speaks for an outage: what was, and what is."""

    suspicion: Suspicion
    before: int = 0
    now: int = 0

    @property
    def reason(self) -> Reason:
        """Return why nothing is deleted."""
        return Reason(self.suspicion, {"before": self.before, "now": self.now})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is compared from one sync to the next; titles are movies and episodes."""

    history_rows: int
    titles: int
    watched: int
    due: int
    """How many titles would go now."""
    deleted: int = 0
    """How many have gone by our own hand, ever."""
    scope: tuple[str, ...] = ()
    """The libraries that were read (ids): with others there is nothing to compare."""
    unseen_plays: int = 0
    """Plays that Jellyfin logged after Jellystat's newest row, long enough ago."""
    clock_error: int = 0
    """By how many seconds the clock moved otherwise than time has passed."""


def measure(
    plan: Plan,
    state: LedgerState,
    *,
    now: datetime,
    scope: Iterable[str],
    deleted: int,
    clock_error: int = 0,
) -> Measure:
    """Return the values of a plan and of the sync on which it rests."""
    statistics = plan.statistics
    unseen = {
        (user_id, item_id)
        for user_id, item_id, at in state.unseen_plays
        if at <= now - _SILENCE
    }
    return Measure(
        history_rows=state.history_rows,
        titles=statistics.movies + statistics.episodes,
        watched=statistics.watched_movies + statistics.watched_episodes,
        due=len({one for entry in plan.due(now) for one in entry.target_ids}),
        deleted=deleted,
        scope=tuple(sorted(scope)),
        unseen_plays=len(unseen),
        clock_error=clock_error,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """What is remembered from one sync to the next."""

    baseline: Measure | None = None
    """The last values that nobody had to look at, each for itself."""
    accepted_due: int = 0
    """How many due titles somebody has looked at and found right."""
    accepted_unseen: int = 0
    """And how many plays that Jellystat does not know."""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any] | None) -> Self:
        """Return the state that ``to_mapping`` gave; nothing is an empty one."""
        if data is None:
            return cls()
        baseline = data["baseline"]
        return cls(
            baseline=Measure(**(baseline | {"scope": tuple(baseline["scope"])}))
            if baseline
            else None,
            accepted_due=data["accepted_due"],
            accepted_unseen=data["accepted_unseen"],
            findings=tuple(
                Finding(**(one | {"suspicion": Suspicion(one["suspicion"])}))
                for one in data["findings"]
            ),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return asdict(self)


def review(state: BreakerState, current: Measure) -> BreakerState:
    """Return the state after a sync: what is suspicious, and what is the new normal.

    A finding goes by itself when what was lost is back. Until then the value it is
    about stays compared with what it was.
    """
    before = state.baseline
    lasting = {
        one.suspicion: one for one in state.findings if one.suspicion in _LASTING
    }
    found: dict[Suspicion, Finding] = dict(lasting)

    def find(suspicion: Suspicion, was: int, now: int) -> None:
        found[suspicion] = Finding(suspicion=suspicion, before=was, now=now)

    baseline = current
    if before is not None:
        lost = before.history_rows - current.history_rows
        if lost > _HISTORY_LOSS * before.history_rows:
            find(Suspicion.HISTORY_SHRANK, before.history_rows, current.history_rows)
            baseline = replace(baseline, history_rows=before.history_rows)
        if before.scope == current.scope:
            expected = before.titles - (current.deleted - before.deleted)
            if expected - current.titles > _INVENTORY_LOSS * before.titles:
                find(Suspicion.INVENTORY_SHRANK, before.titles, current.titles)
                baseline = replace(
                    baseline, titles=before.titles, deleted=before.deleted
                )
            more = current.watched - before.watched
            if more >= _FEW and more > _PLAYED_SURGE * current.titles:
                find(Suspicion.PLAYED_SURGED, before.watched, current.watched)
                baseline = replace(baseline, watched=before.watched)
    accepted_due = state.accepted_due
    if current.due >= _FEW and current.due > _DUE_SHARE * current.titles:
        if current.due > accepted_due:
            find(Suspicion.DUE_SURGED, current.titles, current.due)
    else:
        accepted_due = 0
    accepted_unseen = state.accepted_unseen
    if current.unseen_plays >= _UNSEEN_PLAYS:
        if current.unseen_plays > accepted_unseen:
            find(Suspicion.JELLYSTAT_SILENT, 0, current.unseen_plays)
    else:
        accepted_unseen = 0
    if current.clock_error:
        find(Suspicion.CLOCK_JUMPED, 0, current.clock_error)
    return BreakerState(
        baseline=baseline,
        accepted_due=accepted_due,
        accepted_unseen=accepted_unseen,
        findings=tuple(found[one] for one in Suspicion if one in found),
    )


def lift(
    state: BreakerState, suspicion: Suspicion, current: Measure | None
) -> BreakerState:
    """Return the state after somebody has looked at one finding and found it right.

    The others stay. What is now is normal from here on; before the first complete sync
    (``None``) nothing is.
    """
    others = tuple(one for one in state.findings if one.suspicion != suspicion)
    if current is None:
        return replace(state, findings=others)
    baseline = state.baseline or current
    accepted_due, accepted_unseen = state.accepted_due, state.accepted_unseen
    match suspicion:
        case Suspicion.HISTORY_SHRANK:
            baseline = replace(baseline, history_rows=current.history_rows)
        case Suspicion.INVENTORY_SHRANK:
            baseline = replace(baseline, titles=current.titles, deleted=current.deleted)
        case Suspicion.PLAYED_SURGED:
            baseline = replace(baseline, watched=current.watched)
        case Suspicion.DUE_SURGED:
            accepted_due = current.due
        case Suspicion.JELLYSTAT_SILENT:
            accepted_unseen = current.unseen_plays
    return BreakerState(
        baseline=baseline,
        accepted_due=accepted_due,
        accepted_unseen=accepted_unseen,
        findings=others,
    )


def with_finding(state: BreakerState, finding: Finding) -> BreakerState:
    """Return the state with a finding that no sync has made."""
    others = (one for one in state.findings if one.suspicion != finding.suspicion)
    return replace(state, findings=(*others, finding))
