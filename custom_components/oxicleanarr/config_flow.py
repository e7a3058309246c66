"""Config flow: connect the servers, mend the connections, choose what is kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    UnknownSubEntry,
)
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
import probatio

from .connection_flow import CONNECTION_FLOWS, SERVER_NAMES, check_connection
from .connection_form import (
    BASE,
    CONNECTION_SCHEMA,
    OPTIONAL_CONNECTION_SCHEMA,
    REAUTH_SCHEMA,
    Fault,
    read_connection,
)
from .connections import CONNECTION_SUBENTRIES, connect
from .const import (
    CONF_DISK_ENTITY,
    CONF_DISK_TARGET,
    CONF_DISK_THRESHOLD,
    CONF_FAVORITES_KEEP,
    CONF_FULL_SYNC_INTERVAL,
    CONF_GRACE_DAYS,
    CONF_IMPORT_EXCLUSION,
    CONF_JELLYFIN,
    CONF_JELLYSTAT,
    CONF_LEAVING_SOON_DAYS,
    CONF_LIBRARIES,
    CONF_MAX_GIGABYTES,
    CONF_MAX_ITEMS,
    CONF_MOVIE_RETENTION,
    CONF_ONLY_WHILE,
    CONF_POLL_INTERVAL,
    CONF_RETENTION_BASE,
    CONF_SEERR_CLEANUP,
    CONF_TV_RETENTION,
    CONF_UNWATCHED_BEHAVIOR,
    CONF_UNWATCHED_RETENTION,
    CONF_WINDOW_END,
    CONF_WINDOW_START,
    DOMAIN,
)
from .import_flow import ImportRulesFlow
from .model import Library, ServerInfo
from .retention import (
    NEVER,
    RetentionBase,
    RuleErrors,
    StandardRules,
    UnwatchedBehavior,
    standard_from_mapping,
)
from .rule_flow import RULE_FLOWS
from .servers import (
    AuthenticationFailed,
    BadAnswer,
    Jellyfin,
    Jellystat,
    NotFound,
    PermissionDenied,
    ServerError,
)
from .settings import (
    DEFAULT_FULL_SYNC_HOURS,
    DEFAULT_GRACE_DAYS,
    DEFAULT_LEAVING_SOON_DAYS,
    DEFAULT_MAX_ITEMS,
    DEFAULT_POLL_MINUTES,
)
from .sync import managed_libraries

_NAMES: Final = {CONF_JELLYFIN: "Jellyfin", CONF_JELLYSTAT: "Jellystat"}
_EXAMPLES: Final = {
    CONF_JELLYFIN: "http://192.168.1.10:8096",
    CONF_JELLYSTAT: "http://192.168.1.10:3000",
}
_SAFETY: Final = "safety"
_INTERVALS: Final = "intervals"
_AUTOMATIC: Final = "automatic"
_SECTIONS: Final = (_SAFETY, _AUTOMATIC, _INTERVALS)
_DISK: Final = (CONF_DISK_ENTITY, CONF_DISK_THRESHOLD, CONF_DISK_TARGET)
_DURATION_FAULTS: Final = {
    CONF_MOVIE_RETENTION: "invalid_duration",
    CONF_TV_RETENTION: "invalid_duration",
    CONF_UNWATCHED_RETENTION: "invalid_duration_above_zero",
}


def _number(
    low: float, high: float, unit: str | None = None, step: float = 1
) -> NumberSelector:
    """Return a box for a number."""
    config = NumberSelectorConfig(
        min=low, max=high, step=step, mode=NumberSelectorMode.BOX
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _choice(translation_key: str, options: Sequence[str]) -> SelectSelector:
    """Return a selection of values whose names are translated."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
        )
    )


async def _check_jellyfin(
    hass: HomeAssistant, connection: dict[str, Any]
) -> ServerInfo:
    """Return who answers and accepts the key. Raises Fault."""
    jellyfin = connect(Jellyfin, hass, connection)
    try:
        # Nobody but Jellyfin shall see the key, so it has to show itself first.
        await jellyfin.public_info()
    except (AuthenticationFailed, PermissionDenied) as err:
        raise Fault(CONF_URL, "login_required") from err
    except (BadAnswer, NotFound) as err:
        if await _is_jellystat(hass, connection):
            raise Fault(CONF_URL, "is_jellystat") from err
        raise Fault.of(err) from err
    except ServerError as err:
        raise Fault.of(err) from err
    try:
        return await jellyfin.info()
    except ServerError as err:
        raise Fault.of(err) from err


