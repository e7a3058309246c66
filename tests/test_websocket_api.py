"""The plan as a card sees it: all of it, for any user, and whenever it changes."""

from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.oxicleanarr import keeper, shown, websocket_api
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.ledger import LedgerError
from simulators import Fault, FaultKind, Household, JellyfinSimulator
from simulators.items import Series

from .conftest import pass_time, set_up
from .counted import GRACE, household, noon
from .home import DAY, START, open_home
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

SUBSCRIBE = "oxicleanarr/plan/subscribe"


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


async def test_cards_in_two_languages(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Each says it in its own, and a poster stays where a browser has it already."""
    cards = [await hass_ws_client(hass) for _ in range(3)]
    seen = [
        (await subscribe(card, language=language))["pending"]
        for card, language in zip(cards, ("en", "de", "en"), strict=True)
    ]
    reasons = [[one["reason"] for one in pending] for pending in seen]
    assert reasons[0] == reasons[2]
    assert all(one != two for one, two in zip(*reasons[:2], strict=True))
    await call(hass, "evaluate_rules")
    for card, pending in zip(cards, seen, strict=True):
        assert (await plan(card))["pending"] == pending


async def test_thousands_of_titles(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A card gets those that leave first, and hears of the others."""
    whole = await subscribe(await hass_ws_client(hass))
    assert len(whole["pending"]) == whole["counts"]["pending"] > 2
    assert await subscribe(await hass_ws_client(hass)) == whole
    monkeypatch.setattr(shown, "MOST_SHOWN", 2)
    await call(hass, "evaluate_rules")
    first = await subscribe(await hass_ws_client(hass), language="nl")
    assert first["counts"] == whole["counts"]
    named = [[one["item_id"] for one in seen["pending"]] for seen in (first, whole)]
    assert named[0] == named[1][:2]


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
        domain=DOMAIN, version=2, unique_id=None, data=dict(setup_integration.data)
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


# --- search ----------------------------------------------------------------------


async def answered(
    client: MockHAClientWebSocket, command: str, **data: str
) -> dict[str, Any]:
    """Return what a command answers."""
    await client.send_json_auto_id({"type": f"oxicleanarr/{command}", **data})
    answer = await client.receive_json()
    assert answer["success"], answer
    return dict(answer["result"])


async def search(
    client: MockHAClientWebSocket, query: str, **data: str
) -> dict[str, Any]:
    """Return what is found."""
    return await answered(client, "titles/search", query=query, **data)


async def test_any_title_is_found(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    """By anybody: what leaves says when, and what stays is found as well."""
    client = await hass_ws_client(hass, hass_read_only_access_token)
    action = await call(hass, "evaluate_rules", include_kept=True)
    (overdue,) = (await search(client, "  OVERdue "))["titles"]
    (planned,) = [one for one in action["pending"] if one["title"] == "Overdue"]
    assert (overdue["item_id"], overdue["due_at"]) == (
        planned["item_id"],
        planned["due_at"],
    )
    browser = await hass_client_no_auth()
    assert (await browser.get(overdue["poster"])).status == HTTPStatus.OK
    kept = next(one for one in action["kept"] if one["kind"] == "movie")
    (found,) = (await search(client, kept["title"]))["titles"]
    assert (found["item_id"], found["due_at"]) == (kept["item_id"], None)


async def test_an_episode_is_found_by_its_series(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    household: Household,
) -> None:
    """Only where what was typed is no name of a movie or series."""
    client = await hass_ws_client(hass)
    series = next(one for one in household.items if isinstance(one, Series))
    (whole,) = (await search(client, series.name))["titles"]
    assert whole["kind"] == "series"
    parts = (await search(client, f"{series.name} S01"))["titles"]
    assert {one["kind"] for one in parts} == {"episode"}


async def test_a_search_is_bounded(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There are no more than a card shows, nothing for nothing, and no novels."""
    client = await hass_ws_client(hass)
    assert await search(client, " .- ") == {"titles": [], "more": False}
    assert await search(client, "no such title") == {"titles": [], "more": False}
    monkeypatch.setattr(websocket_api, "MOST_FOUND", 1)
    found = await search(client, "e")
    assert (len(found["titles"]), found["more"]) == (1, True)
    await client.send_json_auto_id(
        {"type": "oxicleanarr/titles/search", "query": "x" * 201}
    )
    assert (await client.receive_json())["error"]["code"] == "invalid_format"
    await client.send_json_auto_id(
        {"type": "oxicleanarr/titles/search", "query": "x", "config_entry_id": "no"}
    )
    assert (await client.receive_json())["error"]["code"] == "not_found"


@pytest.mark.usefixtures("socket_enabled")
async def test_the_closest_come_first(tmp_path: Path) -> None:
    """A name, then what begins with the words, then what has them anywhere."""
    async with open_home(tmp_path) as home:
        for name in ("The Alpha", "Alphabet"):
            home.household.add_movie(
                name, year=2000, library="Movies", added=START - 100 * DAY
            )
        home.household.scan()
        await home.sync()
        found = home.ledger.search("álpha", 10)
        assert [item.title for item, _ in found] == ["Alpha", "Alphabet", "The Alpha"]


# --- figures ---------------------------------------------------------------------


async def statistics(client: MockHAClientWebSocket, **data: str) -> dict[str, Any]:
    """Return the figures of the past."""
    return await answered(client, "statistics", **data)


async def test_figures(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Weeks end today; what was deleted counts in the week in which it was."""

    async def anybody() -> MockHAClientWebSocket:
        """Return a family member's connection; a token is good for half an hour."""
        login = await hass.auth.async_create_refresh_token(
            hass_read_only_user, "http://localhost/"
        )
        return await hass_ws_client(hass, hass.auth.async_create_access_token(login))

    client = await anybody()
    before = await statistics(client)
    assert before["reclaimed_bytes"] == 0
    assert len(before["weeks"]) == websocket_api.WEEKS
    assert {one["bytes"] for one in before["weeks"]} == {0}
    assert (before["dry_run"], before["automatic_deletion"]) == (True, False)
    shares = {one["name"]: one["watched_share"] for one in before["libraries"]}
    assert shares["Movies"] is not None
    assert before["next_deletion"]
    last = date.fromisoformat(before["weeks"][-1]["begins_on"])
    assert (dt_util.now().date() - last).days == 6

    await client.close()
    await pass_time(hass, freezer, GRACE)
    hass.config_entries.async_update_entry(
        setup_integration, options={**setup_integration.options, "dry_run": False}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    report = await call(hass, "delete_media")
    assert report["deleted"]
    client = await anybody()
    after = await statistics(client, config_entry_id=setup_integration.entry_id)
    assert after["weeks"][-1]["bytes"] == report["reclaimed_bytes"]
    assert after["weeks"][-1]["files"] >= len(report["deleted"])
    assert after["reclaimed_bytes"] == report["reclaimed_bytes"]
    assert sum(one["bytes"] for one in after["weeks"][:-1]) == 0
    assert not after["dry_run"]
