"""What the ledger and the rules together say about one title."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ..ledger import Ledger
from ..model import (
    ApprovalState,
    KeptItem,
    MediaItem,
    MediaKey,
    Outcome,
    PlannedDeletion,
    Reason,
    Verdict,
)
from ..retention import RetentionRules, TraceStep, evaluate, explain
from .approvals import with_approvals
from .candidates import UNCLEAR, UNMATCHED, find_candidates
from .guards import never_fits
from .plan import Plan
from .reasons import MANUAL, Why, why


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a title stays or goes, with what protects it whatever the rules say."""

    item: MediaItem
    key: MediaKey
    library: str
    outcome: Outcome
    rule: str
    """The rule that decided, or ``keep`` or ``favorite``."""
    rule_type: str
    reason: Reason
    due_at: datetime | None
    """When it may go, the grace included; only where it goes."""
    trace: tuple[TraceStep, ...]
    would_change: Reason
    approval: ApprovalState | None = None
    """How far its approval is; ``None``: it stays, or needs none."""
    approved_until: datetime | None = None


def explain_item(
    ledger: Ledger,
    rules: RetentionRules,
    plan: Plan | None,
    reference: str,
    now: datetime,
    *,
    favorites_keep: bool = True,
    max_bytes: int | None = None,
) -> Explained:
    """Return why a title, named by its id or key, stays or goes.

    ``max_bytes`` is the limit of a day, into which it may not fit.

    Blocks on the disk. Raises LookupError if there is no such title, and LedgerError.
    """
    found = ledger.find(reference)
    if not found:
        raise LookupError(reference)
    item = found[0]
    users = {user.user_id: user.name for user in ledger.users()}
    facts = ledger.facts(now, around=[item.item_id])
    keeps = ledger.keeps(now)
    explanation = explain(item.item_id, facts, rules, users, now)
    verdict = explanation.verdict
    verdicts = evaluate(facts, rules, users, now)
    candidates = find_candidates(
        facts,
        verdicts,
        keeps,
        users,
        manual=ledger.manual_schedule(),
        favorites_keep=favorites_keep,
    )
    fact = next(one for one in facts if one.item.item_id == item.item_id)

    def told(
        outcome: Outcome,
        by: Verdict,
        *,
        due_at: datetime | None = None,
        outside: TraceStep | None = None,
    ) -> Explained:
        """Return the answer; what decided from outside the rules ends the trace."""
        return Explained(
            item=item,
            key=fact.key,
            library=fact.library,
            outcome=outcome,
            rule=outside.rule if outside else by.rule,
            rule_type=outside.type if outside else by.rule_type,
            reason=outside.because if outside else by.reason,
            due_at=due_at,
            trace=(*explanation.trace, outside) if outside else explanation.trace,
            would_change=Reason(Why.RULES_OTHERWISE, {"because": by.reason})
            if outside
            else explanation.would_change,
        )

    # A season goes with its series or by hand, an episode also with either of them.
    names = {item.item_id, verdict.item_id}
    taken = [
        (_due_at(one, entry), one, entry)
        for one in candidates.verdicts
        if one.item_id in names or item.item_id in one.episode_ids
        for entry in [_planned(one, plan)]
    ]
    if taken:
        due_at, first, entry = min(taken, key=lambda one: one[0])
        if first.rule_type == MANUAL:
            by_hand = TraceStep(MANUAL, MANUAL, True, Outcome.DELETE, first.reason)
            goes = told(Outcome.DELETE, verdict, due_at=due_at, outside=by_hand)
        else:
            goes = told(Outcome.DELETE, first, due_at=due_at)
        # What would stop every run is to be known before the first; until it is due,
        # its size may become known.
        if entry is not None and entry.due_at <= now:
            if stops := never_fits(entry.size_bytes, max_bytes):
                goes = replace(goes, would_change=stops.reason)
        return _with_approval(goes, first, entry, ledger, rules, now)
    # Asked as if the rules let it go: a keep counts, whatever they say.
    asked = verdict._replace(outcome=Outcome.DELETE)
    for kept in find_candidates(
        facts, [asked], keeps, users, favorites_keep=favorites_keep
    ).kept:
        return told(Outcome.KEEP, verdict, outside=_step(kept))
    for one, kept in _held_back(verdicts, candidates.kept):
        if one.item_id in (verdict.item_id, item.series_id):
            return told(Outcome.KEEP, one, outside=_step(kept))
    return told(Outcome.KEEP, verdict)


def _planned(verdict: Verdict, plan: Plan | None) -> PlannedDeletion | None:
    """Return a candidate's entry in the plan, if it is in there already.

    The plan can be older than the rules: what the entry is for, the candidate says.
    """
    for entry in plan.entries if plan else ():
        if (entry.kind, entry.item_id) == (verdict.kind, verdict.item_id):
            return replace(
                entry,
                rule=verdict.rule,
                rule_type=verdict.rule_type,
                episode_ids=verdict.episode_ids,
            )
    return None


def _with_approval(
    goes: Explained,
    verdict: Verdict,
    entry: PlannedDeletion | None,
    ledger: Ledger,
    rules: RetentionRules,
    now: datetime,
) -> Explained:
    """Return what goes with how far its approval is, and that it waits if it does."""
    if not rules.asks_first(verdict.rule):
        return goes
    # What is not in the plan yet has been shown to nobody, and is not ready either.
    state, until = ApprovalState.PENDING, None
    if entry is not None:
        (known,), _ = with_approvals([entry], rules, ledger.approvals(), now)
        state, until = known.approval(now) or state, known.approved_until
    goes = replace(goes, approval=state, approved_until=until)
    if state is ApprovalState.APPROVED:
        return goes
    return replace(
        goes, would_change=why(Why.APPROVAL_NEEDED, because=goes.would_change)
    )


def _due_at(verdict: Verdict, entry: PlannedDeletion | None) -> datetime:
    """Return when a candidate may go: as planned, if it is in the plan already."""
    if entry is not None:
        return entry.due_at
    assert verdict.due_at is not None
    return verdict.due_at


def _held_back(
    verdicts: list[Verdict], kept: tuple[KeptItem, ...]
) -> Iterator[tuple[Verdict, KeptItem]]:
    """Return what the rules let go and something else holds."""
    by_id = {one.item_id: one for one in kept}
    for verdict in verdicts:
        if verdict.outcome is Outcome.DELETE and verdict.item_id in by_id:
            yield verdict, by_id[verdict.item_id]


def _step(kept: KeptItem) -> TraceStep:
    """Return the step of a trace at which something outside the rules decided."""
    known = ("keep", "favorite", UNCLEAR, UNMATCHED)
    type_ = kept.kept_by if kept.kept_by in known else "copy"
    return TraceStep(kept.kept_by, type_, True, Outcome.KEEP, kept.reason)
