"""Films with several files under a Radarr that knows all of them, some, or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import UNMATCHED, CleanupReport, clause
from custom_components.oxicleanarr.ledger import ArrDeletion, DeletionOutcome
from simulators import Fault, FaultKind, Movie, Request
from tests.home import DAY, START

from .conftest import Owned
from .test_execute import reasons, told, watch
from .test_files import spent
from .test_owners import changes, settle_all

FOLDER = "/media/movies/Echo (2000)"
HIGH, LOW = f"{FOLDER}/Echo (2000) - 1080p.mkv", f"{FOLDER}/Echo (2000) - 720p.mkv"

NEW = "{} has a new file of it since the last sync. The next sync takes it into account"


def film(owned: Owned, versions: Sequence[str] = ("1080p", "720p")) -> Movie:
    """Have a film with several versions in one folder, which a Radarr has imported."""
    house = owned.cleaner.home.household
    item = house.add_movie(
        "Echo",
        year=2000,
        provider_ids={"Tmdb": "5"},
        added=START - 100 * DAY,
        versions=versions,
    )
    house.scan()
    owned.radarr.manage(item)
    watch(owned.cleaner, "Echo")
    return item


def watch_all(owned: Owned, item: Movie) -> None:
    """Let somebody watch a film with all its parts."""
    watch(owned.cleaner, "Echo")
    house = owned.cleaner.home.household
    for part in item.parts:
        house.play(house.user("alice"), part, at=START - 20 * DAY)


def has_gone(owned: Owned, report: CleanupReport) -> None:
    """Assert that nothing is left of the film, in Radarr neither."""
    house = owned.cleaner.home.household
    assert reasons(report.skipped) == reasons(report.failed) == {}
    assert [one.title for one in (*report.deleted, *report.unconfirmed)] == ["Echo"]
    assert not [one for one in house.files if "Echo" in one]
    assert not house.disk.is_folder(FOLDER)
    assert "Echo" not in {one.title for one in owned.radarr.movies.values()}
    assert [one.title for one in owned.radarr.exclusions] == ["Echo"]
    assert owned.radarr.search() == owned.radarr.list_sync() == []


async def test_a_radarr_that_knows_one_of_two_versions(owned: Owned) -> None:
    """Its file goes through it, the other through Jellyfin, and then the entry."""
    item = film(owned)
    cleaner = owned.cleaner
    await cleaner.due_plan()
    movie = owned.radarr.movie("Echo")
    (file,) = movie.files
    assert movie.path_of(file) == HIGH
    report = await cleaner.run()
    has_gone(owned, report)
    assert changes(owned.radarr) == [
        "PUT /api/v3/movie/editor",
        f"DELETE /api/v3/moviefile/{file.id}",
        f"DELETE /api/v3/movie/{movie.id}",
    ]
    (low,) = [one.id for one in item.sources if one.path == LOW]
    deleted = [one for one in changes(cleaner.home.jellyfin_server) if "Items" in one]
    assert deleted == [f"DELETE /Items/{low}"]
    await settle_all(owned)
    (row,) = cleaner.home.ledger.deletions(10)
    assert (row.outcome, row.error) == (DeletionOutcome.DELETED, None)
    assert row.size_bytes == 8_000_000_000


async def test_a_radarr_that_knows_both_versions(owned: Owned) -> None:
    """The file that comes with the movie is the older one; both go through Radarr."""
    film(owned, ("1080p", "1080p v2"))
    owned.radarr.rescan()
    movie = owned.radarr.movie("Echo")
    ids = [file.id for file in movie.files]
    assert len(ids) == 2
    cleaner = owned.cleaner
    await cleaner.due_plan()
    report = await cleaner.run()
    has_gone(owned, report)
    assert changes(owned.radarr)[1:3] == [
        f"DELETE /api/v3/moviefile/{one}" for one in ids
    ]
    assert changes(cleaner.home.jellyfin_server) == ["POST /Library/Media/Updated"]
    (row,) = cleaner.home.ledger.deletions(10)
    assert [part.file_ids for part in row.through] == [tuple(ids)]


async def test_a_row_that_radarr_denies_to_have(owned: Owned) -> None:
    """After the newest of two files was deleted, it says that it has none."""
    item = film(owned, ("1080p", "1080p v2"))
    owned.radarr.rescan()
    movie = owned.radarr.movie("Echo")
    gone = movie.file
    assert gone is not None
    owned.cleaner.home.household.disk.remove(movie.path_of(gone))
    item.sources = [one for one in item.sources if one.path != movie.path_of(gone)]
    movie.file = None
    (left,) = movie.files
    item.path = movie.path_of(left)
    await owned.cleaner.due_plan()
    report = await owned.cleaner.run()
    has_gone(owned, report)
    assert f"DELETE /api/v3/moviefile/{left.id}" in changes(owned.radarr)


async def test_a_radarr_that_imports_the_other_version_meanwhile(owned: Owned) -> None:
    """Nobody has decided on a file that came in since the sync, so all of it stays."""
    film(owned)
    cleaner = owned.cleaner
    await cleaner.due_plan()
    movie = owned.radarr.movie("Echo")
    old = movie.file
    assert old is not None
    movie.file = replace(old, id=99, added=cleaner.home.now)
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Echo": NEW.format("Radarr")}
    assert changes(owned.radarr) == []
    movie.file = replace(old, id=99)
    report = await cleaner.run()
    has_gone(owned, report)


async def test_a_file_that_was_replaced_under_its_name_stays(owned: Owned) -> None:
    """Jellyfin has not seen it yet, and it is not the one that somebody has watched."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    file = owned.radarr.movie("Alpha").file
    assert file is not None
    file.added = owned.sonarr.show("Show").file_of(1, 2).added = cleaner.home.now + DAY
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Alpha": NEW.format("Radarr"),
        "Show": NEW.format("Sonarr"),
    }
    assert changes(owned.radarr) == changes(owned.sonarr) == []


