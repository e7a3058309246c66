"""Flows for the rules: one config subentry each, with a form for each type."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
import re
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
    UnknownSubEntry,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import probatio

from .coordinator import OxiCleanarrConfigEntry
from .ledger import LedgerError
from .retention import (
    DEFAULT_PRIORITY,
    EpisodeDeleteStrategy,
    RetentionBase,
    RetentionRules,
    Rule,
    RuleError,
    RuleErrors,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    Watchers,
    format_duration,
    rule_from_mapping,
    rule_to_mapping,
)
from .rule_preview import async_preview_text, plain
from .rules import name_is_taken, unique_id
from .settings import Settings, in_order, stored_rules
from .sync import managed_libraries

MORE: Final = "more"
"""The section for what is rarely needed."""

_BASE: Final = "base"
_UNITS: Final = ("d", "w", "h", "m", "s")
_NEVER: Final = "never"
_UNIT: Final = "_unit"
"""A duration ``x`` stands in the fields ``x`` and ``x_unit``."""
_USERS: Final = "users"
_THESE_USERS: Final = "users"
_WATCHED_BY_USERS: Final = "watched_by_users"
_SAME_FOR_ALL: Final = "same_for_all"

_NAME: Final = {probatio.Required("name"): TextSelector()}
_REQUIRE_WATCHED: Final = {
    probatio.Required("require_watched", default=True): BooleanSelector()
}
_ENABLED: Final = {probatio.Required("enabled", default=True): BooleanSelector()}


def _number(low: int, high: int = 100_000) -> NumberSelector:
    """Return a box for a whole number."""
    return NumberSelector(
        NumberSelectorConfig(min=low, max=high, step=1, mode=NumberSelectorMode.BOX)
    )


def _choice(translation_key: str, options: Sequence[str]) -> SelectSelector:
    """Return a selection of values whose names are translated."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
        )
    )


