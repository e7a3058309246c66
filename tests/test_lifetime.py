"""The life of an entry: unloaded, reloaded, removed, added again, taken over from 71b979b.

Nothing lingers, and nothing is lost.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import shutil
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_get_persistent_notifications,
)

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.coordinator import ledger_path
from simulators import FaultKind, Household, JellyfinSimulator, JellystatSimulator

from .conftest import new_entry, pass_time, set_up, state_of
from .counted import GRACE, POLL, household, noon
from .lists import items_of
from .test_init import STORED_SUBENTRIES
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

FIXTURE = Path(__file__).with_name("ledger") / "fixtures" / "71b979b.db"
DRY_RUN = "switch.household_dry_run"
THEN = datetime(2026, 1, 19, 14, 38, tzinfo=UTC)
"""A moment after that file was written."""


def open_files(path: Path) -> list[str]:
    """Return what this process has open of a ledger."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(descriptor.readlink()))
        except OSError:
            continue
    return [one for one in found if one.startswith(str(path))]


def issues(hass: HomeAssistant) -> set[str]:
    """Return our issues."""
    return {
        issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN
    }


async def test_nothing_lingers_after_unloading(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """No listener, no issue, no open file, no request; the entities are unavailable."""
    # What there is once for all entries stays.
    assert await async_setup_component(hass, DOMAIN, {})
    for component in ("event", "todo", "calendar", "button", "switch", "sensor"):
        assert await async_setup_component(hass, component, {})
    assert await async_setup_component(hass, "binary_sensor", {})
    await hass.async_block_till_done()
    listeners = set(hass.bus.async_listeners())
    await set_up(hass, entry)
    # Somebody is asked something, and a server is away.
    await pass_time(hass, freezer, GRACE)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": DRY_RUN}, blocking=True
        )
    jellyfin.fail(FaultKind.SERVER_ERROR)
    await pass_time(hass, freezer, POLL)
    assert issues(hass)
    path = ledger_path(hass, entry.entry_id)
    assert open_files(path)
    jellyfin.faults.clear()

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    # Home Assistant's own clients close with it.
    assert set(hass.bus.async_listeners()) - {EVENT_HOMEASSISTANT_CLOSE} <= listeners
    assert issues(hass) == set()
    assert open_files(path) == []
    states = {
        one.state
        for one in hass.states.async_all()
        if one.entity_id.partition(".")[2].startswith("household_")
    }
    assert states == {STATE_UNAVAILABLE}
    asked = len(jellyfin.requests), len(jellystat.requests)
    await pass_time(hass, freezer, timedelta(days=1))
    assert (len(jellyfin.requests), len(jellystat.requests)) == asked


async def known(hass: HomeAssistant) -> dict[str, Any]:
    """Return all that a household sees."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    del plan["evaluated_at"]
    return {
        "plan": plan,
        "to_do": await items_of(hass, "todo.household_leaving_soon"),
        "deletions": await call(hass, "get_deletions"),
        "rules": await call(hass, "export_rules"),
        "history": await call(hass, "get_watch_history"),
        "states": {
            one.entity_id: one.state
            for one in hass.states.async_all()
            if not one.entity_id.startswith(("event.", "sensor.household_last_sync"))
        },
    }


async def test_nothing_is_lost_by_a_reload(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Keeps, schedule, grace, deletions, rules and history are as they were."""
    entry = setup_integration
    await call(hass, "import_rules", yaml="rules: {movie_retention: 60d}")
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "dry_run": False}
    )
    await pass_time(hass, freezer, GRACE)
    await call(hass, "keep_item", item_id="movie:tmdb:2", reason="For Sunday")
    await call(
        hass,
        "schedule_item",
        item_id="movie:tmdb:5",
        at=dt_util.utcnow() + timedelta(days=20),
    )
    result = await call(hass, "delete_media")
    assert [one["title"] for one in result["deleted"]] == ["Overdue"]
    await pass_time(hass, freezer, POLL)
    before = await known(hass)
    assert {one["title"] for one in before["plan"]["pending"]} == {
        "Unseen",
        "Late",
        "Whole",
    }
    assert len(before["deletions"]["deletions"]) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await known(hass) == before


