"""Quirks of Jellyfin that no recording shows."""

from datetime import timedelta

import pytest

from simulators import Household, JellyfinSimulator, Movie, Series
from simulators.jellyfin.dates import iso

from .conftest import Client, Clock

LINES = ("10.10.7", "10.11.11", "12.0")
MOVIES = "/Items?recursive=true&includeItemTypes=Movie&collapseBoxSetItems=false"
VIDEOS = "/Items?recursive=true&includeItemTypes=Movie,Episode&enableUserData=true"
SERIES = "/Items?recursive=true&includeItemTypes=Series&enableUserData=true"


def token(value: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f'MediaBrowser Client="x", Token="{value}"'}


@pytest.mark.parametrize("version", LINES)
async def test_legacy_authorization(
    household: Household, ask: Client, version: str
) -> None:
    """12 takes the one header and one parameter, the others take the old ones too."""
    async with JellyfinSimulator(household, version) as jellyfin:
        key = jellyfin.api_key
        legacy = 401 if version == "12.0" else 200
        for headers in (
            {"X-Emby-Token": key},
            {"X-MediaBrowser-Token": key},
            {"X-Emby-Authorization": f'MediaBrowser Token="{key}"'},
            {"Authorization": f'Emby Token="{key}"'},
        ):
            assert (
                await ask(jellyfin, "/System/Info", headers=headers)
            ).status == legacy
        assert (
            await ask(jellyfin, f"/System/Info?ApiKey={key}", headers={})
        ).status == 200
        assert (
            await ask(jellyfin, f"/System/Info?api_key={key}", headers={})
        ).status == legacy
        for headers in ({"Authorization": f"Bearer {key}"}, token("nothing"), {}):
            assert (await ask(jellyfin, "/System/Info", headers=headers)).status == 401


async def test_base_path(household: Household, ask: Client) -> None:
    """With a base path everything is below it; what is not is sent to the web page."""
    async with JellyfinSimulator(household, base_path="/jellyfin") as jellyfin:
        assert jellyfin.url.endswith("/jellyfin")
        assert (await ask(jellyfin, "/users")).status == 200
        jellyfin.base_path, base = "", jellyfin.base_path
        plain = jellyfin.url
        jellyfin.base_path = base
        headers = token(jellyfin.api_key)
        async with ask.session.get(
            f"{plain}/Users", headers=headers, allow_redirects=False
        ) as response:
            assert response.status == 302
        assert (await ask(jellyfin, "/nothing/here")).status == 404


async def test_long_line(household: Household, ask: Client) -> None:
    """A line has room for 200 ids, not for 250."""
    async with JellyfinSimulator(household) as jellyfin:
        for count, status in ((200, 200), (250, 414)):
            ids = ",".join(["a" * 32] * count)
            assert (await ask(jellyfin, f"/Items?ids={ids}")).status == status


@pytest.mark.parametrize("version", LINES)
async def test_garbage_ids_return_the_library(
    household: Household, ask: Client, version: str
) -> None:
    """Ids that are none are dropped, and what is left asks for everything."""
    async with JellyfinSimulator(household, version) as jellyfin:
        assert (await ask(jellyfin, f"{MOVIES}&ids=x,y")).names == [
            "Alpha",
            "Bravo",
        ] or (version == "10.10.7")
        alpha = household["Alpha"].id
        dashed = f"{alpha[:8]}-{alpha[8:12]}-{alpha[12:16]}-{alpha[16:20]}-{alpha[20:]}"
        assert (await ask(jellyfin, f"/Items?ids={dashed},x")).names == ["Alpha"]


async def test_visibility(household: Household, ask: Client) -> None:
    """A user's lists lack the libraries it may not see; a read by id does not."""
    carol = household.add_user("carol", libraries=["Shows"])
    async with JellyfinSimulator(household) as jellyfin:
        names = (await ask(jellyfin, f"{VIDEOS}&userId={carol.id}")).names
        assert names == ["Episode 1", "Episode 2"]
        alpha = household["Alpha"].id
        assert (await ask(jellyfin, f"/Items?ids={alpha}&userId={carol.id}")).names == [
            "Alpha"
        ]
        views = await ask(jellyfin, f"/UserViews?userId={carol.id}")
        assert views.names == ["Shows"]


