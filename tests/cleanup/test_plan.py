"""The plan by itself: who protects whom, what is announced, and what is counted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import gc
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import (
    LibraryStatistics,
    Plan,
    Why,
    clause,
    find_candidates,
)
from custom_components.oxicleanarr.cleanup.candidates import Candidates, entry_name
from custom_components.oxicleanarr.cleanup.plan import make_plan
from custom_components.oxicleanarr.cleanup.statistics import count_library
from custom_components.oxicleanarr.ledger import Scheduled
from custom_components.oxicleanarr.model import (
    Keep,
    MediaFacts,
    MediaKey,
    MediaKind,
    Outcome,
    PlannedDeletion,
    Reason,
    Requester,
    Verdict,
)
from tests.retention.builders import (
    ALICE,
    BOB,
    CAROL,
    NOW,
    USERS,
    ago,
    episode,
    facts,
    movie,
    series,
)

from .conftest import Cleaner
from .test_execute import watch


def copy(number: int, because: str) -> str:
    """Return why a copy of a title stays: another one does."""
    return f'another copy of it is kept, "Title c{number}" in Movies: {because}'


def season(item_id: str = "s1-s1", *, of: str = "s1", number: int = 1) -> MediaFacts:
    """Return the facts of a season."""
    about = {"series_id": of, "season": number}
    return facts(item_id, MediaKind.SEASON, item=about)


def part(number: int, of: str = "s1", **more: Any) -> MediaFacts:
    """Return the facts of an episode that names its season."""
    item = {"season_id": f"{of}-s1"} | more.pop("item", {})
    return episode(number, of=of, item=item, **more)


def goes(fact: MediaFacts, *episodes: MediaFacts, due_at: datetime = ago(1)) -> Verdict:
    """Return the rules' word that a title goes, with the episodes of a series."""
    return Verdict(
        item_id=fact.item.item_id,
        key=fact.key,
        kind=fact.item.kind,
        outcome=Outcome.DELETE,
        rule="R",
        rule_type="watched",
        reason=Reason.from_text("watched long ago"),
        due_at=due_at,
        episode_ids=tuple(one.item.item_id for one in episodes),
    )


def stays(fact: MediaFacts) -> Verdict:
    """Return the rules' word that a title stays."""
    return goes(fact)._replace(
        outcome=Outcome.KEEP,
        due_at=None,
        reason=Reason.from_text("it is not for you"),
    )


def keep(fact: MediaFacts, **more: Any) -> dict[MediaKey, Keep]:
    """Return a user's word that a title stays."""
    return {fact.key: Keep(key=fact.key, kept_at=ago(1), **more)}


def candidates(
    titles: list[MediaFacts],
    *verdicts: Verdict,
    keeps: Mapping[MediaKey, Keep] = {},
    **more: Any,
) -> Candidates:
    """Return what would go of some titles."""
    return find_candidates(titles, verdicts, keeps, USERS, **more)


def going(found: Candidates) -> list[str]:
    """Return the ids of what would go."""
    return [verdict.item_id for verdict in found.verdicts]


def staying(found: Candidates) -> dict[str, tuple[str, str]]:
    """Return what keeps what would stay, by id."""
    by_id = {one.item_id: (one.kept_by, clause(one.reason)) for one in found.kept}
    assert len(by_id) == len(found.kept)
    return by_id


# --- what protects ---------------------------------------------------------------


