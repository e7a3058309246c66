"""Asking before deleting, as users meet it: list, sensor, event, actions, options."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.oxicleanarr import todo
from custom_components.oxicleanarr.const import EVENT_CLEANUP
from simulators import Household

from .conftest import pass_time, state_of
from .counted import GRACE, NOON, POLL, household, noon
from .lists import DONE, OPEN, items_of, statuses_of, tick_off
from .test_access import call, member
from .test_trigger import TITLES, automate, said

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

LIST = "todo.household_approvals"
WAITING = "sensor.household_waiting_for_approval"
READY = "sensor.household_ready_to_delete"


@pytest.fixture
def alice(hass: HomeAssistant) -> MockUser:
    """Return somebody of the household who is no admin."""
    return member(hass, "alice")


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change the options."""
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def asks(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an entry that asks about everything, with one title that waits."""
    await choose(hass, setup_integration, approval=True, dry_run=False)
    await pass_time(hass, freezer, GRACE)
    return setup_integration


async def items(hass: HomeAssistant) -> dict[str, str]:
    """Return the titles on the list with their states."""
    return await statuses_of(hass, LIST)


async def tick(
    hass: HomeAssistant, user: MockUser | None, item: str, **changes: Any
) -> None:
    """Tick an item of the list, or change it otherwise."""
    await tick_off(hass, LIST, user, item, **changes)


async def row(hass: HomeAssistant, title: str) -> dict[str, Any]:
    """Return a pending title as actions show it."""
    plan = await call(hass, None, "evaluate_rules")
    return next(one for one in plan["pending"] if one["title"] == title)


async def test_a_tick_approves(
    hass: HomeAssistant,
    asks: MockConfigEntry,
    household: Household,
    alice: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """For admins; anybody may take it back. What is approved goes."""
    assert await items(hass) == {"Overdue": OPEN}
    assert state_of(hass, LIST) == state_of(hass, WAITING) == "1"
    assert state_of(hass, READY) == "0"
    with pytest.raises(Unauthorized) as caught:
        await tick(hass, alice, "Overdue")
    assert caught.value.translation_key == "admins_only"
    assert await items(hass) == {"Overdue": OPEN}
    for admin in (hass_admin_user, None):
        await tick(hass, admin, "Overdue")
        assert await items(hass) == {"Overdue": DONE}
        assert (state_of(hass, WAITING), state_of(hass, READY)) == ("0", "1")
        await tick(hass, alice, "Overdue", status=OPEN)
        assert await items(hass) == {"Overdue": OPEN}
    await tick(hass, hass_admin_user, "Overdue", status=OPEN)
    with pytest.raises(ServiceValidationError) as refused:
        await tick(hass, None, "Overdue", rename="Something else")
    assert refused.value.translation_key == "only_ticks"
    files = set(household.files)
    assert (await call(hass, None, "delete_media"))["deleted"] == []
    assert set(household.files) == files
    await tick(hass, None, "Overdue")
    (gone,) = (await call(hass, None, "delete_media"))["deleted"]
    assert gone["title"] == "Overdue"
    assert await items(hass) == {}


async def test_more_titles_than_are_listed(
    hass: HomeAssistant,
    asks: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is approved takes no room from what waits, and all that waits is counted."""
    monkeypatch.setattr(todo, "_MOST_LISTED", 1)
    await pass_time(hass, freezer, timedelta(days=30))
    waiting = int(state_of(hass, WAITING) or 0)
    assert waiting > 1
    assert state_of(hass, LIST) == str(waiting)
    (first,) = await items(hass)
    await tick(hass, None, first)
    assert sorted((await items(hass)).values()) == [DONE, OPEN]
    assert state_of(hass, LIST) == str(waiting - 1)


async def test_a_tick_by_voice(hass: HomeAssistant, asks: MockConfigEntry) -> None:
    """Nobody knows whose it is, so it approves nothing; also right after an admin's."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "intent", {})
    await tick(hass, None, "Overdue")
    await tick(hass, None, "Overdue", status=OPEN)
    with pytest.raises(intent.IntentUnexpectedError):
        await intent.async_handle(
            hass,
            "test",
            "HassListCompleteItem",
            {
                "item": {"value": "overdue"},
                "name": {"value": "household Approvals"},
            },
        )
    assert await items(hass) == {"Overdue": OPEN}


@pytest.mark.parametrize("status", [DONE, OPEN])
async def test_a_title_that_leaves_no_more(
    hass: HomeAssistant, asks: MockConfigEntry, status: str
) -> None:
    """The items of a long list can be a moment older than the plan: that is said."""
    if status == OPEN:
        await tick(hass, None, "Overdue")
    coordinator = asks.runtime_data
    assert coordinator.data.plan is not None
    plan = replace(coordinator.data.plan, entries=())
    coordinator.data = replace(coordinator.data, plan=plan)
    with pytest.raises(ServiceValidationError) as caught:
        await tick(hass, None, "Overdue", status=status)
    assert caught.value.translation_key == "no_longer_leaving"


async def test_the_list_is_there_only_while_something_asks(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Whether the household asks or a rule does; the sensor is always there."""
    registry = er.async_get(hass)
    assert hass.states.get(LIST) is None
    assert state_of(hass, WAITING) == "0"
    for _ in range(2):
        await choose(hass, setup_integration, approval=True)
        assert state_of(hass, LIST) == "0"
        await choose(hass, setup_integration)
        assert hass.states.get(LIST) is None
        assert registry.async_get(LIST) is None
    rule = (
        "advanced_rules: [{name: T, type: tag, tag: t, retention: 3d, approval: true}]"
    )
    await call(hass, None, "import_rules", yaml=rule)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, LIST) == "0"
    exported = await call(hass, None, "export_rules")
    assert "approval: true" in exported["yaml"]


