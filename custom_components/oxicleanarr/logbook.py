"""The logbook: what happened, in words."""

from collections.abc import Callable, Mapping
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

from .const import DOMAIN, EVENT_CLEANUP
from .household import EventType
from .language import async_words, local_day
from .words import Words


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
            LOGBOOK_ENTRY_MESSAGE: _message(event.data, async_words(hass)),
            LOGBOOK_ENTRY_ENTITY_ID: event.data[ATTR_ENTITY_ID],
        }

    async_describe_event(DOMAIN, EVENT_CLEANUP, describe)


def _message(data: Mapping[str, Any], words: Words) -> str:
    """Return what happened, to follow on the name of who did it."""
    titles = list(data["titles"])
    if data[ATTR_EVENT_TYPE] == EventType.BROUGHT_BACK:
        # One title can have been on several servers.
        more = 0
    else:
        more = data["count"] - len(titles)
    if more > 0:
        # As many as are left beside the three that are named then.
        titles[3:] = [words.counted("list_others", more + len(titles) - 3)]
    named = words.listed(titles)
    match data[ATTR_EVENT_TYPE]:
        case EventType.SCHEDULED:
            return words.text("log_scheduled", titles=named)
        case EventType.APPROVAL_NEEDED:
            return words.text("log_approval_needed", titles=named)
        case EventType.KEPT:
            at = dt_util.parse_datetime(data.get("kept_until") or "")
            if at is None:
                return words.text("log_kept", titles=named)
            return words.text("log_kept_until", titles=named, date=local_day(words, at))
        case EventType.DELETED:
            size = words.size(data["size_bytes"])
            return words.text("log_deleted", titles=named, size=size)
        case EventType.BROUGHT_BACK:
            name = "log_brought_back"
            if data["searched"]:
                name = "log_brought_back_searched"
            return words.text(name, titles=named, by=data["by"])
    return words.text("log_blocked", reasons=" ".join(data["reasons"]))
