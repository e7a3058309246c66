"""What counts as a change of what a plan rests on, and what does not."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
import sqlite3

import pytest

from custom_components.oxicleanarr.ledger import Ledger, Source, to_ms
from custom_components.oxicleanarr.ledger.changes import _UNREAD_COLUMNS, _UNREAD_TABLES
from custom_components.oxicleanarr.ledger.facts import read_facts
from custom_components.oxicleanarr.model import (
    Keep,
    Library,
    MediaFiles,
    MediaKind,
    OwnedFacts,
    Reason,
    Requester,
)

from .conftest import (
    ALICE,
    BOB,
    DAY,
    KEY,
    NOW,
    House,
    event,
    item_id,
    movie,
    planned,
    played,
    series,
)

OWNED = OwnedFacts(item_id=item_id(1), tags=frozenset({"a"}), file_added_at=NOW)
ASKED = {item_id(1): (Requester(user_id=ALICE.user_id, names=frozenset({"al"})),)}

CHANGES: dict[str, Callable[[House], object]] = {
    "a new title": lambda house: house.poll(items=[movie(3)]),
    "a new name": lambda house: house.poll(items=[movie(1, title="Other")]),
    "gone": lambda house: house.poll(gone=[item_id(1)]),
    "a mark": lambda house: house.poll(rows={ALICE: [played(2)]}),
    "a play": lambda house: house.poll(event(2, NOW)),
    "a full sync": lambda house: house.sync(after=DAY),
    "a file": lambda house: house.ledger.store_files(
        [MediaFiles(item_id=item_id(1), size_bytes=1)]
    ),
    "an owner": lambda house: house.ledger.store_owned(
        MediaKind.MOVIE, [OWNED, OwnedFacts(item_id=item_id(2))]
    ),
    "no owner": lambda house: house.ledger.store_owned(MediaKind.MOVIE, []),
    "an owner's episodes": lambda house: house.ledger.store_owned_episodes(
        item_id(10), [OwnedFacts(item_id=item_id(11), size_bytes=2)]
    ),
    "a request": lambda house: house.ledger.store_requests({item_id(2): ()}),
    "silence": lambda house: house.ledger.note_answer(Source.SEERR, False),
    "a sight": lambda house: house.ledger.store_sights(
        [(item_id(1), BOB.user_id, False)], NOW
    ),
    "an objection": lambda house: house.ledger.note_objection(
        item_id(1), Reason("because"), NOW, sure=True
    ),
    "a keep": lambda house: house.ledger.keep(Keep(key=KEY, kept_at=NOW)),
    "a day": lambda house: house.ledger.schedule_manually(KEY, NOW),
    "an announcement": lambda house: house.ledger.schedule(
        {"movie:1": (KEY, NOW)}, NOW, DAY
    ),
    "grace": lambda house: house.ledger.begin_grace_anew(NOW, 9 * DAY),
    "an approval": lambda house: house.ledger.approve([planned()], NOW, None),
    "a purge": lambda house: house.ledger.purge(NOW, before=None),
}


@pytest.fixture
def known(full: House) -> House:
    """Return a house of which everything is known that servers say."""
    full.play(ALICE, played(1))
    full.sync(event(1, NOW - DAY))
    full.ledger.store_owned(MediaKind.MOVIE, [OWNED])
    full.ledger.store_requests(ASKED)
    full.ledger.note_answer(Source.SEERR, True)
    full.ledger.schedule({"movie:0": (KEY, NOW)}, NOW, DAY)
    return full


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_counts(known: House, change: Callable[[House], object]) -> None:
    """Whatever a plan reads."""
    before = known.ledger.changes()
    change(known)
    assert known.ledger.changes() > before


def test_nothing_new_is_no_change(known: House) -> None:
    """A poll and the others say what they said before, or how far they were read."""
    before = known.ledger.changes()
    known.poll(
        event(1, NOW - DAY),
        items=[movie(1), series(10)],
        rows={ALICE: [played(1)]},
        after=DAY,
    )
    known.ledger.store_owned(MediaKind.MOVIE, [OWNED])
    known.ledger.store_owned_episodes(item_id(10), [])
    known.ledger.store_requests(ASKED)
    known.ledger.note_answer(Source.SEERR, True)
    known.ledger.schedule({"movie:0": (KEY, NOW)}, NOW, DAY)
    known.ledger.set_breaker_state({"findings": []})
    batch = known.ledger.begin_sync(complete=False)
    batch.commit(
        users=known.users,
        libraries=known.libraries,
        now=known.now,
        state={"synced_at": to_ms(known.now), "poll_turn": 3},
    )
    assert known.ledger.changes() == before


def test_a_date_ahead_that_is_told_again(known: House) -> None:
    """It counts as when it was first seen, however often a server says it."""
    ahead = movie(1, added_at=NOW + 9 * DAY)
    known.poll(items=[ahead])
    before = known.ledger.changes()
    known.poll(items=[ahead], after=timedelta(hours=1))
    assert known.ledger.changes() == before


def test_libraries(known: House) -> None:
    """One that goes by another name decides what rules are for it."""
    before = known.ledger.changes()
    known.libraries[0] = Library(
        library_id=known.libraries[0].library_id,
        name="Films",
        collection_type="movies",
        locations=known.libraries[0].locations,
    )
    known.poll()
    assert known.ledger.changes() > before


def test_no_plan_reads_what_does_not_count(tmp_path: Path, known: House) -> None:
    """Facts are made of nothing that may change unseen."""
    known.ledger.checkpoint()
    read: set[tuple[str, str]] = set()

    def note(action: int, table: str | None, column: str | None, *_: str | None) -> int:
        """Note what a statement reads."""
        if action == sqlite3.SQLITE_READ:
            read.add((table or "", column or ""))
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        connection.set_authorizer(note)
        assert read_facts(connection, known.now)
    tables = {table for table, _ in read}
    assert {"items", "plays", "owned", "ahead"} <= tables
    assert not tables & _UNREAD_TABLES
    assert (
        not {
            (table, column)
            for table, columns in _UNREAD_COLUMNS.items()
            for column in columns
        }
        & read
    )


def test_a_ledger_that_is_opened_again(tmp_path: Path) -> None:
    """It counts anew: whoever made a plan of it is gone as well."""
    for _ in range(2):
        ledger = Ledger(tmp_path / "ledger.db")
        assert ledger.changes() == 0
        ledger.keep(Keep(key=KEY, kept_at=NOW))
        assert ledger.changes() > 0
        ledger.close()
