"""Rows of `GET /Items`, as the three lines write them."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from ..household import Household
from ..items import (
    BoxSet,
    Clip,
    Episode,
    Item,
    Library,
    MediaSource,
    Movie,
    Season,
    Series,
    User,
    Video,
    jellyfin_id,
    ticks,
)
from ..userdata import UserData
from .dates import dashed, iso
from .version import Line

type Row = dict[str, Any]
type Listed = Item | BoxSet | Folder

VIDEO_STREAM: Row = {
    "Codec": "h264",
    "TimeBase": "1/1000",
    "VideoRange": "SDR",
    "VideoRangeType": "SDR",
    "AudioSpatialFormat": "None",
    "DisplayTitle": "1080p H264 SDR",
    "NalLengthSize": "4",
    "IsInterlaced": False,
    "IsAVC": True,
    "BitRate": 4_000_000,
    "BitDepth": 8,
    "RefFrames": 1,
    "IsDefault": True,
    "IsForced": False,
    "IsHearingImpaired": False,
    "Height": 1080,
    "Width": 1920,
    "AverageFrameRate": 24,
    "RealFrameRate": 24,
    "ReferenceFrameRate": 24,
    "Profile": "High",
    "Type": "Video",
    "AspectRatio": "16:9",
    "Index": 0,
    "IsExternal": False,
    "IsTextSubtitleStream": False,
    "SupportsExternalStream": False,
    "PixelFormat": "yuv420p",
    "Level": 40,
    "IsAnamorphic": False,
}


def _video_type(item: Video) -> str:
    """Return what kind of files a film or an episode has."""
    if isinstance(item, Movie) and item.disc:
        return item.disc
    return "Iso" if (item.path or "").endswith(".iso") else "VideoFile"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder at the top of the library: a location, or the playlists."""

    id: str
    name: str
    type: str
    path: str
    collection_type: str | None = None


def top_folders(household: Household) -> list[Folder]:
    """Return what lies at the top of the library."""
    folders = [
        Folder(
            jellyfin_id("Folder", location),
            location.rsplit("/", 1)[-1],
            "Folder",
            location,
        )
        for library in household.libraries
        for location in library.locations
    ]
    playlists = "/config/data/playlists"
    folders.append(
        Folder(
            jellyfin_id("Folder", playlists),
            "Playlists",
            "ManualPlaylistsFolder",
            playlists,
            "playlists",
        )
    )
    return sorted(folders, key=lambda folder: folder.name.lower())


