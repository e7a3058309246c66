"""Rules and users, made ready to decide about any number of titles."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ..model import Reason, Requester
from .reasons import Because, Names
from .rules import (
    EpisodeRule,
    ItemRule,
    RetentionRules,
    TagRule,
    UserEntry,
    UserRule,
    episode_chain,
    item_chain,
)
from .terms import Terms, entry_terms, standard_terms, terms_of


class Asked(NamedTuple):
    """A rule of the chain, with what does not depend on the title it is asked about."""

    rule: ItemRule
    terms: Terms | None
    """``None``: of a user rule each entry has its own."""
    terms_of: Mapping[Requester, Terms | None]
    """Those, by requester; ``None``: no entry means them."""
    tag: str | None
    """The tag of a tag rule, in small letters."""
    no_tag: Reason
    """Why it has no say about a title without that."""
    libraries: frozenset[str]
    """The names of its libraries, in small letters; none: it is for all."""
    elsewhere: Reason
    """Why it has no say about a title in another one."""

    def may_be_for(self, tags: Collection[str], library: str) -> bool:
        """Return whether it has to be asked about titles with these tags, in a library.

        Without a library nobody can say that a rule is for other ones.
        """
        if self.libraries and not library:
            return True
        return (self.tag is None or self.tag in tags) and (
            not self.libraries or library in self.libraries
        )


class _TermsOf(dict[Requester, Terms | None]):
    """What a user rule requires of what somebody has requested: by its first entry for them.

    Few people request many titles: each is looked up once.
    """

    def __init__(
        self,
        rule: UserRule,
        users: Mapping[str, str],
        ids_of: Mapping[str, frozenset[str]],
    ) -> None:
        """Take the rule, what every user is called, and whom each of the names means."""
        super().__init__()
        self._rule = rule
        self._users = users
        self._ids_of = ids_of

    def __missing__(self, requester: Requester) -> Terms | None:
        """Look up a requester."""
        self[requester] = found = next(
            (
                entry_terms(self._rule, entry, name_of(requester, self._users))
                for entry in self._rule.users
                if self._means(entry, requester)
            ),
            None,
        )
        return found

    def _means(self, entry: UserEntry, requester: Requester) -> bool:
        """Return whether an entry means a requester. A missing value matches nobody."""
        if entry.user_id is not None:
            return entry.user_id > 0 and entry.user_id == requester.request_user_id
        if entry.email is not None:
            email = (requester.email or "").strip().casefold()
            return bool(email) and entry.email.strip().casefold() == email
        if entry.username is None:
            return False
        username = entry.username.casefold()
        if username in map(str.casefold, requester.names):
            return True
        user_id = requester.user_id
        return user_id is not None and user_id in self._ids_of.get(username, ())


def name_of(requester: Requester, users: Mapping[str, str]) -> str | None:
    """Return what to call a requester: in Jellyfin, else in Seerr."""
    if requester.user_id is not None and requester.user_id in users:
        return users[requester.user_id]
    if requester.names:
        return min(requester.names)
    return requester.email


def _asked(
    rule: ItemRule, users: Mapping[str, str], ids_of: Mapping[str, frozenset[str]]
) -> Asked:
    """Return a rule, made ready to be asked."""
    tag = rule.tag if isinstance(rule, TagRule) else None
    return Asked(
        rule,
        None if isinstance(rule, UserRule) else terms_of(rule),
        _TermsOf(rule, users, ids_of) if isinstance(rule, UserRule) else {},
        None if tag is None else tag.casefold(),
        Reason(Because.NO_TAG, {"tag": tag}),
        frozenset(map(str.casefold, rule.libraries)),
        Reason(Because.OTHER_LIBRARY, {"libraries": rule.libraries}),
    )


class RulesFor(dict[tuple[frozenset[str], str], tuple[Asked, ...]]):
    """The rules that a title has to be asked about, in their order: by tags and library.

    A library has few sets of tags, and many titles: each set is looked up once.
    """

    def __init__(self, rules: Iterable[Asked]) -> None:
        """Take the rules to choose from."""
        super().__init__()
        self._rules = tuple(rules)

    def __missing__(self, name: tuple[frozenset[str], str]) -> tuple[Asked, ...]:
        """Look up a set of tags and a library."""
        tags, library = set(map(str.casefold, name[0])), name[1].casefold()
        self[name] = found = tuple(
            one for one in self._rules if one.may_be_for(tags, library)
        )
        return found


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is the same for every title of one evaluation."""

    now: datetime
    users: Mapping[str, str]
    names: Names
    ids_of: Mapping[str, frozenset[str]]
    """User name in small letters to the ids of the users with that name."""
    standard_of_movies: Terms
    standard_of_series: Terms
    chain: tuple[Asked, ...]
    rules_for: RulesFor
    """All rules that are switched on."""
    tag_rules_for: RulesFor
    """Those of them that are for a tag."""
    tag_rules: bool
    """Whether there are any."""
    episode_chain: tuple[EpisodeRule, ...]
    seerr: bool


def prepare(rules: RetentionRules, users: Mapping[str, str], now: datetime) -> Ruling:
    """Return rules and users, made ready for any number of titles."""
    ids_of: dict[str, frozenset[str]] = {}
    for user_id, name in users.items():
        folded = name.casefold()
        ids_of[folded] = ids_of.get(folded, frozenset()) | {user_id}
    standard = rules.standard
    chain = tuple(_asked(rule, users, ids_of) for rule in item_chain(rules))
    enabled = [one for one in chain if one.rule.enabled]
    tag_rules = [one for one in enabled if one.tag is not None]
    return Ruling(
        now,
        users,
        Names(users),
        ids_of,
        standard_terms(standard, standard.movie_retention),
        standard_terms(standard, standard.tv_retention),
        chain,
        RulesFor(enabled),
        RulesFor(tag_rules),
        bool(tag_rules),
        episode_chain(rules),
        rules.seerr,
    )
