"""The ledger: everything that is remembered about one Jellyfin server."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
import json
from pathlib import Path
import sqlite3
from typing import Any

from ..model import (
    Keep,
    Library,
    MediaFacts,
    MediaFiles,
    MediaItem,
    MediaKey,
    MediaKind,
    OwnedFacts,
    PlannedDeletion,
    PlaybackEvent,
    Reason,
    Requester,
    User,
)
from . import owned
from .batch import MEMORY_COLUMNS, SyncBatch, memory_from_row, note_absence
from .database import (
    Database,
    LedgerDamaged,
    LedgerError,
    from_ms,
    get_state,
    reason_from_column,
    reason_to_column,
    set_state,
    to_ms,
)
from .facts import ITEM_COLUMNS, item_from_row, read_facts
from .history import EVENT_COLUMNS, add_events, begin_scan, event_from_row, note_page
from .memory import PlayMemory
from .owned import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """How far the servers have been read."""

    server_id: str | None
    synced_at: datetime | None
    """When the last sync ended that every source answered completely."""
    fully_synced_at: datetime | None
    history_complete: bool
    """Whether the whole history has been read once."""
    history_scanning: bool
    """Whether a read of the whole history has begun and not ended."""
    history_cursor: str | None
    history_from: datetime | None
    """The newest row of the last whole read: increments begin there."""
    history_newest: datetime | None
    history_rows: int
    """How many rows Jellystat has, as far as is known."""
    history_read_at: datetime | None
    """When the last whole read of the history began."""
    activity_cursor: datetime | None
    """The newest entry of Jellyfin's activity log that was read, in its own time."""
    unseen_plays: tuple[tuple[str, str | None, datetime], ...]
    """Plays in Jellyfin's log that are newer than Jellystat's newest row: user id,
    item id, time."""
    poll_turn: int
    """Whose turn it is to be looked at, of the users who did not play anything."""


