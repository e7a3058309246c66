"""What Jellyfin's rows mean: from JSON to the nouns of the model."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from ..model import (
    Library,
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
from .rows import JsonObject, Rows, day, integer, mapping, moment, sequence, text

NAME: Final = "Jellyfin"

_TICKS: Final = 10_000_000
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
    server_id = normalize_id(text(answer.get("Id")) or "")
    version = text(answer.get("Version"))
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
        folders = map(normalize_id, _texts(policy.get("EnabledFolders")))
        visible = frozenset(one for one in folders if one is not None)
    return User(
        user_id=item_id_of(row),
        name=text(row.get("Name")) or "",
        library_ids=visible,
        disabled=policy.get("IsDisabled") is True,
    )


def library_of(row: JsonObject) -> Library | None:
    """Return a library, ``None`` for one without an id."""
    library_id = normalize_id(text(row.get("ItemId")) or "")
    if library_id is None:
        return None
    collection_type = text(row.get("CollectionType"))
    return Library(
        library_id=library_id,
        name=text(row.get("Name")) or "",
        collection_type=None if collection_type == "mixed" else collection_type,
        locations=_texts(row.get("Locations")),
    )


def session_of(row: JsonObject) -> Session | None:
    """Return what a session plays, ``None`` if it plays nothing."""
    playing = row.get("NowPlayingItem")
    if not isinstance(playing, dict):
        return None
    named = (
        playing.get("Id"),
        playing.get("SeasonId"),
        playing.get("SeriesId"),
        mapping(row.get("PlayState")).get("MediaSourceId"),
    )
    ids = (normalize_id(text(value) or "") for value in named)
    return Session(
        user_id=normalize_id(text(row.get("UserId")) or ""),
        item_ids=frozenset(value for value in ids if value is not None),
        title=text(playing.get("Name")) or "",
    )


def log_entry_of(row: JsonObject) -> LogEntry:
    """Return an entry's id and the start or end of playing that it tells of."""
    entry_id = integer(row.get("Id"))
    if entry_id is None:
        raise ValueError
    at = moment(row.get("Date"))
    user_id = normalize_id(text(row.get("UserId")) or "")
    kind = row.get("Type")
    play = kind in ("VideoPlayback", "VideoPlaybackStopped")
    if not play or at is None or user_id is None or not int(user_id, 16):
        return entry_id, None
    item_id = normalize_id(text(row.get("ItemId")) or "")
    return entry_id, (user_id, item_id, at)


def item_id_of(row: JsonObject) -> str:
    """Return the id of a row; raises ``ValueError`` if it has none."""
    item_id = normalize_id(text(row.get("Id")) or "")
    if item_id is None:
        msg = "a row without an id"
        raise ValueError(msg)
    return item_id


def _texts(value: object) -> tuple[str, ...]:
    """Return the texts of a JSON array."""
    return tuple(entry for entry in sequence(value) if isinstance(entry, str))


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
        ticks = integer(row.get("RunTimeTicks"))
        number = integer(row.get("IndexNumber"))
        episode = kind is MediaKind.EPISODE
        season = number if kind is MediaKind.SEASON else None
        return MediaItem(
            item_id=item_id,
            kind=kind,
            title=text(row.get("Name")) or "",
            library_id=library_id,
            path=text(row.get("Path")) or None,
            added_at=moment(row.get("DateCreated")),
            provider_ids={
                provider.lower(): value.strip()
                for provider, value in mapping(row.get("ProviderIds")).items()
                if isinstance(value, str) and value.strip()
            },
            tags=frozenset(_texts(row.get("Tags"))),
            year=integer(row.get("ProductionYear")),
            runtime=None if ticks is None else ticks // _TICKS,
            premiere_at=day(row.get("PremiereDate")),
            series_id=normalize_id(text(row.get("SeriesId")) or ""),
            series_title=text(row.get("SeriesName")),
            season_id=normalize_id(text(row.get("SeasonId")) or ""),
            season=integer(row.get("ParentIndexNumber")) if episode else season,
            episode=number if episode else None,
            episode_end=integer(row.get("IndexNumberEnd")) if episode else None,
            image_tag=text(mapping(row.get("ImageTags")).get("Primary")),
            source_count=max(1, integer(row.get("MediaSourceCount")) or 1),
        )

    return convert


def user_data_of(row: JsonObject) -> UserData:
    """Return a user's state of an item; raises ``ValueError`` without one."""
    data = row.get("UserData")
    if not isinstance(data, dict) or not isinstance(data.get("Played"), bool):
        msg = "a row without user data"
        raise ValueError(msg)  # noqa: TRY004 - a wrong answer, not a wrong call
    # UserData.ItemId is all zeros on 10.10.
    return UserData(
        item_id=item_id_of(row),
        played=data["Played"],
        play_count=integer(data.get("PlayCount")) or 0,
        last_played_at=moment(data.get("LastPlayedDate")),
        favorite=data.get("IsFavorite") is True,
    )


def files_of(row: JsonObject) -> MediaFiles:
    """Return the files behind an item."""
    item_id = item_id_of(row)
    sources = [mapping(source) for source in sequence(row.get("MediaSources"))]
    sizes = [integer(source.get("Size")) for source in sources]
    known = [size for size in sizes if size is not None]
    ids = (normalize_id(text(source.get("Id")) or "") for source in sources)
    versions = dict.fromkeys(version for version in ids if version is not None)
    return MediaFiles(
        item_id=item_id,
        size_bytes=sum(known) if known and len(known) == len(sizes) else None,
        version_ids=tuple(version for version in versions if version != item_id),
        paths=tuple(
            path
            for source in sources
            if isinstance(path := source.get("Path"), str) and path
        ),
    )
