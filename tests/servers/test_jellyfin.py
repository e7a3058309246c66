"""Jellyfin of three lines, simulated, recorded and misbehaving."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path

import aiohttp
from aiohttp import web
import pytest

from custom_components.oxicleanarr.model import (
    Library,
    MediaItem,
    MediaKind,
    ServerInfo,
    UserData,
)
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    Jellyfin,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
    jellyfin as module,
    jellyfin_lists as lists,
)
from simulators import (
    FaultKind,
    Household,
    JellyfinSimulator,
    JellystatSimulator,
    Movie,
    sample_household,
)
from tests.taken import all_of

from .conftest import RECORDINGS, ScriptedServer, always, as_json

VERSIONS = ("10.10.7", "10.11.11", "12.0")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOVIES = Library(library_id="ab" * 16, name="Movies", collection_type="movies")


def hex_id(number: int) -> str:
    """Return an id."""
    return f"{number:032x}"


def listing(*rows: object, total: int | None = None) -> web.Response:
    """Return a page of items."""
    return as_json(
        {"Items": rows, "TotalRecordCount": len(rows) if total is None else total}
    )


def film(number: int, **more: object) -> dict[str, object]:
    """Return a row of a film."""
    return {"Id": hex_id(number), "Type": "Movie", "Name": f"Film {number}", **more}


@pytest.fixture
def household() -> Household:
    """Return the demo's household at a fixed time."""
    return sample_household(lambda: NOW)


@pytest.fixture(params=VERSIONS)
async def simulator(
    request: pytest.FixtureRequest, household: Household, socket_enabled: None
) -> AsyncIterator[JellyfinSimulator]:
    """Return a running Jellyfin."""
    async with JellyfinSimulator(household, request.param, base_path="/jf") as started:
        yield started


@pytest.fixture
def jellyfin(session: aiohttp.ClientSession, simulator: JellyfinSimulator) -> Jellyfin:
    """Return our side of it."""
    return Jellyfin(session, simulator.url, simulator.api_key)


@pytest.fixture
def scripted(session: aiohttp.ClientSession, server: ScriptedServer) -> Jellyfin:
    """Return our side of a server that a test scripts."""
    return Jellyfin(session, server.url, "key")


async def test_who_it_is(jellyfin: Jellyfin, simulator: JellyfinSimulator) -> None:
    """The server is the same with and without the key."""
    public = await jellyfin.public_info()
    assert public == await jellyfin.info()
    assert public == ServerInfo(
        server_id=simulator.server_id, name="household", version=simulator.version
    )
    first, second = simulator.requests
    assert "Authorization" not in first.headers
    assert (
        second.headers["Authorization"] == f'MediaBrowser Token="{simulator.api_key}"'
    )


@pytest.mark.parametrize("key", ["wrong", "", 'a"b, c', "a\nb", "schlüssel"])
async def test_wrong_key(
    session: aiohttp.ClientSession, simulator: JellyfinSimulator, key: str
) -> None:
    """Any wrong key is a wrong key, never a broken header."""
    with pytest.raises(AuthenticationFailed) as caught:
        await Jellyfin(session, simulator.url, key).info()
    assert not key or key not in str(caught.value)


async def test_not_an_administrator(
    session: aiohttp.ClientSession, simulator: JellyfinSimulator
) -> None:
    """A user's token may not do what a key may."""
    user = next(user for user in simulator.household.users if user.name == "carol")
    jellyfin = Jellyfin(session, simulator.url, simulator.token(user))
    with pytest.raises(PermissionDenied):
        await jellyfin.libraries()
    with pytest.raises(PermissionDenied):
        await jellyfin.delete_item(simulator.household.movies[0].id)


async def test_jellystat_at_this_address(
    session: aiohttp.ClientSession, household: Household
) -> None:
    """The two servers swapped: it is told, and no key is sent."""
    async with JellystatSimulator(household) as other:
        with pytest.raises(BadAnswer):
            await Jellyfin(session, other.url, "key").public_info()
        assert "Authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(status=404),
        lambda _: as_json({}),
        lambda _: as_json({"Id": hex_id(1), "Version": "4.8.10", "ServerName": "Emby"}),
        lambda _: as_json({"ProductName": "Jellyfin Server", "Version": "12.0.0"}),
        lambda _: as_json({"ProductName": "Jellyfin Server", "Id": hex_id(1)}),
    ],
)
async def test_something_else_at_this_address(
    scripted: Jellyfin,
    server: ScriptedServer,
    answer: Callable[[web.BaseRequest], object],
) -> None:
    """Only a Jellyfin passes for one."""
    server.on("/System/Info/Public", answer)
    with pytest.raises(BadAnswer) as caught:
        await scripted.public_info()
    assert caught.value.reason == "other_server"


