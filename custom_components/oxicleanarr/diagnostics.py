"""Diagnostics: counts, versions and states, nothing that names a person or a title."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import CONF_TIMEOUT, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from yarl import URL

from .cleanup import Plan
from .const import (
    CONF_JELLYFIN,
    CONF_JELLYSTAT,
    CONF_KIND,
    CONF_LIBRARIES,
    CONF_PATH_MAP,
    CONF_WINDOW_END,
    CONF_WINDOW_START,
)
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .ledger import LedgerState
from .retention import rule_type
from .settings import RULE_OPTIONS
from .sync import managed_libraries

# The options that are texts and name nobody and nothing.
_TOLD: Final = frozenset({*RULE_OPTIONS, CONF_WINDOW_START, CONF_WINDOW_END})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> dict[str, Any]:
    """Return diagnostics for a config entry.

    What may be shown is named; a new field is not shown until somebody has looked.
    """
    coordinator = entry.runtime_data
    data = coordinator.data
    error = coordinator.last_exception
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {
        "jellyfin_version": next(
            (device.sw_version for device in devices if device.sw_version), None
        ),
        "options": {
            key: _option_diagnostics(key, value) for key, value in entry.options.items()
        },
        "servers": {
            server: _server_diagnostics(coordinator, server, entry.data[server])
            for server in (CONF_JELLYFIN, CONF_JELLYSTAT)
            if server in coordinator.keeper.health
        },
        "connections": [
            {
                "kind": subentry.data[CONF_KIND],
                **_server_diagnostics(coordinator, subentry_id, subentry.data),
                "path_map": len(subentry.data.get(CONF_PATH_MAP, ())),
            }
            for subentry_id, subentry in entry.subentries.items()
            if subentry_id in coordinator.keeper.health
        ],
        "rules": _count(
            f"{rule_type(rule)}, {'on' if rule.enabled else 'off'}"
            for rule in coordinator.settings.rules.advanced
        ),
        "last_update_success": coordinator.last_update_success,
        "last_exception": type(error).__name__ if error else None,
        "blocked_by": [blocker.code for blocker in coordinator.keeper.blockers],
        "users": len(data.users),
        "libraries": _count(
            library.collection_type or "mixed" for library in data.libraries
        ),
        "managed_libraries": len(
            managed_libraries(data.libraries, coordinator.settings.libraries)
        ),
        "reclaimed_bytes": data.reclaimed_bytes,
        "ledger": _ledger_diagnostics(data.state),
        "plan": _plan_diagnostics(coordinator, data.plan) if data.plan else None,
    }


def _option_diagnostics(key: str, value: Any) -> Any:
    """Return an option, or of what may name something only how much of it there is."""
    if key in _TOLD or isinstance(value, bool | int | float):
        return value
    return len(value) if key == CONF_LIBRARIES else value is not None


def _server_diagnostics(
    coordinator: OxiCleanarrCoordinator, server: str, connection: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how a server is reached, and whether it is; not where."""
    url = URL(connection[CONF_URL])
    return {
        "scheme": url.scheme,
        "path": url.path not in ("", "/"),
        "timeout": connection[CONF_TIMEOUT],
        "verify_ssl": connection[CONF_VERIFY_SSL],
        "up": coordinator.keeper.health[server].up,
    }


def _ledger_diagnostics(state: LedgerState) -> dict[str, Any]:
    """Return how far the servers have been read; cursors hold ids and stay out."""
    return {
        "synced_at": state.synced_at,
        "fully_synced_at": state.fully_synced_at,
        "history_complete": state.history_complete,
        "history_scanning": state.history_scanning,
        "history_newest": state.history_newest,
        "history_read_at": state.history_read_at,
        "history_rows": state.history_rows,
    }


def _plan_diagnostics(
    coordinator: OxiCleanarrCoordinator, plan: Plan
) -> dict[str, Any]:
    """Return how much stands in the plan, and for what kinds of reason."""
    statistics = plan.statistics
    return {
        "evaluated_at": plan.evaluated_at,
        "movies": statistics.movies,
        "series": statistics.series,
        "episodes": statistics.episodes,
        "watched_movies": statistics.watched_movies,
        "watched_series": statistics.watched_series,
        "watched_episodes": statistics.watched_episodes,
        "watched_by_user": sorted(statistics.watched_by_user.values(), reverse=True),
        "pending": len(plan.entries),
        "pending_kinds": _count(entry.kind for entry in plan.entries),
        "pending_rule_types": _count(entry.rule_type for entry in plan.entries),
        "leaving_soon": len(coordinator.leaving_soon),
        "due": len(coordinator.keeper.due),
        "awaiting_approval": len(coordinator.awaiting_approval),
        "unknown_sizes": sum(entry.size_bytes is None for entry in plan.entries),
        "reclaimable_bytes": plan.reclaimable_bytes,
        "next_deletion": plan.next_due_at(dt_util.utcnow()),
        "kept": len(plan.kept),
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value occurs, by name."""
    return dict(sorted(Counter(map(str, values)).items()))
