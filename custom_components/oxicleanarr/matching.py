"""Which title of Radarr or Sonarr is which item of Jellyfin.

Told by provider ids, then by path, never by a title's name and never across kinds of
media. All that belongs together forms one match, which stands or falls as a whole. A
match with a doubt is never deleted: what the servers say contradicts itself, or a file
would go that Jellyfin does not show.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from itertools import combinations
import unicodedata

from .model import (
    ArrEpisode,
    ArrFile,
    ArrMovie,
    ArrSeries,
    ArrTitle,
    MediaFiles,
    MediaItem,
    MediaKind,
    RootFolder,
    SeerrRequest,
)

type PathMap = Sequence[tuple[str, str]]
"""Prefixes of an *arr's paths, and what Jellyfin sees in their place."""


class Doubt(StrEnum):
    """Why a match may not be deleted."""

    IDS = "ids"
    """Some provider ids agree, others do not."""
    PATH = "path"
    """Ids and path contradict each other."""
    AMBIGUOUS = "ambiguous"
    """One server has several titles that fit."""
    UNSEEN_COPY = "unseen_copy"
    """There is another copy, which Jellyfin does not show."""
    UNTOLD = "untold"
    """It cannot be told which file it is, or what else is in it."""


_BECAUSE = {
    Doubt.IDS: "its provider ids agree in part only",
    Doubt.PATH: "provider ids and path contradict each other",
    Doubt.AMBIGUOUS: "more than one title of the same server fits",
    Doubt.UNSEEN_COPY: "there is another copy of it that Jellyfin does not show",
    Doubt.UNTOLD: "it cannot be told which file it is, or what else is in that file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog[T: ArrTitle]:
    """All titles of one Radarr or Sonarr."""

    connection: str
    """Names the server among the others; ids of titles mean nothing without it."""
    titles: Sequence[T]
    path_map: PathMap = ()


@dataclass(frozen=True, slots=True)
class Owner[T: ArrTitle]:
    """A title, and the server that owns it."""

    connection: str
    title: T


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleMatch[T: ArrTitle]:
    """Items of Jellyfin, and the titles that they are."""

    items: tuple[MediaItem, ...]
    owners: tuple[Owner[T], ...] = ()
    """Empty: no *arr knows it."""
    owners_of: Mapping[str, tuple[Owner[T], ...]]
    """By the id of each item those that own this copy, or nothing yet; none for what
    has owners of which it cannot be told which is its own."""
    doubt: Doubt | None = None

    @property
    def because(self) -> str:
        """Return why it may not be deleted, as the end of a sentence."""
        return "" if self.doubt is None else _BECAUSE[self.doubt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A series of one Sonarr, as it is now: its episodes and files."""

    connection: str
    episodes: Sequence[ArrEpisode]
    files: Sequence[ArrFile]
    path_map: PathMap = ()


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A file, the server that owns it, and all episodes that are in it."""

    connection: str
    file: ArrFile
    episodes: tuple[ArrEpisode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeMatch:
    """Episodes of Jellyfin and the files they are in: all of it goes, or nothing."""

    items: tuple[MediaItem, ...]
    files: tuple[OwnedFile, ...] = ()
    """Empty: no Sonarr knows it."""
    doubt: Doubt | None = None

    @property
    def because(self) -> str:
        """Return why it may not be deleted, as the end of a sentence."""
        return "" if self.doubt is None else _BECAUSE[self.doubt]


# The order in which providers are asked. Their ids never mix: the numbers of films and
# of series at one provider overlap.
_PROVIDERS = {
    MediaKind.MOVIE: ("tmdb", "imdb"),
    MediaKind.SERIES: ("tvdb", "tmdb", "imdb"),
}


def match_movies(
    items: Iterable[MediaItem],
    catalogs: Sequence[Catalog[ArrMovie]],
    files: Mapping[str, MediaFiles] | None = None,
) -> list[TitleMatch[ArrMovie]]:
    """Return the movies among the items with their titles, each item once.

    ``files`` helps with items of several versions, by item id.
    """
    return _match(MediaKind.MOVIE, items, catalogs, files or {})


def match_series(
    items: Iterable[MediaItem], catalogs: Sequence[Catalog[ArrSeries]]
) -> list[TitleMatch[ArrSeries]]:
    """Return the series among the items with their titles, each item once."""
    return _match(MediaKind.SERIES, items, catalogs, {})


class _Ids(IntEnum):
    """What provider ids say about two things being one."""

    SILENT = 0
    OTHER = 1
    MIXED = 2
    SAME = 3


class _Place(IntEnum):
    """What paths say about two things being one; only from ALIKE on it is a match."""

    UNKNOWN = 0
    OTHER = 1
    NAMESAKE = 2
    """The same name in a folder of another name: it is no contradiction."""
    ALIKE = 3
    """The last two parts are the same: other mounts may stand before them."""
    SAME = 4


@dataclass(slots=True)
class _Located[T: ArrTitle]:
    """A title where Jellyfin would see it."""

    owner: Owner[T]
    kind: MediaKind
    folder: str | None
    file: str | None
    mapped: bool
    owns_folder: bool

    @property
    def spot(self) -> str | None:
        """Return the path that Jellyfin would show."""
        return self.folder if self.kind is MediaKind.SERIES else self.file

    @property
    def empty(self) -> bool:
        """Return whether nothing is there that a path could lead to."""
        return self.owner.title.has_file is False

    def place(self, paths: Sequence[str], *, all_known: bool) -> _Place:
        """Return what the paths of an item say."""
        if self.empty or not paths or not (self.folder or self.file):
            return _Place.UNKNOWN
        found = max(map(self._place, paths))
        if found is _Place.OTHER and not all_known:
            return _Place.UNKNOWN
        return found

    def _place(self, path: str) -> _Place:
        if path == self.spot:
            return _Place.SAME
        in_folder = self.kind is MediaKind.MOVIE and self.owns_folder
        if in_folder and self.folder and path.startswith(f"{self.folder}/"):
            return _Place.SAME
        mine = self.spot
        if mine is not None:
            if mine.casefold() == path.casefold():
                return _Place.ALIKE
            if not self.mapped and _tail(mine) == _tail(path):
                return _Place.ALIKE
        if not self.mapped:
            names = {_name(mine)} if mine else set()
            if _name(path) in names:
                return _Place.NAMESAKE
            if in_folder and self.folder and _name(self.folder) == _name(_up(path)):
                return _Place.NAMESAKE
        return _Place.OTHER


@dataclass(slots=True)
class _Index[T: ArrTitle]:
    """Titles by all that an item can be looked up by."""

    by_id: dict[tuple[str, str], list[_Located[T]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_path: dict[str, list[_Located[T]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_tail: dict[str, list[_Located[T]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, one: _Located[T]) -> None:
        """Take in a title."""
        for provider, value in _ids(one.owner.title.provider_ids, one.kind).items():
            self.by_id[provider, value].append(one)
        if one.empty:
            return
        if one.spot:
            self.by_path[one.spot].append(one)
            self.by_tail[_tail(one.spot)].append(one)
        if one.kind is MediaKind.MOVIE and one.folder and one.owns_folder:
            self.by_path[one.folder].append(one)

    def at(self, path: str, kind: MediaKind) -> list[_Located[T]]:
        """Return the titles at a path, for a movie also those around it."""
        found = self.by_path.get(path, [])
        while not found and kind is MediaKind.MOVIE and "/" in path:
            path = _up(path)
            found = self.by_path.get(path, [])
        return found


@dataclass(slots=True)
class _Link[T: ArrTitle]:
    """An item and a title that may be one."""

    item: MediaItem
    located: _Located[T]
    ids: _Ids
    place: _Place

    @property
    def doubt(self) -> Doubt | None:
        """Return what the two say against being one."""
        if self.ids is _Ids.MIXED and self.place is not _Place.SAME:
            return Doubt.IDS
        if self.ids is _Ids.OTHER:
            return Doubt.PATH
        return None


def _match[T: ArrTitle](
    kind: MediaKind,
    items: Iterable[MediaItem],
    catalogs: Sequence[Catalog[T]],
    files: Mapping[str, MediaFiles],
) -> list[TitleMatch[T]]:
    index: _Index[T] = _Index()
    for catalog in catalogs:
        for title in catalog.titles:
            index.add(_locate(kind, catalog, title))
    own = [item for item in items if item.kind is kind]
    groups: _Groups = _Groups()
    links: list[_Link[T]] = []
    for item in own:
        groups.add(item.item_id)
        for link in _links(item, index, files.get(item.item_id)):
            links.append(link)
            groups.join(item.item_id, _owner_key(link.located.owner))
    by_group: dict[Hashable, list[_Link[T]]] = defaultdict(list)
    for link in links:
        by_group[groups.root(link.item.item_id)].append(link)
    members: dict[Hashable, list[MediaItem]] = defaultdict(list)
    for item in own:
        members[groups.root(item.item_id)].append(item)
    return [
        _title_match(kind, together, by_group[root])
        for root, together in members.items()
    ]


def _locate[T: ArrTitle](kind: MediaKind, catalog: Catalog[T], title: T) -> _Located[T]:
    path = title.file.path if isinstance(title, ArrMovie) and title.file else None
    folder, mapped = _translate(title.path, catalog.path_map)
    file, file_mapped = _translate(path, catalog.path_map)
    root, _ = _translate(title.root_folder, catalog.path_map)
    return _Located(
        owner=Owner(catalog.connection, title),
        kind=kind,
        folder=folder,
        file=file,
        mapped=mapped or file_mapped,
        owns_folder=folder is not None and folder != root,
    )


def _links[T: ArrTitle](
    item: MediaItem, index: _Index[T], files: MediaFiles | None
) -> list[_Link[T]]:
    """Return the titles that an item may be, by its ids and by its path."""
    paths = _paths(item, files)
    all_known = bool(paths) and (
        item.source_count <= 1
        or (files is not None and len(files.paths) >= item.source_count)
    )
    found: dict[Hashable, _Link[T]] = {}

    def link(located: _Located[T]) -> None:
        key = _owner_key(located.owner)
        if key not in found:
            found[key] = _Link(
                item,
                located,
                _compare(
                    item.provider_ids, located.owner.title.provider_ids, item.kind
                ),
                located.place(paths, all_known=all_known),
            )

    for pair in _ids(item.provider_ids, item.kind).items():
        for located in index.by_id.get(pair, ()):
            link(located)
    for path in paths:
        for located in index.at(path, item.kind):
            link(located)
    # Without a better reason, the end of the path has to do.
    settled = any(
        one.place is _Place.SAME
        or (one.ids is not _Ids.OTHER and one.place is not _Place.OTHER)
        for one in found.values()
    )
    if not settled:
        for path in paths:
            for located in index.by_tail.get(_tail(path), ()):
                if located.place([path], all_known=True) >= _Place.ALIKE:
                    link(located)
    links = list(found.values())
    if item.source_count <= 1 and any(one.place is _Place.SAME for one in links):
        # One file lies in one place only.
        for one in links:
            if one.place in (_Place.NAMESAKE, _Place.ALIKE):
                one.place = _Place.OTHER
    return links


def _title_match[T: ArrTitle](
    kind: MediaKind, items: Sequence[MediaItem], links: Sequence[_Link[T]]
) -> TitleMatch[T]:
    owners = {_owner_key(link.located.owner): link.located for link in links}
    return TitleMatch(
        items=tuple(items),
        owners=tuple(located.owner for located in owners.values()),
        doubt=_doubt_about(kind, items, links, list(owners.values())),
        owners_of={
            item.item_id: tuple(
                link.located.owner
                for link in _own_links(item, links, alone=len(items) == 1)
            )
            for item in items
        },
    )


def _own_links[T: ArrTitle](
    item: MediaItem, links: Sequence[_Link[T]], *, alone: bool
) -> list[_Link[T]]:
    """Return the links to those that own this one of several copies."""
    own = [link for link in links if link.item.item_id == item.item_id]
    if alone:
        return own
    placed = [link for link in own if link.place >= _Place.ALIKE] or [
        link for link in own if link.place is _Place.NAMESAKE
    ]
    return placed + [link for link in own if link.located.empty] if placed else []


def _doubt_about[T: ArrTitle](
    kind: MediaKind,
    items: Sequence[MediaItem],
    links: Sequence[_Link[T]],
    owners: Sequence[_Located[T]],
) -> Doubt | None:
    for link in links:
        if link.doubt is not None:
            return link.doubt
    places: dict[Hashable, list[_Place]] = defaultdict(list)
    for link in links:
        if not link.located.empty:
            places[link.item.item_id].append(link.place)
            places[_owner_key(link.located.owner)].append(link.place)
    for item in items:
        own = places.get(item.item_id)
        if own and all(place is _Place.OTHER for place in own):
            return Doubt.PATH
        servers = [
            link.located.owner.connection
            for link in links
            if link.item.item_id == item.item_id
        ]
        if len(servers) != len(set(servers)):
            return Doubt.AMBIGUOUS
    for one, other in combinations(items, 2):
        ids = _compare(one.provider_ids, other.provider_ids, kind)
        if ids in (_Ids.MIXED, _Ids.OTHER):
            return Doubt.IDS
    filled = [located for located in owners if not located.empty]
    for located in filled:
        own = places[_owner_key(located.owner)]
        if all(place is _Place.OTHER for place in own):
            return Doubt.UNSEEN_COPY
    copies = sum(item.source_count for item in items)
    if len(filled) > (copies if kind is MediaKind.MOVIE else len(items)):
        return Doubt.UNSEEN_COPY
    return None


def match_episodes(
    items: Iterable[MediaItem],
    shelves: Sequence[Shelf],
    files: Mapping[str, MediaFiles] | None = None,
) -> list[EpisodeMatch]:
    """Return the episodes of one match of series with their files, each item once.

    The file's name decides before the numbers, which differ between Jellyfin and
    Sonarr where a series has more than one order. Numbers find the copies of it on
    other shelves, and what has no path.
    """
    own = [item for item in items if item.kind is MediaKind.EPISODE]
    stock = [_Stock.of(shelf) for shelf in shelves]
    groups = _Groups()
    doubts: dict[Hashable, Doubt] = {}
    by_path: set[Hashable] = set()
    elsewhere: dict[Hashable, bool] = {}
    owned: dict[Hashable, OwnedFile] = {}
    covered: dict[Hashable, set[tuple[int, int]]] = defaultdict(set)
    paths_of = {
        item.item_id: _paths(item, (files or {}).get(item.item_id)) for item in own
    }
    # What somebody has a better claim to is no namesake's of another folder.
    best: dict[Hashable, _Claim] = {}
    for paths in paths_of.values():
        for claim, owned_file in (one for each in stock for one in each.claims(paths)):
            key = _file_key(owned_file)
            best[key] = max(claim, best.get(key, claim))
    for item in own:
        groups.add(item.item_id)
        paths = paths_of[item.item_id]
        numbers = _numbers(item)
        named = {
            shelf.connection: found
            for shelf in stock
            if (found := shelf.named(paths, best, exact=True))
        } or {
            shelf.connection: found
            for shelf in stock
            if (found := shelf.named(paths, best, exact=False))
        }
        hidden = item.source_count > max(1, len(paths))
        for shelf in stock:
            for owned_file in named.get(shelf.connection, ()):
                key = _file_key(owned_file)
                owned[key] = owned_file
                by_path.add(key)
                groups.join(item.item_id, key)
            if shelf.connection in named:
                continue
            for owned_file in shelf.numbered(numbers):
                key = _file_key(owned_file)
                owned[key] = owned_file
                covered[key] |= numbers
                elsewhere[key] = elsewhere.get(key, True) and bool(named)
                groups.join(item.item_id, key)
                if not named and paths and owned_file.file.path and not hidden:
                    doubts[item.item_id] = Doubt.PATH
        if stock and not named and not paths and not numbers:
            doubts[item.item_id] = Doubt.UNTOLD
    for key, owned_file in owned.items():
        if key in by_path:
            continue
        if elsewhere[key]:
            doubts[key] = Doubt.UNSEEN_COPY
        elif not _inside(owned_file) <= covered[key]:
            doubts[key] = Doubt.UNTOLD
    return _episode_matches(own, owned, doubts, groups)


def _episode_matches(
    items: Sequence[MediaItem],
    owned: Mapping[Hashable, OwnedFile],
    doubts: Mapping[Hashable, Doubt],
    groups: _Groups,
) -> list[EpisodeMatch]:
    doubted: dict[Hashable, Doubt] = {}
    for key, doubt in doubts.items():
        doubted.setdefault(groups.root(key), doubt)
    held: dict[Hashable, list[OwnedFile]] = defaultdict(list)
    for key, owned_file in owned.items():
        held[groups.root(key)].append(owned_file)
    members: dict[Hashable, list[MediaItem]] = defaultdict(list)
    for item in items:
        members[groups.root(item.item_id)].append(item)
    for root, together in members.items():
        if len(held[root]) > sum(item.source_count for item in together):
            doubted.setdefault(root, Doubt.UNSEEN_COPY)
    return [
        EpisodeMatch(
            items=tuple(together),
            files=tuple(held[root]),
            doubt=doubted.get(root),
        )
        for root, together in members.items()
    ]


class _Claim(IntEnum):
    """Why an episode of Jellyfin may be a file."""

    NAME = 1
    TAIL = 2
    PATH = 3


@dataclass(slots=True)
class _Stock:
    """The files of a shelf by all that an episode can be looked up by."""

    connection: str
    by_path: dict[str, OwnedFile]
    by_name: dict[str, list[OwnedFile]]
    """By tail and by name alone, of those whose full path is not known to Jellyfin."""
    by_number: dict[tuple[int, int], OwnedFile]

    @classmethod
    def of(cls, shelf: Shelf) -> _Stock:
        """Sort a shelf."""
        inside: dict[int, list[ArrEpisode]] = defaultdict(list)
        for episode in shelf.episodes:
            if episode.file_id is not None:
                inside[episode.file_id].append(episode)
        by_path: dict[str, OwnedFile] = {}
        by_name: dict[str, list[OwnedFile]] = defaultdict(list)
        by_number: dict[tuple[int, int], OwnedFile] = {}
        for file in shelf.files:
            owned = OwnedFile(shelf.connection, file, tuple(inside[file.file_id]))
            for number in _inside(owned):
                by_number[number] = owned
            path, mapped = _translate(file.path, shelf.path_map)
            if path is None:
                continue
            by_path[path] = owned
            names = {path.casefold()} if mapped else {_tail(path), _name(path)}
            for name in names:
                by_name[name].append(owned)
        return cls(shelf.connection, by_path, by_name, by_number)

    def claims(self, paths: Iterable[str]) -> Iterator[tuple[_Claim, OwnedFile]]:
        """Yield the files at these paths, and those whose names leave no choice."""
        for path in paths:
            if path in self.by_path:
                yield _Claim.PATH, self.by_path[path]
            for claim, name in (
                (_Claim.TAIL, path.casefold()),
                (_Claim.TAIL, _tail(path)),
                (_Claim.NAME, _name(path)),
            ):
                if len(files := self.by_name.get(name, [])) == 1:
                    yield claim, files[0]

    def named(
        self, paths: Sequence[str], best: Mapping[Hashable, _Claim], *, exact: bool
    ) -> list[OwnedFile]:
        """Return the files at these paths, or those to which nobody has a better claim."""
        found: dict[Hashable, OwnedFile] = {}
        for path in paths:
            for claim, owned_file in self.claims([path]):
                key = _file_key(owned_file)
                if (claim is _Claim.PATH) is exact and claim is best[key]:
                    found[key] = owned_file
                    break
        return list(found.values())

    def numbered(self, numbers: Iterable[tuple[int, int]]) -> list[OwnedFile]:
        """Return the files in which these episodes are."""
        found = (self.by_number.get(number) for number in sorted(numbers))
        return list({_file_key(one): one for one in found if one is not None}.values())


def match_requests(
    items: Iterable[MediaItem], requests: Iterable[SeerrRequest]
) -> dict[str, tuple[SeerrRequest, ...] | None]:
    """Return by item id who asked for a movie or series, newest request first.

    Declined requests are none. ``None``: it cannot be told, because the item has no
    provider id, or because ids agree in part only.
    """
    index: dict[tuple[MediaKind, str, str], list[SeerrRequest]] = defaultdict(list)
    for request in requests:
        if request.kind is None or request.declined:
            continue
        for provider, value in _ids(request.provider_ids, request.kind).items():
            index[request.kind, provider, value].append(request)
    found: dict[str, tuple[SeerrRequest, ...] | None] = {}
    for item in items:
        if item.kind not in _PROVIDERS:
            continue
        ids = _ids(item.provider_ids, item.kind)
        own = {
            request.request_id: request
            for provider, value in ids.items()
            for request in index.get((item.kind, provider, value), ())
        }
        mixed = any(
            _compare(item.provider_ids, request.provider_ids, item.kind)
            is not _Ids.SAME
            for request in own.values()
        )
        if not ids or mixed:
            found[item.item_id] = None
        else:
            found[item.item_id] = tuple(own[key] for key in sorted(own, reverse=True))
    return found


def folder_objection(
    title: ArrTitle, titles: Iterable[ArrTitle], root_folders: Iterable[RootFolder]
) -> str | None:
    """Return why a title's folder may not be removed with its entry, or ``None``.

    The folder has to lie below a root folder and must hold no other title of the same
    server: an *arr removes all that is in it, or, in silence, nothing.
    """
    folder = _normal(title.path)
    if folder is None:
        return "its folder is not known"
    roots = {_normal(root.path) for root in root_folders} | {_normal(title.root_folder)}
    known = [root for root in roots if root is not None]
    if any(_holds(folder, root) for root in known):
        return "its folder is a root folder or has one in it"
    if not any(_holds(root, folder) for root in known):
        return "its folder is in none of the root folders"
    for other in titles:
        if other.title_id == title.title_id:
            continue
        path = _normal(other.path)
        if path is None:
            return "the folder of another title is not known"
        if _holds(folder, path):
            return f"the folder of “{other.title}” is the same or in it"
    return None


def shown_files(
    items: Iterable[MediaItem], files: Mapping[str, MediaFiles]
) -> list[tuple[str, MediaItem]]:
    """Return the paths of all items for ``neighbour_objection``, made ready once."""
    return [
        (path.casefold(), item)
        for item in items
        for path in _paths(item, files.get(item.item_id))
    ]


def neighbour_objection(
    title: ArrTitle,
    path_map: PathMap,
    own: Collection[str],
    shown: Iterable[tuple[str, MediaItem]],
) -> str | None:
    """Return why a title's folder may not go for what Jellyfin shows in it, or ``None``.

    ``own`` are the ids of the items that go with it: these say where Jellyfin sees the
    folder, if it is not where the *arr does.
    """
    folder, _ = _translate(title.path, path_map)
    if not folder:
        return "its folder is not known"
    folders: set[str] = set()
    gone: set[str] = set()
    others: list[tuple[str, MediaItem]] = []
    for path, item in shown:
        if item.item_id not in own:
            others.append((path, item))
            continue
        gone.add(path)
        if found := _folder_above(path, folder.casefold()):
            folders.add(f"{found}/")
    if not folders:
        return "it is not known where Jellyfin sees its folder"
    inside = tuple(folders)
    for path, item in others:
        if path.startswith(inside) and path not in gone:
            return f"“{item.title}” lies in its folder"
    return None


def same_name(path: str, other: str) -> bool:
    """Return whether two paths end in the same name: other mounts may stand before."""
    return _name(_normal(path) or "") == _name(_normal(other) or "")


def _folder_above(path: str, folder: str) -> str | None:
    """Return the folder around a file, or the outermost one that bears its name."""
    if path.startswith(f"{folder}/"):
        return folder
    parts = path.split("/")
    for count, part in enumerate(parts[:-1], start=1):
        if part == _name(folder):
            return "/".join(parts[:count])
    return None


class _Groups:
    """Sets of things that belong together (union and find)."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._up: dict[Hashable, Hashable] = {}

    def add(self, one: Hashable) -> None:
        """Take in a thing, alone as long as nothing joins it."""
        self._up.setdefault(one, one)

    def root(self, one: Hashable) -> Hashable:
        """Return what stands for the set of a thing."""
        self.add(one)
        while (up := self._up[one]) != one:
            self._up[one] = self._up[up]
            one = up
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        """Put two things into one set."""
        self._up[self.root(other)] = self.root(one)


def _owner_key[T: ArrTitle](owner: Owner[T]) -> Hashable:
    return owner.connection, owner.title.title_id


def _file_key(owned: OwnedFile) -> Hashable:
    return owned.connection, owned.file.file_id


def _ids(provider_ids: Mapping[str, str], kind: MediaKind) -> dict[str, str]:
    """Return the ids that count for a kind of media, in the order of their weight."""
    found = {}
    for provider in _PROVIDERS[kind]:
        value = provider_ids.get(provider, "").strip().lower()
        if value and value != "0":
            found[provider] = value
    return found


def _compare(one: Mapping[str, str], other: Mapping[str, str], kind: MediaKind) -> _Ids:
    mine, theirs = _ids(one, kind), _ids(other, kind)
    agree = [mine[provider] == theirs[provider] for provider in mine.keys() & theirs]
    if not agree:
        return _Ids.SILENT
    if all(agree):
        return _Ids.SAME
    return _Ids.MIXED if any(agree) else _Ids.OTHER


def _numbers(item: MediaItem) -> set[tuple[int, int]]:
    """Return the episodes that an item is, as season and number."""
    if item.season is None or item.episode is None:
        return set()
    last = max(item.episode, item.episode_end or item.episode)
    return {(item.season, number) for number in range(item.episode, last + 1)}


def _inside(owned: OwnedFile) -> set[tuple[int, int]]:
    return {
        (episode.season, episode.episode)
        for episode in owned.episodes
        if episode.season is not None and episode.episode is not None
    }


def _paths(item: MediaItem, files: MediaFiles | None) -> list[str]:
    every = (item.path, *(files.paths if files is not None else ()))
    return list(dict.fromkeys(path for one in every if (path := _normal(one))))


def _normal(path: str | None) -> str | None:
    """Return a path in one way of writing; ``/`` itself is the empty text."""
    if not path:
        return None
    if "\\" in path and not path.startswith("/"):
        path = path.replace("\\", "/")
    path = unicodedata.normalize("NFC", path)
    start = "//" if path.startswith("//") else "/" if path.startswith("/") else ""
    return (start + "/".join(part for part in path.split("/") if part)).rstrip("/")


def _translate(path: str | None, path_map: PathMap) -> tuple[str | None, bool]:
    """Return where Jellyfin sees a path, and whether that is for certain."""
    known = _normal(path)
    if known is None:
        return None, False
    fitting = [
        (prefix, into)
        for prefix, into in _prefixes(path_map)
        if known == prefix or known.startswith(f"{prefix}/")
    ]
    if not fitting:
        return known, False
    prefix, into = max(fitting, key=lambda pair: len(pair[0]))
    return into + known[len(prefix) :], True


def _prefixes(path_map: PathMap) -> Iterator[tuple[str, str]]:
    for prefix, into in path_map:
        mine, theirs = _normal(prefix), _normal(into)
        if mine is not None and theirs is not None:
            yield mine, theirs


def _holds(folder: str, path: str) -> bool:
    """Return whether a path is the folder or in it; case is not trusted."""
    folder, path = folder.casefold(), path.casefold()
    return path == folder or path.startswith(f"{folder}/")


def _up(path: str) -> str:
    return path.rpartition("/")[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2].casefold()


def _tail(path: str) -> str:
    """Return the last two parts of a path, which no mount changes."""
    return "/".join(path.rsplit("/", 2)[-2:]).casefold()
