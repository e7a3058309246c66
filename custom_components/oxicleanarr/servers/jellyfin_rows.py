"""What Jellyfin's rows mean: from JSON to the nouns of the model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
import json
from typing import Final

from ..model import (
    BoxSet,
    FolderEntry,
    Library,
    MediaFile,
    MediaFiles,
    MediaItem,
    MediaKind,
    ServerInfo,
    Session,
    User,
    UserData,
    normalize_id,
)
from .errors import BadAnswer, other_server
from .rows import (
    LARGEST_INDEX,
    LONGEST_ID,
    LONGEST_PATH,
    LONGEST_RUNTIME,
    LONGEST_TEXT,
    JsonObject,
    Rows,
    day,
    identifier,
    integer,
    location,
    mapping,
    moment,
    sequence,
    size_of,
    text,
    year_of,
)

NAME: Final = "Jellyfin"

_TICKS: Final = 10_000_000
_MOST_EPISODES: Final = 1000
_MOST_SOURCES: Final = 1000
_DISCS: Final = ("BluRay", "Dvd")
_MOST_TEXTS: Final = 10_000
_KINDS: Final = {
    "Movie": MediaKind.MOVIE,
    "Series": MediaKind.SERIES,
    "Season": MediaKind.SEASON,
    "Episode": MediaKind.EPISODE,
}

type LogEntry = tuple[int, tuple[str, str | None, datetime] | None]
"""The id of an entry and, if it tells of playing: user id, item id, time."""


def server_info(answer: JsonObject) -> ServerInfo:
    """Return who a server is; raises ``BadAnswer`` if it is no Jellyfin."""
    server_id = _id_of(answer.get("Id"))
    version = identifier(answer.get("Version"))
    if server_id is None or not version:
        raise other_server(NAME)
    return ServerInfo(
        server_id=server_id,
        name=text(answer.get("ServerName")) or NAME,
        version=version,
    )


def total_of[T](answer: Rows[T]) -> int:
    """Return how many rows the whole list has; the answer may be one page of it."""
    total = integer(answer.head.get("TotalRecordCount"))
    if total is None or total < 0:
        raise BadAnswer(NAME, "does not say how long a list is", reason="incomplete")
    return total


def user_of(row: JsonObject) -> User:
    """Return a user."""
    policy = mapping(row.get("Policy"))
    visible: frozenset[str] | None = None
    if policy.get("EnableAllFolders") is False:
        folders = map(normalize_id, _texts(policy.get("EnabledFolders"), LONGEST_ID))
        visible = frozenset(one for one in folders if one is not None)
    return User(
        user_id=item_id_of(row),
        name=text(row.get("Name")) or "",
        library_ids=visible,
        disabled=policy.get("IsDisabled") is True,
        sight=_sight_of(policy),
    )


_LIMITS: Final = (
    "MaxParentalRating",
    "MaxParentalSubRating",
    "BlockedTags",
    "AllowedTags",
    "BlockUnratedItems",
    "BlockedMediaFolders",
)


def _sight_of(policy: Mapping[str, object]) -> str:
    """Return what limits a user's sight besides libraries, in short; empty: nothing."""
    limits = {name: policy[name] for name in _LIMITS if policy.get(name)}
    # A limit of 0 is one as well.
    limits |= {
        name: 0
        for name in _LIMITS
        if policy.get(name) == 0 and policy[name] is not False
    }
    if not limits:
        return ""
    plain = json.dumps(limits, sort_keys=True, default=str)
    return sha256(plain.encode()).hexdigest()


def library_of(row: JsonObject) -> Library | None:
    """Return a library, ``None`` for one without an id."""
    library_id = _id_of(row.get("ItemId"))
    if library_id is None:
        return None
    collection_type = identifier(row.get("CollectionType"))
    locations = _texts(row.get("Locations"), LONGEST_PATH)
    if len(locations) != len(sequence(row.get("Locations"))):
        # A folder that is not known could not be guarded.
        msg = "a folder of a library that cannot be read"
        raise ValueError(msg)
    return Library(
        library_id=library_id,
        name=text(row.get("Name")) or "",
        collection_type=None if collection_type == "mixed" else collection_type,
        locations=locations,
    )


def box_set_of(row: JsonObject) -> BoxSet | None:
    """Return a collection, ``None`` for what is none."""
    if row.get("Type") != "BoxSet":
        return None
    return BoxSet(
        set_id=item_id_of(row),
        name=text(row.get("Name")) or "",
        path=location(row.get("Path")),
    )


def session_of(row: JsonObject) -> Session | None:
    """Return what a session plays, ``None`` if it plays nothing.

    Raises ``ValueError`` if it plays something and does not say what.
    """
    playing = row.get("NowPlayingItem")
    if playing is None:
        return None
    if not isinstance(playing, dict) or _id_of(playing.get("Id")) is None:
        msg = "a session that plays something without an id"
        raise ValueError(msg)
    named = (
        playing.get("Id"),
        playing.get("SeasonId"),
        playing.get("SeriesId"),
        mapping(row.get("PlayState")).get("MediaSourceId"),
    )
    ids = map(_id_of, named)
    return Session(
        user_id=_id_of(row.get("UserId")),
        item_ids=frozenset(value for value in ids if value is not None),
        title=text(playing.get("Name")) or "",
        path=location(playing.get("Path")),
    )


