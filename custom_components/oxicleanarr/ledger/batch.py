"""One sync: what the servers said is collected aside, then believed all at once.

The rows are collected in temporary tables while the network is slow, so that a sync
that fails half-way leaves nothing behind, and the pages need not stay in memory.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
import sqlite3

from ..model import Library, MediaItem, MediaKey, OwnSet, PlaybackEvent, User, UserData
from .ahead import settle_dates
from .database import Database, column, from_ms, to_ms
from .history import (
    EVENT_COLUMNS,
    STAGED_EVENTS,
    Span,
    add_events,
    count_between,
    event_from_row,
    middle_between,
    new_staged,
    row_from_event,
    vanish_between,
)
from .identity import assign_keys, find_new_files, leave_out_unchanged, store_items
from .inventory import (
    BARE_ITEM_COLUMNS,
    ITEM_NAMES,
    UNKEYED_COLUMNS,
    key_of,
    row_from_item,
    store_libraries,
    store_users,
)
from .journal import DeletionOutcome
from .plays import learn_plays, store_favorites, trust_stale_flags_with_evidence
from .shelves import store_shelves
from .state import note_synced, own_set, set_state, synced_since

_STAGING = f"""
DROP TABLE IF EXISTS temp.staged_items;
DROP TABLE IF EXISTS temp.new_files;
DROP TABLE IF EXISTS temp.staged_shelved;
DROP TABLE IF EXISTS temp.staged_data;
DROP TABLE IF EXISTS temp.staged_favorites;
DROP TABLE IF EXISTS temp.staged_events;
DROP TABLE IF EXISTS temp.gone;
CREATE TEMP TABLE staged_items AS SELECT {BARE_ITEM_COLUMNS} FROM items LIMIT 0;
CREATE UNIQUE INDEX temp.staged_items_by_id ON staged_items (item_id);
CREATE TEMP TABLE new_files AS
    SELECT item_id, key, library_id, kind, added_at, runtime FROM items LIMIT 0;
