"""The part of the options flow that takes rules as a text of YAML."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
)
import probatio

from .coordinator import OxiCleanarrConfigEntry
from .retention import ImportedRules, RuleErrors, parse_rules
from .rule_preview import async_preview_text, bullets
from .rules import RuleChanges, async_apply_changes, import_changes

CONF_YAML: Final = "yaml"
CONF_REPLACE: Final = "replace"

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_YAML): TextSelector(TextSelectorConfig(multiline=True)),
        probatio.Required(CONF_REPLACE, default=False): BooleanSelector(),
    }
)


class ImportRulesFlow(OptionsFlow):
    """Reads a text, shows what its rules would do, and stores them if that is wanted."""

    config_entry: OxiCleanarrConfigEntry

    _imported: ImportedRules
    _input: dict[str, Any] | None = None

    async def async_step_import_rules(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the text."""
        errors: dict[str, str] = {}
        faults = ""
        if user_input is not None:
            self._input = user_input
            try:
                self._imported = await self.hass.async_add_executor_job(
                    parse_rules, user_input[CONF_YAML]
                )
            except RuleErrors as several:
                errors[CONF_YAML] = "invalid_rules"
                faults = "\n\n**Nothing was imported:**\n\n" + bullets(
                    str(fault) for fault in several.errors
                )
            else:
                return await self.async_step_preview_import()
        return self.async_show_form(
            step_id="import_rules",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, self._input),
            errors=errors,
            description_placeholders={"faults": faults},
            last_step=False,
        )

    async def async_step_preview_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the rules would do, and ask whether they are wanted."""
        changes = self._changes()
        text = await async_preview_text(self.config_entry, changes.rules)
        return self.async_show_menu(
            step_id="preview_import",
            menu_options=["apply_import", "import_rules"],
            description_placeholders={
                "changes": _changes_text(changes),
                "preview": text,
            },
        )

    async def async_step_apply_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Store the rules."""
        async_apply_changes(self.hass, self.config_entry, self._changes())
        return self.async_create_entry(data=dict(self.config_entry.options))

    def _changes(self) -> RuleChanges:
        """Return what the text changes, as the rules are now."""
        assert self._input is not None
        return import_changes(
            self.config_entry, self._imported, replace=self._input[CONF_REPLACE]
        )


def _changes_text(changes: RuleChanges) -> str:
    """Return what an import changes, in Markdown."""
    parts = [
        f"**{title}**\n\n{bullets(lines)}"
        for title, lines in (
            ("Added", changes.added),
            ("Updated", changes.updated),
            ("Removed", changes.removed),
            ("Passed over", changes.ignored),
        )
        if lines
    ]
    if not (changes.added or changes.updated or changes.removed):
        parts.insert(0, "All of this is in force already.")
    return "\n\n".join(parts)
