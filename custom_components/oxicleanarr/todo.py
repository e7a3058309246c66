"""The to-do lists: what leaves soon, to be ticked by whoever wants it to stay.

And what waits for an approval, to be ticked by an admin, if anything is asked for.
"""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple, override

from homeassistant.components.todo.const import (
    DOMAIN as TODO_DOMAIN,
    TodoItemStatus,
    TodoListEntityFeature,
)
from homeassistant.components.todo.entity import TodoItem, TodoListEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .access import NotAllowed, async_asker, async_require_admin
from .cleanup import details, kept_details
from .const import DOMAIN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity, announced_days
from .model import ApprovalState, Keep, MediaItem, PlannedDeletion, full_title
from .words import Words

PARALLEL_UPDATES = 1

_APPROVALS = "approvals"
_TICKED = {
    ApprovalState.WAITING: TodoItemStatus.NEEDS_ACTION,
    ApprovalState.APPROVED: TodoItemStatus.COMPLETED,
}
_MADE_AT_ONCE = 200
"""So many items are made in the event loop, more of them beside it."""
_MOST_LISTED = 1000
"""Of those that are ticked and of the others so many are listed, the first to leave: Home
Assistant compares and copies all of them in its event loop, and sends them to whoever looks
at the list."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the to-do lists; the one of approvals comes and goes with the asking."""
    coordinator = entry.runtime_data
    async_add_entities([LeavingSoonList(coordinator)])
    shown = False

    @callback
    def async_follow_settings() -> None:
        """Add the list of approvals once anything is asked for, else remove it."""
        nonlocal shown
        wanted = coordinator.settings.rules.ask_first
        if wanted and not shown:
            async_add_entities([ApprovalList(coordinator)])
        elif not wanted:
            registry = er.async_get(hass)
            unique_id = f"{entry.entry_id}_{_APPROVALS}"
            if entity_id := registry.async_get_entity_id(
                TODO_DOMAIN, DOMAIN, unique_id
            ):
                registry.async_remove(entity_id)
        shown = wanted

    async_follow_settings()
    entry.async_on_unload(coordinator.async_add_listener(async_follow_settings))


class Listed(NamedTuple):
    """What a list shows of what there is."""

    items: list[TodoItem] | None = None
    """``None``: that is not known yet."""
    left_out: int = 0
    """How many more there are to tick."""


class PlanList(OxiCleanarrEntity, TodoListEntity):
    """Titles of the plan. Only a tick is on offer: they come and go by themselves."""

    _attr_supported_features = TodoListEntityFeature.UPDATE_TODO_ITEM

    _reader: Callable[[], Listed] | None = None
    """Makes the items that are to be shown next."""
    _making = False
    _left_out = 0
    """How many more than are listed there are to tick."""

    @property
    @override
    def state(self) -> int | None:
        """Return how many there are to tick, those that are not listed included."""
        listed = super().state
        return None if listed is None else listed + self._left_out

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known."""
        await super().async_added_to_hass()
        self._reader = self._async_reader()
        await self._async_make()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what is new; to say why takes a while where there are many titles."""
        reader = self._async_reader()
        plan = self.coordinator.data.plan
        if self._making:
            self._reader = reader
        elif plan is None or len(plan.entries) <= _MADE_AT_ONCE:
            self._show(reader())
            super()._handle_coordinator_update()
        else:
            self._reader = reader
            self.coordinator.config_entry.async_create_task(
                self.hass, self._async_make(), f"items of {self.entity_id}"
            )

    async def _async_make(self) -> None:
        """Make items beside the event loop, and those of what changes meanwhile."""
        self._making = True
        try:
            while (reader := self._reader) is not None:
                self._reader = None
                self._show(await self.hass.async_add_executor_job(reader))
                self.async_write_ha_state()
        finally:
            self._making = False

    def _show(self, listed: Listed) -> None:
        """Take what is to be shown."""
        self._attr_todo_items, self._left_out = listed

    @override
    async def async_request_call[T](self, coro: Coroutine[Any, Any, T]) -> T:
        """Serve a call, and forget whose it was, whatever became of it.

        Else a tick by voice, which comes without a context, would have the rights of
        whoever has read the list last.
        """
        try:
            return await super().async_request_call(coro)
        finally:
            self._context = None

    @abstractmethod
    @callback
    def _async_reader(self) -> Callable[[], Listed]:
        """Return what makes the items of what there is. It may run anywhere, and later."""

    def _ticked(self, item: TodoItem) -> bool | None:
        """Return whether an item was ticked or unticked; ``None``: neither.

        Raises ServiceValidationError if anything else was changed.
        """
        # Home Assistant has found it among these just now.
        known = next(one for one in self.todo_items or () if one.uid == item.uid)
        if item.summary != known.summary:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="only_ticks"
            )
        if item.status == known.status:
            return None
        return item.status == TodoItemStatus.COMPLETED


