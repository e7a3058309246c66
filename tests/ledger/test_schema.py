"""An older file becomes a present one and loses nothing."""

from pathlib import Path
import sqlite3

from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger
from custom_components.oxicleanarr.ledger.schema import _STEPS, SCHEMA_VERSION
from custom_components.oxicleanarr.model import (
    Keep,
    MediaKey,
    MediaKind,
    OwnedFacts,
    Reason,
)

from .conftest import ALICE, BOB, DAY, NOW, House, item_id, movie, planned, played


def test_a_ledger_of_the_first_version_loses_nothing(tmp_path: Path) -> None:
    """What users were promised, and what was deleted, is there after the update."""
    path = tmp_path / "old.db"
    old = Ledger(path)
    house = House(old)
    house.items = [movie(1), movie(2)]
    house.play(ALICE, played(1))
    house.sync()
    old.keep(Keep(key=MediaKey("movie:tmdb:2"), kept_at=NOW, reason="mine"))
    old.schedule({"movie:movie:tmdb:1": (MediaKey("movie:tmdb:1"), NOW)}, NOW, 3 * DAY)
    (item,) = old.find(item_id(1))
    old.conclude(
        old.intend(planned(), item, NOW), DeletionOutcome.FAILED, NOW, Reason("why")
    )
    old.checkpoint()
    old.close()
    _rewrite_as_first_version(path, tmp_path / "first.db")
    ledger = Ledger(tmp_path / "first.db")
    house.ledger = ledger
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert {one.user_id for one in ledger.users()} == {ALICE.user_id, BOB.user_id}
    assert ledger.keeps(NOW)[MediaKey("movie:tmdb:2")].reason == "mine"
    due_at = ledger.schedule(
        {"movie:movie:tmdb:1": (MediaKey("movie:tmdb:1"), NOW)}, NOW + 9 * DAY, 3 * DAY
    )["movie:movie:tmdb:1"].due_at
    assert due_at == NOW + 3 * DAY
    (row,) = ledger.deletions(9)
    assert (row.outcome, row.error) == (DeletionOutcome.FAILED, Reason("why"))
    assert row.through == ()
    assert row.recycle_bin is None
    assert row.recoverable_until is None
    assert ledger.silent_sources() == frozenset()
    assert ledger.requests_to_forget() == []
    assert house.fact(1).tags == frozenset()
    ledger.store_owned(MediaKind.MOVIE, [OwnedFacts(item_id=item_id(1), size_bytes=7)])
    ledger.intend(planned(), item, NOW, forget=True)
    ledger.close()
    Ledger(tmp_path / "first.db").close()
    with sqlite3.connect(tmp_path / "first.db") as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert version == SCHEMA_VERSION


def _rewrite_as_first_version(path: Path, target: Path) -> None:
    """Copy the rows of a ledger into a file that has the tables of the first release."""
    connection = sqlite3.connect(target)
    connection.executescript(f"{_STEPS[1]}PRAGMA user_version = 1;")
    connection.execute("ATTACH ? AS new", (str(path),))
    tables = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table'"
    ).fetchall()
    for (table,) in tables:
        columns = ", ".join(
            name
            for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})")
        )
        connection.execute(
            f"INSERT INTO main.{table} ({columns})"  # noqa: S608
            f" SELECT {columns} FROM new.{table}"
        )
    connection.commit()
    connection.close()
