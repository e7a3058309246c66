"""Rules and users, made ready to decide about any number of titles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .reasons import Names
from .rules import (
    EpisodeRule,
    ItemRule,
    RetentionRules,
    StandardRules,
    episode_chain,
    item_chain,
)


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
    episode_chain: tuple[EpisodeRule, ...]
    seerr: bool


def prepare(rules: RetentionRules, users: Mapping[str, str], now: datetime) -> Ruling:
    """Return rules and users, made ready for any number of titles."""
    ids_of: dict[str, frozenset[str]] = {}
    for user_id, name in users.items():
        folded = name.casefold()
        ids_of[folded] = ids_of.get(folded, frozenset()) | {user_id}
    return Ruling(
        now,
        users,
        Names(users),
        ids_of,
        rules.standard,
        item_chain(rules),
        episode_chain(rules),
        rules.seerr,
    )
