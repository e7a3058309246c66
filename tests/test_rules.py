"""Rules at work: what they do to the plan, at once and without a reload."""

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.retention import rule_from_mapping
from custom_components.oxicleanarr.rules import new_subentry
from simulators import Household, JellyfinSimulator
from simulators.sample import CASES

from .conftest import pass_time, set_up, state_of
from .rules import PENDING, add_rule, change_rule, pending, planned

pytestmark = pytest.mark.usefixtures("no_waiting")

# Without the standard retentions the rules are alone.
ALONE = {"movie_retention": "0d", "tv_retention": "0d", "grace_days": 0}


@pytest.fixture
async def entry_alone(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> MockConfigEntry:
    """Return an entry in which nothing goes but what a rule takes."""
    hass.config_entries.async_update_entry(setup_integration, options=ALONE)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert pending(hass) == 0
    return setup_integration


@pytest.fixture
def never_away(hass: HomeAssistant) -> Iterator[None]:
    """See that no entity is away for a moment, as it would be after a reload."""
    events = async_capture_events(hass, "state_changed")
    yield
    assert not [
        event
        for event in events
        if event.data["entity_id"] == PENDING
        and event.data["old_state"] is not None
        and (
            event.data["new_state"] is None
            or event.data["new_state"].state == "unavailable"
        )
    ]


TAG = {"name": "Quick", "tag": "quick-watch", "retention": 3.0}


@pytest.mark.usefixtures("never_away")
@pytest.mark.parametrize(
    ("kind", "typed", "takes", "changed", "takes_then"),
    [
        (
            "tag_rule",
            TAG,
            {CASES["tagged quick-watch"]},
            TAG | {"tag": "other"},
            set(),
        ),
        (
            "watched_rule",
            {"name": "Auto", "retention": 30.0, "more": {"libraries": ["Movies"]}},
            None,
            {"name": "Auto", "retention_unit": "never"},
            set(),
        ),
        (
            "episode_rule",
            {"name": "TV", "max_episodes": 5.0, "max_age": 30.0},
            None,
            {"name": "TV", "max_episodes": 1000.0},
            set(),
        ),
    ],
)
async def test_life_of_a_rule(
    hass: HomeAssistant,
    entry_alone: MockConfigEntry,
    kind: str,
    typed: dict[str, Any],
    takes: set[str] | None,
    changed: dict[str, Any],
    takes_then: set[str],
) -> None:
    """Made, changed, switched off and on, and removed: the plan follows at once."""
    entry = entry_alone
    coordinator = entry.runtime_data
    rule = await add_rule(hass, entry, kind, **typed)
    plan = planned(entry)
    assert plan
    assert set(plan.values()) == {typed["name"]}
    if takes is not None:
        assert set(plan) == takes
    number = pending(hass)
    assert number == len(coordinator.data.plan.entries) > 0

    await change_rule(hass, entry, rule, **changed)
    assert set(planned(entry)) == takes_then
    assert pending(hass) == 0
    await change_rule(hass, entry, rule, **typed)
    assert pending(hass) == number

    switch = f"switch.rule_{typed['name'].lower()}"
    assert state_of(hass, switch) == STATE_ON
    for action, state, left in (
        ("turn_off", STATE_OFF, 0),
        ("turn_on", STATE_ON, number),
    ):
        await hass.services.async_call(
            "switch", action, {ATTR_ENTITY_ID: switch}, blocking=True
        )
        assert state_of(hass, switch) == state
        assert rule.data["enabled"] is (state == STATE_ON)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert pending(hass) == left
    # Switched by the form, it is the same.
    await change_rule(hass, entry, rule, **typed, enabled=False)
    assert state_of(hass, switch) == STATE_OFF
    assert pending(hass) == 0
    await change_rule(hass, entry, rule, **typed)

    hass.config_entries.async_remove_subentry(entry, rule.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert pending(hass) == 0
    assert state_of(hass, switch) is None
    assert entry.runtime_data is coordinator


async def test_switch_and_device_of_a_rule(
    hass: HomeAssistant,
    entry_alone: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """They belong to the rule, are called after it, and go with it."""
    entry = entry_alone
    rule = await add_rule(hass, entry, "tag_rule", **TAG)
    entity = entity_registry.async_get("switch.rule_quick")
    assert entity is not None
    assert entity.unique_id == f"{entry.entry_id}_rule_{rule.subentry_id}"
    assert entity.config_subentry_id == rule.subentry_id
    assert entity.device_id is not None
    device = device_registry.async_get(entity.device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert device.name == "Rule Quick"
    main = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, entry.entry_id), config_entry_id=entry.entry_id
    )
    assert device.via_device_id == main != device.id
    state = hass.states.get("switch.rule_quick")
    assert state is not None
    assert state.name == "Rule Quick"

    await change_rule(hass, entry, rule, **TAG | {"name": "Fast"})
    state = hass.states.get("switch.rule_quick")
    assert state is not None
    assert state.name == "Rule Fast"
    assert entity_registry.async_get("switch.rule_quick") is not None

    # They are there again after a restart, under the same name.
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "switch.rule_quick") == STATE_ON
    assert planned(entry) == {CASES["tagged quick-watch"]: "Fast"}

    hass.config_entries.async_remove_subentry(entry, rule.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entity_registry.async_get("switch.rule_quick") is None
    assert device_registry.async_get(device.id) is None
    assert device_registry.async_get(main) is not None


@pytest.mark.usefixtures("never_away")
async def test_first_match_decides(
    hass: HomeAssistant, entry_alone: MockConfigEntry
) -> None:
    """Of one type the smallest priority, then the oldest; a keep is a decision."""
    entry = entry_alone
    await add_rule(hass, entry, "tag_rule", **TAG | {"name": "First"})
    second = await add_rule(hass, entry, "tag_rule", **TAG | {"name": "Second"})
    await add_rule(hass, entry, "watched_rule", name="Auto", retention=1.0)
    assert planned(entry)[CASES["tagged quick-watch"]] == "First"
    await change_rule(
        hass, entry, second, **TAG | {"name": "Second", "more": {"priority": 1.0}}
    )
    assert planned(entry)[CASES["tagged quick-watch"]] == "Second"
    rules = entry.runtime_data.settings.rules.advanced
    assert [rule.name for rule in rules] == ["Second", "First", "Auto"]
    await change_rule(
        hass,
        entry,
        second,
        **TAG
        | {"name": "Second", "retention_unit": "never", "more": {"priority": 1.0}},
    )
    assert CASES["tagged quick-watch"] not in planned(entry)


async def test_user_rules_need_seerr(
    hass: HomeAssistant,
    entry_alone: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
) -> None:
    """Without one they match nothing, and that is said for as long as it is so."""
    entry = entry_alone
    await add_rule(hass, entry, "watched_rule", name="Auto", retention=1.0)
    before = planned(entry)
    issue_id = f"user_rules_without_seerr_{entry.entry_id}"
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is None

    typed = {"name": "People", "users": ["username:alice"], "retention_unit": "never"}
    rule = await add_rule(hass, entry, "user_rule", **typed)
    assert planned(entry) == before
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.is_fixable is False
    assert (issue.learn_more_url or "").endswith("/docs/radarr-sonarr-seerr.md")
    assert issue.translation_placeholders == {"title": entry.title, "rules": "People"}
    second = await add_rule(hass, entry, "user_rule", **typed | {"name": "More"})
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders == {
        "title": entry.title,
        "rules": "People, More",
    }
    hass.config_entries.async_remove_subentry(entry, second.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    for action, expected in (("turn_off", False), ("turn_on", True)):
        await hass.services.async_call(
            "switch", action, {ATTR_ENTITY_ID: "switch.rule_people"}, blocking=True
        )
        await hass.async_block_till_done(wait_background_tasks=True)
        found = issue_registry.async_get_issue(DOMAIN, issue_id)
        assert (found is not None) is expected
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is not None
    await hass.config_entries.async_unload(entry.entry_id)
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is None
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    hass.config_entries.async_remove_subentry(entry, rule.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issue_registry.async_get_issue(DOMAIN, issue_id) is None


async def test_renaming_the_subentry(
    hass: HomeAssistant,
    entry_alone: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Home Assistant can rename it without asking us; the rule has that name then."""
    entry = entry_alone
    rule = await add_rule(hass, entry, "tag_rule", **TAG)
    await add_rule(hass, entry, "tag_rule", **TAG | {"name": "Other"})
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)

    async def rename(title: str) -> None:
        await client.send_json_auto_id(
            {
                "type": "config_entries/subentries/update",
                "entry_id": entry.entry_id,
                "subentry_id": rule.subentry_id,
                "title": title,
            }
        )
        assert (await client.receive_json())["success"]
        await hass.async_block_till_done(wait_background_tasks=True)

    await rename("Faster")
    assert rule.data["name"] == rule.title == "Faster"
    assert planned(entry) == {CASES["tagged quick-watch"]: "Faster"}
    # A name that it cannot have is taken back.
    for title in ("OTHER", " ", "x" * 201):
        await rename(title)
        assert rule.data["name"] == rule.title == "Faster"


async def test_rules_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Somebody has changed what is stored: nothing is done until that is mended."""
    entry.add_to_hass(hass)
    subentry = new_subentry(rule_from_mapping("tag", TAG | {"retention": "3d"}))
    hass.config_entries.async_add_subentry(entry, subentry)
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "retention": "soon"}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "stored_rules"
    assert "soon" in str(entry.error_reason_translation_placeholders)


async def test_a_change_during_a_sync(
    hass: HomeAssistant,
    entry_alone: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    household: Household,
) -> None:
    """The switch of a new rule is there at once; the plan follows the sync."""
    entry = entry_alone
    syncing = hass.async_create_task(
        entry.runtime_data.async_asked(entry.runtime_data.keeper.sync(full=True))
    )
    while not entry.runtime_data.keeper.busy:
        await hass.async_block_till_done()
    hass.config_entries.async_add_subentry(
        entry, new_subentry(rule_from_mapping("tag", TAG | {"retention": "3d"}))
    )
    await syncing
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, "switch.rule_quick") == STATE_ON
    assert set(planned(entry)) == {CASES["tagged quick-watch"]}


async def test_a_rule_of_a_failed_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A rule that is made while Jellyfin is away is in force when it is back."""
    await jellyfin.stop()
    await set_up(hass, entry)
    states = [entry.state]
    await add_rule(hass, entry, "tag_rule", **TAG)
    await jellyfin.start()
    await pass_time(hass, freezer, timedelta(minutes=1))
    states.append(entry.state)
    assert states == [ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED]
    assert planned(entry)[CASES["tagged quick-watch"]] == "Quick"


async def test_subentries_that_are_no_rules(
    hass: HomeAssistant, entry_alone: MockConfigEntry
) -> None:
    """Other things have subentries too; rules leave them alone."""
    other = ConfigSubentry(
        data=MappingProxyType({}),
        subentry_type="other",
        title="Quick",
        unique_id="quick",
    )
    hass.config_entries.async_add_subentry(entry_alone, other)
    await hass.async_block_till_done(wait_background_tasks=True)
    await add_rule(hass, entry_alone, "tag_rule", **TAG)
    assert set(planned(entry_alone)) == {CASES["tagged quick-watch"]}
    assert len(entry_alone.runtime_data.settings.rules.advanced) == 1
    assert state_of(hass, "switch.rule_quick_2") is None