def folder_entry_of(row: JsonObject) -> FolderEntry:
    """Return what is in a folder; raises ``ValueError`` if it is not clear what it is."""
    path, kind = location(row.get("Path")), row.get("Type")
    if path is None or kind not in ("File", "Directory"):
        msg = "something in a folder that cannot be read"
        raise ValueError(msg)
    return FolderEntry(path=path, is_folder=kind == "Directory")


def log_entry_of(row: JsonObject) -> LogEntry:
    """Return an entry's id and the start or end of playing that it tells of."""
    entry_id = integer(row.get("Id"))
    if entry_id is None:
        raise ValueError
    at = moment(row.get("Date"))
    user_id = _id_of(row.get("UserId"))
    kind = row.get("Type")
    play = kind in ("VideoPlayback", "VideoPlaybackStopped")
    if not play or at is None or user_id is None or not int(user_id, 16):
        return entry_id, None
    item_id = _id_of(row.get("ItemId"))
    return entry_id, (user_id, item_id, at)


def item_id_of(row: JsonObject) -> str:
    """Return the id of a row; raises ``ValueError`` if it has none."""
    item_id = _id_of(row.get("Id"))
    if item_id is None:
        msg = "a row without an id"
        raise ValueError(msg)
    return item_id


def _id_of(value: object) -> str | None:
    """Return a Jellyfin id, or ``None``."""
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        return None
    return normalize_id(value)


