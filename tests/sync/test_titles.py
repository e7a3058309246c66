"""Which title is which item, and which only looks like it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.model import (
    ArrMovie,
    ArrSeries,
    MediaFiles,
    MediaItem,
    MediaKind,
)
from custom_components.oxicleanarr.sync import (
    Catalog,
    Doubt,
    PathMap,
    TitleMatch,
    match_movies,
    match_series,
)

from .builders import item, movie

HERE = "/media/films"
MAP = (("/movies", HERE),)


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
    assert match.doubt is None


@pytest.mark.parametrize(
    ("path", "folder", "path_map", "owned"),
    [
        # The same mounts everywhere.
        ("/movies/Foo (2010)/film.mkv", "/movies/Foo (2010)", (), True),
        # Other versions in the title's folder, and in a folder below it.
        ("/movies/Foo (2010)/disc/film.mkv", "/movies/Foo (2010)", (), True),
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


@pytest.mark.parametrize("path", ["/movies/Foo", "/movies/Foo/film cd1.mkv"])
def test_a_disc_or_parts_in_the_folder_of_a_title_without_a_file(path: str) -> None:
    """Radarr takes neither, so its folder tells what ids do not; never against them."""
    empty = movie(1, "/movies/Foo", None, has_file=False, tmdb="603")
    match = movies([item("a", path)], empty)["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], None)
    assert match.owners_of["a"] == match.owners
    assert movies([item("a", path, tmdb="9")], empty)["a"].owners == ()
    beside = item("a", "/movies/Foo 2/film.mkv")
    assert movies([beside], empty)["a"].owners == ()
    root = movie(1, "/movies", None, has_file=False, tmdb="603")
    assert movies([item("a", "/movies/film.mkv")], root)["a"].owners == ()


def test_a_file_that_jellyfin_does_not_show() -> None:
    """It is one by its name, or by the bytes that a Radarr has beside the one shown."""
    title = movie(1, "/movies/Foo", "new.mkv", tmdb="603")
    shown = item("a", "/movies/Foo/old.mkv", tmdb="603")
    assert movies([shown], title)["a"].doubt is Doubt.UNSEEN_COPY
    assert title.file is not None
    for size, doubt in ((7, None), (8, Doubt.UNSEEN_COPY)):
        two_rows = replace(
            title, size_bytes=size, file=replace(title.file, size_bytes=7)
        )
        same = item("a", "/movies/Foo/new.mkv", tmdb="603")
        assert movies([same], two_rows)["a"].doubt is doubt
    versions = replace(shown, source_count=2)
    assert movies([versions], title)["a"].doubt is None
    files = {
        "a": MediaFiles(
            item_id="a", size_bytes=None, paths=("/movies/Foo/a", "/movies/Foo/b")
        )
    }
    match = movies([versions], title, files=files)["a"]
    assert match.doubt is Doubt.UNSEEN_COPY


@pytest.mark.parametrize(
    ("size", "doubt"), [(30, None), (33, None), (34, Doubt.UNSEEN_COPY)]
)
def test_more_bytes_than_jellyfin_shows(size: int, doubt: Doubt | None) -> None:
    """A file that was edited in place is no other one; a third version is."""
    title = replace(movie(1, "/movies/Foo", "a.mkv", tmdb="603"), size_bytes=size)
    shown = item("a", "/movies/Foo/a.mkv", tmdb="603", sources=2)
    paths = ("/movies/Foo/a.mkv", "/movies/Foo/b.mkv")
    files = {"a": MediaFiles(item_id="a", size_bytes=30, paths=paths)}
    assert movies([shown], title, files=files)["a"].doubt is doubt
    unknown = {"a": replace(files["a"], size_bytes=None)}
    assert movies([shown], title, files=unknown)["a"].doubt is None


def test_files_of_which_little_is_known() -> None:
    """Neither one without a path nor one of no bytes is another one."""
    title = movie(1, "/movies/Foo", "a.mkv", tmdb="603")
    assert title.file is not None
    shown = item("a", "/movies/Foo/a.mkv", tmdb="603")
    for file in (
        replace(title.file, path=None),
        replace(title.file, size_bytes=0),
    ):
        match = movies([shown], replace(title, file=file, size_bytes=0))["a"]
        assert (owners(match), match.doubt) == ([("hd", 1)], None)
    paths = ("/movies/Foo/a.mkv", "/movies/Foo/b.mkv")
    files = {"a": MediaFiles(item_id="a", size_bytes=0, paths=paths)}
    versions = replace(shown, source_count=2)
    match = movies([versions], replace(title, size_bytes=0), files=files)["a"]
    assert match.doubt is None


@pytest.mark.parametrize(
    ("names", "doubt"),
    [
        (("/else/Foo/film.mkv", "/else/Bar/film.mkv"), Doubt.COPY_UNTOLD),
        (("/else/Foo/one.mkv", "/else/Foo/two.mkv"), None),
    ],
)
def test_a_file_that_may_be_one_of_three(
    names: tuple[str, str], doubt: Doubt | None
) -> None:
    """The map says that it is neither of two; the third is not named by Jellyfin."""
    files = {"a": MediaFiles(item_id="a", size_bytes=1, paths=names)}
    match = movies(
        [item("a", names[0], tmdb="1", sources=3)],
        movie(1, "/movies/Foo", tmdb="1"),
        path_map=MAP,
        files=files,
    )["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], doubt)


def test_a_file_that_may_be_one_of_two() -> None:
    """With other mounts, the ends of two copies can be the same; a map tells."""
    here, there = "/media/hd/Foo/film.mkv", "/media/kids/Foo/film.mkv"
    shown = [item("a", here, tmdb="1"), item("b", there, tmdb="1")]
    title = movie(1, "/movies/Foo", tmdb="1")
    assert movies(shown, title)["a"].doubt is Doubt.COPY_UNTOLD
    path_map = (("/movies", "/media/hd"),)
    found = movies(shown, title, path_map=path_map)
    # The other copy has no owner at all.
    assert found["a"].doubt is Doubt.PATH


@pytest.mark.parametrize(
    ("primary", "doubt"),
    [
        # Radarr has the other one, so Jellyfin deletes what is in one folder.
        ("/movies/Foo/b.mkv", Doubt.SPLIT),
        ("/kids/Foo again/a.mkv", None),
    ],
)
def test_versions_in_two_folders(primary: str, doubt: Doubt | None) -> None:
    """What Jellyfin would leave holds the whole title."""
    shown = item("a", primary, tmdb="603", sources=2)
    paths = ("/movies/Foo/b.mkv", "/kids/Foo again/a.mkv")
    files = {"a": MediaFiles(item_id="a", size_bytes=None, paths=paths)}
    title = movie(1, "/movies/Foo", "b.mkv", tmdb="603")
    assert movies([shown], title, files=files)["a"].doubt is doubt


def test_two_rows_of_one_title() -> None:
    """Files in a folder with an id can have none of their own: the folder tells."""
    title = movie(1, "/movies/Foo", "Foo - 2160p.mkv", tmdb="603")
    found = movies(
        [
            item("a", "/movies/Foo/Foo - 1080p.mkv"),
            item("b", "/movies/Foo/Foo - 2160p.mkv"),
        ],
        title,
    )
    assert found["a"] is found["b"]
    assert (owners(found["a"]), found["a"].doubt) == ([("hd", 1)], None)


def test_a_file_that_only_its_row_tells() -> None:
    """After the newest of two files was deleted, Radarr says that it has none."""
    title = replace(movie(1, "/movies/Foo", None, has_file=False), size_bytes=7)
    match = movies([item("a", "/movies/Foo/old.mkv")], title)["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], None)


def test_never_by_what_is_not_there() -> None:
    """The path of a title without a file says nothing against its ids."""
    # By its ids it is the title all the same, and Radarr waits for it elsewhere.
    moved = item("a", "/movies/Bar/film.mkv", tmdb="603")
    empty = movie(1, "/movies/Foo", has_file=False, tmdb="603")
    match = movies([moved], empty)["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], Doubt.ELSEWHERE)
    mounted = item("a", "/mnt/Foo/film.mkv", tmdb="603")
    assert movies([mounted], empty)["a"].doubt is None
    mapped = movies([mounted], empty, path_map=MAP)["a"]
    assert mapped.doubt is Doubt.ELSEWHERE
    # One that has its file is enough.
    has = movie(2, "/uhd/Bar", tmdb="603", root="/uhd")
    seen = item("a", "/uhd/Bar/film.mkv", tmdb="603")
    assert movies([seen], empty, second=[has])["a"].doubt is None


@pytest.mark.parametrize(
    ("path", "path_map", "doubt"),
    [
        ("/movies/Foo/film.mkv", (), None),
        ("/mnt/Foo/film.mkv", (), None),
        # Renamed since Jellyfin's last scan, but in the same folder.
        ("/movies/Foo/old.mkv", (), Doubt.UNSEEN_COPY),
        ("/mnt/Foo/old.mkv", (), Doubt.UNSEEN_COPY),
        ("/mnt/flat/film.mkv", (), None),
        (f"{HERE}/Foo/old.mkv", MAP, Doubt.UNSEEN_COPY),
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


def test_ids_that_agree_in_part_in_the_folder_of_a_title_without_a_file() -> None:
    """What is in it is at its place; what only has an id in common is not."""
    empty = movie(1, "/movies/Foo", None, has_file=False, tmdb="1", imdb="tt1")
    for path, doubt in (
        ("/movies/Foo/film.mkv", None),
        ("/mnt/Foo/film.mkv", Doubt.IDS),
    ):
        match = movies([item("a", path, tmdb="1", imdb="tt2")], empty)["a"]
        assert (owners(match), match.doubt) == ([("hd", 1)], doubt)


@pytest.mark.parametrize(
    ("folder", "path", "path_map", "doubt"),
    [
        ("/movies/Foo", "/movies/Foo/discs/one/film.mkv", (), None),
        ("/movies/Foo", f"{HERE}/Foo/film.mkv", MAP, None),
        ("/movies/Foo", "/mnt/Foo/discs/film.mkv", (), Doubt.ELSEWHERE),
        ("/movies/Foo", "/movies/Foo 2/film.mkv", (), Doubt.ELSEWHERE),
        # The root folder is nobody's own.
        ("/movies", "/movies/film.mkv", (), Doubt.ELSEWHERE),
        ("/movies", "/mnt/movies/film.mkv", (), Doubt.ELSEWHERE),
    ],
)
def test_where_a_radarr_waits_for_a_file(
    folder: str, path: str, path_map: PathMap, doubt: Doubt | None
) -> None:
    """In its own folder however deep, or in one of its name right around the file."""
    empty = movie(1, folder, None, has_file=False, tmdb="1")
    match = movies([item("a", path, tmdb="1")], empty, path_map=path_map)["a"]
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


def test_a_copy_whose_name_is_that_of_a_version() -> None:
    """There are as many versions as copies; the map says that this one is elsewhere."""
    paths = (f"{HERE}/Foo/film.mkv", f"{HERE}/Foo/film 2.mkv")
    versions = item("a", paths[0], tmdb="1", sources=2)
    match = movies(
        [versions],
        movie(1, "/movies/Foo", tmdb="1"),
        path_map=MAP,
        second=[movie(7, "/movies/Other", tmdb="1")],
        files={"a": MediaFiles(item_id="a", size_bytes=None, paths=paths)},
    )["a"]
    assert match.doubt is Doubt.UNSEEN_COPY


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


def one_series(title_id: int, path: str, **ids: str) -> ArrSeries:
    """Return a series of Sonarr."""
    return ArrSeries(
        title_id=title_id,
        title="",
        provider_ids=ids,
        path=path,
        root_folder="/tv",
        has_file=True,
    )


def test_a_folder_in_that_of_a_series_is_another_place() -> None:
    """What may lie below the folder of a film may not below that of a series."""
    (match,) = match_series(
        [item("a", "/tv/Foo/Extras", kind=MediaKind.SERIES, tvdb="1")],
        [Catalog(connection="s", titles=[one_series(1, "/tv/Foo", tvdb="1")])],
    )
    assert match.doubt is Doubt.PATH


def test_more_series_than_jellyfin_shows() -> None:
    """However many versions of it there are."""
    seen = item("a", "/tv/Foo", kind=MediaKind.SERIES, sources=2, tvdb="1")
    catalogs = [
        Catalog(connection=name, titles=[one_series(1, path, tvdb="1")])
        for name, path in (("s", "/tv/Foo"), ("4k", "/tv/Foo"))
    ]
    (match,) = match_series([seen], catalogs)
    assert match.doubt is Doubt.UNSEEN_COPY
    (match,) = match_series([seen], catalogs[:1])
    assert match.doubt is None


def test_a_radarr_that_does_not_say_which_file() -> None:
    """The name of the folder has to do."""
    unnamed = movie(1, "/movies/Foo", None, has_file=None, tmdb="1")
    seen = item("a", "/mnt/Foo/x.mkv", tmdb="1")
    assert movies([seen], unnamed)["a"].doubt is None
    elsewhere = item("a", "/mnt/Bar/x.mkv", tmdb="1")
    assert movies([elsewhere], unnamed)["a"].doubt is Doubt.PATH
    # Nor where its folder is.
    nowhere = movie(1, None, None, has_file=None, tmdb="1")
    assert movies([elsewhere], nowhere)["a"].doubt is None


def test_a_file_in_the_root_folder() -> None:
    """That folder is nobody's own, whatever else lies in it."""
    loose = movie(1, "/movies", "a.mkv", tmdb="1")
    found = movies(
        [
            item("a", "/movies/b.mkv", tmdb="1"),
            item("b", "/mnt/movies/c.mkv", tmdb="1"),
        ],
        loose,
    )
    assert found["a"].doubt is Doubt.PATH
    match = movies([item("a", "/movies/a.mkv")], loose)["a"]
    assert owners(match) == [("hd", 1)]


