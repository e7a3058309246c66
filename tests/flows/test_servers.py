"""Connecting the servers: everything that can be typed wrong, and how it is mended."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
    FlowType,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.flows.connection import FAULTS
from simulators import Arrs, FaultKind, Household, JellyfinSimulator, JellystatSimulator
from simulators.server import Simulator
from tests.conftest import connection, set_up

from .forms import shown as form_shows

pytestmark = pytest.mark.usefixtures("no_waiting")

WRONG_KEY = "00000000000000000000000000000000"
PUBLIC = "^/System/Info/Public$"
PRIVATE = "^/System/Info$"
READY = "^/auth/isConfigured$"
LIBRARIES = "^/api/getLibraries$"


@pytest.fixture
async def elsewhere(
    household: Household, socket_enabled: None
) -> AsyncIterator[JellyfinSimulator]:
    """Return another Jellyfin."""
    async with JellyfinSimulator(household, name="elsewhere") as server:
        yield server


@pytest.fixture
async def moved(
    household: Household, socket_enabled: None
) -> AsyncIterator[JellyfinSimulator]:
    """Return the household's Jellyfin at another address."""
    async with JellyfinSimulator(household) as server:
        yield server


@pytest.fixture
async def refused_handshakes(hass: HomeAssistant) -> None:
    """Let servers, which run in this loop too, be refused by their clients."""
    handle = hass.loop.get_exception_handler()
    assert handle is not None

    def ignore_resets(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), ConnectionResetError):
            handle(loop, context)

    hass.loop.set_exception_handler(ignore_resets)


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add the integration."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def go_on(
    hass: HomeAssistant, flow: ConfigFlowResult, **typed: Any
) -> ConfigFlowResult:
    """Fill in a form and send it."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], typed)


async def choose(
    hass: HomeAssistant, flow: ConfigFlowResult, option: str
) -> ConfigFlowResult:
    """Choose in a menu."""
    return await go_on(hass, flow, next_step_id=option)


async def finish(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """Take the usual retention, and add nothing more."""
    assert flow["step_id"] == "retention", flow
    flow = await go_on(hass, flow)
    assert flow["type"] is FlowResultType.MENU
    assert flow["menu_options"] == ["add_server", "add_rule", "finish"]
    flow = await choose(hass, flow, "finish")
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    return flow


def shown(flow: ConfigFlowResult) -> dict[str, Any]:
    """Return the values that a form shows."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return an entry's state, which type checkers take for constant otherwise."""
    return entry.state


