"""What is forgotten of who has watched what, and what has to stay for that to be safe.

When a title was last played stays, without who did: else it could leave sooner. The rows
of Jellystat stay as empty shells, for whatever is missing would be read again. What
Jellyfin shows of its present users is no history, and is read from there all the time.
"""

from collections.abc import Callable, Collection
from datetime import datetime
import json
import re
import sqlite3
from typing import Any, Final

from .database import to_ms
from .inventory import GONE_USERS_COUNT
from .played import NOBODY, NOTHING, forget_who, note_anonymous
from .state import get_state, set_state

_EVERYBODY: Final = ""


def purge(
    connection: sqlite3.Connection,
    now: datetime,
    *,
    before: datetime | None,
    user_ids: Collection[str] | None = None,
    names: Collection[str] = (),
) -> int:
    """Forget what was played, by some users or by anybody, until now or before a date.

    ``names`` are those of the users. Return how many plays that were. What is read
    again later is forgotten as well.
    """
    if user_ids is None:
        names = [name for _, name in _known_names(connection)]
    limit = to_ms(now) + 1
    if before is not None:
        limit = min(limit, to_ms(before))
    known: dict[str, int] = get_state(connection, "purged") or {}
    for user_id in [_EVERYBODY] if user_ids is None else user_ids:
        known[user_id] = max(known.get(user_id, limit), limit)
    set_state(connection, "purged", known)
    condition, values = "", (limit,)
    if user_ids is not None:
        numbers = _numbers_of(connection, user_ids)
        condition = f" AND user IN ({','.join(map(str, numbers))})"
    count = _leave_shells(connection, f"ended_at < ?{condition}", values)
    forget_who(connection, f"last_at < ?{condition}", values)
    _forget_gone_users(connection, min(limit, to_ms(now - GONE_USERS_COUNT)), user_ids)
    _forget_unused_names(connection)
    _forget_names(connection, limit, names, everybody=user_ids is None)
    return count


def users_named(connection: sqlite3.Connection, name: str) -> dict[str, str]:
    """Return the users who are meant by an id or a name, also those who are gone."""
    return {
        user_id: known
        for user_id, known in _known_names(connection)
        if name == user_id or name.casefold() == known.casefold()
    }


def _known_names(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the ids and names of all who are known, Jellystat's users among them."""
    return connection.execute(
        "SELECT user_id, name FROM users"
        " UNION SELECT user_id, name FROM history_users WHERE user_id != ''"
    ).fetchall()


def purged_until(connection: sqlite3.Connection) -> dict[str, int]:
    """Return by user until when is forgotten what they have played; ``""``: anybody."""
    known: dict[str, int] = get_state(connection, "purged") or {}
    return known


def is_purged(known: dict[str, int], user_id: str, ended_at: int) -> bool:
    """Return whether a play is one of those that are forgotten."""
    return any(one in known and ended_at < known[one] for one in (_EVERYBODY, user_id))


def shells_of(connection: sqlite3.Connection) -> dict[str, int]:
    """Return by user how many plays are forgotten: they are not missing."""
    known: dict[str, int] = get_state(connection, "shells") or {}
    return known


def count_shells(connection: sqlite3.Connection, more: dict[str, int]) -> None:
    """Note that more of the plays of users are forgotten."""
    known = shells_of(connection)
    for user_id, count in more.items():
        known[user_id] = known.get(user_id, 0) + count
    set_state(connection, "shells", known)


def forget_shells(connection: sqlite3.Connection) -> None:
    """Count the forgotten plays of a history no longer that is read anew."""
    set_state(connection, "shells", {})


def _leave_shells(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> int:
    """Empty rows of the history, and return how many."""
    more = connection.execute(
        "SELECT user_id, count(*) FROM history"
        f" JOIN history_users ON number = user WHERE {condition}"
        " AND user_id != '' AND scan IS NOT NULL GROUP BY user_id",
        values,
    ).fetchall()
    count_shells(connection, dict(more))
    return connection.execute(
        f"UPDATE history SET title = {NOTHING}, user = {NOBODY}, seconds = 0"
        f" WHERE {condition} AND user != {NOBODY}",
        values,
    ).rowcount


def _numbers_of(connection: sqlite3.Connection, user_ids: Collection[str]) -> list[int]:
    """Return the numbers that users have in the history."""
    return [
        number
        for number, user_id in connection.execute(
            "SELECT number, user_id FROM history_users"
        )
        if user_id in user_ids
    ]


def _forget_unused_names(connection: sqlite3.Connection) -> None:
    """Forget the names of those of whom no row is left."""
    connection.execute(
        f"DELETE FROM history_users WHERE number != {NOBODY}"
        " AND number NOT IN (SELECT user FROM history"
        "  UNION SELECT user FROM history_activity)"
    )


def _forget_gone_users(
    connection: sqlite3.Connection, limit: int, user_ids: Collection[str] | None
) -> None:
    """Forget users who were gone by then, whose marks and favorites count no longer.

    Their dates still do.
    """
    gone = [
        user_id
        for (user_id,) in connection.execute(
            "SELECT user_id FROM users WHERE NOT present AND NOT disabled"
            " AND gone_since < ?",
            (limit,),
        )
        if user_ids is None or user_id in user_ids
    ]
    for user_id in gone:
        dates = connection.execute(
            "SELECT item_id, max(coalesce(last_played_at, first_played_at),"
            " coalesce(first_played_at, last_played_at)) FROM plays"
            " WHERE user_id = ? AND (last_played_at IS NOT NULL"
            "  OR first_played_at IS NOT NULL)",
            (user_id,),
        )
        note_anonymous(connection, dict(dates.fetchall()))
        for table in ("plays", "favorites", "sights", "users"):
            connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))


def _forget_names(
    connection: sqlite3.Connection,
    limit: int,
    names: Collection[str],
    *,
    everybody: bool,
) -> None:
    """Leave out of the journal's reasons who it was, of these names or of all."""
    rows = connection.execute(
        "SELECT id, reason, error FROM journal WHERE intended_at < ?", (limit,)
    ).fetchall()
    plain = re.compile(
        "|".join(rf"\b{re.escape(one)}\b" for one in names if one) or r"(?!)"
    )

    def hidden(name: Any) -> Any:
        """Return nothing in place of a name that is meant."""
        return None if everybody or name in names else name

    def nameless(column: str | None) -> str | None:
        """Return a reason as it is stored, without names."""
        if column is None:
            return None
        try:
            data = json.loads(column)
        except ValueError:
            # Older versions have stored a sentence.
            return plain.sub("a former user", column)
        return json.dumps(_without_names(data, hidden))

    for number, *columns in rows:
        without = [nameless(column) for column in columns]
        if without != columns:
            connection.execute(
                "UPDATE journal SET reason = ?, error = ? WHERE id = ?",
                (*without, number),
            )


def _without_names(data: Any, hidden: Callable[[Any], Any]) -> Any:
    """Return the data of a reason with each name as ``hidden`` returns it."""
    if isinstance(data, list):
        return [_without_names(one, hidden) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        key: [hidden(one) for one in value]
        if key == "users" and isinstance(value, list)
        else hidden(value)
        if key == "requester"
        else _without_names(value, hidden)
        for key, value in data.items()
    }
