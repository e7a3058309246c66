"""One sync: what the servers said is collected aside, then believed all at once.

The rows are collected in temporary tables while the network is slow, so that a sync
that fails half-way leaves nothing behind, and the pages need not stay in memory.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
import sqlite3
from typing import Any

from ..model import (
    Library,
    MediaItem,
    MediaKey,
    MediaKind,
    PlaybackEvent,
    User,
    UserData,
    media_key,
)
from .database import Database, from_ms, set_state, to_ms
from .facts import ITEM_NAMES
from .history import EVENT_COLUMNS, add_events, event_from_row
from .memory import PlayMemory, begin_new_life, inherit, remember

RETURN_AFTER = timedelta(days=1)
"""A title that was away for this long starts anew when it comes back."""

_ITEM_COLUMNS = ", ".join(ITEM_NAMES)

MEMORY_COLUMNS = (
    "plays.played, plays.stale, plays.touched, plays.first_played_at,"
    " plays.last_played_at"
)

_STAGING = f"""
DROP TABLE IF EXISTS temp.staged_items;
DROP TABLE IF EXISTS temp.staged_data;
DROP TABLE IF EXISTS temp.staged_favorites;
DROP TABLE IF EXISTS temp.staged_events;
DROP TABLE IF EXISTS temp.gone;
CREATE TEMP TABLE staged_items AS SELECT {_ITEM_COLUMNS} FROM items LIMIT 0;
CREATE UNIQUE INDEX temp.staged_items_by_id ON staged_items (item_id);
CREATE INDEX temp.staged_items_by_key ON staged_items (key);
CREATE TEMP TABLE staged_data (
    user_id TEXT, item_id TEXT, played INTEGER, play_count INTEGER,
    last_played_at INTEGER, PRIMARY KEY (user_id, item_id)
) WITHOUT ROWID;
CREATE TEMP TABLE staged_favorites (
    user_id TEXT, item_id TEXT, PRIMARY KEY (user_id, item_id)
) WITHOUT ROWID;
CREATE TEMP TABLE staged_events AS
    SELECT {EVENT_COLUMNS} FROM events LIMIT 0;
