"""What Radarr, Sonarr and Seerr know of the titles in the ledger.

They are asked after every sync. One that does not answer is no reason not to believe
Jellyfin: what it would have said is unknown then, and what depends on it stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
import logging

from ..ledger import Ledger, Source
from ..model import (
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrTitle,
    MediaItem,
    MediaKind,
    MissingTitle,
    OwnedFacts,
    SeerrRequest,
)
from ..servers import (
    Connection,
    Connections,
    Jellyfin,
    Radarr,
    ServerError,
    Sonarr,
    read_whole,
)
from .library import read_files
from .matching import (
    Catalog,
    Doubt,
    Owner,
    PathMap,
    Shelf,
    TitleMatch,
    match_episodes,
    match_movies,
    match_requesters,
    match_series,
)

_LOGGER = logging.getLogger(__name__)

# How many sizes are read after each sync.
SIZES_A_SYNC = 1000
MISSING_FOR = timedelta(days=1)
"""How long a title that its server has stopped listing belongs to nobody, and stays."""

type Trouble = Mapping[str, ServerError | None]
"""Connection id to what went wrong; ``None``: it answered."""


@dataclass(slots=True)
class SeriesOwners:
    """The series in Sonarr that each series of Jellyfin is, as of the last sync."""

    owners: dict[str, tuple[Owner[ArrSeries], ...]] | None = None
    """By Jellyfin's id of the series; ``None``: no Sonarr, or one was silent."""
    read: dict[str, object] = field(default_factory=dict)
    """By the same id all that the stored facts of its episodes rest on."""


async def read_owners(
    ledger: Ledger, connections: Connections, series_owners: SeriesOwners
) -> Trouble:
    """Read all titles and requests, and store what they say of Jellyfin's items.

    Two requests for each Radarr and Sonarr, one for each Seerr, and one for each
    series with a doubtful episode that Sonarr shows as changed. Raises LedgerError; a
    server that fails is in the answer.
    """
    trouble: dict[str, ServerError | None] = {}
    labels: dict[str, dict[int, str]] = {}
    movies = await _catalogs(ledger, connections.radarr, Radarr.movies, labels, trouble)
    series = await _catalogs(ledger, connections.sonarr, Sonarr.series, labels, trouble)
    requests: list[SeerrRequest] | None = []
    for seerr in connections.seerr:
        try:
            found = await seerr.client.requests()
        except ServerError as err:
            trouble[seerr.connection_id] = err
            requests = None
            continue
        trouble[seerr.connection_id] = None
        if requests is not None:
            requests += found
    await asyncio.to_thread(
        _store, ledger, connections, movies, series, requests, labels, series_owners
    )
    if series is not None:
        # Only what is on the plan is read again, and a doubt keeps off the plan.
        with suppress(ServerError):
            await read_shelves(
                ledger,
                connections,
                series_owners,
                await asyncio.to_thread(ledger.series_in_doubt),
            )
    return trouble


async def _catalogs[Client: (Radarr, Sonarr), T: ArrTitle](
    ledger: Ledger,
    connections: Sequence[Connection[Client]],
    read: Callable[[Client], Awaitable[list[T]]],
    labels: dict[str, dict[int, str]],
    trouble: dict[str, ServerError | None],
) -> list[Catalog[T]] | None:
    """Return all titles of the servers of a kind, ``None`` if one of them fails.

    The names of their tags go into ``labels``, what went wrong into ``trouble``.
    """
    found: list[Catalog[T]] = []
    for one in connections:
        name = one.connection_id
        try:
            titles = await _all_titles(ledger, one, partial(read, one.client))
            labels[name] = await one.client.tags()
        except ServerError as err:
            trouble[name] = err
            continue
        trouble[name] = None
        found.append(Catalog(connection=name, titles=titles, path_map=one.path_map))
    return found if len(found) == len(connections) else None


async def _all_titles[Client: (Radarr, Sonarr), T: ArrTitle](
    ledger: Ledger,
    connection: Connection[Client],
    read: Callable[[], Awaitable[list[T]]],
) -> list[T]:
    """Return all titles of a Radarr or Sonarr, and remember which they are.

    What is left out could be deleted behind its back. Raises ServerError.
    """
    name = connection.connection_id
    known = await asyncio.to_thread(ledger.known_titles, name)
    titles = await read_whole(connection.name, read, known, lambda one: one.title_id)
    await asyncio.to_thread(_note_listed, ledger, name, titles)
    return titles


def _note_listed(ledger: Ledger, name: str, titles: Collection[ArrTitle]) -> None:
    """Remember what a server lists, at the time of the sync."""
    if (now := ledger.synced_at()) is not None:
        ledger.note_listed(name, titles, now)


