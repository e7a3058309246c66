"""What is one and the same on different servers, and what only looks like it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.matching import (
    Catalog,
    Doubt,
    EpisodeMatch,
    PathMap,
    Shelf,
    TitleMatch,
    folder_objection,
    match_episodes,
    match_movies,
    match_requests,
    match_series,
    neighbour_objection,
    same_name,
    shown_files,
)
from custom_components.oxicleanarr.model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrSeries,
    MediaFiles,
    MediaItem,
    MediaKind,
    Requester,
    RootFolder,
    SeerrRequest,
)

HERE = "/media/films"
MAP = (("/movies", HERE),)


def item(
    item_id: str,
    path: str | None = None,
    *,
    kind: MediaKind = MediaKind.MOVIE,
    sources: int = 1,
    **ids: str,
) -> MediaItem:
    """Return a movie or series as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=kind,
        title="same title for all",
        library_id="1",
        path=path,
        provider_ids=ids,
        source_count=sources,
    )


def movie(
    title_id: int,
    folder: str | None = None,
    file: str | None = "film.mkv",
    *,
    has_file: bool | None = True,
    root: str = "/movies",
    **ids: str,
) -> ArrMovie:
    """Return a movie of Radarr; ``file`` is its name."""
    return ArrMovie(
        title_id=title_id,
        title="same title for all",
        provider_ids=ids,
        path=folder,
        root_folder=root,
        has_file=has_file,
        file=(
            ArrFile(file_id=title_id, path=f"{folder}/{file}")
            if folder and file
            else None
        ),
    )


def movies(
    items: Sequence[MediaItem],
    *titles: ArrMovie,
    path_map: PathMap = (),
    second: Sequence[ArrMovie] = (),
    files: Mapping[str, MediaFiles] | None = None,
) -> dict[str, TitleMatch[ArrMovie]]:
    """Match with one Radarr, or two; return the matches by item id."""
    catalogs = [
        Catalog(connection="hd", titles=titles, path_map=path_map),
        Catalog(connection="4k", titles=second, path_map=path_map),
    ]
    found = match_movies(items, catalogs, files)
    return {one.item_id: match for match in found for one in match.items}


def owners(match: TitleMatch[ArrMovie]) -> list[tuple[str, int]]:
    """Return who owns it."""
    return [(owner.connection, owner.title.title_id) for owner in match.owners]


@pytest.mark.parametrize(
    ("ids", "theirs", "owned"),
    [
        ({"tmdb": "603"}, {"tmdb": "603"}, True),
        ({"tmdb": " 603 "}, {"tmdb": "603"}, True),
        ({"imdb": "TT0133093"}, {"imdb": "tt0133093"}, True),
        ({"tmdb": "603"}, {"tmdb": "604"}, False),
        ({"tmdb": "603"}, {"imdb": "603"}, False),
        ({"tmdb": "0"}, {"tmdb": "0"}, False),
        ({"tmdb": ""}, {"tmdb": ""}, False),
        # What is no id of films, as of another kind of media, does not count.
        ({"tvdb": "7"}, {"tvdb": "7"}, False),
        ({}, {}, False),
    ],
)
def test_by_provider_id(
    ids: dict[str, str], theirs: dict[str, str], owned: bool
) -> None:
    """Ids are compared as texts, each with its own kind."""
    seen = replace(item("a"), provider_ids=ids)
    match = movies([seen], replace(movie(1), provider_ids=theirs))["a"]
    assert bool(match.owners) is owned
    assert (match.doubt, match.because) == (None, "")


