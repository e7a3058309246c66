"""Whether the servers answer and whether deletion is blocked: known while they fail."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.oxicleanarr.const import DOMAIN
from simulators import Arrs, FaultKind, JellyfinSimulator, JellystatSimulator

from .conftest import PlatformSnapshot, pass_time, set_up, state_of

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
    platform_snapshot: PlatformSnapshot,
) -> None:
    """All binary sensors, as they are registered and as they look."""
    await platform_snapshot(Platform.BINARY_SENSOR)


async def test_entities_of_connections(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """Those of Radarr, Sonarr and Seerr stand on devices of their own."""
    await set_up(hass, entry_with_arrs)
    service = device_registry.async_get_device_by_identifier(
        (DOMAIN, entry_with_arrs.entry_id), config_entry_id=entry_with_arrs.entry_id
    )
    assert service is not None
    for name in ("radarr", "radarr4k", "sonarr", "seerr"):
        entity_id = f"binary_sensor.{name}_connectivity"
        entity = entity_registry.async_get(entity_id)
        assert entity is not None
        assert entity == snapshot(name=f"{name}-entity")
        assert hass.states.get(entity_id) == snapshot(name=f"{name}-state")
        assert entity.config_subentry_id == name
        assert entity.device_id is not None
        device = device_registry.async_get(entity.device_id)
        assert isinstance(device, dr.DeviceEntry)
        assert device.name == name.capitalize()
        assert device.entry_type is dr.DeviceEntryType.SERVICE
        assert device.via_device_id == service.id
        stored = entry_with_arrs.subentries[name]
        assert device.configuration_url == stored.data["url"]


async def test_names_follow_their_connections(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """A connection that is renamed renames its device."""
    await set_up(hass, entry_with_arrs)
    hass.config_entries.async_update_subentry(
        entry_with_arrs, entry_with_arrs.subentries["sonarr"], title="Shows"
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    state = hass.states.get("binary_sensor.sonarr_connectivity")
    assert state is not None
    assert state.name == "Shows Connectivity"


async def test_outage_of_a_connection(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One that is away says nothing about the others, nor they about it."""
    await set_up(hass, entry_with_arrs)
    sensors = {name: f"binary_sensor.{name}_connectivity" for name, _ in arrs}
    assert {state_of(hass, one) for one in sensors.values()} == {STATE_ON}
    await arrs.radarr.stop()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, sensors.pop("radarr")) == STATE_OFF
    assert {state_of(hass, one) for one in sensors.values()} == {STATE_ON}
    assert state_of(hass, JELLYFIN) == STATE_ON
    await arrs.radarr.start()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor.radarr_connectivity") == STATE_ON


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
    assert reasons(hass) == ["No sync has been completed yet."]
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
    assert reasons(hass) == ["The last sync failed (Jellystat: cannot be reached)."]

    # The sync fails as before, but for another reason.
    await jellyfin.stop()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, JELLYFIN) == STATE_OFF
    assert reasons(hass) == ["The last sync failed (Jellyfin: cannot be reached)."]

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
    await setup_integration.runtime_data.async_asked(
        setup_integration.runtime_data.keeper.evaluate()
    )
    await hass.async_block_till_done()
    assert state_of(hass, BLOCKED) == STATE_ON
    assert reasons(hass) == ["The last complete sync is more than a day old."]


async def test_nothing_is_unknown_for_long(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A server that was not asked yet is unknown, not away."""
    setup_integration.runtime_data.keeper.health["jellystat"].up = None
    setup_integration.runtime_data.async_update_listeners()
    assert state_of(hass, JELLYSTAT) == STATE_UNKNOWN
