"""The forms that make a config entry, and those for its own servers.

These are Jellyfin and Jellystat. They also ask for a new key for the other servers: in Home Assistant only a config
entry can ask for one, not its subentries.
"""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    FlowType,
    SubentryFlowContext,
    UnknownSubEntry,
)
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant, callback
import probatio

from ..connections import connect
from ..const import (
    CONF_JELLYFIN,
    CONF_JELLYSTAT,
    CONF_KIND,
    CONF_MOVIE_RETENTION,
    CONF_TV_RETENTION,
    SUBENTRY_RULE,
    SUBENTRY_SERVER,
)
from ..language import async_words
from ..model import ServerInfo
from ..servers import Jellyfin, Jellystat, ServerError
from ..sync import managed_libraries
from .arrs import check_connection
from .connection import (
    CONNECTION_SCHEMA,
    OPTIONAL_CONNECTION_SCHEMA,
    REAUTH_SCHEMA,
    SERVER_NAMES,
    Fault,
    fault_of,
    filled_in,
    known_server,
    other_server,
    read_connection,
)
from .fields import BASE
from .standard import read_standard, standard_fields
from .wording import found_text

RETENTION_SCHEMA: Final = probatio.Schema(standard_fields())

_CORE_DOMAIN: Final = "jellyfin"
"""The integration of Home Assistant itself that plays what Jellyfin has."""


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

    _title: str
    _data: dict[str, Any]
    """The entry's data as it will be: the connections."""
    _options: dict[str, Any]
    _found: str | None = None
    """What Jellyfin has, as a text."""
    _next: str | None = None
    """What type of subentry to add as soon as the entry is there."""
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
                self._data = {CONF_JELLYFIN: connection}
                self._title = info.name
                return await self.async_step_jellystat()
        return self._show(
            "user",
            CONF_JELLYFIN,
            CONNECTION_SCHEMA,
            self._suggestion() if user_input is None else user_input,
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
                self._data[CONF_JELLYSTAT] = connection
                return await self.async_step_retention()
        return self._show(
            "jellystat",
            CONF_JELLYSTAT,
            OPTIONAL_CONNECTION_SCHEMA,
            user_input,
            errors,
            placeholders,
            last=False,
        )

    async def async_step_retention(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how long titles stay, and show what Jellyfin has."""
        errors: dict[str, str] = {}
        if user_input is not None:
            options = dict(user_input)
            for key in (CONF_MOVIE_RETENTION, CONF_TV_RETENTION):
                read_standard(options, key, errors)
            if not errors:
                self._options = options
                return await self.async_step_next()
        if self._found is None:
            self._found = await self._async_found()
        return self.async_show_form(
            step_id="retention",
            data_schema=self.add_suggested_values_to_schema(
                RETENTION_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders={"found": self._found},
            last_step=False,
        )

    async def async_step_next(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to add as soon as the entry is there."""
        return self.async_show_menu(
            step_id="next", menu_options=["add_server", "add_rule", "finish"]
        )

    async def async_step_add_server(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make the entry, and go on to Radarr, Sonarr and Seerr."""
        self._next = SUBENTRY_SERVER
        return await self.async_step_finish()

    async def async_step_add_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make the entry, and go on to a rule."""
        self._next = SUBENTRY_RULE
        return await self.async_step_finish()

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make the entry."""
        return self.async_create_entry(
            title=self._title, data=self._data, options=self._options
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Open the form that was chosen to follow."""
        if self._next is not None:
            flow = await self.hass.config_entries.subentries.async_init(
                (result["result"].entry_id, self._next),
                context=SubentryFlowContext(source=SOURCE_USER),
            )
            result["next_flow"] = FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"]
        return result

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

    def _suggestion(self) -> dict[str, Any]:
        """Return the first Jellyfin that Home Assistant knows and we do not."""
        ours = {
            entry.data[CONF_JELLYFIN][CONF_URL]
            for entry in self._async_current_entries(include_ignore=False)
        }
        for entry in self.hass.config_entries.async_entries(
            _CORE_DOMAIN, include_ignore=False
        ):
            known = known_server(entry.data)
            if known and known[CONF_URL] not in ours:
                # It has a user's password there; here it needs a key.
                return {CONF_URL: known[CONF_URL]}
        return {}

    async def _async_found(self) -> str:
        """Return what Jellyfin has as a text, an empty one if it does not say."""
        jellyfin = connect(Jellyfin, self.hass, self._data[CONF_JELLYFIN])
        counts = {"Movie": 0, "Series": 0}
        try:
            users = [one for one in await jellyfin.users() if not one.disabled]
            for library in managed_libraries(await jellyfin.libraries(), None):
                for kind in counts:
                    counts[kind] += await jellyfin.count(library, kind)
        except ServerError:
            return ""
        return found_text(
            counts["Movie"], counts["Series"], len(users), async_words(self.hass)
        )

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
