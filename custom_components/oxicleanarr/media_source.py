"""The media source "Leaving soon": a wall of posters in Media, for every user."""

from typing import override

from homeassistant.components.media_player.const import MediaClass
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .cleanup import leaves_in
from .const import DOMAIN
from .coordinator import OxiCleanarrCoordinator, loaded_coordinators
from .entity import announced_days
from .language import async_words
from .model import MediaKind
from .posters import async_poster_items, poster_path

_CLASSES = {
    MediaKind.MOVIE: MediaClass.MOVIE,
    MediaKind.SERIES: MediaClass.TV_SHOW,
    MediaKind.SEASON: MediaClass.SEASON,
    MediaKind.EPISODE: MediaClass.EPISODE,
}
_POSTER = "image/jpeg"


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Set up the media source."""
    return LeavingSoonSource(hass)


class LeavingSoonSource(MediaSource):
    """What leaves soon, of each Jellyfin server."""

    name: str

    def __init__(self, hass: HomeAssistant) -> None:
        """Make the source."""
        # Home Assistant makes it anew only when it starts.
        self.name = async_words(hass).text("leaving_soon")
        super().__init__(DOMAIN)
        self._hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return a wall, or the servers if there are several."""
        entry_id, _, item_id = (item.identifier or "").partition("/")
        coordinators = loaded_coordinators(self._hass, entry_id or None)
        if not coordinators:
            raise BrowseError(translation_domain=DOMAIN, translation_key="not_loaded")
        if len(coordinators) > 1:
            return _folder(
                None,
                self.name,
                [_folder(_id(one), _title(one)) for one in coordinators],
            )
        coordinator = coordinators[0]
        wall = await _async_wall(coordinator)
        if item_id:
            for title in wall:
                if title.identifier == item.identifier:
                    return title
            raise BrowseError(
                translation_domain=DOMAIN, translation_key="no_longer_leaving"
            )
        return _folder(
            item.identifier, _title(coordinator) if entry_id else self.name, wall
        )

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the poster of a title, which is all there is to see of it here."""
        entry_id, _, item_id = (item.identifier or "").partition("/")
        for coordinator in loaded_coordinators(self._hass, entry_id):
            whole = (await async_poster_items(coordinator, [item_id])).get(item_id)
            if whole and (path := poster_path(coordinator, whole)):
                return PlayMedia(path, _POSTER)
        raise Unresolvable(translation_domain=DOMAIN, translation_key="no_poster")


def _id(coordinator: OxiCleanarrCoordinator) -> str:
    """Return by what a household is named here."""
    return coordinator.config_entry.entry_id


def _title(coordinator: OxiCleanarrCoordinator) -> str:
    """Return what its user calls a household."""
    return coordinator.config_entry.title


def _folder(
    identifier: str | None, title: str, children: list[BrowseMediaSource] | None = None
) -> BrowseMediaSource:
    """Return a wall of posters, or a folder of walls."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type="",
        title=title,
        can_play=False,
        can_expand=True,
        # Of films, whatever it is: this is what makes the pictures upright.
        children_media_class=MediaClass.MOVIE,
        children=children,
    )


async def _async_wall(coordinator: OxiCleanarrCoordinator) -> list[BrowseMediaSource]:
    """Return what leaves soon, the first first. Raises HomeAssistantError."""
    entries = coordinator.leaving_soon
    wholes = await async_poster_items(coordinator, [one.item_id for one in entries])
    today = dt_util.now().date()
    words = coordinator.words
    wall = []
    for _, entry, leaving in announced_days(entries):
        whole = wholes.get(entry.item_id)
        poster = poster_path(coordinator, whole) if whole else None
        wall.append(
            BrowseMediaSource(
                domain=DOMAIN,
                identifier=f"{_id(coordinator)}/{entry.item_id}",
                media_class=_CLASSES[entry.kind],
                media_content_type=_POSTER,
                title=leaves_in(entry, (leaving - today).days, words),
                can_play=poster is not None,
                can_expand=False,
                thumbnail=poster,
            )
        )
    return wall
