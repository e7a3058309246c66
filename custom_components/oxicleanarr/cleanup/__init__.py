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
from .execute import CleanupReport, clean_up, settle
from .guards import Limits
from .plan import (
    MANUAL,
    LibraryStatistics,
    Plan,
    entry_name,
    find_candidates,
    plan_cleanup,
)

__all__ = [
    "MANUAL",
    "BreakerState",
    "CleanupReport",
    "Finding",
    "LibraryStatistics",
    "Limits",
    "Measure",
    "Plan",
    "Suspicion",
    "clean_up",
    "entry_name",
    "find_candidates",
    "lift",
    "measure",
    "plan_cleanup",
    "review",
    "settle",
    "with_finding",
]
