"""The same request to the simulators and to a real Radarr and Sonarr gives the same answer."""

from collections.abc import Callable
from datetime import UTC, datetime
import gzip
import json
import re
from typing import Any

import pytest
import yaml

from simulators import (
    Episode,
    Household,
    Movie,
    RadarrSimulator,
    SeerrSimulator,
    Series,
    SonarrSimulator,
)
from simulators.arr.movies import ManagedMovie
from simulators.arr.server import ArrSimulator
from simulators.arr.shows import ManagedSeries

from .conftest import Client, Clock
from .recorded import RECORDINGS, recording

ADDED = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
IMPORTED = datetime(2024, 2, 4, 5, 6, 7, tzinfo=UTC)


def same_shape(ours: Any, real: Any, where: str = "") -> None:
    """Assert that two answers have the same fields of the same types."""
    if isinstance(real, dict):
        assert isinstance(ours, dict), where
        assert set(ours) == set(real), where
        for name, value in real.items():
            same_shape(ours[name], value, f"{where}.{name}")
    elif isinstance(real, list):
        assert isinstance(ours, list), where
        assert bool(ours) == bool(real), where
        for left, right in zip(ours, real, strict=False):
            same_shape(left, right, f"{where}[]")
    else:
        numbers = isinstance(real, int | float) and not isinstance(real, bool)
        kinds = (int, float) if numbers else type(real)
        assert isinstance(ours, kinds), where


async def replay(
    server: ArrSimulator, ask: Client, real: Any, *, fields: bool = True
) -> Any:
    """Send a recorded request, compare the answer, and return its body."""
    sent = real["request"]
    path = sent["path"] + (f"?{sent['query']}" if sent["query"] else "")
    reply = await ask(server, path, sent["method"], body=sent["body"])
    assert reply.status == real["status"]
    assert reply.headers.get("Content-Type") == real["contentType"]
    if fields:
        same_shape(reply.body, real["body"])
    if isinstance(reply.body, dict) and "message" in reply.body:
        assert reply.body["message"] == real["body"]["message"]
    return reply.body


# -- Radarr --------------------------------------------------------------------


class Films:
    """A Radarr as the recorded one was."""

    def __init__(self, clock: Clock) -> None:
        """Have the films of the recordings."""
        self.house = Household(clock)
        self.house.add_library("Movies", "movies", ["/movies"])
        self.house.add_library("More", "movies", ["/movies2"])
        self.radarr = RadarrSimulator(self.house, libraries=["Movies"])
        self.radarr.deletion_delay = 0
        for place, (name, year, size) in enumerate(
            (
                ("Alpha Road", 1999, 4096),
                ("Beta River", 2005, 2048),
                ("Gamma Nofile", 2010, 0),
                ("Delta Unmon", 2011, 0),
            )
        ):
            film = self.film(name, year, 1001 + place, size)
            tags = ["keep"] if name == "Alpha Road" else ()
            if not size:
                self.house.disk.remove_tree(film.folder)
            self.radarr.manage(film, name != "Delta Unmon", tags, ADDED)

    def film(
        self, name: str, year: int, tmdb_id: int, size: int = 1000, root: str = "Movies"
    ) -> Movie:
        """Put a film on the disk."""
        folder = f"/{root.lower()}/{name} ({year})"
        return self.house.add_movie(
            name,
            year=year,
            library="Movies",
            provider_ids={"Tmdb": str(tmdb_id), "Imdb": f"tt{tmdb_id:07}"},
            added=IMPORTED,
            size=size,
            path=f"{folder}/{name} ({year}) Bluray-1080p.mkv",
        )

    def numbered(
        self, number: int, *, file: int | None = None, root: str = "Movies"
    ) -> ManagedMovie:
        """Have a movie, or a file, with the number that a request names."""
        item = self.film(f"Number {number}", 2003, 5000 + number, root=root)
        movie = self.radarr.manage(item, added=ADDED)
        del self.radarr.movies[movie.id]
        movie.id = number
        self.radarr.movies[number] = movie
        if file is not None and movie.file is not None:
            movie.file.id = file
        return movie


@pytest.fixture
def films(clock: Clock) -> Films:
    """Return a Radarr as the recorded one was."""
    return Films(clock)


