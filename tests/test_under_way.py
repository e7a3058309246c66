"""What comes in while something is under way: a clear outcome, and nothing half-done."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.coordinator import ledger_path
from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger
from simulators import Fault, FaultKind, Household, JellyfinSimulator
from simulators.arrs import Arrs
from simulators.faults import Request
from simulators.server import Simulator

from .conftest import pass_time, set_up
from .test_services import RULES, call, titles

GRACE = timedelta(days=3, minutes=1)


async def make_due(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Set an entry up with the guide's rules and dry run off; let the grace pass."""
    await set_up(hass, entry)
    hass.config_entries.async_update_entry(entry, options={**RULES, "dry_run": False})
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, GRACE)


@pytest.fixture
async def due(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an entry of which titles are due in Jellyfin."""
    await make_due(hass, entry, freezer)
    return entry


@pytest.fixture
async def due_with_arrs(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Return an entry of which titles are due in Radarr and Sonarr."""
    await make_due(hass, entry_with_arrs, freezer)
    return entry_with_arrs


def at_first_delete(server: Simulator, happen: Callable[[], object]) -> None:
    """Let something happen just before the first deletion is carried out."""
    done: list[str] = []

    def listen(request: Request) -> None:
        if request.method == "DELETE" and not done:
            done.append(request.path)
            happen()

    server.listeners.append(listen)


def journal(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the outcomes by item id, from the file itself."""
    ledger = Ledger(ledger_path(hass, entry.entry_id))
    try:
        return {row.item_id: row.outcome for row in ledger.deletions(1000)}
    finally:
        ledger.close()


async def test_two_deletes_at_once(
    hass: HomeAssistant, due: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """One does it all, the other is told so, and nothing is deleted twice."""
    results = await asyncio.gather(
        call(hass, "delete_media"), call(hass, "delete_media"), return_exceptions=True
    )
    (done,) = [one for one in results if isinstance(one, dict)]
    (refused,) = [one for one in results if not isinstance(one, dict)]
    assert isinstance(refused, HomeAssistantError)
    assert refused.translation_key == "busy"
    assert done["deleted"]
    asked = [one.path for one in jellyfin.requests if one.method == "DELETE"]
    assert len(asked) == len(set(asked))


async def test_a_delete_during_a_sync(
    hass: HomeAssistant, due: MockConfigEntry, household: Household
) -> None:
    """It is refused, and the sync goes on."""
    files = set(household.files)
    sync = hass.async_create_task(call(hass, "sync", full=True))
    while not due.runtime_data.keeper.busy:
        await asyncio.sleep(0)
    with pytest.raises(HomeAssistantError) as refused:
        await call(hass, "delete_media")
    assert refused.value.translation_key == "busy"
    assert (await sync)["mode"] == "full"
    assert set(household.files) == files


async def test_an_automatic_run_during_a_delete_does_nothing(
    hass: HomeAssistant,
    due: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll that comes due in the middle of a run leaves it alone."""
    hass.config_entries.async_update_entry(
        due, options={**due.options, "automatic_deletion": True}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await asyncio.gather(
        call(hass, "delete_media"), due.runtime_data.async_refresh()
    )
    asked = [one.path for one in jellyfin.requests if one.method == "DELETE"]
    assert len(asked) == len(set(asked))
    assert not result[0]["failed"]


@pytest.mark.parametrize("stop", ["unload", "stop"])
async def test_ending_during_a_run(
    hass: HomeAssistant,
    due: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    household: Household,
    stop: str,
) -> None:
    """The file that is being deleted ends, the rest stays, and all of it is written down."""
    planned = {one.item_id for one in due.runtime_data.keeper.due}
    assert len(planned) > 2
    ended: list[asyncio.Task[Any]] = []

    def end() -> None:
        if stop == "unload":
            ended.append(
                hass.async_create_task(hass.config_entries.async_unload(due.entry_id))
            )
        else:
            hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)

    at_first_delete(jellyfin, end)
    result = await call(hass, "delete_media")
    assert len(result["deleted"]) == 1
    reasons = {row["reason"] for row in result["skipped"]}
    assert "OxiCleanarr is shutting down." in reasons
    await hass.async_block_till_done(wait_background_tasks=True)
    assert all(task.result() for task in ended)
    rows = journal(hass, due)
    assert set(rows.values()) == {DeletionOutcome.DELETED}
    left = {item.id for item in household.items}
    assert not set(rows) & left


@pytest.mark.parametrize("stop", ["unload", "stop"])
async def test_ending_during_a_run_through_radarr(
    hass: HomeAssistant,
    due_with_arrs: MockConfigEntry,
    arrs: Arrs,
    stop: str,
) -> None:
    """Its entry is removed with it, nothing is downloaded again, the rest stays."""
    movies = [
        one.item_id
        for one in due_with_arrs.runtime_data.keeper.due
        if one.title in {movie.title for movie in arrs.radarr.movies.values()}
    ]
    assert len(movies) > 2

    def end() -> None:
        if stop == "unload":
            hass.async_create_task(
                hass.config_entries.async_unload(due_with_arrs.entry_id)
            )
        else:
            hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)

    at_first_delete(arrs.radarr, end)
    result = await call(hass, "delete_media", item_ids=movies)
    assert len(result["deleted"]) == 1
    assert len(result["skipped"]) == len(movies) - 1
    await hass.async_block_till_done(wait_background_tasks=True)
    assert arrs.radarr.search() == []
    assert arrs.radarr.list_sync() == []
    assert set(journal(hass, due_with_arrs).values()) == {DeletionOutcome.DELETED}


async def test_what_was_cut_off_is_settled_after_the_next_start(
    hass: HomeAssistant,
    due_with_arrs: MockConfigEntry,
    arrs: Arrs,
    freezer: FrozenDateTimeFactory,
    no_waiting: None,
) -> None:
    """Radarr did it and its answer was lost: it is looked at, not guessed."""
    title = next(
        one
        for one in due_with_arrs.runtime_data.keeper.due
        if one.title in {movie.title for movie in arrs.radarr.movies.values()}
    )
    arrs.radarr.faults.append(
        Fault(FaultKind.DISCONNECT_AFTER, path="/moviefile/", method="DELETE", times=1)
    )
    unread = Fault(FaultKind.SERVER_ERROR, path="/moviefile$", times=9)
    at_first_delete(arrs.radarr, lambda: arrs.radarr.faults.append(unread))
    result = await call(hass, "delete_media", item_ids=[title.item_id])
    assert titles(result["failed"]) == {title.title}
    arrs.radarr.faults.clear()
    assert await hass.config_entries.async_unload(due_with_arrs.entry_id)
    await hass.config_entries.async_setup(due_with_arrs.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for _ in range(2):
        await pass_time(hass, freezer, timedelta(minutes=16))
    rows = (await call(hass, "get_deletions"))["deletions"]
    assert [row["outcome"] for row in rows] == ["deleted"]
    assert arrs.radarr.search() == []
