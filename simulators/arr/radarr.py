"""Radarr 6: deletes at once and promises the rest."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from posixpath import dirname

from ..disk import VIDEO
from ..faults import Answer, as_json
from ..items import Movie
from .binding import Body, body_flag, body_numbers
from .errors import bad_request, failed, invalid, miscounted, problem, unknown
from .movies import ManagedMovie, MovieFile, file_row, movie_row
from .server import ArrSimulator, Call, Download, Handler, Row, paged
from .tags import apply

_WORDS = (
    "Movie's root folder ({}) doesn't exist.",
    "Movie's root folder ({}) is empty. Rescan will not update movies as a failsafe.",
    "Unable to delete movie file",
)


class RadarrSimulator(ArrSimulator):
    """A Radarr over a household."""

    app_name = "Radarr"
    default_version = "6.1.0.10000"
    collection_type = "movies"
    title_key = "movieId"
    migration = 242

    def _open_database(self) -> None:
        self.movies: dict[int, ManagedMovie] = {}
        #: What an import list holds: everything that was ever here, by Tmdb id.
        self.listed: dict[int, ManagedMovie] = {}
        self._of_item: dict[Movie, ManagedMovie] = {}
        self._last_movie = 0

    @property
    def table_size(self) -> int:
        """Return the number of movies."""
        return len(self.movies)

    # -- what happens in the house -------------------------------------------

    def manage(
        self,
        item: Movie,
        monitored: bool = True,
        tags: Iterable[str] = (),
        added: datetime | None = None,
        *,
        path: str | None = None,
        tmdb_id: int | None = None,
    ) -> ManagedMovie:
        """Put a film under control, or bring what is known of it up to date."""
        folder = path or item.folder
        if not self.owns(folder) and folder not in self.root_folders:
            self.root_folders.append(dirname(folder))
        movie = self.managed(item)
        if movie is None:
            self._last_movie += 1
            movie = ManagedMovie(
                id=self._last_movie,
                title=item.name,
                year=item.year or 2000,
                tmdb_id=tmdb_id or int(item.provider_ids.get("Tmdb", 0)),
                imdb_id=item.provider_ids.get("Imdb"),
                path=folder,
                added=added or item.date_created,
                item=item,
            )
            self.movies[movie.id] = self.listed[movie.tmdb_id] = movie
            self._of_item[item] = movie
        movie.path, movie.monitored = folder, monitored
        movie.tags = apply("add", movie.tags, self.tags.ids(list(tags)))
        self._look(movie)
        return movie

    def manage_all(self) -> None:
        """Put every film below the root folders under control that is not there yet."""
        for item in self.household.movies:
            if not item.loose and self.owns(item.path) and self.managed(item) is None:
                self.manage(item)

    def moved(self, item: Movie) -> None:
        """Take note that a film was renamed, as if Radarr had done it; else it has lost the file."""
        if (movie := self.managed(item)) is not None:
            movie.path = item.folder
            self._look(movie)

    def managed(self, item: Movie) -> ManagedMovie | None:
        """Return what Radarr knows of a film of the household."""
        movie = self._of_item.get(item)
        return movie if movie and self.movies.get(movie.id) is movie else None

    def movie(self, title: str) -> ManagedMovie:
        """Return a movie by title."""
        for movie in self.movies.values():
            if movie.title == title:
                return movie
        raise KeyError(title)

    def unmanage(self, item: Movie) -> None:
        """Take a film out of Radarr; its files stay."""
        if (movie := self.managed(item)) is not None:
            del self.movies[movie.id]
            self.listed.pop(movie.tmdb_id, None)

    def remove(
        self,
        movies: Sequence[ManagedMovie],
        *,
        files: bool = True,
        exclusion: bool = False,
    ) -> None:
        """Delete movies: the rows at once, the rest as far as it goes."""
        for movie in movies:
            del self.movies[movie.id]
        self.forget(
            {movie.id: movie.path for movie in movies},
            [(each.tmdb_id, each.title, each.year) for each in movies if exclusion],
            files_too=files,
        )

    def rescan(self) -> None:
        """Look what is on the disk; a film that is gone stays monitored, and an absent drive says nothing."""
        mounted = self.mounted(self.title_paths().values())
        for movie in self.movies.values():
            if dirname(movie.path) in mounted:
                self._look(movie)

    def search(self) -> list[str]:
        """Download every monitored movie that has no file."""
        found = []
        for movie in self.movies.values():
            if movie.monitored and movie.file is None and movie.item is not None:
                self._fetch(movie, movie.item)
                found.append(movie.title)
        return found

    monitor_grabs = search

    def list_sync(self) -> list[str]:
        """Let the import list bring back what is neither there nor excluded, monitored and downloaded."""
        here = {movie.tmdb_id for movie in self.movies.values()}
        back = []
        for tmdb_id, old in list(self.listed.items()):
            if tmdb_id not in here and not self.excluded(tmdb_id):
                back.append(self._insert(old, monitored=True).title)
        if back:
            self.search()
        return back

    def restore(self, tmdb_id: int) -> bool:
        """Add a title that was here before, as Seerr does for a request; an exclusion is no obstacle."""
        here = {movie.tmdb_id for movie in self.movies.values()}
        if tmdb_id in here or (old := self.listed.get(tmdb_id)) is None:
            return False
        self._insert(old, monitored=True)
        self.search()
        return True

    def download(self, movie: ManagedMovie, size: int = 3_000) -> Download:
        """Let something for a movie be in the queue."""
        name = f"{movie.title.replace(' ', '.')}.{movie.year}.1080p.WEB-DL.x264-GRP"
        download = Download(self.next_id(), name, size, movie.id)
        self.queue.append(download)
        return download

    def _insert(self, old: ManagedMovie, *, monitored: bool) -> ManagedMovie:
        """Make a new row for a title that was here before."""
        self._last_movie += 1
        movie = ManagedMovie(
            id=self._last_movie,
            title=old.title,
            year=old.year,
            tmdb_id=old.tmdb_id,
            imdb_id=old.imdb_id,
            path=old.path,
            added=self.household.now(),
            monitored=monitored,
            item=old.item,
        )
        self.movies[movie.id] = self.listed[movie.tmdb_id] = movie
        if movie.item is not None:
            self._of_item[movie.item] = movie
        self._look(movie)
        return movie

    def _fetch(self, movie: ManagedMovie, item: Movie) -> None:
        self.household.bring_back(item)
        movie.path = item.folder
        self._look(movie)
        self.queue = [each for each in self.queue if each.title_id != movie.id]
        self.note("downloadFolderImported", movie.id, item.path or movie.path)

    def _look(self, movie: ManagedMovie) -> None:
        """Make the row of the file what is on the disk."""
        disk, item = self.household.disk, movie.item
        path = movie.file_path
        if path is not None and disk.resolve(path) in disk.files:
            return
        folder = disk.resolve(movie.path)
        found = item.path if item is not None else None
        if (
            found is None
            or found not in disk.files
            or not found.startswith(f"{folder}/")
        ):
            found = self._stray(movie, folder)
        if found is None:
            if movie.file is not None:
                self._file_gone(movie, "MissingFromDisk")
            return
        file = disk.files[found]
        relative = found.removeprefix(f"{folder}/")
        movie.file = MovieFile(self.next_id(), relative, file.size, file.created)

    def _stray(self, movie: ManagedMovie, folder: str) -> str | None:
        """Return a film in a folder that is no other movie's."""
        others = {each.file_path for each in self.movies.values() if each is not movie}
        return next(
            (
                path
                for path in sorted(self.household.disk.tree(folder))
                if path.endswith(VIDEO) and path not in others
            ),
            None,
        )

    def _file_gone(self, movie: ManagedMovie, reason: str) -> None:
        assert movie.file_path is not None
        self.note("movieFileDeleted", movie.id, movie.file_path)
        self.history[-1].data["reason"] = reason
        movie.file = None
        if self.auto_unmonitor:
            movie.monitored = False

    # -- what the base asks for ----------------------------------------------

    def title_paths(self) -> dict[int, str]:
        """Return the folder of every movie."""
        return {movie.id: movie.path for movie in self.movies.values()}

    def tagged(self, tag: int) -> list[int]:
        """Return the ids of the movies with a tag."""
        return [movie.id for movie in self.movies.values() if tag in movie.tags]

    def _own_tag_details(self, number: int) -> Row:
        return {"releaseProfileIds": [], "movieIds": self.tagged(number)}

    def _own_settings(self) -> Row:
        return {
            "autoUnmonitorPreviouslyDownloadedMovies": self.auto_unmonitor,
            "createEmptyMovieFolders": False,
            "autoRenameFolders": False,
            "pathsDefaultStatic": False,
        }

    def _own_routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/movie", self._movies),
            ("POST", "/movie", self._add_movie),
            ("PUT", "/movie/editor", self._edit),
            ("DELETE", "/movie/editor", self._delete_many),
            ("GET", r"/movie/(\d+)", self._movie),
            ("PUT", r"/movie/(\d+)", self._put_movie),
            ("DELETE", r"/movie/(\d+)", self._delete_movie),
            ("GET", "/moviefile", self._files),
            ("DELETE", "/moviefile/bulk", self._delete_files),
            ("GET", r"/moviefile/(\d+)", self._file),
            ("DELETE", r"/moviefile/(\d+)", self._delete_one_file),
            ("GET", "/exclusions", self._exclusions),
            ("POST", "/exclusions", self._add_exclusion),
            ("GET", "/exclusions/paged", self._exclusion_page),
            ("DELETE", r"/exclusions/(\d+)", self._delete_exclusion),
            ("GET", "/history/movie", self._movie_history),
            ("GET", "/collection", self._nothing),
        ]

    # -- movies --------------------------------------------------------------

    async def _movies(self, call: Call) -> Answer:
        tmdb_id = call.parameters.number("tmdbId")
        local = not call.parameters.flag("excludeLocalCovers")
        return as_json(
            [
                movie_row(self, movie, local_covers=local)
                for movie in self.movies.values()
                if tmdb_id in (None, movie.tmdb_id)
            ]
        )

    async def _movie(self, call: Call) -> Answer:
        if (movie := self.movies.get(call.id)) is None:
            return problem(404)
        return as_json(movie_row(self, movie))

    async def _add_movie(self, call: Call) -> Answer:
        """Add a movie; that it is excluded keeps nobody from it."""
        body = call.body
        tmdb_id, root = (
            body.get("tmdbId") or 0,
            self.real(body.get("rootFolderPath") or ""),
        )
        if any(movie.tmdb_id == tmdb_id for movie in self.movies.values()):
            raise invalid(
                "TmdbId",
                "This movie has already been added",
                tmdb_id,
                "MovieExistsValidator",
            )
        old = self.listed.get(tmdb_id)
        if old is None:
            title = str(body.get("title") or f"Movie {tmdb_id}")
            year = int(body.get("year") or 2010)
            folder = f"{root}/{title} ({year})"
            old = ManagedMovie(
                0, title, year, tmdb_id, f"tt{tmdb_id:07}", folder, self.household.now()
            )
        movie = self._insert(old, monitored=body_flag(body, "monitored") is not False)
        movie.tags = body_numbers(body, "tags") or []
        options = body.get("addOptions") or {}
        if options.get("searchForMovie") and movie.file is None and movie.item:
            self._fetch(movie, movie.item)
        added = {
            "addOptions": {
                "searchForMovie": bool(options.get("searchForMovie")),
                "addMethod": "manual",
                "ignoreEpisodesWithFiles": False,
                "ignoreEpisodesWithoutFiles": False,
                "monitor": "movieOnly",
            }
        }
        return as_json(movie_row(self, movie) | added, 201)

    async def _put_movie(self, call: Call) -> Answer:
        body = call.body
        if (movie := self.movies.get(call.id)) is None:
            raise unknown("Movie", call.id)
        movie.monitored = bool(body_flag(body, "monitored"))
        movie.tags = body_numbers(body, "tags") or []
        if isinstance(path := body.get("path"), str):
            movie.path = self.real(path)
        return as_json(movie_row(self, movie), 202)

    def _several(self, ids: Sequence[int]) -> list[ManagedMovie]:
        """Return movies in the order of the table; an unknown or repeated id spoils it all."""
        found = [self.movies[number] for number in sorted(set(ids) & set(self.movies))]
        if len(found) != len(ids):
            raise miscounted(len(ids), len(found))
        return found

    async def _edit(self, call: Call) -> Answer:
        body = call.body
        monitored, tags = body_flag(body, "monitored"), body_numbers(body, "tags")
        movies = self._several(body_numbers(body, "movieIds") or [])
        for movie in movies:
            if monitored is not None:
                movie.monitored = monitored
            if tags is not None:
                movie.tags = apply(body.get("applyTags"), movie.tags, tags)
        return as_json([movie_row(self, movie, edited=True) for movie in movies], 202)

    # -- deleting ------------------------------------------------------------

    async def _delete_movie(self, call: Call) -> Answer:
        """Delete a movie: the row now, whatever becomes of the files later."""
        files = call.parameters.flag("deleteFiles")
        exclusion = call.parameters.flag("addImportExclusion")
        if (movie := self.movies.get(call.id)) is None:
            raise unknown("Movie", call.id)
        self.remove([movie], files=files, exclusion=exclusion)
        return Answer()

    async def _delete_many(self, call: Call) -> Answer:
        body: Body = call.body
        movies = self._several(body_numbers(body, "movieIds") or [])
        self.remove(
            movies,
            files=bool(body_flag(body, "deleteFiles")),
            exclusion=bool(body_flag(body, "addImportExclusion")),
        )
        return as_json({})

    # -- files ---------------------------------------------------------------

    async def _files(self, call: Call) -> Answer:
        movie_ids = call.parameters.numbers("movieId")
        file_ids = call.parameters.numbers("movieFileIds")
        if not movie_ids and not file_ids:
            raise bad_request("movieId or movieFileIds must be provided")
        if movie_ids:
            if len(movie_ids) == 1 and movie_ids[0] not in self.movies:
                raise unknown("Movie", movie_ids[0])
            movies = [self.movies[each] for each in movie_ids if each in self.movies]
        else:
            movies = self._with_files(file_ids)
        return as_json([file_row(self, each) for each in movies if each.file])

    def _with_file(self, file_id: int) -> ManagedMovie | None:
        for movie in self.movies.values():
            if movie.file is not None and movie.file.id == file_id:
                return movie
        return None

    def _with_files(self, ids: Sequence[int]) -> list[ManagedMovie]:
        found = [
            movie
            for number in sorted(set(ids))
            if (movie := self._with_file(number)) is not None
        ]
        if len(found) != len(ids):
            raise miscounted(len(ids), len(found))
        return found

    async def _file(self, call: Call) -> Answer:
        if (movie := self._with_file(call.id)) is None:
            return problem(404)
        return as_json(file_row(self, movie))

    async def _delete_one_file(self, call: Call) -> Answer:
        """Delete a file, now, and say whether that went well; the movie stays monitored."""
        if (movie := self._with_file(call.id)) is None:
            raise unknown("MovieFile", call.id)
        assert movie.file_path is not None
        self.delete_file(movie.path, movie.file_path, _WORDS)
        self._file_removed(movie)
        return Answer()

    def _file_removed(self, movie: ManagedMovie) -> None:
        self._file_gone(movie, "Manual")
        if self.delete_empty_folders and not self.household.disk.tree(movie.path):
            self.household.disk.forget_folder(movie.path)

    async def _delete_files(self, call: Call) -> Answer:
        """Delete files; the folder of the first one's movie is taken for that of all."""
        ids = body_numbers(call.body, "movieFileIds") or []
        if not ids:
            raise failed(500, "Sequence contains no elements")
        movies = self._with_files(ids)
        for movie in movies:
            assert movie.file is not None
            path = f"{movies[0].path}/{movie.file.relative_path}"
            self.delete_file(movies[0].path, path, _WORDS)
            self._file_removed(movie)
        return as_json({})

    # -- exclusions and history ----------------------------------------------

    def _exclusion_rows(self) -> list[Row]:
        return [
            {
                "tmdbId": each.provider_id,
                "movieTitle": each.title,
                "movieYear": each.year,
                "id": each.id,
            }
            for each in self.exclusions
        ]

    async def _exclusions(self, call: Call) -> Answer:
        answer = as_json(self._exclusion_rows())
        answer.headers["Deprecation"] = "true"
        return answer

    async def _exclusion_page(self, call: Call) -> Answer:
        return paged(self._exclusion_rows()[::-1], call, "id")

    async def _add_exclusion(self, call: Call) -> Answer:
        body = call.body
        self.exclude(
            body["tmdbId"], body.get("movieTitle", ""), body.get("movieYear", 0)
        )
        return as_json(self._exclusion_rows()[-1], 201)

    async def _delete_exclusion(self, call: Call) -> Answer:
        self.exclusions = [each for each in self.exclusions if each.id != call.id]
        return Answer()

    async def _movie_history(self, call: Call) -> Answer:
        wanted = call.parameters.number("movieId")
        rows = [
            self._event_row(event)
            for event in reversed(self.history)
            if event.title_id == wanted
        ]
        return as_json(rows)
