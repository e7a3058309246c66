"""The form for each type of rule: its fields, and a rule as they show and read it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, override

import probatio

from ..const import CONF_RETENTION_BASE, CONF_UNWATCHED_BEHAVIOR
from ..retention import (
    DEFAULT_PRIORITY,
    EpisodeDeleteStrategy,
    RetentionBase,
    Rule,
    RuleError,
    UnwatchedBehavior,
    UserRule,
    Watchers,
    rule_from_mapping,
    rule_to_mapping,
)
from ..words import Words, capital
from . import fields
from .fields import BASE, Fields
from .people import label, own_values, person, read_people, shared_values
from .wording import own_values_text

MORE: Final = "more"
"""The section for what is rarely needed."""

_DURATIONS: Final = ("retention", "max_age")
_USERS: Final = "users"
_THESE_USERS: Final = "users"
_WATCHED_BY_USERS: Final = "watched_by_users"
_SAME_FOR_ALL: Final = "same_for_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a form offers, as far as it is known."""

    tags: Sequence[str] = ()
    users: Sequence[str] = ()
    libraries: Sequence[str] = ()


class RuleForm:
    """The form for one type of rule."""

    rule_type: str

    def __init__(self, before: Rule | None, choices: Choices) -> None:
        """Take the rule that is being changed, if any, and what there is to choose."""
        self._before = before
        self._choices = choices

    @abstractmethod
    def _fields(self) -> Fields:
        """Return the fields that only this type of rule has."""

    @abstractmethod
    def _rare_fields(self) -> Fields:
        """Return the fields of this type of rule that are rarely needed."""

    @property
    def _usual_watchers(self) -> Watchers:
        """Who must have watched unless the rule says otherwise."""
        return Watchers.ANY

    def schema(self) -> probatio.Schema:
        """Return the form."""
        more = {
            **fields.number("priority", 0, default=DEFAULT_PRIORITY),
            **self._rare_fields(),
            **fields.name("libraries", self._choices.libraries, several=True),
            **fields.choice(
                "watched_by",
                [*Watchers, _THESE_USERS],
                default=self._usual_watchers.value,
            ),
            **fields.name(_WATCHED_BY_USERS, self._choices.users, several=True),
        }
        return probatio.Schema(
            {
                **fields.text("name", required=True),
                **self._fields(),
                **fields.yes_no("require_watched", default=True),
                **fields.yes_no("approval", default=False),
                **fields.yes_no("enabled", default=True),
                **fields.collapsed(MORE, more),
            }
        )

    def placeholders(self, words: Words) -> dict[str, str]:
        """Return what the description of the form fills in."""
        return {}

    def values(self) -> dict[str, Any]:
        """Return the rule that is being changed in the shape of the form."""
        return {} if self._before is None else self._shown(self._before)

    def _shown(self, rule: Rule) -> dict[str, Any]:
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

    def read(self, user_input: Mapping[str, Any]) -> Rule:
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

    def place(
        self, faults: Sequence[RuleError], errors: dict[str, str], words: Words
    ) -> list[str]:
        """Put faults next to the fields they are about; return their messages."""
        form = self.schema().schema
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
            text = fault.message(words)
            if field != key and fault.key:
                text = words.text("with_note", text=fault.key, note=text)
            else:
                text = capital(text)
            said[words.text("sentence", clause=text)] = None
        return list(said)


def _base_fields() -> Fields:
    """Return the fields for what the retention of a rule counts from."""
    return {
        **fields.choice(CONF_RETENTION_BASE, RetentionBase),
        **fields.choice(CONF_UNWATCHED_BEHAVIOR, UnwatchedBehavior),
    }


class TagRuleForm(RuleForm):
    """A retention for every title with a certain tag."""

    rule_type = "tag"

    @override
    def _fields(self) -> Fields:
        """Return the tag and the retention; zero means at once."""
        return {
            **fields.name("tag", self._choices.tags, required=True),
            **fields.duration("retention", least=0),
        }

    @override
    def _rare_fields(self) -> Fields:
        """Return what the retention counts from."""
        return _base_fields()


class WatchedRuleForm(RuleForm):
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


class EpisodeRuleForm(RuleForm):
    """How many episodes of a series stay, and for how long."""

    rule_type = "episode"

    @override
    def _fields(self) -> Fields:
        """Return the two limits, and which series they are for."""
        return {
            **fields.number("max_episodes", 1),
            **fields.duration("max_age", never=False),
            **fields.name("tag", self._choices.tags),
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


class UserRuleForm(RuleForm):
    """A retention for everything that certain people have requested.

    The form has one retention for all of them. In YAML each can have values of their
    own; those stay as they are until somebody asks for the same for all.
    """

    rule_type = "user"

    @property
    def _stored(self) -> UserRule | None:
        """The rule that is being changed, as what it is."""
        return self._before if isinstance(self._before, UserRule) else None

    @override
    def _fields(self) -> Fields:
        """Return the people and their retention."""
        stored = self._stored
        entries = () if stored is None else stored.users
        labels = {f"username:{name}": name for name in self._choices.users}
        labels |= {person(entry): label(entry) for entry in entries}
        form = {
            **fields.name(_USERS, labels, several=True, required=True),
            **fields.duration("retention"),
        }
        if stored is not None and own_values(stored):
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
    def placeholders(self, words: Words) -> dict[str, str]:
        """Return who has values of their own."""
        stored = self._stored
        people = [] if stored is None else own_values(stored)
        return {"others": own_values_text(people, words)}

    @override
    def _shown(self, rule: Rule) -> dict[str, Any]:
        """Return a rule in the shape of the form, with the values that most share."""
        assert isinstance(rule, UserRule)
        retention, require_watched = shared_values(rule)
        return {
            **super()._shown(rule),
            _USERS: [person(entry) for entry in rule.users],
            "require_watched": require_watched,
            **fields.show_duration("retention", retention),
        }

    @override
    def read(self, user_input: Mapping[str, Any]) -> Rule:
        """Return the rule that a form describes. Raises RuleErrors."""
        stored = self._stored
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


RULE_FORMS: Final[Mapping[str, type[RuleForm]]] = {
    form.rule_type: form
    for form in (TagRuleForm, UserRuleForm, WatchedRuleForm, EpisodeRuleForm)
}
"""The forms by the type of the rule, in the order in which rules are asked."""
