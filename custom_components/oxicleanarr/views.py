"""What others poll over HTTP, with a token of Home Assistant: health, leaving soon."""

from http import HTTPStatus
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util import dt as dt_util

from .const import CONF_RADARR, CONF_SEERR, CONF_SONARR, DOMAIN
from .coordinator import OxiCleanarrCoordinator, loaded_coordinators
from .model import MediaItem, MediaKind
from .posters import PosterView, async_poster_items


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the views; Home Assistant cannot take a view back."""
    for view in (HealthView(), LeavingSoonView(), PosterView()):
        hass.http.register_view(view)


class HealthView(HomeAssistantView):
    """Whether the servers of all households answer."""

    url = f"/api/{DOMAIN}/health"
    name = f"api:{DOMAIN}:health"

    @callback
    def get(self, request: web.Request) -> web.Response:
        """Return a state for each kind of server: that of the worst."""
        hass = request.app[KEY_HASS]
        coordinators = loaded_coordinators(hass)
        services: dict[str, str] = {}
        for coordinator in coordinators:
            kinds = _kinds(coordinator)
            for server, health in coordinator.keeper.health.items():
                state = {True: "up", False: "down", None: "unknown"}[health.up]
                kind = kinds.get(server, server)
                services[kind] = max(services.get(kind, "up"), state, key=_worse)
        entries = hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
        well = (
            bool(entries)
            and len(entries) == len(coordinators)
            and set(services.values()) == {"up"}
        )
        return self.json(
            {
                "status": "healthy" if well else "unhealthy",
                "timestamp": dt_util.utcnow(),
                "services": services,
            }
        )


def _kinds(coordinator: OxiCleanarrCoordinator) -> dict[str, str]:
    """Return what kind of server each connection is, by its name in the health."""
    connections = coordinator.keeper.servers.connections
    return {
        connection.connection_id: kind
        for kind, ones in (
            (CONF_RADARR, connections.radarr),
            (CONF_SONARR, connections.sonarr),
            (CONF_SEERR, connections.seerr),
        )
        for connection in ones
    }


def _worse(state: str) -> int:
    """Return how bad a state is."""
    return ("up", "unknown", "down").index(state)


class LeavingSoonView(HomeAssistantView):
    """What leaves soon, as Jellyfin's plugin "Leaving Soon" polls it."""

    url = f"/api/{DOMAIN}/leaving_soon"
    name = f"api:{DOMAIN}:leaving_soon"

    async def get(self, request: web.Request) -> web.Response:
        """Return movies and series; an error where nothing is known to leave or stay.

        With several Jellyfin servers the query has to name a ``config_entry_id``.
        """
        coordinators = loaded_coordinators(
            request.app[KEY_HASS], request.query.get("config_entry_id")
        )
        if len(coordinators) > 1:
            return self.json_message(
                "There are several OxiCleanarr entries: name a config_entry_id",
                HTTPStatus.BAD_REQUEST,
            )
        # An empty list would take everything out of the plugin's library.
        if not coordinators or coordinators[0].data.plan is None:
            return self.json_message(
                "No sync has been completed yet", HTTPStatus.SERVICE_UNAVAILABLE
            )
        try:
            items = await _async_leaving_soon(coordinators[0])
        except HomeAssistantError:
            return self.json_message(
                "The database can't be read", HTTPStatus.SERVICE_UNAVAILABLE
            )
        return self.json({"version": 1, "items": items})


async def _async_leaving_soon(
    coordinator: OxiCleanarrCoordinator,
) -> list[dict[str, Any]]:
    """Return the movies and series of which anything leaves soon, the first first.

    Raises HomeAssistantError.
    """
    now = dt_util.utcnow()
    entries = coordinator.leaving_soon
    wholes = await async_poster_items(coordinator, [one.item_id for one in entries])
    found: dict[str, dict[str, Any]] = {}
    for entry in sorted(entries, key=lambda one: one.due_at):
        if (whole := wholes.get(entry.item_id)) is not None:
            found.setdefault(
                whole.item_id, _provided(whole, max(entry.due_at, now).isoformat())
            )
    return list(found.values())


def _provided(item: MediaItem, deletion_date: str) -> dict[str, Any]:
    """Return a movie or series in the words of the plugin."""
    return {
        "mediaServerId": item.item_id,
        "type": "movie" if item.kind is MediaKind.MOVIE else "show",
        "title": item.title,
        "deletionDate": deletion_date,
        "sourcePath": item.path,
    }
