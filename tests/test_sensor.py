"""The figures: right, unknown while nothing is known, and there for whom they are about."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    snapshot_platform,
)
from syrupy.assertion import SnapshotAssertion

from simulators import FaultKind, Household, JellyfinSimulator, Movie

from .conftest import pass_time, set_up, state_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLL = timedelta(minutes=16)

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock before anything happens in the household."""
    freezer.move_to(NOON)


@pytest.fixture
def household() -> Household:
    """Return a household that is small enough to be counted by hand."""
    house = Household(dt_util.utcnow)
    alice, bob = house.add_user("alice", administrator=True), house.add_user("bob")
    house.add_user("guest", disabled=True)
    house.add_library("Movies", "movies")
    house.add_library("Shows", "tvshows")
    house.add_library("Empty", "movies")
    house.add_library("Music", "music")

    def movie(number: int, name: str) -> Movie:
        return house.add_movie(
            name,
            provider_ids={"Tmdb": str(number)},
            added=NOON - timedelta(days=400),
            size=number * 1_000_000_000,
        )

    for number, user, name, days in (
        (1, alice, "Overdue", 100),
        (2, bob, "Soon", 80),
        (3, alice, "Late", 10),
        (4, bob, "Loved", 200),
    ):
        watched = movie(number, name)
        house.play(user, watched, at=NOON - timedelta(days=days))
    house.set_favourite(bob, house["Loved"])
    movie(5, "Unseen")
    for number, user, name, episodes in ((6, alice, "Whole", 2), (7, bob, "Half", 1)):
        series = house.add_series(
            name,
            provider_ids={"Tvdb": str(number)},
            added=NOON - timedelta(days=400),
        )
        for episode in (1, 2):
            house.add_episode(
                series, season=1, number=episode, added=NOON - timedelta(days=400)
            )
        for one in series.episodes[:episodes]:
            house.play(user, one, at=NOON - timedelta(days=20))
    house.scan()
    return house


@pytest.mark.usefixtures("all_entities_enabled")
async def test_entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All sensors, as they are registered and as they look."""
    monkeypatch.setattr("custom_components.oxicleanarr.PLATFORMS", [Platform.SENSOR])
    await set_up(hass, entry)
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


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
        "due": "0",
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
    assert state_of(hass, "sensor.household_watched_by_guest") is None
    assert state_of(hass, "sensor.household_watched_share_of_music") is None


@pytest.mark.usefixtures("setup_integration")
async def test_time_makes_due(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What was leaving soon is due some day, without anything else happening."""
    await pass_time(hass, freezer, timedelta(days=2, hours=23))
    assert state_of(hass, "sensor.household_leaving_soon") == "2"
    assert state_of(hass, "sensor.household_due") == "0"
    await pass_time(hass, freezer, timedelta(hours=1, minutes=1))
    assert state_of(hass, "sensor.household_leaving_soon") == "1"
    assert state_of(hass, "sensor.household_due") == "1"


@pytest.mark.usefixtures("setup_integration")
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


async def test_unknown_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Until the first sync is complete nothing is known, which is not zero."""
    jellyfin.fail(FaultKind.HANG, "^/Items$")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    states = hass.states.async_all("sensor")
    assert len(states) == 12
    assert {state.state for state in states} == {STATE_UNKNOWN}

    await jellyfin.stop()
    await hass.async_block_till_done(wait_background_tasks=True)
    states = hass.states.async_all("sensor")
    assert len(states) == 12
    assert {state.state for state in states} == {STATE_UNAVAILABLE}

    jellyfin.faults.clear()
    await jellyfin.start()
    await entry.runtime_data.async_sync(full=False)
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_movies") == "4"
    assert state_of(hass, "sensor.household_watched_by_alice") == "4"


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
    await coordinator.async_sync(full=True)
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_by_carol") == "0"
    assert state_of(hass, "sensor.household_watched_by_bob") is None
    assert entity_registry.async_get("sensor.household_watched_by_bob") is None

    bob.disabled = False
    await coordinator.async_sync(full=True)
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.household_watched_by_bob") == "3"

    # One who leaves while nobody looks is noticed at the next start.
    await hass.config_entries.async_unload(setup_integration.entry_id)
    household.users.remove(household.users[-1])
    await hass.config_entries.async_setup(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await setup_integration.runtime_data.async_sync(full=True)
    await hass.async_block_till_done()
    assert entity_registry.async_get("sensor.household_watched_by_carol") is None
    assert state_of(hass, "sensor.household_watched_by_alice") == "4"


async def test_libraries_come_and_go(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    entity_registry: er.EntityRegistry,
) -> None:
    """Each managed library has a sensor that is off until somebody wants it."""
    disabled = entity_registry.async_get("sensor.household_watched_share_of_movies")
    assert disabled is not None
    assert disabled.disabled_by is er.RegistryEntryDisabler.INTEGRATION

    household.add_library("Anime", "tvshows")
    household.remove_library(
        next(one for one in household.libraries if one.name == "Empty")
    )
    await setup_integration.runtime_data.async_sync(full=True)
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


@pytest.mark.usefixtures("setup_integration")
async def test_outage(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, freezer: FrozenDateTimeFactory
) -> None:
    """While a server is away the figures are not available, afterwards they are."""
    await jellyfin.stop()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor.household_watched_movies") == STATE_UNAVAILABLE
    assert state_of(hass, "sensor.household_watched_by_alice") == STATE_UNAVAILABLE
    await jellyfin.start()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor.household_watched_movies") == "4"
    assert state_of(hass, "sensor.household_watched_by_alice") == "4"
