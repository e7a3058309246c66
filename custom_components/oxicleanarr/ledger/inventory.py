"""What the server has: its users, libraries and items, and the files behind those.

It is long because the columns of an item and of a file are spelled out here, once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
import json
import sqlite3
from typing import Any

from ..model import Library, MediaFile, MediaFiles, MediaItem, MediaKey, MediaKind, User
from .database import column, exists, from_ms, replace_rows, to_ms
from .paths import start_of

ITEM_NAMES = (
    "item_id",
    "key",
    "kind",
    "title",
    "library_id",
    "path",
    "added_at",
    "provider_ids",
    "tags",
    "year",
    "runtime",
    "premiere_at",
    "series_id",
    "series_title",
    "season_id",
    "season",
    "episode",
    "episode_end",
    "image_tag",
    "source_count",
    "part_count",
    "is_disc",
)
"""The columns that make up an item, in the order in which rows hold them."""

ITEM_COLUMNS = ", ".join(f"items.{name}" for name in ITEM_NAMES)
BARE_ITEM_COLUMNS = ", ".join(ITEM_NAMES)
"""The same without their table, for statements that name another one too."""
UNKEYED_COLUMNS = BARE_ITEM_COLUMNS.replace("key", "''", 1)
"""The same with no key yet."""

SAME_FILE = (
    "files.of_path IS items.path AND files.of_added_at IS items.added_at"
    " AND files.of_sources IS items.source_count AND files.of_parts IS items.part_count"
)
"""The condition that what is known of a file is about the item's present one."""

GONE_USERS_COUNT = timedelta(days=7)
"""How long a user who is gone or disabled still protects titles."""

_MOST_NEAR = 3
_SEVERAL = "(source_count > 1 OR part_count > 1)"
_FILES = "item_id, files.size_bytes, version_ids, paths, runtimes, files.files"

_NO_IDS: dict[str, str] = {}


@lru_cache(maxsize=4096)
def tags_from_column(text: str) -> frozenset[str]:
    """Return tags as they are stored; many titles have the same."""
    return frozenset(json.loads(text))


def item_from_row(row: Sequence[Any]) -> MediaItem:
    """Return the item of a row that was selected by ITEM_COLUMNS."""
    return _item(*row)


def _item(
    item_id: str,
    _key: str,
    kind: str,
    title: str,
    library_id: str,
    path: str | None,
    added_at: int | None,
    provider_ids: str,
    tags: str,
    year: int | None,
    runtime: int | None,
    premiere_at: int | None,
    series_id: str | None,
    series_title: str | None,
    season_id: str | None,
    season: int | None,
    episode: int | None,
    episode_end: int | None,
    image_tag: str | None,
    source_count: int,
    part_count: int,
    is_disc: int,
) -> MediaItem:
    """Return the item that these columns make up."""
    return MediaItem(
        item_id=item_id,
        kind=MediaKind(kind),
        title=title,
        library_id=library_id,
        path=path,
        added_at=from_ms(added_at),
        provider_ids=json.loads(provider_ids) if provider_ids != "{}" else _NO_IDS,
        tags=tags_from_column(tags),
        year=year,
        runtime=runtime,
        premiere_at=from_ms(premiere_at),
        series_id=series_id,
        series_title=series_title,
        season_id=season_id,
        season=season,
        episode=episode,
        episode_end=episode_end,
        image_tag=image_tag,
        source_count=source_count,
        part_count=part_count,
        is_disc=bool(is_disc),
    )


def row_from_item(item: MediaItem, library_id: str) -> tuple[object, ...]:
    """Return the columns of an item in a library, without its key."""
    return (
        item.item_id,
        item.kind,
        item.title,
        library_id,
        item.path,
        to_ms(item.added_at),
        json.dumps(dict(item.provider_ids), sort_keys=True)
        if item.provider_ids
        else "{}",
        json.dumps(sorted(item.tags)) if item.tags else "[]",
        item.year,
        item.runtime,
        to_ms(item.premiere_at),
        item.series_id,
        item.series_title,
        item.season_id,
        item.season,
        item.episode,
        item.episode_end,
        item.image_tag,
        item.source_count,
        item.part_count,
        item.is_disc,
    )


# --- users and libraries ---------------------------------------------------------


