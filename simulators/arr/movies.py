"""The rows of Radarr's database, and how they are sent."""

from dataclasses import dataclass, field
from datetime import datetime

from ..items import Movie
from .records import LANGUAGES, Row, clean, cover, quality, when
from .server import ArrSimulator


@dataclass(slots=True)
class MovieFile:
    """A file that Radarr knows; its row outlives the file on disk until a rescan."""

    id: int
    relative_path: str
    size: int
    added: datetime


@dataclass(slots=True)
class ManagedMovie:
    """A movie managed by Radarr; ``item`` is the household's, if it ever had one."""

    id: int
    title: str
    year: int
    tmdb_id: int
    imdb_id: str | None
    path: str
    added: datetime
    monitored: bool = True
    tags: list[int] = field(default_factory=list)
    #: What ``movieFileId`` names: the row that came last.
    file: MovieFile | None = None
    #: The rows that came before it; they stay when that one is deleted.
    older: list[MovieFile] = field(default_factory=list)
    item: Movie | None = None
    quality_profile: int = 4
    minimum_availability: str = "released"
    #: What is to be done when it has been read; gone once that is done.
    add_options: Row | None = None

    @property
    def provider_id(self) -> int:
        """Return the number by which import lists know the movie."""
        return self.tmdb_id

    @property
    def files(self) -> list[MovieFile]:
        """Return all rows of files, oldest first."""
        return [*self.older, *([self.file] if self.file else [])]

    @property
    def file_path(self) -> str | None:
        """Return the path of the file that ``movieFileId`` names."""
        return self.path_of(self.file) if self.file else None

    def path_of(self, file: MovieFile) -> str:
        """Return where a file is."""
        return f"{self.path}/{file.relative_path}"


def file_row(
    server: ArrSimulator, movie: ManagedMovie, file: MovieFile, *, listed: bool = True
) -> Row:
    """Return a file; it has custom formats in the list of files, but not inside a movie."""
    formats: Row = {"customFormats": [], "customFormatScore": 0} if listed else {}
    return {
        "movieId": movie.id,
        "relativePath": file.relative_path,
        "path": server.seen(movie.path_of(file)),
        "size": file.size,
        "dateAdded": when(file.added),
        "releaseGroup": "GRP",
        "edition": "",
        "languages": LANGUAGES,
        "quality": quality("Radarr", 7),
        **formats,
        "indexerFlags": 0,
        "qualityCutoffNotMet": False,
        "id": file.id,
    }


def movie_row(
    server: ArrSimulator,
    movie: ManagedMovie,
    *,
    local_covers: bool = True,
    edited: bool = False,
    listed: bool = False,
) -> Row:
    """Return a movie; the editor's answer contains no file data but the id.

    Of several files the oldest is inside, save in the list of all movies.
    """
    path, file = server.seen(movie.path), movie.file
    inside = file if listed else next(iter(movie.files), None)
    row: Row = {
        "title": movie.title,
        "originalTitle": movie.title,
        "originalLanguage": LANGUAGES[0],
        "alternateTitles": [],
        "secondaryYearSourceId": 0,
        "sortTitle": movie.title.lower(),
        "status": "released",
        "overview": "An overview.",
        "inCinemas": f"{movie.year}-03-01T00:00:00Z",
        "physicalRelease": f"{movie.year}-08-01T00:00:00Z",
        "digitalRelease": f"{movie.year}-07-01T00:00:00Z",
        "releaseDate": f"{movie.year}-07-01T00:00:00Z",
        "images": [
            cover(server.base_path, movie.id, movie.tmdb_id, kind, local=local_covers)
            for kind in ("poster", "fanart")
        ],
        "website": "",
        "year": movie.year,
        "youTubeTrailerId": "",
        "studio": "Studio",
        "path": path,
        "qualityProfileId": movie.quality_profile,
        "movieFileId": file.id if file else 0,
        "monitored": movie.monitored,
        "minimumAvailability": movie.minimum_availability,
        "isAvailable": True,
        "folderName": path,
        "runtime": 100,
        "cleanTitle": clean(movie.title),
        "tmdbId": movie.tmdb_id,
        "titleSlug": str(movie.tmdb_id),
        "certification": "PG",
        "genres": ["Drama"],
        "keywords": [],
        "tags": movie.tags,
        "added": when(movie.added),
        "ratings": {
            "imdb": {"votes": 100, "value": 6.9, "type": "user"},
            "tmdb": {"votes": 10, "value": 7.1, "type": "user"},
        },
        "popularity": 5.5,
        "id": movie.id,
    }
    if movie.add_options is not None:
        row["addOptions"] = movie.add_options
    if movie.imdb_id is not None:
        row["imdbId"] = movie.imdb_id
    if inside is not None:
        row["movieFile"] = file_row(server, movie, inside, listed=False)
    if not edited:
        size = sum(each.size for each in movie.files)
        row |= {
            "rootFolderPath": server.seen(server.root_of(movie.path)),
            "hasFile": file is not None,
            "sizeOnDisk": size,
            "statistics": {
                "movieFileCount": int(file is not None),
                "sizeOnDisk": size,
                "releaseGroups": ["GRP"] if file else [],
            },
        }
    return row
