"""Explanations: the same decisions, said to people."""

import pytest

from custom_components.oxicleanarr.model import MediaKind, Outcome
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    Explanation,
    RetentionBase,
    RetentionRules,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    clause,
    explain,
    parse_duration,
)

from .builders import (
    ALICE,
    NOW,
    USERS,
    ago,
    episode,
    facts,
    movie,
    rules,
    series,
    verdicts,
)

D3 = parse_duration("3d")
QUICK = TagRule(name="Quick", tag="quick-watch", retention=D3, require_watched=True)
SEASON = facts("season1", MediaKind.SEASON, item={"series_id": "s1"})
LIBRARY = [
    movie(tags=["quick-watch"]),
    movie("m2", played={ALICE: ago(10)}),
    series(tags=["quick-watch"]),
    SEASON,
    *(episode(n, played={ALICE: ago(9)} if n < 5 else {}) for n in range(1, 11)),
    episode(1, of="nowhere"),
]
RULES = rules(
    EpisodeRule(name="Off", max_episodes=1, enabled=False),
    EpisodeRule(name="Special", max_episodes=1, season_numbers=(0,)),
    EpisodeRule(name="TV", max_episodes=5, require_watched=True, tag="quick-watch"),
    UserRule(name="People", users=(UserEntry(user_id=1, retention=D3),)),
    TagRule(name="Old", tag="x", retention=NEVER, enabled=False),
    TagRule(name="Other", tag="other", retention=NEVER),
    WatchedRule(name="Elsewhere", retention=NEVER, libraries=("Music",)),
    movie_retention="7d",
)


def told(item_id: str, given: RetentionRules = RULES) -> Explanation:
    """Return the explanation of a title of the library."""
    return explain(item_id, LIBRARY, given, USERS, NOW)


def said(found: Explanation) -> tuple[tuple[object, ...], ...]:
    """Return the steps of a trace, with their words."""
    return tuple(
        (one.rule, one.type, one.matched, one.outcome, clause(one.because))
        for one in found.trace
    )


def test_the_whole_trace() -> None:
    """Every rule that was asked, in its order, with the reason."""
    found = told("m2")
    assert found.item.item_id == "m2"
    assert found.verdict.due_at == ago(3)
    assert said(found) == (
        ("Old", "tag", False, None, "the rule is disabled"),
        ("Other", "tag", False, None, "it doesn't have the tag other"),
        ("People", "user", False, None, "nobody has requested it"),
        ("Elsewhere", "watched", False, None, "it isn't in Music"),
        (
            "standard",
            "standard",
            True,
            Outcome.DELETE,
            "watched by alice on January 22, 2026. Deleted 7 days after watching",
        ),
    )
    assert clause(found.would_change) == (
        "if somebody played it now, it would be kept until February 8, 2026"
    )
    assert told("jellyfin:m2") == found


def test_a_kept_series() -> None:
    """The issue's example: matched, but not finished, and how far somebody is."""
    found = told("s1", rules(QUICK))
    assert found.verdict.outcome is Outcome.KEEP
    (step,) = said(found)
    assert step == (
        "Quick",
        "tag",
        True,
        Outcome.KEEP,
        "rule Quick (tag quick-watch) keeps it because nobody has finished it "
        "(alice has watched 4 of 10 episodes)",
    )
    assert clause(found.would_change) == (
        "if everybody finished it now, it would be deleted on February 4, 2026"
    )
    of_season = told("season1", rules(QUICK))
    assert of_season.item is SEASON.item
    assert of_season.verdict == found.verdict
    assert of_season.trace == found.trace


def test_verdicts_are_those_of_the_evaluation() -> None:
    """With the episodes of a series, also where it is found by a season."""
    found = verdicts(LIBRARY, RULES)
    assert found["s1"].episode_ids == tuple(f"s1-s1e{n}" for n in range(1, 11))
    assert {one: told(one).verdict for one in found} == found
    assert told("season1").verdict == found["s1"]


