"""Copies of one title stand and fall together, and what is no copy is deleted by nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import Limits, clause
from custom_components.oxicleanarr.retention import NEVER, TagRule, WatchedRule
from simulators import Episode, Movie
from simulators.items import BoxSet
from tests.home import DAY

from .conftest import Cleaner, Owned
from .test_execute import reasons, watch

VERSIONS = [("10.10.7", "1.1.8"), ("10.11.11", "1.1.8"), ("12.0", "1.1.8")]
every_version = pytest.mark.parametrize("versions", VERSIONS)


def in_4k(cleaner: Cleaner, runtime: timedelta = timedelta(hours=2)) -> Movie:
    """Have Alpha in a second library as well."""
    house = cleaner.home.household
    if "Movies 4K" not in [one.name for one in house.libraries]:
        house.add_library("Movies 4K", "movies", ["/media/movies-4k"])
    return house.add_movie(
        "Alpha",
        year=2000,
        library="Movies 4K",
        provider_ids={"Tmdb": "1"},
        added=cleaner.home.now - 100 * DAY,
        runtime=runtime,
    )


def copies_left(cleaner: Cleaner) -> int:
    """Return how many files of Alpha are on the disk."""
    files = cleaner.home.household.files
    return len([one for one in files if one.endswith("/Alpha (2000).mkv")])


@every_version
async def test_hd_and_4k(cleaner: Cleaner) -> None:
    """Whoever has watched one of them has watched the film: both go."""
    in_4k(cleaner)
    house = cleaner.home.household
    # Something has to be left there to tell that the disk is.
    house.disk.write("/media/movies-4k/read me.txt", 1, house.now())
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.due(cleaner.home.now)] == ["Alpha", "Alpha"]
    report = await cleaner.run()
    assert (len(report.deleted), copies_left(cleaner)) == (2, 0), reasons(
        [*report.skipped, *report.failed]
    )


async def test_hd_and_4k_of_two_radarrs(owned: Owned) -> None:
    """The same where each belongs to a Radarr of its own."""
    cleaner = owned.cleaner
    film = in_4k(cleaner)
    owned.radarr4k.manage(film)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    report = await cleaner.run()
    assert copies_left(cleaner) == 0, reasons([*report.skipped, *report.failed])


async def test_one_copy_a_day(cleaner: Cleaner) -> None:
    """The first goes; the other one is as watched as before and goes the day after."""
    in_4k(cleaner)
    watch(cleaner, "Alpha")
    cleaner.limits = Limits(most_in_run=1)
    await cleaner.due_plan()
    await cleaner.run()
    assert copies_left(cleaner) == 1
    for _ in range(5):
        cleaner.home.wait(DAY / 4)
        await cleaner.sync()
        await cleaner.run(cleaner.plan().due(cleaner.home.now))
    assert copies_left(cleaner) == 0


@pytest.mark.parametrize("limit", ["items", "bytes"])
async def test_copies_count_each(cleaner: Cleaner, limit: str) -> None:
    """What a day allows is no more because two files are one title."""
    in_4k(cleaner)
    house = cleaner.home.household
    house.disk.write("/media/movies-4k/read me.txt", 1, house.now())
    watch(cleaner, "Alpha")
    size = house.movies[0].size
    cleaner.limits = (
        Limits(max_items=1) if limit == "items" else Limits(max_bytes=2 * size - 1)
    )
    plan = await cleaner.due_plan()
    due = [replace(one, size_bytes=size) for one in plan.due(cleaner.home.now)]
    report = await cleaner.run(due)
    assert (len(report.deleted), copies_left(cleaner)) == (1, 1)
    assert reasons(report.skipped)["Alpha"].startswith("the limit of")


@pytest.mark.parametrize("what", ["version", "collection"])
async def test_a_favorite_of_another_kind_meanwhile(
    cleaner: Cleaner, what: str
) -> None:
    """A favorite version, or a collection, made between the sync and the deletion."""
    house = cleaner.home.household
    film = house.add_movie(
        "Echo",
        year=2000,
        versions=("1080p", "2160p"),
        added=cleaner.home.now - 100 * DAY,
    )
    box = BoxSet(id="b" * 32, name="Best", date_created=cleaner.home.now)
    house.collections[box.id] = box
    box.members.append(film.id)
    watch(cleaner, "Echo")
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == ["Echo"]
    other = replace(film, id=film.sources[1].id)
    house.set_favourite(house.user("bob"), other if what == "version" else box)
    report = await cleaner.run()
    assert reasons(report.skipped) == {"Echo": "it is a favorite"}


@pytest.mark.parametrize("change", ["play", "session", "favorite", "unmark"])
async def test_what_happens_to_the_copy_meanwhile(
    cleaner: Cleaner, change: str
) -> None:
    """It holds this one too."""
    other, house = in_4k(cleaner), cleaner.home.household
    first = house.movies[0]
    assert first.name == "Alpha"
    house.play(house.user("alice"), other, at=cleaner.home.now - 30 * DAY)
    plan = await cleaner.due_plan()
    entries = [one for one in plan.entries if one.item_id == first.id]
    assert entries
    bob = house.user("bob")
    match change:
        case "play":
            house.play(bob, other, at=cleaner.home.now)
        case "session":
            house.start_playback(bob, other, at=cleaner.home.now - 60 * DAY)
        case "favorite":
            house.set_favourite(bob, other)
        case "unmark":
            house.unmark_played(house.user("alice"), other)
    report = await cleaner.run(entries)
    assert copies_left(cleaner) == 2
    assert report.skipped


@every_version
async def test_two_films_with_one_id(cleaner: Cleaner) -> None:
    """They run for different times: neither is deleted by the other's mark, and it says so."""
    in_4k(cleaner, timedelta(hours=3))
    house = cleaner.home.household
    house.play(house.user("alice"), house.movies[0], at=cleaner.home.now - 30 * DAY)
    if cleaner.home.jellyfin_server.version.startswith("10.10"):
        # There one mark is both: the key of the user data is the provider's id.
        return
    plan = await cleaner.due_plan()
    assert plan.entries == ()
    told = [clause(one.reason) for one in plan.kept if one.title == "Alpha"]
    assert len(told) == 2
    assert all("watched only one of its copies" in one for one in told)


