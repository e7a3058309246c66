"""What there is, counted by library, kind and user, to compare two days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
import sqlite3

from .inventory import tags_from_column
from .owned import known_titles, removed_titles, requesters_from_row
from .purge import shells_of

type Counts = dict[str, dict[str, int]]
"""Library id to a kind of media, or to a user's id, to a number."""

ALL = "all"
"""What stands for the whole house beside its parts."""

SAMPLE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryCounts:
    """How much there is, and how much of it has been watched.

    Titles are movies and episodes.
    """

    titles: Counts
    deleted: Counts
    """What we have deleted, ever."""
    watched: Counts
    """What is there, and what we have deleted, ever."""
    watched_by: Counts
    """By library and user."""
    watched_print: str
    """Changes with which titles are watched, not only with how many."""
    samples: dict[str, tuple[int, ...]]
    """By library the smallest hashes of the keys of its movies and series: two
    libraries that hold the same have the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How much there is, of everything that should not change all at once."""

    inventory: InventoryCounts
    due: Counts
    favorites: dict[str, int]
    """By user."""
    tagged: dict[str, int]
    """By tag: how many movies and series have it."""
    users: dict[str, str]
    """The names of the users who may log in, by id."""
    listed: dict[str, int] = field(default_factory=dict)
    """By Radarr or Sonarr: how many titles it lists."""
    removed: dict[str, int] = field(default_factory=dict)
    """How many of its titles we have removed, ever."""
    requested: dict[str, int] | None = None
    """By Seerr's number of who asked for them: how many movies and series there are;
    under ``ALL`` how many in all. ``None``: not counted."""
    requesters: dict[str, str] = field(default_factory=dict)
    """What people call them, where they have a name."""
    history: dict[str, int]
    """By user: how many plays Jellystat has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be counted, and what has been and need not be again."""

    managed: Collection[str]
    """The ids of the libraries that count."""
    due: Collection[str] = ()
    """The ids of the movies and episodes that would go now."""
    labels: Collection[str] = ()
    """The tags that rules ask for."""
    connections: Collection[str] = ()
    """The ids of the Radarrs and Sonarrs."""
    requests: bool = False
    """Whether rules ask who asked for a title, and a Seerr can tell."""
    inventory: InventoryCounts | None = None
    """To count this takes a while, and so does the next."""
    history: dict[str, int] | None = None


def take_census(connection: sqlite3.Connection, question: Question) -> Census:
    """Count what there is."""
    managed = frozenset(question.managed)
    inventory = question.inventory or _inventory(connection, managed)
    requested, requesters = _requested(connection) if question.requests else (None, {})
    return Census(
        inventory=inventory,
        due=_due(connection, managed, question.due),
        favorites=dict(
            connection.execute(
                "SELECT user_id, count(*) FROM favorites JOIN users USING (user_id)"
                " WHERE (users.present OR users.disabled) AND lost_at IS NULL"
                " GROUP BY user_id"
            ).fetchall()
        ),
        tagged=_tagged(connection, question.labels),
        users=dict(
            connection.execute(
                "SELECT user_id, name FROM users WHERE present"
            ).fetchall()
        ),
        listed={
            one: len(known_titles(connection, one)) for one in question.connections
        },
        removed={one: removed_titles(connection, one) for one in question.connections},
        requested=requested,
        requesters=requesters,
        history=question.history
        if question.history is not None
        else _history(connection),
    )


def _history(connection: sqlite3.Connection) -> dict[str, int]:
    """Return by user how many plays Jellystat has, those that are forgotten among them."""
    plays: dict[str, int] = dict(shells_of(connection))
    for user_id, count in connection.execute(
        "SELECT user_id, sum(row_count) FROM history_counts"
        " JOIN history_users ON number = user WHERE user_id != ''"
        " GROUP BY user_id HAVING sum(row_count)"
    ):
        plays[user_id] = plays.get(user_id, 0) + count
    return plays


