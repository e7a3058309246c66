"""The only room that deletes: the plan, its guards, and the executor."""

from .breaker import (
    BreakerState,
    Change,
    Finding,
    Look,
    await_grace,
    lift,
    look_at,
    review,
    with_finding,
    without_finding,
)
from .execute import clean_up
from .explain import Explained, explain_item, preview_rules
from .guards import Limits
from .measure import PARTS, Measure, Suspicion
from .plan import (
    MANUAL,
    UNMATCHED,
    LibraryStatistics,
    Plan,
    entry_name,
    find_candidates,
    plan_cleanup,
)
from .reasons import Why, why
from .settle import forget_requests, settle
from .terms import CleanupReport, Handling, Terms
from .wording import clause, say

__all__ = [
    "MANUAL",
    "PARTS",
    "UNMATCHED",
    "BreakerState",
    "Change",
    "CleanupReport",
    "Explained",
    "Finding",
    "Handling",
    "LibraryStatistics",
    "Limits",
    "Look",
    "Measure",
    "Plan",
    "Suspicion",
    "Terms",
    "Why",
    "await_grace",
    "clause",
    "clean_up",
    "entry_name",
    "explain_item",
    "find_candidates",
    "forget_requests",
    "lift",
    "look_at",
    "plan_cleanup",
    "preview_rules",
    "review",
    "say",
    "settle",
    "why",
    "with_finding",
    "without_finding",
]
