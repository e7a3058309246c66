"""Why something is not deleted, not gone as it should be, or not back, as codes."""

from collections.abc import Sequence
from enum import StrEnum

from ..model import Keep, MediaItem, Reason, ReasonValue
from ..servers import ServerError

MANUAL = "manual"
"""The rule of what a user has scheduled by hand."""


class Why(StrEnum):
    """The codes of the reasons of this room, with the names of their data."""

    # What blocks everything.
    NEVER_SYNCED = "never_synced"
    SYNC_FAILED = "sync_failed"
    """``error``: what the server's room or the ledger says."""
    SYNC_BROKE = "sync_broke"
    """``error``: the name of an error that nobody foresaw."""
    SYNC_TOO_OLD = "sync_too_old"

    # What keeps a title, whatever the rules say, and what is by hand.
    BY_HAND = "by_hand"
    """``due_at``."""
    KEPT_BY_USER = "kept_by_user"
    """``title``; ``ends_at`` and ``note``, or nothing."""
    BROUGHT_BACK = "brought_back"
    """``title``, ``name`` of who did it, ``ends_at``."""
    FAVORITE_OF = "favorite_of"
    """``title``, ``users``."""
    UNMATCHED = "unmatched"
    """``server``, ``because``."""
    COPY_STAYS = "copy_stays"
    """``title``, ``because``; ``library``, or nothing."""
    SHARED_FILE_STAYS = "shared_file_stays"
    """``title``, ``because``."""
    RULES_OTHERWISE = "rules_otherwise"
    """``because``."""
    APPROVAL_NEEDED = "approval_needed"
    """``because``: what else would change it."""

    # What speaks against a planned deletion.
    NOT_DUE = "not_due"
    """``due_at``."""
    ITEM_LIMIT = "item_limit"
    """``titles``."""
    BYTE_LIMIT = "byte_limit"
    """``bytes``, and so has the next."""
    TOO_LARGE = "too_large"
    NOT_APPROVED = "not_approved"
    RUN_LIMIT = "run_limit"
    """``titles``."""
    SIZE_UNKNOWN = "size_unknown"
    ENOUGH_SPACE = "enough_space"
    SERVER_SILENT = "server_silent"
    """``server``."""
    DRY_RUN = "dry_run"
    DRY_RUN_TURNED_ON = "dry_run_turned_on"
    AUTOMATIC_ENDED = "automatic_ended"
    SHUTTING_DOWN = "shutting_down"

    # What the second decision says.
    DECIDED_OTHERWISE = "decided_otherwise"
    """``because``: what the rules say now."""
    HOLDS_MORE = "holds_more"
    NOT_MANAGED = "not_managed"
    NO_LONGER_PLANNED = "no_longer_planned"

    # What speaks against one of its files.
    UNSETTLED = "unsettled"
    NO_FILE = "no_file"
    NOT_IN_JELLYFIN = "not_in_jellyfin"
    NOT_IN_LIBRARY = "not_in_library"
    OTHER_KIND = "other_kind"
    OTHER_IDENTITY = "other_identity"
    PATH_UNKNOWN = "path_unknown"
    MOVED = "moved"
    FILE_DATE_UNKNOWN = "file_date_unknown"
    REPLACED = "replaced"
    KEPT = "kept"
    FAVORITE = "favorite"
    PLAYING = "playing"
    WATCHERS_UNKNOWN = "watchers_unknown"
    NO_LONGER_WATCHED = "no_longer_watched"
    PLAYED_SINCE = "played_since"
    NO_LONGER_LISTED = "no_longer_listed"
    """``server``."""
    SCANNING = "scanning"
    FILES_CHANGED = "files_changed"
    FILES_UNKNOWN = "files_unknown"
    NOT_ON_DISK = "not_on_disk"
    """``name``: of the file."""
    DISK_AWAY = "disk_away"
    PARTS_AMONG_OTHERS = "parts_among_others"
    SEVERAL_FILES = "several_files"
    TAKES_SIDECAR = "takes_sidecar"
    """``name``: of the other file."""
    FOLDER_HOLDS_VIDEO = "folder_holds_video"
    """``name``, and so is the next: of what is in it."""
    FOLDER_HOLDS_FOLDER = "folder_holds_folder"
    FOLDER_UNREADABLE = "folder_unreadable"
    """``name``: of the folder."""
    FOLDER_HOLDS_TITLES = "folder_holds_titles"
    FOLDER_HOLDS_LIBRARY = "folder_holds_library"

    # What Radarr or Sonarr says, its name being ``server``.
    DOWNLOADING = "downloading"
    CHANGED = "changed"
    FILE_NOT_NAMED = "file_not_named"
    OTHER_FILE = "other_file"
    """``name``: of the file."""
    FILE_IS_NEW = "file_is_new"
    FILE_UNKNOWN = "file_unknown"
    OWN_FILE_UNKNOWN = "own_file_unknown"
    """Without data."""
    FILE_CONTENT_UNKNOWN = "file_content_unknown"
    EPISODES_MISSING = "episodes_missing"
    TITLES_MISSING = "titles_missing"
    EPISODE_SHARES_FILE = "episode_shares_file"
    """Without data."""

    # How a deletion ended.
    UNSURE = "unsure"
    """``because``."""
    SERVER_FAILED = "server_failed"
    """``error``: what the server's room says."""
    PARTLY_DELETED = "partly_deleted"
    """``deleted`` and ``files``: two numbers; ``because``."""
    STILL_ON_DISK = "still_on_disk"
    NOT_CONFIRMED = "not_confirmed"
    STILL_IN_JELLYFIN = "still_in_jellyfin"
    STILL_HAS_FILE = "still_has_file"
    """``server``."""
    NOT_RESTORED = "not_restored"
    """``because``, ``error``."""
    NOT_REMOVED = "not_removed"
    """``because``, ``again_at``."""
    INTERRUPTED = "interrupted"
    CUT_OFF = "cut_off"
    """``server``."""

    # Why what is left of a title in Radarr or Sonarr has to stay there.
    ENTRY_STAYS = "entry_stays"
    """``server``, ``monitored``, ``because``."""
    ENTRIES_STAY = "entries_stay"
    """``because``: several of them."""
    ENTRY_UNKNOWN = "entry_unknown"
    """``server``, ``error``."""
    HAS_OTHER_FILES = "has_other_files"
    FOLDER_UNKNOWN = "folder_unknown"
    FOLDER_IS_ROOT = "folder_is_root"
    FOLDER_OUTSIDE_ROOTS = "folder_outside_roots"
    OTHER_FOLDER_UNKNOWN = "other_folder_unknown"
    FOLDER_SHARED = "folder_shared"
    """``title``."""
    FOLDER_NOT_SEEN = "folder_not_seen"
    FOLDER_HOLDS = "folder_holds"
    """``title``."""
    ROOT_MISSING = "root_missing"

    # Why something cannot be brought back, or not quite as it was.
    NOT_DELETED = "not_deleted"
    DELETION_OPEN = "deletion_open"
    WITHOUT_ARR = "without_arr"
    SETUP_UNKNOWN = "setup_unknown"
    NOT_CONNECTED = "not_connected"
    """``server``, and so have the next."""
    FOLDER_AWAY = "folder_away"
    """``name``: of the root folder."""
    NO_ROOT_FOLDER = "no_root_folder"
    NO_PROFILE = "no_profile"
    STILL_READING = "still_reading"
    NOT_READ = "not_read"
    OTHER_ROOT_FOLDER = "other_root_folder"
    """``name``: of the other one."""
    OTHER_PROFILE = "other_profile"
    """``name``: of the other one."""
    NOTHING_MISSING = "nothing_missing"
    BEING_BROUGHT_BACK = "being_brought_back"
    """Without data."""
    ALREADY_BACK = "already_back"
    """``name``: of who did it."""
    RETURN_GIVEN_UP = "return_given_up"
    """Without data."""
    SEVERAL_NOTES = "several_notes"
    """``because``: several of them."""


