"""Sensors: what has been watched, what is going to leave, and what that frees."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    DOMAIN as SENSOR_DOMAIN,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfInformation, UnitOfRatio
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .cleanup import Plan
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity
from .household import Event, EventType
from .model import Library, User
from .responses import progress_response
from .sync import managed_libraries

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class OxiCleanarrSensorDescription(SensorEntityDescription):
    """A sensor, and how its value is read from the plan."""

    value_fn: Callable[[OxiCleanarrCoordinator, Plan], StateType | datetime]
    exists_fn: Callable[[OxiCleanarrCoordinator], bool] = lambda _: True


SENSORS = (
    OxiCleanarrSensorDescription(
        key="watched_movies",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda _, plan: plan.statistics.watched_movies,
    ),
    OxiCleanarrSensorDescription(
        key="watched_series",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda _, plan: plan.statistics.watched_series,
    ),
    OxiCleanarrSensorDescription(
        key="watched_episodes",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda _, plan: plan.statistics.watched_episodes,
    ),
    OxiCleanarrSensorDescription(
        key="watch_events",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=lambda coordinator: coordinator.keeper.servers.jellystat is not None,
        value_fn=lambda coordinator, _: coordinator.data.state.history_rows,
    ),
    OxiCleanarrSensorDescription(
        key="pending_deletions",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda _, plan: len(plan.entries),
    ),
    OxiCleanarrSensorDescription(
        key="leaving_soon",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda coordinator, _: len(coordinator.leaving_soon),
    ),
    OxiCleanarrSensorDescription(
        key="due",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda coordinator, _: len(coordinator.keeper.due),
    ),
    OxiCleanarrSensorDescription(
        key="awaiting_approval",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda coordinator, _: len(coordinator.awaiting_approval),
    ),
    OxiCleanarrSensorDescription(
        key="kept",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda _, plan: len(plan.kept),
    ),
    OxiCleanarrSensorDescription(
        key="reclaimable_space",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=1,
        value_fn=lambda _, plan: plan.reclaimable_bytes,
    ),
    OxiCleanarrSensorDescription(
        key="reclaimed_space",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=1,
        value_fn=lambda coordinator, _: coordinator.data.reclaimed_bytes,
    ),
    OxiCleanarrSensorDescription(
        key="next_deletion",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda _, plan: plan.next_due_at(dt_util.utcnow()),
    ),
)

LAST_SYNC = OxiCleanarrSensorDescription(
    key="last_sync",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda coordinator, _: coordinator.data.state.synced_at,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors; those of users and libraries come and go with them."""
    coordinator = entry.runtime_data
    fixed = [
        *(
            OxiCleanarrSensor(coordinator, description)
            for description in SENSORS
            if description.exists_fn(coordinator)
        ),
        LastSyncSensor(coordinator, LAST_SYNC),
    ]
    async_add_entities(fixed)
    present: set[str] = set()

    @callback
    def async_follow_server() -> None:
        """Add the sensors of new users and libraries, remove those of vanished ones."""
        if coordinator.data.plan is None:
            # Nobody is known yet, which does not mean that nobody is left.
            return
        wanted = {
            str(sensor.unique_id): sensor for sensor in _sensors_of_server(coordinator)
        }
        expected = {sensor.unique_id for sensor in fixed} | wanted.keys()
        registry = er.async_get(hass)
        for known in er.async_entries_for_config_entry(registry, entry.entry_id):
            if known.domain == SENSOR_DOMAIN and known.unique_id not in expected:
                registry.async_remove(known.entity_id)
        async_add_entities(
            sensor for unique_id, sensor in wanted.items() if unique_id not in present
        )
        present.clear()
        present.update(wanted)

    async_follow_server()
    entry.async_on_unload(coordinator.async_add_listener(async_follow_server))


def _sensors_of_server(coordinator: OxiCleanarrCoordinator) -> list[PlanSensor]:
    """Return a sensor for each user and for each managed library."""
    data = coordinator.data
    return [
        *(UserSensor(coordinator, user) for user in data.users),
        *(
            LibrarySensor(coordinator, library)
            for library in managed_libraries(
                data.libraries, coordinator.settings.libraries
            )
        ),
    ]


class PlanSensor(OxiCleanarrEntity, SensorEntity):
    """A figure that is read from the plan; unknown until the first complete sync."""

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the figure as the present plan has it."""
        plan = self.coordinator.data.plan
        return None if plan is None else self.figure(plan)

    def figure(self, plan: Plan) -> StateType | datetime:
        """Return what a plan says."""
        raise NotImplementedError


class OxiCleanarrSensor(PlanSensor):
    """A figure of the whole server."""

    entity_description: OxiCleanarrSensorDescription

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        description: OxiCleanarrSensorDescription,
    ) -> None:
        """Make the sensor of a description."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @override
    def figure(self, plan: Plan) -> StateType | datetime:
        """Return the figure of the description."""
        return self.entity_description.value_fn(self.coordinator, plan)


class LastSyncSensor(OxiCleanarrSensor):
    """When the last sync began, and how far what is under way is."""

    # Of interest only now.
    _unrecorded_attributes = frozenset({"work", "done", "total", "title"})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the keeper."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.keeper.listen(self._async_heard))

    @callback
    def _async_heard(self, event: Event) -> None:
        """Show how far something is."""
        if event.type is EventType.PROGRESS:
            self.async_write_ha_state()

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return how far what takes long is; nothing while nothing does."""
        return progress_response(self.coordinator.keeper.progress) or {}


class UserSensor(PlanSensor):
    """How many movies and episodes one user has watched."""

    _attr_entity_registry_enabled_default = False
    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(self, coordinator: OxiCleanarrCoordinator, user: User) -> None:
        """Make the sensor of a user."""
        super().__init__(
            coordinator, f"watched_{user.user_id}", translation_key="watched"
        )
        self._attr_translation_placeholders = {"user": user.name}
        self._user_id = user.user_id

    @override
    def figure(self, plan: Plan) -> StateType:
        """Return the number."""
        return plan.statistics.watched_by_user.get(self._user_id, 0)


class LibrarySensor(PlanSensor):
    """Which share of a library's movies and episodes anybody has watched."""

    _attr_entity_registry_enabled_default = False
    _attr_native_unit_of_measurement = UnitOfRatio.PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = 0

    def __init__(self, coordinator: OxiCleanarrCoordinator, library: Library) -> None:
        """Make the sensor of a library."""
        super().__init__(
            coordinator,
            f"watched_share_{library.library_id}",
            translation_key="watched_share",
        )
        self._attr_translation_placeholders = {"library": library.name}
        self._library_id = library.library_id

    @override
    def figure(self, plan: Plan) -> StateType:
        """Return the share; an empty library has none."""
        return plan.statistics.watched_share.get(self._library_id)
