"""What was deleted and is brought back: what it takes, how far it is, how it ended.

A deletion of a title is one or more entries of the journal; it has the number of the
first. For each there is at most one row here, so nothing is brought back twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import json
import sqlite3

from ..model import ArrSetup, Keep, MediaKey, MediaKind, Reason
from .database import column, from_ms, reason_from_column, reason_to_column, to_ms
from .facts import read_facts
from .inventory import find
from .journal import DeletionOutcome, JournalEntry, entries, entries_of, setup_from_json
from .wishes import end_returning, keep_returning


class ReturnState(StrEnum):
    """How far something is that was asked to be brought back."""

    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Somebody's wish to have a deleted title back, and how far it is."""

    deletion: int
    state: ReturnState
    search: bool
    """Whether its files are to be searched for."""
    asked_by: str
    """What this person is called."""
    asked_at: datetime
    steps: Mapping[str, tuple[str, ...]]
    """By the id of the connection what was begun and what was done, in order."""
    reason: Reason | None = None
    """Why not all of it could be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedTitle:
    """A deletion of a title, with what it takes to bring that back."""

    deletion: int
    kind: MediaKind
    """Of what went as one: a series is not the episodes that it had."""
    entries: tuple[JournalEntry, ...]
    setups: tuple[ArrSetup, ...] = ()
    """How it was set up in each Radarr and Sonarr."""
    excluded: frozenset[str] = frozenset()
    """The ids of the connections that we have told not to add it again."""
    back: Return | None = None

    @property
    def deleted(self) -> tuple[JournalEntry, ...]:
        """Return what has gone for certain."""
        return tuple(
            one for one in self.entries if one.outcome is DeletionOutcome.DELETED
        )


def deleted_title(connection: sqlite3.Connection, number: int) -> DeletedTitle | None:
    """Return the deletion that an entry of the journal belongs to, if there is one.

    Of what an earlier release has deleted, only that entry is known.
    """
    found = entries(connection, "WHERE id = ?", (number,))
    if not found:
        return None
    deletion = found[0].deletion
    if deletion is None:
        return DeletedTitle(deletion=number, kind=found[0].kind, entries=tuple(found))
    setups: list[ArrSetup] = []
    excluded: set[str] = set()
    kind = found[0].kind
    for name, row, connections in connection.execute(
        "SELECT entry, setups, excluded FROM journal WHERE deletion = ? ORDER BY id",
        (deletion,),
    ):
        kind = MediaKind(name.partition(":")[0])
        setups += map(setup_from_json, json.loads(row or "[]"))
        excluded.update(json.loads(connections or "[]"))
    return DeletedTitle(
        deletion=deletion,
        kind=kind,
        entries=tuple(entries_of(connection, deletion)),
        setups=tuple(setups),
        excluded=frozenset(excluded),
        back=returns(connection, [deletion]).get(deletion),
    )


def connections_of(
    connection: sqlite3.Connection, deletions: Sequence[int]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return by deletion the id and the app of each server that it can come back from."""
    found: dict[int, list[tuple[str, str]]] = {}
    for deletion, connection_id, app in connection.execute(
        "SELECT deletion, json_extract(one.value, '$.connection_id'),"
        " json_extract(one.value, '$.app') FROM journal, json_each(setups) one"
        " WHERE setups IS NOT NULL AND deletion BETWEEN ? AND ?",
        (min(deletions, default=0), max(deletions, default=0)),
    ):
        found.setdefault(deletion, []).append((connection_id, app))
    return {deletion: tuple(found[deletion]) for deletion in found}


def returns(
    connection: sqlite3.Connection, deletions: Sequence[int]
) -> dict[int, Return]:
    """Return by deletion what somebody wants to have back, between the first and the last."""
    return {
        one.deletion: one
        for one in _returns(
            connection,
            "WHERE deletion BETWEEN ? AND ?",
            (min(deletions, default=0), max(deletions, default=0)),
        )
    }


def open_returns(connection: sqlite3.Connection) -> list[Return]:
    """Return what is being brought back, or was when everything ended at once."""
    return _returns(connection, "WHERE state = ?", (ReturnState.UNDER_WAY,))


