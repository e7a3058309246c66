"""Which file holds which episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from custom_components.oxicleanarr.model import (
    ArrEpisode,
    ArrFile,
    MediaFiles,
    MediaItem,
    MediaKind,
)
from custom_components.oxicleanarr.sync import (
    Doubt,
    EpisodeMatch,
    PathMap,
    Shelf,
    match_episodes,
)

from .builders import item


def episode(
    item_id: str,
    season: int | None,
    number: int | None,
    path: str | None = None,
    *,
    end: int | None = None,
    sources: int = 1,
) -> MediaItem:
    """Return an episode as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=MediaKind.EPISODE,
        title="",
        library_id="1",
        path=path,
        season=season,
        episode=number,
        episode_end=end,
        source_count=sources,
    )


def shelf(
    files: Mapping[str, Sequence[tuple[int, int]]],
    *,
    name: str = "hd",
    folder: str = "/tv/Foo/",
    path_map: PathMap = (),
) -> Shelf:
    """Return a series of Sonarr: file names, and the episodes in each."""
    episodes: list[ArrEpisode] = []
    listed: list[ArrFile] = []
    for file_id, (file, numbers) in enumerate(files.items(), 1):
        listed.append(ArrFile(file_id=file_id, path=folder + file if file else None))
        for season, number in numbers:
            episodes.append(
                ArrEpisode(
                    episode_id=len(episodes) + 1,
                    series_id=1,
                    season=season,
                    episode=number,
                    file_id=file_id,
                )
            )
    episodes.append(ArrEpisode(episode_id=999, series_id=1, season=9, episode=9))
    return Shelf(connection=name, episodes=episodes, files=listed, path_map=path_map)


def shown(matches: Sequence[EpisodeMatch]) -> list[tuple[str, str, Doubt | None]]:
    """Return the matches in short: items, files, doubt."""
    return [
        (
            " ".join(one.item_id for one in match.items),
            " ".join(
                f"{owned.connection}{owned.file.file_id}:"
                + ",".join(str(inside.episode) for inside in owned.episodes)
                for owned in match.files
            ),
            match.doubt,
        )
        for match in matches
    ]


@pytest.mark.parametrize(
    ("folder", "path_map"),
    [
        ("/tv/Foo/", ()),
        ("/shows/Foo/", ()),
        ("/shows/Foo/", (("/tv", "/shows"),)),
        ("/shows/FOO/", (("/tv", "/shows"),)),
        ("/shows/Fu/", ()),
    ],
)
def test_episodes(folder: str, path_map: PathMap) -> None:
    """Each with its file, by path or by the file's name in this series."""
    found = match_episodes(
        [
            episode("a", 1, 1, f"{folder}1.mkv"),
            episode("b", 1, 2, f"{folder}2-3.mkv", end=3),
            episode("c", 1, 4, f"{folder}stray.mkv"),
            item("d", f"{folder}1.mkv"),
        ],
        [shelf({"1.mkv": [(1, 1)], "2-3.mkv": [(1, 2), (1, 3)]}, path_map=path_map)],
    )
    assert shown(found) == [
        ("a", "hd1:1", None),
        ("b", "hd2:2,3", None),
        # No Sonarr knows this file.
        ("c", "", None),
    ]


def test_a_file_of_several_episodes() -> None:
    """What shares a file goes together or stays."""
    both = shelf({"1-2.mkv": [(1, 1), (1, 2)]})
    path = "/tv/Foo/1-2.mkv"
    found = match_episodes([episode("a", 1, 1, path), episode("b", 1, 2, path)], [both])
    assert shown(found) == [("a b", "hd1:1,2", None)]
    # Without a path the numbers must show that nothing else is in it.
    found = match_episodes([episode("a", 1, 1)], [both])
    assert shown(found) == [("a", "hd1:1,2", Doubt.UNTOLD)]
    found = match_episodes([episode("a", 1, 1, end=2)], [both])
    assert shown(found) == [("a", "hd1:1,2", None)]
    found = match_episodes([episode("a", 1, 1), episode("b", 1, 2)], [both])
    assert shown(found) == [("a b", "hd1:1,2", None)]


def test_other_numbers() -> None:
    """Where the orders differ, the file's name says which one it is."""
    found = match_episodes(
        [episode("a", 1, 13, "/tv/Foo/13.mkv"), episode("b", 2, 1, "/tv/Foo/14.mkv")],
        [shelf({"13.mkv": [(2, 1)], "14.mkv": [(2, 2)]})],
    )
    assert shown(found) == [("a", "hd1:1", None), ("b", "hd2:2", None)]


def test_numbers_against_path() -> None:
    """The same numbers in another file: it was replaced, or it is another order."""
    found = match_episodes(
        [episode("a", 1, 1, "/tv/Foo/old.mkv")], [shelf({"new.mkv": [(1, 1)]})]
    )
    assert shown(found) == [("a", "hd1:1", Doubt.PATH)]
    # Of several versions Jellyfin has named only one.
    found = match_episodes(
        [episode("a", 1, 1, "/tv/Foo/old.mkv", sources=2)],
        [shelf({"new.mkv": [(1, 1)]})],
    )
    assert shown(found) == [("a", "hd1:1", None)]


