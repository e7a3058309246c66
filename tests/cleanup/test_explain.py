"""Why a title stays or goes, asked of the ledger."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import (
    Explained,
    Plan,
    Why,
    clause,
    explain_item,
    why,
)
from custom_components.oxicleanarr.model import (
    ApprovalState,
    Keep,
    MediaFiles,
    MediaKey,
    Outcome,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    TagRule,
    TraceStep,
)
from tests.home import DAY, START

from .conftest import GRACE, Cleaner, Owned
from .test_approvals import AUTO, WEEK, approve, entry_of, rules
from .test_execute import reasons, watch

STAY = TagRule(name="stay", tag="stay", retention=NEVER)
WATCHED = (
    "watched by alice, last played December 11, 2025. Deleted 7 days after watching"
)


def told(
    cleaner: Cleaner, title: str, plan: Plan | None = None, **more: Any
) -> Explained:
    """Return the explanation of what bears a title, or of the only season."""
    house = cleaner.home.household
    item = house.show("Show").seasons[0] if title == "Season 1" else house[title]
    return explain_item(
        cleaner.home.ledger, cleaner.rules, plan, item.id, cleaner.home.now, **more
    )


def key(cleaner: Cleaner, title: str) -> MediaKey:
    """Return the stable key of what bears a title."""
    return told(cleaner, title).key


def keep(cleaner: Cleaner, title: str, **more: Any) -> None:
    """Have a user keep a title."""
    kept = Keep(key=key(cleaner, title), kept_at=cleaner.home.now, **more)
    cleaner.home.ledger.keep(kept)


def favorite(cleaner: Cleaner, title: str, user: str = "bob") -> None:
    """Have a user love a title."""
    house = cleaner.home.household
    house.set_favourite(house.user(user), house[title], True)


def held(found: Explained, as_before: Explained) -> TraceStep:
    """Return the step that keeps a title from outside, and check the rest with it.

    ``as_before`` is what the rules alone have said.
    """
    *steps, last = found.trace
    assert tuple(steps) == as_before.trace
    assert (last.matched, last.outcome) == (True, Outcome.KEEP)
    assert (found.outcome, found.due_at) == (Outcome.KEEP, None)
    assert (found.rule, found.rule_type) == (last.rule, last.type)
    assert found.reason == last.because
    assert found.would_change == why(Why.RULES_OTHERWISE, because=as_before.reason)
    return last


async def test_what_goes(cleaner: Cleaner) -> None:
    """All that is known, by id and by key; and the day that the plan has, if it has."""
    cleaner.rules = replace(cleaner.rules, advanced=(STAY,))
    watch(cleaner, "Alpha", days=30)
    watch(cleaner, "Bravo", days=3)
    await cleaner.sync()
    found = told(cleaner, "Alpha")
    assert found.item.title == "Alpha"
    assert (found.key, found.library) == ("movie:tmdb:1", "Movies")
    assert (found.rule, found.rule_type) == ("standard", "standard")
    assert clause(found.reason) == WATCHED
    assert (found.outcome, found.due_at) == (Outcome.DELETE, START - 23 * DAY)
    assert [(one.rule, one.matched) for one in found.trace] == [
        ("stay", False),
        ("standard", True),
    ]
    assert clause(found.would_change).startswith("if somebody played it now")
    by_key = explain_item(
        cleaner.home.ledger, cleaner.rules, None, found.key, cleaner.home.now
    )
    assert by_key == found

    plan = cleaner.plan()
    planned = told(cleaner, "Alpha", plan)
    assert planned == replace(found, due_at=START + GRACE)
    assert told(cleaner, "Bravo", plan).due_at == START + 4 * DAY
    # The plan was made before somebody watched this one.
    watch(cleaner, "Charlie", days=20)
    await cleaner.sync()
    assert told(cleaner, "Charlie", plan).due_at == START - 13 * DAY


async def test_what_asks_first(cleaner: Cleaner) -> None:
    """Whether it is approved and until when, and that it waits while it is not."""
    ledger = cleaner.home.ledger
    watch(cleaner, "Alpha")
    await cleaner.sync()
    early = cleaner.plan()
    plain = told(cleaner, "Alpha", early)
    assert (plain.approval, plain.approved_until) == (None, None)
    # The plan is older than the rule that asks, and then there is none at all.
    rules(cleaner, AUTO)
    for known in (early, None):
        asks = told(cleaner, "Alpha", known)
        assert (asks.rule, asks.approval) == ("auto", ApprovalState.PENDING)
    assert asks.would_change.code == Why.APPROVAL_NEEDED
    assert clause(asks.would_change).startswith(
        "it isn't deleted until an administrator approves it; if somebody played it now,"
    )
    plan = await cleaner.due_plan()
    waits = told(cleaner, "Alpha", plan)
    assert (waits.approval, waits.approved_until) == (ApprovalState.WAITING, None)
    assert waits.would_change.code == Why.APPROVAL_NEEDED
    # It is asked of the ledger: the plan may not know it yet.
    approve(cleaner, entry_of(plan, "Alpha"))
    until = cleaner.home.now + 30 * DAY
    approved = told(cleaner, "Alpha", plan)
    assert (approved.approval, approved.approved_until) == (
        ApprovalState.APPROVED,
        until,
    )
    assert clause(approved.would_change).startswith("if somebody played it now")
    assert told(cleaner, "Alpha", early).approval is ApprovalState.APPROVED
    ledger.take_back([approved.key])
    assert told(cleaner, "Alpha", plan).approval is ApprovalState.WAITING
    # What stays needs nobody's approval.
    keep(cleaner, "Alpha")
    kept = told(cleaner, "Alpha", plan)
    assert (kept.approval, kept.outcome) == (None, Outcome.KEEP)
    assert kept.would_change.code == Why.RULES_OTHERWISE


async def test_what_is_approved_of_another_rule_of_the_same_name(
    cleaner: Cleaner,
) -> None:
    """The plan is older than the rules: it is the kind of rule by now that counts."""
    house = cleaner.home.household
    house.retag(house.movie("Alpha"), ["old"])
    watch(cleaner, "Alpha")
    rules(cleaner, TagRule(name="auto", tag="old", retention=WEEK, approval=True))
    plan = await cleaner.due_plan()
    approve(cleaner, *plan.entries)
    assert told(cleaner, "Alpha", plan).approval is ApprovalState.APPROVED
    rules(cleaner, AUTO)
    assert told(cleaner, "Alpha", plan).approval is ApprovalState.WAITING
    approve(cleaner, *cleaner.plan().entries)
    assert told(cleaner, "Alpha", plan).approval is ApprovalState.APPROVED


async def test_what_is_approved_of_a_series(cleaner: Cleaner) -> None:
    """An episode goes with its series, as that is approved; so does a manual one ask."""
    rules(cleaner, approval=True)
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    assert told(cleaner, "E1", plan).approval is ApprovalState.WAITING
    approve(cleaner, *plan.entries)
    for title in ("Show", "Season 1", "E1"):
        assert told(cleaner, title, plan).approval is ApprovalState.APPROVED
    # The plan was made before two of its episodes came.
    (entry,) = plan.entries
    fewer = replace(entry, episode_ids=entry.episode_ids[:1])
    early = replace(plan, entries=(fewer,))
    assert told(cleaner, "Show", early).approval is ApprovalState.APPROVED
    # Whoever approves what that plan holds has not approved those two.
    approve(cleaner, fewer)
    assert told(cleaner, "Show", early).approval is ApprovalState.WAITING
    # By hand it is another entry, which nobody has approved.
    cleaner.home.ledger.schedule_manually(key(cleaner, "E2"), START - 50 * DAY)
    by_hand = told(cleaner, "E2")
    assert (by_hand.rule, by_hand.approval) == ("manual", ApprovalState.PENDING)
    assert clause(by_hand.would_change).startswith(
        "it isn't deleted until an administrator approves it; otherwise the rules"
    )


@pytest.mark.parametrize(
    ("size", "limit", "code"),
    [
        (2000, None, None),
        (2000, 2000, None),
        (2000, 1999, Why.TOO_LARGE),
        (None, None, None),
        (None, 2000, Why.SIZE_UNKNOWN),
    ],
)
async def test_what_fits_into_no_day(
    cleaner: Cleaner, size: int | None, limit: int | None, code: Why | None
) -> None:
    """Once nothing else is missing it says what to do; every run would skip it."""
    watch(cleaner, "Alpha")
    await cleaner.sync()
    early = cleaner.plan()
    film = cleaner.home.household["Alpha"]
    cleaner.home.ledger.store_files([MediaFiles(item_id=film.id, size_bytes=size)])
    plain = told(cleaner, "Alpha", early)
    assert told(cleaner, "Alpha", early, max_bytes=1) == plain
    plan = await cleaner.due_plan()
    found = told(cleaner, "Alpha", plan, max_bytes=limit)
    assert found.outcome is Outcome.DELETE
    assert found.would_change.code == (code or "playing_keeps_it")
    at = entry_of(plan, "Alpha").due_at
    on_time = explain_item(
        cleaner.home.ledger, cleaner.rules, plan, film.id, at, max_bytes=limit
    )
    assert on_time.would_change.code == found.would_change.code
    # It is what a run says.
    cleaner.limits = replace(cleaner.limits, max_bytes=limit)
    cleaner.dry_run = lambda: True
    said = reasons((await cleaner.run()).skipped)["Alpha"]
    assert said.endswith(
        clause(found.would_change) if code else "dry run: it would be deleted now"
    )
    # It needs an approval all the same, and that is said first.
    rules(cleaner, AUTO)
    waits = clause(told(cleaner, "Alpha", plan, max_bytes=limit).would_change)
    assert waits.startswith("it isn't deleted until an administrator approves it; ")
    assert waits.endswith(clause(found.would_change))


async def test_what_the_rules_keep(cleaner: Cleaner) -> None:
    """With what would change that."""
    await cleaner.sync()
    found = told(cleaner, "Alpha", cleaner.plan())
    assert (found.outcome, found.due_at) == (Outcome.KEEP, None)
    assert (found.rule, found.rule_type) == ("standard", "standard")
    assert "nobody has finished it" in clause(found.reason)
    assert [one.rule for one in found.trace] == ["standard"]
    assert clause(found.would_change).startswith("if everybody finished it now")


@pytest.mark.parametrize("watched", [True, False])
async def test_a_keep_has_the_last_word(cleaner: Cleaner, watched: bool) -> None:
    """Whatever the rules say, until it ends."""
    if watched:
        watch(cleaner, "Alpha")
    await cleaner.sync()
    before = told(cleaner, "Alpha")
    keep(cleaner, "Alpha", until=START + DAY, reason="mine")
    last = held(told(cleaner, "Alpha"), before)
    assert (last.rule, last.type) == ("keep", "keep")
    assert clause(last.because) == "Alpha is kept until January 11, 2026: mine"
    cleaner.home.wait(DAY + timedelta(hours=1))
    assert told(cleaner, "Alpha").rule == "standard"


@pytest.mark.parametrize("watched", [True, False])
async def test_a_favorite_has_the_last_word(cleaner: Cleaner, watched: bool) -> None:
    """Unless favorites protect nothing."""
    if watched:
        watch(cleaner, "Alpha")
    await cleaner.sync()
    before = told(cleaner, "Alpha")
    favorite(cleaner, "Alpha")
    await cleaner.sync()
    last = held(told(cleaner, "Alpha"), before)
    assert (last.rule, last.type) == ("favorite", "favorite")
    assert clause(last.because) == "Alpha is a favorite of bob"
    assert told(cleaner, "Alpha", favorites_keep=True) == told(cleaner, "Alpha")
    assert told(cleaner, "Alpha", favorites_keep=False) == before


async def test_another_copy_stays(cleaner: Cleaner) -> None:
    """By a rule, which is named. A favorite is one of the title, whichever copy it is."""
    cleaner.rules = replace(cleaner.rules, advanced=(STAY,))
    watch(cleaner, "Alpha")
    house = cleaner.home.household
    copy = cleaner.add_copy()
    house.play(house.user("alice"), copy, 0.96, at=START - 30 * DAY)
    house.scan()
    await cleaner.sync()
    before = told(cleaner, "Alpha")
    assert before.outcome is Outcome.DELETE
    house.retag(copy, ["stay"])
    house.scan()
    await cleaner.sync()
    last = held(told(cleaner, "Alpha"), before)
    assert (last.rule, last.type) == ("stay", "copy")
    assert last.because.code == Why.COPY_STAYS
    house.retag(copy, [])
    house.scan()
    favorite(cleaner, copy.name)
    await cleaner.sync()
    last = held(told(cleaner, "Alpha"), before)
    assert (last.rule, last.type) == ("favorite", "favorite")
    assert clause(last.because) == "Alpha is a favorite of bob"


async def test_a_doubt(owned: Owned) -> None:
    """What Radarr calls something else stays."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.sync()
    before = told(cleaner, "Alpha")
    owned.radarr.movie("Alpha").tmdb_id = 4711
    await cleaner.sync()
    last = held(told(cleaner, "Alpha"), before)
    assert (last.rule, last.type) == ("unmatched", "unmatched")
    assert last.because.code == Why.UNMATCHED


