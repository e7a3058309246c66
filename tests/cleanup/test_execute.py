"""Deleting for real: exactly what is due, each looked at again before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.oxicleanarr.cleanup import Handling, Limits, Why, clause, settle
from custom_components.oxicleanarr.ledger import DeletionOutcome, Source
from custom_components.oxicleanarr.model import (
    Keep,
    MediaFiles,
    MediaKind,
    OwnSet,
    Progress,
    Reason,
    Work,
    full_title,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    UserEntry,
    UserRule,
)
from custom_components.oxicleanarr.servers import jellyfin as jellyfin_client
from custom_components.oxicleanarr.sync import Doubt, read_files
from simulators import Fault, FaultKind, Movie, Request, Series, SonarrSimulator
from simulators.items import BoxSet
from tests.home import DAY, START

from .conftest import GRACE, Cleaner, Owned, add_film

ALL_JELLYFIN = pytest.mark.parametrize(
    "versions",
    [("10.10.7", "1.1.8"), ("10.11.11", "1.1.8"), ("12.0", "1.1.8")],
    ids=lambda versions: versions[0],
)


def watch(cleaner: Cleaner, *names: str, days: float = 30, user: str = "alice") -> None:
    """Let a user have watched titles some days ago."""
    house = cleaner.home.household
    for name in names:
        house.play(
            house.user(user), cleaner.home.video(name), 0.96, at=START - days * DAY
        )


LATE = Reason.from_text("it is late")


def reasons(skipped: object) -> dict[str, str]:
    """Return the reasons by title."""
    return {entry.title: clause(reason) for entry, reason in skipped}  # type: ignore[attr-defined]


def told(reason: Reason | None) -> str:
    """Return a reason in words, if there is one."""
    return clause(reason) if reason else ""


@ALL_JELLYFIN
async def test_exactly_the_due_ones_go(cleaner: Cleaner) -> None:
    """A watched film and a watched series; nothing else."""
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    watch(cleaner, "Bravo", days=1)
    house = cleaner.home.household
    house.play(
        house.user("bob"), cleaner.home.video("Charlie"), 0.4, at=START - 40 * DAY
    )
    plan = await cleaner.due_plan()
    assert [(one.kind, one.title) for one in plan.entries] == [
        (MediaKind.MOVIE, "Alpha"),
        (MediaKind.SERIES, "Show"),
        (MediaKind.MOVIE, "Bravo"),
    ]
    before = cleaner.files()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha", "Show"]
    assert not report.failed
    assert not report.skipped
    assert not report.unconfirmed
    gone = before - cleaner.files()
    assert len(gone) == 4
    assert len([name for name in cleaner.files() if "Bravo" in name]) == 1
    rows = cleaner.home.ledger.deletions(10)
    assert {row.title for row in rows} == {"Alpha", "E1", "E2", "E3"}
    assert {row.outcome for row in rows} == {DeletionOutcome.DELETED}
    assert all(row.rule and row.reason for row in rows)
    assert await cleaner.run() == type(report)(dry_run=False)


async def test_the_guides_example(cleaner: Cleaner) -> None:
    """Seven days, watched on January 1st: due on January 8th, no grace in between."""
    home = cleaner.home
    house = home.household
    home.wait(-(home.now - START.replace(day=1)))
    house.play(house.user("alice"), cleaner.home.video("Alpha"), 0.96, at=home.now)
    home.wait(timedelta(hours=3))
    await home.sync()
    (entry,) = cleaner.plan().entries
    assert entry.due_at.date().isoformat() == "2026-01-08"
    assert entry.watched_by == ("alice",)
    home.wait(8 * DAY)
    await home.poll()
    assert [one.title for one in cleaner.plan().due(home.now)] == ["Alpha"]


async def test_a_dry_run_deletes_nothing(cleaner: Cleaner) -> None:
    """It looks at everything and says what would go."""
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    cleaner.dry_run = lambda: True
    before = cleaner.files()
    cleaner.limits = Limits(max_items=1)
    report = await cleaner.run()
    assert sorted(reasons(report.skipped).values()) == [
        "dry run: it would be deleted now",
        "the limit of 1 title in 24 hours is reached. The rest follows later",
    ]
    cleaner.limits = Limits()
    report = await cleaner.run()
    assert report.dry_run
    assert report.deleted == []
    assert set(reasons(report.skipped).values()) == {"dry run: it would be deleted now"}
    assert cleaner.files() == before
    assert cleaner.home.ledger.deletions(10) == []
    assert not [
        one for one in cleaner.home.jellyfin_server.requests if one.method == "DELETE"
    ]


async def test_dry_run_switched_on_during_a_run_stops_it(cleaner: Cleaner) -> None:
    """The switch is read before every single deletion."""
    watch(cleaner, "Alpha", days=30)
    watch(cleaner, "Bravo", days=20)
    await cleaner.due_plan()
    deletions = cleaner.home.ledger.deletions
    cleaner.dry_run = lambda: bool(deletions(1))
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert list(reasons(report.skipped)) == ["Bravo"]


async def test_dry_run_switched_on_within_a_series_says_how_far_it_came(
    cleaner: Cleaner,
) -> None:
    """What has gone is said, and the rest stays."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    deletions = cleaner.home.ledger.deletions
    cleaner.dry_run = lambda: bool(deletions(1))
    report = await cleaner.run()
    assert reasons(report.failed) == {
        "Show": "deleted 1 of 3 files, then stopped: dry run has been turned on"
    }


