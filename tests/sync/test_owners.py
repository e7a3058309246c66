"""What Radarr, Sonarr and Seerr say, and what of it is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any

import pytest

from custom_components.oxicleanarr.ledger import Ledger, Source
from custom_components.oxicleanarr.model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrTitle,
    Library,
    MediaFiles,
    MediaItem,
    MediaKind,
    OwnedFacts,
    Requester,
    SeerrRequest,
)
from custom_components.oxicleanarr.servers import (
    BadAnswer,
    Connection,
    Connections,
    Radarr,
    ServerError,
    Sonarr,
)
from custom_components.oxicleanarr.sync import (
    Doubt,
    SeriesOwners,
    learn_sizes,
    read_owners,
    read_shelf,
    read_shelves,
)

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
MOVIE, SERIES, EPISODE = MediaKind.MOVIE, MediaKind.SERIES, MediaKind.EPISODE


@dataclass
class Server:
    """A Radarr, Sonarr, Seerr or Jellyfin that answers what it is told to answer."""

    titles: list[Any] = field(default_factory=list)
    first: list[list[Any]] = field(default_factory=list)
    """What is answered in place of the titles, the first times they are asked for."""
    labels: dict[int, str] = field(default_factory=dict)
    asked_for: list[SeerrRequest] = field(default_factory=list)
    shelves: dict[int, tuple[list[ArrEpisode], list[ArrFile]]] = field(
        default_factory=dict
    )
    sizes: dict[str, int] = field(default_factory=dict)
    error: ServerError | None = None
    asked: list[Any] = field(default_factory=list)

    def answer[T](self, question: Any, answer: T) -> T:
        """Note the question and answer it, or fail."""
        self.asked.append(question)
        if self.error is not None:
            raise self.error
        return answer

    async def list_titles(self) -> list[Any]:
        """Return all movies or series."""
        return self.answer("titles", self.first.pop(0) if self.first else self.titles)

    async def tags(self) -> dict[int, str]:
        """Return the names of all tags."""
        return self.answer("tags", self.labels)

    async def requests(self) -> list[SeerrRequest]:
        """Return all requests."""
        return self.answer("requests", self.asked_for)

    async def episodes_and_files(
        self, title_id: int
    ) -> tuple[list[ArrEpisode], list[ArrFile]]:
        """Return what there is of a series."""
        return self.answer(title_id, self.shelves.get(title_id, ([], [])))

    async def files(self, item_ids: Sequence[str]) -> dict[str, MediaFiles]:
        """Return sizes and paths."""
        return self.answer(
            list(item_ids),
            {
                one: MediaFiles(item_id=one, size_bytes=self.sizes[one], paths=())
                for one in item_ids
            },
        )


def named(name: str, server: Server, *path_map: tuple[str, str]) -> Connection[Any]:
    """Return the connection to a server."""
    return Connection(
        connection_id=name, name=name.upper(), client=server, path_map=path_map
    )


@dataclass
class Stored:
    """A ledger, and what was stored in it."""

    ledger: Ledger
    series_owners: SeriesOwners = field(default_factory=SeriesOwners)
    owned: dict[str, OwnedFacts] = field(default_factory=dict)
    episodes: list[tuple[str, dict[str, OwnedFacts]]] = field(default_factory=list)
    answers: dict[Source, bool | None] = field(default_factory=dict)
    titles: list[tuple[str, set[int]]] = field(default_factory=list)
    requests: Mapping[str, tuple[Requester, ...] | None] | None = None

    def have(self, *items: MediaItem) -> None:
        """Let these be all items that Jellyfin lists."""
        batch = self.ledger.begin_sync(complete=True)
        batch.add_items(items)
        batch.commit(
            users=[],
            libraries=[
                Library(library_id="1", name="all", collection_type=None, locations=())
            ],
            managed=["1"],
            now=NOW,
        )

    async def read(
        self,
        *,
        radarr: Sequence[Connection[Any]] = (),
        sonarr: Sequence[Connection[Any]] = (),
        seerr: Sequence[Connection[Any]] = (),
    ) -> Mapping[str, ServerError | None]:
        """Read all of them."""
        self.connections = Connections(
            radarr=tuple(radarr), sonarr=tuple(sonarr), seerr=tuple(seerr)
        )
        return await read_owners(self.ledger, self.connections, self.series_owners)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stored]:
    """Return an empty ledger that tells what it is given."""
    ledger = Ledger(tmp_path / "ledger.db")
    stored = Stored(ledger)

    def owned(kind: MediaKind, facts: Sequence[OwnedFacts]) -> None:
        stored.owned |= {one.item_id: one for one in facts}
        Ledger.store_owned(ledger, kind, facts)

    def episodes(series_id: str, facts: Sequence[OwnedFacts]) -> None:
        stored.episodes.append((series_id, {one.item_id: one for one in facts}))
        Ledger.store_owned_episodes(ledger, series_id, facts)

    def answer(source: Source, answered: bool | None) -> None:
        stored.answers[source] = answered
        Ledger.note_answer(ledger, source, answered)

    def titles(name: str, found: Sequence[ArrTitle], now: datetime) -> None:
        listed = (name, {one.title_id for one in found})
        if listed not in stored.titles[-1:]:
            stored.titles.append(listed)
        Ledger.note_listed(ledger, name, found, now)

    def requests(requesters: Mapping[str, tuple[Requester, ...] | None]) -> None:
        stored.requests = requesters
        Ledger.store_requests(ledger, requesters)

    monkeypatch.setattr(ledger, "synced_at", lambda: datetime(2026, 1, 10, tzinfo=UTC))
    for name, spy in (
        ("store_owned", owned),
        ("store_owned_episodes", episodes),
        ("note_answer", answer),
        ("note_listed", titles),
        ("store_requests", requests),
    ):
        monkeypatch.setattr(ledger, name, spy)
    monkeypatch.setattr(Radarr, "movies", Server.list_titles)
    monkeypatch.setattr(Sonarr, "series", Server.list_titles)
    yield stored
    ledger.close()


def film(
    item_id: str, folder: str, name: str = "film", *, sources: int = 1, **ids: str
) -> MediaItem:
    """Return a movie as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=MOVIE,
        title=item_id,
        library_id="1",
        path=f"{folder}/{name}.mkv",
        provider_ids=ids,
        source_count=sources,
    )


