"""The way of a file through Radarr or Sonarr, which would else download it again.

A title's deletion is a promise there, a file's is honest: so a title is not looked for
any more first, then its files go one by one, then it is read again, and what is left of
it goes last, if its folder is its own.
"""

import asyncio
from collections import defaultdict
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..ledger import ArrDeletion, Ledger
from ..model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrTitle,
    MediaFiles,
    MediaItem,
    MediaKind,
    PlannedDeletion,
    Reason,
    RecycleBin,
    RootFolder,
)
from ..servers import Connection, Connections, NotFound, Radarr, ServerError, Sonarr
from ..sync import (
    Catalog,
    EpisodeMatch,
    Owner,
    Shelf,
    TitleMatch,
    any_of,
    match_episodes,
    match_movies,
    match_series,
    read_shelf,
    same_name,
)
from .folders import folder_objection, neighbour_objection, shown_files
from .reasons import Why, failed, unsure, why


class Stopped(Exception):
    """A deletion cannot go on; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        """Take why."""
        super().__init__(reason.code)
        self.reason = reason


class Copy(Protocol):
    """A file in the hands of a Radarr or Sonarr, or the wish for one."""

    @property
    def part(self) -> ArrDeletion:
        """What is to go, and what is to be undone if it stays."""

    async def unmonitor(self) -> None:
        """Let the *arr not look for it any more. Raises ServerError."""

    async def delete(self) -> None:
        """Delete the file and wait for it. Raises ServerError."""

    async def is_there(self) -> bool:
        """Return whether the *arr has the file still. Raises ServerError."""

    async def restore(self) -> None:
        """Let the *arr look for it as it did before. Raises ServerError."""


async def _unless_unknown[T](arr: Radarr | Sonarr, answer: Awaitable[T]) -> T | None:
    """Return an answer, or ``None`` where the *arr does not know this any more.

    That is believed only if it is the *arr that says so: a proxy in front of one that
    is down says the same. Raises ServerError.
    """
    try:
        return await answer
    except NotFound:
        await arr.check()
        return None


@dataclass(frozen=True, slots=True)
class MovieCopy:
    """A movie's file of one Radarr."""

    part: ArrDeletion
    radarr: Radarr

    async def unmonitor(self) -> None:
        """Let Radarr not look for the movie any more."""
        if self.part.was_monitored:
            await self.radarr.set_monitored(self.part.title_id, False)

    async def delete(self) -> None:
        """Delete the file, not the movie."""
        if self.part.file_id is not None:
            await self.radarr.delete_file(self.part.file_id)

    async def is_there(self) -> bool:
        """Return whether Radarr has the file still."""
        if self.part.file_id is None:
            return False
        files = await _unless_unknown(
            self.radarr, self.radarr.files(self.part.title_id)
        )
        return any(file.file_id == self.part.file_id for file in files or ())

    async def restore(self) -> None:
        """Let Radarr look for the movie as it did before, if it still has it."""
        if self.part.was_monitored:
            await _unless_unknown(
                self.radarr, self.radarr.set_monitored(self.part.title_id, True)
            )


@dataclass(frozen=True, slots=True)
class EpisodeCopy:
    """A file of one Sonarr, with all the episodes that are in it."""

    part: ArrDeletion
    sonarr: Sonarr
    episode_ids: tuple[int, ...] = ()
    """Of all episodes in it."""

    async def unmonitor(self) -> None:
        """Let Sonarr not look for the episodes any more."""
        await self.sonarr.set_episodes_monitored(self.part.episode_ids, False)

    async def delete(self) -> None:
        """Delete the file."""
        if self.part.file_id is not None:
            await self.sonarr.delete_file(self.part.file_id)

    async def is_there(self) -> bool:
        """Return whether Sonarr has the file still."""
        if self.part.file_id is None:
            return False
        files = await _unless_unknown(
            self.sonarr, self.sonarr.episode_files(self.part.title_id)
        )
        return any(file.file_id == self.part.file_id for file in files or ())

    async def restore(self) -> None:
        """Let Sonarr look for the episodes as it did before, if it still has them."""
        await _unless_unknown(
            self.sonarr,
            self.sonarr.set_episodes_monitored(self.part.episode_ids, True),
        )


