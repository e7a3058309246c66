"""Rows that Jellystat lost or got without a word: found by counting in halves."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from math import log2
from pathlib import Path
from random import Random
from threading import Semaphore
from typing import cast

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.ledger import Ledger, LedgerError
from custom_components.oxicleanarr.model import PlaybackEvent, Progress, Work
from custom_components.oxicleanarr.servers import (
    BadAnswer,
    Jellystat,
    ServerError,
    jellystat_history,
)
from custom_components.oxicleanarr.sync import SyncReport, full_sync, history
from simulators import FaultKind, Play
from tests.home import DAY, HOUR, START, Home, open_home

FLAT = "/stats/getPlaybackActivity"
ROWS = 300


@pytest.fixture
def version() -> str:
    """Return the version of Jellystat."""
    return "1.1.8"


@pytest.fixture
async def home(
    socket_enabled: None,
    tmp_path: Path,
    version: str,
    no_waiting: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Home]:
    """Return a house that has watched something every few days for years, and knows it."""
    monkeypatch.setattr(history, "_FEW_ROWS", 10)
    async with open_home(tmp_path, jellystat_version=version) as home:
        for number in range(ROWS):
            play(home, number * 5 * DAY)
        await home.sync()
        assert home.ledger.state().history_rows == ROWS
        yield home


def play(home: Home, ago: timedelta, title: str = "Alpha") -> None:
    """Let alice watch a film some time ago."""
    house = home.household
    house.play(house.user("alice"), home.video(title), 0.96, at=START - DAY - ago)


def remove(home: Home, *places: int) -> list[Play]:
    """Delete rows in Jellystat, counted from the oldest."""
    plays = [home.household.plays[place] for place in places]
    for one in plays:
        home.household.plays.remove(one)
    return plays


def exchange_the_newest(home: Home) -> None:
    """Delete the newest row in Jellystat, and import one of long ago."""
    remove(home, -1)
    play(home, 900 * DAY + HOUR, "Bravo")


def known(home: Home) -> set[str]:
    """Return the ids of all rows that count."""
    return {row.event_id for row in home.ledger.watch_history(limit=10_000)}


def there(home: Home) -> set[str]:
    """Return the ids of all rows of Jellystat."""
    return {one.id for one in home.household.plays}


async def sync(home: Home) -> SyncReport:
    """Read everything, an hour later."""
    home.wait(HOUR)
    return await home.sync()


def asked(home: Home) -> list[int]:
    """Return the sizes of the pages that the last sync asked for."""
    last = home.jellystat_server.requests[-home.requests["jellystat"] :]
    return [int(one.query["size"]) for one in last if one.path == FLAT]


def read_anew(home: Home) -> bool:
    """Return whether the last sync has read the whole history."""
    return home.ledger.state().history_read_at == home.now


@pytest.mark.parametrize("place", [0, 1, 150, 298])
async def test_one_row_is_deleted_among_many(home: Home, place: int) -> None:
    """It costs about two requests a halving, and one page of few rows."""
    before = home.facts()["Alpha"].last_watched_at
    (gone,) = remove(home, place)
    await sync(home)
    assert not read_anew(home)
    assert known(home) == there(home)
    assert gone.id not in known(home)
    # What it proved of plays stays.
    assert home.facts()["Alpha"].last_watched_at == before
    assert asked(home).count(1) <= 2 * log2(ROWS)
    assert len(asked(home)) - asked(home).count(1) <= 2
    assert home.jellystat_server.in_flight_peak == 1
    await sync(home)
    assert asked(home) == [5000, 1]


async def test_the_newest_row_is_deleted(home: Home) -> None:
    """Nothing is left of what every sync reads, and yet the history is not gone."""
    remove(home, ROWS - 1)
    await sync(home)
    assert not read_anew(home)
    assert known(home) == there(home)


async def test_rows_are_deleted_in_several_years(home: Home) -> None:
    """Each of them is found."""
    remove(home, 3, 4, 90, 91, 200, 260)
    await sync(home)
    assert not read_anew(home)
    assert known(home) == there(home)


@pytest.mark.parametrize(
    "ages",
    [[5000 + number for number in range(30)], [*range(302, 312)], [7], [702, 703, 9]],
)
async def test_rows_are_imported_with_dates_of_long_ago(
    home: Home, ages: list[int]
) -> None:
    """They are found where they are, and count."""
    for age in ages:
        play(home, age * DAY + 2 * HOUR, "Bravo")
    report = await sync(home)
    assert not read_anew(home)
    assert known(home) == there(home)
    assert report.history_events == len(ages)
    assert home.facts()["Bravo"].last_watched_at is not None


async def test_rows_are_deleted_and_imported_at_once(home: Home) -> None:
    """Both are found if they do not lie side by side in equal numbers."""
    remove(home, 20, 21, 22)
    play(home, 900 * DAY + HOUR, "Bravo")
    await sync(home)
    assert not read_anew(home)
    assert known(home) == there(home)


async def test_the_same_number_of_rows_waits_for_the_week(home: Home) -> None:
    """What no count can tell is found by reading everything again after seven days."""
    read_at = home.ledger.state().history_read_at
    remove(home, 20)
    play(home, 900 * DAY + HOUR, "Bravo")
    await sync(home)
    assert known(home) != there(home)
    assert home.ledger.state().history_read_at == read_at
    home.wait(7 * DAY)
    await sync(home)
    assert read_anew(home)
    assert known(home) == there(home)


@pytest.mark.parametrize(
    ("pause", "due"), [(7 * DAY - timedelta(milliseconds=1), False), (7 * DAY, True)]
)
async def test_everything_is_read_again_after_seven_days(
    home: Home, pause: timedelta, due: bool
) -> None:
    """Not a moment sooner, and never by a poll."""
    home.wait(pause)
    play(home, -pause, "Bravo")
    assert (await home.poll()).history_events == 1
    assert asked(home) == [5000], "nothing is counted"
    assert not read_anew(home)
    assert (await home.sync()).history_events == 0
    assert read_anew(home) is due


async def test_nobody_has_watched_anything_yet(
    socket_enabled: None, tmp_path: Path, version: str, no_waiting: None
) -> None:
    """A history that is empty from the first is no error."""
    async with open_home(tmp_path, jellystat_version=version) as home:
        for read in (home.sync, home.poll, home.sync):
            assert (await read()).history_events == 0
            state = home.ledger.state()
            assert (state.history_complete, state.history_rows) == (True, 0)
            home.wait(HOUR)
        play(home, 40 * DAY)
        assert (await home.poll()).history_events == 1


async def test_a_jellystat_that_is_taken_away(home: Home) -> None:
    """What it has told stays."""
    home.jellystat = None
    for read in (home.sync, home.poll):
        home.wait(8 * DAY)
        assert (await read()).history_events == 0
        assert known(home) == there(home)


async def test_a_history_that_is_gone(home: Home) -> None:
    """Neither a poll nor a full sync gives up a row for it."""
    before, state = known(home), home.ledger.state()
    remove(home, *range(ROWS))
    for read in (home.poll, home.sync):
        home.wait(HOUR)
        with pytest.raises(BadAnswer) as failed:
            await read()
        assert str(failed.value) == "Jellystat: the history that was there is gone"
        assert (failed.value.server, failed.value.reason) == (
            "Jellystat",
            history.HISTORY_GONE,
        )
        assert (known(home), home.ledger.state()) == (before, state)


async def test_half_of_everything_is_deleted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the difference is everywhere, everything is read again."""
    monkeypatch.setattr(history, "_MOST_COUNTS", 4)
    remove(home, *range(0, ROWS, 2))
    await sync(home)
    assert read_anew(home)
    assert known(home) == there(home)


