"""Forgetting who has played what: nothing leaves sooner, and nothing is read again."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
import shutil
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.cleanup import say
from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import PlaybackEvent, Reason
from custom_components.oxicleanarr.retention import (
    RetentionRules,
    StandardRules,
    UnwatchedBehavior,
    WatchedRule,
    parse_duration,
)
from simulators import Household, sample_household

from .conftest import pass_time
from .counted import GRACE, NOON, counted_household
from .home import DAY, HOUR, START, open_home
from .test_keeper import Kept
from .test_services import call

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
async def kept(
    socket_enabled: None, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Kept]:
    """Return a house with its keeper; the demo's if a test asks for it."""
    options = {"furnish": request.param} if hasattr(request, "param") else {}
    async with open_home(tmp_path, **options) as home:
        kept = Kept(home)
        await kept.keeper.connect()
        await kept.keeper.load()
        yield kept


def due(kept: Kept) -> dict[str, datetime]:
    """Return when each title leaves."""
    assert kept.keeper.overview.plan is not None
    return {one.name: one.due_at for one in kept.keeper.overview.plan.entries}


def history(kept: Kept, user_id: str | None = None) -> list[PlaybackEvent]:
    """Return what is known of who has played what."""
    return kept.home.ledger.watch_history(
        item_ids=None, user_id=user_id, since=None, limit=10_000
    )


def asked(kept: Kept) -> int:
    """Return how many pages of its history Jellystat was asked for."""
    return len(kept.home.jellystat_server.requested("/api/getHistory"))


STRICT = RetentionRules(
    standard=StandardRules(
        movie_retention=parse_duration("7d"),
        tv_retention=parse_duration("7d"),
        unwatched_behavior=UnwatchedBehavior.ADDED,
        unwatched_retention=parse_duration("1d"),
    )
)
REGARDLESS = RetentionRules(
    standard=StandardRules(),
    advanced=(WatchedRule(name="All", retention=parse_duration("5d")),),
)


@pytest.mark.parametrize("kept", [sample_household], indirect=True)
@pytest.mark.parametrize("user", [None, "alice", "bob", "gone"])
@pytest.mark.parametrize("rules", [STRICT, REGARDLESS], ids=["strict", "regardless"])
async def test_nothing_leaves_sooner(
    kept: Kept, user: str | None, rules: RetentionRules
) -> None:
    """Whoever is forgotten, and whatever the rules make of what nobody has watched."""
    house = kept.home.household
    kept.choose(rules=rules)
    await kept.keeper.sync(full=True)
    if user == "gone":
        user = "carol"
        house.users.remove(house.user("carol"))
        await kept.keeper.sync(full=True)
        for _ in range(2 * 9):
            kept.home.wait(12 * HOUR)
            await kept.keeper.sync(full=True)
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=True)
    before, findings = due(kept), kept.findings()
    assert before
    known = len(history(kept))
    count = await kept.keeper.purge(user, None)
    assert 0 < count <= known
    assert len(history(kept)) == known - count

    async def check() -> None:
        """See that nothing is new, and nothing is nearer."""
        now = due(kept)
        assert now.keys() <= before.keys()
        assert {name: at for name, at in now.items() if at < before[name]} == {}
        assert kept.findings() == findings

    await check()
    for full in (False, True, False):
        kept.home.wait(HOUR)
        await kept.keeper.sync(full=full)
        await check()
    assert len(history(kept)) == known - count
    kept.restart()
    kept.choose(rules=rules)
    await kept.keeper.connect()
    await kept.keeper.load()
    await check()


async def test_nothing_is_read_again(kept: Kept) -> None:
    """Jellystat still has the rows; they are neither missed nor asked for."""
    kept.watch("Alpha", "Bravo", "Charlie")
    await kept.keeper.sync(full=True)
    assert len(history(kept)) == 3
    requests = []
    for purge in (False, True):
        if purge:
            assert await kept.keeper.purge(None, kept.home.now) == 3
        before = len(kept.home.jellystat_server.requests)
        for full in (False, True):
            kept.home.wait(HOUR)
            report = await kept.keeper.sync(full=full)
            assert report.history_events == 0
        requests.append(len(kept.home.jellystat_server.requests) - before)
    assert requests[0] == requests[1]
    assert kept.keeper.overview.state.history_rows == 3
    assert kept.keeper.blockers == ()
    assert kept.planned() == ["Alpha", "Bravo", "Charlie"]


