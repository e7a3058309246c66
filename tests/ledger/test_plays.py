"""Watched, not watched, and remembered: what Jellyfin says and forgets."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.ledger import PlayMemory, remember
from custom_components.oxicleanarr.model import User, UserData

from .conftest import (
    ALICE,
    BOB,
    DAY,
    NOW,
    House,
    episode,
    event,
    item_id,
    movie,
    played,
    series,
    started,
    untouched,
)


def test_watched_comes_from_played_only(house: House) -> None:
    """A started film is not watched, however long Jellystat saw it run."""
    house.items = [movie(1), movie(2), movie(3)]
    house.play(ALICE, played(1), started(2))
    house.sync(event(3, NOW - DAY, seconds=90_000))
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(2).watched_by == set()
    assert house.fact(3).watched_by == set()


def test_a_rewatch_does_not_make_unwatched(house: House) -> None:
    """Before version 12 Jellyfin resets the flag when somebody presses play again."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    house.play(ALICE, started(1, NOW))
    house.sync(after=DAY)
    fact = house.fact(1)
    assert fact.watched_by == {ALICE.user_id}
    assert fact.last_watched_at == NOW


def test_what_is_skipped_says_nothing_new(house: House) -> None:
    """Whatever Jellyfin says time after time, it is remembered as by ``remember``."""
    said = [
        UserData(item_id="", played=flag, play_count=count, last_played_at=at)
        for flag in (True, False)
        for count, at in ((0, None), (2, NOW - DAY), (0, NOW - 2 * DAY))
    ]
    rounds = list(product(said, repeat=3))
    house.items = [movie(number) for number in range(len(rounds))]
    for number in range(len(rounds)):
        # Somebody has seen it, or nobody.
        house.play(ALICE, untouched(number))
    house.sync()
    for turn in range(3):
        before = [
            house.ledger.remembered(item_id(number), house.now).memories
            for number in range(len(rounds))
        ]
        for number, one in enumerate(rounds):
            house.play(ALICE, replace(one[turn], item_id=item_id(number)))
        house.sync(after=timedelta(minutes=1))
        for number, (one, known) in enumerate(zip(rounds, before, strict=True)):
            if (memory := known.get(ALICE.user_id)) is not None:
                after = house.ledger.remembered(item_id(number), house.now).memories
                now_known = remember(memory, one[turn], house.now)
                assert after[ALICE.user_id] == now_known, one


def test_a_stale_flag_that_was_off_counts_again(house: House) -> None:
    """Even where everything else Jellyfin says of it was known."""
    house.items = [movie(1)]
    house.sync()
    house.items.append(movie(2))
    flagged = UserData(
        item_id=item_id(2), played=True, play_count=1, last_played_at=NOW - 9 * DAY
    )
    for row, watchers in (
        (flagged, set()),
        (flagged, set()),
        (replace(flagged, played=False), set()),
        (flagged, {ALICE.user_id}),
    ):
        house.play(ALICE, row)
        house.sync(after=DAY)
        assert house.fact(2).watched_by == watchers


