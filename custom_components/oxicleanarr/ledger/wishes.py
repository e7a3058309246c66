"""What users want: titles that stay, titles that go by hand, and the schedule of all.

Each is remembered by stable key, so that a rename or a new copy changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import sqlite3

from ..model import Keep, MediaKey
from . import approvals
from .database import exists, from_ms, to_ms

SHOWN_AT_LEAST = timedelta(days=1)
"""For how long a keep is shown that came when its title was ready to be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """When an entry was first scheduled, and when it is due."""

    first_scheduled_at: datetime
    due_at: datetime


# --- keeps -----------------------------------------------------------------------


def keeps(connection: sqlite3.Connection, now: datetime) -> dict[MediaKey, Keep]:
    """Return what users keep at this moment, by stable key."""
    return {
        MediaKey(key): Keep(
            key=MediaKey(key),
            kept_at=from_ms(kept_at),
            until=from_ms(until),
            reason=reason,
            kept_by=kept_by,
            due_at=from_ms(due_at),
            brought_back_by=brought_back_by,
        )
        for (
            key,
            kept_at,
            until,
            reason,
            kept_by,
            due_at,
            brought_back_by,
        ) in connection.execute(
            "SELECT key, kept_at, until, reason, kept_by, due_at, brought_back_by"
            " FROM keeps WHERE until IS NULL OR until > ?",
            (to_ms(now),),
        )
    }


def is_kept(
    connection: sqlite3.Connection, item_ids: Collection[str], now: datetime
) -> bool:
    """Return whether any of some items is kept at this moment."""
    marks = ",".join("?" * len(item_ids))
    return exists(
        connection,
        "SELECT 1 FROM keeps JOIN items USING (key)"
        f" WHERE item_id IN ({marks}) AND (until IS NULL OR until > ?)",
        (*item_ids, to_ms(now)),
    )


def keep(connection: sqlite3.Connection, wish: Keep) -> None:
    """Keep a title, in place of an earlier keep; its announced day stays known.

    Whoever approved its deletion is asked again when it is no longer kept.
    """
    approvals.end_of_key(connection, wish.key)
    connection.execute(
        "INSERT OR REPLACE INTO keeps (key, kept_at, until, reason, kept_by, due_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5,"
        " coalesce(?6, (SELECT due_at FROM keeps WHERE key = ?1)))",
        (
            wish.key,
            to_ms(wish.kept_at),
            to_ms(wish.until),
            wish.reason,
            wish.kept_by,
            to_ms(wish.due_at),
        ),
    )


def keep_no_shorter(connection: sqlite3.Connection, wish: Keep) -> bool:
    """Keep a title unless another person keeps it longer; return whether it was done.

    What another person keeps stays theirs: otherwise it could be taken over first and
    taken back afterwards.
    """
    before = keeps(connection, wish.kept_at).get(wish.key)
    if before is not None and before.kept_by != wish.kept_by:
        if wish.until is not None and (
            before.until is None or wish.until < before.until
        ):
            return False
        wish = replace(wish, kept_by=before.kept_by)
    keep(connection, wish)
    return True


def keep_returning(connection: sqlite3.Connection, wish: Keep, deletion: int) -> None:
    """Keep what is brought back after a deletion, unless it is kept for longer.

    What is kept already, by a person or after another deletion, is kept no shorter: how
    this return ends is no longer the end of it.
    """
    before = keeps(connection, wish.kept_at).get(wish.key)
    if before is not None and not exists(
        connection,
        "SELECT 1 FROM keeps WHERE key = ? AND deletion = ?",
        (wish.key, deletion),
    ):
        approvals.end_of_key(connection, wish.key)
        connection.execute(
            # Without an end it is for good, and that is what max() makes of it.
            "UPDATE keeps SET until = max(until, ?), deletion = NULL,"
            " brought_back_by = NULL WHERE key = ?",
            (to_ms(wish.until), wish.key),
        )
        return
    if (
        before is not None
        and wish.until is not None
        and (before.until is None or before.until >= wish.until)
    ):
        return
    keep(connection, wish)
    connection.execute(
        "UPDATE keeps SET deletion = ?, brought_back_by = ? WHERE key = ?",
        (deletion, wish.brought_back_by, wish.key),
    )


