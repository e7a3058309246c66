"""The form for the options: what is managed, what is kept, and within which limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
import probatio

from ..connections import connect
from ..const import (
    CONF_APPROVAL,
    CONF_COLLECTION,
    CONF_DISK_ENTITY,
    CONF_DISK_TARGET,
    CONF_DISK_THRESHOLD,
    CONF_FAVORITES_KEEP,
    CONF_FULL_SYNC_INTERVAL,
    CONF_GRACE_DAYS,
    CONF_HISTORY_DAYS,
    CONF_IMPORT_EXCLUSION,
    CONF_JELLYFIN,
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
)
from ..model import Library
from ..retention import RetentionBase, StandardRules, UnwatchedBehavior
from ..servers import Jellyfin, ServerError
from ..settings import (
    DEFAULT_FULL_SYNC_HOURS,
    DEFAULT_GRACE_DAYS,
    DEFAULT_LEAVING_SOON_DAYS,
    DEFAULT_MAX_ITEMS,
    DEFAULT_POLL_MINUTES,
    MOST_POLL_MINUTES,
)
from ..sync import managed_libraries
from . import fields
from .import_rules import ImportRulesFlow
from .standard import read_standard, standard_fields

_SAFETY: Final = "safety"
_AUTOMATIC: Final = "automatic"
_INTERVALS: Final = "intervals"
_DISK: Final = (CONF_DISK_ENTITY, CONF_DISK_THRESHOLD, CONF_DISK_TARGET)
_RETENTIONS: Final = (
    CONF_MOVIE_RETENTION,
    CONF_TV_RETENTION,
    CONF_UNWATCHED_RETENTION,
)
_MOST_SPACE: Final = 1_000_000
# What is compared with the days before has to be known for a while.
_FEWEST_DAYS: Final = 30


class OxiCleanarrOptionsFlow(ImportRulesFlow):
    """Asks for the options in a form, or for rules as a text."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how to change the options: in a form, or by a text of rules."""
        return self.async_show_menu(
            step_id="init", menu_options=["settings", "import_rules"]
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options except those that have a switch."""
        libraries = await self._async_libraries()
        errors: dict[str, str] = {}
        if user_input is not None:
            options = self._options(user_input, libraries, errors)
            if not errors:
                return self.async_create_entry(data=options)
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(libraries),
                user_input or _form_values(self.config_entry.options, libraries),
            ),
            errors=errors,
        )

    async def _async_libraries(self) -> list[Library]:
        """Return the libraries that can be managed, none while they are unknown."""
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
        """Return all options with those that were typed; faults go to ``errors``."""
        schema = options_schema(libraries)
        typed = fields.with_whole_numbers(schema, fields.out_of_sections(user_input))
        errors |= fields.out_of_range(schema, user_input)
        for key in _RETENTIONS:
            read_standard(typed, key, errors)
        # The frontend shows no error on a field inside a section.
        if (CONF_WINDOW_START in typed) != (CONF_WINDOW_END in typed):
            errors[fields.BASE] = "window_incomplete"
        disk = [typed.get(key) for key in _DISK]
        if any(value is not None for value in disk):
            if None in disk:
                errors[fields.BASE] = "disk_incomplete"
            elif typed[CONF_DISK_TARGET] < typed[CONF_DISK_THRESHOLD]:
                errors[fields.BASE] = "disk_target_below_threshold"
        if libraries:
            chosen = typed.pop(CONF_LIBRARIES)
            if not chosen:
                errors[CONF_LIBRARIES] = "no_library"
            elif {one.library_id for one in libraries} != set(chosen):
                typed[CONF_LIBRARIES] = chosen
        asked = {key for key, _ in fields.every_field(schema)}
        stored = self.config_entry.options.items()
        return {key: value for key, value in stored if key not in asked} | typed


def options_schema(libraries: Sequence[Library]) -> probatio.Schema:
    """Return the form for the options; it asks for libraries only if it has some."""
    usual = StandardRules()
    labels = {one.library_id: one.name for one in libraries}
    return probatio.Schema(
        {
            **(fields.checklist(CONF_LIBRARIES, labels) if labels else {}),
            **standard_fields(),
            **fields.choice(
                CONF_RETENTION_BASE, RetentionBase, default=usual.retention_base.value
            ),
            **fields.choice(
                CONF_UNWATCHED_BEHAVIOR,
                UnwatchedBehavior,
                default=usual.unwatched_behavior.value,
            ),
            **fields.duration(CONF_UNWATCHED_RETENTION),
            **_days(CONF_LEAVING_SOON_DAYS, DEFAULT_LEAVING_SOON_DAYS),
            **fields.yes_no(CONF_COLLECTION, default=False),
            **fields.number(CONF_HISTORY_DAYS, _FEWEST_DAYS, 36_500, unit="d"),
            **fields.collapsed(_SAFETY, _safety_fields()),
            **fields.collapsed(_AUTOMATIC, _automatic_fields()),
            **fields.collapsed(_INTERVALS, _interval_fields()),
        }
    )


def _days(key: str, default: int) -> fields.Fields:
    """Return a field for a number of days."""
    return fields.number(key, 1, 365, default=default, unit="d")


def _safety_fields() -> fields.Fields:
    """Return the fields for the limits of every deletion."""
    return {
        **_days(CONF_GRACE_DAYS, DEFAULT_GRACE_DAYS),
        **fields.number(CONF_MAX_ITEMS, 1, 10_000, default=DEFAULT_MAX_ITEMS),
        **fields.number(CONF_MAX_GIGABYTES, 0.1, _MOST_SPACE, unit="GB", step=0.1),
        **fields.yes_no(CONF_APPROVAL, default=False),
        **fields.yes_no(CONF_FAVORITES_KEEP, default=True),
        **fields.yes_no(CONF_IMPORT_EXCLUSION, default=True),
        **fields.yes_no(CONF_SEERR_CLEANUP, default=False),
    }


def _automatic_fields() -> fields.Fields:
    """Return the fields for the conditions of automatic deletion."""
    return {
        **fields.time_of_day(CONF_WINDOW_START),
        **fields.time_of_day(CONF_WINDOW_END),
        **fields.entity(CONF_ONLY_WHILE),
        **fields.entity(CONF_DISK_ENTITY, domains=["sensor", "number", "input_number"]),
        **fields.number(CONF_DISK_THRESHOLD, 0, _MOST_SPACE, step=0.1),
        **fields.number(CONF_DISK_TARGET, 0, _MOST_SPACE, step=0.1),
    }


def _interval_fields() -> fields.Fields:
    """Return the fields for how often the servers are read."""
    return {
        **fields.number(
            CONF_POLL_INTERVAL,
            1,
            MOST_POLL_MINUTES,
            default=DEFAULT_POLL_MINUTES,
            unit="min",
        ),
        # A sync that is older than a day blocks deletion.
        **fields.number(
            CONF_FULL_SYNC_INTERVAL, 1, 23, default=DEFAULT_FULL_SYNC_HOURS, unit="h"
        ),
    }


def _form_values(
    options: Mapping[str, Any], libraries: Sequence[Library]
) -> dict[str, Any]:
    """Return the stored options in the shape of the form."""
    values = fields.into_sections(options, _SAFETY, _AUTOMATIC, _INTERVALS)
    for key in _RETENTIONS:
        if key in values:
            values |= fields.show_duration(key, values.pop(key))
    if CONF_LIBRARIES in options:
        # A library that is gone from Jellyfin can no longer be chosen.
        values[CONF_LIBRARIES] = [
            one.library_id
            for one in libraries
            if one.library_id in options[CONF_LIBRARIES]
        ]
    return values
