"""Adding and changing rules: one config subentry each, with a form for each type."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
    UnknownSubEntry,
)

from ..coordinator import OxiCleanarrConfigEntry
from ..language import async_words
from ..ledger import LedgerError
from ..retention import (
    RetentionRules,
    Rule,
    RuleErrors,
    plain,
    rule_from_mapping,
    rule_to_mapping,
)
from ..rules import name_is_taken, unique_id
from ..settings import Settings, in_order, stored_rules
from ..sync import managed_libraries
from .preview import async_preview
from .rule_forms import RULE_FORMS, Choices


class RuleFlow(ConfigSubentryFlow):
    """Asks for a rule, shows what it would do, and stores it once confirmed."""

    _rule_type: str
    _rule: Rule
    """The rule as it would be."""
    _typed: dict[str, Any] | None = None

    # --- the steps ------------------------------------------------------------------

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what type of rule to add."""
        return self.async_show_menu(
            step_id="user",
            menu_options=[f"{rule_type}_rule" for rule_type in RULE_FORMS],
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule."""
        try:
            self._rule_type = self._get_reconfigure_subentry().data["type"]
        except UnknownSubEntry:
            return self.async_abort(reason="rule_is_gone")
        return await self._async_ask(None)

    async def async_step_tag_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything a tag rule says."""
        self._rule_type = "tag"
        return await self._async_ask(user_input)

    async def async_step_user_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything a user rule says."""
        self._rule_type = "user"
        return await self._async_ask(user_input)

    async def async_step_watched_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything a watched rule says."""
        self._rule_type = "watched"
        return await self._async_ask(user_input)

    async def async_step_episode_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything an episode rule says."""
        self._rule_type = "episode"
        return await self._async_ask(user_input)

    async def async_step_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the rule would do, and ask whether to store it."""
        entry: OxiCleanarrConfigEntry = self._get_entry()
        text = await async_preview(self.hass, entry, self._rules_with_it())
        return self.async_show_menu(
            step_id="preview",
            menu_options=["save", "edit"],
            description_placeholders={"name": plain(self._rule.name), "preview": text},
        )

    async def async_step_edit(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the form."""
        return await self._async_ask(None)

    async def async_step_save(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Store the rule."""
        entry, rule = self._get_entry(), self._rule
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(
                title=rule.name,
                data=rule_to_mapping(rule),
                unique_id=unique_id(rule.name),
            )
        try:
            subentry = self._get_reconfigure_subentry()
        except UnknownSubEntry:
            return self.async_abort(reason="rule_is_gone")
        return self.async_update_and_abort(
            entry,
            subentry,
            title=rule.name,
            data=rule_to_mapping(rule),
            unique_id=unique_id(rule.name),
        )

    # --- what they need -------------------------------------------------------------

    async def _async_ask(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        """Ask for everything a rule says, or go on to the preview."""
        try:
            before = self._stored()
        except UnknownSubEntry:
            return self.async_abort(reason="rule_is_gone")
        form = RULE_FORMS[self._rule_type](before, await self._async_choices())
        errors: dict[str, str] = {}
        faults: list[str] = []
        if user_input is not None:
            self._typed = user_input
            try:
                self._rule = form.read(user_input)
            except RuleErrors as several:
                faults = form.place(several.errors, errors, async_words(self.hass))
            else:
                if not name_is_taken(
                    self._get_entry(), self._rule.name, self._stored_id
                ):
                    return await self.async_step_preview()
                errors["name"] = "name_is_taken"
        return self.async_show_form(
            step_id=f"{self._rule_type}_rule",
            data_schema=self.add_suggested_values_to_schema(
                form.schema(), form.values() if self._typed is None else self._typed
            ),
            errors=errors,
            description_placeholders={
                "faults": " ".join(faults),
                **form.placeholders(async_words(self.hass)),
            },
            last_step=False,
        )

    @property
    def _stored_id(self) -> str | None:
        """The id of the subentry that is being changed, if it is not a new one."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._reconfigure_subentry_id

    def _stored(self) -> Rule | None:
        """Return the rule that is being changed. Raises UnknownSubEntry."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return rule_from_mapping(self._rule_type, self._get_reconfigure_subentry().data)

    def _rules_with_it(self) -> RetentionRules:
        """Return all rules as they would be."""
        entry = self._get_entry()
        rules = stored_rules(entry)
        rules[self._stored_id or ""] = self._rule
        before = Settings.from_entry(entry).rules
        return replace(before, advanced=in_order(rules.values()))

    async def _async_choices(self) -> Choices:
        """Return which tags, users and libraries there are, as far as is known."""
        entry: OxiCleanarrConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return Choices()
        coordinator = entry.runtime_data
        try:
            tags = await self.hass.async_add_executor_job(
                coordinator.keeper.ledger.tags
            )
        except LedgerError:
            # A tag can be typed as well.
            tags = []
        return Choices(
            tags=tags,
            users=[user.name for user in coordinator.data.users],
            libraries=[
                library.name
                for library in managed_libraries(
                    coordinator.data.libraries, coordinator.settings.libraries
                )
            ],
        )
