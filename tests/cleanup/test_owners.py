"""Deletions go through the Radarr or Sonarr that owns the file."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import UNMATCHED, Handling, Why, clause
from custom_components.oxicleanarr.cleanup.owners import Owners
from custom_components.oxicleanarr.cleanup.reasons import Stopped, entry_stays
from custom_components.oxicleanarr.ledger import ArrDeletion, DeletionOutcome
from custom_components.oxicleanarr.model import Keep, MediaKind, Reason
from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    RetentionRules,
    StandardRules,
    parse_duration,
)
from custom_components.oxicleanarr.sync import Doubt, read_files
from simulators import FaultKind
from simulators.arr.movies import movie_row
from simulators.faults import Request
from tests.home import DAY, START

from .conftest import Owned
from .test_execute import reasons, told, watch

A_MOMENT = timedelta(minutes=2)

AGAINST = (
    "its provider IDs and its path contradict each other. Identify it again in Jellyfin,"
    " or correct its path on the other server"
)
UNSEEN = (
    "there is another file that Jellyfin doesn't show. Scan the library in Jellyfin, or"
    " delete that file"
)


def changes(server: object) -> list[str]:
    """Return the requests that changed something, in order."""
    return [
        f"{one.method} {one.path}"
        for one in server.requests  # type: ignore[attr-defined]
        if one.method != "GET" and "ValidatePath" not in one.path
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
    assert [one.title for one in report.deleted] == ["Alpha"]
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
    assert row.outcome is DeletionOutcome.DELETED
    assert [part.app for part in row.through] == ["Radarr"]


async def test_a_movie_is_looked_at_once(owned: Owned) -> None:
    """Right before it goes; more often would be slower."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    before = len(server.requested("/Sessions"))
    await cleaner.run()
    assert len(server.requested("/Sessions")) - before == 1


async def test_a_series_goes_through_sonarr(owned: Owned) -> None:
    """Every episode is not looked for any more before its file goes; then the entry."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
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
    assert [row.error for row in rows] == [None] * 3


async def test_a_series_with_nothing_in_its_folder_but_episodes(owned: Owned) -> None:
    """Once they are gone it is empty, and that is no folder that cannot be read."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    folder = house["Show"].path
    assert folder is not None
    for path in house.disk.tree(folder):
        if not path.endswith(".mkv"):
            house.disk.remove(path)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    await cleaner.run()
    assert not owned.sonarr.series
    assert {row.error for row in cleaner.home.ledger.deletions(10)} == {None}


@pytest.mark.parametrize("days", [None, 1])
async def test_a_keep_while_preparations_are_made(
    owned: Owned, days: float | None
) -> None:
    """It wins, for ever or for a day, and all is as it was before."""
    cleaner = owned.cleaner
    home = cleaner.home
    watch(cleaner, "Alpha")
    (entry,) = (await cleaner.due_plan()).entries
    until = None if days is None else home.now + days * DAY

    def think_again(request: Request) -> None:
        """Be somebody who wants to see it once more."""
        if request.method == "PUT":
            owned.radarr.listeners.remove(think_again)
            home.ledger.keep(Keep(key=entry.key, kept_at=home.now, until=until))

    owned.radarr.listeners.append(think_again)
    report = await cleaner.run()
    assert [one.title for one, _ in report.failed] == ["Alpha"]
    assert report.failed[0][1].code == Why.KEPT_BY_USER
    assert "Alpha (2000)" in cleaner.files()
    assert owned.radarr.movie("Alpha").monitored
    (row,) = home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED


async def test_jellyfin_need_not_look_at_once(owned: Owned) -> None:
    """What Radarr has deleted is gone, whether Jellyfin takes note of it or not."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    fault = cleaner.home.jellyfin_server.fail(
        FaultKind.SERVER_ERROR, "/Library/Media/Updated", method="POST"
    )
    report = await cleaner.run()
    assert fault.hits
    assert [one.title for one in report.deleted] == ["Alpha"]
    (row,) = cleaner.home.ledger.deletions(10)
    assert (row.outcome, row.error) == (DeletionOutcome.DELETED, None)


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


async def test_nothing_goes_while_its_owner_is_silent(owned: Owned) -> None:
    """Neither after a failed sync nor when it fails in the run."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.radarr.fail(FaultKind.SERVER_ERROR, "/movie$", times=9)
    trouble = await cleaner.sync()
    assert trouble["radarr"] is not None
    report = await cleaner.run()
    assert "Radarr did not respond" in reasons(report.skipped)["Alpha"]
    assert [one.title for one in report.deleted] == ["Show"]


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
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert "Making of S01E01" in cleaner.files()
    assert "Alpha (2000)" not in cleaner.files()
    assert not owned.radarr.movie("Alpha").monitored
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.error is not None
    assert '"Stranger" is in its folder' in told(row.error)
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
    assert [one.title for one in report.deleted] == ["Show"]
    assert "Concert" in cleaner.files()
    assert not {one for one in cleaner.files() if "Show" in one}
    row = cleaner.home.ledger.deletions(1)[0]
    assert row.error is not None
    assert '"Concert" is in its folder' in told(row.error)


