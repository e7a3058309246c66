"""The pending titles as cards see them: made once for each plan and language.

To say of thousands of titles why they go takes a while, and so does to encode that: it is
done once, beside the event loop. What only one login may see, its posters, is added for
each card.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes, json_fragment
from homeassistant.util import dt as dt_util

from .coordinator import OxiCleanarrCoordinator
from .model import MediaItem, PlannedDeletion
from .posters import async_poster_items, poster_path, signed_poster_path
from .responses import as_json, planned_response
from .words import Words

MOST_SHOWN = 1000
"""So many titles are sent, those that leave first: thousands on a wall help nobody, and
each open card would take a good part of the memory of a small computer."""
_SIGNED_ANEW_AFTER = timedelta(hours=12)
"""Signed paths are good for longer than that; kept ones let browsers keep posters."""
_SIGNED_AT_A_TIME = 50


class _Shown(NamedTuple):
    """A pending title, and the path of its poster for who is logged in."""

    entry: PlannedDeletion
    encoded: bytes
    """What actions say of it, a JSON object without its end."""
    poster: str | None


class ShownTitles:
    """The pending titles of one household, as far as they are the same for everybody."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = asyncio.Lock()
        self._entries: Sequence[PlannedDeletion] = ()
        self._titles: dict[str, Sequence[_Shown]] = {}
        """By language, those of these entries."""

    async def async_of(
        self,
        coordinator: OxiCleanarrCoordinator,
        entries: Sequence[PlannedDeletion],
        language: str,
        words: Words,
    ) -> Sequence[_Shown]:
        """Return the first titles of a plan, without posters if the disk fails.

        ``words`` are those of the ``language``.
        """
        async with self._lock:
            if self._entries is not entries:
                self._entries, self._titles = entries, {}
            entries = entries[:MOST_SHOWN]
            if language in self._titles:
                return self._titles[language]
            try:
                wholes = await async_poster_items(
                    coordinator, [one.item_id for one in entries]
                )
            except HomeAssistantError:
                return await asyncio.to_thread(_titles, coordinator, entries, words, {})
            titles = await asyncio.to_thread(
                _titles, coordinator, entries, words, wholes
            )
            self._titles[language] = titles
            return titles

    async def async_encoded(
        self, titles: Sequence[_Shown], signed: Mapping[str, str | None]
    ) -> json_fragment:
        """Return titles as they are at this moment, with signed paths of their posters.

        One card after the other: the event loop would have to wait its turn among all
        of their threads.
        """
        async with self._lock:
            return await asyncio.to_thread(_encoded, titles, signed, dt_util.utcnow())


def _titles(
    coordinator: OxiCleanarrCoordinator,
    entries: Sequence[PlannedDeletion],
    words: Words,
    wholes: Mapping[str, MediaItem],
) -> list[_Shown]:
    """Return what is the same for everybody, given what bears the posters."""
    return [
        _Shown(
            entry,
            json_bytes(_lasting(entry, words)).removesuffix(b"}"),
            None if whole is None else poster_path(coordinator, whole),
        )
        for entry in entries
        for whole in [wholes.get(entry.item_id)]
    ]


def _lasting(entry: PlannedDeletion, words: Words) -> dict[str, Any]:
    """Return what actions say of a title, but for its approval, which time may change."""
    response = planned_response(entry, words)
    del response["approval"]
    return as_json(response) or {}


def _encoded(
    titles: Sequence[_Shown], signed: Mapping[str, str | None], now: datetime
) -> json_fragment:
    """Return titles as a JSON array, with signed paths of their posters."""
    pieces = [
        b'%b,"approval":%b,"poster":%b}'
        % (
            encoded,
            json_bytes(entry.approval(now)),
            json_bytes(None if poster is None else signed[poster]),
        )
        for entry, encoded, poster in titles
    ]
    return json_fragment(b"[" + b",".join(pieces) + b"]")


class CardPosters:
    """The posters of the pending titles for one card, as its login can load them."""

    def __init__(self, hass: HomeAssistant, refresh_token_id: str | None) -> None:
        """Begin without any."""
        self._hass = hass
        self._refresh_token_id = refresh_token_id
        self._signed: dict[str, str | None] = {}
        self._signed_at: datetime | None = None

    async def async_signed(self, titles: Sequence[_Shown]) -> Mapping[str, str | None]:
        """Return the signed paths of the posters of titles, by their paths."""
        now = dt_util.utcnow()
        if self._signed_at is None or now - self._signed_at >= _SIGNED_ANEW_AFTER:
            self._signed, self._signed_at = {}, now
        paths = {one.poster for one in titles if one.poster is not None}
        for number, path in enumerate(paths - self._signed.keys(), start=1):
            self._signed[path] = signed_poster_path(
                self._hass, path, self._refresh_token_id
            )
            if not number % _SIGNED_AT_A_TIME:
                await asyncio.sleep(0)
        return self._signed