CREATE TEMP TABLE gone (item_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a sync has changed."""

    items: int
    new_events: int
    returned: tuple[MediaKey, ...]


class SyncBatch:
    """The answers of one sync. Nothing counts before ``commit``.

    ``complete`` says that the whole inventory of the managed libraries and all of
    every user's plays are going to be added; without it only what was added changes.
    Every method may block: call it in an executor. There is one batch at a time.
    """

    def __init__(self, database: Database, *, complete: bool) -> None:
        """Begin with empty hands."""
        self._database = database
        self._complete = complete
        with database.reading() as connection:
            connection.executescript(_STAGING)

    def add_items(self, items: Iterable[MediaItem]) -> None:
        """Add rows of the inventory; a repeated id replaces the earlier row."""
        with self._database.reading() as connection:
            _stage(
                connection,
                f"INSERT OR REPLACE INTO staged_items ({_ITEM_COLUMNS})"
                " VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(_item_row, items),
            )

    def add_user_data(self, user_id: str, rows: Iterable[UserData]) -> None:
        """Add what Jellyfin says about a user's plays; the latest word wins."""
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT OR REPLACE INTO staged_data VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        user_id,
                        row.item_id,
                        row.played,
                        row.play_count,
                        to_ms(row.last_played_at),
                    )
                    for row in rows
                ),
            )

    def add_favorites(self, user_id: str, item_ids: Iterable[str]) -> None:
        """Add all the favourites of a user (used by a complete sync only)."""
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT OR IGNORE INTO staged_favorites VALUES (?, ?)",
                ((user_id, item_id) for item_id in item_ids),
            )

    def add_events(self, events: Iterable[PlaybackEvent]) -> None:
        """Add rows of Jellystat's history, in the order in which they came."""
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT INTO staged_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        event.event_id,
                        event.item_id,
                        event.user_id,
                        to_ms(event.ended_at),
                        event.seconds,
                        event.user_name,
                        event.title,
                        event.series_title,
                    )
                    for event in events
                ),
            )

    def unlisted_items(self, unmanaged: Collection[str]) -> list[str]:
        """Return the ids that were present and that the inventory left out.

        They have to be read again by id before they are believed to be gone. Items of
        the ``unmanaged`` libraries (ids) are none of our business any more.
        """
        with self._database.reading() as connection:
            return [
                item_id
                for item_id, library_id in connection.execute(
                    "SELECT item_id, library_id FROM items WHERE present"
                    " AND item_id NOT IN (SELECT item_id FROM staged_items)"
                )
                if library_id not in unmanaged
            ]

    def still_there(self, item_ids: Iterable[str]) -> None:
        """Take items as they were: the list left them out, a read by id found them."""
        with self._database.reading() as connection:
            _stage(
                connection,
                f"INSERT OR IGNORE INTO staged_items SELECT {_ITEM_COLUMNS} FROM items"
                " WHERE item_id = ?",
                ((item_id,) for item_id in item_ids),
            )

    def unlisted_plays(self, user_id: str) -> list[str]:
        """Return the ids known as played or active that this user's lists left out.

        They have to be read again by id: the user un-marked them, a re-watch reset
        them, or they were lost between two pages.
        """
        with self._database.reading() as connection:
            return [
                item_id
                for (item_id,) in connection.execute(
                    "SELECT item_id FROM plays WHERE user_id = ?"
                    " AND (played OR stale OR touched) AND item_id NOT IN"
                    " (SELECT item_id FROM staged_data WHERE user_id = ?)"
                    " AND item_id IN (SELECT item_id FROM staged_items)",
                    (user_id, user_id),
                )
            ]

    def rivals(self) -> list[str]:
        """Return the present ids that a new id shares its key with.

        Each is either another copy, or the old name of a renamed file: a read by id
        tells. Only a complete sync knows without asking.
        """
        with self._database.reading() as connection:
            _assign_keys(connection)
            return [
                item_id
                for (item_id,) in connection.execute(
                    "SELECT DISTINCT old.item_id FROM staged_items new"
                    " JOIN items old ON old.key = new.key AND old.present"
                    " LEFT JOIN items own ON own.item_id = new.item_id AND own.present"
                    " WHERE own.item_id IS NULL"
                    " AND old.item_id NOT IN (SELECT item_id FROM staged_items)"
                )
            ]

    def new_events(self) -> int:
        """Return how many of the added rows of the history were not known before."""
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(DISTINCT event_id) FROM staged_events"
                " WHERE event_id NOT IN (SELECT event_id FROM events WHERE NOT vanished)"
            ).fetchone()
            return int(count)

    def newest_event(self) -> datetime | None:
        """Return the date of the newest row of the history that was added."""
        with self._database.reading() as connection:
            newest: int | None = connection.execute(
                "SELECT max(ended_at) FROM staged_events"
            ).fetchone()[0]
            return from_ms(newest)

    def commit(
        self,
        *,
        users: Collection[User],
        libraries: Collection[Library],
        now: datetime,
        managed: Collection[str] = (),
        gone: Collection[str] = (),
        state: dict[str, object] | None = None,
    ) -> Committed:
        """Believe everything that was added, in one transaction.

        ``libraries`` are all of the server's, ``managed`` the ids of those that were
        read, ``gone`` ids that were asked for and are not there any more. ``state`` is
        remembered with it.
        """
        with self._database.transaction() as connection:
            _store_users(connection, users)
            _store_libraries(connection, libraries)
            if self._complete:
                connection.execute(
                    "INSERT INTO gone SELECT item_id FROM items WHERE present"
                    " AND item_id NOT IN (SELECT item_id FROM staged_items)"
                )
            connection.executemany(
                "INSERT OR IGNORE INTO gone VALUES (?)", ((one,) for one in gone)
            )
            # Not before: it stages the known episodes of every series that is there.
            _assign_keys(connection)
            unmanaged = {library.library_id for library in libraries} - set(managed)
            returned = _store_items(connection, now, unmanaged)
            _store_user_data(connection, now, returned, users, complete=self._complete)
            if self._complete:
                _store_favorites(connection, users)
            new_events = add_events(connection, _staged_events(connection), now)
            _trust_stale_flags_with_evidence(connection, now)
            (count,) = connection.execute(
                "SELECT count(*) FROM items WHERE present"
            ).fetchone()
            for name, value in (state or {}).items():
                set_state(connection, name, value)
            keys = tuple(
                MediaKey(key)
                for item_id in sorted(returned)
                for (key,) in connection.execute(
                    "SELECT key FROM items WHERE item_id = ?", (item_id,)
                )
            )
        self.discard()
        return Committed(items=count, new_events=new_events, returned=keys)

    def discard(self) -> None:
        """Forget everything that was added."""
        with self._database.reading() as connection:
            connection.executescript(_STAGING)


