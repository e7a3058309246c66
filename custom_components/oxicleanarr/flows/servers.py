"""The forms for the config entry's own servers, Jellyfin and Jellystat.

They also ask for a new key for the other servers: in Home Assistant only a config
entry can ask for one, not its subentries.
"""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    UnknownSubEntry,
)
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant, callback
import probatio

from ..connections import connect
from ..const import CONF_JELLYFIN, CONF_JELLYSTAT, CONF_KIND, SUBENTRY_SERVER
from ..model import ServerInfo
from ..servers import Jellyfin, Jellystat, ServerError
from .arrs import check_connection
from .connection import (
    CONNECTION_SCHEMA,
    OPTIONAL_CONNECTION_SCHEMA,
    REAUTH_SCHEMA,
    SERVER_NAMES,
    Fault,
    fault_of,
    filled_in,
    other_server,
    read_connection,
)
from .fields import BASE


async def _check_jellyfin(
    hass: HomeAssistant, connection: dict[str, Any]
) -> ServerInfo:
    """Return who answers and accepts the key. Raises Fault."""
    jellyfin = connect(Jellyfin, hass, connection)
    keyed = False
    try:
        # Only Jellyfin may see the key, so it has to identify itself first.
        await jellyfin.public_info()
        keyed = True
        return await jellyfin.info()
    except ServerError as err:
        fault = await fault_of(hass, CONF_JELLYFIN, connection, err, keyed=keyed)
        raise fault from err


async def _check_jellystat(hass: HomeAssistant, connection: dict[str, Any]) -> None:
    """See that Jellystat answers and accepts the key. Raises Fault."""
    jellystat = connect(Jellystat, hass, connection)
    keyed = False
    try:
        if await jellystat.version() is None:
            # It has not identified itself, and nobody else may see the key.
            fault = await other_server(hass, CONF_JELLYSTAT, connection)
            if fault is not None:
                raise fault
        keyed = True
        await jellystat.check()
    except ServerError as err:
        fault = await fault_of(hass, CONF_JELLYSTAT, connection, err, keyed=keyed)
        raise fault from err


