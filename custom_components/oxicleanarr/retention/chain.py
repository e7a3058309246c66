"""The chain of rules that decides about a movie or a whole series.

Tag rules are asked first, then user rules, then watched rules, then the standard
retentions. The first that matches decides, even if it decides to keep. If it is unknown
whether a rule matches, the title is kept, because that rule might have kept it.

It is long because one rule of each type, and what a series' parts make of it, are read
together: what one lets through, the next has to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from ..model import MediaFacts, MediaKind, Outcome, Reason, ReasonValue, Requester
from .durations import Retention, format_duration
from .reasons import Because
from .rules import STANDARD, RetentionBase, Rule, rule_type
from .ruling import Asked, Ruling
from .series import SeriesFacts, last_activity
from .terms import Decision, Terms
from .watched import NOT_REQUESTED, REQUESTER_UNKNOWN, watched


@dataclass(frozen=True, slots=True)
class TraceStep:
    """What one rule said about a title, and why."""

    rule: str
    type: str
    matched: bool
    outcome: Outcome | None
    """``None``: the rule had no say."""
    because: Reason


type Pass = Reason
"""Why a rule has no say about a title."""

# What is said of many titles alike is made once.
OFF: Pass = Reason(Because.RULE_OFF)
_NO_SEERR: Pass = Reason(Because.NO_SEERR)
_NOT_NAMED: Pass = Reason(Because.REQUESTER_NOT_NAMED)
PLAYED_UNDATED = Reason(Because.PLAYED_UNDATED)
ADDED_UNKNOWN = Reason(Because.ADDED_UNKNOWN)
LIBRARY_UNKNOWN = Reason(Because.LIBRARY_UNKNOWN)
_TAGS_UNKNOWN = Reason(Because.TAGS_UNKNOWN)


class Title(NamedTuple):
    """A movie, a series or an episode, as rules look at it. A tuple: there are many."""

    facts: MediaFacts
    tags: frozenset[str] | None
    """In small letters; ``None``: not known."""
    series: SeriesFacts | None
    """Its episodes, where it is a series."""
    requesters: tuple[Requester, ...] | None
    """Who requested it, or the series of an episode."""

    @property
    def activity_unknown(self) -> bool:
        """Whether somebody has played it, but nobody knows when."""
        facts = self.facts
        return facts.last_watched_at is None and bool(
            facts.watched_by
            or facts.last_watched
            or (self.series is not None and self.series.progress)
        )


def title(facts: MediaFacts, series: SeriesFacts | None = None) -> Title:
    """Return a title for the chain; a series' facts are the rolled-up ones."""
    tags = facts.tags
    return Title(facts, folded(tags) if tags else tags, series, facts.requesters)


@lru_cache(maxsize=4096)
def folded(tags: frozenset[str]) -> frozenset[str]:
    """Return tags as they are compared: in small letters; many titles have the same."""
    return frozenset([tag.casefold() for tag in tags])


def settle(
    terms: Terms,
    item: Title,
    ruling: Ruling,
    requesters: tuple[Requester, ...] | None,
) -> Decision:
    """Return what a matching rule decides about a title."""
    if terms.retention.is_never:
        return terms.keep_for_good()
    facts = item.facts
    base = terms.base
    seen = watched(facts, terms.watched_by, ruling, requesters, item.series)
    if not seen.met and (
        terms.keeps_unwatched
        or (seen.met is None and base is RetentionBase.LAST_WATCHED)
    ):
        return terms.keep(seen.because)
    if base is not RetentionBase.ADDED and item.activity_unknown:
        return terms.keep(PLAYED_UNDATED)

    retention = terms.retention
    added = facts.added_at
    last = None if base is RetentionBase.ADDED else last_activity(facts)
    if base is RetentionBase.LAST_WATCHED and not seen.met:
        retention = terms.unwatched_retention or retention
        # Somebody may be in the middle of it.
        start = max(added, last) if added is not None and last is not None else added
    else:
        start = added if last is None else last
    played = start is last
    if retention.span is None:
        return terms.keep(Reason(Because.UNWATCHED_STAYS, {"because": seen.because}))
    if start is None:
        return terms.keep(ADDED_UNKNOWN)
    start = min(start, ruling.now)
    return Decision(
        terms.rule,
        terms.rule_type,
        _reason(terms, item, ruling, start, retention, played=played),
        due_at=start + retention.span,
    )


