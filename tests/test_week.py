"""A week of a household, lived by an admin and by a family member, by what they can see.

Nothing here looks inside: states, calendar, to-do list, actions, repairs over HTTP, the
voice assistant and automations, as people and the frontend use them.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import Credentials
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import intent
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, ToolInput
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_get_persistent_notifications,
    async_mock_service,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.oxicleanarr.llm import async_get_tools
from simulators import Household

from .conftest import pass_time, set_up, state_of
from .counted import GRACE, POLL, household, noon
from .lists import statuses_of, tick_off
from .test_access import call, member, turn

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

CALENDAR = "calendar.household_deletions"
LIST = "todo.household_leaving_soon"
DRY_RUN = "switch.household_dry_run"
DAY = timedelta(days=1)

type Post = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def post(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_admin_credential: Credentials,
) -> Post:
    """Return what posts to Home Assistant for somebody, whatever the clock says."""

    async def post(user: MockUser, path: str, **data: Any) -> tuple[int, Any]:
        """Return status and body of the answer."""
        login = await hass.auth.async_create_refresh_token(
            user, "http://localhost/", credential=hass_admin_credential
        )
        client = await hass_client(hass.auth.async_create_access_token(login))
        response = await client.post(path, json=data)
        if response.content_type != "application/json":
            return response.status, None
        return response.status, await response.json()

    return post


async def to_do(hass: HomeAssistant) -> dict[str, str]:
    """Return the status of each title on the to-do list."""
    return await statuses_of(hass, LIST)


async def tick(hass: HomeAssistant, user: MockUser, title: str, status: str) -> None:
    """Tick a title on the to-do list for somebody, or untick it."""
    await tick_off(hass, LIST, user, title, status=status)
    await hass.async_block_till_done()


async def week(hass: HomeAssistant) -> dict[str, str]:
    """Return what the calendar shows for the next seven days."""
    now = dt_util.now()
    response: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": CALENDAR,
            "start_date_time": now.isoformat(),
            "end_date_time": (now + 7 * DAY).isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    return {one["summary"]: one["start"] for one in response[CALENDAR]["events"]}


async def ask(hass: HomeAssistant, user: MockUser, tool: str, **data: Any) -> Any:
    """Let a voice assistant ask in somebody's name."""
    context = LLMContext(
        platform="test",
        context=Context(user_id=user.id),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    tools = async_get_tools(hass, context, LLM_API_ASSIST)
    assert tools is not None
    (one,) = [one for one in tools.tools if one.name == f"oxicleanarr__{tool}"]
    result = await one.async_call(hass, ToolInput(one.name, data), context)
    assert not isinstance(result, dict)
    return result.data


async def say_done(hass: HomeAssistant, user: MockUser, title: str) -> None:
    """Let somebody tick a title off the list by voice."""
    await intent.async_handle(
        hass,
        "test",
        "HassListCompleteItem",
        {"item": {"value": title}, "name": {"value": "household Leaving soon"}},
        context=Context(user_id=user.id),
        assistant="conversation",
    )
    await hass.async_block_till_done()


async def refused(doing: Awaitable[object]) -> None:
    """See that somebody may not do something."""
    with pytest.raises((Unauthorized, HomeAssistantError)) as caught:
        await doing
    assert caught.value.translation_key in {"admins_only", "kept_by_another"}


async def automate(hass: HomeAssistant) -> list[ServiceCall]:
    """Have the household told what leaves soon and what was deleted."""
    calls = async_mock_service(hass, "notify", "family")
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": [
                {
                    "alias": trigger,
                    "triggers": {"trigger": f"oxicleanarr.{trigger}"},
                    "actions": {
                        "action": "notify.family",
                        "data": {
                            "message": trigger
                            + ": {{ trigger['items'] | map(attribute='title')"
                            " | sort | join(', ') }}"
                        },
                    },
                }
                for trigger in ("media_leaving_soon", "media_deleted")
            ]
        },
    )
    await hass.async_block_till_done()
    return calls


