"""What Radarr and Sonarr have in common (``/api/v3``).

Their errors carry stack traces, which go no further than this room. Nothing is ever
looked up by a provider id (an empty one returns everything), and none of the calls
that delete several things at once is used: they remove rows whose files stay.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import partial
import re
from typing import ClassVar, Final

import aiohttp

from ..model import (
    AppInfo,
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrSetup,
    RecycleBin,
    RootFolder,
)
from .arr_refusals import refusal_of
from .errors import BadAnswer, NotFound, incomplete, other_server
from .http import HttpServer, Params
from .rows import (
    LARGEST_ID,
    LARGEST_INDEX,
    LONGEST_PATH,
    JsonObject,
    identifier,
    integer,
    location,
    mapping,
    moment,
    sequence,
    size_of,
    text,
)

CHANGE_SECONDS: Final = 60.0
"""Patience for a change of flags."""
DELETE_SECONDS: Final = 600.0
"""Patience for a deletion: a recycle bin on another disk means copying."""
QUEUE_PAGE: Final = 1000

# Five thousand movies are some 12 MB, with long descriptions and many pictures more.
_LARGEST_BODY: Final = 256 * 1024 * 1024
_MOST_DAYS: Final = 36_500
_NAME_OF_AN_APP: Final = re.compile(r"[A-Za-z]{3,20}")


class Refresh(StrEnum):
    """How far a server is with reading a title that was just added."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It is listed, but its episodes are not known."""


