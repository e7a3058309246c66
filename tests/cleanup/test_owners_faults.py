"""Whatever fails on the way through Radarr and Sonarr, nothing is left half done."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import coroutine
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.cleanup import CleanupReport
from custom_components.oxicleanarr.ledger import DeletionOutcome, JournalEntry, Ledger
from custom_components.oxicleanarr.model import MediaKind, PlannedDeletion
from custom_components.oxicleanarr.servers import arr as arr_client
from simulators import Episode, Fault, FaultKind, Movie
from simulators.arr.server import ArrSimulator
from simulators.faults import Request
from simulators.server import Simulator
from tests.home import DAY, START

from .conftest import Owned
from .test_execute import reasons, told, watch

MINUTES = timedelta(minutes=1)
PATIENCE = 0.15

ONCE = (
    FaultKind.SERVER_ERROR,
    FaultKind.UNAUTHORIZED,
    FaultKind.NOT_FOUND,
    FaultKind.EMPTY,
    FaultKind.TRUNCATED,
    FaultKind.DISCONNECT_AFTER,
)
FROM_THEN_ON = (
    FaultKind.BAD_GATEWAY,
    FaultKind.NOT_FOUND,
    FaultKind.HTML,
    FaultKind.DISCONNECT,
    FaultKind.DISCONNECT_AFTER,
)
FAULTS = [
    *(pytest.param(kind, 1, id=f"{kind} once") for kind in ONCE),
    *(pytest.param(kind, None, id=f"{kind} from then on") for kind in FROM_THEN_ON),
]


@dataclass
class Trial:
    """A house in which one deletion after another meets something else that fails."""

    owned: Owned
    ledger: Path
    entries: list[PlannedDeletion] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """The files before the deletion that is on trial."""
    tried: int = 0

    @property
    def servers(self) -> tuple[ArrSimulator, ...]:
        """Return all that own files."""
        return self.owned.radarr, self.owned.radarr4k, self.owned.sonarr

    async def films(self, count: int) -> None:
        """Have some films that are due, each with something else in its folder."""
        house = self.owned.cleaner.home.household
        for number in range(count):
            film = house.add_movie(
                f"Film {number}",
                year=1990,
                library="Movies",
                provider_ids={"Tmdb": str(5000 + number)},
                added=START - 100 * DAY,
            )
            house.play(house.user("alice"), film, 0.96, at=START - 30 * DAY)
        house.scan()
        self.owned.radarr.manage_all()
        plan = await self.owned.cleaner.due_plan()
        self.entries = [one for one in plan.entries if "Film" in one.title]
        assert len(self.entries) == count

    async def shows(self, count: int) -> None:
        """Have some series of two episodes each that are due."""
        house = self.owned.cleaner.home.household
        for number in range(count):
            show = house.add_series(
                f"Series {number}",
                library="Shows",
                provider_ids={"Tvdb": str(5000 + number)},
                added=START - 90 * DAY,
            )
            for episode in (1, 2):
                item = house.add_episode(
                    show,
                    season=1,
                    number=episode,
                    title=f"{number}x{episode}",
                    added=START - 90 * DAY,
                )
                house.play(house.user("alice"), item, 0.96, at=START - 30 * DAY)
        house.scan()
        self.owned.sonarr.manage_all()
        plan = await self.owned.cleaner.due_plan()
        self.entries = [one for one in plan.entries if "Series" in one.title]
        assert len(self.entries) == count

    async def attempt(self, entry: PlannedDeletion) -> CleanupReport:
        """Delete an entry while something fails."""
        self.begin()
        return await self.owned.cleaner.run([entry])

    def begin(self) -> None:
        """Begin a trial: as after a sync, no title is missing anywhere."""
        self.seen = self.owned.cleaner.home.household.files
        for server in self.servers:
            self.owned.cleaner.home.ledger.note_titles(
                server.name, server.title_paths()
            )

    def lose_patience(self) -> None:
        """Let the clients wait no longer than a moment."""
        for one in self.owned.cleaner.connections:
            one.client._http.timeout = PATIENCE

    def recover(self) -> None:
        """Let all servers work again, and the clients believe it."""
        for server in (*self.servers, self.owned.cleaner.home.jellyfin_server):
            server.faults.clear()
        for one in self.owned.cleaner.connections:
            one.client._http._silent_until = 0.0

    def rows(self, entry: PlannedDeletion) -> list[JournalEntry]:
        """Return what the journal says about an entry, oldest first."""
        return [
            row
            for row in reversed(self.owned.cleaner.home.ledger.deletions(10_000))
            if row.item_id in entry.target_ids
        ]

    async def judge(self, entry: PlannedDeletion, what: str) -> None:
        """Hold what is there now, and after all has settled, against what may be."""
        cleaner = self.owned.cleaner
        house = cleaner.home.household
        self._check(entry, what, settled=False)
        await cleaner.settle()
        self._check(entry, what, settled=False)
        cleaner.home.wait(11 * MINUTES)
        await cleaner.settle()
        cleaner.home.wait(2 * MINUTES)
        house.scan()
        cleaner.home.wait(2 * MINUTES)
        assert await cleaner.settle() == [], what
        self._check(entry, what, settled=True)
        for server in self.servers:
            assert server.search() == [], what
            assert server.list_sync() == [], what

    def _check(self, entry: PlannedDeletion, what: str, *, settled: bool) -> None:
        house = self.owned.cleaner.home.household
        paths = {
            row.item_id: row.path for row in self.rows(entry) if row.path is not None
        }
        folder = entry.path if entry.kind is MediaKind.SERIES else None
        if folder is None and entry.path is not None:
            folder = entry.path.rpartition("/")[0]
        lost = self.seen - house.files
        assert all(one.startswith(f"{folder}/") for one in lost), what
        for row in self.rows(entry):
            gone = paths[row.item_id] not in house.files
            if settled:
                wanted = DeletionOutcome.DELETED if gone else DeletionOutcome.FAILED
                assert row.outcome is wanted, (what, row)
                assert self._monitored(entry, row) is (not gone), (what, row)
            elif gone:
                assert row.outcome is not DeletionOutcome.FAILED, (what, row)
                assert not self._monitored(entry, row), (what, row)
            else:
                assert row.outcome is not DeletionOutcome.DELETED, (what, row)
                if row.outcome is DeletionOutcome.FAILED:
                    assert self._monitored(entry, row), (what, row)
        for path in lost:
            if path.endswith(".mkv"):
                assert path in paths.values(), (what, "not in the journal", path)
        if not paths:
            assert not lost, what
            assert all(self._monitored(entry, one) for one in self._targets(entry)), (
                what
            )

    def _targets(self, entry: PlannedDeletion) -> Iterator[Movie | Episode]:
        for item in self.owned.cleaner.home.household.items:
            if item.id in entry.target_ids:
                assert isinstance(item, Movie | Episode)
                yield item

    def _monitored(
        self, entry: PlannedDeletion, row: JournalEntry | Movie | Episode
    ) -> bool:
        """Return whether Radarr or Sonarr looks for what a row is about."""
        if entry.kind is MediaKind.MOVIE:
            return any(
                movie.monitored
                for movie in self.owned.radarr.movies.values()
                if movie.title == entry.title
            )
        number = row.number if isinstance(row, Episode) else row.episode  # type: ignore[union-attr]
        return any(
            show.monitored and episode.monitored
            for show in self.owned.sonarr.series.values()
            if show.title == entry.title
            for episode in show.episodes
            if episode.number == number
        )

    async def fail_everywhere(
        self, server: Simulator, kind: FaultKind, times: int | None
    ) -> None:
        """Delete an entry for every request that one takes, each with another failing."""
        for step, entry in enumerate(self.entries):
            fault = Fault(kind, after=step, times=times)
            server.faults.append(fault)
            await self.attempt(entry)
            self.recover()
            if not fault.hits:
                break
            await self.judge(entry, f"{kind} at {step}")
        else:
            pytest.fail("there are more requests")
        asked = self.deletes_of_files()
        assert len(asked) == len(set(asked))

    def restart(self) -> None:
        """Open the ledger as a new process does."""
        home = self.owned.cleaner.home
        home.ledger.close()
        home.ledger = Ledger(self.ledger)

    def deletes_of_files(self) -> Sequence[str]:
        """Return the files that were asked to go, by path of the request."""
        return [
            one.path
            for server in self.servers
            for one in server.requests
            if one.method == "DELETE" and "file" in one.path
        ]


@pytest.fixture
async def trial(
    owned: Owned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Trial]:
    """Return a house for trials, with clients that have little patience."""
    monkeypatch.setattr(arr_client, "CHANGE_SECONDS", PATIENCE)
    monkeypatch.setattr(arr_client, "DELETE_SECONDS", PATIENCE)
    trial = Trial(owned, tmp_path / "ledger.db")
    yield trial
    trial.owned.cleaner.home.ledger.close()


@pytest.mark.parametrize(("kind", "times"), FAULTS)
async def test_any_request_about_a_movie_may_fail(
    trial: Trial, kind: FaultKind, times: int | None
) -> None:
    """The file is gone and not looked for, or it is there and looked for as before."""
    await trial.films(16)
    await trial.fail_everywhere(trial.owned.radarr, kind, times)


@pytest.mark.parametrize(("kind", "times"), FAULTS)
async def test_any_request_about_a_series_may_fail(
    trial: Trial, kind: FaultKind, times: int | None
) -> None:
    """So it is with every episode of it."""
    await trial.shows(30)
    await trial.fail_everywhere(trial.owned.sonarr, kind, times)


@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.DISCONNECT], ids=str
)
async def test_any_request_to_jellyfin_may_fail(trial: Trial, kind: FaultKind) -> None:
    """What cannot be seen to be gone is looked for later."""
    await trial.films(30)
    await trial.fail_everywhere(trial.owned.cleaner.home.jellyfin_server, kind, None)


async def test_a_server_may_fall_silent(trial: Trial) -> None:
    """Nobody waits for ever."""
    trial.lose_patience()
    await trial.films(16)
    await trial.fail_everywhere(trial.owned.radarr, FaultKind.HANG, 1)


class Killed(BaseException):
    """The process is no more."""


@coroutine
def killed_after(
    steps: int, doomed: Coroutine[Any, Any, object]
) -> Generator[Any, None, bool]:
    """Let a coroutine come so far and no further; return whether it was cut off."""
    for _ in range(steps):
        try:
            waiting = doomed.send(None)
        except StopIteration:
            return False
        yield waiting
    with suppress(Killed):
        doomed.throw(Killed())
    return True


@pytest.mark.parametrize("kind", [MediaKind.MOVIE, MediaKind.SERIES])
async def test_the_process_may_die_at_any_step(trial: Trial, kind: MediaKind) -> None:
    """The journal on disk is all that is left, and it is enough."""
    stride = 1 if kind is MediaKind.MOVIE else 3
    await (trial.films(90) if kind is MediaKind.MOVIE else trial.shows(60))
    for number, entry in enumerate(trial.entries):
        trial.begin()
        doomed = trial.owned.cleaner.run([entry])
        killed = await killed_after(stride * number, doomed)
        trial.restart()
        if not killed:
            break
        await trial.judge(entry, f"killed at {stride * number}")
    else:
        pytest.fail("there are more steps")
    asked = trial.deletes_of_files()
    assert len(asked) == len(set(asked))


async def test_radarr_goes_on_when_nobody_listens_any_more(trial: Trial) -> None:
    """The file goes after its caller has given up, and is not looked for then."""
    trial.lose_patience()
    await trial.films(1)
    (entry,) = trial.entries
    radarr = trial.owned.radarr
    radarr.fail(FaultKind.SLOW, "/moviefile/", method="DELETE", times=1, delay=0.4)
    await trial.attempt(entry)
    (row,) = trial.rows(entry)
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert row.path in trial.owned.cleaner.home.household.files
    while radarr.unanswered:
        await asyncio.sleep(0.02)
    assert row.path not in trial.owned.cleaner.home.household.files
    await trial.judge(entry, "slow")
    (row,) = trial.rows(entry)
    assert row.outcome is DeletionOutcome.DELETED


@st.composite
def faults(draw: st.DrawFn) -> list[tuple[int, Fault]]:
    """Return what fails, and at which of the servers."""
    return draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),
                st.builds(
                    Fault,
                    st.sampled_from([*ONCE, *FROM_THEN_ON, FaultKind.NO_ROWS]),
                    after=st.integers(0, 9),
                    times=st.sampled_from([1, 2, None]),
                ),
            ),
            min_size=1,
            max_size=4,
        )
    )


@settings(
    deadline=None,
    max_examples=40,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(faults())
async def test_faults_never_add_a_deletion(
    trial: Trial, found: list[tuple[int, Fault]]
) -> None:
    """However many servers fail at once, and at whatever step."""
    if not trial.entries:
        await trial.films(45)
    entry = trial.entries[trial.tried]
    trial.tried += 1
    servers = (*trial.servers, trial.owned.cleaner.home.jellyfin_server)
    for number, fault in found:
        servers[number].faults.append(fault)
    await trial.attempt(entry)
    trial.recover()
    await trial.judge(entry, str(found))
    asked = trial.deletes_of_files()
    assert len(asked) == len(set(asked))


# --- what is said --------------------------------------------------------------------


async def test_what_cannot_be_prepared_is_not_begun(owned: Owned) -> None:
    """Radarr did not take the flag: that is a failure at once, and all is as before."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    owned.radarr.fail(FaultKind.SERVER_ERROR, method="PUT", times=1)
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.FAILED
    assert told(row.error) == "Radarr: failed with HTTP status 500"
    assert reasons(report.failed) == {"Alpha": told(row.error)}
    assert owned.radarr.movie("Alpha").monitored


