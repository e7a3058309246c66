"""What somebody has typed: the address of a server, and its key."""

import re
from typing import Final

from yarl import URL

from .errors import InvalidUrl

_LONGEST_URL: Final = 2000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def normalize_url(url: str) -> str:
    """Return a server's base URL without trailing slashes; a path prefix stays.

    Raises ``InvalidUrl`` with the reason ``scheme`` (http or https is missing),
    ``host``, ``userinfo``, ``query`` (or fragment) or ``invalid``.
    """
    url = url.strip()
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in {"http", "https"}:
        raise InvalidUrl("scheme")
    behind = url[scheme.end() :]
    authority = re.split(r"[/?#]", behind, maxsplit=1)[0]
    if "@" in url:
        raise InvalidUrl("userinfo")
    if "?" in url or "#" in url:
        raise InvalidUrl("query")
    if not authority or authority.startswith(":"):
        raise InvalidUrl("host")
    unfit = any(char.isspace() or not char.isprintable() for char in url)
    # Typed behind what the field shows already: http://http://…
    doubled = _SCHEME.match(behind) is not None
    if unfit or doubled or "\\" in url or len(url) > _LONGEST_URL:
        raise InvalidUrl("invalid")
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
        # What a resolver does with a name: a part of it has 63 characters at most.
        (host or "").encode("idna")
    except ValueError:
        raise InvalidUrl("invalid") from None
    if not host:
        raise InvalidUrl("host")
    if not port or authority.endswith(":"):
        raise InvalidUrl("invalid")
    read = str(parsed).rstrip("/")
    # It is read again wherever it is used: what was written as %40 is a @ by then.
    return read if read == url else normalize_url(read)


def usable_key(api_key: str) -> bool:
    """Return whether a key can travel in a header at all."""
    return bool(api_key) and api_key.isascii() and api_key.isprintable()
