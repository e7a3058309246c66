"""The only room that deletes: the plan, its guards, and the executor."""

from .execute import CleanupReport, clean_up, settle
from .guards import Limits
from .plan import LibraryStatistics, Plan, find_candidates, plan_cleanup

__all__ = [
    "CleanupReport",
    "LibraryStatistics",
    "Limits",
    "Plan",
    "clean_up",
    "find_candidates",
    "plan_cleanup",
    "settle",
]
