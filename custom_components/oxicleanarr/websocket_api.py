"""What cards ask: the plan as a subscription, a search, and figures of the past.

Any user may; nothing here changes anything.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
import probatio

from .const import DOMAIN
from .coordinator import SIGNAL_HAPPENED, OxiCleanarrCoordinator, loaded_coordinators
from .household import Event, EventType
from .language import async_words_of, spoken
from .posters import async_poster_items, poster_path, signed_poster_path
from .responses import as_json, item_response, plan_summary, progress_response, told
from .shown import CardPosters, ShownTitles
from .sync import managed_libraries
from .words import Words

MOST_FOUND: Final = 20
MOST_WORDS: Final = 200
_LANGUAGE: Final = "language"
_SHOWN: HassKey[WeakKeyDictionary[OxiCleanarrCoordinator, ShownTitles]] = HassKey(
    f"{DOMAIN}_shown"
)
WEEKS: Final = 26
"""How far the figures of the past go back."""


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    hass.data[_SHOWN] = WeakKeyDictionary()
    for command in (_async_subscribe, _async_search, _async_statistics):
        websocket_api.async_register_command(hass, command)


def _named(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> OxiCleanarrCoordinator | None:
    """Return the household that a message means, or say that there is none."""
    found = loaded_coordinators(hass, msg.get(ATTR_CONFIG_ENTRY_ID))
    if len(found) == 1:
        return found[0]
    connection.send_error(
        msg["id"],
        ERR_NOT_FOUND,
        "No such OxiCleanarr entry is loaded, or there are several",
    )
    return None


@websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/plan/subscribe",
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
        probatio.Optional(_LANGUAGE): probatio.All(
            str, probatio.Length(max=MOST_WORDS)
        ),
    }
)
@async_response
async def _async_subscribe(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send the plan of a household now and whenever it changes, to any user."""
    if (coordinator := _named(hass, connection, msg)) is None:
        return
    language = spoken(msg.get(_LANGUAGE, hass.config.language))
    words = await async_words_of(hass, language)
    subscription = _Subscription(
        hass, connection, msg["id"], coordinator, language, words
    )
    connection.subscriptions[msg["id"]] = async_dispatcher_connect(
        hass, SIGNAL_HAPPENED, subscription.async_heard
    )
    connection.send_result(msg["id"])
    await subscription.async_send_plan()


@websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/titles/search",
        probatio.Required("query"): probatio.All(str, probatio.Length(max=MOST_WORDS)),
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
    }
)
@async_response
async def _async_search(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send the titles with these words in their names, also those that stay."""
    if (coordinator := _named(hass, connection, msg)) is None:
        return
    found = await coordinator.async_ask_ledger(
        lambda ledger: ledger.search(msg["query"], MOST_FOUND + 1)
    )
    wholes = await async_poster_items(
        coordinator, [item.item_id for item, _ in found[:MOST_FOUND]]
    )
    plan = coordinator.data.plan
    pending = {one.item_id: one for one in plan.entries} if plan else {}
    titles = []
    for item, key in found[:MOST_FOUND]:
        whole, entry = wholes.get(item.item_id), pending.get(item.item_id)
        titles.append(
            {
                **item_response(item),
                "key": key,
                "due_at": entry.due_at if entry else None,
                "poster": signed_poster_path(
                    hass,
                    poster_path(coordinator, whole) if whole else None,
                    connection.refresh_token_id,
                ),
            }
        )
    connection.send_result(
        msg["id"], as_json({"titles": titles, "more": len(found) > MOST_FOUND})
    )


@websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/statistics",
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
    }
)
@async_response
async def _async_statistics(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send what was freed week by week, what has been watched, and what comes next."""
    if (coordinator := _named(hass, connection, msg)) is None:
        return
    today = dt_util.start_of_local_day()
    # Weeks end today, so that the last one is never nearly empty.
    first = today - timedelta(days=7 * WEEKS - 1)
    rows = await coordinator.async_ask_ledger(
        lambda ledger: ledger.deleted_since(dt_util.as_utc(first))
    )
    freed: Counter[int] = Counter()
    files: Counter[int] = Counter()
    for at, count in rows:
        days = (dt_util.as_local(at).date() - first.date()).days
        week = min(days // 7, WEEKS - 1)
        freed[week] += count
        files[week] += 1
    data = coordinator.data
    settings = coordinator.settings
    share = data.plan.statistics.watched_share if data.plan else {}
    connection.send_result(
        msg["id"],
        as_json(
            {
                "reclaimed_bytes": data.reclaimed_bytes,
                "weeks": [
                    {
                        "begins_on": (
                            first.date() + timedelta(days=7 * week)
                        ).isoformat(),
                        "bytes": freed[week],
                        "files": files[week],
                    }
                    for week in range(WEEKS)
                ],
                "libraries": [
                    {
                        "name": library.name,
                        "watched_share": share.get(library.library_id),
                    }
                    for library in managed_libraries(data.libraries, settings.libraries)
                ],
                "synced_at": data.state.synced_at,
                "next_deletion": (
                    data.plan.next_due_at(dt_util.utcnow()) if data.plan else None
                ),
                "due": len(coordinator.keeper.due),
                "dry_run": settings.dry_run,
                "automatic_deletion": settings.automatic_deletion,
            }
        ),
    )


class _Subscription:
    """One card that is open somewhere. It outlives a reload of its household."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        message_id: int,
        coordinator: OxiCleanarrCoordinator,
        language: str,
        words: Words,
    ) -> None:
        """Begin with the coordinator of now, in the words of whoever looks at it."""
        self._hass = hass
        self._connection = connection
        self._id = message_id
        self._coordinator = coordinator
        self._language = language
        self._words = words
        self._posters = CardPosters(hass, connection.refresh_token_id)
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
                {"code": one.code, **told("reason", one.reason, self._words)}
                for one in keeper.blockers
            ],
        }
        if plan is None:
            return response
        response |= plan_summary(coordinator, plan)
        shown = self._hass.data[_SHOWN].setdefault(coordinator, ShownTitles())
        titles = await shown.async_of(
            coordinator, plan.entries, self._language, self._words
        )
        response["pending"] = await shown.async_encoded(
            titles, await self._posters.async_signed(titles)
        )
        return response

    @callback
    def _async_send(self, message: dict[str, Any]) -> None:
        """Send something unless nobody listens any more."""
        if self._id in self._connection.subscriptions:
            self._connection.send_event(self._id, message)
