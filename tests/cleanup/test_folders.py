"""What else lies in a folder that would go."""

import pytest

from custom_components.oxicleanarr.cleanup import Why, clause
from custom_components.oxicleanarr.cleanup.folders import (
    folder_objection,
    neighbour_objection,
    shown_files,
)
from custom_components.oxicleanarr.model import ArrMovie, MediaFiles, Reason, RootFolder
from custom_components.oxicleanarr.sync import PathMap
from tests.sync.builders import item

HERE = "/media/films"
MAP = (("/movies", HERE),)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/movies/Foo", None),
        ("/movies/Foo/", None),
        ("/movies/deep/down/Foo", None),
        (None, "not known"),
        ("/movies", "root folder"),
        ("/Movies/", "root folder"),
        ("/", "root folder"),
        ("/elsewhere/Foo", "none of the root folders"),
        ("/movies2/Foo", "none of the root folders"),
        ("/movies/Box", "Inner"),
        ("/movies/BOX", "Inner"),
        ("/movies/Box/Inner", "Inner"),
        ("/movies/Box/Inner/Most", None),
    ],
)
def test_folders(path: str | None, why: str | None) -> None:
    """Only a title's own folder below a root folder goes with its entry."""
    title = ArrMovie(title_id=1, title="Foo", path=path)
    inner = ArrMovie(title_id=2, title="Inner", path="/movies/Box/Inner")
    roots = [RootFolder(path="/movies"), RootFolder(path="/kids/")]
    objection = folder_objection(title, [title, inner], roots)
    assert objection is None if why is None else objection and why in clause(objection)


def test_folders_that_are_not_known() -> None:
    """A folder may be another's whose path is not known, and roots come from titles."""
    title = ArrMovie(title_id=1, title="Foo", path="/movies/Foo", root_folder="/movies")
    assert folder_objection(title, [title], []) is None
    blank = ArrMovie(title_id=2, title="Bar")
    objection = folder_objection(title, [title, blank], [])
    assert objection == Reason(Why.OTHER_FOLDER_UNKNOWN)
    whole = ArrMovie(title_id=1, title="Foo", path="/movies", root_folder="/movies")
    assert folder_objection(whole, [], []) == Reason(Why.FOLDER_IS_ROOT)


@pytest.mark.parametrize(
    ("path", "path_map", "other", "why"),
    [
        ("/movies/Foo", MAP, "Bar/Bar.mkv", None),
        ("/movies/Foo", (), "Bar/Bar.mkv", None),
        ("/movies/Foo", MAP, "Foo 2/Bar.mkv", None),
        ("/movies/Foo", MAP, "Foo/Bar.mkv", '"same title for all" is in'),
        ("/movies/Foo", (), "foo/Extras/Bar.mkv", '"same title for all" is in'),
        # The same file in another library is gone too.
        ("/movies/Foo", MAP, "Foo/Foo.mkv", None),
        # The outermost one of this name.
        ("/movies/films", (), "Bar/Bar.mkv", '"same title for all" is in'),
        ("/movies/Fu", (), "Bar/Bar.mkv", "it is not known where"),
        (None, MAP, "Bar/Bar.mkv", "its folder is not known"),
        ("/", (), "Bar/Bar.mkv", "its folder is not known"),
    ],
)
def test_neighbours(
    path: str | None, path_map: PathMap, other: str, why: str | None
) -> None:
    """Whatever Jellyfin shows in a title's folder would go with it."""
    files = shown_files(
        [item("a", f"{HERE}/Foo/Foo.mkv"), item("b", f"{HERE}/{other}")], {}
    )
    title = ArrMovie(title_id=1, title="Foo", path=path)
    for listed in (files, files[::-1]):
        objection = neighbour_objection(title, path_map, {"a"}, listed)
        assert (
            objection is None if why is None else objection and why in clause(objection)
        )


def test_neighbours_have_versions() -> None:
    """One of them may lie in the folder, too."""
    other = item("b", f"{HERE}/Bar/Bar.mkv", sources=2)
    known = {"b": MediaFiles(item_id="b", size_bytes=1, paths=(f"{HERE}/Foo/Bar.mkv",))}
    files = shown_files([item("a", f"{HERE}/Foo/Foo.mkv"), other], known)
    title = ArrMovie(title_id=1, title="Foo", path="/movies/Foo")
    assert neighbour_objection(title, MAP, {"a"}, files) is not None
    assert neighbour_objection(title, MAP, {"a", "b"}, files) is None