async def test_both_servers(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
) -> None:
    """Both servers are called, then the entry is made and set up."""
    flow = await start(hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert flow["last_step"] is False

    flow = await go_on(
        hass, flow, url=f" {jellyfin.url}/ ", api_key=f" {jellyfin.api_key} "
    )
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "jellystat"
    assert flow["last_step"] is False
    assert jellyfin.requested("/System/Info")

    flow = await go_on(
        hass, flow, url=f"{jellystat.url}/", api_key=jellystat.api_key, timeout=60.0
    )
    flow = await finish(hass, flow)
    assert flow["title"] == "household"
    assert flow["data"] == {
        "jellyfin": connection(jellyfin),
        "jellystat": connection(jellystat, timeout=60),
    }
    assert isinstance(flow["data"]["jellystat"]["timeout"], int)
    assert flow["options"] == {"movie_retention": "90d", "tv_retention": "120d"}
    assert "next_flow" not in flow
    entry = flow["result"]
    assert entry.unique_id == jellyfin.server_id

    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("left_out", [{}, {"url": "", "api_key": ""}, {"url": " "}])
async def test_without_jellystat(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, left_out: dict[str, str]
) -> None:
    """An address that is left empty means: Jellyfin alone."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, **left_out)
    flow = await finish(hass, flow)
    assert flow["data"] == {"jellyfin": connection(jellyfin), "jellystat": None}
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["result"].state is ConfigEntryState.LOADED


async def to_retention(
    hass: HomeAssistant, jellyfin: JellyfinSimulator
) -> ConfigFlowResult:
    """Go to the third step, without Jellystat."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    return await go_on(hass, flow)


async def test_retention(hass: HomeAssistant, jellyfin: JellyfinSimulator) -> None:
    """It shows what there is, and takes the retention of movies and of series."""
    flow = await to_retention(hass, jellyfin)
    assert flow["step_id"] == "retention"
    assert flow["description_placeholders"] == {
        "found": "Jellyfin has 48 movies, 7 series and 4 users.\n\n"
    }
    assert form_shows(flow["data_schema"]) == {
        "movie_retention": 90,
        "movie_retention_unit": "d",
        "tv_retention": 120,
        "tv_retention_unit": "d",
    }
    for wrong in (-1, 1.5, 1_000_000):
        flow = await go_on(hass, flow, movie_retention=wrong, tv_retention=wrong)
        assert flow["step_id"] == "retention"
        assert flow["errors"] == {
            "movie_retention": "movie_retention_range",
            "tv_retention": "tv_retention_range",
        }
        assert shown(flow)["movie_retention"] == wrong
    flow = await go_on(
        hass,
        flow,
        movie_retention=2,
        movie_retention_unit="w",
        tv_retention_unit="never",
    )
    flow = await choose(hass, flow, "finish")
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["options"] == {"movie_retention": "2w", "tv_retention": "never"}
    await hass.async_block_till_done(wait_background_tasks=True)
    assert str(flow["result"].runtime_data.settings.rules.standard.tv_retention) == (
        "never"
    )


async def test_retention_when_jellyfin_does_not_count(
    hass: HomeAssistant, jellyfin: JellyfinSimulator
) -> None:
    """What there is is only said if it is known."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    jellyfin.fail(FaultKind.SERVER_ERROR, "^/Items$")
    flow = await go_on(hass, flow)
    assert flow["description_placeholders"] == {"found": ""}
    jellyfin.faults.clear()
    flow = await finish(hass, flow)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("option", "menu"),
    [
        ("add_server", ["radarr", "sonarr", "seerr"]),
        ("add_rule", ["tag_rule", "user_rule", "watched_rule", "episode_rule"]),
    ],
)
async def test_set_up_leads_on(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, option: str, menu: list[str]
) -> None:
    """The entry is made, and the menu that was chosen is open."""
    flow = await go_on(hass, await to_retention(hass, jellyfin))
    assert flow["step_id"] == "next"
    flow = await choose(hass, flow, option)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    assert flow["result"].state is ConfigEntryState.LOADED
    kind, flow_id = flow["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    following = await hass.config_entries.subentries.async_configure(flow_id)
    assert following["type"] is FlowResultType.MENU
    assert following["menu_options"] == menu
    hass.config_entries.subentries.async_abort(flow_id)


async def test_address_of_home_assistants_jellyfin(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """The first that is not connected yet is filled in, without what it logs in with."""
    for data in (
        {},
        {"url": "not an address"},
        {"url": jellyfin.url, "username": "alice", "password": "secret"},
        {"url": "https://media.example/", "username": "alice", "password": "secret"},
    ):
        MockConfigEntry(domain="jellyfin", data=data).add_to_hass(hass)
    flow = await start(hass)
    assert shown(flow) == {"url": jellyfin.url}
    hass.config_entries.flow.async_abort(flow["flow_id"])
    entry.add_to_hass(hass)
    flow = await start(hass)
    assert shown(flow) == {"url": "https://media.example"}


@pytest.mark.parametrize("timeout", [0, 1.5, 601])
async def test_timeout_out_of_range(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, timeout: float
) -> None:
    """What is allowed is said at the field."""
    flow = await start(hass)
    typed = {"url": jellyfin.url, "api_key": jellyfin.api_key}
    flow = await go_on(hass, flow, **typed, timeout=timeout)
    assert flow["errors"] == {"timeout": "timeout_range"}
    assert not jellyfin.requests
    flow = await go_on(hass, flow, **typed, timeout=600)
    assert flow["step_id"] == "jellystat"


async def test_key_without_address(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, jellystat: JellystatSimulator
) -> None:
    """A key alone is no wish to go on without Jellystat."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, api_key=jellystat.api_key)
    assert flow["errors"] == {"url": "url_missing"}
    assert shown(flow)["api_key"] == jellystat.api_key
    flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
    flow = await finish(hass, flow)


async def test_path_prefix(
    hass: HomeAssistant, household: Household, socket_enabled: None
) -> None:
    """A path behind the address is kept."""
    async with (
        JellyfinSimulator(household, base_path="/jellyfin") as jellyfin,
        JellystatSimulator(household, base_path="/stats") as jellystat,
    ):
        flow = await start(hass)
        flow = await go_on(hass, flow, url=f"{jellyfin.url}/", api_key=jellyfin.api_key)
        flow = await go_on(
            hass, flow, url=f"{jellystat.url}/", api_key=jellystat.api_key
        )
        flow = await finish(hass, flow)
        assert flow["data"]["jellyfin"]["url"].endswith("/jellyfin")
        assert flow["data"]["jellystat"]["url"].endswith("/stats")
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["result"].state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(flow["result"].entry_id)


@pytest.mark.parametrize("version", ["guide", "1.1.2"])
async def test_other_jellystats(
    hass: HomeAssistant,
    household: Household,
    jellyfin: JellyfinSimulator,
    version: str,
) -> None:
    """An old Jellystat is connected, and one that knows no more than the guide."""
    async with JellystatSimulator(household, version) as jellystat:
        flow = await start(hass)
        flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
        flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
        flow = await finish(hass, flow)
        await hass.async_block_till_done(wait_background_tasks=True)
        await hass.config_entries.async_unload(flow["result"].entry_id)


async def test_already_configured(
    hass: HomeAssistant, entry: MockConfigEntry, moved: JellyfinSimulator
) -> None:
    """A Jellyfin is configured once, whatever address it has."""
    entry.add_to_hass(hass)
    flow = await start(hass)
    flow = await go_on(hass, flow, url=moved.url, api_key=moved.api_key)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_flow_left_open(hass: HomeAssistant, jellyfin: JellyfinSimulator) -> None:
    """A flow that was left half-way does not lock the next one out."""
    abandoned = await start(hass)
    await go_on(hass, abandoned, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow)
    flow = await finish(hass, flow)
    assert not hass.config_entries.flow.async_progress()
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("192.168.1.10:8096", "url_scheme"),
        ("jellyfin", "url_scheme"),
        ("ftp://jellyfin", "url_scheme"),
        ("http://", "url_host"),
        ("http://user:secret@jellyfin", "url_userinfo"),
        ("http://jellyfin/?api_key=secret", "url_query"),
        ("http://jellyfin/#/dashboard", "url_query"),
        ("http://jelly fin", "url_invalid"),
    ],
)
async def test_wrong_address(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    url: str,
    error: str,
) -> None:
    """What is no address is said so on its field, in both steps."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=url, api_key="key", timeout=7, verify_ssl=False)
    assert flow["step_id"] == "user"
    assert flow["errors"] == {"url": error}
    assert shown(flow) == {
        "url": url,
        "api_key": "key",
        "timeout": 7,
        "verify_ssl": False,
    }

    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=url, api_key="key", timeout=7, verify_ssl=False)
    assert flow["step_id"] == "jellystat"
    assert flow["errors"] == {"url": error}
    assert shown(flow)["url"] == url
    assert not hass.config_entries.async_entries(DOMAIN)

    flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
    flow = await finish(hass, flow)
    await hass.async_block_till_done(wait_background_tasks=True)


JELLYFIN_FAULTS = [
    (FaultKind.HTML, PUBLIC, {"url": "other_server"}),
    (FaultKind.EMPTY, PUBLIC, {"url": "other_server"}),
    (FaultKind.MALFORMED, PUBLIC, {"url": "other_server"}),
    (FaultKind.WRONG_SHAPE, PUBLIC, {"url": "other_server"}),
    (FaultKind.NOT_FOUND, PUBLIC, {"url": "other_server"}),
    (FaultKind.UNAUTHORIZED, PUBLIC, {"url": "login_required"}),
    (FaultKind.FORBIDDEN, PUBLIC, {"url": "login_required"}),
    (FaultKind.DISCONNECT, PUBLIC, {"url": "cannot_connect"}),
    (FaultKind.HANG, PUBLIC, {"timeout": "timeout"}),
    (FaultKind.SERVER_ERROR, PUBLIC, {"base": "server_failed"}),
    (FaultKind.BAD_GATEWAY, PUBLIC, {"base": "server_failed"}),
    (FaultKind.STARTING, PUBLIC, {"base": "starting"}),
    (FaultKind.TRUNCATED, PUBLIC, {"base": "bad_answer"}),
    (FaultKind.UNAUTHORIZED, PRIVATE, {"api_key": "invalid_auth"}),
    (FaultKind.FORBIDDEN, PRIVATE, {"api_key": "permission_denied"}),
    (FaultKind.HANG, PRIVATE, {"timeout": "timeout"}),
    (FaultKind.SERVER_ERROR, PRIVATE, {"base": "server_failed"}),
]


@pytest.mark.parametrize(("kind", "path", "errors"), JELLYFIN_FAULTS)
async def test_jellyfin_fails(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    kind: FaultKind,
    path: str,
    errors: dict[str, str],
) -> None:
    """Every failure of Jellyfin is named on the right field and can be mended."""
    jellyfin.fail(kind, path)
    typed = {
        "url": jellyfin.url,
        "api_key": jellyfin.api_key,
        "timeout": 1,
        "verify_ssl": True,
    }
    flow = await start(hass)
    flow = await go_on(hass, flow, **typed)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert flow["errors"] == errors
    assert shown(flow) == typed
    assert not hass.config_entries.async_entries(DOMAIN)

    jellyfin.faults.clear()
    flow = await go_on(hass, flow, **typed)
    assert flow["step_id"] == "jellystat"
    assert not flow["errors"]


JELLYSTAT_FAULTS = [
    (FaultKind.HTML, READY, {"url": "other_server"}),
    (FaultKind.WRONG_SHAPE, READY, {"url": "other_server"}),
    (FaultKind.UNAUTHORIZED, READY, {"url": "login_required"}),
    (FaultKind.FORBIDDEN, READY, {"url": "login_required"}),
    (FaultKind.DISCONNECT, READY, {"url": "cannot_connect"}),
    (FaultKind.HANG, READY, {"timeout": "timeout"}),
    (FaultKind.SERVER_ERROR, READY, {"base": "server_failed"}),
    (FaultKind.UNAUTHORIZED, LIBRARIES, {"api_key": "invalid_auth"}),
    (FaultKind.FORBIDDEN, LIBRARIES, {"api_key": "invalid_auth"}),
    (FaultKind.NOT_FOUND, LIBRARIES, {"url": "other_server"}),
    (FaultKind.HTML, LIBRARIES, {"url": "other_server"}),
    (FaultKind.HANG, LIBRARIES, {"timeout": "timeout"}),
    (FaultKind.SERVER_ERROR, LIBRARIES, {"base": "server_failed"}),
]


@pytest.mark.parametrize(("kind", "path", "errors"), JELLYSTAT_FAULTS)
async def test_jellystat_fails(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    kind: FaultKind,
    path: str,
    errors: dict[str, str],
) -> None:
    """Every failure of Jellystat is named on the right field and can be mended."""
    jellystat.fail(kind, path)
    typed = {
        "url": jellystat.url,
        "api_key": jellystat.api_key,
        "timeout": 1,
        "verify_ssl": True,
    }
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, **typed)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "jellystat"
    assert flow["errors"] == errors
    assert shown(flow) == typed
    assert not hass.config_entries.async_entries(DOMAIN)

    jellystat.faults.clear()
    flow = await go_on(hass, flow, **typed)
    flow = await finish(hass, flow)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("state", "errors"),
    [
        ({"database_up": False}, {"base": "not_ready"}),
        ({"state": 0}, {"base": "not_ready"}),
        ({"has_keys": False}, {"api_key": "no_api_keys"}),
        ({"api_key": "another"}, {"api_key": "invalid_auth"}),
    ],
)
async def test_jellystat_is_not_ready(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    state: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """A Jellystat without database, user or key says what it lacks, and survives."""
    typed = {"url": jellystat.url, "api_key": jellystat.api_key}
    for name, value in state.items():
        setattr(jellystat, name, value)
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, **typed)
    assert flow["errors"] == errors
    assert jellystat.deaths == 0


@pytest.mark.parametrize("key", [WRONG_KEY, "", "ключ", "a\nb"])
async def test_wrong_keys(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    key: str,
) -> None:
    """A wrong key is wrong, even one that cannot be sent."""
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=key)
    assert flow["errors"] == {"api_key": "invalid_auth"}
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=jellystat.url, api_key=key)
    assert flow["errors"] == {"api_key": "invalid_auth"}


async def test_servers_are_down(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, jellystat: JellystatSimulator
) -> None:
    """A server that does not run cannot be connected until it does."""
    await jellyfin.stop()
    await jellystat.stop()
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    assert flow["errors"] == {"url": "cannot_connect"}
    await jellyfin.start()
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
    assert flow["errors"] == {"url": "cannot_connect"}
    await jellystat.start()
    flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
    flow = await finish(hass, flow)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("state", [0, 2])
async def test_servers_are_swapped(
    hass: HomeAssistant,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    state: int,
) -> None:
    """Each server is recognized in the other's place, and no key is sent to it."""
    jellystat.state = state
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellystat.url, api_key="jellyfins-key")
    assert flow["errors"] == {"url": "is_jellystat"}
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key="jellystats-key")
    assert flow["errors"] == {"url": "is_jellyfin"}
    for server, key in ((jellystat, "jellyfins-key"), (jellyfin, "jellystats-key")):
        assert not any(
            key in value
            for request in server.requests
            for value in request.headers.values()
        )