@pytest.mark.parametrize(
    "name",
    [
        "01-system-status",
        "02-movie-by-tmdbid",
        "02-movie-list",
        "02-movie-unknown-id",
        "03-editor-unmonitor",
        "03-editor-unknown-id",
        "03-tag-delete-in-use",
        "04-delete-repeated",
        "07-moviefile-list",
        "08-editor-delete-empty",
        "09-config-mediamanagement",
        "10-diskspace",
    ],
)
async def test_radarr(films: Films, ask: Client, name: str) -> None:
    """What needs no preparation answers as recorded."""
    real = recording(f"radarr/{name}.json")
    async with films.radarr as radarr:
        if name == "03-editor-unmonitor":
            radarr.tags.add("watchlist")
            radarr.movies[2].tags = [2]
        body = await replay(radarr, ask, real)
        if name.startswith("02-movie-list") or name == "03-editor-unmonitor":
            for ours, theirs in zip(body, real["body"], strict=True):
                # The number of a file is the only thing that is ours.
                for row in (ours, theirs):
                    row["movieFileId"] = bool(row["movieFileId"])
                    row.get("movieFile", {}).pop("id", None)
                assert ours == theirs
        if name == "04-delete-repeated":
            assert body["message"] == "Movie with ID 5 does not exist"


async def test_radarr_without_a_key(films: Films, ask: Client) -> None:
    """401 has neither a body nor a type."""
    async with films.radarr as radarr:
        for name, headers in (("no-key", {}), ("wrong-key", {"X-Api-Key": "x"})):
            real = recording(f"radarr/01-system-status-{name}.json")
            reply = await ask(radarr, real["request"]["path"], headers=headers)
            assert (reply.status, reply.body) == (real["status"], None)
            assert "Content-Type" not in reply.headers


async def test_radarr_add(films: Films, ask: Client) -> None:
    """A new movie is sent as recorded, but for what a stub knows less of."""
    real = recording("radarr/02-movie-add.json")
    async with films.radarr as radarr:
        body = await replay(radarr, ask, real, fields=False)
        assert set(body) - set(real["body"]) == {"certification"}
        assert set(real["body"]) <= set(body)
        same_shape(body["addOptions"], real["body"]["addOptions"])
        assert body["path"] == real["body"]["path"]


async def test_radarr_tags(films: Films, ask: Client) -> None:
    """Tags are added by the editor, and listed with their movies."""
    async with films.radarr as radarr:
        radarr.tags.add("watchlist")
        details = recording("radarr/03-tag-detail.json")
        assert await replay(radarr, ask, details) == details["body"]
        real = recording("radarr/03-editor-tags-add.json")
        body = await replay(radarr, ask, real)
        assert [row["tags"] for row in body] == [[1, 2], [2]]


def _same_folder(films: Films, movie: ManagedMovie) -> None:
    films.radarr.movies[1].path = movie.path


def _inside(films: Films, movie: ManagedMovie) -> None:
    films.radarr.movies[1].path = f"{movie.path}/Inner"


def _lock(films: Films, movie: ManagedMovie) -> None:
    films.house.disk.locked.add(movie.file_path or "")


def _unmount(films: Films, movie: ManagedMovie) -> None:
    films.house.disk.unmount("/movies2")


def _empty(films: Films, movie: ManagedMovie) -> None:
    films.house.disk.unmount("/movies2", mount_point=True)


def _no_folder(films: Films, movie: ManagedMovie) -> None:
    films.house.disk.remove_tree(movie.path)


def _bin(films: Films, movie: ManagedMovie) -> None:
    films.radarr.recycle_bin = "/recycle"


