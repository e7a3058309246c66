"""The servers we talk to: their wire formats end in this room."""

from .http import (
    AuthenticationFailed,
    BadAnswer,
    InvalidUrl,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
    normalize_url,
)
from .jellyfin import Jellyfin
from .jellystat import HistoryPage, Jellystat

__all__ = [
    "AuthenticationFailed",
    "BadAnswer",
    "HistoryPage",
    "InvalidUrl",
    "Jellyfin",
    "Jellystat",
    "NotFound",
    "PermissionDenied",
    "ServerError",
    "Unavailable",
    "normalize_url",
]
