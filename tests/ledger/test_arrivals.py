"""What is seen for the first time, and files that have another number than before."""

from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import (
    Keep,
    Library,
    MediaItem,
    MediaKey,
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
    played,
    series,
    started,
    untouched,
)

HOUR = timedelta(hours=1)
OLD = NOW - 400 * DAY


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "without a date"])
@pytest.mark.parametrize("polled", [True, False], ids=["poll", "full sync"])
def test_a_mark_from_before_the_arrival_proves_nothing(
    house: House, dated: bool, polled: bool
) -> None:
    """A film that was never here arrives with a mark: nobody has seen this copy."""
    house.items = [movie(1)]
    house.sync()
    house.now += DAY
    house.items.append(movie(2))
    mark = played(2, OLD if dated else None)
    house.play(ALICE, mark)
    if polled:
        house.poll(items=[movie(2)], rows={ALICE: [mark]})
    for _ in range(3):
        house.sync(event(2, OLD), after=HOUR)
        fact = house.fact(2)
        assert fact.watched_by == set()
        assert fact.last_watched_at is None
        assert fact.added_at == NOW
        assert fact.doubtful_of == {ALICE.user_id}


def test_a_poll_that_asks_nobody_trusts_no_old_flag(house: House) -> None:
    """Whoever is asked later may have a mark from before."""
    house.items = [movie(1)]
    house.sync()
    house.poll(items=[movie(2)], after=DAY)
    house.poll(rows={ALICE: [played(2, OLD)]}, after=HOUR)
    assert house.fact(2).watched_by == set()


def test_a_new_season_of_a_watched_show(house: House) -> None:
    """It was watched years ago, deleted before anybody looked, and is back."""
    show = series(10, "81189")
    house.items = [show, episode(11, show, 1, 1)]
    house.play(ALICE, played(11))
    house.sync()
    house.items += [episode(12, show, 2, 1), episode(13, show, 2, 2)]
    house.play(ALICE, played(12, OLD), played(13, NOW + HOUR))
    house.sync(after=DAY)
    assert house.fact(11).watched_by == {ALICE.user_id}
    assert house.fact(12).watched_by == set()
    assert house.fact(13).watched_by == {ALICE.user_id}


def test_a_series_whose_id_arrives_with_the_next_scan(house: House) -> None:
    """Until then nothing is known of it; then Jellyfin remembers the old copy."""
    house.items = [movie(1)]
    house.sync()
    bare, known = series(10, ""), series(10, "81189")
    house.items += [bare, episode(11, bare, 1, 1), episode(12, bare, 1, 2)]
    house.play(BOB, started(12, NOW + HOUR))
    house.sync(after=DAY)
    house.items[1] = known
    house.play(ALICE, played(11, OLD))
    house.play(BOB, played(12, OLD))
    house.poll(items=[known], after=HOUR)
    house.sync(after=HOUR)
    assert house.fact(11).key == "episode:tvdb:81189:1:1"
    assert house.fact(11).watched_by == set()
    assert house.fact(12).watched_by == set()


def test_what_is_watched_after_the_arrival_counts(house: House) -> None:
    """Between two looks: the date is newer than the last one that did not show it."""
    house.items = [movie(1)]
    house.sync()
    house.items.append(movie(2))
    house.play(ALICE, played(2, NOW + HOUR))
    house.sync(after=DAY)
    assert house.fact(2).watched_by == {ALICE.user_id}
    assert house.fact(2).last_watched_at == NOW + HOUR


def test_a_press_of_play_on_an_arrival_is_no_watching(house: House) -> None:
    """Jellyfin 12 keeps the old flag then, and counts a second play."""
    house.items = [movie(1)]
    house.sync()
    house.items.append(movie(2))
    pressed = UserData(
        item_id=item_id(2), played=True, play_count=2, last_played_at=NOW + HOUR
    )
    house.play(ALICE, pressed)
    house.sync(event(2, NOW + HOUR, seconds=5), after=DAY)
    assert house.fact(2).watched_by == set()
    assert house.fact(2).last_watched_at == NOW + HOUR
    house.sync(event(2, NOW + 2 * DAY, "long", seconds=3000), after=2 * DAY)
    assert house.fact(2).watched_by == {ALICE.user_id}