async def test_a_file_with_an_old_date_can_be_a_new_one(owned: Owned) -> None:
    """A film's files are known as of the sync, those of a series for longer."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    await cleaner.read_shelves()
    file = owned.radarr.movie("Alpha").file
    assert file is not None
    file.added = owned.sonarr.show("Show").file_of(1, 2).added = START - 50 * DAY
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Alpha": NEW.format("Radarr")}
    assert [one.title for one in report.deleted] == ["Show"]


@pytest.mark.parametrize("hidden", [LOW, f"{FOLDER}/Extras/Echo.mkv"])
async def test_a_second_row_that_jellyfin_does_not_show(
    owned: Owned, hidden: str
) -> None:
    """Radarr counts more bytes than the file that Jellyfin shows; nothing is planned."""
    film(owned, ("1080p",))
    house = owned.cleaner.home.household
    house.disk.write(hidden, 7, START)
    movie = owned.radarr.movie("Echo")
    assert movie.file is not None
    name = hidden.removeprefix(f"{FOLDER}/")
    movie.older.append(replace(movie.file, id=98, relative_path=name, size=7))
    plan = await owned.cleaner.due_plan()
    assert plan.entries == ()
    assert {one.kept_by for one in plan.kept if one.title == "Echo"} == {UNMATCHED}


@pytest.mark.parametrize("name", ["Other.mkv", "Extras/Echo (2000) - 1080p.mkv"])
async def test_a_row_of_which_only_the_run_learns(owned: Owned, name: str) -> None:
    """Three rows for two versions: the third is said by its name, be it that of another."""
    film(owned)
    owned.cleaner.home.household.disk.write(f"{FOLDER}/{name}", 7, START)
    await owned.cleaner.due_plan()
    movie = owned.radarr.movie("Echo")
    assert movie.file is not None
    movie.older.append(replace(movie.file, id=98, relative_path=name, size=7))
    report = await owned.cleaner.run()
    said = name.rpartition("/")[2].casefold()
    assert reasons(report.skipped) == {
        "Echo": f'skipped to be safe: Radarr has the file "{said}", which Jellyfin'
        " doesn't show. Scan the library in Jellyfin, or delete that file"
    }
    assert changes(owned.radarr) == []


async def test_two_rows_of_one_folder(owned: Owned) -> None:
    """Files in a folder with an id may be two items without one: each takes its own."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    for path in (HIGH, LOW):
        house.add_movie(
            path.rpartition(" - ")[2], added=START - 100 * DAY, path=path, loose=True
        )
    house.scan()
    movie = owned.radarr.manage(house.movie("1080p.mkv"), path=FOLDER, tmdb_id=5)
    movie.title = "Echo"
    owned.radarr.rescan()
    assert [movie.path_of(file) for file in movie.files] == [HIGH]
    watch(cleaner, "1080p.mkv", "720p.mkv", "Alpha")
    plan = await cleaner.due_plan()
    by_title = {one.title: one for one in plan.entries}
    report = await cleaner.run(
        [by_title[one] for one in ("1080p.mkv", "Alpha", "720p.mkv")]
    )
    assert reasons(report.skipped) == reasons(report.failed) == {}
    assert not [one for one in house.files if one.startswith(FOLDER)]
    assert movie.id not in owned.radarr.movies
    assert owned.radarr.search() == owned.radarr.list_sync() == []


