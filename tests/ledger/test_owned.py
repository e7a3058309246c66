"""What Radarr, Sonarr and Seerr have said outlives a restart, and an update."""

from pathlib import Path
import sqlite3

import pytest

from custom_components.oxicleanarr.ledger import (
    ArrDeletion,
    DeletionOutcome,
    Ledger,
    Source,
)
from custom_components.oxicleanarr.ledger.schema import _STEPS, SCHEMA_VERSION
from custom_components.oxicleanarr.model import (
    Keep,
    MediaKey,
    MediaKind,
    OwnedFacts,
    PlannedDeletion,
    Reason,
    Requester,
)

from .conftest import (
    ALICE,
    BOB,
    DAY,
    NOW,
    House,
    episode,
    item_id,
    movie,
    played,
    series,
)

REQUESTER = Requester(
    request_user_id=3,
    user_id=ALICE.user_id,
    names=frozenset({"alice", "Alice A."}),
    email="alice@example.org",
)


@pytest.fixture
def full(house: House) -> House:
    """Return a house with two films and a series of two episodes."""
    show = series(10)
    house.items = [
        movie(1),
        movie(2),
        show,
        episode(11, show, 1, 1),
        episode(12, show, 1, 2),
    ]
    house.sync()
    return house


def entry(number: int) -> PlannedDeletion:
    """Return the entry of a plan for a film."""
    return PlannedDeletion(
        item_id=item_id(number),
        key=MediaKey(f"movie:tmdb:{number}"),
        kind=MediaKind.MOVIE,
        title=f"Film {number}",
        year=None,
        series=None,
        season=None,
        episode=None,
        size_bytes=None,
        watched=True,
        watched_by=("alice",),
        last_watched_at=NOW,
        added_at=NOW,
        rule="standard",
        rule_type="standard",
        reason=Reason("because"),
        due_at=NOW,
        first_scheduled_at=NOW,
    )


def test_what_is_said_of_a_film_is_a_fact(full: House) -> None:
    """Tags are merged, sizes and doubts shown, and dates only grow later."""
    full.ledger.note_answer(Source.RADARR, True)
    full.ledger.store_owned(
        MediaKind.MOVIE,
        [
            OwnedFacts(
                item_id=item_id(1),
                tags=frozenset({"one"}),
                size_bytes=700,
                file_added_at=NOW - DAY,
                doubt="it is not clear",
                group="both",
            ),
            OwnedFacts(item_id=item_id(2), tags=None, file_added_at=NOW - 900 * DAY),
        ],
    )
    fact = full.fact(1)
    assert fact.tags == frozenset({"one"})
    assert fact.size_bytes == 700
    assert fact.added_at == NOW - DAY
    assert fact.doubt == "it is not clear"
    assert fact.group == "both"
    assert full.fact(2).tags is None
    assert full.fact(2).added_at == NOW - 100 * DAY
    assert full.ledger.sizes([item_id(1), item_id(2)]) == {item_id(1): 700}
    full.ledger.store_owned(MediaKind.MOVIE, [])
    assert full.fact(1).tags is None
    assert full.fact(1).doubt is None


@pytest.mark.parametrize("answer", [True, False])
def test_a_kind_that_is_connected_has_a_say(full: House, answer: bool) -> None:
    """Of what it was never asked about, nothing is known."""
    assert full.fact(1).tags == frozenset()
    full.ledger.note_answer(Source.RADARR, answer)
    assert full.fact(1).tags is None
    assert full.fact(10).tags == frozenset()
    assert full.ledger.silent_sources() == (frozenset() if answer else {Source.RADARR})
    full.ledger.note_answer(Source.RADARR, None)
    assert full.fact(1).tags == frozenset()
    assert full.ledger.silent_sources() == frozenset()


