"""What is remembered of every user's plays and favourites of every item.

Jellyfin forgets: before version 12 it takes *Played* away when a re-watch starts, and
a replaced file can lose it. It also invents: a title that returns after a deletion is
*Played* at once. So the flag is not copied but learned from.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import sqlite3

from ..model import User, UserData
from .database import from_ms, to_ms

_MEMORY_COLUMNS = (
    "plays.played, plays.stale, plays.touched, plays.first_played_at,"
    " plays.last_played_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayMemory:
    """One user's remembered state of one item."""

    played: bool = False
    stale: bool = False
    """Jellyfin says *Played*, but that is left over from a life before this one."""
    touched: bool = False
    """Jellyfin's last answer held some trace of a play or mark."""
    first_played_at: datetime | None = None
    last_played_at: datetime | None = None

    @property
    def watched(self) -> bool:
        """Whether it counts as watched in this life."""
        return self.played and not self.stale


def remember(memory: PlayMemory | None, seen: UserData, now: datetime) -> PlayMemory:
    """Return what is remembered after Jellyfin has answered ``seen`` at ``now``.

    Watched stays watched until the user un-marks it: then no trace is left where there
    was one before. A stale flag turns honest once it has been seen to be off.
    """
    before = memory or PlayMemory()
    played, stale, first_played_at = before.played, before.stale, before.first_played_at
    if stale:
        stale = seen.played
    elif seen.played:
        played = True
        first_played_at = first_played_at or now
    elif seen.untouched and before.touched:
        played, first_played_at = False, None
    last_played_at = before.last_played_at
    if seen.last_played_at is not None:
        # A date in the future would postpone for ever; plays cannot lie ahead.
        latest = min(seen.last_played_at, now)
        last_played_at = max(last_played_at or latest, latest)
    return PlayMemory(
        played=played,
        stale=stale,
        touched=not seen.untouched,
        first_played_at=first_played_at,
        last_played_at=last_played_at,
    )


_NOTHING_NEW = (
    "NOT plays.stale AND plays.touched"
    " AND (staged.last_played_at IS NULL"
    "  OR staged.last_played_at <= plays.last_played_at)"
    " AND CASE WHEN staged.played"
    "  THEN plays.played AND plays.first_played_at IS NOT NULL"
    "  ELSE staged.play_count OR staged.last_played_at IS NOT NULL END"
)
"""The condition under which ``remember`` returns what was remembered: mostly."""


def begin_new_life(seen: UserData) -> PlayMemory:
    """Return the memory of a title that has just come back: nothing but suspicion."""
    return PlayMemory(stale=seen.played, touched=not seen.untouched)


def meet(
    seen: UserData,
    now: datetime,
    *,
    marks_from: datetime | None,
    added_at: datetime | None,
    ahead: bool = False,
) -> PlayMemory:
    """Return what is remembered when a user's state of an item is seen for the first time.

    Before ``marks_from`` this file was not there, or had another number: a flag with an
    older date, or without any, is not about it. A newer date does not prove that it is
    where more than one play was counted, for Jellyfin 12 keeps an old flag when
    somebody presses play, nor where the date was ``ahead`` of time. The date itself is
    remembered, for it may be that of a play, and then it postpones. Without such a
    moment the flag counts, but not from before the file was added.
    """
    last = seen.last_played_at
    if marks_from is None:
        if last is not None and added_at is not None:
            seen = replace(seen, last_played_at=max(last, min(added_at, now)))
        return remember(None, seen, now)
    if last is None:
        return begin_new_life(seen)
    if last < marks_from or ahead or seen.play_count > 1:
        return replace(begin_new_life(seen), last_played_at=min(last, now))
    return remember(None, seen, now)


def inherit(memories: list[PlayMemory]) -> PlayMemory:
    """Return what a renamed file takes over: watched only if every source was.

    ``touched`` starts anew, so that the flag a replacement lost is no un-mark.
    """
    firsts = [memory.first_played_at for memory in memories if memory.first_played_at]
    lasts = [memory.last_played_at for memory in memories if memory.last_played_at]
    played = all(memory.played for memory in memories)
    return PlayMemory(
        played=played,
        stale=any(memory.stale for memory in memories),
        first_played_at=max(firsts, default=None) if played else None,
        last_played_at=max(lasts, default=None),
    )


def memories_of(connection: sqlite3.Connection, item_id: str) -> dict[str, PlayMemory]:
    """Return what is remembered of the plays of an item, by user id."""
    return {
        user_id: _memory(row)
        for user_id, *row in connection.execute(
            f"SELECT user_id, {_MEMORY_COLUMNS} FROM plays WHERE item_id = ?",
            (item_id,),
        )
    }


def hand_over(
    connection: sqlite3.Connection, successions: Mapping[str, Collection[str]]
) -> None:
    """Let renamed files, by their new ids, take over what was remembered of the old.

    A new id may be another file's old one, so all is read before anything is written.
    """
    inherited: list[tuple[str, str, PlayMemory]] = []
    for item_id, sources in successions.items():
        memories = [memories_of(connection, source) for source in sources]
        for user_id in sorted({one for known in memories for one in known}):
            known = [one.get(user_id, PlayMemory()) for one in memories]
            inherited.append((item_id, user_id, inherit(known)))
    forget_plays(connection, successions)
    for item_id, user_id, memory in inherited:
        _store(connection, item_id, user_id, memory)


