"""What a change of the rules would do, before it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..model import MediaFacts, MediaItem, MediaKind, Outcome, Verdict
from .evaluate import evaluate, shelve
from .rules import RetentionRules


@dataclass(frozen=True, slots=True)
class Counts:
    """How many titles would go and stay, without keeps and without any grace."""

    pending: int
    """They go, but their retention has not ended yet."""
    due: int
    kept: int


@dataclass(frozen=True, slots=True)
class PreviewedTitle:
    """A title that a change of the rules is about."""

    name: str
    verdict: Verdict
    watched: bool
    """Whether anybody has watched it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of the rules would do. The titles stand by the day they go."""

    before: Counts
    after: Counts
    added: tuple[PreviewedTitle, ...]
    """What would go and does not go now."""
    sooner: tuple[PreviewedTitle, ...]
    """What goes now as well, but would go earlier."""
    removed: tuple[PreviewedTitle, ...]
    """What goes now and would not."""
    unwatched: tuple[PreviewedTitle, ...]
    """What would go although nobody has watched it, whether it goes now or not."""


def preview(
    facts: Sequence[MediaFacts],
    before: RetentionRules,
    after: RetentionRules,
    users: Mapping[str, str],
    now: datetime,
) -> Preview:
    """Return what changing the rules would do to a library."""
    was, will = evaluate(facts, before, users, now), evaluate(facts, after, users, now)
    goes_now = _going(was)
    would_go = _going(will)
    items = {one.item.item_id: one.item for one in facts}
    movies, series = shelve(facts)
    watched = {one.item.item_id for one in movies if one.watched_by}
    for rolled in series:
        seen = (rolled.facts, *rolled.episodes)
        watched |= {one.item.item_id for one in seen if one.watched_by}

    def titles(verdicts: Sequence[Verdict]) -> tuple[PreviewedTitle, ...]:
        """Return verdicts with the names of their titles, the earliest first."""
        return tuple(
            PreviewedTitle(_name(items[v.item_id]), v, v.item_id in watched)
            for v in sorted(verdicts, key=_by_day)
        )

    return Preview(
        before=_counts(was, now),
        after=_counts(will, now),
        added=titles([v for i, v in would_go.items() if i not in goes_now]),
        sooner=titles(
            [
                v
                for i, v in would_go.items()
                if i in goes_now and _earlier(v, goes_now[i])
            ]
        ),
        removed=titles([v for i, v in goes_now.items() if i not in would_go]),
        unwatched=titles([v for i, v in would_go.items() if i not in watched]),
    )


def _going(verdicts: Sequence[Verdict]) -> dict[str, Verdict]:
    """Return the verdicts that delete something, by id."""
    return {v.item_id: v for v in verdicts if v.outcome is Outcome.DELETE}


def _counts(verdicts: Sequence[Verdict], now: datetime) -> Counts:
    """Return how many verdicts there are of each kind."""
    due_at = [verdict.due_at for verdict in verdicts]
    due = sum(at is not None and at <= now for at in due_at)
    kept = due_at.count(None)
    return Counts(pending=len(due_at) - due - kept, due=due, kept=kept)


def _earlier(one: Verdict, other: Verdict) -> bool:
    """Return whether a verdict deletes something earlier than another one."""
    return _by_day(one) < _by_day(other)


def _by_day(verdict: Verdict) -> tuple[float, str]:
    """Return the place of a verdict in a list by date."""
    return (verdict.due_at.timestamp() if verdict.due_at else 0.0, verdict.item_id)


def _name(item: MediaItem) -> str:
    """Return what to call a title in a list."""
    if item.kind is MediaKind.EPISODE:
        season = "?" if item.season is None else f"{item.season:02}"
        number = "?" if item.episode is None else f"{item.episode:02}"
        return f"{item.series_title or 'Unknown series'} S{season}E{number}"
    return f"{item.title} ({item.year})" if item.year else item.title
