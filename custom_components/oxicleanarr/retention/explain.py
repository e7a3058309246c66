"""Why a single title stays or goes: the same decision, with everything it was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..model import MediaFacts, MediaItem, MediaKind, Outcome, Reason, Verdict
from .chain import TraceStep, decide, title
from .episodes import EpisodeTrace, decide_episodes
from .evaluate import verdict
from .reasons import Because
from .rules import STANDARD, RetentionRules
from .ruling import Ruling, prepare
from .series import SeriesFacts, roll_up
from .terms import Decision


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a title stays or goes."""

    item: MediaItem
    verdict: Verdict
    """As in the evaluation. A season has that of its series; an episode that no rule
    takes is kept."""
    trace: tuple[TraceStep, ...]
    """The rules that were asked, in their order, the one that decided last. For an
    episode what was decided about its series follows."""
    would_change: Reason
    """What would make it another verdict."""


def explain(
    item_id: str,
    facts: Sequence[MediaFacts],
    rules: RetentionRules,
    users: Mapping[str, str],
    now: datetime,
) -> Explanation:
    """Return why a title, named by its id or key, stays or goes.

    It is a ``LookupError`` if there are no facts about it.
    """
    found = next((f for f in facts if item_id in (f.item.item_id, f.key)), None)
    if found is None:
        raise LookupError(f"nothing is known about {item_id}")
    ruling = prepare(rules, users, now)
    if found.item.kind is MediaKind.MOVIE:
        return _explain_title(found, None, found.item, ruling)
    by_series = found.item.series_id
    if found.item.kind is MediaKind.SERIES:
        by_series = found.item.item_id
    series = next(
        (
            f
            for f in facts
            if f.item.kind is MediaKind.SERIES and f.item.item_id == by_series
        ),
        None,
    )
    if series is None:
        lost = Decision(STANDARD, STANDARD, Reason(Because.SERIES_UNKNOWN))
        return Explanation(found.item, verdict(found, lost), (), _NOTHING)
    episodes = [
        f
        for f in facts
        if f.item.kind is MediaKind.EPISODE and f.item.series_id == by_series
    ]
    seasons = [
        f
        for f in facts
        if f.item.kind is MediaKind.SEASON and f.item.series_id == by_series
    ]
    if found.item.kind is MediaKind.EPISODE:
        return _explain_episode(found, series, episodes, seasons, ruling)
    rolled = roll_up(series, episodes, seasons)
    return _explain_title(rolled.facts, rolled, found.item, ruling)


def _explain_title(
    facts: MediaFacts, series: SeriesFacts | None, item: MediaItem, ruling: Ruling
) -> Explanation:
    """Return why a movie or a series stays or goes."""
    trace: list[TraceStep] = []
    decision = decide(title(facts, series), ruling, trace)
    probed = decide(title(_played_now(facts, decision, ruling), series), ruling)
    ids = () if series is None else series.episode_ids
    return Explanation(
        item,
        verdict(facts, decision, ids),
        tuple(trace),
        _would_change(decision, probed),
    )


def _explain_episode(
    facts: MediaFacts,
    series: MediaFacts,
    episodes: Sequence[MediaFacts],
    seasons: Sequence[MediaFacts],
    ruling: Ruling,
) -> Explanation:
    """Return why an episode stays or goes."""
    item_id = facts.item.item_id
    rolled = roll_up(series, episodes, seasons)
    item = title(rolled.facts, rolled)
    of_series = decide(item, ruling)
    trace = EpisodeTrace(item_id, [])
    decided = decide_episodes(item, of_series, ruling, trace)
    decision = decided.get(item_id, _NOT_ASKED)
    trace.steps.append(
        TraceStep(
            of_series.rule,
            of_series.rule_type,
            True,
            of_series.outcome,
            Reason(Because.WHOLE_SERIES, {"because": of_series.reason}),
        )
    )
    if item_id in decided:
        played = _played_now(facts, decision, ruling)
        others = [played if episode is facts else episode for episode in episodes]
        again = title(rolled.facts, roll_up(series, others, seasons))
        # In another library no rule may be for it then.
        probed = decide_episodes(again, of_series, ruling).get(item_id, _NOT_ASKED)
    else:
        probed = decision
    return Explanation(
        facts.item,
        verdict(facts, decision),
        tuple(trace.steps),
        _would_change(decision, probed),
    )


_NOT_ASKED = Decision(STANDARD, STANDARD, Reason(Because.NO_EPISODE_RULE))
_NOTHING = Reason(Because.NOTHING_CHANGES_IT)


def _played_now(facts: MediaFacts, decision: Decision, ruling: Ruling) -> MediaFacts:
    """Return the facts as they would be after a play: of everybody, if it stays."""
    now = ruling.now
    if decision.outcome is Outcome.DELETE:
        return replace(facts, last_watched_at=now)
    return replace(
        facts,
        watched_by=frozenset(ruling.users) | (facts.visible_to or frozenset()),
        last_watched=dict.fromkeys(ruling.users, now),
        last_watched_at=now,
    )


def _would_change(decision: Decision, probed: Decision) -> Reason:
    """Return what another play would do, from what was decided as if there was one."""
    if decision.due_at is None:
        if probed.due_at is None:
            return _NOTHING
        return Reason(Because.FINISHING_DELETES_IT, {"due_at": probed.due_at})
    if probed.due_at is not None and probed.due_at <= decision.due_at:
        return Reason(Because.PLAYING_CHANGES_NOTHING)
    return Reason(Because.PLAYING_KEEPS_IT, {"due_at": probed.due_at})
