"""The collection "Leaving soon" in Jellyfin: what the plan says, shown where people choose.

Nothing depends on it, and whatever fails is tried again by a later sync. It is known by
its id. A collection that somebody else has made by the same name is left alone: to make
ours would empty it.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
import logging
from typing import Final

from ..ledger import Ledger, LedgerError, LedgerState
from ..model import BoxSet, OwnSet
from ..servers import Jellyfin, ServerError

_LOGGER = logging.getLogger(__name__)

COLLECTION_NAME: Final = "Leaving soon"
SECONDS: Final = 30.0
"""How long it may keep everything else waiting."""

_FOLDER: Final = f"{COLLECTION_NAME} [boxset]"
# The ids travel in the address, and each of these calls makes Jellyfin write the set.
_AT_A_TIME: Final = 50
_MOST_MEMBERS: Final = 1000


class CollectionTakenError(Exception):
    """There is a collection by this name that is not ours."""


class LeavingSoonCollection:
    """The collection of one household, brought in step with its plan."""

    def __init__(self, ledger: Ledger) -> None:
        """Take the ledger that knows which one is ours."""
        self.taken = False
        """Whether there is another collection where ours would be."""
        self._ledger = ledger
        self._trouble: str | None = None
        self._tried_at: datetime | None = None
        self._seen_at: datetime | None = None
        self._patience: asyncio.Timeout | None = None
        self._given_up = False

    async def follow(
        self, jellyfin: Jellyfin, item_ids: Sequence[str] | None, state: LedgerState
    ) -> None:
        """Show what these items are, the first first; ``None``: take it down.

        Nothing is raised. After a failure it is tried again after the next sync.
        """
        if self._trouble is not None and self._tried_at == state.synced_at:
            return
        self._tried_at = state.synced_at
        taken, trouble = False, None
        try:
            async with asyncio.timeout(SECONDS) as self._patience:
                if item_ids is None:
                    await _take_down(self._ledger, jellyfin)
                else:
                    # After a complete sync it is looked at whether it is still there.
                    look = state.fully_synced_at != self._seen_at
                    await _show(self._ledger, jellyfin, item_ids, look=look)
                    self._seen_at = state.fully_synced_at
        except CollectionTakenError:
            taken = True
            trouble = "there is another collection by its name"
        except (ServerError, LedgerError) as err:
            trouble = str(err)
        except TimeoutError:
            trouble = "Jellyfin takes too long"
        except Exception as err:
            trouble = type(err).__name__
            _LOGGER.debug("Nobody foresaw this", exc_info=True)
        finally:
            self._patience = None
        if self._given_up:
            return
        if trouble is not None and self._trouble is None:
            _LOGGER.warning("The collection in Jellyfin is not up to date: %s", trouble)
        elif trouble is None and self._trouble is not None:
            _LOGGER.info("The collection in Jellyfin is up to date again")
        self._trouble, self.taken = trouble, taken

    def try_again(self) -> None:
        """Wait for no further sync: the user wants something else."""
        self._tried_at = None

    def give_up(self) -> None:
        """Keep nobody waiting any more."""
        self._given_up = True
        if self._patience is not None:
            self._patience.reschedule(0)


async def take_collection_down(ledger: Ledger, jellyfin: Jellyfin) -> None:
    """Take out what is ours, and delete the collection unless something is left in it.

    Raises ServerError, LedgerError and TimeoutError.
    """
    async with asyncio.timeout(SECONDS):
        await _take_down(ledger, jellyfin)


async def _show(
    ledger: Ledger, jellyfin: Jellyfin, item_ids: Sequence[str], *, look: bool
) -> None:
    """Show the movies and series that items are, or are part of, the first first.

    ``look``: also see whether the collection is still there if nothing has changed.
    Raises ServerError, LedgerError and CollectionTakenError.
    """
    wholes = await asyncio.to_thread(ledger.wholes, item_ids)
    wanted = list(
        dict.fromkeys(
            wholes[item_id].item_id for item_id in item_ids if item_id in wholes
        )
    )[:_MOST_MEMBERS]
    ours = await asyncio.to_thread(ledger.own_set)
    known = ours.members if ours is not None else frozenset()
    if known == set(wanted) and (ours is None or (ours.settled and not look)):
        return
    ours, _ = await _found(ledger, jellyfin, ours)
    known = ours.members if ours is not None and ours.settled else frozenset()
    if add := [item_id for item_id in wanted if item_id not in known]:
        # One id that is gone would have Jellyfin refuse all the others.
        there = {*known, *await jellyfin.items(add)}
        wanted = [item_id for item_id in wanted if item_id in there]
    if ours is None:
        if not wanted:
            return
        ours = await _create(ledger, jellyfin, wanted[:_AT_A_TIME])
    await _change(ledger, jellyfin, ours, wanted)


async def _take_down(ledger: Ledger, jellyfin: Jellyfin) -> None:
    """Take out what is ours, and delete the collection unless something is left in it.

    Raises ServerError and LedgerError.
    """
    ours = await asyncio.to_thread(ledger.own_set)
    if ours is None:
        return
    try:
        ours, box_set = await _found(ledger, jellyfin, ours)
    except CollectionTakenError:
        ours = None
    if ours is not None and box_set is not None:
        await _change(ledger, jellyfin, ours, [])
        if await _seen_in(jellyfin, box_set.set_id) == frozenset():
            await jellyfin.delete_box_set(box_set)
    await asyncio.to_thread(ledger.set_own_set, None)


async def _found(
    ledger: Ledger, jellyfin: Jellyfin, ours: OwnSet | None
) -> tuple[OwnSet | None, BoxSet | None]:
    """Return our collection as it is there; ``None``: there is none, and none is in the way.

    Raises CollectionTakenError if one is.
    """
    sets = {one.set_id: one for one in await jellyfin.box_sets()}
    if ours is not None and ours.set_id is not None:
        if ours.set_id in sets:
            return ours, sets[ours.set_id]
        # Somebody has deleted it.
        await asyncio.to_thread(ledger.set_own_set, None)
        ours = None
    alike = [one for one in sets.values() if _in_the_way(one)]
    if not alike:
        return None, None
    # Before we began to make ours there was none.
    if ours is not None and len(alike) == 1:
        seen = await _seen_in(jellyfin, alike[0].set_id)
        if seen is not None and seen <= ours.members:
            ours = replace(ours, set_id=alike[0].set_id)
            await asyncio.to_thread(ledger.set_own_set, ours)
            return ours, alike[0]
    raise CollectionTakenError


def _in_the_way(box_set: BoxSet) -> bool:
    """Return whether to make ours could mean this one: the folder keeps its first name."""
    if box_set.path is None:
        return True
    folder = box_set.path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return _FOLDER.casefold() == folder.casefold() or (
        COLLECTION_NAME.casefold() == box_set.name.strip().casefold()
    )


async def _seen_in(jellyfin: Jellyfin, set_id: str) -> frozenset[str] | None:
    """Return all that any user sees in a collection; ``None``: there is nobody to see."""
    users = await jellyfin.users()
    if not users:
        return None
    seen: frozenset[str] = frozenset()
    for user in users:
        seen |= await jellyfin.members(set_id, user.user_id)
    return seen


async def _create(
    ledger: Ledger, jellyfin: Jellyfin, item_ids: Collection[str]
) -> OwnSet:
    """Make the collection with its first members."""
    begun = OwnSet(set_id=None, members=frozenset(item_ids), settled=False)
    # Without an answer it may be there all the same, and would be in our own way.
    await asyncio.to_thread(ledger.set_own_set, begun)
    set_id = await jellyfin.create_box_set(COLLECTION_NAME, item_ids)
    made = replace(begun, set_id=set_id, settled=True)
    await asyncio.to_thread(ledger.set_own_set, made)
    return made


async def _change(
    ledger: Ledger, jellyfin: Jellyfin, ours: OwnSet, wanted: Sequence[str]
) -> None:
    """Put in what is missing, and take out what we have put in and nobody wants."""
    assert ours.set_id is not None
    add = [one for one in wanted if not (ours.settled and one in ours.members)]
    remove = sorted(ours.members.difference(wanted))
    if not add and not remove:
        return
    begun = replace(ours, members=ours.members.union(wanted), settled=False)
    await asyncio.to_thread(ledger.set_own_set, begun)
    for start in range(0, len(add), _AT_A_TIME):
        await jellyfin.add_to_box_set(ours.set_id, add[start : start + _AT_A_TIME])
    for start in range(0, len(remove), _AT_A_TIME):
        await jellyfin.take_from_box_set(
            ours.set_id, remove[start : start + _AT_A_TIME]
        )
    done = OwnSet(set_id=ours.set_id, members=frozenset(wanted))
    await asyncio.to_thread(ledger.set_own_set, done)
