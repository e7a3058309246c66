"""Each kind of attack that the product once fell to, as the shortest story of it.

A story ends with no complaint of the judge. ``OLD_WAYS`` puts the old behaviour back, and
then he has one: the suite, and not only a plain test, would find it.

It is long because every kind has its stories here, each with its old way.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.oxicleanarr import keeper as keeper_module
from custom_components.oxicleanarr.cleanup import CleanupReport, execute, guards
from custom_components.oxicleanarr.cleanup.breaker import BreakerState
from custom_components.oxicleanarr.keeper import Keeper
from custom_components.oxicleanarr.ledger import Ledger, OpenedLedger, Spent, approvals
from custom_components.oxicleanarr.model import Approval, PlannedDeletion, ServerInfo
from custom_components.oxicleanarr.retention import RetentionRules
from custom_components.oxicleanarr.servers import Jellyfin
from custom_components.oxicleanarr.sync import library

from . import life as life_module
from .choices import NOTHING_GOES
from .conftest import Run
from .life import Day, Step
from .shrink import relive
from .world import Kind

NOTHING = Day()
EXTRAS = tuple(f"Extra {number}" for number in range(1, 7))
"""Watched by alice long ago: announced by the first look, and gone three days later."""
LOVED = tuple(f"Extra {number}" for number in range(7, 13))
"""Favourites of dave."""


@dataclass(frozen=True)
class Tale:
    """A story of a kind, and the life that it is told of."""

    name: str
    kinds: tuple[Kind, ...]
    days: tuple[Day, ...]
    seed: int = 0
    owned: bool = False


def night(*steps: Step) -> Day:
    """Return a day that begins with these steps."""
    return Day(night=steps)


def evening(*steps: Step) -> Day:
    """Return a day in whose last hours, before a poll, this happens."""
    return Day(day=steps)


def marks(who: str, *titles: str) -> tuple[Step, ...]:
    """Return that somebody has watched titles."""
    return tuple(("mark", who, title) for title in titles)


QUIET = (NOTHING, NOTHING, NOTHING)
# What is played in an evening is announced then, and goes in an evening: by a poll.
ALPHA_WATCHED = (evening(("play", "alice", "Alpha", 96)), NOTHING, NOTHING)
EVERYBODY = ("alice", "bob", "carol", "dave", "erin")

TALES = (
    Tale(
        "a kept film, and the ledger is missing",
        (Kind.LEDGER,),
        (
            NOTHING,
            night(("keep", "Extra 1", 0)),
            night(("lose_ledger", False)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "a kept film, and the ledger is empty",
        (Kind.LEDGER,),
        (
            NOTHING,
            night(("keep", "Extra 1", 0)),
            night(("lose_ledger", True)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "off for a month after the first announcement",
        (Kind.OFF,),
        (NOTHING, night(("off", 720))),
    ),
    Tale(
        "off for a day in the middle of the grace",
        (Kind.OFF,),
        (NOTHING, NOTHING, night(("off", 24))),
    ),
    Tale(
        "the clock is a month ahead at boot",
        (Kind.CLOCK,),
        (NOTHING, night(("boot", 30))),
    ),
    Tale(
        "the clock is a month behind at boot, and put right",
        (Kind.CLOCK,),
        (NOTHING, night(("boot", -30)), night(("set_right",)), NOTHING),
    ),
    Tale(
        "what was kept since the backup that is put back",
        (Kind.RESTORED,),
        (
            NOTHING,
            NOTHING,
            night(*(("keep", title, 0) for title in EXTRAS)),
            NOTHING,
            NOTHING,
            night(("restore", 4)),
        ),
    ),
    *(
        Tale(
            f"after the first of a run: {words}",
            (Kind.MEDDLING,),
            (NOTHING, NOTHING, NOTHING, night(("after", 1, *step))),
        )
        for words, step in (
            ("dry run", ("dry_run", True)),
            ("automatic deletion off", ("automatic", False)),
            ("the time is over", ("only_while", False)),
            ("no film goes any more", ("rules", NOTHING_GOES)),
            ("a library is left alone", ("leave_alone", "Movies")),
            ("one is kept", ("keep", "Extra 6", 0)),
        )
    ),
    Tale(
        "after the first of a run: the daily limit is lower",
        (Kind.MEDDLING, Kind.CAP),
        (*QUIET, night(("after", 1, "cap", 1))),
        seed=2,
    ),
    Tale(
        "after the first of a run: unscheduled by hand",
        (Kind.MEDDLING,),
        (
            evening(
                *(("by_hand", title, 0) for title in ("Comet", "Comets", "Charlie"))
            ),
            NOTHING,
            NOTHING,
            # The films that nobody has to want gone go before.
            night(
                *(
                    ("after", 7, "not_by_hand", title)
                    for title in ("Comet", "Comets", "Charlie")
                )
            ),
        ),
        seed=1,
    ),
    Tale(
        "after the first of a run: favourites stay",
        (Kind.MEDDLING,),
        (
            night(("hearts", False), *marks("alice", *LOVED[:3])),
            NOTHING,
            NOTHING,
            night(("after", 1, "hearts", True)),
        ),
    ),
    *(
        Tale(
            f"the clock jumps, and the disk is full at transaction {number}",
            (Kind.FINDING,),
            (NOTHING, night(("jump", 80), ("full_disk", number)), NOTHING),
        )
        for number in range(1, 7)
    ),
    Tale(
        "all have to have watched it, and one takes that back",
        (Kind.LATE,),
        (
            evening(*(("play", who, "Alpha", 96) for who in EVERYBODY)),
            NOTHING,
            NOTHING,
            evening(("unmark", "bob", "Alpha")),
        ),
        seed=3,
    ),
    Tale(
        "the only mark is taken back",
        (Kind.LATE,),
        (*ALPHA_WATCHED, evening(("unmark", "alice", "Alpha"))),
    ),
    Tale(
        "tagged in Jellyfin during a run",
        (Kind.LATE, Kind.MEDDLING),
        (
            *QUIET,
            night(*(("after", 1, "tag", title, "stay") for title in EXTRAS)),
        ),
        seed=2,
    ),
    Tale(
        "tagged in Radarr during a run",
        (Kind.LATE, Kind.MEDDLING),
        (
            *QUIET,
            night(*(("after", 1, "label", title, "stay") for title in EXTRAS)),
        ),
        seed=2,
        owned=True,
    ),
    Tale(
        "a favourite of a user who was made since the full sync",
        (Kind.USERS,),
        (*ALPHA_WATCHED, evening(("join", "frank"), ("love", "frank", "Alpha"))),
    ),
    Tale(
        "one who was made since has not watched what all have to",
        (Kind.LATE, Kind.USERS),
        (
            evening(*(("play", who, "Alpha", 96) for who in EVERYBODY)),
            NOTHING,
            NOTHING,
            evening(("join", "frank")),
        ),
        seed=3,
    ),
    Tale(
        "favourites of a user who is deleted",
        (Kind.USERS,),
        (
            night(*marks("alice", *LOVED)),
            night(("move_out", "dave")),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "favourites of a user who is disabled",
        (Kind.USERS,),
        (
            night(*marks("alice", *LOVED)),
            night(("disable", "dave", True)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "favourites of a user who sees them no more",
        (Kind.USERS,),
        (
            night(*marks("alice", *LOVED)),
            night(("hide", "dave", "Movies")),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "a user list with one user",
        (Kind.LIES, Kind.USERS),
        (night(*marks("alice", *LOVED)), night(("lose_users", 6)), *QUIET, NOTHING),
    ),
    Tale(
        "a test copy answers to the polls",
        (Kind.IMPOSTOR,),
        (*ALPHA_WATCHED, evening(("impostor", 2))),
    ),
    Tale(
        "a Radarr that lists nothing",
        (Kind.OWNERS,),
        (*QUIET[:2], night(("owner_lies", "radarr", "empty", 6)), *QUIET),
        owned=True,
    ),
    Tale(
        "a Radarr that has lost its tags",
        (Kind.OWNERS, Kind.LATE),
        (
            night(*(("label", title, "stay") for title in EXTRAS)),
            night(("owner_lies", "radarr", "untagged", 6)),
            *QUIET,
            NOTHING,
        ),
        seed=2,
        owned=True,
    ),
    Tale(
        "all films are played at once",
        (Kind.LIES,),
        (NOTHING, night(("all_played", "bob", "Movies", 0, 8)), *QUIET, NOTHING),
    ),
    Tale(
        "some more films are played every day",
        (Kind.LIES,),
        (
            NOTHING,
            night(("all_played", "bob", "Movies", 4, 12)),
            *QUIET,
            *QUIET,
            *QUIET,
        ),
    ),
    Tale(
        "all films are played in a library with a new id",
        (Kind.LIES,),
        (
            NOTHING,
            night(("recreate", "Movies"), ("all_played", "bob", "Movies", 0, 8)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "all films are played, which are few beside the episodes",
        (Kind.LIES,),
        (
            night(("long_series", "Epic", 170)),
            night(("all_played", "bob", "Movies", 0, 8)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "every favourite is lost",
        (Kind.LIES,),
        (
            night(*marks("alice", *LOVED)),
            night(("lose_favourites", 8)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "every tag is lost",
        (Kind.LIES, Kind.LATE),
        (
            night(*marks("alice", *(f"Extra {number}" for number in range(13, 19)))),
            night(("lose_tags", 12)),
            *QUIET,
            *QUIET,
            *QUIET,
        ),
        seed=2,
    ),
    Tale(
        "the films are gone whole, while a series goes",
        (Kind.LIES,),
        (
            evening(*marks("alice", "Show", "Serial")),
            NOTHING,
            night(("lose_titles", "Movies", 1, 6)),
            *QUIET,
        ),
    ),
    Tale(
        "more than the daily limit in many runs",
        (Kind.CAP,),
        (*QUIET, NOTHING),
    ),
    Tale(
        "nobody has approved anything",
        (Kind.APPROVAL,),
        (*QUIET, NOTHING, NOTHING),
    ),
    Tale(
        "after the first of a run: approvals are taken back",
        (Kind.APPROVAL, Kind.MEDDLING),
        (
            *QUIET,
            night(("approve", *EXTRAS), ("after", 1, "take_back", *EXTRAS)),
        ),
    ),
    Tale(
        "after the first of a run: somebody wants to be asked first",
        (Kind.APPROVAL, Kind.MEDDLING),
        (night(("asks", False)), *QUIET[:2], night(("after", 1, "asks", True))),
    ),
    Tale(
        "a series is approved, and goes on",
        (Kind.APPROVAL,),
        (
            evening(*marks("alice", "Show")),
            NOTHING,
            night(
                ("approve", "Show 1x1"),
                ("new_episode", "Show"),
                ("scan", False),
                *marks("alice", "Show"),
            ),
            *QUIET,
            *QUIET,
        ),
    ),
    Tale(
        "an approval that was taken back since the backup that is put back",
        (Kind.APPROVAL, Kind.RESTORED),
        (
            NOTHING,
            night(("approve", *EXTRAS)),
            night(("take_back", *EXTRAS)),
            NOTHING,
            night(("restore", 3)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "approved by other rules",
        (Kind.APPROVAL,),
        (
            evening(*(("by_hand", title, 3) for title in EXTRAS)),
            night(("approve", *EXTRAS)),
            evening(*(("not_by_hand", title) for title in EXTRAS)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "dry run is turned off before there is anything to see",
        (Kind.SWITCHES, Kind.OFF),
        (night(("dry_run", True)), night(("off", 720), ("dry_run", False))),
    ),
)


def complaint_about(tale: Tale, folder: Path, run: Run) -> str | None:
    """Return what the judge says of a tale."""
    complaint: str | None = run(
        relive(
            tale.seed,
            tale.days,
            folder,
            owned=tale.owned,
            kinds=frozenset(tale.kinds),
        )
    )
    return complaint


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
def test_the_judge_has_nothing_to_say(folder: Path, run: Run, tale: Tale) -> None:
    """However hostile it gets."""
    assert complaint_about(tale, folder, run) is None


# --- the old ways -----------------------------------------------------------------------


@contextmanager
def _together(*ways: AbstractContextManager[None]) -> Iterator[None]:
    """Let several old ways be back at once: more than one thing holds a title now."""
    with ExitStack() as stack:
        for way in ways:
            stack.enter_context(way)
        yield


@contextmanager
def _without(*gone: Callable[..., Any]) -> Iterator[None]:
    """Let the executor do without some of its guards, and without deciding again."""
    others = tuple(one for one in guards.LIVE_GUARDS if one not in gone)
    with patch.object(execute, "LIVE_GUARDS", others), _decided_once():
        yield


@contextmanager
def _decided_once() -> Iterator[None]:
    """Let whatever was once on a plan be right for ever."""
    with patch.object(execute, "decide_again", lambda *_, **__: None):
        yield


@contextmanager
def _any_ledger() -> Iterator[None]:
    """Let whatever file is there pass for the ledger."""

    def opened(path: Path, now: datetime, known_id: str | None) -> OpenedLedger:
        """Open it without knowing which one it should be."""
        return keeper_module.open_household(path, now)

    with patch.object(life_module, "open_household", opened):
        yield


@contextmanager
def _announced_once() -> Iterator[None]:
    """Let the grace go on while nobody can see what is announced."""
    with patch.object(Ledger, "begin_grace_anew", lambda *_: None):
        yield


@contextmanager
def _without_meeting_users() -> Iterator[None]:
    """Let a run rest on the users of the last full sync."""

    async def nobody(keeper: Keeper) -> None:
        """Ask for no users."""

    with patch.object(Keeper, "_meet_everybody", nobody):
        yield


@contextmanager
def _whoever_answers() -> Iterator[None]:
    """Let polls and runs not ask who answers."""

    async def anybody(jellyfin: Jellyfin, server_id: str | None) -> ServerInfo:
        """Believe that it is the one."""
        return await jellyfin.info()

    with (
        patch.object(library, "same_server", anybody),
        patch.object(execute, "same_server", anybody),
    ):
        yield


@contextmanager
def _a_run_at_a_time() -> Iterator[None]:
    """Let the limit be one of a run."""
    with patch.object(Ledger, "spent", lambda *_: Spent()):
        yield


@contextmanager
def _deaf_during_a_run() -> Iterator[None]:
    """Let a run go on whatever the user switches meanwhile."""
    clean_up = execute.clean_up

    async def deaf(*arguments: Any, **options: Any) -> CleanupReport:
        """Ask once, before the run."""
        terms, halted = options["terms"](), options["halt"]()
        options |= {"terms": lambda: terms, "halt": lambda: halted}
        return await clean_up(*arguments, **options)

    with patch.object(keeper_module, "clean_up", deaf):
        yield


@contextmanager
def _without_breaker() -> Iterator[None]:
    """Let the breaker find nothing."""

    def blind(state: BreakerState, current: Any) -> BreakerState:
        """Accept everything."""
        return replace(review(state, current), findings=())

    review: Callable[[BreakerState, Any], BreakerState] = vars(keeper_module)["review"]
    with patch.object(keeper_module, "review", blind):
        yield


@contextmanager
def _never_asked() -> Iterator[None]:
    """Let no rule ask first."""
    with patch.object(RetentionRules, "asks_first", lambda *_: False):
        yield


@contextmanager
def _asked_once() -> Iterator[None]:
    """Let what is approved when a run begins be so until it ends."""
    others = tuple(one for one in guards.ENTRY_GUARDS if one is not guards.approved)
    with patch.object(execute, "ENTRY_GUARDS", others):
        yield


@contextmanager
def _approved_by_name() -> Iterator[None]:
    """Let an approval be about a title, whatever rule it goes by and what goes with it."""

    def covers(approval: Approval, entry: PlannedDeletion) -> bool:
        """Compare nothing but the names."""
        return approval.name == entry.name

    with patch.object(Approval, "covers", covers):
        yield


@contextmanager
def _approved_for_good() -> Iterator[None]:
    """Let approvals outlive gaps and backups."""
    with patch.object(approvals, "end_all", lambda *_: None):
        yield


OLD_WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "a kept film, and the ledger is missing": _any_ledger,
    "a kept film, and the ledger is empty": _any_ledger,
    "off for a month after the first announcement": _announced_once,
    "off for a day in the middle of the grace": _announced_once,
    "the clock is a month ahead at boot": _announced_once,
    "what was kept since the backup that is put back": _announced_once,
    "dry run is turned off before there is anything to see": _announced_once,
    "after the first of a run: dry run": _deaf_during_a_run,
    "after the first of a run: automatic deletion off": _deaf_during_a_run,
    "after the first of a run: the time is over": _deaf_during_a_run,
    "after the first of a run: no film goes any more": _deaf_during_a_run,
    "after the first of a run: a library is left alone": _deaf_during_a_run,
    "after the first of a run: the daily limit is lower": _deaf_during_a_run,
    "after the first of a run: favourites stay": _deaf_during_a_run,
    "after the first of a run: unscheduled by hand": _decided_once,
    "after the first of a run: one is kept": lambda: _without(guards.not_kept),
    "the clock jumps, and the disk is full at transaction 6": lambda: _together(
        _without_breaker(), _announced_once()
    ),
    "nobody has approved anything": _never_asked,
    "after the first of a run: approvals are taken back": _asked_once,
    "after the first of a run: somebody wants to be asked first": _asked_once,
    "a series is approved, and goes on": _approved_by_name,
    "an approval that was taken back since the backup that is put back": (
        _approved_for_good
    ),
    "approved by other rules": _approved_by_name,
    "the only mark is taken back": lambda: _without(guards.still_watched),
    "all have to have watched it, and one takes that back": _decided_once,
    "tagged in Jellyfin during a run": _decided_once,
    "tagged in Radarr during a run": _decided_once,
    "a favourite of a user who was made since the full sync": _without_meeting_users,
    "one who was made since has not watched what all have to": _without_meeting_users,
    "a test copy answers to the polls": _whoever_answers,
    "a Radarr that has lost its tags": _without_breaker,
    "every tag is lost": _without_breaker,
    "every favourite is lost": _without_breaker,
    "all films are played at once": _without_breaker,
    "some more films are played every day": _without_breaker,
    "all films are played, which are few beside the episodes": _without_breaker,
    "all films are played in a library with a new id": _without_breaker,
    "more than the daily limit in many runs": _a_run_at_a_time,
}
"""By a tale, how the product is made to do again what it does no more."""


@pytest.mark.parametrize("name", OLD_WAYS)
def test_the_suite_finds_the_old_way(folder: Path, run: Run, name: str) -> None:
    """With the old behaviour put back the judge has something to say."""
    tale = next(one for one in TALES if one.name == name)
    with OLD_WAYS[name]():
        assert complaint_about(tale, folder, run) is not None
