"""The to-do list: what leaves soon, and a tick that keeps it."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ServiceNotSupported,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from syrupy.assertion import SnapshotAssertion

from custom_components.oxicleanarr import todo
from custom_components.oxicleanarr.household import AUTOMATION
from simulators import FaultKind, JellyfinSimulator

from .conftest import PlatformSnapshot, pass_time, set_up, state_of
from .counted import GRACE, NOON, POLL, household, noon
from .lists import DONE, OPEN, items_of, tick_off
from .test_access import call, member

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

LIST = "todo.household_leaving_soon"


@pytest.fixture
def alice(hass: HomeAssistant) -> MockUser:
    """Return somebody of the household who is no admin."""
    return member(hass, "alice")


@pytest.fixture
def bob(hass: HomeAssistant) -> MockUser:
    """Return another one."""
    return member(hass, "bob")


async def items(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the items of the list."""
    return await items_of(hass, LIST)


async def shown(hass: HomeAssistant) -> dict[str, tuple[str, str]]:
    """Return the day and the status of each title."""
    return {one["summary"]: (one["due"], one["status"]) for one in await items(hass)}


async def tick(
    hass: HomeAssistant, user: MockUser | None, item: str, **changes: Any
) -> None:
    """Tick an item of the list, or change it otherwise."""
    await tick_off(hass, LIST, user, item, **changes)


async def test_entities(
    hass: HomeAssistant,
    snapshot: SnapshotAssertion,
    platform_snapshot: PlatformSnapshot,
) -> None:
    """The list, as it is registered and as it looks."""
    await platform_snapshot(Platform.TODO)
    assert await items(hass) == snapshot


async def test_a_tick_keeps(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    alice: MockUser,
    bob: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """It stays on the list, so that whoever has ticked it can change their mind."""
    assert await shown(hass) == {
        "Overdue": ("2026-11-25", OPEN),
        "Soon": ("2026-12-02", OPEN),
    }
    assert state_of(hass, LIST) == "2"
    await tick(hass, alice, "Soon")
    assert (
        state_of(hass, LIST) == state_of(hass, "sensor.household_leaving_soon") == "1"
    )
    assert (await shown(hass))["Soon"] == ("2026-12-02", DONE)
    (keep,) = setup_integration.runtime_data.keeper.ledger.keeps(NOON).values()
    assert (keep.key, keep.until, keep.kept_by) == ("movie:tmdb:2", None, "alice")

    with pytest.raises(Unauthorized) as caught:
        await tick(hass, bob, "Soon", status=OPEN)
    assert caught.value.translation_key == "kept_by_another"
    assert (await shown(hass))["Soon"] == ("2026-12-02", DONE)
    await tick(hass, alice, "Soon", status=OPEN)
    assert (await shown(hass))["Soon"] == ("2026-12-02", OPEN)
    await tick(hass, bob, "Soon")
    await tick(hass, hass_admin_user, "Soon", status=OPEN)
    assert state_of(hass, LIST) == "2"
    # Nothing has changed, so there is nothing to do.
    await tick(hass, bob, "Soon", status=OPEN)
    assert state_of(hass, LIST) == "2"


@pytest.mark.usefixtures("setup_integration")
async def test_whoever_keeps_it_ticks_it(hass: HomeAssistant, alice: MockUser) -> None:
    """A keep by an action is on the list too, with what was said about it."""
    await call(hass, alice, "keep_item", item_id="movie:tmdb:2", reason="Movie night")
    (kept,) = [one for one in await items(hass) if one["status"] == DONE]
    assert (kept["summary"], kept["description"]) == ("Soon", "Movie night")
    # What would not leave soon is not.
    await call(hass, alice, "keep_item", item_id="movie:tmdb:3")
    await call(hass, alice, "keep_item", item_id="movie:tmdb:5")
    assert (await shown(hass)).keys() == {"Overdue", "Soon"}


@pytest.mark.usefixtures("setup_integration")
async def test_a_tick_by_voice(hass: HomeAssistant, alice: MockUser) -> None:
    """Home Assistant does not say whose it is: not that of whoever has ticked before."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "intent", {})
    await tick(hass, alice, "Overdue")
    await intent.async_handle(
        hass,
        "test",
        "HassListCompleteItem",
        {"item": {"value": "soon"}, "name": {"value": "household Leaving soon"}},
    )
    assert {one for _, one in (await shown(hass)).values()} == {DONE}
    await tick(hass, alice, "Overdue", status=OPEN)
    with pytest.raises(Unauthorized) as caught:
        await tick(hass, alice, "Soon", status=OPEN)
    assert caught.value.translation_key == "kept_by_another"


async def test_kept_until_it_would_have_left(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Then it leaves the list, and is kept all the same; also across a restart."""
    await tick(hass, None, "Overdue")
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await shown(hass))["Overdue"] == ("2026-11-25", DONE)
    await pass_time(hass, freezer, GRACE)
    assert "Overdue" not in await shown(hass)
    coordinator = setup_integration.runtime_data
    assert "movie:tmdb:1" in {one.key for one in coordinator.data.plan.kept}


