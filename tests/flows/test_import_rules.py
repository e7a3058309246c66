"""Rules as a text: the guide's own blocks, whole configurations, and what is wrong."""

from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.oxicleanarr.retention import parse_rules
from simulators.sample import CASES
from tests.conftest import set_up, state_of
from tests.rules import PENDING, add_rule, pending, planned
from tests.test_services import call

pytestmark = pytest.mark.usefixtures("no_waiting")

FIXTURES = Path(__file__).parents[1] / "retention" / "fixtures"
SIMPLE, ADVANCED, EPISODES, SERVERS, WHOLE, JANITORR, MAINTAINERR = (
    (FIXTURES / f"{name}.yaml").read_text()
    for name in (
        "guide-simple",
        "guide-advanced",
        "guide-episodes",
        "guide-servers",
        "whole-configuration",
        "janitorr",
        "maintainerr",
    )
)
OFF = "rules: {movie_retention: 0d, tv_retention: 0d}\n"


async def open_import(
    hass: HomeAssistant, entry: MockConfigEntry, text: str, **typed: Any
) -> ConfigFlowResult:
    """Paste a text into the options."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    flow = await options.async_configure(
        flow["flow_id"], {"next_step_id": "import_rules"}
    )
    assert flow["type"] is FlowResultType.FORM
    assert flow["description_placeholders"] == {"faults": ""}
    return await options.async_configure(flow["flow_id"], {"yaml": text} | typed)


async def finish(
    hass: HomeAssistant, flow: ConfigFlowResult, option: str = "apply_import"
) -> ConfigFlowResult:
    """Choose in the menu below the preview."""
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": option}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def import_rules(hass: HomeAssistant, text: str, **data: Any) -> dict[str, Any]:
    """Import by the action."""
    response = await call(hass, "import_rules", yaml=text, **data)
    await hass.async_block_till_done(wait_background_tasks=True)
    return response


def names(entry: MockConfigEntry) -> list[str]:
    """Return the names of the rules as they are stored."""
    return [subentry.title for subentry in entry.subentries.values()]


async def test_simple_watched_rules(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Movies seven days after they were watched, the unwatched never."""
    entry = setup_integration
    hass.config_entries.async_update_entry(
        entry, options={"retention_base": "added", "dry_run": True, "grace_days": 0}
    )
    flow = await open_import(hass, entry, SIMPLE)
    assert flow["step_id"] == "preview_import"
    assert flow["menu_options"] == ["apply_import", "import_rules"]
    assert flow["description_placeholders"] is not None
    assert (
        "**Updated**\n\n- Default retention"
        in flow["description_placeholders"]["changes"]
    )
    flow = await finish(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {
        "movie_retention": "7d",
        "tv_retention": "14d",
        "retention_base": "last_watched",
        "unwatched_behavior": "never",
        "dry_run": True,
        "grace_days": 0,
    }
    plan = planned(entry)
    assert plan[CASES["watched 9 days ago"]] == "standard"
    assert CASES["never watched"] not in plan
    assert CASES["never watched series"] not in plan
    due = {row.title for row in entry.runtime_data.keeper.due}
    assert CASES["watched 9 days ago"] in due
    assert CASES["watched 5 days ago"] not in due


async def test_advanced_watched_rules(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The guide's rules by tag, by user and for all, as they stand there."""
    entry = setup_integration
    flow = await open_import(hass, entry, OFF + ADVANCED)
    assert flow["description_placeholders"] is not None
    assert "Quick Cleanup - Watched Only" in flow["description_placeholders"]["changes"]
    assert "| Titles | Now | Then |" in flow["description_placeholders"]["preview"]
    assert names(entry) == []
    await finish(hass, flow)
    assert {"Quick Cleanup - Watched Only", "User-Based Watched Rule"} <= set(
        names(entry)
    )
    assert [one.data["type"] for one in entry.subentries.values()][:2] == [
        "tag",
        "user",
    ]
    plan = planned(entry)
    assert plan[CASES["tagged quick-watch"]] == "Quick Cleanup - Watched Only"
    assert state_of(hass, "switch.rule_quick_cleanup_watched_only") == "on"
    assert CASES["never watched"] not in plan
    assert state_of(hass, PENDING) == str(len(plan))


async def test_episode_rules(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The newest five stay, of the rest what is old and watched goes."""
    entry = setup_integration
    await import_rules(hass, OFF + EPISODES)
    (rule,) = entry.subentries.values()
    assert dict(rule.data) == {
        "name": "TV Episode Cleanup",
        "type": "episode",
        "enabled": True,
        "max_episodes": 5,
        "max_age": "30d",
        "require_watched": True,
    }
    plan = entry.runtime_data.data.plan.entries
    assert plan
    assert {row.rule for row in plan} == {"TV Episode Cleanup"}
    assert {row.kind for row in plan} == {"episode"}
    assert all(row.watched_by for row in plan)
    per_series: dict[str | None, int] = {}
    for row in plan:
        per_series[row.series] = per_series.get(row.series, 0) + 1
    # Twelve episodes, of which eleven were watched, and five stay.
    assert per_series[CASES["one episode left"]] == 7
    assert CASES["never watched series"] not in per_series


async def test_whole_configuration(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Servers and keys in it are not read, which is said without their values."""
    entry = setup_integration
    flow = await open_import(hass, entry, WHOLE)
    assert flow["description_placeholders"] is not None
    text = flow["description_placeholders"]["changes"]
    assert "Ignored" in text
    for part in ("admin", "app", "integrations", "radarr", "server", "sync"):
        assert part in text
    for secret in ("SECRET", "changeme", "http"):
        assert secret not in text
    await finish(hass, flow)
    assert names(entry) == ["Kids", "Daily shows"]
    assert entry.options["retention_base"] == "last_watched_or_added"
    response = await import_rules(hass, WHOLE)
    assert response["added"] == response["updated"] == response["removed"] == []
    assert len(response["ignored"]) == 5
    flow = await open_import(hass, entry, WHOLE)
    assert flow["description_placeholders"] is not None
    assert "Nothing changes" in flow["description_placeholders"]["changes"]
    # Servers alone are no rules, but nothing wrong either.
    response = await import_rules(hass, SERVERS)
    assert response["added"] == response["updated"] == response["removed"] == []
    assert "jellystat" in response["ignored"][0]


async def test_add_update_replace(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """By name, whatever the letters' case; what is not named stays unless told."""
    entry = setup_integration
    kids = await add_rule(
        hass, entry, "tag_rule", name="Kids", tag="kids", retention_unit="never"
    )
    await add_rule(hass, entry, "watched_rule", name="Auto", retention=30.0)
    text = """
advanced_rules:
  - {name: KIDS, type: tag, tag: children, retention: never, require_watched: true}
  - {name: New, type: watched, retention: 9d, require_watched: true}
"""
    options = dict(entry.options)
    response = await import_rules(hass, text)
    assert response == {
        "added": ["New"],
        "updated": ["KIDS"],
        "removed": [],
        "ignored": [],
        "unwatched": [],
        "notes": [],
        "dry_run": False,
    }
    assert names(entry) == ["KIDS", "Auto", "New"]
    # It is the same rule, so its switch and what hangs on it stay.
    assert entry.subentries[kids.subentry_id].data["tag"] == "children"
    assert entry.options == options
    response = await import_rules(hass, "rules: {movie_retention: 8d}", replace=True)
    assert response["removed"] == []
    assert response["updated"] == ["Default retention"]
    response = await import_rules(hass, text, replace=True)
    assert response["removed"] == ["Auto"]
    assert names(entry) == ["KIDS", "New"]
    assert entry.options["movie_retention"] == "8d"
    response = await import_rules(hass, "advanced_rules: []", replace=True)
    assert response["removed"] == ["KIDS", "New"]
    assert not entry.subentries


async def test_another_type_and_another_order(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What the text says holds, also the order in which rules are asked."""
    entry = setup_integration
    for name in ("A", "B", "C"):
        await add_rule(
            hass, entry, "tag_rule", name=name, tag="quick-watch", retention=1.0
        )
    text = """
advanced_rules:
  - {name: C, type: tag, tag: quick-watch, retention: 1d, require_watched: true}
  - {name: B, type: tag, tag: quick-watch, retention: 2d, require_watched: true}
  - {name: A, type: watched, retention: 3d, require_watched: true}
"""
    response = await import_rules(hass, text)
    assert response["updated"] == ["B", "A"]
    assert response["added"] == response["removed"] == []
    assert names(entry) == ["C", "B", "A"]
    assert planned(entry)[CASES["tagged quick-watch"]] == "C"
    assert [state_of(hass, f"switch.rule_{name}") for name in "abc"] == ["on"] * 3
    response = await import_rules(hass, text)
    assert response["updated"] == []
    # A rule that becomes one of another type stays where it is.
    before = list(entry.subentries)
    text = "advanced_rules: [{name: C, type: episode, max_episodes: 5}]"
    assert (await import_rules(hass, text))["updated"] == ["C"]
    assert names(entry) == ["C", "B", "A"]
    assert list(entry.subentries) == before
    assert state_of(hass, "switch.rule_c") == "on"


EVERYTHING = """
rules:
  movie_retention: 7d
  tv_retention: never
  retention_base: last_watched
  unwatched_behavior: added
  unwatched_retention: 365d
advanced_rules:
  - {name: Late, type: tag, tag: "Größe: {1}", retention: 0d, priority: 200, enabled: false}
  - {name: First, type: tag, tag: a, retention: 90m, watched_by: [alice, "007"],
     require_watched: true, libraries: [Movies], retention_base: added}
  - name: People
    type: user
    require_watched: true
    users:
      - {username: alice, retention: 7d, require_watched: false}
      - {user_id: 42, retention: never}
      - {email: a@b.c, retention: 2w}
  - {name: "yes", type: watched, retention: 30d, unwatched_behavior: never}
  - {name: TV, type: episode, max_episodes: 5, max_age: 30d, season_numbers: [0, 3],
     keep_latest_season: true, exclude_continuing_series: true,
     episode_delete_strategy: by_age, tag: daily}
"""


async def test_export(hass: HomeAssistant, setup_integration: MockConfigEntry) -> None:
    """What is exported imports to the same rules, here and on another installation."""
    entry = setup_integration
    await import_rules(hass, EVERYTHING)
    rules = entry.runtime_data.settings.rules
    assert [rule.name for rule in rules.advanced] == [
        "First",
        "People",
        "yes",
        "TV",
        "Late",
    ]
    text = (await call(hass, "export_rules"))["yaml"]
    parsed = parse_rules(text).rules
    assert (parsed.standard, parsed.advanced) == (rules.standard, rules.advanced)
    response = await import_rules(hass, text, replace=True)
    told = {"unwatched", "notes"}
    assert {key: value for key, value in response.items() if key not in told} == {
        "added": [],
        "updated": [],
        "removed": [],
        "ignored": [],
        "dry_run": False,
    }
    await import_rules(hass, "advanced_rules: []\nrules: {}", replace=True)
    assert entry.runtime_data.settings.rules != rules
    await import_rules(hass, text)
    assert entry.runtime_data.settings.rules == rules
    assert (await call(hass, "export_rules"))["yaml"] == text


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "advanced_rules:\n  - {name: A, type: magic, retention: 1d}",
            ["line 2, rule 'A', type: 'magic' is not a rule type"],
        ),
        (
            "advanced_rules:\n  - name: A\n    type: tag\n    tag: x\n"
            "    retention: 1d\n    days: 3",
            ["line 6, rule 'A', days: unknown key"],
        ),
        (
            "advanced_rules:\n  - {name: A, type: tag, tag: [x], retention: 3}",
            ["rule 'A', tag: ['x'] is not text", "retention: 3 is not a duration"],
        ),
        (
            "advanced_rules:\n  - {name: A, type: episode, max_episodes: 0}\n"
            "  - {name: B, type: episode, max_age: never}",
            ["line 2, rule 'A', max_episodes: 0", "line 3, rule 'B', max_age: 'never'"],
        ),
        ("rules: {movie_retention: 999999d}", ["movie_retention: '999999d' is too"]),
        (
            "advanced_rules:\n  - {name: A, type: watched, retention: 1d}\n"
            "  - {name: a, type: watched, retention: 1d}",
            ["line 3, rule 'a', name: the rule on line 2 has the same name"],
        ),
        (
            "advanced_rules:\n  - name: A\n    type: user\n    users:\n"
            "      - {user_id: 1, email: a@b.c, retention: 1d}",
            ["line 5, rule 'A', users[1]: give exactly one of"],
        ),
        ("- just\n- a list", ["the text must have a section"]),
        ("rules:\n\tmovie_retention: 7d", ["line 2: this is not valid YAML", "tabs"]),
        ("rules: &a {movie_retention: 7d}\nadvanced_rules: [*a, *a]", ["references"]),
        ("# " + "x" * 200_000, ["200002 characters"]),
        ("servers: {}", ["line 1: the text must have a section"]),
        ("", ["the text must have a section"]),
    ],
)
async def test_bad_texts(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    text: str,
    faults: list[str],
) -> None:
    """Every fault is said with its line, in both ways, and nothing is imported."""
    entry = setup_integration
    options = dict(entry.options)
    changes = async_capture_events(hass, "state_changed")
    with pytest.raises(ServiceValidationError) as caught:
        await import_rules(hass, text)
    assert caught.value.translation_key == "invalid_rules"
    message = str(caught.value)
    assert message.startswith("Nothing was imported.")
    for fault in faults:
        assert fault in message

    flow = await open_import(hass, entry, text)
    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"] == {"yaml": "invalid_rules"}
    assert flow["description_placeholders"] is not None
    said = flow["description_placeholders"]["faults"]
    assert said.count("\n- ") == message.count("\n") + 1
    for fault in faults:
        assert fault in said.replace("\\", "")
    assert not entry.subentries
    assert entry.options == options
    assert not changes

    # What was typed is still there; put right, it is taken.
    schema = flow["data_schema"]
    assert schema is not None
    assert {str(key): key.description for key in schema.schema}["yaml"] == {
        "suggested_value": text
    }
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"yaml": SIMPLE}
    )
    assert flow["step_id"] == "preview_import"


async def test_back_and_away(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Nothing is stored before it is asked for."""
    entry = setup_integration
    options = dict(entry.options)
    before = pending(hass)
    flow = await open_import(hass, entry, OFF + ADVANCED, replace=True)
    flow = await finish(hass, flow, "import_rules")
    assert flow["step_id"] == "import_rules"
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"yaml": SIMPLE}
    )
    hass.config_entries.options.async_abort(flow["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (dict(entry.options), dict(entry.subentries)) == (options, {})
    assert pending(hass) == before


async def test_no_half_import_is_ever_acted_on(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """However many rules change at one go, only the last state is evaluated."""
    entry = setup_integration
    await import_rules(hass, OFF + ADVANCED + EPISODES.partition("\n")[2])
    plans: list[set[str]] = []
    coordinator = entry.runtime_data

    def note() -> None:
        assert coordinator.data.plan is not None
        plans.append({row.rule for row in coordinator.data.plan.entries})

    remove = coordinator.async_add_listener(note)
    await import_rules(
        hass,
        "advanced_rules:\n"
        "  - {name: Keep, type: tag, tag: quick-watch, retention: never}\n"
        "  - {name: One, type: watched, retention: 1d, require_watched: true}\n"
        "  - {name: Two, type: watched, retention: 1d, require_watched: true}\n",
        replace=True,
    )
    remove()
    assert names(entry) == ["Keep", "One", "Two"]
    # As it was, once, when the switches are set right; then as it is.
    assert plans[-1] == {"One"}
    assert len({frozenset(plan) for plan in plans}) <= 2


async def test_only_admins_import(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    hass_read_only_user: MockUser,
) -> None:
    """A guest may read the rules, and no more."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "oxicleanarr",
            "import_rules",
            {"yaml": SIMPLE},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert not setup_integration.options


async def test_after_a_restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Rules that were imported before the first sync are there from it on."""
    entry.add_to_hass(hass)
    flow = await open_import(hass, entry, OFF + ADVANCED)
    assert flow["description_placeholders"] is not None
    assert "no preview before" in flow["description_placeholders"]["preview"]
    await finish(hass, flow)
    await set_up(hass, entry)
    assert planned(entry) == {
        CASES["tagged quick-watch"]: "Quick Cleanup - Watched Only"
    }


async def test_what_nobody_has_watched_is_named(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A forgotten `require_watched` takes it, as in the guide; the answer says so."""
    rule = "advanced_rules: [{name: Old, type: watched, enabled: true, retention: 30d"
    response = await import_rules(hass, rule + ", require_watched: true}]")
    assert response["unwatched"] == []
    response = await import_rules(hass, rule + "}]")
    assert "The Long Map (2020)" in response["unwatched"]


async def test_a_dry_run_of_an_import_changes_nothing(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Its answer is that of the import, which comes after it."""
    entry = setup_integration
    options, text = dict(entry.options), OFF + ADVANCED
    dry = await call(hass, "import_rules", yaml=text, replace=True, dry_run=True)
    assert dry["dry_run"] is True
    assert dry["added"]
    assert names(entry) == []
    assert dict(entry.options) == options
    real = await call(hass, "import_rules", yaml=text, replace=True)
    assert real == dry | {"dry_run": False}
    assert names(entry) == real["added"]


async def test_what_means_something_else_in_oxicleanarr_is_said(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """By name, in the form before anything is applied, and in the answer."""
    text = """
rules: {retention_base: last_watched, unwatched_behavior: never}
advanced_rules:
  - {name: Old, type: watched, retention: 30d}
  - {name: Seen, type: tag, tag: x, retention: 30d, require_watched: true}
"""
    flow = await open_import(hass, setup_integration, text)
    assert flow["step_id"] == "preview_import"
    assert flow["description_placeholders"] is not None
    shown = flow["description_placeholders"]["changes"].replace("\\", "")
    assert "**Notes**" in shown
    response = await call(hass, "import_rules", yaml=text, dry_run=True)
    assert [(one["note_code"], one["note_data"]) for one in response["notes"]] == [
        ("base_is_default_only", {"base": "last_watched", "rules": ["Old"]}),
        ("unwatched_is_default_only", {"rules": ["Old"]}),
    ]
    for one in response["notes"]:
        assert one["note"] in shown
    assert response["notes"][1]["note"] == (
        "In OxiCleanarr, the global unwatched_behavior: never reaches every rule; here "
        "it applies only to the default retention. Rule Old deletes unwatched titles too; add require_watched: true to prevent "
        "that."
    )
    assert "The Long Map (2020)" in response["unwatched"]
    assert names(setup_integration) == []


async def test_from_other_programs(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What deletes comes disabled and changes no plan; what is left out is said."""
    entry = setup_integration
    before = planned(entry)
    flow = await open_import(hass, entry, JANITORR)
    assert flow["step_id"] == "preview_import"
    assert flow["description_placeholders"] is not None
    shown = flow["description_placeholders"]["changes"]
    assert "Janitorr counts differently" in shown
    assert "Set Keep movies for" in shown
    assert "SECRET" not in shown
    await finish(hass, flow)
    response = await import_rules(hass, MAINTAINERR)
    assert response["added"] == ["Maintainerr: movies quick alice Bob 30d"]
    assert {one.title: one.data["enabled"] for one in entry.subentries.values()} == {
        "Janitorr: keep keep": True,
        "Janitorr: keep grandma": True,
        "Janitorr: quick": False,
        "Janitorr: 5 - demo": False,
        "Janitorr: episodes of daily": False,
        "Maintainerr: movies quick alice Bob 30d": False,
    }
    assert planned(entry) == before
    # What becomes no rule takes none away.
    response = await import_rules(
        hass, "mediaType: MOVIES\nrules: [{0: []}]", replace=True
    )
    assert response["removed"] == []
    assert [one["note_code"] for one in response["notes"]] == ["no_date"]
