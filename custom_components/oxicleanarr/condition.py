"""Conditions: anything is ready to be deleted, a title is kept."""

from typing import ClassVar, Unpack, cast, override

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .coordinator import loaded_coordinators
from .service_schemas import Field

_ENTRY = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_ANY_SCHEMA = probatio.Schema({probatio.Required(CONF_OPTIONS, default=dict): _ENTRY})
_TITLE_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS): {
            **_ENTRY,
            probatio.Required(Field.ITEM_ID): cv.string,
        }
    }
)


class IsAnythingReady(Condition):
    """Whether anything in the plan is ready to be deleted."""

    schema: ClassVar[probatio.Schema] = _ANY_SCHEMA

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Return the options. Raises probatio.Invalid."""
        return cast("ConfigType", cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Remember which household is meant."""
        super().__init__(hass, config)
        self._entry_id: str | None = (config.options or {}).get(ATTR_CONFIG_ENTRY_ID)

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return whether it is so by the present plan."""
        return any(
            coordinator.keeper.due
            for coordinator in loaded_coordinators(self._hass, self._entry_id)
        )


class IsTitleKept(IsAnythingReady):
    """Whether a title is kept, by somebody, by a rule or as a favorite."""

    schema = _TITLE_SCHEMA

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Remember which title is meant."""
        super().__init__(hass, config)
        assert config.options is not None
        self._reference: str = config.options[Field.ITEM_ID]

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return whether it is so by the present plan."""
        return any(
            self._reference in (kept.item_id, kept.key)
            for coordinator in loaded_coordinators(self._hass, self._entry_id)
            if (plan := coordinator.data.plan) is not None
            for kept in plan.kept
        )


CONDITIONS: dict[str, type[Condition]] = {
    "is_anything_ready": IsAnythingReady,
    "is_title_kept": IsTitleKept,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