async def test_a_series_with_its_season_and_episodes(cleaner: Cleaner) -> None:
    """They go with it, and stay with it."""
    cleaner.rules = replace(cleaner.rules, advanced=(STAY,))
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    plan = cleaner.plan()
    show, episode = told(cleaner, "Show", plan), told(cleaner, "E2", plan)
    assert (show.outcome, show.due_at) == (Outcome.DELETE, START + GRACE)
    assert [one.rule for one in show.trace] == ["stay", "standard"]
    assert replace(
        episode,
        item=show.item,
        key=show.key,
        trace=show.trace,
        would_change=show.would_change,
    ) == replace(show, reason=episode.reason)
    assert episode.reason == show.reason
    assert clause(episode.trace[-1].because).startswith("the series as a whole")
    of_season = told(cleaner, "Season 1", plan)
    assert of_season.item.season == 1
    assert (of_season.outcome, of_season.due_at) == (Outcome.DELETE, START + GRACE)

    # One episode holds the others; each is told what the rules say of the whole.
    keep(cleaner, "E1")
    found = told(cleaner, "E3")
    assert (found.rule, found.outcome) == ("keep", Outcome.KEEP)
    assert clause(found.reason) == "E1 is kept"
    assert found.would_change == why(Why.RULES_OTHERWISE, because=show.reason)
    assert found.trace[:-1] == episode.trace
    for name in ("Show", "E1", "Season 1"):
        assert clause(told(cleaner, name).reason) == "E1 is kept"


