"""The plan as a subscription: whoever shows it is told when it changes."""

from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import probatio

from .const import DOMAIN
from .coordinator import SIGNAL_HAPPENED, OxiCleanarrCoordinator, loaded_coordinators
from .household import Event, EventType
from .posters import async_poster_items, poster_path, signed_poster_path
from .responses import as_json, plan_response, progress_response, told


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the command."""
    websocket_api.async_register_command(hass, _async_subscribe)


@websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/plan/subscribe",
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
    }
)
@async_response
async def _async_subscribe(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send the plan of a household now and whenever it changes, to any user."""
    found = loaded_coordinators(hass, msg.get(ATTR_CONFIG_ENTRY_ID))
    if len(found) != 1:
        connection.send_error(
            msg["id"],
            ERR_NOT_FOUND,
            "No such OxiCleanarr entry is loaded, or there are several",
        )
        return
    subscription = _Subscription(hass, connection, msg["id"], found[0])
    connection.subscriptions[msg["id"]] = async_dispatcher_connect(
        hass, SIGNAL_HAPPENED, subscription.async_heard
    )
    connection.send_result(msg["id"])
    await subscription.async_send_plan()


class _Subscription:
    """One card that is open somewhere. It outlives a reload of its household."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        message_id: int,
        coordinator: OxiCleanarrCoordinator,
    ) -> None:
        """Begin with the coordinator of now."""
        self._hass = hass
        self._connection = connection
        self._id = message_id
        self._coordinator = coordinator
        self._sending = False
        self._stale = False

    @callback
    def async_heard(self, coordinator: OxiCleanarrCoordinator, event: Event) -> None:
        """Send what is new of the household."""
        mine = self._coordinator.config_entry.entry_id
        if coordinator.config_entry.entry_id != mine:
            return
        self._coordinator = coordinator
        if event.type is EventType.PROGRESS:
            self._async_send(
                {"progress": progress_response(coordinator.keeper.progress)}
            )
        elif event.type is EventType.CHANGED:
            self._stale = True
            if not self._sending:
                self._hass.async_create_task(
                    self.async_send_plan(), f"{DOMAIN} plan for a card"
                )

    async def async_send_plan(self) -> None:
        """Send the plan; what changes meanwhile is sent in one go afterwards."""
        self._sending = True
        try:
            while True:
                self._stale = False
                self._async_send({"plan": await self._async_plan()})
                if not self._stale:
                    return
        finally:
            self._sending = False

    async def _async_plan(self) -> dict[str, Any]:
        """Return the plan with posters that this connection's user can load."""
        coordinator = self._coordinator
        keeper = coordinator.keeper
        plan = coordinator.data.plan
        response: dict[str, Any] = {
            "config_entry_id": coordinator.config_entry.entry_id,
            "title": coordinator.config_entry.title,
            "admin": self._connection.user.is_admin,
            "synced_at": coordinator.data.state.synced_at,
            "progress": progress_response(keeper.progress),
            "blocked_by": [
                {"code": one.code, **told("reason", one.reason)}
                for one in keeper.blockers
            ],
        }
        if plan is None:
            return response
        response |= plan_response(coordinator, plan)
        try:
            wholes = await async_poster_items(
                coordinator, [one["item_id"] for one in response["pending"]]
            )
        except HomeAssistantError:
            wholes = {}
        for one in response["pending"]:
            whole = wholes.get(one["item_id"])
            one["poster"] = signed_poster_path(
                self._hass,
                poster_path(coordinator, whole) if whole else None,
                self._connection.refresh_token_id,
            )
        return response

    @callback
    def _async_send(self, message: dict[str, Any]) -> None:
        """Send something unless nobody listens any more."""
        if self._id in self._connection.subscriptions:
            self._connection.send_event(self._id, as_json(message))
