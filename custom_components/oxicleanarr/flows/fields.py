"""The fields of all forms: how they look, and how what was typed is read back.

Each function for a field returns it with its key, so that a form is their union. A field
with a default has to be filled in; any other may be left empty unless it is required.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, override

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
    TextSelectorConfig,
    TextSelectorType,
    TimeSelector,
)
import probatio

from ..retention import NEVER

type Fields = dict[probatio.Marker, Any]

BASE: Final = "base"
"""The place on a form for errors that belong to none of its fields."""

_NEVER: Final = str(NEVER)
_UNITS: Final = ("d", "w", "h", "m", "s")
_UNIT: Final = "_unit"
"""A duration ``x`` has two fields, ``x`` and ``x_unit``."""
_WHOLE: Final = 1
_MOST: Final = 100_000


class _Number(NumberSelector):
    """A field for a number whose limits are checked where they can be explained.

    Home Assistant itself would answer an untranslated error.
    """

    @override
    def __call__(self, data: Any) -> float:
        """Return what was typed as a number, whatever the limits."""
        value: float = probatio.Coerce(float)(data)
        return value


def _field(
    key: object, selector: object, *, default: object = None, required: bool = False
) -> Fields:
    """Return a field with its key."""
    if default is not None:
        return {probatio.Required(key, default=default): selector}
    if required:
        return {probatio.Required(key): selector}
    return {probatio.Optional(key): selector}


def text(key: str, *, default: str | None = None, required: bool = False) -> Fields:
    """Return a field for a line of text."""
    return _field(key, TextSelector(), default=default, required=required)


def long_text(key: str) -> Fields:
    """Return a field for a text of many lines."""
    config = TextSelectorConfig(multiline=True)
    return _field(key, TextSelector(config), required=True)


def texts(key: str) -> Fields:
    """Return a field for any number of lines of text, each on its own."""
    return _field(key, TextSelector(TextSelectorConfig(multiple=True)))


def address(key: str, *, required: bool = True) -> Fields:
    """Return a field for the address of a server."""
    config = TextSelectorConfig(type=TextSelectorType.URL)
    return _field(key, TextSelector(config), required=required)


def secret(key: str, *, required: bool = True) -> Fields:
    """Return a field for a text that is not shown and not logged."""
    config = TextSelectorConfig(type=TextSelectorType.PASSWORD)
    return _field(probatio.Secret(key), TextSelector(config), required=required)


def yes_no(key: str, *, default: bool) -> Fields:
    """Return a field that is on or off."""
    return _field(key, BooleanSelector(), default=default)


def time_of_day(key: str) -> Fields:
    """Return a field for a time of day."""
    return _field(key, TimeSelector())


def entity(key: str, *, domains: Sequence[str] = ()) -> Fields:
    """Return a field for an entity, of certain domains if any are given."""
    if not domains:
        return _field(key, EntitySelector())
    return _field(key, EntitySelector(EntitySelectorConfig(domain=list(domains))))


def number(
    key: str,
    low: float,
    high: float | None = _MOST,
    *,
    default: int | None = None,
    unit: str | None = None,
    step: float = _WHOLE,
) -> Fields:
    """Return a field for a number, a whole one unless the step is smaller.

    ``out_of_range`` finds those that are not within the limits.
    """
    config = NumberSelectorConfig(min=low, step=step, mode=NumberSelectorMode.BOX)
    if high is not None:
        config["max"] = high
    if unit is not None:
        config["unit_of_measurement"] = unit
    return _field(key, _Number(config), default=default)


def choice(
    key: str,
    values: Iterable[str],
    *,
    default: str | None = None,
    names: str | None = None,
) -> Fields:
    """Return a field for one of several values.

    Their names are translated, under the field's own key or under ``names``.
    """
    selector = SelectSelector(
        SelectSelectorConfig(
            options=[str(value) for value in values],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=names or key,
        )
    )
    return _field(key, selector, default=default)


def name(
    key: str,
    suggestions: Sequence[str] | Mapping[str, str],
    *,
    several: bool = False,
    required: bool = False,
) -> Fields:
    """Return a field for names, suggested ones or others that are typed.

    A mapping gives the labels of the values it suggests.
    """
    selector = SelectSelector(
        SelectSelectorConfig(
            options=_options(suggestions),
            multiple=several,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
    return _field(key, selector, required=required)


def checklist(key: str, labels: Mapping[str, str]) -> Fields:
    """Return a field to choose any of several values by their labels, all at first."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=_options(labels), multiple=True, mode=SelectSelectorMode.LIST
        )
    )
    return _field(key, selector, default=list(labels))


