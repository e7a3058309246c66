"""The fields of the forms, and reading them back."""

from enum import StrEnum
from typing import Any

from homeassistant.data_entry_flow import section
import probatio
import pytest

from custom_components.oxicleanarr.flows import fields

from .forms import shown

FORM = probatio.Schema(
    {
        **fields.text("name", required=True),
        **fields.number("days", 1, 365, default=3, unit="d"),
        **fields.collapsed(
            "more",
            {
                **fields.number("gigabytes", 0.1, 10, step=0.1),
                **fields.yes_no("careful", default=False),
            },
        ),
    }
)


class Base(StrEnum):
    """Something to choose from."""

    ADDED = "added"
    WATCHED = "watched"


def only(field: fields.Fields) -> tuple[Any, Any]:
    """Return the key and the selector of a single field."""
    ((key, selector),) = field.items()
    return key, selector


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (fields.text("x"), probatio.Optional),
        (fields.text("x", required=True), probatio.Required),
        (fields.text("x", default="90d"), probatio.Required),
        (fields.number("x", 0), probatio.Optional),
        (fields.number("x", 0, default=0), probatio.Required),
        (fields.yes_no("x", default=False), probatio.Required),
        (fields.address("x"), probatio.Required),
        (fields.address("x", required=False), probatio.Optional),
    ],
)
def test_what_may_be_left_empty(
    field: fields.Fields, kind: type[probatio.Marker]
) -> None:
    """A field with a default is filled in; others may be empty unless required."""
    key, _ = only(field)
    assert type(key) is kind


def test_defaults_that_are_nothing_are_shown() -> None:
    """Zero and off are defaults like any other."""
    form = fields.number("x", 0, default=0) | fields.yes_no("y", default=False)
    assert shown(probatio.Schema(form)) == {"x": 0, "y": False}


def test_secret_is_marked() -> None:
    """What is typed there is kept out of the log, also where it may be left empty."""
    for required in (True, False):
        key, selector = only(fields.secret("api_key", required=required))
        assert isinstance(key.schema, probatio.Secret)
        assert selector.config["type"] == "password"


def test_number() -> None:
    """It has its limits, and a unit only where it is given one."""
    _, plain = only(fields.number("x", 1))
    _, with_unit = only(fields.number("x", 0.1, 10, unit="GB", step=0.1))
    assert plain(100_000) == 100_000
    assert "unit_of_measurement" not in plain.config
    assert with_unit.config["unit_of_measurement"] == "GB"
    with pytest.raises(probatio.Invalid):
        plain("many")


@pytest.mark.parametrize(
    ("key", "low", "high", "step", "value", "allowed"),
    [
        ("x", 1, 10, 1, 1, True),
        ("x", 1, 10, 1, 0, False),
        ("x", 1, 10, 1, 11, False),
        ("x", 1, 10, 1, 1.5, False),
        ("x", 1, 10, 1, float("nan"), False),
        ("x", 0.1, 10, 0.1, 0.5, True),
        ("x", 0.1, 10, 0.1, 10.1, False),
        ("x", 1, None, 1, 1e9, True),
        ("x", 1, None, 1, float("inf"), False),
    ],
)
def test_out_of_range(
    key: str, low: float, high: float | None, step: float, value: float, allowed: bool
) -> None:
    """A number that is not allowed is an error at its field, or at its section."""
    field = fields.number(key, low, high, step=step)
    typed = probatio.Schema(field)({key: value})
    error = {} if allowed else {key: f"{key}_range"}
    assert fields.out_of_range(probatio.Schema(field), typed) == error
    form = probatio.Schema(fields.collapsed("more", field) | fields.text("name"))
    error = {} if allowed else {"more": f"{key}_range"}
    assert fields.out_of_range(form, {"more": typed, "name": "y"}) == error
    assert fields.out_of_range(form, {"more": {}}) == {}


def test_choice() -> None:
    """Only what is offered can be chosen; its names are translated."""
    _, selector = only(fields.choice("base", Base))
    assert selector("added") == "added"
    assert selector.config["translation_key"] == "base"
    assert [type(one) for one in selector.config["options"]] == [str, str]
    with pytest.raises(probatio.Invalid):
        selector("never")
    _, selector = only(fields.choice("other", Base, names="base"))
    assert selector.config["translation_key"] == "base"


def test_names() -> None:
    """Others than those that are suggested can be typed, one or several."""
    _, one = only(fields.name("tag", ["quick"]))
    _, several = only(fields.name("users", {"id:1": "Alice"}, several=True))
    assert one("slow") == "slow"
    assert several(["id:1", "Bob"]) == ["id:1", "Bob"]
    assert several.config["options"] == [{"value": "id:1", "label": "Alice"}]


def test_checklist() -> None:
    """Everything is chosen at first, and nothing else can be."""
    form = fields.checklist("libraries", {"1": "Movies", "2": "Shows"})
    assert shown(probatio.Schema(form)) == {"libraries": ["1", "2"]}
    _, selector = only(form)
    with pytest.raises(probatio.Invalid):
        selector(["3"])


@pytest.mark.parametrize("never", [True, False])
def test_units_of_a_duration(never: bool) -> None:
    """Never is among them only where it makes sense."""
    form = fields.duration("retention", never=never)
    assert [str(key) for key in form] == ["retention", "retention_unit"]
    units = list(form.values())[1].config
    assert ("never" in units["options"]) is never
    assert units["translation_key"] == ("retention_unit" if never else "age_unit")
    assert shown(probatio.Schema(form)) == {"retention_unit": "d"}


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("90d", {"retention": 90.0, "retention_unit": "d"}),
        ("0h", {"retention": 0.0, "retention_unit": "h"}),
        ("never", {"retention_unit": "never"}),
    ],
)
def test_duration_there_and_back(written: str, typed: dict[str, Any]) -> None:
    """What is shown is read back as it was."""
    assert fields.show_duration("retention", written) == typed
    read = dict(typed)
    fields.read_duration(read, "retention")
    assert read == {"retention": written}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ({"retention_unit": "d"}, {}),
        ({"retention": 7.0, "retention_unit": "never"}, {"retention": "never"}),
        # The rules say what is wrong with it.
        ({"retention": 1.5, "retention_unit": "w"}, {"retention": "1.5w"}),
        ({"tag": "x"}, {"tag": "x"}),
    ],
)
def test_reading_a_duration(typed: dict[str, Any], read: dict[str, Any]) -> None:
    """An empty one stays empty, and the unit does not stay in any case."""
    fields.read_duration(typed, "retention")
    assert typed == read


def test_sections() -> None:
    """What is typed in a section is read as if it were none, and shown in it again."""
    assert [key for key, _ in fields.every_field(FORM)] == [
        "name",
        "days",
        "gigabytes",
        "careful",
    ]
    typed = {"name": "x", "days": 3.0, "more": {"gigabytes": 2.0, "careful": True}}
    flat = {"name": "x", "days": 3.0, "gigabytes": 2.0, "careful": True}
    assert fields.out_of_sections(typed) == flat
    assert fields.into_sections(flat, "more") == flat | {"more": flat}
    inner = FORM.schema["more"]
    assert isinstance(inner, section)
    assert inner.options == {"collapsed": True}


def test_whole_numbers() -> None:
    """A number is an integer where the form has no fractions."""
    read = fields.with_whole_numbers(FORM, {"name": "x", "days": 3.0, "gigabytes": 2.0})
    assert [type(value) for value in read.values()] == [str, int, float]