@pytest.mark.parametrize("folder", ["/tv/Foo/", "/shows/Foo/"])
def test_namesakes_in_other_folders(folder: str) -> None:
    """A file that is gone is not the one of the same name in the next season."""
    items = [episode(str(n), n, 1, f"{folder}Season {n}/01.mkv") for n in (1, 2)]
    both = shelf({"Season 1/01.mkv": [(1, 1)], "Season 2/01.mkv": [(2, 1)]})
    assert shown(match_episodes(items, [both])) == [
        ("1", "hd1:1", None),
        ("2", "hd2:1", None),
    ]
    left = shelf({"Season 2/01.mkv": [(2, 1)]})
    assert shown(match_episodes(items, [left])) == [
        ("1", "", None),
        ("2", "hd1:1", None),
    ]
    # Nothing better is known of it than the name.
    moved = [episode("2", 2, 1, "/else/01.mkv")]
    assert shown(match_episodes(moved, [left])) == [("2", "hd1:1", None)]


def test_a_stray_beside_its_twin() -> None:
    """Two files with the same numbers, one of which Sonarr does not know."""
    found = match_episodes(
        [episode("a", 1, 1, "/tv/Foo/1.mkv"), episode("b", 1, 1, "/tv/Foo/1b.mkv")],
        [shelf({"1.mkv": [(1, 1)]})],
    )
    assert shown(found) == [("a b", "hd1:1", Doubt.PATH)]


def test_nothing_to_go_by() -> None:
    """Without path and numbers nothing can be said, unless there is no Sonarr."""
    lost = episode("a", None, 3)
    assert shown(match_episodes([lost], [shelf({})])) == [("a", "", Doubt.UNTOLD)]
    assert shown(match_episodes([lost], [])) == [("a", "", None)]


def test_copies_of_episodes() -> None:
    """Copies on two shelves form a group; one that is not shown keeps it."""
    hd = shelf({"1.mkv": [(1, 1)], "2.mkv": [(1, 2)]})
    uhd = shelf({"1u.mkv": [(1, 1)]}, name="4k", folder="/uhd/Foo/")
    first = episode("a", 1, 1, "/tv/Foo/1.mkv")
    second = episode("b", 1, 2, "/tv/Foo/2.mkv")
    copy = episode("c", 1, 1, "/uhd/Foo/1u.mkv")
    assert shown(match_episodes([first, second, copy], [hd, uhd])) == [
        ("a c", "hd1:1 4k1:1", None),
        ("b", "hd2:2", None),
    ]
    assert shown(match_episodes([first, second], [hd, uhd])) == [
        ("a", "hd1:1 4k1:1", Doubt.UNSEEN_COPY),
        ("b", "hd2:2", None),
    ]
    alike = shelf({"1.mkv": [(1, 1)]}, name="4k")
    apart = episode("a", 1, 1, "/mnt/Foo/1.mkv")
    assert shown(match_episodes([apart], [hd, alike])) == [
        ("a", "hd1:1 4k1:1", Doubt.UNSEEN_COPY)
    ]


def test_versions_of_an_episode() -> None:
    """All files of an item are its own."""
    files = {
        "a": MediaFiles(
            item_id="a", size_bytes=1, paths=("/tv/Foo/1.mkv", "/uhd/Foo/1.mkv")
        )
    }
    found = match_episodes(
        [episode("a", 1, 1, "/tv/Foo/1.mkv", sources=2)],
        [
            shelf({"1.mkv": [(1, 1)]}),
            shelf({"1.mkv": [(1, 1)]}, name="4k", folder="/uhd/Foo/"),
        ],
        files,
    )
    assert shown(found) == [("a", "hd1:1 4k1:1", None)]


def test_a_copy_elsewhere_of_what_is_named_here() -> None:
    """It is unseen even where Jellyfin counts a second version that it does not name."""
    hd = shelf({"1.mkv": [(1, 1)]})
    uhd = shelf({"1u.mkv": [(1, 1)]}, name="4k", folder="/uhd/Foo/")
    found = match_episodes([episode("a", 1, 1, "/tv/Foo/1.mkv", sources=2)], [hd, uhd])
    assert shown(found) == [("a", "hd1:1 4k1:1", Doubt.UNSEEN_COPY)]


def test_a_file_is_elsewhere_only_for_all_that_it_holds() -> None:
    """One of its episodes has no other file, so Jellyfin has to mean this one."""
    hd = shelf({"2.mkv": [(1, 2)]})
    uhd = shelf({"1-2.mkv": [(1, 1), (1, 2)]}, name="4k", folder="/uhd/Foo/")
    found = match_episodes(
        [episode("a", 1, 1), episode("b", 1, 2, "/tv/Foo/2.mkv")], [hd, uhd]
    )
    assert shown(found) == [("a b", "4k1:1,2 hd1:2", None)]