async def _check_jellystat(hass: HomeAssistant, connection: dict[str, Any]) -> None:
    """See that Jellystat answers and accepts the key. Raises Fault."""
    jellystat = connect(Jellystat, hass, connection)
    try:
        known = await jellystat.version() is not None
    except (AuthenticationFailed, PermissionDenied) as err:
        raise Fault(CONF_URL, "login_required") from err
    except BadAnswer as err:
        if await _is_jellyfin(hass, connection):
            raise Fault(CONF_URL, "is_jellyfin") from err
        raise Fault.of(err) from err
    except ServerError as err:
        raise Fault.of(err) from err
    if not known and await _is_jellyfin(hass, connection):
        raise Fault(CONF_URL, "is_jellyfin")
    try:
        await jellystat.check()
    except ServerError as err:
        raise Fault.of(err) from err


async def _is_jellyfin(hass: HomeAssistant, connection: dict[str, Any]) -> bool:
    """Return whether Jellyfin answers at an address; no key is sent."""
    try:
        await connect(Jellyfin, hass, connection).public_info()
    except ServerError:
        return False
    return True


async def _is_jellystat(hass: HomeAssistant, connection: dict[str, Any]) -> bool:
    """Return whether Jellystat answers at an address; no key is sent."""
    try:
        return await connect(Jellystat, hass, connection).version() is not None
    except ServerError as err:
        return err.reason == "not_ready"


class OxiCleanarrConfigFlow(ConfigFlow, domain=DOMAIN):
    """Connects Jellyfin, and Jellystat if there is one."""

    VERSION = 1
    MINOR_VERSION = 1

    _jellyfin: dict[str, Any]
    _title: str
    _connection_id: str

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OxiCleanarrOptionsFlow:
        """Return the flow for the options."""
        return OxiCleanarrOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flows for the rules, and for Radarr, Sonarr and Seerr."""
        return RULE_FLOWS | CONNECTION_FLOWS

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect Jellyfin."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = read_connection(user_input)
                info = await _check_jellyfin(self.hass, connection)
            except Fault as fault:
                errors[fault.field] = fault.error
            else:
                # A flow that somebody left open in another window is no obstacle.
                await self.async_set_unique_id(info.server_id, raise_on_progress=False)
                self._abort_if_unique_id_configured()
                self._jellyfin = connection
                self._title = info.name
                return await self.async_step_jellystat()
        return self._show(
            "user", CONF_JELLYFIN, CONNECTION_SCHEMA, user_input, errors, last=False
        )

    async def async_step_jellystat(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect Jellystat, or go on without it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            connection = None
            if user_input.get(CONF_URL, "").strip():
                try:
                    connection = read_connection(user_input)
                    await _check_jellystat(self.hass, connection)
                except Fault as fault:
                    errors[fault.field] = fault.error
            elif user_input.get(CONF_API_KEY, "").strip():
                errors[CONF_URL] = "url_missing"
            if not errors:
                return self.async_create_entry(
                    title=self._title,
                    data={CONF_JELLYFIN: self._jellyfin, CONF_JELLYSTAT: connection},
                )
        return self._show(
            "jellystat", CONF_JELLYSTAT, OPTIONAL_CONNECTION_SCHEMA, user_input, errors
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
        if subentry is None or subentry.subentry_type not in CONNECTION_SUBENTRIES:
            return self.async_abort(reason="connection_is_gone")
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            connection = subentry.data | {
                CONF_API_KEY: user_input[CONF_API_KEY].strip()
            }
            try:
                await check_connection(self.hass, subentry.subentry_type, connection)
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
                "server": SERVER_NAMES[subentry.subentry_type],
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
        if user_input is not None:
            try:
                connection = read_connection(stored | user_input)
                await self._async_check(server, connection)
            except Fault as fault:
                # The other fields are not on this form.
                on_form = fault.field in user_input
                errors[fault.field if on_form else BASE] = fault.error
            else:
                return self._store(entry, server, connection)
        return self._show(
            f"reauth_{server}",
            server,
            REAUTH_SCHEMA,
            user_input,
            errors,
            url=stored[CONF_URL],
        )

    async def _async_reconfigure(
        self, server: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Try a changed connection."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = read_connection(user_input)
                await self._async_check(server, connection)
            except Fault as fault:
                errors[fault.field] = fault.error
            else:
                return self._store(entry, server, connection)
        return self._show(
            f"reconfigure_{server}",
            server,
            CONNECTION_SCHEMA,
            user_input or entry.data.get(server),
            errors,
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
        """Store a connection; the entry starts anew with it."""
        changed = entry.data.get(server) != connection
        result = self.async_update_and_abort(entry, data_updates={server: connection})
        # The listener does it, unless there is none because the set-up failed, or
        # nothing to listen to because the server accepts the old key again.
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
        """Store a connection of a subentry; the entry starts anew with it."""
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
        *,
        last: bool = True,
        url: str = "",
    ) -> ConfigFlowResult:
        """Show a form for a server with what was typed or is stored."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={
                "server": _NAMES[server],
                "example_url": _EXAMPLES[server],
                "http": "http://",
                "https": "https://",
                "url": url,
            },
            last_step=last,
        )


