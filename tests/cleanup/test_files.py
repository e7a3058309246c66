"""A title is all its files: versions, parts, a disc; and what lies around them is not."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.oxicleanarr.ledger import DeletionOutcome
from simulators import Movie
from simulators.items import MediaSource
from tests.home import DAY, START

from .conftest import Cleaner, Owned, add_film
from .test_execute import ALL_JELLYFIN, reasons, told, watch

ADDED = START - 100 * DAY


@ALL_JELLYFIN
async def test_the_files_of_a_title_are_known(cleaner: Cleaner) -> None:
    """Its size is that of all of them, and each of their ids is the title's."""
    film = add_film(cleaner, parts=3, size=1000)
    disc = add_film(cleaner, "Lima", disc="BluRay")
    await cleaner.sync()
    ledger = cleaner.home.ledger
    known = ledger.known_files()[film.id]
    assert [file.is_part for file in known.files] == [False, True, True]
    assert known.paths == tuple(one.path for one in (film, *film.parts))
    assert known.size_bytes == 3000
    assert {found.item_id for found in ledger.find(film.parts[1].id)} == {film.id}
    facts = cleaner.home.facts()
    assert facts["Kilo"].item.part_count == 3
    assert facts["Kilo"].size_bytes == 3000
    assert facts["Lima"].item.is_disc
    assert facts["Lima"].item.path == disc.path


@ALL_JELLYFIN
@pytest.mark.parametrize(
    "changes",
    [{"disc": "BluRay"}, {"disc": "Dvd"}, {"versions": ["1080p", "4K"]}],
    ids=str,
)
async def test_all_of_a_title_goes(cleaner: Cleaner, changes: dict[str, Any]) -> None:
    """With its folder, its extras and its other versions."""
    film = add_film(cleaner, extras=["extras/Making of.mkv"], **changes)
    cleaner.home.household.scan()
    watch(cleaner, "Kilo")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons(report.skipped) == {}
    assert [one.title for one in report.deleted] == ["Kilo"]
    assert not cleaner.home.household.disk.tree(film.folder)


@pytest.mark.parametrize("what", ["part", "extra", "trailer"])
async def test_what_belongs_to_a_title_is_played(cleaner: Cleaner, what: str) -> None:
    """A session says no more than where its file is."""
    house = cleaner.home.household
    film = add_film(
        cleaner,
        versions=["1080p", "4K"],
        extras=["extras/Making of.mkv", "trailers/One.mkv"],
    )
    if what == "part":
        film = add_film(cleaner, "Parts", parts=2)
    clip = {"part": film.parts, "extra": film.extras[:1], "trailer": film.extras[1:]}
    watch(cleaner, film.name)
    for part in film.parts:
        house.play(house.user("alice"), part, 0.96, at=START - 30 * DAY)
    await cleaner.due_plan()
    house.start_playback(house.user("bob"), clip[what][0])
    report = await cleaner.run()
    assert reasons(report.skipped) == {film.name: "it is being played"}
    assert film.path in house.files


async def test_a_film_in_parts_among_others_stays(cleaner: Cleaner) -> None:
    """Jellyfin would delete the first part and call it done."""
    folder = "/media/movies/Box"
    film = add_film(cleaner, path=f"{folder}/Kilo cd1.mkv", parts=2, loose=True)
    cleaner.home.household.add_movie(
        "Other", path=f"{folder}/Other.mkv", loose=True, added=ADDED
    )
    house = cleaner.home.household
    watch(cleaner, "Kilo")
    for part in film.parts:
        house.play(house.user("alice"), part, 0.96, at=START - 30 * DAY)
    await cleaner.due_plan()
    report = await cleaner.run()
    assert "only its first part" in reasons(report.skipped)["Kilo"]
    assert film.path in house.files


async def test_parts_that_came_since_the_plan(cleaner: Cleaner) -> None:
    """What a title is made of has to be what it was."""
    house = cleaner.home.household
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    film = house.movie("Alpha")
    film.parts = add_film(cleaner, parts=2).parts
    house.changed()
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Alpha": "its versions or parts have changed since the last sync"
    }


async def test_versions_that_jellyfin_does_not_list(cleaner: Cleaner) -> None:
    """It counts two and tells of one, as 10.11 does where one is in parts."""
    house = cleaner.home.household
    film = add_film(cleaner, versions=["1080p", "4K"])
    watch(cleaner, "Kilo")
    server = cleaner.home.jellyfin_server
    source = server.rows._source

    def first_only(item: Movie, one: MediaSource) -> dict[str, object]:
        found = source(item, one)
        return found if one is item.sources[0] else {"Protocol": "Http"}

    server.rows._source = first_only  # type: ignore[assignment]
    plan = await cleaner.due_plan()
    assert await cleaner.run(plan.entries)
    assert cleaner.home.ledger.remembered(film.id, cleaner.home.now).files == ()
    assert film.path in house.files


