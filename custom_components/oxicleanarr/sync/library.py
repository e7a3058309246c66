"""Bring the ledger up to date: ask the servers, then believe them all at once.

A *full* sync reads the whole inventory and every user's plays; a *poll* reads what has
changed. Either is all or nothing: where one server fails, the ledger stays as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from ..ledger import Committed, Ledger, SyncBatch, to_ms
from ..model import Library, MediaItem, OwnSet, Progress, ServerInfo, Tell, User, Work
from ..servers import (
    BadAnswer,
    Jellyfin,
    Jellystat,
    NotFound,
    PermissionDenied,
    read_whole,
)
from .history import read_history

# Jellystat notices the end of a play a little later than Jellyfin.
_NOTICED = timedelta(minutes=10)
_MOST_UNSEEN_PLAYS = 100
_METADATA_OVERLAP = timedelta(hours=1)
# How many titles a user is asked about, whether they can still be seen.
_MOST_SIGHTS = 20
_FIRST_ACTIVITY = timedelta(days=1)
OTHER_SERVER = "other_server"
"""The reason of the BadAnswer that says so."""
MANAGEABLE = (None, "movies", "tvshows", "mixed")
"""The collection types of libraries that can be managed; ``None`` is a mixed one."""


class SyncMode(StrEnum):
    """How much was read."""

    FULL = "full"
    POLL = "poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync has read."""

    mode: SyncMode
    items: int
    users: int
    history_events: int
    """New rows of Jellystat's history."""
    started_at: datetime
    finished_at: datetime


def managed_libraries(
    libraries: Collection[Library], chosen: Collection[str] | None
) -> list[Library]:
    """Return the libraries to be read: the ``chosen`` ids, or all that can be."""
    return [
        library
        for library in libraries
        if library.collection_type in MANAGEABLE
        and (chosen is None or library.library_id in chosen)
    ]


async def full_sync(
    ledger: Ledger,
    jellyfin: Jellyfin,
    jellystat: Jellystat | None,
    *,
    managed: Collection[str] | None,
    clock: Callable[[], datetime],
    tell: Tell = lambda _: None,
    server_id: str | None = None,
) -> SyncReport:
    """Read everything of the managed libraries (ids, or ``None`` for all).

    ``server_id`` is the server to read where the ledger knows none yet. Raises
    ServerError where a source does not answer completely; then nothing of the inventory
    has changed, and a read of the history goes on where it stopped.
    """
    started_at = clock()
    state = await asyncio.to_thread(ledger.state)
    info = await same_server(jellyfin, state.server_id or server_id)
    everybody = await _read_users(ledger, jellyfin)
    users = [user for user in everybody if not user.disabled]
    known = {
        user.user_id: user for user in await asyncio.to_thread(ledger.listed_users)
    }
    libraries = await _read_libraries(ledger, jellyfin)
    chosen = managed_libraries(libraries, managed)
    unmanaged = {one.library_id for one in libraries} - {
        one.library_id for one in chosen
    }
    batch = await asyncio.to_thread(ledger.begin_sync, complete=True)
    read = 0

    def note(more: int) -> None:
        """Tell how many items were read."""
        nonlocal read
        read += more
        tell(Progress(work=Work.LIBRARY, done=read))

    for library in chosen:
        await jellyfin.inventory(library, batch.add_items, note)
    await _leave_out_deleted(jellyfin, batch)
    if unlisted := await asyncio.to_thread(batch.unlisted_items, unmanaged):
        found = await jellyfin.items(unlisted)
        await asyncio.to_thread(batch.still_there, list(found))
    # First: what is played from then on is news to the next poll.
    activity = await jellyfin.playback_activity(started_at - _FIRST_ACTIVITY)
    favorites = _Favorites(
        jellyfin=jellyfin,
        batch=batch,
        known=known,
        ours=await asyncio.to_thread(batch.own_set),
        versions=await asyncio.to_thread(batch.version_ids),
    )
    dated_plays: dict[str, int] = {}

    async def read_user(user: User) -> None:
        """Collect what a user has played, marked and made a favorite."""
        dated_plays[user.user_id] = await _read_plays(
            jellyfin, batch, user.user_id, state.dated_plays.get(user.user_id)
        )
        await favorites.read(user)

    for number, user in enumerate(users):
        tell(Progress(work=Work.USERS, done=number, total=len(users)))
        await read_user(user)
    # They can have played something just before they were disabled, which no poll saw.
    disabled = [
        user
        for user in everybody
        if user.disabled and await _is_readable(read_user(user))
    ]
    scanned = await read_history(
        jellystat, ledger, batch, state, users, clock, full=True, tell=tell
    )
    committed: Committed = await asyncio.to_thread(
        batch.commit,
        users=[*users, *disabled],
        libraries=libraries,
        managed=[one.library_id for one in chosen],
        now=clock(),
        state={
            "server_id": info.server_id,
            "synced_at": to_ms(started_at),
            "fully_synced_at": to_ms(started_at),
            "dated_plays": dated_plays,
            **await _log_state(ledger, batch, jellystat, activity, started_at, clock()),
        },
    )
    # Clients may name a version by its own id: it has to lead to the same title.
    await read_files(ledger, jellyfin, None)
    await _read_parts(ledger, jellyfin, clock)
    return SyncReport(
        mode=SyncMode.FULL,
        items=committed.items,
        users=len(users),
        history_events=scanned + committed.new_events,
        started_at=started_at,
        finished_at=clock(),
    )


