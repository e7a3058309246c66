"""Whoever comes from outside: no way past who may do what, and no text that does more."""

from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.oxicleanarr.coordinator import ledger_path
from custom_components.oxicleanarr.repairs import async_ask_for_first_real_run
from simulators import Household

from .conftest import pass_time, pending_shown, set_up
from .counted import GRACE, household, noon

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

APPROVALS = "todo.household_approvals"
HOSTILE = "![x](https://tracker.invalid/x.png) <img src=x> `_*"


async def say_it(hass: HomeAssistant) -> None:
    """Tick a title by voice, as anybody in the room can."""
    await intent.async_handle(
        hass,
        "test",
        "HassListCompleteItem",
        {"item": {"value": "overdue"}, "name": {"value": "household Approvals"}},
    )


@pytest.mark.parametrize("by_admin", [True, False])
@pytest.mark.parametrize("fails", [True, False])
async def test_a_voice_has_nobody_elses_rights(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
    by_admin: bool,
    fails: bool,
) -> None:
    """Not those of who has just read the list, nor of whose change was refused."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "intent", {})
    hass.config_entries.async_update_entry(
        setup_integration, options={"approval": True, "dry_run": False}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, GRACE)
    context = Context(user_id=hass_admin_user.id if by_admin else None)
    if fails:
        with pytest.raises(Exception, match=r"(?i)unable to find"):
            await hass.services.async_call(
                "todo",
                "update_item",
                {"entity_id": APPROVALS, "item": "no such", "status": "completed"},
                blocking=True,
                context=context,
            )
    else:
        await hass.services.async_call(
            "todo",
            "get_items",
            {"entity_id": APPROVALS},
            blocking=True,
            return_response=True,
            context=context,
        )
    with pytest.raises(intent.IntentError):
        await say_it(hass)
    coordinator = setup_integration.runtime_data
    assert [one.title for one in coordinator.awaiting_approval] == ["Overdue"]


async def test_a_title_is_shown_as_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Markdown in a title neither loads pictures nor hides what is to be confirmed."""
    household["Overdue"].name = HOSTILE
    household["Soon"].name = "A\n- January 1, 2040: B (1.0 GB)\n<!--"
    await set_up(hass, entry)
    await pass_time(hass, freezer, GRACE)
    async_ask_for_first_real_run(hass, entry)
    lines = pending_shown(hass, entry).splitlines()
    assert len(lines) == len(entry.runtime_data.data.plan.entries)
    shown = "\n".join(lines)
    assert r"!\[x\](https://tracker.invalid/x.png) \<img src=x\> \`\_\*" in shown
    assert r"A - January 1, 2040: B (1.0 GB) \<!--" in shown


async def test_a_disabled_entry_leaves_nothing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What was never set up since the start has a database all the same."""
    hass.data[DATA_EXTRA_MODULE_URL] = UrlManager(lambda *_: None, [])
    object.__setattr__(entry, "disabled_by", ConfigEntryDisabler.USER)
    entry.add_to_hass(hass)
    path = ledger_path(hass, entry.entry_id)

    def write() -> None:
        """Write a database in which nothing is yet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    await hass.async_add_executor_job(write)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not await hass.async_add_executor_job(Path.exists, path)
