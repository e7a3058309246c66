"""What all tables know about titles: for an evaluation, or just before a deletion."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import sqlite3
from types import MappingProxyType
from typing import Any

from ..model import (
    MediaFacts,
    MediaFile,
    MediaFiles,
    MediaItem,
    MediaKey,
    MediaKind,
    Reason,
    Requester,
)
from .ahead import plays_ahead
from .copies import (
    Copy,
    copies_among,
    doubt_about_versions,
    in_unmanaged,
    rows_of_one_number,
    shared_number,
    watchers,
)
from .database import from_ms, to_ms
from .family import choose_family, within
from .inventory import (
    GONE_USERS_COUNT,
    ITEM_COLUMNS,
    ITEM_NAMES,
    SAME_FILE,
    aliases_of,
    files_of,
    find,
    in_parts,
    item_from_row,
    known_files,
    known_libraries,
    lingering_users,
    neighbours,
    paths_of,
    tags_from_column,
)
from .journal import is_unsettled
from .objections import objections
from .owned import Source, answered, owner_count, requesters_from_row
from .plays import PlayMemory, memories_of
from .shelves import shared_shelves, unmanaged_folders
from .sights import unseeing, unseeing_of
from .wishes import is_kept

_NONE: Mapping[str, Any] = MappingProxyType({})
"""What most titles have of other libraries and of users' own dates, made once."""