def show(item_id: str, path: str | None = None, **ids: str) -> MediaItem:
    """Return a series as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=SERIES,
        title=item_id,
        library_id="1",
        path=path,
        provider_ids=ids,
    )


def part(item_id: str, number: int, path: str, series_id: str = "show") -> MediaItem:
    """Return an episode as Jellyfin lists it."""
    return MediaItem(
        item_id=item_id,
        kind=EPISODE,
        title=item_id,
        library_id="1",
        path=path,
        series_id=series_id,
        season=1,
        episode=number,
    )


def movie(
    title_id: int,
    folder: str,
    *,
    size: int | None = None,
    has_file: bool | None = True,
    added_at: datetime | None = None,
    file: bool = True,
    tags: frozenset[int] | None = frozenset(),
    **ids: str,
) -> ArrMovie:
    """Return a movie as Radarr lists it."""
    return ArrMovie(
        title_id=title_id,
        title="",
        path=folder,
        root_folder="/root",
        has_file=has_file,
        size_bytes=size,
        provider_ids=ids,
        tag_ids=tags,
        file=ArrFile(file_id=title_id, path=f"{folder}/film.mkv", added_at=added_at)
        if file
        else None,
    )


def series(
    title_id: int,
    path: str = "/tv/Show",
    *,
    continuing: bool | None = False,
    tags: frozenset[int] | None = frozenset(),
    **ids: str,
) -> ArrSeries:
    """Return a series as Sonarr lists it."""
    return ArrSeries(
        title_id=title_id,
        title="",
        path=path,
        root_folder="/tv",
        has_file=True,
        provider_ids=ids,
        continuing=continuing,
        tag_ids=tags,
    )


def request(number: int, kind: MediaKind = MOVIE, who: int = 1, **ids: str) -> Any:
    """Return a request of Seerr."""
    return SeerrRequest(
        request_id=number,
        media_id=number,
        kind=kind,
        requester=Requester(request_user_id=who),
        declined=False,
        provider_ids=ids,
        requested_at=NOW,
    )


# --- movies ---------------------------------------------------------------------------


async def test_what_radarr_says_of_a_movie(stored: Stored) -> None:
    """Size, tags by their names, and when its file came in."""
    stored.have(film("a", "/m/A", tmdb="1"), film("b", "/m/B", tmdb="2"))
    radarr = Server(
        [movie(1, "/m/A", size=10, added_at=NOW, tags=frozenset([1, 2]), tmdb="1")],
        labels={1: "keep", 2: "old", 3: "other"},
    )
    assert await stored.read(radarr=[named("hd", radarr)]) == {"hd": None}
    assert stored.owned == {
        "a": OwnedFacts(
            item_id="a",
            tags=frozenset(["keep", "old"]),
            size_bytes=10,
            file_added_at=NOW,
            owners=1,
        ),
        # No Radarr knows it.
        "b": OwnedFacts(item_id="b"),
    }
    assert stored.answers == {
        Source.RADARR: True,
        Source.SONARR: None,
        Source.SEERR: None,
    }
    assert radarr.asked == ["titles", "tags"]


async def test_copies_in_two_radarrs(stored: Stored) -> None:
    """They stand or fall together: all tags, the latest file, each with its own size."""
    stored.have(
        film("b", "/m/A", tmdb="1"), film("a", "/4k/A", tmdb="1"), film("c", "/x/C")
    )
    hd = Server(
        [
            movie(1, "/m/A", size=10, added_at=LATER, tags=frozenset([1]), tmdb="1"),
            movie(2, "/x/C", size=5, tags=None),
        ],
        labels={1: "one"},
    )
    uhd = Server(
        [movie(1, "/4k/A", size=40, added_at=NOW, tags=frozenset([1]), tmdb="1")],
        labels={1: "two"},
    )
    await stored.read(radarr=[named("hd", hd), named("4k", uhd)])
    both = frozenset(["one", "two"])
    assert stored.owned == {
        "a": OwnedFacts(
            item_id="a",
            tags=both,
            size_bytes=40,
            file_added_at=LATER,
            group="a",
            owners=1,
        ),
        "b": OwnedFacts(
            item_id="b",
            tags=both,
            size_bytes=10,
            file_added_at=LATER,
            group="a",
            owners=1,
        ),
        # One of them does not say which tags it has.
        "c": OwnedFacts(item_id="c", tags=None, size_bytes=5, owners=1),
    }


async def test_versions_in_two_radarrs(stored: Stored) -> None:
    """One item of two files is as large as both, if both are known."""
    stored.have(film("a", "/m/A", sources=2, tmdb="1"))
    hd, uhd = Server([movie(1, "/m/A", size=10, tmdb="1")]), Server()
    pair = [named("hd", hd), named("4k", uhd)]
    for other, total in (
        (movie(1, "/4k/A", size=40, tmdb="1"), 50),
        (movie(1, "/4k/A", size=None, tmdb="1"), None),
        (movie(1, "/4k/A", size=0, has_file=False, file=False, tmdb="1"), 10),
        # Of two files the newest was deleted: Radarr says that it has none.
        (movie(1, "/4k/A", size=40, has_file=False, file=False, tmdb="1"), 50),
        (movie(1, "/4k/A", size=40, has_file=None, file=False, tmdb="1"), 50),
    ):
        uhd.titles = [other]
        await stored.read(radarr=pair)
        assert stored.owned["a"].size_bytes == total
        assert stored.owned["a"].owners == 2


async def test_a_tag_without_a_name_is_not_known(stored: Stored) -> None:
    """It may be the one that keeps the title, whatever the other copy is tagged."""
    stored.have(film("a", "/m/A", tmdb="1"), film("b", "/4k/A", tmdb="1"))
    hd = Server([movie(1, "/m/A", tags=frozenset([1]), tmdb="1")], labels={1: "one"})
    uhd = Server([movie(1, "/4k/A", tags=frozenset([7]), tmdb="1")], labels={1: "x"})
    await stored.read(radarr=[named("hd", hd), named("4k", uhd)])
    assert stored.owned["a"].tags is None
    assert stored.owned["b"].tags is None


async def test_a_doubt_is_stored(stored: Stored) -> None:
    """As the end of a sentence."""
    stored.have(film("a", "/m/A", "a", tmdb="1"))
    radarr = Server([movie(1, "/m/Other", tmdb="1")])
    await stored.read(radarr=[named("hd", radarr)])
    assert stored.owned["a"].doubt == Doubt.PATH


async def test_the_paths_of_a_radarr_are_mapped(stored: Stored) -> None:
    """Each server has its own map."""
    stored.have(film("a", "/here/A", tmdb="1"))
    radarr = Server([movie(1, "/there/A", tmdb="1")])
    await stored.read(radarr=[named("hd", radarr, ("/there", "/elsewhere"))])
    assert stored.owned["a"].doubt == Doubt.PATH
    await stored.read(radarr=[named("hd", radarr, ("/there", "/here"))])
    assert stored.owned["a"].doubt is None


async def test_versions_are_told_by_their_files(stored: Stored) -> None:
    """Where Jellyfin has named all of them."""
    stored.have(film("a", "/m/A", "a", sources=2, tmdb="1"))
    radarr = Server([movie(1, "/m/Other", tmdb="1")])
    await stored.read(radarr=[named("hd", radarr)])
    assert stored.owned["a"].doubt is None
    stored.ledger.store_files(
        [MediaFiles(item_id="a", size_bytes=1, paths=("/m/A/a.mkv", "/m/A/two.mkv"))]
    )
    await stored.read(radarr=[named("hd", radarr)])
    assert stored.owned["a"].doubt == Doubt.PATH


@pytest.mark.parametrize("silent", ["hd", "4k"])
async def test_a_radarr_that_is_silent(stored: Stored, silent: str) -> None:
    """What it would have said is unknown; the others are read all the same."""
    stored.have(film("a", "/m/A", tmdb="1"))
    servers = {"hd": Server([movie(1, "/m/A", tmdb="1")]), "4k": Server()}
    servers[silent].error = BadAnswer("Radarr", "no")
    sonarr, seerr = Server([]), Server()
    trouble = await stored.read(
        radarr=[named(name, one) for name, one in servers.items()],
        sonarr=[named("tv", sonarr)],
        seerr=[named("see", seerr)],
    )
    assert trouble == {
        "hd": None,
        "4k": None,
        "tv": None,
        "see": None,
        silent: servers[silent].error,
    }
    assert stored.owned == {}
    assert stored.answers == {
        Source.RADARR: False,
        Source.SONARR: True,
        Source.SEERR: True,
    }


async def test_without_any(stored: Stored) -> None:
    """Nothing is asked, and nothing is waited for."""
    stored.have(film("a", "/m/A"))
    assert await stored.read() == {}
    assert stored.answers == dict.fromkeys(Source)
    assert (stored.owned, stored.requests) == ({}, None)
    assert stored.series_owners.owners is None


# --- titles that are listed no more ----------------------------------------------------


@pytest.mark.parametrize("known_by", ["ids", "folder", "file", "map", "version"])
async def test_a_movie_that_is_listed_no_more(stored: Stored, known_by: str) -> None:
    """It is known by all that it was known by while it was listed."""
    item, title, path_map = {
        "ids": (film("a", "/m/A", "a", tmdb="1"), movie(1, "/x/B", tmdb="1"), ()),
        "folder": (film("a", "/m/A", "a"), movie(1, "/m/A", file=False), ()),
        "file": (film("a", "/here/m/A"), movie(1, "/m/A"), ()),
        "map": (film("a", "/m/A", "a"), movie(1, "/r/A"), [("/r", "/m")]),
        "version": (film("a", "/m/A", "a", sources=2), movie(1, "/x/B"), ()),
    }[known_by]
    stored.have(item, film("b", "/m/Other"))
    stored.ledger.store_files(
        [MediaFiles(item_id="a", size_bytes=1, paths=(str(item.path), "/x/B/film.mkv"))]
        if known_by == "version"
        else []
    )
    radarr = Server([title, movie(2, "/nowhere")])
    servers = [named("hd", radarr, *path_map)]
    await stored.read(radarr=servers)
    assert stored.owned["a"].doubt != Doubt.MISSING
    radarr.titles = [movie(2, "/nowhere")]
    await stored.read(radarr=servers)
    assert stored.owned["a"] == OwnedFacts(item_id="a", doubt=Doubt.MISSING)
    assert stored.owned["b"] == OwnedFacts(item_id="b")


async def test_a_movie_that_is_listed_anew(stored: Stored) -> None:
    """Under a new number it is not missing there, and so it has no doubt."""
    stored.have(film("a", "/m/A", tmdb="1"))
    radarr = Server([movie(1, "/m/A", tmdb="1")])
    await stored.read(radarr=[named("hd", radarr)])
    radarr.titles = [movie(7, "/m/A", tmdb="1")]
    await stored.read(radarr=[named("hd", radarr)])
    assert [
        one.title_id
        for one in stored.ledger.missing_titles(["hd"], NOW - 2 * (LATER - NOW))
    ] == [1]
    assert stored.owned["a"].doubt is None


@pytest.mark.parametrize("known_by", ["ids", "path"])
async def test_a_series_that_is_listed_no_more(stored: Stored, known_by: str) -> None:
    """It is known by its ids, or by its folder where Jellyfin sees it."""
    ids: dict[str, Any] = {"tvdb": "1"} if known_by == "ids" else {}
    stored.have(show("a", "/here/tv/Show", **ids), show("b", "/tv/Other"))
    sonarr = Server([series(1, **ids), series(2, "/tv/Nowhere")])
    servers = [named("tv", sonarr, ("/tv", "/here/tv"))]
    for doubts in ([None, None], [Doubt.MISSING, None]):
        await stored.read(sonarr=servers)
        assert [stored.owned[one].doubt for one in ("a", "b")] == doubts
        sonarr.titles = sonarr.titles[-1:]


# --- lists that do not say how long they are ------------------------------------------


@pytest.mark.parametrize("kind", ["radarr", "sonarr"])
async def test_a_list_of_titles_is_read_twice_where_one_is_missing(
    stored: Stored, kind: str
) -> None:
    """What is left out could be deleted behind its server's back."""
    make: Any = movie if kind == "radarr" else series
    one, two = make(1, "/x/A", tvdb="1"), make(2, "/x/B", tvdb="2")
    server = Server([one, two])

    async def read() -> ServerError | None:
        connections: Any = {kind: [named("it", server)]}
        return (await stored.read(**connections))["it"]

    assert await read() is None
    assert stored.titles == [("it", {1, 2})]
    assert server.asked == ["titles", "tags"]
    # The same again is nothing to be written.
    assert await read() is None
    assert len(stored.titles) == 1
    # Half an answer.
    server.first = [[one]]
    server.asked.clear()
    failed = await read()
    assert isinstance(failed, BadAnswer)
    assert (failed.server, failed.reason) == ("IT", "changing")
    assert server.asked == ["titles", "titles"]
    assert len(stored.titles) == 1
    # Gone for good.
    server.titles = [one]
    assert await read() is None
    assert stored.titles[1:] == [("it", {1})]
    # More than before is more.
    server.titles = [one, two]
    server.asked.clear()
    assert await read() is None
    assert server.asked == ["titles", "tags"]
    assert stored.ledger.known_titles("it") == {1, 2}