@pytest.mark.parametrize("name", ["Alpha", "Show"])
async def test_what_cannot_be_removed_may_have_left_its_owner(
    owned: Owned, name: str
) -> None:
    """Then there is nothing that could be looked for as before."""
    cleaner = owned.cleaner
    disk = cleaner.home.household.disk
    movie, show = owned.radarr.movie("Alpha"), owned.sonarr.show("Show")
    server = owned.radarr if name == "Alpha" else owned.sonarr
    assert movie.file_path is not None
    disk.locked |= {movie.file_path, show.path_of(show.file_of(1, 1))}
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    server.fail(FaultKind.NOT_FOUND, method="PUT", after=1)
    report = await cleaner.run([one for one in plan.entries if one.title == name])
    assert list(reasons(report.failed)) == [name]
    row = cleaner.home.ledger.deletions(1)[0]
    assert row.outcome is DeletionOutcome.FAILED
    assert row.error is not None
    assert told(row.error).endswith("cannot remove the file")


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


@pytest.mark.parametrize("app", ["Radarr", "Sonarr"])
async def test_an_entry_that_cannot_be_removed_stays(owned: Owned, app: str) -> None:
    """Why, and that it is not looked for, is in the journal."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha" if app == "Radarr" else "Bravo", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    (entry,) = (
        one
        for one in plan.entries
        if one.title == ("Alpha" if app == "Radarr" else "Show")
    )
    server = owned.radarr if app == "Radarr" else owned.sonarr
    server.fail(FaultKind.SERVER_ERROR, r"/(movie|series)/\d+$", method="DELETE")
    report = await cleaner.run([entry])
    assert report.deleted == [entry]
    row = cleaner.home.ledger.deletions(1)[0]
    error = f"{app}: failed with HTTP status 500"
    assert row.error == entry_stays(app, Reason(Why.SERVER_FAILED, {"error": error}))
    assert told(row.error) == f"its entry stays in {app}, unmonitored: {error}"
    assert server.search() == []


async def test_a_series_that_cannot_be_unmonitored_stays_as_it_is(
    owned: Owned,
) -> None:
    """Its files are gone; that it is still monitored is in the journal."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.sonarr.fail(FaultKind.SERVER_ERROR, "/series/editor$", method="PUT")
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    assert owned.sonarr.show("Show").monitored
    row = cleaner.home.ledger.deletions(1)[0]
    error = "Sonarr: failed with HTTP status 500"
    assert row.error == entry_stays(
        "Sonarr", Reason(Why.SERVER_FAILED, {"error": error}), monitored=True
    )


@pytest.mark.parametrize("app", ["Radarr", "Sonarr"])
async def test_an_entry_that_nobody_can_look_for(owned: Owned, app: str) -> None:
    """Whether it is still there is not known, and that is in the journal."""
    cleaner = owned.cleaner
    watch(cleaner, *(["Alpha"] if app == "Radarr" else ["E1", "E2", "E3"]))
    await cleaner.due_plan()
    server = owned.radarr if app == "Radarr" else owned.sonarr
    entry = r"/(movie|series)/\d+$"
    server.fail(FaultKind.DISCONNECT_AFTER, entry, method="DELETE")

    def go_blind(request: Request) -> None:
        if request.method == "DELETE" and "file" not in request.path:
            server.fail(FaultKind.SERVER_ERROR, entry, method="GET")

    server.listeners.append(go_blind)
    await cleaner.run()
    row = cleaner.home.ledger.deletions(1)[0]
    error = f"{app}: failed with HTTP status 500"
    assert row.error == Reason(Why.ENTRY_UNKNOWN, {"server": app, "error": error})


