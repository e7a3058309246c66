"""Which title an id stands for: stable keys, renames, copies, and what comes back.

All of it works on the tables in which a sync is staged, within its transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
import sqlite3

from ..model import MediaItem, MediaKey, MediaKind, media_key, part_key
from .approvals import end_of_items
from .database import column, exists, to_ms
from .inventory import BARE_ITEM_COLUMNS, ITEM_NAMES, UNKEYED_COLUMNS, is_present
from .paths import folder_of
from .played import inherit_activity
from .plays import doubt_flags, forget_plays, hand_over
from .state import get_state
from .wishes import follow_file, follow_key, forget_announced

RETURN_AFTER = timedelta(days=1)
"""A title that was away for this long starts anew when it comes back."""

_SAME_RUNTIME = 1
"""Seconds by which two readings of one file's running time may differ."""


def leave_out_unchanged(connection: sqlite3.Connection, now: datetime) -> None:
    """Forget the staged rows that say what is known: nothing is done for them.

    Their keys are known as well; a series that has changed renames its episodes later.
    A date that is or was ahead has to be noted again.
    """
    names = [name for name in ITEM_NAMES if name not in ("item_id", "key")]
    connection.execute(
        "DELETE FROM staged_items WHERE rowid IN (SELECT staged.rowid"
        # Whatever SQLite thinks, there are mostly fewer of these.
        " FROM staged_items staged CROSS JOIN items known USING (item_id) WHERE present"
        f" AND {' AND '.join(f'staged.{one} IS known.{one}' for one in names)})"
        " AND (added_at > ?) IS NOT 1 AND item_id NOT IN (SELECT item_id FROM ahead)",
        (to_ms(now),),
    )


def assign_keys(connection: sqlite3.Connection) -> None:
    """Give every staged item that has none its key; a series renames its episodes."""
    connection.execute(
        f"INSERT OR IGNORE INTO staged_items SELECT {UNKEYED_COLUMNS} FROM items"
        " WHERE present AND series_id IN"
        " (SELECT item_id FROM staged_items WHERE kind = 'series')"
        " AND item_id NOT IN (SELECT item_id FROM gone)"
    )
    owners = {
        item_id: media_key(_titled(item_id, kind, provider_ids))
        for table in ("items", "staged_items")
        for item_id, kind, provider_ids in connection.execute(
            f"SELECT item_id, kind, provider_ids FROM {table} WHERE kind = 'series'"
            " AND item_id IN (SELECT series_id FROM staged_items WHERE key = '')"
        )
    }
    last = 0
    while rows := connection.execute(
        "SELECT rowid, item_id, kind, provider_ids, series_id, season, episode"
        " FROM staged_items WHERE rowid > ? AND key = '' ORDER BY rowid LIMIT 2000",
        (last,),
    ).fetchall():
        last = rows[-1][0]
        connection.executemany(
            "UPDATE staged_items SET key = ? WHERE rowid = ?",
            [(_key_of(owners, *row), rowid) for rowid, *row in rows],
        )


def _key_of(
    owners: Mapping[str, MediaKey],
    item_id: str,
    kind: str,
    provider_ids: str,
    series_id: str | None,
    season: int | None,
    episode: int | None,
) -> MediaKey:
    """Return the stable key of a staged row, given the keys of the series by id."""
    if kind in (MediaKind.SEASON, MediaKind.EPISODE):
        owner = owners.get(series_id or "")
        return part_key(item_id, MediaKind(kind), owner, season, episode)
    return media_key(_titled(item_id, kind, provider_ids))


def _titled(item_id: str, kind: str, provider_ids: str) -> MediaItem:
    """Return as much of a movie or series as names it."""
    return MediaItem(
        item_id=item_id,
        kind=MediaKind(kind),
        title="",
        library_id="",
        provider_ids=json.loads(provider_ids),
    )


def find_new_files(connection: sqlite3.Connection) -> bool:
    """Note the staged rows that have come, or that have another file than before.

    They are in the table ``new_files`` from then on. Return whether there are any.
    """
    connection.execute("DELETE FROM new_files")
    connection.execute(
        "INSERT INTO new_files SELECT staged.item_id, staged.key, staged.library_id,"
        " staged.kind, staged.added_at, staged.runtime FROM staged_items staged"
        " LEFT JOIN items own ON own.item_id = staged.item_id AND own.present"
        " WHERE own.item_id IS NULL OR own.added_at IS NOT staged.added_at"
    )
    return exists(connection, "SELECT 1 FROM new_files")


@dataclass(frozen=True, slots=True)
class _Moves:
    """Which files are known by another id or number than before."""

    files: Mapping[str, str]
    """Id to the id that the same file had before."""
    taken: frozenset[str]
    """The ids whose file is, or may be, another row's now."""
    unsure: frozenset[str]
    """The ids of rows that may have any of several files."""
    replaced: tuple[tuple[str, str], ...]
    """Id and library of what was there and has another file now."""

    def strange(self, item_id: str) -> bool:
        """Return whether a row has a file that nothing is known of, whatever its id."""
        return item_id in self.unsure or (
            item_id in self.taken and item_id not in self.files
        )