# --- series ---------------------------------------------------------------------------


async def test_what_sonarr_says_of_a_series(stored: Stored) -> None:
    """Its tags, and whether more is expected."""
    stored.have(show("a", "/tv/Show", tvdb="1"), show("b", "/tv/Other", tvdb="2"))
    sonarr = Server(
        [series(5, tags=frozenset([1]), continuing=True, tvdb="1")],
        labels={1: "one"},
    )
    assert await stored.read(sonarr=[named("tv", sonarr)]) == {"tv": None}
    assert stored.owned == {
        "a": OwnedFacts(
            item_id="a", tags=frozenset(["one"]), continuing=True, owners=1
        ),
        "b": OwnedFacts(item_id="b"),
    }
    assert stored.answers[Source.SONARR] is True
    owners = stored.series_owners.owners
    assert owners is not None
    assert {
        name: [(one.connection, one.title.title_id) for one in own]
        for name, own in owners.items()
    } == {"a": [("tv", 5)], "b": []}


@pytest.mark.parametrize(
    ("one", "other", "continuing"),
    [
        (True, False, True),
        (True, None, True),
        (False, False, False),
        (False, None, None),
        (None, None, None),
    ],
)
async def test_a_series_goes_on_if_anybody_says_so(
    stored: Stored, one: bool | None, other: bool | None, continuing: bool | None
) -> None:
    """A missing answer could be one."""
    stored.have(
        show("a", "/tv/Show", tvdb="1"),
        show("b", "/4k/Show", tvdb="1"),
    )
    await stored.read(
        sonarr=[
            named("hd", Server([series(1, continuing=one, tvdb="1")])),
            named("4k", Server([series(1, "/4k/Show", continuing=other, tvdb="1")])),
        ]
    )
    for name in "ab":
        assert stored.owned[name] == OwnedFacts(
            item_id=name, continuing=continuing, group="a", owners=2
        )


