"""Jellystat, all versions since 1.0.8, and a server that knows only the guide.

What can go wrong here goes wrong silently: a failed query is an empty page, a page
past a tie loses rows, a request while its database is away kills the whole process,
and a query that was given up runs on. So it is asked whether it is ready before every
request with a key, there is one request at a time, none for a while after a time-out, and the
history is read by date and not by page number wherever the server can do that.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
import json
import math
from time import monotonic
from typing import Final, Self

import aiohttp

from ..garbage import throw_away
from ..model import Play, PlaybackEvent
from .address import usable_key
from .errors import (
    AuthenticationFailed,
    NotFound,
    ServerError,
    Unavailable,
    other_server,
)
from .http import HttpServer
from .jellystat_history import (
    FIRST_DAY,
    Batch,
    HistoryReader,
    Source,
    Way,
    best_way,
    page_count,
    sources,
)
from .jellystat_rows import AT, NAME, PlayDecoder, Row, to_milliseconds
from .rows import JsonObject, Rows, decode_object, identifier, integer, moment, text

PAUSE: Final = 300.0
"""Seconds of silence after a time-out: the query it was for still runs over there."""
READY_FOR: Final = 1.0
"""Seconds for which an answer to "are you ready" is good, for one keyed request."""

# Half a gigabyte is what a JavaScript string can hold, so nothing longer can come.
_LARGEST_BODY: Final = 600 * 1024 * 1024
_READY: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """A part of the history, as it came in."""

    events: list[Play]
    """Rows without an id, a date or an item are not events."""
    cursor: str | None
    """Resumes the scan behind this page; ``None``: the scan is finished."""
    left: int | None = None
    """About how many rows follow; ``None``: that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursor:
    """Where a scan stands. Its text is stored by the caller between restarts."""

    way: Way
    done: tuple[str, ...] = ()
    """The users who are read already, where the way goes by users."""
    user: str | None = None
    """The user who is being read."""
    until: datetime | None = None
    """Everything later than this is read; inclusive, whole milliseconds."""
    top: datetime | None = None
    """The newest date when this scan, or this user's, began."""
    closing: bool = False
    """All pages are read, only what came meanwhile is missing."""

    def dump(self) -> str:
        """Return the cursor as text."""
        return json.dumps(
            {
                "way": self.way,
                "done": self.done,
                "user": self.user,
                "until": self.until and self.until.isoformat(),
                "top": self.top and self.top.isoformat(),
                "closing": self.closing,
            }
        )

    @classmethod
    def load(cls, stored: str) -> Self | None:
        """Return the cursor of a text, ``None`` if it is not one of ours."""
        try:
            values = decode_object(stored.encode())
            done = values.get("done")
            return cls(
                way=Way(str(values.get("way"))),
                done=tuple(map(str, done)) if isinstance(done, list) else (),
                user=text(values.get("user")),
                until=moment(values.get("until")),
                top=moment(values.get("top")),
                closing=values.get("closing") is True,
            )
        except ValueError:
            return None