class ServersFlow(ConfigFlow):
    """Connects Jellyfin and Jellystat, and takes new keys for all servers."""

    _jellyfin: dict[str, Any]
    _title: str
    _connection_id: str

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect Jellyfin."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = read_connection(user_input)
                info = await _check_jellyfin(self.hass, connection)
            except Fault as fault:
                errors[fault.field] = fault.error
                placeholders = fault.placeholders
            else:
                # A flow that somebody left open in another window is no obstacle.
                await self.async_set_unique_id(info.server_id, raise_on_progress=False)
                self._abort_if_unique_id_configured()
                self._jellyfin = connection
                self._title = info.name
                return await self.async_step_jellystat()
        return self._show(
            "user",
            CONF_JELLYFIN,
            CONNECTION_SCHEMA,
            user_input,
            errors,
            placeholders,
            last=False,
        )

    async def async_step_jellystat(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect Jellystat, or go on without it."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            connection = None
            if user_input.get(CONF_URL, "").strip():
                try:
                    connection = read_connection(user_input)
                    await _check_jellystat(self.hass, connection)
                except Fault as fault:
                    errors[fault.field] = fault.error
                    placeholders = fault.placeholders
            elif user_input.get(CONF_API_KEY, "").strip():
                errors[CONF_URL] = "url_missing"
            if not errors:
                return self.async_create_entry(
                    title=self._title,
                    data={CONF_JELLYFIN: self._jellyfin, CONF_JELLYSTAT: connection},
                )
        return self._show(
            "jellystat",
            CONF_JELLYSTAT,
            OPTIONAL_CONNECTION_SCHEMA,
            user_input,
            errors,
            placeholders,
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for the key of the server that refused it."""
        server = entry_data.get("server")
        if server is None:
            server = await self._async_refusing_server(entry_data)
        if server == CONF_JELLYSTAT:
            return await self.async_step_reauth_jellystat()
        if server == CONF_JELLYFIN:
            return await self.async_step_reauth_jellyfin()
        self._connection_id = server
        return await self.async_step_reauth_connection()

    async def async_step_reauth_jellyfin(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take a new key for Jellyfin."""
        return await self._async_reauth(CONF_JELLYFIN, user_input)

    async def async_step_reauth_jellystat(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take a new key for Jellystat."""
        return await self._async_reauth(CONF_JELLYSTAT, user_input)

    async def async_step_reauth_connection(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take a new key for a Radarr, Sonarr or Seerr."""
        entry = self._get_reauth_entry()
        subentry = entry.subentries.get(self._connection_id)
        if subentry is None or subentry.subentry_type != SUBENTRY_SERVER:
            return self.async_abort(reason="connection_is_gone")
        kind = subentry.data[CONF_KIND]
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            connection = subentry.data | {
                CONF_API_KEY: user_input[CONF_API_KEY].strip()
            }
            try:
                await check_connection(self.hass, kind, connection)
            except Fault as fault:
                errors[fault.field if fault.field in user_input else BASE] = fault.error
                placeholders = fault.placeholders
            else:
                return self._store_key(entry, subentry, connection)
        return self.async_show_form(
            step_id="reauth_connection",
            data_schema=self.add_suggested_values_to_schema(REAUTH_SCHEMA, user_input),
            errors=errors,
            description_placeholders={
                "server": SERVER_NAMES[kind],
                "name": subentry.title,
                "url": subentry.data[CONF_URL],
                **placeholders,
            },
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which connection is to be changed."""
        options = ["reconfigure_jellyfin", "reconfigure_jellystat"]
        if self._get_reconfigure_entry().data.get(CONF_JELLYSTAT):
            options.append("remove_jellystat")
        return self.async_show_menu(step_id="reconfigure", menu_options=options)

    async def async_step_reconfigure_jellyfin(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the connection to Jellyfin."""
        return await self._async_reconfigure(CONF_JELLYFIN, user_input)

    async def async_step_reconfigure_jellystat(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect Jellystat, or change the connection to it."""
        return await self._async_reconfigure(CONF_JELLYSTAT, user_input)

    async def async_step_remove_jellystat(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on without Jellystat, once that is confirmed."""
        if user_input is not None:
            return self._store(self._get_reconfigure_entry(), CONF_JELLYSTAT, None)
        return self.async_show_form(step_id="remove_jellystat")

    async def _async_reauth(
        self, server: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Try a new key at the address that is known."""
        entry = self._get_reauth_entry()
        stored = entry.data[server]
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = read_connection(stored | user_input)
                await self._async_check(server, connection)
            except Fault as fault:
                # The other fields are not on this form.
                on_form = fault.field in user_input
                errors[fault.field if on_form else BASE] = fault.error
                placeholders = fault.placeholders
            else:
                return self._store(entry, server, connection)
        return self._show(
            f"reauth_{server}",
            server,
            REAUTH_SCHEMA,
            user_input,
            errors,
            placeholders,
            url=stored[CONF_URL],
        )

    async def _async_reconfigure(
        self, server: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Try a changed connection."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = read_connection(user_input)
                await self._async_check(server, connection)
            except Fault as fault:
                errors[fault.field] = fault.error
                placeholders = fault.placeholders
            else:
                return self._store(entry, server, connection)
        return self._show(
            f"reconfigure_{server}",
            server,
            CONNECTION_SCHEMA,
            user_input or entry.data.get(server),
            errors,
            placeholders,
        )

    async def _async_check(self, server: str, connection: dict[str, Any]) -> None:
        """Ask a server; Jellyfin has to be the one it was. Raises Fault."""
        if server == CONF_JELLYSTAT:
            await _check_jellystat(self.hass, connection)
            return
        info = await _check_jellyfin(self.hass, connection)
        await self.async_set_unique_id(info.server_id)
        self._abort_if_unique_id_mismatch()

    async def _async_refusing_server(self, data: Mapping[str, Any]) -> str:
        """Return which server does not accept its key, Jellyfin if none says so."""
        for server, check in (
            (CONF_JELLYFIN, _check_jellyfin),
            (CONF_JELLYSTAT, _check_jellystat),
        ):
            if connection := data.get(server):
                try:
                    await check(self.hass, connection)
                except Fault as fault:
                    if fault.field == CONF_API_KEY:
                        return server
        return CONF_JELLYFIN

    @callback
    def _store(
        self, entry: ConfigEntry, server: str, connection: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Store a connection and reload the entry."""
        changed = entry.data.get(server) != connection
        result = self.async_update_and_abort(entry, data_updates={server: connection})
        # The listener reloads it, unless there is none because the setup failed, or
        # nothing has changed because the server accepts the old key again.
        if not changed or not entry.update_listeners:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    @callback
    def _store_key(
        self,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        connection: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Store the connection of a subentry and reload the entry."""
        try:
            changed = self.hass.config_entries.async_update_subentry(
                entry, subentry, data=connection
            )
        except UnknownSubEntry:
            return self.async_abort(reason="connection_is_gone")
        if not changed or not entry.update_listeners:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry)

    @callback
    def _show(
        self,
        step_id: str,
        server: str,
        schema: probatio.Schema,
        values: Mapping[str, Any] | None,
        errors: dict[str, str],
        placeholders: Mapping[str, str],
        *,
        last: bool = True,
        url: str = "",
    ) -> ConfigFlowResult:
        """Show a form for a server with what was typed or is stored."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={**filled_in(server), "url": url, **placeholders},
            last_step=last,
        )
