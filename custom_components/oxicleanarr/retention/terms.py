"""What a matching rule requires of a title, and what a chain decides about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ..model import Outcome, Reason, ReasonValue
from .durations import Retention
from .reasons import Because
from .rules import (
    STANDARD,
    ItemRule,
    RetentionBase,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedBy,
    WatchedRule,
    Watchers,
    rule_type,
)

FOR_GOOD = ("tag", "user")
"""The types whose ``never`` is said of single titles, not of the whole library."""


class Decision(NamedTuple):
    """What a chain has decided. A tuple, because there is one for every episode."""

    rule: str
    rule_type: str
    reason: Reason
    due_at: datetime | None = None
    """When it may go; ``None``: it stays."""
    for_good: bool = False
    """Whether a tag or a user's entry says that it is never to go."""
    undecided: bool = False
    """Whether it stays only because something that a rule needs is unknown."""

    @property
    def outcome(self) -> Outcome:
        """Whether it stays or goes."""
        return Outcome.KEEP if self.due_at is None else Outcome.DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a matching rule requires."""

    rule: str
    rule_type: str
    retention: Retention
    unwatched_retention: Retention | None = None
    watched_by: WatchedBy = Watchers.ANY
    base: RetentionBase
    """What the retention counts from."""
    keeps_unwatched: bool
    """Whether what is not watched stays."""
    matched_by: Mapping[str, ReasonValue] = field(default_factory=dict)
    """Why it matched: its ``tag`` or ``requester``, as reasons name it."""

    def keep(self, because: Reason) -> Decision:
        """Return that a title stays although the rule matches."""
        if self.rule_type == STANDARD:
            reason = Reason(Because.STANDARD_KEEPS, {"because": because})
        else:
            reason = Reason(
                Because.RULE_KEEPS,
                {"rule": self.rule, **self.matched_by, "because": because},
            )
        return Decision(self.rule, self.rule_type, reason)

    def keep_for_good(self) -> Decision:
        """Return that a title stays because the rule never deletes."""
        return Decision(
            self.rule,
            self.rule_type,
            Reason(Because.RULE_NEVER_DELETES, {"rule": self.rule, **self.matched_by}),
            for_good=self.rule_type in FOR_GOOD,
        )


def terms_of(rule: TagRule | WatchedRule) -> Terms:
    """Return what a rule requires of every title that it is for."""
    matched_by: dict[str, ReasonValue] = {}
    if isinstance(rule, TagRule):
        matched_by["tag"] = rule.tag
    return _terms(rule, rule.retention, matched_by)


def entry_terms(rule: UserRule, entry: UserEntry, requester: str | None) -> Terms:
    """Return what a rule requires of what somebody has requested, by a name."""
    return _terms(
        rule, entry.retention, {"requester": requester}, entry.require_watched
    )


def _terms(
    rule: ItemRule,
    retention: Retention,
    matched_by: Mapping[str, ReasonValue],
    require_watched: bool | None = None,
) -> Terms:
    """Return what a rule requires, for a retention that may be one of several."""
    if require_watched is None:
        require_watched = rule.require_watched
    if rule.retention_base is not None:
        base = rule.retention_base
    elif require_watched:
        base = RetentionBase.LAST_WATCHED
    else:
        base = RetentionBase.LAST_WATCHED_OR_ADDED
    return Terms(
        rule=rule.name,
        rule_type=rule_type(rule),
        retention=retention,
        watched_by=rule.watched_by,
        base=base,
        keeps_unwatched=require_watched
        or _keeps_unwatched(base, rule.unwatched_behavior),
        matched_by=matched_by,
    )


def _keeps_unwatched(base: RetentionBase, behavior: UnwatchedBehavior | None) -> bool:
    """Return whether what is not watched stays, without a rule that says so itself."""
    if behavior is None:
        return base is RetentionBase.LAST_WATCHED
    return behavior is UnwatchedBehavior.NEVER


def standard_terms(rules: StandardRules, retention: Retention) -> Terms:
    """Return what a standard retention requires, of movies or of series.

    As in OxiCleanarr what happens to the unwatched belongs to the last watch: its
    default would make the other bases pointless.
    """
    base = rules.retention_base
    return Terms(
        rule=STANDARD,
        rule_type=STANDARD,
        retention=retention,
        unwatched_retention=rules.unwatched_retention,
        base=base,
        keeps_unwatched=base is RetentionBase.LAST_WATCHED
        and _keeps_unwatched(base, rules.unwatched_behavior),
    )