async def test_an_entry_stays_while_radarr_is_not_sure_of_its_file(
    owned: Owned,
) -> None:
    """One of its two answers says that there is another one."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    file = movie.file

    def contradict(request: Request) -> None:
        asked = [one for one in owned.radarr.requests if one.method == "DELETE"]
        if asked and request.path.endswith("/moviefile"):
            movie.file = None
        elif asked and request.method == "GET":
            movie.file = file

    owned.radarr.listeners.append(contradict)
    await cleaner.run()
    row = cleaner.home.ledger.deletions(1)[0]
    assert told(row.error) == (
        "its entry stays in Radarr, unmonitored: it has other files"
    )
    assert not [
        one for one in changes(owned.radarr) if one.startswith("DELETE /api/v3/movie/")
    ]


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
    assert [one.title for one in report.deleted] == ["Numbers"]


NEWEST_TWO = EpisodeRule(name="Newest", max_episodes=2, require_watched=True)


def by_episodes(owned: Owned, rule: EpisodeRule) -> None:
    """Let an episode rule alone decide about series, of which the dates are known."""
    owned.cleaner.rules = RetentionRules(
        standard=StandardRules(tv_retention=parse_duration("never")), advanced=(rule,)
    )
    house = owned.cleaner.home.household
    for number, episode in enumerate(house.episodes):
        episode.premiere = START - (200 - number) * DAY
    house.changed()


async def test_an_episode_rule_takes_single_files(owned: Owned) -> None:
    """The series, its season and the other episodes stay monitored; new ones arrive."""
    cleaner = owned.cleaner
    by_episodes(owned, NEWEST_TWO)
    watch(cleaner, "E1")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    first = show.episode(1, 1)
    file_id = first.file_id
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["E1"]
    assert changes(owned.sonarr) == [
        "PUT /api/v3/episode/monitor",
        f"DELETE /api/v3/episodefile/{file_id}",
    ]
    body = next(one.body for one in owned.sonarr.requests if one.method == "PUT")
    assert body == {"episodeIds": [first.id], "monitored": False}
    assert show.monitored
    assert show.seasons == {1: True}
    assert [one.monitored for one in show.episodes] == [False, True, True]
    assert owned.sonarr.search() == []
    new = owned.sonarr.announce(show, 1, 4)
    new.item = cleaner.home.household.add_episode(
        cleaner.home.household.show("Show"), season=1, number=4, title="E4"
    )
    assert new.monitored


@pytest.mark.parametrize("twice", [False, True], ids=["one row", "two rows"])
@pytest.mark.parametrize("both", [True, False], ids=["both", "one"])
async def test_a_file_with_two_episodes(owned: Owned, twice: bool, both: bool) -> None:
    """It goes once, if both may go; Jellyfin may show it as one item or as two."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.add_series(
        "Pairs", library="Shows", provider_ids={"Tvdb": "4711"}, added=START - 90 * DAY
    )
    pair = house.add_episode(
        show,
        season=1,
        number=1,
        number_end=None if twice else 2,
        title="P1",
        added=START - 90 * DAY,
    )
    house.add_episode(show, season=1, number=3, title="P3", added=START - 90 * DAY)
    path = pair.path
    assert path is not None
    if twice:
        twin = house.add_episode(
            show,
            season=1,
            number=2,
            title="P2",
            path=f"{path}.mkv",
            added=START - 90 * DAY,
        )
        house.disk.remove(f"{path}.mkv")
        twin.path = path
        twin.sources = [replace(twin.sources[0], path=path)]
    house.scan()
    owned.sonarr.manage_all()
    managed = owned.sonarr.show("Pairs")
    assert [one.file_id > 0 for one in managed.episodes] == [True] * 3
    assert len(managed.files) == 2
    watched = ["P1", *(["P2"] if twice and both else [])]
    by_episodes(
        owned,
        EpisodeRule(name="Age", max_age=parse_duration("30d"), require_watched=True),
    )
    watch(cleaner, *watched)
    await cleaner.due_plan()
    await cleaner.read_shelves()
    cleaner.plan()
    cleaner.home.wait(4 * DAY)
    await cleaner.sync()
    report = await cleaner.run()
    asked = [one for one in changes(owned.sonarr) if "DELETE" in one]
    if twice and not both:
        assert path in house.files
        assert asked == []
        assert [one.monitored for one in managed.episodes] == [True] * 3
        return
    if twice:
        # Each is an entry of its own, and neither takes the other along.
        assert path in house.files
        assert set(reasons(report.skipped).values()) == {
            "another episode is in the same file"
        }
        return
    assert path not in house.files
    assert len(asked) == 1
    assert [one.monitored for one in managed.episodes] == [False, False, True]
    assert owned.sonarr.search() == []


def share_a_file(owned: Owned, number: int, other: int) -> None:
    """Have two episodes in one file, which Jellyfin shows as an item each."""
    house = owned.cleaner.home.household
    show = house.show("Show")
    one, twin = house.episode("Show", 1, number), house.episode("Show", 1, other)
    assert one.path is not None
    assert twin.path is not None
    house.disk.remove(twin.path)
    twin.sources = [replace(twin.sources[0], path=one.path)]
    twin.path = one.path
    house.changed()
    owned.sonarr.unmanage(show)
    owned.sonarr.manage(show)


async def test_two_items_of_one_file_go_with_their_series(owned: Owned) -> None:
    """The file is deleted once, and both rows of the journal tell of it."""
    cleaner = owned.cleaner
    share_a_file(owned, 1, 2)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    asked = [one for one in changes(owned.sonarr) if "DELETE" in one]
    assert len([one for one in asked if "episodefile" in one]) == 2
    cleaner.home.wait(A_MOMENT)
    assert await cleaner.settle() == []
    rows = cleaner.home.ledger.deletions(10)
    assert {row.title for row in rows} == {"E1", "E2", "E3"}
    assert {row.outcome for row in rows} == {DeletionOutcome.DELETED}
    assert owned.sonarr.search() == []
    assert owned.sonarr.list_sync() == []


async def test_what_shares_a_file_is_looked_at_with_it(owned: Owned) -> None:
    """The second half has just become a favorite."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    share_a_file(owned, 1, 2)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    asked = len(server.requested("/Sessions"))

    def love(request: Request) -> None:
        if len(server.requested("/Sessions")) == asked + 2:
            house.set_favourite(house.user("bob"), cleaner.home.video("E2"))

    server.listeners.append(love)
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Show": "it is a favorite"}
    assert changes(owned.sonarr) == []


async def test_two_files_of_two_items_each_go_with_their_series(owned: Owned) -> None:
    """In whatever order Jellyfin lists these, each file is deleted once."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.show("Show")
    house.add_episode(show, season=1, number=4, title="E4", added=START - 90 * DAY)
    share_a_file(owned, 1, 3)
    share_a_file(owned, 2, 4)
    watch(cleaner, "E1", "E2", "E3", "E4")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons(report.failed) == {}
    assert [one.title for one in report.deleted] == ["Show"]
    asked = [one for one in changes(owned.sonarr) if "DELETE" in one]
    assert len([one for one in asked if "episodefile" in one]) == 2