def test_what_the_rules_keep_stays() -> None:
    """With the rule's name and its reason."""
    film, other = movie("m1"), movie("m2", item={"year": 1999})
    found = candidates([film, other], stays(film), goes(other))
    assert going(found) == ["m2"]
    (kept,) = found.kept
    assert (kept.item_id, kept.key, kept.kind, kept.title) == (
        "m1",
        film.key,
        MediaKind.MOVIE,
        "Title m1",
    )
    assert (kept.kept_by, clause(kept.reason)) == ("R", "it is not for you")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Title m1 is kept"),
        ({"reason": "mine"}, "Title m1 is kept: mine"),
        ({"until": NOW}, "Title m1 is kept until February 1, 2026"),
        (
            {"until": NOW, "reason": "mine"},
            "Title m1 is kept until February 1, 2026: mine",
        ),
        (
            {"until": NOW, "brought_back_by": "alice"},
            "Title m1 was brought back by alice. It is kept until February 1, 2026, "
            "or until somebody has watched it",
        ),
    ],
)
def test_a_keep(more: dict[str, Any], said: str) -> None:
    """It beats everything, also a day that was chosen by hand; and it says itself."""
    film = movie("m1")
    found = candidates([film], goes(film), keeps=keep(film, **more))
    assert going(found) == []
    assert staying(found) == {"m1": ("keep", said)}
    by_hand = candidates([film], keeps=keep(film, **more), manual={film.key: ago(9)})
    assert staying(by_hand) == {"m1": ("keep", said)}
    until = [one.kept_until for one in (*found.kept, *by_hand.kept)]
    assert until == [more.get("until")] * 2


def test_a_keep_reaches_the_family() -> None:
    """A series holds its seasons and episodes, an episode whatever would take it."""
    show, first = series("s1"), season()
    one, two = part(1), part(2)
    other, lone = series("s2"), part(1, of="s2")
    titles = [show, first, one, two, other, lone]
    whole = goes(show, one, two)
    for kept in (show, first, two):
        found = candidates(titles, whole, goes(other, lone), keeps=keep(kept))
        assert going(found) == ["s2"]
        assert staying(found)["s1"] == ("keep", f"{kept.item.title} is kept")
    for kept, left in ((show, []), (first, []), (one, ["s1-s1e2"])):
        found = candidates(titles, goes(one), goes(two), keeps=keep(kept))
        assert going(found) == left
    # An episode that is not listed any more does not hide the one behind it.
    found = candidates([show, one], goes(show, two, one), keeps=keep(one))
    assert staying(found)["s1"] == ("keep", "Title s1-s1e1 is kept")
    # Where the season is not known the series still is.
    bare = [show, episode(1), episode(2)]
    found = candidates(bare, goes(bare[1]), goes(bare[2]), keeps=keep(show))
    assert going(found) == []


def test_a_favorite() -> None:
    """Of anybody, by name; of a user who is gone by id. It is an option."""
    film = movie("m1", favorite_of=frozenset({BOB, ALICE, "x"}))
    found = candidates([film], goes(film))
    said = "Title m1 is a favorite of Bob, alice and x"
    assert staying(found) == {"m1": ("favorite", said)}
    assert going(candidates([film], goes(film), favorites_keep=False)) == ["m1"]
    show, one = series("s1"), part(1, favorite_of=frozenset({CAROL}))
    found = candidates([show, one], goes(show, one))
    assert staying(found)["s1"][0] == "favorite"


def test_a_keep_is_told_before_a_favorite() -> None:
    """A keep can have an end, a favorite has none that is known."""
    film = movie("m1", favorite_of=frozenset({BOB}), doubt="it has two names")
    found = candidates([film], goes(film), keeps=keep(film))
    assert staying(found)["m1"][0] == "keep"
    assert staying(candidates([film], goes(film)))["m1"][0] == "favorite"


def test_a_doubt() -> None:
    """What Radarr or Sonarr call something else stays, whatever else is said."""
    film, show = movie("m1", doubt="it has two names"), series("s1")
    one = part(1, doubt="the file is of another series")
    found = candidates(
        [film, show, one], goes(film), goes(show, one), favorites_keep=False
    )
    assert staying(found) == {
        "m1": ("unmatched", "Radarr and Jellyfin don't agree: it has two names"),
        "s1": (
            "unmatched",
            "Sonarr and Jellyfin don't agree: the file is of another series",
        ),
    }


def test_what_is_unclear() -> None:
    """Of a film, or of any episode that would go with a series."""
    unclear = Reason(Why.SEVERAL_FILES)
    film, show = movie("m1", unclear=unclear), series("s1")
    one, two = part(1), part(2, unclear=unclear)
    titles = [film, show, one, two]
    found = candidates(titles, goes(film), goes(show, one, two), goes(one))
    assert going(found) == ["s1-s1e1"]
    assert [(kept.kept_by, kept.reason) for kept in found.kept] == [
        ("unclear", unclear)
    ] * 2


