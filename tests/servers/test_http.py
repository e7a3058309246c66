"""One way to speak to all servers: addresses, errors, repetitions, secrets."""

import asyncio
from collections.abc import Callable
import gzip
import json
import socket
import ssl
import tracemalloc

import aiohttp
from aiohttp import web
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.servers import http
from custom_components.oxicleanarr.servers.address import normalize_url, usable_key
from custom_components.oxicleanarr.servers.errors import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    InvalidUrl,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
)
from custom_components.oxicleanarr.servers.http import HttpServer
from custom_components.oxicleanarr.servers.rows import JsonObject
from simulators.certificate import self_signed

from .conftest import ScriptedServer, as_json

SECRET = "s3cret-key"


def client(session: aiohttp.ClientSession, url: str, **options: float) -> HttpServer:
    """Return a client with a key."""
    return HttpServer(
        session,
        url,
        name="Server",
        auth={"x-key": SECRET},
        timeout=options.pop("timeout", 5),
        **options,  # type: ignore[arg-type]
    )


def same(row: JsonObject) -> JsonObject:
    """Leave a row as it is."""
    return row


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://host", "http://host"),
        ("  http://host:8096/ ", "http://host:8096"),
        ("https://host/jellyfin//", "https://host/jellyfin"),
        ("HTTP://Host/Media/Server", "http://host/Media/Server"),
        ("http://[::1]:8096", "http://[::1]:8096"),
        ("http://192.0.2.1:3000", "http://192.0.2.1:3000"),
        ("http://nas.local./a//b", "http://nas.local./a//b"),
        ("http://my_nas:80", "http://my_nas"),
    ],
)
def test_addresses(typed: str, url: str) -> None:
    """A path prefix stays, slashes at the end go."""
    assert normalize_url(typed) == url
    assert normalize_url(url) == url


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "scheme"),
        ("host", "scheme"),
        ("host:8096", "scheme"),
        ("localhost:8096/path", "scheme"),
        ("ftp://host", "scheme"),
        ("http:/host", "scheme"),
        ("http://", "host"),
        ("http:///path", "host"),
        ("http://:8096", "host"),
        ("http://user:secret@host", "userinfo"),
        ("http://user@host", "userinfo"),
        ("http://host?api_key=secret", "query"),
        ("http://host/?", "query"),
        ("http://host/web/index.html#!/home", "query"),
        ("http://host:port", "invalid"),
        ("http://host:99999", "invalid"),
        ("http://ho st", "invalid"),
        ("http://http://h:1", "invalid"),
        ("http://https://host", "invalid"),
        ("https://http:host", "invalid"),
        ("http://us er:secret@host", "userinfo"),
        ("http://us er@host/", "userinfo"),
        ("http://host/p%40th", "userinfo"),
        ("http:// :secret@host", "userinfo"),
        ("http://host:", "invalid"),
        ("http://host:0", "invalid"),
        ("http://host:70000", "invalid"),
        ("http://host:-1", "invalid"),
        ("http://host:80:80", "invalid"),
        ("http://[::1", "invalid"),
        ("http://ho\nst", "invalid"),
        ("http://host/\0", "invalid"),
        ("http://host/\ud800", "invalid"),
        ("http://host\\path", "invalid"),
        ("http://?", "query"),
        ("http:///", "host"),
        ("http://..", "invalid"),
        ("http://a..b", "invalid"),
        ("http://" + "a" * 64, "invalid"),
        ("http://host/" + "a" * 2000, "invalid"),
    ],
)
def test_wrong_addresses(typed: str, reason: str) -> None:
    """What cannot be used is refused with a code, not repeated."""
    with pytest.raises(InvalidUrl) as caught:
        normalize_url(typed)
    assert caught.value.reason == reason
    assert "secret" not in str(caught.value)


@settings(deadline=None)
@given(st.text(st.sampled_from("abZ09.:/@?#%2405CFe\\ [];=&+-_~\u00e9"), max_size=20))
def test_an_address_that_was_read_can_be_read_again(typed: str) -> None:
    """It is stored as it was read, and read again with every start."""
    try:
        url = normalize_url(f"http://{typed}")
    except InvalidUrl:
        return
    assert normalize_url(url) == url


def test_keys_that_can_travel() -> None:
    """A key with a line break or an umlaut cannot be a key."""
    assert usable_key("abc-123")
    assert not any(usable_key(key) for key in ("", "a\nb", "schlüssel", "a\0"))


