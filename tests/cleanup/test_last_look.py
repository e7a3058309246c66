"""What is asked right before a title goes, of every user, every part and every server."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    TagRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from custom_components.oxicleanarr.sync import learn_sights
from simulators import Movie
from tests.home import DAY, START

from .conftest import GRACE, Cleaner, Owned, add_film
from .test_execute import reasons, watch
from .test_owners import by_episodes

WEEK = parse_duration("7d")


def film_in_parts(cleaner: Cleaner, parts: int = 2) -> Movie:
    """Have a film in parts, of which somebody has watched all."""
    house = cleaner.home.household
    film = add_film(cleaner, parts=parts)
    watch(cleaner, "Kilo")
    for part in film.parts:
        house.play(house.user("alice"), part, at=START - 30 * DAY)
    return film


async def test_a_flag_that_the_last_part_has_lost_is_remembered(
    cleaner: Cleaner,
) -> None:
    """Nobody has taken it back: Jellyfin still counts that it was played."""
    house = cleaner.home.household
    film = film_in_parts(cleaner)
    await cleaner.due_plan()
    house.user_data.change(
        house.user("alice").id,
        film.parts[0].id,
        lambda data: replace(data, played=False),
    )
    house.changed()
    report = await cleaner.run()
    assert reasons(report.skipped) == {}
    assert [one.title for one in report.deleted] == ["Kilo"]


@pytest.mark.parametrize("part", [0, 1])
async def test_of_three_parts_the_last_one_tells(cleaner: Cleaner, part: int) -> None:
    """Whoever takes the mark of another one back has watched the film still."""
    house = cleaner.home.household
    film = film_in_parts(cleaner, 3)
    await cleaner.due_plan()
    house.unmark_played(house.user("alice"), film.parts[part])
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == (["Kilo"] if part == 0 else [])


async def test_who_may_not_see_a_film_in_parts_is_not_waited_for(
    cleaner: Cleaner,
) -> None:
    """Jellyfin knows no parts of it for somebody who does not see its library."""
    film_in_parts(cleaner)
    cleaner.home.household.user("bob").libraries = frozenset({"Shows"})
    await cleaner.due_plan()
    report = await cleaner.run()
    assert reasons(report.skipped) == {}
    assert [one.title for one in report.deleted] == ["Kilo"]


@pytest.mark.parametrize("name", ["Alpha", "Show"])
@pytest.mark.parametrize("watched", ["bob", "carol"])
async def test_everybody_who_sees_it_again_has_to_watch_it(
    cleaner: Cleaner, name: str, watched: str
) -> None:
    """It is beyond two parental limits, which are lifted after the sync."""
    home = cleaner.home
    house = home.household
    house.add_user("carol")
    everybody = WatchedRule(
        name="all", retention=WEEK, require_watched=True, watched_by=Watchers.ALL
    )
    cleaner.rules = replace(cleaner.rules, advanced=(everybody,))
    titles = ["Alpha"] if name == "Alpha" else ["E1", "E2", "E3"]
    for name_of_user in ("alice", watched):
        watch(cleaner, *titles, user=name_of_user)
    house[name].rating = 18
    users = [house.user("bob"), house.user("carol")]
    for user in users:
        user.max_rating = 12
    for _ in range(2):
        await cleaner.sync()
        questions = cleaner.plan().sight_questions
        await learn_sights(home.ledger, home.jellyfin, questions, home.now)
        assert [one.title for one in cleaner.plan().entries] == [name]
        home.wait(GRACE)
    for user in users:
        user.max_rating = None
    report = await cleaner.run()
    missing = {"bob": "carol", "carol": "bob"}[watched]
    assert missing in reasons(report.skipped)[name]
    assert report.deleted == []


@pytest.mark.parametrize("name", ["Alpha", "Show"])
async def test_a_tag_of_its_owner_is_asked_for(owned: Owned, name: str) -> None:
    """One that Radarr or Sonarr has been given since the sync, and that keeps it."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    stay = TagRule(name="stay", tag="stay", retention=NEVER)
    cleaner.rules = replace(cleaner.rules, advanced=(stay,))
    watch(cleaner, *(["Alpha"] if name == "Alpha" else ["E1", "E2", "E3"]))
    await cleaner.due_plan()
    if name == "Alpha":
        owned.radarr.manage(house.movie("Alpha"), tags=["stay"])
    else:
        owned.sonarr.manage(house.show("Show"), tags=["stay"])
    report = await cleaner.run()
    assert "rule stay" in reasons(report.skipped)[name]


@pytest.mark.parametrize("continues", [True, False])
async def test_whether_a_series_continues_is_asked_for(
    owned: Owned, continues: bool
) -> None:
    """Sonarr expects more of it since the sync, and a rule takes only what has ended."""
    cleaner = owned.cleaner
    by_episodes(
        owned,
        EpisodeRule(name="Ended", max_episodes=2, exclude_continuing_series=True),
    )
    await cleaner.sync()
    await cleaner.read_shelves()
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == ["E1"]
    if continues:
        owned.sonarr.show("Show").status = "continuing"
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ([] if continues else ["E1"])
    assert list(reasons(report.skipped)) == (["E1"] if continues else [])
