"""Seerr and its predecessors Jellyseerr and Overseerr, with an API key.

The key acts as the owner. A wrong one gets 403, and so does every change while the
protection against forged requests (CSRF) is on, even with the right key. For every page of
requests Seerr calls all its Radarr and Sonarr, so there are few pages and much patience.
"""

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

PAGE: Final = 500
"""Requests of one page."""
PAGE_SECONDS: Final = 60.0
"""Patience for a page, at least."""

_NAME: Final = "Seerr"
_DECLINED: Final = 3
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
        )

    @property
    def sent(self) -> int:
        """How many requests were sent to it so far."""
        return self._http.sent

    async def check(self) -> AppInfo:
        """Return who answers (``GET /status``) and prove the key (``GET /auth/me``).

        The key is not sent before it is a Seerr that answers. Raises
        ``AuthenticationFailed`` for a wrong key and ``BadAnswer`` with the reason
        ``other_server`` for another server. Whether changes are allowed shows only
        when one is made.
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
        for _attempt in range(_ATTEMPTS):
            found: dict[int, SeerrRequest] = {}
            seen = 0
            expected: int | None = None
            while True:
                answer = await self._http.read_rows(
                    "/api/v1/request",
                    {"take": PAGE, "skip": seen, "filter": "all", "sort": "added"},
                    _request,
                    key="results",
                    timeout=max(PAGE_SECONDS, self._http.timeout),
                )
                total = integer(mapping(answer.head.get("pageInfo")).get("results"))
                if total is None or total < 0:
                    raise incomplete(_NAME)
                seen += answer.count
                found |= {row.request_id: row for row in answer.rows}
                # Seen twice or counted anew: another one may have slipped through.
                if total != (expected if expected is not None else total):
                    break
                expected = total
                if seen >= total:
                    break
                if answer.count < PAGE:
                    raise incomplete(_NAME)
            if len(found) == seen == expected == total:
                return list(found.values())
        raise BadAnswer(
            _NAME, "its requests keep changing while they are read", reason="changing"
        )

    async def delete_media(self, media_id: int) -> None:
        """Forget a title with all its requests and issues (``DELETE /media/{id}``).

        No file is touched. Raises ``NotFound`` if it is gone already and
        ``PermissionDenied`` with the reason ``csrf`` if Seerr's protection against
        forged requests makes it read-only. After any ``Unavailable`` or ``BadAnswer``
        the outcome is open.
        """
        await self._http.delete(
            f"/api/v1/media/{sent_id(media_id)}",
            timeout=max(PAGE_SECONDS, self._http.timeout),
        )


def _refine(status: int, content_type: str, body: bytes) -> ServerError | None:
    """Tell apart what Seerr means by 403."""
    # The web page of a proxy with this status says nothing about our key.
    if status != 403 or content_type == "text/html":
        return None
    if b"csrf" in body.lower():
        return PermissionDenied(
            _NAME,
            "allows no changes while its CSRF protection is on",
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
        is_4k=is_4k,
        requested_at=moment(row.get("createdAt")),
        seasons=frozenset(number for number in seasons if number is not None),
        provider_ids=provider_ids(media, "tmdb", "tvdb", "imdb"),
        item_id=normalize_id(identifier(media.get(f"jellyfinMediaId{suffix}")) or ""),
        service_id=integer(media.get(f"serviceId{suffix}"), 0, LARGEST_ID),
        title_id=known_id(media.get(f"externalServiceId{suffix}")),
    )


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
