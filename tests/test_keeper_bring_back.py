"""The keeper brings back what was deleted: once, while nothing else happens, and tells it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import KEPT_FOR, Prospect, Why, say
from custom_components.oxicleanarr.household import (
    Asker,
    BusyError,
    Clock,
    EventType,
    NotBroughtBackError,
)
from custom_components.oxicleanarr.ledger import ReturnState
from custom_components.oxicleanarr.model import Keep, MediaKey, Reason
from simulators import FaultKind

from .home import DAY, HOUR
from .test_keeper import Arrs, Kept, arrs, at_first, home, kept

__all__ = ["arrs", "home", "kept"]

ME = Asker(user_id="u", name="Alex")


def at_once(kept: Kept, meanwhile: Callable[[], None] = lambda: None) -> list[float]:
    """Let the keeper wait without any time passing; return how long it has waited."""
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        assert len(paused) < 100, "nobody waits that often"
        meanwhile()

    clock = kept.keeper.clock
    kept.keeper.clock = Clock(clock.now, clock.monotonic, pause)
    return paused


async def deleted(kept: Kept, *names: str) -> int:
    """Delete titles, and return the number of the last one's deletion."""
    await kept.make_due(*names)
    report = await kept.keeper.delete(None, dry_run=False)
    assert report.deleted
    kept.heard.clear()
    ((row, found, _), *_) = await kept.keeper.deletions(1)
    assert found is Prospect.POSSIBLE
    assert row.deletion is not None
    return row.deletion


async def left_open(kept: Kept, arrs: Arrs) -> int:
    """Ask for a title while its Radarr is busy for long; return the deletion's number."""
    number = await deleted(kept, "Alpha")
    at_once(kept)
    arrs.radarr.tasks.busy = True
    await kept.keeper.bring_back([number], asker=ME)
    return number


def end_work(arrs: Arrs) -> None:
    """Let Radarr have done what it was busy with."""
    arrs.radarr.tasks.busy = False
    arrs.radarr.work()


def posts(server: Any, path: str) -> int:
    """Return how often something was asked for."""
    return sum(
        (one.method, one.path) == ("POST", f"/api/v3{path}") for one in server.requests
    )


async def test_it_comes_back_and_is_told(kept: Kept, arrs: Arrs) -> None:
    """Also after a restart: the file is there, the log says so, and it is kept."""
    number = await deleted(kept, "Alpha")
    kept.restart()
    await kept.keeper.load()
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert (result.title, result.server) == ("Alpha", "Radarr")
    assert (result.added, result.searched, result.reason) == (True, True, None)
    assert "Alpha" in kept.films()
    (event,) = kept.told(EventType.BROUGHT_BACK)
    assert (event.brought_back, event.by) == ((result,), "Alex")
    # It is to be seen when it begins, when there is a new plan, and when it is over.
    assert [one.type for one in kept.heard if one is not event] == (
        [EventType.CHANGED] * 3
    )
    ((_, found, because),) = await kept.keeper.deletions(1)
    assert (found, because) == (Prospect.DONE, None)
    keep = kept.home.ledger.keeps(kept.home.now)
    assert [(one.brought_back_by, one.until) for one in keep.values()] == [
        ("Alex", kept.home.now + KEPT_FOR)
    ]


async def test_it_is_not_deleted_again_at_once(kept: Kept, arrs: Arrs) -> None:
    """Neither for its old marks nor while nobody has watched it; then the rules decide."""
    number = await deleted(kept, "Alpha")
    await kept.keeper.bring_back([number], asker=ME)
    kept.home.household.scan()
    for _ in range(40):
        kept.home.wait(DAY)
        await kept.keeper.sync(full=True)
        assert not (await kept.keeper.delete(None, dry_run=False)).deleted
    assert "Alpha" in kept.films()
    house = kept.home.household
    house.play(house.user("alice"), kept.home.video("Alpha"), at=kept.home.now)
    kept.home.wait(DAY)
    await kept.keeper.sync(full=True)
    assert not kept.home.ledger.keeps(kept.home.now)
    for _ in range(9):
        kept.home.wait(4 * HOUR)
        await kept.keeper.sync(full=True)
        assert not kept.keeper.due
    for _ in range(60):
        kept.home.wait(4 * HOUR)
        await kept.keeper.sync(full=True)
    assert [one.title for one in kept.keeper.due] == ["Alpha"]


