"""Paths as Jellyfin writes them: on Linux or on Windows."""


def start_of(path: str) -> str:
    """Return the folder of a path with the separator: all that is in it begins so."""
    cut = path.rfind("/")
    if not path.startswith("/"):
        cut = max(cut, path.rfind("\\"))
    return path[: cut + 1]


def folder_of(path: str) -> str:
    """Return the folder of a path, written as the path is."""
    return start_of(path)[:-1]


def file_name(path: str) -> str:
    """Return the last part of a path, written as it is."""
    path = path.rstrip("/\\")
    return path[len(start_of(path)) :]
