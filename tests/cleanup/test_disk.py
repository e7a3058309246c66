"""What the disk says, and what it cannot say."""

from collections.abc import Iterable

import pytest

from custom_components.oxicleanarr.cleanup import clause
from custom_components.oxicleanarr.cleanup.disk import Disk
from custom_components.oxicleanarr.servers import ServerError
from simulators import FaultKind

from .conftest import Cleaner

FOLDER = "/media/movies/Alpha (2000)"
FILM = f"{FOLDER}/Alpha (2000).mkv"


async def looking(cleaner: Cleaner) -> Disk:
    """Return the disk of a house that has been read."""
    await cleaner.sync()
    return Disk(cleaner.home.jellyfin, cleaner.home.ledger)


def put(cleaner: Cleaner, *names: str) -> None:
    """Put files into the film's folder."""
    house = cleaner.home.household
    for name in names:
        house.disk.write(f"{FOLDER}/{name}", 1, house.now())


async def test_what_is_to_be_seen(cleaner: Cleaner) -> None:
    """A file that is there is, one that is not is not."""
    disk = await looking(cleaner)
    assert await disk.left([FILM, f"{FOLDER}/gone.mkv"]) == [FILM]
    assert await disk.left([FOLDER], [FOLDER]) == [FOLDER]
    assert await disk.left([FOLDER]) == []


async def test_another_file_proves_that_the_disk_is_there(cleaner: Cleaner) -> None:
    """What has gone is known to have only where its neighbours are still to be seen."""
    disk, house = await looking(cleaner), cleaner.home.household
    alpha = house["Alpha"].id
    assert await disk.is_there(FILM, {alpha})
    assert not await disk.is_there("/elsewhere/film.mkv", {alpha})
    house.disk.unmount("/media/movies", mount_point=True)
    put_aside = "/media/movies/lost+found"
    house.disk.folders.add(put_aside)
    assert not await disk.is_there(FILM, {alpha})
    assert not await disk.is_there(FILM, {alpha}, just_seen=True)
    house.disk.mount("/media/movies")
    house.disk.unreadable.add("/media/movies")
    assert not await disk.is_there(FILM, {alpha})


async def test_a_disk_within_a_library(cleaner: Cleaner) -> None:
    """The nearest neighbours tell, and not those on another disk."""
    house = cleaner.home.household
    for name in ("Echo", "Foxtrot"):
        house.add_movie(name, path=f"/media/movies/disk2/{name}/{name}.mkv")
    disk = await looking(cleaner)
    echo = house.movie("Echo")
    assert echo.path is not None
    assert await disk.is_there(echo.path, {echo.id})
    house.disk.unmount("/media/movies/disk2", mount_point=True)
    assert not await disk.is_there(echo.path, {echo.id})


async def test_the_last_film_of_a_library(cleaner: Cleaner) -> None:
    """Something else in the library's folder is enough only just after the film was seen."""
    house = cleaner.home.household
    house.add_library("Attic", "movies", ["/media/attic"])
    film = house.add_movie("Echo", library="Attic")
    disk = await looking(cleaner)
    assert film.path is not None
    house.remove_files(film)
    assert await disk.is_there(film.path, {film.id}, just_seen=True) is None
    # That is on every disk that was ever repaired, and on a bare mount point too.
    house.disk.write("/media/attic/lost+found/1", 1, house.now())
    assert await disk.is_there(film.path, {film.id}, just_seen=True) is None
    house.disk.write("/media/attic/list.txt", 1, house.now())
    assert await disk.is_there(film.path, {film.id}, just_seen=True)
    assert not await disk.is_there(film.path, {film.id})


def said(reason: object) -> str:
    """Return a reason in words."""
    return "" if reason is None else clause(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "names",
    [
        ["Alpha (2000).en.srt", "poster.jpg", "important.txt"],
        ["extras/Making of.mkv", "Trailers/One.mkv", "Subs/2_English.srt"],
        ["Featurettes/More/Making of.mkv", "Alpha (2000).trickplay/320 - 10x10/0.jpg"],
        ["Alpha (2000)-trailer.mkv", "trailer.mp4", "Alpha (2000)-behindthescenes.mkv"],
        [".actors/Somebody.jpg", "@eaDir/x.jpg"],
    ],
)
async def test_what_may_go_with_a_film(cleaner: Cleaner, names: Iterable[str]) -> None:
    """Extras, subtitles and pictures are the film's."""
    put(cleaner, *names)
    disk = await looking(cleaner)
    assert await disk.folder_objection(FOLDER, [FILM]) is None


