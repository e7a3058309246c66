"""The checks that stand between a plan and a file.

Each has three answers: ``None`` when nothing speaks against the deletion, a ``no``
with what does, or an ``unknown`` with what cannot be known. Only the first lets a file
go. What could not be read at all does not get here: it stops the deletion on its own.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import posixpath

from ..ledger import Remembered, Source, file_name, folder_of, remember
from ..model import (
    Approval,
    MediaItem,
    MediaKind,
    PlannedDeletion,
    Reason,
    ReasonValue,
    Session,
    UserData,
    media_key,
)
from ..sync import holds, normal
from .disk import OnDisk
from .reasons import Why, unsure, why

# Jellyfin tells time more finely than the ledger keeps it.
SAME_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may do."""

    max_items: int = 25
    """How many planned deletions may happen in 24 hours, whoever starts them."""
    max_bytes: int | None = None
    """How many bytes may go in 24 hours."""
    most_in_run: int | None = None
    """How many entries may go in this run."""
    enough_bytes: int | None = None
    """How much a run has to reclaim; when it has, the rest stays."""
    favorites_keep: bool = True


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a deletion, or what would have to be known for it."""

    reason: Reason
    known: bool = True

    @property
    def because(self) -> Reason:
        """Return why something is not deleted."""
        return self.reason if self.known else unsure(self.reason)


type Answer = Objection | None


def no(code: Why, **data: ReasonValue) -> Objection:
    """Return a plain no."""
    return Objection(why(code, **data))


def unknown(code: Why, **data: ReasonValue) -> Objection:
    """Return that something is not known, which is no yes."""
    return Objection(why(code, **data), known=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A planned deletion, and what the run has done before it."""

    now: datetime
    entry: PlannedDeletion
    limits: Limits
    begun: int
    """How many entries of this run went before, or would have in a dry run."""
    spent: frozenset[str]
    """What went in the last 24 hours, as a day's limits count it, these among them."""
    spent_bytes: int
    """And how much they took."""
    taken: int
    """How much the run has deleted, free again or in a recycle bin."""
    silent: frozenset[Source] = frozenset()
    """The kinds of servers that did not all answer when they were last asked."""
    asks_first: bool = False
    """Whether, by the rules of this moment, an admin is asked about it first."""
    approvals: Sequence[Approval] = ()
    """What admins were asked about, as it is written down at this moment."""


def due(view: EntryView) -> Answer:
    """The retention and the grace have to be over; ``due_at`` contains both."""
    if view.entry.due_at > view.now:
        return no(Why.NOT_DUE, due_at=view.entry.due_at)
    return None


def approved(view: EntryView) -> Answer:
    """What needs an approval has one, given for all of it and not taken back."""
    if not view.asks_first or any(
        one.until is not None and one.until > view.now and one.covers(view.entry)
        for one in view.approvals
    ):
        return None
    return no(Why.NOT_APPROVED)


def within_items(view: EntryView) -> Answer:
    """A day has a limit: whatever goes wrong, it is not the whole library."""
    most = view.limits.max_items
    if view.entry.counted_as not in view.spent and len(view.spent) >= most:
        return no(Why.ITEM_LIMIT, titles=most)
    return None


def within_bytes(view: EntryView) -> Answer:
    """The same in bytes, if the user has set a limit."""
    most, size = view.limits.max_bytes, view.entry.size_bytes
    if found := never_fits(size, most):
        return found
    if most is not None and view.spent_bytes + (size or 0) > most:
        return no(Why.BYTE_LIMIT, bytes=most)
    return None


def never_fits(size: int | None, most: int | None) -> Answer:
    """What fits into no day's bytes goes on none, so somebody has to do something."""
    if most is None:
        return None
    if size is None:
        return unknown(Why.SIZE_UNKNOWN)
    return no(Why.TOO_LARGE, bytes=most) if size > most else None


def within_run(view: EntryView) -> Answer:
    """What a title frees may have to be seen before the next one goes."""
    most = view.limits.most_in_run
    if most is not None and view.begun >= most:
        return no(Why.RUN_LIMIT, titles=most)
    return None


def still_needed(view: EntryView) -> Answer:
    """Nothing more goes than the disk needs."""
    if view.limits.enough_bytes is not None and view.taken >= view.limits.enough_bytes:
        return no(Why.ENOUGH_SPACE)
    return None


