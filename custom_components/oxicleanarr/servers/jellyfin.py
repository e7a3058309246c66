"""Jellyfin 10.10, 10.11 and 12, with an API key.

What is asked and what is not follows from the behaviour of running servers: nothing
is filtered without a user, a folder's user data is never asked for, box sets never
stand in for their films, and only the ids that were asked for are believed. It is long
because every question to Jellyfin is a method here.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import aiohttp

from ..model import (
    BoxSet,
    FolderEntry,
    Library,
    MediaFile,
    MediaFiles,
    MediaItem,
    OwnSet,
    ServerInfo,
    Session,
    User,
    UserData,
    normalize_id,
)
from .errors import (
    BadAnswer,
    NotFound,
    PermissionDenied,
    ServerError,
    incomplete,
    other_server,
)
from .http import HttpServer, Params, Poster
from .jellyfin_lists import Lots, Pages, Take, read_by_id, read_complete
from .jellyfin_rows import (
    NAME,
    all_files,
    box_set_of,
    files_of,
    folder_entry_of,
    item_converter,
    item_id_of,
    library_of,
    log_entry_of,
    part_of,
    server_info,
    session_of,
    total_of,
    user_data_of,
    user_of,
)
from .rows import JsonObject, Rows, mapping, moment, text

DELETE_SECONDS: Final = 600.0
"""Patience for a deletion: the server removes files before it answers."""

_UNDATED_PAGE: Final = 200
_MORE_PLAYS: Final = 200
"""How many plays more than so far are asked for."""
_LOG_PAGE: Final = 1000
_POSTER_HEIGHT: Final = 450

_TYPES_OF_LIBRARY: Final[dict[str | None, tuple[str, ...]]] = {
    "movies": ("Movie",),
    "tvshows": ("Series", "Season", "Episode"),
    None: ("Movie", "Series", "Season", "Episode"),
}
_FIELDS: Final = "ProviderIds,Path,DateCreated,Tags,MediaSourceCount"
_BY_SERIES: Final[Params] = {
    # The server looks up the series of every row, and remembers a few of them.
    "sortBy": "SeriesSortName,SortName",
    "sortOrder": "Ascending",
}
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

    Reads go out one at a time, in the order they were asked for. Methods that take a
    user's id raise ``NotFound`` for a user that is gone.
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
            name=NAME,
            auth={"Authorization": f'MediaBrowser Token="{token}"'},
            timeout=timeout,
            refine=_refine,
        )
        self._pages = Pages(self._http)

    @property
    def sent(self) -> int:
        """How many requests were sent to it so far."""
        return self._http.sent

    async def public_info(self) -> ServerInfo:
        """Return who the server is, without a key (``GET /System/Info/Public``).

        Raises ``BadAnswer`` if another kind of server answers.
        """
        try:
            answer = await self._http.read_object("/System/Info/Public", anonymous=True)
        except NotFound as err:
            raise other_server(NAME, status=err.status) from None
        # Emby knows this route too, but not this name.
        if "jellyfin" not in (text(answer.get("ProductName")) or "").lower():
            raise other_server(NAME)
        return server_info(answer)

    async def info(self) -> ServerInfo:
        """Return who the server is (``GET /System/Info``), which proves the key.

        Raises ``AuthenticationFailed`` for a wrong key.
        """
        try:
            answer = await self._http.read_object("/System/Info")
        except NotFound as err:
            raise other_server(NAME, status=err.status) from None
        return server_info(answer)

    async def users(self) -> list[User]:
        """Return all users, also those who are disabled (``GET /Users``)."""

        answer = await self._http.read_rows("/Users", None, user_of)
        return answer.rows

    async def libraries(self) -> list[Library]:
        """Return all libraries (``GET /Library/VirtualFolders``).

        One without an id, as a broken one has none, cannot be read and is left out.
        """

        answer = await self._http.read_rows("/Library/VirtualFolders", None, library_of)
        return answer.rows

    async def count(self, library: Library, kind: str) -> int:
        """Return how many items of a type a library has, ``Movie`` or ``Series``.

        No request is needed where there can be none (``GET /Items``).
        """
        if kind not in _TYPES_OF_LIBRARY.get(library.collection_type, ()):
            return 0
        answer = await self._http.read_rows(
            "/Items",
            {
                "parentId": library.library_id,
                "recursive": "true",
                "includeItemTypes": kind,
                "collapseBoxSetItems": "false",
                "enableUserData": "false",
                "enableImages": "false",
                "limit": 1,
            },
            item_id_of,
            key="Items",
        )
        return total_of(answer)

    async def inventory(
        self,
        library: Library,
        take: Take[MediaItem],
        note: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Hand over all movies, series, seasons and episodes of a library, each once.

        When it ends, it was complete: a list that is cut short or keeps moving while
        it is read raises ``BadAnswer``. ``note`` is told how many more there are
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
                params |= _BY_SERIES
            convert = item_converter(library.library_id, kind)
            await read_complete(self._pages, params, convert, take, note)

    async def changed_items(self, since: datetime, take: Take[MediaItem]) -> None:
        """Hand over the items whose metadata were saved since then (aware time).

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
            **_BY_SERIES,
        }
        await read_complete(self._pages, params, item_converter(""), take)

    async def activity(
        self, user_id: str, take: Take[UserData], known: int | None = None
    ) -> int:
        """Hand over a user's state of all that has a date of last play, newest first.

        That is everything ever started, played or marked with a date. Return how much
        that was; ``known`` is what was returned last time, so that it fits into one
        page. What moves while it is read can come twice, or be missed: what is missing
        is to be re-read by ``user_data`` before that is believed
        (``GET /Items?sortBy=DatePlayed``).
        """
        lots = Lots(take)

        def is_dated(row: JsonObject) -> bool:
            """Return whether a row has a date; then it is handed over."""
            data = user_data_of(row)
            if data.last_played_at is None:
                return False
            lots.add(data)
            return True

        start = count = 0
        while True:
            limit = self._pages.rows
            if known is not None:
                limit = min(limit, known + _MORE_PLAYS)
            page = await self._plays(user_id, limit, is_dated, start=start)
            await lots.end()
            count += sum(page.rows)
            # On 12 one may stand among the others by the date of another version.
            if page.count < limit or not page.rows[-1]:
                return count
            start += page.count

    async def played_without_date(self, user_id: str) -> list[UserData]:
        """Return a user's state of what is played without a known date.

        Only imported or very old marks are like that (``GET /Items?isPlayed=true``, where
        rows without a date come first).
        """
        found: dict[str, UserData] = {}
        start = 0
        while True:
            page = await self._plays(
                user_id, _UNDATED_PAGE, user_data_of, start=start, only_undated=True
            )
            for row in page.rows:
                if row.last_played_at is None and row.played:
                    found.setdefault(row.item_id, row)
            dated = any(row.last_played_at is not None for row in page.rows)
            if dated or page.count < _UNDATED_PAGE:
                return list(found.values())
            start += page.count

    async def favorites(
        self,
        user_id: str,
        among: Collection[str] | None = None,
        *,
        ours: OwnSet | None = None,
    ) -> frozenset[str]:
        """Return the ids of a user's favorite movies, series, seasons, episodes.

        What is in a favorite collection is among them, but not what we have put into
        one of ours. ``among`` some ids: only of these, which costs the server next to
        nothing. Raises ``BadAnswer`` if it is not all of them (``GET /Items?isFavorite=true``).
        """
        if among is not None:
            return frozenset(
                await read_by_id(
                    self._http,
                    among,
                    {
                        "userId": user_id,
                        "isFavorite": "true",
                        "enableUserData": "false",
                        "enableImages": "false",
                    },
                    item_id_of,
                    lambda found: found,
                )
            )
        return await self._favorites(
            user_id, "Movie,Episode,Series,Season,BoxSet", ours
        )

    async def favorites_by_set(
        self, user_id: str, *, ours: OwnSet | None = None
    ) -> frozenset[str]:
        """Return the ids of all that is in a user's favorite collections.

        Without what we have put into one of ours. A request, and one for each of them (``GET /Items?includeItemTypes=BoxSet``).
        """
        return await self._favorites(user_id, "BoxSet", ours)

    async def _favorites(
        self, user_id: str, types: str, ours: OwnSet | None
    ) -> frozenset[str]:
        """Return the ids of a user's favorites of some types, and what is in sets."""
        favorites = await self._all_of(
            user_id,
            {"recursive": "true", "includeItemTypes": types, "isFavorite": "true"},
        )
        found = {item_id for item_id, _ in favorites}
        for item_id, is_set in favorites:
            if is_set:
                members = await self.members(item_id, user_id)
                if ours is not None and item_id == ours.set_id:
                    # They are there because they leave: that must not keep them.
                    members -= ours.members
                found |= members
        return frozenset(found)

    async def box_sets(self) -> list[BoxSet]:
        """Return all collections of the server (``GET /Items?includeItemTypes=BoxSet``).

        Raises ``BadAnswer`` if it is not all of them.
        """
        return await self._whole(
            "/Items",
            {
                "recursive": "true",
                "includeItemTypes": "BoxSet",
                "collapseBoxSetItems": "false",
                "enableUserData": "false",
                "enableImages": "false",
                "fields": "Path",
            },
            box_set_of,
        )

    async def members(self, set_id: str, user_id: str) -> frozenset[str]:
        """Return the ids of what a user sees in a collection.

        Without a user it shows nothing (``GET /Items?parentId=…``).
        """
        members = await self._all_of(user_id, {"parentId": set_id})
        return frozenset(member for member, _ in members)

    async def create_box_set(self, name: str, item_ids: Collection[str]) -> str:
        """Make a collection and return its id (``POST /Collections``).

        One that was made by the same name is emptied for it, whoever made that: the
        caller answers for there being none. After ``Unavailable`` and ``BadAnswer`` it
        is not known what has happened.
        """
        answer = await self._http.change(
            "/Collections",
            params={"name": name, "ids": ",".join(item_ids), "isLocked": "true"},
        )
        try:
            return item_id_of(answer)
        except ValueError:
            msg = "does not say which collection it has made"
            raise BadAnswer(NAME, msg, reason="shape") from None

    async def add_to_box_set(self, set_id: str, item_ids: Collection[str]) -> None:
        """Put items into a collection; all or none (``POST /Collections/{id}/Items``)."""
        await self._http.tell(
            f"/Collections/{set_id}/Items", params={"ids": ",".join(item_ids)}
        )

    async def take_from_box_set(self, set_id: str, item_ids: Collection[str]) -> None:
        """Take items out of a collection (``DELETE /Collections/{id}/Items``).

        What is not in it does not matter.
        """
        await self._http.delete(
            f"/Collections/{set_id}/Items", {"ids": ",".join(item_ids)}
        )

    async def delete_box_set(self, box_set: BoxSet) -> None:
        """Delete a collection, and none of what is in it (``DELETE /Items/{id}``).

        Only for what ``box_sets`` has just returned: any other id may be a library's.
        """
        await self._http.delete(f"/Items/{box_set.set_id}")

    async def _whole[Row](
        self, path: str, params: Params, convert: Callable[[JsonObject], Row | None]
    ) -> list[Row]:
        """Return a short list, all in one page; raises ``BadAnswer`` if it is not whole."""
        answer = await self._http.read_rows(path, params, convert, key="Items")
        if answer.count != total_of(answer):
            raise incomplete(NAME)
        return answer.rows

    async def _all_of(self, user_id: str, params: Params) -> list[tuple[str, bool]]:
        """Return the ids of a short list in one page, and whether each is a collection."""
        return await self._whole(
            "/Items",
            {
                "userId": user_id,
                "collapseBoxSetItems": "false",
                "enableUserData": "false",
                "enableImages": "false",
                **params,
            },
            lambda row: (item_id_of(row), row.get("Type") == "BoxSet"),
        )

    async def sees(self, user_id: str, item_id: str) -> bool:
        """Return whether a user sees an item: a library, a rating or a tag can hide it.

        One that is gone is seen by nobody (``GET /UserItems/{id}/UserData``).
        """
        try:
            await self._http.read_object(
                f"/UserItems/{item_id}/UserData", {"userId": user_id}
            )
        except NotFound:
            return False
        return True

    async def recent(self, user_id: str, limit: int = 20) -> list[UserData]:
        """Return a user's state of what was played or marked last, newest first."""
        page = await self._plays(user_id, limit, user_data_of)
        return [row for row in page.rows if row.last_played_at is not None]

    async def user_data(
        self, user_id: str, item_ids: Collection[str]
    ) -> dict[str, UserData]:
        """Return a user's present state of movies and episodes, by id.

        What is not in the answer is not in Jellyfin. It proves nothing about what
        the user may see. Not for series and seasons: their state costs the server
        minutes and is not to be trusted.
        """
        return await read_by_id(
            self._http,
            item_ids,
            {
                "userId": user_id,
                "enableUserData": "true",
                "enableImages": "false",
            },
            user_data_of,
            lambda found: found.item_id,
        )

    async def items(self, item_ids: Collection[str]) -> dict[str, MediaItem]:
        """Return what the items are at this moment, by id; missing: they are gone.

        ``library_id`` is empty: the server does not say it (``GET /Items?ids=…``).
        """
        return await read_by_id(
            self._http,
            item_ids,
            {
                "enableUserData": "false",
                "fields": _FIELDS,
                "enableImageTypes": "Primary",
                "imageTypeLimit": 1,
            },
            item_converter("", strict=False),
            lambda found: found.item_id,
        )

    async def poster(self, item_id: str, tag: str) -> Poster:
        """Return the poster of a movie or series as a small picture.

        Without the key, which nobody needs for it; ``tag`` is that of the image
        (``GET /Items/{id}/Images/Primary``). Raises ``NotFound`` if it has none.
        """
        if (checked := normalize_id(item_id)) is None:
            raise ValueError("not an item id")
        return await self._http.read_picture(
            f"/Items/{checked}/Images/Primary",
            {"tag": tag, "maxHeight": _POSTER_HEIGHT, "quality": 90},
        )

    async def files(self, item_ids: Collection[str]) -> dict[str, MediaFiles]:
        """Return the files behind items, by id; sizes are bytes over all of them.

        Costs the server some queries an item, and 10.11 looks at the disk: not for
        whole libraries (``GET /Items?ids=…&fields=MediaSources``, and
        ``GET /Videos/{id}/AdditionalParts`` for films in parts).
        """
        found = await read_by_id(
            self._http,
            item_ids,
            {
                "enableUserData": "false",
                "enableImages": "false",
                "fields": "MediaSources",
            },
            files_of,
            lambda one: one[0].item_id,
        )
        files = {item_id: known for item_id, (known, _) in found.items()}
        for item_id, (known, goes_on) in found.items():
            if goes_on:
                every: list[MediaFile] = []
                for file in known.files:
                    every += (file, *await self._parts(file.file_id))
                files[item_id] = all_files(item_id, every, known.runtimes)
        return files

    async def _parts(self, item_id: str) -> list[MediaFile]:
        """Return the parts that follow on a file, in their order."""
        return await self._whole(
            f"/Videos/{item_id}/AdditionalParts",
            {"fields": "MediaSources,Path", "enableUserData": "false"},
            part_of,
        )

    async def part_data(self, user_id: str, item_id: str) -> list[UserData]:
        """Return a user's state of the parts that follow on a film's first, in order.

        What a user does with a part, or with the film, is not known of the other.
        Raises ``NotFound`` if the film is not there, or not for this user
        (``GET /Videos/{id}/AdditionalParts?userId=…``).
        """
        return await self._whole(
            f"/Videos/{item_id}/AdditionalParts",
            {"userId": user_id},
            user_data_of,
        )

    async def playback_activity(
        self, since: datetime
    ) -> list[tuple[str, str | None, datetime]]:
        """Return all starts and ends of playing since then, newest first.

        Each as user id, item id (``None``: the server did not note it) and aware UTC
        time. Manual marks are not among them; the log goes back 30 days unless the
        server was told otherwise (``GET /System/ActivityLog/Entries``).
        """

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
                log_entry_of,
                key="Items",
            )
            # Entries that come meanwhile push the others down, never up: some
            # come twice, none is missed.
            for entry_id, play in answer.rows:
                entries.setdefault(entry_id, play)
            start += answer.count
            if start >= total_of(answer):
                return [play for play in entries.values() if play is not None]
            if answer.count < _LOG_PAGE:
                raise incomplete(NAME)

    async def sessions(self) -> list[Session]:
        """Return what is being played now (``GET /Sessions``), paused or not."""

        answer = await self._http.read_rows(
            "/Sessions", {"activeWithinSeconds": 960}, session_of
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

    async def path_exists(self, path: str, *, folder: bool | None = False) -> bool:
        """Return whether Jellyfin sees a file, or a folder, on disk at this moment.

        ``folder`` may be ``None``: either will do. ``True`` is proof. ``False`` is none: it is the answer for a disk that is away
        and for a folder that Jellyfin may not enter, too
        (``POST /Environment/ValidatePath``).
        """
        # A check whether it can be written to would write.
        body: JsonObject = {"Path": path, "ValidateWritable": False}
        if folder is not None:
            body["IsFile"] = not folder
        try:
            await self._http.probe("/Environment/ValidatePath", body)
        except NotFound:
            return False
        return True

    async def folder_contents(self, path: str) -> list[FolderEntry]:
        """Return all that is right in a folder, hidden files too.

        Raises ``NotFound`` if it is not to be seen. Empty proves nothing: that is the
        answer for a folder that Jellyfin may not read, too
        (``GET /Environment/DirectoryContents``).
        """
        answer = await self._http.read_rows(
            "/Environment/DirectoryContents",
            {"path": path, "includeFiles": "true", "includeDirectories": "true"},
            folder_entry_of,
        )
        return answer.rows

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
        """Ask Jellyfin to check soon whether a file still exists.

        It does so a minute later (``POST /Library/Media/Updated``).
        """
        await self._http.tell(
            "/Library/Media/Updated",
            {"Updates": [{"Path": path, "UpdateType": "Deleted"}]},
        )

    async def _scan_task(self) -> JsonObject:
        """Return the task that scans the libraries (``GET /ScheduledTasks``)."""

        def convert(row: JsonObject) -> JsonObject | None:
            """Return the row of that task, ``None`` for others."""
            return row if row.get("Key") == "RefreshLibrary" else None

        answer = await self._http.read_rows("/ScheduledTasks", None, convert)
        if not answer.rows or not isinstance(answer.rows[0].get("State"), str):
            raise BadAnswer(NAME, "does not say whether it is scanning", reason="shape")
        return answer.rows[0]

    async def _plays[Row](
        self,
        user_id: str,
        limit: int,
        convert: Callable[[JsonObject], Row],
        *,
        start: int = 0,
        only_undated: bool = False,
    ) -> Rows[Row]:
        """Read a page of a user's movies and episodes, by date of last play."""
        params: dict[str, str | int] = {
            **_PLAYS,
            "userId": user_id,
            "sortBy": "DatePlayed,SeriesSortName",
            "sortOrder": "Descending,Ascending",
            "enableTotalRecordCount": "false",
            "startIndex": start,
        }
        if only_undated:
            params |= {"isPlayed": "true", "sortBy": "DatePlayed"}
            params |= {"sortOrder": "Ascending"}
        page = await self._pages.read(params, limit, convert)
        # Not asked for a total, the server says how many rows it sends.
        if page.count < min(limit, total_of(page)):
            raise incomplete(NAME)
        return page


def _refine(status: int, _content_type: str, body: bytes) -> ServerError | None:
    """Tell apart what Jellyfin means by 401."""
    # A key that is known but may not delete gets 401 with a text; an unknown one
    # gets 401 with nothing.
    if status == 401 and b"Unauthorized access" in body:
        return PermissionDenied(
            NAME, "does not allow this", reason="permission", status=status
        )
    return None


def _stamp(at: datetime) -> str:
    """Return a time as it is sent."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
