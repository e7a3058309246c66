"""The coordinator: a config entry's keeper, at Home Assistant's side.

It says when, and shows what came of it; what is done is decided by the keeper.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .access import NotAllowed
from .automatic import AutomaticRuns
from .connections import connect, connect_all, stored_connections
from .const import CONF_JELLYFIN, CONF_JELLYSTAT, DOMAIN, LOGGER
from .errors import translate
from .household import (
    Clock,
    Event,
    EventType,
    KeeperError,
    KeptByAnotherError,
    NotPlannedError,
    Overview,
    Servers,
    SyncFailedError,
)
from .keeper import Keeper
from .language import async_words
from .ledger import Ledger, LedgerError
from .model import PlannedDeletion, ServerInfo
from .notifications import async_tell_of_first_sync
from .servers import AuthenticationFailed, Jellyfin, Jellystat, ServerError
from .settings import Settings
from .words import Words

# Jellyfin looks for what Radarr or Sonarr has deleted a minute after it is told.
LOOK_AGAIN_AFTER = timedelta(seconds=90)

SIGNAL_HAPPENED = SignalType["OxiCleanarrCoordinator", Event](f"{DOMAIN}_happened")
"""Sent with each event of any keeper, for the triggers."""

type OxiCleanarrConfigEntry = ConfigEntry[OxiCleanarrCoordinator]


def loaded_coordinators(
    hass: HomeAssistant, entry_id: str | None = None
) -> list[OxiCleanarrCoordinator]:
    """Return the coordinators of all config entries that are loaded, or of one."""
    entries: list[OxiCleanarrConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    return [
        entry.runtime_data for entry in entries if entry_id in (None, entry.entry_id)
    ]


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the ledger of a config entry lies."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.db"))


def connect_servers(hass: HomeAssistant, entry: ConfigEntry) -> Servers:
    """Return the clients of all servers that a config entry names."""
    jellystat = entry.data.get(CONF_JELLYSTAT)
    return Servers(
        connect(Jellyfin, hass, entry.data[CONF_JELLYFIN]),
        connect(Jellystat, hass, jellystat) if jellystat else None,
        connect_all(hass, entry),
    )


class OxiCleanarrCoordinator(DataUpdateCoordinator[Overview]):
    """Lets the keeper work as scheduled and as asked, and shows what it says."""

    config_entry: OxiCleanarrConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: OxiCleanarrConfigEntry, ledger: Ledger
    ) -> None:
        """Connect nothing yet; ``ledger`` is open and belongs to the keeper.

        Raises RuleErrors.
        """
        self.settings = Settings.from_entry(entry)
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=self.settings.poll_interval,
            always_update=False,
        )
        self.keeper = Keeper(
            ledger,
            connect_servers(hass, entry),
            self.settings,
            Clock(dt_util.utcnow, monotonic),
            AutomaticRuns(hass, lambda: self.settings),
        )
        self.keeper.listen(self._async_heard)
        self._stored_connections = stored_connections(entry)
        self._stop_looking: CALLBACK_TYPE | None = None
        self._refreshing = False

    # --- the entry's life -------------------------------------------------------------

    async def async_start(self) -> ServerInfo:
        """See that Jellyfin and Jellystat answer, and show what the ledger knows.

        Raises ServerError and LedgerError.
        """
        try:
            info = await self.keeper.connect()
        finally:
            self._async_ask_for_keys()
        self.data = await self.keeper.load()
        return info

    async def async_close(self) -> None:
        """Close the keeper; a deletion that is under way ends after its file."""
        if self._stop_looking is not None:
            self._stop_looking()
        await self.keeper.close()

    @property
    def connections_changed(self) -> bool:
        """Whether the config entry names other servers than this coordinator uses."""
        return self._stored_connections != stored_connections(self.config_entry)

    async def async_apply_options(self) -> None:
        """Take over changed options and rules, without a reload."""
        self.settings = Settings.from_entry(self.config_entry)
        self.update_interval = self.settings.poll_interval
        with suppress(HomeAssistantError):
            await self.async_asked(self.keeper.adopt(self.settings))

    # --- as scheduled -----------------------------------------------------------------

    @override
    async def _async_update_data(self) -> Overview:
        """Let the keeper sync, plan and delete what may go by itself."""
        self._refreshing = True
        try:
            return await self.keeper.tick()
        except AuthenticationFailed as err:
            raise ConfigEntryAuthFailed(**translate(err)) from err
        except (ServerError, LedgerError, KeeperError) as err:
            if self.keeper.closing:
                # Nobody is waiting for this now, and nothing has failed.
                return self.data
            raise UpdateFailed(**translate(err)) from err
        finally:
            self._refreshing = False

    @callback
    def _async_heard(self, event: Event) -> None:
        """Show what is new, and look again where a server has yet to confirm."""
        if event.type is EventType.DELETED and event.unconfirmed:
            self._async_look_again_soon()
        known = self.data is not None
        if known and event.type is EventType.CHANGED:
            self._async_show()
        if known:
            async_dispatcher_send(self.hass, SIGNAL_HAPPENED, self, event)

    @callback
    def _async_show(self) -> None:
        """Show what is new."""
        self._async_ask_for_keys()
        plan = self.keeper.overview.plan
        if self.data.plan is None and plan is not None:
            async_tell_of_first_sync(
                self.hass, self.config_entry, plan, len(self.leaving_soon)
            )
        if self.keeper.failure is None and not self._refreshing:
            self.async_set_updated_data(self.keeper.overview)
        else:
            # A new plan of what was known does not make the servers answer.
            self.data = self.keeper.overview
            self.async_update_listeners()

    @callback
    def _async_look_again_soon(self) -> None:
        """Sync when Jellyfin has had the time to notice what has gone."""
        if self._stop_looking is not None:
            self._stop_looking()
        if self.keeper.closing:
            return

        async def look(_: datetime) -> None:
            """Sync. No scheduled refresh: that could begin the next automatic run."""
            self._stop_looking = None
            with suppress(HomeAssistantError):
                await self.async_asked(self.keeper.sync(full=False))

        self._stop_looking = async_call_later(self.hass, LOOK_AGAIN_AFTER, look)

    @callback
    def _async_ask_for_keys(self) -> None:
        """Ask for the key of each server that has refused it."""
        for server, health in self.keeper.health.items():
            if isinstance(health.error, AuthenticationFailed):
                self.async_start_reauth_of(server)

    @callback
    def async_start_reauth_of(self, server: str) -> None:
        """Ask for the key of a server, named as in the keeper's ``health``.

        Nothing happens while a key of the same config entry is being asked for.
        """
        self.config_entry.async_start_reauth(self.hass, data={"server": server})

    # --- as asked ---------------------------------------------------------------------

    @property
    def words(self) -> Words:
        """The words for what all users are told."""
        return async_words(self.hass)

    @property
    def leaving_soon(self) -> tuple[PlannedDeletion, ...]:
        """Return what is ready or will be within the chosen days."""
        return tuple(self.keeper.leaving_soon(self.settings.leaving_soon))

    @property
    def awaiting_approval(self) -> tuple[PlannedDeletion, ...]:
        """Return what would be ready, had an admin approved it."""
        return tuple(self.keeper.awaiting_approval)

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None]:
        """Translate what the keeper raises. Raises HomeAssistantError."""
        try:
            yield
        except KeptByAnotherError as err:
            raise NotAllowed(**translate(err, self.words)) from err
        except NotPlannedError as err:
            raise ServiceValidationError(**translate(err, self.words)) from err
        except (ServerError, SyncFailedError) as err:
            error = HomeAssistantError(**translate(err))
            self.async_set_update_error(error)
            raise error from err
        except (LedgerError, KeeperError) as err:
            raise HomeAssistantError(**translate(err, self.words)) from err

    async def async_asked[T](self, answer: Awaitable[T]) -> T:
        """Return what the keeper answers to something that it is asked for.

        Raises HomeAssistantError, and LookupError where the keeper does.
        """
        async with self._translated():
            return await answer

    async def async_meant(self, reference: str) -> str:
        """Return the id of the title of an id, a key or a name.

        Raises LookupError, SeveralTitlesError and HomeAssistantError.
        """
        return (await self.async_ask_ledger(lambda one: one.meant(reference))).item_id

    async def async_ask_ledger[T](self, question: Callable[[Ledger], T]) -> T:
        """Return what the ledger answers. Raises HomeAssistantError."""
        return await self.async_asked(asyncio.to_thread(question, self.keeper.ledger))
