"""The journal: every deletion from the intent to the outcome, and what it freed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import json
import sqlite3
from typing import Any

from ..model import ArrSetup, MediaItem, MediaKey, MediaKind, PlannedDeletion, Reason
from .copies import hand_to_copies
from .database import exists, from_ms, reason_from_column, reason_to_column, to_ms
from .identity import note_absence
from .inventory import ITEM_COLUMNS, item_from_row, key_of, size_of
from .wishes import unschedule_deleted


class DeletionOutcome(StrEnum):
    """How a deletion ended; the first is written before it begins."""

    INTENDED = "intended"
    DELETED = "deleted"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrDeletion:
    """Files of a title deleted through Radarr or Sonarr, and what to undo if they stay."""

    connection_id: str
    app: str
    title_id: int
    file_ids: tuple[int, ...] = ()
    """Empty: it has no file of it, and is not to search for one."""
    was_monitored: bool = False
    """Whether the movie was monitored before, and no longer is."""
    episode_ids: tuple[int, ...] = ()
    """The episodes in the file that were monitored before, and no longer are."""
    episodes: tuple[tuple[int, int, bool], ...] = ()
    """Season and number of each episode in the file, and whether it was monitored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One file's deletion, from the intent to the outcome."""

    entry_id: int
    item_id: str
    key: MediaKey
    kind: MediaKind
    title: str
    series: str | None
    season: int | None
    episode: int | None
    path: str | None
    size_bytes: int | None
    rule: str
    reason: Reason
    intended_at: datetime
    outcome: DeletionOutcome
    finished_at: datetime | None
    error: Reason | None
    """What went wrong, or what else there is to say."""
    through: tuple[ArrDeletion, ...] = ()
    """Empty: it was Jellyfin that was asked."""
    recycle_bin: str | None = None
    """Where the file was moved to; ``None``: it is gone from the disk."""
    recoverable_until: datetime | None = None
    """How long it stays there; ``None``: until somebody empties that folder."""
    deletion: int | None = None
    """The number of the first entry of the same deletion of a title; ``None``: an
    earlier release wrote it, and did not remember what it takes to bring it back."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was deleted in some time, as the caps count it."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    """By what an entry of the plan is counted as, if at least one file of it went: the
    bytes of what went, as far as they are known."""


@dataclass(frozen=True, slots=True)
class GoneTitle:
    """A movie or series that is gone, and whose requests are to go with it."""

    item: MediaItem
    deleted_at: datetime
    """When its last deletion began: a request made later is another one."""
    forgotten_by: frozenset[str]
    """The ids of the Seerrs that have forgotten it already."""


_EMPTIED_EVERY = timedelta(days=1)
_EMPTIED_BY_HAND = timedelta(days=30)

_UNSETTLED = (DeletionOutcome.INTENDED, DeletionOutcome.UNCONFIRMED)

_GONE = "CASE outcome WHEN ?1 THEN freed_bytes ELSE size_bytes END"
"""What went, or may have; the first value has to be the outcome of a failure."""

_COLUMNS = (
    "item_id",
    "key",
    "kind",
    "title",
    "series",
    "season",
    "episode",
    "path",
    "size_bytes",
    "rule",
    "reason",
    "intended_at",
    "outcome",
    "finished_at",
    "error",
    "through",
    "recycle_bin",
    "recoverable_until",
    "deletion",
)


# --- writing ---------------------------------------------------------------------


def intend(
    connection: sqlite3.Connection,
    entry: PlannedDeletion,
    item: MediaItem,
    now: datetime,
    *,
    through: Sequence[ArrDeletion],
    recycle_bin: str | None,
    recoverable_until: datetime | None,
    forget: bool,
    deletion: int | None,
    setups: Sequence[ArrSetup],
) -> int:
    """Write down that an item is about to be deleted; return the entry's number."""
    cursor = connection.execute(
        "INSERT INTO journal (item_id, key, kind, title, series, season,"
        " episode, path, size_bytes, rule, reason, intended_at, outcome,"
        " through, recycle_bin, recoverable_until, forget, entry, watched,"
        " deletion, setups)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item.item_id,
            key_of(connection, item.item_id) or entry.key,
            item.kind,
            item.title,
            item.series_title,
            item.season,
            item.episode,
            item.path,
            size_of(connection, item.item_id),
            entry.rule,
            reason_to_column(entry.reason),
            to_ms(now),
            DeletionOutcome.INTENDED,
            json.dumps([asdict(one) for one in through]) if through else None,
            recycle_bin,
            to_ms(recoverable_until),
            entry.item_id if forget else None,
            entry.name,
            entry.watched,
            deletion,
            json.dumps([setup_to_json(one) for one in setups]) if setups else None,
        ),
    )
    number = int(cursor.lastrowid or 0)
    if deletion is None:
        connection.execute("UPDATE journal SET deletion = id WHERE id = ?", (number,))
    return number


