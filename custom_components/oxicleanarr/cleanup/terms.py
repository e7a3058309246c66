"""What a run is given, and what it gives back."""

from dataclasses import dataclass, field

from ..model import PlannedDeletion, Reason
from ..retention import RetentionRules
from .guards import Limits


@dataclass(slots=True, kw_only=True)
class CleanupReport:
    """What a run did, entry by entry."""

    dry_run: bool
    deleted: list[PlannedDeletion] = field(default_factory=list)
    unconfirmed: list[PlannedDeletion] = field(default_factory=list)
    """Deleted, but Jellyfin still lists them: the next scan will tell."""
    skipped: list[tuple[PlannedDeletion, Reason]] = field(default_factory=list)
    failed: list[tuple[PlannedDeletion, Reason]] = field(default_factory=list)
    reclaimed_bytes: int = 0
    """What is free again for certain."""
    taken_bytes: int = 0
    """What was deleted, including what is in a recycle bin or not confirmed yet."""
    deletions: dict[str, int] = field(default_factory=dict)
    """By the names of the entries of which something went the journal's number."""
    requests: int = 0
    """How many requests the servers were sent for it."""
    disk_away: bool = False
    """Whether it ended because a disk seems to be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What else to do with the titles in Radarr, Sonarr and Seerr."""

    import_exclusion: bool = True
    """Whether to keep lists from bringing back what was deleted."""
    forget_requests: bool = False
    """Whether Seerr forgets the request of what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that the user has chosen and that decides about a deletion."""

    rules: RetentionRules
    limits: Limits = field(default_factory=Limits)
    handling: Handling = field(default_factory=Handling)
    dry_run: bool = False
    libraries: frozenset[str] | None = None
    """Ids of the managed libraries; ``None``: all that can be managed."""
