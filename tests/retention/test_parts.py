"""What holds a series by one of its parts, and what lies in several libraries."""

import pytest

from custom_components.oxicleanarr.model import MediaFacts, MediaKind, Outcome
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    TagRule,
    WatchedRule,
    parse_duration,
    say,
)

from .builders import ALICE, ago, episode, facts, judge, movie, rules, series, verdicts

KEEP = TagRule(name="keepers", tag="keep", retention=NEVER)
LONG = TagRule(name="long", tag="keep", retention=parse_duration("30d"))
QUICK = TagRule(name="quick", tag="keep", retention=parse_duration("1d"))
EPISODES = EpisodeRule(name="newest", max_episodes=1)
PLAYED = {ALICE: ago(20)}


def show(where: str, tag: str = "Keep") -> list[MediaFacts]:
    """Return a watched series of two seasons; one of its parts has a tag."""
    season = facts(
        "season1",
        MediaKind.SEASON,
        tags=[tag] if where == "season" else [],
        item={"series_id": "s1", "season": 1},
    )
    parts = [
        episode(
            number,
            tags=[tag] if where == "episode" and number == 1 else [],
            played=PLAYED,
            item={"season_id": "season1"},
        )
        for number in (1, 2)
    ]
    return [series(), season, *parts, episode(1, 2, played=PLAYED)]


@pytest.mark.parametrize("where", ["season", "episode"])
def test_a_tag_on_a_part_holds_the_series(where: str) -> None:
    """What a rule keeps is kept; another tag, and a rule that is off, hold nothing."""
    held = judge(show(where), rules(KEEP, tv_retention="7d"))
    assert held.outcome is Outcome.KEEP
    part = "Title season1" if where == "season" else "Title s1-s1e1"
    assert say(held.reason) == (
        f'It contains "{part}": rule keepers (tag keep) never deletes.'
    )
    assert judge(show(where, "other"), rules(KEEP, tv_retention="7d")).due_at == ago(13)
    off = TagRule(name="off", tag="keep", retention=NEVER, enabled=False)
    assert judge(show(where), rules(off, tv_retention="7d")).due_at == ago(13)


@pytest.mark.parametrize("where", ["season", "episode"])
def test_a_tag_on_a_part_never_hastens(where: str) -> None:
    """It can postpone; a rule that would delete sooner, or delete what others keep, cannot."""
    assert judge(show(where), rules(LONG, tv_retention="7d")).due_at == ago(-10)
    assert judge(show(where), rules(QUICK, tv_retention="7d")).due_at == ago(13)
    kept = judge(show(where), rules(QUICK, tv_retention="never"))
    assert kept.outcome is Outcome.KEEP


@pytest.mark.parametrize("where", ["season", "episode"])
def test_a_tag_on_a_part_holds_its_episodes(where: str) -> None:
    """And no others; an episode rule goes on taking those."""
    found = verdicts(show(where), rules(KEEP, EPISODES, tv_retention="never"))
    going = {one for one in found if found[one].kind is MediaKind.EPISODE}
    assert going == (set() if where == "season" else {"s1-s1e2"})


def test_what_lies_in_two_libraries() -> None:
    """What keeps it in either keeps it, whichever of them is named first."""
    quick = WatchedRule(name="q", retention=parse_duration("1d"), libraries=("Movies",))
    slow = WatchedRule(name="s", retention=parse_duration("9d"), libraries=("Kids",))
    never = WatchedRule(name="n", retention=NEVER, libraries=("Kids",))
    for first, other in (("Movies", "Kids"), ("Kids", "Movies")):
        film = movie(played=PLAYED, library=first, other_libraries={"x": other})
        assert judge(film, rules(quick, slow)).due_at == ago(11)
        assert judge(film, rules(quick, never)).outcome is Outcome.KEEP
        assert judge(film, rules(quick, movie_retention="never")).due_at is None
    alone = movie(played=PLAYED)
    assert judge(alone, rules(quick, never)).due_at == ago(19)


def test_episodes_of_a_series_in_two_libraries() -> None:
    """A rule for one of the libraries takes none of them."""
    titles = [
        series(other_libraries={"x": "Kids"}),
        episode(1, aired=ago(500), played=PLAYED),
        episode(2, played=PLAYED),
    ]
    one = EpisodeRule(name="one", max_episodes=1, libraries=("Shows",))
    other = EpisodeRule(name="other", max_episodes=1, libraries=("Kids",))
    alone = rules(one, tv_retention="never")
    assert set(verdicts(titles, alone)) == {"s1"}
    both = rules(one, other, tv_retention="never")
    assert set(verdicts(titles, both)) == {"s1", "s1-s1e1"}


def test_half_watched_copies() -> None:
    """Whoever has watched one of two films with one id is told what is not known."""
    film = movie(partly_watched_by=frozenset({ALICE}))
    kept = judge(film, rules(movie_retention="7d"))
    assert kept.outcome is Outcome.KEEP
    assert say(kept.reason).startswith(
        "Kept because alice watched only one of its copies"
    )
    titles = [
        series(),
        episode(1, partly_watched_by=frozenset({ALICE})),
        episode(2, played=PLAYED),
    ]
    kept = judge(titles, rules(tv_retention="7d"))
    assert "watched only one of its copies" in say(kept.reason)


def test_marks_that_may_be_of_another_copy() -> None:
    """Jellyfin shows them as watched, so it is said why they count for nothing."""
    film = movie(doubtful_of=frozenset({ALICE}))
    kept = judge(film, rules(movie_retention="7d"))
    assert kept.outcome is Outcome.KEEP
    assert say(kept.reason) == (
        "Kept because the watched mark of alice may be from an earlier copy or from"
        " another file. It counts after a sync has seen it cleared, or after Jellystat"
        " has seen half of this file played."
    )
    watched = WatchedRule(
        name="All",
        retention=parse_duration("7d"),
        require_watched=True,
        watched_by=("alice",),
    )
    kept = judge(film, rules(watched))
    assert "the watched mark of alice" in say(kept.reason)
    titles = [
        series(),
        episode(1, doubtful_of=frozenset({ALICE})),
        episode(2, played=PLAYED),
    ]
    kept = judge(titles, rules(tv_retention="7d"))
    assert "the watched mark of alice" in say(kept.reason)
