"""What the rules say about the whole library."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from ..model import MediaFacts, MediaKind, Verdict
from .chain import decide, title
from .episodes import decide_episodes
from .rules import RetentionRules, need_sight
from .ruling import prepare
from .series import SeriesFacts, roll_up
from .terms import Decision


def evaluate(
    facts: Sequence[MediaFacts],
    rules: RetentionRules,
    users: Mapping[str, str],
    now: datetime,
) -> list[Verdict]:
    """Return a verdict for every movie and series, and for every episode that goes.

    ``users`` maps the ids of Jellyfin's users to their names. The order of ``facts``
    means nothing.
    """
    ruling = prepare(rules, users, now)
    verdicts = []
    movies, series = shelve(facts)
    for facts_of_one in movies:
        decision = decide(title(facts_of_one), ruling)
        verdicts.append(verdict(facts_of_one, decision))
    for rolled in series:
        item = title(rolled.facts, rolled)
        decision = decide(item, ruling)
        verdicts.append(verdict(rolled.facts, decision, rolled.episode_ids))
        if ruling.episode_chain:
            decided = decide_episodes(item, decision, ruling)
            verdicts += [
                verdict(episode, found)
                for episode in rolled.episodes
                if (found := decided.get(episode.item.item_id)) is not None
                and found.due_at is not None
            ]
    return verdicts


def sight_questions(
    facts: Sequence[MediaFacts], rules: RetentionRules, limited: Collection[str]
) -> dict[str, frozenset[str]] | None:
    """Return of which users it matters whether they see a title, by its item id.

    That is where everybody has watched it but some of ``limited`` (user ids), who do
    not see everything. ``None``: no rule asks for that.
    """
    if not need_sight(rules):
        return None
    if not limited:
        return {}
    movies, rolled_up = shelve(facts)
    series = list(rolled_up)
    asked: dict[str, frozenset[str]] = {}
    for item_id, one in (
        *((movie.item.item_id, movie) for movie in movies),
        *((rolled.facts.item.item_id, rolled.facts) for rolled in series),
        *(
            (rolled.facts.item.item_id, episode)
            for rolled in series
            for episode in rolled.episodes
        ),
    ):
        missing = (one.visible_to or frozenset()) - one.watched_by
        if one.watched_by and missing and missing <= frozenset(limited):
            asked[item_id] = asked.get(item_id, frozenset()) | missing
    return asked


def shelve(
    facts: Sequence[MediaFacts],
) -> tuple[list[MediaFacts], Iterator[SeriesFacts]]:
    """Return the movies and the rolled-up series among facts, ordered by id.

    A series is rolled up when its turn comes: what is decided about it at once, while
    the processor has its episodes at hand, takes less time.
    """
    movies: list[MediaFacts] = []
    series: list[MediaFacts] = []
    episodes: defaultdict[str | None, list[MediaFacts]] = defaultdict(list)
    seasons: defaultdict[str | None, list[MediaFacts]] = defaultdict(list)
    for one in facts:
        kind = one.item.kind
        if kind is MediaKind.EPISODE:
            episodes[one.item.series_id].append(one)
        elif kind is MediaKind.MOVIE:
            movies.append(one)
        elif kind is MediaKind.SERIES:
            series.append(one)
        else:
            seasons[one.item.series_id].append(one)
    movies.sort(key=_item_id)
    series.sort(key=_item_id)
    return movies, (
        roll_up(one, episodes[one.item.item_id], seasons[one.item.item_id])
        for one in series
    )


def verdict(
    facts: MediaFacts, decision: Decision, episode_ids: tuple[str, ...] = ()
) -> Verdict:
    """Return a decision about a title as the verdict that others see."""
    item = facts.item
    return Verdict(
        item.item_id,
        facts.key,
        item.kind,
        decision.outcome,
        decision.rule,
        decision.rule_type,
        decision.reason,
        decision.due_at,
        episode_ids,
    )


def _item_id(facts: MediaFacts) -> str:
    """Return what titles are ordered by."""
    return facts.item.item_id
