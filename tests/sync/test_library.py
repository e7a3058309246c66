"""From the servers into the ledger: whole syncs and polls against the simulators."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.servers import (
    BadAnswer,
    ServerError,
    jellystat_history as history,
)
from custom_components.oxicleanarr.sync import SyncMode
from simulators import Fault, FaultKind, Play
from tests.home import DAY, HOUR, START, Home

ALL_JELLYFIN = pytest.mark.parametrize(
    "versions",
    [("10.10.7", "1.1.8"), ("10.11.11", "1.1.8"), ("12.0", "1.1.8")],
    ids=lambda versions: versions[0],
)
ALL_JELLYSTAT = pytest.mark.parametrize(
    "versions",
    [("10.11.11", one) for one in ("1.1.8", "1.1.4", "1.1.2", "guide")],
    ids=lambda versions: versions[1],
)


@ALL_JELLYFIN
async def test_watched_is_what_jellyfin_says(home: Home) -> None:
    """Played only: not what was begun, nor a folder's own flag."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    house.play(alice, home.video("Alpha"), 0.96, at=START - 9 * DAY)
    house.play(alice, home.video("Bravo"), 0.4, at=START - 9 * DAY)
    house.mark_played(bob, home.video("Charlie"))
    house.play(alice, home.video("E1"), 0.96, at=START - 3 * DAY)
    house.play(alice, home.video("E2"), 0.96, at=START - 2 * DAY)
    report = await home.sync()
    assert report.mode is SyncMode.FULL
    assert report.items == 4 + 1 + 1 + 3
    assert report.users == 2
    assert report.history_events == 4
    assert home.watched() == {
        "Alpha": {"alice"},
        "Charlie": {"bob"},
        "E1": {"alice"},
        "E2": {"alice"},
    }
    # The row of Jellystat is later than Jellyfin's date: it is the end of the play.
    ended_at = home.facts()["Alpha"].last_watched_at
    assert ended_at is not None
    assert START - 9 * DAY <= ended_at <= START - 8 * DAY
    assert home.facts()["Alpha"].key == "movie:tmdb:1"
    assert home.facts()["E1"].key == "episode:tvdb:81189:1:1"


@ALL_JELLYFIN
async def test_a_disabled_user_keeps_favorites(home: Home) -> None:
    """They are read as before; what was watched counts no more. So it is after a poll."""
    house = home.household
    bob = house.user("bob")
    house.mark_played(bob, home.video("Alpha"))
    house.set_favourite(bob, home.video("Bravo"))
    await home.sync()
    bob.disabled = True
    for read in (home.sync, home.poll, home.sync):
        home.wait(10 * DAY)
        await read()
        assert home.facts()["Bravo"].favorite_of == {bob.id}
        assert home.watched() == {}
        assert [user.name for user in home.ledger.users()] == ["alice"]
    house.set_favourite(bob, home.video("Bravo"), False)
    await home.sync()
    assert home.facts()["Bravo"].favorite_of == frozenset()


@ALL_JELLYFIN
async def test_what_a_user_played_just_before_being_disabled(home: Home) -> None:
    """It is read at the next full sync: it postpones, though it makes nothing watched."""
    home.jellystat = None
    house = home.household
    bob = house.user("bob")
    await home.sync()
    home.wait(HOUR)
    house.play(bob, home.video("Alpha"), 0.96, at=home.now - HOUR)
    bob.disabled = True
    await home.sync()
    assert home.watched() == {}
    played_at = home.facts()["Alpha"].last_watched_at
    assert played_at is not None
    assert played_at >= START - 2 * HOUR


@pytest.mark.parametrize("kind", [FaultKind.NOT_FOUND, FaultKind.FORBIDDEN])
async def test_what_cannot_be_read_of_a_disabled_user(
    home: Home, kind: FaultKind
) -> None:
    """Counts for a week, as of one who is gone; a failure is one of the sync."""
    house = home.household
    bob = house.user("bob")
    house.set_favourite(bob, home.video("Bravo"))
    await home.sync()
    bob.disabled = True
    home.jellyfin_server.faults.append(
        Fault(kind, when=lambda request: bob.id in str(request.query), times=None)
    )
    await home.sync()
    home.wait(6 * DAY)
    await home.sync()
    assert home.facts()["Bravo"].favorite_of == {bob.id}
    home.wait(DAY)
    assert home.facts()["Bravo"].favorite_of == frozenset()


