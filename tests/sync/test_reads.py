"""What a sync asks twice, what it does not believe, and what it asks at all."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger
from custom_components.oxicleanarr.model import Library, MediaItem, UserData
from custom_components.oxicleanarr.servers import BadAnswer, Jellystat
from custom_components.oxicleanarr.servers.jellyfin_lists import Take
from custom_components.oxicleanarr.servers.jellystat import HistoryPage
from custom_components.oxicleanarr.sync import (
    MANAGEABLE,
    OTHER_SERVER,
    SyncMode,
    managed_libraries,
    read_files,
    same_server,
)
from simulators import Fault, FaultKind, Request
from tests.home import DAY, HOUR, START, Home
from tests.ledger.conftest import planned

MINUTE = timedelta(minutes=1)


def asked(home: Home, path: str) -> list[Request]:
    """Return the requests to a path of Jellyfin, and forget all that were made."""
    found = [one for one in home.jellyfin_server.requests if one.path == path]
    home.jellyfin_server.requests.clear()
    return found


def query(request: Request, name: str) -> str:
    """Return a parameter, however its name is written."""
    return next(
        (value for key, value in request.query.items() if key.lower() == name), ""
    )


# --- read twice -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/Users", "/Library/VirtualFolders"])
async def test_half_a_list_is_no_list(home: Home, path: str) -> None:
    """What is missing from it must be missing twice."""
    house = home.household
    house.play(house.user("bob"), home.video("Alpha"), at=START - DAY)
    house.set_favourite(house.user("bob"), home.video("Bravo"))
    await home.sync()
    facts, users = home.facts(), home.ledger.users()
    libraries = home.ledger.libraries()
    home.jellyfin_server.fail(FaultKind.HALF_PAGE, f"^{path}$", times=1)
    home.jellyfin_server.requests.clear()
    with pytest.raises(BadAnswer) as failed:
        await home.sync()
    assert (failed.value.server, failed.value.reason) == ("Jellyfin", "changing")
    assert len(asked(home, path)) == 2
    assert home.facts() == facts
    assert (home.ledger.users(), home.ledger.libraries()) == (users, libraries)
    await home.sync()
    assert len(asked(home, path)) == 1


async def test_who_is_gone_is_gone(home: Home) -> None:
    """Missing twice is missing: a user who was deleted has watched nothing."""
    house = home.household
    house.play(house.user("bob"), home.video("Alpha"), at=START - DAY)
    await home.sync()
    house.delete_user(house.user("bob"))
    home.jellyfin_server.requests.clear()
    report = await home.sync()
    assert report.users == 1
    assert len(asked(home, "/Users")) == 2
    assert [one.name for one in home.ledger.users()] == ["alice"]
    assert home.watched() == {}


def leave_out(
    home: Home, monkeypatch: pytest.MonkeyPatch, method: str, item_id: str
) -> None:
    """Let Jellyfin's lists leave an item out, as where it moves between two pages."""
    whole = getattr(home.jellyfin, method)

    async def read(about: Any, take: Take[Any], *more: Any) -> Any:
        def others(rows: list[MediaItem] | list[UserData]) -> None:
            take([one for one in rows if one.item_id != item_id])

        return await whole(about, others, *more)

    monkeypatch.setattr(home.jellyfin, method, read)


async def test_a_title_that_the_list_leaves_out_is_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, as it was; what is gone from the disk is not."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - DAY)
    await home.sync()
    facts = home.facts()
    alpha = home.video("Alpha").id
    with monkeypatch.context() as patch:
        leave_out(home, patch, "inventory", alpha)
        home.jellyfin_server.requests.clear()
        report = await home.sync()
    assert report.items == 9
    assert alpha in [query(one, "ids") for one in asked(home, "/Items")]
    assert home.facts() == facts
    house.remove_file(home.video("Alpha"))
    house.scan()
    assert (await home.sync()).items == 8
    assert home.facts().keys() == facts.keys() - {"Alpha"}


