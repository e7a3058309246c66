"""Radarr, a second Radarr, Sonarr and Seerr of the house, and what happens in them.

As in the house everything that happens is a method with plain arguments. What the user
wants to be looked for is kept beside the servers: only our product changes a flag that
it has to put back. It is long because four servers share one truth about every title.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from posixpath import dirname
from typing import Any, override

import aiohttp

from custom_components.oxicleanarr.servers import Connections
from simulators import (
    Episode,
    Household,
    Item,
    Movie,
    RadarrSimulator,
    SeerrSimulator,
    Series,
    SonarrSimulator,
)
from simulators.arr.movies import ManagedMovie
from simulators.arr.server import ArrSimulator
from simulators.arr.shows import ManagedSeries
from simulators.faults import Answer, Request
from simulators.items import Video
from simulators.seerr.records import RequestStatus
from simulators.server import Simulator
from tests.connections import connect_to
from tests.home import DAY

from .house import BEDROCK, House
from .world import Watched

SECOND = "Movies 4K"
TWIN = "Ultra"
"""Another copy of Alpha, in the hands of the second Radarr."""
OUTSIDE = "/data"
"""Where a Radarr in a container of its own sees what the others see in ``/media``."""
UNMANAGED = ("Charlie", "Comet", BEDROCK, "Serial")
NOTICED = timedelta(minutes=2)
"""After which Jellyfin has looked for what it was told to look for."""

type Flag = tuple[str, str, int]
"""A server, what its row is of, and the row's number."""
type Managed = ManagedMovie | ManagedSeries


@dataclass(frozen=True, slots=True)
class Row:
    """Something that a Radarr or Sonarr can look for."""

    flag: Flag
    monitored: bool
    empty: bool
    """Whether there is no file of it."""
    item: Item | None
    wished: bool = False
    """Whether an admin wants it back."""


class Witnessed(Watched):
    """A server of which somebody sees every change, before it is made and after."""

    name: str
    before: Callable[[Witnessed, Request], None] = staticmethod(
        lambda server, one: None
    )
    after: Callable[[Witnessed, Request, Answer], None] = staticmethod(
        lambda server, one, answer: None
    )

    @override
    async def answer(self, request: Request) -> Answer:
        """Answer under these eyes."""
        if request.method == "GET":
            return await super().answer(request)
        self.before(self, request)
        answer = await super().answer(request)
        self.after(self, request, answer)
        return answer


class _WithoutDrive(ArrSimulator):
    """A Radarr or Sonarr whose drive can be away, for itself alone."""

    away = False

    @override
    async def answer(self, request: Request) -> Answer:
        """Answer, perhaps without the drive."""
        if not self.away:
            return await super().answer(request)
        # What has come due in Jellyfin is not to happen while the drive is away.
        self.household.settle()
        disk = self.household.disk
        roots = [
            folder
            for folder in self.root_folders
            if disk.is_folder(folder) and folder not in disk.away
        ]
        for folder in roots:
            disk.unmount(folder, mount_point=folder.endswith("s"))
        try:
            return await super().answer(request)
        finally:
            for folder in roots:
                disk.mount(folder)


class WitnessedRadarr(Witnessed, _WithoutDrive, RadarrSimulator):
    """A Radarr under these eyes."""

    @override
    def search(self) -> list[str]:
        """Download what is wanted and nowhere; what was moved is found where it is."""
        found = []
        for movie in self.movies.values():
            if movie.file is None and movie.monitored and movie.item is not None:
                if not self.household.present(movie.item):
                    self._fetch(movie, movie.item)
                    found.append(movie.item.name)
        return found


class WitnessedSonarr(Witnessed, _WithoutDrive, SonarrSimulator):
    """A Sonarr under these eyes."""


class WitnessedSeerr(Witnessed, SeerrSimulator):
    """A Seerr under these eyes."""

    name = "seerr"


_RUNNING = vars(Simulator(Household())).keys() | {
    "_routes",
    "_pending",
    "radarr",
    "sonarr",
    "before",
    "after",
    "alter",
    "answered",
}
"""What a server has that is no row of its database."""


