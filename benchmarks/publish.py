"""What it costs to show a plan: in all entities, and in ten cards that are open.

    python -m benchmarks.publish [--cards 10]

Home Assistant runs in this process, with the reference library and the rules of
``benchmarks.plan``. A card is a connection to its WebSocket API; what is sent to it is
encoded as for a browser, counted and thrown away.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from contextlib import AsyncExitStack
import logging
from tempfile import TemporaryDirectory

from homeassistant import loader
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.http import WebSocketAdapter
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_test_home_assistant,
)

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.coordinator import (
    SIGNAL_HAPPENED,
    OxiCleanarrCoordinator,
)
from custom_components.oxicleanarr.household import Event, EventType
from custom_components.oxicleanarr.rules import new_subentry

from .meter import MIB, Meter
from .plan import rules
from .sync import servers

_RUNS = 3


class Cards:
    """Cards that are open, and what has been sent to them."""

    def __init__(self, hass: HomeAssistant, user: MockUser) -> None:
        """Open none yet."""
        self._hass = hass
        self._user = user
        self.sent = 0

    async def open(self, count: int) -> None:
        """Open some, which are sent the plan at once."""
        for _ in range(count):
            connection = ActiveConnection(
                WebSocketAdapter(logging.getLogger(__name__), {"connid": 1}),
                self._hass,
                self._receive,
                self._user,
                None,
                None,
            )
            connection.async_handle(
                {"id": 1, "type": f"{DOMAIN}/plan/subscribe", "language": "en"}
            )
        await self._hass.async_block_till_done(wait_background_tasks=True)

    def _receive(self, message: bytes | str | dict[str, object]) -> None:
        """Count what a browser would get."""
        assert isinstance(message, bytes)
        self.sent += len(message)


async def show(hass: HomeAssistant, coordinator: OxiCleanarrCoordinator) -> None:
    """Show what there is, as if something of it had changed."""
    coordinator.async_update_listeners()
    event = Event(type=EventType.CHANGED)
    async_dispatcher_send(hass, SIGNAL_HAPPENED, coordinator, event)
    await hass.async_block_till_done(wait_background_tasks=True)


async def main() -> None:
    """Set the integration up, and show its plan with and without cards."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10)
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(
            servers(Namespace(events=20_000, cost=0))
        )
        config = stack.enter_context(TemporaryDirectory())
        hass = await stack.enter_async_context(
            async_test_home_assistant(config_dir=config)
        )
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
        await async_setup_component(hass, "websocket_api", {})
        entry = MockConfigEntry(
            domain=DOMAIN,
            version=2,
            title="household",
            data={
                name: {**addresses[name], "verify_ssl": True}
                for name in ("jellyfin", "jellystat")
            },
            subentries_data=[
                ConfigSubentryData(
                    data=dict(one.data),
                    subentry_type=one.subentry_type,
                    title=one.title,
                    unique_id=one.unique_id,
                )
                for one in map(new_subentry, rules().advanced)
            ],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        coordinator: OxiCleanarrCoordinator = entry.runtime_data
        assert coordinator.data.plan is not None
        print(
            f"{len(coordinator.data.plan.entries)} entries,"
            f" {len(hass.states.async_all())} entities"
        )
        cards = Cards(hass, MockUser().add_to_hass(hass))
        meter = await stack.enter_async_context(
            Meter.begin(async_get_clientsession(hass))
        )
        for _ in range(_RUNS):
            await meter.measure("entities", lambda: show(hass, coordinator))
        await meter.measure("cards are opened", lambda: cards.open(options.cards))
        for _ in range(_RUNS):
            cards.sent = 0
            await meter.measure("entities and cards", lambda: show(hass, coordinator))
            print(f"  {cards.sent / MIB:.1f} MiB sent")
        assert await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_stop(force=True)


if __name__ == "__main__":
    asyncio.run(main())