def _stage(
    connection: sqlite3.Connection, statement: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Write many rows of a temporary table as one transaction: that is quicker."""
    connection.execute("BEGIN")
    try:
        connection.executemany(statement, rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _item_row(item: MediaItem) -> tuple[object, ...]:
    return (
        item.item_id,
        item.kind,
        item.title,
        item.library_id,
        item.path,
        to_ms(item.added_at),
        json.dumps(dict(item.provider_ids), sort_keys=True),
        json.dumps(sorted(item.tags)),
        item.year,
        item.runtime,
        to_ms(item.premiere_at),
        item.series_id,
        item.series_title,
        item.season_id,
        item.season,
        item.episode,
        item.episode_end,
        item.image_tag,
        item.source_count,
    )


def _store_users(connection: sqlite3.Connection, users: Collection[User]) -> None:
    connection.execute("UPDATE users SET present = 0")
    connection.executemany(
        "INSERT INTO users VALUES (?, ?, ?, 1) ON CONFLICT (user_id) DO UPDATE"
        " SET name = excluded.name, library_ids = excluded.library_ids, present = 1",
        (
            (
                user.user_id,
                user.name,
                None
                if user.library_ids is None
                else json.dumps(sorted(user.library_ids)),
            )
            for user in users
        ),
    )


def _store_libraries(
    connection: sqlite3.Connection, libraries: Collection[Library]
) -> None:
    connection.execute("DELETE FROM libraries")
    connection.executemany(
        "INSERT INTO libraries VALUES (?, ?, ?, ?)",
        (
            (
                library.library_id,
                library.name,
                library.collection_type,
                json.dumps(library.locations),
            )
            for library in libraries
        ),
    )


def _assign_keys(connection: sqlite3.Connection) -> None:
    """Give every staged item its key; a changed series renames all its episodes."""
    connection.execute(
        f"INSERT OR IGNORE INTO staged_items SELECT {_ITEM_COLUMNS} FROM items"
        " WHERE present AND series_id IN"
        " (SELECT item_id FROM staged_items WHERE kind = 'series')"
        " AND item_id NOT IN (SELECT item_id FROM gone)"
    )
    series = {
        item_id: MediaItem(
            item_id=item_id,
            kind=MediaKind.SERIES,
            title="",
            library_id="",
            provider_ids=json.loads(provider_ids),
        )
        for table in ("items", "staged_items")
        for item_id, provider_ids in connection.execute(
            f"SELECT item_id, provider_ids FROM {table} WHERE kind = 'series'"
        )
    }
    last = 0
    while rows := connection.execute(
        "SELECT rowid, item_id, kind, provider_ids, series_id, season, episode"
        " FROM staged_items WHERE rowid > ? ORDER BY rowid LIMIT 2000",
        (last,),
    ).fetchall():
        last = rows[-1][0]
        connection.executemany(
            "UPDATE staged_items SET key = ? WHERE rowid = ?",
            [(_key_of(row, series), row[0]) for row in rows],
        )


def _key_of(row: tuple[Any, ...], series: Mapping[str, MediaItem]) -> MediaKey:
    _, item_id, kind, provider_ids, series_id, season, episode = row
    return media_key(
        MediaItem(
            item_id=item_id,
            kind=MediaKind(kind),
            title="",
            library_id="",
            provider_ids=json.loads(provider_ids),
            season=season,
            episode=episode,
        ),
        series.get(series_id),
    )


def _store_items(
    connection: sqlite3.Connection, now: datetime, unmanaged: set[str]
) -> set[str]:
    """Store the inventory and return the ids that have come back from the dead."""
    arrived = connection.execute(
        "SELECT new.item_id, new.key FROM staged_items new"
        " LEFT JOIN items old ON old.item_id = new.item_id"
        " WHERE old.item_id IS NULL OR NOT old.present"
    ).fetchall()
    back = _in_emptied_folders(connection) if arrived else set()
    rekeyed = connection.execute(
        "SELECT new.item_id, old.key, new.key FROM staged_items new"
        " JOIN items old ON old.item_id = new.item_id"
        " WHERE old.present AND old.key != new.key"
    ).fetchall()
    returned: set[str] = set()
    lives: dict[str, int | None] = {}
    for item_id, key in arrived:
        sources = _predecessors(connection, item_id, key)
        if not sources and _was_away(connection, (item_id, key), now):
            returned.add(item_id)
        elif not sources:
            sources = _recently_lost(connection, item_id, key)
            if not sources and item_id in back:
                returned.add(item_id)
        if sources:
            lives[item_id] = _hand_over(connection, sources, item_id)
    returned.update(
        item_id for item_id, _, key in rekeyed if _was_away(connection, (key,), now)
    )
    connection.executemany(
        "DELETE FROM plays WHERE item_id = ?", ((one,) for one in returned)
    )
    connection.execute(
        f"INSERT INTO items ({_ITEM_COLUMNS}, present)"
        f" SELECT {_ITEM_COLUMNS}, 1 FROM staged_items WHERE true"
        " ON CONFLICT (item_id) DO UPDATE SET present = 1, "
        + ", ".join(f"{name} = excluded.{name}" for name in ITEM_NAMES[1:])
    )
    lives |= dict.fromkeys(returned, to_ms(now))
    connection.executemany(
        "UPDATE items SET life_started_at = ? WHERE item_id = ?",
        ((life, item_id) for item_id, life in lives.items()),
    )
    connection.execute(
        "INSERT OR IGNORE INTO aliases SELECT key, item_id FROM staged_items"
    )
    connection.executemany(
        "DELETE FROM absences WHERE subject IN (?, ?)",
        [*arrived, *((item_id, key) for item_id, _, key in rekeyed)],
    )
    _store_absences(connection, now, unmanaged)
    for item_id, old_key, new_key in rekeyed:
        _move_memories(connection, item_id, old_key, new_key)
    return returned


def _in_emptied_folders(connection: sqlite3.Connection) -> set[str]:
    """Return the new movies in folders out of which we have deleted another one.

    That is the same one, identified otherwise by now: neither id nor key tells it. A
    folder in which other movies are as well says nothing.
    """
    emptied = {
        _folder(path)
        for (path,) in connection.execute(
            "SELECT path FROM items JOIN absences ON subject = item_id"
            " WHERE deleted AND NOT present AND kind = 'movie' AND path IS NOT NULL"
        )
    }
    if not emptied:
        return set()
    inside: dict[str, set[str]] = {}
    for table in ("items WHERE present AND", "staged_items WHERE"):
        for item_id, path in connection.execute(
            f"SELECT item_id, path FROM {table} kind = 'movie' AND path IS NOT NULL"
        ):
            if (folder := _folder(path)) in emptied:
                inside.setdefault(folder, set()).add(item_id)
    return {one for ids in inside.values() if len(ids) == 1 for one in ids}


def _folder(path: str) -> str:
    return path[: max(path.rfind("/"), path.rfind("\\"))]


def _predecessors(connection: sqlite3.Connection, item_id: str, key: str) -> list[str]:
    """Return the ids that this key had until now and that have just gone."""
    return [
        one
        for (one,) in connection.execute(
            "SELECT item_id FROM items WHERE key = ? AND present AND item_id != ?"
            " AND item_id IN (SELECT item_id FROM gone)",
            (key, item_id),
        )
    ]


def _was_away(
    connection: sqlite3.Connection, subjects: tuple[str, ...], now: datetime
) -> bool:
    return any(
        deleted or since <= to_ms(now - RETURN_AFTER)
        for subject in subjects
        for since, deleted in connection.execute(
            "SELECT since, deleted FROM absences WHERE subject = ?", (subject,)
        )
    )


def _recently_lost(connection: sqlite3.Connection, item_id: str, key: str) -> list[str]:
    """Return the last ids of a key that has been away for less than a day."""
    return [
        one
        for (one,) in connection.execute(
            "SELECT items.item_id FROM absences whole"
            " JOIN items ON items.key = whole.subject AND NOT items.present"
            " JOIN absences own ON own.subject = items.item_id"
            " AND own.since = whole.since"
            " WHERE whole.subject = ? AND items.item_id != ?",
            (key, item_id),
        )
    ]


def _hand_over(
    connection: sqlite3.Connection, sources: list[str], item_id: str
) -> int | None:
    """Let a renamed file take over what was remembered; return its life's start."""
    marks = ",".join("?" * len(sources))
    memories: dict[str, dict[str, PlayMemory]] = {}
    for source, user_id, *row in connection.execute(
        f"SELECT item_id, user_id, {MEMORY_COLUMNS} FROM plays"
        f" WHERE item_id IN ({marks})",
        sources,
    ):
        memories.setdefault(user_id, {})[source] = memory_from_row(row)
    connection.execute("DELETE FROM plays WHERE item_id = ?", (item_id,))
    for user_id, known in memories.items():
        _store_memory(
            connection,
            item_id,
            user_id,
            inherit([known.get(source, PlayMemory()) for source in sources]),
        )
    life: int | None = connection.execute(
        f"SELECT max(life_started_at) FROM items WHERE item_id IN ({marks})", sources
    ).fetchone()[0]
    return life


def _store_absences(
    connection: sqlite3.Connection, now: datetime, unmanaged: set[str]
) -> None:
    """Note what has gone: by its id, and by its key if that was the last of it."""
    gone = connection.execute(
        "SELECT items.item_id, key, library_id FROM gone JOIN items USING (item_id)"
        " WHERE present"
    ).fetchall()
    connection.execute(
        "UPDATE items SET present = 0 WHERE item_id IN (SELECT item_id FROM gone)"
    )
    for item_id, key, library_id in gone:
        if library_id in unmanaged:
            continue
        note_absence(connection, item_id, key, now)


def note_absence(
    connection: sqlite3.Connection,
    item_id: str,
    key: str,
    now: datetime,
    *,
    deleted: bool = False,
) -> None:
    """Note that an item is not present any more, and its key if that was the last.

    ``deleted`` says that it went by our own hand: that is never taken back.
    """
    subjects = [item_id]
    if not connection.execute(
        "SELECT 1 FROM items WHERE key = ? AND present", (key,)
    ).fetchone():
        subjects.append(key)
    connection.executemany(
        "INSERT INTO absences VALUES (?, ?, ?) ON CONFLICT (subject)"
        " DO UPDATE SET deleted = max(deleted, excluded.deleted)",
        ((subject, to_ms(now), deleted) for subject in subjects),
    )


def _move_memories(
    connection: sqlite3.Connection, item_id: str, old_key: str, new_key: str
) -> None:
    """Let what hangs on a key follow the item whose key was found or corrected."""
    connection.execute(
        "INSERT INTO keeps SELECT ?, kept_at, until, reason FROM keeps WHERE key = ?"
        " ON CONFLICT (key) DO UPDATE SET until ="
        " CASE WHEN until IS NULL OR excluded.until IS NULL THEN NULL"
        " ELSE max(until, excluded.until) END",
        (new_key, old_key),
    )
    if connection.execute(
        "SELECT 1 FROM items WHERE key = ? AND present", (old_key,)
    ).fetchone():
        return
    connection.execute(
        "INSERT OR IGNORE INTO aliases SELECT ?, item_id FROM aliases WHERE key = ?",
        (new_key, old_key),
    )
    connection.execute("DELETE FROM keeps WHERE key = ?", (old_key,))
    connection.execute(
        "INSERT INTO manual SELECT ?, at FROM manual WHERE key = ?"
        " ON CONFLICT (key) DO UPDATE SET at = max(at, excluded.at)",
        (new_key, old_key),
    )
    connection.execute("DELETE FROM manual WHERE key = ?", (old_key,))
    for entry, first_scheduled_at, due_at in connection.execute(
        "SELECT entry, first_scheduled_at, due_at FROM schedule WHERE key = ?",
        (old_key,),
    ).fetchall():
        connection.execute(
            "INSERT INTO schedule VALUES (?, ?, ?, ?) ON CONFLICT (entry) DO UPDATE SET"
            " first_scheduled_at = max(first_scheduled_at, excluded.first_scheduled_at),"
            " due_at = max(due_at, excluded.due_at)",
            (
                entry.removesuffix(old_key) + new_key,
                new_key,
                first_scheduled_at,
                due_at,
            ),
        )
    connection.execute("DELETE FROM schedule WHERE key = ?", (old_key,))


def memory_from_row(row: list[int | None]) -> PlayMemory:
    """Return the memory of a row that was selected by MEMORY_COLUMNS."""
    played, stale, touched, first_played_at, last_played_at = row
    return PlayMemory(
        played=bool(played),
        stale=bool(stale),
        touched=bool(touched),
        first_played_at=from_ms(first_played_at),
        last_played_at=from_ms(last_played_at),
    )


def _store_memory(
    connection: sqlite3.Connection, item_id: str, user_id: str, memory: PlayMemory
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO plays VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            item_id,
            user_id,
            memory.played,
            memory.stale,
            memory.touched,
            to_ms(memory.first_played_at),
            to_ms(memory.last_played_at),
        ),
    )


