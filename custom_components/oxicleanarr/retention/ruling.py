"""Rules and users, made ready to decide about any number of titles."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    place: int
    """Where it stands in the chain."""
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


type _Identity = tuple[str, int | str]
"""Something by which an entry can call a requester: what it is, and its value."""


class TermsFor(dict[Requester, Mapping[int, Terms]]):
    """What user rules require of what somebody has requested, by places in the chain.

    A rule that has no entry for them is not among them; of several the first counts.
    Few people request many titles: each is looked up once.
    """

    def __init__(self, chain: Sequence[ItemRule], users: Mapping[str, str]) -> None:
        """Take the rules in their order, and what every user is called."""
        super().__init__()
        self._users = users
        self._rules = {
            place: rule
            for place, rule in enumerate(chain)
            if isinstance(rule, UserRule)
        }
        self._entries: defaultdict[_Identity, list[tuple[int, int]]] = defaultdict(list)
        for place, rule in self._rules.items():
            for number, entry in enumerate(rule.users):
                if (identity := _identity(entry)) is not None:
                    self._entries[identity].append((place, number))

    def __missing__(self, requester: Requester) -> Mapping[int, Terms]:
        """Look up a requester."""
        entries = [
            place_and_number
            for identity in _identities(requester, self._users)
            for place_and_number in self._entries.get(identity, ())
        ]
        name = name_of(requester, self._users)
        self[requester] = found = {}
        for place, number in sorted(entries):
            if place not in found:
                rule = self._rules[place]
                found[place] = entry_terms(rule, rule.users[number], name)
        return found


def _identity(entry: UserEntry) -> _Identity | None:
    """Return by what an entry calls those whom it means; ``None``: it means nobody."""
    if entry.user_id is not None:
        return ("number", entry.user_id) if entry.user_id > 0 else None
    if entry.email is not None:
        return ("email", entry.email.strip().casefold())
    return None if entry.username is None else ("name", entry.username.casefold())


def _identities(requester: Requester, users: Mapping[str, str]) -> set[_Identity]:
    """Return by what a requester can be called. A missing value is none of it."""
    found: set[_Identity] = {("name", name.casefold()) for name in requester.names}
    if requester.request_user_id is not None:
        found.add(("number", requester.request_user_id))
    if email := (requester.email or "").strip().casefold():
        found.add(("email", email))
    if requester.user_id is not None and requester.user_id in users:
        found.add(("name", users[requester.user_id].casefold()))
    return found


def name_of(requester: Requester, users: Mapping[str, str]) -> str | None:
    """Return what to call a requester: in Jellyfin, else in Seerr."""
    if requester.user_id is not None and requester.user_id in users:
        return users[requester.user_id]
    if requester.names:
        return min(requester.names)
    return requester.email


def _asked(rule: ItemRule, place: int) -> Asked:
    """Return a rule, made ready to be asked."""
    tag = rule.tag if isinstance(rule, TagRule) else None
    return Asked(
        rule,
        None if isinstance(rule, UserRule) else terms_of(rule),
        place,
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
    terms_for: TermsFor
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
    ordered = item_chain(rules)
    chain = tuple(_asked(rule, place) for place, rule in enumerate(ordered))
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
        TermsFor(ordered, users),
        RulesFor(enabled),
        RulesFor(tag_rules),
        bool(tag_rules),
        episode_chain(rules),
        rules.seerr,
    )
