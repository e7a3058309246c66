"""Backups: the one file has to be complete and quiet while it is copied."""

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .coordinator import OxiCleanarrConfigEntry


def _loaded(hass: HomeAssistant) -> list[OxiCleanarrConfigEntry]:
    """Return the entries that are set up."""
    return hass.config_entries.async_loaded_entries(DOMAIN)


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Wait for what is under way, and let nothing new begin."""
    for entry in _loaded(hass):
        await entry.runtime_data.keeper.hold()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on."""
    for entry in _loaded(hass):
        entry.runtime_data.keeper.release()