@pytest.mark.parametrize("after", [1, 2])
async def test_a_run_that_is_stopped_within_a_series_says_how_far_it_came(
    cleaner: Cleaner, after: int
) -> None:
    """And why."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    deletions = cleaner.home.ledger.deletions
    cleaner.halt = lambda: LATE if len(deletions(9)) >= after else None
    report = await cleaner.run()
    assert reasons(report.failed) == {
        "Show": f"deleted {after} of 3 files, then stopped: it is late"
    }


async def test_a_run_that_is_stopped_skips_the_rest(cleaner: Cleaner) -> None:
    """Each title is told of, with the reason."""
    watch(cleaner, "Alpha", "Bravo", "Charlie")
    await cleaner.due_plan()
    deletions = cleaner.home.ledger.deletions
    cleaner.halt = lambda: LATE if deletions(1) else None
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {"Bravo": "it is late", "Charlie": "it is late"}


async def test_a_run_tells_how_far_it_is(cleaner: Cleaner) -> None:
    """Before each title, also of those that have to wait."""
    watch(cleaner, "Alpha", "Bravo", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    cleaner.limits = Limits(max_items=2)
    report = await cleaner.run()
    assert len(report.skipped) == 1
    assert cleaner.progress == [
        Progress(work=Work.DELETION, done=number, total=3, title=full_title(entry))
        for number, entry in enumerate(plan.entries)
    ]


@pytest.mark.parametrize(
    ("managed", "gone"),
    [
        (["Movies"], {"Alpha"}),
        (["Shows"], {"Show"}),
        (["Movies", "Shows"], {"Alpha", "Show"}),
        ([], set()),
    ],
)
async def test_only_what_is_managed_at_this_moment_goes(
    cleaner: Cleaner, managed: list[str], gone: set[str]
) -> None:
    """A library that somebody has taken out since the plan was made loses nothing."""
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    cleaner.libraries = frozenset(
        one.id for one in cleaner.home.household.libraries if one.name in managed
    )
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == gone
    left = {"Alpha", "Show"} - gone
    said = "its library is no longer managed"
    assert reasons(report.skipped) == dict.fromkeys(left, said)


async def test_one_file_that_is_not_seen_to_be_gone_leaves_its_series_open(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it was the first of them."""
    monkeypatch.setattr(jellyfin_client, "DELETE_SECONDS", 0.15)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    server.faults.append(Fault(FaultKind.HANG, method="DELETE", times=1))
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Show"]
    assert report.deleted == []
    assert [row.title for row in cleaner.home.ledger.unsettled()] == ["E1"]


async def test_each_file_is_looked_at_right_before_it_goes(cleaner: Cleaner) -> None:
    """All of an entry once, then one after the other; more often would be slower."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    before = len(server.requested("/Sessions"))
    await cleaner.run()
    assert len(server.requested("/Sessions")) - before == 1 + 3


async def test_what_has_left_the_library_is_left_alone(cleaner: Cleaner) -> None:
    """An entry goes as a whole, or not at all."""
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    unknown = "0" * 32
    entries = [
        replace(one, episode_ids=(*one.episode_ids, unknown))
        if one.episode_ids
        else replace(one, item_id=unknown)
        for one in plan.due(cleaner.home.now)
    ]
    before = cleaner.files()
    report = await cleaner.run(entries)
    said = "it is no longer in the library"
    assert reasons(report.skipped) == {"Alpha": said, "Show": said}
    assert cleaner.files() == before


async def test_what_is_not_due_waits(cleaner: Cleaner) -> None:
    """Also when it is named."""
    watch(cleaner, "Alpha")
    await cleaner.home.sync()
    plan = cleaner.plan()
    report = await cleaner.run(plan.entries)
    assert reasons(report.skipped) == {"Alpha": "not before January 13, 2026"}


async def test_a_run_has_a_limit(cleaner: Cleaner) -> None:
    """The oldest go first, the rest waits."""
    watch(cleaner, "Alpha", days=10)
    watch(cleaner, "Bravo", days=30)
    watch(cleaner, "Charlie", days=20)
    await cleaner.due_plan()
    cleaner.limits = Limits(max_items=2)
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Bravo", "Charlie"} or len(
        report.deleted
    ) == 2
    assert list(reasons(report.skipped).values()) == [
        "the limit of 2 titles in 24 hours is reached. The rest follows later"
    ]


async def test_a_run_has_a_limit_of_bytes(cleaner: Cleaner) -> None:
    """A title whose size nobody knows does not fit into any limit."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    cleaner.limits = Limits(max_bytes=10**15)
    report = await cleaner.run()
    assert "size" in reasons(report.skipped)["Alpha"]