def _reason(
    terms: Terms,
    item: Title,
    ruling: Ruling,
    start: datetime,
    retention: Retention,
    *,
    played: bool,
) -> Reason:
    """Return why a title goes."""
    watched_by = item.facts.watched_by
    data: dict[str, ReasonValue] = {
        "rule": None if terms.rule_type == STANDARD else terms.rule,
        **terms.matched_by,
        "after": format_duration(retention),
        "regardless": not watched_by and terms.base is not RetentionBase.LAST_WATCHED,
    }
    if watched_by or not played:
        data["users"] = ruling.names[watched_by]
    if not played:
        code, at = Because.ADDED, "added_at"
    elif not watched_by:
        code, at = Because.PLAYED, "played_at"
    elif len(watched_by) == 1 and start == item.facts.last_watched.get(*watched_by):
        code, at = Because.WATCHED, "watched_at"
    else:
        code, at = Because.WATCHED_AND_PLAYED, "played_at"
    data[at] = start
    return Reason(code, data)


def decide(
    item: Title, ruling: Ruling, trace: list[TraceStep] | None = None
) -> Decision:
    """Return what the chain decides about a movie or a series.

    Of what lies in several libraries, what keeps it longest in one of them counts, and
    of a series also what keeps one of its parts. With a ``trace`` every rule that was
    asked leaves its step there.
    """
    if not item.facts.other_libraries:
        return _decide_with_parts(item, ruling, trace)
    answers: list[tuple[Decision, list[TraceStep]]] = []
    for one in in_each_library(item):
        steps: list[TraceStep] = []
        decision = _decide_with_parts(one, ruling, None if trace is None else steps)
        answers.append((decision, steps))
    chosen = longest([decision for decision, _ in answers])
    if trace is not None:
        trace += next(steps for decision, steps in answers if decision is chosen)
    return chosen


def _decide_with_parts(
    item: Title, ruling: Ruling, trace: list[TraceStep] | None
) -> Decision:
    """Return what is decided in one library, also for the parts of a series."""
    decision = _decide(item, ruling, trace)
    if item.series is None or decision.due_at is None:
        return decision
    for part in (*item.series.seasons.values(), *item.series.episodes):
        held = with_tags(decision, part.tags, item, ruling)
        if held is not decision:
            decision = _for_part(held, part)
            if trace is not None:
                trace.append(step(decision, matched=True))
    return decision


def in_each_library(item: Title) -> list[Title]:
    """Return a title as it lies in each of its libraries."""
    facts = item.facts
    if not facts.other_libraries:
        return [item]
    return [
        item._replace(facts=replace(facts, library=library))
        for library in (facts.library, *facts.other_libraries.values())
    ]


def with_tags(
    decision: Decision, tags: frozenset[str] | None, item: Title, ruling: Ruling
) -> Decision:
    """Return a decision about a title that some more tags may hold, never hasten.

    The first tag rule for one of them is asked, as if it was for the title; the title's
    own tags are not looked at.
    """
    if not tags or not (rules := ruling.tag_rules_for[tags, item.facts.library]):
        return decision
    tagged = Title(item.facts, folded(tags), item.series, item.requesters)
    for rule in rules:
        answer = _ask(rule, tagged, ruling)
        if not isinstance(answer, Reason):
            return longest((decision, answer))
    return decision


def _for_part(decision: Decision, part: MediaFacts) -> Decision:
    """Return a decision that is owed to a season or an episode."""
    return decision._replace(
        reason=Reason(
            Because.PART_STAYS,
            {"title": part.item.title, "because": decision.reason},
        ),
        for_good=False,
        undecided=False,
    )


