"""The words of the language in which Home Assistant is used."""

from datetime import UTC, datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .words import ENGLISH, LANGUAGES, Words

_PREFIX = f"component.{DOMAIN}.common."


@callback
def async_words(hass: HomeAssistant) -> Words:
    """Return the words of this Home Assistant: what all its users are told."""
    return _words(
        async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    )


def spoken(language: str) -> str:
    """Return the language in which somebody is answered who asks in another one."""
    return language if language in LANGUAGES else "en"


async def async_words_of(hass: HomeAssistant, language: str) -> Words:
    """Return the words of a language that is spoken here."""
    return _words(await async_get_translations(hass, language, "common", [DOMAIN]))


def local_day(words: Words, at: datetime) -> str:
    """Return the day of a moment at Home Assistant's place."""
    return words.day(dt_util.as_local(at).replace(tzinfo=UTC))


def _words(texts: dict[str, str]) -> Words:
    """Return the words of texts; they are missing while a language is loaded."""
    return Words(texts, _PREFIX) if texts else ENGLISH