@pytest.mark.parametrize("name", ["Radarr", "Sonarr", "Seerr"])
async def test_other_servers_in_their_place(
    hass: HomeAssistant, jellyfin: JellyfinSimulator, arrs: Arrs, name: str
) -> None:
    """Who answers is named in both steps, and sees no key."""
    other = dict(arrs)[name.lower()]
    flow = await start(hass)
    flow = await go_on(hass, flow, url=other.url, api_key="jellyfins-key")
    assert flow["errors"] == {"url": "swapped_server"}
    assert flow["description_placeholders"] is not None
    assert flow["description_placeholders"]["found"] == name
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=other.url, api_key="jellystats-key")
    assert flow["errors"] == {"url": "swapped_server"}
    assert flow["description_placeholders"] is not None
    assert flow["description_placeholders"]["found"] == name
    assert not any(
        "-key" in value
        for request in other.requests
        for value in request.headers.values()
    )


async def test_page_at_jellyfins_address(
    hass: HomeAssistant, jellyfin: JellyfinSimulator
) -> None:
    """A web page in the place of Jellystat is recognized as Jellyfin's where it is."""
    jellyfin.fail(FaultKind.HTML, READY)
    flow = await start(hass)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
    flow = await go_on(hass, flow, url=jellyfin.url, api_key="key")
    assert flow["errors"] == {"url": "is_jellyfin"}


