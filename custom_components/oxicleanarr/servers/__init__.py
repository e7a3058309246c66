"""The servers we talk to: their wire formats end in this room."""

from .address import normalize_url
from .arr import Refresh
from .connection import Connection, Connections
from .errors import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    InvalidUrl,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
)
from .http import Poster
from .identify import who_answers
from .jellyfin import Jellyfin
from .jellystat import HistoryPage, Jellystat
from .lists import read_whole
from .radarr import Radarr
from .seerr import Seerr
from .sonarr import Sonarr

__all__ = [
    "AuthenticationFailed",
    "BadAnswer",
    "Conflict",
    "Connection",
    "Connections",
    "HistoryPage",
    "InvalidUrl",
    "Jellyfin",
    "Jellystat",
    "NotFound",
    "PermissionDenied",
    "Poster",
    "Radarr",
    "Refresh",
    "Seerr",
    "ServerError",
    "Sonarr",
    "Unavailable",
    "normalize_url",
    "read_whole",
    "who_answers",
]