@pytest.mark.parametrize("name", ["Alpha", "Show"])
async def test_what_is_being_downloaded_stays(owned: Owned, name: str) -> None:
    """An upgrade would arrive where nothing is any more."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.radarr.download(owned.radarr.movie("Alpha"))
    owned.sonarr.download(owned.sonarr.show("Show"))
    before = cleaner.home.household.files
    report = await cleaner.run()
    app = "Radarr" if name == "Alpha" else "Sonarr"
    assert reasons(report.skipped)[name] == (
        f"{app} is downloading it. If it is stuck, remove it from the queue there"
    )
    assert cleaner.home.household.files == before
    assert changes(owned.radarr) == changes(owned.sonarr) == []


async def test_a_download_for_another_episode_is_no_obstacle(owned: Owned) -> None:
    """Only the episodes that go are asked about."""
    cleaner = owned.cleaner
    by_episodes(owned, NEWEST_TWO)
    watch(cleaner, "E1")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    owned.sonarr.queue = [
        one
        for one in owned.sonarr.download(show)
        if one.episode_id != show.episode(1, 1).id
    ]
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["E1"]


@pytest.mark.parametrize("name", ["Alpha", "Show"])
async def test_what_was_not_monitored_stays_so(owned: Owned, name: str) -> None:
    """Also where the file cannot be removed: nobody asked for more."""
    cleaner = owned.cleaner
    movie = owned.radarr.movie("Alpha")
    show = owned.sonarr.show("Show")
    movie.monitored = False
    for episode in show.episodes:
        episode.monitored = False
    if name == "Alpha":
        assert movie.file_path is not None
        cleaner.home.household.disk.locked.add(movie.file_path)
    else:
        cleaner.home.household.disk.locked.update(
            map(show.path_of, show.files.values())
        )
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert list(reasons(report.failed)) == [name]
    if name == "Alpha":
        assert "PUT" not in " ".join(changes(owned.radarr))
        assert not movie.monitored
    else:
        assert "PUT" not in " ".join(changes(owned.sonarr))
        assert not any(one.monitored for one in show.episodes)


@pytest.mark.parametrize("exclusion", [True, False])
async def test_lists_bring_back_what_is_not_excluded(
    owned: Owned, exclusion: bool
) -> None:
    """The names of the parameter differ, and a wrong one would be ignored."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(import_exclusion=exclusion)
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    await cleaner.run()
    said = "true" if exclusion else "false"
    (movie,) = (
        one
        for one in owned.radarr.requests
        if "/movie/" in one.path and one.method == "DELETE"
    )
    assert movie.query == {"deleteFiles": "true", "addImportExclusion": said}
    (show,) = (
        one
        for one in owned.sonarr.requests
        if "/series/" in one.path and one.method == "DELETE"
    )
    assert show.query == {"deleteFiles": "true", "addImportListExclusion": said}
    assert owned.radarr.search() == owned.sonarr.search() == []
    assert owned.radarr.list_sync() == ([] if exclusion else ["Alpha"])
    assert owned.sonarr.list_sync() == ([] if exclusion else ["Show"])


async def test_what_has_gone_is_not_missed(owned: Owned) -> None:
    """A second run need not wait for the next sync."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "Bravo", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    gone = []
    for entry in plan.entries:
        report = await cleaner.run([entry])
        assert reasons(report.skipped) == {}
        gone += [one.title for one in report.deleted]
    assert sorted(gone) == ["Alpha", "Bravo", "Show"]
    for server in (owned.radarr, owned.sonarr):
        known = cleaner.home.ledger.known_titles(server.name)
        assert known == server.title_paths().keys()


async def test_a_film_whose_file_is_not_told_stays(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Radarr says that it has one, and lists none: it is not known which would go."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()

    def without_file(*about: Any, **more: Any) -> dict[str, Any]:
        found = movie_row(*about, **more) | {"hasFile": True}
        found.pop("movieFile", None)
        return found

    owned.radarr.movie("Alpha").file = None
    monkeypatch.setattr("simulators.arr.radarr.movie_row", without_file)
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Alpha": "skipped to be safe: Radarr doesn't say which file it has. Let it refresh the title and scan its folder"
    }
    assert changes(owned.radarr) == []


# --- folders that may not go -----------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("root", "its folder is a root folder or contains one"),
        ("above a root", "its folder is a root folder or contains one"),
        ("around another", 'the folder of "Bravo" is the same or inside it'),
        ("equal", 'the folder of "Bravo" is the same or inside it'),
        ("no root", "its folder is in none of the root folders"),
        ("away", "its root folder is missing"),
    ],
)
async def test_a_folder_that_is_not_its_own_stays(
    owned: Owned, case: str, said: str
) -> None:
    """The file is gone, and the entry stays and is not looked for; that is said."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    alpha, bravo = owned.radarr.movie("Alpha"), owned.radarr.movie("Bravo")
    watch(cleaner, "Alpha")
    file_path = alpha.file_path
    assert alpha.file is not None
    assert file_path is not None

    def place(folder: str) -> None:
        assert alpha.file is not None
        assert file_path is not None
        alpha.path = folder
        alpha.file.relative_path = file_path.removeprefix(f"{folder}/")

    match case:
        case "root":
            place("/media/movies")
        case "above a root":
            owned.radarr.root_folders.append("/media/movies/Alpha (2000)/More")
        case "around another":
            bravo.path = "/media/movies/Alpha (2000)/Bravo"
            bravo.file = None
        case "equal":
            bravo.path = alpha.path
            bravo.file = None
        case "away":
            owned.radarr.listeners.append(
                lambda request: (
                    house.disk.unmount("/media/movies")
                    if request.path.endswith("/rootfolder")
                    else None
                )
            )
    bravo.monitored = False
    await cleaner.due_plan()
    if case == "no root":
        # Radarr shows the folder above as the root of a title that lies elsewhere.
        owned.radarr.root_folders[:] = ["/mnt/usb"]
        owned.radarr.root_of = lambda path: "/mnt/usb"  # type: ignore[method-assign]
        house.disk.write("/mnt/usb/x", 1, START)
    report = await cleaner.run()
    if case == "away":
        house.disk.mount("/media/movies")
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert file_path not in house.files
    assert {one for one in cleaner.files() if "Alpha" not in one} == {
        "Bravo (2000)",
        "Charlie (2000)",
        "Delta (2000)",
        "Show S01E01",
        "Show S01E02",
        "Show S01E03",
    }
    assert "/media/movies/Alpha (2000)/Alpha (2000).nfo" in house.files
    assert not owned.radarr.movie("Alpha").monitored
    (row,) = cleaner.home.ledger.deletions(10)
    assert told(row.error) == f"its entry stays in Radarr, unmonitored: {said}"
    assert owned.radarr.search() == owned.radarr.list_sync() == []
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.DELETED
    assert told(row.error) == f"its entry stays in Radarr, unmonitored: {said}"


