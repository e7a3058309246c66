"""The keeper as a plain class, against simulated servers: what it does, when, what it tells.

It is long because the keeper is the only orchestration there is, and all of it is here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
import logging
from pathlib import Path
import threading
from typing import Any

import aiohttp
import pytest

from custom_components.oxicleanarr.cleanup import (
    BreakerState,
    Finding,
    Limits,
    Suspicion,
    Why,
    say,
    why,
    with_finding,
)
from custom_components.oxicleanarr.household import (
    Asker,
    BlockedError,
    BusyError,
    Clock,
    ClosingError,
    Event,
    EventType,
    FindingChangedError,
    KeeperSettings,
    NotPlannedError,
    Servers,
    SyncFailedError,
)
from custom_components.oxicleanarr.keeper import Keeper, open_household
from custom_components.oxicleanarr.ledger import (
    ArrDeletion,
    Census,
    Ledger,
    LedgerError,
    Question,
)
from custom_components.oxicleanarr.model import (
    ApprovalState,
    Outcome,
    PlannedDeletion,
    Progress,
    Reason,
    Work,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    RetentionRules,
    StandardRules,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    Connections,
    NotFound,
    ServerError,
    jellyfin as jellyfin_client,
)
from custom_components.oxicleanarr.sync import SyncMode
from simulators import (
    FaultKind,
    RadarrSimulator,
    Request,
    SeerrSimulator,
    SonarrSimulator,
)
from simulators.server import Simulator

from .connections import connect_to
from .home import DAY, HOUR, START, Home, open_home

# Nothing here takes long: what hangs is wrong.
GRACE = 5 * HOUR
SECOND = timedelta(seconds=1)


def rules(movies: str = "7d") -> RetentionRules:
    """Return rules by which movies go some time after they were watched."""
    return RetentionRules(
        standard=StandardRules(
            movie_retention=parse_duration(movies), tv_retention=parse_duration("14d")
        )
    )


SETTINGS = KeeperSettings(
    libraries=None,
    rules=rules(),
    full_sync_interval=12 * HOUR,
    grace=GRACE,
    limits=Limits(),
    dry_run=False,
    import_exclusion=True,
    seerr_cleanup=False,
)


@dataclass
class Kept:
    """A house and its keeper, a clock that can be set, and all that was told."""

    home: Home
    connections: Connections = field(default_factory=Connections)
    limits: Limits | None = None
    """What may go by itself: nothing, as long as a test does not say otherwise."""
    asked: list[int] = field(default_factory=list)
    """With how many recycled bytes it was asked what may go by itself."""
    heard: list[Event] = field(default_factory=list)
    slip: timedelta = timedelta()
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        """Hire a keeper."""
        self.restart()

    def restart(self, settings: KeeperSettings = SETTINGS) -> None:
        """Hire another keeper of the same house; this one knows only the ledger."""

        def automatic_limits(recycled: int) -> Limits | None:
            self.asked.append(recycled)
            return self.limits

        self.keeper = Keeper(
            self.home.ledger,
            Servers(self.home.jellyfin, self.home.jellystat, self.connections),
            settings,
            Clock(
                lambda: self.home.now,
                lambda: 7.0 + (self.home.now - self.slip - START).total_seconds(),
            ),
            automatic_limits,
        )
        self.heard.clear()
        self.keeper.listen(self.heard.append)

    def set_clock(self, by: timedelta) -> None:
        """Move the clock on the wall, without any time passing."""
        self.home.now += by
        self.slip += by

    def choose(self, **changes: Any) -> None:
        """Change settings without telling the keeper."""
        self.keeper.settings = replace(self.keeper.settings, **changes)

    def watch(self, *names: str) -> None:
        """Let alice watch titles, so long ago that their retention is over."""
        house = self.home.household
        for name in names:
            house.play(house.user("alice"), self.home.video(name), at=START - 30 * DAY)

    async def make_due(self, *names: str) -> None:
        """Watch titles, have them announced, and wait until the grace is over."""
        self.watch(*names)
        await self.keeper.sync(full=True)
        self.home.wait(GRACE)
        self.heard.clear()

    def told(self, kind: EventType) -> list[Event]:
        """Return what was told of a kind."""
        return [event for event in self.heard if event.type is kind]

    def planned(self) -> list[str]:
        """Return the titles of the plan."""
        return names(
            self.keeper.overview.plan.entries if self.keeper.overview.plan else ()
        )

    def entry(self, title: str) -> PlannedDeletion:
        """Return the plan's entry of a title."""
        assert self.keeper.overview.plan is not None
        return next(
            one for one in self.keeper.overview.plan.entries if one.title == title
        )

    def failed(self) -> tuple[Reason | None, str | None]:
        """Return why the last sync failed, and what the ledger said."""
        return self.keeper.failure, self.keeper.ledger_failure

    def codes(self) -> list[str]:
        """Return the codes of what blocks deletion."""
        return [blocker.code for blocker in self.keeper.blockers]

    def findings(self) -> list[tuple[str, int, int]]:
        """Return what the breaker has found, in short."""
        return [
            (one.suspicion.value, one.before, one.now)
            for one in self.keeper.overview.findings
        ]

    async def lift(self, suspicion: Suspicion) -> None:
        """Accept a finding as it is shown."""
        (found,) = [
            one for one in self.keeper.overview.findings if one.suspicion is suspicion
        ]
        await self.keeper.lift(found.identity)

    def films(self) -> set[str]:
        """Return the films whose files are on disk."""
        return {
            path.rpartition("/")[2].removesuffix(" (2000).mkv")
            for path in self.home.household.files
            if path.endswith(".mkv") and "/movies/" in path
        }

    def at_first_delete(self, happen: Callable[[], object]) -> None:
        """Let something happen just before the first file goes in Jellyfin."""
        at_first(self.home.jellyfin_server, "DELETE", happen)


def names(entries: Any) -> list[str]:
    """Return the titles of entries, in order."""
    return sorted(one.title for one in entries)


def at_first(server: Simulator, method: str, happen: Callable[[], object]) -> None:
    """Let something happen when the first request of a kind comes in."""
    done: list[str] = []

    def listen(request: Request) -> None:
        if request.method == method and not done:
            done.append(request.path)
            happen()

    server.listeners.append(listen)


@pytest.fixture
async def home(
    socket_enabled: None, tmp_path: Path, no_waiting: None
) -> AsyncIterator[Home]:
    """Return the house, its servers and an open ledger."""
    async with open_home(tmp_path) as home:
        yield home


@pytest.fixture
async def kept(home: Home) -> Kept:
    """Return the house with its keeper, before the first sync."""
    kept = Kept(home)
    await kept.keeper.connect()
    await kept.keeper.load()
    return kept


@dataclass
class Arrs:
    """The household's Radarr, Sonarr and Seerr."""

    radarr: RadarrSimulator
    sonarr: SonarrSimulator
    seerr: SeerrSimulator


@pytest.fixture
async def arrs(kept: Kept) -> AsyncIterator[Arrs]:
    """Give the house a Radarr, a Sonarr and a Seerr, which have all of its titles."""
    house = kept.home.household
    radarr, sonarr = RadarrSimulator(house), SonarrSimulator(house)
    for arr in (radarr, sonarr):
        arr.deletion_delay = 0
        arr.manage_all()
    seerr = SeerrSimulator(house, radarr=[radarr], sonarr=[sonarr])
    async with AsyncExitStack() as stack:
        for server in (radarr, sonarr, seerr):
            await stack.enter_async_context(server)
        session = await stack.enter_async_context(aiohttp.ClientSession())

        kept.connections = connect_to(
            session,
            {one.name: (one.url, one.api_key) for one in (radarr, sonarr)}
            | {"seerr": (seerr.url, seerr.api_key)},
        )
        kept.restart()
        await kept.keeper.connect()
        await kept.keeper.load()
        yield Arrs(radarr, sonarr, seerr)


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, method: str) -> Iterator[None]:
    """Let a method of the ledger fail as on a full disk."""

    def fail(*_: object, **__: object) -> None:
        raise LedgerError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, method, fail)
        yield


# --- opening --------------------------------------------------------------------------


def test_a_new_household_is_no_replaced_one(tmp_path: Path) -> None:
    """Where nothing was known nothing was lost; the same file comes back by its id."""
    path = tmp_path / "ledger.db"
    opened = open_household(path, START)
    assert not opened.replaced
    assert opened.ledger.breaker_state() is None
    opened.ledger.close()
    again = open_household(path, START, opened.ledger_id)
    assert (again.ledger_id, again.replaced) == (opened.ledger_id, False)
    again.ledger.close()


def test_a_lost_ledger_blocks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An empty one takes its place, and somebody has to look at that."""
    opened = open_household(tmp_path / "ledger.db", START, "known")
    assert opened.replaced
    state = BreakerState.from_mapping(opened.ledger.breaker_state())
    assert state.findings == (Finding(suspicion=Suspicion.LEDGER_REPLACED),)
    opened.ledger.close()
    assert caplog.messages == [
        "The database was lost or damaged, and an empty one has taken its place"
    ]


def test_a_damaged_ledger_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says where it is now."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database" * 100)
    opened = open_household(path, START, "known")
    opened.ledger.close()
    assert caplog.messages == [
        "The database was lost or damaged, and an empty one has taken its place"
        "; the old file is ledger.db.damaged-20260110-120000"
    ]


def test_a_ledger_that_cannot_say_so_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the finding an empty ledger would pass for the one that was lost."""
    closed: list[Ledger] = []
    monkeypatch.setattr(Ledger, "close", lambda ledger: closed.append(ledger))
    with broken(monkeypatch, "set_breaker_state"), pytest.raises(LedgerError):
        open_household(tmp_path / "ledger.db", START, "known")
    assert len(closed) == 1
    monkeypatch.undo()
    closed[0].close()


async def test_before_the_first_sync(kept: Kept) -> None:
    """Nothing is planned, nothing may go, and nothing has been told."""
    keeper = kept.keeper
    assert keeper.overview.plan is None
    assert keeper.overview.findings == ()
    assert (keeper.busy, keeper.closing, keeper.progress) == (False, False, None)
    assert (keeper.due, keeper.leaving_soon(DAY)) == ((), ())
    (blocker,) = keeper.blockers
    assert (blocker.code, blocker.reason) == (
        "never_synced",
        why(Why.NEVER_SYNCED),
    )
    assert await keeper.preview(rules()) is None
    with pytest.raises(NotPlannedError, match="^something$"):
        await keeper.approve(["something"])
    assert (keeper.failure, keeper.ledger_failure) == (None, None)
    await keeper.evaluate()
    assert kept.codes() == ["never_synced"]


async def test_connect_notes_who_answers(kept: Kept) -> None:
    """Jellyfin and Jellystat are asked, and only these."""
    keeper = kept.keeper
    assert set(keeper.health) == {"jellyfin", "jellystat"}
    assert all(one.up and one.error is None for one in keeper.health.values())
    kept.home.jellyfin_server.name = "House"
    assert (await keeper.connect()).name == "House"
    kept.restart()
    assert all(one.up is None for one in kept.keeper.health.values())


@pytest.mark.parametrize("silent", ["jellyfin", "jellystat"])
async def test_connect_notes_who_does_not(kept: Kept, silent: str) -> None:
    """The error is raised, and stands beside the server."""
    kept.restart()
    server: Simulator = (
        kept.home.jellyfin_server
        if silent == "jellyfin"
        else kept.home.jellystat_server
    )
    server.fail(FaultKind.UNAUTHORIZED)
    with pytest.raises(AuthenticationFailed) as failed:
        await kept.keeper.connect()
    assert kept.keeper.health[silent].up is False
    assert kept.keeper.health[silent].error is failed.value


async def test_without_jellystat(kept: Kept) -> None:
    """It is not asked, and has no health."""
    kept.home.jellystat = None
    kept.restart()
    await kept.keeper.connect()
    assert set(kept.keeper.health) == {"jellyfin"}
    await kept.keeper.load()
    kept.watch("Alpha")
    await kept.keeper.tick()
    assert kept.planned() == ["Alpha"]
    assert kept.keeper.health["jellyfin"].up


