"""What Radarr and Sonarr do in the same way with movies and series."""

from collections.abc import Mapping, Sequence
from posixpath import dirname
from typing import Protocol

from ..faults import Answer, as_json
from ..items import Movie, Series
from .binding import Body, Call, body_flag, body_numbers, paged
from .errors import invalid, miscounted, problem
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

    @property
    def provider_id(self) -> int:
        """Return the number by which import lists know the title."""


class TitleServer[Title: Managed, Item: (Movie, Series)](ArrSimulator):
    """A Radarr or Sonarr with a table of titles."""

    #: What one title is called.
    noun = ""
    #: The property of a title that holds its provider id.
    provider_key = ""
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

    def _insert(self, old: Title, *, monitored: bool) -> Title:
        """Make a new row for a title that was here before."""
        raise NotImplementedError

    def _unlisted(self, provider_id: int, root: str, body: Body) -> Title:
        """Return a title that someone adds and that was never here before."""
        raise NotImplementedError

    def _row(self, title: Title, *, edited: bool = False) -> Row:
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

    def _added(self, body: Body) -> Title:
        """Add the title in a request; exclusions do not prevent it."""
        provider_id = body.get(self.provider_key) or 0
        root = self.real(body.get("rootFolderPath") or "")
        if any(title.provider_id == provider_id for title in self.titles.values()):
            raise invalid(
                f"{self.provider_key[0].upper()}{self.provider_key[1:]}",
                f"This {self.noun} has already been added",
                provider_id,
                f"{self.noun.capitalize()}ExistsValidator",
            )
        old = self.listed.get(provider_id)
        if old is None:
            old = self._unlisted(provider_id, root, body)
        title = self._insert(old, monitored=body_flag(body, "monitored") is not False)
        title.tags = body_numbers(body, "tags") or []
        return title

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
