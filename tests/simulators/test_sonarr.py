"""What Sonarr says, and what it does."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from simulators import Household, JellyfinSimulator, SonarrSimulator

from .conftest import Client, Clock, Reply

API = "/api/v3"
AWAY = "?deleteFiles=true&addImportListExclusion=true"


@pytest.fixture
async def sonarr(
    household: Household, clock: Clock, socket_enabled: None
) -> AsyncGenerator[SonarrSimulator]:
    """Return a Sonarr with two series, the first with a file of two episodes and a missing one."""
    one = household.show("Show One")
    for number, end in ((3, 4), (5, None)):
        household.add_episode(
            one,
            season=1,
            number=number,
            number_end=end,
            virtual=number == 5,
            premiere=clock.now - timedelta(days=9),
        )
    two = household.add_series("Show Two", provider_ids={"Tvdb": "81190"})
    for number in (1, 2):
        household.add_episode(two, season=1, number=number)
    async with SonarrSimulator(household) as server:
        server.manage(one, status="continuing", tags=["keep"])
        server.manage_all()
        yield server


async def settled(sonarr: SonarrSimulator) -> None:
    """Wait until Sonarr has done what it promised."""
    while not sonarr.settled:
        await asyncio.sleep(0.005)


def files_of(household: Household, name: str) -> list[str]:
    """Return the films of a series on the disk."""
    tree = household.disk.tree(household.show(name).path or "")
    return [path for path in tree if path.endswith(".mkv")]


async def test_list(sonarr: SonarrSimulator, ask: Client) -> None:
    """Statistics count episodes with a file, and each file's size once."""
    one, two = (await ask(sonarr, f"{API}/series")).body
    assert (one["tvdbId"], one["status"], one["ended"]) == (81189, "continuing", False)
    assert (two["status"], two["ended"]) == ("ended", True)
    assert one["statistics"] == {
        "seasonCount": 1,
        "episodeFileCount": 4,
        "episodeCount": 5,
        "totalEpisodeCount": 5,
        "sizeOnDisk": 3_000_000_000,
        "releaseGroups": ["GRP"],
        "percentOfEpisodes": 80.0,
    }
    assert len((await ask(sonarr, f"{API}/series?tvdbId=81190")).body) == 1
    assert len((await ask(sonarr, f"{API}/series?tvdbId=")).body) == 2
    assert len((await ask(sonarr, f"{API}/series?tmdbId=")).body) == 2
    sonarr.series[2].episodes.clear()
    (two,) = (await ask(sonarr, f"{API}/series?tvdbId=81190")).body
    assert "statistics" not in two


async def test_episodes_and_files(sonarr: SonarrSimulator, ask: Client) -> None:
    """Episodes need a series; a file with two is one row that does not name them."""
    assert (await ask(sonarr, f"{API}/episode")).status == 400
    assert (await ask(sonarr, f"{API}/episode?episodeIds=1,2")).status == 400
    rows = (await ask(sonarr, f"{API}/episode?episodeIds=1&episodeIds=2")).body
    assert [row["id"] for row in rows] == [1, 2]
    assert (await ask(sonarr, f"{API}/episode?seriesId=99")).body == []
    assert (await ask(sonarr, f"{API}/episodefile?seriesId=99")).status == 404
    assert (await ask(sonarr, f"{API}/episodefile")).status == 400
    rows = (await ask(sonarr, f"{API}/episode?seriesId=1")).body
    assert [row["episodeFileId"] for row in rows] == [1, 2, 3, 3, 0]
    assert [row["hasFile"] for row in rows] == [True] * 4 + [False]
    files = (await ask(sonarr, f"{API}/episodefile?seriesId=1")).body
    assert [row["releaseType"] for row in files] == ["singleEpisode"] * 2 + [
        "multiEpisode"
    ]
    assert not any("episodes" in name.lower() for name in files[2])
    path = f"{API}/episode?seriesId=1&includeEpisodeFile=true"
    assert (await ask(sonarr, path)).body[3]["episodeFile"]["id"] == 3


