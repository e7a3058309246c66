"""The only room that deletes: the plan, its guards, and the executor."""

from .breaker import (
    BreakerState,
    Finding,
    Measure,
    Suspicion,
    lift,
    measure,
    review,
    with_finding,
)
from .execute import CleanupReport, Handling, clean_up
from .guards import Limits
from .plan import (
    MANUAL,
    UNMATCHED,
    LibraryStatistics,
    Plan,
    entry_name,
    find_candidates,
    plan_cleanup,
)
from .reasons import Why
from .settle import forget_requests, settle
from .wording import clause, say

__all__ = [
    "MANUAL",
    "UNMATCHED",
    "BreakerState",
    "CleanupReport",
    "Finding",
    "Handling",
    "LibraryStatistics",
    "Limits",
    "Measure",
    "Plan",
    "Suspicion",
    "Why",
    "clause",
    "clean_up",
    "entry_name",
    "find_candidates",
    "forget_requests",
    "lift",
    "measure",
    "plan_cleanup",
    "review",
    "say",
    "settle",
    "with_finding",
]
