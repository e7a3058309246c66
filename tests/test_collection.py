"""The collection "Leaving soon" in Jellyfin: what is in it, and what is left alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
import logging
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.cleanup import (
    Limits,
    collection as collection_module,
    take_collection_down,
)
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.household import EventType
from custom_components.oxicleanarr.keeper import leave_household
from custom_components.oxicleanarr.ledger import Ledger
from simulators import FaultKind, JellyfinSimulator, Request
from simulators.items import BoxSet

from .conftest import set_up
from .home import DAY, HOUR, START, open_home
from .test_keeper import GRACE, Kept

pytestmark = pytest.mark.usefixtures("no_waiting")

NAME = "Leaving soon"
ALL_JELLYFIN = pytest.mark.parametrize(
    "version", ["10.10.7", "10.11.11", "12.0-rc5"], indirect=True
)


@pytest.fixture
def version(request: pytest.FixtureRequest) -> str:
    """Return the version of Jellyfin."""
    return getattr(request, "param", "10.11.11")


@pytest.fixture
async def kept(
    socket_enabled: None, tmp_path: Path, version: str
) -> AsyncIterator[Kept]:
    """Return a house with its keeper, who shows in Jellyfin what leaves in five days."""
    async with open_home(tmp_path, version) as home:
        kept = Kept(home)
        kept.choose(collection=5 * DAY)
        await kept.keeper.connect()
        await kept.keeper.load()
        yield kept


def sets(kept: Kept) -> dict[str, set[str]]:
    """Return the names of the titles in each collection."""
    house = kept.home.household
    return {
        one.name: {item.name for item in map(house.get, one.members) if item}
        for one in house.collections.values()
    }


def our_set(kept: Kept) -> BoxSet:
    """Return the only collection."""
    (box_set,) = kept.home.household.collections.values()
    return box_set


def make_set(kept: Kept, name: str, *titles: str) -> BoxSet:
    """Let somebody make a collection, in the way Jellyfin names it."""
    box_set = BoxSet(
        id=f"{len(kept.home.household.collections) + 1:032x}",
        name=name,
        date_created=START,
    )
    box_set.members += [kept.home.video(title).id for title in titles]
    kept.home.household.collections[box_set.id] = box_set
    kept.home.household.changed()
    return box_set


async def sync(kept: Kept) -> None:
    """Read everything, which has to succeed, a little later."""
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=True)
    assert kept.failed() == (None, None)
    assert kept.keeper.health["jellyfin"].up is True


def asked(kept: Kept, method: str, path: str = "") -> int:
    """Return how many requests of a kind Jellyfin has got."""
    return sum(
        one.method == method and path in one.path
        for one in kept.home.jellyfin_server.requests
    )


TAKEN = (
    "The collection in Jellyfin is not up to date: there is another collection by its"
    " name"
)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says about the collection."""
    lines = [one.getMessage() for one in caplog.records]
    return [one for one in lines if one.startswith("The collection in Jellyfin")]


# --- in step --------------------------------------------------------------------------


@ALL_JELLYFIN
async def test_in_step_with_the_plan(kept: Kept) -> None:
    """What leaves soon is in it, a series once; what is kept or played leaves it."""
    house = kept.home.household
    await sync(kept)
    assert sets(kept) == {}
    kept.watch("Alpha", "Bravo", "Charlie", "E1", "E2", "E3")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo", "Charlie", "Show"}}
    # On 12 a list of movies would show the collection in place of its members.
    await sync(kept)
    assert kept.planned() == ["Alpha", "Bravo", "Charlie", "Show"]
    await kept.keeper.keep(kept.home.video("Alpha").id, None, "")
    assert sets(kept) == {NAME: {"Bravo", "Charlie", "Show"}}
    house.set_favourite(house.user("bob"), kept.home.video("Bravo"))
    house.play(house.user("bob"), kept.home.video("Charlie"), at=kept.home.now)
    await sync(kept)
    assert sets(kept) == {NAME: {"Show"}}
    await kept.keeper.keep(house.show("Show").id, None, "")
    assert sets(kept) == {NAME: set()}
    await kept.keeper.unkeep(kept.home.video("Alpha").id)
    assert sets(kept) == {NAME: {"Alpha"}}


async def test_only_what_leaves_soon(kept: Kept) -> None:
    """What leaves later is not in it until its time comes."""
    kept.choose(collection=DAY)
    house = kept.home.household
    house.play(house.user("alice"), kept.home.video("Alpha"), at=START - 3 * DAY)
    await sync(kept)
    assert kept.planned() == ["Alpha"]
    assert sets(kept) == {}
    for _ in range(3):
        kept.home.wait(DAY)
        await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}