async def test_a_double_click(kept: Kept, arrs: Arrs) -> None:
    """Two cards, or an automation and a person: one of them is told that it is under way."""
    number = await deleted(kept, "Alpha")
    first, second = await asyncio.gather(
        kept.keeper.bring_back([number], asker=ME),
        kept.keeper.bring_back([number]),
    )
    assert [one.added for one in (*first, *second)].count(True) == 1
    reasons = [one.reason.code for one in (*first, *second) if one.reason]
    assert reasons == [Why.BEING_BROUGHT_BACK]
    assert posts(arrs.radarr, "/movie") == posts(arrs.radarr, "/command") == 1
    (again,) = await kept.keeper.bring_back([number])
    assert again.reason is not None
    assert posts(arrs.radarr, "/movie") == posts(arrs.radarr, "/command") == 1
    assert len(kept.told(EventType.BROUGHT_BACK)) == 1


async def test_several_at_once(kept: Kept, arrs: Arrs) -> None:
    """Each once, whichever rows of the log are named, and what cannot is said beside it."""
    arrs.radarr.unmanage(kept.home.household.movie("Bravo"))
    await kept.make_due("Alpha", "Bravo", "Charlie")
    await kept.keeper.delete(None, dry_run=False)
    rows = await kept.keeper.deletions(10)
    numbers = [row.entry_id for row, _, _ in rows]
    results = await kept.keeper.bring_back([*numbers, *numbers], search=False, asker=ME)
    by_title = {one.title: one for one in results}
    assert len(results) == len(by_title) == 3
    assert by_title["Alpha"].added
    assert by_title["Charlie"].added
    assert not by_title["Alpha"].searched
    assert by_title["Bravo"].server is None
    because = by_title["Bravo"].reason
    assert because is not None
    assert say(because).startswith("It was deleted through Jellyfin.")


async def test_any_row_of_a_series_is_the_series(kept: Kept, arrs: Arrs) -> None:
    """It has the name of what went as one."""
    await deleted(kept, "E1", "E2", "E3")
    rows = await kept.keeper.deletions(10)
    (result,) = await kept.keeper.bring_back(
        [row.entry_id for row, _, _ in rows], asker=ME
    )
    assert (result.title, result.added, result.searched) == ("Show", True, True)


async def test_what_cannot_come_back_is_one_clear_message(
    kept: Kept, arrs: Arrs
) -> None:
    """If nothing of it can; a number that is none is another error."""
    arrs.radarr.unmanage(kept.home.household.movie("Alpha"))
    await kept.make_due("Alpha")
    await kept.keeper.delete(None, dry_run=False)
    ((row, found, because),) = await kept.keeper.deletions(1)
    assert (found, because and because.code) == (Prospect.IMPOSSIBLE, Why.WITHOUT_ARR)
    with pytest.raises(NotBroughtBackError) as caught:
        await kept.keeper.bring_back([row.entry_id])
    assert "deleted through Jellyfin" in str(caught.value)
    with pytest.raises(LookupError, match="^999$"):
        await kept.keeper.bring_back([999])


async def test_nothing_comes_back_while_something_is_deleted(
    kept: Kept, arrs: Arrs
) -> None:
    """A run could be about to remove the very entry."""
    await kept.make_due("E1", "E2", "E3")
    caught: list[BaseException] = []
    tasks: list[asyncio.Task[Any]] = []

    async def wish() -> None:
        rows = await kept.keeper.deletions(1)
        try:
            await kept.keeper.bring_back([rows[0][0].entry_id])
        except BaseException as err:  # noqa: BLE001
            caught.append(err)

    def happen() -> None:
        tasks.append(asyncio.create_task(wish()))

    at_first(arrs.sonarr, "DELETE", happen)
    report = await kept.keeper.delete(None, dry_run=False)
    await asyncio.gather(*tasks)
    assert [one.title for one in report.deleted] == ["Show"]
    assert [type(one) for one in caught] in ([NotBroughtBackError], [BusyError])
    assert posts(arrs.sonarr, "/series") == 0


async def test_what_is_long_gone_does_not_come_back_meanwhile_either(
    kept: Kept, arrs: Arrs
) -> None:
    """Whoever asks is told to wait, and may ask again when the run is over."""
    number = await deleted(kept, "Alpha")
    await kept.make_due("E1", "E2", "E3")
    tasks: list[asyncio.Task[Any]] = []
    at_first(
        arrs.sonarr,
        "DELETE",
        lambda: tasks.append(asyncio.create_task(kept.keeper.bring_back([number]))),
    )
    await kept.keeper.delete(None, dry_run=False)
    (task,) = tasks
    with pytest.raises(BusyError):
        await task
    assert posts(arrs.radarr, "/movie") == 0
    (result,) = await kept.keeper.bring_back([number])
    assert result.added


