"""What Seerr says, and what it does."""

import asyncio
from datetime import timedelta
import time

import pytest

from simulators import Household, RadarrSimulator, SeerrSimulator, SonarrSimulator
from simulators.seerr.records import MediaStatus

from .conftest import Client, Clock

API = "/api/v1"


@pytest.fixture
def seerr(household: Household, clock: Clock) -> SeerrSimulator:
    """Return a Seerr with three requests."""
    alice, bob = household.users
    server = SeerrSimulator(household)
    server.request(alice, household.movie("Alpha"), clock.now - timedelta(days=30))
    server.request(bob, household.show("Show One"), clock.now - timedelta(days=20))
    server.request(bob, household.movie("Bravo"), status=2)
    return server


async def test_keys(seerr: SeerrSimulator, socket_enabled: None, ask: Client) -> None:
    """There is no 401; the status is for everybody, so it says nothing of the key."""
    async with seerr:
        status = await ask(seerr, f"{API}/status", headers={})
        assert status.body["version"] == "3.1.0"
        for headers in ({}, {"X-Api-Key": "wrong"}):
            for path in ("/auth/me", "/request"):
                reply = await ask(seerr, API + path, headers=headers)
                assert reply.status == 403
                assert "permission" in reply.body["error"]
        me = (await ask(seerr, f"{API}/auth/me")).body
        assert (me["id"], me["jellyfinUsername"]) == (1, "alice")
        other = {"X-Api-Key": seerr.api_key, "X-API-User": "2"}
        rows = (await ask(seerr, f"{API}/request", headers=other)).body["results"]
        assert {row["requestedBy"]["displayName"] for row in rows} == {"bob"}
        reply = await ask(seerr, f"{API}/media/1", "DELETE", headers=other)
        assert reply.status == 403
        assert (await ask(seerr, f"{API}/nothing")).status == 404


async def test_requests(
    seerr: SeerrSimulator, household: Household, ask: Client, clock: Clock
) -> None:
    """A request says who asked for what, and where it is in Jellyfin."""
    alice, bob = household.users
    seerr.requested_media[1].media.tvdb_id = None
    async with seerr:
        page = (
            await ask(
                seerr,
                f"{API}/request?take=500&skip=0&filter=all&sort=added&mediaType=all",
            )
        ).body
        assert page["pageInfo"] == {
            "pages": 1,
            "pageSize": 500,
            "results": 3,
            "page": 1,
        }
        bravo, show, alpha = page["results"]
        assert (alpha["type"], alpha["status"], alpha["is4k"]) == ("movie", 5, False)
        assert alpha["createdAt"] == "2026-10-23T11:00:00.123Z"
        assert alpha["requestedBy"]["jellyfinUserId"] == alice.id
        assert alpha["media"]["tmdbId"] == 603
        assert alpha["media"]["jellyfinMediaId"] == household.movie("Alpha").id
        assert alpha["media"]["status"] == 5
        assert show["requestedBy"]["jellyfinUserId"] == bob.id
        assert [each["seasonNumber"] for each in show["seasons"]] == [1]
        assert show["media"]["tvdbId"] is None
        assert (bravo["status"], bravo["media"]["status"]) == (2, 3)
        path = f"{API}/request?mediaType=tv"
        assert len((await ask(seerr, path)).body["results"]) == 1
        assert (await ask(seerr, f"{API}/request/count")).body["total"] == 3


async def test_pages(
    seerr: SeerrSimulator, household: Household, ask: Client, clock: Clock
) -> None:
    """Ten to a page unless told otherwise, newest first, and no parameter it does not know."""
    dave = seerr.add_local_user("dave")
    for number in range(20):
        film = household.add_movie(f"M{number}", provider_ids={"Tmdb": str(number + 1)})
        clock.tick(hours=1)
        seerr.request(dave, film)
    async with seerr:
        page = (await ask(seerr, f"{API}/request")).body
        assert len(page["results"]) == 10
        assert page["pageInfo"]["pages"] == 3
        assert page["results"][0]["requestedBy"]["jellyfinUserId"] is None
        page = (await ask(seerr, f"{API}/request?take=15&skip=15&sort=added")).body
        assert [row["id"] for row in page["results"]] == [8, 7, 6, 5, 4, 3, 2, 1]
        assert page["pageInfo"]["page"] == 2
        for query in ("take=x", "page=2"):
            reply = await ask(seerr, f"{API}/request?{query}")
            assert reply.status == 400
        seerr.version = "2.3.0"
        assert (await ask(seerr, f"{API}/request?mediaType=all")).status == 400
        seerr.page_seconds = 0.2
        began = time.monotonic()
        await ask(seerr, f"{API}/request")
        assert time.monotonic() - began >= 0.2


