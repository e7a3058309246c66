"""The breaker: what stops deletion until somebody has looked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.cleanup import LibraryStatistics, Plan, say
from custom_components.oxicleanarr.cleanup.breaker import (
    BreakerState,
    Finding,
    Measure,
    Suspicion,
    lift,
    measure,
    review,
    with_finding,
)
from custom_components.oxicleanarr.ledger import LedgerState
from custom_components.oxicleanarr.model import (
    MediaKey,
    MediaKind,
    PlannedDeletion,
    Reason,
)

NORMAL = Measure(history_rows=1000, titles=200, watched=60, due=5, scope=("a",))
SETTLED = BreakerState(baseline=NORMAL)


def found(state: BreakerState) -> list[str]:
    """Return the names of a state's findings."""
    return [one.suspicion for one in state.findings]


def test_the_first_sync_has_nothing_to_compare() -> None:
    """A library can be of any size."""
    state = review(BreakerState(), NORMAL)
    assert found(state) == []
    assert state.baseline == NORMAL


@pytest.mark.parametrize(
    ("changes", "suspicions"),
    [
        ({"history_rows": 900}, []),
        ({"history_rows": 899}, ["history_shrank"]),
        ({"history_rows": 0}, ["history_shrank"]),
        ({"titles": 160}, []),
        ({"titles": 159}, ["inventory_shrank"]),
        ({"titles": 140, "deleted": 25}, []),
        ({"titles": 130, "deleted": 25}, ["inventory_shrank"]),
        ({"titles": 0, "watched": 0, "due": 0, "scope": ("b",)}, []),
        ({"watched": 100}, []),
        ({"watched": 101}, ["played_surged"]),
        ({"due": 60}, []),
        ({"due": 61}, ["due_surged"]),
        ({"titles": 20, "due": 9, "scope": ("b",)}, []),
        ({"titles": 20, "due": 10, "scope": ("b",)}, ["due_surged"]),
        ({"unseen_plays": 2}, []),
        ({"unseen_plays": 3}, ["jellystat_silent"]),
        ({"clock_error": 4000}, ["clock_jumped"]),
    ],
)
def test_what_is_suspicious(changes: dict[str, object], suspicions: list[str]) -> None:
    """Each limit of the design, from both sides."""
    state = review(SETTLED, replace(NORMAL, **changes))  # type: ignore[arg-type]
    assert found(state) == suspicions


@pytest.mark.parametrize(
    ("changes", "before", "now"),
    [
        ({"history_rows": 10}, 1000, 10),
        ({"titles": 20}, 200, 20),
        ({"watched": 150}, 60, 150),
        ({"due": 100}, 200, 100),
        ({"unseen_plays": 4}, 0, 4),
        ({"clock_error": 4000}, 0, 4000),
    ],
)
def test_a_finding_tells_what_was_and_what_is(
    changes: dict[str, int], before: int, now: int
) -> None:
    """In its sentence; of due titles it is how many there are in all."""
    (finding,) = review(SETTLED, replace(NORMAL, **changes)).findings  # type: ignore[arg-type]
    assert (finding.before, finding.now) == (before, now)
    assert str(now) in say(finding.reason)


@pytest.mark.parametrize(
    ("before", "after", "suspicions"),
    [
        # Below ten titles a share says nothing.
        ({"titles": 20}, {"watched": 9}, []),
        ({"titles": 20}, {"watched": 10}, ["played_surged"]),
        # What had gone by our own hand before is no excuse for what is missing now.
        ({"titles": 200, "deleted": 100}, {"titles": 159}, ["inventory_shrank"]),
        ({"titles": 200, "deleted": 100}, {"titles": 140, "deleted": 125}, []),
    ],
)
def test_what_is_suspicious_elsewhere(
    before: dict[str, int], after: dict[str, int], suspicions: list[str]
) -> None:
    """In a small library, and in one that has been cleaned for years."""
    was = replace(Measure(history_rows=10, titles=0, watched=0, due=0), **before)  # type: ignore[arg-type]
    state = review(BreakerState(baseline=was), replace(was, **after))  # type: ignore[arg-type]
    assert found(state) == suspicions


