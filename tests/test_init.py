"""Setting up, syncing, failing, recovering and unloading."""

import asyncio
from datetime import timedelta
from pathlib import Path
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.coordinator import ledger_path
from custom_components.oxicleanarr.ledger import Ledger, open_ledger
from simulators import Arrs, Fault, FaultKind, JellyfinSimulator, JellystatSimulator

from .conftest import arr_subentry, connection, pass_time, set_up
from .home import damage_history

pytestmark = pytest.mark.usefixtures("no_waiting")


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return an entry's state at this moment."""
    return entry.state


async def test_set_up_and_unload(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
) -> None:
    """The first sync runs in the background; unloading closes the ledger."""
    entry = setup_integration
    assert state_of(entry) is ConfigEntryState.LOADED
    pending = hass.states.get("sensor.household_pending_deletions")
    assert pending is not None
    assert int(pending.state) > 0
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.sw_version == jellyfin.version
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(entry) is ConfigEntryState.NOT_LOADED


async def test_removing_the_entry_removes_the_ledger(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Nothing about the household stays behind."""
    path = ledger_path(hass, setup_integration.entry_id)
    assert path.exists()
    await hass.config_entries.async_remove(setup_integration.entry_id)
    assert not list(path.parent.glob(f"{path.name}*"))


async def test_a_restart_reads_no_history_again(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellystat: JellystatSimulator,
) -> None:
    """The ledger knows; one small question is enough."""
    before = len(jellystat.requests)
    await hass.config_entries.async_reload(setup_integration.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    paths = [one.path for one in jellystat.requests[before:]]
    assert paths.count("/stats/getPlaybackActivity") == 1
    assert hass.states.get("sensor.household_pending_deletions").state != "unknown"  # type: ignore[union-attr]


async def test_without_jellystat(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Jellyfin alone serves too."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={"jellyfin": entry.data["jellyfin"], "jellystat": None}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert int(hass.states.get("sensor.household_pending_deletions").state) > 0  # type: ignore[union-attr]


@pytest.mark.parametrize("server", ["jellyfin", "jellystat"])
async def test_a_server_that_is_down_at_start_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: str,
    request: pytest.FixtureRequest,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The set-up is repeated, as core does."""
    simulator = request.getfixturevalue(server)
    await simulator.stop()
    await set_up(hass, entry)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    await simulator.start()
    await pass_time(hass, freezer, timedelta(minutes=1))
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("server", ["jellyfin", "jellystat"])
async def test_a_refused_key_at_start_asks_for_a_new_one(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: str,
    request: pytest.FixtureRequest,
) -> None:
    """Of the server that refused it."""
    request.getfixturevalue(server).api_key = "f" * 32
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    assert flow["step_id"].startswith("reauth")


async def test_a_damaged_ledger_is_set_aside_and_blocks(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The file is kept as it was, and nothing is deleted until somebody has looked."""
    path = Path(ledger_path(hass, entry.entry_id))
    path.write_bytes(b"damaged" * 2000)
    await set_up(hass, entry)
    assert state_of(entry) is ConfigEntryState.LOADED
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == b"damaged" * 2000
    coordinator = entry.runtime_data
    assert [one.code for one in coordinator.keeper.blockers] == ["ledger_replaced"]


async def test_damage_that_is_met_at_the_start_is_set_aside_by_the_next(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Nothing looks through the history then, but it is asked how far it goes."""
    entry = setup_integration
    await hass.config_entries.async_unload(entry.entry_id)
    path = ledger_path(hass, entry.entry_id)
    damage_history(path)
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(entry) is ConfigEntryState.LOADED
    assert list(path.parent.glob("*.damaged-*"))
    keeper = entry.runtime_data.keeper
    (finding,) = keeper.overview.findings
    assert finding.suspicion == "ledger_replaced"


@pytest.mark.parametrize("how", ["missing", "empty", "other"])
async def test_a_lost_ledger_blocks(
    hass: HomeAssistant, setup_integration: MockConfigEntry, how: str
) -> None:
    """The entry knows the id of its ledger: no other takes its place in silence."""
    entry = setup_integration
    assert entry.data["ledger_id"] == entry.runtime_data.keeper.ledger.ledger_id()
    await hass.config_entries.async_unload(entry.entry_id)
    path = ledger_path(hass, entry.entry_id)
    path.unlink()
    if how == "empty":
        path.touch()
    elif how == "other":
        open_ledger(path, dt_util.utcnow()).ledger.close()
    for _ in range(2):
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        keeper = entry.runtime_data.keeper
        assert [one.code for one in keeper.blockers] == ["ledger_replaced"]
        assert entry.data["ledger_id"] == keeper.ledger.ledger_id()
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("there", [True, False])
async def test_an_entry_of_71b979b(
    hass: HomeAssistant, entry: MockConfigEntry, there: bool
) -> None:
    """It knows no id: its ledger is taken over, and missed where it is not there."""
    path = ledger_path(hass, entry.entry_id)
    if there:
        Ledger(path).close()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, version=1, minor_version=1)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    keeper = entry.runtime_data.keeper
    expected = [] if there else ["ledger_replaced"]
    assert [one.code for one in keeper.blockers] == expected
    assert (entry.version, entry.minor_version) == (2, 1)
    assert entry.data["ledger_id"] == keeper.ledger.ledger_id()


STORED_SUBENTRIES = [
    {
        "data": {
            "name": "Quick",
            "type": "tag",
            "enabled": False,
            "tag": "quick-watch",
            "retention": "3d",
            "require_watched": True,
        },
        "subentry_id": "01JZ1111111111111111111111",
        "subentry_type": "tag_rule",
        "title": "Quick",
        "unique_id": "rule_quick",
    },
    {
        "data": {
            "name": "People",
            "type": "user",
            "enabled": True,
            "users": [{"username": "alice", "retention": "7d"}],
        },
        "subentry_id": "01JZ2222222222222222222222",
        "subentry_type": "user_rule",
        "title": "People",
        "unique_id": "rule_people",
    },
    {
        "data": {
            "name": "Auto",
            "type": "watched",
            "enabled": True,
            "retention": "never",
            "require_watched": True,
        },
        "subentry_id": "01JZ3333333333333333333333",
        "subentry_type": "watched_rule",
        "title": "Auto",
        "unique_id": "rule_auto",
    },
    {
        "data": {
            "name": "Daily",
            "type": "episode",
            "enabled": True,
            "max_episodes": 5,
            "require_watched": True,
        },
        "subentry_id": "01JZ4444444444444444444444",
        "subentry_type": "episode_rule",
        "title": "Daily",
        "unique_id": "rule_daily",
    },
]
"""Rules as 71b979b has stored them, and 1.2 after it."""


@pytest.mark.parametrize("minor_version", [1, 2])
async def test_subentries_of_an_earlier_release(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    arrs: Arrs,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    minor_version: int,
) -> None:
    """Rules and servers keep order, ids, devices, entities and what they say."""
    old = []
    for name, server in arrs:
        subentry = arr_subentry(name, server)
        subentry["subentry_type"] = subentry["data"].pop("kind")
        old.append(subentry)
    old += STORED_SUBENTRIES
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=1,
        minor_version=minor_version,
        title=jellyfin.name,
        unique_id=jellyfin.server_id,
        entry_id="01JZ0000000000000000000000",
        data={"jellyfin": connection(jellyfin), "jellystat": connection(jellystat)},
        subentries_data=old,
    )
    Ledger(ledger_path(hass, entry.entry_id)).close()
    entry.add_to_hass(hass)
    before = {}
    for subentry in old:
        subentry_id = subentry["subentry_id"]
        device = device_registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry_id,
            identifiers={(DOMAIN, f"{entry.entry_id}_{subentry_id}")},
        )
        rule = subentry["subentry_type"].endswith("_rule")
        entity = entity_registry.async_get_or_create(
            "switch" if rule else "binary_sensor",
            DOMAIN,
            f"{entry.entry_id}_rule_{subentry_id}"
            if rule
            else f"{entry.entry_id}_{subentry_id}_connectivity",
            suggested_object_id=f"mine_{subentry_id.lower()}",
            config_entry=entry,
            config_subentry_id=subentry_id,
            device_id=device.id,
        )
        before[subentry_id] = device.id, entity.entity_id

    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert (entry.version, entry.minor_version) == (2, 1)
    assert [
        (one.subentry_id, one.title, one.unique_id, one.subentry_type, dict(one.data))
        for one in entry.subentries.values()
    ] == [
        (
            one["subentry_id"],
            one["title"],
            one["unique_id"],
            "rule" if one["subentry_type"].endswith("_rule") else "server",
            one["data"]
            if one["subentry_type"].endswith("_rule")
            else {**one["data"], "kind": one["subentry_type"]},
        )
        for one in old
    ]
    for subentry_id, (device_id, entity_id) in before.items():
        found = entity_registry.async_get(entity_id)
        assert found is not None
        assert (found.device_id, found.config_subentry_id) == (device_id, subentry_id)
        state = hass.states.get(entity_id)
        assert state is not None
        off = subentry_id == "01JZ1111111111111111111111"
        assert state.state == ("off" if off else "on"), entity_id
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert len([one for one in entities if one.config_subentry_id]) == len(before)
    names = [rule.name for rule in entry.runtime_data.settings.rules.advanced]
    assert names == ["Quick", "People", "Auto", "Daily"]
    assert entry.runtime_data.settings.rules.seerr


