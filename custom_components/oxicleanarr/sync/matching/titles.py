"""Which title of Radarr or Sonarr is which item of Jellyfin.

Told by provider ids, then by path, never by a title's name and never across kinds of
media. All that belongs together forms one match, which stands or falls as a whole. A
match with a doubt is never deleted: what the servers say contradicts itself, or a file
would go that Jellyfin does not show.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import combinations

from ...model import ArrMovie, ArrSeries, ArrTitle, MediaFiles, MediaItem, MediaKind
from .doubt import Doubt
from .groups import Groups
from .ids import Ids, compare_ids, known_ids
from .paths import (
    PathMap,
    alike,
    in_one_folder,
    name_of,
    parent,
    paths_of,
    tail,
    translate,
)


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
    """By the id of each item those that own this copy, or nothing yet; none where it
    cannot be told which of the copies they own."""
    doubt: Doubt | None = None


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


# A tool that edits a file in place leaves another size than the servers have read.
_SAME_SIZE = 1.1


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
        """Return whether the server has no file of it; Jellyfin may have some all the same."""
        title = self.owner.title
        return title.has_file is False and not title.size_bytes

    def place(self, paths: Sequence[str], *, all_known: bool) -> _Place:
        """Return what the paths of an item say."""
        if self.empty or not paths or not (self.folder or self.file):
            # Parts and discs are in the folder of a title that has no file.
            inside = any(self._in_folder(path) for path in paths)
            return _Place.SAME if inside else _Place.UNKNOWN
        found = max(map(self._place, paths))
        if found is _Place.OTHER and not all_known:
            return _Place.UNKNOWN
        return found

    def _in_folder(self, path: str) -> bool:
        """Return whether a path is a movie's own folder, as a disc's is, or in it."""
        return (
            self.kind is MediaKind.MOVIE
            and self.owns_folder
            and bool(self.folder)
            and f"{path}/".startswith(f"{self.folder}/")
        )

    def is_around(self, paths: Iterable[str]) -> bool:
        """Return whether a movie's folder is that of a file or disc, or has its name."""
        folder = self.folder if self.owns_folder else None
        return folder is not None and any(
            self._in_folder(path)
            or (not self.mapped and name_of(folder) in path.casefold().split("/")[-2:])
            for path in paths
        )

    def _place(self, path: str) -> _Place:
        """Return what one path says."""
        if path == self.spot or self._in_folder(path):
            return _Place.SAME
        in_folder = self.kind is MediaKind.MOVIE and self.owns_folder
        mine = self.spot
        if mine is not None:
            if mine.casefold() == path.casefold():
                return _Place.ALIKE
            if not self.mapped and tail(mine) == tail(path):
                return _Place.ALIKE
        if not self.mapped:
            names = {name_of(mine)} if mine else set()
            if name_of(path) in names:
                return _Place.NAMESAKE
            if (
                in_folder
                and self.folder
                and name_of(self.folder) == name_of(parent(path))
            ):
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
        for provider, value in known_ids(
            one.owner.title.provider_ids, one.kind
        ).items():
            self.by_id[provider, value].append(one)
        if one.spot and not one.empty:
            self.by_path[one.spot].append(one)
            self.by_tail[tail(one.spot)].append(one)
        if one.kind is MediaKind.MOVIE and one.folder and one.owns_folder:
            self.by_path[one.folder].append(one)

    def at(self, path: str, kind: MediaKind) -> list[_Located[T]]:
        """Return the titles at a path, for a movie also those around it."""
        found = self.by_path.get(path, [])
        while not found and kind is MediaKind.MOVIE and "/" in path:
            path = parent(path)
            found = self.by_path.get(path, [])
        return found


