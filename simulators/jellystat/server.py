"""The server: keys, routes, and the ways in which the process dies."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import md5
from time import monotonic
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from ..faults import Answer, Request, as_html, as_json, as_text, dump
from ..household import Household
from ..items import Library
from ..plays import Play
from ..server import Simulator, packed
from .libraries import library_row, stats_row, titles_of
from .query import (
    COLUMNS,
    HISTORY_COLUMNS,
    BadFilters,
    Hangs,
    Page,
    Selection,
    Silent,
    paged,
    parse_page,
)
from .rows import Flavour, JellystatRows, Row

type Handler = Callable[[Request], Awaitable[Answer]]

_HEAD_LIMIT = 16 * 1024
_MOST_WAITING = 20
_PATIENCE = 2.0
_FILTER_EXAMPLES = [
    {
        "field": "ActivityDateInserted",
        "min": "2024-12-31T22:00:00.000Z",
        "max": "2024-12-31T22:00:00.000Z",
    },
    {"field": "PlaybackDuration", "min": "1", "max": "10"},
    {"field": "TotalPlays", "min": "1", "max": "10"},
    {"field": "DeviceName", "value": "test"},
    {"field": "Client", "value": "test"},
    {"field": "NowPlayingItemName", "value": "test"},
    {"field": "RemoteEndPoint", "value": "127.0.0.1"},
    {"field": "UserName", "value": "test"},
]


class JellystatSimulator(Simulator):
    """A Jellystat over a household."""

    def __init__(
        self,
        household: Household,
        version: str = "1.1.8",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_path: str = "",
        tls: bool = False,
    ) -> None:
        """Prepare a server of a version, or one that knows only the guide."""
        super().__init__(household, host=host, port=port, base_path=base_path, tls=tls)
        self.version = version
        self.flavour = Flavour.of(version)
        self.api_key = str(
            UUID(md5(b"jellystat key", usedforsecurity=False).hexdigest(), version=4)
        )
        self.rows = JellystatRows(
            self.flavour, md5(b"server/household", usedforsecurity=False).hexdigest()
        )
        #: PostgreSQL: a keyed request while it is down kills the process.
        self.database_up = True
        #: 0 nothing set up, 1 a user made, 2 ready.
        self.state = 2
        self.has_keys = True
        self.alive = True
        #: How many times the process has died.
        self.deaths = 0
        self._groups: tuple[int, list[list[int]]] = (-1, [])
        self._deathwatch: asyncio.TimerHandle | None = None
        self._routes = self._all_routes()

    def _all_routes(self) -> dict[tuple[str, str], Handler]:
        """Return the routes of the version."""
        if self.flavour.guide:
            return {
                ("GET", "/api/getLibraries"): self._libraries,
                ("GET", "/api/getHistory"): self._guide_history,
            }
        return {
            ("GET", "/api/getLibraries"): self._libraries,
            ("GET", "/api/getHistory"): self._history,
            ("GET", "/stats/getPlaybackActivity"): self._playback_activity,
            ("POST", "/api/getUserHistory"): self._user_history,
            ("POST", "/api/getItemHistory"): self._item_history,
            ("POST", "/stats/getLibraryItemsWithStats"): self._library_items_with_stats,
        }

    def too_long(self, line: int, head: int) -> Answer | None:
        """Return the refusal of a head that Node does not take."""
        return Answer(431) if head > _HEAD_LIMIT else None

    @property
    def table_size(self) -> int:
        """Return the number of plays."""
        return len(self.household.plays)

    # -- dying ---------------------------------------------------------------

    def die(self) -> None:
        """End the process: every connection closes without a byte, and the port refuses."""
        self.alive = False
        self.deaths += 1
        self.drop()

    async def restart(self) -> None:
        """Start the process again, as a container does."""
        await self.stop()
        await self.start()

    async def start(self) -> None:
        """Listen, and watch Jellyfin's sessions."""
        await super().start()
        self.alive = self.household.jellystat_watching = True

    def drop(self) -> None:
        """Close everything; what is played from here on is lost to Jellystat."""
        if self._deathwatch is not None:
            self._deathwatch.cancel()
            self._deathwatch = None
        self.household.jellystat_watching = False
        super().drop()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave for good; the household continues as if it had a Jellystat."""
        await super().__aexit__(kind, error, traceback)
        self.household.jellystat_watching = True

    def _watch_the_queue(self) -> None:
        """Die if more than 20 requests wait for the database for two seconds."""
        if self.unanswered > _MOST_WAITING and self._deathwatch is None:
            self._deathwatch = asyncio.get_running_loop().call_later(
                _PATIENCE, self._judge
            )

    def _judge(self) -> None:
        """Die if still too many requests wait."""
        self._deathwatch = None
        if self.unanswered > _MOST_WAITING:
            self.die()

    async def _pause(self, seconds: float) -> None:
        """Wait, and check whether too many other requests are waiting."""
        self._watch_the_queue()
        await super()._pause(seconds)

    # -- from request to handler ---------------------------------------------

    async def answer(self, request: Request) -> Answer:
        """Answer a request."""
        path = request.path
        if self.base_path and path.startswith(self.base_path):
            path = path[len(self.base_path) :]
        if self.flavour.guide:
            return await self._guide_answer(path, request)
        if path == "/auth/isConfigured":
            state = self.state if self.database_up else 0
            return as_json({"state": state, "version": self.version})
        if not path.startswith(("/api/", "/stats/")):
            return as_html("Jellystat")
        if (refusal := self._refusal(request)) is not None:
            return refusal
        handler = self._routes.get((request.method, path))
        if handler is None:
            return as_json({"error": "Not Found"}, 404)
        names = [
            name for name, _ in parse_qsl(request.raw_query, keep_blank_values=True)
        ]
        if len(names) != len(set(names)):
            return as_html("Error", 500)
        self._watch_the_queue()
        begun = monotonic()
        try:
            answer = await handler(request)
        except BadFilters:
            return self._bad_filters(path)
        except Hangs:
            await self._stopping.wait()
            return Answer(500)
        if self.cost is not None:
            # What the answer takes here, compressed, is part of what it costs there.
            answer = packed(answer, request)
            seconds = self.cost(request, self.table_size)
            await self._pause(seconds - (monotonic() - begun))
        return answer

    def _refusal(self, request: Request) -> Answer | None:
        """Return the refusal of a request without a good key; a key is looked up, and that may kill."""
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            # That header wins over a good key.
            if " " not in authorization:
                return as_text("Forbidden", 403)
            return as_json({"message": "Invalid token"}, 401)
        key = request.headers.get("x-api-token") or request.query.get("apiKey")
        if not key:
            return as_json(
                {"message": "Authentication failed. No token or API key provided."}, 401
            )
        if not self.database_up or self.state == 0:
            self.die()
            return Answer(500)
        if not self.has_keys or self.state == 1:
            return as_json({"message": "No API keys configured"}, 404)
        return (
            None
            if key == self.api_key
            else as_json({"message": "Invalid API key"}, 403)
        )

    async def _guide_answer(self, path: str, request: Request) -> Answer:
        """Answer as a server that knows only the guide."""
        if request.headers.get("x-api-token") != self.api_key:
            return (
                as_json({"error": "Unauthorized"}, 401)
                if path.startswith("/api/")
                else Answer(404)
            )
        handler = self._routes.get((request.method, path))
        return await handler(request) if handler is not None else Answer(404)

    def _bad_filters(self, path: str) -> Answer:
        """Return the refusal of filters that cannot be read."""
        body: Row = {"error": "Invalid filters parameter", "example": _FILTER_EXAMPLES}
        if path == "/stats/getPlaybackActivity":
            body["allowed_fields"] = list(COLUMNS)
        return as_json(body, 400)

    # -- libraries -----------------------------------------------------------

    async def _libraries(self, request: Request) -> Answer:
        """Answer `GET /api/getLibraries`."""
        if self.flavour.guide:
            return as_json(
                [
                    {
                        "Id": each.id,
                        "Name": each.name,
                        "ItemCount": len(titles_of(self.household, each)),
                    }
                    for each in self._known()
                ]
            )
        return as_json(
            [
                library_row(self.household, each, self.flavour, self.rows.server_id)
                for each in self._known()
            ]
        )

    def _known(self) -> list[Library]:
        """Return the libraries that Jellystat reads."""
        return [
            each
            for each in self.household.libraries
            if each.collection_type != "boxsets"
        ]

    async def _library_items_with_stats(self, request: Request) -> Answer:
        """Answer `POST /stats/getLibraryItemsWithStats`."""
        library_id = _body(request, "libraryid")
        library = next(
            (each for each in self.household.libraries if each.id == library_id), None
        )
        page = parse_page(request.query, size=999_999_999, sort="Date")
        items = titles_of(self.household, library) if library is not None else []
        times: dict[str, tuple[int, int]] = {}
        for play in self.household.plays:
            count, seconds = times.get(play.item_id, (0, 0))
            times[play.item_id] = count + 1, seconds + play.seconds
        rows = [
            stats_row(item, self.rows.server_id, *times.get(item.id, (0, 0)))
            for item in items
        ]
        try:
            offset, size, pages = page.bounds(len(rows))
        except Silent:
            return as_json(page.envelope(0, []))
        return as_json(page.envelope(pages, rows[offset : offset + size]))

    # -- flat rows -----------------------------------------------------------

    async def _playback_activity(self, request: Request) -> Answer:
        """Answer `GET /stats/getPlaybackActivity`."""
        log = self.household.plays
        if not self.flavour.paged_activity:
            # In the order of the heap, which is the order of nothing.
            plays = sorted(log, key=lambda play: play.id)
            return _raw(self.rows.flat_json(plays))
        page = parse_page(request.query)
        try:
            selection = Selection(log, page, self.rows.offset, COLUMNS, lists=True)
            return self._flat_page(page, selection.places(), named=False)
        except Silent:
            return as_json(page.envelope(0, []))

    async def _user_history(self, request: Request) -> Answer:
        """Answer `POST /api/getUserHistory`."""
        user_id = _body(request, "userid")
        if not user_id:
            return as_text("No User ID provided", 400)
        log = self.household.plays
        if not self.flavour.paged_history:
            groups = [
                group
                for group in self._history_groups()
                if log[group[0]].user_id == user_id
            ]
            return as_json(
                [
                    self._group_row(group)
                    for group in sorted(groups, key=lambda group: log[group[0]].id)
                ]
            )
        page = parse_page(request.query)
        if isinstance(page.search, str):
            # Broken in the real one.
            return as_json(page.envelope(0, []))
        try:
            selection = Selection(
                log, page, self.rows.offset, COLUMNS, lists=self.flavour.paged_activity
            )
            window = log.between(selection.since, selection.until)
            return self._flat_page(
                page, selection.places(log.of_user(user_id, window)), named=True
            )
        except Silent:
            return as_json(page.envelope(0, []))

    async def _item_history(self, request: Request) -> Answer:
        """Answer `POST /api/getItemHistory`."""
        item_id = _body(request, "itemid")
        if not item_id:
            return as_text("No Item ID provided", 400)
        log = self.household.plays
        places = [
            place
            for place, play in enumerate(log)
            if item_id in (play.item_id, play.season_id, play.episode_id)
        ]
        if not self.flavour.paged_history:
            rows = [
                self.rows.flat(log[place], named=True) | {"results": []}
                for place in reversed(places)
            ]
            return as_json(rows)
        page = parse_page(request.query)
        try:
            selection = Selection(
                log, page, self.rows.offset, COLUMNS, lists=self.flavour.paged_activity
            )
            return self._flat_page(page, selection.places(places), named=True)
        except Silent:
            return as_json(page.envelope(0, []))

    def _flat_page(self, page: Page, places: Sequence[int], *, named: bool) -> Answer:
        """Return a page of plays, one row each."""
        log = self.household.plays
        offset, size, pages = page.bounds(len(places))
        plays = [log[place] for place in paged(log, places, page, offset, size)]
        envelope = dump(page.envelope(pages, "@@"))
        return _raw(
            envelope.decode().replace(
                '"@@"', self.rows.flat_json(plays, named=named), 1
            )
        )

    # -- groups --------------------------------------------------------------

    def _history_groups(self) -> list[list[int]]:
        """Return the groups of getHistory, each newest first, in the order of their latest play."""
        log = self.household.plays
        if self._groups[0] != log.revision:
            groups: dict[object, list[int]] = {}
            for place in range(len(log) - 1, -1, -1):
                groups.setdefault(log.group(place), []).append(place)
            self._groups = log.revision, list(groups.values())
        return self._groups[1]

    def _group_row(self, group: Sequence[int]) -> Row:
        """Return the row of a group of plays."""
        return self.rows.group([self.household.plays[place] for place in group])

    async def _history(self, request: Request) -> Answer:
        """Answer `GET /api/getHistory`."""
        log = self.household.plays
        groups = self._history_groups()
        if not self.flavour.paged_history:
            return as_json([self._group_row(group) for group in groups])
        page = parse_page(request.query)
        try:
            selection = Selection(
                log, page, self.rows.offset, HISTORY_COLUMNS, lists=False
            )
            wanted = self._filtered_groups(groups, selection)
            if not page.descending:
                wanted = wanted[::-1]
            offset, size, pages = page.bounds(len(wanted))
        except Silent:
            return as_json(page.envelope(0, []))
        rows = [self._group_row(group) for group in wanted[offset : offset + size]]
        return as_json(page.envelope(pages, rows))

    def _filtered_groups(
        self, groups: list[list[int]], selection: Selection
    ) -> list[list[int]]:
        """Return the groups whose latest play passes; inside, the older plays stay."""
        if selection.since is None and selection.until is None and not selection.tests:
            return groups
        window = self.household.plays.between(selection.since, selection.until)

        def passes(play: Play) -> bool:
            """Return whether a play passes all tests."""
            return all(test(play) for test in selection.tests)

        return [
            group
            for group in groups
            if window.start <= group[0] < window.stop
            and passes(self.household.plays[group[0]])
        ]

    async def _guide_history(self, request: Request) -> Answer:
        """Answer `GET /api/getHistory` as the guide shows it."""
        log = self.household.plays
        page = parse_page(request.query, size=100)
        try:
            offset, size, pages = page.bounds(len(log))
        except Silent:
            return as_json({"error": "Bad Request"}, 400)
        places = range(len(log) - 1 - offset, max(-1, len(log) - 1 - offset - size), -1)
        rows = [self.rows.guide(log[place]) for place in places if place >= 0]
        return as_json(
            {
                "current_page": page.page,
                "pages": pages,
                "size": page.size,
                "results": rows,
            }
        )


def _raw(text: str) -> Answer:
    """Return a JSON answer of text."""
    return Answer(200, text.encode(), "application/json; charset=utf-8")


def _body(request: Request, name: str) -> Any:
    """Return a value of the body, None where there is none."""
    return request.body.get(name) if isinstance(request.body, dict) else None
