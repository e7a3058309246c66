"""Quirks of Jellystat that no recording shows."""

import asyncio
from datetime import timedelta
import json
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError
import pytest

from simulators import Household, JellystatSimulator, User
from simulators.jellystat import server as server_module
from simulators.jellystat.cost import measured_cost
from simulators.jellystat.rows import guess, nested_date

from .conftest import Client, Clock

HISTORY, ACTIVITY = "/api/getHistory", "/stats/getPlaybackActivity"


def filters(*each: Any) -> str:
    """Return the parameter for filters."""
    return f"filters={quote(json.dumps(each))}"


@pytest.fixture
def alice(household: Household, clock: Clock) -> User:
    """Return a user who has watched a little."""
    alice, bob = household.user("alice"), household.user("bob")
    film, first, second = household.movies[0], *household.episodes
    for days, user, item in (
        (9, alice, first),
        (8, bob, film),
        (7, alice, second),
        (6, alice, film),
        (2, alice, film),
        (1, alice, first),
    ):
        household.play(user, item, at=clock.now - timedelta(days=days))
    return alice


async def test_groups(household: Household, ask: Client, alice: User) -> None:
    """An episode's group has its plays, a film's only its latest and not the number of them."""
    async with JellystatSimulator(household) as jellystat:
        rows = (await ask(jellystat, HISTORY)).body["results"]
    assert [row["NowPlayingItemName"] for row in rows] == [
        "Episode 1",
        "Alpha",
        "Episode 2",
        "Alpha",
    ]
    episode, film = rows[0], rows[1]
    assert (episode["TotalPlays"], len(episode["results"])) == (2, 2)
    assert episode["PlaybackDuration"] == episode["TotalDuration"] == 2 * 2592
    assert episode["results"][0]["Id"] == episode["Id"]
    assert (film["results"], film["TotalPlays"], film["PlaybackDuration"]) == (
        None,
        None,
        6912,
    )


async def test_cursor_at_milliseconds(
    household: Household, ask: Client, alice: User
) -> None:
    """Dates are cut to milliseconds outside, whole inside; a cursor at the cut date misses the row."""
    async with JellystatSimulator(household) as jellystat:
        (row,) = (await ask(jellystat, f"{HISTORY}?size=1")).body["results"]
        shown = row["ActivityDateInserted"]
        assert shown == "2026-11-21T11:00:00.123Z"
        assert (
            row["results"][0]["ActivityDateInserted"]
            == "2026-11-21T11:00:00.123457+00:00"
        )
        for maximum, pages in ((shown, 5), ("2026-11-21T11:00:00.124Z", 6)):
            chosen = filters({"field": "ActivityDateInserted", "max": maximum})
            reply = await ask(jellystat, f"{ACTIVITY}?size=1&{chosen}")
            assert reply.body["pages"] == pages


@pytest.mark.parametrize(
    ("query", "echo", "pages", "rows"),
    [
        ("", (1, 50), 1, 6),
        ("page=2&size=4", (2, 4), 2, 2),
        ("page=9&size=4", (9, 4), 2, 0),
        ("page=0", (0, 50), 0, 0),
        ("page=-1", (-1, 50), 0, 0),
        ("page=abc", ("abc", 50), 0, 0),
        ("page=1e1&size=1", (10, 1), 6, 0),
        ("page=true", (True, 50), 1, 6),
        ("size=abc", (1, "abc"), 0, 0),
        ("size=-5", (1, -5), 0, 0),
        ("size=0", (1, 0), None, 0),
        ("size=999999999", (1, 999999999), 1, 6),
        ("size=2.5", (1, 2.5), 3, 2),
    ],
)
async def test_paging(
    household: Household,
    ask: Client,
    alice: User,
    query: str,
    echo: tuple[Any, Any],
    pages: int | None,
    rows: int,
) -> None:
    """Pages are echoed as guessed, and what the SQL cannot do is 200 with nothing."""
    async with JellystatSimulator(household) as jellystat:
        reply = await ask(jellystat, f"{ACTIVITY}?{query}")
    assert reply.status == 200
    assert (reply.body["current_page"], reply.body["size"]) == echo
    assert (reply.body["pages"], len(reply.body["results"])) == (pages, rows)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (filters({"field": "UserName", "value": "ali"}), 5),
        (filters({"field": "NowPlayingItemName", "value": "EPISODE"}), 3),
        (filters({"field": "PlaybackDuration", "min": "3000"}), 3),
        (filters({"field": "PlaybackDuration", "max": 3000}), 3),
        (filters({"field": "IsPaused", "value": True}), 0),
        (filters({"field": "Nothing", "min": "2026-11-19T00:00:00Z"}), 2),
        (filters({"field": "ActivityDateInserted", "min": "tomorrow"}), 0),
        ("search=show one", 3),
        ("search=1917", 6),
        ("desc=false&size=1", 1),
    ],
)
async def test_filters(
    household: Household, ask: Client, alice: User, query: str, rows: int
) -> None:
    """Filters and searches, with what is ignored."""
    async with JellystatSimulator(household) as jellystat:
        reply = await ask(jellystat, f"{ACTIVITY}?{query}")
    assert len(reply.body["results"]) == rows