async def test_disabled_users(household: Household, ask: Client) -> None:
    """A disabled user can be left out, and looked at with a key all the same."""
    dora = household.add_user("dora", disabled=True)
    async with JellyfinSimulator(household) as jellyfin:
        reply = await ask(jellyfin, "/Users?isDisabled=false")
        assert [user["Name"] for user in reply.body] == ["alice", "bob"]
        assert len((await ask(jellyfin, "/Users")).body) == 3
        assert (await ask(jellyfin, f"{VIDEOS}&userId={dora.id}")).status == 200
        headers = token(jellyfin.token(dora))
        assert (await ask(jellyfin, "/Users", headers=headers)).status == 401


@pytest.mark.parametrize("version", LINES)
async def test_new_series_lies_on_10_11(
    household: Household, ask: Client, clock: Clock, version: str
) -> None:
    """10.11 calls a new series played, and one whose ids change, until it scans."""
    alice = household.user("alice")
    show = household.add_series("Show Two", provider_ids={"Tvdb": "9"})
    household.add_episode(show, season=1, number=1)
    lies = version == "10.11.11"

    async def played(server: JellyfinSimulator) -> bool:
        reply = await ask(server, f"{SERIES}&ids={show.id}&userId={alice.id}")
        return bool(reply.body["Items"][0]["UserData"]["Played"])

    async with JellyfinSimulator(household, version) as jellyfin:
        assert await played(jellyfin) is lies
        children = await ask(
            jellyfin,
            f"/Items?parentId={show.id}&includeItemTypes=Episode&recursive=true",
        )
        assert len(children.body["Items"]) == (0 if lies else 1)
        flat = await ask(jellyfin, "/Items?recursive=true&includeItemTypes=Episode")
        assert show.id in {row["SeriesId"] for row in flat.body["Items"]}
        await ask(jellyfin, f"/UserPlayedItems/{show.id}?userId={alice.id}", "POST")
        assert household.data(alice, show.episodes[0]).played is not lies
        household.unmark_played(alice, show)
        household.scan()
        assert not await played(jellyfin)
        household.identify(show, {"Tvdb": "10"})
        assert await played(jellyfin) is lies


@pytest.mark.parametrize("version", LINES)
async def test_same_film_twice(household: Household, ask: Client, version: str) -> None:
    """10.10 keeps user data by provider id: marking one of two copies marks the other."""
    alice = household.user("alice")
    copies = [
        household.add_movie(
            "Juliett",
            provider_ids={"Tmdb": "7"},
            path=f"/media/movies/{each}/Juliett.mkv",
        )
        for each in "ab"
    ]
    household.mark_played(alice, copies[0])
    async with JellyfinSimulator(household, version) as jellyfin:
        reply = await ask(jellyfin, f"{VIDEOS}&isPlayed=true&userId={alice.id}")
        assert len(reply.body["Items"]) == (2 if version == "10.10.7" else 1)


@pytest.mark.parametrize("version", LINES)
async def test_date_played(
    household: Household, ask: Client, clock: Clock, version: str
) -> None:
    """Rows without a date come last when the newest come first, and first otherwise."""
    alice = household.user("alice")
    household.play(alice, household.episodes[0], at=clock.now - timedelta(days=2))
    household.play(alice, household.movies[1], at=clock.now - timedelta(days=1))
    household.set_played_without_date(alice, household.movies[0])
    base = f"{VIDEOS}&userId={alice.id}&sortBy=DatePlayed"
    async with JellyfinSimulator(household, version) as jellyfin:
        newest = await ask(
            jellyfin,
            f"{base}&sortOrder=Descending&limit=2&enableTotalRecordCount=false",
        )
        assert newest.names == ["Bravo", "Episode 1"]
        assert newest.body["TotalRecordCount"] == 2
        oldest = await ask(jellyfin, f"{base}&sortOrder=Ascending&isPlayed=true")
        assert oldest.names == ["Alpha", "Episode 1", "Bravo"]
        assert "LastPlayedDate" not in oldest.body["Items"][0]["UserData"]
        nobody = await ask(jellyfin, "/Items?recursive=true&sortBy=DatePlayed")
        assert nobody.status == (200 if version == "12.0" else 500)