def _store_user_data(
    connection: sqlite3.Connection,
    now: datetime,
    returned: set[str],
    users: Collection[User],
    *,
    complete: bool,
) -> None:
    if not complete:
        # Whoever was not asked may have a flag left over from the former life.
        for item_id in returned:
            for user in users:
                _store_memory(connection, item_id, user.user_id, PlayMemory(stale=True))
    cursor = connection.execute(
        "SELECT staged.item_id, staged.user_id, staged.played, staged.play_count,"
        f" staged.last_played_at, plays.item_id, {MEMORY_COLUMNS}"
        " FROM staged_data staged JOIN items USING (item_id)"
        " LEFT JOIN plays ON plays.item_id = staged.item_id"
        " AND plays.user_id = staged.user_id WHERE items.present"
    )
    while rows := cursor.fetchmany(2000):
        for item_id, user_id, played, play_count, last_played_at, known, *row in rows:
            seen = UserData(
                item_id=item_id,
                played=bool(played),
                play_count=play_count,
                last_played_at=from_ms(last_played_at),
            )
            before = memory_from_row(row) if known else None
            memory = (
                begin_new_life(seen)
                if item_id in returned
                else remember(before, seen, now)
            )
            if memory != before:
                _store_memory(connection, item_id, user_id, memory)


