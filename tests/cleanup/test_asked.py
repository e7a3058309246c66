"""What a run asks of the servers for each title: the measured numbers, way by way.

Every title is read again live, so each user is asked about it. For an episode that is
twice: its folders must not be asked for their user data, only whose favorites they are.
"""

from collections.abc import Sequence

import pytest

from custom_components.oxicleanarr.cleanup import CleanupReport
from simulators.server import Simulator
from tests.home import DAY

from .conftest import Cleaner, Owned
from .test_execute import watch

SETS = 1
"""Of each user, once in a run: what is in favorite collections."""


async def asked(
    cleaner: Cleaner, servers: Sequence[Simulator]
) -> tuple[list[int], CleanupReport]:
    """Run, and return how much each server was asked."""
    before = [len(one.requests) for one in servers]
    report = await cleaner.run()
    counts = [
        len(one.requests) - start for one, start in zip(servers, before, strict=True)
    ]
    assert report.requests == sum(counts)
    assert not (report.skipped or report.failed)
    return counts, report


def populate(cleaner: Cleaner, users: int) -> None:
    """Have so many users."""
    house = cleaner.home.household
    for number in range(users - len(house.users)):
        house.add_user(f"user {number}")


async def announce(cleaner: Cleaner, *names: str) -> None:
    """Let titles be due: films are watched, single episodes are chosen by hand."""
    watch(cleaner, *names)
    await cleaner.sync()
    facts = cleaner.home.facts()
    for name in names:
        if facts[name].item.series_id:
            cleaner.home.ledger.schedule_manually(
                facts[name].key, cleaner.home.now - DAY
            )
    await cleaner.due_plan()


@pytest.mark.parametrize("users", [2, 7])
@pytest.mark.parametrize("names", [("Alpha",), ("Alpha", "Bravo", "Charlie")])
async def test_films_through_jellyfin(
    cleaner: Cleaner, users: int, names: tuple[str, ...]
) -> None:
    """Users + 9: server, title, sessions, scan, file, folder, delete, file, disk."""
    populate(cleaner, users)
    await announce(cleaner, *names)
    counts, report = await asked(cleaner, [cleaner.home.jellyfin_server])
    assert len(report.deleted) == len(names)
    assert counts == [users * SETS + len(names) * (users + 9)]


@pytest.mark.parametrize("users", [2, 7])
@pytest.mark.parametrize("names", [("E1",), ("E1", "E2")])
async def test_episodes_through_jellyfin(
    cleaner: Cleaner, users: int, names: tuple[str, ...]
) -> None:
    """The same, and each user's favorites among the folders."""
    populate(cleaner, users)
    await announce(cleaner, *names)
    counts, report = await asked(cleaner, [cleaner.home.jellyfin_server])
    assert len(report.deleted) == len(names)
    assert counts == [users * SETS + len(names) * (2 * users + 9)]


@pytest.mark.parametrize("users", [2, 7])
async def test_a_series_through_jellyfin(cleaner: Cleaner, users: int) -> None:
    """It is looked at as a whole first; episodes of one season share its folder."""
    populate(cleaner, users)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    counts, report = await asked(cleaner, [cleaner.home.jellyfin_server])
    assert [one.title for one in report.deleted] == ["Show"]
    whole = 2 * users + 4 + 3 + 1
    assert counts == [users * SETS + whole + 3 * (2 * users + 9)]


@pytest.mark.parametrize("users", [2, 7])
@pytest.mark.parametrize("names", [("Alpha",), ("Alpha", "Bravo", "Charlie")])
async def test_films_through_radarr(
    owned: Owned, users: int, names: tuple[str, ...]
) -> None:
    """As much of Jellyfin, and eleven of its Radarr; each Radarr's list once in a run."""
    cleaner = owned.cleaner
    populate(cleaner, users)
    await announce(cleaner, *names)
    counts, report = await asked(
        cleaner, [cleaner.home.jellyfin_server, owned.radarr, owned.radarr4k]
    )
    assert len(report.deleted) == len(names)
    assert counts == [
        users * SETS + len(names) * (users + 9),
        3 + len(names) * 11,
        1,
    ]


@pytest.mark.parametrize("users", [2, 7])
@pytest.mark.parametrize("names", [("E1",), ("E1", "E2")])
async def test_episodes_through_sonarr(
    owned: Owned, users: int, names: tuple[str, ...]
) -> None:
    """Nothing but the file goes, so its folder need not be looked at."""
    cleaner = owned.cleaner
    populate(cleaner, users)
    await announce(cleaner, *names)
    counts, report = await asked(cleaner, [cleaner.home.jellyfin_server, owned.sonarr])
    assert len(report.deleted) == len(names)
    assert counts == [
        users * SETS + len(names) * (2 * users + 8),
        3 + len(names) * 6,
    ]
