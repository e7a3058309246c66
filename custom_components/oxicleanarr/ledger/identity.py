"""Which title an id stands for: stable keys, renames, copies, and what comes back.

All of it works on the tables in which a sync is staged, within its transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
import json
import sqlite3
from typing import Any

from ..model import MediaItem, MediaKey, MediaKind, media_key
from .database import column, to_ms
from .inventory import BARE_ITEM_COLUMNS, ITEM_NAMES, folder_of, is_present
from .plays import forget_plays, hand_over
from .wishes import follow_key

RETURN_AFTER = timedelta(days=1)
"""A title that was away for this long starts anew when it comes back."""


def assign_keys(connection: sqlite3.Connection) -> None:
    """Give every staged item its key; a changed series renames all its episodes."""
    connection.execute(
        f"INSERT OR IGNORE INTO staged_items SELECT {BARE_ITEM_COLUMNS} FROM items"
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
    """Return the stable key of a staged row, given the series by id."""
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


def store_items(
    connection: sqlite3.Connection, now: datetime, unmanaged: set[str]
) -> set[str]:
    """Store the staged inventory; return the ids of titles that have come back."""
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
            hand_over(connection, sources, item_id)
            lives[item_id] = _life_of(connection, sources)
    returned.update(
        item_id for item_id, _, key in rekeyed if _was_away(connection, (key,), now)
    )
    forget_plays(connection, returned)
    connection.execute(
        f"INSERT INTO items ({BARE_ITEM_COLUMNS}, present)"
        f" SELECT {BARE_ITEM_COLUMNS}, 1 FROM staged_items WHERE true"
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
    for _, old_key, new_key in rekeyed:
        split = is_present(connection, old_key)
        follow_key(connection, old_key, new_key, split=split)
        if not split:
            connection.execute(
                "INSERT OR IGNORE INTO aliases"
                " SELECT ?, item_id FROM aliases WHERE key = ?",
                (new_key, old_key),
            )
    return returned


def _in_emptied_folders(connection: sqlite3.Connection) -> set[str]:
    """Return the new movies in folders from which we have deleted another one.

    Such a movie is the same one under another identity: neither id nor key shows it. A
    folder that holds other movies as well says nothing.
    """
    emptied = {
        folder_of(path)
        for path in column(
            connection,
            "SELECT path FROM items JOIN absences ON subject = item_id"
            " WHERE deleted AND NOT present AND kind = 'movie' AND path IS NOT NULL",
        )
    }
    if not emptied:
        return set()
    inside: dict[str, set[str]] = {}
    for table in ("items WHERE present AND", "staged_items WHERE"):
        for item_id, path in connection.execute(
            f"SELECT item_id, path FROM {table} kind = 'movie' AND path IS NOT NULL"
        ):
            if (folder := folder_of(path)) in emptied:
                inside.setdefault(folder, set()).add(item_id)
    return {one for ids in inside.values() if len(ids) == 1 for one in ids}


def _predecessors(connection: sqlite3.Connection, item_id: str, key: str) -> list[str]:
    """Return the ids that this key had until now and that have just gone."""
    return column(
        connection,
        "SELECT item_id FROM items WHERE key = ? AND present AND item_id != ?"
        " AND item_id IN (SELECT item_id FROM gone)",
        (key, item_id),
    )


def _was_away(
    connection: sqlite3.Connection, subjects: tuple[str, ...], now: datetime
) -> bool:
    """Return whether any of some ids or keys was deleted, or away for long."""
    return any(
        deleted or since <= to_ms(now - RETURN_AFTER)
        for subject in subjects
        for since, deleted in connection.execute(
            "SELECT since, deleted FROM absences WHERE subject = ?", (subject,)
        )
    )


def _recently_lost(connection: sqlite3.Connection, item_id: str, key: str) -> list[str]:
    """Return the last ids of a key that has been away for less than a day."""
    return column(
        connection,
        "SELECT items.item_id FROM absences whole"
        " JOIN items ON items.key = whole.subject AND NOT items.present"
        " JOIN absences own ON own.subject = items.item_id"
        " AND own.since = whole.since"
        " WHERE whole.subject = ? AND items.item_id != ?",
        (key, item_id),
    )


def _life_of(connection: sqlite3.Connection, sources: list[str]) -> int | None:
    """Return when the latest of the lives of some ids began."""
    marks = ",".join("?" * len(sources))
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
    """Note that an item is no longer present, and its key if that was the last.

    ``deleted`` says that it went by our own hand: that is never taken back.
    """
    subjects = [item_id]
    if not is_present(connection, key):
        subjects.append(key)
    connection.executemany(
        "INSERT INTO absences VALUES (?, ?, ?) ON CONFLICT (subject)"
        " DO UPDATE SET deleted = max(deleted, excluded.deleted)",
        ((subject, to_ms(now), deleted) for subject in subjects),
    )
