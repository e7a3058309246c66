"""The last look: what all servers and the disk say of titles right before one goes.

It only gathers. What speaks against a deletion is for the guards and the rules to say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from ..ledger import Ledger, PlayMemory, Remembered, copies_among, remember
from ..model import MediaItem, PlannedDeletion, Requester, UserData
from ..servers import Jellyfin, NotFound
from .copies import Custody
from .decide import Live
from .disk import Disk
from .guards import LiveView

type Requesters = Mapping[str, tuple[Requester, ...] | None] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """A look for one entry. Everything raises ServerError where a server fails."""

    entry: PlannedDeletion
    users: Collection[str]
    """The ids of all known users."""
    favorites_keep: bool
    ledger: Ledger
    jellyfin: Jellyfin
    disk: Disk
    clock: Callable[[], datetime]
    in_favorite_sets: Callable[[str], Awaitable[frozenset[str]]]
    """Return what is in a user's favorite collections."""
    requesters: Callable[[], Awaitable[Requesters]]

    async def at(
        self, targets: Sequence[MediaItem], custody: Mapping[str, Custody]
    ) -> tuple[Live, list[LiveView]]:
        """Return what is true of the targets at this moment, for the rules and guards."""
        copies = await self._copies(targets)
        every = [*targets, *(one for some in copies.values() for one in some)]
        known = {
            one.item_id: await asyncio.to_thread(
                self.ledger.remembered, one.item_id, self.clock()
            )
            for one in every
        }
        parts = await self._parts(every)
        user_data, favorites = await self._of_users(every, known)
        live = Live(
            items=await self.jellyfin.items(self._family(every)),
            unfinished=self._unfinished(parts, known),
            user_data=user_data,
            favorites=favorites,
            seeing=await self._seeing(targets, known),
            memories={item_id: one.memories for item_id, one in known.items()},
            owner_tags={
                (target.series_id or target.item_id): custody[target.item_id].tags
                for target in targets
                if custody[target.item_id].copies
            },
            continuing={
                target.series_id: custody[target.item_id].continuing
                for target in targets
                if target.series_id and custody[target.item_id].copies
            },
            requesters=await self.requesters(),
        )
        sessions = await self.jellyfin.sessions()
        scanning = await self.jellyfin.is_scanning()
        disk = replace(self.disk, listed={})
        views = []
        for target in targets:
            own = known[target.item_id]
            owned = custody[target.item_id]
            on_disk = await disk.shown(target, own, owned.for_jellyfin(len(own.files)))
            views.append(
                LiveView(
                    now=self.clock(),
                    entry=self.entry,
                    target=target,
                    known=own,
                    live=live.items.get(target.item_id),
                    user_data=_of(target, user_data),
                    favorites=favorites,
                    favorites_keep=self.favorites_keep,
                    sessions=sessions,
                    scanning=scanning,
                    parts=parts.get(target.item_id, {}),
                    copy_ids=[one.item_id for one in copies[target.item_id]],
                    copies=[
                        (_of(one, user_data), known[one.item_id])
                        for one in copies[target.item_id]
                    ],
                    on_disk=on_disk,
                    owners=len({copy.part.connection_id for copy in owned.copies}),
                )
            )
        return live, views

    async def _copies(self, targets: Sequence[MediaItem]) -> dict[str, list[MediaItem]]:
        """Return the other copies of each target's title, by the target's id."""
        ids = [target.item_id for target in targets]
        facts = await asyncio.to_thread(self.ledger.facts, self.clock(), ids)
        copies: dict[str, list[MediaItem]] = {item_id: [] for item_id in ids}
        for together in copies_among(facts):
            items = [fact.item for fact in together]
            for item in items:
                if item.item_id in copies:
                    copies[item.item_id] = [one for one in items if one is not item]
        return copies

    def _family(self, items: Iterable[MediaItem]) -> list[str]:
        """Return the ids of items, their seasons and series, and of the entry."""
        return sorted(
            {
                one
                for item in items
                for one in (item.item_id, item.season_id, item.series_id)
                if one
            }
            | {self.entry.item_id}
        )

    async def _of_users(
        self, items: Sequence[MediaItem], known: Mapping[str, Remembered]
    ) -> tuple[dict[str, dict[str, UserData]], dict[str, frozenset[str]]]:
        """Return by user id the state of items and their versions, and all favorites."""
        ids = {item.item_id for item in items}
        versions = {one for each in known.values() for one in each.aliases}
        # Their own user data say it of files, and must not be asked for folders.
        folders = [one for one in self._family(items) if one not in ids]
        user_data = {}
        favorites = {}
        for user_id in self.users:
            rows = await self.jellyfin.user_data(user_id, ids | versions)
            of_folders: frozenset[str] = frozenset()
            if folders:
                of_folders = await self.jellyfin.favorites(user_id, folders)
            user_data[user_id] = rows
            favorites[user_id] = (
                of_folders
                | await self.in_favorite_sets(user_id)
                | {one for one, data in rows.items() if data.favorite}
            )
        return user_data, favorites

    async def _parts(
        self, items: Sequence[MediaItem]
    ) -> dict[str, dict[str, list[UserData]]]:
        """Return what each user does with the parts of films in parts, by film."""
        found: dict[str, dict[str, list[UserData]]] = {}
        for item in items:
            if item.part_count > 1:
                found[item.item_id] = {}
                for user_id in self.users:
                    with suppress(NotFound):
                        found[item.item_id][user_id] = await self.jellyfin.part_data(
                            user_id, item.item_id
                        )
        return found

    def _unfinished(
        self,
        parts: Mapping[str, Mapping[str, Sequence[UserData]]],
        known: Mapping[str, Remembered],
    ) -> dict[str, frozenset[str]]:
        """Return by film in parts who has not watched it to the end of the last one."""
        return {
            item_id: frozenset(
                user_id
                for user_id in self.users
                if not _has_finished(
                    rows.get(user_id, ()),
                    known[item_id].part_memories.get(user_id),
                    self.clock(),
                )
            )
            for item_id, rows in parts.items()
        }

    async def _seeing(
        self, targets: Sequence[MediaItem], known: Mapping[str, Remembered]
    ) -> dict[str, frozenset[str]]:
        """Return who sees a target, or its series, that they did not see."""
        seeing: dict[str, frozenset[str]] = {}
        for target in targets:
            for user_id in known[target.item_id].unseeing:
                if await self.jellyfin.sees(user_id, target.item_id):
                    for item_id in (target.item_id, target.series_id):
                        if item_id:
                            again = seeing.get(item_id, frozenset()) | {user_id}
                            seeing[item_id] = again
        return seeing


def _of(
    item: MediaItem, user_data: Mapping[str, Mapping[str, UserData]]
) -> dict[str, UserData]:
    """Return by user id what is said of one item."""
    return {
        user_id: rows[item.item_id]
        for user_id, rows in user_data.items()
        if item.item_id in rows
    }


def _has_finished(
    parts: Sequence[UserData], memory: PlayMemory | None, now: datetime
) -> bool:
    """Return whether somebody has watched a film in parts to the end of the last one."""
    return bool(parts) and remember(memory, parts[-1], now).watched