def _inventory(
    connection: sqlite3.Connection, managed: Collection[str]
) -> InventoryCounts:
    """Count titles and what has been watched of them: all of it is read."""
    watched_by: Counts = defaultdict(lambda: defaultdict(int))
    rows = connection.execute(
        "SELECT library_id, user_id, count(*), total(first_played_at)"
        " FROM plays JOIN items USING (item_id) JOIN users USING (user_id)"
        " WHERE played AND items.present AND users.present"
        " AND kind IN ('movie', 'episode') GROUP BY library_id, user_id"
    ).fetchall()
    for library_id, user_id, count, _ in rows:
        if library_id in managed:
            watched_by[library_id][user_id] += count
    return InventoryCounts(
        titles=_counts(
            managed,
            connection.execute(
                "SELECT library_id, kind, count(*) FROM items WHERE present"
                " AND kind IN ('movie', 'episode') GROUP BY library_id, kind"
            ),
        ),
        deleted=_counts(
            managed,
            # What is not confirmed yet and no longer listed was deleted by us, too.
            connection.execute(
                "SELECT library_id, journal.kind, count(*) FROM journal"
                " JOIN items USING (item_id) WHERE outcome = 'deleted'"
                " OR outcome = 'unconfirmed' AND NOT present"
                " GROUP BY library_id, journal.kind"
            ),
        ),
        watched=_counts(
            managed,
            # With what was watched and has gone by our own hand: else that would hide
            # what is marked meanwhile.
            connection.execute(
                "SELECT library_id, kind, sum(count) FROM ("
                "SELECT library_id, kind, count(*) AS count FROM items WHERE present"
                " AND kind IN ('movie', 'episode') AND EXISTS (SELECT 1 FROM plays"
                "  JOIN users USING (user_id) WHERE plays.item_id = items.item_id"
                "  AND played AND users.present) GROUP BY library_id, kind"
                " UNION ALL SELECT library_id, journal.kind, count(*) FROM journal"
                " JOIN items USING (item_id) WHERE watched AND NOT present"
                " AND outcome IN ('deleted', 'unconfirmed')"
                " GROUP BY library_id, journal.kind) GROUP BY library_id, kind"
            ),
        ),
        watched_by={one: dict(counts) for one, counts in watched_by.items()},
        watched_print=sha256(repr(rows).encode()).hexdigest()[:16],
        samples=_samples(connection, managed),
    )


def _counts(managed: Collection[str], rows: sqlite3.Cursor) -> Counts:
    """Return rows of library, kind and number as a mapping."""
    counts: Counts = {}
    for library_id, kind, count in rows:
        if library_id in managed:
            counts.setdefault(library_id, {})[kind] = count
    return counts


def _due(
    connection: sqlite3.Connection, managed: Collection[str], due: Collection[str]
) -> Counts:
    """Return how many of these titles there are."""
    counts: Counts = {}
    for item_id in due:
        row = connection.execute(
            "SELECT library_id, kind FROM items WHERE item_id = ?", (item_id,)
        ).fetchone()
        if row is not None and row[0] in managed:
            kinds = counts.setdefault(row[0], {})
            kinds[row[1]] = kinds.get(row[1], 0) + 1
    return counts


def _samples(
    connection: sqlite3.Connection, managed: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Return the smallest hashes of the keys in each library.

    By keys, not by folders: a library that is made anew may have other folders, and
    another one the same.
    """
    hashes: Mapping[str, set[int]] = defaultdict(set)
    for library_id, key in connection.execute(
        "SELECT library_id, key FROM items WHERE present AND kind IN ('movie', 'series')"
    ):
        if library_id in managed:
            digest = sha256(key.encode()).digest()
            hashes[library_id].add(int.from_bytes(digest[:6]))
    return {one: tuple(sorted(found)[:SAMPLE]) for one, found in hashes.items()}


def _tagged(connection: sqlite3.Connection, labels: Collection[str]) -> dict[str, int]:
    """Return how many movies and series have a tag, in Jellyfin or in an *arr."""
    wanted = {one.casefold() for one in labels}
    if not wanted:
        return {}
    bearers: dict[str, set[str]] = {label: set() for label in wanted}
    for item_id, tags in connection.execute(
        "SELECT item_id, tags FROM items"
        " WHERE present AND kind IN ('movie', 'series') AND tags != '[]'"
        " UNION ALL SELECT item_id, tags FROM owned"
        " WHERE kind IN ('movie', 'series') AND tags != '[]'"
    ):
        for tag in tags_from_column(tags):
            if (label := tag.casefold()) in bearers:
                bearers[label].add(item_id)
    return {label: len(ids) for label, ids in bearers.items()}


def _requested(
    connection: sqlite3.Connection,
) -> tuple[dict[str, int], dict[str, str]]:
    """Return how many movies and series people have asked for, and their names."""
    counts: dict[str, int] = {ALL: 0}
    names: dict[str, str] = {}
    for row, count in connection.execute(
        "SELECT requesters, count(*) FROM requested JOIN items USING (item_id)"
        " WHERE present AND requesters != '[]' GROUP BY requesters"
    ):
        counts[ALL] += count
        requesters = requesters_from_row(row)
        for number in {one.request_user_id for one in requesters}:
            counts[str(number)] = counts.get(str(number), 0) + count
        names |= {
            str(one.request_user_id): min(one.names) for one in requesters if one.names
        }
    return counts, names