def test_what_has_been_found_in_a_folder() -> None:
    """It holds what would go with it; a series' folder goes with the whole series."""
    found_there = Reason(Why.FOLDER_HOLDS_VIDEO, {"name": "trailer.mkv"})
    film, show = movie("m1", objection=found_there), series("s1", objection=found_there)
    first, one, two = season(), part(1), part(2)
    titles = [film, show, first, one, two]
    found = candidates(titles, goes(film), goes(show, one, two))
    assert {kept.item_id: (kept.kept_by, kept.reason) for kept in found.kept} == {
        "m1": ("unclear", found_there),
        "s1": ("unclear", found_there),
    }
    found = candidates(titles, goes(first, one, two), goes(one))
    assert going(found) == ["s1-s1", "s1-s1e1"]
    # What is beside an episode goes with that, whatever else goes.
    beside = replace(two, objection=found_there)
    titles = [series("s1"), first, one, beside]
    for whole in titles[:2]:
        found = candidates(titles, goes(whole, one, beside), goes(one), goes(beside))
        assert going(found) == ["s1-s1e1"]
    nothing = candidates([series("s1"), one], goes(series("s1"), one))
    assert going(nothing) == ["s1"]


# --- copies ----------------------------------------------------------------------


def copies(count: int, **more: Any) -> list[MediaFacts]:
    """Return as many items that are one film."""
    return [
        movie(f"c{number}", key=MediaKey("movie:tmdb:603"), **more)
        for number in range(count)
    ]


def test_copies_stand_or_fall_together() -> None:
    """Whatever keeps one keeps all, and is named; another kind is no copy."""
    one, two = copies(2)
    assert going(candidates([one, two], goes(one), goes(two))) == ["c0", "c1"]
    for verdicts in ((stays(one), goes(two)), (goes(two), stays(one))):
        found = candidates([one, two], *verdicts)
        assert staying(found)["c1"] == ("R", copy(0, "it is not for you"))
    loved = replace(one, favorite_of=frozenset({BOB}))
    found = candidates([loved, two], goes(loved), goes(two))
    assert staying(found)["c1"] == (
        "favorite",
        copy(0, "Title c0 is a favorite of Bob"),
    )
    show = series("s1", key=one.key)
    lone = part(1)
    found = candidates([one, show, lone], stays(one), goes(show, lone))
    assert going(found) == ["s1"]


def test_what_lies_in_one_file_stands_or_falls_together() -> None:
    """And so on: what stays for it holds its own copies."""
    one, two = copies(2, item={"source_count": 2})
    one = replace(one, group="file")
    three = movie("m3", group="file")
    four = movie("m4", key=three.key)
    five = movie("m5", group="another file")
    titles = [one, two, three, four, five]
    found = candidates(titles, stays(two), *map(goes, (one, three, four, five)))
    assert going(found) == ["m5"]
    assert [
        (kept.item_id, kept.kept_by, clause(kept.reason)) for kept in found.kept
    ] == [
        ("c1", "R", "it is not for you"),
        ("c0", "R", copy(1, "it is not for you")),
        ("m3", "R", copy(1, "it is not for you")),
        ("m4", "R", copy(1, "it is not for you")),
    ]
    assert going(candidates(titles, *map(goes, titles))) == [
        one.item.item_id for one in titles
    ]


# --- by hand ---------------------------------------------------------------------


def test_a_day_chosen_by_hand() -> None:
    """It takes the place of what the rules say; every other title is left to them."""
    film, other = movie("m1"), movie("m2")
    for word in (stays(film), goes(film)):
        found = candidates([film, other], word, goes(other), manual={film.key: NOW})
        assert sorted(going(found)) == ["m1", "m2"]
        chosen = next(one for one in found.verdicts if one.item_id == "m1")
        assert chosen == Verdict(
            item_id="m1",
            key=film.key,
            kind=MediaKind.MOVIE,
            outcome=Outcome.DELETE,
            rule="manual",
            rule_type="manual",
            reason=Reason(Why.BY_HAND, {"due_at": NOW}),
            due_at=NOW,
        )
    assert going(candidates([film], stays(film), manual={})) == []


