"""Rules and users, made ready to decide about any number of titles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .reasons import Names
from .rules import (
    EpisodeRule,
    ItemRule,
    RetentionRules,
    StandardRules,
    TagRule,
    episode_chain,
    item_chain,
)


class RulesOfTags[R: ItemRule](dict[frozenset[str], tuple[R, ...]]):
    """The rules that a title with certain tags has to be asked about, in their order.

    Tag rules for other tags are left out. A library has few sets of tags, and many
    titles: each set is looked up once.
    """

    def __init__(self, rules: Iterable[R]) -> None:
        """Take the rules to choose from."""
        super().__init__()
        self._rules = [
            (rule.tag.casefold() if isinstance(rule, TagRule) else None, rule)
            for rule in rules
        ]

    def __missing__(self, tags: frozenset[str]) -> tuple[R, ...]:
        """Look up a set of tags."""
        own = {None, *(tag.casefold() for tag in tags)}
        self[tags] = found = tuple(rule for tag, rule in self._rules if tag in own)
        return found


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is the same for every title of one evaluation."""

    now: datetime
    users: Mapping[str, str]
    names: Names
    ids_of: Mapping[str, frozenset[str]]
    """User name in small letters to the ids of the users with that name."""
    standard: StandardRules
    chain: tuple[ItemRule, ...]
    tag_rules: tuple[TagRule, ...]
    """Those of the chain that are switched on."""
    rules_of: RulesOfTags[ItemRule]
    """All rules that are switched on, by the tags of a title."""
    tag_rules_of: RulesOfTags[TagRule]
    episode_chain: tuple[EpisodeRule, ...]
    seerr: bool


def prepare(rules: RetentionRules, users: Mapping[str, str], now: datetime) -> Ruling:
    """Return rules and users, made ready for any number of titles."""
    ids_of: dict[str, frozenset[str]] = {}
    for user_id, name in users.items():
        folded = name.casefold()
        ids_of[folded] = ids_of.get(folded, frozenset()) | {user_id}
    chain = item_chain(rules)
    tag_rules = tuple(
        rule for rule in chain if isinstance(rule, TagRule) and rule.enabled
    )
    return Ruling(
        now,
        users,
        Names(users),
        ids_of,
        rules.standard,
        chain,
        tag_rules,
        RulesOfTags(rule for rule in chain if rule.enabled),
        RulesOfTags(tag_rules),
        episode_chain(rules),
        rules.seerr,
    )
