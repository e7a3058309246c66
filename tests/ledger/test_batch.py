"""A sync is believed as a whole, or not at all."""

import pytest

from .conftest import ALICE, MOVIES, NOW, House, movie


def test_a_sync_that_is_not_committed_leaves_nothing(house: House) -> None:
    """Half a sync is no sync."""
    house.items = [movie(1)]
    house.sync()
    before = house.facts()
    batch = house.ledger.begin_sync(complete=True)
    batch.add_items([movie(2)])
    batch.add_user_data(ALICE.user_id, [])
    assert house.facts() == before
    house.ledger.begin_sync(complete=True).discard()
    assert house.facts() == before


def test_a_commit_that_fails_changes_nothing(house: House) -> None:
    """All of it, or nothing."""
    house.items = [movie(1)]
    house.sync()
    before = house.facts()
    batch = house.ledger.begin_sync(complete=True)
    batch.add_items([movie(2)])
    with pytest.raises(TypeError):
        batch.commit(
            users=house.users,
            libraries=house.libraries,
            managed=[MOVIES.library_id],
            now=NOW,
            state={"bad": object()},
        )
    assert house.facts() == before
    house.items.append(movie(2))
    house.sync()
    assert len(house.facts()) == 2
