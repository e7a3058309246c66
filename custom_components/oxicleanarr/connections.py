"""The servers that a config entry names, as clients."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_API_KEY, CONF_TIMEOUT, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import (
    CONF_JELLYFIN,
    CONF_JELLYSTAT,
    CONF_KIND,
    CONF_PATH_MAP,
    CONF_RADARR,
    CONF_SEERR,
    CONF_SONARR,
    DEFAULT_TIMEOUT,
    SUBENTRY_SERVER,
)
from .servers import Connection, Connections, Jellyfin, Jellystat, Radarr, Seerr, Sonarr

SERVER_KINDS: Final = (CONF_RADARR, CONF_SONARR, CONF_SEERR)
"""The kinds of servers that a config subentry can be the connection to."""


def connect[Client: (Jellyfin, Jellystat, Radarr, Sonarr, Seerr)](
    client: type[Client], hass: HomeAssistant, data: Mapping[str, Any]
) -> Client:
    """Return the client for connection settings as a config entry holds them."""
    return client(
        async_get_clientsession(hass, verify_ssl=data.get(CONF_VERIFY_SSL, True)),
        data[CONF_URL],
        data[CONF_API_KEY],
        timeout=data.get(CONF_TIMEOUT, DEFAULT_TIMEOUT),
    )


def connect_all(hass: HomeAssistant, entry: ConfigEntry) -> Connections:
    """Return the connections that are subentries of a config entry, as created."""
    return Connections(
        radarr=_connections(Radarr, CONF_RADARR, hass, entry),
        sonarr=_connections(Sonarr, CONF_SONARR, hass, entry),
        seerr=_connections(Seerr, CONF_SEERR, hass, entry),
    )


def stored_servers(entry: ConfigEntry, kind: str) -> list[ConfigSubentry]:
    """Return the subentries of a config entry that connect servers of a kind."""
    return [
        subentry
        for subentry in entry.get_subentries_of_type(SUBENTRY_SERVER)
        if subentry.data[CONF_KIND] == kind
    ]


def stored_connections(entry: ConfigEntry) -> dict[str, object]:
    """Return all that a config entry says about servers, to see whether it changes."""
    return {
        CONF_JELLYFIN: entry.data[CONF_JELLYFIN],
        CONF_JELLYSTAT: entry.data.get(CONF_JELLYSTAT),
    } | {
        subentry.subentry_id: (subentry.title, dict(subentry.data))
        for subentry in entry.get_subentries_of_type(SUBENTRY_SERVER)
    }


def _connections[Client: (Radarr, Sonarr, Seerr)](
    client: type[Client], kind: str, hass: HomeAssistant, entry: ConfigEntry
) -> tuple[Connection[Client], ...]:
    """Return the connections to servers of one kind."""
    return tuple(
        Connection(
            connection_id=subentry.subentry_id,
            name=subentry.title,
            client=connect(client, hass, subentry.data),
            path_map=tuple(
                (theirs, jellyfins)
                for theirs, jellyfins in subentry.data.get(CONF_PATH_MAP, ())
            ),
        )
        for subentry in stored_servers(entry, kind)
    )