async def test_information_is_not_there(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """A server without that route is another one."""
    with pytest.raises(BadAnswer) as caught:
        await scripted.info()
    assert caught.value.reason == "other_server"


async def test_users(jellyfin: Jellyfin, household: Household) -> None:
    """All are there, also those who are disabled, with what they may see."""
    users = {user.user_id: user for user in await jellyfin.users()}
    assert {user.id for user in household.users} == users.keys()
    assert {user.id for user in household.users if user.disabled} == {
        one for one, user in users.items() if user.disabled
    }
    movies = frozenset({household.library("Movies").id})
    assert users[household.user("007").id].library_ids == movies
    assert users[household.user("alice").id].library_ids is None


async def test_disabled_users(scripted: Jellyfin, server: ScriptedServer) -> None:
    """They are told from the others."""
    server.on(
        "/Users",
        lambda _: as_json(
            [
                {"Id": hex_id(1), "Name": "a", "Policy": {"IsDisabled": True}},
                {"Id": hex_id(2), "Name": "b", "Policy": {"IsDisabled": False}},
            ]
        ),
    )
    users = await scripted.users()
    assert [(user.name, user.disabled) for user in users] == [("a", True), ("b", False)]


async def test_libraries(jellyfin: Jellyfin, household: Household) -> None:
    """Libraries have their ids, names and types."""
    libraries = await jellyfin.libraries()
    assert {library.library_id for library in libraries} == {
        library.id for library in household.libraries
    }
    assert {library.collection_type for library in libraries} >= {"movies", "tvshows"}
    assert all(library.locations for library in libraries)


async def test_count(jellyfin: Jellyfin, household: Household) -> None:
    """As many movies and series as there are, though only one is read."""
    household.add_library("Mixed", None)
    for library in await jellyfin.libraries():
        items = await all_of(jellyfin.inventory, library)
        for kind in ("Movie", "Series"):
            found = sum(item.kind == kind.lower() for item in items)
            assert await jellyfin.count(library, kind) == found


async def test_odd_libraries(scripted: Jellyfin, server: ScriptedServer) -> None:
    """A mixed library has no type; one without an id cannot be read."""
    server.on(
        "/Library/VirtualFolders",
        lambda _: as_json(
            [
                {"Name": "Mixed", "ItemId": hex_id(1), "CollectionType": "mixed"},
                {"Name": "Plain", "ItemId": hex_id(2), "Locations": ["/a", "/b"]},
                {"Name": "Broken", "CollectionType": "movies"},
            ]
        ),
    )
    mixed, plain = await scripted.libraries()
    assert (mixed.collection_type, plain.collection_type) == (None, None)
    assert plain.locations == ("/a", "/b")


async def test_inventory(
    jellyfin: Jellyfin,
    simulator: JellyfinSimulator,
    household: Household,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every item of every library comes once, whatever the length of the pages."""
    expected = {
        item.id
        for item in household.items
        if item.type in {"Movie", "Series", "Season", "Episode"}
        and not getattr(item, "virtual", False)
        # Only 10.11 leaves out a season without a folder.
        and not (
            simulator.version == "10.11.11" and item.type == "Season" and not item.path
        )
    }
    found: list[MediaItem] = []
    for size in (5000, 7, 1):
        monkeypatch.setattr(lists, "PAGE", size)
        found = []
        for library in await jellyfin.libraries():
            items = await all_of(jellyfin.inventory, library)
            assert {item.library_id for item in items} <= {library.library_id}
            found += items
        assert len(found) == len({item.item_id for item in found})
        assert {item.item_id for item in found} == expected
    episode = next(item for item in found if item.kind is MediaKind.EPISODE)
    original = household.get(episode.item_id)
    assert original is not None
    assert (episode.title, episode.path) == (original.name, original.path)
    assert episode.added_at is not None
    assert None not in (episode.series_id, episode.season, episode.episode)
    versions = household["Glass Mountain"]
    many = next(item for item in found if item.item_id == versions.id)
    assert many.source_count == 2
    assert many.image_tag
    assert many.provider_ids.keys() == {"tmdb", "imdb"}


async def test_inventory_is_never_half(
    jellyfin: Jellyfin, simulator: JellyfinSimulator
) -> None:
    """Half a page, no rows, another shape: an error, never a smaller library."""
    movies = next(
        library
        for library in await jellyfin.libraries()
        if library.collection_type == "movies"
    )
    for kind in (
        FaultKind.HALF_PAGE,
        FaultKind.NO_ROWS,
        FaultKind.EMPTY,
        FaultKind.HTML,
        FaultKind.TRUNCATED,
        FaultKind.MALFORMED,
        FaultKind.WRONG_SHAPE,
    ):
        fault = simulator.fail(kind, "/Items$")
        with pytest.raises(BadAnswer):
            await all_of(jellyfin.inventory, movies)
        simulator.faults.remove(fault)
    assert await all_of(jellyfin.inventory, movies)


async def test_kinds_of_libraries(scripted: Jellyfin, server: ScriptedServer) -> None:
    """A library is asked for what it can hold; music is not our business."""
    server.on("/Items", lambda _: listing())
    for kind, types in (
        ("movies", ["Movie"]),
        ("tvshows", ["Series", "Season", "Episode"]),
        (None, ["Movie", "Series", "Season", "Episode"]),
        ("music", []),
    ):
        server.requests.clear()
        library = Library(library_id=hex_id(1), name="", collection_type=kind)
        assert await all_of(scripted.inventory, library) == []
        assert [one.query["includeItemTypes"] for one in server.requests] == types
        for one in server.requests:
            assert one.query["collapseBoxSetItems"] == "false"
            assert one.query["enableUserData"] == "false"
            assert one.query["recursive"] == "true"
            assert "userId" not in one.query


async def test_a_library_that_moves(
    scripted: Jellyfin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that slips from the second page to the first is not lost."""
    monkeypatch.setattr(lists, "PAGE", 2)
    first = lambda _: listing(film(1), film(2), total=4)  # noqa: E731
    server.on(
        "/Items",
        first,
        # Film 2 comes again, so film 3 is on the first page now.
        lambda _: listing(film(2), film(4), total=4),
        lambda _: listing(film(1), film(3), total=4),
        lambda _: listing(film(2), film(4), total=4),
    )
    found = await all_of(scripted.inventory, MOVIES)
    assert sorted(item.title for item in found) == [f"Film {n}" for n in (1, 2, 3, 4)]
    # One is added meanwhile: the totals differ.
    server.on(
        "/Items",
        first,
        lambda _: listing(film(3), film(4), total=5),
        first,
        lambda _: listing(film(3), film(4), total=4),
    )
    assert len(await all_of(scripted.inventory, MOVIES)) == 4
    server.on("/Items", first)
    with pytest.raises(BadAnswer) as caught:
        await all_of(scripted.inventory, MOVIES)
    assert caught.value.reason == "changing"


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: as_json({"Items": [film(1)]}),
        lambda _: listing(film(1), total=-1),
        lambda _: listing({"Type": "Movie"}),
        lambda _: listing({"Id": "nonsense", "Type": "Movie"}),
        lambda _: listing({"Id": hex_id(1), "Type": "BoxSet"}),
        lambda _: listing({"Id": hex_id(1)}),
    ],
)
async def test_rows_that_make_a_list_wrong(
    scripted: Jellyfin,
    server: ScriptedServer,
    answer: Callable[[web.BaseRequest], object],
) -> None:
    """No total, no id, another type: the whole list is not believed."""
    server.on("/Items", answer)
    with pytest.raises(BadAnswer):
        await all_of(scripted.inventory, MOVIES)