async def test_what_jellyfin_refuses_stays_and_is_said(owned: Owned) -> None:
    """Radarr's file is gone; the entry stays, for a film is still there."""
    film(owned)
    cleaner = owned.cleaner
    await cleaner.due_plan()
    cleaner.home.household.disk.locked.add(LOW)
    report = await cleaner.run()
    assert "deleted 1 of 2 files, then stopped" in reasons(report.failed)["Echo"]
    assert LOW in cleaner.home.household.files
    assert "Echo" in {one.title for one in owned.radarr.movies.values()}
    assert owned.radarr.exclusions == []
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED
    assert "deleted 1 of 2 files" in told(row.error)


async def test_a_path_that_was_changed_without_moving_the_files(owned: Owned) -> None:
    """Radarr waits for the file in another folder: neither the file nor the entry goes."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    before = cleaner.files()
    movie = owned.radarr.movie("Alpha")
    await cleaner.due_plan()
    old = movie.path
    movie.path = "/media/movies/Elsewhere (2000)"
    report = await cleaner.run()
    assert not report.deleted
    assert not report.unconfirmed
    movie.path = old
    await cleaner.sync()
    entries = cleaner.plan().due(cleaner.home.now)
    movie.path = "/media/movies/Elsewhere (2000)"
    owned.radarr.rescan()
    assert movie.files == []
    said = (
        "the other server expects its file in a different folder. Correct the path"
        " there, or remove the entry"
    )
    report = await cleaner.run(entries)
    assert reasons(report.skipped) == {"Alpha": f"skipped to be safe: {said}"}
    await cleaner.sync()
    plan = cleaner.plan()
    assert plan.entries == ()
    (kept,) = [one for one in plan.kept if one.title == "Alpha"]
    assert clause(kept.reason) == f"Radarr and Jellyfin don't agree: {said}"
    assert cleaner.files() == before
    assert movie.id in owned.radarr.movies
    assert movie.monitored


def watch_with_a_second_file(owned: Owned, name: str) -> None:
    """Have a second file of the first episode, and all of the series watched."""
    house = owned.cleaner.home.household
    house.add_episode(
        house.show("Show"),
        season=1,
        number=1,
        title="E1 again",
        added=START - 90 * DAY,
        path=f"/media/shows/Show/Season 1/{name}",
    )
    house.scan()
    owned.sonarr.rescan()
    watch(owned.cleaner, "E1", "E2", "E3", "E1 again")


async def test_a_second_file_of_an_episode(owned: Owned) -> None:
    """Sonarr does not list it, and would import it as soon as the first is gone."""
    cleaner = owned.cleaner
    watch_with_a_second_file(owned, "Show S01E01 720p.mkv")
    before = cleaner.files()
    plan = await cleaner.due_plan()
    await cleaner.read_shelves()
    plan = cleaner.plan()
    report = await cleaner.run(plan.due(cleaner.home.now))
    assert plan.entries == ()
    assert not report.deleted
    assert cleaner.files() == before
    assert changes(owned.sonarr) == []


async def test_two_rows_of_an_episode_of_which_one_is_named(owned: Owned) -> None:
    """With two files of the same quality, Sonarr says what only one of them holds."""
    cleaner = owned.cleaner
    watch_with_a_second_file(owned, "Show S01E01 again.mkv")
    before = cleaner.files()
    await cleaner.due_plan()
    await cleaner.read_shelves()
    await cleaner.run()
    assert cleaner.files() == before
    assert changes(owned.sonarr) == []


@pytest.mark.parametrize("kind", ["parts", "BluRay", "Dvd"])
async def test_a_film_of_which_radarr_takes_no_file(owned: Owned, kind: str) -> None:
    """Parts and discs are Jellyfin's to delete; the entry is Radarr's all the same."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    item = house.add_movie(
        "Echo",
        year=2000,
        provider_ids={"Tmdb": "5"},
        added=START - 100 * DAY,
        parts=3 if kind == "parts" else 1,
        disc=None if kind == "parts" else kind,
    )
    house.scan()
    movie = owned.radarr.manage(item)
    owned.radarr.rescan()
    assert movie.files == []
    watch_all(owned, item)
    await cleaner.due_plan()
    report = await cleaner.run()
    has_gone(owned, report)
    assert changes(owned.radarr) == [
        "PUT /api/v3/movie/editor",
        f"DELETE /api/v3/movie/{movie.id}",
    ]
    (row,) = cleaner.home.ledger.deletions(10)
    assert (row.outcome, row.error) == (DeletionOutcome.DELETED, None)
    assert [part.file_ids for part in row.through] == [()]


