"""The event entity: what happens to the plan, for automations."""

from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cleanup import say
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity
from .household import Event, EventType

PARALLEL_UPDATES = 0

TITLES_AN_EVENT = 50


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event."""
    async_add_entities([CleanupEventEntity(entry.runtime_data)])


class CleanupEventEntity(OxiCleanarrEntity, EventEntity):
    """Something was scheduled, kept or deleted, or deletion is blocked."""

    _attr_event_types = [
        event.value for event in EventType if event is not EventType.CHANGED
    ]
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
        """Listen to the keeper."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.keeper.listen(self._async_heard))

    @callback
    def _async_heard(self, event: Event) -> None:
        """Show an event."""
        if event.type is EventType.CHANGED:
            return
        self._trigger_event(event.type, _attributes(event))
        self.async_write_ha_state()


def _attributes(event: Event) -> dict[str, Any]:
    """Return what an automation can use of an event; a long list is cut."""
    if event.type is EventType.BLOCKED:
        return {"reasons": [say(blocker.reason) for blocker in event.blockers]}
    if (item := event.item) is not None:
        kept = {"item_id": item.item_id, "kind": item.kind, "title": item.title}
        return {"count": 1, "items": [kept]}
    return {
        "count": len(event.entries),
        "items": [
            {
                "item_id": entry.item_id,
                "kind": entry.kind.value,
                "title": entry.title,
                "due_at": entry.due_at.isoformat(),
                "reason": say(entry.reason),
            }
            for entry in event.entries[:TITLES_AN_EVENT]
        ],
    }
