"""What Seerr says, and what it does."""

import asyncio
from datetime import timedelta
import time

import pytest

from simulators import (
    FaultKind,
    Household,
    RadarrSimulator,
    SeerrSimulator,
    SonarrSimulator,
)
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
    """No key is 401, a wrong one 403; the status is for everybody and proves nothing."""
    async with seerr:
        status = await ask(seerr, f"{API}/status", headers={})
        assert status.body["version"] == "3.1.0"
        for path in ("/auth/me", "/request"):
            reply = await ask(seerr, API + path, headers={})
            assert reply.status == 401
            assert reply.body["message"] == "cookie 'connect.sid' required"
            reply = await ask(seerr, API + path, headers={"X-Api-Key": "wrong"})
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
        page = (await ask(seerr, f"{API}/request?take=0")).body
        assert page["pageInfo"]["pageSize"] == len(page["results"]) == 10
        for query in ("take=x", "page=2", "filter=new", "mediaType=book", "sort=id"):
            reply = await ask(seerr, f"{API}/request?{query}")
            assert reply.status == 400
        seerr.version = "2.3.0"
        assert (await ask(seerr, f"{API}/request?mediaType=all")).status == 400
        seerr.page_seconds = 0.2
        began = time.monotonic()
        await ask(seerr, f"{API}/request")
        assert time.monotonic() - began >= 0.2


async def test_csrf(seerr: SeerrSimulator, ask: Client) -> None:
    """With the protection on, changes need both cookies and the token, whatever the key."""
    path = f"{seerr.url}{API}"
    async with seerr:
        assert not (await ask(seerr, f"{API}/status")).headers.get("Set-Cookie")
        seerr.csrf = True
        assert (await ask(seerr, f"{API}/request")).status == 200
        path = f"{seerr.url}{API}"
        async with ask.session.get(f"{path}/status") as answer:
            given = {name: morsel.value for name, morsel in answer.cookies.items()}
        assert set(given) == {"_csrf", "XSRF-TOKEN"}
        cookies = "; ".join(f"{name}={value}" for name, value in given.items())
        key = {"X-Api-Key": seerr.api_key}
        token = {"X-XSRF-TOKEN": given["XSRF-TOKEN"]}
        for headers in (
            key,
            key | {"Cookie": cookies},
            key | token,
            key | token | {"Cookie": f"_csrf=another; {cookies.partition('; ')[2]}"},
        ):
            for of in ("/media/1", "/request/1"):
                reply = await ask(seerr, API + of, "DELETE", headers=headers)
                assert (reply.status, reply.body) == (
                    403,
                    {"message": "invalid csrf token"},
                )
        assert len(seerr.requested_media) == 3
        headers = key | token | {"Cookie": cookies}
        for _ in range(2):
            reply = await ask(seerr, f"{API}/media/99", "DELETE", headers=headers)
            assert reply.status == 404
        wrong = headers | {"X-Api-Key": "wrong"}
        assert (await ask(seerr, f"{API}/media/1", "DELETE", headers=wrong)).body[
            "error"
        ]
        assert (await ask(seerr, f"{API}/media/1", "DELETE", headers=headers)).status
        assert len(seerr.requested_media) == 2


async def test_a_request_that_vanishes_between_two_queries(
    seerr: SeerrSimulator, ask: Client
) -> None:
    """The next page skips one, and all sums agree."""

    def vanish() -> None:
        seerr.between_queries = None
        seerr.requested_media.pop()

    async with seerr:
        seerr.between_queries = vanish
        first = (await ask(seerr, f"{API}/request?take=2&skip=0")).body
        # Two have been seen: the next page begins behind what is now the second.
        second = (await ask(seerr, f"{API}/request?take=2&skip=2")).body
    assert first["pageInfo"]["results"] == second["pageInfo"]["results"] == 2
    assert [row["id"] for row in first["results"]] == [3, 2]
    assert second["results"] == []


