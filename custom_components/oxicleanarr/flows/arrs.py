"""The forms for Radarr, Sonarr and Seerr: one config subentry for each server."""

from collections.abc import Mapping, Sequence
import re
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
    UnknownSubEntry,
)
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant

from ..connections import SERVER_KINDS, connect
from ..const import (
    CONF_KIND,
    CONF_PATH_MAP,
    CONF_RADARR,
    CONF_SEERR,
    CONF_SONARR,
    SUBENTRY_SERVER,
)
from ..model import AppInfo
from ..servers import Radarr, Seerr, ServerError, Sonarr
from . import fields
from .connection import (
    CONNECTION_SCHEMA,
    Fault,
    fault_of,
    filled_in,
    known_server,
    read_connection,
)

_EXAMPLE_MAPS: Final = {
    CONF_RADARR: "/movies=/media/movies",
    CONF_SONARR: "/tv=/media/tv",
    CONF_SEERR: "",
}
_CORE_DOMAINS: Final = {
    CONF_RADARR: "radarr",
    CONF_SONARR: "sonarr",
    CONF_SEERR: "overseerr",
}
"""The integrations of Home Assistant itself that know such a server already."""

_WITH_PATHS: Final = CONNECTION_SCHEMA.extend(fields.texts(CONF_PATH_MAP))
SCHEMAS: Final = {
    CONF_RADARR: _WITH_PATHS,
    CONF_SONARR: _WITH_PATHS,
    CONF_SEERR: CONNECTION_SCHEMA,
}

# A path may contain the sign too, but then no path begins behind it.
_EQUALS: Final = re.compile(r"=(?=\s*(?:/|\\\\|[A-Za-z]:[/\\]))")
_ABSOLUTE: Final = re.compile(r"/|\\\\|[A-Za-z]:[/\\]")


async def check_connection(
    hass: HomeAssistant, server: str, connection: Mapping[str, Any]
) -> AppInfo:
    """Return who answers and accepts the key. Raises Fault.

    ``server`` is the kind of the server.
    """
    try:
        match server:
            case "radarr":
                return await connect(Radarr, hass, connection).check()
            case "sonarr":
                return await connect(Sonarr, hass, connection).check()
            case _:
                return await connect(Seerr, hass, connection).check()
    except ServerError as err:
        raise await fault_of(hass, server, connection, err) from err


class ServerFlow(ConfigSubentryFlow):
    """Connects a Radarr, Sonarr or Seerr, or changes the connection to it."""

    _kind: str

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what kind of server to connect."""
        return self.async_show_menu(step_id="user", menu_options=list(SERVER_KINDS))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the connection to a server."""
        try:
            self._kind = self._get_reconfigure_subentry().data[CONF_KIND]
        except UnknownSubEntry:
            return self.async_abort(reason="connection_is_gone")
        return await self._async_ask(None)

    async def async_step_radarr(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Connect a Radarr."""
        self._kind = CONF_RADARR
        return await self._async_ask(user_input)

    async def async_step_sonarr(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Connect a Sonarr."""
        self._kind = CONF_SONARR
        return await self._async_ask(user_input)

    async def async_step_seerr(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Connect a Seerr."""
        self._kind = CONF_SEERR
        return await self._async_ask(user_input)

    async def _async_ask(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        """Ask for everything a connection needs, and try it."""
        try:
            stored = self._stored()
        except UnknownSubEntry:
            return self.async_abort(reason="connection_is_gone")
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = self._read(user_input, stored)
                info = await check_connection(self.hass, self._kind, connection)
            except Fault as fault:
                errors[fault.field] = fault.error
                placeholders = fault.placeholders
            else:
                return self._store(connection, info)
        values = user_input
        if values is None:
            values = self._suggestion() if stored is None else _form_values(stored.data)
        return self.async_show_form(
            step_id=self._kind,
            data_schema=self.add_suggested_values_to_schema(
                SCHEMAS[self._kind], values
            ),
            errors=errors,
            description_placeholders={
                **filled_in(self._kind),
                "example_map": _EXAMPLE_MAPS[self._kind],
                **placeholders,
            },
        )

    def _stored(self) -> ConfigSubentry | None:
        """Return what is being changed, if it is not new. Raises UnknownSubEntry."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._get_reconfigure_subentry()

    def _read(
        self, user_input: Mapping[str, Any], stored: ConfigSubentry | None
    ) -> dict[str, Any]:
        """Return what was typed as the subentry holds it. Raises Fault."""
        connection = {CONF_KIND: self._kind, **read_connection(user_input)}
        if (name := self._connected_as(connection[CONF_URL], stored)) is not None:
            raise Fault(CONF_URL, "is_connected", name=name)
        if self._kind != CONF_SEERR:
            connection[CONF_PATH_MAP] = _path_map(user_input.get(CONF_PATH_MAP, []))
        return connection

    def _store(self, connection: dict[str, Any], info: AppInfo) -> SubentryFlowResult:
        """Store a connection that works; the entry's listener reloads the entry."""
        entry = self._get_entry()
        try:
            stored = self._stored()
        except UnknownSubEntry:
            return self.async_abort(reason="connection_is_gone")
        # The servers were waited for, and there may be two of these forms.
        if (name := self._connected_as(connection[CONF_URL], stored)) is not None:
            return self.async_abort(
                reason="already_configured", description_placeholders={"name": name}
            )
        if stored is None:
            return self.async_create_entry(
                title=self._free_title(info.name),
                data=connection,
                unique_id=connection[CONF_URL],
            )
        return self.async_update_and_abort(
            entry, stored, data=connection, unique_id=connection[CONF_URL]
        )

    def _connected(self) -> list[ConfigSubentry]:
        """Return all connections of the config entry."""
        return self._get_entry().get_subentries_of_type(SUBENTRY_SERVER)

    def _connected_as(
        self, url: str, stored: ConfigSubentry | None = None
    ) -> str | None:
        """Return the name of another connection than the stored one with this address."""
        names = (
            subentry.title
            for subentry in self._connected()
            if subentry.unique_id == url
            and (stored is None or subentry.subentry_id != stored.subentry_id)
        )
        return next(names, None)

    def _free_title(self, name: str) -> str:
        """Return a name that no other connection has."""
        taken = {subentry.title.casefold() for subentry in self._connected()}
        title, number = name, 1
        while title.casefold() in taken:
            number += 1
            title = f"{name} {number}"
        return title

    def _suggestion(self) -> dict[str, Any]:
        """Return the first of such servers that Home Assistant knows otherwise."""
        for entry in self.hass.config_entries.async_entries(
            _CORE_DOMAINS[self._kind], include_ignore=False
        ):
            known = known_server(entry.data)
            if known and self._connected_as(known[CONF_URL]) is None:
                return known
        return {}


def _path_map(lines: Sequence[str]) -> list[list[str]]:
    """Return pairs of prefixes, theirs and Jellyfin's. Raises Fault."""
    pairs: list[list[str]] = []
    seen: set[str] = set()
    for line in lines:
        if not line.strip():
            continue
        parts = [part.strip() for part in _EQUALS.split(line)]
        theirs = parts[0].rstrip("/\\")
        if len(parts) != 2 or not _ABSOLUTE.match(parts[0]) or theirs in seen:
            raise Fault(CONF_PATH_MAP, CONF_PATH_MAP, line=line.strip())
        seen.add(theirs)
        pairs.append(parts)
    return pairs


def _form_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored connection in the shape of the form."""
    pairs = data.get(CONF_PATH_MAP, ())
    return dict(data) | {CONF_PATH_MAP: ["=".join(pair) for pair in pairs]}
