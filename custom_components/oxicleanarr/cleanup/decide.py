"""The second decision: the rules are asked again, on what is true at this moment.

Nothing goes because it was once on a plan. Right before each file the same functions
that made the plan decide about it again, with what the servers say now and with what
the user has chosen by now; only the same rule with the same outcome lets it go.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..ledger import (
    Copy,
    PlayMemory,
    copies_among,
    remember,
    versions_changed,
    watchers,
)
from ..model import (
    Keep,
    MediaFacts,
    MediaItem,
    MediaKey,
    PlannedDeletion,
    Reason,
    Requester,
    UserData,
)
from ..retention import RetentionRules, evaluate
from .candidates import find_candidates
from .reasons import Why, why


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What the servers say about an entry's titles, right before one of them goes."""

    items: Mapping[str, MediaItem] = field(default_factory=dict)
    """By id: the files with their copies, and their seasons and series."""
    user_data: Mapping[str, Mapping[str, UserData]] = field(default_factory=dict)
    """User id to item id to that user's state."""
    memories: Mapping[str, Mapping[str, PlayMemory]] = field(default_factory=dict)
    """Item id to user id to what is remembered."""
    favorites: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """User id to the ids of all of that user's favorites."""
    seeing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Item id to the users who see it again."""
    unfinished: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Id of a film in parts to those who have not watched its last part."""
    owner_tags: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """Id of a movie or series to its tags in Radarr or Sonarr; ``None``: not known."""
    continuing: Mapping[str, bool | None] = field(default_factory=dict)
    """Id of a series to whether Sonarr expects more of it."""
    requesters: Mapping[str, tuple[Requester, ...] | None] | None = None
    """Id of a movie or series to who requested it; ``None``: no rule asks for it."""


def facts_now(
    facts: Sequence[MediaFacts], live: Live, now: datetime
) -> list[MediaFacts]:
    """Return facts as of this moment, where the servers have been asked.

    What would only speak for a deletion is left as the plan knew it: a new mark, a
    favorite taken back.
    """
    changed = [_fact_now(fact, live) for fact in facts]
    titles = {
        one.item.item_id: together
        for together in copies_among(changed)
        for one in together
    }
    return [
        _watched_now(fact, titles.get(fact.item.item_id, [fact]), live, now)
        for fact in changed
    ]


def _watched_now(
    fact: MediaFacts, copies: Sequence[MediaFacts], live: Live, now: datetime
) -> MediaFacts:
    """Return what is true of a title of which some have watched this or that copy."""
    if not live.memories.keys() & {one.item.item_id for one in copies}:
        return fact
    of_each, _ = watchers([_copy_now(one, live, now) for one in copies])
    own = of_each[[one.item.item_id for one in copies].index(fact.item.item_id)]
    return replace(fact, watched_by=fact.watched_by & own)


def _copy_now(fact: MediaFacts, live: Live, now: datetime) -> Copy:
    """Return a copy with those who have watched just this one, as of this moment."""
    item_id = fact.item.item_id
    watched: dict[str, datetime | None] = {}
    unfinished = live.unfinished.get(item_id, frozenset())
    for user_id, memory in live.memories.get(item_id, {}).items():
        if user_id in unfinished:
            continue
        data = live.user_data.get(user_id, {}).get(item_id)
        if data is not None and (seen := remember(memory, data, now)).watched:
            watched[user_id] = seen.last_played_at or seen.first_played_at
    runtime = fact.item.runtime
    if (item := live.items.get(item_id)) is not None:
        runtime = item.runtime
    return Copy(runtime, fact.life_started_at, watched)


def _fact_now(fact: MediaFacts, live: Live) -> MediaFacts:
    """Return what is true of one title."""
    item_id = fact.item.item_id
    changed = replace(
        fact,
        favorite_of=fact.favorite_of
        | {
            user_id
            for user_id, favorites in live.favorites.items()
            if item_id in favorites
        }
        | {
            user_id
            for user_id, data in live.user_data.items()
            if item_id in data and data[item_id].favorite
        },
    )
    item = live.items.get(item_id)
    if item is not None and item.source_count != fact.item.source_count:
        # What has become a version of it, or is none any more, nobody has looked at.
        changed = replace(changed, unclear=versions_changed(item))
    if item is not None and fact.tags is not None:
        tags: frozenset[str] | None = fact.tags | item.tags
        if item_id in live.owner_tags:
            owned = live.owner_tags[item_id]
            tags = None if owned is None else item.tags | owned
        changed = replace(changed, tags=tags)
    if item_id in live.seeing and fact.visible_to is not None:
        changed = replace(changed, visible_to=fact.visible_to | live.seeing[item_id])
    if item_id in live.continuing:
        changed = replace(changed, continuing=live.continuing[item_id])
    if live.requesters is not None and item_id in live.requesters:
        changed = replace(changed, requesters=live.requesters[item_id])
    return changed


def decide_again(
    entry: PlannedDeletion,
    left: Collection[str],
    facts: Sequence[MediaFacts],
    rules: RetentionRules,
    users: Mapping[str, str],
    keeps: Mapping[MediaKey, Keep],
    manual: Mapping[MediaKey, datetime],
    *,
    favorites_keep: bool,
    now: datetime,
) -> Reason | None:
    """Return why an entry would not be planned now, or ``None``: it would, and is due.

    ``facts`` are those of its whole family, ``left`` the ids of what has not gone yet.
    """
    candidates = find_candidates(
        facts,
        evaluate(facts, rules, users, now),
        keeps,
        users,
        manual=manual,
        favorites_keep=favorites_keep,
    )
    for verdict in candidates.verdicts:
        if (verdict.kind, verdict.item_id) != (entry.kind, entry.item_id):
            continue
        scope = set(verdict.episode_ids or (verdict.item_id,))
        if verdict.rule != entry.rule or not set(left) <= scope:
            return why(Why.DECIDED_OTHERWISE, because=verdict.reason)
        if not scope <= set(entry.target_ids):
            return why(Why.HOLDS_MORE)
        if verdict.due_at is None or verdict.due_at > now:
            return why(Why.NOT_DUE, due_at=verdict.due_at or now)
        return None
    own = {entry.item_id, *entry.target_ids}
    series = {fact.item.series_id for fact in facts if fact.item.item_id in own}
    for names in (own, series):
        for kept in candidates.kept:
            if kept.item_id in names:
                if kept.kept_by in ("keep", "favorite"):
                    return kept.reason
                return why(Why.DECIDED_OTHERWISE, because=kept.reason)
    return why(Why.NO_LONGER_PLANNED)