def test_a_series_or_season_chosen_by_hand() -> None:
    """With the episodes that it has now; without any there is nothing to delete."""
    show, first, empty = series("s1"), season(), series("s2")
    special = episode(1, 0)
    titles = [show, part(2), part(1), special, first, empty, movie("m1")]
    for fact, ids in (
        (show, ("s1-s0e1", "s1-s1e1", "s1-s1e2")),
        (first, ("s1-s1e1", "s1-s1e2")),
    ):
        found = candidates(titles, goes(empty), manual={fact.key: NOW})
        assert [one.episode_ids for one in found.verdicts] == [(), ids]
    found = candidates(titles, stays(empty), manual={empty.key: NOW})
    assert (found.verdicts, found.kept) == ((), ())
    lone = candidates(titles, manual={special.key: NOW})
    assert [one.episode_ids for one in lone.verdicts] == [()]


# --- the schedule ----------------------------------------------------------------


def test_what_is_announced() -> None:
    """Each title by its key; a series also with each of its episodes."""
    film, show, one, two = movie("m1"), series("s1"), part(1), part(2)
    found = candidates(
        [film, show, one, two], goes(film), goes(show, one, two, due_at=ago(2))
    )
    assert found.wanted() == {
        "movie:jellyfin:m1": (film.key, ago(1)),
        "series:jellyfin:s1": (show.key, ago(2)),
        "series+jellyfin:s1-s1e1": (one.key, ago(2)),
        "series+jellyfin:s1-s1e2": (two.key, ago(2)),
    }
    assert entry_name(found.verdicts[1]) == "series:jellyfin:s1"
    some = replace(found, verdicts=(stays(film), found.verdicts[1]))
    assert some.wanted().keys() == found.wanted().keys() - {"movie:jellyfin:m1"}
    nothing = replace(found, verdicts=tuple(map(stays, (film, show))))
    assert nothing.wanted() == {}


def test_copies_are_announced_together_and_apart() -> None:
    """One entry, of which the later day counts, and each copy by its id."""
    one, two = copies(2)
    early, late = goes(one, due_at=ago(5)), goes(two, due_at=ago(3))
    for verdicts in ((early, late), (late, early)):
        assert candidates([one, two], *verdicts).wanted() == {
            "movie:movie:tmdb:603": (one.key, ago(3)),
            "movie+jellyfin:c0": ("jellyfin:c0", ago(3)),
            "movie+jellyfin:c1": ("jellyfin:c1", ago(3)),
        }


def test_copies_of_an_episode_are_announced_apart() -> None:
    """A series can have one of its episodes twice."""
    key = MediaKey("episode:tvdb:1:1:1")
    show, two = series("s1"), part(2, key=MediaKey("episode:tvdb:1:1:2"))
    twins = [part(1, item_id=f"e{n}", key=key) for n in range(2)]
    found = candidates([show, two, *twins], goes(show, *twins, two))
    assert found.wanted().keys() == {
        "series:jellyfin:s1",
        "series+jellyfin:e0",
        "series+jellyfin:e1",
        "series+episode:tvdb:1:1:2",
    }


def test_an_episode_in_two_series_is_announced_for_both() -> None:
    """Both wait for it until the later day."""
    key = MediaKey("episode:tvdb:1:1:1")
    shows = [series(name) for name in ("s1", "s2")]
    parts = [part(1, of=name, key=key) for name in ("s1", "s2")]
    early = goes(shows[0], parts[0], due_at=ago(5))
    late = goes(shows[1], parts[1], due_at=ago(3))
    for verdicts in ((early, late), (late, early)):
        assert candidates([*shows, *parts], *verdicts).wanted() == {
            "series:jellyfin:s1": (shows[0].key, ago(5)),
            "series:jellyfin:s2": (shows[1].key, ago(3)),
            f"series+{key}": (key, ago(3)),
        }