class Jellystat:
    """A Jellystat server. Every method raises ``ServerError`` if it gets no answer.

    All times are aware UTC. Requests go out one at a time. After a time-out every
    call raises ``Unavailable`` for five minutes without asking anything.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str,
        *,
        timeout: float = 30,
    ) -> None:
        """Prepare for ``url``; ``timeout`` is in seconds. Raises ``InvalidUrl``."""
        api_key = api_key.strip()
        self._key_usable = usable_key(api_key)
        self._http = HttpServer(
            session,
            url,
            name=NAME,
            # An Authorization header beside it would win and be refused.
            auth={"x-api-token": api_key},
            timeout=timeout,
            pause=PAUSE,
            largest_body=_LARGEST_BODY,
            refine=_refine,
        )
        self._history = HistoryReader(self._ask)
        self._keyed = asyncio.Lock()
        self._ready_at = -math.inf

    async def version(self) -> str | None:
        """Return the version if the server is ready (``GET /auth/isConfigured``).

        No key is sent. Raises ``Unavailable`` if the server is not set up or has no
        database at the moment, which it does not tell apart. ``None``: the server
        does not say its version or has no such route.
        """
        self._ready_at = -math.inf
        version = None
        try:
            answer = await self._http.read_object("/auth/isConfigured", anonymous=True)
        except NotFound:
            # Not a real Jellystat, but perhaps one that does what the guide says.
            pass
        else:
            state = integer(answer.get("state"))
            if state is None:
                raise other_server(NAME)
            if state != _READY:
                raise Unavailable(
                    NAME,
                    "is not ready: it is not set up or has no database",
                    reason="not_ready",
                )
            version = identifier(answer.get("version"))
        self._ready_at = monotonic()
        return version

    async def check(self) -> None:
        """Prove that the address and the key are right (``GET /api/getLibraries``).

        Raises ``AuthenticationFailed`` for a missing or wrong key and where the
        server has none at all, ``BadAnswer`` if another kind of server answers.
        """
        await self.version()
        try:
            libraries = await self._rows(
                "/api/getLibraries", {}, lambda row: identifier(row.get("Id"))
            )
        except NotFound:
            raise other_server(NAME) from None
        if libraries.skipped:
            raise other_server(NAME)

    async def count(self, since: datetime | None = None) -> int | None:
        """Return how many rows the history has, all or those of ``since`` or later.

        ``None``: that cannot be asked. 0 can also mean that the query failed over there:
        Jellystat answers both in the same way.
        """
        way = best_way(await self.version())
        if way is Way.USERS or (since is not None and way is not Way.ACTIVITY):
            return None
        source = Source(way, PlayDecoder(()), size=1)
        try:
            page = await self._history.page(source, since=since)
        except NotFound:
            if way is Way.HISTORY:
                raise
            if since is not None:
                return None
            source.way = Way.HISTORY
            page = await self._history.page(source)
        if since is not None and (page.bare or "filters" not in page.head):
            # It counts everything, whatever the date.
            return None
        if page.bare:
            return page.count if source.way is Way.ACTIVITY else None
        if source.decoder.met_groups:
            return None
        # A server that does not obey the size counts pages of another length.
        pages = page_count(page)
        return None if page.count > 1 else pages

    async def between(
        self, since: datetime | None, until: datetime | None, user_ids: Collection[str]
    ) -> AsyncIterator[list[PlaybackEvent]]:
        """Yield all events of ``since`` or later and before ``until``, newest first.

        ``None`` is no bound. Raises ``BadAnswer`` for answers that cannot be all. Only
        for a server that counts by date.
        """
        (source,) = sources(Way.ACTIVITY, user_ids)
        async for batch in self._history.read(
            source, since=since, until=until, verify=True
        ):
            events = [
                event
                for event in batch.events()
                if until is None or event.ended_at < until
            ]
            if events:
                yield events

    async def backfill(
        self, cursor: str | None, user_ids: Collection[str]
    ) -> AsyncIterator[HistoryPage]:
        """Yield the whole history, newest first, and then what came meanwhile.

        Stops at any page without harm: its cursor goes on from there, today or after
        a restart. Events are to be upserted by ``event_id``: where a play was
        resumed or a scan goes on, one can come twice, the later one being right. The
        last page has neither events nor a cursor; a scan that does not get that far
        raises, with ``BadAnswer`` for answers that cannot be all. Whether a history
        is empty that has this page only, ``count`` has to tell. ``user_ids`` are
        Jellyfin's; 1.1.3 to 1.1.6 are read user by user.
        """
        best = best_way(await self.version())
        stored = _Cursor.load(cursor) if cursor else None
        for way in (best, Way.HISTORY):
            fits = stored is not None and stored.way is way
            state = stored if stored is not None and fits else _Cursor(way=way)
            try:
                async for page in self._backfill(state, user_ids):
                    yield page
            except NotFound:
                if way is Way.HISTORY:
                    raise
            else:
                yield HistoryPage(events=[], cursor=None, left=0)
                return

    async def updates(
        self, since: datetime, user_ids: Collection[str]
    ) -> AsyncIterator[list[PlaybackEvent]]:
        """Yield all events with a date of ``since`` or later, newest first.

        One request if they fit in a page, one per user for 1.1.3 to 1.1.6. A play
        that is resumed keeps its ``event_id`` and moves to the new date, so
        ``since`` should lie some hours before the newest known date. Nothing new and
        a failed query look the same.
        """
        best = best_way(await self.version())
        since = to_milliseconds(since)
        for way in (best, Way.HISTORY):
            try:
                for source in sources(way, user_ids):
                    async for batch in self._history.read(source, since=since):
                        events = [
                            event for event in batch.events() if event.ended_at >= since
                        ]
                        if events:
                            yield events
            except NotFound:
                if way is Way.HISTORY:
                    raise
            else:
                return

    async def _backfill(
        self, state: _Cursor, user_ids: Collection[str]
    ) -> AsyncIterator[HistoryPage]:
        """Read all sources that the cursor does not call done."""
        for source in sources(state.way, user_ids):
            if source.user is not None and source.user in state.done:
                continue
            if source.user != state.user:
                # The place in another user's history says nothing about this one's.
                state = _Cursor(way=state.way, done=state.done, user=source.user)
            async for page in self._read_source(source, state):
                yield page
            if source.user is not None:
                state = _Cursor(way=state.way, done=(*state.done, source.user))

    async def _read_source(
        self, source: Source, state: _Cursor
    ) -> AsyncIterator[HistoryPage]:
        """Read one source to its end, and then what was added meanwhile."""
        known: set[tuple[str, datetime]] = set()
        if not state.closing:
            async for batch in self._history.read(
                source, until=state.until, verify=True
            ):
                if state.top is None and not batch.snapshot:
                    state = replace(
                        state, top=max((row[AT] for row in batch.rows), default=None)
                    )
                top = state.top or FIRST_DAY
                known |= {row[:2] for row in batch.rows if row[AT] >= top}
                if batch.last:
                    state = replace(state, until=None, closing=True)
                elif batch.until is not None:
                    state = replace(state, until=batch.until)
                if batch.rows:
                    yield await asyncio.to_thread(_history_page, batch, state)
        if state.top is None:
            return
        async for batch in self._history.read(source, since=state.top, verify=True):
            batch.rows = [row for row in batch.rows if row[:2] not in known]
            if batch.rows:
                yield await asyncio.to_thread(_history_page, batch, state)

    async def _ask(self, source: Source, params: dict[str, str | int]) -> Rows[Row]:
        """Ask for one page of a source."""
        return await self._rows(
            source.path, params, source.decoder.row, key="results", post=source.post
        )

    async def _rows[T](
        self,
        path: str,
        params: dict[str, str | int],
        convert: Callable[[JsonObject], T | None],
        *,
        key: str | None = None,
        post: JsonObject | None = None,
    ) -> Rows[T]:
        """Send a request with the key, after making sure that it can do no harm."""
        if not self._key_usable:
            raise AuthenticationFailed(
                NAME, "the API key cannot be right", reason="key"
            )
        # Nothing may come between the question and the request, not even another one.
        async with self._keyed:
            if monotonic() - self._ready_at > READY_FOR:
                await self.version()
            # The answer is good for this request only: a database that goes away before
            # the next page would take Jellystat with it.
            self._ready_at = -math.inf
            return await self._http.read_rows(
                path,
                params,
                convert,
                key=key,
                post=post,
                # Perhaps the connection was lost because Jellystat's database is
                # away, and then the next keyed request would kill it again.
                before_retry=self.version,
            )


def _refine(status: int, content_type: str, body: bytes) -> ServerError | None:
    """Tell apart what Jellystat means by 403 and 404."""
    # The web page of a proxy with these statuses says nothing about our key.
    if status == 403 and content_type != "text/html":
        return AuthenticationFailed(
            NAME, "does not accept the API key", reason="key", status=status
        )
    if status == 404 and b"No API keys" in body:
        return AuthenticationFailed(
            NAME, "has no API keys yet", reason="no_keys", status=status
        )
    return None


def _history_page(batch: Batch, state: _Cursor) -> HistoryPage:
    """Return the plays of a batch, which keeps none, with the cursor behind it."""
    plays = batch.plays()
    throw_away(batch.rows)
    return HistoryPage(
        events=plays,
        cursor=state.dump(),
        left=batch.left if state.user is None else None,
    )
