"""Constants of the OxiCleanarr integration."""

import logging
from typing import Final

DOMAIN: Final = "oxicleanarr"
LOGGER = logging.getLogger(__package__)

EVENT_CLEANUP: Final = "oxicleanarr_cleanup"
"""What happens, for the logbook."""

# Keys of the config entry's data: one mapping of connection settings for each server.
CONF_JELLYFIN: Final = "jellyfin"
CONF_JELLYSTAT: Final = "jellystat"
# And the id of the ledger that belongs to the entry.
CONF_LEDGER_ID: Final = "ledger_id"

# Types of config subentries. A rule's data is a rule as in YAML, with its type; that
# of a server has the kind of the server.
SUBENTRY_RULE: Final = "rule"
SUBENTRY_SERVER: Final = "server"
CONF_KIND: Final = "kind"
CONF_RADARR: Final = "radarr"
CONF_SONARR: Final = "sonarr"
CONF_SEERR: Final = "seerr"
CONF_PATH_MAP: Final = "path_map"

DEFAULT_TIMEOUT: Final = 30

# Keys of the options. The rules have the names they have in the guide's YAML.
CONF_LIBRARIES: Final = "libraries"
CONF_MOVIE_RETENTION: Final = "movie_retention"
CONF_TV_RETENTION: Final = "tv_retention"
CONF_RETENTION_BASE: Final = "retention_base"
CONF_UNWATCHED_BEHAVIOR: Final = "unwatched_behavior"
CONF_UNWATCHED_RETENTION: Final = "unwatched_retention"
CONF_POLL_INTERVAL: Final = "poll_interval"
CONF_FULL_SYNC_INTERVAL: Final = "full_sync_interval"
CONF_LEAVING_SOON_DAYS: Final = "leaving_soon_days"
CONF_COLLECTION: Final = "leaving_soon_collection"
CONF_GRACE_DAYS: Final = "grace_days"
CONF_HISTORY_DAYS: Final = "history_days"
CONF_MAX_ITEMS: Final = "max_items"
CONF_MAX_GIGABYTES: Final = "max_gigabytes"
CONF_FAVORITES_KEEP: Final = "favorites_keep"
CONF_DRY_RUN: Final = "dry_run"
CONF_REAL_RUNS: Final = "real_runs_confirmed"
CONF_WINDOW_START: Final = "window_start"
CONF_WINDOW_END: Final = "window_end"
CONF_ONLY_WHILE: Final = "only_while"
CONF_DISK_ENTITY: Final = "disk_entity"
CONF_DISK_THRESHOLD: Final = "disk_threshold"
CONF_DISK_TARGET: Final = "disk_target"
CONF_AUTOMATIC_DELETION: Final = "automatic_deletion"
CONF_IMPORT_EXCLUSION: Final = "import_exclusion"
CONF_SEERR_CLEANUP: Final = "seerr_cleanup"
CONF_APPROVAL: Final = "approval"
