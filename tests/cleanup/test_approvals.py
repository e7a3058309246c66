"""What asks first goes only once it is approved, and only as it was approved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import Plan
from custom_components.oxicleanarr.cleanup.approvals import with_approvals
from custom_components.oxicleanarr.model import ApprovalState, Keep, PlannedDeletion
from custom_components.oxicleanarr.retention import (
    Rule,
    TagRule,
    WatchedRule,
    parse_duration,
)
from simulators import Series
from tests.home import DAY

from .conftest import GRACE, Cleaner, Owned
from .test_decide import at_look, there
from .test_execute import reasons, watch

WEEK = parse_duration("7d")
AUTO = WatchedRule(name="auto", retention=WEEK, require_watched=True, approval=True)
WAITS = "it waits for an administrator's approval"


def rules(cleaner: Cleaner, *advanced: Rule, approval: bool = False) -> None:
    """Let rules come before the standard retentions, and ask about everything."""
    cleaner.rules = replace(cleaner.rules, advanced=advanced, approval=approval)


def approve(cleaner: Cleaner, *entries: PlannedDeletion) -> None:
    """Approve entries as they are, for thirty days."""
    cleaner.home.ledger.approve(entries, cleaner.home.now + 30 * DAY, "admin")


def entry_of(plan: Plan, title: str) -> PlannedDeletion:
    """Return the plan's entry of a title."""
    return next(one for one in plan.entries if one.title == title)


def states(cleaner: Cleaner) -> dict[str, ApprovalState | None]:
    """Return how far the approval of each pending title is."""
    plan = cleaner.plan()
    return {one.title: one.approval(cleaner.home.now) for one in plan.entries}


@pytest.mark.parametrize("everything", [True, False])
async def test_nothing_goes_unasked(cleaner: Cleaner, everything: bool) -> None:
    """Neither by itself nor by name, whether a rule asks or the household does."""
    home = cleaner.home
    if everything:
        rules(cleaner, approval=True)
    else:
        rules(cleaner, AUTO)
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.sync()
    assert states(cleaner) == dict.fromkeys(("Alpha", "Bravo"), ApprovalState.PENDING)
    assert cleaner.plan().next_due_at(home.now) is None
    plan = await cleaner.due_plan()
    assert plan.due(home.now) == ()
    assert [one.title for one in plan.awaiting_approval(home.now)] == ["Alpha", "Bravo"]
    report = await cleaner.run(plan.entries)
    assert reasons(report.skipped) == dict.fromkeys(("Alpha", "Bravo"), WAITS)
    approve(cleaner, entry_of(plan, "Alpha"))
    assert states(cleaner) == {
        "Alpha": ApprovalState.APPROVED,
        "Bravo": ApprovalState.WAITING,
    }
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert there(cleaner, "Bravo")
    # It has left the plan, and what was approved ends with that.
    cleaner.plan()
    assert home.ledger.approvals() == []


async def test_what_does_not_ask_is_not_asked_about(cleaner: Cleaner) -> None:
    """One rule asks, the default retention does not."""
    rules(cleaner, TagRule(name="t", tag="ask", retention=WEEK, approval=True))
    house = cleaner.home.household
    house.retag(house.movie("Alpha"), ["ask"])
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    assert states(cleaner) == {"Alpha": ApprovalState.WAITING, "Bravo": None}
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Bravo"]


async def test_in_advance(cleaner: Cleaner) -> None:
    """What is approved while it is pending still waits its grace."""
    rules(cleaner, AUTO)
    watch(cleaner, "Alpha")
    await cleaner.sync()
    approve(cleaner, *cleaner.plan().entries)
    plan = cleaner.plan()
    assert plan.due(cleaner.home.now) == ()
    assert plan.next_due_at(cleaner.home.now) == cleaner.home.now + GRACE
    report = await cleaner.run(plan.entries)
    assert reasons(report.skipped)["Alpha"].startswith("not before")
    await cleaner.due_plan()
    assert [one.title for one in (await cleaner.run()).deleted] == ["Alpha"]


async def test_thirty_days(cleaner: Cleaner) -> None:
    """Then it is asked about again."""
    rules(cleaner, AUTO)
    watch(cleaner, "Alpha")
    approve(cleaner, *(await cleaner.due_plan()).entries)
    cleaner.home.wait(30 * DAY - timedelta(seconds=1))
    approved = cleaner.plan().entries
    assert states(cleaner) == {"Alpha": ApprovalState.APPROVED}
    cleaner.home.wait(timedelta(seconds=1))
    # The plan that was made in time is no way around it.
    report = await cleaner.run(approved)
    assert reasons(report.skipped) == {"Alpha": WAITS}
    assert states(cleaner) == {"Alpha": ApprovalState.WAITING}
    assert cleaner.home.ledger.approvals() == []


async def test_by_another_rule(cleaner: Cleaner) -> None:
    """Who has approved what one rule wants has not approved what another one does."""
    rules(cleaner, AUTO)
    watch(cleaner, "Alpha")
    approve(cleaner, *(await cleaner.due_plan()).entries)
    rules(cleaner, replace(AUTO, name="other"))
    assert states(cleaner) == {"Alpha": ApprovalState.WAITING}
    rules(cleaner, AUTO)
    assert states(cleaner) == {"Alpha": ApprovalState.WAITING}


