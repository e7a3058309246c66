"""What a run has found against a title, and no sync would have told the plan.

It is remembered and keeps the title, so that no plan promises for ever what every run
skips. Each full sync looks again, and once it is settled the title waits its grace. What
is foreign counts at once. Another title may go by the same run, and what is not known may
be so for a moment: that counts once a sync finds it too.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..ledger import Ledger
from ..model import MediaItem, MediaKind, Reason
from ..servers import Connections, Jellyfin, ServerError
from ..sync import Doubt
from .disk import Disk
from .guards import (
    FileView,
    alone_under_its_name,
    files_known,
    nothing_else_goes,
    objection,
    on_disk,
)
from .owners import Owners
from .reasons import Stopped, Why, failed, why

_MOST_LOOKS: Final = 25
"""About how many titles is asked after a full sync."""
_TRY_AGAIN: Final = timedelta(days=30)
"""Only another attempt tells whether a file can be removed by now."""

_LASTING: Final = frozenset(
    {
        # What the disk shows.
        Why.FILES_UNKNOWN,
        Why.NOT_ON_DISK,
        Why.PARTS_AMONG_OTHERS,
        Why.SEVERAL_FILES,
        Why.TAKES_SIDECAR,
        Why.FOLDER_HOLDS_VIDEO,
        Why.FOLDER_HOLDS_FOLDER,
        Why.FOLDER_UNREADABLE,
        Why.FOLDER_HOLDS_TITLES,
        Why.FOLDER_HOLDS_LIBRARY,
        # What Radarr or Sonarr says.
        Why.FILE_NOT_NAMED,
        Why.OTHER_FILE,
        Why.FILE_UNKNOWN,
        Why.OWN_FILE_UNKNOWN,
        Why.FILE_CONTENT_UNKNOWN,
        Why.EPISODES_MISSING,
        Doubt.SPLIT,
        Doubt.ELSEWHERE,
    }
)
"""What stays as it is until somebody does something, and what only a look finds."""
_FOREIGN: Final = frozenset([Why.FOLDER_HOLDS_VIDEO, Why.FOLDER_HOLDS_FOLDER])
"""What was seen, and that no title is known to have: it goes with none."""

_GUARDS: Final = (files_known, alone_under_its_name, on_disk, nothing_else_goes)


async def note_found(
    ledger: Ledger, item: MediaItem, reason: Reason, now: datetime
) -> None:
    """Remember what a run has found against an item, if it lasts. Raises LedgerError."""
    if (lasting := _lasting(reason)) is not None:
        await asyncio.to_thread(
            ledger.note_objection,
            item.item_id,
            lasting,
            now,
            sure=lasting.code in _FOREIGN,
        )


async def note_failure(
    ledger: Ledger, item_id: str, because: Reason, now: datetime
) -> None:
    """Remember that an item could not be deleted; it is not tried for ever.

    Once it may have been chance. Raises LedgerError.
    """
    until = now + _TRY_AGAIN
    await asyncio.to_thread(
        ledger.note_objection,
        item_id,
        why(Why.NOT_REMOVED, because=because, again_at=until),
        now,
        sure=False,
        until=until,
    )


async def look_again(
    ledger: Ledger,
    jellyfin: Jellyfin,
    connections: Connections,
    clock: Callable[[], datetime],
) -> None:
    """Look whether what was found against titles is so still, and forget what is not.

    Where a server fails, it stays. Raises LedgerError.
    """
    found = await asyncio.to_thread(ledger.objections_to_look_at, clock(), _MOST_LOOKS)
    if not found:
        return
    look = _Look(
        ledger, jellyfin, Disk(jellyfin, ledger), Owners(ledger, connections), clock
    )
    for item, known in found:
        try:
            reason = await look.at(item)
        except ServerError as err:
            reason = failed(err)
        if reason is None:
            await asyncio.to_thread(ledger.forget_objection, item.item_id)
            continue
        lasting = _lasting(reason)
        await asyncio.to_thread(
            ledger.note_objection,
            item.item_id,
            lasting or known,
            clock(),
            sure=lasting is not None,
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at what was found. Everything raises ServerError where a server fails."""

    ledger: Ledger
    jellyfin: Jellyfin
    disk: Disk
    owners: Owners
    clock: Callable[[], datetime]

    async def at(self, item: MediaItem) -> Reason | None:
        """Return what speaks against an item by now, or ``None``."""
        if item.kind is MediaKind.SERIES:
            return await self._at_series(item)
        going = {item.item_id, *await self._episodes(item.series_id)}
        try:
            custody = (await self.owners.custody([item], going))[item.item_id]
        except Stopped as stop:
            return stop.reason
        live = await self.jellyfin.items([item.item_id])
        if item.item_id not in live:
            return why(Why.NOT_IN_JELLYFIN)
        known = await asyncio.to_thread(
            self.ledger.remembered, item.item_id, self.clock()
        )
        view = FileView(
            target=item,
            known=known,
            live=live[item.item_id],
            on_disk=await self.disk.shown(
                item, known, custody.for_jellyfin(len(known.files))
            ),
        )
        found = objection(_GUARDS, view)
        return found.because if found else None

    async def _at_series(self, series: MediaItem) -> Reason | None:
        """Return what speaks against the removal of a series' folder, or ``None``."""
        if not self.owners.connections.sonarr:
            return None
        going: dict[str, list[str]] = {
            one: [] for one in await self._episodes(series.item_id)
        }
        for item_id, path in await asyncio.to_thread(
            self.ledger.files_below, series.path or ""
        ):
            if item_id in going:
                going[item_id].append(path)
        return await self.disk.series_objection(series, going, emptied=False)

    async def _episodes(self, series_id: str | None) -> list[str]:
        """Return the ids of all episodes of a series; of none, none."""
        if series_id is None:
            return []
        found = await asyncio.to_thread(
            self.ledger.present, MediaKind.EPISODE, series_id=series_id
        )
        return [one.item_id for one in found]


def _lasting(reason: Reason) -> Reason | None:
    """Return what lasts of a reason, without the words that a run adds; else ``None``."""
    because = reason.data.get("because")
    if reason.code == Why.UNSURE and isinstance(because, Reason):
        reason = because
    return reason if reason.code in _LASTING else None
