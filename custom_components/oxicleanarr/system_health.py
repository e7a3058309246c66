"""System health: whether the servers answer and when they were last read."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .coordinator import loaded_coordinators


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register what is told."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how all households are, without naming any."""
    coordinators = loaded_coordinators(hass)
    health = [
        server.up
        for coordinator in coordinators
        for server in coordinator.keeper.health.values()
    ]
    synced = [
        at
        for coordinator in coordinators
        if (at := coordinator.data.state.fully_synced_at)
    ]
    blocked = {
        blocker.code
        for coordinator in coordinators
        for blocker in coordinator.keeper.blockers
    }
    return {
        "loaded_entries": len(coordinators),
        "servers_up": f"{health.count(True)}/{len(health)}",
        "last_full_sync": min(synced, default=None),
        "deletion_blocked": ", ".join(sorted(blocked)) or False,
        "dry_run": all(one.settings.dry_run for one in coordinators),
    }
