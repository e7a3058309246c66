"""How far what somebody wants back has come, and what is written down of that."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.oxicleanarr.cleanup import (
    KEPT_FOR,
    BroughtBack,
    Prospect,
    Why,
    done_before,
    give_up,
    go_back,
    logged_deletions,
)
from custom_components.oxicleanarr.ledger import DeletedTitle, ReturnState
from custom_components.oxicleanarr.model import Reason
from custom_components.oxicleanarr.servers import Connections
from simulators import FaultKind

from .conftest import Owned
from .test_bring_back import ME, Yard
from .test_owners import two_versions

BUSY = Reason(Why.STILL_READING, {"server": "Radarr"})


@pytest.fixture
def yard(owned: Owned) -> Yard:
    """Return the house with its Radarrs and Sonarr."""
    return Yard(owned)


def want(yard: Yard, title: DeletedTitle | None = None) -> DeletedTitle:
    """Write down that somebody wants the last title back."""
    title = title or yard.title()
    now = yard.owned.cleaner.home.now
    yard.ledger.begin_return(
        title, search=True, asked_by=ME, now=now, until=now + KEPT_FOR
    )
    return title


async def go(
    yard: Yard,
    deletion: int,
    *,
    patience: float = 60,
    halt: Callable[[], bool] = lambda: False,
) -> tuple[list[BroughtBack], str | None]:
    """Go on with what is wanted back."""

    async def pause(seconds: float) -> None:
        yard.paused.append(seconds)

    return await go_back(
        deletion,
        ledger=yard.ledger,
        connections=yard.owned.cleaner.connections,
        pause=pause,
        halt=halt,
        patience=patience,
    )


def written(yard: Yard, title: DeletedTitle) -> tuple[ReturnState, Reason | None]:
    """Return how far a title is, and why not all was done, as it is written down."""
    back = yard.ledger.deleted_title(title.deletion).back
    return back.state, back.reason


def kept(yard: Yard) -> bool:
    """Return whether anything is kept."""
    return bool(yard.ledger.keeps(yard.owned.cleaner.home.now))


async def test_what_is_done_is_told_to_who_asked(yard: Yard) -> None:
    """It is kept from then on, also where a sync has done it, which waits for nothing."""
    await yard.delete("Alpha")
    title = want(yard)
    (result,), asked_by = await go(yard, title.deletion, patience=0)
    assert (result.state, asked_by) == (ReturnState.DONE, ME)
    assert written(yard, title) == (ReturnState.DONE, None)
    assert kept(yard)


@pytest.mark.parametrize("patience", [60, 0])
async def test_what_fails_is_tried_again_by_a_sync(yard: Yard, patience: float) -> None:
    """Who has asked for it is told at once that it failed; it is not kept then."""
    await yard.delete("Alpha")
    title = want(yard)
    yard.owned.radarr.fail(FaultKind.SERVER_ERROR, "/movie$", method="POST")
    (result,), asked_by = await go(yard, title.deletion, patience=patience)
    assert (result.state, asked_by) == (ReturnState.FAILED, None)
    assert result.reason is not None
    assert written(yard, title) == (
        ReturnState.FAILED if patience else ReturnState.UNDER_WAY,
        result.reason,
    )
    assert kept(yard) is not bool(patience)


async def test_what_is_listed_is_kept_although_the_rest_failed(yard: Yard) -> None:
    """Its files may come by themselves."""
    await yard.delete("Alpha")
    title = want(yard)
    yard.owned.radarr.fail(FaultKind.SERVER_ERROR, "/command", method="POST")
    (result,), asked_by = await go(yard, title.deletion)
    assert (result.listed, result.state) == (True, ReturnState.FAILED)
    assert asked_by is None
    assert written(yard, title) == (ReturnState.FAILED, result.reason)
    assert kept(yard)


@pytest.mark.parametrize("why", ["no patience", "halted"])
async def test_what_takes_longer_goes_on_later(yard: Yard, why: str) -> None:
    """A sync does not wait for a server that is busy, nor does anybody in a shutdown."""
    await yard.delete("Alpha")
    title = want(yard)
    yard.owned.radarr.tasks.busy = True
    (result,), asked_by = (
        await go(yard, title.deletion, patience=0)
        if why == "no patience"
        else await go(yard, title.deletion, halt=lambda: bool(yard.paused))
    )
    assert (result.state, result.reason) == (ReturnState.UNDER_WAY, BUSY)
    assert len(yard.paused) == (0 if why == "no patience" else 1)
    assert asked_by is None
    assert written(yard, title) == (ReturnState.UNDER_WAY, BUSY)
    assert kept(yard)


async def two_deleted(yard: Yard) -> DeletedTitle:
    """Let one title of two Radarrs be gone, and somebody want it back."""
    two_versions(yard.owned)
    await yard.delete("Echo")
    title = want(yard)
    assert [one.connection_id for one in title.setups] == ["radarr", "radarr4k"]
    return title


async def test_a_title_is_as_far_as_the_last_of_its_servers(yard: Yard) -> None:
    """One is busy and the other one refuses it: the busy one is waited for."""
    title = await two_deleted(yard)
    yard.owned.radarr4k.tasks.busy = True
    yard.owned.radarr.fail(FaultKind.SERVER_ERROR, "/movie$", method="POST")
    results, asked_by = await go(yard, title.deletion)
    assert [one.state for one in results] == [ReturnState.FAILED, ReturnState.UNDER_WAY]
    assert asked_by is None
    assert written(yard, title) == (ReturnState.UNDER_WAY, results[0].reason)


async def test_what_failed_is_said_before_what_is_otherwise_than_before(
    yard: Yard,
) -> None:
    """The first server is done, with another profile; the second one is not."""
    title = await two_deleted(yard)
    del yard.owned.radarr.profiles[4]
    yard.owned.radarr4k.fail(FaultKind.SERVER_ERROR, "/movie$", method="POST")
    results, _ = await go(yard, title.deletion)
    first, second = [one.reason for one in results]
    assert first is not None
    assert second is not None
    assert first.code == Why.OTHER_PROFILE
    assert written(yard, title) == (ReturnState.FAILED, second)


async def test_what_is_otherwise_than_before_is_said_of_any_server(
    yard: Yard,
) -> None:
    """Only the second one has something to say."""
    title = await two_deleted(yard)
    del yard.owned.radarr4k.profiles[4]
    results, asked_by = await go(yard, title.deletion)
    assert results[0].reason is None
    assert results[1].reason is not None
    assert asked_by == ME
    assert written(yard, title) == (ReturnState.DONE, results[1].reason)


async def test_what_nobody_wants_back_stays_away(yard: Yard) -> None:
    """Neither a title that nobody has asked for nor one that was never deleted."""
    await yard.delete("Alpha")
    title = yard.title()
    for deletion in (title.deletion, 4711):
        assert await go(yard, deletion) == ([], None)
        assert await done_before(yard.ledger, replace(title, deletion=deletion)) is None
    assert yard.owned.radarr.requests == []


async def test_who_has_it_back_already_is_said(yard: Yard) -> None:
    """Once it is done, and not before."""
    await yard.delete("Alpha")
    title = want(yard)
    assert await done_before(yard.ledger, title) is None
    await go(yard, title.deletion)
    assert await done_before(yard.ledger, title) == BroughtBack(
        title="Alpha", server=None, reason=Reason(Why.ALREADY_BACK, {"name": ME})
    )


@pytest.mark.parametrize("begun", [True, False])
async def test_what_is_given_up(yard: Yard, begun: bool) -> None:
    """It is kept only if a server was asked for it, for then it may come yet."""
    await yard.delete("Alpha")
    title = want(yard)
    if begun:
        yard.owned.radarr.tasks.busy = True
        await go(yard, title.deletion)
    give_up(yard.ledger, yard.ledger.deleted_title(title.deletion).back)
    assert written(yard, title) == (
        ReturnState.FAILED,
        Reason(Why.RETURN_GIVEN_UP),
    )
    assert kept(yard) is begun


async def test_the_log_says_what_can_come_back(yard: Yard) -> None:
    """Each row for itself: under way, done with a remark, and not asked for."""
    await yard.delete("Alpha", "Bravo", "E1", "E2", "E3")
    rows = {row.title: row for row in yard.ledger.deletions(9)}
    (alpha, bravo, show) = (rows[one].deletion for one in ("Alpha", "Bravo", "E1"))
    del yard.owned.radarr.profiles[4]
    want(yard, yard.ledger.deleted_title(bravo))
    (result,), _ = await go(yard, bravo)
    connections = yard.owned.cleaner.connections
    logged = logged_deletions(yard.ledger, 9, connections, {show})
    assert [row for row, _, _ in logged] == yard.ledger.deletions(9)
    assert {row.title: (found, reason) for row, found, reason in logged} == {
        "Alpha": (Prospect.POSSIBLE, None),
        "Bravo": (Prospect.DONE, result.reason),
        **dict.fromkeys(("E1", "E2", "E3"), (Prospect.UNDER_WAY, None)),
    }
    assert [row for row, _, _ in logged_deletions(yard.ledger, 2, connections, ())] == (
        yard.ledger.deletions(2)
    )
    ((_, *said),) = [
        one
        for one in logged_deletions(yard.ledger, 9, Connections(), ())
        if one[0].deletion == alpha
    ]
    assert said == [
        Prospect.IMPOSSIBLE,
        Reason(Why.NOT_CONNECTED, {"server": "Radarr"}),
    ]
