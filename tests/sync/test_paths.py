"""Paths of different servers."""

import pytest

from custom_components.oxicleanarr.sync import same_name


@pytest.mark.parametrize(
    ("path", "other", "same"),
    [
        ("/a/Film.mkv", "/b/c/film.MKV", True),
        (r"D:\\a\\Film.mkv", "/b/Film.mkv", True),
        ("/a/Film.mkv", "/a/Film 2.mkv", False),
    ],
)
def test_same_name(path: str, other: str, same: bool) -> None:
    """Only what is mounted differs."""
    assert same_name(path, other) is same
