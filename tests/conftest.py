"""A household, its servers on loopback, and Home Assistant with the integration."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant import loader
from homeassistant.auth.models import Credentials
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
    snapshot_platform,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

# Imported here so that the test plugin's own custom components do not hide it.
import custom_components.oxicleanarr
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.servers import http
from simulators import (
    Arrs,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    sample_arrs,
    sample_household,
)
from simulators.items import Item
from simulators.jellyfin.rows import image_tag
from simulators.server import Simulator

from .lookout import Lookout, on_the_lookout

assert custom_components.oxicleanarr

# They need an environment and a browser of their own: scripts/test --browser.
collect_ignore = ["browser"]


NO_GAP = timedelta(hours=5, minutes=50)
"""For which nobody misses a sync."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return the snapshots, written in the way of Home Assistant."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave asyncio's debug mode off, unless PYTHONASYNCIODEBUG=1 asks for it.

    To note where every call came from takes a third of the time.
    """


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Return a configuration folder of the test's own, as the ledger lies in it."""
    (tmp_path / ".storage").mkdir()
    return str(tmp_path)


@pytest.fixture(autouse=True)
def lookout() -> Iterator[Lookout]:
    """Let no key of a server get to where people can see it, in whatever test."""
    with on_the_lookout() as lookout:
        yield lookout
    assert lookout.leaks() == []


@pytest.fixture
def hass(hass: HomeAssistant, lookout: Lookout) -> HomeAssistant:
    """Return a Home Assistant that finds custom integrations."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    lookout.look_at(hass)
    return hass


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reads that failed be repeated at once."""

    async def no_time(seconds: float) -> None:
        """Let no time pass."""

    monkeypatch.setattr(http, "_sleep", no_time)


@pytest.fixture
def versions() -> tuple[str, str]:
    """Return the versions of Jellyfin and Jellystat."""
    return "10.11.11", "1.1.8"


@pytest.fixture(autouse=True)
def steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass as the tests let the clock move: there are no jumps."""
    monkeypatch.setattr(
        "custom_components.oxicleanarr.coordinator.monotonic",
        lambda: dt_util.utcnow().timestamp(),
    )


@pytest.fixture
def household() -> Household:
    """Return the household of the demo, at Home Assistant's time."""
    return sample_household(dt_util.utcnow)


@pytest.fixture
async def jellyfin(
    household: Household, socket_enabled: None
) -> AsyncIterator[JellyfinSimulator]:
    """Return the household's Jellyfin, running."""
    async with JellyfinSimulator(household) as server:
        yield server


@pytest.fixture
async def jellystat(
    household: Household, socket_enabled: None
) -> AsyncIterator[JellystatSimulator]:
    """Return the household's Jellystat, running."""
    async with JellystatSimulator(household) as server:
        yield server


@pytest.fixture
async def arrs(household: Household, socket_enabled: None) -> AsyncIterator[Arrs]:
    """Return the household's two Radarr, its Sonarr and its Seerr, running."""
    servers = sample_arrs(household)
    async with AsyncExitStack() as stack:
        for _, server in servers:
            await stack.enter_async_context(server)
        yield servers


def poster_path(entry: MockConfigEntry, item: Item) -> str:
    """Return the path of an item's poster."""
    return f"/api/{DOMAIN}/poster/{entry.entry_id}/{item.id}?tag={image_tag(item)}"


def pending_shown(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return what the repair of the first real run says is pending."""
    issue_id = f"first_real_run_{entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    return issue.translation_placeholders["pending"]


def connection(server: Simulator, **changes: Any) -> dict[str, Any]:
    """Return the connection settings of a server, as a config entry holds them."""
    return {
        "url": server.url,
        "api_key": server.api_key,
        "timeout": 30,
        "verify_ssl": True,
        **changes,
    }


def new_entry(
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    arrs: Iterable[tuple[str, Simulator]] = (),
) -> MockConfigEntry:
    """Return a config entry for these servers."""
    return MockConfigEntry(
        domain=DOMAIN,
        version=2,
        title=jellyfin.name,
        unique_id=jellyfin.server_id,
        entry_id="01JZ0000000000000000000000",
        data={"jellyfin": connection(jellyfin), "jellystat": connection(jellystat)},
        subentries_data=[arr_subentry(name, server) for name, server in arrs],
    )


@pytest.fixture
def entry(
    jellyfin: JellyfinSimulator, jellystat: JellystatSimulator
) -> MockConfigEntry:
    """Return a config entry for both servers, not added yet."""
    return new_entry(jellyfin, jellystat)


@pytest.fixture
def entry_with_arrs(
    jellyfin: JellyfinSimulator, jellystat: JellystatSimulator, arrs: Arrs
) -> MockConfigEntry:
    """Return a config entry for all servers, not added yet.

    The ids of its subentries are the names of the servers: ``radarr``, ``radarr4k``,
    ``sonarr`` and ``seerr``.
    """
    return new_entry(jellyfin, jellystat, arrs)


def arr_subentry(name: str, server: Simulator, **changes: Any) -> dict[str, Any]:
    """Return a Radarr, Sonarr or Seerr as the config entry stores its connection."""
    kind = name.removesuffix("4k")
    data = {"kind": kind, **connection(server, **changes)}
    if kind != "seerr":
        data.setdefault("path_map", [])
    return {
        "subentry_id": name,
        "subentry_type": "server",
        "title": name.capitalize(),
        "unique_id": data["url"],
        "data": data,
    }


@pytest.fixture
async def setup_integration(
    hass: HomeAssistant, entry: MockConfigEntry
) -> MockConfigEntry:
    """Return the config entry, set up, after its first sync."""
    await set_up(hass, entry)
    return entry


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set a config entry up and wait for its first sync."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


type PlatformSnapshot = Callable[[Platform], Awaitable[None]]


@pytest.fixture
def platform_snapshot(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> PlatformSnapshot:
    """Return what sets up one platform alone, and compares all its entities."""

    async def compare(platform: Platform) -> None:
        """Compare how they are registered and how they look."""
        monkeypatch.setattr("custom_components.oxicleanarr.PLATFORMS", [platform])
        await set_up(hass, entry)
        await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)

    return compare


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta
) -> None:
    """Let time pass, and everything happen that is due by then.

    Long times pass in steps: Home Assistant is there all the while, and syncs.
    """
    while time > timedelta():
        step = min(time, NO_GAP)
        time -= step
        # What is under way would run out of time. With the clock that stops, something
        # may begin: a frozen one is far ahead of the loop's own.
        await hass.async_block_till_done(wait_background_tasks=True)
        freezer.tick(step)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)


def state_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return an entity's state, ``None`` if it has none."""
    state = hass.states.get(entity_id)
    return None if state is None else state.state


type Get = Callable[..., Awaitable[Any]]


@pytest.fixture
def get(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
    hass_admin_credential: Credentials,
) -> Get:
    """Return what gets the answer of a view, whatever the clock says."""

    async def get(path: str, status: HTTPStatus = HTTPStatus.OK) -> Any:
        """Return the JSON of an answer that has this status."""
        login = await hass.auth.async_create_refresh_token(
            hass_admin_user, "http://localhost/", credential=hass_admin_credential
        )
        client = await hass_client(hass.auth.async_create_access_token(login))
        response = await client.get(path)
        assert response.status == status, await response.text()
        return await response.json()

    return get


@pytest.fixture
def all_entities_enabled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Enable the entities that are off by default."""
    with monkeypatch.context() as patch:
        patch.setattr(
            "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
            True,
        )
        yield