@dataclass
class Estate:
    """The servers that own files or take requests, and what is true of them."""

    house: House
    radarr: WitnessedRadarr
    second: WitnessedRadarr
    sonarr: WitnessedSonarr
    seerr: WitnessedSeerr
    wanted: dict[Flag, bool] = field(default_factory=dict)
    """What is to be looked for, as its user has chosen."""
    gone: set[str] = field(default_factory=set)
    """What our product has deleted, and nobody has wished for since."""
    emptied: set[Flag] = field(default_factory=set)
    """The rows whose file our product has deleted: these are looked for no more."""
    deleted_files: set[Flag] = field(default_factory=set)
    """The files that our product has deleted, by their numbers."""
    wishes: set[Flag] = field(default_factory=set)
    """What an admin wants back: the server, ``title``, and its provider's number."""
    excluded: set[Flag] = field(default_factory=set)
    """The same of what somebody has excluded by hand."""
    additions: int = 0
    """How many titles our product has added, in this copy of it."""
    tells_paths: bool = False
    """Whether the user has said where the first Radarr sees its files."""
    wrongs: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, house: House) -> Estate:
        """Return the servers of a house, still without anything in them."""
        home = house.household
        radarr = WitnessedRadarr(home, libraries=["Movies", "Kids"])
        second = WitnessedRadarr(home, libraries=[SECOND], name="radarr4k")
        sonarr = WitnessedSonarr(home)
        seerr = WitnessedSeerr(home, radarr=[radarr, second], sonarr=[sonarr])
        return cls(house, radarr, second, sonarr, seerr)

    # --- a copy of all rows -----------------------------------------------------------

    def rows(self) -> dict[str, Any]:
        """Return all that a copy of it needs, besides the house."""
        return {
            "servers": {
                server.name: {
                    name: value
                    for name, value in vars(server).items()
                    if name not in _RUNNING
                }
                for server in self.servers
            },
            "own": (
                self.wanted,
                self.gone,
                self.emptied,
                self.deleted_files,
                self.wishes,
                self.excluded,
                self.tells_paths,
            ),
        }

    def take_over(self, rows: Mapping[str, Any]) -> None:
        """Become the copy of another one, over a copy of its house."""
        for server in self.servers:
            vars(server).update(rows["servers"][server.name])
        (
            self.wanted,
            self.gone,
            self.emptied,
            self.deleted_files,
            self.wishes,
            self.excluded,
            self.tells_paths,
        ) = rows["own"]

    def essence(self) -> object:
        """Return all of it that decides anything on the days to come."""
        return (
            sorted((row.flag, row.monitored, row.empty) for row in self._rows()),
            sorted(
                (server.name, one.provider_id)
                for server in self.arrs
                for one in server.exclusions
            ),
            sorted(
                (server.name, number, path)
                for server in self.arrs
                for number, path in server.title_paths().items()
            ),
            sorted((one.media.type, one.media.tmdb_id) for one in self._asked()),
        )

    # --- looking ----------------------------------------------------------------------

    @property
    def arrs(self) -> tuple[WitnessedRadarr, WitnessedRadarr, WitnessedSonarr]:
        """Return the servers that own files."""
        return self.radarr, self.second, self.sonarr

    @property
    def servers(
        self,
    ) -> tuple[WitnessedRadarr, WitnessedRadarr, WitnessedSonarr, WitnessedSeerr]:
        """Return all of them."""
        return *self.arrs, self.seerr

    def connections(
        self, session: aiohttp.ClientSession, timeout: float
    ) -> Connections:
        """Return the connections that a user has made to them."""
        return connections(
            session,
            {server.name: (server.url, server.api_key) for server in self.servers},
            timeout,
            tells_paths=self.tells_paths,
        )

    async def open(self, stack: AsyncExitStack) -> None:
        """Let them listen."""
        for server in self.servers:
            await stack.enter_async_context(server)

    def manager(self, item: Item) -> tuple[ArrSimulator, Managed] | None:
        """Return who manages the files of an item, whatever its ids or paths say."""
        if isinstance(item, Movie):
            for radarr in (self.radarr, self.second):
                if (movie := radarr.managed(item)) is not None:
                    return radarr, movie
        series = item.series if isinstance(item, Episode) else item
        if isinstance(series, Series):
            if (show := self.sonarr.managed(series)) is not None:
                return self.sonarr, show
        return None

    def holders(self, item: Item) -> list[str]:
        """Return the servers that can be seen to own, or to want, an item."""
        return [
            server.name
            for server in self.arrs
            for entry in entries(server)
            if _is_of(entry, item)
            and _shows(entry, item)
            # It knows nothing of parts, discs and what it has not imported.
            and not _is_idle(entry)
        ]

    def downloads(self, item: Item) -> bool:
        """Return whether a better copy of an item is on its way."""
        for server in self.arrs:
            for entry in entries(server):
                if not _is_of(entry, item):
                    continue
                for one in server.queue:
                    if one.title_id == entry.id and (
                        isinstance(entry, ManagedMovie)
                        or one.episode_id in (None, *_numbers(entry, item))
                    ):
                        return True
        return False

    def tags(self, item: Item) -> set[str]:
        """Return the tags of a title in Radarr or Sonarr."""
        managed = self.manager(item)
        if managed is None:
            return set()
        server, entry = managed
        return {server.tags[number] for number in entry.tags}

    def requesters(self, item: Item) -> set[str]:
        """Return who has asked for a title, by the names of their accounts."""
        title = item.series if isinstance(item, Episode) else item
        kind = "movie" if isinstance(item, Movie) else "tv"
        provider = "Tmdb" if isinstance(item, Movie) else "Tvdb"
        number = title.provider_ids.get(provider)
        return {
            one.account.name
            for one in self._asked()
            if one.media.type == kind
            and (
                title in (one.media.item, one.media.item_4k)
                or str(one.media.tmdb_id) == number
            )
        }

    def _asked(self) -> list[Any]:
        return [
            one
            for one in self.seerr.requested_media
            if one.status is not RequestStatus.DECLINED
        ]

    # --- what is looked for -----------------------------------------------------------

    def _rows(self) -> Iterator[Row]:
        """Yield all that Radarr and Sonarr can look for."""
        for server in self.arrs:
            for entry in entries(server):
                wished = (server.name, "title", entry.provider_id) in self.wishes
                if isinstance(entry, ManagedMovie):
                    flag = (server.name, "movie", entry.id)
                    empty = entry.file is None
                    yield Row(flag, entry.monitored, empty, entry.item, wished)
                    continue
                flag = (server.name, "series", entry.id)
                empty = not entry.files
                yield Row(flag, entry.monitored, empty, entry.item, wished)
                for one in entry.episodes:
                    flag = (server.name, "episode", one.id)
                    yield Row(flag, one.monitored, not one.file_id, one.item, wished)

    def note_wishes(self) -> None:
        """Remember how what is new shall be looked for, and what is there again."""
        for row in self._rows():
            self.wanted.setdefault(row.flag, row.monitored)
        self.gone -= self.there()

    def accept(self) -> None:
        """Take it for right that what our product has deleted is not looked for."""
        self.note_wishes()
        for row in self._rows():
            gone = row.item is not None and row.item.name in self.gone
            if row.empty and (gone or row.flag in self.emptied):
                self.wanted[row.flag] = row.monitored
            if row.wished:
                self.wanted[row.flag] = row.monitored

    def unwanted_changes(self) -> Iterator[str]:
        """Yield what is not looked for as its user has chosen."""
        self.accept()
        for row in self._rows():
            if self.wanted[row.flag] != row.monitored:
                state = "" if row.monitored else "not "
                name = row.item.name if row.item is not None else "a title"
                yield f"{name} is {state}monitored: {row.flag}"

    def gone_by_us(self, title: str) -> None:
        """Our product has deleted a file: it must not be downloaded again."""
        self.gone.add(title)

    def returned(self, names: list[str], *, wished: bool = False) -> None:
        """Let titles have come back, or say that they should not have."""
        for name in names:
            if name in self.gone and not wished:
                self.wrongs.append(f"{name} is downloaded again")
            self.gone.discard(name)
            self.house.has_returned(name)
        self.note_wishes()

    def night_is_over(self) -> None:
        """Let drives and files be as they should, and Jellyfin notice what is gone."""
        self.house.household.disk.locked.clear()
        for server in self.arrs:
            server.away = False
        self.house.clock.wait(NOTICED)
        self.house.household.settle()

    # --- what people do in them -------------------------------------------------------

    def manage(self, what: str, monitored: bool) -> bool:
        """Radarr or Sonarr is told of a title that was there before."""
        item = self.house.find(what, Movie, Series)
        if item is None or item.path is None or self.manager(item) is not None:
            return False
        if isinstance(item, Movie) and "Tmdb" in item.provider_ids:
            radarr = self.second if item.library.name == SECOND else self.radarr
            number = int(item.provider_ids["Tmdb"])
            if any(one.tmdb_id == number for one in radarr.movies.values()):
                return False
            radarr.manage(item, monitored)
        elif isinstance(item, Series):
            self.sonarr.manage(item, monitored)
        else:
            return False
        return True

    def unmanage(self, what: str) -> bool:
        """A title is taken out of Radarr or Sonarr; its files stay."""
        item = self.house.find(what, Movie, Series)
        if item is None or self.manager(item) is None:
            return False
        for server in self.arrs:
            for entry in list(entries(server)):
                if entry.item is item:
                    _forget(server, entry)
        return True

    def monitor(self, what: str, monitored: bool) -> bool:
        """Somebody wants a title to be looked for, or does not any more."""
        done = False
        for server in self.arrs:
            for entry in entries(server):
                if entry.item is not None and entry.item.name == what:
                    entry.monitored = monitored
                    kind = "movie" if isinstance(entry, ManagedMovie) else "series"
                    self.wanted[server.name, kind, entry.id] = monitored
                    done = True
                for one in () if isinstance(entry, ManagedMovie) else entry.episodes:
                    if one.item is not None and one.item.name == what:
                        one.monitored = monitored
                        self.wanted[server.name, "episode", one.id] = monitored
                        done = True
        if done and monitored:
            self.gone.discard(what)
        return done

    def tidy(self, what: str) -> bool:
        """Radarr or Sonarr renames a title, and knows about it."""
        return self._with_owner(what, self.house.rename)

    def improve(self, what: str) -> bool:
        """Radarr or Sonarr finds a better file of a title."""
        return self._with_owner(what, self.house.upgrade)

    def _with_owner(self, what: str, change: Callable[[str], bool]) -> bool:
        item = self.house.find(what, Movie, Series, Episode)
        managed = self.manager(item) if item is not None else None
        if item is None or managed is None or not change(what):
            return False
        self._look_at(item, managed[0])
        return True

    def _look_at(self, item: Item, server: ArrSimulator) -> None:
        if isinstance(server, RadarrSimulator) and isinstance(item, Movie):
            server.moved(item)
        series = item.series if isinstance(item, Episode) else item
        if isinstance(server, SonarrSimulator) and isinstance(series, Series):
            server.moved(series)

    def label(self, what: str, tag: str) -> bool:
        """A title is tagged in Radarr or Sonarr, or loses its tags there."""
        item = self.house.find(what, Movie, Series)
        managed = self.manager(item) if item is not None else None
        if managed is None:
            return False
        server, entry = managed
        entry.tags = server.tags.ids([tag] if tag else [])
        return True

    def download(self, what: str) -> bool:
        """A better copy of a title is on its way."""
        item = self.house.find(what, Movie, Series)
        managed = self.manager(item) if item is not None else None
        if managed is None:
            return False
        server, entry = managed
        if isinstance(server, RadarrSimulator) and isinstance(entry, ManagedMovie):
            server.download(entry)
        if isinstance(server, SonarrSimulator) and isinstance(entry, ManagedSeries):
            server.download(entry)
        return True

    def give_up_downloads(self) -> bool:
        """Nothing is on its way any more."""
        for server in self.arrs:
            server.queue.clear()
        return True

    def announce(self, series: str) -> bool:
        """Sonarr learns of an episode that is not there yet."""
        item = self.house.find(series, Series)
        show = self.sonarr.managed(item) if isinstance(item, Series) else None
        if show is None:
            return False
        number = 1 + max((one.number for one in show.episodes), default=0)
        self.sonarr.announce(show, 2, number, self.house.clock() + 7 * DAY)
        return True

    def owned_film(self, name: str, second: bool) -> bool:
        """A film arrives by a Radarr."""
        if not self.house.new_film(name, SECOND if second else "Movies"):
            return False
        return self.manage(name, True)

    def owned_episode(self, series: str) -> bool:
        """A series goes on, by Sonarr."""
        return self._with_owner(series, self.house.new_episode)

    def rescan(self) -> bool:
        """Radarr and Sonarr look what is on the disk."""
        for server in self.arrs:
            server.rescan()
        return True

    def search(self) -> bool:
        """Radarr and Sonarr look for all that is wanted and missing."""
        for series in self.house.household.series:
            self.sonarr.moved(series)
        self.rescan()
        self._back(lambda server: server.search())
        return True

    def list_sync(self) -> bool:
        """The lists are read: what is on them, and not excluded, comes back."""
        self._back(lambda server: server.list_sync())
        return True

    def _back(
        self,
        action: Callable[[WitnessedRadarr | WitnessedSonarr], object],
        *,
        wished: bool = False,
    ) -> None:
        """Let something happen, and see what came back with it."""
        before = self.there()
        for server in self.arrs:
            action(server)
        self.returned(sorted(self.there() - before), wished=wished)

    def there(self) -> set[str]:
        """Return the names of all films and episodes whose files are there."""
        home = self.house.household
        return {
            name
            for name, item in self.house.shelf.items()
            if isinstance(item, Video) and home.present(item)
        }

    def throw_out(self, what: str, exclude: bool) -> bool:
        """Somebody deletes a title in Radarr or Sonarr, files and all."""
        item = self.house.find(what, Movie, Series)
        managed = self.manager(item) if item is not None else None
        if item is None or managed is None or BEDROCK in self._beside(managed[1]):
            return False
        self.house.end_sessions(item)
        names = self.house.names_of(item)
        for server in self.arrs:
            for entry in list(entries(server)):
                if entry.item is item:
                    if exclude:
                        flag = (server.name, "title", entry.provider_id)
                        self.excluded.add(flag)
                    _remove(server, entry, exclude=exclude)
        if not exclude:
            # Whoever does so lets the lists bring it back, with all that was gone.
            self.gone -= names
        # Jellyfin is told at once.
        for video in self.house.household.items:
            if isinstance(video, Video) and not self.house.household.present(video):
                self.house.household.unlist(video)
        return True

    def _beside(self, entry: Managed) -> set[str]:
        """Return the names of all that lies in the folder of a title."""
        return {
            name
            for name, item in self.house.shelf.items()
            if item.path is not None and item.path.startswith(f"{entry.path}/")
        }

    def bin(self, server: int, used: bool) -> bool:
        """A recycle bin is set up, or done without."""
        arr = self.arrs[server]
        arr.recycle.path = f"/bin/{arr.name}" if used else None
        return True

    def lock(self, what: str) -> bool:
        """The file of a title cannot be removed, until tomorrow."""
        item = self.house.video(what)
        if item is None or item.path is None:
            return False
        self.house.household.disk.locked.add(item.path)
        return True

    def unmount(self, server: int) -> bool:
        """The drive of a Radarr or Sonarr is away, until tomorrow."""
        self.arrs[server].away = True
        return True

    def request(self, who: str, what: str, declined: bool) -> bool:
        """Somebody asks Seerr for a title that is there."""
        user, item = self.house.person(who), self.house.find(what, Movie, Series)
        if user is None or not isinstance(item, Movie | Series):
            return False
        if not item.provider_ids:
            return False
        status = RequestStatus.DECLINED if declined else RequestStatus.COMPLETED
        second = item.library.name == SECOND
        self.seerr.request(user, item, status=status, is_4k=second)
        return True

    def ask_again(self, who: str, what: str) -> bool:
        """Somebody asks Seerr for a film that has gone: Radarr downloads it again."""
        user, item = self.house.person(who), self.house.shelf.get(what)
        if user is None or not isinstance(item, Movie) or not item.provider_ids:
            return False
        if self.house.household.present(item) or item in self.house.household:
            return False
        second = item.library.name == SECOND
        radarr = self.second if second else self.radarr
        number = next(
            (one.tmdb_id for one in radarr.listed.values() if one.item is item), None
        )
        if number is None:
            return False
        self.seerr.request(user, item, is_4k=second, tmdb_id=number)
        self._back(
            lambda server: (
                server.restore(number)
                if server is radarr and number is not None
                else None
            ),
            wished=True,
        )
        return True

    def seerr_scan(self) -> bool:
        """Seerr looks what is there and what is not."""
        self.seerr.full_scan()
        self.seerr.availability_sync()
        return True


