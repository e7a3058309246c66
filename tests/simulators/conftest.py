"""What the tests of the simulators share."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from aiohttp import ClientSession, ClientTimeout
import pytest

from simulators import Household
from simulators.server import Simulator


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = datetime(2026, 11, 22, 11, 0, 0, 123457, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def tick(self, **delta: float) -> None:
        """Move on."""
        self.now += timedelta(**delta)


@dataclass(slots=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def names(self) -> list[str]:
        """Return the names of the rows."""
        return [row["Name"] for row in self.body["Items"]]


class Client:
    """A client of all servers, with the right key unless told otherwise."""

    def __init__(self, session: ClientSession) -> None:
        """Use a session."""
        self.session = session

    async def __call__(
        self,
        server: Simulator,
        path: str,
        method: str = "GET",
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> Reply:
        """Send a request."""
        if headers is None:
            headers = {
                "Authorization": f'MediaBrowser Token="{server.api_key}"',
                "x-api-token": server.api_key,
                "X-Api-Key": server.api_key,
            }
            if type(server).__name__ == "JellystatSimulator":
                del headers["Authorization"]
        async with self.session.request(
            method, server.url + path, headers=headers, json=body, ssl=False
        ) as response:
            raw = await response.read()
            try:
                parsed: Any = json.loads(raw) if raw else None
            except ValueError:
                parsed = raw.decode()
            return Reply(response.status, parsed, dict(response.headers))


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands."""
    return Clock()


@pytest.fixture
def household(clock: Clock) -> Household:
    """Return a household with a few of everything."""
    house = Household(clock)
    for name in ("alice", "bob"):
        house.add_user(name)
    house.add_library("Movies", "movies", ["/media/movies"])
    house.add_library("Shows", "tvshows", ["/media/shows"])
    house.add_movie("Alpha", year=1999, provider_ids={"Tmdb": "603"})
    house.add_movie("Bravo", year=2001, provider_ids={"Tmdb": "604"})
    show = house.add_series("Show One", provider_ids={"Tvdb": "81189"})
    for number in (1, 2):
        house.add_episode(show, season=1, number=number)
    house.scan()
    return house


@pytest.fixture
async def ask(socket_enabled: None) -> AsyncGenerator[Client]:
    """Return a client."""
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        # aiohttp would send a DELETE or GET again when its connection breaks.
        session._retry_connection = False
        yield Client(session)
