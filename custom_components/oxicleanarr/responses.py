"""How titles and reasons look in responses, events and triggers: plain JSON."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from homeassistant.core import ServiceResponse
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from .cleanup import BroughtBack, Plan, rule_name, say
from .household import Event, EventType
from .model import MediaItem, MediaKey, PlannedDeletion, Progress, Reason
from .words import Words

if TYPE_CHECKING:
    from .coordinator import OxiCleanarrCoordinator

TITLES_AN_EVENT = 50


def plan_summary(coordinator: OxiCleanarrCoordinator, plan: Plan) -> dict[str, Any]:
    """Return what a plan adds up to."""
    statistics = plan.statistics
    return {
        "evaluated_at": plan.evaluated_at,
        "dry_run": coordinator.settings.dry_run,
        "counts": {
            "movies": statistics.movies,
            "series": statistics.series,
            "episodes": statistics.episodes,
            "watched": statistics.watched_movies + statistics.watched_episodes,
            "kept": len(plan.kept),
            "pending": len(plan.entries),
            "leaving_soon": len(coordinator.leaving_soon),
            "due": len(coordinator.keeper.due),
            "awaiting_approval": len(coordinator.awaiting_approval),
        },
        "reclaimable_bytes": plan.reclaimable_bytes,
    }


def planned_response(entry: PlannedDeletion, words: Words) -> dict[str, Any]:
    """Return an entry of the plan as actions and subscriptions show it."""
    return {
        "item_id": entry.item_id,
        "key": entry.key,
        "kind": entry.kind,
        "title": entry.title,
        "year": entry.year,
        "series": entry.series,
        "season": entry.season,
        "episode": entry.episode,
        "size_bytes": entry.size_bytes,
        "watched": entry.watched,
        "watched_by": list(entry.watched_by),
        "last_watched_at": entry.last_watched_at,
        "added_at": entry.added_at,
        "rule": rule_name(entry.rule, words),
        "rule_type": entry.rule_type,
        **told("reason", entry.reason, words),
        "due_at": entry.due_at,
        "approval": entry.approval(dt_util.utcnow()),
        "approved_until": entry.approved_until,
        "first_scheduled_at": entry.first_scheduled_at,
        "episodes": list(entry.episode_ids),
    }


def told(name: str, reason: Reason | None, words: Words) -> dict[str, Any]:
    """Return a reason as a sentence, and beside it what the sentence is made of."""
    if reason is None:
        return {name: None, f"{name}_code": None, f"{name}_data": None}
    mapping = reason.to_mapping()
    return {
        name: say(reason, words),
        f"{name}_code": mapping["code"],
        f"{name}_data": mapping["data"],
    }


def event_response(event: Event, words: Words) -> dict[str, Any]:
    """Return what an automation can use of an event; a long list is cut."""
    if event.type is EventType.BLOCKED:
        return {"reasons": [say(blocker.reason, words) for blocker in event.blockers]}
    if event.brought_back:
        rows = event.brought_back[:TITLES_AN_EVENT]
        return {
            "count": len(event.brought_back),
            "items": [as_json(brought_back_response(one, words)) for one in rows],
            "by": event.by,
        }
    deleted = event.deletions if event.type is EventType.DELETED else None
    titles = titles_response(event.entries, words, deleted)
    if event.type is not EventType.KEPT:
        return titles
    if event.item is not None and not event.entries:
        titles = {"count": 1, "items": [as_json(item_response(event.item))]}
    return titles | {"kept_until": event.until.isoformat() if event.until else None}


def brought_back_response(one: BroughtBack, words: Words) -> dict[str, Any]:
    """Return what was done to bring a title back on one server."""
    return {
        "title": one.title,
        "server": one.server,
        "added": one.added,
        "searched": one.searched,
        **told("reason", one.reason, words),
    }


def titles_response(
    entries: Sequence[PlannedDeletion],
    words: Words,
    deletions: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return titles of the plan for an event: how many, and which.

    Each with who asked for it, so that they can be told, and without its episodes; what
    was deleted with the id by which it can be brought back.
    """
    items = []
    for entry in entries[:TITLES_AN_EVENT]:
        item = planned_response(entry, words)
        item["requested_by"] = list(entry.requested_by)
        del item["episodes"]
        if deletions is not None:
            item["deletion_id"] = deletions.get(entry.name)
        items.append(item)
    return {"count": len(entries), "items": [as_json(item) for item in items]}


def item_response(item: MediaItem) -> dict[str, Any]:
    """Return a title of which no more is said than what it is."""
    return {
        "item_id": item.item_id,
        "kind": item.kind,
        "title": item.title,
        "year": item.year,
        "series": item.series_title,
        "season": item.season,
        "episode": item.episode,
    }


def candidates_response(
    titles: Iterable[tuple[MediaItem, MediaKey]],
) -> list[dict[str, Any]]:
    """Return the titles of which one may be meant, each with its key."""
    return [{**item_response(item), "key": key} for item, key in titles]


def progress_response(progress: Progress | None) -> dict[str, Any] | None:
    """Return how far something is that takes long."""
    if progress is None:
        return None
    return {
        "work": progress.work,
        "done": progress.done,
        "total": progress.total,
        "title": progress.title or None,
    }


def as_json(value: dict[str, Any]) -> ServiceResponse:
    """Return a response in which every time is ISO 8601 in UTC."""

    def convert(one: Any) -> JsonValueType:
        """Convert one value and all that is in it."""
        match one:
            case datetime():
                return one.isoformat()
            case dict():
                return {key: convert(inner) for key, inner in one.items()}
            case list():
                return [convert(inner) for inner in one]
            case StrEnum():
                return one.value
        return cast("JsonValueType", one)

    return cast("ServiceResponse", convert(value))