def _nothing(films: Films, movie: ManagedMovie) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "prepare", "root", "stays"),
    [
        ("04-delete-with-files", _nothing, "Movies", False),
        ("04-delete-keep-files", _nothing, "Movies", True),
        ("05-delete-same-folder", _same_folder, "Movies", True),
        ("05-delete-parent-of-other", _inside, "Movies", True),
        ("06-delete-undeletable-file", _lock, "Movies", True),
        ("06-delete-root-missing", _unmount, "Movies2", True),
        ("09-delete-into-recyclebin", _bin, "Movies", False),
    ],
)
async def test_radarr_delete(
    films: Films,
    ask: Client,
    name: str,
    prepare: Callable[[Films, ManagedMovie], None],
    root: str,
    stays: bool,
) -> None:
    """A deletion is 200 whatever happens on the disk."""
    real = recording(f"radarr/{name}.json")
    number = int(real["request"]["path"].rsplit("/", 1)[1])
    movie = films.numbered(number, root=root)
    files = films.house.disk.tree(movie.path)
    prepare(films, movie)
    async with films.radarr as radarr:
        await replay(radarr, ask, real)
        assert number not in radarr.movies
        excluded = "addImportExclusion=true" in real["request"]["query"]
        assert radarr.excluded(movie.tmdb_id) is excluded
    if prepare is _unmount:
        films.house.disk.mount("/movies2")
    assert (set(files) <= films.house.files) is stays
    assert bool(films.house.disk.tree("/recycle")) is (prepare is _bin)


@pytest.mark.parametrize(
    ("name", "prepare", "root", "stays"),
    [
        ("07-moviefile-delete", _nothing, "Movies", False),
        ("07-moviefile-delete-undeletable", _lock, "Movies", True),
        ("07-moviefile-delete-root-missing", _unmount, "Movies2", True),
        ("07-moviefile-delete-root-empty", _empty, "Movies2", True),
        ("07-moviefile-delete-folder-missing", _no_folder, "Movies", False),
    ],
)
async def test_radarr_delete_file(
    films: Films,
    ask: Client,
    name: str,
    prepare: Callable[[Films, ManagedMovie], None],
    root: str,
    stays: bool,
) -> None:
    """A file's deletion says what happened."""
    real = recording(f"radarr/{name}.json")
    number = int(real["request"]["path"].rsplit("/", 1)[1])
    movie = films.numbered(90, file=number, root=root)
    prepare(films, movie)
    async with films.radarr as radarr:
        await replay(radarr, ask, real)
        assert (movie.file is not None) is stays
        assert movie.monitored


async def test_radarr_delete_several(films: Films, ask: Client) -> None:
    """The editor deletes all or nothing, or all rows and no file."""
    for number in (32, 33, 34, 36, 38, 39):
        films.numbered(number)
    async with films.radarr as radarr:
        await replay(radarr, ask, recording("radarr/08-editor-delete.json"))
        assert not films.house.disk.has("/movies/Number 32 (2003)")
        await replay(radarr, ask, recording("radarr/08-editor-delete-unknown-id.json"))
        assert 34 in radarr.movies
        radarr.movies[34].path = "/movies/Number 36 (2003)/Inner"
        await replay(
            radarr, ask, recording("radarr/08-editor-delete-guarded-batch.json")
        )
        for number in (36, 38, 39):
            assert number not in radarr.movies
            assert films.house.disk.has(f"/movies/Number {number} (2003)")


def of_files(movie: Any) -> dict[str, Any]:
    """Return what a movie says of its files, without their numbers."""
    inside = movie.get("movieFile", {})
    return {
        "hasFile": movie["hasFile"],
        "movieFileId": bool(movie["movieFileId"]),
        "inside": inside.get("relativePath"),
        "is the one": inside.get("id") == movie["movieFileId"],
        "sizeOnDisk": movie["sizeOnDisk"],
        "count": movie["statistics"]["movieFileCount"],
        "sizes": movie["statistics"]["sizeOnDisk"],
    }


def numbered(real: Any, number: int) -> Any:
    """Return a recorded request and answer with another number of the movie."""
    old = re.search(r"/movie/(\d+)|movieId=(\d+)", str(real["request"]))
    if old is None:
        return real
    real["request"]["path"] = real["request"]["path"].replace(
        old[0], f"/movie/{number}"
    )
    real["request"]["query"] = real["request"]["query"].replace(
        old[0], f"movieId={number}"
    )
    return real