async def test_a_file_that_is_there_again_is_not_looked_for_yet(owned: Owned) -> None:
    """Radarr says that it has deleted it, and lists it: it may be under way."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    file, path = movie.file, movie.file_path
    assert path is not None

    def bring_back(request: Request) -> None:
        if movie.file is None:
            cleaner.home.household.disk.write(path, 1, START)
            movie.file = file

    owned.radarr.listeners.append(bring_back)
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert told(row.error) == "Radarr still has the file"
    assert reasons(report.failed) == {"Alpha": "Radarr still has the file"}
    assert not movie.monitored


@pytest.mark.parametrize("answered", [True, False])
async def test_what_cannot_be_looked_at_any_more_is_left_open(
    owned: Owned, answered: bool
) -> None:
    """With the first thing that went wrong."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()

    def go_blind(request: Request) -> None:
        if request.method == "DELETE":
            owned.radarr.fail(FaultKind.BAD_GATEWAY, method="GET")

    owned.radarr.listeners.append(go_blind)
    if not answered:
        owned.radarr.fail(FaultKind.DISCONNECT_AFTER, method="DELETE")
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert told(row.error) == (
        "Radarr: failed with HTTP status 502"
        if answered
        else "Radarr: closed the connection"
    )
    assert reasons(report.failed) == {"Alpha": "Radarr: failed with HTTP status 502"}


