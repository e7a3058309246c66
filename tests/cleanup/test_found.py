"""What a run has found against a title keeps it, until a look finds it settled."""

from datetime import timedelta

from custom_components.oxicleanarr.cleanup import Why, explain_item, look_again, say
from custom_components.oxicleanarr.model import MediaKind, Reason
from custom_components.oxicleanarr.retention import EpisodeRule, parse_duration
from custom_components.oxicleanarr.servers import Connections
from simulators import FaultKind
from tests.home import DAY

from .conftest import GRACE, Cleaner, Owned, add_film
from .test_execute import reasons, watch
from .test_owners import by_episodes

FOLDER = "/media/movies/Alpha (2000)"
FILM = f"{FOLDER}/Alpha (2000).mkv"
STRANGER = f"{FOLDER}/Somebody.mkv"
MOVE_IT = (
    'Its folder also contains "Somebody.mkv". Move that if you want to keep it, or delete'
    " it yourself."
)


def held(cleaner: Cleaner) -> dict[str, Reason]:
    """Return what the plan keeps because of its files, and why."""
    return {
        one.title: one.reason for one in cleaner.plan().kept if one.kept_by == "unclear"
    }


def write(cleaner: Cleaner, path: str) -> None:
    """Put a file on the disk."""
    house = cleaner.home.household
    house.disk.write(path, 1_000_000, house.now())


async def meet_stranger(cleaner: Cleaner) -> None:
    """Let a run find somebody else's file in the folder of what it would delete."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    write(cleaner, STRANGER)
    await cleaner.run()


async def run_again(cleaner: Cleaner) -> dict[str, str]:
    """Let a day pass, and run; return why what is ready was skipped or failed."""
    cleaner.home.wait(DAY)
    await cleaner.sync()
    await cleaner.settle()
    report = await cleaner.run()
    return reasons((*report.skipped, *report.failed))


async def test_what_was_seen_keeps_the_title_at_once(cleaner: Cleaner) -> None:
    """Also where a dry run saw it; every full sync looks again, and then the grace begins."""
    home = cleaner.home
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    write(cleaner, STRANGER)
    cleaner.dry_run = lambda: True
    assert "Somebody.mkv" in reasons((await cleaner.run()).skipped)["Alpha"]
    assert {one.title for one in cleaner.plan().entries} == {"Bravo"}
    assert say(held(cleaner)["Alpha"]) == MOVE_IT
    explained = explain_item(
        home.ledger, cleaner.rules, cleaner.plan(), home.video("Alpha").id, home.now
    )
    assert (explained.rule, say(explained.reason)) == ("unclear", MOVE_IT)
    assert explained.would_change.code == Why.RULES_OTHERWISE
    cleaner.dry_run = lambda: False
    assert "Alpha" not in await run_again(cleaner)
    assert say(held(cleaner)["Alpha"]) == MOVE_IT
    assert FILM in home.household.files
    home.household.disk.remove(STRANGER)
    await home.poll()
    assert say(held(cleaner)["Alpha"]) == MOVE_IT
    await cleaner.sync()
    assert not held(cleaner)
    (entry,) = cleaner.plan().entries
    assert entry.due_at - home.now == GRACE
    home.wait(GRACE)
    await cleaner.sync()
    assert [one.title for one in (await cleaner.run()).deleted] == ["Alpha"]


async def test_the_reason_is_the_one_of_the_last_look(cleaner: Cleaner) -> None:
    """What was moved away is not named any more, if something else is there."""
    await meet_stranger(cleaner)
    cleaner.home.household.disk.remove(STRANGER)
    write(cleaner, f"{FOLDER}/Old/film.mkv")
    await cleaner.sync()
    assert held(cleaner)["Alpha"] == Reason(Why.FOLDER_HOLDS_FOLDER, {"name": "Old"})


async def test_all_that_is_settled_is_free(cleaner: Cleaner) -> None:
    """One look finds as much as there is."""
    disk = cleaner.home.household.disk
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    strangers = (STRANGER, "/media/movies/Bravo (2000)/Somebody.mkv")
    for path in strangers:
        write(cleaner, path)
    await cleaner.run()
    assert held(cleaner).keys() == {"Alpha", "Bravo"}
    for path in strangers:
        disk.remove(path)
    await cleaner.sync()
    assert not held(cleaner)
    assert {one.title for one in cleaner.plan().entries} == {"Alpha", "Bravo"}


async def test_what_is_not_known_counts_once_a_sync_does_not_know_it(
    cleaner: Cleaner,
) -> None:
    """A file that is not to be seen for a moment goes with the next run."""
    disk = cleaner.home.household.disk
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    disk.unmount(FOLDER)
    assert "can't see" in reasons((await cleaner.run()).skipped)["Alpha"]
    assert not held(cleaner)
    disk.mount(FOLDER)
    await cleaner.sync()
    (entry,) = cleaner.plan().entries
    assert entry.due_at <= cleaner.home.now
    disk.unmount(FOLDER)
    await cleaner.run()
    await cleaner.sync()
    assert held(cleaner)["Alpha"].code == Why.NOT_ON_DISK
    assert not await run_again(cleaner)
    disk.mount(FOLDER)
    await cleaner.sync()
    (entry,) = cleaner.plan().entries
    assert entry.due_at - cleaner.home.now == GRACE


async def test_a_server_that_fails_settles_nothing(cleaner: Cleaner) -> None:
    """Who cannot look knows no better than before."""
    home = cleaner.home
    await meet_stranger(cleaner)
    home.household.disk.remove(STRANGER)
    home.household.disk.unreadable.add("/media/movies")
    await cleaner.sync()
    assert held(cleaner)["Alpha"].code == Why.NOT_ON_DISK
    home.household.disk.unreadable.clear()
    await cleaner.sync()
    assert not held(cleaner)


async def test_an_owner_that_fails_settles_nothing(owned: Owned) -> None:
    """Nor does it when the file is where it belongs."""
    cleaner = owned.cleaner
    await meet_stranger(cleaner)
    cleaner.home.household.disk.remove(STRANGER)
    owned.radarr.fail(FaultKind.SERVER_ERROR)
    await cleaner.sync()
    assert say(held(cleaner)["Alpha"]) == MOVE_IT
    owned.radarr.faults.clear()
    await cleaner.sync()
    assert not held(cleaner)


async def test_what_has_left_jellyfin_meanwhile_is_held(cleaner: Cleaner) -> None:
    """Between a sync and the look: the next sync finds that it is gone."""
    home = cleaner.home
    await meet_stranger(cleaner)
    await home.sync()
    home.household.remove_file(home.household.movie("Alpha"))
    home.household.scan()
    await look_again(home.ledger, home.jellyfin, cleaner.connections, lambda: home.now)
    assert say(held(cleaner)["Alpha"]) == MOVE_IT


async def test_what_is_made_of_something_else_by_now_is_held(cleaner: Cleaner) -> None:
    """Also between a sync and the look: what it is made of now is not looked at yet."""
    home = cleaner.home
    await meet_stranger(cleaner)
    home.household.disk.remove(STRANGER)
    await home.sync()
    film = home.household.movie("Alpha")
    film.parts = add_film(cleaner, parts=2).parts
    home.household.changed()
    await look_again(home.ledger, home.jellyfin, cleaner.connections, lambda: home.now)
    assert say(held(cleaner)["Alpha"]) == MOVE_IT


async def test_a_folder_that_no_sonarr_would_remove_holds_nothing(owned: Owned) -> None:
    """Without a Sonarr, only the files go."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    folder = cleaner.home.household["Show"].path
    write(cleaner, f"{folder}/Home videos/Holiday.mkv")
    await cleaner.run()
    assert held(cleaner).keys() == {"Show"}
    cleaner.connections = Connections()
    await cleaner.sync()
    assert not held(cleaner)


