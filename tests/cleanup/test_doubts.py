"""Which of a Radarr's files are one item's: what is not sure stops a deletion."""

from collections.abc import Mapping, Sequence

import pytest

from custom_components.oxicleanarr.cleanup.doubts import (
    is_around,
    own_files,
    stop_if_untold,
)
from custom_components.oxicleanarr.cleanup.reasons import Stopped, Why
from custom_components.oxicleanarr.model import ArrFile, ArrMovie, Reason

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


def test_the_same_path_is_the_same_file() -> None:
    """Whatever else has the same name."""
    assert owns(SHOWN["one"][0]) == SHOWN["one"]
    assert owns(SHOWN["two"][0]) == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (None, Why.FILE_NOT_NAMED),
        ("/movies/Bravo (2001)/Bravo.mkv", Why.OTHER_FILE),
        ("/movies/Alpha (2000)/Alpha.mkv", Why.OWN_FILE_UNKNOWN),
    ],
)
def test_what_is_not_sure(path: str | None, why: Why) -> None:
    """A row without a file, the file of no item, and one that two items could be."""
    found = owns(SHOWN["one"][0], path)
    assert isinstance(found, Reason)
    because = found.data["because"]
    assert isinstance(because, Reason)
    assert (found.code, because.code) == (Why.UNSURE, why)


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