async def test_delete_file(
    sonarr: SonarrSimulator, household: Household, clock: Clock, ask: Client
) -> None:
    """The honest way; what is still monitored is downloaded again, what is not stays away."""
    assert (await ask(sonarr, f"{API}/episodefile/3", "DELETE")).status == 200
    rows = (await ask(sonarr, f"{API}/episode?seriesId=1")).body
    assert [row["episodeFileId"] for row in rows] == [1, 2, 0, 0, 0]
    assert all(row["monitored"] for row in rows)
    assert len(files_of(household, "Show One")) == 2
    reply = await ask(sonarr, f"{API}/episodefile/3", "DELETE")
    assert reply.status == 404
    assert reply.body["message"] == "EpisodeFile with ID 3 does not exist"
    async with JellyfinSimulator(household) as jellyfin:
        show = household.show("Show One")
        double = household.episode("Show One", 1, 4)
        update = {"Updates": [{"Path": show.path, "UpdateType": "Deleted"}]}
        await ask(jellyfin, "/Library/Media/Updated", "POST", body=update)
        clock.tick(seconds=61)
        await ask(jellyfin, "/Users")
        assert double not in household
        assert show in household
    body = {"episodeIds": [3, 4], "monitored": False}
    await ask(sonarr, f"{API}/episode/monitor", "PUT", body=body)
    assert sonarr.search() == []
    body = {"episodeIds": [3], "monitored": True}
    await ask(sonarr, f"{API}/episode/monitor", "PUT", body=body)
    assert sonarr.search() == ["Show One S01E03"]
    assert double in household
    series = sonarr.show("Show One")
    assert series.episode(1, 3).file_id == series.episode(1, 4).file_id != 0