@pytest.mark.parametrize(
    ("path", "folder", "path_map", "owned"),
    [
        # The same mounts everywhere.
        ("/movies/Foo (2010)/film.mkv", "/movies/Foo (2010)", (), True),
        # Another version in the title's folder, and one in a folder below it.
        ("/movies/Foo (2010)/other.mkv", "/movies/Foo (2010)", (), True),
        ("/movies/Foo (2010)/disc/other.mkv", "/movies/Foo (2010)", (), True),
        # Other mounts: by the map, or by the end of the path.
        (f"{HERE}/Foo (2010)/film.mkv", "/movies/Foo (2010)", MAP, True),
        (f"{HERE}/Foo (2010)/film.mkv", "/movies/Foo (2010)", (), True),
        (f"{HERE}/foo (2010)/Film.mkv", "/movies/Foo (2010)", (), True),
        (f"{HERE}/foo (2010)/Film.mkv", "/movies/Foo (2010)", MAP, True),
        ("D:\\Films\\Foo (2010)\\film.mkv", "/movies/Foo (2010)", (), True),
        (
            "D:\\Films\\Foo\\film.mkv",
            "/movies/Foo",
            (("/movies", "D:\\Films\\"),),
            True,
        ),
        # Composed and decomposed letters are the same.
        ("/movies/A\u0308on/film.mkv", "/movies/\u00c4on", (), True),
        # The map says where it is, so the end of the path does not count.
        ("/elsewhere/Foo (2010)/film.mkv", "/movies/Foo (2010)", MAP, False),
        # The longest prefix counts, and only whole names.
        (
            "/4k/Foo/film.mkv",
            "/movies/uhd/Foo",
            (*MAP, ("/movies/uhd", "/4k"), ("/mov", "/x")),
            True,
        ),
        ("/4k2/Foo/film.mkv", "/movies2/Foo", (("/movies", "/4k"),), True),
        ("/4k2/Fu/film.mkv", "/movies2/Foo", (("/movies", "/4k"),), False),
        # The same name alone is none, nor the same folder.
        (f"{HERE}/Foo (2010)/other.mkv", "/movies/Foo (2010)", (), False),
        (f"{HERE}/Bar/film.mkv", "/movies/Foo (2010)", (), False),
        (f"{HERE}/film.mkv", "/movies/Foo (2010)", (), False),
        (None, "/movies/Foo (2010)", (), False),
        ("/movies/Foo (2010)/film.mkv", None, (), False),
        # A whole root folder is no title's own.
        ("/movies/other.mkv", "/movies", (), False),
        ("/movies/film.mkv", "/movies", (), True),
    ],
)
def test_by_path(
    path: str | None, folder: str | None, path_map: PathMap, owned: bool
) -> None:
    """Without common ids the path decides, and never the title."""
    match = movies([item("a", path)], movie(1, folder, tmdb="603"), path_map=path_map)[
        "a"
    ]
    assert bool(match.owners) is owned
    assert match.doubt is None


def test_never_by_what_is_not_there() -> None:
    """The path of a title without a file says nothing."""
    there = item("a", "/movies/Foo/film.mkv")
    match = movies([there], movie(1, "/movies/Foo", has_file=False))["a"]
    assert match.owners == ()
    # By its ids it is the title all the same: it has to be unmonitored, say.
    moved = item("a", "/movies/Bar/film.mkv", tmdb="603")
    match = movies([moved], movie(1, "/movies/Foo", has_file=False, tmdb="603"))["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], None)


@pytest.mark.parametrize(
    ("path", "path_map", "doubt"),
    [
        ("/movies/Foo/film.mkv", (), None),
        ("/mnt/Foo/film.mkv", (), None),
        # Renamed since Jellyfin's last scan, but in the same folder.
        ("/movies/Foo/old.mkv", (), None),
        ("/mnt/Foo/old.mkv", (), None),
        ("/mnt/flat/film.mkv", (), None),
        (f"{HERE}/Foo/old.mkv", MAP, None),
        (None, MAP, None),
        ("/mnt/Bar/bar.mkv", (), Doubt.PATH),
        ("/movies/Bar/bar.mkv", (), Doubt.PATH),
        ("/other/Foo/film.mkv", MAP, Doubt.PATH),
    ],
)
def test_ids_against_path(
    path: str | None, path_map: PathMap, doubt: Doubt | None
) -> None:
    """The same ids at another place are another file: hands off."""
    match = movies(
        [item("a", path, tmdb="603")],
        movie(1, "/movies/Foo", tmdb="603"),
        path_map=path_map,
    )["a"]
    assert owners(match) == [("hd", 1)]
    assert match.doubt is doubt
    assert bool(match.because) is (doubt is not None)


@pytest.mark.parametrize("path", ["/movies/Foo/film.mkv", "/mnt/Foo/film.mkv"])
def test_path_against_ids(path: str) -> None:
    """The same file with other ids: one of the servers is wrong about it."""
    match = movies([item("a", path, tmdb="9")], movie(1, "/movies/Foo", tmdb="603"))[
        "a"
    ]
    assert (owners(match), match.doubt) == ([("hd", 1)], Doubt.PATH)


def test_a_namesake_elsewhere_is_no_contradiction() -> None:
    """Who is in its right place is not doubted for another that ends alike."""
    found = movies(
        [item("a", "/movies/Foo/film.mkv", tmdb="1")],
        movie(1, "/movies/Foo", tmdb="1"),
        movie(2, "/kids/Foo", tmdb="2", root="/kids"),
    )
    assert (owners(found["a"]), found["a"].doubt) == ([("hd", 1)], None)


def test_a_guest_in_the_folder() -> None:
    """A film in another's folder would go with it: both stay."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1"),
            item("b", "/movies/Foo/guest.mkv", tmdb="2"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
    )
    assert found["a"] is found["b"]
    assert found["a"].doubt is Doubt.PATH


@pytest.mark.parametrize(
    ("path", "doubt"),
    [
        ("/movies/Foo/film.mkv", None),
        ("/mnt/Foo/film.mkv", Doubt.IDS),
        (None, Doubt.IDS),
    ],
)
@pytest.mark.parametrize(
    "ids", [{"tmdb": "1", "imdb": "tt2"}, {"tmdb": "2", "imdb": "tt1"}]
)
def test_ids_that_agree_in_part(
    path: str | None, doubt: Doubt | None, ids: dict[str, str]
) -> None:
    """Only the very same path settles it."""
    seen = replace(item("a", path), provider_ids=ids)
    match = movies([seen], movie(1, "/movies/Foo", tmdb="1", imdb="tt1"))["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], doubt)


def test_copies_form_one_group() -> None:
    """A 4K server and a second library stand or fall together."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1"),
            item("b", "/uhd/Foo/film.mkv", tmdb="1"),
            item("c", "/movies/Bar/film.mkv", tmdb="2"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
        movie(2, "/movies/Bar", tmdb="2"),
        second=[movie(1, "/uhd/Foo", tmdb="1", root="/uhd")],
    )
    assert found["a"] is found["b"]
    assert owners(found["a"]) == [("hd", 1), ("4k", 1)]
    assert found["a"].doubt is None
    assert owners(found["c"]) == [("hd", 2)]


