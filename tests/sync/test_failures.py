"""A server that fails while everything is read: all of it counts then, or nothing."""

import re

import pytest

from custom_components.oxicleanarr.servers import ServerError
from simulators import Fault, FaultKind
from tests.home import DAY, HOUR, START, Home

_FULL_READS = (
    "/System/Info",
    "/Users",
    "/Library/VirtualFolders",
    "/Items",
    "/System/ActivityLog",
    "/auth/isConfigured",
    "/stats/getPlaybackActivity",
)


@pytest.mark.parametrize("path", _FULL_READS)
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.SERVER_ERROR,
        FaultKind.STARTING,
        FaultKind.UNAUTHORIZED,
        FaultKind.HTML,
        FaultKind.TRUNCATED,
        FaultKind.EMPTY,
        FaultKind.DISCONNECT,
    ],
)
async def test_a_sync_that_fails_leaves_the_ledger_as_it_was(
    home: Home, path: str, kind: FaultKind
) -> None:
    """Wherever it fails: typed, all or nothing, and the next one is whole again."""
    house = home.household
    house.play(house.user("alice"), home.video("Alpha"), 0.96, at=START - 9 * DAY)
    await home.sync()
    before = home.facts()
    house.unmark_played(house.user("alice"), home.video("Alpha"))
    house.mark_played(house.user("bob"), home.video("Bravo"))
    home.wait(HOUR)
    server = (
        home.jellyfin_server
        if not re.match("/(auth|stats)", path)
        else home.jellystat_server
    )
    for after in (0, 2):
        fault = Fault(kind, path=f"^{path}$|^{path}/Entries", after=after)
        server.faults.append(fault)
        failed: ServerError | None = None
        try:
            await home.sync()
        except ServerError as err:
            failed = err
        server.faults.clear()
        if failed is None:
            assert not fault.hits
            break
        assert failed.server == (
            "Jellyfin" if server is home.jellyfin_server else "Jellystat"
        )
        assert home.facts() == before
    server.faults.clear()
    await home.sync()
    assert home.watched() == {"Bravo": {"bob"}}


@pytest.mark.parametrize("after", range(12))
async def test_half_a_page_anywhere_makes_nothing_watched(
    home: Home, after: int
) -> None:
    """A short answer is an error or is found out; it never adds anything."""
    house = home.household
    alice = house.user("alice")
    for name in ("Alpha", "Bravo", "E1"):
        house.play(alice, home.video(name), 0.96, at=START - 9 * DAY)
    await home.sync()
    watched, facts = home.watched(), home.facts()
    home.jellyfin_server.faults.append(
        Fault(FaultKind.HALF_PAGE, path="^/Items$", after=after, times=1)
    )
    home.wait(HOUR)
    try:
        await home.sync()
    except ServerError:
        assert home.facts() == facts
    home.jellyfin_server.faults.clear()
    assert home.watched() == watched
    await home.sync()
    assert home.watched() == watched