def store_users(
    connection: sqlite3.Connection, users: Collection[User], now: datetime
) -> None:
    """Store all of the server's users; anybody else is gone from now on.

    A user who is disabled is not present either.
    """
    before = {
        user_id: (present, disabled)
        for user_id, present, disabled in connection.execute(
            "SELECT user_id, present, disabled FROM users"
        )
    }
    for user in users:
        libraries = user.library_ids
        connection.execute(
            "DELETE FROM sights WHERE user_id = ?1 AND user_id IN (SELECT user_id"
            " FROM users WHERE sight IS NOT ?2 OR library_ids IS NOT ?3)",
            (
                user.user_id,
                user.sight,
                None if libraries is None else json.dumps(sorted(libraries)),
            ),
        )
        connection.execute(
            "INSERT INTO users (user_id, name, library_ids, present, disabled, gone_since,"
            " sight) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_id)"
            " DO UPDATE SET name = excluded.name, library_ids = excluded.library_ids,"
            " present = excluded.present, disabled = excluded.disabled,"
            " sight = excluded.sight,"
            " gone_since = CASE WHEN excluded.present THEN NULL"
            " WHEN disabled THEN gone_since ELSE excluded.gone_since END",
            (
                user.user_id,
                user.name,
                None if libraries is None else json.dumps(sorted(libraries)),
                not user.disabled,
                user.disabled,
                to_ms(now) if user.disabled else None,
                user.sight,
            ),
        )
    listed = {user.user_id for user in users}
    connection.executemany(
        "UPDATE users SET present = 0, disabled = 0, gone_since = ? WHERE user_id = ?",
        (
            (to_ms(now), user_id)
            for user_id, states in before.items()
            if any(states) and user_id not in listed
        ),
    )


def present_users(connection: sqlite3.Connection) -> list[User]:
    """Return the users of the last full sync who may log in, by name."""
    return _users(connection, "present", ())


def lingering_users(connection: sqlite3.Connection, now: datetime) -> list[User]:
    """Return those, and users who have been gone or disabled only for a few days."""
    return _users(
        connection, "present OR gone_since > ?", (to_ms(now - GONE_USERS_COUNT),)
    )


def listed_users(connection: sqlite3.Connection) -> list[User]:
    """Return all users of the last full sync, also the disabled ones, by name."""
    return _users(connection, "present OR disabled", ())


def _users(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[User]:
    """Return the users that a condition selects, by name."""
    return [
        User(
            user_id=user_id,
            name=name,
            library_ids=None
            if library_ids is None
            else frozenset(json.loads(library_ids)),
            disabled=bool(disabled),
            sight=sight,
        )
        for user_id, name, library_ids, disabled, sight in connection.execute(
            "SELECT user_id, name, library_ids, disabled, sight FROM users"
            f" WHERE {condition} ORDER BY name",
            values,
        )
    ]


def store_libraries(
    connection: sqlite3.Connection, libraries: Collection[Library]
) -> None:
    """Replace the known libraries by the server's."""
    replace_rows(
        connection,
        "libraries",
        "library_id",
        (
            (
                library.library_id,
                library.name,
                library.collection_type,
                json.dumps(library.locations),
            )
            for library in libraries
        ),
    )


def known_libraries(connection: sqlite3.Connection) -> list[Library]:
    """Return the libraries of the last sync, by name."""
    return [
        Library(
            library_id=library_id,
            name=name,
            collection_type=collection_type,
            locations=tuple(json.loads(locations)),
        )
        for library_id, name, collection_type, locations in connection.execute(
            "SELECT library_id, name, collection_type, locations FROM libraries"
            " ORDER BY name"
        )
    ]


# --- items -----------------------------------------------------------------------


def present_items(
    connection: sqlite3.Connection,
    kinds: Collection[MediaKind],
    series_id: str | None = None,
) -> list[MediaItem]:
    """Return all present items of some kinds, or those of one series."""
    marks = ",".join("?" * len(kinds))
    query = f"SELECT {ITEM_COLUMNS} FROM items WHERE present AND kind IN ({marks})"
    values: list[object] = [*kinds]
    if series_id is not None:
        query += " AND series_id = ?"
        values.append(series_id)
    return [item_from_row(row) for row in connection.execute(query, values)]


def find(connection: sqlite3.Connection, reference: str) -> list[MediaItem]:
    """Return the present items that an id or stable key names, or an old id of one."""
    return [
        item_from_row(row)
        for row in connection.execute(
            f"SELECT {ITEM_COLUMNS} FROM items WHERE present AND (item_id = ?1"
            " OR key = ?1 OR key IN (SELECT key FROM aliases WHERE item_id = ?1"
            "  AND NOT EXISTS"
            "   (SELECT 1 FROM items WHERE item_id = ?1 AND present)))"
            " ORDER BY item_id",
            (reference,),
        )
    ]


def last_seen(connection: sqlite3.Connection, item_id: str) -> MediaItem | None:
    """Return an item as it was when it was last there."""
    row = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM items WHERE item_id = ?", (item_id,)
    ).fetchone()
    return None if row is None else item_from_row(row)


