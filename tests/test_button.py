"""The buttons: what they do, and for whom."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from simulators import FaultKind, Household, JellyfinSimulator

from .conftest import PlatformSnapshot, pass_time, set_up, state_of
from .counted import GRACE, NOON, household, noon
from .test_access import member

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")


async def press(hass: HomeAssistant, name: str, user: MockUser | None = None) -> None:
    """Press a button for somebody, ``None`` for an automation."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": f"button.household_{name}"},
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )
    await hass.async_block_till_done()


@pytest.mark.usefixtures("all_entities_enabled")
async def test_entities(
    platform_snapshot: PlatformSnapshot,
) -> None:
    """All buttons, as they are registered and as they look."""
    await platform_snapshot(Platform.BUTTON)


async def test_sync_and_evaluate(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Anybody may look again."""
    alice = member(hass, "alice")
    later = NOON + timedelta(minutes=5)
    freezer.move_to(later)
    unseen = household["Unseen"]
    household.mark_played(household.users[0], unseen)
    await press(hass, "evaluate_rules", alice)
    assert setup_integration.runtime_data.data.plan.evaluated_at == later
    assert state_of(hass, "sensor.household_watched_movies") == "4"
    await press(hass, "sync", alice)
    assert state_of(hass, "sensor.household_watched_movies") == "5"
    last = datetime.fromisoformat(state_of(hass, "sensor.household_last_sync") or "")
    assert last == later


async def test_deleting_is_off_by_default(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Nobody presses it by accident."""
    button = entity_registry.async_get("button.household_delete_ready_titles")
    assert button is not None
    assert button.disabled_by is er.RegistryEntryDisabler.INTEGRATION


@pytest.mark.usefixtures("all_entities_enabled")
async def test_delete_what_is_ready(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """For admins, once the dry run is off; what does not work is said."""
    await set_up(hass, entry)
    await pass_time(hass, freezer, GRACE)
    alice = member(hass, "alice")
    with pytest.raises(Unauthorized) as caught:
        await press(hass, "delete_ready_titles", alice)
    assert caught.value.translation_key == "admins_only"
    with pytest.raises(ServiceValidationError) as refused:
        await press(hass, "delete_ready_titles", hass_admin_user)
    assert refused.value.translation_key == "dry_run_is_on"
    hass.config_entries.async_update_entry(entry, options={"dry_run": False})
    await hass.async_block_till_done(wait_background_tasks=True)

    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items/", method="DELETE")
    with pytest.raises(HomeAssistantError, match="Overdue") as failed:
        await press(hass, "delete_ready_titles", hass_admin_user)
    assert failed.value.translation_key == "deletion_failed"
    jellyfin.faults.clear()
    await press(hass, "delete_ready_titles", hass_admin_user)
    assert "Overdue" not in {film.name for film in household.movies}
    assert state_of(hass, "sensor.household_ready_to_delete") == "0"
    assert float(state_of(hass, "sensor.household_reclaimed_space") or 0) == 1.0