async def test_a_series_in_doubt_has_no_owners(stored: Stored) -> None:
    """Nobody is asked about its episodes."""
    stored.have(show("show", "/tv/Elsewhere", tvdb="1"), part("e", 1, "/tv/E/1.mkv"))
    sonarr = Server([series(1, tvdb="1")])
    await stored.read(sonarr=[named("tv", sonarr)])
    assert stored.owned["show"].doubt == Doubt.PATH
    assert stored.series_owners.owners == {}


# --- requests -------------------------------------------------------------------------


async def test_who_asked_for_what(stored: Stored) -> None:
    """Of all Seerrs, each requester once; ``None`` where it cannot be told."""
    stored.have(
        film("a", "/m/A", tmdb="1"),
        film("b", "/m/B", tmdb="2"),
        film("c", "/m/C"),
        show("d", tvdb="9"),
    )
    first = Server(asked_for=[request(1, who=1, tmdb="1"), request(2, who=2, tmdb="1")])
    second = Server(
        asked_for=[request(3, who=1, tmdb="1"), request(4, SERIES, who=3, tvdb="9")]
    )
    trouble = await stored.read(seerr=[named("one", first), named("two", second)])
    assert trouble == {"one": None, "two": None}
    assert stored.answers[Source.SEERR] is True
    assert stored.requests == {
        "a": (Requester(request_user_id=1), Requester(request_user_id=2)),
        "b": (),
        "c": None,
        "d": (Requester(request_user_id=3),),
    }


