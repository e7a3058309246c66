"""The same request to the simulator and to a real Seerr gives the same answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from simulators import FaultKind, Household, RadarrSimulator, SeerrSimulator
from simulators.seerr.records import MediaRequest, MediaStatus, RequestStatus

from .conftest import Client, Clock, Reply
from .recorded import recording

API = "/api/v1"


class Requests:
    """A Seerr as the recorded one was: alice and bob, and the films they asked for."""

    def __init__(self, clock: Clock) -> None:
        """Have some films and a series, and a Radarr."""
        self.house = Household(clock)
        self.house.add_library("Movies", "movies")
        self.house.add_library("Shows", "tvshows")
        self.house.add_user("root", administrator=True)
        for name in ("alice", "bob"):
            self.house.add_user(name)
        for number in range(1060, 1076):
            self.house.add_movie(
                f"Extra {number}", year=2001, provider_ids={"Tmdb": str(number)}
            )
        show = self.house.add_series(
            "Extra Show", provider_ids={"Tvdb": "2063", "Tmdb": "302063"}
        )
        for season in (1, 2):
            self.house.add_episode(show, season=season, number=1, title=f"E{season}")
        self.radarr = RadarrSimulator(self.house)
        self.radarr.manage_all()
        self.seerr = SeerrSimulator(self.house, radarr=[self.radarr])
        self.seerr.account(self.house.user("alice"))
        self.seerr.account(self.house.user("bob"))

    def ask_for(self, number: int, who: str = "alice", **options: Any) -> MediaRequest:
        """Let somebody have asked for a film."""
        film = self.house.movie(f"Extra {number}")
        return self.seerr.request(self.house.user(who), film, **options)

    async def send(self, ask: Client, real: Any, **headers: str) -> Reply:
        """Send a recorded request to the simulator, with the right key unless told."""
        sent = real["request"]
        path = sent["path"] + (f"?{sent['query']}" if sent["query"] else "")
        given = {"X-Api-Key": self.seerr.api_key} | headers
        return await ask(
            self.seerr,
            path,
            sent["method"],
            body=sent["body"],
            headers={name: value for name, value in given.items() if value},
        )


@pytest.fixture
def requests(clock: Clock) -> Requests:
    """Return a Seerr as the recorded one was."""
    return Requests(clock)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("status", ""),
        ("auth-no-key", ""),
        ("auth-wrong-key", "wrong"),
        ("requests-no-key", ""),
        ("requests-wrong-key", "wrong"),
        ("request-delete-no-key", ""),
        ("request-delete-wrong-key", "wrong"),
        ("request-delete-unknown", None),
        ("request-get-deleted", None),
        ("media-delete-unknown", None),
        ("media-delete-wrong-key", "wrong"),
        ("job-availability-sync-run", None),
        ("job-run-unknown", None),
        ("csrf-on-delete", None),
        ("csrf-on-delete-no-key", ""),
        ("csrf-on-delete-wrong-key", "wrong"),
        ("csrf-on-media-delete", None),
        ("csrf-on-auth-wrong-key", "wrong"),
    ],
)
async def test_answers(
    requests: Requests, ask: Client, name: str, key: str | None
) -> None:
    """What needs no preparation answers as recorded."""
    real = recording(f"seerr/{name}.json")
    requests.seerr.csrf = name.startswith("csrf-on")
    async with requests.seerr:
        headers = {} if key is None else {"X-Api-Key": key}
        reply = await requests.send(ask, real, **headers)
    assert reply.status == real["status"]
    assert reply.headers.get("Content-Type") == real["contentType"]
    assert reply.body == real["body"]


async def test_who_may_not(requests: Requests, ask: Client) -> None:
    """Who acts for a user may do what the user may."""
    real = recording("seerr/media-delete-no-permission.json")
    async with requests.seerr:
        reply = await requests.send(ask, real, **{"X-API-User": "2"})
    assert (reply.status, reply.body) == (real["status"], real["body"])


async def test_csrf_cookies(requests: Requests, ask: Client) -> None:
    """Every answer sets both, with the same attributes."""
    real = recording("seerr/csrf-on-status.json")
    requests.seerr.csrf = True
    async with requests.seerr:
        url = f"{requests.seerr.url}{API}/status"
        async with ask.session.get(url) as answer:
            given = answer.headers.getall("Set-Cookie")
            cookies = {name: one.value for name, one in answer.cookies.items()}
        recorded = real["body"] and real["headers"]["Set-Cookie"]
        assert [one.partition(";")[2] for one in given] == [
            one.partition(";")[2] for one in recorded
        ]
        real = recording("seerr/csrf-on-delete-with-token.json")
        reply = await requests.send(
            ask,
            real,
            **{
                "Cookie": "; ".join(f"{name}={one}" for name, one in cookies.items()),
                "X-XSRF-TOKEN": cookies["XSRF-TOKEN"],
            },
        )
    assert (reply.status, reply.body) == (real["status"], real["body"])


async def test_rows(requests: Requests, ask: Client) -> None:
    """A page has the recorded fields; who logs in by Jellyfin has a name for an address."""
    real = recording("seerr/requests-page.json")
    requests.ask_for(1060)
    requests.ask_for(1064, "bob", status=RequestStatus.DECLINED)
    local = requests.seerr.add_local_user("localuser")
    requests.seerr.request(local, requests.house.movie("Extra 1062"))
    async with requests.radarr, requests.seerr:
        body = (await requests.send(ask, real)).body
    assert set(body) == set(real["body"])
    assert body["serviceErrors"] == real["body"]["serviceErrors"]
    assert body["pageInfo"] == real["body"]["pageInfo"] | {"results": 3}
    theirs = {row["status"]: row for row in real["body"]["results"]}
    for row in body["results"]:
        known = theirs[row["status"]]
        assert set(row) == set(known)
        assert set(row["requestedBy"]) == set(known["requestedBy"])
        # Where there is something to link to.
        links = {"mediaUrl", "serviceUrl"}
        assert set(row["media"]) - links == set(known["media"]) - links
        assert links <= set(row["media"])
        assert row["media"]["mediaAddedAt"] == row["media"]["createdAt"]
        assert (row["media"]["status"], row["canRemove"]) == (
            known["media"]["status"],
            row["media"]["serviceId"] is not None,
        )
    by_name = {row["requestedBy"]["displayName"]: row for row in body["results"]}
    bobs = next(row for row in theirs.values() if row["status"] == 3)["requestedBy"]
    assert (by_name["bob"]["requestedBy"]["email"], bobs["email"]) == ("bob", "bob")
    assert by_name["localuser"]["requestedBy"]["jellyfinUserId"] is None


async def test_pages(requests: Requests, ask: Client) -> None:
    """Ten to a page unless told otherwise, and twice two."""
    for number in range(1060, 1074):
        requests.ask_for(number)
        requests.ask_for(number, "bob", is_4k=True)
    del requests.seerr.requested_media[-1]
    async with requests.seerr:
        for name in ("requests-page-default", "requests-page-second"):
            real = recording(f"seerr/{name}.json")
            body = (await requests.send(ask, real)).body
            assert body["pageInfo"] == real["body"]["pageInfo"]
            assert [row["id"] for row in body["results"]] == [
                row["id"] for row in real["body"]["results"]
            ]


async def test_a_silent_radarr(requests: Requests, ask: Client) -> None:
    """It is named, and the page comes all the same."""
    real = recording("seerr/requests-silent-radarr.json")
    requests.seerr.service_seconds = 0.01
    requests.radarr.fail(FaultKind.HANG)
    async with requests.radarr, requests.seerr:
        reply = await requests.send(ask, real)
    assert reply.status == real["status"]
    (ours,) = reply.body["serviceErrors"]["radarr"]
    (theirs,) = real["body"]["serviceErrors"]["radarr"]
    assert set(ours) == set(theirs)


def states(rows: Any, media_of: Callable[[Any], Any]) -> list[tuple[int, int, int]]:
    """Return the status of each request and of its media, newest request first."""
    return [
        (row["status"], media_of(row)["status"], media_of(row)["status4k"])
        for row in rows
    ]


async def test_asked_again_before_the_availability_sync(
    requests: Requests, ask: Client
) -> None:
    """The wish is approved and told nobody; the sync calls it completed."""
    before = recording("seerr/request-again-before-availability-sync.json")
    after = recording("seerr/request-again-after-availability-sync.json")
    house, seerr = requests.house, requests.seerr
    film = house.movie("Extra 1061")
    requests.ask_for(1061, "bob")
    house.clock.tick(hours=1)  # type: ignore[attr-defined]
    requests.ask_for(1061, is_4k=True)
    house.clock.tick(hours=1)  # type: ignore[attr-defined]
    house.disk.remove_tree(film.folder)
    house.scan()
    assert film not in house
    async with seerr:
        path = f"{API}/request"
        body = {"mediaType": "movie", "mediaId": 1061, "is4k": False}
        reply = await ask(seerr, path, "POST", body=body)
        assert (reply.status, reply.body["status"]) == (201, 2)
        rows = (await requests.send(ask, before)).body["results"]
        assert states(rows, lambda row: row["media"]) == states(
            before["body"]["results"], lambda row: row["media"]
        )
        job = f"{API}/settings/jobs/availability-sync/run"
        await ask(seerr, job, "POST")
        rows = (await requests.send(ask, after)).body["results"]
        assert states(rows, lambda row: row["media"]) == states(
            after["body"]["results"], lambda row: row["media"]
        )
        for ours, theirs in zip(rows, after["body"]["results"], strict=True):
            for name in ("serviceId", "externalServiceId", "jellyfinMediaId"):
                assert ours["media"][name] is theirs["media"][name] is None
            assert ours["canRemove"] is theirs["canRemove"] is False


@pytest.mark.parametrize(
    "name",
    [
        "request-post-already-available",
        "request-post-duplicate",
        "request-post-no-seasons",
        "request-post-after-deletion",
    ],
)
async def test_asking(requests: Requests, ask: Client, name: str) -> None:
    """An available film can be asked for, a pending one and a season that is there not."""
    real = recording(f"seerr/{name}.json")
    house, seerr = requests.house, requests.seerr
    show = house.show("Extra Show")
    if name == "request-post-already-available":
        requests.ask_for(1060)
    elif name == "request-post-duplicate":
        requests.ask_for(1063, status=RequestStatus.PENDING)
    elif name == "request-post-no-seasons":
        seerr.request(house.user("alice"), show, seasons=[2])
    else:
        requests.ask_for(1065).media.status = MediaStatus.DELETED
    async with seerr:
        reply = await requests.send(ask, real, **{"X-API-User": "3"})
    assert reply.status == real["status"]
    if "media" in real["body"]:
        assert set(reply.body) == set(real["body"])
        assert reply.body["status"] == real["body"]["status"]
        assert reply.body["media"]["status"] == real["body"]["media"]["status"]
    else:
        assert reply.body == real["body"]


@pytest.mark.parametrize("there", [True, False])
async def test_one_of_two_requests_goes(
    requests: Requests, ask: Client, there: bool
) -> None:
    """The 4K one is left, and what is said of 4K."""
    name = "request-4k-after-deleting-hd" + ("" if there else "-processing")
    real = recording(f"seerr/{name}.json")
    status = RequestStatus.COMPLETED if there else RequestStatus.APPROVED
    hd = requests.ask_for(1073, status=status)
    requests.ask_for(1073, "bob", status=status, is_4k=True)
    deletion = recording("seerr/request-delete.json")
    async with requests.seerr:
        path = f"{API}/request/{hd.id}"
        reply = await ask(requests.seerr, path, "DELETE")
        assert (reply.status, reply.body) == (deletion["status"], deletion["body"])
        (ours,) = (await requests.send(ask, real)).body["results"]
    (theirs,) = real["body"]["results"]
    for name in ("status", "is4k"):
        assert ours[name] == theirs[name]
    assert ours["media"]["status"] == theirs["media"]["status"]


@pytest.mark.parametrize(
    "name",
    ["media-delete-sqlite-busy", "media-delete-database-error", "media-delete-twice"],
)
async def test_any_error_is_a_404(requests: Requests, ask: Client, name: str) -> None:
    """Whether the title is there or not."""
    real = recording(f"seerr/{name}.json")
    if name != "media-delete-twice":
        requests.seerr.fail(FaultKind.NOT_FOUND, method="DELETE")
    async with requests.seerr:
        reply = await requests.send(ask, real)
    assert (reply.status, reply.body) == (real["status"], real["body"])


async def test_a_whole_title_goes(
    requests: Requests, ask: Client, clock: Clock
) -> None:
    """With all its requests, of all people and qualities; a blocklisted one is only reset."""
    requests.ask_for(1061, at=clock.now - timedelta(days=3))
    media = requests.ask_for(1061, "bob", is_4k=True).media
    for name, left in (("media-delete", 0), ("media-delete-blocklisted", 1)):
        real = recording(f"seerr/{name}.json")
        if left:
            media = requests.ask_for(1062).media
            media.status = MediaStatus.BLOCKLISTED
        media.id = int(real["request"]["path"].rsplit("/", 1)[1])
        async with requests.seerr:
            reply = await requests.send(ask, real)
        assert (reply.status, reply.body) == (real["status"], real["body"])
        assert len(requests.seerr.requested_media) == left
