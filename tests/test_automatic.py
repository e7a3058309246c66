"""Whether titles may go by themselves now, by the switches and Home Assistant's states."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.oxicleanarr.automatic import AutomaticRuns
from custom_components.oxicleanarr.cleanup import Limits
from custom_components.oxicleanarr.settings import Settings

ON: dict[str, Any] = {"automatic_deletion": True, "dry_run": False}
LIMITS = Limits(max_items=7)
DISK = "sensor.disk"
GIGABYTE = 1000**3


class Runs:
    """The question, with settings that can be changed between two answers."""

    def __init__(self, hass: HomeAssistant, **options: Any) -> None:
        """Take the first options."""
        self.hass = hass
        self.options = {**ON, "max_items": 7, **options}
        self._ask = AutomaticRuns(hass, lambda: Settings.from_options(self.options))

    def __call__(self, recycled: int = 0) -> Limits | None:
        """Return the answer of now."""
        return self._ask(recycled)

    def free(self, state: str, unit: str | None = "GB") -> None:
        """Let the disk have so much free space."""
        self.hass.states.async_set(DISK, state, {"unit_of_measurement": unit})


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({}, True),
        ({"automatic_deletion": False}, False),
        ({"dry_run": True}, False),
        ({"automatic_deletion": False, "dry_run": True}, False),
    ],
)
def test_the_switches(
    hass: HomeAssistant, options: dict[str, Any], allowed: bool
) -> None:
    """Automatic deletion has to be on, dry run off; the caps are the chosen ones."""
    assert Runs(hass, **options)() == (LIMITS if allowed else None)


def test_the_settings_are_read_anew(hass: HomeAssistant) -> None:
    """A switch counts for the next file."""
    runs = Runs(hass)
    assert runs() == LIMITS
    runs.options["dry_run"] = True
    assert runs() is None
    runs.options |= {"dry_run": False, "max_items": 3}
    assert runs() == Limits(max_items=3)


@pytest.mark.parametrize(
    ("start", "end", "time", "allowed"),
    [
        ("02:00:00", "05:00:00", "01:59:59", False),
        ("02:00:00", "05:00:00", "02:00:00", True),
        ("02:00:00", "05:00:00", "04:59:59", True),
        ("02:00:00", "05:00:00", "05:00:00", False),
        # Over midnight.
        ("22:00:00", "06:00:00", "21:59:59", False),
        ("22:00:00", "06:00:00", "22:00:00", True),
        ("22:00:00", "06:00:00", "00:00:00", True),
        ("22:00:00", "06:00:00", "05:59:59", True),
        ("22:00:00", "06:00:00", "06:00:00", False),
        ("22:00:00", "06:00:00", "12:00:00", False),
        # No time at all.
        ("03:00:00", "03:00:00", "03:00:00", False),
        ("03:00:00", "03:00:00", "12:00:00", False),
    ],
)
async def test_the_window(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    start: str,
    end: str,
    time: str,
    allowed: bool,
) -> None:
    """It is told in local time; its end is no part of it."""
    await hass.config.async_set_time_zone("Asia/Tokyo")
    now = datetime.fromisoformat(f"2026-01-10T{time}").replace(
        tzinfo=dt_util.get_default_time_zone()
    )
    freezer.move_to(now)
    runs = Runs(hass, window_start=start, window_end=end)
    assert runs() == (LIMITS if allowed else None)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("on", True),
        ("off", False),
        ("home", False),
        ("unknown", False),
        ("unavailable", False),
        (None, False),
    ],
)
def test_only_while_an_entity_is_on(
    hass: HomeAssistant, state: str | None, allowed: bool
) -> None:
    """One that is not known, or not there, lets nothing go."""
    if state is not None:
        hass.states.async_set("input_boolean.away", state)
    runs = Runs(hass, only_while="input_boolean.away")
    assert runs() == (LIMITS if allowed else None)


async def test_all_conditions_have_to_be_met(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The time, the entity and the disk, each by itself."""
    freezer.move_to(dt_util.now().replace(hour=3))
    hass.states.async_set("input_boolean.away", "on")
    runs = Runs(
        hass,
        only_while="input_boolean.away",
        window_start="02:00:00",
        window_end="05:00:00",
        disk_entity=DISK,
        disk_threshold=100,
        disk_target=200,
    )
    runs.free("50", "%")
    assert runs() is not None
    freezer.tick(timedelta(hours=5))
    assert runs() is None
    freezer.tick(timedelta(hours=-5))
    hass.states.async_set("input_boolean.away", "off")
    assert runs() is None
    hass.states.async_set("input_boolean.away", "on")
    runs.free("250", "%")
    assert runs() is None


