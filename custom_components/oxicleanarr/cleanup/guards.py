"""The checks that stand between a plan and a file.

Each answers ``None`` when nothing speaks against the deletion, and else says what
does. What could not be read does not get here: it stops the deletion on its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import posixpath

from ..ledger import Remembered, remember
from ..model import MediaItem, MediaKind, PlannedDeletion, Session, UserData, media_key

# Jellyfin tells time more finely than the ledger keeps it.
_SAME_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """A movie or episode of a plan's entry, and what is known of it at this moment."""

    now: datetime
    entry: PlannedDeletion
    target: MediaItem
    """As the ledger knows it."""
    known: Remembered
    live: MediaItem | None
    """As Jellyfin shows it; ``None``: not there."""
    user_data: Mapping[str, UserData]
    favorites: Mapping[str, frozenset[str]]
    """User id to the ids of all of that user's favourites."""
    favorites_keep: bool
    sessions: Sequence[Session]
    scanning: bool


def settled(view: LiveView) -> str | None:
    """Nothing is deleted twice: an earlier attempt has to be settled first."""
    if view.known.unsettled:
        return "it was deleted before, and that is not confirmed yet"
    return None


def still_there(view: LiveView) -> str | None:
    """What is gone needs no deletion."""
    return "it is not in Jellyfin any more" if view.live is None else None


def same_identity(view: LiveView) -> str | None:
    """An id that means another title by now must not be deleted for this one."""
    if view.live is None:
        return None
    if view.live.kind is not view.target.kind:
        return "Jellyfin shows something else under this id"
    if media_key(view.live, view.known.series) != view.known.key:
        return "its identity in Jellyfin has changed since the last sync"
    return None


def same_path(view: LiveView) -> str | None:
    """A moved or replaced file was not part of the plan."""
    if view.live is None:
        return None
    if not view.live.path or not view.target.path:
        return "its path is not known"
    if view.live.path != view.target.path:
        return "its file has been moved since the last sync"
    return None


def not_kept(view: LiveView) -> str | None:
    """A keep wins up to the last moment."""
    return "it is kept" if view.known.kept else None


def not_favorite(view: LiveView) -> str | None:
    """A favourite stays, and so does what belongs to a favourite series or season."""
    if not view.favorites_keep:
        return None
    own = {
        view.target.item_id,
        view.target.season_id,
        view.target.series_id,
        view.entry.item_id,
    }
    if any(own & favorites for favorites in view.favorites.values()) or any(
        data.favorite for data in view.user_data.values()
    ):
        return "it is a favorite"
    return None


def not_playing(view: LiveView) -> str | None:
    """What somebody is watching stays."""
    own = {view.target.item_id, view.entry.item_id}
    if any(own & session.item_ids for session in view.sessions):
        return "it is being played"
    return None


def still_watched(view: LiveView) -> str | None:
    """What was to go because it is watched has to be watched still."""
    if not view.entry.watched:
        return None
    for user_id in view.entry.watcher_ids:
        if data := view.user_data.get(user_id):
            memory = remember(view.known.memories.get(user_id), data, view.now)
            if memory.played and not memory.stale:
                return None
    return "it is not marked as watched any more"


def no_newer_play(view: LiveView) -> str | None:
    """A play that the plan does not know postpones."""
    known = view.entry.last_watched_at
    for data in view.user_data.values():
        played_at = data.last_played_at
        if played_at and (known is None or played_at > known + _SAME_MOMENT):
            return "somebody has played it since the last sync"
    return None


def no_scan_running(view: LiveView) -> str | None:
    """A delete during a library scan can leave its row behind."""
    return "Jellyfin is scanning its libraries" if view.scanning else None


def alone_under_its_name(view: LiveView) -> str | None:
    """Jellyfin deletes more than the file: what starts with its name, or the folder.

    A movie that has its folder to itself goes with the whole folder; any other video
    takes every sidecar along whose name begins like its own.
    """
    path = (view.target.path or "").replace("\\", "/")
    folder, name = posixpath.split(path)
    stem = posixpath.splitext(name)[0].casefold()
    own = {one.replace("\\", "/") for one in (*view.known.own_paths, path)}
    others = [
        other.replace("\\", "/")
        for item_id, other in view.known.neighbours
        if item_id != view.target.item_id and other.replace("\\", "/") not in own
    ]
    beside = [one for one in others if posixpath.dirname(one) == folder]
    for other in beside:
        if posixpath.basename(other).casefold().startswith(stem):
            return f"“{posixpath.basename(other)}” beside it begins with the same name"
    if view.target.kind is not MediaKind.MOVIE or beside:
        return None
    if others:
        return "other titles lie in sub-folders of its folder"
    for location in view.known.locations:
        root = location.replace("\\", "/").rstrip("/")
        if root == folder or root.startswith(f"{folder}/"):
            return "a library begins in its folder"
    return None


GUARDS: tuple[Callable[[LiveView], str | None], ...] = (
    settled,
    still_there,
    same_identity,
    same_path,
    not_kept,
    not_favorite,
    not_playing,
    still_watched,
    no_newer_play,
    no_scan_running,
    alone_under_its_name,
)
"""Every check that each single deletion has to pass, in this order."""


def objection(view: LiveView) -> str | None:
    """Return the first thing that speaks against a deletion, or ``None``."""
    return next((reason for guard in GUARDS if (reason := guard(view))), None)
