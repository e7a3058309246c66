"""Who sees which title, where Jellyfin was asked about it: parental limits hide some.

Whoever was not asked about counts as able to see it, which only keeps a title.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
import sqlite3

from .database import to_ms
from .state import get_state


def unseeing(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Return the users who do not see a title, by its id."""
    found: dict[str, set[str]] = {}
    for item_id, user_id in connection.execute(
        "SELECT item_id, user_id FROM sights WHERE NOT sees"
    ):
        found.setdefault(item_id, set()).add(user_id)
    return {item_id: frozenset(users) for item_id, users in found.items()}


def unseeing_of(
    connection: sqlite3.Connection, item_ids: Collection[str | None]
) -> frozenset[str]:
    """Return the users who do not see one of some items."""
    found = unseeing(connection)
    return frozenset().union(*(found.get(one or "", ()) for one in item_ids))


def sights_to_ask(
    connection: sqlite3.Connection, questions: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Return what has to be asked: user ids by item id.

    That is what nobody has asked since the last full sync, of the ``questions`` and of
    the answers that are still in use.
    """
    synced_at = get_state(connection, "fully_synced_at") or 0
    fresh: set[tuple[str, str]] = set()
    wanted: dict[str, set[str]] = {}
    for item_id, user_id, asked_at in connection.execute(
        "SELECT item_id, user_id, asked_at FROM sights"
    ).fetchall():
        if asked_at >= synced_at:
            fresh.add((item_id, user_id))
        else:
            wanted.setdefault(item_id, set()).add(user_id)
    for item_id, users in questions.items():
        for user_id in users:
            if (item_id, user_id) not in fresh:
                wanted.setdefault(item_id, set()).add(user_id)
    return {item_id: sorted(users) for item_id, users in wanted.items()}


def store_sights(
    connection: sqlite3.Connection,
    answers: Iterable[tuple[str, str, bool | None]],
    now: datetime,
) -> None:
    """Store answers (item id, user id, whether it is seen); ``None``: not known."""
    for item_id, user_id, sees in answers:
        connection.execute(
            "DELETE FROM sights WHERE item_id = ? AND user_id = ?", (item_id, user_id)
        )
        if sees is not None:
            connection.execute(
                "INSERT INTO sights VALUES (?, ?, ?, ?)",
                (item_id, user_id, sees, to_ms(now)),
            )