@ALL_JELLYFIN
async def test_a_film_in_parts_is_watched_with_its_last(cleaner: Cleaner) -> None:
    """Jellyfin calls it played after the first, and a mark does not reach the others."""
    house = cleaner.home.household
    film = add_film(cleaner, parts=3)
    watch(cleaner, "Kilo")
    house.mark_played(house.user("bob"), film, START - 40 * DAY)
    house.play(house.user("alice"), film.parts[0], 0.96, at=START - 30 * DAY)
    await cleaner.sync()
    assert "Kilo" not in cleaner.home.watched()
    house.play(house.user("alice"), film.parts[1], 0.96, at=START - 25 * DAY)
    plan = await cleaner.due_plan()
    assert cleaner.home.watched()["Kilo"] == {"alice"}
    (entry,) = [one for one in plan.entries if one.title == "Kilo"]
    assert entry.last_watched_at is not None
    assert entry.last_watched_at > START - 26 * DAY
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Kilo"]
    assert not house.disk.tree(film.folder)


@ALL_JELLYFIN
@pytest.mark.parametrize("what", ["unmarked", "played"])
async def test_a_last_part_is_looked_at_right_before(
    cleaner: Cleaner, what: str
) -> None:
    """Somebody has taken the mark of it back, or has just played it."""
    house = cleaner.home.household
    film = add_film(cleaner, parts=2)
    watch(cleaner, "Kilo")
    house.play(house.user("alice"), film.parts[0], 0.96, at=START - 30 * DAY)
    await cleaner.due_plan()
    if what == "unmarked":
        house.unmark_played(house.user("alice"), film.parts[0])
    else:
        house.play(house.user("bob"), film.parts[0], 0.1)
    report = await cleaner.run()
    assert list(reasons(report.skipped)) == ["Kilo"]
    assert film.path in house.files


# --- the disk ------------------------------------------------------------------------


def every(cleaner: Cleaner) -> list[str]:
    """Return the four films of the house, all watched; another one nobody has."""
    add_film(cleaner, "Echo")
    names = ["Alpha", "Bravo", "Charlie", "Delta"]
    watch(cleaner, *names)
    return names


@ALL_JELLYFIN
@pytest.mark.parametrize("mount_point", [True, False])
async def test_a_disk_that_is_away(cleaner: Cleaner, mount_point: bool) -> None:
    """Nothing is deleted, nothing counted, and the run ends; back again, all goes on."""
    names = every(cleaner)
    await cleaner.due_plan()
    house = cleaner.home.household
    house.disk.unmount("/media/movies", mount_point=mount_point)
    house.scan()
    report = await cleaner.run()
    assert not (report.deleted or report.unconfirmed or report.failed)
    assert report.taken_bytes == 0
    said = list(reasons(report.skipped).values())
    assert [why for why in said if "can't see" in why] == said[:3]
    assert "a disk seems to be missing" in said[3]
    assert report.disk_away
    assert cleaner.home.ledger.deletions(9) == []
    assert not cleaner.home.jellyfin_server.requested("DELETE")
    house.disk.mount("/media/movies")
    report = await cleaner.run()
    assert sorted(one.title for one in report.deleted) == names


async def test_one_file_that_is_away_holds_only_itself(cleaner: Cleaner) -> None:
    """Somebody has moved the folder of a film."""
    every(cleaner)
    await cleaner.due_plan()
    house = cleaner.home.household
    house.disk.unmount("/media/movies/Bravo (2000)")
    report = await cleaner.run()
    assert "can't see" in reasons(report.skipped)["Bravo"]
    assert len(report.deleted) == 3


