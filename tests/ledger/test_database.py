"""The file: what cannot be opened is left alone, and one file is all of it."""

from pathlib import Path
import shutil
import sqlite3

import pytest

from custom_components.oxicleanarr.ledger import (
    Ledger,
    LedgerDamaged,
    LedgerError,
    LedgerTooNew,
    open_ledger,
)
from custom_components.oxicleanarr.ledger.schema import SCHEMA_VERSION
from custom_components.oxicleanarr.model import Keep
from tests.home import damage_history

from .conftest import KEY, NOW, House, event, movie, planned


def damage(path: Path, text: bytes) -> None:
    """Spoil the last page in which something is written, as a dying disk does."""
    content = bytearray(path.read_bytes())
    page = content.rindex(text) // 4096 * 4096
    assert page
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    """It may be the only copy of what the household keeps."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LedgerDamaged):
        Ledger(path)
    assert path.read_bytes() == b"not a database" * 1000


def test_damage_is_noticed_before_it_is_read(tmp_path: Path) -> None:
    """A single page in which only a table's rows lie, as a dying disk loses them."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    ledger.close()
    damage(path, KEY.encode())
    with pytest.raises(LedgerDamaged):
        Ledger(path)


def test_damage_of_the_history_lets_nothing_be_deleted(tmp_path: Path) -> None:
    """It is large, so it is looked through when first something depends on it."""
    path = tmp_path / "ledger.db"
    opened = open_ledger(path, NOW)
    house = House(opened.ledger, items=[movie(1)])
    house.sync(event(1, NOW, "an id that is no UUID"))
    item = house.fact(1).item
    opened.ledger.close()
    damage(path, b"an id that is no UUID")
    again = open_ledger(path, NOW, opened.ledger_id)
    assert not again.replaced
    with pytest.raises(LedgerDamaged):
        again.ledger.intend(planned(), item, NOW)
    with pytest.raises(LedgerDamaged):
        again.ledger.begin_sync(complete=True)
    assert again.ledger.unsettled() == []
    again.ledger.close()
    last = open_ledger(path, NOW, opened.ledger_id)
    assert last.replaced
    assert last.aside is not None
    assert last.ledger.begin_sync(complete=True)
    last.ledger.close()


def test_damage_that_is_read_before_the_first_sync(tmp_path: Path) -> None:
    """What already cannot say how far it was read would never get to a sync."""
    path = tmp_path / "ledger.db"
    opened = open_ledger(path, NOW)
    House(opened.ledger).sync(event(1, NOW))
    opened.ledger.close()
    damage_history(path)
    again = open_ledger(path, NOW, opened.ledger_id)
    assert not again.replaced
    with pytest.raises(LedgerDamaged):
        again.ledger.state()
    again.ledger.close()
    last = open_ledger(path, NOW, opened.ledger_id)
    assert last.replaced
    assert last.ledger.state().history_rows == 0
    last.ledger.close()


def test_doubts_that_prove_to_be_unfounded(tmp_path: Path) -> None:
    """A file in which damage was found, and is not any more, is taken as it is."""
    path = tmp_path / "ledger.db"
    opened = open_ledger(path, NOW)
    House(opened.ledger).sync(event(1, NOW, "an id that is no UUID"))
    opened.ledger.close()
    whole = path.read_bytes()
    damage(path, b"an id that is no UUID")
    spoiled = open_ledger(path, NOW, opened.ledger_id)
    with pytest.raises(LedgerDamaged):
        spoiled.ledger.begin_sync(complete=True)
    spoiled.ledger.close()
    marked = bytearray(path.read_bytes())
    page = marked.index(b"\xff" * 4096)
    marked[page : page + 4096] = whole[page : page + 4096]
    path.write_bytes(marked)
    last = open_ledger(path, NOW, opened.ledger_id)
    assert not last.replaced
    assert last.ledger.begin_sync(complete=True)
    last.ledger.close()


def test_a_closed_file_is_not_looked_through(tmp_path: Path) -> None:
    """Late callers get a typed error."""
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.close()
    with pytest.raises(LedgerError):
        ledger.begin_sync(complete=True)


@pytest.mark.parametrize("free", [0, 2**40])
def test_an_update_needs_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    """What is there is written anew beside it; without room nothing is begun."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(Path(__file__).with_name("fixtures") / "71b979b.db", path)
    before = path.read_bytes()
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    if free:
        Ledger(path).close()
        return
    with pytest.raises(LedgerError, match=r"1 MB more of free disk space"):
        Ledger(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION
    connection.close()
    assert len(path.read_bytes()) == len(before)


def test_the_disk_gets_back_what_is_empty(tmp_path: Path) -> None:
    """A file of which most holds nothing is written anew when it is opened."""
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE large AS SELECT zeroblob(4000000); DROP TABLE large;"
    )
    connection.close()
    assert path.stat().st_size > 4_000_000
    Ledger(path).close()
    assert path.stat().st_size < 1_000_000


def test_the_log_does_not_stay_large(tmp_path: Path) -> None:
    """After a large transaction, and one more, it is as small as before."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    log = path.with_name("ledger.db-wal")
    events = [event(1, NOW, f"{number:0100}") for number in range(40_000)]
    ledger.add_history_page(events, None, NOW)
    assert log.stat().st_size > 4_000_000
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    assert log.stat().st_size < 2_000_000
    ledger.close()


def test_the_file_alone_is_complete_after_a_checkpoint(tmp_path: Path) -> None:
    """A backup copies one file."""
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    ledger.checkpoint()
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    ledger.close()
    restored = Ledger(copy)
    assert KEY in restored.keeps(NOW)
    restored.close()


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    """A downgrade must not lose what the newer release has written."""
    path = tmp_path / "ledger.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(LedgerTooNew):
        Ledger(path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A missing folder is an error, not a ledger somewhere else."""
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "missing" / "ledger.db")
