"""The conditions: is anything ready, is a title kept."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import FaultKind, Household, JellyfinSimulator

from .conftest import pass_time, set_up
from .counted import GRACE, NOON, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")


async def holds(hass: HomeAssistant, name: str, **options: Any) -> bool | None:
    """Return whether a condition holds now."""
    assert await async_setup_component(hass, "automation", {})
    config = await condition.async_validate_condition_config(
        hass, {"condition": f"oxicleanarr.{name}", "options": options}
    )
    checker = await condition.async_from_config(hass, config)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_is_anything_ready(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """As the sensor counts it."""
    entry_id = setup_integration.entry_id
    assert await holds(hass, "is_anything_ready") is False
    await pass_time(hass, freezer, GRACE)
    assert await holds(hass, "is_anything_ready") is True
    assert await holds(hass, "is_anything_ready", config_entry_id=entry_id) is True
    assert await holds(hass, "is_anything_ready", config_entry_id="other") is False
    await hass.config_entries.async_unload(entry_id)
    assert await holds(hass, "is_anything_ready") is False


async def test_is_title_kept(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """By somebody, as a favorite or by a rule; by id or key."""
    for reference, kept in (
        ("movie:tmdb:4", True),
        (household["Loved"].id, True),
        ("movie:tmdb:5", True),
        ("movie:tmdb:2", False),
        ("nothing", False),
    ):
        assert await holds(hass, "is_title_kept", item_id=reference) is kept, reference
    await call(
        hass,
        "keep_item",
        item_id="movie:tmdb:2",
        until=(NOON + timedelta(days=1)).isoformat(),
    )
    assert await holds(hass, "is_title_kept", item_id="movie:tmdb:2") is True
    with pytest.raises(probatio.Invalid):
        await holds(hass, "is_title_kept")


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known, so nothing is so."""
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    await set_up(hass, entry)
    assert await holds(hass, "is_anything_ready") is False
    assert await holds(hass, "is_title_kept", item_id="movie:tmdb:4") is False


@pytest.mark.usefixtures("setup_integration")
async def test_described(hass: HomeAssistant) -> None:
    """Each has a form."""
    assert await holds(hass, "is_anything_ready") is False
    described = await condition.async_get_all_descriptions(hass)
    for name, fields in (
        ("is_anything_ready", {"config_entry_id"}),
        ("is_title_kept", {"config_entry_id", "item_id"}),
    ):
        description = described[f"oxicleanarr.{name}"]
        assert description is not None
        assert description["fields"].keys() == fields