def test_a_mark_ahead_of_time_proves_nothing_of_an_arrival(house: House) -> None:
    """A date that is wrong does not tell that it is newer."""
    house.items = [movie(1)]
    house.sync()
    house.items.append(movie(2))
    house.play(ALICE, played(2, NOW + 4000 * DAY))
    for _ in range(2):
        house.sync(after=DAY)
        assert house.fact(2).watched_by == set()


@pytest.mark.parametrize("seen_off", [True, False])
def test_an_old_flag_counts_again_as_for_a_return(house: House, seen_off: bool) -> None:
    """It was seen to be off, or Jellystat has seen half of the film."""
    house.items = [movie(1)]
    house.sync()
    house.items.append(movie(2))
    house.play(ALICE, played(2, OLD))
    house.sync(event(2, OLD, "old", seconds=6000), after=DAY)
    assert house.fact(2).watched_by == set()
    if seen_off:
        house.play(ALICE, untouched(2))
        house.sync(after=DAY)
        house.play(ALICE, played(2, house.now))
        house.sync(after=HOUR)
    else:
        house.sync(event(2, house.now, "new", seconds=3000), after=DAY)
    assert house.fact(2).watched_by == {ALICE.user_id}


def test_the_last_poll_that_would_have_shown_it_counts(house: House) -> None:
    """It lists everything new, so what it did not list was not there."""
    house.items = [movie(1)]
    house.sync()
    house.poll(after=DAY)
    house.items.append(movie(2))
    house.play(ALICE, played(2, NOW + HOUR))
    house.sync(after=HOUR)
    assert house.fact(2).watched_by == set()
    assert house.fact(2).added_at == NOW + DAY


def test_the_first_sync_of_a_library_knows_no_arrivals(house: House) -> None:
    """Neither after the installation nor where it is managed from now on."""
    house.managed = [SHOWS]
    house.items = [movie(1)]
    house.sync()
    house.managed = [MOVIES, SHOWS]
    house.play(ALICE, played(1))
    house.sync(after=DAY)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(1).added_at == NOW - 100 * DAY


def test_at_the_first_sync_an_old_mark_counts_from_the_added_date(
    house: House,
) -> None:
    """The file came after it was marked: its retention begins with the file."""
    house.items = [movie(1), movie(2), movie(3, added_at=None)]
    house.play(ALICE, played(1, OLD), played(2, NOW - 50 * DAY), played(3, OLD))
    house.sync(event(1, OLD))
    for _ in range(2):
        assert house.fact(1).watched_by == {ALICE.user_id}
        assert house.fact(1).last_watched_at == NOW - 100 * DAY
        assert house.fact(2).last_watched_at == NOW - 50 * DAY
        assert house.fact(3).last_watched_at == OLD
        house.sync(after=DAY)


def test_an_added_date_cannot_lie_before_the_arrival(house: House) -> None:
    """Jellyfin may say 2018, or 1970, which is no date."""
    house.items = [movie(1)]
    house.sync()
    house.items += [movie(2, added_at=OLD), movie(3, added_at=None)]
    house.items.append(movie(4, added_at=NOW + HOUR))
    house.sync(after=DAY)
    assert house.fact(2).added_at == NOW
    assert house.fact(3).added_at == NOW
    assert house.fact(4).added_at == NOW + HOUR


@pytest.mark.parametrize("polled", [True, False], ids=["poll", "full sync"])
def test_a_move_to_another_library_is_no_arrival(house: House, polled: bool) -> None:
    """A new id, in a library that was there before."""
    other = Library(
        library_id="3" * 32,
        name="Old films",
        collection_type="movies",
        locations=("/media/old",),
    )
    house.libraries.append(other)
    house.managed.append(other)
    house.items = [movie(1, "7"), movie(9)]
    house.play(ALICE, played(1))
    house.sync()
    moved = movie(2, "7", library_id=other.library_id, path="/media/old/Film 1.mkv")
    house.items = [moved, movie(9)]
    if polled:
        house.poll(items=[moved], gone=[item_id(1)], after=DAY)
    house.sync(after=DAY)
    assert house.fact(2).watched_by == {ALICE.user_id}
    assert house.fact(2).added_at == NOW - 100 * DAY