@pytest.mark.usefixtures("refused_handshakes", "socket_enabled")
async def test_certificates(hass: HomeAssistant, household: Household) -> None:
    """A self-signed certificate is trusted when the user says so, not before."""
    async with (
        JellyfinSimulator(household, tls=True) as jellyfin,
        JellystatSimulator(household, tls=True) as jellystat,
    ):
        flow = await start(hass)
        flow = await go_on(hass, flow, url=jellyfin.url, api_key=jellyfin.api_key)
        assert flow["errors"] == {"verify_ssl": "certificate"}
        flow = await go_on(
            hass, flow, url=jellyfin.url, api_key=jellyfin.api_key, verify_ssl=False
        )
        flow = await go_on(hass, flow, url=jellystat.url, api_key=jellystat.api_key)
        assert flow["errors"] == {"verify_ssl": "certificate"}
        flow = await go_on(
            hass, flow, url=jellystat.url, api_key=jellystat.api_key, verify_ssl=False
        )
        flow = await finish(hass, flow)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert flow["result"].state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(flow["result"].entry_id)


async def test_no_tls(hass: HomeAssistant, jellyfin: JellyfinSimulator) -> None:
    """A server that speaks http only is told from one that is down."""
    flow = await start(hass)
    flow = await go_on(
        hass,
        flow,
        url=jellyfin.url.replace("http:", "https:"),
        api_key=jellyfin.api_key,
    )
    assert flow["errors"] == {"url": "tls"}