def named(connection: sqlite3.Connection, reference: str) -> tuple[MediaItem, MediaKey]:
    """Return the present title of an id or key, with its key.

    Raises LookupError if there is none.
    """
    for item in find(connection, reference):
        if key := key_of(connection, item.item_id):
            return item, key
    raise LookupError(reference)


def key_of(connection: sqlite3.Connection, item_id: str) -> MediaKey | None:
    """Return the stable key of an item, present or not."""
    row = connection.execute(
        "SELECT key FROM items WHERE item_id = ?", (item_id,)
    ).fetchone()
    return None if row is None else MediaKey(row[0])


def is_present(connection: sqlite3.Connection, key: str) -> bool:
    """Return whether any present item has a key."""
    return exists(connection, "SELECT 1 FROM items WHERE key = ? AND present", (key,))


def aliases_of(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return every id that items of a key, or versions of them, have or had."""
    return column(connection, "SELECT item_id FROM aliases WHERE key = ?", (key,))


def series_of(connection: sqlite3.Connection, item_ids: Collection[str]) -> list[str]:
    """Return the ids of the series to which episodes belong, each once, in order."""
    found = (
        connection.execute(
            "SELECT series_id FROM items WHERE item_id = ?", (item_id,)
        ).fetchone()
        for item_id in item_ids
    )
    return list(dict.fromkeys(row[0] for row in found if row and row[0]))


def tags(connection: sqlite3.Connection) -> list[str]:
    """Return the tags of all present movies and series, each written in one way."""
    return column(
        connection,
        "SELECT min(tag) FROM ("
        "SELECT value AS tag FROM items, json_each(items.tags)"
        " WHERE present AND kind IN ('movie', 'series')"
        " UNION SELECT value FROM owned, json_each(owned.tags)"
        " WHERE kind IN ('movie', 'series'))"
        " GROUP BY lower(tag) ORDER BY lower(tag)",
    )


# --- files -----------------------------------------------------------------------


def store_files(connection: sqlite3.Connection, files: Collection[MediaFiles]) -> None:
    """Store sizes and paths; the ids of other versions become aliases."""
    for one in files:
        connection.execute(
            "INSERT OR REPLACE INTO files (item_id, of_path, of_added_at, of_sources,"
            " of_parts, size_bytes, version_ids, paths, runtimes, files)"
            " SELECT item_id, path, added_at, source_count, part_count, ?, ?, ?, ?, ?"
            " FROM items WHERE item_id = ?",
            (
                one.size_bytes,
                json.dumps(one.version_ids),
                json.dumps(one.paths),
                None if one.runtimes is None else json.dumps(one.runtimes),
                json.dumps(
                    [
                        (file.file_id, file.path, file.size_bytes, file.is_part)
                        for file in one.files
                    ]
                ),
                one.item_id,
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO aliases SELECT key, ? FROM items WHERE item_id = ?",
            ((version, one.item_id) for version in one.version_ids),
        )


def known_files(connection: sqlite3.Connection) -> dict[str, MediaFiles]:
    """Return the files of present items that have several, by item id."""
    return {
        row[0]: _files(*row)
        for row in connection.execute(
            f"SELECT {_FILES} FROM files JOIN items USING (item_id)"
            f" WHERE present AND {_SEVERAL} AND {SAME_FILE}"
        )
    }


def files_of(connection: sqlite3.Connection, item: MediaItem) -> MediaFiles | None:
    """Return all files of an item; ``None``: they are not known."""
    row = connection.execute(
        f"SELECT {_FILES} FROM files JOIN items USING (item_id)"
        f" WHERE item_id = ? AND {SAME_FILE}",
        (item.item_id,),
    ).fetchone()
    if row is not None and (known := _files(*row)).complete(item):
        return known
    if item.path is None or item.source_count > 1 or item.part_count > 1:
        return None
    size = size_of(connection, item.item_id)
    return MediaFiles(
        item_id=item.item_id,
        size_bytes=size,
        paths=(item.path,),
        files=(MediaFile(file_id=item.item_id, path=item.path, size_bytes=size),),
    )


def in_parts(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Return by id the films in parts, each with the id of its last part, if known."""
    found: dict[str, str | None] = {}
    for row in connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM items WHERE present AND {_SEVERAL}"
        " AND part_count > 1"
    ).fetchall():
        item = item_from_row(row)
        files = files_of(connection, item)
        last = files.last_part if files is not None else None
        found[item.item_id] = last.file_id if last is not None else None
    return found


