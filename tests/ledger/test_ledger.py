"""The file: schedule, keeps, journal, transactions, and what cannot be opened."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3
import threading

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.ledger import (
    DeletionOutcome,
    Ledger,
    LedgerDamaged,
    LedgerError,
    LedgerTooNew,
    open_ledger,
)
from custom_components.oxicleanarr.ledger.schema import SCHEMA_VERSION
from custom_components.oxicleanarr.model import (
    Keep,
    MediaFiles,
    MediaKey,
    MediaKind,
    PlannedDeletion,
    Reason,
)

from .conftest import (
    ALICE,
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

KEY = MediaKey("movie:tmdb:1")
GRACE = 3 * DAY


def planned(number: int = 1) -> PlannedDeletion:
    """Return an entry of a plan."""
    return PlannedDeletion(
        item_id=item_id(number),
        key=MediaKey(f"movie:tmdb:{number}"),
        kind=MediaKind.MOVIE,
        title="Film",
        year=None,
        series=None,
        season=None,
        episode=None,
        size_bytes=None,
        watched=True,
        watched_by=("alice",),
        last_watched_at=NOW,
        added_at=NOW,
        rule="standard",
        rule_type="standard",
        reason=Reason("because"),
        due_at=NOW,
        first_scheduled_at=NOW,
    )


def due(ledger: Ledger, ends_at: object, now: object) -> object:
    """Schedule one entry and return when it is due."""
    (scheduled,) = ledger.schedule({"movie:x": (KEY, ends_at)}, now, GRACE).values()  # type: ignore[dict-item, arg-type]
    return scheduled.due_at


def test_tags(house: House) -> None:
    """Each tag once, however it is written; of what is gone there are none."""
    house.items = [
        movie(1, tags=frozenset({"kids", "Zoo"})),
        movie(2, tags=frozenset({"Kids"})),
    ]
    house.sync()
    assert house.ledger.tags() == ["Kids", "Zoo"]
    house.items.pop(0)
    house.sync(after=DAY)
    assert house.ledger.tags() == ["Kids"]


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


def test_the_journal_has_the_intent_before_and_the_outcome_after(house: House) -> None:
    """What is deleted is not present any more, and its size is reclaimed."""
    house.items = [movie(1), movie(2)]
    house.sync()
    ledger = house.ledger
    ledger.store_files([MediaFiles(item_id=item_id(1), size_bytes=700)])
    (item,) = ledger.find("movie:tmdb:1")
    number = ledger.intend(planned(), item, NOW)
    (row,) = ledger.unsettled()
    assert row.outcome is DeletionOutcome.INTENDED
    assert (row.size_bytes, row.path, row.key) == (700, item.path, KEY)
    assert ledger.reclaimed_bytes(NOW) == 0
    ledger.conclude(number, DeletionOutcome.UNCONFIRMED, NOW, Reason("still_listed"))
    assert [one.error for one in ledger.unsettled()] == [Reason("still_listed")]
    ledger.conclude(number, DeletionOutcome.DELETED, NOW + DAY)
    assert ledger.unsettled() == []
    assert ledger.reclaimed_bytes(NOW) == 700
    assert set(house.facts()) == {item_id(2)}
    second = ledger.intend(planned(2), movie(2), NOW)
    ledger.conclude(second, DeletionOutcome.FAILED, NOW, Reason("no"))
    assert [one.outcome for one in ledger.deletions(10)] == ["failed", "deleted"]
    assert len(ledger.deletions(1)) == 1


def test_what_is_remembered_around_an_item(house: House) -> None:
    """Everything that the guards ask the ledger."""
    show = series(10)
    first = episode(11, show, 1, 1)
    house.items = [show, first, episode(12, show, 1, 10), movie(1)]
    house.sync()
    ledger = house.ledger
    known = ledger.remembered(item_id(11), NOW)
    assert known.key == "episode:tvdb:10:1:1"
    assert known.series is not None
    assert known.series.item_id == show.item_id
    assert not known.kept
    assert not known.unsettled
    assert [one for one, _ in known.neighbours] == [item_id(12)]
    assert set(known.locations) == {"/media/movies", "/media/shows"}
    ledger.keep(Keep(key=MediaKey("series:tvdb:10"), kept_at=NOW))
    ledger.intend(planned(11), first, NOW)
    known = ledger.remembered(item_id(11), NOW)
    assert known.kept
    assert known.unsettled
    with pytest.raises(LookupError):
        ledger.remembered(item_id(99), NOW)


def test_sizes_belong_to_a_file(house: House) -> None:
    """A replaced file's size is not known before it is read again."""
    house.items = [movie(1)]
    house.sync()
    house.ledger.store_files([MediaFiles(item_id=item_id(1), size_bytes=5)])
    assert house.fact(1).size_bytes == 5
    assert house.ledger.sizes([item_id(1), item_id(2)]) == {item_id(1): 5}
    house.items = [movie(1, added_at=NOW)]
    house.sync()
    assert house.fact(1).size_bytes is None
    assert house.ledger.items_without_files([item_id(1)]) == [item_id(1)]


def test_a_sync_that_is_not_committed_leaves_nothing(house: House) -> None:
    """Half a sync is no sync."""
    house.items = [movie(1)]
    house.sync()
    before = house.facts()
    batch = house.ledger.begin_sync(complete=True)
    batch.add_items([movie(2)])
    batch.add_user_data(ALICE.user_id, [])
    assert house.facts() == before
    house.ledger.begin_sync(complete=True).discard()
    assert house.facts() == before


def test_a_commit_that_fails_changes_nothing(house: House) -> None:
    """All of it, or nothing."""
    house.items = [movie(1)]
    house.sync()
    before = house.facts()
    batch = house.ledger.begin_sync(complete=True)
    batch.add_items([movie(2)])
    with pytest.raises(TypeError):
        batch.commit(
            users=house.users,
            libraries=house.libraries,
            managed=[MOVIES.library_id],
            now=NOW,
            state={"bad": object()},
        )
    assert house.facts() == before
    house.items.append(movie(2))
    house.sync()
    assert len(house.facts()) == 2


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


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    """It may be the only copy of what the household keeps."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LedgerDamaged):
        Ledger(path)
    assert path.read_bytes() == b"not a database" * 1000


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


def test_the_breaker_is_remembered(ledger: Ledger) -> None:
    """As it was given."""
    assert ledger.breaker_state() is None
    ledger.set_breaker_state({"findings": [1]})
    assert ledger.breaker_state() == {"findings": [1]}


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
