"""How deletions through Radarr and Sonarr end: by looking, and late if need be."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.ledger import (
    ArrDeletion,
    DeletionOutcome,
    JournalEntry,
)
from custom_components.oxicleanarr.model import Keep
from custom_components.oxicleanarr.servers import Connections, arr as arr_client
from simulators import FaultKind
from simulators.faults import Request
from tests.home import DAY

from .conftest import Owned
from .test_execute import reasons, told, watch
from .test_owners import share_a_file, two_versions

MINUTE = timedelta(minutes=1)
A_MOMENT = 2 * MINUTE


def row(owned: Owned) -> JournalEntry:
    """Return the newest row of the journal."""
    return owned.cleaner.home.ledger.deletions(1)[0]


async def begun(
    owned: Owned, *others: ArrDeletion, unmonitored: bool = True
) -> JournalEntry:
    """Write down a deletion of Alpha, which the process did not live to see."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    (item,) = cleaner.home.ledger.find(entry.item_id)
    movie = owned.radarr.movie("Alpha")
    assert movie.file is not None
    cleaner.home.ledger.intend(
        entry,
        item,
        cleaner.home.now,
        through=[
            ArrDeletion(
                connection_id="radarr",
                app="Radarr",
                title_id=movie.id,
                file_ids=(movie.file.id,),
                was_monitored=True,
            ),
            *others,
        ],
    )
    movie.monitored = not unmonitored
    return row(owned)


async def test_a_deletion_under_way_is_waited_for(owned: Owned) -> None:
    """Radarr may be moving the file still; ten minutes later it is not any more."""
    await begun(owned)
    cleaner = owned.cleaner
    for minutes in (0, 9):
        cleaner.home.wait(minutes * MINUTE)
        assert await cleaner.settle() == [row(owned)]
        assert row(owned).outcome is DeletionOutcome.INTENDED
        assert not owned.radarr.movie("Alpha").monitored
    assert cleaner.home.jellyfin_server.requested("/Library/Media/Updated") == []
    cleaner.home.wait(MINUTE)
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert told(row(owned).error) == "it was interrupted before the file was deleted"
    assert owned.radarr.movie("Alpha").monitored


async def test_a_wish_is_put_back_with_its_file(owned: Owned) -> None:
    """Not what has gone: that would be downloaded again."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    wish = owned.radarr4k.manage(house.movie("Alpha"), path="/media/movies-4k/Alpha")
    gone = owned.radarr4k.manage(house.movie("Bravo"), path="/media/movies-4k/Bravo")
    parts = [
        ArrDeletion(
            connection_id="radarr4k",
            app="Radarr",
            title_id=movie.id,
            file_ids=file_ids,
            was_monitored=True,
        )
        for movie, file_ids in ((wish, ()), (gone, (4711,)))
    ]
    await begun(owned, *parts)
    wish.monitored = gone.monitored = False
    cleaner.home.wait(11 * MINUTE)
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert owned.radarr.movie("Alpha").monitored
    assert wish.monitored
    assert not gone.monitored


async def test_the_time_counts_from_the_end_of_patience(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited ten minutes for an answer has not waited since."""
    monkeypatch.setattr(arr_client, "DELETE_SECONDS", 0.15)
    cleaner = owned.cleaner
    for one in cleaner.connections.radarr:
        one.client._http.timeout = 0.15
    watch(cleaner, "Alpha")
    await cleaner.due_plan()

    def wait(request: Request) -> None:
        if request.method == "PUT":
            cleaner.home.wait(10 * MINUTE)

    owned.radarr.listeners.append(wait)
    owned.radarr.fail(FaultKind.HANG, "/moviefile/", method="DELETE", times=1)
    await cleaner.run()
    assert row(owned).outcome is DeletionOutcome.UNCONFIRMED
    cleaner.home.wait(MINUTE)
    assert len(await cleaner.settle()) == 1
    assert not owned.radarr.movie("Alpha").monitored
    cleaner.home.wait(10 * MINUTE)
    assert await cleaner.settle() == []
    assert owned.radarr.movie("Alpha").monitored
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert "did not answer" in told(row(owned).error)


