"""Each blueprint of the repository, loaded by Home Assistant and run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
import shutil
from time import sleep
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.oxicleanarr.responses import titles_response
from simulators import Household

from .conftest import pass_time, state_of
from .counted import GRACE, NOON, POLL, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting", "setup_integration")

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "blueprints" / "automation" / "oxicleanarr"
BLUEPRINTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ANSWER = "mobile_app_notification_action"
AUTOMATION = "automation.it"
AUTOMATIC = "switch.household_automatic_deletion"


@pytest.fixture
def phone(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what a phone was told."""
    return async_mock_service(hass, "notify", "phone")


@pytest.fixture
def ruth(hass: HomeAssistant) -> MockUser:
    """Return somebody who may decide: as a person, ``person.ruth``."""
    user = MockUser(name="Ruth").add_to_hass(hass)
    hass.states.async_set("person.ruth", "home", {"user_id": user.id})
    hass.states.async_set("person.child", "home", {"user_id": None})
    return user


type Use = Callable[..., Awaitable[None]]


@pytest.fixture
async def use(hass: HomeAssistant) -> AsyncIterator[Use]:
    """Return what makes an automation of a blueprint; it ends with the test."""
    yield partial(_use, hass)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": AUTOMATION}, blocking=True
    )


async def _use(hass: HomeAssistant, blueprint: str, **chosen: Any) -> None:
    """Make an automation of a blueprint, as it is in the repository."""
    target = Path(hass.config.path("blueprints", "automation", "oxicleanarr"))
    await hass.async_add_executor_job(partial(shutil.copytree, FOLDER, target))
    path = f"oxicleanarr/{blueprint}.yaml"
    automation = {"use_blueprint": {"path": path, "input": chosen}, "alias": "it"}
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert state_of(hass, AUTOMATION) == "on"


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change the options."""
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done(wait_background_tasks=True)


def answers(told: ServiceCall) -> dict[str, str]:
    """Return the buttons of a notification, each with what it fires."""
    return {one["title"]: one["action"] for one in told.data["data"]["actions"]}


async def moment(seconds: float = 0.01) -> None:
    """Let real time pass; the loop's own stands still with the clock."""
    await asyncio.to_thread(sleep, seconds)


async def happens(check: Callable[[], object]) -> None:
    """Wait for something that an automation does which then waits itself."""
    for _ in range(1000):
        if check():
            return
        await moment()
    pytest.fail("It did not happen")


def fire(hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta) -> None:
    """Let time pass while an automation waits."""
    freezer.tick(time)
    async_fire_time_changed(hass)