@ALL_JELLYFIN
async def test_a_poll_sees_plays_marks_and_new_titles(home: Home) -> None:
    """Without reading everything again."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    await home.sync()
    home.wait(HOUR)
    house.play(alice, home.video("Alpha"), 0.96, at=home.now - timedelta(minutes=10))
    house.add_movie(
        "Echo", year=2001, library="Movies", provider_ids={"Tmdb": "5"}, added=home.now
    )
    report = await home.poll()
    assert report.mode is SyncMode.POLL
    assert report.history_events == 1
    assert home.watched() == {"Alpha": {"alice"}}
    assert home.facts()["Echo"].key == "movie:tmdb:5"
    # Marks are in no log: the users are looked at in turn.
    house.mark_played(bob, home.video("Delta"))
    home.wait(HOUR)
    await home.poll()
    home.wait(HOUR)
    await home.poll()
    assert home.watched() == {"Alpha": {"alice"}, "Delta": {"bob"}}


async def test_a_steady_poll_is_small(home: Home) -> None:
    """One history request, and at most users + 3 to Jellyfin."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - DAY)
    await home.sync()
    home.wait(timedelta(minutes=15))
    await home.poll()
    assert home.requests["jellyfin"] <= 2 + 3
    assert home.requests["jellystat"] == 2
    paths = [one.path for one in home.jellystat_server.requests[-2:]]
    assert paths == ["/auth/isConfigured", "/stats/getPlaybackActivity"]


async def test_a_full_sync_asks_little(home: Home) -> None:
    """At most four requests for each user and twenty more."""
    await home.sync()
    home.wait(DAY)
    await home.sync()
    assert home.requests["jellyfin"] <= 4 * 2 + 20


@ALL_JELLYFIN
async def test_an_unmark_is_seen_and_a_rewatch_is_not_one(home: Home) -> None:
    """The list leaves both out on 10.x; a read by id tells them apart."""
    house = home.household
    alice = house.user("alice")
    for name in ("Alpha", "Bravo"):
        house.play(alice, home.video(name), 0.96, at=START - 9 * DAY)
    await home.sync()
    house.unmark_played(alice, home.video("Alpha"))
    house.start_playback(alice, home.video("Bravo"))
    house.stop_playback(alice, home.video("Bravo"), fraction=0.2)
    home.wait(DAY)
    await home.sync()
    assert home.watched() == {"Bravo": {"alice"}}


@ALL_JELLYFIN
async def test_a_rename_is_followed(home: Home) -> None:
    """The id changes; what was watched and when does not."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - 9 * DAY)
    await home.sync()
    before = home.facts()["Alpha"]
    house.rename(home.video("Alpha"), "/media/movies/Alpha Redux/Alpha Redux.mkv")
    house.scan()
    home.wait(DAY)
    await home.sync()
    (after,) = [one for one in home.facts().values() if one.key == "movie:tmdb:1"]
    assert after.item.item_id != before.item.item_id
    assert after.watched_by == before.watched_by
    assert after.last_watched_at == before.last_watched_at


@ALL_JELLYFIN
async def test_a_rename_is_followed_by_a_poll(home: Home) -> None:
    """The old id is asked for, and is gone."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - 9 * DAY)
    await home.sync()
    home.wait(HOUR)
    house.rename(home.video("Alpha"), "/media/movies/Alpha Redux/Alpha Redux.mkv")
    house.scan()
    await home.poll()
    found = [one for one in home.facts().values() if one.key == "movie:tmdb:1"]
    assert len(found) == 1
    assert found[0].watched_by


