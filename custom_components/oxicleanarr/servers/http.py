"""How we talk to every server.

The same rules hold for all of them: the key is sent in a header and nowhere else and
never follows a redirect, only reads are repeated and never after a time-out, and
every failure becomes one of the errors in ``errors.py``. It is long because there is
no second way to talk to a server.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
import math
import re
from time import monotonic
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from .address import normalize_url, usable_key
from .errors import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
)
from .rows import BadJsonError, JsonObject, RowDecoder, Rows, decode_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

type Params = Mapping[str, str | int]

BACKOFF: Final = (0.5, 2.0)
"""Seconds to wait before the first and the second repetition of a read."""
LONGEST_WAIT: Final = 10
"""A server that asks for more seconds of patience than this is not asked again."""

_MIB: Final = 1024 * 1024
_SMALL_BODY: Final = 1 * _MIB
_ERROR_BODY: Final = 4096
_PAGE_HEAD: Final = 16 * 1024
_LARGEST_PICTURE: Final = 2 * _MIB
# What browsers show and nothing can be hidden in, so no SVG.
_PICTURES: Final = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}
# Bodies below this are decoded where they are; the way to a thread would cost more.
_INLINE: Final = 16 * 1024
_PIECE: Final = 128 * 1024
_CONNECT_SECONDS: Final = 10.0
_AT_A_TIME: Final = 2
"""How many requests a server has to bear at the same time."""
# What Express hands out against forged requests, and where it expects it back.
_SECRET_COOKIE: Final = "_csrf"
_TOKEN_COOKIE: Final = "XSRF-TOKEN"
_TOKEN_HEADER: Final = "X-XSRF-TOKEN"
# No server has to be believed that it is away for longer.
_LONGEST_SILENCE: Final = 24 * 60 * 60.0
_LONGEST_COOKIE: Final = 500

_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})</title>", re.IGNORECASE)

# Tests replace this one.
_sleep = asyncio.sleep


class _ConnectTimeout(Unavailable):
    """A time-out before anything was asked: nothing goes on running over there."""


_BAD_ANSWERS = {
    "html": "answered with a web page instead of data",
    "empty": "answered with nothing",
    "truncated": "answered with data that ends too soon",
    "malformed": "answered with something that is not JSON",
    "shape": "answered with data of an unexpected shape",
    "too_large": "answered with more data than is reasonable",
}


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture, and what kind it is."""

    content_type: str
    content: bytes