class LeavingSoonList(PlanList):
    """What leaves soon, and ticked what would have left had nobody kept it."""

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the list."""
        super().__init__(coordinator, "leaving_soon")

    @override
    @callback
    def _async_reader(self) -> Callable[[], Listed]:
        """Return what makes items of what leaves soon, and of what is kept."""
        data = self.coordinator.data
        words = self.coordinator.words
        leaving = self.coordinator.leaving_soon
        end = dt_util.utcnow() + self.coordinator.settings.leaving_soon

        def read() -> Listed:
            """Make them."""
            if data.plan is None:
                return Listed()
            kept = {
                f"{item.kind}:{keep.key}": (item, keep)
                for item, keep in data.kept
                if _leaves_by(end, keep)
            }
            # Kept while a sync is under way, a title stands in the plan until that ends.
            open_ones = [one for one in announced_days(leaving) if one[0] not in kept]
            items = [
                _planned(*one, TodoItemStatus.NEEDS_ACTION, words)
                for one in open_ones[:_MOST_LISTED]
            ]
            items += [
                _kept(uid, *one, words)
                for uid, one in islice(kept.items(), _MOST_LISTED)
            ]
            return Listed(items, max(0, len(open_ones) - _MOST_LISTED))

        return read

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Keep what is ticked, and leave to the rules again what no longer is."""
        # A tick by voice comes without a context, and would find that of the last one.
        context, self._context = self._context, None
        if (ticked := self._ticked(item)) is None:
            return
        asker = await async_asker(self.hass, context)
        reference = _reference(item)
        try:
            if ticked:
                await self.coordinator.async_asked(
                    self.coordinator.keeper.keep(reference, None, "", asker)
                )
            else:
                await self.coordinator.async_asked(
                    self.coordinator.keeper.unkeep(reference, asker)
                )
        except LookupError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_longer_leaving"
            ) from err


class ApprovalList(PlanList):
    """What would be deleted, had an admin approved it, and ticked what is approved."""

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the list."""
        super().__init__(coordinator, _APPROVALS)

    @override
    @callback
    def _async_reader(self) -> Callable[[], Listed]:
        """Return what makes items of what waits and of what is approved."""
        plan = self.coordinator.data.plan
        now = dt_util.utcnow()
        words = self.coordinator.words

        def read() -> Listed:
            """Make them."""
            if plan is None:
                return Listed()
            found = defaultdict(list)
            for one in announced_days(plan.entries):
                found[one[1].approval(now)].append(one)
            items = [
                _planned(*one, status, words)
                for state, status in _TICKED.items()
                for one in found[state][:_MOST_LISTED]
            ]
            waiting = len(found[ApprovalState.WAITING])
            return Listed(items, max(0, waiting - _MOST_LISTED))

        return read

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Approve what is ticked, and take back what no longer is."""
        # A tick by voice comes without a context, and could be anybody's.
        context, self._context = self._context, None
        if (ticked := self._ticked(item)) is None:
            return
        assert item.uid is not None
        plan = self.coordinator.data.plan
        names = [
            entry.item_id
            for uid, entry, _ in announced_days(plan.entries if plan else ())
            if uid == item.uid
        ]
        if not names:
            # The items of a long list are made a moment after the plan.
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="no_longer_leaving"
            )
        if ticked:
            if context is None:
                raise NotAllowed(
                    translation_domain=DOMAIN,
                    translation_key="admins_only",
                    translation_placeholders={},
                )
            await async_require_admin(self.hass, context)
            await self.coordinator.async_asked(
                self.coordinator.keeper.approve(
                    names, await async_asker(self.hass, context)
                )
            )
        else:
            await self.coordinator.async_asked(self.coordinator.keeper.unapprove(names))


def _reference(item: TodoItem) -> str:
    """Return the key of the title that an item is about."""
    assert item.uid is not None
    return item.uid.partition(":")[2].partition("#")[0]


def _leaves_by(end: datetime, keep: Keep) -> bool:
    """Return whether a kept title would leave until then."""
    return keep.due_at is not None and keep.due_at <= end


def _planned(
    uid: str, entry: PlannedDeletion, day: date, status: TodoItemStatus, words: Words
) -> TodoItem:
    """Return what is planned, on the day on which it leaves."""
    return TodoItem(
        uid=uid,
        summary=full_title(entry),
        status=status,
        due=day,
        description=details(entry, words),
    )


def _kept(uid: str, item: MediaItem, keep: Keep, words: Words) -> TodoItem:
    """Return what somebody keeps, on the day on which it would have left."""
    assert keep.due_at is not None
    day = dt_util.as_local(max(keep.due_at, keep.kept_at)).date()
    return TodoItem(
        uid=uid,
        summary=full_title(item),
        status=TodoItemStatus.COMPLETED,
        due=day,
        description=kept_details(keep, words) or None,
        completed=keep.kept_at,
    )
