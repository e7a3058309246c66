"""The plan: what will go, when and why, and what protects the rest.

There is one plan. Sensors, calendar, actions and the executor all read it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..garbage import throw_away, without_collector
from ..ledger import Ledger, Scheduled
from ..model import (
    ApprovalState,
    KeptItem,
    MediaFacts,
    MediaKind,
    PlannedDeletion,
    Verdict,
)
from ..retention import RetentionRules, evaluate, requesters_named, sight_questions
from .approvals import with_approvals
from .candidates import Candidates, find_candidates
from .statistics import LibraryStatistics, count_library


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is going to be deleted, the earliest first, and all that stays."""

    evaluated_at: datetime
    synced_at: datetime | None
    """When the sync began on which this plan rests."""
    entries: tuple[PlannedDeletion, ...] = ()
    kept: tuple[KeptItem, ...] = ()
    statistics: LibraryStatistics = field(default_factory=LibraryStatistics)
    sight_questions: Mapping[str, frozenset[str]] | None = None
    """Item id to the users of whom it matters whether they see it; ``None``: to no
    rule does it matter."""
    holds_until: datetime | None = field(default=None, compare=False)
    """When time alone may make it another one, at the earliest; ``None``: never."""
    reclaimable_bytes: int = field(init=False, compare=False)
    """The size of all entries, as far as it is known; no file counts twice."""

    def __post_init__(self) -> None:
        """Add up what is asked for often."""
        episodes = {
            one
            for entry in self.entries
            if entry.kind in (MediaKind.SERIES, MediaKind.SEASON)
            for one in entry.episode_ids
        }
        size = sum(
            entry.size_bytes or 0
            for entry in self.entries
            if entry.item_id not in episodes
        )
        object.__setattr__(self, "reclaimable_bytes", size)

    def due(self, now: datetime) -> tuple[PlannedDeletion, ...]:
        """Return the entries whose time has come, approved where they have to be."""
        return tuple(entry for entry in self._due_by(now) if entry.ready(now))

    def awaiting_approval(self, now: datetime) -> tuple[PlannedDeletion, ...]:
        """Return the entries to which nothing but an approval is missing."""
        return tuple(
            entry
            for entry in self._due_by(now)
            if entry.approval(now) is ApprovalState.WAITING
        )

    def new_since(self, before: Plan | None) -> tuple[PlannedDeletion, ...]:
        """Return the entries that another plan, made before, does not have.

        Takes some milliseconds with thousands of entries, as the next one does.
        """
        if before is None:
            return self.entries
        if before.entries is self.entries:
            return ()
        known = {one.name for one in before.entries}
        return tuple(one for one in self.entries if one.name not in known)

    def targets(self) -> list[tuple[MediaKind, str]]:
        """Return what the entries take, by item id, each with the kind of its entry."""
        return [
            (entry.kind, item_id)
            for entry in self.entries
            for item_id in entry.target_ids
        ]

    def leaving_soon(
        self, now: datetime, window: timedelta
    ) -> tuple[PlannedDeletion, ...]:
        """Return the entries that are due or will be within the window.

        What waits for an approval is among them: it may go as soon as it has that.
        """
        return self._due_by(now + window)

    def _due_by(self, moment: datetime) -> tuple[PlannedDeletion, ...]:
        """Return the entries that are due by a moment, approved or not."""
        end = bisect_right(self.entries, moment, key=lambda entry: entry.due_at)
        return self.entries[:end]

    def next_due_at(self, now: datetime) -> datetime | None:
        """Return when the next entry becomes due, besides those that are.

        What nobody has approved by then does not.
        """
        return next(
            (
                one.due_at
                for one in self.entries
                if one.due_at > now and one.approval(now) is not ApprovalState.PENDING
            ),
            None,
        )


