"""What Radarr, Sonarr and Seerr said when they were last asked.

Whether each kind of server is connected, and whether all of that kind answered, is kept
beside the rows: without that, what is missing could not be told from what is unknown.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
import json
import sqlite3

from ..model import ArrMovie, ArrTitle, MediaKind, MissingTitle, OwnedFacts, Requester
from .database import column, from_ms, replace_rows, to_ms
from .state import get_state, set_state

# A title that is missing is of interest for a day; clocks may be wrong.
_REMEMBERED = timedelta(days=30)


class Source(StrEnum):
    """The kinds of servers that know something about the titles of Jellyfin."""

    RADARR = "radarr"
    SONARR = "sonarr"
    SEERR = "seerr"


def answered(connection: sqlite3.Connection, source: Source) -> bool | None:
    """Return whether all servers of a kind answered; ``None``: there are none."""
    answer: bool | None = get_state(connection, source)
    return answer


def silent_sources(connection: sqlite3.Connection) -> frozenset[Source]:
    """Return the kinds of servers that did not all answer when last asked."""
    return frozenset(
        source for source in Source if answered(connection, source) is False
    )


def note_answer(
    connection: sqlite3.Connection, source: Source, answer: bool | None
) -> None:
    """Remember whether the servers of a kind answered; without any, forget theirs."""
    set_state(connection, source, answer)
    if answer is None:
        match source:
            case Source.RADARR:
                connection.execute("DELETE FROM owned WHERE kind = 'movie'")
            case Source.SONARR:
                connection.execute("DELETE FROM owned WHERE kind != 'movie'")
            case Source.SEERR:
                connection.execute("DELETE FROM requested")


def store_owned(
    connection: sqlite3.Connection, kind: MediaKind, facts: Iterable[OwnedFacts]
) -> None:
    """Replace what is known of all movies or all series."""
    replace_rows(
        connection, "owned", "item_id", _owned_rows(kind, facts), "kind = ?", (kind,)
    )


def store_owned_episodes(
    connection: sqlite3.Connection, series_id: str, facts: Iterable[OwnedFacts]
) -> None:
    """Replace what is known of the episodes of a series."""
    replace_rows(
        connection,
        "owned",
        "item_id",
        _owned_rows(MediaKind.EPISODE, facts),
        "kind = 'episode' AND item_id IN"
        " (SELECT item_id FROM items WHERE series_id = ?)",
        (series_id,),
    )


def series_in_doubt(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of series with an episode of which Sonarr has to say what it is."""
    return column(
        connection,
        "SELECT series_id FROM items JOIN owned USING (item_id)"
        " WHERE owned.kind = 'episode' AND doubt IS NOT NULL AND items.present"
        " UNION SELECT series_id FROM items WHERE present AND kind = 'episode'"
        "  AND series_id IS NOT NULL AND source_count > 1"
        " UNION SELECT series_id FROM items WHERE present AND kind = 'episode'"
        "  AND series_id IS NOT NULL AND key IN"
        "  (SELECT key FROM items GROUP BY key HAVING count(*) > 1)"
        "  GROUP BY series_id, key HAVING count(*) > 1",
    )


def owner_count(connection: sqlite3.Connection, item_id: str) -> int:
    """Return how many Radarrs or Sonarrs had a movie or series when last asked."""
    (count,) = connection.execute(
        "SELECT coalesce(sum(owners), 0) FROM owned WHERE item_id = ?", (item_id,)
    ).fetchone()
    return int(count)


def file_added_at(connection: sqlite3.Connection, item_id: str) -> datetime | None:
    """Return when the newest file came in that an *arr had of an item when last asked."""
    row = connection.execute(
        "SELECT file_added_at FROM owned WHERE item_id = ?", (item_id,)
    ).fetchone()
    return from_ms(row[0]) if row else None


def _owned_rows(
    kind: MediaKind, facts: Iterable[OwnedFacts]
) -> Iterator[tuple[object, ...]]:
    """Yield facts of one kind as they are stored."""
    for one in facts:
        yield (
            one.item_id,
            kind,
            None if one.tags is None else json.dumps(sorted(one.tags)),
            one.size_bytes,
            to_ms(one.file_added_at),
            one.continuing,
            one.doubt,
            one.group,
            one.owners,
            one.exact,
        )


# --- which titles they list ------------------------------------------------------