def sources_answered(view: EntryView) -> Answer:
    """What the plan owes to a server has to be what that says today."""
    owner = Source.RADARR if view.entry.kind is MediaKind.MOVIE else Source.SONARR
    for source in (owner, Source.SEERR):
        if source in view.silent:
            return unknown(Why.SERVER_SILENT, server=source.capitalize())
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """The files of a movie or episode, and what is to be seen of them at this moment."""

    target: MediaItem
    """As the ledger knows it."""
    known: Remembered
    live: MediaItem | None
    """As Jellyfin shows it; ``None``: not there."""
    on_disk: OnDisk


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView(FileView):
    """A movie or episode of a plan's entry, and what is known of it at this moment."""

    now: datetime
    entry: PlannedDeletion
    user_data: Mapping[str, UserData]
    favorites: Mapping[str, frozenset[str]]
    """User id to the ids of all of that user's favourites."""
    favorites_keep: bool
    sessions: Sequence[Session]
    scanning: bool
    parts: Mapping[str, Sequence[UserData]] = field(default_factory=dict)
    """User id to what that user does with each further part of a film."""
    copy_ids: Collection[str] = ()
    """The ids of the other copies of the title."""
    copies: Sequence[tuple[Mapping[str, UserData], Remembered]] = ()
    """What users do with the other copies of the title, and what is remembered of it."""
    owners: int = 0
    """How many Radarrs or Sonarrs will be asked to delete it."""


def settled(view: LiveView) -> Answer:
    """Nothing is deleted twice: an earlier attempt has to be settled first."""
    if view.known.unsettled:
        return unknown(Why.UNSETTLED)
    return None


def only_files(view: LiveView) -> Answer:
    """A folder is never deleted, whatever a plan takes it for."""
    if view.target.kind not in (MediaKind.MOVIE, MediaKind.EPISODE):
        return no(Why.NO_FILE)
    return None


def still_there(view: LiveView) -> Answer:
    """What is gone needs no deletion."""
    return no(Why.NOT_IN_JELLYFIN) if view.live is None else None


def same_identity(view: LiveView) -> Answer:
    """An id that means another title by now must not be deleted for this one."""
    if view.live is None:
        return None
    if view.live.kind is not view.target.kind:
        return no(Why.OTHER_KIND)
    if media_key(view.live, view.known.series) != view.known.key:
        return no(Why.OTHER_IDENTITY)
    return None


def same_path(view: LiveView) -> Answer:
    """A moved or replaced file was not part of the plan."""
    if view.live is None:
        return None
    if not view.live.path or not view.target.path:
        return unknown(Why.PATH_UNKNOWN)
    if view.live.path != view.target.path:
        return no(Why.MOVED)
    return None


def same_file(view: LiveView) -> Answer:
    """A title that came back under its old path is another file, with an old flag."""
    if view.live is None:
        return None
    if view.live.added_at is None or view.target.added_at is None:
        return unknown(Why.FILE_DATE_UNKNOWN)
    if abs(view.live.added_at - view.target.added_at) > SAME_MOMENT:
        return no(Why.REPLACED)
    return None


def files_known(view: FileView) -> Answer:
    """All files of a title go or none, so each of them must be known."""
    if view.live is None:
        return None
    if _shape(view.live) != _shape(view.target):
        return no(Why.FILES_CHANGED)
    if not view.known.files:
        return unknown(Why.FILES_UNKNOWN)
    return None


def _shape(item: MediaItem) -> tuple[int, int, bool]:
    """Return of what an item is made."""
    return item.source_count, item.part_count, item.is_disc


def not_kept(view: LiveView) -> Answer:
    """A keep wins up to the last moment."""
    return no(Why.KEPT) if view.known.kept else None


def not_favorite(view: LiveView) -> Answer:
    """A favourite stays, and so does what belongs to a favourite series or season."""
    if not view.favorites_keep:
        return None
    own = {
        view.target.item_id,
        view.target.season_id,
        view.target.series_id,
        view.entry.item_id,
        *view.known.aliases,
    }
    if any(own & favorites for favorites in view.favorites.values()) or any(
        data.favorite for data in view.user_data.values()
    ):
        return no(Why.FAVORITE)
    return None


def not_playing(view: LiveView) -> Answer:
    """What somebody is watching stays, by whatever id the session began with.

    A part, an extra or a trailer says nothing but where it is.
    """
    own = {
        view.target.item_id,
        view.entry.item_id,
        *view.copy_ids,
        *view.known.aliases,
    }
    paths = {normal(one) or "" for one in view.known.own_paths}
    folders = [folder for one in _own_folders(view) if (folder := normal(one))]
    for session in view.sessions:
        path = normal(session.path) or ""
        if (
            own & session.item_ids
            or path in paths
            or any(holds(folder, path) for folder in folders)
        ):
            return no(Why.PLAYING)
    return None


def _own_folders(view: LiveView) -> Iterator[str]:
    """Yield the folders in which all is of this title."""
    path = view.target.path or ""
    if view.target.is_disc:
        yield path
    elif view.target.kind is MediaKind.MOVIE and not view.known.neighbours:
        folder = folder_of(path)
        if not any(
            holds(normal(folder) or "", normal(location) or "")
            for location in view.known.locations
        ):
            yield folder
    if view.entry.kind is MediaKind.SERIES and view.known.series is not None:
        yield view.known.series.path or ""


