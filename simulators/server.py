"""A server on loopback: listens, keeps a record of requests, strikes with faults, dies and comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
import gzip
import json
import socket
import ssl
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from multidict import CIMultiDict

from .certificate import self_signed
from .faults import Answer, Fault, FaultKind, Request, spoil
from .household import Household

_COMPRESS_FROM = 1400
_REMEMBERED = 500
_REMEMBERED_SIZE = 256 * 1024


class Simulator:
    """What all simulated servers share. Everything runs on the caller's event loop; there are no threads."""

    #: Bytes of request line (Kestrel) or of the whole head (Node) that the real server takes.
    line_limit = 8192

    def __init__(
        self,
        household: Household,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_path: str = "",
        tls: bool = False,
    ) -> None:
        """Prepare a server for a household; it listens once started."""
        self.household = household
        self.host = host
        self.port = port
        self.base_path = base_path.rstrip("/")
        self.tls = tls
        self.api_key = ""
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.in_flight_peak = 0
        #: Called with each request before it is answered: the household may change under a client.
        self.listeners: list[Callable[[Request], None]] = []
        #: Seconds that an answer costs the real server, by request and size of its tables.
        self.cost: Callable[[Request, int], float] | None = None
        self._answers: dict[str, Answer] = {}
        self._in_flight: dict[int, web.BaseRequest] = {}
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        """Return the address a user would type."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{self.base_path}"

    @property
    def running(self) -> bool:
        """Return whether the server listens."""
        return self._listener is not None

    @property
    def in_flight(self) -> int:
        """Return the number of requests that a client is waiting for."""
        return sum(
            1
            for request in self._in_flight.values()
            if request.transport is not None and not request.transport.is_closing()
        )

    @property
    def unanswered(self) -> int:
        """Return the number of requests at work, those included whose client has gone away."""
        return len(self._in_flight)

    async def start(self) -> None:
        """Listen; after the first time on the same port."""
        if self._listener is not None:
            return
        loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._web = web.Server(
            self._handle, access_log=None, max_line_size=65536, max_field_size=65536
        )
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        context: ssl.SSLContext | None = self_signed(self.host) if self.tls else None
        self._listener = await loop.create_server(self._web, sock=listener, ssl=context)
        self.port = listener.getsockname()[1]

    async def stop(self) -> None:
        """Stop: connections are refused from here on, and what hangs is let go."""
        self.drop()
        if self._web is not None:
            await self._web.shutdown(timeout=0.2)
            self._web = None
        self._in_flight.clear()

    def drop(self) -> None:
        """Close the port and every connection at once, as a process that dies does."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.close()
            self._listener.abort_clients()
            self._listener = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    def fail(self, kind: FaultKind, path: str | None = None, **options: Any) -> Fault:
        """Switch a fault on and return it."""
        fault = Fault(kind, path=path, **options)
        self.faults.append(fault)
        return fault

    def requested(self, path: str) -> list[Request]:
        """Return the requests whose path contains a text."""
        return [
            request for request in self.requests if path.lower() in request.path.lower()
        ]

    @property
    def table_size(self) -> int:
        """Return the number of rows that decides what a request costs."""
        return 0

    # -- one request ---------------------------------------------------------

    async def answer(self, request: Request) -> Answer:
        """Answer a request; the real work of each server."""
        raise NotImplementedError

    def spoil(self, kind: FaultKind, answer: Answer) -> Answer:
        """Return an answer changed by a fault; servers with their own error messages override this."""
        return spoil(kind, answer)

    def too_long(self, line: int, head: int) -> Answer | None:
        """Return the answer to a request whose line or head is too long."""
        return Answer(414) if line > self.line_limit else None

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Record a request and answer it."""
        request = await _read(incoming)
        self.requests.append(request)
        self._in_flight[id(incoming)] = incoming
        self.in_flight_peak = max(self.in_flight_peak, self.in_flight)
        try:
            return await self._answer(incoming, request)
        finally:
            self._in_flight.pop(id(incoming), None)

    async def _answer(
        self, incoming: web.BaseRequest, request: Request
    ) -> web.StreamResponse:
        """Answer a request, applying any fault."""
        line = len(incoming.method) + len(incoming.raw_path) + 11
        head = line + sum(
            len(name) + len(value) + 4 for name, value in incoming.raw_headers
        )
        if (refusal := self.too_long(line, head)) is not None:
            return _respond(incoming, request, refusal)
        # Taken before the answer, so that a fault may act on a request that was carried out all the same.
        kind, delay = self._strike(request)
        match kind:
            case FaultKind.SLOW:
                await self._pause(delay)
            case FaultKind.HANG:
                await self._stopping.wait()
                return _cut(incoming)
            case FaultKind.DISCONNECT:
                return _cut(incoming)
        for listener in self.listeners:
            listener(request)
        answer = Answer()
        if kind is None or kind in _AFTER:
            answer = await self.answer(request)
            answer = self._remember(request, answer, stale=kind is FaultKind.STALE)
        if self._stopping.is_set():
            return _cut(incoming)
        if kind is FaultKind.DISCONNECT_AFTER:
            return _cut(incoming)
        if kind is not None:
            answer = self.spoil(kind, answer)
        if kind is FaultKind.TRUNCATED:
            return await _truncate(incoming, request, answer)
        return _respond(incoming, request, answer)

    def _remember(self, request: Request, answer: Answer, *, stale: bool) -> Answer:
        """Remember an answer, or return the previous one instead if it is to be stale."""
        if request.method != "GET" or len(answer.body) > _REMEMBERED_SIZE:
            return answer
        key = f"{request.path}?{request.raw_query}"
        if stale:
            return self._answers.get(key, answer)
        if len(self._answers) < _REMEMBERED or key in self._answers:
            self._answers[key] = answer
        return answer

    def _strike(self, request: Request) -> tuple[FaultKind | None, float]:
        """Return the fault that strikes a request, and its delay."""
        for fault in self.faults:
            if fault.strikes(request):
                return fault.kind, fault.delay
        return None, 0.0

    async def _pause(self, seconds: float) -> None:
        """Wait, but not past the stop of the server."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass


#: Faults of the answer: the request itself is carried out.
_AFTER = frozenset(
    {
        FaultKind.SLOW,
        FaultKind.TRUNCATED,
        FaultKind.EMPTY,
        FaultKind.HALF_PAGE,
        FaultKind.NO_ROWS,
        FaultKind.SHUFFLED,
        FaultKind.REPEATED,
        FaultKind.STALE,
        FaultKind.MALFORMED,
        FaultKind.DISCONNECT_AFTER,
    }
)


async def _read(incoming: web.BaseRequest) -> Request:
    """Return a request as it came in."""
    raw = await incoming.read()
    body: Any = None
    if raw:
        try:
            body = json.loads(raw)
        except ValueError:
            body = raw
    return Request(
        method=incoming.method,
        path=incoming.rel_url.path,
        query=incoming.query,
        headers=CIMultiDict(incoming.headers),
        body=body,
        raw_query=incoming.query_string,
    )


def packed(answer: Answer, request: Request) -> Answer:
    """Return an answer compressed where that is asked for and pays, once."""
    if (
        len(answer.body) <= _COMPRESS_FROM
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or "Content-Encoding" in answer.headers
    ):
        return answer
    # By hand, because aiohttp would compress a large body in a thread.
    return replace(
        answer,
        body=gzip.compress(answer.body, 1),
        headers=answer.headers | {"Content-Encoding": "gzip"},
    )


def _respond(
    incoming: web.BaseRequest, request: Request, answer: Answer
) -> web.Response:
    """Send an answer whole."""
    request.status = answer.status
    answer = packed(answer, request)
    headers = dict(answer.headers)
    if answer.content_type is not None:
        headers["Content-Type"] = answer.content_type
    response = web.Response(
        status=answer.status, body=answer.body or None, headers=headers
    )
    if answer.content_type is None:
        response.headers.popall("Content-Type", None)
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


async def _truncate(
    incoming: web.BaseRequest, request: Request, answer: Answer
) -> web.StreamResponse:
    """Send half of an answer and close the connection."""
    request.status = answer.status
    response = web.StreamResponse(status=answer.status)
    if answer.content_type is not None:
        response.headers["Content-Type"] = answer.content_type
    response.content_length = len(answer.body) or 2
    response.force_close()
    await response.prepare(incoming)
    await response.write(answer.body[: len(answer.body) // 2])
    if incoming.transport is not None:
        incoming.transport.close()
    return response


def _cut(incoming: web.BaseRequest) -> web.StreamResponse:
    """Close the connection without an answer."""
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response(status=500)