async def test_requests(session: aiohttp.ClientSession, server: ScriptedServer) -> None:
    """The path prefix is kept, the key is in its header, and only where it belongs."""
    server.on("/base/a", lambda _: as_json({"x": 1}))
    server.on("/base/b", lambda _: as_json([{"y": 2}]))
    http_server = client(session, server.url + "/base/")
    assert await http_server.read_object("/a", {"q": "1,2 {&"}) == {"x": 1}
    assert await http_server.read_object("/a", anonymous=True) == {"x": 1}
    rows = await http_server.read_rows("/b", None, same, post={"userid": "u"})
    assert rows.rows == [{"y": 2}]
    first, second, third = server.requests
    assert first.headers["x-key"] == third.headers["x-key"] == SECRET
    assert "x-key" not in second.headers
    assert all("Authorization" not in request.headers for request in server.requests)
    assert dict(first.query) == {"q": "1,2 {&"}
    assert (first.method, third.method) == ("GET", "POST")
    assert json.loads(server.bodies[2]) == {"userid": "u"}


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (lambda _: web.Response(status=401), AuthenticationFailed, "key"),
        (lambda _: web.Response(status=403), PermissionDenied, "permission"),
        (lambda _: web.Response(status=404), NotFound, "not_found"),
        (lambda _: web.Response(status=400), BadAnswer, "status"),
        (lambda _: web.Response(status=414), BadAnswer, "status"),
        (lambda _: web.Response(status=500), Unavailable, "status"),
        (lambda _: web.Response(status=429), Unavailable, "status"),
        (
            lambda _: web.Response(status=302, headers={"Location": "http://x/?k=v"}),
            BadAnswer,
            "redirect",
        ),
        (lambda _: web.Response(text="<html>", content_type="text/html"), None, "html"),
        (lambda _: web.Response(text=" <html>"), None, "html"),
        (lambda _: web.Response(), None, "empty"),
        (lambda _: web.Response(status=204), None, "empty"),
        (lambda _: as_json('{"rows":[{"a":1}'), None, "truncated"),
        (lambda _: as_json("what?"), None, "malformed"),
        (lambda _: as_json("12"), None, None),
    ],
)
async def test_wrong_answers(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    waits: list[float],
    answer: Callable[[web.BaseRequest], object],
    error: type[ServerError] | None,
    reason: str | None,
) -> None:
    """Each wrong answer is one typed error, asked for once, without secrets."""
    server.on("/x", answer)
    http_server = client(session, server.url)
    reads = (
        lambda: http_server.read_object("/x", {"token": SECRET}),
        lambda: http_server.read_rows("/x", {"token": SECRET}, same, key="rows"),
    )
    for read in reads:
        with pytest.raises(error or BadAnswer) as caught:
            await read()
        assert reason in (None, caught.value.reason)
        assert caught.value.server == "Server"
        message = str(caught.value)
        assert message.startswith("Server: ")
        assert SECRET not in message
        assert "http" not in message.lower().replace("http status", "")
        assert "html" not in message
    assert len(server.requests) == 2
    assert waits == []


