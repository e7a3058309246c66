"""Jellystat, all versions since 1.0.8, and a server that knows no more than the guide.

What can go wrong here goes wrong silently: a failed query is an empty page, a page
past a tie loses rows, a request while its database is away kills the whole process,
and a query that was given up runs on. So it is asked whether it is ready before a key
is sent, there is one request at a time, none for a while after a time-out, and the
history is read by date and not by page number wherever the server can do that.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import json
import math
import re
from time import monotonic
from typing import Final, Self

import aiohttp

from ..model import PlaybackEvent, normalize_id
from .http import (
    AuthenticationFailed,
    BadAnswer,
    HttpServer,
    NotFound,
    ServerError,
    Unavailable,
    usable_key,
)
from .rows import JsonObject, Rows, decode_object, integer, moment, text

PAGE: Final = 5000
"""Rows of one page as long as they are not heavy."""
LARGEST_PAGE: Final = 80_000
"""What a page may grow to where that many rows share one moment."""
SMALLEST_PAGE: Final = 500
HEAVY_PAGE: Final = 48 * 1024 * 1024
"""Bytes of a page above which the next ones get half the rows."""
PAUSE: Final = 300.0
"""Seconds of silence after a time-out: the query it was for still runs over there."""
READY_FOR: Final = 10.0
"""Seconds for which an answer to "are you ready" is believed."""

# Half a gigabyte is what a JavaScript string can hold, so nothing longer can come.
_LARGEST_BODY: Final = 600 * 1024 * 1024
_NAME: Final = "Jellystat"
_READY: Final = 2
_PASSES: Final = 3
# So many pages without anything new are always the same one: its number is ignored.
_STALE_PAGES: Final = 3
_MILLISECOND: Final = timedelta(milliseconds=1)
# A filter that lets everything through. It is sent so that there always is one: by
# its echo the server shows whether it knows filters.
_FIRST_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Way(StrEnum):
    """The route by which the history is read."""

    ACTIVITY = "activity"
    """``GET /stats/getPlaybackActivity``, paged since 1.1.7: one row a play."""
    USERS = "users"
    """``POST /api/getUserHistory``, paged since 1.1.3: one row a play, by user."""
    HISTORY = "history"
    """``GET /api/getHistory``: what every version has and the guide describes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """A part of the history, as it came in."""

    events: list[PlaybackEvent]
    cursor: str | None
    """Resumes the scan behind this page; ``None``: the scan is finished."""
    skipped: int = 0
    """Rows of this page without an id, a date or an item: they are not events."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of an answer; a group of plays is one row of several events."""

    row_id: str
    at: datetime
    events: tuple[PlaybackEvent, ...]
    grouped: bool
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursor:
    """Where a scan stands. Its text is stored by the caller between restarts."""

    way: _Way
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
                way=_Way(str(values.get("way"))),
                done=tuple(map(str, done)) if isinstance(done, list) else (),
                user=text(values.get("user")),
                until=moment(values.get("until")),
                top=moment(values.get("top")),
                closing=values.get("closing") is True,
            )
        except ValueError:
            return None


@dataclass(slots=True)
class _Batch:
    """What one request of a scan brought."""

    rows: list[_Row]
    skipped: int = 0
    until: datetime | None = None
    """The bound of the next request, where there is a new one."""
    last: bool = False
    snapshot: bool = False
    """All rows came in one answer, so that nothing can have come meanwhile."""

    def events(self) -> list[PlaybackEvent]:
        """Return the plays of all rows."""
        return [event for row in self.rows for event in row.events]


@dataclass(slots=True)
class _Source:
    """One list to read: all of a way or, where that goes by users, one user's."""

    way: _Way
    decoder: _Decoder
    user: str | None = None
    size: int = PAGE


type _Convert[T] = Callable[[JsonObject], T | None]