@dataclass(slots=True)
class _Link[T: ArrTitle]:
    """An item and a title that may be one."""

    item: MediaItem
    located: _Located[T]
    ids: Ids
    place: _Place
    paths: Sequence[str]
    """Of the item's files."""
    all_known: bool
    """Whether these are all."""
    size: int | None
    """Of all of them, in bytes."""

    @property
    def doubt(self) -> Doubt | None:
        """Return what the two say against being one."""
        if self.ids is Ids.MIXED and self.place is not _Place.SAME:
            return Doubt.IDS
        if self.ids is Ids.OTHER:
            return Doubt.PATH
        return None


def _match[T: ArrTitle](
    kind: MediaKind,
    items: Iterable[MediaItem],
    catalogs: Sequence[Catalog[T]],
    files: Mapping[str, MediaFiles],
) -> list[TitleMatch[T]]:
    """Return the items of a kind with their titles, each item once."""
    index: _Index[T] = _Index()
    for catalog in catalogs:
        for title in catalog.titles:
            index.add(_locate(kind, catalog, title))
    own = [item for item in items if item.kind is kind]
    groups: Groups = Groups()
    links: list[_Link[T]] = []
    for item in own:
        groups.add(item.item_id)
        for link in _links(item, index, files.get(item.item_id)):
            links.append(link)
            groups.join(item.item_id, _owner_key(link.located.owner))
    by_group = groups.gather(links, lambda link: link.item.item_id)
    return [
        _title_match(kind, together, by_group.get(root, []))
        for root, together in groups.gather(own, lambda item: item.item_id).items()
    ]


def _locate[T: ArrTitle](kind: MediaKind, catalog: Catalog[T], title: T) -> _Located[T]:
    """Return a title with its paths as Jellyfin sees them."""
    path = title.file.path if isinstance(title, ArrMovie) and title.file else None
    folder, mapped = translate(title.path, catalog.path_map)
    file, file_mapped = translate(path, catalog.path_map)
    root, _ = translate(title.root_folder, catalog.path_map)
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
    paths = paths_of(item, files)
    all_known = bool(paths) and (
        item.source_count <= 1
        or (files is not None and len(files.paths) >= item.source_count)
    )
    found: dict[Hashable, _Link[T]] = {}

    def link(located: _Located[T]) -> None:
        """Link the item with a title, once."""
        key = _owner_key(located.owner)
        if key not in found:
            found[key] = _Link(
                item,
                located,
                compare_ids(
                    item.provider_ids, located.owner.title.provider_ids, item.kind
                ),
                located.place(paths, all_known=all_known),
                paths,
                all_known,
                files.size_bytes if files is not None else None,
            )

    for pair in known_ids(item.provider_ids, item.kind).items():
        for located in index.by_id.get(pair, ()):
            link(located)
    for path in paths:
        for located in index.at(path, item.kind):
            # What is no file's place says nothing against an id.
            if not located.empty or not known_ids(item.provider_ids, item.kind):
                link(located)
    # Without a better reason, the end of the path has to do.
    settled = any(
        one.place is _Place.SAME
        or (one.ids is not Ids.OTHER and one.place is not _Place.OTHER)
        for one in found.values()
    )
    if not settled:
        for path in paths:
            for located in index.by_tail.get(tail(path), ()):
                if located.place([path], all_known=True) >= _Place.ALIKE:
                    link(located)
    links = list(found.values())
    if item.source_count <= 1 and any(one.place is _Place.SAME for one in links):
        # One file is in one place only.
        for one in links:
            if one.place in (_Place.NAMESAKE, _Place.ALIKE):
                one.place = _Place.OTHER
    return links


