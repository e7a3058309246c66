"""The chain of episode rules, which decides about the single episodes of a series.

It is separate from the chain for movies and series: neither waits for the other. The
one thing it takes from there is that a series which a tag or a requester keeps for
good also keeps its episodes from the rules for all series: only an episode rule that
names a tag itself, and is asked before them, takes any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from ..model import MediaFacts, MediaItem, Reason, ReasonValue
from .chain import (
    ADDED_UNKNOWN,
    LIBRARY_UNKNOWN,
    OFF,
    PLAYED_UNDATED,
    Pass,
    Title,
    TraceStep,
    in_each_library,
    longest,
    step,
    undecided,
    with_tags,
)
from .durations import format_duration
from .reasons import Because
from .rules import EpisodeDeleteStrategy, EpisodeRule, Watchers
from .ruling import Ruling
from .series import SeriesFacts, last_activity
from .terms import Decision
from .watched import watched


@dataclass(slots=True)
class EpisodeTrace:
    """What is to be noted down about one episode while the chain is asked."""

    item_id: str
    steps: list[TraceStep]


def decide_episodes(
    series: Title,
    of_series: Decision,
    ruling: Ruling,
    trace: EpisodeTrace | None = None,
) -> dict[str, Decision]:
    """Return by id what the episode chain decides about the episodes of a series.

    ``of_series`` is what the other chain has decided about the series. Episodes that
    no rule is for are left out: they stay.
    """
    if series.series is None:
        return {}
    places = in_each_library(series)
    if len(places) == 1:
        return _decide_episodes(series, of_series, ruling, trace)
    in_each = [_decide_episodes(one, of_series, ruling, trace) for one in places]
    decided: dict[str, Decision] = {}
    for episode in series.series.episodes:
        item_id = episode.item.item_id
        found = [one[item_id] for one in in_each if item_id in one]
        if not found:
            continue
        decision = longest(found)
        # Where no rule is for it, it stays.
        if decision.due_at is None or len(found) == len(in_each):
            decided[item_id] = decision
    return decided


def _decide_episodes(
    series: Title,
    of_series: Decision,
    ruling: Ruling,
    trace: EpisodeTrace | None = None,
) -> dict[str, Decision]:
    """Return the same for a series in one library."""
    assert series.series is not None
    every = series.series.episodes
    asked = every
    decided: dict[str, Decision] = {}
    for rule in ruling.episode_chain:
        answer = _ask_series(rule, series, of_series) if rule.enabled else OFF
        found: dict[str, Decision] = {}
        if not isinstance(answer, Reason):
            scope = _in_seasons(rule, asked)
            if answer is None:
                found = _apply(rule, series, every, scope, ruling)
            else:
                found = {episode.item.item_id: answer for episode in scope}
        if trace is not None and trace.item_id not in decided:
            trace.steps.append(
                step(found[trace.item_id], matched=True)
                if trace.item_id in found
                else TraceStep(
                    rule.name,
                    "episode",
                    False,
                    None,
                    answer if isinstance(answer, Reason) else _OTHER_SEASON,
                )
            )
        if found:
            decided |= found
            if len(found) == len(asked):
                break
            asked = tuple(e for e in asked if e.item.item_id not in found)
    _hold_tagged(series.series, decided, ruling, trace)
    return _whole_files(every, decided, trace) if decided else decided


def _hold_tagged(
    series: SeriesFacts,
    decided: dict[str, Decision],
    ruling: Ruling,
    trace: EpisodeTrace | None,
) -> None:
    """Let a tag of an episode, or of its season, hold what a rule would take."""
    for episode in series.episodes if ruling.tag_rules else ():
        item_id = episode.item.item_id
        decision = decided.get(item_id)
        if decision is None or decision.due_at is None:
            continue
        season = series.seasons.get(episode.item.season_id or "")
        for part in (episode,) if season is None else (episode, season):
            if decision.due_at is None or not part.tags:
                continue
            own = Title(episode, None, None, series.facts.requesters)
            held = with_tags(decision, part.tags, own, ruling)
            if held is not decision:
                decided[item_id] = decision = held
                if trace is not None and trace.item_id == item_id:
                    trace.steps.append(step(held, matched=True))


_OTHER_SEASON = Reason(Because.OTHER_SEASON)
_SEASON_UNKNOWN = Reason(Because.SEASON_UNKNOWN)
_NO_LIMIT = Reason(Because.NO_LIMIT)
_LATEST_SEASON = Reason(Because.LATEST_SEASON)
_AIRED_UNKNOWN = Reason(Because.AIRED_UNKNOWN)


def _in_seasons(
    rule: EpisodeRule, episodes: Sequence[MediaFacts]
) -> Sequence[MediaFacts]:
    """Return the episodes of a rule's seasons, and those that may be of one."""
    if not rule.season_numbers:
        return episodes
    seasons = {*rule.season_numbers, None}
    return [episode for episode in episodes if episode.item.season in seasons]


