"""Whoever writes the requests themselves: odd methods, names, sizes, and redirects."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.test_utils import RawTestServer
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.oxicleanarr.const import DOMAIN
from simulators import Arrs, Fault, FaultKind, Household, JellyfinSimulator
from simulators.jellyfin.rows import image_tag

from .conftest import poster_path, set_up
from .lookout import Lookout

pytestmark = pytest.mark.usefixtures("no_waiting")

VIEWS = ("health", "leaving_soon", "poster/{entry}/{item}?tag={tag}")
ODD = (
    "",
    " ",
    "\0",
    "a\r\nX-Injected: 1",
    "../../../../etc/passwd",
    "..%2f..%2fUsers",
    "%",
    "_",
    "*",
    "'; DROP TABLE items; --",
    '" UNION SELECT ""="',
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "${jndi:ldap://x}",
    "\u202e\u2066",
    "\U0001f600" * 50,
    "x" * 190,
)
COMMANDS = ("plan/subscribe", "titles/search", "statistics")


# --- views --------------------------------------------------------------------------


async def test_views_are_only_read(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """No other method is known, whatever comes with it."""
    client = await hass_client()
    asked = len(jellyfin.requests)
    for path in (
        f"/api/{DOMAIN}/health",
        f"/api/{DOMAIN}/leaving_soon",
        poster_path(setup_integration, household.movies[0]),
    ):
        for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
            response = await client.request(method, path, data=b"x" * 100_000)
            assert response.status == HTTPStatus.METHOD_NOT_ALLOWED, (method, path)
    assert len(jellyfin.requests) == asked


async def test_views_with_odd_names(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """In each place where a name belongs they are the name of nothing."""
    client = await hass_client()
    asked = len(jellyfin.requests)
    item = household.movies[0]
    entry_id, tag = setup_integration.entry_id, image_tag(item)
    for name in (quote(odd, safe="") for odd in (*ODD, "x" * 7000)):
        for path in (
            f"leaving_soon?config_entry_id={name or '%20'}",
            f"poster/{name}/{item.id}?tag={tag}",
            f"poster/{entry_id}/{name}?tag={tag}",
            f"poster/{entry_id}/{item.id}?tag={name}",
            f"poster/{entry_id}/{item.id}/{name}?tag={tag}",
        ):
            response = await client.get(f"/api/{DOMAIN}/{path}")
            assert response.status in (
                HTTPStatus.NOT_FOUND,
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.SERVICE_UNAVAILABLE,
            ), path
            assert "X-Injected" not in response.headers
    assert len(jellyfin.requests) == asked


async def test_names_that_are_no_text(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """Bytes that no encoding knows, and a name that is given twice."""
    client = await hass_client()
    asked = len(jellyfin.requests)
    path = poster_path(setup_integration, household.movies[0])
    base = path.rpartition("/")[0]
    for wrong in (
        f"{base}/%ff%fe?tag=a",
        f"{base}/%ed%a0%80?tag=a",
        f"{base}/%00?tag=%00",
        f"{path.partition('?')[0]}?tag=a&tag={path.partition('=')[2]}",
    ):
        response = await client.get(wrong)
        assert response.status == HTTPStatus.NOT_FOUND, wrong
    assert len(jellyfin.requests) == asked


async def test_a_signature_is_for_one_poster(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """With that of one, nobody who is not logged in gets another, or anything else."""
    item, other = household.movies[:2]
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {"type": f"{DOMAIN}/titles/search", "query": item.name}
    )
    title = (await socket.receive_json())["result"]["titles"][0]
    stranger = await hass_client_no_auth()
    signed = title["poster"]
    assert (await stranger.get(signed)).status == HTTPStatus.OK
    signature = signed.partition("authSig=")[2]
    for path in (
        signed.replace(title["item_id"], other.id),
        signed.replace(image_tag(item), image_tag(other)),
        f"{signed}&tag={image_tag(other)}",
        f"/api/{DOMAIN}/leaving_soon?authSig={signature}",
    ):
        assert path != signed
        assert (await stranger.get(path)).status == HTTPStatus.UNAUTHORIZED, path
    assert (await stranger.delete(signed)).status == HTTPStatus.METHOD_NOT_ALLOWED


async def test_posters_are_fetched_a_few_at_a_time(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """However many are asked for at once: Jellyfin has something else to do, too."""
    client = await hass_client()
    movies = household.movies[:12]
    jellyfin.in_flight_peak = 0
    jellyfin.faults.append(Fault(FaultKind.SLOW, path="/Images/", delay=0.01))
    answers = await asyncio.gather(
        *(client.get(poster_path(setup_integration, movie)) for movie in movies)
    )
    assert {answer.status for answer in answers} == {HTTPStatus.OK}
    assert 1 < jellyfin.in_flight_peak <= 4


# --- commands -----------------------------------------------------------------------


@pytest.mark.usefixtures("setup_integration")
@pytest.mark.parametrize("command", COMMANDS)
async def test_commands_with_odd_values(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, command: str
) -> None:
    """They are refused for their shape or as no name of anything; nothing breaks."""
    client = await hass_ws_client(hass)
    right: dict[str, Any] = {"query": "x"} if command == "titles/search" else {}
    wrong: list[dict[str, Any]] = [{"unknown": 1}, {"config_entry_id": None}]
    no_entries: tuple[object, ...] = (*ODD, "x" * 500_000, 1, [], {})
    wrong += [{"config_entry_id": odd} for odd in no_entries]
    if right:
        no_words: tuple[object, ...] = ("x" * 201, None, 1, True, ["x"], {})
        wrong += [{"query": odd} for odd in no_words]
    for data in wrong:
        await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **right, **data})
        answer = await client.receive_json()
        assert answer["success"] is False, data
        assert answer["error"]["code"] in {"invalid_format", "not_found"}, data
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **right})
    assert (await client.receive_json())["success"]


@pytest.mark.usefixtures("setup_integration")
async def test_odd_words_are_looked_for(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """As words, and nothing that stands for other words: they are in no title."""
    client = await hass_ws_client(hass)
    for odd in ODD:
        await client.send_json_auto_id(
            {"type": f"{DOMAIN}/titles/search", "query": odd}
        )
        answer = await client.receive_json()
        assert answer["success"], odd
        assert answer["result"] == {"titles": [], "more": False}, odd


# --- what is typed ------------------------------------------------------------------

PASSWORD = "p@ss/word:9 "


@pytest.mark.parametrize(
    "url",
    [
        "http://user:{}@127.0.0.1:9",
        "http://127.0.0.1:9/?api_key={}",
        "http://127.0.0.1:9/#{}",
        "http://127.0.0.1:9/{}",
        "{}",
    ],
)
async def test_no_error_repeats_what_was_typed(
    hass: HomeAssistant, lookout: Lookout, socket_enabled: None, url: str
) -> None:
    """Neither a password in an address nor a key; only their fields still hold them."""
    lookout.planted |= {PASSWORD, PASSWORD.strip(), "wrong-key-of-mine"}
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": "user"})
    typed = {
        "url": url.format(quote(PASSWORD, safe="")),
        "api_key": "wrong-key-of-mine",
    }
    flow = await flows.async_configure(flow["flow_id"], typed)
    assert flow["errors"]
    assert not hass.config_entries.async_entries(DOMAIN)


@pytest.mark.parametrize(
    "text",
    [
        "integrations: {{jellyfin: {{api_key: {0}}}}}",
        "integrations: {{jellyfin: {{api_key: *{0}}}}}",
        "integrations: {{jellyfin: {{api_key: &{0}}}}}",
        "integrations: {{jellyfin: {{api_key: !{0} x}}}}",
        'integrations: {{jellyfin: {{api_key: "{0}',
        "integrations: {{jellyfin: {{api_key: '{0}}}}}\n\tx",
        "clients: {{sonarr: {{api-key: {0}}}}}\napplication: {{media-deletion: 1}}",
        "clients: {{sonarr: {{api-key: {0}}}}}\napplication: [{0}]",
        "mediaType: MOVIES\nrules: [{{0: [{{firstValue: a, action: b, customValue: {0}}}]}}]",
    ],
)
async def test_no_import_repeats_a_key(
    hass: HomeAssistant, setup_integration: MockConfigEntry, lookout: Lookout, text: str
) -> None:
    """Whole configurations have keys: in no answer, log or form, also if it's broken."""
    key = "k3yofs0narr"
    lookout.planted.add(key)
    flows = hass.config_entries.options
    flow = await flows.async_init(setup_integration.entry_id)
    flow = await flows.async_configure(
        flow["flow_id"], {"next_step_id": "import_rules"}
    )
    flow = await flows.async_configure(flow["flow_id"], {"yaml": text.format(key)})
    assert key not in str(flow["description_placeholders"])


