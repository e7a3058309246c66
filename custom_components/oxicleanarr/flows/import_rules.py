"""The part of the options flow that takes rules as a text of YAML."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
import probatio

from ..coordinator import OxiCleanarrConfigEntry
from ..language import async_words
from ..retention import ImportedRules, RuleErrors, parse_rules
from ..rules import RuleChanges, async_apply_changes, import_changes
from . import fields
from .preview import async_preview
from .wording import changes_text, import_faults_text

_YAML: Final = "yaml"
_REPLACE: Final = "replace"

SCHEMA: Final = probatio.Schema(
    {**fields.long_text(_YAML), **fields.yes_no(_REPLACE, default=False)}
)


class ImportRulesFlow(OptionsFlow):
    """Reads a text, shows what its rules would do, and stores them once confirmed."""

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
                    parse_rules, user_input[_YAML]
                )
            except RuleErrors as several:
                errors[_YAML] = "invalid_rules"
                faults = import_faults_text(several, async_words(self.hass))
            else:
                return await self.async_step_preview_import()
        return self.async_show_form(
            step_id="import_rules",
            data_schema=self.add_suggested_values_to_schema(SCHEMA, self._input),
            errors=errors,
            description_placeholders={"faults": faults},
            last_step=False,
        )

    async def async_step_preview_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the rules would do, and ask whether to store them."""
        changes = self._changes()
        text = await async_preview(self.hass, self.config_entry, changes.rules)
        return self.async_show_menu(
            step_id="preview_import",
            menu_options=["apply_import", "import_rules"],
            description_placeholders={
                "changes": changes_text(changes, async_words(self.hass)),
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
            self.config_entry,
            self._imported,
            async_words(self.hass),
            replace=self._input[_REPLACE],
        )