@every_version
async def test_merged_by_hand(cleaner: Cleaner) -> None:
    """Copies that are one row: 10.10 goes on listing both, one of them for a user."""
    house = cleaner.home.household
    first, other = house.movies[0], in_4k(cleaner)
    house.merge(first, other)
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    assert {one.title for one in plan.entries} == {"Alpha"}
    assert {one.item_id for one in plan.entries} == (
        {first.id, other.id}
        if cleaner.home.jellyfin_server.version.startswith("10.10")
        else {first.id}
    )


async def test_other_films_merged_by_hand(cleaner: Cleaner) -> None:
    """The mark of the row is no mark of all its files."""
    house = cleaner.home.household
    first, other = house.movies[0], in_4k(cleaner, timedelta(hours=3))
    house.merge(first, other)
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    assert plan.entries == ()
    (kept,) = [one for one in plan.kept if one.title == "Alpha"]
    assert kept.kept_by == "unclear"
    assert clause(kept.reason) == (
        "the versions of Alpha run 120 and 180 minutes, so it is not known whether they"
        " are the same title. Split them in Jellyfin"
    )


async def test_merged_after_the_sync(cleaner: Cleaner) -> None:
    """Nobody has looked at the versions yet."""
    house = cleaner.home.household
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house.merge(house.movies[0], in_4k(cleaner, timedelta(hours=3)))
    report = await cleaner.run()
    assert "its versions or parts have changed" in reasons(report.skipped)["Alpha"]
    assert copies_left(cleaner) == 2


def absolute(cleaner: Cleaner, *, one_row: bool) -> list[Episode]:
    """Have three episodes that only an absolute number tells apart."""
    house = cleaner.home.household
    show = house.add_series(
        "Anime", library="Shows", provider_ids={"Tvdb": "5"}, added=cleaner.home.now
    )
    episodes = [
        house.add_episode(
            show,
            season=1,
            number=1,
            title=f"A{number}",
            added=cleaner.home.now - 90 * DAY,
            path=f"/media/shows/Anime/Season 1/Anime - 0{number}.mkv",
        )
        for number in (1, 2, 3)
    ]
    if one_row:
        house.merge(*episodes)
    return episodes


