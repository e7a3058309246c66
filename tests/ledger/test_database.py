"""The file: what cannot be opened is left alone, and one file is all of it."""

from pathlib import Path
import sqlite3

import pytest

from custom_components.oxicleanarr.ledger import (
    Ledger,
    LedgerDamaged,
    LedgerError,
    LedgerTooNew,
)
from custom_components.oxicleanarr.ledger.schema import SCHEMA_VERSION
from custom_components.oxicleanarr.model import Keep

from .conftest import KEY, NOW


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
    content = bytearray(path.read_bytes())
    page = content.rindex(KEY.encode()) // 4096 * 4096
    assert page
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged):
        Ledger(path)


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