class Arr:
    """A Radarr or Sonarr. Every method raises ``ServerError`` without an answer.

    Changes are sent once. After ``Unavailable`` or ``BadAnswer`` of a change it is not
    known what has happened: look. After ``NotFound`` of one that names several ids,
    those that exist may be changed. After ``Conflict`` nothing is.
    """

    app: ClassVar[str]
    """The name by which the server introduces itself."""
    _kind: ClassVar[str]
    """What its titles are called in paths."""
    _exclusion_path: ClassVar[str]
    _provider: ClassVar[str]
    """Who numbers its titles."""
    _search: ClassVar[tuple[str, str]]
    """Its command that searches for files, and the member with what it is about."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str,
        *,
        timeout: float = 30,
    ) -> None:
        """Prepare for ``url``, URL base included; ``timeout`` is in seconds.

        Raises ``InvalidUrl``.
        """
        self._http = HttpServer(
            session,
            url,
            name=self.app,
            auth={"X-Api-Key": api_key.strip()},
            timeout=timeout,
            largest_body=_LARGEST_BODY,
            refine=partial(refusal_of, self.app),
        )

    @property
    def sent(self) -> int:
        """How many requests were sent to it so far."""
        return self._http.sent

    async def check(self) -> AppInfo:
        """Return who answers (``GET /system/status``), which proves the key.

        Raises ``AuthenticationFailed`` for a wrong key and ``BadAnswer`` with the reason
        ``other_server`` if it is not the one that belongs here.
        """
        try:
            answer = await self._http.read_object("/api/v3/system/status")
        except NotFound as err:
            raise other_server(self.app, status=err.status) from None
        app = text(answer.get("appName")) or ""
        if app.lower() != self.app.lower():
            named = app if _NAME_OF_AN_APP.fullmatch(app) else ""
            raise other_server(self.app, found=named)
        return AppInfo(
            app=self.app,
            version=identifier(answer.get("version")) or "",
            name=text(answer.get("instanceName")) or self.app,
            url_base=text(answer.get("urlBase")) or "",
        )

    async def tags(self) -> dict[int, str]:
        """Return the names of all tags by their ids (``GET /tag``)."""

        def convert(row: JsonObject) -> tuple[int, str] | None:
            """Return a tag's id and name, ``None`` if it has no name."""
            label = text(row.get("label"))
            return None if label is None else (row_id(row), label)

        answer = await self._http.read_rows("/api/v3/tag", None, convert)
        return dict(answer.rows)

    async def add_tag(self, label: str) -> int:
        """Make a tag, if there is none with this label, and return its id (``POST /tag``)."""
        answer = await self._http.change(
            "/api/v3/tag", {"label": label}, timeout=self._patience
        )
        return self._made(answer)

    async def quality_profiles(self) -> dict[int, str]:
        """Return the names of the quality profiles by their ids, in the server's order.

        (``GET /qualityprofile``.)
        """
        answer = await self._http.read_rows(
            "/api/v3/qualityprofile",
            None,
            lambda row: (row_id(row), text(row.get("name")) or ""),
        )
        return dict(answer.rows)

    async def root_folders(self) -> list[RootFolder]:
        """Return the root folders (``GET /rootfolder``); the server looks at its disks."""

        def convert(row: JsonObject) -> RootFolder:
            """Return a root folder; raises ``ValueError`` if it has no path."""
            path = location(row.get("path"))
            if not path:
                msg = "a root folder without a path"
                raise ValueError(msg)
            return RootFolder(
                path=path,
                accessible=boolean(row.get("accessible")),
                free_bytes=size_of(row.get("freeSpace")),
            )

        answer = await self._http.read_rows("/api/v3/rootfolder", None, convert)
        return answer.rows

    async def recycle_bin(self) -> RecycleBin:
        """Return where deleted files go (``GET /config/mediamanagement``)."""
        answer = await self._http.read_object("/api/v3/config/mediamanagement")
        path = answer.get("recycleBin")
        known = text(path, LONGEST_PATH) if isinstance(path, str) else None
        return RecycleBin(
            path=None if known is None else known.strip(),
            keep_days=integer(answer.get("recycleBinCleanupDays"), 0, _MOST_DAYS),
        )

    async def delete_file(self, file_id: int) -> None:
        """Delete one file and wait until it is gone from where it was.

        Its title stays, monitored as it was. Raises ``NotFound`` if there is no such
        file, ``Conflict`` if it cannot be removed or its disk is away.
        """
        raise NotImplementedError

    async def _title[Title: (ArrMovie, ArrSeries)](
        self,
        kind: str,
        title_id: int,
        convert: Callable[[JsonObject], Title],
    ) -> Title:
        """Return one title as it is now (``GET /{kind}/{id}``).

        Raises ``NotFound`` if it is gone, ``BadAnswer`` if it is another one.
        """
        title_id = sent_id(title_id)
        answer = await self._http.read_object(f"/api/v3/{kind}/{title_id}")
        try:
            title = convert(answer)
        except ValueError:
            title = None
        if title is None or title.title_id != title_id:
            raise BadAnswer(self.app, f"answered with another {kind}", reason="shape")
        return title

    async def exclusions(self) -> dict[int, int]:
        """Return the titles that lists may not add again.

        By the number of the row the provider's id of the title.
        """

        def convert(row: JsonObject) -> tuple[int, int] | None:
            """Return a row and its title; a row without one excludes nothing."""
            title = known_id(row.get(f"{self._provider}Id"))
            return None if title is None else (row_id(row), title)

        answer = await self._http.read_rows(self._exclusion_path, None, convert)
        return dict(answer.rows)

    async def lift_exclusion(self, number: int) -> None:
        """Let lists add a title again, by the number of the row."""
        await self._delete(f"{self._exclusion_path}/{sent_id(number)}")

    # --- adding titles and looking for their files -----------------------------------

    async def add(
        self,
        setup: ArrSetup,
        *,
        path: str | None,
        root: str,
        profile: int,
        tag_ids: Collection[int],
    ) -> int:
        """Add a title as it was and return its id; nothing is searched for yet.

        It is listed before it has been read (``refresh``). With a path the server looks
        neither at the root folder nor whether it is there: that is for the caller to do.

        After any error look whether it is listed: it can be, later even, after a
        time-out, and somebody else may have added it. Raises ``NotFound`` if the
        title's database does not know it, ``Conflict`` if another title has its folder.
        """
        body: JsonObject = {
            f"{self._provider}Id": setup.provider_id,
            "qualityProfileId": profile,
            "rootFolderPath": root,
            "monitored": setup.monitored,
            "tags": sorted(tag_ids),
            **self._as_it_was(setup),
        }
        if path is not None:
            body["path"] = path
        answer = await self._http.change(
            f"/api/v3/{self._kind}", body, timeout=self._patience
        )
        return self._made(answer)

    def _as_it_was(self, setup: ArrSetup) -> JsonObject:
        """Return what only titles of this kind have, for adding one again."""
        raise NotImplementedError

    async def search(self, ids: Collection[int]) -> None:
        """Start a search for movies or episodes, monitored or not (``POST /command``)."""
        await self._command(*self._search, ids)

    async def has_searched(self, ids: Collection[int]) -> bool:
        """Return whether a search for any of them is among the latest commands."""
        return bool(await self._commands(*self._search, ids))

    async def refresh(self, title_id: int) -> Refresh:
        """Return how far the server is with reading a title that was just added.

        What is to be done after that stands in the title until it is done; the command
        says whether it has failed.
        """
        title_id = sent_id(title_id)
        row = await self._http.read_object(f"/api/v3/{self._kind}/{title_id}")
        if row.get("addOptions") is not None:
            return Refresh.RUNNING
        states = await self._commands(
            f"Refresh{self._kind}", f"{self._kind}Ids", [title_id]
        )
        if set(states.values()) & {"queued", "started"}:
            return Refresh.RUNNING
        last = states[max(states)] if states else "completed"
        return Refresh.DONE if last == "completed" else Refresh.FAILED

    async def read_again(self, title_id: int) -> None:
        """Have the server read a title once more (``POST /command``)."""
        await self._command(
            f"Refresh{self._kind.capitalize()}", f"{self._kind}Ids", [title_id]
        )

    async def _command(self, name: str, member: str, ids: Collection[int]) -> None:
        """Start a command for exactly these, unless the same one is waiting already.

        Whether a search finds anything, and whether anybody is asked, is never said.
        """
        body: JsonObject = {"name": name, member: sorted(map(sent_id, ids))}
        answer = await self._http.change(
            "/api/v3/command", body, timeout=self._patience
        )
        self._made(answer)

    async def _commands(
        self, name: str, member: str, ids: Collection[int]
    ) -> dict[int, str]:
        """Return the latest commands of a name that are about any of these.

        By the command's id its state (``GET /command``).
        """

        def convert(row: JsonObject) -> tuple[int, str] | None:
            """Return a command's id and state if it is one of these."""
            about = sequence(mapping(row.get("body")).get(member))
            if (text(row.get("name")) or "").lower() != name.lower() or not any(
                known_id(one) in ids for one in about
            ):
                return None
            return row_id(row), text(row.get("status")) or ""

        answer = await self._http.read_rows("/api/v3/command", None, convert)
        return dict(answer.rows)

    @property
    def _patience(self) -> float:
        """Return for how many seconds a change is waited for."""
        return max(CHANGE_SECONDS, self._http.timeout)

    def _made(self, answer: JsonObject) -> int:
        """Return the id of what a change has made; raises ``BadAnswer`` without one."""
        if (number := known_id(answer.get("id"))) is None:
            raise BadAnswer(self.app, "did not confirm a change", reason="shape")
        return number

    async def _queue[T](
        self, params: Params, convert: Callable[[JsonObject], T | None]
    ) -> frozenset[T]:
        """Read all pages of ``GET /queue``."""
        found: set[T] = set()
        seen = 0
        page = 1
        while True:
            answer = await self._http.read_rows(
                "/api/v3/queue",
                {**params, "page": page, "pageSize": QUEUE_PAGE},
                convert,
                key="records",
            )
            found.update(answer.rows)
            seen += answer.count
            total = integer(answer.head.get("totalRecords"))
            if total is None or (seen < total and answer.count < QUEUE_PAGE):
                raise incomplete(self.app)
            if seen >= total:
                return frozenset(found)
            page += 1

    async def _set_monitored(
        self, path: str, member: str, ids: list[int], monitored: bool
    ) -> list[JsonObject]:
        """Change the flag of exactly these and believe only what the answer shows."""
        answer = await self._http.change_rows(
            "PUT",
            path,
            {member: ids, "monitored": monitored},
            lambda row: row,
            timeout=self._patience,
        )
        changed = {
            integer(row.get("id"))
            for row in answer.rows
            if row.get("monitored") is monitored
        }
        if not changed.issuperset(ids):
            raise BadAnswer(self.app, "did not confirm a change", reason="incomplete")
        return answer.rows

    async def _delete(self, path: str, params: Params | None = None) -> None:
        """Send one DELETE and wait patiently for its answer."""
        await self._http.delete(
            path, params, timeout=max(DELETE_SECONDS, self._http.timeout)
        )


