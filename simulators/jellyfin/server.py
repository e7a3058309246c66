"""The server: routes, rights, and every read but `GET /Items`.

It is long because every route is a method here.
"""

from datetime import timedelta
from hashlib import md5
from time import monotonic
from urllib.parse import urlsplit

from ..faults import Answer, Request, as_html, as_json, as_text
from ..household import Household
from ..items import BoxSet, Item, Movie, User, jellyfin_id
from ..posters import poster
from ..server import Simulator
from . import deletion
from .auth import Caller, token_of
from .cost import MeasuredCost
from .environment import environment_routes
from .query import BadRequest, Failed, Finder, Parameters, Unknown, parse_query
from .routing import Call, Route, problem
from .rows import Rows, Shape, image_tag
from .sessions import session_row
from .system import (
    activity_row,
    configuration,
    private_info,
    public_info,
    scan_task,
    storage,
    user_row,
    virtual_folder,
)
from .version import Line

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
        """Return the routes of the line."""
        route = Route.of
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
            *environment_routes(self.household.disk),
            route("GET", "/Items", self._items),
            route("DELETE", "/Items", self._delete_items),
            route("GET", "/Items/{id}", self._item),
            route("GET", "/Videos/{id}/AdditionalParts", self._additional_parts),
            route("DELETE", "/Items/{id}", self._delete_item),
            route("GET", "/Items/{id}/Images/Primary", self._image, anonymous=True),
            route("GET", "/UserItems/{id}/UserData", self._user_item),
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
        """Check the rights of a caller, then let the handler answer."""
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
        """Return whose key or token a request brings, None if it is neither."""
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
        """Answer `GET /health`."""
        return as_text("Healthy")

    async def _ping(self, call: Call) -> Answer:
        """Answer `GET` and `POST /System/Ping`."""
        return as_json("Jellyfin Server")

    async def _public_info(self, call: Call) -> Answer:
        """Answer `GET /System/Info/Public`."""
        return as_json(public_info(self))

    async def _info(self, call: Call) -> Answer:
        """Answer `GET /System/Info`."""
        return as_json(private_info(self))

    async def _storage(self, call: Call) -> Answer:
        """Answer `GET /System/Info/Storage`."""
        return as_json(storage(self.household))

    async def _configuration(self, call: Call) -> Answer:
        """Answer `GET /System/Configuration`."""
        return as_json(configuration(legacy=self.legacy_authorization, line=self.line))

    async def _activity_log(self, call: Call) -> Answer:
        """Answer `GET /System/ActivityLog/Entries`."""
        since = self.household.now() - _ACTIVITY_LOG_DAYS
        since = max(since, call.parameters.date("mindate") or since)
        entries = [entry for entry in self.household.activities if entry.date >= since]
        if call.parameters.flag("hasuserid") is False:
            entries = []
        entries.sort(key=lambda entry: (entry.date, entry.id), reverse=True)
        start = call.parameters.number("startindex") or 0
        limit = call.parameters.number("limit")
        shown = entries[start : None if limit is None else start + limit]
        rows = [activity_row(entry) for entry in shown]
        return as_json(
            {"Items": rows, "TotalRecordCount": len(entries), "StartIndex": start}
        )

    async def _scheduled_tasks(self, call: Call) -> Answer:
        """Answer `GET /ScheduledTasks`."""
        return as_json([scan_task(self.household)])

    # -- users and sessions --------------------------------------------------

    async def _users(self, call: Call) -> Answer:
        """Answer `GET /Users`."""
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
        """Answer `GET /UserViews`."""
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
        """Answer `GET /Sessions`."""
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
        return as_json([session_row(self.rows, session, self) for session in sessions])

    # -- libraries -----------------------------------------------------------

    async def _virtual_folders(self, call: Call) -> Answer:
        """Answer `GET /Library/VirtualFolders`."""
        household = self.household
        rows = [
            virtual_folder(library, self.line, scanning=household.scanning)
            for library in household.libraries
        ]
        return as_json(rows)

    async def _media_updated(self, call: Call) -> Answer:
        """Answer `POST /Library/Media/Updated`."""
        body = call.request.body
        if not isinstance(body, dict):
            raise BadRequest("updates", "")
        for update in body.get("Updates") or []:
            self.household.rescan(update["Path"])
        return Answer(204)

    async def _refresh(self, call: Call) -> Answer:
        """Answer `POST /Library/Refresh`."""
        self.household.start_scan()
        return Answer(204)

    # -- items ---------------------------------------------------------------

    async def _items(self, call: Call) -> Answer:
        """Answer `GET /Items`."""
        begun = monotonic()
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
        answer = as_json(
            {"Items": rows, "TotalRecordCount": total, "StartIndex": query.start}
        )
        if self.cost is not None:
            seconds = self.cost(call.request, self.table_size)
            if isinstance(self.cost, MeasuredCost):
                seconds += self.cost.of_rows(found)
            # What the answer takes here is part of what it costs there.
            await self._pause(seconds - (monotonic() - begun))
        return answer

    async def _item(self, call: Call) -> Answer:
        """Answer `GET /Items/{id}`."""
        user = self._user(call)
        item_id = call.id
        if user is None:
            return as_text("Error processing request.", 400)
        item = self.household.get(item_id) or self.household.collections.get(item_id)
        if item is None or not self.household.sees(user, item):
            return problem(404)
        return as_json(self.rows.row(item, Shape(_EVERY_FIELD, user=user)))

    async def _delete_item(self, call: Call) -> Answer:
        """Answer `DELETE /Items/{id}`."""
        return self._delete([call.id], call.caller)

    async def _delete_items(self, call: Call) -> Answer:
        """Answer `DELETE /Items`."""
        return self._delete(call.parameters.guids("ids"), call.caller)

    def _delete(self, ids: list[str], caller: Caller) -> Answer:
        """Delete items one by one, stopping at the first that may not be deleted."""
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

    async def _additional_parts(self, call: Call) -> Answer:
        """Answer `GET /Videos/{id}/AdditionalParts`."""
        user, item = self._user(call), self.household.get(call.id)
        if item is None or (user is not None and not user.sees(item.library)):
            return problem(404)
        parts = item.parts if isinstance(item, Movie) and item.id == call.id else []
        shape = Shape(_EVERY_FIELD, user=user)
        rows = [self.rows.row(part, shape) for part in parts]
        return as_json({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})

    async def _image(self, call: Call) -> Answer:
        """Answer `GET /Items/{id}/Images/Primary`."""
        item = self.household.get(call.id)
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

    async def _user_item(self, call: Call) -> Answer:
        """Answer `GET /UserItems/{id}/UserData`: 404 for what the user does not see."""
        user, item = self._user_and_item(call)
        if not self.household.sees(user, item):
            return problem(404)
        return as_json(self.rows.user_data(item, user))

    async def _mark_played(self, call: Call) -> Answer:
        """Answer `POST /UserPlayedItems/{id}`."""
        user, item = self._user_and_item(call)
        if not self.rows.lies(item):
            self.household.mark_played(user, item, call.parameters.date("dateplayed"))
        return as_json(self.rows.user_data(item, user))

    async def _unmark_played(self, call: Call) -> Answer:
        """Answer `DELETE /UserPlayedItems/{id}`."""
        user, item = self._user_and_item(call)
        self.household.unmark_played(user, item)
        return as_json(self.rows.user_data(item, user))

    async def _mark_favourite(self, call: Call) -> Answer:
        """Answer `POST /UserFavoriteItems/{id}`."""
        user, item = self._user_and_item(call)
        self.household.set_favourite(user, item, True)
        return as_json(self.rows.user_data(item, user))

    async def _unmark_favourite(self, call: Call) -> Answer:
        """Answer `DELETE /UserFavoriteItems/{id}`."""
        user, item = self._user_and_item(call)
        self.household.set_favourite(user, item, False)
        return as_json(self.rows.user_data(item, user))

    def _user_and_item(self, call: Call) -> tuple[User, Item]:
        """Return the user and the item that a mark is for."""
        user, item = self._user(call), self.household.get(call.id)
        if user is None or item is None:
            raise Unknown
        return user, item

    # -- collections ---------------------------------------------------------

    async def _create_collection(self, call: Call) -> Answer:
        """Answer `POST /Collections`."""
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
        """Answer `POST /Collections/{id}/Items`."""
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
        """Answer `DELETE /Collections/{id}/Items`."""
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
        """Return the collection in the path."""
        return self.household.collections.get(call.id)

    def _members(self, ids: list[str]) -> list[str] | None:
        """Return the ids of members, None if one of them does not exist."""
        return (
            ids
            if all(self.household.get(item_id) is not None for item_id in ids)
            else None
        )

    @property
    def local_address(self) -> str:
        """Return the address the server believes it has."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"