async def test_radarr_two_rows(films: Films, ask: Client) -> None:
    """Of two versions the older is embedded, save in the list; one can be left alone."""
    title = "Extra 1075 (2015)"
    item = films.house.add_movie(
        "Extra 1075",
        year=2015,
        provider_ids={"Tmdb": "1075", "Imdb": "tt0001075"},
        added=IMPORTED,
        size=198105,
        versions=["2160p", "1080p"],
        sidecars=[],
    )
    low = item.sources[1].path
    films.house.disk.move(low, "/elsewhere.mkv")

    async def compare(name: str, movie_id: int) -> Any:
        """Ask what was asked, and compare what is said of the files."""
        real = numbered(recording(f"radarr/13-{name}.json"), movie_id)
        ours = await replay(radarr, ask, real, fields=False)
        theirs = real["body"]
        if isinstance(theirs, list):
            theirs = theirs if "moviefile" in name else theirs[:1]
            ours = [one for one in ours if "tmdbId" not in one or one["tmdbId"] == 1075]
        else:
            ours, theirs = [ours], [theirs]
        if "moviefile" in name:
            assert [one["relativePath"] for one in ours] == [
                one["relativePath"] for one in theirs
            ]
        else:
            assert list(map(of_files, ours)) == list(map(of_files, theirs))
        return ours

    async with films.radarr as radarr:
        radarr.quality_of = lambda path: 480
        movie = radarr.manage(item)
        films.house.disk.move("/elsewhere.mkv", low)
        assert [one.relative_path for one in movie.files] == [f"{title} - 2160p.mkv"]
        radarr.rescan()
        for name in ("two-rows", "by-tmdbid-two-rows", "list-two-rows"):
            await compare(f"movie-{name}", movie.id)
        await compare("moviefile-two-rows", movie.id)
        assert movie.file is not None
        await ask(radarr, f"/api/v3/moviefile/{movie.file.id}", "DELETE")
        for _ in range(2):
            await compare("movie-after-deleting-one-row", movie.id)
            await compare("moviefile-after-deleting-one-row", movie.id)
            radarr.rescan()


async def test_radarr_parts(films: Films, ask: Client) -> None:
    """A film in parts has no file, and no size."""
    item = films.house.add_movie(
        "Extra 1076",
        year=2016,
        provider_ids={"Tmdb": "1076"},
        path="/movies/Extra 1076 (2016)/Extra 1076 (2016) cd1.mkv",
    )
    films.house.disk.write(f"{item.folder}/Extra 1076 (2016) cd2.mkv", 7, IMPORTED)
    async with films.radarr as radarr:
        movie = radarr.manage(item)
        radarr.rescan()
        for name in ("movie-multi-part", "moviefile-multi-part"):
            real = numbered(recording(f"radarr/13-{name}.json"), movie.id)
            ours = await replay(radarr, ask, real, fields=False)
            if isinstance(ours, list):
                assert ours == real["body"] == []
            else:
                assert of_files(ours) == of_files(real["body"])


async def test_radarr_leftovers(films: Films, ask: Client) -> None:
    """Exclusions, history, queue and folders are listed as recorded."""
    async with films.radarr as radarr:
        radarr.exclude(2001, "Epsilon Del", 2002)
        for name in ("04-exclusions", "04-exclusions-paged"):
            real = recording(f"radarr/{name}.json")
            assert await replay(radarr, ask, real) == real["body"]
        radarr.exclude(2005, "Theta Missing", 2003)
        radarr.exclude(2005, "Theta Missing", 2003)
        real = recording("radarr/11-exclusions-after-second.json")
        assert await replay(radarr, ask, real) == real["body"]
        radarr.download(radarr.movies[1])
        await replay(radarr, ask, recording("radarr/10-queue-item.json"))
        films.film("Eta Noparams", 2003, 1)
        films.film("Zeta Keepfiles", 2003, 2)
        real = recording("radarr/10-rootfolder-unmapped.json")
        body = await replay(radarr, ask, real)
        assert body[0]["unmappedFolders"] == real["body"][0]["unmappedFolders"]
        radarr.root_folders.append("/movies2")
        body = await replay(radarr, ask, recording("radarr/10-rootfolder-missing.json"))
        assert body[1] == {"path": "/movies2", "accessible": False, "id": 2}
        for number in (1, 2):
            file = radarr.movies[number].file
            assert file is not None
            await ask(radarr, f"/api/v3/moviefile/{file.id}", "DELETE")
        real = recording("radarr/10-history-after-moviefile-delete.json")
        body = await replay(radarr, ask, real, fields=False)
        assert body["totalRecords"] == 2
        for ours, theirs in zip(body["records"], real["body"]["records"], strict=True):
            assert set(ours) == set(theirs)
            assert ours["eventType"] == theirs["eventType"]
            assert ours["data"]["reason"] == theirs["data"]["reason"]


