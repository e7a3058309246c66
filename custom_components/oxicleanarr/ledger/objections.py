"""What a run has found against titles: it holds them until a look finds it gone.

An objection is about a title's file, or a series' folder: by key and path, so that it
outlives a new id and is void for a file that moved.
"""

from datetime import datetime
import sqlite3

from ..model import MediaItem, Reason
from .database import reason_from_column, reason_to_column, to_ms
from .inventory import ITEM_COLUMNS, item_from_row

_SAME = "items.present AND items.key = objections.key AND items.path = objections.path"


def note_objection(
    connection: sqlite3.Connection,
    item_id: str,
    reason: Reason,
    now: datetime,
    *,
    sure: bool,
    until: datetime | None,
) -> None:
    """Remember what speaks against the deletion of an item that has a path.

    It holds the item where it is ``sure``, or held it before. What holds ``until`` a
    day at most has to be noted twice.
    """
    connection.execute(
        "INSERT INTO objections (key, path, reason, holds, looked_at, until)"
        " SELECT key, path, ?, ?, ?, ? FROM items WHERE item_id = ? AND path IS NOT NULL"
        " ON CONFLICT (key, path) DO UPDATE SET reason = excluded.reason,"
        " holds = holds OR excluded.holds"
        "  OR (until IS NOT NULL AND excluded.until IS NOT NULL),"
        " looked_at = excluded.looked_at, until = excluded.until",
        (reason_to_column(reason), sure, to_ms(now), to_ms(until), item_id),
    )


def forget_objection(connection: sqlite3.Connection, item_id: str) -> None:
    """Forget what spoke against the deletion of an item."""
    connection.execute(
        "DELETE FROM objections WHERE (key, path) IN"
        " (SELECT key, path FROM items WHERE item_id = ?)",
        (item_id,),
    )


def forget_outdated(connection: sqlite3.Connection, now: datetime) -> None:
    """Forget what is about a file that is no longer there, and what has had its time."""
    connection.execute(
        "DELETE FROM objections WHERE until <= ?"
        f" OR NOT EXISTS (SELECT 1 FROM items WHERE {_SAME})",
        (to_ms(now),),
    )


def objections(connection: sqlite3.Connection) -> dict[tuple[str, str], Reason]:
    """Return what holds titles, by key and path."""
    return {
        (key, path): reason_from_column(reason)
        for key, path, reason in connection.execute(
            "SELECT key, path, reason FROM objections WHERE holds"
        )
    }


def objections_to_look_at(
    connection: sqlite3.Connection, limit: int
) -> list[tuple[MediaItem, Reason]]:
    """Return what may have been settled, the longest not looked at first."""
    return [
        (item_from_row(row), reason_from_column(reason))
        for *row, reason in connection.execute(
            f"SELECT {ITEM_COLUMNS}, reason FROM objections JOIN items ON {_SAME}"
            " WHERE until IS NULL ORDER BY looked_at, objections.key LIMIT ?",
            (limit,),
        )
    ]