async def test_an_episode_rule_takes_some(cleaner: Cleaner) -> None:
    """Those have a day of their own; of the others the rule says why they stay."""
    rule = EpisodeRule(name="TV", max_episodes=1, require_watched=True)
    cleaner.rules = replace(cleaner.rules, advanced=(rule,))
    for number, one in enumerate(cleaner.home.household.show("Show").episodes):
        one.premiere = START - (99 - number) * DAY
    watch(cleaner, "E1", "E2")
    await cleaner.sync()
    assert (told(cleaner, "E1").rule, told(cleaner, "E1").rule_type) == (
        "TV",
        "episode",
    )
    assert told(cleaner, "E1").outcome is Outcome.DELETE
    found = told(cleaner, "E3")
    assert (found.outcome, found.rule, found.due_at) == (Outcome.KEEP, "TV", None)
    assert told(cleaner, "Show").outcome is Outcome.KEEP
    # The whole series by hand on that very day is no news for what goes anyway.
    due_at = told(cleaner, "E1").due_at
    assert due_at is not None
    cleaner.home.ledger.schedule_manually(key(cleaner, "Show"), due_at)
    found = told(cleaner, "E1")
    assert (found.rule, found.due_at) == ("TV", due_at)
    assert told(cleaner, "E3").rule == "manual"