@pytest.mark.parametrize("version", LINES)
async def test_metadata_delta(
    household: Household, ask: Client, clock: Clock, version: str
) -> None:
    """Only the delta for a user works everywhere, and it sees no plays."""
    alice = household.user("alice")
    clock.tick(days=1)
    since = iso(clock.now)
    clock.tick(days=1)
    household.retag(household["Bravo"], ["new"])
    household.play(alice, household.movies[0])
    async with JellyfinSimulator(household, version) as jellyfin:
        works = await ask(jellyfin, f"{MOVIES}&minDateLastSavedForUser={since}")
        assert works.names == ["Bravo"]
        reply = await ask(jellyfin, f"{MOVIES}&minDateLastSaved={since}")
        assert len(reply.names) == (1 if version == "12.0" else 2)


async def test_missing_episode(household: Household, ask: Client) -> None:
    """An episode that is missing on disk is listed unless virtual ones are left out."""
    show = household["Show One"]
    assert isinstance(show, Series)
    household.add_episode(show, season=1, number=3, virtual=True)
    query = "/Items?recursive=true&includeItemTypes=Episode"
    async with JellyfinSimulator(household) as jellyfin:
        rows = (await ask(jellyfin, query)).body["Items"]
        assert [row["LocationType"] for row in rows] == [
            "FileSystem",
            "FileSystem",
            "Virtual",
        ]
        assert (
            len((await ask(jellyfin, f"{query}&excludeLocationTypes=Virtual")).names)
            == 2
        )


@pytest.mark.parametrize("version", LINES)
async def test_two_versions(household: Household, ask: Client, version: str) -> None:
    """Two versions are one row; on 12 the other one is a ghost after the film was deleted."""
    film = household.add_movie("India", versions=["1080p", "4K"])
    folder, other = film.folder, film.sources[1].id
    async with JellyfinSimulator(household, version) as jellyfin:
        reply = await ask(
            jellyfin, f"{MOVIES}&fields=MediaSources,MediaSourceCount&searchTerm=india"
        )
        (row,) = reply.body["Items"]
        assert row["MediaSourceCount"] == 2
        assert [source["Id"] for source in row["MediaSources"]] == [film.id, other]
        assert (await ask(jellyfin, f"/Items/{film.id}", "DELETE")).status == 204
        assert not household.disk.tree(folder)
        rows = (await ask(jellyfin, MOVIES)).body["Items"]
        ghosts = [row["Id"] for row in rows if row["Name"] == "India"]
        assert ghosts == ([other] if version == "12.0" else [])
        household.scan()
        assert len((await ask(jellyfin, MOVIES)).names) == 2


async def test_what_a_key_can_delete(household: Household, ask: Client) -> None:
    """With a key the id of a library removes the library, and that of a folder the folder."""
    async with JellyfinSimulator(household) as jellyfin:
        top = await ask(jellyfin, "/Items")
        folder = next(row["Id"] for row in top.body["Items"] if row["Name"] == "movies")
        assert (await ask(jellyfin, f"/Items/{folder}", "DELETE")).status == 204
        assert not household.movies
        assert not household.disk.tree("/media/movies")
        shows = household.library("Shows")
        assert (await ask(jellyfin, f"/Items/{shows.id}", "DELETE")).status == 204
        assert not household.episodes
        assert household.disk.tree("/media/shows")
        assert len((await ask(jellyfin, "/Library/VirtualFolders")).body) == 1


