"""The connections to simulated Radarrs, Sonarrs and Seerrs, by their names."""

from collections.abc import Mapping

import aiohttp

from custom_components.oxicleanarr.servers import (
    Connection,
    Connections,
    Radarr,
    Seerr,
    Sonarr,
)


def connect_to(
    session: aiohttp.ClientSession,
    servers: Mapping[str, tuple[str, str]],
    *,
    timeout: float = 5,
    path_maps: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> Connections:
    """Return the connections to servers, by their names: addresses and keys.

    A name begins with what the server is. ``path_maps`` are by the same names.
    """

    def connect[Client: (Radarr, Sonarr, Seerr)](
        client: type[Client], app: str
    ) -> tuple[Connection[Client], ...]:
        """Return the connections to the servers of a kind."""
        return tuple(
            Connection(
                connection_id=name,
                name=name.capitalize(),
                client=client(session, url, api_key, timeout=timeout),
                path_map=(path_maps or {}).get(name, ()),
            )
            for name, (url, api_key) in servers.items()
            if name.startswith(app)
        )

    return Connections(
        radarr=connect(Radarr, "radarr"),
        sonarr=connect(Sonarr, "sonarr"),
        seerr=connect(Seerr, "seerr"),
    )