def still_watched(view: LiveView) -> Answer:
    """What was to go because it is watched has to be watched still."""
    if not view.entry.watched:
        return None
    unread = False
    for user_data, known in ((view.user_data, view.known), *view.copies):
        for user_id in view.entry.watcher_ids:
            data = user_data.get(user_id)
            if data is None:
                unread = True
                continue
            if remember(known.memories.get(user_id), data, view.now).watched:
                return None
    if unread:
        return unknown(Why.WATCHERS_UNKNOWN)
    return no(Why.NO_LONGER_WATCHED)


def no_newer_play(view: LiveView) -> Answer:
    """A play that the plan does not know postpones.

    One of an earlier copy does not, nor a date in the future that has been seen before.
    """
    last = view.entry.last_watched_at
    parts = [
        ({user_id: data}, view.known)
        for user_id, rows in view.parts.items()
        for data in rows
    ]
    for user_data, known in ((view.user_data, view.known), *view.copies, *parts):
        life = known.life_started_at
        for user_id, data in user_data.items():
            played_at = data.last_played_at
            if played_at is None or any(
                user_id == one and abs(played_at - at) <= SAME_MOMENT
                for one, at in known.plays_ahead
            ):
                continue
            if life is not None and played_at < life:
                continue
            if last is None or played_at > last + SAME_MOMENT:
                return no(Why.PLAYED_SINCE)
    return None


def same_owners(view: LiveView) -> Answer:
    """What Radarr or Sonarr had must not go behind its back: it would come again."""
    known = view.known.owners
    if view.target.kind is not MediaKind.MOVIE:
        # Of several that have the series, one may have the episode.
        known = min(known, 1)
    if view.owners < known:
        app = "Radarr" if view.target.kind is MediaKind.MOVIE else "Sonarr"
        return unknown(Why.NO_LONGER_LISTED, server=app)
    return None


def no_scan_running(view: LiveView) -> Answer:
    """A delete during a library scan can leave its row behind."""
    return no(Why.SCANNING) if view.scanning else None


def alone_under_its_name(view: FileView) -> Answer:
    """Jellyfin deletes more than the file: what starts with its name, or the folder.

    A movie that has its folder to itself goes with the whole folder; any other video
    takes every sidecar along whose name begins like its own, and nothing of its other
    parts and versions. Radarr and Sonarr delete nothing but the file.
    """
    if not view.on_disk.for_jellyfin:
        return None
    path = (view.target.path or "").replace("\\", "/")
    folder, name = (path, "") if view.target.is_disc else posixpath.split(path)
    stem = posixpath.splitext(name)[0].casefold()
    own = {one.replace("\\", "/") for one in (*view.known.own_paths, path)}
    others = [
        other.replace("\\", "/")
        for item_id, other in view.known.neighbours
        if item_id != view.target.item_id and other.replace("\\", "/") not in own
    ]
    beside = [one for one in others if posixpath.dirname(one) == folder]
    if view.target.is_disc:
        beside = []
    elif beside and view.target.part_count > 1:
        return no(Why.PARTS_AMONG_OTHERS)
    elif view.target.kind is MediaKind.EPISODE and view.on_disk.for_jellyfin > 1:
        return no(Why.SEVERAL_FILES)
    for other in beside:
        if posixpath.basename(other).casefold().startswith(stem):
            return no(Why.TAKES_SIDECAR, name=posixpath.basename(other))
    if view.target.kind is not MediaKind.MOVIE or beside:
        return None
    if others:
        return no(Why.FOLDER_HOLDS_TITLES)
    below = f"{folder.rstrip('/')}/"
    for location in view.known.locations:
        if f"{location.replace('\\', '/')}/".startswith(below):
            return no(Why.FOLDER_HOLDS_LIBRARY)
    return None


def on_disk(view: FileView) -> Answer:
    """What cannot be seen is perhaps on a disk that is away, and would come back."""
    if view.on_disk.unseen:
        return unknown(Why.NOT_ON_DISK, name=file_name(view.on_disk.unseen[0]))
    return None


def nothing_else_goes(view: FileView) -> Answer:
    """What else is in a folder that would go with the title has to be the title's."""
    found = view.on_disk.objection
    return None if found is None else Objection(found)


ENTRY_GUARDS: tuple[Callable[[EntryView], Answer], ...] = (
    due,
    approved,
    within_items,
    within_bytes,
    within_run,
    still_needed,
    sources_answered,
)
"""Every check that an entry has to pass before its files are read live."""

LIVE_GUARDS: tuple[Callable[[LiveView], Answer], ...] = (
    settled,
    only_files,
    still_there,
    same_identity,
    same_path,
    same_file,
    files_known,
    not_kept,
    not_favorite,
    not_playing,
    still_watched,
    no_newer_play,
    same_owners,
    no_scan_running,
    alone_under_its_name,
    on_disk,
    nothing_else_goes,
)
"""Every check that each single file has to pass, right before it goes."""


def objection[View](guards: Iterable[Callable[[View], Answer]], view: View) -> Answer:
    """Return the first thing that speaks against a deletion, or ``None``."""
    return next((found for guard in guards if (found := guard(view))), None)
