"""A small JSON endpoint by which another process steers the household and its servers."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
import re
from typing import Any

from .arr_commands import ArrCommands
from .faults import Answer, Fault, FaultKind, Request, as_json
from .household import Household
from .items import Episode, Item, Movie, Series, User, Video
from .jellystat import JellystatSimulator
from .server import Simulator

type Command = Callable[[Mapping[str, Any]], Awaitable[Any]]

_EPISODE = re.compile(r"^(?P<series>.+) S(?P<season>\d+)E(?P<number>\d+)$")


class MovableClock:
    """The real time, moved on by hand."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        """Start with an offset."""
        self.offset = offset

    def __call__(self) -> datetime:
        """Return the household's time."""
        return datetime.now(UTC) + self.offset


class ControlServer(ArrCommands):
    """Takes `POST /control/{command}` with a JSON object, and answers with JSON."""

    def __init__(
        self,
        household: Household,
        servers: Mapping[str, Simulator],
        clock: MovableClock,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Steer a household and its servers."""
        super().__init__(household, host=host, port=port)
        self.servers = servers
        self.clock = clock
        self._known: dict[str, Item] = {}
        self._commands: dict[str, Command] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }

    async def answer(self, request: Request) -> Answer:
        """Carry out a command."""
        prefix, _, name = request.path.strip("/").partition("/")
        command = self._commands.get(name)
        if prefix != "control" or command is None:
            return as_json(
                {"error": "unknown command", "commands": sorted(self._commands)}, 404
            )
        self._known |= {item.id: item for item in self.household.items}
        try:
            result = await command(
                request.body if isinstance(request.body, dict) else {}
            )
        except (
            KeyError,
            ValueError,
            TypeError,
            AssertionError,
        ) as error:
            return as_json({"error": f"{type(error).__name__}: {error}"}, 400)
        return as_json(result if result is not None else {"ok": True})

    # -- looking -------------------------------------------------------------

    async def _do_state(self, _: Mapping[str, Any]) -> Any:
        """Return what exists and what is going on."""
        house = self.household
        return {
            "now": house.now().isoformat(),
            "servers": {
                name: {
                    "url": server.url,
                    "api_key": server.api_key,
                    "running": server.running,
                    "requests": len(server.requests),
                    "in_flight_peak": server.in_flight_peak,
                }
                for name, server in self.servers.items()
            },
            "users": [{"id": user.id, "name": user.name} for user in house.users],
            "items": [_item_row(item) for item in house.items],
            "sessions": [
                {"user": session.user.name, "item": session.item.id}
                for session in house.sessions
                if session.item is not None
            ],
            "plays": len(house.plays),
            "scanning": house.scanning,
        }

    async def _do_files(self, _: Mapping[str, Any]) -> Any:
        """Return the paths of all files."""
        return sorted(self.household.files)

    async def _do_item(self, body: Mapping[str, Any]) -> Any:
        """Return an item, and what everybody did with it."""
        item = self._item(body)
        return _item_row(item) | {
            "listed": item in self.household,
            "on_disk": item.path is not None and self.household.disk.has(item.path),
            "users": {
                user.name: {
                    "played": data.played,
                    "play_count": data.play_count,
                    "last_played": data.last_played.isoformat()
                    if data.last_played
                    else None,
                    "favourite": data.favourite,
                }
                for user in self.household.users
                if (data := self.household.data(user, item))
            },
        }

    async def _do_requests(self, body: Mapping[str, Any]) -> Any:
        """Return the requests that a server had."""
        since = int(body.get("since", 0))
        server = self._server(body)
        return [
            {
                "method": each.method,
                "path": each.path,
                "query": dict(each.query),
                "body": each.body if isinstance(each.body, dict | list) else None,
                "status": each.status,
            }
            for each in server.requests[since:]
        ]

    async def _do_clear_requests(self, body: Mapping[str, Any]) -> None:
        """Forget the requests that a server had."""
        server = self._server(body)
        server.requests.clear()
        server.in_flight_peak = 0

    # -- the servers ---------------------------------------------------------

    async def _do_fault(self, body: Mapping[str, Any]) -> Any:
        """Switch a fault of a server on, and return all of them."""
        options = {
            name: body[name]
            for name in ("method", "path", "times", "after", "delay")
            if name in body
        }
        self._server(body).faults.append(Fault(FaultKind(body["kind"]), **options))
        return await self._do_faults(body)

    async def _do_faults(self, body: Mapping[str, Any]) -> Any:
        """Return the faults of a server."""
        return [
            {
                "kind": fault.kind,
                "method": fault.method,
                "path": fault.path,
                "times": fault.times,
                "hits": fault.hits,
            }
            for fault in self._server(body).faults
        ]

    async def _do_clear_faults(self, body: Mapping[str, Any]) -> None:
        """Switch all faults off, of one server or of every one."""
        for name, server in self.servers.items():
            if body.get("server") in (None, name):
                server.faults.clear()

    async def _do_stop_server(self, body: Mapping[str, Any]) -> None:
        """Stop a server."""
        await self._server(body).stop()

    async def _do_start_server(self, body: Mapping[str, Any]) -> None:
        """Start a server again."""
        server = self._server(body)
        if isinstance(server, JellystatSimulator):
            await server.restart()
        else:
            await server.start()

    async def _do_set(self, body: Mapping[str, Any]) -> None:
        """Set a switch of a server: `database_up`, `keeps_deleted_rows`, `starting` and the like."""
        server, name, value = self._server(body), body["name"], body["value"]
        if not isinstance(getattr(server, name), bool | int | float | str):
            raise TypeError(f"{name} is no switch")
        setattr(server, name, value)

    # -- time and scans ------------------------------------------------------

    async def _do_tick(self, body: Mapping[str, Any]) -> Any:
        """Let time pass."""
        self.clock.offset += timedelta(
            days=body.get("days", 0),
            hours=body.get("hours", 0),
            seconds=body.get("seconds", 0),
        )
        self.household.settle()
        return {"now": self.household.now().isoformat()}

    async def _do_scan(self, body: Mapping[str, Any]) -> None:
        """Scan the libraries, at once or over some seconds."""
        if (seconds := body.get("seconds")) is not None:
            self.household.scan_duration = timedelta(seconds=seconds)
            self.household.start_scan()
        else:
            self.household.scan()

    async def _do_jellystat_full_sync(self, _: Mapping[str, Any]) -> None:
        """Let Jellystat read all of Jellyfin."""
        self.household.jellystat_full_sync()

    # -- watching ------------------------------------------------------------

    async def _do_play(self, body: Mapping[str, Any]) -> None:
        """Let a user play something, from its start to an end in the past or now."""
        self.household.play(
            self._user(body),
            self._video(body),
            body.get("fraction", 0.96),
            at=_date(body),
        )

    async def _do_start(self, body: Mapping[str, Any]) -> None:
        """Let a user start to play something."""
        self.household.start_playback(self._user(body), self._video(body))

    async def _do_stop(self, body: Mapping[str, Any]) -> None:
        """Let a user stop playing something."""
        self.household.stop_playback(
            self._user(body), self._video(body), fraction=body.get("fraction", 0.96)
        )

    async def _do_mark(self, body: Mapping[str, Any]) -> None:
        """Let a user mark something as played."""
        self.household.mark_played(self._user(body), self._item(body), _date(body))

    async def _do_unmark(self, body: Mapping[str, Any]) -> None:
        """Let a user take such a mark away."""
        self.household.unmark_played(self._user(body), self._item(body))

    async def _do_favourite(self, body: Mapping[str, Any]) -> None:
        """Add something to a user's favourites, or remove it."""
        self.household.set_favourite(
            self._user(body), self._item(body), body.get("value", True)
        )

    # -- the disk ------------------------------------------------------------

    async def _do_add_movie(self, body: Mapping[str, Any]) -> Any:
        """Add a film."""
        options = {
            name: body[name]
            for name in ("year", "library", "size", "tags")
            if name in body
        }
        movie = self.household.add_movie(
            body["name"], provider_ids=body.get("provider_ids"), **options
        )
        return _item_row(movie)

    async def _do_add_episode(self, body: Mapping[str, Any]) -> Any:
        """Add an episode to a series."""
        series = self._item(body)
        assert isinstance(series, Series)
        episode = self.household.add_episode(
            series,
            season=body["season"],
            number=body["number"],
            title=body.get("title"),
        )
        return _item_row(episode)

    async def _do_rename(self, body: Mapping[str, Any]) -> Any:
        """Move an item on the disk."""
        item = self._item(body)
        self.household.rename(item, body["path"])
        return _item_row(item)

    async def _do_replace(self, body: Mapping[str, Any]) -> Any:
        """Put a better file in the place of another one."""
        item = self._video(body)
        self.household.replace(item, size=body.get("size"))
        return _item_row(item)

    async def _do_identify(self, body: Mapping[str, Any]) -> None:
        """Give an item other provider ids."""
        self.household.identify(self._item(body), body["provider_ids"])

    async def _do_renumber(self, body: Mapping[str, Any]) -> None:
        """Give episodes other numbers: `numbers` by "Series S01E02" to "S00E01"."""
        numbers: dict[Episode, tuple[int, int]] = {}
        for name, wanted in body["numbers"].items():
            episode = self._item({"item": name})
            match = _EPISODE.match(f"- {wanted}")
            assert isinstance(episode, Episode) and match is not None
            numbers[episode] = int(match["season"]), int(match["number"])
        self.household.renumber(numbers)

    async def _do_remove_file(self, body: Mapping[str, Any]) -> None:
        """Remove a file without telling anybody."""
        self.household.remove_file(self._video(body))

    async def _do_delete(self, body: Mapping[str, Any]) -> None:
        """Delete an item with its files."""
        self.household.delete(self._item(body))

    async def _do_bring_back(self, body: Mapping[str, Any]) -> Any:
        """Bring a deleted film or episode back."""
        item = self._item(body)
        assert isinstance(item, Movie | Episode)
        self.household.bring_back(item, path=body.get("path"))
        return _item_row(item)

    async def _do_lock(self, body: Mapping[str, Any]) -> None:
        """Make an item's file one that cannot be removed, or removable again."""
        path = self._item(body).path
        assert path is not None
        if body.get("value", True):
            self.household.disk.locked.add(path)
        else:
            self.household.disk.locked.discard(path)

    # -- finding -------------------------------------------------------------

    def _server(self, body: Mapping[str, Any]) -> Simulator:
        """Return the server that a command names."""
        return self.servers[body["server"]]

    def _user(self, body: Mapping[str, Any]) -> User:
        """Return the user that a command names, by id or name."""
        for user in self.household.users:
            if body["user"] in (user.id, user.name):
                return user
        raise KeyError(body["user"])

    def _video(self, body: Mapping[str, Any]) -> Video:
        """Return the film or episode that a command names."""
        item = self._item(body)
        assert isinstance(item, Video)
        return item

    def _item(self, body: Mapping[str, Any]) -> Item:
        """Return an item by id, name or "Series S01E02", also one that has been deleted."""
        wanted = body["item"]
        if (item := self.household.get(wanted) or self._known.get(wanted)) is not None:
            return item
        if match := _EPISODE.match(wanted):
            for item in self._known.values():
                if (
                    isinstance(item, Episode)
                    and item.series.name == match["series"]
                    and (item.season.number, item.number)
                    == (int(match["season"]), int(match["number"]))
                ):
                    return item
        try:
            return self.household[wanted]
        except KeyError:
            for item in self._known.values():
                if item.name == wanted:
                    return item
            raise


def _date(body: Mapping[str, Any]) -> datetime | None:
    """Return the date in a command, None where there is none."""
    return datetime.fromisoformat(body["at"]) if "at" in body else None


def _item_row(item: Item) -> dict[str, Any]:
    """Return an item as commands show it."""
    return {
        "id": item.id,
        "type": item.type,
        "name": item.name,
        "series": item.series.name if isinstance(item, Episode) else None,
        "path": item.path,
        "size": item.size if isinstance(item, Video) else None,
    }