# -- Sonarr --------------------------------------------------------------------


class Shows:
    """A Sonarr as the recorded one was."""

    def __init__(self, clock: Clock) -> None:
        """Have the series of the recordings."""
        self.house = Household(clock)
        self.house.add_library("Shows", "tvshows", ["/tv"])
        self.sonarr = SonarrSimulator(self.house)
        self.sonarr.deletion_delay = 0

    def show(
        self,
        name: str,
        number: int,
        seasons: tuple[int, ...] = (3, 3),
        *,
        path: str | None = None,
        double: bool = False,
        manage: bool = True,
    ) -> Series:
        """Put a series on the disk, with three episodes a season."""
        series = self.house.add_series(
            name,
            year=None,
            provider_ids={
                "Tvdb": str(number),
                "Tmdb": str(number + 7),
                "Imdb": f"tt{number:07}",
            },
            path=path or f"/tv/{name}",
            added=ADDED,
        )
        series.year = 2011
        for season, count in enumerate(seasons, start=1):
            first = 1
            if double and season == 1:
                self.episode(series, season, 1, end=2)
                first = 3
            for episode in range(first, count + 1):
                self.episode(series, season, episode)
        if manage:
            self.sonarr.manage(series)
            for row in self.sonarr.show(name).episodes:
                row.title = f"Episode {row.season}x{row.number}"
                row.aired = datetime(2010 + row.season, 3, row.number, 20, tzinfo=UTC)
        return series

    def episode(
        self, series: Series, season: int, number: int, *, end: int | None = None
    ) -> Episode:
        """Put an episode on the disk."""
        name = f"{series.name} - S{season:02}E{number:02}"
        name += f"-E{end:02}" if end else ""
        return self.house.add_episode(
            series,
            season=season,
            number=number,
            number_end=end,
            added=IMPORTED,
            size=1000 * season + number,
            path=f"{series.path}/Season {season:02}/{name}.mkv",
        )

    def numbered(self, number: int, **options: Any) -> ManagedSeries:
        """Have a series with the number that a request names."""
        item = self.show(f"Number {number}", 5000 + number, **options)
        series = self.sonarr.managed(item)
        assert series is not None
        del self.sonarr.series[series.id]
        series.id = number
        for episode in series.episodes:
            episode.series_id = number
        self.sonarr.series[number] = series
        return series

    def with_files(self, series: ManagedSeries, *numbers: int) -> None:
        """Give the first files of a series the numbers that a request names."""
        for old, new in zip(list(series.files), numbers, strict=False):
            file = series.files.pop(old)
            file.id = new
            series.files[new] = file
            for episode in series.episodes:
                if episode.file_id == old:
                    episode.file_id = new


@pytest.fixture
def shows(clock: Clock) -> Shows:
    """Return a Sonarr as the recorded one was."""
    return Shows(clock)


