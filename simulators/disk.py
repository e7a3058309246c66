"""The disk of the household: paths, sizes and what a deletion really takes along."""

from dataclasses import dataclass
from datetime import datetime
from posixpath import basename, dirname, splitext

VIDEO = ".mkv"
_SIDECARS = (
    ".nfo",
    ".xml",
    ".srt",
    ".vtt",
    ".sub",
    ".idx",
    ".smi",
    ".ssa",
    ".ass",
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
)


class NotRemovable(OSError):
    """A file could not be removed."""


@dataclass(slots=True)
class File:
    """A file on disk."""

    size: int
    created: datetime


class Disk:
    """Files by path; ``locked`` paths cannot be removed, ``links`` are symbolic links to folders."""

    def __init__(self) -> None:
        """Start with an empty disk."""
        self.files: dict[str, File] = {}
        #: Folders that have been made; they stay when their last file goes.
        self.folders: set[str] = set()
        self.locked: set[str] = set()
        #: Folders whose contents Jellyfin may not read: to it they look empty, and what is in them missing.
        self.unreadable: set[str] = set()
        #: Folders that Jellyfin may read but not enter.
        self.barred: set[str] = set()
        #: Folders that nobody may write to.
        self.read_only: set[str] = set()
        self.links: dict[str, str] = {}
        self.free = 500_000_000_000
        self._away: dict[str, tuple[dict[str, File], set[str]]] = {}

    def write(self, path: str, size: int, created: datetime) -> None:
        """Put a file on the disk."""
        self.files[path] = File(size, created)
        folder = dirname(path)
        while folder not in self.folders and folder != dirname(folder):
            self.folders.add(folder)
            folder = dirname(folder)

    def resolve(self, path: str) -> str:
        """Return where a path leads once symbolic links are followed."""
        for link, target in self.links.items():
            if path == link or path.startswith(link + "/"):
                return target + path.removeprefix(link)
        return path

    def is_folder(self, path: str) -> bool:
        """Return whether a folder exists, even an empty one or a link to one."""
        path = self.resolve(path.rstrip("/"))
        return path in self.folders

    def _hidden(self, path: str) -> bool:
        """Return whether Jellyfin may not look into a folder above a path."""
        return any(
            path.startswith(f"{folder}/") for folder in self.unreadable | self.barred
        )

    def shows_file(self, path: str) -> bool:
        """Return whether Jellyfin sees a file, or a link that leads nowhere."""
        if self._hidden(path):
            return False
        if path in self.links:
            return not self.is_folder(path)
        return self.resolve(path) in self.files

    def shows_folder(self, path: str) -> bool:
        """Return whether Jellyfin sees a folder."""
        return not self._hidden(path) and self.is_folder(path)

    def entries(self, folder: str) -> list[str]:
        """Return the paths of all that is right in a folder, in the order of the paths."""
        real = self.resolve(folder)
        found = {
            each
            for each in {*self.files, *self.folders, *self.links}
            if dirname(each) == real and each != real
        }
        return sorted(
            (f"{folder.rstrip('/')}/{basename(each)}" for each in found),
            key=str.casefold,
        )

    def subfolders(self, folder: str) -> list[str]:
        """Return the folders, and links to folders, right below one."""
        return sorted(
            each
            for each in {*self.folders, *self.links}
            if dirname(each) == folder.rstrip("/")
        )

    def unmount(self, folder: str, *, mount_point: bool = False) -> None:
        """Take a folder away with all in it, as a drive that fails to mount does; an empty one may stay."""
        below = folder + "/"
        files = {path: self.files.pop(path) for path in self.tree(folder)}
        folders = {
            each for each in self.folders if each == folder or each.startswith(below)
        }
        self.folders -= folders
        self._away[folder] = files, folders
        if mount_point:
            self.folders.add(folder)

    def mount(self, folder: str) -> None:
        """Mount a folder again, with its files."""
        files, folders = self._away.pop(folder)
        self.files |= files
        self.folders |= folders

    @property
    def away(self) -> frozenset[str]:
        """Return the folders that are taken away at this moment."""
        return frozenset(self._away)

    def everything(self) -> dict[str, File]:
        """Return every file by its path, also those in folders that are away."""
        every = dict(self.files)
        for files, _ in self._away.values():
            every |= files
        return every

    def tree(self, folder: str) -> list[str]:
        """Return every path below a folder."""
        below = folder.rstrip("/") + "/"
        return [path for path in self.files if path.startswith(below)]

    def has(self, path: str) -> bool:
        """Return whether a file or a folder with files is there."""
        below = path.rstrip("/") + "/"
        return path in self.files or any(each.startswith(below) for each in self.files)

    def remove(self, path: str) -> None:
        """Remove one file; a locked one stays."""
        if path in self.locked:
            raise NotRemovable(path)
        if file := self.files.pop(path, None):
            self.free += file.size

    def remove_tree(self, folder: str) -> None:
        """Remove a folder with all that is in it; a locked file stops it half-way."""
        # What is not the film goes first: Jellyfin's nfo is gone when the film turns out to be locked.
        for path in sorted(self.tree(folder), key=lambda path: path.endswith(VIDEO)):
            self.remove(path)
        self.forget_folder(folder)

    def forget_folder(self, folder: str) -> None:
        """Remove a folder in which no file is left, and the links in it."""
        below = folder + "/"
        self.folders = {
            each
            for each in self.folders
            if each != folder and not each.startswith(below)
        }
        self.links = {
            link: target
            for link, target in self.links.items()
            if link != folder and not link.startswith(below)
        }

    def remove_with_sidecars(self, path: str) -> None:
        """Remove a file after every sidecar whose name starts with its own, even another film's."""
        for sidecar in self.sidecars(path):
            self.remove(sidecar)
        self.remove(path)

    def sidecars(self, path: str) -> list[str]:
        """Return the nfo, subtitles and images that Jellyfin counts to a file, by prefix of the name."""
        folder, prefix = dirname(path), splitext(basename(path))[0].lower()
        return [
            other
            for other in self.tree(folder)
            if other != path
            and dirname(other) == folder
            and basename(other).lower().startswith(prefix)
            and splitext(other)[1].lower() in _SIDECARS
        ]

    def move(self, old: str, new: str) -> None:
        """Rename a file; its creation time stays."""
        if file := self.files.pop(old, None):
            self.write(new, file.size, file.created)
            if not self.tree(dirname(old)):
                self.forget_folder(dirname(old))
