"""Renames, corrected ids, copies, and titles that come back."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.ledger import DeletionOutcome
from custom_components.oxicleanarr.model import (
    Keep,
    MediaFiles,
    MediaKey,
    MediaKind,
    UserData,
)

from .conftest import (
    ALICE,
    BOB,
    DAY,
    MOVIES,
    NOW,
    SHOWS,
    House,
    episode,
    event,
    item_id,
    movie,
    planned,
    played,
    series,
    started,
    untouched,
)

HOUR = timedelta(hours=1)


def delete(house: House, number: int) -> None:
    """Delete an item through the journal, as the executor does."""
    (item,) = house.ledger.find(item_id(number))
    row = house.ledger.intend(planned(number), item, house.now)
    house.ledger.conclude(row, DeletionOutcome.DELETED, house.now)
    house.items = [one for one in house.items if one.item_id != item.item_id]


def test_a_rename_keeps_what_was_watched(house: House) -> None:
    """The old id is gone and the new one there at once; Jellyfin lost the flag."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync(event(1, NOW - 3 * DAY))
    house.items = [movie(2, "7")]
    house.sync(after=DAY)
    fact = house.fact(2)
    assert fact.watched_by == {ALICE.user_id}
    assert fact.last_watched_at == NOW - 3 * DAY
    assert fact.key == "movie:tmdb:7"


def test_a_rename_in_two_steps_within_a_day(house: House) -> None:
    """A sync that fell between the two sees the title missing for an hour."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    house.items = []
    house.sync(after=HOUR)
    house.items = [movie(2, "7")]
    house.sync(after=HOUR)
    assert house.fact(2).watched_by == {ALICE.user_id}
    assert house.fact(2).added_at == NOW - 100 * DAY


def test_a_poll_sees_a_rename(house: House) -> None:
    """The new id is found at once, the old one is asked for and gone."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    batch = house.ledger.begin_sync(complete=False)
    batch.add_items([movie(2, "7")])
    assert batch.rivals(house.now) == [item_id(1)]
    house.poll(items=[movie(2, "7")], gone=[item_id(1)])
    assert set(house.facts()) == {item_id(2)}
    assert house.fact(2).watched_by == {ALICE.user_id}


def test_an_unmark_after_a_rename_counts(house: House) -> None:
    """The inherited mark is the user's to take back."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    house.items = [movie(2, "7")]
    house.play(ALICE, played(2))
    house.sync()
    house.play(ALICE, untouched(2))
    house.sync()
    assert house.fact(2).watched_by == set()


def test_jellystat_rows_of_old_ids_still_count(house: House) -> None:
    """Jellystat keeps the id that a title had when it was played."""
    house.items = [movie(1, "7")]
    house.sync()
    house.items = [movie(2, "7")]
    house.sync(after=DAY)
    house.sync(event(1, NOW - HOUR))
    assert house.fact(2).last_watched_at == NOW - HOUR


def test_rows_that_came_before_the_item_count(house: House) -> None:
    """A row may name an item that no inventory has shown yet."""
    house.sync(event(1, NOW))
    house.items = [movie(1)]
    house.sync()
    assert house.fact(1).last_watched_at == NOW


def test_other_versions_ids_lead_to_the_title(house: House) -> None:
    """A client may name a version by its own id."""
    house.items = [movie(1, source_count=2)]
    house.sync()
    assert house.ledger.items_without_files(None) == [item_id(1)]
    house.ledger.store_files(
        [
            MediaFiles(
                item_id=item_id(1),
                size_bytes=5,
                version_ids=(item_id(99),),
                paths=(),
                runtimes=(6000, 6000),
            )
        ]
    )
    assert house.ledger.items_without_files(None) == []
    house.sync(event(99, NOW - HOUR))
    assert house.fact(1).last_watched_at == NOW - HOUR
    assert [one.item_id for one in house.ledger.find(item_id(99))] == [item_id(1)]


def test_a_row_that_was_given_to_another_title_counts_for_both(house: House) -> None:
    """Jellystat re-keys by title; what it said before is not unsaid."""
    house.items = [movie(1), movie(2)]
    house.sync(event(1, NOW - HOUR))
    house.sync(event(2, NOW - HOUR))
    assert house.fact(1).last_watched_at == NOW - HOUR
    assert house.fact(2).last_watched_at == NOW - HOUR
    assert house.ledger.state().history_rows == 1


def test_a_row_that_was_given_to_a_series_counts_for_it(house: House) -> None:
    """A deleted film's row can end at the series of the same title."""
    show = series(10)
    house.items = [show]
    house.sync(event(10, NOW - HOUR))
    assert house.fact(10).last_watched_at == NOW - HOUR


