"""Requests of Seerr: who is asked about before, and what is forgotten afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import (
    Handling,
    forget_requests,
    look_for_what_is_gone,
)
from custom_components.oxicleanarr.ledger import DeletionOutcome, JournalEntry
from custom_components.oxicleanarr.model import Reason
from custom_components.oxicleanarr.retention import NEVER, UserEntry, UserRule
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    Connections,
    ServerError,
)
from simulators import FaultKind, Movie, Request, SeerrSimulator, Series
from simulators.seerr import server as seerr_simulator
from simulators.seerr.records import MediaRequest, MediaStatus, RequestStatus
from tests.connections import connect_to
from tests.home import DAY, HOUR

from .conftest import Owned
from .test_execute import watch

A_MOMENT = timedelta(minutes=2)
SYNC = "/settings/jobs/availability-sync/run"


def row(owned: Owned) -> JournalEntry:
    """Return the newest row of the journal."""
    return owned.cleaner.home.ledger.deletions(1)[0]


def ask_who_requested(owned: Owned) -> None:
    """Let a rule keep what a guest has requested."""
    never = UserEntry(user_id=99, retention=NEVER)
    rule = UserRule(name="guests", users=(never,))
    owned.cleaner.rules = replace(owned.cleaner.rules, advanced=(rule,), seerr=True)


async def forget(owned: Owned) -> list[ServerError]:
    """Have Seerr forget what is gone; return what went wrong."""
    cleaner = owned.cleaner
    return await forget_requests(
        cleaner.home.ledger, cleaner.home.jellyfin, cleaner.connections
    )


async def look(owned: Owned) -> list[ServerError]:
    """Have Seerr look for what is gone; return what went wrong."""
    cleaner = owned.cleaner
    return await look_for_what_is_gone(
        cleaner.home.ledger,
        cleaner.home.jellyfin,
        cleaner.connections,
        cleaner.home.now,
    )


def ask_for(
    owned: Owned,
    title: str | Movie,
    who: str = "alice",
    at: datetime | None = None,
    **options: Any,
) -> MediaRequest:
    """Let somebody have requested a title, 50 days ago unless told otherwise."""
    house = owned.cleaner.home.household
    item: Movie | Series
    if isinstance(title, Movie):
        item = title
    else:
        item = house.show(title) if title == "Show" else house.movie(title)
    at = at or owned.cleaner.home.now - 50 * DAY
    return owned.seerr.request(house.user(who), item, at, **options)


@asynccontextmanager
async def another_seerr(owned: Owned) -> AsyncIterator[SeerrSimulator]:
    """Connect a second one."""
    cleaner = owned.cleaner
    async with SeerrSimulator(cleaner.home.household, name="seerr2") as second:
        session = cleaner.connections.seerr[0].client._http._session
        others = connect_to(session, {"seerr2": (second.url, second.api_key)})
        cleaner.connections = replace(
            cleaner.connections, seerr=(*cleaner.connections.seerr, *others.seerr)
        )
        yield second


async def delete(owned: Owned, *names: str) -> None:
    """Have titles deleted, and see that they are gone."""
    cleaner = owned.cleaner
    cleaner.handling = replace(cleaner.handling, forget_requests=True)
    watch(cleaner, *names)
    await cleaner.due_plan()
    await cleaner.run()
    cleaner.home.wait(A_MOMENT)
    assert await cleaner.settle() == []


def sent(server: SeerrSimulator, method: str = "DELETE") -> list[str]:
    """Return what a Seerr was told to do, and has done."""
    return [
        one.path.removeprefix("/api/v1")
        for one in server.requests
        if (one.method, one.status) in ((method, 204), (method, 200))
    ]


# --- before: who has requested it ----------------------------------------------------


async def test_seerr_is_asked_once_for_each_title(owned: Owned) -> None:
    """Live, before its first file; not again before every other one."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    ask_who_requested(owned)
    owned.seerr.request(house.user("alice"), house.show("Show"))
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    before = len(owned.seerr.requested("/request"))
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Alpha", "Show"}
    assert len(owned.seerr.requested("/request")) - before == 2


