"""The calendar: on which day each title leaves, or is no longer kept."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .cleanup import details, keep_ends, kept_details, leaves
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity, announced_days
from .model import Keep, MediaItem, PlannedDeletion
from .words import Words

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the calendar."""
    async_add_entities([DeletionsCalendar(entry.runtime_data)])


class DeletionsCalendar(OxiCleanarrEntity, CalendarEntity):
    """The pending titles, each on the day on which it becomes ready to be deleted.

    What is ready stands on today until it is gone: no announced day is past. What is
    kept until a day stands there on that day.
    """

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the calendar."""
        super().__init__(coordinator, "deletions")

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the next title that leaves."""
        words = self.coordinator.words
        return next((_event(*one, words) for one in self._days()), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the titles that leave on the days of a time."""
        first = dt_util.as_local(start_date).date()
        # The end is not part of the time; at midnight it is the day before.
        last = (dt_util.as_local(end_date) - timedelta(microseconds=1)).date()
        days = self._days()
        postponed = self.coordinator.data.postponed
        words = self.coordinator.words

        def found() -> list[CalendarEvent]:
            """Return the events; thousands of them take a while to be checked."""
            return [
                *(_event(*one, words) for one in days if first <= one[2] <= last),
                *(
                    event
                    for event in (_end_of_keep(*one, words) for one in postponed)
                    if first <= event.start <= last
                ),
            ]

        return await hass.async_add_executor_job(found)

    def _days(self) -> Iterator[tuple[str, PlannedDeletion, date]]:
        """Yield all that is pending with the day on which it leaves, in order."""
        plan = self.coordinator.data.plan
        return announced_days(plan.entries if plan else ())


def _event(uid: str, entry: PlannedDeletion, day: date, words: Words) -> CalendarEvent:
    """Return that a title leaves on a day."""
    return CalendarEvent(
        start=day,
        end=day + timedelta(days=1),
        summary=leaves(entry, words),
        description=details(entry, words),
        uid=uid,
    )


def _end_of_keep(item: MediaItem, keep: Keep, words: Words) -> CalendarEvent:
    """Return that a title is no longer kept from a day on."""
    assert keep.until is not None
    day = dt_util.as_local(keep.until).date()
    return CalendarEvent(
        start=day,
        end=day + timedelta(days=1),
        summary=keep_ends(item, words),
        description=kept_details(keep, words),
        uid=f"kept:{keep.key}",
    )
