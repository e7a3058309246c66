"""Seerr 3: who asked for what; any error of a deletion is a 404, and sometimes there is no answer."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import md5
import re
from typing import Any

from ..arr import RadarrSimulator, SonarrSimulator
from ..arr.server import ArrSimulator
from ..faults import Answer, FaultKind, Request, as_html, as_json
from ..household import Household
from .checks import forged, hand_out_token, page, refuse_query, refuse_stranger, shown
from .database import SeerrDatabase
from .records import (
    JOBS,
    MEDIA_FILTERS,
    REQUEST_FILTERS,
    Account,
    Media,
    MediaRequest,
    MediaStatus,
    RequestStatus,
    Row,
    account_row,
    job_row,
    made_row,
    media_row,
    request_row,
)

type Handler = Callable[[Request, Account, tuple[str, ...]], Awaitable[Answer]]

_API = "/api/v1"
#: What is forgotten with the last request.
_RESET = (
    MediaStatus.PENDING,
    MediaStatus.PROCESSING,
    MediaStatus.PARTIALLY_AVAILABLE,
    MediaStatus.DELETED,
)


class SeerrSimulator(SeerrDatabase):
    """A Seerr over a household, and over the Radarr and Sonarr it was given."""

    line_limit = 16_384

    def __init__(
        self,
        household: Household,
        version: str = "3.1.0",
        *,
        csrf: bool = False,
        radarr: Sequence[RadarrSimulator] = (),
        sonarr: Sequence[SonarrSimulator] = (),
        name: str = "seerr",
        url_base: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
    ) -> None:
        """Prepare a server owned by the household's first administrator."""
        super().__init__(
            household,
            version,
            radarr=radarr,
            sonarr=sonarr,
            url_base=url_base,
            host=host,
            port=port,
            tls=tls,
        )
        self.api_key = md5(f"seerr/{name}".encode(), usedforsecurity=False).hexdigest()
        self.csrf = csrf
        #: A default server has been chosen; without one, deleting a file never answers.
        self.has_default = True
        #: Seconds that each page takes, because every Radarr and Sonarr is asked for its profiles.
        self.page_seconds = 0.0
        #: Seconds that a Radarr or Sonarr is waited for that does not answer.
        self.service_seconds = 10.0
        #: Called between the two queries of a page: for its rows, and for how many there are.
        self.between_queries: Callable[[], None] | None = None
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(f"^{path}/?$"), handler)
            for method, path, handler in (
                ("GET", "/auth/me", self._me),
                ("GET", "/user", self._users),
                ("GET", "/request", self._requests),
                ("POST", "/request", self._create),
                ("GET", "/request/count", self._count),
                ("GET", "/request/([^/]+)", self._request),
                ("DELETE", "/request/([^/]+)", self._delete_request),
                ("POST", "/request/([^/]+)/([^/]+)", self._decide),
                ("GET", "/media", self._media),
                ("DELETE", "/media/([^/]+)", self._delete_media),
                ("DELETE", "/media/([^/]+)/file", self._delete_file),
                ("POST", "/settings/jobs/([^/]+)/run", self._run_job),
            )
        ]

    @property
    def table_size(self) -> int:
        """Return the number of requests."""
        return len(self.requested_media)

    # -- one request ---------------------------------------------------------

    def spoil(self, kind: FaultKind, answer: Answer) -> Answer:
        """Return an answer changed by a fault, with Seerr's error messages."""
        if kind is FaultKind.SERVER_ERROR:
            return _error(500, "SQLITE_BUSY: database is locked")
        if kind is FaultKind.NOT_FOUND:
            # What a deletion says where the database is busy.
            return _error(404, "Media not found")
        if kind is FaultKind.STARTING:
            return Answer(503)
        return super().spoil(kind, answer)

    async def answer(self, request: Request) -> Answer:
        """Answer a request."""
        self.household.settle()
        path = request.path
        if self.base_path and path.startswith(f"{self.base_path}/"):
            path = path[len(self.base_path) :]
        if not path.startswith(_API):
            return as_html("Seerr")
        if self.csrf and forged(request):
            # Before anybody looks at the key.
            return _error(403, "invalid csrf token")
        answer = await self._answer_api(path.removeprefix(_API).rstrip("/"), request)
        if self.csrf:
            hand_out_token(request, answer)
        return answer

    async def _answer_api(self, path: str, request: Request) -> Answer:
        """Answer a request to the API."""
        match path:
            case "":
                return as_json({"api": "Seerr API", "version": "1.0"})
            case "/status":
                return as_json(self._status())
            case "/settings/public":
                return as_json(
                    {"initialized": True, "applicationTitle": "Seerr"}
                    | {"mediaServerType": 2, "localLogin": True}
                )
        for method, pattern, handler in self._routes:
            if method == request.method and (match := pattern.match(path)):
                if refusal := refuse_stranger(_API + path, request) or refuse_query(
                    path, request, self.version
                ):
                    return refusal
                caller = self._caller(request)
                if caller is None:
                    return _forbidden()
                return await handler(request, caller, match.groups())
        return _error(404, "not found")

    def _caller(self, request: Request) -> Account | None:
        """Return the account that a request acts for, None without the right key."""
        if request.headers.get("X-Api-Key") != self.api_key:
            return None
        number = request.headers.get("X-Api-User") or "1"
        for account in self.accounts:
            if str(account.id) == number:
                return account
        return None

    def _status(self) -> Row:
        """Return `GET /status`."""
        return {
            "version": self.version,
            "commitTag": "local",
            "updateAvailable": False,
            "commitsBehind": 0,
            "restartRequired": False,
        }

    # -- reading -------------------------------------------------------------

    async def _me(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `GET /auth/me`."""
        return as_json(account_row(caller))

    async def _users(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `GET /user`."""
        if not caller.administrator:
            return _forbidden()
        rows = [account_row(each) for each in self.accounts]
        return page(request, rows[shown(request, 10)], 10, len(rows))

    async def _requests(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `GET /request`."""
        if self.page_seconds:
            await self._pause(self.page_seconds)
        wanted = request.query.get("filter") or "all"
        kind = request.query.get("mediaType") or "all"
        asked_by = request.query.get("requestedBy")
        states = REQUEST_FILTERS.get(wanted, tuple(RequestStatus))
        media_states = MEDIA_FILTERS.get(
            wanted, [each for each in MediaStatus if each != MediaStatus.BLOCKLISTED]
        )
        if not caller.administrator:
            if asked_by and asked_by != str(caller.id):
                return _error(
                    403, "You do not have permission to view this user's requests."
                )
            asked_by = str(caller.id)

        def find() -> list[MediaRequest]:
            """Return all requests that are meant."""
            return [
                each
                for each in self.requested_media
                if each.status in states
                and (each.media.status_4k if each.is_4k else each.media.status)
                in media_states
                and kind in ("all", each.media.type)
                and asked_by in (None, "", str(each.account.id))
            ]

        found = find()
        sort = request.query.get("sort")
        keys: dict[str | None, Callable[[MediaRequest], tuple[Any, int]]] = {
            "added": lambda each: (each.created, each.id),
            "modified": lambda each: (each.updated, each.id),
        }
        found.sort(
            key=keys.get(sort, lambda each: (each.id, each.id)),
            reverse=request.query.get("sortDirection") != "asc",
        )
        asked = Counter(each.account.id for each in self.requested_media)
        rows = [request_row(each) for each in found[shown(request, 10)]]
        if self.between_queries is not None:
            self.between_queries()
        count = len(find())
        for row in rows:
            row["requestedBy"]["requestCount"] = asked[row["requestedBy"]["id"]]
            services = self.radarr if row["type"] == "movie" else self.sonarr
            service = row["media"]["serviceId4k" if row["is4k"] else "serviceId"]
            if caller.administrator:
                row["canRemove"] = service is not None and service < len(services)
        errors = {"serviceErrors": await self._service_errors()}
        return page(request, rows, 10, count, errors)

    async def _service_errors(self) -> Row:
        """Return which Radarr and Sonarr cannot be reached, or do not answer in time."""
        kinds: Mapping[str, Sequence[ArrSimulator]] = {
            "radarr": self.radarr,
            "sonarr": self.sonarr,
        }
        if any(_silent(each) for servers in kinds.values() for each in servers):
            await self._pause(self.service_seconds)
        return {
            kind: [
                {"id": number, "name": server.name}
                for number, server in enumerate(servers)
                if not server.running or _silent(server)
            ]
            for kind, servers in kinds.items()
        }

    async def _count(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `GET /request/count`."""
        counts: Row = {"total": len(self.requested_media)}
        for kind in ("movie", "tv"):
            counts[kind] = sum(each.media.type == kind for each in self.requested_media)
        for state in RequestStatus:
            counts[state.name.lower()] = sum(
                each.status is state for each in self.requested_media
            )
        return as_json(counts)

    async def _request(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `GET /request/{id}`."""
        if (found := self._found(arguments[0])) is None:
            return _error(404, "Request not found.")
        return as_json(request_row(found))

    def _found(self, number: str) -> MediaRequest | None:
        """Return the request with a number."""
        for each in self.requested_media:
            if str(each.id) == number:
                return each
        return None

    async def _media(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `GET /media`."""
        states = {
            "available": (MediaStatus.AVAILABLE,),
            "partial": (MediaStatus.PARTIALLY_AVAILABLE,),
            "allavailable": (MediaStatus.AVAILABLE, MediaStatus.PARTIALLY_AVAILABLE),
            "processing": (MediaStatus.PROCESSING,),
            "pending": (MediaStatus.PENDING,),
            "deleted": (MediaStatus.DELETED,),
        }.get(request.query.get("filter") or "all", tuple(MediaStatus))
        found = [each for each in reversed(self.media) if each.status in states]
        rows = [media_row(each) for each in found[shown(request, 20)]]
        return page(request, rows, 20, len(found))

    # -- asking --------------------------------------------------------------

    async def _create(self, request: Request, caller: Account, _: Any) -> Answer:
        """Answer `POST /request`; the owner's is approved at once and goes to Radarr or Sonarr."""
        body = request.body if isinstance(request.body, dict) else {}
        kind, tmdb_id = body.get("mediaType"), body.get("mediaId")
        if kind not in ("movie", "tv") or not isinstance(tmdb_id, int):
            return _error(400, "request/body must have required property 'mediaId'")
        is_4k = bool(body.get("is4k"))
        now = self.household.now()
        media = self._known(kind, tmdb_id) or self._add_media(kind, tmdb_id, now)
        if media.status is MediaStatus.BLOCKLISTED:
            return _error(403, "This media is blocklisted.")
        open_requests = [
            each
            for each in self.requested_media
            if each.media is media
            and each.is_4k == is_4k
            and each.status not in (RequestStatus.DECLINED, RequestStatus.COMPLETED)
        ]
        seasons = [each for each in body.get("seasons") or () if type(each) is int]
        if kind == "movie" and open_requests:
            return _error(409, "Request for this media already exists.")
        if kind == "tv":
            taken = {one for each in open_requests for one in each.seasons}
            taken |= self.available_seasons(media, is_4k=is_4k)
            seasons = [each for each in seasons if each not in taken]
            if not seasons:
                return _error(202, "No seasons available to request")
        made = self._ask(
            caller,
            media,
            RequestStatus.PENDING,
            now,
            is_4k=is_4k,
            seasons=seasons,
        )
        if caller.administrator:
            self._approve(made)
        return as_json(made_row(made), 201)

    async def _decide(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `POST /request/{id}/approve` and `…/decline`."""
        if not caller.administrator:
            return _forbidden()
        if (found := self._found(arguments[0])) is None:
            return _error(404, "Request not found.")
        if arguments[1] == "approve":
            self._approve(found)
        else:
            found.status = RequestStatus.DECLINED
        return as_json(request_row(found))

    def _approve(self, request: MediaRequest) -> None:
        """Approve a request; of a title that seems to be there nobody is told."""
        request.status = RequestStatus.APPROVED
        media = request.media
        state = media.status_4k if request.is_4k else media.status
        if state is MediaStatus.AVAILABLE:
            return
        if state is not MediaStatus.PARTIALLY_AVAILABLE:
            media.set_status(MediaStatus.PROCESSING, is_4k=request.is_4k)
        self._send(media)

    async def _run_job(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `POST /settings/jobs/{id}/run`."""
        if not caller.administrator:
            return _forbidden()
        job = arguments[0]
        if job not in JOBS:
            return _error(404, "Job not found.")
        if job == "availability-sync":
            self.availability_sync()
        else:
            self.full_scan()
        return as_json(job_row(job))

    def _send(self, media: Media) -> None:
        """Pass an approved request on; exclusions there do not prevent it."""
        if media.type == "movie" and self.radarr:
            self.radarr[0].restore(media.tmdb_id)
        elif media.type == "tv" and self.sonarr and media.tvdb_id:
            self.sonarr[0].restore(media.tvdb_id)

    # -- deleting ------------------------------------------------------------

    async def _delete_request(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `DELETE /request/{id}`."""
        if (found := self._found(arguments[0])) is None:
            return _error(404, "Request not found.")
        if not caller.administrator and (
            found.account is not caller or found.status is not RequestStatus.PENDING
        ):
            return _error(401, "You do not have permission to delete this request.")
        self.requested_media.remove(found)
        media, left = found.media, self.requested_media
        for is_4k in (False, True):
            state = media.status_4k if is_4k else media.status
            if state in _RESET and not any(
                each.media is media and each.is_4k == is_4k for each in left
            ):
                media.set_status(MediaStatus.UNKNOWN, is_4k=is_4k)
        return Answer(204)

    def _find_media(self, number: str) -> Media | None:
        """Return the title with a number."""
        for media in self.media:
            if str(media.id) == number:
                return media
        return None

    async def _delete_media(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `DELETE /media/{id}`: its requests are deleted too; a blocklisted title is only reset."""
        if not caller.administrator:
            return _forbidden()
        if (media := self._find_media(arguments[0])) is None:
            return _error(404, "Media not found")
        if media.status is MediaStatus.BLOCKLISTED:
            media.forget_services()
            return Answer(204)
        self.media.remove(media)
        self.requested_media = [
            each for each in self.requested_media if each.media is not media
        ]
        return Answer(204)

    async def _delete_file(
        self, request: Request, caller: Account, arguments: tuple[str, ...]
    ) -> Answer:
        """Answer `DELETE /media/{id}/file`, without an exclusion; whatever goes wrong is 404, or silence."""
        if not caller.administrator:
            return _forbidden()
        if (media := self._find_media(arguments[0])) is None:
            return _error(404, "Media not found")
        servers = self.radarr if media.type == "movie" else self.sonarr
        if not servers or not self.has_default:
            await self._stopping.wait()
            return Answer(500)
        if media.type == "movie":
            radarr = self.radarr[media.service or 0]
            movies = [
                each
                for each in radarr.movies.values()
                if each.tmdb_id == media.tmdb_id and radarr.running
            ]
            radarr.remove(movies)
            return Answer(204) if movies else _error(404, "Media not found")
        sonarr = self.sonarr[media.service or 0]
        series = [
            each
            for each in sonarr.series.values()
            if each.tvdb_id == media.tvdb_id and sonarr.running
        ]
        sonarr.remove(series)
        return Answer(204) if series else _error(404, "Media not found")


def _error(status: int, message: str) -> Answer:
    """Return an error in Seerr's words."""
    return as_json({"message": message}, status)


def _forbidden() -> Answer:
    """Return the refusal of a caller without the right to it."""
    message = "You do not have permission to access this endpoint"
    return as_json({"status": 403, "error": message}, 403)


def _silent(server: ArrSimulator) -> bool:
    """Return whether a server takes requests and answers none."""
    return any(
        fault.kind is FaultKind.HANG and fault.path is None for fault in server.faults
    )