async def test_in_filter(household: Household, ask: Client, alice: User) -> None:
    """A list of ids works where the plays are paged; elsewhere it is not known."""
    ids = ",".join(item.id for item in household.episodes)
    async with JellystatSimulator(household) as jellystat:
        chosen = filters({"field": "EpisodeId", "in": ids})
        assert len((await ask(jellystat, f"{ACTIVITY}?{chosen}")).body["results"]) == 3
        many = filters({"field": "EpisodeId", "in": ",".join(["a" * 32] * 520)})
        assert (await ask(jellystat, f"{ACTIVITY}?{many}")).status == 431
        reply = await ask(jellystat, f"{ACTIVITY}?size=1&size=2")
        assert reply.status == 500
        assert reply.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "text", ["null", '"x"', "[null]", '[{"field":"UserName","value":7}]']
)
async def test_never_answers(
    household: Household, ask: Client, alice: User, text: str
) -> None:
    """Some filters are never answered, and the server stops all the same."""
    async with JellystatSimulator(household) as jellystat:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask(jellystat, f"{ACTIVITY}?filters={quote(text)}")


async def test_user_history(household: Household, ask: Client, alice: User) -> None:
    """The history of a user is flat; a search in it is broken."""
    async with JellystatSimulator(household) as jellystat:
        body = {"userid": alice.id}
        reply = await ask(
            jellystat, "/api/getUserHistory?size=2&page=3", "POST", body=body
        )
        assert (reply.body["pages"], len(reply.body["results"])) == (3, 1)
        assert reply.body["results"][0]["FullName"] == "Show One : S1E1 - Episode 1"
        broken = await ask(jellystat, "/api/getUserHistory?search=x", "POST", body=body)
        assert broken.body["pages"] == 0
        none = await ask(jellystat, "/api/getUserHistory", "POST", body={})
        assert (none.status, none.body) == (400, "No User ID provided")
        none = await ask(jellystat, "/api/getItemHistory", "POST")
        assert (none.status, none.body) == (400, "No Item ID provided")


async def test_ties_have_no_order(
    household: Household, ask: Client, clock: Clock
) -> None:
    """Newest first, rows of one date move between pages; oldest first they stand still."""
    alice = household.user("alice")
    for number in range(60):
        film = household.add_movie(f"Film {number}")
        household.play(alice, film, at=clock.now)
    async with JellystatSimulator(household) as jellystat:
        seen: dict[bool, set[str]] = {}
        for desc in (True, False):
            ids: list[str] = []
            for page in range(1, 7):
                path = f"{ACTIVITY}?size=10&page={page}&desc={str(desc).lower()}"
                ids += [
                    row["Id"] for row in (await ask(jellystat, path)).body["results"]
                ]
            assert len(ids) == 60
            seen[desc] = set(ids)
        assert len(seen[True]) < 60
        assert len(seen[False]) == 60
        whole = await ask(jellystat, f"{ACTIVITY}?size=60")
        assert len({row["Id"] for row in whole.body["results"]}) == 60


