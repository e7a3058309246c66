"""Deletions go through the Radarr or Sonarr that owns the file."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import Handling, forget_requests
from custom_components.oxicleanarr.ledger import DeletionOutcome
from simulators import FaultKind
from tests.home import DAY, START

from .conftest import Owned
from .test_execute import reasons, watch

A_MOMENT = timedelta(minutes=2)


def changes(server: object) -> list[str]:
    """Return the requests that changed something, in order."""
    return [
        f"{one.method} {one.path}"
        for one in server.requests  # type: ignore[attr-defined]
        if one.method != "GET"
    ]


async def test_a_movie_goes_through_radarr(owned: Owned) -> None:
    """Not looked for first, then the file, then the entry; and it does not come back."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    file = movie.file
    assert file is not None
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    assert not report.failed
    assert not report.skipped
    assert changes(owned.radarr) == [
        "PUT /api/v3/movie/editor",
        f"DELETE /api/v3/moviefile/{file.id}",
        f"DELETE /api/v3/movie/{movie.id}",
    ]
    assert changes(cleaner.home.jellyfin_server) == ["POST /Library/Media/Updated"]
    assert not [path for path in cleaner.home.household.files if "Alpha" in path]
    assert owned.radarr.search() == []
    assert owned.radarr.list_sync() == []
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert [part.app for part in row.through] == ["Radarr"]
    cleaner.home.wait(A_MOMENT)
    assert await cleaner.settle() == []
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.DELETED


async def test_a_series_goes_through_sonarr(owned: Owned) -> None:
    """Every episode is not looked for any more before its file goes; then the entry."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Show"]
    made = [
        one.rpartition("/")[0] if "DELETE" in one else one
        for one in changes(owned.sonarr)
    ]
    assert made == [
        *["PUT /api/v3/episode/monitor", "DELETE /api/v3/episodefile"] * 3,
        "PUT /api/v3/series/editor",
        "DELETE /api/v3/series",
    ]
    assert not [path for path in cleaner.home.household.files if "Show" in path]
    assert owned.sonarr.search() == []
    assert owned.sonarr.list_sync() == []
    cleaner.home.wait(A_MOMENT)
    assert await cleaner.settle() == []
    rows = cleaner.home.ledger.deletions(10)
    assert [row.outcome for row in rows] == [DeletionOutcome.DELETED] * 3


async def test_what_cannot_be_removed_is_looked_for_as_before(owned: Owned) -> None:
    """Radarr says so, and its entry is as it was."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    path = owned.radarr.movie("Alpha").file_path
    assert path is not None
    cleaner.home.household.disk.locked.add(path)
    report = await cleaner.run()
    assert "cannot remove the file" in reasons(report.failed)["Alpha"]
    assert owned.radarr.movie("Alpha").monitored
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED


async def test_seerr_forgets_what_is_gone_if_asked(owned: Owned) -> None:
    """After it is confirmed, not before."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    owned.seerr.request(
        house.user("alice"), cleaner.home.video("Alpha"), at=cleaner.home.now - 50 * DAY
    )
    cleaner.handling = Handling(forget_requests=True)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    await cleaner.run()
    await forget_requests(cleaner.home.ledger, cleaner.connections)
    assert changes(owned.seerr) == []
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    await forget_requests(cleaner.home.ledger, cleaner.connections)
    assert len(changes(owned.seerr)) == 1
    await forget_requests(cleaner.home.ledger, cleaner.connections)
    assert len(changes(owned.seerr)) == 1


async def test_nothing_goes_while_its_owner_is_silent(owned: Owned) -> None:
    """Neither after a failed sync nor when it fails in the run."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.radarr.fail(FaultKind.SERVER_ERROR, "/movie$", times=9)
    trouble = await cleaner.sync()
    assert trouble["radarr"] is not None
    report = await cleaner.run()
    assert "Radarr did not answer" in reasons(report.skipped)["Alpha"]
    assert [one.title for one in report.unconfirmed] == ["Show"]


async def settle_all(owned: Owned) -> None:
    """Let Jellyfin notice what has gone, and look."""
    owned.cleaner.home.wait(A_MOMENT)
    await owned.cleaner.settle()


async def test_what_else_lies_in_the_folder_stays(owned: Owned) -> None:
    """Radarr would delete the whole folder with its entry, an episode in it too."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.add_series(
        "Making of", library="Shows", path="/media/movies/Alpha (2000)/Making of"
    )
    house.add_episode(show, season=1, number=1, title="Stranger")
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    assert "Making of S01E01" in cleaner.files()
    assert "Alpha (2000)" not in cleaner.files()
    assert not owned.radarr.movie("Alpha").monitored
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.error is not None
    assert "“Stranger” lies in its folder" in row.error
    assert owned.radarr.search() == []
    assert owned.radarr.list_sync() == []


async def test_what_else_lies_in_the_folder_of_a_series_stays(owned: Owned) -> None:
    """Sonarr would delete that as well."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    house.add_movie(
        "Concert",
        year=2000,
        library="Movies",
        provider_ids={"Tmdb": "77"},
        path="/media/shows/Show/Extras/Concert.mkv",
        loose=True,
    )
    await cleaner.sync()
    report = await cleaner.run(plan.due(cleaner.home.now))
    assert [one.title for one in report.unconfirmed] == ["Show"]
    assert "Concert" in cleaner.files()
    assert not {one for one in cleaner.files() if "Show" in one}
    row = cleaner.home.ledger.deletions(1)[0]
    assert row.error is not None
    assert "“Concert” lies in its folder" in row.error


@pytest.mark.parametrize("app", ["radarr", "sonarr"])
async def test_an_entry_whose_removal_is_not_answered_is_looked_for(
    owned: Owned, app: str
) -> None:
    """It is gone, so nothing is said of it."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    server = owned.radarr if app == "radarr" else owned.sonarr
    server.fail(
        FaultKind.DISCONNECT_AFTER, r"/(movie|series)/\d+$", method="DELETE", times=1
    )
    await cleaner.run()
    assert not server.title_paths().keys() & {1}
    assert {row.error for row in cleaner.home.ledger.deletions(10)} == {None}


async def test_two_seasons_may_have_files_of_the_same_names(owned: Owned) -> None:
    """A deleted one is not taken for its namesake."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.add_series(
        "Numbers",
        library="Shows",
        provider_ids={"Tvdb": "4711"},
        added=START - 90 * DAY,
    )
    for season in (1, 2):
        item = house.add_episode(
            show,
            season=season,
            number=1,
            title=f"N{season}",
            path=f"/media/shows/Numbers/Season {season}/01.mkv",
            added=START - 90 * DAY,
        )
        house.play(house.user("alice"), item, 0.96, at=START - 30 * DAY)
    house.scan()
    owned.sonarr.manage_all()
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons(report.failed) == {}
    assert [one.title for one in report.unconfirmed] == ["Numbers"]