# --- redirects, and answers that grow -------------------------------------------------


class Elsewhere:
    """Sends everybody on to another host, which notes what arrives there."""

    def __init__(self) -> None:
        """Have seen nobody."""
        self.arrived: list[str] = []
        self.asked: list[str] = []
        self.url = self.other = ""

    async def send_on(self, request: web.BaseRequest) -> web.StreamResponse:
        """Send a request on, with everything in it, as far as a client follows."""
        self.asked.append(request.path)
        return web.Response(
            status=HTTPStatus.TEMPORARY_REDIRECT,
            headers={"Location": f"{self.other}{request.path_qs}"},
        )

    async def receive(self, request: web.BaseRequest) -> web.StreamResponse:
        """Note who has come."""
        self.arrived.append(f"{request.path_qs} {dict(request.headers)}")
        return web.json_response({})


@pytest.fixture
async def elsewhere(socket_enabled: None) -> AsyncIterator[Elsewhere]:
    """Return a server that redirects to another one."""
    here = Elsewhere()
    async with (
        RawTestServer(here.send_on, host="127.0.0.1") as first,
        RawTestServer(here.receive, host="127.0.0.1") as second,
    ):
        here.url = str(first.make_url("")).rstrip("/")
        here.other = str(second.make_url("")).rstrip("/")
        yield here
    assert here.asked
    assert here.arrived == []