def _title_match[T: ArrTitle](
    kind: MediaKind, items: Sequence[MediaItem], links: Sequence[_Link[T]]
) -> TitleMatch[T]:
    """Return the match of items that belong together, with whatever speaks against it."""
    owners = {_owner_key(link.located.owner): link.located for link in links}
    own = {
        item.item_id: _own_links(item, links, alone=len(items) == 1) for item in items
    }
    doubt = _doubt_about(kind, items, links, list(owners.values()))
    if doubt is None and owners and not all(own.values()):
        doubt = Doubt.COPY_UNTOLD
    if doubt is None and any(map(_is_elsewhere, own.values())):
        doubt = Doubt.ELSEWHERE
    return TitleMatch(
        items=tuple(items),
        owners=tuple(located.owner for located in owners.values()),
        doubt=doubt,
        owners_of={
            item_id: tuple(link.located.owner for link in some)
            for item_id, some in own.items()
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
    """Return the first thing that contradicts a match."""
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
        if _is_split(item, links):
            return Doubt.SPLIT
        servers = [
            link.located.owner.connection
            for link in links
            if link.item.item_id == item.item_id
        ]
        if len(servers) != len(set(servers)):
            return Doubt.AMBIGUOUS
    for one, other in combinations(items, 2):
        ids = compare_ids(one.provider_ids, other.provider_ids, kind)
        if ids in (Ids.MIXED, Ids.OTHER):
            return Doubt.IDS
    filled = [located for located in owners if not located.empty]
    for located in filled:
        own = places[_owner_key(located.owner)]
        if all(place is _Place.OTHER for place in own):
            return Doubt.UNSEEN_COPY
        if _has_unseen_file(located, links):
            return Doubt.UNSEEN_COPY
        if _is_untold(located, links):
            return Doubt.COPY_UNTOLD
    copies = sum(item.source_count for item in items)
    if len(filled) > (copies if kind is MediaKind.MOVIE else len(items)):
        return Doubt.UNSEEN_COPY
    return None


def _is_elsewhere[T: ArrTitle](own: Sequence[_Link[T]]) -> bool:
    """Return whether a movie is in the folder of none of its owners, which all wait."""
    return bool(own) and all(
        link.located.kind is MediaKind.MOVIE
        and link.located.empty
        and not link.located.is_around(link.paths)
        for link in own
    )


def _is_split[T: ArrTitle](item: MediaItem, links: Sequence[_Link[T]]) -> bool:
    """Return whether Jellyfin would leave files of an item that no server has.

    It deletes what is in one folder.
    """
    own = [link for link in links if link.item is item]
    names = {name_of(link.located.file) for link in own if link.located.file}
    rest = {path for link in own for path in link.paths if name_of(path) not in names}
    return not in_one_folder(item, rest)


def _has_unseen_file[T: ArrTitle](
    located: _Located[T], links: Sequence[_Link[T]]
) -> bool:
    """Return whether a movie has a file of which Jellyfin shows none of this name.

    Or clearly more bytes than all files that Jellyfin shows.
    """
    title = located.owner.title
    own = [link for link in links if link.located is located]
    if not isinstance(title, ArrMovie) or title.file is None or located.file is None:
        return False
    if not own or not all(link.all_known for link in own):
        return False
    shown = {path for link in own for path in link.paths}
    if name_of(located.file) not in map(name_of, shown):
        return True
    if len(shown) == 1:
        # Both numbers are Radarr's own.
        one = title.file.size_bytes
        return one is not None and (title.size_bytes or 0) > one
    sizes = [link.size for link in own]
    known = sum(size for size in sizes if size is not None)
    return None not in sizes and (title.size_bytes or 0) > known * _SAME_SIZE


def _is_untold[T: ArrTitle](located: _Located[T], links: Sequence[_Link[T]]) -> bool:
    """Return whether a movie's file may be one of several that Jellyfin shows."""
    if located.file is None or located.kind is not MediaKind.MOVIE:
        return False
    found = {
        path: alike(located.file, path, mapped=located.mapped)
        for link in links
        if link.located is located
        for path in link.paths
    }
    best = max(found.values(), default=0)
    return best > 0 and list(found.values()).count(best) > 1


def _owner_key[T: ArrTitle](owner: Owner[T]) -> Hashable:
    """Return what names a title among those of all servers."""
    return owner.connection, owner.title.title_id