async def test_what_is_deleted_leaves_it(kept: Kept) -> None:
    """The run that deletes takes it out too."""
    kept.watch("Alpha", "Bravo")
    await sync(kept)
    kept.home.wait(GRACE)
    report = await kept.keeper.delete([kept.home.video("Alpha").id], dry_run=False)
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert kept.films() == {"Bravo", "Charlie", "Delta"}
    assert sets(kept) == {NAME: {"Bravo"}}


async def test_many_titles(kept: Kept) -> None:
    """They go in and out by parts, for the address of a request is short."""
    house = kept.home.household
    films = [
        house.add_movie(f"Film {number}", year=1999, added=START - 90 * DAY)
        for number in range(120)
    ]
    for film in films:
        house.play(house.user("alice"), film, at=START - 30 * DAY)
    await sync(kept)
    assert sets(kept) == {NAME: {film.name for film in films}}
    kept.choose(collection=None)
    await sync(kept)
    assert sets(kept) == {}
    # One request for each part; the first makes the collection.
    assert asked(kept, "POST", "/Collections") == 3
    assert asked(kept, "DELETE", "/Collections") == 3


async def test_nothing_new_is_no_request(kept: Kept) -> None:
    """A poll at which nothing changes asks and tells nothing about it."""
    kept.watch("Alpha")
    await sync(kept)
    changes = (asked(kept, "POST", "/Collections"), asked(kept, "GET", "/Items"))
    await kept.keeper.evaluate()
    await kept.keeper.keep(kept.home.video("Delta").id, None, "")
    assert changes == (
        asked(kept, "POST", "/Collections"),
        asked(kept, "GET", "/Items"),
    )


async def test_off_by_default(kept: Kept) -> None:
    """Nobody who has not asked for it gets one."""
    kept.restart()
    await kept.keeper.connect()
    await kept.keeper.load()
    kept.watch("Alpha")
    await sync(kept)
    assert kept.planned() == ["Alpha"]
    assert sets(kept) == {}
    assert asked(kept, "POST", "/Collections") == 0


# --- ours, and what is not ------------------------------------------------------------


@ALL_JELLYFIN
@pytest.mark.parametrize(
    ("made_as", "name"),
    [(NAME, NAME), ("leaving SOON", "leaving SOON"), (NAME, "Best"), ("Best", NAME)],
)
async def test_the_name_is_taken(
    kept: Kept, made_as: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To make ours would empty it, under whichever name it is shown now."""
    caplog.set_level(logging.INFO)
    theirs = make_set(kept, made_as, "Delta")
    theirs.name = name
    kept.watch("Alpha")
    for _ in range(3):
        await sync(kept)
    assert sets(kept) == {name: {"Delta"}}
    assert kept.keeper.collection.taken
    assert kept.keeper.blockers == ()
    assert told(caplog) == [TAKEN]
    del kept.home.household.collections[theirs.id]
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}
    said = [TAKEN, "The collection in Jellyfin is up to date again"]
    assert told(caplog) == said
    await sync(kept)
    assert told(caplog) == said
    assert not kept.keeper.collection.taken


async def test_another_wish_waits_for_no_sync(kept: Kept) -> None:
    """Whoever wants no collection any more hears at once that none is in the way."""
    make_set(kept, NAME, "Delta")
    kept.watch("Alpha")
    await sync(kept)
    assert kept.keeper.collection.taken
    kept.heard.clear()
    before = len(kept.home.jellyfin_server.requests)
    await kept.keeper.adopt(replace(kept.keeper.settings, dry_run=True))
    assert len(kept.home.jellyfin_server.requests) == before
    assert kept.keeper.collection.taken
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 2
    kept.heard.clear()
    await kept.keeper.adopt(replace(kept.keeper.settings, collection=None))
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 3
    assert not kept.keeper.collection.taken


async def test_the_same_id_elsewhere_is_not_ours(kept: Kept) -> None:
    """A set that came back under another id is somebody else's, as far as we know."""
    kept.watch("Alpha")
    await sync(kept)
    house = kept.home.household
    house.collections.clear()
    theirs = make_set(kept, NAME, "Delta")
    await sync(kept)
    assert sets(kept) == {NAME: {"Delta"}}
    assert kept.keeper.collection.taken
    kept.choose(collection=None)
    await sync(kept)
    assert list(house.collections) == [theirs.id]
    assert not kept.keeper.collection.taken


async def test_it_was_deleted_by_hand(kept: Kept) -> None:
    """It is made anew with all that leaves, not only with what is new."""
    kept.watch("Alpha")
    await sync(kept)
    kept.home.household.collections.clear()
    kept.watch("Bravo")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}
    kept.home.household.collections.clear()
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}