@pytest.mark.parametrize("silent", ["one", "two"])
async def test_a_seerr_that_is_silent(stored: Stored, silent: str) -> None:
    """Nobody knows then who asked for a title; the other one is asked all the same."""
    stored.have(film("a", "/m/A", tmdb="1"))
    servers = {
        name: Server(asked_for=[request(1, tmdb="1")]) for name in ("one", "two")
    }
    servers[silent].error = BadAnswer("Seerr", "no")
    trouble = await stored.read(seerr=[named(*one) for one in servers.items()])
    assert trouble == {"one": None, "two": None, silent: servers[silent].error}
    assert stored.answers[Source.SEERR] is False
    assert stored.requests is None
    assert all(one.asked == ["requests"] for one in servers.values())


# --- episodes -------------------------------------------------------------------------


def shelf(
    *files: ArrFile, inside: Mapping[int, int] | None = None
) -> tuple[list[ArrEpisode], list[ArrFile]]:
    """Return episodes by number with the ids of their files, and these."""
    inside = inside or {one.file_id: one.file_id for one in files}
    return [
        ArrEpisode(
            episode_id=number, series_id=1, season=1, episode=number, file_id=file_id
        )
        for number, file_id in inside.items()
    ], list(files)


def video(file_id: int, name: str, size: int | None = 7) -> ArrFile:
    """Return a file of a series."""
    return ArrFile(
        file_id=file_id,
        path=f"/tv/Show/{name}.mkv",
        size_bytes=size,
        added_at=NOW + timedelta(hours=file_id),
    )