def why(code: Why, **data: ReasonValue) -> Reason:
    """Return a reason of this room."""
    return Reason(code, data)


def kept_because(keep: Keep, title: str) -> Reason:
    """Return that a title is kept by somebody, or because it was brought back."""
    if keep.brought_back_by is not None:
        name = keep.brought_back_by
        return why(Why.BROUGHT_BACK, title=title, name=name, ends_at=keep.until)
    note = keep.reason or None
    return why(Why.KEPT_BY_USER, title=title, ends_at=keep.until, note=note)


def together(notes: Sequence[Reason]) -> Reason | None:
    """Return several reasons as one; ``None``: there is none."""
    if len(notes) > 1:
        return why(Why.SEVERAL_NOTES, because=tuple(notes))
    return notes[0] if notes else None


def unsure(because: Reason) -> Reason:
    """Return that something is unknown, so nothing is deleted."""
    return why(Why.UNSURE, because=because)


def failed(error: ServerError) -> Reason:
    """Return that a server has failed."""
    return why(Why.SERVER_FAILED, error=str(error))


def entry_stays(server: str, because: Reason, *, monitored: bool = False) -> Reason:
    """Return that a title stays in its *arr although its files are gone."""
    return why(Why.ENTRY_STAYS, server=server, monitored=monitored, because=because)


class Stopped(Exception):
    """A deletion cannot go on; ``reason`` says why, ``item`` which title holds it."""

    def __init__(self, reason: Reason, item: MediaItem | None = None) -> None:
        """Take why, and what of an entry it is about, where it is not all of it."""
        super().__init__(reason.code)
        self.reason = reason
        self.item = item
