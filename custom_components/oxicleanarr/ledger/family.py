"""The family of a title: all that stands or falls with it."""

from collections.abc import Collection
import sqlite3

_FAMILY = """
CREATE TEMP TABLE IF NOT EXISTS family (item_id TEXT PRIMARY KEY) WITHOUT ROWID;
DELETE FROM temp.family;
"""
# Whoever shares a title, a file or a series with somebody of the family belongs to it.
_RELATIVES = (
    "INSERT OR IGNORE INTO temp.family SELECT other.item_id FROM temp.family own"
    " JOIN items one USING (item_id) JOIN items other ON other.key = one.key"
    " WHERE other.present",
    "INSERT OR IGNORE INTO temp.family SELECT other.item_id FROM temp.family own"
    " JOIN owned one USING (item_id)"
    " JOIN owned other ON other.group_name = one.group_name"
    " JOIN items USING (item_id) WHERE items.present",
    "INSERT OR IGNORE INTO temp.family SELECT other.item_id FROM temp.family own"
    " JOIN items one USING (item_id)"
    " JOIN items other ON other.series_id = coalesce(one.series_id, one.item_id)"
    " OR other.item_id = one.series_id WHERE other.present",
)


def choose_family(connection: sqlite3.Connection, item_ids: Collection[str]) -> None:
    """Put items into a temporary table, with all that stands or falls with them."""
    connection.executescript(_FAMILY)
    connection.executemany(
        "INSERT OR IGNORE INTO temp.family VALUES (?)", ((one,) for one in item_ids)
    )
    before = -1
    while before != (before := _size(connection)):
        for relatives in _RELATIVES:
            connection.execute(relatives)


def _size(connection: sqlite3.Connection) -> int:
    """Return how many there are."""
    (size,) = connection.execute("SELECT count(*) FROM temp.family").fetchone()
    return int(size)


def within(table: str, *, family: bool) -> str:
    """Return the end of a condition by which only the family is read."""
    if not family:
        return ""
    return f" AND {table}.item_id IN (SELECT item_id FROM temp.family)"