def on_schedule(
    found: Candidates, first: datetime = ago(4), due_at: datetime = ago(1)
) -> dict[str, Scheduled]:
    """Return a schedule on which everything stands."""
    return {
        name: Scheduled(first_scheduled_at=first, due_at=due_at)
        for name in found.wanted()
    }


def planned(
    titles: list[MediaFacts],
    found: Candidates,
    schedule: Mapping[str, Scheduled] | None = None,
) -> Plan:
    """Return the plan that is made of the candidates."""
    return make_plan(
        titles,
        found,
        on_schedule(found) if schedule is None else schedule,
        USERS,
        now=NOW,
        synced_at=ago(0.5),
    )


def test_the_plan_says_on_what_it_rests() -> None:
    """The moments, what stays, and the numbers of the library."""
    film, other = movie("m1"), movie("m2", played={ALICE: ago(3)})
    found = candidates([film, other], stays(film), goes(other))
    plan = planned([film, other], found)
    assert (plan.evaluated_at, plan.synced_at) == (NOW, ago(0.5))
    assert plan.kept == found.kept
    assert [one.item_id for one in plan.entries] == ["m2"]
    assert plan.statistics == count_library([film, other])


def test_an_entry_waits_for_all_that_goes_with_it() -> None:
    """The latest day counts; what is not announced yet is not in the plan."""
    film, show, one, two = movie("m1"), series("s1"), part(1), part(2)
    titles = [film, show, one, two]
    found = candidates(titles, goes(film), goes(show, one, two))
    schedule = on_schedule(found)
    late = Scheduled(first_scheduled_at=ago(1), due_at=ago(-2))
    schedule["series+jellyfin:s1-s1e2"] = late
    entries = planned(titles, found, schedule).entries
    assert [(e.item_id, e.first_scheduled_at, e.due_at) for e in entries] == [
        ("m1", ago(4), ago(1)),
        ("s1", ago(4), ago(-2)),
    ]
    del schedule["series+jellyfin:s1-s1e2"]
    assert [e.item_id for e in planned(titles, found, schedule).entries] == ["m1"]


def test_the_earliest_first() -> None:
    """Then always in the same order."""
    show, lone = series("s1"), part(1)
    twins = [replace(one, favorite_of=frozenset()) for one in copies(2)]
    titles = [show, lone, *reversed(twins), movie("m9"), movie("m1")]
    found = candidates(titles, goes(show, lone), *map(goes, titles[2:]))
    schedule = on_schedule(found)
    schedule["movie:jellyfin:m9"] = Scheduled(first_scheduled_at=ago(4), due_at=ago(2))
    plan = planned(titles, found, schedule)
    assert [one.item_id for one in plan.entries] == ["m9", "m1", "c0", "c1", "s1"]


def test_an_entry_of_a_film() -> None:
    """All that is known of it."""
    item = {"year": 1999, "path": "/m/f.mkv"}
    film = movie(
        "m1",
        played={BOB: ago(9), ALICE: ago(8), "x": ago(7)},
        added=ago(50),
        item=item,
        size_bytes=5,
    )
    (entry,) = planned([film], candidates([film], goes(film))).entries
    assert entry == PlannedDeletion(
        item_id="m1",
        key=film.key,
        kind=MediaKind.MOVIE,
        title="Title m1",
        year=1999,
        series=None,
        season=None,
        episode=None,
        size_bytes=5,
        watched=True,
        watched_by=("Bob", "alice", "x"),
        last_watched_at=ago(7),
        added_at=ago(50),
        rule="R",
        rule_type="watched",
        reason=Reason.from_text("watched long ago"),
        due_at=ago(1),
        first_scheduled_at=ago(4),
        path="/m/f.mkv",
        watcher_ids=frozenset({ALICE, BOB, "x"}),
    )


def test_titles_that_the_same_users_have_watched() -> None:
    """Each of them says so."""
    titles = [movie(name, played={BOB: ago(9), ALICE: ago(8)}) for name in "abc"]
    entries = planned(titles, candidates(titles, *map(goes, titles))).entries
    assert [one.watched_by for one in entries] == [("Bob", "alice")] * 3


