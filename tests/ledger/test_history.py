"""Jellystat's rows: never twice, never lost, also when a read is interrupted."""

from datetime import datetime, timedelta
from pathlib import Path
import re

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.ledger import Ledger, Question
from custom_components.oxicleanarr.model import PlaybackEvent

from .conftest import (
    ALICE,
    BOB,
    DAY,
    MOVIES,
    NOW,
    House,
    episode,
    event,
    item_id,
    movie,
    series,
)

HOUR = timedelta(hours=1)


def test_a_resumed_play_grows_under_its_id(house: House) -> None:
    """The same row with more seconds and a later date is one play."""
    house.items = [movie(1)]
    house.sync(event(1, NOW - 2 * HOUR, seconds=100))
    house.sync(event(1, NOW - HOUR, seconds=200))
    (row,) = house.ledger.watch_history()
    assert (row.ended_at, row.seconds) == (NOW - HOUR, 200)


def test_an_interrupted_read_goes_on_where_it_stopped(
    house: House, tmp_path: Path
) -> None:
    """Page and cursor are stored together; a restart in between loses nothing."""
    path = tmp_path / "other.db"
    ledger = Ledger(path)
    ledger.begin_history_scan(NOW)
    ledger.add_history_page([event(1, NOW - HOUR, "a")], "cursor", NOW)
    ledger.close()
    ledger = Ledger(path)
    state = ledger.state()
    assert state.history_scanning
    assert not state.history_complete
    assert state.history_cursor == "cursor"
    assert state.history_from == NOW - HOUR
    ledger.add_history_page([event(1, NOW - DAY, "b")], None, NOW)
    state = ledger.state()
    assert state.history_complete
    assert not state.history_scanning
    assert state.history_rows == 2
    assert state.history_from == NOW - HOUR
    ledger.close()


def test_rows_that_a_whole_read_does_not_meet_are_gone(house: House) -> None:
    """They are counted no longer, but the activity they proved stays."""
    house.items = [movie(1), movie(2)]
    house.sync()
    ledger = house.ledger
    ledger.begin_history_scan(NOW)
    ledger.add_history_page(
        [event(1, NOW - HOUR, "a"), event(2, NOW - 2 * HOUR, "b")], None, NOW
    )
    ledger.begin_history_scan(NOW)
    ledger.add_history_page([event(1, NOW - HOUR, "a")], None, NOW)
    assert ledger.state().history_rows == 1
    assert [row.event_id for row in ledger.watch_history()] == ["a"]
    assert house.fact(2).last_watched_at == NOW - 2 * HOUR
    house.sync(event(2, NOW - 2 * HOUR, "b"))
    assert ledger.state().history_rows == 2


def test_rows_that_arrive_during_a_whole_read_are_not_gone(house: House) -> None:
    """They are newer than the read's beginning, which could not meet them."""
    ledger = house.ledger
    ledger.begin_history_scan(NOW)
    ledger.add_history_page([event(1, NOW - HOUR, "old")], None, NOW)
    ledger.begin_history_scan(NOW)
    ledger.add_history_page([event(1, NOW - HOUR, "old")], "more", NOW)
    house.sync(event(1, NOW - timedelta(minutes=1), "new"))
    ledger.add_history_page([], None, NOW)
    assert ledger.state().history_rows == 2


def test_history_is_found_by_item_user_and_time(house: House) -> None:
    """Newest first, by old ids too, and a series stands for its episodes."""
    show = series(10)
    house.items = [movie(1, "7"), show, episode(11, show, 1, 1)]
    house.sync(
        event(1, NOW - 3 * DAY, "a"),
        event(11, NOW - 2 * DAY, "b", BOB),
        event(1, NOW - DAY, "c", BOB),
    )
    house.items[0] = movie(2, "7")
    house.sync()

    def found(**query: object) -> list[str]:
        return [row.event_id for row in house.ledger.watch_history(**query)]  # type: ignore[arg-type]

    assert found() == ["c", "b", "a"]
    assert found(limit=1) == ["c"]
    assert found(item_ids=[item_id(2)]) == ["c", "a"]
    assert found(item_ids=[item_id(10)]) == ["b"]
    assert found(user_id=ALICE.user_id) == ["a"]
    assert found(since=NOW - 2 * DAY) == ["c", "b"]
    assert found(item_ids=[]) == []