def image_tag(item: Item) -> str:
    """Return the tag of an item's poster; it changes with the title."""
    return md5(f"{item.name}/{item.year}".encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Shape:
    """What a caller wants to see in a row."""

    fields: Collection[str]
    images: bool = True
    image_types: Collection[str] = ()
    user: User | None = None
    user_data: bool = True


class Rows:
    """Writes rows for one server."""

    def __init__(self, household: Household, line: Line, server_id: str) -> None:
        """Write for a line, under a server id."""
        self.household = household
        self.line = line
        self.server_id = server_id
        self._keys: tuple[int, dict[str, list[str]]] = (-1, {})

    def row(self, item: Listed, shape: Shape) -> Row:
        """Return the row of an item."""
        row: Row = {
            "Name": item.name,
            "ServerId": self.server_id,
            "Id": item.id,
            "ChannelId": None,
        }
        match item:
            case Video():
                self._video(row, item, shape)
            case Item():
                self._folder(row, item, shape)
            case BoxSet():
                row |= {
                    "IsFolder": True,
                    "Type": "BoxSet",
                    "DisplayOrder": "PremiereDate",
                }
                if "datecreated" in shape.fields:
                    row["DateCreated"] = iso(item.date_created)
                if "providerids" in shape.fields:
                    row["ProviderIds"] = {}
                if "path" in shape.fields:
                    row["Path"] = item.path
            case Folder():
                row |= {"IsFolder": True, "Type": item.type}
                if item.collection_type:
                    row["CollectionType"] = item.collection_type
                if "path" in shape.fields:
                    row["Path"] = item.path
        if shape.user is not None and shape.user_data and not isinstance(item, Folder):
            row["UserData"] = self.user_data(item, shape.user, shape.fields)
        if shape.images:
            row["ImageTags"] = (
                {"Primary": image_tag(item)}
                if isinstance(item, Item) and item.image
                else {}
            )
            if not shape.image_types or "backdrop" in shape.image_types:
                row["BackdropImageTags"] = []
        row["ImageBlurHashes"] = {}
        virtual = isinstance(item, Episode) and item.virtual
        row["LocationType"] = (
            "Virtual"
            if virtual or (isinstance(item, Season) and item.path is None)
            else "FileSystem"
        )
        row["MediaType"] = "Video" if isinstance(item, Video) else "Unknown"
        return row

    def _common(self, row: Row, item: Item, shape: Shape) -> None:
        """Write what every item has."""
        fields = shape.fields
        if "datecreated" in fields:
            row["DateCreated"] = iso(item.date_created)
        if "path" in fields and item.path is not None:
            row["Path"] = item.path
        if item.year is not None and not isinstance(item, Season):
            row["ProductionYear"] = item.year
        if "providerids" in fields:
            row["ProviderIds"] = dict(item.provider_ids)
        if "tags" in fields:
            row["Tags"] = list(item.tags)
        if "sortname" in fields:
            row["SortName"] = item.sort_name
        if "parentid" in fields:
            row["ParentId"] = self.parent_id(item)
        row["Type"] = item.type

    def _video(self, row: Row, item: Video, shape: Shape) -> None:
        """Write what a film or an episode has."""
        self._common(row, item, shape)
        row["IsFolder"] = False
        if item.sources:
            row |= {
                "Container": "mkv",
                "VideoType": _video_type(item),
                "RunTimeTicks": ticks(item.runtime),
            }
        if isinstance(item, Movie) and item.parts:
            row["PartCount"] = 1 + len(item.parts)
        if isinstance(item, Clip) and item.extra is not None:
            row["ExtraType"] = item.extra
        if "mediasources" in shape.fields:
            row["MediaSources"] = [
                self._source(item, source) for source in item.sources
            ]
        if "mediasourcecount" in shape.fields and len(item.sources) > 1:
            row["MediaSourceCount"] = len(item.sources)
        if isinstance(item, Episode):
            self._episode(row, item)

    def _episode(self, row: Row, item: Episode) -> None:
        """Write what only an episode has."""
        if item.premiere is not None:
            row["PremiereDate"] = iso(item.premiere)
        row["IndexNumber"] = item.number
        if item.number_end is not None:
            row["IndexNumberEnd"] = item.number_end
        row["ParentIndexNumber"] = item.season.number
        row["SeriesName"], row["SeriesId"] = item.series.name, item.series.id
        row["SeasonId"] = self.season_id(item)
        row["SeasonName"] = item.season.name
        if row["SeasonId"] is None and self.line is Line.V10_11:
            row["SeasonName"] = "Season Unknown"

    def season_id(self, item: Episode) -> str | None:
        """Return the season of an episode; a flat folder has none on 10.11, and on 10.10 not yet."""
        flat = item.season.path is None
        if flat and (
            self.line is Line.V10_11
            or (self.line is Line.V10_10 and not item.season.scanned)
        ):
            return None
        return item.season.id

    def _folder(self, row: Row, item: Item, shape: Shape) -> None:
        """Write what a series or a season has."""
        self._common(row, item, shape)
        row["IsFolder"] = True
        match item:
            case Series():
                row["AirDays"] = []
                if item.status:
                    row["Status"] = item.status
            case Season():
                row["IndexNumber"] = item.number
                row["SeriesName"], row["SeriesId"] = item.series.name, item.series.id

    def parent_id(self, item: Item) -> str | None:
        """Return the id of the folder above."""
        match item:
            case Clip():
                return None
            case Episode():
                return item.season.id if item.season.path else item.series.id
            case Season():
                return item.series.id
            case _:
                return item.library.id

    def _source(self, item: Video, source: MediaSource) -> Row:
        """Return one version of a film or an episode."""
        row: Row = {
            "Protocol": "File",
            "Id": source.id,
            "Path": source.path,
            "Type": "Default",
            "Container": "mkv",
            "Name": source.name,
            "Size": source.size,
            "IsRemote": False,
            "ETag": md5(source.path.encode(), usedforsecurity=False).hexdigest(),
            "RunTimeTicks": ticks(source.runtime or item.runtime),
            "ReadAtNativeFramerate": False,
            "IgnoreDts": False,
            "IgnoreIndex": False,
            "GenPtsInput": False,
            "SupportsTranscoding": True,
            "SupportsDirectStream": True,
            "SupportsDirectPlay": True,
            "IsInfiniteStream": False,
            "UseMostCompatibleTranscodingProfile": False,
            "RequiresOpening": False,
            "RequiresClosing": False,
            "RequiresLooping": False,
            "SupportsProbing": True,
            "VideoType": _video_type(item),
            "MediaStreams": [self.stream()],
            "MediaAttachments": [],
            "Formats": [],
            "Bitrate": 4_000_000,
            "RequiredHttpHeaders": {},
            "TranscodingSubProtocol": "http",
            "HasSegments": False,
        }
        return row

    def stream(self) -> Row:
        """Return the one stream of every file."""
        return VIDEO_STREAM | ({"IsOriginal": False} if self.line is Line.V12 else {})

    # -- user data -----------------------------------------------------------

    def record(self, item: Listed, user: User) -> UserData | None:
        """Return a user's record of an item; 10.10 shares it between items with one provider id."""
        record = self.household.user_data.get(self.line.rules, user.id, item.id)
        if (
            self.line is not Line.V10_10
            or not isinstance(item, Item)
            or (key := item.user_data_key) is None
        ):
            return record
        shared = [
            self.household.user_data.get(self.line.rules, user.id, each)
            for each in self._same_key(item, key)
        ]
        return max(
            (each for each in [record, *shared] if each),
            key=lambda each: each.revision,
            default=None,
        )

    def _same_key(self, item: Item, key: str) -> list[str]:
        """Return the ids of the items that share a key."""
        if self._keys[0] != self.household.revision:
            index: dict[str, list[str]] = {}
            for each in self.household.items:
                if each_key := each.user_data_key:
                    index.setdefault(each_key, []).append(each.id)
            self._keys = (self.household.revision, index)
        return self._keys[1].get(key, [])

    def user_data(self, item: Listed, user: User, fields: Collection[str] = ()) -> Row:
        """Return what a user did with an item; a folder's is computed, with the line's lies."""
        found = self.record(item, user)
        record = found or UserData()
        data: Row = {}
        played = record.played
        if isinstance(item, Series | Season):
            played = self._folder_user_data(data, item, user, fields)
        elif isinstance(item, Video) and record.position:
            data["PlayedPercentage"] = record.position * 100 / ticks(item.runtime)
        data |= {
            "PlaybackPositionTicks": record.position,
            "PlayCount": record.play_count,
            "IsFavorite": record.favourite,
        }
        if record.last_played is not None:
            data["LastPlayedDate"] = iso(record.last_played)
        data["Played"] = played
        data["Key"] = self._key(item, known=found is not None)
        data["ItemId"] = "0" * 32 if self.line is Line.V10_10 else item.id
        return data

    def _folder_user_data(
        self, data: Row, item: Series | Season, user: User, fields: Collection[str]
    ) -> bool:
        """Write how much of a folder is unplayed, and return whether it is none."""
        episodes = [episode for episode in item.episodes if not episode.virtual]
        if self.lies(item):
            episodes = []
        unplayed = sum(
            1
            for episode in episodes
            if not (self.record(episode, user) or UserData()).played
        )
        if episodes and (self.line is Line.V12 or "recursiveitemcount" in fields):
            data["PlayedPercentage"] = 100 - unplayed * 100 / len(episodes)
        data["UnplayedItemCount"] = unplayed
        return unplayed == 0

    def lies(self, item: Listed) -> bool:
        """Return whether 10.11 has not yet connected a series with its episodes."""
        return (
            self.line is Line.V10_11 and isinstance(item, Series) and not item.scanned
        )

    def _key(self, item: Listed, *, known: bool) -> str:
        """Return the key of a record, which changes over time and from line to line."""
        series = (
            item
            if isinstance(item, Series)
            else item.series
            if isinstance(item, Season | Episode)
            else None
        )
        if isinstance(item, Movie) and self.line is Line.V10_10:
            return (
                item.provider_ids.get("Tmdb")
                or item.provider_ids.get("Imdb")
                or dashed(item.id)
            )
        if series is not None and (key := series.user_data_key) is not None:
            key = key.rsplit(":", 1)[1]
            match item:
                case Episode() if self.line is Line.V10_10 or not known:
                    return f"{key}{item.season.number:03}{item.number:03}"
                case Season() if self.line is Line.V10_10:
                    return f"{key}{item.number:03}"
                case Series() if self.line is Line.V10_10:
                    return key
        return dashed(item.id)

    def library_row(self, library: Library) -> Row:
        """Return the row of a library in a user's views."""
        row: Row = {
            "Name": library.name,
            "ServerId": self.server_id,
            "Id": library.id,
            "ChannelId": None,
            "IsFolder": True,
            "Type": "CollectionFolder",
            "ImageTags": {},
            "BackdropImageTags": [],
            "ImageBlurHashes": {},
            "LocationType": "FileSystem",
            "MediaType": "Unknown",
        }
        if library.collection_type:
            row["CollectionType"] = library.collection_type
        return row