async def test_what_changed_since_the_plan_is_left_alone(cleaner: Cleaner) -> None:
    """Each title is read again, live, and anything new about it stops."""
    watch(cleaner, "Alpha", "Bravo", "Charlie", "Delta", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    due = plan.due(cleaner.home.now)
    assert len(due) == 5
    house = cleaner.home.household
    alice, bob = house.user("alice"), house.user("bob")
    house.play(bob, cleaner.home.video("Alpha"), 0.1, at=cleaner.home.now)
    house.unmark_played(alice, cleaner.home.video("Bravo"))
    house.set_favourite(bob, cleaner.home.video("Charlie"))
    house.identify(cleaner.home.video("Delta"), {"Tmdb": "4711"})
    house.start_playback(bob, cleaner.home.video("E2"))
    before = cleaner.files()
    report = await cleaner.run(due)
    assert not report.deleted
    assert not report.failed
    assert reasons(report.skipped) == {
        "Alpha": "somebody has played it since the last sync",
        "Bravo": "it is no longer marked as watched",
        "Charlie": "it is a favorite",
        "Delta": "its identity in Jellyfin has changed since the last sync",
        "Show": "it is being played",
    }
    assert cleaner.files() == before
    assert cleaner.home.ledger.deletions(10) == []


@pytest.mark.parametrize("until", [None, START + 99 * DAY])
async def test_a_keep_wins_up_to_the_last_moment(
    cleaner: Cleaner, until: datetime | None
) -> None:
    """Of the film, and of the series that an episode belongs to."""
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    due = plan.due(cleaner.home.now)
    for entry in due:
        keep = Keep(key=entry.key, kept_at=cleaner.home.now, until=until)
        cleaner.home.ledger.keep(keep)
    report = await cleaner.run(due)
    assert set(reasons(report.skipped).values()) == {"it is kept"}
    assert cleaner.plan().entries == ()
    assert {one.kept_by for one in cleaner.plan().kept} >= {"keep"}


@pytest.mark.parametrize("folder", ["season", "series"])
async def test_a_favourite_folder_protects_its_episodes(
    cleaner: Cleaner, folder: str
) -> None:
    """Whoever loves the series loves its episodes."""
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    due = plan.due(cleaner.home.now)
    house = cleaner.home.household
    item = house["Show"] if folder == "series" else house.episode("Show", 1, 1).season
    house.set_favourite(house.user("bob"), item)
    report = await cleaner.run(due)
    assert reasons(report.skipped) == {"Show": "it is a favorite"}
    await cleaner.home.sync()
    assert cleaner.plan().entries == ()
    cleaner.limits = Limits(favorites_keep=False)
    assert [one.title for one in cleaner.plan().entries] == ["Show"]


async def test_a_moved_file_is_left_alone(cleaner: Cleaner) -> None:
    """The plan was made for another path."""
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    house = cleaner.home.household
    house.rename(cleaner.home.video("Alpha"), "/media/movies/Moved/Moved.mkv")
    house.scan()
    report = await cleaner.run(plan.entries)
    assert reasons(report.skipped) == {"Alpha": "it is no longer in Jellyfin"}


@ALL_JELLYFIN
async def test_a_file_that_was_replaced_is_left_alone(cleaner: Cleaner) -> None:
    """Deleted and downloaded again under the same path: the same id, the old flag."""
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    house = cleaner.home.household
    film = house.movie("Alpha")
    house.remove_file(film)
    house.scan()
    house.bring_back(film)
    house.scan()
    assert house.movie("Alpha").id == plan.entries[0].item_id
    report = await cleaner.run(plan.entries)
    assert reasons(report.skipped) == {
        "Alpha": "its file has been replaced since the last sync"
    }


async def test_nothing_goes_during_a_scan(cleaner: Cleaner) -> None:
    """A delete during a scan can leave its row behind."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house = cleaner.home.household
    house.scan_duration = timedelta(hours=1)
    house.start_scan()
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Alpha": "Jellyfin is scanning its libraries"}


async def test_a_file_whose_name_others_begin_with_stays(cleaner: Cleaner) -> None:
    """Jellyfin would take the other film's subtitles along."""
    house = cleaner.home.household
    for number, name in enumerate(("Comet", "Comets"), start=50):
        house.add_movie(
            name,
            year=2000,
            library="Movies",
            provider_ids={"Tmdb": str(number)},
            added=START - 100 * DAY,
            path=f"/media/movies/{name}.mkv",
            loose=True,
        )
    watch(cleaner, "Comet", "Comets")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Comets"]
    assert "would also delete" in reasons(report.skipped)["Comet"]


@pytest.mark.parametrize(
    "path", ["^/Items$", "^/Sessions$", "^/ScheduledTasks$"], ids=str
)
@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.EMPTY, FaultKind.DISCONNECT]
)
async def test_what_cannot_be_read_is_not_deleted(
    cleaner: Cleaner, path: str, kind: FaultKind
) -> None:
    """Unknown is not "no": wherever the look fails, the file stays."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    for after in range(6):
        fault = Fault(kind, path=path, method="GET", after=after)
        cleaner.home.jellyfin_server.faults.append(fault)
        report = await cleaner.run()
        cleaner.home.jellyfin_server.faults.clear()
        if not fault.hits:
            break
        if cleaner.home.ledger.deletions(1):
            # The look after the deletion failed: that is open now, and said so.
            (row,) = cleaner.home.ledger.deletions(10)
            assert row.outcome is DeletionOutcome.UNCONFIRMED
            assert len(report.failed) == 1
            break
        assert "skipped to be safe" in reasons(report.skipped)["Alpha"]
        assert any("Alpha" in name for name in cleaner.files())


async def test_a_file_that_cannot_be_removed_is_a_failure(cleaner: Cleaner) -> None:
    """Jellyfin says 500; the film is still there and the journal says why."""
    watch(cleaner, "Alpha")
    watch(cleaner, "Bravo", days=20)
    await cleaner.due_plan()
    cleaner.home.jellyfin_server.faults.append(
        Fault(FaultKind.SERVER_ERROR, method="DELETE", times=1)
    )
    report = await cleaner.run()
    assert list(reasons(report.failed)) == ["Alpha"]
    assert [one.title for one in report.deleted] == ["Bravo"]
    done, failed = cleaner.home.ledger.deletions(10)
    assert (done.outcome, done.error) == (DeletionOutcome.DELETED, None)
    assert failed.outcome is DeletionOutcome.FAILED
    assert told(failed.error)
    assert reasons(report.failed)["Alpha"] == told(failed.error)
    assert "500" in told(failed.error)


async def test_a_series_stops_at_the_first_failure(cleaner: Cleaner) -> None:
    """It says how far it came, and never becomes another entry."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    cleaner.home.jellyfin_server.faults.append(
        Fault(FaultKind.SERVER_ERROR, method="DELETE", after=1)
    )
    report = await cleaner.run()
    assert reasons(report.failed)["Show"].startswith(
        "deleted 1 of 3 files, then stopped: "
    )
    assert report.deleted == []


@pytest.mark.parametrize("kind", [FaultKind.DISCONNECT, FaultKind.DISCONNECT_AFTER])
async def test_a_connection_lost_while_deleting_is_settled_by_looking(
    cleaner: Cleaner, kind: FaultKind
) -> None:
    """Whether it happened is seen, not guessed; and nothing is deleted twice."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    cleaner.home.jellyfin_server.faults.append(Fault(kind, method="DELETE", times=1))
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    if kind is FaultKind.DISCONNECT_AFTER:
        assert row.outcome is DeletionOutcome.DELETED
        assert [one.title for one in report.deleted] == ["Alpha"]
    else:
        assert row.outcome is DeletionOutcome.FAILED
        assert any("Alpha" in name for name in cleaner.files())


@ALL_JELLYFIN
async def test_a_row_that_stays_listed_is_not_believed(cleaner: Cleaner) -> None:
    """The disk says that the film is gone; until Jellyfin has noticed, it is no return."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home = cleaner.home
    film = home.video("Alpha")
    home.jellyfin_server.keeps_deleted_rows = True
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert home.ledger.unsettled() == []
    for read in (home.sync, home.poll):
        await read()
        assert "Alpha" not in home.facts()
    home.household.scan()
    await home.sync()
    home.household.bring_back(film)
    await home.sync()
    assert "Alpha" in home.facts()
    assert home.watched().get("Alpha") is None


