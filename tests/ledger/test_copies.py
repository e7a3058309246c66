"""Copies of one title: who has watched it, and what is no copy but a doubt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.ledger import DeletionOutcome, Ledger
from custom_components.oxicleanarr.ledger.copies import Unclear, alike, numbers_in
from custom_components.oxicleanarr.model import MediaFiles, MediaKind, OwnedFacts, User

from .conftest import (
    ALICE,
    BOB,
    DAY,
    MOVIES,
    NOW,
    House,
    episode,
    item_id,
    movie,
    planned,
    played,
    series,
)

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("runtimes", "agree"),
    [
        ((6000, 6000), True),
        ((6000, 6600), True),
        ((6000, 6601), False),
        ((6000, None), False),
        ((6000, 0), False),
        ((6000, 6300, 6900), False),
    ],
)
def test_running_times(runtimes: tuple[int | None, ...], agree: bool) -> None:
    """They agree within ten percent, all of them; what is unknown agrees with nothing."""
    assert alike(runtimes) is agree


def test_whoever_has_watched_one_copy_has_watched_the_title(house: House) -> None:
    """HD and 4K of one length: nobody watches both; the later date counts for all."""
    house.items = [movie(1, "7"), movie(2, "7", runtime=6300)]
    house.play(ALICE, played(1, NOW - 20 * DAY))
    house.play(BOB, played(2, NOW - 10 * DAY))
    house.sync()
    for number in (1, 2):
        fact = house.fact(number)
        assert fact.watched_by == {ALICE.user_id, BOB.user_id}
        assert fact.last_watched_at == NOW - 10 * DAY
        assert fact.partly_watched_by == set()


def test_whoever_watched_one_copy_before_another_came(house: House) -> None:
    """That play lies before the life of the later copy: nobody has watched this one."""
    house.items = [movie(1, "7")]
    house.play(ALICE, played(1))
    house.sync()
    house.items.append(movie(2, "7"))
    house.sync(after=DAY)
    assert house.fact(1).watched_by == {ALICE.user_id}
    assert house.fact(2).watched_by == set()
    house.play(BOB, played(1, NOW + HOUR))
    house.sync(after=DAY)
    assert house.fact(2).watched_by == {BOB.user_id}


@pytest.mark.parametrize("runtime", [9000, None])
def test_of_another_length_each_has_to_be_watched(
    house: House, runtime: int | None
) -> None:
    """Two films with one wrong id are not deletable by each other; who is half-way is known."""
    house.items = [movie(1, "7"), movie(2, "7", runtime=runtime)]
    house.play(ALICE, played(1))
    house.play(BOB, played(1), played(2))
    house.sync()
    for number in (1, 2):
        assert house.fact(number).watched_by == {BOB.user_id}
        assert house.fact(number).partly_watched_by == {ALICE.user_id}


def test_one_title_of_radarr(house: House) -> None:
    """A copy without ids of its own is known by Radarr's entry."""
    house.items = [movie(1), movie(2, provider_ids={})]
    house.play(ALICE, played(1))
    house.sync()
    assert house.fact(2).watched_by == set()
    house.ledger.store_owned(
        MediaKind.MOVIE,
        [OwnedFacts(item_id=item_id(one), group=item_id(1)) for one in (1, 2)],
    )
    assert house.fact(2).watched_by == {ALICE.user_id}
    assert house.fact(2).last_watched_at == house.fact(1).last_watched_at is not None


def test_episodes_in_two_series_folders(house: House) -> None:
    """The same series in two libraries, one of them without an id that Jellyfin knows."""
    show, other = series(10), replace(series(20), provider_ids={})
    house.items = [show, other, episode(11, show, 1, 1), episode(21, other, 1, 1)]
    house.play(ALICE, played(21))
    house.sync()
    assert house.fact(11).watched_by == set()
    house.ledger.store_owned(
        MediaKind.SERIES,
        [OwnedFacts(item_id=item_id(one), group=item_id(10)) for one in (10, 20)],
    )
    assert house.fact(11).watched_by == {ALICE.user_id}
    assert house.fact(11).unclear is None


def test_what_a_copy_was_watched_stays_with_the_others(house: House) -> None:
    """The first of two goes: the other one is as watched as before."""
    house.items = [movie(1, "7"), movie(2, "7")]
    house.play(ALICE, played(1))
    house.sync()
    number = house.ledger.intend(planned(), house.items[0], NOW)
    house.ledger.conclude(number, DeletionOutcome.DELETED, NOW)
    assert house.fact(2).watched_by == {ALICE.user_id}
    house.items = house.items[1:]
    house.plays.clear()
    house.sync(after=HOUR)
    assert house.fact(2).watched_by == {ALICE.user_id}
    assert house.fact(2).last_watched_at == NOW - 10 * DAY


def test_one_folder_in_two_libraries(house: House) -> None:
    """It belongs to both, whichever was read last, and is seen by whoever sees one."""
    other = replace(MOVIES, library_id="3" * 32, name="Kids")
    carol = User(
        user_id="c" * 32, name="carol", library_ids=frozenset({other.library_id})
    )
    house.users.append(carol)
    house.libraries.append(other)
    house.managed.append(other)
    house.items = [movie(1), movie(1, library_id=other.library_id), movie(2)]
    house.sync()
    fact = house.fact(1)
    names = {fact.library, *fact.other_libraries.values()}
    assert names == {"Movies", "Kids"}
    assert fact.visible_to == frozenset({ALICE.user_id, BOB.user_id, carol.user_id})
    assert house.fact(2).other_libraries == {}
    assert house.fact(2).visible_to == frozenset({ALICE.user_id, BOB.user_id})
    house.poll(items=[movie(1)])
    assert len(house.fact(1).other_libraries) == 1
    house.items = [movie(1), movie(2)]
    house.sync()
    assert house.fact(1).other_libraries == {}
    assert house.fact(1).library == "Movies"


