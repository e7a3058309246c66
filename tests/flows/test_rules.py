"""The forms for rules: what they offer, what they store, and what they refuse."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.ledger import LedgerError
from custom_components.oxicleanarr.retention import rule_from_mapping
from custom_components.oxicleanarr.rules import new_subentry
from simulators.sample import CASES
from tests.rules import add_rule, change_rule, choose, fill_in, open_form

from .forms import shown

pytestmark = pytest.mark.usefixtures("no_waiting")

TAG = {"name": "Quick", "tag": "quick-watch", "retention": 3.0}


def selector(flow: SubentryFlowResult, field: str) -> Any:
    """Return the selector of a field, also of one in the section."""
    assert flow["data_schema"] is not None
    schema = flow["data_schema"].schema
    inner = schema["more"].schema.schema
    return schema[field] if field in schema else inner[field]


def offered(flow: SubentryFlowResult, field: str) -> list[str]:
    """Return the options of a field as they are shown."""
    return [
        option if isinstance(option, str) else option["label"]
        for option in selector(flow, field).config["options"]
    ]


def store(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, **data: Any
) -> dict[str, Any]:
    """Store a rule as an import does, and return what is stored."""
    subentry = new_subentry(rule_from_mapping(kind, data))
    hass.config_entries.async_add_subentry(entry, subentry)
    return dict(subentry.data)


async def test_what_a_new_rule_is_offered(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What the servers know can be chosen, and what is not watched is safe at first."""
    flow = await open_form(hass, setup_integration, "tag_rule")
    assert offered(flow, "tag") == ["quick-watch"]
    assert selector(flow, "tag").config["custom_value"]
    assert offered(flow, "libraries") == ["Movies", "Shows"]
    assert offered(flow, "watched_by_users") == ["007", "alice", "bob", "carol"]
    assert shown(flow["data_schema"]) == {
        "retention_unit": "d",
        "require_watched": True,
        "approval": False,
        "enabled": True,
        "more": {"priority": 100, "watched_by": "any"},
    }
    flow = await open_form(hass, setup_integration, "user_rule")
    assert offered(flow, "users") == ["007", "alice", "bob", "carol"]
    assert shown(flow["data_schema"])["more"]["watched_by"] == "requester"


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (
            "tag_rule",
            TAG,
            {"tag": "quick-watch", "retention": "3d", "require_watched": True},
        ),
        (
            "tag_rule",
            {
                "tag": " Kids ",
                "retention": 12.0,
                "retention_unit": "never",
                "require_watched": False,
                "enabled": False,
                "more": {
                    "priority": 5.0,
                    "libraries": ["Movies", "Old"],
                    "retention_base": "added",
                    "unwatched_behavior": "added",
                    "watched_by": "users",
                    "watched_by_users": ["alice", "Somebody"],
                },
            },
            {
                "enabled": False,
                "tag": "Kids",
                "retention": "never",
                "priority": 5,
                "require_watched": False,
                "retention_base": "added",
                "unwatched_behavior": "added",
                "watched_by": ["alice", "Somebody"],
                "libraries": ["Movies", "Old"],
            },
        ),
        (
            "tag_rule",
            {"tag": "now", "retention": 0.0, "more": {"libraries": []}},
            {"tag": "now", "retention": "0d", "require_watched": True},
        ),
        (
            "watched_rule",
            {"retention": 2.0, "retention_unit": "w", "approval": True},
            {"retention": "14d", "require_watched": True, "approval": True},
        ),
        (
            "watched_rule",
            {
                "retention": 36.0,
                "retention_unit": "h",
                "more": {"watched_by": "all"},
            },
            {"retention": "36h", "require_watched": True, "watched_by": "all"},
        ),
        (
            "watched_rule",
            {"retention": 2.0, "retention_unit": "w"},
            {"retention": "14d", "require_watched": True},
        ),
        (
            "episode_rule",
            {"max_episodes": 5.0, "max_age": 30.0},
            {"max_episodes": 5, "max_age": "30d", "require_watched": True},
        ),
        (
            "episode_rule",
            {
                "max_age": 6.0,
                "max_age_unit": "w",
                "tag": "daily",
                "require_watched": False,
                "more": {
                    "season_numbers": ["0", "12"],
                    "keep_latest_season": True,
                    "exclude_continuing_series": True,
                    "episode_delete_strategy": "by_season_age",
                },
            },
            {
                "max_age": "42d",
                "require_watched": False,
                "tag": "daily",
                "season_numbers": [0, 12],
                "keep_latest_season": True,
                "exclude_continuing_series": True,
                "episode_delete_strategy": "by_season_age",
            },
        ),
        (
            "user_rule",
            {
                "users": ["username:alice", " Dora ", "d@e.f", "#42"],
                "retention": 7.0,
            },
            {
                "users": [
                    {"username": name, "retention": "7d", "require_watched": True}
                    for name in ("alice", "Dora")
                ]
                + [
                    {"email": "d@e.f", "retention": "7d", "require_watched": True},
                    {"user_id": 42, "retention": "7d", "require_watched": True},
                ]
            },
        ),
        (
            "user_rule",
            {
                "users": ["username:bob"],
                "retention_unit": "never",
                "require_watched": False,
            },
            {"users": [{"username": "bob", "retention": "never"}]},
        ),
    ],
)
async def test_every_key(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    kind: str,
    typed: dict[str, Any],
    stored: dict[str, Any],
) -> None:
    """Each type of rule is stored with the guide's keys, and shown the next time."""
    subentry = await add_rule(
        hass, setup_integration, kind, **({"name": " Mine "} | typed)
    )
    head = {"name": typed.get("name", "Mine"), "type": kind.removesuffix("_rule")}
    assert dict(subentry.data) == head | {"enabled": True} | stored
    assert subentry.title == head["name"]
    assert subentry.subentry_type == "rule"
    # Opened again and sent as it is shown, it stays as it is.
    flow = await open_form(hass, setup_integration, kind, subentry)
    again = shown(flow["data_schema"])
    await change_rule(hass, setup_integration, subentry, **again)
    assert dict(subentry.data) == head | {"enabled": True} | stored