def copy_of(part: ArrDeletion, connections: Connections) -> Copy | None:
    """Return the copy that a row of the journal names; ``None``: not connected any more."""
    for radarr in connections.radarr:
        if radarr.connection_id == part.connection_id:
            return MovieCopy(part, radarr.client)
    for sonarr in connections.sonarr:
        if sonarr.connection_id == part.connection_id:
            return EpisodeCopy(part, sonarr.client)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who has the files of a movie or episode, at this moment."""

    copies: tuple[Copy, ...] = ()
    """Empty: nobody but Jellyfin."""
    item_ids: frozenset[str] = frozenset()
    """All of Jellyfin's items that lie in these files."""
    recycle_bin: str | None = None
    """Where the files are moved to; ``None``: they are gone from the disk at once."""
    keep_days: int | None = None
    tags: frozenset[str] | None = frozenset()
    """The tags of its title on all of these servers; ``None``: one is not known."""
    continuing: bool | None = None
    """Whether more of its series is expected; ``None``: not known."""


@dataclass(slots=True)
class Owners:
    """What Radarr and Sonarr own, as of one run. Raises ServerError where they fail.

    All titles are read once a run, the one that is to go once more before it goes.
    """

    ledger: Ledger
    connections: Connections
    _movies: dict[str, Catalog[ArrMovie]] = field(default_factory=dict)
    _series: dict[str, Catalog[ArrSeries]] = field(default_factory=dict)
    _movie_matches: dict[str, TitleMatch[ArrMovie]] | None = None
    _series_matches: dict[str, TitleMatch[ArrSeries]] | None = None
    _files: Mapping[str, MediaFiles] = field(default_factory=dict)
    """Of movies with several versions, by item id."""
    _bins: dict[str, RecycleBin] = field(default_factory=dict)
    _labels: dict[str, dict[int, str]] = field(default_factory=dict)
    """The names of each server's tags."""
    _shown: list[tuple[str, MediaItem]] | None = None
    """All files that Jellyfin shows."""
    _gone: set[str] = field(default_factory=set)
    """The ids of the items whose titles have been removed."""

    async def custody(
        self, targets: Sequence[MediaItem], entry: PlannedDeletion
    ) -> dict[str, Custody]:
        """Return by item id who has the files of movies or episodes of an entry.

        Raises Stopped where that is not beyond doubt.
        """
        found: dict[str, Custody] = {}
        by_series: dict[str, list[MediaItem]] = defaultdict(list)
        for target in targets:
            if target.kind is not MediaKind.MOVIE:
                by_series[target.series_id or ""].append(target)
            elif self.connections.radarr:
                found[target.item_id] = await self._movie_custody(target)
        if self.connections.sonarr:
            for series_id, episodes in by_series.items():
                found |= await self._episode_custody(series_id, episodes, entry)
        return {one.item_id: found.get(one.item_id, _NOBODY) for one in targets}

    async def _movie_custody(self, target: MediaItem) -> Custody:
        matches = await self._match_movies()
        copies: list[Copy] = []
        tags: list[frozenset[str] | None] = []
        for owner in _sure_owners(matches, target.item_id):
            radarr = _named(self.connections.radarr, owner.connection)
            movie = await radarr.client.movie(owner.title.title_id)
            _stop_if_changed(radarr.name, movie, owner.title)
            tags.append(await self._tags(radarr, movie))
            if movie.title_id in await radarr.client.queue():
                raise Stopped(why(Why.DOWNLOADING, server=radarr.name))
            if movie.has_file is not False and movie.file is None:
                raise Stopped(unsure(why(Why.FILE_NOT_NAMED, server=radarr.name)))
            if movie.file is not None and not self._is_shown(movie.file, target):
                raise Stopped(unsure(why(Why.OTHER_FILE, server=radarr.name)))
            copies.append(
                MovieCopy(
                    ArrDeletion(
                        connection_id=owner.connection,
                        app=radarr.name,
                        title_id=movie.title_id,
                        file_id=movie.file.file_id if movie.file else None,
                        was_monitored=movie.monitored is not False,
                    ),
                    radarr.client,
                )
            )
        if copies and all(copy.part.file_id is None for copy in copies):
            raise Stopped(unsure(why(Why.FILE_UNKNOWN, server="Radarr")))
        custody = await self._custody(copies, {target.item_id}, self.connections.radarr)
        return replace(custody, tags=_all_of(tags))

    def _is_shown(self, file: ArrFile, target: MediaItem) -> bool:
        """Return whether a file is one that Jellyfin shows as this item."""
        known = self._files.get(target.item_id)
        paths = (target.path, *(known.paths if known is not None else ()))
        return any(
            file.path is not None and path is not None and same_name(file.path, path)
            for path in paths
        )

    async def _episode_custody(
        self, series_id: str, targets: Sequence[MediaItem], entry: PlannedDeletion
    ) -> dict[str, Custody]:
        owners = _sure_owners(await self._match_series(), series_id)
        if not owners:
            return {}
        titles: dict[str, int] = {}
        tags: list[frozenset[str] | None] = []
        continuing: list[bool | None] = []
        shelves: list[Shelf] = []
        queued: dict[str, frozenset[tuple[int, int | None]]] = {}
        for owner in owners:
            sonarr = _named(self.connections.sonarr, owner.connection)
            series = await sonarr.client.series_by_id(owner.title.title_id)
            _stop_if_changed(sonarr.name, series, owner.title)
            tags.append(await self._tags(sonarr, series))
            continuing.append(series.continuing)
            titles[owner.connection] = series.title_id
            shelf = await read_shelf(sonarr, series.title_id)
            if series.episode_file_count != sum(
                one.file_id is not None for one in shelf.episodes
            ):
                raise Stopped(unsure(why(Why.EPISODES_MISSING, server=sonarr.name)))
            shelves.append(shelf)
            queued[owner.connection] = await sonarr.client.queue()
        matches = await asyncio.to_thread(self._match_episodes, series_id, shelves)
        found = {}
        for target in targets:
            match = matches.get(target.item_id)
            if match is None:
                raise Stopped(why(Why.NOT_IN_LIBRARY))
            together = {item.item_id for item in match.items}
            if match.doubt is not None:
                raise Stopped(unsure(Reason(match.doubt)))
            if not match.files:
                raise Stopped(unsure(why(Why.FILE_UNKNOWN, server="Sonarr")))
            if not together.issubset(entry.target_ids):
                raise Stopped(why(Why.EPISODE_SHARES_FILE))
            copies = [
                self._episode_copy(
                    titles[shelf.connection], shelf.connection, file_id, episodes
                )
                for shelf in shelves
                for file_id, episodes in _on_shelf(shelf, match)
            ]
            for copy in copies:
                if any(
                    (copy.part.title_id, one) in queued[copy.part.connection_id]
                    for one in (None, *copy.episode_ids)
                ):
                    raise Stopped(why(Why.DOWNLOADING, server=copy.part.app))
            custody = await self._custody(copies, together, self.connections.sonarr)
            found[target.item_id] = replace(
                custody, tags=_all_of(tags), continuing=any_of(continuing)
            )
        return found

    def _episode_copy(
        self,
        title_id: int,
        connection_id: str,
        file_id: int | None,
        episodes: Sequence[ArrEpisode],
    ) -> EpisodeCopy:
        sonarr = _named(self.connections.sonarr, connection_id)
        return EpisodeCopy(
            ArrDeletion(
                connection_id=connection_id,
                app=sonarr.name,
                title_id=title_id,
                file_id=file_id,
                episode_ids=tuple(
                    one.episode_id for one in episodes if one.monitored is not False
                ),
            ),
            sonarr.client,
            tuple(one.episode_id for one in episodes),
        )

    async def _custody[T: (Radarr, Sonarr)](
        self,
        copies: Sequence[Copy],
        item_ids: Collection[str],
        connections: Sequence[Connection[T]],
    ) -> Custody:
        """Return the copies with where their files go."""
        bins = []
        for copy in copies:
            name = copy.part.connection_id
            if name not in self._bins:
                client = _named(connections, name).client
                self._bins[name] = await client.recycle_bin()
            if copy.part.file_id is not None and self._bins[name].path != "":
                bins.append(self._bins[name])
        # Where it is emptied by hand, or nobody says when, it is never free.
        days = [one.keep_days for one in bins if one.keep_days]
        return Custody(
            copies=tuple(copies),
            item_ids=frozenset(item_ids),
            recycle_bin=(bins[0].path or "?") if bins else None,
            keep_days=max(days, default=None) if len(days) == len(bins) else None,
        )

    # --- the end of a title ---------------------------------------------------------

    async def remove_titles(
        self,
        copies: Iterable[Copy],
        item_ids: Collection[str],
        *,
        import_exclusion: bool,
    ) -> list[Reason]:
        """Remove the entries of titles whose files are gone, with what is left of them.

        ``item_ids`` are all items of these titles; with ``import_exclusion`` lists do not
        bring them back. An entry that has to stay, without a
        file, is told of in the answer. Raises nothing: the files are gone.
        """
        self._gone |= set(item_ids)
        notes = []
        for copy in {
            (copy.part.connection_id, copy.part.title_id): copy
            for copy in copies
            if copy.part.file_id is not None
        }.values():
            note = (
                await self._remove_movie(copy, import_exclusion)
                if isinstance(copy, MovieCopy)
                else await self._remove_series(copy.part, import_exclusion)
            )
            if note:
                notes.append(note)
            else:
                await asyncio.to_thread(self._forget, copy.part)
        return notes

    def _forget(self, part: ArrDeletion) -> None:
        """Expect a title no more: it is not one that is missing."""
        known = self.ledger.known_titles(part.connection_id)
        self.ledger.note_titles(part.connection_id, known - {part.title_id})

    async def _remove_movie(
        self, copy: MovieCopy, import_exclusion: bool
    ) -> Reason | None:
        """Remove a movie's entry, or return why it stays."""
        part, radarr = copy.part, copy.radarr
        try:
            movie = await radarr.movie(part.title_id)
            if movie.has_file is not False or await radarr.files(part.title_id):
                return _entry_stays(part, why(Why.HAS_OTHER_FILES))
            if because := await self._folder_objection(
                movie, self._movies[part.connection_id], await radarr.root_folders()
            ):
                return _entry_stays(part, because)
            await radarr.delete_movie(
                part.title_id, add_import_exclusion=import_exclusion
            )
        except ServerError as err:
            note = _entry_stays(part, failed(err))
            return await self._unless_gone(radarr, radarr.movie, part, note)
        return None

    async def _remove_series(
        self, part: ArrDeletion, import_exclusion: bool
    ) -> Reason | None:
        """Remove a series' entry, or return why it stays."""
        sonarr = _named(self.connections.sonarr, part.connection_id).client
        monitored = True
        try:
            series = await sonarr.series_by_id(part.title_id)
            if await sonarr.episode_files(part.title_id):
                return _entry_stays(part, why(Why.HAS_OTHER_FILES), monitored=monitored)
            await sonarr.set_series_monitored(part.title_id, False)
            monitored = False
            if because := await self._folder_objection(
                series, self._series[part.connection_id], await sonarr.root_folders()
            ):
                return _entry_stays(part, because)
            await sonarr.delete_series(
                part.title_id, add_import_list_exclusion=import_exclusion
            )
        except ServerError as err:
            note = _entry_stays(part, failed(err), monitored=monitored)
            return await self._unless_gone(sonarr, sonarr.series_by_id, part, note)
        return None

    async def _folder_objection[T: (ArrMovie, ArrSeries)](
        self, title: T, catalog: Catalog[T], roots: Sequence[RootFolder]
    ) -> Reason | None:
        """Return why a title's folder may not be removed with its entry, or ``None``."""
        if objection := folder_objection(title, catalog.titles, roots):
            return objection
        if any(
            root.accessible is False and f"{title.path}/".startswith(root.path)
            for root in roots
        ):
            return why(Why.ROOT_MISSING)

        def look() -> Reason | None:
            if self._shown is None:
                self._shown = shown_files(
                    self.ledger.present(MediaKind.MOVIE, MediaKind.EPISODE),
                    self.ledger.known_files(),
                )
            return neighbour_objection(title, catalog.path_map, self._gone, self._shown)

        return await asyncio.to_thread(look)

    @staticmethod
    async def _unless_gone(
        arr: Radarr | Sonarr,
        read: Callable[[int], Awaitable[ArrTitle]],
        part: ArrDeletion,
        note: Reason,
    ) -> Reason | None:
        """Return the note after an error, unless the entry turns out to be gone."""
        try:
            title = await _unless_unknown(arr, read(part.title_id))
        except ServerError as err:
            return why(Why.ENTRY_UNKNOWN, server=part.app, error=str(err))
        return None if title is None else note

    async def _tags[T: (Radarr, Sonarr)](
        self, connection: Connection[T], title: ArrTitle
    ) -> frozenset[str] | None:
        """Return the tags that a title has now; ``None``: one has no name."""
        name = connection.connection_id
        if name not in self._labels:
            self._labels[name] = await connection.client.tags()
        return title.tags(self._labels[name])

    # --- who is who -----------------------------------------------------------------

    async def _match_movies(self) -> Mapping[str, TitleMatch[ArrMovie]]:
        if self._movie_matches is None:
            for radarr in self.connections.radarr:
                movies = await radarr.client.movies()
                await self._stop_if_shorter(radarr, movies)
                self._movies[radarr.connection_id] = Catalog(
                    connection=radarr.connection_id,
                    titles=movies,
                    path_map=radarr.path_map,
                )

            def match() -> dict[str, TitleMatch[ArrMovie]]:
                items = self.ledger.present(MediaKind.MOVIE)
                catalogs = list(self._movies.values())
                self._files = self.ledger.known_files()
                return _by_item(match_movies(items, catalogs, self._files))

            self._movie_matches = await asyncio.to_thread(match)
        return self._movie_matches

    async def _match_series(self) -> Mapping[str, TitleMatch[ArrSeries]]:
        if self._series_matches is None:
            for sonarr in self.connections.sonarr:
                series = await sonarr.client.series()
                await self._stop_if_shorter(sonarr, series)
                self._series[sonarr.connection_id] = Catalog(
                    connection=sonarr.connection_id,
                    titles=series,
                    path_map=sonarr.path_map,
                )

            def match() -> dict[str, TitleMatch[ArrSeries]]:
                items = self.ledger.present(MediaKind.SERIES)
                return _by_item(match_series(items, list(self._series.values())))

            self._series_matches = await asyncio.to_thread(match)
        return self._series_matches

    async def _stop_if_shorter[T: (Radarr, Sonarr)](
        self, connection: Connection[T], titles: Sequence[ArrTitle]
    ) -> None:
        """Raise Stopped if a title is missing: what owns it, and its folder, would be too."""
        known = await asyncio.to_thread(
            self.ledger.known_titles, connection.connection_id
        )
        if not known.issubset(one.title_id for one in titles):
            raise Stopped(unsure(why(Why.TITLES_MISSING, server=connection.name)))

    def _match_episodes(
        self, series_id: str, shelves: Sequence[Shelf]
    ) -> dict[str, EpisodeMatch]:
        items = self.ledger.present(MediaKind.EPISODE, series_id=series_id)
        matches = match_episodes(items, shelves, self.ledger.known_files())
        return {item.item_id: match for match in matches for item in match.items}


