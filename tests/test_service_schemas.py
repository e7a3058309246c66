"""Whatever an action is given, it is taken or refused in words; nothing bursts."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from hypothesis import given, settings, strategies as st
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr import service_schemas as schemas
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.service_schemas import Field
from custom_components.oxicleanarr.services import Action
from simulators import Household

pytestmark = pytest.mark.usefixtures("no_waiting")

SURROGATE = "\ud800"
ODD: tuple[Any, ...] = (
    None,
    "",
    "\0",
    SURROGATE,
    "x" * 5_000_000,
    [],
    {},
    {"a": SURROGATE},
    ["x"] * 200_000,
    [SURROGATE],
    [["x"]],
    True,
    -1,
    10**5000,
    float("nan"),
    float("inf"),
    b"x",
    "9999-12-31 23:59:59",
    "0001-01-01 00:00:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2026-13-45 99:99:99",
    datetime.max,
    datetime.min,
    datetime.max.replace(tzinfo=UTC),
)
ACTIONS: dict[str, probatio.Schema] = {
    "sync": schemas.SYNC,
    "evaluate_rules": schemas.EVALUATE,
    "delete_media": schemas.DELETE,
    "get_watch_history": schemas.HISTORY,
    "purge_history": schemas.PURGE,
    "get_deletions": schemas.DELETIONS,
    "bring_back": schemas.BRING_BACK,
    "import_rules": schemas.IMPORT,
    "keep_item": schemas.KEEP,
    "schedule_item": schemas.SCHEDULE,
    "unkeep_item": schemas.ITEM,
    "explain_item": schemas.ITEM,
    "unschedule_item": schemas.ITEM,
    "approve_item": schemas.TITLES,
    "unapprove_item": schemas.TITLES,
    "export_rules": schemas.ENTRY,
}
USUAL: dict[str, Any] = {
    "item_id": "movie:tmdb:0",
    "item_ids": ["movie:tmdb:0"],
    "at": "2030-01-01 00:00:00",
    "yaml": "rules: {}",
    "deletion_id": 12,
}


def test_every_action_is_tried() -> None:
    """Also the next one."""
    assert ACTIONS.keys() == set(Action)


def taken(action: str, field: str, value: Any) -> dict[str, Any]:
    """Return the data of a call of which one field is odd."""
    names = {str(one) for one in ACTIONS[action].schema}
    return {name: one for name, one in USUAL.items() if name in names} | {field: value}


@pytest.mark.parametrize("action", ACTIONS)
async def test_odd_values(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    action: str,
) -> None:
    """Each in each field, through Home Assistant, ends in an answer or in words."""
    USUAL["item_id"] = household.movies[0].id
    for field in map(str, ACTIONS[action].schema):
        for value in ODD:
            refused: Exception | None = None
            try:
                await hass.services.async_call(
                    DOMAIN,
                    action,
                    taken(action, field, value),
                    blocking=True,
                    return_response=True,
                )
            except (probatio.Invalid, HomeAssistantError) as err:
                refused = err
            if isinstance(refused, probatio.Invalid):
                assert field in str(refused)
                assert len(str(refused)) < 300
            elif isinstance(refused, HomeAssistantError):
                assert refused.translation_key


@pytest.mark.parametrize(
    ("action", "field", "value", "message"),
    [
        ("keep_item", "item_id", "x" * 201, "at most 200 characters"),
        ("keep_item", "item_id", SURROGATE, "item_id contains a character that is"),
        ("keep_item", "reason", "x" * 501, "reason must be a text of at most 500"),
        ("keep_item", "reason", SURROGATE, "reason contains a character that is"),
        ("keep_item", "until", "9999-12-31 23:59:59", "between 1971 and 2999"),
        ("schedule_item", "at", "0001-01-01 00:00:00", "between 1971 and 2999"),
        ("schedule_item", "at", "1970-12-31 00:00:00", "at must be a date and time"),
        ("get_watch_history", "since", "3000-01-01 00:00:00", "since must be a date"),
        ("get_watch_history", "user", "x" * 201, "user must be a text of at most 200"),
        ("get_watch_history", "limit", 10_001, "a whole number from 1 to 10,000"),
        ("get_deletions", "limit", float("inf"), "a whole number from 1 to 10,000"),
        ("delete_media", "item_ids", ["x"] * 1001, "at most 1,000 titles, not 1,001"),
        ("delete_media", "item_ids", ["x" * 201], "at most 200 characters"),
        ("delete_media", "dry_run", "perhaps", "dry_run must be true or false"),
        ("import_rules", "yaml", "x" * 262_145, "at most 262,144 characters"),
        ("import_rules", "yaml", SURROGATE, "yaml contains a character that is"),
    ],
)
def test_bounds_are_said(action: str, field: str, value: Any, message: str) -> None:
    """The message names the field and what is allowed."""
    with pytest.raises(probatio.Invalid, match=message):
        ACTIONS[action](taken(action, field, value))


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("keep_item", "reason", "x" * 500),
        ("keep_item", "until", "2999-12-31 23:59:59"),
        ("schedule_item", "at", "1971-01-01T00:00:00+14:00"),
        ("delete_media", "item_ids", ["x" * 200] * 1000),
        ("delete_media", "item_ids", "movie:tmdb:1"),
        ("get_deletions", "limit", "10000"),
    ],
)
def test_up_to_the_bounds(action: str, field: str, value: Any) -> None:
    """What is allowed is taken."""
    assert field in ACTIONS[action](taken(action, field, value))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.characters(categories=["Cs"])
    | st.datetimes()
    | st.datetimes().map(str),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=3),
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(ACTIONS)), st.data())
def test_any_value_is_taken_or_refused(action: str, data: st.DataObject) -> None:
    """What is taken can be stored, sent and converted to any time zone."""
    schema = ACTIONS[action]
    field = data.draw(st.sampled_from(sorted(map(str, schema.schema))))
    try:
        result = schema(taken(action, field, data.draw(JSON)))
    except probatio.Invalid:
        return
    for value in result.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                one.encode()
            elif isinstance(one, datetime):
                dt_util.as_local(dt_util.as_utc(one))
    assert len(result.get(Field.ITEM_IDS, ())) <= schemas.MAX_IDS
