"""The figures: right, unknown while nothing is known, and there for whom they are about."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import FaultKind, Household, JellyfinSimulator, Movie

from .conftest import PlatformSnapshot, pass_time, state_of
from .counted import NOON, POLL, household, noon

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

FIXED = 13
"""How many sensors there are besides those of users and libraries."""


@pytest.mark.usefixtures("all_entities_enabled")
async def test_entities(
    platform_snapshot: PlatformSnapshot,
) -> None:
    """All sensors, as they are registered and as they look."""
    await platform_snapshot(Platform.SENSOR)


@pytest.mark.usefixtures("all_entities_enabled", "setup_integration")
async def test_figures(hass: HomeAssistant) -> None:
    """The figures are those that a person would count."""
    figures = {
        "watched_movies": "4",
        "watched_series": "1",
        "watched_episodes": "3",
        "watch_events": "7",
        "pending_deletions": "4",
        "leaving_soon": "2",
        "ready_to_delete": "0",
        # The favourite, the unseen, and the series of which half is left.
        "kept": "3",
        "reclaimable_space": "8.0",
        "reclaimed_space": "0.0",
        # The overdue one, after the grace period.
        "next_deletion": (NOON + timedelta(days=3)).isoformat(),
        "last_sync": NOON.isoformat(),
        "watched_by_alice": "4",
        "watched_by_bob": "3",
        "watched_share_of_movies": "80.0",
        "watched_share_of_shows": "75.0",
        "watched_share_of_empty": STATE_UNKNOWN,
    }
    assert {
        name: state_of(hass, f"sensor.household_{name}") for name in figures
    } == figures
    for state in hass.states.async_all("sensor"):
        if "state_class" in state.attributes:
            assert "unit_of_measurement" in state.attributes, (
                f"{state.entity_id} has no unit: add it to its name in translations/"
            )
    assert state_of(hass, "sensor.household_watched_by_guest") is None
    assert state_of(hass, "sensor.household_watched_share_of_music") is None


@pytest.mark.usefixtures("setup_integration")
async def test_time_makes_due(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What was leaving soon is due some day, without anything else happening."""
    await pass_time(hass, freezer, timedelta(days=2, hours=23))
    assert state_of(hass, "sensor.household_leaving_soon") == "2"
    assert state_of(hass, "sensor.household_ready_to_delete") == "0"
    await pass_time(hass, freezer, timedelta(hours=1, minutes=1))
    # What is ready has not left yet: both contain it. The next one is another.
    assert state_of(hass, "sensor.household_leaving_soon") == "2"
    assert state_of(hass, "sensor.household_pending_deletions") == "4"
    assert state_of(hass, "sensor.household_ready_to_delete") == "1"
    soon = (NOON + timedelta(days=10)).isoformat()
    assert state_of(hass, "sensor.household_next_deletion") == soon


