"""What must be beyond doubt about a title in Radarr or Sonarr: raises Stopped if it is not."""

from collections.abc import Iterator, Mapping

from ..model import ArrEpisode, ArrMovie, ArrTitle, Reason
from ..sync import EpisodeMatch, Owner, Shelf, TitleMatch
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
    owners = match.owners_of[item_id]
    if match.owners and not owners:
        raise Stopped(unsure(why(Why.OWN_FILE_UNKNOWN)))
    return owners


def stop_if_changed(name: str, now: ArrTitle, before: ArrTitle) -> None:
    """Raise Stopped if a title is not what it was when its items were matched."""
    if _telling(now) != _telling(before):
        raise Stopped(why(Why.CHANGED, server=name))


def _telling(title: ArrTitle) -> tuple[object, ...]:
    """Return what tells which items of Jellyfin a title is."""
    file = (title.has_file, title.file) if isinstance(title, ArrMovie) else ()
    return title.provider_ids, title.path, *file


def on_shelf(
    shelf: Shelf, match: EpisodeMatch
) -> Iterator[tuple[int | None, list[ArrEpisode]]]:
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
            raise Stopped(unsure(why(Why.FILE_CONTENT_UNKNOWN, server="Sonarr")))
        yield owned.file.file_id, list(owned.episodes)
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