def connections(
    session: aiohttp.ClientSession,
    servers: Mapping[str, tuple[str, str]],
    timeout: float,
    *,
    tells_paths: bool,
) -> Connections:
    """Return the connections to servers, by their names: addresses and keys."""
    path_maps = {"radarr": ((OUTSIDE, "/media"),)} if tells_paths else {}
    return connect_to(session, servers, timeout=timeout, path_maps=path_maps)


def entries(server: Simulator) -> Iterator[Managed]:
    """Yield all titles of a Radarr or Sonarr."""
    if isinstance(server, RadarrSimulator):
        yield from server.movies.values()
    if isinstance(server, SonarrSimulator):
        yield from server.series.values()


def _remove(server: Simulator, entry: Managed, *, exclude: bool) -> None:
    if isinstance(server, RadarrSimulator) and isinstance(entry, ManagedMovie):
        server.remove([entry], exclusion=exclude)
    if isinstance(server, SonarrSimulator) and isinstance(entry, ManagedSeries):
        server.remove([entry], exclusion=exclude)


def _forget(server: Simulator, entry: Managed) -> None:
    if isinstance(server, RadarrSimulator) and isinstance(entry, ManagedMovie):
        del server.movies[entry.id]
        server.listed.pop(entry.tmdb_id, None)
    if isinstance(server, SonarrSimulator) and isinstance(entry, ManagedSeries):
        del server.series[entry.id]
        server.listed.pop(entry.tvdb_id, None)


