"""What the forms for servers share: their fields, and what can be wrong with them."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_API_KEY, CONF_TIMEOUT, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio

from .const import DEFAULT_TIMEOUT
from .servers import BadAnswer, InvalidUrl, ServerError, normalize_url

BASE: Final = "base"
"""The place on a form for what is wrong with none of its fields."""

FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "scheme": (CONF_URL, "url_scheme"),
    "host": (CONF_URL, "url_host"),
    "userinfo": (CONF_URL, "url_userinfo"),
    "query": (CONF_URL, "url_query"),
    "invalid": (CONF_URL, "url_invalid"),
    "key": (CONF_API_KEY, "invalid_auth"),
    "no_keys": (CONF_API_KEY, "no_api_keys"),
    "permission": (CONF_API_KEY, "permission_denied"),
    "not_found": (CONF_URL, "other_server"),
    "other_server": (CONF_URL, "other_server"),
    "html": (CONF_URL, "other_server"),
    "empty": (CONF_URL, "other_server"),
    "malformed": (CONF_URL, "other_server"),
    "shape": (CONF_URL, "other_server"),
    "too_large": (CONF_URL, "other_server"),
    "protocol": (CONF_URL, "other_server"),
    "redirect": (CONF_URL, "redirect"),
    "connection": (CONF_URL, "cannot_connect"),
    "lost": (CONF_URL, "cannot_connect"),
    "tls": (CONF_URL, "tls"),
    "timeout": (CONF_TIMEOUT, "timeout"),
    "certificate": (CONF_VERIFY_SSL, "certificate"),
    "starting": (BASE, "starting"),
    "not_ready": (BASE, "not_ready"),
    "status": (BASE, "server_failed"),
}
"""What is wrong with an address or an answer, by the reason that the servers' room
gives for it: the field of the form to look at, and the error's translation."""
OTHER_FAULT: Final = (BASE, "bad_answer")


class Fault(Exception):
    """A connection that cannot be used: where on the form the reason is, and which."""

    def __init__(self, field: str, error: str, **placeholders: str) -> None:
        """Remember the field, the error's translation key and what that fills in."""
        super().__init__(error)
        self.field = field
        self.error = error
        self.placeholders = placeholders

    @classmethod
    def of(cls, err: ServerError | InvalidUrl) -> Fault:
        """Return the fault that an error stands for."""
        if isinstance(err, BadAnswer) and err.found:
            return cls(CONF_URL, "swapped_server", found=err.found)
        return cls(*FAULTS.get(err.reason, OTHER_FAULT))


_URL: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_API_KEY: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_PATIENCE: Final = {
    probatio.Required(CONF_TIMEOUT, default=DEFAULT_TIMEOUT): NumberSelector(
        NumberSelectorConfig(
            min=1,
            max=600,
            step=1,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement="s",
        )
    ),
    probatio.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
}
CONNECTION_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_URL): _URL,
        probatio.Required(probatio.Secret(CONF_API_KEY)): _API_KEY,
        **_PATIENCE,
    }
)
OPTIONAL_CONNECTION_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(CONF_URL): _URL,
        probatio.Optional(probatio.Secret(CONF_API_KEY)): _API_KEY,
        **_PATIENCE,
    }
)
REAUTH_SCHEMA: Final = probatio.Schema(
    {probatio.Required(probatio.Secret(CONF_API_KEY)): _API_KEY}
)


def read_connection(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the config entry holds it. Raises Fault."""
    try:
        url = normalize_url(user_input[CONF_URL])
    except InvalidUrl as err:
        raise Fault.of(err) from None
    return {
        CONF_URL: url,
        CONF_API_KEY: user_input.get(CONF_API_KEY, "").strip(),
        CONF_TIMEOUT: int(user_input[CONF_TIMEOUT]),
        CONF_VERIFY_SSL: user_input[CONF_VERIFY_SSL],
    }