async def test_a_run_says_how_many_requests_it_sent(owned: Owned) -> None:
    """To all servers together."""
    cleaner = owned.cleaner
    ask_who_requested(owned)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    servers = (
        cleaner.home.jellyfin_server,
        owned.radarr,
        owned.radarr4k,
        owned.sonarr,
        owned.seerr,
    )
    before = sum(len(one.requests) for one in servers)
    report = await cleaner.run()
    assert report.requests == sum(len(one.requests) for one in servers) - before


# --- afterwards: what is over --------------------------------------------------------


async def test_another_quality_that_is_waited_for_stays(owned: Owned) -> None:
    """Only the request for the deleted copy is forgotten, and the title is not."""
    over = ask_for(owned, "Alpha")
    waiting = ask_for(owned, "Alpha", "bob", status=RequestStatus.APPROVED, is_4k=True)
    await delete(owned, "Alpha")
    assert await forget(owned) == []
    assert sent(owned.seerr) == [f"/request/{over.id}"]
    assert owned.seerr.requested_media == [waiting]
    assert waiting.media.status_4k is MediaStatus.PROCESSING
    assert owned.cleaner.home.ledger.requests_to_forget() == []


async def test_another_quality_that_is_there_stays(owned: Owned) -> None:
    """Its library is none that is managed here, and its request has come true."""
    cleaner = owned.cleaner
    copy = cleaner.add_copy("Alpha 4K", "Movies 4K", cleaner.home.now - 50 * DAY)
    cleaner.home.household.scan()
    cleaner.home.managed = [
        one.id
        for one in cleaner.home.household.libraries
        if one.name in ("Movies", "Shows")
    ]
    over = ask_for(owned, "Alpha")
    house = cleaner.home.household
    there = owned.seerr.request(
        house.user("bob"), copy, cleaner.home.now - 50 * DAY, is_4k=True
    )
    assert there.media is over.media
    await delete(owned, "Alpha")
    assert await forget(owned) == []
    assert sent(owned.seerr) == [f"/request/{over.id}"]


async def test_another_season_that_is_waited_for_stays(owned: Owned) -> None:
    """Whoever wants the next one is not to wait in vain."""
    over = ask_for(owned, "Show", seasons=[1])
    waiting = ask_for(owned, "Show", "bob", status=RequestStatus.APPROVED, seasons=[2])
    over.media.status = MediaStatus.PARTIALLY_AVAILABLE
    await delete(owned, "E1", "E2", "E3")
    assert await forget(owned) == []
    assert sent(owned.seerr) == [f"/request/{over.id}"]
    assert owned.seerr.requested_media == [waiting]


@pytest.mark.parametrize(
    ("status", "media_status", "stays"),
    [
        (RequestStatus.PENDING, MediaStatus.AVAILABLE, True),
        (RequestStatus.APPROVED, MediaStatus.PROCESSING, True),
        (RequestStatus.APPROVED, MediaStatus.AVAILABLE, False),
        (RequestStatus.FAILED, MediaStatus.PROCESSING, True),
        (RequestStatus.COMPLETED, MediaStatus.DELETED, False),
    ],
)
async def test_what_is_waited_for(
    owned: Owned, status: RequestStatus, media_status: MediaStatus, stays: bool
) -> None:
    """What has not come; not what has come, whatever Seerr's predecessors call that."""
    request = ask_for(owned, "Alpha", status=status)
    request.media.status = media_status
    await delete(owned, "Alpha")
    assert await forget(owned) == []
    assert (request in owned.seerr.requested_media) is stays
    assert bool(sent(owned.seerr)) is not stays


async def test_a_declined_request_holds_nothing(owned: Owned) -> None:
    """It goes with the title; one that was declined later stays, and so does the title."""
    over = ask_for(owned, "Alpha")
    ask_for(owned, "Alpha", "bob", status=RequestStatus.DECLINED)
    later = ask_for(owned, "Bravo")
    film = owned.cleaner.home.household.movie("Bravo")
    await delete(owned, "Alpha", "Bravo")
    declined = ask_for(
        owned,
        film,
        "bob",
        owned.cleaner.home.now,
        status=RequestStatus.DECLINED,
    )
    assert await forget(owned) == []
    assert sorted(sent(owned.seerr)) == [
        f"/media/{over.media.id}",
        f"/request/{later.id}",
    ]
    assert owned.seerr.requested_media == [declined]


