"""Deleting a file through Radarr or Sonarr, which would otherwise download it again.

They report a title as deleted even if its files stay, but are honest about single files.
So a title is unmonitored first, then its files go one by one, then it is read again, and
what is left of it goes last, if its folder is its own. It is long because who has a
title is asked and answered in one place, for both kinds of servers.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..ledger import ArrDeletion, Ledger
from ..model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrSetup,
    ArrTitle,
    MediaFiles,
    MediaItem,
    MediaKind,
    Reason,
    RecycleBin,
    RootFolder,
)
from ..servers import Connection, Connections, Radarr, ServerError, Sonarr
from ..sync import (
    Catalog,
    Doubt,
    EpisodeMatch,
    Shelf,
    TitleMatch,
    all_of,
    any_of,
    in_one_folder,
    match_episodes,
    match_movies,
    match_series,
    paths_of,
    read_shelf,
)
from .copies import Copy, Custody, EpisodeCopy, MovieCopy, setup_of, unless_unknown
from .doubts import (
    is_around,
    on_shelf,
    own_files,
    stop_if_changed,
    stop_if_newer,
    stop_if_untold,
    sure_owners,
    unowned,
)
from .folders import folder_objection, neighbour_objection, shown_files
from .reasons import Stopped, Why, entry_stays, failed, unsure, why


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
    _gone_files: set[tuple[str, int]] = field(default_factory=set)
    """Connection and id of the files of movies that went with them."""

    async def custody(
        self, targets: Sequence[MediaItem], going: Collection[str]
    ) -> dict[str, Custody]:
        """Return by item id who has the files of movies or episodes.

        ``going`` are the ids of all that goes with them. Raises Stopped where it is not
        beyond doubt.
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
                found |= await self._episode_custody(series_id, episodes, going)
        return {one.item_id: found.get(one.item_id, _NOBODY) for one in targets}

    async def _movie_custody(self, target: MediaItem) -> Custody:
        """Return who has the files of a movie; raise Stopped if that is in doubt.

        A Radarr has the entry of a movie also where it knows none of its files.
        """
        matches = await self._match_movies()
        owners = sure_owners(matches, target.item_id)
        shown = {
            item.item_id: paths_of(item, self._files.get(item.item_id))
            for item in (matches[target.item_id].items if owners else ())
        }
        known = await self._newest(target)
        rest = dict.fromkeys(shown.get(target.item_id, ()))
        copies: list[MovieCopy] = []
        alike: list[int] = []
        tags: list[frozenset[str] | None] = []
        setups: list[ArrSetup] = []
        for owner in owners:
            radarr = _named(self.connections.radarr, owner.connection)
            movie = await radarr.client.movie(owner.title.title_id)
            stop_if_changed(radarr.name, movie, owner.title)
            tags.append(await self._tags(radarr, movie))
            setups += setup_of(radarr, movie, tags[-1])
            if movie.title_id in await radarr.client.queue():
                raise Stopped(why(Why.DOWNLOADING, server=radarr.name))
            rows = await radarr.client.files(movie.title_id)
            if before := owner.title.file:
                gone = (owner.connection, before.file_id) in self._gone_files
                before = None if gone else before
            stop_if_untold(radarr.name, movie, before, rows)
            own = own_files(radarr.name, rows, radarr.path_map, shown, target.item_id)
            stop_if_newer(radarr.name, (row for row, _ in own), known)
            for _, path in own:
                rest.pop(path, None)
            part = ArrDeletion(
                connection_id=owner.connection,
                app=radarr.name,
                title_id=movie.title_id,
                # The newest is what Radarr goes by: while it is there, it has a file.
                file_ids=tuple(sorted(row.file_id for row, _ in own)),
                was_monitored=movie.monitored is not False,
            )
            alike.append(
                3 if own else is_around(movie, radarr.path_map, shown[target.item_id])
            )
            copies.append(MovieCopy(part, radarr.client))
        if copies and not in_one_folder(target, rest):
            raise Stopped(unsure(Reason(Doubt.SPLIT)))
        # Where no path tells, the one entry whose folder has the name must be it.
        only_named = max(alike, default=0) == alike.count(1) == 1
        copies = [
            replace(copy, is_place=place > 1 or (place == 1 and only_named))
            for copy, place in zip(copies, alike, strict=True)
        ]
        if copies and not any(copy.is_place for copy in copies):
            raise Stopped(unsure(Reason(Doubt.ELSEWHERE)))
        custody = await self._custody(copies, {target.item_id}, self.connections.radarr)
        return replace(
            custody,
            rest=tuple(rest) if copies else (),
            tags=all_of(tags),
            setups=tuple(setups),
        )

    async def _newest(self, target: MediaItem) -> datetime | None:
        """Return when the newest file came in that the plan can know of."""
        known = await asyncio.to_thread(self.ledger.file_added_at, target.item_id)
        synced_at = await asyncio.to_thread(self.ledger.synced_at)
        if known is None or synced_at is None:
            return synced_at
        return known if target.kind is MediaKind.MOVIE else max(known, synced_at)

    async def _episode_custody(
        self, series_id: str, targets: Sequence[MediaItem], going: Collection[str]
    ) -> dict[str, Custody]:
        """Return by item id who has the files of a series' episodes, or raise Stopped."""
        owners = sure_owners(await self._match_series(), series_id)
        if not owners:
            return {}
        titles: dict[str, int] = {}
        tags: list[frozenset[str] | None] = []
        continuing: list[bool | None] = []
        setups: list[ArrSetup] = []
        shelves: list[Shelf] = []
        queued: dict[str, frozenset[tuple[int, int | None]]] = {}
        for owner in owners:
            sonarr = _named(self.connections.sonarr, owner.connection)
            series = await sonarr.client.series_by_id(owner.title.title_id)
            stop_if_changed(sonarr.name, series, owner.title)
            tags.append(await self._tags(sonarr, series))
            continuing.append(series.continuing)
            titles[owner.connection] = series.title_id
            shelf = await read_shelf(sonarr, series.title_id)
            if series.episode_file_count != sum(
                one.file_id is not None for one in shelf.episodes
            ):
                raise Stopped(unsure(why(Why.EPISODES_MISSING, server=sonarr.name)))
            shelves.append(shelf)
            setups += setup_of(sonarr, series, tags[-1], shelf.episodes)
            queued[owner.connection] = await sonarr.client.queue()
        files = await asyncio.to_thread(self.ledger.known_files)
        matches = await asyncio.to_thread(
            self._match_episodes, series_id, shelves, files
        )
        found = {}
        for target in targets:
            match = matches.get(target.item_id)
            if match is None:
                raise Stopped(why(Why.NOT_IN_LIBRARY))
            together = {item.item_id for item in match.items}
            if match.doubt is not None:
                raise Stopped(unsure(Reason(match.doubt)))
            if not match.files:
                raise Stopped(unsure(why(Why.FILE_UNKNOWN, server="Sonarr")), target)
            if not together.issubset(going):
                raise Stopped(why(Why.EPISODE_SHARES_FILE))
            copies = [
                self._episode_copy(
                    titles[shelf.connection], shelf.connection, file, episodes
                )
                for shelf in shelves
                for file, episodes in on_shelf(shelf, match)
            ]
            for owned in match.files:
                stop_if_newer("Sonarr", [owned.file], await self._newest(target))
            for copy in copies:
                if any(
                    (copy.part.title_id, one) in queued[copy.part.connection_id]
                    for one in (None, *copy.episode_ids)
                ):
                    raise Stopped(why(Why.DOWNLOADING, server=copy.part.app))
            custody = await self._custody(copies, together, self.connections.sonarr)
            found[target.item_id] = replace(
                custody,
                rest=unowned(
                    paths_of(target, files.get(target.item_id)), match, shelves
                ),
                tags=all_of(tags),
                continuing=any_of(continuing),
                setups=tuple(setups),
            )
        return found

    def _episode_copy(
        self,
        title_id: int,
        connection_id: str,
        file: ArrFile | None,
        episodes: Sequence[ArrEpisode],
    ) -> EpisodeCopy:
        """Return a file of Sonarr, or the wish for one, as a copy."""
        sonarr = _named(self.connections.sonarr, connection_id)
        return EpisodeCopy(
            ArrDeletion(
                connection_id=connection_id,
                app=sonarr.name,
                title_id=title_id,
                file_ids=(file.file_id,) if file is not None else (),
                episode_ids=tuple(
                    one.episode_id for one in episodes if one.monitored is not False
                ),
                episodes=tuple(
                    (one.season, one.episode, one.monitored is not False)
                    for one in episodes
                    if one.season is not None and one.episode is not None
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
            if copy.part.file_ids and self._bins[name].path != "":
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
        number: int,
        import_exclusion: bool,
    ) -> list[Reason]:
        """Remove the entries of titles whose files are gone, with what is left of them.

        ``item_ids`` are all items of these titles, ``number`` is the journal's of the last;
        with ``import_exclusion`` lists do not bring them back. An entry that has to stay, without a
        file, is in the answer. Raises nothing: the files are gone.
        """
        copies = list(copies)
        self._gone |= set(item_ids)
        self._gone_files |= {
            (copy.part.connection_id, file_id)
            for copy in copies
            for file_id in copy.part.file_ids
        }
        notes = []
        for copy in {
            (copy.part.connection_id, copy.part.title_id): copy
            for copy in copies
            if copy.is_place
        }.values():
            note = (
                await self._remove_movie(copy, import_exclusion, number)
                if isinstance(copy, MovieCopy)
                else await self._remove_series(copy.part, import_exclusion, number)
            )
            if note:
                notes.append(note)
            else:
                await asyncio.to_thread(self._forget, copy.part)
        return notes

    def _forget(self, part: ArrDeletion) -> None:
        """Stop expecting a title: it is gone, not missing."""
        known = self.ledger.known_titles(part.connection_id)
        self.ledger.note_titles(part.connection_id, known - {part.title_id})

    async def _remove_movie(
        self, copy: MovieCopy, import_exclusion: bool, number: int
    ) -> Reason | None:
        """Remove a movie's entry, or return why it stays."""
        part, radarr = copy.part, copy.radarr
        try:
            movie = await radarr.movie(part.title_id)
            if movie.has_file is not False or await radarr.files(part.title_id):
                return entry_stays(part.app, why(Why.HAS_OTHER_FILES))
            if because := await self._folder_objection(
                movie, self._movies[part.connection_id], await radarr.root_folders()
            ):
                return entry_stays(part.app, because)
            if import_exclusion:
                await self._note_exclusion(number, part, radarr, movie)
            await radarr.delete_movie(
                part.title_id, add_import_exclusion=import_exclusion
            )
        except ServerError as err:
            note = entry_stays(part.app, failed(err))
            return await self._unless_gone(radarr, radarr.movie, part, note)
        return None

    async def _remove_series(
        self, part: ArrDeletion, import_exclusion: bool, number: int
    ) -> Reason | None:
        """Remove a series' entry, or return why it stays."""
        sonarr = _named(self.connections.sonarr, part.connection_id).client
        monitored = True
        try:
            series = await sonarr.series_by_id(part.title_id)
            if await sonarr.episode_files(part.title_id):
                return entry_stays(
                    part.app, why(Why.HAS_OTHER_FILES), monitored=monitored
                )
            await sonarr.set_series_monitored(part.title_id, False)
            monitored = False
            if because := await self._folder_objection(
                series, self._series[part.connection_id], await sonarr.root_folders()
            ):
                return entry_stays(part.app, because)
            if import_exclusion:
                await self._note_exclusion(number, part, sonarr, series)
            await sonarr.delete_series(
                part.title_id, add_import_list_exclusion=import_exclusion
            )
        except ServerError as err:
            note = entry_stays(part.app, failed(err), monitored=monitored)
            return await self._unless_gone(sonarr, sonarr.series_by_id, part, note)
        return None

    async def _note_exclusion(
        self, number: int, part: ArrDeletion, arr: Radarr | Sonarr, title: ArrTitle
    ) -> None:
        """Note that we are about to keep lists from adding a title.

        Not where somebody else has done that already, or may have: it is not for us to lift.
        """
        if title.setup is None:
            return
        with suppress(ServerError):
            if title.setup.provider_id not in (await arr.exclusions()).values():
                await asyncio.to_thread(
                    self.ledger.note_exclusion, number, part.connection_id
                )

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
            """Look at what Jellyfin shows in the folder; blocks for a moment."""
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
            title = await unless_unknown(arr, read(part.title_id))
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
        """Return by item id the movies that Radarr has."""
        if self._movie_matches is None:
            self._movies = await self._catalogs(self.connections.radarr, Radarr.movies)

            def match() -> dict[str, TitleMatch[ArrMovie]]:
                """Match with the movies of the ledger; blocks for a moment."""
                items = self.ledger.present(MediaKind.MOVIE)
                catalogs = list(self._movies.values())
                self._files = self.ledger.known_files()
                found = match_movies(items, catalogs, self._files)
                return {item.item_id: match for match in found for item in match.items}

            self._movie_matches = await asyncio.to_thread(match)
        return self._movie_matches

    async def _match_series(self) -> Mapping[str, TitleMatch[ArrSeries]]:
        """Return by item id the series that Sonarr has."""
        if self._series_matches is None:
            self._series = await self._catalogs(self.connections.sonarr, Sonarr.series)

            def match() -> dict[str, TitleMatch[ArrSeries]]:
                """Match with the series of the ledger; blocks for a moment."""
                items = self.ledger.present(MediaKind.SERIES)
                found = match_series(items, list(self._series.values()))
                return {item.item_id: match for match in found for item in match.items}

            self._series_matches = await asyncio.to_thread(match)
        return self._series_matches

    async def _catalogs[Client: (Radarr, Sonarr), T: ArrTitle](
        self,
        connections: Sequence[Connection[Client]],
        read: Callable[[Client], Awaitable[list[T]]],
    ) -> dict[str, Catalog[T]]:
        """Return by connection id all titles of the servers of a kind.

        Raises Stopped if one of them lists less than it did.
        """
        found: dict[str, Catalog[T]] = {}
        for one in connections:
            titles = await read(one.client)
            await self._stop_if_shorter(one, titles)
            found[one.connection_id] = Catalog(
                connection=one.connection_id, titles=titles, path_map=one.path_map
            )
        return found

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
        self,
        series_id: str,
        shelves: Sequence[Shelf],
        files: Mapping[str, MediaFiles],
    ) -> dict[str, EpisodeMatch]:
        """Return by item id which of Sonarr's files the episodes are; blocks for a moment."""
        items = self.ledger.present(MediaKind.EPISODE, series_id=series_id)
        matches = match_episodes(items, shelves, files)
        return {item.item_id: match for match in matches for item in match.items}


_NOBODY = Custody()


def _named[T: (Radarr, Sonarr)](
    connections: Sequence[Connection[T]], connection_id: str
) -> Connection[T]:
    """Return the connection with an id."""
    return next(one for one in connections if one.connection_id == connection_id)
