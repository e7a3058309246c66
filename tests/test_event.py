"""The event: what happened, with all that an automation needs to know about a title."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import FaultKind, Household, JellyfinSimulator

from .conftest import PlatformSnapshot, pass_time, set_up
from .counted import GRACE, POLL, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")


def happened(hass: HomeAssistant) -> dict[str, Any]:
    """Return what happened last."""
    state = hass.states.get("event.household_cleanup")
    assert state is not None
    return dict(state.attributes)


async def test_entities(
    platform_snapshot: PlatformSnapshot,
) -> None:
    """The event, as it is registered, and after the first sync has scheduled titles."""
    await platform_snapshot(Platform.EVENT)


async def test_what_happens(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each kind, one after the other."""
    seen = happened(hass)
    assert (seen["event_type"], seen["count"]) == ("scheduled", 4)
    assert [one["title"] for one in seen["items"]] == [
        "Overdue",
        "Soon",
        "Late",
        "Whole",
    ]
    soon = seen["items"][1]
    await call(hass, "keep_item", item_id="movie:tmdb:2")
    seen = happened(hass)
    # What was to be deleted is told in full, and for whom that matters.
    assert (seen["event_type"], seen["count"], seen["items"]) == ("kept", 1, [soon])
    assert (soon["watched_by"], soon["requested_by"]) == (["bob"], [])
    await call(hass, "keep_item", item_id="movie:tmdb:5")
    seen = happened(hass)
    (kept,) = seen["items"]
    assert (seen["count"], kept["title"], kept["kind"]) == (1, "Unseen", "movie")

    hass.config_entries.async_update_entry(
        setup_integration, options={"dry_run": False}
    )
    await pass_time(hass, freezer, GRACE)
    await call(hass, "delete_media")
    seen = happened(hass)
    assert (seen["event_type"], seen["count"]) == ("deleted", 1)
    assert seen["items"][0]["title"] == "Overdue"

    jellyfin.fail(FaultKind.SERVER_ERROR)
    await pass_time(hass, freezer, POLL)
    seen = happened(hass)
    assert seen["event_type"] == "blocked"
    assert "The last sync failed" in seen["reasons"][0]
    assert "items" not in seen


async def test_a_long_list_is_cut(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number is that of all."""
    monkeypatch.setattr("custom_components.oxicleanarr.responses.TITLES_AN_EVENT", 2)
    await set_up(hass, entry)
    seen = happened(hass)
    assert (seen["count"], len(seen["items"])) == (4, 2)
