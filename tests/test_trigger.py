"""The triggers: they run at what they are called, and tell all about it."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.helpers.trigger import (
    async_get_all_descriptions,
    async_validate_trigger_config,
)
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.oxicleanarr.trigger import async_get_triggers
from simulators import FaultKind, Household, JellyfinSimulator

from .conftest import pass_time
from .counted import GRACE, POLL, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

TITLES = "{{ trigger['items'] | map(attribute='title') | list }}"


async def automate(
    hass: HomeAssistant, trigger: str, said: str, **options: Any
) -> list[ServiceCall]:
    """Set up an automation; return what it will have done."""
    calls = async_mock_service(hass, "test", "automation")
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "triggers": {"trigger": f"oxicleanarr.{trigger}", "options": options},
                "actions": {
                    "action": "test.automation",
                    "data": {"said": said, "of": "{{ trigger.config_entry_id }}"},
                },
            }
        },
    )
    await hass.async_block_till_done()
    return calls


def said(calls: list[ServiceCall]) -> list[Any]:
    """Return what an automation was told."""
    return [call.data["said"] for call in calls]


async def test_scheduled(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Of what is new in the plan, by its household."""
    entry_id = setup_integration.entry_id
    calls = await automate(hass, "media_scheduled", TITLES, config_entry_id=entry_id)
    assert not calls
    household.mark_played(household.users[0], household["Unseen"])
    await pass_time(hass, freezer, POLL)
    assert said(calls) == [["Unseen"]]
    assert calls[0].data["of"] == entry_id


@pytest.mark.usefixtures("setup_integration")
async def test_of_another_household(
    hass: HomeAssistant, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What happens elsewhere does not matter."""
    calls = await automate(hass, "media_scheduled", TITLES, config_entry_id="other")
    household.mark_played(household.users[0], household["Unseen"])
    await pass_time(hass, freezer, POLL)
    assert not calls


async def test_leaving_soon(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once, when a title comes within the days that are soon; also after a reload."""
    calls = await automate(hass, "media_leaving_soon", TITLES)
    await pass_time(hass, freezer, POLL)
    assert not calls
    hass.config_entries.async_update_entry(
        setup_integration, options={"leaving_soon_days": 90}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert said(calls) == [["Late"]]
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, GRACE)
    assert said(calls) == [["Late"]]


async def test_at_the_start_of_home_assistant(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Automations listen before anything happens: the first sync waits for them."""
    entry_id = setup_integration.entry_id
    await hass.config_entries.async_unload(entry_id)
    household.mark_played(household.users[0], household["Unseen"])
    freezer.tick(POLL)
    hass.set_state(CoreState.not_running)
    asked = len(jellyfin.requested("/Items"))
    assert await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(jellyfin.requested("/Items")) == asked
    calls = await automate(hass, "media_scheduled", TITLES)
    await hass.async_start()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(jellyfin.requested("/Items")) > asked
    assert said(calls) == [["Unseen"]]


async def test_unloaded_before_home_assistant_has_started(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Then nothing begins."""
    hass.set_state(CoreState.not_running)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    before = len(jellyfin.requests)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(jellyfin.requests) == before


async def test_leaving_soon_before_the_first_sync(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
) -> None:
    """What leaves soon from the very beginning is no news."""
    calls = await automate(hass, "media_leaving_soon", TITLES)
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    jellyfin.faults.clear()
    await entry.runtime_data.async_asked(entry.runtime_data.keeper.sync(full=True))
    await hass.async_block_till_done()
    assert not calls


async def test_deleted(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """By a run."""
    calls = await automate(hass, "media_deleted", TITLES)
    hass.config_entries.async_update_entry(
        setup_integration, options={"dry_run": False}
    )
    await pass_time(hass, freezer, GRACE)
    assert not calls
    await call(hass, "delete_media")
    await hass.async_block_till_done()
    assert said(calls) == [["Overdue"]]


@pytest.mark.usefixtures("setup_integration")
async def test_blocked(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, freezer: FrozenDateTimeFactory
) -> None:
    """Once, with the reasons."""
    calls = await automate(hass, "deletion_blocked", "{{ trigger.reasons }}")
    jellyfin.fail(FaultKind.SERVER_ERROR)
    await pass_time(hass, freezer, 2 * POLL)
    ((reason,),) = said(calls)
    assert "The last sync failed" in reason


async def test_described(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Each has a form, and takes nothing else."""
    assert await async_setup_component(hass, "automation", {})
    await automate(hass, "media_deleted", TITLES)
    described = await async_get_all_descriptions(hass)
    for name in await async_get_triggers(hass):
        description = described[f"oxicleanarr.{name}"]
        assert description is not None
        assert description["fields"].keys() == {"config_entry_id"}
    config = [{"platform": "oxicleanarr.media_deleted", "options": {"days": 3}}]
    with pytest.raises(probatio.Invalid):
        await async_validate_trigger_config(hass, config)