async def test_delete_file_that_fails(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """It says so, and nothing has changed."""
    path = f"{API}/episodefile/1"
    household.disk.locked.add(files_of(household, "Show One")[0])
    reply = await ask(sonarr, path, "DELETE")
    assert reply.status == 500
    assert reply.body["message"] == "Unable to delete episode file"
    household.disk.unmount("/media/shows")
    reply = await ask(sonarr, path, "DELETE")
    assert reply.status == 409
    assert "doesn't exist" in reply.body["message"]
    household.disk.mount("/media/shows")
    household.disk.unmount("/media/shows", mount_point=True)
    reply = await ask(sonarr, path, "DELETE")
    assert (reply.status, "is empty" in reply.body["message"]) == (409, True)
    household.disk.mount("/media/shows")
    assert len(sonarr.series[1].files) == 3


async def test_monitor(sonarr: SonarrSimulator, ask: Client) -> None:
    """Unknown ids are an error, which does not keep the known ones from changing."""

    async def monitor(**body: Any) -> Reply:
        return await ask(sonarr, f"{API}/episode/monitor", "PUT", body=body)

    reply = await monitor(episodeIds=[1, 2], monitored=False)
    assert reply.status == 202
    assert [row["monitored"] for row in reply.body] == [False, False]
    assert sonarr.series[1].seasons == {1: True}
    assert (await monitor(episodeIds=[], monitored=False)).body == []
    assert (await monitor(episodeIds=[99], monitored=False)).status == 404
    reply = await monitor(episodeIds=[3, 4, 99], monitored=False)
    assert reply.status == 500
    assert reply.body["message"] == "Expected query to return 3 rows but returned 2"
    assert [each.monitored for each in sonarr.series[1].episodes] == [False] * 4 + [
        True
    ]
    await monitor(episodeIds=[5])
    assert not sonarr.series[1].episode(1, 5).monitored
    assert (await monitor(episodeIds=[1], monitored="True")).status == 400


async def test_new_episodes(
    sonarr: SonarrSimulator, household: Household, clock: Clock
) -> None:
    """They follow the flag of their season, whatever became of the others."""
    series = sonarr.show("Show One")
    for episode in series.episodes:
        episode.monitored = False
    show = household.show("Show One")
    household.add_episode(show, season=1, number=6)
    household.add_episode(show, season=2, number=1)
    household.add_episode(show, season=0, number=1)
    sonarr.rescan()
    assert series.episode(1, 6).monitored
    assert series.episode(2, 1).monitored
    assert not series.episode(0, 1).monitored
    assert not series.episode(1, 1).monitored
    series.seasons[1] = False
    assert not sonarr.announce(series, 1, 7).monitored


async def test_season_flags(sonarr: SonarrSimulator, ask: Client) -> None:
    """A season's flag goes to its episodes through PUT only; what is left out is forgotten."""
    series = sonarr.show("Show One")
    sonarr.announce(series, 2, 1)
    body: Any = {
        "series": [{"id": 1, "seasons": [{"seasonNumber": 1, "monitored": False}]}]
    }
    reply = await ask(sonarr, f"{API}/seasonpass", "POST", body=body)
    assert (reply.status, reply.body) == (202, {})
    assert series.seasons == {1: False, 2: True}
    assert series.episode(1, 1).monitored
    row = (await ask(sonarr, f"{API}/series/1")).body
    row["seasons"] = [{"seasonNumber": 1, "monitored": True}]
    assert (await ask(sonarr, f"{API}/series/2", "PUT", body=row)).status == 202
    assert series.seasons == {1: True}
    row["seasons"][0]["monitored"] = False
    await ask(sonarr, f"{API}/series/1", "PUT", body=row)
    assert not any(each.monitored for each in series.episodes if each.season == 1)
    assert series.episode(2, 1).monitored
    body = {"series": [{"id": 2}], "monitoringOptions": {"monitor": "none"}}
    await ask(sonarr, f"{API}/seasonpass", "POST", body=body)
    two = sonarr.show("Show Two")
    assert (two.monitored, two.seasons) == (False, {1: False})
    assert not any(each.monitored for each in two.episodes)
    body = {"seriesIds": [1], "monitored": False}
    reply = await ask(sonarr, f"{API}/series/editor", "PUT", body=body)
    assert reply.status == 202
    assert not series.monitored
    assert series.episode(2, 1).monitored
    body = {"seriesIds": [1, 99], "monitored": True}
    reply = await ask(sonarr, f"{API}/series/editor", "PUT", body=body)
    assert (reply.status, series.monitored) == (500, False)


async def test_bulk(sonarr: SonarrSimulator, household: Household, ask: Client) -> None:
    """With two series a file goes that nobody asked for."""
    path = f"{API}/episodefile/bulk"
    one, two = sonarr.show("Show One"), sonarr.show("Show Two")
    # The same names in both, as it is where files carry no title.
    for series in (one, two):
        for number in (1, 2):
            file, new = series.file_of(1, number), f"Season 1/S01E0{number}.mkv"
            household.disk.move(series.path_of(file), f"{series.path}/{new}")
            file.relative_path = new
    ids = [one.file_of(1, 1).id, two.file_of(1, 2).id]
    body: Any = {"episodeFileIds": ids}
    reply = await ask(sonarr, path, "DELETE", body=body)
    assert (reply.status, reply.body) == (200, {})
    files = household.files
    assert f"{one.path}/Season 1/S01E01.mkv" not in files
    assert f"{one.path}/Season 1/S01E02.mkv" not in files
    assert f"{two.path}/Season 1/S01E02.mkv" in files
    assert two.episode(1, 2).file_id == 0
    assert one.episode(1, 2).file_id != 0
    for wrong in ([], ids, [ids[0], 99]):
        reply = await ask(sonarr, path, "DELETE", body={"episodeFileIds": wrong})
        assert reply.status == 500


async def test_delete_series(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """Radarr's flag is ignored, an unknown id is 500, and the promise is only a promise."""
    path = f"{API}/series/1?deleteFiles=true&addImportExclusion=true"
    household.disk.locked.add(files_of(household, "Show One")[0])
    before = files_of(household, "Show One")
    assert (await ask(sonarr, path, "DELETE")).status == 200
    await settled(sonarr)
    assert not sonarr.exclusions
    assert files_of(household, "Show One") == before
    reply = await ask(sonarr, path, "DELETE")
    assert reply.status == 500
    assert reply.body["message"] == "Expected query to return 1 rows but returned 0"
    for value in ("1", "yes"):
        path = f"{API}/series/2?deleteFiles={value}"
        assert (await ask(sonarr, path, "DELETE")).status == 400
    assert (await ask(sonarr, f"{API}/series/2{AWAY}", "DELETE")).status == 200
    await settled(sonarr)
    assert not files_of(household, "Show Two")
    rows = (await ask(sonarr, f"{API}/importlistexclusion")).body
    assert rows == [{"tvdbId": 81190, "title": "Show Two", "id": 1}]
    household.scan()
    assert "Show Two" not in household
    assert sonarr.list_sync() == ["Show One"]


async def test_delete_many(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """The first guarded series spares the folders of all, while the rows are gone."""
    third = household.add_series("Third", path=f"{household.show('Show One').path}/3")
    sonarr.manage(third, tvdb_id=5)
    before = set(household.files)
    body = {"seriesIds": [2, 1], "deleteFiles": True}
    reply = await ask(sonarr, f"{API}/series/editor", "DELETE", body=body)
    assert (reply.status, reply.body) == (200, {})
    await settled(sonarr)
    assert list(sonarr.series) == [3]
    assert household.files == before


async def test_options(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """Files may take flags, subtitles and folders along."""
    sonarr.auto_unmonitor = sonarr.knows_sidecars = True
    sonarr.delete_empty_folders = True
    two = sonarr.show("Show Two")
    household.disk.remove(f"{two.path}/tvshow.nfo")
    for episode in two.episodes:
        await ask(sonarr, f"{API}/episodefile/{episode.file_id}", "DELETE")
        assert not episode.monitored
    assert not household.disk.is_folder(two.path)
    settings = (await ask(sonarr, f"{API}/config/mediamanagement")).body
    assert settings["autoUnmonitorPreviouslyDownloadedEpisodes"] is True


async def test_url_base(household: Household, ask: Client) -> None:
    """With a url base the plain path leads there, without a key it leads nowhere."""
    async with SonarrSimulator(household, url_base="/sonarr") as sonarr:
        assert (await ask(sonarr, f"{API}/system/status")).status == 200
        url = sonarr.url.removesuffix("/sonarr") + f"{API}/series"
        for headers, status in (({}, 401), ({"X-Api-Key": sonarr.api_key}, 307)):
            async with ask.session.get(
                url, headers=headers, allow_redirects=False
            ) as response:
                assert response.status == status


async def test_several_files(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """A worse file is imported when the first is gone; equal ones change their ids."""
    show, folder = household.show("Show Two"), "/media/shows/Show Two/Season 1"
    series = sonarr.show("Show Two")
    worse = f"{folder}/Show Two S01E01 720p.mkv"
    household.add_episode(show, season=1, number=1, path=worse)
    sonarr.rescan()
    first = series.file_of(1, 1)
    assert series.path_of(first) != worse
    assert worse not in map(series.path_of, series.files.values())
    await ask(sonarr, f"{API}/episodefile/{first.id}", "DELETE")
    assert not series.episode(1, 1).file_id
    sonarr.rescan()
    assert series.path_of(series.file_of(1, 1)) == worse
    household.add_episode(
        show, season=1, number=1, path=f"{folder}/Show Two S01E01 720p again.mkv"
    )
    ids = []
    for _ in range(3):
        sonarr.rescan()
        rows = (await ask(sonarr, f"{API}/episodefile?seriesId={series.id}")).body
        ids.append({row["id"] for row in rows if "720p" in row["path"]})
    assert [len(each) for each in ids] == [2, 2, 2]
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]


async def test_season_pack(sonarr: SonarrSimulator, ask: Client) -> None:
    """A pack is a row for each episode, each with the size of all."""
    sonarr.download(sonarr.show("Show Two"))
    page = (await ask(sonarr, f"{API}/queue?pageSize=50")).body
    assert [row["episodeId"] for row in page["records"]] == [6, 7]
    assert {row["size"] for row in page["records"]} == {9_000}
    await ask(sonarr, f"{API}/series/2{AWAY}", "DELETE")
    assert (await ask(sonarr, f"{API}/queue")).body["records"] == []
    path = f"{API}/queue?includeUnknownSeriesItems=true"
    rows = (await ask(sonarr, path)).body["records"]
    assert not {"seriesId", "episodeId"} & set(rows[0])


async def test_anime_and_renames(
    sonarr: SonarrSimulator, household: Household, ask: Client
) -> None:
    """Anime is counted through; what Sonarr renames keeps its flags and its files."""
    two = sonarr.show("Show Two")
    two.series_type = "anime"
    household.add_episode(household.show("Show Two"), season=2, number=1)
    sonarr.rescan()
    rows = (await ask(sonarr, f"{API}/episode?seriesId=2")).body
    assert [row["absoluteEpisodeNumber"] for row in rows] == [1, 2, 3]
    show = household.show("Show Two")
    household.rename(show, "/media/shows/Second Show")
    sonarr.moved(show)
    assert two.path == "/media/shows/Second Show"
    assert all(episode.file_id for episode in two.episodes)
