"""Paths of different servers."""

import pytest

from custom_components.oxicleanarr.sync import holds, likeness, normal, translate
from custom_components.oxicleanarr.sync.matching.paths import tail


@pytest.mark.parametrize(
    ("path", "other", "alike"),
    [
        ("/a/b/Film.mkv", "/a/b/Film.mkv", 4),
        ("/mnt/a/b/Film.mkv", "/a/b/Film.mkv", 4),
        ("/a/b/Film.mkv", "/a/B/film.mkv", 3),
        ("/x/b/Film.mkv", "/a/b/film.MKV", 2),
        ("/mnt/x/b/Film.mkv", "/a/b/Film.mkv", 1),
        ("/a/Film.mkv", "/b/c/film.MKV", 1),
        (r"D:\\a\\Film.mkv", "/b/Film.mkv", 1),
        ("/a/Film.mkv", "/a/Film 2.mkv", 0),
        ("", "/a/Film.mkv", 0),
    ],
)
def test_likeness(path: str, other: str, alike: int) -> None:
    """Only what is mounted differs, and where a map says what, not even that."""
    assert likeness(path, (("/mnt", "/"),), other) == alike


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/media/Movies/Film (2000)/Film.MKV", "film (2000)/film.mkv"),
        ("/Films/Film.mkv", "films/film.mkv"),
        ("/Film.mkv", "/film.mkv"),
        ("Film.mkv", "film.mkv"),
    ],
)
def test_tail(path: str, end: str) -> None:
    """The name and its folder, in lower case."""
    assert tail(path) == end


@pytest.mark.parametrize(
    ("folder", "path", "held"),
    [
        ("/a/b", "/a/b", True),
        ("/A/b", "/a/B/c.mkv", True),
        ("/a/b", "/a/bc", False),
        ("/a/b", "/a", False),
    ],
)
def test_holds(folder: str, path: str, held: bool) -> None:
    """The folder itself and all in it; case is not trusted."""
    assert holds(folder, path) is held


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (None, None),
        ("", None),
        ("/", ""),
        ("/a//b/", "/a/b"),
        ("/a/X", "/a/X"),
        ("a/b", "a/b"),
        ("//server/share/", "//server/share"),
        ("///a", "//a"),
        ("D:\\Films\\A\\", "D:/Films/A"),
        ("\\\\server\\share", "//server/share"),
        # Elsewhere it is a letter like any other.
        ("/a\\b/c", "/a\\b/c"),
        ("/A\u0308", "/\u00c4"),
    ],
)
def test_normal(path: str | None, written: str | None) -> None:
    """However a server writes it."""
    assert normal(path) == written


@pytest.mark.parametrize(
    ("path", "path_map", "seen"),
    [
        (None, [("/a", "/b")], (None, False)),
        ("/a/c", [], ("/a/c", False)),
        ("/a", [("/a", "/b")], ("/b", True)),
        ("/a/c", [("/a/", "/b/")], ("/b/c", True)),
        ("/ab/c", [("/a", "/b")], ("/ab/c", False)),
        ("/a/c/d", [("/a/c", "/x"), ("/a", "/b")], ("/x/d", True)),
        ("/a/c/d", [("/a", "/b"), ("/a/c", "/x")], ("/x/d", True)),
        ("/a/c", [("/", "/mnt")], ("/mnt/a/c", True)),
        ("/a/c", [("/a", "/b"), ("/a", "/c")], ("/b/c", True)),
        ("/a/c", [("", "/mnt"), ("/a", ""), ("/a", "/b")], ("/b/c", True)),
    ],
)
def test_translate(
    path: str | None, path_map: list[tuple[str, str]], seen: tuple[str | None, bool]
) -> None:
    """By the longest prefix, and only by whole names; a pair with a gap is none."""
    assert translate(path, path_map) == seen