async def test_an_entry_of_a_newer_release_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Rules that this one does not know would not keep anything."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, version=3)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.MIGRATION_ERROR


async def test_a_ledger_of_a_newer_release_is_not_touched(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A downgrade does not lose what the newer release has written."""
    path = Path(ledger_path(hass, entry.entry_id))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    await set_up(hass, entry)
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert not list(path.parent.glob("*.damaged-*"))


async def test_a_ledger_that_cannot_be_opened_is_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The disk may be back in a minute."""
    Path(ledger_path(hass, entry.entry_id)).mkdir()
    await set_up(hass, entry)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY


@pytest.mark.parametrize("server", ["jellyfin", "jellystat"])
async def test_an_outage_is_logged_once_and_ends_by_itself(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    server: str,
    request: pytest.FixtureRequest,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The last values stand, deletion is blocked, and then all is well again."""
    simulator = request.getfixturevalue(server)
    before = hass.states.get("sensor.household_watched_movies").state  # type: ignore[union-attr]
    caplog.clear()
    await simulator.stop()
    for _ in range(3):
        await pass_time(hass, freezer, timedelta(minutes=16))
    assert hass.states.get("sensor.household_watched_movies").state == before  # type: ignore[union-attr]
    blocked = hass.states.get("binary_sensor.household_deletion_blocked")
    assert blocked is not None
    assert blocked.state == "on"
    errors = [
        one
        for one in caplog.records
        if one.levelname in ("ERROR", "WARNING") and DOMAIN in one.name
    ]
    assert len(errors) == 1
    await simulator.start()
    # Jellystat is left in peace for a while after it has been silent.
    for _ in range(2):
        await pass_time(hass, freezer, timedelta(minutes=16))
    assert hass.states.get("sensor.household_watched_movies").state == before  # type: ignore[union-attr]
    assert hass.states.get("binary_sensor.household_deletion_blocked").state == "off"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "kind", [FaultKind.HTML, FaultKind.TRUNCATED, FaultKind.EMPTY, FaultKind.HALF_PAGE]
)
async def test_a_sync_that_fails_in_the_middle_keeps_the_last_plan(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
    kind: FaultKind,
) -> None:
    """Half an answer changes nothing that is known."""
    coordinator = setup_integration.runtime_data
    before = [one.item_id for one in coordinator.data.plan.entries]
    assert before
    jellyfin.faults.append(Fault(kind, path="^/Items$", after=3))
    await pass_time(hass, freezer, timedelta(hours=7))
    assert not coordinator.last_update_success
    assert [one.item_id for one in coordinator.data.plan.entries] == before
    jellyfin.faults.clear()
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert coordinator.last_update_success


async def test_a_key_that_is_revoked_later_asks_for_a_new_one(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellystat: JellystatSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The reauthentication is about the server that refused."""
    jellystat.api_key = "other"
    await pass_time(hass, freezer, timedelta(minutes=16))
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"


async def test_a_sync_that_is_too_old_blocks(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A plan of yesterday is for looking at only."""
    coordinator = setup_integration.runtime_data
    assert coordinator.keeper.blockers == ()
    freezer.tick(timedelta(hours=25))
    assert [one.code for one in coordinator.keeper.blockers] == ["sync_too_old"]


async def test_changed_rules_make_a_new_plan_without_a_reload(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The entities follow at once."""
    hass.config_entries.async_update_entry(
        setup_integration,
        options={"movie_retention": "never", "tv_retention": "never"},
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.state is ConfigEntryState.LOADED
    assert hass.states.get("sensor.household_pending_deletions").state == "0"  # type: ignore[union-attr]


async def test_changed_libraries_are_read_at_once(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
) -> None:
    """What is not managed any more is not counted any more."""
    shows = jellyfin.household.library("Shows")
    hass.config_entries.async_update_entry(
        setup_integration, options={"libraries": [shows.id]}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get("sensor.household_watched_movies").state == "0"  # type: ignore[union-attr]


async def test_a_changed_connection_reloads(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellystat: JellystatSimulator,
) -> None:
    """New connections need a fresh start."""
    before = setup_integration.runtime_data
    hass.config_entries.async_update_entry(
        setup_integration,
        data={"jellyfin": setup_integration.data["jellyfin"], "jellystat": None},
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.runtime_data is not before
    assert setup_integration.runtime_data.keeper.servers.jellystat is None


async def test_unloading_gives_a_sync_up(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """A server that hangs does not keep the entry loaded."""
    entry.add_to_hass(hass)
    jellyfin.faults.append(Fault(FaultKind.HANG, path="^/Items$"))
    await hass.config_entries.async_setup(entry.entry_id)
    while not jellyfin.requested("/Items"):
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.NOT_LOADED


async def test_a_user_who_is_gone_is_a_reason_to_read_everything(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll asks for users that were there; the answer is not an outage."""
    house = jellyfin.household
    for user in list(house.users)[1:]:
        house.delete_user(user)
    for _ in range(4):
        await pass_time(hass, freezer, timedelta(minutes=16))
        assert setup_integration.runtime_data.last_update_success
    assert len(setup_integration.runtime_data.data.users) == 1
