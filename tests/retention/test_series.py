"""A series is what its episodes say, never what its folder says."""

from datetime import timedelta

from custom_components.oxicleanarr.retention import RetentionBase, clause, roll_up

from .builders import (
    ALICE,
    BOB,
    NOW,
    ago,
    episode,
    judge,
    kept,
    movie,
    rules,
    series,
    verdicts,
)

GIVEN = rules(tv_retention="14d", movie_retention="1d")


def test_watched_by_who_has_watched_every_episode() -> None:
    """One episode left: not watched. Two halves by two people: not watched."""
    one = episode(1, played={ALICE: ago(30), BOB: ago(15)})
    two = episode(2, played={ALICE: ago(20)})
    verdict = judge([series(), one, two], GIVEN)
    assert verdict.due_at == ago(1)
    assert verdict.episode_ids == ("s1-s1e1", "s1-s1e2")
    assert clause(verdict.reason) == (
        "watched by alice, last played January 17, 2026. Deleted 14 days after watching"
    )
    verdict = judge([series(), one, two, episode(3)], GIVEN)
    assert kept(verdict)
    assert clause(verdict.reason) == (
        "kept because nobody has finished it (alice has watched 2 of 3 episodes)"
    )
    assert verdict.episode_ids == ("s1-s1e1", "s1-s1e2", "s1-s1e3")
    halves = [episode(1, played={ALICE: ago(99)}), episode(2, played={BOB: ago(99)})]
    assert kept(judge([series(), *halves], GIVEN))


def test_episodes_stand_by_season_and_number() -> None:
    """Those without numbers come first; the ids decide between equal ones."""
    named = [
        episode(1, 2),
        episode(None, None),
        episode(2, 1),
        episode(0, 0),
        episode(0, 1),
        episode(None, 1),
        episode(9, 1, item_id="a"),
        episode(9, 1, item_id="b"),
        episode(3, None),
    ]
    rolled = roll_up(series(), named[::-1])
    assert rolled.episode_ids == (
        "s1-sNoneeNone",
        "s1-sNonee3",
        "s1-s0e0",
        "s1-s1eNone",
        "s1-s1e0",
        "s1-s1e2",
        "a",
        "b",
        "s1-s2e1",
    )


def test_a_folders_own_flag_is_nothing() -> None:
    """Jellyfin 10.11 says of every new series that it was played."""
    title = series(played={ALICE: ago(99)})
    assert kept(judge([title, episode(1)], GIVEN))


def test_a_series_without_episodes_is_unknown() -> None:
    """Even where its own facts say watched, and even with a time-based base."""
    title = series(played={ALICE: ago(99)})
    given = rules(tv_retention="1d", retention_base=RetentionBase.ADDED)
    verdict = judge(title, given)
    assert kept(verdict)
    assert clause(verdict.reason) == "none of its episodes are known"
    assert verdict.episode_ids == ()


def test_any_activity_on_any_episode_or_the_series_postpones() -> None:
    """Also an unfinished one, also one that names the series itself."""
    one = episode(1, played={ALICE: ago(99)})
    two = episode(2, played={ALICE: ago(99)}, began={BOB: ago(3)})
    due_at = judge([series(), one, two], GIVEN).due_at
    assert due_at == ago(3) + timedelta(days=14)
    title = series(began={BOB: ago(2)})
    assert judge([title, one], GIVEN).due_at == ago(2) + timedelta(days=14)


def test_roll_up() -> None:
    """The facts of a series follow from those of its episodes."""
    first = episode(
        1, played={ALICE: ago(9)}, added=ago(90), size_bytes=5, favorite_of={BOB}
    )
    second = episode(2, played={ALICE: ago(8)}, added=ago(20), size_bytes=7)
    rolled = roll_up(series(began={BOB: ago(1)}), [second, first])
    assert rolled.episode_ids == ("s1-s1e1", "s1-s1e2")
    assert rolled.progress == {ALICE: 2}
    assert rolled.facts.watched_by == {ALICE}
    assert rolled.facts.last_watched == {ALICE: ago(8), BOB: ago(1)}
    assert rolled.facts.last_watched_at == ago(1)
    assert rolled.facts.added_at == ago(20)
    assert rolled.facts.size_bytes == 12
    assert rolled.facts.favorite_of == {BOB}
    assert roll_up(series(), [first, episode(3)]).facts.size_bytes is None
    empty = roll_up(series(played={ALICE: ago(9)}), [])
    assert empty.facts.watched_by == frozenset()
    assert empty.facts.added_at is None
    assert empty.facts.size_bytes is None


def test_a_missing_date_makes_the_series_date_unknown() -> None:
    """The missing one could be the latest."""
    undated = episode(1, played={ALICE: None}, added=None)
    dated = episode(2, played={ALICE: ago(99)})
    rolled = roll_up(series(), [undated, dated])
    assert rolled.facts.last_watched_at is None
    assert rolled.facts.added_at is None
    for base in RetentionBase:
        given = rules(tv_retention="1d", retention_base=base)
        assert kept(judge([series(), undated, dated], given))
    strange = series(last_watched={BOB: ago(5)}, last_watched_at=None)
    assert roll_up(strange, [dated]).facts.last_watched_at is None
    strange = episode(1, last_watched={BOB: ago(5)}, last_watched_at=None)
    assert roll_up(series(), [strange, dated]).facts.last_watched_at is None
    later = episode(1, played={ALICE: ago(5)}, last_watched_at=ago(9))
    assert roll_up(series(), [later, dated]).facts.last_watched_at == ago(5)


def test_half_watched_without_dates_is_not_untouched() -> None:
    """With the base last_watched_or_added it must not fall back to the added date."""
    given = rules(tv_retention="1d", retention_base=RetentionBase.LAST_WATCHED_OR_ADDED)
    verdict = judge([series(), episode(1, played={ALICE: None}), episode(2)], given)
    assert kept(verdict)
    assert "not known when" in clause(verdict.reason)


def test_a_new_episode_restarts_the_added_date() -> None:
    """The added date of a series is its newest episode's, not its folder's."""
    given = rules(tv_retention="14d", retention_base=RetentionBase.ADDED)
    episodes = [episode(1, added=ago(500)), episode(2, added=ago(1))]
    due_at = judge([series(added=ago(500)), *episodes], given).due_at
    assert due_at == NOW + timedelta(days=13)


def test_kinds_do_not_mix() -> None:
    """Movies have their own retention; seasons and lost episodes no verdict."""
    lost = episode(1, of="nowhere", played={ALICE: ago(99)})
    season = series("x", played={ALICE: ago(99)})
    found = verdicts(
        [movie(played={ALICE: ago(3)}), series(), episode(1), lost, season],
        rules(movie_retention="7d", tv_retention="1d"),
    )
    assert set(found) == {"m1", "s1", "x"}
    assert found["m1"].due_at == ago(-4)