@pytest.fixture
def sonarr(stored: Stored) -> Server:
    """Return a Sonarr with a series of three episodes, two of them in one file."""
    stored.have(
        show("show", "/tv/Show", tvdb="1"),
        part("e1", 1, "/tv/Show/1.mkv"),
        part("e2", 2, "/tv/Show/2-3.mkv"),
        part("e3", 3, "/tv/Show/2-3.mkv"),
        show("other", "/tv/Other", tvdb="2"),
        part("o1", 1, "/tv/Other/1.mkv", "other"),
    )
    return Server(
        [series(1, tvdb="1"), series(2, "/tv/Other", tvdb="2")],
        shelves={
            1: shelf(video(1, "1"), video(2, "2-3"), inside={1: 1, 2: 2, 3: 2}),
            2: shelf(
                ArrFile(file_id=9, path="/tv/Other/1.mkv", size_bytes=90),
                inside={1: 9},
            ),
        },
    )


async def test_what_sonarr_says_of_episodes(stored: Stored, sonarr: Server) -> None:
    """Sizes and dates; what shares a file has none of its own."""
    await stored.read(sonarr=[named("tv", sonarr)])
    sonarr.asked.clear()
    assert await read_shelves(
        stored.ledger, stored.connections, stored.series_owners, ["show"]
    )
    ((series_id, facts),) = stored.episodes
    assert series_id == "show"
    assert facts == {
        "e1": OwnedFacts(
            item_id="e1",
            size_bytes=7,
            file_added_at=NOW + timedelta(hours=1),
            owners=1,
            exact=True,
        ),
        "e2": OwnedFacts(
            item_id="e2", file_added_at=NOW + timedelta(hours=2), group="e2", owners=1
        ),
        "e3": OwnedFacts(
            item_id="e3", file_added_at=NOW + timedelta(hours=2), group="e2", owners=1
        ),
    }
    assert sonarr.asked == [1]


