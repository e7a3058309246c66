"""The only room that deletes: the plan, its guards, and the executor."""

from .approvals import with_approvals
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
from .bring_back import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    PATIENCE,
    BroughtBack,
    Prospect,
    bring_back,
    prospect_of,
    title_name,
)
from .candidates import UNMATCHED, find_candidates
from .collection import COLLECTION_NAME, LeavingSoonCollection, take_collection_down
from .execute import clean_up
from .explain import Explained, explain_item
from .found import look_again
from .guards import Limits
from .measure import PARTS, Measure, Suspicion
from .plan import Plan, plan_cleanup
from .planner import Planner
from .preview import Counts, Preview, PreviewedTitle, preview
from .reasons import MANUAL, Why, why
from .requests import forget_requests, look_for_what_is_gone
from .returns import LoggedDeletion, done_before, give_up, go_back, logged_deletions
from .settle import settle
from .statistics import LibraryStatistics
from .terms import CleanupReport, Handling, Terms
from .wording import (
    clause,
    details,
    keep_ends,
    kept_details,
    leaves,
    leaves_in,
    rule_name,
    say,
)

__all__ = [
    "COLLECTION_NAME",
    "GIVEN_UP_AFTER",
    "KEPT_FOR",
    "MANUAL",
    "PARTS",
    "PATIENCE",
    "UNMATCHED",
    "BreakerState",
    "BroughtBack",
    "Change",
    "CleanupReport",
    "Counts",
    "Explained",
    "Finding",
    "Handling",
    "LeavingSoonCollection",
    "LibraryStatistics",
    "Limits",
    "LoggedDeletion",
    "Look",
    "Measure",
    "Plan",
    "Planner",
    "Preview",
    "PreviewedTitle",
    "Prospect",
    "Suspicion",
    "Terms",
    "Why",
    "await_grace",
    "bring_back",
    "clause",
    "clean_up",
    "details",
    "done_before",
    "explain_item",
    "find_candidates",
    "forget_requests",
    "give_up",
    "go_back",
    "keep_ends",
    "kept_details",
    "leaves",
    "leaves_in",
    "lift",
    "logged_deletions",
    "look_again",
    "look_at",
    "look_for_what_is_gone",
    "plan_cleanup",
    "preview",
    "prospect_of",
    "review",
    "rule_name",
    "say",
    "settle",
    "take_collection_down",
    "title_name",
    "why",
    "with_approvals",
    "with_finding",
    "without_finding",
]