def test_another_history_can_be_accepted(house: House) -> None:
    """The old rows count no longer, what they proved stays."""
    house.items = [movie(1)]
    house.sync()
    house.ledger.begin_history_scan(NOW)
    house.ledger.add_history_page([event(1, NOW - DAY)], None, NOW)
    house.ledger.forget_history()
    state = house.ledger.state()
    assert state.history_rows == 0
    assert not state.history_complete
    assert house.fact(1).last_watched_at == NOW - DAY


def test_new_rows_are_known_before_they_are_believed(house: House) -> None:
    """A sync can compare counts with Jellystat before it commits."""
    house.sync(event(1, NOW, "a"))
    batch = house.ledger.begin_sync(complete=False)
    batch.add_events([event(1, NOW, "a"), event(1, NOW, "b"), event(1, NOW, "b")])
    assert batch.new_events() == 1
    batch.discard()
    assert batch.new_events() == 0
    assert house.ledger.state().history_rows == 1


_rows = st.builds(
    event,
    st.integers(1, 3),
    st.integers(0, 100).map(lambda hours: NOW - timedelta(hours=hours)),
    st.sampled_from("abcdef"),
    st.sampled_from([ALICE, BOB]),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(_rows, max_size=6), max_size=4))
def test_activity_never_goes_back(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[PlaybackEvent]]
) -> None:
    """In whatever order rows come, are repeated and re-keyed."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "l.db")
    house = House(ledger, items=[movie(1), movie(2), movie(3)])
    house.sync()
    latest: dict[str, datetime] = {}
    for rows in batches:
        house.sync(*rows)
        for row in rows:
            known = latest.get(row.item_id, row.ended_at)
            latest[row.item_id] = max(known, row.ended_at)
        for one, fact in house.facts().items():
            assert fact.last_watched_at == latest.get(one)
        assert ledger.state().history_rows == len(
            {row.event_id for group in batches for row in group}
            & {row.event_id for row in ledger.watch_history(limit=1000)}
        )
    ledger.close()


def test_a_span_that_was_read_again(house: House) -> None:
    """Known rows that a new reading of a span has not met are gone, but not what they proved."""
    house.items = [movie(1), movie(2), movie(3)]
    house.sync()
    ledger = house.ledger
    ledger.begin_history_scan(NOW)
    rows = [event(day % 3 + 1, NOW - day * DAY, f"row-{day}") for day in range(1, 9)]
    ledger.add_history_page(rows, None, NOW)
    batch = ledger.begin_sync(complete=False)
    since, until = NOW - 6 * DAY, NOW - 3 * DAY
    assert batch.known_between(None, None) == 8
    assert batch.known_between(since, until) == 3
    assert batch.known_between(None, since) == 2
    assert batch.known_between(until, None) == 3
    # Rows 4 and 6 are gone, 5 was resumed meanwhile, and another one was imported.
    batch.add_events([event(3, NOW - HOUR, "row-5"), event(2, since, "old")])
    assert batch.known_between(since, until) == 3
    batch.note_reread(since, until)
    assert batch.known_between(since, until) == 1
    assert batch.known_between(NOW - 5 * DAY, until) == 0
    assert batch.known_between(None, None) == 7
    assert ledger.state().history_rows == 8
    batch.commit(users=house.users, libraries=house.libraries, now=NOW)
    assert ledger.state().history_rows == 7
    found = {row.event_id for row in ledger.watch_history()}
    assert found == {"row-1", "row-2", "row-3", "row-5", "old", "row-7", "row-8"}
    assert house.fact(1).last_watched_at == NOW - 3 * DAY


def test_a_span_is_read_again_for_one_sync_only(house: House) -> None:
    """A batch that was not committed leaves nothing to the next one."""
    house.sync(event(1, NOW - DAY, "a"))
    batch = house.ledger.begin_sync(complete=False)
    batch.note_reread(None, None)
    batch.discard()
    assert batch.known_between(None, None) == 1
    batch.commit(users=house.users, libraries=house.libraries, now=NOW)
    assert house.ledger.state().history_rows == 1


def test_the_middle_of_what_is_known(house: House) -> None:
    """It lies inside, and there is none where nothing could be told apart."""
    house.sync(*(event(1, NOW - day * DAY, f"row-{day}") for day in range(1, 8)))
    batch = house.ledger.begin_sync(complete=False)
    assert batch.middle_between(None, None) == NOW - 4 * DAY
    assert batch.middle_between(NOW - 4 * DAY, None) == NOW - 2 * DAY
    assert batch.middle_between(NOW - 2 * DAY, NOW - DAY) is None
    assert batch.middle_between(NOW, None) is None


def test_rows_that_are_only_counted(house: House) -> None:
    """Their number is remembered."""
    assert house.ledger.state().history_surplus == 0
    house.ledger.note_history_surplus(3)
    assert house.ledger.state().history_surplus == 3


ALIKE = [
    "0b5f2a6c-7d1e-4f3a-9b8c-1d2e3f4a5b6c",
    "1b5f2a6c-7d1e-4f3a-9b8c-1d2e3f4a5b6c",
    # The same bytes, written in other ways.
    "0B5F2A6C-7D1E-4F3A-9B8C-1D2E3F4A5B6C",
    "0b5f2a6c7d1e4f3a9b8c1d2e3f4a5b6c",
    "0b5f2a6c7-d1e4f3a9b8c1d2e3f4a5b6c---",
    # None at all, with one end.
    "5b6c",
    "4a5b6c",
    "4a5b6c ",
    "x" * 32 + "5b6c",
    "17",
    "017",
    "é" * 36,
]


def test_ids_that_are_much_alike(house: House) -> None:
    """Whatever an id looks like, it is one of its own, and comes back as it was."""
    rows = [event(1, NOW - n * HOUR, name) for n, name in enumerate(ALIKE)]
    for stored in range(1, len(rows) + 1):
        batch = house.ledger.begin_sync(complete=False)
        batch.add_events(rows[:stored])
        assert batch.new_events() == 1
        house.sync(*rows[:stored])
        assert house.ledger.state().history_rows == stored
    assert [row.event_id for row in house.ledger.watch_history()] == ALIKE


def test_names_that_change(house: House) -> None:
    """Each row keeps the names that came with it; what was last watched is the latest."""
    house.items = [movie(1)]
    old = event(1, NOW - DAY, "a")._replace(
        user_name="al", title="Film 0", series_title="Show"
    )
    house.sync(old, event(1, NOW - HOUR, "b"))
    assert house.ledger.watch_history(item_ids=[item_id(1)]) == [
        event(1, NOW - HOUR, "b"),
        old,
    ]
    assert house.ledger.watch_history(user_id=ALICE.user_id, limit=1) == [
        event(1, NOW - HOUR, "b")
    ]
    assert house.fact(1).last_watched_at == NOW - HOUR
    house.sync(old._replace(user_name="alice"))
    assert house.ledger.watch_history()[1].user_name == "alice"
    assert house.ledger.state().history_rows == 2


def test_no_poll_looks_through_the_history(full: House) -> None:
    """It costs the same however long that is: whatever is asked has an index."""
    full.sync(event(1, NOW - DAY, "a"), event(2, NOW - DAY, "b"))
    full.ledger.begin_history_scan(NOW)
    full.ledger.add_history_page([event(1, NOW - DAY, "a")], "more", NOW)
    statements: list[str] = []
    with full.ledger._database.reading() as connection:
        connection.set_trace_callback(statements.append)
        full.ledger.state()
        full.ledger.census(Question(managed=(MOVIES.library_id,)))
        batch = full.ledger.begin_sync(complete=False)
        batch.add_events([event(1, NOW, "a"), event(2, NOW - DAY, "c")])
        assert batch.new_events() == 1
        full.poll(event(1, NOW, "a"), event(2, NOW - DAY, "c"), items=[movie(1)])
        assert full.facts()
        connection.set_trace_callback(None)
        plans = [
            detail
            for statement in statements
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert any("SEARCH history " in one for one in plans)
    assert not [one for one in plans if re.match(r"SCAN history\b", one)]