async def test_preview_before_saving(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """It says what would go, by name, and above all what nobody has watched."""
    flow = await open_form(hass, setup_integration, "tag_rule")
    flow = await fill_in(hass, flow, **TAG)
    assert flow["step_id"] == "preview"
    assert flow["menu_options"] == ["save", "edit"]
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert placeholders["name"] == "Quick"
    text = placeholders["preview"]
    assert "| Of these, ready to delete | 0 | 0 |" in text
    assert "Would be deleted, and are kept now" not in text
    assert "Would be deleted sooner than now (1)" in text
    assert CASES["tagged quick-watch"] in text
    assert "nobody has watched" not in text
    # Not stored. There is a way back, with everything as it was typed.
    assert not setup_integration.subentries
    flow = await choose(hass, flow, "edit")
    assert flow["step_id"] == "tag_rule"
    assert shown(flow["data_schema"])["tag"] == "quick-watch"
    assert not setup_integration.subentries

    flow = await fill_in(
        hass, flow, name="Old", tag="x", retention=1.0, require_watched=True
    )
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert "No title would be added" in placeholders["preview"]
    hass.config_entries.subentries.async_abort(flow["flow_id"])
    assert not setup_integration.subentries


async def test_preview_names_what_nobody_has_watched(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A rule that goes by time takes what nobody has seen."""
    flow = await open_form(hass, setup_integration, "watched_rule")
    flow = await fill_in(hass, flow, name="Time", retention=8.0, require_watched=False)
    assert flow["description_placeholders"] is not None
    text = flow["description_placeholders"]["preview"]
    of_unwatched = text.partition("nobody has watched them")[2]
    assert CASES["never watched"] in of_unwatched
    assert CASES["never watched series"] in of_unwatched
    assert CASES["watched 9 days ago"] not in of_unwatched
    # The others are many: the first ten by name, and how many more there are.
    first = text.partition("Would be deleted, and are kept now")[2].partition("**")[2]
    first = first.partition("**")[0]
    assert first.count("\n- ") == 11
    assert "more" in first
    flow = await choose(hass, flow, "save")
    (subentry,) = setup_integration.subentries.values()
    # And the other way round.
    flow = await open_form(hass, setup_integration, "watched_rule", subentry)
    flow = await fill_in(hass, flow, name="Time", retention_unit="never")
    assert flow["description_placeholders"] is not None
    assert (
        "Would be kept, and are pending now"
        in flow["description_placeholders"]["preview"]
    )


@pytest.mark.parametrize(
    ("kind", "typed", "field", "message"),
    [
        ("tag_rule", TAG | {"name": " "}, "name", "visible characters"),
        ("tag_rule", TAG | {"tag": " "}, "tag", "missing"),
        ("tag_rule", TAG | {"retention": 99999.0}, "retention", "100 years"),
        ("tag_rule", TAG | {"retention": 1.5}, "retention", "not a duration"),
        ("tag_rule", TAG | {"retention": -1}, "retention", "not a duration"),
        ("tag_rule", TAG | {"more": {"priority": -1}}, "more", "from 0 to"),
        ("watched_rule", {"name": "x", "retention": 0}, "retention", "above zero"),
        ("episode_rule", {"name": "x", "max_episodes": 0}, "max_episodes", "from 1"),
        ("episode_rule", {"name": "x", "max_age": 0}, "max_age", "above zero"),
        ("tag_rule", {"name": "x", "tag": "x"}, "retention", "missing"),
        ("watched_rule", {"name": "x", "retention_unit": "w"}, "retention", "missing"),
        (
            "tag_rule",
            TAG | {"more": {"watched_by": "users"}},
            "more",
            "watched_by: the list is empty",
        ),
        (
            "tag_rule",
            TAG | {"require_watched": False, "more": {"watched_by": "all"}},
            "more",
            "needs require_watched",
        ),
        ("episode_rule", {"name": "x"}, "base", "max_episodes, max_age or both"),
        (
            "episode_rule",
            {
                "name": "x",
                "max_episodes": 5.0,
                "more": {"episode_delete_strategy": "by_age"},
            },
            "more",
            "by_age needs max_age",
        ),
        (
            "episode_rule",
            {"name": "x", "max_episodes": 5.0, "more": {"season_numbers": ["one"]}},
            "more",
            "whole number",
        ),
        ("user_rule", {"name": "x", "users": [], "retention": 1.0}, "users", "empty"),
        (
            "user_rule",
            {"name": "x", "users": ["alice"]},
            "retention",
            "missing",
        ),
        (
            "user_rule",
            {"name": "x", "users": ["alice", "username:Alice"], "retention": 1.0},
            "users",
            "same person",
        ),
        (
            "user_rule",
            {"name": "x", "users": ["alice", "bob"], "retention": 99999.0},
            "retention",
            "100 years",
        ),
    ],
)
async def test_what_is_wrong_is_said(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    kind: str,
    typed: dict[str, Any],
    field: str,
    message: str,
) -> None:
    """One message where it can be put right, and what was typed is not lost."""
    flow = await fill_in(hass, await open_form(hass, setup_integration, kind), **typed)
    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"] == {field: "invalid_rule"}
    assert flow["description_placeholders"] is not None
    said = flow["description_placeholders"]["faults"]
    assert message in said
    assert said.count(message) == 1
    assert shown(flow["data_schema"])["name"] == typed["name"]
    assert not setup_integration.subentries
    # Put right, it is stored.
    right = TAG | {"users": ["alice"], "max_episodes": 1.0, "more": {}}
    fields = shown(flow["data_schema"]).keys() | {"name"}
    assert flow["data_schema"] is not None
    fields = {str(key) for key in flow["data_schema"].schema}
    flow = await fill_in(
        hass, flow, **{key: value for key, value in right.items() if key in fields}
    )
    assert flow["type"] is FlowResultType.MENU
    await choose(hass, flow, "save")
    assert len(setup_integration.subentries) == 1


async def test_names_are_unique(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Over all types, whatever the letters' case; a rule may keep its own."""
    entry = setup_integration
    first = await add_rule(hass, entry, "tag_rule", **TAG)
    flow = await open_form(hass, entry, "watched_rule")
    flow = await fill_in(hass, flow, name="QUICK ", retention=1.0)
    assert flow["errors"] == {"name": "name_is_taken"}
    flow = await fill_in(hass, flow, name="Other", retention=1.0)
    assert flow["type"] is FlowResultType.MENU
    # Somebody else takes the name while the preview is looked at.
    second = await add_rule(hass, entry, "watched_rule", name="other", retention=2.0)
    flow = await choose(hass, flow, "save")
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"
    assert list(entry.subentries.values()) == [first, second]
    await change_rule(hass, entry, first, **TAG | {"name": "QUICK"})
    assert first.title == "QUICK"
    flow = await open_form(hass, entry, "tag_rule", first)
    flow = await fill_in(hass, flow, **TAG | {"name": "Other"})
    assert flow["errors"] == {"name": "name_is_taken"}


async def test_rule_is_gone(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What was removed meanwhile cannot be changed, in whichever step."""
    entry = setup_integration
    first = await add_rule(hass, entry, "tag_rule", **TAG)
    second = await add_rule(hass, entry, "tag_rule", **TAG | {"name": "B"})
    form = await open_form(hass, entry, "tag_rule", first)
    flow = await open_form(hass, entry, "tag_rule", second)
    preview = await fill_in(hass, flow, **TAG | {"name": "B"})
    for rule in (first, second):
        hass.config_entries.async_remove_subentry(entry, rule.subentry_id)
    flow = await fill_in(hass, form, **TAG)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "rule_is_gone"
    flow = await choose(hass, preview, "save")
    assert flow["reason"] == "rule_is_gone"
    assert not entry.subentries


MIXED = {
    "name": "People",
    "users": [
        {"username": "alice", "retention": "7d", "require_watched": True},
        {"user_id": 42, "retention": "30d"},
        {"email": "a@b.c", "retention": "never"},
        {"username": "bob", "retention": "7d", "require_watched": True},
    ],
    "require_watched": True,
}


async def test_people_with_values_of_their_own(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What the form has no fields for survives every change of the rest."""
    entry = setup_integration
    stored = store(hass, entry, "user", **MIXED)
    (rule,) = entry.subentries.values()
    flow = await open_form(hass, entry, "user_rule", rule)
    values = shown(flow["data_schema"])
    assert offered(flow, "users")[-2:] == ["Seerr #42", "a@b.c"]
    assert values["users"] == [
        "username:alice",
        "user_id:42",
        "email:a@b.c",
        "username:bob",
    ]
    assert (values["retention"], values["retention_unit"]) == (7, "d")
    assert values["same_for_all"] is False
    assert flow["description_placeholders"] is not None
    others = flow["description_placeholders"]["others"]
    assert r"Seerr \#42: 30 days, if watched" in others
    assert "a@b.c: never, if watched" in others
    await change_rule(hass, entry, rule, **values)
    assert dict(rule.data) == stored

    values |= {"retention": 5.0, "require_watched": False}
    values["users"] = ["username:alice", "user_id:42", "email:a@b.c", "Dora"]
    await change_rule(hass, entry, rule, **values)
    assert rule.data["users"] == [
        {"username": "alice", "retention": "5d", "require_watched": False},
        {"user_id": 42, "retention": "30d"},
        {"email": "a@b.c", "retention": "never"},
        {"username": "Dora", "retention": "5d", "require_watched": False},
    ]
    assert rule.data["require_watched"] is True

    await change_rule(hass, entry, rule, **values | {"same_for_all": True})
    assert {row["retention"] for row in rule.data["users"]} == {"5d"}
    assert {row["require_watched"] for row in rule.data["users"]} == {False}
    flow = await open_form(hass, entry, "user_rule", rule)
    assert "same_for_all" not in shown(flow["data_schema"])
    assert flow["description_placeholders"]["others"] == ""  # type: ignore[index]


async def test_before_anything_is_known(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A rule can be made while the entry is not loaded; nothing can be previewed."""
    entry.add_to_hass(hass)
    flow = await open_form(hass, entry, "tag_rule")
    assert offered(flow, "tag") == []
    flow = await fill_in(hass, flow, **TAG)
    assert flow["description_placeholders"] is not None
    assert "no preview before" in flow["description_placeholders"]["preview"]
    await choose(hass, flow, "save")
    assert [one.title for one in entry.subentries.values()] == ["Quick"]


async def test_the_ledger_does_not_answer(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rules can still be made; what cannot be said is said."""

    def fails(*_: object) -> None:
        raise LedgerError("disk I/O error")

    ledger = setup_integration.runtime_data.keeper.ledger
    for method in ("tags", "facts"):
        monkeypatch.setattr(ledger, method, fails)
    flow = await open_form(hass, setup_integration, "tag_rule")
    assert offered(flow, "tag") == []
    flow = await fill_in(hass, flow, **TAG)
    assert flow["description_placeholders"] is not None
    assert "disk I/O error" in flow["description_placeholders"]["preview"]


async def test_form_for_a_rule_that_is_gone(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A page that was left open can still offer it."""
    flow = await hass.config_entries.subentries.async_init(
        (setup_integration.entry_id, "rule"),
        context={"source": "reconfigure", "subentry_id": "gone"},
    )
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "rule_is_gone"
