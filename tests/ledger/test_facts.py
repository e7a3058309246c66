"""What is known around one title when it is about to be deleted."""

import pytest

from custom_components.oxicleanarr.model import Keep, MediaKey

from .conftest import NOW, House, episode, item_id, movie, planned, series


def test_what_is_remembered_around_an_item(house: House) -> None:
    """Everything that the guards ask the ledger."""
    show = series(10)
    first = episode(11, show, 1, 1)
    house.items = [show, first, episode(12, show, 1, 10), movie(1)]
    house.sync()
    ledger = house.ledger
    known = ledger.remembered(item_id(11), NOW)
    assert known.key == "episode:tvdb:10:1:1"
    assert known.series is not None
    assert known.series.item_id == show.item_id
    assert not known.kept
    assert not known.unsettled
    assert [one for one, _ in known.neighbours] == [item_id(12)]
    assert set(known.locations) == {"/media/movies", "/media/shows"}
    ledger.keep(Keep(key=MediaKey("series:tvdb:10"), kept_at=NOW))
    ledger.intend(planned(11), first, NOW)
    known = ledger.remembered(item_id(11), NOW)
    assert known.kept
    assert known.unsettled
    with pytest.raises(LookupError):
        ledger.remembered(item_id(99), NOW)
