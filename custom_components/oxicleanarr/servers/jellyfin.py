"""Jellyfin 10.10, 10.11 and 12, with an API key.

What is asked and what is not follows from the behaviour of running servers: nothing
is filtered without a user, a folder's user data is never asked for, box sets never
stand in for their films, and only the ids that were asked for are believed.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import aiohttp

from ..model import (
    Library,
    MediaFiles,
    MediaItem,
    MediaKind,
    ServerInfo,
    Session,
    User,
    UserData,
    normalize_id,
)
from .http import BadAnswer, HttpServer, NotFound, Params, PermissionDenied, ServerError
from .rows import JsonObject, Rows, day, integer, mapping, moment, sequence, text

PAGE: Final = 5000
"""Rows of one page: the server's effort is per page, whatever its length."""
IDS_A_CALL: Final = 100
"""Ids of one request: the request line may have 8 KiB, 240 ids are too many."""
DELETE_SECONDS: Final = 600.0
"""Patience for a deletion: the server removes files before it answers."""

_TICKS: Final = 10_000_000
_UNDATED_PAGE: Final = 200
_LOG_PAGE: Final = 1000
_ATTEMPTS: Final = 3

_KINDS: Final = {
    "Movie": MediaKind.MOVIE,
    "Series": MediaKind.SERIES,
    "Season": MediaKind.SEASON,
    "Episode": MediaKind.EPISODE,
}
_TYPES_OF_LIBRARY: Final[dict[str | None, tuple[str, ...]]] = {
    "movies": ("Movie",),
    "tvshows": ("Series", "Season", "Episode"),
    None: ("Movie", "Series", "Season", "Episode"),
}
_FIELDS: Final = "ProviderIds,Path,DateCreated,Tags,MediaSourceCount"
_PLAYS: Final[Params] = {
    "recursive": "true",
    "includeItemTypes": "Movie,Episode",
    "collapseBoxSetItems": "false",
    "excludeLocationTypes": "Virtual",
    "enableUserData": "true",
    "enableImages": "false",
}


