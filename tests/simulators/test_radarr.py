"""What Radarr says, and what it does."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientError
import pytest

from simulators import (
    FaultKind,
    Household,
    JellyfinSimulator,
    RadarrSimulator,
    SeerrSimulator,
)

from .conftest import Client, Clock, Reply

API = "/api/v3"
AWAY = "?deleteFiles=true&addImportExclusion=true"


@pytest.fixture
async def radarr(
    household: Household, socket_enabled: None
) -> AsyncGenerator[RadarrSimulator]:
    """Return a Radarr with the two films of the household."""
    async with RadarrSimulator(household) as server:
        server.manage_all()
        yield server


async def settled(radarr: RadarrSimulator) -> None:
    """Wait until Radarr has done what it promised."""
    while not radarr.settled:
        await asyncio.sleep(0.005)


def folder(household: Household, name: str) -> list[str]:
    """Return what lies in a film's folder."""
    return household.disk.tree(household.movie(name).folder)


async def test_list(radarr: RadarrSimulator, household: Household, ask: Client) -> None:
    """The list tells files apart from none, and an empty filter is no filter."""
    household.disk.remove(household.movie("Bravo").path or "")
    radarr.rescan()
    alpha, bravo = (await ask(radarr, f"{API}/movie")).body
    assert (alpha["title"], alpha["tmdbId"], alpha["hasFile"]) == ("Alpha", 603, True)
    assert alpha["path"] == "/media/movies/Alpha (1999)"
    assert alpha["rootFolderPath"] == "/media/movies"
    assert alpha["movieFile"]["path"] == household.movie("Alpha").path
    assert alpha["added"] == "2026-11-22T11:00:00Z"
    assert (bravo["hasFile"], bravo["monitored"]) == (False, True)
    assert "movieFile" not in bravo
    one = await ask(radarr, f"{API}/movie?TMDBID=604&excludeLocalCovers=true")
    assert [each["title"] for each in one.body] == ["Bravo"]
    assert "url" not in one.body[0]["images"][0]
    assert len((await ask(radarr, f"{API}/movie?tmdbId=")).body) == 2
    assert (await ask(radarr, f"{API}/movie?tmdbId=x")).status == 400


async def test_keys(radarr: RadarrSimulator, ask: Client) -> None:
    """Without the key there is 401 and nothing else; a wrong one in the query beats a right header."""
    for path in ("/system/status", "/nothing"):
        for headers in ({}, {"X-Api-Key": "no"}):
            reply = await ask(radarr, API + path, headers=headers)
            assert (reply.status, reply.body) == (401, None)
    assert (await ask(radarr, f"{API}/nothing")).status == 404
    assert (await ask(radarr, f"{API}/tag?apikey=no")).status == 401
    path = f"{API}/tag?apikey={radarr.api_key}"
    assert (await ask(radarr, path, headers={})).status == 200
    assert (await ask(radarr, "/ping", headers={})).body == {"status": "OK"}
    page = await ask(radarr, "/login", headers={})
    assert page.status == 200
    assert "<title>Login - Radarr</title>" in page.body


async def test_url_base(household: Household, ask: Client) -> None:
    """With a url base the plain path leads to the one with it."""
    async with RadarrSimulator(household, url_base="/radarr") as radarr:
        assert radarr.url.endswith("/radarr")
        reply = await ask(radarr, f"{API}/system/status")
        assert reply.body["urlBase"] == "/radarr"
        plain = radarr.url.removesuffix("/radarr")
        async with ask.session.get(
            f"{plain}{API}/movie?tmdbId=1",
            headers={"X-Api-Key": radarr.api_key},
            allow_redirects=False,
        ) as response:
            assert response.status == 307
            assert response.headers["Location"] == "/radarr/api/v3/movie?tmdbId=1"
        async with ask.session.get(f"{plain}{API}/movie") as response:
            assert response.status == 401