def duration(
    key: str, *, least: int = 1, never: bool = True, default: int | None = None
) -> Fields:
    """Return the two fields for a duration, a number and its unit.

    ``default`` is in days.
    """
    return {
        **number(key, least, None, default=default),
        **choice(
            f"{key}{_UNIT}",
            [*_UNITS, _NEVER] if never else _UNITS,
            default=_UNITS[0],
            names="retention_unit" if never else "age_unit",
        ),
    }


def collapsed(key: str, fields: Fields) -> Fields:
    """Return fields as a section that is closed at first."""
    return {
        probatio.Required(key): section(probatio.Schema(fields), {"collapsed": True})
    }


def _options(labels: Sequence[str] | Mapping[str, str]) -> list[Any]:
    """Return the options of a selection."""
    if isinstance(labels, Mapping):
        return [
            SelectOptionDict(value=value, label=label)
            for value, label in labels.items()
        ]
    return list(labels)


# --- reading and showing ------------------------------------------------------------


def every_field(schema: probatio.Schema) -> Iterator[tuple[str, Any]]:
    """Yield the key and the selector of every field of a form, also in sections."""
    for key, selector in schema.schema.items():
        if isinstance(selector, section):
            yield from every_field(selector.schema)
        else:
            yield str(key), selector


def out_of_sections(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed in a form without its sections."""
    typed: dict[str, Any] = {}
    inside: dict[str, Any] = {}
    for key, value in user_input.items():
        if isinstance(value, Mapping):
            inside |= value
        else:
            typed[key] = value
    return typed | inside


def into_sections(values: Mapping[str, Any], *sections: str) -> dict[str, Any]:
    """Return values so that a form finds them in whichever section asks for them."""
    return {**values, **dict.fromkeys(sections, values)}


def with_whole_numbers(
    schema: probatio.Schema, typed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was typed with integers where a form asks for whole numbers."""
    whole = {
        key
        for key, selector in every_field(schema)
        if isinstance(selector, NumberSelector) and selector.config["step"] == _WHOLE
    }
    return {
        key: int(value) if key in whole and value.is_integer() else value
        for key, value in typed.items()
    }


def out_of_range(
    schema: probatio.Schema, user_input: Mapping[str, Any]
) -> dict[str, str]:
    """Return the errors for numbers that are not allowed, by field.

    The frontend shows no error on a field inside a section, but on the section. What
    is wrong with a duration, the rules say.
    """
    errors: dict[str, str] = {}
    for key, selector in schema.schema.items():
        typed = user_input.get(key)
        if typed is None or f"{key}{_UNIT}" in schema.schema:
            continue
        if isinstance(selector, section):
            if inside := out_of_range(selector.schema, typed):
                errors[str(key)] = next(iter(inside.values()))
        elif isinstance(selector, _Number) and not _is_allowed(selector, typed):
            errors[str(key)] = f"{key}_range"
    return errors


def _is_allowed(selector: _Number, value: float) -> bool:
    """Return whether a number is within the limits of its field."""
    config = selector.config
    if config["step"] == _WHOLE and not float(value).is_integer():
        return False
    return bool(config["min"] <= value <= config.get("max", value))


def read_duration(typed: dict[str, Any], key: str) -> None:
    """Put a duration as rules write it in place of its number and its unit."""
    unit = typed.pop(f"{key}{_UNIT}", None)
    amount = typed.get(key)
    if unit == _NEVER:
        typed[key] = _NEVER
    elif amount is not None:
        typed[key] = f"{amount:.12g}{unit}"


def show_duration(key: str, written: str) -> dict[str, Any]:
    """Return a duration as its two fields show it."""
    if written == _NEVER:
        return {f"{key}{_UNIT}": _NEVER}
    return {key: int(written[:-1]), f"{key}{_UNIT}": written[-1]}