def test_a_renamed_film_without_provider_id_is_the_same_file(house: House) -> None:
    """Its key is its id, so only the file tells."""
    house.items = [movie(1, "")]
    house.play(ALICE, played(1))
    house.sync(event(1, NOW - DAY))
    house.sync(after=HOUR)
    house.items = [movie(2, "", path="/media/movies/Renamed.mkv")]
    house.play(ALICE, untouched(2))
    house.sync(after=DAY)
    fact = house.fact(2)
    assert fact.watched_by == {ALICE.user_id}
    assert fact.last_watched_at == NOW - DAY
    assert fact.added_at == NOW - 100 * DAY


def test_a_library_that_is_made_anew_is_the_same(house: House) -> None:
    """Renamed, it has another id: what is new in it has arrived nevertheless."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    anew = Library(
        library_id="3" * 32,
        name="Films",
        collection_type="movies",
        locations=MOVIES.locations,
    )
    house.libraries = house.managed = [anew, SHOWS]
    house.items = [
        movie(1, library_id=anew.library_id),
        movie(2, library_id=anew.library_id),
    ]
    house.play(ALICE, played(2, OLD))
    house.sync(after=DAY)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(2).watched_by == set()


def test_another_file_came_while_nobody_looked(house: House) -> None:
    """A library that was out of sight for a month: the path is the same, the file not."""
    house.items = [movie(1), movie(2)]
    house.play(ALICE, played(1), played(2))
    house.sync()
    house.managed = [SHOWS]
    house.sync(after=DAY)
    house.managed = [MOVIES, SHOWS]
    house.items = [movie(1, added_at=NOW + 10 * DAY), movie(2)]
    house.sync(after=30 * DAY)
    assert house.fact(1).watched_by == set()
    assert house.fact(2).watched_by == {ALICE.user_id}


def test_a_new_ledger_knows_no_arrivals(house: House, tmp_path: Path) -> None:
    """What was lost is not held against the household."""
    house.items = [movie(1)]
    house.play(ALICE, played(1))
    house.sync()
    other = House(Ledger(tmp_path / "other.db"), house.items, plays=house.plays)
    other.sync()
    assert other.fact(1).watched_by == {ALICE.user_id}
    other.ledger.close()


# --- a file remembers ------------------------------------------------------------

SHOW = series(10, "81189")


def part(
    number: int, index: int, added: int, season: int = 1, **changes: object
) -> MediaItem:
    """Return an episode whose file was made so many days after the first one."""
    base = episode(number, SHOW, season, index)
    values = {name: getattr(base, name) for name in MediaItem.__slots__}
    values |= {
        "added_at": NOW - 100 * DAY + added * DAY,
        "path": f"/media/shows/Show/{number}.mkv",
    }
    return MediaItem(**(values | changes))


def before(house: House) -> None:
    """Sync a show of three episodes twice; alice has seen the first, bob the second."""
    house.items = [SHOW, part(11, 1, 0), part(12, 2, 1), part(13, 3, 2)]
    house.play(ALICE, played(11))
    house.play(BOB, played(12))
    house.sync(event(11, NOW - 9 * DAY))
    house.sync(after=HOUR)


NEW_IDS = [part(21, 1, 0, season=0), part(22, 1, 1), part(23, 2, 2)]
"""The three as a special and the first two episodes, under new ids."""

SAME_IDS = [part(21, 1, 0, season=0), part(11, 1, 1), part(12, 2, 2)]
"""The same under the paths, hence the ids, of those that had the number before."""

NFO_ONLY = [part(11, 1, 0, season=0), part(12, 1, 1), part(13, 2, 2)]
"""The same where no file was renamed."""


@pytest.mark.parametrize("polled", [True, False], ids=["poll", "full sync"])
@pytest.mark.parametrize(
    "after", [NEW_IDS, SAME_IDS, NFO_ONLY], ids=["renamed", "paths reused", "nfo only"]
)
def test_a_renumbered_file_takes_its_marks_along(
    house: House, after: list[MediaItem], polled: bool
) -> None:
    """Jellyfin gives the new number's flags to it; nobody but bob has seen that file."""
    before(house)
    special, first, second = after
    house.items = [SHOW, *after]
    house.plays = {}
    house.play(ALICE, UserData(item_id=first.item_id, played=True, last_played_at=OLD))
    house.play(BOB, UserData(item_id=second.item_id, played=True, last_played_at=OLD))
    if polled:
        gone = {item_id(11), item_id(12), item_id(13)}
        gone -= {one.item_id for one in after}
        house.poll(items=after, gone=gone, after=HOUR)
    for _ in range(3):
        house.sync(after=HOUR)
        facts = house.facts()
        assert facts[special.item_id].key == "episode:tvdb:81189:0:1"
        assert facts[special.item_id].watched_by == {ALICE.user_id}
        assert facts[first.item_id].key == "episode:tvdb:81189:1:1"
        assert facts[first.item_id].watched_by == {BOB.user_id}
        assert facts[second.item_id].watched_by == set()
        for one in after:
            # Another file's date is older than this one: it would be due by that.
            last = facts[one.item_id].last_watched_at
            assert last is None or one.added_at is None or last >= one.added_at
    assert facts[special.item_id].last_watched_at == NOW - 9 * DAY