def end_returning(connection: sqlite3.Connection, deletion: int) -> None:
    """End the keep of what was brought back after a deletion."""
    connection.execute("DELETE FROM keeps WHERE deletion = ?", (deletion,))


def unkeep(connection: sqlite3.Connection, key: str) -> bool:
    """Take a keep back; return whether there was one."""
    return bool(connection.execute("DELETE FROM keeps WHERE key = ?", (key,)).rowcount)


def unkeep_own(connection: sqlite3.Connection, key: str, user_id: str) -> bool:
    """Take a user's own keep back; return whether there was one."""
    gone = connection.execute(
        "DELETE FROM keeps WHERE key = ? AND kept_by = ?", (key, user_id)
    )
    return bool(gone.rowcount)


# --- scheduled by hand -----------------------------------------------------------


def manual_schedule(connection: sqlite3.Connection) -> dict[MediaKey, datetime]:
    """Return what users have scheduled by hand, by stable key, and for when."""
    return {
        MediaKey(key): from_ms(at)
        for key, at in connection.execute("SELECT key, at FROM manual")
    }


def schedule_manually(connection: sqlite3.Connection, key: str, at: datetime) -> None:
    """Schedule a title by hand, in place of an earlier time."""
    connection.execute("INSERT OR REPLACE INTO manual VALUES (?, ?)", (key, to_ms(at)))


def unschedule(connection: sqlite3.Connection, key: str) -> bool:
    """Leave a title to the rules again; return whether it was scheduled by hand."""
    return bool(connection.execute("DELETE FROM manual WHERE key = ?", (key,)).rowcount)


def unschedule_deleted(connection: sqlite3.Connection, item_id: str, key: str) -> None:
    """Drop the manual schedule of a deleted title.

    What was scheduled for its series or season ends with the last episode there.
    """
    connection.execute(
        "DELETE FROM manual WHERE key = ?1 OR key IN (SELECT folder.key"
        " FROM items gone JOIN items folder"
        " ON folder.item_id IN (gone.series_id, gone.season_id)"
        " WHERE gone.item_id = ?2 AND NOT EXISTS (SELECT 1 FROM items"
        "  WHERE present AND kind = 'episode'"
        "  AND folder.item_id IN (series_id, season_id)))",
        (key, item_id),
    )


# --- the schedule of a plan ------------------------------------------------------


def schedule(
    connection: sqlite3.Connection,
    wanted: Mapping[str, tuple[MediaKey, datetime]],
    now: datetime,
    grace: timedelta,
) -> dict[str, Scheduled]:
    """Schedule these entries (name to key and end of retention), and no others.

    Whoever read an earlier announcement is not surprised: a date that moves forward is
    at least the grace away, and so is one that moved back.
    """
    announced = _announced(connection)
    scheduled = _days(wanted, announced, now, grace)
    connection.executemany(
        "INSERT OR REPLACE INTO schedule VALUES (?, ?, ?, ?)",
        (
            (entry, wanted[entry][0], to_ms(one.first_scheduled_at), to_ms(one.due_at))
            for entry, one in scheduled.items()
            if announced.get(entry) != one
        ),
    )
    connection.executemany(
        "DELETE FROM schedule WHERE entry = ?",
        ((entry,) for entry in announced if entry not in scheduled),
    )
    return scheduled


def proposed_schedule(
    connection: sqlite3.Connection,
    wanted: Mapping[str, tuple[MediaKey, datetime]],
    now: datetime,
    grace: timedelta,
) -> dict[str, Scheduled]:
    """Return how these entries would be scheduled, without announcing any."""
    return _days(wanted, _announced(connection), now, grace)


def _announced(connection: sqlite3.Connection) -> dict[str, Scheduled]:
    """Return what stands on the schedule, by name."""
    return {
        entry: Scheduled(first_scheduled_at=from_ms(first), due_at=from_ms(due))
        for entry, first, due in connection.execute(
            "SELECT entry, first_scheduled_at, due_at FROM schedule"
        )
    }