def _returns(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[Return]:
    """Return the wishes that a condition selects."""
    return [
        Return(
            deletion=deletion,
            state=ReturnState(state),
            search=bool(search),
            asked_by=asked_by,
            asked_at=from_ms(asked_at),
            steps={name: tuple(each) for name, each in json.loads(steps).items()},
            reason=reason_from_column(reason),
        )
        for deletion, state, search, asked_by, asked_at, steps, reason in (
            connection.execute(
                "SELECT deletion, state, search, asked_by, asked_at, steps, reason"
                f" FROM brought_back {condition} ORDER BY deletion",
                values,
            )
        )
    ]


def begin_return(
    connection: sqlite3.Connection,
    title: DeletedTitle,
    *,
    search: bool,
    asked_by: str,
    now: datetime,
    until: datetime,
) -> bool:
    """Write down that a title is to be brought back, and keep it; return whether it is new.

    It is not if it is under way, or done. What was done in vain may be tried again:
    what was done before stays done.
    """
    begun = connection.execute(
        "INSERT INTO brought_back VALUES (?, ?, ?, ?, ?, '{}', NULL)"
        " ON CONFLICT (deletion) DO UPDATE SET state = excluded.state,"
        " search = excluded.search, asked_by = excluded.asked_by,"
        " asked_at = excluded.asked_at, reason = NULL WHERE state = ?",
        (
            title.deletion,
            ReturnState.UNDER_WAY,
            search,
            asked_by,
            to_ms(now),
            ReturnState.FAILED,
        ),
    ).rowcount
    if not begun:
        return False
    for key in kept_keys(connection, title.deletion):
        keep_returning(
            connection,
            Keep(key=key, kept_at=now, until=until, brought_back_by=asked_by),
            title.deletion,
        )
    return True


def kept_keys(connection: sqlite3.Connection, deletion: int) -> list[MediaKey]:
    """Return the keys of what a deletion was of: a movie, an episode, a season or series."""
    return [
        MediaKey(entry.partition(":")[2])
        for entry in column(
            connection,
            "SELECT DISTINCT entry FROM journal WHERE deletion = ?",
            (deletion,),
        )
        if entry
    ]


def note_step(
    connection: sqlite3.Connection, deletion: int, connection_id: str, step: str
) -> None:
    """Note that a step was begun or done."""
    for (known,) in connection.execute(
        "SELECT steps FROM brought_back WHERE deletion = ?", (deletion,)
    ).fetchall():
        steps = json.loads(known)
        before = steps.setdefault(connection_id, [])
        if step not in before:
            before.append(step)
        connection.execute(
            "UPDATE brought_back SET steps = ? WHERE deletion = ?",
            (json.dumps(steps), deletion),
        )


def conclude_return(
    connection: sqlite3.Connection,
    deletion: int,
    state: ReturnState,
    reason: Reason | None,
    *,
    keep: bool,
) -> None:
    """Write down how far a title has come; without ``keep`` it is not kept for that."""
    connection.execute(
        "UPDATE brought_back SET state = ?, reason = ? WHERE deletion = ?",
        (state, reason_to_column(reason), deletion),
    )
    if not keep:
        end_returning(connection, deletion)


def watched_returns(connection: sqlite3.Connection, now: datetime) -> list[int]:
    """Return the deletions of which all is back, and has been watched since."""
    went: dict[int, dict[MediaKey, datetime]] = {}
    ids: set[str] = set()
    for deletion in column(
        connection, "SELECT DISTINCT deletion FROM keeps WHERE deletion IS NOT NULL"
    ):
        gone = {
            entry.key: entry.intended_at
            for entry in entries_of(connection, deletion)
            if entry.outcome is DeletionOutcome.DELETED
        }
        there = {key: [one.item_id for one in find(connection, key)] for key in gone}
        if gone and all(there.values()):
            went[deletion] = gone
            ids.update(one for found in there.values() for one in found)
    if not ids:
        return []
    # All at once: what is kept may be looked at with every poll, for months.
    watched: dict[MediaKey, list[datetime | None]] = {}
    for fact in read_facts(connection, now, ids):
        if fact.item.item_id in ids:
            began = fact.life_started_at if fact.watched_by else None
            watched.setdefault(fact.key, []).append(began)
    return [
        deletion
        for deletion, gone in went.items()
        if all(
            began is not None and began > at
            for key, at in gone.items()
            for began in watched.get(key, [None])
        )
    ]