def known_titles(connection: sqlite3.Connection, connection_id: str) -> set[int]:
    """Return the ids of the titles that a Radarr or Sonarr listed the last time."""
    return {
        title_id
        for (title_id,) in connection.execute(
            "SELECT title_id FROM listed"
            " WHERE connection = ? AND missing_since IS NULL",
            (connection_id,),
        )
    }


def note_titles(
    connection: sqlite3.Connection, connection_id: str, title_ids: Collection[int]
) -> None:
    """Expect these titles of a Radarr or Sonarr: the others we have removed.

    What we have removed ourselves is not missing, and its list has not shrunk.
    """
    removed = known_titles(connection, connection_id).difference(title_ids)
    connection.executemany(
        "DELETE FROM listed WHERE connection = ? AND title_id = ?",
        ((connection_id, title_id) for title_id in removed),
    )
    connection.executemany(
        "INSERT INTO listed (connection, title_id) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET missing_since = NULL",
        ((connection_id, title_id) for title_id in title_ids),
    )
    if removed:
        count = removed_titles(connection, connection_id) + len(removed)
        set_state(connection, f"removed_{connection_id}", count)


def removed_titles(connection: sqlite3.Connection, connection_id: str) -> int:
    """Return how many titles we have removed from a Radarr or Sonarr, ever."""
    return get_state(connection, f"removed_{connection_id}") or 0


def note_listed(
    connection: sqlite3.Connection,
    connection_id: str,
    titles: Collection[ArrTitle],
    now: datetime,
) -> None:
    """Remember what a Radarr or Sonarr lists, and when it stopped listing the rest."""
    connection.executemany(
        "INSERT INTO listed VALUES (?, ?, ?, ?, ?, NULL)"
        " ON CONFLICT DO UPDATE SET provider_ids = excluded.provider_ids,"
        " folder = excluded.folder, file = excluded.file, missing_since = NULL"
        " WHERE provider_ids IS NOT excluded.provider_ids"
        " OR folder IS NOT excluded.folder OR file IS NOT excluded.file"
        " OR missing_since IS NOT NULL",
        (
            (
                connection_id,
                one.title_id,
                json.dumps(dict(one.provider_ids), sort_keys=True),
                one.path,
                one.file.path if isinstance(one, ArrMovie) and one.file else None,
            )
            for one in titles
        ),
    )
    missing = known_titles(connection, connection_id).difference(
        one.title_id for one in titles
    )
    connection.executemany(
        "UPDATE listed SET missing_since = ? WHERE connection = ? AND title_id = ?",
        ((to_ms(now), connection_id, title_id) for title_id in missing),
    )
    connection.execute(
        "DELETE FROM listed WHERE connection = ? AND missing_since < ?",
        (connection_id, to_ms(now - _REMEMBERED)),
    )


def missing_titles(
    connection: sqlite3.Connection, connection_ids: Collection[str], since: datetime
) -> list[MissingTitle]:
    """Return the titles that these servers stopped listing after a moment."""
    return [
        MissingTitle(
            connection=connection_id,
            title_id=title_id,
            provider_ids=json.loads(provider_ids or "{}"),
            path=folder,
            file_path=file,
            since=from_ms(missing_since),
        )
        for connection_id in connection_ids
        for title_id, provider_ids, folder, file, missing_since in connection.execute(
            "SELECT title_id, provider_ids, folder, file, missing_since FROM listed"
            " WHERE connection = ? AND missing_since > ?",
            (connection_id, to_ms(since)),
        )
    ]


# --- who asked for them ----------------------------------------------------------


def store_requests(
    connection: sqlite3.Connection,
    requesters: Mapping[str, tuple[Requester, ...] | None],
) -> None:
    """Store by item id who asked for a title; ``None``: it cannot be told."""
    replace_rows(
        connection,
        "requested",
        "item_id",
        (
            (item_id, None if who is None else json.dumps([_row(one) for one in who]))
            for item_id, who in requesters.items()
        ),
    )


def _row(requester: Requester) -> list[object]:
    """Return a requester as a list that JSON can hold."""
    return [
        requester.request_user_id,
        requester.user_id,
        sorted(requester.names),
        requester.email,
    ]


def requesters_from_row(row: str) -> tuple[Requester, ...]:
    """Return the requesters that were stored."""
    return tuple(
        Requester(
            request_user_id=request_user_id,
            user_id=user_id,
            names=frozenset(names),
            email=email,
        )
        for request_user_id, user_id, names, email in json.loads(row)
    )