async def test_redirect(hass: HomeAssistant, socket_enabled: None) -> None:
    """A redirect is not followed, as the key would travel with it."""

    async def redirect(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "https://example.org/"})

    async with RawTestServer(redirect, host="127.0.0.1") as server:
        flow = await start(hass)
        flow = await go_on(hass, flow, url=str(server.make_url("/")), api_key="key")
        assert flow["errors"] == {"url": "redirect"}


def test_faults_are_on_the_form() -> None:
    """Every fault has a field that is on the form."""
    assert {field for field, _ in FAULTS.values()} == {
        "url",
        "api_key",
        "timeout",
        "verify_ssl",
        "base",
    }


# --- a key that is not accepted any more -------------------------------------------


@pytest.mark.parametrize("server", ["jellyfin", "jellystat"])
async def test_reauth(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    server: str,
) -> None:
    """A key that is refused at set-up is asked for, and the entry set up with it."""
    refusing: Simulator = jellyfin if server == "jellyfin" else jellystat
    refusing.api_key = "0123456789abcdef0123456789abcdef"
    await set_up(hass, entry)
    before = dict(entry.data)
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == f"reauth_{server}"

    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert (result["description_placeholders"] or {})["url"] == refusing.url
    result = await go_on(hass, result, api_key=WRONG_KEY)
    assert result["errors"] == {"api_key": "invalid_auth"}
    assert shown(result) == {"api_key": WRONG_KEY}
    refusing.fail(FaultKind.DISCONNECT)
    result = await go_on(hass, result, api_key=refusing.api_key)
    assert result["errors"] == {"base": "cannot_connect"}
    refusing.faults.clear()
    assert entry.data == before

    result = await go_on(hass, result, api_key=f" {refusing.api_key} ")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    changed = {**before, server: connection(refusing)}
    assert {key: entry.data[key] for key in changed} == changed
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("server", ["jellyfin", "jellystat"])
async def test_reauth_while_running(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    caplog: pytest.LogCaptureFixture,
    server: str,
) -> None:
    """A key that is revoked later is asked for; the old one is fine if it works again."""
    refusing: Simulator = jellyfin if server == "jellyfin" else jellystat
    key, refusing.api_key = refusing.api_key, "0123456789abcdef0123456789abcdef"
    coordinator = setup_integration.runtime_data
    await coordinator.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == f"reauth_{server}"

    refusing.api_key = key
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": key}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.state is ConfigEntryState.LOADED
    # Polling had ended, so without a new start nothing would be read any more.
    assert setup_integration.runtime_data is not coordinator
    assert setup_integration.runtime_data.last_update_success
    assert "should use it for scheduling a reload" not in caplog.text