async def no_polls(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Let no sync be under way whenever time passes."""
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    await pass_time(hass, freezer, timedelta(seconds=1))


async def press(hass: HomeAssistant, action: str, user: MockUser | None = None) -> None:
    """Press a button of a notification, as an app tells of it."""
    context = Context(user_id=user.id if user else None)
    hass.bus.async_fire(ANSWER, {"action": action}, context=context)
    await hass.async_block_till_done(wait_background_tasks=True)


def refused(hass: HomeAssistant, action: str, user: MockUser | None) -> None:
    """Send what a button sends to an automation that goes on waiting."""
    context = Context(user_id=user.id if user else None)
    hass.bus.async_fire(ANSWER, {"action": action}, context=context)


def there(household: Household, name: str) -> bool:
    """Return whether a title is in the household."""
    try:
        return bool(household[name])
    except KeyError:
        return False


async def kept(hass: HomeAssistant) -> dict[str, Any]:
    """Return what somebody keeps, and until when."""
    entry = hass.config_entries.async_entries("oxicleanarr")[0]
    ledger = entry.runtime_data.keeper.ledger
    keeps = await hass.async_add_executor_job(ledger.keeps, NOON)
    return {str(key): one.until for key, one in keeps.items()}


@pytest.mark.parametrize("name", BLUEPRINTS)
async def test_documented(hass: HomeAssistant, name: str) -> None:
    """Each says where it is from, and can be imported by a link of the documentation."""
    target = Path(hass.config.path("blueprints", "automation", "oxicleanarr"))
    await hass.async_add_executor_job(partial(shutil.copytree, FOLDER, target))
    found = await async_get_blueprints(hass).async_get_blueprint(
        f"oxicleanarr/{name}.yaml"
    )
    assert isinstance(found, Blueprint)
    assert found.validate() is None
    source = found.metadata["source_url"]
    assert source.endswith(f"/blueprints/automation/oxicleanarr/{name}.yaml")
    linked = source.replace(":", "%3A").replace("/", "%2F")
    docs = (ROOT / "docs" / "automations.md").read_text()
    assert f"blueprint_import/?blueprint_url={linked})" in docs


async def test_keep_or_postpone(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    phone: list[ServiceCall],
    use: Use,
) -> None:
    """A notification for each title, and its buttons do what they say."""
    await use("keep_or_postpone", notify_action="notify.phone")
    await press(hass, "SOMETHING_ELSE")
    await choose(hass, setup_integration, leaving_soon_days=90)
    (told,) = phone
    assert told.data["title"] == "Late leaves soon"
    assert told.data["message"].startswith("Leaves ")
    buttons = answers(told)
    assert list(buttons) == ["Keep", "Postpone 30 days", "Show"]
    await press(hass, buttons["Postpone 30 days"])
    assert await kept(hass) == {"movie:tmdb:3": NOON + timedelta(days=30)}
    await press(hass, buttons["Keep"])
    assert await kept(hass) == {"movie:tmdb:3": None}
    # By now it is kept for good, which an old notification does not shorten.
    await press(hass, buttons["Postpone 30 days"])
    assert await kept(hass) == {"movie:tmdb:3": None}


async def test_weekly_digest(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
) -> None:
    """On its day, with what leaves in the days that were chosen; also a little late."""
    await hass.config.async_set_time_zone("UTC")
    await no_polls(hass, setup_integration, freezer)
    await use(
        "weekly_digest", notify_action="notify.phone", at="13:00:00", weekday="sun"
    )
    keeper = setup_integration.runtime_data.keeper
    await keeper.hold()
    fire(hass, freezer, timedelta(hours=1))
    await moment(0.1)
    keeper.release()
    assert not phone
    fire(hass, freezer, timedelta(minutes=1, seconds=1))
    await happens(lambda: phone)
    (told,) = phone
    assert told.data["title"] == "Leaving within 7 days: 1"
    assert "Wed Nov 25: Overdue" in told.data["message"]
    assert told.data["message"].endswith("That frees 1.0 GB.")
    await pass_time(hass, freezer, timedelta(days=1))
    assert len(phone) == 1


async def test_low_disk_cleanup(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
) -> None:
    """Only if it lasts and something is ready."""
    await choose(hass, setup_integration, dry_run=False)
    hass.states.async_set("sensor.free", "500")
    await use(
        "low_disk_cleanup",
        free_space="sensor.free",
        threshold=100,
        notify_action="notify.phone",
    )
    hass.states.async_set("sensor.free", "50")
    await hass.async_block_till_done()
    await pass_time(hass, freezer, POLL)
    hass.states.async_set("sensor.free", "500")
    await pass_time(hass, freezer, GRACE)
    await no_polls(hass, setup_integration, freezer)
    assert not phone
    hass.states.async_set("sensor.free", "50")
    await hass.async_block_till_done()
    await pass_time(hass, freezer, timedelta(minutes=11))
    (told,) = phone
    assert told.data["message"] == "Deleted: Overdue. Freed: 1.0 GB. Failed: 0."
    assert not there(household, "Overdue")


@pytest.mark.parametrize("was_on", [True, False])
async def test_pause_while_away(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    use: Use,
    was_on: bool,
) -> None:
    """It goes on only where it was on before."""
    await choose(hass, setup_integration, automatic_deletion=was_on)
    await no_polls(hass, setup_integration, freezer)
    hass.states.async_set("zone.home", "1")
    await use("pause_while_away", automatic_deletion=AUTOMATIC)
    hass.states.async_set("zone.home", "0")
    await hass.async_block_till_done()
    fire(hass, freezer, timedelta(hours=13))
    await happens(lambda: state_of(hass, AUTOMATIC) == "off")
    await moment(0.1)
    hass.states.async_set("zone.home", "2")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, AUTOMATIC) == ("on" if was_on else "off")


async def ask_at_one(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    use: Use,
    blueprint: str,
) -> None:
    """Let a blueprint ask Ruth at one, after the grace."""
    await hass.config.async_set_time_zone("UTC")
    await pass_time(hass, freezer, GRACE)
    await no_polls(hass, entry, freezer)
    await use(
        blueprint,
        notify_action="notify.phone",
        at="13:00:00",
        people=["person.ruth"],
    )
    fire(hass, freezer, timedelta(hours=1))


@pytest.fixture
async def asked(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
    ruth: MockUser,
) -> ServiceCall:
    """Return the question whether the film that is ready may be deleted."""
    await choose(hass, setup_integration, dry_run=False)
    await ask_at_one(hass, setup_integration, freezer, use, "ask_before_deletion")
    await happens(lambda: phone)
    # It has still to begin to wait.
    await moment(0.1)
    return phone[0]


@pytest.mark.parametrize("answer", ["Delete", "Not today", None])
async def test_ask_before_deletion(
    hass: HomeAssistant,
    household: Household,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    asked: ServiceCall,
    answer: str | None,
    ruth: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """What was shown is deleted if somebody says so in time, and nothing else."""
    assert asked.data["title"] == "Delete 1 titles?"
    assert asked.data["message"] == "Overdue"
    hass.bus.async_fire(ANSWER, {"action": "OXICLEANARR_DELETE_another"})
    if answer is None:
        fire(hass, freezer, timedelta(hours=4, minutes=1))
        await hass.async_block_till_done(wait_background_tasks=True)
    # Anybody's app can send what the button sends.
    for other in (hass_read_only_user, None):
        refused(hass, answers(asked)["Delete"], other)
        await moment(0.1)
        assert there(household, "Overdue")
    await press(hass, answers(asked)[answer or "Delete"], ruth)
    gone = answer == "Delete"
    assert there(household, "Overdue") is not gone
    assert len(phone) == 1 + gone


async def test_what_is_kept_meanwhile_stays(
    hass: HomeAssistant,
    household: Household,
    phone: list[ServiceCall],
    asked: ServiceCall,
    ruth: MockUser,
) -> None:
    """Also if somebody else says that it may go."""
    await call(hass, "keep_item", item_id="Overdue")
    await press(hass, answers(asked)["Delete"], ruth)
    assert there(household, "Overdue")
    assert len(phone) == 1


async def test_tell_the_requester(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    phone: list[ServiceCall],
    monkeypatch: pytest.MonkeyPatch,
    use: Use,
) -> None:
    """Who asked for it and has not finished it, and nobody else."""

    def requested(*entries: Any) -> dict[str, Any]:
        """Let two people have asked for everything."""
        response = titles_response(*entries)
        for one in response["items"]:
            one["requested_by"] = ["Alice", "Bob", "Carol"]
        return response

    monkeypatch.setattr(
        "custom_components.oxicleanarr.trigger.titles_response", requested
    )
    other = async_mock_service(hass, "notify", "alice")
    await use(
        "tell_the_requester",
        people={"alice": "notify.alice", "bob": "notify.phone"},
    )
    await choose(hass, setup_integration, leaving_soon_days=90)
    (told,) = phone
    assert told.data["title"] == "Late leaves soon"
    assert told.data["message"].startswith("You asked for it")
    assert not other


async def test_approve_deletion(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
    ruth: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """A notification for each title that waits; its buttons do what they say."""
    await choose(hass, setup_integration, approval=True, movie_retention="70d")
    await use(
        "approve_deletion",
        notify_action="notify.phone",
        most=1,
        people=["person.ruth", "person.child"],
    )
    await press(hass, "SOMETHING_ELSE")
    await pass_time(hass, freezer, GRACE)
    told, rest = phone
    assert told.data["title"] == "Delete Overdue?"
    assert told.data["message"].endswith("Frees 1.0 GB.")
    assert rest.data["message"] == "1 more titles wait on the to-do list Approvals."
    buttons = answers(told)
    assert list(buttons) == ["Approve", "Keep", "Show"]
    coordinator = setup_integration.runtime_data
    assert not coordinator.keeper.due
    # What is not as it was shown is not approved.
    await press(hass, buttons["Approve"] + "0", ruth)
    assert phone[2].data["title"] == "Nothing was approved"
    assert not coordinator.keeper.due
    # Anybody's app can send what the button sends.
    for other in (hass_read_only_user, None):
        await press(hass, buttons["Approve"], other)
        assert not coordinator.keeper.due
    await press(hass, buttons["Approve"], ruth)
    assert [one.title for one in coordinator.keeper.due] == ["Overdue"]
    await press(hass, buttons["Keep"])
    assert await kept(hass) == {"movie:tmdb:1": None}
    await press(hass, buttons["Approve"], ruth)
    assert [one.data["title"] for one in phone[3:]] == ["Nothing was approved"]
    assert not coordinator.keeper.due


@pytest.mark.parametrize("meanwhile", ["nothing", "kept"])
async def test_approval_digest(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
    meanwhile: str,
    ruth: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """Once a day, with what waits; what was shown is approved if somebody says so."""
    await choose(hass, setup_integration, approval=True, movie_retention="70d")
    await ask_at_one(hass, setup_integration, freezer, use, "approval_digest")
    await happens(lambda: phone)
    await moment(0.1)
    (told,) = phone
    assert told.data["title"] == "2 titles wait for approval"
    assert told.data["message"].splitlines() == [
        "Overdue",
        "Soon",
        "That frees 3.0 GB.",
    ]
    if meanwhile == "kept":
        await call(hass, "keep_item", item_id="Soon")
    # Anybody's app can send what the button sends.
    for other in (hass_read_only_user, None):
        refused(hass, answers(told)["Approve 2"], other)
        await moment(0.1)
        assert not setup_integration.runtime_data.keeper.due
    await press(hass, answers(told)["Approve 2"], ruth)
    due = [one.title for one in setup_integration.runtime_data.keeper.due]
    if meanwhile == "kept":
        assert due == ["Overdue"]
        assert phone[1].data["title"] == "Approved 1 of 2 titles"
    else:
        assert due == ["Overdue", "Soon"]
        assert phone[1].data["title"] == "Approved 2 of 2 titles"


async def test_ask_before_deletion_leaves_what_waits(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    phone: list[ServiceCall],
    use: Use,
) -> None:
    """It asks about what is ready, and a title that waits for an approval is not."""
    await choose(hass, setup_integration, dry_run=False, approval=True)
    await ask_at_one(hass, setup_integration, freezer, use, "ask_before_deletion")

    def over() -> bool:
        """Return whether it has run, and waits for no answer."""
        state = hass.states.get(AUTOMATION)
        assert state is not None
        return (
            bool(state.attributes["last_triggered"])
            and not (state.attributes["current"])
        )

    await happens(over)
    assert not phone
