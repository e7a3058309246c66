"""Radarr 6: deletes at once and promises the rest."""

from collections.abc import Callable, Iterable
from datetime import datetime
from posixpath import dirname

from ..faults import Answer, as_json
from ..items import Movie
from .binding import Body, Call, Handler, bad_type, body_flag, body_numbers
from .errors import bad_request, failed, problem, unknown
from .files import IMPORTED, refused, resolution
from .movies import ManagedMovie, MovieFile, file_row, movie_row
from .records import Download, Exclusion, Row
from .tags import apply
from .tasks import Task, TaskFailed
from .titles import TitleServer, several

_WORDS = (
    "Movie's root folder ({}) doesn't exist.",
    "Movie's root folder ({}) is empty. Rescan will not update movies as a failsafe.",
    "Unable to delete movie file",
)


class RadarrSimulator(TitleServer[ManagedMovie, Movie]):
    """A Radarr over a household."""

    app_name = "Radarr"
    default_version = "6.1.0.10000"
    collection_type = "movies"
    title_key = "movieId"
    noun = "movie"
    provider_key = "tmdbId"
    exclusion_flag = "addImportExclusion"
    unique = "MovieMetadata.TmdbId"
    migration = 242

    def _open_database(self) -> None:
        """Make the tables, empty."""
        super()._open_database()
        self._of_item: dict[Movie, ManagedMovie] = {}
        #: What it takes the quality of a file for.
        self.quality_of: Callable[[str], int] = resolution

    @property
    def movies(self) -> dict[int, ManagedMovie]:
        """Return all movies, by id."""
        return self.titles

    @property
    def table_size(self) -> int:
        """Return the number of movies."""
        return len(self.movies)

    # -- what changes the titles ---------------------------------------------

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
        """Manage a film, or bring what is known of it up to date."""
        folder = path or item.folder
        if not self.owns(folder) and folder not in self.root_folders:
            self.root_folders.append(dirname(folder))
        movie = self.managed(item)
        if movie is None:
            self._last_title += 1
            movie = ManagedMovie(
                id=self._last_title,
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
        """Manage every film below the root folders that is not managed yet."""
        for item in self.household.movies:
            if not item.loose and self.owns(item.path) and self.managed(item) is None:
                self.manage(item)

    def moved(self, item: Movie) -> None:
        """Follow a film that was renamed, as if Radarr had done it; otherwise its file would be missing."""
        if (movie := self.managed(item)) is not None:
            movie.path = item.folder
            self._look(movie)

    def managed(self, item: Movie) -> ManagedMovie | None:
        """Return what Radarr knows of a film of the household."""
        movie = self._of_item.get(item)
        return movie if movie and self.movies.get(movie.id) is movie else None

    def movie(self, title: str) -> ManagedMovie:
        """Return a movie by title."""
        return self.titled(title)

    def search(self) -> list[str]:
        """Download every monitored movie that has no file."""
        found = []
        for movie in self.movies.values():
            if movie.monitored and movie.file is None and movie.item is not None:
                self._fetch(movie, movie.item)
                found.append(movie.title)
        return found

    monitor_grabs = search

    def download(self, movie: ManagedMovie, size: int = 3_000) -> Download:
        """Put a download for a movie into the queue."""
        name = f"{movie.title.replace(' ', '.')}.{movie.year}.1080p.WEB-DL.x264-GRP"
        download = Download(self.next_id(), name, size, movie.id)
        self.queue.append(download)
        return download

    def _insert(self, old: ManagedMovie, *, monitored: bool) -> ManagedMovie:
        """Make a new row for a title that was here before, and look at the disk."""
        movie = self._entry(old, monitored=monitored)
        self._look(movie)
        return movie

    def _entry(self, old: ManagedMovie, *, monitored: bool | None) -> ManagedMovie:
        """Make a new row for a title that was here before."""
        self._last_title += 1
        movie = ManagedMovie(
            id=self._last_title,
            title=old.title,
            year=old.year,
            tmdb_id=old.tmdb_id,
            imdb_id=old.imdb_id,
            path=old.path,
            added=self.household.now(),
            monitored=monitored is not False,
            item=old.item,
        )
        self.movies[movie.id] = self.listed[movie.tmdb_id] = movie
        if movie.item is not None:
            self._of_item[movie.item] = movie
        return movie

    def _check_words(self, body: Body) -> None:
        """Refuse words that are none of those that are known."""
        word = body.get("minimumAvailability", "released")
        if word not in ("tba", "announced", "inCinemas", "released"):
            raise bad_type(
                "minimumAvailability", "NzbDrone.Core.Movies.MovieStatusType"
            )

    def _set_up(self, title: ManagedMovie, body: Body) -> Row | None:
        """Set a new movie up as a request says, and return what else is to be done."""
        title.minimum_availability = body.get("minimumAvailability", "released")
        options = body.get("addOptions")
        if options is None:
            return None
        return {
            "searchForMovie": bool(options.get("searchForMovie")),
            "addMethod": "manual",
            "ignoreEpisodesWithFiles": False,
            "ignoreEpisodesWithoutFiles": False,
            "monitor": "movieOnly",
        }

    def refresh(self, title_id: int) -> None:
        """Look at the disk, and do what was to be done once; raises TaskFailed."""
        if (movie := self.movies.get(title_id)) is None:
            raise TaskFailed(f"Movie with ID {title_id} does not exist")
        self._look(movie)
        options, movie.add_options = movie.add_options or {}, None
        if options.get("searchForMovie"):
            self.queue_task("MoviesSearch", {"movieIds": [title_id]}, "unspecified")
        if self.metadata_down:
            raise TaskFailed("HTTP request failed: [503:ServiceUnavailable]")

    def search_for(self, task: Task) -> str:
        """Download these movies; nobody but a person gets those that are not monitored."""
        wanted = task.body.get("movieIds") or []
        unknown_ids = [one for one in wanted if one not in self.movies]
        if unknown_ids:
            found = len(wanted) - len(unknown_ids)
            raise TaskFailed(
                f"Expected query to return {len(wanted)} rows but returned {found}"
            )
        movies = [
            movie
            for movie in map(self.movies.__getitem__, wanted)
            if movie.monitored or task.trigger == "manual"
        ]
        got = 0
        for movie in movies:
            if movie.file is None and movie.item is not None and self.indexers:
                self._fetch(movie, movie.item)
                got += 1
        return f"Completed search for {len(movies)} movies. {got} reports downloaded."

    def _fetch(self, movie: ManagedMovie, item: Movie) -> None:
        """Download a movie and clear its downloads from the queue."""
        self.household.bring_back(item)
        movie.path = item.folder
        self._look(movie)
        self.queue = [each for each in self.queue if each.title_id != movie.id]
        self.note("downloadFolderImported", movie.id, item.path or movie.path)

    def _look(self, movie: ManagedMovie) -> None:
        """Update a movie's files from the disk.

        The first look takes the largest file. Each later one takes another unless its
        quality is worse, and leaves the row that was there.
        """
        disk = self.household.disk
        for file in movie.files:
            if disk.resolve(movie.path_of(file)) not in disk.files:
                self._file_gone(movie, file, "MissingFromDisk")
        folder = disk.resolve(movie.path)
        own = movie.item.path if movie.item is not None else None
        best = max(
            (self.quality_of(each.relative_path) for each in movie.files), default=0
        )
        found = [
            path
            for path in self._candidates(movie, folder)
            if self.quality_of(path) >= best
        ]
        if not found:
            return
        path = max(found, key=lambda each: (disk.files[each].size, each == own, each))
        there = disk.files[path]
        if movie.file is not None:
            movie.older.append(movie.file)
        relative = path.removeprefix(f"{folder}/")
        movie.file = MovieFile(self.next_id(), relative, there.size, there.created)

    def _candidates(self, movie: ManagedMovie, folder: str) -> list[str]:
        """Return the films in a folder that are no movie's file yet.

        Parts and what lies in the folder of a disc are refused. The movie's own files
        come first, but nobody asks whether the others are of that title.
        """
        known = {
            each.path_of(file) for each in self.movies.values() for file in each.files
        } | {movie.path_of(file) for file in movie.files}
        paths = [
            path
            for path in self.household.disk.tree(folder)
            if path.endswith(IMPORTED)
            and path not in known
            and not refused(path.removeprefix(f"{folder}/"))
        ]
        own = {source.path for source in movie.item.sources} if movie.item else set()
        return [path for path in paths if path in own] or paths

    def _file_gone(self, movie: ManagedMovie, file: MovieFile, reason: str) -> None:
        """Forget a file of a movie, and note why."""
        self.note("movieFileDeleted", movie.id, movie.path_of(file))
        self.history[-1].data["reason"] = reason
        if file is movie.file:
            movie.file = None
        else:
            movie.older.remove(file)
        if self.auto_unmonitor:
            movie.monitored = False

    # -- what the base asks for ----------------------------------------------

    def _row(
        self, title: ManagedMovie, *, edited: bool = False, added: bool = False
    ) -> Row:
        """Return a movie as it is sent."""
        return movie_row(self, title, edited=edited)

    def _own_tag_details(self, number: int) -> Row:
        """Return what uses a tag, beyond what Radarr and Sonarr share."""
        return {"releaseProfileIds": [], "movieIds": self.tagged(number)}

    def _own_settings(self) -> Row:
        """Return the settings of media management that Sonarr does not have."""
        return {
            "autoUnmonitorPreviouslyDownloadedMovies": self.auto_unmonitor,
            "createEmptyMovieFolders": False,
            "autoRenameFolders": False,
            "pathsDefaultStatic": False,
        }

    def _own_routes(self) -> list[tuple[str, str, Handler]]:
        """Return the routes that Sonarr does not have."""
        return [
            ("GET", "/movie", self._movies),
            ("POST", "/movie", self._add),
            ("PUT", "/movie/editor", self._edit),
            ("DELETE", "/movie/editor", self._delete_many),
            ("GET", r"/movie/(\d+)", self._one),
            ("PUT", r"/movie/(\d+)", self._put_movie),
            ("DELETE", r"/movie/(\d+)", self._delete_movie),
            ("GET", "/moviefile", self._files),
            ("DELETE", "/moviefile/bulk", self._delete_files),
            ("GET", r"/moviefile/(\d+)", self._file),
            ("DELETE", r"/moviefile/(\d+)", self._delete_one_file),
            ("GET", "/exclusions", self._exclusions),
            ("POST", "/exclusions", self._add_exclusion),
            ("GET", "/exclusions/paged", self._exclusion_page),
            ("GET", r"/exclusions/(\d+)", self._one_exclusion),
            ("DELETE", "/exclusions/bulk", self._delete_exclusions),
            ("DELETE", r"/exclusions/(\d+)", self._delete_exclusion),
            ("GET", "/history/movie", self._title_history),
            ("GET", "/collection", self._nothing),
        ]

    # -- movies --------------------------------------------------------------

    async def _movies(self, call: Call) -> Answer:
        """Answer `GET /movie`."""
        tmdb_id = call.parameters.number("tmdbId")
        local = not call.parameters.flag("excludeLocalCovers")
        return as_json(
            [
                movie_row(self, movie, local_covers=local, listed=tmdb_id is None)
                for movie in self.movies.values()
                if tmdb_id in (None, movie.tmdb_id)
            ]
        )

    def _unlisted(self, provider_id: int, root: str, body: Body) -> ManagedMovie:
        """Return a movie that someone adds and that was never here before."""
        title = str(body.get("title") or f"Movie {provider_id}")
        year = int(body.get("year") or 2010)
        return ManagedMovie(
            0,
            title,
            year,
            provider_id,
            f"tt{provider_id:07}",
            f"{root}/{title} ({year})",
            self.household.now(),
        )

    async def _put_movie(self, call: Call) -> Answer:
        """Answer `PUT /movie/{id}`."""
        body = call.body
        if (movie := self.movies.get(call.id)) is None:
            raise unknown("Movie", call.id)
        movie.monitored = bool(body_flag(body, "monitored"))
        movie.tags = body_numbers(body, "tags") or []
        if isinstance(path := body.get("path"), str):
            movie.path = self.real(path)
        return as_json(movie_row(self, movie), 202)

    # -- deleting ------------------------------------------------------------

    async def _delete_movie(self, call: Call) -> Answer:
        """Answer `DELETE /movie/{id}`: the row is deleted now, whether or not the files follow."""
        files = call.parameters.flag("deleteFiles")
        exclusion = call.parameters.flag("addImportExclusion")
        if (movie := self.movies.get(call.id)) is None:
            raise unknown("Movie", call.id)
        self.remove([movie], files=files, exclusion=exclusion)
        return Answer()

    # -- files ---------------------------------------------------------------

    async def _files(self, call: Call) -> Answer:
        """Answer `GET /moviefile`."""
        movie_ids = call.parameters.numbers("movieId")
        file_ids = call.parameters.numbers("movieFileIds")
        if not movie_ids and not file_ids:
            raise bad_request("movieId or movieFileIds must be provided")
        if movie_ids:
            if len(movie_ids) == 1 and movie_ids[0] not in self.movies:
                raise unknown("Movie", movie_ids[0])
            found = [
                (movie, file)
                for each in movie_ids
                if (movie := self.movies.get(each)) is not None
                for file in movie.files
            ]
        else:
            found = several(self._with_files(), file_ids)
        return as_json([file_row(self, *each) for each in found])

    def _with_files(self) -> dict[int, tuple[ManagedMovie, MovieFile]]:
        """Return the files with their movies, by id."""
        return {
            file.id: (movie, file)
            for movie in self.movies.values()
            for file in movie.files
        }

    async def _file(self, call: Call) -> Answer:
        """Answer `GET /moviefile/{id}`."""
        if (found := self._with_files().get(call.id)) is None:
            return problem(404)
        return as_json(file_row(self, *found))

    async def _delete_one_file(self, call: Call) -> Answer:
        """Answer `DELETE /moviefile/{id}`: at once, and honestly; the movie stays monitored."""
        if (found := self._with_files().get(call.id)) is None:
            raise unknown("MovieFile", call.id)
        movie, file = found
        self.delete_file(movie.path, movie.path_of(file), _WORDS)
        self._file_removed(movie, file)
        return Answer()

    def _file_removed(self, movie: ManagedMovie, file: MovieFile) -> None:
        """Update the row and the folder after a file was deleted by request."""
        self._file_gone(movie, file, "Manual")
        if self.delete_empty_folders and not self.household.disk.tree(movie.path):
            self.household.disk.forget_folder(movie.path)

    async def _delete_files(self, call: Call) -> Answer:
        """Answer `DELETE /moviefile/bulk`; the folder of the first movie is taken for that of all."""
        ids = body_numbers(call.body, "movieFileIds") or []
        if not ids:
            raise failed(500, "Sequence contains no elements")
        found = several(self._with_files(), ids)
        folder = found[0][0].path
        for movie, file in found:
            self.delete_file(folder, f"{folder}/{file.relative_path}", _WORDS)
            self._file_removed(movie, file)
        return as_json({})

    # -- exclusions ----------------------------------------------------------

    def _exclusion_row(self, exclusion: Exclusion) -> Row:
        """Return an exclusion as it is sent."""
        return {
            "tmdbId": exclusion.provider_id,
            "movieTitle": exclusion.title,
            "movieYear": exclusion.year,
            "id": exclusion.id,
        }

    async def _exclusions(self, call: Call) -> Answer:
        """Answer `GET /exclusions`, which Radarr calls outdated."""
        answer = await super()._exclusions(call)
        answer.headers["Deprecation"] = "true"
        return answer
