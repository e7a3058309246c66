"""System health: how the households are, without naming any."""

import asyncio
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.oxicleanarr.const import DOMAIN
from simulators import FaultKind, JellyfinSimulator

from .conftest import pass_time
from .counted import NOON, POLL, household, noon
from .test_repository import TEXTS

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return what a person would see."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, DOMAIN)
    return {
        key: await value if asyncio.iscoroutine(value) else value
        for key, value in info.items()
    }


@pytest.mark.usefixtures("setup_integration")
async def test_health(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, freezer: FrozenDateTimeFactory
) -> None:
    """While all is well, and while a server is away."""
    info = await health(hass)
    assert info == {
        "loaded_entries": 1,
        "servers_up": "2/2",
        "last_full_sync": NOON,
        "deletion_blocked": False,
        "dry_run": True,
    }
    assert info.keys() == TEXTS["system_health"]["info"].keys()
    jellyfin.fail(FaultKind.SERVER_ERROR)
    await pass_time(hass, freezer, POLL)
    info = await health(hass)
    assert info["servers_up"] == "1/2"
    assert info["deletion_blocked"] == "sync_failed"
    assert jellyfin.name not in json.dumps(info, default=str)


async def test_nothing_is_loaded(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """It says that."""
    await hass.config_entries.async_unload(setup_integration.entry_id)
    info = await health(hass)
    assert (info["loaded_entries"], info["servers_up"]) == (0, "0/0")
    assert info["last_full_sync"] is None
