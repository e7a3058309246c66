"""An older file becomes a present one and loses nothing."""

from contextlib import closing
from pathlib import Path
import sqlite3

from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger, to_ms
from custom_components.oxicleanarr.ledger.schema import _STEPS, SCHEMA_VERSION, migrate
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
        " AND name IN (SELECT name FROM new.sqlite_master)"
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
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)", OLD_ROWS
    )
    connection.executemany("INSERT INTO activity VALUES (?, ?, ?)", OLD_ACTIVITY)
    connection.commit()
    connection.close()


UUID = "0b5f2a6c-7d1e-4f3a-9b8c-1d2e3f4a5b6c"
OLD_ROWS = [
    (UUID, item_id(1), ALICE.user_id, 9000, 60, "alice", "Film 1", None, 0),
    (UUID.upper(), item_id(1), ALICE.user_id, 8000, 60, "alicia", "Film 1", None, 0),
    (UUID.replace("-", ""), item_id(1), BOB.user_id, 7000, 1, "bob", "Old 1", None, 0),
    ("17", item_id(2), BOB.user_id, 6000, 60, "bob", "Part 1", "Show", 0),
    ("-" * 36, item_id(2), BOB.user_id, 6000, 60, "bob", "Part 1", "Show", 0),
    ("gone", item_id(2), BOB.user_id, 9999, 60, "bob", "Film 2", None, 1),
    # What is forgotten.
    ("shell", "", "", 5000, 0, "", "", None, 0),
]
OLD_ACTIVITY = [
    (item_id(1), ALICE.user_id, 9000),
    (item_id(1), BOB.user_id, 7000),
    (item_id(2), BOB.user_id, 9999),
    (item_id(2), "", 5000),
    # A row that another title has now, of a user who has no other.
    (item_id(3), "c" * 32, 4000),
]


def test_the_history_of_an_older_version_loses_nothing(tmp_path: Path) -> None:
    """Rows, users, titles and activity are the same, and a known row stays known."""
    Ledger(tmp_path / "old.db").close()
    _rewrite_as_first_version(tmp_path / "old.db", tmp_path / "first.db")
    ledger = Ledger(tmp_path / "first.db")
    found = ledger.watch_history(limit=100)
    assert [
        (
            *(one.event_id, one.item_id, one.user_id, to_ms(one.ended_at)),
            *(one.seconds, one.user_name, one.title, one.series_title, 0),
        )
        for one in found
    ] == [
        row
        for row in (*OLD_ROWS[:3], OLD_ROWS[4], OLD_ROWS[3])
        if row[2] and not row[8]
    ]
    assert ledger.state().history_rows == 6
    assert ledger.state().history_newest == found[0].ended_at
    with ledger._database.reading() as connection:
        activity = connection.execute("SELECT * FROM activity").fetchall()
    assert sorted(activity) == sorted(OLD_ACTIVITY)
    ledger.begin_history_scan(NOW)
    assert ledger.add_history_page(found, None, NOW) == 0
    assert ledger.watch_history(limit=100) == found
    assert ledger.state().history_rows == 5
    ledger.close()


def test_the_oldest_sqlite_will_do(tmp_path: Path) -> None:
    """Home Assistant runs with 3.40.1, which lacks what came later."""
    used: set[str] = set()

    def note(action: int, _: str | None, name: str | None, *__: str | None) -> int:
        """Note the functions that are called."""
        if action == sqlite3.SQLITE_FUNCTION:
            used.add(name or "")
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        connection.set_authorizer(note)
        migrate(connection)
    assert "packed" in used
    later = {"concat", "concat_ws", "octet_length", "string_agg", "timediff", "unhex"}
    assert not used & later