class Jellyfin:
    """A Jellyfin server. Every method raises ``ServerError`` when it gets no answer.

    Reads go out one at a time, in the order they were asked for. What takes a user's
    id raises ``NotFound`` for a user that is gone.
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
        # Values are url-decoded by the server; legacy headers are off since 12.
        token = quote(api_key.strip(), safe="")
        self._http = HttpServer(
            session,
            url,
            name="Jellyfin",
            auth={"Authorization": f'MediaBrowser Token="{token}"'},
            timeout=timeout,
            refine=_refine,
        )

    async def public_info(self) -> ServerInfo:
        """Return who the server is, without a key (``GET /System/Info/Public``).

        Raises ``BadAnswer`` if another kind of server answers.
        """
        try:
            answer = await self._http.read_object("/System/Info/Public", anonymous=True)
        except NotFound as err:
            raise self._not_jellyfin(err.status) from None
        # Emby knows this route too, but not this name.
        if "jellyfin" not in (text(answer.get("ProductName")) or "").lower():
            raise self._not_jellyfin(None)
        return self._server_info(answer)

    async def info(self) -> ServerInfo:
        """Return who the server is (``GET /System/Info``), which proves the key.

        Raises ``AuthenticationFailed`` for a wrong key.
        """
        try:
            answer = await self._http.read_object("/System/Info")
        except NotFound as err:
            raise self._not_jellyfin(err.status) from None
        return self._server_info(answer)

    async def users(self) -> list[User]:
        """Return the users who may log in (``GET /Users``)."""

        def convert(row: JsonObject) -> User | None:
            policy = mapping(row.get("Policy"))
            if policy.get("IsDisabled") is True:
                return None
            visible: frozenset[str] | None = None
            if policy.get("EnableAllFolders") is False:
                folders = map(normalize_id, _texts(policy.get("EnabledFolders")))
                visible = frozenset(one for one in folders if one is not None)
            return User(
                user_id=_id(row),
                name=text(row.get("Name")) or "",
                library_ids=visible,
            )

        answer = await self._http.read_rows("/Users", {"isDisabled": "false"}, convert)
        return answer.rows

    async def libraries(self) -> list[Library]:
        """Return all libraries (``GET /Library/VirtualFolders``).

        One without an id, as a broken one has none, cannot be read and is left out.
        """

        def convert(row: JsonObject) -> Library | None:
            library_id = normalize_id(text(row.get("ItemId")) or "")
            if library_id is None:
                return None
            collection_type = text(row.get("CollectionType"))
            return Library(
                library_id=library_id,
                name=text(row.get("Name")) or "",
                collection_type=None if collection_type == "mixed" else collection_type,
                locations=_texts(row.get("Locations")),
            )

        answer = await self._http.read_rows("/Library/VirtualFolders", None, convert)
        return answer.rows

    async def inventory(self, library: Library) -> AsyncIterator[list[MediaItem]]:
        """Yield all movies, series, seasons and episodes of a library, in pages.

        Each item comes once. If the iteration ends, it was complete: a list that is
        cut short or keeps moving while it is read raises ``BadAnswer``
        (``GET /Items?parentId=…``, one type after the other, without a user).
        """
        for kind in _TYPES_OF_LIBRARY.get(library.collection_type, ()):
            params: dict[str, str | int] = {
                "parentId": library.library_id,
                "recursive": "true",
                "includeItemTypes": kind,
                "collapseBoxSetItems": "false",
                "enableUserData": "false",
                "fields": _FIELDS,
                "sortBy": "SortName",
                "sortOrder": "Ascending",
            }
            if kind in {"Movie", "Series"}:
                params |= {"enableImageTypes": "Primary", "imageTypeLimit": 1}
            else:
                params |= {"enableImages": "false", "excludeLocationTypes": "Virtual"}
            async for items in self._complete(
                params, _item_converter(library.library_id, kind)
            ):
                yield items

    async def changed_items(self, since: datetime) -> list[MediaItem]:
        """Return the items whose metadata were saved since then (aware time).

        Deletions, plays and marks are not seen by it
        (``GET /Items?minDateLastSavedForUser=…``). ``library_id`` is empty: the
        server does not say it.
        """
        params: dict[str, str | int] = {
            "recursive": "true",
            "includeItemTypes": "Movie,Series,Season,Episode",
            "collapseBoxSetItems": "false",
            "enableUserData": "false",
            "excludeLocationTypes": "Virtual",
            "fields": _FIELDS,
            "enableImageTypes": "Primary",
            "imageTypeLimit": 1,
            "minDateLastSavedForUser": _stamp(since),
            "sortBy": "SortName",
            "sortOrder": "Ascending",
        }
        return [
            item
            async for items in self._complete(params, _item_converter(""))
            for item in items
        ]

    async def activity(self, user_id: str) -> AsyncIterator[list[UserData]]:
        """Yield a user's state of all that has a date of last play, newest first.

        That is everything ever started, played or marked with a date. What moves
        while it is read can be missed, so what is missing is to be re-read by
        ``user_data`` before that is believed (``GET /Items?sortBy=DatePlayed``).
        """
        seen: set[str] = set()
        start = 0
        while True:
            page = await self._plays(user_id, "Descending", PAGE, start=start)
            fresh = []
            for row in page.rows:
                if row.last_played_at is not None and row.item_id not in seen:
                    seen.add(row.item_id)
                    fresh.append(row)
            if fresh:
                yield fresh
            undated = any(row.last_played_at is None for row in page.rows)
            if undated or page.count < PAGE:
                return
            start += page.count

    async def played_without_date(self, user_id: str) -> list[UserData]:
        """Return a user's state of what is played although no date is known of it.

        Only imported or very old marks are so (``GET /Items?isPlayed=true``, where
        rows without a date come first).
        """
        found: dict[str, UserData] = {}
        start = 0
        while True:
            page = await self._plays(
                user_id, "Ascending", _UNDATED_PAGE, start=start, only_played=True
            )
            for row in page.rows:
                if row.last_played_at is None and row.played:
                    found.setdefault(row.item_id, row)
            dated = any(row.last_played_at is not None for row in page.rows)
            if dated or page.count < _UNDATED_PAGE:
                return list(found.values())
            start += page.count

    async def favorites(self, user_id: str) -> frozenset[str]:
        """Return the ids of a user's favourite movies, series, seasons, episodes.

        Raises ``BadAnswer`` if it is not all of them (``GET /Items?isFavorite=true``).
        """
        answer = await self._http.read_rows(
            "/Items",
            {
                "userId": user_id,
                "recursive": "true",
                "includeItemTypes": "Movie,Episode,Series,Season",
                "collapseBoxSetItems": "false",
                "isFavorite": "true",
                "enableUserData": "false",
                "enableImages": "false",
            },
            _id,
            key="Items",
        )
        if answer.count != _total(answer):
            raise _incomplete()
        return frozenset(answer.rows)

    async def recent(self, user_id: str, limit: int = 20) -> list[UserData]:
        """Return a user's state of what was played or marked last, newest first."""
        page = await self._plays(user_id, "Descending", limit)
        return [row for row in page.rows if row.last_played_at is not None]

    async def user_data(
        self, user_id: str, item_ids: Collection[str]
    ) -> dict[str, UserData]:
        """Return a user's present state of movies and episodes, by id.

        What is not in the answer is not in Jellyfin. It proves nothing about what
        the user may see. Not for series and seasons: their state costs the server
        minutes and is not to be trusted.
        """
        return await self._by_id(
            item_ids,
            {
                "userId": user_id,
                "enableUserData": "true",
                "enableImages": "false",
            },
            _user_data,
            lambda found: found.item_id,
        )

    async def items(self, item_ids: Collection[str]) -> dict[str, MediaItem]:
        """Return what the items are at this moment, by id; missing: they are gone.

        ``library_id`` is empty: the server does not say it (``GET /Items?ids=…``).
        """
        return await self._by_id(
            item_ids,
            {
                "enableUserData": "false",
                "fields": _FIELDS,
                "enableImageTypes": "Primary",
                "imageTypeLimit": 1,
            },
            _item_converter("", strict=False),
            lambda found: found.item_id,
        )

    async def files(self, item_ids: Collection[str]) -> dict[str, MediaFiles]:
        """Return the files behind items, by id; sizes are bytes over all versions.

        Costs the server some queries an item, and 10.11 looks at the disk: not for
        whole libraries (``GET /Items?ids=…&fields=MediaSources``).
        """
        return await self._by_id(
            item_ids,
            {
                "enableUserData": "false",
                "enableImages": "false",
                "fields": "MediaSources",
            },
            _files,
            lambda found: found.item_id,
        )

    async def playback_activity(
        self, since: datetime
    ) -> list[tuple[str, str | None, datetime]]:
        """Return all starts and ends of playing since then, newest first.

        Each as user id, item id (``None``: the server did not note it) and aware UTC
        time. Manual marks are not among them; the log goes back 30 days unless the
        server was told otherwise (``GET /System/ActivityLog/Entries``).
        """

        def convert(row: JsonObject) -> _LogEntry:
            entry_id = integer(row.get("Id"))
            if entry_id is None:
                raise ValueError
            at = moment(row.get("Date"))
            user_id = normalize_id(text(row.get("UserId")) or "")
            kind = row.get("Type")
            play = kind in ("VideoPlayback", "VideoPlaybackStopped")
            if not play or at is None or user_id is None or not int(user_id, 16):
                return entry_id, None
            item_id = normalize_id(text(row.get("ItemId")) or "")
            return entry_id, (user_id, item_id, at)

        entries: dict[int, tuple[str, str | None, datetime] | None] = {}
        start = 0
        while True:
            answer = await self._http.read_rows(
                "/System/ActivityLog/Entries",
                {
                    "minDate": _stamp(since),
                    "hasUserId": "true",
                    "startIndex": start,
                    "limit": _LOG_PAGE,
                },
                convert,
                key="Items",
            )
            # Entries that come meanwhile push the others down, never up: some
            # come twice, none is missed.
            for entry_id, play in answer.rows:
                entries.setdefault(entry_id, play)
            start += answer.count
            if start >= _total(answer):
                return [play for play in entries.values() if play is not None]
            if answer.count < _LOG_PAGE:
                raise _incomplete()

    async def sessions(self) -> list[Session]:
        """Return what is being played now (``GET /Sessions``), paused or not."""

        def convert(row: JsonObject) -> Session | None:
            playing = row.get("NowPlayingItem")
            if not isinstance(playing, dict):
                return None
            named = (
                playing.get("Id"),
                playing.get("SeasonId"),
                playing.get("SeriesId"),
                mapping(row.get("PlayState")).get("MediaSourceId"),
            )
            ids = (normalize_id(text(value) or "") for value in named)
            return Session(
                user_id=normalize_id(text(row.get("UserId")) or ""),
                item_ids=frozenset(value for value in ids if value is not None),
                title=text(playing.get("Name")) or "",
            )

        answer = await self._http.read_rows(
            "/Sessions", {"activeWithinSeconds": 960}, convert
        )
        return answer.rows

    async def is_scanning(self) -> bool:
        """Return whether a library scan runs or is about to (``GET /ScheduledTasks``).

        Raises ``BadAnswer`` if the server does not say.
        """

        return (await self._scan_task()).get("State") != "Idle"

    async def last_scan_started(self) -> datetime | None:
        """Return when the last library scan that has ended began, in aware UTC.

        ``None``: the server knows of none (``GET /ScheduledTasks``).
        """
        last = mapping((await self._scan_task()).get("LastExecutionResult"))
        return moment(last.get("StartTimeUtc"))

    async def delete_item(self, item_id: str) -> None:
        """Delete an item with its files (``DELETE /Items/{id}``), waiting minutes.

        An API key may delete anything, libraries too: the caller answers for the id
        being a movie or an episode. Raises ``ValueError`` for what is not an id,
        ``NotFound`` if it is gone already, ``Unavailable`` with the status 500 if a
        file cannot be removed. After any other ``Unavailable`` the outcome is open.
        """
        known = normalize_id(item_id)
        if known is None:
            msg = "not a Jellyfin id"
            raise ValueError(msg)
        await self._http.delete(f"/Items/{known}", timeout=DELETE_SECONDS)

    async def look_again(self, path: str) -> None:
        """Let Jellyfin look soon whether a file is still there.

        It does so a minute later (``POST /Library/Media/Updated``).
        """
        await self._http.tell(
            "/Library/Media/Updated",
            {"Updates": [{"Path": path, "UpdateType": "Deleted"}]},
        )

    async def _scan_task(self) -> JsonObject:
        def convert(row: JsonObject) -> JsonObject | None:
            return row if row.get("Key") == "RefreshLibrary" else None

        answer = await self._http.read_rows("/ScheduledTasks", None, convert)
        if not answer.rows or not isinstance(answer.rows[0].get("State"), str):
            raise BadAnswer(
                "Jellyfin", "does not say whether it is scanning", reason="shape"
            )
        return answer.rows[0]

    async def _plays(
        self,
        user_id: str,
        order: str,
        limit: int,
        *,
        start: int = 0,
        only_played: bool = False,
    ) -> Rows[UserData]:
        params: dict[str, str | int] = {
            **_PLAYS,
            "userId": user_id,
            "sortBy": "DatePlayed",
            "sortOrder": order,
            "enableTotalRecordCount": "false",
            "startIndex": start,
            "limit": limit,
        }
        if only_played:
            params["isPlayed"] = "true"
        page = await self._http.read_rows("/Items", params, _user_data, key="Items")
        # Not asked for a total, the server says how many rows it sends.
        if page.count < min(limit, _total(page)):
            raise _incomplete()
        return page

    async def _complete(
        self,
        params: dict[str, str | int],
        convert: Callable[[JsonObject], MediaItem | None],
    ) -> AsyncIterator[list[MediaItem]]:
        """Yield all items of a list that may move while it is read, each once.

        There is no order without ties and no snapshot over pages: if a row shows up
        on two pages or the total changes, another may have slipped through between
        them, so the list is read again from its start.
        """
        yielded: set[str] = set()
        for _attempt in range(_ATTEMPTS):
            seen: set[str] = set()
            start = 0
            expected: int | None = None
            steady = True
            while steady:
                page = await self._http.read_rows(
                    "/Items",
                    {**params, "startIndex": start, "limit": PAGE},
                    lambda row: (_id(row), convert(row)),
                    key="Items",
                )
                total = _total(page)
                if expected is not None and total != expected:
                    steady = False
                expected = total
                ids = {item_id for item_id, _item in page.rows}
                if ids & seen:
                    steady = False
                seen |= ids
                fresh = {
                    item_id: item
                    for item_id, item in page.rows
                    if item is not None and item_id not in yielded
                }
                yielded |= fresh.keys()
                if fresh:
                    yield list(fresh.values())
                start += page.count
                if not steady:
                    break
                if start >= total:
                    return
                if page.count < PAGE:
                    raise _incomplete()
        raise BadAnswer(
            "Jellyfin", "its library keeps changing while it is read", reason="changing"
        )

    async def _by_id[T](
        self,
        item_ids: Collection[str],
        params: Params,
        convert: Callable[[JsonObject], T | None],
        identity: Callable[[T], str],
    ) -> dict[str, T]:
        """Read items by their ids; only what was asked for is in the answer."""
        found: dict[str, T] = {}
        for ids in _chunks(item_ids):
            answer = await self._http.read_rows(
                "/Items",
                {"ids": ",".join(ids), "collapseBoxSetItems": "false", **params},
                convert,
                key="Items",
            )
            if answer.count < _total(answer):
                raise _incomplete()
            # A server that can make nothing of the list answers the whole library.
            asked = frozenset(ids)
            for row in answer.rows:
                if identity(row) in asked:
                    found[identity(row)] = row
        return found

    def _server_info(self, answer: JsonObject) -> ServerInfo:
        server_id = normalize_id(text(answer.get("Id")) or "")
        version = text(answer.get("Version"))
        if server_id is None or not version:
            raise self._not_jellyfin(None)
        return ServerInfo(
            server_id=server_id,
            name=text(answer.get("ServerName")) or "Jellyfin",
            version=version,
        )

    @staticmethod
    def _not_jellyfin(status: int | None) -> BadAnswer:
        return BadAnswer(
            "Jellyfin",
            "something else answers at this address",
            reason="other_server",
            status=status,
        )