def test_a_doubt_after_a_file_that_is_sure() -> None:
    """One that is found by its path says nothing about the next."""
    found = match_episodes(
        [episode("a", 1, 1, "/tv/Foo/1.mkv"), episode("b", 1, 2)],
        [shelf({"1.mkv": [(1, 1)], "2-3.mkv": [(1, 2), (1, 3)]})],
    )
    assert shown(found) == [("a", "hd1:1", None), ("b", "hd2:2,3", Doubt.UNTOLD)]


def test_a_file_without_a_path() -> None:
    """The others have theirs."""
    found = match_episodes(
        [episode("a", 1, 5, "/tv/Foo/2.mkv")],
        [shelf({"": [(1, 1)], "2.mkv": [(1, 2)]})],
    )
    assert shown(found) == [("a", "hd2:2", None)]


def test_where_a_map_says_where_it_is_its_end_does_not_count() -> None:
    """A file of the same name elsewhere is another one."""
    both = shelf({"1.mkv": [(1, 1)]}, path_map=(("/tv", "/shows"),))
    found = match_episodes([episode("a", 5, 5, "/else/Foo/1.mkv")], [both])
    assert shown(found) == [("a", "", None)]


def test_the_very_path_goes_before_a_name() -> None:
    """A file of the same name on another shelf is no copy."""
    hd = shelf({"1.mkv": [(1, 1)]})
    uhd = shelf({"1.mkv": []}, name="4k", folder="/uhd/Foo/")
    found = match_episodes([episode("a", 1, 1, "/tv/Foo/1.mkv")], [hd, uhd])
    assert shown(found) == [("a", "hd1:1", None)]


def exact(*matches: EpisodeMatch) -> str:
    """Return the episodes whose files hold just what their rows say."""
    return " ".join(sorted(one for match in matches for one in match.exact))


def test_files_that_hold_just_what_is_shown() -> None:
    """No more, no less, and no other episode."""
    stock = shelf(
        {
            "1.mkv": [(1, 1)],
            "2-3.mkv": [(1, 2), (1, 3)],
            "4.mkv": [],
            "x/5.mkv": [(1, 5)],
        }
    )
    found = match_episodes(
        [
            episode("a", 1, 1, "/tv/Foo/1.mkv"),
            episode("b", 1, 2, "/tv/Foo/2-3.mkv", end=3),
            # It lacks an episode, Sonarr says nothing of it, or nobody has it.
            episode("c", 1, 2, "/tv/Foo/2-3.mkv"),
            episode("d", None, None, "/tv/Foo/4.mkv"),
            episode("e", 1, 6, "/tv/Foo/6.mkv"),
            # Another mount.
            episode("f", 1, 5, "/mnt/x/5.mkv"),
            episode("g", 1, 7, "/mnt/x/5.mkv"),
        ],
        [stock],
    )
    assert exact(*found) == "a b f"


@pytest.mark.parametrize(
    ("paths", "sure"),
    [
        (("/tv/Foo/1.mkv", "/uhd/Foo/1u.mkv"), "a"),
        (("/tv/Foo/1.mkv", "/uhd/Foo/2u.mkv"), ""),
        (("/tv/Foo/1.mkv", "/uhd/Foo/3u.mkv"), ""),
        # Jellyfin has not named the other one.
        (("/tv/Foo/1.mkv",), ""),
    ],
)
def test_versions_that_hold_just_what_is_shown(
    paths: tuple[str, ...], sure: str
) -> None:
    """All of them have to, each on any shelf."""
    found = match_episodes(
        [episode("a", 1, 1, paths[0], sources=2)],
        [
            shelf({"1.mkv": [(1, 1)]}),
            shelf(
                {"1u.mkv": [(1, 1)], "2u.mkv": [(1, 2)]}, name="4k", folder="/uhd/Foo/"
            ),
        ],
        {"a": MediaFiles(item_id="a", size_bytes=1, paths=paths)},
    )
    assert exact(*found) == sure


def test_a_file_that_may_be_another_one() -> None:
    """A map says where one is, and the end of its path is that of another."""
    files = shelf({"1.mkv": [(1, 1)]}, path_map=(("/tv", "/shows"),))
    other = ArrFile(file_id=7, path="/uhd/Foo/1.mkv")
    both = replace(files, files=[*files.files, other])
    shown_as = episode("a", 1, 1, "/shows/Foo/1.mkv")
    assert exact(*match_episodes([shown_as], [files])) == "a"
    assert exact(*match_episodes([shown_as], [both])) == ""


def test_an_episode_without_a_number_is_in_the_file() -> None:
    """It says nothing about what else is there."""
    one = shelf({"1.mkv": [(1, 1)]})
    unnumbered = ArrEpisode(
        episode_id=8, series_id=1, season=1, episode=None, file_id=1
    )
    more = replace(one, episodes=[*one.episodes, unnumbered])
    assert shown(match_episodes([episode("a", 1, 1)], [more])) == [
        ("a", "hd1:1,None", None)
    ]