@pytest.mark.parametrize("refusing", ["jellyfin", "jellystat", None])
async def test_reauth_finds_the_server(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    refusing: str | None,
) -> None:
    """If nobody says which server refuses, the flow finds out."""
    entry.add_to_hass(hass)
    if refusing == "jellystat":
        jellystat.api_key = "another"
        jellyfin.fail(FaultKind.SERVER_ERROR)
    elif refusing == "jellyfin":
        jellyfin.api_key = "another"
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == f"reauth_{refusing or 'jellyfin'}"


async def test_reauth_without_jellystat(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Without Jellystat there is only Jellyfin to refuse."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "jellystat": None}
    )
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_jellyfin"


async def test_reauth_at_another_server(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """A new Jellyfin at the old address gets no entry that remembers the old one."""
    entry.add_to_hass(hass)
    jellyfin.server_id = "f" * 32
    result = await entry.start_reauth_flow(hass, data={"server": "jellyfin"})
    result = await go_on(hass, result, api_key=jellyfin.api_key)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"


# --- connections that are changed ---------------------------------------------------


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> ConfigFlowResult:
    """Begin to change a connection."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.MENU
    assert step in result["menu_options"]
    return await go_on(hass, result, next_step_id=step)


async def test_reconfigure_jellyfin(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    moved: JellyfinSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Jellyfin can move to another address; the entry starts anew with it."""
    before = dict(setup_integration.data)
    result = await reconfigure(hass, setup_integration, "reconfigure_jellyfin")
    assert shown(result) == before["jellyfin"]

    result = await go_on(hass, result, url="http://", api_key="key", timeout=9)
    assert result["errors"] == {"url": "url_host"}
    assert shown(result)["timeout"] == 9
    result = await go_on(hass, result, url=jellyfin.url, api_key=WRONG_KEY)
    assert result["errors"] == {"api_key": "invalid_auth"}
    assert setup_integration.data == before

    coordinator = setup_integration.runtime_data
    result = await go_on(hass, result, url=f"{moved.url}/", api_key=moved.api_key)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.data == {**before, "jellyfin": connection(moved)}
    assert setup_integration.state is ConfigEntryState.LOADED
    assert setup_integration.runtime_data is not coordinator
    assert "should use it for scheduling a reload" not in caplog.text


async def test_reconfigure_to_another_jellyfin(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    elsewhere: JellyfinSimulator,
) -> None:
    """Another server is another entry."""
    before = dict(setup_integration.data)
    result = await reconfigure(hass, setup_integration, "reconfigure_jellyfin")
    result = await go_on(hass, result, url=elsewhere.url, api_key=elsewhere.api_key)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert setup_integration.data == before


async def test_reconfigure_jellystat(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellystat: JellystatSimulator,
) -> None:
    """Jellystat can be given another time-out."""
    result = await reconfigure(hass, setup_integration, "reconfigure_jellystat")
    assert shown(result) == connection(jellystat)
    result = await go_on(
        hass, result, url=jellystat.url, api_key=WRONG_KEY, timeout=120
    )
    assert result["errors"] == {"api_key": "invalid_auth"}
    result = await go_on(
        hass, result, url=jellystat.url, api_key=jellystat.api_key, timeout=120
    )
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.data["jellystat"] == connection(jellystat, timeout=120)


async def test_add_jellystat_later(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellystat: JellystatSimulator,
    entity_registry: er.EntityRegistry,
) -> None:
    """Jellystat can be connected later; only then can it be removed."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "jellystat": None}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entity_registry.async_get("binary_sensor.household_jellystat") is None

    result = await entry.start_reconfigure_flow(hass)
    assert "remove_jellystat" not in result["menu_options"]
    result = await go_on(hass, result, next_step_id="reconfigure_jellystat")
    assert not shown(result)
    result = await go_on(hass, result, url=jellystat.url, api_key=jellystat.api_key)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    state = hass.states.get("binary_sensor.household_jellystat")
    assert state is not None
    assert state.state == "on"


async def test_remove_jellystat(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Jellystat can be removed once that is confirmed; its entities go with it."""
    result = await reconfigure(hass, setup_integration, "remove_jellystat")
    assert result["type"] is FlowResultType.FORM
    assert setup_integration.data["jellystat"]
    result = await go_on(hass, result)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.data["jellystat"] is None
    assert setup_integration.state is ConfigEntryState.LOADED
    for entity_id in (
        "binary_sensor.household_jellystat",
        "sensor.household_watch_events",
    ):
        assert entity_registry.async_get(entity_id) is None
    assert entity_registry.async_get("binary_sensor.household_jellyfin")


async def test_reconfigure_mends_a_failed_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    issue_registry: ir.IssueRegistry,
) -> None:
    """An entry that could not be set up has no listener and is reloaded all the same."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "jellyfin": connection(jellyfin, url="http://127.0.0.1:9")},
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    result = await reconfigure(hass, entry, "reconfigure_jellyfin")
    result = await go_on(hass, result, url=jellyfin.url, api_key=jellyfin.api_key)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert not issue_registry.issues