class DeletionOutcome(StrEnum):
    """How a deletion ended; the first is written before it begins."""

    INTENDED = "intended"
    DELETED = "deleted"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrDeletion:
    """A file that goes through Radarr or Sonarr, and what is to be undone if it stays."""

    connection_id: str
    app: str
    title_id: int
    file_id: int | None
    """``None``: it has no file yet, and shall not look for one."""
    was_monitored: bool = False
    """Whether its movie was looked for before, and is not to be any more."""
    episode_ids: tuple[int, ...] = ()
    """The episodes in the file of which the same is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One file's deletion, from the intent to the outcome."""

    entry_id: int
    item_id: str
    key: MediaKey
    kind: MediaKind
    title: str
    series: str | None
    season: int | None
    episode: int | None
    path: str | None
    size_bytes: int | None
    rule: str
    reason: Reason
    intended_at: datetime
    outcome: DeletionOutcome
    finished_at: datetime | None
    error: Reason | None
    """What went wrong, or what else there is to say."""
    through: tuple[ArrDeletion, ...] = ()
    """Empty: it was Jellyfin that was asked."""
    recycle_bin: str | None = None
    """Where the file was moved to; ``None``: it is gone from the disk."""
    recoverable_until: datetime | None = None
    """Until when it lies there; ``None``: until somebody empties that folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the ledger has to say when a file is about to be deleted."""

    key: MediaKey
    series: MediaItem | None
    memories: Mapping[str, PlayMemory]
    """User id to what is remembered of that user's plays."""
    kept: bool
    """Whether it, its season or its series is kept at this moment."""
    unsettled: bool
    """Whether it was deleted before and nobody knows how that ended."""
    own_paths: frozenset[str]
    """The paths of all its versions."""
    neighbours: tuple[tuple[str, str], ...]
    """``(item id, path)`` of every other known file in or below its folder."""
    locations: tuple[str, ...]
    """The folders of all libraries."""
    aliases: frozenset[str]
    """Every id that it, or a version of it, has or had."""
    owners: int = 0
    """How many Radarrs or Sonarrs had it, or its series, when they were last asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """Since when an entry stands on the schedule, and when it may go."""

    first_scheduled_at: datetime
    due_at: datetime


_EMPTIED_EVERY = timedelta(days=1)
_EMPTIED_BY_HAND = timedelta(days=30)

_OPEN = (DeletionOutcome.INTENDED, DeletionOutcome.UNCONFIRMED)

_JOURNAL_COLUMNS = (
    "id, item_id, key, kind, title, series, season, episode, path, size_bytes, rule,"
    " reason, intended_at, outcome, finished_at, error, through, recycle_bin,"
    " recoverable_until"
)
_SIZE = (
    "SELECT coalesce((SELECT size_bytes FROM files WHERE item_id = ?1),"
    " (SELECT size_bytes FROM owned WHERE item_id = ?1))"
)


def open_ledger(path: Path, now: datetime) -> tuple[Ledger, Path | None]:
    """Open a ledger; a damaged one is set aside and an empty one takes its place.

    Return the ledger and where the damaged file lies now, if there was one. Raises
    LedgerTooNew, and LedgerError where the file can be neither read nor moved.
    """
    try:
        return Ledger(path), None
    except LedgerDamaged:
        aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
        try:
            for suffix in ("-wal", "-shm", ""):
                part = path.with_name(path.name + suffix)
                if part.exists():
                    part.rename(aside.with_name(aside.name + suffix))
        except OSError as err:
            raise LedgerError(str(err)) from err
        return Ledger(path), aside


class Ledger:
    """The file of one config entry.

    Every method may block on the disk, so call it in an executor; each raises
    LedgerError where the file does not answer, and then nothing has changed.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises LedgerDamaged, LedgerTooNew, LedgerError."""
        self._database = Database(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # --- what the servers said ---------------------------------------------------

    def begin_sync(self, *, complete: bool) -> SyncBatch:
        """Return an empty batch; an earlier one that was not committed is forgotten."""
        return SyncBatch(self._database, complete=complete)

    def state(self) -> LedgerState:
        """Return how far the servers have been read."""
        with self._database.reading() as connection:
            rows, newest = connection.execute(
                "SELECT count(*), max(ended_at) FROM events WHERE NOT vanished"
            ).fetchone()
            return LedgerState(
                server_id=get_state(connection, "server_id"),
                synced_at=from_ms(get_state(connection, "synced_at")),
                fully_synced_at=from_ms(get_state(connection, "fully_synced_at")),
                history_complete=bool(get_state(connection, "history_complete")),
                history_scanning=bool(get_state(connection, "history_scanning")),
                history_cursor=get_state(connection, "history_cursor"),
                history_from=from_ms(get_state(connection, "history_from")),
                history_newest=from_ms(newest),
                history_rows=rows,
                history_read_at=from_ms(get_state(connection, "history_read_at")),
                activity_cursor=from_ms(get_state(connection, "activity_cursor")),
                unseen_plays=tuple(
                    (user_id, item_id, from_ms(at))
                    for user_id, item_id, at in get_state(connection, "unseen_plays")
                    or ()
                ),
                poll_turn=get_state(connection, "poll_turn") or 0,
            )

    def checkpoint(self) -> None:
        """Bring everything into the one file, so that a copy of it is complete."""
        self._database.checkpoint()

    def breaker_state(self) -> dict[str, Any] | None:
        """Return what the breaker remembers, as it was given."""
        with self._database.reading() as connection:
            state: dict[str, Any] | None = get_state(connection, "breaker")
            return state

    def set_breaker_state(self, state: Mapping[str, Any]) -> None:
        """Remember what the breaker has found; it is on disk when this returns."""
        with self._database.transaction() as connection:
            set_state(connection, "breaker", dict(state))

    def forget_history(self) -> None:
        """Accept that Jellystat has another history now, and read it from its start.

        What the old one proved of plays stays: it can only postpone.
        """
        with self._database.transaction() as connection:
            connection.execute("UPDATE events SET vanished = 1")
            begin_scan(connection)
            set_state(connection, "history_complete", False)
            set_state(connection, "history_scanning", False)

    def synced_at(self) -> datetime | None:
        """Return when the last complete sync began, without counting anything."""
        with self._database.reading() as connection:
            began: int | None = get_state(connection, "synced_at")
            return from_ms(began)

    def begin_history_scan(self, now: datetime) -> None:
        """Begin to read Jellystat's whole history (anew)."""
        with self._database.transaction() as connection:
            begin_scan(connection)
            set_state(connection, "history_read_at", to_ms(now))

    def add_history_page(
        self, events: Sequence[PlaybackEvent], cursor: str | None, now: datetime
    ) -> int:
        """Store a page of that read and where it goes on; return the new rows.

        The pages are stored one by one so that an interrupted read can be resumed.
        What is missing until it ends can only postpone.
        """
        with self._database.transaction() as connection:
            new = add_events(connection, events, now)
            note_page(connection, events, cursor)
        return new

    def store_files(self, files: Collection[MediaFiles]) -> None:
        """Store sizes and paths; the ids of other versions become aliases."""
        with self._database.transaction() as connection:
            for one in files:
                connection.execute(
                    "INSERT OR REPLACE INTO files"
                    " SELECT item_id, path, added_at, ?, ?, ? FROM items"
                    " WHERE item_id = ?",
                    (
                        one.size_bytes,
                        json.dumps(one.version_ids),
                        json.dumps(one.paths),
                        one.item_id,
                    ),
                )
                connection.executemany(
                    "INSERT OR IGNORE INTO aliases"
                    " SELECT key, ? FROM items WHERE item_id = ?",
                    ((version, one.item_id) for version in one.version_ids),
                )

    def items_without_files(self, item_ids: Collection[str] | None) -> list[str]:
        """Return those of the ids whose files are not known; the given order stays.

        Without ids: every present item that has several versions. What Radarr or
        Sonarr has said the size of need not be asked of Jellyfin.
        """
        with self._database.reading() as connection:
            if item_ids is None:
                item_ids = [
                    one
                    for (one,) in connection.execute(
                        "SELECT item_id FROM items WHERE present AND source_count > 1"
                    )
                ]
            return [
                one
                for one in item_ids
                if not connection.execute(
                    "SELECT 1 FROM items JOIN files USING (item_id)"
                    " WHERE item_id = ?1 AND of_path IS path"
                    " AND of_added_at IS added_at UNION ALL SELECT 1 FROM items"
                    " JOIN owned USING (item_id) WHERE item_id = ?1"
                    " AND source_count < 2 AND size_bytes IS NOT NULL",
                    (one,),
                ).fetchone()
            ]

    def known_files(self) -> dict[str, MediaFiles]:
        """Return the files of present items with several versions, by item id."""
        with self._database.reading() as connection:
            return {
                item_id: MediaFiles(
                    item_id=item_id,
                    size_bytes=size_bytes,
                    version_ids=tuple(json.loads(version_ids)),
                    paths=tuple(json.loads(paths)),
                )
                for item_id, size_bytes, version_ids, paths in connection.execute(
                    "SELECT item_id, size_bytes, version_ids, paths FROM files"
                    " JOIN items USING (item_id) WHERE present AND source_count > 1"
                    " AND of_path IS path AND of_added_at IS added_at"
                )
            }

    def sizes(self, item_ids: Collection[str]) -> dict[str, int]:
        """Return the sizes in bytes of those of the ids for which they are known."""
        with self._database.reading() as connection:
            return {
                item_id: size
                for item_id in item_ids
                for (size,) in connection.execute(_SIZE, (item_id,))
                if size is not None
            }

    # --- what Radarr, Sonarr and Seerr said ----------------------------------------

    def note_answer(self, source: Source, answered: bool | None) -> None:
        """Remember whether all servers of a kind answered; ``None``: there are none.

        What they said before is forgotten where there are none. It is still shown where
        one did not answer, but nothing may be deleted for it.
        """
        with self._database.reading() as connection:
            if owned.answered(connection, source) is answered:
                return
        with self._database.transaction() as connection:
            owned.note_answer(connection, source, answered)

    def silent_sources(self) -> frozenset[Source]:
        """Return the kinds of servers of which one did not answer when last asked."""
        with self._database.reading() as connection:
            return frozenset(
                source
                for source in Source
                if owned.answered(connection, source) is False
            )

    def known_titles(self, connection_id: str) -> set[int]:
        """Return the ids of the titles that a Radarr or Sonarr listed the last time."""
        with self._database.reading() as connection:
            return owned.known_titles(connection, connection_id)

    def note_titles(self, connection_id: str, title_ids: Collection[int]) -> None:
        """Remember which titles a Radarr or Sonarr has listed."""
        with self._database.transaction() as connection:
            owned.note_titles(connection, connection_id, title_ids)

    def store_owned(self, kind: MediaKind, facts: Collection[OwnedFacts]) -> None:
        """Store what Radarr knows of all movies, or Sonarr of all series."""
        with self._database.transaction() as connection:
            owned.store_owned(connection, kind, facts)

    def store_owned_episodes(
        self, series_id: str, facts: Collection[OwnedFacts]
    ) -> None:
        """Store what Sonarr knows of the episodes of one series."""
        with self._database.transaction() as connection:
            owned.store_owned_episodes(connection, series_id, facts)

    def series_in_doubt(self) -> list[str]:
        """Return the ids of the series of whose episodes one cannot be told in Sonarr."""
        with self._database.reading() as connection:
            return owned.series_in_doubt(connection)

    def store_requests(
        self, requesters: Mapping[str, tuple[Requester, ...] | None]
    ) -> None:
        """Store who asked for which title, by item id; ``None``: it cannot be told."""
        with self._database.transaction() as connection:
            owned.store_requests(connection, requesters)

    # --- what is known -----------------------------------------------------------

    def users(self) -> list[User]:
        """Return the users of the last full sync."""
        with self._database.reading() as connection:
            return [
                User(
                    user_id=user_id,
                    name=name,
                    library_ids=None
                    if library_ids is None
                    else frozenset(json.loads(library_ids)),
                )
                for user_id, name, library_ids in connection.execute(
                    "SELECT user_id, name, library_ids FROM users WHERE present"
                    " ORDER BY name"
                )
            ]

    def libraries(self) -> list[Library]:
        """Return the libraries of the last sync."""
        with self._database.reading() as connection:
            return [
                Library(
                    library_id=library_id,
                    name=name,
                    collection_type=collection_type,
                    locations=tuple(json.loads(locations)),
                )
                for library_id, name, collection_type, locations in connection.execute(
                    "SELECT library_id, name, collection_type, locations FROM libraries"
                    " ORDER BY name"
                )
            ]

    def tags(self) -> list[str]:
        """Return the tags of all present movies and series, each written in one way."""
        with self._database.reading() as connection:
            return [
                tag
                for (tag,) in connection.execute(
                    "SELECT min(tag) FROM ("
                    "SELECT value AS tag FROM items, json_each(items.tags)"
                    " WHERE present AND kind IN ('movie', 'series')"
                    " UNION SELECT value FROM owned, json_each(owned.tags)"
                    " WHERE kind IN ('movie', 'series'))"
                    " GROUP BY lower(tag) ORDER BY lower(tag)"
                )
            ]

    def present(
        self, *kinds: MediaKind, series_id: str | None = None
    ) -> list[MediaItem]:
        """Return all present items of some kinds, or those of one series."""
        marks = ",".join("?" * len(kinds))
        with self._database.reading() as connection:
            return [
                item_from_row(row)
                for row in connection.execute(
                    f"SELECT {ITEM_COLUMNS} FROM items WHERE present"
                    f" AND kind IN ({marks})"
                    + (" AND series_id = ?" if series_id is not None else ""),
                    (*kinds, *([series_id] if series_id is not None else [])),
                )
            ]

    def series_of(self, item_ids: Collection[str]) -> list[str]:
        """Return the ids of the series to which episodes belong, each once, in order."""
        with self._database.reading() as connection:
            found = (
                connection.execute(
                    "SELECT series_id FROM items WHERE item_id = ?", (item_id,)
                ).fetchone()
                for item_id in item_ids
            )
            return list(dict.fromkeys(row[0] for row in found if row and row[0]))

    def facts(self, now: datetime) -> list[MediaFacts]:
        """Return the facts about every present title."""
        with self._database.reading() as connection:
            return read_facts(connection, now)

    def find(self, reference: str) -> list[MediaItem]:
        """Return the present items that an id or stable key names, or an old id of one."""
        with self._database.reading() as connection:
            return [
                item_from_row(row)
                for row in connection.execute(
                    f"SELECT {ITEM_COLUMNS} FROM items WHERE present AND (item_id = ?1"
                    " OR key = ?1 OR key IN (SELECT key FROM aliases WHERE item_id = ?1"
                    "  AND NOT EXISTS"
                    "   (SELECT 1 FROM items WHERE item_id = ?1 AND present)))"
                    " ORDER BY item_id",
                    (reference,),
                )
            ]

    def named(self, reference: str) -> tuple[MediaItem, MediaKey]:
        """Return the present title of an id or key, with its key.

        Raises LookupError if there is none.
        """
        with self._database.reading() as connection:
            for item in self.find(reference):
                (key,) = connection.execute(
                    "SELECT key FROM items WHERE item_id = ?", (item.item_id,)
                ).fetchone()
                return item, MediaKey(key)
        raise LookupError(reference)

    def remembered(self, item_id: str, now: datetime) -> Remembered:
        """Return what is remembered around a present movie or episode.

        Raises LookupError if it is not there.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT key, path, season_id, series_id FROM items"
                " WHERE item_id = ? AND present",
                (item_id,),
            ).fetchone()
            if row is None:
                raise LookupError(item_id)
            key, path, season_id, series_id = row
            family = (item_id, season_id or "", series_id or "")
            own_paths = connection.execute(
                "SELECT paths FROM files WHERE item_id = ?", (item_id,)
            ).fetchone()
            return Remembered(
                key=MediaKey(key),
                series=next(iter(self.find(series_id)), None) if series_id else None,
                memories={
                    user_id: memory_from_row(memory)
                    for user_id, *memory in connection.execute(
                        f"SELECT user_id, {MEMORY_COLUMNS} FROM plays"
                        " WHERE item_id = ?",
                        (item_id,),
                    )
                },
                kept=connection.execute(
                    "SELECT 1 FROM keeps JOIN items USING (key)"
                    " WHERE item_id IN (?, ?, ?) AND (until IS NULL OR until > ?)",
                    (*family, to_ms(now)),
                ).fetchone()
                is not None,
                unsettled=connection.execute(
                    "SELECT 1 FROM journal WHERE item_id = ? AND outcome IN (?, ?)",
                    (item_id, *_OPEN),
                ).fetchone()
                is not None,
                own_paths=frozenset(json.loads(own_paths[0]) if own_paths else ()),
                neighbours=_neighbours(connection, item_id, path or ""),
                locations=tuple(
                    location
                    for (locations,) in connection.execute(
                        "SELECT locations FROM libraries"
                    )
                    for location in json.loads(locations)
                ),
                aliases=frozenset(
                    alias
                    for (alias,) in connection.execute(
                        "SELECT item_id FROM aliases WHERE key = ?", (key,)
                    )
                ),
                owners=connection.execute(
                    "SELECT coalesce(sum(owners), 0) FROM owned WHERE item_id = ?",
                    (series_id or item_id,),
                ).fetchone()[0],
            )

    def watch_history(
        self,
        *,
        item_ids: Collection[str] | None = None,
        user_id: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[PlaybackEvent]:
        """Return Jellystat's rows, newest first; ids stand for all their aliases.

        A series or season stands for its episodes too.
        """
        conditions = ["NOT vanished"]
        values: list[object] = []
        if item_ids is not None:
            marks = ",".join("?" * len(item_ids))
            conditions.append(
                "item_id IN (SELECT other.item_id FROM aliases own"
                " JOIN aliases other USING (key) WHERE own.item_id IN (SELECT item_id"
                f" FROM items WHERE item_id IN ({marks}) OR series_id IN ({marks})"
                f" OR season_id IN ({marks})))"
            )
            values += [*item_ids, *item_ids, *item_ids]
        if user_id is not None:
            conditions.append("user_id = ?")
            values.append(user_id)
        if since is not None:
            conditions.append("ended_at >= ?")
            values.append(to_ms(since))
        with self._database.reading() as connection:
            return [
                event_from_row(row)
                for row in connection.execute(
                    f"SELECT {EVENT_COLUMNS} FROM events"
                    f" WHERE {' AND '.join(conditions)}"
                    " ORDER BY ended_at DESC, event_id LIMIT ?",
                    (*values, limit),
                )
            ]

    # --- protection and schedule ---------------------------------------------------

    def keeps(self, now: datetime) -> dict[MediaKey, Keep]:
        """Return what users keep at this moment, by stable key."""
        with self._database.reading() as connection:
            return {
                MediaKey(key): Keep(
                    key=MediaKey(key),
                    kept_at=from_ms(kept_at),
                    until=from_ms(until),
                    reason=reason,
                )
                for key, kept_at, until, reason in connection.execute(
                    "SELECT key, kept_at, until, reason FROM keeps"
                    " WHERE until IS NULL OR until > ?",
                    (to_ms(now),),
                )
            }

    def keep(self, keep: Keep) -> None:
        """Keep a title; it is on disk when this returns."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO keeps VALUES (?, ?, ?, ?)",
                (keep.key, to_ms(keep.kept_at), to_ms(keep.until), keep.reason),
            )

    def unkeep(self, key: MediaKey) -> bool:
        """Take a keep back; return whether there was one."""
        with self._database.transaction() as connection:
            return bool(
                connection.execute("DELETE FROM keeps WHERE key = ?", (key,)).rowcount
            )

    def manual_schedule(self) -> dict[MediaKey, datetime]:
        """Return what users want to go by hand, by stable key, and from when on."""
        with self._database.reading() as connection:
            return {
                MediaKey(key): from_ms(at)
                for key, at in connection.execute("SELECT key, at FROM manual")
            }

    def schedule_manually(self, key: MediaKey, at: datetime) -> None:
        """Let a title go at a time, whatever the rules say; on disk when this returns."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO manual VALUES (?, ?)", (key, to_ms(at))
            )

    def unschedule(self, key: MediaKey) -> bool:
        """Leave a title to the rules again; return whether it was not."""
        with self._database.transaction() as connection:
            return bool(
                connection.execute("DELETE FROM manual WHERE key = ?", (key,)).rowcount
            )

    def schedule(
        self,
        wanted: Mapping[str, tuple[MediaKey, datetime]],
        now: datetime,
        grace: timedelta,
    ) -> dict[str, Scheduled]:
        """Put entries (name to key and end of retention) on the schedule.

        Nothing is due before it has stood there for the grace. Whoever read an earlier
        announcement is not surprised: a day that moves forward is at least the grace
        away, and so is one that moved back. What is not wanted any more is dropped.
        """
        scheduled: dict[str, Scheduled] = {}
        with self._database.transaction() as connection:
            announced = {
                entry: (from_ms(first), from_ms(due))
                for entry, first, due in connection.execute(
                    "SELECT entry, first_scheduled_at, due_at FROM schedule"
                )
            }
            changed = []
            for entry, (key, ends_at) in wanted.items():
                first, due_at = announced.pop(entry, (now, None))
                # The table holds milliseconds; anything finer would look like a change.
                ends_at, soonest = from_ms(to_ms(ends_at)), from_ms(to_ms(now + grace))
                if due_at is None or ends_at > due_at:
                    new_due = max(ends_at, soonest)
                else:
                    new_due = max(ends_at, min(due_at, soonest))
                scheduled[entry] = Scheduled(first_scheduled_at=first, due_at=new_due)
                if new_due != due_at:
                    changed.append((entry, key, to_ms(first), to_ms(new_due)))
            connection.executemany(
                "INSERT OR REPLACE INTO schedule VALUES (?, ?, ?, ?)", changed
            )
            connection.executemany(
                "DELETE FROM schedule WHERE entry = ?", ((one,) for one in announced)
            )
        return scheduled

    # --- the journal ----------------------------------------------------------------

    def intend(
        self,
        entry: PlannedDeletion,
        item: MediaItem,
        now: datetime,
        *,
        through: Sequence[ArrDeletion] = (),
        recycle_bin: str | None = None,
        recoverable_until: datetime | None = None,
        forget: bool = False,
    ) -> int:
        """Write down that an item of a plan's entry is about to be deleted.

        It is on disk when this returns the journal's number for it. ``forget`` says
        that its title's request is to be forgotten once it is gone.
        """
        with self._database.transaction() as connection:
            (size,) = connection.execute(_SIZE, (item.item_id,)).fetchone()
            key = connection.execute(
                "SELECT key FROM items WHERE item_id = ?", (item.item_id,)
            ).fetchone()
            cursor = connection.execute(
                "INSERT INTO journal (item_id, key, kind, title, series, season,"
                " episode, path, size_bytes, rule, reason, intended_at, outcome,"
                " through, recycle_bin, recoverable_until, forget)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    item.item_id,
                    key[0] if key else entry.key,
                    item.kind,
                    item.title,
                    item.series_title,
                    item.season,
                    item.episode,
                    item.path,
                    size,
                    entry.rule,
                    reason_to_column(entry.reason),
                    to_ms(now),
                    DeletionOutcome.INTENDED,
                    json.dumps([asdict(one) for one in through]) if through else None,
                    recycle_bin,
                    to_ms(recoverable_until),
                    entry.item_id if forget else None,
                ),
            )
            return int(cursor.lastrowid or 0)

    def conclude(
        self,
        number: int,
        outcome: DeletionOutcome,
        now: datetime,
        error: Reason | None = None,
    ) -> None:
        """Write down how a deletion ended. What is deleted is no longer present."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE journal SET outcome = ?, finished_at = ?, error = ?"
                " WHERE id = ?",
                (outcome, to_ms(now), reason_to_column(error), number),
            )
            if outcome is not DeletionOutcome.DELETED:
                return
            item_id, key = connection.execute(
                "SELECT item_id, key FROM journal WHERE id = ?", (number,)
            ).fetchone()
            connection.execute(
                "UPDATE items SET present = 0 WHERE item_id = ?", (item_id,)
            )
            # A day chosen for a series or season ends with its last episode.
            connection.execute(
                "DELETE FROM manual WHERE key = ?1 OR key IN (SELECT folder.key"
                " FROM items gone JOIN items folder"
                " ON folder.item_id IN (gone.series_id, gone.season_id)"
                " WHERE gone.item_id = ?2 AND NOT EXISTS (SELECT 1 FROM items"
                "  WHERE present AND kind = 'episode'"
                "  AND folder.item_id IN (series_id, season_id)))",
                (key, item_id),
            )
            note_absence(connection, item_id, key, now, deleted=True)

    def unsettled(self) -> list[JournalEntry]:
        """Return the deletions of which it is not known how they ended."""
        return self._journal(
            "WHERE outcome IN (?, ?) ORDER BY id",
            _OPEN,
        )

    def deletions(self, limit: int) -> list[JournalEntry]:
        """Return the journal, newest first."""
        return self._journal("ORDER BY id DESC LIMIT ?", (limit,))

    def _journal(
        self, condition: str, values: tuple[object, ...]
    ) -> list[JournalEntry]:
        with self._database.reading() as connection:
            return [
                JournalEntry(
                    entry_id=number,
                    item_id=item_id,
                    key=MediaKey(key),
                    kind=MediaKind(kind),
                    title=title,
                    series=series,
                    season=season,
                    episode=episode,
                    path=path,
                    size_bytes=size_bytes,
                    rule=rule,
                    reason=reason_from_column(reason),
                    intended_at=from_ms(intended_at),
                    outcome=DeletionOutcome(outcome),
                    finished_at=from_ms(finished_at),
                    error=reason_from_column(error),
                    through=tuple(
                        ArrDeletion(
                            **(one | {"episode_ids": tuple(one["episode_ids"])})
                        )
                        for one in json.loads(through or "[]")
                    ),
                    recycle_bin=recycle_bin,
                    recoverable_until=from_ms(recoverable_until),
                )
                for (
                    number,
                    item_id,
                    key,
                    kind,
                    title,
                    series,
                    season,
                    episode,
                    path,
                    size_bytes,
                    rule,
                    reason,
                    intended_at,
                    outcome,
                    finished_at,
                    error,
                    through,
                    recycle_bin,
                    recoverable_until,
                ) in connection.execute(
                    f"SELECT {_JOURNAL_COLUMNS} FROM journal {condition}", values
                )
            ]

    def deleted_count(self) -> int:
        """Return how many movies and episodes were deleted so far."""
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM journal WHERE outcome = ?",
                (DeletionOutcome.DELETED,),
            ).fetchone()
            return int(count)

    def reclaimed_bytes(self, now: datetime) -> int:
        """Return the size of everything that was deleted so far and is off the disk.

        Recycle bins are emptied once a day.
        """
        with self._database.reading() as connection:
            (total,) = connection.execute(
                "SELECT coalesce(sum(size_bytes), 0) FROM journal WHERE outcome = ?"
                " AND (recycle_bin IS NULL OR recoverable_until <= ?)",
                (DeletionOutcome.DELETED, to_ms(now - _EMPTIED_EVERY)),
            ).fetchone()
            return int(total)

    def recycled_bytes(self, now: datetime) -> int:
        """Return the size of what lies in a recycle bin and will leave the disk.

        What somebody has to take out by hand counts for a month.
        """
        with self._database.reading() as connection:
            (total,) = connection.execute(
                "SELECT coalesce(sum(size_bytes), 0) FROM journal WHERE outcome = ?"
                " AND recycle_bin IS NOT NULL"
                " AND coalesce(recoverable_until, finished_at + ?) > ?",
                (
                    DeletionOutcome.DELETED,
                    _EMPTIED_BY_HAND // timedelta(milliseconds=1),
                    to_ms(now - _EMPTIED_EVERY),
                ),
            ).fetchone()
            return int(total)

    def requests_to_forget(self) -> list[tuple[MediaItem, datetime]]:
        """Return the titles that are gone and whose requests are to go too.

        With each comes when its deletion began: a request of later is another one.
        """
        with self._database.reading() as connection:
            return [
                (item_from_row(row), from_ms(intended_at))
                for *row, intended_at in connection.execute(
                    f"SELECT {ITEM_COLUMNS}, min(journal.intended_at) FROM journal"
                    " JOIN items ON items.item_id = journal.forget"
                    " WHERE journal.outcome = ?1 AND NOT EXISTS (SELECT 1 FROM journal"
                    "  other JOIN items part USING (item_id) WHERE other.outcome IN"
                    "  (?2, ?3) AND journal.forget IN (part.item_id, part.series_id))"
                    " AND NOT EXISTS (SELECT 1 FROM items part WHERE part.present"
                    "  AND (part.kind = 'movie' AND part.key = items.key"
                    "   OR part.kind = 'episode' AND part.series_id = items.item_id))"
                    " GROUP BY journal.forget",
                    (DeletionOutcome.DELETED, *_OPEN),
                )
            ]

    def request_forgotten(self, item_id: str) -> None:
        """Note that there is no request of a title that is left to be forgotten."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE journal SET forget = NULL WHERE forget = ?", (item_id,)
            )


def _neighbours(
    connection: sqlite3.Connection, item_id: str, path: str
) -> tuple[tuple[str, str], ...]:
    separator = max(path.rfind("/"), path.rfind("\\"))
    folder = path[: separator + 1]
    return tuple(
        (other, one)
        for other, main, paths in connection.execute(
            "SELECT items.item_id, items.path, files.paths FROM items"
            " LEFT JOIN files USING (item_id)"
            " WHERE present AND kind IN ('movie', 'episode') AND items.item_id != ?1"
            " AND (substr(items.path, 1, ?2) = ?3 OR instr(files.paths, ?4))",
            (item_id, len(folder), folder, json.dumps(folder)[1:-1]),
        )
        for one in sorted({main, *json.loads(paths or "[]")})
        if one.startswith(folder)
    )