async def test_a_file_that_moved_is_looked_at_anew(cleaner: Cleaner) -> None:
    """What was found is about the file where it was."""
    home = cleaner.home
    await meet_stranger(cleaner)
    assert held(cleaner)
    home.household.rename(home.household["Alpha"], "/media/movies/Alpha/Alpha.mkv")
    await cleaner.sync()
    assert not held(cleaner)
    assert not home.ledger.objections_to_look_at(home.now, 10)


async def test_a_file_that_cannot_be_removed_is_not_tried_for_ever(
    cleaner: Cleaner,
) -> None:
    """Once may be chance; after the second time it is left alone for a month."""
    home = cleaner.home
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    home.household.disk.locked.add(FILM)
    assert (await cleaner.run()).failed
    assert not held(cleaner)
    assert "Alpha" in await run_again(cleaner)
    found = held(cleaner)["Alpha"]
    assert found.code == Why.NOT_REMOVED
    assert found.data["again_at"] == home.now + 30 * DAY
    assert "Check the permissions of its folder." in say(found)
    because = found.data["because"]
    assert isinstance(because, Reason)
    assert "500" in say(because)
    assert not await run_again(cleaner)
    home.household.disk.locked.clear()
    home.wait(30 * DAY)
    await cleaner.sync()
    (entry,) = cleaner.plan().entries
    assert entry.due_at - home.now == GRACE
    home.wait(GRACE + timedelta(hours=1))
    await cleaner.sync()
    assert [one.title for one in (await cleaner.run()).deleted] == ["Alpha"]


