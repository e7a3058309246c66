"""The file itself: opening it, one transaction at a time, and times in and out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
import sqlite3
import threading
from typing import Any, overload

from ..model import Reason
from .changes import Changes
from .schema import HISTORY, is_outdated, migrate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CACHE_KIB = 8 * 1024
# What the log keeps of the disk after a large transaction.
_LARGEST_LOG = 1024 * 1024
_DOUBTFUL = 1
"""Marks a file, where programs mark whose it is, in which damage was found."""


class LedgerError(Exception):
    """The ledger cannot be used; nothing was written over."""


class LedgerDamaged(LedgerError):
    """The file is not a readable database."""


class LedgerTooNew(LedgerError):
    """A newer release of this integration wrote the file."""


@overload
def to_ms(moment: datetime) -> int: ...
@overload
def to_ms(moment: datetime | None) -> int | None: ...
def to_ms(moment: datetime | None) -> int | None:
    """Return an aware time as milliseconds since 1970 in UTC."""
    return None if moment is None else (moment - _EPOCH) // _MILLISECOND


@overload
def from_ms(milliseconds: int) -> datetime: ...
@overload
def from_ms(milliseconds: int | None) -> datetime | None: ...
def from_ms(milliseconds: int | None) -> datetime | None:
    """Return milliseconds since 1970 as an aware time in UTC."""
    return None if milliseconds is None else _EPOCH + milliseconds * _MILLISECOND


def reason_to_column(reason: Reason | None) -> str | None:
    """Return a reason as text."""
    return None if reason is None else json.dumps(reason.to_mapping())


@overload
def reason_from_column(text: str) -> Reason: ...
@overload
def reason_from_column(text: str | None) -> Reason | None: ...
def reason_from_column(text: str | None) -> Reason | None:
    """Return a reason from its text; older versions have stored a sentence."""
    if text is None:
        return None
    try:
        return Reason.from_mapping(json.loads(text))
    except AttributeError, KeyError, TypeError, ValueError:
        return Reason.from_text(text)


class Database:
    """A SQLite connection for several threads, which take turns.

    Every method may block on the disk: call it in an executor.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file, and bring its tables up to date.

        Raises LedgerDamaged, LedgerTooNew, or LedgerError where it can be neither read
        nor written, or has no room to be brought up to date. The watch history, which
        is most of it, is looked through by ``check``.
        """
        self._lock = threading.RLock()
        self._path = path
        self._checked = False
        try:
            _keep_to_owner(path)
        except OSError as err:
            raise LedgerError(str(err)) from err
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False
            )
            try:
                # Keeps, schedule and journal have to survive a power cut.
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA temp_store = FILE")
                # Some builds write over all that is deleted, which is for purges only.
                self._connection.execute("PRAGMA secure_delete = OFF")
                self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                self._connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
                _check_tables(self._connection)
                if is_outdated(self._connection):
                    _expect_room(path)
                    migrate(self._connection)
                _give_back(self._connection)
                self.changes = Changes(self._connection)
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.OperationalError as err:
            raise LedgerError(str(err)) from err
        except sqlite3.DatabaseError as err:
            raise LedgerDamaged(str(err)) from err
        except ValueError as err:
            raise LedgerTooNew(str(err)) from err

    def close(self) -> None:
        """Close the file; a call under way ends first."""
        with self._lock:
            self._connection.close()

    def check(self) -> None:
        """Look through the whole file, unless that was done since it was opened.

        Others can go on meanwhile. Raises LedgerDamaged, now and when it is opened again.
        """
        if self._checked:
            return
        with self.reading():
            # It may be closed already.
            self._connection.execute("SELECT 1")
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                _check(connection)
        except sqlite3.OperationalError as err:
            raise LedgerError(str(err)) from err
        except sqlite3.DatabaseError as err:
            with self._lock:
                raise self._doubt(err) from err
        self._checked = True

    def _doubt(self, err: sqlite3.Error) -> LedgerDamaged:
        """Have all of the file looked through when it is opened again; return why."""
        with suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA application_id = {_DOUBTFUL}")
        return LedgerDamaged(
            f"it is damaged, and is set aside when it is opened again ({err})"
        )

    def checkpoint(self) -> None:
        """Bring everything into the one file, so that a copy of it is complete."""
        with self.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for reading, or for temporary tables."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as err:
                # The most significant bits only tell in what.
                if getattr(err, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
                    raise self._doubt(err) from err
                raise LedgerError(str(err)) from err

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction: all of it, or nothing."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _keep_to_owner(path: Path) -> None:
    """Let nobody but the owner read the file; SQLite gives its log the same rights."""
    path.touch(mode=0o600)
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.chmod(0o600)


def _check(connection: sqlite3.Connection, part: str = "1") -> None:
    """Raise sqlite3.DatabaseError if pages of the file, or of a table, do not fit together."""
    (health,) = connection.execute(f"PRAGMA quick_check({part})").fetchone()
    if health != "ok":
        raise sqlite3.DatabaseError(health)


def _check_tables(connection: sqlite3.Connection) -> None:
    """Look through what is small, or through all where damage was found before."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark == _DOUBTFUL:
        _check(connection)
        connection.execute("PRAGMA application_id = 0")
    for table in column(
        connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"
    ):
        if table != HISTORY:
            _check(connection, table)


def _expect_room(path: Path) -> None:
    """Raise LedgerError if the disk cannot take what is written in place of the file."""
    size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < size:
        raise LedgerError(
            "to bring it up to date,"
            f" {(size - free) // 2**20 + 1} MB more of free disk space are needed"
        )


def _give_back(connection: sqlite3.Connection) -> None:
    """Give the disk back what most of a file is if it holds nothing any more."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    if 2 * free > pages:
        connection.execute("VACUUM")


def column(
    connection: sqlite3.Connection, query: str, values: Sequence[object] = ()
) -> list[Any]:
    """Return the first column of every row that a query finds."""
    return [row[0] for row in connection.execute(query, values)]


def exists(
    connection: sqlite3.Connection, query: str, values: Sequence[object] = ()
) -> bool:
    """Return whether a query finds any row."""
    return connection.execute(query, values).fetchone() is not None


def replace_rows(
    connection: sqlite3.Connection,
    table: str,
    name: str,
    rows: Iterable[tuple[object, ...]],
    where: str = "true",
    values: Sequence[object] = (),
) -> None:
    """Put rows in place of those of a condition; their first column is their ``name``.

    What is as it was is not written: a plan that rests on it goes on to hold.
    """
    known = {
        row[0]: row
        for row in connection.execute(f"SELECT * FROM {table} WHERE {where}", values)
    }
    new = {row[0]: row for row in rows}
    connection.executemany(
        f"DELETE FROM {table} WHERE {name} = ?",
        ((one,) for one in known.keys() - new.keys()),
    )
    written = [row for one, row in new.items() if known.get(one) != row]
    if written:
        marks = ", ".join("?" * len(written[0]))
        connection.executemany(
            f"INSERT OR REPLACE INTO {table} VALUES ({marks})", written
        )