async def test_read_anew_it_stays_forgotten(kept: Kept) -> None:
    """Also where all of the history is read once more, as after a loss in Jellystat."""
    house = kept.home.household
    kept.watch("Alpha", "Bravo")
    house.play(house.user("bob"), kept.home.video("Charlie"), at=START - 30 * DAY)
    await kept.keeper.sync(full=True)
    assert await kept.keeper.purge("ALICE", None) == 2
    assert {one.title for one in history(kept)} == {"Charlie"}
    kept.home.ledger.forget_history()
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=True)
    assert {one.title for one in history(kept)} == {"Charlie"}
    assert kept.keeper.overview.state.history_rows == 3
    # What is played from now on is history again.
    kept.home.wait(HOUR)
    house.play(house.user("alice"), kept.home.video("Delta"), at=kept.home.now)
    kept.home.wait(3 * HOUR)
    await kept.keeper.sync(full=True)
    assert {one.title for one in history(kept)} == {"Charlie", "Delta"}


async def test_before_a_date(kept: Kept) -> None:
    """The rest stays, and who it is of."""
    house = kept.home.household
    kept.watch("Alpha")
    house.play(house.user("bob"), kept.home.video("Alpha"), at=START - 3 * DAY)
    await kept.keeper.sync(full=True)
    assert await kept.keeper.purge(None, START - 10 * DAY) == 1
    (left,) = history(kept)
    assert left.user_id == house.user("bob").id
    assert await kept.keeper.purge(None, START - 10 * DAY) == 0
    # A day that is still to come is today.
    await kept.keeper.purge(None, START + 100 * DAY)
    house.play(house.user("bob"), kept.home.video("Bravo"), at=kept.home.now + HOUR)
    kept.home.wait(6 * HOUR)
    await kept.keeper.sync(full=True)
    assert [one.title for one in history(kept)] == ["Bravo"]


async def test_a_user_who_is_gone_leaves_no_trace(kept: Kept, tmp_path: Path) -> None:
    """Neither name nor id is left in the file; the date still counts."""
    house = kept.home.household
    zaphod = house.add_user("Zaphod")
    house.play(zaphod, kept.home.video("Alpha"), at=START - 5 * DAY)
    kept.watch("Alpha")
    house.set_favourite(zaphod, kept.home.video("Delta"))
    await kept.keeper.sync(full=True)
    house.users.remove(zaphod)
    for _ in range(18):
        kept.home.wait(12 * HOUR)
        await kept.keeper.sync(full=True)
    file = tmp_path / "ledger.db"
    kept.home.ledger.checkpoint()
    assert b"Zaphod" in file.read_bytes()
    expected = due(kept)
    await kept.keeper.purge("zaphod", None)
    content = file.read_bytes()
    assert b"Zaphod" not in content
    assert zaphod.name not in str(kept.home.ledger.breaker_state())
    assert due(kept) == expected
    with pytest.raises(LookupError):
        await kept.keeper.purge("nobody", None)