@pytest.mark.parametrize("kind", ["parts", "BluRay"])
async def test_a_disc_or_parts_without_an_id(owned: Owned, kind: str) -> None:
    """The folder of Radarr's entry tells that it is the same title."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    item = house.add_movie(
        "Echo",
        year=2000,
        added=START - 100 * DAY,
        parts=2 if kind == "parts" else 1,
        disc=None if kind == "parts" else kind,
    )
    house.scan()
    owned.radarr.manage(item, tmdb_id=5)
    watch_all(owned, item)
    await cleaner.due_plan()
    report = await cleaner.run()
    has_gone(owned, report)


async def test_a_kill_before_jellyfin_was_asked(owned: Owned) -> None:
    """The disk shows that nothing has gone, and Radarr looks for it as before."""
    cleaner = owned.cleaner
    house, ledger = cleaner.home.household, cleaner.home.ledger
    item = house.add_movie(
        "Echo",
        year=2000,
        provider_ids={"Tmdb": "5"},
        added=START - 100 * DAY,
        parts=2,
    )
    house.scan()
    movie = owned.radarr.manage(item)
    watch_all(owned, item)
    (entry,) = (await cleaner.due_plan()).entries
    (target,) = ledger.find(entry.item_id)
    part = ArrDeletion(
        connection_id="radarr", app="Radarr", title_id=movie.id, was_monitored=True
    )
    ledger.intend(entry, target, cleaner.home.now, through=[part])
    movie.monitored = False
    cleaner.home.wait(timedelta(hours=1))
    owned.radarr.fail(FaultKind.SERVER_ERROR, "/movie/editor$", times=1)
    assert len(await cleaner.settle()) == 1
    assert await cleaner.settle() == []
    (row,) = ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED
    assert movie.monitored


async def test_parts_that_jellyfin_refuses_to_delete(owned: Owned) -> None:
    """Nothing has gone, so Radarr looks for it as before."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    item = house.add_movie(
        "Echo",
        year=2000,
        provider_ids={"Tmdb": "5"},
        added=START - 100 * DAY,
        parts=2,
    )
    house.scan()
    movie = owned.radarr.manage(item)
    watch_all(owned, item)
    await cleaner.due_plan()
    house.disk.locked |= {one for one in house.files if "cd" in one}
    before = {one for one in cleaner.files() if "Echo" in one}
    report = await cleaner.run()
    assert [one.title for one, _ in report.failed] == ["Echo"]
    assert {one for one in cleaner.files() if "Echo" in one} == before
    assert movie.id in owned.radarr.movies
    assert movie.monitored
    assert owned.radarr.exclusions == []


