"""Buttons: sync, make a new plan, delete what is ready."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .access import async_require_admin
from .cleanup import say
from .const import DOMAIN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity
from .model import full_title

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class OxiCleanarrButtonDescription(ButtonEntityDescription):
    """A button, and what it does."""

    press_fn: Callable[[OxiCleanarrCoordinator], Awaitable[Any]]
    admins_only: bool = False


async def _async_delete_due(coordinator: OxiCleanarrCoordinator) -> None:
    """Delete what is ready, and say so where that is not what happens."""
    if coordinator.settings.dry_run:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="dry_run_is_on"
        )
    report = await coordinator.async_asked(
        coordinator.keeper.delete(None, dry_run=False)
    )
    if report.failed:
        entry, error = report.failed[0]
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="deletion_failed",
            translation_placeholders={
                "failed": str(len(report.failed)),
                "title": full_title(entry),
                "error": say(error, coordinator.words),
            },
        )


BUTTONS = (
    OxiCleanarrButtonDescription(
        key="sync",
        press_fn=lambda coordinator: coordinator.async_asked(
            coordinator.keeper.sync(full=False)
        ),
    ),
    OxiCleanarrButtonDescription(
        key="evaluate",
        entity_category=EntityCategory.DIAGNOSTIC,
        press_fn=lambda coordinator: coordinator.async_asked(
            coordinator.keeper.evaluate()
        ),
    ),
    OxiCleanarrButtonDescription(
        key="delete_due",
        entity_registry_enabled_default=False,
        press_fn=_async_delete_due,
        admins_only=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons."""
    async_add_entities(
        OxiCleanarrButton(entry.runtime_data, description) for description in BUTTONS
    )


class OxiCleanarrButton(OxiCleanarrEntity, ButtonEntity):
    """Something that can be asked for at any time."""

    entity_description: OxiCleanarrButtonDescription

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        description: OxiCleanarrButtonDescription,
    ) -> None:
        """Make the button of a description."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @override
    async def async_press(self) -> None:
        """Do it, for whoever may ask for it."""
        if self.entity_description.admins_only:
            await async_require_admin(self.hass, self._context)
        await self.entity_description.press_fn(self.coordinator)
