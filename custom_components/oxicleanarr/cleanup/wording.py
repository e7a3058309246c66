"""The words for the reasons of this room, of the matching and of the rules."""

from collections.abc import Callable, Mapping
from typing import Any

from ..ledger import Unclear
from ..model import Keep, MediaItem, PlannedDeletion, Reason, full_title
from ..retention import (
    STANDARD,
    Words,
    clause as clause_of_rules,
    day,
    listed,
    render,
    sentence,
)
from ..sync import Doubt
from .measure import Suspicion
from .reasons import MANUAL, Why


def say(reason: Reason) -> str:
    """Return any reason as a sentence."""
    return sentence(reason, clause(reason))


def clause(reason: Reason) -> str:
    """Return any reason as a part of a sentence."""
    if reason.code in _WORDS:
        return render(reason, _WORDS, clause)
    return clause_of_rules(reason)


def rule_name(rule: str) -> str:
    """Return what a person calls the rule that decided."""
    return {STANDARD: "Default retention", MANUAL: "Scheduled manually"}.get(rule, rule)


def size(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count >= 100 * 1000**2:
        return f"{count / 1000**3:,.1f} GB"
    return f"{count / 1000**2:,.1f} MB"


def leaves(entry: PlannedDeletion) -> str:
    """Return that a title leaves, in as few words as fit into a day of a calendar."""
    return f"{full_title(entry)} leaves"


def leaves_in(entry: PlannedDeletion, days: int) -> str:
    """Return when a title leaves, in as few words as fit below a poster."""
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"{full_title(entry)} · {when}"


def details(entry: PlannedDeletion) -> str:
    """Return why a title leaves, and in a second line by which rule and how big it is.

    Some lists put the lines into one.
    """
    facts = [f"Rule: {rule_name(entry.rule)}"]
    if entry.approved_until is not None:
        facts.append(f"Approved until {day(entry.approved_until)}")
    elif entry.needs_approval:
        facts.append("Needs an administrator's approval")
    if entry.size_bytes is not None:
        facts.append(size(entry.size_bytes))
    if entry.requested_by:
        facts.append(f"Requested by {listed(entry.requested_by)}")
    return f"{say(entry.reason)}\n{' · '.join(facts)}"


def kept_details(keep: Keep) -> str:
    """Return until when a title is kept, and the user's own words, line by line."""
    lines = [f"Kept until {day(keep.until)}"] if keep.until else []
    return "\n".join([*lines, *([keep.reason] if keep.reason else [])])


def keep_ends(item: MediaItem) -> str:
    """Return that a title is no longer kept, for a day of a calendar."""
    return f"{full_title(item)} is no longer kept"


def _kept_by_user(data: Mapping[str, Any]) -> str:
    """Return that a user keeps a title, with the user's own words."""
    until = f" until {day(data['ends_at'])}" if data["ends_at"] else ""
    note = f": {data['note']}" if data["note"] else ""
    return f"{data['title']} is kept{until}{note}"


def _byte_limit(data: Mapping[str, Any]) -> str:
    """Return that the byte limit of the day is reached."""
    return f"{_limit_of(data['bytes'])} is reached. The rest follows later"


def _too_large(data: Mapping[str, Any]) -> str:
    """Return that a title alone is more than the byte limit of a day."""
    return (
        f"it is larger than {_limit_of(data['bytes'])}. Increase Maximum gigabytes per"
        " day in the options, or delete it yourself"
    )


def _limit_of(count: int) -> str:
    """Return the byte limit of the day in the unit in which it was chosen."""
    size = f"{count:,} bytes"
    if count >= 1000**2:
        size = f"{count / 1000**3:,.3f}".rstrip("0").rstrip(".") + " GB"
    return f"the limit of {size} in 24 hours"


def _item_limit(data: Mapping[str, Any]) -> str:
    """Return that the title limit of the day is reached."""
    titles = "1 title" if data["titles"] == 1 else f"{data['titles']} titles"
    return f"the limit of {titles} in 24 hours is reached. The rest follows later"


def _run_limit(data: Mapping[str, Any]) -> str:
    """Return that the title limit of the run is reached."""
    titles = "1 title" if data["titles"] == 1 else f"{data['titles']} titles"
    return f"the limit of {titles} in one run is reached. The rest follows later"


def _partly_deleted(data: Mapping[str, Any]) -> str:
    """Return how far a deletion went, and what stopped it."""
    because: Reason = data["because"]
    how = ""
    if because.code == Why.UNSURE:
        how, because = " to be safe", because.data["because"]  # type: ignore[assignment]
    return (
        f"deleted {data['deleted']} of {data['files']} files, then stopped{how}:"
        f" {clause(because)}"
    )


def _entry_stays(data: Mapping[str, Any]) -> str:
    """Return why a title stays in Radarr or Sonarr although its files are gone."""
    how = "" if data["monitored"] else ", unmonitored"
    return f"its entry stays in {data['server']}{how}: {clause(data['because'])}"


def _copy_stays(data: Mapping[str, Any]) -> str:
    """Return that a copy stays, and why; older versions have stored neither."""
    if data.get("because") is None:
        return "another copy of the same title is kept"
    where = f" in {data['library']}" if data["library"] else ""
    return (
        f'another copy of it is kept, "{data["title"]}"{where}:'
        f" {clause(data['because'])}"
    )


def _changed(words: str) -> Callable[[Mapping[str, Any]], str]:
    """Return what words a number that changed, and where that was seen."""

    def worded(data: Mapping[str, Any]) -> str:
        """Return it with the name of a library, a user or a server, if there is one."""
        where = f" ({data['where']})" if data["where"] else ""
        return words.format_map(data) + where

    return worded


_WORDS: Mapping[str, Words] = {
    Why.NEVER_SYNCED: "no sync has been completed yet",
    Why.SYNC_FAILED: "the last sync failed ({error})",
    Why.SYNC_BROKE: "the last sync failed with an unexpected error ({error})",
    Why.SYNC_TOO_OLD: "the last complete sync is more than a day old",
    Why.BY_HAND: "scheduled manually for {due_at}",
    Why.KEPT_BY_USER: _kept_by_user,
    Why.BROUGHT_BACK: (
        "{title} was brought back by {name}. It is kept until {ends_at}, or until"
        " somebody has watched it"
    ),
    Why.FAVORITE_OF: lambda data: (
        f"{data['title']} is a favorite of {listed(data['users'])}"
    ),
    Why.UNMATCHED: "{server} and Jellyfin don't agree: {because}",
    Unclear.SAME_NUMBER: (
        '{title} is not the only file with its number: "{file}" has it too, so it is'
        " not known who has watched which. Correct the number of one of them, or"
        " import both into Sonarr"
    ),
    Unclear.IN_UNMANAGED: (
        "{title} is also in {library}, which OxiCleanarr doesn't manage. Choose that"
        " library in the options to let the rules decide"
    ),
    Unclear.VERSIONS_UNKNOWN: (
        "Jellyfin doesn't say how long each of the {versions} versions of {title} is,"
        " so it is not known whether they are the same title. Scan the library, or"
        " split them in Jellyfin"
    ),
    Unclear.VERSIONS_DIFFER: (
        "the versions of {title} run {shortest} and {longest} minutes, so it is not"
        " known whether they are the same title. Split them in Jellyfin"
    ),
    Unclear.VERSIONS_NUMBERED: (
        'Jellyfin shows "{file}" and "{other_file}" as versions of {title}, but their'
        " names have different numbers. Split them in Jellyfin, or rename them"
    ),
    Why.COPY_STAYS: _copy_stays,
    Why.SHARED_FILE_STAYS: (
        'its file also contains "{title}", which is kept: {because}'
    ),
    Why.RULES_OTHERWISE: "otherwise the rules would decide: {because}",
    Why.APPROVAL_NEEDED: (
        "it isn't deleted until an administrator approves it; {because}"
    ),
    Why.NOT_DUE: "not before {due_at}",
    Why.NOT_APPROVED: "it waits for an administrator's approval",
    Why.ITEM_LIMIT: _item_limit,
    Why.BYTE_LIMIT: _byte_limit,
    Why.TOO_LARGE: _too_large,
    Why.RUN_LIMIT: _run_limit,
    Why.SIZE_UNKNOWN: (
        "its size is not known, and the size of deletions is limited. Clear Maximum"
        " gigabytes per day in the options, or delete it yourself"
    ),
    Why.ENOUGH_SPACE: "there is enough free space again",
    Why.SERVER_SILENT: "{server} did not respond when it was last asked",
    Why.DRY_RUN: "dry run: it would be deleted now",
    Why.DRY_RUN_TURNED_ON: "dry run has been turned on",
    Why.AUTOMATIC_ENDED: "titles may not be deleted automatically any more",
    Why.SHUTTING_DOWN: "OxiCleanarr is shutting down",
    Why.DECIDED_OTHERWISE: "decided otherwise just now: {because}",
    Why.HOLDS_MORE: "it has more episodes than were announced",
    Why.NOT_MANAGED: "its library is no longer managed",
    Why.NO_LONGER_PLANNED: "the rules would keep it now",
    Why.UNSETTLED: "it was deleted before, and that is not confirmed yet",
    Why.NO_FILE: "it is a folder, and only single files are deleted",
    Why.NOT_IN_JELLYFIN: "it is no longer in Jellyfin",
    Why.NOT_IN_LIBRARY: "it is no longer in the library",
    Why.OTHER_KIND: "Jellyfin shows something else under this ID",
    Why.OTHER_IDENTITY: "its identity in Jellyfin has changed since the last sync",
    Why.PATH_UNKNOWN: "its path is not known",
    Why.MOVED: "its file has been moved since the last sync",
    Why.FILE_DATE_UNKNOWN: "Jellyfin doesn't say when its file was added",
    Why.REPLACED: "its file has been replaced since the last sync",
    Why.KEPT: "it is kept",
    Why.FAVORITE: "it is a favorite",
    Why.PLAYING: "it is being played",
    Why.WATCHERS_UNKNOWN: "Jellyfin does not say who has watched it",
    Why.NO_LONGER_WATCHED: "it is no longer marked as watched",
    Why.PLAYED_SINCE: "somebody has played it since the last sync",
    Why.NO_LONGER_LISTED: (
        "{server} had it at the last sync, but does not list it now"
    ),
    Why.SCANNING: "Jellyfin is scanning its libraries",
    Why.FILES_CHANGED: "its versions or parts have changed since the last sync",
    Why.FILES_UNKNOWN: (
        "Jellyfin doesn't list all of its files. Put each version in a folder of its own"
    ),
    Why.NOT_ON_DISK: (
        'Jellyfin can\'t see "{name}" on disk. Check that the disk is mounted and that'
        " Jellyfin may read it"
    ),
    Why.DISK_AWAY: (
        "a disk seems to be missing. Check that it is mounted, also in Jellyfin's"
        " container"
    ),
    Why.PARTS_AMONG_OTHERS: (
        "Jellyfin would delete only its first part. Move its parts to a folder of their"
        " own"
    ),
    Why.SEVERAL_FILES: (
        "Jellyfin would delete only the first of its files. Split its versions in"
        " Jellyfin"
    ),
    Why.TAKES_SIDECAR: (
        'Jellyfin would also delete "{name}". Rename one of them, or move it'
    ),
    Why.FOLDER_HOLDS_VIDEO: (
        'its folder also contains "{name}". Move that if you want to keep it, or delete'
        " it yourself"
    ),
    Why.FOLDER_HOLDS_FOLDER: (
        'its folder also contains the folder "{name}". Move that if you want to keep it,'
        " or delete it yourself"
    ),
    Why.FOLDER_UNREADABLE: (
        'Jellyfin can\'t read the folder "{name}". Check its permissions'
    ),
    Why.FOLDER_HOLDS_TITLES: (
        "its folder contains other titles. Give it a folder of its own"
    ),
    Why.FOLDER_HOLDS_LIBRARY: (
        "its folder contains a library. Give it a folder of its own"
    ),
    Why.DOWNLOADING: (
        "{server} is downloading it. If it is stuck, remove it from the queue there"
    ),
    Why.CHANGED: "it changed in {server} since the last sync",
    Why.FILE_NOT_NAMED: (
        "{server} doesn't say which file it has. Let it refresh the title and scan its"
        " folder"
    ),
    Why.OTHER_FILE: (
        '{server} has the file "{name}", which Jellyfin doesn\'t show. Scan the library'
        " in Jellyfin, or delete that file"
    ),
    Why.FILE_IS_NEW: (
        "{server} has a new file of it since the last sync. The next sync takes it into"
        " account"
    ),
    Why.FILE_UNKNOWN: (
        "{server} doesn't have its file. Import it there, or delete it yourself"
    ),
    Why.OWN_FILE_UNKNOWN: (
        "it is not known which file is its own. Check its path on the other server"
    ),
    Why.FILE_CONTENT_UNKNOWN: (
        "{server} doesn't say what its file contains. Let it refresh the series and scan"
        " its folder"
    ),
    Why.EPISODES_MISSING: (
        "{server} doesn't list all of its episodes. Let it refresh the series and scan"
        " its folder"
    ),
    Why.TITLES_MISSING: "{server} lists fewer titles than at the last sync",
    Why.EPISODE_SHARES_FILE: "another episode is in the same file",
    Why.UNSURE: "skipped to be safe: {because}",
    Why.SERVER_FAILED: "{error}",
    Why.PARTLY_DELETED: _partly_deleted,
    Why.STILL_ON_DISK: "its file is still on disk",
    Why.NOT_CONFIRMED: "Jellyfin's next library scan will tell whether it is gone",
    Why.STILL_IN_JELLYFIN: "Jellyfin still has it",
    Why.STILL_HAS_FILE: "{server} still has the file",
    Why.NOT_RESTORED: "{because}. It could not be monitored again: {error}",
    Why.NOT_REMOVED: (
        "it could not be deleted: {because}. Check the permissions of its folder."
        " OxiCleanarr tries again after {again_at}"
    ),
    Why.INTERRUPTED: "it was interrupted before the file was deleted",
    Why.CUT_OFF: (
        "it was interrupted: its entry may still be in {server}, unmonitored"
    ),
    Why.ENTRY_STAYS: _entry_stays,
    Why.ENTRIES_STAY: lambda data: "; ".join(map(clause, data["because"])),
    Why.ENTRY_UNKNOWN: "it is not known whether its entry stays in {server}: {error}",
    Why.HAS_OTHER_FILES: "it has other files",
    Why.FOLDER_UNKNOWN: "its folder is not known",
    Why.FOLDER_IS_ROOT: "its folder is a root folder or contains one",
    Why.FOLDER_OUTSIDE_ROOTS: "its folder is in none of the root folders",
    Why.OTHER_FOLDER_UNKNOWN: "the folder of another title is not known",
    Why.FOLDER_SHARED: 'the folder of "{title}" is the same or inside it',
    Why.FOLDER_NOT_SEEN: "it is not known where Jellyfin sees its folder",
    Why.FOLDER_HOLDS: '"{title}" is in its folder',
    Why.ROOT_MISSING: "its root folder is missing",
    Why.NOT_DELETED: "it wasn't deleted",
    Why.DELETION_OPEN: "its deletion isn't confirmed yet. Try again later",
    Why.WITHOUT_ARR: (
        "it was deleted through Jellyfin. Only what Radarr or Sonarr deleted can be"
        " brought back"
    ),
    Why.SETUP_UNKNOWN: (
        "OxiCleanarr doesn't know how it was set up in Radarr or Sonarr. Add it there"
        " yourself"
    ),
    Why.NOT_CONNECTED: "{server} is no longer connected",
    Why.FOLDER_AWAY: (
        "{server} can't access the folder {name}. Check that its disk is mounted"
    ),
    Why.NO_ROOT_FOLDER: (
        "{server} has no root folder that it can access. Add one in its settings"
    ),
    Why.NO_PROFILE: "{server} has no quality profile. Add one in its settings",
    Why.STILL_READING: (
        "{server} is still reading it. OxiCleanarr goes on as soon as that is done"
    ),
    Why.NOT_READ: (
        "{server} added it but can't read its episodes right now. Try again later"
    ),
    Why.OTHER_ROOT_FOLDER: (
        "{server} no longer uses the folder that it was in, so it goes to {name}"
    ),
    Why.OTHER_PROFILE: (
        "its quality profile is gone from {server}, so it now has {name}"
    ),
    Why.NOTHING_MISSING: (
        "{server} already has its files, so there is nothing to search for"
    ),
    Why.BEING_BROUGHT_BACK: "it is already being brought back",
    Why.ALREADY_BACK: "it was already brought back by {name}",
    Why.RETURN_GIVEN_UP: (
        "bringing it back was interrupted, and a day has passed since. Try again"
    ),
    Why.SEVERAL_NOTES: lambda data: "; ".join(map(clause, data["because"])),
    Doubt.IDS: "only some of its provider IDs match. Correct the wrong ones",
    Doubt.PATH: (
        "its provider IDs and its path contradict each other. Identify it again in"
        " Jellyfin, or correct its path on the other server"
    ),
    Doubt.AMBIGUOUS: (
        "more than one title on the same server fits. Remove those that don't belong"
        " to it"
    ),
    Doubt.UNSEEN_COPY: (
        "there is another file that Jellyfin doesn't show. Scan the library in"
        " Jellyfin, or delete that file"
    ),
    Doubt.COPY_UNTOLD: (
        "it is not known which of its copies the server has. Correct the path there"
    ),
    Doubt.SPLIT: (
        "its files are in several folders, and not all of them are managed. Split the"
        " versions in Jellyfin"
    ),
    Doubt.ELSEWHERE: (
        "the other server expects its file in a different folder. Correct the path"
        " there, or remove the entry"
    ),
    Doubt.MISSING: (
        "the server that had it stopped listing it less than a day ago. After a day,"
        " the other servers decide"
    ),
    Doubt.UNTOLD: "it is not known which file it is, or what else is in that file",
    Suspicion.HISTORY_SHRANK: _changed(
        "Jellystat's history shrank from {before} to {now} plays"
    ),
    Suspicion.INVENTORY_SHRANK: _changed(
        "the libraries shrank from {before} to {now} movies and episodes"
    ),
    Suspicion.PLAYED_SURGED: _changed(
        "watched movies and episodes rose from {before} to {now}"
    ),
    Suspicion.DUE_SURGED: _changed(
        "movies and episodes that are ready to delete rose from {before} to {now}"
    ),
    Suspicion.USERS_VANISHED: "Jellyfin had {before} users and now has {now}",
    Suspicion.FAVORITES_VANISHED: _changed("favorites shrank from {before} to {now}"),
    Suspicion.TAGS_VANISHED: _changed(
        "titles with a tag that a rule asks for shrank from {before} to {now}"
    ),
    Suspicion.TITLES_UNLISTED: _changed(
        "Radarr or Sonarr listed {before} titles and now lists {now}"
    ),
    Suspicion.JELLYSTAT_SILENT: (
        "Jellyfin has logged {now} plays that Jellystat has not recorded"
    ),
    Suspicion.CLOCK_JUMPED: "the clock jumped by {now} seconds",
    Suspicion.LEDGER_REPLACED: (
        "the database was lost or damaged, and an empty one has taken its place"
    ),
    Suspicion.OTHER_SERVER: "a different Jellyfin server answers at this address",
}
