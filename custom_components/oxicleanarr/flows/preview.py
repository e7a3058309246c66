"""What changed rules would do, worked out by the coordinator for a form to show."""

from homeassistant.config_entries import ConfigEntryState

from ..coordinator import OxiCleanarrConfigEntry
from ..ledger import LedgerError
from ..retention import RetentionRules
from .wording import NOT_YET, no_preview_text, preview_text


async def async_preview(entry: OxiCleanarrConfigEntry, rules: RetentionRules) -> str:
    """Return what other rules would do to the library of a config entry, in Markdown."""
    if entry.state is not ConfigEntryState.LOADED:
        return NOT_YET
    try:
        preview = await entry.runtime_data.keeper.preview(rules)
    except LedgerError as err:
        return no_preview_text(err)
    return NOT_YET if preview is None else preview_text(preview)