async def test_a_request_between_two_deletions_is_over(owned: Owned) -> None:
    """Deleted, back, asked for, deleted again: what counts is the later deletion."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    film = house.movie("Alpha")
    ask_for(owned, film)
    owned.seerr.fail(FaultKind.SERVER_ERROR, method="DELETE", times=1)
    await delete(owned, "Alpha")
    assert len(await forget(owned)) == 1
    again = ask_for(owned, film, "bob", cleaner.home.now)
    owned.radarr.restore(1)
    house.scan()
    await cleaner.sync()
    assert cleaner.home.ledger.requests_to_forget() == []
    cleaner.home.wait(10 * DAY)
    house.play(
        house.user("alice"), cleaner.home.video("Alpha"), 0.96, at=cleaner.home.now
    )
    cleaner.home.wait(30 * DAY)
    await cleaner.due_plan()
    await cleaner.run()
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert await forget(owned) == []
    assert again not in owned.seerr.requested_media
    assert cleaner.home.ledger.requests_to_forget() == []


async def test_one_title_that_keeps_failing_blocks_no_other(owned: Owned) -> None:
    """It is tried again, and the others are not."""
    first, second = ask_for(owned, "Alpha"), ask_for(owned, "Bravo")
    path = f"/media/{first.media.id}$"
    owned.seerr.fail(FaultKind.SERVER_ERROR, path, method="DELETE")
    await delete(owned, "Alpha", "Bravo")
    for _ in range(2):
        assert len(await forget(owned)) == 1
    assert sent(owned.seerr) == [f"/media/{second.media.id}"]
    (left,) = owned.cleaner.home.ledger.requests_to_forget()
    assert left.item.title == "Alpha"
    owned.seerr.faults.clear()
    assert await forget(owned) == []
    assert owned.cleaner.home.ledger.requests_to_forget() == []
    assert len([one for one in owned.seerr.requests if one.method == "DELETE"]) == 4


async def test_one_seerr_that_keeps_failing_blocks_no_other(owned: Owned) -> None:
    """What the other one has done it is not told again."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    async with another_seerr(owned) as second:
        for server in (owned.seerr, second):
            server.request(
                house.user("alice"), house.movie("Alpha"), cleaner.home.now - 50 * DAY
            )
        owned.seerr.fail(FaultKind.SERVER_ERROR)
        await delete(owned, "Alpha")
        for _ in range(2):
            assert len(await forget(owned)) == 1
            asked = len(second.requests)
        assert second.requested_media == []
        owned.seerr.faults.clear()
        assert await forget(owned) == []
        assert owned.seerr.requested_media == []
        assert len(second.requests) == asked
        assert sent(second) == ["/media/1"]
    assert cleaner.home.ledger.requests_to_forget() == []


async def four_deleted(owned: Owned) -> dict[str, MediaRequest]:
    """Have four titles deleted; return by title what was requested."""
    asked = {
        name: ask_for(owned, name) for name in ("Alpha", "Bravo", "Charlie", "Delta")
    }
    await delete(owned, *asked)
    return asked


async def test_a_seerr_that_is_silent_is_not_waited_for_by_every_title(
    owned: Owned,
) -> None:
    """Three titles without an answer are enough."""
    await four_deleted(owned)
    owned.seerr.fail(FaultKind.DISCONNECT, method="DELETE")
    assert len(await forget(owned)) == 1
    assert len([one for one in owned.seerr.requests if one.method == "DELETE"]) == 3


async def test_a_seerr_that_refuses_titles_is_asked_about_the_next(
    owned: Owned,
) -> None:
    """It answers, so the fourth one may be another matter."""
    asked = await four_deleted(owned)
    owned.seerr.fail(FaultKind.SERVER_ERROR, method="DELETE", times=3)
    assert len(await forget(owned)) == 1
    left = owned.seerr.requested_media
    assert len([one for one in asked.values() if one in left]) == 3


