"""A title that somebody is asked about first, and somebody wants back afterwards."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.oxicleanarr.const import DOMAIN
from simulators import Household
from simulators.arrs import ARR_CASES, Arrs

from .conftest import pass_time, state_of
from .lists import DONE, OPEN
from .test_approvals import READY, WAITING, choose, items, tick
from .test_arrs import A_MOMENT, due
from .test_services import call

__all__ = ["due"]

pytestmark = pytest.mark.usefixtures("no_waiting")

FILM = ARR_CASES["requested and watched by alice"]


async def titles(hass: HomeAssistant, of: str) -> dict[str, Any]:
    """Return what the plan says of titles that are pending or kept, by their names."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    return {one["title"]: one for one in plan[of]}


async def test_asked_before_and_brought_back_after(
    hass: HomeAssistant,
    due: MockConfigEntry,
    arrs: Arrs,
    household: Household,
    hass_admin_user: MockUser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Waits, is approved on the list, goes, comes back, and stays."""
    await choose(hass, due, **{**due.options, "approval": True})
    assert (await items(hass))[FILM] == OPEN
    assert (await titles(hass, "pending"))[FILM]["approval"] == "waiting"
    assert state_of(hass, READY) == "0"
    assert state_of(hass, WAITING) != "0"
    assert (await call(hass, "delete_media"))["deleted"] == []

    await tick(hass, hass_admin_user, FILM)
    assert (await items(hass))[FILM] == DONE
    assert (await titles(hass, "pending"))[FILM]["approval"] == "approved"
    gone = await call(hass, "delete_media")
    assert [one["title"] for one in gone["deleted"]] == [FILM]
    assert not household.present(household.movie(FILM))
    assert FILM not in {movie.title for movie in arrs.radarr.movies.values()}

    (row,) = (await call(hass, "get_deletions"))["deletions"]
    back: Any = await hass.services.async_call(
        DOMAIN,
        "bring_back",
        {"deletion_id": row["deletion_id"]},
        blocking=True,
        return_response=True,
        context=Context(user_id=hass_admin_user.id),
    )
    assert [(one["title"], one["searched"]) for one in back["titles"]] == [(FILM, True)]

    await pass_time(hass, freezer, A_MOMENT)
    await call(hass, "sync", full=True)
    assert household.present(household.movie(FILM))
    assert FILM not in await titles(hass, "pending")
    assert FILM not in await items(hass)
    why = (await call(hass, "explain_item", item_id=FILM))["verdict"]
    assert why["reason_code"] == "brought_back"
    assert why["reason_data"]["name"] == hass_admin_user.name