def test_who_owns_which_of_two_copies() -> None:
    """Each its own; what waits for a file belongs to both, and strangers to none."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1"),
            item("b", "/uhd/Foo/film.mkv", tmdb="1"),
            item("c", tmdb="1"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
        second=[movie(7, "/uhd/Foo", tmdb="1", root="/uhd")],
    )
    owned = {
        name: [(one.connection, one.title.title_id) for one in own]
        for name, own in found["a"].owners_of.items()
    }
    assert owned == {"a": [("hd", 1)], "b": [("4k", 7)], "c": []}
    # A folder of the same name is enough where there is nothing better.
    found = movies(
        [
            item("a", "/mnt/Foo/x.mkv", tmdb="1"),
            item("b", "/uhd/Foo/film.mkv", tmdb="1"),
        ],
        movie(1, "/movies/Foo", "y.mkv", tmdb="1"),
        second=[movie(7, "/uhd/Foo", None, has_file=False, tmdb="1", root="/uhd")],
    )
    owned = {
        name: [(one.connection, one.title.title_id) for one in own]
        for name, own in found["a"].owners_of.items()
    }
    assert owned["a"] == [("hd", 1), ("4k", 7)]
    # One that is alone owns all that it is.
    alone = movies(
        [item("a", tmdb="1")],
        movie(1, "/movies/Foo", tmdb="1"),
        second=[movie(7, "/uhd/Foo", tmdb="1", root="/uhd")],
    )["a"]
    assert [one.connection for one in alone.owners_of["a"]] == ["hd", "4k"]


def test_items_that_only_one_title_holds_together() -> None:
    """Two films are not one because a Radarr is wrong about one of them."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1"),
            item("b", "/movies/Foo/other.mkv", imdb="tt5"),
            item("c", "/movies/Foo/third.mkv", tmdb="1", imdb="tt6"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
    )
    assert found["a"] is found["b"] is found["c"]
    assert found["a"].doubt is Doubt.IDS


