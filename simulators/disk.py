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
    """Files by path; ``locked`` paths cannot be removed."""

    def __init__(self) -> None:
        """Start with an empty disk."""
        self.files: dict[str, File] = {}
        self.locked: set[str] = set()
        self.free = 500_000_000_000

    def write(self, path: str, size: int, created: datetime) -> None:
        """Put a file on the disk."""
        self.files[path] = File(size, created)

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

    def remove_with_sidecars(self, path: str) -> None:
        """Remove a file after every sidecar whose name starts with its own, be it another film's."""
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
            self.files[new] = file
