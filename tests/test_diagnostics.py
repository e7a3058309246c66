"""Diagnostics help without telling who lives here and what they watch."""

from dataclasses import asdict
from datetime import UTC, datetime
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.oxicleanarr.retention import NEVER, TagRule
from custom_components.oxicleanarr.rules import new_subentry
from simulators import Arrs, FaultKind, Household, JellyfinSimulator, JellystatSimulator

from .conftest import set_up

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock before anything happens in the household."""
    freezer.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))


async def diagnose(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics that a user would download."""
    assert await async_setup_component(hass, "diagnostics", {})
    found: dict[str, Any] = await get_diagnostics_for_config_entry(hass, client, entry)
    return found


async def test_figures(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
) -> None:
    """The figures are those of the coordinator."""
    plan = setup_integration.runtime_data.data.plan
    found = await diagnose(hass, hass_client, setup_integration)
    assert found["jellyfin_version"] == jellyfin.version
    assert found["servers"] == {
        server: {
            "scheme": "http",
            "path": False,
            "timeout": 30,
            "verify_ssl": True,
            "up": True,
        }
        for server in ("jellyfin", "jellystat")
    }
    assert found["last_update_success"] is True
    assert found["last_exception"] is None
    assert found["blocked_by"] == []
    assert found["users"] == 4
    assert found["libraries"] == {"movies": 1, "music": 1, "tvshows": 1}
    assert found["managed_libraries"] == 2
    assert found["ledger"]["history_complete"] is True
    assert found["ledger"]["synced_at"] == "2026-11-22T12:00:00+00:00"
    statistics = asdict(plan.statistics)
    for key in ("movies", "series", "episodes", "watched_movies"):
        assert found["plan"][key] == statistics[key] > 0
    assert found["plan"]["pending"] == len(plan.entries) > 0
    assert sum(found["plan"]["pending_kinds"].values()) == len(plan.entries)
    assert found["plan"]["pending_rule_types"] == {"standard": len(plan.entries)}
    assert found["plan"]["kept"] == len(plan.kept) > 0


async def test_nothing_private(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
) -> None:
    """No key, address, name, title, path or id is in it, however it got there."""
    libraries = [
        one.library_id for one in setup_integration.runtime_data.data.libraries
    ]
    hass.config_entries.async_update_entry(
        setup_integration, options={"libraries": libraries, "movie_retention": "7d"}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    jellyfin.fail(FaultKind.SERVER_ERROR)
    await setup_integration.runtime_data.async_refresh()
    found = await diagnose(hass, hass_client, setup_integration)
    assert found["last_exception"] == "UpdateFailed"
    assert found["blocked_by"] == ["sync_failed"]
    assert found["options"] == {"libraries": len(libraries), "movie_retention": "7d"}
    text = json.dumps(found).lower()
    secrets = [
        jellyfin.api_key,
        jellystat.api_key,
        jellyfin.server_id,
        jellyfin.name,
        "127.0.0.1",
        str(jellyfin.port),
        "/media",
        *(user.name for user in household.users if not user.name.isdecimal()),
        *(user.id for user in household.users),
        *libraries,
        *(
            value
            for entry in setup_integration.runtime_data.data.plan.entries
            for value in (entry.title, entry.item_id, entry.key)
        ),
    ]
    assert not [secret for secret in secrets if secret.lower() in text]


async def test_before_the_first_sync(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
) -> None:
    """There are diagnostics when they are needed most."""
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    found = await diagnose(hass, hass_client, entry)
    assert found["plan"] is None
    assert found["servers"]["jellyfin"]["up"] is False
    assert found["ledger"]["synced_at"] is None


async def test_connections(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
) -> None:
    """How Radarr, Sonarr and Seerr are reached is told, and nothing private."""
    entry = entry_with_arrs
    await arrs.seerr.stop()
    await set_up(hass, entry)
    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries["radarr"],
        title="Films of the house",
        data={
            **entry.subentries["radarr"].data,
            "timeout": 90,
            "path_map": [["/films-of-radarr", "/films-of-jellyfin"]],
        },
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    found = await diagnose(hass, hass_client, entry)
    usual = {
        "scheme": "http",
        "path": False,
        "timeout": 30,
        "verify_ssl": True,
        "up": True,
        "path_map": 0,
    }
    assert found["connections"] == [
        usual | {"kind": "radarr", "timeout": 90, "path_map": 1},
        usual | {"kind": "radarr"},
        usual | {"kind": "sonarr"},
        usual | {"kind": "seerr", "up": False},
    ]
    text = json.dumps(found).lower()
    secrets = [
        "127.0.0.1",
        "/films",
        "of the house",
        *(one for _, server in arrs for one in (server.api_key, f":{server.port}")),
    ]
    assert not [secret for secret in secrets if secret.lower() in text]


async def test_no_text_of_the_entry_is_in_it(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    setup_integration: MockConfigEntry,
) -> None:
    """Also not of options that nobody thought of: only whether they are set."""
    entry = setup_integration
    hass.config_entries.async_update_entry(
        entry,
        title="planted_title",
        options={
            "libraries": ["planted_library"],
            "only_while": "input_boolean.planted_holiday",
            "disk_entity": "sensor.planted_disk",
            "disk_threshold": 10,
            "disk_target": 20,
            "window_start": "01:00:00",
            "window_end": "05:00:00",
            "movie_retention": "7d",
            "yet_unknown": "planted_text",
            "yet_another": {"planted_key": ["planted_value"]},
            "max_items": 7,
        },
    )
    hass.config_entries.async_add_subentry(
        entry,
        new_subentry(TagRule(name="planted_rule", tag="planted_tag", retention=NEVER)),
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    found = await diagnose(hass, hass_client, entry)
    assert "planted" not in json.dumps(found)
    assert found["options"] == {
        "libraries": 1,
        "only_while": True,
        "disk_entity": True,
        "disk_threshold": 10,
        "disk_target": 20,
        "window_start": "01:00:00",
        "window_end": "05:00:00",
        "movie_retention": "7d",
        "yet_unknown": True,
        "yet_another": True,
        "max_items": 7,
    }
    assert found["rules"] == {"tag, on": 1}