@pytest.mark.parametrize(
    "after", [NEW_IDS, SAME_IDS, NFO_ONLY], ids=["renamed", "paths reused", "nfo only"]
)
def test_the_date_of_another_number_says_the_same_at_once(
    house: House, after: list[MediaItem]
) -> None:
    """It may be that of a play of this file: it postpones, from the first sync on."""
    before(house)
    _, first, _ = after
    house.items = [SHOW, *after]
    lately = NOW - 3 * DAY
    house.plays = {}
    house.play(ALICE, played(int(first.item_id, 16), lately))
    house.sync(after=HOUR)
    once = house.facts()
    assert once[first.item_id].watched_by == {BOB.user_id}
    assert once[first.item_id].last_watched_at == lately
    house.sync(after=HOUR)
    assert house.facts() == once


@pytest.mark.parametrize("reused", [True, False])
def test_another_file_under_a_number_whose_file_has_moved_on(
    house: House, reused: bool
) -> None:
    """The old first episode is a special now, and a new file is the first episode."""
    before(house)
    new = part(11 if reused else 31, 1, 99)
    house.items = [SHOW, part(21, 1, 0, season=0), new, part(12, 2, 1), part(13, 3, 2)]
    house.play(ALICE, played(11 if reused else 31))
    house.sync(after=DAY)
    assert house.fact(21).watched_by == {ALICE.user_id}
    assert house.facts()[new.item_id].watched_by == set()
    assert house.fact(12).watched_by == {BOB.user_id}


def test_files_that_nothing_tells_apart_take_nothing_along(house: House) -> None:
    """Same dates, same running times, other numbers: it could be any of them."""
    house.items = [SHOW, part(11, 1, 0), part(12, 2, 0), part(13, 3, 0)]
    house.play(ALICE, played(11))
    house.sync()
    house.items = [SHOW, part(21, 1, 0, season=0), part(22, 1, 0), part(23, 2, 0)]
    house.play(ALICE, played(22, OLD))
    house.sync(after=HOUR)
    assert not any(fact.watched_by for fact in house.facts().values())


def test_renamed_files_that_nothing_tells_apart_keep_their_numbers(
    house: House,
) -> None:
    """A folder that is renamed: every number is an old one."""
    house.items = [SHOW, part(11, 1, 0), part(12, 2, 0), part(13, 3, 0)]
    house.play(ALICE, played(11))
    house.sync()
    house.items = [SHOW, part(21, 1, 0), part(22, 2, 0), part(23, 3, 0)]
    house.play(ALICE, played(21))
    house.sync(after=HOUR)
    assert house.fact(21).watched_by == {ALICE.user_id}
    assert house.fact(22).watched_by == set()


@pytest.mark.parametrize("runtime", [None, 2900], ids=["unknown", "another"])
def test_the_date_alone_does_not_tell(house: House, runtime: int | None) -> None:
    """Another running time is another file; an unknown one could be."""
    before(house)
    house.items = [
        SHOW,
        part(21, 1, 0, season=0, runtime=runtime),
        part(12, 2, 1),
        part(13, 3, 2),
    ]
    house.sync(after=HOUR)
    assert house.fact(21).watched_by == set()