async def test_what_is_not_managed_any_more_is_not_asked_for(home: Home) -> None:
    """It is none of our business."""
    await home.sync()
    home.managed = [home.household.library("Movies").id]
    home.jellyfin_server.requests.clear()
    assert (await home.sync()).items == 4
    assert not [one for one in asked(home, "/Items") if query(one, "ids")]


async def test_a_play_that_the_list_leaves_out_is_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what Jellyfin says of it by its id counts."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    for user, name in ((alice, "Alpha"), (alice, "Bravo"), (bob, "Alpha")):
        house.play(user, home.video(name), at=START - DAY)
    await home.sync()
    leave_out(home, monkeypatch, "activity", home.video("Alpha").id)
    await home.sync()
    assert home.watched() == {"Alpha": {"alice", "bob"}, "Bravo": {"alice"}}
    house.unmark_played(alice, home.video("Alpha"))
    await home.sync()
    assert home.watched() == {"Alpha": {"bob"}, "Bravo": {"alice"}}


async def test_what_is_played_without_a_date_is_played(home: Home) -> None:
    """No list by date has it."""
    house = home.household
    house.set_played_without_date(house.user("bob"), home.video("Alpha"))
    await home.sync()
    assert home.watched() == {"Alpha": {"bob"}}


async def test_favorites_are_those_of_each_user(home: Home) -> None:
    """And go when they are taken back."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    house.set_favourite(alice, home.video("Alpha"))
    house.set_favourite(bob, home.video("Bravo"))
    await home.sync()
    ids = {user.name: user.user_id for user in home.ledger.users()}
    favorites = {name: set(one.favorite_of) for name, one in home.facts().items()}
    assert favorites["Alpha"] == {ids["alice"]}
    assert favorites["Bravo"] == {ids["bob"]}
    house.set_favourite(bob, home.video("Bravo"), False)
    await home.sync()
    assert not home.facts()["Bravo"].favorite_of


async def test_a_poll_asks_whether_the_other_one_is_still_there(home: Home) -> None:
    """The same title under a new id is a copy, or the old one under another name."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - DAY)
    # Not with what Jellyfin has saved since the last sync.
    home.wait(DAY)
    await home.sync()
    old = home.video("Alpha").id
    home.wait(HOUR)
    house.add_movie(
        "Alpha again",
        year=2000,
        library="Movies",
        provider_ids={"Tmdb": "1"},
        added=home.now,
    )
    home.jellyfin_server.requests.clear()
    report = await home.poll()
    assert report.items == 10
    assert old in [query(one, "ids") for one in asked(home, "/Items")]
    assert {"Alpha", "Alpha again"} <= home.facts().keys()
    # Nothing new, and nobody is asked for.
    home.wait(HOUR)
    home.jellyfin_server.requests.clear()
    assert (await home.poll()).items == 10
    assert not [one for one in asked(home, "/Items") if query(one, "ids")]
    house.rename(home.video("Delta"), "/media/movies/Other/Other.mkv")
    home.wait(HOUR)
    assert (await home.poll()).items == 10
    facts = [one for one in home.facts().values() if one.key == "movie:tmdb:4"]
    assert [one.item.item_id for one in facts] == [home.video("Delta").id]


# --- which server ---------------------------------------------------------------------


async def test_every_poll_asks_who_answers(home: Home) -> None:
    """The ids of another server mean nothing, even of a copy."""
    await home.sync()
    home.wait(HOUR)
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=home.now - MINUTE)
    known = home.jellyfin_server.server_id
    home.jellyfin_server.server_id = "f" * 32
    with pytest.raises(BadAnswer, match="^Jellyfin: another server answers") as failed:
        await home.poll()
    assert failed.value.reason == OTHER_SERVER
    assert home.watched() == {}
    home.jellyfin_server.server_id = known
    await home.poll()
    assert home.watched() == {"Alpha": {"alice"}}
    assert (await same_server(home.jellyfin, known)).server_id == known
    assert (await same_server(home.jellyfin, None)).server_id == known


