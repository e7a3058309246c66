"""What the breaker measures, part by part, and what it remembers."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
import json

import pytest

from custom_components.oxicleanarr.cleanup.breaker import BreakerState, Look, review
from custom_components.oxicleanarr.cleanup.measure import Measure, Suspicion

from .test_breaker import (
    DAY,
    HOUR,
    NORMAL,
    NOW,
    QUARTER,
    Household,
    films,
    library,
    old_state,
)


def changes(house: Household, suspicion: Suspicion) -> list[tuple[str, int, int]]:
    """Return where a finding has seen a change, from what to what."""
    return [
        (one.scope, one.before, one.now) for one in house.finding(suspicion).changes
    ]


# --- the history -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [(5, 4, False), (5, 3, True), (10_000, 9500, False), (10_000, 9499, True)],
)
def test_plays_that_are_gone(before: int, after: int, found: bool) -> None:
    """One may go of a few, and 500 of very many."""
    house = Household(replace(NORMAL, history_rows=before))
    assert house.sync(history_rows=after) == (["history_shrank"] if found else [])


def test_plays_of_a_user() -> None:
    """One who is not counted any more has none; the limit is that of a user."""
    house = Household(replace(NORMAL, history={"alice": 990, "bob": 10}))
    assert house.sync(history_rows=990, history={"alice": 990}) == ["history_shrank"]
    assert changes(house, Suspicion.HISTORY_SHRANK) == [("user:bob", 10, 0)]
    house = Household(replace(NORMAL, history_rows=5000, history={"alice": 1000}))
    assert house.sync(history_rows=4850, history={"alice": 850}) == []


# --- libraries, kinds and users --------------------------------------------------


TWO = Measure(
    at=NOW,
    users=("alice", "bob"),
    titles={"a": library(100), "b": library(50, 200)},
    watched={"a": library(10), "b": library(5, 20)},
    watched_by={"a": {"alice": 10, "bob": 2}, "b": {"alice": 25, "bob": 1}},
)


def test_each_part_is_measured_by_itself() -> None:
    """The whole, each library, kind and user, with what is in several libraries."""
    house = Household(TWO)
    assert house.sync(
        watched={"a": library(90), "b": library(45, 180)},
        watched_by={"a": {"alice": 90, "bob": 40}, "b": {"alice": 200, "bob": 50}},
    ) == ["played_surged"]
    assert changes(house, Suspicion.PLAYED_SURGED) == [
        ("all", 35, 315),
        ("episode", 20, 180),
        ("library:a", 10, 90),
        ("library:b", 25, 225),
        ("movie", 15, 135),
        ("user:alice", 35, 290),
        ("user:bob", 3, 90),
    ]


def test_what_is_due_is_measured_by_kind_too() -> None:
    """A library without films among what is due has none, whatever else there is."""
    house = Household(TWO)
    due = {"a": library(35), "b": library(0, 90)}
    assert house.sync(due=due) == ["due_surged"]
    assert changes(house, Suspicion.DUE_SURGED) == [
        ("all", 0, 125),
        ("episode", 0, 90),
        ("library:a", 0, 35),
        ("library:b", 0, 90),
        ("movie", 0, 35),
    ]


def test_what_we_have_deleted_is_not_missing_from_any_part() -> None:
    """As much as may go of each part, and what has gone by our own hand."""
    titles = {"a": library(75), "b": library(40, 155)}
    deleted = {"a": library(5), "b": library(0, 5)}
    assert Household(TWO).sync(titles=titles, deleted=deleted) == []
    house = Household(TWO)
    assert house.sync(titles=titles, deleted={"b": deleted["b"]}) == [
        "inventory_shrank"
    ]
    assert changes(house, Suspicion.INVENTORY_SHRANK) == [
        ("all", 350, 270),
        ("library:a", 100, 75),
        ("movie", 150, 115),
    ]


def test_the_change_that_is_told_is_the_greatest() -> None:
    """As many times what may change: here that of a day, not that of five."""
    house = Household(replace(NORMAL, due={}))
    assert not house.sync(3 * DAY, due=films(40))
    assert house.sync(30 * HOUR, due=films(95)) == ["due_surged"]
    assert house.finding(Suspicion.DUE_SURGED).before == 40
    # So it is where no more than one may go: two of two are more than three of three.
    house = Household(replace(NORMAL, listed={"r": 3}))
    assert not house.sync(3 * DAY, listed={"r": 2})
    assert house.sync(listed={"r": 0}) == ["titles_unlisted"]
    assert changes(house, Suspicion.TITLES_UNLISTED) == [("server:r", 2, 0)]


def test_a_day_is_a_day() -> None:
    """What was measured exactly one day ago is compared as of today."""
    house = Household()
    assert not house.sync(12 * HOUR, watched=films(85))
    assert house.sync(12 * HOUR, watched=films(101)) == ["played_surged"]


def test_a_part_has_a_name() -> None:
    """The finding has that of its greatest change; it is about no titles here."""
    house = Household(replace(NORMAL, history={"alice": 990, "bob": 10}))
    look = house.look()
    measure = replace(look.measure, history={"alice": 990, "bob": 3})
    state = review(
        house.state, replace(look, measure=measure, names={"user:bob": "Bob"})
    )
    (finding,) = state.findings
    assert (finding.scope, finding.name, finding.titles) == ("user:bob", "Bob", "")


# --- users who come and go -------------------------------------------------------

ALICE_AND_BOB = replace(
    NORMAL,
    users=("alice", "bob"),
    watched=films(100),
    watched_by={"films": {"alice": 40, "bob": 60}},
)


def test_a_friend_who_is_new() -> None:
    """What the friend brings is measured by itself, and excuses nobody else."""
    measure = replace(NORMAL, users=("alice",), watched_by={"films": {"alice": 60}})
    assert not Household(measure).sync(
        users=("alice", "bob"),
        watched=films(115),
        watched_by={"films": {"alice": 80, "bob": 35}},
    )
    house = Household(measure)
    assert house.sync(
        users=("alice", "bob"),
        watched=films(150),
        watched_by={"films": {"alice": 60, "bob": 90}},
    ) == ["played_surged"]
    assert changes(house, Suspicion.PLAYED_SURGED) == [("user:bob", 0, 90)]


@pytest.mark.parametrize("users", [None, ("alice",)])
def test_nobody_is_new(users: tuple[str, ...] | None) -> None:
    """What somebody watches who was there, or may have been, is no excuse."""
    by_alice = {"films": {"alice": 60}}
    house = Household(replace(NORMAL, users=users, watched_by=by_alice))
    assert house.sync(
        users=("alice",), watched=films(150), watched_by={"films": {"alice": 150}}
    ) == ["played_surged"]
    assert changes(house, Suspicion.PLAYED_SURGED)[0] == ("all", 60, 150)


@pytest.mark.parametrize(
    ("bob", "zed", "found"),
    [
        (60, 40, []),
        (100, 40, []),
        (101, 40, [("user:bob", 60, 101)]),
        (60, 41, [("user:zed", 0, 41)]),
    ],
)
def test_who_was_away_is_compared_with_before(
    bob: int, zed: int, found: list[tuple[str, int, int]]
) -> None:
    """Off and on again is no surge; what was watched meanwhile is measured."""
    house = Household(ALICE_AND_BOB)
    assert not house.sync(
        users=("alice",), watched=films(40), watched_by={"films": {"alice": 40}}
    )
    house.sync(
        users=("alice", "bob", "zed"),
        watched=films(40 + bob),
        watched_by={"films": {"alice": 40, "bob": bob, "zed": zed}},
    )
    assert bool(house.state.findings) is bool(found)
    if found:
        assert changes(house, Suspicion.PLAYED_SURGED) == found


def test_who_is_measured_where_users_were_not_known() -> None:
    """Nobody counts as new: what a user has watched is all of it a change."""
    house = Household(replace(NORMAL, users=None))
    assert house.sync(
        users=("alice",), watched=films(110), watched_by={"films": {"alice": 110}}
    ) == ["played_surged"]
    assert changes(house, Suspicion.PLAYED_SURGED) == [
        ("all", 60, 110),
        ("library:films", 60, 110),
        ("movie", 60, 110),
        ("user:alice", 0, 110),
    ]


@pytest.mark.parametrize(
    ("watched_by", "found"),
    [
        # Bob was away and is back as he was; zed is new, and nobody looks past him.
        ({"alice": 40, "bob": 60, "zed": 41}, [("user:zed", 0, 41)]),
        ({"alice": 40, "bob": 60, "zed": 40}, []),
    ],
)
def test_who_is_back_hides_nobody(
    watched_by: dict[str, int], found: list[tuple[str, int, int]]
) -> None:
    """Days ago more might have changed; somebody new is compared with a moment ago."""
    house = Household(ALICE_AND_BOB)
    assert not house.sync(
        2 * DAY,
        users=("alice",),
        watched=films(40),
        watched_by={"films": {"alice": 40}},
    )
    house.sync(
        users=("alice", "bob", "zed"),
        watched=films(sum(watched_by.values())),
        watched_by={"films": watched_by},
    )
    assert bool(house.state.findings) is bool(found)
    if found:
        assert changes(house, Suspicion.PLAYED_SURGED) == found


@pytest.mark.parametrize(("bob", "found"), [(100, False), (101, True)])
def test_who_could_not_log_in_for_some_days(bob: int, found: bool) -> None:
    """What was known of him all the time is what he is compared with."""
    house = Household(ALICE_AND_BOB)
    for _ in range(2):
        assert not house.sync(2 * DAY, users=("alice",))
    house.sync(
        users=("alice", "bob"),
        watched=films(40 + bob),
        watched_by={"films": {"alice": 40, "bob": bob}},
    )
    assert bool(house.state.findings) is found
    if found:
        assert changes(house, Suspicion.PLAYED_SURGED) == [("user:bob", 60, 101)]


@pytest.mark.parametrize(
    "measure",
    [
        replace(NORMAL, favorites={"a": 1}),
        replace(NORMAL, watched_by={"films": {"a": 1}}),
    ],
)
def test_the_only_one_who_counts_is_gone(measure: Measure) -> None:
    """One of three, and nobody else had a favorite or had watched anything."""
    house = Household(replace(measure, users=("a", "b", "c")))
    assert house.sync(users=("b", "c")) == ["users_vanished"]
    assert changes(house, Suspicion.USERS_VANISHED) == [("all", 3, 2)]


def test_how_many_users_there_were() -> None:
    """The oldest measure is told: those who had left before count among the gone."""
    house = Household(replace(NORMAL, users=("a", "b", "c", "d")))
    assert not house.sync(HOUR, users=("a", "b", "c"))
    assert house.sync(HOUR, users=("a",)) == ["users_vanished"]
    assert changes(house, Suspicion.USERS_VANISHED) == [("all", 4, 1)]


def test_favorites_of_each_user_and_of_all() -> None:
    """Who has none any more has lost all; who is gone does not count."""
    house = Household(
        replace(NORMAL, users=("a", "b"), favorites={"a": 30, "b": 30, "gone": 9})
    )
    assert house.sync(favorites={"a": 10}) == ["favorites_vanished"]
    assert changes(house, Suspicion.FAVORITES_VANISHED) == [
        ("all", 60, 10),
        ("user:a", 30, 10),
        ("user:b", 30, 0),
    ]
    house = Household(replace(NORMAL, users=("a",), favorites={"a": 5}))
    assert house.sync(favorites={"a": 2}) == ["favorites_vanished"]
    assert changes(house, Suspicion.FAVORITES_VANISHED) == [
        ("all", 5, 2),
        ("user:a", 5, 2),
    ]


def test_requests_of_each_user_and_of_all() -> None:
    """Who has not asked for anything any more has no requests."""
    house = Household(replace(NORMAL, requested={"all": 30, "7": 20, "8": 10}))
    assert house.sync(requested={"all": 10, "8": 10}) == ["requests_vanished"]
    assert changes(house, Suspicion.REQUESTS_VANISHED) == [
        ("all", 30, 10),
        ("requester:7", 20, 0),
    ]


def test_what_we_had_removed_before_is_no_excuse() -> None:
    """Only what has gone in between."""
    house = Household(
        replace(
            NORMAL,
            listed={"r": 30},
            removed={"r": 25},
            tagged={"quick": 30},
            deleted=films(25),
        )
    )
    assert house.sync(listed={"r": 5}, tagged={"quick": 5}) == [
        "tags_vanished",
        "titles_unlisted",
    ]
    assert changes(house, Suspicion.TITLES_UNLISTED) == [("server:r", 30, 5)]
    assert changes(house, Suspicion.TAGS_VANISHED) == [("tag:quick", 30, 5)]
    house = Household(replace(NORMAL, listed={"r": 30}))
    assert not house.sync(listed={"r": 5}, removed={"r": 12})


# --- which libraries are the same ------------------------------------------------


def test_libraries_that_are_joined_or_made_anew_together() -> None:
    """Each title counts once, and the new id names the library."""
    measure = Measure(
        at=NOW,
        titles={"a": library(100), "b": library(100)},
        watched={"a": library(20), "b": library(20)},
    )
    evens, odds = range(0, 128, 2), range(1, 129, 2)
    house = Household(measure, a=evens, b=odds)
    house.samples = {"b": tuple(range(64))}
    assert not house.sync(titles={"b": library(200)}, watched={"b": library(40)})
    house = Household(measure, a=evens, b=odds)
    house.samples = {"x": tuple(evens), "y": tuple(odds)}
    assert house.sync(
        titles={"x": library(100), "y": library(100)},
        watched={"x": library(41), "y": library(40)},
    ) == ["played_surged"]
    assert changes(house, Suspicion.PLAYED_SURGED) == [
        ("all", 40, 81),
        ("library:x", 20, 41),
        ("movie", 40, 81),
    ]


def test_a_library_with_a_new_id_is_called_by_that() -> None:
    """Also where the old one comes first in the alphabet."""
    house = Household(films=range(64))
    house.samples = {"new": tuple(range(64))}
    assert house.sync(
        titles={"new": library(200)}, watched={"new": library(150)}, due={}
    ) == ["played_surged"]
    scopes = [scope for scope, _, _ in changes(house, Suspicion.PLAYED_SURGED)]
    assert scopes == ["all", "library:new", "movie"]


@pytest.mark.parametrize(("kids", "found"), [(80, True), (81, False)])
def test_what_is_moved_and_what_is_copied(kids: int, found: bool) -> None:
    """A library that has more than twice what another one has lost is a new one."""
    house = Household(films=range(64))
    house.samples["kids"] = tuple(range(64))
    assert house.sync(
        titles={"films": library(160), "kids": library(kids)},
        watched={"films": library(60), "kids": library(kids)},
    ) == (["played_surged"] if found else [])


def test_copies_that_were_there_before_replace_nothing() -> None:
    """A library beside the one that shrank has not taken in what is gone from it."""
    titles = {"films": library(200), "uhd": library(60)}
    house = Household(Measure(at=NOW, titles=titles), films=range(64), uhd=range(64))
    assert house.sync(titles=titles | {"films": library(150)}) == ["inventory_shrank"]
    assert changes(house, Suspicion.INVENTORY_SHRANK) == [("library:films", 200, 150)]


def test_what_is_new_hides_nothing() -> None:
    """The other libraries are compared as ever."""
    house = Household(
        Measure(at=NOW, titles={"films": library(200), "zoo": library(200)})
    )
    assert house.sync(
        titles={"films": library(200), "kids": library(200), "zoo": library(200)},
        due={"kids": library(81)},
        watched={"zoo": library(150)},
    ) == ["played_surged", "due_surged"]
    assert changes(house, Suspicion.DUE_SURGED) == [("library:kids", 0, 81)]
    assert ("library:zoo", 0, 150) in changes(house, Suspicion.PLAYED_SURGED)


def test_half_of_what_can_be_compared_is_enough() -> None:
    """Fifteen of thirty hashes are the same, and the greatest is one of them."""
    for common, same in ((14, True), (13, False)):
        own = 29 - common
        house = Household(
            Measure(at=NOW, titles=films(20)),
            films=[*range(common), *range(100, 100 + own), 999],
        )
        house.samples = {"new": (*range(common), *range(200, 200 + own), 999)}
        found = house.sync(titles={"new": library(20)})
        assert found == ([] if same else ["inventory_shrank"])


# --- what is remembered ----------------------------------------------------------


def test_what_is_not_measured_stays_as_it_was() -> None:
    """Until it is measured again."""
    house = Household(
        replace(NORMAL, users=("a",), favorites={"a": 50}, history={"a": 1000})
    )
    house.sync(favorites=None, history=None)
    last = house.state.last
    assert last is not None
    assert (last.favorites, last.history) == ({"a": 50}, {"a": 1000})
    house.sync(favorites={"a": 49}, history={"a": 999})
    last = house.state.last
    assert last is not None
    assert (last.favorites, last.history) == ({"a": 49}, {"a": 999})


def test_what_has_not_changed_is_not_remembered_anew() -> None:
    """It is as it was when it was measured first."""
    house = Household()
    last = house.state.last
    house.sync(HOUR)
    assert house.state.last is last


def test_nothing_grows_too_old_while_a_finding_stands() -> None:
    """What it is compared with would be forgotten unseen."""
    house = Household()
    for _ in range(20):
        assert house.sync(DAY, titles=films(20)) == ["inventory_shrank"]
    assert house.state.earlier[0].at <= house.now - 20 * DAY


def test_what_is_remembered_of_a_week() -> None:
    """A measure every three hours of the last day, and one of each day before."""
    house = Household()
    for count in range(24 * 12):
        house.sync(HOUR, history_rows=1000 + count)
    ages = [(house.now - one.at) / HOUR for one in house.state.earlier]
    days = [one for one in ages if one > 27]
    assert all(one - other >= 24 for one, other in pairwise(days))
    assert ages[len(days) :] == list(range(27, -1, -3))
    assert 6 <= len(days) <= 8
    assert days[0] <= 8 * 24


def test_what_is_remembered_for_eight_days() -> None:
    """A measure of exactly then is still there, and a second later it is not."""
    house = Household()
    begun = house.now
    house.sync(8 * DAY)
    assert [one.at for one in house.state.earlier] == [begun, house.now]
    house.sync(timedelta(seconds=1))
    assert [one.at for one in house.state.earlier] == [begun + 8 * DAY]


def test_what_a_library_held_is_remembered_for_some_days() -> None:
    """Then it is what it holds; or at once, when somebody has looked."""
    old, new = tuple(range(64)), tuple(range(100, 164))
    house = Household(films=old)
    house.state = replace(house.state, samples_at=house.now)
    house.samples["films"] = new
    house.sync(DAY)
    house.sync(7 * DAY)
    assert house.state.samples == {"films": old}
    house.sync(QUARTER)
    assert (house.state.samples, house.state.samples_at) == ({"films": new}, house.now)

    house = Household(films=old)
    house.sync(DAY)
    house.samples["films"] = new
    assert house.sync(titles=films(100)) == ["inventory_shrank"]
    house.lift(Suspicion.INVENTORY_SHRANK)
    assert house.state.samples_at == house.now
    house.samples = {"new": new}
    assert not house.sync(titles={"new": library(100)}, watched={}, due={})


def test_plays_that_jellystat_missed_are_some_plays() -> None:
    """Three are enough, and of others it is another finding."""
    look = Look(measure=NORMAL, unseen_plays=3)
    (finding,) = review(BreakerState(last=NORMAL), look).findings
    assert (finding.now, finding.titles) == (3, "")
    look = replace(look, prints={Suspicion.JELLYSTAT_SILENT: "these"})
    assert review(BreakerState(last=NORMAL), look).findings[0].titles == "these"


def test_a_grace_that_is_over_leaves_nothing() -> None:
    """All that was remembered for it is forgotten."""
    state = BreakerState(
        last=NORMAL,
        waiting=films(5),
        waiting_from=NOW - 2 * DAY,
        waiting_until=NOW - timedelta(seconds=1),
    )
    state = review(state, Look(measure=NORMAL))
    assert (state.waiting, state.waiting_from, state.waiting_until) == ({}, None, None)


def test_what_an_earlier_release_measured_is_stored_as_it_was() -> None:
    """It is not compared where one of its libraries is not looked at any more."""
    state = old_state()
    stored = json.loads(json.dumps(state.to_mapping()))
    assert BreakerState.from_mapping(stored) == state
    one, other, _ = state.last.scope  # type: ignore[union-attr]
    look = Look(
        measure=Measure(at=NOW, history_rows=10, titles={one: library(7)}),
        unmanaged=frozenset({other}),
    )
    assert review(state, look).findings == ()
