"""What the disk says, and what it cannot say."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from custom_components.oxicleanarr.cleanup import Why, clause, disk as disk_module
from custom_components.oxicleanarr.cleanup.disk import Disk, OnDisk
from custom_components.oxicleanarr.model import MediaFile, MediaItem, MediaKind, Reason
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
    # A film is its file, a disc its folder.
    film = item(cleaner, "Alpha")
    folder = MediaFile(file_id=film.item_id, path=FOLDER)
    assert await disk.left_of(film, [folder]) == []
    assert await disk.left_of(replace(film, is_disc=True), [folder]) == [folder]


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
    # Where the library's folder is not to be seen either, the disk is away.
    house.disk.unmount("/media/attic")
    assert await disk.is_there(film.path, {film.id}, just_seen=True) is False


async def test_what_was_freed(cleaner: Cleaner) -> None:
    """What has gone counts if the rest proves that the disk is there."""
    disk = await looking(cleaner)
    film = item(cleaner, "Alpha")
    there = MediaFile(file_id="1" * 32, path=FILM, size_bytes=4000)
    gone = [
        MediaFile(file_id=str(size) * 32, path=f"{FOLDER}/{size}.mkv", size_bytes=size)
        for size in (1, 2, None)
    ]
    assert await disk.freed(film, gone) == 0
    assert await disk.freed(film, [there]) == 0
    assert await disk.freed(film, [there, *gone]) == 3


def item(cleaner: Cleaner, name: str) -> MediaItem:
    """Return an item as the ledger knows it."""
    item_id = cleaner.home.household[name].id
    return next(
        one for one in cleaner.home.ledger.find(item_id) if one.item_id == item_id
    )


async def shown(cleaner: Cleaner, name: str, for_jellyfin: int) -> OnDisk:
    """Return what is to be seen of an item that has been read."""
    home = cleaner.home
    target = item(cleaner, name)
    known = home.ledger.remembered(target.item_id, home.now)
    return await Disk(home.jellyfin, home.ledger).shown(target, known, for_jellyfin)


async def test_what_is_beside_a_film_among_others(cleaner: Cleaner) -> None:
    """Jellyfin takes every video that begins like the film's; Radarr takes none."""
    house = cleaner.home.household
    loose = "/media/movies/loose"
    for name in ("Echo", "Foxtrot"):
        house.add_movie(name, path=f"{loose}/{name}.mkv", loose=True)
    for name in ("Echo.en.srt", "My Echo.mkv", "Old/Echo 2.mkv"):
        house.disk.write(f"{loose}/{name}", 1, house.now())
    await cleaner.sync()
    assert await shown(cleaner, "Echo", 1) == OnDisk()
    house.disk.write(f"{loose}/ECHO - Extended.mkv", 1, house.now())
    takes = Reason(Why.TAKES_SIDECAR, {"name": "ECHO - Extended.mkv"})
    assert await shown(cleaner, "Echo", 1) == OnDisk(objection=takes)
    assert await shown(cleaner, "Echo", 0) == OnDisk(for_jellyfin=0)
    # Where the other film has gone, the folder would go.
    house.disk.remove(f"{loose}/ECHO - Extended.mkv")
    house.disk.remove(f"{loose}/Foxtrot.mkv")
    holds = Reason(Why.FOLDER_HOLDS_VIDEO, {"name": "My Echo.mkv"})
    assert await shown(cleaner, "Echo", 1) == OnDisk(objection=holds)
    # What is not to be seen itself says nothing of its folder.
    house.disk.remove(f"{loose}/Echo.mkv")
    assert await shown(cleaner, "Echo", 1) == OnDisk(unseen=(f"{loose}/Echo.mkv",))