async def test_items_of_all_shapes(scripted: Jellyfin, server: ScriptedServer) -> None:
    """What is missing stays unknown, ids lose their dashes, virtual rows go."""
    dashed = "0123ABCD-4567-89ab-cdef-000000000001"
    server.on(
        "/Items",
        lambda _: listing(
            film(
                1,
                DateCreated="0001-01-01T00:00:00.0000000Z",
                PremiereDate="1931-01-30T00:00:00.0000000Z",
                RunTimeTicks=59_999_999_999,
                ProviderIds={"Tmdb": " 603 ", "Imdb": "", "Odd": None},
                Tags=["a", "b", 3],
                ImageTags={},
                MediaSourceCount=2,
            ),
            {
                "Id": dashed,
                "Type": "Movie",
                "Name": 1917,
                "DateCreated": "2026-11-22T11:00:05.1",
            },
            film(3, LocationType="Virtual"),
        ),
    )
    first, second = await all_of(scripted.inventory, MOVIES)
    assert first == MediaItem(
        item_id=hex_id(1),
        kind=MediaKind.MOVIE,
        title="Film 1",
        library_id=MOVIES.library_id,
        provider_ids={"tmdb": "603"},
        tags=frozenset("ab"),
        runtime=5999,
        premiere_at=datetime(1931, 1, 30, tzinfo=UTC),
        source_count=2,
    )
    assert second.item_id == "0123abcd456789abcdef000000000001"
    assert second.title == "1917"
    assert second.added_at == datetime(2026, 11, 22, 11, 0, 5, 100000, tzinfo=UTC)


