"""Folders and names of paths as Jellyfin writes them."""

import pytest

from custom_components.oxicleanarr.ledger import file_name, folder_of


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        ("/media/film/film.mkv", "/media/film", "film.mkv"),
        ("/media/film/", "/media/film", "film"),
        ("/film.mkv", "", "film.mkv"),
        ("film.mkv", "", "film.mkv"),
        ("D:\\media\\film.mkv", "D:\\media", "film.mkv"),
        ("D:\\media/film.mkv", "D:\\media", "film.mkv"),
        ("\\\\nas\\media\\film.mkv", "\\\\nas\\media", "film.mkv"),
        ("/media/AC\\DC.mkv", "/media", "AC\\DC.mkv"),
    ],
)
def test_a_path_has_a_folder_and_a_name(path: str, folder: str, name: str) -> None:
    """A backslash is part of a name where paths begin with a slash."""
    assert (folder_of(path), file_name(path)) == (folder, name)
