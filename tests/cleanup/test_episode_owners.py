"""What Sonarr alone has: episodes that share and lack files, and a second Sonarr."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.cleanup.owners import Owners
from custom_components.oxicleanarr.cleanup.reasons import Stopped
from custom_components.oxicleanarr.ledger import ArrDeletion, DeletionOutcome
from custom_components.oxicleanarr.model import MediaKind
from custom_components.oxicleanarr.sync import read_files
from simulators import FaultKind, SonarrSimulator
from simulators.arr.records import Row
from simulators.arr.shows import ManagedEpisode, ManagedSeries, episode_row
from simulators.faults import Request
from tests.home import DAY, START

from .conftest import Owned
from .test_execute import reasons, watch
from .test_owners import changes, share_a_file


def waits_for(server: SonarrSimulator) -> list[int]:
    """Return the numbers of the episodes that a Sonarr looks for."""
    return [one.number for one in server.show("Show").episodes if one.monitored]


@pytest.mark.parametrize("locked", [False, True])
async def test_the_wish_for_another_copy_ends_too(
    owned: Owned, sonarr4k: SonarrSimulator, locked: bool
) -> None:
    """Of the episodes that go; where a file stays, so does the wish for it."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    if locked:
        cleaner.home.household.disk.locked.add(show.path_of(show.file_of(1, 2)))
    report = await cleaner.run()
    assert bool(report.failed) is locked
    assert waits_for(sonarr4k) == ([2, 4] if locked else [4])
    changed = [one.body for one in sonarr4k.requests if one.method == "PUT"]
    ids = [one.id for one in sonarr4k.show("Show").episodes]
    assert changed == [
        {"episodeIds": [ids[0]], "monitored": False},
        {"episodeIds": [ids[1]], "monitored": False},
        *([{"episodeIds": [ids[1]], "monitored": True}] if locked else []),
    ]
    assert not [one for one in changes(sonarr4k) if "DELETE" in one]
    assert sonarr4k.show("Show").monitored


async def test_what_two_sonarrs_say_of_an_episode(
    owned: Owned, sonarr4k: SonarrSimulator
) -> None:
    """Both have it set up in their way, and either may expect more of its series."""
    cleaner = owned.cleaner
    show = cleaner.home.household.show("Show")
    owned.sonarr.manage(show, tags=["hd"])
    sonarr4k.show("Show").tags = sonarr4k.tags.ids(["uhd"])
    sonarr4k.show("Show").status = "continuing"
    owned.sonarr.show("Show").status = "ended"
    await cleaner.sync()
    episodes = cleaner.home.ledger.present(MediaKind.EPISODE)
    owners = Owners(cleaner.home.ledger, cleaner.connections)
    found = await owners.custody(episodes, {one.item_id for one in episodes})
    by_title = {one.title: found[one.item_id] for one in episodes}
    first = sonarr4k.show("Show").episode(1, 1)
    own, wish = (copy.part for copy in by_title["E1"].copies)
    assert own.connection_id == "sonarr"
    assert wish == ArrDeletion(
        connection_id="sonarr4k",
        app="Sonarr 4K",
        title_id=sonarr4k.show("Show").id,
        episode_ids=(first.id,),
        episodes=((1, 1, True),),
    )
    for custody in by_title.values():
        assert custody.continuing is True
        assert custody.tags == frozenset({"hd", "uhd"})
        assert [(one.app, one.tags) for one in custody.setups] == [
            ("Sonarr", ("hd",)),
            ("Sonarr 4K", ("uhd",)),
        ]
        assert custody.setups[1].episodes == {
            (1, 1): True,
            (1, 2): True,
            (1, 3): False,
            (1, 4): True,
        }


async def test_an_episode_without_a_number(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unmonitored with the file in which it is, but cannot be named later."""
    share_a_file(owned, 1, 2)
    home, show = owned.cleaner.home, owned.sonarr.show("Show")

    def without_number(series: ManagedSeries, episode: ManagedEpisode) -> Row:
        row = episode_row(series, episode)
        if episode.number == 2:
            del row["episodeNumber"]
        return row

    monkeypatch.setattr("simulators.arr.sonarr.episode_row", without_number)
    await owned.cleaner.sync()
    episodes = home.ledger.present(MediaKind.EPISODE)
    owners = Owners(home.ledger, owned.cleaner.connections)
    found = await owners.custody(episodes, {one.item_id for one in episodes})
    (first,) = [one for one in episodes if one.title == "E1"]
    (copy,) = found[first.item_id].copies
    assert copy.part.episode_ids == tuple(show.episode(1, one).id for one in (1, 2))
    assert copy.part.episodes == ((1, 1, True),)


async def test_a_wish_alone_is_no_file_that_stays(
    owned: Owned, sonarr4k: SonarrSimulator
) -> None:
    """After a run that was cut off, nothing of the second Sonarr is waited for."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.sonarr.fail(
        FaultKind.DISCONNECT_AFTER, "/episodefile/", method="DELETE", times=1
    )
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Show"]
    rows = cleaner.home.ledger.deletions(10)
    assert {part.connection_id for row in rows for part in row.through} == {
        "sonarr",
        "sonarr4k",
    }
    cleaner.home.wait(DAY)
    assert await cleaner.settle() == []
    rows = cleaner.home.ledger.deletions(10)
    assert {row.outcome for row in rows} == {DeletionOutcome.DELETED}
    assert waits_for(sonarr4k) == [4]