def _names(options: Sequence[str], *, multiple: bool = True) -> SelectSelector:
    """Return a selection of names, to which others can be added."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            multiple=multiple,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _duration(key: str, *, least: int = 1, never: bool = True) -> dict[Any, Any]:
    """Return the fields for a duration."""
    return {
        probatio.Optional(key): _number(least),
        probatio.Required(f"{key}{_UNIT}", default="d"): _choice(
            *(("retention_unit", [*_UNITS, _NEVER]) if never else ("age_unit", _UNITS))
        ),
    }


class RuleFlow(ConfigSubentryFlow):
    """Asks for a rule, shows what it would do, and stores it when that is wanted."""

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
    def _fields(self) -> dict[Any, Any]:
        """Return the fields that are peculiar to this type of rule."""

    @abstractmethod
    def _rare_fields(self) -> dict[Any, Any]:
        """Return those of its fields that are rarely needed."""

    # --- the steps ------------------------------------------------------------------

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a rule."""
        return await self.async_step_rule()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a rule."""
        return await self.async_step_rule()

    async def async_step_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for everything that a rule says."""
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
        """Show what the rule would do, and ask whether it is wanted."""
        entry: OxiCleanarrConfigEntry = self._get_entry()
        text = await async_preview_text(entry, self._rules_with_it())
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
        """Put faults to the fields of the form; return what is said of them."""
        fields = self._schema().schema
        rare = fields[MORE].schema.schema
        said: dict[str, None] = {}
        for fault in faults:
            key = (fault.key or "").partition("[")[0]
            if fault.key and fault.key.endswith(".retention"):
                key = "retention"
            if key in fields:
                field = key
            else:
                field = MORE if key in rare else _BASE
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
            probatio.Required("priority", default=DEFAULT_PRIORITY): _number(0),
            **self._rare_fields(),
            probatio.Optional("libraries"): _names(self._libraries),
            probatio.Required(
                "watched_by", default=self._usual_watchers.value
            ): _choice("watched_by", [*Watchers, _THESE_USERS]),
            probatio.Optional(_WATCHED_BY_USERS): _names(self._user_names),
        }
        return probatio.Schema(
            _NAME
            | self._fields()
            | _REQUIRE_WATCHED
            | _ENABLED
            | {
                probatio.Required(MORE): section(
                    probatio.Schema(more), {"collapsed": True}
                )
            }
        )

    @property
    def _usual_watchers(self) -> Watchers:
        """Who must have watched unless the rule says something else."""
        return Watchers.ANY

    def _placeholders(self) -> dict[str, str]:
        """Return what the description of the form tells besides."""
        return {}

    def _form_values(self, rule: Rule) -> dict[str, Any]:
        """Return a rule in the shape of the form."""
        data = rule_to_mapping(rule)
        del data["type"]
        values: dict[str, Any] = {"require_watched": rule.require_watched}
        for key, value in data.items():
            if key in ("retention", "max_age"):
                values |= _duration_values(key, str(value))
            elif key == "season_numbers" and isinstance(value, list):
                values[key] = [str(number) for number in value]
            else:
                values[key] = value
        if not isinstance(rule.watched_by, Watchers):
            values["watched_by"] = _THESE_USERS
            values[_WATCHED_BY_USERS] = list(rule.watched_by)
        return values | {MORE: values}

    def _read(self, user_input: Mapping[str, Any]) -> Rule:
        """Return the rule that a form describes. Raises RuleErrors."""
        return rule_from_mapping(self.rule_type, self._mapping(user_input))

    def _mapping(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed with the keys and values of a rule."""
        typed = {**user_input, **user_input[MORE]}
        del typed[MORE]
        for key in ("retention", "max_age"):
            unit = typed.pop(f"{key}{_UNIT}", None)
            number = typed.get(key)
            if unit == _NEVER:
                typed[key] = _NEVER
            elif number is not None:
                typed[key] = f"{number:.12g}{unit}"
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


def _duration_values(key: str, duration: str) -> dict[str, Any]:
    """Return a duration in the shape of the form."""
    if duration == _NEVER:
        return {f"{key}{_UNIT}": _NEVER}
    return {key: int(duration[:-1]), f"{key}{_UNIT}": duration[-1]}


def _base_fields() -> dict[Any, Any]:
    """Return the fields for what the retention of a rule counts from."""
    return {
        probatio.Optional("retention_base"): _choice(
            "retention_base", [one.value for one in RetentionBase]
        ),
        probatio.Optional("unwatched_behavior"): _choice(
            "unwatched_behavior", [one.value for one in UnwatchedBehavior]
        ),
    }


class TagRuleFlow(RuleFlow):
    """A retention for everything that bears a tag."""

    rule_type = "tag"

    @override
    def _fields(self) -> dict[Any, Any]:
        """Return the tag and the retention; of zero it means at once."""
        return {
            probatio.Required("tag"): _names(self._tags, multiple=False),
            **_duration("retention", least=0),
        }

    @override
    def _rare_fields(self) -> dict[Any, Any]:
        """Return what the retention counts from."""
        return _base_fields()


class WatchedRuleFlow(RuleFlow):
    """A retention for every movie and series."""

    rule_type = "watched"

    @override
    def _fields(self) -> dict[Any, Any]:
        """Return the retention."""
        return _duration("retention")

    @override
    def _rare_fields(self) -> dict[Any, Any]:
        """Return what the retention counts from."""
        return _base_fields()


class EpisodeRuleFlow(RuleFlow):
    """How many episodes of a series stay, and for how long."""

    rule_type = "episode"

    @override
    def _fields(self) -> dict[Any, Any]:
        """Return the two limits, and for which series they are."""
        return {
            probatio.Optional("max_episodes"): _number(1),
            **_duration("max_age", never=False),
            probatio.Optional("tag"): _names(self._tags, multiple=False),
        }

    @override
    def _rare_fields(self) -> dict[Any, Any]:
        """Return for which episodes the limits are, and how they are meant."""
        return {
            probatio.Optional("season_numbers"): _names(
                [str(number) for number in range(21)]
            ),
            probatio.Required("keep_latest_season", default=False): BooleanSelector(),
            probatio.Required(
                "exclude_continuing_series", default=False
            ): BooleanSelector(),
            probatio.Optional("episode_delete_strategy"): _choice(
                "episode_delete_strategy", [one.value for one in EpisodeDeleteStrategy]
            ),
        }


class UserRuleFlow(RuleFlow):
    """Retentions by requester.

    The form has one retention for several people. Entries of a YAML can have values of
    their own; those stay as they are until somebody asks for the same for all.
    """

    rule_type = "user"

    @override
    def _fields(self) -> dict[Any, Any]:
        """Return the people and their retention."""
        stored = self._before
        entries = stored.users if isinstance(stored, UserRule) else ()
        labels = {f"username:{name}": name for name in self._user_names}
        labels |= {_person(entry): _label(entry) for entry in entries}
        fields: dict[Any, Any] = {
            probatio.Required(_USERS): SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=value, label=label)
                        for value, label in labels.items()
                    ],
                    multiple=True,
                    custom_value=True,
                    mode=SelectSelectorMode.DROPDOWN,
                )
            ),
            **_duration("retention"),
        }
        if isinstance(stored, UserRule) and _others(stored):
            fields[probatio.Required(_SAME_FOR_ALL, default=False)] = BooleanSelector()
        return fields

    @override
    def _rare_fields(self) -> dict[Any, Any]:
        """Return what the retention counts from."""
        return _base_fields()

    @property
    @override
    def _usual_watchers(self) -> Watchers:
        """Who must have watched unless the rule says something else."""
        return Watchers.REQUESTER

    @override
    def _placeholders(self) -> dict[str, str]:
        """Return the people who have values of their own."""
        stored = self._before
        if not isinstance(stored, UserRule) or not (others := _others(stored)):
            return {"others": ""}
        lines = [
            f"- {plain(_label(entry))}: {format_duration(entry.retention)}"
            + (", only if watched" if _asks(stored, entry) else ", watched or not")
            for entry in others
        ]
        return {
            "others": "\n\nThese keep the values of their own that they have, unless "
            "you choose the same for all:\n" + "\n".join(lines)
        }

    @override
    def _form_values(self, rule: Rule) -> dict[str, Any]:
        """Return a rule in the shape of the form, with the values that most share."""
        assert isinstance(rule, UserRule)
        retention, require_watched = _shared(rule)
        values = super()._form_values(rule)
        return (
            values
            | {
                _USERS: [_person(entry) for entry in rule.users],
                "require_watched": require_watched,
            }
            | _duration_values("retention", retention)
        )

    @override
    def _read(self, user_input: Mapping[str, Any]) -> Rule:
        """Return the rule that a form describes. Raises RuleErrors."""
        stored = self._before
        data = self._mapping(user_input)
        same_for_all = data.pop(_SAME_FOR_ALL, False)
        retention = data.pop("retention", None)
        require_watched = data.pop("require_watched")
        known: dict[str, UserEntry] = {}
        others: set[str] = set()
        of_rule = False
        if isinstance(stored, UserRule):
            known = {_person(entry): entry for entry in stored.users}
            others = {_person(entry) for entry in _others(stored)}
            of_rule = stored.require_watched
            data["require_watched"] = of_rule
        users = []
        for person in data[_USERS]:
            values = _identity(person)
            asks: bool | None = None
            if (entry := known.get(person)) is not None:
                asks = entry.require_watched
                if person in others and not same_for_all:
                    values["retention"] = format_duration(entry.retention)
                    users.append(values | _explicit(asks))
                    continue
            if retention is None:
                raise RuleErrors([RuleError("it is missing", key="retention")])
            values["retention"] = retention
            if (of_rule if asks is None else asks) != require_watched:
                asks = require_watched
            users.append(values | _explicit(asks))
        return rule_from_mapping(self.rule_type, data | {_USERS: users})


def _explicit(require_watched: bool | None) -> dict[str, Any]:
    """Return the key of an entry that says whether it has to be watched, if any does."""
    return {} if require_watched is None else {"require_watched": require_watched}


def _person(entry: UserEntry) -> str:
    """Return by what an entry's person is known in the form."""
    if entry.user_id is not None:
        return f"user_id:{entry.user_id}"
    if entry.email is not None:
        return f"email:{entry.email}"
    return f"username:{entry.username}"


def _label(entry: UserEntry) -> str:
    """Return what to call an entry's person."""
    if entry.user_id is not None:
        return f"Seerr user {entry.user_id}"
    return entry.email or entry.username or ""


def _identity(person: str) -> dict[str, Any]:
    """Return the key of an entry for a person who was chosen or typed."""
    kind, _, name = person.partition(":")
    if kind == "user_id" and name.isdecimal():
        return {"user_id": int(name)}
    if kind in ("email", "username"):
        return {kind: name}
    person = person.strip()
    if re.fullmatch(r"#[0-9]{1,6}", person):
        return {"user_id": int(person[1:])}
    return {"email" if "@" in person else "username": person}


def _asks(rule: UserRule, entry: UserEntry) -> bool:
    """Return whether an entry asks for it to be watched."""
    if entry.require_watched is None:
        return rule.require_watched
    return entry.require_watched


def _shared(rule: UserRule) -> tuple[str, bool]:
    """Return the values that most of the entries share, the first of them if in doubt."""
    values = [
        (format_duration(entry.retention), _asks(rule, entry)) for entry in rule.users
    ]
    return max(values, key=values.count)


def _others(rule: UserRule) -> list[UserEntry]:
    """Return the entries that have other values."""
    shared = _shared(rule)
    return [
        entry
        for entry in rule.users
        if (format_duration(entry.retention), _asks(rule, entry)) != shared
    ]


RULE_FLOWS: Final[dict[str, type[ConfigSubentryFlow]]] = {
    f"{flow.rule_type}_rule": flow
    for flow in (TagRuleFlow, UserRuleFlow, WatchedRuleFlow, EpisodeRuleFlow)
}
