"""The plan as a card sees it: all of it, for any user, and whenever it changes."""

from http import HTTPStatus
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.oxicleanarr import keeper
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.ledger import LedgerError
from simulators import Fault, FaultKind, Household, JellyfinSimulator

from .conftest import set_up
from .counted import NOON, counted_household
from .test_services import call

pytestmark = pytest.mark.usefixtures("no_waiting")

SUBSCRIBE = "oxicleanarr/plan/subscribe"


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock before anything happens in the household."""
    freezer.move_to(NOON)


@pytest.fixture
def household() -> Household:
    """Return a household that is small enough to be counted by hand."""
    return counted_household()


async def subscribe(client: MockHAClientWebSocket, **data: str) -> dict[str, Any]:
    """Subscribe and return the first plan."""
    await client.send_json_auto_id({"type": SUBSCRIBE, **data})
    assert (await client.receive_json())["success"]
    return await plan(client)


async def plan(client: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the next plan."""
    while True:
        event = (await client.receive_json())["event"]
        if "plan" in event:
            return dict(event["plan"])


async def test_the_plan(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """It is that of the actions, with posters that an ``img`` can load."""
    client = await hass_ws_client(hass)
    seen = await subscribe(client)
    action = await call(hass, "evaluate_rules")
    assert seen["counts"] == action["counts"]
    assert seen["pending"]
    browser = await hass_client_no_auth()
    for one, other in zip(seen["pending"], action["pending"], strict=True):
        assert one == {**other, "poster": one["poster"]}
        response = await browser.get(one["poster"])
        assert response.status == HTTPStatus.OK
        forged = one["poster"].replace("tag=", "tag=0")
        assert (await browser.get(forged)).status == HTTPStatus.UNAUTHORIZED
    assert (seen["admin"], seen["dry_run"], seen["blocked_by"]) == (True, True, [])
    assert seen["progress"] is None
    assert "kept" not in seen


async def test_a_family_member(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Everybody sees it, and is told that only admins may do more."""
    client = await hass_ws_client(hass, hass_read_only_access_token)
    seen = await subscribe(client, config_entry_id=setup_integration.entry_id)
    assert not seen["admin"]
    assert seen["pending"]


async def test_it_is_pushed(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    jellyfin: JellyfinSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keeps, syncs, what is under way and what blocks; also after a reload."""
    client = await hass_ws_client(hass)
    before = await subscribe(client)
    await call(hass, "keep_item", item_id="Overdue")
    after = await plan(client)
    assert after["counts"]["pending"] == before["counts"]["pending"] - 1
    monkeypatch.setattr(keeper, "TOLD_EVERY", 0)
    await call(hass, "sync", full=True)
    event = (await client.receive_json())["event"]
    assert event["progress"]["work"] == "library"
    await plan(client)
    monkeypatch.undo()
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await plan(client)
    jellyfin.faults.append(Fault(FaultKind.SERVER_ERROR))
    with pytest.raises(Exception, match="Jellyfin"):
        await call(hass, "sync")
    (blocker,) = (await plan(client))["blocked_by"]
    assert blocker["code"] == "sync_failed"
    assert blocker["reason_code"]


async def test_nobody_there(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """That is said."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": SUBSCRIBE, "config_entry_id": "none"})
    assert (await client.receive_json())["error"]["code"] == "not_found"


async def test_before_the_first_sync(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """There is no plan yet, and it says why nothing can be deleted."""
    jellyfin.faults.append(Fault(FaultKind.SERVER_ERROR, path="^/Items$"))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    seen = await subscribe(await hass_ws_client(hass))
    assert "pending" not in seen
    assert [one["code"] for one in seen["blocked_by"]] == ["sync_failed"]


async def test_a_disk_that_fails(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The plan is known all the same, only without its posters."""

    def fails(*_: object) -> None:
        """Be a disk that is full."""
        raise LedgerError("disk I/O error")

    ledger = setup_integration.runtime_data.keeper.ledger
    monkeypatch.setattr(ledger, "wholes", fails)
    seen = await subscribe(await hass_ws_client(hass))
    assert {one["poster"] for one in seen["pending"]} == {None}


async def test_another_household(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What happens there is no news here; which is meant has to be said."""
    other = MockConfigEntry(
        domain=DOMAIN, version=2, unique_id="cabin", data=dict(setup_integration.data)
    )
    await set_up(hass, other)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": SUBSCRIBE})
    assert (await client.receive_json())["error"]["code"] == "not_found"
    mine = {"config_entry_id": setup_integration.entry_id}
    await subscribe(client, **mine)
    await call(hass, "sync", config_entry_id=other.entry_id)
    # Two at one go: the second is sent when the first has been.
    await call(hass, "keep_item", item_id="Overdue", **mine)
    await call(hass, "keep_item", item_id="Soon", **mine)
    while (seen := await plan(client))["counts"]["leaving_soon"]:
        assert seen["config_entry_id"] == setup_integration.entry_id
