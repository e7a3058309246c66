"""A title that an *arr had and lists no more belongs to nobody we know, and stays."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import UNMATCHED
from custom_components.oxicleanarr.model import Reason
from custom_components.oxicleanarr.sync import Doubt
from tests.home import DAY

from .conftest import Cleaner, Owned
from .test_execute import reasons, watch

FILMS = {"Alpha", "Bravo"}
HOUR = timedelta(hours=1)


@pytest.fixture
async def due(owned: Owned) -> Owned:
    """Return the house with two films and a series that are due."""
    watch(owned.cleaner, *FILMS, "E1", "E2", "E3")
    await owned.cleaner.due_plan()
    return owned


def planned(cleaner: Cleaner) -> set[str]:
    """Return the titles on the plan."""
    return {one.title for one in cleaner.plan().entries}


@pytest.mark.parametrize("known_by", ["ids", "path"])
async def test_a_film_that_is_missing_stays_for_a_day(
    due: Owned, known_by: str
) -> None:
    """Radarr lists nothing any more, twice: no film goes through Jellyfin meanwhile."""
    cleaner = due.cleaner
    before = cleaner.files()
    if known_by == "path":
        for name in FILMS:
            film = cleaner.home.household.movie(name)
            cleaner.home.household.identify(film, {})
        await cleaner.sync()
        cleaner.plan()
        cleaner.home.wait(4 * DAY)
        await cleaner.sync()
        assert planned(cleaner) >= FILMS
    movies = dict(due.radarr.movies)
    due.radarr.movies.clear()
    for wait in (HOUR, HOUR, 20 * HOUR):
        cleaner.home.wait(wait)
        await cleaner.sync()
        kept = {one.title: one for one in cleaner.plan().kept}
        for name in FILMS:
            assert kept[name].kept_by == UNMATCHED
            assert kept[name].reason.data["because"] == Reason(Doubt.MISSING)
        assert planned(cleaner) == {"Show"}
        await cleaner.run([one for one in cleaner.plan().entries if one.title in FILMS])
        assert cleaner.files() == before
    due.radarr.movies.update(movies)
    await cleaner.sync()
    assert planned(cleaner) == {*FILMS, "Show"}


async def test_after_a_day_it_is_nobodys(due: Owned) -> None:
    """Somebody has taken it out of Radarr: after that and a grace Jellyfin deletes it."""
    due.radarr.movies.clear()
    await due.cleaner.sync()
    assert planned(due.cleaner) == {"Show"}
    due.cleaner.home.wait(DAY + HOUR)
    await due.cleaner.sync()
    assert planned(due.cleaner) == {*FILMS, "Show"}
    assert {one.title for one in due.cleaner.plan().due(due.cleaner.home.now)} == {
        "Show"
    }


async def test_a_series_that_is_missing_stays(due: Owned) -> None:
    """With all its episodes."""
    due.sonarr.series.clear()
    await due.cleaner.sync()
    assert planned(due.cleaner) == FILMS


async def test_a_film_that_is_listed_anew_is_not_missing(due: Owned) -> None:
    """It was taken out and added again, under another number."""
    film = due.cleaner.home.household.movie("Alpha")
    old = due.radarr.managed(film)
    assert old is not None
    del due.radarr.movies[old.id]
    due.radarr.manage(film)
    assert due.radarr.managed(film) is not old
    await due.cleaner.sync()
    assert planned(due.cleaner) >= {"Alpha"}


async def test_what_we_have_removed_is_not_missing(due: Owned) -> None:
    """A copy in Jellyfin of what has gone by our own hand has no doubt."""
    report = await due.cleaner.run()
    assert reasons(report.skipped) == {}
    copy = due.cleaner.add_copy()
    due.cleaner.home.household.scan()
    await due.cleaner.sync()
    assert (
        due.cleaner.home.ledger.missing_titles(
            ["radarr", "radarr4k", "sonarr"], due.cleaner.home.now - DAY
        )
        == []
    )
    assert due.cleaner.home.facts()[copy.name].doubt is None
