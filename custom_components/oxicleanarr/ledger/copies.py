"""Which items are one title, who has watched it, and what is no copy but a doubt.

This is the only place that says who has watched a title: the facts of a plan and the
decision right before a deletion both ask here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import re
import sqlite3

from ..model import MediaFacts, MediaFiles, MediaItem, MediaKind, Reason, full_title
from .paths import file_name

_MOST_APART = 1.1
"""By how much the running times of copies may differ."""


class Unclear(StrEnum):
    """Why it cannot be told what the files of a title are, as codes with their data."""

    SAME_NUMBER = "same_number"
    """``title``, ``file``: another one with the same number below the same series."""
    VERSIONS_UNKNOWN = "versions_unknown"
    """``title``, ``versions``: how many there are."""
    VERSIONS_DIFFER = "versions_differ"
    """``title``; ``shortest`` and ``longest``: minutes."""
    VERSIONS_NUMBERED = "versions_numbered"
    """``title``, ``file``, ``other_file``."""
    IN_UNMANAGED = "in_unmanaged"
    """``title``, ``library``."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a title, and who has watched just this one."""

    runtime: int | None
    life_started_at: datetime | None
    watched: Mapping[str, datetime | None] = field(default_factory=dict)
    """User id to when that user last played it."""


def alike(runtimes: Iterable[int | None]) -> bool:
    """Return whether running times (seconds) agree; what is unknown agrees with nothing."""
    known = list(runtimes)
    if any(not one for one in known):
        return False
    times = [one for one in known if one]
    return not times or max(times) <= min(times) * _MOST_APART


def watchers(copies: Sequence[Copy]) -> tuple[list[frozenset[str]], frozenset[str]]:
    """Return who has watched the title, for each copy, and who only some of them.

    Whoever has watched one of several has watched the title if they are equally long.
    What was watched before another copy came proves nothing about that one.
    """
    everybody = frozenset(one for copy in copies for one in copy.watched)
    if not alike(copy.runtime for copy in copies):
        common = everybody.intersection(*(copy.watched for copy in copies))
        return [common] * len(copies), everybody - common
    return [
        frozenset(
            user_id
            for user_id in everybody
            if user_id in copy.watched
            or any(_within(other.watched.get(user_id), copy) for other in copies)
        )
        for copy in copies
    ], frozenset()


def _within(at: datetime | None, copy: Copy) -> bool:
    """Return whether a play of another copy lies within the life of this one."""
    if at is None:
        return False
    return copy.life_started_at is None or at >= copy.life_started_at


def copies_among(facts: Iterable[MediaFacts]) -> list[list[MediaFacts]]:
    """Return the movies and episodes that are one title, in sets of several.

    Two files with one number below one series are none, unless Sonarr says so.
    """
    movies: list[MediaFacts] = []
    series: list[MediaFacts] = []
    episodes: list[MediaFacts] = []
    kinds = {
        MediaKind.MOVIE: movies,
        MediaKind.SERIES: series,
        MediaKind.EPISODE: episodes,
    }
    for fact in facts:
        if (of_kind := kinds.get(fact.item.kind)) is not None:
            of_kind.append(fact)
    # Without an id of its own a series is known by those that it belongs to.
    folders = {
        fact.item.item_id: together[0].key
        for together in _together(series)
        for fact in together
    }

    def name_of(episode: MediaFacts) -> object:
        """Return what the copies of an episode have in common."""
        folder = folders.get(episode.item.series_id or "")
        number = episode.item.season, episode.item.episode
        if folder is None or None in number:
            return episode.key
        return (folder, *number)

    return [*_together(movies), *_of_one_name(episodes, name_of)]


def _together(facts: Sequence[MediaFacts]) -> list[list[MediaFacts]]:
    """Return those that share a key or a title of an *arr, in sets of several."""
    sets: dict[str, list[MediaFacts]] = {}
    for fact in facts:
        own = [fact]
        for name in _names(fact):
            other = sets.setdefault(name, own)
            if other is own:
                continue
            other += own
            for one in own:
                sets |= dict.fromkeys(_names(one), other)
            own = other
    several = {id(one): one for one in sets.values() if len(one) > 1}
    return list(several.values())


def _names(fact: MediaFacts) -> list[str]:
    """Return what the copies of a title have in common."""
    return [fact.key] if fact.group is None else [fact.key, fact.group]


def rows_of_one_number(facts: Iterable[MediaFacts]) -> dict[str, MediaFacts]:
    """Return the episodes that share their number with another row below one series.

    Each is named by its id, with one of the others. What Sonarr is sure of is no doubt.
    """
    numbered = (
        fact
        for fact in facts
        if fact.item.kind is MediaKind.EPISODE and fact.item.episode is not None
    )
    return {
        one.item.item_id: sharing[index - 1]
        for sharing in _of_one_name(numbered, _place)
        if not all(one.exact for one in sharing)
        for index, one in enumerate(sharing)
    }


def _place(episode: MediaFacts) -> object:
    """Return the series of an episode and its number there."""
    item = episode.item
    return item.series_id, item.season, item.episode


