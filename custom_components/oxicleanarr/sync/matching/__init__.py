"""Which title of Radarr, Sonarr or Seerr is which item of Jellyfin."""

from .doubt import Doubt
from .episodes import EpisodeMatch, OwnedFile, Shelf, match_episodes
from .paths import (
    PathMap,
    holds,
    in_one_folder,
    likeness,
    name_of,
    normal,
    paths_of,
    translate,
)
from .requests import match_requesters, match_requests
from .titles import Catalog, Owner, TitleMatch, match_movies, match_series

__all__ = [
    "Catalog",
    "Doubt",
    "EpisodeMatch",
    "OwnedFile",
    "Owner",
    "PathMap",
    "Shelf",
    "TitleMatch",
    "holds",
    "in_one_folder",
    "likeness",
    "match_episodes",
    "match_movies",
    "match_requesters",
    "match_requests",
    "match_series",
    "name_of",
    "normal",
    "paths_of",
    "translate",
]
