"""What stands and falls together: the copies of a title, and what shares a file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ..model import KeptItem, MediaFacts, MediaKind, Reason, Verdict
from .reasons import Why, why


def copy_stays(
    fact: MediaFacts, twin: KeptItem, by_id: Mapping[str, MediaFacts]
) -> Reason:
    """Return that a title stays because of a copy, which one that is and why it stays."""
    if twin.reason.code in (Why.COPY_STAYS, Why.SHARED_FILE_STAYS):
        return twin.reason
    other = by_id[twin.item_id]
    if fact.item.kind is MediaKind.EPISODE and fact.key != other.key:
        return why(Why.SHARED_FILE_STAYS, title=twin.title, because=twin.reason)
    return why(
        Why.COPY_STAYS,
        title=twin.title,
        library=other.library or None,
        because=twin.reason,
    )


def all_at_once(
    verdicts: Sequence[Verdict], by_id: Mapping[str, MediaFacts]
) -> list[Verdict]:
    """Return the verdicts with one date for all copies of a title: the latest."""
    latest: dict[tuple[MediaKind, str], datetime] = {}
    for verdict in verdicts:
        if verdict.due_at is not None:
            for name in twins(by_id[verdict.item_id]):
                latest[name] = max(latest.get(name, verdict.due_at), verdict.due_at)
    at_once = []
    for verdict in verdicts:
        names = twins(by_id[verdict.item_id])
        due_at = max((latest[one] for one in names if one in latest), default=None)
        same = verdict.due_at is None or verdict.due_at == due_at
        at_once.append(verdict if same else verdict._replace(due_at=due_at))
    # One copy can be the link between two others.
    return at_once if at_once == list(verdicts) else all_at_once(at_once, by_id)


def twins(fact: MediaFacts) -> Iterator[tuple[MediaKind, str]]:
    """Yield the names by which copies of a title find each other."""
    yield fact.item.kind, fact.key
    if fact.group is not None:
        yield fact.item.kind, fact.group