def test_an_entry_of_an_episode() -> None:
    """By its numbers, for itself."""
    one = part(2, item={"series_title": "Show"})
    (entry,) = planned([one], candidates([one], goes(one))).entries
    assert (entry.series, entry.season, entry.episode) == ("Show", 1, 2)
    assert entry.episode_ids == ()
    assert (entry.watched, entry.watched_by) == (False, ())
    assert entry.last_watched_at is None


def test_who_asked_for_an_entry() -> None:
    """By the name in Jellyfin, where there is one; a series is asked for as a whole."""
    carol = Requester(names=frozenset({"Carol in Seerr"}))
    film = movie("m1", requesters=(Requester(user_id=BOB), carol))
    show = series("s1", requesters=(Requester(user_id=ALICE),))
    one, lone = part(1), part(1, of="s2", requesters=(carol,))
    titles = [film, show, one, lone]
    found = candidates(titles, goes(film), goes(one), goes(lone))
    entries = {entry.item_id: entry for entry in planned(titles, found).entries}
    assert entries["m1"].requested_by == ("Bob", "Carol in Seerr")
    assert entries["s1-s1e1"].requested_by == ("alice",)
    assert entries["s2-s1e1"].requested_by == ("Carol in Seerr",)
    unknown = replace(film, requesters=None)
    found = candidates([unknown], goes(unknown))
    assert planned([unknown], found).entries[0].requested_by == ()


def test_an_entry_of_a_series() -> None:
    """Watched by whoever has watched all of it; the latest of all dates."""
    show = series("s1", last_watched_at=ago(30), added=ago(1))
    one = part(1, played={ALICE: ago(9), BOB: ago(8)}, added=ago(50), size_bytes=3)
    two = part(2, played={ALICE: ago(12)}, added=ago(40), size_bytes=4)
    titles = [show, one, two]
    (entry,) = planned(titles, candidates(titles, goes(show, one, two))).entries
    assert (entry.watched, entry.watched_by) == (True, ("alice",))
    assert entry.watcher_ids == {ALICE}
    assert entry.last_watched_at == ago(8)
    assert entry.added_at == ago(40)
    assert entry.size_bytes == 7
    assert entry.episode_ids == ("s1-s1e1", "s1-s1e2")
    assert entry.target_ids == entry.episode_ids
    # Somebody was in the folder later than in any of the episodes.
    titles[0] = replace(show, last_watched_at=ago(2))
    titles[2] = replace(two, size_bytes=None, watched_by=frozenset({BOB}))
    titles[1] = replace(one, watched_by=frozenset({ALICE}))
    (entry,) = planned(titles, candidates(titles, goes(*titles))).entries
    assert entry.last_watched_at == ago(2)
    assert entry.size_bytes is None
    assert (entry.watched, entry.watched_by) == (False, ())
    titles = [replace(one, added_at=None) for one in titles]
    (entry,) = planned(titles, candidates(titles, goes(*titles))).entries
    assert entry.added_at is None


# --- what is read from it --------------------------------------------------------


def test_when_entries_leave() -> None:
    """Due from the very moment on; what is due leaves soon, too."""
    entries: list[PlannedDeletion] = []
    for name, day in (("a", 1), ("b", 0), ("c", -1), ("d", -2), ("e", -3)):
        film = movie(name)
        found = candidates([film], goes(film))
        entries += planned([film], found, on_schedule(found, due_at=ago(day))).entries
    plan = Plan(evaluated_at=NOW, synced_at=None, entries=tuple(entries))
    assert [one.item_id for one in plan.due(NOW)] == ["a", "b"]
    soon = plan.leaving_soon(NOW, timedelta(days=2))
    assert [one.item_id for one in soon] == ["a", "b", "c", "d"]
    assert plan.next_due_at(NOW) == ago(-1)
    assert replace(plan, entries=()).next_due_at(NOW) is None