async def test_large_answers(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """More than is reasonable is not read, packed or not."""
    body = json.dumps([{"a": "x" * 1000}] * 2000)
    packed = gzip.compress(body.encode())
    server.on("/plain", lambda _: as_json(body))
    server.on(
        "/packed",
        lambda _: web.Response(
            body=packed,
            headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
        ),
    )
    for path in ("/plain", "/packed"):
        small = client(session, server.url, largest_body=1_000_000)
        with pytest.raises(BadAnswer) as caught:
            await small.read_rows(path, None, same)
        assert caught.value.reason == "too_large"
        enough = client(session, server.url)
        assert (await enough.read_rows(path, None, same)).count == 2000
        with pytest.raises(BadAnswer) as caught:
            await enough.read_object(path)
        assert caught.value.reason == "too_large"


async def test_an_answer_that_grows(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """A few kilobytes that unpack to more than anybody reads are given up early."""
    packed = gzip.compress(b'[{"a": "' + b" " * 200_000_000)
    assert len(packed) < 250_000

    def growing(kind: str) -> Callable[[web.BaseRequest], web.Response]:
        headers = {"Content-Encoding": "gzip", "Content-Type": kind}
        return lambda _: web.Response(body=packed, headers=headers)

    server.on("/x", growing("application/json"))
    server.on("/p", growing("image/png"))
    one = client(session, server.url, largest_body=1_000_000)
    tracemalloc.start()
    for read in (
        lambda: one.read_object("/x"),
        lambda: one.read_rows("/x", None, same),
        lambda: one.read_picture("/p", {}),
    ):
        with pytest.raises(BadAnswer) as caught:
            await read()
        assert caught.value.reason == "too_large"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000, peak


async def test_pieces_that_go_to_a_thread(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """A remainder too long to be decoded on the spot is read like the rest."""
    server.on("/x", lambda _: as_json([{"a": "x" * 1000}] * 50))
    assert (await client(session, server.url).read_rows("/x", None, same)).count == 50


async def test_a_server_has_to_bear_two_requests_at_a_time(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """One read, and one of whatever else is wanted: pictures, for example."""
    busy: list[str] = []
    peak: list[int] = []
    two, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.Response:
        busy.append(request.path)
        peak.append(len(busy))
        if len(busy) == 2:
            two.set()
        await go_on.wait()
        busy.remove(request.path)
        if request.path == "/x":
            return as_json([])
        return web.Response(body=b"picture", content_type="image/png")

    for path in ("/x", "/1", "/2", "/3"):
        server.on(path, answer)
    http_server = client(session, server.url)
    async with asyncio.TaskGroup() as tasks:
        for path in ("/1", "/2", "/3"):
            tasks.create_task(http_server.read_picture(path, {}))
        tasks.create_task(http_server.read_rows("/x", None, same))
        await two.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        go_on.set()
    assert max(peak) == 2
    assert sorted(server.paths()) == ["/1", "/2", "/3", "/x"]


@pytest.mark.parametrize("status", [502, 503, 504, 0])
async def test_reads_are_repeated(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    waits: list[float],
    status: int,
) -> None:
    """Two short waits bridge a restart; the connection that ends too."""
    fail = (lambda _: web.Response(status=status)) if status else (lambda _: None)
    server.on("/x", fail, fail, lambda _: as_json({"ok": True}))
    assert await client(session, server.url).read_object("/x") == {"ok": True}
    assert waits == [0.5, 2.0]
    server.on("/x", fail)
    with pytest.raises(Unavailable) as caught:
        await client(session, server.url).read_rows("/x", None, same)
    assert caught.value.reason == ("status" if status else "lost")
    assert caught.value.status == (status or None)
    assert not caught.value.timed_out
    assert len(server.requests) == 6


async def test_what_runs_before_a_repetition(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """The caller can make sure that a repetition does no harm, and stop it."""
    server.on("/x", lambda _: None)

    async def stop() -> None:
        raise Unavailable("Server", "not ready", reason="not_ready")

    with pytest.raises(Unavailable, match="not ready"):
        await client(session, server.url).read_rows("/x", None, same, before_retry=stop)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "asked", "expected", "starting"),
    [
        ("005", 3, [5, 5], True),
        ("1", 3, [1, 2], True),
        ("60", 1, [], True),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 3, [0.5, 2], False),
    ],
)
async def test_patience_that_is_asked_for(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    waits: list[float],
    header: str,
    asked: int,
    expected: list[float],
    starting: bool,
) -> None:
    """Jellyfin says while it starts when to come again; within limits that is done."""
    server.on("/x", lambda _: web.Response(status=503, headers={"Retry-After": header}))
    with pytest.raises(Unavailable) as caught:
        await client(session, server.url).read_object("/x")
    assert waits == expected
    assert len(server.requests) == asked
    assert caught.value.reason == ("starting" if starting else "status")
    assert caught.value.retry_after == (float(header) if starting else None)


async def test_time_out(
    session: aiohttp.ClientSession, server: ScriptedServer, waits: list[float]
) -> None:
    """Who does not answer in time is not asked again."""
    forever = asyncio.Event()
    server.on("/x", lambda _: forever.wait())
    http_server = client(session, server.url, timeout=0.05)
    with pytest.raises(Unavailable) as caught:
        await http_server.read_object("/x")
    assert caught.value.timed_out
    assert caught.value.reason == "timeout"
    with pytest.raises(Unavailable):
        await http_server.delete("/x", timeout=0.05)
    forever.set()
    assert len(server.requests) == 2
    assert waits == []


async def test_silence_after_a_time_out(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was given up runs on over there, so nothing is asked for a while."""
    now = 1000.0
    monkeypatch.setattr(http, "monotonic", lambda: now)
    forever = asyncio.Event()
    server.on("/slow", lambda _: forever.wait())
    server.on("/x", lambda _: as_json({"ok": True}))
    http_server = client(session, server.url, timeout=0.05, pause=300)
    waiting = asyncio.create_task(http_server.read_object("/slow"))
    behind = asyncio.create_task(http_server.read_object("/x"))
    done = await asyncio.gather(waiting, behind, return_exceptions=True)
    assert [error.reason for error in done if isinstance(error, Unavailable)] == [
        "timeout",
        "paused",
    ]
    now += 299
    with pytest.raises(Unavailable) as caught:
        await http_server.read_object("/x")
    assert caught.value.retry_after == 1
    now += 1
    assert await http_server.read_object("/x") == {"ok": True}
    assert server.paths() == ["/slow", "/x"]
    waiting = asyncio.create_task(http_server.read_object("/slow"))
    while len(server.requests) < 3:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    with pytest.raises(Unavailable, match="left alone"):
        await http_server.read_object("/x")
    forever.set()


async def test_one_read_at_a_time(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """Reads that are asked for at once go out one after the other."""
    running = 0
    most = 0

    async def answer() -> web.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return as_json({})

    server.on("/x", lambda _: answer())
    http_server = client(session, server.url)
    await asyncio.gather(*(http_server.read_object("/x") for _ in range(5)))
    assert most == 1


async def test_nobody_there(session: aiohttp.ClientSession, waits: list[float]) -> None:
    """A closed port is no connection, at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        await client(session, f"http://127.0.0.1:{port}").read_object("/x")
    assert caught.value.reason == "connection"
    assert not caught.value.certificate
    assert str(port) not in str(caught.value)
    assert waits == []


async def test_no_way_to_the_server(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that does not come about in time leaves nothing running."""

    def never(*_: object, **__: object) -> None:
        raise aiohttp.ConnectionTimeoutError

    monkeypatch.setattr(session, "request", never)
    http_server = client(session, "http://127.0.0.1:1", pause=300)
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            await http_server.read_object("/x")
        assert (caught.value.reason, caught.value.timed_out) == ("timeout", True)


async def test_certificates(session: aiohttp.ClientSession) -> None:
    """A certificate that is not trusted is told apart from no TLS at all."""

    def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"this is not TLS and not HTTP\r\n\r\n")

    secure = await asyncio.start_server(
        hello, "127.0.0.1", 0, ssl=self_signed("127.0.0.1")
    )
    plain = await asyncio.start_server(hello, "127.0.0.1", 0)
    async with secure, plain:
        ports = [each.sockets[0].getsockname()[1] for each in (secure, plain)]
        with pytest.raises(Unavailable) as caught:
            await client(session, f"https://127.0.0.1:{ports[0]}").read_object("/x")
        assert caught.value.certificate
        assert caught.value.reason == "certificate"
        with pytest.raises(Unavailable) as caught:
            await client(session, f"https://127.0.0.1:{ports[1]}").read_object("/x")
        assert not caught.value.certificate
        assert caught.value.reason == "tls"
        with pytest.raises(BadAnswer) as bad:
            await client(session, f"http://127.0.0.1:{ports[1]}").read_object("/x")
        assert bad.value.reason == "protocol"


async def test_unverified_certificates(socket_enabled: None) -> None:
    """Whether certificates are checked is the session's matter."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}')
        await writer.drain()
        writer.close()

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    secure = await asyncio.start_server(
        answer, "127.0.0.1", 0, ssl=self_signed("127.0.0.1")
    )
    port = secure.sockets[0].getsockname()[1]
    connector = aiohttp.TCPConnector(ssl=context)
    async with secure, aiohttp.ClientSession(connector=connector) as session:
        found = await client(session, f"https://127.0.0.1:{port}").read_object("/x")
    assert found == {"a": 1}


async def test_body_that_ends_too_soon(
    session: aiohttp.ClientSession, socket_enabled: None
) -> None:
    """A connection that ends in the middle of a body is not an answer."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a":')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(half, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(BadAnswer) as caught:
            await client(session, f"http://127.0.0.1:{port}").read_object("/x")
    assert caught.value.reason == "truncated"


async def test_a_key_does_not_follow_a_redirect(
    session: aiohttp.ClientSession, server: ScriptedServer
) -> None:
    """The other address is never asked, not even on the same host."""
    server.on("/x", lambda _: web.Response(status=307, headers={"Location": "/y"}))
    with pytest.raises(BadAnswer, match="redirects"):
        await client(session, server.url).read_object("/x")
    with pytest.raises(BadAnswer, match="redirects"):
        await client(session, server.url).delete("/x", timeout=5)
    assert server.paths() == ["/x", "/x"]


@pytest.mark.parametrize("status", [500, 502, 503, 0])
async def test_changes_are_never_repeated(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    waits: list[float],
    status: int,
) -> None:
    """What changes something goes out once, whatever becomes of it."""
    server.on(
        "/x", (lambda _: web.Response(status=status)) if status else lambda _: None
    )
    with pytest.raises(Unavailable):
        await client(session, server.url).change_rows(
            "PUT", "/x", {"ids": [1], "on": False}, same, timeout=5
        )
    assert [request.method for request in server.requests] == ["PUT"]
    assert json.loads(server.bodies[0]) == {"ids": [1], "on": False}
    assert waits == []


async def test_changes(session: aiohttp.ClientSession, server: ScriptedServer) -> None:
    """A change returns the rows it made; a conflict has a type of its own."""
    server.on("/x", lambda _: as_json([{"id": 1}], status=202))
    server.on("/taken", lambda _: as_json({"description": SECRET}, status=409))
    server.on("/slow", lambda _: asyncio.sleep(5, as_json([])))
    http_server = client(session, server.url)
    rows = await http_server.change_rows("POST", "/x", {}, same, timeout=5)
    assert rows.rows == [{"id": 1}]
    with pytest.raises(Conflict) as caught:
        await http_server.change_rows("PUT", "/taken", {}, same, timeout=5)
    assert (caught.value.reason, caught.value.status) == ("conflict", 409)
    assert SECRET not in str(caught.value)
    with pytest.raises(Unavailable) as late:
        await http_server.change_rows("PUT", "/slow", {}, same, timeout=0.05)
    assert late.value.timed_out


@pytest.mark.parametrize("key", ["", "line\nbreak", "schlüssel"])
async def test_a_key_that_cannot_travel_is_not_sent(
    session: aiohttp.ClientSession, server: ScriptedServer, key: str
) -> None:
    """It is a wrong key, not an error of the connection."""
    server.on("/x", lambda _: as_json({}))
    http_server = HttpServer(
        session, server.url, name="Server", auth={"x-key": key}, timeout=5
    )
    with pytest.raises(AuthenticationFailed):
        await http_server.read_object("/x")
    assert server.requests == []
    assert await http_server.read_object("/x", anonymous=True) == {}


@pytest.mark.parametrize("status", [500, 502, 503, 0])
async def test_deletes_are_never_repeated(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    waits: list[float],
    status: int,
) -> None:
    """What deletes goes out once, whatever becomes of it."""
    server.on(
        "/x", (lambda _: web.Response(status=status)) if status else lambda _: None
    )
    with pytest.raises(Unavailable):
        await client(session, server.url).delete("/x", timeout=5)
    assert [request.method for request in server.requests] == ["DELETE"]
    assert waits == []


PICTURE = b"\x89PNG" + bytes(100)


async def test_pictures(session: aiohttp.ClientSession, server: ScriptedServer) -> None:
    """A picture comes without the key, and with what kind it is."""
    server.on("/p", lambda _: web.Response(body=PICTURE, content_type="image/png"))
    server_read = client(session, server.url)
    poster = await server_read.read_picture("/p", {"tag": "a b&c=\r\nX: 1"})
    assert (poster.content_type, poster.content) == ("image/png", PICTURE)
    (request,) = server.requests
    assert request.query["tag"] == "a b&c=\r\nX: 1"
    assert request.headers["Accept"] == "image/*"
    assert "x-key" not in request.headers


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (web.Response(status=302, headers={"Location": "/q"}), "redirect"),
        (web.Response(body=PICTURE, content_type="image/svg+xml"), "shape"),
        (web.Response(body=PICTURE, content_type="application/json"), "shape"),
        (web.Response(text="<html>", content_type="text/html"), "html"),
        (web.Response(body=b"", content_type="image/png"), "empty"),
        (web.Response(body=bytes(3 << 20), content_type="image/png"), "too_large"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_no_picture(
    session: aiohttp.ClientSession,
    server: ScriptedServer,
    answer: web.Response,
    reason: str,
) -> None:
    """Nothing else passes for one, and no redirect is followed."""
    server.on("/p", lambda _: answer)
    server.on("/q", lambda _: web.Response(body=PICTURE, content_type="image/png"))
    with pytest.raises(BadAnswer) as caught:
        await client(session, server.url).read_picture("/p", {})
    assert caught.value.reason == reason
    assert len(server.requests) == 1