def test_ids_in_part_in_a_pair_of_items() -> None:
    """Each agrees with the title, but not with the other."""
    found = movies(
        [
            item("a", "/movies/Foo/film.mkv", tmdb="1", imdb="tt1"),
            item("b", "/movies/Foo/two.mkv", tmdb="1", imdb="tt2"),
        ],
        movie(1, "/movies/Foo", tmdb="1"),
    )
    assert found["a"].doubt is Doubt.IDS


def test_one_file_is_in_one_place() -> None:
    """Who is in its right place is not what only ends alike; with versions it may be."""
    seen = item("a", "/movies/Foo/film.mkv", tmdb="1")
    copy = movie(7, "/uhd/Foo", tmdb="1", root="/uhd")
    match = movies([seen], movie(1, "/movies/Foo", tmdb="1"), second=[copy])["a"]
    assert match.doubt is Doubt.UNSEEN_COPY
    namesake = movie(7, "/uhd/Bar", tmdb="1", root="/uhd")
    versions = replace(seen, source_count=2)
    for title in (copy, namesake):
        match = movies([versions], movie(1, "/movies/Foo", tmdb="1"), second=[title])[
            "a"
        ]
        assert match.doubt is None


def test_a_copy_beside_versions_that_are_all_known() -> None:
    """Both files of the item are elsewhere, so this one is a third."""
    seen = item("a", "/movies/Foo/film.mkv", tmdb="1", sources=2)
    files = {
        "a": MediaFiles(
            item_id="a",
            size_bytes=None,
            paths=("/movies/Foo/film.mkv", "/movies/Foo/two.mkv"),
        )
    }
    copy = movie(7, "/uhd/Bar", "third.mkv", tmdb="1", root="/uhd")
    match = movies(
        [seen], movie(1, "/movies/Foo", tmdb="1"), second=[copy], files=files
    )["a"]
    assert match.doubt is Doubt.UNSEEN_COPY


