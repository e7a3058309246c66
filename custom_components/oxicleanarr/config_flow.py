"""Where Home Assistant looks for the forms; they are in ``flows``."""

from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow
from homeassistant.core import callback

from .const import DOMAIN
from .flows import SUBENTRY_FLOWS, OxiCleanarrOptionsFlow, ServersFlow


class OxiCleanarrConfigFlow(ServersFlow, domain=DOMAIN):
    """Connects the servers, and leads to the options and to the rules."""

    # An earlier release would pass over the rules of this one: it must not load it.
    VERSION = 2

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OxiCleanarrOptionsFlow:
        """Return the flow for the options."""
        return OxiCleanarrOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flows for rules and for servers."""
        return SUBENTRY_FLOWS