def _of_one_name(
    facts: Iterable[MediaFacts], name_of: Callable[[MediaFacts], object]
) -> list[list[MediaFacts]]:
    """Return those that share a name, in sets of several. Most names have only one."""
    first: dict[object, MediaFacts] = {}
    several: dict[object, list[MediaFacts]] = {}
    for fact in facts:
        name = name_of(fact)
        if (other := first.setdefault(name, fact)) is not fact:
            several.setdefault(name, [other]).append(fact)
    return list(several.values())


def doubt_about_versions(item: MediaItem, files: MediaFiles | None) -> Reason | None:
    """Return why the versions of an item may be different titles, if they may."""
    if item.source_count < 2:
        return None
    runtimes = files.runtimes if files is not None else None
    if runtimes is None or len(runtimes) < item.source_count or None in runtimes:
        return versions_changed(item)
    if not alike(runtimes):
        minutes = sorted(round((one or 0) / 60) for one in runtimes)
        return Reason(
            Unclear.VERSIONS_DIFFER,
            {
                "title": full_title(item),
                "shortest": minutes[0],
                "longest": minutes[-1],
            },
        )
    if item.kind is MediaKind.EPISODE and files is not None:
        first, *others = [file_name(path) for path in files.paths] or [""]
        for other in others:
            if numbers_in(first) != numbers_in(other):
                return Reason(
                    Unclear.VERSIONS_NUMBERED,
                    {"title": full_title(item), "file": first, "other_file": other},
                )
    return None


def in_unmanaged(item: MediaItem, library: str) -> Reason:
    """Return that an item lies in a library that is not managed as well."""
    return Reason(Unclear.IN_UNMANAGED, {"title": full_title(item), "library": library})


def versions_changed(item: MediaItem) -> Reason:
    """Return that an item has other versions than when they were last looked at."""
    return Reason(
        Unclear.VERSIONS_UNKNOWN,
        {"title": full_title(item), "versions": item.source_count},
    )


def shared_number(item: MediaItem, other: MediaItem) -> Reason:
    """Return that two files below one series have one number."""
    return Reason(
        Unclear.SAME_NUMBER,
        {"title": full_title(item), "file": file_name(other.path or "")},
    )


# What looks like the number of an episode and is none.
_NO_NUMBER = re.compile(
    r"\d{3,4}\s?x\s?\d{3,4}|\d{3,4}[pi]\b|\b\dk\b|[xh][ ._]?26[45]|\d+[ ._-]?bits?\b"
    r"|(?:aac|e?-?ac-?3|ddp?|dts(?:-hd)?(?:[ ._-]ma)?|truehd|flac|opus)[ ._-]*\d\.\d"
    r"|\[[0-9a-f]{8}\]|v\d\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?:s\d+|e\d+|ep\d+|\d+x\d+|\d+)+", re.IGNORECASE)


def numbers_in(name: str) -> list[int]:
    """Return the numbers in a file's name that may tell which episode it is."""
    stem = name.rpartition(".")[0] or name
    words = re.split(r"[^a-z0-9]+", _NO_NUMBER.sub(" ", stem), flags=re.IGNORECASE)
    return [
        int(number)
        for word in words
        if _NUMBERS.fullmatch(word)
        for number in re.findall(r"\d+", word)
    ]


def hand_to_copies(connection: sqlite3.Connection, item_id: str) -> None:
    """Let the other copies of a deleted one keep what was watched of it.

    They are as watched as the title was, also when this is the only trace of it.
    """
    connection.execute(
        "INSERT INTO plays (item_id, user_id, played, stale, touched,"
        " first_played_at, last_played_at)"
        " SELECT other.item_id, plays.user_id, 1, 0, 0, plays.first_played_at,"
        " plays.last_played_at FROM items gone JOIN plays USING (item_id)"
        " JOIN items other ON other.kind = gone.kind AND other.present"
        " AND other.item_id != gone.item_id AND (other.key = gone.key"
        "  OR gone.kind = 'movie' AND EXISTS (SELECT 1 FROM owned one"
        "   JOIN owned two ON two.group_name = one.group_name"
        "   WHERE one.item_id = gone.item_id AND two.item_id = other.item_id))"
        " WHERE gone.item_id = ? AND gone.kind IN ('movie', 'episode')"
        " AND (gone.kind = 'movie' OR gone.series_id IS NOT other.series_id)"
        " AND plays.played AND NOT plays.stale AND gone.runtime > 0"
        " AND max(gone.runtime, other.runtime)"
        f"  <= {_MOST_APART} * min(gone.runtime, other.runtime)"
        " AND coalesce(plays.last_played_at, plays.first_played_at)"
        "  >= coalesce(other.life_started_at, 0)"
        " ON CONFLICT (item_id, user_id) DO UPDATE SET played = 1, stale = 0,"
        " touched = 0, first_played_at = coalesce(plays.first_played_at,"
        "  excluded.first_played_at),"
        " last_played_at = nullif(max(coalesce(plays.last_played_at, 0),"
        "  coalesce(excluded.last_played_at, 0)), 0)",
        (item_id,),
    )