type _LogEntry = tuple[int, tuple[str, str | None, datetime] | None]


def _refine(status: int, _content_type: str, body: bytes) -> ServerError | None:
    # A key that is known but may not delete gets 401 with a text; an unknown one
    # gets 401 with nothing.
    if status == 401 and b"Unauthorized access" in body:
        return PermissionDenied(
            "Jellyfin", "does not allow this", reason="permission", status=status
        )
    return None


def _incomplete() -> BadAnswer:
    return BadAnswer("Jellyfin", "sent only a part of a list", reason="incomplete")


def _total[T](answer: Rows[T]) -> int:
    total = integer(answer.head.get("TotalRecordCount"))
    if total is None or total < 0:
        raise BadAnswer(
            "Jellyfin", "does not say how long a list is", reason="incomplete"
        )
    return total


def _chunks(item_ids: Collection[str]) -> Iterator[list[str]]:
    """Cut ids into requests; what is not an id is not sent.

    If there is no id in a list, the server ignores it and answers everything.
    """
    known = dict.fromkeys(
        item_id for item_id in map(normalize_id, item_ids) if item_id is not None
    )
    ids = list(known)
    for start in range(0, len(ids), IDS_A_CALL):
        yield ids[start : start + IDS_A_CALL]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _id(row: JsonObject) -> str:
    item_id = normalize_id(text(row.get("Id")) or "")
    if item_id is None:
        msg = "a row without an id"
        raise ValueError(msg)
    return item_id


