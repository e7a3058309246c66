"""Switches: dry run, and automatic deletion. They are the two locks on the trigger."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_AUTOMATIC_DELETION, CONF_DRY_RUN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity
from .settings import Settings

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class OxiCleanarrSwitchDescription(SwitchEntityDescription):
    """A switch of the options; its key is the option's."""

    is_on_fn: Callable[[Settings], bool]


SWITCHES = (
    OxiCleanarrSwitchDescription(
        key=CONF_DRY_RUN,
        entity_category=EntityCategory.CONFIG,
        is_on_fn=lambda settings: settings.dry_run,
    ),
    OxiCleanarrSwitchDescription(
        key=CONF_AUTOMATIC_DELETION,
        entity_category=EntityCategory.CONFIG,
        is_on_fn=lambda settings: settings.automatic_deletion,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches."""
    coordinator = entry.runtime_data
    async_add_entities(
        OxiCleanarrSwitch(coordinator, description) for description in SWITCHES
    )


class OxiCleanarrSwitch(OxiCleanarrEntity, SwitchEntity):
    """An option that can be switched at any time, whether the servers answer or not."""

    entity_description: OxiCleanarrSwitchDescription

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        description: OxiCleanarrSwitchDescription,
    ) -> None:
        """Make the switch of a description."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Return that it can always be switched."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return what is in force: not what was asked for, but what is acted upon."""
        return self.entity_description.is_on_fn(self.coordinator.settings)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn the option on."""
        self._async_set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn the option off."""
        self._async_set(False)

    def _async_set(self, value: bool) -> None:
        """Store the option; the entry's listener hands it on before this returns."""
        entry = self.coordinator.config_entry
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, self.entity_description.key: value}
        )
        self.async_write_ha_state()
