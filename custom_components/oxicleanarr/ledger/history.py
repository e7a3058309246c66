"""Jellystat's rows: known by their id, and counted for every item they ever named."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache, partial
import sqlite3
from typing import Any

from ..model import Play, PlaybackEvent
from .ahead import first_seen, known_ahead
from .database import column, exists, from_ms, to_ms
from .event_ids import pack, unpack
from .played import NOBODY, NOTHING, note_activity, number_of_title, number_of_user
from .purge import count_shells, forget_shells, is_purged, purged_until
from .state import get_state, set_state

_NEVER = 2**62

EVENT_COLUMNS = (
    "event_id, item_id, user_id, ended_at, seconds, user_name, title, series_title"
)
STAGED_EVENTS = """
CREATE TEMP TABLE staged_events (
    event_id, item_id TEXT, user_id TEXT, ended_at INTEGER, seconds INTEGER,
    user_name TEXT, title TEXT, series_title TEXT
);
"""
_PAGE = """
CREATE TEMP TABLE IF NOT EXISTS page (
    event_id PRIMARY KEY, ended_at INTEGER, title INTEGER, user INTEGER,
    seconds INTEGER, known INTEGER
) WITHOUT ROWID
"""
_SAME = (
    "substr(history.event_id, -4) = substr({0}.event_id, -4)"
    " AND history.event_id = {0}.event_id"
)
"""Finds the row of the history that has the id of a row of another table, by the index."""
_NAMED = (
    " JOIN history_users users ON users.number = history.user"
    " JOIN history_titles titles ON titles.number = history.title"
)
"""Tells whom and what the numbers in a row stand for."""


def row_from_event(event: PlaybackEvent) -> tuple[object, ...]:
    """Return an event as the values of EVENT_COLUMNS."""
    return (
        pack(event.event_id),
        event.item_id,
        event.user_id,
        to_ms(event.ended_at),
        event.seconds,
        event.user_name,
        event.title,
        event.series_title,
    )


def event_from_row(row: tuple[Any, ...]) -> PlaybackEvent:
    """Return the event of a row that was selected by EVENT_COLUMNS."""
    event_id, item_id, user_id, ended_at, seconds, user_name, title, series_title = row
    return PlaybackEvent(
        event_id=unpack(event_id),
        item_id=item_id,
        user_id=user_id,
        ended_at=from_ms(ended_at),
        seconds=seconds,
        user_name=user_name,
        title=title,
        series_title=series_title,
    )


def add_events(
    connection: sqlite3.Connection, events: Sequence[Play], now: datetime
) -> int:
    """Store rows by their id and return how many were new.

    The same rows twice change nothing; a resumed play grows under its id. A date in
    the future counts as when it was first seen.
    """
    if not events:
        return 0
    latest = to_ms(now)
    ahead = known_ahead(connection)
    purged = purged_until(connection)
    number_of_what = cache(partial(number_of_title, connection))
    number_of_whom = cache(partial(number_of_user, connection))
    shells: dict[str | bytes, str] = {}
    active: dict[tuple[int, int], int] = {}
    rows: list[tuple[object, ...]] = []
    for event in map(PlaybackEvent._make, events):
        event_id = pack(event.event_id)
        at = to_ms(event.ended_at)
        if at > latest or (ahead and (event.event_id, at) in ahead):
            at = first_seen(connection, event.event_id, event.item_id, at, now)
        title = number_of_what(event.item_id, event.title, event.series_title)
        if purged and is_purged(purged, event.user_id, at):
            user = NOBODY
            rows.append((event_id, at, NOTHING, NOBODY, 0))
            if not _is_known(connection, event_id):
                shells[event_id] = event.user_id
        else:
            user = number_of_whom(event.user_id, event.user_name)
            rows.append((event_id, at, title, user, event.seconds))
        active[title, user] = max(active.get((title, user), at), at)
    if shells:
        count_shells(connection, Counter(shells.values()))
    # A row that Jellystat gives to another title later still counts for this one:
    # activity is never taken away, for it can only postpone.
    note_activity(connection, active)
    return _store(connection, rows)


def _store(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> int:
    """Store rows of numbers, the later of two with one id; return how many are new."""
    scan = _scan(connection)
    connection.execute(_PAGE)
    connection.execute("DELETE FROM page")
    connection.executemany(
        "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, NULL)", rows
    )
    connection.execute(
        "UPDATE page SET known ="
        f" (SELECT history.rowid FROM history WHERE {_SAME.format('page')})"
    )
    connection.execute(
        "UPDATE history SET ended_at = page.ended_at, title = page.title,"
        " user = page.user, seconds = page.seconds, scan = ?1 FROM page"
        " WHERE history.rowid = page.known AND (history.ended_at, history.title,"
        "  history.user, history.seconds, history.scan)"
        " IS NOT (page.ended_at, page.title, page.user, page.seconds, ?1)",
        (scan,),
    )
    # In the order of their dates neighbours lie together, and are written together.
    return connection.execute(
        "INSERT INTO history SELECT event_id, ended_at, title, user, seconds, ?"
        " FROM page WHERE known IS NULL ORDER BY ended_at DESC",
        (scan,),
    ).rowcount


def _scan(connection: sqlite3.Connection) -> int:
    """Return what marks the rows that the present scan has met, or that came since.

    It tells them from those of the scan before, and needs no space as a larger number
    would.
    """
    return int(get_state(connection, "history_scan") or 0) % 2


def _is_known(connection: sqlite3.Connection, event_id: str | bytes) -> bool:
    """Return whether a row has been read before."""
    return exists(
        connection,
        f"SELECT 1 FROM (SELECT ? AS event_id) one JOIN history ON {_SAME.format('one')}",
        (event_id,),
    )


def new_staged(connection: sqlite3.Connection) -> int:
    """Return how many of the rows that a batch has collected were not known before."""
    (count,) = connection.execute(
        "SELECT count(DISTINCT event_id) FROM staged_events WHERE NOT EXISTS"
        f" (SELECT 1 FROM history WHERE {_SAME.format('staged_events')}"
        "  AND scan IS NOT NULL)"
    ).fetchone()
    return int(count)


def begin_scan(connection: sqlite3.Connection, now: datetime) -> None:
    """Begin to read the whole history, from the newest row to the oldest."""
    _start_over(connection)
    set_state(connection, "history_scanning", True)
    set_state(connection, "history_read_at", to_ms(now))


def forget(connection: sqlite3.Connection) -> None:
    """Stop counting known rows, and wait for a read of the whole history."""
    connection.execute("UPDATE history SET scan = NULL WHERE scan IS NOT NULL")
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
    events: Sequence[Play],
    cursor: str | None,
    now: datetime,
) -> int:
    """Store a page of a scan, and how far it has come; return the new rows.

    Without a cursor the scan is finished. A row that it has not met, though it is older
    than the scan's beginning, is gone from Jellystat then.
    """
    new = add_events(connection, events, now)
    known: int = get_state(connection, "history_from") or 0
    if events:
        newest = max(ended_at for _, _, _, ended_at, *_ in events)
        known = max(known, to_ms(min(newest, now)))
        set_state(connection, "history_from", known)
    set_state(connection, "history_cursor", cursor)
    if cursor is None:
        set_state(connection, "history_scanning", False)
        set_state(connection, "history_complete", True)
        connection.execute(
            "UPDATE history SET scan = NULL WHERE scan != ? AND ended_at <= ?",
            (_scan(connection), known),
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
        "SELECT count(*) FROM history WHERE ended_at >= ? AND ended_at < ?"
        " AND scan IS NOT NULL"
        " AND event_id NOT IN (SELECT event_id FROM staged_events)"
        + " AND NOT (ended_at >= ? AND ended_at < ?)"
        * len(reread),
        (begin, end, *others),
    ).fetchone()
    return int(collected + stored)


def middle_between(connection: sqlite3.Connection, span: Span) -> datetime | None:
    """Return the date that halves the known rows of a span; ``None``: it has only one."""
    begin, end = _bounds(span)
    among = "FROM history WHERE ended_at > ? AND ended_at < ? AND scan IS NOT NULL"
    row = connection.execute(
        f"SELECT ended_at {among} ORDER BY ended_at"
        f" LIMIT 1 OFFSET (SELECT count(*) {among}) / 2",
        (begin, end, begin, end),
    ).fetchone()
    return None if row is None else from_ms(int(row[0]))


def vanish_between(connection: sqlite3.Connection, span: Span) -> None:
    """Count the rows of a span no longer that a new reading of it has not met."""
    connection.execute(
        "UPDATE history SET scan = NULL WHERE ended_at >= ? AND ended_at < ?"
        " AND scan IS NOT NULL"
        " AND event_id NOT IN (SELECT event_id FROM staged_events)",
        _bounds(span),
    )


def _bounds(span: Span) -> tuple[int, int]:
    """Return a span in milliseconds, its second bound not being part of it."""
    begin, end = map(to_ms, span)
    return -_NEVER if begin is None else begin, _NEVER if end is None else end


def known_users(connection: sqlite3.Connection) -> set[str]:
    """Return the ids of those who have a row."""
    return set(
        column(
            connection,
            "SELECT user_id FROM history_counts"
            " JOIN history_users ON history_users.number = history_counts.user"
            " WHERE row_count > 0 AND user_id != ''",
        )
    )


def watch_history(
    connection: sqlite3.Connection,
    *,
    item_ids: Collection[str] | None,
    user_id: str | None,
    since: datetime | None,
    limit: int,
) -> list[PlaybackEvent]:
    """Return rows, newest first; ids stand for their aliases and their episodes."""
    conditions = ["scan IS NOT NULL", "user_id != ''"]
    values: list[object] = []
    if item_ids is not None:
        marks = ",".join("?" * len(item_ids))
        conditions.append(
            "history.title IN (SELECT number FROM aliases own"
            " JOIN aliases other USING (key)"
            " JOIN history_titles played ON played.item_id = other.item_id"
            " WHERE own.item_id IN (SELECT item_id"
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
            "SELECT event_id, item_id, user_id, ended_at, seconds, users.name,"
            f" titles.title, series_title FROM history{_NAMED}"
            f" WHERE {' AND '.join(conditions)}"
            " ORDER BY ended_at DESC, event_id LIMIT ?",
            (*values, limit),
        )
    ]
