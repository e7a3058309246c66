"""Whatever comes over the wire: objects within bounds, or an error of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
import copy
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
import json
from typing import Any, cast

import aiohttp
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from yarl import URL

from custom_components.oxicleanarr.model import Library
from custom_components.oxicleanarr.servers import (
    InvalidUrl,
    Jellyfin,
    Jellystat,
    Radarr,
    Seerr,
    ServerError,
    Sonarr,
    http,
    normalize_url,
)
from custom_components.oxicleanarr.servers.jellyfin_rows import (
    files_of,
    item_converter,
    library_of,
    session_of,
    user_data_of,
)
from tests.taken import all_of

STEADY = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ID, OTHER_ID, THIRD_ID = "a1" * 16, "b2" * 16, "c3" * 16
DATE = "2026-01-15T10:30:00.000Z"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# What json.dumps cannot write stands for itself until the body is made.
RAW = {"@1e400": "1e400", "@deep": "[" * 5000 + "]" * 5000, "@digits": "9" * 5000}

HOSTILE: list[object] = [
    None,
    True,
    False,
    "true",
    "false",
    "",
    " ",
    0,
    -1,
    1,
    1970,
    10**9,
    2**31,
    2**53,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**30,
    10**40,
    0.5,
    1e300,
    float("nan"),
    float("inf"),
    float("-inf"),
    *RAW,
    "9" * 400,
    "NaN",
    "1e400",
    "\ud800",
    "half \udfff a pair",
    "\0",
    "x" * 40_000,
    "é" * 2000,
    ID,
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00+99:99",
    [],
    {},
    [None],
    [{}],
    ["\ud800"],
    {"\ud800": "\ud800"},
    {"Id": ID},
]

ITEM = {
    "Id": ID,
    "Type": "Movie",
    "Name": "Film",
    "DateCreated": DATE,
    "PremiereDate": DATE,
    "Path": "/media/film.mkv",
    "ProviderIds": {"Tmdb": "603", "Imdb": "tt1"},
    "Tags": ["keep"],
    "ProductionYear": 1999,
    "RunTimeTicks": 59_999_999_999,
    "SeriesId": OTHER_ID,
    "SeriesName": "Show",
    "SeasonId": THIRD_ID,
    "ParentIndexNumber": 1,
    "IndexNumber": 2,
    "IndexNumberEnd": 3,
    "ImageTags": {"Primary": "abc"},
    "MediaSourceCount": 2,
    "MediaSources": [{"Id": ID, "Size": 5, "Path": "/media/film.mkv"}],
    "UserData": {
        "Played": True,
        "PlayCount": 1,
        "LastPlayedDate": DATE,
        "IsFavorite": False,
    },
}
PLAY = {
    "Id": "play-1",
    "UserId": ID,
    "UserName": "alice",
    "NowPlayingItemId": OTHER_ID,
    "NowPlayingItemName": "Film",
    "SeriesName": None,
    "EpisodeId": THIRD_ID,
    "PlaybackDuration": 60,
    "ActivityDateInserted": DATE,
}
PAGE = {"pages": 1, "size": 5000, "filters": [], "results": [PLAY]}
ARR_FILE = {
    "id": 7,
    "path": "/m/film.mkv",
    "relativePath": "film.mkv",
    "size": 5,
    "dateAdded": DATE,
    "seasonNumber": 1,
    "seriesId": 1,
}
TITLE = {
    "id": 1,
    "title": "Film",
    "year": 1999,
    "tmdbId": 603,
    "imdbId": "tt1",
    "tvdbId": 5,
    "path": "/m/film",
    "rootFolderPath": "/m",
    "monitored": True,
    "hasFile": True,
    "movieFileId": 7,
    "sizeOnDisk": 5,
    "added": DATE,
    "tags": [1],
    "movieFile": ARR_FILE,
    "qualityProfileId": 4,
    "minimumAvailability": "released",
    "seasonFolder": True,
    "seriesType": "daily",
    "monitorNewItems": "all",
    "status": "ended",
    "nextAiring": DATE,
    "statistics": {"episodeFileCount": 1, "sizeOnDisk": 5},
    "seasons": [
        {"seasonNumber": 1, "monitored": True, "statistics": {"sizeOnDisk": 5}}
    ],
}
EPISODE = {
    "id": 3,
    "seriesId": 1,
    "seasonNumber": 1,
    "episodeNumber": 2,
    "absoluteEpisodeNumber": 2,
    "episodeFileId": 7,
    "hasFile": True,
    "monitored": True,
    "airDateUtc": DATE,
    "episodeFile": ARR_FILE,
}
STATUS = {"appName": "Radarr", "version": "6", "instanceName": "R", "urlBase": ""}
ANSWERS: dict[str, object] = {
    "/System/Info/Public": {
        "Id": ID,
        "Version": "12",
        "ServerName": "S",
        "ProductName": "Jellyfin Server",
    },
    "/System/Info": {"Id": ID, "Version": "12", "ServerName": "S"},
    "/Users": [
        {
            "Id": ID,
            "Name": "alice",
            "Policy": {
                "IsDisabled": False,
                "EnableAllFolders": False,
                "EnabledFolders": [ID],
            },
        }
    ],
    "/Library/VirtualFolders": [
        {"ItemId": ID, "Name": "M", "CollectionType": "movies", "Locations": ["/m"]}
    ],
    "/Items": {"Items": [ITEM], "TotalRecordCount": 1, "StartIndex": 0},
    "/Sessions": [
        {
            "UserId": ID,
            "NowPlayingItem": {"Id": ID, "SeasonId": ID, "SeriesId": ID, "Name": "F"},
            "PlayState": {"MediaSourceId": ID},
        }
    ],
    "/ScheduledTasks": [
        {
            "Key": "RefreshLibrary",
            "State": "Idle",
            "LastExecutionResult": {"StartTimeUtc": DATE},
        }
    ],
    "/System/ActivityLog/Entries": {
        "Items": [
            {
                "Id": 1,
                "Type": "VideoPlayback",
                "UserId": ID,
                "ItemId": ID,
                "Date": DATE,
            }
        ],
        "TotalRecordCount": 1,
    },
    "/auth/isConfigured": {"state": 2, "version": "1.1.8"},
    "/api/getLibraries": [{"Id": ID, "Name": "M"}],
    "/stats/getPlaybackActivity": PAGE,
    "/api/getUserHistory": PAGE,
    "/api/getHistory": {
        "pages": 1,
        "size": 5000,
        "results": [{**PLAY, "results": [PLAY]}],
    },
    "/api/v3/system/status": STATUS,
    "/api/v3/tag": [{"id": 1, "label": "keep"}],
    "/api/v3/rootfolder": [{"path": "/m", "accessible": True, "freeSpace": 5}],
    "/api/v3/config/mediamanagement": {"recycleBin": "/b", "recycleBinCleanupDays": 7},
    "/api/v3/movie": [TITLE],
    "/api/v3/movie/1": TITLE,
    "/api/v3/moviefile": [ARR_FILE],
    "/api/v3/qualityprofile": [{"id": 4, "name": "HD"}],
    "/api/v3/command": [
        {
            "id": 3,
            "name": "MoviesSearch",
            "status": "queued",
            "body": {"movieIds": [1]},
        }
    ],
    "/api/v3/exclusions": [{"id": 2, "tmdbId": 603}],
    "/api/v3/queue": {
        "totalRecords": 1,
        "records": [{"movieId": 1, "seriesId": 1, "episodeId": 3}],
    },
    "/api/v3/series": [TITLE],
    "/api/v3/series/1": TITLE,
    "/api/v3/episode": [EPISODE],
    "/api/v3/episodefile": [ARR_FILE],
    "/api/v3/importlistexclusion": [{"id": 2, "tvdbId": 5}],
    "/api/v1/status": {"version": "3.1.0", "commitTag": "x"},
    "/api/v1/auth/me": {"id": 1},
    "/api/v1/request": {
        "pageInfo": {"results": 1},
        "results": [
            {
                "id": 1,
                "status": 2,
                "type": "movie",
                "is4k": False,
                "createdAt": DATE,
                "seasons": [{"seasonNumber": 1}],
                "requestedBy": {
                    "id": 1,
                    "jellyfinUserId": ID,
                    "jellyfinUsername": "alice",
                    "displayName": "Alice",
                    "username": None,
                    "email": "a@b.c",
                },
                "media": {
                    "id": 1,
                    "tmdbId": 603,
                    "tvdbId": None,
                    "imdbId": "tt1",
                    "jellyfinMediaId": ID,
                    "serviceId": 0,
                    "externalServiceId": 1,
                },
            }
        ],
    },
}


@dataclass
class Content:
    """The body of an answer."""

    body: bytes

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Yield it at once."""
        yield self.body

    async def read(self, size: int) -> bytes:
        """Return its beginning."""
        return self.body[:size]


