"""The face: what it writes stays, also for late callers and several threads."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3
import threading

import pytest

from custom_components.oxicleanarr.ledger import (
    DeletionOutcome,
    Ledger,
    LedgerError,
    open_ledger,
)
from custom_components.oxicleanarr.model import Keep, MediaKey, Reason

from .conftest import KEY, NOW, House, item_id, movie, planned


def test_the_file_survives_a_restart(tmp_path: Path) -> None:
    """Everything is on disk when a method returns."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    house = House(ledger, items=[movie(1)])
    house.sync()
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    facts = house.facts()
    ledger.close()
    ledger = Ledger(path)
    assert House(ledger).facts() == facts
    assert KEY in ledger.keeps(NOW)
    assert ledger.state().fully_synced_at == NOW
    assert {user.name for user in ledger.users()} == {"alice", "bob"}
    assert [library.name for library in ledger.libraries()] == ["Movies", "Shows"]
    ledger.close()


def test_a_damaged_file_is_set_aside_whole(tmp_path: Path) -> None:
    """An empty ledger takes its place, and the old one can still be looked at."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    ledger.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    damaged = path.read_bytes()
    opened = open_ledger(path, NOW)
    assert opened.aside is not None
    assert opened.aside.read_bytes() == damaged
    assert opened.replaced
    assert opened.ledger.keeps(NOW) == {}
    opened.ledger.close()
    again = open_ledger(path, NOW, opened.ledger_id)
    assert again.aside is None
    assert not again.replaced
    again.ledger.close()


@pytest.mark.parametrize("how", ["missing", "empty", "other"])
def test_another_file_does_not_take_its_place_in_silence(
    tmp_path: Path, how: str
) -> None:
    """The id that the config entry knows tells; another ledger's file is kept."""
    path = tmp_path / "ledger.db"
    opened = open_ledger(path, NOW)
    assert not opened.replaced
    opened.ledger.close()
    path.unlink()
    if how == "empty":
        path.touch()
    elif how == "other":
        other = open_ledger(path, NOW)
        other.ledger.keep(Keep(key=KEY, kept_at=NOW))
        other.ledger.close()
    found = open_ledger(path, NOW, opened.ledger_id)
    assert found.replaced
    assert found.ledger_id != opened.ledger_id
    assert (found.aside is not None) is (how == "other")
    assert found.ledger.keeps(NOW) == {}
    found.ledger.close()
    again = open_ledger(path, NOW, found.ledger_id)
    assert (again.replaced, again.ledger_id) == (False, found.ledger_id)
    again.ledger.close()


def test_a_file_from_a_backup_is_noticed(tmp_path: Path) -> None:
    """It has another number on the disk; a sync takes note of it, once."""
    path, backup = tmp_path / "ledger.db", tmp_path / "backup.db"
    opened = open_ledger(path, NOW)
    assert not opened.ledger.state().restored
    opened.ledger.close()
    backup.write_bytes(path.read_bytes())
    backup.rename(path)
    restored = open_ledger(path, NOW, opened.ledger_id)
    assert not restored.replaced
    assert restored.ledger.state().restored
    restored.ledger.begin_grace_anew(NOW, timedelta(days=3))
    assert not restored.ledger.state().restored
    restored.ledger.close()


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """It says who watches what: neither the file nor its log is for others."""
    path = tmp_path / "ledger.db"
    path.touch(mode=0o644)
    ledger = Ledger(path)
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    assert {part.stat().st_mode & 0o777 for part in tmp_path.iterdir()} == {0o600}
    ledger.close()


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    """Late callers get a typed error."""
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.close()
    with pytest.raises(LedgerError):
        ledger.state()
    with pytest.raises(LedgerError):
        ledger.keep(Keep(key=KEY, kept_at=NOW))


def test_threads_take_turns(ledger: Ledger) -> None:
    """Writers from several threads lose nothing."""

    def keep(start: int) -> None:
        for number in range(start, start + 20):
            ledger.keep(Keep(key=MediaKey(f"movie:tmdb:{number}"), kept_at=NOW))

    threads = [threading.Thread(target=keep, args=(start,)) for start in (0, 20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.keeps(NOW)) == 60


def test_a_reason_of_an_older_version_stays_as_it_is(
    ledger: Ledger, house: House, tmp_path: Path
) -> None:
    """It was stored as a sentence; a new one comes back with all that is in it."""
    house.items = [movie(1)]
    house.sync()
    (item,) = ledger.find(item_id(1))
    because = Reason("rule_keeps", {"rule": "R", "because": Reason("no_tag")})
    number = ledger.intend(replace(planned(), reason=because), item, NOW)
    ledger.conclude(number, DeletionOutcome.FAILED, NOW)
    (row,) = ledger.deletions(1)
    assert (row.reason, row.error) == (because, None)
    for text in (
        "watched by alice; rule R deletes 7d after",
        "",
        "7",
        "[]",
        '{"a": 1}',
    ):
        with sqlite3.connect(tmp_path / "ledger.db") as connection:
            connection.execute("UPDATE journal SET reason = ?, error = ?", (text, text))
        connection.close()
        (row,) = ledger.deletions(1)
        assert row.reason == row.error == Reason.from_text(text)
