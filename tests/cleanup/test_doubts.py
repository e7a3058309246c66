"""Which of a Radarr's files are one item's: what is not sure stops a deletion."""

from collections.abc import Mapping, Sequence

import pytest

from custom_components.oxicleanarr.cleanup.doubts import is_around, own_files
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
