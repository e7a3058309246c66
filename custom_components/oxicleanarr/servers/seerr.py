"""Seerr and its predecessors Jellyseerr and Overseerr, with an API key.

The key acts as the owner; no key is 401, a wrong one 403. While its protection against
forged requests (CSRF) is on, changes have to bring back a token that comes with every
answer. Rows and their number are two queries, so a list in pages can lack a request
without a sign of it: all of them are read in one page. For every page Seerr calls all
its Radarr and Sonarr, which takes patience.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import aiohttp

from ..model import AppInfo, MediaKind, Requester, SeerrRequest, normalize_id
from .arr import boolean, known_id, provider_ids, row_id, sent_id
from .errors import (
    AuthenticationFailed,
    BadAnswer,
    NotFound,
    PermissionDenied,
    ServerError,
    incomplete,
    other_server,
)
from .http import HttpServer
from .rows import (
    LARGEST_ID,
    LARGEST_INDEX,
    JsonObject,
    identifier,
    integer,
    mapping,
    moment,
    sequence,
    text,
)

EVERYTHING: Final = 1_000_000
"""Requests of one page: more than there are, and Seerr knows no bound."""
PAGE_SECONDS: Final = 60.0
"""Patience for a page, at least."""

_NAME: Final = "Seerr"
_PENDING: Final = 1
_APPROVED: Final = 2
_DECLINED: Final = 3
_FAILED: Final = 4
_COMPLETED: Final = 5
_AVAILABLE: Final = 5
_ATTEMPTS: Final = 3
_KINDS: Final = {"movie": MediaKind.MOVIE, "tv": MediaKind.SERIES}


class Seerr:
    """A Seerr server. Every method raises ``ServerError`` when it gets no answer."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        api_key: str,
        *,
        timeout: float = 30,
    ) -> None:
        """Prepare for ``url``; ``timeout`` is in seconds. Raises ``InvalidUrl``."""
        self._http = HttpServer(
            session,
            url,
            name=_NAME,
            auth={"X-Api-Key": api_key.strip()},
            timeout=timeout,
            refine=_refine,
            csrf=True,
        )

    @property
    def sent(self) -> int:
        """How many requests were sent to it so far."""
        return self._http.sent

    async def check(self) -> AppInfo:
        """Return who answers (``GET /status``) and prove the key (``GET /auth/me``).

        The key is not sent before it is a Seerr that answers. Raises
        ``AuthenticationFailed`` for a wrong key and ``BadAnswer`` with the reason
        ``other_server`` for another server.
        """
        try:
            status = await self._http.read_object("/api/v1/status", anonymous=True)
        except (AuthenticationFailed, NotFound, PermissionDenied) as err:
            raise other_server(_NAME, status=err.status) from None
        version = identifier(status.get("version"))
        if not version or "commitTag" not in status:
            raise other_server(_NAME)
        user = await self._http.read_object("/api/v1/auth/me")
        if known_id(user.get("id")) is None:
            raise other_server(_NAME)
        return AppInfo(app=_NAME, version=version, name=_NAME)

    async def requests(self) -> list[SeerrRequest]:
        """Return all requests, each once, whatever has become of them.

        A list that is cut short or keeps moving while it is read raises ``BadAnswer``
        (``GET /request``).
        """
        counts: set[int] = set()
        for _attempt in range(_ATTEMPTS):
            answer = await self._http.read_rows(
                "/api/v1/request",
                {"take": EVERYTHING, "skip": 0, "filter": "all", "sort": "added"},
                _request,
                key="results",
                timeout=max(PAGE_SECONDS, self._http.timeout),
            )
            total = integer(mapping(answer.head.get("pageInfo")).get("results"))
            if total is None:
                raise incomplete(_NAME)
            found = {row.request_id: row for row in answer.rows}
            # One may have come between the two queries: who asked shall not be missing.
            if len(found) == answer.count == total:
                return list(found.values())
            counts.add(total - answer.count)
        if len(counts) == 1 and counts.pop() > 0:
            raise incomplete(_NAME)
        raise BadAnswer(
            _NAME, "its requests keep changing while they are read", reason="changing"
        )

    async def delete_request(self, request_id: int) -> None:
        """Forget one request and no other (``DELETE /request/{id}``).

        Raises as ``delete_media`` does.
        """
        await self._delete(f"/api/v1/request/{sent_id(request_id)}")

    async def delete_media(self, media_id: int) -> None:
        """Forget a title with all its requests and issues (``DELETE /media/{id}``).

        No file is touched. Raises ``NotFound`` if it is gone already, and just as well
        after any error over there: only the requests themselves can tell. Raises
        ``PermissionDenied`` with the reason ``csrf`` if the token for a server that is
        protected against forged requests does not arrive there. After any
        ``Unavailable`` or ``BadAnswer`` the outcome is open.
        """
        await self._delete(f"/api/v1/media/{sent_id(media_id)}")

    async def start_availability_sync(self) -> None:
        """Have Seerr look soon what is gone (``POST /settings/jobs/…/run``).

        It does so in the background. Raises ``NotFound`` if it has no such job.
        """
        await self._with_token(
            partial(self._http.tell, "/api/v1/settings/jobs/availability-sync/run", {})
        )

    async def _delete(self, path: str) -> None:
        """Send one DELETE."""
        patience = max(PAGE_SECONDS, self._http.timeout)
        await self._with_token(partial(self._http.delete, path, timeout=patience))

    async def _with_token(self, send: Callable[[], Awaitable[None]]) -> None:
        """Send a change, and send it again with a token if it was refused for that."""
        try:
            await send()
        except PermissionDenied as err:
            if err.reason != "csrf":
                raise
            # Nothing was done, and the token comes with whatever answer.
            await self._http.read_object("/api/v1/status", anonymous=True)
            await send()