async def test_a_deletion_without_an_answer_may_be_under_way(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither a failure yet nor done: the next scan will tell."""
    monkeypatch.setattr(jellyfin_client, "DELETE_SECONDS", 0.15)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home = cleaner.home
    home.jellyfin_server.faults.append(Fault(FaultKind.HANG, method="DELETE"))
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    (row,) = home.ledger.unsettled()
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert told(row.error)
    assert "did not answer" in told(row.error)


async def test_a_look_that_fails_after_the_deletion_leaves_it_open(
    cleaner: Cleaner,
) -> None:
    """Whether the file is gone is not known, and so it is written down."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server

    def go_blind(request: Request) -> None:
        if request.method == "DELETE":
            server.faults.append(Fault(FaultKind.SERVER_ERROR, method="POST"))

    server.listeners.append(go_blind)
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.unsettled()
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert told(row.error)
    assert "500" in told(row.error)
    assert reasons(report.failed) == {"Alpha": told(row.error)}


async def test_only_what_is_seen_to_be_gone_is_free_again(cleaner: Cleaner) -> None:
    """As far as sizes are known: that of Charlie is not."""
    watch(cleaner, "Alpha")
    watch(cleaner, "Bravo", "Charlie", days=20)
    await cleaner.due_plan()
    home = cleaner.home
    films = [home.video("Alpha"), home.video("Bravo")]
    await read_files(home.ledger, home.jellyfin, [film.id for film in films])
    sizes = [film.sources[0].size for film in films]
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha", "Bravo", "Charlie"]
    assert report.taken_bytes == report.reclaimed_bytes == sum(sizes)


async def test_what_is_not_confirmed_is_only_taken(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be free again or not."""
    monkeypatch.setattr(jellyfin_client, "DELETE_SECONDS", 0.15)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home = cleaner.home
    film = home.video("Alpha")
    await read_files(home.ledger, home.jellyfin, [film.id])
    home.jellyfin_server.faults.append(Fault(FaultKind.HANG, method="DELETE"))
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    assert report.taken_bytes == film.sources[0].size
    assert report.reclaimed_bytes == 0


async def test_an_intent_without_an_outcome_is_settled_by_looking(
    cleaner: Cleaner,
) -> None:
    """The process died between the two: gone is gone, and what is there failed."""
    watch(cleaner, "Alpha", "Bravo")
    plan = await cleaner.due_plan()
    home = cleaner.home
    for entry in plan.entries:
        (item,) = home.ledger.find(entry.item_id)
        home.ledger.intend(entry, item, home.now)
    home.household.delete(home.video("Alpha"))
    home.wait(timedelta(minutes=5))
    home.household.scan()
    assert await settle(home.ledger, home.jellyfin, lambda: home.now) == []
    assert {row.title: row.outcome for row in home.ledger.deletions(10)} == {
        "Alpha": DeletionOutcome.DELETED,
        "Bravo": DeletionOutcome.FAILED,
    }
    assert await settle(home.ledger, home.jellyfin, lambda: home.now) == []


async def test_what_was_deleted_and_came_back_is_not_due(cleaner: Cleaner) -> None:
    """The fresh copy is *Played* at once, and stays."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house = cleaner.home.household
    film = cleaner.home.video("Alpha")
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    cleaner.home.wait(timedelta(hours=2))
    house.bring_back(film)
    house.scan()
    for _ in range(4):
        await cleaner.home.sync()
        assert cleaner.plan().entries == ()
        cleaner.home.wait(GRACE * 3)


async def test_a_protected_copy_protects_the_other(cleaner: Cleaner) -> None:
    """Copies of one film stand or fall together."""
    house = cleaner.home.household
    cleaner.add_copy()
    watch(cleaner, "Alpha", "Alpha again")
    plan = await cleaner.due_plan()
    assert {one.title for one in plan.entries} == {"Alpha", "Alpha again"}
    house.set_favourite(house.user("bob"), cleaner.home.video("Alpha"))
    await cleaner.home.sync()
    plan = cleaner.plan()
    assert plan.entries == ()
    assert {one.title: one.kept_by for one in plan.kept if "Alpha" in one.title} == {
        "Alpha": "favorite",
        "Alpha again": "favorite",
    }


# --- what it costs -------------------------------------------------------------------


async def test_a_film_costs_one_request_per_user(cleaner: Cleaner) -> None:
    """And ten more at most; a film's own user data say whether it is a favorite.

    What is in somebody's favorite collections is asked once in a run.
    """
    house = cleaner.home.household
    for name in ("carol", "dave", "erin"):
        house.add_user(name)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    before = len(server.requests)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    sent = server.requests[before:]
    sets = [one for one in sent if one.query.get("includeItemTypes") == "BoxSet"]
    assert len(sets) == len(house.users)
    assert report.requests == len(sent) <= len(sets) + len(house.users) + 10
    per_user = [one for one in sent if "userId" in one.query and one not in sets]
    assert len(per_user) == len(house.users) == 5


async def test_an_episode_asks_about_its_folders_too(cleaner: Cleaner) -> None:
    """Never for their user data: whose favorites they are is asked by itself."""
    house = cleaner.home.household
    for name in ("carol", "dave", "erin"):
        house.add_user(name)
    watch(cleaner, "E1")
    await cleaner.sync()
    key = cleaner.home.facts()["E1"].key
    cleaner.home.ledger.schedule_manually(key, cleaner.home.now - DAY)
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    before = len(server.requests)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["E1"]
    sent = server.requests[before:]
    assert report.requests == len(sent) <= 3 * len(house.users) + 10
    folders = {house.show("Show").id, *(one.id for one in house.show("Show").seasons)}
    for one in sent:
        if one.query.get("enableUserData") == "true":
            assert not folders & set(one.query["ids"].split(","))


async def test_the_folder_of_a_season_is_listed_once_in_a_look(
    cleaner: Cleaner,
) -> None:
    """Its episodes share it: once for all of them, and once before each."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    listed = [
        one.query["path"]
        for one in cleaner.home.jellyfin_server.requested(
            "/Environment/DirectoryContents"
        )
        if one.query["path"].startswith("/media/shows/Show/")
    ]
    assert len(listed) == 1 + 3


# --- how much goes in a day ------------------------------------------------------------


def know_sizes(cleaner: Cleaner, *names: str, size: int = 1000) -> None:
    """Let the ledger know how big titles are."""
    cleaner.home.ledger.store_files(
        [
            MediaFiles(item_id=cleaner.home.video(name).id, size_bytes=size)
            for name in names
        ]
    )


@pytest.mark.parametrize(
    ("most", "gone"), [(2000, {"Alpha", "Bravo"}), (1999, {"Alpha"})]
)
async def test_the_bytes_of_a_day_are_used_to_the_last(
    cleaner: Cleaner, most: int, gone: set[str]
) -> None:
    """Nor does one more go the hour after."""
    watch(cleaner, "Alpha", days=40)
    watch(cleaner, "Bravo", days=30)
    watch(cleaner, "Charlie", days=20)
    await cleaner.due_plan()
    know_sizes(cleaner, "Alpha", "Bravo", "Charlie")
    cleaner.limits = Limits(max_bytes=most)
    assert {one.title for one in (await cleaner.run()).deleted} == gone
    report = await cleaner.run()
    assert report.deleted == []
    assert {one.code for _, one in report.skipped} == {Why.BYTE_LIMIT}


async def test_what_went_counts_as_what_it_was(cleaner: Cleaner) -> None:
    """It has grown since the plan was made."""
    watch(cleaner, "Alpha", "Bravo")
    plan = await cleaner.due_plan()
    know_sizes(cleaner, "Alpha", "Bravo")
    cleaner.limits = Limits(max_bytes=1899)
    report = await cleaner.run([replace(one, size_bytes=900) for one in plan.entries])
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert [reason.code for _, reason in report.skipped] == [Why.BYTE_LIMIT]


async def test_a_series_that_fills_the_bytes_of_a_day_goes_as_a_whole(
    cleaner: Cleaner,
) -> None:
    """What has gone of it is not counted once more when the rest is decided on."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    know_sizes(cleaner, "E1", "E2", "E3")
    cleaner.limits = Limits(max_bytes=3000)
    report = await cleaner.run()
    assert reasons([*report.skipped, *report.failed]) == {}
    assert [one.title for one in report.deleted] == ["Show"]


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_run_of_one_title(cleaner: Cleaner, dry_run: bool) -> None:
    """A dry run announces no more than would go."""
    watch(cleaner, "Alpha", days=40)
    watch(cleaner, "Bravo", days=30)
    await cleaner.due_plan()
    cleaner.dry_run = lambda: dry_run
    cleaner.limits = Limits(most_in_run=1)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ([] if dry_run else ["Alpha"])
    assert {one.title: reason.code for one, reason in report.skipped} == (
        {"Alpha": Why.DRY_RUN} if dry_run else {}
    ) | {"Bravo": Why.RUN_LIMIT}


# --- who is asked ----------------------------------------------------------------------


@pytest.mark.parametrize("rule", [True, False])
async def test_a_seerr_that_is_silent_matters_to_rules_that_ask_it(
    owned: Owned, rule: bool
) -> None:
    """Without one, who has requested a title is all the same."""
    cleaner = owned.cleaner
    if rule:
        keep_what_bob_requests(cleaner)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    cleaner.home.ledger.note_answer(Source.SEERR, False)
    report = await cleaner.run()
    assert bool(report.deleted) is not rule
    assert {reason for _, reason in report.skipped} == (
        {
            Reason(
                Why.UNSURE,
                {"because": Reason(Why.SERVER_SILENT, {"server": "Seerr"})},
            )
        }
        if rule
        else set()
    )


def keep_what_bob_requests(cleaner: Cleaner) -> None:
    """Have a rule that asks who has requested a title."""
    never = UserEntry(username="bob", retention=NEVER)
    rule = UserRule(name="bob's", users=(never,))
    cleaner.rules = replace(cleaner.rules, advanced=(rule,))


@pytest.mark.parametrize("name", ["Alpha", "Show", "E1"])
async def test_who_requests_it_after_the_sync_is_heard(owned: Owned, name: str) -> None:
    """A movie, a series, and a single episode of a series."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    keep_what_bob_requests(cleaner)
    if name == "E1":
        newest = EpisodeRule(name="Newest", max_episodes=2)
        rules = (*cleaner.rules.advanced, newest)
        cleaner.rules = replace(cleaner.rules, advanced=rules)
        for number, episode in enumerate(house.episodes):
            episode.premiere = START - (200 - number) * DAY
        house.changed()
    else:
        watch(cleaner, *{"Alpha": ["Alpha"], "Show": ["E1", "E2", "E3"]}[name])
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == [name]
    item: Movie | Series = (
        house.movie("Alpha") if name == "Alpha" else house.show("Show")
    )
    owned.seerr.request(house.user("bob"), item)
    report = await cleaner.run()
    assert "rule bob's" in reasons(report.skipped)[name]
    assert report.deleted == []


async def test_what_is_in_our_own_collection_is_nobodys_favorite(
    cleaner: Cleaner,
) -> None:
    """Somebody loves it; what we have put in goes, and what they have put in stays."""
    home = cleaner.home
    house = home.household
    box = BoxSet(id="b" * 32, name="Leaving", date_created=home.now)
    house.collections[box.id] = box
    ours, theirs = house.movie("Alpha").id, house.movie("Bravo").id
    box.members += [ours, theirs]
    home.ledger.set_own_set(OwnSet(set_id=box.id, members=frozenset([ours])))
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    house.set_favourite(house.user("bob"), box)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {"Bravo": "it is a favorite"}


# --- what is found, and at what ------------------------------------------------------


def noted(cleaner: Cleaner) -> list[tuple[str, Reason]]:
    """Return against which titles something was found, and what."""
    found = cleaner.home.ledger.objections_to_look_at(cleaner.home.now, 9)
    return [(item.title, reason) for item, reason in found]


async def test_what_is_found_is_about_the_episode_where_it_is(
    cleaner: Cleaner,
) -> None:
    """Jellyfin would take another video along with the second one."""
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    other = "/media/shows/Show/Season 1/Show S01E02 again.mkv"
    cleaner.home.household.disk.write(other, 1, START)
    report = await cleaner.run()
    reason = Reason(Why.TAKES_SIDECAR, {"name": "Show S01E02 again.mkv"})
    assert [one for _, one in report.skipped] == [reason]
    assert noted(cleaner) == [("E2", reason)]


async def test_what_is_found_in_the_folder_of_a_series_is_about_the_series(
    owned: Owned,
) -> None:
    """And about none of its episodes."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    cleaner.home.household.disk.write("/media/shows/Show/Backup/1.mkv", 1, START)
    report = await cleaner.run()
    reason = Reason(Why.FOLDER_HOLDS_FOLDER, {"name": "Backup"})
    assert [one for _, one in report.skipped] == [reason]
    assert noted(cleaner) == [("Show", reason)]


async def test_what_is_found_in_radarr_is_about_the_movie(owned: Owned) -> None:
    """It waits for the file in another folder since the sync."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    owned.radarr.movie("Alpha").path = "/media/movies/Elsewhere (2000)"
    owned.radarr.rescan()
    report = await cleaner.run()
    assert report.deleted == []
    assert noted(cleaner) == [("Alpha", Reason(Doubt.ELSEWHERE))]


async def test_one_of_two_episodes_that_has_to_stay_holds_both(
    cleaner: Cleaner,
) -> None:
    """The second has just become a favorite, so the first does not go either."""
    house = cleaner.home.household
    add_series(cleaner, "Duo", 2)
    watch(cleaner, "Duo 1", "Duo 2")
    await cleaner.due_plan()
    house.set_favourite(house.user("bob"), cleaner.home.video("Duo 2"))
    before = cleaner.files()
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Duo": "it is a favorite"}
    assert cleaner.files() == before


def add_series(
    cleaner: Cleaner, name: str, episodes: int, folder: str | None = None
) -> Series:
    """Have another series, of which each episode may have a folder of its own."""
    house = cleaner.home.household
    show = house.add_series(
        name, library="Shows", provider_ids={"Tvdb": "4711"}, added=START - 90 * DAY
    )
    for number in range(1, episodes + 1):
        path = f"/media/shows/{name}/{folder} {number}/{number}.mkv"
        house.add_episode(
            show,
            season=1,
            number=number,
            title=f"{name} {number}",
            added=START - 90 * DAY,
            path=path if folder else None,
        )
    house.scan()
    return show


# --- the disk --------------------------------------------------------------------------


async def test_two_files_that_are_away_are_no_disk(cleaner: Cleaner) -> None:
    """Before them one was to be seen, and so is the one after them."""
    for days, name in ((40, "Alpha"), (30, "Bravo"), (20, "Charlie"), (10, "Delta")):
        watch(cleaner, name, days=days)
    house = cleaner.home.household
    house.add_movie("Echo", year=2000, added=START - 100 * DAY)
    await cleaner.due_plan()
    for name in ("Bravo", "Charlie"):
        house.disk.unmount(f"/media/movies/{name} (2000)")
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha", "Delta"]
    assert why_unsure(report.skipped) == [Why.NOT_ON_DISK, Why.NOT_ON_DISK]
    assert not report.disk_away


def why_unsure(skipped: Sequence[tuple[object, Reason]]) -> list[str]:
    """Return what was not known about titles that were skipped to be safe."""
    found = [reason.data["because"] for _, reason in skipped]
    return [one.code for one in found if isinstance(one, Reason)]


async def test_all_of_a_library_goes_if_its_disk_is_to_be_seen(
    cleaner: Cleaner,
) -> None:
    """What has gone before says nothing about the disk; what else is on it does."""
    watch(cleaner, "Alpha", "Bravo", "Charlie", "Delta")
    await cleaner.due_plan()
    cleaner.home.household.disk.write("/media/movies/read me.txt", 1, START)
    report = await cleaner.run()
    assert report.unconfirmed == []
    assert len(report.deleted) == 4


async def test_what_nobody_has_seen_to_be_gone_proves_no_disk_away(
    owned: Owned,
) -> None:
    """Jellyfin could not look for the first film; that one is not looked for again."""
    cleaner = owned.cleaner
    for days, name in ((40, "Alpha"), (30, "Bravo"), (20, "Charlie"), (10, "Delta")):
        watch(cleaner, name, days=days)
    await cleaner.due_plan()
    cleaner.home.household.disk.write("/media/movies/read me.txt", 1, START)

    def go_blind(request: Request) -> None:
        """Fail once, right after the first file has gone."""
        if request.method == "DELETE":
            owned.radarr.listeners.remove(go_blind)
            cleaner.home.jellyfin_server.fail(
                FaultKind.SERVER_ERROR, "/Environment/ValidatePath", times=1
            )

    owned.radarr.listeners.append(go_blind)
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    assert [one.title for one in report.deleted] == ["Bravo", "Charlie", "Delta"]
    (row,) = cleaner.home.ledger.unsettled()
    assert "500" in told(row.error)


async def test_three_files_in_a_row_that_are_away_are_a_disk(cleaner: Cleaner) -> None:
    """Also where no more than these were to go."""
    watch(cleaner, "Alpha", "Bravo", "Charlie")
    await cleaner.due_plan()
    for name in ("Alpha", "Bravo", "Charlie"):
        cleaner.home.household.disk.unmount(f"/media/movies/{name} (2000)")
    report = await cleaner.run()
    assert why_unsure(report.skipped) == [Why.NOT_ON_DISK] * 3
    assert report.disk_away


async def test_the_last_file_of_a_disk_is_not_confirmed(cleaner: Cleaner) -> None:
    """Nothing is left that tells whether the disk is there, and that is said."""
    watch(cleaner, "Alpha", "Bravo", "Charlie", "Delta")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert len(report.unconfirmed) == 1
    (row,) = cleaner.home.ledger.unsettled()
    assert row.error == Reason(Why.NOT_CONFIRMED)


async def test_a_series_on_a_disk_that_is_away(owned: Owned) -> None:
    """That its files are not to be seen says more than that its folder is not."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    cleaner.home.household.disk.unmount("/media/shows")
    report = await cleaner.run()
    assert why_unsure(report.skipped) == [Why.NOT_ON_DISK]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_only_with_a_series_its_folder_goes(owned: Owned, by_hand: bool) -> None:
    """Its only episode goes by itself, whatever else is in that folder."""
    cleaner = owned.cleaner
    add_series(cleaner, "Solo", 1)
    owned.sonarr.manage_all()
    cleaner.home.household.disk.write("/media/shows/Solo/Backup/1.mkv", 1, START)
    if by_hand:
        await cleaner.sync()
        key = cleaner.home.facts()["Solo 1"].key
        cleaner.home.ledger.schedule_manually(key, cleaner.home.now - DAY)
    else:
        watch(cleaner, "Solo 1")
    (entry,) = (await cleaner.due_plan()).entries
    assert entry.kind is (MediaKind.EPISODE if by_hand else MediaKind.SERIES)
    report = await cleaner.run()
    assert bool(report.deleted) is by_hand
    assert [reason.code for _, reason in report.skipped] == (
        [] if by_hand else [Why.FOLDER_HOLDS_FOLDER]
    )


async def test_a_series_in_a_folder_that_jellyfin_denies_stays(owned: Owned) -> None:
    """Its episodes are to be seen in it, so there is one, and more may be in it."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    cleaner.home.jellyfin_server.fail(
        FaultKind.NOT_FOUND, "/Environment/DirectoryContents"
    )
    report = await cleaner.run()
    assert why_unsure(report.skipped) == [Why.FOLDER_UNREADABLE]


# --- what Jellyfin answers -------------------------------------------------------------


async def test_jellyfin_says_that_it_has_deleted_what_is_there(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be at work still: that is open, and a later look tells."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house = cleaner.home.household
    monkeypatch.setattr(house, "remove_files", lambda _: None)
    cleaner.home.jellyfin_server.keeps_deleted_rows = True
    report = await cleaner.run()
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    (row,) = cleaner.home.ledger.unsettled()
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert row.error == Reason(Why.STILL_ON_DISK)
    assert noted(cleaner) == []


@pytest.mark.parametrize("fails", [False, True])
async def test_jellyfin_takes_one_of_two_files(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """How many went is said, and why no more did, as far as it says so itself."""
    house = cleaner.home.household
    film = add_film(cleaner, versions=["1080p", "4K"])
    watch(cleaner, "Kilo")
    await cleaner.due_plan()
    first = film.path
    assert first is not None
    server = cleaner.home.jellyfin_server
    monkeypatch.setattr(house, "remove_files", lambda _: house.disk.remove(first))
    if fails:

        def remove(request: Request) -> None:
            if request.method == "DELETE":
                house.disk.remove(first)

        server.listeners.append(remove)
        server.fail(FaultKind.SERVER_ERROR, method="DELETE")
    report = await cleaner.run()
    ((_, reason),) = report.failed
    assert (reason.code, reason.data["deleted"], reason.data["files"]) == (
        Why.PARTLY_DELETED,
        1,
        2,
    )
    because = reason.data["because"]
    assert isinstance(because, Reason)
    if fails:
        assert "500" in clause(because)
    else:
        assert because == Reason(Why.STILL_ON_DISK)
    (row,) = cleaner.home.ledger.deletions(9)
    assert (row.outcome, row.error) == (DeletionOutcome.FAILED, reason)


@pytest.mark.parametrize(
    ("kind", "is_noted"),
    [
        (FaultKind.SERVER_ERROR, True),
        (FaultKind.NOT_FOUND, True),
        (FaultKind.DISCONNECT, False),
    ],
)
async def test_what_jellyfin_refuses_twice_is_noted(
    cleaner: Cleaner, kind: FaultKind, is_noted: bool
) -> None:
    """What it has not even answered is not: nothing is known of the file then."""
    home = cleaner.home
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home.jellyfin_server.fail(kind, method="DELETE")
    for _ in range(2):
        assert home.facts()["Alpha"].objection is None
        ((_, reason),) = (await cleaner.run()).failed
        row = home.ledger.deletions(1)[0]
        assert (row.outcome, row.error) == (DeletionOutcome.FAILED, reason)
        assert reason.code not in (Why.STILL_ON_DISK, Why.PARTLY_DELETED)
    until = home.now + 30 * DAY
    found = Reason(Why.NOT_REMOVED, {"because": reason, "again_at": until})
    assert home.facts()["Alpha"].objection == (found if is_noted else None)


# --- through Radarr and Sonarr -------------------------------------------------------


async def test_jellyfin_is_told_where_something_is_gone(owned: Owned) -> None:
    """Radarr and Sonarr have deleted it, so Jellyfin is to look there, and only there."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    paths = {cleaner.home.video(one).path for one in ("Alpha", "E1", "E2", "E3")}
    await cleaner.run()
    bodies = [
        one.body
        for one in cleaner.home.jellyfin_server.requested("/Library/Media/Updated")
    ]
    told_of = [one["Path"] for body in bodies for one in body["Updates"]]
    assert (set(told_of), len(told_of)) == (paths, 4)


async def test_what_is_written_down_of_a_series(owned: Owned) -> None:
    """One deletion of all its files, with how it was set up before the first of them."""
    cleaner = owned.cleaner
    owned.sonarr.recycle_bin = "/media/bin"
    owned.sonarr.recycle.days = 7
    watch(cleaner, "E1", "E2", "E3")
    (entry,) = (await cleaner.due_plan()).entries
    began = cleaner.home.now
    report = await cleaner.run()
    rows = cleaner.home.ledger.deletions(9)
    first = min(row.entry_id for row in rows)
    assert {row.deletion for row in rows} == {first}
    assert report.deletions == {entry.name: first}
    assert {(row.recycle_bin, row.recoverable_until) for row in rows} == {
        ("/media/bin", began + 7 * DAY)
    }
    title = cleaner.home.ledger.deleted_title(first)
    assert title is not None
    (setup,) = title.setups
    assert set(setup.episodes.values()) == {True}


@pytest.mark.parametrize("name", ["Alpha", "Show", "E1"])
@pytest.mark.parametrize("handling", [True, False])
@pytest.mark.parametrize("seerr", [True, False])
async def test_what_seerr_is_to_forget(
    owned: Owned, name: str, handling: bool, seerr: bool
) -> None:
    """A whole title, if the user wants that, and where there is a Seerr."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=handling)
    if not seerr:
        cleaner.connections = replace(cleaner.connections, seerr=())
    watch(cleaner, *{"Alpha": ["Alpha"], "Show": ["E1", "E2", "E3"]}.get(name, []))
    await cleaner.sync()
    if name == "E1":
        key = cleaner.home.facts()["E1"].key
        cleaner.home.ledger.schedule_manually(key, cleaner.home.now - DAY)
    await cleaner.due_plan()
    await cleaner.run()
    assert cleaner.home.ledger.deletions(9)
    assert [one.item.title for one in cleaner.home.ledger.requests_to_forget()] == (
        [name] if handling and seerr and name != "E1" else []
    )


async def test_a_disk_that_leaves_while_radarr_deletes(owned: Owned) -> None:
    """Whether the file is gone is not known, so its entry stays, and that is said."""
    cleaner = owned.cleaner
    disk = cleaner.home.household.disk
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")

    def pull(request: Request) -> None:
        """Take the disk away as soon as Radarr has deleted the file."""
        if movie.file is None and not disk.away:
            disk.unmount("/media/movies", mount_point=True)

    owned.radarr.listeners.append(pull)
    report = await cleaner.run()
    assert report.deleted == []
    assert movie.id in owned.radarr.movies
    (row,) = cleaner.home.ledger.unsettled()
    assert (row.outcome, row.error) == (
        DeletionOutcome.UNCONFIRMED,
        Reason(Why.DISK_AWAY),
    )


@pytest.mark.parametrize("prepared", [True, False])
async def test_what_radarr_refuses_twice_is_noted(owned: Owned, prepared: bool) -> None:
    """Unless it could not even be prepared: then nothing is known of the file."""
    cleaner = owned.cleaner
    home = cleaner.home
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    if prepared:
        assert movie.file_path is not None
        home.household.disk.locked.add(movie.file_path)
    for _ in range(2):
        assert home.facts()["Alpha"].objection is None
        if not prepared:
            owned.radarr.fail(FaultKind.SERVER_ERROR, method="PUT", times=1)
        report = await cleaner.run()
        ((_, reason),) = report.failed
        row = home.ledger.deletions(1)[0]
        assert (row.outcome, row.error) == (DeletionOutcome.FAILED, reason)
        assert reason.code == Why.SERVER_FAILED
        assert (report.taken_bytes, report.reclaimed_bytes) == (0, 0)
        assert movie.monitored
    until = home.now + 30 * DAY
    found = Reason(Why.NOT_REMOVED, {"because": reason, "again_at": until})
    assert home.facts()["Alpha"].objection == (found if prepared else None)


async def test_half_of_what_radarr_has_goes_and_it_takes_no_flag_any_more(
    owned: Owned,
) -> None:
    """How far it came is said, and that the rest is not looked for yet."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    film = add_film(
        cleaner,
        provider_ids={"Tmdb": "11"},
        versions=("1080p", "1080p v2"),
        size=1000,
    )
    house.scan()
    owned.radarr.manage(film)
    owned.radarr.rescan()
    movie = owned.radarr.movie("Kilo")
    watch(cleaner, "Kilo")
    await cleaner.due_plan()
    house.disk.locked.add(movie.path_of(movie.files[1]))
    owned.radarr.fail(FaultKind.SERVER_ERROR, "/editor", method="PUT", after=1)
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.unsettled()
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert row.error is not None
    partly = row.error.data["because"]
    assert isinstance(partly, Reason)
    because = partly.data["because"]
    assert isinstance(because, Reason)
    assert "cannot remove the file" in clause(because)
    assert row.error == Reason(
        Why.NOT_RESTORED,
        {
            "because": Reason(
                Why.PARTLY_DELETED, {"deleted": 1, "files": 2, "because": because}
            ),
            "error": "Radarr: failed with HTTP status 500",
        },
    )
    assert (report.taken_bytes, report.reclaimed_bytes) == (1000, 1000)
    assert not movie.monitored


async def test_radarr_has_deleted_something_else(owned: Owned) -> None:
    """What Jellyfin shows is there still: Radarr looks for its file as before."""
    cleaner = owned.cleaner
    disk = cleaner.home.household.disk
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    path = movie.file_path
    assert path is not None

    def elsewhere(request: Request) -> None:
        """Have the file where Jellyfin looks, whatever Radarr has deleted."""
        if movie.file is None:
            disk.write(path, 1, START)

    owned.radarr.listeners.append(elsewhere)
    report = await cleaner.run()
    assert [reason for _, reason in report.failed] == [Reason(Why.STILL_ON_DISK)]
    (row,) = cleaner.home.ledger.deletions(9)
    assert (row.outcome, row.error) == (
        DeletionOutcome.FAILED,
        Reason(Why.STILL_ON_DISK),
    )
    assert movie.id in owned.radarr.movies
    assert movie.monitored
    assert (report.taken_bytes, report.reclaimed_bytes) == (0, 0)


@pytest.mark.parametrize("empty", [False, True], ids=["with pictures", "empty"])
async def test_a_series_leaves_nothing_behind(owned: Owned, empty: bool) -> None:
    """Whatever its folders are called, and whether they are empty once it is gone."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = add_series(cleaner, "Saga", 3, folder="Book")
    for number in (1, 2, 3):
        house.disk.write(f"/media/shows/Saga/Book {number}/fanart.jpg", 1, START)
    if empty:
        for path in house.disk.tree("/media/shows/Saga"):
            if not path.endswith(".mkv"):
                house.disk.remove(path)
    owned.sonarr.manage(show)
    watch(cleaner, "Saga 1", "Saga 2", "Saga 3")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons([*report.skipped, *report.failed]) == {}
    assert [one.title for one in report.deleted] == ["Saga"]
    assert {row.error for row in cleaner.home.ledger.deletions(9)} == {None}
    assert "Saga" not in {one.title for one in owned.sonarr.series.values()}
    assert not house.disk.tree("/media/shows/Saga")


def after_the_last_episode(owned: Owned, change: Callable[[], object]) -> None:
    """Let something change once Sonarr is asked to delete the third of three files."""
    asked: list[str] = []

    def listen(request: Request) -> None:
        if request.method == "DELETE" and "/episodefile/" in request.path:
            asked.append(request.path)
            if len(asked) == 3:
                change()

    owned.sonarr.listeners.append(listen)


async def test_a_video_that_comes_while_the_last_episode_goes(
    owned: Owned, sonarr4k: SonarrSimulator
) -> None:
    """Neither Sonarr may remove the folder then; both entries stay, and that is said."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    sonarr4k.show("Show").episode(1, 3).monitored = True
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    holiday = "/media/shows/Show/Holiday.mkv"
    after_the_last_episode(owned, lambda: house.disk.write(holiday, 1, START))
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    assert holiday in house.files
    because = Reason(Why.FOLDER_HOLDS_VIDEO, {"name": "Holiday.mkv"})
    stays = [
        Reason(Why.ENTRY_STAYS, {"server": app, "monitored": True, "because": because})
        for app in ("Sonarr", "Sonarr 4K")
    ]
    assert [row.error for row in cleaner.home.ledger.deletions(9)] == [
        Reason(Why.ENTRIES_STAY, {"because": tuple(stays)}),
        None,
        None,
    ]
    assert owned.sonarr.show("Show").title
    assert sonarr4k.show("Show").title


async def test_a_folder_that_cannot_be_read_once_the_last_episode_is_gone(
    owned: Owned,
) -> None:
    """What is left in it is not known, so Sonarr's entry stays with the reason."""
    cleaner = owned.cleaner
    add_series(cleaner, "Other", 1)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server
    after_the_last_episode(
        owned,
        lambda: server.fail(FaultKind.SERVER_ERROR, "/Environment/DirectoryContents"),
    )
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    error = cleaner.home.ledger.deletions(1)[0].error
    assert error is not None
    assert (error.code, error.data["server"]) == (Why.ENTRY_STAYS, "Sonarr")
    assert "500" in told(error)
    assert owned.sonarr.show("Show").title
