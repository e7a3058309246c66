"""Dates that lie in the future: each counts from the moment at which it was first seen.

A server with a wrong clock, or an import of marks, can date something a hundred years
ahead. Taken for *now* at every sync it would postpone for ever, so when it was first
seen is remembered, by what the date belongs to and by the date itself.
"""

from datetime import datetime, timedelta
import sqlite3

from .database import column, from_ms, to_ms

_WORTH_TELLING = timedelta(hours=1)
"""The clocks of two machines may differ by less than that."""

_PLAY = "staged_data.item_id || ' ' || staged_data.user_id"
_DATES = (
    ("staged_data", _PLAY, "staged_data.last_played_at"),
    ("staged_items", "staged_items.key", "staged_items.added_at"),
    ("owned", "'file ' || owned.item_id", "owned.file_added_at"),
)
"""Tables with what their dates belong to, and the dates."""


def settle_dates(connection: sqlite3.Connection, now: datetime) -> None:
    """Remember the dates that lie ahead, and let staged plays count as first seen.

    A staged item keeps its date: that tells one file from another.
    """
    for table, subject, at in _DATES:
        connection.execute(
            f"INSERT INTO ahead SELECT {subject}, {at}, item_id, ?1, ?1 FROM {table}"
            f" WHERE {at} > ?1 OR EXISTS (SELECT 1 FROM ahead known"
            f"  WHERE known.subject = {subject} AND known.at = {at})"
            " ON CONFLICT DO UPDATE SET told_at = excluded.told_at",
            (to_ms(now),),
        )
    connection.execute(
        "UPDATE staged_data SET last_played_at = ahead.seen_at, ahead = 1 FROM ahead"
        f" WHERE ahead.subject = {_PLAY} AND ahead.at = staged_data.last_played_at"
    )


def first_seen(
    connection: sqlite3.Connection, subject: str, item_id: str, at: int, now: datetime
) -> int:
    """Return a date in milliseconds, or when one that lies ahead was first seen."""
    connection.execute(
        "INSERT INTO ahead VALUES (?1, ?2, ?3, ?4, ?4)"
        " ON CONFLICT DO UPDATE SET told_at = excluded.told_at",
        (subject, at, item_id, to_ms(now)),
    )
    (seen_at,) = connection.execute(
        "SELECT seen_at FROM ahead WHERE subject = ? AND at = ?", (subject, at)
    ).fetchone()
    return int(seen_at)


def known_ahead(connection: sqlite3.Connection) -> frozenset[tuple[str, int]]:
    """Return what every date that was ever ahead belongs to, with that date."""
    return frozenset(connection.execute("SELECT subject, at FROM ahead").fetchall())


def plays_ahead(
    connection: sqlite3.Connection, item_id: str
) -> frozenset[tuple[str, datetime]]:
    """Return the known plays of an item that are dated ahead: user id and date."""
    return frozenset(
        (subject.removeprefix(f"{item_id} "), from_ms(at))
        for subject, at in connection.execute(
            "SELECT subject, at FROM ahead WHERE subject GLOB ?", (f"{item_id} *",)
        )
    )


def titles_ahead(
    connection: sqlite3.Connection, since: datetime | None
) -> tuple[str, ...]:
    """Return the titles with a date far ahead that a server has told since a moment."""
    return tuple(
        column(
            connection,
            "SELECT DISTINCT coalesce(series_title || ': ', '') || title FROM ahead"
            " JOIN items USING (item_id) WHERE present AND at - seen_at > ?"
            " AND told_at >= ? ORDER BY 1",
            (_WORTH_TELLING // timedelta(milliseconds=1), to_ms(since) or 0),
        )
    )
