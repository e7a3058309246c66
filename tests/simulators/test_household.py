"""What happens in a household leaves the traces that real servers leave."""

from datetime import timedelta

import pytest

from simulators import Episode, Household, Movie, Rules, User
from simulators.disk import NotRemovable

from .conftest import Clock


@pytest.fixture
def alice(household: Household) -> User:
    """Return a user."""
    return household.user("alice")


@pytest.fixture
def alpha(household: Household) -> Movie:
    """Return a film of two hours."""
    film = household["Alpha"]
    assert isinstance(film, Movie)
    return film


def episode(household: Household) -> Episode:
    """Return an episode."""
    return household.episodes[0]


def test_play_marks_past_ninety_percent(
    household: Household, alice: User, alpha: Movie, clock: Clock
) -> None:
    """A film is played past 90 %; Jellyfin keeps its start, Jellystat its end."""
    play = household.play(alice, alpha, 0.96)
    data = household.data(alice, alpha)
    assert data.played
    assert data.play_count == 1
    assert play is not None
    assert play.date == clock.now
    assert data.last_played == clock.now - timedelta(seconds=6912)
    assert (play.item_id, play.episode_id) == (alpha.id, None)


@pytest.mark.parametrize(
    ("minutes", "fraction", "played", "position"),
    [
        (120, 0.04, False, False),
        (120, 0.40, False, True),
        (120, 0.90, False, True),
        (120, 0.91, True, False),
        (4, 0.06, True, False),
        (4, 0.04, False, False),
        (120, None, True, False),
    ],
)
def test_what_counts_as_played(
    household: Household,
    alice: User,
    minutes: int,
    fraction: float | None,
    played: bool,
    position: bool,
) -> None:
    """Short films are played past 5 %, others past 90 %, and any whose client names no position."""
    film = household.add_movie("Charlie", runtime=timedelta(minutes=minutes))
    household.play(alice, film, fraction)
    data = household.data(alice, film)
    assert (data.played, data.position > 0) == (played, position)


def test_watching_again_resets_10_but_not_12(
    household: Household, alice: User, alpha: Movie
) -> None:
    """A press of play takes the mark away before 12."""
    household.play(alice, alpha)
    household.start_playback(alice, alpha)
    assert not household.data(alice, alpha, Rules.TEN).played
    assert household.data(alice, alpha, Rules.TWELVE).played
    assert household.data(alice, alpha, Rules.TEN).play_count == 2


def test_marks(household: Household, alice: User, alpha: Movie, clock: Clock) -> None:
    """A mark keeps an older date; taking it away forgets everything; Jellystat sees neither."""
    household.play(alice, alpha, 0.4, at=clock.now - timedelta(days=9))
    before = household.data(alice, alpha).last_played
    household.mark_played(alice, alpha)
    assert household.data(alice, alpha).last_played == before
    household.unmark_played(alice, alpha)
    data = household.data(alice, alpha)
    assert (data.played, data.play_count, data.last_played) == (False, 0, None)
    household.mark_played(alice, alpha)
    assert household.data(alice, alpha).last_played == clock.now
    assert len(household.plays) == 1


def test_alternate_version(household: Household, alice: User) -> None:
    """12 credits the film with its other version's play, without counting it; 10.x does not."""
    film = household.add_movie("India", versions=["1080p", "4K"])
    play = household.play(alice, film, version=1)
    assert play is not None
    assert play.item_id == film.sources[1].id != film.id
    assert not household.data(alice, film, Rules.TEN).played
    data = household.data(alice, film, Rules.TWELVE)
    assert (data.played, data.play_count) == (True, 0)
    assert household.get(film.sources[1].id) is film


def test_resumed_play_grows(
    household: Household, alice: User, alpha: Movie, clock: Clock
) -> None:
    """Within an hour a play at 80 % or less grows under its id; what would exceed the film is lost."""
    first = household.play(alice, alpha, 0.3)
    assert first is not None
    clock.tick(minutes=50)
    second = household.play(alice, alpha, 0.4, seconds=1200)
    assert second is first
    assert (first.seconds, first.date) == (2160 + 1200, clock.now)
    assert household.play(alice, alpha, 0.9, seconds=6000) is None
    assert len(household.plays) == 1
    clock.tick(hours=3)
    assert household.play(alice, alpha, 0.9, seconds=6000) is not first
    clock.tick(minutes=1)
    household.play(alice, alpha, 0.1)
    assert len(household.plays) == 3


