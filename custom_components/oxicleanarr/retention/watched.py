"""Whether those whom a rule names have watched a title, and how far they are if not."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..model import MediaFacts, Reason, Requester
from .reasons import Because
from .rules import WatchedBy, Watchers
from .ruling import Ruling, name_of
from .series import SeriesFacts

# What is said of many titles alike is made once.
NOT_REQUESTED = Reason(Because.NOT_REQUESTED)
REQUESTER_UNKNOWN = Reason(Because.REQUESTER_UNKNOWN)
_VISIBILITY_UNKNOWN = Reason(Because.VISIBILITY_UNKNOWN)
_NOT_VISIBLE = Reason(Because.NOT_VISIBLE)
_NAMES_NOBODY = Reason(Because.NAMES_NOBODY)
_NOBODY_FINISHED = Reason(Because.NOBODY_FINISHED, {"progress": None})


class Watched(NamedTuple):
    """Whether those who should have watched a title have."""

    met: bool | None
    """``None``: not known."""
    because: Reason = _NOBODY_FINISHED
    """Why not, or why it is not known; of no meaning where they have."""


def watched(
    facts: MediaFacts,
    watched_by: WatchedBy,
    ruling: Ruling,
    requesters: tuple[Requester, ...] | None,
    series: SeriesFacts | None = None,
) -> Watched:
    """Return whether a title is watched in the sense of a rule."""
    needed: frozenset[str]
    match watched_by:
        case Watchers.ANY:
            if facts.watched_by:
                return _WATCHED
            if facts.partly_watched_by:
                return _half(facts.partly_watched_by, ruling)
            if facts.doubtful_of:
                return _doubtful(facts.doubtful_of, ruling)
            begun = _begun(facts, series, ruling, None)
            if begun is None:
                return _NOBODY
            return Watched(False, Reason(Because.NOBODY_FINISHED, {"progress": begun}))
        case Watchers.ALL:
            if facts.visible_to is None:
                return Watched(None, _VISIBILITY_UNKNOWN)
            if not facts.visible_to:
                return Watched(False, _NOT_VISIBLE)
            needed = facts.visible_to
        case Watchers.REQUESTER:
            if requesters is None:
                return Watched(None, REQUESTER_UNKNOWN)
            if not requesters:
                return Watched(False, NOT_REQUESTED)
            found: set[str] = set()
            for requester in requesters:
                user_id = _jellyfin_id(requester, ruling)
                if user_id is None:
                    who = name_of(requester, ruling.users)
                    return Watched(
                        None, Reason(Because.REQUESTER_NOT_MATCHED, {"requester": who})
                    )
                found.add(user_id)
            needed = frozenset(found)
        case names:
            wanted: set[str] = set()
            for name in names:
                ids = ruling.ids_of.get(name.casefold())
                if ids is None:
                    return Watched(False, Reason(Because.NO_SUCH_USER, {"user": name}))
                wanted |= ids
            if not wanted:
                return Watched(False, _NAMES_NOBODY)
            needed = frozenset(wanted)
    missing = needed - facts.watched_by
    if not missing:
        return _WATCHED
    if missing <= facts.partly_watched_by:
        return _half(missing, ruling)
    if missing <= facts.doubtful_of:
        return _doubtful(missing, ruling)
    begun = _begun(facts, series, ruling, missing)
    return Watched(
        False,
        Reason(
            Because.USERS_NOT_FINISHED,
            {"users": ruling.names[missing], "progress": begun},
        ),
    )


# What is said of many titles alike is made once.
_WATCHED = Watched(True)
_NOBODY = Watched(False)


def _half(users: frozenset[str], ruling: Ruling) -> Watched:
    """Return that users have watched one of several copies, which may be other titles."""
    return Watched(False, Reason(Because.COPIES_DIFFER, {"users": ruling.names[users]}))


def _doubtful(users: frozenset[str], ruling: Ruling) -> Watched:
    """Return that users have a mark that proves nothing about this file."""
    return Watched(False, Reason(Because.MARK_DOUBTFUL, {"users": ruling.names[users]}))


def _begun(
    facts: MediaFacts,
    series: SeriesFacts | None,
    ruling: Ruling,
    of: frozenset[str] | None,
) -> Reason | None:
    """Return how far those are who have begun a title, if anybody has."""
    if series is None:
        if not facts.last_watched:
            return None
        begun = frozenset(facts.last_watched)
        if of is not None:
            begun &= of
        return Reason(Because.BEGUN, {"users": ruling.names[begun]}) if begun else None
    furthest = min(
        (
            (-count, ruling.users.get(user_id, ""))
            for user_id, count in series.progress.items()
            if of is None or user_id in of
        ),
        default=None,
    )
    if furthest is None:
        return None
    return Reason(
        Because.EPISODES_WATCHED,
        {
            "user": furthest[1] or None,
            "watched": -furthest[0],
            "episodes": len(series.episodes),
        },
    )


def _jellyfin_id(requester: Requester, ruling: Ruling) -> str | None:
    """Return which Jellyfin user a requester is, if that is beyond doubt."""
    if requester.user_id is not None:
        return requester.user_id
    found: frozenset[str] = frozenset()
    for name in requester.names:
        found |= ruling.ids_of.get(name.casefold(), frozenset())
    return next(iter(found)) if len(found) == 1 else None


def requesters_named(
    requesters: Iterable[Requester], users: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what to call those who asked for a title, each once, in order."""
    names = {name_of(requester, users) for requester in requesters}
    return tuple(sorted(name for name in names if name))
