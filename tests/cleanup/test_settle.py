"""How an open deletion through Jellyfin has ended is seen, to the moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import Why
from custom_components.oxicleanarr.ledger import (
    ArrDeletion,
    DeletionOutcome,
    JournalEntry,
)
from custom_components.oxicleanarr.model import Reason
from custom_components.oxicleanarr.servers import ServerError
from simulators import Fault, FaultKind
from tests.home import DAY

from .conftest import Cleaner, Owned, add_film
from .test_execute import told, watch

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""What Jellyfin says where it does not know a date."""


async def begun(
    cleaner: Cleaner, *names: str, through: Sequence[ArrDeletion] = ()
) -> list[JournalEntry]:
    """Write down deletions that nobody lived to see; only the first is an *arr's."""
    watch(cleaner, *names)
    plan = await cleaner.due_plan()
    ledger = cleaner.home.ledger
    for entry in sorted(plan.entries, key=lambda one: one.title):
        (item,) = ledger.find(entry.item_id)
        ledger.intend(entry, item, cleaner.home.now, through=through)
        through = ()
    return ledger.unsettled()


def rows(cleaner: Cleaner) -> dict[str, JournalEntry]:
    """Return what the journal says, by title."""
    return {row.title: row for row in cleaner.home.ledger.deletions(10)}


async def test_a_scan_of_the_same_moment_is_not_later(cleaner: Cleaner) -> None:
    """It may have passed by before the file went."""
    (row,) = await begun(cleaner, "Alpha")
    cleaner.home.household.scan()
    assert await cleaner.settle() == [row]
    cleaner.home.wait(SECOND)
    cleaner.home.household.scan()
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.FAILED
    assert "interrupted" in told(rows(cleaner)["Alpha"].error)


async def test_jellyfin_alone_is_not_told_to_look(cleaner: Cleaner) -> None:
    """It has deleted the file itself: only its next scan can tell more."""
    await begun(cleaner, "Alpha")
    await cleaner.settle()
    server = cleaner.home.jellyfin_server
    assert server.requested("/Library/Media/Updated") == []
    cleaner.home.household.delete(cleaner.home.video("Alpha"))
    assert await cleaner.settle() == []
    # Nor is it where it does not list the film any more.
    assert server.requested("/Library/Media/Updated") == []


