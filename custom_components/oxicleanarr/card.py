"""The card: served to browsers, and registered so that every dashboard finds it."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import (
    DATA_EXTRA_MODULE_URL,
    add_extra_js_url,
    remove_extra_js_url,
)
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.lovelace.const import CONF_RESOURCE_TYPE_WS, LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.const import CONF_ID, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

FOLDER: Final = Path(__file__).parent / "frontend"
_FILE: Final = "oxicleanarr-card.js"
_FOLDER_URL: Final = f"/{DOMAIN}_static"
_URL: Final = f"{_FOLDER_URL}/{_FILE}"
_VERSIONED_URL: HassKey[str] = HassKey(f"{DOMAIN}_card")


async def async_setup_card(hass: HomeAssistant) -> None:
    """Serve the card; Home Assistant cannot take a path back."""
    await hass.http.async_register_static_paths(
        [StaticPathConfig(_FOLDER_URL, str(FOLDER), cache_headers=True)]
    )
    content = await hass.async_add_executor_job((FOLDER / _FILE).read_bytes)
    # Browsers keep it for a month: what has changed needs another address.
    version = sha256(content).hexdigest()[:12]
    hass.data[_VERSIONED_URL] = f"{_URL}?v={version}"


async def async_register_card(hass: HomeAssistant) -> None:
    """Let dashboards load the card, in the version that is served."""
    url = hass.data[_VERSIONED_URL]
    if (resources := _stored_resources(hass)) is None:
        # Resources are in YAML, where nobody but their owner writes.
        if DATA_EXTRA_MODULE_URL in hass.data:
            add_extra_js_url(hass, url)
        return
    known = await _async_registered(resources)
    if not known:
        await resources.async_create_item({CONF_RESOURCE_TYPE_WS: "module", "url": url})
    for number, (resource_id, registered) in enumerate(known.items()):
        if number:
            await resources.async_delete_item(resource_id)
        elif registered != url:
            await resources.async_update_item(resource_id, {"url": url})


async def async_unregister_card(hass: HomeAssistant) -> None:
    """Let dashboards forget the card."""
    if (resources := _stored_resources(hass)) is not None:
        for resource_id in await _async_registered(resources):
            await resources.async_delete_item(resource_id)
    elif DATA_EXTRA_MODULE_URL in hass.data and _VERSIONED_URL in hass.data:
        # Otherwise no page has it: the entry was disabled since the start.
        remove_extra_js_url(hass, hass.data[_VERSIONED_URL])


def _stored_resources(hass: HomeAssistant) -> ResourceStorageCollection | None:
    """Return the resources of dashboards; ``None`` if there are none that we may change."""
    if (lovelace := hass.data.get(LOVELACE_DATA)) is None:
        return None
    resources = lovelace.resources
    return resources if isinstance(resources, ResourceStorageCollection) else None


async def _async_registered(resources: ResourceStorageCollection) -> dict[str, str]:
    """Return the ids of the resources that are the card in any version, with its address."""
    # Nothing else reads them from the disk before the first dashboard is opened.
    await resources.async_get_info()
    return {
        one[CONF_ID]: one[CONF_URL]
        for one in resources.async_items()
        if one[CONF_URL].partition("?")[0] == _URL
    }
