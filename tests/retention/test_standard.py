"""The two standard retentions, for movies."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.oxicleanarr.retention import (
    RetentionBase,
    UnwatchedBehavior,
    clause,
)

from .builders import ALICE, BOB, CAROL, NOW, ago, date, judge, kept, movie, rules

LAST = RetentionBase.LAST_WATCHED
EITHER = RetentionBase.LAST_WATCHED_OR_ADDED
ADDED = RetentionBase.ADDED


def test_the_guides_example() -> None:
    """Watched on January 1st, 7 days: due on January 8th. Unwatched: never."""
    given = rules(movie_retention="7d", tv_retention="14d")
    verdict = judge(movie(played={ALICE: date("2026-01-01")}), given)
    assert verdict.due_at == date("2026-01-08")
    assert verdict.rule == verdict.rule_type == "standard"
    assert clause(verdict.reason) == (
        "watched by alice on January 1, 2026. Deleted 7 days after watching"
    )
    verdict = judge(movie(added=ago(3000)), given)
    assert kept(verdict)
    assert clause(verdict.reason) == "kept because nobody has finished it"


def test_the_defaults() -> None:
    """Movies stay 90 days after they were watched."""
    verdict = judge(movie(played={ALICE: date("2026-01-01")}), rules())
    assert verdict.due_at == date("2026-04-01")


def test_begun_is_not_watched() -> None:
    """Anchors D4: pressing play once is not watching."""
    verdict = judge(movie(began={BOB: ago(300)}), rules(movie_retention="7d"))
    assert kept(verdict)
    assert clause(verdict.reason).endswith("nobody has finished it (Bob started it)")


def test_anybodys_activity_postpones() -> None:
    """The last activity counts, of whomever and finished or not."""
    given = rules(movie_retention="7d")
    verdict = judge(
        movie(
            played={ALICE: date("2026-01-01"), CAROL: date("2025-01-01")},
            began={BOB: date("2026-01-20")},
        ),
        given,
    )
    assert verdict.due_at == date("2026-01-27")
    assert clause(verdict.reason) == (
        "watched by alice and carol, last played January 20, 2026. "
        "Deleted 7 days after watching"
    )
    # The two sources of dates may differ.
    late = movie(played={ALICE: ago(50)}, last_watched_at=ago(20))
    assert judge(late, given).due_at == ago(13)
    late = movie(played={ALICE: ago(20)}, last_watched_at=ago(50))
    assert judge(late, given).due_at == ago(13)


@pytest.mark.parametrize(
    ("base", "behavior", "watched", "unwatched"),
    [
        (LAST, UnwatchedBehavior.NEVER, ago(10), None),
        (LAST, UnwatchedBehavior.ADDED, ago(10), ago(70)),
        (EITHER, UnwatchedBehavior.NEVER, ago(10), ago(70)),
        (EITHER, UnwatchedBehavior.ADDED, ago(10), ago(70)),
        (ADDED, UnwatchedBehavior.NEVER, ago(70), ago(70)),
        (ADDED, UnwatchedBehavior.ADDED, ago(70), ago(70)),
    ],
)
def test_bases(
    base: RetentionBase,
    behavior: UnwatchedBehavior,
    watched: datetime | None,
    unwatched: datetime | None,
) -> None:
    """The truth table of ``retention_base`` and ``unwatched_behavior``."""
    given = rules(
        movie_retention="30d", retention_base=base, unwatched_behavior=behavior
    )
    title = movie(added=ago(100), played={ALICE: ago(40)})
    assert judge(title, given).due_at == watched
    assert judge(movie(added=ago(100)), given).due_at == unwatched


def test_unwatched_retention() -> None:
    """It takes the place of the retention for what is unwatched, with ``added``."""
    given = rules(
        movie_retention="30d",
        unwatched_behavior=UnwatchedBehavior.ADDED,
        unwatched_retention="365d",
    )
    verdict = judge(movie(added=date("2025-01-01")), given)
    assert verdict.due_at == date("2026-01-01")
    assert clause(verdict.reason) == (
        "added January 1, 2025, not watched. Deleted 365 days after it was added"
    )
    assert judge(movie(played={ALICE: ago(40)}), given).due_at == ago(10)
    # Somebody is in the middle of it.
    title = movie(added=ago(300), began={BOB: ago(100)})
    assert judge(title, given).due_at == NOW + timedelta(days=265)
    title = movie(added=ago(100), began={BOB: ago(300)})
    assert judge(title, given).due_at == NOW + timedelta(days=265)
    # The other ways do not look at it.
    for ignored in (
        {"unwatched_behavior": UnwatchedBehavior.NEVER},
        {"unwatched_behavior": UnwatchedBehavior.ADDED, "retention_base": EITHER},
    ):
        given = rules(movie_retention="30d", unwatched_retention="1d", **ignored)
        due_at = judge(movie(added=ago(100)), given).due_at
        assert due_at in (None, ago(70))
    given = rules(
        unwatched_behavior=UnwatchedBehavior.ADDED, unwatched_retention="never"
    )
    assert kept(judge(movie(added=ago(3000)), given))


@pytest.mark.parametrize("retention", ["never", "0d", "0h", "0s"])
def test_never_and_zero_switch_the_standard_rule_off(retention: str) -> None:
    """OxiCleanarr's ``0d`` on a tag rule means at once, but here it means off."""
    verdict = judge(
        movie(played={ALICE: ago(300)}),
        rules(movie_retention=retention, retention_base=EITHER),
    )
    assert kept(verdict)
    assert clause(verdict.reason) == "the default retention is off for movies"


