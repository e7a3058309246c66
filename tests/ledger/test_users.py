"""Who is gone or disabled still protects for a few days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.model import User

from .conftest import ALICE, BOB, DAY, MOVIES, House, item_id, played

HOUR = timedelta(hours=1)
DISABLED = replace(BOB, disabled=True)


def favorites_of(house: House) -> frozenset[str]:
    """Return whose favorite the first film is."""
    return house.fact(1).favorite_of


def viewers(house: House, number: int = 1) -> set[str]:
    """Return who can see a film or series."""
    return set(house.fact(number).visible_to or ())


def test_a_user_who_is_gone_protects_for_a_week(full: House) -> None:
    """By favorites, and as somebody who has not watched it yet; a watch counts no more."""
    full.favorites[BOB.user_id] = {item_id(1)}
    full.play(BOB, played(1))
    full.sync()
    assert full.fact(1).watched_by == {BOB.user_id}
    full.users = [ALICE]
    full.sync(after=HOUR)
    assert [one.name for one in full.ledger.users()] == ["alice"]
    for wait in (HOUR, 6 * DAY):
        full.now += wait
        assert favorites_of(full) == {BOB.user_id}
        assert viewers(full) == {ALICE.user_id, BOB.user_id}
        assert full.fact(1).watched_by == frozenset()
        full.sync()
    full.now += DAY
    assert favorites_of(full) == frozenset()
    assert viewers(full) == {ALICE.user_id}


def test_a_user_who_is_back_counts_as_before(full: House) -> None:
    """And has a whole week again when gone once more."""
    full.users = [ALICE]
    full.sync()
    full.users = [ALICE, BOB]
    full.favorites[BOB.user_id] = {item_id(1)}
    full.sync(after=5 * DAY)
    assert len(full.ledger.users()) == 2
    full.users = [ALICE]
    full.sync(after=5 * DAY)
    full.now += 6 * DAY
    assert favorites_of(full) == {BOB.user_id}


def test_a_disabled_user_protects_as_long_as_that_can_be_read(full: House) -> None:
    """Favorites are read still; that somebody might watch it counts for a week."""
    full.favorites[BOB.user_id] = {item_id(1)}
    full.users = [ALICE, DISABLED]
    for _ in range(20):
        full.sync(after=DAY)
    assert [one.name for one in full.ledger.users()] == ["alice"]
    assert {one.user_id for one in full.ledger.listed_users()} == {
        ALICE.user_id,
        BOB.user_id,
    }
    assert favorites_of(full) == {BOB.user_id}
    assert viewers(full) == {ALICE.user_id}
    full.favorites.clear()
    full.sync(after=DAY)
    assert favorites_of(full) == frozenset()


def test_a_disabled_user_who_is_deleted_protects_for_a_week_more(full: House) -> None:
    """From the day on which nothing can be read any more."""
    full.favorites[BOB.user_id] = {item_id(1)}
    full.users = [ALICE, DISABLED]
    full.sync()
    full.sync(after=20 * DAY)
    full.users = [ALICE]
    full.sync(after=DAY)
    assert len(full.ledger.listed_users()) == 1
    full.now += 6 * DAY
    assert favorites_of(full) == {BOB.user_id}
    full.now += DAY
    assert favorites_of(full) == frozenset()


@pytest.mark.parametrize("away", [True, False])
def test_a_poll_says_nothing_about_users(full: House, away: bool) -> None:
    """It has not asked who there is."""
    full.users = [ALICE, DISABLED] if away else [ALICE, BOB]
    full.sync()
    full.users = []
    full.poll(after=HOUR)
    assert len(full.ledger.listed_users()) == 2
    assert len(full.ledger.users()) == (1 if away else 2)


def test_what_a_gone_user_could_see(full: House) -> None:
    """Is known still."""
    carol = User(
        user_id="c" * 32, name="carol", library_ids=frozenset({MOVIES.library_id})
    )
    full.users = [ALICE, carol]
    full.sync()
    full.users = [ALICE]
    full.sync()
    assert viewers(full) == {ALICE.user_id, BOB.user_id, carol.user_id}
    assert viewers(full, 10) == {ALICE.user_id, BOB.user_id}
