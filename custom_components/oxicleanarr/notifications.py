"""What a household is told once: that all of it has been read, and what comes next."""

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .cleanup import Plan
from .const import DOMAIN
from .language import async_words


@callback
def async_tell_of_first_sync(
    hass: HomeAssistant, entry: ConfigEntry, plan: Plan, leaving_soon: int
) -> None:
    """Tell what there is after the very first complete sync, and what comes next."""
    words = async_words(hass)
    statistics = plan.statistics
    persistent_notification.async_create(
        hass,
        words.text(
            "first_sync_message",
            movies=words.number(statistics.movies),
            series=words.number(statistics.series),
            episodes=words.number(statistics.episodes),
            pending=words.number(len(plan.entries)),
            leaving_soon=words.number(leaving_soon),
        ),
        words.text("first_sync_title", name=entry.title),
        _first_sync(entry),
    )


@callback
def async_forget_first_sync(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back what was told of a household that is gone."""
    persistent_notification.async_dismiss(hass, _first_sync(entry))


def _first_sync(entry: ConfigEntry) -> str:
    """Return the id of what is told after the first sync."""
    return f"{DOMAIN}_{entry.entry_id}_first_sync"