class HttpServer:
    """One server: its address, its key's header, its patience, one read at a time.

    The session comes from outside and stays the caller's; whether certificates are
    checked is decided there. ``timeout`` is the total of one attempt in seconds.
    For ``pause`` seconds after a read that was given up nothing is read any more.
    ``refine`` may turn an error status and the start of its body into a better
    error than the general one. With ``csrf`` changes bring back what a server that is
    protected against forged requests hands out with its answers.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        name: str,
        auth: Mapping[str, str],
        timeout: float,
        pause: float = 0.0,
        largest_body: int = 64 * _MIB,
        refine: Callable[[int, str, bytes], ServerError | None] | None = None,
        csrf: bool = False,
    ) -> None:
        """Prepare for requests below ``url``; raises ``InvalidUrl``."""
        self.name = name
        self.url = normalize_url(url)
        self.timeout = timeout
        self.sent = 0
        """How many requests were sent so far."""
        self._session = session
        self._auth = dict(auth)
        self._largest_body = largest_body
        self._refine = refine
        self._csrf = csrf
        self._cookies: dict[str, str] = {}
        self._lock = asyncio.Lock()
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._pause = pause
        self._silent_until = -math.inf

    async def read_object(
        self,
        path: str,
        params: Params | None = None,
        *,
        anonymous: bool = False,
    ) -> JsonObject:
        """GET a small JSON object; raises ``ServerError``."""
        return await self._repeat(
            partial(self._read_object, "GET", path, params, anonymous), None
        )

    async def read_title(self, path: str) -> str:
        """GET a web page without the key and return its title; raises ``ServerError``."""
        async with self._exchange("GET", path, anonymous=True, page=True) as response:
            body = await response.content.read(_PAGE_HEAD)
        found = _TITLE.search(body.decode(errors="replace"))
        return unescape(found[1]).strip() if found is not None else ""

    async def read_picture(self, path: str, params: Params) -> Poster:
        """GET a picture without the key, beside other reads; raises ``ServerError``."""
        async with self._exchange(
            "GET", path, params=params, anonymous=True, accept="image/*"
        ) as response:
            if response.content_type not in _PICTURES:
                raise self._bad("shape")
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > _LARGEST_PICTURE:
                    raise self._bad("too_large")
            if not body:
                raise self._bad("empty")
            return Poster(response.content_type, bytes(body))

    async def read_rows[T](
        self,
        path: str,
        params: Params | None,
        convert: Callable[[JsonObject], T | None],
        *,
        key: str | None = None,
        post: JsonObject | None = None,
        before_retry: Callable[[], Awaitable[object]] | None = None,
        timeout: float | None = None,
    ) -> Rows[T]:
        """Read a list of rows, row by row; raises ``ServerError``.

        The list is the answer itself or its member ``key``. With ``post`` the read is
        a POST with that body: only for routes that change nothing, as it is repeated
        like a GET. ``before_retry`` is awaited before each repetition. ``timeout`` is
        for routes that are slower than the others.
        """
        method = "GET" if post is None else "POST"
        return await self._repeat(
            partial(self._read_rows, method, path, params, convert, key, post, timeout),
            before_retry,
        )

    async def delete(
        self, path: str, params: Params | None = None, *, timeout: float | None = None
    ) -> None:
        """Send one DELETE, never again, and wait ``timeout`` seconds for its end.

        Raises ``ServerError``; after a time-out or a lost connection (``Unavailable``)
        it is not known what has happened.
        """
        async with self._exchange("DELETE", path, params=params, timeout=timeout):
            pass

    async def tell(
        self, path: str, body: JsonObject | None = None, params: Params | None = None
    ) -> None:
        """Send one POST that has no answer, never again. Raises ``ServerError``."""
        async with self._exchange("POST", path, params=params, body=body):
            pass

    async def probe(self, path: str, body: JsonObject) -> None:
        """POST a question whose whole answer is its status, repeated like a read.

        Only for routes that change nothing, and that say yes with 204. Raises
        ``ServerError``.
        """
        await self._repeat(partial(self._probe, path, body), None)

    async def _probe(self, path: str, body: JsonObject) -> None:
        """Make one attempt to ask a question."""
        async with self._exchange("POST", path, body=body) as response:
            # A proxy can answer with any page, which proves nothing.
            if response.status != 204:
                raise self._bad("shape")

    async def change_rows[T](
        self,
        method: str,
        path: str,
        body: JsonObject,
        convert: Callable[[JsonObject], T | None],
        *,
        timeout: float,
    ) -> Rows[T]:
        """Send one change (PUT or POST), never again; return what it made of the rows.

        Raises ``ServerError``; after ``Unavailable`` and ``BadAnswer`` it is not known
        what has happened.
        """
        return await self._read_rows(method, path, None, convert, None, body, timeout)

    async def change(
        self,
        path: str,
        body: JsonObject | None = None,
        *,
        params: Params | None = None,
        timeout: float | None = None,
    ) -> JsonObject:
        """Send one POST, never again; return the object that it has made.

        Raises ``ServerError`` as ``change_rows`` does.
        """
        return await self._read_object("POST", path, params, False, body, timeout)

    async def _repeat[T](
        self,
        attempt: Callable[[], Awaitable[T]],
        before_retry: Callable[[], Awaitable[object]] | None,
    ) -> T:
        """Make an attempt, and up to two more where the failure may pass."""
        for wait in BACKOFF:
            try:
                return await self._alone(attempt)
            except Unavailable as err:
                if err.reason != "lost" and err.status not in {502, 503, 504}:
                    raise
                if err.retry_after is not None:
                    if err.retry_after > LONGEST_WAIT:
                        raise
                    wait = max(wait, err.retry_after)
            await _sleep(wait)
            if before_retry is not None:
                await before_retry()
        return await self._alone(attempt)

    async def _alone[T](self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make one attempt while no other read is under way."""
        async with self._lock:
            silence = self._silent_until - monotonic()
            if silence > 0:
                raise Unavailable(
                    self.name,
                    "is left alone for a while, for it did not answer in time",
                    reason="paused",
                    retry_after=silence,
                )
            try:
                return await attempt()
            except _ConnectTimeout:
                raise
            except Unavailable as err:
                if err.timed_out:
                    self._silent_until = monotonic() + self._pause
                raise
            except asyncio.CancelledError:
                # Given up here is not given up there: the query runs on.
                self._silent_until = monotonic() + self._pause
                raise

    async def _read_object(
        self,
        method: str,
        path: str,
        params: Params | None,
        anonymous: bool,
        body: JsonObject | None = None,
        timeout: float | None = None,
    ) -> JsonObject:
        """Make one attempt to read a JSON object."""
        async with self._exchange(
            method,
            path,
            params=params,
            body=body,
            anonymous=anonymous,
            timeout=timeout,
        ) as response:
            answer = bytearray()
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > _SMALL_BODY:
                    raise self._bad("too_large")
            try:
                return decode_object(bytes(answer))
            except BadJsonError as err:
                raise self._bad(err.reason) from None

    async def _read_rows[T](
        self,
        method: str,
        path: str,
        params: Params | None,
        convert: Callable[[JsonObject], T | None],
        key: str | None,
        body: JsonObject | None,
        timeout: float | None,
    ) -> Rows[T]:
        """Make one attempt to read rows, decoding what is large in a thread.

        Only there more rows are converted than a small body has.
        """
        loop = asyncio.get_running_loop()
        decoder = RowDecoder(key, convert)
        async with self._exchange(
            method, path, params=params, body=body, timeout=timeout
        ) as response:
            total = 0
            waiting = bytearray()
            try:
                async for chunk in response.content.iter_any():
                    total += len(chunk)
                    if total > self._largest_body:
                        raise self._bad("too_large")
                    waiting += chunk
                    while len(waiting) >= _PIECE:
                        piece = bytes(waiting[:_PIECE])
                        del waiting[:_PIECE]
                        await loop.run_in_executor(None, decoder.feed, piece)
                last = partial(_end, decoder, bytes(waiting))
                if total < _INLINE:
                    return last()
                return await loop.run_in_executor(None, last)
            except BadJsonError as err:
                raise self._bad(err.reason) from None

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: JsonObject | None = None,
        anonymous: bool = False,
        page: bool = False,
        accept: str = "application/json",
        timeout: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request and give its good answer; all errors become ours."""
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        if not anonymous:
            if not all(map(usable_key, self._auth.values())):
                raise AuthenticationFailed(
                    self.name, "the API key cannot be right", reason="key"
                )
            headers |= self._auth
        if method != "GET" and _TOKEN_COOKIE in self._cookies:
            headers[_TOKEN_HEADER] = self._cookies[_TOKEN_COOKIE]
        total = self.timeout if timeout is None else timeout
        self.sent += 1
        try:
            async with (
                self._turns,
                self._session.request(
                    method,
                    URL(self.url + path).with_query(params),
                    headers=headers,
                    json=body,
                    # The session may have cookies of its own that do not fit the token.
                    cookies=self._cookies or None,
                    allow_redirects=False,
                    middlewares=(_once,),
                    timeout=aiohttp.ClientTimeout(
                        total=total, sock_connect=min(total, _CONNECT_SECONDS)
                    ),
                ) as response,
            ):
                if self._csrf:
                    self._keep_cookies(response)
                if response.status >= 300:
                    raise await self._failure(response)
                if response.content_type == "text/html" and not page:
                    raise self._bad("html")
                yield response
        except aiohttp.ConnectionTimeoutError:
            raise _ConnectTimeout(
                self.name, "cannot be reached in time", reason="timeout", timed_out=True
            ) from None
        except TimeoutError:
            raise Unavailable(
                self.name,
                f"did not answer within {total:g} seconds",
                reason="timeout",
                timed_out=True,
            ) from None
        except aiohttp.ClientConnectorCertificateError:
            raise Unavailable(
                self.name,
                "its certificate is not trusted",
                reason="certificate",
                certificate=True,
            ) from None
        except aiohttp.ClientSSLError:
            raise Unavailable(
                self.name, "no secure connection is possible", reason="tls"
            ) from None
        except aiohttp.ClientConnectorError:
            raise Unavailable(
                self.name, "cannot be reached", reason="connection"
            ) from None
        except aiohttp.ClientPayloadError:
            raise self._bad("truncated") from None
        except aiohttp.ClientConnectionError:
            raise Unavailable(
                self.name, "closed the connection", reason="lost"
            ) from None
        except aiohttp.ClientError:
            raise BadAnswer(
                self.name, "does not speak HTTP as it should", reason="protocol"
            ) from None

    def _keep_cookies(self, response: aiohttp.ClientResponse) -> None:
        """Remember what a change has to bring back."""
        for name in (_SECRET_COOKIE, _TOKEN_COOKIE):
            cookie = response.cookies.get(name)
            if cookie is not None and usable_key(cookie.value[:_LONGEST_COOKIE]):
                self._cookies[name] = cookie.value[:_LONGEST_COOKIE]

    async def _failure(self, response: aiohttp.ClientResponse) -> ServerError:
        """Return the error for an answer with a status of 300 or more."""
        status = response.status
        if status < 400:
            return BadAnswer(
                self.name,
                "redirects to another address, which should be entered instead",
                reason="redirect",
                status=status,
            )
        if self._refine is not None:
            body = await response.content.read(_ERROR_BODY)
            if (
                better := self._refine(status, response.content_type, body)
            ) is not None:
                return better
        if status == 401:
            return AuthenticationFailed(
                self.name, "does not accept the API key", reason="key", status=status
            )
        if status == 403:
            return PermissionDenied(
                self.name, "does not allow this", reason="permission", status=status
            )
        if status == 404:
            return NotFound(
                self.name, "does not know this", reason="not_found", status=status
            )
        if status == 409:
            return Conflict(
                self.name,
                "cannot do this in its present state",
                reason="conflict",
                status=status,
            )
        if status >= 500 or status == 429:
            retry_after = _seconds(response.headers.get("Retry-After"))
            starting = status == 503 and retry_after is not None
            return Unavailable(
                self.name,
                "is starting" if starting else f"failed with HTTP status {status}",
                reason="starting" if starting else "status",
                status=status,
                retry_after=retry_after,
            )
        return BadAnswer(
            self.name,
            f"refused the request with HTTP status {status}",
            reason="status",
            status=status,
        )

    def _bad(self, reason: str) -> BadAnswer:
        """Return the error for an answer that is no good."""
        return BadAnswer(self.name, _BAD_ANSWERS[reason], reason=reason)


class _LostConnection(aiohttp.ClientConnectionError):
    """The connection was there and ended."""


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request again when its connection is lost.

    It does that with every DELETE, and with a read of a Jellystat that just died of it.
    """
    try:
        return await send(request)
    except aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as err:
        raise _LostConnection from err


def _end[T](decoder: RowDecoder[T], data: bytes) -> Rows[T]:
    """Decode the last piece of a body and return its rows."""
    decoder.feed(data)
    return decoder.finish()


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header; Jellyfin writes ``005``."""
    if retry_after is None or not retry_after.strip().isdecimal():
        return None
    return min(float(retry_after), _LONGEST_SILENCE)
