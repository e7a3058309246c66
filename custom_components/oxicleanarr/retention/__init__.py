"""The retention rules: what may be deleted, when, and why.

Everything here is a pure function of its arguments. Nothing reads a file or the
clock, and nothing knows Home Assistant.
"""

from .chain import TraceStep
from .document import ImportedRules, dump_rules, parse_rules
from .durations import NEVER, Retention, format_duration, parse_duration
from .errors import Fault, RuleError, RuleErrors
from .evaluate import evaluate, sight_questions
from .explain import Explanation, explain
from .mapping import (
    rule_from_mapping,
    rule_to_mapping,
    standard_from_mapping,
    standard_to_mapping,
)
from .reasons import Because
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
from .watched import requesters_named
from .wording import SPECIAL, Special, clause, plain, render, say, sentence

__all__ = [
    "DEFAULT_PRIORITY",
    "NEVER",
    "RULE_TYPES",
    "SPECIAL",
    "STANDARD",
    "Because",
    "EpisodeDeleteStrategy",
    "EpisodeRule",
    "Explanation",
    "Fault",
    "ImportedRules",
    "Retention",
    "RetentionBase",
    "RetentionRules",
    "Rule",
    "RuleError",
    "RuleErrors",
    "SeriesFacts",
    "Special",
    "StandardRules",
    "TagRule",
    "TraceStep",
    "UnwatchedBehavior",
    "UserEntry",
    "UserRule",
    "WatchedBy",
    "WatchedRule",
    "Watchers",
    "clause",
    "dump_rules",
    "evaluate",
    "explain",
    "format_duration",
    "parse_duration",
    "parse_rules",
    "plain",
    "render",
    "requesters_named",
    "roll_up",
    "rule_from_mapping",
    "rule_to_mapping",
    "rule_type",
    "say",
    "sentence",
    "sight_questions",
    "standard_from_mapping",
    "standard_to_mapping",
]
