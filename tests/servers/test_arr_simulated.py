"""Radarr, Sonarr and Seerr over one simulated household, from the list to the disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest

from custom_components.oxicleanarr.cleanup.folders import folder_objection
from custom_components.oxicleanarr.model import MediaItem, MediaKind
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    Jellyfin,
    NotFound,
    Radarr,
    Seerr,
    ServerError,
    Sonarr,
    Unavailable,
)
from custom_components.oxicleanarr.sync import (
    Catalog,
    Shelf,
    match_episodes,
    match_movies,
    match_requests,
    match_series,
)
from simulators import (
    FaultKind,
    Household,
    JellyfinSimulator,
    RadarrSimulator,
    SeerrSimulator,
    SonarrSimulator,
    sample_household,
)
from simulators.server import Simulator
from tests.taken import all_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILM = "Harbour Lights"
PAIR = "Little Lighthouse"


@dataclass(slots=True)
class House:
    """The servers of a household, and a client of each."""

    household: Household
    simulators: tuple[
        JellyfinSimulator, RadarrSimulator, SonarrSimulator, SeerrSimulator
    ]
    jellyfin: Jellyfin
    radarr: Radarr
    sonarr: Sonarr
    seerr: Seerr

    async def inventory(self) -> list[MediaItem]:
        """Return all that Jellyfin shows."""
        return [
            item
            for library in await self.jellyfin.libraries()
            for item in await all_of(self.jellyfin.inventory, library)
        ]

    async def promised(self) -> None:
        """Wait until the *arr have done what they promised."""
        _, radarr, sonarr, _ = self.simulators
        while not (radarr.settled and sonarr.settled):
            await asyncio.sleep(0.005)


@pytest.fixture
async def house(
    session: aiohttp.ClientSession, socket_enabled: None
) -> AsyncIterator[House]:
    """Return the demo's household, whose Radarr sees other mounts than Jellyfin."""
    household = sample_household(lambda: NOW)
    films, *_ = (
        library.locations[0]
        for library in household.libraries
        if library.collection_type == "movies"
    )
    jellyfin = JellyfinSimulator(household)
    radarr = RadarrSimulator(household, path_map={films: "/data"})
    sonarr = SonarrSimulator(household, url_base="/sonarr")
    seerr = SeerrSimulator(household, radarr=[radarr], sonarr=[sonarr])
    radarr.manage_all()
    sonarr.manage_all()
    every: tuple[Simulator, ...] = (jellyfin, radarr, sonarr, seerr)
    async with AsyncExitStack() as stack:
        for each in every:
            await stack.enter_async_context(each)
        yield House(
            household,
            (jellyfin, radarr, sonarr, seerr),
            Jellyfin(session, jellyfin.url, jellyfin.api_key, timeout=5),
            Radarr(session, radarr.url, radarr.api_key, timeout=5),
            Sonarr(session, sonarr.url, sonarr.api_key, timeout=5),
            Seerr(session, seerr.url, seerr.api_key, timeout=5),
        )


async def test_who_is_there(house: House, session: aiohttp.ClientSession) -> None:
    """Each is itself, swapped ones are named, and a wrong key is one."""
    jellyfin, radarr, sonarr, seerr = house.simulators
    assert (await house.radarr.check()).app == "Radarr"
    assert (await house.sonarr.check()).url_base == "/sonarr"
    assert (await house.seerr.check()).version == "3.1.0"
    with pytest.raises(BadAnswer) as caught:
        await Radarr(session, sonarr.url, sonarr.api_key).check()
    assert (caught.value.reason, caught.value.found) == ("other_server", "Sonarr")
    with pytest.raises(BadAnswer) as caught:
        await Sonarr(session, radarr.url, radarr.api_key).check()
    assert (caught.value.reason, caught.value.found) == ("other_server", "Radarr")
    for url in (radarr.url, jellyfin.url):
        with pytest.raises(BadAnswer) as caught:
            await Seerr(session, url, "key").check()
        assert caught.value.reason == "other_server"
    with pytest.raises(BadAnswer) as caught:
        await Sonarr(
            session, sonarr.url.removesuffix("/sonarr"), sonarr.api_key
        ).check()
    assert caught.value.reason == "redirect"
    for client in (Radarr(session, radarr.url, "no"), Seerr(session, seerr.url, "no")):
        with pytest.raises(AuthenticationFailed):
            await client.check()