@dataclass
class Response:
    """An answer that came."""

    content: Content
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Liar:
    """A session to servers that answer by path, with what a test has made of it."""

    answers: dict[str, object]

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, **_: object
    ) -> AsyncIterator[Response]:
        """Answer."""
        if url.path not in self.answers:
            yield Response(Content(b""), 404)
            return
        body = json.dumps(self.answers[url.path])
        for sign, raw in RAW.items():
            body = body.replace(f'"{sign}"', raw)
        yield Response(Content(body.encode()))


async def drained(pages: AsyncIterator[object]) -> list[object]:
    """Return all that is yielded."""
    return [one async for one in pages]


type Read = Callable[[Any], Awaitable[object]]
LIBRARY = Library(library_id=ID, name="M", collection_type="movies")
READS: dict[str, tuple[type[Any], Read]] = {
    "jellyfin public": (Jellyfin, lambda it: it.public_info()),
    "jellyfin info": (Jellyfin, lambda it: it.info()),
    "jellyfin users": (Jellyfin, lambda it: it.users()),
    "jellyfin libraries": (Jellyfin, lambda it: it.libraries()),
    "jellyfin inventory": (Jellyfin, lambda it: all_of(it.inventory, LIBRARY)),
    "jellyfin changed": (Jellyfin, lambda it: all_of(it.changed_items, LONG_AGO)),
    "jellyfin episodes": (Jellyfin, lambda it: all_of(it.changed_items, LONG_AGO)),
    "jellyfin activity": (Jellyfin, lambda it: all_of(it.activity, ID)),
    "jellyfin undated": (Jellyfin, lambda it: it.played_without_date(ID)),
    "jellyfin favorites": (Jellyfin, lambda it: it.favorites(ID)),
    "jellyfin recent": (Jellyfin, lambda it: it.recent(ID)),
    "jellyfin data": (Jellyfin, lambda it: it.user_data(ID, [ID])),
    "jellyfin items": (Jellyfin, lambda it: it.items([ID])),
    "jellyfin files": (Jellyfin, lambda it: it.files([ID])),
    "jellyfin log": (Jellyfin, lambda it: it.playback_activity(LONG_AGO)),
    "jellyfin sessions": (Jellyfin, lambda it: it.sessions()),
    "jellyfin scanning": (Jellyfin, lambda it: it.is_scanning()),
    "jellyfin scanned": (Jellyfin, lambda it: it.last_scan_started()),
    "jellystat version": (Jellystat, lambda it: it.version()),
    "jellystat check": (Jellystat, lambda it: it.check()),
    "jellystat count": (Jellystat, lambda it: it.count()),
    "jellystat all": (Jellystat, lambda it: drained(it.backfill(None, [ID]))),
    "jellystat new": (Jellystat, lambda it: drained(it.updates(LONG_AGO, [ID]))),
    "radarr check": (Radarr, lambda it: it.check()),
    "radarr tags": (Radarr, lambda it: it.tags()),
    "radarr roots": (Radarr, lambda it: it.root_folders()),
    "radarr bin": (Radarr, lambda it: it.recycle_bin()),
    "radarr movies": (Radarr, lambda it: it.movies()),
    "radarr movie": (Radarr, lambda it: it.movie(1)),
    "radarr files": (Radarr, lambda it: it.files(1)),
    "radarr exclusions": (Radarr, lambda it: it.exclusions()),
    "radarr profiles": (Radarr, lambda it: it.quality_profiles()),
    "radarr refresh": (Radarr, lambda it: it.refresh(1)),
    "radarr searched": (Radarr, lambda it: it.has_searched([1])),
    "radarr queue": (Radarr, lambda it: it.queue()),
    "sonarr series": (Sonarr, lambda it: it.series()),
    "sonarr one": (Sonarr, lambda it: it.series_by_id(1)),
    "sonarr episodes": (Sonarr, lambda it: it.episodes(1)),
    "sonarr both": (Sonarr, lambda it: it.episodes_and_files(1)),
    "sonarr files": (Sonarr, lambda it: it.episode_files(1)),
    "sonarr exclusions": (Sonarr, lambda it: it.exclusions()),
    "sonarr queue": (Sonarr, lambda it: it.queue()),
    "seerr check": (Seerr, lambda it: it.check()),
    "seerr requests": (Seerr, lambda it: it.requests()),
}