def _refine(status: int, content_type: str, body: bytes) -> ServerError | None:
    """Tell apart what Seerr means by 403."""
    # The web page of a proxy with this status says nothing about our key.
    if status != 403 or content_type == "text/html":
        return None
    if b"csrf" in body.lower():
        return PermissionDenied(
            _NAME,
            "refuses changes, for the token of its CSRF protection does not reach it",
            reason="csrf",
            status=status,
        )
    return AuthenticationFailed(
        _NAME, "does not accept the API key", reason="key", status=status
    )


def _request(row: JsonObject) -> SeerrRequest:
    """Return a request; raises ``ValueError`` if it has no id."""
    media = mapping(row.get("media"))
    is_4k = boolean(row.get("is4k"))
    suffix = "4k" if is_4k else ""
    kind = row.get("type") or media.get("mediaType")
    status = integer(row.get("status"))
    seasons = (
        integer(season.get("seasonNumber"), 0, LARGEST_INDEX)
        for season in map(mapping, sequence(row.get("seasons")))
    )
    return SeerrRequest(
        request_id=row_id(row),
        media_id=known_id(media.get("id")),
        kind=_KINDS.get(kind) if isinstance(kind, str) else None,
        requester=_requester(row),
        declined=None if status is None else status == _DECLINED,
        waiting=_is_waiting(status, integer(media.get(f"status{suffix}"))),
        is_4k=is_4k,
        requested_at=moment(row.get("createdAt")),
        seasons=frozenset(number for number in seasons if number is not None),
        provider_ids=provider_ids(media, "tmdb", "tvdb", "imdb"),
        item_id=normalize_id(identifier(media.get(f"jellyfinMediaId{suffix}")) or ""),
        service_id=integer(media.get(f"serviceId{suffix}"), 0, LARGEST_ID),
        title_id=known_id(media.get(f"externalServiceId{suffix}")),
    )


def _is_waiting(status: int | None, media_status: int | None) -> bool | None:
    """Return whether what was asked for has not come yet; ``None``: not known."""
    if status in (_DECLINED, _COMPLETED):
        return False
    if status in (_APPROVED, _FAILED):
        # Seerr's predecessors leave it at that when the title is there.
        return media_status != _AVAILABLE
    return True if status == _PENDING else None


def _requester(row: JsonObject) -> Requester:
    """Return who made a request."""
    by = mapping(row.get("requestedBy"))
    names = (
        (text(by.get(name)) or "").strip()
        for name in ("jellyfinUsername", "displayName", "username")
    )
    return Requester(
        request_user_id=known_id(by.get("id")),
        user_id=normalize_id(identifier(by.get("jellyfinUserId")) or ""),
        names=frozenset(name for name in names if name),
        email=(text(by.get("email")) or "").strip() or None,
    )