def test_a_corrected_id_takes_everything_along(house: House) -> None:
    """The provider id is found: keeps, schedule and plays follow the item."""
    house.items = [movie(1, "")]
    house.play(ALICE, played(1))
    house.sync(event(1, NOW - DAY))
    house.sync(after=HOUR)
    old_key = house.fact(1).key
    assert old_key == f"jellyfin:{item_id(1)}"
    wish = Keep(key=old_key, kept_at=NOW, reason="mine", kept_by="alice")
    house.ledger.keep(wish)
    house.ledger.schedule({f"movie:{old_key}": (old_key, NOW)}, NOW, 3 * DAY)
    house.items = [movie(1, "7")]
    house.sync(after=DAY)
    fact = house.fact(1)
    assert fact.key == "movie:tmdb:7"
    assert fact.watched_by == {ALICE.user_id}
    assert fact.last_watched_at == NOW - DAY
    (kept,) = house.ledger.keeps(house.now).values()
    assert (kept.key, kept.kept_by) == ("movie:tmdb:7", "alice")
    scheduled = house.ledger.schedule(
        {"movie:movie:tmdb:7": (fact.key, NOW)}, house.now, 3 * DAY
    )
    assert scheduled["movie:movie:tmdb:7"].first_scheduled_at == NOW
    assert scheduled["movie:movie:tmdb:7"].due_at == NOW + 3 * DAY


def test_two_keys_that_become_one_are_merged_to_the_safe_side(house: House) -> None:
    """The later keep wins, and a longer film nobody watched keeps both unwatched."""
    house.items = [movie(1, "7"), movie(2, "8", runtime=9000)]
    house.play(ALICE, played(1))
    house.sync()
    house.ledger.keep(Keep(key=MediaKey("movie:tmdb:7"), kept_at=NOW, until=NOW + DAY))
    house.ledger.keep(Keep(key=MediaKey("movie:tmdb:8"), kept_at=NOW, kept_by="bob"))
    house.items = [movie(1, "8"), movie(2, "8", runtime=9000)]
    house.sync()
    (keep,) = house.ledger.keeps(NOW).values()
    assert keep.key == "movie:tmdb:8"
    assert keep.until is None
    assert keep.kept_by is None
    assert house.fact(1).watched_by == house.fact(2).watched_by == set()


def test_two_schedules_that_become_one_wait_longer(house: House) -> None:
    """Whoever read the later announcement is not surprised."""
    house.items = [movie(1, "7"), movie(2, "8")]
    house.sync()
    keys = [house.fact(1).key, house.fact(2).key]
    house.ledger.schedule(
        {
            f"movie:{keys[0]}": (keys[0], NOW + 9 * DAY),
            f"movie:{keys[1]}": (keys[1], NOW + 5 * DAY),
        },
        NOW,
        DAY,
    )
    house.items = [movie(1, "8")]
    house.sync(after=DAY)
    (scheduled,) = house.ledger.schedule(
        {f"movie:{keys[1]}": (keys[1], NOW)}, house.now, 30 * DAY
    ).values()
    assert scheduled.due_at == NOW + 9 * DAY


def test_a_split_keeps_both(house: House) -> None:
    """One of two copies turns out to be another film: the keep holds for both."""
    house.items = [movie(1, "7"), movie(2, "7")]
    house.sync()
    house.ledger.keep(Keep(key=MediaKey("movie:tmdb:7"), kept_at=NOW))
    house.items = [movie(1, "7"), movie(2, "8")]
    house.sync()
    assert set(house.ledger.keeps(NOW)) == {"movie:tmdb:7", "movie:tmdb:8"}


