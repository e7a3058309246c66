"""Triggers: media is scheduled, leaves soon, was deleted or is back; deletion is blocked."""

from abc import abstractmethod
from typing import Any, ClassVar, cast, override

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .coordinator import SIGNAL_HAPPENED, OxiCleanarrCoordinator, loaded_coordinators
from .household import Event, EventType
from .responses import event_response, titles_response

_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS, default=dict): {
            probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        }
    }
)


class HouseholdTrigger(Trigger):
    """Something happens in a household; where none is named, in any."""

    description: ClassVar[str]
    event_type: ClassVar[EventType]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Return the options. Raises probatio.Invalid."""
        return cast("ConfigType", _SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Remember which household is meant."""
        super().__init__(hass, config)
        self._entry_id: str | None = (config.options or {}).get(ATTR_CONFIG_ENTRY_ID)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to what happens."""

        @callback
        def heard(coordinator: OxiCleanarrCoordinator, event: Event) -> None:
            """Run the actions if this is what the trigger is for."""
            entry_id = coordinator.config_entry.entry_id
            if event.type is not self.event_type or self._entry_id not in (
                None,
                entry_id,
            ):
                return
            if (told := self._told(coordinator, event)) is not None:
                run_action({ATTR_CONFIG_ENTRY_ID: entry_id, **told}, self.description)

        return async_dispatcher_connect(self._hass, SIGNAL_HAPPENED, heard)

    @abstractmethod
    def _told(
        self, coordinator: OxiCleanarrCoordinator, event: Event
    ) -> dict[str, Any] | None:
        """Return what the actions are told about an event; ``None``: do not run them."""


class EventTrigger(HouseholdTrigger):
    """The keeper tells of it by itself."""

    @override
    def _told(
        self, coordinator: OxiCleanarrCoordinator, event: Event
    ) -> dict[str, Any]:
        """Return what happened."""
        return event_response(event, coordinator.words)


class MediaScheduled(EventTrigger):
    """Titles were added to the plan."""

    description = "media scheduled for deletion"
    event_type = EventType.SCHEDULED


class ApprovalNeeded(EventTrigger):
    """Titles would be ready, had an admin approved them."""

    description = "approval needed"
    event_type = EventType.APPROVAL_NEEDED


class MediaDeleted(EventTrigger):
    """A run has deleted something."""

    description = "media deleted"
    event_type = EventType.DELETED


class MediaBroughtBack(EventTrigger):
    """Somebody has brought back what was deleted."""

    description = "media brought back"
    event_type = EventType.BROUGHT_BACK


class DeletionBlocked(EventTrigger):
    """Something new keeps everything from being deleted."""

    description = "deletion blocked"
    event_type = EventType.BLOCKED


class MediaLeavingSoon(HouseholdTrigger):
    """Titles have come within the days that are soon."""

    description = "media leaving soon"
    event_type = EventType.CHANGED

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Look at what leaves soon already: that is no news."""
        super().__init__(hass, config)
        self._known = {
            coordinator.config_entry.entry_id: _leaving_soon(coordinator)
            for coordinator in loaded_coordinators(hass, self._entry_id)
        }

    @override
    def _told(
        self, coordinator: OxiCleanarrCoordinator, event: Event
    ) -> dict[str, Any] | None:
        """Return what leaves soon and did not before."""
        if coordinator.keeper.overview.plan is None:
            return None
        soon = _leaving_soon(coordinator)
        entry_id = coordinator.config_entry.entry_id
        known = self._known.get(entry_id)
        self._known[entry_id] = soon
        new = [
            entry
            for entry in coordinator.leaving_soon
            if known is not None and entry.name not in known
        ]
        return titles_response(new, coordinator.words) if new else None


def _leaving_soon(coordinator: OxiCleanarrCoordinator) -> set[str]:
    """Return the names of what leaves soon."""
    return {entry.name for entry in coordinator.leaving_soon}


TRIGGERS: dict[str, type[Trigger]] = {
    "approval_needed": ApprovalNeeded,
    "deletion_blocked": DeletionBlocked,
    "media_brought_back": MediaBroughtBack,
    "media_deleted": MediaDeleted,
    "media_leaving_soon": MediaLeavingSoon,
    "media_scheduled": MediaScheduled,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
