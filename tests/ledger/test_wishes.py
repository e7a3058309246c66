"""Keeps, what is scheduled by hand, and the schedule with its grace."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger
from custom_components.oxicleanarr.model import Keep, MediaKey

from .conftest import DAY, KEY, NOW, House, episode, item_id, movie, planned, series

GRACE = 3 * DAY


def due(ledger: Ledger, ends_at: object, now: object) -> object:
    """Schedule one entry and return when it is due."""
    (scheduled,) = ledger.schedule({"movie:x": (KEY, ends_at)}, now, GRACE).values()  # type: ignore[dict-item, arg-type]
    return scheduled.due_at


def test_a_retention_seen_in_time_is_not_delayed(ledger: Ledger) -> None:
    """Seven days after January 1st is January 8th, grace or not."""
    watched = NOW
    assert due(ledger, watched + 7 * DAY, NOW) == watched + 7 * DAY
    assert due(ledger, watched + 7 * DAY, NOW + 6 * DAY) == watched + 7 * DAY


def test_what_is_overdue_at_first_sight_waits(ledger: Ledger) -> None:
    """And it does not wait anew with every look."""
    assert due(ledger, NOW - 90 * DAY, NOW) == NOW + GRACE
    assert due(ledger, NOW - 90 * DAY, NOW + DAY) == NOW + GRACE
    assert due(ledger, NOW - 80 * DAY, NOW + 2 * DAY) == NOW + GRACE


def test_a_postponed_entry_waits(ledger: Ledger) -> None:
    """A later play, with a short retention, gives the whole grace again."""
    assert due(ledger, NOW - DAY, NOW) == NOW + GRACE
    later = NOW + 5 * DAY
    assert due(ledger, later + DAY, later) == later + GRACE
    assert due(ledger, later + DAY, later + DAY) == later + GRACE


def test_an_entry_that_moved_forward_is_announced(ledger: Ledger) -> None:
    """Whoever read "in a month" has the grace to change it."""
    assert due(ledger, NOW + 30 * DAY, NOW) == NOW + 30 * DAY
    assert due(ledger, NOW - DAY, NOW + 10 * DAY) == NOW + 13 * DAY
    assert due(ledger, NOW - DAY, NOW + 12 * DAY) == NOW + 13 * DAY


def test_an_entry_that_left_starts_again(ledger: Ledger) -> None:
    """A kept title that is released waits like a new one."""
    due(ledger, NOW - DAY, NOW)
    ledger.schedule({}, NOW + DAY, GRACE)
    assert due(ledger, NOW - DAY, NOW + 2 * DAY) == NOW + 5 * DAY


def test_microseconds_do_not_postpone_for_ever(ledger: Ledger) -> None:
    """The table holds milliseconds; the difference is no new date."""
    ends_at = NOW + timedelta(days=7, microseconds=999)
    now = NOW
    for _ in range(8):
        assert due(ledger, ends_at, now) == NOW + 7 * DAY
        now += DAY


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 30)), max_size=10))
def test_nothing_is_ever_due_before_the_grace(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    """However the end of a retention moves, three days pass before anything is due."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "l.db")
    now = NOW
    announced = None
    for offset, pause in steps:
        now += pause * timedelta(hours=6)
        ends_at = NOW + offset * DAY
        due_at = due(ledger, ends_at, now)
        assert due_at >= ends_at  # type: ignore[operator]
        assert due_at >= now + GRACE or (announced is not None and due_at >= announced)  # type: ignore[operator]
        announced = due_at
    ledger.close()


def test_keeps_end(ledger: Ledger) -> None:
    """A keep holds until its day, or for good."""
    ledger.keep(Keep(key=KEY, kept_at=NOW, until=NOW + DAY, reason="holiday"))
    assert ledger.keeps(NOW)[KEY].reason == "holiday"
    assert ledger.keeps(NOW + DAY) == {}
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    assert ledger.keeps(NOW + 1000 * DAY)[KEY].until is None
    assert ledger.unkeep(KEY)
    assert not ledger.unkeep(KEY)
    assert ledger.keeps(NOW) == {}


def test_what_is_scheduled_by_hand(house: House) -> None:
    """It is remembered by key, moves along, and ends with the title."""
    house.items = [movie(1, "7"), movie(2, "8")]
    house.sync()
    ledger = house.ledger
    ledger.schedule_manually(MediaKey("movie:tmdb:7"), NOW)
    ledger.schedule_manually(MediaKey("movie:tmdb:8"), NOW + DAY)
    house.items = [movie(1, "9"), movie(2, "8")]
    house.sync()
    assert ledger.manual_schedule() == {
        "movie:tmdb:9": NOW,
        "movie:tmdb:8": NOW + DAY,
    }
    assert ledger.unschedule(MediaKey("movie:tmdb:9"))
    assert not ledger.unschedule(MediaKey("movie:tmdb:9"))
    number = ledger.intend(planned(2), house.items[1], NOW)
    ledger.conclude(number, DeletionOutcome.DELETED, NOW)
    assert ledger.manual_schedule() == {}
    assert ledger.deleted_count() == 1


