"""The same request to the simulator and to a real Jellystat gives the same status, fields and types."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from urllib.parse import quote

import pytest

from simulators import Household, JellystatSimulator, Play

from .conftest import Client, Clock
from .recorded import recording

#: Between the recordings of 1.1.2 and 1.1.8 the same plays have dates that differ by this.
SHIFT = timedelta(seconds=72.489)
MIN = '[{"field": "ActivityDateInserted", "min": "2026-11-01T00:00:00.000Z"}]'
MAX = '[{"field": "ActivityDateInserted", "max": "2026-10-15T00:10:21.052Z"}]'
NEVER = '[{"field": "ActivityDateInserted", "min": "2099-01-01T00:00:00.000Z"}]'
HISTORY, ACTIVITY = "/api/getHistory", "/stats/getPlaybackActivity"
READS = {
    "getHistory-page1": f"{HISTORY}?page=1&size=6",
    "getHistory-page2": f"{HISTORY}?page=2&size=6",
    "getHistory-last-page-short": f"{HISTORY}?page=4&size=6",
    "getHistory-page-out-of-range": f"{HISTORY}?page=99&size=6",
    "getHistory-bad-page-200-empty": f"{HISTORY}?page=abc&size=6",
    "getHistory-size0": f"{HISTORY}?page=1&size=0",
    "getHistory-filter-min": f"{HISTORY}?page=1&size=6&filters={quote(MIN)}",
    "getPlaybackActivity-page1": f"{ACTIVITY}?page=1&size=10",
    "getPlaybackActivity-page2": f"{ACTIVITY}?page=2&size=10",
    "getPlaybackActivity-filter-min": f"{ACTIVITY}?page=1&size=10&filters={quote(MIN)}",
    "getPlaybackActivity-filter-max-keyset": f"{ACTIVITY}?page=1&size=5&filters={quote(MAX)}",
    "getPlaybackActivity-count-size1": f"{ACTIVITY}?page=1&size=1",
    "getPlaybackActivity-empty": f"{ACTIVITY}?page=1&size=10&filters={quote(NEVER)}",
}
#: What a play carries; the rest of a row is only compared by its type.
VALUES = [
    "UserId",
    "UserName",
    "Client",
    "DeviceName",
    "ApplicationVersion",
    "NowPlayingItemId",
    "NowPlayingItemName",
    "SeasonId",
    "SeriesName",
    "EpisodeId",
    "PlaybackDuration",
    "imported",
    "EpisodeNumber",
    "SeasonNumber",
    "ParentId",
    "FullName",
    "TotalPlays",
    "TotalDuration",
]


def recorded_plays(household: Household) -> None:
    """Give Jellystat the plays of the recordings."""
    for group in recording("jellystat/legacy-1.1.2-getHistory-array.json"):
        for row in group["results"]:
            date = datetime.fromisoformat(row["ActivityDateInserted"]) - SHIFT
            if row["imported"]:
                date = datetime(2026, 10, 15, 0, 10, 21, 51789, tzinfo=UTC)
            household.plays.add(
                Play(
                    id=row["Id"],
                    user_id=row["UserId"],
                    user_name=row["UserName"],
                    item_id=row["NowPlayingItemId"],
                    name=row["NowPlayingItemName"],
                    seconds=int(row["PlaybackDuration"]),
                    date=date,
                    season_id=row["SeasonId"],
                    series_name=row["SeriesName"],
                    episode_id=row["EpisodeId"],
                    season_number=row["SeasonNumber"],
                    episode_number=row["EpisodeNumber"],
                    library_id=row["ParentId"],
                    client=row["Client"],
                    device=row["DeviceName"],
                    version=row["ApplicationVersion"],
                    imported=row["imported"],
                )
            )


@asynccontextmanager
async def jellystat(version: str, clock: Clock) -> AsyncGenerator[JellystatSimulator]:
    """Run a Jellystat of a version with the recorded plays."""
    household = Household(clock)
    recorded_plays(household)
    async with JellystatSimulator(household, version) as server:
        yield server


def compare_rows(ours: list[Any], real: list[Any], *, dates: bool = True) -> None:
    """Assert that rows have the same fields, types and contents."""
    assert len(ours) == len(real)
    for left, right in zip(ours, real, strict=True):
        assert set(left) == set(right)
        for name, value in right.items():
            if name in VALUES:
                assert left[name] == value, name
            if name not in ("MediaStreams", "TranscodingInfo", "PlayState"):
                assert type(left[name]) is type(value), name
        if dates:
            ours_date = datetime.fromisoformat(left["ActivityDateInserted"])
            real_date = datetime.fromisoformat(right["ActivityDateInserted"])
            assert abs(ours_date - real_date) < timedelta(milliseconds=3)
            assert len(left["ActivityDateInserted"]) == len(
                right["ActivityDateInserted"]
            )
        if right.get("results"):
            assert len(left["results"]) == len(right["results"])
            for nested, real_nested in zip(
                left["results"], right["results"], strict=True
            ):
                assert set(nested) == set(real_nested)
                for name in VALUES:
                    assert nested.get(name) == real_nested.get(name), name


@pytest.mark.parametrize("name", READS)
async def test_read(clock: Clock, ask: Client, name: str) -> None:
    """A read of 1.1.8 has the recorded envelope and rows."""
    real = recording(f"jellystat/{name}.json")
    async with jellystat("1.1.8", clock) as server:
        reply = await ask(server, READS[name])
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("application/json")
    assert {**reply.body, "results": 0} == {**real, "results": 0}
    compare_rows(reply.body["results"], real["results"])


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        (
            "getUserHistory-flat",
            "/api/getUserHistory?page=1&size=5",
            {"userid": "0048e362e7a5a4c2fdc59d39116ec231"},
        ),
        (
            "getItemHistory-movie",
            "/api/getItemHistory?page=1&size=5",
            {"itemid": "dcb48fccce095e2fcb405a1cec3dcf88"},
        ),
        (
            "getItemHistory-series",
            "/api/getItemHistory?page=1&size=5",
            {"itemid": "403d0073a474a34f7b2757ad255ac5ef"},
        ),
    ],
)
async def test_histories(
    clock: Clock, ask: Client, name: str, path: str, body: dict[str, str]
) -> None:
    """The histories of a user and of an item are flat and named."""
    real = recording(f"jellystat/{name}.json")
    async with jellystat("1.1.8", clock) as server:
        reply = await ask(server, path, "POST", body=body)
    assert {**reply.body, "results": 0} == {**real, "results": 0}
    compare_rows(reply.body["results"], real["results"])


async def test_history_of_1_1_2(clock: Clock, ask: Client) -> None:
    """1.1.2 ignores the page and answers with every group, films with their plays."""
    real = recording("jellystat/legacy-1.1.2-getHistory-array.json")
    async with jellystat("1.1.2", clock) as server:
        reply = await ask(server, f"{HISTORY}?page=1&size=5")
    compare_rows(reply.body, real, dates=False)


async def test_history_of_1_1_4(clock: Clock, ask: Client) -> None:
    """1.1.4 pages, with numbers as strings and films without their plays."""
    real = recording("jellystat/legacy-1.1.4-getHistory-string-numbers.json")
    async with jellystat("1.1.4", clock) as server:
        reply = await ask(server, f"{HISTORY}?page=1&size=4")
    assert {**reply.body, "results": 0} == {**real, "results": 0}
    compare_rows(reply.body["results"], real["results"], dates=False)


@pytest.mark.parametrize("version", ["1.1.2", "1.1.4", "1.1.6"])
async def test_activity_of_old_versions(
    clock: Clock, ask: Client, version: str
) -> None:
    """Before 1.1.7 the whole table comes as an array in no order."""
    real = recording(f"jellystat/legacy-{version}-getPlaybackActivity-array.json")
    async with jellystat(version, clock) as server:
        reply = await ask(server, f"{ACTIVITY}?page=1&size=5")

    def order(row: Any) -> str:
        return json.dumps(
            [row[name] for name in ("NowPlayingItemId", "EpisodeId")]
        ) + str(int(row["PlaybackDuration"]))

    compare_rows(sorted(reply.body, key=order), sorted(real, key=order), dates=False)


async def test_errors(clock: Clock, ask: Client, household: Household) -> None:
    """Refusals have the recorded bodies."""
    async with jellystat("1.1.8", clock) as server:
        wrong = {"x-api-token": "wrong"}
        for name, path, headers, status in (
            ("error-401-no-key", HISTORY, {}, 401),
            ("error-403-wrong-key", HISTORY, wrong, 403),
            ("error-404-unknown-api-route", "/api/doesNotExist", None, 404),
            ("isConfigured-ready", "/auth/isConfigured", {}, 200),
            ("getHistory-invalid-filters-400", f"{HISTORY}?filters=notjson", None, 400),
        ):
            reply = await ask(server, path, headers=headers)
            assert (reply.status, reply.body) == (
                status,
                recording(f"jellystat/{name}.json"),
            )
        invalid = recording("jellystat/fed-by-jellyfin/filters-invalid.json")
        reply = await ask(server, f"{ACTIVITY}?filters=nonsense")
        assert reply.status == invalid["status"]
        assert set(reply.body) == set(invalid["body"])
        assert reply.body["allowed_fields"] == invalid["body"]["allowed_fields"]
        bearer = recording("jellystat/fed-by-jellyfin/bad-bearer.json")
        reply = await ask(server, ACTIVITY, headers={"Authorization": "Bearer garbage"})
        assert (reply.status, reply.body) == (bearer["status"], bearer["body"])
        server.has_keys = False
        none = recording("jellystat/fed-by-jellyfin/token-but-no-keys.json")
        reply = await ask(server, ACTIVITY)
        assert (reply.status, reply.body) == (none["status"], none["body"])
        server.database_up = False
        reply = await ask(server, "/auth/isConfigured", headers={})
        assert reply.body == recording("jellystat/isConfigured-not-ready.json")


async def test_libraries(household: Household, ask: Client) -> None:
    """Libraries and their items have the recorded fields and types."""
    async with JellystatSimulator(household) as server:
        reply = await ask(server, "/api/getLibraries")
        for ours, real in zip(
            reply.body, recording("jellystat/getLibraries.json"), strict=True
        ):
            assert {name: type(value) for name, value in ours.items()} == {
                name: type(value) for name, value in real.items()
            }
        body = {"libraryid": household.library("Movies").id}
        reply = await ask(server, "/stats/getLibraryItemsWithStats", "POST", body=body)
        real = recording("jellystat/getLibraryItemsWithStats-movies.json")
        assert set(reply.body) == set(real)
        assert set(reply.body["results"][0]) == set(real["results"][0])