async def test_what_is_gone_is_asked_for_until_jellyfin_has_noticed(
    owned: Owned,
) -> None:
    """A row without a file is nothing but a row."""
    await begun(owned)
    cleaner = owned.cleaner
    server = cleaner.home.jellyfin_server
    movie = owned.radarr.movie("Alpha")
    assert movie.file_path is not None
    cleaner.home.household.disk.remove(movie.file_path)
    owned.radarr.rescan()
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.DELETED
    assert len(server.requested("/Library/Media/Updated")) == 1
    assert told(row(owned).error) == (
        "it was interrupted: its entry may still be in Radarr, unmonitored"
    )
    assert len(server.requested("/Library/Media/Updated")) == 1


async def test_a_connection_that_was_removed_meanwhile(owned: Owned) -> None:
    """Then only Jellyfin can tell, after its next scan."""
    await begun(owned)
    cleaner = owned.cleaner
    cleaner.connections = Connections()
    cleaner.home.wait(A_MOMENT)
    assert len(await cleaner.settle()) == 1
    cleaner.home.wait(A_MOMENT)
    cleaner.home.household.scan()
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert "interrupted" in told(row(owned).error)


async def test_a_title_that_was_removed_meanwhile(owned: Owned) -> None:
    """With its files: so it is gone. Without: Jellyfin has it still."""
    await begun(owned)
    cleaner = owned.cleaner
    owned.radarr.remove([owned.radarr.movie("Alpha")])
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.DELETED


@pytest.mark.parametrize(
    "kind",
    [FaultKind.SERVER_ERROR, FaultKind.UNAUTHORIZED, FaultKind.NOT_FOUND],
    ids=str,
)
async def test_a_silent_server_leaves_it_open(owned: Owned, kind: FaultKind) -> None:
    """A proxy in front of a Radarr that is down knows no title: that is no answer."""
    await begun(owned)
    cleaner = owned.cleaner
    owned.radarr.fail(kind)
    for _ in range(3):
        cleaner.home.wait(60 * MINUTE)
        cleaner.home.household.scan()
        assert len(await cleaner.settle()) == 1
    assert row(owned).outcome is DeletionOutcome.INTENDED
    assert (await cleaner.sync())["radarr"] is not None
    owned.radarr.faults.clear()
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert owned.radarr.movie("Alpha").monitored


