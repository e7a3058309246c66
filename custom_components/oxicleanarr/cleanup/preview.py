"""What a change of the rules would do, before it is made: the present plan and another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..model import PlannedDeletion, dated_title
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Counts:
    """How many titles go and stay by a plan, as the sensors count them."""

    pending: int
    due: int
    """Those of the pending ones whose time has come."""
    kept: int
    awaiting: int = 0
    """Those of the pending ones to which only an approval is missing."""


@dataclass(frozen=True, slots=True)
class PreviewedTitle:
    """A title that a change of the rules is about."""

    name: str
    due_at: datetime
    """When it may go; of what has been ready for a while: now."""
    watched: bool
    """Whether anybody has watched it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of the rules would do. The titles stand by the day they go."""

    before: Counts
    after: Counts
    added: tuple[PreviewedTitle, ...]
    """What would go and does not go now."""
    sooner: tuple[PreviewedTitle, ...]
    """What goes now as well, but would go earlier."""
    removed: tuple[PreviewedTitle, ...]
    """What goes now and would not."""
    unwatched: tuple[PreviewedTitle, ...]
    """What would go although nobody has watched it, whether it goes now or not."""


def preview(before: Plan, after: Plan, now: datetime) -> Preview:
    """Return what it would do to have another plan in place of the present one."""
    goes = {(one.kind, one.item_id): one for one in before.entries}
    would_go = {(one.kind, one.item_id): one for one in after.entries}

    def titles(entries: Iterable[PlannedDeletion]) -> tuple[PreviewedTitle, ...]:
        """Return entries of a plan with their names, in its order."""
        return tuple(
            PreviewedTitle(dated_title(one), max(one.due_at, now), one.watched)
            for one in entries
        )

    return Preview(
        before=_counts(before, now),
        after=_counts(after, now),
        added=titles(one for name, one in would_go.items() if name not in goes),
        sooner=titles(
            one
            for name, one in would_go.items()
            if name in goes and one.due_at < goes[name].due_at
        ),
        removed=titles(one for name, one in goes.items() if name not in would_go),
        unwatched=titles(one for one in after.entries if not one.watched),
    )


def _counts(plan: Plan, now: datetime) -> Counts:
    """Return how many titles go and stay by a plan."""
    return Counts(
        pending=len(plan.entries),
        due=len(plan.due(now)),
        kept=len(plan.kept),
        awaiting=len(plan.awaiting_approval(now)),
    )