async def test_nothing_is_asked_twice_without_a_change(
    stored: Stored, sonarr: Server
) -> None:
    """Neither Sonarr's row nor an episode's path is another one."""
    tv = [named("tv", sonarr)]

    async def news(*series_ids: str) -> bool:
        await stored.read(sonarr=tv)
        sonarr.asked.clear()
        return await read_shelves(
            stored.ledger, stored.connections, stored.series_owners, series_ids
        )

    assert await news("show", "other") is True
    assert sonarr.asked == [1, 2]
    assert await news("show", "other") is False
    assert sonarr.asked == []
    # What comes after something known is asked all the same.
    sonarr.titles[1] = series(2, "/tv/Other", continuing=True, tvdb="2")
    assert await news("show", "other") is True
    assert sonarr.asked == [2]
    stored.have(
        show("show", "/tv/Show", tvdb="1"), part("e1", 1, "/tv/Show/renamed.mkv")
    )
    assert await news("show") is True
    assert sonarr.asked == [1]
    assert await news("nobody's") is True
    assert sonarr.asked == []


async def test_without_a_sonarr_nothing_is_asked(
    stored: Stored, sonarr: Server
) -> None:
    """Nor while one is silent: nobody knows then whose series it is."""
    await stored.read(sonarr=[named("tv", sonarr)])
    owners = stored.series_owners
    connections = stored.connections
    assert bool(owners.owners)
    sonarr.error = BadAnswer("Sonarr", "no")
    trouble = await stored.read(sonarr=[named("tv", sonarr)])
    assert trouble == {"tv": sonarr.error}
    assert owners == SeriesOwners(owners=None, read=owners.read)
    assert stored.answers[Source.SONARR] is False
    sonarr.error = None
    sonarr.asked.clear()
    assert not await read_shelves(stored.ledger, connections, owners, ["show"])
    assert sonarr.asked == []


async def test_a_sonarr_that_is_gone_is_not_asked(
    stored: Stored, sonarr: Server
) -> None:
    """What it had is nobody's."""
    await stored.read(sonarr=[named("tv", sonarr)])
    sonarr.asked.clear()
    assert await read_shelves(
        stored.ledger, Connections(), stored.series_owners, ["show"]
    )
    assert sonarr.asked == []
    assert stored.episodes[0][1]["e1"] == OwnedFacts(item_id="e1")


async def test_doubtful_episodes_are_read_with_every_sync(
    stored: Stored, sonarr: Server
) -> None:
    """A doubt keeps off the plan, and only what is on the plan is read otherwise."""
    tv = [named("tv", sonarr)]
    right = sonarr.shelves[1]
    sonarr.shelves[1] = shelf(video(1, "replaced"), inside={1: 1})
    await stored.read(sonarr=tv)
    assert 1 not in sonarr.asked
    await read_shelves(
        stored.ledger, stored.connections, stored.series_owners, ["show"]
    )
    assert stored.episodes[-1][1]["e1"].doubt == Doubt.PATH
    sonarr.asked.clear()
    # Nothing has changed.
    await stored.read(sonarr=tv)
    assert 1 not in sonarr.asked
    sonarr.titles[0] = series(1, continuing=True, tvdb="1")
    sonarr.shelves[1] = right
    await stored.read(sonarr=tv)
    assert sonarr.asked[-1] == 1
    assert stored.episodes[-1][1]["e1"].doubt is None


