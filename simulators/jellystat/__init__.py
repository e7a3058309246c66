"""A Jellystat server, new or old, or one that answers as the guide shows."""

from .server import JellystatSimulator

__all__ = ["JellystatSimulator"]