@pytest.mark.parametrize(
    ("versions", "one_row"),
    [(("12.0", "1.1.8"), True), (("10.10.7", "1.1.8"), False)],
)
async def test_episodes_that_jellyfin_takes_for_one(
    cleaner: Cleaner, one_row: bool
) -> None:
    """12 makes versions of one row of them, 10.10 three rows with one number and flag."""
    first = absolute(cleaner, one_row=one_row)[0]
    house = cleaner.home.household
    house.play(house.user("alice"), first, at=cleaner.home.now - 60 * DAY)
    plan = await cleaner.due_plan()
    assert plan.entries == ()
    (kept,) = [one for one in plan.kept if one.title == "Anime"]
    assert kept.kept_by == "unclear"
    said = clause(kept.reason)
    assert ("as versions of Anime S01E01" if one_row else "has it too") in said


@pytest.mark.parametrize("stray", [True, False])
async def test_a_double_episode_with_a_stray_first(
    cleaner: Cleaner, stray: bool
) -> None:
    """12 makes one row of S01E01-E02 and S01E01: the longer one is another title."""
    house = cleaner.home.household
    show = house.add_series(
        "Pairs", library="Shows", provider_ids={"Tvdb": "6"}, added=cleaner.home.now
    )
    old = cleaner.home.now - 90 * DAY
    both = house.add_episode(show, season=1, number=1, number_end=2, added=old)
    if stray:
        house.merge(both, house.add_episode(show, season=1, number=1, added=old))
    house.play(house.user("alice"), both, at=cleaner.home.now - 60 * DAY)
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == ([] if stray else ["Pairs"])


async def test_what_sonarr_is_sure_of(owned: Owned) -> None:
    """Two rows with one number of which Sonarr says that each is that episode."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    show = house.show("Show")
    second = house.add_episode(
        show,
        season=1,
        number=3,
        title="E3 again",
        added=cleaner.home.now - 90 * DAY,
        path="/media/shows/Show/Season 1/Show S01E03 - 2160p.mkv",
    )
    watch(cleaner, "E1", "E2", "E3")
    house.play(house.user("alice"), second, at=cleaner.home.now - 30 * DAY)
    plan = await cleaner.due_plan()
    assert plan.entries == ()
    (kept,) = [one for one in plan.kept if one.title == "Show"]
    assert kept.kept_by in ("unclear", "unmatched")


async def test_one_folder_in_two_libraries(cleaner: Cleaner) -> None:
    """What keeps it in either keeps it; unmanaged, the other library holds it too."""
    house = cleaner.home.household
    house.add_library("Again", "movies", list(house.library("Movies").locations))
    keep = WatchedRule(name="stay", retention=NEVER, libraries=("Again",))
    watch(cleaner, "Alpha")
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == ["Alpha"]
    cleaner.rules = replace(cleaner.rules, advanced=(keep,))
    assert cleaner.plan().entries == ()
    cleaner.rules = replace(
        cleaner.rules, advanced=(replace(keep, libraries=("Movies",)),)
    )
    assert cleaner.plan().entries == ()
    cleaner.rules = replace(cleaner.rules, advanced=())
    cleaner.home.managed = [house.library("Movies").id]
    plan = await cleaner.due_plan()
    assert plan.entries == ()
    (kept,) = [one for one in plan.kept if one.title == "Alpha"]
    assert clause(kept.reason).startswith("Alpha is also in Again, which OxiCleanarr")


@pytest.mark.parametrize("part", ["season", "episode"])
@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_tag_on_a_part_holds_the_series(
    cleaner: Cleaner, part: str, meanwhile: bool
) -> None:
    """Also one that was set between the sync and the deletion."""
    house = cleaner.home.household
    cleaner.rules = replace(
        cleaner.rules, advanced=(TagRule(name="stay", tag="stay", retention=NEVER),)
    )
    watch(cleaner, "E1", "E2", "E3")
    show = house.show("Show")
    item = show.seasons[0] if part == "season" else show.episodes[1]
    if not meanwhile:
        house.retag(item, ["Stay"])
    plan = await cleaner.due_plan()
    assert len(plan.entries) == meanwhile
    if meanwhile:
        house.retag(item, ["Stay"])
        report = await cleaner.run()
        assert "rule stay" in reasons(report.skipped)["Show"]
    assert {f"Show S01E0{one}" for one in (1, 2, 3)} <= cleaner.files()
