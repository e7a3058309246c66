"""Everything that asks in a form: servers, rules, import and options.

Only ``config_flow`` imports them.
"""

from homeassistant.config_entries import ConfigSubentryFlow

from .arrs import CONNECTION_FLOWS
from .options import OxiCleanarrOptionsFlow
from .rules import RULE_FLOWS
from .servers import ServersFlow

SUBENTRY_FLOWS: dict[str, type[ConfigSubentryFlow]] = {**RULE_FLOWS, **CONNECTION_FLOWS}
"""The forms for the rules, and for Radarr, Sonarr and Seerr, by type of subentry."""

__all__ = ["SUBENTRY_FLOWS", "OxiCleanarrOptionsFlow", "ServersFlow"]
