"""The households that come furnished."""

import asyncio
from datetime import timedelta
import json
import signal
import sys

import pytest

from simulators import (
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    Movie,
    Series,
    User,
    reference_household,
    sample_household,
)
from simulators.control import ControlServer, MovableClock
from simulators.sample import CASES

from .conftest import Client, Clock


@pytest.fixture
def sample(clock: Clock) -> Household:
    """Return the demo household."""
    return sample_household(clock)


def watched_by(house: Household, name: str) -> list[str]:
    """Return who has played an item, or all present episodes of a series."""
    item = house[name]

    def played(user: User) -> bool:
        if isinstance(item, Series):
            episodes = [each for each in item.episodes if not each.virtual]
            return all(house.data(user, each).played for each in episodes)
        return house.data(user, item).played

    return [user.name for user in house.users if played(user)]


def test_cases(sample: Household, clock: Clock) -> None:
    """Every case the demo shows is there under its name."""
    assert len(sample.movies) == 48
    assert len(sample.series) == 7
    assert all(name in sample for name in CASES.values())
    assert watched_by(sample, CASES["watched exactly 7 days ago"]) == ["bob"]
    assert watched_by(sample, CASES["started, not finished"]) == []
    assert watched_by(sample, CASES["marked by hand"]) == ["bob"]
    assert watched_by(sample, CASES["never watched"]) == []
    assert watched_by(sample, CASES["one episode left"]) == []
    assert watched_by(sample, CASES["watched by one user"]) == ["bob"]
    assert watched_by(sample, CASES["returned after a deletion"]) == ["carol"]
    tide = sample[CASES["returned after a deletion"]]
    assert tide.date_created == clock.now - timedelta(days=2)
    sizes = {movie.size for movie in sample.movies[:6]}
    assert len(sizes) == 6
    (playing,) = [session.item for session in sample.sessions if session.item]
    assert playing.name == CASES["watched, playing now"]
    assert any(play.imported for play in sample.plays)
    assert len(sample["Glass Mountain"].sources) == 2  # type: ignore[union-attr]
    assert {play.date <= clock.now for play in sample.plays} == {True}
    dates = [play.date for play in sample.plays if play.name == "Seven Bridges"]
    assert dates == [clock.now - timedelta(days=7)]


def test_sample_is_the_same_every_time(sample: Household, clock: Clock) -> None:
    """The same seed gives the same household."""
    again = sample_household(clock)
    assert [item.id for item in again.items] == [item.id for item in sample.items]
    assert [play.date for play in again.plays] == [play.date for play in sample.plays]
    other = sample_household(clock, seed=2)
    assert [play.date for play in other.plays] != [play.date for play in sample.plays]


async def test_reference(clock: Clock, ask: Client) -> None:
    """The large household serves pages of its columns, and takes new plays as any other."""
    house = reference_household(
        clock, movies=50, series=4, episodes=40, users=3, events=5000
    )
    assert (len(house.movies), len(house.episodes), len(house.plays)) == (50, 40, 5000)
    user, film = house.users[1], house.movies[7]
    house.play(user, film)
    async with (
        JellyfinSimulator(house) as jellyfin,
        JellystatSimulator(house) as jellystat,
    ):
        path = "/stats/getPlaybackActivity"
        assert (await ask(jellystat, f"{path}?size=1")).body["pages"] == 5001
        ids = set()
        for page in range(1, 7):
            body = (await ask(jellystat, f"{path}?size=1000&page={page}")).body
            ids |= {row["Id"] for row in body["results"]}
        assert len(ids) == 5001
        body = {"userid": user.id}
        history = await ask(
            jellystat, "/api/getUserHistory?size=9999", "POST", body=body
        )
        rows = history.body["results"]
        assert {row["UserId"] for row in rows} == {user.id}
        assert rows[0]["NowPlayingItemId"] == film.id
        assert 1000 < len(rows) < 2500
        groups = (await ask(jellystat, "/api/getHistory?size=9999")).body["results"]
        keys = {
            (row["NowPlayingItemId"], row["EpisodeId"], row["UserId"]) for row in groups
        }
        assert len(keys) == len(groups)
        played = await ask(
            jellyfin,
            f"/Items?userId={user.id}&recursive=true&includeItemTypes=Movie,Episode&isPlayed=true",
        )
        assert played.body["TotalRecordCount"] > 40


async def test_control(ask: Client) -> None:
    """Another process can look, act, move the time, and switch faults on and servers off."""
    clock = MovableClock()
    house = sample_household(clock)
    async with (
        JellyfinSimulator(house) as jellyfin,
        JellystatSimulator(house) as jellystat,
        ControlServer(
            house, {"jellyfin": jellyfin, "jellystat": jellystat}, clock
        ) as control,
    ):

        async def do(command: str, **body: object) -> object:
            reply = await ask(control, f"/control/{command}", "POST", body=body)
            assert reply.status == 200, reply.body
            return reply.body

        film = house["The Long Map"]
        assert isinstance(film, Movie)
        await do("play", user="bob", item="The Long Map")
        assert house.data(house.user("bob"), film).played
        await do("unmark", user="bob", item=film.id)
        assert not house.data(house.user("bob"), film).played
        await do("mark", user="bob", item="Tidewater S02E06")
        await do("start", user="bob", item="The Long Map")
        await do("stop", user="bob", item="The Long Map", fraction=0.5)
        await do("favourite", user="bob", item="The Long Map")
        old = film.id
        await do("rename", item="The Long Map", path="/media/movies/Map/Map.mkv")
        assert film.id != old
        await do("delete", item="The Long Map")
        assert film not in house
        await do("bring_back", item="The Long Map")
        assert film in house
        number = {"Tidewater S02E06": "S00E09"}
        await do("renumber", numbers=number)
        assert house.episode("Tidewater", 0, 9).path in house.files
        before = house.now()
        await do("tick", days=3)
        assert house.now() - before > timedelta(days=2, hours=23)
        await do(
            "fault", server="jellyfin", kind="server_error", path="/Users", times=1
        )
        assert (await ask(jellyfin, "/Users")).status == 500
        requests = await do("requests", server="jellyfin")
        assert isinstance(requests, list)
        assert requests[-1]["status"] == 500
        await do("set", server="jellystat", name="database_up", value=False)
        assert jellystat.database_up is False
        await do("stop_server", server="jellyfin")
        assert not jellyfin.running
        await do("start_server", server="jellyfin")
        state = await do("state")
        assert isinstance(state, dict)
        assert state["servers"]["jellyfin"]["running"]
        reply = await ask(control, "/control/play", "POST", body={"user": "nobody"})
        assert reply.status == 400
        assert (await ask(control, "/control/dance", "POST")).status == 404


async def test_command_line(ask: Client) -> None:
    """`python -m simulators` says where everything is, and ends when told to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulators",
        "--version=12.0",
        "--jellystat-version=guide",
        "--base-path=/jellyfin",
        "--now=2026-01-08T12:00:00",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    addresses = json.loads(await process.stdout.readline())
    async with ask.session.get(
        f"{addresses['jellyfin']['url']}/System/Info/Public"
    ) as response:
        assert (await response.json())["Version"] == "12.0.0"
    async with ask.session.post(
        f"{addresses['control']['url']}/control/state"
    ) as response:
        assert (await response.json())["now"].startswith("2026-01-08T12:00")
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
