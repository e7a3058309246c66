"""The rows of Seerr's database, and how they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from ..items import Movie, Series, User

type Row = dict[str, Any]


class RequestStatus(IntEnum):
    """What became of a request."""

    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


class MediaStatus(IntEnum):
    """What Seerr believes of a title."""

    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


#: What a title is when its request is in a state.
MEDIA_OF = {
    RequestStatus.PENDING: MediaStatus.PENDING,
    RequestStatus.APPROVED: MediaStatus.PROCESSING,
    RequestStatus.DECLINED: MediaStatus.UNKNOWN,
    RequestStatus.FAILED: MediaStatus.PROCESSING,
    RequestStatus.COMPLETED: MediaStatus.AVAILABLE,
}


_OPEN = (
    MediaStatus.UNKNOWN,
    MediaStatus.PENDING,
    MediaStatus.PROCESSING,
    MediaStatus.PARTIALLY_AVAILABLE,
)
REQUEST_FILTERS: Mapping[str, Sequence[RequestStatus]] = {
    "approved": (RequestStatus.APPROVED,),
    "processing": (RequestStatus.APPROVED,),
    "pending": (RequestStatus.PENDING,),
    "unavailable": (RequestStatus.PENDING, RequestStatus.APPROVED),
    "failed": (RequestStatus.FAILED,),
    "completed": (RequestStatus.COMPLETED,),
    "available": (RequestStatus.COMPLETED,),
    "deleted": (RequestStatus.COMPLETED,),
}
MEDIA_FILTERS: Mapping[str, Sequence[MediaStatus]] = {
    "available": (MediaStatus.AVAILABLE,),
    "processing": _OPEN,
    "unavailable": _OPEN,
    "deleted": (MediaStatus.DELETED,),
}
#: What can be started by hand.
JOBS = {
    "availability-sync": "Media Availability Sync",
    "jellyfin-full-scan": "Jellyfin Full Library Scan",
}


@dataclass(slots=True, eq=False)
class Account:
    """A user of Seerr; one that is local, or of Plex, has no Jellyfin user."""

    id: int
    name: str
    created: datetime
    user: User | None = None
    jellyfin_user_id: str | None = None
    jellyfin_username: str | None = None
    username: str | None = None
    administrator: bool = False
    email: str | None = None


@dataclass(slots=True, eq=False)
class Media:
    """A title; its Jellyfin ids are those of the last full scan."""

    id: int
    type: str
    tmdb_id: int
    created: datetime
    tvdb_id: int | None = None
    imdb_id: str | None = None
    status: MediaStatus = MediaStatus.UNKNOWN
    status_4k: MediaStatus = MediaStatus.UNKNOWN
    jellyfin_id: str | None = None
    jellyfin_id_4k: str | None = None
    service: int | None = None
    service_4k: int | None = None
    external: int | None = None
    external_4k: int | None = None
    item: Movie | Series | None = None
    item_4k: Movie | Series | None = None

    def set_status(self, status: MediaStatus, *, is_4k: bool) -> None:
        """Change the status of one quality."""
        if is_4k:
            self.status_4k = status
        else:
            self.status = status

    def forget_services(self) -> None:
        """Forget which Radarr or Sonarr has the title, as happens to a blocklisted one."""
        self.service = self.service_4k = self.external = self.external_4k = None
        self.jellyfin_id = self.jellyfin_id_4k = None


@dataclass(slots=True, eq=False)
class MediaRequest:
    """Somebody's wish for a title, or for some seasons of it."""

    id: int
    media: Media
    account: Account
    status: RequestStatus
    created: datetime
    updated: datetime
    is_4k: bool = False
    seasons: list[int] = field(default_factory=list)


def when(date: datetime) -> str:
    """Return a date with milliseconds."""
    date = date.astimezone(UTC)
    return f"{date:%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03}Z"


def account_row(account: Account) -> Row:
    """Return a user."""
    names = (account.username, account.jellyfin_username)
    # Who logs in by Jellyfin has no other address than the name.
    email = account.email or account.name
    return {
        "permissions": 2 if account.administrator else 32,
        "warnings": [],
        "id": account.id,
        "email": email,
        "plexUsername": None,
        "jellyfinUsername": account.jellyfin_username,
        "username": account.username,
        "recoveryLinkExpirationDate": None,
        "userType": 2 if account.jellyfin_user_id is None else 3,
        "plexId": None,
        "jellyfinUserId": account.jellyfin_user_id,
        "avatar": f"/avatarproxy/{account.jellyfin_user_id}?v=null",
        "avatarETag": None,
        "avatarVersion": None,
        "movieQuotaLimit": None,
        "movieQuotaDays": None,
        "tvQuotaLimit": None,
        "tvQuotaDays": None,
        "createdAt": when(account.created),
        "updatedAt": when(account.created),
        "displayName": next(filter(None, names), email),
    }


def media_row(media: Media) -> Row:
    """Return a title."""
    row: Row = {
        "downloadStatus": [],
        "downloadStatus4k": [],
        "id": media.id,
        "mediaType": media.type,
        "tmdbId": media.tmdb_id,
        "tvdbId": media.tvdb_id,
        "imdbId": media.imdb_id,
        "status": media.status,
        "status4k": media.status_4k,
        "createdAt": when(media.created),
        "updatedAt": when(media.created),
        "lastSeasonChange": when(media.created),
        "mediaAddedAt": when(media.created),
        "serviceId": media.service,
        "serviceId4k": media.service_4k,
        "externalServiceId": media.external,
        "externalServiceId4k": media.external_4k,
        "externalServiceSlug": str(media.tmdb_id) if media.external else None,
        "externalServiceSlug4k": str(media.tmdb_id) if media.external_4k else None,
        "ratingKey": None,
        "ratingKey4k": None,
        "jellyfinMediaId": media.jellyfin_id,
        "jellyfinMediaId4k": media.jellyfin_id_4k,
    }
    if media.jellyfin_id:
        row["mediaUrl"] = f"http://jellyfin:8096/web/#!/details?id={media.jellyfin_id}"
    if media.external:
        row["serviceUrl"] = f"http://arr/title/{media.tmdb_id}"
    return row


def made_row(request: MediaRequest) -> Row:
    """Return a request as the answer to its making."""
    row = request_row(request)
    for name in ("seasonCount", "seasons", "modifiedBy"):
        del row[name]
    return row


def request_row(request: MediaRequest) -> Row:
    """Return a request."""
    return {
        "id": request.id,
        "status": request.status,
        "createdAt": when(request.created),
        "updatedAt": when(request.updated),
        "type": request.media.type,
        "is4k": request.is_4k,
        "serverId": None,
        "profileId": None,
        "rootFolder": None,
        "languageProfileId": None,
        "tags": None,
        "isAutoRequest": False,
        "media": media_row(request.media),
        "seasons": [
            {
                "id": request.id * 100 + number,
                "seasonNumber": number,
                "status": request.status,
                "createdAt": when(request.created),
                "updatedAt": when(request.updated),
            }
            for number in request.seasons
        ],
        "modifiedBy": None,
        "requestedBy": account_row(request.account),
        "seasonCount": len(request.seasons),
    }


def job_row(job: str) -> Row:
    """Return a job that was started."""
    return {
        "id": job,
        "name": JOBS[job],
        "type": "process",
        "interval": "hours",
        "cronSchedule": "0 0 5 * * *",
        "nextExecutionTime": "2026-11-27T05:00:00.000+00:00",
        "running": True,
    }
