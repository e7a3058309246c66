"""A title by its name: it can be asked about and kept, and nothing else."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.oxicleanarr.const import DOMAIN
from simulators import Household

from .counted import NOON, counted_household
from .test_services import call

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def household() -> Household:
    """Return a household with two films of one name."""
    house = counted_household()
    for year, number in ((1984, 8), (2021, 9)):
        house.add_movie(
            "Dune", year=year, provider_ids={"Tmdb": str(number)}, added=NOON
        )
    house.scan()
    return house


async def kept(hass: HomeAssistant) -> set[str]:
    """Return the titles that somebody keeps."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    return {row["title"] for row in plan["kept"] if row["kept_by"] == "keep"}


@pytest.mark.usefixtures("setup_integration")
async def test_the_name_of_one_title(hass: HomeAssistant, household: Household) -> None:
    """It serves as well as the id."""
    explained = await call(hass, "explain_item", item_id="overdue")
    assert explained["item"]["item_id"] == household["Overdue"].id
    assert explained["item"]["key"] == "movie:tmdb:1"
    response = await call(hass, "keep_item", item_id="Dune (1984)")
    assert response.keys() == {"item_id", "kept_until"}
    explained = await call(hass, "explain_item", item_id=response["item_id"])
    assert explained["item"]["year"] == 1984
    assert explained["verdict"]["rule_type"] == "keep"


@pytest.mark.usefixtures("setup_integration")
@pytest.mark.parametrize("action", ["explain_item", "keep_item"])
@pytest.mark.parametrize(("name", "years"), [("Dune", [1984, 2021]), ("over", [None])])
async def test_a_name_that_fits_several(
    hass: HomeAssistant, action: str, name: str, years: list[int | None]
) -> None:
    """They are listed, and nothing is kept: not even the only one that is like it."""
    response = await call(hass, action, item_id=name)
    assert response.keys() == {"candidates"}
    assert [one["year"] for one in response["candidates"]] == years
    assert all(one["key"].startswith("movie:tmdb:") for one in response["candidates"])
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(DOMAIN, action, {"item_id": name}, blocking=True)
    assert caught.value.translation_key == "several_titles"
    assert caught.value.translation_placeholders is not None
    assert ("Dune (1984), Dune (2021)" in str(caught.value)) is (name == "Dune")
    assert await kept(hass) == set()


@pytest.mark.usefixtures("setup_integration")
@pytest.mark.parametrize(
    ("action", "data", "error"),
    [
        ("unkeep_item", {"item_id": "Overdue"}, "unknown_item"),
        ("unschedule_item", {"item_id": "Overdue"}, "unknown_item"),
        (
            "schedule_item",
            {"item_id": "Overdue", "at": "2026-12-01 00:00:00"},
            "unknown_item",
        ),
        ("delete_media", {"item_ids": ["Overdue"]}, "not_planned"),
        ("get_watch_history", {"item_id": "Overdue"}, "unknown_item"),
        ("explain_item", {"item_id": "Nobody's Film"}, "unknown_item"),
        ("keep_item", {"item_id": "Nobody's Film"}, "unknown_item"),
    ],
)
async def test_nothing_else_takes_a_name(
    hass: HomeAssistant, action: str, data: dict[str, Any], error: str
) -> None:
    """What leads to a deletion needs the id or the key."""
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, **data)
    assert caught.value.translation_key == error