def test_what_can_be_reclaimed() -> None:
    """No file counts twice; what has no size counts nothing."""
    show, one, two = series("s1"), part(1, size_bytes=3), part(2, size_bytes=4)
    first = season()
    film, other = movie("m1", size_bytes=10), movie("m2")
    titles = [show, first, one, two, film, other]
    found = candidates(titles, goes(show, one, two), goes(one), goes(film), goes(other))
    assert planned(titles, found).reclaimable_bytes == 17
    found = candidates(titles, goes(first, one), goes(one), goes(two))
    assert planned(titles, found).reclaimable_bytes == 7
    assert planned([film], candidates([film])).reclaimable_bytes == 0


def test_the_library_is_counted() -> None:
    """A series is watched by whoever has watched all of its episodes."""
    elsewhere = movie("m3")
    titles = [
        movie("m1", played={ALICE: ago(1), BOB: ago(1)}),
        movie("m2"),
        replace(elsewhere, item=replace(elsewhere.item, library_id="other")),
        series("s1", played={CAROL: ago(1)}),
        season(),
        part(1, played={ALICE: ago(1), BOB: ago(1)}),
        part(2, played={ALICE: ago(1)}),
        series("s2"),
        part(1, of="s2", played={ALICE: ago(1)}),
        part(2, of="s2", played={BOB: ago(1)}),
        part(3, of="s2", played={BOB: ago(1)}),
        series("s3"),
        episode(1, of="s3", item={"series_id": None}, played={BOB: ago(1)}),
    ]
    assert count_library(titles) == LibraryStatistics(
        movies=3,
        series=3,
        episodes=6,
        watched_movies=1,
        watched_series=1,
        watched_episodes=6,
        watched_by_user={ALICE: 4, BOB: 5},
        watched_share={"lib": 87.5, "other": 0.0},
    )
    thirds = [movie("m1", played={ALICE: ago(1)}), movie("m2"), movie("m3")]
    assert count_library(thirds).watched_share == {"lib": 33.3}
    assert count_library([]) == LibraryStatistics()


async def test_the_plan_is_of_its_moment(cleaner: Cleaner) -> None:
    """It says when it was made and when was read; a keep holds until its end."""
    watch(cleaner, "Alpha")
    synced_at = cleaner.home.now
    await cleaner.sync()
    cleaner.home.wait(timedelta(hours=1))
    plan = cleaner.plan()
    assert (plan.evaluated_at, plan.synced_at) == (cleaner.home.now, synced_at)
    (entry,) = plan.entries
    until = cleaner.home.now + timedelta(days=1)
    keep = Keep(key=entry.key, kept_at=cleaner.home.now, until=until)
    cleaner.home.ledger.keep(keep)
    assert cleaner.plan().entries == ()
    cleaner.home.wait(timedelta(days=1))
    assert len(cleaner.plan().entries) == 1


async def test_the_collector_is_as_it_was(cleaner: Cleaner) -> None:
    """The plan is made without it."""
    watch(cleaner, "Alpha")
    await cleaner.sync()
    assert gc.isenabled()
    assert cleaner.plan().entries
    assert gc.isenabled()
    gc.disable()
    try:
        assert cleaner.plan().entries
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (
            "added_at",
            "skipped to be safe: Jellyfin doesn't say when its file was added",
        ),
        ("path", "skipped to be safe: its path is not known"),
    ],
)
@pytest.mark.parametrize("by_hand", [True, False])
def test_what_the_last_look_has_to_know(
    missing: str, reason: str, by_hand: bool
) -> None:
    """Without a date or a path every run would skip it: the plan says so at once."""
    film = movie("m1", played={ALICE: ago(30)}, item={missing: None})
    show = series("s1")
    known = part(1, played={ALICE: ago(30)})
    unknown = part(2, played={ALICE: ago(30)}, item={missing: None})
    everything = [film, show, known, unknown]
    manual = {film.key: ago(1), show.key: ago(1)} if by_hand else {}
    found = candidates(
        everything, goes(film), goes(show, known, unknown), manual=manual
    )
    assert going(found) == []
    assert staying(found) == {"m1": ("unclear", reason), "s1": ("unclear", reason)}
