"""A ledger that version 71b979b wrote is taken over, and nothing in it is lost.

``fixtures/71b979b.db`` was written by that version: ten days of a household with
Jellystat, two Radarrs, Sonarr and Seerr, two keeps, a title scheduled by hand, and
deletions that went well, that failed, and that left an entry behind.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
import shutil
import sqlite3
from typing import Any

import pytest

from custom_components.oxicleanarr.ledger import Ledger

FIXTURE = Path(__file__).with_name("fixtures") / "71b979b.db"
THEN = datetime(2026, 1, 19, 14, 38, tzinfo=UTC)


def rows(query: str) -> list[tuple[Any, ...]]:
    """Return what the old file says."""
    connection = sqlite3.connect(f"file:{FIXTURE}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.fixture
def taken_over(tmp_path: Path) -> Iterator[Ledger]:
    """Return a copy of the old file, opened by this version."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(FIXTURE, path)
    ledger = Ledger(path)
    yield ledger
    ledger.close()


def test_wishes(taken_over: Ledger) -> None:
    """Keeps stay kept, and what was scheduled by hand stays scheduled."""
    assert set(taken_over.keeps(THEN)) == {
        key for (key,) in rows("SELECT key FROM keeps")
    }
    assert set(taken_over.manual_schedule()) == {
        key for (key,) in rows("SELECT key FROM manual")
    }
    assert len(taken_over.keeps(THEN)) == 2
    assert {one.kept_by for one in taken_over.keeps(THEN).values()} == {None}


def test_journal(taken_over: Ledger) -> None:
    """Every deletion is there, with its reason and what went wrong, in its words."""
    old = rows("SELECT title, outcome, rule, size_bytes FROM journal ORDER BY id DESC")
    assert [
        (one.title, one.outcome, one.rule, one.size_bytes)
        for one in taken_over.deletions(100)
    ] == old
    assert len(old) == 10
    assert taken_over.deleted_count() == len(
        [one for one in old if one[1] == "deleted"]
    )


def test_titles(taken_over: Ledger) -> None:
    """What the other servers have listed is expected from them still."""
    assert taken_over.known_titles("radarr") == {1, 5, 6, 7, 9}
    assert taken_over.known_titles("radarr4k") == {1, 2, 3}
    assert taken_over.known_titles("sonarr") == {1}
    assert taken_over.missing_titles(["radarr"], THEN.replace(year=2000)) == []
    assert len(taken_over.users()) == len(taken_over.listed_users()) == 3


def test_facts(taken_over: Ledger) -> None:
    """What is watched stays watched, what is a favourite stays one."""
    facts = {one.item.item_id: one for one in taken_over.facts(THEN)}
    assert set(facts) == {
        one for (one,) in rows("SELECT item_id FROM items WHERE present")
    }
    played = rows(
        "SELECT item_id, user_id FROM plays JOIN items USING (item_id)"
        " WHERE played AND present"
    )
    assert len(played) > 3
    for item_id, user_id in played:
        assert taken_over.remembered(item_id, THEN).memories[user_id].played
    loved = rows("SELECT item_id FROM favorites")
    assert {one for one, fact in facts.items() if fact.favorite_of} == {
        one for (one,) in loved if one in facts
    }
    assert taken_over.state().history_rows == len(rows("SELECT 1 FROM events"))


def test_old_deletions_cannot_come_back(taken_over: Ledger) -> None:
    """That version did not remember what it takes; each stands for itself."""
    for row in taken_over.deletions(100):
        title = taken_over.deleted_title(row.entry_id)
        assert title is not None
        assert (title.entries, title.setups, title.back) == ((row,), (), None)
        assert row.deletion is None
    assert taken_over.deleted_title(10**6) is None
    assert taken_over.open_returns() == []
