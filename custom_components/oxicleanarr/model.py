"""The nouns that all rooms share.

Everything here is immutable. Times are aware and in UTC, sizes are bytes, running
times are seconds, ids of Jellyfin are 32 lower-case hex digits without dashes.
A value of ``None`` means *unknown*, never *no*: what is unknown never deletes. It is
long because every room uses these nouns, so there is one place to look for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import re
from typing import Any, NamedTuple, NewType, Self

MediaKey = NewType("MediaKey", str)
"""What a title is remembered by, e.g. ``movie:tmdb:603`` or ``jellyfin:<id>``."""

type ReasonValue = (
    str | float | bool | datetime | Reason | tuple[ReasonValue, ...] | None
)

TEXT = "text"
"""The code of a reason that is known only as a ``text``."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code, and what there is to say about it.

    The rooms' wordings make a sentence of it. A time in ``data`` has a name that ends
    in ``_at``: that tells it from a text when it is read back.
    """

    code: str
    data: Mapping[str, ReasonValue] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Return the hash of the code: few reasons of one code are ever together."""
        return str.__hash__(self.code)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return a reason that is known only by its words."""
        return cls(TEXT, {"text": text})

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the reason that ``to_mapping`` gave."""
        return cls(
            str(mapping["code"]),
            {
                name: _reason_value(name, value)
                for name, value in (mapping.get("data") or {}).items()
            },
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the reason as JSON can hold it."""
        return {
            "code": str(self.code),
            "data": {name: _plain(value) for name, value in self.data.items()},
        }


def _plain(value: ReasonValue) -> Any:
    """Return a value of a reason as JSON can hold it."""
    match value:
        case Reason():
            return value.to_mapping()
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(one) for one in value]
        case StrEnum():
            return value.value
    return value


def _reason_value(name: str, value: Any) -> ReasonValue:
    """Return a value of a reason from JSON."""
    match value:
        case Mapping():
            return Reason.from_mapping(value)
        case list():
            return tuple(_reason_value(name, one) for one in value)
        case str() if name.endswith("_at"):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                return value
    plain: ReasonValue = value
    return plain


class MediaKind(StrEnum):
    """The kinds of media that a plan can hold."""

    MOVIE = "movie"
    SERIES = "series"
    SEASON = "season"
    EPISODE = "episode"


class Work(StrEnum):
    """What takes long."""

    LIBRARY = "library"
    """Reading the items of the libraries."""
    USERS = "users"
    """Reading what each user has watched."""
    HISTORY = "history"
    """Reading the rows of Jellystat for the first time, or all of them again."""
    DELETION = "deletion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far something is that takes long."""

    work: Work
    done: int
    """Items, users, rows or titles."""
    total: int | None = None
    """Of how many; ``None``: that is not known."""
    title: str = ""
    """The title that is being deleted."""


type Tell = Callable[[Progress], None]
"""Takes note of how far something is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """What a server says about itself (Jellyfin's ``GET /System/Info``)."""

    server_id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A Jellyfin user."""

    user_id: str
    name: str
    library_ids: frozenset[str] | None = None
    """The libraries this user may see; ``None``: all of them."""
    disabled: bool = False
    """Whether this user can no longer log in."""
    sight: str | None = None
    """What limits what this user sees besides libraries, as one text; ``""``: nothing,
    ``None``: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A Jellyfin library; ``collection_type`` is ``None`` for a mixed one."""

    library_id: str
    name: str
    collection_type: str | None
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSet:
    """A collection in Jellyfin; where it lies tells by which name it was made."""

    set_id: str
    name: str
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSet:
    """The collection in Jellyfin that is ours, as far as we know."""

    set_id: str | None
    """``None``: its creation was begun, and how that ended is not known."""
    members: frozenset[str]
    """What we have put in, or may have."""
    settled: bool = True
    """Whether all of that is known to be in it, and nothing else of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """A movie, series, season or episode as Jellyfin's inventory lists it."""

    item_id: str
    kind: MediaKind
    title: str
    library_id: str
    path: str | None = None
    added_at: datetime | None = None
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    """Provider name in lower case (``tmdb``, ``tvdb``, ``imdb``) to id."""
    tags: frozenset[str] = frozenset()
    year: int | None = None
    runtime: int | None = None
    premiere_at: datetime | None = None
    series_id: str | None = None
    series_title: str | None = None
    season_id: str | None = None
    season: int | None = None
    episode: int | None = None
    episode_end: int | None = None
    image_tag: str | None = None
    source_count: int = 1
    """How many versions (files) Jellyfin shows as this one item."""
    part_count: int = 1
    """How many files the listed version is cut into, to be played one after another."""
    is_disc: bool = False
    """Whether its path is a folder with the contents of a Blu-ray or DVD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file of a title, or the folder of its disc."""

    file_id: str
    """The id by which Jellyfin knows it."""
    path: str
    size_bytes: int | None = None
    is_part: bool = False
    """Whether it goes on where the file before it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFiles:
    """The files behind an item: their size and what they are called."""

    item_id: str
    size_bytes: int | None
    version_ids: tuple[str, ...] = ()
    """The ids of the other versions and parts, by which clients may name this item."""
    paths: tuple[str, ...] = ()
    runtimes: tuple[int | None, ...] | None = None
    """The running time of each version; ``None``: they have not been asked for."""
    files: tuple[MediaFile, ...] = ()
    """Each of them: version by version, with its parts in their order."""

    @property
    def last_part(self) -> MediaFile | None:
        """The file with which the listed version ends, if it is in parts."""
        last = None
        for file in self.files[1:]:
            if not file.is_part:
                break
            last = file
        return last

    def complete(self, item: MediaItem) -> bool:
        """Return whether these are all files that Jellyfin counts for the item."""
        parts = sum(file.is_part for file in self.files)
        return (
            len(self.files) - parts >= item.source_count
            and parts >= item.part_count - 1
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """A file or folder that Jellyfin sees in a folder on disk."""

    path: str
    is_folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserData:
    """One user's state of one item, as Jellyfin shows it at this moment."""

    item_id: str
    played: bool
    play_count: int = 0
    last_played_at: datetime | None = None
    favorite: bool = False

    @property
    def untouched(self) -> bool:
        """Whether nothing is left of any play or mark, as after an un-mark."""
        return not (self.played or self.play_count or self.last_played_at)


class PlaybackEvent(NamedTuple):
    """A row of Jellystat's history: somebody pressed play at about that time."""

    event_id: str
    user_id: str
    item_id: str
    """The movie or episode (never the series, save where Jellystat re-keyed it)."""
    ended_at: datetime
    seconds: int
    user_name: str = ""
    title: str = ""
    series_title: str | None = None


type Play = tuple[str, str, str, datetime, int, str, str, str | None]
"""The fields of a ``PlaybackEvent`` as a plain tuple, as which they are read in masses.

The garbage collector does not follow plain tuples of texts and numbers. Tens of thousands
of objects for each page would have it look through all of Home Assistant again and again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Something that is being played right now."""

    user_id: str | None
    item_ids: frozenset[str]
    """The playing item, its version, season and series: all of them are in use."""
    title: str = ""
    path: str | None = None
    """The playing file: an extra, a trailer or a part says no more of its title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """A user's word that a title stays, until a day or for good."""

    key: MediaKey
    kept_at: datetime
    until: datetime | None = None
    reason: str = ""
    kept_by: str | None = None
    """The id of the user of Home Assistant, ``None`` for an automation's keep."""
    due_at: datetime | None = None
    """When the title would have gone, as it was announced; ``None``: it was not."""
    brought_back_by: str | None = None
    """Who brought it back: then the keep also ends when somebody has watched it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asked for a title (from Seerr); every identity may be missing."""

    request_user_id: int | None = None
    user_id: str | None = None
    """The requester's Jellyfin user id."""
    names: frozenset[str] = frozenset()
    """Jellyfin, display and login names, as they are written."""
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeerrRequest:
    """A request for a movie or for seasons of a series, as Seerr lists it."""

    request_id: int
    media_id: int | None
    """Seerr's id of the title that was asked for: all its requests share it."""
    kind: MediaKind | None
    """Movie or series; ``None`` where Seerr does not say."""
    requester: Requester
    declined: bool | None = None
    waiting: bool | None = None
    """Whether what was asked for has not come yet; ``None``: not known."""
    is_4k: bool | None = None
    requested_at: datetime | None = None
    seasons: frozenset[int] = frozenset()
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    """As of a ``MediaItem``; those of a series are ids of the series."""
    item_id: str | None = None
    """The title in Jellyfin as Seerr saw it last; it can be out of date."""
    service_id: int | None = None
    """Which of Seerr's Radarr or Sonarr connections got it, by Seerr's own count."""
    title_id: int | None = None
    """The id that Radarr or Sonarr gave to the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """What a Radarr, Sonarr or Seerr says about itself."""

    app: str
    """``Radarr``, ``Sonarr`` or ``Seerr``."""
    version: str
    name: str
    """What its owner calls it, else the same as ``app``."""
    url_base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrFile:
    """A file of a movie, or of one or more episodes, that an *arr keeps."""

    file_id: int
    path: str | None = None
    """Where the *arr sees it: its container may mount other folders than Jellyfin's."""
    size_bytes: int | None = None
    added_at: datetime | None = None
    """When the file came in; the title can have been there for years."""
    season: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrSetup:
    """How a title is set up in a Radarr or Sonarr: with this it can be added again."""

    title_id: int
    provider_id: int
    """Of TMDB for a movie, of TVDB for a series."""
    title: str
    path: str
    quality_profile: int
    monitored: bool
    minimum_availability: str | None = None
    """Of a movie, and what follows of a series; ``None``: the server's own default."""
    series_type: str | None = None
    season_folder: bool = False
    monitor_new_items: str | None = None
    seasons: Mapping[int, bool] = field(default_factory=dict)
    """By number whether the season is monitored."""
    connection_id: str = ""
    """Where it is, and what follows: known to whoever asks more than one server."""
    app: str = ""
    tags: tuple[str, ...] = ()
    """Their labels: an id is forgotten with the last title that has the tag."""
    episodes: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    """By season and number whether the episode is monitored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrTitle:
    """What Radarr knows of a movie and Sonarr of a series."""

    title_id: int
    title: str
    year: int | None = None
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    """As of a ``MediaItem``; an id of 0 is none."""
    path: str | None = None
    """The title's folder."""
    root_folder: str | None = None
    monitored: bool | None = None
    has_file: bool | None = None
    """From the *arr's database: it stays true while a disk is away."""
    size_bytes: int | None = None
    added_at: datetime | None = None
    """When the title was listed, which is not when its files came in."""
    tag_ids: frozenset[int] | None = None
    setup: ArrSetup | None = field(default=None, compare=False)
    """Where the title is read by itself; ``None``: not all of it is known."""

    def tags(self, labels: Mapping[int, str]) -> frozenset[str] | None:
        """Return the names of the tags, given those of all; ``None``: not known.

        The names must be read after the title: then each of its tags has one.
        """
        if self.tag_ids is None or not labels.keys() >= self.tag_ids:
            return None
        return frozenset(labels[tag] for tag in self.tag_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrMovie(ArrTitle):
    """A movie of Radarr."""

    file: ArrFile | None = None
    """Its file; ``None`` next to ``has_file``: Radarr did not say which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrSeries(ArrTitle):
    """A series of Sonarr; of two equal reads, Sonarr has counted nothing new between."""

    continuing: bool | None = None
    """Whether more episodes are expected; ``None``: Sonarr does not know."""
    episode_file_count: int | None = None
    """How many episodes have a file: two that share one are two."""
    season_sizes: Mapping[int, int] = field(default_factory=dict)
    """Bytes by season, where Sonarr says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrEpisode:
    """An episode of Sonarr, with or without a file."""

    episode_id: int
    series_id: int | None
    season: int | None
    episode: int | None
    absolute_episode: int | None = None
    file_id: int | None = None
    """Its file, which other episodes may share; ``None`` if it has none."""
    has_file: bool | None = None
    monitored: bool | None = None
    aired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFolder:
    """A folder below which an *arr keeps its titles."""

    path: str
    accessible: bool | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecycleBin:
    """Where an *arr moves what it deletes."""

    path: str | None
    """``""``: there is none, files go at once; ``None``: not known."""
    keep_days: int | None = None
    """For how many days a file can be taken out again; 0: until somebody empties it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedFacts:
    """What Radarr or Sonarr says of an item of Jellyfin; no *arr may know it at all."""

    item_id: str
    tags: frozenset[str] | None = frozenset()
    """Of all *arrs that have it; ``None``: one of them does not say."""
    size_bytes: int | None = None
    file_added_at: datetime | None = None
    """When the newest of its files came in."""
    continuing: bool | None = None
    doubt: str | None = None
    """As of ``MediaFacts``, and so is the next."""
    group: str | None = None
    owners: int = 0
    """How many Radarrs or Sonarrs have it; of an episode: how many files it has."""
    exact: bool = False
    """Whether Sonarr says that each file of an episode holds exactly its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingTitle:
    """A title that a Radarr or Sonarr used to list and no longer does."""

    connection: str
    title_id: int
    provider_ids: Mapping[str, str]
    """As of an ``ArrTitle``, and so is the next."""
    path: str | None
    file_path: str | None
    """A movie's file, as the *arr saw it."""
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """All that is known about one title at the moment of an evaluation."""

    item: MediaItem
    key: MediaKey
    library: str = ""
    """The library's name."""
    other_libraries: Mapping[str, str] = field(default_factory=dict)
    """Id and name of the other managed libraries that it lies in as well."""
    added_at: datetime | None = None
    """The start of the title's present life: it can be later than Jellyfin's date."""
    life_started_at: datetime | None = None
    """When it came back, or arrived; ``None``: it has been there from the beginning."""
    watched_by: frozenset[str] = frozenset()
    """Ids of the users who have watched the title, in this or in another copy."""
    partly_watched_by: frozenset[str] = frozenset()
    """Ids of the users who have watched one of its copies, which cannot count for the
    others: their running times differ, or one is not known."""
    doubtful_of: frozenset[str] = frozenset()
    """Ids of the users whose mark may be of an earlier copy, or of another file."""
    visible_to: frozenset[str] | None = None
    """Ids of the users who can see it; ``None`` where that is not known."""
    last_watched: Mapping[str, datetime] = field(default_factory=dict)
    """User id to that user's last activity, finished or not, in this life."""
    last_watched_at: datetime | None = None
    """The latest activity of any user; what is watched without a date has the time
    at which it was first seen so."""
    favorite_of: frozenset[str] = frozenset()
    size_bytes: int | None = None
    tags: frozenset[str] | None = frozenset()
    """Tags of Jellyfin and of the *arr that owns it; ``None``: a server is silent."""
    requesters: tuple[Requester, ...] | None = None
    """Who requested it; ``None``: not known, for no Seerr is connected or it failed."""
    continuing: bool | None = None
    """Whether more episodes of the series are expected; ``None``: not known."""
    doubt: str | None = None
    """Why it cannot be told which title of an *arr it is, as a code: then it is not
    deleted."""
    group: str | None = None
    """Whatever else has this name is the same title, or is in the same file."""
    exact: bool = False
    """As of ``OwnedFacts``."""
    unclear: Reason | None = None
    """Why it cannot be told what its files are: then it is not deleted."""
    objection: Reason | None = None
    """What a run has found against it: then it is not deleted. That of a series holds
    the series, not its episodes."""


class ApprovalState(StrEnum):
    """How far the approval is of an entry that needs one."""

    PENDING = "pending"
    """Nobody has given it, and the entry would not be ready anyway."""
    WAITING = "waiting"
    """Nothing else is missing."""
    APPROVED = "approved"


class Outcome(StrEnum):
    """What a verdict decides."""

    KEEP = "keep"
    DELETE = "delete"


class Verdict(NamedTuple):
    """What the retention rules say about one title. A tuple: there are very many."""

    item_id: str
    key: MediaKey
    kind: MediaKind
    outcome: Outcome
    rule: str
    """The name of the rule that decided."""
    rule_type: str
    """``tag``, ``user``, ``watched``, ``episode`` or ``standard``."""
    reason: Reason
    due_at: datetime | None = None
    """When retention ends, before any grace; only where the outcome is *delete*."""
    episode_ids: tuple[str, ...] = ()
    """The fixed scope of a series' verdict: every episode it was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeletion:
    """A planned deletion. Its scope never changes: what it names is all it takes."""

    item_id: str
    key: MediaKey
    kind: MediaKind
    title: str
    year: int | None
    series: str | None
    season: int | None
    episode: int | None
    size_bytes: int | None
    watched: bool
    watched_by: tuple[str, ...]
    """Names of the users who have watched it."""
    last_watched_at: datetime | None
    added_at: datetime | None
    rule: str
    rule_type: str
    reason: Reason
    due_at: datetime
    """When it may go: the end of its retention, or of its grace if that is later."""
    first_scheduled_at: datetime
    episode_ids: tuple[str, ...] = ()
    """What goes, where the entry is a series or season; else empty."""
    path: str | None = None
    watcher_ids: frozenset[str] = frozenset()
    requested_by: tuple[str, ...] = ()
    """Names of those who asked for it, as far as Seerr says."""
    needs_approval: bool = False
    """Whether it is ready only once an admin has approved it."""
    approved_until: datetime | None = None
    """Until when the approval holds that was given for exactly this."""

    def approval(self, now: datetime) -> ApprovalState | None:
        """Return how far its approval is; ``None``: it needs none."""
        if not self.needs_approval:
            return None
        if self.approved_until is not None and self.approved_until > now:
            return ApprovalState.APPROVED
        return ApprovalState.WAITING if self.due_at <= now else ApprovalState.PENDING

    def ready(self, now: datetime) -> bool:
        """Return whether its time has come, and its approval if it needs one."""
        approved = self.approval(now) in (None, ApprovalState.APPROVED)
        return self.due_at <= now and approved

    @property
    def name(self) -> str:
        """Return what it is called on the schedule and in the journal.

        The kind is part of it: a series' episodes and the series are different entries.
        """
        return f"{self.kind}:{self.key}"

    @property
    def counted_as(self) -> str:
        """Return what it is for the limits of a day: each copy of a title counts."""
        if self.kind in (MediaKind.SERIES, MediaKind.SEASON):
            return self.name
        return self.item_id

    @property
    def target_ids(self) -> tuple[str, ...]:
        """The ids of the movies and episodes whose files would go."""
        if self.kind in (MediaKind.SERIES, MediaKind.SEASON):
            return self.episode_ids
        return (self.item_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That an admin was asked about an entry of the plan, and what they said.

    It is about exactly that entry: by the same rule, and with nothing else in it.
    """

    name: str
    """What the entry is called on the schedule."""
    item_id: str
    rule: str
    rule_type: str
    target_ids: frozenset[str]
    """What was to go."""
    until: datetime | None = None
    """Until when it is approved; ``None``: it is not."""

    def covers(self, entry: PlannedDeletion) -> bool:
        """Return whether it was about all that an entry is now."""
        return (
            (entry.name, entry.item_id) == (self.name, self.item_id)
            and (entry.rule, entry.rule_type) == (self.rule, self.rule_type)
            and self.target_ids >= frozenset(entry.target_ids)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """A title that stays, and what keeps it."""

    item_id: str
    key: MediaKey
    kind: MediaKind
    title: str
    kept_by: str
    """The name of the rule, or ``keep`` or ``favorite``."""
    reason: Reason
    kept_until: datetime | None = None
    """Until when a user keeps it; ``None``: for good, or nobody has said so."""


def full_title(title: PlannedDeletion | MediaItem) -> str:
    """Return what people call a title: an episode by its series and number."""
    series = title.series if isinstance(title, PlannedDeletion) else title.series_title
    if title.kind is MediaKind.EPISODE:
        season = "?" if title.season is None else f"{title.season:02}"
        number = "?" if title.episode is None else f"{title.episode:02}"
        return f"{series or 'Unknown series'} S{season}E{number}"
    if title.kind is MediaKind.SEASON and series:
        return f"{series}, {title.title}"
    return title.title


def dated_title(title: PlannedDeletion | MediaItem) -> str:
    """Return what people call a title, with its year if that is known."""
    if title.kind is MediaKind.EPISODE or title.year is None:
        return full_title(title)
    return f"{full_title(title)} ({title.year})"


_ID = re.compile(r"[0-9a-f]{32}")


def normalize_id(value: str) -> str | None:
    """Return a Jellyfin id as 32 lower-case hex digits, or ``None`` if it is none."""
    if _ID.fullmatch(value):
        return value
    compact = value.replace("-", "").lower()
    return compact if _ID.fullmatch(compact) else None


# The first provider that has an id names the title. They never mix: the numbers of
# films and of series at one provider overlap.
_PROVIDERS = {
    MediaKind.MOVIE: ("tmdb", "imdb"),
    MediaKind.SERIES: ("tvdb", "tmdb", "imdb"),
}


def media_key(item: MediaItem, series: MediaItem | None = None) -> MediaKey:
    """Return the stable key of an item; an episode's needs its series.

    Seasons and episodes are named by their series' key and their numbers. Without a
    provider id the Jellyfin id has to serve.
    """
    if item.kind in _PROVIDERS:
        for provider in _PROVIDERS[item.kind]:
            provider_id = item.provider_ids.get(provider, "").strip().lower()
            if provider_id and provider_id != "0":
                return MediaKey(f"{item.kind}:{provider}:{provider_id}")
    owner = None if series is None else media_key(series)
    return part_key(item.item_id, item.kind, owner, item.season, item.episode)


def part_key(
    item_id: str,
    kind: MediaKind,
    owner: MediaKey | None,
    season: int | None,
    episode: int | None,
) -> MediaKey:
    """Return the stable key of a season or an episode, given that of its series."""
    numbered = season is not None and (
        kind is MediaKind.SEASON or (kind is MediaKind.EPISODE and episode is not None)
    )
    if numbered and owner is not None and owner.startswith("series:"):
        numbers = f"{season}:{episode}" if kind is MediaKind.EPISODE else f"{season}"
        return MediaKey(f"{kind}:{owner.removeprefix('series:')}:{numbers}")
    return MediaKey(f"jellyfin:{item_id}")
