"""Connecting Radarr, Sonarr and Seerr: what can be typed wrong, and how it is mended."""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    start_reauth_flow,
)

from custom_components.oxicleanarr.connections import stored_servers
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.retention import NEVER, UserEntry, UserRule
from custom_components.oxicleanarr.rules import new_subentry
from simulators import Arrs, FaultKind, Household, JellyfinSimulator, RadarrSimulator
from simulators.server import Simulator
from tests.conftest import arr_subentry, connection, pass_time, set_up, state_of

pytestmark = pytest.mark.usefixtures("no_waiting")

WRONG_KEY = "00000000000000000000000000000000"
KINDS = ["radarr", "sonarr", "seerr"]


@pytest.fixture
async def behind_a_proxy(
    household: Household, socket_enabled: None
) -> AsyncIterator[RadarrSimulator]:
    """Return a Radarr with a path of its own."""
    async with RadarrSimulator(household, name="proxied", url_base="/radarr") as server:
        yield server


def server_of(arrs: Arrs, kind: str) -> Simulator:
    """Return a server by its kind."""
    return dict(arrs)[kind]


async def open_form(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: str,
    subentry_id: str | None = None,
) -> SubentryFlowResult:
    """Open the form for a new connection, or for one that is there."""
    context: dict[str, Any] = {"source": "user"}
    if subentry_id is not None:
        context = {"source": "reconfigure", "subentry_id": subentry_id}
    flow = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "server"),
        context=context,  # type: ignore[arg-type]
    )
    if subentry_id is None:
        assert flow["type"] is FlowResultType.MENU
        flow = await hass.config_entries.subentries.async_configure(
            flow["flow_id"], {"next_step_id": kind}
        )
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == kind
    return flow


async def send(
    hass: HomeAssistant, flow: SubentryFlowResult, **typed: Any
) -> SubentryFlowResult:
    """Fill in the form, send it, and let happen what follows."""
    flow = await hass.config_entries.subentries.async_configure(flow["flow_id"], typed)
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def connect(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: str,
    server: Simulator,
    **typed: Any,
) -> SubentryFlowResult:
    """Connect a server."""
    flow = await open_form(hass, entry, kind)
    return await send(
        hass, flow, **({"url": server.url, "api_key": server.api_key} | typed)
    )


def subentries(entry: MockConfigEntry, kind: str) -> list[ConfigSubentry]:
    """Return the connections to servers of a kind."""
    return stored_servers(entry, kind)


def shown(flow: SubentryFlowResult | ConfigFlowResult) -> dict[str, Any]:
    """Return the values that a form suggests."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


def placeholders(flow: SubentryFlowResult | ConfigFlowResult) -> dict[str, str]:
    """Return what the texts of a form are filled with."""
    found = flow["description_placeholders"]
    assert found is not None
    return dict(found)


def state_of_entry(entry: MockConfigEntry) -> ConfigEntryState:
    """Return an entry's state, which type checkers take for constant otherwise."""
    return entry.state


