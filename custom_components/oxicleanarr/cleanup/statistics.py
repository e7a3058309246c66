"""How much there is, and how much of it has been watched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..model import MediaFacts, MediaKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryStatistics:
    """How much there is, and how much of it has been watched."""

    movies: int = 0
    series: int = 0
    episodes: int = 0
    watched_movies: int = 0
    watched_series: int = 0
    watched_episodes: int = 0
    watched_by_user: Mapping[str, int] = field(default_factory=dict)
    """User id to how many movies and episodes that user has watched."""
    watched_share: Mapping[str, float] = field(default_factory=dict)
    """Library id to the share of its movies and episodes that anybody has watched,
    in percent; a library without any is left out."""


def count_library(facts: Iterable[MediaFacts]) -> LibraryStatistics:
    """Count what there is and what has been watched, from the facts alone."""
    total: dict[MediaKind, int] = defaultdict(int)
    watched: dict[MediaKind, int] = defaultdict(int)
    by_user: dict[str, int] = defaultdict(int)
    by_library: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    watchers_of_all: dict[str, frozenset[str]] = {}
    for fact in facts:
        kind = fact.item.kind
        if kind is MediaKind.SERIES:
            total[kind] += 1
        if kind not in (MediaKind.MOVIE, MediaKind.EPISODE):
            continue
        total[kind] += 1
        seen = bool(fact.watched_by)
        watched[kind] += seen
        share = by_library[fact.item.library_id]
        share[0] += 1
        share[1] += seen
        for user_id in fact.watched_by:
            by_user[user_id] += 1
        if kind is MediaKind.EPISODE and (series_id := fact.item.series_id):
            common = watchers_of_all.get(series_id)
            watchers_of_all[series_id] = (
                fact.watched_by if common is None else common & fact.watched_by
            )
    return LibraryStatistics(
        movies=total[MediaKind.MOVIE],
        series=total[MediaKind.SERIES],
        episodes=total[MediaKind.EPISODE],
        watched_movies=watched[MediaKind.MOVIE],
        watched_series=sum(1 for users in watchers_of_all.values() if users),
        watched_episodes=watched[MediaKind.EPISODE],
        watched_by_user=dict(by_user),
        watched_share={
            library_id: round(100 * seen / count, 1)
            for library_id, (count, seen) in by_library.items()
        },
    )