class OxiCleanarrOptionsFlow(ImportRulesFlow):
    """Asks what is managed, what is kept for how long, and within which limits."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the options are to be changed: in a form, or by a text of rules."""
        return self.async_show_menu(
            step_id="init", menu_options=["settings", "import_rules"]
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options but those that have a switch."""
        libraries = await self._async_libraries()
        errors: dict[str, str] = {}
        if user_input is not None:
            options = self._options(user_input, libraries, errors)
            if not errors:
                return self.async_create_entry(data=options)
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                _options_schema(libraries),
                user_input or _form_values(self.config_entry.options, libraries),
            ),
            errors=errors,
            description_placeholders={"never": str(NEVER)},
        )

    async def _async_libraries(self) -> list[Library]:
        """Return the libraries that can be managed; none if they are not known now."""
        known: Sequence[Library] = ()
        if self.config_entry.state is ConfigEntryState.LOADED:
            known = self.config_entry.runtime_data.data.libraries
        if not known:
            jellyfin = connect(
                Jellyfin, self.hass, self.config_entry.data[CONF_JELLYFIN]
            )
            try:
                known = await jellyfin.libraries()
            except ServerError:
                return []
        return managed_libraries(known, None)

    def _options(
        self,
        user_input: Mapping[str, Any],
        libraries: Sequence[Library],
        errors: dict[str, str],
    ) -> dict[str, Any]:
        """Return all options with what was typed; what is wrong goes to ``errors``."""
        typed: dict[str, Any] = {}
        for key, value in user_input.items():
            typed |= value if key in _SECTIONS else {key: value}
        for key, error in _DURATION_FAULTS.items():
            typed[key] = typed.get(key, "").strip()
            if key == CONF_UNWATCHED_RETENTION and not typed[key]:
                del typed[key]
                continue
            try:
                standard_from_mapping({key: typed[key]})
            except RuleErrors:
                errors[key] = error
        # The frontend shows no error on a field inside a section.
        if (CONF_WINDOW_START in typed) != (CONF_WINDOW_END in typed):
            errors[BASE] = "window_incomplete"
        disk = [typed.get(key) for key in _DISK]
        if any(value is not None for value in disk):
            if None in disk:
                errors[BASE] = "disk_incomplete"
            elif typed[CONF_DISK_TARGET] < typed[CONF_DISK_THRESHOLD]:
                errors[BASE] = "disk_target_below_threshold"
        if libraries:
            chosen = typed.pop(CONF_LIBRARIES)
            if not chosen:
                errors[CONF_LIBRARIES] = "no_library"
            elif {one.library_id for one in libraries} != set(chosen):
                typed[CONF_LIBRARIES] = chosen
        asked = _keys(_options_schema(libraries))
        stored = self.config_entry.options.items()
        return {key: value for key, value in stored if key not in asked} | {
            key: int(value) if key in _WHOLE_NUMBERS else value
            for key, value in typed.items()
        }


_WHOLE_NUMBERS: Final = {
    CONF_LEAVING_SOON_DAYS,
    CONF_GRACE_DAYS,
    CONF_MAX_ITEMS,
    CONF_POLL_INTERVAL,
    CONF_FULL_SYNC_INTERVAL,
}


def _options_schema(libraries: Sequence[Library]) -> probatio.Schema:
    """Return the form of the options; without libraries it does not ask for them."""
    usual = StandardRules()
    schema: dict[probatio.Marker, Any] = {}
    if libraries:
        schema[
            probatio.Required(
                CONF_LIBRARIES, default=[one.library_id for one in libraries]
            )
        ] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=one.library_id, label=one.name)
                    for one in libraries
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
    return probatio.Schema(
        schema
        | {
            probatio.Required(
                CONF_MOVIE_RETENTION, default=str(usual.movie_retention)
            ): TextSelector(),
            probatio.Required(
                CONF_TV_RETENTION, default=str(usual.tv_retention)
            ): TextSelector(),
            probatio.Required(
                CONF_RETENTION_BASE, default=usual.retention_base.value
            ): _choice(CONF_RETENTION_BASE, [one.value for one in RetentionBase]),
            probatio.Required(
                CONF_UNWATCHED_BEHAVIOR, default=usual.unwatched_behavior.value
            ): _choice(
                CONF_UNWATCHED_BEHAVIOR, [one.value for one in UnwatchedBehavior]
            ),
            probatio.Optional(CONF_UNWATCHED_RETENTION): TextSelector(),
            probatio.Required(
                CONF_LEAVING_SOON_DAYS, default=DEFAULT_LEAVING_SOON_DAYS
            ): _number(1, 365, "d"),
            probatio.Required(_SAFETY): section(
                probatio.Schema(
                    {
                        probatio.Required(
                            CONF_GRACE_DAYS, default=DEFAULT_GRACE_DAYS
                        ): _number(1, 365, "d"),
                        probatio.Required(
                            CONF_MAX_ITEMS, default=DEFAULT_MAX_ITEMS
                        ): _number(1, 10_000),
                        probatio.Optional(CONF_MAX_GIGABYTES): _number(
                            0.1, 1_000_000, "GB", 0.1
                        ),
                        probatio.Required(
                            CONF_FAVORITES_KEEP, default=True
                        ): BooleanSelector(),
                        probatio.Required(
                            CONF_IMPORT_EXCLUSION, default=True
                        ): BooleanSelector(),
                        probatio.Required(
                            CONF_SEERR_CLEANUP, default=False
                        ): BooleanSelector(),
                    }
                ),
                {"collapsed": True},
            ),
            probatio.Required(_AUTOMATIC): section(
                probatio.Schema(
                    {
                        probatio.Optional(CONF_WINDOW_START): TimeSelector(),
                        probatio.Optional(CONF_WINDOW_END): TimeSelector(),
                        probatio.Optional(CONF_ONLY_WHILE): EntitySelector(),
                        probatio.Optional(CONF_DISK_ENTITY): EntitySelector(
                            EntitySelectorConfig(
                                domain=["sensor", "number", "input_number"]
                            )
                        ),
                        probatio.Optional(CONF_DISK_THRESHOLD): _number(
                            0, 1_000_000, step=0.1
                        ),
                        probatio.Optional(CONF_DISK_TARGET): _number(
                            0, 1_000_000, step=0.1
                        ),
                    }
                ),
                {"collapsed": True},
            ),
            probatio.Required(_INTERVALS): section(
                probatio.Schema(
                    {
                        probatio.Required(
                            CONF_POLL_INTERVAL, default=DEFAULT_POLL_MINUTES
                        ): _number(1, 720, "min"),
                        # A sync that is older than a day blocks deletion.
                        probatio.Required(
                            CONF_FULL_SYNC_INTERVAL, default=DEFAULT_FULL_SYNC_HOURS
                        ): _number(1, 23, "h"),
                    }
                ),
                {"collapsed": True},
            ),
        }
    )


def _keys(schema: probatio.Schema) -> set[str]:
    """Return the options that a form asks for, those of its sections included."""
    keys: set[str] = set()
    for key, value in schema.schema.items():
        keys |= _keys(value.schema) if isinstance(value, section) else {str(key)}
    return keys


def _form_values(
    options: Mapping[str, Any], libraries: Sequence[Library]
) -> dict[str, Any]:
    """Return the stored options in the shape of the form."""
    values: dict[str, Any] = dict(options) | dict.fromkeys(_SECTIONS, options)
    if CONF_LIBRARIES in options:
        # What is gone from Jellyfin cannot be chosen any more.
        values[CONF_LIBRARIES] = [
            one.library_id
            for one in libraries
            if one.library_id in options[CONF_LIBRARIES]
        ]
    return values
