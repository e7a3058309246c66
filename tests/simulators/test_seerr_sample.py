"""The demo household with all five servers, and how another process steers them."""

import asyncio
from contextlib import AsyncExitStack
import json
import signal
import sys
from typing import Any

from simulators import (
    ARR_CASES,
    Household,
    JellyfinSimulator,
    Movie,
    reference_arrs,
    reference_household,
    sample_arrs,
    sample_household,
)
from simulators.control import ControlServer, MovableClock
from simulators.server import Simulator

from .conftest import Client, Clock


def played_by(house: Household, name: str) -> list[str]:
    """Return who has played a title."""
    item = house[name]
    return [user.name for user in house.users if house.data(user, item).played]


def test_cases(clock: Clock) -> None:
    """Every case the demo shows is there under its name."""
    house = sample_household(clock)
    before = len(house.movies)
    arrs = sample_arrs(house)
    radarr, sonarr = arrs.radarr, arrs.sonarr
    assert arrs.radarr4k is not None
    assert len(house.movies) == before + 1
    assert all(name in house for name in ARR_CASES.values())
    assert len(radarr.movies) == before - 3
    managed = {movie.title for movie in radarr.movies.values()}
    assert ARR_CASES["known to no *arr"] not in managed
    paper = radarr.movie(ARR_CASES["tagged quick-watch"])
    assert [radarr.tags[tag] for tag in paper.tags] == ["quick-watch"]
    (copy,) = arrs.radarr4k.movies.values()
    kite = radarr.movie(ARR_CASES["has a 4K copy in a second Radarr"])
    assert copy.tmdb_id == kite.tmdb_id
    assert not radarr.movie(ARR_CASES["not monitored"]).monitored
    assert [each.title_id for each in radarr.queue] == [
        radarr.movie(ARR_CASES["being upgraded"]).id
    ]
    assert len(sonarr.series) == len(house.series)
    continuing = [
        each.title for each in sonarr.series.values() if each.status != "ended"
    ]
    assert continuing == [ARR_CASES["series requested by bob, continuing"]]
    requests = {
        (each.account.name, item.name): each
        for each in arrs.seerr.requested_media
        if (item := each.media.item or each.media.item_4k)
    }
    name = ARR_CASES["requested and watched by alice"]
    assert requests["alice", name].media.external == radarr.movie(name).id
    assert played_by(house, name) == ["alice"]
    name = ARR_CASES["requested by alice, watched by bob only"]
    assert ("alice", name) in requests
    assert played_by(house, name) == ["bob"]
    show = requests["alice", ARR_CASES["series requested and watched by alice"]].media
    film = house[ARR_CASES["requested and watched by alice"]]
    assert str(show.tmdb_id) == film.provider_ids["Tmdb"]


def test_the_large_household(clock: Clock) -> None:
    """All of it is managed, and every tenth title was asked for."""
    house = reference_household(
        clock, movies=50, series=4, episodes=40, users=3, events=50
    )
    arrs = reference_arrs(house)
    assert len(arrs.radarr.movies) == 50
    assert sum(len(each.files) for each in arrs.sonarr.series.values()) == 40
    assert len(arrs.seerr.requested_media) == 6


async def test_control(ask: Client) -> None:
    """Another process sees what the *arrs have, and makes their lists and searches run."""
    clock = MovableClock()
    house = sample_household(clock)
    arrs = sample_arrs(house)
    servers: dict[str, Simulator] = {"jellyfin": JellyfinSimulator(house), **dict(arrs)}
    arrs.radarr.deletion_delay = 0
    async with AsyncExitStack() as stack:
        for server in servers.values():
            await stack.enter_async_context(server)
        control = await stack.enter_async_context(ControlServer(house, servers, clock))

        async def do(command: str, **body: object) -> Any:
            reply = await ask(control, f"/control/{command}", "POST", body=body)
            assert reply.status == 200, reply.body
            return reply.body

        film = house["Harbour Lights"]
        assert isinstance(film, Movie)
        number = arrs.radarr.movie("Harbour Lights").id
        path = f"/api/v3/movie/{number}?deleteFiles=true&addImportExclusion=true"
        assert (await ask(arrs.radarr, path, "DELETE")).status == 200
        await do("scan")
        assert film not in house
        assert await do("list_sync", server="radarr") == []
        state = await do("arr", server="radarr")
        assert state["exclusions"] == ["Harbour Lights"]
        assert "Harbour Lights" not in [each["title"] for each in state["titles"]]
        await do("remove_file", item="Winter Orchard")
        await do("scan")
        await do("manage", server="radarr", item="Winter Orchard", tags=["keep"])
        assert await do("arr_search", server="radarr") == ["Winter Orchard"]
        assert "Winter Orchard" in house
        await do("unmanage", server="radarr", item="Winter Orchard")
        await do("remove_file", item="Fox Hollow S01E03")
        await do("arr_rescan", server="sonarr")
        shows = (await do("arr", server="sonarr"))["titles"]
        fox = next(each for each in shows if each["title"] == "Fox Hollow")
        assert fox["episodes"]["S01E03"] == {"monitored": True, "has_file": False}
        await do("download", server="sonarr", item="Fox Hollow")
        await do("recycle_bin", server="radarr", path="/data/recycle")
        assert await do("recycle_bin", server="radarr") == []
        await do("set", server="radarr", name="deletion_delay", value=0.5)
        await do("unmount", path="/media/movies")
        assert not house.disk.tree("/media/movies")
        await do("mount", path="/media/movies")
        await do("request", user="carol", item="Juniper Road")
        rows = await do("seerr")
        assert (rows[-1]["user"], rows[-1]["title"]) == ("carol", "Juniper Road")
        await do("availability_sync")
        await do("seerr_full_scan")


async def test_command_line(ask: Client) -> None:
    """`python -m simulators --arrs` starts them all."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators", "--arrs"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    addresses = json.loads(await process.stdout.readline())
    for name in ("radarr", "radarr4k", "sonarr"):
        there = addresses[name]
        async with ask.session.get(
            f"{there['url']}/api/v3/system/status",
            headers={"X-Api-Key": there["api_key"]},
        ) as response:
            status = await response.json()
            assert status["appName"] == name.removesuffix("4k").capitalize()
    async with ask.session.get(
        f"{addresses['seerr']['url']}/api/v1/request",
        headers={"X-Api-Key": addresses["seerr"]["api_key"]},
    ) as response:
        assert (await response.json())["pageInfo"]["results"] == 10
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
