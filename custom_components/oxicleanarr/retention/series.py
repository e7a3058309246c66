"""What is known about a series, from what is known about its episodes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from ..model import MediaFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """A series with its present episodes, and the facts that follow from them."""

    facts: MediaFacts
    """The series' own facts, with what its episodes say in place of its folder."""
    episodes: tuple[MediaFacts, ...]
    """By season and number; those without numbers come first."""
    progress: Mapping[str, int]
    """User id to how many of the episodes that user has watched."""
    seasons: Mapping[str, MediaFacts] = field(default_factory=dict)
    """By id, those of its seasons that have tags of their own."""

    @property
    def episode_ids(self) -> tuple[str, ...]:
        """The ids of the episodes, which are the fixed scope of a verdict."""
        return tuple([episode.item.item_id for episode in self.episodes])


def last_activity(facts: MediaFacts) -> datetime | None:
    """Return when anybody last did anything with a title, or ``None`` if unknown.

    The date that stands for all users and those of the single users can come from
    different servers; the latest of them can only postpone.
    """
    if facts.last_watched_at is None or not facts.last_watched:
        return facts.last_watched_at
    return max(facts.last_watched_at, *facts.last_watched.values())


def roll_up(
    series: MediaFacts,
    episodes: Sequence[MediaFacts],
    seasons: Sequence[MediaFacts] = (),
) -> SeriesFacts:
    """Return a series' facts from all of its present episodes.

    A user has watched it who has watched every one of them. It was last watched when
    anybody last did anything with any of them or with the series itself, and added
    when its newest episode was. A date that is missing where there must be one makes
    the series' date unknown: the missing one could be the latest.
    """
    count = len(episodes)
    progress = _counted([one.watched_by for one in episodes])
    # Few have any of these.
    rare = [
        one
        for one in episodes
        if one.last_watched
        or one.partly_watched_by
        or one.doubtful_of
        or one.favorite_of
    ]
    by_user = dict(series.last_watched)
    for one in rare:
        for user_id, last in one.last_watched.items():
            if user_id not in by_user or last > by_user[user_id]:
                by_user[user_id] = last
    dates = [at for one in episodes if (at := one.last_watched_at) is not None]
    undated = len(dates) < count and any(
        one.last_watched or one.watched_by
        for one in episodes
        if one.last_watched_at is None
    )
    if series.last_watched_at is not None:
        dates.append(series.last_watched_at)
    elif series.last_watched:
        undated = True
    dates += by_user.values()
    added = [at for one in episodes if (at := one.added_at) is not None]
    sizes = [size for one in episodes if (size := one.size_bytes) is not None]
    watched_by = _all_of(count, progress)
    facts = replace(
        series,
        watched_by=watched_by,
        partly_watched_by=_all_of(
            count, progress, [one.partly_watched_by for one in rare]
        )
        - watched_by,
        doubtful_of=_all_of(count, progress, [one.doubtful_of for one in rare])
        - watched_by,
        last_watched=by_user,
        last_watched_at=None if undated else max(dates, default=None),
        added_at=max(added) if added and len(added) == count else None,
        favorite_of=series.favorite_of.union(*(one.favorite_of for one in rare)),
        size_bytes=sum(sizes) if sizes and len(sizes) == count else None,
    )
    return SeriesFacts(
        facts=facts,
        episodes=tuple(sorted(episodes, key=_by_number)),
        progress=progress,
        seasons={one.item.item_id: one for one in seasons if one.tags},
    )


def _counted(sets: Iterable[frozenset[str]]) -> Counter[str]:
    """Return in how many sets each user is."""
    return Counter(chain.from_iterable(sets))


def _all_of(
    count: int, progress: Counter[str], more: Sequence[frozenset[str]] = ()
) -> frozenset[str]:
    """Return the users who have something to do with every one of so many episodes."""
    if any(more):
        progress = progress + _counted(more)
    return frozenset([user_id for user_id, seen in progress.items() if seen == count])


def _by_number(facts: MediaFacts) -> tuple[int, int, str]:
    """Return the place of an episode in its series."""
    item = facts.item
    season, number = item.season, item.episode
    return (
        -1 if season is None else season,
        -1 if number is None else number,
        item.item_id,
    )