def test_episode_row(household: Household, alice: User) -> None:
    """A row of an episode names the series, and the episode beside it."""
    item = episode(household)
    play = household.play(alice, item)
    assert play is not None
    assert (play.item_id, play.episode_id, play.season_id) == (
        item.series.id,
        item.id,
        item.season.id,
    )
    assert play.full_name == "Show One : S1E1 - Episode 1"


def test_rename(household: Household, alice: User, alpha: Movie) -> None:
    """A rename gives a new id; user data and files follow, Jellystat's row does not."""
    household.play(alice, alpha)
    old, created = alpha.id, alpha.date_created
    household.rename(alpha, "/media/movies/Alpha/Alpha.mkv")
    assert alpha.id != old
    assert old not in household
    assert household.data(alice, alpha).played
    assert alpha.date_created == created
    assert "/media/movies/Alpha/Alpha.nfo" in household.files
    assert not household.disk.tree("/media/movies/Alpha (1999)")
    assert household.plays[0].item_id == old
    household.jellystat_full_sync()
    assert household.plays[0].item_id == alpha.id


def test_rename_series(household: Household, alice: User) -> None:
    """A renamed series has new ids all through, and what was watched stays watched."""
    item = episode(household)
    household.play(alice, item)
    old = {each.id for each in household.items}
    household.rename(item.series, "/media/shows/Show 1")
    assert item.path == "/media/shows/Show 1/Season 1/Show One S01E01.mkv"
    assert item.path in household.files
    assert not {item.id, item.series.id, item.season.id} & old
    assert household.data(alice, item).played


def test_replace(household: Household, alice: User, alpha: Movie, clock: Clock) -> None:
    """An upgrade has a new id and a new DateCreated, and stays watched."""
    household.play(alice, alpha)
    clock.tick(days=1)
    old = alpha.id
    household.replace(alpha, size=9)
    assert alpha.id != old
    assert alpha.date_created == clock.now
    assert alpha.size == 9
    assert household.data(alice, alpha).played


@pytest.mark.parametrize("path", [None, "/media/movies/Elsewhere/Alpha.mkv"])
def test_returned_title(
    household: Household, alice: User, alpha: Movie, clock: Clock, path: str | None
) -> None:
    """A title that comes back is played at once, with the old date and a new DateCreated."""
    household.play(alice, alpha)
    watched = household.data(alice, alpha).last_played
    household.delete(alpha)
    assert "Alpha" not in household
    clock.tick(days=30)
    household.bring_back(alpha, path=path)
    assert household["Alpha"] is alpha
    assert household.data(alice, alpha).played
    assert household.data(alice, alpha).last_played == watched
    assert alpha.date_created == clock.now


def test_files_go_with_a_folder(household: Household, alpha: Movie) -> None:
    """A film's own folder goes with everything in it."""
    household.disk.write(f"{alpha.folder}/notes.txt", 1, household.now())
    household.delete(alpha)
    assert not household.disk.tree(alpha.folder)


def test_sidecars_of_a_namesake_go_too(household: Household) -> None:
    """A loose film takes every sidecar whose name starts with its own, but no other film."""
    for name in ("Alien", "Aliens"):
        path = f"/media/movies/loose/{name}.mkv"
        household.add_movie(name, loose=True, path=path)
    alien = household["Alien"]
    household.delete(alien)
    assert household.disk.tree("/media/movies/loose") == [
        "/media/movies/loose/Aliens.mkv"
    ]
    assert household["Aliens"] in household


def test_locked_file_loses_its_nfo(household: Household, alpha: Movie) -> None:
    """What cannot be removed stays, without its nfo."""
    assert alpha.path is not None
    household.disk.locked.add(alpha.path)
    with pytest.raises(NotRemovable):
        household.delete(alpha)
    assert alpha in household
    assert household.disk.tree(alpha.folder) == [alpha.path]


def test_missing_file_stays_listed_until_a_scan(
    household: Household, alpha: Movie
) -> None:
    """What is removed behind Jellyfin's back is listed until it looks."""
    household.remove_file(alpha)
    assert alpha in household
    household.scan()
    assert alpha not in household