async def test_a_silent_seerr_has_answered_about_an_earlier_title(
    owned: Owned,
) -> None:
    """Somebody has deleted that one there meanwhile, so it is done."""
    asked = await four_deleted(owned)
    first = owned.cleaner.home.ledger.requests_to_forget()[0].item.title
    request = asked[first]

    def vanish(_: Request) -> bool:
        """Forget it by itself, and say that it is not known."""
        if request in owned.seerr.requested_media:
            owned.seerr.requested_media.remove(request)
            owned.seerr.media.remove(request.media)
        return True

    path = f"/media/{request.media.id}$"
    owned.seerr.fail(FaultKind.NOT_FOUND, path, method="DELETE", when=vanish)
    owned.seerr.fail(FaultKind.DISCONNECT, method="DELETE")
    assert len(await forget(owned)) == 1
    left = owned.cleaner.home.ledger.requests_to_forget()
    assert {one.item.title for one in left} == {*asked} - {first}


async def test_what_is_forgotten_for_certain_is_not_looked_for(owned: Owned) -> None:
    """All requests are read once."""
    ask_for(owned, "Alpha")
    await delete(owned, "Alpha")
    before = sent(owned.seerr, "GET").count("/request")
    assert await forget(owned) == []
    assert sent(owned.seerr, "GET").count("/request") == before + 1


async def test_a_title_that_jellyfin_lists_holds_up_no_other(owned: Owned) -> None:
    """It has come back under its old path."""
    requests = {name: ask_for(owned, name) for name in ("Alpha", "Bravo")}
    house = owned.cleaner.home.household
    films = {name: house.movie(name) for name in requests}
    await delete(owned, *requests)
    titles = [one.item.title for one in owned.cleaner.home.ledger.requests_to_forget()]
    house.bring_back(films[titles[0]])
    house.scan()
    assert await forget(owned) == []
    assert owned.seerr.requested_media == [requests[titles[0]]]


async def test_another_quality_that_is_gone_is_over_too(owned: Owned) -> None:
    """Nobody has deleted it here, but its copy is nowhere any more."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    copy = cleaner.add_copy("Alpha 4K", "Movies 4K", cleaner.home.now - 50 * DAY)
    house.scan()
    managed = ("Movies", "Shows")
    cleaner.home.managed = [one.id for one in house.libraries if one.name in managed]
    over = ask_for(owned, "Alpha")
    at = cleaner.home.now - 50 * DAY
    other = owned.seerr.request(house.user("bob"), copy, at, is_4k=True)
    assert other.media is over.media
    await delete(owned, "Alpha")
    house.delete(copy)
    assert await forget(owned) == []
    assert sent(owned.seerr) == [f"/media/{over.media.id}"]


async def test_a_request_of_the_moment_of_the_deletion_is_left_alone(
    owned: Owned,
) -> None:
    """Which of the two came first is not known."""
    film = owned.cleaner.home.household.movie("Alpha")
    over = ask_for(owned, "Alpha")
    await delete(owned, "Alpha")
    (title,) = owned.cleaner.home.ledger.requests_to_forget()
    again = ask_for(
        owned, film, "bob", title.deleted_at, status=RequestStatus.COMPLETED
    )
    assert await forget(owned) == []
    assert sent(owned.seerr) == [f"/request/{over.id}"]
    assert owned.seerr.requested_media == [again]


async def test_a_404_is_looked_into(owned: Owned) -> None:
    """A busy database says it too, and the title is still there."""
    request = ask_for(owned, "Alpha")
    await delete(owned, "Alpha")
    owned.seerr.fail(FaultKind.NOT_FOUND, method="DELETE", times=2)
    for _ in range(2):
        (trouble,) = await forget(owned)
        assert str(trouble) == "Seerr: says that it does not know what it still lists"
        assert (trouble.server, trouble.reason) == ("Seerr", "not_found")
        assert request in owned.seerr.requested_media
    assert await forget(owned) == []
    assert owned.seerr.requested_media == []


async def test_a_404_of_what_is_gone_is_the_end_of_it(owned: Owned) -> None:
    """Somebody has deleted it there meanwhile."""
    request = ask_for(owned, "Alpha")
    await delete(owned, "Alpha")

    def vanish(asked: Any) -> None:
        if asked.method == "DELETE":
            owned.seerr.requested_media.remove(request)
            owned.seerr.media.remove(request.media)

    owned.seerr.listeners.append(vanish)
    assert await forget(owned) == []
    assert owned.cleaner.home.ledger.requests_to_forget() == []


async def test_csrf_protection_is_satisfied(owned: Owned) -> None:
    """The token comes with the list of requests, and goes back with every change."""
    ask_for(owned, "Alpha")
    owned.seerr.csrf = True
    await delete(owned, "Alpha")
    assert await look(owned) == []
    assert await forget(owned) == []
    assert owned.seerr.requested_media == []
    assert sent(owned.seerr, "POST") == [SYNC]


async def test_what_jellyfin_lists_is_not_forgotten_yet(owned: Owned) -> None:
    """Seerr would find it there at its next scan, and take it for available again."""
    cleaner = owned.cleaner
    request = ask_for(owned, "Alpha")
    watch(cleaner, "Alpha")
    cleaner.handling = Handling(forget_requests=True)
    await cleaner.due_plan()
    await cleaner.run()
    entry = row(owned)
    cleaner.home.ledger.conclude(
        entry.entry_id, DeletionOutcome.DELETED, cleaner.home.now
    )
    for _ in range(2):
        assert await forget(owned) == []
        assert await look(owned) == []
    assert request in owned.seerr.requested_media
    assert sent(owned.seerr, "POST") == []
    cleaner.home.wait(A_MOMENT)
    assert await forget(owned) == []
    assert request not in owned.seerr.requested_media
    assert await look(owned) == []
    assert sent(owned.seerr, "POST") == [SYNC]


async def asked_and_deleted(owned: Owned, *names: str) -> None:
    """Let titles be requested long ago and deleted now."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    for name in ("Alpha", "Show"):
        item = house.movie(name) if name == "Alpha" else house.show(name)
        owned.seerr.request(house.user("alice"), item, cleaner.home.now - 50 * DAY)
    watch(cleaner, *names)
    await cleaner.due_plan()
    await cleaner.run()


