"""OxiCleanarr: retention for Jellyfin libraries, by what has been watched."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryError,
    ConfigEntryNotReady,
)
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .card import async_register_card, async_setup_card, async_unregister_card
from .connections import SERVER_KINDS
from .const import (
    CONF_KIND,
    CONF_LEDGER_ID,
    DOMAIN,
    LOGGER,
    SUBENTRY_RULE,
    SUBENTRY_SERVER,
)
from .coordinator import (
    OxiCleanarrConfigEntry,
    OxiCleanarrCoordinator,
    connect_servers,
    ledger_path,
)
from .entity import service_device
from .errors import translate
from .keeper import leave_household, open_household
from .language import async_words
from .ledger import LedgerError, LedgerTooNew
from .notifications import async_forget_first_sync
from .repairs import async_delete_issues, async_update_issues, async_update_rules_issue
from .retention import RuleErrors
from .rules import async_follow_titles
from .servers import AuthenticationFailed, ServerError
from .services import async_setup_services
from .views import async_setup_views
from .websocket_api import async_setup_websocket_api

# The types of subentries up to version 1.2, and what each has become.
_NEW_TYPES = {
    "tag_rule": SUBENTRY_RULE,
    "user_rule": SUBENTRY_RULE,
    "watched_rule": SUBENTRY_RULE,
    "episode_rule": SUBENTRY_RULE,
    **dict.fromkeys(SERVER_KINDS, SUBENTRY_SERVER),
}

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what there is only once for all config entries."""
    async_setup_services(hass)
    async_setup_views(hass)
    async_setup_websocket_api(hass)
    await async_setup_card(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: OxiCleanarrConfigEntry) -> bool:
    """Open the ledger, see that the servers answer, and begin to sync."""
    try:
        opened = await asyncio.to_thread(
            open_household,
            ledger_path(hass, entry.entry_id),
            dt_util.utcnow(),
            entry.data.get(CONF_LEDGER_ID),
        )
    except LedgerTooNew as err:
        raise ConfigEntryError(**translate(err)) from err
    except LedgerError as err:
        raise ConfigEntryNotReady(**translate(err)) from err
    if entry.data.get(CONF_LEDGER_ID) != opened.ledger_id:
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_LEDGER_ID: opened.ledger_id}
        )
    try:
        coordinator = OxiCleanarrCoordinator(hass, entry, opened.ledger)
    except RuleErrors as err:
        await asyncio.to_thread(opened.ledger.close)
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="stored_rules",
            translation_placeholders={"faults": err.text(async_words(hass))},
        ) from err
    try:
        info = await coordinator.async_start()
    except AuthenticationFailed as err:
        await coordinator.async_close()
        raise ConfigEntryAuthFailed(**translate(err)) from err
    except (ServerError, LedgerError) as err:
        await coordinator.async_close()
        raise ConfigEntryNotReady(**translate(err)) from err
    entry.runtime_data = coordinator
    await async_register_card(hass)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **service_device(entry, info.version)
    )

    async def close(_: Event) -> None:
        """Stop and close the ledger before Home Assistant does."""
        await coordinator.async_close()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, close))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    async_update_rules_issue(hass, entry, coordinator.settings.rules)
    async_update_issues(hass, entry)
    entry.async_on_unload(
        coordinator.async_add_listener(partial(async_update_issues, hass, entry))
    )

    @callback
    def begin(hass: HomeAssistant) -> None:
        """Begin to sync. That takes minutes at first; Home Assistant need not wait."""
        entry.async_create_background_task(
            hass, coordinator.async_refresh(), f"{DOMAIN} first sync"
        )

    # Automations hear nothing of what happens before.
    entry.async_on_unload(async_at_started(hass, begin))
    return True


async def async_migrate_entry(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> bool:
    """Bring an entry of an earlier release up to date."""
    if entry.version > 2:
        return False
    if (entry.version, entry.minor_version) < (1, 2):
        path = ledger_path(hass, entry.entry_id)
        data = dict(entry.data)
        if not await asyncio.to_thread(_holds_something, path):
            # There was one: an empty one must not take its place in silence.
            data[CONF_LEDGER_ID] = "lost"
        hass.config_entries.async_update_entry(entry, data=data, minor_version=2)
    if entry.version < 2:
        for subentry in list(entry.subentries.values()):
            if (subentry_type := _NEW_TYPES.get(subentry.subentry_type)) is not None:
                _change_type(hass, entry, subentry, subentry_type)
        hass.config_entries.async_update_entry(entry, version=2, minor_version=1)
    return True


@callback
def _change_type(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    subentry: ConfigSubentry,
    subentry_type: str,
) -> None:
    """Give a subentry another type; it keeps its id, so its device and entity stay."""
    data = dict(subentry.data)
    if subentry_type == SUBENTRY_SERVER:
        data[CONF_KIND] = subentry.subentry_type
    changed = replace(
        subentry, data=MappingProxyType(data), subentry_type=subentry_type
    )
    entries = hass.config_entries
    # The new one takes the place of the old, which may not have its unique id then.
    entries.async_update_subentry(entry, subentry, unique_id=None)
    entries.async_add_subentry(entry, changed)


def _holds_something(path: Path) -> bool:
    """Return whether there is a file that is not empty."""
    return path.exists() and path.stat().st_size > 0


async def async_unload_entry(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> bool:
    """Remove the entities and close the ledger; what is under way ends first."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        async_delete_issues(hass, entry)
        await entry.runtime_data.async_close()
    return unloaded


async def async_remove_entry(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> None:
    """Remove all that is ours: the ledger, the collection, with the last entry the card."""
    if not hass.config_entries.async_entries(DOMAIN):
        await async_unregister_card(hass)
    async_forget_first_sync(hass, entry)
    path = ledger_path(hass, entry.entry_id)
    if await asyncio.to_thread(_holds_something, path):
        jellyfin = connect_servers(hass, entry).jellyfin
        try:
            await leave_household(path, jellyfin)
        except (ServerError, LedgerError, TimeoutError) as err:
            LOGGER.warning(
                "The collection in Jellyfin, if there is one, could not be removed."
                " Delete it in Jellyfin: %s",
                str(err) or type(err).__name__,
            )
    for suffix in ("", "-wal", "-shm"):
        await asyncio.to_thread(
            path.with_name(path.name + suffix).unlink, missing_ok=True
        )


async def _async_entry_updated(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> None:
    """Take over changed options and rules; changed connections need a fresh start."""
    coordinator = entry.runtime_data
    if coordinator.connections_changed:
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    async_follow_titles(hass, entry)
    await coordinator.async_apply_options()
    async_update_rules_issue(hass, entry, coordinator.settings.rules)
