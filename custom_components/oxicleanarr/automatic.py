"""Whether titles may go by themselves now: switches, the time of day, an entity, the disk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, STATE_ON, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import InformationConverter

from .cleanup import Limits
from .settings import DiskCondition, Settings


class AutomaticRuns:
    """The keeper's question, answered from Home Assistant's states.

    It remembers one thing: whether the disk is being freed, which goes on until the
    target is reached.
    """

    def __init__(self, hass: HomeAssistant, settings: Callable[[], Settings]) -> None:
        """Take where the settings are that are in force at any moment."""
        self._hass = hass
        self._settings = settings
        self._freeing = False

    def __call__(self, recycled: int) -> Limits | None:
        """Return what an automatic run may do now, or ``None``: nothing.

        ``recycled`` is how many bytes of earlier runs are still in a recycle bin. A
        state that is not known lets nothing go.
        """
        settings = self._settings()
        if not settings.automatic_deletion or settings.dry_run:
            return None
        limits: Limits | None = settings.limits
        if settings.disk is not None:
            limits = self._disk_limits(settings.disk, settings.limits, recycled)
        if not self._is_time(settings, dt_util.now()) or not self._is_on(settings):
            return None
        return limits

    @staticmethod
    def _is_time(settings: Settings, now: datetime) -> bool:
        """Return whether the time of day (local) is inside the window, if there is one."""
        if settings.window is None:
            return True
        start, end = settings.window
        local = now.time()
        return start <= local < end if start <= end else not end <= local < start

    def _is_on(self, settings: Settings) -> bool:
        """Return whether the entity that has to be on is on, if there is one."""
        if settings.only_while is None:
            return True
        state = self._hass.states.get(settings.only_while)
        return state is not None and state.state == STATE_ON

    def _disk_limits(
        self, disk: DiskCondition, limits: Limits, recycled: int
    ) -> Limits | None:
        """Return how much may go for the disk, or ``None``: nothing."""
        state = self._hass.states.get(disk.entity_id)
        try:
            free = float(state.state) if state is not None else None
        except ValueError:
            free = None
        if state is None or free is None:
            self._freeing = False
            return None
        self._freeing = free < (disk.target if self._freeing else disk.threshold)
        if not self._freeing:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if unit not in InformationConverter.VALID_UNITS:
            # What a title brings in per cent shows only when the entity is read again.
            return None if recycled else replace(limits, most_in_run=1)
        missing = InformationConverter.convert(
            disk.target - free, unit, UnitOfInformation.BYTES
        )
        # What is in a recycle bin will be free without deleting anything else.
        missing -= recycled
        return replace(limits, enough_bytes=int(missing)) if missing > 0 else None
