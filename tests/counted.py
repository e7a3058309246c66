"""A household that is small enough to be counted by hand.

Modules that import ``household`` and ``noon`` live in it, from noon on.
"""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util
import pytest

from simulators import Household, Movie

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLL = timedelta(minutes=16)
GRACE = timedelta(days=3, minutes=1)


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock before anything happens in the household."""
    freezer.move_to(NOON)


@pytest.fixture
def household() -> Household:
    """Return a household that is small enough to be counted by hand."""
    return counted_household()


def counted_household() -> Household:
    """Return it: at noon one film is overdue, one leaves in ten days, and two later."""
    house = Household(dt_util.utcnow)
    alice, bob = house.add_user("alice", administrator=True), house.add_user("bob")
    house.add_user("guest", disabled=True)
    house.add_library("Movies", "movies")
    house.add_library("Shows", "tvshows")
    house.add_library("Empty", "movies")
    house.add_library("Music", "music")

    def movie(number: int, name: str) -> Movie:
        return house.add_movie(
            name,
            provider_ids={"Tmdb": str(number)},
            added=NOON - timedelta(days=400),
            size=number * 1_000_000_000,
        )

    for number, user, name, days in (
        (1, alice, "Overdue", 100),
        (2, bob, "Soon", 80),
        (3, alice, "Late", 10),
        (4, bob, "Loved", 200),
    ):
        watched = movie(number, name)
        house.play(user, watched, at=NOON - timedelta(days=days))
    house.set_favourite(bob, house["Loved"])
    movie(5, "Unseen")
    for number, user, name, episodes in ((6, alice, "Whole", 2), (7, bob, "Half", 1)):
        series = house.add_series(
            name,
            provider_ids={"Tvdb": str(number)},
            added=NOON - timedelta(days=400),
        )
        for episode in (1, 2):
            house.add_episode(
                series, season=1, number=episode, added=NOON - timedelta(days=400)
            )
        for one in series.episodes[:episodes]:
            house.play(user, one, at=NOON - timedelta(days=20))
    house.scan()
    return house