async def test_what_went_before_lies_in_no_folder_any_more(owned: Owned) -> None:
    """A film of another Radarr was in a sub-folder, and has gone in the same run."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    inner = house.add_movie(
        "Inner",
        year=2000,
        library="Movies",
        provider_ids={"Tmdb": "66"},
        added=START - 100 * DAY,
        path="/media/movies/Alpha (2000)/Inner/Inner.mkv",
    )
    house.scan()
    owned.radarr4k.manage(inner)
    watch(cleaner, "Alpha", "Inner")
    plan = await cleaner.due_plan()
    by_title = {one.title: one for one in plan.entries}
    report = await cleaner.run([by_title["Inner"], by_title["Alpha"]])
    assert [one.title for one in report.deleted] == ["Inner", "Alpha"]
    assert {row.error for row in cleaner.home.ledger.deletions(10)} == {None}


async def test_a_root_folder_of_others_may_be_away(owned: Owned) -> None:
    """The disk of another root folder is not plugged in today."""
    cleaner = owned.cleaner
    owned.radarr.root_folders.append("/mnt/usb")
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.error is None
    assert owned.radarr.list_sync() == []


async def test_a_series_in_the_folder_of_another_stays(owned: Owned) -> None:
    """Only its files go, and it is not looked for any more."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    inner = house.add_series(
        "Inner",
        library="Shows",
        provider_ids={"Tvdb": "4711"},
        path="/media/shows/Show/Inner",
    )
    house.add_episode(inner, season=1, number=1, title="I1")
    house.scan()
    owned.sonarr.manage_all()
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    await cleaner.run()
    assert "Inner S01E01" in cleaner.files()
    assert not {one for one in cleaner.files() if one.startswith("Show")}
    assert not owned.sonarr.show("Show").monitored
    row = cleaner.home.ledger.deletions(1)[0]
    assert told(row.error) == (
        "its entry stays in Sonarr, unmonitored:"
        ' the folder of "Inner" is the same or inside it'
    )


async def test_a_series_with_a_newer_file_stays_monitored(owned: Owned) -> None:
    """An episode that came meanwhile is nobody's to delete."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = house.show("Show")

    def arrive(request: Request) -> None:
        if request.method == "DELETE" and len(show.episodes) == 3:
            house.add_episode(show, season=1, number=4, title="E4")
            owned.sonarr.rescan()

    owned.sonarr.listeners.append(arrive)
    await cleaner.run()
    assert "Show S01E04" in cleaner.files()
    assert owned.sonarr.show("Show").monitored
    row = cleaner.home.ledger.deletions(1)[0]
    assert told(row.error).startswith(
        'its entry stays in Sonarr: its folder also contains "Show S01E04.mkv"'
    )


async def test_a_series_with_a_file_that_has_just_come_stays_monitored(
    owned: Owned,
) -> None:
    """Sonarr has imported it after the last look at what is in the folder."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    managed, show = owned.sonarr.show("Show"), house.show("Show")

    def arrive(request: Request) -> None:
        asked = request.path.endswith(f"/series/{managed.id}")
        if asked and not managed.files and len(show.episodes) == 3:
            house.add_episode(show, season=1, number=4, title="E4")
            owned.sonarr.rescan()

    owned.sonarr.listeners.append(arrive)
    await cleaner.run()
    assert "Show S01E04" in cleaner.files()
    assert managed.monitored
    row = cleaner.home.ledger.deletions(1)[0]
    assert row.error == entry_stays(
        "Sonarr", Reason(Why.HAS_OTHER_FILES), monitored=True
    )


