"""Real servers on loopback that behave like Jellyfin and Jellystat, over one simulated household."""

from .faults import Fault, FaultKind, Request
from .household import Household, Session
from .items import Episode, Item, Library, Movie, Season, Series, User
from .jellyfin import JellyfinSimulator
from .jellystat import JellystatSimulator
from .plays import Play
from .userdata import Rules, UserData

__all__ = [
    "Episode",
    "Fault",
    "FaultKind",
    "Household",
    "Item",
    "JellyfinSimulator",
    "JellystatSimulator",
    "Library",
    "Movie",
    "Play",
    "Request",
    "Rules",
    "Season",
    "Series",
    "Session",
    "User",
    "UserData",
]
