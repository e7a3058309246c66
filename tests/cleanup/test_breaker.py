"""The breaker: what stops deletion until somebody has looked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import sqlite3
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.cleanup import say
from custom_components.oxicleanarr.cleanup.breaker import (
    BreakerState,
    Change,
    Finding,
    Look,
    await_grace,
    lift,
    look_at,
    review,
    with_finding,
    without_finding,
)
from custom_components.oxicleanarr.cleanup.measure import (
    Counts,
    Measure,
    Suspicion,
    greatest_of,
    limit,
)
from custom_components.oxicleanarr.ledger import Census, InventoryCounts, LedgerState

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
OLD = Path(__file__).parents[1] / "ledger" / "fixtures" / "71b979b.db"


def library(movies: int = 0, episodes: int = 0) -> dict[str, int]:
    """Return how many there are of each kind."""
    counts = {"movie": movies, "episode": episodes}
    return {kind: count for kind, count in counts.items() if count}


NORMAL = Measure(
    at=NOW,
    history_rows=1000,
    titles={"films": library(200)},
    watched={"films": library(60)},
    due={"films": library(5)},
)


class Household:
    """What the breaker sees of a household, sync after sync."""

    def __init__(
        self, measure: Measure = NORMAL, *, old: bool = True, **samples: Iterable[int]
    ) -> None:
        """Begin with a household that has been there for some time, or has not."""
        self.now = measure.at
        self.measure = measure
        self.samples = {one: tuple(hashes) for one, hashes in samples.items()}
        self.unmanaged: frozenset[str] = frozenset()
        self.print = ""
        self.state = BreakerState()
        for _ in range(2):
            self.sync(8 * DAY if old else QUARTER)

    def sync(self, after: Any = QUARTER, **changes: Any) -> list[str]:
        """Look at what has changed some time later; return the names of the findings."""
        self.now += after
        self.measure = replace(self.measure, at=self.now, **changes)
        self.state = review(self.state, self.look())
        stored = json.loads(json.dumps(self.state.to_mapping()))
        assert BreakerState.from_mapping(stored) == self.state
        return [one.suspicion for one in self.state.findings]

    def look(self) -> Look:
        """Return what is looked at."""
        return Look(
            measure=self.measure,
            samples=self.samples,
            unmanaged=self.unmanaged,
            prints={
                Suspicion.PLAYED_SURGED: self.print,
                Suspicion.DUE_SURGED: self.print,
            },
        )

    def lift(self, suspicion: Suspicion) -> None:
        """Accept a finding as it is."""
        self.state = lift(self.state, self.finding(suspicion), self.look())

    def finding(self, suspicion: Suspicion) -> Finding:
        """Return the finding of a kind."""
        (found,) = [one for one in self.state.findings if one.suspicion is suspicion]
        return found


def films(count: int) -> Counts:
    """Return so many movies of the one library."""
    return {"films": library(count)}


# --- how much is too much --------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "allowed"),
    [(0, 3), (1, 3), (5, 3), (9, 5.4), (25, 15), (75, 15), (200, 40), (2500, 500)],
)
def test_the_limit(size: int, allowed: float) -> None:
    """A share of a small house is few, a share of a huge one is thousands."""
    assert limit(size, 1) == pytest.approx(allowed)
    assert limit(50_000, 1) == 500


@pytest.mark.parametrize("name", ["watched", "due"])
def test_a_handful(name: str) -> None:
    """The only film of a library is watched and comes due, and so do two or three."""
    for size in (1, 2, 3):
        assert not Household(Measure(at=NOW, titles=films(size))).sync(
            **{name: films(size)}
        )
    measure = Measure(at=NOW, titles=films(4))
    assert Household(measure).sync(**{name: films(4)})


@pytest.mark.parametrize(
    ("changes", "suspicions"),
    [
        ({"history_rows": 900}, []),
        ({"history_rows": 899}, ["history_shrank"]),
        ({"history_rows": 0}, ["history_shrank"]),
        ({"titles": films(160)}, []),
        ({"titles": films(159)}, ["inventory_shrank"]),
        ({"titles": films(140), "deleted": films(25)}, []),
        ({"titles": films(130), "deleted": films(25)}, ["inventory_shrank"]),
        ({"watched": films(100)}, []),
        ({"watched": films(101)}, ["played_surged"]),
        ({"due": films(45)}, []),
        ({"due": films(46)}, ["due_surged"]),
    ],
)
def test_what_is_suspicious(changes: dict[str, Any], suspicions: list[str]) -> None:
    """Each limit, from both sides; and the same within a day as from sync to sync."""
    assert Household().sync(**changes) == suspicions
    house = Household()
    for _ in range(5):
        house.sync(HOUR)
    assert house.sync(**changes) == suspicions


@pytest.mark.parametrize(
    ("suspicion", "steps"),
    [
        (Suspicion.HISTORY_SHRANK, [{"history_rows": 1000 - 60 * n} for n in range(4)]),
        (
            Suspicion.INVENTORY_SHRANK,
            [{"titles": films(200 - 25 * n)} for n in range(4)],
        ),
        (Suspicion.PLAYED_SURGED, [{"watched": films(60 + 25 * n)} for n in range(4)]),
        (Suspicion.DUE_SURGED, [{"due": films(5 + 25 * n)} for n in range(4)]),
    ],
)
def test_little_by_little_is_seen_too(
    suspicion: Suspicion, steps: list[dict[str, Any]]
) -> None:
    """Within a day by the same limit, within a week by twice as much."""
    quick, slow = Household(), Household()
    assert not quick.sync(HOUR, **steps[1])
    assert quick.sync(20 * HOUR, **steps[2]) == [suspicion]
    for step in steps[:3]:
        assert not slow.sync(30 * HOUR, **step)
    slow.sync(30 * HOUR, **steps[3])
    last: dict[Suspicion, dict[str, Any]] = {
        Suspicion.HISTORY_SHRANK: {"history_rows": 780},
        Suspicion.INVENTORY_SHRANK: {"titles": films(115)},
        Suspicion.PLAYED_SURGED: {"watched": films(145)},
        Suspicion.DUE_SURGED: {"due": films(90)},
    }
    assert slow.sync(30 * HOUR, **last[suspicion]) == [suspicion]


def test_half_of_a_small_library_within_days() -> None:
    """What comes at four films a day is seen when it is more than half of them."""
    house = Household(Measure(at=NOW, titles=films(31)))
    for count in (4, 8, 12):
        assert not house.sync(20 * HOUR, watched=films(count))
    assert house.sync(20 * HOUR, watched=films(16)) == ["played_surged"]


BIG = Measure(
    at=NOW,
    titles={"films": library(5000), "shows": library(episodes=40_000)},
    watched={"shows": library(episodes=9000)},
)


@pytest.mark.parametrize(
    ("measure", "changes", "suspicion"),
    [
        (Measure(titles=films(9)), {"watched": films(9)}, "played_surged"),
        (Measure(titles=films(9)), {"due": films(9)}, "due_surged"),
        (
            BIG,
            {
                "watched": {
                    "films": library(5000),
                    "shows": library(episodes=9000),
                }
            },
            "played_surged",
        ),
        (BIG, {"due": films(5000)}, "due_surged"),
        (
            BIG,
            {"watched": {"shows": library(episodes=17_500)}},
            "played_surged",
        ),
        (
            Measure(titles={"shows": library(episodes=50_000)}),
            {"due": {"shows": library(episodes=14_999)}},
            "due_surged",
        ),
        (
            BIG,
            {"titles": {"shows": library(episodes=40_000)}},
            "inventory_shrank",
        ),
    ],
)
def test_blind_spots(measure: Measure, changes: dict[str, Any], suspicion: str) -> None:
    """Nine of nine films, eleven per cent of a huge house, one library of two."""
    house = Household(replace(measure, at=NOW))
    assert house.sync(**changes) == [suspicion]


def test_a_surge_a_day_is_found_every_day() -> None:
    """Each is new, also where the one before was accepted."""
    house = Household(BIG)
    for count in (17_500, 26_000, 34_500):
        watched = {"shows": library(episodes=count)}
        assert house.sync(6 * HOUR, watched=watched) == ["played_surged"]
        house.lift(Suspicion.PLAYED_SURGED)
        assert house.sync() == []


def test_a_finding_says_where() -> None:
    """The whole first, then each part with its name."""
    settled = dict.fromkeys(BIG.titles, NOW - 9 * DAY)
    state = review(
        BreakerState(last=BIG, since=settled),
        Look(
            measure=replace(BIG, due={"films": library(700)}),
            names={"movie": "movies", "library:films": "My films"},
        ),
    )
    (finding,) = state.findings
    assert finding.changes == (
        Change(scope="all", before=0, now=700),
        Change(scope="library:films", name="My films", before=0, now=700),
        Change(scope="movie", name="movies", before=0, now=700),
    )
    assert (finding.scope, finding.before, finding.now) == ("all", 0, 700)
    only = replace(finding, name="My films")
    assert say(only.reason).endswith("rose from 0 to 700 (My films).")


def test_by_user() -> None:
    """What one user has watched is seen, though others had watched it before."""
    measure = replace(
        NORMAL,
        users=("alice", "bob"),
        history={"alice": 990, "bob": 10},
        watched_by={"films": {"alice": 60, "bob": 3}},
    )
    house = Household(measure)
    assert house.sync(watched_by={"films": {"alice": 60, "bob": 43}}) == []
    house = Household(measure)
    assert house.sync(watched_by={"films": {"alice": 60, "bob": 44}}) == [
        "played_surged"
    ]
    assert house.finding(Suspicion.PLAYED_SURGED).scope == "user:bob"
    house = Household(measure)
    assert house.sync(history_rows=993, history={"alice": 990, "bob": 3}) == [
        "history_shrank"
    ]


def test_a_user_who_is_new_or_back() -> None:
    """A friend may have watched things elsewhere; not the whole library, though."""
    measure = replace(NORMAL, users=("alice",), watched_by={"films": {"alice": 60}})
    house = Household(measure)
    assert not house.sync(
        users=("alice", "bob"),
        watched=films(95),
        watched_by={"films": {"alice": 60, "bob": 35}},
    )
    assert not house.sync(
        users=("alice",), watched=films(60), watched_by={"films": {"alice": 60}}
    )
    assert not house.sync(
        DAY,
        users=("alice", "bob"),
        watched=films(95),
        watched_by={"films": {"alice": 60, "bob": 35}},
    )
    house = Household(measure)
    assert house.sync(
        users=("alice", "bob"),
        watched=films(150),
        watched_by={"films": {"alice": 60, "bob": 90}},
    ) == ["played_surged"]


# --- libraries -------------------------------------------------------------------


def test_a_library_that_is_made_anew_is_the_same() -> None:
    """It is compared by what it holds: its id and its folders may be others."""
    sample = range(1000, 1064)
    house = Household(films=sample)
    house.samples["new"] = tuple(range(64))
    # Other titles: one library has gone, and another one has come.
    assert house.sync(titles={"new": library(200)}, watched={"new": library(200)}) == [
        "inventory_shrank"
    ]
    house = Household(films=sample)
    house.samples["new"] = tuple(sample)
    assert not house.sync(
        titles={"new": library(200)},
        watched={"new": library(60)},
        due={"new": library(5)},
    )
    house = Household(films=sample)
    house.samples["new"] = tuple(sample)
    assert house.sync(
        titles={"new": library(200)},
        watched={"new": library(200)},
        due={"new": library(5)},
    ) == ["played_surged"]


@pytest.mark.parametrize(
    ("held", "holds", "same"),
    [
        # The only film; another one; nothing that is known.
        ([9], [9], True),
        ([9], [8], False),
        ([], [9], False),
        ([9], [], False),
        # One is a small part of the other: what is below all of it counts for nothing.
        ([*range(60, 70)], [*range(64)], True),
        ([*range(64)], [*range(60, 70)], True),
        # But three have to be the same, or of a few titles a third.
        ([*range(100, 164)], [*range(63), 100], False),
        ([*range(100, 164)], [*range(61), 100, 101], False),
        ([*range(100, 164)], [*range(61), 100, 101, 102], True),
        ([*range(100, 106)], [*range(61), 100, 101], True),
        ([*range(100, 107)], [*range(61), 100, 101], False),
    ],
)
def test_when_two_libraries_are_the_same(
    held: list[int], holds: list[int], same: bool
) -> None:
    """Most of what can be compared of one of them is in the other one."""
    measure = Measure(at=NOW, titles=films(20), watched=films(20))
    for one, other in ((held, holds), (holds, held)):
        house = Household(measure, films=one)
        house.samples = {"new": tuple(other)}
        found = house.sync(titles={"new": library(20)}, watched={"new": library(20)})
        assert found == ([] if same else ["inventory_shrank"])


def test_a_library_that_is_divided_is_the_same() -> None:
    """Half of the films get a library of their own, and are all watched."""
    house = Household(films=range(64))
    house.sync(DAY)
    house.samples |= {"films": tuple(range(0, 128, 2)), "kids": tuple(range(1, 128, 2))}
    titles = {"films": library(100), "kids": library(100)}
    assert not house.sync(
        titles=titles, watched={"films": library(30), "kids": library(30)}
    )
    assert house.sync(
        titles=titles, watched={"films": library(30), "kids": library(100)}
    ) == ["played_surged"]


def test_a_library_that_is_new_may_be_watched() -> None:
    """Also if it holds better copies of the same films; later it is compared, too."""
    house = Household(films=range(64))
    house.samples["uhd"] = tuple(range(64))
    both = {"films": library(200), "uhd": library(200)}
    watched = {"films": library(60), "uhd": library(60)}
    assert not house.sync(titles=both, watched=watched)
    assert house.sync(watched=watched | {"uhd": library(150)}) == ["played_surged"]


def test_what_is_new_is_not_due_at_once() -> None:
    """Everything waits for its grace: this comes from somewhere else."""
    due = {"films": library(5), "uhd": library(81)}
    titles = {"films": library(200), "uhd": library(200)}
    house = Household()
    for _ in range(2):
        assert house.sync(titles=titles, due=due) == ["due_surged"]
    house = Household(replace(NORMAL, due=films(81)))
    assert house.sync() == ["due_surged"]
    house.lift(Suspicion.DUE_SURGED)
    assert house.sync() == []


def test_a_library_of_which_we_have_deleted_everything() -> None:
    """It is empty, not gone."""
    house = Household(replace(NORMAL, titles=films(9), watched={}, due={}))
    assert not house.sync(titles={}, deleted=films(9))


@pytest.mark.parametrize(
    ("size", "count", "found"),
    [(9, 5, False), (9, 6, True), (60, 30, False), (60, 31, True), (5000, 1001, True)],
)
def test_what_is_due_at_the_beginning(size: int, count: int, found: bool) -> None:
    """After the first grace more may be due than later, but not the whole house."""
    measure = Measure(at=NOW, titles=films(size))
    house = Household(measure, old=False)
    house.sync(3 * DAY)
    assert house.sync(due=films(count)) == (["due_surged"] if found else [])
    titles = {"shows": library(episodes=size)}
    house = Household(replace(measure, titles=titles))
    titles |= {"films": library(size)}
    house.sync(titles=titles)
    house.sync(3 * DAY)
    assert house.sync(due=films(count)) == (["due_surged"] if found else [])


@pytest.mark.parametrize(
    ("age", "found"), [(7 * DAY - timedelta(seconds=1), False), (7 * DAY, True)]
)
def test_how_long_a_library_is_new(age: timedelta, found: bool) -> None:
    """For a week more of it may be due than of any other."""
    house = Household(Measure(at=NOW, titles=films(200)), old=False)
    until = house.state.since["films"] + age
    suspicions = house.sync(until - house.now, due=films(60))
    assert suspicions == (["due_surged"] if found else [])


def test_little_by_little_at_the_beginning() -> None:
    """What is due from the first grace is no excuse for what a new rule takes."""
    house = Household(Measure(at=NOW, titles=films(48)), old=False)
    assert not house.sync(3 * DAY, due=films(20))
    assert house.sync(3 * DAY, due=films(42)) == ["due_surged"]


def test_libraries_that_nobody_wants_to_be_read() -> None:
    """They are not gone: an option has changed."""
    house = Household(BIG)
    house.unmanaged = frozenset({"films"})
    assert not house.sync(titles={"shows": library(episodes=40_000)})
    house.unmanaged = frozenset()
    assert not house.sync(
        titles=BIG.titles,
        watched={"films": library(300), "shows": library(episodes=9000)},
    )


# --- what protects ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("abcd", "abc", False),
        ("abcd", "ab", False),
        ("abcd", "a", True),
        ("ab", "a", False),
        ("a", "", True),
        ("abcdefghij", "abcdefg", False),
        ("abcdefghij", "abcdef", True),
    ],
)
def test_users(before: str, after: str, found: bool) -> None:
    """One of four may leave; more than half, or more than a few at once, do not."""
    house = Household(replace(NORMAL, users=tuple(before)))
    assert house.sync(users=tuple(after)) == (["users_vanished"] if found else [])


@pytest.mark.parametrize(
    "measure",
    [
        replace(NORMAL, favorites={"a": 1}),
        replace(NORMAL, watched_by={"films": {"a": 1}}),
    ],
)
def test_the_only_user_who_counts(measure: Measure) -> None:
    """Nobody else had a favorite, or had watched anything."""
    house = Household(replace(measure, users=("a", "b", "c")))
    assert not house.sync(users=("a", "b"))
    assert house.sync(users=("b",)) == ["users_vanished"]


@pytest.mark.parametrize(
    ("name", "suspicion"),
    [
        ("favorites", "favorites_vanished"),
        ("tagged", "tags_vanished"),
        ("listed", "titles_unlisted"),
        ("requested", "requests_vanished"),
    ],
)
@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (2, 1, False),
        (4, 2, False),
        (4, 1, True),
        (30, 15, True),
        (30, 14, True),
        (1000, 800, False),
        (1000, 799, True),
        (9000, 8499, True),
    ],
)
def test_what_protects(
    name: str, suspicion: str, before: int, after: int, found: bool
) -> None:
    """Favorites of a user, titles of a tag, a list, what somebody asked for."""
    protecting: dict[str, Any] = {name: {"a": before}}
    measure = replace(NORMAL, users=("a", "b"), **protecting)
    house = Household(measure)
    assert house.sync(**{name: {"a": after}}) == ([suspicion] if found else [])
    assert house.sync(**{name: {"a": before}}) == []


def test_an_empty_list_is_found() -> None:
    """A Radarr that has nothing any more is not believed, however little it had."""
    assert Household(replace(NORMAL, listed={"r": 1})).sync(listed={"r": 0}) == [
        "titles_unlisted"
    ]


def test_no_request_at_all_is_found() -> None:
    """A Seerr that has lost all of them, but not whoever takes back the only one."""
    requested = {"all": 2, "7": 1, "8": 1}
    house = Household(replace(NORMAL, requested=requested))
    assert house.sync(requested={"all": 1, "7": 1}) == []
    assert house.sync(requested={"all": 0}) == ["requests_vanished"]
    assert house.finding(Suspicion.REQUESTS_VANISHED).scope == "all"
    assert house.sync(requested=None) == []
    assert house.sync(requested={"all": 0}) == ["requests_vanished"]
    house.lift(Suspicion.REQUESTS_VANISHED)
    assert house.sync() == []


def test_more_requests_are_the_new_normal() -> None:
    """What is lost later is compared with them."""
    house = Household(replace(NORMAL, requested={"all": 10}))
    assert house.sync(requested={"all": 100}) == []
    assert house.sync(requested={"all": 40}) == ["requests_vanished"]
    assert house.finding(Suspicion.REQUESTS_VANISHED).before == 100


def test_a_finding_knows_its_titles_where_they_are_counted() -> None:
    """Where they are not, numbers are all there is."""
    house = Household()
    house.sync(history_rows=10)
    assert house.finding(Suspicion.HISTORY_SHRANK).titles == ""
    for prints, titles in (({Suspicion.JELLYSTAT_SILENT: "p"}, "p"), ({}, "")):
        look = Look(measure=NORMAL, unseen_plays=9, prints=prints)
        (found,) = review(BreakerState(), look).findings
        assert found.titles == titles


def test_measures_are_thinned_and_samples_dated() -> None:
    """Of each day but the last one measure stays; samples are of the first look."""
    house = Household(old=False)
    begun = house.state.samples_at
    assert begun is not None
    for number in range(7 * 8):
        house.sync(3 * HOUR, history_rows=1000 + number)
        assert house.state.samples_at == begun
    assert 8 <= len(house.state.earlier) <= 18


def test_what_we_have_removed_is_not_missing() -> None:
    """Neither from a list nor from the titles with a tag."""
    measure = replace(
        NORMAL,
        listed={"r": 30},
        tagged={"quick": 30},
        requested={"all": 30, "7": 30},
    )
    house = Household(measure)
    assert not house.sync(
        listed={"r": 5},
        removed={"r": 25},
        tagged={"quick": 5},
        requested={"all": 5, "7": 5},
        deleted=films(25),
        titles=films(175),
    )


def test_what_is_not_measured_any_more() -> None:
    """Favorites that protect nothing, tags without a rule, a Radarr disconnected."""
    measure = replace(
        NORMAL,
        users=("a",),
        favorites={"a": 50},
        tagged={"keep": 50},
        listed={"r": 50},
        history={"a": 1000},
    )
    house = Household(measure)
    assert not house.sync(favorites=None, tagged={}, listed={}, history=None)
    assert house.sync(favorites={"a": 0}) == ["favorites_vanished"]


# --- how a finding ends ----------------------------------------------------------


def test_a_finding_goes_when_what_was_lost_is_back() -> None:
    """And until then it is compared with what was, however many syncs there are."""
    house = Household()
    for _ in range(20):
        assert house.sync(DAY, history_rows=10, titles=films(20)) == [
            "history_shrank",
            "inventory_shrank",
        ]
        assert house.finding(Suspicion.HISTORY_SHRANK).before == 1000
    assert house.sync(DAY, history_rows=1000, titles=films(200)) == []


def test_lifting_is_for_one_finding_only() -> None:
    """Somebody has looked at this one; the other still stands."""
    house = Household()
    house.sync(history_rows=10, titles=films(20))
    house.lift(Suspicion.HISTORY_SHRANK)
    assert house.sync() == ["inventory_shrank"]
    house.lift(Suspicion.INVENTORY_SHRANK)
    assert house.sync() == []
    assert house.sync(DAY) == []


@pytest.mark.parametrize("name", ["watched", "due"])
def test_what_is_accepted_is_accepted_up_to_its_number(name: str) -> None:
    """More than was looked at is a new finding, and so is the same after it had gone."""
    suspicion = {"watched": "played_surged", "due": "due_surged"}[name]
    house = Household()
    house.sync(**{name: films(120)})
    house.lift(Suspicion(suspicion))
    for after in (QUARTER, DAY, 3 * DAY):
        assert house.sync(after) == []
    assert house.sync(**{name: films(161)}) == [suspicion]
    assert house.sync(**{name: films(120)}) == []
    house.sync(10 * DAY, **{name: films(5)})
    assert house.sync(**{name: films(120)}) == [suspicion]


def test_plays_that_jellystat_missed_are_accepted_up_to_their_number() -> None:
    """It was down for an evening; if it goes on, that is a new finding."""

    def look(missed: int) -> Look:
        """Return a look at so many plays."""
        return Look(measure=NORMAL, unseen_plays=missed)

    state = review(BreakerState(last=NORMAL), look(2))
    assert not state.findings
    state = review(state, look(4))
    (finding,) = state.findings
    assert (finding.suspicion, finding.now) == ("jellystat_silent", 4)
    state = lift(state, finding, look(4))
    for _ in range(3):
        state = review(state, look(4))
        assert not state.findings
    assert review(state, look(5)).findings
    state = review(state, look(2))
    assert state.accepted_unseen == 0
    assert review(state, look(4)).findings


def test_the_identity_of_a_finding() -> None:
    """The same numbers and the same titles; how long ago it was otherwise is all one."""
    house = Household()
    house.print = "these"
    house.sync(watched=films(150))
    shown = house.finding(Suspicion.PLAYED_SURGED).identity
    house.sync(history_rows=1001)
    assert house.finding(Suspicion.PLAYED_SURGED).identity == shown
    house.print = "others"
    house.sync()
    others = house.finding(Suspicion.PLAYED_SURGED).identity
    house.print = "these"
    house.sync(watched=films(151))
    assert len({shown, others, house.finding(Suspicion.PLAYED_SURGED).identity}) == 3


def test_what_waits_for_the_grace_again_is_no_surprise() -> None:
    """It was due before Home Assistant was off; more than that was not."""
    house = Household()
    for count in (40, 75):
        assert not house.sync(2 * DAY, due=films(count))
    for _ in range(2):
        house.state = await_grace(house.state, house.now, 3 * DAY)
        house.sync(HOUR, due={})
    assert not house.sync(3 * DAY, due=films(75))
    house.sync(due={})
    assert house.sync(due=films(116)) == ["due_surged"]
    house.sync(due={})
    house.sync(2 * DAY)
    assert house.state.waiting == {}
    house.sync(20 * DAY)
    assert house.sync(due=films(41)) == ["due_surged"]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (timedelta(), False),
        (4 * DAY, False),
        (4 * DAY + timedelta(seconds=1), True),
        # The clock was put back: nobody knows what was due then.
        (-HOUR, True),
    ],
)
def test_how_long_something_waits_for_the_grace(after: timedelta, found: bool) -> None:
    """Until a day after its end; not before it has begun."""
    house = Household(replace(NORMAL, due={}))
    house.state = replace(
        house.state,
        last=replace(house.measure, due=films(75)),
        earlier=(replace(house.measure, due=films(75)),),
    )
    house.state = await_grace(house.state, house.now, 3 * DAY)
    house.state = replace(house.state, last=house.measure, earlier=())
    assert house.sync(after, due=films(75)) == (["due_surged"] if found else [])


def test_a_grace_that_begins_before_the_first_sync() -> None:
    """Nothing is known to have been due."""
    state = await_grace(BreakerState(), NOW, DAY)
    assert state == BreakerState(
        waiting_from=NOW, waiting_until=NOW + 2 * DAY, waiting={}
    )


def test_what_was_due_at_two_times_waits() -> None:
    """Of every kind in every library the greater number counts."""
    one = {"a": {"movie": 3, "episode": 1}, "b": {"movie": 2}, "d": {"movie": 0}}
    other = {"a": {"movie": 1, "episode": 5}, "c": {"movie": 7}, "d": {"episode": 0}}
    assert greatest_of(one, other) == {
        "a": {"movie": 3, "episode": 5},
        "b": {"movie": 2},
        "c": {"movie": 7},
        "d": {"movie": 0, "episode": 0},
    }


def test_a_clock_that_is_put_back() -> None:
    """What was measured in the future counts as measured now."""
    house = Household()
    house.sync(30 * DAY, watched=films(90))
    assert house.sync(-29 * DAY, watched=films(110)) == []
    assert all(one.at <= house.now for one in house.state.earlier)
    assert house.sync(2 * DAY, watched=films(140)) == []


def test_the_state_stays_small() -> None:
    """A few measures of the last day, and one of each day of a week."""
    house = Household()
    for count in range(20 * 96):
        house.sync(QUARTER, history_rows=1000 + count)
    assert len(house.state.earlier) <= 18
    assert house.now - house.state.earlier[0].at <= 8 * DAY


# --- ordinary life ---------------------------------------------------------------


_days = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 40),
    st.integers(0, 25),
    st.integers(0, 3),
)


@settings(deadline=None)
@given(st.integers(60, 6000), st.integers(120, 40_000), st.lists(_days, max_size=20))
def test_ordinary_life_is_no_finding(
    movies: int, episodes: int, days: list[tuple[int, int, int, int, int]]
) -> None:
    """Films and episodes are watched, added, come due a few a day and are deleted."""
    seen, seen_episodes, due, deleted = movies // 5, episodes // 5, 0, 0
    house = Household(
        Measure(
            at=NOW,
            titles={"films": library(movies), "shows": library(episodes=episodes)},
            watched={
                "films": library(seen),
                "shows": library(episodes=seen_episodes),
            },
        )
    )
    for films_watched, episodes_watched, added, cleaned, comes_due in days:
        for _ in range(3):
            assert not house.sync(8 * HOUR)
        seen = min(seen + films_watched, movies)
        seen_episodes = min(seen_episodes + episodes_watched, episodes)
        due = min(due + comes_due, movies)
        gone = min(cleaned, due)
        movies, due, seen = movies - gone + added, due - gone, max(0, seen - gone)
        deleted += gone
        assert not house.sync(
            titles={"films": library(movies), "shows": library(episodes=episodes)},
            watched={
                "films": library(seen),
                "shows": library(episodes=seen_episodes),
            },
            due=films(due),
            deleted=films(deleted),
        )


@pytest.mark.parametrize(
    ("titles", "count"),
    [
        (library(episodes=12), 6),
        (library(episodes=20), 10),
        (library(movies=30), 3),
        (library(movies=20), 12),
    ],
)
def test_a_weekend_and_a_season(titles: dict[str, int], count: int) -> None:
    """Six episodes in a weekend, a season of ten, three films a day."""
    kind = next(iter(titles))
    house = Household(Measure(at=NOW, titles={"a": titles}))
    assert not house.sync(watched={"a": {kind: count}})


@given(
    st.sampled_from(["watched", "due"]),
    st.integers(4, 60_000),
    st.integers(0, 60_000),
    st.integers(1, 3),
    st.sampled_from([QUARTER, HOUR, 5 * HOUR]),
)
def test_whatever_comes_over_a_library_is_found(
    name: str, size: int, others: int, parts: int, step: timedelta
) -> None:
    """All of it becomes watched or due within a day, at once or in parts."""
    house = Household(
        Measure(
            at=NOW, titles={"films": library(size), "shows": library(episodes=others)}
        )
    )
    found: list[str] = []
    for part in range(1, parts + 1):
        found += house.sync(step, **{name: films(size * part // parts)})
    assert found


@given(st.integers(4, 60_000), st.integers(0, 60_000), st.integers(1, 3))
def test_a_library_that_is_gone_is_found(size: int, others: int, parts: int) -> None:
    """Beside however many series."""
    shows = {"shows": library(episodes=others)}
    house = Household(Measure(at=NOW, titles={"films": library(size), **shows}))
    for part in range(1, parts + 1):
        found = house.sync(
            titles={"films": library(size - size * part // parts)} | shows
        )
    assert found == ["inventory_shrank"]


# --- findings that no sync has made ----------------------------------------------


def test_two_findings_that_no_sync_has_made() -> None:
    """They stand side by side, each once."""
    state = BreakerState(last=NORMAL)
    jumped = Finding(suspicion=Suspicion.CLOCK_JUMPED, now=5)
    replaced = Finding(suspicion=Suspicion.LEDGER_REPLACED)
    state = with_finding(with_finding(state, jumped), replaced)
    assert state.findings == (jumped, replaced)
    again = replace(jumped, now=7)
    state = with_finding(state, again)
    assert state.findings == (replaced, again)
    assert without_finding(state, Suspicion.CLOCK_JUMPED).findings == (replaced,)


@pytest.mark.parametrize(
    "suspicion",
    [Suspicion.CLOCK_JUMPED, Suspicion.LEDGER_REPLACED, Suspicion.OTHER_SERVER],
)
def test_some_findings_last(suspicion: Suspicion) -> None:
    """No later measure proves them wrong."""
    finding = Finding(suspicion=suspicion, now=5)
    state = with_finding(BreakerState(last=NORMAL), finding)
    look = Look(measure=NORMAL)
    state = review(state, look)
    assert state.findings == (finding,)
    assert lift(state, finding, look).findings == ()


def test_a_clock_that_jumped_is_found() -> None:
    """With how far."""
    (finding,) = review(
        BreakerState(), Look(measure=NORMAL, clock_error=-4000)
    ).findings
    assert (finding.suspicion, finding.now) == ("clock_jumped", -4000)


def test_a_finding_can_be_lifted_before_the_first_sync() -> None:
    """Then nothing is normal yet, and nothing becomes so by it."""
    finding = Finding(suspicion=Suspicion.LEDGER_REPLACED)
    state = with_finding(BreakerState(), finding)
    assert BreakerState.from_mapping(state.to_mapping()) == state
    assert lift(state, finding, None) == BreakerState()
    assert BreakerState.from_mapping(None) == BreakerState()


def test_every_finding_is_a_sentence() -> None:
    """With its numbers."""
    for suspicion in Suspicion:
        reason = say(Finding(suspicion=suspicion, before=7, now=3, name="Films").reason)
        assert reason.endswith(".")
        assert "{" not in reason


# --- what an earlier release has left --------------------------------------------


def old_state(**changes: object) -> BreakerState:
    """Return the state of 71b979b, with some of it changed."""
    connection = sqlite3.connect(f"file:{OLD}?mode=ro&immutable=1", uri=True)
    (text,) = connection.execute(
        "SELECT value FROM state WHERE name = 'breaker'"
    ).fetchone()
    connection.close()
    data = json.loads(text)
    data["baseline"] |= changes
    return BreakerState.from_mapping(data)


@pytest.mark.parametrize(
    ("titles", "watched", "due", "suspicions"),
    [
        (18, 3, 0, []),
        (8, 3, 0, []),
        (7, 3, 0, ["inventory_shrank"]),
        (18, 14, 0, ["played_surged"]),
        (18, 3, 11, ["due_surged"]),
    ],
)
def test_what_an_earlier_release_measured(
    titles: int, watched: int, due: int, suspicions: list[str]
) -> None:
    """It is compared as a whole, and held until somebody has looked."""
    state = old_state()
    one, *others = state.last.scope  # type: ignore[union-attr]
    assert len(others) == 2
    measure = Measure(
        at=NOW,
        history_rows=10,
        titles={one: library(titles)},
        deleted={one: library(9)},
        watched={one: library(watched)},
        due={one: library(due)},
    )
    for _ in range(2):
        state = review(state, Look(measure=measure))
        assert [one.suspicion for one in state.findings] == suspicions
    if suspicions:
        state = lift(state, state.findings[0], Look(measure=measure))
        state = review(state, Look(measure=measure))
        assert state.findings == ()
    assert state.last == measure


def test_lifting_what_an_earlier_release_measured() -> None:
    """One finding of several: the others stand."""
    state = old_state()
    one = state.last.scope[0]  # type: ignore[union-attr]
    look = Look(measure=Measure(at=NOW, titles={one: library(5)}, history_rows=1))
    for count, suspicion in ((2, "history_shrank"), (1, "inventory_shrank")):
        state = review(state, look)
        assert len(state.findings) == count
        assert state.findings[0].suspicion == suspicion
        state = lift(state, state.findings[0], look)
    assert review(state, look).findings == ()


def test_what_an_earlier_release_found() -> None:
    """It stands."""
    data = {
        "baseline": None,
        "accepted_due": 0,
        "accepted_unseen": 3,
        "findings": [{"suspicion": "ledger_replaced", "before": 0, "now": 0}],
    }
    state = BreakerState.from_mapping(data)
    assert state.accepted_unseen == 3
    assert state.findings == (Finding(suspicion=Suspicion.LEDGER_REPLACED),)
    assert await_grace(state, NOW, DAY).waiting == {}


# --- what is looked at -----------------------------------------------------------


def test_what_is_looked_at() -> None:
    """The census, the history, and plays that are too long ago to be under way."""
    late, long_ago = NOW - timedelta(hours=5, minutes=59), NOW - timedelta(hours=6)
    state = LedgerState(
        server_id="s",
        synced_at=NOW,
        fully_synced_at=NOW,
        history_complete=True,
        history_scanning=False,
        history_cursor=None,
        history_from=None,
        history_newest=None,
        history_rows=4711,
        history_read_at=NOW,
        activity_cursor=NOW,
        activity_read=frozenset(),
        dated_plays={},
        unseen_plays=(
            ("alice", "m1", long_ago),
            ("alice", "m1", long_ago - timedelta(days=1)),
            ("bob", "m1", long_ago),
            ("alice", None, long_ago),
            # It may still be running.
            ("alice", "m3", late),
        ),
        restored=False,
        poll_turn=0,
    )
    census = Census(
        inventory=InventoryCounts(
            titles={"films": library(100)},
            deleted={"films": library(7)},
            watched={"films": library(30)},
            watched_by={"films": {"b": 30}},
            watched_print="w",
            samples={"films": (1, 2)},
        ),
        due={"films": library(3)},
        favorites={"b": 4},
        tagged={"keep": 2},
        users={"b": "bob", "a": "alice"},
        listed={"r": 9},
        removed={"r": 1},
        requested={"all": 6, "7": 6},
        requesters={"7": "Bobby"},
        history={"b": 4711},
    )
    look = look_at(
        census,
        state,
        due=["m1", "m2"],
        now=NOW,
        unmanaged=["music"],
        names={"library:films": "Films"},
        clock_error=-4000,
    )
    assert look.measure == Measure(
        at=NOW,
        history_rows=4711,
        history={"b": 4711},
        titles={"films": library(100)},
        deleted={"films": library(7)},
        watched={"films": library(30)},
        watched_by={"films": {"b": 30}},
        due={"films": library(3)},
        favorites={"b": 4},
        tagged={"keep": 2},
        users=("a", "b"),
        listed={"r": 9},
        removed={"r": 1},
        requested={"all": 6, "7": 6},
    )
    assert look.samples == {"films": (1, 2)}
    assert look.unmanaged == {"music"}
    assert (look.unseen_plays, look.clock_error) == (3, -4000)
    assert look.names == {
        "movie": "movies",
        "episode": "episodes",
        "library:films": "Films",
        "user:a": "alice",
        "user:b": "bob",
        "tag:keep": "keep",
        "requester:7": "Bobby",
    }
    assert look.prints[Suspicion.PLAYED_SURGED] == "w"
    other = look_at(census, state, due=["m1", "m3"], now=NOW, favorites_keep=False)
    assert other.measure.favorites is None
    assert other.clock_error == 0
    assert other.prints[Suspicion.DUE_SURGED] != look.prints[Suspicion.DUE_SURGED]
