"""What all entities of OxiCleanarr share."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .const import (
    CONF_JELLYFIN,
    CONF_KIND,
    CONF_RADARR,
    CONF_SEERR,
    CONF_SONARR,
    DOMAIN,
)
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .model import PlannedDeletion

_SERVERS = {
    CONF_RADARR: ("Radarr", "Movie manager"),
    CONF_SONARR: ("Sonarr", "Series manager"),
    CONF_SEERR: ("Seerr", "Request manager"),
}
"""Manufacturer and model of a connection's device, by the kind of server."""


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


def rule_device(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry, subentry: ConfigSubentry
) -> dict[str, Any]:
    """Return what the device registry is told about a rule.

    A rule has a device of its own, because a device can only be of one subentry.
    """
    return {
        "identifiers": {(DOMAIN, f"{entry.entry_id}_{subentry.subentry_id}")},
        "entry_type": DeviceEntryType.SERVICE,
        "translation_key": "rule",
        "translation_placeholders": {"rule": subentry.title},
        "manufacturer": "OxiCleanarr",
        "model": "Retention rule",
        "via_device_id": dr.async_get_device_id_by_identifier(
            hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
        ),
    }


def connection_device(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry, subentry: ConfigSubentry
) -> dict[str, Any]:
    """Return what the device registry is told about a Radarr, Sonarr or Seerr."""
    manufacturer, model = _SERVERS[subentry.data[CONF_KIND]]
    return {
        "identifiers": {(DOMAIN, f"{entry.entry_id}_{subentry.subentry_id}")},
        "entry_type": DeviceEntryType.SERVICE,
        "name": subentry.title,
        "manufacturer": manufacturer,
        "model": model,
        "configuration_url": subentry.data[CONF_URL],
        "via_device_id": dr.async_get_device_id_by_identifier(
            hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
        ),
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

    @property
    @override
    def available(self) -> bool:
        """Return that what is known stays known while a server is away."""
        return True


def announced_days(
    entries: Iterable[PlannedDeletion],
) -> Iterator[tuple[str, PlannedDeletion, date]]:
    """Yield entries of the plan with a lasting id and the day on which they leave.

    The day is that of Home Assistant's time zone; what is ready leaves today. Copies of
    a title share its name, so that all but the first are told apart by their own ids.
    """
    today = dt_util.now().date()
    known: set[str] = set()
    for entry in entries:
        uid = f"{entry.name}#{entry.item_id}" if entry.name in known else entry.name
        known.add(entry.name)
        yield uid, entry, max(dt_util.as_local(entry.due_at).date(), today)