@pytest.mark.parametrize("said", [True, False])
async def test_a_movie_with_a_newer_file_stays(owned: Owned, said: bool) -> None:
    """A download that was on its way has arrived in between, whether Radarr says so or not."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    old = movie.file
    assert old is not None

    def arrive(request: Request) -> None:
        if request.path.endswith("/moviefile") and movie.file is None:
            house.disk.write(f"{movie.path}/New.mkv", 1, cleaner.home.now)
            new = replace(old, id=777, relative_path="New.mkv")
            if said:
                movie.file = new
            else:
                movie.older = [new]

    owned.radarr.listeners.append(arrive)
    await cleaner.run()
    assert "New" in cleaner.files()
    assert "Alpha (2000)" not in cleaner.files()
    (row,) = cleaner.home.ledger.deletions(10)
    assert told(row.error) == (
        "its entry stays in Radarr, unmonitored: it has other files"
    )


# --- several copies --------------------------------------------------------------------


def add_4k(owned: Owned) -> None:
    """Have a second copy of Alpha, in a library and with a Radarr of its own."""
    owned.cleaner.add_copy("Alpha 4K", "Movies 4K")
    owned.cleaner.home.household.scan()
    owned.radarr4k.manage_all()


async def test_two_copies_go_each_through_its_own_radarr(owned: Owned) -> None:
    """HD here, 4K there, and an item of Jellyfin for each."""
    add_4k(owned)
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "Alpha 4K")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Alpha", "Alpha 4K"}
    for server in (owned.radarr, owned.radarr4k):
        made = changes(server)
        assert [one.split()[0] for one in made] == ["PUT", "DELETE", "DELETE"]
        assert server.search() == server.list_sync() == []
    assert not {one for one in cleaner.files() if "Alpha" in one}


async def test_two_copies_stand_or_fall_together(owned: Owned) -> None:
    """The one in 4K runs longer, and nobody has finished it."""
    add_4k(owned)
    owned.cleaner.home.household.movie("Alpha 4K").runtime = timedelta(hours=3)
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    assert cleaner.plan().entries == ()
    assert (await cleaner.run()).unconfirmed == []
    assert changes(owned.radarr) == []


def two_versions(owned: Owned) -> None:
    """Have one item of Jellyfin with two versions, each of its own Radarr."""
    house = owned.cleaner.home.household
    film = house.add_movie(
        "Echo",
        year=2000,
        library="Movies",
        provider_ids={"Tmdb": "5"},
        added=START - 100 * DAY,
        versions=("HD", "4K"),
    )
    house.scan()
    owned.radarr.manage(film)
    movie = owned.radarr4k.manage(film, path=film.folder)
    assert movie.file is not None
    movie.file.relative_path = "Echo (2000) - 4K.mkv"


@pytest.mark.parametrize("mounts", [{}, {"/media": "/data/library"}], ids=["", "other"])
async def test_one_item_with_two_versions_goes_as_a_whole(
    owned: Owned, mounts: dict[str, str]
) -> None:
    """Both Radarrs are told, and one row of the journal names both; their mounts may differ."""
    two_versions(owned)
    cleaner = owned.cleaner
    owned.radarr.path_map = owned.radarr4k.path_map = mounts
    watch(cleaner, "Echo")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Echo"]
    assert not [one for one in cleaner.home.household.files if "Echo" in one]
    (row,) = cleaner.home.ledger.deletions(10)
    assert [part.connection_id for part in row.through] == ["radarr", "radarr4k"]
    for server in (owned.radarr, owned.radarr4k):
        assert server.search() == server.list_sync() == []
        assert "Echo" not in {one.title for one in server.movies.values()}


async def test_two_entries_that_stay_are_both_told_of(owned: Owned) -> None:
    """Somebody may want to look after each."""
    two_versions(owned)
    cleaner = owned.cleaner
    watch(cleaner, "Echo")
    await cleaner.due_plan()
    for server in (owned.radarr, owned.radarr4k):
        server.fail(FaultKind.SERVER_ERROR, r"/movie/\d+$", method="DELETE")
    await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert told(row.error) == "; ".join(
        f"its entry stays in {name}, unmonitored: Radarr: failed with HTTP status 500"
        for name in ("Radarr", "Radarr4k")
    )


async def test_a_version_that_cannot_be_removed_is_looked_for_again(
    owned: Owned,
) -> None:
    """The other one is gone, and that is said."""
    two_versions(owned)
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "Echo")
    await cleaner.due_plan()
    house.disk.locked.add("/media/movies/Echo (2000)/Echo (2000) - 4K.mkv")
    report = await cleaner.run()
    assert "cannot remove the file" in reasons(report.failed)["Echo"]
    assert "Echo (2000) - 4K" in cleaner.files()
    assert "Echo (2000) - HD" not in cleaner.files()
    assert owned.radarr4k.movie("Echo").monitored
    assert not owned.radarr.movie("Echo").monitored
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED
    assert "deleted 1 of 2 files, then stopped" in told(row.error)


async def test_a_version_that_jellyfin_does_not_show_stops_the_others(
    owned: Owned,
) -> None:
    """Since the plan, Radarr has another file of it in another folder."""
    two_versions(owned)
    cleaner = owned.cleaner
    home = cleaner.home
    watch(cleaner, "Echo")
    await cleaner.due_plan()
    await read_files(home.ledger, home.jellyfin, [home.video("Echo").id])
    movie = owned.radarr.movie("Echo")
    assert movie.file is not None
    movie.path = "/media/movies/Elsewhere"
    movie.file.relative_path = "Other.mkv"
    home.household.disk.write("/media/movies/Elsewhere/Other.mkv", 1, START)
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Echo": f"skipped to be safe: {UNSEEN}"}


@pytest.mark.parametrize("other", [None, "/far/Alpha (2000)", "/far/A (2000)"])
async def test_an_entry_without_a_file_is_known_by_the_name_of_its_folder(
    owned: Owned, other: str | None
) -> None:
    """Where paths are others over there; of two that could be it, none is."""
    cleaner = owned.cleaner
    movie = owned.radarr.movie("Alpha")
    movie.file, movie.path = None, "/elsewhere/Alpha (2000)"
    both = other == "/far/Alpha (2000)"
    if other is not None:
        wish = replace(movie, id=99, path=other)
        owned.radarr4k.movies[wish.id] = owned.radarr4k.listed[1] = wish
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert bool(report.deleted) is not both
    assert ("Alpha (2000)" in cleaner.files()) is both
    assert (movie in owned.radarr.movies.values()) is both
    assert set(owned.radarr4k.movies) == ({99} if other else set())
    assert [one.data["because"] for _, one in report.skipped] == (
        [Reason(Doubt.ELSEWHERE)] if both else []
    )


@pytest.mark.parametrize("locked", [False, True])
async def test_the_wish_for_another_copy_ends_too(owned: Owned, locked: bool) -> None:
    """It would be downloaded the next day; where the file stays, so does the wish."""
    cleaner = owned.cleaner
    movie = owned.radarr.movie("Alpha")
    wish = replace(
        movie, id=99, path="/media/movies-4k/Alpha (2000)", file=None, monitored=True
    )
    owned.radarr4k.movies[wish.id] = owned.radarr4k.listed[1] = wish
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    if locked:
        assert movie.file_path is not None
        cleaner.home.household.disk.locked.add(movie.file_path)
    report = await cleaner.run()
    assert wish.monitored is locked
    assert bool(report.failed) is locked
    assert wish.id in owned.radarr4k.movies
    if not locked:
        assert owned.radarr4k.search() == owned.radarr4k.list_sync() == []


# --- whose is it -----------------------------------------------------------------------


async def test_what_is_known_of_movies_and_episodes(owned: Owned) -> None:
    """They may be asked for at once; each has what its own servers say of it."""
    two_versions(owned)
    share_a_file(owned, 1, 2)
    home = owned.cleaner.home
    for radarr, tag in ((owned.radarr, "hd"), (owned.radarr4k, "uhd")):
        radarr.movie("Echo").tags = radarr.tags.ids([tag])
    owned.radarr4k.movie("Echo").monitored = False
    show = owned.sonarr.manage(
        home.household.show("Show"), status="continuing", tags=["long"]
    )
    show.episode(1, 2).monitored = False
    owned.radarr.unmanage(home.household.movie("Delta"))
    await owned.cleaner.sync()
    await read_files(home.ledger, home.jellyfin, [home.video("Echo").id])
    items = home.ledger.present(MediaKind.MOVIE, MediaKind.EPISODE)
    ids = {item.title: item.item_id for item in items}
    owners = Owners(home.ledger, owned.cleaner.connections)
    custody = await owners.custody(items, ids.values())
    found = {title: custody[item_id] for title, item_id in ids.items()}
    assert found["Delta"].copies == ()
    assert [copy.part for copy in found["Echo"].copies] == [
        ArrDeletion(
            connection_id=radarr.name,
            app=radarr.name.capitalize(),
            title_id=radarr.movie("Echo").id,
            file_ids=tuple(one.id for one in radarr.movie("Echo").files),
            was_monitored=radarr is owned.radarr,
        )
        for radarr in (owned.radarr, owned.radarr4k)
    ]
    assert found["Echo"].tags == frozenset({"hd", "uhd"})
    assert [(one.connection_id, one.tags) for one in found["Echo"].setups] == [
        ("radarr", ("hd",)),
        ("radarr4k", ("uhd",)),
    ]
    assert found["Echo"].item_ids == {ids["Echo"]}
    for title in ("E1", "E2"):
        (copy,) = found[title].copies
        assert copy.part == ArrDeletion(
            connection_id="sonarr",
            app="Sonarr",
            title_id=show.id,
            file_ids=(show.episode(1, 1).file_id,),
            episode_ids=(show.episode(1, 1).id,),
            episodes=((1, 1, True), (1, 2, False)),
        )
        assert found[title].item_ids == {ids["E1"], ids["E2"]}
        assert found[title].tags == frozenset({"long"})
        assert found[title].continuing is True
        (setup,) = found[title].setups
        assert setup.episodes == {(1, 1): True, (1, 2): False, (1, 3): True}


@pytest.mark.parametrize(
    "mapped",
    [
        {"/media": "/data/library"},
        {
            "/media/movies/Alpha (2000)": "/media/movies/1",
            "/media/shows/Show": "/media/shows/2",
        },
        None,
    ],
    ids=["mounts", "folders", "not"],
)
async def test_other_paths_mean_the_same_files(
    owned: Owned, mapped: dict[str, str] | None
) -> None:
    """Containers see other mounts; a map says which, the ends of paths do as well."""
    cleaner = owned.cleaner
    for server in (owned.radarr, owned.sonarr):
        server.path_map = mapped or {"/media": "/data/library"}
    if mapped:
        rule = tuple((there, here) for here, there in mapped.items())
        cleaner.connections = replace(
            cleaner.connections,
            radarr=tuple(
                replace(one, path_map=rule) for one in cleaner.connections.radarr
            ),
            sonarr=tuple(
                replace(one, path_map=rule) for one in cleaner.connections.sonarr
            ),
        )
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Alpha", "Show"}
    assert {row.error for row in cleaner.home.ledger.deletions(10)} == {None}
    assert not [
        one for one in cleaner.home.household.files if "Alpha" in one or "Show" in one
    ]


async def test_doubts_keep_a_title(owned: Owned) -> None:
    """What Radarr and Jellyfin do not agree about is shown as kept, with the reason."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    owned.radarr.movie("Alpha").tmdb_id = 4711
    owned.sonarr.show("Show").tvdb_id = 4711
    await cleaner.due_plan()
    plan = cleaner.plan()
    assert plan.entries == ()
    kept = {one.title: (one.kept_by, clause(one.reason)) for one in plan.kept}
    assert kept["Alpha"] == (
        UNMATCHED,
        f"Radarr and Jellyfin don't agree: {AGAINST}",
    )
    assert kept["Show"][0] == UNMATCHED


