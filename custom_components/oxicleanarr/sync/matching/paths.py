"""Paths as Radarr, Sonarr and Jellyfin write them, made comparable."""

from collections.abc import Iterable, Iterator, Sequence
import unicodedata

from ...model import MediaFiles, MediaItem

type PathMap = Sequence[tuple[str, str]]
"""Prefixes of an *arr's paths, and what Jellyfin sees in their place."""


def paths_of(item: MediaItem, files: MediaFiles | None) -> list[str]:
    """Return the paths of an item with those of its versions, each once, made comparable."""
    every = (item.path, *(files.paths if files is not None else ()))
    return list(dict.fromkeys(path for one in every if (path := normal(one))))


def normal(path: str | None) -> str | None:
    """Return a path in one way of writing; ``/`` itself is the empty text."""
    if not path:
        return None
    if "\\" in path and not path.startswith("/"):
        path = path.replace("\\", "/")
    path = unicodedata.normalize("NFC", path)
    start = "//" if path.startswith("//") else "/" if path.startswith("/") else ""
    return (start + "/".join(part for part in path.split("/") if part)).rstrip("/")


def translate(path: str | None, path_map: PathMap) -> tuple[str | None, bool]:
    """Return where Jellyfin sees a path, and whether that is for certain."""
    known = normal(path)
    if known is None:
        return None, False
    fitting = [
        (prefix, into)
        for prefix, into in _prefixes(path_map)
        if known == prefix or known.startswith(f"{prefix}/")
    ]
    if not fitting:
        return known, False
    prefix, into = max(fitting, key=lambda pair: len(pair[0]))
    return into + known[len(prefix) :], True


def _prefixes(path_map: PathMap) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a path map, made comparable."""
    for prefix, into in path_map:
        mine, theirs = normal(prefix), normal(into)
        if mine is not None and theirs is not None:
            yield mine, theirs


def holds(folder: str, path: str) -> bool:
    """Return whether a path is the folder or in it; case is not trusted."""
    folder, path = folder.casefold(), path.casefold()
    return path == folder or path.startswith(f"{folder}/")


def in_one_folder(item: MediaItem, paths: Iterable[str]) -> bool:
    """Return whether paths are those of a disc, or in the folder of an item's file."""
    own = normal(item.path)
    return own is None or all(
        holds(own, path) or holds(parent(own), path) for path in paths
    )


def parent(path: str) -> str:
    """Return the folder of a path; empty at the top."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return the last part of a path, in lower case."""
    return path.rpartition("/")[2].casefold()


def tail(path: str) -> str:
    """Return the last two parts of a path, which no mount changes."""
    return "/".join(path.rsplit("/", 2)[-2:]).casefold()


def likeness(path: str, path_map: PathMap, other: str) -> int:
    """Return how surely an *arr's path is another path, as Jellyfin sees it; 0: it is not.

    Other mounts may stand before it, so that only its end is the same.
    """
    mine, mapped = translate(path, path_map)
    theirs = normal(other)
    return alike(mine, theirs, mapped=mapped) if mine and theirs else 0


def alike(mine: str, theirs: str, *, mapped: bool) -> int:
    """Return the same of two paths that are comparable; of a ``mapped`` one the start counts."""
    if mine == theirs:
        return 4
    if mine.casefold() == theirs.casefold():
        return 3
    if tail(mine) == tail(theirs) and not mapped:
        return 2
    return int(name_of(mine) == name_of(theirs))
