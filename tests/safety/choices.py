"""What the user has chosen, and the rules between which a household changes its mind."""

from dataclasses import dataclass, field
from datetime import timedelta

from custom_components.oxicleanarr.cleanup import Limits
from custom_components.oxicleanarr.household import KeeperSettings
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from tests.home import DAY, HOUR

GRACE = 3 * DAY


def rules(number: int) -> RetentionRules:
    """Return one of the sets of rules between which a household changes its mind."""
    week = StandardRules(
        movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
    )
    short = StandardRules(
        movie_retention=parse_duration("2d"), tv_retention=parse_duration("2d")
    )
    return (
        RetentionRules(standard=short),
        RetentionRules(standard=week),
        RetentionRules(
            standard=week,
            advanced=(
                TagRule(
                    name="quick",
                    tag="quick",
                    retention=parse_duration("1d"),
                    require_watched=True,
                ),
                TagRule(name="stay", tag="stay", retention=NEVER),
                EpisodeRule(
                    name="newest two",
                    max_episodes=2,
                    max_age=parse_duration("5d"),
                    require_watched=True,
                ),
            ),
        ),
        RetentionRules(
            standard=short,
            advanced=(
                WatchedRule(
                    name="everybody",
                    retention=parse_duration("1d"),
                    require_watched=True,
                    watched_by=Watchers.ALL,
                ),
            ),
        ),
        RetentionRules(
            standard=StandardRules(
                movie_retention=parse_duration("30d"),
                tv_retention=parse_duration("65d"),
                retention_base=RetentionBase.LAST_WATCHED_OR_ADDED,
            )
        ),
        RetentionRules(
            standard=StandardRules(
                movie_retention=parse_duration("3d"),
                tv_retention=parse_duration("3d"),
                unwatched_behavior=UnwatchedBehavior.ADDED,
                unwatched_retention=parse_duration("70d"),
            )
        ),
        RetentionRules(
            standard=week,
            advanced=(
                UserRule(
                    name="hers",
                    users=(
                        UserEntry(username="alice", retention=parse_duration("2d")),
                    ),
                    require_watched=True,
                ),
            ),
        ),
        RetentionRules(
            standard=StandardRules(
                movie_retention=NEVER, tv_retention=parse_duration("30d")
            )
        ),
    )[number]


RULE_SETS = 6
OWNED_RULE_SETS = 7
"""With somebody to ask who requested a title."""
ALL_WATCH = 3
"""The rules by which everybody has to have watched a title."""
NOTHING_GOES = 7
"""The rules by which no film goes."""


@dataclass
class Chosen:
    """What the user has chosen; a restart does not change it."""

    rules: RetentionRules
    managed: frozenset[str] | None
    # No cap may bind, for a title that waits leaves its place to another.
    limits: Limits = field(default_factory=lambda: Limits(max_items=1000))
    grace: timedelta = GRACE
    forget_requests: bool = False
    server_id: str | None = None
    """The Jellyfin that was set up."""
    dry_run: bool = False
    automatic: bool = True
    """Whether titles may go by themselves."""
    only_while: bool = True
    """Whether it is the time for it, by the state of an entity."""

    def may_go(self, recycled: int) -> Limits | None:
        """Return what may go by itself now, as the keeper asks before every file."""
        return self.limits if self.automatic and self.only_while else None

    @property
    def settings(self) -> KeeperSettings:
        """Return it as the keeper is told."""
        return KeeperSettings(
            libraries=self.managed,
            rules=self.rules,
            full_sync_interval=20 * HOUR,
            grace=self.grace,
            limits=self.limits,
            dry_run=self.dry_run,
            import_exclusion=True,
            seerr_cleanup=self.forget_requests,
            server_id=self.server_id,
        )
