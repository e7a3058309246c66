"""Whether the servers answer and whether deletion is blocked: known while they fail."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    snapshot_platform,
)
from syrupy.assertion import SnapshotAssertion

from simulators import FaultKind, JellyfinSimulator, JellystatSimulator

from .conftest import pass_time, set_up, state_of

JELLYFIN = "binary_sensor.household_jellyfin"
JELLYSTAT = "binary_sensor.household_jellystat"
BLOCKED = "binary_sensor.household_deletion_blocked"
POLL = timedelta(minutes=16)

pytestmark = pytest.mark.usefixtures("no_waiting")


def reasons(hass: HomeAssistant) -> list[str]:
    """Return why deletion is blocked."""
    state = hass.states.get(BLOCKED)
    assert state is not None
    found: list[str] = state.attributes["reasons"]
    return found


async def test_entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All binary sensors, as they are registered and as they look."""
    monkeypatch.setattr(
        "custom_components.oxicleanarr.PLATFORMS", [Platform.BINARY_SENSOR]
    )
    await set_up(hass, entry)
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Both servers have answered, but nothing may be deleted yet."""
    jellyfin.fail(FaultKind.HANG, "^/Items$")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, JELLYFIN) == STATE_ON
    assert state_of(hass, JELLYSTAT) == STATE_ON
    assert state_of(hass, BLOCKED) == STATE_ON
    assert reasons(hass) == ["No sync has been completed."]
    jellyfin.faults.clear()
    await jellyfin.stop()
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("setup_integration")
async def test_outages(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Who is away is said, and why nothing may be deleted, also while it changes."""
    assert state_of(hass, BLOCKED) == STATE_OFF
    assert reasons(hass) == []

    await jellystat.stop()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, JELLYFIN) == STATE_ON
    assert state_of(hass, JELLYSTAT) == STATE_OFF
    assert state_of(hass, BLOCKED) == STATE_ON
    assert reasons(hass) == ["Jellystat: cannot be reached"]

    # The sync fails as before, but for another reason.
    await jellyfin.stop()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, JELLYFIN) == STATE_OFF
    assert reasons(hass) == ["Jellyfin: cannot be reached"]

    await jellyfin.start()
    await jellystat.start()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, JELLYFIN) == STATE_ON
    assert state_of(hass, JELLYSTAT) == STATE_ON
    assert state_of(hass, BLOCKED) == STATE_OFF


async def test_sync_that_is_too_old(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A plan that rests on what was a day ago deletes nothing."""
    freezer.tick(timedelta(hours=25))
    await setup_integration.runtime_data.async_evaluate()
    await hass.async_block_till_done()
    assert state_of(hass, BLOCKED) == STATE_ON
    assert reasons(hass) == ["The last complete sync is older than a day."]


async def test_nothing_is_unknown_for_long(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A server that was not asked yet is unknown, not away."""
    setup_integration.runtime_data.health["jellystat"].up = None
    setup_integration.runtime_data.async_update_listeners()
    assert state_of(hass, JELLYSTAT) == STATE_UNKNOWN