async def test_a_list_that_is_shorter_stops_a_run(owned: Owned) -> None:
    """What is missing could own the file, or the folder around it."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.radarr.unmanage(house.movie("Bravo"))
    del owned.sonarr.series[1]
    before = house.files
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        title: f"skipped to be safe: {app} lists fewer titles than at the last sync"
        for title, app in (("Alpha", "Radarr"), ("Show", "Sonarr"))
    }
    assert house.files == before


async def test_a_film_that_has_just_gone_is_not_deleted(owned: Owned) -> None:
    """It went from the library after the run had read which there are."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    (item,) = cleaner.home.ledger.find(entry.item_id)
    owners = Owners(cleaner.home.ledger, cleaner.connections)
    with pytest.raises(Stopped, match=r"^not_in_library$"):
        await owners.custody([replace(item, item_id="0" * 32)], entry.target_ids)


async def test_doubts_that_come_up_in_a_run_stop_it(owned: Owned) -> None:
    """The plan was made before."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.radarr.movie("Alpha").tmdb_id = 4711
    owned.sonarr.show("Show").tvdb_id = 4711
    before = cleaner.home.household.files
    report = await cleaner.run()
    said = f"skipped to be safe: {AGAINST}"
    assert reasons(report.skipped) == {"Alpha": said, "Show": said}
    assert cleaner.home.household.files == before
    assert changes(owned.radarr) == changes(owned.sonarr) == []


async def test_an_episode_that_cannot_be_told_stops_its_series(owned: Owned) -> None:
    """Sonarr calls the file of its numbers otherwise than Jellyfin since the plan."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    file = owned.sonarr.show("Show").file_of(1, 2)
    file.relative_path = "Season 1/Something else.mkv"
    before = cleaner.home.household.files
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Show": f"skipped to be safe: {AGAINST}"}
    assert cleaner.home.household.files == before


