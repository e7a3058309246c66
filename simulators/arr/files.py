"""How Radarr and Sonarr delete files: for good, or into the recycle bin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from posixpath import basename, dirname, splitext
import re

from ..disk import Disk, NotRemovable

SIDECARS = (".nfo", ".srt", ".jpg", ".png")
#: What a look at the disk imports; a disc is none of it, unless it is an image.
IMPORTED = (".mkv", ".mp4", ".avi", ".iso")

_PART = re.compile(r"[ ._-](cd|dvd|part|pt|disc|disk)[ ._-]?\d+\b", re.IGNORECASE)
_EXTRAS = re.compile(
    r"(^|/)(extras?|trailers?|samples?|featurettes|bdmv|video_ts)/", re.IGNORECASE
)
_RESOLUTION = re.compile(r"\b(\d{3,4})p\b")


def refused(relative: str) -> bool:
    """Return whether a file in a movie's folder is a part of one, or none ("suspected multi-part")."""
    return bool(_PART.search(basename(relative)) or _EXTRAS.search(relative))


def resolution(path: str) -> int:
    """Return the quality that a file's name tells; without one it is 1080p."""
    found = _RESOLUTION.findall(basename(path))
    return int(found[-1]) if found else 1080


@dataclass(slots=True)
class RecycleBin:
    """The folder that takes what is deleted; without a path there is none."""

    path: str | None = None
    writable: bool = True
    days: int = 7


def all_in(disk: Disk, folder: str) -> list[str]:
    """Return every file that is deleted with a folder, including what its links lead to."""
    real = disk.resolve(folder)
    found = disk.tree(real)
    for link, target in disk.links.items():
        if link.startswith(f"{real}/"):
            found += disk.tree(target)
    return found


def delete_folder(disk: Disk, recycle: RecycleBin, folder: str, now: datetime) -> None:
    """Delete a folder with all in it; where one file cannot be removed everything stays."""
    paths = all_in(disk, folder)
    if locked := disk.locked.intersection(paths):
        raise NotRemovable(min(locked))
    if recycle.path is not None:
        if not recycle.writable:
            raise NotRemovable(recycle.path)
        real = disk.resolve(folder)
        for path in paths:
            below = path.removeprefix(real) if path.startswith(f"{real}/") else path
            _move(disk, path, f"{recycle.path}/{basename(folder)}{below}", now)
    for path in paths:
        disk.remove(path)
    disk.forget_folder(folder)


def delete_file(
    disk: Disk, recycle: RecycleBin, path: str, below: str, now: datetime
) -> None:
    """Delete one file, or move it into the bin under its folder's name."""
    path = disk.resolve(path)
    if path in disk.locked:
        raise NotRemovable(path)
    if recycle.path is not None:
        if not recycle.writable:
            raise NotRemovable(recycle.path)
        _move(disk, path, f"{recycle.path}/{below}/{basename(path)}", now)
        return
    disk.remove(path)


def known_sidecars(disk: Disk, path: str) -> list[str]:
    """Return the subtitles and the like that were imported with a file."""
    path = disk.resolve(path)
    prefix = f"{splitext(path)[0]}."
    return [
        each
        for each in disk.tree(dirname(path))
        if each != path and each.startswith(prefix) and each.endswith(SIDECARS)
    ]


def clean_up(disk: Disk, recycle: RecycleBin, now: datetime) -> list[str]:
    """Permanently remove what has been in the bin long enough."""
    if recycle.path is None or recycle.days == 0:
        return []
    gone = [
        path
        for path in disk.tree(recycle.path)
        if disk.files[path].created <= now - timedelta(days=recycle.days)
    ]
    for path in gone:
        disk.remove(path)
    return gone


def remove_empty_folders(disk: Disk, folder: str, *, itself: bool = False) -> None:
    """Remove the folders below one in which no file is left."""
    for each in disk.subfolders(folder):
        if not disk.tree(each) and each not in disk.links:
            disk.forget_folder(each)
    if itself and not disk.tree(folder):
        disk.forget_folder(folder)


def _move(disk: Disk, old: str, new: str, now: datetime) -> None:
    """Move a file; its time becomes now, because the clean-up goes by it."""
    file = disk.files.pop(old)
    disk.write(new, file.size, now)