async def test_sonarr_reads(shows: Shows, ask: Client) -> None:
    """Series, episodes and files are listed as recorded."""
    shows.show("Alpha Show", 1001)
    shows.show("Beta Flat", 1002, (3,))
    shows.show("Gamma Double", 1003, (3,), double=True)
    shows.show("Delta Inner", 1004, path="/tv/Alpha Show/Delta Inner")
    empty = shows.show("Epsilon Empty", 1005)
    sonarr = shows.sonarr
    shows.house.disk.remove_tree(empty.path or "")
    sonarr.rescan()
    for episode in sonarr.show("Epsilon Empty").episodes:
        episode.monitored = False
    sonarr.show("Beta Flat").status = "continuing"
    for title in ("Alpha Show", "Beta Flat"):
        sonarr.show(title).tags = [sonarr.tags.add("keep")]
    async with sonarr:
        for name in ("01-system-status", "10-config-mediamanagement", "11-diskspace"):
            await replay(sonarr, ask, recording(f"sonarr/{name}.json"))
        real = recording("sonarr/02-series-list.json")
        body = await replay(sonarr, ask, real, fields=False)
        for ours, theirs in zip(body, real["body"], strict=True):
            if not theirs["tags"]:
                ours["tags"] = []
            same_shape(ours, theirs)
            for counted in ("episodeFileCount", "episodeCount", "totalEpisodeCount"):
                statistics = ours["statistics"], theirs["statistics"]
                assert statistics[0][counted] == statistics[1][counted]
            for field in ("path", "rootFolderPath", "status", "ended", "tmdbId"):
                assert ours[field] == theirs[field]
        await replay(sonarr, ask, recording("sonarr/02-series-by-tvdbid.json"))
        real = recording("sonarr/02-episode-list.json")
        assert await replay(sonarr, ask, real) == real["body"]
        await replay(sonarr, ask, recording("sonarr/02-episode-no-seriesid.json"))
        real = recording("sonarr/02-episodefile-two-episodes.json")
        body = await replay(sonarr, ask, real)
        for ours, theirs in zip(body, real["body"], strict=True):
            for field in ("relativePath", "path", "releaseType", "dateAdded"):
                assert ours[field] == theirs[field]


async def test_sonarr_refuses(shows: Shows, ask: Client) -> None:
    """Without a key there is nothing; without the url base the way to it."""
    async with shows.sonarr as sonarr:
        real = recording("sonarr/01-system-status-no-key.json")
        reply = await ask(sonarr, real["request"]["path"], headers={})
        assert (reply.status, reply.body) == (real["status"], None)
    real = recording("sonarr/01-urlbase-redirect.json")
    async with (
        SonarrSimulator(shows.house, url_base="/sonarr") as sonarr,
        ask.session.get(
            sonarr.url.removesuffix("/sonarr") + real["request"]["path"],
            headers={"X-Api-Key": sonarr.api_key},
            allow_redirects=False,
        ) as response,
    ):
        assert response.status == real["status"]
        assert response.headers["Location"] == real["body"]["location"]


async def test_sonarr_monitor(shows: Shows, ask: Client) -> None:
    """Episodes are monitored, or not, as recorded."""
    series = shows.numbered(14)
    for episode, number in zip(series.episodes, range(67, 73), strict=True):
        episode.id = number
    async with shows.sonarr as sonarr:
        for name in (
            "03-episode-monitor",
            "03-episode-monitor-empty",
            "03-episode-monitor-unknown",
        ):
            await replay(sonarr, ask, recording(f"sonarr/{name}.json"))
        for episode in series.episodes:
            episode.monitored = True
        await replay(
            sonarr, ask, recording("sonarr/03-episode-monitor-known-and-unknown.json")
        )
        assert [each.monitored for each in series.episodes[:3]] == [False, False, True]
        await replay(sonarr, ask, recording("sonarr/04-seasonpass-no-options.json"))
        assert series.seasons == {1: False, 2: True}
        assert series.episodes[2].monitored
        series.seasons[1] = True
        real = recording("sonarr/04-series-put-season-unmonitored.json")
        await replay(sonarr, ask, real)
        assert [each.monitored for each in series.episodes] == [False] * 3 + [True] * 3
        await replay(sonarr, ask, recording("sonarr/04-seasonpass-monitor-none.json"))
        assert not series.monitored
        assert not any(each.monitored for each in series.episodes)


async def test_sonarr_files(shows: Shows, ask: Client) -> None:
    """Files go one by one as recorded, or do not."""
    disk = shows.house.disk
    series = shows.numbered(1)
    shows.with_files(series, 24, 25)
    other = shows.numbered(2, path="/tv2/Number 2")
    shows.with_files(other, 36)
    async with shows.sonarr as sonarr:
        await replay(sonarr, ask, recording("sonarr/05-episodefile-delete.json"))
        await replay(
            sonarr, ask, recording("sonarr/05-episodefile-delete-unknown.json")
        )
        disk.locked.add(series.path_of(series.files[25]))
        await replay(
            sonarr, ask, recording("sonarr/05-episodefile-delete-undeletable.json")
        )
        assert list(series.files)[-1] == 25
        for name, mount_point in (("missing", False), ("empty", True)):
            disk.unmount("/tv2", mount_point=mount_point)
            real = recording(f"sonarr/05-episodefile-root-{name}.json")
            await replay(sonarr, ask, real)
            disk.mount("/tv2")
        assert 36 in other.files


