"""The copies of a file in Radarr and Sonarr: unmonitored, deleted, looked for, restored."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from ..ledger import ArrDeletion
from ..model import ArrEpisode, ArrSetup, ArrTitle
from ..servers import Connection, Connections, NotFound, Radarr, Sonarr


class Copy(Protocol):
    """Files of a title that a Radarr or Sonarr owns, or is still looking for."""

    @property
    def part(self) -> ArrDeletion:
        """What is to go, and what has to be undone if it stays."""

    @property
    def is_place(self) -> bool:
        """Whether the title is in the folder of this entry, which then goes with it."""

    async def unmonitor(self) -> None:
        """Stop the *arr from looking for it. Raises ServerError."""

    async def delete(self) -> None:
        """Delete the files and wait for it. Raises ServerError."""

    async def files_left(self) -> int:
        """Return how many of the files the *arr still has. Raises ServerError."""

    async def restore(self) -> None:
        """Have the *arr look for it as it did before. Raises ServerError."""


async def unless_unknown[T](arr: Radarr | Sonarr, answer: Awaitable[T]) -> T | None:
    """Return an answer, or ``None`` where the *arr no longer knows this.

    That is believed only if it is the *arr that says so: a proxy in front of one that
    is down says the same. Raises ServerError.
    """
    try:
        return await answer
    except NotFound:
        await arr.check()
        return None


@dataclass(frozen=True, slots=True)
class MovieCopy:
    """A movie's files of one Radarr."""

    part: ArrDeletion
    radarr: Radarr
    is_place: bool = False
    """As of ``Copy``: also where Radarr takes none of the files for one of its own."""

    async def unmonitor(self) -> None:
        """Stop Radarr from looking for the movie."""
        if self.part.was_monitored:
            await self.radarr.set_monitored(self.part.title_id, False)

    async def delete(self) -> None:
        """Delete the files, not the movie."""
        for file_id in self.part.file_ids:
            await self.radarr.delete_file(file_id)

    async def files_left(self) -> int:
        """Return how many of the files Radarr still has."""
        if not self.part.file_ids:
            return 0
        files = await unless_unknown(self.radarr, self.radarr.files(self.part.title_id))
        return sum(file.file_id in self.part.file_ids for file in files or ())

    async def restore(self) -> None:
        """Have Radarr look for the movie as it did before, if it still has it."""
        if self.part.was_monitored:
            await unless_unknown(
                self.radarr, self.radarr.set_monitored(self.part.title_id, True)
            )


@dataclass(frozen=True, slots=True)
class EpisodeCopy:
    """A file of one Sonarr, with all the episodes that are in it."""

    part: ArrDeletion
    sonarr: Sonarr
    episode_ids: tuple[int, ...] = ()
    """Of all episodes in it."""

    @property
    def is_place(self) -> bool:
        """Return whether this Sonarr has the file."""
        return bool(self.part.file_ids)

    async def unmonitor(self) -> None:
        """Stop Sonarr from looking for the episodes."""
        await self.sonarr.set_episodes_monitored(self.part.episode_ids, False)

    async def delete(self) -> None:
        """Delete the file."""
        for file_id in self.part.file_ids:
            await self.sonarr.delete_file(file_id)

    async def files_left(self) -> int:
        """Return whether Sonarr still has the file, as a number."""
        if not self.part.file_ids:
            return 0
        files = await unless_unknown(
            self.sonarr, self.sonarr.episode_files(self.part.title_id)
        )
        return sum(file.file_id in self.part.file_ids for file in files or ())

    async def restore(self) -> None:
        """Have Sonarr look for the episodes as it did before, if it still has them."""
        await unless_unknown(
            self.sonarr,
            self.sonarr.set_episodes_monitored(self.part.episode_ids, True),
        )


def copy_of(part: ArrDeletion, connections: Connections) -> Copy | None:
    """Return the copy that a row of the journal names; ``None``: no longer connected."""
    for radarr in connections.radarr:
        if radarr.connection_id == part.connection_id:
            return MovieCopy(part, radarr.client)
    for sonarr in connections.sonarr:
        if sonarr.connection_id == part.connection_id:
            return EpisodeCopy(part, sonarr.client)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who has the files of a movie or episode, at this moment."""

    copies: tuple[Copy, ...] = ()
    """Empty: nobody but Jellyfin."""
    rest: tuple[str, ...] = ()
    """The paths of the item's files that none of the copies has: Jellyfin has them."""
    item_ids: frozenset[str] = frozenset()
    """All of Jellyfin's items that are in these files."""
    recycle_bin: str | None = None
    """Where the files are moved to; ``None``: they are gone from the disk at once."""
    keep_days: int | None = None
    tags: frozenset[str] | None = frozenset()
    """The tags of its title on all of these servers; ``None``: one is not known."""
    continuing: bool | None = None
    """Whether more of its series is expected; ``None``: not known."""
    setups: tuple[ArrSetup, ...] = ()
    """How its title is set up on these servers, as far as all of it is known."""

    @property
    def owned_files(self) -> int:
        """Return how many files go through Radarr or Sonarr."""
        return sum(len(copy.part.file_ids) for copy in self.copies)

    def for_jellyfin(self, files: int) -> int:
        """Return how many of a title's files are left for Jellyfin to delete."""
        if not self.copies:
            return files
        return max(len(self.rest), files - self.owned_files)

    @property
    def files(self) -> int:
        """Return how many files go in all."""
        return self.owned_files + len(self.rest)


def setup_of(
    connection: Connection[Radarr] | Connection[Sonarr],
    title: ArrTitle,
    tags: frozenset[str] | None,
    episodes: Iterable[ArrEpisode] = (),
) -> list[ArrSetup]:
    """Return how a title is set up on a server, if all of it is known."""
    if title.setup is None or tags is None:
        return []
    return [
        replace(
            title.setup,
            connection_id=connection.connection_id,
            app=connection.name,
            tags=tuple(sorted(tags)),
            episodes={
                (one.season, one.episode): one.monitored
                for one in episodes
                if one.season is not None
                and one.episode is not None
                and one.monitored is not None
            },
        )
    ]
