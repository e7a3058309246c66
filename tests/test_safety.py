"""What blocks deletion, what keeps titles, and what has to be confirmed."""

from datetime import timedelta
from pathlib import Path
import re
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr import backup
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.coordinator import ledger_path
from custom_components.oxicleanarr.household import Clock
from custom_components.oxicleanarr.ledger import DeletionOutcome, LedgerError
from custom_components.oxicleanarr.model import MediaKind
from custom_components.oxicleanarr.repairs import async_ask_for_first_real_run
from simulators import (
    FaultKind,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    RadarrSimulator,
)
from simulators.arrs import Arrs
from simulators.faults import Request
from simulators.sample import CASES

from .conftest import pass_time, pending_shown, set_up

RULES = {"movie_retention": "7d", "tv_retention": "never"}
EVENT = "event.household_cleanup"

pytestmark = pytest.mark.usefixtures("no_waiting")


async def call(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Call an action and return its response."""
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Set options, with the guide's rules, and wait for what follows."""
    hass.config_entries.async_update_entry(entry, options=RULES | options)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def due(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an entry of which titles are due, dry run off."""
    await choose(hass, setup_integration, dry_run=False)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    assert setup_integration.runtime_data.keeper.due
    return setup_integration


@pytest.fixture
def events(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what the event entity tells, as it comes."""
    told: list[dict[str, Any]] = []

    @callback
    def listen(event: Event[Any]) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == EVENT and state is not None:
            if state.attributes.get("event_type"):
                told.append(dict(state.attributes))

    hass.bus.async_listen("state_changed", listen)
    return told


def findings(hass: HomeAssistant) -> list[str]:
    """Return which fixable issues there are."""
    return sorted(
        str(issue.translation_key)
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.is_fixable
    )


async def confirm(
    hass: HomeAssistant, entry: MockConfigEntry, issue: str
) -> dict[str, Any]:
    """Look at an issue and confirm it; return how that ended."""
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(
        DOMAIN, data={"issue_id": f"{issue}_{entry.entry_id}"}
    )
    assert flow["step_id"] == "confirm"
    result = await flows.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    return {**result, "shown": flow["description_placeholders"]}


# --- keeping ------------------------------------------------------------------------


async def test_a_keep_holds_until_it_ends(
    hass: HomeAssistant, due: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """By key or id, with a reason and a day; then the grace begins anew."""
    title = CASES["watched 12 days ago"]
    plan = await call(hass, "evaluate_rules")
    row = next(row for row in plan["pending"] if row["title"] == title)
    until = dt_util.utcnow() + timedelta(days=2)
    kept = await call(
        hass, "keep_item", item_id=row["key"], until=until, reason="for Sunday"
    )
    assert kept == {"item_id": row["item_id"], "kept_until": until.isoformat()}
    plan = await call(hass, "evaluate_rules", include_kept=True)
    assert title not in {one["title"] for one in plan["pending"]}
    (held,) = [one for one in plan["kept"] if one["title"] == title]
    assert held["kept_by"] == "keep"
    assert "for Sunday" in held["reason"]
    result = await call(hass, "delete_media")
    assert title not in {one["title"] for one in result["deleted"]}
    await pass_time(hass, freezer, timedelta(days=2, minutes=1))
    plan = await call(hass, "evaluate_rules")
    (again,) = [one for one in plan["pending"] if one["title"] == title]
    due_at = dt_util.parse_datetime(again["due_at"])
    assert due_at is not None
    assert due_at > dt_util.utcnow() + timedelta(days=2)


async def test_a_keep_can_be_taken_back(
    hass: HomeAssistant, due: MockConfigEntry
) -> None:
    """The title is in the plan again, and waits."""
    title = CASES["watched 12 days ago"]
    item = due.runtime_data.data.plan.entries[0]
    for entry in due.runtime_data.data.plan.entries:
        if entry.title == title:
            item = entry
    await call(hass, "keep_item", item_id=item.item_id)
    assert await call(hass, "unkeep_item", item_id=item.item_id) == {
        "item_id": item.item_id,
        "kept_until": None,
    }
    assert title in {one.title for one in due.runtime_data.data.plan.entries}
    assert title not in {one.title for one in due.runtime_data.keeper.due}


async def test_a_keep_during_a_run_wins(
    hass: HomeAssistant, due: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Up to the call itself; and nobody is told to wait."""
    last = due.runtime_data.keeper.due[-1]
    kept: list[Any] = []

    def keep(request: Any) -> None:
        if request.method == "DELETE" and not kept:
            kept.append(
                hass.async_create_task(call(hass, "keep_item", item_id=last.item_id))
            )

    jellyfin.listeners.append(keep)
    result = await call(hass, "delete_media")
    assert kept
    reasons = {row["title"]: row["reason"] for row in result["skipped"]}
    assert reasons[last.title] == "It is kept."


async def test_scheduled_by_hand(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Also what nobody has watched; after the grace, and never against a keep."""
    never = {"movie_retention": "never", "tv_retention": "never"}
    await choose(hass, due, dry_run=False, **never)
    film = household.movie(CASES["never watched"])
    result = await call(
        hass, "schedule_item", item_id=film.id, at=dt_util.utcnow() + timedelta(hours=1)
    )
    due_at = dt_util.parse_datetime(result["due_at"])
    assert due_at is not None
    assert due_at > dt_util.utcnow() + timedelta(days=2)
    await call(hass, "keep_item", item_id=film.id)
    plan = await call(hass, "evaluate_rules")
    assert film.name not in {row["title"] for row in plan["pending"]}
    await call(hass, "unkeep_item", item_id=film.id)
    plan = await call(hass, "evaluate_rules")
    (row,) = [row for row in plan["pending"] if row["title"] == film.name]
    assert (row["rule"], row["rule_type"]) == ("Scheduled manually", "manual")
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    result = await call(hass, "delete_media", item_ids=[film.id])
    assert [row["title"] for row in result["deleted"]] == [film.name]


async def test_scheduled_by_hand_can_be_taken_back(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """Then the rules decide again."""
    film = household.movie(CASES["never watched"])
    await call(hass, "schedule_item", item_id=film.id, at=dt_util.utcnow())
    result = await call(hass, "unschedule_item", item_id=film.id)
    assert result == {"item_id": film.id, "due_at": None}
    plan = await call(hass, "evaluate_rules")
    assert film.name not in {row["title"] for row in plan["pending"]}


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("keep_item", {}),
        ("unkeep_item", {}),
        ("schedule_item", {"at": "2030-01-01 00:00:00"}),
        ("unschedule_item", {}),
    ],
)
async def test_unknown_titles_are_said(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    action: str,
    data: dict[str, Any],
) -> None:
    """One clear message with the name."""
    with pytest.raises(ServiceValidationError, match="movie:tmdb:0"):
        await call(hass, action, item_id="movie:tmdb:0", **data)


async def test_a_keep_that_has_ended_already_is_refused(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """It would keep nothing."""
    with pytest.raises(ServiceValidationError) as caught:
        await call(
            hass,
            "keep_item",
            item_id=household.movies[0].id,
            until=dt_util.utcnow() - timedelta(minutes=1),
        )
    assert caught.value.translation_key == "until_is_past"


# --- the journal ----------------------------------------------------------------------


async def test_a_sync_looks_how_an_interrupted_deletion_has_ended(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant ended between the call and its outcome: gone is gone."""
    coordinator = due.runtime_data
    entry = next(one for one in coordinator.keeper.due if one.kind is MediaKind.MOVIE)
    (item,) = coordinator.keeper.ledger.find(entry.item_id)
    coordinator.keeper.ledger.intend(entry, item, dt_util.utcnow())
    household.delete(household.movie(entry.title))
    await call(hass, "sync")
    assert coordinator.keeper.ledger.unsettled() == []
    (row,) = coordinator.keeper.ledger.deletions(1)
    assert (row.title, row.outcome) == (entry.title, DeletionOutcome.DELETED)


# --- the breaker ----------------------------------------------------------------------


async def test_a_shrunken_library_blocks_until_somebody_has_looked(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """With numbers and titles; the fix is for this finding only, and then all goes on."""
    for movie in household.movies[-26:]:
        household.remove_file(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == ["inventory_shrank"]
    assert hass.states.get("binary_sensor.household_deletion_blocked").state == "on"  # type: ignore[union-attr]
    with pytest.raises(HomeAssistantError, match="The libraries shrank from") as caught:
        await call(hass, "delete_media")
    assert caught.value.translation_key == "deletion_blocked"
    plan = await call(hass, "evaluate_rules")
    assert plan["blocked_by"][0].startswith("The libraries shrank from")
    await hass.config_entries.async_reload(due.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert findings(hass) == ["inventory_shrank"]
    result = await confirm(hass, due, "inventory_shrank")
    assert result["type"] == "create_entry"
    assert CASES["watched 9 days ago"] in result["shown"]["due"]
    assert findings(hass) == []
    assert (await call(hass, "delete_media"))["deleted"]


async def test_a_finding_goes_by_itself_when_all_is_back(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The disk was mounted again."""
    gone = household.movies[-26:]
    for movie in gone:
        household.remove_file(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == ["inventory_shrank"]
    for movie in gone:
        household.bring_back(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == []
    assert due.runtime_data.keeper.blockers == ()


async def test_a_lost_history_blocks_and_can_be_accepted(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Jellystat was set up anew: every sync fails until somebody has looked."""
    for play in list(household.plays):
        household.plays.remove(play)
    for _ in range(2):
        await pass_time(hass, freezer, timedelta(minutes=16))
        assert not due.runtime_data.last_update_success
        assert findings(hass) == ["history_shrank"]
    with pytest.raises(HomeAssistantError):
        await call(hass, "delete_media")
    result = await confirm(hass, due, "history_shrank")
    assert result["type"] == "create_entry"
    assert due.runtime_data.last_update_success
    assert findings(hass) == []
    assert due.runtime_data.keeper.blockers == ()
    assert hass.states.get("sensor.household_watch_events").state == "0"  # type: ignore[union-attr]


async def test_lifting_during_an_outage_forgets_nothing(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only a history that is gone is read anew; one that shrank is still there."""
    for play in list(household.plays)[:30]:
        household.plays.remove(play)
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == ["history_shrank"]
    rows = due.runtime_data.data.state.history_rows
    await jellyfin.stop()
    await pass_time(hass, freezer, timedelta(minutes=16))
    await confirm(hass, due, "history_shrank")
    assert due.runtime_data.keeper.ledger.state().history_rows == rows > 0
    await jellyfin.start()
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert findings(hass) == []


async def test_much_watched_at_once_blocks(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Marks were imported, or Jellyfin has made a mistake."""
    alice = household.user("alice")
    for movie in household.movies:
        household.mark_played(alice, movie)
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "played_surged" in findings(hass)


async def test_what_comes_after_the_form_is_not_accepted(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is shown again with the new figures, and then accepted as it was shown."""
    alice, (*movies, last) = household.user("alice"), household.movies
    household.unmark_played(alice, last)
    for movie in movies:
        household.mark_played(alice, movie)
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "played_surged" in findings(hass)
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(
        DOMAIN, data={"issue_id": f"played_surged_{due.entry_id}"}
    )
    household.mark_played(alice, last)
    await pass_time(hass, freezer, timedelta(hours=7))
    again = await flows.async_configure(flow["flow_id"], {})
    assert (again["type"], again["errors"]) == ("form", {"base": "changed"})
    assert (
        again["description_placeholders"]["changes"]
        != flow["description_placeholders"]["changes"]
    )
    assert "played_surged" in findings(hass)
    end = await flows.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert end["type"] == "create_entry"
    assert "played_surged" not in findings(hass)
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "played_surged" not in findings(hass)


async def test_what_has_gone_meanwhile_needs_no_confirmation(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The disk was mounted again while the form was open."""
    gone = household.movies[-26:]
    for movie in gone:
        household.remove_file(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(
        DOMAIN, data={"issue_id": f"inventory_shrank_{due.entry_id}"}
    )
    for movie in gone:
        household.bring_back(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    end = await flows.async_configure(flow["flow_id"], {})
    assert end["type"] == "create_entry"
    assert findings(hass) == []


async def test_users_who_vanish_block(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """All but one, and the list says so twice; one of four may leave."""
    _, bob, *others = [user for user in household.users if not user.disabled]
    bob.disabled = True
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "users_vanished" not in findings(hass)
    for user in others:
        user.disabled = True
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "users_vanished" in findings(hass)
    bob.disabled = False
    for user in others:
        user.disabled = False
    await pass_time(hass, freezer, timedelta(hours=7))
    assert "users_vanished" not in findings(hass)


async def test_favorites_that_vanish_block(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A user's data were reset; the fix accepts it."""
    alice = household.user("alice")
    for movie in household.movies[:10]:
        household.set_favourite(alice, movie)
    await pass_time(hass, freezer, timedelta(hours=7))
    for movie in household.movies[:10]:
        household.set_favourite(alice, movie, False)
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == ["favorites_vanished"]
    result = await confirm(hass, due, "favorites_vanished")
    assert "alice" in result["shown"]["changes"]
    assert findings(hass) == []


async def test_a_radarr_that_lists_nothing_blocks(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    household: Household,
    arrs: Arrs,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Whether it says so once or twice: no film goes behind its back."""
    await set_up(hass, entry_with_arrs)
    await choose(hass, entry_with_arrs, dry_run=False)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    radarr = next(
        server
        for _, server in arrs
        if isinstance(server, RadarrSimulator) and server.movies
    )
    movies = dict(radarr.movies)
    radarr.movies.clear()
    files = set(household.files)
    for _ in range(2):
        await pass_time(hass, freezer, timedelta(minutes=16))
        assert findings(hass) == ["titles_unlisted"]
        with pytest.raises(HomeAssistantError, match="Radarr or Sonarr listed"):
            await call(hass, "delete_media")
    assert set(household.files) == files
    radarr.movies.update(movies)
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert findings(hass) == []
    assert (await call(hass, "delete_media"))["deleted"]


async def test_a_clock_that_is_put_right_over_a_restart_blocks(
    hass: HomeAssistant, due: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """It was far ahead at a start, which looks like a month without power."""
    await hass.config_entries.async_unload(due.entry_id)
    freezer.tick(timedelta(days=30))
    await start_again(hass, due)
    assert findings(hass) == []
    await hass.config_entries.async_unload(due.entry_id)
    freezer.tick(timedelta(days=-30))
    await start_again(hass, due)
    assert findings(hass) == ["clock_jumped"]


async def test_much_due_at_once_blocks(
    hass: HomeAssistant, due: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A rule is stricter than it was meant to be."""
    await choose(
        hass, due, unwatched_behavior="added", unwatched_retention="1d", dry_run=False
    )
    assert findings(hass) == []
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    assert findings(hass) == ["due_surged"]


async def test_a_silent_jellystat_blocks(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    jellystat: JellystatSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Jellyfin logs plays that Jellystat knows nothing of."""
    await jellystat.stop()
    for name in ("never watched", "started, not finished", "watched 12 days ago"):
        household.play(household.user("bob"), household.movie(CASES[name]), 0.5)
    await jellystat.start()
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert findings(hass) == []
    await pass_time(hass, freezer, timedelta(hours=7))
    assert findings(hass) == ["jellystat_silent"]


async def test_a_clock_that_jumps_blocks(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Two days by the clock, a quarter of an hour by the heart of the machine."""
    await pass_time(hass, freezer, timedelta(minutes=16))
    steady = dt_util.utcnow().timestamp() + 960
    due.runtime_data.keeper.clock = Clock(dt_util.utcnow, lambda: steady)
    await pass_time(hass, freezer, timedelta(days=2))
    assert findings(hass) == ["clock_jumped"]
    await pass_time(hass, freezer, timedelta(seconds=1))
    assert due.runtime_data.keeper.blockers[0].code == "clock_jumped"
    await confirm(hass, due, "clock_jumped")
    assert "clock_jumped" not in findings(hass)


async def test_a_fix_while_something_is_under_way_says_so(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is lifted, and it can be tried again."""
    alice = household.user("alice")
    for movie in household.movies:
        household.mark_played(alice, movie)
    await pass_time(hass, freezer, timedelta(hours=7))
    await due.runtime_data.keeper.hold()
    result = await confirm(hass, due, "played_surged")
    due.runtime_data.keeper.release()
    assert result["type"] == "abort"
    assert result["reason"] == "failed"
    assert "played_surged" in findings(hass)


async def test_a_damaged_ledger_has_to_be_looked_at(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An empty one would forget what the household keeps."""
    ledger_path(hass, entry.entry_id).write_bytes(b"damaged" * 2000)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert findings(hass) == ["ledger_replaced"]
    await confirm(hass, entry, "ledger_replaced")
    assert findings(hass) == []
    assert entry.runtime_data.keeper.blockers == ()


async def test_a_ledger_that_cannot_be_written_blocks(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another program holds it: nothing goes, an issue says why, and it ends by itself."""
    files = set(household.files)
    other = sqlite3.connect(ledger_path(hass, due.entry_id), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkey = due.runtime_data.keeper.ledger
    monkey._database._connection.execute("PRAGMA busy_timeout = 10")
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert due.runtime_data.keeper.blockers[0].code == "sync_failed"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_failed_{due.entry_id}")
    assert issue is not None
    with pytest.raises(HomeAssistantError):
        await call(hass, "delete_media")
    assert set(household.files) == files
    other.execute("ROLLBACK")
    other.close()
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert due.runtime_data.keeper.blockers == ()
    assert not ir.async_get(hass).async_get_issue(
        DOMAIN, f"ledger_failed_{due.entry_id}"
    )


async def test_unloading_takes_the_issues_away(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """They are about an entry that is at work."""
    await choose(hass, due, unwatched_behavior="added", unwatched_retention="1d")
    await hass.config_entries.async_unload(due.entry_id)
    assert findings(hass) == []


# --- the first real run ---------------------------------------------------------------


async def test_the_first_real_run_is_looked_at(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The switch stays on until somebody has seen what would go; later it is quick."""
    entry = setup_integration
    await choose(hass, entry)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    switch = {"entity_id": "switch.household_dry_run"}
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    assert caught.value.translation_key == "confirm_first_real_run"
    assert hass.states.get(switch["entity_id"]).state == "on"  # type: ignore[union-attr]
    assert findings(hass) == ["first_real_run"]
    result = await confirm(hass, entry, "first_real_run")
    shown = result["shown"]["pending"].splitlines()
    title = CASES["watched 9 days ago"]
    assert any(
        re.fullmatch(rf"- \w+ \d+, 2\d+: {title} \(\d.* GB\)", one) for one in shown
    )
    assert len(shown) == len(entry.runtime_data.data.plan.entries)
    assert result["shown"]["total"].startswith(f"{len(shown)} titles (")
    # It says what is ready, and offers to delete it. The issue is settled already.
    assert (result["type"], result["step_id"]) == ("menu", "next")
    assert result["menu_options"] == ["delete", "automatic", "finish"]
    assert title in result["description_placeholders"]["ready"]
    assert findings(hass) == []
    assert hass.states.get(switch["entity_id"]).state == "off"  # type: ignore[union-attr]
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(switch["entity_id"]).state == "off"  # type: ignore[union-attr]


@pytest.mark.parametrize("option", ["delete", "automatic", "finish"])
async def test_the_first_real_run_leads_on(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    option: str,
) -> None:
    """It deletes what is ready, turns automatic deletion on, or leaves it at that."""
    entry = setup_integration
    await choose(hass, entry)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    async_ask_for_first_real_run(hass, entry)
    result = await confirm(hass, entry, "first_real_run")
    ready = len(entry.runtime_data.keeper.due)
    assert ready
    flows = hass.data[REPAIRS]["flow_manager"]
    result = await flows.async_configure(result["flow_id"], {"next_step_id": option})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert bool(entry.options.get("automatic_deletion")) is (option == "automatic")
    deleted = (await call(hass, "get_deletions"))["deletions"]
    if option == "delete":
        assert (result["type"], result["reason"]) == ("abort", "deleted")
        said = result["description_placeholders"]
        counts = [int(said[key].split()[0]) for key in ("deleted", "stayed")]
        assert sum(counts) == ready
        assert counts[0] > 0
        assert said["size"].endswith(" GB")
        assert deleted
    else:
        assert result["type"] == "create_entry"
        assert not deleted
    assert findings(hass) == []


async def test_the_first_real_run_with_nothing_ready(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """It says when the first title is; there is nothing to delete yet."""
    await choose(hass, setup_integration)
    async_ask_for_first_real_run(hass, setup_integration)
    result = await confirm(hass, setup_integration, "first_real_run")
    assert result["menu_options"] == ["automatic", "finish"]
    assert "The first title is ready on" in result["description_placeholders"]["ready"]
    # The menu follows what changes while it is open.
    flows = hass.data[REPAIRS]["flow_manager"]
    await choose(
        hass,
        setup_integration,
        movie_retention="never",
        tv_retention="never",
        real_runs_confirmed=True,
    )
    result = await flows.async_configure(result["flow_id"])
    assert result["description_placeholders"]["ready"] == "Nothing is pending."
    await hass.config_entries.async_unload(setup_integration.entry_id)
    result = await flows.async_configure(result["flow_id"])
    assert (result["type"], result["reason"]) == ("abort", "not_loaded")


async def test_the_first_real_run_cannot_delete_now(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Something else is under way: that is said. Unloaded, it ends."""
    entry = setup_integration
    await choose(hass, entry)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    flows = None
    for how, reason in (("busy", "failed"), ("unloaded", "not_loaded")):
        hass.config_entries.async_update_entry(
            entry, options={**entry.options, "dry_run": True}
        )
        async_ask_for_first_real_run(hass, entry)
        result = await confirm(hass, entry, "first_real_run")
        flows = hass.data[REPAIRS]["flow_manager"]
        if how == "busy":
            await entry.runtime_data.keeper.hold()
        else:
            await hass.config_entries.async_unload(entry.entry_id)
        result = await flows.async_configure(
            result["flow_id"], {"next_step_id": "delete"}
        )
        if how == "busy":
            entry.runtime_data.keeper.release()
        assert (result["type"], result["reason"]) == ("abort", reason)


async def test_what_was_not_shown_is_not_confirmed(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Titles are due sooner than when the form was opened: that is shown first."""
    entry = setup_integration
    await choose(hass, entry, movie_retention="30d")
    async_ask_for_first_real_run(hass, entry)
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(
        DOMAIN, data={"issue_id": f"first_real_run_{entry.entry_id}"}
    )
    before = flow["description_placeholders"]["pending"]
    await choose(hass, entry)
    flow = await flows.async_configure(flow["flow_id"], {})
    assert flow["errors"] == {"base": "changed"}
    assert flow["description_placeholders"]["pending"] != before
    assert not entry.options.get("real_runs_confirmed")
    flow = await flows.async_configure(flow["flow_id"], {})
    assert flow["step_id"] == "next"
    assert entry.options["real_runs_confirmed"]


async def refused(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[str, str]:
    """Ask for the first real run; return what the repair says and why it ends."""
    switch = {"entity_id": "switch.household_dry_run"}
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    issue_id = f"first_real_run_{entry.entry_id}"
    shown = pending_shown(hass, entry)
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(DOMAIN, data={"issue_id": issue_id})
    assert flow["type"] == "abort"
    assert hass.states.get(switch["entity_id"]).state == "on"  # type: ignore[union-attr]
    assert not entry.options.get("real_runs_confirmed")
    return shown, flow["reason"]


async def test_nobody_confirms_an_empty_list(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What comes after it would have been confirmed unseen; also while a form is open."""
    entry = setup_integration
    await choose(hass, entry, movie_retention="never")
    assert await refused(hass, entry) == ("Nothing is pending yet.", "nothing_pending")
    await choose(hass, entry)
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(
        DOMAIN, data={"issue_id": f"first_real_run_{entry.entry_id}"}
    )
    assert flow["step_id"] == "confirm"
    await choose(hass, entry, movie_retention="never")
    result = await flows.async_configure(flow["flow_id"], {})
    assert (result["type"], result["reason"]) == ("abort", "nothing_pending")
    assert not entry.options.get("real_runs_confirmed")


async def test_a_list_that_is_long(
    hass: HomeAssistant, entry: MockConfigEntry, household: Household
) -> None:
    """A hundred titles are named, and the others counted."""
    for number in range(150):
        movie = household.add_movie(
            f"Reel {number}",
            provider_ids={"Tmdb": f"reel{number}"},
            added=household.now() - timedelta(days=400),
        )
        household.play(
            household.user("alice"), movie, at=household.now() - timedelta(days=300)
        )
    household.scan()
    await set_up(hass, entry)
    await choose(hass, entry)
    async_ask_for_first_real_run(hass, entry)
    lines = pending_shown(hass, entry).splitlines()
    pending = len(entry.runtime_data.data.plan.entries)
    assert pending > 150
    assert len(lines) == 101
    assert lines[-1] == f"- … (+{pending - 100})"


async def test_nobody_confirms_for_an_entry_that_is_unloaded(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The form shows what it knew, and says so when it is confirmed."""
    entry = setup_integration
    await choose(hass, entry)
    async_ask_for_first_real_run(hass, entry)
    issue_id = f"first_real_run_{entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert await async_setup_component(hass, REPAIRS, {})
    flows = hass.data[REPAIRS]["flow_manager"]
    flow = await flows.async_init(DOMAIN, data={"issue_id": issue_id})
    await hass.config_entries.async_unload(entry.entry_id)
    result = await flows.async_configure(flow["flow_id"])
    assert result["step_id"] == "confirm"
    result = await flows.async_configure(flow["flow_id"], {})
    assert (result["type"], result["reason"]) == ("abort", "not_loaded")
    assert not entry.options.get("real_runs_confirmed")


async def test_nobody_confirms_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """There is no list to look at."""
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    await set_up(hass, entry)
    assert entry.runtime_data.data.plan is None
    assert await refused(hass, entry) == ("Nothing is pending yet.", "never_synced")


# --- automatic deletion ---------------------------------------------------------------


async def run_automatically(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    **options: Any,
) -> list[dict[str, Any]]:
    """Let a poll come with automatic deletion on; return what it has deleted."""
    await choose(hass, entry, dry_run=False, automatic_deletion=True, **options)
    await pass_time(hass, freezer, timedelta(minutes=16))
    rows: list[dict[str, Any]] = (await call(hass, "get_deletions"))["deletions"]
    return rows


@pytest.fixture
async def automatic(hass: HomeAssistant, due: MockConfigEntry) -> MockConfigEntry:
    """Return an entry whose titles go by themselves from the next poll on."""
    await choose(hass, due, dry_run=False, automatic_deletion=True)
    return due


async def deleted(hass: HomeAssistant) -> list[str]:
    """Return the titles that have been deleted."""
    rows = (await call(hass, "get_deletions"))["deletions"]
    return [row["title"] for row in rows]


async def start_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Start Home Assistant, and wait for the first sync."""
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("away", [timedelta(hours=6), timedelta(days=30)])
async def test_what_nobody_could_see_waits_its_grace_again(
    hass: HomeAssistant,
    automatic: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    away: timedelta,
) -> None:
    """Home Assistant was off, or its clock was wrong when it started."""
    await hass.config_entries.async_unload(automatic.entry_id)
    freezer.tick(away)
    await start_again(hass, automatic)
    assert automatic.runtime_data.keeper.blockers == ()
    await pass_time(hass, freezer, timedelta(days=2, hours=23))
    assert await deleted(hass) == []
    await pass_time(hass, freezer, timedelta(hours=2))
    assert await deleted(hass)


async def test_a_short_pause_changes_nothing(
    hass: HomeAssistant, automatic: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A restart is no reason to wait."""
    await hass.config_entries.async_unload(automatic.entry_id)
    freezer.tick(timedelta(hours=5))
    await start_again(hass, automatic)
    assert await deleted(hass)


async def test_a_ledger_from_a_backup_announces_anew(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
) -> None:
    """It knows nothing of what was kept since: not even an hour later that may go."""
    path = ledger_path(hass, due.entry_id)
    due.runtime_data.keeper.ledger.checkpoint()
    backup = tmp_path / "backup.db"
    backup.write_bytes(path.read_bytes())
    for entry in due.runtime_data.keeper.due:
        await call(hass, "keep_item", item_id=entry.item_id)
    await hass.config_entries.async_unload(due.entry_id)
    backup.rename(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    freezer.tick(timedelta(hours=1))
    await start_again(hass, due)
    assert due.runtime_data.keeper.blockers == ()
    assert (await call(hass, "delete_media"))["deleted"] == []


async def test_a_clock_that_jumped_is_not_forgotten(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even if the ledger cannot write down what was noticed."""
    keeper = due.runtime_data.keeper
    steady = dt_util.utcnow().timestamp()
    keeper.clock = Clock(dt_util.utcnow, lambda: steady)
    write = keeper.ledger.set_breaker_state

    def fails(state: object) -> None:
        """Have no space left."""
        raise LedgerError("database or disk is full")

    monkeypatch.setattr(keeper.ledger, "set_breaker_state", fails)
    freezer.tick(timedelta(hours=2))
    await due.runtime_data.async_refresh()
    monkeypatch.setattr(keeper.ledger, "set_breaker_state", write)
    await due.runtime_data.async_refresh()
    assert [one.code for one in keeper.blockers] == ["clock_jumped"]


async def test_another_server_at_the_address_stops_everything(
    hass: HomeAssistant,
    automatic: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A copy with the same key and the same items, for tests, say: polls notice it."""
    own_id, jellyfin.server_id = jellyfin.server_id, "0" * 32
    await pass_time(hass, freezer, timedelta(minutes=16))
    keeper = automatic.runtime_data.keeper
    assert [one.code for one in keeper.blockers] == ["sync_failed"]
    with pytest.raises(HomeAssistantError, match="another server"):
        await call(hass, "delete_media")
    assert findings(hass) == ["other_server"]
    result = await confirm(hass, automatic, "other_server")
    assert (result["type"], result["reason"]) == ("abort", "failed")
    assert findings(hass) == ["other_server"]
    # Also one whose ledger was lost knows which server was set up.
    assert automatic.runtime_data.settings.server_id == own_id
    jellyfin.server_id = own_id
    assert await deleted(hass) == []
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert findings(hass) == []
    assert await deleted(hass)


@pytest.mark.parametrize(
    "change",
    ["automatic_deletion", "dry_run", "movie_retention", "only_while", "max_items"],
)
async def test_what_is_changed_during_a_run_holds_from_the_next_file_on(
    hass: HomeAssistant,
    automatic: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
    change: str,
) -> None:
    """Both switches, the rules, an entity and the limits are asked before every file."""
    hass.states.async_set("input_boolean.now", "on")
    await choose(
        hass,
        automatic,
        dry_run=False,
        automatic_deletion=True,
        only_while="input_boolean.now",
    )
    assert len(automatic.runtime_data.keeper.due) > 3
    changes: dict[str, Any] = {
        "automatic_deletion": False,
        "dry_run": True,
        "movie_retention": "never",
        "max_items": 1,
    }

    def listen(request: Request) -> None:
        """Change it as soon as the first file has gone."""
        if request.method != "DELETE":
            return
        if change == "only_while":
            hass.states.async_set("input_boolean.now", "off")
            return
        options = {**automatic.options, change: changes[change]}
        hass.config_entries.async_update_entry(automatic, options=options)

    jellyfin.listeners.append(listen)
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert len(await deleted(hass)) == 1


async def test_a_user_whom_no_sync_has_met(
    hass: HomeAssistant,
    automatic: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Made since the last full sync, with everything that is due as a favorite."""
    user = household.add_user("newcomer")
    due = [one.item_id for one in automatic.runtime_data.keeper.due]
    for item in household.items:
        if item.id in due:
            household.set_favourite(user, item, True)
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert await deleted(hass) == []
    names = {one.name for one in automatic.runtime_data.data.users}
    assert "newcomer" in names


async def test_the_cap_holds_over_many_runs(
    hass: HomeAssistant, automatic: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Two a day, not two a run: over restarts, and by hand as well."""
    await choose(hass, automatic, dry_run=False, automatic_deletion=True, max_items=2)
    for _ in range(3):
        await pass_time(hass, freezer, timedelta(minutes=16))
    await call(hass, "delete_media")
    await hass.config_entries.async_unload(automatic.entry_id)
    await start_again(hass, automatic)
    assert len(await deleted(hass)) == 2
    await pass_time(hass, freezer, timedelta(hours=25))
    assert len(await deleted(hass)) == 4


@pytest.mark.parametrize(("start", "goes"), [(-1, True), (1, False)])
@pytest.mark.parametrize("over_midnight", [False, True])
async def test_only_inside_its_window(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    start: int,
    goes: bool,
    over_midnight: bool,
) -> None:
    """Local time; the end may lie on the next day."""
    noon = dt_util.now().replace(hour=23 if over_midnight else 12, minute=0)
    await pass_time(hass, freezer, noon + timedelta(days=1) - dt_util.now())
    begin = noon + timedelta(hours=start)
    end = begin + timedelta(hours=4)
    rows = await run_automatically(
        hass,
        due,
        freezer,
        window_start=begin.strftime("%H:%M:%S"),
        window_end=end.strftime("%H:%M:%S"),
    )
    assert bool(rows) is goes


@pytest.mark.parametrize(
    ("state", "goes"),
    [("on", True), ("off", False), ("unavailable", False), (None, False)],
)
async def test_only_while_an_entity_says_so(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    state: str | None,
    goes: bool,
) -> None:
    """What is not known lets nothing go."""
    if state is not None:
        hass.states.async_set("binary_sensor.nobody", state)
    rows = await run_automatically(
        hass, due, freezer, only_while="binary_sensor.nobody"
    )
    assert bool(rows) is goes


@pytest.mark.parametrize("state", ["unavailable", "unknown", None, "150"])
async def test_a_disk_that_needs_nothing_or_is_not_known_lets_nothing_go(
    hass: HomeAssistant,
    due: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    state: str | None,
) -> None:
    """There is enough, or nobody knows."""
    if state is not None:
        hass.states.async_set("sensor.disk", state, {"unit_of_measurement": "GB"})
    assert not await run_automatically(hass, due, freezer, **disk(100, 200))


def disk(threshold: float, target: float) -> dict[str, Any]:
    """Return the options of a disk condition."""
    return {
        "disk_entity": "sensor.disk",
        "disk_threshold": threshold,
        "disk_target": target,
    }


async def test_the_disk_gets_what_it_needs_and_no_more(
    hass: HomeAssistant, due: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The oldest due go first, until the target is reached."""
    first, second, third = due.runtime_data.keeper.due[:3]
    missing = (first.size_bytes + second.size_bytes // 2) / 1e9
    hass.states.async_set("sensor.disk", "99", {"unit_of_measurement": "GB"})
    rows = await run_automatically(hass, due, freezer, **disk(100, 99 + missing))
    assert {row["title"] for row in rows} == {first.title, second.title}
    assert third.title not in {row["title"] for row in rows}


async def test_a_disk_in_per_cent_frees_one_title_at_a_time(
    hass: HomeAssistant, due: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Until the target, not only until the threshold; then it waits for that again."""
    hass.states.async_set("sensor.disk", "4", {"unit_of_measurement": "%"})
    rows = await run_automatically(hass, due, freezer, **disk(5, 10))
    assert len({row["title"] for row in rows}) == 1
    hass.states.async_set("sensor.disk", "7", {"unit_of_measurement": "%"})
    await pass_time(hass, freezer, timedelta(minutes=16))
    more = (await call(hass, "get_deletions"))["deletions"]
    assert len(more) > len(rows)
    hass.states.async_set("sensor.disk", "10", {"unit_of_measurement": "%"})
    await pass_time(hass, freezer, timedelta(minutes=16))
    hass.states.async_set("sensor.disk", "7", {"unit_of_measurement": "%"})
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert (await call(hass, "get_deletions"))["deletions"] == more


# --- what is told, and backups ----------------------------------------------------------


async def test_what_happens_is_told(
    hass: HomeAssistant,
    events: list[dict[str, Any]],
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Scheduled at least the grace before, then kept, blocked or deleted."""
    entry = setup_integration
    assert [one["event_type"] for one in events] == ["scheduled"]
    scheduled = events[0]
    assert scheduled["count"] == len(entry.runtime_data.data.plan.entries)
    first = scheduled["items"][0]
    due_at = dt_util.parse_datetime(first["due_at"])
    assert due_at is not None
    assert due_at >= dt_util.utcnow() + timedelta(days=2, hours=23)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    events.clear()
    await call(hass, "keep_item", item_id=first["item_id"])
    assert [one["event_type"] for one in events] == ["kept"]
    events.clear()
    await choose(hass, entry, dry_run=False)
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    events.clear()
    await call(hass, "delete_media")
    assert "deleted" in [one["event_type"] for one in events]
    events.clear()
    for movie in household.movies[-24:]:
        household.remove_file(movie)
    household.scan()
    await pass_time(hass, freezer, timedelta(hours=7))
    blocked = [one for one in events if one["event_type"] == "blocked"]
    assert len(blocked) == 1
    assert "The libraries shrank" in blocked[0]["reasons"][0]


async def test_a_backup_holds_everything_and_has_all_of_the_ledger(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """The one file is complete, and nothing changes it while it is copied."""
    movie = household.movies[0]
    await call(hass, "keep_item", item_id=movie.id)
    await backup.async_pre_backup(hass)
    path = ledger_path(hass, due.entry_id)
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "sync")
    assert caught.value.translation_key == "busy"
    await backup.async_post_backup(hass)
    await call(hass, "sync")
    restored = sqlite3.connect(copy)
    assert restored.execute("SELECT count(*) FROM keeps").fetchone() == (1,)
    restored.close()


async def test_dates_in_the_future_are_shown(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """As a warning that blocks nothing."""
    film = household.movies[0]
    alice = household.user("alice")
    household.mark_played(alice, film, household.now() + timedelta(days=36_500))
    await call(hass, "sync", full=True)
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"dates_in_the_future_{due.entry_id}"
    )
    assert issue is not None
    assert issue.translation_placeholders == {"titles": f"- {film.name}"}
    assert due.runtime_data.keeper.blockers == ()
