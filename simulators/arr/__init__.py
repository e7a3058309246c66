"""Radarr and Sonarr."""

from .radarr import RadarrSimulator
from .sonarr import SonarrSimulator

__all__ = ["RadarrSimulator", "SonarrSimulator"]