def test_an_episode() -> None:
    """Its own chain, then what is decided about the series."""
    found = told("s1-s1e1")
    assert found.verdict.outcome is Outcome.DELETE
    assert found.verdict.kind is MediaKind.EPISODE
    assert [(s.rule, s.matched, s.outcome) for s in found.trace] == [
        ("Off", False, None),
        ("Special", False, None),
        ("TV", True, Outcome.DELETE),
        ("standard", True, Outcome.KEEP),
    ]
    assert found.item.item_id == "s1-s1e1"
    assert [step.type for step in found.trace] == [*["episode"] * 3, "standard"]
    assert clause(found.trace[1].because) == "the rule is for other seasons"
    assert clause(found.trace[3].because).startswith(
        "the series as a whole: kept because"
    )
    assert clause(found.would_change) == (
        "if somebody played it now, it would be kept until February 1, 2026"
    )
    found = told("s1-s1e5")
    assert (
        clause(found.verdict.reason)
        == "rule TV keeps it because nobody has finished it"
    )
    assert clause(found.would_change) == (
        "if everybody finished it now, it would be deleted on February 1, 2026"
    )
    found = told("s1-s1e9")
    assert (
        clause(found.verdict.reason)
        == "rule TV keeps it because it is one of the 5 newest episodes"
    )
    assert clause(found.would_change).startswith("only other rules")
    found = told("s1-s1e9", rules())
    assert clause(found.verdict.reason) == "no episode rule applies to it"
    assert len(found.trace) == 1


def test_an_episode_whose_file_holds_another() -> None:
    """The last word is in the trace as well."""
    file = {"path": "/tv/double.mkv"}
    titles = [series(), episode(1, item=file), episode(2, aired=None, item=file)]
    given = rules(EpisodeRule(name="TV", max_age=D3))
    found = explain("s1-s1e1", titles, given, USERS, NOW)
    assert found.verdict.outcome is Outcome.KEEP
    assert found.trace[0].outcome is Outcome.KEEP
    assert "its file also contains an episode that is kept" in clause(
        found.trace[0].because
    )


def test_lost_and_unknown() -> None:
    """An episode of a series that is not there stays; of others nothing is known."""
    found = told("nowhere-s1e1")
    assert found.item is LIBRARY[-1].item
    assert found.verdict.outcome is Outcome.KEEP
    assert (found.verdict.rule, found.verdict.rule_type) == ("standard", "standard")
    assert clause(found.verdict.reason) == "its series is not known"
    assert found.trace == ()
    assert clause(found.would_change) == (
        "only other rules, or facts that are unknown now, would change this"
    )
    with pytest.raises(LookupError, match="nothing is known about nothing"):
        told("nothing")
    found = told("m1", rules(WatchedRule(name="All", retention=NEVER)))
    assert clause(found.would_change).startswith("only other rules")


def test_what_would_not_change_it() -> None:
    """Where the added date counts, a play does not help."""
    given = rules(movie_retention="7d", retention_base=RetentionBase.ADDED)
    assert clause(told("m2", given).would_change).startswith(
        "playing it again would not change this"
    )
    given = rules(
        TagRule(name="T", tag="quick-watch", retention=D3),
        retention_base=RetentionBase.ADDED,
    )
    assert "until February 4, 2026" in clause(told("m1", given).would_change)


def test_a_household_of_one() -> None:
    """What would be if that one had finished it."""
    title = movie("m1")
    given = rules(movie_retention="7d")
    found = explain("m1", [title], given, {ALICE: "alice"}, NOW)
    assert clause(found.would_change) == (
        "if everybody finished it now, it would be deleted on February 8, 2026"
    )


def test_an_empty_series() -> None:
    """No rule is asked, and no play of it would change that."""
    found = explain("s1", [series()], RULES, USERS, NOW)
    assert [step.matched for step in found.trace] == [False]
    assert clause(found.would_change).startswith("only other rules")
