"""Jellystat's rows: known by their id, and counted for every item they ever named."""

from collections.abc import Collection, Sequence
from datetime import datetime
import sqlite3
from typing import Any

from ..model import PlaybackEvent
from .ahead import first_seen, known_ahead
from .database import exists, from_ms, to_ms
from .purge import NOBODY, count_shells, forget_shells, is_purged, purged_until
from .state import get_state, set_state

_NEVER = 2**62

EVENT_COLUMNS = (
    "event_id, item_id, user_id, ended_at, seconds, user_name, title, series_title"
)


def event_from_row(row: tuple[Any, ...]) -> PlaybackEvent:
    """Return the event of a row that was selected by EVENT_COLUMNS."""
    event_id, item_id, user_id, ended_at, seconds, user_name, title, series_title = row
    return PlaybackEvent(
        event_id=event_id,
        item_id=item_id,
        user_id=user_id,
        ended_at=from_ms(ended_at),
        seconds=seconds,
        user_name=user_name,
        title=title,
        series_title=series_title,
    )


def add_events(
    connection: sqlite3.Connection, events: Sequence[PlaybackEvent], now: datetime
) -> int:
    """Store rows by their id and return how many were new.

    The same rows twice change nothing; a resumed play grows under its id. A date in
    the future counts as when it was first seen.
    """
    latest = to_ms(now)
    ahead = known_ahead(connection)
    scan = get_state(connection, "history_scan") or 0

    def ended_at(event: PlaybackEvent) -> int:
        """Return when a play ended, or when a date in the future was first seen."""
        at = to_ms(event.ended_at)
        if at <= latest and (event.event_id, at) not in ahead:
            return at
        return first_seen(connection, event.event_id, event.item_id, at, now)

    purged = purged_until(connection)
    shells: dict[str, int] = {}
    rows: list[tuple[Any, ...]] = []
    active = []
    for event in events:
        at = ended_at(event)
        user_id, shell = event.user_id, False
        if purged and is_purged(purged, user_id, at):
            user_id, shell = NOBODY, True
            if not _is_known(connection, event.event_id):
                shells[event.user_id] = shells.get(event.user_id, 0) + 1
        active.append((event.item_id, user_id, at))
        rows.append(
            (event.event_id, "", NOBODY, at, 0, "", "", None, scan)
            if shell
            else (
                event.event_id,
                event.item_id,
                user_id,
                at,
                event.seconds,
                event.user_name,
                event.title,
                event.series_title,
                scan,
            )
        )
    if shells:
        count_shells(connection, shells)
    new = connection.executemany(
        "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", rows
    ).rowcount
    connection.executemany(
        "UPDATE events SET item_id = ?2, user_id = ?3, ended_at = ?4, seconds = ?5,"
        " user_name = ?6, title = ?7, series_title = ?8, scan = ?9, vanished = 0"
        " WHERE event_id = ?1",
        rows,
    )
    # A row that Jellystat gives to another title later still counts for this one:
    # activity is never taken away, for it can only postpone.
    connection.executemany(
        "INSERT INTO activity VALUES (?, ?, ?) ON CONFLICT (item_id, user_id)"
        " DO UPDATE SET last_at = max(last_at, excluded.last_at)",
        active,
    )
    return new


def _is_known(connection: sqlite3.Connection, event_id: str) -> bool:
    """Return whether a row has been read before."""
    return exists(connection, "SELECT 1 FROM events WHERE event_id = ?", (event_id,))


def inherit_activity(connection: sqlite3.Connection, old_id: str, item_id: str) -> None:
    """Let what was played under a file's old id count for its new one."""
    connection.execute(
        "INSERT INTO activity SELECT ?2, user_id, last_at FROM activity"
        " WHERE item_id = ?1 ON CONFLICT (item_id, user_id)"
        " DO UPDATE SET last_at = max(last_at, excluded.last_at)",
        (old_id, item_id),
    )


def begin_scan(connection: sqlite3.Connection, now: datetime) -> None:
    """Begin to read the whole history, from the newest row to the oldest."""
    _start_over(connection)
    set_state(connection, "history_scanning", True)
    set_state(connection, "history_read_at", to_ms(now))


def forget(connection: sqlite3.Connection) -> None:
    """Stop counting known rows, and wait for a read of the whole history."""
    connection.execute("UPDATE events SET vanished = 1")
    forget_shells(connection)
    _start_over(connection)
    set_state(connection, "history_complete", False)
    set_state(connection, "history_scanning", False)


def _start_over(connection: sqlite3.Connection) -> None:
    """Number a new scan, which has not come anywhere yet."""
    set_state(
        connection, "history_scan", (get_state(connection, "history_scan") or 0) + 1
    )
    set_state(connection, "history_from", None)
    set_state(connection, "history_cursor", None)


