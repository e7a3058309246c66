"""What must be beyond doubt about a title in Radarr or Sonarr: raises Stopped if it is not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ..model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrTitle,
    MediaItem,
    MediaKind,
    Reason,
)
from ..sync import (
    Doubt,
    EpisodeMatch,
    Owner,
    PathMap,
    Shelf,
    TitleMatch,
    holds,
    likeness,
    name_of,
    translate,
)
from .reasons import Stopped, Why, unsure, why


def sure_owners[T: ArrTitle](
    matches: Mapping[str, TitleMatch[T]], item_id: str
) -> tuple[Owner[T], ...]:
    """Return who owns an item, if anybody does; raise Stopped where that is not sure."""
    match = matches.get(item_id)
    if match is None:
        raise Stopped(why(Why.NOT_IN_LIBRARY))
    if match.doubt is not None:
        raise Stopped(unsure(Reason(match.doubt)))
    return match.owners_of[item_id]


def stop_if_changed(name: str, now: ArrTitle, before: ArrTitle) -> None:
    """Raise Stopped if a title is not what it was when its items were matched."""
    if (now.provider_ids, now.path) != (before.provider_ids, before.path):
        raise Stopped(why(Why.CHANGED, server=name))


def stop_if_newer(name: str, files: Iterable[ArrFile], known: datetime | None) -> None:
    """Raise Stopped if a file came in after what is known: nobody has decided on that."""
    if any(
        known is None or (file.added_at is not None and file.added_at > known)
        for file in files
    ):
        raise Stopped(why(Why.FILE_IS_NEW, server=name))


def own_files(
    name: str,
    rows: Iterable[ArrFile],
    path_map: PathMap,
    shown: Mapping[str, Iterable[str]],
    item_id: str,
) -> list[tuple[ArrFile, str]]:
    """Return the files of a movie that are one item's, each with the item's path.

    ``shown`` are the paths by item id of all items that are this movie. A file that
    is none of theirs, or may be of two, raises Stopped.
    """
    own = []
    # By path: the row that is taken for it, and how alike their paths are.
    taken: dict[str, tuple[int, str]] = {}
    for row in rows:
        if not row.path:
            raise Stopped(unsure(why(Why.FILE_NOT_NAMED, server=name)))
        alike = {
            (path, one): likeness(row.path, path_map, path)
            for one, paths in shown.items()
            for path in paths
        }
        best = max(alike.values(), default=0)
        if not best:
            raise Stopped(
                unsure(why(Why.OTHER_FILE, server=name, name=name_of(row.path)))
            )
        found = {path for path, one in alike if alike[path, one] == best}
        if len(found) > 1:
            raise Stopped(unsure(why(Why.OWN_FILE_UNKNOWN)))
        (path,) = found
        known = taken.setdefault(path, (best, row.path))
        if known[1] != row.path:
            # By its name alone it could be that one too, but that has its row.
            _, other = min(known, (best, row.path))
            raise Stopped(unsure(why(Why.OTHER_FILE, server=name, name=name_of(other))))
        if alike.get((path, item_id)) == best:
            own.append((row, path))
    return own


def is_around(movie: ArrMovie, path_map: PathMap, paths: Iterable[str]) -> int:
    """Return whether a movie's folder is around its files: 2 for sure, 1 by its name."""
    folder, mapped = translate(movie.path, path_map)
    root, _ = translate(movie.root_folder, path_map)
    if not folder or folder == root:
        return 0
    around = [holds(folder, path) for path in paths]
    if any(around):
        return 2
    names = {part for path in paths for part in path.casefold().split("/")[-2:]}
    return int(not mapped and name_of(folder) in names)


def stop_if_untold(
    name: str, movie: ArrMovie, before: ArrFile | None, rows: Sequence[ArrFile]
) -> None:
    """Raise Stopped if a Radarr says that it has a file, and does not list it.

    Or the one that it had ``before``. The file that comes with a movie can be another one than the newest, so only the
    list of its files is believed.
    """
    if movie.has_file is not False and not rows:
        raise Stopped(unsure(why(Why.FILE_NOT_NAMED, server=name)))
    if before is not None and before.file_id not in {row.file_id for row in rows}:
        raise Stopped(why(Why.CHANGED, server=name))


def on_shelf(
    shelf: Shelf, match: EpisodeMatch
) -> Iterator[tuple[ArrFile | None, list[ArrEpisode]]]:
    """Yield the files of a match that are on a shelf, with the episodes in them.

    A Sonarr that has none of them may still be waiting for these episodes: then they
    are yielded without a file.
    """
    numbers = {
        (episode.season, episode.episode)
        for owned in match.files
        for episode in owned.episodes
    }
    own = [one for one in match.files if one.connection == shelf.connection]
    for owned in own:
        if not owned.episodes:
            unclear = unsure(why(Why.FILE_CONTENT_UNKNOWN, server="Sonarr"))
            raise Stopped(unclear, match.items[0])
        yield owned.file, list(owned.episodes)
    if not own:
        wanted = [
            one
            for one in shelf.episodes
            if (one.season, one.episode) in numbers
            and one.file_id is None
            and one.monitored is not False
        ]
        if wanted:
            yield None, wanted


def unowned(
    paths: Iterable[str], match: EpisodeMatch, shelves: Iterable[Shelf]
) -> tuple[str, ...]:
    """Return those of an episode's paths at which no Sonarr has a file.

    Of several files it knows one, and would import another when that is gone.
    """
    maps = {shelf.connection: shelf.path_map for shelf in shelves}
    return tuple(
        path
        for path in paths
        if not any(
            likeness(one.file.path or path, maps[one.connection], path)
            for one in match.files
        )
    )


def doubt_about_file(item: MediaItem) -> Reason | None:
    """Return what Jellyfin does not say of a file that the last look has to know.

    It would stop there at every run, so no plan may promise that it goes.
    """
    if item.kind not in (MediaKind.MOVIE, MediaKind.EPISODE):
        return None
    if item.path is None:
        return unsure(why(Why.PATH_UNKNOWN))
    if item.added_at is None:
        return unsure(why(Why.FILE_DATE_UNKNOWN))
    return None


def stored_doubt(stored: str) -> Reason:
    """Return a doubt as a reason; older versions have stored a sentence."""
    if stored in Doubt:
        return Reason(stored)
    return Reason.from_text(stored)