async def test_it_was_renamed(kept: Kept) -> None:
    """It is known by its id, also after a restart."""
    kept.watch("Alpha")
    await sync(kept)
    our_set(kept).name = "Last chance"
    kept.restart()
    kept.choose(collection=5 * DAY)
    await kept.keeper.connect()
    await kept.keeper.load()
    kept.watch("Bravo")
    await sync(kept)
    assert sets(kept) == {"Last chance": {"Alpha", "Bravo"}}
    kept.choose(collection=None)
    await sync(kept)
    assert sets(kept) == {}


async def test_what_somebody_puts_in_stays(kept: Kept) -> None:
    """So does the collection then, without what is ours."""
    kept.watch("Alpha")
    await sync(kept)
    our_set(kept).members.append(kept.home.video("Delta").id)
    kept.watch("Bravo")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo", "Delta"}}
    kept.choose(collection=None)
    await sync(kept)
    assert sets(kept) == {NAME: {"Delta"}}


async def test_what_only_some_see_stays(kept: Kept) -> None:
    """What one user has put in need not be visible to another."""
    house = kept.home.household
    kept.watch("Alpha")
    await sync(kept)
    our_set(kept).members.append(house.show("Show").id)
    first, *others = house.users
    for user in others:
        user.libraries = frozenset({"Movies"})
    house.changed()
    assert first.sees(house.library("Shows"))
    kept.choose(collection=None)
    await sync(kept)
    assert sets(kept) == {NAME: {"Show"}}


async def test_turned_off(kept: Kept) -> None:
    """It goes at once, and nothing else does; then it can come back."""
    other = make_set(kept, "Best", "Alpha", "Delta")
    kept.watch("Alpha")
    await sync(kept)
    assert sets(kept) == {"Best": {"Alpha", "Delta"}, NAME: {"Alpha"}}
    files = kept.films()
    on = kept.keeper.settings
    kept.choose(collection=None)
    await kept.keeper.adopt(kept.keeper.settings)
    assert list(kept.home.household.collections) == [other.id]
    assert kept.films() == files
    await kept.keeper.adopt(on)
    assert sets(kept) == {"Best": {"Alpha", "Delta"}, NAME: {"Alpha"}}


async def test_leaving_the_household(kept: Kept, tmp_path: Path) -> None:
    """It is taken down from the ledger alone, before that goes."""
    kept.watch("Alpha")
    await sync(kept)
    await kept.keeper.close()
    path = tmp_path / "ledger.db"
    await leave_household(path, kept.home.jellyfin)
    assert sets(kept) == {}
    ledger = Ledger(path)
    assert ledger.own_set() is None
    ledger.close()


# --- favorites ------------------------------------------------------------------------


@ALL_JELLYFIN
async def test_its_favorite_keeps_nothing(kept: Kept) -> None:
    """It holds what leaves; what somebody else has put in is kept as in any other."""
    house = kept.home.household
    kept.watch("Alpha", "Bravo", "Charlie")
    await sync(kept)
    house.set_favourite(house.user("bob"), our_set(kept))
    best = make_set(kept, "Best", "Charlie")
    house.set_favourite(house.user("bob"), best)
    await sync(kept)
    assert kept.planned() == ["Alpha", "Bravo"]
    assert sets(kept)[NAME] == {"Alpha", "Bravo"}
    kept.watch("Delta")
    house.collections[next(iter(house.collections))].members.append(
        kept.home.video("Delta").id
    )
    await sync(kept)
    assert kept.planned() == ["Alpha", "Bravo"]
    kept.home.wait(GRACE)
    report = await kept.keeper.delete(None, dry_run=False)
    assert sorted(one.title for one in report.deleted) == ["Alpha", "Bravo"]
    assert kept.films() == {"Charlie", "Delta"}


async def test_a_favorite_set_of_others_still_keeps_at_the_last_look(
    kept: Kept,
) -> None:
    """Also where ours holds the same title."""
    house = kept.home.household
    kept.watch("Alpha", "Bravo")
    await sync(kept)
    kept.home.wait(GRACE)
    for box_set in (our_set(kept), make_set(kept, "Best", "Alpha")):
        house.set_favourite(house.user("bob"), box_set)
    report = await kept.keeper.delete(None, dry_run=False)
    assert [one.title for one in report.deleted] == ["Bravo"]


