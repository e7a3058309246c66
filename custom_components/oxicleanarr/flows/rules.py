"""The forms for rules: one config subentry each, with a form for each type."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
    UnknownSubEntry,
)
import probatio

from ..const import CONF_RETENTION_BASE, CONF_UNWATCHED_BEHAVIOR
from ..coordinator import OxiCleanarrConfigEntry
from ..ledger import LedgerError
from ..retention import (
    DEFAULT_PRIORITY,
    EpisodeDeleteStrategy,
    RetentionBase,
    RetentionRules,
    Rule,
    RuleError,
    RuleErrors,
    UnwatchedBehavior,
    UserRule,
    Watchers,
    rule_from_mapping,
    rule_to_mapping,
)
from ..rules import name_is_taken, unique_id
from ..settings import Settings, in_order, stored_rules
from ..sync import managed_libraries
from . import fields
from .fields import BASE, Fields
from .people import label, own_values, person, read_people, shared_values
from .preview import async_preview
from .wording import own_values_text, plain

MORE: Final = "more"
"""The section for what is rarely needed."""

_DURATIONS: Final = ("retention", "max_age")
_USERS: Final = "users"
_THESE_USERS: Final = "users"
_WATCHED_BY_USERS: Final = "watched_by_users"
_SAME_FOR_ALL: Final = "same_for_all"


class RuleFlow(ConfigSubentryFlow):
    """Asks for a rule, shows what it would do, and stores it once confirmed."""

    rule_type: str

    _before: Rule | None
    """The rule that is being changed."""
    _rule: Rule
    """The rule as it would be."""
    _typed: dict[str, Any] | None = None
    _tags: list[str]
    _user_names: list[str]
    _libraries: list[str]

    @abstractmethod
    def _fields(self) -> Fields:
        """Return the fields that only this type of rule has."""

    @abstractmethod
    def _rare_fields(self) -> Fields:
        """Return the fields of this type of rule that are rarely needed."""

    # --- the steps ------------------------------------------------------------------

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a rule."""
        return await self.async_step_rule()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule."""
        return await self.async_step_rule()

    async def async_step_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything a rule says."""
        try:
            self._before = self._stored()
        except UnknownSubEntry:
            return self.async_abort(reason="rule_is_gone")
        await self._async_learn_choices()
        errors: dict[str, str] = {}
        faults: list[str] = []
        if user_input is not None:
            self._typed = user_input
            try:
                self._rule = self._read(user_input)
            except RuleErrors as several:
                faults = self._place(several.errors, errors)
            else:
                if not name_is_taken(
                    self._get_entry(), self._rule.name, self._stored_id
                ):
                    return await self.async_step_preview()
                errors["name"] = "name_is_taken"
        values = self._typed
        if values is None:
            values = {} if self._before is None else self._form_values(self._before)
        return self.async_show_form(
            step_id="rule",
            data_schema=self.add_suggested_values_to_schema(self._schema(), values),
            errors=errors,
            description_placeholders={
                "faults": "; ".join(faults),
                **self._placeholders(),
            },
            last_step=False,
        )

    async def async_step_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the rule would do, and ask whether to store it."""
        entry: OxiCleanarrConfigEntry = self._get_entry()
        text = await async_preview(entry, self._rules_with_it())
        return self.async_show_menu(
            step_id="preview",
            menu_options=["save", "rule"],
            description_placeholders={"name": plain(self._rule.name), "preview": text},
        )

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
        return rule_from_mapping(self.rule_type, self._get_reconfigure_subentry().data)

    def _place(self, faults: Sequence[RuleError], errors: dict[str, str]) -> list[str]:
        """Put faults next to the fields they are about; return their messages."""
        form = self._schema().schema
        rare = form[MORE].schema.schema
        said: dict[str, None] = {}
        for fault in faults:
            key = (fault.key or "").partition("[")[0]
            if fault.key and fault.key.endswith(".retention"):
                key = "retention"
            if key in form:
                field = key
            else:
                field = MORE if key in rare else BASE
            errors[field] = "invalid_rule"
            named = field != key and fault.key
            said[f"{fault.key}: {fault.message}" if named else fault.message] = None
        return list(said)

    def _rules_with_it(self) -> RetentionRules:
        """Return all rules as they would be."""
        entry = self._get_entry()
        rules = stored_rules(entry)
        rules[self._stored_id or ""] = self._rule
        before = Settings.from_entry(entry).rules
        return replace(before, advanced=in_order(rules.values()))

    async def _async_learn_choices(self) -> None:
        """Learn which tags, users and libraries there are, as far as is known."""
        entry: OxiCleanarrConfigEntry = self._get_entry()
        self._tags, self._user_names, self._libraries = [], [], []
        if entry.state is not ConfigEntryState.LOADED:
            return
        coordinator = entry.runtime_data
        self._user_names = [user.name for user in coordinator.data.users]
        self._libraries = [
            library.name
            for library in managed_libraries(
                coordinator.data.libraries, coordinator.settings.libraries
            )
        ]
        try:
            self._tags = await self.hass.async_add_executor_job(
                coordinator.keeper.ledger.tags
            )
        except LedgerError:
            # A tag can be typed as well.
            return

    def _schema(self) -> probatio.Schema:
        """Return the form."""
        more = {
            **fields.number("priority", 0, default=DEFAULT_PRIORITY),
            **self._rare_fields(),
            **fields.name("libraries", self._libraries, several=True),
            **fields.choice(
                "watched_by",
                [*Watchers, _THESE_USERS],
                default=self._usual_watchers.value,
            ),
            **fields.name(_WATCHED_BY_USERS, self._user_names, several=True),
        }
        return probatio.Schema(
            {
                **fields.text("name", required=True),
                **self._fields(),
                **fields.yes_no("require_watched", default=True),
                **fields.yes_no("enabled", default=True),
                **fields.collapsed(MORE, more),
            }
        )

    @property
    def _usual_watchers(self) -> Watchers:
        """Who must have watched unless the rule says otherwise."""
        return Watchers.ANY

    def _placeholders(self) -> dict[str, str]:
        """Return what the description of the form fills in."""
        return {}

    def _form_values(self, rule: Rule) -> dict[str, Any]:
        """Return a rule in the shape of the form."""
        data = rule_to_mapping(rule)
        del data["type"]
        values: dict[str, Any] = {"require_watched": rule.require_watched}
        for key, value in data.items():
            if key in _DURATIONS:
                values |= fields.show_duration(key, str(value))
            elif key == "season_numbers" and isinstance(value, list):
                values[key] = [str(number) for number in value]
            else:
                values[key] = value
        if not isinstance(rule.watched_by, Watchers):
            values["watched_by"] = _THESE_USERS
            values[_WATCHED_BY_USERS] = list(rule.watched_by)
        return fields.into_sections(values, MORE)

    def _read(self, user_input: Mapping[str, Any]) -> Rule:
        """Return the rule that a form describes. Raises RuleErrors."""
        return rule_from_mapping(self.rule_type, self._mapping(user_input))

    def _mapping(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed with the keys and values of a rule."""
        typed = fields.out_of_sections(user_input)
        for key in _DURATIONS:
            fields.read_duration(typed, key)
        if typed["watched_by"] == _THESE_USERS:
            typed["watched_by"] = typed.get(_WATCHED_BY_USERS, [])
        typed.pop(_WATCHED_BY_USERS, None)
        for key in ("libraries", "season_numbers"):
            if not typed.get(key, True):
                del typed[key]
        if "season_numbers" in typed:
            typed["season_numbers"] = [
                int(one) if one.isdecimal() else one for one in typed["season_numbers"]
            ]
        return {
            key: value
            for key, value in typed.items()
            if not (isinstance(value, str) and not value.strip() and key == "tag")
        }


