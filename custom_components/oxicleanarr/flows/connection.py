"""What the forms for all servers share: their fields, and what can be wrong with them."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_PORT,
    CONF_SSL,
    CONF_TIMEOUT,
    CONF_URL,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import probatio
from yarl import URL

from ..const import (
    CONF_JELLYFIN,
    CONF_JELLYSTAT,
    CONF_RADARR,
    CONF_SEERR,
    CONF_SONARR,
    DEFAULT_TIMEOUT,
)
from ..servers import (
    AuthenticationFailed,
    BadAnswer,
    InvalidUrl,
    NotFound,
    PermissionDenied,
    ServerError,
    normalize_url,
    who_answers,
)
from . import fields
from .fields import BASE

SERVER_NAMES: Final = {
    CONF_JELLYFIN: "Jellyfin",
    CONF_JELLYSTAT: "Jellystat",
    CONF_RADARR: "Radarr",
    CONF_SONARR: "Sonarr",
    CONF_SEERR: "Seerr",
}
_EXAMPLES: Final = {
    CONF_JELLYFIN: "http://192.168.1.10:8096",
    CONF_JELLYSTAT: "http://192.168.1.10:3000",
    CONF_RADARR: "http://192.168.1.10:7878",
    CONF_SONARR: "http://192.168.1.10:8989",
    CONF_SEERR: "http://192.168.1.10:5055",
}

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
    """Why a connection cannot be used, and which field of the form to put that at."""

    def __init__(self, field: str, error: str, **placeholders: str) -> None:
        """Remember the field, the error's translation key and its placeholders."""
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


SWAPPED: Final = {
    (CONF_JELLYFIN, "Jellystat"): "is_jellystat",
    (CONF_JELLYSTAT, "Jellyfin"): "is_jellyfin",
}
"""The two servers of one form: it can be said what to do about it."""


async def other_server(
    hass: HomeAssistant, server: str, connection: Mapping[str, Any]
) -> Fault | None:
    """Return the fault that another server answers, if it is known which one.

    No key is sent.
    """
    found = await who_answers(
        async_get_clientsession(hass, verify_ssl=connection.get(CONF_VERIFY_SSL, True)),
        connection[CONF_URL],
        timeout=connection.get(CONF_TIMEOUT, DEFAULT_TIMEOUT),
    )
    if found is None or found == SERVER_NAMES[server]:
        return None
    swapped = SWAPPED.get((server, found), "swapped_server")
    return Fault(CONF_URL, swapped, found=found)


async def fault_of(
    hass: HomeAssistant,
    server: str,
    connection: Mapping[str, Any],
    err: ServerError,
    *,
    keyed: bool = True,
) -> Fault:
    """Return the fault for a connection that failed, with who answers there instead.

    ``keyed`` says that the server was asked for more than everybody may know.
    """
    fault = Fault.of(err)
    match err:
        case BadAnswer(found=found) if found:
            return fault
        case AuthenticationFailed() if not keyed:
            fault = Fault(CONF_URL, "login_required")
        case PermissionDenied() if not keyed or server not in (
            CONF_JELLYFIN,
            CONF_JELLYSTAT,
        ):
            fault = Fault(CONF_URL, "login_required")
        case AuthenticationFailed() | PermissionDenied() | NotFound() | BadAnswer():
            pass
        case _:
            return fault
    return await other_server(hass, server, connection) or fault


_COMMON_FIELDS: Final = {
    **fields.number(CONF_TIMEOUT, 1, 600, default=DEFAULT_TIMEOUT, unit="s"),
    **fields.yes_no(CONF_VERIFY_SSL, default=True),
}
CONNECTION_SCHEMA: Final = probatio.Schema(
    {**fields.address(CONF_URL), **fields.secret(CONF_API_KEY), **_COMMON_FIELDS}
)
OPTIONAL_CONNECTION_SCHEMA: Final = probatio.Schema(
    {
        **fields.address(CONF_URL, required=False),
        **fields.secret(CONF_API_KEY, required=False),
        **_COMMON_FIELDS,
    }
)
REAUTH_SCHEMA: Final = probatio.Schema(fields.secret(CONF_API_KEY))


def filled_in(server: str) -> dict[str, str]:
    """Return what the texts of every form for a server fill in."""
    return {
        "server": SERVER_NAMES[server],
        "example_url": _EXAMPLES[server],
        "http": "http://",
        "https": "https://",
    }


def read_connection(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the config entry holds it. Raises Fault."""
    try:
        url = normalize_url(user_input[CONF_URL])
    except InvalidUrl as err:
        raise Fault.of(err) from None
    if fields.out_of_range(CONNECTION_SCHEMA, user_input):
        raise Fault(CONF_TIMEOUT, "timeout_range")
    return {
        CONF_URL: url,
        CONF_API_KEY: user_input.get(CONF_API_KEY, "").strip(),
        CONF_TIMEOUT: int(user_input[CONF_TIMEOUT]),
        CONF_VERIFY_SSL: user_input[CONF_VERIFY_SSL],
    }


def known_server(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the form that another integration's data can fill."""
    url = data.get(CONF_URL)
    try:
        if url is None:
            url = str(
                URL.build(
                    scheme="https" if data.get(CONF_SSL) else "http",
                    host=data[CONF_HOST],
                    port=data[CONF_PORT],
                )
            )
        url = normalize_url(str(url))
    except KeyError, TypeError, ValueError:
        # What others store may change, and it is only a convenience.
        return {}
    known = {CONF_URL: url, CONF_API_KEY: data.get(CONF_API_KEY, "")}
    # Theirs can be off where it does not matter; ours shall not be by that alone.
    if url.startswith("https:"):
        known[CONF_VERIFY_SSL] = data.get(CONF_VERIFY_SSL, True)
    return known