# --- faults ---------------------------------------------------------------------------


FAULTS = [
    FaultKind.SERVER_ERROR,
    FaultKind.FORBIDDEN,
    FaultKind.UNAUTHORIZED,
    FaultKind.NOT_FOUND,
    FaultKind.HTML,
    FaultKind.DISCONNECT,
    FaultKind.DISCONNECT_AFTER,
]


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *((method, kind) for method in ("POST", "DELETE") for kind in FAULTS),
        ("POST", FaultKind.EMPTY),
        ("POST", FaultKind.WRONG_SHAPE),
    ],
)
async def test_a_change_fails(
    kept: Kept, method: str, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing else does: it is said once and mended by a later sync."""
    kept.watch("Alpha")
    if method == "DELETE":
        kept.watch("Bravo")
        await sync(kept)
    fault = kept.home.jellyfin_server.fail(kind, "/Collections", method=method)
    if method == "DELETE":
        await kept.keeper.keep(kept.home.video("Bravo").id, None, "")
    for _ in range(3):
        await sync(kept)
        assert kept.keeper.blockers == ()
        assert kept.planned() == ["Alpha"]
    assert fault.hits >= 1
    troubles = [one for one in told(caplog) if "not up to date" in one]
    assert len(troubles) <= 1
    assert not [one for one in troubles if one.endswith("None")]
    # Only the next sync tries it again.
    hits = fault.hits
    await kept.keeper.evaluate()
    assert fault.hits == hits
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
    kept.home.jellyfin_server.faults.clear()
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}
    assert not kept.keeper.collection.taken


async def test_an_addition_fails(kept: Kept) -> None:
    """What may not have got there is put in by a later sync."""
    kept.watch("Alpha")
    await sync(kept)
    kept.home.jellyfin_server.fail(
        FaultKind.SERVER_ERROR, "/Collections", method="POST"
    )
    kept.watch("Bravo")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}
    kept.home.jellyfin_server.faults.clear()
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}


async def test_an_addition_without_an_answer(kept: Kept) -> None:
    """What got there all the same is ours, and taken out if nobody wants it any more."""
    kept.watch("Alpha")
    await sync(kept)
    kept.home.jellyfin_server.fail(
        FaultKind.DISCONNECT_AFTER, "/Collections", method="POST", times=1
    )
    kept.watch("Bravo")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}
    await kept.keeper.keep(kept.home.video("Bravo").id, None, "")
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}


async def test_what_nobody_foresaw(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stops nothing else, and is in the log with all that is known of it."""
    caplog.set_level(logging.DEBUG)

    async def fail() -> None:
        """Fail as nobody expects."""
        raise ZeroDivisionError

    monkeypatch.setattr(kept.home.jellyfin, "box_sets", fail)
    kept.watch("Alpha")
    await kept.keeper.sync(full=True)
    assert told(caplog) == [
        "The collection in Jellyfin is not up to date: ZeroDivisionError"
    ]
    found = [one for one in caplog.records if "Nobody foresaw" in one.getMessage()]
    assert found
    assert all(one.exc_info for one in found)
    assert kept.planned() == ["Alpha"]


async def test_its_list_fails(kept: Kept) -> None:
    """Half of a list is no list, and an empty one is no proof for long."""
    kept.watch("Alpha")
    theirs = make_set(kept, NAME, "Delta")
    make_set(kept, "Best")
    for kind in (FaultKind.HALF_PAGE, FaultKind.SERVER_ERROR):
        kept.home.jellyfin_server.fail(
            kind, "/Items", when=lambda one: "includeItemTypes=BoxSet" in str(one)
        )
        await sync(kept)
        kept.home.jellyfin_server.faults.clear()
        assert list(kept.home.household.collections)[0] == theirs.id
        assert sets(kept)[NAME] == {"Delta"}


def hang(kept: Kept) -> asyncio.Event:
    """Let every change of a collection hang; the event says that one has begun."""
    begun = asyncio.Event()

    def hangs(request: Request) -> bool:
        """Note that it begins."""
        begun.set()
        return True

    kept.home.jellyfin_server.fail(FaultKind.HANG, "/Collections", when=hangs)
    return begun


async def test_jellyfin_hangs(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """That is waited for a while and no longer; closing waits for nothing."""
    monkeypatch.setattr(collection_module, "SECONDS", 0.3)
    kept.watch("Alpha")
    begun = hang(kept)
    await sync(kept)
    assert begun.is_set()
    assert kept.planned() == ["Alpha"]
    assert "not up to date: Jellyfin takes too long" in caplog.text
    monkeypatch.setattr(collection_module, "SECONDS", 1000)
    begun.clear()
    kept.home.wait(HOUR)
    syncing = asyncio.ensure_future(kept.keeper.sync(full=True))
    await begun.wait()
    await kept.keeper.close()
    async with asyncio.timeout(10):
        await syncing


async def test_closing_is_no_trouble(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """What is given up says nothing of Jellyfin."""
    kept.watch("Alpha")
    begun = hang(kept)
    syncing = asyncio.ensure_future(kept.keeper.sync(full=True))
    await begun.wait()
    await kept.keeper.close()
    await syncing
    assert "not up to date" not in caplog.text


async def test_closing_does_not_wait_for_it(kept: Kept) -> None:
    """A run that has to end does not put it in step any more."""
    await kept.make_due("Alpha", "Bravo")
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}
    closing: list[asyncio.Task[None]] = []
    kept.at_first_delete(
        lambda: closing.append(asyncio.create_task(kept.keeper.close()))
    )
    report = await kept.keeper.delete(None, dry_run=False)
    await asyncio.gather(*closing)
    assert len(report.deleted) == 1
    assert asked(kept, "DELETE", "/Collections") == 0


async def test_leaving_does_not_wait_for_ever(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jellyfin has as much time as ever."""
    kept.watch("Alpha")
    await sync(kept)
    monkeypatch.setattr(collection_module, "SECONDS", 0.2)
    kept.home.jellyfin_server.fail(FaultKind.HANG, "/Items")
    with pytest.raises(TimeoutError):
        await take_collection_down(kept.home.ledger, kept.home.jellyfin)


async def test_turning_it_off_fails(kept: Kept) -> None:
    """It is tried again until it is gone."""
    kept.watch("Alpha")
    await sync(kept)
    fault = kept.home.jellyfin_server.fail(
        FaultKind.SERVER_ERROR, f"/Items/{our_set(kept).id}", method="DELETE"
    )
    kept.choose(collection=None)
    await sync(kept)
    await sync(kept)
    assert fault.hits == 2
    assert sets(kept) == {NAME: set()}
    kept.home.jellyfin_server.faults.clear()
    await sync(kept)
    assert sets(kept) == {}


async def test_the_first_answer_is_lost(kept: Kept) -> None:
    """What was made all the same is ours, but not what somebody has filled meanwhile."""
    kept.watch("Alpha")
    fault = kept.home.jellyfin_server.fail(
        FaultKind.DISCONNECT_AFTER, "/Collections", method="POST", times=1
    )
    await sync(kept)
    assert fault.hits == 1
    assert sets(kept) == {NAME: {"Alpha"}}
    our_set(kept).members.append(kept.home.video("Delta").id)
    await sync(kept)
    taken = [kept.keeper.collection.taken]
    our_set(kept).members.pop()
    kept.watch("Bravo")
    await sync(kept)
    assert [*taken, kept.keeper.collection.taken] == [True, False]
    assert sets(kept) == {NAME: {"Alpha", "Bravo"}}


async def test_what_was_made_without_an_answer_may_be_empty(kept: Kept) -> None:
    """Nobody has said that anything was put in, so all of it is put in again."""
    kept.watch("Alpha")
    kept.home.jellyfin_server.fail(
        FaultKind.DISCONNECT_AFTER, "/Collections", method="POST", times=1
    )
    await sync(kept)
    our_set(kept).members.clear()
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha"}}


async def test_turned_off_before_it_was_known(kept: Kept) -> None:
    """What may be somebody else's by then is left alone."""
    kept.watch("Alpha")
    kept.home.jellyfin_server.fail(
        FaultKind.DISCONNECT_AFTER, "/Collections", method="POST", times=1
    )
    await sync(kept)
    our_set(kept).members.append(kept.home.video("Delta").id)
    kept.choose(collection=None)
    await sync(kept)
    assert sets(kept) == {NAME: {"Alpha", "Delta"}}
    assert kept.home.ledger.own_set() is None


class Pathless(BoxSet):
    """A collection of which nobody says where it is."""

    @property
    def path(self) -> str:
        """Return nothing."""
        return ""


async def test_a_collection_without_a_path(kept: Kept) -> None:
    """It may be the one in the way, and is not risked."""
    theirs = Pathless(id="5" * 32, name="Best", date_created=START)
    kept.home.household.collections[theirs.id] = theirs
    kept.watch("Alpha")
    await sync(kept)
    assert sets(kept) == {"Best": set()}
    assert kept.keeper.collection.taken


class OnWindows(BoxSet):
    """A collection of a Jellyfin on Windows."""

    @property
    def path(self) -> str:
        """Return where its folder is."""
        return f"C:\\ProgramData\\collections\\{self.made_as} [boxset]\\"


@pytest.mark.parametrize(("made_as", "taken"), [(NAME, True), ("Best", False)])
async def test_a_collection_on_windows(kept: Kept, made_as: str, taken: bool) -> None:
    """Its folder is in the way, whatever it is called now."""
    theirs = OnWindows(id="5" * 32, name="Best", date_created=START, made_as=made_as)
    kept.home.household.collections[theirs.id] = theirs
    kept.watch("Alpha")
    await sync(kept)
    assert kept.keeper.collection.taken is taken


async def test_what_has_gone_meanwhile_is_not_put_in(kept: Kept) -> None:
    """One id that is unknown would have all the others refused."""
    house = kept.home.household
    kept.watch("Alpha", "Bravo")
    await kept.keeper.sync(full=True)
    house.collections.clear()
    kept.home.ledger.set_own_set(None)
    for name, expected in (("Alpha", {NAME: {"Bravo"}}), ("Bravo", {})):
        house.collections.clear()
        kept.home.ledger.set_own_set(None)
        house.unlist(kept.home.video(name))
        await kept.keeper.evaluate()
        assert sets(kept) == expected


async def test_automatic_runs_go_on(kept: Kept) -> None:
    """A collection that cannot be made keeps nothing from leaving."""
    kept.limits = Limits()
    kept.home.jellyfin_server.fail(FaultKind.SERVER_ERROR, "/Collections")
    kept.watch("Alpha")
    await sync(kept)
    kept.home.wait(GRACE)
    await kept.keeper.tick()
    assert kept.told(EventType.DELETED)
    assert kept.films() == {"Bravo", "Charlie", "Delta"}


# --- in Home Assistant ----------------------------------------------------------------


async def choose(hass: HomeAssistant, entry: MockConfigEntry, on: bool) -> None:
    """Choose it in the form."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "settings"}
    )
    schema = flow["data_schema"]
    assert schema is not None
    sections: dict[str, dict[str, Any]] = {
        "safety": {},
        "automatic": {},
        "intervals": {},
    }
    given = schema(
        {"leaving_soon_collection": on, "leaving_soon_days": 365, **sections}
    )
    await hass.config_entries.options.async_configure(flow["flow_id"], given)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_the_option(
    hass: HomeAssistant, setup_integration: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """It comes and goes with it, and with the integration."""
    entry = setup_integration
    house = jellyfin.household
    await choose(hass, entry, on=True)
    (box_set,) = house.collections.values()
    soon = entry.runtime_data.leaving_soon
    assert soon
    assert {one.item_id for one in soon if one.kind == "movie"} <= set(box_set.members)
    await choose(hass, entry, on=False)
    assert house.collections == {}
    await choose(hass, entry, on=True)
    assert len(house.collections) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(house.collections) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    assert house.collections == {}


async def test_a_taken_name_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """In the repairs, until it is free, or nobody wants it any more."""
    house = jellyfin.household
    house.collections["1" * 32] = BoxSet(id="1" * 32, name=NAME, date_created=START)
    await set_up(hass, entry)
    issues = ir.async_get(hass)
    issue = (DOMAIN, f"collection_taken_{entry.entry_id}")
    assert issues.async_get_issue(*issue) is None
    await choose(hass, entry, on=True)
    assert issues.async_get_issue(*issue) is not None
    await choose(hass, entry, on=False)
    assert issues.async_get_issue(*issue) is None
    assert list(house.collections) == ["1" * 32]


async def test_removed_while_jellyfin_is_away(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    jellyfin: JellyfinSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The integration goes all the same, and says what is left."""
    await choose(hass, setup_integration, on=True)
    await jellyfin.stop()
    await hass.config_entries.async_remove(setup_integration.entry_id)
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert "Delete it in Jellyfin" in caplog.text
    assert jellyfin.api_key not in caplog.text