def test_a_day_for_a_series_ends_with_its_last_episode(house: House) -> None:
    """If it is downloaded again, nobody has chosen a day for that."""
    show = series(10)
    house.items = [show, episode(11, show, 1, 1), episode(12, show, 1, 2)]
    house.sync()
    ledger = house.ledger
    ledger.schedule_manually(MediaKey("series:tvdb:10"), NOW)
    for number in (11, 12):
        assert ledger.manual_schedule()
        (item,) = ledger.find(item_id(number))
        row = ledger.intend(planned(number), item, NOW)
        ledger.conclude(row, DeletionOutcome.DELETED, NOW)
    assert ledger.manual_schedule() == {}


def test_a_keep_knows_whose_it_is(ledger: Ledger) -> None:
    """Nobody shortens, takes over or takes back what somebody else keeps."""
    alice = Keep(key=KEY, kept_at=NOW, until=NOW + 2 * DAY, kept_by="alice")
    assert ledger.keep_no_shorter(alice)
    bob = replace(alice, until=NOW + DAY, kept_by="bob")
    assert not ledger.keep_no_shorter(bob)
    assert not ledger.unkeep_own(KEY, "bob")
    assert ledger.keeps(NOW) == {KEY: alice}
    assert ledger.keep_no_shorter(replace(bob, until=None))
    assert ledger.keeps(NOW) == {KEY: replace(alice, until=None)}
    assert not ledger.keep_no_shorter(bob)
    # Your own you may shorten, and take the place of one that has ended.
    assert ledger.keep_no_shorter(alice)
    assert ledger.keep_no_shorter(replace(bob, kept_at=NOW + 2 * DAY, until=None))
    assert ledger.unkeep_own(KEY, "bob")
    # One without a name is nobody's own.
    ledger.keep(Keep(key=KEY, kept_at=NOW))
    assert not ledger.unkeep_own(KEY, "alice")
    assert not ledger.keep_no_shorter(alice)


# --- what is announced ---------------------------------------------------------------


def test_a_proposed_schedule_announces_nothing(ledger: Ledger) -> None:
    """It says the days that would be announced, and the schedule stays as it is."""
    wanted = {"movie:x": (KEY, NOW - DAY)}
    proposed = ledger.proposed_schedule(wanted, NOW, GRACE)
    assert proposed["movie:x"].due_at == NOW + GRACE
    later = ledger.proposed_schedule(wanted, NOW + DAY, GRACE)
    assert later["movie:x"].due_at == NOW + DAY + GRACE
    announced = ledger.schedule(wanted, NOW, GRACE)
    assert announced == proposed
    # What was announced stays so, in a proposal too.
    assert ledger.proposed_schedule(wanted, NOW + DAY, GRACE) == announced
    assert ledger.proposed_schedule({}, NOW + DAY, GRACE) == {}
    assert ledger.schedule(wanted, NOW + DAY, GRACE) == announced


def test_kept_titles_until_they_would_have_left(house: House) -> None:
    """With the day that was announced, which another keep does not forget."""
    house.items = [movie(1), movie(2)]
    house.sync()
    ledger = house.ledger
    one, other = MediaKey("movie:tmdb:1"), MediaKey("movie:tmdb:2")
    due_at = NOW + 3 * DAY

    def shown(now: datetime) -> set[tuple[str, datetime | None]]:
        return {(item.title, keep.due_at) for item, keep in ledger.announced_keeps(now)}

    ledger.keep(Keep(key=one, kept_at=NOW, due_at=due_at))
    ledger.keep(Keep(key=other, kept_at=NOW))
    assert shown(NOW) == {(movie(1).title, due_at)}
    ledger.keep(Keep(key=one, kept_at=NOW + DAY, until=NOW + 9 * DAY))
    assert shown(NOW + 2 * DAY) == {(movie(1).title, due_at)}
    assert shown(due_at) == set()
    # What was ready when it was kept is shown for a day.
    ledger.keep(Keep(key=one, kept_at=NOW + 5 * DAY, due_at=due_at))
    assert shown(NOW + 5 * DAY) == {(movie(1).title, due_at)}
    assert shown(NOW + 6 * DAY) == set()
    ledger.unkeep(one)
    assert shown(NOW) == set()