def test_each_kind_forgets_its_own(full: House) -> None:
    """Without a Sonarr, what Radarr said stays, and the other way round."""
    ledger = full.ledger
    for source in Source:
        ledger.note_answer(source, True)
    for kind, number in ((MediaKind.MOVIE, 1), (MediaKind.SERIES, 10)):
        ledger.store_owned(kind, [OwnedFacts(item_id=item_id(number), size_bytes=7)])
    ledger.store_owned_episodes(
        item_id(10), [OwnedFacts(item_id=item_id(11), size_bytes=8)]
    )
    ledger.store_requests({item_id(1): (REQUESTER,), item_id(2): None, item_id(10): ()})
    assert full.fact(1).requesters == (REQUESTER,)
    assert full.fact(2).requesters is None
    assert full.fact(10).requesters == ()
    ledger.note_answer(Source.SONARR, None)
    assert full.fact(1).size_bytes == 7
    assert full.fact(10).size_bytes is None
    assert full.fact(11).size_bytes is None
    ledger.note_answer(Source.SEERR, None)
    assert full.fact(1).requesters is None
    ledger.note_answer(Source.RADARR, None)
    assert full.fact(1).size_bytes is None


def test_episodes_are_stored_by_series(full: House) -> None:
    """A new answer takes the place of the old one; other series keep theirs."""
    ledger = full.ledger
    other = series(20)
    full.items += [other, episode(21, other, 1, 1)]
    full.sync()
    ledger.note_answer(Source.SONARR, True)
    ledger.store_owned_episodes(
        item_id(20), [OwnedFacts(item_id=item_id(21), doubt="unclear")]
    )
    ledger.store_owned_episodes(
        item_id(10),
        [OwnedFacts(item_id=item_id(number), size_bytes=8) for number in (11, 12)],
    )
    assert ledger.series_in_doubt() == [item_id(20)]
    ledger.store_owned_episodes(item_id(10), [OwnedFacts(item_id=item_id(12))])
    assert full.fact(11).size_bytes is full.fact(12).size_bytes is None
    assert full.fact(21).doubt == "unclear"
    ledger.store_owned(MediaKind.SERIES, [])
    assert full.fact(21).doubt == "unclear"
    full.items = full.items[:-1]
    full.sync()
    assert ledger.series_in_doubt() == []


def test_the_journal_knows_through_whom(full: House) -> None:
    """All that it takes to put things back after a restart, and where a file lies."""
    parts = [
        ArrDeletion(
            connection_id="r", app="Radarr", title_id=4, file_id=5, was_monitored=True
        ),
        ArrDeletion(
            connection_id="s",
            app="Sonarr",
            title_id=6,
            file_id=None,
            episode_ids=(7, 8),
        ),
    ]
    (item,) = full.ledger.find(item_id(1))
    full.ledger.store_owned(
        MediaKind.MOVIE, [OwnedFacts(item_id=item_id(1), size_bytes=700)]
    )
    number = full.ledger.intend(
        entry(1),
        item,
        NOW,
        through=parts,
        recycle_bin="/bin",
        recoverable_until=NOW + 7 * DAY,
    )
    (row,) = full.ledger.unsettled()
    assert row.through == tuple(parts)
    assert row.recycle_bin == "/bin"
    assert row.recoverable_until == NOW + 7 * DAY
    assert row.size_bytes == 700
    full.ledger.conclude(number, DeletionOutcome.DELETED, NOW)
    days = (0, 7, 8)
    assert [full.ledger.reclaimed_bytes(NOW + day * DAY) for day in days] == [0, 0, 700]
    assert [full.ledger.recycled_bytes(NOW + day * DAY) for day in days] == [
        700,
        700,
        0,
    ]


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
        old.intend(entry(1), item, NOW),
        DeletionOutcome.FAILED,
        NOW,
        Reason("why", {"at": 1}),
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
    assert (row.outcome, row.error) == (
        DeletionOutcome.FAILED,
        Reason("why", {"at": 1}),
    )
    assert row.through == ()
    assert row.recycle_bin is None
    assert row.recoverable_until is None
    assert ledger.silent_sources() == frozenset()
    assert ledger.requests_to_forget() == []
    assert house.fact(1).tags == frozenset()
    ledger.store_owned(MediaKind.MOVIE, [OwnedFacts(item_id=item_id(1), size_bytes=7)])
    ledger.intend(entry(1), item, NOW, forget=True)
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
