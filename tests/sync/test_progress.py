"""What a sync tells while it goes on: how far it is, and of how much."""

import pytest

from custom_components.oxicleanarr.model import Progress, Work
from custom_components.oxicleanarr.servers import (
    ServerError,
    jellystat_history as history,
)
from custom_components.oxicleanarr.sync import full_sync
from simulators import Fault, FaultKind
from tests.home import DAY, START, Home

PLAYS = 12


@pytest.fixture(autouse=True)
def short_pages(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have more plays than fit in a page."""
    monkeypatch.setattr(history, "PAGE", 5)
    monkeypatch.setattr(history, "MOST_ROWS", 5)
    house = home.household
    for days in range(1, PLAYS + 1):
        house.play(
            house.user("alice"), home.video("Alpha"), 0.96, at=START - days * DAY
        )


async def told(home: Home, seen: list[Progress], work: Work) -> list[Progress]:
    """Read everything, and return what is told of one of its works."""
    seen.clear()
    await full_sync(
        home.ledger,
        home.jellyfin,
        home.jellystat,
        managed=home.managed,
        clock=lambda: home.now,
        tell=seen.append,
    )
    return [one for one in seen if one.work is work]


async def test_what_is_told_of_libraries_and_users(home: Home) -> None:
    """The items of all libraries count together; users count before they are read."""
    seen: list[Progress] = []
    library = await told(home, seen, Work.LIBRARY)
    done = [one.done for one in library]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (4, 9)
    assert {one.total for one in library} == {None}
    assert [one for one in seen if one.work is Work.USERS] == [
        Progress(work=Work.USERS, done=number, total=2) for number in (0, 1)
    ]
    assert {one.work for one in seen} == {Work.LIBRARY, Work.USERS, Work.HISTORY}


async def test_what_is_told_of_the_history(home: Home) -> None:
    """All rows, from the first on each time that the whole of it is read."""
    for _ in range(2):
        rows = await told(home, [], Work.HISTORY)
        done = [one.done for one in rows]
        assert done == sorted(done)
        assert 0 < done[0] <= 5
        assert done[-1] == PLAYS
        assert rows[-1].total == PLAYS
        assert all(one.total is not None and one.total >= PLAYS for one in rows)
        home.wait(8 * DAY)


async def test_what_is_told_of_a_history_that_is_read_on(home: Home) -> None:
    """What was read before it failed counts."""
    server, seen = home.jellystat_server, list[Progress]()
    server.faults.append(
        Fault(FaultKind.DISCONNECT, path="getPlaybackActivity", after=3)
    )
    with pytest.raises(ServerError):
        await told(home, seen, Work.HISTORY)
    server.faults.clear()
    before = home.ledger.state().history_rows
    assert 0 < before < PLAYS
    rows = await told(home, seen, Work.HISTORY)
    assert rows[0].done >= before
    assert rows[-1].total == rows[-1].done >= PLAYS
