"""The rules as plain data. How they are written is in ``mapping`` and ``document``."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from .durations import Retention

STANDARD = "standard"
"""The name and the type under which the two standard retentions decide."""

DEFAULT_PRIORITY = 100
MOVIE_RETENTION = Retention(timedelta(days=90))
TV_RETENTION = Retention(timedelta(days=120))


class RetentionBase(StrEnum):
    """The moment from which a retention counts."""

    LAST_WATCHED = "last_watched"
    LAST_WATCHED_OR_ADDED = "last_watched_or_added"
    ADDED = "added"


class UnwatchedBehavior(StrEnum):
    """What happens to what nobody has watched where the base is the last watch."""

    NEVER = "never"
    ADDED = "added"


class Watchers(StrEnum):
    """Who must have watched a title for it to count as watched."""

    ANY = "any"
    ALL = "all"
    REQUESTER = "requester"


class EpisodeDeleteStrategy(StrEnum):
    """Which of a series' episodes go first."""

    OLDEST_FIRST = "oldest_first"
    BY_AGE = "by_age"
    BY_SEASON_AGE = "by_season_age"


type WatchedBy = Watchers | tuple[str, ...]
"""One of the words, or the names of users of whom every one must have watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardRules:
    """What happens to a title that no rule matches. A span of zero switches it off."""

    movie_retention: Retention = MOVIE_RETENTION
    tv_retention: Retention = TV_RETENTION
    retention_base: RetentionBase = RetentionBase.LAST_WATCHED
    unwatched_behavior: UnwatchedBehavior = UnwatchedBehavior.NEVER
    unwatched_retention: Retention | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRule:
    """A retention for everything with a tag. Zero means due at once.

    With ``approval``, of any rule, an admin is asked before anything goes by it.
    """

    name: str
    tag: str
    retention: Retention
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    require_watched: bool = False
    watched_by: WatchedBy = Watchers.ANY
    retention_base: RetentionBase | None = None
    unwatched_behavior: UnwatchedBehavior | None = None
    libraries: tuple[str, ...] = ()
    approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    """One requester and what happens to what they have requested."""

    user_id: int | None = None
    """The requester's number in Seerr."""
    username: str | None = None
    email: str | None = None
    retention: Retention
    require_watched: bool | None = None
    """``None``: as the rule says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRule:
    """Retentions by requester; watched means watched by that requester."""

    name: str
    users: tuple[UserEntry, ...]
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    require_watched: bool = False
    watched_by: WatchedBy = Watchers.REQUESTER
    retention_base: RetentionBase | None = None
    unwatched_behavior: UnwatchedBehavior | None = None
    libraries: tuple[str, ...] = ()
    approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRule:
    """A retention for every movie and series."""

    name: str
    retention: Retention
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    require_watched: bool = False
    watched_by: WatchedBy = Watchers.ANY
    retention_base: RetentionBase | None = None
    unwatched_behavior: UnwatchedBehavior | None = None
    libraries: tuple[str, ...] = ()
    approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRule:
    """How many episodes of a series stay, and for how long."""

    name: str
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    max_episodes: int | None = None
    max_age: Retention | None = None
    require_watched: bool = False
    watched_by: WatchedBy = Watchers.ANY
    tag: str | None = None
    """Only series with this tag; ``None``: every series."""
    season_numbers: tuple[int, ...] = ()
    """Only these seasons; none: every season."""
    keep_latest_season: bool = False
    exclude_continuing_series: bool = False
    episode_delete_strategy: EpisodeDeleteStrategy | None = None
    libraries: tuple[str, ...] = ()
    approval: bool = False


type ItemRule = TagRule | UserRule | WatchedRule
type Rule = ItemRule | EpisodeRule

RULE_TYPES: dict[str, type[TagRule | UserRule | WatchedRule | EpisodeRule]] = {
    "tag": TagRule,
    "user": UserRule,
    "watched": WatchedRule,
    "episode": EpisodeRule,
}
"""The types in the order in which they are asked."""

_TYPE_OF = {cls: name for name, cls in RULE_TYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """Everything that decides what may go, as the user wrote it."""

    standard: StandardRules = field(default_factory=StandardRules)
    advanced: tuple[Rule, ...] = ()
    seerr: bool = True
    """Whether there is a Seerr to ask who requested what; if not, user rules match
    nothing. It is not part of the text of the rules, and neither is the next."""
    approval: bool = False
    """Whether an admin is asked first, whichever rule decides."""

    @property
    def need_requesters(self) -> bool:
        """Whether any rule that is on asks who requested a title."""
        return any(
            rule.enabled
            and (isinstance(rule, UserRule) or rule.watched_by is Watchers.REQUESTER)
            for rule in self.advanced
        )

    @property
    def ask_first(self) -> bool:
        """Return whether an admin is asked about anything before it goes."""
        return self.approval or any(rule.approval for rule in self.advanced)

    def asks_first(self, name: str) -> bool:
        """Return whether an admin is asked before anything goes by a rule."""
        return self.approval or any(
            rule.approval for rule in self.advanced if rule.name == name
        )


def need_sight(rules: RetentionRules) -> bool:
    """Return whether any rule that is on asks who can see a title."""
    return any(
        rule.enabled and rule.watched_by is Watchers.ALL for rule in rules.advanced
    )


def rule_type(rule: Rule) -> str:
    """Return the word for a rule's type, as the YAML says it."""
    return _TYPE_OF[type(rule)]


def item_chain(rules: RetentionRules) -> tuple[ItemRule, ...]:
    """Return the rules for movies and series in the order in which they are asked."""
    order = list(RULE_TYPES)
    chain = [rule for rule in rules.advanced if not isinstance(rule, EpisodeRule)]
    return tuple(sorted(chain, key=lambda r: (order.index(rule_type(r)), r.priority)))


def episode_chain(rules: RetentionRules) -> tuple[EpisodeRule, ...]:
    """Return the episode rules in the order in which they are asked."""
    chain = [rule for rule in rules.advanced if isinstance(rule, EpisodeRule)]
    return tuple(sorted(chain, key=lambda rule: rule.priority))