def test_an_upgrade_keeps_its_number_and_its_marks(house: House) -> None:
    """Another file under another id, or the same one: the number is all that is left."""
    before(house)
    house.items = [SHOW, part(21, 1, 50, runtime=2999), part(12, 2, 51), part(13, 3, 2)]
    house.sync(after=HOUR)
    assert house.fact(21).watched_by == {ALICE.user_id}
    assert house.fact(12).watched_by == {BOB.user_id}


def test_a_film_that_gets_the_id_of_another_one(house: House) -> None:
    """Jellyfin shows the marks of the film that it is said to be from now on."""
    house.items = [movie(1, "7"), movie(2, "8", runtime=5000)]
    house.play(ALICE, played(2))
    house.play(BOB, started(1))
    house.sync()
    house.items = [movie(1, "9")]
    house.play(ALICE, played(1, OLD))
    house.play(BOB, played(1, NOW - DAY))
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == set()
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == set()
    house.play(BOB, started(1, house.now))
    house.sync(after=HOUR)
    house.play(BOB, played(1, house.now))
    house.sync(after=HOUR)
    assert house.fact(1).watched_by == {BOB.user_id}


def test_a_poll_asks_for_the_rows_whose_file_came_back(house: House) -> None:
    """The last number of all has no new row, but its file has."""
    before(house)
    batch = house.ledger.begin_sync(complete=False)
    batch.add_items(NEW_IDS)
    assert set(batch.rivals(house.now)) == {item_id(one) for one in (11, 12, 13)}


@pytest.mark.parametrize("polled", [True, False], ids=["poll", "full sync"])
def test_a_flag_that_was_seen_before_the_new_number(house: House, polled: bool) -> None:
    """The number changes after all titles are listed and before flags are read.

    What somebody watched before the last list with the old number is about the file.
    """
    house.items = [movie(1, "7"), movie(2, "8")]
    house.play(ALICE, played(1))
    house.sync()
    house.sync(after=HOUR)
    house.play(BOB, played(1))
    if polled:
        house.poll(rows={BOB: [played(1)]}, after=HOUR)
    else:
        house.sync(after=HOUR)
    assert house.fact(1).watched_by == {ALICE.user_id, BOB.user_id}
    house.items = [movie(1, "9"), movie(2, "8")]
    for _ in range(2):
        house.sync(after=HOUR)
        assert house.fact(1).watched_by == {ALICE.user_id}
        assert house.fact(1).doubtful_of == {BOB.user_id}


def test_wishes_after_a_renumbering(house: House) -> None:
    """A keep holds for both numbers; a day chosen for a file is not for another."""
    before(house)
    first = MediaKey("episode:tvdb:81189:1:1")
    house.ledger.keep(Keep(key=first, kept_at=NOW))
    house.ledger.schedule_manually(first, NOW)
    house.ledger.schedule({f"episode:{first}": (first, NOW)}, NOW, 3 * DAY)
    house.items = [SHOW, *NEW_IDS]
    house.sync(after=5 * DAY)
    assert set(house.ledger.keeps(house.now)) == {
        first,
        MediaKey("episode:tvdb:81189:0:1"),
    }
    assert house.ledger.manual_schedule() == {}
    entry = house.ledger.schedule({f"episode:{first}": (first, NOW)}, house.now, DAY)
    assert entry[f"episode:{first}"].first_scheduled_at == house.now


def test_what_was_known_of_a_number_whose_file_could_be_any(house: House) -> None:
    """It was played since the last full sync, and announced: that was another file."""
    house.items = [SHOW, part(11, 1, 0), part(12, 2, 0), part(13, 3, 0)]
    house.sync()
    first = MediaKey("episode:tvdb:81189:1:1")
    house.ledger.schedule_manually(first, NOW)
    house.ledger.schedule({f"episode:{first}": (first, NOW)}, NOW, 3 * DAY)
    house.items = [SHOW, part(21, 1, 0, season=0), part(22, 1, 0), part(23, 2, 0)]
    house.play(ALICE, played(22, house.now + HOUR))
    for _ in range(3):
        house.sync(after=5 * DAY)
        assert house.fact(22).watched_by == set()
    assert house.ledger.manual_schedule() == {}
    entry = house.ledger.schedule({f"episode:{first}": (first, NOW)}, house.now, DAY)
    assert entry[f"episode:{first}"].first_scheduled_at == house.now