def _texts(value: object) -> tuple[str, ...]:
    return tuple(entry for entry in sequence(value) if isinstance(entry, str))


def _item_converter(
    library_id: str, expected: str | None = None, *, strict: bool = True
) -> Callable[[JsonObject], MediaItem | None]:
    """Return what makes an item of a row.

    With ``strict`` a row of another type shows that the filter was not obeyed.
    """

    def convert(row: JsonObject) -> MediaItem | None:
        item_id = _id(row)
        name = row.get("Type")
        kind = _KINDS.get(name) if isinstance(name, str) else None
        if kind is None or expected not in (None, name):
            if strict:
                msg = "a row of a type that was not asked for"
                raise ValueError(msg)
            return None
        # An episode without a file is not there; a season without a folder is.
        video = kind in (MediaKind.MOVIE, MediaKind.EPISODE)
        if video and row.get("LocationType") == "Virtual":
            return None
        ticks = integer(row.get("RunTimeTicks"))
        number = integer(row.get("IndexNumber"))
        episode = kind is MediaKind.EPISODE
        season = number if kind is MediaKind.SEASON else None
        return MediaItem(
            item_id=item_id,
            kind=kind,
            title=text(row.get("Name")) or "",
            library_id=library_id,
            path=text(row.get("Path")) or None,
            added_at=moment(row.get("DateCreated")),
            provider_ids={
                provider.lower(): value.strip()
                for provider, value in mapping(row.get("ProviderIds")).items()
                if isinstance(value, str) and value.strip()
            },
            tags=frozenset(_texts(row.get("Tags"))),
            year=integer(row.get("ProductionYear")),
            runtime=None if ticks is None else ticks // _TICKS,
            premiere_at=day(row.get("PremiereDate")),
            series_id=normalize_id(text(row.get("SeriesId")) or ""),
            series_title=text(row.get("SeriesName")),
            season_id=normalize_id(text(row.get("SeasonId")) or ""),
            season=integer(row.get("ParentIndexNumber")) if episode else season,
            episode=number if episode else None,
            episode_end=integer(row.get("IndexNumberEnd")) if episode else None,
            image_tag=text(mapping(row.get("ImageTags")).get("Primary")),
            source_count=max(1, integer(row.get("MediaSourceCount")) or 1),
        )

    return convert


