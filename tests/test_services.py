"""The actions: what they answer, whom they obey, and what they refuse."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.coordinator import LOOK_AGAIN_AFTER
from simulators import Fault, FaultKind, Household, JellyfinSimulator
from simulators.disk import Disk
from simulators.faults import Request
from simulators.sample import CASES

from .conftest import pass_time

RULES = {"movie_retention": "7d", "tv_retention": "14d"}


async def call(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Call an action and return its response."""
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


@pytest.fixture
async def due(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an entry with the guide's rules, dry run off, after the grace."""
    hass.config_entries.async_update_entry(
        setup_integration, options={**RULES, "dry_run": False}
    )
    await pass_time(hass, freezer, timedelta(days=3, minutes=1))
    return setup_integration


def titles(rows: list[dict[str, Any]]) -> set[str]:
    """Return the titles of a response's rows."""
    return {row["title"] for row in rows}


async def test_sync(hass: HomeAssistant, setup_integration: MockConfigEntry) -> None:
    """A poll by default, and everything on request."""
    report = await call(hass, "sync")
    assert report["mode"] == "poll"
    report = await call(hass, "sync", full=True)
    assert report["mode"] == "full"
    assert report["items"] > 100
    assert report["users"] == 4
    assert report["history_events"] == 0
    started, finished = (
        datetime.fromisoformat(report[key]) for key in ("started_at", "finished_at")
    )
    assert started.utcoffset() == timedelta()
    assert started <= finished


async def test_evaluate_rules(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """The plan in full, with every field of the design."""
    hass.config_entries.async_update_entry(setup_integration, options=RULES)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await call(hass, "evaluate_rules")
    assert result["dry_run"] is True
    assert result["blocked_by"] == []
    assert "kept" not in result
    counts = result["counts"]
    assert counts["pending"] == len(result["pending"])
    assert counts["movies"] == len(household.movies)
    assert counts["episodes"] > 0
    pending = {row["title"]: row for row in result["pending"]}
    row = pending[CASES["watched 9 days ago"]]
    assert set(row) == {
        "item_id",
        "key",
        "kind",
        "title",
        "year",
        "series",
        "season",
        "episode",
        "size_bytes",
        "watched",
        "watched_by",
        "last_watched_at",
        "added_at",
        "rule",
        "rule_type",
        "reason",
        "reason_code",
        "reason_data",
        "due_at",
        "first_scheduled_at",
        "approval",
        "approved_until",
        "episodes",
    }
    assert row["kind"] == "movie"
    assert row["watched"] is True
    assert row["watched_by"]
    assert row["size_bytes"] > 0
    assert result["reclaimable_bytes"] >= row["size_bytes"]
    for case in (
        "started, not finished",
        "never watched",
        "watched, a favourite",
        "one episode left",
        "favourite series",
        "never watched series",
        "watched by half",
    ):
        assert CASES[case] not in pending, case
    for case in ("marked by hand", "two versions"):
        assert CASES[case] in pending, case
    assert pending[CASES["watched by one user"]]["kind"] == "series"
    assert pending[CASES["watched by one user"]]["episodes"]


async def test_kept_titles_say_why(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Each with what keeps it."""
    result = await call(hass, "evaluate_rules", include_kept=True)
    kept = {row["title"]: row for row in result["kept"]}
    assert len(kept) == result["counts"]["kept"]
    assert kept[CASES["watched, a favourite"]]["kept_by"] == "favorite"
    row = kept[CASES["never watched"]]
    assert row["reason"] == "Kept because nobody has finished it."
    assert row["reason_code"] == "standard_keeps"
    assert row["reason_data"] == {
        "because": {"code": "nobody_finished", "data": {"progress": None}}
    }


async def test_the_guides_example(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Watched five days ago, seven days retention: due in two days, not in three."""
    hass.config_entries.async_update_entry(
        setup_integration, options={**RULES, "grace_days": 1}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await call(hass, "evaluate_rules")
    (row,) = [
        row for row in result["pending"] if row["title"] == CASES["watched 5 days ago"]
    ]
    last = datetime.fromisoformat(row["last_watched_at"])
    assert datetime.fromisoformat(row["due_at"]) == last + timedelta(days=7)


async def test_a_dry_run_deletes_nothing(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """Whether the switch or the call asks for it."""
    files = set(household.files)
    result = await call(hass, "delete_media", dry_run=True)
    assert result["dry_run"] is True
    assert result["deleted"] == []
    assert result["reclaimed_bytes"] == 0
    assert result["requests"] > 0
    assert any("Dry run" in row["reason"] for row in result["skipped"])
    assert "dry_run" in {row["reason_code"] for row in result["skipped"]}
    hass.config_entries.async_update_entry(due, options=RULES)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await call(hass, "delete_media", dry_run=False)
    assert result["dry_run"] is True
    assert result["deleted"] == []
    assert set(household.files) == files


async def test_a_real_run_deletes_exactly_the_due(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """The files are gone, the rest is there, the journal says so."""
    plan = await call(hass, "evaluate_rules")
    planned = {
        row["title"]
        for row in plan["pending"]
        if datetime.fromisoformat(row["due_at"]) <= dt_util.utcnow()
    }
    before = {item.name for item in household.movies}
    result = await call(hass, "delete_media")
    assert result["failed"] == []
    deleted = titles(result["deleted"])
    assert deleted
    assert deleted | titles(result["skipped"]) == planned
    assert all(row["confirmed"] for row in result["deleted"])
    assert result["reclaimed_bytes"] == sum(
        row["size_bytes"] for row in result["deleted"]
    )
    after = {item.name for item in household.movies}
    movies = {row["title"] for row in result["deleted"] if row["kind"] == "movie"}
    assert before - after == movies
    state = hass.states.get("sensor.household_reclaimed_space")
    assert state is not None
    assert float(state.state) > 0
    journal = await call(hass, "get_deletions")
    assert movies <= titles(journal["deletions"])
    assert {row["outcome"] for row in journal["deletions"]} == {"deleted"}
    for row in journal["deletions"]:
        assert row["reason"].endswith(" after watching.")
        assert row["reason_code"] in ("watched", "watched_and_played")
        assert row["reason_data"]["after"]
        assert (row["error"], row["error_code"], row["error_data"]) == (None,) * 3
    # Nothing is in this film's way any more, for the other one has gone.
    again = await call(hass, "delete_media")
    assert titles(again["deleted"]) == {CASES["name is a prefix of another's"]}
    last = await call(hass, "delete_media")
    assert last["deleted"] == []


@pytest.fixture
def pulled(
    due: MockConfigEntry, household: Household, jellyfin: JellyfinSimulator
) -> Disk:
    """Return the disk, which is pulled as soon as something is deleted."""
    disk = household.disk

    def pull(request: Request) -> None:
        """Be somebody who trips over a cable."""
        if request.method == "DELETE":
            disk.unmount("/media/movies", mount_point=True)

    jellyfin.listeners.append(pull)
    return disk


async def test_what_is_not_confirmed_is_looked_at_soon(
    hass: HomeAssistant,
    pulled: Disk,
    household: Household,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Jellyfin says that it is done and the disk is away; then it is back, with the file."""
    result = await call(hass, "delete_media")
    (first,) = result["deleted"]
    assert not first["confirmed"]
    asked = len(jellyfin.requests)
    await pass_time(hass, freezer, LOOK_AGAIN_AFTER - timedelta(seconds=1))
    assert len(jellyfin.requests) == asked
    pulled.mount("/media/movies")
    household.scan()
    await pass_time(hass, freezer, timedelta(seconds=2))
    (row,) = (await call(hass, "get_deletions"))["deletions"]
    assert (row["title"], row["outcome"]) == (first["title"], "failed")


async def test_nobody_looks_again_after_the_end(
    hass: HomeAssistant,
    due: MockConfigEntry,
    pulled: Disk,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Unloaded, it asks no server any more; the next start looks by itself."""
    result = await call(hass, "delete_media")
    assert not result["deleted"][0]["confirmed"]
    await hass.config_entries.async_unload(due.entry_id)
    asked = len(jellyfin.requests)
    await pass_time(hass, freezer, 2 * LOOK_AGAIN_AFTER)
    assert len(jellyfin.requests) == asked


async def test_named_titles_only(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """By id or by key; what is not in the plan is refused before anything happens."""
    plan = await call(hass, "evaluate_rules")
    rows = {row["title"]: row for row in plan["pending"]}
    first = rows[CASES["watched 12 days ago"]]
    second = rows[CASES["watched 20 days ago"]]
    with pytest.raises(ServiceValidationError, match="nonsense"):
        await call(hass, "delete_media", item_ids=[first["item_id"], "nonsense"])
    assert (await call(hass, "get_deletions"))["deletions"] == []
    result = await call(
        hass, "delete_media", item_ids=[first["item_id"], second["key"]]
    )
    assert titles(result["deleted"]) == {first["title"], second["title"]}


async def test_a_title_that_is_not_due_is_skipped(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """Naming it does not make it due."""
    hass.config_entries.async_update_entry(
        setup_integration, options={**RULES, "dry_run": False}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    plan = await call(hass, "evaluate_rules")
    row = plan["pending"][0]
    result = await call(hass, "delete_media", item_ids=[row["item_id"]])
    assert result["deleted"] == []
    assert "Not before" in result["skipped"][0]["reason"]


@pytest.mark.usefixtures("no_waiting")
async def test_deleting_needs_servers_that_answer(
    hass: HomeAssistant, due: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """A sync comes first; if it fails, nothing goes."""
    jellyfin.faults.append(Fault(FaultKind.SERVER_ERROR, path="ActivityLog"))
    with pytest.raises(HomeAssistantError):
        await call(hass, "delete_media")
    jellyfin.faults.clear()
    assert (await call(hass, "get_deletions"))["deletions"] == []
    assert (await call(hass, "evaluate_rules"))["blocked_by"]


async def test_only_admins_delete(
    hass: HomeAssistant, due: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """A guest may look, and no more."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "delete_media",
            {},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_one_thing_at_a_time(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The second caller is told so, and nothing waits in the dark."""
    results = await asyncio.gather(
        call(hass, "sync", full=True),
        call(hass, "sync"),
        call(hass, "evaluate_rules"),
        call(hass, "delete_media"),
        return_exceptions=True,
    )
    assert isinstance(results[0], dict)
    for refused in results[1:]:
        assert isinstance(refused, HomeAssistantError)
        assert refused.translation_key == "busy"


async def test_watch_history(
    hass: HomeAssistant, setup_integration: MockConfigEntry, household: Household
) -> None:
    """By title, user, time; newest first."""
    everything = (await call(hass, "get_watch_history", limit=10_000))["events"]
    assert len(everything) == len(household.plays)
    assert set(everything[0]) == {
        "item_id",
        "title",
        "series",
        "user",
        "watched_at",
        "seconds",
    }
    dates = [row["watched_at"] for row in everything]
    assert dates == sorted(dates, reverse=True)
    film = household[CASES["watched 9 days ago"]]
    rows = (await call(hass, "get_watch_history", item_id=film.id))["events"]
    assert titles(rows) == {film.name}
    rows = (await call(hass, "get_watch_history", user="ALICE", limit=5))["events"]
    assert {row["user"] for row in rows} == {"alice"}
    assert len(rows) == 5
    since = dt_util.utcnow() - timedelta(days=3)
    rows = (await call(hass, "get_watch_history", since=since))["events"]
    assert rows
    assert all(datetime.fromisoformat(row["watched_at"]) >= since for row in rows)
    show = household[CASES["watched by one user"]]
    rows = (await call(hass, "get_watch_history", item_id=show.id))["events"]
    assert {row["series"] for row in rows} == {show.name}


@pytest.mark.parametrize(
    ("field", "value"), [("item_id", "f" * 32), ("user", "nobody")]
)
async def test_unknown_names_are_said(
    hass: HomeAssistant, setup_integration: MockConfigEntry, field: str, value: str
) -> None:
    """One clear message with the value."""
    with pytest.raises(ServiceValidationError, match=value):
        await call(hass, "get_watch_history", **{field: value})


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known, and that is what the actions say."""
    entry.add_to_hass(hass)
    jellyfin.faults.append(Fault(FaultKind.HTML, path="^/Items$"))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "evaluate_rules")
    assert caught.value.translation_key == "never_synced"
    jellyfin.faults.clear()
    await call(hass, "sync")
    assert (await call(hass, "evaluate_rules"))["counts"]["movies"] > 0


async def test_automatic_deletion(
    hass: HomeAssistant,
    due: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only with both switches as they have to be, and after a sync."""
    files = set(household.files)
    hass.config_entries.async_update_entry(
        due, options={**RULES, "automatic_deletion": True, "dry_run": True}
    )
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert set(household.files) == files
    hass.config_entries.async_update_entry(
        due, options={**RULES, "automatic_deletion": True, "dry_run": False}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert set(household.files) == files
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert len(household.files) < len(files)
    assert (await call(hass, "get_deletions"))["deletions"]
