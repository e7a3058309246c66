"""What is remembered of one user's plays of one item.

Jellyfin forgets: before version 12 it takes *Played* away when a re-watch starts, and
a replaced file can lose it. It also invents: a title that returns after a deletion is
*Played* at once. So the flag is not copied but learned from.
"""

from dataclasses import dataclass
from datetime import datetime

from ..model import UserData


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


def begin_new_life(seen: UserData) -> PlayMemory:
    """Return the memory of a title that has just come back: nothing but suspicion."""
    return PlayMemory(stale=seen.played, touched=not seen.untouched)


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