async def test_deleting_several(household: Household, ask: Client) -> None:
    """An unknown id first deletes nothing, after a known one it does not bring that back."""
    alpha, unknown = household["Alpha"].id, "f" * 32
    async with JellyfinSimulator(household) as jellyfin:
        for ids, left in (((unknown, alpha), 2), ((alpha, unknown), 1)):
            reply = await ask(jellyfin, f"/Items?ids={','.join(ids)}", "DELETE")
            assert reply.status == 404
            assert len(household.movies) == left
        assert (await ask(jellyfin, "/Items", "DELETE")).status == 204


async def test_deleting_what_is_gone(household: Household, ask: Client) -> None:
    """A missing file is no error; what is being played is no obstacle, and goes on being played."""
    alpha, alice = household.movies[0], household.user("alice")
    household.start_playback(alice, alpha)
    household.remove_file(alpha)
    async with JellyfinSimulator(household) as jellyfin:
        assert (await ask(jellyfin, f"/Items/{alpha.id}", "DELETE")).status == 204
        sessions = (await ask(jellyfin, "/Sessions")).body
        assert sessions[0]["NowPlayingItem"]["Id"] == alpha.id


async def test_rows_that_stay(household: Household, ask: Client, clock: Clock) -> None:
    """A row may stay after a delete, by a switch or because a scan is running, until the next scan."""
    household.scan_duration = timedelta(minutes=5)
    alpha, bravo = household.movies
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.keeps_deleted_rows = True
        await ask(jellyfin, f"/Items/{alpha.id}", "DELETE")
        assert (await ask(jellyfin, f"/Items?ids={alpha.id}")).names == ["Alpha"]
        assert (await ask(jellyfin, MOVIES)).names == ["Alpha", "Bravo"]
        jellyfin.keeps_deleted_rows = False
        await ask(jellyfin, "/Library/Refresh", "POST")
        tasks = (await ask(jellyfin, "/ScheduledTasks")).body
        assert (tasks[0]["Key"], tasks[0]["State"]) == ("RefreshLibrary", "Running")
        await ask(jellyfin, f"/Items/{bravo.id}", "DELETE")
        assert not household.disk.tree(bravo.folder)
        assert (await ask(jellyfin, MOVIES)).names == ["Alpha", "Bravo"]
        clock.tick(minutes=6)
        assert (await ask(jellyfin, MOVIES)).names == []
        assert (await ask(jellyfin, "/ScheduledTasks")).body[0]["State"] == "Idle"


async def test_seasons_and_series(household: Household, ask: Client) -> None:
    """A season without a folder stays, one with a folder goes, and a series with all of it."""
    show = household["Show One"]
    assert isinstance(show, Series)
    flat = household.add_series("Flat")
    household.add_episode(flat, season=1, number=1, flat=True)
    async with JellyfinSimulator(household) as jellyfin:
        reply = await ask(jellyfin, f"/Items/{flat.seasons[0].id}", "DELETE")
        assert reply.status == 204
        assert len(flat.episodes) == 1
        first, second = show.episodes
        await ask(jellyfin, f"/Items/{first.id}", "DELETE")
        assert household.episodes[0] is second
        assert show in household
        await ask(jellyfin, f"/Items/{show.seasons[0].id}", "DELETE")
        assert not show.episodes
        await ask(jellyfin, f"/Items/{show.id}", "DELETE")
        assert not household.disk.tree(show.path or "")


async def test_targeted_rescan(household: Household, ask: Client, clock: Clock) -> None:
    """A path that was reported is looked at a minute later."""
    alpha = household.movies[0]
    household.remove_file(alpha)
    body = {"Updates": [{"Path": alpha.path, "UpdateType": "Deleted"}]}
    async with JellyfinSimulator(household) as jellyfin:
        assert (
            await ask(jellyfin, "/Library/Media/Updated", "POST", body=body)
        ).status == 204
        assert len((await ask(jellyfin, MOVIES)).names) == 2
        clock.tick(seconds=61)
        assert (await ask(jellyfin, MOVIES)).names == ["Bravo"]