def forgotten(owned: Owned) -> list[str]:
    """Return what Seerr was told to forget."""
    return [one.path for one in owned.seerr.requests if one.method == "DELETE"]


async def test_seerr_forgets_what_is_gone_if_asked(owned: Owned) -> None:
    """After it is confirmed, not before."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    owned.seerr.request(
        house.user("alice"), house.movie("Alpha"), at=cleaner.home.now - 50 * DAY
    )
    cleaner.handling = Handling(forget_requests=True)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    await cleaner.run()
    assert await forget(owned) == []
    assert forgotten(owned) == []
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert await forget(owned) == []
    assert len(forgotten(owned)) == 1
    assert await forget(owned) == []
    assert len(forgotten(owned)) == 1


async def test_seerr_is_left_alone_unless_asked(owned: Owned) -> None:
    """Doing nothing is right as well."""
    cleaner = owned.cleaner
    await asked_and_deleted(owned, "Alpha")
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    cleaner.handling = Handling(forget_requests=True)
    await forget(owned)
    assert forgotten(owned) == []


async def test_a_whole_series_is_forgotten(owned: Owned) -> None:
    """Once its last episode is confirmed to be gone."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    await asked_and_deleted(owned, "E1", "E2", "E3")
    assert await forget(owned) == []
    assert len(forgotten(owned)) == 1
    assert [one.media.type for one in owned.seerr.requested_media] == ["movie"]


