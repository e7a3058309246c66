"""Real servers on loopback that behave like Jellyfin and those around it, over one simulated household."""

from .arr import RadarrSimulator, SonarrSimulator
from .arrs import ARR_CASES, Arrs, reference_arrs, sample_arrs
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
    "ARR_CASES",
    "Arrs",
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
    "reference_arrs",
    "reference_household",
    "sample_arrs",
    "sample_household",
]