async def test_removed_and_added_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing of the first one is left, and the second begins as a new one does."""
    await set_up(hass, entry)
    await call(hass, "keep_item", item_id="movie:tmdb:1")
    hass.config_entries.async_update_entry(
        entry,
        options={"dry_run": False, "real_runs_confirmed": True},
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    entities = {
        one.entity_id
        for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    assert len(async_get_persistent_notifications(hass)) == 1

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id) == []
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert [
        one for one in hass.states.async_all() if "household" in one.entity_id
    ] == []
    assert issues(hass) == set()
    assert async_get_persistent_notifications(hass) == {}
    path = ledger_path(hass, entry.entry_id)
    assert list(path.parent.glob(f"{DOMAIN}*")) == []
    assert open_files(path) == []
    assert hass.config_entries.flow.async_progress() == []

    await pass_time(hass, freezer, timedelta(days=1))
    again = new_entry(jellyfin, jellystat)
    await set_up(hass, again)
    found = er.async_entries_for_config_entry(er.async_get(hass), again.entry_id)
    assert {one.entity_id for one in found} == entities
    assert state_of(hass, DRY_RUN) == "on"
    plan = await call(hass, "evaluate_rules", include_kept=True)
    due = {one["title"]: one["due_at"] for one in plan["pending"]}
    # It is not kept any more, so it is announced for a whole grace.
    expected = dt_util.utcnow() + timedelta(days=3)
    assert due["Overdue"] == expected.isoformat()
    assert (await call(hass, "get_deletions"))["deletions"] == []
    assert len(async_get_persistent_notifications(hass)) == 1


async def test_taken_over_from_71b979b(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its entry and its ledger: keeps, schedule, deletions, marks and rules are there."""
    for number, name in ((10, "Hotel"), (22, "Victor")):
        movie = household.add_movie(
            name,
            provider_ids={"Tmdb": str(number)},
            added=THEN - timedelta(days=400),
        )
        household.play(household.users[0], movie, at=THEN - timedelta(days=100))
    household.scan()
    freezer.move_to(THEN)
    # The one that keeps everything would leave nothing to be seen.
    rules = [one for one in STORED_SUBENTRIES if one["title"] != "Auto"]
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=1,
        minor_version=1,
        title=jellyfin.name,
        unique_id=jellyfin.server_id,
        entry_id="01JZ0000000000000000000000",
        data=dict(new_entry(jellyfin, jellystat).data),
        options={"movie_retention": "30d", "dry_run": False},
        subentries_data=rules,
    )
    path = ledger_path(hass, entry.entry_id)
    shutil.copyfile(FIXTURE, path)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.version, entry.minor_version) == (2, 1)

    plan = await call(hass, "evaluate_rules", include_kept=True)
    kept = {one["title"]: one["kept_by"] for one in plan["kept"]}
    assert (kept["Soon"], kept["Hotel"]) == ("keep", "keep")
    (victor,) = [one for one in plan["pending"] if one["title"] == "Victor"]
    assert victor["rule_type"] == "manual"
    with sqlite3.connect(f"file:{FIXTURE}?mode=ro", uri=True) as old:
        ((due_at,),) = old.execute("SELECT at FROM manual").fetchall()
        deleted = old.execute("SELECT title FROM journal ORDER BY id DESC").fetchall()
    old.close()
    assert victor["due_at"] == datetime.fromtimestamp(due_at / 1000, UTC).isoformat()
    log = (await call(hass, "get_deletions"))["deletions"]
    assert [one["title"] for one in log] == [title for (title,) in deleted]
    exported = (await call(hass, "export_rules"))["yaml"]
    for rule in rules:
        assert f"name: {rule['title']}" in exported
    # Nobody has confirmed a real run since: dry run was off, and so it stays.
    assert state_of(hass, DRY_RUN) == "off"