def _missing(
    ledger: Ledger, connections: Sequence[Connection[Radarr] | Connection[Sonarr]]
) -> list[tuple[MissingTitle, PathMap]]:
    """Return the titles that these servers have stopped listing, less than a day ago."""
    maps = {one.connection_id: one.path_map for one in connections}
    now = ledger.synced_at()
    if now is None:
        return []
    return [
        (one, maps[one.connection])
        for one in ledger.missing_titles(maps.keys(), now - MISSING_FOR)
    ]


def _doubtful[T: (ArrMovie, ArrSeries)](
    missing: Sequence[tuple[MissingTitle, PathMap]],
    matches: Iterable[TitleMatch[T]],
    match: Callable[[list[Catalog[T]]], list[TitleMatch[T]]],
    title: Callable[[MissingTitle], T],
) -> set[str]:
    """Return the ids of the items whose title is missing where it was.

    One that its server lists under another number is not.
    """
    owned = {
        (item.item_id, owner.connection)
        for found in matches
        for item in found.items
        for owner in found.owners
    }
    catalogs = [
        Catalog(connection=one.connection, titles=[title(one)], path_map=path_map)
        for one, path_map in missing
    ]
    return {
        item.item_id
        for found in (match(catalogs) if catalogs else ())
        for owner in found.owners
        for item in found.items
        if (item.item_id, owner.connection) not in owned
    }


def _missing_movie(one: MissingTitle) -> ArrMovie:
    """Return a movie as Radarr listed it."""
    return ArrMovie(
        title_id=one.title_id,
        title="",
        provider_ids=one.provider_ids,
        path=one.path,
        file=ArrFile(file_id=0, path=one.file_path) if one.file_path else None,
    )


def _missing_series(one: MissingTitle) -> ArrSeries:
    """Return a series as Sonarr listed it."""
    return ArrSeries(
        title_id=one.title_id, title="", provider_ids=one.provider_ids, path=one.path
    )


def _doubt[T: ArrTitle](
    match: TitleMatch[T], item: MediaItem, missing: Collection[str]
) -> str | None:
    """Return what speaks against a match, for one of its items."""
    if match.doubt is None and item.item_id in missing:
        return Doubt.MISSING
    return match.doubt


def _store(
    ledger: Ledger,
    connections: Connections,
    movies: Sequence[Catalog[ArrMovie]] | None,
    series: Sequence[Catalog[ArrSeries]] | None,
    requests: Sequence[SeerrRequest] | None,
    labels: Mapping[str, Mapping[int, str]],
    series_owners: SeriesOwners,
) -> None:
    """Match what was read with the items of the ledger; blocks for a moment."""
    ledger.note_answer(Source.RADARR, _answer(connections.radarr, movies))
    ledger.note_answer(Source.SONARR, _answer(connections.sonarr, series))
    ledger.note_answer(Source.SEERR, _answer(connections.seerr, requests))
    series_owners.owners = None
    if movies:
        films, files = ledger.present(MediaKind.MOVIE), ledger.known_files()
        matches = match_movies(films, movies, files)
        missing = _doubtful(
            _missing(ledger, connections.radarr),
            matches,
            lambda catalogs: match_movies(films, catalogs, files),
            _missing_movie,
        )
        ledger.store_owned(
            MediaKind.MOVIE,
            [
                OwnedFacts(
                    item_id=item.item_id,
                    tags=_tags(match, labels),
                    size_bytes=_sum(
                        one.title.size_bytes for one in _holders(match, item)
                    ),
                    file_added_at=_latest(
                        one.title.file.added_at
                        for one in match.owners
                        if one.title.file is not None
                    ),
                    doubt=_doubt(match, item, missing),
                    group=_group(match.items),
                    owners=len(match.owners_of[item.item_id]),
                )
                for match in matches
                for item in match.items
            ],
        )
    if series:
        folders = ledger.present(MediaKind.SERIES)
        shows = match_series(folders, series)
        missing = _doubtful(
            _missing(ledger, connections.sonarr),
            shows,
            lambda catalogs: match_series(folders, catalogs),
            _missing_series,
        )
        ledger.store_owned(
            MediaKind.SERIES,
            [
                OwnedFacts(
                    item_id=item.item_id,
                    tags=_tags(match, labels),
                    continuing=any_of(one.title.continuing for one in match.owners),
                    doubt=_doubt(match, item, missing),
                    group=_group(match.items),
                    owners=len(match.owners),
                )
                for match in shows
                for item in match.items
            ],
        )
        series_owners.owners = {
            item.item_id: match.owners
            for match in shows
            for item in match.items
            if match.doubt is None
        }
    if requests is not None and connections.seerr:
        items = ledger.present(MediaKind.MOVIE, MediaKind.SERIES)
        ledger.store_requests(match_requesters(items, requests))


def _answer(
    connections: Collection[object], read: Sequence[object] | None
) -> bool | None:
    """Return whether all servers of a kind answered; ``None``: there are none."""
    return (read is not None) if connections else None