@pytest.mark.parametrize("kept", [True, False])
async def test_only_what_has_left_the_disk_is_free_again(
    owned: Owned, kept: bool
) -> None:
    """No recycle bin may hold it; whether Jellyfin has noticed matters not."""
    cleaner = owned.cleaner
    if kept:
        owned.radarr.recycle_bin = "/media/bin"
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    movie = owned.radarr.movie("Alpha")
    assert movie.file is not None
    size = movie.file.size
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.DELETED
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert report.taken_bytes == size
    assert report.reclaimed_bytes == (0 if kept else size)


async def test_what_jellyfin_cannot_say_is_not_confirmed(owned: Owned) -> None:
    """The file is gone; whether Jellyfin knows is seen at the next sync."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    server = cleaner.home.jellyfin_server

    def go_blind(request: Request) -> None:
        if request.method == "DELETE" and "moviefile" in request.path:
            server.fail(FaultKind.SERVER_ERROR)

    owned.radarr.listeners.append(go_blind)
    report = await cleaner.run()
    (row,) = cleaner.home.ledger.deletions(10)
    assert row.outcome is DeletionOutcome.UNCONFIRMED
    assert "500" in told(row.error)
    assert [one.title for one in report.unconfirmed] == ["Alpha"]
    assert report.reclaimed_bytes == 0