def test_a_folder_in_an_unmanaged_library_too(house: House) -> None:
    """What lies there stays, and the library is named."""
    house.libraries.append(
        replace(
            MOVIES,
            library_id="3" * 32,
            name="Old",
            locations=("/media/movies/Film 1/",),
        )
    )
    house.items = [movie(1), movie(10)]
    house.sync()
    unclear = house.fact(1).unclear
    assert unclear is not None
    assert unclear.code == Unclear.IN_UNMANAGED
    assert unclear.data == {"title": "Film 1", "library": "Old"}
    assert house.fact(10).unclear is None
    house.managed = house.libraries
    house.sync()
    assert house.fact(1).unclear is None


def test_two_files_with_one_number(house: House) -> None:
    """Below one series they are no copies: 10.10 shares one flag among them."""
    show = series(10)
    house.items = [
        show,
        episode(11, show, 1, 2),
        replace(episode(12, show, 1, 2), path="/media/shows/Show 10/Show - 03.mkv"),
        episode(13, show, 1, 4),
    ]
    house.sync()
    first, other = house.fact(11).unclear, house.fact(12).unclear
    assert first is not None
    assert other is not None
    assert first.code == other.code == Unclear.SAME_NUMBER
    assert first.data == {"title": "Show 10 S01E02", "file": "Show - 03.mkv"}
    assert house.fact(13).unclear is None
    exact = [OwnedFacts(item_id=item_id(one), exact=one != 12) for one in (11, 12, 13)]
    house.ledger.store_owned_episodes(item_id(10), exact)
    assert house.fact(11).unclear is not None
    house.ledger.store_owned_episodes(
        item_id(10), [replace(one, exact=True) for one in exact]
    )
    assert house.fact(11).unclear is house.fact(12).unclear is None


def _versions(ledger: Ledger, runtimes: tuple[int | None, ...], *names: str) -> None:
    """Let Jellyfin tell what the versions of item 11 are."""
    ledger.store_files(
        [
            MediaFiles(
                item_id=item_id(11),
                size_bytes=5,
                paths=tuple(f"/media/shows/Show 10/{name}" for name in names),
                runtimes=runtimes,
            )
        ]
    )


@pytest.mark.parametrize(
    ("runtimes", "names", "code"),
    [
        ((3000, 3000), ("Show S01E01 - 1080p.mkv", "Show S01E01 - 2160p.mkv"), None),
        ((3000, 3000), ("Show - 01.mkv", "Show - 02.mkv"), Unclear.VERSIONS_NUMBERED),
        (
            (3000, 3000),
            ("Show S01E01-E02.mkv", "Show S01E01.mkv"),
            Unclear.VERSIONS_NUMBERED,
        ),
        ((3000, 6000), ("Show S01E01.mkv", "Show S01E01 b.mkv"), "versions_differ"),
        ((3000, None), ("Show S01E01.mkv", "Show S01E01 b.mkv"), "versions_unknown"),
        ((3000,), ("Show S01E01.mkv",), "versions_unknown"),
    ],
)
def test_versions_that_are_none(
    house: House,
    runtimes: tuple[int | None, ...],
    names: tuple[str, ...],
    code: str | None,
) -> None:
    """Jellyfin 12 makes one row of different episodes; length and names give them away."""
    show = series(10)
    house.items = [show, replace(episode(11, show, 1, 1), source_count=2)]
    house.sync()
    unasked = house.fact(11).unclear
    assert unasked is not None
    assert unasked.code == Unclear.VERSIONS_UNKNOWN
    _versions(house.ledger, runtimes, *names)
    found = house.fact(11).unclear
    assert (found and found.code) == code
    house.ledger.store_owned_episodes(
        item_id(10), [OwnedFacts(item_id=item_id(11), exact=True)]
    )
    assert house.fact(11).unclear is None


def test_another_version_is_asked_for(house: House) -> None:
    """What was known of two does not tell what three are."""
    show = series(10)
    house.items = [show, replace(episode(11, show, 1, 1), source_count=2)]
    house.sync()
    assert house.ledger.items_without_files(None) == [item_id(11)]
    _versions(house.ledger, (3000, 3000), "Show S01E01 a.mkv", "Show S01E01 b.mkv")
    assert house.ledger.items_without_files(None) == []
    house.items[1] = replace(house.items[1], source_count=3)
    house.sync()
    assert house.ledger.items_without_files(None) == [item_id(11)]
    found = house.fact(11).unclear
    assert found is not None
    assert found.code == Unclear.VERSIONS_UNKNOWN


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Show - S01E01 - Pilot [Bluray-1080p].mkv", [1, 1]),
        ("Show.S01E01E02.2160p.x265.DDP5.1.mkv", [1, 1, 2]),
        ("Show S01E01-02 10bit.mkv", [1, 1, 2]),
        ("[Group] Show - 07v2 [1080p][A1B2C3D4].mkv", [7]),
        ("Show 1x03.mkv", [1, 3]),
        ("Show 2 - 01.mkv", [2, 1]),
        ("Show (2019) - Pilot.mkv", [2019]),
        ("Pilot", []),
    ],
)
def test_numbers_of_a_file_name(name: str, numbers: list[int]) -> None:
    """Sizes, codecs, channels and checksums are none."""
    assert numbers_in(name) == numbers