async def test_what_is_beside_an_episode(cleaner: Cleaner) -> None:
    """Its folder stays, whatever else is in it, also where it is the only episode."""
    house = cleaner.home.household
    show = house.add_series("Solo")
    episode = house.add_episode(show, season=1, number=1, title="Only")
    house.scan()
    await cleaner.sync()
    assert episode.path is not None
    folder = episode.path.rpartition("/")[0]
    house.disk.write(f"{folder}/Holiday.mkv", 1, house.now())
    for count in (0, 1):
        assert await shown(cleaner, "Only", count) == OnDisk(for_jellyfin=count)


async def test_a_film_right_in_a_library(cleaner: Cleaner) -> None:
    """Nobody removes the folder of a library, so nothing in it speaks against that."""
    house = cleaner.home.household
    house.add_library("Attic", "movies", ["/media/attic"])
    house.add_movie("Echo", library="Attic", path="/media/attic/Echo.mkv", loose=True)
    house.disk.write("/media/attic/Photos/1.jpg", 1, house.now())
    await cleaner.sync()
    assert await shown(cleaner, "Echo", 0) == OnDisk(for_jellyfin=0)


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
        (["extras/.ignore", "extras/trailer.mkv"], 'contains "trailer.mkv"'),
        ([".Ignore", "trailer.mkv"], 'contains "trailer.mkv"'),
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


async def test_what_goes_with_a_series(cleaner: Cleaner) -> None:
    """Of its folder, once all in it goes, a season's may be empty and a stranger's not."""
    house = cleaner.home.household
    show = house.show("Show")
    assert show.path is not None
    house.disk.folders.add(f"{show.path}/Season 2")
    disk = await looking(cleaner)
    series = item(cleaner, "Show")
    going = {one.id: [one.path] for one in show.episodes if one.path}
    assert await disk.series_objection(series, going, emptied=False) is None
    house.disk.write(f"{show.path}/Photos/1.jpg", 1, house.now())
    holds = Reason(Why.FOLDER_HOLDS_FOLDER, {"name": "Photos"})
    assert await disk.series_objection(series, going, emptied=False) == holds
    # The entry stays, and the folder with it: an episode does not go, or it is no series.
    some = dict(list(going.items())[1:])
    assert await disk.series_objection(series, some, emptied=False) is None
    nowhere = replace(series, path=None)
    assert await disk.series_objection(nowhere, going, emptied=False) is None
    season = replace(series, kind=MediaKind.SEASON)
    assert await disk.series_objection(season, going, emptied=False) is None
    # Once it is empty, nothing in it is missing.
    house.disk.remove_tree(f"{show.path}/Photos")
    for path in house.disk.tree(show.path):
        house.disk.remove(path)
    assert await disk.series_objection(series, going, emptied=True) is None
    assert await disk.series_objection(series, going, emptied=False) is not None


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
    assert 'can\'t read the folder "Alpha (2000)!"' in said(
        await disk.folder_objection(f"{FOLDER}!", [FILM])
    )
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


@pytest.mark.parametrize(
    ("bound", "most", "unread"),
    [
        ("_DEEPEST", 4, None),
        ("_DEEPEST", 3, "two"),
        ("_MOST_FOLDERS", 5, None),
        ("_MOST_FOLDERS", 4, "three"),
        ("_MOST_ENTRIES", 10, None),
        ("_MOST_ENTRIES", 9, "three"),
    ],
)
async def test_the_bounds_of_a_look(
    cleaner: Cleaner,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
    most: int,
    unread: str | None,
) -> None:
    """As much as that is looked at, and the folder at which it was too much is named."""
    house = cleaner.home.household
    house.disk.remove_tree(FOLDER)
    put(cleaner, "Alpha (2000).mkv", "extras/a.jpg", "extras/b.jpg")
    put(cleaner, "extras/one/two/c.jpg", "extras/one/two/three/d.jpg")
    put(cleaner, "extras/one/e.jpg")
    disk = await looking(cleaner)
    monkeypatch.setattr(disk_module, bound, most)
    reason = None
    if unread is not None:
        because = Reason(Why.FOLDER_UNREADABLE, {"name": unread})
        reason = Reason(Why.UNSURE, {"because": because})
    assert await disk.folder_objection(FOLDER, [FILM]) == reason