async def test_sonarr_bulk(shows: Shows, ask: Client) -> None:
    """Several files at once go wrong as recorded."""
    disk = shows.house.disk
    one, two = shows.numbered(1), shows.numbered(2)
    shows.with_files(one, 57, 58, 59, 66, 67, 68)
    shows.with_files(two, 60, 61, 63)
    async with shows.sonarr as sonarr:
        for name in ("empty", "one-series", "unknown", "two-series"):
            await replay(sonarr, ask, recording(f"sonarr/06-bulk-{name}.json"))
        disk.locked.add(one.path_of(one.files[67]))
        await replay(sonarr, ask, recording("sonarr/06-bulk-undeletable.json"))
        assert sorted(one.files) == [67, 68]
        # In both series files of the same names.
        a, b = shows.numbered(3), shows.numbered(4)
        shows.with_files(a, 82, 83)
        shows.with_files(b, 84, 85)
        for series, numbers in ((a, (82, 83)), (b, (84, 85))):
            for place, number in enumerate(numbers, start=1):
                file, new = series.files[number], f"Season 01/S01E0{place}.mkv"
                disk.move(series.path_of(file), f"{series.path}/{new}")
                file.relative_path = new
        real = recording("sonarr/06-bulk-two-series-same-relative-path.json")
        await replay(sonarr, ask, real)
        there = [
            f"{series.path}/Season 01/S01E0{number}.mkv" in disk.files
            for series in (a, b)
            for number in (1, 2)
        ]
        assert there == [False, False, True, True]


async def test_sonarr_season_removed(shows: Shows, ask: Client) -> None:
    """A season without files or monitored episodes counts none, and its flag stays."""
    series = shows.numbered(69)
    for episode in series.episodes[:3]:
        episode.monitored = False
        disk_path = series.path_of(series.files[episode.file_id])
        shows.house.disk.remove(disk_path)
    shows.sonarr.rescan()
    real = recording("sonarr/06-series-after-season-removed.json")
    async with shows.sonarr as sonarr:
        body = await replay(sonarr, ask, real)
        statistics = "statistics"
        for ours, theirs in zip(body["seasons"], real["body"]["seasons"], strict=True):
            ours[statistics].pop("sizeOnDisk")
            theirs[statistics].pop("sizeOnDisk")
            assert ours == theirs


async def test_sonarr_continuing(shows: Shows, ask: Client) -> None:
    """A special, and an episode that is still to come, are counted as recorded."""
    series = shows.numbered(54)
    # A root folder without any folder would be taken for a drive that is gone.
    shows.show("Other", 1, manage=False)
    shows.house.disk.remove_tree(series.path)
    shows.sonarr.rescan()
    special = shows.sonarr.announce(series, 0, 1, ADDED)
    assert not special.monitored
    shows.sonarr.announce(series, 2, 4, datetime(2027, 6, 1, 20, tzinfo=UTC))
    series.status, series.tags = "continuing", [shows.sonarr.tags.add("keep")]
    real = recording("sonarr/02-series-continuing-with-specials.json")
    async with shows.sonarr as sonarr:
        body = await replay(sonarr, ask, real, fields=False)
    same_shape({**body, "images": 0}, {**real["body"], "images": 0})
    assert body["seasons"] == real["body"]["seasons"]
    assert body["statistics"] == real["body"]["statistics"]
    for field in ("nextAiring", "previousAiring", "ended"):
        assert body[field] == real["body"][field]


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("files-exclusion", False),
        ("wrong-flag-name", False),
        ("parent", True),
        ("undeletable", True),
    ],
)
async def test_sonarr_delete(shows: Shows, ask: Client, name: str, stays: bool) -> None:
    """A deletion is 200 whatever happens on the disk; twice it is 500."""
    real = recording(f"sonarr/07-series-delete-{name}.json")
    number = int(real["request"]["path"].rsplit("/", 1)[1])
    series = shows.numbered(number)
    if name == "parent":
        shows.numbered(99, path=f"{series.path}/Inner")
    if name == "undeletable":
        shows.house.disk.locked.add(next(iter(shows.house.files)))
        shows.house.disk.locked.update(
            series.path_of(file) for file in series.files.values()
        )
    async with shows.sonarr as sonarr:
        await replay(sonarr, ask, real)
        assert number not in sonarr.series
        assert shows.house.disk.has(series.path) is stays
        assert sonarr.excluded(series.tvdb_id) is (name != "wrong-flag-name")
        if name == "files-exclusion":
            real = recording("sonarr/07-series-delete-repeated.json")
            await replay(sonarr, ask, real)
            sonarr.exclusions[0].provider_id = 5001
            sonarr.exclusions[0].title = "Del One"
            real = recording("sonarr/07-importlistexclusion.json")
            assert await replay(sonarr, ask, real) == real["body"]