async def test_imported_row(
    household: Household, ask: Client, alice: User, clock: Clock
) -> None:
    """An imported episode stands under its own id, with a number as its id and much of it null."""
    episode = household.episodes[0]
    household.import_play(alice, episode, at=clock.now)
    async with JellystatSimulator(household) as jellystat:
        row = (await ask(jellystat, f"{ACTIVITY}?size=1")).body["results"][0]
        assert row["imported"] is True
        assert row["NowPlayingItemId"] == row["EpisodeId"] == episode.id
        assert row["Id"].isdigit()
        assert row["ServerId"] is None
        groups = (await ask(jellystat, HISTORY)).body["results"]
        assert [row["EpisodeId"] for row in groups].count(episode.id) == 2


@pytest.mark.parametrize("switch", ["database_up", "state"])
async def test_dying(household: Household, ask: Client, switch: str) -> None:
    """A keyed request without a database kills the process; it refuses until it is started again."""
    jellystat = JellystatSimulator(household)
    async with jellystat:
        setattr(jellystat, switch, 0)
        assert (await ask(jellystat, "/auth/isConfigured", headers={})).body[
            "state"
        ] == 0
        assert (await ask(jellystat, HISTORY, headers={})).status == 401
        assert jellystat.deaths == 0
        with pytest.raises(ClientError):
            await ask(jellystat, HISTORY)
        assert not jellystat.alive
        with pytest.raises(ClientError):
            await ask(jellystat, "/auth/isConfigured", headers={})
        jellystat.database_up, jellystat.state = True, 2
        await jellystat.restart()
        assert (await ask(jellystat, HISTORY)).status == 200
        assert jellystat.deaths == 1


