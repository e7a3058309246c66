"""The breaker: what stops deletion until somebody has looked."""

from dataclasses import replace
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.cleanup.breaker import (
    BreakerState,
    Finding,
    Measure,
    Suspicion,
    lift,
    review,
    with_finding,
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
    assert found(review(state, many)) == []
    assert found(review(state, replace(NORMAL, due=90))) == []
    assert found(review(state, replace(NORMAL, due=101))) == ["due_surged"]
    state = review(state, NORMAL)
    assert found(review(state, many)) == ["due_surged"]


def test_plays_that_jellystat_missed_are_accepted_up_to_their_number() -> None:
    """It was down for an evening; if it goes on, that is a new finding."""
    missed = replace(NORMAL, unseen_plays=4)
    state = lift(review(SETTLED, missed), Suspicion.JELLYSTAT_SILENT, missed)
    assert found(review(state, missed)) == []
    assert found(review(state, replace(NORMAL, unseen_plays=5))) == ["jellystat_silent"]
    state = review(state, NORMAL)
    assert found(review(state, missed)) == ["jellystat_silent"]


def test_a_surge_that_was_lifted_is_normal() -> None:
    """A household can mark a shelf as watched."""
    current = replace(NORMAL, watched=150)
    state = lift(review(SETTLED, current), Suspicion.PLAYED_SURGED, current)
    assert found(review(state, current)) == []


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
        assert reason.endswith(".")
        assert "{" not in reason


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


@given(st.lists(_measures, max_size=6))
def test_the_state_survives_the_disk(measures: list[Measure]) -> None:
    """What was found is found again after a restart."""
    state = BreakerState()
    for current in measures:
        state = review(state, current)
        stored = json.loads(json.dumps(state.to_mapping()))
        assert BreakerState.from_mapping(stored) == state
        assert review(state, current).findings == state.findings
    assert BreakerState.from_mapping(None) == BreakerState()


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
