"""The disk, as Jellyfin sees it: what is there, what has gone, what else is in a folder.

Only what is to be seen is certain. What is not may lie on a disk that is away, or where
Jellyfin may not look.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
import posixpath
import re
from typing import Final

from ..ledger import Ledger, Remembered, file_name, folder_of
from ..model import FolderEntry, MediaFile, MediaItem, MediaKind, Reason
from ..servers import Jellyfin, NotFound
from ..sync import holds, normal
from .reasons import Why, unsure, why

_MOST_FOLDERS: Final = 200
_MOST_ENTRIES: Final = 20_000
_DEEPEST: Final = 8

_VIDEOS: Final = frozenset(
    [
        ".3g2",
        ".3gp",
        ".amv",
        ".asf",
        ".avi",
        ".bin",
        ".divx",
        ".dv",
        ".dvr-ms",
        ".f4v",
        ".flv",
        ".ifo",
        ".img",
        ".iso",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4v",
        ".mk3d",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpe",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".nrg",
        ".nsv",
        ".nuv",
        ".ogm",
        ".ogv",
        ".qt",
        ".rec",
        ".rm",
        ".rmvb",
        ".strm",
        ".svq3",
        ".tp",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
        ".wtv",
        ".xvid",
    ]
)
_SUBFOLDERS: Final = frozenset(
    {
        # Jellyfin's own names for extras, and two that others use.
        "trailers",
        "extras",
        "featurettes",
        "behind the scenes",
        "deleted scenes",
        "interviews",
        "scenes",
        "samples",
        "sample",
        "shorts",
        "clips",
        "other",
        "extra",
        "theme-music",
        "backdrops",
        # Subtitles, pictures and what programs keep beside a film.
        "subs",
        "subtitles",
        "extrafanart",
        "extrathumbs",
        "metadata",
        "trickplay",
        ".actors",
        "@eadir",
        ".@__thumb",
    }
)
_DISC_FOLDERS: Final = frozenset(
    ["bdmv", "certificate", "video_ts", "audio_ts", "any!", "aacs", "hvdvd_ts"]
)
_EXTRA_NAME: Final = re.compile(
    r"(^|[-._ ])(trailer|sample|theme)$|-(scene|clip|interview|behindthescenes|deleted"
    r"|deletedscene|featurette|short|extra|other)$",
    re.IGNORECASE,
)
_SEASON_NAME: Final = re.compile(
    r"(season|series|staffel|saison|temporada|stagione|seizoen|s)[ ._-]*\d{1,4}|specials",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """What the disk shows of a movie or episode, as Jellyfin sees it."""

    unseen: tuple[str, ...] = ()
    """The paths of those of its files that are not to be seen."""
    objection: Reason | None = None
    """What in its folder must not go with it."""
    for_jellyfin: int = 1
    """How many of its files Jellyfin will be asked to delete."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The household's disk. Everything raises ServerError where Jellyfin fails."""

    jellyfin: Jellyfin
    ledger: Ledger
    listed: dict[str, list[FolderEntry]] | None = None
    """What is in folders, for as long as one look takes; ``None``: each is asked for."""

    async def shown(
        self, target: MediaItem, known: Remembered, for_jellyfin: int
    ) -> OnDisk:
        """Return what is to be seen of a target, and of the folder that would go with it.

        ``for_jellyfin`` of its files are not deleted by Radarr or Sonarr.
        """
        left = await self.left_of(target, known.files)
        return OnDisk(
            unseen=tuple(file.path for file in known.files if file not in left),
            objection=await self._objection_around(
                target, known, through_jellyfin=for_jellyfin > 0
            )
            if len(left) == len(known.files)
            else None,
            for_jellyfin=for_jellyfin,
        )

    async def left_of(
        self, target: MediaItem, files: Collection[MediaFile]
    ) -> list[MediaFile]:
        """Return those of a target's files that are to be seen."""
        folders = [file.path for file in files if target.is_disc]
        left = await self.left([file.path for file in files], folders)
        return [file for file in files if file.path in left]

    async def left(
        self, paths: Iterable[str], folders: Collection[str] | None = ()
    ) -> list[str]:
        """Return those of the files that are to be seen.

        ``folders`` of them are discs; ``None``: nobody knows which.
        """
        return [
            path
            for path in paths
            if await self.jellyfin.path_exists(
                path, folder=None if folders is None else path in folders
            )
        ]

    async def is_there(
        self, path: str, without: Collection[str], *, just_seen: bool = False
    ) -> bool | None:
        """Return whether the disk that a file was on is to be seen; ``None``: who knows.

        Then a file that is not has gone. What proves it is another file near it, not of
        the ids ``without``; where the library has none, its folder has to show something,
        which is enough only if the file itself was seen a moment ago: a mount point may
        hold something while nothing is mounted.
        """
        location, others = await asyncio.to_thread(
            self.ledger.files_near, path, without
        )
        for other in others:
            if await self.jellyfin.path_exists(other, folder=None):
                return True
        if others:
            return False
        if location is None or not just_seen:
            return None
        try:
            entries = await self.jellyfin.folder_contents(location)
        except NotFound:
            return False
        shown = any(file_name(entry.path) != "lost+found" for entry in entries)
        return True if shown else None

    async def freed(self, target: MediaItem, files: Collection[MediaFile]) -> int:
        """Return the bytes of those of a target's files that have gone.

        They were seen before, and one that still is tells that the disk is there.
        """
        left = await self.left_of(target, files)
        if not left:
            return 0
        return sum(file.size_bytes or 0 for file in files if file not in left)

    async def _objection_around(
        self, target: MediaItem, known: Remembered, *, through_jellyfin: bool
    ) -> Reason | None:
        """Return what in a target's folder must not go with it, or ``None``.

        Radarr removes a movie's folder with its entry, and so does Jellyfin with the
        movie. Where other titles are in it, they do not.
        """
        path, own = target.path or "", [file.path for file in known.files]
        if target.kind is not MediaKind.MOVIE or known.neighbours:
            if not through_jellyfin:
                return None
            others = [other for _, other in known.neighbours]
            return await self.beside_objection(
                path, own, others if target.kind is MediaKind.MOVIE else None
            )
        folder = path if target.is_disc else folder_of(path)
        if any(
            holds(normal(folder) or "", normal(location) or "")
            for location in known.locations
        ):
            # Nobody would delete that; a guard and the removal of the entry see to it.
            return None
        return await self.folder_objection(folder, own)

    async def series_objection(
        self, series: MediaItem, going: Mapping[str, Iterable[str]], *, emptied: bool
    ) -> Reason | None:
        """Return what in a series' folder must not go with Sonarr's entry, or ``None``.

        ``going`` are the files of its episodes by item id. With other titles in its
        folder, the entry stays anyway.
        """
        if series.path is None or series.kind is not MediaKind.SERIES:
            return None
        inside = await asyncio.to_thread(self.ledger.files_below, series.path)
        if not {item_id for item_id, _ in inside} <= going.keys():
            return None
        return await self.folder_objection(
            series.path,
            [path for paths in going.values() for path in paths],
            emptied=emptied,
            seasons=True,
        )

    async def beside_objection(
        self, path: str, own: Collection[str], others: Collection[str] | None
    ) -> Reason | None:
        """Return what Jellyfin would delete with a file that shares its folder, or ``None``.

        ``others`` are files of other titles in a movie's folder or below it. If none of
        them is right beside it by now, Jellyfin would delete the folder. ``None``: it is
        no movie, and the folder stays.
        """
        shown = await self._contents(folder_of(path))
        known = _comparable(others or ())
        files = [entry.path for entry in shown if not entry.is_folder]
        if others is not None and not any(
            (normal(one) or "").casefold() in known for one in files
        ):
            return await self.folder_objection(folder_of(path), own)
        mine = _comparable(own)
        stem = posixpath.splitext(file_name(path))[0].casefold()
        for one in files:
            name = file_name(one)
            if (
                _is_video(name)
                and name.casefold().startswith(stem)
                and (normal(one) or "").casefold() not in mine
            ):
                return why(Why.TAKES_SIDECAR, name=name)
        return None

    async def _contents(self, folder: str) -> list[FolderEntry]:
        """Return what is right in a folder; the episodes of a season share theirs."""
        if self.listed is None:
            return await self.jellyfin.folder_contents(folder)
        if folder not in self.listed:
            self.listed[folder] = await self.jellyfin.folder_contents(folder)
        return self.listed[folder]

    async def folder_objection(
        self,
        folder: str,
        own: Collection[str],
        *,
        emptied: bool = False,
        seasons: bool = False,
    ) -> Reason | None:
        """Return what in a folder must not go with it, or ``None``.

        ``own`` are the files of the titles that go, or the folders of their discs; once
        they are gone the folder may be ``emptied``. ``seasons`` of the title may be in it.
        """
        look = _Look(
            self.jellyfin,
            _comparable(own),
            emptied,
            seasons,
        )
        return await look.objection(folder, 0, extras=False)


