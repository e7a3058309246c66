"""What an admin was asked about before it goes, and what of it is approved.

An approval is about one entry of the plan as it was shown. Whatever makes that doubtful
ends it: to be asked once too often is no harm.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
import json
import sqlite3

from ..model import Approval, PlannedDeletion
from .database import from_ms, to_ms


def approvals(connection: sqlite3.Connection) -> list[Approval]:
    """Return everything that was asked, approved or not, and whether in time or not."""
    return [
        Approval(
            name=entry,
            item_id=item_id,
            rule=rule,
            rule_type=rule_type,
            target_ids=frozenset(json.loads(targets)),
            until=from_ms(until),
        )
        for entry, item_id, rule, rule_type, targets, until in connection.execute(
            "SELECT entry, item_id, rule, rule_type, targets, until FROM approvals"
        )
    ]


def note_asked(
    connection: sqlite3.Connection, entries: Iterable[PlannedDeletion]
) -> None:
    """Remember that an admin was asked about entries; what they said meanwhile stays."""
    _store(connection, "IGNORE", entries, None, None)


def approve(
    connection: sqlite3.Connection,
    entries: Iterable[PlannedDeletion],
    until: datetime,
    user_id: str | None,
) -> None:
    """Approve entries of the plan as they are now; ``None``: by an automation."""
    _store(connection, "REPLACE", entries, until, user_id)


def _store(
    connection: sqlite3.Connection,
    where_known: str,
    entries: Iterable[PlannedDeletion],
    until: datetime | None,
    user_id: str | None,
) -> None:
    """Write down what was asked about entries, and until when they are approved."""
    connection.executemany(
        f"INSERT OR {where_known} INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                one.name,
                one.item_id,
                one.key,
                one.rule,
                one.rule_type,
                json.dumps(sorted(one.target_ids)),
                to_ms(until),
                user_id,
            )
            for one in entries
        ),
    )


def take_back(
    connection: sqlite3.Connection, names: Collection[str]
) -> list[tuple[str, str]]:
    """Take the approval of titles back (ids or keys); return id and key of each.

    That it was asked stays known, so that nobody is asked again at once.
    """
    marks = ",".join("?" * len(names))
    return connection.execute(
        "UPDATE approvals SET until = NULL, approved_by = NULL"
        f" WHERE item_id IN ({marks}) OR key IN ({marks}) RETURNING item_id, key",
        (*names, *names),
    ).fetchall()


def end(connection: sqlite3.Connection, ended: Iterable[Approval]) -> None:
    """Forget what was asked about entries that are no longer as they were."""
    connection.executemany(
        "DELETE FROM approvals WHERE entry = ? AND item_id = ?",
        ((one.name, one.item_id) for one in ended),
    )


def end_all(connection: sqlite3.Connection) -> None:
    """Forget all of it."""
    connection.execute("DELETE FROM approvals")


def end_of_items(connection: sqlite3.Connection, item_ids: Iterable[str]) -> None:
    """Forget what was asked about items that are other files now."""
    connection.executemany(
        "DELETE FROM approvals WHERE item_id = ?1"
        " OR EXISTS (SELECT 1 FROM json_each(targets) WHERE value = ?1)",
        ((item_id,) for item_id in item_ids),
    )


def end_of_key(connection: sqlite3.Connection, key: str) -> None:
    """Forget what was asked about a title, what belongs to it and what holds it."""
    connection.execute(
        "DELETE FROM approvals WHERE key = ?1 OR EXISTS ("
        " SELECT 1 FROM json_each(targets) target"
        " JOIN items part ON part.item_id = target.value"
        " JOIN items family"
        "  ON family.item_id IN (part.item_id, part.season_id, part.series_id)"
        " WHERE family.key = ?1)",
        (key,),
    )


def follow_key(
    connection: sqlite3.Connection, old_key: str, new_key: str, *, split: bool
) -> None:
    """Let an approval follow a title whose key was corrected, if it is still that one.

    Where two titles become one, or one becomes two, nobody has approved that.
    """
    (titles,) = connection.execute(
        "SELECT count(*) FROM items WHERE present AND key = ?", (new_key,)
    ).fetchone()
    if split or titles > 1:
        end_of_key(connection, old_key)
        end_of_key(connection, new_key)
        return
    # The item has its new key already; what was asked about another one has ended.
    connection.execute("DELETE FROM approvals WHERE key = ?", (new_key,))
    for (entry,) in connection.execute(
        "SELECT entry FROM approvals WHERE key = ?", (old_key,)
    ).fetchall():
        connection.execute(
            "UPDATE approvals SET entry = ?, key = ? WHERE entry = ?",
            (entry.removesuffix(old_key) + new_key, new_key, entry),
        )
