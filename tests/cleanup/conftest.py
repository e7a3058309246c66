"""A house whose due titles can be deleted for real, in a simulator."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from custom_components.oxicleanarr.cleanup import (
    CleanupReport,
    Handling,
    Limits,
    Plan,
    Terms,
    clean_up,
    look_again,
    plan_cleanup,
    settle,
)
from custom_components.oxicleanarr.ledger import JournalEntry
from custom_components.oxicleanarr.model import PlannedDeletion, Progress, Reason
from custom_components.oxicleanarr.retention import (
    RetentionRules,
    StandardRules,
    parse_duration,
)
from custom_components.oxicleanarr.servers import Connection, Connections, Sonarr
from custom_components.oxicleanarr.sync import (
    SeriesOwners,
    Trouble,
    read_owners,
    read_shelves,
)
from simulators import Movie, RadarrSimulator, SeerrSimulator, SonarrSimulator
from tests.connections import connect_to
from tests.home import DAY, START, Home, open_home

GRACE = 3 * DAY


@dataclass
class Cleaner:
    """What Home Assistant does with the rooms, by hand."""

    home: Home
    limits: Limits
    rules: RetentionRules
    dry_run: Callable[[], bool] = lambda: False
    halt: Callable[[], Reason | None] = lambda: None
    connections: Connections = field(default_factory=Connections)
    handling: Handling = field(default_factory=Handling)
    series_owners: SeriesOwners = field(default_factory=SeriesOwners)
    libraries: frozenset[str] | None = None
    """The ids of those that are managed when something is deleted; ``None``: all."""
    progress: list[Progress] = field(default_factory=list)
    """What the runs have told of how far they were."""

    def plan(self) -> Plan:
        """Make the plan from what the ledger knows."""
        return plan_cleanup(
            self.home.ledger,
            self.rules,
            now=self.home.now,
            grace=GRACE,
            favorites_keep=self.limits.favorites_keep,
        )

    async def sync(self) -> Trouble:
        """Read all servers."""
        await self.home.sync()
        trouble = await read_owners(
            self.home.ledger, self.connections, self.series_owners
        )
        await look_again(
            self.home.ledger,
            self.home.jellyfin,
            self.connections,
            lambda: self.home.now,
        )
        return trouble

    async def read_shelves(self) -> bool:
        """Learn from Sonarr about the episodes of the plan."""
        ids = [one for entry in self.plan().entries for one in entry.target_ids]
        return await read_shelves(
            self.home.ledger,
            self.connections,
            self.series_owners,
            self.home.ledger.series_of(ids),
        )

    async def due_plan(self) -> Plan:
        """Sync, wait until the grace is over, sync and make the plan."""
        await self.sync()
        self.plan()
        self.home.wait(GRACE + timedelta(hours=1))
        await self.sync()
        return self.plan()

    async def settle(self) -> list[JournalEntry]:
        """Look how open deletions ended."""
        return await settle(
            self.home.ledger,
            self.home.jellyfin,
            lambda: self.home.now,
            self.connections,
        )

    async def run(
        self, entries: Sequence[PlannedDeletion] | None = None
    ) -> CleanupReport:
        """Delete the entries, or all that are due."""
        if entries is None:
            entries = self.plan().due(self.home.now)
        return await clean_up(
            entries,
            ledger=self.home.ledger,
            jellyfin=self.home.jellyfin,
            terms=lambda: Terms(
                rules=self.rules,
                limits=self.limits,
                handling=self.handling,
                dry_run=self.dry_run(),
                libraries=self.libraries,
            ),
            clock=lambda: self.home.now,
            connections=self.connections,
            halt=lambda: self.halt(),
            tell=self.progress.append,
        )

    def add_copy(
        self,
        name: str = "Alpha again",
        library: str = "Movies",
        added: datetime = START - 100 * DAY,
    ) -> Movie:
        """Have a second copy of Alpha."""
        return self.home.household.add_movie(
            name, year=2000, library=library, provider_ids={"Tmdb": "1"}, added=added
        )

    def files(self) -> set[str]:
        """Return the names of the video files on disk."""
        return {
            path.rpartition("/")[2].removesuffix(".mkv")
            for path in self.home.household.files
            if path.endswith(".mkv")
        }


@pytest.fixture
async def cleaner(
    socket_enabled: None,
    tmp_path: Path,
    versions: tuple[str, str],
    no_waiting: None,
) -> AsyncIterator[Cleaner]:
    """Return a house with the guide's example: seven days after it was watched."""
    rules = RetentionRules(
        standard=StandardRules(
            movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
        )
    )
    async with open_home(tmp_path, *versions) as home:
        yield Cleaner(home, Limits(), rules)


def add_film(cleaner: Cleaner, name: str = "Kilo", **changes: Any) -> Movie:
    """Have another film, for instance one of several files."""
    more = {"provider_ids": {"Tmdb": name}} | changes
    return cleaner.home.household.add_movie(
        name, year=2011, added=START - 100 * DAY, **more
    )


@dataclass
class Owned:
    """The same house with a Radarr, a second one for 4K, a Sonarr and a Seerr."""

    cleaner: Cleaner
    radarr: RadarrSimulator
    radarr4k: RadarrSimulator
    sonarr: SonarrSimulator
    seerr: SeerrSimulator


@pytest.fixture
async def owned(cleaner: Cleaner) -> AsyncIterator[Owned]:
    """Return the house with all its films and episodes in the hands of their owners."""
    house = cleaner.home.household
    house.add_library("Movies 4K", "movies", ["/media/movies-4k"])
    radarr = RadarrSimulator(house, libraries=["Movies"])
    radarr4k = RadarrSimulator(house, libraries=["Movies 4K"], name="radarr4k")
    sonarr = SonarrSimulator(house)
    for arr in (radarr, radarr4k, sonarr):
        arr.deletion_delay = 0
        arr.manage_all()
    seerr = SeerrSimulator(house, radarr=[radarr, radarr4k], sonarr=[sonarr])
    async with AsyncExitStack() as stack:
        for server in (radarr, radarr4k, sonarr, seerr):
            await stack.enter_async_context(server)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        cleaner.connections = connect_to(
            session,
            {one.name: (one.url, one.api_key) for one in (radarr, radarr4k, sonarr)}
            | {"seerr": (seerr.url, seerr.api_key)},
        )
        yield Owned(cleaner, radarr, radarr4k, sonarr, seerr)


@pytest.fixture
async def sonarr4k(owned: Owned) -> AsyncIterator[SonarrSimulator]:
    """Return a second Sonarr, which waits for the first two episodes of the series."""
    house = owned.cleaner.home.household
    house.add_library("Shows 4K", "tvshows", ["/media/shows-4k"])
    server = SonarrSimulator(house, libraries=["Shows 4K"], name="sonarr4k")
    show = server.manage(house.show("Show"), path="/media/shows-4k/Show")
    async with server, aiohttp.ClientSession() as session:
        client = Sonarr(session, server.url, server.api_key, timeout=5)
        owned.cleaner.connections = replace(
            owned.cleaner.connections,
            sonarr=(
                *owned.cleaner.connections.sonarr,
                Connection(connection_id="sonarr4k", name="Sonarr 4K", client=client),
            ),
        )
        show.episode(1, 3).monitored = False
        server.announce(show, 1, 4)
        yield server
