"""What the user has chosen, read from the config entry at the moment it is needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry

from .cleanup import Limits
from .connections import stored_servers
from .const import (
    CONF_APPROVAL,
    CONF_AUTOMATIC_DELETION,
    CONF_COLLECTION,
    CONF_DISK_ENTITY,
    CONF_DISK_TARGET,
    CONF_DISK_THRESHOLD,
    CONF_DRY_RUN,
    CONF_FAVORITES_KEEP,
    CONF_FULL_SYNC_INTERVAL,
    CONF_GRACE_DAYS,
    CONF_HISTORY_DAYS,
    CONF_IMPORT_EXCLUSION,
    CONF_LEAVING_SOON_DAYS,
    CONF_LIBRARIES,
    CONF_MAX_GIGABYTES,
    CONF_MAX_ITEMS,
    CONF_MOVIE_RETENTION,
    CONF_ONLY_WHILE,
    CONF_POLL_INTERVAL,
    CONF_REAL_RUNS,
    CONF_RETENTION_BASE,
    CONF_SEERR,
    CONF_SEERR_CLEANUP,
    CONF_TV_RETENTION,
    CONF_UNWATCHED_BEHAVIOR,
    CONF_UNWATCHED_RETENTION,
    CONF_WINDOW_END,
    CONF_WINDOW_START,
    SUBENTRY_RULE,
)
from .household import KeeperSettings
from .retention import RetentionRules, Rule, rule_from_mapping, standard_from_mapping

RULE_OPTIONS = (
    CONF_MOVIE_RETENTION,
    CONF_TV_RETENTION,
    CONF_RETENTION_BASE,
    CONF_UNWATCHED_BEHAVIOR,
    CONF_UNWATCHED_RETENTION,
)
"""The options that are the guide's ``rules:``."""

DEFAULT_POLL_MINUTES = 15
# Without a sync for six hours the grace of everything would begin anew.
MOST_POLL_MINUTES = 300
DEFAULT_FULL_SYNC_HOURS = 6
DEFAULT_LEAVING_SOON_DAYS = 14
DEFAULT_GRACE_DAYS = 3
DEFAULT_MAX_ITEMS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskCondition:
    """When the disk is full enough for titles to go, and when that is enough."""

    entity_id: str
    threshold: float
    """Below this much free space titles go, in the entity's own unit."""
    target: float
    """At this much they stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(KeeperSettings):
    """The options of a config entry, with their defaults.

    What the keeper has to know, and what Home Assistant does with it.
    """

    poll_interval: timedelta
    leaving_soon: timedelta
    real_runs_confirmed: bool
    """Whether somebody has seen what the first real run would delete."""
    automatic_deletion: bool
    window: tuple[time, time] | None
    """From when to when on a day titles may go by themselves, in local time."""
    only_while: str | None
    """The entity that has to be on for it."""
    disk: DiskCondition | None

    @classmethod
    def from_entry(cls, entry: ConfigEntry) -> Self:
        """Return the settings of a config entry with its rules. Raises RuleErrors."""
        settings = cls.from_options(
            entry.options,
            stored_rules(entry).values(),
            seerr=bool(stored_servers(entry, CONF_SEERR)),
        )
        return replace(settings, server_id=entry.unique_id)

    @classmethod
    def from_options(
        cls,
        options: Mapping[str, Any],
        advanced: Iterable[Rule] = (),
        *,
        seerr: bool = False,
    ) -> Self:
        """Return the settings in a config entry's options. Raises RuleErrors."""
        libraries = options.get(CONF_LIBRARIES)
        history_days = options.get(CONF_HISTORY_DAYS)
        gigabytes = options.get(CONF_MAX_GIGABYTES)
        favorites_keep = options.get(CONF_FAVORITES_KEEP, True)
        standard = {key: options[key] for key in RULE_OPTIONS if key in options}
        leaving_soon = timedelta(
            days=options.get(CONF_LEAVING_SOON_DAYS, DEFAULT_LEAVING_SOON_DAYS)
        )
        return cls(
            libraries=None if libraries is None else frozenset(libraries),
            rules=RetentionRules(
                standard=standard_from_mapping(standard),
                advanced=in_order(advanced),
                seerr=seerr,
                approval=options.get(CONF_APPROVAL, False),
            ),
            poll_interval=timedelta(
                minutes=min(
                    options.get(CONF_POLL_INTERVAL, DEFAULT_POLL_MINUTES),
                    MOST_POLL_MINUTES,
                )
            ),
            full_sync_interval=timedelta(
                hours=options.get(CONF_FULL_SYNC_INTERVAL, DEFAULT_FULL_SYNC_HOURS)
            ),
            history_kept=timedelta(days=history_days) if history_days else None,
            leaving_soon=leaving_soon,
            collection=leaving_soon if options.get(CONF_COLLECTION, False) else None,
            grace=timedelta(days=options.get(CONF_GRACE_DAYS, DEFAULT_GRACE_DAYS)),
            limits=Limits(
                max_items=int(options.get(CONF_MAX_ITEMS, DEFAULT_MAX_ITEMS)),
                max_bytes=int(gigabytes * 1000**3) if gigabytes else None,
                favorites_keep=favorites_keep,
            ),
            dry_run=options.get(CONF_DRY_RUN, True),
            real_runs_confirmed=options.get(CONF_REAL_RUNS, False),
            automatic_deletion=options.get(CONF_AUTOMATIC_DELETION, False),
            window=_window(options),
            only_while=options.get(CONF_ONLY_WHILE),
            disk=_disk(options),
            import_exclusion=options.get(CONF_IMPORT_EXCLUSION, True),
            seerr_cleanup=options.get(CONF_SEERR_CLEANUP, False),
        )


def _window(options: Mapping[str, Any]) -> tuple[time, time] | None:
    """Return when automatic deletion may run; ``None``: at any time."""
    if not (CONF_WINDOW_START in options and CONF_WINDOW_END in options):
        return None
    return (
        time.fromisoformat(options[CONF_WINDOW_START]),
        time.fromisoformat(options[CONF_WINDOW_END]),
    )


def _disk(options: Mapping[str, Any]) -> DiskCondition | None:
    """Return the disk condition, if there is one."""
    if CONF_DISK_ENTITY not in options:
        return None
    return DiskCondition(
        entity_id=options[CONF_DISK_ENTITY],
        threshold=options[CONF_DISK_THRESHOLD],
        target=options[CONF_DISK_TARGET],
    )


def stored_rules(entry: ConfigEntry) -> dict[str, Rule]:
    """Return the rules of a config entry by the id of their subentries, as created.

    Raises RuleErrors.
    """
    return {
        subentry.subentry_id: rule_from_mapping(subentry.data["type"], subentry.data)
        for subentry in entry.get_subentries_of_type(SUBENTRY_RULE)
    }


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules by their priority; those of the same one stay as they stand."""
    return tuple(sorted(rules, key=lambda rule: rule.priority))
