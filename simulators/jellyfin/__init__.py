"""A Jellyfin server of line 10.10, 10.11 or 12."""

from .server import JellyfinSimulator
from .version import Line

__all__ = ["JellyfinSimulator", "Line"]
