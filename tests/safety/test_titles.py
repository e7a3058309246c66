"""Each kind of title that is not what it seems, as the shortest story of it.

As in ``test_kinds`` a story ends with no complaint, and has one in the old ways.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.oxicleanarr.cleanup import guards
from custom_components.oxicleanarr.cleanup.disk import Disk
from custom_components.oxicleanarr.ledger import (
    batch,
    copies,
    facts,
    identity,
    inventory,
)

from .conftest import Run
from .test_kinds import (
    LOVED,
    NOTHING,
    QUIET,
    TALES as OTHERS,
    Tale,
    _without,
    complaint_about,
    evening,
    night,
)
from .world import WITHSTOOD, Kind

TALES = (
    *(
        Tale(
            f"the disk is away when films are due{words}",
            (Kind.DISKS,),
            (*QUIET, night(("unplug", "Movies", stray)), NOTHING, NOTHING),
            owned=owned,
        )
        for words, stray, owned in (
            ("", False, False),
            (", and a stray file is there", True, False),
            (", and Radarr has them", False, True),
        )
    ),
    Tale(
        "the disk is away for two days",
        (Kind.DISKS,),
        (
            NOTHING,
            night(("unplug", "Movies", False)),
            NOTHING,
            night(("plug_in", "Movies")),
            *QUIET,
        ),
    ),
    *(
        Tale(
            f"a film arrives with a mark of long ago{words}",
            (Kind.MARKS,),
            (
                NOTHING,
                night(("seen_elsewhere", "Film 99", "alice", 400, year)),
                *QUIET,
                NOTHING,
                NOTHING,
            ),
            seed=seed,
        )
        for words, year, seed in (
            ("", 0, 0),
            (" and a date of 2018", 2018, 5),
            (" and a date of 1970", 1970, 0),
            (" and a date of 2126", 2126, 5),
        )
    ),
    Tale(
        "a new season of a watched show",
        (Kind.MARKS,),
        (
            evening(("mark", "alice", "Show")),
            night(("seen_season", "Show", "alice", 400)),
            *QUIET,
            NOTHING,
            NOTHING,
        ),
    ),
    Tale(
        "marks are imported with their old dates",
        (Kind.MARKS,),
        (
            NOTHING,
            night(("import_mark", "bob", "Alpha", 400)),
            night(("import_mark", "bob", "Bravo", 1)),
            *QUIET,
        ),
    ),
    *(
        Tale(
            f"the episodes of a series move up, of which one is seen, on {version}",
            (Kind.NUMBERS,),
            (
                night(("rules", 2), ("new_episode", "Show")),
                evening(("play", "alice", "Show 1x1", 96)),
                night(("renumber", "Show")),
                *QUIET,
                NOTHING,
            ),
            seed=seed,
        )
        for version, seed in (("10.11", 0), ("10.10", 1), ("12", 2))
    ),
    Tale(
        "only the first part of a film is seen",
        (Kind.FILES,),
        (
            night(("new_files", "Film 99", "parts")),
            evening(("play", "alice", "Film 99", 96)),
            *QUIET,
            NOTHING,
        ),
    ),
    Tale(
        "a film in parts and a disc are seen, and go whole",
        (Kind.FILES,),
        (
            night(("new_files", "Film 98", "Dvd"), ("new_files", "Film 99", "parts")),
            evening(
                ("play", "alice", "Film 98", 96),
                ("play", "bob", "Film 99", 96),
                ("play_rest", "bob", "Film 99"),
            ),
            *QUIET,
            NOTHING,
        ),
    ),
    *(
        Tale(
            f"a Radarr has a film that is {how}, and it goes whole{words}",
            (Kind.FILES,),
            (
                night(("new_files", "Film 99", how), *looks),
                evening(
                    ("play", "alice", "Film 99", 96),
                    *((("play_rest", "alice", "Film 99"),) if how == "parts" else ()),
                ),
                *QUIET,
                NOTHING,
                night(("search",)),
            ),
            owned=True,
        )
        for how in ("parts", "Dvd", "versions")
        for words, looks in (("", ()), (", once it has looked again", (("rescan",),)))
    ),
    *(
        Tale(
            f"a foreign file is in the folder of a film{words}",
            (Kind.FILES,),
            (NOTHING, night(("foreign", "Extra 1", hidden)), *QUIET),
            owned=owned,
        )
        for words, hidden, owned in (
            ("", False, False),
            (", where nobody looks", True, False),
            (", which Radarr has", False, True),
            (", where nobody looks, which Radarr has", True, True),
        )
    ),
    *(
        Tale(
            f"two copies{words}",
            (Kind.COPIES,),
            (
                NOTHING,
                night(("copy", "Alpha", minutes)),
                evening(("play", "alice", "Alpha", 96)),
                night(step),
                *QUIET,
                NOTHING,
            ),
            seed=seed,
        )
        for words, minutes, step, seed in (
            (", of which one is seen", 125, ("scan", False), 0),
            (", of which one is kept", 125, ("keep", "Alpha copy", 0), 0),
            (", of which one is loved", 125, ("love", "bob", "Alpha copy"), 0),
            (" that are two films", 60, ("scan", False), 0),
        )
    ),
    *(
        Tale(
            f"two episodes are versions of one row, on {version}",
            (Kind.COPIES,),
            (
                night(("rules", 2), ("new_episode", "Show")),
                night(("merge", "Show")),
                evening(("play", "alice", "Show 1x1", 96)),
                *QUIET,
                NOTHING,
            ),
            seed=seed,
        )
        for version, seed in (("10.11", 0), ("10.10", 1), ("12", 2))
    ),
    *(
        Tale(
            f"two episodes have one number, of which one is seen, on {version}",
            (Kind.COPIES,),
            (
                night(("rules", 2), ("new_episode", "Show")),
                night(("same_number", "Show")),
                evening(("play", "alice", "Show 1x1", 96)),
                *QUIET,
                NOTHING,
            ),
            seed=seed,
        )
        for version, seed in (("10.11", 0), ("10.10", 1), ("12", 2))
    ),
    *(
        Tale(
            f"a folder is in a second library{words}",
            (Kind.COPIES,),
            (
                NOTHING,
                night(("share", "Movies", managed)),
                evening(("play", "alice", "Alpha", 96)),
                *QUIET,
                night(*after),
                NOTHING,
            ),
        )
        for words, managed, after in (
            ("", True, ()),
            (" that is not managed", False, ()),
            (", and the first is managed no more", True, (("leave_alone", "Movies"),)),
        )
    ),
    *(
        Tale(
            f"a favourite is seen no more: {words}",
            (Kind.SIGHT, Kind.USERS),
            (
                night(
                    *(("mark", "alice", title) for title in LOVED),
                ),
                night(*steps),
                *QUIET,
                NOTHING,
            ),
        )
        for words, steps in (
            (
                "a parental limit",
                (("rate", "Extra 7", 18), ("limit", "dave", 12)),
            ),
            (
                "another rating",
                (("limit", "dave", 12), ("rate", "Extra 7", 18)),
            ),
            ("a hidden library", (("hide", "dave", "Movies"),)),
        )
    ),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
def test_the_judge_has_nothing_to_say(folder: Path, run: Run, tale: Tale) -> None:
    """Whatever a title really is."""
    assert complaint_about(tale, folder, run) is None


@contextmanager
def _whatever_the_disk_says() -> Iterator[None]:
    """Let a row that is gone pass for a file that is gone."""

    async def none_left(*_: Any) -> list[str]:
        """See nothing on the disk."""
        return []

    async def is_there(*_: Any, **options: Any) -> bool:
        """Believe that the disk is there."""
        return True

    with (
        patch.object(Disk, "left", none_left),
        patch.object(Disk, "is_there", is_there),
        _without(guards.on_disk),
    ):
        yield


@contextmanager
def _every_mark_counts() -> Iterator[None]:
    """Let a mark count whatever it was set on, and a title live since its own date."""
    store_items: Callable[..., set[str]] = vars(batch)["store_items"]

    def without_arrivals(*arguments: Any) -> set[str]:
        """Store it as if nothing had ever arrived."""
        return store_items(*arguments[:3], {})

    with patch.object(batch, "store_items", without_arrivals):
        yield


@contextmanager
def _by_number() -> Iterator[None]:
    """Let what is remembered hang on the number."""
    none = identity._Moves({}, frozenset(), frozenset(), ())
    with patch.object(identity, "_moved_files", lambda *_: none), _every_mark_counts():
        yield


@contextmanager
def _all_copies_are_alike() -> Iterator[None]:
    """Let whoever has seen one of two films that share a number have seen both."""
    with patch.object(copies, "alike", lambda _: True):
        yield


@contextmanager
def _every_version_is_one() -> Iterator[None]:
    """Believe of every row that its versions are."""
    with (
        patch.object(facts, "doubt_about_versions", lambda *_: None),
        _without(guards.nothing_else_goes, guards.alone_under_its_name),
    ):
        yield


@contextmanager
def _one_number_is_one_title() -> Iterator[None]:
    """Believe that whoever has seen one of two files with one number has seen both."""
    with patch.object(facts, "rows_of_one_number", lambda _: {}):
        yield


@contextmanager
def _the_library_read_last_counts() -> Iterator[None]:
    """Let a title be in one library only."""
    with patch.object(facts, "unmanaged_folders", lambda _: {}):
        yield


@contextmanager
def _out_of_sight() -> Iterator[None]:
    """Let a favourite protect only as long as it is seen."""
    with (
        patch.object(facts, "GONE_USERS_COUNT", timedelta()),
        patch.object(inventory, "GONE_USERS_COUNT", timedelta()),
    ):
        yield


@contextmanager
def _the_first_part_is_enough() -> Iterator[None]:
    """Let *Played* be enough for a film in parts."""
    with patch.object(facts, "in_parts", lambda _: {}), _without(guards.still_watched):
        yield


OLD_WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "the disk is away when films are due": _whatever_the_disk_says,
    "a film arrives with a mark of long ago": _every_mark_counts,
    "a film arrives with a mark of long ago and a date of 2018": _every_mark_counts,
    "a new season of a watched show": _every_mark_counts,
    **{
        f"the episodes of a series move up, of which one is seen, on {one}": _by_number
        for one in ("10.10", "10.11", "12")
    },
    "a foreign file is in the folder of a film": lambda: _without(
        guards.nothing_else_goes
    ),
    "a foreign file is in the folder of a film, where nobody looks": lambda: _without(
        guards.nothing_else_goes
    ),
    "only the first part of a film is seen": _the_first_part_is_enough,
    "two copies that are two films": _all_copies_are_alike,
    "two episodes are versions of one row, on 12": _every_version_is_one,
    "two episodes have one number, of which one is seen, on 10.10": (
        _one_number_is_one_title
    ),
    "a folder is in a second library that is not managed": (
        _the_library_read_last_counts
    ),
    "a favourite is seen no more: a parental limit": _out_of_sight,
}
"""By a tale, how the product is made to do again what it does no more."""


@pytest.mark.parametrize("name", OLD_WAYS)
def test_the_suite_finds_the_old_way(folder: Path, run: Run, name: str) -> None:
    """With the old behaviour put back the judge has something to say."""
    tale = next(one for one in TALES if one.name == name)
    with OLD_WAYS[name]():
        assert complaint_about(tale, folder, run) is not None


def test_every_kind_is_told_of() -> None:
    """Here or among the others; a kind is withstood when its fix is there."""
    told = {kind for tale in (*TALES, *OTHERS) for kind in tale.kinds}
    assert told == set(Kind) >= WITHSTOOD