def test_what_lies_at_the_very_path_counts_beside_the_ids() -> None:
    """Whoever has that file would delete it too."""
    match = movies(
        [item("a", "/movies/film.mkv", tmdb="1")],
        movie(1, "/movies/Foo", None, has_file=False, tmdb="1"),
        second=[movie(2, "/movies")],
    )["a"]
    assert owners(match) == [("hd", 1), ("4k", 2)]


def test_a_title_is_found_at_the_path_of_any_version() -> None:
    """Jellyfin's first one is only the one it names."""
    files = {
        "a": MediaFiles(
            item_id="a", size_bytes=1, paths=("/movies/Foo/a.mkv", "/uhd/Bar/b.mkv")
        )
    }
    match = movies(
        [item("a", "/movies/Foo/a.mkv", sources=2)],
        movie(1, "/uhd/Bar", "b.mkv", root="/uhd"),
        files=files,
    )["a"]
    assert (owners(match), match.doubt) == ([("hd", 1)], None)


def test_a_mapped_folder_without_a_file() -> None:
    """The map says where it is, so a folder of the same name is another one."""
    match = movies(
        [item("a", "/else/Foo/x.mkv", tmdb="1")],
        movie(1, "/movies/Foo", None, has_file=None, tmdb="1"),
        path_map=MAP,
    )["a"]
    assert match.doubt is Doubt.PATH