async def test_too_many_waiting(
    household: Household, ask: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than twenty requests that wait for the database are its death."""
    monkeypatch.setattr(server_module, "_PATIENCE", 0.05)
    async with JellystatSimulator(household) as jellystat:
        jellystat.cost = lambda request, rows: 0.3
        for count, survives in ((15, True), (25, False)):
            tasks = [asyncio.create_task(ask(jellystat, HISTORY)) for _ in range(count)]
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert jellystat.alive is survives
            assert (
                any(isinstance(each, ClientError) for each in results) is not survives
            )


async def test_plays_while_it_is_down_are_lost(
    household: Household, ask: Client
) -> None:
    """Jellyfin remembers a play that Jellystat was not there to see."""
    alice, film = household.user("alice"), household.movies[0]
    async with JellystatSimulator(household) as jellystat:
        await jellystat.stop()
        household.play(alice, film)
        await jellystat.start()
        assert (await ask(jellystat, ACTIVITY)).body["results"] == []
    assert household.data(alice, film).played
    assert household.play(alice, film) is not None


async def test_other_paths(household: Household, ask: Client) -> None:
    """Outside the API there is the web page; a good key beside another authorization is nothing."""
    async with JellystatSimulator(household, base_path="/stats-of-films") as jellystat:
        key = {"x-api-token": jellystat.api_key}
        assert (await ask(jellystat, HISTORY)).status == 200
        for path in ("//api/getLibraries", "/wrong/api/getLibraries", "/"):
            reply = await ask(jellystat, path)
            assert reply.headers["Content-Type"].startswith("text/html")
        for value, status in (("Basic abc", 401), ("nonsense", 403)):
            reply = await ask(
                jellystat, HISTORY, headers=key | {"Authorization": value}
            )
            assert reply.status == status
        by_query = await ask(
            jellystat, f"{HISTORY}?apiKey={jellystat.api_key}", headers={}
        )
        assert by_query.status == 200


async def test_old_versions_page_nothing_or_strings(
    household: Household, ask: Client, alice: User
) -> None:
    """1.1.2 answers with arrays, 1.1.4 with strings, 1.1.6 with numbers and one array."""
    for version, paged, kind in (
        ("1.1.2", False, str),
        ("1.1.4", True, str),
        ("1.1.6", True, int),
    ):
        async with JellystatSimulator(household, version) as jellystat:
            assert isinstance((await ask(jellystat, ACTIVITY)).body, list)
            reply = await ask(
                jellystat,
                "/api/getUserHistory?size=2",
                "POST",
                body={"userid": alice.id},
            )
            assert isinstance(reply.body, dict) is paged
            if paged:
                assert isinstance(reply.body["results"][0]["PlaybackDuration"], kind)
            item = {"itemid": household.movies[0].id}
            reply = await ask(jellystat, "/api/getItemHistory", "POST", body=item)
            assert isinstance(reply.body, dict) is paged


async def test_guide(household: Household, ask: Client, alice: User) -> None:
    """A server that knows no more than the guide."""
    async with JellystatSimulator(household, "guide") as jellystat:
        reply = await ask(jellystat, f"{HISTORY}?page=2&size=4")
        assert {**reply.body, "results": []} == {
            "current_page": 2,
            "pages": 2,
            "size": 4,
            "results": [],
        }
        assert len(reply.body["results"]) == 2
        row = reply.body["results"][-1]
        assert list(row) == [
            "Id",
            "UserId",
            "UserName",
            "NowPlayingItemId",
            "NowPlayingItemName",
            "SeriesName",
            "EpisodeId",
            "SeasonId",
            "PlaybackDuration",
            "ActivityDateInserted",
        ]
        assert row["NowPlayingItemId"] == household.episodes[0].id
        assert row["ActivityDateInserted"] == "2026-11-13T11:00:00Z"
        libraries = await ask(jellystat, "/api/getLibraries")
        assert [(each["Name"], each["ItemCount"]) for each in libraries.body] == [
            ("Movies", 2),
            ("Shows", 1),
        ]
        assert (await ask(jellystat, "/auth/isConfigured", headers={})).status == 404
        assert (await ask(jellystat, ACTIVITY)).status == 404
        assert (await ask(jellystat, HISTORY, headers={})).status == 401


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7),
        ("8.1", 8),
        ("1e3", 1),
        ("-4", -4),
        ("0.18.5", "0.18.5"),
        ("alice", "alice"),
        ("Infinity", None),
        ("inf", "inf"),
        ("nan", "nan"),
        ("", None),
        (".5", None),
        ("1_000", "1_000"),
    ],
)
def test_guessing(text: str, value: str | int | None) -> None:
    """Text that JavaScript reads as a number becomes the whole number at its start."""
    assert guess(text) == value


def test_nested_dates(clock: Clock) -> None:
    """Nested dates have the offset of the database's zone and drop zeros at the end."""
    assert (
        nested_date(clock.now, timedelta(hours=10, minutes=30))
        == "2026-11-22T21:30:00.123457+10:30"
    )
    even = clock.now.replace(microsecond=120000)
    assert nested_date(even, timedelta()) == "2026-11-22T11:00:00.12+00:00"


async def test_measured_cost(
    household: Household, ask: Client, alice: User, clock: Clock
) -> None:
    """The grouped history costs by the size of the table, the flat one by what it sorts."""
    cost = measured_cost(household.plays)
    since = (clock.now - timedelta(days=3)).isoformat()
    bounds = filters({"field": "ActivityDateInserted", "min": since})
    async with JellystatSimulator(household) as jellystat:
        jellystat.cost = lambda request, rows: 0.0
        await ask(jellystat, f"{HISTORY}?page=1&size=100")
        for query in (
            "size=1",
            f"size=5000&{bounds}",
            "size=5000",
            "size=5000&filters=[]",
        ):
            await ask(jellystat, f"{ACTIVITY}?page=1&{query}")
        grouped, count, few, *everything = jellystat.requests
        rows = jellystat.table_size
    assert 47 < cost(grouped, 1_000_000) < 48
    assert 0.6 < cost(count, 1_000_000) < 0.7
    for request in everything:
        assert cost(count, rows) < cost(few, rows) < cost(request, rows)
