"""The logbook: what happened, in words."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .cleanup import size
from .const import DOMAIN, EVENT_CLEANUP
from .household import EventType
from .retention import day, listed


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Say how our events are told."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        """Return an event as a line of the logbook."""
        return {
            LOGBOOK_ENTRY_NAME: "OxiCleanarr",
            LOGBOOK_ENTRY_MESSAGE: _message(event.data),
            LOGBOOK_ENTRY_ENTITY_ID: event.data[ATTR_ENTITY_ID],
        }

    async_describe_event(DOMAIN, EVENT_CLEANUP, describe)


def _message(data: Mapping[str, Any]) -> str:
    """Return what happened, to follow on the name of who did it."""
    titles = list(data["titles"])
    if data[ATTR_EVENT_TYPE] == EventType.BROUGHT_BACK:
        # One title can have been on several servers.
        more = 0
    else:
        more = data["count"] - len(titles)
    if more > 0:
        # As many as are left beside the three that are named then.
        titles[3:] = [f"{more + len(titles) - 3} others"]
    named = listed(titles)
    match data[ATTR_EVENT_TYPE]:
        case EventType.SCHEDULED:
            return f"scheduled {named} for deletion"
        case EventType.APPROVAL_NEEDED:
            return f"asks for approval to delete {named}"
        case EventType.KEPT:
            return f"kept {named}{_until(data.get('kept_until'))}"
        case EventType.DELETED:
            return f"deleted {named} ({size(data['size_bytes'])})"
        case EventType.BROUGHT_BACK:
            searched = " and started a search" if data["searched"] else ""
            return f"brought back {named} for {data['by']}{searched}"
    return f"can't delete anything right now. {' '.join(data['reasons'])}"


def _until(kept_until: str | None) -> str:
    """Return until which day, at Home Assistant's place, a title is kept."""
    at = dt_util.parse_datetime(kept_until or "")
    return f" until {day(dt_util.as_local(at).replace(tzinfo=UTC))}" if at else ""
