"""What somebody holds dear: also what they cannot see any more, versions and collections."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.model import OwnSet
from simulators.items import BoxSet, jellyfin_id
from tests.home import DAY, HOUR, Home

from .test_library import ALL_JELLYFIN


def protected(home: Home, title: str = "Alpha") -> bool:
    """Return whether anybody's favorite protects a film."""
    return bool(home.facts()[title].favorite_of)


@pytest.mark.parametrize("change", ["rating", "tag", "library", "title", "disabled"])
async def test_a_favorite_that_cannot_be_seen_any_more(home: Home, change: str) -> None:
    """It protects for a week, and longer where it can still be read."""
    house = home.household
    bob, alpha = house.user("bob"), house.movie("Alpha")
    house.set_favourite(bob, alpha)
    await home.sync()
    match change:
        case "rating":
            alpha.rating = 18
            bob.max_rating = 12
        case "tag":
            house.retag(alpha, ["scary"])
            bob.blocked_tags = frozenset({"Scary"})
        case "library":
            bob.libraries = frozenset({"Shows"})
        case "title":
            bob.max_rating = 12
            await home.sync()
            alpha.rating = 18
            house.changed()
        case "disabled":
            bob.disabled = True
    await home.sync()
    assert protected(home)
    for _ in range(6):
        home.wait(DAY)
        await home.sync()
        assert protected(home)
    home.wait(DAY + HOUR)
    await home.sync()
    # By its id a title of a hidden library is shown, and so is one to who is disabled.
    assert protected(home) is (change in ("library", "disabled"))
    bob.disabled, bob.max_rating, bob.libraries = False, None, None
    bob.blocked_tags = frozenset()
    await home.sync()
    assert protected(home)
    house.set_favourite(bob, alpha, False)
    await home.sync()
    assert not protected(home)


async def test_a_favorite_that_was_taken_back(home: Home) -> None:
    """Its user sees the title still, and may see what was to be seen before."""
    house = home.household
    bob, alpha = house.user("bob"), house.movie("Alpha")
    house.set_favourite(bob, alpha)
    await home.sync()
    house.set_favourite(bob, alpha, False)
    await home.sync()
    assert not protected(home)


async def test_a_favorite_that_goes_with_a_change_of_sight(home: Home) -> None:
    """Nobody knows why: it holds for a week, though the title is to be seen."""
    house = home.household
    bob, alpha = house.user("bob"), house.movie("Alpha")
    house.set_favourite(bob, alpha)
    await home.sync()
    house.set_favourite(bob, alpha, False)
    bob.max_rating = 99
    await home.sync()
    assert protected(home)
    home.wait(DAY)
    await home.sync()
    assert protected(home)
    home.wait(6 * DAY + HOUR)
    await home.sync()
    assert not protected(home)


def favorite_collection(home: Home, name: str, *item_ids: str) -> BoxSet:
    """Have a collection that bob loves."""
    house = home.household
    box = BoxSet(
        id=jellyfin_id("BoxSet", f"/config/data/collections/{name} [boxset]"),
        name=name,
        date_created=home.now,
        members=[*item_ids],
    )
    house.collections[box.id] = box
    house.set_favourite(house.user("bob"), box)
    return box


@ALL_JELLYFIN
async def test_a_favorite_collection(home: Home) -> None:
    """What is in it counts as the favorite that it is."""
    house = home.household
    box = favorite_collection(
        home, "Best", house.movie("Alpha").id, house.show("Show").id
    )
    await home.sync()
    assert protected(home)
    assert protected(home, "Show")
    assert not protected(home, "Bravo")
    house.set_favourite(house.user("bob"), box, False)
    await home.sync()
    assert not protected(home)


async def test_our_own_collection_as_a_favorite(home: Home) -> None:
    """What we have put into it leaves all the same; what others have put in stays."""
    house = home.household
    box = favorite_collection(
        home, "Leaving", house.movie("Alpha").id, house.movie("Bravo").id
    )
    ours = OwnSet(set_id=box.id, members=frozenset({house.movie("Alpha").id}))
    home.ledger.set_own_set(ours)
    await home.sync()
    assert not protected(home)
    assert protected(home, "Bravo")


async def test_a_favorite_version(home: Home) -> None:
    """No list shows it: it is asked for by its id."""
    house = home.household
    film = house.add_movie("Echo", year=2001, versions=("1080p", "2160p"))
    await home.sync()
    other = replace(film, id=film.sources[1].id)
    house.set_favourite(house.user("bob"), other)
    await home.sync()
    assert protected(home, "Echo")