CREATE TEMP TABLE staged_shelved AS SELECT * FROM shelved LIMIT 0;
CREATE TEMP TABLE staged_data (
    user_id TEXT, item_id TEXT, played INTEGER, play_count INTEGER,
    last_played_at INTEGER, ahead INTEGER DEFAULT 0, PRIMARY KEY (user_id, item_id)
) WITHOUT ROWID;
CREATE TEMP TABLE staged_favorites (
    user_id TEXT, item_id TEXT, lost_at INTEGER, PRIMARY KEY (user_id, item_id)
) WITHOUT ROWID;
{STAGED_EVENTS}CREATE TEMP TABLE gone (item_id TEXT PRIMARY KEY) WITHOUT ROWID;
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
        """Begin with nothing added."""
        self._database = database
        self._complete = complete
        self._reread: list[Span] = []
        with database.reading() as connection:
            connection.executescript(_STAGING)

    def add_items(
        self,
        items: Iterable[MediaItem],
        shelves: Callable[[MediaItem], Sequence[str]] = lambda item: (item.library_id,),
    ) -> None:
        """Add rows of the inventory; a repeated id replaces the earlier row.

        ``shelves`` returns the ids of the libraries that hold an item, at last the one
        that names it; what none of them holds is left out.
        """
        placed = [(item, held) for item in items if (held := shelves(item))]
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT INTO staged_shelved VALUES (?, ?)",
                (
                    (item.item_id, library_id)
                    for item, held in placed
                    for library_id in held
                ),
            )
            _stage(
                connection,
                f"INSERT OR REPLACE INTO staged_items ({BARE_ITEM_COLUMNS})"
                f" VALUES (?, ''{', ?' * (len(ITEM_NAMES) - 2)})",
                (row_from_item(item, held[-1]) for item, held in placed),
            )

    def rows_of_deleted(self) -> list[tuple[str, str]]:
        """Return id and path of staged items that are files which have been deleted.

        Jellyfin goes on listing a row until it looks; or the file is back.
        """
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT staged.item_id, staged.path FROM staged_items staged"
                " JOIN items USING (item_id) WHERE NOT items.present"
                " AND staged.path IS items.path AND staged.added_at IS items.added_at"
                " AND staged.path IS NOT NULL AND EXISTS (SELECT 1 FROM journal"
                "  WHERE journal.item_id = staged.item_id AND outcome = ?)",
                (DeletionOutcome.DELETED,),
            ).fetchall()

    def leave_out(self, item_ids: Collection[str]) -> None:
        """Forget staged items."""
        with self._database.reading() as connection:
            connection.executemany(
                "DELETE FROM staged_items WHERE item_id = ?",
                ((one,) for one in item_ids),
            )

    def add_user_data(self, user_id: str, rows: Iterable[UserData]) -> None:
        """Add what Jellyfin says about a user's plays; the latest word wins."""
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT OR REPLACE INTO staged_data"
                " (user_id, item_id, played, play_count, last_played_at)"
                " VALUES (?, ?, ?, ?, ?)",
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
                "INSERT OR IGNORE INTO staged_favorites VALUES (?, ?, NULL)",
                ((user_id, item_id) for item_id in item_ids),
            )

    def unlisted_favorites(self, user_id: str) -> list[str]:
        """Return the known favorites of a user that are there and were not added."""
        return self._unlisted_favorites(user_id, lost=False)

    def version_ids(self) -> list[str]:
        """Return the ids of the other versions of what is there: no list shows them."""
        with self._database.reading() as connection:
            return column(
                connection,
                "SELECT value FROM files JOIN staged_items USING (item_id),"
                " json_each(version_ids) WHERE source_count > 1",
            )

    def own_set(self) -> OwnSet | None:
        """Return the collection in Jellyfin that is ours, if there is one."""
        with self._database.reading() as connection:
            return own_set(connection)

    def add_lost_favorites(self, user_id: str, item_ids: Iterable[str]) -> None:
        """Let favorites that cannot be seen any more protect for some days.

        Those that were lost before need not be added again.
        """
        lost = [*item_ids, *self._unlisted_favorites(user_id, lost=True)]
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT OR IGNORE INTO staged_favorites VALUES (?, ?, 0)",
                ((user_id, item_id) for item_id in lost),
            )

    def _unlisted_favorites(self, user_id: str, *, lost: bool) -> list[str]:
        """Return the known favorites that were not added, those lost before or the others."""
        with self._database.reading() as connection:
            return column(
                connection,
                "SELECT item_id FROM favorites WHERE user_id = ?1"
                " AND (lost_at IS NOT NULL) = ?2 AND item_id NOT IN"
                " (SELECT item_id FROM staged_favorites WHERE user_id = ?1)"
                " AND item_id IN (SELECT item_id FROM staged_items)",
                (user_id, lost),
            )

    def add_events(self, events: Iterable[PlaybackEvent]) -> None:
        """Add rows of Jellystat's history, in the order in which they came."""
        with self._database.reading() as connection:
            _stage(
                connection,
                "INSERT INTO staged_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                map(row_from_event, events),
            )

    def note_reread(self, since: datetime | None, until: datetime | None) -> None:
        """Note that all rows of Jellystat's history between two dates were added.

        A known one that is not among them is gone from Jellystat.
        """
        self._reread.append((since, until))

    def known_between(self, since: datetime | None, until: datetime | None) -> int:
        """Return how many rows of the history will be known between two dates.

        ``None`` is no bound; the second date is not part of it.
        """
        with self._database.reading() as connection:
            return count_between(connection, (since, until), self._reread)

    def middle_between(
        self, since: datetime | None, until: datetime | None
    ) -> datetime | None:
        """Return the date that halves what is known between; ``None``: there is none."""
        with self._database.reading() as connection:
            return middle_between(connection, (since, until))

    def unlisted_items(self, unmanaged: Collection[str]) -> list[str]:
        """Return the ids that were present and that the inventory left out.

        They have to be read again by id before they are believed to be gone. Items of
        the ``unmanaged`` libraries (ids) are no longer our business.
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
        item_ids = list(item_ids)
        with self._database.reading() as connection:
            _stage(
                connection,
                f"INSERT OR IGNORE INTO staged_items SELECT {UNKEYED_COLUMNS} FROM items"
                " WHERE item_id = ?",
                ((item_id,) for item_id in item_ids),
            )
            _stage(
                connection,
                "INSERT INTO staged_shelved SELECT * FROM shelved WHERE item_id = ?",
                ((item_id,) for item_id in item_ids),
            )

    def unlisted_plays(self, user_id: str) -> list[str]:
        """Return the ids known as played or active that this user's lists left out.

        They have to be read again by id: the user un-marked them, a re-watch reset
        them, or they were lost between two pages.
        """
        with self._database.reading() as connection:
            return column(
                connection,
                "SELECT item_id FROM plays WHERE user_id = ?"
                " AND (played OR stale OR touched) AND NOT EXISTS"
                " (SELECT 1 FROM staged_data WHERE user_id = plays.user_id"
                "  AND item_id = plays.item_id)"
                " AND EXISTS (SELECT 1 FROM staged_items"
                "  WHERE item_id = plays.item_id)",
                (user_id,),
            )

    def rivals(self, now: datetime) -> list[str]:
        """Return the present ids that a new id shares its key or its file's date with.

        Each is either another copy, or the old name of a renamed file: a read by id
        tells. Only a complete sync knows without asking, so this is for the others.
        """
        with self._database.reading() as connection:
            leave_out_unchanged(connection, now)
            assign_keys(connection)
            if not find_new_files(connection):
                return []
            return column(
                connection,
                "SELECT old.item_id FROM new_files new"
                " JOIN items old ON old.key = new.key AND old.present"
                " WHERE old.item_id NOT IN (SELECT item_id FROM staged_items)"
                " UNION SELECT old.item_id FROM new_files new"
                " JOIN items old ON old.added_at = new.added_at AND old.present"
                " AND old.kind = new.kind AND old.runtime = new.runtime"
                " WHERE old.item_id NOT IN (SELECT item_id FROM staged_items)",
            )

    def new_events(self) -> int:
        """Return how many of the added rows of the history were not known before."""
        with self._database.reading() as connection:
            return new_staged(connection)

    def newest_event(self, now: datetime) -> datetime | None:
        """Return the date of the newest row of the history that was added.

        One that lies ahead says nothing about how far Jellystat has come.
        """
        with self._database.reading() as connection:
            newest: int | None = connection.execute(
                "SELECT max(ended_at) FROM staged_events WHERE ended_at <= ?",
                (to_ms(now),),
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
        read, ``gone`` ids that were requested and are gone. ``state`` is
        remembered with it.
        """
        with self._database.transaction() as connection:
            if self._complete:
                store_users(connection, users, now)
            since = synced_since(connection, libraries)
            store_libraries(connection, libraries)
            if self._complete:
                connection.execute(
                    "INSERT INTO gone SELECT item_id FROM items WHERE present"
                    " AND item_id NOT IN (SELECT item_id FROM staged_items)"
                )
            connection.executemany(
                "INSERT OR IGNORE INTO gone VALUES (?)", ((one,) for one in gone)
            )
            # Not before: what is left out is there all the same.
            leave_out_unchanged(connection, now)
            assign_keys(connection)
            unmanaged = {library.library_id for library in libraries} - set(managed)
            settle_dates(connection, now)
            returned = store_items(connection, now, unmanaged, since)
            store_shelves(connection, managed if self._complete else None)
            learn_plays(connection, now, returned, users, complete=self._complete)
            if self._complete:
                store_favorites(connection, users, now)
            for span in self._reread:
                vanish_between(connection, span)
            new_events = add_events(connection, _staged_events(connection), now)
            trust_stale_flags_with_evidence(connection, now)
            note_synced(
                connection,
                [one for one in libraries if one.library_id in managed],
                now,
                complete=self._complete,
            )
            (count,) = connection.execute(
                "SELECT count(*) FROM items WHERE present"
            ).fetchone()
            for name, value in (state or {}).items():
                set_state(connection, name, value)
            keys = tuple(
                key
                for item_id in sorted(returned)
                if (key := key_of(connection, item_id))
            )
        self.discard()
        return Committed(items=count, new_events=new_events, returned=keys)

    def discard(self) -> None:
        """Forget everything that was added."""
        self._reread.clear()
        with self._database.reading() as connection:
            connection.executescript(_STAGING)


def _stage(
    connection: sqlite3.Connection, statement: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Write many rows of a temporary table in one transaction, which is quicker."""
    connection.execute("BEGIN")
    try:
        connection.executemany(statement, rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _staged_events(connection: sqlite3.Connection) -> list[PlaybackEvent]:
    """Return the staged rows of the history, in the order in which they came."""
    rows = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM staged_events ORDER BY rowid"
    )
    return [event_from_row(row) for row in rows]
