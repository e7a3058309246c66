"""Who is asking: keys and tokens, in the forms that each line takes."""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from urllib.parse import unquote

from ..items import User

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]*))')


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a key or token; a key has no user and every right."""

    user: User | None = None

    @property
    def is_key(self) -> bool:
        """Return whether an API key was used."""
        return self.user is None

    @property
    def elevated(self) -> bool:
        """Return whether the caller may do what only administrators may."""
        return self.user is None or self.user.administrator


def token_of(
    headers: Mapping[str, str],
    query: Mapping[str, str],
    *,
    legacy: bool,
    old_order: bool,
) -> str | None:
    """Return the token of a request; legacy forms count only where they are allowed."""
    header = _header_token(headers.get("Authorization", ""), legacy=legacy)
    if legacy:
        old = _header_token(headers.get("X-Emby-Authorization", ""), legacy=True)
        header = (old or header) if old_order else (header or old)
        header = (
            header or headers.get("X-Emby-Token") or headers.get("X-MediaBrowser-Token")
        )
    if header:
        return header
    values = {name.lower(): value for name, value in query.items()}
    return values.get("apikey") or (values.get("api_key") if legacy else None)


def _header_token(value: str, *, legacy: bool) -> str | None:
    """Return the token in a header of the given form."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "mediabrowser" and not (legacy and scheme.lower() == "emby"):
        return None
    for name, quoted, bare in _PAIR.findall(rest):
        if name.lower() == "token":
            return unquote(quoted or bare) or None
    return None