@pytest.mark.parametrize("waits", [False, True])
def test_a_copy_that_no_radarr_has_holds_the_others(waits: bool) -> None:
    """Also where one of them waits for a file: it does not know of this one."""
    found = movies(
        [
            item("a", "/movies/Renamed/Renamed.mkv", tmdb="1"),
            item("b", "/uhd/Foo/film.mkv", tmdb="1"),
        ],
        *[movie(1, "/movies/Foo", None, has_file=False, tmdb="1")][: int(waits)],
        second=[movie(1, "/uhd/Foo", tmdb="1", root="/uhd")],
    )
    assert found["a"] is found["b"]
    assert found["a"].doubt is Doubt.PATH


def test_two_libraries_over_one_file() -> None:
    """The same file twice in Jellyfin is one title of Radarr."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1"),
            item("b", "/movies/Foo/film.mkv"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
    )
    assert found["a"] is found["b"]
    assert found["a"].doubt is None


@pytest.mark.parametrize("uhd", ["/uhd/Foo", "/movies4/Other"])
def test_a_copy_that_jellyfin_does_not_show(uhd: str) -> None:
    """Nobody can have watched it, so the whole group stays."""
    seen = item("a", "/movies/Foo/film.mkv", tmdb="1")
    copy = movie(7, uhd, tmdb="1", root="/uhd")
    match = movies([seen], movie(1, "/movies/Foo", tmdb="1"), second=[copy])["a"]
    assert match.doubt is Doubt.UNSEEN_COPY
    # Not so if there is nothing, or if it is a version of the same item.
    gone = movie(7, uhd, has_file=False, tmdb="1", root="/uhd")
    match = movies([seen], movie(1, "/movies/Foo", tmdb="1"), second=[gone])["a"]
    assert (len(match.owners), match.doubt) == (2, None)
    versions = item("a", "/movies/Foo/film.mkv", tmdb="1", sources=2)
    files = {
        "a": MediaFiles(
            item_id="a",
            size_bytes=None,
            paths=("/movies/Foo/film.mkv", f"{uhd}/film.mkv"),
        )
    }
    match = movies(
        [versions], movie(1, "/movies/Foo", tmdb="1"), second=[copy], files=files
    )["a"]
    assert (len(match.owners), match.doubt) == (2, None)


def test_one_item_cannot_be_two_files() -> None:
    """With other mounts both copies look alike, but Jellyfin shows only one."""
    seen = item("a", "/mnt/Foo/film.mkv", tmdb="1")
    match = movies(
        [seen],
        movie(1, "/movies/Foo", tmdb="1"),
        second=[movie(7, "/movies/Foo", tmdb="1")],
    )["a"]
    assert match.doubt is Doubt.UNSEEN_COPY


def test_versions_whose_paths_are_not_known() -> None:
    """Jellyfin names one of them, which need not be the one that Radarr has."""
    versions = item("a", "/mnt/A/a.mkv", tmdb="1", sources=2)
    match = movies([versions], movie(1, "/movies/B", tmdb="1"))["a"]
    assert match.doubt is None
    known = {"a": MediaFiles(item_id="a", size_bytes=1, paths=("/mnt/A/a.mkv", "/c/c"))}
    match = movies([versions], movie(1, "/movies/B", tmdb="1"), files=known)["a"]
    assert match.doubt is Doubt.PATH


def test_more_than_one_title_fits() -> None:
    """On one server a film is one title."""
    seen = item("a", "/mnt/Foo/film.mkv")
    match = movies([seen], movie(1, "/movies/Foo"), movie(2, "/kids/Foo", root="/kids"))
    assert match["a"].doubt is Doubt.AMBIGUOUS


def test_items_that_contradict_each_other() -> None:
    """Two films cannot both be one title."""
    found = movies(
        [item("a", tmdb="1"), item("b", imdb="tt1", tmdb="5"), item("c", imdb="tt2")],
        movie(1, "/movies/Foo", tmdb="1", imdb="tt1"),
    )
    assert found["a"] is found["b"]
    assert found["a"].doubt is Doubt.IDS
    assert (found["c"].owners, found["c"].doubt) == ((), None)


def test_series() -> None:
    """By Tvdb first; the folder is what is compared."""

    def one(title_id: int, path: str, **ids: str) -> ArrSeries:
        return ArrSeries(
            title_id=title_id,
            title="",
            provider_ids=ids,
            path=path,
            root_folder="/tv",
            has_file=True,
        )

    catalog = Catalog(
        connection="s",
        titles=[
            one(1, "/tv/Foo", tvdb="1", tmdb="100"),
            one(2, "/tv/Bar", tvdb="2"),
            one(3, "/tv/Baz", tvdb="3"),
        ],
    )
    show = MediaKind.SERIES
    found = match_series(
        [
            item("a", "/shows/Foo", kind=show, tvdb="1", imdb="tt1"),
            item("b", "/mnt/tv/Bar", kind=show),
            item("c", "/shows/Baz", kind=show),
            item("d", "/shows/Qux", kind=show, tvdb="3"),
            # A film with the number of a series.
            item("e", "/tv/Foo", tmdb="100", tvdb="1"),
        ],
        [catalog],
    )
    assert [
        (
            [each.item_id for each in match.items],
            [owner.title.title_id for owner in match.owners],
            match.doubt,
        )
        for match in found
    ] == [
        (["a"], [1], None),
        (["b"], [2], None),
        # The name of a folder alone is little more than a title.
        (["c"], [], None),
        (["d"], [3], Doubt.PATH),
    ]
    assert match_movies([item("e", tmdb="100", kind=show)], []) == []


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
    assert found[0].because == ""
    # Without a path the numbers must show that nothing else is in it.
    found = match_episodes([episode("a", 1, 1)], [both])
    assert shown(found) == [("a", "hd1:1,2", Doubt.UNTOLD)]
    assert "what else is in that file" in found[0].because
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


def request(
    request_id: int,
    kind: MediaKind | None = MediaKind.MOVIE,
    *,
    declined: bool | None = False,
    **ids: str,
) -> SeerrRequest:
    """Return a request."""
    return SeerrRequest(
        request_id=request_id,
        media_id=1,
        kind=kind,
        requester=Requester(request_user_id=request_id),
        declined=declined,
        provider_ids=ids,
        requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_requests() -> None:
    """By ids of the same kind; what cannot be told is unknown, not nobody's."""
    found = match_requests(
        [
            item("a", tmdb="1"),
            item("b", tmdb="2"),
            item("c"),
            item("d", kind=MediaKind.SERIES, tmdb="1", tvdb="9"),
            item("e", kind=MediaKind.SERIES, tmdb="7", tvdb="8"),
            item("f", kind=MediaKind.SERIES, tmdb="5", tvdb="0"),
            item("g", kind=MediaKind.EPISODE, tmdb="1"),
        ],
        [
            request(1, tmdb="1"),
            request(3, tmdb="1", imdb="tt1"),
            request(2, declined=True, tmdb="2"),
            request(4, MediaKind.SERIES, tvdb="9"),
            request(5, MediaKind.SERIES, tmdb="7", tvdb="9999"),
            request(6, MediaKind.SERIES, tvdb="0"),
            request(7, None, tmdb="1"),
        ],
    )
    assert {
        key: None if own is None else [one.request_id for one in own]
        for key, own in found.items()
    } == {"a": [3, 1], "b": [], "c": None, "d": [4], "e": None, "f": []}


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
    assert objection is None if why is None else why in (objection or "")