@pytest.mark.parametrize("known", [True, False])
async def test_a_merged_title_of_which_radarr_has_half(
    owned: Owned, known: bool
) -> None:
    """The other half is in another folder, so Jellyfin would leave it: nothing goes."""
    item = film(owned, ("1080p",))
    cleaner = owned.cleaner
    house = cleaner.home.household
    other = "/media/movies/Echo again/Echo again.mkv"
    twin = house.add_movie("Echo again", added=START - 100 * DAY, path=other)
    item.sources += twin.sources
    house.unlist(twin)
    movie, before = owned.radarr.movie("Echo"), cleaner.files()
    both = owned.radarr4k.manage(item, path="/media/movies/Echo again")
    assert both.file is not None
    both.file.relative_path = "Echo again.mkv"
    if known:
        owned.radarr4k.unmanage(item)
    plan = await cleaner.due_plan()
    if not known:
        # Only the run meets it: the second Radarr has lost the file.
        both.file = None
    report = await cleaner.run(plan.due(cleaner.home.now))
    assert not report.deleted
    assert not report.unconfirmed
    said = [*(one.reason for one in plan.kept), *(one for _, one in report.skipped)]
    assert any("files are in several folders" in clause(one) for one in said)
    assert cleaner.files() == before
    assert movie.monitored
    assert changes(owned.radarr) == []


async def test_an_entry_stays_while_nobody_can_look(owned: Owned) -> None:
    """Jellyfin fails at the version that it has to delete, and cannot say what is left."""
    film(owned)
    cleaner = owned.cleaner
    jellyfin = cleaner.home.jellyfin_server
    await cleaner.due_plan()

    def go_away(request: Request) -> None:
        """Fail from the first deletion on."""
        if request.method == "DELETE" and not jellyfin.faults:
            jellyfin.fail(FaultKind.SERVER_ERROR)

    jellyfin.listeners.append(go_away)
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Echo"]
    movie = owned.radarr.movie("Echo")
    assert not movie.files
    assert f"DELETE /api/v3/movie/{movie.id}" not in changes(owned.radarr)


async def test_a_merged_title_whose_halves_have_one_name(owned: Owned) -> None:
    """A sync takes both for Radarr's file; that one is in another folder is met by the run."""
    item = film(owned, ("1080p",))
    cleaner = owned.cleaner
    house = cleaner.home.household
    assert item.path is not None
    other = item.path.replace(FOLDER, "/media/movies/Echo again")
    twin = house.add_movie("Echo again", added=START - 100 * DAY, path=other)
    item.sources += twin.sources
    house.unlist(twin)
    before = cleaner.files()
    await cleaner.due_plan()
    report = await cleaner.run()
    assert "files are in several folders" in reasons(report.skipped)["Echo"]
    assert cleaner.files() == before
    assert changes(owned.radarr) == []