# --- adding -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_connecting(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs, kind: str
) -> None:
    """The server is asked, its connection stored, and in use at once."""
    entry, server = setup_integration, server_of(arrs, kind)
    before = entry.runtime_data
    flow = await open_form(hass, entry, kind)
    assert shown(flow) == {}
    assert not flow["errors"]
    flow = await send(
        hass, flow, url=f" {server.url}/ ", api_key=f" {server.api_key} ", timeout=45.0
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = subentries(entry, kind)
    assert subentry.title == kind.capitalize()
    assert subentry.unique_id == server.url
    expected = connection(server, timeout=45)
    if kind != "seerr":
        expected["path_map"] = []
    assert subentry.data == expected | {"kind": kind}
    assert isinstance(subentry.data["timeout"], int)

    coordinator = entry.runtime_data
    assert coordinator is not before
    assert state_of_entry(entry) is ConfigEntryState.LOADED
    (used,) = coordinator.keeper.servers.connections
    assert used.connection_id == subentry.subentry_id
    assert used.name == kind.capitalize()
    assert used.path_map == ()
    assert (await used.client.check()).app == kind.capitalize()
    assert coordinator.data.state.fully_synced_at is not None


async def test_path_map(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """Lines become pairs, also of other systems' paths, and are lines again later."""
    lines = [
        " /movies = /media/movies ",
        "",
        "/a=b/c=/media/odd",
        r"D:\Movies=/media/d",
        r"\\nas\films=/media/nas",
    ]
    flow = await connect(hass, setup_integration, "radarr", arrs.radarr, path_map=lines)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = subentries(setup_integration, "radarr")
    assert subentry.data["path_map"] == [
        ["/movies", "/media/movies"],
        ["/a=b/c", "/media/odd"],
        [r"D:\Movies", "/media/d"],
        [r"\\nas\films", "/media/nas"],
    ]
    (used,) = setup_integration.runtime_data.keeper.servers.connections
    assert used.path_map[0] == ("/movies", "/media/movies")
    assert all(isinstance(pair, tuple) for pair in used.path_map)
    flow = await open_form(hass, setup_integration, "radarr", subentry.subentry_id)
    assert shown(flow)["path_map"] == [
        "/movies=/media/movies",
        "/a=b/c=/media/odd",
        r"D:\Movies=/media/d",
        r"\\nas\films=/media/nas",
    ]
    flow = await send(hass, flow, **shown(flow))
    assert flow["reason"] == "reconfigure_successful"
    assert len(subentries(setup_integration, "radarr")[0].data["path_map"]) == 4


@pytest.mark.parametrize(
    "line",
    [
        "/movies",
        "movies=/media/movies",
        "/movies=media",
        "=/media",
        "/a=/b=/c",
        "C:=/m",
    ],
)
async def test_path_map_that_is_wrong(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs, line: str
) -> None:
    """One line is named, nothing is stored, and what was typed stays."""
    asked = len(arrs.radarr.requests)
    flow = await connect(
        hass, setup_integration, "radarr", arrs.radarr, path_map=["/x=/y", line]
    )
    assert flow["errors"] == {"path_map": "path_map"}
    assert placeholders(flow)["line"] == line
    assert placeholders(flow)["example_map"] == "/movies=/media/movies"
    assert shown(flow)["path_map"] == ["/x=/y", line]
    assert len(arrs.radarr.requests) == asked
    flow = await send(
        hass, flow, url=arrs.radarr.url, api_key=arrs.radarr.api_key, path_map=["/x=/y"]
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_path_map_says_something_once(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """The same folder of the server cannot be in two places."""
    flow = await connect(
        hass, setup_integration, "sonarr", arrs.sonarr, path_map=["/tv=/a", "/tv/=/b"]
    )
    assert flow["errors"] == {"path_map": "path_map"}
    assert placeholders(flow)["line"] == "/tv/=/b"


async def test_several_of_a_kind(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """Each has the name that its owner gave it, or one that is still free."""
    entry = setup_integration
    assert arrs.radarr4k is not None
    await connect(hass, entry, "radarr", arrs.radarr)
    arrs.radarr4k.instance_name = "radarr"
    await connect(hass, entry, "radarr", arrs.radarr4k)
    assert [one.title for one in subentries(entry, "radarr")] == ["Radarr", "radarr 2"]
    arrs.sonarr.instance_name = "Radarr"
    await connect(hass, entry, "sonarr", arrs.sonarr)
    assert [one.title for one in subentries(entry, "sonarr")] == ["Radarr 3"]
    assert [one.name for one in entry.runtime_data.keeper.servers.connections] == [
        "Radarr",
        "radarr 2",
        "Radarr 3",
    ]


async def test_path_of_a_proxy(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    behind_a_proxy: RadarrSimulator,
) -> None:
    """The path belongs to the address; without it the server says where it is."""
    server = behind_a_proxy
    without = server.url.removesuffix("/radarr")
    flow = await connect(hass, setup_integration, "radarr", server, url=without)
    assert flow["errors"] == {"url": "redirect"}
    flow = await send(hass, flow, url=server.url, api_key=server.api_key)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert subentries(setup_integration, "radarr")[0].title == "proxied"


# --- what goes wrong ----------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", [WRONG_KEY, "ключ"])
async def test_wrong_key(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    arrs: Arrs,
    kind: str,
    key: str,
) -> None:
    """A wrong key is one, also for Seerr, which forbids instead of refusing."""
    flow = await connect(
        hass, setup_integration, kind, server_of(arrs, kind), api_key=key
    )
    assert flow["errors"] == {"api_key": "invalid_auth"}
    assert placeholders(flow)["server"] == kind.capitalize()
    assert not subentries(setup_integration, kind)


@pytest.mark.parametrize(
    ("kind", "found", "error"),
    [
        ("radarr", "sonarr", "swapped_server"),
        ("sonarr", "radarr", "swapped_server"),
        ("radarr", "seerr", "swapped_server"),
        ("seerr", "radarr", "swapped_server"),
        ("seerr", "sonarr", "swapped_server"),
    ],
)
@pytest.mark.parametrize("key", [None, WRONG_KEY, "ключ"])
async def test_swapped_servers(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    arrs: Arrs,
    kind: str,
    found: str,
    error: str,
    key: str | None,
) -> None:
    """What answers is named, also where it does not accept the key of the other."""
    other = server_of(arrs, found)
    flow = await connect(
        hass, setup_integration, kind, other, api_key=key or other.api_key
    )
    assert flow["errors"] == {"url": error}
    assert placeholders(flow)["found"] == found.capitalize()
    assert placeholders(flow)["server"] == kind.capitalize()
    assert not subentries(setup_integration, kind)


async def test_key_of_the_other(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """Only who sees who answers: the address is wrong there, not the key."""
    flow = await connect(
        hass, setup_integration, "radarr", arrs.sonarr, api_key=arrs.radarr.api_key
    )
    assert flow["errors"] == {"url": "swapped_server"}
    assert placeholders(flow)["found"] == "Sonarr"
    last = arrs.sonarr.requests[-1]
    assert last.path == "/login"
    assert "X-Api-Key" not in last.headers
    # The key of another Radarr at Radarr's own address is a wrong key.
    flow = await send(hass, flow, url=arrs.radarr.url, api_key=arrs.sonarr.api_key)
    assert flow["errors"] == {"api_key": "invalid_auth"}


@pytest.mark.parametrize("kind", KINDS)
async def test_address_of_jellyfin(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    kind: str,
) -> None:
    """Jellyfin is none of them."""
    flow = await connect(hass, setup_integration, kind, jellyfin)
    assert flow["errors"] == {"url": "swapped_server"}
    assert placeholders(flow)["found"] == "Jellyfin"


async def test_seerr_that_allows_no_changes(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """The protection against forged requests hinders no reading, so it is connected."""
    arrs.seerr.csrf = True
    flow = await connect(hass, setup_integration, "seerr", arrs.seerr)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        (FaultKind.HANG, {"timeout": "timeout"}),
        (FaultKind.SERVER_ERROR, {"base": "server_failed"}),
        (FaultKind.STARTING, {"base": "server_failed"}),
        (FaultKind.BAD_GATEWAY, {"base": "server_failed"}),
        (FaultKind.HTML, {"url": "other_server"}),
        (FaultKind.MALFORMED, {"url": "other_server"}),
        (FaultKind.EMPTY, {"url": "other_server"}),
        (FaultKind.DISCONNECT, {"url": "cannot_connect"}),
        (FaultKind.TRUNCATED, {"base": "bad_answer"}),
    ],
)
async def test_answers_that_make_no_sense(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    arrs: Arrs,
    kind: str,
    fault: FaultKind,
    errors: dict[str, str],
) -> None:
    """Each is said where it can be mended, and then it can be."""
    server = server_of(arrs, kind)
    server.fail(fault)
    flow = await connect(hass, setup_integration, kind, server, timeout=1)
    assert flow["errors"] == errors
    server.faults.clear()
    flow = await send(hass, flow, url=server.url, api_key=server.api_key)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_login_page_in_front(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """A proxy that forbids is not a wrong key."""
    arrs.radarr.fail(FaultKind.FORBIDDEN)
    flow = await connect(hass, setup_integration, "radarr", arrs.radarr)
    assert flow["errors"] == {"url": "login_required"}


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_there(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs, kind: str
) -> None:
    """A server that is off is not connected."""
    server = server_of(arrs, kind)
    await server.stop()
    flow = await connect(hass, setup_integration, kind, server)
    assert flow["errors"] == {"url": "cannot_connect"}


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("radarr:7878", "url_scheme"),
        ("http://", "url_host"),
        ("http://me:secret@radarr:7878", "url_userinfo"),
        ("http://radarr:7878/?apikey=1", "url_query"),
        ("http://radarr:many", "url_invalid"),
        ("http://http://radarr:7878", "url_invalid"),
    ],
)
async def test_address_that_is_none(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    arrs: Arrs,
    url: str,
    error: str,
) -> None:
    """What is wrong with an address is said in detail."""
    flow = await connect(hass, setup_integration, "radarr", arrs.radarr, url=url)
    assert flow["errors"] == {"url": error}
    assert placeholders(flow)["example_url"] == "http://192.168.1.10:7878"


# --- the same server twice ----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_same_server_twice(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs, kind: str
) -> None:
    """An address is connected once, however it is written; nobody is asked."""
    server = server_of(arrs, kind)
    await connect(hass, setup_integration, kind, server)
    asked = len(server.requests)
    url = f"HTTP://127.0.0.1:{server.port}//"
    flow = await open_form(hass, setup_integration, kind)
    flow = await send(hass, flow, url=url, api_key="another")
    assert flow["errors"] == {"url": "is_connected"}
    assert placeholders(flow)["name"] == kind.capitalize()
    assert len(server.requests) == asked
    assert len(subentries(setup_integration, kind)) == 1


async def test_two_forms_for_one_server(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """Whoever comes second is told so, also while the server was being asked."""
    entry, server = setup_integration, arrs.radarr

    def connected_meanwhile(_: Any) -> None:
        server.listeners.clear()
        stored = arr_subentry("radarr", server)
        stored["data"] = MappingProxyType(stored["data"])
        hass.config_entries.async_add_subentry(entry, ConfigSubentry(**stored))

    flow = await open_form(hass, entry, "radarr")
    server.listeners.append(connected_meanwhile)
    flow = await send(hass, flow, url=server.url, api_key=server.api_key)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"
    assert placeholders(flow) == {"name": "Radarr"}


# --- what Home Assistant knows otherwise --------------------------------------------


@pytest.mark.parametrize(
    ("kind", "domain", "data", "expected"),
    [
        (
            "radarr",
            "radarr",
            {"url": "http://nas:7878/radarr/", "api_key": "k", "verify_ssl": False},
            {"url": "http://nas:7878/radarr", "api_key": "k"},
        ),
        (
            "radarr",
            "radarr",
            {"url": "https://nas:443", "api_key": "k", "verify_ssl": False},
            {"url": "https://nas", "api_key": "k", "verify_ssl": False},
        ),
        (
            "sonarr",
            "sonarr",
            {"url": "https://nas:8989", "api_key": "k", "verify_ssl": True},
            {"url": "https://nas:8989", "api_key": "k", "verify_ssl": True},
        ),
        (
            "seerr",
            "overseerr",
            {
                "host": "nas",
                "port": 5055,
                "ssl": False,
                "api_key": "k",
                "webhook_id": "w",
            },
            {"url": "http://nas:5055", "api_key": "k"},
        ),
        (
            "seerr",
            "overseerr",
            {"host": "nas", "port": 443, "ssl": True, "api_key": "k"},
            {"url": "https://nas", "api_key": "k", "verify_ssl": True},
        ),
        # What is stored may change, and is not needed.
        ("seerr", "overseerr", {"host": "nas"}, {}),
        ("seerr", "overseerr", {"host": None, "port": None}, {}),
        ("radarr", "radarr", {"url": "nas"}, {}),
        ("radarr", "radarr", {"url": 7}, {}),
        ("radarr", "sonarr", {"url": "http://nas:8989", "api_key": "k"}, {}),
    ],
)
async def test_prefilled(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    kind: str,
    domain: str,
    data: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """What another integration stores is offered, and can be typed over."""
    MockConfigEntry(domain=domain, data=data).add_to_hass(hass)
    assert shown(await open_form(hass, setup_integration, kind)) == expected


async def test_prefilled_and_sent(
    hass: HomeAssistant, setup_integration: MockConfigEntry, arrs: Arrs
) -> None:
    """Of several the first is offered that is not connected yet."""
    assert arrs.radarr4k is not None
    MockConfigEntry(domain="radarr", source=SOURCE_IGNORE).add_to_hass(hass)
    for server in (arrs.radarr, arrs.radarr4k):
        MockConfigEntry(
            domain="radarr",
            data={
                "url": server.url,
                "api_key": server.api_key,
                "verify_ssl": False,
            },
        ).add_to_hass(hass)
    for server in (arrs.radarr, arrs.radarr4k):
        flow = await open_form(hass, setup_integration, "radarr")
        assert shown(flow) == {"url": server.url, "api_key": server.api_key}
        flow = await send(hass, flow, **shown(flow))
        assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert [one.data["verify_ssl"] for one in subentries(setup_integration, "radarr")]
    assert shown(await open_form(hass, setup_integration, "radarr")) == {}


# --- changing and removing ----------------------------------------------------------


async def test_reconfigure(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs
) -> None:
    """The form shows what is stored, the key too; the title stays its owner's."""
    entry = entry_with_arrs
    await set_up(hass, entry)
    before = entry.runtime_data
    hass.config_entries.async_update_subentry(
        entry, entry.subentries["radarr"], title="Films"
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.runtime_data is not before
    before = entry.runtime_data
    flow = await open_form(hass, entry, "radarr", "radarr")
    assert shown(flow) == {**connection(arrs.radarr), "path_map": []}
    flow = await send(
        hass, flow, **shown(flow) | {"timeout": 90, "path_map": ["/a=/b"]}
    )
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "reconfigure_successful"
    subentry = entry.subentries["radarr"]
    assert subentry.title == "Films"
    assert subentry.data == connection(
        arrs.radarr, kind="radarr", timeout=90, path_map=[["/a", "/b"]]
    )
    assert entry.runtime_data is not before
    assert entry.runtime_data.keeper.servers.connections.radarr[0].path_map == (
        ("/a", "/b"),
    )


async def test_reconfigure_with_another_address(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs
) -> None:
    """A new address is fine, that of another connection is not, a wrong key neither."""
    entry = entry_with_arrs
    assert arrs.radarr4k is not None
    await set_up(hass, entry)
    before = entry.runtime_data
    flow = await open_form(hass, entry, "radarr", "radarr")
    flow = await send(hass, flow, **shown(flow) | {"url": arrs.radarr4k.url})
    assert flow["errors"] == {"url": "is_connected"}
    assert placeholders(flow)["name"] == entry.subentries["radarr4k"].title
    flow = await send(hass, flow, **shown(flow) | {"url": arrs.radarr.url + "/nowhere"})
    assert flow["errors"] == {"url": "other_server"}
    flow = await send(hass, flow, **connection(arrs.radarr, api_key=WRONG_KEY))
    assert flow["errors"] == {"api_key": "invalid_auth"}
    assert entry.runtime_data is before

    hass.config_entries.async_remove_subentry(entry, "radarr4k")
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await open_form(hass, entry, "radarr", "radarr")
    flow = await send(hass, flow, **connection(arrs.radarr4k))
    assert flow["reason"] == "reconfigure_successful"
    assert entry.subentries["radarr"].unique_id == arrs.radarr4k.url


@pytest.mark.parametrize("moment", ["before", "while asked"])
async def test_reconfigure_what_is_gone(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs, moment: str
) -> None:
    """A connection that was removed meanwhile stays removed."""
    entry = entry_with_arrs
    await set_up(hass, entry)
    flow = await open_form(hass, entry, "sonarr", "sonarr")

    def remove(_: Any) -> None:
        arrs.sonarr.listeners.clear()
        hass.config_entries.async_remove_subentry(entry, "sonarr")

    if moment == "before":
        remove(None)
    else:
        arrs.sonarr.listeners.append(remove)
    flow = await send(hass, flow, **connection(arrs.sonarr))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "connection_is_gone"
    assert "sonarr" not in entry.subentries


async def test_removing(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Its device and entity go with it, the others and the ledger stay."""
    entry = entry_with_arrs
    await set_up(hass, entry)
    items = entry.runtime_data.data.plan.statistics.movies
    assert items

    def of_connections() -> dict[str, str]:
        return {
            device.name or "": device.manufacturer or ""
            for device in dr.async_entries_for_config_entry(
                device_registry, entry.entry_id
            )
            if device.name != entry.title
        }

    assert of_connections() == {
        "Radarr": "Radarr",
        "Radarr4k": "Radarr",
        "Sonarr": "Sonarr",
        "Seerr": "Seerr",
    }
    assert state_of(hass, "binary_sensor.radarr4k_connectivity") is not None
    synced = entry.runtime_data.data.state.fully_synced_at
    hass.config_entries.async_remove_subentry(entry, "radarr4k")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert list(of_connections()) == ["Radarr", "Sonarr", "Seerr"]
    assert state_of(hass, "binary_sensor.radarr4k_connectivity") is None
    assert not entity_registry.async_is_registered(
        "binary_sensor.radarr4k_connectivity"
    )
    assert "radarr4k" not in entry.runtime_data.keeper.health
    assert [
        one.connection_id for one in entry.runtime_data.keeper.servers.connections
    ] == [
        "radarr",
        "sonarr",
        "seerr",
    ]
    assert entry.runtime_data.data.plan.statistics.movies == items
    assert entry.runtime_data.data.state.fully_synced_at == synced


async def test_what_is_away_hinders_no_set_up(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs
) -> None:
    """Only Jellyfin and Jellystat decide whether there is anything to show."""
    for _, server in arrs:
        await server.stop()
    await set_up(hass, entry_with_arrs)
    assert state_of_entry(entry_with_arrs) is ConfigEntryState.LOADED
    assert entry_with_arrs.runtime_data.data.plan is not None


# --- user rules need a Seerr --------------------------------------------------------


async def test_issue_about_user_rules(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    arrs: Arrs,
    issue_registry: ir.IssueRegistry,
) -> None:
    """It goes when Seerr is connected, and comes back when that is removed."""
    entry = setup_integration
    issue = (DOMAIN, f"user_rules_without_seerr_{entry.entry_id}")
    rule = UserRule(
        name="People", users=(UserEntry(username="alice", retention=NEVER),)
    )
    hass.config_entries.async_add_subentry(entry, new_subentry(rule))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issue_registry.async_get_issue(*issue)
    assert not entry.runtime_data.settings.rules.seerr
    await connect(hass, entry, "radarr", arrs.radarr)
    assert issue_registry.async_get_issue(*issue)

    await connect(hass, entry, "seerr", arrs.seerr)
    assert not issue_registry.async_get_issue(*issue)
    assert entry.runtime_data.settings.rules.seerr
    (seerr,) = subentries(entry, "seerr")
    hass.config_entries.async_remove_subentry(entry, seerr.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert issue_registry.async_get_issue(*issue)


# --- a key that is not accepted any more --------------------------------------------


@pytest.mark.parametrize("server", ["radarr4k", "sonarr", "seerr"])
async def test_reauth(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
    server: str,
) -> None:
    """Only the key is asked for, of the one server, and it is in use at once."""
    entry, simulator = entry_with_arrs, server_of(arrs, server)
    await set_up(hass, entry)
    before = entry.runtime_data
    stored = dict(entry.subentries[server].data)
    simulator.api_key = "new" * 10
    before.async_start_reauth_of(server)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_connection"
    typed: dict[str, Any] = {"api_key": WRONG_KEY}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], typed)
    assert flow["errors"] == {"api_key": "invalid_auth"}
    assert placeholders(flow) == {
        "server": server.removesuffix("4k").capitalize(),
        "name": server.capitalize(),
        "url": simulator.url,
    }
    typed = {"api_key": f" {simulator.api_key} "}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], typed)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "reauth_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.subentries[server].data == stored | {"api_key": simulator.api_key}
    assert entry.runtime_data is not before
    assert not hass.config_entries.flow.async_progress()


async def test_reauth_with_other_faults(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs
) -> None:
    """What is not on this form is said all the same, who answers included."""
    await set_up(hass, entry_with_arrs)
    flow = await start_reauth_flow(hass, entry_with_arrs, data={"server": "radarr"})
    key = {"api_key": arrs.radarr.api_key}
    await arrs.radarr.stop()
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], key)
    assert flow["errors"] == {"base": "cannot_connect"}
    port, arrs.sonarr.port = arrs.sonarr.port, arrs.radarr.port
    await arrs.sonarr.stop()
    await arrs.sonarr.start()
    key = {"api_key": arrs.sonarr.api_key}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], key)
    assert flow["errors"] == {"base": "swapped_server"}
    assert placeholders(flow)["found"] == "Sonarr"
    await arrs.sonarr.stop()
    arrs.sonarr.port = port
    await arrs.sonarr.start()


async def test_reauth_with_the_old_key(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs
) -> None:
    """The server accepts it again: nothing changes, but all starts anew."""
    await set_up(hass, entry_with_arrs)
    before = entry_with_arrs.runtime_data
    flow = await start_reauth_flow(hass, entry_with_arrs, data={"server": "seerr"})
    key = {"api_key": arrs.seerr.api_key}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], key)
    assert flow["reason"] == "reauth_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry_with_arrs.runtime_data is not before


@pytest.mark.parametrize("moment", ["before", "while shown", "while asked"])
async def test_reauth_of_what_is_gone(
    hass: HomeAssistant, entry_with_arrs: MockConfigEntry, arrs: Arrs, moment: str
) -> None:
    """There is nothing to ask for any more, or nobody to ask."""
    entry = entry_with_arrs
    # That of an entry that is loaded ends with the reload.
    entry.add_to_hass(hass)

    def remove(_: Any) -> None:
        arrs.seerr.listeners.clear()
        hass.config_entries.async_remove_subentry(entry, "seerr")

    if moment == "before":
        remove(None)
    flow = await entry.start_reauth_flow(hass, data={"server": "seerr"})
    if moment != "before":
        assert flow["step_id"] == "reauth_connection"
        if moment == "while shown":
            remove(None)
        else:
            arrs.seerr.listeners.append(remove)
        key = {"api_key": arrs.seerr.api_key}
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], key)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "connection_is_gone"


async def test_reauth_begins_by_itself(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A sync finds out, goes on, and asks for one key after the other."""
    entry = entry_with_arrs
    await set_up(hass, entry)
    for server in (arrs.sonarr, arrs.seerr):
        server.api_key = f"new{server.api_key}"
    await pass_time(hass, freezer, timedelta(minutes=16))
    assert state_of(hass, "binary_sensor.sonarr_connectivity") == STATE_OFF
    assert entry.runtime_data.last_update_success
    for server in (arrs.sonarr, arrs.seerr):
        (flow,) = hass.config_entries.flow.async_progress()
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert placeholders(flow)["url"] == server.url
        flow = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"api_key": server.api_key}
        )
        assert flow["reason"] == "reauth_successful"
        await hass.async_block_till_done(wait_background_tasks=True)
    assert not hass.config_entries.flow.async_progress()
    assert state_of(hass, "binary_sensor.sonarr_connectivity") == STATE_ON
    assert state_of(hass, "binary_sensor.seerr_connectivity") == STATE_ON


async def test_form_for_a_server_that_is_gone(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A page that was left open can still offer it."""
    flow = await hass.config_entries.subentries.async_init(
        (setup_integration.entry_id, "server"),
        context={"source": "reconfigure", "subentry_id": "gone"},
    )
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "connection_is_gone"
