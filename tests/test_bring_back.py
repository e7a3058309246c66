"""Home Assistant brings back what Radarr and Sonarr deleted: action, log, event, trigger."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
    async_mock_service,
)

from custom_components.oxicleanarr.const import DOMAIN, EVENT_CLEANUP
from simulators import Household
from simulators.arrs import ARR_CASES, Arrs

from .conftest import pass_time, state_of
from .test_arrs import A_MOMENT, due
from .test_blueprints import Use, answers, phone, press, ruth, use
from .test_logbook import Describe, describe
from .test_services import call

__all__ = ["describe", "due", "phone", "ruth", "use"]

pytestmark = pytest.mark.usefixtures("no_waiting")

FILM = ARR_CASES["requested and watched by alice"]
OURS = ARR_CASES["known to no *arr"]


@pytest.fixture
async def rows(hass: HomeAssistant, due: MockConfigEntry) -> dict[str, dict[str, Any]]:
    """Return the deletion log after a run, by title."""
    await call(hass, "delete_media")
    log = (await call(hass, "get_deletions", limit=1000))["deletions"]
    return {row["title"]: row for row in log}


async def test_the_log_says_what_can_come_back(
    rows: dict[str, dict[str, Any]],
) -> None:
    """What Radarr had can; what only Jellyfin had cannot, and why."""
    assert rows[FILM]["bring_back"] == "possible"
    assert rows[FILM]["bring_back_reason"] is None
    assert isinstance(rows[FILM]["deletion_id"], int)
    assert rows[OURS]["bring_back"] == "impossible"
    assert rows[OURS]["bring_back_reason_code"] == "without_arr"
    assert rows[OURS]["bring_back_reason"].startswith("It was deleted through Jellyfin")


async def test_a_person_brings_it_back(
    hass: HomeAssistant,
    rows: dict[str, dict[str, Any]],
    arrs: Arrs,
    household: Household,
    hass_admin_user: MockUser,
    describe: Describe,
    freezer: FrozenDateTimeFactory,
) -> None:
    """By the id of its row; event, logbook and log say that it is back, and who did it."""
    events = async_capture_events(hass, EVENT_CLEANUP)
    name = hass_admin_user.name
    response = await hass.services.async_call(
        DOMAIN,
        "bring_back",
        {"deletion_id": rows[FILM]["deletion_id"]},
        blocking=True,
        return_response=True,
        context=Context(user_id=hass_admin_user.id),
    )
    assert response == {
        "titles": [
            {
                "title": FILM,
                "server": "Radarr",
                "added": True,
                "searched": True,
                "reason": None,
                "reason_code": None,
                "reason_data": None,
            }
        ]
    }
    assert FILM in {movie.title for movie in arrs.radarr.movies.values()}
    assert household.present(household.movie(FILM))
    await hass.async_block_till_done(wait_background_tasks=True)
    (told,) = [one for one in events if one.data["event_type"] == "brought_back"]
    assert describe(told)["message"] == (
        f"brought back {FILM} for {name} and started a search"
    )
    state = hass.states.get("event.household_cleanup")
    assert state is not None
    assert state.attributes["event_type"] == "brought_back"
    assert state.attributes["by"] == name
    log = (await call(hass, "get_deletions", limit=1000))["deletions"]
    row = next(one for one in log if one["title"] == FILM)
    assert row["bring_back"] == "done"
    again = await call(hass, "bring_back", deletion_id=[str(row["deletion_id"])])
    assert again["titles"][0]["reason"] == f"It was already brought back by {name}."
    await pass_time(hass, freezer, A_MOMENT)
    plan = await call(hass, "evaluate_rules", include_kept=True)
    assert FILM not in {one["title"] for one in plan["pending"]}


async def test_what_cannot_come_back_is_an_error(
    hass: HomeAssistant, rows: dict[str, dict[str, Any]]
) -> None:
    """With the reason; beside others it is a row."""
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "bring_back", deletion_id=rows[OURS]["deletion_id"])
    assert caught.value.translation_key == "not_brought_back"
    assert "Only what Radarr or Sonarr deleted" in str(caught.value)
    both = [rows[OURS]["deletion_id"], rows[FILM]["deletion_id"]]
    result = await call(hass, "bring_back", deletion_id=both, search=False)
    by_title = {one["title"]: one for one in result["titles"]}
    assert by_title[OURS]["server"] is None
    assert (by_title[FILM]["added"], by_title[FILM]["searched"]) == (True, False)
    with pytest.raises(ServiceValidationError) as unknown:
        await call(hass, "bring_back", deletion_id=10**6)
    assert unknown.value.translation_key == "unknown_deletion"


async def test_only_admins(
    hass: HomeAssistant, rows: dict[str, dict[str, Any]], arrs: Arrs
) -> None:
    """A download begins with it."""
    alice = MockUser(name="Alice").add_to_hass(hass)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "bring_back",
            {"deletion_id": rows[FILM]["deletion_id"]},
            blocking=True,
            context=Context(user_id=alice.id),
        )
    assert FILM not in {movie.title for movie in arrs.radarr.movies.values()}


@pytest.mark.parametrize(
    "wrong", [0, -1, "x", "1.5", [], [1] * 51, None, True, 2**60, "٣", {"a": 1}]
)
async def test_ids_are_bounded(
    hass: HomeAssistant, setup_integration: MockConfigEntry, wrong: Any
) -> None:
    """What cannot be an id is said before anything is looked for."""
    with pytest.raises(probatio.Invalid) as caught:
        await call(hass, "bring_back", deletion_id=wrong)
    assert "deletion_id must" in str(caught.value)


async def test_an_automation_hears_of_it(
    hass: HomeAssistant, rows: dict[str, dict[str, Any]]
) -> None:
    """The trigger says what was done and for whom."""
    calls = async_mock_service(hass, "test", "told")
    automation = {
        "alias": "back",
        "triggers": [{"trigger": "oxicleanarr.media_brought_back"}],
        "actions": [
            {
                "action": "test.told",
                "data": {"by": "{{ trigger.by }}", "items": "{{ trigger['items'] }}"},
            }
        ],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert state_of(hass, "automation.back") == "on"
    await call(hass, "bring_back", deletion_id=rows[FILM]["deletion_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    (told,) = calls
    assert told.data["by"] == "an automation"
    assert [one["title"] for one in told.data["items"]] == [FILM]


async def test_the_notification_after_a_deletion(
    hass: HomeAssistant,
    due: MockConfigEntry,
    phone: list[ServiceCall],
    use: Use,
    arrs: Arrs,
    ruth: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """One for each title that can come back; its button brings it back and says so."""
    await use(
        "bring_back", notify_action="notify.phone", most=20, people=["person.ruth"]
    )
    await call(hass, "delete_media")
    await hass.async_block_till_done(wait_background_tasks=True)
    told = {one.data["title"]: one for one in phone}
    assert f"{FILM} was deleted" in told
    assert f"{OURS} was deleted" not in told
    buttons = answers(told[f"{FILM} was deleted"])
    phone.clear()
    # Anybody's app can send what the button sends.
    for other in (hass_read_only_user, None):
        await press(hass, buttons["Bring back"], other)
        assert FILM not in {movie.title for movie in arrs.radarr.movies.values()}
    await press(hass, buttons["Bring back"], ruth)
    assert FILM in {movie.title for movie in arrs.radarr.movies.values()}
    (said,) = phone
    assert said.data["message"].strip() == f"{FILM}: search started in Radarr."
    phone.clear()
    await press(hass, buttons["Bring back"], ruth)
    (said,) = phone
    assert "already brought back by an automation" in said.data["message"]
    await press(hass, "OXICLEANARR_BRING_BACK nothing 12", ruth)
    assert len(phone) == 2
    assert "can't be brought back right now" in phone[-1].data["message"]
