"""Jellystat's rows: remembered by their id, and for every item they ever named."""

from collections.abc import Sequence
from datetime import datetime
import sqlite3
from typing import Any

from ..model import PlaybackEvent
from .database import from_ms, get_state, set_state, to_ms

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
    the future counts as now.
    """
    latest = to_ms(now)
    scan = get_state(connection, "history_scan") or 0
    rows = [
        (
            event.event_id,
            event.item_id,
            event.user_id,
            min(to_ms(event.ended_at), latest),
            event.seconds,
            event.user_name,
            event.title,
            event.series_title,
            scan,
        )
        for event in events
    ]
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
        "INSERT INTO activity VALUES (?2, ?3, ?4) ON CONFLICT (item_id, user_id)"
        " DO UPDATE SET last_at = max(last_at, excluded.last_at)",
        [row[:4] for row in rows],
    )
    return new


def begin_scan(connection: sqlite3.Connection) -> None:
    """Begin to read the whole history, from the newest row to the oldest."""
    set_state(
        connection, "history_scan", (get_state(connection, "history_scan") or 0) + 1
    )
    set_state(connection, "history_from", None)
    set_state(connection, "history_cursor", None)
    set_state(connection, "history_scanning", True)


def note_page(
    connection: sqlite3.Connection, events: Sequence[PlaybackEvent], cursor: str | None
) -> None:
    """Remember how far the scan has come; without a cursor it is finished.

    A row that a finished scan has not met, though it is older than the scan's
    beginning, is gone from Jellystat.
    """
    newest = max((to_ms(event.ended_at) for event in events), default=None)
    known = get_state(connection, "history_from")
    if newest is not None and (known is None or newest > known):
        set_state(connection, "history_from", newest)
        known = newest
    set_state(connection, "history_cursor", cursor)
    if cursor is not None:
        return
    set_state(connection, "history_scanning", False)
    set_state(connection, "history_complete", True)
    connection.execute(
        "UPDATE events SET vanished = 1 WHERE scan < ? AND ended_at <= ?",
        (get_state(connection, "history_scan"), known or 0),
    )