# --- libraries ------------------------------------------------------------------------


def test_managed_libraries() -> None:
    """Those of the kinds that can be, or the chosen ones among them."""
    libraries = [
        Library(library_id=str(kind), name="", collection_type=kind, locations=())
        for kind in (*MANAGEABLE, "music", "boxsets")
    ]
    ids = [one.library_id for one in managed_libraries(libraries, None)]
    assert ids == ["None", "movies", "tvshows", "mixed"]
    assert managed_libraries(libraries, []) == []
    chosen = managed_libraries(libraries, ["music", "mixed", "else"])
    assert [one.library_id for one in chosen] == ["mixed"]


@pytest.mark.parametrize("windows", [False, True])
async def test_a_poll_finds_the_library_by_the_path(
    home: Home, monkeypatch: pytest.MonkeyPatch, windows: bool
) -> None:
    """The innermost one counts; what lies in none, or in no managed one, is left out."""
    await home.sync()
    home.wait(HOUR)
    slash = "\\" if windows else "/"

    def at(*parts: str) -> str:
        return ("D:" if windows else "/media") + slash + slash.join(parts)

    libraries = [
        Library(
            library_id=name, name=name, collection_type=kind, locations=tuple(places)
        )
        for name, kind, places in (
            ("inner", "movies", [at("films", "kids")]),
            ("outer", "movies", [at("films"), at("more") + slash, at("boX")]),
            ("songs", "music", [at("music")]),
            ("left", "movies", [at("left")]),
        )
    ]
    monkeypatch.setattr(home.ledger, "libraries", lambda: libraries)
    (item,) = [one.item for one in home.facts().values() if one.item.title == "Alpha"]
    paths = {
        "a": at("films", "A.mkv"),
        "b": at("films", "kids", "B.mkv"),
        "c": at("films2", "C.mkv"),
        "d": at("music", "D.mkv"),
        "e": at("more", "E.mkv"),
        "f": None,
        "g": at("left", "G.mkv"),
        "h": at("boX", "H.mkv"),
    }

    async def changed(since: datetime, take: Take[MediaItem]) -> None:
        take(
            [
                replace(
                    item,
                    item_id=name * 32,
                    path=path,
                    library_id="?",
                    provider_ids={"tmdb": name},
                )
                for name, path in paths.items()
            ]
        )

    monkeypatch.setattr(home.jellyfin, "changed_items", changed)
    home.managed = ["outer", "inner", "songs"]
    await home.poll()
    by_id = {name: home.ledger.find(name * 32) for name in paths}
    assert {name: one[0].library_id for name, one in by_id.items() if one} == {
        "a": "outer",
        "b": "inner",
        "e": "outer",
        "h": "outer",
    }


# --- the history ----------------------------------------------------------------------