async def test_a_rule_that_asks_no_longer(cleaner: Cleaner) -> None:
    """What was approved while it did is not, once it asks again."""
    rules(cleaner, AUTO)
    watch(cleaner, "Alpha")
    approve(cleaner, *(await cleaner.due_plan()).entries)
    rules(cleaner, replace(AUTO, approval=False))
    assert states(cleaner) == {"Alpha": None}
    rules(cleaner, AUTO)
    assert states(cleaner) == {"Alpha": ApprovalState.WAITING}


async def test_a_plan_of_rules_that_asked(cleaner: Cleaner) -> None:
    """By rules of which none asks any more, nothing of it waits."""
    rules(cleaner, AUTO)
    watch(cleaner, "Alpha", "Bravo")
    plan = await cleaner.due_plan()
    assert all(one.needs_approval for one in plan.entries)
    rules(cleaner, replace(AUTO, approval=False))
    found, _ = with_approvals(plan.entries, cleaner.rules, [], cleaner.home.now)
    assert [one.title for one in found] == ["Alpha", "Bravo"]
    assert [one.needs_approval for one in found] == [False, False]


async def test_a_series_that_grows(cleaner: Cleaner) -> None:
    """Nobody has approved the episode that came later; one that went is no matter."""
    home = cleaner.home
    house = home.household
    rules(cleaner, approval=True)
    watch(cleaner, "E1", "E2", "E3")
    (show,) = (await cleaner.due_plan()).entries
    approve(cleaner, show)
    assert cleaner.plan().due(home.now)
    tv = house["Show"]
    assert isinstance(tv, Series)
    new = house.add_episode(tv, season=1, number=4, title="E4", added=home.now)
    house.scan()
    house.play(house.user("alice"), new, 0.96, at=home.now)
    await cleaner.sync()
    (grown,) = cleaner.plan().entries
    assert len(grown.episode_ids) == 4
    assert grown.approval(home.now) is ApprovalState.PENDING
    approve(cleaner, grown)
    house.delete(new)
    await cleaner.sync()
    (shrunk,) = cleaner.plan().entries
    assert len(shrunk.episode_ids) == 3
    assert shrunk.approval(home.now) is ApprovalState.APPROVED


async def test_a_copy_of_what_is_approved(cleaner: Cleaner) -> None:
    """It has the same key, and was not approved with it."""
    rules(cleaner, approval=True)
    cleaner.add_copy()
    cleaner.home.household.scan()
    watch(cleaner, "Alpha", "Alpha again")
    approve(cleaner, entry_of(await cleaner.due_plan(), "Alpha"))
    assert states(cleaner) == {
        "Alpha": ApprovalState.APPROVED,
        "Alpha again": ApprovalState.WAITING,
    }
    report = await cleaner.run(cleaner.plan().entries)
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {"Alpha again": WAITS}


@pytest.mark.parametrize("owned_by", ["jellyfin", "radarr"])
@pytest.mark.parametrize("change", ["taken back", "rule", "everything", "kept"])
async def test_second_thoughts_during_a_run(
    owned: Owned, change: str, owned_by: str
) -> None:
    """From the next file on, whatever it is."""
    cleaner = owned.cleaner
    ledger = cleaner.home.ledger
    asks = change in ("taken back", "kept")
    rules(cleaner, replace(AUTO, approval=asks))
    if owned_by == "jellyfin":
        cleaner.connections = type(cleaner.connections)()
    watch(cleaner, "Alpha", days=40)
    watch(cleaner, "Bravo", days=30)
    plan = await cleaner.due_plan()
    approve(cleaner, *plan.entries)
    bravo = entry_of(plan, "Bravo")

    def think_again() -> None:
        """Be a person with second thoughts."""
        match change:
            case "taken back":
                assert ledger.take_back([bravo.item_id])
            case "rule":
                rules(cleaner, AUTO)
            case "everything":
                rules(cleaner, replace(AUTO, approval=False), approval=True)
            case "kept":
                ledger.keep(Keep(key=bravo.key, kept_at=cleaner.home.now))
                ledger.unkeep(bravo.key)

    if not asks:
        # Nobody was asked, so nothing was approved.
        ledger.end_approvals(ledger.approvals())
    at_look(cleaner, 2, think_again)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {"Bravo": WAITS}
    assert there(cleaner, "Bravo")


async def test_between_two_files_of_an_entry(cleaner: Cleaner) -> None:
    """What was begun ends after its file, and is asked about again as what is left."""
    home = cleaner.home
    rules(cleaner, approval=True)
    watch(cleaner, "E1", "E2", "E3")
    approve(cleaner, *(await cleaner.due_plan()).entries)
    _at_delete(cleaner, 1, lambda: home.ledger.take_back([_key(cleaner)]))
    report = await cleaner.run()
    ((entry, _),) = report.failed
    assert entry.title == "Show"
    left = sum(name.startswith("Show") for name in cleaner.files())
    assert left == 2
    await cleaner.sync()
    assert states(cleaner) == {"Show": ApprovalState.WAITING}
    approve(cleaner, *cleaner.plan().entries)
    await cleaner.run()
    assert not any(name.startswith("Show") for name in cleaner.files())


def _key(cleaner: Cleaner) -> str:
    """Return the key of the series."""
    return cleaner.home.facts()["Show"].key


def _at_delete(cleaner: Cleaner, number: int, change: Callable[[], object]) -> None:
    """Let something change when the so-and-so-many-th file is deleted."""
    deleted = 0

    def listen(request: object) -> None:
        """Count the files."""
        nonlocal deleted
        if getattr(request, "method", "") == "DELETE":
            deleted += 1
            if deleted == number:
                change()

    cleaner.home.jellyfin_server.listeners.append(listen)
