"""What Radarr and Sonarr do on the disk: paths, the recycle bin, and deletions that follow an answer."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from posixpath import dirname

from ..disk import NotRemovable
from ..household import Household
from ..server import Simulator
from . import files
from .errors import Refused, thrown
from .files import RecycleBin


class ArrStorage(Simulator):
    """The folders of a Radarr or Sonarr; inside, all paths are the household's own."""

    #: What the root folders hold, as Jellyfin calls a library of it.
    collection_type = ""

    def __init__(
        self,
        household: Household,
        *,
        libraries: Iterable[str] | None,
        path_map: Mapping[str, str] | None,
        url_base: str,
        host: str,
        port: int,
        tls: bool,
    ) -> None:
        """Take over the folders of the named libraries, or of all of its kind."""
        super().__init__(household, host=host, port=port, base_path=url_base, tls=tls)
        #: Prefixes of the household's paths, and what the container sees in their place.
        self.path_map = dict(path_map or {})
        self.root_folders: list[str] = [
            location
            for library in household.libraries
            for location in library.locations
            if (
                library.name in libraries
                if libraries is not None
                else library.collection_type == self.collection_type
            )
        ]
        self.recycle = RecycleBin()
        self.delete_empty_folders = False
        #: Subtitles and the like were imported with the files, so they go with them.
        self.knows_sidecars = False
        #: Seconds between the answer to a deletion and the deletion.
        self.deletion_delay = 0.015
        #: What only its log says.
        self.log: list[str] = []
        self._serial = 0
        self._pending: set[asyncio.TimerHandle] = set()

    def title_paths(self) -> dict[int, str]:
        """Return the folder of every title, by id."""
        raise NotImplementedError

    @property
    def recycle_bin(self) -> str | None:
        """Return the folder of the recycle bin."""
        return self.recycle.path

    @recycle_bin.setter
    def recycle_bin(self, path: str | None) -> None:
        """Choose the folder of the recycle bin."""
        self.recycle.path = path

    def clean_recycle_bin(self) -> list[str]:
        """Remove what has been in the bin long enough, as the daily task does."""
        return files.clean_up(self.household.disk, self.recycle, self.household.now())

    # -- living and dying ----------------------------------------------------

    def drop(self) -> None:
        """Die and forget what was promised but not done yet."""
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
        super().drop()

    @property
    def settled(self) -> bool:
        """Return whether everything promised has been done."""
        return not self._pending

    def later(self, delay: float, action: Callable[[], None]) -> None:
        """Do something after the answer has been sent."""
        if delay <= 0:
            action()
            return

        def act() -> None:
            """Do it, unless the server has died meanwhile."""
            self._pending.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(delay, act)
        self._pending.add(handle)

    def next_id(self) -> int:
        """Return a number that nothing else has."""
        self._serial += 1
        return self._serial

    # -- paths ---------------------------------------------------------------

    def seen(self, path: str) -> str:
        """Return how the container sees a path of the household."""
        return _mapped(path, self.path_map.items())

    def real(self, path: str) -> str:
        """Return the household's path for one of the container."""
        return _mapped(path, ((there, here) for here, there in self.path_map.items()))

    def root_of(self, path: str) -> str:
        """Return the root folder above a path, or else just the folder above it."""
        above = [each for each in self.root_folders if path.startswith(f"{each}/")]
        return max(above, key=len, default=dirname(path))

    def owns(self, path: str | None) -> bool:
        """Return whether a path is below a root folder."""
        return path is not None and any(
            path.startswith(f"{each}/") for each in self.root_folders
        )

    def mounted(self, folders: Iterable[str]) -> set[str]:
        """Return the parents of folders that exist and are not empty."""
        roots = {dirname(folder) for folder in folders}
        return {root for root in roots if self.household.disk.subfolders(root)}

    # -- deleting ------------------------------------------------------------

    def delete_folders(self, folders: Mapping[int, str]) -> None:
        """Delete the folders of titles whose rows are gone, stopping at the first that cannot be deleted."""
        disk = self.household.disk
        for folder in folders.values():
            for other in self.title_paths().values():
                if other == folder or other.startswith(f"{folder}/"):
                    self.log.append(f"Unable to delete {folder}: {other} needs it")
                    return
            if disk.is_folder(folder):
                try:
                    files.delete_folder(
                        disk, self.recycle, folder, self.household.now()
                    )
                except NotRemovable as error:
                    self.log.append(f"Task Error: {error}")
                    return

    def delete_file(self, folder: str, path: str, words: tuple[str, str, str]) -> None:
        """Delete one file of a title, or say why not; a file that is already gone is fine."""
        missing, empty, failure = words
        disk, root = self.household.disk, dirname(folder)
        if not disk.is_folder(root):
            raise Refused(thrown(409, missing.format(self.seen(root))))
        if not disk.subfolders(root):
            raise Refused(thrown(409, empty.format(self.seen(root))))
        if not disk.is_folder(folder) or disk.resolve(path) not in disk.files:
            return
        now, below = self.household.now(), dirname(path).removeprefix(f"{root}/")
        try:
            sidecars = files.known_sidecars(disk, path) if self.knows_sidecars else []
            files.delete_file(disk, self.recycle, path, below, now)
            for sidecar in sidecars:
                files.delete_file(disk, self.recycle, sidecar, below, now)
        except NotRemovable as error:
            self.log.append(f"Unable to delete file: {error}")
            raise Refused(thrown(500, failure)) from error


def _mapped(path: str, prefixes: Iterable[tuple[str, str]]) -> str:
    """Return a path with its prefix replaced."""
    for old, new in prefixes:
        if path == old or path.startswith(f"{old.rstrip('/')}/"):
            return new + path.removeprefix(old)
    return path