async def test_changed_items(jellyfin: Jellyfin, household: Household) -> None:
    """What was saved since then comes, in one request when it fits in a page."""
    item = household["Harbour Lights"]
    household.identify(item, {"Tmdb": "1"})
    changed = await all_of(jellyfin.changed_items, NOW - timedelta(seconds=1))
    (found,) = [one for one in changed if one.item_id == item.id]
    assert found.provider_ids == {"tmdb": "1"}
    assert found.library_id == ""


async def test_activity(
    jellyfin: Jellyfin, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything with a date comes once, newest first, and no more is asked for."""
    user = household.user("alice")
    whole: list[UserData] = []
    for size in (5000, 10, 1):
        monkeypatch.setattr(lists, "PAGE", size)
        found = await all_of(jellyfin.activity, user.id)
        dates = [one.last_played_at for one in found if one.last_played_at]
        assert len(dates) == len(found)
        assert dates == sorted(dates, reverse=True)
        whole = whole or found
        assert found == whole
    recent = await jellyfin.recent(user.id, 5)
    assert recent == whole[:5]
    by_id = await jellyfin.user_data(user.id, [one.item_id for one in whole])
    assert by_id == {one.item_id: one for one in whole}


async def test_activity_that_moves(
    scripted: Jellyfin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is pushed to the next page is not lost; the undated end the list."""
    monkeypatch.setattr(lists, "PAGE", 2)

    def row(number: int, date: str | None) -> dict[str, object]:
        data = {"Played": True, "PlayCount": 1, "LastPlayedDate": date}
        return {"Id": hex_id(number), "UserData": data}

    server.on(
        "/Items",
        lambda _: listing(
            row(1, "2026-01-03T00:00:00Z"), row(2, "2026-01-02T00:00:00Z")
        ),
        lambda _: listing(
            row(2, "2026-01-02T00:00:00Z"), row(3, "2026-01-01T00:00:00Z")
        ),
        lambda _: listing(row(4, None), row(5, None)),
    )
    found = await all_of(scripted.activity, hex_id(9))
    ids = [one.item_id for one in found]
    assert list(dict.fromkeys(ids)) == [hex_id(1), hex_id(2), hex_id(3)]
    assert [one.query["startIndex"] for one in server.requests] == ["0", "2", "4"]


async def test_user_data_that_is_missing(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """Without user data nothing is known, so it is not "unplayed"."""
    rows: tuple[dict[str, object], ...] = (
        {"Id": hex_id(1)},
        {"Id": hex_id(1), "UserData": {}},
        {"Id": hex_id(1), "UserData": {"Played": "yes"}},
        {"UserData": {"Played": True}},
    )
    for row in rows:
        server.on("/Items", always({"Items": [row], "TotalRecordCount": 1}))
        with pytest.raises(BadAnswer):
            await scripted.recent(hex_id(9))
        with pytest.raises(BadAnswer):
            await scripted.user_data(hex_id(9), [hex_id(1)])


async def test_played_without_date(
    jellyfin: Jellyfin, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old marks have no date; dated ones are not among them."""
    item = household["First Snow"]
    expected = {
        user.id
        for user in household.users
        if (data := household.data(user, item)).played and not data.last_played
    }
    assert expected
    for size in (200, 1):
        monkeypatch.setattr(module, "_UNDATED_PAGE", size)
        for user in household.users:
            found = {one.item_id for one in await jellyfin.played_without_date(user.id)}
            assert (item.id in found) is (user.id in expected)


async def test_played_filter_that_is_not_obeyed(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """Rows that are not played are not taken for played."""
    rows = [
        {"Id": hex_id(1), "UserData": {"Played": False}},
        {"Id": hex_id(2), "UserData": {"Played": True}},
        {
            "Id": hex_id(3),
            "UserData": {"Played": True, "LastPlayedDate": "2026-01-01T00:00:00Z"},
        },
    ]
    server.on("/Items", lambda _: listing(*rows))
    found = await scripted.played_without_date(hex_id(9))
    assert [one.item_id for one in found] == [hex_id(2)]


async def test_favorites(jellyfin: Jellyfin, household: Household) -> None:
    """Films and series that are somebody's favourites."""
    carol = household.user("carol")
    assert await jellyfin.favorites(carol.id) == {
        item.id for item in household.items if household.data(carol, item).favourite
    }
    assert await jellyfin.favorites(household.user("bob").id) == frozenset()


async def test_users_state_is_never_half(
    jellyfin: Jellyfin, simulator: JellyfinSimulator
) -> None:
    """A list that lost rows is an error for each of the users' reads."""
    user = simulator.household.user("alice").id
    carol = simulator.household.user("carol").id
    ids = [item.id for item in simulator.household.movies]
    reads: list[Callable[[], Awaitable[object]]] = [
        lambda: all_of(jellyfin.activity, user),
        lambda: jellyfin.recent(user),
        lambda: jellyfin.favorites(carol),
        lambda: jellyfin.user_data(user, ids),
        lambda: jellyfin.items(ids),
        lambda: jellyfin.files(ids),
        lambda: jellyfin.playback_activity(NOW - timedelta(days=20)),
    ]
    for kind in (FaultKind.HALF_PAGE, FaultKind.NO_ROWS):
        simulator.faults.clear()
        simulator.fail(kind)
        for read in reads:
            with pytest.raises(BadAnswer) as caught:
                await read()
            assert caught.value.reason == "incomplete"


async def test_unknown_user(jellyfin: Jellyfin) -> None:
    """A user that is gone is said to be gone."""
    with pytest.raises(NotFound):
        await all_of(jellyfin.activity, "f" * 32)
    with pytest.raises(NotFound):
        await jellyfin.user_data("f" * 32, [hex_id(1)])


async def test_reads_by_id(jellyfin: Jellyfin, simulator: JellyfinSimulator) -> None:
    """A hundred ids a call; only what was asked for and is there comes back."""
    household = simulator.household
    videos = [item.id for item in [*household.movies, *household.episodes]]
    missing = {item.id for item in household.episodes if item.virtual}
    assert missing
    present = set(videos) - missing
    asked = [*videos, *(hex_id(n) for n in range(120))]
    simulator.requests.clear()
    found = await jellyfin.items(asked)
    assert found.keys() == present
    assert len(simulator.requests) == -(-len(asked) // 100)
    item = household["Harbour Lights"]
    assert found[item.id].path == item.path
    assert found[item.id].title == "Harbour Lights"
    dashed = f"{item.id[:8]}-{item.id[8:12]}-{item.id[12:16]}-{item.id[16:20]}-{item.id[20:]}"
    assert (await jellyfin.items([dashed.upper()])).keys() == {item.id}


async def test_reads_of_no_id(jellyfin: Jellyfin, simulator: JellyfinSimulator) -> None:
    """A list without an id would be answered by the whole library: it is not sent."""
    user = simulator.household.user("alice").id
    for ids in ([], ["nonsense"], ["", "series", "f" * 31]):
        assert await jellyfin.items(ids) == {}
        assert await jellyfin.files(ids) == {}
        assert await jellyfin.user_data(user, ids) == {}
    assert simulator.requests == []


async def test_more_than_was_asked_for(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """A whole library in the answer leaves only what was asked for."""
    folder = {"Id": hex_id(3), "Type": "CollectionFolder"}
    server.on("/Items", lambda _: listing(film(1), film(2), folder))
    assert (await scripted.items([hex_id(2), hex_id(3)])).keys() == {hex_id(2)}


async def test_files(jellyfin: Jellyfin, household: Household) -> None:
    """Sizes are of all versions, and the other versions have names."""
    two, one = household["Glass Mountain"], household["Harbour Lights"]
    found = await jellyfin.files([two.id, one.id])
    assert len(found[two.id].version_ids) == 1
    assert two.id not in found[two.id].version_ids
    assert len(found[two.id].paths) == 2
    assert found[one.id].version_ids == ()
    assert found[one.id].paths == (one.path,)
    assert isinstance(one, Movie)
    assert found[one.id].size_bytes == sum(source.size for source in one.sources)


async def test_unknown_sizes(scripted: Jellyfin, server: ScriptedServer) -> None:
    """One version without a size makes the size unknown, not small."""
    rows = [
        {"Id": hex_id(1), "MediaSources": [{"Size": 5}, {"Size": None, "Path": "/a"}]},
        {"Id": hex_id(2)},
        {"Id": hex_id(3), "MediaSources": [{"Size": 5}, {"Size": "6", "Path": ""}]},
    ]
    server.on("/Items", lambda _: listing(*rows))
    found = await scripted.files([hex_id(n) for n in (1, 2, 3)])
    assert [one.size_bytes for one in found.values()] == [None, None, 11]
    assert [one.paths for one in found.values()] == [("/a",), (), ()]


async def test_playback_activity(
    jellyfin: Jellyfin, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts and ends of playing come completely, whatever the length of pages."""
    since = NOW - timedelta(days=20)
    whole = await jellyfin.playback_activity(since)
    assert whole
    users = {user.id for user in household.users}
    assert all(user in users and at >= since for user, _item, at in whole)
    assert any(item == household["Blue Umbrella"].id for _user, item, _at in whole)
    for size in (7, 1):
        monkeypatch.setattr(module, "_LOG_PAGE", size)
        assert await jellyfin.playback_activity(since) == whole


async def test_odd_log_entries(
    scripted: Jellyfin, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that move come once; those without a user, a date or a play do not."""
    monkeypatch.setattr(module, "_LOG_PAGE", 3)

    def entry(number: int, **more: object) -> dict[str, object]:
        return {
            "Id": number,
            "Type": "VideoPlaybackStopped",
            "UserId": hex_id(7),
            "Date": "2026-01-01T00:00:00Z",
            **more,
        }

    server.on(
        "/System/ActivityLog/Entries",
        lambda _: listing(entry(5, ItemId=hex_id(1)), entry(4), entry(3), total=5),
        lambda _: listing(
            entry(3), entry(2, UserId="0" * 32), entry(1, Date=None), total=6
        ),
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert await scripted.playback_activity(at) == [
        (hex_id(7), hex_id(1), at),
        (hex_id(7), None, at),
        (hex_id(7), None, at),
    ]
    server.on("/System/ActivityLog/Entries", lambda _: listing(entry(1, Id=None)))
    with pytest.raises(BadAnswer):
        await scripted.playback_activity(at)


@pytest.mark.parametrize(
    "answer", [web.Response(), as_json({}), web.Response(text="<html>", status=200)]
)
async def test_only_no_content_says_that_a_file_is_there(
    scripted: Jellyfin, server: ScriptedServer, answer: web.Response
) -> None:
    """Any other good answer is a proxy's, and proves nothing."""
    server.on("/Environment/ValidatePath", lambda _: answer)
    with pytest.raises(BadAnswer):
        await scripted.path_exists("/a")
    server.on("/Environment/ValidatePath", lambda _: web.Response(status=204))
    assert await scripted.path_exists("/a")


async def test_sessions(jellyfin: Jellyfin, household: Household) -> None:
    """What plays is named by all its ids."""
    (playing,) = [
        one for one in await jellyfin.sessions() if one.title == "Night Ferry"
    ]
    assert household["Night Ferry"].id in playing.item_ids
    assert playing.user_id in {user.id for user in household.users}
    episode = household.episodes[0]
    household.start_playback(household.user("bob"), episode)
    ids = next(
        one.item_ids for one in await jellyfin.sessions() if episode.id in one.item_ids
    )
    assert {episode.id, episode.series.id, episode.season.id} <= ids


async def test_session_of_another_version(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """The version that plays counts as playing."""
    server.on(
        "/Sessions",
        lambda _: as_json(
            [
                {"UserId": hex_id(1)},
                {
                    "NowPlayingItem": {"Id": hex_id(2), "SeasonId": None},
                    "PlayState": {"MediaSourceId": hex_id(3)},
                },
            ]
        ),
    )
    (one,) = await scripted.sessions()
    assert one.item_ids == {hex_id(2), hex_id(3)}
    assert one.user_id is None


async def test_scanning(jellyfin: Jellyfin, household: Household) -> None:
    """A running scan is seen."""
    assert not await jellyfin.is_scanning()
    household.scan_duration = timedelta(minutes=5)
    household.start_scan()
    assert await jellyfin.is_scanning()


async def test_scan_that_is_not_told(
    scripted: Jellyfin, server: ScriptedServer
) -> None:
    """No answer about the scan is not "no scan"."""
    for rows in ([], [{"Key": "Other", "State": "Idle"}], [{"Key": "RefreshLibrary"}]):
        server.on("/ScheduledTasks", always(rows))
        with pytest.raises(BadAnswer):
            await scripted.is_scanning()
    task: dict[str, object] = {"Key": "RefreshLibrary", "State": "Cancelling"}
    server.on("/ScheduledTasks", lambda _: as_json([task]))
    assert await scripted.is_scanning()
    assert await scripted.last_scan_started() is None
    task["LastExecutionResult"] = {"StartTimeUtc": "2026-01-01T10:00:00.1234567Z"}
    assert await scripted.last_scan_started() == datetime(
        2026, 1, 1, 10, 0, 0, 123456, tzinfo=UTC
    )


async def test_looking_at_the_disk(
    jellyfin: Jellyfin, simulator: JellyfinSimulator
) -> None:
    """A file, a folder and what is in it, under any name; nothing is written."""
    disk = simulator.household.disk
    folder = "/media/movies/50% + #1 & Co. é"
    disk.write(f"{folder}/Film.mkv", 1, NOW)
    disk.write(f"{folder}/.ignore", 1, NOW)
    disk.write(f"{folder}/extras/Making of.mkv", 1, NOW)
    assert await jellyfin.path_exists(f"{folder}/Film.mkv")
    assert not await jellyfin.path_exists(folder)
    assert await jellyfin.path_exists(folder, folder=True)
    assert await jellyfin.path_exists(folder, folder=None)
    assert not await jellyfin.path_exists(f"{folder}/gone.mkv", folder=None)
    assert {
        one.path: one.is_folder for one in await jellyfin.folder_contents(folder)
    } == {
        f"{folder}/.ignore": False,
        f"{folder}/extras": True,
        f"{folder}/Film.mkv": False,
    }
    with pytest.raises(NotFound):
        await jellyfin.folder_contents(f"{folder}/gone")
    asked = [request.body for request in simulator.requests if request.body]
    assert all(body["ValidateWritable"] is False for body in asked)


async def test_the_disk_is_not_known_from_an_error(
    jellyfin: Jellyfin, simulator: JellyfinSimulator, waits: list[float]
) -> None:
    """Only a 404 means that a file is not to be seen, and it is asked for again."""
    film = simulator.household["Harbour Lights"]
    assert film.path is not None
    simulator.fail(FaultKind.STARTING, times=1)
    assert await jellyfin.path_exists(film.path)
    simulator.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await jellyfin.path_exists(film.path)
    with pytest.raises(ServerError):
        await jellyfin.folder_contents("/media/movies")


@pytest.mark.parametrize(
    "row",
    [{"Path": "/a/b"}, {"Path": "/a/b", "Type": "Drive"}, {"Type": "File"}],
)
async def test_a_folder_that_cannot_be_read(
    scripted: Jellyfin, server: ScriptedServer, row: dict[str, str]
) -> None:
    """What is in a folder is known as a whole, or not at all."""
    server.on("/Environment/DirectoryContents", lambda _: as_json([row]))
    with pytest.raises(BadAnswer):
        await scripted.folder_contents("/a")


async def test_delete(jellyfin: Jellyfin, simulator: JellyfinSimulator) -> None:
    """One call for one id; a second one says that it is gone."""
    film = simulator.household["Harbour Lights"]
    simulator.requests.clear()
    await jellyfin.delete_item(film.id)
    assert [request.key for request in simulator.requests] == [
        f"DELETE /jf/Items/{film.id}"
    ]
    assert await jellyfin.items([film.id]) == {}
    with pytest.raises(NotFound):
        await jellyfin.delete_item(film.id)


@pytest.mark.parametrize("item_id", ["", "..", "nonsense", "a/b", "f" * 31, "ids=1"])
async def test_delete_of_no_id(
    jellyfin: Jellyfin, simulator: JellyfinSimulator, item_id: str
) -> None:
    """What is not an id never reaches the server."""
    with pytest.raises(ValueError, match="not a Jellyfin id"):
        await jellyfin.delete_item(item_id)
    assert simulator.requests == []


async def test_delete_that_fails(
    jellyfin: Jellyfin, simulator: JellyfinSimulator, waits: list[float]
) -> None:
    """A delete is never repeated, whatever is answered."""
    film = simulator.household["Harbour Lights"]
    for kind in (
        FaultKind.SERVER_ERROR,
        FaultKind.STARTING,
        FaultKind.BAD_GATEWAY,
        FaultKind.DISCONNECT,
    ):
        simulator.faults.clear()
        fault = simulator.fail(kind)
        with pytest.raises(Unavailable):
            await jellyfin.delete_item(film.id)
        assert fault.hits == 1
    assert waits == []
    simulator.faults.clear()
    assert film.id in await jellyfin.items([film.id])


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.SERVER_ERROR, Unavailable),
        (FaultKind.STARTING, Unavailable),
        (FaultKind.BAD_GATEWAY, Unavailable),
        (FaultKind.DISCONNECT, Unavailable),
        (FaultKind.UNAUTHORIZED, AuthenticationFailed),
        (FaultKind.FORBIDDEN, PermissionDenied),
        (FaultKind.NOT_FOUND, ServerError),
        (FaultKind.HTML, BadAnswer),
        (FaultKind.EMPTY, BadAnswer),
        (FaultKind.TRUNCATED, BadAnswer),
        (FaultKind.MALFORMED, BadAnswer),
        (FaultKind.WRONG_SHAPE, BadAnswer),
    ],
)
async def test_every_fault_of_every_read(
    jellyfin: Jellyfin,
    simulator: JellyfinSimulator,
    kind: FaultKind,
    error: type[ServerError],
) -> None:
    """Whatever goes wrong, each read says so with the right error and no secret."""
    simulator.fail(kind)
    user, one = simulator.household.user("alice").id, simulator.household.movies[0].id
    reads: list[Callable[[], Awaitable[object]]] = [
        jellyfin.public_info,
        jellyfin.info,
        jellyfin.users,
        jellyfin.libraries,
        lambda: all_of(jellyfin.inventory, MOVIES),
        lambda: all_of(jellyfin.changed_items, NOW),
        lambda: all_of(jellyfin.activity, user),
        lambda: jellyfin.played_without_date(user),
        lambda: jellyfin.favorites(user),
        lambda: jellyfin.recent(user),
        lambda: jellyfin.user_data(user, [one]),
        lambda: jellyfin.items([one]),
        lambda: jellyfin.files([one]),
        lambda: jellyfin.playback_activity(NOW - timedelta(days=20)),
        jellyfin.sessions,
        jellyfin.is_scanning,
    ]
    for read in reads:
        with pytest.raises(error) as caught:
            await read()
        assert simulator.api_key not in str(caught.value)
        assert caught.value.server == "Jellyfin"


RECORDED = sorted((RECORDINGS / "jellyfin").glob("*/*.json"))


@pytest.mark.skipif(not RECORDED, reason="the recordings are not here")
@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in RECORDED}), ids=lambda path: path.name
)
async def test_recorded_answers(
    session: aiohttp.ClientSession, server: ScriptedServer, folder: Path
) -> None:
    """Answers of real servers are read without loss."""

    def body(name: str) -> object:
        return json.loads((folder / f"{name}.json").read_text())["body"]

    def rows(name: str) -> list[dict[str, object]]:
        found = body(name)
        assert isinstance(found, dict)
        return list(found["Items"])

    jellyfin = Jellyfin(session, server.url, "key")
    server.on("/System/Info/Public", lambda _: as_json(body("system-info-public")))
    server.on("/System/Info", lambda _: as_json(body("system-info")))
    assert await jellyfin.public_info() == await jellyfin.info()
    server.on("/Users", lambda _: as_json(body("users")))
    assert {user.name for user in await jellyfin.users()} >= {"alice", "bob", "carol"}
    server.on("/Library/VirtualFolders", lambda _: as_json(body("virtual-folders")))
    assert {one.name for one in await jellyfin.libraries()} >= {
        "Movies",
        "Shows",
        "Loose",
    }
    names = {
        "Movie": "items-inventory-movies",
        "Series": "items-inventory-series",
        "Season": "items-inventory-seasons",
        "Episode": "items-inventory-episodes",
    }
    server.on(
        "/Items",
        lambda request: as_json(body(names[request.query["includeItemTypes"]])),
    )
    mixed = Library(library_id=hex_id(1), name="", collection_type=None)
    found = {item.item_id: item for item in await all_of(jellyfin.inventory, mixed)}
    expected = [row for name in names.values() for row in rows(name)]
    assert found.keys() == {row["Id"] for row in expected}
    for row in expected:
        item = found[str(row["Id"])]
        assert (item.title, item.path) == (row["Name"], row.get("Path"))
        assert item.series_id == row.get("SeriesId")
        assert item.added_at is not None
    double = next(item for item in found.values() if item.episode_end)
    assert (double.season, double.episode, double.episode_end) == (1, 1, 2)
    server.on("/Items", lambda _: as_json(body("items-recent-by-alice")))
    activity = await all_of(jellyfin.activity, hex_id(1))
    states = {str(row["Id"]): row["UserData"] for row in rows("items-recent-by-alice")}
    dated = {one for one, data in states.items() if "LastPlayedDate" in data}  # type: ignore[operator]
    assert {one.item_id for one in activity} == dated
    for one in activity:
        state = states[one.item_id]
        assert isinstance(state, dict)
        assert (one.played, one.play_count) == (state["Played"], state["PlayCount"])
    server.on("/Items", lambda _: as_json(body("items-favourites-of-bob")))
    assert len(await jellyfin.favorites(hex_id(1))) == 1
    server.on("/Items", lambda _: as_json(body("items-media-sources")))
    ids = [str(row["Id"]) for row in rows("items-media-sources")]
    files = await jellyfin.files(ids)
    assert sorted(len(files[one].version_ids) for one in ids) == [0, 1]
    assert all(files[one].size_bytes for one in ids)
    server.on("/Items", lambda _: as_json(body("items-ids-garbage")))
    assert await jellyfin.items([hex_id(1)]) == {}
    server.on("/System/ActivityLog/Entries", lambda _: as_json(body("activity-log")))
    log = await jellyfin.playback_activity(NOW)
    plays = [row for row in rows("activity-log") if "Playback" in str(row["Type"])]
    assert len(log) == len(plays)
    assert [item for _user, item, _at in log] == [row.get("ItemId") for row in plays]
    server.on("/Sessions", lambda _: as_json(body("sessions-two-playing")))
    assert {one.title for one in await jellyfin.sessions()} == {"Show One 2x3", "Kilo"}
    server.on("/Sessions", lambda _: as_json(body("sessions-idle")))
    assert await jellyfin.sessions() == []