async def test_a_first_page_that_is_empty_is_no_history(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A re-read that finds nothing has failed, or all would count as unwatched since."""
    house = home.household
    for days in (1, 2):
        house.play(house.user("alice"), home.video("Alpha"), at=START - days * DAY)
    await home.sync()
    facts = home.facts()
    home.wait(8 * DAY)

    async def nothing(*_: object) -> AsyncIterator[HistoryPage]:
        yield HistoryPage(events=[], cursor=None)

    with monkeypatch.context() as patch:
        patch.setattr(Jellystat, "backfill", nothing)
        with pytest.raises(BadAnswer, match="gone") as failed:
            await home.sync()
    assert failed.value.reason == "history_gone"
    assert home.ledger.state().history_rows == 2
    assert {name: one.last_watched_at for name, one in home.facts().items()} == {
        name: one.last_watched_at for name, one in facts.items()
    }
    await home.sync()
    assert home.ledger.state().history_rows == 2


async def test_an_empty_history_is_not_read_again(home: Home) -> None:
    """It is gone, as Jellystat's count says too; there is nothing to begin with."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - DAY)
    await home.sync()
    house.plays.remove(house.plays[0])
    before = home.ledger.state()
    with pytest.raises(BadAnswer) as failed:
        await home.poll()
    assert failed.value.reason == "history_gone"
    assert failed.value.server == "Jellystat"
    assert str(failed.value) == "Jellystat: the history that was there is gone"
    assert home.ledger.state() == before


async def test_a_poll_finds_the_newest_row_gone(home: Home) -> None:
    """Somebody has deleted it: that is found by counting, not by reading all again."""
    house = home.household
    for days in (9, 5, 1):
        house.play(house.user("alice"), home.video("Alpha"), at=START - days * DAY)
    await home.sync()
    house.plays.remove(max(house.plays, key=lambda one: one.date))
    home.wait(HOUR)
    assert (await home.poll()).history_events == 0
    state = home.ledger.state()
    assert (state.history_rows, state.history_read_at) == (2, START)
    assert (state.history_complete, state.history_scanning) == (True, False)


async def test_a_report_says_what_was_read(home: Home) -> None:
    """And from when to when."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - DAY)
    ticks = iter(range(100))
    ask = Ledger.state

    def state(ledger: Ledger) -> Any:
        home.now = START + next(ticks) * MINUTE
        return ask(ledger)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "state", state)
        report = await home.sync()
        assert (report.mode, report.started_at) == (SyncMode.FULL, START)
        assert report.finished_at == home.now > START
        begins = home.now
        report = await home.poll()
        assert (report.mode, report.started_at) == (SyncMode.POLL, begins)
        assert report.finished_at == home.now > begins
    assert (report.items, report.users, report.history_events) == (9, 2, 0)
    state_now = home.ledger.state()
    assert state_now.fully_synced_at == START
    assert state_now.synced_at == begins


# --- polls ----------------------------------------------------------------------------


async def test_users_who_are_silent_are_asked_in_turn(home: Home) -> None:
    """An eighth of them and one more by every poll, after one another."""
    house = home.household
    for number in range(6):
        house.add_user(f"user{number}")
    await home.sync()
    ids = sorted(user.user_id for user in home.ledger.users())
    seen = []
    for poll in range(4):
        home.wait(MINUTE)
        home.jellyfin_server.requests.clear()
        await home.poll()
        assert home.ledger.state().poll_turn == 2 * (poll + 1)
        paths = [one.path + str(one.query) for one in home.jellyfin_server.requests]
        seen += [one for one in ids if any(one in path for path in paths)]
    assert seen == ids


async def test_who_has_played_is_asked_for_as_much(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the plays and twenty more, up to a thousand; the others for the usual."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    await home.sync()
    home.wait(HOUR)
    for minutes in (30, 20, 10):
        house.play(alice, home.video("Alpha"), at=home.now - minutes * MINUTE)
    calls: list[tuple[Any, ...]] = []
    recent = home.jellyfin.recent

    async def listen(*arguments: Any) -> list[UserData]:
        calls.append(arguments)
        return await recent(*arguments)

    monkeypatch.setattr(home.jellyfin, "recent", listen)
    await home.poll()
    (asked_for, limit), other = calls
    plays = len(
        [
            one
            for one in await home.jellyfin.playback_activity(START)
            if one[0] == asked_for
        ]
    )
    assert plays >= 3
    assert limit == 20 + 2 * plays
    assert other == (
        next(one.user_id for one in home.ledger.users() if one.name == "bob"),
    )
    assert bob.name == "bob"
    calls.clear()

    async def many(since: datetime) -> list[tuple[str, str | None, datetime]]:
        return [(asked_for, None, home.now)] * 600

    monkeypatch.setattr(home.jellyfin, "playback_activity", many)
    await home.poll()
    assert calls[0] == (asked_for, 1000)


async def test_from_when_on_the_log_is_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day at first, then from the newest entry, in the server's own time."""
    house = home.household
    begins: list[datetime] = []
    read = home.jellyfin.playback_activity

    async def listen(since: datetime) -> list[tuple[str, str | None, datetime]]:
        begins.append(since)
        return await read(since)

    monkeypatch.setattr(home.jellyfin, "playback_activity", listen)
    await home.sync()
    assert begins == [START - DAY]
    assert home.ledger.state().activity_cursor == START
    home.wait(HOUR)
    await home.poll()
    assert begins[1:] == [START]
    house.play(house.user("alice"), home.video("Alpha"), at=home.now - 10 * MINUTE)
    newest = max(at for _, _, at in await read(START))
    await home.poll()
    assert home.ledger.state().activity_cursor == newest
    home.wait(HOUR)
    await home.poll()
    assert begins[-1] == newest
    # Where nothing was ever read, a day is enough.
    monkeypatch.setattr(home.ledger, "state", lambda: _without_cursor(home.ledger))
    await home.poll()
    assert begins[-1] == home.now - DAY


async def test_a_log_that_was_never_read_is_read_from_the_last_sync_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it had nothing to say."""
    await home.sync()
    home.wait(HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(home.ledger, "state", lambda: _without_cursor(home.ledger))
        await home.poll()
    assert home.ledger.state().activity_cursor == START


def _without_cursor(ledger: Ledger) -> Any:
    """Return the state of a ledger that has not read the log yet."""
    return replace(Ledger.state(ledger), activity_cursor=None)


async def test_a_play_is_news_once(home: Home) -> None:
    """The log begins with what was read last, and that asks for nobody any more."""
    house = home.household
    alice, log = house.user("alice"), house.activities
    await home.sync()
    home.wait(HOUR)
    house.play(alice, home.video("Alpha"), at=home.now - 2 * MINUTE)

    async def asked_by_a_poll() -> int:
        home.jellyfin_server.requests.clear()
        await home.poll()
        return len(asked(home, "/Items"))

    assert await asked_by_a_poll() == 1 + 1 + 1, "as below, and who has played"
    assert home.watched() == {"Alpha": {"alice"}}
    for _ in range(2):
        assert await asked_by_a_poll() == 1 + 1, "changes, and one user in turn"
    # Not even where the log is silent in between.
    entries = log[:]
    log.clear()
    assert await asked_by_a_poll() == 1 + 1
    log.extend(entries)
    assert await asked_by_a_poll() == 1 + 1
    house.play(alice, home.video("Bravo"), at=home.now - MINUTE)
    assert await asked_by_a_poll() == 1 + 1 + 1
    assert home.watched().keys() == {"Alpha", "Bravo"}


async def test_a_play_while_everything_is_read_is_news(home: Home) -> None:
    """Of a user who has been read already."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")

    def press_play(request: Request) -> None:
        if query(request, "userid") == bob.id and not house.plays:
            house.play(alice, home.video("Alpha"), at=home.now - timedelta(seconds=1))

    home.jellystat = None
    home.jellyfin_server.listeners.append(press_play)
    await home.sync()
    assert home.watched() == {}
    home.jellyfin_server.requests.clear()
    await home.poll()
    assert home.watched() == {"Alpha": {"alice"}}


