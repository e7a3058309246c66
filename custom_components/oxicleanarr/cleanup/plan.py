"""The plan: what will go, when and why, and what protects the rest.

There is one plan. Sensors, calendar, actions and the executor all read it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..garbage import throw_away, without_collector
from ..ledger import Ledger, Scheduled
from ..model import (
    ApprovalState,
    Keep,
    KeptItem,
    MediaFacts,
    MediaKey,
    MediaKind,
    Outcome,
    PlannedDeletion,
    Reason,
    Verdict,
)
from ..retention import RetentionRules, evaluate, requesters_named, sight_questions
from .approvals import with_approvals
from .doubts import doubt_about_file, stored_doubt
from .reasons import MANUAL, Why, kept_because, why
from .statistics import LibraryStatistics, count_library
from .together import all_at_once, copy_stays, twins

UNMATCHED = "unmatched"
"""What keeps a title that Radarr or Sonarr describe differently than Jellyfin."""

UNCLEAR = "unclear"
"""What keeps a title of which it cannot be told what its files are."""


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
        known = set(map(entry_name, before.entries))
        return tuple(one for one in self.entries if entry_name(one) not in known)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the rules would delete and nothing protects; not yet on the schedule."""

    verdicts: tuple[Verdict, ...]
    kept: tuple[KeptItem, ...]
    places: tuple[Mapping[str, MediaKey], ...]
    """For each verdict the names on the schedule, with their keys: its entry's, and one
    for all that goes with it, so that what joins it later has to be announced too."""

    def wanted(self) -> dict[str, tuple[MediaKey, datetime]]:
        """Return the entries for the schedule: name to key and end of retention.

        Copies of one title share an entry; the later date counts for both.
        """
        wanted: dict[str, tuple[MediaKey, datetime]] = {}
        for verdict, places in zip(self.verdicts, self.places, strict=True):
            if verdict.due_at is None:
                continue
            for name, key in places.items():
                _, other = wanted.get(name, (key, verdict.due_at))
                wanted[name] = (key, max(verdict.due_at, other))
        return wanted


def _places(
    verdicts: Sequence[Verdict], by_id: Mapping[str, MediaFacts]
) -> Iterator[dict[str, MediaKey]]:
    """Yield the names on the schedule of each verdict, with their keys.

    What goes with an entry is known by its key, which a rename does not change; only
    among copies it takes the id to tell one from the other.
    """
    entries = Counter(map(entry_name, verdicts))
    for verdict in verdicts:
        name = entry_name(verdict)
        copies = entries[name] > 1
        ids = verdict.episode_ids or ((verdict.item_id,) if copies else ())
        keys = Counter(by_id[item_id].key for item_id in ids)
        places = {name: verdict.key}
        for item_id in ids:
            key = by_id[item_id].key
            if copies or keys[key] > 1:
                key = MediaKey(f"jellyfin:{item_id}")
            places[f"{verdict.kind}+{key}"] = key
        yield places


def entry_name(entry: Verdict | PlannedDeletion) -> str:
    """Return what an entry is called on the schedule.

    The kind is part of it: a series' episodes and the series are different entries.
    """
    return f"{entry.kind}:{entry.key}"


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


def find_candidates(
    facts: Sequence[MediaFacts],
    verdicts: Iterable[Verdict],
    keeps: Mapping[MediaKey, Keep],
    users: Mapping[str, str],
    *,
    manual: Mapping[MediaKey, datetime] | None = None,
    favorites_keep: bool = True,
) -> Candidates:
    """Return what would go: what the rules say, less what protects, plus what is by hand.

    ``manual`` is from when on a user wants a title to go, whatever the rules say; it
    does not beat a keep, nor a favourite.
    """
    by_id = {fact.item.item_id: fact for fact in facts}
    candidates: list[Verdict] = []
    kept: list[KeptItem] = []
    for verdict in _by_hand(facts, list(verdicts), manual or {}):
        fact = by_id[verdict.item_id]
        if verdict.outcome is Outcome.KEEP:
            kept.append(_kept(fact, verdict.rule, verdict.reason))
            continue
        family = _family(verdict, fact, by_id)
        if protection := _protection(verdict, family, keeps, users, favorites_keep):
            kept.append(_kept(fact, *protection))
        else:
            candidates.append(verdict)
    # What stays holds its copies, and these hold what is in one file with them.
    remaining, staying = candidates, list(kept)
    while staying:
        held = {name: one for one in staying for name in twins(by_id[one.item_id])}
        candidates, remaining, staying = remaining, [], []
        for verdict in candidates:
            fact = by_id[verdict.item_id]
            twin = next((held[one] for one in twins(fact) if one in held), None)
            if twin is None:
                remaining.append(verdict)
            else:
                staying.append(_kept(fact, twin.kept_by, copy_stays(fact, twin, by_id)))
        kept += staying
    remaining = all_at_once(remaining, by_id)
    return Candidates(
        verdicts=tuple(remaining),
        kept=tuple(kept),
        places=tuple(_places(remaining, by_id)),
    )


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


