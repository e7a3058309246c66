"""Whether anything has changed on which a plan rests, whoever has written it.

The database counts by itself, so that no writer can forget it: each row that comes or
goes, and each that is no longer as it was. What no plan reads is left out by name, so
that whatever is new counts until somebody says otherwise here.
"""

import sqlite3

_UNREAD_TABLES = frozenset(
    {
        "absences",
        "brought_back",
        "history",
        "history_counts",
        "journal",
        "listed",
        "synced_libraries",
    }
)
_UNREAD_COLUMNS = {"ahead": {"told_at"}}
_UNREAD_STATE = (
    "activity_cursor",
    "activity_read",
    "breaker",
    "dated_plays",
    "own_set",
    "poll_turn",
    "synced_at",
    "unseen_plays",
)
"""Names in the state, besides all of the history's; when the last sync was is shown
beside a plan."""


class Changes:
    """Counts for as long as a connection lives; what is taken back counts as well."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin to count."""
        self.number = 0
        """It grows with every change."""
        connection.create_function("count_change", 0, self._count)
        tables = connection.execute(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
            " AND name NOT GLOB 'sqlite_*'"
        ).fetchall()
        for (table,) in tables:
            if table not in _UNREAD_TABLES:
                _watch(connection, table)

    def _count(self) -> None:
        """Count a row; the database calls it."""
        self.number += 1


def _watch(connection: sqlite3.Connection, table: str) -> None:
    """Let the rows of a table be counted that come, go or become others."""
    unread = _UNREAD_COLUMNS.get(table, set())
    differs = " OR ".join(
        f"old.{name} IS NOT new.{name}"
        for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})")
        if name not in unread
    )
    for action, row, condition in (
        ("INSERT", "new", "true"),
        ("DELETE", "old", "true"),
        ("UPDATE", "new", differs),
    ):
        if table == "state":
            names = ", ".join(f"'{name}'" for name in _UNREAD_STATE)
            condition = (
                f"({condition}) AND {row}.name NOT IN ({names})"
                f" AND {row}.name NOT GLOB 'history_*'"
            )
        connection.execute(
            f"CREATE TEMP TRIGGER {table}_{action} AFTER {action} ON main.{table}"
            f" WHEN {condition} BEGIN SELECT count_change(); END"
        )