@pytest.mark.parametrize("pause", [HOUR, 2 * DAY])
async def test_what_comes_to_a_place_that_was_left_is_another_title(
    home: Home, pause: timedelta
) -> None:
    """Jellyfin gives it the old id: what was watched under that id has moved on."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - 9 * DAY)
    await home.sync()
    path, item_id = home.video("Alpha").path, home.video("Alpha").id
    house.rename(home.video("Alpha"), "/media/movies/Alpha Redux/Alpha Redux.mkv")
    house.scan()
    home.wait(HOUR)
    await home.poll()
    house.add_movie(
        "Zulu",
        year=2001,
        library="Movies",
        provider_ids={"Tmdb": "99"},
        added=home.now,
        path=path,
    )
    house.scan()
    home.wait(pause)
    await home.poll()
    assert home.facts()["Zulu"].item.item_id == item_id
    assert home.watched() == {"Alpha": {"alice"}}


@ALL_JELLYFIN
async def test_a_corrected_provider_id_is_followed(home: Home) -> None:
    """The key changes under the same id."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - 9 * DAY)
    await home.sync()
    home.wait(HOUR)
    await home.sync()
    before = home.facts()["Alpha"]
    house.identify(home.video("Alpha"), {"Tmdb": "777"})
    home.wait(DAY)
    await home.sync()
    after = home.facts()["Alpha"]
    assert after.key == "movie:tmdb:777"
    assert after.watched_by == before.watched_by
    assert after.last_watched_at == before.last_watched_at


@ALL_JELLYFIN
async def test_a_title_that_returns_is_not_watched(home: Home) -> None:
    """Jellyfin shows the old flag and date at once, on every version."""
    house = home.household
    film = home.video("Alpha")
    house.play(house.user("alice"), film, 0.96, at=START - 9 * DAY)
    await home.sync()
    house.remove_file(film)
    house.scan()
    home.wait(HOUR)
    await home.sync()
    assert "Alpha" not in home.facts()
    home.wait(2 * DAY)
    house.bring_back(film)
    house.scan()
    assert house.data(house.user("alice"), home.video("Alpha")).played
    await home.sync()
    fact = home.facts()["Alpha"]
    assert fact.watched_by == set()
    assert fact.last_watched_at is None
    assert fact.added_at == home.now
    home.wait(10 * DAY)
    await home.sync()
    assert home.facts()["Alpha"].watched_by == set()


async def test_a_new_series_on_10_11_is_not_watched(home: Home) -> None:
    """The folder says *Played* until the next scan; nobody has seen anything."""
    house = home.household
    show = house.add_series(
        "New", library="Shows", provider_ids={"Tvdb": "5"}, added=START
    )
    for number in (1, 2):
        house.add_episode(
            show, season=1, number=number, title=f"N{number}", added=START
        )
    await home.sync()
    assert {"New", "N1", "N2"} <= set(home.facts())
    assert home.watched() == {}


async def test_only_managed_libraries_are_read(home: Home) -> None:
    """What is not managed does not exist for us."""
    movies = home.household.library("Movies")
    await home.sync()
    assert "Show" in home.facts()
    home.managed = [movies.id]
    await home.sync()
    assert set(home.facts()) == {"Alpha", "Bravo", "Charlie", "Delta"}


@ALL_JELLYSTAT
async def test_every_jellystat_is_read(home: Home) -> None:
    """All shapes of its history lead to the same dates; nothing is counted twice."""
    house = home.household
    alice, bob = house.user("alice"), house.user("bob")
    for user, name, days in (
        (alice, "Alpha", 9),
        (bob, "Alpha", 4),
        (alice, "E1", 3),
        (bob, "Bravo", 2),
    ):
        house.play(user, home.video(name), 0.96, at=START - days * DAY)
    report = await home.sync()
    assert report.history_events == 4
    rows = home.ledger.watch_history()
    assert [(row.title, row.user_name) for row in rows] == [
        ("Bravo", "bob"),
        ("E1", "alice"),
        ("Alpha", "bob"),
        ("Alpha", "alice"),
    ]
    home.wait(HOUR)
    house.play(bob, home.video("Charlie"), 0.4, at=home.now - timedelta(minutes=30))
    assert (await home.poll()).history_events == 1
    home.wait(DAY)
    assert (await home.sync()).history_events == 0
    assert home.ledger.state().history_rows == 5