async def test_more_is_imported_than_is_known(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that would be longer than the rest is read with the rest."""
    monkeypatch.setattr(history, "_MOST_ROWS", 40)
    for age in range(60):
        play(home, (5000 + age) * DAY, "Bravo")
    await sync(home)
    assert read_anew(home)
    assert known(home) == there(home)


@pytest.mark.parametrize(("few", "counts"), [(300, 3), (299, 4)])
async def test_few_rows_are_read_rather_than_counted(
    home: Home, monkeypatch: pytest.MonkeyPatch, few: int, counts: int
) -> None:
    """They are halved only where there are more than a few."""
    monkeypatch.setattr(history, "_FEW_ROWS", few)
    play(home, 900 * DAY + HOUR, "Bravo")
    await sync(home)
    assert asked(home).count(1) == counts
    assert not read_anew(home)
    assert known(home) == there(home)


@pytest.mark.parametrize(
    ("bounds", "enough"),
    [
        ({"_FEW_ROWS": 300, "_MOST_ROWS": 300}, True),
        ({"_FEW_ROWS": 300, "_MOST_ROWS": 299}, False),
        ({"_MOST_COUNTS": 6}, True),
        ({"_MOST_COUNTS": 5}, False),
    ],
)
async def test_how_much_is_done_to_find_a_difference(
    home: Home, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int], enough: bool
) -> None:
    """What would take one row more, or one count, is given up: all is read again."""
    for name, most in bounds.items():
        monkeypatch.setattr(history, name, most)
    exchange_the_newest(home)
    await sync(home)
    assert read_anew(home) is not enough
    assert known(home) == there(home)


@pytest.mark.parametrize("lie", [-1, 1, 20, 21, -100])
async def test_a_count_that_lies(
    home: Home, monkeypatch: pytest.MonkeyPatch, lie: int
) -> None:
    """No row is given up for a number alone; a few too many are taken for others' rows."""
    count = Jellystat.count

    async def lying(self: Jellystat, since: datetime | None = None) -> int | None:
        """Tell another number of all rows."""
        rows = await count(self, since)
        return rows + lie if since is None and rows is not None else rows

    monkeypatch.setattr(Jellystat, "count", lying)
    few = 0 < lie <= 20
    for _ in range(2):
        await sync(home)
        assert known(home) == there(home)
        assert read_anew(home) is not few
        assert home.ledger.state().history_surplus == (lie if few else 0)
    assert (asked(home) == [5000, 1]) is few


async def test_rows_are_new_and_the_count_lies_all_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What either reading of everything finds is told of."""
    count = Jellystat.count

    async def lying(self: Jellystat, since: datetime | None = None) -> int | None:
        """Tell of many rows that nobody has."""
        rows = await count(self, since)
        return None if rows is None else rows + 1000

    monkeypatch.setattr(Jellystat, "count", lying)
    play(home, 2 * HOUR + DAY, "Bravo")
    play(home, 900 * DAY + HOUR, "Bravo")
    read_in_pages(home, monkeypatch, lambda: None)
    assert (await sync(home)).history_events == 2
    assert known(home) == there(home)


@pytest.mark.parametrize("lie", [0, 1, 10**6])
async def test_counts_by_date_that_lie(
    home: Home, monkeypatch: pytest.MonkeyPatch, lie: int
) -> None:
    """Counts that contradict each other lead to a new reading of everything."""
    count = Jellystat.count

    async def lying(self: Jellystat, since: datetime | None = None) -> int | None:
        """Tell the same number of rows for every date."""
        return await count(self, since) if since is None else lie

    monkeypatch.setattr(Jellystat, "count", lying)
    remove(home, 40)
    await sync(home)
    assert known(home) == there(home)
    exchange_the_newest(home)
    await sync(home)
    assert read_anew(home) is (lie > ROWS)


def read_in_pages(
    home: Home, monkeypatch: pytest.MonkeyPatch, cost: Callable[[], None]
) -> None:
    """Let the whole history be read anew, ten rows a page, and each request cost something."""

    def seconds(*_: object) -> float:
        cost()
        return 0.0

    monkeypatch.setattr(jellystat_history, "PAGE", 10)
    monkeypatch.setattr(jellystat_history, "MOST_ROWS", 10)
    home.jellystat_server.cost = seconds
    home.ledger.begin_history_scan(home.now)


async def test_a_page_is_stored_while_the_next_one_is_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither waits for the other, and nothing is asked for that is not needed yet."""
    requested = Semaphore(0)
    stored: list[int] = []
    store = home.ledger.add_history_page

    def add(events: Sequence[PlaybackEvent], cursor: str | None, now: datetime) -> int:
        """Wait for the request of the next page, and store this one."""
        if not stored:
            assert requested.acquire(timeout=10)
        if len(stored) < ROWS // 10:
            assert requested.acquire(timeout=10)
            assert not requested.acquire(blocking=False)
        stored.append(len(events))
        return store(events, cursor, now)

    monkeypatch.setattr(home.ledger, "add_history_page", add)

    read_in_pages(home, monkeypatch, requested.release)
    await sync(home)
    assert sum(stored) == ROWS
    assert known(home) == there(home)


async def test_how_far_the_reading_of_everything_is(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told page by page, from the first row on, whatever was read before."""
    read_in_pages(home, monkeypatch, lambda: None)
    told: list[Progress] = []
    await full_sync(
        home.ledger,
        home.jellyfin,
        home.jellystat,
        managed=None,
        clock=lambda: home.now,
        tell=told.append,
    )
    pages = [one for one in told if one.work is Work.HISTORY]
    done = [one.done for one in pages]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (10, ROWS)
    assert (pages[0].total, pages[-1].total) == (ROWS, ROWS)
    assert all(one.total is not None and one.done <= one.total for one in pages)


@pytest.mark.parametrize("page", [0, 1, 15, 29])
async def test_a_disk_that_fails_while_the_next_page_is_read(
    home: Home, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """The sync fails with that, and the next one goes on where it stopped."""
    store = home.ledger.add_history_page
    asked: list[None] = []
    stored = 0

    def add(events: Sequence[PlaybackEvent], cursor: str | None, now: datetime) -> int:
        """Store a page, or fail to."""
        nonlocal stored
        stored += 1
        if stored == page + 1:
            raise LedgerError("the disk is full")
        return store(events, cursor, now)

    monkeypatch.setattr(home.ledger, "add_history_page", add)
    read_in_pages(home, monkeypatch, lambda: asked.append(None))
    with pytest.raises(LedgerError):
        await sync(home)
    assert home.jellystat is not None
    # A request that was given up goes on over there, so it is left alone for a while.
    home.jellystat._http._silent_until = 0.0
    asked.clear()
    await sync(home)
    assert known(home) == there(home)
    # What is missing, the counts before it, and what came meanwhile.
    assert len(asked) < ROWS // 10 - page + 12


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.MALFORMED])
async def test_a_server_that_fails_half_way(home: Home, fault: FaultKind) -> None:
    """Then nothing has changed, and the next sync does it all."""
    remove(home, 40, 200)
    before = known(home)
    failures = 0
    while True:
        home.jellystat_server.fail(fault, FLAT, after=failures)
        try:
            await sync(home)
        except ServerError:
            failures += 1
            assert known(home) == before
        else:
            break
        finally:
            home.jellystat_server.faults.clear()
    assert failures > 5
    assert known(home) == there(home)


async def test_failed_queries_half_way(home: Home) -> None:
    """A query that failed over there looks like a count of nothing."""
    remove(home, 40, 200)
    for after in range(12):
        home.jellystat_server.fail(FaultKind.NO_ROWS, FLAT, times=1, after=after)
        try:
            await sync(home)
        except ServerError:
            pass
        finally:
            home.jellystat_server.faults.clear()
        assert known(home) >= there(home)
    await sync(home)
    assert known(home) == there(home)


async def test_rows_that_cannot_be_read(home: Home) -> None:
    """They are looked for once; then it is known that they are none of ours."""
    for place in (10, 20, 30):
        home.household.plays[place].item_id = ""
    home.household.plays.touch()
    remaining = {one.id for one in home.household.plays if one.item_id}
    home.wait(8 * DAY)
    await sync(home)
    assert known(home) == remaining
    await sync(home)
    await sync(home)
    assert home.ledger.state().history_surplus == 3
    assert asked(home).count(1) == 1
    remove(home, 250)
    await sync(home)
    assert not read_anew(home)
    assert known(home) == remaining & there(home)


@pytest.mark.parametrize("version", ["guide"])
async def test_servers_that_do_not_count_by_date(home: Home) -> None:
    """There everything is read again, however many rows there are."""
    remove(home, 40)
    await sync(home)
    assert read_anew(home)
    assert known(home) == there(home)
    exchange_the_newest(home)
    await sync(home)
    assert read_anew(home)
    assert known(home) >= there(home)


@pytest.mark.parametrize("version", ["1.1.8", "1.1.4", "1.1.2"])
async def test_who_played_last_is_removed(home: Home) -> None:
    """Jellystat keeps the rows of a user who is gone: they are found again."""
    house = home.household
    bob = house.user("bob")
    home.wait(10 * DAY)
    house.play(bob, home.video("Bravo"), 0.96, at=home.now)
    await home.sync()
    house.users.remove(bob)
    home.wait(HOUR)
    for read in (home.sync, home.poll, home.sync):
        report = await read()
        assert report.history_events == 0
        assert not read_anew(home)
        assert home.ledger.state().history_rows == ROWS + 1
        home.wait(HOUR)


@pytest.mark.parametrize("version", ["1.1.6", "1.1.2"])
async def test_servers_that_do_not_count(home: Home) -> None:
    """There it is found when everything is read again after a week."""
    remove(home, 40)
    await sync(home)
    assert not read_anew(home)
    home.wait(7 * DAY)
    await sync(home)
    assert known(home) == there(home)


# --- any difference -----------------------------------------------------------------


class Table:
    """A Jellystat of which only dates and ids matter."""

    def __init__(self, rows: dict[str, datetime]) -> None:
        """Start with these rows."""
        self.rows = rows
        self.counts = 0

    async def count(self, since: datetime | None = None) -> int:
        """Return how many rows there are from a date on."""
        self.counts += 1
        return sum(since is None or at >= since for at in self.rows.values())

    async def between(
        self, since: datetime | None, until: datetime | None, _: Sequence[str]
    ) -> AsyncIterator[list[PlaybackEvent]]:
        """Yield the rows between two dates."""
        yield [
            event(name, at)
            for name, at in self.rows.items()
            if (since is None or at >= since) and (until is None or at < until)
        ]


def event(name: str, at: datetime) -> PlaybackEvent:
    """Return a row as an event."""
    return PlaybackEvent(
        event_id=name, user_id="a" * 32, item_id="b" * 32, ended_at=at, seconds=60
    )


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    days=st.lists(st.integers(0, 60), min_size=1, max_size=60),
    deleted=st.integers(0, 8),
    imported=st.lists(st.integers(-20, 60), max_size=8),
    only=st.sampled_from(["deleted", "imported", "both"]),
    seed=st.integers(0, 2**32),
)
async def test_any_difference(
    tmp_path_factory: pytest.TempPathFactory,
    days: list[int],
    deleted: int,
    imported: list[int],
    only: str,
    seed: int,
) -> None:
    """Afterwards the numbers agree everywhere, and the rows if none made up for another."""
    rows = {f"row-{number}": START - day * DAY for number, day in enumerate(days)}
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    ledger.begin_history_scan(START)
    ledger.add_history_page([event(*one) for one in rows.items()], None, START)
    table = Table(dict(rows))
    if only != "imported":
        for name in Random(seed).sample(sorted(rows), min(deleted, len(rows))):
            del table.rows[name]
    if only != "deleted":
        for number, day in enumerate(imported):
            table.rows[f"new-{number}"] = START - day * DAY
    batch = ledger.begin_sync(complete=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "_FEW_ROWS", 3)
        assert await history._reread_what_differs(
            cast(Jellystat, table), batch, len(table.rows), START - DAY, []
        )
    assert batch.known_between(None, None) == len(table.rows)
    batch.commit(users=[], libraries=[], now=START + DAY)
    found = {row.event_id for row in ledger.watch_history(limit=1000)}
    assert len(found) == len(table.rows)
    if only != "both":
        assert found == table.rows.keys()
    ledger.close()
