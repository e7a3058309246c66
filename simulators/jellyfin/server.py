"""The server: routes, rights, and every read but `GET /Items`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5
import re
from typing import Any
from urllib.parse import urlsplit

from ..faults import Answer, Request, as_html, as_json, as_text
from ..household import Household
from ..items import BoxSet, Item, User, jellyfin_id
from ..posters import poster
from ..server import Simulator
from ..viewing import Session
from . import deletion
from .auth import Caller, token_of
from .dates import guid, iso
from .query import BadRequest, Failed, Finder, Parameters, Unknown, parse_query
from .rows import Row, Rows, Shape, image_tag
from .system import (
    configuration,
    library_options,
    private_info,
    public_info,
    storage,
    user_row,
)
from .version import Line

type Handler = Callable[[Call], Awaitable[Answer]]

_ACTIVITY_LOG_DAYS = timedelta(days=30)
_EVERY_FIELD = frozenset(
    {
        "datecreated",
        "path",
        "providerids",
        "tags",
        "sortname",
        "parentid",
        "mediasources",
        "mediasourcecount",
    }
)


@dataclass(slots=True)
class Call:
    """A request on its way through a handler."""

    request: Request
    caller: Caller
    parameters: Parameters
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A route; only `anonymous` ones need no key, `elevated` ones an administrator."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    anonymous: bool = False
    elevated: bool = False


class JellyfinSimulator(Simulator):
    """A Jellyfin over a household."""

    def __init__(
        self,
        household: Household,
        version: str = "10.11.11",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        base_path: str = "",
        tls: bool = False,
        name: str = "household",
    ) -> None:
        """Prepare a server of a version."""
        super().__init__(household, host=host, port=port, base_path=base_path, tls=tls)
        self.line = Line.of(version)
        self.version = ".".join([*version.partition("-")[0].split("."), "0", "0"][:3])
        self.name = name
        self.api_key = md5(f"key/{name}".encode(), usedforsecurity=False).hexdigest()
        self.server_id = md5(
            f"server/{name}".encode(), usedforsecurity=False
        ).hexdigest()
        self.legacy_authorization = self.line is not Line.V12
        #: Every row stays listed after its deletion, until the next scan.
        self.keeps_deleted_rows = False
        #: The server is starting or migrating its database.
        self.starting = False
        self.rows = Rows(household, self.line, self.server_id)
        self.finder = Finder(household, self.line, self.rows)
        self._routes = self._all_routes()

    def token(self, user: User) -> str:
        """Return the access token of a user."""
        return md5(f"token/{user.id}".encode(), usedforsecurity=False).hexdigest()

    @property
    def table_size(self) -> int:
        """Return the number of items."""
        return self.household.size

    def _all_routes(self) -> list[Route]:
        def route(method: str, path: str, handler: Handler, **rights: bool) -> Route:
            pattern = re.compile(
                "^" + path.replace("{id}", "([^/]+)") + "/?$", re.IGNORECASE
            )
            return Route(method, pattern, handler, **rights)

        routes = [
            route("GET", "/health", self._health, anonymous=True),
            route("GET", "/System/Ping", self._ping, anonymous=True),
            route("POST", "/System/Ping", self._ping, anonymous=True),
            route("GET", "/System/Info/Public", self._public_info, anonymous=True),
            route("GET", "/System/Info", self._info),
            route("GET", "/System/Configuration", self._configuration),
            route(
                "GET", "/System/ActivityLog/Entries", self._activity_log, elevated=True
            ),
            route("GET", "/Users", self._users),
            route("GET", "/UserViews", self._user_views),
            route("GET", "/Sessions", self._sessions),
            route("GET", "/ScheduledTasks", self._scheduled_tasks, elevated=True),
            route(
                "GET", "/Library/VirtualFolders", self._virtual_folders, elevated=True
            ),
            route("POST", "/Library/Media/Updated", self._media_updated),
            route("POST", "/Library/Refresh", self._refresh, elevated=True),
            route("GET", "/Items", self._items),
            route("DELETE", "/Items", self._delete_items),
            route("GET", "/Items/{id}", self._item),
            route("DELETE", "/Items/{id}", self._delete_item),
            route("GET", "/Items/{id}/Images/Primary", self._image, anonymous=True),
            route("POST", "/UserPlayedItems/{id}", self._mark_played),
            route("DELETE", "/UserPlayedItems/{id}", self._unmark_played),
            route("POST", "/UserFavoriteItems/{id}", self._mark_favourite),
            route("DELETE", "/UserFavoriteItems/{id}", self._unmark_favourite),
            route("POST", "/Collections", self._create_collection),
            route("POST", "/Collections/{id}/Items", self._add_to_collection),
            route("DELETE", "/Collections/{id}/Items", self._remove_from_collection),
        ]
        if self.line is not Line.V10_10:
            routes.append(
                route("GET", "/System/Info/Storage", self._storage, elevated=True)
            )
        return routes

    # -- from request to handler ---------------------------------------------

    async def answer(self, request: Request) -> Answer:
        """Answer a request."""
        if self.starting:
            return Answer(503, b"Starting", "text/html", {"Retry-After": "005"})
        self.household.settle()
        path = request.path
        if self.base_path:
            if not path.lower().startswith(f"{self.base_path.lower()}/"):
                return Answer(302, headers={"Location": f"{self.base_path}/web/"})
            path = path[len(self.base_path) :]
        if path == "/" or path.lower().startswith("/web"):
            return as_html("Jellyfin")
        matches = [
            (route, match)
            for route in self._routes
            if (match := route.pattern.match(path))
        ]
        for route, match in matches:
            if route.method == request.method:
                return await self._call(route, request, match.groups())
        return (
            Answer(405, headers={"Allow": matches[0][0].method})
            if matches
            else Answer(404)
        )

    async def _call(
        self, route: Route, request: Request, arguments: tuple[str, ...]
    ) -> Answer:
        caller = self._caller(request)
        if not route.anonymous:
            if caller is None:
                return Answer(401)
            if route.elevated and not caller.elevated:
                return Answer(403)
        try:
            call = Call(
                request, caller or Caller(), Parameters(request.query), arguments
            )
            return await route.handler(call)
        except BadRequest as error:
            return problem(400, error.parameter, error.value)
        except Unknown:
            return as_text("Error processing request.", 404)
        except Failed:
            return as_text("Error processing request.", 500)

    def _caller(self, request: Request) -> Caller | None:
        token = token_of(
            request.headers,
            request.query,
            legacy=self.legacy_authorization,
            old_order=self.line is Line.V10_10,
        )
        if token == self.api_key:
            return Caller()
        for user in self.household.users:
            if token == self.token(user) and not user.disabled:
                return Caller(user)
        return None

    def _user(self, call: Call) -> User | None:
        """Return the user a caller looks at: a key sees for any, a user without rights for itself only."""
        user_id = call.parameters.guid("userid")
        if user_id is None:
            return call.caller.user
        for user in self.household.users:
            if user.id == user_id:
                if call.caller.elevated or call.caller.user is user:
                    return user
                raise Unknown
        raise Unknown

    # -- system --------------------------------------------------------------

    async def _health(self, call: Call) -> Answer:
        return as_text("Healthy")

    async def _ping(self, call: Call) -> Answer:
        return as_json("Jellyfin Server")

    async def _public_info(self, call: Call) -> Answer:
        return as_json(public_info(self))

    async def _info(self, call: Call) -> Answer:
        return as_json(private_info(self))

    async def _storage(self, call: Call) -> Answer:
        return as_json(storage(self.household))

    async def _configuration(self, call: Call) -> Answer:
        return as_json(configuration(legacy=self.legacy_authorization, line=self.line))

    async def _activity_log(self, call: Call) -> Answer:
        since = self.household.now() - _ACTIVITY_LOG_DAYS
        since = max(since, call.parameters.date("mindate") or since)
        entries = [entry for entry in self.household.activities if entry.date >= since]
        if call.parameters.flag("hasuserid") is False:
            entries = []
        entries.sort(key=lambda entry: (entry.date, entry.id), reverse=True)
        start = call.parameters.number("startindex") or 0
        limit = call.parameters.number("limit")
        rows = []
        for entry in entries[start : None if limit is None else start + limit]:
            row: Row = {"Id": entry.id, "Name": entry.name, "Type": entry.type}
            if entry.item_id is not None:
                row["ItemId"] = entry.item_id
            else:
                row["ShortOverview"] = "IP address: 127.0.0.1"
            row |= {
                "Date": iso(entry.date),
                "UserId": entry.user_id,
                "Severity": "Information",
            }
            rows.append(row)
        return as_json(
            {"Items": rows, "TotalRecordCount": len(entries), "StartIndex": start}
        )

    async def _scheduled_tasks(self, call: Call) -> Answer:
        running = self.household.scanning
        row: Row = {
            "Name": "Scan Media Library",
            "State": "Running" if running else "Idle",
            "Id": "7738148ffcd07979c7ceb148e06b3aed",
            "Triggers": [{"Type": "IntervalTrigger", "IntervalTicks": 432_000_000_000}],
            "Description": "Scans your media library for new files and refreshes metadata.",
            "Category": "Library",
            "IsHidden": False,
            "Key": "RefreshLibrary",
        }
        if running:
            row["CurrentProgressPercentage"] = 40.0
        if self.household.last_scan:
            began, ended = self.household.last_scan
            row["LastExecutionResult"] = {
                "StartTimeUtc": iso(began),
                "EndTimeUtc": iso(ended),
                "Status": "Completed",
                "Name": row["Name"],
                "Key": row["Key"],
                "Id": row["Id"],
            }
        return as_json([row])

    # -- users and sessions --------------------------------------------------

    async def _users(self, call: Call) -> Answer:
        disabled = call.parameters.flag("isdisabled")
        users = [
            user
            for user in self.household.users
            if disabled is None or user.disabled is disabled
        ]
        if not call.caller.elevated:
            users = [user for user in users if user is call.caller.user]
        users.sort(key=lambda user: user.name.lower())
        return as_json(
            [user_row(user, self.server_id, self.household) for user in users]
        )

    async def _user_views(self, call: Call) -> Answer:
        user = self._user(call)
        if user is None:
            return as_text("Error processing request.", 400)
        rows = [
            self.rows.library_row(library)
            for library in self.household.libraries
            if user.sees(library)
        ]
        return as_json({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})

    async def _sessions(self, call: Call) -> Answer:
        within = call.parameters.number("activewithinseconds")
        now = self.household.now()
        sessions = []
        for session in self.household.sessions:
            if session.item is not None:
                session.last_activity = session.check_in = max(
                    now, session.last_activity
                )
            if within is None or session.last_activity >= now - timedelta(
                seconds=within
            ):
                sessions.append(session)
        if not call.caller.elevated:
            sessions = [
                session for session in sessions if session.user is call.caller.user
            ]
        sessions.sort(key=lambda session: session.last_activity, reverse=True)
        return as_json([self._session_row(session) for session in sessions])

    def _session_row(self, session: Session) -> Row:
        state: Row = {
            "CanSeek": session.item is not None,
            "IsPaused": session.paused,
            "IsMuted": False,
            "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default",
        }
        row: Row = {
            "PlayState": state,
            "AdditionalUsers": [],
            "Capabilities": {
                "PlayableMediaTypes": [],
                "SupportedCommands": [],
                "SupportsMediaControl": False,
                "SupportsPersistentIdentifier": True,
            },
            "RemoteEndPoint": "127.0.0.1",
            "PlayableMediaTypes": [],
            "Id": session.id,
            "UserId": session.user.id,
            "UserName": session.user.name,
            "Client": "Jellyfin Web",
            "LastActivityDate": iso(session.last_activity),
            "LastPlaybackCheckIn": iso(session.check_in)
            if session.check_in
            else "0001-01-01T00:00:00.0000000Z",
            "DeviceName": session.device,
            "DeviceId": session.id,
            "ApplicationVersion": self.version,
            "IsActive": True,
            "SupportsMediaControl": False,
            "SupportsRemoteControl": False,
            "NowPlayingQueue": [],
            "HasCustomDeviceName": False,
            "ServerId": self.server_id,
            "SupportedCommands": [],
        }
        if self.line is not Line.V12:
            row["NowPlayingQueueFullItems"] = []
        if session.item is not None:
            state |= {
                "PositionTicks": session.position,
                "MediaSourceId": session.source_id,
                "PlayMethod": "DirectPlay",
            }
            row["NowPlayingItem"] = self._now_playing(session)
        return row

    def _now_playing(self, session: Session) -> Row:
        assert session.item is not None
        item = session.item
        row = self.rows.row(
            item, Shape({"datecreated", "path", "providerids", "parentid"})
        )
        row["Id"] = session.source_id
        row |= {
            "ExternalUrls": [],
            "EnableMediaSourceDisplay": True,
            "Taglines": [],
            "Genres": [],
            "Studios": [],
            "GenreItems": [],
            "LocalTrailerCount": 0,
            "SpecialFeatureCount": 0,
            "PrimaryImageAspectRatio": 0.6666666666666666,
            "MediaStreams": [self.rows.stream()],
            "Chapters": [],
            "Trickplay": {},
            "Width": 1920,
            "Height": 1080,
        }
        if "SeriesName" in row and self.line is not Line.V10_10:
            row["SeriesStudio"] = ""
        return row

    # -- libraries -----------------------------------------------------------

    async def _virtual_folders(self, call: Call) -> Answer:
        rows = []
        for library in self.household.libraries:
            row: Row = {"Name": library.name, "Locations": list(library.locations)}
            if library.collection_type is not None:
                row["CollectionType"] = library.collection_type
            row["LibraryOptions"] = library_options(library, self.line)
            row["ItemId"] = library.id
            row["RefreshStatus"] = "Active" if self.household.scanning else "Idle"
            rows.append(row)
        return as_json(rows)

    async def _media_updated(self, call: Call) -> Answer:
        body = call.request.body
        if not isinstance(body, dict):
            raise BadRequest("updates", "")
        for update in body.get("Updates") or []:
            self.household.rescan(update["Path"])
        return Answer(204)

    async def _refresh(self, call: Call) -> Answer:
        self.household.start_scan()
        return Answer(204)

    # -- items ---------------------------------------------------------------

    async def _items(self, call: Call) -> Answer:
        if self.cost is not None:
            await self._pause(self.cost(call.request, self.table_size))
        user = self._user(call)
        query = parse_query(call.parameters, user)
        found, total = self.finder.find(query)
        fields = frozenset(call.parameters.names("fields"))
        shape = Shape(
            fields=fields,
            images=call.parameters.flag("enableimages") is not False,
            image_types=frozenset(call.parameters.names("enableimagetypes")),
            user=user,
            user_data=call.parameters.flag("enableuserdata") is not False,
        )
        rows = [self.rows.row(item, shape) for item in found]
        return as_json(
            {"Items": rows, "TotalRecordCount": total, "StartIndex": query.start}
        )

    async def _item(self, call: Call) -> Answer:
        user = self._user(call)
        item_id = self._path_id(call)
        if user is None:
            return as_text("Error processing request.", 400)
        item = self.household.get(item_id) or self.household.collections.get(item_id)
        if item is None or (isinstance(item, Item) and not user.sees(item.library)):
            return problem(404)
        return as_json(self.rows.row(item, Shape(_EVERY_FIELD, user=user)))

    async def _delete_item(self, call: Call) -> Answer:
        return self._delete([self._path_id(call)], call.caller)

    async def _delete_items(self, call: Call) -> Answer:
        return self._delete(call.parameters.guids("ids"), call.caller)

    def _delete(self, ids: list[str], caller: Caller) -> Answer:
        for item_id in ids:
            target = deletion.find(self.household, self.finder, item_id)
            if target is None:
                return problem(404)
            if not caller.is_key and not (
                caller.user is not None and caller.user.may_delete
            ):
                return as_json("Unauthorized access", 401)
            deletion.delete(
                self.household,
                self.finder,
                target,
                self.line,
                keep_row=self.keeps_deleted_rows,
            )
        return Answer(204)

    async def _image(self, call: Call) -> Answer:
        item = self.household.get(self._path_id(call))
        if item is None or not item.image:
            return problem(404)
        height = (
            call.parameters.number("maxheight")
            or call.parameters.number("fillheight")
            or 600
        )
        picture = poster(item.name, item.year, height=min(height, 600))
        headers = {
            "ETag": f'"{image_tag(item)}"',
            "Cache-Control": "public, max-age=31536000",
        }
        return Answer(200, picture, "image/jpeg", headers)

    # -- user data -----------------------------------------------------------

    async def _mark_played(self, call: Call) -> Answer:
        user, item = self._user_and_item(call)
        if not self.rows.lies(item):
            self.household.mark_played(user, item, call.parameters.date("dateplayed"))
        return as_json(self.rows.user_data(item, user))

    async def _unmark_played(self, call: Call) -> Answer:
        user, item = self._user_and_item(call)
        self.household.unmark_played(user, item)
        return as_json(self.rows.user_data(item, user))

    async def _mark_favourite(self, call: Call) -> Answer:
        user, item = self._user_and_item(call)
        self.household.set_favourite(user, item, True)
        return as_json(self.rows.user_data(item, user))

    async def _unmark_favourite(self, call: Call) -> Answer:
        user, item = self._user_and_item(call)
        self.household.set_favourite(user, item, False)
        return as_json(self.rows.user_data(item, user))

    def _user_and_item(self, call: Call) -> tuple[User, Item]:
        user, item = self._user(call), self.household.get(self._path_id(call))
        if user is None or item is None:
            raise Unknown
        return user, item

    # -- collections ---------------------------------------------------------

    async def _create_collection(self, call: Call) -> Answer:
        name = call.parameters.text("name") or ""
        members = self._members(call.parameters.guids("ids"))
        if members is None:
            return as_text("Error processing request.", 400)
        first = not self.household.collections
        collection = BoxSet(
            id=jellyfin_id("BoxSet", f"/config/data/collections/{name} [boxset]"),
            name=name,
            date_created=self.household.now(),
            members=members,
        )
        self.household.collections[collection.id] = collection
        self.household.changed()
        if first:
            # The first one makes the collections library, and that starts a scan.
            self.household.start_scan()
        return as_json({"Id": collection.id})

    async def _add_to_collection(self, call: Call) -> Answer:
        collection = self._collection(call)
        members = self._members(call.parameters.guids("ids"))
        if collection is None:
            return problem(404)
        if members is None:
            return as_text("Error processing request.", 400)
        collection.members.extend(
            each for each in members if each not in collection.members
        )
        self.household.changed()
        return Answer(204)

    async def _remove_from_collection(self, call: Call) -> Answer:
        collection = self._collection(call)
        if collection is None:
            return problem(404)
        gone = set(call.parameters.guids("ids"))
        collection.members[:] = [
            each for each in collection.members if each not in gone
        ]
        self.household.changed()
        return Answer(204)

    def _collection(self, call: Call) -> BoxSet | None:
        return self.household.collections.get(self._path_id(call))

    def _members(self, ids: list[str]) -> list[str] | None:
        return (
            ids
            if all(self.household.get(item_id) is not None for item_id in ids)
            else None
        )

    @staticmethod
    def _path_id(call: Call) -> str:
        found = guid(call.arguments[0])
        if found is None:
            raise BadRequest("itemId", call.arguments[0])
        return found

    @property
    def local_address(self) -> str:
        """Return the address the server believes it has."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def problem(status: int, parameter: str | None = None, value: str = "") -> Answer:
    """Return the problem JSON of ASP.NET."""
    section = {400: "15.5.1", 404: "15.5.5"}[status]
    body: dict[str, Any] = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
        "title": "Not Found"
        if status == 404
        else "One or more validation errors occurred.",
        "status": status,
    }
    if parameter is not None:
        body["errors"] = {parameter: [f"The value '{value}' is not valid."]}
    body["traceId"] = "00-6f6883527a2f62f12cfae42ffcd28956-e8e608c9a93ef1bd-00"
    answer = as_json(body, status)
    answer.content_type = "application/problem+json; charset=utf-8"
    return answer
