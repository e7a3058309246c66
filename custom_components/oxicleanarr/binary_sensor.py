"""Binary sensors: whether the servers answer, and whether deletion is blocked."""

from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import (
    DOMAIN as BINARY_SENSOR_DOMAIN,
    BinarySensorDeviceClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cleanup import say
from .const import CONF_JELLYFIN, CONF_JELLYSTAT, DOMAIN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity, connection_device

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors; that of a Jellystat that was removed goes."""
    coordinator = entry.runtime_data
    if CONF_JELLYSTAT not in coordinator.keeper.health:
        registry = er.async_get(hass)
        if entity_id := registry.async_get_entity_id(
            BINARY_SENSOR_DOMAIN, DOMAIN, f"{entry.entry_id}_{CONF_JELLYSTAT}"
        ):
            registry.async_remove(entity_id)
    async_add_entities(
        [
            *(
                ServerConnectivity(coordinator, server)
                for server in (CONF_JELLYFIN, CONF_JELLYSTAT)
                if server in coordinator.keeper.health
            ),
            DeletionBlocked(coordinator),
        ]
    )
    # Home Assistant removes those of old connections; with new ones all starts anew.
    for connection in coordinator.keeper.servers.connections:
        subentry = entry.subentries[connection.connection_id]
        async_add_entities(
            [ConnectionConnectivity(hass, coordinator, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class ServerConnectivity(OxiCleanarrEntity, BinarySensorEntity):
    """Whether a server answered when it was last asked."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        server: str,
        *,
        translation_key: str | None = None,
    ) -> None:
        """Make the sensor of a server, named by its key in the coordinator's health."""
        super().__init__(coordinator, server, translation_key=translation_key)
        self._server = server

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it answered; ``None`` if it was not asked yet."""
        return self.coordinator.keeper.health[self._server].up


class ConnectionConnectivity(ServerConnectivity):
    """Whether a Radarr, Sonarr or Seerr answered when it was last asked."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: OxiCleanarrCoordinator,
        subentry: ConfigSubentry,
    ) -> None:
        """Make the sensor of a connection, on a device of its own."""
        super().__init__(
            coordinator, subentry.subentry_id, translation_key="connection"
        )
        self._attr_unique_id = f"{self._attr_unique_id}_connectivity"
        self._attr_device_info = DeviceInfo(
            **connection_device(hass, coordinator.config_entry, subentry)  # type: ignore[typeddict-item]
        )


class DeletionBlocked(OxiCleanarrEntity, BinarySensorEntity):
    """Whether anything keeps everything from being deleted, and what that is."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM

    def __init__(self, coordinator: OxiCleanarrCoordinator) -> None:
        """Make the sensor."""
        super().__init__(coordinator, "deletion_blocked")

    @property
    @override
    def is_on(self) -> bool:
        """Return whether there is a reason not to delete anything."""
        return bool(self.coordinator.keeper.blockers)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the reasons, few and short, as sentences."""
        words = self.coordinator.words
        return {
            "reasons": [
                say(blocker.reason, words)
                for blocker in self.coordinator.keeper.blockers
            ]
        }
