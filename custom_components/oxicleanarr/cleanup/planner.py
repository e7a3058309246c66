"""The plan, made again only where something could make it another one.

It holds while the ledger says the same, the rules and settings are the same, and no
moment has come at which time alone changes an answer. All this is asked on the safe
side: a change that turns out to be none costs an evaluation, never an entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..garbage import throw_away
from ..ledger import Ledger
from ..model import KeptItem, PlannedDeletion
from ..retention import RetentionRules
from .plan import Plan, plan_cleanup


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a plan rests on, besides the time."""

    changes: int
    """How often the ledger had changed before it was read."""
    rules: RetentionRules
    grace: timedelta
    favorites_keep: bool


class Planner:
    """Makes the plan of one household."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin without a plan."""
        self._ledger = ledger
        self._known: tuple[_Basis, Plan] | None = None

    def plan(
        self,
        rules: RetentionRules,
        *,
        now: datetime,
        grace: timedelta,
        favorites_keep: bool,
    ) -> Plan:
        """Return what ``plan_cleanup`` would at this moment, and announce it as that does.

        Blocks: call it in an executor. Raises LedgerError.
        """
        basis = _Basis(self._ledger.changes(), rules, grace, favorites_keep)
        before = None
        if self._known is not None:
            basis_before, before = self._known
            if basis_before == basis and _holds(before, now):
                return replace(
                    before, evaluated_at=now, synced_at=self._ledger.synced_at()
                )
        plan = _sharing(
            before,
            plan_cleanup(
                self._ledger,
                rules,
                now=now,
                grace=grace,
                favorites_keep=favorites_keep,
            ),
        )
        self._known = basis, plan
        return plan


def _holds(plan: Plan, now: datetime) -> bool:
    """Return whether a plan is still as it was made; not if the clock was put back."""
    return plan.evaluated_at <= now and (
        plan.holds_until is None or now < plan.holds_until
    )


def _sharing(before: Plan | None, plan: Plan) -> Plan:
    """Return a plan with the very entries of the one before that are the same in both.

    So little of that one is left over: it is freed wherever the last of those who show it
    has no more use for it, which may be the event loop. Nobody else may hold the new one.
    """
    if before is None:
        return plan
    entries, kept = list(plan.entries), list(plan.kept)
    plan = replace(
        plan, entries=_same(entries, before.entries), kept=_same(kept, before.kept)
    )
    throw_away(entries)
    throw_away(kept)
    return plan


def _same[Title: (PlannedDeletion, KeptItem)](
    titles: Sequence[Title], before: Sequence[Title]
) -> tuple[Title, ...]:
    """Return titles, those of before in place of equal ones."""
    known = {(one.kind, one.item_id): one for one in before}
    return tuple(
        other if (other := known.get((one.kind, one.item_id), one)) == one else one
        for one in titles
    )