def test_a_finding_goes_when_what_was_lost_is_back() -> None:
    """And until then it is compared with what was, however many syncs there are."""
    state = SETTLED
    for _ in range(3):
        state = review(state, replace(NORMAL, history_rows=10, titles=20))
        assert found(state) == ["history_shrank", "inventory_shrank"]
        assert state.findings[0].before == 1000
    assert found(review(state, NORMAL)) == []


def test_lifting_is_for_one_finding_only() -> None:
    """Somebody has looked at this one; the other still stands."""
    current = replace(NORMAL, history_rows=10, titles=20)
    state = lift(review(SETTLED, current), Suspicion.HISTORY_SHRANK, current)
    assert found(state) == ["inventory_shrank"]
    state = review(state, current)
    assert found(state) == ["inventory_shrank"]
    state = review(lift(state, Suspicion.INVENTORY_SHRANK, current), current)
    assert found(state) == []


def test_many_due_titles_are_accepted_up_to_their_number() -> None:
    """More than were looked at is a new finding; few are a new beginning."""
    many = replace(NORMAL, due=100)
    state = lift(review(SETTLED, many), Suspicion.DUE_SURGED, many)
    for _ in range(3):
        state = review(state, many)
        assert found(state) == []
    assert found(review(state, replace(NORMAL, due=90))) == []
    assert found(review(state, replace(NORMAL, due=101))) == ["due_surged"]
    state = review(state, NORMAL)
    assert state.accepted_due == 0
    assert found(review(state, many)) == ["due_surged"]


def test_plays_that_jellystat_missed_are_accepted_up_to_their_number() -> None:
    """It was down for an evening; if it goes on, that is a new finding."""
    missed = replace(NORMAL, unseen_plays=4)
    state = lift(review(SETTLED, missed), Suspicion.JELLYSTAT_SILENT, missed)
    for _ in range(3):
        state = review(state, missed)
        assert found(state) == []
    assert found(review(state, replace(NORMAL, unseen_plays=5))) == ["jellystat_silent"]
    state = review(state, NORMAL)
    assert state.accepted_unseen == 0
    assert found(review(state, missed)) == ["jellystat_silent"]


def test_a_surge_that_was_lifted_is_normal() -> None:
    """A household can mark a shelf as watched."""
    current = replace(NORMAL, watched=150)
    state = lift(review(SETTLED, current), Suspicion.PLAYED_SURGED, current)
    assert found(review(state, current)) == []


@pytest.mark.parametrize(
    ("suspicion", "changes"),
    [
        (Suspicion.HISTORY_SHRANK, {"history_rows": 10}),
        (Suspicion.INVENTORY_SHRANK, {"titles": 100, "deleted": 7}),
        (Suspicion.PLAYED_SURGED, {"watched": 150}),
    ],
)
def test_what_was_lifted_is_the_new_normal(
    suspicion: Suspicion, changes: dict[str, int]
) -> None:
    """That value only: all others are compared with what they were."""
    current = replace(NORMAL, history_rows=10, titles=100, deleted=7, watched=150)
    state = review(SETTLED, current)
    assert state.baseline == NORMAL
    state = lift(state, suspicion, current)
    assert state.baseline == replace(NORMAL, **changes)  # type: ignore[arg-type]
    assert len(state.findings) == 2


def test_two_findings_that_no_sync_has_made() -> None:
    """They stand side by side, each once."""
    jumped = Finding(suspicion=Suspicion.CLOCK_JUMPED, now=5)
    replaced = Finding(suspicion=Suspicion.LEDGER_REPLACED)
    state = with_finding(with_finding(SETTLED, jumped), replaced)
    assert state.findings == (jumped, replaced)
    again = replace(jumped, now=7)
    assert with_finding(state, again).findings == (replaced, again)


@pytest.mark.parametrize(
    "suspicion", [Suspicion.CLOCK_JUMPED, Suspicion.LEDGER_REPLACED]
)
def test_some_findings_last(suspicion: Suspicion) -> None:
    """Nothing that comes later proves them wrong."""
    state = with_finding(SETTLED, Finding(suspicion=suspicion, now=5))
    state = review(state, NORMAL)
    assert found(state) == [suspicion]
    assert found(lift(state, suspicion, NORMAL)) == []


