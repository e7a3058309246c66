"""Who may: anybody protects, only admins bring a deletion nearer, on every path."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.repairs import async_ask_for_first_real_run
from simulators import Household

from .conftest import state_of

pytestmark = pytest.mark.usefixtures("no_waiting")

DRY_RUN = "switch.household_dry_run"
AUTOMATIC = "switch.household_automatic_deletion"
RULE = "switch.rule_quick"


def member(hass: HomeAssistant, name: str) -> MockUser:
    """Return somebody who may use every entity, as a user of the household may."""
    user = MockUser(id=name, name=name).add_to_hass(hass)
    user.mock_policy({"entities": True})
    return user


@pytest.fixture
def alice(hass: HomeAssistant) -> MockUser:
    """Return somebody of the household who is no admin."""
    return member(hass, "alice")


@pytest.fixture
def bob(hass: HomeAssistant) -> MockUser:
    """Return another one."""
    return member(hass, "bob")


async def call(
    hass: HomeAssistant, user: MockUser | None, action: str, **data: Any
) -> dict[str, Any]:
    """Call an action for somebody, ``None`` for an automation."""
    response = await hass.services.async_call(
        DOMAIN,
        action,
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id if user else None),
    )
    return dict(response or {})


async def turn(
    hass: HomeAssistant, user: MockUser | None, action: str, entity_id: str
) -> None:
    """Use a switch for somebody."""
    await hass.services.async_call(
        "switch",
        action,
        {"entity_id": entity_id},
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("delete_media", {}),
        ("delete_media", {"dry_run": True}),
        ("bring_back", {"deletion_id": 1}),
        ("import_rules", {"yaml": "rules: {}"}),
        ("approve_item", {"item_ids": ["x"]}),
        ("schedule_item", {"item_id": "x", "at": "2030-01-01 00:00:00"}),
        ("unschedule_item", {"item_id": "x"}),
        ("get_watch_history", {}),
        ("purge_history", {"before": "2026-01-01 00:00:00"}),
    ],
)
async def test_actions_for_admins(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    alice: MockUser,
    action: str,
    data: dict[str, Any],
) -> None:
    """Neither a user nor somebody whom nobody knows may call them."""
    for somebody in (alice, MockUser(id="nobody")):
        with pytest.raises(Unauthorized) as caught:
            await call(hass, somebody, action, **data)
        assert caught.value.translation_key == "admins_only"
        assert "Only administrators can do this" in str(caught.value)


async def test_actions_for_everybody(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    alice: MockUser,
) -> None:
    """Looking and keeping."""
    film = household.movies[0].id
    for action, data in (
        ("sync", {}),
        ("evaluate_rules", {}),
        ("explain_item", {"item_id": film}),
        ("get_deletions", {}),
        ("export_rules", {}),
        ("keep_item", {"item_id": film}),
        ("unkeep_item", {"item_id": film}),
    ):
        await call(hass, alice, action, **data)


async def test_what_another_keeps_stays_kept(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    alice: MockUser,
    bob: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """It can be kept longer by anybody, and taken back by its owner and by admins."""
    film = household.movies[0].id
    keeper = setup_integration.runtime_data.keeper

    def until() -> Any:
        (keep,) = keeper.ledger.keeps(dt_util.utcnow()).values()
        return keep.until

    soon = dt_util.utcnow().replace(microsecond=0) + timedelta(days=1)
    later = soon + timedelta(days=1)
    await call(hass, alice, "keep_item", item_id=film, until=soon)
    await call(hass, bob, "keep_item", item_id=film, until=later)
    assert until() == later
    for action, data in (
        # Not taken over by the longer keep either.
        ("unkeep_item", {}),
        ("keep_item", {"until": soon}),
    ):
        with pytest.raises(Unauthorized) as caught:
            await call(hass, bob, action, item_id=film, **data)
        assert caught.value.translation_key == "kept_by_another"
        assert until() == later
    await call(hass, alice, "unkeep_item", item_id=film)
    assert keeper.ledger.keeps(dt_util.utcnow()) == {}
    await call(hass, bob, "unkeep_item", item_id=film)

    # An automation's keep is nobody's own.
    await call(hass, None, "keep_item", item_id=film)
    for user in (alice, bob):
        with pytest.raises(Unauthorized):
            await call(hass, user, "unkeep_item", item_id=film)
        with pytest.raises(Unauthorized):
            await call(hass, user, "keep_item", item_id=film, until=later)
    await call(hass, hass_admin_user, "unkeep_item", item_id=film)
    await call(hass, alice, "keep_item", item_id=film)
    await call(hass, None, "unkeep_item", item_id=film)
    assert keeper.ledger.keeps(dt_util.utcnow()) == {}


async def test_the_two_switches(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    alice: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """Anybody may brake; toggling is no way around it."""
    confirmed = {"real_runs_confirmed": True}
    hass.config_entries.async_update_entry(setup_integration, options=confirmed)
    for entity_id, nearer, safer in (
        (DRY_RUN, "turn_off", "turn_on"),
        (AUTOMATIC, "turn_on", "turn_off"),
    ):
        before = state_of(hass, entity_id)
        for action in (nearer, "toggle"):
            with pytest.raises(Unauthorized):
                await turn(hass, alice, action, entity_id)
            assert state_of(hass, entity_id) == before
        for admin in (hass_admin_user, None):
            await turn(hass, admin, nearer, entity_id)
            assert state_of(hass, entity_id) != before
            await turn(hass, alice, safer, entity_id)
            assert state_of(hass, entity_id) == before


async def test_a_user_does_not_even_ask_for_the_first_real_run(
    hass: HomeAssistant, setup_integration: MockConfigEntry, alice: MockUser
) -> None:
    """The repair is not shown for somebody who may not confirm it."""
    with pytest.raises(Unauthorized) as caught:
        await turn(hass, alice, "turn_off", DRY_RUN)
    assert caught.value.translation_key == "admins_only"


async def test_the_switches_of_rules(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    alice: MockUser,
    hass_admin_user: MockUser,
) -> None:
    """Either position can let a title go: a rule deletes, or it protects."""
    rule = "advanced_rules: [{name: Quick, type: tag, tag: keep, retention: never}]"
    await call(hass, None, "import_rules", yaml=rule)
    await hass.async_block_till_done(wait_background_tasks=True)
    for action, after in (("turn_off", "off"), ("turn_on", "on")):
        before = state_of(hass, RULE)
        with pytest.raises(Unauthorized):
            await turn(hass, alice, action, RULE)
        assert state_of(hass, RULE) == before
        await turn(hass, hass_admin_user, action, RULE)
        assert state_of(hass, RULE) == after


async def test_forms_are_for_admins(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Home Assistant opens neither the options nor a repair for anybody else."""
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, REPAIRS, {})
    async_ask_for_first_real_run(hass, setup_integration)
    client = await hass_client(hass_read_only_access_token)
    entry_id = setup_integration.entry_id
    for url, data in (
        ("/api/config/config_entries/options/flow", {"handler": entry_id}),
        (
            "/api/repairs/issues/fix",
            {"handler": DOMAIN, "issue_id": f"first_real_run_{entry_id}"},
        ),
    ):
        response = await client.post(url, json=data)
        assert response.status == HTTPStatus.UNAUTHORIZED, url