def note_exclusion(
    connection: sqlite3.Connection, number: int, connection_id: str
) -> None:
    """Note that an *arr is about to be told not to add the title of an entry again."""
    connection.execute(
        "UPDATE journal SET excluded ="
        " json_insert(coalesce(excluded, '[]'), '$[#]', ?) WHERE id = ?",
        (connection_id, number),
    )


def conclude(
    connection: sqlite3.Connection,
    number: int,
    outcome: DeletionOutcome,
    now: datetime,
    error: Reason | None,
    freed_bytes: int,
) -> None:
    """Write down how a deletion ended. What is deleted is no longer present.

    ``freed_bytes`` went although the deletion failed.
    """
    connection.execute(
        "UPDATE journal SET outcome = ?, finished_at = ?, error = ?,"
        " freed_bytes = nullif(max(?, coalesce(freed_bytes, 0)), 0) WHERE id = ?",
        (outcome, to_ms(now), reason_to_column(error), freed_bytes, number),
    )
    if outcome is not DeletionOutcome.DELETED:
        return
    item_id, key = connection.execute(
        "SELECT item_id, key FROM journal WHERE id = ?", (number,)
    ).fetchone()
    hand_to_copies(connection, item_id)
    connection.execute("UPDATE items SET present = 0 WHERE item_id = ?", (item_id,))
    unschedule_deleted(connection, item_id, key)
    note_absence(connection, item_id, key, now, deleted=True)


# --- reading ---------------------------------------------------------------------


def unsettled(connection: sqlite3.Connection) -> list[JournalEntry]:
    """Return the deletions whose outcome is not known yet, oldest first."""
    return entries(connection, "WHERE outcome IN (?, ?) ORDER BY id", _UNSETTLED)


def is_unsettled(connection: sqlite3.Connection, item_id: str) -> bool:
    """Return whether an item has a deletion whose outcome is not known yet."""
    return exists(
        connection,
        "SELECT 1 FROM journal WHERE item_id = ? AND outcome IN (?, ?)",
        (item_id, *_UNSETTLED),
    )


def deletions(connection: sqlite3.Connection, limit: int) -> list[JournalEntry]:
    """Return the latest entries of the journal, newest first."""
    return entries(connection, "ORDER BY id DESC LIMIT ?", (limit,))


def spent(connection: sqlite3.Connection, since: datetime) -> Spent:
    """Return what was deleted since a moment, or may have been.

    Whatever is dated later counts, also what a clock that was wrong has dated.
    """
    # A series or season counts once, and every other file for itself.
    rows = connection.execute(
        "SELECT CASE WHEN substr(entry, 1, 7) IN ('series:', 'season:') THEN entry"
        f" ELSE item_id END, sum(coalesce({_GONE}, 0)) FROM journal"
        " WHERE intended_at > ?2 AND (outcome <> ?1 OR freed_bytes > 0) GROUP BY 1",
        (DeletionOutcome.FAILED, to_ms(since)),
    )
    return Spent(dict(rows.fetchall()))