async def test_sonarr_delete_several(shows: Shows, ask: Client) -> None:
    """At the first guarded series the folders of the others stay, too."""
    series = [shows.numbered(number) for number in (37, 38, 40, 41, 42)]
    shows.numbered(99, path=f"{series[2].path}/Inner")
    async with shows.sonarr as sonarr:
        await replay(sonarr, ask, recording("sonarr/08-editor-delete.json"))
        real = recording("sonarr/08-editor-delete-guarded-batch.json")
        await replay(sonarr, ask, real)
        assert list(sonarr.series) == [99]
    there = [shows.house.disk.has(each.path) for each in series]
    assert there == [False, False, True, True, True]


async def test_sonarr_queue_and_folders(shows: Shows, ask: Client) -> None:
    """A season pack, and a folder that is not there, are listed as recorded."""
    series = shows.numbered(59, seasons=(3,))
    async with shows.sonarr as sonarr:
        for episode in series.episodes:
            episode.file_id = 0
        sonarr.download(series)
        real = recording("sonarr/11-queue-items.json")
        body = await replay(sonarr, ask, real)
        assert {row["size"] for row in body["records"]} == {9000}
        assert not any(row["episodeHasFile"] for row in body["records"])
        shows.show("Del Three", 7, manage=False)
        sonarr.root_folders.append("/tvZ")
        await replay(sonarr, ask, recording("sonarr/11-rootfolder-missing.json"))


# -- the servers' own descriptions -----------------------------------------------


def described(name: str, prefix: str) -> set[tuple[str, str]]:
    """Return the methods and paths of a description, or skip where there is none."""
    file = RECORDINGS / f"openapi/{name}.gz"
    if not file.exists():
        pytest.skip("no descriptions here")
    raw = gzip.decompress(file.read_bytes())
    paths = (json.loads(raw) if name.endswith("json") else yaml.safe_load(raw))["paths"]
    return {
        (method.upper(), re.sub(r"\{[^}]+\}", "{}", path.removeprefix(prefix)))
        for path, methods in paths.items()
        for method in methods
    }


@pytest.mark.parametrize(
    ("kind", "name", "prefix"),
    [
        (RadarrSimulator, "radarr-v3.json", "/api/v3"),
        (SonarrSimulator, "sonarr-v3.json", "/api/v3"),
        (SeerrSimulator, "seerr-v1.yml", ""),
        (SeerrSimulator, "jellyseerr-2.x.yml", ""),
    ],
)
def test_routes(
    household: Household,
    kind: type[RadarrSimulator | SonarrSimulator | SeerrSimulator],
    name: str,
    prefix: str,
) -> None:
    """Every route is described with its method."""
    known = described(name, prefix)
    for method, pattern, _ in kind(household)._routes:
        path = pattern.pattern.removeprefix("^").removesuffix("/?$")
        path = path.removeprefix("/api/v3").replace("(?:/\\d+)?", "/{}")
        path = path.replace("(\\d+)", "{}").replace("([^/]+)", "{}")
        assert (method, path) in known
