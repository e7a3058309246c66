"""What the rules say of a title by the truth, as the design has it; nobody is asked.

It is written a second time here, from the page and not from the product, and only as far
as the truth is certain: where the design leaves room, a title may go.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    Retention,
    RetentionBase,
    RetentionRules,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserRule,
    WatchedRule,
    Watchers,
)
from simulators import Episode, Item, Movie
from tests.home import HOUR

from .estate import Estate
from .house import House
from .world import FAREWELL, World

# Jellyfin dates a play by its start, and a film takes two hours.
A_FILM = 3 * HOUR


@dataclass(frozen=True)
class Decision:
    """What the first matching rule demands of a title before it may go."""

    rule: str
    retention: Retention | None
    """How long after the last play; ``None``: it says nothing about that."""
    needs_watched: bool = False
    by_all: bool = False
    requesters: frozenset[str] | None = None
    """One of these has to have watched it; ``None``: anybody."""
    unwatched: Retention | None = None
    """How long after it was added what nobody has watched may go."""


@dataclass
class Truth:
    """The rules, asked about the household as it really is."""

    house: House
    world: World
    estate: Estate | None

    def keeps(
        self, item: Movie | Episode, rules: RetentionRules, named: str, now: datetime
    ) -> Iterator[str]:
        """Yield why a title stays by the rules; ``named`` is the one it goes by."""
        episode_rule = next(
            (
                rule
                for rule in rules.advanced
                if isinstance(rule, EpisodeRule) and rule.name == named
            ),
            None,
        )
        if episode_rule is not None:
            if not episode_rule.enabled:
                yield f"{named} is off"
            elif episode_rule.require_watched and not self.house.watchers(item.name):
                yield f"nobody has watched it, as {named} demands"
            return
        decision = self._decision(item, rules)
        names = self._parts(item)
        if decision.retention is not None and decision.retention.span is None:
            yield f"{decision.rule} never deletes"
            return
        if decision.needs_watched and (because := self._unwatched(names, decision)):
            yield f"{because}, as {decision.rule} demands"
        yield from self._too_soon(item, names, decision, now)

    def _too_soon(
        self, item: Item, names: list[str], decision: Decision, now: datetime
    ) -> Iterator[str]:
        """Yield that a retention is not over."""
        watched = all(map(self.house.watchers, names))
        if decision.unwatched is not None and not watched:
            span = decision.unwatched.span
            added = self.house.arrived.get(self.house.name_of(item), item.date_created)
            if span is None or now < added + span:
                yield f"{decision.rule} lets it stay longer after it was added"
            return
        dates = [at for name in names if (at := self.house.last_active(name))]
        span = decision.retention.span if decision.retention is not None else None
        if span is not None and dates and now + A_FILM < max(dates) + span:
            yield f"it was played on {max(dates)}, too late for {decision.rule}"

    def _parts(self, item: Movie | Episode) -> list[str]:
        """Return the names of all that has to be watched for a title to be watched."""
        if isinstance(item, Movie):
            return [item.name]
        there = [one.name for one in item.series.episodes if not one.virtual]
        return list(dict.fromkeys([item.name, *there]))

    def _unwatched(self, names: list[str], decision: Decision) -> str:
        """Return who should have watched a title and has not, "" if nobody is missed."""
        watchers = set.intersection(*map(self.house.watchers, names))
        if decision.by_all:
            item = self.house.shelf[names[0]]
            for user in self.house.residents():
                must = self.house.household.sees(user, item) and not user.disabled
                if must and user.id not in watchers:
                    return f"{user.name} has not watched it"
            now = self.house.clock.elapsed
            for farewell in self.world.farewells:
                lately = now - farewell.at < FAREWELL.total_seconds()
                if lately and farewell.unwatched.intersection(names):
                    return "one who has left a moment ago has not watched it"
        elif decision.requesters is not None:
            people = map(self.house.person, sorted(decision.requesters))
            asked = {user.id for user in people if user is not None}
            if not watchers & asked and asked:
                return "who asked for it has not watched it"
        return "" if watchers else "nobody has watched it"

    # --- which rule decides -------------------------------------------------------

    def _decision(self, item: Movie | Episode, rules: RetentionRules) -> Decision:
        """Return what the first matching rule demands: tag, user, watched, standard."""
        tags, asked = self._tags(item), self._requesters(item)
        for kind in (TagRule, UserRule, WatchedRule):
            for rule in rules.advanced:
                if not isinstance(rule, kind) or not rule.enabled:
                    continue
                if isinstance(rule, TagRule) and rule.tag not in tags:
                    continue
                if isinstance(rule, UserRule):
                    for entry in rule.users:
                        if entry.username in asked:
                            return Decision(
                                rule.name,
                                entry.retention,
                                rule.require_watched,
                                requesters=frozenset({str(entry.username)}),
                            )
                    continue
                if isinstance(rule, TagRule | WatchedRule):
                    return Decision(
                        rule.name,
                        _after_watching(rule.retention, rule.retention_base),
                        rule.require_watched,
                        by_all=rule.watched_by is Watchers.ALL,
                    )
        return _by_standard(rules.standard, item)

    def _tags(self, item: Item) -> set[str]:
        """Return the tags of a title, wherever it has them."""
        title = item.series if isinstance(item, Episode) else item
        own = set(title.tags)
        return own | self.estate.tags(item) if self.estate is not None else own

    def _requesters(self, item: Item) -> set[str]:
        return self.estate.requesters(item) if self.estate is not None else set()


def _after_watching(
    retention: Retention, base: RetentionBase | None
) -> Retention | None:
    """Return a retention as far as it counts from the last play, or is never."""
    counted = base is not RetentionBase.ADDED
    return retention if counted or retention.span is None else None


def _by_standard(standard: StandardRules, item: Item) -> Decision:
    """Return what the standard retention demands."""
    span = (
        standard.movie_retention if isinstance(item, Movie) else standard.tv_retention
    )
    return Decision(
        "standard",
        _after_watching(span, standard.retention_base),
        standard.retention_base is RetentionBase.LAST_WATCHED
        and standard.unwatched_behavior is UnwatchedBehavior.NEVER,
        unwatched=standard.unwatched_retention
        if standard.unwatched_behavior is UnwatchedBehavior.ADDED
        else None,
    )


def released(names: Iterable[str], wishes: dict[str, datetime]) -> bool:
    """Return whether the user wants one of these gone, by hand."""
    return any(name in wishes for name in names)
