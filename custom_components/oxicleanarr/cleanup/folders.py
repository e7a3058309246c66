"""Whether a title's folder may be deleted with its entry: what else is in it."""

from collections.abc import Collection, Iterable, Mapping

from ..model import ArrTitle, MediaFiles, MediaItem, Reason, RootFolder
from ..sync import PathMap, holds, name_of, normal, paths_of, translate
from .reasons import Why, why


def folder_objection(
    title: ArrTitle, titles: Iterable[ArrTitle], root_folders: Iterable[RootFolder]
) -> Reason | None:
    """Return why a title's folder may not be removed with its entry, or ``None``.

    The folder has to lie below a root folder and must hold no other title of the same
    server: an *arr removes all that is in it, or, in silence, nothing.
    """
    folder = normal(title.path)
    if folder is None:
        return why(Why.FOLDER_UNKNOWN)
    roots = {normal(root.path) for root in root_folders} | {normal(title.root_folder)}
    known = [root for root in roots if root is not None]
    if any(holds(folder, root) for root in known):
        return why(Why.FOLDER_IS_ROOT)
    if not any(holds(root, folder) for root in known):
        return why(Why.FOLDER_OUTSIDE_ROOTS)
    for other in titles:
        if other.title_id == title.title_id:
            continue
        path = normal(other.path)
        if path is None:
            return why(Why.OTHER_FOLDER_UNKNOWN)
        if holds(folder, path):
            return why(Why.FOLDER_SHARED, title=other.title)
    return None


def shown_files(
    items: Iterable[MediaItem], files: Mapping[str, MediaFiles]
) -> list[tuple[str, MediaItem]]:
    """Return the paths of all items for ``neighbour_objection``, made ready once."""
    return [
        (path.casefold(), item)
        for item in items
        for path in paths_of(item, files.get(item.item_id))
    ]


def neighbour_objection(
    title: ArrTitle,
    path_map: PathMap,
    own: Collection[str],
    shown: Iterable[tuple[str, MediaItem]],
) -> Reason | None:
    """Return what Jellyfin shows in a title's folder that holds it back, or ``None``.

    ``own`` are the ids of the items that go with it: these say where Jellyfin sees the
    folder, if it is not where the *arr does.
    """
    folder, _ = translate(title.path, path_map)
    if not folder:
        return why(Why.FOLDER_UNKNOWN)
    folders: set[str] = set()
    gone: set[str] = set()
    others: list[tuple[str, MediaItem]] = []
    for path, item in shown:
        if item.item_id not in own:
            others.append((path, item))
            continue
        gone.add(path)
        if found := _folder_above(path, folder.casefold()):
            folders.add(f"{found}/")
    if not folders:
        return why(Why.FOLDER_NOT_SEEN)
    inside = tuple(folders)
    for path, item in others:
        if path.startswith(inside) and path not in gone:
            return why(Why.FOLDER_HOLDS, title=item.title)
    return None


def _folder_above(path: str, folder: str) -> str | None:
    """Return the folder around a file, or the outermost one with its name.

    That of a disc is the folder itself.
    """
    if f"{path}/".startswith(f"{folder}/"):
        return folder
    parts = path.split("/")
    for count, part in enumerate(parts, start=1):
        if part == name_of(folder):
            return "/".join(parts[:count])
    return None