def _is_idle(entry: Managed) -> bool:
    """Return whether a Radarr neither has a file of a film nor looks for one."""
    return isinstance(entry, ManagedMovie) and not entry.files and not entry.monitored


def _is_of(entry: Managed, item: Item) -> bool:
    """Return whether a title is that of an item, whatever its ids or paths say."""
    return entry.item is (item.series if isinstance(item, Episode) else item)


def _shows(entry: Managed, item: Item) -> bool:
    """Return whether that can be seen: after a rename behind its back it may not."""
    title = item.series if isinstance(item, Episode) else item
    if isinstance(entry, ManagedMovie):
        paths = {one.path for one in item.sources} if isinstance(item, Movie) else set()
        return (
            title.provider_ids.get("Tmdb") == str(entry.tmdb_id)
            or entry.file_path in paths
            or entry.path in map(dirname, paths)
        )
    return (
        title.provider_ids.get("Tvdb") == str(entry.tvdb_id) or title.path == entry.path
    )


def _numbers(entry: Managed, item: Item) -> set[int]:
    """Return the numbers of the episodes that an item is."""
    return (
        set()
        if isinstance(entry, ManagedMovie)
        else {one.id for one in entry.episodes if one.item is item}
    )


def settle_in(house: House, seed: int) -> Estate:
    """Return the servers of a furnished house, with most of its titles in them."""
    estate = Estate.of(house)
    home = house.household
    if seed % 3:
        estate.radarr.path_map = {"/media": OUTSIDE}
        estate.tells_paths = seed % 3 == 2
    for server in estate.arrs:
        server.deletion_delay = 0
    for name in house.listed(Movie, Series):
        item = house.shelf[name]
        if name in UNMANAGED:
            continue
        if isinstance(item, Series):
            estate.sonarr.manage(item, status="continuing")
        elif isinstance(item, Movie):
            radarr = estate.second if item.library.name == SECOND else estate.radarr
            number = None if item.provider_ids else 77
            radarr.manage(item, monitored=name != "Juliet", tmdb_id=number)
    # The second Radarr waits for a better copy of a film that is there.
    bravo = home.movie("Bravo")
    estate.second.manage(bravo, path=f"/media/{SECOND.lower()}/Bravo (2000)")
    asked_at = home.now() - 60 * DAY
    for user, name, status in (
        ("alice", "Alpha", RequestStatus.COMPLETED),
        ("bob", "Alpha", RequestStatus.COMPLETED),
        ("bob", "Golf", RequestStatus.COMPLETED),
        ("alice", "Hotel", RequestStatus.COMPLETED),
        ("alice", "Bravo", RequestStatus.DECLINED),
        ("alice", "Show", RequestStatus.COMPLETED),
    ):
        title = house.shelf[name]
        assert isinstance(title, Movie | Series)
        second = title.library.name == SECOND
        estate.seerr.request(home.user(user), title, asked_at, status, second)
    estate.note_wishes()
    return estate