def _base_fields() -> Fields:
    """Return the fields for what the retention of a rule counts from."""
    return {
        **fields.choice(CONF_RETENTION_BASE, RetentionBase),
        **fields.choice(CONF_UNWATCHED_BEHAVIOR, UnwatchedBehavior),
    }


class TagRuleFlow(RuleFlow):
    """A retention for every title with a certain tag."""

    rule_type = "tag"

    @override
    def _fields(self) -> Fields:
        """Return the tag and the retention; zero means at once."""
        return {
            **fields.name("tag", self._tags, required=True),
            **fields.duration("retention", least=0),
        }

    @override
    def _rare_fields(self) -> Fields:
        """Return what the retention counts from."""
        return _base_fields()


class WatchedRuleFlow(RuleFlow):
    """A retention for every movie and series."""

    rule_type = "watched"

    @override
    def _fields(self) -> Fields:
        """Return the retention."""
        return fields.duration("retention")

    @override
    def _rare_fields(self) -> Fields:
        """Return what the retention counts from."""
        return _base_fields()


class EpisodeRuleFlow(RuleFlow):
    """How many episodes of a series stay, and for how long."""

    rule_type = "episode"

    @override
    def _fields(self) -> Fields:
        """Return the two limits, and which series they are for."""
        return {
            **fields.number("max_episodes", 1),
            **fields.duration("max_age", never=False),
            **fields.name("tag", self._tags),
        }

    @override
    def _rare_fields(self) -> Fields:
        """Return which episodes the limits are for, and how to apply them."""
        return {
            **fields.name(
                "season_numbers", [str(one) for one in range(21)], several=True
            ),
            **fields.yes_no("keep_latest_season", default=False),
            **fields.yes_no("exclude_continuing_series", default=False),
            **fields.choice("episode_delete_strategy", EpisodeDeleteStrategy),
        }


