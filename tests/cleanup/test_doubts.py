"""Whose a title and its files are: what is not sure stops a deletion."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup.doubts import (
    doubt_about_file,
    is_around,
    on_shelf,
    own_files,
    stop_if_changed,
    stop_if_newer,
    stop_if_untold,
    sure_owners,
    unowned,
)
from custom_components.oxicleanarr.cleanup.reasons import Stopped, Why, unsure
from custom_components.oxicleanarr.model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    MediaKind,
    Reason,
)
from custom_components.oxicleanarr.sync import (
    Doubt,
    EpisodeMatch,
    Owner,
    Shelf,
    TitleMatch,
)
from custom_components.oxicleanarr.sync.matching.episodes import OwnedFile
from tests.home import DAY, START
from tests.sync.builders import item, movie

SHOWN = {
    "one": ["/data/Alpha (2000)/Alpha.mkv"],
    "two": ["/other/Alpha (2000)/Alpha.mkv"],
}


def owns(
    *paths: str | None, shown: Mapping[str, Sequence[str]] = SHOWN
) -> list[str] | Reason:
    """Return the paths of the item ``one`` that Radarr has, or why that is not sure."""
    rows = [ArrFile(file_id=number, path=path) for number, path in enumerate(paths)]
    try:
        return [path for _, path in own_files("Radarr", rows, (), shown, "one")]
    except Stopped as stop:
        return stop.reason


def stopped(look: Callable[..., object], *about: Any) -> Stopped:
    """Return how a deletion is stopped by a look."""
    with pytest.raises(Stopped) as stop:
        look(*about)
    return stop.value


def test_the_same_path_is_the_same_file() -> None:
    """Whatever else has the same name."""
    assert owns(SHOWN["one"][0]) == SHOWN["one"]
    assert owns(SHOWN["two"][0]) == []
    assert owns(SHOWN["one"][0], SHOWN["two"][0]) == SHOWN["one"]


def test_a_movie_has_all_of_its_files() -> None:
    """Whatever their number."""
    both = ["/data/Alpha (2000)/Alpha.mkv", "/data/Alpha (2000)/Alpha 4K.mkv"]
    assert owns(*both, shown={"one": both}) == both


@pytest.mark.parametrize(
    ("path", "because"),
    [
        (None, Reason(Why.FILE_NOT_NAMED, {"server": "Radarr"})),
        (
            "/movies/Bravo (2001)/Bravo.mkv",
            Reason(Why.OTHER_FILE, {"server": "Radarr", "name": "bravo.mkv"}),
        ),
        ("/movies/Alpha (2000)/Alpha.mkv", Reason(Why.OWN_FILE_UNKNOWN)),
    ],
)
def test_what_is_not_sure(path: str | None, because: Reason) -> None:
    """A row without a file, the file of no item, and one that two items could be."""
    assert owns(SHOWN["one"][0], path) == unsure(because)


@pytest.mark.parametrize(
    "paths",
    [
        ("/movies/Beta (2001)/Beta.mkv", "/movies/Beta (2001)/Extras/Beta.mkv"),
        ("/movies/Beta (2001)/Extras/Beta.mkv", "/movies/Beta (2001)/Beta.mkv"),
        ("/data/Extras/Beta.mkv", "/data/Beta (2001)/Beta.mkv"),
    ],
)
def test_two_rows_of_one_file(paths: tuple[str, str]) -> None:
    """What by its name could be a file that has a row of its own is another one."""
    shown = {"one": ["/movies/Beta (2001)/Beta.mkv"]}
    for path in paths:
        assert owns(path, shown=shown) == shown["one"]
    other = Reason(Why.OTHER_FILE, {"server": "Radarr", "name": "beta.mkv"})
    assert owns(*paths, shown=shown) == unsure(other)
    # It may be listed twice.
    assert owns(paths[0], paths[0], shown=shown) == shown["one"] * 2


def test_a_movie_of_which_jellyfin_shows_no_file() -> None:
    """Whatever Radarr has of it is another one."""
    shown: Mapping[str, Sequence[str]]
    for shown in ({}, {"one": []}):
        found = owns(SHOWN["one"][0], shown=shown)
        assert isinstance(found, Reason)
        because = found.data["because"]
        assert isinstance(because, Reason)
        assert (found.code, because.code) == (Why.UNSURE, Why.OTHER_FILE)


@pytest.mark.parametrize(
    ("has_file", "before", "listed", "why"),
    [
        (True, None, [2], None),
        (True, 2, [1, 2], None),
        (False, None, [], None),
        (True, None, [], Why.FILE_NOT_NAMED),
        (None, None, [], Why.FILE_NOT_NAMED),
        (True, 1, [2], Why.CHANGED),
        (False, 1, [], Why.CHANGED),
    ],
)
def test_only_the_list_of_files_is_believed(
    has_file: bool | None, before: int | None, listed: list[int], why: Why | None
) -> None:
    """A file that it says it has, or that it had, has to be in it; which Radarr is told."""
    movie = ArrMovie(title_id=1, title="Alpha", path="/a", has_file=has_file)
    rows = [ArrFile(file_id=number, path="/a/b.mkv") for number in listed]
    known = None if before is None else ArrFile(file_id=before, path="/a/b.mkv")
    if why is None:
        stop_if_untold("Radarr4k", movie, known, rows)
        return
    with pytest.raises(Stopped) as stopped:
        stop_if_untold("Radarr4k", movie, known, rows)
    reason = stopped.value.reason
    if reason.code == Why.UNSURE:
        because = reason.data["because"]
        assert isinstance(because, Reason)
        reason = because
    assert reason == Reason(why, {"server": "Radarr4k"})


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("/data/Alpha (2000)", 2),
        ("/movies/Alpha (2000)", 1),
        ("/movies/Bravo (2001)", 0),
        ("/data", 0),
        (None, 0),
    ],
)
def test_a_folder_around_files(folder: str | None, found: int) -> None:
    """For sure, or by its name where paths are mapped elsewhere; a root folder is none."""
    movie = ArrMovie(title_id=1, title="Alpha", path=folder, root_folder="/data")
    assert is_around(movie, (), SHOWN["one"]) == found


@pytest.mark.parametrize(
    ("folder", "found"), [("/movies/Alpha (2000)", 1), ("/movies/Films", 0)]
)
def test_a_name_is_that_of_the_folder_around_the_file(folder: str, found: int) -> None:
    """Not of one further up, in which other films are."""
    movie = ArrMovie(title_id=1, title="Alpha", path=folder, root_folder="/movies")
    shown = ["/mnt/data/Films/Alpha (2000)/Alpha.mkv"]
    assert is_around(movie, (), shown) == found


def test_whose_an_item_is() -> None:
    """Each copy of a title has its own owners; what is in doubt has none."""
    owners = [Owner("radarr", movie(number)) for number in (1, 2)]
    copies = (item("one"), item("two"))
    of = {"one": (owners[0],), "two": (owners[1],)}
    matches = {"one": TitleMatch(items=copies, owners=tuple(owners), owners_of=of)}
    assert sure_owners(matches, "one") == (owners[0],)
    gone = stopped(sure_owners, matches, "two")
    assert gone.reason == Reason(Why.NOT_IN_LIBRARY)
    doubt = TitleMatch[ArrMovie](items=copies, owners_of={}, doubt=Doubt.ELSEWHERE)
    unclear = stopped(sure_owners, {"one": doubt}, "one")
    assert unclear.reason == unsure(Reason(Doubt.ELSEWHERE))


@pytest.mark.parametrize(
    ("folder", "ids", "stops"),
    [
        ("/movies/Foo", {"tmdb": "1"}, False),
        ("/movies/Bar", {"tmdb": "1"}, True),
        ("/movies/Foo", {"tmdb": "2"}, True),
    ],
)
def test_a_title_that_is_another_now(
    folder: str, ids: dict[str, str], stops: bool
) -> None:
    """Either its path or its ids; whether it has a file does not matter."""
    before = movie(1, "/movies/Foo", tmdb="1")
    now = movie(1, folder, None, has_file=False, **ids)
    if not stops:
        stop_if_changed("Radarr4k", now, before)
        return
    reason = stopped(stop_if_changed, "Radarr4k", now, before).reason
    assert reason == Reason(Why.CHANGED, {"server": "Radarr4k"})


@pytest.mark.parametrize(
    ("added", "known", "stops"),
    [
        ((None,), START, False),
        ((START,), START, False),
        ((START - DAY, START + DAY), START, True),
        ((None, START + DAY), START, True),
        ((START - DAY,), None, True),
        ((None,), None, True),
        ((), None, False),
    ],
)
def test_a_file_that_nobody_has_decided_on(
    added: Sequence[datetime | None], known: datetime | None, stops: bool
) -> None:
    """It came in after what is known; of what has no date nothing is said."""
    files = [ArrFile(file_id=1, path="/a", added_at=one) for one in added]
    if not stops:
        stop_if_newer("Sonarr", files, known)
        return
    reason = stopped(stop_if_newer, "Sonarr", files, known).reason
    assert reason == Reason(Why.FILE_IS_NEW, {"server": "Sonarr"})


# --- episodes --------------------------------------------------------------------------


def numbered(
    number: int, file_id: int | None = None, monitored: bool | None = True
) -> ArrEpisode:
    """Return an episode of Sonarr."""
    return ArrEpisode(
        episode_id=number,
        series_id=1,
        season=1,
        episode=number,
        file_id=file_id,
        monitored=monitored,
    )


def held(*numbers: int, server: str = "sonarr", path: str | None = None) -> OwnedFile:
    """Return a file of Sonarr with episodes in it."""
    episodes = tuple(numbered(one, 7) for one in numbers)
    return OwnedFile(server, ArrFile(file_id=7, path=path), episodes)


def test_what_is_on_a_shelf() -> None:
    """The file, or else what is waited for: these episodes, and no others."""
    match = EpisodeMatch(items=(item("one"),), files=(held(1, 2, 3, 4),))
    (file,) = match.files
    waiting = [
        numbered(1),
        numbered(2, monitored=None),
        numbered(3, monitored=False),
        numbered(4, 8),
        numbered(5),
    ]
    own = Shelf(connection="sonarr", episodes=waiting, files=[file.file])
    assert list(on_shelf(own, match)) == [(file.file, list(file.episodes))]
    other = Shelf(connection="sonarr4k", episodes=waiting, files=[])
    assert list(on_shelf(other, match)) == [(None, waiting[:2])]
    empty = Shelf(connection="sonarr4k", episodes=waiting[2:], files=[])
    assert list(on_shelf(empty, match)) == []


def test_a_file_of_no_episode() -> None:
    """The first of the items that could be in it is named."""
    items = (item("one"), item("two"))
    match = EpisodeMatch(items=items, files=(held(),))
    shelf = Shelf(connection="sonarr", episodes=[], files=[])
    stop = stopped(list, on_shelf(shelf, match))
    assert stop.item == items[0]
    assert stop.reason == unsure(Reason(Why.FILE_CONTENT_UNKNOWN, {"server": "Sonarr"}))


def test_paths_at_which_no_sonarr_has_a_file() -> None:
    """Where Sonarr does not say which file it has, it may be any of them."""
    shelves = [
        Shelf(connection="sonarr", episodes=[], files=[]),
        Shelf(connection="sonarr4k", episodes=[], files=[], path_map=(("/tv", "/4k"),)),
    ]
    paths = ["/data/Show/E1.mkv", "/4k/Show/E1.mkv", "/data/Show/E1 again.mkv"]

    def left(*files: OwnedFile) -> tuple[str, ...]:
        return unowned(paths, EpisodeMatch(items=(), files=files), shelves)

    here = held(1, path="/data/Show/E1.mkv")
    there = held(1, server="sonarr4k", path="/tv/Show/E1.mkv")
    assert left(here, there) == ("/data/Show/E1 again.mkv",)
    assert left(held(1, path="/data/Show/E1 again.mkv")) == tuple(paths[:2])
    assert left(held(1)) == ()
    assert left() == tuple(paths)


@pytest.mark.parametrize(
    ("kind", "path", "added", "because"),
    [
        (MediaKind.MOVIE, "/a", START, None),
        (MediaKind.EPISODE, "/a", START, None),
        (MediaKind.MOVIE, None, START, Why.PATH_UNKNOWN),
        (MediaKind.EPISODE, "/a", None, Why.FILE_DATE_UNKNOWN),
        (MediaKind.SERIES, None, None, None),
    ],
)
def test_what_jellyfin_has_to_say_of_a_file(
    kind: MediaKind, path: str | None, added: datetime | None, because: Why | None
) -> None:
    """Where it is, and since when; a series has no file."""
    film = replace(item("one", path, kind=kind), added_at=added)
    found = doubt_about_file(film)
    assert found == (None if because is None else unsure(Reason(because)))