def _tags[T: ArrTitle](
    match: TitleMatch[T], labels: Mapping[str, Mapping[int, str]]
) -> frozenset[str] | None:
    """Return the tags of all owners; what one of them does not say is not known."""
    return all_of(owner.title.tags(labels[owner.connection]) for owner in match.owners)


def _holders(match: TitleMatch[ArrMovie], item: MediaItem) -> list[Owner[ArrMovie]]:
    """Return those that have the file of an item."""
    return [
        owner
        for owner in match.owners_of[item.item_id]
        if owner.title.has_file is not False or owner.title.size_bytes
    ]


def _sum(sizes: Iterable[int | None]) -> int | None:
    """Return the sum of sizes; unknown where one is, or where there are none."""
    total = 0
    for size in (known := list(sizes)):
        if size is None:
            return None
        total += size
    return total if known else None


def _latest(dates: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of the dates that are known."""
    return max((date for date in dates if date is not None), default=None)


def all_of(tags: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return all tags together; unknown where some are."""
    found: set[str] = set()
    for some in tags:
        if some is None:
            return None
        found |= some
    return frozenset(found)


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Return whether one of them says yes; a missing answer could be one."""
    said = set(answers)
    if True in said:
        return True
    return None if None in said or not said else False


def _group(items: Sequence[MediaItem]) -> str | None:
    """Return a name for what stands or falls together; what is alone needs none."""
    return min(item.item_id for item in items) if len(items) > 1 else None


async def read_shelves(
    ledger: Ledger,
    connections: Connections,
    series_owners: SeriesOwners,
    series_ids: Iterable[str],
) -> bool:
    """Learn from Sonarr what is known of the episodes of some series (Jellyfin's ids).

    One request for each Sonarr that has it, none where neither Sonarr nor Jellyfin
    shows a change since the last one. Return whether there was any news. Raises
    ServerError and LedgerError.
    """
    if series_owners.owners is None:
        return False
    sonarrs = {one.connection_id: one for one in connections.sonarr}
    news = False
    for series_id in series_ids:
        owners = series_owners.owners.get(series_id, ())
        items = await asyncio.to_thread(
            ledger.present, MediaKind.EPISODE, series_id=series_id
        )
        basis = (owners, {(item.item_id, item.path) for item in items})
        if series_owners.read.get(series_id) == basis:
            continue
        shelves = [
            await read_shelf(sonarrs[owner.connection], owner.title.title_id)
            for owner in owners
            if owner.connection in sonarrs
        ]
        await asyncio.to_thread(_store_shelves, ledger, series_id, items, shelves)
        series_owners.read[series_id] = basis
        news = True
    return news


async def learn_sizes(
    ledger: Ledger,
    jellyfin: Jellyfin,
    connections: Connections,
    series_owners: SeriesOwners,
    targets: Sequence[tuple[MediaKind, str]],
) -> bool:
    """Learn the sizes of what is planned (kind of the entry, item id), first things first.

    Sonarr is asked about episodes, Jellyfin about what nobody else has told. A size is
    a figure to look at and no plan rests on it, so a server that fails is passed over.
    Return whether there was any news. Raises LedgerError.
    """
    news = False
    episodes = [item_id for kind, item_id in targets if kind is not MediaKind.MOVIE]
    if episodes and connections.sonarr:
        series_ids = await asyncio.to_thread(ledger.series_of, episodes)
        try:
            news = await read_shelves(ledger, connections, series_owners, series_ids)
        except ServerError as err:
            _LOGGER.debug("Episodes of Sonarr are not known yet: %s", err)
    try:
        wanted = [item_id for _, item_id in targets[:SIZES_A_SYNC]]
        return await read_files(ledger, jellyfin, wanted) or news
    except ServerError as err:
        _LOGGER.debug("Sizes are not known yet: %s", err)
    return news


async def read_shelf(sonarr: Connection[Sonarr], title_id: int) -> Shelf:
    """Return the episodes and files of a series as they are now. Raises ServerError."""
    episodes, files = await sonarr.client.episodes_and_files(title_id)
    return Shelf(
        connection=sonarr.connection_id,
        episodes=episodes,
        files=files,
        path_map=sonarr.path_map,
    )


def _store_shelves(
    ledger: Ledger, series_id: str, items: Sequence[MediaItem], shelves: Sequence[Shelf]
) -> None:
    """Store what Sonarr knows of the episodes of a series; blocks for a moment."""
    ledger.store_owned_episodes(
        series_id,
        [
            OwnedFacts(
                item_id=item.item_id,
                size_bytes=_sum(one.file.size_bytes for one in match.files)
                if len(match.items) == 1
                else None,
                file_added_at=_latest(one.file.added_at for one in match.files),
                doubt=match.doubt,
                group=_group(match.items),
                owners=len(match.files),
                exact=item.item_id in match.exact,
            )
            for match in match_episodes(items, shelves, ledger.known_files())
            for item in match.items
        ],
    )
