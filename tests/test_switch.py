"""Dry run and automatic deletion: safe at first, and always within reach."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.switch.const import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    Platform,
)
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import JellyfinSimulator

from .conftest import PlatformSnapshot, pass_time, state_of

# Somebody has confirmed the first real run already.
OPTIONS = {"movie_retention": "30d", "real_runs_confirmed": True}
DRY_RUN = "switch.household_dry_run"
AUTOMATIC = "switch.household_automatic_deletion"

pytestmark = pytest.mark.usefixtures("no_waiting")


async def turn(hass: HomeAssistant, entity_id: str, action: str) -> None:
    """Turn a switch on or off."""
    await hass.services.async_call(
        SWITCH_DOMAIN, action, {ATTR_ENTITY_ID: entity_id}, blocking=True
    )


async def test_entities(
    platform_snapshot: PlatformSnapshot,
) -> None:
    """All switches, as they are registered and as they look."""
    await platform_snapshot(Platform.SWITCH)


async def test_safe_at_first(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Nothing is deleted until two switches have been turned."""
    assert not setup_integration.options
    assert state_of(hass, DRY_RUN) == STATE_ON
    assert state_of(hass, AUTOMATIC) == STATE_OFF


@pytest.mark.parametrize(
    ("entity_id", "option", "first", "second"),
    [
        (DRY_RUN, "dry_run", SERVICE_TURN_OFF, SERVICE_TURN_ON),
        (AUTOMATIC, "automatic_deletion", SERVICE_TURN_ON, SERVICE_TURN_OFF),
    ],
)
async def test_turning(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    entity_id: str,
    option: str,
    first: str,
    second: str,
) -> None:
    """A switch is in force when the action returns, is stored, and leaves the rest."""
    coordinator = setup_integration.runtime_data
    hass.config_entries.async_update_entry(setup_integration, options=OPTIONS)
    await hass.async_block_till_done(wait_background_tasks=True)
    for action in (first, second):
        await turn(hass, entity_id, action)
        value = action == SERVICE_TURN_ON
        assert getattr(coordinator.settings, option) is value
        assert state_of(hass, entity_id) == (STATE_ON if value else STATE_OFF)
        assert setup_integration.options == OPTIONS | {option: value}
        await hass.async_block_till_done(wait_background_tasks=True)
        assert state_of(hass, entity_id) == (STATE_ON if value else STATE_OFF)
    # No reload: what is under way goes on, and reads the switch.
    assert setup_integration.runtime_data is coordinator


async def test_position_outlives_a_restart(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The switches are where they were left."""
    hass.config_entries.async_update_entry(setup_integration, options=OPTIONS)
    await turn(hass, DRY_RUN, SERVICE_TURN_OFF)
    await turn(hass, AUTOMATIC, SERVICE_TURN_ON)
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, DRY_RUN) == STATE_OFF
    assert state_of(hass, AUTOMATIC) == STATE_ON


async def test_within_reach_during_an_outage(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The brake works while nothing else does."""
    hass.config_entries.async_update_entry(setup_integration, options=OPTIONS)
    await turn(hass, DRY_RUN, SERVICE_TURN_OFF)
    await jellyfin.stop()
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert state_of(hass, DRY_RUN) == STATE_OFF
    await turn(hass, DRY_RUN, SERVICE_TURN_ON)
    assert state_of(hass, DRY_RUN) == STATE_ON
    await hass.async_block_till_done(wait_background_tasks=True)