def test_a_finding_can_be_lifted_before_the_first_sync() -> None:
    """Then nothing is normal yet, and nothing becomes so by it."""
    state = with_finding(BreakerState(), Finding(suspicion=Suspicion.LEDGER_REPLACED))
    assert lift(state, Suspicion.LEDGER_REPLACED, None) == BreakerState()


def test_every_finding_is_a_sentence() -> None:
    """With its numbers."""
    for suspicion in Suspicion:
        reason = Finding(suspicion=suspicion, before=7, now=3).reason
        said = say(reason)
        assert said.endswith(".")
        assert "{" not in said


_measures = st.builds(
    Measure,
    history_rows=st.integers(0, 2000),
    titles=st.integers(0, 300),
    watched=st.integers(0, 300),
    due=st.integers(0, 300),
    deleted=st.integers(0, 50),
    scope=st.sampled_from([("a",), ("a", "b")]),
    unseen_plays=st.integers(0, 5),
    clock_error=st.sampled_from([0, 0, 0, 5000]),
)


_lifted = st.none() | st.sampled_from(list(Suspicion))


@given(st.lists(st.tuples(_measures, _lifted), max_size=6))
def test_the_state_survives_the_disk(
    syncs: list[tuple[Measure, Suspicion | None]],
) -> None:
    """What was found is found again after a restart, and what was lifted is not."""
    state = BreakerState()
    for current, lifted in syncs:
        state = review(state, current)
        if lifted is not None:
            state = lift(state, lifted, current)
        stored = json.loads(json.dumps(state.to_mapping()))
        assert BreakerState.from_mapping(stored) == state
        if lifted is None:
            assert review(state, current).findings == state.findings
    assert BreakerState.from_mapping(None) == BreakerState()


def test_a_state_without_a_sync_survives_the_disk() -> None:
    """Something can be found before there is anything to compare."""
    state = with_finding(BreakerState(), Finding(suspicion=Suspicion.LEDGER_REPLACED))
    assert BreakerState.from_mapping(state.to_mapping()) == state


@given(st.lists(_measures, min_size=1, max_size=6), st.sampled_from(list(Suspicion)))
def test_lifting_never_lifts_another(
    measures: list[Measure], suspicion: Suspicion
) -> None:
    """Only the one that somebody has looked at."""
    state = BreakerState()
    for current in measures:
        state = review(state, current)
    others = [one for one in found(state) if one != suspicion]
    assert found(lift(state, suspicion, measures[-1])) == others


NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def _entry(item_id: str, due_in: timedelta, *episodes: str) -> PlannedDeletion:
    """Return an entry of a plan: a movie, or a series if it names episodes."""
    return PlannedDeletion(
        item_id=item_id,
        key=MediaKey(f"jellyfin:{item_id}"),
        kind=MediaKind.SERIES if episodes else MediaKind.MOVIE,
        title=item_id,
        year=None,
        series=None,
        season=None,
        episode=None,
        size_bytes=None,
        watched=True,
        watched_by=(),
        last_watched_at=None,
        added_at=None,
        rule="standard",
        rule_type="standard",
        reason=Reason(""),
        due_at=NOW + due_in,
        first_scheduled_at=NOW,
        episode_ids=episodes,
    )


def test_what_is_measured() -> None:
    """The history, the library, and the files that would go now, each counted once."""
    plan = Plan(
        evaluated_at=NOW,
        synced_at=NOW,
        entries=(
            _entry("m1", timedelta()),
            _entry("s1", timedelta(days=-1), "e1", "e2"),
            # An episode can stand in the plan for itself as well.
            _entry("e1", timedelta(days=-1)),
            _entry("m2", timedelta(seconds=1)),
        ),
        statistics=LibraryStatistics(
            movies=100, series=10, episodes=500, watched_movies=30, watched_episodes=200
        ),
    )
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
    found_now = measure(
        plan, state, now=NOW, scope=iter(["b", "a"]), deleted=9, clock_error=-4000
    )
    assert found_now == Measure(
        history_rows=4711,
        titles=600,
        watched=230,
        due=3,
        deleted=9,
        scope=("a", "b"),
        unseen_plays=3,
        clock_error=-4000,
    )
    steady = measure(plan, state, now=NOW, scope=(), deleted=0)
    assert steady.clock_error == 0