def _ask_series(
    rule: EpisodeRule, series: Title, of_series: Decision
) -> Decision | Pass | None:
    """Return why a rule is not for a series, or ``None`` if it is."""
    if rule.libraries:
        library = series.facts.library
        if not library:
            return undecided(rule, LIBRARY_UNKNOWN)
        if library.casefold() not in map(str.casefold, rule.libraries):
            return Reason(Because.OTHER_LIBRARY, {"libraries": rule.libraries})
    if rule.tag is None:
        if of_series.for_good:
            return _keep(
                rule, Reason(Because.SERIES_KEPT_FOR_GOOD, {"rule": of_series.rule})
            )
        if of_series.undecided:
            return undecided(rule, Reason(Because.SERIES_MIGHT_BE_KEPT))
    elif series.tags is None:
        return undecided(rule, Reason(Because.SERIES_TAGS_UNKNOWN))
    elif rule.tag.casefold() not in series.tags:
        return Reason(Because.SERIES_NO_TAG, {"tag": rule.tag})
    if rule.exclude_continuing_series:
        if series.facts.continuing is None:
            return undecided(rule, Reason(Because.CONTINUING_UNKNOWN))
        if series.facts.continuing:
            return Reason(Because.SERIES_CONTINUES)
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule and the series it is applied to have in store for every episode."""

    newest: frozenset[str]
    """Ids of the episodes within the number that stays."""
    max_age: timedelta | None
    latest_season: int | None
    """The season that is spared."""
    oldest: dict[int, datetime] | None
    """By season: when its first episode was there, if seasons go as a whole."""
    among_newest: Reason
    deletes: Reason
    """What the rule deletes."""


def _apply(
    rule: EpisodeRule,
    series: Title,
    every: Sequence[MediaFacts],
    asked: Sequence[MediaFacts],
    ruling: Ruling,
) -> dict[str, Decision]:
    """Return what a rule decides about episodes, all of which it applies to."""
    limits = _limits(rule, every, _in_seasons(rule, every))
    found: dict[str, Decision] = {}
    # Few reasons keep many episodes: each is one object, which its decision holds.
    kept: dict[int, Decision] = {}
    for episode in asked:
        if rule.season_numbers and episode.item.season is None:
            decision: Decision | Reason = undecided(rule, _SEASON_UNKNOWN)
        elif limits is None:
            decision = _NO_LIMIT
        else:
            decision = _judge(rule, limits, episode, series, ruling)
        if isinstance(decision, Reason):
            because = decision
            if (known := kept.get(id(because))) is None:
                kept[id(because)] = known = _keep(rule, because)
            decision = known
        found[episode.item.item_id] = decision
    return found


def _limits(
    rule: EpisodeRule, every: Sequence[MediaFacts], scope: Sequence[MediaFacts]
) -> Limits | None:
    """Return the limits of a rule, or ``None`` if they let everything stay.

    A limit of zero was once taken for "keep none", and an age of never for "delete
    what is older than now". Here they switch the rule off.
    """
    count, age = rule.max_episodes, rule.max_age
    if (count is not None and count < 1) or (
        age is not None and (age.is_never or age.is_zero)
    ):
        return None
    match rule.episode_delete_strategy:
        case None:
            complete = count is not None or age is not None
        case EpisodeDeleteStrategy.OLDEST_FIRST:
            complete = count is not None
        case _:
            complete = age is not None
    if not complete:
        return None
    oldest: dict[int, datetime] | None = None
    if rule.episode_delete_strategy is EpisodeDeleteStrategy.BY_SEASON_AGE:
        oldest = {}
        for episode in scope:
            season, there = episode.item.season, _there_since(episode)
            if season is not None and there is not None:
                oldest[season] = min(oldest.get(season, there), there)
    latest: int | None = None
    if rule.keep_latest_season:
        seasons = [e.item.season for e in every if e.item.season is not None]
        latest = max(seasons, default=None)
    return Limits(
        newest=frozenset() if count is None else _newest(scope, count),
        max_age=None if age is None else age.span,
        latest_season=latest,
        oldest=oldest,
        among_newest=Reason(Because.AMONG_NEWEST, {"count": count}),
        deletes=_deletes(rule),
    )


def _newest(episodes: Iterable[MediaFacts], count: int) -> frozenset[str]:
    """Return the ids of the newest episodes, up to a limit, by air date and number.

    Episodes in one file count once, by the newest of them. What has no air date cannot
    be ranked. It stays anyway, and does not count among the newest.
    """
    aired = [item for one in episodes if (item := one.item).premiere_at is not None]
    aired.sort(key=_aired_at, reverse=True)
    files: set[str] = set()
    # All but the newest few need no rank.
    for _, at_once in groupby(aired, key=_aired_at):
        for item in sorted(at_once, key=_number, reverse=True):
            if len(files) < count:
                files.add(_file(item))
        if len(files) == count:
            break
    return frozenset([item.item_id for item in aired if _file(item) in files])


_aired_at = attrgetter("premiere_at")


def _number(item: MediaItem) -> tuple[int, int, str]:
    """Return what ranks an episode among those that aired at the same time."""
    return (
        -1 if item.season is None else item.season,
        -1 if item.episode is None else item.episode_end or item.episode,
        item.item_id,
    )


def _file(item: MediaItem) -> str:
    """Return what an episode shares with those in the same file."""
    return item.path or item.item_id


def _there_since(episode: MediaFacts) -> datetime | None:
    """Return since when an episode could be watched: aired, and its file there."""
    aired, added = episode.item.premiere_at, episode.added_at
    return None if aired is None or added is None else max(aired, added)


def _judge(
    rule: EpisodeRule,
    limits: Limits,
    episode: MediaFacts,
    series: Title,
    ruling: Ruling,
) -> Decision | Reason:
    """Return what goes when, or why it stays, of an episode that a rule is for."""
    item = episode.item
    if item.item_id in limits.newest:
        return limits.among_newest
    if rule.keep_latest_season:
        if item.season is None:
            return _SEASON_UNKNOWN
        if item.season == limits.latest_season:
            return _LATEST_SEASON
    if rule.require_watched:
        if rule.watched_by is Watchers.ALL and episode.visible_to is None:
            # Who can see the series should see all of it.
            episode = replace(episode, visible_to=series.facts.visible_to)
        seen = watched(episode, rule.watched_by, ruling, series.facts.requesters)
        if not seen.met:
            return seen.because
    aired, added = item.premiere_at, episode.added_at
    if aired is None:
        return _AIRED_UNKNOWN
    if added is None:
        return ADDED_UNKNOWN
    due_at = start = min(max(added, aired), ruling.now)
    if limits.max_age is not None:
        if limits.oldest is not None:
            if item.season is None:
                return _SEASON_UNKNOWN
            start = min(start, limits.oldest[item.season])
        due_at = max(due_at, start + limits.max_age)
    if rule.require_watched:
        last = last_activity(episode)
        if last is None:
            return PLAYED_UNDATED
        due_at = max(due_at, min(last, ruling.now))
    data: dict[str, ReasonValue] = {
        "aired_at": aired,
        "added_at": added,
        "because": limits.deletes,
    }
    if rule.require_watched:
        data["users"] = ruling.names[episode.watched_by]
    return Decision(
        rule.name, "episode", Reason(Because.EPISODE_OVER_LIMIT, data), due_at
    )


def _deletes(rule: EpisodeRule) -> Reason:
    """Return what a rule deletes."""
    by_season = rule.episode_delete_strategy is EpisodeDeleteStrategy.BY_SEASON_AGE
    return Reason(
        Because.RULE_DELETES_EPISODES,
        {
            "rule": rule.name,
            "max_episodes": rule.max_episodes,
            "max_age": None if rule.max_age is None else format_duration(rule.max_age),
            "by_season": by_season,
        },
    )


def _keep(rule: EpisodeRule, because: Reason) -> Decision:
    """Return that an episode stays although the rule is for it."""
    return Decision(rule.name, "episode", _rule_keeps(rule.name, because))


def _rule_keeps(rule: str, because: Reason) -> Reason:
    """Return that a rule keeps what it is for."""
    return Reason(Because.RULE_KEEPS, {"rule": rule, "because": because})


def _whole_files(
    episodes: Sequence[MediaFacts],
    decided: dict[str, Decision],
    trace: EpisodeTrace | None,
) -> dict[str, Decision]:
    """Return the decisions with this change: a file goes only if all in it may."""
    paths = [path for e in episodes if (path := e.item.path) is not None]
    if len(set(paths)) == len(paths):
        return decided
    files: dict[str, list[str]] = {}
    for episode in episodes:
        if (path := episode.item.path) is not None:
            files.setdefault(path, []).append(episode.item.item_id)
    result = dict(decided)
    for sharing in files.values():
        if len(sharing) == 1:
            continue
        due = [d.due_at if (d := decided.get(i)) is not None else None for i in sharing]
        last = max((at for at in due if at is not None), default=None)
        if last is None:
            continue
        stays = None in due
        for item_id, at in zip(sharing, due, strict=True):
            if at is None or (at == last and not stays):
                continue
            before = decided[item_id]
            if stays:
                reason = _rule_keeps(before.rule, Reason(Because.SHARES_FILE))
            else:
                reason = Reason(
                    Because.FILE_STAYS_UNTIL,
                    {"because": before.reason, "due_at": last},
                )
            result[item_id] = before._replace(
                reason=reason, due_at=None if stays else last
            )
            if trace is not None and trace.item_id == item_id:
                trace.steps[-1] = step(result[item_id], matched=True)
    return result