async def test_a_first_address_that_redirects(
    hass: HomeAssistant, elsewhere: Elsewhere, jellyfin: JellyfinSimulator
) -> None:
    """Jellyfin's and Jellystat's: nothing is asked at the other one, key or not."""
    flows = hass.config_entries.flow
    flow = await flows.async_init(DOMAIN, context={"source": "user"})
    flow = await flows.async_configure(
        flow["flow_id"], {"url": elsewhere.url, "api_key": "a" * 32}
    )
    assert flow["errors"] == {"url": "redirect"}
    flow = await flows.async_configure(
        flow["flow_id"], {"url": jellyfin.url, "api_key": jellyfin.api_key}
    )
    assert flow["step_id"] == "jellystat"
    flow = await flows.async_configure(
        flow["flow_id"], {"url": elsewhere.url, "api_key": "b" * 32}
    )
    assert flow["errors"] == {"url": "redirect"}


@pytest.mark.parametrize("kind", ["radarr", "sonarr", "seerr"])
async def test_an_address_that_redirects(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    elsewhere: Elsewhere,
    kind: str,
) -> None:
    """The same for those that are added later."""
    flows = hass.config_entries.subentries
    flow = await flows.async_init(
        (setup_integration.entry_id, "server"), context={"source": "user"}
    )
    flow = await flows.async_configure(flow["flow_id"], {"next_step_id": kind})
    flow = await flows.async_configure(
        flow["flow_id"], {"url": elsewhere.url, "api_key": "a" * 32}
    )
    assert flow["errors"] == {"url": "redirect"}


async def test_servers_that_redirect_later(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    arrs: Arrs,
    household: Household,
    elsewhere: Elsewhere,
    hass_client: ClientSessionGenerator,
) -> None:
    """No sync, no deletion and no poster takes a key to another host."""
    entry = entry_with_arrs
    await set_up(hass, entry)
    keeper = entry.runtime_data.keeper
    connections = keeper.servers.connections
    clients = [keeper.servers.jellyfin, keeper.servers.jellystat]
    clients += [
        one.client
        for one in (*connections.radarr, *connections.sonarr, *connections.seerr)
    ]
    assert len(clients) == 6
    for client in clients:
        client._http.url = elsewhere.url
    hass.config_entries.async_update_entry(
        entry, options={"dry_run": False, "real_runs_confirmed": True}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    for action in ("sync", "delete_media"):
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                DOMAIN, action, {}, blocking=True, return_response=True
            )
    path = poster_path(entry, household.movies[0])
    assert (await (await hass_client()).get(path)).status == HTTPStatus.BAD_GATEWAY
