"""Long-term statistics: what Home Assistant's recorder really makes of our figures."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from simulators import Household

from .conftest import pass_time, set_up
from .counted import GRACE, POLL, household, noon
from .test_services import call

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting", "all_entities_enabled")

RECLAIMED = "sensor.household_reclaimed_space"
SHARE = "sensor.household_watched_share_of_movies"
FIVE_MINUTES = timedelta(minutes=5)


async def compile_statistics(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> datetime:
    """Have the recorder sum up the five minutes that begin now; return their start."""
    start = dt_util.utcnow()
    start = start.replace(minute=start.minute // 5 * 5, second=0, microsecond=0)
    freezer.move_to(start + FIVE_MINUTES)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    return start


async def test_long_term(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    household: Household,
) -> None:
    """Reclaimed space is summed up, and the watched share has a mean."""
    assert await async_setup_component(hass, "sensor", {})
    await set_up(hass, entry)
    known = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    by_id = {one["statistic_id"]: one for one in known}
    assert by_id[RECLAIMED]["has_sum"] is True
    assert by_id[RECLAIMED]["statistics_unit_of_measurement"] == "GB"
    assert by_id[SHARE]["has_sum"] is False
    assert by_id[SHARE]["statistics_unit_of_measurement"] == "%"
    first = await compile_statistics(hass, freezer)

    hass.config_entries.async_update_entry(entry, options={"dry_run": False})
    await pass_time(hass, freezer, GRACE)
    await call(hass, "delete_media")
    household.mark_played(household.users[0], household["Unseen"])
    await pass_time(hass, freezer, POLL)
    await compile_statistics(hass, freezer)

    found: dict[str, list[Any]] = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        first,
        None,
        {RECLAIMED, SHARE},
        "5minute",
        None,
        {"sum", "state", "mean"},
    )
    assert [one["sum"] for one in found[RECLAIMED]] == [0, 1]
    assert [one["state"] for one in found[RECLAIMED]] == [0, 1]
    # Four of five movies were watched; then three of four for two minutes, and all four.
    assert [one["mean"] for one in found[SHARE]] == [80, (2 * 75 + 3 * 100) / 5]