async def test_actions(hass: HomeAssistant, asks: MockConfigEntry) -> None:
    """By id or key, several at a time, and what they answer."""
    plan = await call(hass, None, "evaluate_rules")
    assert (plan["counts"]["awaiting_approval"], plan["counts"]["due"]) == (1, 0)
    shown = {one["title"]: one["approval"] for one in plan["pending"]}
    assert shown == {
        "Overdue": "waiting",
        "Soon": "pending",
        "Late": "pending",
        "Whole": "pending",
    }
    overdue, soon = plan["pending"][:2]
    assert overdue["approved_until"] is None
    until = (NOON + GRACE + timedelta(days=30)).isoformat()
    response = await call(
        hass, None, "approve_item", item_ids=[overdue["item_id"], soon["key"]]
    )
    assert response == {
        "items": [
            {"item_id": overdue["item_id"], "approved_until": until},
            {"item_id": soon["item_id"], "approved_until": until},
        ]
    }
    for title in ("Overdue", "Soon"):
        pending = await row(hass, title)
        assert (pending["approval"], pending["approved_until"]) == ("approved", until)
    # What is approved in advance is ready no sooner.
    assert state_of(hass, READY) == "1"
    response = await call(hass, None, "unapprove_item", item_ids=soon["key"])
    assert response == {"items": [{"item_id": soon["item_id"], "approved_until": None}]}
    assert (await row(hass, "Soon"))["approval"] == "pending"
    for action in ("approve_item", "unapprove_item"):
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, None, action, item_ids=["movie:tmdb:99"])
        assert caught.value.translation_key == "not_planned"


async def test_it_is_explained(hass: HomeAssistant, asks: MockConfigEntry) -> None:
    """As the plan says it, and in words while it isn't approved."""
    soon = await row(hass, "Soon")
    await call(hass, None, "approve_item", item_ids=soon["item_id"])
    found: dict[str, tuple[str, bool]] = {}
    for one in (await call(hass, None, "evaluate_rules"))["pending"]:
        explained = await call(hass, None, "explain_item", item_id=one["item_id"])
        verdict = explained["verdict"]
        assert verdict["approval"] == one["approval"]
        assert verdict["approved_until"] == one["approved_until"]
        said = "until an administrator approves it" in verdict["would_change"]
        assert said == (verdict["would_change_code"] == "approval_needed")
        found[one["title"]] = (verdict["approval"], said)
    assert found == {
        "Overdue": ("waiting", True),
        "Soon": ("approved", False),
        "Late": ("pending", True),
        "Whole": ("pending", True),
    }


