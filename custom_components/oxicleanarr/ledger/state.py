"""What is remembered by name: how far the servers have been read, and the breaker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
import json
import sqlite3
from typing import Any

from ..model import Library, OwnSet
from .database import from_ms, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """How far the servers have been read."""

    server_id: str | None
    synced_at: datetime | None
    """When the last sync that every source answered completely began, full or not."""
    fully_synced_at: datetime | None
    history_complete: bool
    """Whether the whole history has been read once."""
    history_scanning: bool
    """Whether a read of the whole history has begun and not ended."""
    history_cursor: str | None
    history_from: datetime | None
    """The newest row of the last whole read: increments begin there."""
    history_newest: datetime | None
    history_rows: int
    """How many rows Jellystat has, as far as is known."""
    history_surplus: int = 0
    """How many more it counts, which cannot be read."""
    history_read_at: datetime | None
    """When the last whole read of the history began."""
    activity_cursor: datetime | None
    """The newest entry of Jellyfin's activity log that was read, in its own time."""
    activity_read: frozenset[tuple[str, str | None, int]]
    """The entries at that time: user id, item id, milliseconds."""
    dated_plays: Mapping[str, int]
    """How much of what each user has played or marked has a date, by user id."""
    unseen_plays: tuple[tuple[str, str | None, datetime], ...]
    """Plays in Jellyfin's log that are newer than Jellystat's newest row: user id,
    item id, time."""
    restored: bool
    """Whether the file is a copy from a backup, and no sync has taken note of it."""
    poll_turn: int
    """Which of the users who have not played anything is asked about next."""


def get_state(connection: sqlite3.Connection, name: str) -> Any:
    """Return a remembered value, or ``None``."""
    row = connection.execute(
        "SELECT value FROM state WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else json.loads(row[0])


def set_state(connection: sqlite3.Connection, name: str, value: Any) -> None:
    """Remember a value (anything JSON can hold)."""
    connection.execute(
        "INSERT INTO state VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value)),
    )


def read_state(connection: sqlite3.Connection) -> LedgerState:
    """Return how far the servers have been read."""
    (rows,) = connection.execute(
        "SELECT coalesce(sum(row_count), 0) FROM history_counts"
    ).fetchone()
    (newest,) = connection.execute(
        "SELECT max(ended_at) FROM history WHERE scan IS NOT NULL"
    ).fetchone()
    return LedgerState(
        server_id=get_state(connection, "server_id"),
        synced_at=synced_at(connection),
        fully_synced_at=from_ms(get_state(connection, "fully_synced_at")),
        history_complete=bool(get_state(connection, "history_complete")),
        history_scanning=bool(get_state(connection, "history_scanning")),
        history_cursor=get_state(connection, "history_cursor"),
        history_from=from_ms(get_state(connection, "history_from")),
        history_newest=from_ms(newest),
        history_rows=rows,
        history_surplus=get_state(connection, "history_surplus") or 0,
        history_read_at=from_ms(get_state(connection, "history_read_at")),
        activity_cursor=from_ms(get_state(connection, "activity_cursor")),
        activity_read=frozenset(
            (user_id, item_id, at)
            for user_id, item_id, at in get_state(connection, "activity_read") or ()
        ),
        dated_plays=get_state(connection, "dated_plays") or {},
        unseen_plays=tuple(
            (user_id, item_id, from_ms(at))
            for user_id, item_id, at in get_state(connection, "unseen_plays") or ()
        ),
        restored=bool(get_state(connection, "restored")),
        poll_turn=get_state(connection, "poll_turn") or 0,
    )


def synced_at(connection: sqlite3.Connection) -> datetime | None:
    """Return when the last complete sync began, without counting anything."""
    began: int | None = get_state(connection, "synced_at")
    return from_ms(began)


def synced_since(
    connection: sqlite3.Connection, libraries: Collection[Library]
) -> dict[str, int]:
    """Return by library when it was last seen without what is new in it now.

    One that has never been read completely is left out. One that was made anew, or got
    another name, has another id: its folders tell that it is the same.
    """
    known = connection.execute(
        "SELECT library_id, locations, synced_at FROM synced_libraries"
    ).fetchall()
    by_id = {library_id: synced_at for library_id, _, synced_at in known}
    by_folder: dict[str, int] = {}
    for _, locations, synced_at in known:
        for location in json.loads(locations):
            by_folder[location] = max(by_folder.get(location, 0), synced_at)
    since: dict[str, int] = {}
    for library in libraries:
        if library.library_id in by_id:
            since[library.library_id] = by_id[library.library_id]
        elif library.locations and by_folder.keys() >= set(library.locations):
            since[library.library_id] = min(
                by_folder[location] for location in library.locations
            )
    return since


def note_synced(
    connection: sqlite3.Connection,
    libraries: Collection[Library],
    now: datetime,
    *,
    complete: bool,
) -> None:
    """Note that libraries were read: what is not known now was not there.

    A poll shows all that is new as well, but only after a complete sync it tells that
    something is.
    """
    for library in libraries:
        if complete:
            connection.execute(
                "INSERT INTO synced_libraries VALUES (?1, ?2, ?3) ON CONFLICT"
                " DO UPDATE SET locations = excluded.locations,"
                " synced_at = excluded.synced_at",
                (library.library_id, json.dumps(library.locations), to_ms(now)),
            )
        else:
            connection.execute(
                "UPDATE synced_libraries SET synced_at = ? WHERE library_id = ?",
                (to_ms(now), library.library_id),
            )


def ledger_id(connection: sqlite3.Connection) -> str | None:
    """Return the name by which a config entry knows this ledger, if it has one."""
    name: str | None = get_state(connection, "ledger_id")
    return name


def identify(connection: sqlite3.Connection, name: str, file: int) -> None:
    """Give the ledger its name, and remember the number of its file on the disk.

    A file that was copied back from a backup has another one: whatever was announced
    or kept since that backup, the ledger knows nothing of it.
    """
    before: int | None = get_state(connection, "file")
    set_state(connection, "ledger_id", name)
    set_state(connection, "file", file)
    if before not in (None, file):
        set_state(connection, "restored", True)


def breaker_state(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """Return what the breaker remembers, as it was given."""
    state: dict[str, Any] | None = get_state(connection, "breaker")
    return state


def set_breaker_state(
    connection: sqlite3.Connection, breaker: Mapping[str, Any]
) -> None:
    """Remember what the breaker has found."""
    set_state(connection, "breaker", dict(breaker))


def own_set(connection: sqlite3.Connection) -> OwnSet | None:
    """Return the collection in Jellyfin that is ours, if there is one."""
    known = get_state(connection, "own_set")
    if known is None:
        return None
    return OwnSet(
        set_id=known["set_id"],
        members=frozenset(known["members"]),
        settled=known["settled"],
    )


def set_own_set(connection: sqlite3.Connection, ours: OwnSet | None) -> None:
    """Remember the collection in Jellyfin that is ours; ``None``: there is none."""
    known = ours and {
        "set_id": ours.set_id,
        "members": sorted(ours.members),
        "settled": ours.settled,
    }
    set_state(connection, "own_set", known)
