"""Radarr and Sonarr."""

from .radarr import RadarrSimulator

__all__ = ["RadarrSimulator"]
