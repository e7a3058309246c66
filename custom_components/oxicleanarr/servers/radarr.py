"""Radarr 3 to 6, with an API key.

Deleting a movie is a promise that its files may outlive; deleting its file is honest.
So the file goes first, by ``delete_file``, and what is read afterwards is believed.
"""

from dataclasses import replace
from typing import Final, override

from ..model import ArrFile, ArrMovie, ArrSetup
from .arr import (
    Arr,
    arr_file,
    boolean,
    has_file,
    known_id,
    provider_ids,
    row_id,
    sent_id,
    tag_ids,
)
from .rows import JsonObject, location, mapping, moment, size_of, text, year_of

_AVAILABILITIES: Final = ("announced", "inCinemas", "released")


class Radarr(Arr):
    """A Radarr server; see ``Arr`` for what its errors mean."""

    app = "Radarr"
    _kind = "movie"
    _exclusion_path = "/api/v3/exclusions"
    _provider = "tmdb"
    _search = ("MoviesSearch", "movieIds")

    async def movies(self) -> list[ArrMovie]:
        """Return all movies (``GET /movie``)."""
        answer = await self._http.read_rows(
            "/api/v3/movie", {"excludeLocalCovers": "true"}, _movie
        )
        return answer.rows

    async def movie(self, movie_id: int) -> ArrMovie:
        """Return one movie as it is now; raises ``NotFound`` (``GET /movie/{id}``)."""
        return await self._title("movie", movie_id, _whole_movie)

    async def files(self, movie_id: int) -> list[ArrFile]:
        """Return the files of a movie (``GET /moviefile``)."""
        answer = await self._http.read_rows(
            "/api/v3/moviefile", {"movieId": sent_id(movie_id)}, arr_file
        )
        return answer.rows

    async def queue(self) -> frozenset[int]:
        """Return the ids of movies that are being downloaded or imported."""
        return await self._queue(
            {"includeUnknownMovieItems": "false", "includeMovie": "false"},
            lambda row: known_id(row.get("movieId")),
        )

    async def set_monitored(self, movie_id: int, monitored: bool) -> None:
        """Turn monitoring of a movie on or off (``PUT /movie/editor``).

        Raises ``NotFound`` if there is no such movie.
        """
        await self._set_monitored(
            "/api/v3/movie/editor", "movieIds", [sent_id(movie_id)], monitored
        )

    async def delete_file(self, file_id: int) -> None:
        """Delete a movie's file (``DELETE /moviefile/{id}``) and wait for it.

        The movie stays, monitored as it was. Raises ``NotFound`` if there is no such
        file, ``Conflict`` if it cannot be removed or its disk is away.
        """
        await self._delete(f"/api/v3/moviefile/{sent_id(file_id)}")

    async def delete_movie(self, movie_id: int, *, add_import_exclusion: bool) -> None:
        """Delete a movie's entry and all that is left in its folder.

        The caller makes sure that nothing else is in the folder. The entry is deleted at
        once, the folder later or never: Radarr does not say. Raises ``NotFound`` if
        there is no such movie (``DELETE /movie/{id}``).
        """
        await self._delete(
            f"/api/v3/movie/{sent_id(movie_id)}",
            {
                "deleteFiles": "true",
                "addImportExclusion": "true" if add_import_exclusion else "false",
            },
        )

    @override
    def _as_it_was(self, setup: ArrSetup) -> JsonObject:
        """Return what only movies have, for adding one again."""
        body: JsonObject = {
            "title": setup.title,
            "addOptions": {"monitor": "movieOnly", "searchForMovie": False},
        }
        if setup.minimum_availability is not None:
            body["minimumAvailability"] = setup.minimum_availability
        return body


def _whole_movie(row: JsonObject) -> ArrMovie:
    """Return a movie with how it is set up; raises ``ValueError`` if it has no id."""
    movie = _movie(row)
    tmdb_id, profile = (
        known_id(row.get("tmdbId")),
        known_id(row.get("qualityProfileId")),
    )
    if tmdb_id is None or profile is None or movie.monitored is None or not movie.path:
        return movie
    available = row.get("minimumAvailability")
    setup = ArrSetup(
        title_id=movie.title_id,
        provider_id=tmdb_id,
        title=movie.title,
        path=movie.path,
        quality_profile=profile,
        monitored=movie.monitored,
        minimum_availability=available if available in _AVAILABILITIES else None,
    )
    return replace(movie, setup=setup)


def _movie(row: JsonObject) -> ArrMovie:
    """Return a movie; raises ``ValueError`` if it has no id."""
    folder = location(row.get("path"))
    found = mapping(row.get("movieFile"))
    file = arr_file(found, folder) if found else None
    size = size_of(row.get("sizeOnDisk"))
    if size is None:
        size = size_of(mapping(row.get("statistics")).get("sizeOnDisk"))
    if size is None and file is not None:
        size = file.size_bytes
    return ArrMovie(
        title_id=row_id(row),
        title=text(row.get("title")) or "",
        year=year_of(row.get("year")),
        provider_ids=provider_ids(row, "tmdb", "imdb"),
        path=folder,
        root_folder=location(row.get("rootFolderPath")),
        monitored=boolean(row.get("monitored")),
        has_file=has_file(row, "movieFileId"),
        size_bytes=size,
        added_at=moment(row.get("added")),
        tag_ids=tag_ids(row),
        file=file,
    )