def test_rescan_of_a_path(household: Household, alpha: Movie, clock: Clock) -> None:
    """A path is looked at when the monitor's delay has passed."""
    household.remove_file(alpha)
    household.rescan(alpha.folder)
    household.settle()
    assert alpha in household
    clock.tick(seconds=61)
    household.settle()
    assert alpha not in household
    assert "Bravo" in household


def test_rows_are_rekeyed_by_title_alone(
    household: Household, alice: User, clock: Clock
) -> None:
    """After a deletion the full sync gives a row to whatever has the same title, be it a series."""
    old = household.add_movie("Mike", year=1950)
    new = household.add_movie("Mike", year=2020)
    series = household.add_series("Oscar")
    film = household.add_movie("Oscar", year=1991)
    household.play(alice, old)
    household.play(alice, film)
    household.delete(old)
    household.delete(film)
    household.jellystat_full_sync()
    assert {play.item_id for play in household.plays} == {new.id, series.id}
    assert all(play.episode_id is None for play in household.plays)


def test_users(household: Household, alice: User, alpha: Movie) -> None:
    """A renamed user is renamed in all rows; a deleted one's rows stay."""
    household.play(alice, alpha)
    household.rename_user(alice, "Alicia")
    assert household.plays[0].user_name == "Alicia"
    household.delete_user(alice)
    assert len(household.plays) == 1
    assert alice not in household.users


def test_finding(household: Household) -> None:
    """Things are found by name and number, and what is not there is an error."""
    assert household.episode("Show One", 1, 2) is household.episodes[1]
    assert household.movie("Alpha") is household["Alpha"]
    assert household["Episode 2"] is household.episodes[1]
    for find in (
        lambda: household["Zulu"],
        lambda: household.movie("Show One"),
        lambda: household.show("Alpha"),
        lambda: household.episode("Show One", 9, 9),
        lambda: household.user("nobody"),
        lambda: household.library("Music"),
    ):
        with pytest.raises(KeyError):
            find()


def test_renaming_takes_only_its_own_sidecars(household: Household) -> None:
    """A loose film that is renamed leaves its namesake's files alone."""
    for name in ("Alien", "Aliens"):
        household.add_movie(name, loose=True, path=f"/media/movies/loose/{name}.mkv")
    household.rename(household["Alien"], "/media/movies/loose/Visitor.mkv")
    assert "/media/movies/loose/Visitor.en.srt" in household.files
    assert "/media/movies/loose/Aliens.nfo" in household.files


def test_order_of_rows(household: Household, alice: User, clock: Clock) -> None:
    """Rows stand in the order of their dates, whatever the order they came in."""
    for days in (3, 9, 1):
        household.play(
            alice, household.movies[days % 2], at=clock.now - timedelta(days=days)
        )
    dates = [play.date for play in household.plays]
    assert dates == sorted(dates)
    household.plays.remove(household.plays[1])
    assert [play.date for play in household.plays] == [dates[0], dates[2]]


def test_user_data_stay_with_the_number(household: Household, alice: User) -> None:
    """Sonarr renumbers: the files keep their dates, the flags stay where they were."""
    first = household.episode("Show One", 1, 1)
    second = household.episode("Show One", 1, 2)
    household.mark_played(alice, first)
    path, created = second.path, second.date_created
    first_path = first.path
    household.renumber({first: (0, 1), second: (1, 1)})
    assert household.data(alice, second).played
    assert not household.data(alice, first).played
    assert second.path == first_path
    assert second.date_created == created
    assert first.path is not None
    assert path not in household.files
    assert {first.path, first_path} <= household.files
    assert household.episode("Show One", 0, 1) is first


def test_a_corrected_id_brings_marks_along_on_10(
    household: Household, alice: User, alpha: Movie
) -> None:
    """Version 10.10 binds them to the provider's id, the others to the item."""
    other = household.add_movie("Charlie", provider_ids={"Tmdb": "99"})
    household.mark_played(alice, other)
    household.identify(alpha, {"Tmdb": "99"})
    assert household.data(alice, alpha, Rules.TEN).played
    assert not household.data(alice, alpha, Rules.TWELVE).played
