"""Which files of Sonarr hold which episodes of Jellyfin."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ...model import ArrEpisode, ArrFile, MediaFiles, MediaItem, MediaKind
from .doubt import Doubt
from .groups import Groups
from .paths import PathMap, name_of, paths_of, tail, translate


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
    exact: frozenset[str] = frozenset()
    """The ids of the episodes each of whose files holds just what its row says."""


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
    groups = Groups()
    doubts: dict[Hashable, Doubt] = {}
    by_path: set[Hashable] = set()
    elsewhere: dict[Hashable, bool] = {}
    owned: dict[Hashable, OwnedFile] = {}
    covered: dict[Hashable, set[tuple[int, int]]] = defaultdict(set)
    exact: set[str] = set()
    own_paths = {
        item.item_id: paths_of(item, (files or {}).get(item.item_id)) for item in own
    }
    # What somebody has a better claim to is no namesake's of another folder.
    best: dict[Hashable, _Claim] = {}
    for paths in own_paths.values():
        for claim, owned_file in (one for each in stock for one in each.claims(paths)):
            key = _file_key(owned_file)
            best[key] = max(claim, best.get(key, claim))
    for item in own:
        groups.add(item.item_id)
        paths = own_paths[item.item_id]
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
        if not hidden and all(
            any(shelf.holds_just(path, numbers) for shelf in stock) for path in paths
        ):
            exact.add(item.item_id)
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
    return _episode_matches(own, owned, doubts, groups, exact)


def _episode_matches(
    items: Sequence[MediaItem],
    owned: Mapping[Hashable, OwnedFile],
    doubts: Mapping[Hashable, Doubt],
    groups: Groups,
    exact: Collection[str],
) -> list[EpisodeMatch]:
    """Return a match for each group; what one part of it doubts holds all of it."""
    doubted: dict[Hashable, Doubt] = {}
    for key, doubt in doubts.items():
        doubted.setdefault(groups.root(key), doubt)
    held: dict[Hashable, list[OwnedFile]] = defaultdict(list)
    for key, owned_file in owned.items():
        held[groups.root(key)].append(owned_file)
    members = groups.gather(items, lambda item: item.item_id)
    for root, together in members.items():
        if len(held[root]) > sum(item.source_count for item in together):
            doubted.setdefault(root, Doubt.UNSEEN_COPY)
    return [
        EpisodeMatch(
            items=tuple(together),
            files=tuple(held[root]),
            doubt=doubted.get(root),
            exact=frozenset(item.item_id for item in together if item.item_id in exact),
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
            path, mapped = translate(file.path, shelf.path_map)
            if path is None:
                continue
            by_path[path] = owned
            names = {path.casefold()} if mapped else {tail(path), name_of(path)}
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
                (_Claim.TAIL, tail(path)),
                (_Claim.NAME, name_of(path)),
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

    def holds_just(self, path: str, numbers: Collection[tuple[int, int]]) -> bool:
        """Return whether the file at a path holds these episodes and no others."""
        found = {_file_key(one): one for _, one in self.claims([path])}
        return bool(numbers) and any(
            _inside(one) == numbers for one in found.values() if len(found) == 1
        )

    def numbered(self, numbers: Iterable[tuple[int, int]]) -> list[OwnedFile]:
        """Return the files in which these episodes are."""
        found = (self.by_number.get(number) for number in sorted(numbers))
        return list({_file_key(one): one for one in found if one is not None}.values())


def _file_key(owned: OwnedFile) -> Hashable:
    """Return what names a file among those of all servers."""
    return owned.connection, owned.file.file_id


def _numbers(item: MediaItem) -> set[tuple[int, int]]:
    """Return the episodes that an item is, as season and number."""
    if item.season is None or item.episode is None:
        return set()
    last = max(item.episode, item.episode_end or item.episode)
    return {(item.season, number) for number in range(item.episode, last + 1)}


def _inside(owned: OwnedFile) -> set[tuple[int, int]]:
    """Return the episodes in a file, as season and number."""
    return {
        (episode.season, episode.episode)
        for episode in owned.episodes
        if episode.season is not None and episode.episode is not None
    }
