"""The face: what it writes stays, also for late callers and several threads."""

from pathlib import Path
import threading

import pytest

from custom_components.oxicleanarr.ledger import Ledger, LedgerError, open_ledger
from custom_components.oxicleanarr.model import Keep, MediaKey

from .conftest import KEY, NOW, House, movie


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
    ledger, aside = open_ledger(path, NOW)
    assert aside is not None
    assert aside.read_bytes() == damaged
    assert ledger.keeps(NOW) == {}
    ledger.close()
    ledger, aside = open_ledger(path, NOW)
    assert aside is None
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
