"""What a simulated user sees, and what is one row: in that the lines differ."""

import pytest

from custom_components.oxicleanarr.model import Library, MediaItem
from simulators.items import BoxSet
from tests.home import Home
from tests.taken import all_of

from .test_library import ALL_JELLYFIN


@ALL_JELLYFIN
@pytest.mark.parametrize("how", ["rating", "tag", "library"])
async def test_what_is_hidden(home: Home, how: str) -> None:
    """It is in no list, and 404 by itself; an id leads only into a hidden library."""
    house, jellyfin = home.household, home.jellyfin
    bob, alpha = house.user("bob"), house.movie("Alpha")
    assert await jellyfin.sees(bob.id, alpha.id)
    house.mark_played(bob, alpha)
    match how:
        case "rating":
            alpha.rating, bob.max_rating = 18, 12
        case "tag":
            house.retag(alpha, ["scary"])
            bob.blocked_tags = frozenset({"Scary"})
        case "library":
            bob.libraries = frozenset({"Shows"})
    assert not await jellyfin.sees(bob.id, alpha.id)
    assert await jellyfin.sees(house.user("alice").id, alpha.id)
    assert await jellyfin.recent(bob.id) == []
    by_id = await jellyfin.user_data(bob.id, [alpha.id])
    assert set(by_id) == ({alpha.id} if how == "library" else set())
    (found,) = [one for one in await jellyfin.users() if one.user_id == bob.id]
    assert (found.sight == "") is (how == "library")
    assert (found.library_ids is None) is (how != "library")


async def shown(home: Home, library: Library) -> list[MediaItem]:
    """Return what is in a library."""
    return await all_of(home.jellyfin.inventory, library)


async def listed(home: Home, title: str) -> set[str]:
    """Return the ids under which a library lists a film."""
    ids = set()
    for library in await home.jellyfin.libraries():
        items = await shown(home, library)
        ids |= {one.item_id for one in items if one.title == title}
    return ids


@ALL_JELLYFIN
async def test_merged_rows(home: Home) -> None:
    """One row with two sources; 10.10 lists both to a key, and one to a user."""
    house, jellyfin = home.household, home.jellyfin
    first, other = house.movie("Alpha"), house.add_movie("Alpha", year=2001)
    house.merge(first, other)
    both = home.jellyfin_server.version.startswith("10.10")
    ids = {first.id, other.id} if both else {first.id}
    assert await listed(home, "Alpha") == ids
    bob = house.user("bob")
    for film in (first, other):
        house.mark_played(bob, film)
    assert {one.item_id for one in await jellyfin.recent(bob.id)} == {first.id}
    (files,) = (await jellyfin.files([first.id])).values()
    assert len(files.paths) == 2
    assert files.runtimes == (7200, 7200)
    assert files.version_ids == (other.id,)


@ALL_JELLYFIN
async def test_one_folder_in_two_libraries(home: Home) -> None:
    """The same ids are listed under both."""
    house, jellyfin = home.household, home.jellyfin
    again = house.add_library(
        "Again", "movies", list(house.movies[0].library.locations)
    )
    libraries = {one.name: one for one in await jellyfin.libraries()}
    found = [
        {one.item_id for one in await shown(home, libraries[name])}
        for name in ("Movies", again.name)
    ]
    assert found[0] == found[1] != set()


@ALL_JELLYFIN
async def test_a_favorite_collection(home: Home) -> None:
    """It is a favorite of its own, and shows its members to a user."""
    house, jellyfin = home.household, home.jellyfin
    box = BoxSet(id="b" * 32, name="Best", date_created=home.now)
    box.members.append(house.movie("Bravo").id)
    house.collections[box.id] = box
    bob = house.user("bob")
    assert await jellyfin.favorites_by_set(bob.id) == frozenset()
    house.set_favourite(bob, box)
    expected = {box.id, house.movie("Bravo").id}
    assert await jellyfin.favorites(bob.id) == expected
    assert await jellyfin.favorites_by_set(bob.id) == expected
    assert await jellyfin.favorites(house.user("alice").id) == frozenset()
