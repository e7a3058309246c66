"""A session on loopback, no waiting, and a server that answers what a test tells it."""

from collections.abc import AsyncIterator, Awaitable, Callable
import json
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer
import pytest

from custom_components.oxicleanarr.servers import http

FIXTURES = Path(__file__).parent / "fixtures"
RECORDINGS = Path(__file__).parents[3] / "shared"


def fixture(name: str) -> str:
    """Return a body of our own that has the shape of a recorded one."""
    return (FIXTURES / name).read_text()


def as_json(value: object, status: int = 200) -> web.Response:
    """Return a JSON answer; a text is taken for JSON already."""
    body = value if isinstance(value, str) else json.dumps(value)
    return web.Response(text=body, status=status, content_type="application/json")


def recorded(server: str, name: str) -> Callable[[web.BaseRequest], web.Response]:
    """Return what gives an answer as a real server once gave it.

    Where the recordings are not at hand, the test is skipped.
    """
    path = RECORDINGS / server / f"{name}.json"
    if not path.exists():
        pytest.skip("needs the recorded answers")
    known = json.loads(path.read_text())
    if known["contentType"] is None:
        return lambda _: web.Response(status=known["status"])
    return lambda _: web.Response(
        text=json.dumps(known["body"]),
        status=known["status"],
        headers={"Content-Type": known["contentType"]},
    )


class ScriptedServer:
    """Answers each path with what its list says, the last answer for ever."""

    def __init__(self) -> None:
        """Know nothing yet: everything is 404."""
        self.answers: dict[str, list[Callable[[web.BaseRequest], object]]] = {}
        self.requests: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.url = ""

    def on(self, path: str, *answers: Callable[[web.BaseRequest], object]) -> None:
        """Set what a path answers, one after the other."""
        self.answers[path] = list(answers)

    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [request.path for request in self.requests]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        self.requests.append(request)
        self.bodies.append(await request.read())
        answers = self.answers.get(request.path)
        if not answers:
            return web.Response(status=404)
        answer = answers[0] if len(answers) == 1 else answers.pop(0)
        result = answer(request)
        if isinstance(result, Awaitable):
            result = await result
        if not isinstance(result, web.StreamResponse):
            # No answer at all: the connection ends.
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return result


def always(
    value: object, status: int = 200
) -> Callable[[web.BaseRequest], web.StreamResponse]:
    """Return what answers every request with this JSON."""
    return lambda _: as_json(value, status)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[ScriptedServer]:
    """Return a server that does what it is told."""
    scripted = ScriptedServer()
    async with RawTestServer(scripted.handle, host="127.0.0.1") as listening:
        scripted.url = str(listening.make_url("")).rstrip("/")
        yield scripted


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return the session that Home Assistant would give."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass between repetitions; return how long they would have been."""
    asked: list[float] = []

    async def note(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(http, "_sleep", note)
    return asked