@pytest.mark.parametrize(
    ("first", "found"),
    [
        # At its very path, whatever its ids.
        (movie(1, "/mnt/Foo", tmdb="9", root="/mnt"), [("hd", 1)]),
        # By its ids, and nothing speaks against it.
        (movie(1, "/movies/Foo", None, has_file=False, tmdb="1"), [("hd", 1)]),
        # By its ids, but at another place.
        (movie(1, "/movies/Bar", "bar.mkv", tmdb="1"), [("hd", 1), ("4k", 2)]),
    ],
)
def test_the_end_of_a_path_counts_without_a_better_reason(
    first: ArrMovie, found: list[tuple[str, int]]
) -> None:
    """Where one title is sure, another that ends alike is a stranger."""
    match = movies(
        [item("a", "/mnt/Foo/film.mkv", tmdb="1")],
        first,
        second=[movie(2, "/uhd/Foo", root="/uhd")],
    )["a"]
    assert owners(match) == found


def test_who_owns_which_of_two_copies_with_other_mounts() -> None:
    """The end of the path tells; what has no place waits for no file either."""
    found = movies(
        [
            item("a", "/mnt/A/film.mkv", tmdb="1"),
            item("b", "/mnt/B/film.mkv", tmdb="1"),
            item("c", tmdb="1"),
        ],
        movie(1, "/movies/A", tmdb="1"),
        movie(2, "/movies/C", None, has_file=False, tmdb="1"),
        second=[movie(7, "/uhd/B", tmdb="1", root="/uhd")],
    )
    owned = {
        name: [(one.connection, one.title.title_id) for one in own]
        for name, own in found["a"].owners_of.items()
    }
    assert owned == {
        "a": [("hd", 1), ("hd", 2)],
        "b": [("4k", 7), ("hd", 2)],
        "c": [],
    }


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
