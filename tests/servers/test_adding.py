"""Titles that are added to Radarr and Sonarr again, as they were."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
import pytest

from custom_components.oxicleanarr.model import ArrSetup
from custom_components.oxicleanarr.servers import (
    BadAnswer,
    Conflict,
    NotFound,
    Radarr,
    Refresh,
    ServerError,
    Sonarr,
    Unavailable,
)
from simulators import (
    FaultKind,
    Household,
    RadarrSimulator,
    SonarrSimulator,
    sample_household,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILM = "Harbour Lights"
PAIR = "Little Lighthouse"


@dataclass(slots=True)
class House:
    """A Radarr and a Sonarr, and a client of each."""

    household: Household
    radarr_server: RadarrSimulator
    sonarr_server: SonarrSimulator
    radarr: Radarr
    sonarr: Sonarr

    async def film(self) -> ArrSetup:
        """Delete a film with its files, and return how it was set up."""
        (found,) = [one for one in await self.radarr.movies() if one.title == FILM]
        setup = (await self.radarr.movie(found.title_id)).setup
        assert setup is not None
        await self.radarr.delete_movie(found.title_id, add_import_exclusion=True)
        return setup

    async def series(self) -> ArrSetup:
        """Delete a series with its files, and return how it was set up."""
        (found,) = [one for one in await self.sonarr.series() if one.title == PAIR]
        setup = (await self.sonarr.series_by_id(found.title_id)).setup
        assert setup is not None
        await self.sonarr.delete_series(found.title_id, add_import_list_exclusion=True)
        return setup

    async def add_film(self, setup: ArrSetup, *, path: str | None = None) -> int:
        """Add a film again; where it was, if no path is given."""
        (root, *_) = await self.radarr.root_folders()
        return await self.radarr.add(
            setup,
            path=path or setup.path,
            root=root.path,
            profile=setup.quality_profile,
            tag_ids=[3],
        )

    async def add_series(self, setup: ArrSetup) -> int:
        """Add a series again, where it was."""
        (root, *_) = await self.sonarr.root_folders()
        return await self.sonarr.add(
            setup,
            path=setup.path,
            root=root.path,
            profile=setup.quality_profile,
            tag_ids=[],
        )


@pytest.fixture
async def house(
    session: aiohttp.ClientSession, socket_enabled: None
) -> AsyncIterator[House]:
    """Return the demo's household with both of them."""
    household = sample_household(lambda: NOW)
    radarr, sonarr = RadarrSimulator(household), SonarrSimulator(household)
    for server in (radarr, sonarr):
        server.deletion_delay = 0
        server.manage_all()
    async with AsyncExitStack() as stack:
        for one in (radarr, sonarr):
            await stack.enter_async_context(one)
        yield House(
            household,
            radarr,
            sonarr,
            Radarr(session, radarr.url, radarr.api_key, timeout=5),
            Sonarr(session, sonarr.url, sonarr.api_key, timeout=5),
        )


async def test_a_movie_is_added_as_it_was(house: House) -> None:
    """With its profile, availability and flag; nothing is searched for before it is asked."""
    managed = house.radarr_server.movie(FILM)
    managed.quality_profile, managed.minimum_availability = 6, "inCinemas"
    managed.monitored = False
    setup = await house.film()
    assert (setup.quality_profile, setup.monitored) == (6, False)
    number = await house.add_film(setup)
    again = house.radarr_server.movies[number]
    assert (again.quality_profile, again.minimum_availability) == (6, "inCinemas")
    assert (again.monitored, again.path, again.tags) == (False, managed.path, [3])
    assert await house.radarr.refresh(number) is Refresh.DONE
    assert not again.files
    assert not await house.radarr.has_searched([number])
    await house.radarr.search([number])
    assert again.files
    assert await house.radarr.has_searched([number])
    assert not await house.radarr.has_searched([number + 1])


async def test_a_refresh_waits_for_others(house: House) -> None:
    """Three commands run at once; until then the title is listed and not read."""
    setup = await house.film()
    house.radarr_server.tasks.busy = True
    number = await house.add_film(setup)
    states = [await house.radarr.refresh(number)]
    house.radarr_server.tasks.busy = False
    house.radarr_server.work()
    states.append(await house.radarr.refresh(number))
    assert states == [Refresh.RUNNING, Refresh.DONE]


