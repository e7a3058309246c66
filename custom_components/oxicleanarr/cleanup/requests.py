"""What Seerr is told once titles are gone: to forget their requests, or to look.

Nothing depends on it, and doing nothing is right as well. So whatever fails is tried
again by a later sync, each title and each Seerr by itself.
"""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ..ledger import GoneTitle, Ledger
from ..model import MediaKind, SeerrRequest
from ..servers import (
    BadAnswer,
    Connection,
    Connections,
    Jellyfin,
    NotFound,
    Seerr,
    ServerError,
    Unavailable,
)
from ..sync import match_requests

# So many titles may be in the way of a Seerr's answer; more of them, and it is itself.
_MOST_SILENCES: Final = 3
# By then Seerr has looked by itself, which it does every night.
_LOOKS_EVERY: Final = timedelta(days=1)


async def forget_requests(
    ledger: Ledger, jellyfin: Jellyfin, connections: Connections
) -> list[ServerError]:
    """Have every Seerr forget the requests of what is confirmed to be gone.

    A request that somebody still waits for stays, and so does its title. Return what
    went wrong, once for each Seerr; the next sync tries the rest again.
    """
    gone = await asyncio.to_thread(ledger.requests_to_forget)
    trouble: list[ServerError] = []
    for seerr in connections.seerr:
        todo = [one for one in gone if seerr.connection_id not in one.forgotten_by]
        if todo:
            run = _Forgetting(ledger, jellyfin, seerr)
            await run.forget(todo)
            trouble += run.trouble[:1]
    wanted = {seerr.connection_id for seerr in connections.seerr}
    for title in await asyncio.to_thread(ledger.requests_to_forget) if gone else ():
        if wanted <= title.forgotten_by:
            await asyncio.to_thread(ledger.request_forgotten, title)
    return trouble


async def look_for_what_is_gone(
    ledger: Ledger, jellyfin: Jellyfin, connections: Connections, now: datetime
) -> list[ServerError]:
    """Start the availability sync of every Seerr that has not noticed our deletions.

    Until then it takes the titles for available, and a wish for one of them would be
    approved, told nobody, and called completed by that very sync. What Jellyfin still
    lists is waited for. Return what went wrong.
    """
    trouble: list[ServerError] = []
    for seerr in connections.seerr:
        gone = await asyncio.to_thread(
            ledger.deletions_to_notice, seerr.connection_id, now - _LOOKS_EVERY
        )
        if not gone:
            continue
        try:
            listed = await jellyfin.items(set(gone.values()))
            noticed = [number for number, one in gone.items() if one not in listed]
            if noticed:
                await _start_availability_sync(seerr.client)
        except ServerError as err:
            trouble.append(err)
        else:
            await asyncio.to_thread(
                ledger.deletions_noticed, seerr.connection_id, noticed
            )
    return trouble


async def _start_availability_sync(seerr: Seerr) -> None:
    """Start it where there is one; older releases have none. Raises ServerError."""
    try:
        await seerr.start_availability_sync()
    except NotFound:
        return


@dataclass(slots=True)
class _Forgetting:
    """What one Seerr is to forget."""

    ledger: Ledger
    jellyfin: Jellyfin
    seerr: Connection[Seerr]
    trouble: list[ServerError] = field(default_factory=list)
    _requests: Sequence[SeerrRequest] = ()
    _listed: Collection[str] = ()
    """The ids of what is still in Jellyfin."""

    async def forget(self, titles: Sequence[GoneTitle]) -> None:
        """Have it forget titles, one after another, and note what is done."""
        doubtful = []
        silences = 0
        try:
            await self._read(titles)
        except ServerError as err:
            self.trouble.append(err)
            return
        for title in titles:
            if (
                title.item.kind is MediaKind.MOVIE
                and title.item.item_id in self._listed
            ):
                # Seerr would find it again at once.
                continue
            try:
                sure = await self._forget(title)
            except ServerError as err:
                self.trouble.append(err)
                silences += isinstance(err, Unavailable) and err.status is None
                if silences == _MOST_SILENCES:
                    break
            else:
                if sure:
                    await self._note(title)
                else:
                    doubtful.append(title)
        if doubtful:
            await self._look_again(doubtful)

    async def _read(self, titles: Sequence[GoneTitle]) -> None:
        """Read all requests, and what is still there of the titles. Raises ServerError."""
        self._requests = await self.seerr.client.requests()
        asked_for = {
            one.item_id
            for title in titles
            for one in self._own(title)
            if one.item_id is not None
        }
        ids = {title.item.item_id for title in titles}
        self._listed = await self.jellyfin.items(asked_for | ids)

    def _own(self, title: GoneTitle) -> Sequence[SeerrRequest]:
        """Return the requests for a title, as far as that is beyond doubt."""
        item_id = title.item.item_id
        return match_requests([title.item], self._requests).get(item_id) or ()

    def _over(self, title: GoneTitle) -> list[SeerrRequest]:
        """Return the requests for what is gone; nobody waits for them any more."""
        return [
            one
            for one in self._own(title)
            if one.waiting is False
            and _is_older(one, title)
            # Another quality may have a library of its own.
            and (one.item_id == title.item.item_id or one.item_id not in self._listed)
        ]

    async def _forget(self, title: GoneTitle) -> bool:
        """Delete the requests that are over; return whether they are gone for certain.

        The title goes with them, unless it has others. Raises ServerError.
        """
        sure = True
        over = self._over(title)
        client = self.seerr.client
        for media_id, own in _by_media(over).items():
            together = [one for one in self._requests if one.media_id == media_id]
            if media_id is not None and all(
                one in own or (one.declined and _is_older(one, title))
                for one in together
            ):
                sure &= await _delete(client.delete_media(media_id))
            else:
                for one in own:
                    sure &= await _delete(client.delete_request(one.request_id))
        return sure

    async def _look_again(self, titles: Sequence[GoneTitle]) -> None:
        """Note what is gone of titles that Seerr said it did not know."""
        try:
            self._requests = await self.seerr.client.requests()
        except ServerError as err:
            self.trouble.append(err)
            return
        for title in titles:
            if self._over(title):
                self.trouble.append(
                    BadAnswer(
                        "Seerr",
                        "says that it does not know what it still lists",
                        reason="not_found",
                    )
                )
            else:
                await self._note(title)

    async def _note(self, title: GoneTitle) -> None:
        """Note that this Seerr has forgotten a title."""
        await asyncio.to_thread(
            self.ledger.request_forgotten, title, self.seerr.connection_id
        )


def _is_older(request: SeerrRequest, title: GoneTitle) -> bool:
    """Return whether a request was made before its title was deleted."""
    at = request.requested_at
    return at is not None and at < title.deleted_at


def _by_media(
    requests: Iterable[SeerrRequest],
) -> dict[int | None, list[SeerrRequest]]:
    """Return requests by Seerr's ids of their titles."""
    found: dict[int | None, list[SeerrRequest]] = {}
    for one in requests:
        found.setdefault(one.media_id, []).append(one)
    return found


async def _delete(deletion: Awaitable[None]) -> bool:
    """Wait for a deletion; return whether it has worked for certain.

    A 404 means any error over there, a busy database for one. Raises ServerError.
    """
    try:
        await deletion
    except NotFound:
        return False
    return True