async def test_a_monitor_flag_that_cannot_be_put_back_is_put_back_later(
    owned: Owned,
) -> None:
    """It is said until then, and nothing is called failed before."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    path = owned.radarr.movie("Alpha").file_path
    assert path is not None
    cleaner.home.household.disk.locked.add(path)
    owned.radarr.fail(FaultKind.SERVER_ERROR, "/editor", method="PUT", after=1)
    await cleaner.run()
    assert row(owned).outcome is DeletionOutcome.UNCONFIRMED
    assert "could not be monitored again" in told(row(owned).error)
    cleaner.home.wait(11 * MINUTE)
    assert len(await cleaner.settle()) == 1
    owned.radarr.faults.clear()
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.FAILED
    assert owned.radarr.movie("Alpha").monitored


async def test_a_title_that_came_back_is_another_file(owned: Owned) -> None:
    """What was deleted is deleted, whatever has come since."""
    await begun(owned)
    cleaner = owned.cleaner
    movie = owned.radarr.movie("Alpha")
    assert movie.file_path is not None
    cleaner.home.household.disk.remove(movie.file_path)
    owned.radarr.rescan()
    cleaner.home.wait(60 * MINUTE)
    movie.monitored = True
    assert owned.radarr.search() == ["Alpha"]
    cleaner.home.household.scan()
    assert await cleaner.settle() == []
    assert row(owned).outcome is DeletionOutcome.DELETED
    await cleaner.sync()
    assert cleaner.plan().entries == ()


# --- the recycle bin -----------------------------------------------------------------


@pytest.mark.parametrize("days", [7, 0])
async def test_a_recycle_bin_holds_the_space(owned: Owned, days: int) -> None:
    """It is free a day after the bin lets go; never, where nobody empties it."""
    cleaner = owned.cleaner
    ledger = cleaner.home.ledger
    owned.radarr.recycle_bin = "/media/bin"
    owned.radarr.recycle.days = days
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    size = owned.radarr.movie("Alpha").file.size  # type: ignore[union-attr]
    began = cleaner.home.now
    report = await cleaner.run()
    assert report.taken_bytes == size
    assert report.reclaimed_bytes == 0
    assert row(owned).recycle_bin == "/media/bin"
    assert (
        row(owned).recoverable_until == began + days * DAY
        if days
        else not (row(owned).recoverable_until)
    )
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert row(owned).outcome is DeletionOutcome.DELETED
    reclaimed = [ledger.reclaimed_bytes(began + day * DAY) for day in (0, 7, 9, 999)]
    recycled = [ledger.recycled_bytes(began + day * DAY) for day in (0, 7, 9, 999)]
    assert reclaimed == ([0, 0, size, size] if days else [0, 0, 0, 0])
    assert recycled == ([size, size, 0, 0] if days else [size, size, size, 0])


async def test_the_bin_that_keeps_longest_counts(owned: Owned) -> None:
    """Of two versions, one lies in a bin that nobody empties."""
    two_versions(owned)
    cleaner = owned.cleaner
    watch(cleaner, "Echo")
    await cleaner.due_plan()
    for server, days in ((owned.radarr, 7), (owned.radarr4k, 0)):
        server.recycle_bin = "/media/bin"
        server.recycle.days = days
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Echo"]
    assert row(owned).recycle_bin == "/media/bin"
    assert row(owned).recoverable_until is None


async def test_a_bin_that_is_not_told_of_holds_the_space(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Radarr does not say whether it has one: the space may never be free."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    monkeypatch.setattr(owned.radarr, "_settings", dict)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert row(owned).recycle_bin == "?"
    assert row(owned).recoverable_until is None


async def test_without_a_bin_the_space_is_free(owned: Owned) -> None:
    """As soon as the disk says so, it is for certain."""
    cleaner = owned.cleaner
    ledger = cleaner.home.ledger
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    size = owned.radarr.movie("Alpha").file.size  # type: ignore[union-attr]
    await cleaner.run()
    assert row(owned).recycle_bin is None
    assert ledger.reclaimed_bytes(cleaner.home.now) == size
    assert ledger.recycled_bytes(cleaner.home.now) == 0


async def test_a_bin_that_cannot_be_written_is_a_failure(owned: Owned) -> None:
    """The file is where it was."""
    cleaner = owned.cleaner
    owned.radarr.recycle_bin = "/media/bin"
    owned.radarr.recycle.writable = False
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    before = cleaner.home.household.files
    report = await cleaner.run()
    assert "cannot remove the file" in reasons(report.failed)["Alpha"]
    assert cleaner.home.household.files == before
    assert owned.radarr.movie("Alpha").monitored


# --- second thoughts -----------------------------------------------------------------


@pytest.mark.parametrize("thought", ["keep", "keep until", "dry run"])
async def test_a_second_thought_wins_before_the_file_goes(
    owned: Owned, thought: str
) -> None:
    """Radarr has been told already not to look for it: that is taken back."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    until = cleaner.home.now + DAY if thought == "keep until" else None
    keep = Keep(key=entry.key, kept_at=cleaner.home.now, until=until)

    def think(request: Request) -> None:
        if request.method != "PUT":
            return
        if thought != "dry run":
            cleaner.home.ledger.keep(keep)
        else:
            cleaner.dry_run = lambda: True

    owned.radarr.listeners.append(think)
    before = cleaner.home.household.files
    report = await cleaner.run()
    assert cleaner.home.household.files == before
    assert owned.radarr.movie("Alpha").monitored
    assert not [one for one in owned.radarr.requests if one.method == "DELETE"]
    assert row(owned).outcome is DeletionOutcome.FAILED
    said = reasons(report.failed)["Alpha"]
    assert said == (
        "dry run has been turned on"
        if thought == "dry run"
        else "Alpha is kept until January 14, 2026"
        if thought == "keep until"
        else "Alpha is kept"
    )


async def test_a_keep_of_an_episode_in_the_same_file_wins(owned: Owned) -> None:
    """Whoever keeps one of two keeps the file."""
    cleaner = owned.cleaner
    share_a_file(owned, 1, 2)
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    key = cleaner.home.facts()["E2"].key

    def think(request: Request) -> None:
        if request.method == "PUT":
            cleaner.home.ledger.keep(Keep(key=key, kept_at=cleaner.home.now))

    owned.sonarr.listeners.append(think)
    report = await cleaner.run([entry])
    assert reasons(report.failed) == {"Show": "E2 is kept"}
    assert "Show S01E01" in cleaner.files()
    assert all(one.monitored for one in owned.sonarr.show("Show").episodes)
