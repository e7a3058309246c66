"""The only room that deletes: the plan, its guards, and the executor."""

from .execute import CleanupReport, clean_up, settle
from .guards import Limits
from .plan import Candidates, LibraryStatistics, Plan, find_candidates, make_plan

__all__ = [
    "Candidates",
    "CleanupReport",
    "LibraryStatistics",
    "Limits",
    "Plan",
    "clean_up",
    "find_candidates",
    "make_plan",
    "settle",
]