async def test_delete_movie(
    radarr: RadarrSimulator, household: Household, clock: Clock, ask: Client
) -> None:
    """The row goes at once, the folder after it, Jellyfin's item when it has looked."""
    household.disk.write("/media/movies/Alpha (1999)/Extras/x.txt", 1, clock.now)
    async with JellyfinSimulator(household) as jellyfin:
        radarr.deletion_delay = 0.05
        reply = await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
        assert (reply.status, reply.body) == (200, None)
        assert 1 not in radarr.movies
        assert radarr.excluded(603)
        assert folder(household, "Alpha")
        await settled(radarr)
        alpha = household.movie("Alpha")
        assert not household.disk.has(alpha.folder)
        assert (await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")).status == 404
        update = {"Updates": [{"Path": alpha.path, "UpdateType": "Deleted"}]}
        await ask(jellyfin, "/Library/Media/Updated", "POST", body=update)
        assert alpha in household
        clock.tick(seconds=61)
        await ask(jellyfin, "/Users")
        assert alpha not in household
        household.scan()
    assert household.movie("Bravo")


@pytest.mark.parametrize(
    "case", ["same", "parent", "locked", "missing", "killed", "flag", "keep"]
)
async def test_delete_that_does_not(
    radarr: RadarrSimulator, household: Household, ask: Client, case: str
) -> None:
    """200, the row is gone, the exclusion is there, and every file stays."""
    alpha, bravo = radarr.movies[1], radarr.movies[2]
    before = set(household.files)
    path = f"{API}/movie/1{AWAY}"
    match case:
        case "same":
            bravo.path = alpha.path
        case "parent":
            bravo.path = f"{alpha.path}/inner"
        case "locked":
            household.disk.locked.add(household.movie("Alpha").path or "")
        case "missing":
            household.disk.unmount("/media/movies")
        case "killed":
            radarr.deletion_delay = 5
        case "flag":
            path = f"{API}/movie/1?deleteFiles=1"
        case "keep":
            path = f"{API}/movie/1?deleteFiles=False&addImportExclusion=True"
    reply = await ask(radarr, path, "DELETE")
    if case == "flag":
        assert reply.status == 400
        assert "deleteFiles" in reply.body["errors"]
        assert 1 in radarr.movies
        return
    assert (reply.status, reply.body) == (200, None)
    assert 1 not in radarr.movies
    assert [each.title for each in radarr.exclusions] == ["Alpha"]
    if case == "killed":
        await radarr.stop()
        await radarr.start()
    await settled(radarr)
    if case == "missing":
        assert not household.disk.tree("/media/movies")
        household.disk.mount("/media/movies")
    assert household.files == before
    unmapped = (await ask(radarr, f"{API}/rootfolder")).body[0]["unmappedFolders"]
    assert ("Alpha (1999)" in [each["name"] for each in unmapped]) is (case != "same")


async def test_delete_that_does_too_much(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """A folder that is the root goes whole; one that is a link takes what it leads to."""
    alpha = radarr.movies[1]
    household.disk.links["/media/movies/Link"] = alpha.path
    radarr.movies[2].path = "/media/movies/Link"
    await ask(radarr, f"{API}/movie/2{AWAY}", "DELETE")
    await settled(radarr)
    assert not folder(household, "Alpha")
    assert folder(household, "Bravo")
    alpha.path = "/media/movies"
    row = (await ask(radarr, f"{API}/movie")).body[0]
    assert (row["path"], row["rootFolderPath"]) == ("/media/movies", "/media")
    await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
    await settled(radarr)
    assert not household.disk.tree("/media/movies")


async def test_delete_file(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """The honest way: the file is gone when it answers, the rest stays, and the movie is fetched again."""
    alpha = radarr.movies[1]
    assert alpha.file is not None
    path = f"{API}/moviefile/{alpha.file.id}"
    film = household.movie("Alpha")
    for prepare, status, message in (
        ("unmount", 409, "Movie's root folder (/media/movies) doesn't exist."),
        ("empty", 409, "Movie's root folder (/media/movies) is empty. Rescan"),
        ("lock", 500, "Unable to delete movie file"),
    ):
        if prepare == "lock":
            household.disk.locked.add(film.path or "")
        else:
            empty = prepare == "empty"
            household.disk.unmount("/media/movies", mount_point=empty)
        reply = await ask(radarr, path, "DELETE")
        assert reply.status == status
        assert reply.body["message"].startswith(message)
        assert "   at NzbDrone" in reply.body["description"]
        if prepare != "lock":
            household.disk.mount("/media/movies")
        assert alpha.file is not None
    household.disk.locked.clear()
    reply = await ask(radarr, path, "DELETE")
    assert (reply.status, reply.body) == (200, None)
    assert film.path not in household.files
    assert len(folder(household, "Alpha")) == 2
    row = (await ask(radarr, f"{API}/movie/1")).body
    assert (row["hasFile"], row["movieFileId"], row["monitored"]) == (False, 0, True)
    assert (await ask(radarr, path, "DELETE")).status == 404
    household.scan()
    assert film not in household
    assert radarr.search() == ["Alpha"]
    assert film in household
    assert alpha.file is not None


async def test_a_drive_that_is_gone(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """The database goes on believing in files, and a rescan does not look at an absent drive."""
    household.disk.unmount("/media/movies")
    radarr.rescan()
    rows = (await ask(radarr, f"{API}/movie")).body
    assert all(row["hasFile"] and row["sizeOnDisk"] for row in rows)
    (root,) = (await ask(radarr, f"{API}/rootfolder")).body
    assert root == {"path": "/media/movies", "accessible": False, "id": 1}
    household.disk.mount("/media/movies")


async def test_editor(radarr: RadarrSimulator, ask: Client) -> None:
    """The editor changes all or nothing, adds tags, and asks no tag whether it exists."""
    path = f"{API}/movie/editor"

    async def edit(**body: Any) -> Reply:
        return await ask(radarr, path, "PUT", body=body)

    reply = await edit(movieIds=[2], monitored=False)
    assert reply.status == 202
    (row,) = reply.body
    assert row["monitored"] is False
    assert not {"hasFile", "sizeOnDisk", "statistics", "rootFolderPath"} & set(row)
    for ids in ([1, 99], [1, 1]):
        reply = await edit(movieIds=ids, monitored=False)
        assert reply.status == 500
    assert reply.body["message"] == "Expected query to return 2 rows but returned 1"
    assert radarr.movies[1].monitored
    assert (await edit(movieIds=[1], monitored="False")).status == 400
    await edit(movieIds=[1], tags=[5])
    await edit(movieIds=[1], tags=[7])
    assert radarr.movies[1].tags == [5, 7]
    await edit(movieIds=[1], tags=[5], applyTags="remove")
    assert radarr.movies[1].tags == [7]
    await edit(movieIds=[1], tags=[2], applyTags="replace")
    assert radarr.movies[1].tags == [2]


async def test_bulk_deletes(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """One guarded folder spares them all, while the rows are gone; bulk takes one folder for all files."""
    before = set(household.files)
    third = household.add_movie("Charlie", provider_ids={"Tmdb": "605"})
    radarr.manage(third)
    files = [radarr.movies[number].file for number in (1, 2)]
    path = f"{API}/moviefile/bulk"
    body: Any = {"movieFileIds": [each.id for each in files if each]}
    assert (await ask(radarr, path, "DELETE", body=body)).status == 200
    assert before - household.files == {household.movie("Alpha").path}
    assert radarr.movies[2].file is None
    assert (await ask(radarr, path, "DELETE", body=body)).status == 500
    body = {"movieFileIds": []}
    assert (await ask(radarr, path, "DELETE", body=body)).status == 500
    path = f"{API}/movie/editor"
    body = {"movieIds": [1, 99], "deleteFiles": True}
    assert (await ask(radarr, path, "DELETE", body=body)).status == 500
    assert len(radarr.movies) == 3
    radarr.movies[3].path = f"{radarr.movies[1].path}/inner"
    body = {"movieIds": [2, 1], "deleteFiles": True}
    reply = await ask(radarr, path, "DELETE", body=body)
    assert (reply.status, reply.body) == (200, {})
    await settled(radarr)
    assert list(radarr.movies) == [3]
    assert folder(household, "Bravo")


async def test_list_sync(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """An import list brings back what is not excluded; by hand an excluded one can be added, too."""
    for number, flags in ((1, AWAY), (2, "?deleteFiles=true")):
        await ask(radarr, f"{API}/movie/{number}{flags}", "DELETE")
    await settled(radarr)
    # Of a library whose folder is empty a scan leaves everything listed.
    household.disk.write("/media/movies/read me.txt", 1, household.now())
    household.scan()
    assert not household.movies
    assert radarr.list_sync() == ["Bravo"]
    assert [each.name for each in household.movies] == ["Bravo"]
    assert radarr.movie("Bravo").id == 3
    body = {
        "tmdbId": 603,
        "qualityProfileId": 4,
        "rootFolderPath": "/media/movies",
        "addOptions": {"searchForMovie": True},
    }
    reply = await ask(radarr, f"{API}/movie", "POST", body=body)
    assert (reply.status, reply.body["hasFile"]) == (201, False)
    one = (await ask(radarr, f"{API}/movie/{reply.body['id']}")).body
    assert (one["hasFile"], "addOptions" in one) == (True, False)
    assert "Alpha" in household
    reply = await ask(radarr, f"{API}/movie", "POST", body=body)
    assert reply.status == 400
    assert reply.body[0]["errorCode"] == "MovieExistsValidator"
    page = (await ask(radarr, f"{API}/exclusions/paged?pageSize=500")).body
    assert [each["tmdbId"] for each in page["records"]] == [603]


async def test_late_exclusion(radarr: RadarrSimulator, ask: Client) -> None:
    """An exclusion may be late, and one that is late does not survive a crash."""
    radarr.exclusion_delay = 0.05
    await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
    assert not radarr.exclusions
    await settled(radarr)
    reply = await ask(radarr, f"{API}/exclusions")
    assert reply.headers["Deprecation"] == "true"
    assert [each["movieTitle"] for each in reply.body] == ["Alpha"]
    await ask(radarr, f"{API}/movie/2{AWAY}", "DELETE")
    await radarr.stop()
    await radarr.start()
    assert len(radarr.exclusions) == 1


async def test_tags(radarr: RadarrSimulator, household: Household, ask: Client) -> None:
    """Tags are small letters, made twice without complaint, and kept while in use."""
    radarr.manage(household.movie("Alpha"), tags=["quick-watch"])

    async def make(label: str) -> Reply:
        return await ask(radarr, f"{API}/tag", "POST", body={"label": label})

    assert (await make("quick-watch")).status == 201
    assert (await make("Quick-Watch")).status == 409
    assert (await make("Later")).body == {"label": "later", "id": 2}
    assert (await make("a b")).status == 400
    details = (await ask(radarr, f"{API}/tag/detail")).body
    assert [each["movieIds"] for each in details] == [[1], []]
    assert (await ask(radarr, f"{API}/tag/1", "DELETE")).status == 409
    assert (await ask(radarr, f"{API}/tag/2", "DELETE")).status == 200
    assert len((await ask(radarr, f"{API}/tag")).body) == 1


async def test_recycle_bin(
    radarr: RadarrSimulator, household: Household, clock: Clock, ask: Client
) -> None:
    """Into the bin: gone from the library, not from the disk, until the clean-up."""
    radarr.recycle_bin = "/data/recycle"
    free = household.disk.free
    clock.tick(days=30)
    await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
    await settled(radarr)
    bravo = radarr.movies[2].file
    assert bravo is not None
    await ask(radarr, f"{API}/moviefile/{bravo.id}", "DELETE")
    assert household.disk.free == free
    names = sorted(household.disk.tree("/data/recycle"))
    assert names == [
        "/data/recycle/Alpha (1999)/Alpha (1999).en.srt",
        "/data/recycle/Alpha (1999)/Alpha (1999).mkv",
        "/data/recycle/Alpha (1999)/Alpha (1999).nfo",
        "/data/recycle/Bravo (2001)/Bravo (2001).mkv",
    ]
    settings = (await ask(radarr, f"{API}/config/mediamanagement")).body
    assert settings["recycleBin"] == "/data/recycle"
    assert not radarr.clean_recycle_bin()
    clock.tick(days=7)
    assert sorted(radarr.clean_recycle_bin()) == names
    assert household.disk.free > free


async def test_recycle_bin_that_cannot_be_written(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """A movie's deletion is 200 all the same and leaves the files; a file's is 500."""
    radarr.recycle_bin, radarr.recycle.writable = "/data/recycle", False
    before = set(household.files)
    bravo = radarr.movies[2].file
    assert bravo is not None
    reply = await ask(radarr, f"{API}/moviefile/{bravo.id}", "DELETE")
    assert reply.status == 500
    assert (await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")).status == 200
    await settled(radarr)
    assert household.files == before


async def test_another_view_of_the_disk(household: Household, ask: Client) -> None:
    """A container sees other paths; two instances own the titles of their own folders."""
    household.add_library("Movies 4K", "movies", ["/media/movies-4k"])
    household.add_movie("Alpha", library="Movies 4K", provider_ids={"Tmdb": "603"})
    async with (
        RadarrSimulator(
            household, libraries=["Movies"], path_map={"/media": "/data/media"}
        ) as radarr,
        RadarrSimulator(household, libraries=["Movies 4K"], name="radarr4k") as other,
    ):
        assert radarr.api_key != other.api_key
        for each in (radarr, other):
            each.manage_all()
        rows = (await ask(radarr, f"{API}/movie")).body
        assert rows[0]["path"] == "/data/media/movies/Alpha (1999)"
        assert rows[0]["movieFile"]["path"].startswith(rows[0]["path"])
        assert len(rows) == 2
        rows = (await ask(other, f"{API}/movie")).body
        assert [row["path"] for row in rows] == ["/media/movies-4k/Alpha"]
        await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
        await settled(radarr)
        assert not household.disk.has("/media/movies/Alpha (1999)")
        assert household.disk.has("/media/movies-4k/Alpha")


async def test_queue(radarr: RadarrSimulator, ask: Client) -> None:
    """What is on its way stays in the queue when its movie goes, without an id."""
    download = radarr.download(radarr.movies[1])
    page = (await ask(radarr, f"{API}/queue?pageSize=100")).body
    assert (page["totalRecords"], page["records"][0]["movieId"]) == (1, 1)
    await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
    assert not (await ask(radarr, f"{API}/queue")).body["records"]
    path = f"{API}/queue?includeUnknownMovieItems=true"
    (row,) = (await ask(radarr, path)).body["records"]
    assert "movieId" not in row
    assert (await ask(radarr, f"{API}/queue/{download.id}", "DELETE")).status == 200
    assert not radarr.queue


async def test_renames(radarr: RadarrSimulator, household: Household) -> None:
    """What Radarr renames or upgrades stays known; what others rename is lost to it."""
    alpha, bravo = radarr.movies[1], radarr.movies[2]
    film = household.movie("Alpha")
    household.replace(film, size=7)
    radarr.rescan()
    assert alpha.file is not None
    assert alpha.file.size == 7
    household.rename(film, "/media/movies/First/First.mkv")
    radarr.moved(film)
    assert alpha.file_path == "/media/movies/First/First.mkv"
    household.rename(household.movie("Bravo"), "/media/movies/Second/Second.mkv")
    radarr.rescan()
    assert bravo.file is None
    assert bravo.monitored


async def test_several_files(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """A second version is listed later, and one of worse quality when the first is gone."""
    film = household.add_movie(
        "Two", year=2000, provider_ids={"Tmdb": "7"}, versions=["720p", "1080p"]
    )
    low, high = (source.path for source in film.sources)
    household.disk.files[high].size += 1
    movie = radarr.manage(film)
    radarr.rescan()
    assert [movie.path_of(each) for each in movie.files] == [high]
    household.disk.remove(high)
    radarr.rescan()
    assert [movie.path_of(each) for each in movie.files] == [low]
    household.disk.write(high, 7, household.now())
    radarr.rescan()
    assert [movie.path_of(each) for each in movie.files] == [low, high]
    (row,) = (await ask(radarr, f"{API}/movie?tmdbId=7")).body
    listed = (await ask(radarr, f"{API}/movie")).body[-1]
    assert row["movieFileId"] == listed["movieFileId"] == listed["movieFile"]["id"]
    assert row["movieFile"]["id"] != row["movieFileId"]
    await ask(radarr, f"{API}/moviefile/{row['movieFileId']}", "DELETE")
    radarr.rescan()
    (row,) = (await ask(radarr, f"{API}/movie?tmdbId=7")).body
    assert (row["hasFile"], row["movieFile"]["path"]) == (False, low)
    (left,) = (await ask(radarr, f"{API}/moviefile?movieId={movie.id}")).body
    assert left["path"] == low


async def test_what_is_refused(radarr: RadarrSimulator, household: Household) -> None:
    """Parts and the folders of discs have no file in Radarr; the image of a disc has."""
    for name, files in (
        ("Parts", ["Parts (2000) cd1.mkv", "Parts (2000) cd2.mkv"]),
        ("Disc", ["BDMV/STREAM/00001.m2ts", "BDMV/STREAM/00002.mkv"]),
        ("Image", ["Image (2000).iso"]),
    ):
        folder = f"/media/movies/{name} (2000)"
        film = household.add_movie(
            name, year=2000, path=f"{folder}/{files[0]}", provider_ids={"Tmdb": "8"}
        )
        for each in files[1:]:
            household.disk.write(f"{folder}/{each}", 9, household.now())
        movie = radarr.manage(film, path=folder)
        radarr.rescan()
        assert [each.relative_path for each in movie.files] == (
            files if name == "Image" else []
        )


async def test_another_path(radarr: RadarrSimulator, household: Household) -> None:
    """A path that is changed leaves the files where they are, and the next look finds none."""
    movie = radarr.movies[1]
    movie.path = "/media/movies/Elsewhere (1999)"
    assert movie.file_path == "/media/movies/Elsewhere (1999)/Alpha (1999).mkv"
    radarr.rescan()
    assert movie.files == []
    assert household.movie("Alpha").path in household.files


async def test_the_honest_way(
    radarr: RadarrSimulator, household: Household, clock: Clock, ask: Client
) -> None:
    """Unmonitor, file, entry, look, Jellyfin, Seerr: gone, and nothing brings it back."""
    film = household.movie("Alpha")
    async with (
        JellyfinSimulator(household) as jellyfin,
        SeerrSimulator(household, radarr=[radarr]) as seerr,
    ):
        media = seerr.request(household.users[0], film).media
        body: Any = {"movieIds": [media.external], "monitored": False}
        await ask(radarr, f"{API}/movie/editor", "PUT", body=body)
        (row,) = (await ask(radarr, f"{API}/movie?tmdbId=603")).body
        await ask(radarr, f"{API}/moviefile/{row['movieFileId']}", "DELETE")
        assert radarr.search() == []
        await ask(radarr, f"{API}/movie/{row['id']}{AWAY}", "DELETE")
        await settled(radarr)
        body = {"Updates": [{"Path": film.path, "UpdateType": "Deleted"}]}
        await ask(jellyfin, "/Library/Media/Updated", "POST", body=body)
        clock.tick(seconds=61)
        items = (await ask(jellyfin, f"/Items?ids={film.id}")).body["Items"]
        assert items == []
        await ask(seerr, f"/api/v1/media/{media.id}", "DELETE")
        assert seerr.requested_media == []
    assert radarr.list_sync() == radarr.search() == []
    assert not household.disk.has("/media/movies/Alpha (1999)")


async def test_faults(
    radarr: RadarrSimulator, household: Household, ask: Client
) -> None:
    """The shared faults strike here, too, an error in Radarr's own words."""
    radarr.fail(FaultKind.SERVER_ERROR, times=1)
    reply = await ask(radarr, f"{API}/movie")
    assert reply.status == 500
    assert set(reply.body) == {"message", "description"}
    radarr.fail(FaultKind.HALF_PAGE, times=1)
    assert len((await ask(radarr, f"{API}/movie")).body) == 1
    radarr.fail(FaultKind.DISCONNECT_AFTER, method="DELETE", times=1)
    with pytest.raises(ClientError):
        await ask(radarr, f"{API}/movie/1{AWAY}", "DELETE")
    await settled(radarr)
    assert not household.disk.has("/media/movies/Alpha (1999)")