async def test_a_silent_radarr_costs_ten_seconds(
    household: Household, ask: Client
) -> None:
    """Then its name stands beside the page."""
    radarr = RadarrSimulator(household)
    assert SeerrSimulator(household).service_seconds == 10
    async with radarr, SeerrSimulator(household, radarr=[radarr]) as seerr:
        seerr.service_seconds = 0.2
        radarr.fail(FaultKind.HANG)
        began = time.monotonic()
        body = (await ask(seerr, f"{API}/request")).body
        assert time.monotonic() - began >= 0.2
        assert body["serviceErrors"] == {
            "radarr": [{"id": 0, "name": radarr.name}],
            "sonarr": [],
        }


async def test_asked_again(
    seerr: SeerrSimulator, household: Household, ask: Client
) -> None:
    """What seems to be there can be asked for; what is approved then nobody looks for."""
    path = f"{API}/request"
    film = household.movie("Alpha")
    body = {"mediaType": "movie", "mediaId": 603}
    async with RadarrSimulator(household) as radarr, seerr:
        seerr.radarr.append(radarr)
        radarr.manage_all()
        media = seerr.media_of(film)
        bob = {"X-Api-Key": seerr.api_key, "X-API-User": "2"}
        radarr.remove([radarr.movie("Alpha")])
        while not radarr.settled:
            await asyncio.sleep(0.005)
        household.scan()
        reply = await ask(seerr, path, "POST", body=body, headers=bob)
        assert (reply.status, reply.body["status"]) == (201, 1)
        number = reply.body["id"]
        reply = await ask(seerr, path, "POST", body=body, headers=bob)
        assert reply.status == 409
        assert (await ask(seerr, f"{path}/{number}/approve", "POST")).status == 200
        assert [each.status for each in seerr.requested_media] == [5, 5, 2, 2]
        assert "Alpha" not in household
        job = f"{API}/settings/jobs/availability-sync/run"
        assert (await ask(seerr, job, "POST", headers=bob)).status == 403
        assert (await ask(seerr, job, "POST")).body["running"] is True
        job = f"{API}/settings/jobs/nonsense/run"
        assert (await ask(seerr, job, "POST")).body == {"message": "Job not found."}
        assert media.status is MediaStatus.DELETED
        assert [each.status for each in seerr.requested_media] == [5, 5, 2, 5]
        assert "Alpha" not in household
        # Only now it can be asked for with success.
        reply = await ask(seerr, path, "POST", body=body)
        assert (reply.status, reply.body["status"]) == (201, 2)
        assert "Alpha" in household


async def test_seasons_that_are_there(
    seerr: SeerrSimulator, household: Household, ask: Client
) -> None:
    """They cannot be asked for; a season that is gone makes the series partial."""
    show = household.show("Show One")
    media = seerr.media_of(show)
    body = {"mediaType": "tv", "mediaId": media.tmdb_id, "seasons": [1]}
    async with seerr:
        reply = await ask(seerr, f"{API}/request", "POST", body=body)
        assert (reply.status, reply.body["message"]) == (
            202,
            "No seasons available to request",
        )
    seerr.request(household.user("alice"), show, seasons=[1, 7])
    seerr.availability_sync()
    assert media.status is MediaStatus.PARTIALLY_AVAILABLE


async def test_the_last_request_of_its_kind(
    seerr: SeerrSimulator, household: Household, ask: Client
) -> None:
    """With it goes what was hoped for; what is there stays, and so does the other kind."""
    alice, bob = household.users
    film = household.movie("Bravo")
    hd = seerr.requested_media[-1]
    media = hd.media
    seerr.request(alice, film, status=2, is_4k=True)
    there = seerr.requested_media[0]
    async with seerr:
        for one in (hd, there):
            path = f"{API}/request/{one.id}"
            assert (await ask(seerr, path, "DELETE")).status == 204
        assert media.status is MediaStatus.UNKNOWN
        assert media.status_4k is MediaStatus.PROCESSING
        assert there.media.status is MediaStatus.AVAILABLE
        again = seerr.request(bob, household.movie("Alpha"))
        again.media.status = MediaStatus.DELETED
        await ask(seerr, f"{API}/request/{again.id}", "DELETE")
        assert again.media.status is MediaStatus.UNKNOWN
        seerr.fail(FaultKind.NOT_FOUND, method="DELETE")
        reply = await ask(seerr, f"{API}/media/{media.id}", "DELETE")
        assert (reply.status, reply.body) == (404, {"message": "Media not found"})
        assert media in seerr.media


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