async def test_a_disk_that_leaves_while_it_deletes(cleaner: Cleaner) -> None:
    """Jellyfin answers that it is done; the disk does not say so."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home = cleaner.home
    disk = home.household.disk
    unmounted: list[str] = []

    def pull(request: object) -> None:
        if request.method == "DELETE" and not unmounted:  # type: ignore[attr-defined]
            unmounted.append("/media/movies")
            disk.unmount("/media/movies", mount_point=True)

    home.jellyfin_server.listeners.append(pull)
    report = await cleaner.run()
    assert report.deleted == []
    (row,) = home.ledger.unsettled()
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert "a disk seems to be missing" in told(row.error)
    assert report.reclaimed_bytes == 0
    home.wait(DAY)
    home.household.scan()
    assert await cleaner.settle() == [row]
    disk.mount("/media/movies")
    assert await cleaner.settle() == []
    assert home.ledger.deletions(1)[0].outcome is DeletionOutcome.FAILED


# --- folders -------------------------------------------------------------------------


FOREIGN = {
    "a video": "Holiday.mkv",
    "a film folder": "Other (1999)/Other.mkv",
    "hidden": "extras/.ignore",
    "photos": "Photos/1.jpg",
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("radarr", [False, True])
async def test_what_else_is_in_the_folder(
    owned: Owned, what: str, radarr: bool
) -> None:
    """No row shows it, and it would go: through Jellyfin and through Radarr."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    film = house.movie("Alpha")
    if not radarr:
        owned.radarr.unmanage(film)
    house.disk.write(f"{film.folder}/{FOREIGN[what]}", 1, ADDED)
    house.disk.write(f"{film.folder}/extras/Making of.mkv", 1, ADDED)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    before = house.files
    report = await cleaner.run()
    assert "its folder also contains" in reasons(report.skipped)["Alpha"]
    assert house.files == before
    assert cleaner.home.ledger.deletions(9) == []


async def test_what_else_is_in_the_folder_of_a_series(owned: Owned) -> None:
    """Sonarr would remove it with its entry."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    house.disk.write("/media/shows/Show/Backup/1.mkv", 1, ADDED)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    before = house.files
    report = await cleaner.run()
    assert 'the folder "Backup"' in reasons(report.skipped)["Show"]
    assert house.files == before


@pytest.mark.parametrize("scanned", [False, True])
async def test_the_last_film_of_a_folder(cleaner: Cleaner, scanned: bool) -> None:
    """Jellyfin takes the whole folder, with what another film has left there."""
    house = cleaner.home.household
    folder = "/media/movies/Box"
    for name in ("One", "Two"):
        house.add_movie(
            name,
            path=f"{folder}/{name}.mkv",
            loose=True,
            added=ADDED,
            provider_ids={"Tmdb": name},
        )
    house.disk.write(f"{folder}/Two bonus/1.mkv", 1, ADDED)
    watch(cleaner, "One")
    await cleaner.due_plan()
    house.delete(house.movie("Two"))
    if scanned:
        house.scan()
    report = await cleaner.run()
    assert "its folder also contains" in reasons(report.skipped)["One"]
    assert f"{folder}/Two bonus/1.mkv" in house.files


async def test_an_episode_goes_without_its_folder(cleaner: Cleaner) -> None:
    """Whatever else is in it, and however many episodes are left."""
    house = cleaner.home.household
    house.disk.write("/media/shows/Show/Season 1/Photos/1.jpg", 1, ADDED)
    house.disk.write("/media/shows/Show/Season 1/Holiday.mkv", 1, ADDED)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons([*report.skipped, *report.failed]) == {}
    assert [one.title for one in report.deleted] == ["Show"]
    assert "/media/shows/Show/Season 1/Holiday.mkv" in house.files


# --- half a deletion -----------------------------------------------------------------


async def test_half_a_deletion_is_reported_as_it_is(cleaner: Cleaner) -> None:
    """Jellyfin took the first of two files: what went counts, and it has failed."""
    house = cleaner.home.household
    film = add_film(cleaner, versions=["1080p", "4K"], size=1000)
    watch(cleaner, "Kilo")
    await cleaner.due_plan()
    first = film.path
    assert first is not None
    take: Callable[[Any], None] = house.remove_files

    def first_only(item: Movie) -> None:
        house.disk.remove(first)

    house.remove_files = first_only  # type: ignore[method-assign, assignment]
    report = await cleaner.run()
    house.remove_files = take  # type: ignore[method-assign, assignment]
    assert report.deleted == []
    assert "deleted 1 of 2 files" in reasons(report.failed)["Kilo"]
    assert report.reclaimed_bytes == report.taken_bytes == 1000
    (row,) = cleaner.home.ledger.deletions(1)
    assert row.outcome is DeletionOutcome.FAILED
    assert cleaner.home.ledger.reclaimed_bytes(cleaner.home.now) == 1000
    assert spent(cleaner) == [1000]
    cleaner.home.wait(DAY)
    assert spent(cleaner) == []


def spent(cleaner: Cleaner) -> list[int]:
    """Return what counts for the limit of a day, entry by entry."""
    return [*cleaner.home.ledger.spent(cleaner.home.now - DAY).sizes.values()]