@pytest.mark.parametrize("user", [None, "alice"])
def test_sentences_of_71b979b(tmp_path: Path, user: str | None) -> None:
    """Its deletion log has whole sentences, and names in them."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(Path(__file__).parent / "ledger/fixtures/71b979b.db", path)
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "UPDATE journal SET reason = 'watched by alice and bob, last played on"
            " 2025-11-11; alices rule deletes 30d after' WHERE id = 3"
        )
    ledger = Ledger(path)
    ledger.purge(START + 100 * DAY, before=None, user=user)
    reasons = {one.entry_id: say(one.reason) for one in ledger.deletions(100)}
    ledger.close()
    others = "bob" if user else "a former user"
    assert reasons[3].startswith(f"watched by a former user and {others}, last played")
    assert "alices rule" in reasons[3]
    assert len(reasons) == 10


async def test_requests(kept: Kept) -> None:
    """Who asked for a title is a name, too."""
    kept.watch("Alpha")
    await kept.keeper.sync(full=True)
    ledger = kept.home.ledger
    reason = Reason(
        code="watched_and_played",
        data={
            "rule": "People",
            "requester": "alice",
            "after": "7d",
            "regardless": False,
            "users": ("alice", "bob"),
            "played_at": START,
        },
    )
    number = ledger.intend(
        replace(kept.entry("Alpha"), reason=reason),
        kept.home.ledger.find("movie:tmdb:1")[0],
        kept.home.now,
    )
    await kept.keeper.purge("alice", None)
    (row,) = [one for one in ledger.deletions(1) if one.entry_id == number]
    assert row.reason.data["requester"] is None
    assert row.reason.data["users"] == (None, "bob")


async def test_kept_for_some_time(kept: Kept) -> None:
    """Each complete sync forgets what is older than the option says."""
    kept.choose(history_kept=timedelta(days=60))
    house = kept.home.household
    for name, days in (("Alpha", 100), ("Bravo", 59)):
        house.play(house.user("alice"), kept.home.video(name), at=START - days * DAY)
    await kept.keeper.sync(full=True)
    assert [one.title for one in history(kept)] == ["Bravo"]
    plan = due(kept)
    assert len(plan) == 2
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=False)
    assert [one.title for one in history(kept)] == ["Bravo"]
    kept.home.wait(2 * DAY)
    await kept.keeper.sync(full=True)
    assert history(kept) == []
    assert kept.findings() == []
    assert due(kept).keys() == plan.keys()


async def test_by_a_clock_that_jumped_nothing_is_forgotten(kept: Kept) -> None:
    """It would take what is still to be known, and what is played for years to come."""
    kept.choose(history_kept=timedelta(days=60))
    house = kept.home.household
    house.play(house.user("alice"), kept.home.video("Alpha"), at=START - 10 * DAY)
    await kept.keeper.sync(full=True)
    kept.set_clock(1000 * DAY)
    await kept.keeper.sync(full=True)
    await kept.keeper.sync(full=True)
    assert "clock_jumped" in {name for name, _, _ in kept.findings()}
    kept.set_clock(-1000 * DAY)
    kept.home.wait(HOUR)
    house.play(house.user("bob"), kept.home.video("Bravo"), at=kept.home.now)
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=True)
    assert {one.title for one in history(kept)} == {"Alpha", "Bravo"}


# --- in Home Assistant ----------------------------------------------------------------


@pytest.fixture
def household(freezer: FrozenDateTimeFactory) -> Household:
    """Return a household that is small enough to be counted by hand, at noon."""
    freezer.move_to(NOON)
    return counted_household()


async def test_the_action(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """For admins: a user, a date or both; the log of deletions names nobody then."""
    hass.config_entries.async_update_entry(
        setup_integration, options={"dry_run": False, "history_days": 365}
    )
    await pass_time(hass, freezer, GRACE)
    await call(hass, "delete_media")
    (row,) = (await call(hass, "get_deletions"))["deletions"]
    assert "alice" in row["reason"]
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "purge_history")
    assert caught.value.translation_key == "purge_what"
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "purge_history", user="trillian")
    assert caught.value.translation_key == "unknown_user"

    plays = (await call(hass, "get_watch_history"))["events"]
    others = [one for one in plays if one["user"] != "alice"]
    assert 0 < len(others) < len(plays)
    answer = await call(hass, "purge_history", user="alice")
    assert answer == {"plays": len(plays) - len(others)}
    assert (await call(hass, "get_watch_history"))["events"] == others
    (row,) = (await call(hass, "get_deletions"))["deletions"]
    assert row["reason"].startswith("Watched by a former user, last played")
    answer = await call(hass, "purge_history", before="2026-11-01 00:00:00", user="bob")
    assert answer["plays"] > 0
    await call(hass, "purge_history", before="2030-01-01 00:00:00")
    assert (await call(hass, "get_watch_history"))["events"] == []