def test_an_unmark_makes_unwatched(house: House) -> None:
    """Nothing is left of a play: that is the user's word."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    house.play(ALICE, untouched(1))
    house.sync(after=DAY)
    assert house.fact(1).watched_by == set()


def test_a_manual_mark_counts(house: House) -> None:
    """A mark without any play is watched."""
    house.items = [movie(1)]
    house.play(BOB, UserData(item_id=item_id(1), played=True, last_played_at=NOW))
    house.sync()
    assert house.fact(1).watched_by == {BOB.user_id}


def test_played_without_any_date_counts_from_first_sight(house: House) -> None:
    """Never from long ago: the date is unknown, and the sighting is not."""
    house.items = [movie(1)]
    house.play(ALICE, UserData(item_id=item_id(1), played=True))
    house.sync()
    house.sync(after=5 * DAY)
    assert house.fact(1).last_watched_at == NOW


def test_first_sight_is_not_hidden_by_somebody_elses_old_play(house: House) -> None:
    """Whoever has no date counts from first sight, also beside one who has."""
    house.items = [movie(1)]
    house.play(ALICE, UserData(item_id=item_id(1), played=True))
    house.play(BOB, played(1, NOW - 300 * DAY))
    house.sync()
    assert house.fact(1).last_watched_at == NOW


def test_any_activity_postpones(house: House) -> None:
    """The latest of both servers and all users counts, finished or not."""
    house.items = [movie(1)]
    house.play(ALICE, played(1, NOW - 9 * DAY))
    house.play(BOB, started(1, NOW - 4 * DAY))
    house.sync(event(1, NOW - 2 * DAY, user=BOB))
    assert house.fact(1).last_watched_at == NOW - 2 * DAY


def test_dates_in_the_future_count_from_first_sight(house: House) -> None:
    """A wrong clock does not keep a film for ever, however often it is read."""
    house.items = [movie(1), movie(2), movie(3, added_at=NOW + 400 * DAY)]
    house.play(ALICE, played(1, NOW + 400 * DAY))
    row = event(2, NOW + 400 * DAY)
    for _ in range(3):
        house.sync(row)
        assert house.fact(1).last_watched_at == NOW
        assert house.fact(2).last_watched_at == NOW
        assert house.fact(3).added_at == NOW
        house.now += DAY
    # Even when the day has come.
    house.sync(row, after=500 * DAY)
    assert house.fact(1).last_watched_at == NOW
    assert house.fact(2).last_watched_at == NOW
    assert house.fact(3).added_at == NOW


def test_another_date_in_the_future_is_another_play(house: House) -> None:
    """A clock that is wrong still tells one play from the next."""
    house.items = [movie(1)]
    house.play(ALICE, played(1, NOW + 400 * DAY))
    house.sync()
    house.play(ALICE, played(1, NOW + 401 * DAY))
    house.sync(after=DAY)
    assert house.fact(1).last_watched_at == NOW + DAY


def test_titles_with_dates_in_the_future_are_told(house: House) -> None:
    """As long as a server says so; a clock that is minutes ahead is nothing."""
    house.items = [movie(1), movie(2), movie(3)]
    house.play(ALICE, played(1, NOW + 400 * DAY), played(2, NOW + timedelta(minutes=5)))
    house.sync(event(3, NOW + 2 * DAY))
    assert house.ledger.titles_ahead() == ("Film 1", "Film 3")
    house.play(ALICE, played(1, NOW))
    house.sync(after=DAY)
    assert house.ledger.titles_ahead() == ()


def test_a_file_of_the_future_is_told_by_every_sync(house: House) -> None:
    """Also where nothing else about it has changed, and when the day has come."""
    house.items = [movie(1, added_at=NOW + 400 * DAY)]
    for days in (0, 1, 500, 1):
        house.sync(after=days * DAY)
        assert house.ledger.titles_ahead() == ("Film 1",)


def test_a_clock_that_was_set_back_makes_a_file_one_of_the_future(house: House) -> None:
    """It counts as first seen then."""
    house.items = [movie(1, added_at=NOW - DAY)]
    house.sync()
    assert house.ledger.titles_ahead() == ()
    house.sync(after=-10 * DAY)
    assert house.ledger.titles_ahead() == ("Film 1",)
    assert house.fact(1).added_at == NOW - 10 * DAY


def test_a_user_who_is_gone_has_not_watched_but_was_active(house: House) -> None:
    """Nobody can confirm the mark any more; the play still postpones."""
    house.items = [movie(1)]
    house.play(ALICE, played(1, NOW - DAY))
    house.sync()
    house.users = [BOB]
    house.sync(after=DAY)
    fact = house.fact(1)
    assert fact.watched_by == set()
    assert fact.last_watched_at == NOW - DAY


def test_favorites_are_those_of_the_last_complete_sync(house: House) -> None:
    """A favourite that was taken back protects no longer."""
    house.items = [movie(1)]
    house.favorites = {ALICE.user_id: {item_id(1)}}
    house.sync()
    assert house.fact(1).favorite_of == {ALICE.user_id}
    house.favorites = {}
    house.sync()
    assert house.fact(1).favorite_of == set()


def test_users_see_only_their_libraries(house: House) -> None:
    """Who may not see a library is not asked to have watched it."""
    house.users = [
        ALICE,
        User(user_id=BOB.user_id, name="bob", library_ids=frozenset()),
    ]
    house.items = [movie(1)]
    house.sync()
    assert house.fact(1).visible_to == frozenset({ALICE.user_id})


def test_the_same_sync_twice_changes_nothing(house: House) -> None:
    """Repeated answers are not new plays."""
    show = series(10)
    house.items = [movie(1), show, episode(11, show, 1, 1)]
    house.play(ALICE, played(1), played(11))
    rows = [event(1, NOW - DAY, "x"), event(11, NOW - DAY, "y")]
    assert house.sync(*rows, *rows).new_events == 2
    before = house.facts()
    assert house.sync(*rows).new_events == 0
    assert house.facts() == before
    assert house.ledger.state().history_rows == 2


_seen = st.builds(
    UserData,
    item_id=st.just(item_id(1)),
    played=st.booleans(),
    play_count=st.integers(0, 2),
    last_played_at=st.none()
    | st.integers(-1000, 1000).map(lambda hours: NOW + timedelta(hours=hours)),
)


@given(st.lists(_seen, max_size=8))
def test_watched_only_after_a_played_that_was_not_taken_back(
    answers: list[UserData],
) -> None:
    """Whatever Jellyfin says, an item is watched only if it once said *Played*."""
    memory: PlayMemory | None = None
    for seen in answers:
        memory = remember(memory, seen, NOW)
        assert memory.last_played_at is None or memory.last_played_at <= NOW
        assert memory.played == (memory.first_played_at is not None)
        assert not (memory.played and memory.stale)
    if memory is not None and memory.played:
        after_unmark = answers
        for index, seen in enumerate(answers):
            if seen.untouched:
                after_unmark = answers[index:]
        assert any(seen.played for seen in answers)
        assert any(seen.played for seen in after_unmark)


@pytest.mark.parametrize("flag", [True, False])
def test_a_stale_flag_counts_only_after_it_was_seen_off(flag: bool) -> None:
    """*Played* that outlived a deletion says nothing about the new file."""
    stale = PlayMemory(stale=True, touched=True)
    seen = remember(stale, played(1), NOW)
    assert seen.stale
    assert not seen.played
    off = remember(seen, started(1) if flag else untouched(1), NOW)
    assert not off.stale
    assert remember(off, played(1), NOW).played
