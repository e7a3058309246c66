"""What goes into a keeper and what comes out: plain values, and no decision.

In: what the user has chosen, the servers, the clock. Out: an overview, events, errors.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import time
from typing import Final

from .cleanup import BroughtBack, Finding, Handling, Limits, Plan, Terms, say
from .ledger import LedgerState
from .model import Keep, Library, MediaItem, PlannedDeletion, Reason, User
from .retention import RetentionRules
from .servers import Connections, Jellyfin, Jellystat, ServerError


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperSettings:
    """What the household has chosen."""

    libraries: frozenset[str] | None
    """Ids of the managed libraries; ``None``: all that can be managed."""
    rules: RetentionRules
    full_sync_interval: timedelta
    grace: timedelta
    limits: Limits
    dry_run: bool
    import_exclusion: bool
    """Whether to keep lists from bringing back what Radarr and Sonarr delete."""
    seerr_cleanup: bool
    """Whether Seerr forgets the request of what is deleted."""
    server_id: str | None = None
    """The id of the Jellyfin that was set up, for a ledger that knows none yet."""
    history_kept: timedelta | None = None
    """How long it is known who has played what; ``None``: for good."""
    collection: timedelta | None = None
    """How long before they may go titles are in a collection in Jellyfin; ``None``:
    there is none."""

    @property
    def terms(self) -> Terms:
        """Return what of it decides about a deletion."""
        return Terms(
            rules=self.rules,
            limits=self.limits,
            handling=Handling(
                import_exclusion=self.import_exclusion,
                forget_requests=self.seerr_cleanup,
            ),
            dry_run=self.dry_run,
            libraries=self.libraries,
        )


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock on the wall, and one that nobody can set."""

    now: Callable[[], datetime]
    """The time of day, aware, in UTC."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds since some moment; it goes on whatever happens to the other."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits for so many seconds."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Everybody who is asked."""

    jellyfin: Jellyfin
    jellystat: Jellystat | None = None
    connections: Connections = field(default_factory=Connections)


type AutomaticLimits = Callable[[int], Limits | None]
"""Asked what may go by itself now; ``None``: nothing. Takes the bytes of earlier runs
that are still in a recycle bin."""


@dataclass(slots=True, kw_only=True)
class ServerHealth:
    """Whether a server answered when it was last asked; ``None``: not asked yet."""

    up: bool | None = None
    error: ServerError | None = None

    def note(self, error: ServerError | None) -> None:
        """Note an answer, or what there was instead."""
        self.up, self.error = error is None, error


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Something that keeps everything from being deleted."""

    code: str
    """Its name in the translations: ``deletion_blocked`` and its states."""
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What there is to see: the plan, and what it rests on."""

    plan: Plan | None = None
    """``None`` before the first complete sync."""
    state: LedgerState
    users: tuple[User, ...] = ()
    libraries: tuple[Library, ...] = ()
    """All libraries of the server."""
    reclaimed_bytes: int = 0
    findings: tuple[Finding, ...] = ()
    """What the breaker has found and nobody has lifted."""
    kept: tuple[tuple[MediaItem, Keep], ...] = ()
    """What somebody keeps that would leave yet, as it was announced."""
    postponed: tuple[tuple[MediaItem, Keep], ...] = ()
    """What somebody keeps until a day, the next to end first."""
    titles_ahead: tuple[str, ...] = ()
    """Titles to which a server gives a date in the future: wrong, but no reason to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for something; without an id it is an automation, which may do all."""

    user_id: str | None = None
    admin: bool = True
    name: str = "an automation"
    """What this person is called in a sentence."""


AUTOMATION: Final = Asker()


class EventType(StrEnum):
    """The kinds of events; the first two are only for whoever shows something."""

    CHANGED = "changed"
    """There is something new to see: an overview, a blocker, a server's health."""
    PROGRESS = "progress"
    """Something that takes long has gone on; it comes at most every few seconds."""
    SCHEDULED = "scheduled"
    APPROVAL_NEEDED = "approval_needed"
    KEPT = "kept"
    DELETED = "deleted"
    BROUGHT_BACK = "brought_back"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""

    type: EventType
    entries: tuple[PlannedDeletion, ...] = ()
    """What was scheduled or deleted, needs an approval, or is kept and was to go."""
    unconfirmed: bool = False
    """Whether a server has yet to confirm one of these deletions."""
    deletions: Mapping[str, int] = field(default_factory=dict)
    """By the names of what was deleted the number by which it can be brought back."""
    item: MediaItem | None = None
    """What is kept."""
    until: datetime | None = None
    """Until when it is kept; ``None``: for good."""
    blockers: tuple[Blocker, ...] = ()
    """All that blocks deletion now."""
    brought_back: tuple[BroughtBack, ...] = ()
    """What was done for a deleted title, on each server that had it."""
    by: str = ""
    """What whoever asked for that is called."""


class KeeperError(Exception):
    """Something cannot be done now."""


class BusyError(KeeperError):
    """Something else is under way."""


class ClosingError(KeeperError):
    """The keeper is being closed."""


class SyncFailedError(KeeperError):
    """A sync failed in a way that nobody foresaw."""


class BlockedError(KeeperError):
    """Nothing may be deleted."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        """Take what blocks it."""
        super().__init__(" ".join(say(blocker.reason) for blocker in blockers))
        self.blockers = tuple(blockers)


class FindingChangedError(KeeperError):
    """A finding has changed since somebody looked at it."""


class KeptByAnotherError(KeeperError):
    """Somebody who is no admin would shorten what another person keeps."""


class NotBroughtBackError(KeeperError):
    """Nothing of what was deleted can be brought back."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        """Take why, for each deletion."""
        super().__init__(" ".join(dict.fromkeys(map(say, reasons))))
        self.reasons = tuple(reasons)


class NotPlannedError(KeeperError):
    """Titles that are not in the plan were named."""

    def __init__(self, names: Collection[str]) -> None:
        """Take their ids or keys."""
        super().__init__(", ".join(sorted(names)))