async def test_what_is_ready(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It leaves today, and can be unticked for a day."""
    await pass_time(hass, freezer, GRACE + timedelta(days=2))
    assert (await shown(hass))["Overdue"] == ("2026-11-27", OPEN)
    await tick(hass, None, "Overdue")
    assert (await shown(hass))["Overdue"] == ("2026-11-27", DONE)
    await pass_time(hass, freezer, timedelta(hours=23))
    assert (await shown(hass))["Overdue"] == ("2026-11-27", DONE)
    await pass_time(hass, freezer, timedelta(hours=1) + POLL)
    assert "Overdue" not in await shown(hass)


async def test_thousands_of_titles(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their items are made beside the event loop; what was told last is shown last."""
    monkeypatch.setattr(todo, "_MADE_AT_ONCE", 0)
    keeper = setup_integration.runtime_data.keeper
    for entry in keeper.overview.plan.entries:
        await keeper.keep(entry.item_id, None, "", AUTOMATION)
    await hass.async_block_till_done()
    assert state_of(hass, LIST) == "0"
    assert {status for _, status in (await shown(hass)).values()} == {DONE}
    await tick(hass, None, "Soon", status=OPEN)
    await hass.async_block_till_done()
    assert (await shown(hass))["Soon"] == ("2026-12-02", OPEN)
    assert state_of(hass, LIST) == "1"


async def test_more_titles_than_are_listed(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those that leave first are listed, all are counted; a tick makes room for another."""
    monkeypatch.setattr(todo, "_MOST_LISTED", 1)
    setup_integration.runtime_data.async_update_listeners()
    before = await shown(hass)
    assert len(before) == 1
    assert state_of(hass, LIST) == "2"
    (first,) = before
    await tick(hass, None, first)
    after = await shown(hass)
    assert [status for _, status in after.values()] == [OPEN, DONE]
    assert after[first] == (before[first][0], DONE)
    assert state_of(hass, LIST) == "1"
    (other,) = after.keys() - before.keys()
    await tick(hass, None, other)
    assert len(await shown(hass)) == 1
    assert state_of(hass, LIST) == "0"


async def test_a_tick_during_a_sync(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """It shows at once, although the plan is made anew later."""
    keeper = setup_integration.runtime_data.keeper
    await keeper.hold()
    await tick(hass, None, "Soon")
    assert (await shown(hass))["Soon"] == ("2026-12-02", DONE)
    assert state_of(hass, LIST) == "1"
    await tick(hass, None, "Soon", status=OPEN)
    assert (await shown(hass))["Soon"] == ("2026-12-02", OPEN)
    keeper.release()


@pytest.mark.usefixtures("setup_integration")
async def test_only_ticks(hass: HomeAssistant) -> None:
    """Nothing else can be changed, and that is said."""
    with pytest.raises(ServiceValidationError) as caught:
        await tick(hass, None, "Soon", rename="Later", status=DONE)
    assert caught.value.translation_key == "only_ticks"
    for action, data in (
        ("add_item", {"item": "Another"}),
        ("remove_item", {"item": "Soon"}),
        ("remove_completed_items", {}),
    ):
        with pytest.raises(ServiceNotSupported):
            await hass.services.async_call(
                "todo", action, {"entity_id": LIST, **data}, blocking=True
            )
    with pytest.raises(ServiceValidationError):
        await tick(hass, None, "Soon", due_date="2027-01-01")
    assert (await shown(hass))["Soon"] == ("2026-12-02", OPEN)


async def test_a_title_that_is_gone(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is nothing to keep, and that is said."""

    def gone(reference: str) -> None:
        raise LookupError(reference)

    ledger = setup_integration.runtime_data.keeper.ledger
    monkeypatch.setattr(ledger, "named", gone)
    with pytest.raises(ServiceValidationError) as caught:
        await tick(hass, None, "Soon")
    assert caught.value.translation_key == "no_longer_leaving"


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known, which is not zero."""
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    await set_up(hass, entry)
    assert state_of(hass, LIST) == STATE_UNKNOWN