async def test_a_shelf_that_fails_is_no_trouble(
    stored: Stored, sonarr: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doubt stays, and with it the episode."""
    tv = [named("tv", sonarr)]
    sonarr.shelves[1] = shelf(video(1, "replaced"), inside={1: 1})
    await stored.read(sonarr=tv)
    await read_shelves(
        stored.ledger, stored.connections, stored.series_owners, ["show"]
    )
    sonarr.titles[0] = series(1, continuing=True, tvdb="1")

    async def fail(*_: object) -> None:
        raise BadAnswer("Sonarr", "no")

    monkeypatch.setattr(sonarr, "episodes_and_files", fail)
    assert await stored.read(sonarr=tv) == {"tv": None}


async def test_a_shelf(sonarr: Server) -> None:
    """With the map of its server."""
    found = await read_shelf(named("tv", sonarr, ("/tv", "/shows")), 2)
    assert found.connection == "tv"
    assert found.path_map == (("/tv", "/shows"),)
    assert (found.episodes, found.files) == sonarr.shelves[2]
    assert sonarr.asked == [2]


async def test_versions_of_an_episode_are_told_by_their_files(
    stored: Stored, sonarr: Server
) -> None:
    """Also the one that Jellyfin does not name first."""
    item = MediaItem(
        item_id="e1",
        kind=EPISODE,
        title="",
        library_id="1",
        path="/tv/Show/other.mkv",
        series_id="show",
        season=7,
        episode=7,
        source_count=2,
    )
    stored.have(show("show", "/tv/Show", tvdb="1"), item)
    stored.ledger.store_files(
        [
            MediaFiles(
                item_id="e1",
                size_bytes=1,
                paths=("/tv/Show/other.mkv", "/tv/Show/1.mkv"),
            )
        ]
    )
    await stored.read(sonarr=[named("tv", sonarr)])
    await read_shelves(
        stored.ledger, stored.connections, stored.series_owners, ["show"]
    )
    assert stored.episodes[-1][1]["e1"].owners == 1


# --- sizes ----------------------------------------------------------------------------


async def sizes(
    stored: Stored, jellyfin: Server, *targets: tuple[MediaKind, str]
) -> bool:
    """Learn the sizes of what is planned."""
    client: Any = jellyfin
    return await learn_sizes(
        stored.ledger, client, stored.connections, stored.series_owners, targets
    )


async def test_sizes_of_episodes_come_from_sonarr(
    stored: Stored, sonarr: Server
) -> None:
    """Jellyfin is asked for the rest, and nobody for what is known."""
    await stored.read(sonarr=[named("tv", sonarr)])
    jellyfin = Server(sizes={"e2": 5})
    sonarr.asked.clear()
    plan = [(MediaKind.SEASON, "e1"), (EPISODE, "e2")]
    assert await sizes(stored, jellyfin, *plan) is True
    assert (sonarr.asked, jellyfin.asked) == ([1], [["e2"]])
    assert stored.ledger.sizes(["e1", "e2"]) == {"e1": 7, "e2": 5}
    assert await sizes(stored, jellyfin, *plan) is False
    assert (sonarr.asked, jellyfin.asked) == ([1], [["e2"]])
    # Also where only Sonarr had something new.
    assert await sizes(stored, jellyfin, (EPISODE, "o1")) is True
    assert stored.ledger.sizes(["o1"]) == {"o1": 90}


async def test_sizes_of_movies_come_from_jellyfin(
    stored: Stored, sonarr: Server
) -> None:
    """Sonarr is not asked about them."""
    await stored.read(sonarr=[named("tv", sonarr)])
    stored.have(film("a", "/m/A"), show("show", "/tv/Show", tvdb="1"))
    sonarr.asked.clear()
    jellyfin = Server(sizes={"a": 3})
    assert await sizes(stored, jellyfin, (MOVIE, "a")) is True
    assert (sonarr.asked, jellyfin.asked) == ([], [["a"]])
    assert await sizes(stored, jellyfin) is False


async def test_a_sonarr_that_fails_costs_its_sizes_only(
    stored: Stored, sonarr: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Jellyfin is asked in its place."""
    caplog.set_level(logging.DEBUG, "custom_components.oxicleanarr")
    await stored.read(sonarr=[named("tv", sonarr)])
    sonarr.error = BadAnswer("Sonarr", "no")
    jellyfin = Server(sizes={"e1": 5})
    assert await sizes(stored, jellyfin, (EPISODE, "e1")) is True
    assert stored.ledger.sizes(["e1"]) == {"e1": 5}
    assert "Episodes of Sonarr are not known yet: Sonarr: no" in caplog.messages


async def test_a_jellyfin_that_fails_costs_sizes_only(
    stored: Stored, sonarr: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """What Sonarr has told is news all the same."""
    caplog.set_level(logging.DEBUG, "custom_components.oxicleanarr")
    await stored.read(sonarr=[named("tv", sonarr)])
    jellyfin = Server(sizes={"e2": 1}, error=BadAnswer("Jellyfin", "no"))
    plan = [(EPISODE, "e1"), (EPISODE, "e2")]
    assert await sizes(stored, jellyfin, *plan) is True
    assert "Sizes are not known yet: Jellyfin: no" in caplog.messages
    assert await sizes(stored, jellyfin, *plan) is False


async def test_no_more_than_a_thousand_sizes_at_once(stored: Stored) -> None:
    """The first on the plan are the first to be told."""
    await stored.read()
    films = [film(f"f{number}", f"/m/{number}") for number in range(1001)]
    stored.have(*films)
    jellyfin = Server(sizes={one.item_id: 1 for one in films})
    plan = [(MOVIE, one.item_id) for one in films]
    assert await sizes(stored, jellyfin, *plan) is True
    assert [one for asked in jellyfin.asked for one in asked] == [
        one.item_id for one in films[:1000]
    ]
    # By a hundred at a time.
    assert {len(asked) for asked in jellyfin.asked} == {100}