async def test_csrf(seerr: SeerrSimulator, ask: Client) -> None:
    """With the protection on it can be read, and nothing else, whatever the key."""
    seerr.csrf = True
    async with seerr:
        assert (await ask(seerr, f"{API}/request")).status == 200
        for path in ("/media/1", "/request/1"):
            reply = await ask(seerr, API + path, "DELETE")
            assert (reply.status, reply.body) == (
                403,
                {"message": "invalid csrf token"},
            )
        assert len(seerr.requested_media) == 3


async def test_delete(seerr: SeerrSimulator, household: Household, ask: Client) -> None:
    """A title goes with every request for it; a blocklisted one stays, and is not listed."""
    bob = household.user("bob")
    again = seerr.request(bob, household.movie("Alpha"), is_4k=True)
    async with seerr:
        assert (await ask(seerr, f"{API}/request/{again.id}", "DELETE")).status == 204
        reply = await ask(seerr, f"{API}/request/{again.id}", "DELETE")
        assert (reply.status, reply.body["message"]) == (404, "Request not found.")
        seerr.request(bob, household.movie("Alpha"))
        assert (await ask(seerr, f"{API}/media/1", "DELETE")).status == 204
        assert [each.media.id for each in seerr.requested_media] == [2, 3]
        reply = await ask(seerr, f"{API}/media/1", "DELETE")
        assert (reply.status, reply.body["message"]) == (404, "Media not found")
        media = seerr.blocklist(household.movie("Bravo"))
        rows = (await ask(seerr, f"{API}/request")).body["results"]
        assert [row["media"]["id"] for row in rows] == [2]
        assert (await ask(seerr, f"{API}/media/{media.id}", "DELETE")).status == 204
        assert media in seerr.media
        assert media.jellyfin_id is None


async def test_delete_file(household: Household, ask: Client) -> None:
    """It deletes without an exclusion, any failure is 404, and without a default server it is silent."""
    async with (
        RadarrSimulator(household) as radarr,
        SonarrSimulator(household) as sonarr,
        SeerrSimulator(household, radarr=[radarr], sonarr=[sonarr]) as seerr,
    ):
        radarr.manage_all()
        sonarr.manage_all()
        alice = household.users[0]
        media = seerr.request(alice, household.movie("Alpha")).media
        assert (media.service, media.external) == (0, 1)
        path = f"{API}/media/{media.id}/file"
        assert (await ask(seerr, path, "DELETE")).status == 204
        while not radarr.settled:
            await asyncio.sleep(0.005)
        assert not household.disk.has("/media/movies/Alpha (1999)")
        assert not radarr.exclusions
        assert (await ask(seerr, path, "DELETE")).status == 404
        household.scan()
        seerr.availability_sync()
        assert media.status is MediaStatus.DELETED
        rows = (await ask(seerr, f"{API}/request?filter=deleted")).body["results"]
        assert [row["media"]["status"] for row in rows] == [7]
        body = {"mediaType": "movie", "mediaId": 603}
        reply = await ask(seerr, f"{API}/request", "POST", body=body)
        assert (reply.status, reply.body["status"]) == (201, 2)
        assert "Alpha" in household
        show = seerr.request(alice, household.show("Show One")).media
        seerr.has_default = False
        path = f"{API}/media/{show.id}/file"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ask(seerr, path, "DELETE")
        assert sonarr.series


async def test_stale_ids(
    seerr: SeerrSimulator, household: Household, ask: Client
) -> None:
    """After a rename Seerr names the old item until its next full scan."""
    alpha = household.movie("Alpha")
    old = alpha.id
    household.rename(alpha, "/media/movies/Alpha/Alpha.mkv")
    media = seerr.requested_media[0].media
    assert media.jellyfin_id == old != alpha.id
    seerr.full_scan()
    assert media.jellyfin_id == alpha.id