async def test_a_series_of_which_something_is_left_is_not_forgotten(
    owned: Owned,
) -> None:
    """Somebody has stopped the run after its first episode."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    deletions = cleaner.home.ledger.deletions

    def halt() -> Reason | None:
        """Stop as soon as something has gone."""
        gone = any(one.outcome is DeletionOutcome.DELETED for one in deletions(9))
        return Reason.from_text("it is late") if gone else None

    cleaner.halt = halt
    await asked_and_deleted(owned, "E1", "E2", "E3")
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert [one.outcome for one in deletions(9)] == [DeletionOutcome.DELETED]
    assert cleaner.home.ledger.requests_to_forget() == []
    assert await forget(owned) == []
    assert forgotten(owned) == []


@pytest.mark.parametrize("refused", [0, 1])
async def test_each_of_several_requests_has_to_be_gone(
    owned: Owned, refused: int
) -> None:
    """One that Seerr says it does not know is looked for again, whatever came after."""
    ours = [ask_for(owned, "Alpha"), ask_for(owned, "Alpha", "bob")]
    waiting = ask_for(owned, "Alpha", "bob", status=RequestStatus.APPROVED, is_4k=True)
    await delete(owned, "Alpha")
    owned.seerr.fail(
        FaultKind.NOT_FOUND, f"/request/{ours[refused].id}$", method="DELETE", times=1
    )
    (trouble,) = await forget(owned)
    assert "does not know what it still lists" in str(trouble)
    assert await forget(owned) == []
    assert owned.seerr.requested_media == [waiting]
    assert owned.cleaner.home.ledger.requests_to_forget() == []


async def test_what_a_list_of_requests_says_instead(owned: Owned) -> None:
    """What went wrong is told, and tried again."""
    request = ask_for(owned, "Alpha")
    await delete(owned, "Alpha")
    owned.seerr.fail(FaultKind.SERVER_ERROR, "/request", method="GET", times=9)
    (trouble,) = await forget(owned)
    assert isinstance(trouble, ServerError)
    assert trouble.status == 500
    owned.seerr.faults.clear()
    assert await forget(owned) == []
    assert request not in owned.seerr.requested_media


async def test_what_the_second_list_of_requests_says_instead(owned: Owned) -> None:
    """It was to tell whether the request is gone: nothing is noted, and it is told."""
    request = ask_for(owned, "Alpha")
    await delete(owned, "Alpha")
    owned.seerr.fail(FaultKind.NOT_FOUND, "/media/", method="DELETE", times=1)

    def again(_: Request) -> bool:
        """Return whether the requests have been listed already."""
        return bool(sent(owned.seerr, "GET").count("/request") > listed)

    listed = sent(owned.seerr, "GET").count("/request")
    owned.seerr.fail(FaultKind.SERVER_ERROR, "/request", method="GET", when=again)
    (trouble,) = await forget(owned)
    assert isinstance(trouble, ServerError)
    assert trouble.status == 500
    owned.seerr.faults.clear()
    assert await forget(owned) == []
    assert request not in owned.seerr.requested_media


async def test_single_episodes_leave_the_request(owned: Owned) -> None:
    """Somebody wanted the series, and it is there."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    watch(cleaner, "E1")
    cleaner.home.household.play(
        cleaner.home.household.user("alice"),
        cleaner.home.video("E1"),
        0.96,
        at=cleaner.home.now - 30 * DAY,
    )
    await cleaner.sync()
    key = cleaner.home.facts()["E1"].key
    cleaner.home.ledger.schedule_manually(key, cleaner.home.now - DAY)
    await asked_and_deleted(owned)
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert row(owned).title == "E1"
    assert row(owned).outcome is DeletionOutcome.DELETED
    await forget(owned)
    assert forgotten(owned) == []


async def test_a_title_that_was_requested_again_is_left_alone(owned: Owned) -> None:
    """Somebody wants it: they are not to wait in vain. Only the old request goes."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    cleaner.handling = Handling(forget_requests=True)
    film = house.movie("Alpha")
    await asked_and_deleted(owned, "Alpha")
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    again = ask_for(owned, film, "bob", row(owned).intended_at, status=2)
    for _ in range(2):
        assert await forget(owned) == []
    assert forgotten(owned) == ["/api/v1/request/1"]
    assert again in owned.seerr.requested_media
    assert again.media in owned.seerr.media


async def test_a_seerr_that_allows_no_changes_is_asked_again(
    owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that holds back its cookies may let them through one day."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    await asked_and_deleted(owned, "Alpha")
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    owned.seerr.csrf = True
    with monkeypatch.context() as patch:
        patch.setattr(seerr_simulator, "hand_out_token", lambda *_: None)
        (trouble,) = await forget(owned)
    assert trouble.reason == "csrf"
    assert await forget(owned) == []
    assert [one.media.type for one in owned.seerr.requested_media] == ["tv"]


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (FaultKind.FORBIDDEN, AuthenticationFailed),
        (FaultKind.DISCONNECT_AFTER, ServerError),
        (FaultKind.SERVER_ERROR, ServerError),
    ],
)
async def test_seerr_may_fail(
    owned: Owned, kind: FaultKind, raised: type[ServerError]
) -> None:
    """Whatever it was, it is tried again."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    await asked_and_deleted(owned, "Alpha")
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    owned.seerr.fail(kind, method="DELETE", times=1)
    (trouble,) = await forget(owned)
    assert isinstance(trouble, raised)
    for _ in range(2):
        assert await forget(owned) == []
    again = kind in (FaultKind.SERVER_ERROR, FaultKind.FORBIDDEN)
    assert len(forgotten(owned)) == 1 + again
    assert cleaner.home.ledger.requests_to_forget() == []


