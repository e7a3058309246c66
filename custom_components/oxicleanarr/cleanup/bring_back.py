"""Bringing back what Radarr and Sonarr deleted: listed again as it was, and searched for.

Nothing here can delete. Every step looks before it changes anything, and is in the
ledger before it begins and after it is done: what was cut off goes on where it was,
and nothing is done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import chain, repeat

from ..ledger import (
    ArrDeletion,
    DeletedTitle,
    DeletionOutcome,
    JournalEntry,
    Ledger,
    Return,
    ReturnState,
)
from ..model import ArrEpisode, ArrSetup, MediaKind, Reason, RootFolder
from ..servers import Connections, Radarr, Refresh, ServerError, Sonarr, Unavailable
from .reasons import Stopped, Why, failed, together, why

KEPT_FOR = timedelta(days=90)
"""For how long nothing deletes again what was brought back."""
GIVEN_UP_AFTER = timedelta(days=1)
"""After this long nobody waits any more for what was cut off."""
PATIENCE = 60.0
"""Seconds to wait until a server has read what was added; it goes on later."""
_LATE = 15.0
"""Seconds in which a title may appear whose addition was not answered in time."""

type Pause = Callable[[float], Awaitable[None]]


class Prospect(StrEnum):
    """Whether something that was deleted can be brought back."""

    POSSIBLE = "possible"
    UNDER_WAY = "under_way"
    DONE = "done"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtBack:
    """What was done for a deleted title on one server."""

    title: str
    server: str | None
    """``None``: none was asked."""
    added: bool = False
    """Whether it was listed anew; else it still was, or again."""
    searched: bool = False
    """Whether a search was started. What it finds is not known."""
    reason: Reason | None = None
    """Why not all of it was done, or not as before."""
    listed: bool = False
    """Whether the server has it now."""
    state: ReturnState = ReturnState.DONE


def prospect(
    entry: JournalEntry,
    servers: Collection[tuple[str, str]],
    back: Return | None,
    connections: Connections,
) -> tuple[Prospect, Reason | None]:
    """Return whether what an entry of the journal was about can come back, and why not.

    ``servers`` are the id and the name of those that know how it was set up.
    """
    if entry.outcome is DeletionOutcome.FAILED:
        return Prospect.IMPOSSIBLE, why(Why.NOT_DELETED)
    if entry.outcome is not DeletionOutcome.DELETED:
        return Prospect.IMPOSSIBLE, why(Why.DELETION_OPEN)
    if not any(part.file_ids for part in entry.through):
        return Prospect.IMPOSSIBLE, why(Why.WITHOUT_ARR)
    if not servers:
        return Prospect.IMPOSSIBLE, why(Why.SETUP_UNKNOWN)
    if back is not None and back.state is not ReturnState.FAILED:
        return Prospect(back.state), back.reason
    known = {one.connection_id for one in connections}
    if not any(connection_id in known for connection_id, _ in servers):
        name = next(app for _, app in servers)
        return Prospect.IMPOSSIBLE, why(Why.NOT_CONNECTED, server=name)
    return Prospect.POSSIBLE, back.reason if back is not None else None


def prospect_of(
    title: DeletedTitle, connections: Connections
) -> tuple[Prospect, Reason | None]:
    """Return whether a deleted title can come back: if any part of it can, it can."""
    servers = [(one.connection_id, one.app) for one in title.setups]
    found = [
        prospect(entry, servers, title.back, connections) for entry in title.entries
    ]
    return next((one for one in found if one[0] is not Prospect.IMPOSSIBLE), found[-1])


def title_name(title: DeletedTitle) -> str:
    """Return what people call what was deleted."""
    first = title.entries[0]
    series = first.series or first.title
    match title.kind:
        case MediaKind.SERIES:
            return series
        case MediaKind.SEASON:
            return f"{series}, season {first.season}"
        case MediaKind.EPISODE if None not in (first.season, first.episode):
            return f"{series} S{first.season:02}E{first.episode:02}"
    return first.title


async def bring_back(
    title: DeletedTitle,
    back: Return,
    *,
    ledger: Ledger,
    connections: Connections,
    pause: Pause,
    patience: float = PATIENCE,
    halt: Callable[[], bool] = lambda: False,
) -> list[BroughtBack]:
    """Bring a deleted title back on every server that had it, as far as that can be done.

    ``pause`` waits for so many seconds, and ``halt`` says to wait no longer. Errors of the servers end up in the answer;
    LedgerError is raised.
    """
    name = title_name(title)
    parts: dict[tuple[str, int], list[ArrDeletion]] = {}
    for entry in title.deleted:
        for part in entry.through:
            parts.setdefault((part.connection_id, part.title_id), []).append(part)
    results = []
    for setup in title.setups:
        client = _client(connections, setup.connection_id)
        if client is None:
            because = why(Why.NOT_CONNECTED, server=setup.app)
            results.append(
                BroughtBack(
                    title=name,
                    server=setup.app,
                    reason=because,
                    state=ReturnState.FAILED,
                )
            )
            continue
        way = _Way(
            name=name,
            deletion=title.deletion,
            back=back,
            setup=setup,
            parts=parts.get((setup.connection_id, setup.title_id), ()),
            excluded=setup.connection_id in title.excluded,
            client=client,
            ledger=ledger,
            pause=pause,
            patience=patience,
            halt=halt,
            steps=list(back.steps.get(setup.connection_id, ())),
        )
        results.append(await way.go())
    return results


def _client(connections: Connections, connection_id: str) -> Radarr | Sonarr | None:
    """Return the client of a connection; ``None``: it is no longer connected."""
    for radarr in connections.radarr:
        if radarr.connection_id == connection_id:
            return radarr.client
    for sonarr in connections.sonarr:
        if sonarr.connection_id == connection_id:
            return sonarr.client
    return None


class _StillReading(Exception):
    """The server has not read yet what was added."""


class _Step(StrEnum):
    """What is in the ledger of each server: what was begun, and what was done."""

    ADDING = "adding"
    ADDED = "added"
    FOUND = "found"
    """It was there, or somebody else has added it meanwhile."""
    LISTED = "listed"
    """It is there, and looked for as before."""
    SEARCHING = "searching"
    SEARCHED = "searched"
    DONE = "done"


@dataclass(slots=True, kw_only=True)
class _Way:
    """The way back of a title on one server."""

    name: str
    deletion: int
    back: Return
    setup: ArrSetup
    parts: Sequence[ArrDeletion]
    excluded: bool
    """Whether we have told lists not to add it."""
    client: Radarr | Sonarr
    ledger: Ledger
    pause: Pause
    patience: float
    halt: Callable[[], bool]
    steps: list[str]
    notes: list[Reason] = field(default_factory=list)

    async def go(self) -> BroughtBack:
        """Go it as far as that can be done now."""
        if _Step.DONE in self.steps:
            return self._result(ReturnState.DONE)
        try:
            title_id = await self._list_again()
            await self._look_again(title_id)
            if self.back.search:
                await self._search(title_id)
            await self._note(_Step.DONE)
        except _StillReading:
            self.notes.append(why(Why.STILL_READING, server=self.setup.app))
            return self._result(ReturnState.UNDER_WAY)
        except Stopped as stop:
            self.notes.append(stop.reason)
            return self._result(ReturnState.FAILED)
        except ServerError as err:
            self.notes.append(failed(err))
            return self._result(ReturnState.FAILED)
        return self._result(ReturnState.DONE)

    def _result(self, state: ReturnState) -> BroughtBack:
        """Return what was done, now and before."""
        return BroughtBack(
            title=self.name,
            server=self.setup.app,
            added=_Step.ADDED in self.steps,
            searched=_Step.SEARCHED in self.steps,
            reason=together(self.notes),
            listed=_Step.ADDED in self.steps or _Step.FOUND in self.steps,
            state=state,
        )

    async def _note(self, step: _Step) -> None:
        """Write down that a step begins, or is done."""
        if step not in self.steps:
            await asyncio.to_thread(
                self.ledger.note_return_step,
                self.deletion,
                self.setup.connection_id,
                step,
            )
            self.steps.append(step)

    # --- listed ---------------------------------------------------------------------

    async def _list_again(self) -> int:
        """Return the id of the title, which is added if it is not listed."""
        title_id = await self._listed()
        if title_id is not None:
            await self._lift_exclusion()
            ours = _Step.ADDING in self.steps and _Step.FOUND not in self.steps
            await self._note(_Step.ADDED if ours else _Step.FOUND)
            return title_id
        # Somebody may have removed it since.
        self.steps.clear()
        path, root = await self._place()
        profile = await self._profile()
        tag_ids = await self._tags()
        await self._lift_exclusion()
        await self._note(_Step.ADDING)
        try:
            title_id = await self.client.add(
                self.setup, path=path, root=root, profile=profile, tag_ids=tag_ids
            )
        except ServerError as err:
            late = isinstance(err, Unavailable) and err.timed_out
            title_id = await self._listed_soon(_LATE if late else 0)
            if title_id is None:
                raise
            await self._note(_Step.ADDED if late else _Step.FOUND)
        else:
            await self._note(_Step.ADDED)
        return title_id

    async def _listed(self) -> int | None:
        """Return the id under which the server lists the title now, if it does."""
        provider_id = str(self.setup.provider_id)
        if isinstance(self.client, Radarr):
            found = [
                one.title_id
                for one in await self.client.movies()
                if one.provider_ids.get("tmdb") == provider_id
            ]
        else:
            found = [
                one.title_id
                for one in await self.client.series()
                if one.provider_ids.get("tvdb") == provider_id
            ]
        if self.setup.title_id in found:
            return self.setup.title_id
        return max(found, default=None)

    async def _listed_soon(self, patience: float) -> int | None:
        """Return the id of the title once it is listed: that can be after a time-out."""
        waited = 0.0
        while (title_id := await self._listed()) is None and waited < min(
            patience, self.patience
        ):
            await self.pause(1)
            waited += 1
        return title_id

    async def _place(self) -> tuple[str | None, str]:
        """Return its folder, if that can be used again, and the root folder.

        Given a folder, neither server looks whether its root is one, or is there.
        """
        roots = await self.client.root_folders()
        above = [one for one in roots if _is_below(self.setup.path, one.path)]
        if above:
            own = max(above, key=lambda one: len(one.path))
            if own.accessible is False:
                raise Stopped(
                    why(Why.FOLDER_AWAY, server=self.setup.app, name=own.path)
                )
            return self.setup.path, own.path
        there: list[RootFolder] = [one for one in roots if one.accessible is not False]
        if not there:
            raise Stopped(why(Why.NO_ROOT_FOLDER, server=self.setup.app))
        self.notes.append(
            why(Why.OTHER_ROOT_FOLDER, server=self.setup.app, name=there[0].path)
        )
        return None, there[0].path

    async def _profile(self) -> int:
        """Return its quality profile, or the server's first one."""
        profiles = await self.client.quality_profiles()
        if self.setup.quality_profile in profiles:
            return self.setup.quality_profile
        if not profiles:
            raise Stopped(why(Why.NO_PROFILE, server=self.setup.app))
        first = next(iter(profiles))
        self.notes.append(
            why(Why.OTHER_PROFILE, server=self.setup.app, name=profiles[first])
        )
        return first

    async def _tags(self) -> list[int]:
        """Return the ids of its tags; those that nothing had any more are made again."""
        if not self.setup.tags:
            return []
        known = {label: number for number, label in (await self.client.tags()).items()}
        return [
            known[label] if label in known else await self.client.add_tag(label)
            for label in self.setup.tags
        ]

    async def _lift_exclusion(self) -> None:
        """Let lists add it again, if it was we who told them not to."""
        if not self.excluded:
            return
        for number, provider_id in (await self.client.exclusions()).items():
            if provider_id == self.setup.provider_id:
                await self.client.lift_exclusion(number)

    # --- looked for -------------------------------------------------------------------

    async def _look_again(self, title_id: int) -> None:
        """Have it looked for as before, once it has been read."""
        await self._wait_until_read(title_id)
        if _Step.LISTED in self.steps:
            return
        new = _Step.ADDED in self.steps
        if isinstance(self.client, Radarr):
            movie = await self.client.movie(title_id)
            if self.setup.monitored and movie.monitored is not True:
                await self.client.set_monitored(title_id, True)
        else:
            series = await self.client.series_by_id(title_id)
            if self.setup.monitored and series.monitored is not True:
                await self.client.set_series_monitored(title_id, True)
            await self._monitor_episodes(
                await self.client.episodes(title_id), exactly=new
            )
        await self._note(_Step.LISTED)

    async def _monitor_episodes(
        self, episodes: Sequence[ArrEpisode], *, exactly: bool
    ) -> None:
        """Monitor the episodes as before: all, or else only those that went.

        Where the series was there, nobody but the user turns one of its flags off.
        """
        assert isinstance(self.client, Sonarr)
        wanted = {
            number: monitored
            for part in self.parts
            for season, episode, monitored in part.episodes
            for number in [(season, episode)]
        }
        if exactly:
            wanted = {**self.setup.episodes, **wanted}
        flags = {
            one.episode_id: wanted[number]
            for one in episodes
            if (number := _number(one)) in wanted
            and one.monitored is not wanted[number]
        }
        for flag in (True, False) if exactly else (True,):
            await self.client.set_episodes_monitored(
                [number for number, wish in flags.items() if wish is flag], flag
            )

    async def _wait_until_read(self, title_id: int) -> None:
        """Wait until the server has read it; raise Stopped if it cannot, _StillReading."""
        waited, asked_again = 0.0, False
        for seconds in chain((0.5, 1, 2), repeat(5)):
            state = await self.client.refresh(title_id)
            if state is not Refresh.RUNNING:
                if isinstance(self.client, Radarr):
                    # A movie is whole before it is read.
                    return
                if await self.client.episodes(title_id):
                    return
                if not asked_again:
                    asked_again = True
                    await self.client.read_again(title_id)
                elif state is Refresh.FAILED:
                    raise Stopped(why(Why.NOT_READ, server=self.setup.app))
            if waited >= self.patience or self.halt():
                raise _StillReading
            await self.pause(seconds)
            waited += seconds

    # --- searched for -----------------------------------------------------------------

    async def _search(self, title_id: int) -> None:
        """Start a search for exactly what has gone and is not there again."""
        if _Step.SEARCHED in self.steps:
            return
        gone = [part for part in self.parts if part.file_ids]
        missing: list[int] = []
        if isinstance(self.client, Radarr):
            if gone and not await self.client.files(title_id):
                missing = [title_id]
        else:
            numbers = {
                (season, episode)
                for part in gone
                for season, episode, _ in part.episodes
            }
            missing = [
                one.episode_id
                for one in await self.client.episodes(title_id)
                if _number(one) in numbers and one.file_id is None
            ]
        if not missing:
            if gone:
                self.notes.append(why(Why.NOTHING_MISSING, server=self.setup.app))
            return
        cut_off = _Step.SEARCHING in self.steps
        await self._note(_Step.SEARCHING)
        if not (cut_off and await self.client.has_searched(missing)):
            await self.client.search(missing)
        await self._note(_Step.SEARCHED)


def _number(episode: ArrEpisode) -> tuple[int, int]:
    """Return season and number of an episode; what has none is no other's."""
    if episode.season is None or episode.episode is None:
        return (-1, -1)
    return episode.season, episode.episode


def _is_below(path: str, root: str) -> bool:
    """Return whether a folder is inside a root folder, and not that itself."""
    separator = "\\" if "\\" in root and "/" not in root else "/"
    above = root.rstrip("/\\") + separator
    return path.startswith(above) and len(path.rstrip("/\\")) > len(above)
