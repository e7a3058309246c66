"""When each title was last played by whom, and the numbers that stand for both.

A title has a number for each name that a row has ever given it, and so has a user:
whoever asks when something was played takes the latest of all.
"""

from collections.abc import Mapping
import sqlite3
from typing import Final

from .database import column

NOBODY: Final = 0
"""The number of whom is forgotten."""
NOTHING: Final = 0
"""The number of what is forgotten."""

_LATEST = (
    " ON CONFLICT (title, user) DO UPDATE SET last_at = max(last_at, excluded.last_at)"
)


def number_of_title(
    connection: sqlite3.Connection, item_id: str, title: str, series_title: str | None
) -> int:
    """Return the number of a title by its id and names, a new one if need be."""
    row = connection.execute(
        "SELECT number FROM history_titles"
        " WHERE item_id = ? AND title = ? AND series_title IS ?",
        (item_id, title, series_title),
    ).fetchone()
    return int(row[0]) if row else _new_title(connection, item_id, title, series_title)


def number_of_user(connection: sqlite3.Connection, user_id: str, name: str) -> int:
    """Return the number of a user by id and name, a new one if need be."""
    connection.execute(
        "INSERT OR IGNORE INTO history_users (user_id, name) VALUES (?, ?)",
        (user_id, name),
    )
    (number,) = connection.execute(
        "SELECT number FROM history_users WHERE user_id = ? AND name = ?",
        (user_id, name),
    ).fetchone()
    return int(number)


def note_activity(
    connection: sqlite3.Connection, active: Mapping[tuple[int, int], int]
) -> None:
    """Remember when titles were played by users, by the numbers of both."""
    connection.executemany(
        f"INSERT INTO history_activity VALUES (?, ?, ?){_LATEST}",
        ((*whom, active[whom]) for whom in sorted(active)),
    )


def note_anonymous(connection: sqlite3.Connection, dates: Mapping[str, int]) -> None:
    """Remember when items were played, by their ids, but not by whom."""
    active = {
        (_some_number(connection, item_id), NOBODY): at for item_id, at in dates.items()
    }
    note_activity(connection, active)


def inherit_activity(connection: sqlite3.Connection, old_id: str, item_id: str) -> None:
    """Let what was played under a file's old id count for its new one."""
    active = {
        (_some_number(connection, item_id), user): at
        for user, at in connection.execute(
            "SELECT user, max(last_at) FROM history_titles"
            " JOIN history_activity ON history_activity.title = number"
            " WHERE item_id = ? GROUP BY user",
            (old_id,),
        ).fetchall()
    }
    note_activity(connection, active)


def forget_who(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> None:
    """Let nobody have done what some rows of the activity say."""
    among = f"FROM history_activity WHERE user != {NOBODY} AND {condition}"
    connection.execute(
        f"INSERT INTO history_activity SELECT title, {NOBODY}, max(last_at) {among}"
        f" GROUP BY title{_LATEST}",
        values,
    )
    connection.execute(f"DELETE {among}", values)


def _some_number(connection: sqlite3.Connection, item_id: str) -> int:
    """Return a number of an item, whatever it is called."""
    known = column(
        connection,
        "SELECT number FROM history_titles WHERE item_id = ? ORDER BY number LIMIT 1",
        (item_id,),
    )
    return int(known[0]) if known else _new_title(connection, item_id, "", None)


def _new_title(
    connection: sqlite3.Connection, item_id: str, title: str, series_title: str | None
) -> int:
    """Give a title a number."""
    (number,) = connection.execute(
        "INSERT INTO history_titles (item_id, title, series_title) VALUES (?, ?, ?)"
        " RETURNING number",
        (item_id, title, series_title),
    ).fetchone()
    return int(number)
