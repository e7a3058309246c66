"""Explanations and previews: the same decisions, said to people."""

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
    preview,
)

from .builders import ALICE, BOB, NOW, USERS, ago, episode, facts, movie, rules, series

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


def test_preview() -> None:
    """How many go and stay, which, and what nobody has watched."""
    library = [
        *LIBRARY,
        movie("m3", tags=["time"], added=ago(2)),
        movie("m4", began={BOB: ago(1)}),
    ]
    after = RetentionRules(
        standard=RULES.standard,
        advanced=(
            EpisodeRule(name="TV", max_episodes=5),
            TagRule(name="Time", tag="time", retention=D3),
            TagRule(name="All", tag="quick-watch", retention=D3, require_watched=True),
        ),
    )
    found = preview(library, RULES, after, USERS, NOW)
    assert (found.before.pending, found.before.due, found.before.kept) == (0, 5, 4)
    assert (found.after.pending, found.after.due, found.after.kept) == (1, 6, 3)
    assert [title.name for title in found.added] == [
        "Unknown series S01E05",
        "Title m3",
    ]
    assert found.removed == ()
    assert [title.verdict.item_id for title in found.unwatched] == ["s1-s1e5", "m3"]
    assert [title.watched for title in found.unwatched] == [False, False]
    assert [title.watched for title in found.added] == [False, False]
    back = preview(library, after, RULES, USERS, NOW)
    assert [t.verdict.item_id for t in back.removed] == ["s1-s1e5", "m3"]
    assert back.added == ()


def test_what_would_go_sooner() -> None:
    """What goes already is named too if its day would come earlier, not if later."""
    title = movie("m1", tags=["t"], played={ALICE: ago(1)})
    slow, fast = (
        rules(TagRule(name="T", tag="t", retention=parse_duration(f"{days}d")))
        for days in (30, 7)
    )
    found = preview([title], slow, fast, USERS, NOW)
    assert [one.verdict.item_id for one in found.sooner] == ["m1"]
    assert found.added == found.removed == ()
    assert preview([title], fast, slow, USERS, NOW).sooner == ()
    assert preview([title], fast, fast, USERS, NOW).sooner == ()


def test_what_is_watched_in_a_preview() -> None:
    """By anybody; a series that nobody has finished is not."""
    titles = [
        movie("m1", played={ALICE: ago(3)}),
        movie("m2"),
        series("s1"),
        episode(1, played={BOB: ago(3)}),
        episode(2),
        series("s2"),
        episode(1, of="s2", played={BOB: ago(3)}),
    ]
    given = rules(
        movie_retention="1d", tv_retention="1d", retention_base=RetentionBase.ADDED
    )
    off = rules(movie_retention="never", tv_retention="never")
    found = preview(titles, off, given, USERS, NOW)
    assert {one.verdict.item_id: one.watched for one in found.added} == {
        "m1": True,
        "m2": False,
        "s1": False,
        "s2": True,
    }
    assert {one.verdict.item_id for one in found.unwatched} == {"m2", "s1"}


def test_what_is_due_in_a_preview() -> None:
    """From the very moment on."""
    titles = [movie(str(n), added=ago(7 - n)) for n in (-1, 0, 1, 2)]
    given = rules(movie_retention="7d", retention_base=RetentionBase.ADDED)
    found = preview([*titles, movie("m")], given, given, USERS, NOW)
    assert (found.after.due, found.after.pending, found.after.kept) == (3, 2, 0)


def test_names_in_a_preview() -> None:
    """With the year of a movie and the numbers of an episode."""
    film = movie(item={"year": 1979})
    part = episode(None, None, item={"series_title": "Fargo"})
    given = rules(
        EpisodeRule(name="TV", max_age=D3),
        movie_retention="1d",
        retention_base=RetentionBase.ADDED,
    )
    found = preview([film, series(), part], rules(), given, USERS, NOW)
    assert {title.name for title in found.added} == {
        "Title m1 (1979)",
        "Title s1",
        "Fargo S?E?",
    }