def doubt_flags(
    connection: sqlite3.Connection, item_ids: Collection[str], listed_at: int
) -> None:
    """Believe no *Played* of items that have another number before it was seen off.

    Jellyfin binds it to the number. Who had watched the file has watched it still, and
    that the number has no flag is no un-mark. But what was first seen after the item
    was last listed with the old number, in ms, may be the new one's already.
    """
    connection.executemany(
        "UPDATE plays SET played = 0, first_played_at = NULL"
        " WHERE item_id = ? AND first_played_at >= ?",
        ((one, listed_at) for one in item_ids),
    )
    connection.executemany(
        "UPDATE plays SET stale = NOT played, touched = 0 WHERE item_id = ?",
        ((one,) for one in item_ids),
    )


def forget_plays(connection: sqlite3.Connection, item_ids: Iterable[str]) -> None:
    """Forget all plays of items."""
    connection.executemany(
        "DELETE FROM plays WHERE item_id = ?", ((one,) for one in item_ids)
    )


def learn_plays(
    connection: sqlite3.Connection,
    now: datetime,
    returned: Collection[str],
    users: Collection[User],
    *,
    complete: bool,
) -> None:
    """Learn from the staged user data; ``returned`` items begin a new life."""
    if not complete:
        # Whoever was not asked may have a flag left over from the former life.
        for item_id in returned:
            for user in users:
                _store(connection, item_id, user.user_id, PlayMemory(stale=True))
    cursor = connection.execute(
        "SELECT staged.item_id, staged.user_id, staged.played, staged.play_count,"
        " staged.last_played_at, staged.ahead, items.marks_from, items.added_at,"
        f" plays.item_id, {_MEMORY_COLUMNS}"
        " FROM staged_data staged JOIN items USING (item_id)"
        " LEFT JOIN plays ON plays.item_id = staged.item_id"
        " AND plays.user_id = staged.user_id WHERE items.present"
        f" AND ({_NOTHING_NEW}) IS NOT 1"
    )
    while rows := cursor.fetchmany(2000):
        for (
            item_id,
            user_id,
            played,
            play_count,
            last_played_at,
            ahead,
            marks_from,
            added_at,
            known,
            *row,
        ) in rows:
            seen = UserData(
                item_id=item_id,
                played=bool(played),
                play_count=play_count,
                last_played_at=from_ms(last_played_at),
            )
            before = _memory(row) if known else None
            if item_id in returned:
                memory = begin_new_life(seen)
            elif before is None:
                memory = meet(
                    seen,
                    now,
                    marks_from=from_ms(marks_from),
                    added_at=from_ms(added_at),
                    ahead=bool(ahead),
                )
            else:
                memory = remember(before, seen, now)
            if memory != before:
                _store(connection, item_id, user_id, memory)


def trust_stale_flags_with_evidence(
    connection: sqlite3.Connection, now: datetime
) -> None:
    """Count a left-over flag again where Jellystat saw half of the title played."""
    connection.execute(
        "UPDATE plays SET stale = 0, played = 1, first_played_at = ?"
        " FROM items WHERE plays.stale AND plays.touched AND items.present"
        " AND items.item_id = plays.item_id AND items.runtime > 0"
        " AND items.marks_from IS NOT NULL"
        " AND 2 * (SELECT coalesce(sum(history.seconds), 0) FROM aliases"
        "  JOIN history_titles ON history_titles.item_id = aliases.item_id"
        "  JOIN history ON history.title = history_titles.number"
        "  JOIN history_users ON history_users.number = history.user"
        "  WHERE aliases.key = items.key AND history_users.user_id = plays.user_id"
        "  AND history.ended_at >= items.marks_from) >= items.runtime",
        (to_ms(now),),
    )


def learn_parts(
    connection: sqlite3.Connection,
    user_id: str,
    rows: Collection[UserData],
    now: datetime,
) -> None:
    """Learn what a user does with the parts of a film, which no listing has."""
    for seen in rows:
        before = memories_of(connection, seen.item_id).get(user_id)
        _store(connection, seen.item_id, user_id, remember(before, seen, now))


def store_favorites(
    connection: sqlite3.Connection, users: Collection[User], now: datetime
) -> None:
    """Replace the known favorites of users by the staged ones.

    Of those that cannot be seen any more it is remembered since when.
    """
    connection.execute(
        "UPDATE staged_favorites SET lost_at = coalesce((SELECT lost_at"
        " FROM favorites known WHERE known.item_id = staged_favorites.item_id"
        " AND known.user_id = staged_favorites.user_id), ?) WHERE lost_at IS NOT NULL",
        (to_ms(now),),
    )
    connection.executemany(
        "DELETE FROM favorites WHERE user_id = ?", ((user.user_id,) for user in users)
    )
    connection.execute(
        "INSERT INTO favorites (item_id, user_id, lost_at)"
        " SELECT item_id, user_id, lost_at FROM staged_favorites"
    )


def _memory(row: list[int | None]) -> PlayMemory:
    """Return the memory of a row that was selected by _MEMORY_COLUMNS."""
    played, stale, touched, first_played_at, last_played_at = row
    return PlayMemory(
        played=bool(played),
        stale=bool(stale),
        touched=bool(touched),
        first_played_at=from_ms(first_played_at),
        last_played_at=from_ms(last_played_at),
    )


def _store(
    connection: sqlite3.Connection, item_id: str, user_id: str, memory: PlayMemory
) -> None:
    """Store what is remembered of one user's plays of one item."""
    connection.execute(
        "INSERT OR REPLACE INTO plays VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            item_id,
            user_id,
            memory.played,
            memory.stale,
            memory.touched,
            to_ms(memory.first_played_at),
            to_ms(memory.last_played_at),
        ),
    )
