"""The logbook: lines that a person understands."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.oxicleanarr.const import DOMAIN, EVENT_CLEANUP
from custom_components.oxicleanarr.logbook import async_describe_events
from simulators import FaultKind, JellyfinSimulator

from .conftest import pass_time, set_up
from .counted import GRACE, POLL, household, noon
from .test_services import call

__all__ = ["household", "noon"]

type Describe = Callable[[Event[Any]], dict[str, str]]

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def describe(hass: HomeAssistant) -> Describe:
    """Return what makes a line of an event."""
    found: list[tuple[str, str, Describe]] = []
    async_describe_events(hass, lambda *described: found.append(described))
    ((domain, event_type, describe),) = found
    assert (domain, event_type) == (DOMAIN, EVENT_CLEANUP)
    return describe


async def test_lines(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
    describe: Describe,
) -> None:
    """Each kind of event in its own words."""
    events = async_capture_events(hass, EVENT_CLEANUP)
    await set_up(hass, entry)
    await call(hass, "keep_item", item_id="movie:tmdb:2")
    await call(hass, "keep_item", item_id="movie:tmdb:5", until="2026-12-22 01:00:00")
    hass.config_entries.async_update_entry(entry, options={"dry_run": False})
    await pass_time(hass, freezer, GRACE)
    await call(hass, "delete_media")
    jellyfin.fail(FaultKind.SERVER_ERROR)
    await pass_time(hass, freezer, POLL)
    lines = [describe(event) for event in events]
    assert {(one["name"], one["entity_id"]) for one in lines} == {
        ("OxiCleanarr", "event.household_cleanup")
    }
    messages = [one["message"] for one in lines]
    assert messages[:4] == [
        "scheduled Overdue, Soon, Late and Whole for deletion",
        "kept Soon",
        "kept Unseen until December 22, 2026",
        "deleted Overdue (1.0 GB)",
    ]
    assert messages[4].startswith(
        "can't delete anything right now. The last sync failed"
    )


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "A"),
        (2, "A and B"),
        (4, "A, B, C and D"),
        (5, "A, B, C and 2 others"),
        (70, "A, B, C and 67 others"),
    ],
)
def test_many_titles(describe: Describe, count: int, named: str) -> None:
    """Few are named."""
    event: Event[Any] = Event(
        EVENT_CLEANUP,
        {
            "entity_id": "event.household_cleanup",
            "event_type": "deleted",
            "count": count,
            "titles": list("ABCD")[:count],
            "size_bytes": 5_000_000,
            "reasons": [],
        },
    )
    assert describe(event)["message"] == f"deleted {named} (5.0 MB)"
