"""Which deletions can be brought back, and how far those are that somebody wants back."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial

from ..ledger import DeletedTitle, JournalEntry, Ledger, Return, ReturnState
from ..model import Reason
from ..servers import Connections
from .bring_back import (
    PATIENCE,
    BroughtBack,
    Pause,
    Prospect,
    bring_back,
    prospect,
    title_name,
)
from .reasons import Why, why

type LoggedDeletion = tuple[JournalEntry, Prospect, Reason | None]
"""A row of the deletion log, whether it can be brought back, and why not."""


def logged_deletions(
    ledger: Ledger,
    limit: int,
    connections: Connections,
    under_way: Collection[int],
) -> list[LoggedDeletion]:
    """Return the latest deletions; those of ``under_way`` are being brought back now.

    Blocks. Raises LedgerError.
    """
    rows = ledger.deletions(limit)
    numbers = [row.deletion for row in rows if row.deletion is not None]
    servers, returns = ledger.returns(numbers)
    return [
        (
            row,
            *(
                (Prospect.UNDER_WAY, None)
                if row.deletion in under_way
                else prospect(
                    row,
                    servers.get(row.deletion or 0, ()),
                    returns.get(row.deletion or 0),
                    connections,
                )
            ),
        )
        for row in rows
    ]


async def done_before(ledger: Ledger, title: DeletedTitle) -> BroughtBack | None:
    """Return who has brought a title back already, if somebody has."""
    known = await asyncio.to_thread(ledger.deleted_title, title.deletion)
    if known is None or known.back is None or known.back.state is not ReturnState.DONE:
        return None
    because = why(Why.ALREADY_BACK, name=known.back.asked_by)
    return BroughtBack(title=title_name(title), server=None, reason=because)


async def go_back(
    deletion: int,
    *,
    ledger: Ledger,
    connections: Connections,
    pause: Pause,
    halt: Callable[[], bool],
    patience: float = PATIENCE,
) -> tuple[list[BroughtBack], str | None]:
    """Go on with what is being brought back, and write down how far it is.

    Also returns who asked for it once all of it is done. Without patience, as in a
    sync, a server that fails is asked again by the next. Raises LedgerError.
    """
    title = await asyncio.to_thread(ledger.deleted_title, deletion)
    if title is None or title.back is None:
        return [], None
    results = await bring_back(
        title,
        title.back,
        ledger=ledger,
        connections=connections,
        pause=pause,
        patience=patience,
        halt=halt,
    )
    state = _state(results)
    if not patience and state is ReturnState.FAILED:
        state = ReturnState.UNDER_WAY
    await asyncio.to_thread(
        partial(
            ledger.conclude_return,
            deletion,
            state,
            _because(results),
            keep=state is not ReturnState.FAILED or any(one.listed for one in results),
        )
    )
    return results, title.back.asked_by if state is ReturnState.DONE else None


def give_up(ledger: Ledger, back: Return) -> None:
    """Wait no longer for what was cut off: somebody may ask for it again.

    Blocks. Raises LedgerError.
    """
    ledger.conclude_return(
        back.deletion,
        ReturnState.FAILED,
        why(Why.RETURN_GIVEN_UP),
        keep=any(back.steps.values()),
    )


def _state(results: Sequence[BroughtBack]) -> ReturnState:
    """Return how far a title is whose servers are that far."""
    states = {one.state for one in results}
    for state in (ReturnState.UNDER_WAY, ReturnState.FAILED):
        if state in states:
            return state
    return ReturnState.DONE


def _because(results: Sequence[BroughtBack]) -> Reason | None:
    """Return why not all of it was done, or why not as before."""
    for one in results:
        if one.state is not ReturnState.DONE and one.reason:
            return one.reason
    return next((one.reason for one in results if one.reason), None)
