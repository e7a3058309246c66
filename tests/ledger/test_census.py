"""What there is, counted by library, kind and user."""

from custom_components.oxicleanarr.ledger import DeletionOutcome, Question, Source
from custom_components.oxicleanarr.model import (
    ArrTitle,
    MediaKind,
    OwnedFacts,
    Requester,
)

from .conftest import (
    ALICE,
    BOB,
    DAY,
    MOVIES,
    NOW,
    SHOWS,
    House,
    event,
    item_id,
    movie,
    planned,
    played,
)

BOTH = (MOVIES.library_id, SHOWS.library_id)


def test_everything_is_counted(full: House) -> None:
    """By the libraries that are looked at only."""
    full.play(ALICE, played(1), played(11))
    full.play(BOB, played(1), played(2))
    full.favorites = {ALICE.user_id: {item_id(1), item_id(10)}}
    full.sync(event(1, NOW - DAY), event(2, NOW - DAY, "two", BOB))
    census = full.ledger.census(
        Question(managed=BOTH, due=[item_id(2), item_id(12), item_id(99)])
    )
    assert census.inventory.titles == {
        MOVIES.library_id: {"movie": 2},
        SHOWS.library_id: {"episode": 2},
    }
    assert census.inventory.watched == {
        MOVIES.library_id: {"movie": 2},
        SHOWS.library_id: {"episode": 1},
    }
    assert census.inventory.watched_by == {
        MOVIES.library_id: {ALICE.user_id: 1, BOB.user_id: 2},
        SHOWS.library_id: {ALICE.user_id: 1},
    }
    assert census.due == {
        MOVIES.library_id: {"movie": 1},
        SHOWS.library_id: {"episode": 1},
    }
    assert census.favorites == {ALICE.user_id: 2}
    assert census.users == {ALICE.user_id: "alice", BOB.user_id: "bob"}
    assert census.history == {ALICE.user_id: 1, BOB.user_id: 1}
    assert census.inventory.deleted == {}
    assert [len(one) for one in census.inventory.samples.values()] == [2, 1]
    movies = full.ledger.census(
        Question(managed=BOTH[:1], due=[item_id(12)], history={"x": 1})
    )
    for counts in (
        movies.inventory.titles,
        movies.inventory.watched,
        movies.inventory.watched_by,
        movies.inventory.samples,
    ):
        assert list(counts) == [MOVIES.library_id]
    assert movies.due == {}
    assert movies.history == {"x": 1}
    again = full.ledger.census(Question(managed=BOTH, inventory=movies.inventory))
    assert again.inventory is movies.inventory


def test_which_titles_are_watched_makes_a_difference(full: House) -> None:
    """Not only how many."""
    prints = []
    for film in (1, 2):
        full.play(ALICE, played(film))
        full.sync(after=DAY)
        prints.append(
            full.ledger.census(Question(managed=BOTH)).inventory.watched_print
        )
        full.sync()
        again = full.ledger.census(Question(managed=BOTH)).inventory.watched_print
        assert again == prints[-1]
    assert len(set(prints)) == 2


def test_what_we_have_deleted_is_counted(full: House) -> None:
    """Also what Jellyfin lists no more before that is confirmed; not what failed."""
    (item,) = full.ledger.find(item_id(1))
    (other,) = full.ledger.find(item_id(2))
    for outcome in (DeletionOutcome.FAILED, DeletionOutcome.DELETED):
        number = full.ledger.intend(planned(), item, NOW)
        full.ledger.conclude(number, outcome, NOW)
    number = full.ledger.intend(planned(2), other, NOW)
    full.ledger.conclude(number, DeletionOutcome.UNCONFIRMED, NOW)
    question = Question(managed=BOTH)
    assert full.ledger.census(question).inventory.deleted == {
        MOVIES.library_id: {"movie": 1}
    }
    full.items = full.items[2:]
    full.sync()
    assert full.ledger.census(question).inventory.deleted == {
        MOVIES.library_id: {"movie": 2}
    }


def test_tags_are_counted_wherever_they_are(full: House) -> None:
    """In Jellyfin, in Radarr, or in both: a title is one."""
    full.items[0] = movie(1, tags=frozenset({"Keep"}))
    full.sync()
    full.ledger.note_answer(Source.RADARR, True)
    full.ledger.store_owned(
        MediaKind.MOVIE,
        [
            OwnedFacts(item_id=item_id(one), tags=frozenset({"keep", "x"}))
            for one in (1, 2)
        ],
    )
    census = full.ledger.census(Question(managed=BOTH, labels=["KEEP", "none"]))
    assert census.tagged == {"keep": 2, "none": 0}
    assert full.ledger.census(Question(managed=BOTH)).tagged == {}


def test_what_radarr_lists_is_counted(full: House) -> None:
    """And what we have removed from it ourselves."""
    titles = [ArrTitle(title_id=one, title="") for one in (1, 2, 3)]
    full.ledger.note_listed("radarr", titles, NOW)
    full.ledger.note_titles("radarr", {1, 2})
    census = full.ledger.census(Question(managed=BOTH, connections=["radarr", "new"]))
    assert census.listed == {"radarr": 2, "new": 0}
    assert census.removed == {"radarr": 1, "new": 0}


def test_what_people_asked_for_is_counted(full: House) -> None:
    """By who asked, each title once in all, and only what is there."""
    anna = Requester(request_user_id=7, names=frozenset({"anna", "Anna"}))
    nobody = Requester(request_user_id=8)
    full.ledger.store_requests(
        {
            item_id(1): (anna,),
            item_id(2): (anna, nobody),
            item_id(3): (),
            item_id(10): None,
            item_id(99): (anna,),
        }
    )
    census = full.ledger.census(Question(managed=BOTH, requests=True))
    assert census.requested == {"all": 2, "7": 2, "8": 1}
    assert census.requesters == {"7": "Anna"}
    assert full.ledger.census(Question(managed=BOTH)).requested is None


def test_a_forgotten_play_that_is_read_twice_counts_once(full: House) -> None:
    """Else as many plays could go missing unseen."""
    full.ledger.purge(NOW, before=None)
    late = event(1, NOW - DAY)
    full.sync(late, late)
    assert full.ledger.census(Question(managed=BOTH)).history == {ALICE.user_id: 1}