def _by_hand(
    facts: Sequence[MediaFacts],
    verdicts: list[Verdict],
    manual: Mapping[MediaKey, datetime],
) -> list[Verdict]:
    """Replace the rules' verdicts where a user has chosen a day."""
    if not manual:
        return verdicts
    chosen = {
        fact.item.item_id: _manual_verdict(fact, facts, manual[fact.key])
        for fact in facts
        if fact.key in manual
    }
    return [
        *(one for one in verdicts if one.item_id not in chosen),
        *(verdict for verdict in chosen.values() if verdict is not None),
    ]


def _manual_verdict(
    fact: MediaFacts, facts: Sequence[MediaFacts], at: datetime
) -> Verdict | None:
    """Return the verdict for a day that a user has chosen; an empty folder has none."""
    item = fact.item
    episode_ids: tuple[str, ...] = ()
    if item.kind in (MediaKind.SERIES, MediaKind.SEASON):
        episode_ids = tuple(
            sorted(
                one.item.item_id
                for one in facts
                if one.item.kind is MediaKind.EPISODE
                and item.item_id in (one.item.series_id, one.item.season_id)
            )
        )
        if not episode_ids:
            return None
    return Verdict(
        item_id=item.item_id,
        key=fact.key,
        kind=item.kind,
        outcome=Outcome.DELETE,
        rule=MANUAL,
        rule_type=MANUAL,
        reason=why(Why.BY_HAND, due_at=at),
        due_at=at,
        episode_ids=episode_ids,
    )


def _family(
    verdict: Verdict, fact: MediaFacts, by_id: Mapping[str, MediaFacts]
) -> list[MediaFacts]:
    """Return everything whose protection reaches this verdict.

    A series protects its seasons and episodes; an entry that takes many episodes is
    held by any one of them.
    """
    family = {fact.item.item_id: fact}
    for item_id in (*verdict.episode_ids, verdict.item_id):
        member = by_id.get(item_id)
        if member is None:
            continue
        for one in (item_id, member.item.season_id, member.item.series_id):
            if one and one in by_id:
                family[one] = by_id[one]
    return list(family.values())


def _protection(
    verdict: Verdict,
    family: Iterable[MediaFacts],
    keeps: Mapping[MediaKey, Keep],
    users: Mapping[str, str],
    favorites_keep: bool,
) -> tuple[str, Reason] | None:
    """Return what keeps a title whatever the rules say, and why."""
    for fact in family:
        if keep := keeps.get(fact.key):
            return "keep", kept_because(keep, fact.item.title)
    if favorites_keep:
        for fact in family:
            if fact.favorite_of:
                names = sorted(users.get(one, one) for one in fact.favorite_of)
                return "favorite", why(
                    Why.FAVORITE_OF, title=fact.item.title, users=tuple(names)
                )
    for fact in family:
        if unclear := fact.unclear or doubt_about_file(fact.item):
            return UNCLEAR, unclear
    for fact in family:
        if fact.doubt:
            server = "Radarr" if fact.item.kind is MediaKind.MOVIE else "Sonarr"
            return UNMATCHED, why(
                Why.UNMATCHED, server=server, because=stored_doubt(fact.doubt)
            )
    for fact in family:
        # What is in a series' folder goes only with all of the series.
        whole = fact.item.kind is not MediaKind.SERIES
        if fact.objection and (whole or verdict.kind is MediaKind.SERIES):
            return UNCLEAR, fact.objection
    return None


def _kept(fact: MediaFacts, kept_by: str, reason: Reason) -> KeptItem:
    """Return that a title stays."""
    kept = reason.code in (Why.KEPT_BY_USER, Why.BROUGHT_BACK)
    ends_at = reason.data.get("ends_at") if kept else None
    return KeptItem(
        item_id=fact.item.item_id,
        key=fact.key,
        kind=fact.item.kind,
        title=fact.item.title,
        kept_by=kept_by,
        reason=reason,
        kept_until=ends_at if isinstance(ends_at, datetime) else None,
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