async def test_pages_have_the_length_that_is_known(home: Home) -> None:
    """A user's plays come in one page: as many as last time, and some more."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    for name in ("Alpha", "Bravo", "E1"):
        house.play(alice, home.video(name), at=START - DAY)

    async def limits() -> dict[str, str]:
        home.jellyfin_server.requests.clear()
        await home.sync()
        return {
            query(one, "userid"): query(one, "limit")
            for one in asked(home, "/Items")
            if query(one, "sortby").startswith("DatePlayed,")
        }

    assert await limits() == {alice.id: "10000", bob.id: "10000"}
    assert await limits() == {alice.id: "203", bob.id: "200"}
    assert home.watched().keys() == {"Alpha", "Bravo", "E1"}


async def test_how_many_requests_a_full_sync_takes(home: Home) -> None:
    """Three for each user, and fifteen."""
    for number in range(5):
        home.household.add_user(f"user{number}")
    for _ in range(2):
        await home.sync()
        assert home.requests["jellyfin"] <= 3 * len(home.household.users) + 15


async def test_episodes_come_in_the_order_of_their_series(home: Home) -> None:
    """Everything else costs the server a look-up for each of them."""
    home.jellyfin_server.requests.clear()
    await home.sync()
    orders = {
        query(one, "includeitemtypes"): query(one, "sortby")
        for one in asked(home, "/Items")
        if not query(one, "userid")
    }
    assert orders["Episode"] == orders["Season"] == "SeriesSortName,SortName"


async def test_from_when_on_changes_are_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour before the last sync: clocks differ."""
    await home.sync()
    begins: list[datetime] = []
    read = home.jellyfin.changed_items

    async def listen(since: datetime, take: Take[MediaItem]) -> None:
        begins.append(since)
        await read(since, take)

    monkeypatch.setattr(home.jellyfin, "changed_items", listen)
    home.wait(3 * HOUR)
    await home.poll()
    home.wait(HOUR)
    await home.poll()
    assert begins == [START - HOUR, START + 2 * HOUR]


