"""The tables of the ledger and how older ones become the present ones.

Times are integers: milliseconds since 1970 in UTC. Every name of a title that is
remembered for long is its stable key; what Jellyfin says about a user's plays is
remembered by Jellyfin id, and handed to the successor when a file is renamed.
"""

import sqlite3

from .event_ids import pack

SCHEMA_VERSION = 15
HISTORY = "history"
"""The table that is larger than all others together."""

_TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    library_ids TEXT,
    present INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE libraries (
    library_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    collection_type TEXT,
    locations TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE items (
    item_id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    library_id TEXT NOT NULL,
    path TEXT,
    added_at INTEGER,
    provider_ids TEXT NOT NULL,
    tags TEXT NOT NULL,
    year INTEGER,
    runtime INTEGER,
    premiere_at INTEGER,
    series_id TEXT,
    series_title TEXT,
    season_id TEXT,
    season INTEGER,
    episode INTEGER,
    episode_end INTEGER,
    image_tag TEXT,
    source_count INTEGER NOT NULL,
    present INTEGER NOT NULL DEFAULT 1,
    life_started_at INTEGER
) WITHOUT ROWID;
CREATE INDEX items_by_key ON items (key);
CREATE INDEX items_by_series ON items (series_id);

CREATE TABLE aliases (
    key TEXT NOT NULL,
    item_id TEXT NOT NULL,
    PRIMARY KEY (key, item_id)
) WITHOUT ROWID;
CREATE INDEX aliases_by_item ON aliases (item_id);

CREATE TABLE absences (
    subject TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    deleted INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE files (
    item_id TEXT PRIMARY KEY,
    of_path TEXT,
    of_added_at INTEGER,
    size_bytes INTEGER,
    version_ids TEXT NOT NULL,
    paths TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE plays (
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    played INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    touched INTEGER NOT NULL,
    first_played_at INTEGER,
    last_played_at INTEGER,
    PRIMARY KEY (item_id, user_id)
) WITHOUT ROWID;
CREATE INDEX plays_by_user ON plays (user_id);

CREATE TABLE favorites (
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (item_id, user_id)
) WITHOUT ROWID;

CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    title TEXT NOT NULL,
    series_title TEXT,
    scan INTEGER NOT NULL,
    vanished INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX events_by_date ON events (ended_at);
CREATE INDEX events_by_item ON events (item_id);

CREATE TABLE activity (
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (item_id, user_id)
) WITHOUT ROWID;

CREATE TABLE keeps (
    key TEXT PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    until INTEGER,
    reason TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE manual (
    key TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE schedule (
    entry TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    first_scheduled_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX schedule_by_key ON schedule (key);

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    series TEXT,
    season INTEGER,
    episode INTEGER,
    path TEXT,
    size_bytes INTEGER,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    intended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    finished_at INTEGER,
    error TEXT
);
CREATE INDEX journal_by_outcome ON journal (outcome);
"""

# Version 2: what Radarr, Sonarr and Seerr say, and deletions that go through them.
_OWNERS = """
CREATE TABLE owned (
    item_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    tags TEXT,
    size_bytes INTEGER,
    file_added_at INTEGER,
    continuing INTEGER,
    doubt TEXT,
    group_name TEXT,
    owners INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE requested (item_id TEXT PRIMARY KEY, requesters TEXT) WITHOUT ROWID;

ALTER TABLE journal ADD COLUMN through TEXT;
ALTER TABLE journal ADD COLUMN recycle_bin TEXT;
ALTER TABLE journal ADD COLUMN recoverable_until INTEGER;
ALTER TABLE journal ADD COLUMN forget TEXT;
"""

# Version 3: which planned deletion a deleted file belonged to, and whether anybody
# had watched that.
_ENTRIES = """
ALTER TABLE journal ADD COLUMN entry TEXT;
ALTER TABLE journal ADD COLUMN watched INTEGER;
"""

# Version 4: users who are gone or disabled, and titles that Radarr or Sonarr listed.
_MISSING = """
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN gone_since INTEGER;

CREATE TABLE listed (
    connection TEXT NOT NULL,
    title_id INTEGER NOT NULL,
    provider_ids TEXT,
    folder TEXT,
    file TEXT,
    missing_since INTEGER,
    PRIMARY KEY (connection, title_id)
) WITHOUT ROWID;
INSERT INTO listed (connection, title_id)
    SELECT substr(state.name, 8), title.value
    FROM state, json_each(state.value) title WHERE state.name GLOB 'titles_*';
DELETE FROM state WHERE name GLOB 'titles_*';
"""

# Version 5: who keeps a title.
_KEEPERS = "ALTER TABLE keeps ADD COLUMN kept_by TEXT;"

# Version 6: when a title that is kept would have gone.
_ANNOUNCED = "ALTER TABLE keeps ADD COLUMN due_at INTEGER;"

# Version 7: which Seerr has forgotten a title, and which was sent to look for what is gone.
_TOLD = """
ALTER TABLE journal ADD COLUMN forgotten_by TEXT;
ALTER TABLE journal ADD COLUMN noticed_by TEXT;
CREATE INDEX journal_by_end ON journal (finished_at);
"""

# Version 8: what makes copies of a title: running times, libraries, who sees what.
_COPIES = """
ALTER TABLE files ADD COLUMN runtimes TEXT;
CREATE INDEX items_with_versions ON items (kind) WHERE source_count > 1;
ALTER TABLE owned ADD COLUMN exact INTEGER NOT NULL DEFAULT 0;

ALTER TABLE users ADD COLUMN sight TEXT;
ALTER TABLE favorites ADD COLUMN lost_at INTEGER;

CREATE TABLE shelved (
    item_id TEXT NOT NULL,
    library_id TEXT NOT NULL,
    PRIMARY KEY (item_id, library_id)
) WITHOUT ROWID;

CREATE TABLE sights (
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    sees INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (item_id, user_id)
) WITHOUT ROWID;
"""

# Version 9: when a title's present life began, and dates that lie in the future.
_LIVES = """
CREATE TABLE synced_libraries (
    library_id TEXT PRIMARY KEY,
    locations TEXT NOT NULL,
    synced_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO synced_libraries SELECT library_id, locations, CAST(value AS INTEGER)
    FROM libraries JOIN state ON state.name = 'synced_at'
    WHERE library_id IN (SELECT library_id FROM items WHERE present);

ALTER TABLE items ADD COLUMN marks_from INTEGER;
UPDATE items SET marks_from = life_started_at;

CREATE TABLE ahead (
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
"""

# Version 10: films in parts, discs, and each file of a title by itself.
_FILES = """
ALTER TABLE items ADD COLUMN part_count INTEGER NOT NULL DEFAULT 1;
ALTER TABLE items ADD COLUMN is_disc INTEGER NOT NULL DEFAULT 0;
CREATE INDEX items_of_files ON items (kind) WHERE (source_count > 1 OR part_count > 1);
ALTER TABLE files ADD COLUMN of_sources INTEGER;
ALTER TABLE files ADD COLUMN of_parts INTEGER;
ALTER TABLE files ADD COLUMN files TEXT NOT NULL DEFAULT '[]';
UPDATE files SET of_parts = 1, of_sources = (
    SELECT source_count FROM items
    WHERE items.item_id = files.item_id AND items.source_count = 1
);
"""

# Version 11: what it takes to bring back what was deleted, and what was brought back.
_BROUGHT_BACK = """
ALTER TABLE journal ADD COLUMN deletion INTEGER;
ALTER TABLE journal ADD COLUMN setups TEXT;
ALTER TABLE journal ADD COLUMN excluded TEXT;
CREATE INDEX journal_by_deletion ON journal (deletion);

CREATE TABLE brought_back (
    deletion INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    search INTEGER NOT NULL,
    asked_by TEXT,
    asked_at INTEGER NOT NULL,
    steps TEXT NOT NULL,
    reason TEXT
);

ALTER TABLE keeps ADD COLUMN deletion INTEGER;
ALTER TABLE keeps ADD COLUMN brought_back_by TEXT;
"""

# Version 12: what a run has found against titles.
_OBJECTIONS = """
CREATE TABLE objections (
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    holds INTEGER NOT NULL,
    looked_at INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (key, path)
) WITHOUT ROWID;
"""

# Version 13: what went of a title whose deletion failed half-way.
_HALVES = "ALTER TABLE journal ADD COLUMN freed_bytes INTEGER;"

# Version 14: what an admin was asked about before it goes, and has approved.
_APPROVALS = """
CREATE TABLE approvals (
    entry TEXT NOT NULL,
    item_id TEXT NOT NULL,
    key TEXT NOT NULL,
    rule TEXT NOT NULL,
    rule_type TEXT NOT NULL,
    targets TEXT NOT NULL,
    until INTEGER,
    approved_by TEXT,
    PRIMARY KEY (entry, item_id)
) WITHOUT ROWID;
"""

# Version 15: the watch history in a third of the space. Who and what has a number, and
# an id that is a UUID is its sixteen bytes. Of an id only four bytes are indexed, for
# they are random: as good as all of it. Gone from Jellystat is a row without a scan.
_COMPACT = """
CREATE TABLE history_users (
    number INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (user_id, name)
);
CREATE TABLE history_counts (user INTEGER PRIMARY KEY, row_count INTEGER NOT NULL);
CREATE TABLE history_titles (
    number INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL,
    title TEXT NOT NULL,
    series_title TEXT
);
CREATE TABLE history (
    event_id NOT NULL,
    ended_at INTEGER NOT NULL,
    title INTEGER NOT NULL,
    user INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    scan INTEGER
);
CREATE TABLE history_activity (
    title INTEGER NOT NULL,
    user INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (title, user)
) WITHOUT ROWID;

-- What is forgotten was played by nobody, and nothing is known of it.
INSERT INTO history_users VALUES (0, '', '');
INSERT INTO history_titles VALUES (0, '', '', NULL);
INSERT OR IGNORE INTO history_users (user_id, name)
    SELECT DISTINCT user_id, user_name FROM events;
INSERT OR IGNORE INTO history_users (user_id, name)
    SELECT DISTINCT user_id, '' FROM activity
    WHERE user_id NOT IN (SELECT user_id FROM history_users);
INSERT INTO history_titles (item_id, title, series_title)
    SELECT DISTINCT item_id, title, series_title FROM events WHERE item_id != '';
INSERT INTO history_titles (item_id, title)
    SELECT DISTINCT item_id, '' FROM activity
    WHERE item_id NOT IN (SELECT item_id FROM history_titles);
CREATE INDEX history_titles_by_item ON history_titles (item_id);

INSERT INTO history
    SELECT packed(event_id), ended_at, titles.number, users.number, seconds,
        iif(vanished, NULL, scan % 2)
    FROM events CROSS JOIN history_users users USING (user_id)
    CROSS JOIN history_titles titles USING (item_id)
    WHERE users.name = user_name AND titles.title = events.title
        AND titles.series_title IS events.series_title
    ORDER BY +ended_at DESC;
INSERT INTO history_activity
    SELECT min(titles.number), users.number, last_at FROM activity
    JOIN history_titles titles USING (item_id)
    JOIN (SELECT min(number) AS number, user_id FROM history_users GROUP BY user_id)
        users USING (user_id)
    GROUP BY item_id, user_id;
DROP TABLE events;
DROP TABLE activity;
CREATE VIEW activity AS
    SELECT item_id, user_id, last_at FROM history_activity
    JOIN history_titles ON history_titles.number = history_activity.title
    JOIN history_users ON history_users.number = history_activity.user;

CREATE INDEX history_by_id ON history (substr(event_id, -4));
CREATE INDEX history_by_date ON history (ended_at DESC) WHERE scan IS NOT NULL;
CREATE INDEX history_by_title ON history (title);

INSERT INTO history_counts
    SELECT user, count(*) FROM history WHERE scan IS NOT NULL GROUP BY user;
CREATE TRIGGER history_begun AFTER INSERT ON history WHEN new.scan IS NOT NULL BEGIN
    INSERT INTO history_counts VALUES (new.user, 1)
        ON CONFLICT (user) DO UPDATE SET row_count = row_count + 1;
END;
CREATE TRIGGER history_changed AFTER UPDATE ON history
    WHEN old.user != new.user OR (old.scan IS NULL) != (new.scan IS NULL) BEGIN
    UPDATE history_counts SET row_count = row_count - 1
        WHERE user = old.user AND old.scan IS NOT NULL;
    INSERT INTO history_counts SELECT new.user, 1 WHERE new.scan IS NOT NULL
        ON CONFLICT (user) DO UPDATE SET row_count = row_count + 1;
END;
"""

_STEPS = {
    1: _TABLES,
    2: _OWNERS,
    3: _ENTRIES,
    4: _MISSING,
    5: _KEEPERS,
    6: _ANNOUNCED,
    7: _TOLD,
    8: _COPIES,
    9: _LIVES,
    10: _FILES,
    11: _BROUGHT_BACK,
    12: _OBJECTIONS,
    13: _HALVES,
    14: _APPROVALS,
    15: _COMPACT,
}


def is_outdated(connection: sqlite3.Connection) -> bool:
    """Return whether the tables are older than SCHEMA_VERSION.

    Raises ValueError if a newer release of this integration wrote the file.
    """
    version = _version(connection)
    if version > SCHEMA_VERSION:
        raise ValueError(version)
    return version < SCHEMA_VERSION


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to SCHEMA_VERSION, in one transaction.

    A million rows of history of version 14 take some seconds and little memory, so
    there are no pieces: what is cut off begins again.
    """
    # SQLite has nothing of the kind in the oldest release that Home Assistant runs with.
    connection.create_function("packed", 1, pack, deterministic=True)
    versions = range(_version(connection) + 1, SCHEMA_VERSION + 1)
    steps = "".join(_STEPS[step] for step in versions)
    connection.executescript(
        f"BEGIN IMMEDIATE;{steps}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;"
    )


def _version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; raises sqlite3.DatabaseError if it is no database."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