def _store_favorites(connection: sqlite3.Connection, users: Collection[User]) -> None:
    connection.executemany(
        "DELETE FROM favorites WHERE user_id = ?", ((user.user_id,) for user in users)
    )
    connection.execute(
        "INSERT INTO favorites SELECT item_id, user_id FROM staged_favorites"
    )


def _staged_events(connection: sqlite3.Connection) -> list[PlaybackEvent]:
    rows = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM staged_events ORDER BY rowid"
    )
    return [event_from_row(row) for row in rows]


def _trust_stale_flags_with_evidence(
    connection: sqlite3.Connection, now: datetime
) -> None:
    """Count a left-over flag again where Jellystat saw half of the title played."""
    connection.execute(
        "UPDATE plays SET stale = 0, played = 1, first_played_at = ?"
        " FROM items WHERE plays.stale AND plays.touched AND items.present"
        " AND items.item_id = plays.item_id AND items.runtime > 0"
        " AND items.life_started_at IS NOT NULL"
        " AND 2 * (SELECT coalesce(sum(events.seconds), 0) FROM aliases"
        "  JOIN events ON events.item_id = aliases.item_id"
        "  WHERE aliases.key = items.key AND events.user_id = plays.user_id"
        "  AND events.ended_at >= items.life_started_at) >= items.runtime",
        (to_ms(now),),
    )
