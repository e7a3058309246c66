"""Everything that asks in a form: servers, rules, import and options.

Only ``config_flow`` imports them.
"""

from homeassistant.config_entries import ConfigSubentryFlow

from ..const import SUBENTRY_RULE, SUBENTRY_SERVER
from .arrs import ServerFlow
from .options import OxiCleanarrOptionsFlow
from .rules import RuleFlow
from .servers import ServersFlow

SUBENTRY_FLOWS: dict[str, type[ConfigSubentryFlow]] = {
    SUBENTRY_RULE: RuleFlow,
    SUBENTRY_SERVER: ServerFlow,
}
"""What is a button on the page of the integration, and then a menu."""

__all__ = ["SUBENTRY_FLOWS", "OxiCleanarrOptionsFlow", "ServersFlow"]
