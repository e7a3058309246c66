"""Seerr's accounts, titles and requests, and its scans of Jellyfin, Radarr and Sonarr."""

from collections.abc import Sequence
from datetime import datetime

from ..arr import RadarrSimulator, SonarrSimulator
from ..household import Household
from ..items import Movie, Series, User
from ..server import Simulator
from .records import MEDIA_OF, Account, Media, MediaRequest, MediaStatus, RequestStatus


class SeerrDatabase(Simulator):
    """The accounts, titles and requests of a Seerr."""

    def __init__(
        self,
        household: Household,
        version: str,
        *,
        radarr: Sequence[RadarrSimulator],
        sonarr: Sequence[SonarrSimulator],
        url_base: str,
        host: str,
        port: int,
        tls: bool,
    ) -> None:
        """Prepare a database owned by the household's first administrator."""
        super().__init__(household, host=host, port=port, base_path=url_base, tls=tls)
        self.version = version
        self.radarr = list(radarr)
        self.sonarr = list(sonarr)
        self.accounts: list[Account] = []
        self.media: list[Media] = []
        self.requested_media: list[MediaRequest] = []
        self._serial = 0
        users = sorted(household.users, key=lambda user: not user.administrator)
        if users:
            owner = self.account(users[0])
            owner.administrator = True
            owner.email = f"{owner.name}@example.org"
        else:
            self.add_local_user("owner").administrator = True

    def account(self, user: User) -> Account:
        """Return the account of a Jellyfin user, made at the first log-in."""
        for account in self.accounts:
            if account.user is user:
                return account
        account = Account(
            self._next(), user.name, self.household.now(), user, user.id, user.name
        )
        self.accounts.append(account)
        return account

    def add_local_user(self, name: str) -> Account:
        """Make an account that has no Jellyfin user."""
        account = Account(
            self._next(),
            name,
            self.household.now(),
            username=name,
            email=f"{name}@example.org",
        )
        self.accounts.append(account)
        return account

    def request(
        self,
        user: User | Account,
        item: Movie | Series,
        at: datetime | None = None,
        status: int = RequestStatus.COMPLETED,
        is_4k: bool = False,
        *,
        seasons: Sequence[int] | None = None,
        tmdb_id: int | None = None,
    ) -> MediaRequest:
        """Request a title; for a series, all seasons unless told otherwise."""
        at = at or self.household.now()
        media = self.media_of(item, is_4k=is_4k, tmdb_id=tmdb_id, at=at)
        if isinstance(item, Series) and seasons is None:
            seasons = [each.number for each in item.seasons if each.number]
        return self._ask(
            user if isinstance(user, Account) else self.account(user),
            media,
            RequestStatus(status),
            at,
            is_4k=is_4k,
            seasons=seasons or (),
        )

    def media_of(
        self,
        item: Movie | Series,
        *,
        is_4k: bool = False,
        tmdb_id: int | None = None,
        at: datetime | None = None,
    ) -> Media:
        """Return what Seerr knows of a title, creating it if necessary."""
        kind = "movie" if isinstance(item, Movie) else "tv"
        ids = item.provider_ids
        # Nobody but Seerr knows the Tmdb number of a series that only has a Tvdb one.
        tmdb = tmdb_id or int(ids.get("Tmdb") or ids.get("Tvdb") or 0)
        media = self._known(kind, tmdb)
        if media is None:
            media = self._add_media(kind, tmdb, at or self.household.now())
            media.tvdb_id = int(ids["Tvdb"]) if kind == "tv" and "Tvdb" in ids else None
            media.imdb_id = ids.get("Imdb")
        if is_4k:
            media.item_4k, media.jellyfin_id_4k = item, item.id
        else:
            media.item, media.jellyfin_id = item, item.id
        self._find_service(media)
        return media

    def blocklist(self, item: Movie | Series) -> Media:
        """Put a title on the blocklist."""
        media = self.media_of(item)
        media.status = MediaStatus.BLOCKLISTED
        return media

    def full_scan(self) -> None:
        """Read Jellyfin, Radarr and Sonarr again, which corrects stale ids."""
        for media in self.media:
            for is_4k in (False, True):
                item = media.item_4k if is_4k else media.item
                if item is None or item not in self.household:
                    continue
                if is_4k:
                    media.jellyfin_id_4k = item.id
                else:
                    media.jellyfin_id = item.id
                state = media.status_4k if is_4k else media.status
                if state in (MediaStatus.DELETED, MediaStatus.PROCESSING):
                    media.set_status(MediaStatus.AVAILABLE, is_4k=is_4k)
                    self._complete(media, is_4k=is_4k)
            self._find_service(media)

    def availability_sync(self) -> None:
        """Mark what is gone from Jellyfin; it can be requested again.

        What was approved meanwhile is completed, and nobody has looked for it.
        """
        old = self.version.startswith("2.")
        gone = MediaStatus.UNKNOWN if old else MediaStatus.DELETED
        there = (MediaStatus.AVAILABLE, MediaStatus.PARTIALLY_AVAILABLE)
        for media in self.media:
            if media.status in there and media.item not in self.household:
                media.status, media.jellyfin_id = gone, None
                media.service = media.external = None
                self._complete(media, is_4k=False)
            elif media.type == "tv" and self._lacks_a_season(media):
                media.status = MediaStatus.PARTIALLY_AVAILABLE
            if media.status_4k in there and media.item_4k not in self.household:
                media.status_4k, media.jellyfin_id_4k = gone, None
                media.service_4k = media.external_4k = None
                self._complete(media, is_4k=True)

    def available_seasons(self, media: Media, *, is_4k: bool) -> set[int]:
        """Return the numbers of the seasons that Jellyfin has."""
        item = media.item_4k if is_4k else media.item
        if not isinstance(item, Series) or item not in self.household:
            return set()
        return {each.number for each in item.seasons if each in self.household}

    def _lacks_a_season(self, media: Media) -> bool:
        """Return whether Jellyfin has lost a season that somebody was given."""
        there = self.available_seasons(media, is_4k=False)
        return any(
            not set(each.seasons) <= there
            for each in self.requested_media
            if each.media is media
            and not each.is_4k
            and each.status is RequestStatus.COMPLETED
        )

    def _complete(self, media: Media, *, is_4k: bool) -> None:
        """Complete the approved requests of a title."""
        for each in self.requested_media:
            if (each.media, each.is_4k) == (media, is_4k):
                if each.status is RequestStatus.APPROVED:
                    each.status = RequestStatus.COMPLETED

    def _next(self) -> int:
        """Return the next number of an account."""
        self._serial += 1
        return self._serial

    def _known(self, kind: str, tmdb_id: int) -> Media | None:
        """Return what is known of a title, None if nothing is."""
        for media in self.media:
            if (media.type, media.tmdb_id) == (kind, tmdb_id):
                return media
        return None

    def _add_media(self, kind: str, tmdb_id: int, at: datetime) -> Media:
        """Make the row of a title."""
        number = max((each.id for each in self.media), default=0) + 1
        media = Media(number, kind, tmdb_id, at)
        self.media.append(media)
        return media

    def _ask(
        self,
        account: Account,
        media: Media,
        status: RequestStatus,
        at: datetime,
        *,
        is_4k: bool,
        seasons: Sequence[int],
    ) -> MediaRequest:
        """Add a request and update its title."""
        known = media.status_4k if is_4k else media.status
        state = max(MEDIA_OF[status], known)
        if state > MediaStatus.AVAILABLE:
            # A wish alone changes nothing of what was deleted.
            pending = status in (RequestStatus.PENDING, RequestStatus.DECLINED)
            state = known if pending else MEDIA_OF[status]
        media.set_status(state, is_4k=is_4k)
        number = max((each.id for each in self.requested_media), default=0) + 1
        request = MediaRequest(
            number, media, account, status, at, at, is_4k, list(seasons)
        )
        self.requested_media.append(request)
        return request

    def _find_service(self, media: Media) -> None:
        """Note which Radarr or Sonarr has a title, and under which number."""
        for number, radarr in enumerate(self.radarr if media.type == "movie" else ()):
            for movie in radarr.movies.values():
                if movie.item is not None and movie.item is media.item_4k:
                    media.service_4k, media.external_4k = number, movie.id
                elif movie.tmdb_id == media.tmdb_id and media.service_4k != number:
                    media.service, media.external = number, movie.id
        for number, sonarr in enumerate(self.sonarr if media.type == "tv" else ()):
            for series in sonarr.series.values():
                if (
                    media.tvdb_id in (None, series.tvdb_id)
                    and series.item is media.item
                ):
                    media.service, media.external = number, series.id
