"""The to-do list: what leaves soon, to be ticked by whoever wants it to stay."""

from datetime import datetime
from typing import override

from homeassistant.components.todo.const import TodoItemStatus, TodoListEntityFeature
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .access import async_asker
from .cleanup import details
from .const import DOMAIN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity, announced_days
from .model import Keep, MediaItem, full_title

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the to-do list."""
    async_add_entities([LeavingSoonList(entry.runtime_data)])


class LeavingSoonList(OxiCleanarrEntity, TodoListEntity):
    """What leaves soon, and ticked what would have left had nobody kept it."""

    # Only a tick is on offer: titles come and go by the plan alone.
    _attr_supported_features = TodoListEntityFeature.UPDATE_TODO_ITEM

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the list."""
        super().__init__(coordinator, "leaving_soon")

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known."""
        await super().async_added_to_hass()
        self._async_read()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what is new."""
        self._async_read()
        super()._handle_coordinator_update()

    @callback
    def _async_read(self) -> None:
        """Take over what leaves soon and what is kept; unknown before the first sync."""
        data = self.coordinator.data
        items = {
            uid: TodoItem(
                uid=uid,
                summary=full_title(entry),
                status=TodoItemStatus.NEEDS_ACTION,
                due=day,
                description=details(entry),
            )
            for uid, entry, day in announced_days(self.coordinator.leaving_soon)
        }
        end = dt_util.utcnow() + self.coordinator.settings.leaving_soon
        # Kept while a sync is under way, a title stands in the plan until that ends.
        items |= {
            kept.uid: kept
            for kept in (_kept(*one) for one in data.kept if _leaves_by(end, one[1]))
            if kept.uid
        }
        self._attr_todo_items = None if data.plan is None else list(items.values())

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Keep what is ticked, and leave to the rules again what no longer is."""
        # A tick by voice comes without a context, and would find that of the last one.
        context, self._context = self._context, None
        # Home Assistant has found it among these just now.
        known = next(one for one in self.todo_items or () if one.uid == item.uid)
        if item.summary != known.summary:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="only_ticks"
            )
        if item.status == known.status:
            return
        asker = await async_asker(self.hass, context)
        reference = _reference(known)
        try:
            if item.status == TodoItemStatus.COMPLETED:
                await self.coordinator.async_keep(reference, None, "", asker)
            else:
                await self.coordinator.async_unkeep(reference, asker)
        except LookupError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_longer_leaving"
            ) from err


def _reference(item: TodoItem) -> str:
    """Return the key of the title that an item is about."""
    assert item.uid is not None
    return item.uid.partition(":")[2].partition("#")[0]


def _leaves_by(end: datetime, keep: Keep) -> bool:
    """Return whether a kept title would leave until then."""
    return keep.due_at is not None and keep.due_at <= end


def _kept(item: MediaItem, keep: Keep) -> TodoItem:
    """Return what somebody keeps, on the day on which it would have left."""
    assert keep.due_at is not None
    day = dt_util.as_local(max(keep.due_at, keep.kept_at)).date()
    return TodoItem(
        uid=f"{item.kind}:{keep.key}",
        summary=full_title(item),
        status=TodoItemStatus.COMPLETED,
        due=day,
        description=keep.reason or None,
        completed=keep.kept_at,
    )