async def test_what_was_wrong_is_no_more_when_it_is_gone(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There was no answer; the file has gone all the same."""
    monkeypatch.setattr(
        "custom_components.oxicleanarr.servers.jellyfin.DELETE_SECONDS", 0.15
    )
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home = cleaner.home
    home.jellyfin_server.faults.append(Fault(FaultKind.HANG, method="DELETE"))
    await cleaner.run()
    assert told(rows(cleaner)["Alpha"].error)
    home.household.delete(home.video("Alpha"))
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.DELETED
    assert rows(cleaner)["Alpha"].error is None


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        (0 * SECOND, DeletionOutcome.FAILED),
        (SECOND, DeletionOutcome.FAILED),
        (-SECOND, DeletionOutcome.FAILED),
        (2 * SECOND, DeletionOutcome.DELETED),
        (-2 * SECOND, DeletionOutcome.DELETED),
        (None, DeletionOutcome.FAILED),
    ],
)
async def test_another_file_under_the_same_path_is_told_by_its_date(
    cleaner: Cleaner, later: timedelta | None, outcome: DeletionOutcome
) -> None:
    """A second more or less is the same; without a date nothing is told."""
    await begun(cleaner, "Alpha")
    house = cleaner.home.household
    film = cleaner.home.video("Alpha")
    film.date_created = NEVER if later is None else film.date_created + later
    house.changed()
    cleaner.home.wait(MINUTE)
    house.scan()
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is outcome


@pytest.mark.parametrize(
    ("later", "outcome"),
    [(0 * SECOND, DeletionOutcome.FAILED), (SECOND, DeletionOutcome.DELETED)],
)
async def test_a_file_of_after_the_deletion_is_another_one(
    cleaner: Cleaner, later: timedelta, outcome: DeletionOutcome
) -> None:
    """Also where a sync has taken note of it already."""
    (row,) = await begun(cleaner, "Alpha")
    house = cleaner.home.household
    cleaner.home.video("Alpha").date_created = row.intended_at + later
    house.changed()
    await cleaner.home.sync()
    cleaner.home.wait(MINUTE)
    house.scan()
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is outcome


async def test_what_has_not_gone_for_a_while_was_not_deleted(cleaner: Cleaner) -> None:
    """Without a scan: the disk says so, once nobody can be at work on it any more."""
    opened = await begun(cleaner, "Alpha")
    assert await cleaner.settle() == opened
    cleaner.home.wait(10 * MINUTE - SECOND)
    assert await cleaner.settle() == opened
    cleaner.home.wait(SECOND)
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.FAILED


@pytest.mark.parametrize(
    ("finished", "code"), [(True, Why.STILL_ON_DISK), (False, Why.INTERRUPTED)]
)
async def test_why_a_file_is_still_there(
    cleaner: Cleaner, finished: bool, code: Why
) -> None:
    """Jellyfin was asked and has not done it, or nobody lived to see its answer."""
    ledger = cleaner.home.ledger
    for attempt in (1, 2):
        (row,) = await begun(cleaner, "Alpha")
        if finished:
            outcome = DeletionOutcome.UNCONFIRMED
            ledger.conclude(row.entry_id, outcome, cleaner.home.now)
        cleaner.home.wait(11 * MINUTE)
        assert await cleaner.settle() == []
        assert ledger.deletions(1)[0].error == Reason(code)
        # What it did not do twice it is not asked for any more, for a while.
        found = cleaner.home.facts()["Alpha"].objection
        assert (found is not None) is (finished and attempt == 2)
    if found is not None:
        assert (found.code, found.data["because"]) == (Why.NOT_REMOVED, Reason(code))


@pytest.mark.parametrize("listed", [True, False])
async def test_where_the_disk_tells_nothing_jellyfin_does(
    cleaner: Cleaner, listed: bool
) -> None:
    """After a scan: what it still lists it has not deleted."""
    watch(cleaner, "Alpha")
    (entry,) = (await cleaner.due_plan()).entries
    home = cleaner.home
    (item,) = home.ledger.find(entry.item_id)
    home.ledger.intend(entry, replace(item, path=None), home.now)
    if not listed:
        home.household.delete(home.video("Alpha"))
    assert await cleaner.settle() == home.ledger.unsettled()
    home.wait(MINUTE)
    home.household.scan()
    assert await cleaner.settle() == []
    row = rows(cleaner)["Alpha"]
    assert row.outcome is (
        DeletionOutcome.FAILED if listed else DeletionOutcome.DELETED
    )
    assert row.error == (Reason(Why.STILL_IN_JELLYFIN) if listed else None)


async def test_what_has_gone_is_settled_at_once(cleaner: Cleaner) -> None:
    """Whether Jellyfin still lists it or not."""
    await begun(cleaner, "Alpha", "Bravo")
    house = cleaner.home.household
    house.delete(cleaner.home.video("Alpha"))
    house.remove_file(cleaner.home.video("Bravo"))
    assert await cleaner.settle() == []
    assert {row.outcome for row in rows(cleaner).values()} == {DeletionOutcome.DELETED}


async def test_the_last_of_a_disk_is_settled_by_jellyfin(cleaner: Cleaner) -> None:
    """Nothing beside it tells whether the disk is there: a scan has to miss it."""
    home = cleaner.home
    watch(cleaner, "Alpha", "Bravo", "Charlie", "Delta")
    await cleaner.due_plan()
    (last,) = (await cleaner.run()).unconfirmed
    home.wait(DAY)
    (open_row,) = await cleaner.settle()
    assert open_row.title == last.title
    home.household.scan()
    assert await cleaner.settle() == []
    (row,) = [one for one in home.ledger.deletions(9) if one.title == last.title]
    assert row.outcome is DeletionOutcome.DELETED


@pytest.mark.parametrize("mount_point", [True, False])
async def test_on_a_disk_that_is_away_nothing_is_settled(
    cleaner: Cleaner, mount_point: bool
) -> None:
    """Whatever Jellyfin lists or not, before a scan and after it."""
    opened = await begun(cleaner, "Alpha", "Bravo")
    house = cleaner.home.household
    house.disk.unmount("/media/movies", mount_point=mount_point)
    house.unlist(cleaner.home.video("Alpha"))
    for _ in range(2):
        assert await cleaner.settle() == opened
        cleaner.home.wait(11 * MINUTE)
        house.scan()
    house.disk.mount("/media/movies")
    assert await cleaner.settle() == []
    assert {row.outcome for row in rows(cleaner).values()} == {DeletionOutcome.FAILED}


async def test_another_server_says_nothing_about_a_deletion(cleaner: Cleaner) -> None:
    """It is asked who it is before it is believed."""
    opened = await begun(cleaner, "Alpha")
    home = cleaner.home
    home.household.delete(home.video("Alpha"))
    home.jellyfin_server.server_id = "f" * 32
    with pytest.raises(ServerError):
        await cleaner.settle()
    assert home.ledger.unsettled() == opened


async def test_what_is_open_does_not_hold_up_what_is_not(owned: Owned) -> None:
    """Neither where Radarr is silent nor where Jellyfin has to scan first."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    by_radarr = ArrDeletion(
        connection_id="radarr", app="Radarr", title_id=1, file_ids=(1,)
    )
    opened = await begun(cleaner, "Alpha", "Bravo", "Charlie", through=[by_radarr])
    owned.radarr.fail(FaultKind.BAD_GATEWAY)
    house.delete(cleaner.home.video("Charlie"))
    assert await cleaner.settle() == opened[:2]
    assert [row.title for row in opened[:2]] == ["Alpha", "Bravo"]
    assert rows(cleaner)["Charlie"].outcome is DeletionOutcome.DELETED


SILENT = Reason(Why.STILL_HAS_FILE, {"server": "Radarr"})
"""What a run may have written down when it could not wait any longer."""