@without_collector()
def plan_cleanup(
    ledger: Ledger,
    rules: RetentionRules,
    *,
    now: datetime,
    grace: timedelta,
    favorites_keep: bool,
    announce: bool = True,
) -> Plan:
    """Make the plan from what the ledger knows, and put its entries on the schedule.

    Without ``announce`` it is a plan as it would be, and nothing is put anywhere. Blocks
    for as long as a second with a large library: call it in an executor. Raises
    LedgerError.
    """
    everybody = ledger.users()
    users = {user.user_id: user.name for user in everybody}
    facts = ledger.facts(now)
    candidates = find_candidates(
        facts,
        evaluate(facts, rules, users, now),
        ledger.keeps(now),
        users,
        manual=ledger.manual_schedule(),
        favorites_keep=favorites_keep,
    )
    schedule = ledger.schedule if announce else ledger.proposed_schedule
    plan = make_plan(
        facts,
        candidates,
        schedule(candidates.wanted(), now, grace),
        users,
        now=now,
        synced_at=ledger.synced_at(),
    )
    known = ledger.approvals()
    entries, ended = with_approvals(plan.entries, rules, known, now)
    if announce and ended:
        ledger.end_approvals(ended)
    plan = replace(
        plan,
        entries=entries,
        sight_questions=sight_questions(
            facts, rules, [one.user_id for one in everybody if one.sight != ""]
        ),
        holds_until=now if any_ahead(facts, now) else ledger.next_moment(now),
    )
    found: list[object] = [*candidates.verdicts, *candidates.places]
    del candidates
    throw_away(found)
    throw_away(facts)
    return plan


def any_ahead(facts: Iterable[MediaFacts], now: datetime) -> bool:
    """Return whether a date lies ahead that counts as now until it has come.

    What was ahead and has been taken for now already is not before now either.
    """
    for fact in facts:
        item = fact.item
        aired = item.premiere_at if item.kind is MediaKind.EPISODE else None
        for at in (fact.added_at, fact.last_watched_at, aired):
            if at is not None and at >= now:
                return True
    return False


def make_plan(
    facts: Sequence[MediaFacts],
    candidates: Candidates,
    schedule: Mapping[str, Scheduled],
    users: Mapping[str, str],
    *,
    now: datetime,
    synced_at: datetime | None,
) -> Plan:
    """Put the candidates in order, with the days the schedule gives them."""
    by_id = {fact.item.item_id: fact for fact in facts}
    names = _Names(users)
    entries = [
        _entry(verdict, [schedule[name] for name in places], by_id, names)
        for verdict, places in zip(candidates.verdicts, candidates.places, strict=True)
        if schedule.keys() >= places.keys()
    ]
    entries.sort(key=lambda entry: (entry.due_at, entry.kind, entry.key, entry.item_id))
    return Plan(
        evaluated_at=now,
        synced_at=synced_at,
        entries=tuple(entries),
        kept=candidates.kept,
        statistics=count_library(facts),
    )


class _Names(dict[frozenset[str], tuple[str, ...]]):
    """The names of sets of users, in order: many titles have been watched by the same."""

    def __init__(self, users: Mapping[str, str]) -> None:
        """Take what every user is called, by id."""
        super().__init__()
        self.users = users

    def __missing__(self, user_ids: frozenset[str]) -> tuple[str, ...]:
        """Look up a set of users."""
        found = tuple(sorted(self.users.get(one, one) for one in user_ids))
        self[user_ids] = found
        return found


def _entry(
    verdict: Verdict,
    scheduled: Sequence[Scheduled],
    by_id: Mapping[str, MediaFacts],
    names: _Names,
) -> PlannedDeletion:
    """Return what the plan holds about a title or its episodes."""
    fact = by_id[verdict.item_id]
    item = fact.item
    members = [by_id[one] for one in verdict.episode_ids] or [fact]
    sizes = [member.size_bytes for member in members if member.size_bytes is not None]
    watchers = members[0].watched_by
    for member in members[1:]:
        watchers &= member.watched_by
    dates = [one.last_watched_at for one in (*members, fact) if one.last_watched_at]
    added = [member.added_at for member in members if member.added_at]
    return PlannedDeletion(
        item_id=item.item_id,
        key=verdict.key,
        kind=verdict.kind,
        title=item.title,
        year=item.year,
        series=item.series_title,
        season=item.season,
        episode=item.episode,
        size_bytes=sum(sizes) if len(sizes) == len(members) else None,
        watched=bool(watchers),
        watched_by=names[watchers],
        last_watched_at=max(dates, default=None),
        added_at=max(added, default=None),
        rule=verdict.rule,
        rule_type=verdict.rule_type,
        reason=verdict.reason,
        due_at=max(one.due_at for one in scheduled),
        first_scheduled_at=scheduled[0].first_scheduled_at,
        episode_ids=verdict.episode_ids,
        path=item.path,
        watcher_ids=watchers,
        requested_by=_requested_by(fact, by_id, names.users),
    )


def _requested_by(
    fact: MediaFacts, by_id: Mapping[str, MediaFacts], users: Mapping[str, str]
) -> tuple[str, ...]:
    """Return who asked for a title; a series is asked for, not its episodes."""
    asked = by_id.get(fact.item.series_id or "", fact)
    return requesters_named(asked.requesters or (), users)
