"""The card: its build, how browsers get it, and how dashboards find it."""

import gzip
from http import HTTPStatus
import json
from pathlib import Path
import shutil
import subprocess

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import (
    ResourceStorageCollection,
    ResourceYAMLCollection,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.oxicleanarr.card import FOLDER
from custom_components.oxicleanarr.const import DOMAIN

from .conftest import set_up

CARD = FOLDER / "oxicleanarr-card.js"
SOURCE = Path(__file__).parents[1] / "card"
URL = "/oxicleanarr_static/oxicleanarr-card.js"


# --- the build -------------------------------------------------------------------


def test_it_is_small() -> None:
    """A phone loads it at once."""
    content = CARD.read_bytes()
    assert len(content) <= 60_000
    assert len(gzip.compress(content, 9)) <= 20_000


def test_it_asks_nobody_else() -> None:
    """Whatever it shows comes from Home Assistant: no fonts, scripts or pictures."""
    content = CARD.read_text()
    documentation = json.loads((FOLDER.parent / "manifest.json").read_text())[
        "documentation"
    ]
    without = content.replace(documentation, "").replace("http://www.w3.org/", "")
    assert "://" not in without


def test_no_title_becomes_a_part_of_the_page() -> None:
    """What people call a film is shown as text: nothing in the source makes HTML of it."""
    sources = {one: one.read_text() for one in (SOURCE / "src").glob("*.ts")}
    assert sources
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "unsafe", "eval("):
        assert [one.name for one, text in sources.items() if way in text] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
@pytest.mark.skipif(
    not (SOURCE / "node_modules" / "esbuild").exists(),
    reason="the card's tools are not installed (npm ci in card/)",
)
def test_it_is_what_its_source_says(tmp_path: Path) -> None:
    """Whoever changes the source builds it, and every machine builds the same."""
    subprocess.run(
        ["node", "build.mjs", str(tmp_path)], cwd=SOURCE, check=True, timeout=60
    )
    built = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert built == {one.name: one.read_bytes() for one in FOLDER.iterdir()}


# --- how it is found -------------------------------------------------------------


async def resources(hass: HomeAssistant) -> ResourceStorageCollection:
    """Return the resources of the dashboards, which the user keeps in the UI."""
    found = hass.data[LOVELACE_DATA].resources
    assert isinstance(found, ResourceStorageCollection)
    await found.async_get_info()
    return found


def ours(found: ResourceStorageCollection) -> list[str]:
    """Return the addresses under which the card is registered."""
    return [one["url"] for one in found.async_items() if one["url"].startswith(URL)]


async def test_a_dashboard_finds_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """It is there once, in the version that is served, until the last entry is gone."""
    assert await async_setup_component(hass, "lovelace", {})
    found = await resources(hass)
    other = await found.async_create_item({"res_type": "module", "url": "/local/a.js"})
    await set_up(hass, entry)
    (url,) = ours(found)
    client = await hass_client_no_auth()
    response = await client.get(url)
    assert response.status == HTTPStatus.OK
    assert await response.read() == CARD.read_bytes()
    assert "max-age" in response.headers["Cache-Control"]
    assert "javascript" in response.content_type

    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert ours(found) == [url]

    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert found.async_items() == [other]


async def test_an_older_one_makes_way(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """After an update, browsers load the new card; a second copy is removed."""
    assert await async_setup_component(hass, "lovelace", {})
    found = await resources(hass)
    for url in (f"{URL}?v=old", f"{URL}?v=older"):
        await found.async_create_item({"res_type": "module", "url": url})
    await set_up(hass, entry)
    (url,) = ours(found)
    assert "old" not in url


async def test_resources_in_yaml_are_left_alone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """There the frontend loads it with every page, and no longer once it is removed."""
    assert await async_setup_component(hass, "lovelace", {})
    yaml = ResourceYAMLCollection([])
    hass.data[LOVELACE_DATA].resources = yaml
    pages = UrlManager(lambda *_: None, [])
    hass.data[DATA_EXTRA_MODULE_URL] = pages
    await set_up(hass, entry)
    (url,) = pages.urls
    assert url.startswith(f"{URL}?v=")
    assert yaml.async_items() == []
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not pages.urls


@pytest.mark.usefixtures("setup_integration")
async def test_without_dashboards(hass: HomeAssistant) -> None:
    """A Home Assistant without a frontend cleans up all the same."""
    assert LOVELACE_DATA not in hass.data
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not hass.config_entries.async_entries(DOMAIN)