def add_page(
    connection: sqlite3.Connection,
    events: Sequence[PlaybackEvent],
    cursor: str | None,
    now: datetime,
) -> int:
    """Store a page of a scan, and how far it has come; return the new rows.

    Without a cursor the scan is finished. A row that it has not met, though it is older
    than the scan's beginning, is gone from Jellystat then.
    """
    new = add_events(connection, events, now)
    newest = max((to_ms(min(event.ended_at, now)) for event in events), default=None)
    known = get_state(connection, "history_from")
    if newest is not None and (known is None or newest > known):
        set_state(connection, "history_from", newest)
        known = newest
    set_state(connection, "history_cursor", cursor)
    if cursor is None:
        set_state(connection, "history_scanning", False)
        set_state(connection, "history_complete", True)
        connection.execute(
            "UPDATE events SET vanished = 1 WHERE scan < ? AND ended_at <= ?",
            (get_state(connection, "history_scan"), known or 0),
        )
    return new


type Span = tuple[datetime | None, datetime | None]
"""From a date on and before another one; ``None`` is no bound."""


def count_between(
    connection: sqlite3.Connection, span: Span, reread: Sequence[Span]
) -> int:
    """Return how many rows of a span are known, with what a batch has collected.

    What is not among the collected rows does not count where all rows were read again.
    """
    begin, end = _bounds(span)
    (collected,) = connection.execute(
        "SELECT count(DISTINCT event_id) FROM staged_events"
        " WHERE ended_at >= ? AND ended_at < ?",
        (begin, end),
    ).fetchone()
    others = [one for known in reread for one in _bounds(known)]
    (stored,) = connection.execute(
        "SELECT count(*) FROM events WHERE ended_at >= ? AND ended_at < ?"
        " AND NOT vanished AND event_id NOT IN (SELECT event_id FROM staged_events)"
        + " AND NOT (ended_at >= ? AND ended_at < ?)"
        * len(reread),
        (begin, end, *others),
    ).fetchone()
    return int(collected + stored)


def middle_between(connection: sqlite3.Connection, span: Span) -> datetime | None:
    """Return the date that halves the known rows of a span; ``None``: it has only one."""
    begin, end = _bounds(span)
    among = "FROM events WHERE ended_at > ? AND ended_at < ?"
    row = connection.execute(
        f"SELECT ended_at {among} ORDER BY ended_at"
        f" LIMIT 1 OFFSET (SELECT count(*) {among}) / 2",
        (begin, end, begin, end),
    ).fetchone()
    return None if row is None else from_ms(int(row[0]))


def vanish_between(connection: sqlite3.Connection, span: Span) -> None:
    """Count the rows of a span no longer that a new reading of it has not met."""
    connection.execute(
        "UPDATE events SET vanished = 1 WHERE ended_at >= ? AND ended_at < ?"
        " AND NOT vanished AND event_id NOT IN (SELECT event_id FROM staged_events)",
        _bounds(span),
    )


def _bounds(span: Span) -> tuple[int, int]:
    """Return a span in milliseconds, its second bound not being part of it."""
    begin, end = map(to_ms, span)
    return -_NEVER if begin is None else begin, _NEVER if end is None else end


def watch_history(
    connection: sqlite3.Connection,
    *,
    item_ids: Collection[str] | None,
    user_id: str | None,
    since: datetime | None,
    limit: int,
) -> list[PlaybackEvent]:
    """Return rows, newest first; ids stand for their aliases and their episodes."""
    conditions = ["NOT vanished", f"user_id != '{NOBODY}'"]
    values: list[object] = []
    if item_ids is not None:
        marks = ",".join("?" * len(item_ids))
        conditions.append(
            "item_id IN (SELECT other.item_id FROM aliases own"
            " JOIN aliases other USING (key) WHERE own.item_id IN (SELECT item_id"
            f" FROM items WHERE item_id IN ({marks}) OR series_id IN ({marks})"
            f" OR season_id IN ({marks})))"
        )
        values += [*item_ids, *item_ids, *item_ids]
    if user_id is not None:
        conditions.append("user_id = ?")
        values.append(user_id)
    if since is not None:
        conditions.append("ended_at >= ?")
        values.append(to_ms(since))
    return [
        event_from_row(row)
        for row in connection.execute(
            f"SELECT {EVENT_COLUMNS} FROM events"
            f" WHERE {' AND '.join(conditions)}"
            " ORDER BY ended_at DESC, event_id LIMIT ?",
            (*values, limit),
        )
    ]
