"""Posters: fetched from Jellyfin once, and shown to whoever may use Home Assistant.

A poster is named by an item of the inventory and the tag of its image. Browsers get it
from here: Jellyfin's address and key stay in Home Assistant.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import DOMAIN
from .coordinator import OxiCleanarrCoordinator, loaded_coordinators
from .model import MediaItem
from .servers import NotFound, Poster, ServerError

_URL = f"/api/{DOMAIN}/poster"
_MOST_BYTES = 16 * 1024 * 1024
"""What the posters of all households may take in memory."""
_AT_A_TIME = 4
_GOOD_FOR = timedelta(days=1)


def poster_path(coordinator: OxiCleanarrCoordinator, item: MediaItem) -> str | None:
    """Return the path of a title's poster, for who is logged in; ``None``: none."""
    if item.image_tag is None:
        return None
    entry_id = coordinator.config_entry.entry_id
    tag = urlencode({"tag": item.image_tag})
    return f"{_URL}/{entry_id}/{item.item_id}?{tag}"


def signed_poster_path(
    hass: HomeAssistant, path: str | None, refresh_token_id: str | None
) -> str | None:
    """Return a poster's path that works in an ``img`` of somebody who is logged in.

    It stops working a day later, with that login, and when Home Assistant restarts.
    """
    if path is None:
        return None
    return async_sign_path(hass, path, _GOOD_FOR, refresh_token_id=refresh_token_id)


async def async_poster_items(
    coordinator: OxiCleanarrCoordinator, item_ids: Collection[str]
) -> Mapping[str, MediaItem]:
    """Return the movies and series under which items are shown, by the ids of those.

    Raises HomeAssistantError.
    """
    return await coordinator.async_ask_ledger(lambda ledger: ledger.wholes(item_ids))


class PosterView(HomeAssistantView):
    """Serves posters of the inventory, and nothing else of Jellyfin."""

    url = f"{_URL}/{{entry_id}}/{{item_id}}"
    name = f"api:{DOMAIN}:poster"

    def __init__(self) -> None:
        """Begin without any."""
        self._known: OrderedDict[tuple[str, str, str], Poster] = OrderedDict()
        self._size = 0
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    async def get(
        self, request: web.Request, entry_id: str, item_id: str
    ) -> web.Response:
        """Return a poster, 404 for what is no title with such an image."""
        tag = request.query.get("tag")
        coordinators = loaded_coordinators(request.app[KEY_HASS], entry_id)
        if not coordinators or not tag:
            raise web.HTTPNotFound
        poster = self._known.get((entry_id, item_id, tag))
        if poster is None:
            poster = await self._async_fetch(coordinators[0], item_id, tag)
        else:
            self._known.move_to_end((entry_id, item_id, tag))
        return web.Response(
            body=poster.content,
            content_type=poster.content_type,
            headers={
                "Cache-Control": "private, max-age=604800, immutable",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _async_fetch(
        self, coordinator: OxiCleanarrCoordinator, item_id: str, tag: str
    ) -> Poster:
        """Return a poster from Jellyfin, if the inventory has a title with it."""
        try:
            items = await async_poster_items(coordinator, [item_id])
            item = items.get(item_id)
            if item is None or (item.item_id, item.image_tag) != (item_id, tag):
                raise web.HTTPNotFound
            async with self._turns:
                poster = await coordinator.keeper.servers.jellyfin.poster(item_id, tag)
        except NotFound as err:
            raise web.HTTPNotFound from err
        except (ServerError, HomeAssistantError) as err:
            raise web.HTTPBadGateway from err
        self._remember((coordinator.config_entry.entry_id, item_id, tag), poster)
        return poster

    def _remember(self, name: tuple[str, str, str], poster: Poster) -> None:
        """Remember a poster in place of those that nobody has asked for in long."""
        if name in self._known:
            return
        self._known[name] = poster
        self._size += len(poster.content)
        while self._size > _MOST_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._size -= len(oldest.content)