# --- sync and plan --------------------------------------------------------------------


async def test_a_sync_reads_fully_when_it_is_due(kept: Kept) -> None:
    """First, when asked to, after the interval, and when the clock was put back."""
    keeper = kept.keeper

    async def mode(*, full: bool = False) -> SyncMode:
        return (await keeper.sync(full=full)).mode

    assert await mode() is SyncMode.FULL
    assert await mode() is SyncMode.POLL
    assert await mode(full=True) is SyncMode.FULL
    kept.home.wait(12 * HOUR - SECOND)
    assert await mode() is SyncMode.POLL
    kept.home.wait(SECOND)
    assert await mode() is SyncMode.FULL
    kept.set_clock(-SECOND)
    assert await mode() is SyncMode.FULL


@pytest.mark.parametrize("library", [None, "Movies"])
async def test_a_restart_is_no_reason_for_a_full_sync(
    kept: Kept, library: str | None
) -> None:
    """The ledger knows when the last one was, whichever libraries were chosen."""
    settings = SETTINGS
    if library is not None:
        chosen = kept.home.household.library(library).id
        settings = replace(SETTINGS, libraries=frozenset([chosen]))
    kept.restart(settings)
    await kept.keeper.tick()
    kept.home.wait(HOUR)
    kept.restart(settings)
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.POLL


async def test_a_tick_syncs_as_scheduled(kept: Kept) -> None:
    """Fully at first, then by polls; it returns what there is to see."""
    kept.watch("Alpha")
    overview = await kept.keeper.tick()
    assert overview is kept.keeper.overview
    assert kept.planned() == ["Alpha"]
    assert overview.state.fully_synced_at == START
    kept.home.wait(HOUR)
    overview = await kept.keeper.tick()
    assert overview.state.fully_synced_at == START
    assert overview.state.synced_at == START + HOUR


async def test_a_tick_waits_for_nothing(kept: Kept) -> None:
    """If something is under way, that is news enough."""
    await kept.keeper.tick()
    await kept.keeper.hold()
    kept.home.wait(HOUR)
    before = len(kept.home.jellyfin_server.requests)
    assert await kept.keeper.tick() is kept.keeper.overview
    assert len(kept.home.jellyfin_server.requests) == before
    kept.keeper.release()


async def test_what_there_is_to_see(kept: Kept) -> None:
    """The plan and what it rests on; what leaves soon, and what is due."""
    kept.watch("Alpha")
    await kept.keeper.sync(full=False)
    overview = kept.keeper.overview
    assert overview.plan is not None
    assert overview.plan.evaluated_at == START
    assert {user.name for user in overview.users} == {"alice", "bob"}
    assert {one.name for one in overview.libraries} == {"Movies", "Shows", "Songs"}
    assert overview.state == kept.home.ledger.state()
    assert (overview.reclaimed_bytes, overview.findings) == (0, ())
    entry = kept.entry("Alpha")
    assert entry.due_at == START + GRACE
    # The sizes of what is planned are learned at once.
    assert entry.size_bytes
    assert names(kept.keeper.leaving_soon(GRACE)) == ["Alpha"]
    assert kept.keeper.leaving_soon(GRACE - SECOND) == ()
    assert kept.keeper.due == ()
    kept.home.wait(GRACE)
    assert names(kept.keeper.due) == ["Alpha"]
    assert names(kept.keeper.leaving_soon(DAY)) == ["Alpha"]


async def test_a_ledger_is_shown_without_asking_anybody(kept: Kept) -> None:
    """Sizes that are missing are learned by the next sync."""
    kept.watch("Alpha")
    kept.home.jellyfin_server.fail(FaultKind.SERVER_ERROR, "/Items", when=_asks_sizes)
    await kept.keeper.sync(full=True)
    assert kept.entry("Alpha").size_bytes is None
    kept.home.jellyfin_server.faults.clear()
    kept.restart()
    before = len(kept.home.jellyfin_server.requests)
    await kept.keeper.load()
    assert kept.planned() == ["Alpha"]
    assert len(kept.home.jellyfin_server.requests) == before
    await kept.keeper.sync(full=False)
    assert kept.entry("Alpha").size_bytes


def _asks_sizes(request: Request) -> bool:
    """Return whether a request asks for files and their sizes."""
    return "MediaSources" in request.query.get(
        "fields", request.query.get("Fields", "")
    )


async def test_sizes_of_episodes_come_from_sonarr(kept: Kept, arrs: Arrs) -> None:
    """Jellyfin is not asked for what an owner has told."""
    kept.watch("E1", "E2", "E3", "Alpha")
    await kept.keeper.sync(full=True)
    assert kept.keeper.overview.plan is not None
    assert all(one.size_bytes for one in kept.keeper.overview.plan.entries)
    assert not [one for one in kept.home.jellyfin_server.requests if _asks_sizes(one)]


async def test_it_is_asked_who_sees_a_title(kept: Kept) -> None:
    """If a rule waits for all who do: it is planned by the very sync that learns it."""
    house = kept.home.household
    house["Alpha"].rating = 18
    house.user("bob").max_rating = 12
    everybody = WatchedRule(
        name="all",
        retention=parse_duration("7d"),
        require_watched=True,
        watched_by=Watchers.ALL,
    )
    kept.choose(rules=replace(rules("never"), advanced=(everybody,)))
    kept.watch("Alpha", "Bravo")
    await kept.keeper.sync(full=True)
    assert kept.planned() == ["Alpha"]


async def test_dates_in_the_future_are_told_and_block_nothing(kept: Kept) -> None:
    """As long as a server says so."""
    house = kept.home.household
    alice, film = house.user("alice"), house.movie("Alpha")
    house.mark_played(alice, film, START + 36_500 * DAY)
    await kept.keeper.sync(full=True)
    assert list(kept.keeper.overview.titles_ahead) == ["Alpha"]
    assert kept.codes() == []
    house.unmark_played(alice, film)
    kept.home.wait(HOUR)
    await kept.keeper.sync(full=True)
    assert list(kept.keeper.overview.titles_ahead) == []


async def test_the_breaker_compares_what_was_read(kept: Kept) -> None:
    """Titles, plays and what is due, within the libraries that are managed."""
    await kept.make_due("Alpha", "Bravo")
    await kept.keeper.sync(full=False)
    movies = kept.home.household.library("Movies").id
    shows = kept.home.household.library("Shows").id
    stored = kept.home.ledger.breaker_state()
    assert stored is not None
    last = stored["last"]
    assert last["history_rows"] == 2
    assert last["titles"] == {movies: {"movie": 4}, shows: {"episode": 3}}
    assert last["watched"] == last["due"] == {movies: {"movie": 2}}
    assert last["deleted"] == {}
    await kept.keeper.delete(None, dry_run=False)
    await kept.keeper.adopt(
        replace(kept.keeper.settings, libraries=frozenset([movies]))
    )
    stored = kept.home.ledger.breaker_state()
    assert stored is not None
    assert stored["last"]["deleted"] == {movies: {"movie": 2}}
    assert stored["last"]["titles"] == {movies: {"movie": 2}}
    assert kept.keeper.overview.reclaimed_bytes > 0