async def through_radarr(owned: Owned, *, finished: bool) -> tuple[JournalEntry, Any]:
    """Have a deletion of Alpha through Radarr that is open, and a wish for it in 4K."""
    cleaner = owned.cleaner
    movie = owned.radarr.movie("Alpha")
    wish = replace(
        movie, id=99, path="/media/movies-4k/Alpha (2000)", file=None, monitored=False
    )
    assert movie.file is not None
    owned.radarr4k.movies[wish.id] = owned.radarr4k.listed[1] = wish
    parts = [
        ArrDeletion(
            connection_id=name,
            app=name.capitalize(),
            title_id=one.id,
            file_ids=file_ids,
            was_monitored=True,
        )
        for name, one, file_ids in (
            ("radarr", movie, (movie.file.id,)),
            ("radarr4k", wish, ()),
        )
    ]
    (row,) = await begun(cleaner, "Alpha", through=parts)
    movie.monitored = False
    if finished:
        cleaner.home.ledger.conclude(
            row.entry_id, DeletionOutcome.UNCONFIRMED, cleaner.home.now, SILENT
        )
        (row,) = cleaner.home.ledger.unsettled()
    return row, wish


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("state", ["owned", "on disk", "gone"])
async def test_how_a_deletion_through_radarr_has_ended(
    owned: Owned, state: str, finished: bool
) -> None:
    """What stays is looked for again, what is gone is not; a reason is not lost."""
    cleaner = owned.cleaner
    row, wish = await through_radarr(owned, finished=finished)
    movie = owned.radarr.movie("Alpha")
    path = movie.file_path
    assert path is not None
    if state != "owned":
        movie.file = None
    if state == "gone":
        cleaner.home.household.disk.remove(path)
    else:
        assert await cleaner.settle() == [row]
        assert not movie.monitored
        assert not wish.monitored
        cleaner.home.wait(10 * MINUTE)
    assert await cleaner.settle() == []
    settled = rows(cleaner)["Alpha"]
    if state == "gone":
        cut_off = Reason(Why.CUT_OFF, {"server": "Radarr"})
        assert settled.outcome is DeletionOutcome.DELETED
        assert settled.error == (SILENT if finished else cut_off)
    else:
        assert settled.outcome is DeletionOutcome.FAILED
        assert settled.error == (SILENT if finished else Reason(Why.INTERRUPTED))
    assert movie.monitored is (state == "owned")
    assert wish.monitored is (state != "gone")
    told_of = cleaner.home.jellyfin_server.requested("/Library/Media/Updated")
    assert [one.body["Updates"][0]["Path"] for one in told_of] == (
        [path] if state == "gone" else []
    )


async def test_a_wish_that_cannot_be_put_back_leaves_it_open(owned: Owned) -> None:
    """Nothing is called failed before all is as it was."""
    cleaner = owned.cleaner
    row, wish = await through_radarr(owned, finished=False)
    owned.radarr.movie("Alpha").file = None
    owned.radarr4k.fail(FaultKind.SERVER_ERROR, method="PUT")
    cleaner.home.wait(11 * MINUTE)
    assert await cleaner.settle() == [row]
    assert cleaner.home.ledger.unsettled() == [row]
    owned.radarr4k.faults.clear()
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.FAILED
    assert wish.monitored


async def test_what_radarr_still_has_was_not_deleted(owned: Owned) -> None:
    """It knows, although Jellyfin cannot see the disk."""
    cleaner = owned.cleaner
    await through_radarr(owned, finished=False)
    cleaner.home.household.disk.unmount("/media/movies")
    cleaner.home.wait(11 * MINUTE)
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.FAILED


@pytest.mark.parametrize("disc", ["BluRay", None])
async def test_one_of_several_files_that_is_left(
    cleaner: Cleaner, disc: str | None
) -> None:
    """Then it has failed, and what has gone of it counts. A disc is a folder."""
    house = cleaner.home.household
    film = add_film(
        cleaner, disc=disc, versions=() if disc else ("1080p", "4K"), size=1000
    )
    watch(cleaner, "Kilo")
    await cleaner.sync()
    await begun(cleaner, "Kilo")
    assert film.path is not None
    if disc is None:
        house.disk.remove(film.path)
    cleaner.home.wait(11 * MINUTE)
    assert await cleaner.settle() == []
    assert rows(cleaner)["Kilo"].outcome is DeletionOutcome.FAILED
    spent = cleaner.home.ledger.spent(cleaner.home.now - DAY)
    assert list(spent.sizes.values()) == ([] if disc else [1000])


async def test_what_jellyfin_did_not_answer_is_said_where_it_has_failed(
    cleaner: Cleaner,
) -> None:
    """What a run has written down says more than that the file is there."""
    (row,) = await begun(cleaner, "Alpha")
    error = Reason.from_text("it did not answer")
    home = cleaner.home
    home.ledger.conclude(row.entry_id, DeletionOutcome.UNCONFIRMED, home.now, error)
    home.wait(11 * MINUTE)
    assert await cleaner.settle() == []
    assert rows(cleaner)["Alpha"].outcome is DeletionOutcome.FAILED
    assert rows(cleaner)["Alpha"].error == error