async def test_all_find_each_other(house: House) -> None:
    """Every film and series has one title, though the mounts differ."""
    items = await house.inventory()
    catalog = Catalog(connection="r", titles=await house.radarr.movies())
    films = match_movies(items, [catalog])
    known = {match.items[0].title: match for match in films}
    assert all(match.doubt is None for match in films), [
        (match.items, match.doubt) for match in films if match.doubt
    ]
    assert [owner.title.title for owner in known[FILM].owners] == [FILM]
    assert sum(bool(match.owners) for match in films) > 20
    shows = match_series(
        items, [Catalog(connection="s", titles=await house.sonarr.series())]
    )
    assert shows
    for match in shows:
        assert match.doubt is None
        (owner,) = match.owners
        episodes, files = await house.sonarr.episodes_and_files(owner.title.title_id)
        shelf = Shelf(connection="s", episodes=episodes, files=files)
        assert episodes == await house.sonarr.episodes(owner.title.title_id)
        assert sorted(files, key=lambda file: file.file_id) == (
            await house.sonarr.episode_files(owner.title.title_id)
        )
        own = [item for item in items if item.series_id == match.items[0].item_id]
        matches = match_episodes(own, [shelf])
        assert all(one.files and one.doubt is None for one in matches)
        assert len(matches) == len(shelf.files)
        if owner.title.title == PAIR:
            assert max(len(one.files[0].episodes) for one in matches) == 2


async def test_a_movie_goes(house: House) -> None:
    """Unmonitored, its file, its entry: and no list brings it back."""
    _, simulator, _, _ = house.simulators
    film = house.household.movie(FILM)
    every = await house.radarr.movies()
    movie = next(one for one in every if one.title == FILM)
    assert movie.file is not None
    assert folder_objection(movie, every, await house.radarr.root_folders()) is None
    await house.radarr.set_monitored(movie.title_id, False)
    await house.radarr.delete_file(movie.file.file_id)
    assert not house.household.disk.has(film.path or "?")
    now = await house.radarr.movie(movie.title_id)
    assert (now.monitored, now.has_file, now.file) == (False, False, None)
    assert await house.radarr.files(movie.title_id) == []
    assert simulator.search() == []
    with pytest.raises(NotFound):
        await house.radarr.delete_file(movie.file.file_id)
    await house.radarr.delete_movie(movie.title_id, add_import_exclusion=True)
    await house.promised()
    excluded = await house.radarr.exclusions()
    assert movie.provider_ids["tmdb"] in {str(one) for one in excluded.values()}
    assert house.household.disk.tree(film.folder) == []
    assert FILM not in simulator.list_sync()
    with pytest.raises(NotFound):
        await house.radarr.movie(movie.title_id)
    with pytest.raises(NotFound):
        await house.radarr.delete_movie(movie.title_id, add_import_exclusion=True)
    with pytest.raises(NotFound):
        await house.radarr.set_monitored(movie.title_id, False)


async def test_a_movie_that_will_not_go(house: House) -> None:
    """Whatever keeps the file is said, and nothing has changed but the flag."""
    disk, film = house.household.disk, house.household.movie(FILM)
    movie = next(one for one in await house.radarr.movies() if one.title == FILM)
    assert movie.file is not None
    disk.locked.add(film.path or "?")
    with pytest.raises(Conflict) as caught:
        await house.radarr.delete_file(movie.file.file_id)
    assert caught.value.reason == "not_removable"
    disk.locked.clear()
    root = film.folder.rpartition("/")[0]
    for mount_point, reason in (
        (False, "root_folder_missing"),
        (True, "root_folder_empty"),
    ):
        disk.unmount(root, mount_point=mount_point)
        with pytest.raises(Conflict) as caught:
            await house.radarr.delete_file(movie.file.file_id)
        assert caught.value.reason == reason
        disk.mount(root)
    assert await house.radarr.movie(movie.title_id) == movie
    assert disk.has(film.path or "?")