@pytest.mark.parametrize("what", ["file", "path", "ids"])
async def test_what_changes_while_a_run_is_under_way_stays(
    owned: Owned, what: str
) -> None:
    """All titles are read once, each once more before it goes."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    movie, show = owned.radarr.movie("Alpha"), owned.sonarr.show("Show")

    def change_movie(request: Request) -> None:
        if request.path.endswith("/movie/1"):
            match what:
                case "file" if movie.file is not None:
                    movie.file = replace(movie.file, id=777)
                case "path":
                    movie.path = "/media/movies/Other"
                case "ids":
                    movie.tmdb_id = 4711

    def change_show(request: Request) -> None:
        if request.path.endswith("/series/1"):
            match what:
                case "path":
                    show.path = "/media/shows/Other"
                case "ids":
                    show.tvdb_id = 4711

    owned.radarr.listeners.append(change_movie)
    owned.sonarr.listeners.append(change_show)
    before = cleaner.home.household.files
    report = await cleaner.run()
    said = reasons(report.skipped)
    assert said["Alpha"] == "it changed in Radarr since the last sync"
    if what != "file":
        assert said["Show"] == "it changed in Sonarr since the last sync"
        assert cleaner.home.household.files == before


async def test_a_file_that_jellyfin_does_not_show_yet_stays(owned: Owned) -> None:
    """Radarr has just upgraded it, and Jellyfin still lists the old one."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    assert movie.file is not None
    folder = movie.path
    cleaner.home.household.disk.write(f"{folder}/Alpha.2160p.mkv", 1, START)
    movie.file = replace(movie.file, id=777, relative_path="Alpha.2160p.mkv")
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Alpha": f"skipped to be safe: {UNSEEN}"}
    assert f"{folder}/Alpha.2160p.mkv" in cleaner.home.household.files


async def test_a_copy_that_is_not_told_from_another_stays(owned: Owned) -> None:
    """Radarr waits since the plan for a film that Jellyfin has twice."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    cleaner.add_copy()
    owned.radarr.unmanage(house.movie("Alpha"))
    watch(cleaner, "Alpha", "Alpha again")
    plan = await cleaner.due_plan()
    owned.radarr.manage(house.movie("Alpha")).file = None
    report = await cleaner.run(plan.due(cleaner.home.now))
    said = (
        "skipped to be safe: it is not known which of its copies the server has."
        " Correct the path there"
    )
    assert reasons(report.skipped) == {"Alpha": said, "Alpha again": said}
    assert changes(owned.radarr) == changes(cleaner.home.jellyfin_server) == []


async def test_what_nobody_owns_goes_through_jellyfin(owned: Owned) -> None:
    """Radarr and Sonarr are connected, but do not know it."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    owned.radarr.unmanage(house.movie("Alpha"))
    owned.sonarr.unmanage(house.show("Show"))
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Alpha", "Show"}
    assert changes(owned.radarr) == changes(owned.sonarr) == []