_SHARED = tuple(
    ITEM_NAMES.index(name)
    for name in ("library_id", "series_id", "series_title", "season_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the ledger has to say when a file is about to be deleted."""

    key: MediaKey
    series: MediaItem | None
    memories: Mapping[str, PlayMemory]
    """User id to what is remembered of that user's plays."""
    life_started_at: datetime | None = None
    """What was played before that was another copy."""
    plays_ahead: frozenset[tuple[str, datetime]] = frozenset()
    """The plays that are dated ahead and known already: user id and date."""
    kept: bool
    """Whether it, its season or its series is kept at this moment."""
    unsettled: bool
    """Whether it was deleted before and nobody knows how that ended."""
    part_memories: Mapping[str, PlayMemory]
    """User id to what is remembered of that user's plays of its last part."""
    files: tuple[MediaFile, ...]
    """All its files, the listed one first; empty: they are not known."""
    own_paths: frozenset[str]
    """The paths of all its versions and parts, as far as they are known."""
    neighbours: tuple[tuple[str, str], ...]
    """``(item id, path)`` of every other known file in or below its folder."""
    locations: tuple[str, ...]
    """The folders of all libraries."""
    aliases: frozenset[str]
    """Every id that it, or a version of it, has or had."""
    owners: int = 0
    """How many Radarrs or Sonarrs had it, or its series, when they were last asked."""
    unseeing: frozenset[str] = frozenset()
    """The users who did not see it, or its series, when Jellyfin was last asked."""


def remembered(
    connection: sqlite3.Connection, item_id: str, now: datetime
) -> Remembered:
    """Return what is remembered around a present movie or episode.

    Raises LookupError if it is not there.
    """
    row = connection.execute(
        f"SELECT {ITEM_COLUMNS}, life_started_at FROM items"
        " WHERE item_id = ? AND present",
        (item_id,),
    ).fetchone()
    if row is None:
        raise LookupError(item_id)
    *columns, life_started_at = row
    item, key = item_from_row(columns), columns[1]
    path, season_id, series_id = item.path, item.season_id, item.series_id
    files = files_of(connection, item)
    last = files.last_part if files is not None else None
    family = (item_id, season_id or "", series_id or "")
    return Remembered(
        key=MediaKey(key),
        series=next(iter(find(connection, series_id)), None) if series_id else None,
        memories=memories_of(connection, item_id),
        life_started_at=from_ms(life_started_at),
        plays_ahead=plays_ahead(connection, item_id),
        kept=is_kept(connection, family, now),
        unsettled=is_unsettled(connection, item_id),
        part_memories=memories_of(connection, last.file_id) if last else {},
        files=files.files if files is not None else (),
        own_paths=paths_of(connection, item_id, path),
        neighbours=neighbours(
            # A disc is a folder itself.
            connection,
            item_id,
            f"{path}/" if item.is_disc else path or "",
        ),
        locations=tuple(
            location
            for library in known_libraries(connection)
            for location in library.locations
        ),
        aliases=frozenset(aliases_of(connection, key)),
        owners=owner_count(connection, series_id or item_id),
        unseeing=unseeing_of(connection, (item_id, series_id)),
    )


def read_facts(
    connection: sqlite3.Connection,
    now: datetime,
    around: Collection[str] | None = None,
) -> list[MediaFacts]:
    """Return the facts about everything that is present, in no particular order.

    ``around`` some ids: only about those, and what a verdict about them rests on.
    Watched is what every present copy of a title is, for users who may log in; the
    favorites of others, and that they can see it, still count for a few days.
    ``now`` bounds dates in the future. What Radarr, Sonarr and Seerr say is as
    of their last answer, and unknown for what none of them has been asked about yet.
    """
    family = around is not None
    if around is not None:
        choose_family(connection, around)
    libraries = {one.library_id: one.name for one in known_libraries(connection)}
    visible = _visible_users(connection, list(libraries), now)
    shelves = shared_shelves(connection)
    unmanaged = unmanaged_folders(connection)
    unseen = unseeing(connection)
    watched = _watched_by(connection, family=family)
    files = known_files(connection)
    last_watched = _last_watched(connection, family=family)
    doubtful = defaultdict(set)
    for item_id, user_id in connection.execute(
        "SELECT item_id, user_id FROM plays JOIN users USING (user_id)"
        f" WHERE stale AND touched AND users.present{within('plays', family=family)}"
    ):
        doubtful[item_id].add(user_id)
    favorites = defaultdict(set)
    since = to_ms(now - GONE_USERS_COUNT)
    for item_id, user_id in connection.execute(
        # A version has an id of its own, which leads to the title as an old one does.
        "SELECT items.item_id, user_id FROM favorites JOIN users USING (user_id)"
        " JOIN aliases ON aliases.item_id = favorites.item_id"
        " JOIN items ON items.key = aliases.key AND items.present"
        " WHERE (users.present OR users.disabled OR users.gone_since > ?)"
        f" AND coalesce(lost_at > ?, 1){within('items', family=family)}",
        (since, since),
    ):
        favorites[item_id].add(user_id)
    nobody: frozenset[str] = frozenset()
    owned_kinds = {
        kind
        for kind, source in (
            (MediaKind.MOVIE, Source.RADARR),
            (MediaKind.SERIES, Source.SONARR),
        )
        if answered(connection, source) is not None
    }
    requested = _requested(connection, family=family)
    against = objections(connection)
    facts = []
    same: dict[str, str] = {}
    cursor = connection.execute(
        f"SELECT {ITEM_COLUMNS}, items.life_started_at,"
        " coalesce(files.size_bytes, owned.size_bytes), owned.item_id IS NOT NULL,"
        " owned.tags, owned.file_added_at, owned.continuing, owned.doubt,"
        " owned.group_name, coalesce(owned.exact, 0),"
        " ahead.seen_at, file_ahead.seen_at FROM items"
        f" LEFT JOIN files ON files.item_id = items.item_id AND {SAME_FILE}"
        " LEFT JOIN owned ON owned.item_id = items.item_id"
        " LEFT JOIN ahead ON ahead.subject = items.key"
        "  AND ahead.at = items.added_at"
        " LEFT JOIN ahead file_ahead ON file_ahead.subject = 'file ' || items.item_id"
        "  AND file_ahead.at = owned.file_added_at"
        f" WHERE items.present{within('items', family=family)}"
    )
    for (
        *row,
        life_started_at,
        size_bytes,
        is_owned,
        owned_tags,
        file_added_at,
        continuing,
        doubt,
        group,
        exact,
        first_seen_at,
        file_first_seen_at,
    ) in cursor:
        # Thousands of episodes share the ids and names of a few series.
        for column in _SHARED:
            if (text := row[column]) is not None:
                row[column] = same.setdefault(text, text)
        item = item_from_row(row)
        added_at = item.added_at if first_seen_at is None else from_ms(first_seen_at)
        life = from_ms(life_started_at)
        if life is not None:
            added_at = life if added_at is None else max(added_at, life)
        if file_added_at is not None and added_at is not None:
            # Jellyfin may still show the day on which a worse file came.
            file_at = from_ms(
                file_added_at if file_first_seen_at is None else file_first_seen_at
            )
            added_at = max(added_at, min(file_at, now))
        tags: frozenset[str] | None = item.tags
        if item.kind in owned_kinds:
            known = is_owned and owned_tags is not None
            tags = _union(item.tags, tags_from_column(owned_tags)) if known else None
        facts.append(
            MediaFacts(
                item=item,
                key=MediaKey(row[1]),
                library=libraries.get(item.library_id, ""),
                other_libraries={
                    one: libraries[one]
                    for one in shelves[item.item_id]
                    if one != item.library_id and one in libraries
                }
                if item.item_id in shelves
                else _NONE,
                added_at=added_at,
                life_started_at=life,
                watched_by=watched.get(item.item_id, nobody),
                doubtful_of=frozenset(doubtful[item.item_id])
                if item.item_id in doubtful
                else nobody,
                visible_to=_visible_to(
                    visible,
                    item.library_id,
                    shelves.get(item.item_id, ()),
                    unseen.get(item.item_id, nobody)
                    | unseen.get(item.series_id or "", nobody)
                    if unseen
                    else nobody,
                ),
                last_watched=_NONE,
                last_watched_at=_not_after(last_watched.get(item.item_id), now),
                favorite_of=frozenset(favorites[item.item_id])
                if item.item_id in favorites
                else nobody,
                size_bytes=size_bytes,
                tags=tags,
                requesters=requested.get(item.item_id),
                continuing=None if continuing is None else bool(continuing),
                doubt=doubt,
                group=group,
                exact=bool(exact),
                unclear=_unclear(item, files, unmanaged, exact=exact),
                objection=against.get((row[1], item.path or "")),
            )
        )
    _of_titles(connection, facts, watched)
    return facts


def _union(tags: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    """Return all of some tags, without a copy where these are all."""
    return tags | more if more else tags


def _unclear(
    item: MediaItem,
    files: Mapping[str, MediaFiles],
    unmanaged: Mapping[str, str],
    *,
    exact: bool,
) -> Reason | None:
    """Return what has to be settled about the files of an item, if anything has."""
    path = item.path or ""
    for folder, library in unmanaged.items():
        if path.startswith(folder):
            return in_unmanaged(item, library)
    if exact or item.source_count < 2:
        return None
    return doubt_about_versions(item, files.get(item.item_id))


def _visible_to(
    visible: Mapping[str, frozenset[str]],
    library_id: str,
    others: Collection[str],
    unseeing: frozenset[str],
) -> frozenset[str] | None:
    """Return who sees an item in any of its libraries; unknown if that is of one."""
    found: frozenset[str] = frozenset()
    for one in others or (library_id,):
        if one not in visible:
            return None
        found = found | visible[one] if found else visible[one]
    return found - unseeing if unseeing else found


def _requested(
    connection: sqlite3.Connection, *, family: bool
) -> dict[str, tuple[Requester, ...]]:
    """Return who requested a title, by item id, where that can be told."""
    return {
        item_id: requesters_from_row(requesters)
        for item_id, requesters in connection.execute(
            "SELECT item_id, requesters FROM requested WHERE requesters IS NOT NULL"
            f"{within('requested', family=family)}"
        )
    }


def _not_after(milliseconds: int | None, now: datetime) -> datetime | None:
    """Return a stored time, or now if that is in the future."""
    moment = from_ms(milliseconds)
    return None if moment is None else min(moment, now)


def _visible_users(
    connection: sqlite3.Connection, library_ids: list[str], now: datetime
) -> dict[str, frozenset[str]]:
    """Return who may see a library, by its id, or might have until a few days ago.

    To count too many users as able to see a title only makes it harder to be watched
    by all of them; who does not see it because of a parental limit is asked apart.
    """
    users = lingering_users(connection, now)
    return {
        library_id: frozenset(
            user.user_id
            for user in users
            if user.library_ids is None or library_id in user.library_ids
        )
        for library_id in library_ids
    }


def _watched_by(
    connection: sqlite3.Connection, *, family: bool
) -> dict[str, frozenset[str]]:
    """Return who has watched which item itself, by item id.

    A library has few sets of users, and many titles: each set is made once, and of the
    same texts, because a plan keeps them.
    """
    watched: dict[str, frozenset[str]] = {}
    sets: dict[str, frozenset[str]] = {}
    same: dict[str, str] = {}
    for item_id, users in connection.execute(
        "SELECT item_id, group_concat(user_id, ' ')"
        " FROM plays JOIN users USING (user_id)"
        f" WHERE {_WATCHED}{within('plays', family=family)} GROUP BY item_id"
    ):
        if users not in sets:
            sets[users] = frozenset(
                [same.setdefault(one, one) for one in users.split(" ")]
            )
        watched[item_id] = sets[users]
    # Jellyfin calls a film in parts played after its first.
    for item_id, part_id in in_parts(connection).items():
        if item_id in watched:
            watched[item_id] &= {
                user_id
                for user_id, memory in memories_of(connection, part_id or "").items()
                if memory.watched
            }
    return watched


_WATCHED = "played AND NOT stale AND users.present"
"""The condition that a play counts, as it is remembered of an item itself."""


def _watched_at(
    connection: sqlite3.Connection, item_id: str, users: frozenset[str]
) -> dict[str, datetime | None]:
    """Return when users who have watched an item did so last, by their ids."""
    return {
        user_id: from_ms(at)
        for user_id, at in connection.execute(
            "SELECT user_id, coalesce(last_played_at, first_played_at)"
            f" FROM plays JOIN users USING (user_id) WHERE {_WATCHED} AND item_id = ?",
            (item_id,),
        )
        if user_id in users
    }


def _of_titles(
    connection: sqlite3.Connection,
    facts: list[MediaFacts],
    watched: Mapping[str, frozenset[str]],
) -> None:
    """Give the copies of each title what is true of all of them."""
    places = {fact.item.item_id: place for place, fact in enumerate(facts)}
    for together in copies_among(facts):
        of_each, partly = watchers(
            [
                Copy(
                    fact.item.runtime,
                    fact.life_started_at,
                    _watched_at(connection, item_id, watched.get(item_id, frozenset())),
                )
                for fact in together
                for item_id in [fact.item.item_id]
            ]
        )
        dates = [one.last_watched_at for one in together if one.last_watched_at]
        for fact, watched_by in zip(together, of_each, strict=True):
            facts[places[fact.item.item_id]] = replace(
                fact,
                watched_by=watched_by,
                partly_watched_by=partly,
                last_watched_at=max(dates, default=None),
            )
    for item_id, other in rows_of_one_number(facts).items():
        fact = facts[places[item_id]]
        facts[places[item_id]] = replace(
            fact, unclear=shared_number(fact.item, other.item)
        )


def _last_watched(connection: sqlite3.Connection, *, family: bool) -> dict[str, int]:
    """Return the last activity of anybody, by item id, within its present life.

    What is watched and has no date counts from when it was first seen so. The date of a
    flag that is left over from another file would not even postpone where it is older
    than this one.
    """
    known: dict[str, int] = {}
    present = within("items", family=family)
    for statement in (
        "SELECT items.item_id, max(activity.last_at) FROM items"
        " JOIN aliases ON aliases.key = items.key"
        " JOIN activity ON activity.item_id = aliases.item_id"
        " WHERE items.present AND activity.last_at >= coalesce(life_started_at, 0)"
        f"{present} GROUP BY items.item_id",
        "SELECT items.item_id, max(plays.last_played_at) FROM items"
        " JOIN aliases ON aliases.key = items.key"
        " JOIN plays ON plays.item_id = aliases.item_id"
        " WHERE items.present AND plays.last_played_at >= coalesce(life_started_at, 0)"
        " AND NOT (plays.stale AND plays.last_played_at < coalesce(items.added_at, 0))"
        f"{present} GROUP BY items.item_id",
    ):
        for item_id, last_at in connection.execute(statement):
            known[item_id] = max(known.get(item_id, last_at), last_at)
    for item_id, first_at in connection.execute(
        "SELECT plays.item_id, max(first_played_at) FROM plays"
        " JOIN items USING (item_id)"
        " WHERE played AND items.present AND first_played_at IS NOT NULL"
        " AND (last_played_at IS NULL OR last_played_at < life_started_at)"
        " AND NOT EXISTS (SELECT 1 FROM aliases"
        "  JOIN activity ON activity.item_id = aliases.item_id"
        "  WHERE aliases.key = items.key AND activity.user_id = plays.user_id"
        "  AND activity.last_at >= coalesce(life_started_at, 0))"
        f"{present} GROUP BY plays.item_id"
    ):
        known[item_id] = max(known.get(item_id, first_at), first_at)
    return known