def store_items(
    connection: sqlite3.Connection,
    now: datetime,
    unmanaged: set[str],
    since: Mapping[str, int],
) -> set[str]:
    """Store the staged inventory; return the ids of titles that have come back.

    ``since`` says by library when it was last seen without what is new in it now; one
    that was never seen before has nothing new.
    """
    arrived = connection.execute(
        "SELECT new.item_id, new.key, new.library_id, old.item_id IS NULL"
        # What was not looked at for a while can be another file.
        " OR old.added_at IS NOT new.added_at AND NOT EXISTS"
        "  (SELECT 1 FROM absences WHERE subject = new.item_id)"
        # At the place that a file has left lies another one, under its old id.
        " OR old.key != new.key"
        " FROM staged_items new LEFT JOIN items old ON old.item_id = new.item_id"
        " WHERE old.item_id IS NULL OR NOT old.present"
    ).fetchall()
    back = _in_emptied_folders(connection) if arrived else set()
    rekeyed = connection.execute(
        "SELECT new.item_id, old.key, new.key FROM staged_items new"
        " CROSS JOIN items old ON old.item_id = new.item_id"
        " WHERE old.present AND old.key != new.key"
    ).fetchall()
    moves = _moved_files(connection, now)
    returned: set[str] = set()
    new: dict[str, str] = {}
    sources: dict[str, list[str]] = {}
    for item_id, key, library_id, unseen in arrived:
        found = _predecessors(connection, item_id, key, moves)
        if not found and _was_away(connection, (item_id, key), now):
            returned.add(item_id)
        elif not found:
            found = _recently_lost(connection, item_id, key, moves)
            if not found and item_id in back:
                returned.add(item_id)
            elif not found and (unseen or moves.strange(item_id)):
                new[item_id] = library_id
        if found:
            sources[item_id] = found
    for item_id, library_id in moves.replaced:
        if source := moves.files.get(item_id):
            sources[item_id] = [source]
        elif moves.strange(item_id):
            new[item_id] = library_id
    returned.update(
        item_id for item_id, _, key in rekeyed if _was_away(connection, (key,), now)
    )
    renumbered = _renumbered(connection, moves)
    # Their numbers were other files' until now.
    taken_over = {
        item_id: key
        for item_id, library_id in new.items()
        if library_id in since
        for (key,) in connection.execute(
            "SELECT old.key FROM staged_items new"
            " JOIN items old ON old.key = new.key AND old.present"
            " WHERE new.item_id = ? LIMIT 1",
            (item_id,),
        )
    }
    began: dict[str, tuple[int | None, int | None]] = {
        item_id: _beginnings(connection, found) for item_id, found in sources.items()
    }
    hand_over(connection, sources)
    forget_plays(connection, [*returned, *new])
    end_of_items(connection, [*returned, *new])
    for item_id, old_id in moves.files.items():
        inherit_activity(connection, old_id, item_id)
    connection.execute(
        f"INSERT INTO items ({BARE_ITEM_COLUMNS}, present)"
        f" SELECT {BARE_ITEM_COLUMNS}, 1 FROM staged_items WHERE true"
        " ON CONFLICT (item_id) DO UPDATE SET present = 1, "
        + ", ".join(f"{name} = excluded.{name}" for name in ITEM_NAMES[1:])
    )
    began |= {
        item_id: (since[library_id], since[library_id])
        for item_id, library_id in new.items()
        if library_id in since
    }
    began |= {one: (began[one][0], to_ms(now)) for one in taken_over}
    began |= dict.fromkeys(returned, (to_ms(now), to_ms(now)))
    connection.executemany(
        "UPDATE items SET life_started_at = ?, marks_from = ? WHERE item_id = ?",
        ((*moments, item_id) for item_id, moments in began.items()),
    )
    named_anew = {item_id for item_id, _, _ in (*rekeyed, *renumbered)} - returned
    connection.executemany(
        "UPDATE items SET marks_from = ? WHERE item_id = ?",
        ((to_ms(now), item_id) for item_id in named_anew),
    )
    # Items are listed before flags are read, in one sync, too.
    doubt_flags(connection, named_anew, get_state(connection, "fully_synced_at") or 0)
    connection.execute(
        "INSERT OR IGNORE INTO aliases SELECT key, item_id FROM staged_items"
    )
    connection.executemany(
        "DELETE FROM absences WHERE subject IN (?, ?)",
        [
            *(row[:2] for row in arrived),
            *((item_id, key) for item_id, _, key in rekeyed),
        ],
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
    for _, old_key, new_key in renumbered:
        follow_file(connection, old_key, new_key)
    for key in taken_over.values():
        forget_announced(connection, key)
    return returned


def _moved_files(connection: sqlite3.Connection, now: datetime) -> _Moves:
    """Find the files that have come under another id: their dates stay when renamed.

    A file with the date and the running time of one that is no longer where it was is
    that file. Where several could be, their numbers tell only if all are old ones.
    """
    if not find_new_files(connection):
        return _Moves({}, frozenset(), frozenset(), ())
    there = connection.execute(
        "SELECT new.item_id, new.key, new.library_id, new.kind, new.added_at,"
        " new.runtime, own.item_id IS NOT NULL FROM new_files new"
        " LEFT JOIN items own ON own.item_id = new.item_id AND own.present"
        " WHERE new.kind IN ('movie', 'episode') AND new.added_at IS NOT NULL"
    ).fetchall()
    if not there:
        return _Moves({}, frozenset(), frozenset(), ())
    lost: dict[tuple[str, int], list[tuple[str, str, int | None]]] = {}
    for item_id, key, kind, added_at, runtime in connection.execute(
        "SELECT items.item_id, items.key, items.kind, items.added_at, items.runtime"
        " FROM items LEFT JOIN staged_items new ON new.item_id = items.item_id"
        " WHERE items.kind IN ('movie', 'episode') AND items.added_at IS NOT NULL"
        " AND new.added_at IS NOT items.added_at AND ("
        "  items.present AND (new.item_id IS NOT NULL"
        "   OR items.item_id IN (SELECT item_id FROM gone))"
        "  OR NOT items.present AND EXISTS (SELECT 1 FROM absences"
        "   WHERE subject = items.item_id AND NOT deleted AND since > ?))",
        (to_ms(now - RETURN_AFTER),),
    ):
        lost.setdefault((kind, added_at), []).append((item_id, key, runtime))
    files: dict[str, str] = {}
    taken: set[str] = set()
    unsure: set[str] = set()
    groups: dict[tuple[str, int], list[tuple[str, str, bool, list[str], bool]]] = {}
    for item_id, key, _, kind, added_at, runtime, known in there:
        old = lost.get((kind, added_at), ())
        same = [
            old_id
            for old_id, _, other in old
            if None in (runtime, other) or abs(runtime - other) <= _SAME_RUNTIME
        ]
        sure = runtime is not None and all(other is not None for *_, other in old)
        if same:
            groups.setdefault((kind, added_at), []).append(
                (item_id, key, bool(known), same, sure)
            )
    for name, rows in groups.items():
        numbers = {key for _, key, _ in lost[name]}
        if all(key in numbers and not known for _, key, known, _, _ in rows):
            # Renamed, all of them.
            continue
        for item_id, _, _, same, sure in rows:
            taken.update(same)
            if sure and len(rows) == len(same) == 1:
                files[item_id] = same[0]
            else:
                unsure.add(item_id)
    return _Moves(
        files,
        frozenset(taken),
        frozenset(unsure),
        tuple((row[0], row[2]) for row in there if row[-1]),
    )


def _renumbered(
    connection: sqlite3.Connection, moves: _Moves
) -> list[tuple[str, str, str]]:
    """Return id, old and new key of the files that have another number now."""
    return [
        (item_id, old_key, new_key)
        for item_id, old_id in moves.files.items()
        for old_key, new_key in connection.execute(
            "SELECT old.key, new.key FROM items old, staged_items new"
            " WHERE old.item_id = ? AND new.item_id = ?",
            (old_id, item_id),
        )
        if old_key != new_key
    ]


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


def _predecessors(
    connection: sqlite3.Connection, item_id: str, key: str, moves: _Moves
) -> list[str]:
    """Return the id that its file had, or those of its key that have just gone."""
    if item_id in moves.files:
        return [moves.files[item_id]]
    found = column(
        connection,
        "SELECT item_id FROM items WHERE key = ? AND present AND item_id != ?"
        " AND item_id IN (SELECT item_id FROM gone)",
        (key, item_id),
    )
    return _untaken(found, item_id, moves)


def _untaken(found: list[str], item_id: str, moves: _Moves) -> list[str]:
    """Return those ids that a row may follow: their files are nobody else's now."""
    if item_id in moves.unsure:
        return []
    return [one for one in found if one not in moves.taken]


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


def _recently_lost(
    connection: sqlite3.Connection, item_id: str, key: str, moves: _Moves
) -> list[str]:
    """Return the last ids of a key that has been away for less than a day."""
    found = column(
        connection,
        "SELECT items.item_id FROM absences whole"
        " JOIN items ON items.key = whole.subject AND NOT items.present"
        " JOIN absences own ON own.subject = items.item_id"
        " AND own.since = whole.since"
        " WHERE whole.subject = ? AND items.item_id != ?",
        (key, item_id),
    )
    return _untaken(found, item_id, moves)


def _beginnings(
    connection: sqlite3.Connection, sources: list[str]
) -> tuple[int | None, int | None]:
    """Return when the latest life of some ids began, and from when their marks count."""
    marks = ",".join("?" * len(sources))
    life, marks_from = connection.execute(
        "SELECT max(life_started_at), max(marks_from) FROM items"
        f" WHERE item_id IN ({marks})",
        sources,
    ).fetchone()
    return life, marks_from


def _store_absences(
    connection: sqlite3.Connection, now: datetime, unmanaged: set[str]
) -> None:
    """Note what has gone: by its id, and by its key if that was the last of it."""
    gone = connection.execute(
        "SELECT items.item_id, key, library_id FROM gone"
        " CROSS JOIN items USING (item_id) WHERE present"
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