@pytest.mark.parametrize(
    ("names", "because"),
    [
        (["Holiday.mkv"], 'contains "Holiday.mkv"'),
        (["Holiday.ISO"], 'contains "Holiday.ISO"'),
        (["Bravo/Bravo.mkv"], 'contains the folder "Bravo"'),
        (["Photos/1.jpg"], 'contains the folder "Photos"'),
        (["extras/.ignore", "extras/Holiday.mkv"], 'contains "Holiday.mkv"'),
        (["extras/.ignore", "extras/more/Holiday.mkv"], 'contains "Holiday.mkv"'),
        (["BDMV/STREAM/00000.m2ts"], 'contains the folder "BDMV"'),
        (["Season 1/Holiday.mkv"], 'contains the folder "Season 1"'),
    ],
)
async def test_what_must_not_go_with_a_film(
    cleaner: Cleaner, names: Iterable[str], because: str
) -> None:
    """A video that is not the film's, or a folder of whatever, holds its folder."""
    put(cleaner, *names)
    disk = await looking(cleaner)
    assert because in said(await disk.folder_objection(FOLDER, [FILM]))


async def test_the_folder_of_a_disc(cleaner: Cleaner) -> None:
    """It is the film, with all that a disc has, but not with another film."""
    put(cleaner, "BDMV/STREAM/00000.m2ts", "CERTIFICATE/id.bdmv", "extras/More.mkv")
    house = cleaner.home.household
    house.disk.remove(FILM)
    disk = await looking(cleaner)
    assert await disk.folder_objection(FOLDER, [FOLDER]) is None
    put(cleaner, "Holiday.mkv")
    assert 'contains "Holiday.mkv"' in said(
        await disk.folder_objection(FOLDER, [FOLDER])
    )


async def test_the_folder_of_a_series(cleaner: Cleaner) -> None:
    """Its seasons may be in it, also one that is empty by now."""
    house = cleaner.home.household
    show = house.show("Show")
    own = [one.path for one in show.episodes if one.path]
    assert show.path is not None
    house.disk.folders.add(f"{show.path}/Season 2")
    disk = await looking(cleaner)
    assert await disk.folder_objection(show.path, own, seasons=True) is None
    house.disk.write(f"{show.path}/Season 2/S02E01.mkv", 1, house.now())
    assert "S02E01.mkv" in said(
        await disk.folder_objection(show.path, own, seasons=True)
    )


async def test_a_folder_that_cannot_be_looked_into(cleaner: Cleaner) -> None:
    """An empty answer where the film was just seen, none at all, and an error."""
    disk, house = await looking(cleaner), cleaner.home.household
    house.disk.unreadable.add(FOLDER)
    assert 'can\'t read the folder "Alpha (2000)"' in said(
        await disk.folder_objection(FOLDER, [FILM])
    )
    house.disk.unreadable.clear()
    house.disk.barred.add(FOLDER)
    with pytest.raises(ServerError):
        await disk.folder_objection(FOLDER, [FILM])
    house.disk.barred.clear()
    assert "can't read" in said(await disk.folder_objection(f"{FOLDER}!", [FILM]))
    cleaner.home.jellyfin_server.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await disk.folder_objection(FOLDER, [FILM])


async def test_a_folder_that_was_emptied(cleaner: Cleaner) -> None:
    """Once the film is gone its folder may be empty, or gone too."""
    disk, house = await looking(cleaner), cleaner.home.household
    for path in house.disk.tree(FOLDER):
        house.disk.remove(path)
    assert await disk.folder_objection(FOLDER, [FILM], emptied=True) is None
    house.disk.forget_folder(FOLDER)
    assert await disk.folder_objection(FOLDER, [FILM], emptied=True) is None
    put(cleaner, "Holiday.mkv")
    assert await disk.folder_objection(FOLDER, [FILM], emptied=True) is not None


async def test_a_folder_without_end(cleaner: Cleaner) -> None:
    """A look has a bound, in depth and in number."""
    put(cleaner, "extras/" + "more/" * 10 + "Making of.mkv")
    disk = await looking(cleaner)
    assert "can't read" in said(await disk.folder_objection(FOLDER, [FILM]))
    cleaner.home.household.disk.remove_tree(f"{FOLDER}/extras")
    put(cleaner, *(f"extras/{number}/x.txt" for number in range(300)))
    assert "can't read" in said(await disk.folder_objection(FOLDER, [FILM]))
