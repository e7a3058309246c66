"""Seerr, Jellyseerr and Overseerr."""

from .server import SeerrSimulator

__all__ = ["SeerrSimulator"]