def row_id(row: Mapping[str, object]) -> int:
    """Return a row's id; raises ``ValueError`` if it has none."""
    found = known_id(row.get("id"))
    if found is None:
        msg = "a row without an id"
        raise ValueError(msg)
    return found


def known_id(value: object) -> int | None:
    """Return an id, which is never 0: that is how "none" is written."""
    return integer(value, 1, LARGEST_ID)


def sent_id(value: int) -> int:
    """Return an id that can be sent; raises ``ValueError`` for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        msg = "not an id"
        raise ValueError(msg)
    return value


def boolean(value: object) -> bool | None:
    """Return what the server says, or ``None`` if it does not say it."""
    return value if isinstance(value, bool) else None


def provider_ids(row: Mapping[str, object], *providers: str) -> dict[str, str]:
    """Return the provider ids of a row, without those that say "none"."""
    found = {}
    for provider in providers:
        value = (identifier(row.get(f"{provider}Id")) or "").strip()
        if value and value != "0":
            found[provider] = value
    return found


def has_file(row: Mapping[str, object], file_id: str) -> bool | None:
    """Return whether a row has a file, which old servers show only by its id."""
    said = boolean(row.get("hasFile"))
    if said is None and file_id in row:
        number = row[file_id]
        if number is not None and (number := integer(number, 0, LARGEST_ID)) is None:
            return None
        return bool(number)
    return said


def tag_ids(row: Mapping[str, object]) -> frozenset[int] | None:
    """Return the ids of a row's tags; ``None`` if the row does not say them."""
    tags = row.get("tags")
    if not isinstance(tags, list):
        return None
    found = [integer(tag, 0, LARGEST_ID) for tag in sequence(tags)]
    if None in found:
        return None
    return frozenset(tag for tag in found if tag is not None)


def arr_file(row: Mapping[str, object], folder: str | None = None) -> ArrFile:
    """Return a file; raises ``ValueError`` if it has no id."""
    path = location(row.get("path"))
    inside = location(row.get("relativePath"))
    if not path and inside and folder:
        separator = "\\" if "\\" in folder and "/" not in folder else "/"
        path = location(folder.rstrip("/\\") + separator + inside)
    return ArrFile(
        file_id=row_id(row),
        path=path or None,
        size_bytes=size_of(row.get("size")),
        added_at=moment(row.get("dateAdded")),
        season=integer(row.get("seasonNumber"), 0, LARGEST_INDEX),
    )