@dataclass(slots=True)
class _Look:
    """One look through all of a folder."""

    jellyfin: Jellyfin
    own: frozenset[str]
    emptied: bool
    seasons: bool
    folders: int = 0
    entries: int = 0

    async def objection(
        self, folder: str, depth: int, *, extras: bool
    ) -> Reason | None:
        """Return what in a folder must not go, or ``None``; below the title's own, ``extras``."""
        self.folders += 1
        name = file_name(folder)
        known = (normal(folder) or "").casefold()
        try:
            found = await self.jellyfin.folder_contents(folder)
        except NotFound:
            if self.emptied and not depth:
                return None
            return unsure(why(Why.FOLDER_UNREADABLE, name=name))
        self.entries += len(found)
        # The title's own file was seen in it just now.
        unclear = not found and not self.emptied and self._holds_own(known)
        if unclear or self.entries > _MOST_ENTRIES or self.folders > _MOST_FOLDERS:
            return unsure(why(Why.FOLDER_UNREADABLE, name=name))
        # Jellyfin does not look into a folder with such a file.
        hidden = any(file_name(entry.path).casefold() == ".ignore" for entry in found)
        for entry in found:
            if entry.is_folder or (extras and not hidden):
                continue
            if self._is_foreign(entry.path, hidden=hidden):
                return why(Why.FOLDER_HOLDS_VIDEO, name=file_name(entry.path))
        for entry in found:
            if not entry.is_folder:
                continue
            path = (normal(entry.path) or "").casefold()
            inside = extras or _goes_along(file_name(path), disc=known in self.own)
            if not (inside or self._holds_own(path) or self._is_season(path)):
                return why(Why.FOLDER_HOLDS_FOLDER, name=file_name(entry.path))
            if depth >= _DEEPEST:
                return unsure(why(Why.FOLDER_UNREADABLE, name=name))
            if objection := await self.objection(
                entry.path, depth + 1, extras=inside and not hidden
            ):
                return objection
        return None

    def _holds_own(self, path: str) -> bool:
        """Return whether a file that goes is in a folder."""
        return any(holds(path, one) for one in self.own)

    def _is_season(self, path: str) -> bool:
        """Return whether a sub-folder is a season's."""
        return self.seasons and _SEASON_NAME.fullmatch(file_name(path)) is not None

    def _is_foreign(self, path: str, *, hidden: bool) -> bool:
        """Return whether a file is a video that does not belong to what goes."""
        known = (normal(path) or "").casefold()
        if not _is_video(known) or known in self.own:
            return False
        return hidden or not _EXTRA_NAME.search(posixpath.splitext(file_name(known))[0])


def _comparable(paths: Iterable[str]) -> frozenset[str]:
    """Return paths as they can be compared."""
    return frozenset(path.casefold() for one in paths if (path := normal(one)))


def _is_video(name: str) -> bool:
    """Return whether Jellyfin would take a file for a video."""
    return posixpath.splitext(name)[1].casefold() in _VIDEOS


def _goes_along(name: str, *, disc: bool) -> bool:
    """Return whether a sub-folder is for what goes with a title, or with a ``disc``."""
    return (
        name in _SUBFOLDERS
        or name.endswith(".trickplay")
        or (disc and name in _DISC_FOLDERS)
    )