def _texts(value: object, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
    """Return the texts of a JSON array; raises ``ValueError`` if it is no such list."""
    if value is None or value == []:
        return ()
    if not isinstance(value, list | None) or len(sequence(value)) > _MOST_TEXTS:
        msg = "not a list of texts"
        raise ValueError(msg)
    texts = (entry for entry in sequence(value) if isinstance(entry, str))
    found = (text(entry, longest) for entry in texts)
    return tuple(entry for entry in found if entry is not None)


def _provider_ids(value: object) -> dict[str, str]:
    """Return provider names in lower case and the ids that can be ones."""
    found: dict[str, str] = {}
    if not value:
        return found
    for provider, provider_id in mapping(value).items():
        name, known = identifier(provider), identifier(provider_id)
        if name and known and known.strip():
            found[name.lower()] = known.strip()
    return found


def _episodes_of(row: JsonObject) -> tuple[int | None, int | None]:
    """Return the first episode of a file and, if it says one, the last.

    Where it says a last one that cannot be, it is not known which episodes it holds.
    """
    first = integer(row.get("IndexNumber"), 0, LARGEST_INDEX)
    if row.get("IndexNumberEnd") is None:
        return first, None
    last = integer(row.get("IndexNumberEnd"), 0, LARGEST_INDEX)
    if first is None or last is None or last - first >= _MOST_EPISODES:
        return None, None
    return first, last


def item_converter(
    library_id: str, expected: str | None = None, *, strict: bool = True
) -> Callable[[JsonObject], MediaItem | None]:
    """Return the function that makes an item of a row.

    With ``strict`` a row of another type shows that the filter was not obeyed.
    """

    def convert(row: JsonObject) -> MediaItem | None:
        """Return an item, ``None`` for a row that is to be left out."""
        item_id = item_id_of(row)
        name = row.get("Type")
        kind = _KINDS.get(name) if isinstance(name, str) else None
        if kind is None or expected not in (None, name):
            if strict:
                msg = "a row of a type that was not asked for"
                raise ValueError(msg)
            return None
        # An episode without a file is not there; a season without a folder is.
        video = kind in (MediaKind.MOVIE, MediaKind.EPISODE)
        if video and row.get("LocationType") == "Virtual":
            return None
        season, episode, episode_end = None, None, None
        if kind is MediaKind.SEASON:
            season = integer(row.get("IndexNumber"), 0, LARGEST_INDEX)
        elif kind is MediaKind.EPISODE:
            season = integer(row.get("ParentIndexNumber"), 0, LARGEST_INDEX)
            episode, episode_end = _episodes_of(row)
        return MediaItem(
            item_id=item_id,
            kind=kind,
            title=text(row.get("Name")) or "",
            library_id=library_id,
            path=location(row.get("Path")),
            added_at=moment(row.get("DateCreated")),
            provider_ids=_provider_ids(row.get("ProviderIds")),
            tags=frozenset(_texts(row.get("Tags"))),
            year=year_of(row.get("ProductionYear")),
            runtime=_runtime_of(row),
            premiere_at=day(row.get("PremiereDate")),
            series_id=_id_of(row.get("SeriesId")),
            series_title=text(row.get("SeriesName")),
            season_id=_id_of(row.get("SeasonId")),
            season=season,
            episode=episode,
            episode_end=episode_end,
            image_tag=identifier(mapping(row.get("ImageTags")).get("Primary")),
            source_count=_file_count(row.get("MediaSourceCount")),
            part_count=_file_count(row.get("PartCount")),
            is_disc=row.get("VideoType") in _DISCS,
        )

    return convert


def _runtime_of(row: Mapping[str, object]) -> int | None:
    """Return the running time in seconds, if it is known."""
    ticks = integer(row.get("RunTimeTicks"), 1, LONGEST_RUNTIME * _TICKS)
    return None if ticks is None else ticks // _TICKS


def _file_count(value: object) -> int:
    """Return how many versions or parts there are; several, where that cannot be."""
    if value is None:
        return 1
    known = integer(value, 0, _MOST_SOURCES)
    return 2 if known is None else max(1, known)


def user_data_of(row: JsonObject) -> UserData:
    """Return a user's state of an item; raises ``ValueError`` without one."""
    data = row.get("UserData")
    if not isinstance(data, dict) or not isinstance(data.get("Played"), bool):
        msg = "a row without user data"
        raise ValueError(msg)  # noqa: TRY004 - a wrong answer, not a wrong call
    favorite = data.get("IsFavorite", False)
    if not isinstance(favorite, bool):
        msg = "a favourite that is neither yes nor no"
        raise ValueError(msg)  # noqa: TRY004
    count = integer(data.get("PlayCount"), 0, LARGEST_INDEX)
    if count is None:
        # A count that cannot be is a trace of some play all the same.
        count = int(data.get("PlayCount") is not None)
    # UserData.ItemId is all zeros on 10.10.
    return UserData(
        item_id=item_id_of(row),
        played=data["Played"],
        play_count=count,
        last_played_at=moment(data.get("LastPlayedDate")),
        favorite=favorite,
    )


def files_of(row: JsonObject) -> tuple[MediaFiles, bool]:
    """Return the files behind an item, and whether one of them goes on in others.

    All files of a title go or none, so each of them must be known. Raises
    ``ValueError`` where one has no clear name.
    """
    item_id = item_id_of(row)
    sources = [mapping(source) for source in sequence(row.get("MediaSources"))]
    if len(sources) > _MOST_SOURCES:
        msg = "more files than a title can have"
        raise ValueError(msg)
    files = [
        file
        for source in sources
        if (file := _file_of(source, item_id, is_disc=row.get("VideoType") in _DISCS))
    ]
    runtimes = tuple(_runtime_of(source) for source in sources)
    known = all_files(item_id, files, runtimes)
    if len(files) < len(sources):
        # What is no file has a size all the same.
        known = replace(known, size_bytes=_sum_of(_sizes_of(sources)))
    return known, _file_count(row.get("PartCount")) > 1


def part_of(row: JsonObject) -> MediaFile:
    """Return a part of a film; raises ``ValueError`` where it has no clear name."""
    sources = sequence(row.get("MediaSources"))
    path = location(row.get("Path"))
    if path is None:
        msg = "a part of a film without a path"
        raise ValueError(msg)
    return MediaFile(
        file_id=item_id_of(row),
        path=path,
        size_bytes=size_of(mapping(sources[0]).get("Size")) if sources else None,
        is_part=True,
    )


def all_files(
    item_id: str,
    files: Sequence[MediaFile],
    runtimes: tuple[int | None, ...] | None,
) -> MediaFiles:
    """Return the files of an item as one, with the running times of its versions."""
    ids = dict.fromkeys(file.file_id for file in files)
    return MediaFiles(
        item_id=item_id,
        size_bytes=_sum_of([file.size_bytes for file in files]),
        version_ids=tuple(one for one in ids if one != item_id),
        paths=tuple(file.path for file in files),
        runtimes=runtimes,
        files=tuple(files),
    )


def _sizes_of(sources: Sequence[Mapping[str, object]]) -> list[int | None]:
    """Return the size of each version."""
    return [size_of(source.get("Size")) for source in sources]


def _sum_of(sizes: Sequence[int | None]) -> int | None:
    """Return a size of several files; unknown where one is."""
    known = [size for size in sizes if size is not None]
    return size_of(sum(known)) if known and len(known) == len(sizes) else None


def _file_of(
    source: Mapping[str, object], item_id: str, *, is_disc: bool
) -> MediaFile | None:
    """Return a version of an item; ``None``: it is no file."""
    if not source.get("Path"):
        return None
    path = location(source["Path"])
    if path is None:
        msg = "a file that cannot be read"
        raise ValueError(msg)
    return MediaFile(
        file_id=_id_of(source.get("Id")) or item_id,
        path=path,
        # The size of a disc is that of one of its streams.
        size_bytes=None if is_disc else size_of(source.get("Size")),
    )
