"""Who answers at an address is found out without a key."""

from datetime import UTC, datetime

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.servers import who_answers
from simulators import (
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    RadarrSimulator,
    SeerrSimulator,
    SonarrSimulator,
    sample_household,
)
from simulators.server import Simulator

from .conftest import ScriptedServer, always


@pytest.fixture
def household() -> Household:
    """Return the demo's household."""
    return sample_household(lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))


def no_key_was_sent(server: Simulator) -> bool:
    """Return whether a server has seen no key."""
    return not any(
        name in request.headers
        for request in server.requests
        for name in ("X-Api-Key", "x-api-token", "Authorization")
    )


@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0"])
async def test_jellyfin(
    session: aiohttp.ClientSession, household: Household, version: str
) -> None:
    """It tells everybody who it is."""
    async with JellyfinSimulator(household, version=version) as server:
        assert await who_answers(session, server.url) == "Jellyfin"
        assert len(server.requests) == 1
        assert no_key_was_sent(server)


@pytest.mark.parametrize("state", [0, 1, 2])
async def test_jellystat(
    session: aiohttp.ClientSession, household: Household, state: int
) -> None:
    """It tells everybody whether it is ready, and that gives it away."""
    async with JellystatSimulator(household, base_path="/js") as server:
        server.state = state
        server.database_up = state != 0
        assert await who_answers(session, server.url) == "Jellystat"
        assert no_key_was_sent(server)
        assert server.deaths == 0


@pytest.mark.parametrize("base", ["", "/base"])
@pytest.mark.parametrize(
    ("simulator", "name"), [(RadarrSimulator, "Radarr"), (SonarrSimulator, "Sonarr")]
)
async def test_radarr_and_sonarr(
    session: aiohttp.ClientSession,
    household: Household,
    simulator: type[RadarrSimulator | SonarrSimulator],
    name: str,
    base: str,
) -> None:
    """Their log-in page says it, whatever their owner calls them."""
    async with simulator(household, name="Films", url_base=base) as server:
        assert await who_answers(session, server.url) == name
        assert no_key_was_sent(server)
        if base:
            assert await who_answers(session, server.url.removesuffix(base)) is None


async def test_seerr(session: aiohttp.ClientSession, household: Household) -> None:
    """Its status is open to everybody."""
    async with SeerrSimulator(household) as server:
        assert await who_answers(session, server.url) == "Seerr"
        assert no_key_was_sent(server)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("<html><TITLE lang=en>\n Login - Prowlarr </TITLE>", "Prowlarr"),
        ("<title>Login - <b>Radarr</b></title>", None),
        ("<title>Login - " + "x" * 300 + "</title>", None),
        ("<title>Login - http://evil</title>", None),
        ("<title>Sign in</title>", None),
        ("<title>&#82;adarr</title>", None),
        ("", None),
    ],
)
async def test_log_in_pages(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    page: str,
    name: str | None,
) -> None:
    """Only the title of such a page is read, and only a plain name is believed."""
    server.on("/login", lambda _: web.Response(text=page, content_type="text/html"))
    assert await who_answers(session, server.url) == name


async def test_answers_of_nobody_we_know(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """What is there is not named if it is not known."""
    for path in ("/System/Info/Public", "/auth/isConfigured", "/api/v1/status"):
        server.on(path, always({"ProductName": "Emby", "version": "4"}))
    assert await who_answers(session, server.url) is None


async def test_nobody_answers(
    session: aiohttp.ClientSession, server: ScriptedServer, waits: list[float]
) -> None:
    """Who does not answer is not asked anything else."""
    server.on("/System/Info/Public", lambda _: None)
    assert await who_answers(session, server.url) is None
    assert set(server.paths()) == {"/System/Info/Public"}
