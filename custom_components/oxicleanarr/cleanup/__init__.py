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
from .collection import (
    COLLECTION_NAME,
    CollectionTakenError,
    show_collection,
    take_collection_down,
)
from .execute import clean_up
from .explain import Explained, explain_item
from .guards import Limits
from .measure import PARTS, Measure, Suspicion
from .plan import (
    UNMATCHED,
    LibraryStatistics,
    Plan,
    entry_name,
    find_candidates,
    plan_cleanup,
)
from .preview import Counts, Preview, PreviewedTitle, preview
from .reasons import MANUAL, Why, why
from .requests import forget_requests, look_for_what_is_gone
from .settle import settle
from .terms import CleanupReport, Handling, Terms
from .wording import clause, details, leaves, leaves_in, rule_name, say, size

__all__ = [
    "COLLECTION_NAME",
    "MANUAL",
    "PARTS",
    "UNMATCHED",
    "BreakerState",
    "Change",
    "CleanupReport",
    "CollectionTakenError",
    "Counts",
    "Explained",
    "Finding",
    "Handling",
    "LibraryStatistics",
    "Limits",
    "Look",
    "Measure",
    "Plan",
    "Preview",
    "PreviewedTitle",
    "Suspicion",
    "Terms",
    "Why",
    "await_grace",
    "clause",
    "clean_up",
    "details",
    "entry_name",
    "explain_item",
    "find_candidates",
    "forget_requests",
    "leaves",
    "leaves_in",
    "lift",
    "look_at",
    "look_for_what_is_gone",
    "plan_cleanup",
    "preview",
    "review",
    "rule_name",
    "say",
    "settle",
    "show_collection",
    "size",
    "take_collection_down",
    "why",
    "with_finding",
    "without_finding",
]
