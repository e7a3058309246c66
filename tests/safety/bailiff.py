"""The bailiff looks at all that Radarr, Sonarr and Seerr are asked to change.

He knows the law by the judge. To that belongs here that the intent is on disk before
anything is changed, that nothing but the honest calls is used, that nothing is asked
for twice, and that a title's leftovers go only when the title has gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
import re

from simulators import Episode, Item, Movie, Series
from simulators.arr.files import known_sidecars
from simulators.arr.movies import ManagedMovie
from simulators.arr.shows import ManagedSeries
from simulators.faults import Answer, Request
from simulators.items import Video
from simulators.seerr import SeerrSimulator
from simulators.seerr.records import Media, MediaStatus, RequestStatus

from .estate import (
    Estate,
    Flag,
    Managed,
    Witnessed,
    WitnessedRadarr,
    WitnessedSonarr,
    entries,
)
from .house import is_foreign
from .judge import Judge

type _Arr = WitnessedRadarr | WitnessedSonarr

_EDITORS = {"movieIds": "movie", "seriesIds": "series", "episodeIds": "episode"}
_OPEN = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)
_CALL = re.compile(r"/api/v\d/(\w+)/(\w+)$")


@dataclass
class Bailiff:
    """One pair of eyes on all four servers."""

    judge: Judge
    estate: Estate
    _files: set[str] = field(default_factory=set)
    _may_go: set[str] = field(default_factory=set)
    _there: list[Movie | Episode] = field(default_factory=list)
    _hidden: set[str] = field(default_factory=set)
    """What another server says that it does not have, and has."""
    _names: set[str] = field(default_factory=set)
    _empties: set[Flag] = field(default_factory=set)
    _asked_for: Flag | None = None
    _rule: str = ""

    def before(self, server: Witnessed, request: Request) -> None:
        """Look at what a server is about to do."""
        household = self.judge.house.household
        self._files, self._may_go, self._empties = household.files, set(), set()
        self._asked_for = None
        self._names = self.estate.there()
        self._there = [
            item
            for item in household.items
            if isinstance(item, Movie | Episode) and household.present(item)
        ]
        # Whoever hides that it has a title will download it again.
        self._hidden = {
            item.name
            for item in self._there
            if self.judge.world.lies
            and self.judge.cannot_be_known(
                [one for one in self.estate.holders(item) if one != server.name]
            )
        }
        call = _CALL.search(request.path)
        kind, number = call.groups() if call is not None else ("", "")
        match request.method, kind:
            case "PUT", "movie" | "series" | "episode":
                self._flags_change(server, request)
            case "DELETE", "moviefile" | "episodefile" if number.isdecimal():
                self._file_goes(server, int(number))
            case "DELETE", "movie" | "series" if number.isdecimal():
                self._title_goes(server, int(number))
            case "DELETE", "media" | "request" if isinstance(server, SeerrSimulator):
                self._requests_go(server, kind, number)
            case "POST", _ if request.path.endswith("/jobs/availability-sync/run"):
                pass
            case _ if isinstance(
                server, WitnessedRadarr | WitnessedSonarr
            ) and self._brings_back(server, request, kind, number):
                pass
            case _:
                self._wrong(server, f"is asked for {request.key}")

    def after(self, server: Witnessed, request: Request, answer: Answer) -> None:
        """Look at what has really gone."""
        house = self.judge.house
        lost = self._files - house.household.files
        if lost:
            self.estate.emptied |= self._empties
        if self._asked_for is not None and answer.status < 300:
            self.estate.deleted_files.add(self._asked_for)
        for path in sorted(lost - self._may_go):
            self._wrong(server, f"took {path} along by {request.key}")
        for item in self._there:
            if not house.household.present(item):
                house.gone_by_us(item, self._rule, server.name)
                if item.name not in self._hidden:
                    self.estate.gone_by_us(item.name)
                house.leftovers |= self.judge.files_of(item, house.household.files)
        if request.method == "POST":
            self.estate.additions += answer.status == 201 and request.path.endswith(
                ("/movie", "/series")
            )
            self.estate.returned(sorted(self.estate.there() - self._names), wished=True)
        self.estate.accept()

    # --- the law ------------------------------------------------------------------

    def _flags_change(self, server: Witnessed, request: Request) -> None:
        """Nothing is unmonitored before the intent to delete it is on disk."""
        body = dict(request.body)
        monitored = body.pop("monitored", None)
        ((member, numbers),) = body.items()
        if member not in _EDITORS or not isinstance(monitored, bool):
            self._wrong(server, f"is asked for {request.key} with {request.body}")
        if monitored or self._is_wished(server, _EDITORS[member], numbers):
            return
        for number in numbers:
            items = self._items(server, _EDITORS[member], number)
            self.judge.begins(items)
            if any(map(self.judge.from_journal, self._other_copies(items))):
                # Who waits for a title's file waits no more when its copy goes.
                self.estate.emptied.add((server.name, _EDITORS[member], number))
            elif items and not any(map(self.judge.from_journal, items)):
                names = [item.name for item in items]
                self._wrong(server, f"unmonitors {names} and no intent is on disk")

    def _brings_back(
        self, server: _Arr, request: Request, kind: str, number: str
    ) -> bool:
        """Only what an admin wants back is added, once, and only that is searched for.

        Return whether it is one of these requests.
        """
        path = request.path.removeprefix("/api/v3/")
        body = dict(request.body or {})
        match request.method, path:
            case "POST", "tag":
                pass
            case "POST", "movie" | "series":
                provider_id = body[server.provider_key]
                self._needs_wish(server, provider_id, "adds")
                if any(one.provider_id == provider_id for one in entries(server)):
                    self._wrong(server, f"is asked to add {provider_id} twice")
            case "POST", "command":
                name, numbers = body.pop("name"), next(iter(body.values()))
                for one in numbers:
                    self._look_for(server, name, one)
            case "DELETE", _ if kind in ("exclusions", "importlistexclusion"):
                for row in server.exclusions:
                    if str(row.id) == number:
                        self._needs_wish(server, row.provider_id, "lifts")
                        flag = (server.name, "title", row.provider_id)
                        if flag in self.estate.excluded:
                            self._wrong(server, f"lifts somebody's exclusion {row}")
            case _:
                return False
        return True

    def _look_for(self, server: _Arr, name: str, number: int) -> None:
        """What is searched for, or read again, is wanted back and not there."""
        kind = {"EpisodeSearch": "episode", "MoviesSearch": "movie"}.get(name, "series")
        entry = next(
            (
                entry
                for entry in entries(server)
                if number
                in (
                    [one.id for one in entry.episodes]
                    if kind == "episode" and isinstance(entry, ManagedSeries)
                    else [entry.id]
                )
            ),
            None,
        )
        if entry is None:
            self._wrong(server, f"is asked for {name} of {number}, which it has not")
            return
        self._needs_wish(server, entry.provider_id, f"is asked for {name} of")
        if name == "RefreshSeries":
            return
        # What was moved behind its back is there, and the server does not know it.
        has_file = (
            bool(entry.files)
            if isinstance(entry, ManagedMovie)
            else any(one.id == number and one.file_id for one in entry.episodes)
        )
        if has_file:
            self._wrong(server, f"searches for {entry.title}, of which it has the file")

    def _needs_wish(self, server: _Arr, provider_id: int, what: str) -> None:
        """Nobody but an admin brings something back, and that is on disk before."""
        if (server.name, "title", provider_id) not in self.estate.wishes:
            self._wrong(server, f"{what} {provider_id}, which nobody wants back")
        if not self.judge.is_under_way():
            self._wrong(server, f"{what} {provider_id}, and that is not on disk")

    def _is_wished(self, server: Witnessed, kind: str, numbers: list[int]) -> bool:
        """Return whether all of these are of titles that somebody wants back."""
        return (
            all(
                any(
                    (server.name, "title", entry.provider_id) in self.estate.wishes
                    and (
                        entry.id == number
                        if kind != "episode"
                        else isinstance(entry, ManagedSeries)
                        and any(one.id == number for one in entry.episodes)
                    )
                    for entry in entries(server)
                )
                for number in numbers
            )
            and self.judge.is_under_way()
        )

    def _file_goes(self, server: Witnessed, number: int) -> None:
        flag = (server.name, "file", number)
        if flag in self.estate.deleted_files:
            self._wrong(server, f"is asked twice to delete its file {number}")
        self._asked_for = flag
        disk = self.judge.house.household.disk
        for entry in entries(server):
            path, items = _file(entry, number)
            if path is None:
                continue
            lies_in = [
                item
                for item in self._there
                if any(source.path == path for source in item.sources)
            ]
            for item in lies_in or items:
                self._rule = self.judge.look_at(item)
            self._may_go = {path}
            self._empties = set(_flags_of(server.name, entry, number))
            if server.knows_sidecars:  # type: ignore[attr-defined]
                self._may_go |= set(known_sidecars(disk, path))

    def _title_goes(self, server: Witnessed, number: int) -> None:
        """What is left of a title goes, if it was for us to let it go."""
        house = self.judge.house
        entry = next((one for one in entries(server) if one.id == number), None)
        if entry is None or entry.item is None:
            return
        own = _videos(entry.item)
        for item in own:
            if item in self._there:
                # Another version of the same film, or what the server knows nothing of.
                self._rule = self.judge.look_at(item)
        today = {one.title for one in house.deleted if one.at == house.clock()}
        if not house.names_of(entry.item) & today and not set(own) & set(self._there):
            self._wrong(server, f"removes {entry.title}, of which nothing was deleted")
        inside = {path for path in self._files if path.startswith(f"{entry.path}/")}
        others = {
            path
            for item in self._there
            if item not in own
            for path in self.judge.files_of(item, inside)
        }
        self._may_go = {path for path in inside - others if not is_foreign(path)}

    def _requests_go(self, server: SeerrSimulator, kind: str, number: str) -> None:
        """Only the requests of what is gone are forgotten, and only if that is wanted."""
        house = self.judge.house
        if not self.judge.chosen.forget_requests:
            self.judge.wrong("Seerr", "forgets a request though nobody wants that")
        going = [
            one
            for one in server.requested_media
            if str((one if kind == "request" else one.media).id) == number
        ]
        if not going:
            return
        media = going[0].media
        for one in going:
            state = media.status_4k if one.is_4k else media.status
            if one.status in _OPEN and state is not MediaStatus.AVAILABLE:
                self.judge.wrong(str(media), "is waited for, and that is forgotten")
        titles = [title for title in house.shelf.values() if _is_about(media, title)]
        for title in titles:
            if any(video in self._there for video in _videos(title)):
                self.judge.wrong(title.name, "is there, and its request is forgotten")
        names = {
            video.name for title in titles for video in _every_video(house.shelf, title)
        }
        gone_at = [one.at for one in house.deleted if one.title in names]
        if not gone_at:
            self.judge.wrong(
                str(media), "was not deleted, and its request is forgotten"
            )
        elif any(one.created > max(gone_at) for one in going):
            self.judge.wrong(str(names), "was asked for since, and that is forgotten")

    # --- who is who -----------------------------------------------------------------

    def _other_copies(self, items: list[Movie | Episode]) -> list[Movie]:
        """Return the films that are the same title as one of these."""
        numbers = {
            item.provider_ids["Tmdb"]
            for item in items
            if isinstance(item, Movie) and "Tmdb" in item.provider_ids
        }
        return [
            item
            for item in self.judge.house.household.movies
            if item.provider_ids.get("Tmdb") in numbers and item not in items
        ]

    def _items(
        self, server: Witnessed, kind: str, number: int
    ) -> list[Movie | Episode]:
        """Return what a row of a server is about."""
        for entry in entries(server):
            if kind != "episode" and entry.id == number:
                if isinstance(entry, ManagedMovie):
                    return [entry.item] if entry.item is not None else []
                return [one.item for one in entry.episodes if one.item is not None]
            for one in () if isinstance(entry, ManagedMovie) else entry.episodes:
                if kind == "episode" and one.id == number and one.item is not None:
                    return [one.item]
        return []

    def _wrong(self, server: Witnessed, complaint: str) -> None:
        self.judge.wrong(server.name.capitalize(), complaint)


def _file(entry: Managed, number: int) -> tuple[str | None, list[Movie | Episode]]:
    """Return where a file of a title lies and what it is, if it is one of its."""
    if isinstance(entry, ManagedMovie):
        for file in entry.files:
            if file.id == number:
                return entry.path_of(file), [entry.item] if entry.item else []
        return None, []
    if number not in entry.files:
        return None, []
    items = [
        one.item
        for one in entry.episodes
        if one.file_id == number and one.item is not None
    ]
    return entry.path_of(entry.files[number]), list(dict.fromkeys(items))


def _flags_of(name: str, entry: Managed, number: int) -> Iterator[Flag]:
    """Yield what is not to be looked for any more when a file of a title is gone."""
    if isinstance(entry, ManagedMovie):
        yield name, "movie", entry.id
        return
    yield name, "series", entry.id
    for episode in entry.episodes:
        if episode.file_id == number:
            yield name, "episode", episode.id


def _videos(title: Item) -> list[Movie | Episode]:
    if isinstance(title, Series):
        return list(title.episodes)
    return [title] if isinstance(title, Movie | Episode) else []


def _every_video(shelf: dict[str, Item], title: Item) -> list[Item]:
    """Return the films or episodes of a title, also those that have gone."""
    return [
        item
        for item in shelf.values()
        if isinstance(item, Video)
        and (item is title or (isinstance(item, Episode) and item.series is title))
    ]


def _is_about(media: Media, title: Item) -> bool:
    """Return whether Seerr takes a title for this one."""
    if isinstance(title, Movie):
        number = title.provider_ids.get("Tmdb")
        return media.type == "movie" and number == str(media.tmdb_id)
    if isinstance(title, Series):
        number = title.provider_ids.get("Tvdb")
        return media.type == "tv" and number == str(media.tvdb_id)
    return False