class UserRuleFlow(RuleFlow):
    """A retention for everything that certain people have requested.

    The form has one retention for all of them. In YAML each can have values of their
    own; those stay as they are until somebody asks for the same for all.
    """

    rule_type = "user"

    @override
    def _fields(self) -> Fields:
        """Return the people and their retention."""
        stored = self._before
        entries = stored.users if isinstance(stored, UserRule) else ()
        labels = {f"username:{name}": name for name in self._user_names}
        labels |= {person(entry): label(entry) for entry in entries}
        form = {
            **fields.name(_USERS, labels, several=True, required=True),
            **fields.duration("retention"),
        }
        if isinstance(stored, UserRule) and own_values(stored):
            form |= fields.yes_no(_SAME_FOR_ALL, default=False)
        return form

    @override
    def _rare_fields(self) -> Fields:
        """Return what the retention counts from."""
        return _base_fields()

    @property
    @override
    def _usual_watchers(self) -> Watchers:
        """Who must have watched unless the rule says otherwise."""
        return Watchers.REQUESTER

    @override
    def _placeholders(self) -> dict[str, str]:
        """Return who has values of their own."""
        stored = self._before
        others = own_values(stored) if isinstance(stored, UserRule) else []
        return {"others": own_values_text(others)}

    @override
    def _form_values(self, rule: Rule) -> dict[str, Any]:
        """Return a rule in the shape of the form, with the values that most share."""
        assert isinstance(rule, UserRule)
        retention, require_watched = shared_values(rule)
        return {
            **super()._form_values(rule),
            _USERS: [person(entry) for entry in rule.users],
            "require_watched": require_watched,
            **fields.show_duration("retention", retention),
        }

    @override
    def _read(self, user_input: Mapping[str, Any]) -> Rule:
        """Return the rule that a form describes. Raises RuleErrors."""
        stored = self._before if isinstance(self._before, UserRule) else None
        data = self._mapping(user_input)
        data[_USERS] = read_people(
            data[_USERS],
            stored,
            data.pop("retention", None),
            require_watched=data.pop("require_watched"),
            same_for_all=data.pop(_SAME_FOR_ALL, False),
        )
        if stored is not None:
            data["require_watched"] = stored.require_watched
        return rule_from_mapping(self.rule_type, data)


RULE_FLOWS: Final[dict[str, type[ConfigSubentryFlow]]] = {
    f"{flow.rule_type}_rule": flow
    for flow in (TagRuleFlow, UserRuleFlow, WatchedRuleFlow, EpisodeRuleFlow)
}
