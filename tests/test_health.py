"""Whether the servers answer, for whoever polls that over HTTP."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.const import DOMAIN
from simulators import Arrs, Fault, FaultKind

from .conftest import Get, pass_time, set_up
from .counted import NOON, POLL, noon

__all__ = ["noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

HEALTH = "/api/oxicleanarr/health"


async def test_health(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
    freezer: FrozenDateTimeFactory,
    get: Get,
) -> None:
    """Each kind of server is as well as the worst of it."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert (await get(HEALTH))["status"] == "unhealthy"
    await set_up(hass, entry_with_arrs)
    kinds = ("jellyfin", "jellystat", "radarr", "sonarr", "seerr")
    assert await get(HEALTH) == {
        "status": "healthy",
        "timestamp": NOON.isoformat(),
        "services": dict.fromkeys(kinds, "up"),
    }
    dict(arrs)["radarr4k"].faults.append(Fault(FaultKind.SERVER_ERROR))
    await pass_time(hass, freezer, POLL)
    answer = await get(HEALTH)
    assert answer["status"] == "unhealthy"
    assert answer["services"] == dict.fromkeys(kinds, "up") | {"radarr": "down"}
    await hass.config_entries.async_unload(entry_with_arrs.entry_id)
    answer = await get(HEALTH)
    assert (answer["status"], answer["services"]) == ("unhealthy", {})
