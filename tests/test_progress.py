"""How far long work is, and what is told when all has been read for the first time."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.persistent_notification import async_dismiss
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_get_persistent_notifications,
)

from custom_components.oxicleanarr import keeper

from .conftest import pass_time, set_up
from .counted import GRACE, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

SENSOR = "sensor.household_last_sync"


@pytest.fixture
def seen(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[object, ...]]:
    """Return how far things were, as a card would have shown it."""
    monkeypatch.setattr(keeper, "TOLD_EVERY", 0)
    seen: list[tuple[object, ...]] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        """Note the attributes."""
        state = event.data["new_state"]
        if state is not None:
            names = ("work", "done", "total", "title")
            seen.append(tuple(state.attributes.get(name) for name in names))

    async_track_state_change_event(hass, SENSOR, note)
    return seen


async def test_a_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, seen: list[tuple[object, ...]]
) -> None:
    """It says what is read and how much of it; when it is over, nothing more."""
    await set_up(hass, entry)
    assert ("library", 5, None, None) in seen
    assert ("users", 0, 2, None) in seen
    assert ("users", 1, 2, None) in seen
    rows = [one[1:3] for one in seen if one[0] == "history"]
    assert rows
    assert all(done == total for done, total in rows)
    state = hass.states.get(SENSOR)
    assert state is not None
    assert "work" not in state.attributes


async def test_a_deletion(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    seen: list[tuple[object, ...]],
) -> None:
    """It says which title of how many is its turn."""
    hass.config_entries.async_update_entry(
        setup_integration, options={"dry_run": False}
    )
    await pass_time(hass, freezer, GRACE)
    seen.clear()
    await call(hass, "delete_media")
    assert ("deletion", 0, 1, "Overdue") in seen
    assert seen[-1] == (None, None, None, None)


async def test_what_is_short_is_not_told(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    seen: list[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody reads what is gone within two seconds."""
    monkeypatch.setattr(keeper, "TOLD_EVERY", 2)
    await call(hass, "sync", full=True)
    assert [one for one in seen if one[0] is not None] == []


async def test_the_first_sync_is_told_of(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
) -> None:
    """Once: what there is, and what comes next."""
    (told,) = async_get_persistent_notifications(hass).values()
    assert told["title"] == "OxiCleanarr has read household"
    assert told["message"].startswith(
        "Movies: 5. Series: 2. Episodes: 4.\n\nPending by your present rules: "
    )
    assert "[Settings > Devices & services" in told["message"]
    async_dismiss(hass, told["notification_id"])
    await call(hass, "sync", full=True)
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not async_get_persistent_notifications(hass)
