"""What a request meets before Seerr's own code does: the description, and CSRF protection."""

from collections.abc import Mapping, Sequence
from hashlib import md5
from http.cookies import SimpleCookie
import math
import re
from secrets import token_urlsafe

from ..faults import Answer, Request, as_json
from .records import Row

_NUMBER = None
_REQUESTS: Mapping[str, Sequence[str] | None] = {
    "take": _NUMBER,
    "skip": _NUMBER,
    "filter": (
        "all",
        "approved",
        "available",
        "pending",
        "processing",
        "unavailable",
        "failed",
        "deleted",
        "completed",
    ),
    "sort": ("added", "modified"),
    "sortDirection": ("asc", "desc"),
    "requestedBy": _NUMBER,
    "mediaType": ("movie", "tv", "all"),
}
#: What the description allows in a query: numbers, or one of these words.
_QUERIES: Mapping[str, Mapping[str, Sequence[str] | None]] = {
    "/request": _REQUESTS,
    "/media": {
        "take": _NUMBER,
        "skip": _NUMBER,
        "filter": (
            "all",
            "available",
            "partial",
            "allavailable",
            "processing",
            "pending",
            "deleted",
        ),
        "sort": ("added", "modified", "mediaAdded"),
    },
    "/user": {
        "take": _NUMBER,
        "skip": _NUMBER,
        "sort": ("created", "updated", "requests", "displayname"),
        "sortDirection": ("asc", "desc"),
        "q": (),
        "includeIds": (),
    },
}
_NOT_IN_2 = frozenset({"mediaType"})


def refuse_query(path: str, request: Request, version: str) -> Answer | None:
    """Return the complaint about a query; it comes before a wrong key is noticed."""
    allowed = _QUERIES.get(path)
    if allowed is None or request.method != "GET":
        return None
    for name, value in request.query.items():
        message = None
        words = allowed.get(name, ())
        if name not in allowed or (version.startswith("2.") and name in _NOT_IN_2):
            message = f"Unknown query parameter '{name}'"
        elif not value:
            continue
        elif words is _NUMBER:
            if not re.fullmatch(r"-?\d+(\.\d+)?", value):
                message = f"request/query/{name} must be number"
        elif words and value not in words:
            message = (
                f"request/query/{name} must be equal to one of the allowed values:"
                f" {', '.join(words)}"
            )
        if message is not None:
            error = {"path": f"/query/{name}", "message": message}
            return as_json({"message": message, "errors": [error]}, 400)
    return None


def refuse_stranger(path: str, request: Request) -> Answer | None:
    """Return the answer to who has no key at all; it names the path as described."""
    if request.headers.get("X-Api-Key"):
        return None
    path = re.sub(r"/(request|media)/[^/]+", r"/\1/{\1Id}", path, count=1)
    message = "cookie 'connect.sid' required"
    error = {"path": path, "message": message}
    return as_json({"message": message, "errors": [error]}, 401)


def page(
    request: Request, rows: list[Row], size: int, count: int, more: Row | None = None
) -> Answer:
    """Return a page of rows; ``count`` comes from another query."""
    size = int(request.query.get("take") or 0) or size
    skip = int(request.query.get("skip") or 0)
    info: Row = {
        "pages": math.ceil(count / size),
        "pageSize": size,
        "results": count,
        "page": math.ceil(skip / size) + 1,
    }
    return as_json({"pageInfo": info, "results": rows, **(more or {})})


def shown(request: Request, size: int) -> slice:
    """Return which of all rows are on a page; to take none is to take the usual number."""
    size = int(request.query.get("take") or 0) or size
    skip = int(request.query.get("skip") or 0)
    return slice(skip, skip + size)


def forged(request: Request) -> bool:
    """Return whether a change lacks the token that belongs to its cookie."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    secret = _secret(request)
    salt, _, proof = request.headers.get("X-XSRF-TOKEN", "").partition("-")
    return secret is None or not proof or proof != _proof(salt, secret)


def hand_out_token(request: Request, answer: Answer) -> None:
    """Set the cookies that a later change has to bring back."""
    end = "Secure; SameSite=Strict"
    secret = _secret(request)
    if secret is None:
        secret = token_urlsafe(18)
        answer.cookies.append(f"_csrf={secret}; Path=/; HttpOnly; {end}")
    salt = token_urlsafe(6).replace("-", "_")
    token = f"{salt}-{_proof(salt, secret)}"
    answer.cookies.append(f"XSRF-TOKEN={token}; Path=/; {end}")


def _secret(request: Request) -> str | None:
    """Return the secret that a client was given."""
    cookie = SimpleCookie(request.headers.get("Cookie", "")).get("_csrf")
    return None if cookie is None else str(cookie.value)


def _proof(salt: str, secret: str) -> str:
    """Return what proves that a token belongs to a secret."""
    return md5(f"{salt}-{secret}".encode(), usedforsecurity=False).hexdigest()
