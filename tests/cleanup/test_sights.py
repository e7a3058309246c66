"""Everybody who can see a title: asked of Jellyfin, title by title."""

from dataclasses import replace
import logging

import pytest

from custom_components.oxicleanarr.retention import (
    WatchedRule,
    Watchers,
    parse_duration,
)
from custom_components.oxicleanarr.sync import learn_sights, sights
from simulators import Fault, FaultKind
from tests.home import DAY

from .conftest import GRACE, Cleaner
from .test_execute import reasons, watch
from .test_one_title import every_version


async def by_all(cleaner: Cleaner, *titles: str) -> list[str]:
    """Return what goes once everybody has watched it; alice has, bob has not."""
    everybody = WatchedRule(
        name="all",
        retention=parse_duration("7d"),
        require_watched=True,
        watched_by=Watchers.ALL,
    )
    cleaner.rules = replace(cleaner.rules, advanced=(everybody,))
    watch(cleaner, *titles)
    await cleaner.sync()
    return await look(cleaner)


async def look(cleaner: Cleaner) -> list[str]:
    """Ask what the plan wants to know, and return what is on it then."""
    home = cleaner.home
    questions = cleaner.plan().sight_questions
    await learn_sights(home.ledger, home.jellyfin, questions, home.now)
    return [one.title for one in cleaner.plan().entries]


def hide(cleaner: Cleaner, title: str = "Alpha") -> None:
    """Set a parental limit that hides a title from bob."""
    house = cleaner.home.household
    house[title].rating = 18
    house.user("bob").max_rating = 12


@every_version
async def test_who_may_not_see_it_need_not_watch_it(cleaner: Cleaner) -> None:
    """A film and a series beyond a parental limit go, what is within it stays."""
    hide(cleaner)
    hide(cleaner, "Show")
    titles = await by_all(cleaner, "Alpha", "Bravo", "E1", "E2", "E3")
    assert sorted(titles) == ["Alpha", "Show"]


async def test_without_limits_nobody_is_asked(cleaner: Cleaner) -> None:
    """And what has been asked is not asked again before the next full sync."""
    server = cleaner.home.jellyfin_server
    assert await by_all(cleaner, "Alpha") == []
    assert not [one for one in server.requests if "UserItems" in one.path]
    hide(cleaner)
    await cleaner.sync()
    assert await look(cleaner) == ["Alpha"]
    asked = len([one for one in server.requests if "UserItems" in one.path])
    assert await look(cleaner) == ["Alpha"]
    assert len([one for one in server.requests if "UserItems" in one.path]) == asked
    cleaner.home.wait(DAY)
    await cleaner.sync()
    assert await look(cleaner) == ["Alpha"]
    assert len([one for one in server.requests if "UserItems" in one.path]) > asked


async def test_what_is_news(cleaner: Cleaner) -> None:
    """Only that Jellyfin was asked, which it is not where nobody wants to know."""
    home = cleaner.home
    await cleaner.sync()
    alpha, bob = home.video("Alpha").id, home.household.user("bob").id
    for questions, news in (
        (None, False),
        ({}, False),
        ({alpha: [bob]}, True),
        ({alpha: [bob]}, False),
    ):
        found = await learn_sights(home.ledger, home.jellyfin, questions, home.now)
        assert found is news


@pytest.mark.parametrize("limit", ["rating", "library"])
async def test_a_house_in_which_nobody_sees_everything(
    cleaner: Cleaner, limit: str
) -> None:
    """Then a 404 proves nothing, and nobody is asked."""
    hide(cleaner)
    alice = cleaner.home.household.user("alice")
    if limit == "rating":
        alice.max_rating = 99
    else:
        alice.libraries = frozenset({"Movies"})
    assert await by_all(cleaner, "Alpha") == []
    server = cleaner.home.jellyfin_server
    assert not [one for one in server.requests if "UserItems" in one.path]


async def test_so_many_titles_are_asked_about_after_each_sync(
    cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others stay unknown until it is their turn."""
    monkeypatch.setattr(sights, "_MOST_TITLES", 1)
    for title in ("Alpha", "Bravo", "Charlie"):
        hide(cleaner, title)
    assert len(await by_all(cleaner, "Alpha", "Bravo", "Charlie")) == 1
    assert len(await look(cleaner)) == 2
    assert len(await look(cleaner)) == 3


async def test_an_answer_that_fails_is_unknown(
    cleaner: Cleaner, caplog: pytest.LogCaptureFixture
) -> None:
    """So is a 404 that everybody gets."""
    caplog.set_level(logging.DEBUG, sights.__name__)
    hide(cleaner)
    server = cleaner.home.jellyfin_server
    server.faults.append(Fault(FaultKind.MALFORMED, path="/UserItems/"))
    assert await by_all(cleaner, "Alpha") == []
    (message,) = caplog.messages
    assert message.startswith("It is not known who sees a title: Jellyfin: ")
    server.faults[:] = [Fault(FaultKind.NOT_FOUND, path="/UserItems/")]
    assert await look(cleaner) == []
    server.faults.clear()
    assert await look(cleaner) == ["Alpha"]


@pytest.mark.parametrize("when", ["before the sync", "after it"])
async def test_who_sees_it_again(cleaner: Cleaner, when: str) -> None:
    """Has to watch it, also if that is told by the last look only."""
    hide(cleaner)
    assert await by_all(cleaner, "Alpha") == ["Alpha"]
    cleaner.home.wait(GRACE + DAY / 24)
    bob = cleaner.home.household.user("bob")
    if when == "before the sync":
        bob.max_rating = None
    await cleaner.sync()
    assert await look(cleaner) == ([] if when == "before the sync" else ["Alpha"])
    bob.max_rating = None
    report = await cleaner.run()
    assert report.deleted == []
    if when == "after it":
        assert "bob" in reasons(report.skipped)["Alpha"]