@pytest.mark.usefixtures("all_entities_enabled", "setup_integration")
async def test_marks_and_plays_are_followed(
    hass: HomeAssistant, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A poll brings what has been watched and marked since the last one."""
    alice, bob = household.users[:2]
    unseen, half = household["Unseen"], household["Half"]
    assert isinstance(unseen, Movie)
    household.play(bob, unseen)
    household.mark_played(alice, half)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor.household_watched_movies") == "5"
    assert state_of(hass, "sensor.household_watched_by_bob") == "4"
    await pass_time(hass, freezer, timedelta(hours=7))
    assert state_of(hass, "sensor.household_watched_series") == "2"
    assert state_of(hass, "sensor.household_watched_episodes") == "4"


@pytest.mark.usefixtures("all_entities_enabled")
async def test_unknown_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Until the first sync is complete nothing is known, which is not zero."""
    jellyfin.fail(FaultKind.HANG, "^/Items$")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    states = hass.states.async_all("sensor")
    assert len(states) == FIXED, "set FIXED to how many sensors there are now"
    assert {state.state for state in states} == {STATE_UNKNOWN}

    await jellyfin.stop()
    await hass.async_block_till_done(wait_background_tasks=True)
    states = hass.states.async_all("sensor")
    assert len(states) == FIXED, "set FIXED to how many sensors there are now"
    assert {state.state for state in states} == {STATE_UNKNOWN}

    jellyfin.faults.clear()
    await jellyfin.start()
    await entry.runtime_data.async_asked(entry.runtime_data.keeper.sync(full=False))
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_movies") == "4"
    assert state_of(hass, "sensor.household_watched_by_alice") == "4"


@pytest.mark.usefixtures("all_entities_enabled")
async def test_users_come_and_go(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    entity_registry: er.EntityRegistry,
) -> None:
    """Each user who may log in has a sensor, and no one else."""
    coordinator = setup_integration.runtime_data
    household.add_user("carol")
    bob = household.users[1]
    bob.disabled = True
    await coordinator.async_asked(coordinator.keeper.sync(full=True))
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_by_carol") == "0"
    assert state_of(hass, "sensor.household_watched_by_bob") is None
    assert entity_registry.async_get("sensor.household_watched_by_bob") is None

    bob.disabled = False
    await coordinator.async_asked(coordinator.keeper.sync(full=True))
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_by_bob") == "3"

    # One who leaves while nobody looks is noticed at the next start.
    await hass.config_entries.async_unload(setup_integration.entry_id)
    household.users.remove(household.users[-1])
    await hass.config_entries.async_setup(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await setup_integration.runtime_data.async_asked(
        setup_integration.runtime_data.keeper.sync(full=True)
    )
    await hass.async_block_till_done()
    assert entity_registry.async_get("sensor.household_watched_by_carol") is None
    assert state_of(hass, "sensor.household_watched_by_alice") == "4"


async def test_libraries_come_and_go(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    entity_registry: er.EntityRegistry,
) -> None:
    """Each managed library has a sensor; like those of users it is off at first."""
    for name in ("watched_share_of_movies", "watched_by_alice"):
        disabled = entity_registry.async_get(f"sensor.household_{name}")
        assert disabled is not None
        assert disabled.disabled_by is er.RegistryEntryDisabler.INTEGRATION

    household.add_library("Anime", "tvshows")
    household.remove_library(
        next(one for one in household.libraries if one.name == "Empty")
    )
    await setup_integration.runtime_data.async_asked(
        setup_integration.runtime_data.keeper.sync(full=True)
    )
    await hass.async_block_till_done()
    assert entity_registry.async_get("sensor.household_watched_share_of_anime")
    assert not entity_registry.async_get("sensor.household_watched_share_of_empty")

    shows = next(
        library.library_id
        for library in setup_integration.runtime_data.data.libraries
        if library.name == "Shows"
    )
    hass.config_entries.async_update_entry(
        setup_integration, options={"libraries": [shows]}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entity_registry.async_get("sensor.household_watched_share_of_shows")
    assert not entity_registry.async_get("sensor.household_watched_share_of_movies")
    assert state_of(hass, "sensor.household_watched_movies") == "0"


async def test_no_history_without_jellystat(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without Jellystat there is no history to count."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "jellystat": None}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "sensor.household_watch_events") is None
    assert state_of(hass, "sensor.household_watched_movies") == "4"


@pytest.mark.usefixtures("all_entities_enabled", "setup_integration")
async def test_outage(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, freezer: FrozenDateTimeFactory
) -> None:
    """While a server is away the last figures stand, and the last sync says of when."""
    before = {state.entity_id: state.state for state in hass.states.async_all("sensor")}
    await jellyfin.stop()
    await pass_time(hass, freezer, POLL)
    after = {state.entity_id: state.state for state in hass.states.async_all("sensor")}
    assert after == before
    assert after["sensor.household_last_sync"] == NOON.isoformat()
    assert state_of(hass, "binary_sensor.household_deletion_blocked") == "on"
    await jellyfin.start()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor.household_watched_movies") == "4"
    assert state_of(hass, "sensor.household_last_sync") != NOON.isoformat()