_NOBODY = Custody()


def _named[T: (Radarr, Sonarr)](
    connections: Sequence[Connection[T]], connection_id: str
) -> Connection[T]:
    return next(one for one in connections if one.connection_id == connection_id)


def _by_item[T: ArrTitle](
    matches: Iterable[TitleMatch[T]],
) -> dict[str, TitleMatch[T]]:
    return {item.item_id: match for match in matches for item in match.items}


def _sure_owners[T: ArrTitle](
    matches: Mapping[str, TitleMatch[T]], item_id: str
) -> tuple[Owner[T], ...]:
    """Return who owns an item, if anybody does; raise Stopped where that is not sure."""
    match = matches.get(item_id)
    if match is None:
        raise Stopped(why(Why.NOT_IN_LIBRARY))
    if match.doubt is not None:
        raise Stopped(unsure(Reason(match.doubt)))
    owners = match.owners_of[item_id]
    if match.owners and not owners:
        raise Stopped(unsure(why(Why.OWN_FILE_UNKNOWN)))
    return owners


def _entry_stays(
    part: ArrDeletion, because: Reason, *, monitored: bool = False
) -> Reason:
    """Return that a title stays in its *arr although its files are gone."""
    return why(Why.ENTRY_STAYS, server=part.app, monitored=monitored, because=because)


