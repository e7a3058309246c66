"""What holds a series by one of its parts, and what lies in several libraries."""

import pytest

from custom_components.oxicleanarr.model import (
    MediaFacts,
    MediaKind,
    Outcome,
    Requester,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    RetentionRules,
    TagRule,
    WatchedRule,
    Watchers,
    explain,
    parse_duration,
    say,
)

from .builders import (
    ALICE,
    BOB,
    NOW,
    USERS,
    ago,
    episode,
    facts,
    judge,
    movie,
    rules,
    series,
    verdicts,
)

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


def steps(
    item_id: str, titles: list[MediaFacts], given: RetentionRules
) -> list[tuple[str, str, bool, Outcome | None]]:
    """Return the steps of an explanation, whose verdict is that of the evaluation."""
    found = explain(item_id, titles, given, USERS, NOW)
    if (verdict := verdicts(titles, given).get(item_id)) is not None:
        assert found.verdict == verdict
    return [(one.rule, one.type, one.matched, one.outcome) for one in found.trace]


@pytest.mark.parametrize("where", ["season", "episode"])
def test_why_a_tag_on_a_part_holds_the_series(where: str) -> None:
    """It is told after what would have let the series go."""
    given = rules(KEEP, tv_retention="7d")
    told: list[tuple[str, str, bool, Outcome | None]] = [
        ("keepers", "tag", False, None),
        ("standard", "standard", True, Outcome.DELETE),
        ("keepers", "tag", True, Outcome.KEEP),
    ]
    assert steps("s1", show(where), given) == told
    assert steps("s1", show(where, "other"), given) == told[:2]
    found = explain("s1", show(where), given, USERS, NOW)
    assert found.trace[-1].because == found.verdict.reason


@pytest.mark.parametrize("where", ["season", "episode"])
def test_why_a_tag_on_a_part_holds_an_episode(where: str) -> None:
    """It is told after the rule that would have taken it; of others nothing is."""
    given = rules(KEEP, EPISODES, tv_retention="never")
    taken = ("newest", "episode", True, Outcome.DELETE)
    held = ("keepers", "tag", True, Outcome.KEEP)
    of_series = ("standard", "standard", True, Outcome.KEEP)
    assert steps("s1-s1e1", show(where), given) == [taken, held, of_series]
    other = [taken, of_series] if where == "episode" else [taken, held, of_series]
    assert steps("s1-s1e2", show(where), given) == other
    found = explain("s1-s1e1", show(where), given, USERS, NOW)
    assert found.trace[1].because == found.verdict.reason
    assert say(found.verdict.reason) == "Rule keepers (tag keep) never deletes."


def test_a_tag_of_an_episode_comes_before_that_of_its_season() -> None:
    """What is kept by the first is not asked about the other; what waits is."""
    early = TagRule(name="early", tag="early", retention=NEVER)
    titles = show("season", "early")
    titles[2] = episode(
        1, tags=["keep"], played=PLAYED, item={"season_id": titles[1].item.item_id}
    )
    found = verdicts(titles, rules(KEEP, early, EPISODES, tv_retention="never"))
    assert "s1-s1e1" not in found
    taken = ("newest", "episode", True, Outcome.DELETE)
    of_series = ("standard", "standard", True, Outcome.KEEP)
    given = rules(KEEP, early, EPISODES, tv_retention="never")
    assert steps("s1-s1e1", titles, given) == [
        taken,
        ("keepers", "tag", True, Outcome.KEEP),
        of_series,
    ]
    given = rules(LONG, early, EPISODES, tv_retention="never")
    assert steps("s1-s1e1", titles, given) == [
        taken,
        ("long", "tag", True, Outcome.DELETE),
        ("early", "tag", True, Outcome.KEEP),
        of_series,
    ]


def test_a_tag_on_an_episode_asks_who_requested_its_series() -> None:
    """It goes once they have watched it, and until then it is kept."""
    rule = TagRule(
        name="asked",
        tag="keep",
        retention=parse_duration("30d"),
        require_watched=True,
        watched_by=Watchers.REQUESTER,
    )
    given = rules(rule, EPISODES, tv_retention="never")
    for requester, due_at in ((ALICE, ago(-10)), (BOB, None)):
        of = series(requesters=(Requester(user_id=requester),))
        found = verdicts([of, *show("episode")[1:]], given).get("s1-s1e1")
        assert (None if found is None else found.due_at) == due_at


def test_a_season_of_another_series_holds_nothing() -> None:
    """Also not in an explanation."""
    season = facts(
        "other1", MediaKind.SEASON, tags=["keep"], item={"series_id": "other"}
    )
    titles = [*show("none"), season, series("other"), episode(1, of="other")]
    given = rules(KEEP, tv_retention="7d")
    assert steps("s1", titles, given)[-1][0] == "standard"


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
        # The explanation tells what was asked in the library that decides.
        assert steps("m1", [film], rules(quick, never)) == [
            ("q", "watched", False, None),
            ("n", "watched", True, Outcome.KEEP),
        ]
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
    # An explanation tells what was asked in each of them.
    assert steps("s1-s1e1", titles, both) == [
        ("one", "episode", True, Outcome.DELETE),
        ("one", "episode", False, None),
        ("other", "episode", True, Outcome.DELETE),
        ("standard", "standard", True, Outcome.KEEP),
    ]


def test_a_play_that_only_one_library_would_notice() -> None:
    """The episode stays all the same, as no rule is for it in the other library."""
    titles = [
        series(other_libraries={"x": "Kids"}),
        episode(1, aired=ago(500)),
        episode(2, played=PLAYED),
    ]
    rule = EpisodeRule(
        name="one", max_episodes=1, require_watched=True, libraries=("Shows",)
    )
    told = explain("s1-s1e1", titles, rules(rule, tv_retention="never"), USERS, NOW)
    assert told.verdict.outcome is Outcome.KEEP
    assert told.would_change.code == "nothing_changes_it"


def test_a_play_changes_nothing_where_the_season_is_kept() -> None:
    """Its tag would hold the episode then as well."""
    titles = [
        series(),
        facts(
            "season1",
            MediaKind.SEASON,
            tags=["Keep"],
            item={"series_id": "s1", "season": 1},
        ),
        *(
            episode(number, aired=ago(500 - number), item={"season_id": "season1"})
            for number in (1, 2)
        ),
    ]
    rule = EpisodeRule(name="newest", max_episodes=1, require_watched=True)

    def told(*more: TagRule) -> str:
        """Return what would change what happens to the older one, with more rules."""
        given = rules(rule, *more, tv_retention="never")
        return explain("s1-s1e1", titles, given, USERS, NOW).would_change.code

    assert told() == "finishing_deletes_it"
    assert told(KEEP) == "nothing_changes_it"


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
