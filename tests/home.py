"""A household with its servers and a ledger that reads them, without Home Assistant."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3

import aiohttp

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import MediaFacts
from custom_components.oxicleanarr.servers import Jellyfin, Jellystat
from custom_components.oxicleanarr.sync import SyncReport, full_sync, poll
from simulators import Episode, Household, JellyfinSimulator, JellystatSimulator, Movie

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def damage_history(path: Path) -> None:
    """Spoil a page of a ledger that tells when titles were played."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'history_by_date'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(content)


@dataclass
class Home:
    """A household, its servers, and a ledger that reads them."""

    household: Household
    jellyfin_server: JellyfinSimulator
    jellystat_server: JellystatSimulator
    ledger: Ledger
    jellyfin: Jellyfin
    jellystat: Jellystat | None
    managed: list[str] | None = None
    now: datetime = START
    requests: dict[str, int] = field(default_factory=dict)

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time

    async def sync(self) -> SyncReport:
        """Read everything."""
        return await self._run(full_sync)

    async def poll(self) -> SyncReport:
        """Read what has changed."""
        return await self._run(poll)

    async def _run(self, how: object) -> SyncReport:
        before = {
            "jellyfin": len(self.jellyfin_server.requests),
            "jellystat": len(self.jellystat_server.requests),
        }
        try:
            return await how(  # type: ignore[operator, no-any-return]
                self.ledger,
                self.jellyfin,
                self.jellystat,
                managed=self.managed,
                clock=lambda: self.now,
            )
        finally:
            self.requests = {
                "jellyfin": len(self.jellyfin_server.requests) - before["jellyfin"],
                "jellystat": len(self.jellystat_server.requests) - before["jellystat"],
            }

    def video(self, name: str) -> Movie | Episode:
        """Return a film or an episode by its title."""
        item = self.household[name]
        assert isinstance(item, Movie | Episode)
        return item

    def facts(self) -> dict[str, MediaFacts]:
        """Return the facts by title."""
        return {one.item.title: one for one in self.ledger.facts(self.now)}

    def watched(self) -> dict[str, set[str]]:
        """Return who has watched what, by title; nobody is left out."""
        names = {user.user_id: user.name for user in self.ledger.users()}
        return {
            title: {names[one] for one in fact.watched_by}
            for title, fact in self.facts().items()
            if fact.watched_by
        }


def four_films_and_a_show(clock: Callable[[], datetime]) -> Household:
    """Return a house with four films and a series of three episodes, and two users."""
    household = Household(clock)
    household.add_library("Movies", "movies")
    household.add_library("Shows", "tvshows")
    household.add_library("Songs", "music")
    household.add_user("alice", administrator=True)
    household.add_user("bob")
    for number, name in enumerate(("Alpha", "Bravo", "Charlie", "Delta"), start=1):
        household.add_movie(
            name,
            year=2000,
            library="Movies",
            provider_ids={"Tmdb": str(number)},
            added=START - 100 * DAY,
        )
    show = household.add_series(
        "Show", library="Shows", provider_ids={"Tvdb": "81189"}, added=START - 90 * DAY
    )
    for number in (1, 2, 3):
        household.add_episode(
            show, season=1, number=number, title=f"E{number}", added=START - 90 * DAY
        )
    household.scan()
    return household


@asynccontextmanager
async def open_home(
    folder: Path,
    jellyfin_version: str = "10.11.11",
    jellystat_version: str = "1.1.8",
    furnish: Callable[[Callable[[], datetime]], Household] = four_films_and_a_show,
) -> AsyncIterator[Home]:
    """Open a house with its servers, and a ledger that reads them."""
    now = [START]
    household = furnish(lambda: now[0])
    async with AsyncExitStack() as stack:
        jellyfin = await stack.enter_async_context(
            JellyfinSimulator(household, version=jellyfin_version)
        )
        jellystat = await stack.enter_async_context(
            JellystatSimulator(household, version=jellystat_version)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        ledger = Ledger(folder / "ledger.db")
        stack.callback(ledger.close)
        home = Home(
            household,
            jellyfin,
            jellystat,
            ledger,
            Jellyfin(session, jellyfin.url, jellyfin.api_key, timeout=5),
            Jellystat(session, jellystat.url, jellystat.api_key, timeout=5),
        )

        def wait(time: timedelta) -> None:
            home.now += time
            now[0] = home.now

        home.wait = wait  # type: ignore[method-assign]
        yield home
