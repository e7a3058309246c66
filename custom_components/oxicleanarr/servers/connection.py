"""The servers of a household that own files or take requests, several of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from .radarr import Radarr
from .seerr import Seerr
from .sonarr import Sonarr


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection[Client: (Radarr, Sonarr, Seerr)]:
    """A server that the user has connected."""

    connection_id: str
    """Identifies it permanently, even if its address or name changes."""
    name: str
    """The name its user gave it."""
    client: Client
    path_map: tuple[tuple[str, str], ...] = ()
    """Prefixes of its paths, and what Jellyfin sees in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """All of them; without any, everything goes through Jellyfin."""

    radarr: tuple[Connection[Radarr], ...] = ()
    sonarr: tuple[Connection[Sonarr], ...] = ()
    seerr: tuple[Connection[Seerr], ...] = ()

    def __iter__(
        self,
    ) -> Iterator[Connection[Radarr] | Connection[Sonarr] | Connection[Seerr]]:
        """Return every one of them."""
        yield from self.radarr
        yield from self.sonarr
        yield from self.seerr
