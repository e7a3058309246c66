"""The retention rules: what may be deleted, when, and why.

Everything here is a pure function of its arguments. Nothing reads a file or the
clock, and nothing knows Home Assistant.
"""

from .chain import TraceStep
from .durations import NEVER, Retention, format_duration, parse_duration
from .errors import RuleError, RuleErrors
from .evaluate import evaluate
from .rules import (
    DEFAULT_PRIORITY,
    RULE_TYPES,
    STANDARD,
    EpisodeDeleteStrategy,
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    Rule,
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
from .series import SeriesFacts, roll_up

__all__ = [
    "DEFAULT_PRIORITY",
    "NEVER",
    "RULE_TYPES",
    "STANDARD",
    "EpisodeDeleteStrategy",
    "EpisodeRule",
    "Retention",
    "RetentionBase",
    "RetentionRules",
    "Rule",
    "RuleError",
    "RuleErrors",
    "SeriesFacts",
    "StandardRules",
    "TagRule",
    "TraceStep",
    "UnwatchedBehavior",
    "UserEntry",
    "UserRule",
    "WatchedBy",
    "WatchedRule",
    "Watchers",
    "evaluate",
    "format_duration",
    "parse_duration",
    "roll_up",
    "rule_type",
]