async def test_posters(household: Household, ask: Client) -> None:
    """Posters need no key, and the same title has the same one."""
    alpha = household["Alpha"]
    async with JellyfinSimulator(household) as jellyfin:
        url = f"{jellyfin.url}/Items/{alpha.id}/Images/Primary"
        pictures = []
        for query in ("", "", "?maxHeight=300&quality=90"):
            async with ask.session.get(url + query) as response:
                assert response.status == 200
                assert response.content_type == "image/jpeg"
                pictures.append(await response.read())
        assert pictures[0] == pictures[1]
        assert pictures[0][:3] == b"\xff\xd8\xff"
        assert len(pictures[2]) < len(pictures[0])
        none = await ask(jellyfin, f"/Items/{household.episodes[0].id}/Images/Primary")
        assert none.status == 404


async def test_sessions_come_and_go(
    household: Household, ask: Client, clock: Clock
) -> None:
    """A session plays from start to stop, and is forgotten when it is idle for long."""
    alice, bravo = household.user("alice"), household["Bravo"]
    assert isinstance(bravo, Movie)
    async with JellyfinSimulator(household) as jellyfin:
        household.start_playback(alice, bravo)
        clock.tick(minutes=30)
        (row,) = (await ask(jellyfin, "/Sessions?activeWithinSeconds=960")).body
        assert (
            row["NowPlayingItem"]["Id"] == row["PlayState"]["MediaSourceId"] == bravo.id
        )
        household.stop_playback(alice, bravo, fraction=0.25)
        (row,) = (await ask(jellyfin, "/Sessions?activeWithinSeconds=960")).body
        assert "NowPlayingItem" not in row
        clock.tick(minutes=30)
        assert (await ask(jellyfin, "/Sessions?activeWithinSeconds=960")).body == []


async def test_activity_log_forgets(
    household: Household, ask: Client, clock: Clock
) -> None:
    """The log keeps thirty days and knows plays, not marks."""
    alice, alpha = household.user("alice"), household.movies[0]
    household.play(alice, alpha, at=clock.now - timedelta(days=40))
    household.play(alice, alpha, at=clock.now - timedelta(days=3))
    household.mark_played(alice, alpha)
    async with JellyfinSimulator(household) as jellyfin:
        body = (await ask(jellyfin, "/System/ActivityLog/Entries?hasUserId=true")).body
        assert [row["Type"] for row in body["Items"]] == [
            "VideoPlaybackStopped",
            "VideoPlayback",
        ]
        since = iso(clock.now - timedelta(days=1))
        later = await ask(jellyfin, f"/System/ActivityLog/Entries?minDate={since}")
        assert later.body["TotalRecordCount"] == 0


async def test_starting(household: Household, ask: Client) -> None:
    """A server that starts says so in HTML, whatever it is asked."""
    async with JellyfinSimulator(household) as jellyfin:
        jellyfin.starting = True
        reply = await ask(jellyfin, "/System/Info/Public")
        assert reply.status == 503
        assert reply.headers["Retry-After"] == "005"


@pytest.mark.parametrize(
    "bad", ["isPlayed=maybe", "startIndex=x", "userId=x", "minDateLastSaved=x"]
)
async def test_bad_parameters(household: Household, ask: Client, bad: str) -> None:
    """What cannot be parsed is a problem."""
    async with JellyfinSimulator(household) as jellyfin:
        reply = await ask(jellyfin, f"{MOVIES}&{bad}")
        assert reply.status == 400
        assert reply.body["title"] == "One or more validation errors occurred."


def test_dates() -> None:
    """A date has seven digits, with zeros cut only from a fraction that is none."""
    clock = Clock()
    assert iso(clock.now) == "2026-11-22T11:00:00.1234579Z"
    assert iso(clock.now.replace(microsecond=0)) == "2026-11-22T11:00:00.0000000Z"
    assert iso(clock.now.replace(microsecond=50)) == "2026-11-22T11:00:00.00005Z"