def test_a_corrected_series_renames_its_episodes(house: House) -> None:
    """Also in a poll that shows the series alone."""
    show = series(10, "")
    house.items = [show, episode(11, show, 1, 5)]
    house.play(ALICE, played(11))
    house.sync()
    house.sync(after=HOUR)
    assert house.fact(11).key == f"jellyfin:{item_id(11)}"
    house.poll(items=[series(10, "81189")])
    fact = house.fact(11)
    assert fact.key == "episode:tvdb:81189:1:5"
    assert fact.watched_by == {ALICE.user_id}


def test_what_comes_back_after_a_day_starts_anew(house: House) -> None:
    """Jellyfin calls it *Played* with the old date; for us it is a new title."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync(event(1, NOW - 10 * DAY))
    house.items = []
    house.sync(after=HOUR)
    house.items = [movie(1)]
    assert house.sync(after=DAY).returned == ("movie:tmdb:1",)
    returned_at = house.now
    for _ in range(3):
        fact = house.fact(1)
        assert fact.watched_by == set()
        assert fact.last_watched_at is None
        assert fact.added_at == returned_at
        house.sync(after=DAY)


@pytest.mark.parametrize("number", [1, 2])
def test_what_was_deleted_starts_anew_at_once(house: House, number: int) -> None:
    """Under the same id or another: the key is what was deleted."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    assert house.facts() == {}
    house.items = [movie(number, "7")]
    house.play(ALICE, played(number))
    house.sync(after=HOUR)
    fact = house.fact(number)
    assert fact.watched_by == set()
    assert fact.last_watched_at is None
    assert fact.added_at == house.now


def test_what_was_deleted_can_come_back_without_its_name(house: House) -> None:
    """A new file is identified only later: the return is noticed then."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.items = [movie(2, "")]
    house.sync(after=HOUR)
    house.items = [movie(2, "7")]
    house.play(ALICE, played(2))
    house.sync(after=HOUR)
    assert house.fact(2).watched_by == set()
    house.sync(after=DAY)
    assert house.fact(2).watched_by == set()


@pytest.mark.parametrize(
    ("folder", "separator", "starts_anew"),
    [
        ("/media/movies/Film 1", "/", True),
        ("D:\\Movies\\Film 1", "\\", True),
        ("/media/movies", "/", False),
    ],
)
def test_what_was_deleted_can_come_back_as_something_else(
    house: House, folder: str, separator: str, starts_anew: bool
) -> None:
    """Another file, identified as another film: that it was there its folder tells.

    A folder that it shares with other films tells nothing.
    """
    path = f"{folder}{separator}Film 1.mkv"
    other = movie(9, path=f"/media/movies{separator}Film 9.mkv")
    house.items = [movie(1, "7", path=path), other]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    path = f"{folder}{separator}Film 1 again.mkv"
    house.items = [movie(2, "8", path=path), other]
    house.play(ALICE, played(2))
    returned = house.sync(after=HOUR).returned
    assert returned == (("movie:tmdb:8",) if starts_anew else ())
    assert house.fact(2).watched_by == set()


def test_an_old_flag_counts_after_it_was_seen_off(house: House) -> None:
    """The user watches the new file: first the flag goes, then it comes."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.items = [movie(1)]
    house.sync(after=HOUR)
    house.play(ALICE, started(1, house.now))
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == set()
    watched_at = house.now
    house.play(ALICE, played(1, watched_at))
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(1).last_watched_at == watched_at


