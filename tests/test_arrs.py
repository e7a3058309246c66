"""With Radarr, Sonarr and Seerr: whose titles go how, and who decides for a request."""

from datetime import timedelta
from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import FaultKind, Household
from simulators.arrs import ARR_CASES, Arrs

from .conftest import pass_time, set_up, state_of
from .test_services import RULES, call, titles

GRACE = timedelta(days=3, minutes=1)
# Jellyfin needs a minute to notice, and another sync asks it.
A_MOMENT = timedelta(minutes=2)


def add_rule(hass: HomeAssistant, entry: MockConfigEntry, **rule: Any) -> None:
    """Add a rule as its form would."""
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(rule),
            subentry_type="rule",
            title=rule["name"],
            unique_id=None,
        ),
    )


def add_people(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add the guide's rule for requests."""
    add_rule(
        hass,
        entry,
        type="user",
        name="People",
        users=[{"username": "alice", "retention": "7d", "require_watched": True}],
    )


@pytest.fixture
async def due(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an entry with all servers and the guide's rules, after the grace."""
    await set_up(hass, entry_with_arrs)
    add_people(hass, entry_with_arrs)
    add_rule(
        hass,
        entry_with_arrs,
        type="tag",
        name="Quick",
        tag="Quick-Watch",
        retention="3d",
        require_watched=True,
    )
    hass.config_entries.async_update_entry(
        entry_with_arrs, options={**RULES, "dry_run": False}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, GRACE)
    return entry_with_arrs


async def test_what_is_due_goes_through_its_owner(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    household: Household,
    arrs: Arrs,
) -> None:
    """The disk confirms it at once, and nothing downloads it again."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    result = await call(hass, "delete_media")
    assert not result["failed"]
    gone = titles(result["deleted"])
    assert ARR_CASES["requested and watched by alice"] in gone
    assert ARR_CASES["known to no *arr"] in gone
    assert gone <= titles(plan["pending"])
    rows = (await call(hass, "get_deletions", limit=1000))["deletions"]
    by_title = {row["title"]: row for row in rows}
    film = by_title[ARR_CASES["requested and watched by alice"]]
    assert film["deleted_by"] == ["Radarr"]
    assert film["outcome"] == "deleted"
    assert by_title[ARR_CASES["known to no *arr"]]["deleted_by"] == ["Jellyfin"]
    await pass_time(hass, freezer, A_MOMENT)
    rows = (await call(hass, "get_deletions", limit=1000))["deletions"]
    assert {row["outcome"] for row in rows} == {"deleted"}
    for server in (arrs.radarr, arrs.radarr4k, arrs.sonarr):
        assert server is not None
        assert server.search() == []
        assert server.list_sync() == []
    assert float(state_of(hass, "sensor.household_reclaimed_space") or 0) > 0


async def test_requests_belong_to_those_who_asked(
    hass: HomeAssistant, due: MockConfigEntry
) -> None:
    """Alice's go after alice has watched them; that bob has does not count."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    pending = {row["title"]: row for row in plan["pending"]}
    kept = {row["title"]: row for row in plan["kept"]}
    own = pending[ARR_CASES["requested and watched by alice"]]
    assert own["rule"] == "People"
    assert "alice" in own["reason"]
    other = kept[ARR_CASES["requested by alice, watched by bob only"]]
    assert other["kept_by"] == "People"
    assert "alice hasn't finished it" in other["reason"]
    quick = pending[ARR_CASES["tagged quick-watch"]]
    assert quick["rule"] == "Quick"


async def test_without_seerr_a_user_rule_matches_nothing(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """And it says so."""
    add_people(hass, setup_integration)
    hass.config_entries.async_update_entry(setup_integration, options=RULES)
    await hass.async_block_till_done(wait_background_tasks=True)
    title = ARR_CASES["requested by alice, watched by bob only"]
    plan = await call(hass, "evaluate_rules")
    (row,) = [row for row in plan["pending"] if row["title"] == title]
    explained = await call(hass, "explain_item", item_id=row["item_id"])
    step = next(one for one in explained["trace"] if one["rule"] == "People")
    assert step["matched"] is False
    assert "No Seerr is connected" in step["because"]


async def test_a_silent_radarr_holds_its_movies_only(
    hass: HomeAssistant, due: MockConfigEntry, arrs: Arrs, no_waiting: None
) -> None:
    """The plan stays to be seen; series go on."""
    before = await call(hass, "evaluate_rules")
    arrs.radarr.fail(FaultKind.SERVER_ERROR)
    result = await call(hass, "delete_media")
    kinds = {row["kind"] for row in result["deleted"]}
    assert "movie" not in kinds
    assert "series" in kinds
    skipped = {row["reason"] for row in result["skipped"] if row["kind"] == "movie"}
    assert any("Radarr did not respond" in reason for reason in skipped)
    assert state_of(hass, "binary_sensor.radarr_connectivity") in ("off", None)
    after = await call(hass, "evaluate_rules")
    movies = {row["title"] for row in before["pending"] if row["kind"] == "movie"}
    assert movies <= titles(after["pending"])


async def test_the_look_after_a_run_is_no_run(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a run has left over waits for the next one, two minutes or not."""
    hass.config_entries.async_update_entry(
        due, options={**due.options, "automatic_deletion": True, "max_items": 2}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, timedelta(minutes=16))
    rows = (await call(hass, "get_deletions", limit=1000))["deletions"]
    assert rows
    await pass_time(hass, freezer, A_MOMENT)
    after = (await call(hass, "get_deletions", limit=1000))["deletions"]
    assert {row["item_id"] for row in after} == {row["item_id"] for row in rows}
    assert {row["outcome"] for row in after} == {"deleted"}
    await pass_time(hass, freezer, timedelta(hours=25))
    assert len((await call(hass, "get_deletions", limit=1000))["deletions"]) > len(rows)


async def test_people_are_told_what_is_theirs(
    hass: HomeAssistant, due: MockConfigEntry
) -> None:
    """An event names who asked for a title, and who has watched it."""
    await call(hass, "delete_media")
    state = hass.states.get("event.household_cleanup")
    assert state is not None
    assert state.attributes["event_type"] == "deleted"
    deleted = {one["title"]: one for one in state.attributes["items"]}
    own = deleted[ARR_CASES["requested and watched by alice"]]
    assert own["requested_by"] == ["alice"]
    assert "alice" in own["watched_by"]
    assert deleted[ARR_CASES["known to no *arr"]]["requested_by"] == []