def disk_runs(hass: HomeAssistant, threshold: float = 100, target: float = 200) -> Runs:
    """Return the question where a disk has to be full enough."""
    return Runs(hass, disk_entity=DISK, disk_threshold=threshold, disk_target=target)


@pytest.mark.parametrize("state", ["unknown", "unavailable", "", "much", None])
def test_a_disk_that_is_not_known_lets_nothing_go(
    hass: HomeAssistant, state: str | None
) -> None:
    """No more than one that is not there."""
    runs = disk_runs(hass)
    if state is not None:
        runs.free(state)
    assert runs() is None


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("B", 1), ("GB", GIGABYTE), ("GiB", 1024**3), ("TB", 1000 * GIGABYTE)],
)
def test_a_disk_gets_what_it_needs(hass: HomeAssistant, unit: str, factor: int) -> None:
    """Up to its target, in the entity's own unit; all other caps hold too."""
    runs = disk_runs(hass)
    runs.free("99", unit)
    assert runs() == Limits(max_items=7, enough_bytes=101 * factor)


def test_a_disk_is_freed_until_its_target(hass: HomeAssistant) -> None:
    """It begins below the threshold, and goes on above it until there is enough."""
    runs = disk_runs(hass)
    for free, missing in (
        ("150", None),
        ("100", None),
        ("99.5", 100.5),
        ("100", 100),
        ("197", 3),
        ("200", None),
        ("150", None),
        ("99", 101),
        # What is not known ends it.
        ("unknown", None),
        ("150", None),
    ):
        runs.free(free)
        expected = (
            None
            if missing is None
            else Limits(max_items=7, enough_bytes=int(missing * GIGABYTE))
        )
        assert runs() == expected, free


def test_a_disk_that_vanishes_ends_the_freeing(hass: HomeAssistant) -> None:
    """Once it is back it has to be below the threshold again."""
    runs = disk_runs(hass)
    runs.free("99")
    assert runs() is not None
    hass.states.async_remove(DISK)
    assert runs() is None
    runs.free("150")
    assert runs() is None


async def test_the_disk_is_watched_outside_the_window(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Whether it is being freed is remembered, whatever else forbids it meanwhile."""
    freezer.move_to(dt_util.now().replace(hour=12))
    runs = disk_runs(hass)
    runs.options |= {"window_start": "02:00:00", "window_end": "05:00:00"}
    runs.free("99")
    assert runs() is None
    del runs.options["window_start"]
    runs.free("150")
    assert runs() == Limits(max_items=7, enough_bytes=50 * GIGABYTE)


def test_what_is_in_a_recycle_bin_counts_as_free(hass: HomeAssistant) -> None:
    """It will be, without anything more having to go."""
    runs = disk_runs(hass)
    runs.free("99")
    assert runs(GIGABYTE) == Limits(max_items=7, enough_bytes=100 * GIGABYTE)
    assert runs(101 * GIGABYTE - 1) == Limits(max_items=7, enough_bytes=1)
    assert runs(101 * GIGABYTE) is None
    assert runs(200 * GIGABYTE) is None


@pytest.mark.parametrize("unit", ["%", "pieces", None])
def test_a_share_of_a_disk_frees_one_title_at_a_time(
    hass: HomeAssistant, unit: str | None
) -> None:
    """What a title brings shows only when the entity is read again."""
    runs = disk_runs(hass, 5, 10)
    runs.free("4", unit)
    assert runs() == Limits(max_items=7, most_in_run=1)
    runs.free("9.9", unit)
    assert runs() == Limits(max_items=7, most_in_run=1)
    # As long as something waits in a recycle bin it cannot have shown.
    assert runs(1) is None
    runs.free("10", unit)
    assert runs() is None