async def test_the_next_sync_goes_on(kept: Kept, arrs: Arrs) -> None:
    """Patience ends; the search is started by the sync that finds the server ready."""
    number = await deleted(kept, "Alpha")
    arrs.radarr.tasks.busy = True
    paused = at_once(kept)
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert (result.added, result.searched) == (True, False)
    assert paused
    assert not kept.told(EventType.BROUGHT_BACK)
    ((_, found, because),) = await kept.keeper.deletions(1)
    assert (found, because and because.code) == (
        Prospect.UNDER_WAY,
        Why.STILL_READING,
    )
    paused.clear()
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=False)
    assert not paused
    end_work(arrs)
    await kept.keeper.sync(full=False)
    assert "Alpha" in kept.films()
    assert len(kept.told(EventType.BROUGHT_BACK)) == 1
    assert posts(arrs.radarr, "/movie") == 1


@pytest.mark.parametrize("step", range(12))
async def test_it_is_cut_off_anywhere_and_goes_on(
    kept: Kept, arrs: Arrs, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The process dies at any note: another keeper ends it, and nothing is done twice."""
    number = await deleted(kept, "Alpha")
    left = [step]
    ledger = kept.home.ledger
    note = ledger.note_return_step

    class Death(BaseException):
        """What kills a process."""

    def die(*arguments: Any) -> None:
        before, after = left[0] // 2 == 0, left[0] % 2
        left[0] -= 2
        if before and after:
            note(*arguments)
        if before:
            raise Death
        note(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "note_return_step", die)
        with pytest.raises(Death):
            await kept.keeper.bring_back([number], asker=ME)
    kept.restart()
    await kept.keeper.connect()
    await kept.keeper.load()
    await kept.keeper.sync(full=True)
    ((_, found, _),) = await kept.keeper.deletions(1)
    assert found is Prospect.DONE
    assert "Alpha" in kept.films()
    assert posts(arrs.radarr, "/movie") == 1
    assert posts(arrs.radarr, "/command") == 1
    assert [one.tmdb_id for one in arrs.radarr.movies.values()].count(1) == 1
    assert kept.home.ledger.keeps(kept.home.now)


async def test_closing_ends_the_patience(kept: Kept, arrs: Arrs) -> None:
    """The next start goes on with it."""
    number = await deleted(kept, "Alpha")
    closing: list[asyncio.Task[None]] = []
    paused = at_once(
        kept, lambda: closing.append(asyncio.create_task(kept.keeper.close()))
    )
    arrs.radarr.tasks.busy = True
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    await asyncio.gather(*closing)
    assert len(paused) == 1
    assert (result.added, result.state) == (True, ReturnState.UNDER_WAY)


async def test_whoever_asks_again_goes_on_with_it(kept: Kept, arrs: Arrs) -> None:
    """What was left open is done by the second wish, and once."""
    number = await left_open(kept, arrs)
    end_work(arrs)
    (result,) = await kept.keeper.bring_back([number])
    assert (result.added, result.searched, result.reason) == (True, True, None)
    assert posts(arrs.radarr, "/movie") == posts(arrs.radarr, "/command") == 1
    (event,) = kept.told(EventType.BROUGHT_BACK)
    assert event.by == "Alex"


async def test_a_sync_was_quicker(kept: Kept, arrs: Arrs) -> None:
    """It goes on with what was left open; whoever asks again meanwhile is told who it was."""
    number = await left_open(kept, arrs)
    end_work(arrs)
    _, (result,) = await asyncio.gather(
        kept.keeper.sync(full=False),
        kept.keeper.bring_back([number], asker=Asker(user_id="v", name="Sam")),
    )
    assert result.reason == Reason(Why.ALREADY_BACK, {"name": "Alex"})
    assert result.title == "Alpha"
    assert posts(arrs.radarr, "/movie") == posts(arrs.radarr, "/command") == 1
    (event,) = kept.told(EventType.BROUGHT_BACK)
    assert event.by == "Alex"


async def test_it_is_given_up_after_a_day(kept: Kept, arrs: Arrs) -> None:
    """Somebody may ask again then, and it is not kept for nothing."""
    number = await left_open(kept, arrs)
    kept.home.wait(DAY - timedelta(seconds=1))
    await kept.keeper.sync(full=True)
    ((_, found, _),) = await kept.keeper.deletions(1)
    assert found is Prospect.UNDER_WAY
    kept.home.wait(timedelta(seconds=1))
    await kept.keeper.sync(full=True)
    ((_, found, because),) = await kept.keeper.deletions(1)
    assert (found, because and because.code) == (
        Prospect.POSSIBLE,
        Why.RETURN_GIVEN_UP,
    )
    # Radarr lists it already, and may find it by itself.
    assert kept.home.ledger.keeps(kept.home.now)
    end_work(arrs)
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert (result.added, result.searched) == (True, True)
    assert posts(arrs.radarr, "/movie") == 1


async def test_a_server_that_fails_hurts_no_sync(kept: Kept, arrs: Arrs) -> None:
    """What is under way waits for it; the rest goes on as ever."""
    await left_open(kept, arrs)
    arrs.radarr.fail(FaultKind.SERVER_ERROR)
    await kept.keeper.sync(full=True)
    assert kept.keeper.failure is None
    ((_, found, _),) = await kept.keeper.deletions(1)
    assert found is Prospect.UNDER_WAY


async def test_a_failure_is_said_and_can_be_tried_again(kept: Kept, arrs: Arrs) -> None:
    """Nothing is kept for it, and no event tells of it."""
    number = await deleted(kept, "Alpha")
    arrs.radarr.metadata_down = True
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert (result.added, result.state) == (False, ReturnState.FAILED)
    assert not kept.told(EventType.BROUGHT_BACK)
    assert not kept.home.ledger.keeps(kept.home.now)
    ((_, found, because),) = await kept.keeper.deletions(1)
    assert (found, because) == (Prospect.POSSIBLE, result.reason)
    arrs.radarr.metadata_down = False
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert result.searched
    assert kept.home.ledger.keeps(kept.home.now)


async def deleted_in_two(kept: Kept, arrs: Arrs) -> list[int]:
    """Let two runs delete a series; return the numbers of both deletions, in order."""
    await kept.make_due("E1", "E2", "E3")
    second = arrs.sonarr.show("Show").file_of(1, 2)
    fault = arrs.sonarr.fail(
        FaultKind.SERVER_ERROR, f"/episodefile/{second.id}", method="DELETE"
    )
    await kept.keeper.delete(None, dry_run=False)
    arrs.sonarr.faults.remove(fault)
    kept.home.wait(timedelta(minutes=11))
    await kept.keeper.sync(full=True)
    kept.home.wait(timedelta(hours=5, minutes=30))
    await kept.keeper.sync(full=True)
    report = await kept.keeper.delete(None, dry_run=False)
    assert report.deleted
    rows = await kept.keeper.deletions(10)
    gone = [row for row, found, _ in rows if found is Prospect.POSSIBLE]
    numbers = sorted({row.deletion for row in gone if row.deletion is not None})
    assert len(numbers) == 2
    return numbers


async def test_a_series_that_was_cut_off_comes_back_in_two(
    kept: Kept, arrs: Arrs
) -> None:
    """Two runs took it: each part comes back by its own row, and in the end all of it."""
    for number in await deleted_in_two(kept, arrs):
        await kept.keeper.bring_back([number], asker=ME)
    show = arrs.sonarr.show("Show")
    assert [one.monitored for one in show.episodes] == [True, True, True]
    assert all(one.file_id for one in show.episodes)
    assert posts(arrs.sonarr, "/series") <= 1


async def test_it_leaves_what_people_keep_as_it_is(kept: Kept, arrs: Arrs) -> None:
    """Neither a failure nor a play ends what somebody keeps for another reason."""
    number = await deleted(kept, "Alpha")
    ledger = kept.home.ledger
    until = kept.home.now + 30 * DAY
    mine = Keep(key=MediaKey("movie:tmdb:1"), kept_at=kept.home.now, until=until)
    ledger.keep(replace(mine, reason="For Sunday", kept_by="u2"))
    arrs.radarr.metadata_down = True
    (result,) = await kept.keeper.bring_back([number], asker=ME)
    assert result.state is ReturnState.FAILED
    (keep,) = ledger.keeps(kept.home.now).values()
    assert (keep.reason, keep.kept_by) == ("For Sunday", "u2")
    assert keep.until is not None
    assert keep.until >= until
    arrs.radarr.metadata_down = False
    await kept.keeper.bring_back([number], asker=ME)
    kept.home.household.scan()
    kept.home.wait(DAY)
    await kept.keeper.sync(full=True)
    house = kept.home.household
    house.play(house.user("alice"), kept.home.video("Alpha"), at=kept.home.now)
    kept.home.wait(DAY)
    await kept.keeper.sync(full=True)
    assert ledger.keeps(kept.home.now)


async def test_one_return_of_two_ends_the_keep_of_no_other(
    kept: Kept, arrs: Arrs
) -> None:
    """A series that two runs took is kept though its second part cannot come back."""
    first, second = await deleted_in_two(kept, arrs)
    await kept.keeper.bring_back([first], asker=ME)
    kept.home.wait(HOUR)
    arrs.sonarr.fail(FaultKind.SERVER_ERROR)
    (result,) = await kept.keeper.bring_back([second], asker=ME)
    assert result.state is ReturnState.FAILED
    assert kept.home.ledger.keeps(kept.home.now)