async def test_a_title_that_seerr_has_twice_is_forgotten_twice(owned: Owned) -> None:
    """Also where it has forgotten one of the two by itself."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    cleaner.handling = Handling(forget_requests=True)
    show = house.show("Show")
    at = cleaner.home.now - 40 * DAY
    owned.seerr.request(house.user("bob"), show, at, tmdb_id=4711)
    await asked_and_deleted(owned, "E1", "E2", "E3")
    assert len(owned.seerr.requested_media) == 3
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    owned.seerr.fail(FaultKind.NOT_FOUND, method="DELETE", times=1)
    (trouble,) = await forget(owned)
    assert trouble.reason == "not_found"
    assert len(forgotten(owned)) == 2
    assert await forget(owned) == []
    assert len(forgotten(owned)) == 3
    assert [one.media.type for one in owned.seerr.requested_media] == ["movie"]
    assert cleaner.home.ledger.requests_to_forget() == []


async def test_a_copy_that_is_left_keeps_the_request(owned: Owned) -> None:
    """The title is not gone as long as another library has it."""
    cleaner = owned.cleaner
    cleaner.handling = Handling(forget_requests=True)
    await asked_and_deleted(owned, "Alpha")
    cleaner.add_copy("Alpha 4K", "Movies 4K", cleaner.home.now)
    cleaner.home.wait(A_MOMENT)
    await cleaner.sync()
    await cleaner.settle()
    assert row(owned).outcome is DeletionOutcome.DELETED
    await forget(owned)
    assert forgotten(owned) == []


# --- afterwards: Seerr looks ---------------------------------------------------------


async def test_seerr_looks_for_what_is_gone(owned: Owned) -> None:
    """Once, as soon as it is confirmed: what is asked for from then on is not lost."""
    cleaner = owned.cleaner
    request = ask_for(owned, "Alpha")
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    await cleaner.run()
    assert await look(owned) == []
    assert sent(owned.seerr, "POST") == []
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    for _ in range(2):
        assert await look(owned) == []
    assert sent(owned.seerr, "POST") == [SYNC]
    assert request.media.status is MediaStatus.DELETED
    watch(cleaner, "Bravo")
    await cleaner.due_plan()
    await cleaner.run()
    cleaner.home.wait(A_MOMENT)
    await cleaner.settle()
    assert await look(owned) == []
    assert sent(owned.seerr, "POST") == [SYNC, SYNC]


async def test_a_seerr_that_does_not_look_is_told_again(owned: Owned) -> None:
    """For a day: by then it has looked by itself."""
    await delete(owned, "Alpha")
    owned.seerr.fail(FaultKind.SERVER_ERROR, SYNC, times=1)
    (trouble,) = await look(owned)
    assert (trouble.server, trouble.status) == ("Seerr", 500)
    assert await look(owned) == []
    assert sent(owned.seerr, "POST") == [SYNC]
    await delete(owned, "Bravo")
    owned.seerr.fail(FaultKind.SERVER_ERROR, SYNC, times=1)
    assert len(await look(owned)) == 1
    owned.cleaner.home.wait(25 * HOUR)
    assert await look(owned) == []
    assert sent(owned.seerr, "POST") == [SYNC]


async def test_every_seerr_looks(owned: Owned) -> None:
    """Also the second one, where the first has noticed all of it."""
    await delete(owned, "Alpha")
    assert await look(owned) == []
    async with another_seerr(owned) as second:
        assert await look(owned) == []
        assert sent(owned.seerr, "POST") == sent(second, "POST") == [SYNC]


async def test_an_older_seerr_cannot_look(owned: Owned) -> None:
    """It has no such job, and is not asked again."""
    await delete(owned, "Alpha")
    owned.seerr.fail(FaultKind.NOT_FOUND, SYNC)
    for _ in range(2):
        assert await look(owned) == []
    assert len(owned.seerr.requested(SYNC)) == 1
    owned.cleaner.connections = Connections()
    assert await look(owned) == []