async def test_plays_that_jellystat_does_not_know(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than ten minutes newer than its newest row, the oldest hundred of them."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - 2 * HOUR)
    await home.sync()
    newest = home.ledger.state().history_newest
    assert newest is not None
    (user, *_) = [one.user_id for one in home.ledger.users()]
    log: list[tuple[str, str | None, datetime]] = [
        (user, "late", newest + 10 * MINUTE),
        (user, "later", newest + 10 * MINUTE + timedelta(milliseconds=1)),
        (user, None, newest + 30 * MINUTE),
    ]

    async def activity(since: datetime) -> list[tuple[str, str | None, datetime]]:
        return log

    monkeypatch.setattr(home.jellyfin, "playback_activity", activity)
    home.wait(HOUR)
    await home.poll()
    assert home.ledger.state().unseen_plays == tuple(log[1:])
    # They stay until Jellystat has a newer row.
    log.clear()
    home.wait(HOUR)
    await home.poll()
    assert [one[1] for one in home.ledger.state().unseen_plays] == ["later", None]
    log += [
        (user, f"{number:03}", newest + HOUR - number * timedelta(seconds=1))
        for number in range(120)
    ]
    await home.sync()
    unseen = home.ledger.state().unseen_plays
    assert len(unseen) == 100
    assert [at for _, _, at in unseen] == sorted(at for _, _, at in unseen)
    assert unseen[0][1] == "later"
    house.play(house.user("alice"), home.video("Bravo"), at=home.now - MINUTE)
    log.clear()
    await home.poll()
    assert home.ledger.state().unseen_plays == ()


async def test_plays_that_jellystat_knows_by_now(home: Home) -> None:
    """A full sync reads them in the same breath as the log."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), at=START - 2 * HOUR)
    await home.sync()
    home.wait(3 * HOUR)
    house.play(house.user("alice"), home.video("Bravo"), at=home.now - HOUR)
    await home.sync()
    assert home.ledger.state().unseen_plays == ()


async def test_a_poll_reads_a_history_that_was_never_read(home: Home) -> None:
    """Jellystat was set up after the last full sync."""
    house = home.household
    for days in (2, 1):
        house.play(house.user("alice"), home.video("Alpha"), at=START - days * DAY)
    jellystat, home.jellystat = home.jellystat, None
    await home.sync()
    home.jellystat = jellystat
    home.wait(HOUR)
    assert (await home.poll()).history_events == 2
    state = home.ledger.state()
    assert (state.history_complete, state.history_read_at) == (True, home.now)
    assert state.history_from is None, "it is read to its end"


async def test_without_jellystat_nothing_is_unseen(home: Home) -> None:
    """Nor is any history asked for."""
    house = home.household
    home.jellystat = None
    house.play(house.user("alice"), home.video("Alpha"), at=START - 2 * HOUR)
    report = await home.sync()
    assert report.history_events == 0
    house.play(house.user("alice"), home.video("Bravo"), at=START - HOUR)
    await home.poll()
    assert home.ledger.state().unseen_plays == ()
    assert home.jellystat_server.requests == []
    assert home.watched() == {"Alpha": {"alice"}, "Bravo": {"alice"}}


# --- files ----------------------------------------------------------------------------


async def test_files_are_asked_for_once(home: Home) -> None:
    """Of items with several versions by every full sync, of others when asked for."""
    house = home.household
    house.add_movie(
        "Echo",
        year=2001,
        library="Movies",
        provider_ids={"Tmdb": "5"},
        versions=["1080p", "2160p"],
        added=START - DAY,
    )
    await home.sync()
    echo, alpha = home.video("Echo").id, home.video("Alpha").id
    assert len(home.ledger.known_files()[echo].paths) == 2
    assert home.ledger.sizes([echo, alpha]).keys() == {echo}
    assert await read_files(home.ledger, home.jellyfin, [alpha]) is True
    assert home.ledger.sizes([alpha]).keys() == {alpha}
    assert await read_files(home.ledger, home.jellyfin, [alpha]) is False
    # A version's own id leads to its title.
    (source, _) = [one for one in home.video("Echo").sources if one.id != echo] * 2
    assert [one.item_id for one in home.ledger.find(source.id)] == [echo]


async def test_files_are_asked_for_a_hundred_at_a_time(home: Home) -> None:
    """No item is asked for twice."""
    house = home.household
    for number in range(97):
        house.add_movie(f"Film {number}", year=2001, library="Movies", added=START)
    await home.sync()
    ids = [home.video(f"Film {number}").id for number in range(97)]
    ids += [home.video(name).id for name in ("Alpha", "Bravo", "Charlie", "Delta")]
    home.jellyfin_server.requests.clear()
    assert await read_files(home.ledger, home.jellyfin, ids)
    pages = [query(one, "ids").split(",") for one in asked(home, "/Items")]
    assert sorted(one for page in pages for one in page) == sorted(ids)
    assert max(map(len, pages)) <= 100
    assert home.ledger.sizes(ids).keys() == set(ids)


async def test_a_part_that_is_not_for_a_user(home: Home) -> None:
    """The others are asked all the same: who has seen the last part has watched it."""
    house = home.household
    film = house.add_movie(
        "Echo", year=2001, library="Movies", parts=2, added=START - DAY
    )
    alice, bob = house.user("alice"), house.user("bob")
    for user in (alice, bob):
        house.play(user, film, 0.96, at=START - 3 * HOUR)
        house.play(user, film.parts[0], 0.96, at=START - 2 * HOUR)
    home.jellyfin_server.faults.append(
        Fault(
            FaultKind.NOT_FOUND,
            path="/AdditionalParts$",
            when=lambda request: query(request, "userid") == alice.id,
            times=None,
        )
    )
    await home.sync()
    assert home.watched() == {"Echo": {"bob"}}
    home.jellyfin_server.faults.clear()
    await home.sync()
    assert home.watched() == {"Echo": {"alice", "bob"}}


@pytest.mark.parametrize("disc", [None, "BluRay"])
async def test_a_deleted_file_that_is_listed_still(
    home: Home, disc: str | None
) -> None:
    """It is left out as long as it is not on the disk, and no other file is."""
    house = home.household
    film = house.add_movie(
        "Echo", year=2001, library="Movies", added=START - DAY, disc=disc
    )
    await home.sync()
    (item,) = home.ledger.find(film.id)
    entry = replace(planned(), item_id=film.id, kind=item.kind)
    number = home.ledger.intend(entry, item, home.now)
    home.ledger.conclude(number, DeletionOutcome.DELETED, home.now)
    for read in (home.sync, home.poll):
        house.disk.unmount(film.folder)
        home.wait(HOUR)
        await read()
        assert "Echo" not in home.facts()
        assert "Alpha" in home.facts()
        house.disk.mount(film.folder)
    home.wait(HOUR)
    await home.sync()
    assert "Echo" in home.facts()
