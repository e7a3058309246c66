"""Copies that nobody has seen stay, whatever Jellyfin remembers of another one."""

from datetime import datetime

import pytest

from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    RetentionRules,
    StandardRules,
    UnwatchedBehavior,
    parse_duration,
)
from simulators import Rules
from tests.home import DAY, HOUR, START

from .conftest import Cleaner
from .test_execute import watch

OLD = START - 400 * DAY

pytestmark = pytest.mark.parametrize(
    "versions",
    [("10.10.7", "1.1.8"), ("10.11.11", "1.1.8"), ("12.0.0", "1.1.8")],
    ids=["10.10", "10.11", "12"],
)


@pytest.fixture
def versions(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return the versions of Jellyfin and Jellystat."""
    found: tuple[str, str] = request.param
    return found


async def live(cleaner: Cleaner, days: int = 60) -> None:
    """Let days pass, in each of which what is due is deleted."""
    for _ in range(days // 5):
        await cleaner.sync()
        cleaner.plan()
        await cleaner.run()
        cleaner.home.wait(5 * DAY)


def by_added(cleaner: Cleaner) -> None:
    """Let what nobody has watched go thirty days after it was added."""
    cleaner.rules = RetentionRules(
        standard=StandardRules(
            movie_retention=parse_duration("7d"),
            unwatched_behavior=UnwatchedBehavior.ADDED,
            unwatched_retention=parse_duration("30d"),
        )
    )


@pytest.mark.parametrize("polled", [True, False], ids=["poll", "full sync"])
@pytest.mark.parametrize("existed", [True, False], ids=["was deleted", "never here"])
async def test_a_film_that_arrives_with_a_mark(
    cleaner: Cleaner, existed: bool, polled: bool
) -> None:
    """It was watched somewhere else, or as a copy that was gone before we came."""
    house = cleaner.home.household
    alice = house.user("alice")
    film = house.add_movie("Echo", provider_ids={"Tmdb": "9"}, added=OLD)
    house.mark_played(alice, film, OLD)
    house.delete(film)
    await cleaner.sync()
    cleaner.home.wait(DAY)
    if existed:
        house.bring_back(film)
    else:
        film = house.add_movie("Foxtrot", provider_ids={"Tmdb": "10"})
        house.mark_played(alice, film, OLD)
    if polled:
        await cleaner.home.poll()
    await live(cleaner)
    assert film.name in cleaner.files()
    assert film.name not in cleaner.home.watched()
    house.unmark_played(alice, film)
    await cleaner.sync()
    house.mark_played(alice, film)
    await live(cleaner)
    assert film.name not in cleaner.home.facts()


async def test_a_new_season_with_old_marks(cleaner: Cleaner) -> None:
    """The show was watched; the season that arrives was not, so all of it stays."""
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    show = house.show("Show")
    added = [house.add_episode(show, season=2, number=one) for one in (1, 2)]
    for episode in added:
        house.mark_played(house.user("alice"), episode, OLD)
    house.scan()
    await live(cleaner)
    assert len([one for one in cleaner.files() if one.startswith("Show S")]) == 5


@pytest.mark.parametrize(("days", "goes"), [(6, False), (12, True)])
async def test_at_the_first_sync_retention_begins_with_the_file(
    cleaner: Cleaner, days: int, goes: bool
) -> None:
    """A film was deleted and came back before we came: its mark is a month old."""
    house = cleaner.home.household
    watch(cleaner, "Alpha", "Bravo")
    film = house.movie("Alpha")
    house.delete(film)
    house.bring_back(film)
    await cleaner.sync()
    cleaner.plan()
    cleaner.home.wait(days * DAY)
    await cleaner.sync()
    await cleaner.run()
    assert ("Alpha (2000)" not in cleaner.files()) is goes
    assert "Bravo (2000)" not in cleaner.files()


async def test_a_film_that_arrives_with_a_date_of_long_ago(cleaner: Cleaner) -> None:
    """Its thirty days begin when it arrives; an old play is no new one then."""
    by_added(cleaner)
    await cleaner.sync()
    house = cleaner.home.household
    film = house.add_movie("Echo", provider_ids={"Tmdb": "9"}, added=OLD)
    house.play(house.user("bob"), film, 0.5, at=OLD)
    await live(cleaner, 30)
    assert "Echo" in cleaner.files()
    await live(cleaner, 15)
    assert "Echo" not in cleaner.files()


async def test_a_film_without_a_date_is_never_ready(cleaner: Cleaner) -> None:
    """1970 is no date: the plan knows that as well as the last look."""
    by_added(cleaner)
    house = cleaner.home.household
    epoch = datetime.fromtimestamp(0, START.tzinfo)
    house.add_movie("Echo", provider_ids={"Tmdb": "9"}, added=epoch)
    house.add_movie("Foxtrot", provider_ids={"Tmdb": "10"}, added=epoch)
    watch(cleaner, "Foxtrot")
    for _ in range(3):
        await cleaner.sync()
        plan = cleaner.plan()
        assert not {"Echo", "Foxtrot"} & {one.title for one in plan.entries}
        kept = {one.title: one.kept_by for one in plan.kept}
        assert kept["Foxtrot"] == "unclear"
        cleaner.home.wait(40 * DAY)


async def test_dates_in_the_future_are_over_one_day(cleaner: Cleaner) -> None:
    """A play, a row of Jellystat and a file of 2126: they count from first sight."""
    by_added(cleaner)
    house = cleaner.home.household
    future = START + 36_500 * DAY
    alice = house.user("alice")
    house.mark_played(alice, house.movie("Alpha"), future)
    watch(cleaner, "Bravo")
    (row,) = house.plays.loose
    house.plays.update(row, row.seconds, future)
    house.add_movie("Echo", provider_ids={"Tmdb": "9"}, added=future)
    await cleaner.sync()
    cleaner.plan()
    cleaner.home.wait(6 * DAY)
    await cleaner.sync()
    await cleaner.run()
    ahead = {"Alpha (2000)", "Bravo (2000)", "Echo"}
    assert cleaner.files() >= ahead
    await live(cleaner, 35)
    assert not ahead & cleaner.files()


async def test_renumbered_episodes(cleaner: Cleaner) -> None:
    """Only the old first episode was seen, which is a special now."""
    cleaner.rules = RetentionRules(
        advanced=(
            EpisodeRule(
                name="Seen", max_age=parse_duration("7d"), require_watched=True
            ),
        )
    )
    house = cleaner.home.household
    first, second, third = (house.episode("Show", 1, one) for one in (1, 2, 3))
    for days, episode in enumerate((first, second, third)):
        episode.date_created += days * HOUR
        episode.premiere = OLD
    watch(cleaner, "E1")
    await cleaner.sync()
    cleaner.home.wait(HOUR)
    await cleaner.sync()
    house.renumber({first: (0, 1), second: (1, 1), third: (1, 2)})
    assert house.data(house.user("alice"), second).played
    await live(cleaner)
    left = {one for one in cleaner.files() if one.startswith("Show S")}
    assert left == {"Show S01E01", "Show S01E02"}


async def test_a_film_whose_id_was_another_ones(cleaner: Cleaner) -> None:
    """Jellyfin 10.10 shows the marks of the film that it is said to be now."""
    house = cleaner.home.household
    other = house.add_movie("Echo", provider_ids={"Tmdb": "9"}, added=OLD)
    house.mark_played(house.user("alice"), other, OLD)
    house.delete(other)
    await cleaner.sync()
    film = house.movie("Alpha")
    house.identify(film, {"Tmdb": "9"})
    assert house.data(house.user("alice"), film, Rules.TEN).played
    await live(cleaner)
    assert "Alpha (2000)" in cleaner.files()