@pytest.mark.parametrize("base", RetentionBase)
@pytest.mark.parametrize("behavior", UnwatchedBehavior)
def test_a_missing_date_is_unknown_and_keeps(
    base: RetentionBase, behavior: UnwatchedBehavior
) -> None:
    """Anchors 1.7: missing dates became the year 1 and so overdue."""
    given = rules(
        movie_retention="1s", retention_base=base, unwatched_behavior=behavior
    )
    assert kept(judge(movie(added=None), given))
    undated = movie(played={ALICE: None}, added=None)
    assert kept(judge(undated, given))
    # It was watched, but nobody knows when: its added date is not the answer.
    if base is not ADDED:
        verdict = judge(movie(played={ALICE: None}, added=ago(3000)), given)
        assert kept(verdict)
        assert "not known when" in clause(verdict.reason)


@pytest.mark.parametrize("base", RetentionBase)
def test_a_date_in_the_future_is_clamped_to_now(base: RetentionBase) -> None:
    """A clock that is wrong must neither delete nor keep for a century."""
    given = rules(movie_retention="7d", retention_base=base)
    future = datetime(2099, 1, 1, tzinfo=UTC)
    verdict = judge(movie(played={ALICE: future}, added=future), given)
    assert verdict.due_at == NOW + timedelta(days=7)


def test_due_within_a_day_is_still_pending() -> None:
    """Anchors B9: what was due within 24 hours vanished."""
    title = movie(played={ALICE: ago(6.9)})
    assert judge(title, rules(movie_retention="7d")).due_at == ago(-0.1)


def test_users_who_are_gone() -> None:
    """A watch by a user who does not exist any more is still a watch."""
    verdict = judge(movie(played={"f" * 32: ago(9)}), rules(movie_retention="7d"))
    assert verdict.due_at == ago(2)
    assert "a former user" in clause(verdict.reason)


def test_many_names_are_shortened() -> None:
    """A reason stays readable with many users."""
    played = {f"{number:032x}": ago(9) for number in range(20)}
    verdict = judge(movie(played=played), rules(movie_retention="7d"))
    assert "and 17 others, last played" in clause(verdict.reason)
