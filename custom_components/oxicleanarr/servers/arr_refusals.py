"""What Radarr and Sonarr mean where they refuse something: their statuses say too little."""

from typing import Final, NamedTuple

from .errors import Conflict, NotFound, ServerError, Unavailable


class _Refusal(NamedTuple):
    """What these servers say where they refuse something, and what it means."""

    status: int
    words: tuple[bytes, ...]
    """All of these are in the answer."""
    error: type[Conflict | NotFound | Unavailable]
    says: str
    reason: str


_NO_METADATA: Final = "can't look the title up right now"
_REFUSALS: Final = (
    # Apostrophes come escaped, so that there is only a part of "doesn't exist".
    _Refusal(
        409,
        (b"root folder", b"t exist"),
        Conflict,
        "does not find the root folder: is its disk there?",
        "root_folder_missing",
    ),
    _Refusal(
        409,
        (b"root folder", b"is empty"),
        Conflict,
        "finds the root folder empty: is its disk there?",
        "root_folder_empty",
    ),
    _Refusal(
        400,
        (b"with this ID was not found",),
        NotFound,
        "finds no such title in its database",
        "unknown_title",
    ),
    _Refusal(
        400,
        (b"PathValidator",),
        Conflict,
        "has another title in this folder",
        "folder_taken",
    ),
    # Their own database of titles does not answer.
    _Refusal(500, (b"HTTP request failed",), Unavailable, _NO_METADATA, "metadata"),
    _Refusal(500, (b"Connection refused",), Unavailable, _NO_METADATA, "metadata"),
    _Refusal(
        500,
        (b"Site responded with browser content",),
        Unavailable,
        _NO_METADATA,
        "metadata",
    ),
    _Refusal(
        500,
        (b"Unable to delete",),
        Conflict,
        "cannot remove the file",
        "not_removable",
    ),
    _Refusal(
        500,
        (b"Expected query to return",),
        NotFound,
        "does not know this",
        "not_found",
    ),
)
"""The first that fits is meant."""


def refusal_of(
    app: str, status: int, content_type: str, body: bytes
) -> ServerError | None:
    """Return what a server means by a refusal; ``None``: what its status says."""
    if content_type == "text/html":
        return None
    for refusal in _REFUSALS:
        if status == refusal.status and all(words in body for words in refusal.words):
            return refusal.error(
                app, refusal.says, reason=refusal.reason, status=status
            )
    return None
