"""What all entities of OxiCleanarr share."""

from typing import Any

from homeassistant.const import CONF_URL
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_JELLYFIN, DOMAIN
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator


def service_device(entry: OxiCleanarrConfigEntry, version: str) -> dict[str, Any]:
    """Return what the device registry is told about a config entry's Jellyfin."""
    return {
        "identifiers": {(DOMAIN, entry.entry_id)},
        "entry_type": DeviceEntryType.SERVICE,
        "name": entry.title,
        "manufacturer": "Jellyfin",
        "model": "Media server",
        "sw_version": version,
        "configuration_url": entry.data[CONF_JELLYFIN][CONF_URL],
    }


class OxiCleanarrEntity(CoordinatorEntity[OxiCleanarrCoordinator]):
    """An entity that shows or changes something of one config entry."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        key: str,
        *,
        translation_key: str | None = None,
    ) -> None:
        """Name the entity by its key; ``translation_key`` where several share a name."""
        super().__init__(coordinator)
        entry_id = coordinator.config_entry.entry_id
        self._attr_unique_id = f"{entry_id}_{key}"
        self._attr_translation_key = translation_key or key
        # The rest was registered at the entry's set-up, before any entity.
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})
