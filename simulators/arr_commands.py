"""The commands by which another process steers Radarr, Sonarr and Seerr."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .arr import RadarrSimulator, SonarrSimulator
from .arr.server import ArrSimulator
from .items import Item, Movie, Series, User
from .seerr import SeerrSimulator
from .server import Simulator

type Body = Mapping[str, Any]


class ArrCommands(Simulator):
    """The part of the control server that knows of them."""

    servers: Mapping[str, Simulator]

    def _user(self, body: Body) -> User:
        """Return the user that a command names."""
        raise NotImplementedError

    def _item(self, body: Body) -> Item:
        """Return the item that a command names."""
        raise NotImplementedError

    # -- looking -------------------------------------------------------------

    async def _do_arr(self, body: Body) -> Any:
        """Return what a Radarr or Sonarr has."""
        server = self._arr(body)
        if isinstance(server, RadarrSimulator):
            titles = [
                {
                    "id": each.id,
                    "title": each.title,
                    "monitored": each.monitored,
                    "has_file": each.file is not None,
                    "path": each.path,
                }
                for each in server.movies.values()
            ]
        else:
            assert isinstance(server, SonarrSimulator)
            titles = [
                {
                    "id": each.id,
                    "title": each.title,
                    "monitored": each.monitored,
                    "path": each.path,
                    "seasons": {str(n): flag for n, flag in each.seasons.items()},
                    "episodes": {
                        f"S{row.season:02}E{row.number:02}": {
                            "monitored": row.monitored,
                            "has_file": row.file_id > 0,
                        }
                        for row in each.episodes
                    },
                }
                for each in server.series.values()
            ]
        return {
            "titles": titles,
            "exclusions": [each.title for each in server.exclusions],
            "queue": [each.title for each in server.queue],
            "log": server.log,
        }

    async def _do_seerr(self, body: Body) -> Any:
        """Return all requests."""
        return [
            {
                "id": each.id,
                "user": each.account.name,
                "title": item.name
                if (item := each.media.item or each.media.item_4k)
                else None,
                "type": each.media.type,
                "status": int(each.status),
                "media_status": int(each.media.status),
                "is_4k": each.is_4k,
            }
            for each in self._seerr(body).requested_media
        ]

    # -- acting --------------------------------------------------------------

    async def _do_manage(self, body: Body) -> None:
        """Let a Radarr or Sonarr manage a title."""
        server, item = self._arr(body), self._item(body)
        options = {
            name: body[name] for name in ("monitored", "tags", "status") if name in body
        }
        if isinstance(server, RadarrSimulator):
            assert isinstance(item, Movie)
            server.manage(item, **options)
        else:
            assert isinstance(server, SonarrSimulator) and isinstance(item, Series)
            server.manage(item, **options)

    async def _do_unmanage(self, body: Body) -> None:
        """Let a Radarr or Sonarr stop managing a title."""
        server, item = self._arr(body), self._item(body)
        if isinstance(server, RadarrSimulator):
            assert isinstance(item, Movie)
            server.unmanage(item)
        else:
            assert isinstance(server, SonarrSimulator) and isinstance(item, Series)
            server.unmanage(item)

    async def _do_arr_rescan(self, body: Body) -> None:
        """Let a Radarr or Sonarr look at the disk."""
        self._arr(body).rescan()

    async def _do_arr_search(self, body: Body) -> Any:
        """Download what is monitored and has no file."""
        return self._arr(body).search()

    async def _do_list_sync(self, body: Body) -> Any:
        """Let the import list bring back what is not excluded."""
        return self._arr(body).list_sync()

    async def _do_recycle_bin(self, body: Body) -> Any:
        """Set the recycle bin, or clean it up."""
        server = self._arr(body)
        if "path" in body:
            server.recycle_bin = body["path"]
            return None
        return server.clean_recycle_bin()

    async def _do_download(self, body: Body) -> None:
        """Put a download for a title into the queue."""
        server, name = self._arr(body), self._item(body).name
        if isinstance(server, RadarrSimulator):
            server.download(server.movie(name))
        else:
            assert isinstance(server, SonarrSimulator)
            server.download(server.show(name), body.get("season", 1))

    async def _do_request(self, body: Body) -> Any:
        """Let somebody ask for a title."""
        item = self._item(body)
        assert isinstance(item, Movie | Series)
        request = self._seerr(body).request(
            self._user(body),
            item,
            datetime.fromisoformat(body["at"]) if "at" in body else None,
            body.get("status", 5),
            body.get("is_4k", False),
        )
        return {"id": request.id, "media": request.media.id}

    async def _do_availability_sync(self, body: Body) -> None:
        """Let Seerr notice what has gone."""
        self._seerr(body).availability_sync()

    async def _do_seerr_full_scan(self, body: Body) -> None:
        """Let Seerr read Jellyfin, Radarr and Sonarr again."""
        self._seerr(body).full_scan()

    async def _do_unmount(self, body: Body) -> None:
        """Take a folder of the disk away, or leave an empty one in its place."""
        self.household.disk.unmount(
            body["path"], mount_point=body.get("mount_point", False)
        )

    async def _do_mount(self, body: Body) -> None:
        """Bring a folder of the disk back."""
        self.household.disk.mount(body["path"])

    # -- finding -------------------------------------------------------------

    def _arr(self, body: Body) -> ArrSimulator:
        """Return the Radarr or Sonarr that a command names."""
        server = self.servers[body["server"]]
        assert isinstance(server, ArrSimulator)
        return server

    def _seerr(self, body: Body) -> SeerrSimulator:
        """Return the Seerr that a command names, or the only one."""
        server = self.servers[body.get("server", "seerr")]
        assert isinstance(server, SeerrSimulator)
        return server
