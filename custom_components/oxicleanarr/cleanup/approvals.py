"""Which entries of a plan ask first, and which of them are approved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ..model import Approval, PlannedDeletion
from ..retention import RetentionRules


def with_approvals(
    entries: Iterable[PlannedDeletion],
    rules: RetentionRules,
    approvals: Iterable[Approval],
    now: datetime,
) -> tuple[tuple[PlannedDeletion, ...], list[Approval]]:
    """Return entries with what is approved of them, and the approvals that have ended.

    An approval ends where its entry has left the plan, needs none, goes by another rule
    or takes anything else with it.
    """
    if not rules.ask_first:
        plain = (
            replace(one, needs_approval=False) if one.needs_approval else one
            for one in entries
        )
        return tuple(plain), list(approvals)
    known = {(one.name, one.item_id): one for one in approvals}
    found: list[PlannedDeletion] = []
    for entry in entries:
        needed = rules.asks_first(entry.rule)
        approval = known.get((entry.name, entry.item_id))
        until = None
        if needed and approval is not None and approval.covers(entry):
            until = approval.until
            if until is None or until > now:
                del known[approval.name, approval.item_id]
        if needed or entry.needs_approval:
            entry = replace(entry, needs_approval=needed, approved_until=until)
        found.append(entry)
    return tuple(found), list(known.values())