def _decide(
    item: Title, ruling: Ruling, trace: list[TraceStep] | None = None
) -> Decision:
    """Return what the chain decides about a movie or a series in one library."""
    if item.series is not None and not item.series.episodes:
        decision = Decision(STANDARD, STANDARD, Reason(Because.NO_EPISODES))
        if trace is not None:
            trace.append(step(decision, matched=False))
        return decision
    rules = ruling.chain
    if trace is None and item.tags is not None:
        # Only a trace tells of rules that cannot be for it.
        rules = ruling.rules_for[item.tags, item.facts.library]
    for asked in rules:
        rule = asked.rule
        answer = _ask(asked, item, ruling) if rule.enabled else OFF
        if not isinstance(answer, Reason):
            if trace is not None:
                trace.append(step(answer, matched=True))
            return answer
        if trace is not None:
            trace.append(TraceStep(rule.name, rule_type(rule), False, None, answer))
    decision = _standard(item, ruling)
    if trace is not None:
        trace.append(step(decision, matched=True))
    return decision


def step(decision: Decision, *, matched: bool) -> TraceStep:
    """Return the step of a trace at which something was decided."""
    return TraceStep(
        decision.rule,
        decision.rule_type,
        matched,
        decision.outcome,
        decision.reason,
    )


def _ask(asked: Asked, item: Title, ruling: Ruling) -> Decision | Pass:
    """Return what one rule decides about a title, or why it has no say."""
    rule = asked.rule
    if asked.terms is None and not ruling.seerr:
        # Without Seerr, such a rule must not keep everything. One that is connected and
        # does not answer is another matter: that is unknown.
        return _NO_SEERR
    if asked.libraries:
        library = item.facts.library
        if not library:
            return undecided(rule, LIBRARY_UNKNOWN)
        if library.casefold() not in asked.libraries:
            return asked.elsewhere
    if asked.terms is None:
        return _ask_requesters(asked, item, ruling)
    if asked.tag is not None:
        if item.tags is None:
            return undecided(rule, _TAGS_UNKNOWN)
        if asked.tag not in item.tags:
            return asked.no_tag
    return settle(asked.terms, item, ruling, item.requesters)


def _ask_requesters(asked: Asked, item: Title, ruling: Ruling) -> Decision | Pass:
    """Return what a user rule decides about a title.

    Where several people have requested it, it stays as long as one of them wants.
    """
    requesters = item.requesters
    if requesters is None:
        return undecided(asked.rule, REQUESTER_UNKNOWN)
    decisions: list[Decision] = []
    for requester in requesters:
        terms = ruling.terms_for[requester].get(asked.place)
        if terms is not None:
            decisions.append(settle(terms, item, ruling, (requester,)))
        elif requester == _NOBODY:
            return undecided(asked.rule, REQUESTER_UNKNOWN)
    if not decisions:
        return _NOT_NAMED if requesters else NOT_REQUESTED
    return longest(decisions)


_NOBODY = Requester()


def longest(decisions: Sequence[Decision]) -> Decision:
    """Return the one of several decisions that keeps a title longest.

    To keep comes before any date, and for good before all.
    """
    longest_yet, *others = decisions
    for one in others:
        if _keeps_longer(one, longest_yet):
            longest_yet = one
    return longest_yet


def _keeps_longer(one: Decision, other: Decision) -> bool:
    """Return whether a decision keeps a title longer; of equals the words decide."""
    if one.due_at != other.due_at:
        return one.due_at is None or (
            other.due_at is not None and one.due_at > other.due_at
        )
    if one.for_good != other.for_good:
        return one.for_good
    return str(one.reason) < str(other.reason)


def undecided(rule: Rule, because: Reason) -> Decision:
    """Return that a title stays because nobody can say whether a rule matches.

    Even a rule that would delete is no reason to ask the next one: that one may
    delete earlier.
    """
    return Decision(
        rule.name,
        rule_type(rule),
        Reason(Because.RULE_MIGHT_APPLY, {"rule": rule.name, "because": because}),
        undecided=True,
    )


def _standard(item: Title, ruling: Ruling) -> Decision:
    """Return what the standard retentions decide."""
    kind = item.facts.item.kind
    terms = (
        ruling.standard_of_movies
        if kind is MediaKind.MOVIE
        else ruling.standard_of_series
    )
    if terms.retention.is_zero or terms.retention.is_never:
        reason = Reason(Because.STANDARD_OFF, {"kind": kind})
        return Decision(STANDARD, STANDARD, reason)
    return settle(terms, item, ruling, item.requesters)
