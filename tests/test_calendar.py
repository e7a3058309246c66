"""The calendar: each title on the day on which it leaves, and no day is past."""

from datetime import date, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)
from syrupy.assertion import SnapshotAssertion

from simulators import FaultKind, Household, JellyfinSimulator

from .conftest import PlatformSnapshot, pass_time, set_up, state_of
from .counted import GRACE, NOON, household, noon

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

CALENDAR = "calendar.household_deletions"


async def events(
    hass: HomeAssistant, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return the events of a time, as an automation gets them."""
    response = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": CALENDAR,
            "start_date_time": start.isoformat(),
            "end_date_time": end.isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    assert response is not None
    found: Any = response[CALENDAR]
    return list(found["events"])


async def days(hass: HomeAssistant, time: timedelta = timedelta(days=365)) -> Any:
    """Return which title leaves when within a time from now."""
    now = dt_util.now()
    return {one["summary"]: one["start"] for one in await events(hass, now, now + time)}


async def test_entities(
    hass: HomeAssistant,
    snapshot: SnapshotAssertion,
    platform_snapshot: PlatformSnapshot,
) -> None:
    """The calendar, as it is registered and as it looks."""
    await platform_snapshot(Platform.CALENDAR)
    assert await events(hass, NOON, NOON + timedelta(days=365)) == snapshot


@pytest.mark.usefixtures("setup_integration")
async def test_days(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """By the time zone of Home Assistant; what is ready stands on today."""
    await hass.config.async_set_time_zone("Pacific/Auckland")
    await hass.async_block_till_done()
    assert (await days(hass))["Overdue leaves"] == "2026-11-26"
    await hass.config.async_set_time_zone("US/Pacific")
    await hass.async_block_till_done()
    # The grace counts for what is overdue.
    assert await days(hass) == {
        "Overdue leaves": "2026-11-25",
        "Soon leaves": "2026-12-02",
        "Late leaves": "2027-02-10",
        "Whole leaves": "2027-03-02",
    }
    assert await days(hass, timedelta(days=10)) == {
        "Overdue leaves": "2026-11-25",
        "Soon leaves": "2026-12-02",
    }
    assert state_of(hass, CALENDAR) == STATE_OFF
    await pass_time(hass, freezer, GRACE)
    assert state_of(hass, CALENDAR) == STATE_ON
    await pass_time(hass, freezer, timedelta(days=2))
    assert (await days(hass))["Overdue leaves"] == "2026-11-27"
    state = hass.states.get(CALENDAR)
    assert state is not None
    assert state.attributes["message"] == "Overdue leaves"
    assert state.attributes["start_time"] == "2026-11-27 00:00:00"
    past = await events(hass, NOON - timedelta(days=100), NOON + timedelta(days=2))
    assert past == []


async def test_ids_last(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """They name the title and not the row in Jellyfin, and copies are told apart."""
    entity: Any = hass.data["entity_components"]["calendar"].get_entity(CALENDAR)

    async def uids() -> set[str]:
        found = await entity.async_get_events(hass, NOON, NOON + timedelta(days=365))
        return {one.uid for one in found}

    assert await uids() == {
        "movie:movie:tmdb:1",
        "movie:movie:tmdb:2",
        "movie:movie:tmdb:3",
        "series:series:tvdb:6",
    }
    copy = household.add_movie(
        "Overdue",
        path="/media/movies/Overdue again/Overdue.mkv",
        provider_ids={"Tmdb": "1"},
        added=NOON - timedelta(days=400),
    )
    household.scan()
    await setup_integration.runtime_data.async_asked(
        setup_integration.runtime_data.keeper.sync(full=True)
    )
    household.play(household.users[0], copy)
    await setup_integration.runtime_data.async_asked(
        setup_integration.runtime_data.keeper.sync(full=True)
    )
    await hass.async_block_till_done()
    found = await uids()
    assert len(found) == 5
    assert len([one for one in found if one.startswith("movie:movie:tmdb:1#")]) == 1


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known, so nothing leaves."""
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    await set_up(hass, entry)
    assert state_of(hass, CALENDAR) == STATE_OFF
    assert await events(hass, NOON, NOON + timedelta(days=365)) == []


@pytest.mark.usefixtures("setup_integration")
async def test_starts_automations(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """As any calendar does, on the morning of the day."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "automation")
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "alias": "Morning",
                "triggers": {
                    "trigger": "calendar",
                    "event": "start",
                    "entity_id": CALENDAR,
                },
                "actions": {
                    "action": "test.automation",
                    "data": {"said": "{{ trigger.calendar_event.summary }}"},
                },
            }
        },
    )
    await hass.async_block_till_done()
    await pass_time(hass, freezer, timedelta(days=2))
    assert not calls
    for _ in range(4 * 24):
        freezer.tick(timedelta(minutes=15))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        if calls:
            break
    assert [call.data["said"] for call in calls] == ["Overdue leaves"]
    assert dt_util.now().date() == date(2026, 11, 25)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.morning"}, blocking=True
    )