@pytest.mark.parametrize("recycle_bin", ["", "/recycle"])
async def test_half_a_deletion_through_radarr_counts(
    owned: Owned, recycle_bin: str
) -> None:
    """What Radarr removed before it failed is in the day's limit, and free if it is."""
    cleaner, radarr = owned.cleaner, owned.radarr
    film(owned, ("1080p", "1080p v2"))
    radarr.rescan()
    radarr.recycle_bin = recycle_bin
    movie = radarr.movie("Echo")
    assert len(movie.files) == 2
    await cleaner.due_plan()
    size = 4_000_000_000
    cleaner.home.household.disk.locked.add(movie.path_of(movie.files[1]))
    report = await cleaner.run()
    assert "deleted 1 of 2 files" in told(cleaner.home.ledger.deletions(1)[0].error)
    assert [one.title for one, _ in report.failed] == ["Echo"]
    free = 0 if recycle_bin else size
    assert (report.taken_bytes, report.reclaimed_bytes) == (size, free)
    assert spent(cleaner) == [size]
    ledger = cleaner.home.ledger
    assert ledger.reclaimed_bytes(cleaner.home.now) == free
    assert ledger.recycled_bytes(cleaner.home.now) == size - free


@pytest.mark.parametrize("noticed", ["", "unlisted", "read"])
async def test_half_a_deletion_that_is_settled_later_counts(
    owned: Owned, noticed: str
) -> None:
    """Radarr went silent half-way: until that is known the whole counts, then half."""
    cleaner, radarr = owned.cleaner, owned.radarr
    item = film(owned, ("1080p", "1080p v2"))
    radarr.rescan()
    movie = radarr.movie("Echo")
    first, second = movie.files
    await cleaner.due_plan()
    (entry,) = cleaner.plan().due(cleaner.home.now)
    radarr.faults.append(
        Fault(
            FaultKind.DISCONNECT, path=f"/api/v3/moviefile/{second.id}", method="DELETE"
        )
    )
    await cleaner.run()
    assert spent(cleaner) == [entry.size_bytes]
    radarr.faults.clear()
    if noticed:
        # To Jellyfin the file that is left can be another item.
        cleaner.home.household.unlist(item)
    if noticed == "read":
        await cleaner.sync()
    cleaner.home.wait(timedelta(hours=1))
    assert await cleaner.settle() == []
    (row,) = cleaner.home.ledger.deletions(1)
    assert row.outcome is DeletionOutcome.FAILED
    assert movie.path_of(first) not in cleaner.home.household.files
    assert spent(cleaner) == [(entry.size_bytes or 0) // 2]
    assert cleaner.home.ledger.reclaimed_bytes(cleaner.home.now) == spent(cleaner)[0]


async def test_half_a_deletion_that_nobody_can_look_at_counts(owned: Owned) -> None:
    """Jellyfin goes away meanwhile: the whole counts until the disk can be asked."""
    cleaner, radarr = owned.cleaner, owned.radarr
    film(owned, ("1080p", "1080p v2"))
    radarr.rescan()
    movie = radarr.movie("Echo")
    await cleaner.due_plan()
    (entry,) = cleaner.plan().due(cleaner.home.now)
    cleaner.home.household.disk.locked.add(movie.path_of(movie.files[1]))
    jellyfin = cleaner.home.jellyfin_server

    def go_away(request: Request) -> None:
        """Fail from the first deletion on."""
        if request.method == "DELETE" and not jellyfin.faults:
            jellyfin.fail(FaultKind.SERVER_ERROR)

    radarr.listeners.append(go_away)
    await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(1)
    assert "deleted 1 of 2 files" in told(row.error)
    assert movie.monitored
    assert spent(cleaner) == [entry.size_bytes]
    jellyfin.faults.clear()
    cleaner.home.wait(timedelta(hours=1))
    assert await cleaner.settle() == []
    (row,) = cleaner.home.ledger.deletions(1)
    assert row.outcome is DeletionOutcome.FAILED
    assert "deleted 1 of 2 files" in told(row.error)
    assert spent(cleaner) == [(entry.size_bytes or 0) // 2]
