"""Who answers at an address: asked without a key, where a connection cannot be made."""

from collections.abc import Callable
import re
from typing import Final

import aiohttp

from .errors import ServerError, Unavailable
from .http import HttpServer
from .rows import JsonObject, identifier, integer, text

# What each of them tells to anybody, and nobody else does.
_SIGNS: Final[tuple[tuple[str, str, Callable[[JsonObject], bool]], ...]] = (
    (
        "Jellyfin",
        "/System/Info/Public",
        lambda answer: "jellyfin" in (text(answer.get("ProductName")) or "").lower(),
    ),
    (
        "Jellystat",
        "/auth/isConfigured",
        lambda answer: integer(answer.get("state")) is not None,
    ),
    (
        "Seerr",
        "/api/v1/status",
        lambda answer: (
            bool(identifier(answer.get("version"))) and "commitTag" in answer
        ),
    ),
)
# Radarr, Sonarr and their relatives show it to everybody, whatever asks for a login.
_LOGIN: Final = "/login"
_LOGIN_TITLE: Final = re.compile(r"Login - ([A-Za-z]{3,20})")


async def who_answers(
    session: aiohttp.ClientSession, url: str, *, timeout: float = 30
) -> str | None:
    """Return the name of the server at an address, or ``None``; no key is sent.

    Raises ``InvalidUrl``.
    """
    server = HttpServer(session, url, name="The server", auth={}, timeout=timeout)
    for name, path, is_sign in _SIGNS:
        try:
            if is_sign(await server.read_object(path, anonymous=True)):
                return name
        except Unavailable:
            return None
        except ServerError:
            continue
    try:
        found = _LOGIN_TITLE.fullmatch(await server.read_title(_LOGIN))
    except ServerError:
        return None
    return found and found[1]