def _days(
    wanted: Mapping[str, tuple[MediaKey, datetime]],
    announced: Mapping[str, Scheduled],
    now: datetime,
    grace: timedelta,
) -> dict[str, Scheduled]:
    """Return when each entry is due, given what has been announced."""
    scheduled: dict[str, Scheduled] = {}
    for entry, (_, ends_at) in wanted.items():
        before = announced.get(entry)
        # The table holds milliseconds; anything finer would look like a change.
        ends_at, soonest = from_ms(to_ms(ends_at)), from_ms(to_ms(now + grace))
        if before is None or ends_at > before.due_at:
            due_at = max(ends_at, soonest)
        else:
            due_at = max(ends_at, min(before.due_at, soonest))
        if before is None or due_at != before.due_at:
            first = from_ms(to_ms(before.first_scheduled_at if before else now))
            before = Scheduled(first_scheduled_at=first, due_at=due_at)
        scheduled[entry] = before
    return scheduled


def begin_grace_anew(
    connection: sqlite3.Connection, now: datetime, grace: timedelta
) -> None:
    """Let nothing on the schedule be due before a whole grace from now."""
    connection.execute(
        "UPDATE schedule SET due_at = max(due_at, ?)", (to_ms(now + grace),)
    )


# --- corrected keys --------------------------------------------------------------


def follow_key(
    connection: sqlite3.Connection, old_key: str, new_key: str, *, split: bool
) -> None:
    """Let wishes follow a title whose key was corrected, and merge to the safe side.

    A ``split`` leaves another title with the old key: both are kept then, and whatever
    else was said stays with the old one.
    """
    approvals.follow_key(connection, old_key, new_key, split=split)
    connection.execute(
        "INSERT INTO keeps (key, kept_at, until, reason, kept_by, due_at, deletion,"
        "  brought_back_by)"
        " SELECT ?, kept_at, until, reason, kept_by, due_at, deletion,"
        "  brought_back_by FROM keeps WHERE key = ?"
        " ON CONFLICT (key) DO UPDATE SET deletion = NULL, brought_back_by = NULL,"
        " until ="
        " CASE WHEN until IS NULL OR excluded.until IS NULL THEN NULL"
        " ELSE max(until, excluded.until) END,"
        " kept_by = CASE WHEN kept_by = excluded.kept_by THEN kept_by END",
        (new_key, old_key),
    )
    if split:
        return
    unkeep(connection, old_key)
    connection.execute(
        "INSERT INTO manual SELECT ?, at FROM manual WHERE key = ?"
        " ON CONFLICT (key) DO UPDATE SET at = max(at, excluded.at)",
        (new_key, old_key),
    )
    unschedule(connection, old_key)
    for entry, first_scheduled_at, due_at in connection.execute(
        "SELECT entry, first_scheduled_at, due_at FROM schedule WHERE key = ?",
        (old_key,),
    ).fetchall():
        connection.execute(
            "INSERT INTO schedule VALUES (?, ?, ?, ?) ON CONFLICT (entry) DO UPDATE SET"
            " first_scheduled_at = max(first_scheduled_at, excluded.first_scheduled_at),"
            " due_at = max(due_at, excluded.due_at)",
            (
                entry.removesuffix(old_key) + new_key,
                new_key,
                first_scheduled_at,
                due_at,
            ),
        )
    connection.execute("DELETE FROM schedule WHERE key = ?", (old_key,))


def follow_file(connection: sqlite3.Connection, old_key: str, new_key: str) -> None:
    """Let wishes follow a file that has another number now, to the safe side.

    A keep holds for both numbers. A day chosen by hand, and what was announced, was
    about one file: under either number another may go by it.
    """
    follow_key(connection, old_key, new_key, split=True)
    for key in (old_key, new_key):
        forget_announced(connection, key)


def forget_announced(connection: sqlite3.Connection, key: str) -> None:
    """Forget the day chosen or announced of a key that another file has now."""
    approvals.end_of_key(connection, key)
    unschedule(connection, key)
    connection.execute("DELETE FROM schedule WHERE key = ?", (key,))
    connection.execute("UPDATE keeps SET due_at = NULL WHERE key = ?", (key,))
