"""Tags and sizes of what is there."""

from custom_components.oxicleanarr.model import MediaFiles

from .conftest import DAY, NOW, House, item_id, movie


def test_tags(house: House) -> None:
    """Each tag once, however it is written; of what is gone there are none."""
    house.items = [
        movie(1, tags=frozenset({"kids", "Zoo"})),
        movie(2, tags=frozenset({"Kids"})),
    ]
    house.sync()
    assert house.ledger.tags() == ["Kids", "Zoo"]
    house.items.pop(0)
    house.sync(after=DAY)
    assert house.ledger.tags() == ["Kids"]


def test_sizes_belong_to_a_file(house: House) -> None:
    """A replaced file's size is not known before it is read again."""
    house.items = [movie(1)]
    house.sync()
    house.ledger.store_files([MediaFiles(item_id=item_id(1), size_bytes=5)])
    assert house.fact(1).size_bytes == 5
    assert house.ledger.sizes([item_id(1), item_id(2)]) == {item_id(1): 5}
    house.items = [movie(1, added_at=NOW)]
    house.sync()
    assert house.fact(1).size_bytes is None
    assert house.ledger.items_without_files([item_id(1)]) == [item_id(1)]