async def test_the_breaker_writes_only_what_is_new(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync that found nothing else leaves the disk alone."""
    await kept.keeper.sync(full=True)
    with broken(monkeypatch, "set_breaker_state"):
        await kept.keeper.evaluate()
    assert kept.codes() == []


async def test_what_was_counted_is_not_counted_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles only where something has changed, the history only after a full sync."""
    counted: list[tuple[bool, bool]] = []
    census = Ledger.census

    def count_anew(ledger: Ledger, question: Question) -> Census:
        counted.append((question.inventory is None, question.history is None))
        return census(ledger, question)

    monkeypatch.setattr(Ledger, "census", count_anew)
    house = kept.home.household
    for name in ("Alpha", "Bravo"):
        await kept.keeper.sync(full=True)
        await kept.keeper.evaluate()
        assert counted == [(True, True), (False, False)]
        counted.clear()
        house.play(house.user("bob"), kept.home.video(name), at=kept.home.now)
        kept.home.wait(HOUR)
        await kept.keeper.sync(full=False)
        # A second plan is made once the size is known.
        assert counted == [(True, False), (False, False)]
        counted.clear()


def empty_radarr(kept: Kept, arrs: Arrs) -> None:
    """Let Radarr know no film any more."""
    for name in ("Alpha", "Bravo", "Charlie", "Delta"):
        arrs.radarr.unmanage(kept.home.household.movie(name))


def empty_sonarr(kept: Kept, arrs: Arrs) -> None:
    """Let Sonarr know no series any more."""
    (show,) = kept.home.household.series
    arrs.sonarr.unmanage(show)


def lose_films(kept: Kept, arrs: Arrs) -> None:
    """Let somebody else delete most films."""
    for name in ("Alpha", "Bravo", "Charlie"):
        kept.home.household.delete(kept.home.video(name))


@pytest.mark.parametrize(
    ("lose", "text"),
    [
        (empty_radarr, "Radarr or Sonarr listed 4 titles and now lists 0 (Radarr)."),
        (empty_sonarr, "Radarr or Sonarr listed 1 titles and now lists 0 (Sonarr)."),
        (lose_films, "The libraries shrank from 4 to 1 movies and episodes (Movies)."),
    ],
)
async def test_what_has_lost_its_titles_is_named(
    kept: Kept, arrs: Arrs, lose: Callable[[Kept, Arrs], None], text: str
) -> None:
    """As people call the server or the library."""
    await kept.keeper.sync(full=True)
    assert kept.codes() == []
    lose(kept, arrs)
    await kept.keeper.sync(full=True)
    assert [say(one.reason) for one in kept.keeper.blockers] == [text]


@pytest.mark.parametrize("enabled", [True, False])
async def test_tags_that_vanish(kept: Kept, enabled: bool) -> None:
    """They are missed if a rule that is on asks for them."""
    rule = TagRule(name="tagged", tag="classic", retention=NEVER, enabled=enabled)
    kept.choose(rules=replace(rules(), advanced=(rule,)))
    house = kept.home.household
    films = [house.movie(name) for name in ("Alpha", "Bravo", "Charlie", "Delta")]
    for film in films:
        house.retag(film, ["classic"])
    await kept.keeper.sync(full=True)
    for film in films:
        house.retag(film, [])
    await kept.keeper.sync(full=True)
    assert kept.findings() == ([("tags_vanished", 4, 0)] if enabled else [])


@pytest.mark.parametrize("keep", [True, False])
async def test_favorites_that_vanish(kept: Kept, keep: bool) -> None:
    """They are missed if they protect anything."""
    kept.choose(limits=Limits(favorites_keep=keep))
    house = kept.home.household
    films = [house.movie(name) for name in ("Alpha", "Bravo", "Charlie", "Delta")]
    for favorite in (True, False):
        for film in films:
            house.set_favourite(house.user("bob"), film, favorite)
        await kept.keeper.sync(full=True)
    assert kept.findings() == ([("favorites_vanished", 4, 0)] if keep else [])


async def test_a_shrunken_history_blocks_until_somebody_has_looked(kept: Kept) -> None:
    """Looking at it makes it the new normal, without another sync."""
    kept.watch("Alpha", "Bravo", "Charlie", "Delta")
    await kept.keeper.sync(full=True)
    house = kept.home.household
    for play in list(house.plays)[:2]:
        house.plays.remove(play)
    await kept.keeper.sync(full=True)
    assert kept.findings() == [("history_shrank", 4, 2)]
    assert [say(one.reason) for one in kept.keeper.blockers] == [
        "Jellystat's history shrank from 4 to 2 plays."
    ]
    before = len(kept.home.jellyfin_server.requests)
    await kept.lift(Suspicion.HISTORY_SHRANK)
    assert (kept.findings(), kept.codes()) == ([], [])
    assert len(kept.home.jellyfin_server.requests) == before
    assert kept.home.ledger.state().history_rows == 2
    await kept.keeper.sync(full=True)
    assert kept.findings() == []


async def test_a_finding_that_has_changed_is_not_lifted(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a sync has read that failed in the end counts too."""
    kept.watch("Alpha", "Bravo", "Charlie", "Delta")
    await kept.keeper.sync(full=True)
    house = kept.home.household
    gone = list(house.plays)[:2]
    for play in gone:
        house.plays.remove(play)
    await kept.keeper.sync(full=True)
    assert kept.findings() == [("history_shrank", 4, 2)]
    house.plays.remove(house.plays[0])
    with broken(monkeypatch, "end_watched_returns"), pytest.raises(LedgerError):
        await kept.keeper.sync(full=True)
    assert kept.findings() == [("history_shrank", 4, 2)]
    with pytest.raises(FindingChangedError):
        await kept.lift(Suspicion.HISTORY_SHRANK)
    assert kept.findings() == [("history_shrank", 4, 1)]


async def test_only_one_finding_is_lifted(kept: Kept) -> None:
    """The others stay."""
    state = BreakerState()
    for suspicion in (Suspicion.LEDGER_REPLACED, Suspicion.CLOCK_JUMPED):
        state = with_finding(state, Finding(suspicion=suspicion))
    kept.home.ledger.set_breaker_state(state.to_mapping())
    await kept.keeper.load()
    # Also before the first complete sync.
    await kept.lift(Suspicion.CLOCK_JUMPED)
    assert kept.findings() == [("ledger_replaced", 0, 0)]
    await kept.keeper.sync(full=False)
    assert kept.codes() == ["ledger_replaced"]


# --- the clock ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "finding"),
    [
        (HOUR, []),
        (HOUR + SECOND, [("clock_jumped", 0, 3601)]),
        (-HOUR, []),
        (-HOUR - SECOND, [("clock_jumped", 0, -3601)]),
    ],
)
async def test_a_clock_that_jumps(
    kept: Kept, by: timedelta, finding: list[tuple[str, int, int]]
) -> None:
    """More than an hour otherwise than time has passed, and only once."""
    await kept.keeper.tick()
    kept.home.wait(2 * HOUR)
    await kept.keeper.tick()
    assert kept.findings() == []
    kept.home.wait(HOUR)
    kept.set_clock(by)
    await kept.keeper.tick()
    assert kept.findings() == finding
    if finding:
        await kept.lift(Suspicion.CLOCK_JUMPED)
    await kept.keeper.tick()
    assert kept.findings() == []


@pytest.mark.parametrize(
    ("by", "finding"),
    [
        (5 * HOUR, []),
        (-HOUR, []),
        (-HOUR - SECOND, [("clock_jumped", 0, -3601)]),
    ],
)
async def test_a_clock_that_is_behind_at_start(
    kept: Kept, by: timedelta, finding: list[tuple[str, int, int]]
) -> None:
    """No time can have passed backwards since the last sync; forwards any."""
    await kept.keeper.tick()
    kept.restart()
    kept.set_clock(by)
    await kept.keeper.load()
    await kept.keeper.tick()
    assert kept.findings() == finding


@pytest.mark.parametrize("by", [2 * HOUR, 2 * DAY], ids=["finding", "grace anew"])
async def test_a_jump_that_cannot_be_written_is_not_forgotten(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    """Without the finding everything would be due at once; a long one is met sooner."""
    await kept.keeper.tick()
    kept.set_clock(by)
    with broken(monkeypatch, "set_breaker_state"), pytest.raises(LedgerError):
        await kept.keeper.tick()
    await kept.keeper.tick()
    assert kept.findings() == [("clock_jumped", 0, by.total_seconds())]


async def test_a_jump_before_the_first_plan_is_not_forgotten(kept: Kept) -> None:
    """A plan has to be there before it can be held back."""
    kept.home.jellystat_server.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await kept.keeper.tick()
    kept.set_clock(2 * HOUR)
    with pytest.raises(ServerError):
        await kept.keeper.tick()
    await kept.keeper.evaluate()
    kept.home.jellystat_server.faults.clear()
    await kept.keeper.tick()
    assert kept.findings() == [("clock_jumped", 0, 7200)]


# --- the grace ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "anew"), [(6 * HOUR - SECOND, False), (6 * HOUR, True)]
)
async def test_the_grace_begins_anew_after_a_gap(
    kept: Kept, gap: timedelta, anew: bool
) -> None:
    """For six hours nobody could see what was announced."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.wait(gap)
    await kept.keeper.tick()
    assert kept.entry("Alpha").due_at == (
        kept.home.now + GRACE if anew else START + GRACE
    )


@pytest.mark.parametrize(("behind", "anew"), [(HOUR, False), (HOUR + SECOND, True)])
async def test_the_grace_begins_anew_when_the_clock_was_put_back(
    kept: Kept, behind: timedelta, anew: bool
) -> None:
    """An hour is the hour of a time zone; nothing was missed in it."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.set_clock(-behind)
    kept.choose(grace=9 * HOUR)
    await kept.keeper.tick()
    assert kept.entry("Alpha").due_at == (
        kept.home.now + 9 * HOUR if anew else START + GRACE
    )


@pytest.mark.parametrize(
    ("passed", "anew"), [(6 * HOUR - SECOND, False), (6 * HOUR, True)]
)
async def test_a_clock_that_is_put_back_hides_no_gap(
    kept: Kept, passed: timedelta, anew: bool
) -> None:
    """Not so much that it would be found by itself; but less seems to have passed."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.wait(3 * HOUR)
    await kept.keeper.tick()
    kept.home.wait(passed)
    kept.set_clock(-3 * HOUR)
    await kept.keeper.tick()
    assert kept.entry("Alpha").due_at == (
        kept.home.now + GRACE if anew else START + GRACE
    )


@pytest.mark.parametrize(
    ("passed", "anew"), [(4 * HOUR - SECOND, False), (4 * HOUR, True)]
)
async def test_a_clock_that_is_put_forward_makes_a_gap(
    kept: Kept, passed: timedelta, anew: bool
) -> None:
    """How much of it was real, nobody knows."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.wait(passed)
    kept.set_clock(2 * HOUR)
    await kept.keeper.tick()
    assert kept.entry("Alpha").due_at == (
        kept.home.now + GRACE if anew else START + GRACE
    )


async def test_the_grace_begins_anew_in_a_restored_file(kept: Kept) -> None:
    """It knows nothing of what was announced or kept since; once is enough."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.ledger.identify("it", 1)
    kept.home.ledger.identify("it", 2)
    assert kept.home.ledger.state().restored
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    due_at = kept.home.now + GRACE
    assert kept.entry("Alpha").due_at == due_at
    assert not kept.home.ledger.state().restored
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    assert kept.entry("Alpha").due_at == due_at


# --- blockers -------------------------------------------------------------------------


async def test_a_sync_that_is_too_old_blocks(kept: Kept) -> None:
    """A day is not too old, a second more is. Polls do not make it younger."""
    kept.choose(full_sync_interval=30 * DAY)
    await kept.keeper.tick()
    for _ in range(4):
        kept.home.wait(6 * HOUR)
        await kept.keeper.tick()
    assert kept.codes() == []
    kept.home.wait(SECOND)
    (blocker,) = kept.keeper.blockers
    assert (blocker.code, blocker.reason) == (
        "sync_too_old",
        why(Why.SYNC_TOO_OLD),
    )
    kept.heard.clear()
    await kept.keeper.evaluate()
    assert [one.blockers for one in kept.told(EventType.BLOCKED)] == [(blocker,)]


@pytest.mark.parametrize("silent", ["jellyfin", "jellystat"])
async def test_a_server_that_fails_blocks(kept: Kept, silent: str) -> None:
    """The last plan stays for display; it is told once, and goes by itself."""
    await kept.make_due("Alpha")
    server: Simulator = (
        kept.home.jellyfin_server
        if silent == "jellyfin"
        else kept.home.jellystat_server
    )
    overview = kept.keeper.overview
    server.fail(FaultKind.UNAUTHORIZED)
    for _ in range(2):
        with pytest.raises(AuthenticationFailed) as failed:
            await kept.keeper.tick()
    assert kept.keeper.overview is overview
    assert kept.failed()[0] == why(Why.SYNC_FAILED, error=str(failed.value))
    assert kept.failed()[1] is None
    (blocker,) = kept.keeper.blockers
    assert (blocker.code, blocker.reason) == (
        "sync_failed",
        why(Why.SYNC_FAILED, error=str(failed.value)),
    )
    assert kept.keeper.health[silent].error is failed.value
    assert kept.keeper.health[silent].up is False
    other = "jellystat" if silent == "jellyfin" else "jellyfin"
    assert kept.keeper.health[other].up
    assert [one.blockers for one in kept.told(EventType.BLOCKED)] == [(blocker,)]
    assert len(kept.told(EventType.CHANGED)) == 2
    server.faults.clear()
    await kept.keeper.tick()
    assert (kept.codes(), kept.failed()[0]) == ([], None)
    assert all(one.up and one.error is None for one in kept.keeper.health.values())
    # Another time it is news again.
    server.fail(FaultKind.UNAUTHORIZED)
    with pytest.raises(AuthenticationFailed):
        await kept.keeper.tick()
    assert len(kept.told(EventType.BLOCKED)) == 2


async def test_nothing_is_asked_of_a_jellyfin_that_fails(kept: Kept) -> None:
    """A plan of what is known needs nobody, and is shown there when it answers again."""
    kept.choose(collection=DAY)
    await kept.make_due("Alpha")
    kept.home.jellyfin_server.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await kept.keeper.tick()
    before = len(kept.home.jellyfin_server.requests)
    kept.watch("Bravo")
    await kept.keeper.schedule(kept.home.video("Bravo").id, START)
    assert kept.planned() == ["Alpha", "Bravo"]
    assert len(kept.home.jellyfin_server.requests) == before


@pytest.mark.parametrize("method", ["state", "begin_sync", "begin_grace_anew"])
async def test_a_ledger_that_fails_blocks(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Nothing that was read is believed, and nothing may go."""
    await kept.keeper.tick()
    kept.home.wait(7 * HOUR)
    kept.heard.clear()
    with broken(monkeypatch, method), pytest.raises(LedgerError):
        await kept.keeper.tick()
    assert kept.failed()[0] == why(Why.SYNC_FAILED, error="no space left")
    assert kept.failed()[1] == "no space left"
    assert kept.codes() == ["sync_failed"]
    assert [one.type for one in kept.heard] == [EventType.BLOCKED, EventType.CHANGED]
    await kept.keeper.tick()
    assert kept.failed() == (None, None)


async def test_what_nobody_foresaw_blocks(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong in a sync, it has failed."""
    await kept.keeper.tick()
    kept.heard.clear()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "begin_sync", fail)
        with pytest.raises(SyncFailedError, match="^ZeroDivisionError$") as failed:
            await kept.keeper.tick()
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert kept.failed()[0] == why(Why.SYNC_BROKE, error="ZeroDivisionError")
    assert kept.failed()[1] is None
    assert kept.codes() == ["sync_failed"]
    assert [one.type for one in kept.heard] == [EventType.BLOCKED, EventType.CHANGED]
    assert "A sync failed in a way that nobody foresaw" in caplog.messages
    await kept.keeper.tick()
    assert kept.codes() == []


async def test_who_is_gone_since_the_last_full_sync_is_a_reason_for_one(
    kept: Kept,
) -> None:
    """A poll that meets nobody becomes a full sync."""
    await kept.keeper.sync(full=True)
    kept.home.jellyfin_server.fail(FaultKind.NOT_FOUND, "^/System/Activity", times=1)
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.FULL
    assert kept.codes() == []
    # A full sync that meets nobody has failed.
    fault = kept.home.jellyfin_server.fail(FaultKind.NOT_FOUND, "^/System/Activity")
    with pytest.raises(NotFound):
        await kept.keeper.sync(full=False)
    assert fault.hits == 2
    assert kept.codes() == ["sync_failed"]


async def test_a_history_that_is_gone(kept: Kept) -> None:
    """Somebody has to look; then the new one is read from its start."""
    await kept.make_due("Alpha", "Bravo")
    house = kept.home.household
    for play in list(house.plays):
        house.plays.remove(play)
    with pytest.raises(BadAnswer):
        await kept.keeper.tick()
    assert kept.findings() == [("history_shrank", 2, 0)]
    assert kept.codes() == ["sync_failed"]
    stored = BreakerState.from_mapping(kept.home.ledger.breaker_state())
    assert stored.findings == kept.keeper.overview.findings
    house.play(house.user("bob"), kept.home.video("Charlie"), at=kept.home.now - HOUR)
    await kept.lift(Suspicion.HISTORY_SHRANK)
    assert kept.codes() == []
    state = kept.home.ledger.state()
    assert (state.history_rows, state.history_complete) == (1, True)
    assert state.fully_synced_at == kept.home.now
    # What the old one proved still counts.
    assert kept.planned() == ["Alpha", "Bravo", "Charlie"]


async def test_a_history_that_is_back_is_not_forgotten(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good sync in between makes an accepted loss a loss of before."""
    kept.watch("Alpha", "Bravo")
    await kept.keeper.tick()
    house = kept.home.household
    with monkeypatch.context() as patch:
        patch.setattr(house, "plays", type(house.plays)())
        with pytest.raises(BadAnswer):
            await kept.keeper.tick()
        (lost,) = [one.identity for one in kept.keeper.overview.findings]
    await kept.keeper.tick()
    assert kept.findings() == []
    requests = len(kept.home.jellystat_server.requests)
    with pytest.raises(FindingChangedError):
        await kept.keeper.lift(lost)
    assert len(kept.home.jellystat_server.requests) == requests
    assert kept.home.ledger.state().history_rows == 2


async def test_a_history_that_shrank_before_a_restart(kept: Kept) -> None:
    """Another keeper does not take it for one that is gone."""
    kept.watch("Alpha", "Bravo", "Charlie", "Delta")
    await kept.keeper.sync(full=True)
    house = kept.home.household
    for play in list(house.plays)[:2]:
        house.plays.remove(play)
    await kept.keeper.sync(full=True)
    kept.restart()
    await kept.keeper.load()
    assert kept.findings() == [("history_shrank", 4, 2)]
    before = len(kept.home.jellystat_server.requests)
    await kept.lift(Suspicion.HISTORY_SHRANK)
    assert (kept.findings(), kept.home.ledger.state().history_rows) == ([], 2)
    assert len(kept.home.jellystat_server.requests) == before


async def test_a_lost_history_is_one_finding_more(kept: Kept) -> None:
    """Whatever else was found stays."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.set_clock(2 * HOUR)
    await kept.keeper.tick()
    house = kept.home.household
    house.plays.remove(house.plays[0])
    with pytest.raises(BadAnswer):
        await kept.keeper.tick()
    found = [("clock_jumped", 0, 7200), ("history_shrank", 1, 0)]
    assert kept.findings() == found
    # The ledger still has it, but that does not end it.
    await kept.keeper.evaluate()
    assert kept.findings() == found


async def test_another_failure_is_no_lost_history(kept: Kept) -> None:
    """Only what Jellystat's empty answer says is a loss."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.jellystat_server.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await kept.keeper.tick()
    assert kept.findings() == []
    kept.home.jellystat_server.faults.clear()
    with pytest.raises(FindingChangedError):
        await kept.keeper.lift("nothing")
    assert kept.home.ledger.state().history_rows == 1


async def test_a_lost_history_before_anything_was_shown(kept: Kept) -> None:
    """The finding is in the ledger, for whoever loads it."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.restart()
    house = kept.home.household
    house.plays.remove(house.plays[0])
    with pytest.raises(BadAnswer):
        await kept.keeper.sync(full=True)
    assert [one.type for one in kept.heard] == [EventType.CHANGED]
    stored = BreakerState.from_mapping(kept.home.ledger.breaker_state())
    assert [(one.before, one.now) for one in stored.findings] == [(1, 0)]


# --- what is told ---------------------------------------------------------------------


async def test_only_what_is_new_on_the_plan_is_told(kept: Kept) -> None:
    """What was on it before is not news, nor what a new keeper finds there."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    (event,) = kept.told(EventType.SCHEDULED)
    assert names(event.entries) == ["Alpha"]
    assert event.entries == (kept.entry("Alpha"),)
    kept.watch("Bravo")
    kept.home.wait(HOUR)
    kept.heard.clear()
    await kept.keeper.sync(full=True)
    (event,) = kept.told(EventType.SCHEDULED)
    assert names(event.entries) == ["Bravo"]
    kept.heard.clear()
    await kept.keeper.tick()
    assert [one.type for one in kept.heard] == [EventType.CHANGED]
    kept.restart()
    # The first plan of a keeper that has shown nothing yet is no news either.
    await kept.keeper.tick()
    assert kept.told(EventType.SCHEDULED) == []
    assert kept.planned() == ["Alpha", "Bravo"]


async def test_what_takes_long_is_told(kept: Kept) -> None:
    """Every two seconds how far it is, and when it is over; nothing of what is quick."""
    seen: list[Progress | None] = []

    def look(event: Event) -> None:
        if event.type is EventType.PROGRESS:
            seen.append(kept.keeper.progress)

    async def told(seconds: float) -> list[Progress | None]:
        """Sync while so much time passes between two looks at the clock."""
        times = count(100.0, seconds)
        kept.keeper.clock = Clock(lambda: kept.home.now, lambda: next(times))
        seen.clear()
        await kept.keeper.sync(full=True)
        assert kept.keeper.progress is None
        return list(seen)

    kept.keeper.listen(look)
    *under_way, over = await told(2.0)
    assert under_way
    assert None not in under_way
    assert over is None
    assert await told(0.0) == []
    every = len(await told(3.0))
    assert len(await told(2.0)) == every > len(await told(1.9)) > 1


async def test_how_far_a_deletion_is(kept: Kept) -> None:
    """Which title goes, except for the first one, and when all is over."""
    await kept.make_due("Alpha", "Bravo", "Charlie")
    seen: list[Progress | None] = []
    kept.keeper.listen(
        lambda event: (
            seen.append(kept.keeper.progress)
            if event.type is EventType.PROGRESS
            else None
        )
    )
    times = count(kept.keeper.clock.monotonic(), 2.0)
    kept.keeper.clock = Clock(lambda: kept.home.now, lambda: next(times))
    report = await kept.keeper.delete(None, dry_run=False)
    told = [one for one in seen if one is None or one.work is Work.DELETION]
    assert told[-3:] == [
        Progress(work=Work.DELETION, done=done, total=3, title=entry.title)
        for done, entry in enumerate(report.deleted)
        if done
    ] + [None]
    assert kept.keeper.progress is None


async def test_whoever_stops_listening_hears_nothing(kept: Kept) -> None:
    """The others do."""
    heard: list[Event] = []
    stop = kept.keeper.listen(heard.append)
    await kept.keeper.evaluate()
    assert heard == kept.heard != []
    stop()
    await kept.keeper.evaluate()
    assert len(heard) < len(kept.heard)


# --- delete ---------------------------------------------------------------------------


async def test_what_is_due_is_deleted(kept: Kept) -> None:
    """All that is due; it is told, and a new plan follows."""
    await kept.make_due("Alpha", "Bravo")
    report = await kept.keeper.delete(None, dry_run=False)
    assert names(report.deleted) == ["Alpha", "Bravo"]
    assert not report.dry_run
    assert kept.films() == {"Charlie", "Delta"}
    (event,) = kept.told(EventType.DELETED)
    assert (names(event.entries), event.unconfirmed) == (["Alpha", "Bravo"], False)
    assert event.deletions == {
        one.name: row.deletion
        for one in report.deleted
        for row in kept.home.ledger.deletions(10)
        if row.title == one.title
    }
    assert kept.planned() == []
    assert kept.heard[-1].type is EventType.CHANGED
    kept.heard.clear()
    report = await kept.keeper.delete(None, dry_run=False)
    assert report.deleted == []
    assert kept.told(EventType.DELETED) == []


async def test_a_deletion_is_preceded_by_a_sync(kept: Kept) -> None:
    """What was watched again meanwhile stays."""
    await kept.make_due("Alpha")
    house = kept.home.household
    house.play(house.user("bob"), kept.home.video("Alpha"), at=kept.home.now - HOUR)
    report = await kept.keeper.delete(None, dry_run=False)
    assert (report.deleted, report.skipped) == ([], [])
    state = kept.home.ledger.state()
    assert (state.synced_at, state.fully_synced_at) == (kept.home.now, START)
    assert kept.planned() == ["Alpha"]
    assert kept.keeper.due == ()


async def test_a_full_sync_looks_again_at_what_a_run_has_found(kept: Kept) -> None:
    """A poll does not; once it is settled, the grace begins anew."""
    await kept.make_due("Alpha")
    disk = kept.home.household.disk
    stranger = "/media/movies/Alpha (2000)/Somebody.mkv"
    disk.write(stranger, 1, START)
    await kept.keeper.delete(None, dry_run=False)
    assert kept.planned() == []
    assert kept.told(EventType.CHANGED)
    disk.remove(stranger)
    await kept.keeper.sync(full=False)
    assert kept.planned() == []
    await kept.keeper.sync(full=True)
    assert kept.entry("Alpha").due_at == kept.home.now + GRACE


@pytest.mark.parametrize("by_key", [False, True])
async def test_chosen_titles_are_deleted(kept: Kept, by_key: bool) -> None:
    """By id or key, and nothing else."""
    await kept.make_due("Alpha", "Bravo")
    entry = kept.entry("Bravo")
    chosen = [entry.key if by_key else entry.item_id]
    report = await kept.keeper.delete(chosen, dry_run=False)
    assert names(report.deleted) == ["Bravo"]
    assert kept.planned() == ["Alpha"]


async def test_titles_that_are_not_planned(kept: Kept) -> None:
    """All of them are named, and nothing is deleted."""
    await kept.make_due("Alpha")
    planned = kept.entry("Alpha").item_id
    with pytest.raises(NotPlannedError, match="^else, something$"):
        await kept.keeper.delete(["something", planned, "else"], dry_run=False)
    assert "Alpha" in kept.films()


async def test_a_dry_run_deletes_nothing(kept: Kept) -> None:
    """Asked for once, or chosen for good."""
    await kept.make_due("Alpha")
    report = await kept.keeper.delete(None, dry_run=True)
    assert report.dry_run
    assert names(one for one, _ in report.skipped) == ["Alpha"]
    kept.choose(dry_run=True)
    report = await kept.keeper.delete(None, dry_run=False)
    assert report.dry_run
    assert kept.told(EventType.DELETED) == []
    assert "Alpha" in kept.films()


async def test_dry_run_is_read_anew_before_every_file(kept: Kept) -> None:
    """Whoever switches it on during a run stops it."""
    await kept.make_due("Alpha", "Bravo")
    kept.at_first_delete(lambda: kept.choose(dry_run=True))
    report = await kept.keeper.delete(None, dry_run=False)
    assert len(report.deleted) == len(report.skipped) == 1
    assert len(kept.films() & {"Alpha", "Bravo"}) == 1


async def test_the_limits_are_those_that_were_chosen(kept: Kept) -> None:
    """How many titles may go in one run."""
    await kept.make_due("Alpha", "Bravo")
    kept.choose(limits=Limits(max_items=1))
    report = await kept.keeper.delete(None, dry_run=False)
    assert len(report.deleted) == 1
    assert kept.asked == []


async def test_what_blocks_is_said(kept: Kept) -> None:
    """Nothing goes, and the error names it."""
    await kept.make_due("Alpha")
    kept.set_clock(2 * HOUR)
    with pytest.raises(
        BlockedError, match="^The clock jumped by 7,200 seconds.$"
    ) as no:
        await kept.keeper.delete(None, dry_run=False)
    assert no.value.blockers == kept.keeper.blockers
    assert "Alpha" in kept.films()


async def test_a_failed_sync_lets_nothing_go(kept: Kept) -> None:
    """The caller is told what failed."""
    await kept.make_due("Alpha")
    kept.home.jellystat_server.fail(FaultKind.SERVER_ERROR)
    with pytest.raises(ServerError):
        await kept.keeper.delete(None, dry_run=False)
    assert "Alpha" in kept.films()


async def test_what_cannot_be_deleted_is_logged(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in the report too, and nothing is told to be gone."""
    await kept.make_due("Alpha")
    entry = kept.entry("Alpha")
    kept.home.jellyfin_server.fail(FaultKind.FORBIDDEN, method="DELETE")
    report = await kept.keeper.delete(None, dry_run=False)
    ((failed, error),) = report.failed
    assert failed.item_id == entry.item_id
    assert f"Could not delete {entry.item_id}: {say(error)}" in caplog.messages
    assert kept.told(EventType.DELETED) == []


async def test_what_nobody_has_confirmed(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and that it is not sure yet."""
    monkeypatch.setattr(jellyfin_client, "DELETE_SECONDS", 0.15)
    await kept.make_due("Alpha")
    kept.home.jellyfin_server.fail(FaultKind.HANG, method="DELETE")
    report = await kept.keeper.delete(None, dry_run=False)
    assert (report.deleted, names(report.unconfirmed)) == ([], ["Alpha"])
    (event,) = kept.told(EventType.DELETED)
    assert (names(event.entries), event.unconfirmed) == (["Alpha"], True)


async def test_a_disk_that_is_away_is_logged(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """A run that meets none of its files ends early, and says why."""
    house = kept.home.household
    for number in range(5, 11):
        house.add_movie(
            f"Film {number}",
            year=2000,
            provider_ids={"Tmdb": str(number)},
            added=START - 100 * DAY,
        )
    house.scan()
    await kept.make_due("Alpha", "Bravo", "Charlie", "Delta")
    house.disk.unmount("/media/movies")
    report = await kept.keeper.delete(None, dry_run=False)
    assert (report.deleted, len(report.skipped)) == ([], 4)
    assert f"Deletion ended early: {say(why(Why.DISK_AWAY))}" in caplog.messages


async def test_whom_no_sync_has_met_is_read_first(kept: Kept) -> None:
    """Somebody new may have favorites."""
    await kept.make_due("Alpha", "Bravo")
    house = kept.home.household
    house.set_favourite(house.add_user("carol"), kept.home.video("Alpha"))
    report = await kept.keeper.delete(None, dry_run=False)
    assert names(report.deleted) == ["Bravo"]
    assert report.skipped == []
    assert kept.home.ledger.state().fully_synced_at == kept.home.now


async def test_an_open_deletion_is_settled_first(kept: Kept) -> None:
    """Every sync looks how it ended."""
    await kept.make_due("Alpha")
    ledger, entry = kept.home.ledger, kept.entry("Alpha")
    (item,) = ledger.find(entry.item_id)
    ledger.intend(entry, item, kept.home.now)
    kept.home.household.delete(kept.home.video("Alpha"))
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    (row,) = ledger.deletions(10)
    assert (row.outcome, row.finished_at) == ("deleted", kept.home.now)


# --- through Radarr, Sonarr and Seerr -------------------------------------------------


async def test_owners_are_asked_to_delete(kept: Kept, arrs: Arrs) -> None:
    """Radarr takes the film and never brings it back; Jellyfin has yet to notice."""
    await kept.make_due("Alpha", "Bravo")
    kept.choose(import_exclusion=False)
    report = await kept.keeper.delete([kept.entry("Bravo").item_id], dry_run=False)
    assert names(report.deleted) == ["Bravo"]
    (event,) = kept.told(EventType.DELETED)
    assert (names(event.entries), event.unconfirmed) == (["Bravo"], False)
    kept.choose(import_exclusion=True)
    await kept.keeper.delete([kept.entry("Alpha").item_id], dry_run=False)
    assert (arrs.radarr.excluded(1), arrs.radarr.excluded(2)) == (True, False)
    assert kept.films() == {"Charlie", "Delta"}
    # Nobody's deletion is settled without asking who had the file.
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    assert {row.outcome for row in kept.home.ledger.deletions(10)} == {"deleted"}
    assert kept.planned() == []


async def test_an_open_deletion_is_settled_with_its_owner(
    kept: Kept, arrs: Arrs
) -> None:
    """What Radarr still has did not go, and is looked for again as before."""
    await kept.make_due("Alpha")
    ledger, entry = kept.home.ledger, kept.entry("Alpha")
    (item,) = ledger.find(entry.item_id)
    movie = arrs.radarr.movie("Alpha")
    assert movie.file is not None
    movie.monitored = False
    part = ArrDeletion(
        connection_id="radarr",
        app="Radarr",
        title_id=movie.id,
        file_ids=(movie.file.id,),
        was_monitored=True,
    )
    ledger.intend(entry, item, kept.home.now, through=[part])
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    (row,) = ledger.deletions(10)
    assert row.outcome == "failed"
    assert movie.monitored


async def test_a_ledger_that_knows_no_server_yet(kept: Kept) -> None:
    """It is told which one was set up: a copy at its address is not believed."""
    server = kept.home.jellyfin_server
    kept.keeper.settings = replace(SETTINGS, server_id=server.server_id)
    own_id, server.server_id = server.server_id, "0" * 32
    with pytest.raises(ServerError) as caught:
        await kept.keeper.sync(full=True)
    assert caught.value.reason == "other_server"
    assert kept.home.ledger.state().server_id is None
    server.server_id = own_id
    await kept.keeper.sync(full=True)
    assert kept.home.ledger.state().server_id == own_id


async def test_another_server_stops_all_until_the_right_one_answers(
    kept: Kept,
) -> None:
    """Neither a plan, a restart nor somebody who accepts it ends that; a poll does."""
    await kept.keeper.sync(full=True)
    kept.home.wait(HOUR)
    server, found = kept.home.jellyfin_server, [("other_server", 0, 0)]
    own_id, server.server_id = server.server_id, "0" * 32
    with pytest.raises(ServerError):
        await kept.keeper.sync(full=False)
    await kept.keeper.evaluate()
    assert kept.findings() == found
    kept.restart()
    await kept.keeper.load()
    assert kept.findings() == found
    with pytest.raises(ServerError):
        await kept.lift(Suspicion.OTHER_SERVER)
    assert kept.findings() == found
    server.server_id = own_id
    await kept.lift(Suspicion.OTHER_SERVER)
    assert (kept.findings(), kept.codes()) == ([], [])
    state = kept.home.ledger.state()
    assert (state.synced_at, state.fully_synced_at) == (kept.home.now, START)


async def test_health_of_each_server(kept: Kept, arrs: Arrs) -> None:
    """An *arr that is silent is no reason not to believe Jellyfin."""
    keeper = kept.keeper
    assert {name: one.up for name, one in keeper.health.items()} == {
        "jellyfin": True,
        "jellystat": True,
        "radarr": None,
        "sonarr": None,
        "seerr": None,
    }
    arrs.radarr.fail(FaultKind.UNAUTHORIZED)
    await keeper.tick()
    assert {name: one.up for name, one in keeper.health.items()} == {
        "jellyfin": True,
        "jellystat": True,
        "radarr": False,
        "sonarr": True,
        "seerr": True,
    }
    assert isinstance(keeper.health["radarr"].error, AuthenticationFailed)
    assert kept.codes() == []
    arrs.radarr.faults.clear()
    await keeper.tick()
    assert keeper.health["radarr"].up
    assert keeper.health["radarr"].error is None


@pytest.mark.parametrize("wanted", [False, True])
async def test_requests_are_forgotten_only_if_that_is_wanted(
    kept: Kept, arrs: Arrs, wanted: bool
) -> None:
    """Once the title is confirmed to be gone."""
    house = kept.home.household
    arrs.seerr.request(house.user("alice"), house.movie("Alpha"), START - 50 * DAY)
    await kept.make_due("Alpha")
    kept.choose(seerr_cleanup=wanted)
    await kept.keeper.delete(None, dry_run=False)
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    forgotten = [one for one in arrs.seerr.requests if one.method == "DELETE"]
    assert bool(forgotten) is wanted
    assert len(arrs.seerr.requested("/jobs/availability-sync/run")) == 1
    kept.choose(seerr_cleanup=True)
    await kept.keeper.tick()
    assert len([one for one in arrs.seerr.requests if one.method == "DELETE"]) == len(
        forgotten
    )


async def test_requests_are_not_forgotten_any_more_once_it_is_off(
    kept: Kept, arrs: Arrs
) -> None:
    """What counts is what is wanted when the title is confirmed to be gone."""
    house = kept.home.household
    arrs.seerr.request(house.user("alice"), house.movie("Alpha"), START - 50 * DAY)
    await kept.make_due("Alpha")
    kept.choose(seerr_cleanup=True)
    await kept.keeper.delete(None, dry_run=False)
    kept.choose(seerr_cleanup=False)
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    assert not [one for one in arrs.seerr.requests if one.method == "DELETE"]
    kept.choose(seerr_cleanup=True)
    await kept.keeper.tick()
    assert [one for one in arrs.seerr.requests if one.method == "DELETE"]


async def test_a_seerr_that_fails_is_not_fatal(
    kept: Kept, arrs: Arrs, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has to forget it is told by a later sync."""
    house = kept.home.household
    arrs.seerr.request(house.user("alice"), house.movie("Alpha"), START - 50 * DAY)
    await kept.make_due("Alpha")
    kept.choose(seerr_cleanup=True)
    arrs.seerr.fail(FaultKind.FORBIDDEN, method="DELETE", times=1)
    await kept.keeper.delete(None, dry_run=False)
    kept.home.wait(HOUR)
    await kept.keeper.tick()
    (line,) = [one for one in caplog.messages if "Seerr" in one]
    assert line.startswith("Requests of deleted titles are left in Seerr: Seerr: ")
    assert kept.codes() == []
    assert not [one for one in arrs.seerr.requests if one.status == 204]
    await kept.keeper.tick()
    assert [one for one in arrs.seerr.requests if one.status == 204]


async def test_a_seerr_that_does_not_look_is_no_trouble(
    kept: Kept, arrs: Arrs, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a line for whoever looks for one; a later sync tells it again."""
    caplog.set_level(logging.DEBUG)
    await kept.make_due("Alpha")
    await kept.keeper.delete(None, dry_run=False)
    kept.home.wait(HOUR)
    fault = arrs.seerr.fail(FaultKind.SERVER_ERROR, "/jobs/availability-sync")
    await kept.keeper.tick()
    assert fault.hits
    (line,) = [one for one in caplog.records if "what is gone" in one.message]
    assert line.message.startswith(
        "Seerr was not told to look for what is gone: Seerr: "
    )
    assert line.levelno == logging.DEBUG
    assert kept.codes() == []


@pytest.mark.parametrize("needed", [False, True])
async def test_a_silent_seerr_keeps_what_depends_on_who_asked(
    kept: Kept, arrs: Arrs, needed: bool
) -> None:
    """Nothing does, as long as no rule that is on asks for it."""
    never = UserEntry(user_id=99, retention=NEVER)
    rule = UserRule(name="guests", users=(never,), enabled=needed)
    kept.choose(rules=replace(rules(), advanced=(rule,), seerr=True))
    await kept.make_due("Alpha")
    arrs.seerr.fail(FaultKind.SERVER_ERROR)
    report = await kept.keeper.delete(None, dry_run=False)
    assert bool(report.deleted) is not needed
    reasons = [say(reason) for _, reason in report.skipped]
    assert reasons == (
        ["Skipped to be safe: Seerr did not respond when it was last asked."]
        if needed
        else []
    )


@pytest.mark.parametrize("needed", [True, False])
async def test_a_seerr_without_requests_is_not_believed(
    kept: Kept, arrs: Arrs, needed: bool
) -> None:
    """If rules ask who asked: what they keep would be left to other rules."""
    house = kept.home.household
    arrs.seerr.request(house.user("bob"), house.movie("Alpha"), START - 50 * DAY)
    keeps = UserEntry(username="bob", retention=NEVER)
    rule = UserRule(name="guests", users=(keeps,), enabled=needed)
    kept.choose(rules=replace(rules(), advanced=(rule,), seerr=True))
    await kept.keeper.sync(full=True)
    requests = list(arrs.seerr.requested_media)
    arrs.seerr.requested_media.clear()
    for _ in range(2):
        await kept.make_due("Alpha")
        assert kept.findings() == ([("requests_vanished", 1, 0)] if needed else [])
    if not needed:
        report = await kept.keeper.delete(None, dry_run=False)
        assert names(report.deleted) == ["Alpha"]
        return
    with pytest.raises(BlockedError):
        await kept.keeper.delete(None, dry_run=False)
    arrs.seerr.requested_media.extend(requests)
    await kept.keeper.sync(full=True)
    assert kept.codes() == kept.planned() == []


async def test_a_request_is_forgotten_by_the_run_itself(kept: Kept, arrs: Arrs) -> None:
    """Where Jellyfin has noticed at once, nothing is left for the next sync."""
    house = kept.home.household
    house.monitor_delay = timedelta()
    arrs.seerr.request(house.user("alice"), house.movie("Alpha"), START - 50 * DAY)
    await kept.make_due("Alpha")
    kept.choose(seerr_cleanup=True)
    report = await kept.keeper.delete(None, dry_run=False)
    assert names(report.deleted) == ["Alpha"]
    assert [one for one in arrs.seerr.requests if one.method == "DELETE"]


# --- by itself ------------------------------------------------------------------------


async def test_nothing_goes_by_itself_without_being_asked_for(kept: Kept) -> None:
    """It is asked at every tick, due or not; ``None`` lets nothing go."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    assert kept.asked == [0]
    kept.home.wait(GRACE)
    await kept.keeper.tick()
    assert kept.asked == [0, 0]
    assert names(kept.keeper.due) == ["Alpha"]
    assert kept.told(EventType.DELETED) == []


async def test_a_tick_deletes_what_is_due(kept: Kept) -> None:
    """Within the limits that are given, and nothing that is not due."""
    kept.limits = Limits(max_items=1)
    kept.watch("Alpha", "Bravo")
    await kept.keeper.tick()
    changed = len(kept.told(EventType.CHANGED))
    assert changed == 1
    kept.home.wait(GRACE)
    overview = await kept.keeper.tick()
    assert overview is kept.keeper.overview
    assert len(kept.films()) == 3
    assert len(kept.planned()) == 1
    (event,) = kept.told(EventType.DELETED)
    assert len(event.entries) == 1


async def test_the_recycled_bytes_are_told(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in a recycle bin will be free without anything more having to go."""

    def recycled(ledger: Ledger, now: datetime) -> int:
        return 42 if now == kept.home.now else 0

    monkeypatch.setattr(Ledger, "recycled_bytes", recycled)
    kept.limits = Limits()
    await kept.make_due("Alpha")
    await kept.keeper.tick()
    assert "Alpha" not in kept.films()
    assert len(kept.asked) > 1
    assert set(kept.asked) == {42}


async def test_it_is_asked_before_every_file(kept: Kept) -> None:
    """Whoever switches automatic deletion off during a run stops it."""
    kept.limits = Limits()
    await kept.make_due("Alpha", "Bravo")

    def stop() -> None:
        kept.limits = None

    kept.at_first_delete(stop)
    await kept.keeper.tick()
    assert len(kept.films() & {"Alpha", "Bravo"}) == 1


async def test_its_limits_are_read_anew_before_every_file(kept: Kept) -> None:
    """Whoever lowers them during a run is heard."""
    kept.limits = Limits()
    await kept.make_due("Alpha", "Bravo")

    def lower() -> None:
        kept.limits = Limits(max_items=1)

    kept.at_first_delete(lower)
    await kept.keeper.tick()
    assert len(kept.films() & {"Alpha", "Bravo"}) == 1


async def test_what_the_disk_lacks_is_counted_once(kept: Kept) -> None:
    """As much goes as it lacked at the start; what has gone is not counted twice."""
    await kept.make_due("Alpha", "Bravo", "Charlie")
    sizes = {kept.entry(one).size_bytes for one in ("Alpha", "Bravo", "Charlie")}
    (size,) = sizes
    assert size
    kept.limits = Limits(enough_bytes=2 * size)

    def have_more() -> None:
        kept.limits = Limits(enough_bytes=size)

    kept.at_first_delete(have_more)
    await kept.keeper.tick()
    assert len(kept.films() & {"Alpha", "Bravo", "Charlie"}) == 1


async def test_why_an_automatic_run_stopped(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report names it."""
    kept.limits = Limits()
    await kept.make_due("Alpha", "Bravo")
    reports = []
    clean_up = kept.keeper._clean_up

    async def listen(*arguments: Any, **options: Any) -> Any:
        reports.append(await clean_up(*arguments, **options))

    monkeypatch.setattr(kept.keeper, "_clean_up", listen)

    def stop() -> None:
        kept.limits = None

    kept.at_first_delete(stop)
    await kept.keeper.tick()
    ((_, because),) = reports[0].skipped
    assert because == why(Why.AUTOMATIC_ENDED)
    assert not reports[0].dry_run


async def test_what_blocks_lets_nothing_go_by_itself(kept: Kept) -> None:
    """That is no error: the sync was fine."""
    kept.limits = Limits()
    await kept.make_due("Alpha")
    ledger = kept.home.ledger
    state = BreakerState.from_mapping(ledger.breaker_state())
    state = with_finding(state, Finding(suspicion=Suspicion.CLOCK_JUMPED))
    ledger.set_breaker_state(state.to_mapping())
    await kept.keeper.tick()
    assert kept.codes() == ["clock_jumped"]
    assert names(kept.keeper.due) == ["Alpha"]
    assert "Alpha" in kept.films()
    assert kept.asked == [0]
    await kept.lift(Suspicion.CLOCK_JUMPED)
    await kept.keeper.tick()
    assert "Alpha" not in kept.films()


async def test_a_lost_ledger_begins_the_grace_anew(kept: Kept) -> None:
    """From the moment on at which somebody has read that nothing is kept any more."""
    kept.limits = Limits()
    await kept.make_due("Alpha")
    ledger = kept.home.ledger
    state = BreakerState.from_mapping(ledger.breaker_state())
    state = with_finding(state, Finding(suspicion=Suspicion.LEDGER_REPLACED))
    ledger.set_breaker_state(state.to_mapping())
    await kept.keeper.tick()
    await kept.lift(Suspicion.LEDGER_REPLACED)
    assert kept.codes() == []
    assert (
        kept.entry("Alpha").due_at
        == kept.keeper.clock.now() + kept.keeper.settings.grace
    )
    await kept.keeper.tick()
    assert "Alpha" in kept.films()


async def test_dry_run_counts_for_automatic_runs_too(kept: Kept) -> None:
    """Whatever was answered when it was asked."""
    kept.limits = Limits()
    await kept.make_due("Alpha")
    kept.choose(dry_run=True)
    await kept.keeper.tick()
    assert "Alpha" in kept.films()


# --- what users want ------------------------------------------------------------------


async def test_a_keep(kept: Kept) -> None:
    """By id or key, until then or for good; it is told, and a new plan follows."""
    kept.watch("Alpha", "Bravo")
    await kept.keeper.tick()
    kept.heard.clear()
    alpha, bravo = kept.entry("Alpha"), kept.entry("Bravo")
    item = await kept.keeper.keep(alpha.item_id, None, "for bob")
    assert item.title == "Alpha"
    assert kept.planned() == ["Bravo"]
    ((shown, keep),) = kept.keeper.overview.kept
    assert (shown.title, keep.reason) == ("Alpha", "for bob")
    (event,) = kept.told(EventType.KEPT)
    assert (event.item, event.entries) == (item, (alpha,))
    until = START + DAY
    await kept.keeper.keep(bravo.key, until, "for now")
    assert kept.planned() == []
    keeps = kept.home.ledger.keeps(START)
    assert {
        key: (one.kept_at, one.until, one.reason, one.due_at)
        for key, one in keeps.items()
    } == {
        alpha.key: (START, None, "for bob", alpha.due_at),
        bravo.key: (START, until, "for now", bravo.due_at),
    }
    kept.heard.clear()
    assert (await kept.keeper.unkeep(bravo.key)).title == "Bravo"
    assert kept.planned() == ["Bravo"]
    assert kept.told(EventType.KEPT) == []
    for ask in (kept.keeper.unkeep("none"), kept.keeper.keep("none", None, "")):
        with pytest.raises(LookupError):
            await ask


async def test_a_title_in_two_copies_is_kept_as_one(kept: Kept) -> None:
    """Both stay, and one of them is told."""
    kept.home.household.add_movie(
        "Alpha again", provider_ids={"Tmdb": "1"}, added=START - 100 * DAY
    )
    kept.watch("Alpha", "Alpha again", "Bravo")
    await kept.keeper.tick()
    assert kept.planned() == ["Alpha", "Alpha again", "Bravo"]
    copies = {kept.entry("Alpha"), kept.entry("Alpha again")}
    await kept.keeper.keep("movie:tmdb:1", None, "")
    (event,) = kept.told(EventType.KEPT)
    (told,) = event.entries
    assert told in copies
    assert kept.planned() == ["Bravo"]


async def test_wishes_before_anything_is_loaded(kept: Kept) -> None:
    """They are written down, whether or not something is under way."""
    await kept.home.sync()
    kept.restart()
    assert (kept.keeper.due, kept.keeper.leaving_soon(DAY)) == ((), ())
    assert (await kept.keeper.keep("movie:tmdb:1", None, "")).title == "Alpha"
    kept.restart()
    assert (await kept.keeper.explain("movie:tmdb:1")).rule == "keep"
    await kept.keeper.hold()
    assert (await kept.keeper.keep("movie:tmdb:2", None, "")).title == "Bravo"
    assert (await kept.keeper.schedule("movie:tmdb:3", START))[1] is None
    assert (await kept.keeper.tick()).plan is not None
    kept.keeper.release()
    assert kept.home.ledger.keeps(START).keys() == {"movie:tmdb:1", "movie:tmdb:2"}


async def test_a_manual_schedule(kept: Kept) -> None:
    """It answers when the title may go: not before the grace."""
    await kept.keeper.tick()
    charlie = kept.home.video("Charlie").id
    item, due_at = await kept.keeper.schedule(charlie, START)
    assert (item.title, due_at) == ("Charlie", START + GRACE)
    _, due_at = await kept.keeper.schedule("movie:tmdb:3", START + 2 * DAY)
    assert due_at == START + 2 * DAY
    delta = kept.home.video("Delta").id
    _, due_at = await kept.keeper.schedule(delta, START + DAY)
    assert due_at == START + DAY
    assert kept.planned() == ["Charlie", "Delta"]
    item, due_at = await kept.keeper.schedule(charlie, None)
    assert (item.title, due_at) == ("Charlie", None)
    assert kept.planned() == ["Delta"]
    with pytest.raises(LookupError):
        await kept.keeper.schedule("none", None)


async def test_a_manual_schedule_without_a_plan(kept: Kept) -> None:
    """It is written down all the same."""
    await kept.home.sync()
    kept.home.ledger.set_breaker_state(BreakerState().to_mapping())
    charlie = kept.home.video("Charlie").id
    plan = kept.keeper.overview.plan
    assert plan is None
    await kept.keeper.hold()
    assert (await kept.keeper.schedule(charlie, START))[1] is None
    kept.keeper.release()
    assert list(kept.home.ledger.manual_schedule().values()) == [START]


# --- what asks first ------------------------------------------------------------------


async def ask_first(kept: Kept, *titles: str) -> None:
    """Have titles wait for nothing but an approval."""
    kept.choose(rules=replace(rules(), approval=True))
    await kept.make_due(*titles)
    await kept.keeper.sync(full=False)


def asked(kept: Kept) -> list[str]:
    """Return the titles that an approval was asked for, in order of the events."""
    return [
        title
        for event in kept.told(EventType.APPROVAL_NEEDED)
        for title in names(event.entries)
    ]


async def test_an_approval_is_asked_for_once(kept: Kept) -> None:
    """When nothing else is missing; neither a sync nor a restart asks again."""
    kept.choose(rules=replace(rules(), approval=True))
    kept.watch("Alpha", "Bravo")
    await kept.keeper.sync(full=True)
    assert asked(kept) == []
    kept.home.wait(GRACE)
    await kept.keeper.tick()
    assert asked(kept) == ["Alpha", "Bravo"]
    assert (kept.keeper.due, names(kept.keeper.awaiting_approval)) == (
        (),
        ["Alpha", "Bravo"],
    )
    kept.home.wait(HOUR)
    kept.restart()
    kept.choose(rules=replace(rules(), approval=True))
    await kept.keeper.load()
    await kept.keeper.tick()
    assert asked(kept) == []


async def test_it_is_asked_for_also_if_the_time_came_while_nobody_looked(
    kept: Kept,
) -> None:
    """A restart just when a title would be ready is no way to miss it."""
    kept.choose(rules=replace(rules(), approval=True))
    kept.watch("Alpha")
    await kept.keeper.sync(full=True)
    kept.home.wait(GRACE)
    kept.restart()
    kept.choose(rules=replace(rules(), approval=True))
    await kept.keeper.load()
    assert names(kept.keeper.awaiting_approval) == ["Alpha"]
    await kept.keeper.tick()
    assert asked(kept) == ["Alpha"]


@pytest.mark.parametrize("by_key", [True, False])
async def test_what_is_approved_goes(kept: Kept, by_key: bool) -> None:
    """And nothing else, by itself, by all that is ready, or by name."""
    kept.limits = Limits()
    await ask_first(kept, "Alpha", "Bravo")
    await kept.keeper.tick()
    bravo = kept.entry("Bravo")
    report = await kept.keeper.delete([bravo.item_id], dry_run=False)
    assert [one.code for _, one in report.skipped] == [Why.NOT_APPROVED]
    alpha = kept.entry("Alpha")
    name = alpha.key if by_key else alpha.item_id
    until = kept.home.now + 30 * DAY
    assert await kept.keeper.approve([name]) == {alpha.item_id: until}
    assert names(kept.keeper.due) == ["Alpha"]
    await kept.keeper.tick()
    assert kept.films() & {"Alpha", "Bravo"} == {"Bravo"}


async def test_who_approved_it_is_written_down(kept: Kept) -> None:
    """So that it can be forgotten with that user."""
    await ask_first(kept, "Alpha")
    asker = Asker(user_id="u", name="Alex")
    await kept.keeper.approve([kept.entry("Alpha").item_id], asker)
    with kept.home.ledger._database.reading() as connection:
        rows = connection.execute("SELECT approved_by FROM approvals").fetchall()
    assert rows == [("u",)]


async def test_what_need_not_be_approved(kept: Kept) -> None:
    """Nothing is written down that could count when it has to be, one day."""
    await kept.make_due("Alpha")
    entry = kept.entry("Alpha")
    assert await kept.keeper.approve([entry.item_id]) == {entry.item_id: None}
    kept.choose(rules=replace(rules(), approval=True))
    await kept.keeper.evaluate()
    assert names(kept.keeper.awaiting_approval) == ["Alpha"]


async def test_one_rule_asks_first(kept: Kept) -> None:
    """What goes by another one waits for nobody."""
    house = kept.home.household
    house.retag(house.movie("Alpha"), ["family"])
    rule = TagRule(
        name="family", tag="family", retention=parse_duration("7d"), approval=True
    )
    kept.choose(rules=replace(rules(), advanced=(rule,)))
    await kept.make_due("Alpha", "Bravo")
    assert names(kept.keeper.due) == ["Bravo"]
    alpha, bravo = (kept.entry(one).item_id for one in ("Alpha", "Bravo"))
    until = kept.home.now + 30 * DAY
    assert await kept.keeper.approve([alpha, bravo]) == {alpha: until, bravo: None}
    assert names(kept.keeper.due) == ["Alpha", "Bravo"]


async def test_an_approval_does_not_wait_for_a_sync(kept: Kept) -> None:
    """It is to be seen at once; what has ended by then is not."""
    await ask_first(kept, "Alpha", "Bravo")
    sync = await under_way(kept)
    await kept.keeper.approve([kept.entry("Alpha").item_id])
    assert kept.keeper.busy
    assert names(kept.keeper.due) == ["Alpha"]
    assert names(kept.keeper.awaiting_approval) == ["Bravo"]
    await sync
    assert names(kept.keeper.due) == ["Alpha"]


async def test_an_approval_is_taken_back(kept: Kept) -> None:
    """Nobody is asked again at once. What was never approved is no error."""
    await ask_first(kept, "Alpha", "Bravo")
    alpha, bravo = kept.entry("Alpha"), kept.entry("Bravo")
    await kept.keeper.approve([alpha.item_id])
    kept.heard.clear()
    taken = await kept.keeper.unapprove([alpha.key, bravo.item_id])
    assert sorted(taken) == sorted([alpha.item_id, bravo.item_id])
    assert kept.keeper.due == ()
    assert names(kept.keeper.awaiting_approval) == ["Alpha", "Bravo"]
    assert asked(kept) == []
    await kept.keeper.approve([alpha.item_id])
    with pytest.raises(NotPlannedError, match="^something$"):
        await kept.keeper.unapprove(["something", alpha.item_id])
    assert kept.keeper.due == ()
    with pytest.raises(NotPlannedError, match="^something$"):
        await kept.keeper.approve(["something", alpha.item_id])
    assert kept.keeper.due == ()


async def test_taken_back_during_a_run(kept: Kept) -> None:
    """It holds from the next file on, and is to be seen at once."""
    await ask_first(kept, "Alpha", "Bravo")
    entries = {one: kept.entry(one) for one in ("Alpha", "Bravo")}
    await kept.keeper.approve([one.item_id for one in entries.values()])
    tasks: list[asyncio.Task[object]] = []
    seen: list[list[str]] = []

    async def take_back() -> None:
        await kept.keeper.unapprove([one.item_id for one in entries.values()])
        assert kept.keeper.busy
        seen.append(names(kept.keeper.awaiting_approval))

    kept.at_first_delete(lambda: tasks.append(asyncio.create_task(take_back())))
    report = await kept.keeper.delete(None, dry_run=False)
    await asyncio.gather(*tasks)
    assert seen == [["Alpha", "Bravo"]]
    assert len(report.deleted) == 1
    assert [one.code for _, one in report.skipped] == [Why.NOT_APPROVED]


@pytest.mark.parametrize("gap", ["six hours", "restored", "clock"])
async def test_an_approval_does_not_outlive_a_gap(kept: Kept, gap: str) -> None:
    """It may have been taken back where this ledger was not: somebody is asked again."""
    await ask_first(kept, "Alpha")
    await kept.keeper.approve([kept.entry("Alpha").item_id])
    assert names(kept.keeper.due) == ["Alpha"]
    if gap == "restored":
        kept.home.ledger.identify("it", 1)
        kept.home.ledger.identify("it", 2)
    elif gap == "clock":
        kept.set_clock(-2 * HOUR)
    else:
        kept.home.wait(6 * HOUR)
    kept.heard.clear()
    # A clock that jumped is a reason to stop as well.
    with suppress(BlockedError):
        await kept.keeper.delete(None, dry_run=False)
    assert "Alpha" in kept.films()
    assert kept.entry("Alpha").approval(kept.home.now) is ApprovalState.PENDING
    kept.home.wait(GRACE)
    await kept.keeper.sync(full=False)
    assert asked(kept) == ["Alpha"]
    assert kept.entry("Alpha").approval(kept.home.now) is ApprovalState.WAITING


async def test_a_keep_ends_an_approval(kept: Kept) -> None:
    """Also one that is taken back before anything else happens."""
    await ask_first(kept, "Alpha")
    entry = kept.entry("Alpha")
    await kept.keeper.approve([entry.item_id])
    kept.heard.clear()
    await kept.keeper.keep(entry.key, None, "")
    await kept.keeper.unkeep(entry.key)
    assert kept.entry("Alpha").approval(kept.home.now) is ApprovalState.PENDING
    kept.home.wait(GRACE)
    await kept.keeper.sync(full=False)
    assert asked(kept) == ["Alpha"]


async def test_what_is_postponed_waits_its_grace_again(kept: Kept) -> None:
    """Its end is to be seen; then it is announced anew, and asked about anew."""
    await ask_first(kept, "Alpha")
    entry = kept.entry("Alpha")
    until = kept.home.now + 4 * HOUR
    await kept.keeper.keep(entry.key, until, "later")
    (event,) = kept.told(EventType.KEPT)
    assert event.until == until
    ((item, keep),) = kept.keeper.overview.postponed
    assert (item.title, keep.until, keep.reason) == ("Alpha", until, "later")
    kept.home.wait(4 * HOUR)
    await kept.keeper.sync(full=False)
    assert kept.keeper.overview.postponed == ()
    assert kept.entry("Alpha").due_at == until + GRACE
    assert kept.keeper.due == ()


async def test_the_preview_counts_what_waits(kept: Kept) -> None:
    """Rules that ask first let less be ready, and nothing be kept."""
    await kept.make_due("Alpha")
    shown = await kept.keeper.preview(replace(rules(), approval=True))
    assert shown is not None
    assert (shown.before.due, shown.before.awaiting) == (1, 0)
    assert (shown.after.due, shown.after.awaiting) == (0, 1)
    # It was a preview.
    assert names(kept.keeper.due) == ["Alpha"]


async def test_favorites_stay_if_that_is_chosen(kept: Kept) -> None:
    """The plan, its explanation and a preview agree."""
    house = kept.home.household
    kept.watch("Alpha")
    house.set_favourite(house.user("bob"), kept.home.video("Alpha"))
    await kept.keeper.tick()
    alpha = kept.home.video("Alpha").id
    assert kept.planned() == []
    explained = await kept.keeper.explain(alpha)
    assert (explained.outcome, explained.rule) == (Outcome.KEEP, "favorite")
    shown = await kept.keeper.preview(rules())
    assert shown is not None
    assert (shown.added, shown.removed) == ((), ())
    kept.choose(limits=Limits(favorites_keep=False))
    await kept.keeper.evaluate()
    assert kept.planned() == ["Alpha"]
    explained = await kept.keeper.explain(alpha)
    assert explained.outcome is Outcome.DELETE
    assert explained.due_at == kept.entry("Alpha").due_at


async def test_why_a_title_goes(kept: Kept) -> None:
    """By the rules, the plan and the clock of now."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    alpha = kept.home.video("Alpha").id
    assert (await kept.keeper.explain(alpha)).outcome is Outcome.DELETE
    kept.choose(rules=rules("90d"))
    explained = await kept.keeper.explain(alpha)
    assert explained.rule != ""
    assert explained.trace[-1].because.code
    with pytest.raises(LookupError):
        await kept.keeper.explain("none")


async def test_why_a_title_will_never_go(kept: Kept) -> None:
    """It is larger than all that may go in a day."""
    await kept.make_due("Alpha")
    alpha = kept.entry("Alpha").item_id
    kept.choose(limits=Limits(max_bytes=1))
    explained = await kept.keeper.explain(alpha)
    assert explained.would_change.code == Why.TOO_LARGE


async def test_what_other_rules_would_do(kept: Kept) -> None:
    """Compared with those that are in force."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    same = await kept.keeper.preview(rules())
    other = await kept.keeper.preview(rules("never"))
    assert same is not None
    assert other is not None
    assert same != other
    assert (same.before, same.removed) == (same.after, ())
    # The grace is counted in, as in the plan.
    assert same.before.due == 0
    assert [one.name for one in other.removed] == ["Alpha (2000)"]
    kept.choose(rules=rules("never"))
    await kept.keeper.evaluate()
    assert await kept.keeper.preview(rules("never")) != other
    # To look at it announces nothing: the grace begins when the rules are changed.
    await kept.keeper.preview(rules())
    kept.home.wait(HOUR)
    kept.choose(rules=rules())
    await kept.keeper.evaluate()
    assert kept.entry("Alpha").due_at == kept.home.now + GRACE


# --- changed settings -----------------------------------------------------------------


async def test_changed_settings_count_at_once(kept: Kept) -> None:
    """A new plan, and nothing is read for it."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.heard.clear()
    before = len(kept.home.jellyfin_server.requests)
    await kept.keeper.adopt(replace(SETTINGS, rules=rules("never")))
    assert kept.planned() == []
    assert len(kept.home.jellyfin_server.requests) == before
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 2


async def test_many_changes_at_one_go_make_one_plan(kept: Kept) -> None:
    """None but the last is a whole one; what one of them asked for is not lost."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.heard.clear()
    movies = frozenset([kept.home.household.library("Movies").id])
    other = replace(SETTINGS, libraries=movies)
    await asyncio.gather(
        kept.keeper.adopt(other),
        kept.keeper.adopt(replace(other, rules=rules("never"))),
        kept.keeper.adopt(replace(other, rules=rules("20d"))),
    )
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 2
    assert kept.planned() == ["Alpha"]
    assert kept.home.ledger.state().fully_synced_at == kept.home.now
    assert {one.title for one in kept.home.ledger.present()} == set()
    assert "Show" not in kept.home.facts()


async def test_a_change_during_a_change_waits(kept: Kept) -> None:
    """What was overtaken while it waited does nothing more."""
    await kept.keeper.tick()
    await kept.keeper.hold()
    kept.heard.clear()
    first = asyncio.create_task(
        kept.keeper.adopt(replace(SETTINGS, rules=rules("never")))
    )
    await asyncio.sleep(0.01)
    second = asyncio.create_task(kept.keeper.adopt(SETTINGS))
    await asyncio.sleep(0.01)
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 2
    kept.keeper.release()
    await asyncio.gather(first, second)
    assert [one.type for one in kept.heard] == [EventType.CHANGED] * 3


async def test_other_libraries_are_read_at_once(kept: Kept) -> None:
    """And only once."""
    await kept.keeper.tick()
    kept.home.wait(HOUR)
    movies = frozenset([kept.home.household.library("Movies").id])
    await kept.keeper.adopt(replace(SETTINGS, libraries=movies))
    assert kept.home.ledger.state().fully_synced_at == kept.home.now
    assert "Show" not in kept.home.facts()
    # What nobody wants to be looked at is not missed.
    assert kept.findings() == []
    kept.home.wait(HOUR)
    before = len(kept.home.jellyfin_server.requests)
    await kept.keeper.adopt(
        replace(kept.keeper.settings, rules=rules("never"), libraries=movies)
    )
    assert len(kept.home.jellyfin_server.requests) == before
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.POLL
    await kept.keeper.adopt(replace(SETTINGS, libraries=None))
    assert "Show" in kept.home.facts()


async def test_other_libraries_are_read_again_after_a_failure(kept: Kept) -> None:
    """The change counts all the same, and the next sync reads them."""
    kept.watch("Alpha")
    await kept.keeper.tick()
    kept.home.wait(HOUR)
    kept.home.jellystat_server.fail(FaultKind.SERVER_ERROR)
    movies = frozenset([kept.home.household.library("Movies").id])
    with pytest.raises(ServerError):
        await kept.keeper.adopt(
            replace(SETTINGS, libraries=movies, rules=rules("never"))
        )
    assert kept.planned() == []
    assert kept.codes() == ["sync_failed"]
    kept.home.jellystat_server.faults.clear()
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.FULL
    assert "Show" not in kept.home.facts()
    # Once is enough.
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.POLL


async def test_libraries_that_are_chosen_while_others_are_read(kept: Kept) -> None:
    """They are read as soon as that has ended."""
    await kept.keeper.tick()
    house = kept.home.household
    movies, shows = (
        replace(SETTINGS, libraries=frozenset([house.library(name).id]))
        for name in ("Movies", "Shows")
    )
    tasks: list[asyncio.Task[None]] = []
    at_first(
        kept.home.jellyfin_server,
        "GET",
        lambda: tasks.append(asyncio.create_task(kept.keeper.adopt(shows))),
    )
    await kept.keeper.adopt(movies)
    await asyncio.gather(*tasks)
    assert {"Alpha", "Show"} & kept.home.facts().keys() == {"Show"}
    assert (await kept.keeper.sync(full=False)).mode is SyncMode.POLL


# --- one after another ----------------------------------------------------------------


async def under_way(kept: Kept) -> asyncio.Task[Any]:
    """Begin a sync, and return when it is under way."""
    task = asyncio.create_task(kept.keeper.sync(full=True))
    while kept.keeper._reading is None:
        await asyncio.sleep(0)
    return task


async def test_a_second_caller_is_told_to_wait(kept: Kept) -> None:
    """While a sync is under way nothing else begins."""
    kept.watch("Alpha")
    await kept.keeper.evaluate()
    sync = await under_way(kept)
    assert kept.keeper.busy
    for ask in (
        kept.keeper.sync(full=False),
        kept.keeper.evaluate(),
        kept.keeper.delete(None, dry_run=False),
        kept.keeper.lift("nothing"),
    ):
        with pytest.raises(BusyError):
            await ask
    await sync
    assert not kept.keeper.busy


async def test_a_keep_does_not_wait_for_a_sync(kept: Kept) -> None:
    """It is written and to be seen at once, and in the plan when the sync ends."""
    kept.watch("Alpha", "Bravo")
    await kept.keeper.tick()
    sync = await under_way(kept)
    kept.heard.clear()
    await kept.keeper.keep(kept.home.video("Alpha").id, None, "")
    await kept.keeper.keep(kept.home.video("Bravo").id, START + DAY, "")
    assert kept.keeper.busy
    assert kept.planned() == ["Alpha", "Bravo"]
    overview = kept.keeper.overview
    assert [one.title for one, _ in overview.kept] == ["Alpha", "Bravo"]
    assert [one.title for one, _ in overview.postponed] == ["Bravo"]
    assert [one.type for one in kept.heard] == [EventType.KEPT, EventType.CHANGED] * 2
    await sync
    assert kept.planned() == []


@pytest.fixture
def slow_plans(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let plans wait for an event before they are made."""
    go = threading.Event()
    evaluate = kept.keeper._evaluate

    def wait() -> Any:
        go.wait(5)
        return evaluate()

    monkeypatch.setattr(kept.keeper, "_evaluate", wait)
    return go


async def test_an_evaluation_is_waited_for(
    kept: Kept, slow_plans: threading.Event
) -> None:
    """It ends so soon that nobody is told to come back."""
    first = asyncio.create_task(kept.keeper.evaluate())
    await asyncio.sleep(0.01)
    assert kept.keeper.busy
    second = asyncio.create_task(kept.keeper.sync(full=False))
    await asyncio.sleep(0.01)
    assert not second.done()
    slow_plans.set()
    await first
    assert (await second).mode is SyncMode.FULL


async def test_a_keep_waits_for_an_evaluation(
    kept: Kept, slow_plans: threading.Event
) -> None:
    """The plan that is being made may not know of it."""
    slow_plans.set()
    kept.watch("Alpha")
    await kept.keeper.tick()
    slow_plans.clear()
    first = asyncio.create_task(kept.keeper.evaluate())
    await asyncio.sleep(0.01)
    keep = asyncio.create_task(kept.keeper.keep(kept.home.video("Alpha").id, None, ""))
    await asyncio.sleep(0.01)
    assert not keep.done()
    slow_plans.set()
    await asyncio.gather(first, keep)
    assert kept.planned() == []


async def test_an_evaluation_that_fails_is_over(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes during the next sync is told so."""
    with broken(monkeypatch, "users"), pytest.raises(LedgerError):
        await kept.keeper.evaluate()
    assert not kept.keeper.busy
    sync = await under_way(kept)
    with pytest.raises(BusyError):
        await kept.keeper.evaluate()
    await sync


async def test_hold_lets_nothing_begin(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is under way ends first; then the ledger is one file."""
    checkpoints: list[Ledger] = []
    monkeypatch.setattr(Ledger, "checkpoint", lambda one: checkpoints.append(one))
    sync = await under_way(kept)
    hold = asyncio.create_task(kept.keeper.hold())
    await asyncio.sleep(0)
    assert checkpoints == []
    await asyncio.gather(sync, hold)
    assert checkpoints == [kept.home.ledger]
    with pytest.raises(BusyError):
        await kept.keeper.evaluate()
    kept.keeper.release()
    # A second time there is nothing to release.
    kept.keeper.release()
    await kept.keeper.evaluate()


async def test_a_hold_that_fails_holds_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the one file there is nothing to wait for."""
    with broken(monkeypatch, "checkpoint"), pytest.raises(LedgerError):
        await kept.keeper.hold()
    assert not kept.keeper.busy
    kept.keeper.release()
    await kept.keeper.evaluate()


# --- closing --------------------------------------------------------------------------


async def test_closing_gives_a_sync_up(kept: Kept) -> None:
    """Nothing has failed, and the ledger is closed."""
    await kept.keeper.tick()
    kept.heard.clear()
    kept.home.jellyfin_server.fail(FaultKind.HANG, "^/Users$")
    sync = await under_way(kept)
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(kept.keeper.close())
    with pytest.raises(ClosingError):
        await sync
    await closing
    assert kept.keeper.closing
    assert (kept.keeper.failure, kept.heard) == (None, [])
    assert kept.keeper._reading is None
    with pytest.raises(LedgerError):
        kept.home.ledger.state()


async def test_a_sync_that_is_cancelled(kept: Kept) -> None:
    """Whoever cancels it hears of nothing else, and its reading ends too."""
    kept.home.jellyfin_server.fail(FaultKind.HANG, "^/Users$")
    sync = await under_way(kept)
    await asyncio.sleep(0.01)
    reading = kept.keeper._reading
    assert reading is not None
    sync.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sync
    await asyncio.sleep(0)
    assert reading.cancelled()
    assert not kept.keeper.busy
    kept.home.jellyfin_server.faults.clear()
    await kept.keeper.tick()


async def test_closing_lets_a_deletion_end_after_its_file(kept: Kept) -> None:
    """The file that is going goes, its outcome is written, and no more go."""
    await kept.make_due("Alpha", "Bravo")
    closing: list[asyncio.Task[None]] = []
    kept.at_first_delete(
        lambda: closing.append(asyncio.create_task(kept.keeper.close()))
    )
    report = await kept.keeper.delete(None, dry_run=False)
    assert len(report.deleted) == 1
    ((_, because),) = report.skipped
    assert because == why(Why.SHUTTING_DOWN)
    await asyncio.gather(*closing)
    assert len(kept.films() & {"Alpha", "Bravo"}) == 1


async def test_closing_while_it_is_held(kept: Kept) -> None:
    """A backup that never ends holds nobody up."""
    await kept.keeper.hold()
    await kept.keeper.close()
    with pytest.raises(LedgerError):
        kept.home.ledger.state()