def test_folders_that_are_not_known() -> None:
    """A folder may be another's whose path is not known, and roots come from titles."""
    title = ArrMovie(title_id=1, title="Foo", path="/movies/Foo", root_folder="/movies")
    assert folder_objection(title, [title], []) is None
    blank = ArrMovie(title_id=2, title="Bar")
    assert "not known" in (folder_objection(title, [title, blank], []) or "")
    whole = ArrMovie(title_id=1, title="Foo", path="/movies", root_folder="/movies")
    assert "root folder" in (folder_objection(whole, [], []) or "")


@pytest.mark.parametrize(
    ("path", "path_map", "other", "why"),
    [
        ("/movies/Foo", MAP, "Bar/Bar.mkv", None),
        ("/movies/Foo", (), "Bar/Bar.mkv", None),
        ("/movies/Foo", MAP, "Foo 2/Bar.mkv", None),
        ("/movies/Foo", MAP, "Foo/Bar.mkv", "“same title for all” lies in"),
        ("/movies/Foo", (), "foo/Extras/Bar.mkv", "“same title for all” lies in"),
        # The same file in another library is gone too.
        ("/movies/Foo", MAP, "Foo/Foo.mkv", None),
        # The outermost one of this name.
        ("/movies/films", (), "Bar/Bar.mkv", "“same title for all” lies in"),
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
    objection = neighbour_objection(title, path_map, {"a"}, files)
    assert objection is None if why is None else why in (objection or "")


def test_neighbours_have_versions() -> None:
    """One of them may lie in the folder, too."""
    other = item("b", f"{HERE}/Bar/Bar.mkv", sources=2)
    known = {"b": MediaFiles(item_id="b", size_bytes=1, paths=(f"{HERE}/Foo/Bar.mkv",))}
    files = shown_files([item("a", f"{HERE}/Foo/Foo.mkv"), other], known)
    title = ArrMovie(title_id=1, title="Foo", path="/movies/Foo")
    assert neighbour_objection(title, MAP, {"a"}, files) is not None
    assert neighbour_objection(title, MAP, {"a", "b"}, files) is None


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


SOME_IDS = st.dictionaries(
    st.sampled_from(["tmdb", "imdb"]), st.sampled_from(["0", "1", "2"]), max_size=2
)
SOME_PATHS = st.sampled_from([None, "/movies/A", "/movies/B", "/uhd/A", "/movies"])


@given(
    st.lists(st.tuples(SOME_IDS, SOME_PATHS), max_size=5),
    st.lists(st.tuples(SOME_IDS, SOME_PATHS, st.booleans()), max_size=5),
)
def test_whatever_there_is(
    left: list[tuple[dict[str, str], str | None]],
    right: list[tuple[dict[str, str], str | None, bool]],
) -> None:
    """Each item is in one match, each title in one at most; no doubt, no strangers."""
    items = [
        replace(
            item(str(n), None if path is None else f"{path}/film.mkv"),
            provider_ids=ids,
        )
        for n, (ids, path) in enumerate(left)
    ]
    titles = [
        replace(movie(n, path, has_file=there), provider_ids=ids)
        for n, (ids, path, there) in enumerate(right, 1)
    ]
    matches = match_movies(items, [Catalog(connection="r", titles=titles)])
    seen = [one.item_id for match in matches for one in match.items]
    assert sorted(seen) == [one.item_id for one in items]
    owned = [owner.title.title_id for match in matches for owner in match.owners]
    assert len(owned) == len(set(owned))
    for match in matches:
        if match.doubt is not None:
            continue
        assert len(match.owners) <= 1
        for owner in match.owners:
            for one in match.items:
                theirs = owner.title.provider_ids
                common = [
                    name
                    for name in one.provider_ids
                    if "0" not in (one.provider_ids[name], theirs.get(name, "0"))
                ]
                # What contradicts itself in all ids is never taken for one.
                assert not common or any(
                    one.provider_ids[name] == theirs[name] for name in common
                )
