"""The event entity: what happens to the plan, for automations."""

from typing import override

from homeassistant.components.event import ATTR_EVENT_TYPE, EventEntity
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_CLEANUP
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity
from .household import Event, EventType
from .model import full_title
from .responses import event_response

PARALLEL_UPDATES = 0

_SILENT = (EventType.CHANGED, EventType.PROGRESS)

TITLES_NAMED = 4
"""So many titles are named in the logbook."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event."""
    async_add_entities([CleanupEventEntity(entry.runtime_data)])


class CleanupEventEntity(OxiCleanarrEntity, EventEntity):
    """Something was scheduled, kept, deleted or brought back, or deletion is blocked."""

    _attr_event_types = [event.value for event in EventType if event not in _SILENT]
    # The titles are for automations; the recorder need not keep them.
    _unrecorded_attributes = frozenset({"items"})

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the entity."""
        super().__init__(coordinator, "cleanup")

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the keeper."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.keeper.listen(self._async_heard))

    @callback
    def _async_heard(self, event: Event) -> None:
        """Show an event."""
        if event.type in _SILENT:
            return
        attributes = event_response(event, self.coordinator.words)
        self._trigger_event(event.type, attributes)
        self.async_write_ha_state()
        self.hass.bus.async_fire(
            EVENT_CLEANUP,
            {
                ATTR_ENTITY_ID: self.entity_id,
                ATTR_EVENT_TYPE: event.type.value,
                "count": attributes.get("count", 0),
                "titles": [full_title(one) for one in event.entries[:TITLES_NAMED]]
                or ([full_title(event.item)] if event.item else [])
                or list(dict.fromkeys(one.title for one in event.brought_back)),
                "by": event.by,
                "searched": any(one.searched for one in event.brought_back),
                "size_bytes": sum(one.size_bytes or 0 for one in event.entries),
                "reasons": attributes.get("reasons", []),
                "kept_until": attributes.get("kept_until"),
            },
        )