def _user_data(row: JsonObject) -> UserData:
    data = row.get("UserData")
    if not isinstance(data, dict) or not isinstance(data.get("Played"), bool):
        msg = "a row without user data"
        raise ValueError(msg)  # noqa: TRY004 - a wrong answer, not a wrong call
    # UserData.ItemId is all zeros on 10.10.
    return UserData(
        item_id=_id(row),
        played=data["Played"],
        play_count=integer(data.get("PlayCount")) or 0,
        last_played_at=moment(data.get("LastPlayedDate")),
        favorite=data.get("IsFavorite") is True,
    )


def _files(row: JsonObject) -> MediaFiles:
    item_id = _id(row)
    sources = [mapping(source) for source in sequence(row.get("MediaSources"))]
    sizes = [integer(source.get("Size")) for source in sources]
    known = [size for size in sizes if size is not None]
    ids = (normalize_id(text(source.get("Id")) or "") for source in sources)
    versions = dict.fromkeys(version for version in ids if version is not None)
    return MediaFiles(
        item_id=item_id,
        size_bytes=sum(known) if known and len(known) == len(sizes) else None,
        version_ids=tuple(version for version in versions if version != item_id),
        paths=tuple(
            path
            for source in sources
            if isinstance(path := source.get("Path"), str) and path
        ),
    )
