"""What Radarr, Sonarr and Seerr said when they were last asked.

Whether each kind of server is connected, and whether all of that kind answered, is kept
beside the rows: without that, what is missing could not be told from what is unknown.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
import json
import sqlite3

from ..model import MediaKind, OwnedFacts, Requester
from .database import column, to_ms
from .state import get_state, set_state


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
    connection.execute("DELETE FROM owned WHERE kind = ?", (kind,))
    _insert(connection, kind, facts)


def store_owned_episodes(
    connection: sqlite3.Connection, series_id: str, facts: Iterable[OwnedFacts]
) -> None:
    """Replace what is known of the episodes of a series."""
    connection.execute(
        "DELETE FROM owned WHERE kind = 'episode' AND item_id IN"
        " (SELECT item_id FROM items WHERE series_id = ?)",
        (series_id,),
    )
    _insert(connection, MediaKind.EPISODE, facts)


def series_in_doubt(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of series with an episode that has no sure match in Sonarr."""
    return column(
        connection,
        "SELECT DISTINCT series_id FROM items JOIN owned USING (item_id)"
        " WHERE owned.kind = 'episode' AND doubt IS NOT NULL AND items.present",
    )


def owner_count(connection: sqlite3.Connection, item_id: str) -> int:
    """Return how many Radarrs or Sonarrs had a movie or series when last asked."""
    (count,) = connection.execute(
        "SELECT coalesce(sum(owners), 0) FROM owned WHERE item_id = ?", (item_id,)
    ).fetchone()
    return int(count)


def _insert(
    connection: sqlite3.Connection, kind: MediaKind, facts: Iterable[OwnedFacts]
) -> None:
    """Store facts of one kind beside those that are there."""
    connection.executemany(
        "INSERT OR REPLACE INTO owned VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                one.item_id,
                kind,
                None if one.tags is None else json.dumps(sorted(one.tags)),
                one.size_bytes,
                to_ms(one.file_added_at),
                one.continuing,
                one.doubt,
                one.group,
                one.owners,
            )
            for one in facts
        ),
    )


def known_titles(connection: sqlite3.Connection, connection_id: str) -> set[int]:
    """Return the ids of the titles that a Radarr or Sonarr listed the last time."""
    return set(get_state(connection, f"titles_{connection_id}") or ())


def note_titles(
    connection: sqlite3.Connection, connection_id: str, title_ids: Iterable[int]
) -> None:
    """Remember which titles a Radarr or Sonarr has listed."""
    set_state(connection, f"titles_{connection_id}", sorted(title_ids))


def store_requests(
    connection: sqlite3.Connection,
    requesters: Mapping[str, tuple[Requester, ...] | None],
) -> None:
    """Store by item id who asked for a title; ``None``: it cannot be told."""
    connection.execute("DELETE FROM requested")
    connection.executemany(
        "INSERT INTO requested VALUES (?, ?)",
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
