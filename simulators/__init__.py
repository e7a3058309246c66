"""Real servers on loopback that behave like Jellyfin and Jellystat, over one simulated household."""

from .arr import RadarrSimulator, SonarrSimulator
from .faults import Fault, FaultKind, Request
from .household import Household
from .items import Episode, Item, Library, Movie, Season, Series, User
from .jellyfin import JellyfinSimulator
from .jellystat import JellystatSimulator
from .plays import Play
from .reference import reference_household
from .sample import sample_household
from .seerr import SeerrSimulator
from .userdata import Rules, UserData
from .viewing import Session

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
    "RadarrSimulator",
    "Request",
    "Rules",
    "Season",
    "SeerrSimulator",
    "Series",
    "Session",
    "SonarrSimulator",
    "User",
    "UserData",
    "reference_household",
    "sample_household",
]
