"""What changed rules would do, worked out by the coordinator for a form to show."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..coordinator import OxiCleanarrConfigEntry
from ..language import async_words
from ..ledger import LedgerError
from ..retention import RetentionRules, plain
from .wording import preview_text


async def async_preview(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry, rules: RetentionRules
) -> str:
    """Return what other rules would do to the library of a config entry, in Markdown."""
    words = async_words(hass)
    preview = None
    if entry.state is ConfigEntryState.LOADED:
        try:
            preview = await entry.runtime_data.keeper.preview(rules)
        except LedgerError as err:
            return words.text("preview_failed", error=plain(str(err)))
    if preview is None:
        return words.text("preview_not_yet")
    return preview_text(preview, words)