async def test_a_file_that_radarr_cannot_remove(owned: Owned) -> None:
    """It is the same through Radarr, which is asked again when its time is over."""
    cleaner, disk = owned.cleaner, owned.cleaner.home.household.disk
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    disk.locked.add(FILM)
    await cleaner.run()
    for _ in range(4):
        await run_again(cleaner)
    found = held(cleaner)["Alpha"]
    assert found.code == Why.NOT_REMOVED
    because = found.data["because"]
    assert isinstance(because, Reason)
    assert "cannot remove the file" in say(because)
    assert not await run_again(cleaner)


async def test_a_radarr_that_cannot_be_prepared_holds_nothing(owned: Owned) -> None:
    """It was never asked to delete the file, so nothing is known against that."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    fault = owned.radarr.fail(FaultKind.SERVER_ERROR, method="PUT")
    await cleaner.run()
    for _ in range(2):
        assert "Alpha" in await run_again(cleaner)
        assert not held(cleaner)
    owned.radarr.faults.remove(fault)
    assert not await run_again(cleaner)
    assert "Alpha (2000)" not in cleaner.files()


async def test_a_series_folder_holds_the_series_and_no_episode(owned: Owned) -> None:
    """Sonarr would remove the folder only with the series."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    assert [one.kind for one in plan.entries] == [MediaKind.SERIES]
    stranger = f"{house['Show'].path}/Home videos/Holiday.mkv"
    write(cleaner, stranger)
    await cleaner.run()
    assert held(cleaner)["Show"].data["name"] == "Home videos"
    await cleaner.sync()
    assert held(cleaner).keys() == {"Show"}
    everyday = cleaner.rules
    by_episodes(
        owned,
        EpisodeRule(name="Age", max_age=parse_duration("30d"), require_watched=True),
    )
    await cleaner.sync()
    assert {one.title for one in cleaner.plan().entries} == {"E1", "E2", "E3"}
    cleaner.rules = everyday
    house.disk.remove(stranger)
    house.disk.forget_folder(f"{house['Show'].path}/Home videos")
    await cleaner.sync()
    assert not held(cleaner)


async def test_a_series_within_a_series_folder_settles_it(owned: Owned) -> None:
    """With another series in it the folder stays, so nothing in it would go."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    folder = house["Show"].path
    write(cleaner, f"{folder}/Home videos/Holiday.mkv")
    await cleaner.run()
    assert held(cleaner).keys() == {"Show"}
    other = house.add_series("Spin-off", path=f"{folder}/Spin-off")
    house.add_episode(other, season=1, number=1, title="First")
    house.scan()
    await cleaner.sync()
    assert not held(cleaner)


async def test_a_series_folder_that_cannot_be_read_settles_nothing(
    owned: Owned,
) -> None:
    """It shows nothing, but the episodes are in it: what was found may be, too."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    folder = house["Show"].path
    assert folder is not None
    write(cleaner, f"{folder}/Home videos/Holiday.mkv")
    await cleaner.run()
    assert held(cleaner).keys() == {"Show"}
    house.disk.unreadable.add(folder)
    await cleaner.sync()
    assert held(cleaner).keys() == {"Show"}


async def test_an_episode_that_sonarr_does_not_have_holds_its_series(
    owned: Owned,
) -> None:
    """It is looked at by itself, and one that Sonarr has does not settle it."""
    cleaner = owned.cleaner
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    show = owned.sonarr.show("Show")
    second = show.episode(1, 2)
    number, file = second.file_id, show.files.pop(second.file_id)
    second.file_id = 0
    assert "doesn't have its file" in reasons((await cleaner.run()).skipped)["Show"]
    assert not held(cleaner)
    await cleaner.sync()
    assert held(cleaner)["Show"].code == Why.FILE_UNKNOWN
    assert not cleaner.plan().entries
    second.file_id, show.files[number] = number, file
    await cleaner.sync()
    assert not held(cleaner)
    assert [one.title for one in cleaner.plan().entries] == ["Show"]


async def test_what_goes_by_the_same_run_holds_nothing(cleaner: Cleaner) -> None:
    """Another title in the folder counts once it is still there at the next full sync."""
    house = cleaner.home.household
    for name in ("Kilo", "Kilo 2"):
        house.add_movie(
            name,
            path=f"/media/movies/loose/{name}.mkv",
            loose=True,
            provider_ids={"Tmdb": name},
            added=cleaner.home.now - 100 * DAY,
        )
    house.scan()
    watch(cleaner, "Kilo", "Kilo 2")
    plan = await cleaner.due_plan()
    entries = {one.title: one for one in plan.entries}
    both = [entries["Kilo"], entries["Kilo 2"]]
    report = await cleaner.run(both)
    assert reasons(report.skipped).keys() == {"Kilo"}
    assert not held(cleaner)
    assert [one.title for one in (await cleaner.run()).deleted] == ["Kilo"]