def _files(
    item_id: str,
    size_bytes: int | None,
    version_ids: str,
    paths: str,
    runtimes: str | None,
    files: str,
) -> MediaFiles:
    """Return the files of a row that was selected by _FILES."""
    return MediaFiles(
        item_id=item_id,
        size_bytes=size_bytes,
        version_ids=tuple(json.loads(version_ids)),
        paths=tuple(json.loads(paths)),
        runtimes=None if runtimes is None else tuple(json.loads(runtimes)),
        files=tuple(
            MediaFile(file_id=file_id, path=path, size_bytes=size, is_part=is_part)
            for file_id, path, size, is_part in json.loads(files)
        ),
    )


def items_without_files(
    connection: sqlite3.Connection, item_ids: Collection[str] | None
) -> list[str]:
    """Return those of the ids whose files are not known; the given order stays.

    Without ids: every present item that has several versions or parts.
    """
    if item_ids is None:
        item_ids = column(
            connection, f"SELECT item_id FROM items WHERE present AND {_SEVERAL}"
        )
    return [
        one
        for one in item_ids
        if not exists(
            connection,
            "SELECT 1 FROM items JOIN files USING (item_id)"
            f" WHERE item_id = ?1 AND {SAME_FILE} AND (source_count < 2"
            "  OR json_array_length(runtimes) >= source_count)"
            " UNION ALL SELECT 1 FROM items"
            " JOIN owned USING (item_id) WHERE item_id = ?1"
            f" AND NOT {_SEVERAL} AND size_bytes IS NOT NULL",
            (one,),
        )
    ]


def size_of(connection: sqlite3.Connection, item_id: str) -> int | None:
    """Return the size of an item in bytes, as far as any server has said it."""
    size: int | None = connection.execute(
        "SELECT coalesce((SELECT size_bytes FROM files WHERE item_id = ?1),"
        " (SELECT size_bytes FROM owned WHERE item_id = ?1))",
        (item_id,),
    ).fetchone()[0]
    return size


def sizes(connection: sqlite3.Connection, item_ids: Collection[str]) -> dict[str, int]:
    """Return the sizes in bytes of those of the ids for which they are known."""
    return {
        item_id: size
        for item_id in item_ids
        if (size := size_of(connection, item_id)) is not None
    }


def paths_of(
    connection: sqlite3.Connection, item_id: str, path: str | None
) -> frozenset[str]:
    """Return the known paths of all versions and parts of an item at a path."""
    return frozenset(
        path
        for paths in column(
            connection,
            "SELECT paths FROM files WHERE item_id = ? AND of_path IS ?",
            (item_id, path),
        )
        for path in json.loads(paths)
    )


def files_near(
    connection: sqlite3.Connection, path: str, without: Collection[str]
) -> tuple[str | None, tuple[str, ...]]:
    """Return the library folder that a path is in, and some known files near the path.

    They are in the nearest folder that has any but those of the ids ``without``.
    """
    locations = [
        location
        for library in known_libraries(connection)
        for location in library.locations
        if path.startswith((f"{location.rstrip('/')}/", f"{location.rstrip('\\')}\\"))
    ]
    if not locations:
        return None, ()
    location = max(locations, key=len)
    folder = start_of(path)
    while len(folder) >= len(location):
        found = connection.execute(
            "SELECT item_id, path FROM items WHERE present"
            " AND kind IN ('movie', 'episode') AND substr(path, 1, ?) = ? LIMIT ?",
            (len(folder), folder, len(without) + _MOST_NEAR),
        )
        near = [one for item_id, one in found if item_id not in without]
        if near:
            return location, tuple(near[:_MOST_NEAR])
        folder = start_of(folder[:-1])
    return location, ()


def neighbours(
    connection: sqlite3.Connection, item_id: str, path: str
) -> tuple[tuple[str, str], ...]:
    """Return ``(item id, path)`` of every other known file in or below a folder."""
    folder = start_of(path)
    return tuple(
        (other, one)
        for other, main, paths in connection.execute(
            "SELECT items.item_id, items.path, files.paths FROM items"
            " LEFT JOIN files USING (item_id)"
            " WHERE present AND kind IN ('movie', 'episode') AND items.item_id != ?1"
            " AND items.item_id IN (SELECT item_id FROM items"
            "  WHERE substr(path, 1, ?2) = ?3"
            "  UNION SELECT item_id FROM files WHERE instr(paths, ?4))",
            (item_id, len(folder), folder, json.dumps(folder)[1:-1]),
        )
        for one in sorted({main, *json.loads(paths or "[]")})
        if one.startswith(folder)
    )