async def test_a_file_that_sonarr_has_no_more_stops_a_series(owned: Owned) -> None:
    """Jellyfin still lists it: somebody has to look."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    show.files.pop(show.episode(1, 2).file_id)
    show.episode(1, 2).file_id = 0
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Show": "skipped to be safe: Sonarr doesn't have its file. Import it there, or delete it yourself"
    }
    assert changes(owned.sonarr) == []
    episodes = cleaner.home.ledger.present(MediaKind.EPISODE)
    owners = Owners(cleaner.home.ledger, cleaner.connections)
    with pytest.raises(Stopped) as stopped:
        await owners.custody(episodes, {one.item_id for one in episodes})
    assert stopped.value.item is not None
    assert stopped.value.item.title == "E2"


async def test_a_file_of_no_episode_stops_a_series(owned: Owned) -> None:
    """What else is in it cannot be told."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    show.episode(1, 2).file_id = 0
    files = dict(show.files)

    def leave_one_out(request: Request) -> None:
        # So that all files are asked for, not only those that an episode names.
        show.files = dict(files)
        if request.path.endswith("/episode"):
            show.files.pop(show.episode(1, 3).file_id)

    owned.sonarr.listeners.append(leave_one_out)
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Show": "skipped to be safe: Sonarr doesn't say what its file contains. Let it refresh the series and scan its folder"
    }
    assert changes(owned.sonarr) == []


async def test_a_list_of_episodes_that_is_not_whole_stops_a_series(
    owned: Owned,
) -> None:
    """Sonarr says how many there are; the last one is left out."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    episodes = list(show.episodes)

    def leave_out(request: Request) -> None:
        show.episodes[:] = episodes[:2] if "/episode" in request.path else episodes

    owned.sonarr.listeners.append(leave_out)
    report = await cleaner.run()
    assert reasons(report.skipped) == {
        "Show": "skipped to be safe: Sonarr doesn't list all of its episodes. Let it refresh the series and scan its folder"
    }


async def test_an_episode_that_has_just_gone_is_not_deleted(owned: Owned) -> None:
    """It went from the library after the run had read which there are."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    (entry,) = plan.due(cleaner.home.now)
    ledger = cleaner.home.ledger
    first = ledger.present(MediaKind.EPISODE)[0]
    owners = Owners(ledger, cleaner.connections)
    with pytest.raises(Stopped, match=r"^not_in_library$"):
        await owners.custody([replace(first, item_id="0" * 32)], entry.target_ids)


async def test_a_second_version_is_known_by_its_name(owned: Owned) -> None:
    """Sonarr has that one alone, and counts otherwise than Jellyfin: both go."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.add_series(
        "Twice", library="Shows", provider_ids={"Tvdb": "4711"}, added=START - 90 * DAY
    )
    episode = house.add_episode(
        show, season=1, number=1, title="T1", added=START - 90 * DAY
    )
    other = replace(
        episode.sources[0],
        id="f" * 32,
        path="/media/shows/Twice/Season 1/Twice S01E01 first.mkv",
    )
    assert other.path is not None
    house.disk.write(other.path, 7, START - 90 * DAY)
    episode.sources.append(other)
    house.scan()
    owned.sonarr.manage_all()
    managed = owned.sonarr.show("Twice")
    (file,) = managed.files.values()
    file.relative_path = "Season 1/Twice S01E01 first.mkv"
    managed.episodes[0].number = 9
    house.play(house.user("alice"), episode, 0.96, at=START - 30 * DAY)
    await cleaner.due_plan()
    await read_files(cleaner.home.ledger, cleaner.home.jellyfin, [episode.id])
    report = await cleaner.run()
    assert reasons(report.skipped) == {}
    assert reasons(report.failed) == {}
    assert f"DELETE /api/v3/episodefile/{file.id}" in changes(owned.sonarr)
    assert {other.path, episode.sources[0].path}.isdisjoint(house.files)


async def test_episodes_of_two_series_have_each_their_own(owned: Owned) -> None:
    """Whatever they are asked for together with."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    other = house.add_series("Other", library="Shows", provider_ids={"Tvdb": "4711"})
    house.add_episode(other, season=1, number=1, title="O1")
    owned.sonarr.manage_all()
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    episodes = cleaner.home.ledger.present(MediaKind.EPISODE)
    ids = tuple(one.item_id for one in episodes)
    owners = Owners(cleaner.home.ledger, cleaner.connections)
    found = await owners.custody(episodes, ids)
    assert {len(one.copies) for one in found.values()} == {1}
    titles = {one.copies[0].part.title_id for one in found.values()}
    assert titles == owned.sonarr.series.keys()
    own = [one for one in episodes if one.title != "O1"]
    found = await owners.custody(own, {one.item_id for one in own})
    assert {one.copies[0].part.title_id for one in found.values()} == {
        owned.sonarr.show("Show").id
    }
