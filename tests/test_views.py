"""What others poll over HTTP, the posters, and the wall of them in Media."""

from http import HTTPStatus
from urllib.parse import quote

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.oxicleanarr import posters
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.ledger import LedgerError
from simulators import (
    Fault,
    FaultKind,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
)
from simulators.items import Series

from .conftest import Get, new_entry, pass_time, poster_path, set_up
from .counted import GRACE, NOON, household, noon

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

LEAVING = "/api/oxicleanarr/leaving_soon"
SOURCE = "media-source://oxicleanarr"


@pytest.mark.usefixtures("setup_integration")
@pytest.mark.parametrize(
    "path", ["/api/oxicleanarr/health", LEAVING, "/api/oxicleanarr/poster/a/b?tag=c"]
)
async def test_nobody_without_a_token(
    hass_client_no_auth: ClientSessionGenerator, path: str
) -> None:
    """All of it is for users of Home Assistant."""
    response = await (await hass_client_no_auth()).get(path)
    assert response.status == HTTPStatus.UNAUTHORIZED


async def test_leaving_soon(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
    get: Get,
) -> None:
    """The contract of the plugin: movies and series, no date in the past."""
    film = household["Overdue"]
    answer = await get(LEAVING)
    assert answer["version"] == 1
    assert answer["items"][0] == {
        "mediaServerId": film.id,
        "type": "movie",
        "title": "Overdue",
        "deletionDate": "2026-11-25T12:00:00+00:00",
        "sourcePath": film.path,
    }
    await pass_time(hass, freezer, GRACE * 2)
    answer = await get(LEAVING)
    assert answer["items"][0]["deletionDate"] == (NOON + GRACE * 2).isoformat()
    unknown = HTTPStatus.SERVICE_UNAVAILABLE
    await get(f"{LEAVING}?config_entry_id=none", unknown)
    ledger = setup_integration.runtime_data.keeper.ledger

    def fails(*_: object) -> None:
        """Be a disk that is full."""
        raise LedgerError("disk I/O error")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "wholes", fails)
        await get(LEAVING, unknown)
    await hass.config_entries.async_unload(setup_integration.entry_id)
    # An empty list would take away all that the plugin shows.
    await get(LEAVING, unknown)


async def test_leaving_episodes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    get: Get,
) -> None:
    """Of what leaves in parts, the plugin shows the series, once."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"leaving_soon_days": 365})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    whole = household["Whole"]
    assert isinstance(whole, Series)
    for episode in whole.episodes:
        await hass.services.async_call(
            DOMAIN,
            "schedule_item",
            {"item_id": episode.id, "at": "2026-11-30 12:00:00"},
            blocking=True,
        )
    answer = await get(LEAVING)
    rows = [one for one in answer["items"] if one["type"] == "show"]
    assert [one["mediaServerId"] for one in rows].count(whole.id) == 1
    assert rows[0]["sourcePath"] == whole.path


# --- posters ------------------------------------------------------------------------


def poster_of(household: Household, entry: MockConfigEntry, name: str) -> str:
    """Return the path of a title's poster."""
    return poster_path(entry, household[name])


async def test_a_poster(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """It is fetched once, without the key, and no answer says from where."""
    client = await hass_client()
    path = poster_of(household, setup_integration, "Overdue")
    for _ in range(3):
        response = await client.get(path)
        assert response.status == HTTPStatus.OK
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert (await response.read()).startswith(b"\xff\xd8")
    (request,) = [one for one in jellyfin.requests if "/Images/" in one.path]
    assert "authorization" not in {name.lower() for name in request.headers}
    said = f"{response.headers} {response.url}"
    assert jellyfin.url not in said
    assert jellyfin.api_key not in said


async def test_only_posters_of_the_inventory(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """Whatever else is asked for is never asked of Jellyfin."""
    client = await hass_client()
    path = poster_of(household, setup_integration, "Overdue")
    base, _, tag = path.rpartition("?tag=")
    series = household["Whole"]
    assert isinstance(series, Series)
    episode = series.episodes[0].id
    for wrong in (
        base,
        f"{base}?tag=",
        f"{base}?tag=other",
        f"{base}?tag={quote(tag + chr(13) + chr(10) + 'X: 1', safe='')}",
        f"{base[:-32]}{'f' * 32}?tag={tag}",
        f"{base[:-32]}{episode}?tag={tag}",
        f"{base[:-32]}{quote('../Users', safe='')}?tag={tag}",
        f"{base[:-32]}..%2F..%2FUsers?tag={tag}",
        path.replace(setup_integration.entry_id, "another"),
    ):
        response = await client.get(wrong)
        assert response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST), wrong
    assert not [one for one in jellyfin.requests if "/Images/" in one.path]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.NOT_FOUND, HTTPStatus.NOT_FOUND),
        (FaultKind.HTML, HTTPStatus.BAD_GATEWAY),
        (FaultKind.DISCONNECT, HTTPStatus.BAD_GATEWAY),
        (FaultKind.SERVER_ERROR, HTTPStatus.BAD_GATEWAY),
        (FaultKind.EMPTY, HTTPStatus.BAD_GATEWAY),
    ],
)
async def test_no_poster(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
    kind: FaultKind,
    status: HTTPStatus,
) -> None:
    """What is no picture is not passed on, and not remembered."""
    client = await hass_client()
    path = poster_of(household, setup_integration, "Overdue")
    jellyfin.faults.append(Fault(kind, path="/Images/", times=1))
    assert (await client.get(path)).status == status
    assert (await client.get(path)).status == HTTPStatus.OK


