"""`DELETE /Items`: what really goes, which is often more, and sometimes less, than was asked for."""

from ..disk import NotRemovable
from ..household import Household
from ..items import BoxSet, Clip, Episode, Item, Library, Movie, Season, Video
from .query import Failed, Finder, version_of
from .rows import Folder, top_folders
from .version import Line

type Deletable = Item | BoxSet | Library | Folder


def find(household: Household, finder: Finder, item_id: str) -> Deletable | None:
    """Return what an id stands for: with a key that may be a library or a folder just as well."""
    if (item := finder.stale.get(item_id) or household.get(item_id)) is not None:
        # Of an episode another version is deleted by itself, of a film with its folder.
        return version_of(item, item_id) if isinstance(item, Episode) else item
    if (collection := household.collections.get(item_id)) is not None:
        return collection
    for library in household.libraries:
        if library.id == item_id:
            return library
    return next(
        (folder for folder in top_folders(household) if folder.id == item_id), None
    )


def delete(
    household: Household,
    finder: Finder,
    target: Deletable,
    line: Line,
    *,
    keep_row: bool,
) -> None:
    """Delete; `Failed` leaves the item listed, though its nfo may be gone already."""
    match target:
        case Library():
            household.remove_library(target)
        case BoxSet():
            del household.collections[target.id]
        case Folder():
            _delete_folder(household, target.path)
        case Season() if target.path is None:
            return
        case _:
            away = isinstance(target, Video) and not household.present(target)
            try:
                household.remove_files(target)
            except NotRemovable as error:
                raise Failed from error
            if isinstance(target, Clip):
                # The row of its film stays until a scan.
                return
            if isinstance(target, Movie):
                household.missing += target.parts
            if away and isinstance(target, Video):
                household.missing.append(target)
            _unlist(household, finder, target, line, keep_row=keep_row)


def _delete_folder(household: Household, path: str) -> None:
    """Delete a folder with all in it."""
    try:
        household.disk.remove_tree(path)
    except NotRemovable as error:
        raise Failed from error
    finally:
        for item in household.items:
            inside = item.path is not None and item.path.startswith(f"{path}/")
            if inside and item.path is not None and not household.disk.has(item.path):
                household.unlist(item)


def _unlist(
    household: Household, finder: Finder, item: Item, line: Line, *, keep_row: bool
) -> None:
    """Take a deleted item off the list, unless its row stays."""
    household.unlist(item)
    stale = finder.stale
    if keep_row or household.scanning:
        stale[item.id] = item
    else:
        stale.pop(item.id, None)
    if line is Line.V12 and isinstance(item, Movie) and not item.loose:
        for source in item.alternates:
            household.list_ghost(item, source)