def _stop_if_changed(name: str, now: ArrTitle, before: ArrTitle) -> None:
    """Raise Stopped if a title is not what it was when its items were told by it."""
    if _telling(now) != _telling(before):
        raise Stopped(why(Why.CHANGED, server=name))


def _telling(title: ArrTitle) -> tuple[object, ...]:
    """Return what tells which items of Jellyfin a title is."""
    file = (title.has_file, title.file) if isinstance(title, ArrMovie) else ()
    return title.provider_ids, title.path, *file


def _on_shelf(
    shelf: Shelf, match: EpisodeMatch
) -> Iterator[tuple[int | None, list[ArrEpisode]]]:
    """Yield the files of a match that stand on a shelf, with the episodes in them.

    Where there is none, that Sonarr may wait for these episodes still: they are yielded
    without a file.
    """
    numbers = {
        (episode.season, episode.episode)
        for owned in match.files
        for episode in owned.episodes
    }
    own = [one for one in match.files if one.connection == shelf.connection]
    for owned in own:
        if not owned.episodes:
            raise Stopped(unsure(why(Why.FILE_CONTENT_UNKNOWN, server="Sonarr")))
        yield owned.file.file_id, list(owned.episodes)
    if not own:
        wanted = [
            one
            for one in shelf.episodes
            if (one.season, one.episode) in numbers
            and one.file_id is None
            and one.monitored is not False
        ]
        if wanted:
            yield None, wanted


def _all_of(tags: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return all tags together; unknown where some are."""
    found: frozenset[str] = frozenset()
    for some in tags:
        if some is None:
            return None
        found |= some
    return found