async def test_a_week(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
    hass_admin_user: MockUser,
    post: Post,
) -> None:
    """From the first sync to the first deletion: announced, kept, confirmed, gone."""
    alice, admin = member(hass, "alice"), hass_admin_user
    for component in ("homeassistant", "sensor", "repairs", "intent"):
        assert await async_setup_component(hass, component, {})
    files = set(household.files)

    # Sunday: it is set up. What there is, is told once.
    await set_up(hass, entry)
    (told,) = async_get_persistent_notifications(hass).values()
    assert "Movies: 5. Series: 2. Episodes: 4." in told["message"]
    calls = await automate(hass)
    hass.config_entries.async_update_entry(
        entry, options={"movie_retention": "11d", "leaving_soon_days": 7}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    # They are long over; so each is shown on the day on which the grace ends.
    assert await week(hass) == {
        "Overdue leaves": "2026-11-25",
        "Soon leaves": "2026-11-25",
        "Late leaves": "2026-11-25",
    }
    assert await to_do(hass) == dict.fromkeys(
        ("Overdue", "Soon", "Late"), "needs_action"
    )
    # Overdue left soon already before there was an automation.
    assert [one.data["message"] for one in calls] == ["media_leaving_soon: Late, Soon"]

    # Monday: Alice, who is no admin, keeps one by a tick, and one by voice.
    await pass_time(hass, freezer, DAY)
    async_expose_entity(hass, "conversation", LIST, True)
    leaving = await ask(hass, alice, "get_leaving")
    assert {one["title"] for one in leaving["titles"]} == {"Overdue", "Soon", "Late"}
    await tick(hass, alice, "Soon", "completed")
    await say_done(hass, alice, "late")
    assert await to_do(hass) == {
        "Overdue": "needs_action",
        "Soon": "completed",
        "Late": "completed",
    }
    assert await week(hass) == {"Overdue leaves": "2026-11-25"}
    why = await ask(hass, alice, "explain_title", title="Soon")
    assert why["kept_or_deleted"] == "keep"
    event = hass.states.get("event.household_cleanup")
    assert event is not None
    assert event.attributes["event_type"] == "kept"
    # She can change her mind, but nobody else's; and bring nothing nearer.
    await call(hass, admin, "keep_item", item_id="Overdue", reason="For now")
    await refused(call(hass, alice, "unkeep_item", item_id="movie:tmdb:1"))
    await call(hass, admin, "unkeep_item", item_id="movie:tmdb:1")
    await refused(call(hass, alice, "delete_media"))
    await refused(call(hass, alice, "schedule_item", item_id="x", at="2030-01-01"))
    await refused(turn(hass, alice, "turn_off", DRY_RUN))
    await refused(turn(hass, alice, "turn_on", "switch.household_automatic_deletion"))

    # Thursday: it is ready, and stays, for dry run is on.
    await pass_time(hass, freezer, GRACE)
    assert state_of(hass, "sensor.household_ready_to_delete") == "1"
    assert state_of(hass, CALENDAR) == "on"
    assert household.files == files
    with pytest.raises(HomeAssistantError) as caught:
        await turn(hass, admin, "turn_off", DRY_RUN)
    assert caught.value.translation_key == "confirm_first_real_run"
    issue = {"handler": "oxicleanarr", "issue_id": f"first_real_run_{entry.entry_id}"}
    fix = "/api/repairs/issues/fix"
    assert (await post(alice, fix, **issue))[0] == HTTPStatus.UNAUTHORIZED
    status, flow = await post(admin, fix, **issue)
    assert status == HTTPStatus.OK
    shown = flow["description_placeholders"]
    assert "Overdue" in shown["pending"]
    assert "Soon" not in shown["pending"]
    flow_url = f"{fix}/{flow['flow_id']}"
    assert (await post(alice, flow_url))[0] == HTTPStatus.UNAUTHORIZED
    _, flow = await post(admin, flow_url)
    assert (flow["type"], flow["step_id"]) == ("menu", "next")
    assert state_of(hass, DRY_RUN) == "off"
    assert household.files == files

    # The first real run deletes the one that nobody wanted.
    reclaimed = state_of(hass, "sensor.household_reclaimed_space")
    assert reclaimed == "0.0"
    _, flow = await post(admin, flow_url, next_step_id="delete")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["reason"] == "deleted"
    assert flow["description_placeholders"]["deleted"] == "1 title"
    gone = {path.rpartition("/")[2] for path in files - set(household.files)}
    assert {path for path in gone if path.endswith(".mkv")} == {"Overdue.mkv"}
    assert calls[-1].data["message"] == "media_deleted: Overdue"
    assert await week(hass) == {}
    assert state_of(hass, CALENDAR) == "off"
    log = await call(hass, alice, "get_deletions")
    assert [one["title"] for one in log["deletions"]] == ["Overdue"]

    # Sunday again: the figures say so, and what Alice keeps is still there.
    await pass_time(hass, freezer, 7 * DAY - GRACE - DAY)
    assert state_of(hass, "sensor.household_reclaimed_space") == "1.0"
    await async_wait_recording_done(hass)
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    response: Any = await hass.services.async_call(
        "recorder",
        "get_statistics",
        {
            "start_time": start.isoformat(),
            "statistic_ids": ["sensor.household_reclaimed_space"],
            "period": "5minute",
            "types": ["state"],
        },
        blocking=True,
        return_response=True,
    )
    (figures,) = response["statistics"].values()
    assert [one["state"] for one in figures] == [1.0]
    assert {"Soon.mkv", "Late.mkv", "Loved.mkv"} <= {
        path.rpartition("/")[2] for path in household.files
    }
    # Then she has seen it. It is announced anew before it can go.
    await call(hass, alice, "unkeep_item", item_id="movie:tmdb:2")
    await pass_time(hass, freezer, POLL)
    assert await week(hass) == {"Soon leaves": "2026-12-02"}