async def test_a_day_chosen_by_hand(cleaner: Cleaner) -> None:
    """It ends the trace; what the rules would do is said beside it."""
    watch(cleaner, "Alpha")
    await cleaner.sync()
    for title in ("Alpha", "Bravo"):
        before = told(cleaner, title)
        at = START + 20 * DAY
        cleaner.home.ledger.schedule_manually(before.key, at)
        found = told(cleaner, title)
        by_hand = why(Why.BY_HAND, due_at=at)
        step = TraceStep("manual", "manual", True, Outcome.DELETE, by_hand)
        assert found == replace(
            before,
            outcome=Outcome.DELETE,
            rule="manual",
            rule_type="manual",
            reason=by_hand,
            due_at=at,
            trace=(*before.trace, step),
            would_change=why(Why.RULES_OTHERWISE, because=before.reason),
        )
        keep(cleaner, title)
        assert held(told(cleaner, title), before).rule == "keep"


async def test_of_two_days_the_first_counts(cleaner: Cleaner) -> None:
    """An episode can go with its series, or before it."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    ledger, due_at = cleaner.home.ledger, told(cleaner, "Show").due_at
    ledger.schedule_manually(key(cleaner, "E1"), START - 50 * DAY)
    ledger.schedule_manually(key(cleaner, "E2"), START + 50 * DAY)
    first, second = told(cleaner, "E1"), told(cleaner, "E2")
    assert (first.rule, first.due_at) == ("manual", START - 50 * DAY)
    assert (second.rule, second.due_at) == ("standard", due_at)
    # The same day twice is no contradiction: then it is what the rules say.
    assert due_at is not None
    for title in ("E1", "E2", "E3"):
        ledger.schedule_manually(key(cleaner, title), due_at)
        found = told(cleaner, title)
        assert (found.rule, found.due_at) == ("standard", due_at)


async def test_a_season_chosen_by_hand(cleaner: Cleaner) -> None:
    """It goes with its episodes; the series stays."""
    await cleaner.sync()
    at = START + 20 * DAY
    cleaner.home.ledger.schedule_manually(key(cleaner, "Season 1"), at)
    for title in ("Season 1", "E1", "E3"):
        found = told(cleaner, title)
        assert (found.rule, found.outcome, found.due_at) == (
            "manual",
            Outcome.DELETE,
            at,
        )
    assert told(cleaner, "Show").outcome is Outcome.KEEP


@pytest.mark.parametrize("reference", ["f" * 32, "movie:tmdb:4711"])
async def test_what_is_not_there(cleaner: Cleaner, reference: str) -> None:
    """The error says what was asked for."""
    await cleaner.sync()
    with pytest.raises(LookupError, match=reference):
        explain_item(
            cleaner.home.ledger, cleaner.rules, None, reference, cleaner.home.now
        )
