"""What people call a title."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.ledger import SeveralTitlesError

from .conftest import House, episode, item_id, movie, series


@pytest.fixture
def house(house: House) -> House:
    """Return a house with titles that are called alike."""
    fargo = replace(series(6), title="Fargo", year=2014)
    house.items = [
        movie(1, title="Amélie", year=2001),
        movie(2, title="Dune", year=1984),
        movie(3, title="Dune", year=2021),
        movie(4, title="WALL·E", year=2008),
        movie(5, title="???"),
        fargo,
        episode(9, fargo, 1, 2),
        movie(7, title="Fargo", year=1996),
        movie(8, title="1984"),
    ]
    house.sync()
    return house


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Amélie", 1),
        ("  amelie ", 1),
        ("Amelie (2001)", 1),
        ("dune 2021", 3),
        ("Dune (1984)", 2),
        ("wall e", 4),
        ("1984", 8),
        ("Fargo 1996", 7),
        ("Fargo S01E02", 9),
        (item_id(5), 5),
    ],
)
def test_one_title(house: House, name: str, number: int) -> None:
    """Capitals, accents and signs are nothing that anybody says."""
    assert house.ledger.meant(name).item_id == item_id(number)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Dune", {2, 3}),
        ("fargo", {6, 7}),
        # Part of a name, even of only one, is not beyond doubt.
        ("Améli", {1}),
        ("du", {2, 3}),
    ],
)
def test_several_titles(house: House, name: str, numbers: set[int]) -> None:
    """What may be meant is named, and none of it is taken."""
    with pytest.raises(SeveralTitlesError) as caught:
        house.ledger.meant(name)
    found = {item.item_id for item, _ in caught.value.titles}
    assert found == {item_id(number) for number in numbers}


@pytest.mark.parametrize("name", ["", "???", "Heat", "%", "du_e"])
def test_no_title(house: House, name: str) -> None:
    """Nothing is a pattern, and signs alone are no name."""
    with pytest.raises(LookupError) as caught:
        house.ledger.meant(name)
    assert not isinstance(caught.value, SeveralTitlesError)
