"""What Radarr and Sonarr share: key, URL base, system, tags, queue and history."""

from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import md5
import re

from ..faults import Answer, FaultKind, Request, as_html, as_json
from ..household import Household
from .binding import Call, Handler, Parameters, paged
from .commands import CommandServer
from .errors import Refused, problem, thrown, unknown
from .records import LANGUAGES, Download, Event, Exclusion, Row, quality, when
from .tags import Tags

_API = "/api/v3"


class ArrSimulator(CommandServer):
    """A Radarr or Sonarr over a household."""

    default_version = ""
    migration = 0

    def __init__(
        self,
        household: Household,
        *,
        libraries: Iterable[str] | None = None,
        name: str | None = None,
        version: str | None = None,
        url_base: str = "",
        path_map: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
    ) -> None:
        """Prepare a server for the named libraries, or for all of its kind."""
        super().__init__(
            household,
            libraries=libraries,
            path_map=path_map,
            url_base=url_base,
            host=host,
            port=port,
            tls=tls,
        )
        self.name = name or self.app_name.lower()
        self.version = version or self.default_version
        self.instance_name = self.app_name if name is None else name
        self.api_key = md5(
            f"{self.app_name}/{self.name}".encode(), usedforsecurity=False
        ).hexdigest()
        self.tags = Tags()
        self.exclusions: list[Exclusion] = []
        self.queue: list[Download] = []
        self.history: list[Event] = []
        #: What a file is downloaded with, by id.
        self.profiles = {1: "Any", 4: "HD-1080p", 6: "HD - 720p/1080p"}
        #: Whether the server that knows all titles answers, and which it has dropped.
        self.metadata_down = False
        self.unknown_titles: set[int] = set()
        #: Whether a search finds anything.
        self.indexers = True
        #: Seconds that it takes for an answer.
        self.metadata_delay = 0.0
        self.auto_unmonitor = False
        self.exclusion_delay = 0.0
        self._open_database()
        self._started = household.now()
        self._routes = [
            (method, re.compile(f"^{_API}{path}/?$", re.IGNORECASE), handler)
            for method, path, handler in [*self._shared_routes(), *self._own_routes()]
        ]

    # -- what differs --------------------------------------------------------

    def _open_database(self) -> None:
        """Make the tables, empty."""
        raise NotImplementedError

    def _own_routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes that only this kind of server has."""
        raise NotImplementedError

    def forget(
        self,
        folders: Mapping[int, str],
        exclusions: Iterable[tuple[int, str, int]],
        *,
        files_too: bool,
    ) -> None:
        """Clean up after the rows of titles are gone, mostly after the answer."""
        for provider_id, title, year in exclusions:
            self.later(
                self.exclusion_delay, partial(self.exclude, provider_id, title, year)
            )
        self.history = [each for each in self.history if each.title_id not in folders]
        for download in self.queue:
            if download.title_id in folders:
                download.title_id = download.episode_id = None
        if files_too and folders:
            self.later(self.deletion_delay, partial(self.delete_folders, folders))

    def note(
        self, kind: str, title_id: int, source: str, episode_id: int | None = None
    ) -> None:
        """Write an event into the history."""
        self.history.append(
            Event(
                self.next_id(),
                title_id,
                self.seen(source),
                kind,
                self.household.now(),
                {"reason": "Manual"} if kind.endswith("Deleted") else {},
                episode_id,
            )
        )

    def exclude(self, provider_id: int, title: str, year: int) -> None:
        """Keep import lists from bringing a title back; each title has one row."""
        if all(each.provider_id != provider_id for each in self.exclusions):
            number = max((each.id for each in self.exclusions), default=0) + 1
            self.exclusions.append(Exclusion(number, provider_id, title, year))

    def excluded(self, provider_id: int) -> bool:
        """Return whether a title is excluded."""
        return any(each.provider_id == provider_id for each in self.exclusions)

    # -- one request ---------------------------------------------------------

    def spoil(self, kind: FaultKind, answer: Answer) -> Answer:
        """Return an answer changed by a fault, with the middleware's error messages."""
        if kind is FaultKind.SERVER_ERROR:
            return thrown(
                500, "database is locked", "System.Data.SQLite.SQLiteException"
            )
        if kind is FaultKind.STARTING:
            return Answer(503)
        return super().spoil(kind, answer)

    async def answer(self, request: Request) -> Answer:
        """Answer a request."""
        self.household.settle()
        path = request.path
        base = self.base_path.lower()
        if base and path.lower().startswith(f"{base}/"):
            path = path[len(base) :]
        elif base and (not path.lower().startswith("/api/") or self._has_key(request)):
            query = f"?{request.raw_query}" if request.raw_query else ""
            return Answer(307, headers={"Location": f"{self.base_path}{path}{query}"})
        if path.lower() == "/ping":
            return as_json({"status": "OK"})
        if path.lower() == "/login":
            # Shown to everybody, whatever the method of logging in.
            return as_html(f"Login - {self.app_name}")
        if not path.lower().startswith("/api"):
            return as_html(self.app_name)
        if not self._has_key(request):
            return Answer(401)
        if path.lower().rstrip("/") == "/api":
            return as_json({"current": "v3", "deprecated": []})
        if self.cost is not None:
            await self._pause(self.cost(request, self.table_size))
        try:
            return await self._route(request, path)
        except Refused as refused:
            return refused.answer

    def _has_key(self, request: Request) -> bool:
        """Return whether a request brings the right key."""
        query = {name.lower(): value for name, value in request.query.items()}
        # The first that is there decides; a wrong one in the query beats a right header.
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = (
            query.get("apikey")
            or request.headers.get("X-Api-Key")
            or (token if scheme == "Bearer" else None)
        )
        return key == self.api_key

    async def _route(self, request: Request, path: str) -> Answer:
        """Hand a request to its handler."""
        allowed = []
        for method, pattern, handler in self._routes:
            if (match := pattern.match(path)) is not None:
                if method == request.method:
                    parameters = Parameters(request.raw_query)
                    return await handler(Call(request, parameters, match.groups()))
                allowed.append(method)
        if allowed:
            return Answer(405, headers={"Allow": ", ".join(allowed)})
        return problem(404)

    def _shared_routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes that both have."""
        return [
            ("GET", "/system/status", self._status),
            ("GET", "/health", self._nothing),
            ("GET", "/diskspace", self._diskspace),
            ("GET", "/rootfolder", self._root_folders),
            ("GET", "/config/mediamanagement", self._media_management),
            ("PUT", r"/config/mediamanagement(?:/\d+)?", self._put_media_management),
            ("GET", "/tag", self._tags),
            ("POST", "/tag", self._add_tag),
            ("GET", "/tag/detail", self._tag_details),
            ("GET", r"/tag/(\d+)", self._tag),
            ("DELETE", r"/tag/(\d+)", self._delete_tag),
            ("GET", "/queue", self._queue),
            ("GET", "/queue/details", self._queue_details),
            ("DELETE", r"/queue/(\d+)", self._delete_download),
            ("GET", "/history", self._history),
            ("GET", "/qualityprofile", self._profiles),
            ("GET", "/command", self._commands),
            ("POST", "/command", self._command),
            ("GET", r"/command/(\d+)", self._one_command),
        ]

    # -- system --------------------------------------------------------------

    async def _nothing(self, call: Call) -> Answer:
        """Answer `GET /health` and other routes whose lists are always empty."""
        return as_json([])

    async def _status(self, call: Call) -> Answer:
        """Answer `GET /system/status`."""
        return as_json(
            {
                "appName": self.app_name,
                "instanceName": self.instance_name,
                "version": self.version,
                "buildTime": when(self._started),
                "isDebug": False,
                "isProduction": True,
                "isAdmin": False,
                "isUserInteractive": True,
                "startupPath": f"/app/{self.app_name.lower()}/bin",
                "appData": "/config",
                "osName": "debian",
                "osVersion": "12",
                "isNetCore": True,
                "isLinux": True,
                "isOsx": False,
                "isWindows": False,
                "isDocker": True,
                "mode": "console",
                "branch": "main",
                "databaseType": "sqLite",
                "databaseVersion": "3.50.4",
                "authentication": "forms",
                "migrationVersion": self.migration,
                "urlBase": self.base_path,
                "runtimeVersion": "10.0.12",
                "runtimeName": "netcore",
                "startTime": when(self._started),
                "packageUpdateMechanism": "builtIn",
            }
        )

    async def _diskspace(self, call: Call) -> Answer:
        """Answer `GET /diskspace`."""
        disk = self.household.disk
        used = sum(file.size for file in disk.files.values())
        return as_json(
            [
                {
                    "path": "/",
                    "label": "",
                    "freeSpace": disk.free,
                    "totalSpace": disk.free + used,
                }
            ]
        )

    async def _root_folders(self, call: Call) -> Answer:
        """Answer `GET /rootfolder`."""
        disk, rows = self.household.disk, []
        known = {disk.resolve(path) for path in self.title_paths().values()}
        for number, folder in enumerate(self.root_folders, start=1):
            row: Row = {"path": self.seen(folder), "accessible": disk.is_folder(folder)}
            if row["accessible"]:
                row["freeSpace"] = disk.free
                row["unmappedFolders"] = [
                    {
                        "name": name,
                        "path": self.seen(path),
                        "relativePath": name,
                    }
                    for path in disk.subfolders(folder)
                    if path not in known and (name := path.removeprefix(f"{folder}/"))
                ]
            rows.append(row | {"id": number})
        return as_json(rows)

    def _own_settings(self) -> Row:
        """Return the settings of media management that only this kind of server has."""
        raise NotImplementedError

    def _settings(self) -> Row:
        """Return the settings of media management."""
        return {
            **self._own_settings(),
            "recycleBin": self.seen(self.recycle.path) if self.recycle.path else "",
            "recycleBinCleanupDays": self.recycle.days,
            "downloadPropersAndRepacks": "preferAndUpgrade",
            "deleteEmptyFolders": self.delete_empty_folders,
            "fileDate": "none",
            "rescanAfterRefresh": "always",
            "setPermissionsLinux": False,
            "chmodFolder": "755",
            "chownGroup": "",
            "skipFreeSpaceCheckWhenImporting": False,
            "minimumFreeSpaceWhenImporting": 100,
            "copyUsingHardlinks": True,
            "useScriptImport": False,
            "scriptImportPath": "",
            "importExtraFiles": self.knows_sidecars,
            "extraFileExtensions": "srt",
            "enableMediaInfo": True,
            "id": 1,
        }

    async def _media_management(self, call: Call) -> Answer:
        """Answer `GET /config/mediamanagement`."""
        return as_json(self._settings())

    async def _put_media_management(self, call: Call) -> Answer:
        """Answer `PUT /config/mediamanagement`."""
        body = call.body
        self.recycle.path = self.real(body.get("recycleBin") or "") or None
        self.recycle.days = body.get("recycleBinCleanupDays", self.recycle.days)
        self.delete_empty_folders = bool(body.get("deleteEmptyFolders"))
        return as_json(self._settings(), 202)

    async def _profiles(self, call: Call) -> Answer:
        """Answer `GET /qualityprofile`."""
        return as_json(
            [
                {
                    "name": name,
                    "upgradeAllowed": False,
                    "cutoff": 7,
                    "items": [],
                    "minFormatScore": 0,
                    "cutoffFormatScore": 0,
                    "minUpgradeFormatScore": 1,
                    "formatItems": [],
                    "id": number,
                }
                for number, name in self.profiles.items()
            ]
        )

    # -- tags ----------------------------------------------------------------

    async def _tags(self, call: Call) -> Answer:
        """Answer `GET /tag`."""
        return as_json([self.tags.row(number) for number in sorted(self.tags)])

    async def _tag(self, call: Call) -> Answer:
        """Answer `GET /tag/{id}`."""
        return as_json(self.tags.row(call.id))

    async def _add_tag(self, call: Call) -> Answer:
        """Answer `POST /tag`."""
        return self.tags.create(call.body.get("label"))

    async def _delete_tag(self, call: Call) -> Answer:
        """Answer `DELETE /tag/{id}`."""
        return self.tags.delete(call.id, in_use=bool(self.tagged(call.id)))

    def _own_tag_details(self, number: int) -> Row:
        """Return what uses a tag, beyond what Radarr and Sonarr share."""
        raise NotImplementedError

    async def _tag_details(self, call: Call) -> Answer:
        """Answer `GET /tag/detail`."""
        return as_json(
            [
                {
                    "label": self.tags[number],
                    "delayProfileIds": [],
                    "importListIds": [],
                    "notificationIds": [],
                    "indexerIds": [],
                    "downloadClientIds": [],
                    "autoTagIds": [],
                    **self._own_tag_details(number),
                    "id": number,
                }
                for number in sorted(self.tags)
            ]
        )

    # -- queue and history ---------------------------------------------------

    def _download_row(self, download: Download) -> Row:
        """Return an item of the queue."""
        row: Row = {}
        if download.title_id is not None:
            row[self.title_key] = download.title_id
        return row | {
            "languages": LANGUAGES,
            "quality": quality(self.app_name, 3),
            "customFormats": [],
            "customFormatScore": 0,
            "size": download.size,
            "title": download.title,
            "estimatedCompletionTime": when(self.household.now()),
            "status": "downloading",
            "trackedDownloadStatus": "ok",
            "trackedDownloadState": "downloading",
            "statusMessages": [],
            "downloadId": f"BH_{download.title}",
            "protocol": "usenet",
            "downloadClient": "BH",
            "downloadClientHasPostImportCategory": False,
            "outputPath": f"/downloads/watch/{download.title}",
            "sizeleft": 0,
            "timeleft": "00:00:29.9999649",
            "id": download.id,
        }

    async def _queue(self, call: Call) -> Answer:
        """Answer `GET /queue`."""
        unknown_too = call.parameters.flag(f"includeUnknown{self._unknown_items}")
        downloads = [
            each for each in self.queue if unknown_too or each.title_id is not None
        ]
        return paged([self._download_row(each) for each in downloads], call, "timeleft")

    async def _queue_details(self, call: Call) -> Answer:
        """Answer `GET /queue/details`."""
        wanted = call.parameters.number(self.title_key)
        return as_json(
            [
                self._download_row(each)
                for each in self.queue
                if each.title_id is not None and wanted in (None, each.title_id)
            ]
        )

    async def _delete_download(self, call: Call) -> Answer:
        """Answer `DELETE /queue/{id}`."""
        for each in self.queue:
            if each.id == call.id:
                self.queue.remove(each)
                return Answer()
        raise unknown("Queue", call.id)

    @property
    def _unknown_items(self) -> str:
        """Return what the queue calls items whose title is gone."""
        return "MovieItems" if self.app_name == "Radarr" else "SeriesItems"

    def _event_row(self, event: Event) -> Row:
        """Return an entry of the history."""
        row: Row = {self.title_key: event.title_id}
        if event.episode_id is not None:
            row["episodeId"] = event.episode_id
        return row | {
            "sourceTitle": event.source_title,
            "languages": LANGUAGES,
            "quality": quality(self.app_name, 7),
            "customFormats": [],
            "customFormatScore": 0,
            "qualityCutoffNotMet": False,
            "date": when(event.date),
            "eventType": event.type,
            "data": event.data,
            "id": event.id,
        }

    async def _history(self, call: Call) -> Answer:
        """Answer `GET /history`."""
        rows = [self._event_row(event) for event in reversed(self.history)]
        return paged(rows, call, "date")