async def test_a_series_is_added_as_it_was(house: House) -> None:
    """Its episodes come with the refresh, each monitored as its season is."""
    managed = house.sonarr_server.show(PAIR)
    managed.seasons = dict.fromkeys(managed.seasons, False)
    managed.series_type, managed.season_folder = "daily", False
    managed.monitor_new_items = "none"
    setup = await house.series()
    house.sonarr_server.tasks.busy = True
    number = await house.add_series(setup)
    assert await house.sonarr.episodes(number) == []
    states = [await house.sonarr.refresh(number)]
    house.sonarr_server.tasks.busy = False
    house.sonarr_server.work()
    states.append(await house.sonarr.refresh(number))
    assert states == [Refresh.RUNNING, Refresh.DONE]
    again = house.sonarr_server.series[number]
    assert (again.series_type, again.season_folder) == ("daily", False)
    assert (again.monitor_new_items, again.seasons) == ("none", managed.seasons)
    episodes = await house.sonarr.episodes(number)
    assert episodes
    assert {one.monitored for one in episodes} == {False}
    await house.sonarr.search([episodes[0].episode_id])
    (file,) = await house.sonarr.episode_files(number)
    assert file.season == episodes[0].season
    assert await house.sonarr.has_searched([episodes[0].episode_id])


async def test_a_refresh_that_fails(house: House) -> None:
    """The series stays without episodes, and that is said."""
    setup = await house.series()
    house.sonarr_server.tasks.busy = True
    number = await house.add_series(setup)
    house.sonarr_server.metadata_down, house.sonarr_server.tasks.busy = True, False
    house.sonarr_server.work()
    assert await house.sonarr.refresh(number) is Refresh.FAILED


async def refusal(
    house: House, setup: ArrSetup, path: str | None = None
) -> ServerError:
    """Return how an addition is refused."""
    with pytest.raises(ServerError) as caught:
        await house.add_film(setup, path=path)
    assert "\n" not in str(caught.value)
    return caught.value


async def test_what_is_refused(house: House) -> None:
    """Each says what is wrong, and never more than that."""
    setup = await house.film()
    other = next(iter(house.radarr_server.movies.values()))
    taken = await refusal(house, setup, other.path)
    assert isinstance(taken, Conflict)
    assert taken.reason == "folder_taken"
    assert isinstance(
        await refusal(house, replace(setup, quality_profile=99)), BadAnswer
    )
    house.radarr_server.unknown_titles = {setup.provider_id}
    unknown = await refusal(house, setup)
    assert isinstance(unknown, NotFound)
    assert unknown.reason == "unknown_title"
    house.radarr_server.unknown_titles = set()
    house.radarr_server.metadata_down = True
    down = await refusal(house, setup)
    assert isinstance(down, Unavailable)
    assert down.reason == "metadata"
    assert "metadata.example" not in str(down)
    assert FILM not in {one.title for one in house.radarr_server.movies.values()}


async def test_an_addition_is_sent_once(house: House) -> None:
    """Whatever happens to its answer."""
    setup = await house.film()
    for kind in (FaultKind.DISCONNECT, FaultKind.SERVER_ERROR, FaultKind.STARTING):
        house.radarr_server.requests.clear()
        fault = house.radarr_server.fail(kind, "/api/v3/movie", method="POST")
        await refusal(house, setup)
        house.radarr_server.faults.remove(fault)
        sent = [one for one in house.radarr_server.requests if one.method == "POST"]
        assert len(sent) == 1


async def test_an_exclusion_is_lifted(house: House) -> None:
    """By the number of its row, which is not the movie's."""
    setup = await house.film()
    excluded = await house.radarr.exclusions()
    (row,) = [
        number for number, title in excluded.items() if title == setup.provider_id
    ]
    await house.radarr.lift_exclusion(row)
    await house.radarr.lift_exclusion(row)
    assert not await house.radarr.exclusions()


async def test_tags_and_profiles(house: House) -> None:
    """A label has one id, made or known."""
    made = await house.radarr.add_tag("for-the-kids")
    assert await house.radarr.add_tag("for-the-kids") == made
    assert (await house.radarr.tags())[made] == "for-the-kids"
    assert await house.radarr.quality_profiles() == house.radarr_server.profiles