async def test_episodes_go(house: House) -> None:
    """Exactly the episodes of a file, unmonitored first; new ones still arrive."""
    _, _, simulator, _ = house.simulators
    series = next(one for one in await house.sonarr.series() if one.title == PAIR)
    episodes = await house.sonarr.episodes(series.title_id)
    files = await house.sonarr.episode_files(series.title_id)
    inside = {
        file.file_id: [one for one in episodes if one.file_id == file.file_id]
        for file in files
    }
    file_id = max(inside, key=lambda each: len(inside[each]))
    ids = [one.episode_id for one in inside[file_id]]
    assert len(ids) == 2
    await house.sonarr.set_episodes_monitored(ids, False)
    await house.sonarr.delete_file(file_id)
    after = {
        one.episode_id: one for one in await house.sonarr.episodes(series.title_id)
    }
    assert all(
        (after[each].has_file, after[each].file_id, after[each].monitored)
        == (False, None, False)
        for each in ids
    )
    left = await house.sonarr.episode_files(series.title_id)
    assert {file.file_id for file in left} == inside.keys() - {file_id}
    assert simulator.search() == []
    assert await house.sonarr.series_by_id(series.title_id) != series
    with pytest.raises(NotFound):
        await house.sonarr.delete_file(file_id)
    with pytest.raises(NotFound):
        await house.sonarr.set_episodes_monitored([ids[0], 99999], True)


async def test_a_series_goes(house: House) -> None:
    """File by file, then its entry, and no list brings it back."""
    _, _, simulator, _ = house.simulators
    series = next(one for one in await house.sonarr.series() if one.title == PAIR)
    await house.sonarr.set_series_monitored(series.title_id, False)
    for file in await house.sonarr.episode_files(series.title_id):
        await house.sonarr.delete_file(file.file_id)
    now = await house.sonarr.series_by_id(series.title_id)
    assert (now.monitored, now.has_file, now.size_bytes) == (False, False, 0)
    await house.sonarr.delete_series(series.title_id, add_import_list_exclusion=True)
    await house.promised()
    excluded = await house.sonarr.exclusions()
    assert series.provider_ids["tvdb"] in {str(one) for one in excluded.values()}
    assert PAIR not in simulator.list_sync()
    with pytest.raises(NotFound):
        await house.sonarr.series_by_id(series.title_id)
    with pytest.raises(NotFound):
        await house.sonarr.delete_series(
            series.title_id, add_import_list_exclusion=True
        )
    assert await house.sonarr.episodes(series.title_id) == []
    with pytest.raises(NotFound):
        await house.sonarr.episode_files(series.title_id)


async def test_what_else_they_say(house: House) -> None:
    """Tags, root folders, recycle bin and queue."""
    _, radarr, sonarr, _ = house.simulators
    film = house.household.movie(FILM)
    managed = radarr.manage(film, tags=["keep"])
    radarr.download(managed)
    radarr.recycle_bin = "/bin"
    movie = next(one for one in await house.radarr.movies() if one.title == FILM)
    assert movie.tags(await house.radarr.tags()) == frozenset({"keep"})
    assert await house.radarr.queue() == {movie.title_id}
    assert (await house.radarr.recycle_bin()).path == "/bin"
    assert (await house.sonarr.recycle_bin()).path == ""
    assert all(root.accessible for root in await house.sonarr.root_folders())
    assert await house.sonarr.queue() == frozenset()
    assert await house.sonarr.tags() == {}
    assert sonarr.requested("queue")