def deleted_count(connection: sqlite3.Connection) -> int:
    """Return how many movies and episodes were deleted so far."""
    (count,) = connection.execute(
        "SELECT count(*) FROM journal WHERE outcome = ?", (DeletionOutcome.DELETED,)
    ).fetchone()
    return int(count)


def reclaimed_bytes(connection: sqlite3.Connection, now: datetime) -> int:
    """Return the size of everything that was deleted so far and is off the disk.

    Recycle bins are emptied once a day.
    """
    return _deleted_bytes(
        connection,
        "recycle_bin IS NULL OR recoverable_until <= ?3",
        (to_ms(now - _EMPTIED_EVERY),),
    )


def deleted_since(
    connection: sqlite3.Connection, since: datetime
) -> list[tuple[datetime, int]]:
    """Return when files were deleted since a moment and how big each was, as far as known."""
    rows = connection.execute(
        "SELECT intended_at, coalesce(size_bytes, 0) FROM journal"
        " WHERE intended_at >= ? AND outcome = ?",
        (to_ms(since), DeletionOutcome.DELETED),
    )
    return [(from_ms(at), count) for at, count in rows]


def recycled_bytes(connection: sqlite3.Connection, now: datetime) -> int:
    """Return the size of what is in a recycle bin and will leave the disk.

    What somebody has to remove by hand counts for a month.
    """
    return _deleted_bytes(
        connection,
        "recycle_bin IS NOT NULL"
        " AND coalesce(recoverable_until, finished_at + ?3) > ?4",
        (_EMPTIED_BY_HAND // timedelta(milliseconds=1), to_ms(now - _EMPTIED_EVERY)),
    )


def _deleted_bytes(
    connection: sqlite3.Connection, condition: str, values: tuple[int, ...]
) -> int:
    """Return the size of everything that was deleted and meets a condition.

    Of what failed half-way, that is what went.
    """
    (total,) = connection.execute(
        f"SELECT coalesce(sum({_GONE}), 0) FROM journal"
        f" WHERE outcome IN (?1, ?2) AND ({condition})",
        (DeletionOutcome.FAILED, DeletionOutcome.DELETED, *values),
    ).fetchone()
    return int(total)


def entries_of(connection: sqlite3.Connection, deletion: int) -> list[JournalEntry]:
    """Return all entries of a deletion of a title, oldest first."""
    return entries(connection, "WHERE deletion = ? ORDER BY id", (deletion,))


def entries(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[JournalEntry]:
    """Return the entries that a condition selects and orders."""
    return [
        _entry(number, dict(zip(_COLUMNS, row, strict=True)))
        for number, *row in connection.execute(
            f"SELECT id, {', '.join(_COLUMNS)} FROM journal {condition}", values
        )
    ]


def _entry(number: int, row: dict[str, Any]) -> JournalEntry:
    """Return the entry of a row, by the names of its columns."""
    return JournalEntry(
        **row
        | {
            "entry_id": number,
            "key": MediaKey(row["key"]),
            "kind": MediaKind(row["kind"]),
            "reason": reason_from_column(row["reason"]),
            "error": reason_from_column(row["error"]),
            "intended_at": from_ms(row["intended_at"]),
            "outcome": DeletionOutcome(row["outcome"]),
            "finished_at": from_ms(row["finished_at"]),
            "through": tuple(
                _through(one) for one in json.loads(row["through"] or "[]")
            ),
            "recoverable_until": from_ms(row["recoverable_until"]),
        }
    )


def _through(row: dict[str, Any]) -> ArrDeletion:
    """Return what was deleted through an *arr; earlier releases knew one file of each."""
    if "file_id" in row:
        one = row.pop("file_id")
        row["file_ids"] = () if one is None else (one,)
    return ArrDeletion(
        **row
        | {
            "file_ids": tuple(row["file_ids"]),
            "episode_ids": tuple(row["episode_ids"]),
            "episodes": tuple(
                (season, number, monitored)
                for season, number, monitored in row.get("episodes", ())
            ),
        }
    )


def setup_to_json(setup: ArrSetup) -> dict[str, Any]:
    """Return how a title was set up as JSON can hold it."""
    return asdict(setup) | {
        "seasons": sorted(setup.seasons.items()),
        "episodes": [
            (season, number, monitored)
            for (season, number), monitored in sorted(setup.episodes.items())
        ],
    }


def setup_from_json(row: dict[str, Any]) -> ArrSetup:
    """Return how a title was set up."""
    return ArrSetup(
        **row
        | {
            "tags": tuple(row["tags"]),
            "seasons": dict(row["seasons"]),
            "episodes": {
                (season, number): monitored
                for season, number, monitored in row["episodes"]
            },
        }
    )


# --- what Seerr is told of deletions ------------------------------------------------


def requests_to_forget(connection: sqlite3.Connection) -> list[GoneTitle]:
    """Return the titles that are gone and whose requests are to be deleted too."""
    found: dict[str, GoneTitle] = {}
    for *row, intended_at, forgotten_by in connection.execute(
        f"SELECT {ITEM_COLUMNS}, journal.intended_at, journal.forgotten_by"
        " FROM journal JOIN items ON items.item_id = journal.forget"
        " WHERE journal.outcome = ?1 AND NOT EXISTS (SELECT 1 FROM journal"
        "  other JOIN items part USING (item_id) WHERE other.outcome IN"
        "  (?2, ?3) AND journal.forget IN (part.item_id, part.series_id))"
        " AND NOT EXISTS (SELECT 1 FROM items part WHERE part.present"
        "  AND (part.kind = 'movie' AND part.key = items.key"
        "   OR part.kind = 'episode' AND part.series_id = items.item_id))"
        " ORDER BY journal.id",
        (DeletionOutcome.DELETED, *_UNSETTLED),
    ):
        one = GoneTitle(
            item_from_row(row),
            from_ms(intended_at),
            frozenset(json.loads(forgotten_by or "[]")),
        )
        if known := found.get(one.item.item_id):
            # It was deleted, came back, and was deleted again.
            one = GoneTitle(
                one.item,
                max(one.deleted_at, known.deleted_at),
                one.forgotten_by & known.forgotten_by,
            )
        found[one.item.item_id] = one
    return list(found.values())


def request_forgotten(
    connection: sqlite3.Connection, title: GoneTitle, seerr: str | None
) -> None:
    """Note that a Seerr has forgotten a title; ``None``: all of them have."""
    of_title = (title.item.item_id, to_ms(title.deleted_at))
    if seerr is None:
        connection.execute(
            "UPDATE journal SET forget = NULL WHERE forget = ? AND intended_at <= ?",
            of_title,
        )
    else:
        connection.execute(
            "UPDATE journal SET forgotten_by ="
            " json_insert(coalesce(forgotten_by, '[]'), '$[#]', ?)"
            " WHERE forget = ? AND intended_at <= ?",
            (seerr, *of_title),
        )


def deletions_to_notice(
    connection: sqlite3.Connection, seerr: str, since: datetime
) -> dict[int, str]:
    """Return what was confirmed since then, unless a Seerr was sent to look for it.

    By the entry's number the id of its item.
    """
    rows = connection.execute(
        "SELECT id, item_id FROM journal WHERE finished_at > ? AND outcome = ?"
        " AND NOT EXISTS (SELECT 1 FROM json_each(coalesce(noticed_by, '[]'))"
        "  WHERE value = ?)",
        (to_ms(since), DeletionOutcome.DELETED, seerr),
    )
    return dict(rows.fetchall())


def deletions_noticed(
    connection: sqlite3.Connection, seerr: str, numbers: Collection[int]
) -> None:
    """Note that a Seerr was sent to look for what is gone."""
    connection.executemany(
        "UPDATE journal SET noticed_by ="
        " json_insert(coalesce(noticed_by, '[]'), '$[#]', ?) WHERE id = ?",
        [(seerr, number) for number in numbers],
    )
