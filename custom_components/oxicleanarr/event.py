"""The event entity: what happens to the plan, for automations."""

from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CleanupEvent, OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event."""
    async_add_entities([CleanupEventEntity(entry.runtime_data)])


class CleanupEventEntity(OxiCleanarrEntity, EventEntity):
    """Something was scheduled, kept or deleted, or deletion is blocked."""

    _attr_event_types = [event.value for event in CleanupEvent]
    # The titles are for automations; the recorder need not keep them.
    _unrecorded_attributes = frozenset({"items"})

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the entity."""
        super().__init__(coordinator, "cleanup")

    @property
    @override
    def available(self) -> bool:
        """Return that what has happened stays true."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the coordinator."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_observer(self._async_observe))

    @callback
    def _async_observe(self, event: CleanupEvent, attributes: dict[str, Any]) -> None:
        """Show an event."""
        self._trigger_event(event, attributes)
        self.async_write_ha_state()