async def same_server(jellyfin: Jellyfin, server_id: str | None) -> ServerInfo:
    """Return who answers, if that is the known server; ``None``: any.

    The ids and users of another one mean nothing here, even of a copy: to mix them
    would make things watched. Raises ServerError.
    """
    info = await jellyfin.info()
    if server_id not in (None, info.server_id):
        raise BadAnswer(
            "Jellyfin", "another server answers at this address", reason=OTHER_SERVER
        )
    return info


async def poll(
    ledger: Ledger,
    jellyfin: Jellyfin,
    jellystat: Jellystat | None,
    *,
    managed: Collection[str] | None,
    clock: Callable[[], datetime],
    tell: Tell = lambda _: None,
) -> SyncReport:
    """Read what has changed since the last sync; there must have been a full one.

    At most one request for each user and four more to Jellyfin (one of them only where
    files were renamed), one for the history to Jellystat. Un-marks, favourites and
    deletions are seen by the next full sync. Raises ServerError as that does.
    """
    started_at = clock()
    state = await asyncio.to_thread(ledger.state)
    await same_server(jellyfin, state.server_id)
    since = state.synced_at or started_at
    batch = await asyncio.to_thread(ledger.begin_sync, complete=False)
    users = await asyncio.to_thread(ledger.users)
    libraries = await asyncio.to_thread(ledger.libraries)
    chosen = managed_libraries(libraries, managed)
    activity = await jellyfin.playback_activity(
        state.activity_cursor or started_at - _FIRST_ACTIVITY
    )
    active = [
        user_id
        for user_id, item_id, at in activity
        if (user_id, item_id, to_ms(at)) not in state.activity_read
    ]
    for user in users:
        if plays := active.count(user.user_id):
            recent = await jellyfin.recent(user.user_id, min(1000, 20 + 2 * plays))
            await asyncio.to_thread(batch.add_user_data, user.user_id, recent)
    # Manual marks are in no log, so the others are looked at in turn.
    silent = sorted({user.user_id for user in users} - set(active))
    turn = state.poll_turn
    share = min(len(silent), 1 + len(silent) // 8)
    for step in range(share):
        user_id = silent[(turn + step) % len(silent)]
        recent = await jellyfin.recent(user_id)
        await asyncio.to_thread(batch.add_user_data, user_id, recent)
    shelves = _shelves_of(chosen)
    await jellyfin.changed_items(
        since - _METADATA_OVERLAP, lambda items: batch.add_items(items, shelves)
    )
    await _leave_out_deleted(jellyfin, batch)
    rivals = await asyncio.to_thread(batch.rivals, clock())
    gone = set(rivals) - set(await jellyfin.items(rivals)) if rivals else set()
    scanned = await read_history(
        jellystat, ledger, batch, state, users, clock, full=False, tell=tell
    )
    committed: Committed = await asyncio.to_thread(
        batch.commit,
        users=users,
        libraries=libraries,
        managed=[one.library_id for one in chosen],
        now=clock(),
        gone=gone,
        state={
            "synced_at": to_ms(started_at),
            "poll_turn": turn + share,
            **await _log_state(ledger, batch, jellystat, activity, since, clock()),
        },
    )
    return SyncReport(
        mode=SyncMode.POLL,
        items=committed.items,
        users=len(users),
        history_events=scanned + committed.new_events,
        started_at=started_at,
        finished_at=clock(),
    )


async def read_files(
    ledger: Ledger, jellyfin: Jellyfin, item_ids: Collection[str] | None
) -> bool:
    """Learn size and paths of items; without ids, of those with several versions.

    What is known already is not asked for again. Return whether anything was asked for.
    Raises ServerError.
    """
    wanted = await asyncio.to_thread(ledger.items_without_files, item_ids)
    for start in range(0, len(wanted), 100):
        files = await jellyfin.files(wanted[start : start + 100])
        await asyncio.to_thread(ledger.store_files, list(files.values()))
    return bool(wanted)


async def _read_parts(
    ledger: Ledger, jellyfin: Jellyfin, clock: Callable[[], datetime]
) -> None:
    """Learn who has watched the films in parts that somebody has begun to the end."""
    for item_id, user_id in await asyncio.to_thread(ledger.parts_to_ask):
        try:
            rows = await jellyfin.part_data(user_id, item_id)
        except NotFound:
            continue
        await asyncio.to_thread(ledger.store_part_data, user_id, rows, clock())


async def _leave_out_deleted(jellyfin: Jellyfin, batch: SyncBatch) -> None:
    """Leave out what Jellyfin still lists although its file was deleted and is gone."""
    for item_id, path in await asyncio.to_thread(batch.rows_of_deleted):
        if not await jellyfin.path_exists(path, folder=None):
            await asyncio.to_thread(batch.leave_out, [item_id])


async def _read_users(ledger: Ledger, jellyfin: Jellyfin) -> list[User]:
    """Return all users, also those who are disabled.

    One less is a favourite less, and somebody less who has not watched a title yet.
    """
    known = await asyncio.to_thread(ledger.listed_users)
    return await read_whole(
        "Jellyfin",
        jellyfin.users,
        {one.user_id for one in known},
        lambda one: one.user_id,
    )


async def _read_libraries(ledger: Ledger, jellyfin: Jellyfin) -> list[Library]:
    """Return all libraries; of one that is left out nothing would be read."""
    known = await asyncio.to_thread(ledger.libraries)
    return await read_whole(
        "Jellyfin",
        jellyfin.libraries,
        {one.library_id for one in known},
        lambda one: one.library_id,
    )


async def _read_plays(
    jellyfin: Jellyfin, batch: SyncBatch, user_id: str, known: int | None
) -> int:
    """Collect the plays and marks of a user, and return how many have a date.

    ``known`` is what was returned last time.
    """
    dated = await jellyfin.activity(
        user_id, partial(batch.add_user_data, user_id), known
    )
    undated = await jellyfin.played_without_date(user_id)
    await asyncio.to_thread(batch.add_user_data, user_id, undated)
    if unlisted := await asyncio.to_thread(batch.unlisted_plays, user_id):
        reread = await jellyfin.user_data(user_id, unlisted)
        await asyncio.to_thread(batch.add_user_data, user_id, list(reread.values()))
    return dated


@dataclass(frozen=True, slots=True, kw_only=True)
class _Favorites:
    """Collects the favorites of users, once the whole inventory is in the batch."""

    jellyfin: Jellyfin
    batch: SyncBatch
    known: Mapping[str, User]
    """The users of the last full sync, by id."""
    ours: OwnSet | None
    versions: Collection[str]
    """The ids of the other versions, which no list shows."""

    async def read(self, user: User) -> None:
        """Collect the favorites of a user, and those that the user cannot see any more.

        A list shows neither what is hidden nor other versions, so these are asked for
        by id. What is still not there was taken back, unless the user does not see the
        title, or may see something else than at the last sync.
        """
        user_id, known = user.user_id, self.known.get(user.user_id)
        favorites = await self.jellyfin.favorites(user_id, ours=self.ours)
        await asyncio.to_thread(self.batch.add_favorites, user_id, favorites)
        unlisted = await asyncio.to_thread(self.batch.unlisted_favorites, user_id)
        if unlisted or self.versions:
            hidden = await self.jellyfin.favorites(user_id, [*unlisted, *self.versions])
            await asyncio.to_thread(self.batch.add_favorites, user_id, hidden)
            unlisted = [one for one in unlisted if one not in hidden]
        lost = unlisted
        if known is not None and (known.sight, known.library_ids) == (
            user.sight,
            user.library_ids,
        ):
            lost = unlisted[_MOST_SIGHTS:]
            for item_id in unlisted[:_MOST_SIGHTS]:
                if not await self.jellyfin.sees(user_id, item_id):
                    lost = [*lost, item_id]
        await asyncio.to_thread(self.batch.add_lost_favorites, user_id, lost)


async def _is_readable(reading: Awaitable[None]) -> bool:
    """Read what there is of a user who is disabled; return whether that can be read.

    If not, the favorites that were known count for a few days, as of one who is gone.
    """
    try:
        await reading
    except NotFound, PermissionDenied:
        return False
    return True


async def _log_state(
    ledger: Ledger,
    batch: SyncBatch,
    jellystat: Jellystat | None,
    activity: Sequence[tuple[str, str | None, datetime]],
    since: datetime,
    now: datetime,
) -> dict[str, object]:
    """Return what is to be remembered of Jellyfin's activity log.

    That is how far it was read, in the server's own time, and which of its plays
    Jellystat does not know yet.
    """
    state = await asyncio.to_thread(ledger.state)
    newest = await asyncio.to_thread(batch.newest_event, now)
    known = max((at for at in (newest, state.history_newest) if at), default=None)
    unseen: set[tuple[str, str | None, int]] = set()
    if jellystat is not None and known is not None:
        unseen = {
            (user_id, item_id, to_ms(at))
            for user_id, item_id, at in (*state.unseen_plays, *activity)
            if at > known + _NOTICED
        }
    cursor = max((at for _, _, at in activity), default=state.activity_cursor or since)
    # The log begins with what has the cursor's time: that comes again and again.
    read = {one for one in state.activity_read if one[2] == to_ms(cursor)} | {
        (user_id, item_id, to_ms(at))
        for user_id, item_id, at in activity
        if to_ms(at) == to_ms(cursor)
    }
    return {
        "activity_cursor": to_ms(cursor),
        "activity_read": list(read),
        "unseen_plays": sorted(unseen, key=lambda one: one[2])[:_MOST_UNSEEN_PLAYS],
        "history_from": None,
    }


def _shelves_of(
    libraries: Sequence[Library],
) -> Callable[[MediaItem], list[str]]:
    """Return what tells the ids of those of the libraries that hold an item.

    The one with the longest path comes last, and names the item.
    """
    locations = sorted(
        (
            (location.rstrip("/\\"), library.library_id)
            for library in libraries
            for location in library.locations
        ),
        key=lambda one: len(one[0]),
    )
    folders = [
        ((f"{location}/", f"{location}\\"), library_id)
        for location, library_id in locations
    ]

    def shelves(item: MediaItem) -> list[str]:
        """Return the ids of the libraries."""
        path = item.path or ""
        return [library_id for folder, library_id in folders if path.startswith(folder)]

    return shelves