async def test_posters_are_forgotten(
    setup_integration: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They take no more memory than that: the one nobody asked for in long goes."""
    client = await hass_client()
    first, second, third = (
        poster_of(household, setup_integration, name)
        for name in ("Overdue", "Soon", "Late")
    )
    sizes = [len(await (await client.get(path)).read()) for path in (first, second)]
    monkeypatch.setattr(posters, "_MOST_BYTES", sum(sizes) + 100)
    for path in (first, third, first):
        assert (await client.get(path)).status == HTTPStatus.OK

    def asked() -> int:
        """Return how many pictures Jellyfin was asked for."""
        return len([one for one in jellyfin.requests if "/Images/" in one.path])

    before = asked()
    await client.get(first)
    assert asked() == before
    await client.get(second)
    assert asked() == before + 1


# --- the wall in Media --------------------------------------------------------------


@pytest.fixture
async def media(hass: HomeAssistant) -> None:
    """Set Media up."""
    assert await async_setup_component(hass, "media_source", {})


@pytest.mark.usefixtures("media", "setup_integration")
async def test_the_wall(
    hass: HomeAssistant,
    household: Household,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    """What leaves soon, with the day and a poster that users of it can load."""
    root = await async_browse_media(hass, "media-source://")
    assert "Leaving soon" in [one.title for one in root.children or ()]
    wall = await async_browse_media(hass, SOURCE)
    assert wall.as_dict() == snapshot
    title = (wall.children or [])[0]
    assert title.title == "Overdue · in 3 days"
    response = await (await hass_client()).get(str(title.thumbnail))
    assert response.status == HTTPStatus.OK
    played = await async_resolve_media(hass, title.media_content_id, None)
    assert played.url == title.thumbnail
    alone = await async_browse_media(hass, title.media_content_id)
    assert alone.as_dict() == title.as_dict()
    with pytest.raises(BrowseError):
        await async_browse_media(hass, f"{title.media_content_id}0")
    with pytest.raises(Unresolvable):
        await async_resolve_media(hass, f"{title.media_content_id}0", None)


@pytest.mark.usefixtures("media")
async def test_a_title_without_a_poster(
    hass: HomeAssistant, entry: MockConfigEntry, household: Household
) -> None:
    """It has its place on the wall, and nothing to show."""
    household["Overdue"].image = False
    await set_up(hass, entry)
    wall = await async_browse_media(hass, SOURCE)
    title = (wall.children or [])[0]
    assert (title.thumbnail, title.can_play) == (None, False)
    with pytest.raises(Unresolvable):
        await async_resolve_media(hass, title.media_content_id, None)


@pytest.mark.usefixtures("media")
async def test_walls_of_several_servers(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    jellystat: JellystatSimulator,
    get: Get,
) -> None:
    """Each has one of its own, and the plugin has to say whose it wants."""
    one = new_entry(jellyfin, jellystat)
    other = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        title="Cabin",
        unique_id=None,
        data=dict(one.data),
    )
    await set_up(hass, other)
    root = await async_browse_media(hass, SOURCE)
    assert [one.title for one in root.children or ()] == ["household", "Cabin"]
    for folder in root.children or ():
        wall = await async_browse_media(hass, folder.media_content_id)
        assert wall.title == folder.title
        assert len(wall.children or ()) == 2
    await get(LEAVING, HTTPStatus.BAD_REQUEST)
    await get(f"{LEAVING}?config_entry_id={other.entry_id}")
    for loaded in (setup_integration, other):
        await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(BrowseError):
        await async_browse_media(hass, SOURCE)