async def test_rows_that_move_between_pages_are_neither_lost_nor_doubled(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plays end while the history is read; the next pass has them."""
    monkeypatch.setattr(history, "PAGE", 5)
    house = home.household
    alice = house.user("alice")
    for hours in range(40):
        name = ("Alpha", "Bravo", "Charlie", "Delta")[hours % 4]
        house.play(alice, home.video(name), 0.96, at=START - hours * 6 * HOUR)
    added: list[Play | None] = []

    def another(request: object) -> bool:
        """Let somebody finish something while a page is on its way."""
        if len(added) < 6:
            added.append(
                house.play(
                    house.user("bob"),
                    home.video("Delta"),
                    0.96,
                    at=START - timedelta(minutes=50 - len(added)),
                )
            )
        return False

    home.jellystat_server.faults.append(
        Fault(FaultKind.SLOW, path="getPlaybackActivity", when=another)
    )
    await home.sync()
    home.jellystat_server.faults.clear()
    home.wait(HOUR)
    await home.poll()
    ids = [row.event_id for row in home.ledger.watch_history(limit=1000)]
    assert len(ids) == len(set(ids)) == len(house.plays)


async def test_a_backfill_goes_on_after_a_restart(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages that were read are not read again, and none is missed."""
    monkeypatch.setattr(history, "PAGE", 5)
    monkeypatch.setattr(history, "MOST_ROWS", 5)
    house = home.household
    for hours in range(30):
        house.play(
            house.user("alice"), home.video("Alpha"), 0.96, at=START - hours * 10 * HOUR
        )
    fault = Fault(FaultKind.DISCONNECT, path="getPlaybackActivity", after=4)
    home.jellystat_server.faults.append(fault)
    with pytest.raises(ServerError):
        await home.sync()
    state = home.ledger.state()
    assert state.history_scanning
    assert 0 < state.history_rows < 30
    assert state.fully_synced_at is None
    home.jellystat_server.faults.clear()
    read_before = state.history_rows
    await home.sync()
    state = home.ledger.state()
    assert state.history_complete
    assert state.history_rows == 30
    pages = [
        one
        for one in home.jellystat_server.requests[-home.requests["jellystat"] :]
        if one.path == "/stats/getPlaybackActivity" and one.query.get("size") == "5"
    ]
    assert len(pages) <= (30 - read_before) // 4 + 4


async def test_deleted_rows_lead_to_a_new_reading(home: Home) -> None:
    """The counts differ, so everything is read again."""
    house = home.household
    for days in (5, 6, 7):
        house.play(
            house.user("alice"), home.video("Alpha"), 0.96, at=START - days * DAY
        )
    await home.sync()
    assert home.ledger.state().history_rows == 3
    house.plays.remove(house.plays[0])
    home.wait(HOUR)
    await home.sync()
    assert home.ledger.state().history_rows == 2


async def test_imported_rows_of_long_ago_are_found(home: Home) -> None:
    """They lie behind the date cursor; the count tells."""
    house = home.household
    alice = house.user("alice")
    house.play(alice, home.video("Alpha"), 0.96, at=START - DAY)
    await home.sync()
    for days in range(100, 130):
        house.play(alice, home.video("Bravo"), 0.96, at=START - days * DAY)
    home.wait(HOUR)
    await home.sync()
    assert home.ledger.state().history_rows == 31


async def test_an_empty_history_where_there_was_one_is_an_error(home: Home) -> None:
    """So Jellystat answers after an error of its database: nobody watched nothing."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - DAY)
    await home.sync()
    before = home.facts()
    for play in list(house.plays):
        house.plays.remove(play)
    for run in (home.poll, home.sync):
        with pytest.raises(BadAnswer, match="gone"):
            await run()
    assert home.facts() == before


async def test_another_server_is_never_mixed_in(home: Home) -> None:
    """Ids and users of another Jellyfin mean nothing here."""
    await home.sync()
    home.jellyfin_server.server_id = "f" * 32
    with pytest.raises(BadAnswer, match="another server"):
        await home.sync()