async def test_requests_find_their_titles(house: House) -> None:
    """Who asked for what; and forgetting it forgets it."""
    *_, simulator = house.simulators
    alice = house.household.user("alice")
    film = house.household.movie(FILM)
    show = house.household.series[0]
    simulator.request(alice, film)
    simulator.request(simulator.add_local_user("visitor"), show)
    items = await house.inventory()
    requests = await house.seerr.requests()
    asked = match_requests(items, requests)
    titles = {item.item_id: item for item in items}
    found = {
        (titles[key].kind, titles[key].title): own for key, own in asked.items() if own
    }
    (one,) = found.pop((MediaKind.MOVIE, FILM))
    assert one.requester.user_id == alice.id
    assert "alice" in one.requester.names
    (other,) = found.pop((MediaKind.SERIES, show.name))
    assert other.requester.user_id is None
    assert other.requester.names == {"visitor"}
    assert found == {}
    assert one.media_id is not None
    await house.seerr.delete_media(one.media_id)
    assert [each.request_id for each in await house.seerr.requests()] == [
        other.request_id
    ]
    with pytest.raises(NotFound):
        await house.seerr.delete_media(one.media_id)
    simulator.csrf = True
    await house.seerr.delete_request(other.request_id)
    assert await house.seerr.requests() == []


FAULTS: list[tuple[FaultKind, type[ServerError]]] = [
    (FaultKind.SERVER_ERROR, Unavailable),
    (FaultKind.BAD_GATEWAY, Unavailable),
    (FaultKind.DISCONNECT, Unavailable),
    (FaultKind.UNAUTHORIZED, ServerError),
    (FaultKind.NOT_FOUND, ServerError),
    (FaultKind.HTML, BadAnswer),
    (FaultKind.EMPTY, BadAnswer),
    (FaultKind.TRUNCATED, BadAnswer),
    (FaultKind.MALFORMED, BadAnswer),
    (FaultKind.WRONG_SHAPE, BadAnswer),
]


@pytest.mark.parametrize(("kind", "error"), FAULTS)
async def test_every_fault_of_every_read(
    house: House, kind: FaultKind, error: type[ServerError]
) -> None:
    """Each says so with the right error and no secret."""
    house.simulators[3].request(
        house.household.user("alice"), house.household.movie(FILM)
    )
    reads: list[Callable[[], Awaitable[object]]] = [
        house.radarr.check,
        house.radarr.movies,
        lambda: house.radarr.movie(1),
        lambda: house.radarr.files(1),
        house.radarr.tags,
        house.radarr.root_folders,
        house.radarr.exclusions,
        house.radarr.queue,
        house.sonarr.check,
        house.sonarr.series,
        lambda: house.sonarr.series_by_id(1),
        lambda: house.sonarr.episodes(1),
        lambda: house.sonarr.episode_files(1),
        house.sonarr.queue,
        house.seerr.check,
        house.seerr.requests,
    ]
    for simulator in house.simulators:
        simulator.fail(kind)
    for read in reads:
        with pytest.raises(error) as caught:
            await read()
        for simulator in house.simulators:
            assert simulator.api_key not in str(caught.value)
            assert simulator.host not in str(caught.value)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.SERVER_ERROR,
        FaultKind.BAD_GATEWAY,
        FaultKind.DISCONNECT,
        FaultKind.DISCONNECT_AFTER,
    ],
)
async def test_changes_are_never_repeated(
    house: House, waits: list[float], kind: FaultKind
) -> None:
    """Not even one that may not have arrived."""
    _, radarr, sonarr, seerr = house.simulators
    changes: list[tuple[Simulator, Callable[[], Awaitable[object]]]] = [
        (radarr, lambda: house.radarr.set_monitored(1, False)),
        (radarr, lambda: house.radarr.delete_file(1)),
        (radarr, lambda: house.radarr.delete_movie(1, add_import_exclusion=True)),
        (sonarr, lambda: house.sonarr.set_episodes_monitored([1], False)),
        (sonarr, lambda: house.sonarr.set_series_monitored(1, False)),
        (sonarr, lambda: house.sonarr.delete_file(1)),
        (
            sonarr,
            lambda: house.sonarr.delete_series(1, add_import_list_exclusion=True),
        ),
        (seerr, lambda: house.seerr.delete_media(1)),
    ]
    for simulator, change in changes:
        fault = simulator.fail(kind)
        with pytest.raises(Unavailable):
            await change()
        assert fault.hits == 1
        simulator.faults.clear()
    assert waits == []