class _Decoder:
    """Makes events of Jellystat's rows, whatever shape they have."""

    def __init__(self, user_ids: Collection[str]) -> None:
        """Prepare to recognize these users' ids, even those that became numbers."""
        # JavaScript reads 12e4… with one "e" as a number and makes of it its start.
        numbers = (
            (float(found[1]), user_id)
            for user_id in user_ids
            if (found := re.fullmatch(r"(\d+)(?:e\d+)?", user_id)) is not None
        )
        self._numbers: dict[float, str] = dict(numbers)

    def row(self, row: JsonObject) -> _Row | None:
        """Return a row, ``None`` if it has no id, no date or no item."""
        row_id = text(row.get("Id"))
        at = moment(row.get("ActivityDateInserted"))
        if not row_id or at is None:
            return None
        # A group's own seconds are the sum of its plays, so the plays are what counts.
        # Movies' groups have none since 1.1.3: then the row is their last play.
        plays = row.get("results")
        if isinstance(plays, list) and plays:
            found = [
                self._event(play, row) if isinstance(play, dict) else None
                for play in plays
            ]
        else:
            found = [self._event(row, row)]
        events = tuple(event for event in found if event is not None)
        if not events:
            return None
        return _Row(row_id, at, events, "results" in row, len(found) - len(events))

    def _event(self, play: JsonObject, group: JsonObject) -> PlaybackEvent | None:
        def value(name: str) -> object:
            own = play.get(name)
            return group.get(name) if own is None else own

        event_id = text(play.get("Id"))
        ended_at = moment(play.get("ActivityDateInserted"))
        item_id = _item_id(value("EpisodeId")) or _item_id(value("NowPlayingItemId"))
        if not event_id or ended_at is None or not item_id:
            return None
        return PlaybackEvent(
            event_id=event_id,
            user_id=self._user_id(value("UserId")),
            item_id=item_id,
            ended_at=ended_at,
            seconds=max(0, integer(play.get("PlaybackDuration")) or 0),
            user_name=text(value("UserName")) or "",
            title=text(value("NowPlayingItemName")) or "",
            series_title=text(value("SeriesName")),
        )

    def _user_id(self, value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._numbers.get(value) or str(value)
        user_id = text(value) or ""
        return normalize_id(user_id) or user_id


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
            name=_NAME,
            # An Authorization header beside it would win and be refused.
            auth={"x-api-token": api_key},
            timeout=timeout,
            pause=PAUSE,
            largest_body=_LARGEST_BODY,
            refine=_refine,
        )
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
                raise _other_server()
            if state != _READY:
                raise Unavailable(
                    _NAME,
                    "is not ready: it is not set up or has no database",
                    reason="not_ready",
                )
            version = text(answer.get("version"))
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
                "/api/getLibraries", {}, lambda row: text(row.get("Id"))
            )
        except NotFound:
            raise _other_server() from None
        if libraries.skipped:
            raise _other_server()

    async def count(self) -> int | None:
        """Return how many rows the history has, ``None`` where that cannot be asked.

        0 can also mean that the query failed over there: Jellystat answers both in
        the same way.
        """
        way = _way(await self.version())
        if way is _Way.USERS:
            return None
        source = _Source(way, _Decoder(()), size=1)
        try:
            page = await self._page(source)
        except NotFound:
            if way is _Way.HISTORY:
                raise
            source.way = _Way.HISTORY
            page = await self._page(source)
        if page.bare:
            return page.count if source.way is _Way.ACTIVITY else None
        if any(row.grouped for row in page.rows):
            return None
        # A server that does not obey the size counts pages of another length.
        pages = _pages(page)
        return None if page.count > 1 else pages

    async def backfill(
        self, cursor: str | None, user_ids: Sequence[str]
    ) -> AsyncIterator[HistoryPage]:
        """Yield the whole history, newest first, and then what came meanwhile.

        Stops at any page without harm: its cursor goes on from there, today or after
        a restart. Events are to be upserted by ``event_id``: where a play was
        resumed or a scan goes on, one can come twice, the later one being right. The
        last page has no cursor; a scan that does not get that far raises, with
        ``BadAnswer`` for answers that cannot be all. An empty history is one empty
        page: ``count`` has to tell whether that is so. ``user_ids`` are Jellyfin's;
        1.1.3 to 1.1.6 are read user by user.
        """
        best = _way(await self.version())
        stored = _Cursor.load(cursor) if cursor else None
        for way in (best, _Way.HISTORY):
            fits = stored is not None and stored.way is way
            state = stored if stored is not None and fits else _Cursor(way=way)
            # Held back until it is known whether it is the last one.
            page = None
            try:
                async for following in self._backfill(state, user_ids):
                    if page is not None:
                        yield page
                    page = following
            except ServerError as err:
                if page is not None:
                    yield page
                if not isinstance(err, NotFound) or way is _Way.HISTORY:
                    raise
            else:
                yield replace(page or HistoryPage(events=[], cursor=None), cursor=None)
                return

    async def updates(
        self, since: datetime, user_ids: Sequence[str]
    ) -> AsyncIterator[list[PlaybackEvent]]:
        """Yield all events with a date of ``since`` or later, newest first.

        One request if they fit in a page, one per user for 1.1.3 to 1.1.6. A play
        that is resumed keeps its ``event_id`` and moves to the new date, so
        ``since`` should lie some hours before the newest known date. Nothing new and
        a failed query look the same.
        """
        best = _way(await self.version())
        since = _floor(since)
        for way in (best, _Way.HISTORY):
            try:
                for source in _sources(way, user_ids):
                    async for batch in self._scan(source, since=since):
                        events = [
                            event for event in batch.events() if event.ended_at >= since
                        ]
                        if events:
                            yield events
            except NotFound:
                if way is _Way.HISTORY:
                    raise
            else:
                return

    async def _backfill(
        self, state: _Cursor, user_ids: Sequence[str]
    ) -> AsyncIterator[HistoryPage]:
        """Read all sources that the cursor does not call done."""
        for source in _sources(state.way, user_ids):
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
        self, source: _Source, state: _Cursor
    ) -> AsyncIterator[HistoryPage]:
        """Read one source to its end, and then what was added meanwhile."""
        known: set[tuple[str, datetime]] = set()
        if not state.closing:
            async for batch in self._scan(source, until=state.until, verify=True):
                if state.top is None and not batch.snapshot:
                    state = replace(state, top=_newest(batch.rows))
                top = state.top or _FIRST_DAY
                known |= {(row.row_id, row.at) for row in batch.rows if row.at >= top}
                if batch.last:
                    state = replace(state, until=None, closing=True)
                elif batch.until is not None:
                    state = replace(state, until=batch.until)
                if batch.rows:
                    yield _history_page(batch, state)
        if state.top is None:
            return
        async for batch in self._scan(source, since=state.top, verify=True):
            batch.rows = [
                row for row in batch.rows if (row.row_id, row.at) not in known
            ]
            if batch.rows:
                yield _history_page(batch, state)

    async def _scan(
        self,
        source: _Source,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        verify: bool = False,
    ) -> AsyncIterator[_Batch]:
        """Read a source downwards by date, each row once; the last batch says so.

        Dates are cut to milliseconds in the answers and bounds are inclusive, so the
        next bound is the oldest date and one millisecond: the rows of that moment
        come again and are dropped by their ids. With ``verify`` the rows of the last
        page are counted, the only one whose length says nothing.
        """
        source.size = PAGE
        doubts = 0
        lowest = since or _FIRST_DAY
        edge: frozenset[str] = frozenset()
        while True:
            page = await self._page(source, since=lowest, until=until)
            if page.bare:
                for batch in _whole(page, lowest):
                    yield batch
                return
            if "filters" not in page.head:
                async for batch in self._scan_numbered(source, page, lowest, verify):
                    yield batch
                return
            pages = _pages(page)
            if not page.count:
                if pages:
                    raise _incomplete()
                expected = until is not None or (verify and since is not None)
                if expected and not await self._is_over(source, lowest, until):
                    raise _incomplete()
                yield _Batch([], last=True)
                return
            if pages > 1 and page.count < min(
                source.size, integer(page.head.get("size")) or source.size
            ):
                raise _incomplete()
            if pages <= 1 and verify:
                there = await self._count(source, lowest, until)
                if not 0 < there <= page.count:
                    # A row was added meanwhile, or some were not sent.
                    doubts += 1
                    if doubts == _PASSES:
                        raise _incomplete()
                    continue
            batch = _batch(page, [row for row in page.rows if row.row_id not in edge])
            batch.last = pages <= 1
            batch.snapshot = batch.last and until is None
            if batch.last:
                yield batch
                return
            oldest = min((row.at for row in page.rows), default=None)
            bound = None if oldest is None else _floor(oldest) + _MILLISECOND
            if bound is None or (until is not None and bound >= until):
                # All of it is one moment, and the rest lies behind it.
                if source.size >= LARGEST_PAGE:
                    raise BadAnswer(
                        _NAME, "too many rows share one moment", reason="incomplete"
                    )
                source.size = min(4 * source.size, LARGEST_PAGE)
                edge |= {row.row_id for row in page.rows}
            else:
                until = batch.until = bound
                edge = frozenset(
                    row.row_id for row in page.rows if row.at < bound + _MILLISECOND
                )
                source.size = min(source.size, PAGE)
                if page.size > HEAVY_PAGE:
                    source.size = max(source.size // 2, SMALLEST_PAGE)
            yield batch

    async def _is_over(
        self, source: _Source, lowest: datetime, until: datetime | None
    ) -> bool:
        """Return whether there is really nothing within bounds that a row gave.

        At least that row should be there. It is not if it was deleted or resumed
        meanwhile, or if the query failed; the database is working if there is any
        row at all.
        """
        if not await self._count(source, _FIRST_DAY, None):
            return False
        return not await self._count(source, lowest, until)

    async def _count(
        self, source: _Source, since: datetime, until: datetime | None
    ) -> int:
        """Return how many rows a source has within bounds, by pages of one row."""
        return _pages(
            await self._page(replace(source, size=1), since=since, until=until)
        )

    async def _scan_numbered(
        self, source: _Source, page: Rows[_Row], lowest: datetime, verify: bool
    ) -> AsyncIterator[_Batch]:
        """Read a source page by page, from a server that knows no filters.

        A row can move to another page meanwhile. So the list is read again, in longer
        pages, until a pass has met no more rows than are known.
        """
        seen: set[str] = set()
        for attempt in range(_PASSES):
            if attempt:
                source.size = min(4 * source.size, LARGEST_PAGE)
                page = await self._page(source, since=lowest)
            obedient = integer(page.head.get("size")) == source.size
            number = 1
            met = skipped = stale = 0
            while True:
                pages = _pages(page)
                short = obedient and number < pages and page.count < source.size
                if short or (not page.count and pages >= number):
                    raise _incomplete()
                met += page.count
                fresh = {row.row_id: row for row in page.rows if row.row_id not in seen}
                stale = 0 if fresh or attempt else stale + 1
                if stale == _STALE_PAGES:
                    raise _incomplete()
                seen |= fresh.keys()
                skipped += page.skipped
                if number >= pages and verify and obedient and met:
                    met = max(met, await self._count(source, lowest, None) or met + 1)
                end = number >= pages or _reaches(page.rows, lowest)
                batch = _batch(page, [r for r in fresh.values() if r.at >= lowest])
                batch.last = end and len(seen) + skipped >= met
                batch.snapshot = batch.last and not attempt and number == 1
                yield batch
                if batch.last:
                    return
                if end:
                    break
                number += 1
                page = await self._page(source, number, since=lowest)
        raise BadAnswer(
            _NAME, "its history keeps changing while it is read", reason="changing"
        )

    async def _page(
        self,
        source: _Source,
        number: int = 1,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Rows[_Row]:
        """Ask for one page of a source, newest first, within inclusive bounds."""
        params: dict[str, str | int] = {"page": number, "size": source.size}
        if since is not None:
            bounds = {"field": "ActivityDateInserted", "min": _stamp(since)}
            if until is not None:
                bounds["max"] = _stamp(until)
            params["filters"] = json.dumps([bounds], separators=(",", ":"))
        path = _PATHS[source.way]
        post: JsonObject | None = None
        if source.way is _Way.USERS:
            post = {"userid": source.user}
        return await self._rows(
            path, params, source.decoder.row, key="results", post=post
        )

    async def _rows[T](
        self,
        path: str,
        params: dict[str, str | int],
        convert: _Convert[T],
        *,
        key: str | None = None,
        post: JsonObject | None = None,
    ) -> Rows[T]:
        """Send a request with the key, after making sure that it can do no harm."""
        if not self._key_usable:
            raise AuthenticationFailed(
                _NAME, "the API key cannot be right", reason="key"
            )
        if monotonic() - self._ready_at > READY_FOR:
            await self.version()
        try:
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
        except ServerError:
            self._ready_at = -math.inf
            raise


_PATHS: Final = {
    _Way.ACTIVITY: "/stats/getPlaybackActivity",
    _Way.USERS: "/api/getUserHistory",
    _Way.HISTORY: "/api/getHistory",
}


def _way(version: str | None) -> _Way:
    """Return the best way for a version.

    Before 1.1.7 ``getPlaybackActivity`` builds the whole table in memory, which can
    kill the process, so it is not asked to find out.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    if found is None:
        return _Way.HISTORY
    number = tuple(map(int, found.groups()))
    if number >= (1, 1, 7):
        return _Way.ACTIVITY
    return _Way.USERS if number >= (1, 1, 3) else _Way.HISTORY


def _sources(way: _Way, user_ids: Sequence[str]) -> list[_Source]:
    """Return what has to be read, always in the same order."""
    decoder = _Decoder(user_ids)
    if way is not _Way.USERS:
        return [_Source(way, decoder)]
    return [_Source(way, decoder, user) for user in sorted(set(user_ids))]


def _refine(status: int, content_type: str, body: bytes) -> ServerError | None:
    # The web page of a proxy with these statuses says nothing about our key.
    if status == 403 and content_type != "text/html":
        return AuthenticationFailed(
            _NAME, "does not accept the API key", reason="key", status=status
        )
    if status == 404 and b"No API keys" in body:
        return AuthenticationFailed(
            _NAME, "has no API keys yet", reason="no_keys", status=status
        )
    return None


def _other_server() -> BadAnswer:
    return BadAnswer(
        _NAME, "something else answers at this address", reason="other_server"
    )


def _incomplete() -> BadAnswer:
    return BadAnswer(_NAME, "sent only a part of the history", reason="incomplete")


def _pages(page: Rows[_Row]) -> int:
    pages = integer(page.head.get("pages"))
    if pages is None or pages < 0:
        raise BadAnswer(
            _NAME, "does not say how long its history is", reason="incomplete"
        )
    return pages


def _batch(page: Rows[_Row], rows: list[_Row]) -> _Batch:
    return _Batch(rows, skipped=page.skipped + sum(row.skipped for row in rows))


def _whole(page: Rows[_Row], lowest: datetime) -> list[_Batch]:
    """Cut an answer that is everything at once, in no order, into batches."""
    unique = {row.row_id: row for row in page.rows if row.at >= lowest}
    rows = sorted(unique.values(), key=lambda row: row.at, reverse=True)
    batches = [
        _Batch(rows[start : start + PAGE], snapshot=True)
        for start in range(0, len(rows), PAGE)
    ] or [_Batch([], snapshot=True)]
    batches[0].skipped = page.skipped + sum(row.skipped for row in rows)
    batches[-1].last = True
    return batches


def _history_page(batch: _Batch, state: _Cursor) -> HistoryPage:
    return HistoryPage(
        events=batch.events(), cursor=state.dump(), skipped=batch.skipped
    )


def _newest(rows: list[_Row]) -> datetime | None:
    return max((row.at for row in rows), default=None)


def _reaches(rows: list[_Row], lowest: datetime) -> bool:
    """Return whether a page that is in order goes below a date."""
    dates = [row.at for row in rows]
    return bool(dates) and dates[-1] < lowest and dates == sorted(dates, reverse=True)


def _item_id(value: object) -> str | None:
    """Return an item's id; old imports have the season's behind the episode's."""
    item_id = text(value)
    if not item_id:
        return None
    return normalize_id(item_id.replace("-", "")[:32]) or item_id


def _floor(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _stamp(at: datetime) -> str:
    at = _floor(at.astimezone(UTC))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