@pytest.mark.parametrize(
    ("seconds", "watched"), [(3000, True), (2999, False)], ids=["half", "less"]
)
def test_an_old_flag_counts_after_half_the_film(
    house: House, seconds: int, watched: bool
) -> None:
    """Jellyfin 12 never takes the flag away, so Jellystat has to have seen it."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.items = [movie(1)]
    house.sync(after=HOUR)
    house.play(ALICE, played(1, house.now))
    house.sync(
        event(1, house.now + HOUR, "first", seconds=2000),
        event(1, house.now + HOUR, "second", seconds=seconds - 2000),
        event(1, house.now + HOUR, "another", user=BOB, seconds=9000),
        after=2 * HOUR,
    )
    assert house.fact(1).watched_by == ({ALICE.user_id} if watched else set())


def test_a_press_of_play_on_a_returned_title_is_no_watching(house: House) -> None:
    """Five seconds on Jellyfin 12: the old flag stays, the date is new."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.items = [movie(1)]
    house.sync(after=HOUR)
    house.play(ALICE, played(1, house.now))
    house.sync(event(1, house.now, seconds=5), after=HOUR)
    assert house.fact(1).watched_by == set()
    assert house.fact(1).last_watched_at == house.now - HOUR


def test_a_poll_that_finds_a_return_trusts_nobodys_flag(house: House) -> None:
    """Whoever was not asked yet may have one left over."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.poll(items=[movie(1)], after=HOUR)
    house.poll(rows={ALICE: [played(1)]}, after=HOUR)
    assert house.fact(1).watched_by == set()
    house.items = [movie(1)]
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == set()


def test_who_never_watched_the_old_file_can_watch_the_new_one(house: House) -> None:
    """Bob's flag was seen to be off at the return, so it is honest."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    delete(house, 1)
    house.items = [movie(1)]
    house.sync(after=HOUR)
    house.play(BOB, played(1, house.now))
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == {BOB.user_id}


def test_a_copy_that_returns_starts_anew_beside_the_other(house: House) -> None:
    """The key never went away, but this file did."""
    house.items = [movie(1, "7"), movie(2, "7")]
    house.play(ALICE, played(1), played(2))
    house.sync()
    delete(house, 2)
    house.items = [movie(1, "7"), movie(2, "7")]
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(2).watched_by == set()


def test_a_library_that_is_managed_again_is_no_return(house: House) -> None:
    """What was out of sight by choice was not away."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    house.managed = [SHOWS]
    house.sync(after=DAY)
    assert house.facts() == {}
    house.managed = [MOVIES, SHOWS]
    house.sync(after=30 * DAY)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(1).added_at == NOW - 100 * DAY


def test_the_list_that_left_something_out_is_not_believed(house: House) -> None:
    """What is still there by id stays as it was."""
    house.items = [movie(1), movie(2)]
    house.play(ALICE, played(2))
    house.sync()
    batch = house.ledger.begin_sync(complete=True)
    batch.add_items([movie(1)])
    assert batch.unlisted_items([]) == [item_id(2)]
    assert batch.unlisted_items([MOVIES.library_id]) == []
    batch.still_there([item_id(2)])
    batch.add_user_data(ALICE.user_id, [played(2)])
    batch.commit(
        users=house.users,
        libraries=house.libraries,
        managed=[MOVIES.library_id, SHOWS.library_id],
        now=house.now,
    )
    assert set(house.facts()) == {item_id(1), item_id(2)}
    assert house.fact(2).watched_by == {ALICE.user_id}


def test_a_series_added_a_minute_ago_is_not_watched(house: House) -> None:
    """Jellyfin 10.11 says *Played* of the folder; only episodes are believed."""
    show = series(10)
    house.items = [show, episode(11, show, 1, 1)]
    house.play(
        ALICE,
        UserData(item_id=item_id(10), played=True, last_played_at=NOW - 30 * DAY),
    )
    house.sync()
    assert house.fact(11).watched_by == set()


def test_episodes_have_their_own_keys(house: House) -> None:
    """Seasons and episodes are named by their series and numbers."""
    show = series(10, "81189")
    first = episode(11, show, 1, 5)
    house.items = [show, first]
    house.sync()
    assert house.fact(10).key == "series:tvdb:81189"
    assert house.fact(11).key == "episode:tvdb:81189:1:5"
    assert first.kind is MediaKind.EPISODE
