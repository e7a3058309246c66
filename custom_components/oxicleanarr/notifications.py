"""What a household is told once: that all of it has been read, and what comes next."""

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .cleanup import Plan
from .const import DOMAIN


@callback
def async_tell_of_first_sync(
    hass: HomeAssistant, entry: ConfigEntry, plan: Plan, leaving_soon: int
) -> None:
    """Tell what there is after the very first complete sync, and what comes next."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    text = f"component.{DOMAIN}.common.first_sync"
    statistics = plan.statistics
    persistent_notification.async_create(
        hass,
        texts[f"{text}_message"].format(
            movies=statistics.movies,
            series=statistics.series,
            episodes=statistics.episodes,
            pending=len(plan.entries),
            leaving_soon=leaving_soon,
        ),
        texts[f"{text}_title"].format(name=entry.title),
        _first_sync(entry),
    )


@callback
def async_forget_first_sync(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back what was told of a household that is gone."""
    persistent_notification.async_dismiss(hass, _first_sync(entry))


def _first_sync(entry: ConfigEntry) -> str:
    """Return the id of what is told after the first sync."""
    return f"{DOMAIN}_{entry.entry_id}_first_sync"
