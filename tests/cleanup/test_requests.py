"""Requests of Seerr: who is asked about before, and what is forgotten afterwards."""

from dataclasses import replace

from custom_components.oxicleanarr.retention import NEVER, UserEntry, UserRule

from .conftest import Owned
from .test_execute import watch


def ask_who_requested(owned: Owned) -> None:
    """Let a rule keep what a guest has requested."""
    never = UserEntry(user_id=99, retention=NEVER)
    rule = UserRule(name="guests", users=(never,))
    owned.cleaner.rules = replace(owned.cleaner.rules, advanced=(rule,), seerr=True)


async def test_seerr_is_asked_once_for_each_title(owned: Owned) -> None:
    """Live, before its first file; not again before every other one."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    ask_who_requested(owned)
    owned.seerr.request(house.user("alice"), house.show("Show"))
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    before = len(owned.seerr.requested("/request"))
    report = await cleaner.run()
    assert {one.title for one in report.unconfirmed} == {"Alpha", "Show"}
    assert len(owned.seerr.requested("/request")) - before == 2


async def test_a_run_says_how_many_requests_it_sent(owned: Owned) -> None:
    """To all servers together."""
    cleaner = owned.cleaner
    ask_who_requested(owned)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    servers = (
        cleaner.home.jellyfin_server,
        owned.radarr,
        owned.radarr4k,
        owned.sonarr,
        owned.seerr,
    )
    before = sum(len(one.requests) for one in servers)
    report = await cleaner.run()
    assert report.requests == sum(len(one.requests) for one in servers) - before