def check_bounds(value: object) -> None:
    """Fail on anything that a database, a sum or a calendar cannot hold."""
    match value:
        case None | bool() | Enum():
            return
        case str():
            value.encode()
            assert len(value) <= 32_768
            assert "\0" not in value
        case int():
            assert 0 <= value < 2**63
        case datetime():
            assert value.tzinfo is UTC
            assert 1850 <= value.year < 2200
        case dict():
            for key, one in value.items():
                check_bounds(key)
                check_bounds(one)
        case list() | tuple() | set() | frozenset():
            for one in value:
                check_bounds(one)
        case _:
            assert is_dataclass(value), type(value)
            for each in fields(value):
                # The cursor is a text of ours.
                check_bounds(getattr(value, each.name))


def places(
    value: object, path: tuple[str | int, ...] = ()
) -> list[tuple[str | int, ...]]:
    """Return the path of every value inside a value."""
    found = [path]
    if isinstance(value, dict):
        for key, one in value.items():
            found += places(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            found += places(one, (*path, index))
    return found


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """Return a copy of a value with another one at a path."""
    if not path:
        return new
    result = copy.deepcopy(value)
    inner = result
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return result


def good_answers(name: str) -> dict[str, object]:
    """Return answers in which nothing is wrong."""
    if "sonarr" in name:
        return ANSWERS | {"/api/v3/system/status": STATUS | {"appName": "Sonarr"}}
    if "episodes" in name:
        rows = [ITEM | {"Type": "Episode"}]
        return ANSWERS | {"/Items": {"Items": rows, "TotalRecordCount": 1}}
    return dict(ANSWERS)


def ask(name: str, answers: dict[str, object]) -> object:
    """Make a read of servers that give these answers; return what came or the error."""
    client, read = READS[name]

    async def run() -> object:
        made = client(cast(aiohttp.ClientSession, Liar(answers)), "http://h", "key")
        try:
            return await read(made)
        except ServerError as err:
            return err

    async def at_once(_seconds: float) -> None:
        """Let no time pass."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "_sleep", at_once)
        return asyncio.run(run())


@pytest.mark.parametrize("name", READS)
def test_the_answers_are_good_before_they_are_spoilt(name: str) -> None:
    """Otherwise the tests below would prove nothing."""
    found = ask(name, good_answers(name))
    assert not isinstance(found, ServerError)
    check_bounds(found)


@pytest.mark.parametrize("name", READS)
def test_every_value_in_turn(name: str) -> None:
    """Each field of each answer takes every odd value there is."""
    asked: set[str] = set()
    good = good_answers(name)

    class Noting(dict[str, object]):
        def __contains__(self, key: object) -> bool:
            asked.add(str(key))
            return super().__contains__(key)

    ask(name, Noting(good))
    for url in sorted(asked & good.keys()):
        for spot in places(good[url]):
            for odd in HOSTILE:
                answers = good | {url: replaced(good[url], spot, odd)}
                found = ask(name, answers)
                if not isinstance(found, ServerError):
                    check_bounds(found)


JSON = st.recursive(
    st.sampled_from(HOSTILE)
    | st.integers(-(10**45), 10**45)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.datetimes().map(lambda at: at.isoformat() + "Z"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", READS)
@STEADY
@given(data=st.data())
def test_any_json(name: str, data: st.DataObject) -> None:
    """Several fields at once, or another answer altogether."""
    answers = good_answers(name)
    for url in data.draw(st.lists(st.sampled_from(sorted(ANSWERS)), max_size=3)):
        answers[url] = data.draw(JSON)
    for _ in range(data.draw(st.integers(0, 6))):
        url = data.draw(st.sampled_from(sorted(ANSWERS)))
        spot = data.draw(st.sampled_from(places(answers[url])))
        answers[url] = replaced(answers[url], spot, data.draw(JSON))
    found = ask(name, answers)
    if not isinstance(found, ServerError):
        check_bounds(found)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(
    st.text(st.characters(codec=None), max_size=40)
    | st.lists(
        st.sampled_from(
            [
                *":/@?#[]% .\n\\é\ud800h0",
                "http://",
                "https://",
                "80",
                "70000",
                "::1",
                "a" * 64,
            ]
        ),
        max_size=6,
    ).map(lambda parts: "http://" + "".join(parts))
)
def test_any_address(typed: str) -> None:
    """An address is refused, or one that stays as it is."""
    try:
        url = normalize_url(typed)
    except InvalidUrl:
        return
    assert normalize_url(url) == url
    parsed = URL(url + "/path")
    assert parsed.host
    assert parsed.port


def test_what_is_not_believed_protects() -> None:
    """What cannot be read must not pass for the harmless answer."""
    item = item_converter(ID)({**ITEM, "Type": "Episode", "IndexNumberEnd": 10**9})
    assert item is not None
    assert (item.season, item.episode, item.episode_end) == (1, None, None)
    item = item_converter(ID)({**ITEM, "MediaSourceCount": 10**30})
    assert item is not None
    assert item.source_count == 2
    data = user_data_of({"Id": ID, "UserData": {"Played": False, "PlayCount": 10**30}})
    assert not data.untouched
    for refused in (
        lambda: user_data_of(
            {"Id": ID, "UserData": {"Played": False, "IsFavorite": "true"}}
        ),
        lambda: item_converter(ID)({**ITEM, "Tags": "keep"}),
        lambda: files_of({"Id": ID, "MediaSources": [{"Path": "\ud800"}]}),
        lambda: library_of({"ItemId": ID, "Locations": ["/m", "\ud800"]}),
        lambda: session_of({"NowPlayingItem": {"Id": "odd"}}),
        lambda: session_of({"NowPlayingItem": "Film"}),
    ):
        with pytest.raises(ValueError, match=r".+"):
            refused()
