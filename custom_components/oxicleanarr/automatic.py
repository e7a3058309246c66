"""Whether titles may go by themselves now: the time of day, an entity, the disk."""

from dataclasses import replace
from datetime import datetime

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, STATE_ON, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import InformationConverter

from .cleanup import Limits
from .settings import DiskCondition, Settings


def automatic_limits(
    hass: HomeAssistant,
    settings: Settings,
    now: datetime,
    *,
    freeing: bool,
    recycled: int,
) -> Limits | None:
    """Return what an automatic run may do now, or ``None``: nothing.

    ``freeing`` is what ``disk_needs_space`` says, where there is a disk condition,
    ``recycled`` how many bytes of earlier runs lie in a recycle bin still. A state that
    is not known lets nothing go.
    """
    if settings.window is not None:
        start, end = settings.window
        local = dt_util.as_local(now).time()
        inside = start <= local < end if start <= end else not end <= local < start
        if not inside:
            return None
    if settings.only_while is not None:
        state = hass.states.get(settings.only_while)
        if state is None or state.state != STATE_ON:
            return None
    if settings.disk is None:
        return settings.limits
    return _disk_limits(hass, settings.disk, settings.limits, freeing, recycled)


def disk_needs_space(
    hass: HomeAssistant, disk: DiskCondition, freeing: bool
) -> bool | None:
    """Return whether titles have to go for the disk; ``None``: that is not known.

    ``freeing`` says that they had to before: then until the target is reached.
    """
    free = _free(hass, disk)
    if free is None:
        return None
    return free < (disk.target if freeing else disk.threshold)


def _free(hass: HomeAssistant, disk: DiskCondition) -> float | None:
    state = hass.states.get(disk.entity_id)
    if state is None:
        return None
    try:
        return float(state.state)
    except ValueError:
        return None


def _disk_limits(
    hass: HomeAssistant,
    disk: DiskCondition,
    limits: Limits,
    freeing: bool,
    recycled: int,
) -> Limits | None:
    free, state = _free(hass, disk), hass.states.get(disk.entity_id)
    if not freeing or free is None or state is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if unit not in InformationConverter.VALID_UNITS:
        # What a title brings in per cent shows only when the entity is read again.
        return None if recycled else replace(limits, max_items=1)
    missing = InformationConverter.convert(
        disk.target - free, unit, UnitOfInformation.BYTES
    )
    # What lies in a recycle bin will be free without anything more having to go.
    missing -= recycled
    return replace(limits, enough_bytes=int(missing)) if missing > 0 else None
