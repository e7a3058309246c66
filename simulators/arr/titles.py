"""What Radarr and Sonarr do in the same way with movies and series."""

from collections.abc import Mapping, Sequence
from posixpath import basename, dirname
from typing import Protocol

from ..faults import Answer, as_json
from ..items import Movie, Series
from .binding import Body, Call, body_flag, body_numbers, paged
from .errors import failed, failure, invalid, miscounted, problem, refusal
from .records import Exclusion, Row
from .server import ArrSimulator
from .tags import apply


class Managed(Protocol):
    """What a movie and a series have in common."""

    id: int
    title: str
    year: int
    path: str
    monitored: bool
    tags: list[int]
    quality_profile: int
    add_options: Row | None

    @property
    def provider_id(self) -> int:
        """Return the number by which import lists know the title."""


class TitleServer[Title: Managed, Item: (Movie, Series)](ArrSimulator):
    """A Radarr or Sonarr with a table of titles."""

    #: What one title is called.
    noun = ""
    #: The property of a title that holds its provider id.
    provider_key = ""
    #: What two rows for one title would violate.
    unique = ""
    #: The flag by which a deletion keeps lists from adding the title again.
    exclusion_flag = ""

    def _open_database(self) -> None:
        """Make the tables, empty."""
        self.titles: dict[int, Title] = {}
        #: What an import list holds: everything that was ever here, by provider id.
        self.listed: dict[int, Title] = {}
        self._last_title = 0

    # -- what differs --------------------------------------------------------

    def managed(self, item: Item) -> Title | None:
        """Return what the server knows of a title of the household."""
        raise NotImplementedError

    def _look(self, title: Title) -> None:
        """Update a title's files from the disk."""
        raise NotImplementedError

    def _entry(self, old: Title, *, monitored: bool | None) -> Title:
        """Make a new row for a title that was here before, without looking at the disk."""
        raise NotImplementedError

    def _insert(self, old: Title, *, monitored: bool) -> Title:
        """Make a new row for a title that was here before, and look at the disk."""
        raise NotImplementedError

    def _check_words(self, body: Body) -> None:
        """Refuse words that are none of those that are known."""
        raise NotImplementedError

    def _set_up(self, title: Title, body: Body) -> Row | None:
        """Set a new title up as a request says, and return what else is to be done."""
        raise NotImplementedError

    def _unlisted(self, provider_id: int, root: str, body: Body) -> Title:
        """Return a title that someone adds and that was never here before."""
        raise NotImplementedError

    def _row(self, title: Title, *, edited: bool = False, added: bool = False) -> Row:
        """Return a title as it is sent."""
        raise NotImplementedError

    def _exclusion_row(self, exclusion: Exclusion) -> Row:
        """Return an exclusion as it is sent."""
        raise NotImplementedError

    # -- what changes the titles ---------------------------------------------

    def titled(self, name: str) -> Title:
        """Return a title by its name."""
        for title in self.titles.values():
            if title.title == name:
                return title
        raise KeyError(name)

    def unmanage(self, item: Item) -> None:
        """Stop managing a title of the household; its files stay."""
        if (title := self.managed(item)) is not None:
            del self.titles[title.id]
            self.listed.pop(title.provider_id, None)

    def remove(
        self,
        titles: Sequence[Title],
        *,
        files: bool = True,
        exclusion: bool = False,
    ) -> None:
        """Delete titles: the rows at once, the files as far as possible."""
        for title in titles:
            del self.titles[title.id]
        self.forget(
            {title.id: title.path for title in titles},
            [(each.provider_id, each.title, each.year) for each in titles if exclusion],
            files_too=files,
        )

    def rescan(self) -> None:
        """Look at the disk; what is gone stays monitored, and an unmounted drive changes nothing."""
        mounted = self.mounted(self.title_paths().values())
        for title in self.titles.values():
            if dirname(title.path) in mounted:
                self._look(title)

    def list_sync(self) -> list[str]:
        """Let the import list bring back what is missing and not excluded, monitored and downloaded."""
        here = {title.provider_id for title in self.titles.values()}
        back = []
        for provider_id, old in list(self.listed.items()):
            if provider_id not in here and not self.excluded(provider_id):
                back.append(self._insert(old, monitored=True).title)
        if back:
            self.search()
        return back

    def restore(self, provider_id: int) -> bool:
        """Add a title that was here before, as Seerr does for a request; exclusions do not prevent it."""
        here = {title.provider_id for title in self.titles.values()}
        if provider_id in here or (old := self.listed.get(provider_id)) is None:
            return False
        self._insert(old, monitored=True)
        self.search()
        return True

    # -- what the base asks for ----------------------------------------------

    def title_paths(self) -> dict[int, str]:
        """Return the folder of every title."""
        return {title.id: title.path for title in self.titles.values()}

    def tagged(self, tag: int) -> list[int]:
        """Return the ids of the titles with a tag."""
        return [title.id for title in self.titles.values() if tag in title.tags]

    # -- requests for titles -------------------------------------------------

    async def _one(self, call: Call) -> Answer:
        """Answer `GET /movie/{id}` and `GET /series/{id}`."""
        if (title := self.titles.get(call.id)) is None:
            return problem(404)
        return as_json(self._row(title))

    async def _add(self, call: Call) -> Answer:
        """Answer `POST /movie` and `POST /series`; exclusions do not prevent it.

        The title is listed before it is read and looked for on disk: that is a command.
        """
        body = call.body
        self._check_words(body)
        provider_id = body.get(self.provider_key) or 0
        named = self.provider_key[0].upper() + self.provider_key[1:]
        if failures := self._faults_of_path(body) + self._faults_of_title(body, named):
            raise refusal(failures)
        await self._pause(self.metadata_delay)
        if self.metadata_down:
            raise failed(500, "Connection refused (metadata.example:80)")
        if provider_id in self.unknown_titles:
            message = f"A {self.noun} with this ID was not found. Path: "
            unknown = failure(named, message, provider_id, "")
            raise refusal([{name: unknown[name] for name in list(unknown)[:4]}])
        if provider_id in {title.provider_id for title in self.titles.values()}:
            message = f"constraint failed\nUNIQUE constraint failed: {self.unique}"
            raise failed(409, message)
        root = self.real(body.get("rootFolderPath") or "")
        old = self.listed.get(provider_id) or self._unlisted(provider_id, root, body)
        title = self._entry(old, monitored=body_flag(body, "monitored"))
        path = self.real(body.get("path") or "").rstrip("/")
        title.path = path or f"{root}/{basename(old.path)}"
        title.tags = body_numbers(body, "tags") or []
        title.quality_profile = int(body["qualityProfileId"])
        title.add_options = self._set_up(title, body)
        answer = as_json(self._row(title, added=True), 201)
        name = "RefreshMovie" if self.noun == "movie" else "RefreshSeries"
        ids = {f"{self.title_key}s": [title.id], f"isNew{name[7:]}": True}
        self.queue_task(name, ids, "unspecified")
        self.work()
        return answer

    def _faults_of_path(self, body: Body) -> list[Row]:
        """Return what is wrong with where a new title is to be; with a path nobody looks at the root."""
        path, root = body.get("path") or "", body.get("rootFolderPath") or ""
        noun = self.noun.capitalize()
        if not path and not root:
            return [
                failure(name, f"'{name}' must not be empty.", None, "NotEmptyValidator")
                for name in ("Path", "RootFolderPath")
            ]
        if not path:
            if self.real(root) in self.root_folders:
                return []
            message = f"Root folder '{root}' does not exist"
            validator = "RootFolderExistsValidator"
            return [failure("RootFolderPath", message, root, validator, path=root)]
        real = self.real(path).rstrip("/")
        if not path.startswith("/"):
            message, validator = f"Invalid Path: '{path}'", "PathValidator"
        elif real in self.root_folders:
            message = f"Path '{path}' is already configured as a root folder"
            validator = "RootFolderValidator"
        elif real in self.title_paths().values():
            other = "an existing movie" if noun == "Movie" else "another series"
            message = f"Path '{path}' is already configured for {other}"
            validator = f"{noun}PathValidator"
        else:
            return []
        return [failure("Path", message, path, validator, path=path)]

    def _faults_of_title(self, body: Body, named: str) -> list[Row]:
        """Return what is wrong with the title that is to be added."""
        found = []
        profile = body.get("qualityProfileId") or 0
        provider_id = body.get(self.provider_key) or 0
        if profile <= 0:
            message = "'Quality Profile Id' must be greater than '0'."
            compared = {"comparisonValue": 0, "comparisonProperty": ""}
            validator = "GreaterThanValidator"
            found.append(
                failure("QualityProfileId", message, profile, validator, **compared)
            )
        elif profile not in self.profiles:
            message, validator = (
                "Quality Profile does not exist",
                "QualityProfileExistsValidator",
            )
            found.append(failure("QualityProfileId", message, profile, validator))
        if self.noun == "series" and not body.get("title"):
            message, validator = "'Title' must not be empty.", "NotEmptyValidator"
            found.append(failure("Title", message, None, validator))
        if not provider_id:
            message = f"'{named}' must not be empty."
            found.append(failure(named, message, None, "NotEmptyValidator"))
        if provider_id in {title.provider_id for title in self.titles.values()}:
            message = f"This {self.noun} has already been added"
            validator = f"{self.noun.capitalize()}ExistsValidator"
            found.append(failure(named, message, provider_id, validator))
        return found

    def _several(self, body: Body) -> list[Title]:
        """Return the titles whose ids a request lists."""
        return several(self.titles, body_numbers(body, f"{self.title_key}s") or [])

    async def _edit(self, call: Call) -> Answer:
        """Answer `PUT /movie/editor` and `PUT /series/editor`; seasons and episodes keep their flags."""
        body = call.body
        monitored, tags = body_flag(body, "monitored"), body_numbers(body, "tags")
        titles = self._several(body)
        for title in titles:
            if monitored is not None:
                title.monitored = monitored
            if tags is not None:
                title.tags = apply(body.get("applyTags"), title.tags, tags)
        return as_json([self._row(title, edited=True) for title in titles], 202)

    async def _delete_many(self, call: Call) -> Answer:
        """Answer `DELETE /movie/editor` and `DELETE /series/editor`."""
        body = call.body
        self.remove(
            self._several(body),
            files=bool(body_flag(body, "deleteFiles")),
            exclusion=bool(body_flag(body, self.exclusion_flag)),
        )
        return as_json({})

    # -- exclusions and history ----------------------------------------------

    def _exclusion_rows(self) -> list[Row]:
        """Return all exclusions, oldest first."""
        return [self._exclusion_row(each) for each in self.exclusions]

    async def _exclusions(self, call: Call) -> Answer:
        """Answer `GET /exclusions` and `GET /importlistexclusion`."""
        return as_json(self._exclusion_rows())

    async def _exclusion_page(self, call: Call) -> Answer:
        """Answer `GET /exclusions/paged` and `GET /importlistexclusion/paged`."""
        return paged(self._exclusion_rows()[::-1], call, "id")

    async def _one_exclusion(self, call: Call) -> Answer:
        """Answer `GET /exclusions/{id}` and `GET /importlistexclusion/{id}`."""
        rows = {row["id"]: row for row in self._exclusion_rows()}
        return as_json(rows[call.id]) if call.id in rows else problem(404)

    async def _add_exclusion(self, call: Call) -> Answer:
        """Answer `POST /exclusions` and `POST /importlistexclusion`."""
        body, name = call.body, self.provider_key
        number = body[name]
        if self.excluded(number):
            raise invalid(
                name[0].upper() + name[1:],
                "This exclusion has already been added.",
                number,
                "ImportListExclusionExistsValidator",
            )
        title = body.get("movieTitle") or body.get("title") or ""
        self.exclude(number, title, body.get("movieYear", 0))
        return as_json(self._exclusion_rows()[-1], 201)

    async def _delete_exclusions(self, call: Call) -> Answer:
        """Answer `DELETE /exclusions/bulk` and `DELETE /importlistexclusion/bulk`."""
        ids = body_numbers(call.body, "ids") or []
        self.exclusions = [each for each in self.exclusions if each.id not in ids]
        return as_json({})

    async def _delete_exclusion(self, call: Call) -> Answer:
        """Answer `DELETE /exclusions/{id}` and `DELETE /importlistexclusion/{id}`."""
        self.exclusions = [each for each in self.exclusions if each.id != call.id]
        return Answer()

    async def _title_history(self, call: Call) -> Answer:
        """Answer `GET /history/movie` and `GET /history/series`."""
        wanted = call.parameters.number(self.title_key)
        rows = [
            self._event_row(event)
            for event in reversed(self.history)
            if event.title_id == wanted
        ]
        return as_json(rows)


def several[T](table: Mapping[int, T], ids: Sequence[int]) -> list[T]:
    """Return rows in the order of their table; unknown or repeated ids are an error."""
    found = [table[number] for number in sorted(set(ids) & set(table))]
    if len(found) != len(ids):
        raise miscounted(len(ids), len(found))
    return found