async def test_what_need_not_be_approved(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """It says so."""
    soon = await row(hass, "Soon")
    assert (soon["approval"], soon["approved_until"]) == (None, None)
    response = await call(hass, None, "approve_item", item_ids=[soon["item_id"]])
    assert response == {"items": [{"item_id": soon["item_id"], "approved_until": None}]}


async def test_anybody_may_take_back_by_action(
    hass: HomeAssistant, asks: MockConfigEntry, alice: MockUser
) -> None:
    """It protects."""
    await call(hass, None, "approve_item", item_ids=["movie:tmdb:1"])
    with pytest.raises(Unauthorized):
        await call(hass, alice, "approve_item", item_ids=["movie:tmdb:1"])
    await call(hass, alice, "unapprove_item", item_ids=["movie:tmdb:1"])
    assert state_of(hass, WAITING) == "1"


async def test_it_is_told_once(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """As an event, with all that an automation needs."""
    told = async_capture_events(hass, EVENT_CLEANUP)
    await choose(hass, setup_integration, approval=True)
    await pass_time(hass, freezer, GRACE)
    await pass_time(hass, freezer, timedelta(hours=1))
    kinds = [one.data["event_type"] for one in told]
    assert kinds.count("approval_needed") == 1
    state = hass.states.get("event.household_cleanup")
    assert state is not None
    assert state.attributes["event_type"] == "approval_needed"
    (item,) = state.attributes["items"]
    assert (item["title"], item["approval"]) == ("Overdue", "waiting")


async def test_what_it_says_of_a_title(
    hass: HomeAssistant, asks: MockConfigEntry
) -> None:
    """Calendar and lists tell that it needs an approval, or until when it has one."""

    async def description() -> str:
        return str((await items_of(hass, LIST))[0]["description"])

    assert "Needs an administrator's approval" in await description()
    await tick(hass, None, "Overdue")
    assert "Approved until December 25, 2026" in await description()


async def test_the_trigger(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once for each title, as soon as nothing but an approval is missing."""
    calls = await automate(hass, "approval_needed", TITLES)
    await choose(hass, setup_integration, approval=True)
    assert not calls
    await pass_time(hass, freezer, GRACE)
    await pass_time(hass, freezer, POLL)
    assert said(calls) == [["Overdue"]]


async def test_the_end_of_a_postponement_is_shown(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """In the calendar, on the list, in the event and among what is kept."""
    until = NOON + timedelta(days=30)
    await call(
        hass,
        None,
        "keep_item",
        item_id="Soon",
        until=until.isoformat(),
        reason="Postponed from a notification",
    )
    event = hass.states.get("event.household_cleanup")
    assert event is not None
    assert event.attributes["kept_until"] == until.isoformat()
    plan = await call(hass, None, "evaluate_rules", include_kept=True)
    kept = {one["title"]: one["kept_until"] for one in plan["kept"]}
    assert (kept["Soon"], kept["Loved"]) == (until.isoformat(), None)
    listed = await items_of(hass, "todo.household_leaving_soon")
    (soon,) = [one for one in listed if one["summary"] == "Soon"]
    assert soon["description"].splitlines() == [
        "Kept until December 22, 2026",
        "Postponed from a notification",
    ]
    days = await _ask(
        hass,
        "calendar.household_deletions",
        "calendar",
        "get_events",
        start_date_time=NOON.isoformat(),
        end_date_time=(NOON + timedelta(days=40)).isoformat(),
    )
    (end,) = [one for one in days["events"] if one["summary"].startswith("Soon")]
    assert (end["summary"], end["start"]) == ("Soon is no longer kept", "2026-12-22")
    # For good, it has no end that could be shown.
    await call(hass, None, "keep_item", item_id="Soon")
    event = hass.states.get("event.household_cleanup")
    assert event is not None
    assert event.attributes["kept_until"] is None


async def _ask(
    hass: HomeAssistant, entity_id: str, domain: str, action: str, **data: Any
) -> Any:
    """Return what an entity answers."""
    response = await hass.services.async_call(
        domain,
        action,
        {"entity_id": entity_id, **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return response[entity_id]
