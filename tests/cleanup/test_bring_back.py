"""What Radarr and Sonarr deleted comes back as it was, once, and is searched for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import (
    KEPT_FOR,
    BroughtBack,
    Handling,
    Prospect,
    Why,
    bring_back,
    prospect_of,
    say,
    title_name,
)
from custom_components.oxicleanarr.ledger import (
    DeletedTitle,
    DeletionOutcome,
    ReturnState,
)
from custom_components.oxicleanarr.model import Keep, MediaKey, MediaKind, Reason
from custom_components.oxicleanarr.servers import Connections
from custom_components.oxicleanarr.servers.arr import Arr
from simulators import FaultKind
from simulators.arr.server import ArrSimulator
from tests.home import DAY

from .conftest import Owned
from .test_execute import watch
from .test_owners import NEWEST_TWO, by_episodes

ME = "Alex"


@dataclass
class Yard:
    """The house after something went, and whoever wants it back."""

    owned: Owned
    paused: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    """What happens while somebody waits."""
    wait: Callable[[], Awaitable[None]] | None = None

    @property
    def ledger(self) -> Any:
        """Return the ledger."""
        return self.owned.cleaner.home.ledger

    async def delete(self, *names: str) -> None:
        """Delete what has been watched."""
        watch(self.owned.cleaner, *names)
        await self.owned.cleaner.due_plan()
        report = await self.owned.cleaner.run()
        assert not report.failed
        assert not report.skipped
        for arr in (self.owned.radarr, self.owned.radarr4k, self.owned.sonarr):
            arr.requests.clear()

    def title(self, row: int = 0) -> DeletedTitle:
        """Return the deletion of a row of the log, the newest first."""
        number = self.ledger.deletions(100)[row].entry_id
        found: DeletedTitle = self.ledger.deleted_title(number)
        return found

    async def ask(
        self,
        *,
        search: bool = True,
        title: DeletedTitle | None = None,
        patience: float = 60,
    ) -> list[BroughtBack]:
        """Begin to bring back the last title, and go on as far as that goes."""
        title = title or self.title()
        now = self.owned.cleaner.home.now
        self.ledger.begin_return(
            title, search=search, asked_by=ME, now=now, until=now + KEPT_FOR
        )
        return await self.go_on(title, patience=patience)

    async def go_on(
        self, title: DeletedTitle, *, patience: float = 60
    ) -> list[BroughtBack]:
        """Go on where it was."""
        back = self.ledger.deleted_title(title.deletion).back
        assert back is not None

        async def pause(seconds: float) -> None:
            self.paused.append(seconds)
            assert len(self.paused) < 100, "nobody waits that often"
            self.meanwhile()
            if self.wait is not None:
                await self.wait()

        return await bring_back(
            title,
            back,
            ledger=self.ledger,
            connections=self.owned.cleaner.connections,
            pause=pause,
            patience=patience,
        )


@pytest.fixture
def yard(owned: Owned) -> Yard:
    """Return the house with its Radarrs and Sonarr."""
    return Yard(owned)


def asked(server: ArrSimulator) -> list[str]:
    """Return the requests that changed something, in order."""
    return [
        f"{one.method} {one.path.removeprefix('/api/v3')}"
        for one in server.requests
        if one.method != "GET"
    ]


def searches(server: ArrSimulator) -> list[list[int]]:
    """Return what was searched for."""
    return [
        next(iter(task.body.values()))
        for task in server.tasks.all.values()
        if task.name.endswith("Search")
    ]


BEFORE_IT_WAS_SEARCHED = ("adding", "added", "listed", "searching")


async def go_on_after(yard: Yard, *steps: str) -> BroughtBack:
    """Go on with the last title as if no more than these steps had been noted."""
    title = yard.title()
    assert title.back is not None
    (result,) = await bring_back(
        title,
        replace(title.back, search=True, steps={"radarr": steps}),
        ledger=yard.ledger,
        connections=yard.owned.cleaner.connections,
        pause=None,  # type: ignore[arg-type]
    )
    return result


def failed(why: Why, **data: str) -> BroughtBack:
    """Return that nothing was done for the movie, and why."""
    return BroughtBack(
        title="Alpha",
        server="Radarr",
        reason=Reason(why, {"server": "Radarr", **data}),
        state=ReturnState.FAILED,
    )


# --- movies -------------------------------------------------------------------------


async def test_a_movie_comes_back_as_it_was(yard: Yard) -> None:
    """Listed with all that was set up, then searched for; nobody excludes it any more."""
    radarr = yard.owned.radarr
    movie = radarr.movie("Alpha")
    movie.quality_profile, movie.minimum_availability = 6, "inCinemas"
    movie.tags = radarr.tags.ids(["kids", "keep-forever"])
    await yard.delete("Alpha")
    assert radarr.excluded(1)
    (result,) = await yard.ask()
    assert result == BroughtBack(
        title="Alpha", server="Radarr", added=True, searched=True, listed=True
    )
    again = radarr.movie("Alpha")
    assert again.id != movie.id
    assert (again.quality_profile, again.minimum_availability) == (6, "inCinemas")
    assert (again.path, again.monitored) == (movie.path, True)
    assert sorted(radarr.tags[one] for one in again.tags) == ["keep-forever", "kids"]
    assert again.files
    assert not radarr.excluded(1)
    assert asked(radarr) == [
        "DELETE /exclusions/1",
        "POST /movie",
        "POST /command",
    ]
    assert searches(radarr) == [[again.id]]
    assert "Alpha (2000)" in yard.owned.cleaner.files()


async def test_a_movie_that_was_not_looked_for_is_not_looked_for(yard: Yard) -> None:
    """Its flag is as it was; a person's search takes it all the same."""
    yard.owned.radarr.movie("Alpha").monitored = False
    await yard.delete("Alpha")
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (True, True)
    assert yard.owned.radarr.movie("Alpha").monitored is False
    assert yard.owned.radarr.movie("Alpha").files


async def test_without_a_search(yard: Yard) -> None:
    """It is listed, and nobody looks for it at once."""
    await yard.delete("Alpha")
    (result,) = await yard.ask(search=False)
    assert (result.added, result.searched, result.reason) == (True, False, None)
    assert searches(yard.owned.radarr) == []
    assert not yard.owned.radarr.movie("Alpha").files


async def test_an_exclusion_of_somebody_else_stays(yard: Yard) -> None:
    """It was there before, so it is not for us to lift."""
    yard.owned.radarr.exclude(1, "Alpha", 2000)
    await yard.delete("Alpha")
    (result,) = await yard.ask()
    assert result.added
    assert yard.owned.radarr.excluded(1)


async def test_tags_are_found_by_their_labels(yard: Yard) -> None:
    """What nothing had any more is made again, with another number."""
    radarr = yard.owned.radarr
    radarr.movie("Alpha").tags = radarr.tags.ids(["gone", "stays"])
    radarr.movie("Bravo").tags = radarr.tags.ids(["stays"])
    await yard.delete("Alpha")
    radarr.queue_task("Housekeeping", {})
    radarr.work()
    assert list(radarr.tags.values()) == ["stays"]
    await yard.ask()
    again = radarr.movie("Alpha")
    assert sorted(radarr.tags[one] for one in again.tags) == ["gone", "stays"]


async def test_a_profile_that_is_gone(yard: Yard) -> None:
    """The first one takes its place, and that is said."""
    await yard.delete("Alpha")
    del yard.owned.radarr.profiles[4]
    (result,) = await yard.ask()
    other = Reason(Why.OTHER_PROFILE, {"server": "Radarr", "name": "Any"})
    assert result.reason == other
    assert (result.searched, yard.owned.radarr.movie("Alpha").quality_profile) == (
        True,
        1,
    )


async def test_a_folder_that_is_not_used_any_more(yard: Yard) -> None:
    """It goes to the first that is, and that is said."""
    await yard.delete("Alpha")
    yard.owned.cleaner.home.household.disk.write(
        "/other/here.txt", 1, yard.owned.cleaner.home.now
    )
    yard.owned.radarr.root_folders = ["/other"]
    (result,) = await yard.ask(search=False)
    other = Reason(Why.OTHER_ROOT_FOLDER, {"server": "Radarr", "name": "/other"})
    assert result.reason == other
    assert yard.owned.radarr.movie("Alpha").path.startswith("/other/")


async def test_a_disk_that_is_away(yard: Yard) -> None:
    """Nothing is changed: Radarr would take anything."""
    await yard.delete("Alpha")
    yard.owned.cleaner.home.household.disk.unmount("/media/movies")
    (result,) = await yard.ask()
    assert result == failed(Why.FOLDER_AWAY, name="/media/movies")
    assert asked(yard.owned.radarr) == []


async def test_no_root_folder_and_no_profile(yard: Yard) -> None:
    """Then it cannot be added, and what to do is said."""
    await yard.delete("Alpha")
    roots, yard.owned.radarr.root_folders = yard.owned.radarr.root_folders, []
    (result,) = await yard.ask()
    assert result == failed(Why.NO_ROOT_FOLDER)
    yard.owned.radarr.root_folders = roots
    yard.owned.radarr.profiles = {}
    (result,) = await yard.go_on(yard.title())
    assert result == failed(Why.NO_PROFILE)
    assert asked(yard.owned.radarr) == []


ROOTS: list[tuple[list[str], str, str | None]] = [
    (["/gone"], "/gone/Alpha", "/gone"),
    (["/gone/"], "/gone/Alpha", "/gone/"),
    (["/gone/X"], "/gone/X/Alpha", "/gone/X"),
    (["/gone/X"], "/gone/Alpha", None),
    (["/gone", "/gone/movies"], "/gone/movies/Alpha", "/gone/movies"),
    (["/gone"], "/gone2/Alpha", None),
    (["/gone"], "/gone", None),
    (["/gone/"], "/gone/", None),
    (["D:\\Gone"], "D:\\Gone\\Alpha", "D:\\Gone"),
    (["D:\\Gone\\"], "D:\\Gone\\Alpha", "D:\\Gone\\"),
    (["D:\\Gone"], "D:\\Gone2\\Alpha", None),
    # A name on Linux may have such a slash in it.
    (["/gone/AC\\DC"], "/gone/AC\\DC/Alpha", "/gone/AC\\DC"),
]


async def test_which_root_folder_was_its_own(yard: Yard) -> None:
    """The innermost that it was in, and not one that it was not below."""
    await yard.delete("Alpha")
    title = yard.title()
    (setup,) = title.setups
    yard.owned.radarr.root_folders = []
    await yard.ask()
    for roots, path, away in ROOTS:
        yard.owned.radarr.root_folders = roots
        found = await yard.go_on(replace(title, setups=(replace(setup, path=path),)))
        if away is None:
            assert found == [failed(Why.NO_ROOT_FOLDER)], path
        else:
            assert found == [failed(Why.FOLDER_AWAY, name=away)], path


async def test_an_entry_that_stayed_is_looked_for_again(yard: Yard) -> None:
    """Another title is in its folder, so it is still listed, unmonitored."""
    radarr = yard.owned.radarr
    radarr.movie("Bravo").path = radarr.movie("Alpha").path + "/inner"
    await yard.delete("Alpha")
    stayed = radarr.movie("Alpha")
    assert (stayed.monitored, stayed.file) == (False, None)
    (result,) = await yard.ask()
    assert (result.added, result.searched, result.listed) == (False, True, True)
    assert stayed.monitored
    assert asked(radarr) == ["PUT /movie/editor", "POST /command"]


async def test_what_is_there_again_is_only_monitored_and_searched(yard: Yard) -> None:
    """Somebody has added it; with a file nothing is searched for."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.restore(1)
    radarr.movie("Alpha").monitored = False
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (False, False)
    assert result.reason == Reason(Why.NOTHING_MISSING, {"server": "Radarr"})
    assert radarr.movie("Alpha").monitored
    assert searches(radarr) == []


async def test_what_is_still_in_its_folder_is_not_searched_for(yard: Yard) -> None:
    """The refresh takes it in, as Radarr does with what lies there."""
    folder = yard.owned.radarr.movie("Alpha").path
    await yard.delete("Alpha")
    home = yard.owned.cleaner.home
    home.household.disk.write(f"{folder}/Alpha (2000).mkv", 500, home.now)
    (result,) = await yard.ask()
    assert result.reason == Reason(Why.NOTHING_MISSING, {"server": "Radarr"})
    assert searches(yard.owned.radarr) == []


async def test_a_server_that_is_busy_is_waited_for(yard: Yard) -> None:
    """Three other commands run; then it goes on."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.tasks.busy = True

    def free() -> None:
        if len(yard.paused) == 3:
            radarr.tasks.busy = False
            radarr.work()

    yard.meanwhile = free
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (True, True)
    assert len(yard.paused) == 3


async def test_patience_ends_and_it_goes_on_later(yard: Yard) -> None:
    """It is listed once, and searched for once the server has read it."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.tasks.busy = True
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (True, False)
    assert (result.reason, result.state) == (
        Reason(Why.STILL_READING, {"server": "Radarr"}),
        ReturnState.UNDER_WAY,
    )
    radarr.tasks.busy = False
    radarr.work()
    (result,) = await yard.go_on(yard.title(), patience=0)
    assert (result.added, result.searched, result.reason) == (True, True, None)
    assert asked(radarr).count("POST /movie") == 1


@pytest.mark.parametrize(
    ("patience", "paused"),
    [
        (0, []),
        (0.5, [0.5]),
        (3.5, [0.5, 1, 2]),
        (60, [0.5, 1, 2, *[5] * 12]),
    ],
)
async def test_how_long_a_busy_server_is_waited_for(
    yard: Yard, patience: float, paused: list[float]
) -> None:
    """Less and less often, and no longer than there is patience."""
    await yard.delete("Alpha")
    yard.owned.radarr.tasks.busy = True
    (result,) = await yard.ask(patience=patience)
    assert result.state is ReturnState.UNDER_WAY
    assert yard.paused == paused


async def test_two_wanted_it_at_the_same_moment(yard: Yard) -> None:
    """Somebody else is faster between the look and the addition: it is there, once."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")

    def faster(request: Any) -> None:
        if (request.method, request.path) == ("POST", "/api/v3/movie"):
            radarr.listeners.remove(faster)
            radarr.restore(1)

    radarr.listeners.append(faster)
    (result,) = await yard.ask()
    assert (result.added, result.state) == (False, ReturnState.DONE)
    assert [one.tmdb_id for one in radarr.movies.values()].count(1) == 1


@pytest.mark.parametrize(
    "kind", [FaultKind.DISCONNECT_AFTER, FaultKind.TRUNCATED, FaultKind.MALFORMED]
)
async def test_an_answer_that_gets_lost(yard: Yard, kind: FaultKind) -> None:
    """It was added all the same, so it is not added again."""
    await yard.delete("Alpha")
    yard.owned.radarr.fail(kind, "/api/v3/movie$", method="POST", times=1)
    (result,) = await yard.ask()
    assert (result.searched, result.state) == (True, ReturnState.DONE)
    assert asked(yard.owned.radarr).count("POST /movie") == 1


async def test_a_title_that_appears_late(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers in time; it is looked for before anything else, and appears."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.metadata_delay = 0.3
    monkeypatch.setattr(Arr, "_patience", 0.05)

    async def until_it_is_there() -> None:
        monkeypatch.undo()
        while all(one.tmdb_id != 1 for one in radarr.movies.values()):
            await asyncio.sleep(0.005)

    yard.wait = until_it_is_there
    (result,) = await yard.ask()
    assert yard.paused == [1]
    assert (result.added, result.searched) == (True, True)
    assert asked(radarr).count("POST /movie") == 1


async def test_a_title_that_never_appears(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers in time, and after a while nobody looks for it any more."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.metadata_delay = 3600
    monkeypatch.setattr(Arr, "_patience", 0.05)
    yard.meanwhile = monkeypatch.undo
    (result,) = await yard.ask()
    assert (result.added, result.state) == (False, ReturnState.FAILED)
    assert yard.paused == [1] * 15


async def test_what_fails_at_once_is_not_waited_for(yard: Yard) -> None:
    """Radarr refuses it; only one that gives no answer may add it yet."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    fault = radarr.fail(FaultKind.SERVER_ERROR, "/movie$", method="POST")
    (result,) = await yard.ask()
    assert (result.added, result.state) == (False, ReturnState.FAILED)
    assert yard.paused == []
    radarr.faults.remove(fault)
    (result,) = await yard.ask()
    assert (result.added, result.state) == (True, ReturnState.DONE)


async def test_a_server_that_fails_is_tried_again(yard: Yard) -> None:
    """What was done stays done; what was not is done then."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    fault = radarr.fail(FaultKind.SERVER_ERROR, "/command")
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (True, False)
    assert result.state is ReturnState.FAILED
    yard.ledger.conclude_return(
        yard.title().deletion, ReturnState.FAILED, result.reason
    )
    prospect, reason = prospect_of(yard.title(), yard.owned.cleaner.connections)
    assert (prospect, reason) == (Prospect.POSSIBLE, result.reason)
    radarr.faults.remove(fault)
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (True, True)
    assert asked(radarr).count("POST /movie") == 1


async def test_its_database_is_down(yard: Yard) -> None:
    """Radarr can't look it up: nothing is added, and that is said."""
    await yard.delete("Alpha")
    yard.owned.radarr.metadata_down = True
    (result,) = await yard.ask()
    assert (result.added, result.state) == (False, ReturnState.FAILED)
    assert result.reason is not None
    assert "can't look the title up" in say(result.reason)


async def test_a_search_that_was_cut_off_is_not_repeated(yard: Yard) -> None:
    """The process died between the search and the note of it."""
    radarr = yard.owned.radarr
    await yard.delete("Alpha")
    radarr.indexers = False
    await yard.ask()
    steps = yard.title().back
    assert steps is not None
    assert steps.steps["radarr"] == (*BEFORE_IT_WAS_SEARCHED, "searched", "done")
    result = await go_on_after(yard, *BEFORE_IT_WAS_SEARCHED)
    assert result.searched
    assert len(searches(radarr)) == 1


async def test_a_search_that_was_cut_off_before_it_began(yard: Yard) -> None:
    """The process died between the note of it and the search, which is made up for."""
    await yard.delete("Alpha")
    await yard.ask(search=False)
    result = await go_on_after(yard, *BEFORE_IT_WAS_SEARCHED)
    assert result.searched
    assert searches(yard.owned.radarr) == [[yard.owned.radarr.movie("Alpha").id]]


@pytest.mark.parametrize(
    ("steps", "added"),
    [(["adding"], True), (["adding", "found"], False), ([], False)],
)
async def test_an_addition_that_was_cut_off(
    yard: Yard, steps: list[str], added: bool
) -> None:
    """What is there is ours if we had begun to add it, and had not found it."""
    await yard.delete("Alpha")
    await yard.ask(search=False)
    result = await go_on_after(yard, *steps)
    assert (result.added, result.listed) == (added, True)
    assert asked(yard.owned.radarr).count("POST /movie") == 1


async def test_what_is_done_is_not_done_again(yard: Yard) -> None:
    """Neither by a second wish nor by going on."""
    await yard.delete("Alpha")
    await yard.ask()
    yard.ledger.conclude_return(yard.title().deletion, ReturnState.DONE)
    before = asked(yard.owned.radarr)
    title = yard.title()
    now = yard.owned.cleaner.home.now
    assert not yard.ledger.begin_return(
        title, search=True, asked_by="Sam", now=now, until=now + KEPT_FOR
    )
    (result,) = await yard.go_on(title)
    assert (result.added, result.searched) == (True, True)
    assert result.state is ReturnState.DONE
    assert asked(yard.owned.radarr) == before
    assert title.back is not None
    assert title.back.asked_by == ME


# --- series -------------------------------------------------------------------------


async def test_a_series_comes_back_as_it_was(yard: Yard) -> None:
    """Every flag of it, also of what has no file, and only what went is searched for."""
    sonarr = yard.owned.sonarr
    show = sonarr.show("Show")
    show.series_type, show.season_folder, show.monitor_new_items = (
        "daily",
        False,
        "none",
    )
    show.quality_profile = 4
    sonarr.announce(show, 1, 4)
    sonarr.announce(show, 1, 5)
    sonarr.announce(show, 0, 1)
    show.episode(1, 2).monitored = False
    show.episode(1, 5).monitored = False
    await yard.delete("E1", "E2", "E3")
    assert not sonarr.series
    (result,) = await yard.ask()
    assert (result.added, result.searched, result.reason) == (True, True, None)
    again = sonarr.show("Show")
    assert (again.series_type, again.season_folder) == ("daily", False)
    assert (again.monitor_new_items, again.quality_profile) == ("none", 4)
    assert again.seasons == show.seasons
    flags = {(one.season, one.number): one.monitored for one in again.episodes}
    assert flags == {
        (0, 1): False,
        (1, 1): True,
        (1, 2): False,
        (1, 3): True,
        (1, 4): True,
        (1, 5): False,
    }
    (searched,) = searches(sonarr)
    assert searched == [again.episode(1, number).id for number in (1, 2, 3)]
    assert {"E1", "E2", "E3"} <= {one.title for one in again.episodes if one.file_id}
    assert not sonarr.excluded(81189)


async def test_an_episode_comes_back_alone(yard: Yard) -> None:
    """Its series is still there: only its own flag changes, and it is searched for."""
    sonarr = yard.owned.sonarr
    show = sonarr.show("Show")
    show.episode(1, 3).monitored = False
    by_episodes(yard.owned, NEWEST_TWO)
    await yard.delete("E1")
    first = show.episode(1, 1)
    assert (first.file_id, first.monitored) == (0, False)
    (result,) = await yard.ask()
    assert (result.added, result.searched) == (False, True)
    assert [one.monitored for one in show.episodes] == [True, True, False]
    assert searches(sonarr) == [[first.id]]
    assert show.episode(1, 1).file_id
    assert asked(sonarr) == ["PUT /episode/monitor", "POST /command"]


@pytest.mark.parametrize("before", [True, False])
async def test_a_series_that_nobody_looks_for_now(yard: Yard, before: bool) -> None:
    """It is there, and looked for again if it was when the episode went."""
    show = yard.owned.sonarr.show("Show")
    show.monitored = before
    by_episodes(yard.owned, NEWEST_TWO)
    await yard.delete("E1")
    show.monitored = False
    await yard.ask()
    assert show.monitored is before


async def test_a_flag_that_the_user_has_set_since(yard: Yard) -> None:
    """Nobody looked for the episode, but somebody wants it now: that stays."""
    first = yard.owned.sonarr.show("Show").episode(1, 1)
    first.monitored = False
    by_episodes(yard.owned, NEWEST_TWO)
    await yard.delete("E1")
    first.monitored = True
    await yard.ask()
    assert first.monitored


async def test_what_it_is_called(yard: Yard) -> None:
    """By what went as one; what has no number or series by its title."""
    await yard.delete("E1", "E2", "E3")
    title = yard.title()
    first = replace(title.entries[0], title="Pilot", season=1, episode=2)

    def called(kind: MediaKind, **changes: Any) -> str:
        """Return what it is called if it is of a kind."""
        entries = (replace(first, **changes), *title.entries[1:])
        return title_name(replace(title, kind=kind, entries=entries))

    assert called(MediaKind.SERIES) == "Show"
    assert called(MediaKind.SERIES, series=None) == "Pilot"
    assert called(MediaKind.SEASON) == "Show, season 1"
    assert called(MediaKind.EPISODE) == "Show S01E02"
    assert called(MediaKind.EPISODE, episode=None) == "Pilot"
    assert called(MediaKind.MOVIE) == "Pilot"


async def test_a_series_whose_episodes_cannot_be_read(yard: Yard) -> None:
    """It is read again, and that is not the end: the flags are put right then."""
    sonarr = yard.owned.sonarr
    await yard.delete("E1", "E2", "E3")
    sonarr.tasks.busy = True

    def fail() -> None:
        if len(yard.paused) == 1:
            sonarr.metadata_down, sonarr.tasks.busy = True, False
            sonarr.work()
            sonarr.metadata_down = False

    yard.meanwhile = fail
    (result,) = await yard.ask()
    assert (result.added, result.searched, result.reason) == (True, True, None)
    assert {one.monitored for one in sonarr.show("Show").episodes} == {True}


async def test_a_series_that_stays_unread(yard: Yard) -> None:
    """It is said, and the next attempt begins with it."""
    sonarr = yard.owned.sonarr
    await yard.delete("E1", "E2", "E3")
    sonarr.tasks.busy = True

    def fail() -> None:
        sonarr.metadata_down, sonarr.tasks.busy = True, False
        sonarr.work()

    yard.meanwhile = fail
    (result,) = await yard.ask()
    unread = Reason(Why.NOT_READ, {"server": "Sonarr"})
    assert (result.added, result.reason) == (True, unread)
    sonarr.metadata_down = False
    (result,) = await yard.go_on(yard.title())
    assert (result.added, result.searched) == (True, True)
    assert {one.monitored for one in sonarr.show("Show").episodes} == {True}


# --- what cannot ----------------------------------------------------------------------


async def test_all_rows_of_a_deletion_are_one(yard: Yard) -> None:
    """Whichever is named, the whole title comes back."""
    await yard.delete("E1", "E2", "E3")
    assert {yard.title(row).deletion for row in range(3)} == {yard.title().deletion}
    assert len(yard.title().entries) == 3
    assert len(yard.title().setups) == 1


async def test_a_part_that_is_gone_is_enough(yard: Yard) -> None:
    """What is still there, or open, needs not come back, and says so by itself."""
    await yard.delete("E1", "E2", "E3")
    connections = yard.owned.cleaner.connections
    title = yard.title()
    first, *rest = title.entries
    for outcome, code in (
        (DeletionOutcome.FAILED, Why.NOT_DELETED),
        (DeletionOutcome.UNCONFIRMED, Why.DELETION_OPEN),
    ):
        other = replace(first, outcome=outcome)
        for entries in ((other, *rest), (*rest, other)):
            found = prospect_of(replace(title, entries=entries), connections)
            assert found == (Prospect.POSSIBLE, None)
        alone = prospect_of(replace(title, entries=(other,)), connections)
        assert alone == (Prospect.IMPOSSIBLE, Reason(code))


async def test_a_folder_of_another_name(yard: Yard) -> None:
    """The movie comes back into its own, not into the one that Radarr would make."""
    radarr = yard.owned.radarr
    house = yard.owned.cleaner.home.household
    house.rename(house.movie("Alpha"), "/media/movies/Mine/Alpha.mkv")
    radarr.manage(house.movie("Alpha"))
    await yard.delete("Alpha")
    (result,) = await yard.ask(search=False)
    assert result.added
    assert radarr.movie("Alpha").path == "/media/movies/Mine"


async def test_what_went_through_jellyfin(yard: Yard) -> None:
    """Nobody knows where to get it."""
    for arr in (yard.owned.radarr, yard.owned.radarr4k):
        arr.unmanage(yard.owned.cleaner.home.household.movie("Alpha"))
    await yard.delete("Alpha")
    found = prospect_of(yard.title(), yard.owned.cleaner.connections)
    assert found == (Prospect.IMPOSSIBLE, Reason(Why.WITHOUT_ARR))


async def test_a_server_that_is_not_connected_any_more(yard: Yard) -> None:
    """It is named."""
    await yard.delete("Alpha")
    prospect, reason = prospect_of(yard.title(), Connections())
    assert prospect is Prospect.IMPOSSIBLE
    assert reason is not None
    assert say(reason) == "Radarr is no longer connected."
    yard.owned.cleaner.connections = Connections()
    (result,) = await yard.ask()
    assert result == failed(Why.NOT_CONNECTED)


async def test_one_of_its_servers_is_not_connected_any_more(yard: Yard) -> None:
    """The other one brings it back all the same."""
    await yard.delete("Alpha")
    title = yard.title()
    (setup,) = title.setups
    gone = replace(setup, connection_id="gone")
    results = await yard.ask(title=replace(title, setups=(gone, setup)))
    assert results[0] == failed(Why.NOT_CONNECTED)
    assert [one.added for one in results] == [False, True]


async def test_what_failed_or_is_open(yard: Yard) -> None:
    """Neither has gone for certain."""
    watch(yard.owned.cleaner, "Alpha")
    await yard.owned.cleaner.due_plan()
    path = yard.owned.radarr.movie("Alpha").file_path
    assert path is not None
    yard.owned.cleaner.home.household.disk.locked.add(path)
    await yard.owned.cleaner.run()
    found = prospect_of(yard.title(), yard.owned.cleaner.connections)
    assert found == (Prospect.IMPOSSIBLE, Reason(Why.NOT_DELETED))


async def test_what_an_earlier_release_has_deleted(yard: Yard) -> None:
    """It has not remembered what that takes."""
    await yard.delete("Alpha")
    old = replace(yard.title(), setups=())
    found = prospect_of(old, yard.owned.cleaner.connections)
    assert found == (Prospect.IMPOSSIBLE, Reason(Why.SETUP_UNKNOWN))


# --- kept -----------------------------------------------------------------------------


async def test_it_is_kept_until_somebody_has_watched_this_copy(yard: Yard) -> None:
    """Old marks end nothing; a play of the copy that came back does."""
    cleaner, ledger = yard.owned.cleaner, yard.ledger
    await yard.delete("Alpha")
    await yard.ask()
    key = MediaKey("movie:tmdb:1")
    assert ledger.keeps(cleaner.home.now)[key].brought_back_by == ME
    cleaner.home.wait(DAY)
    cleaner.home.household.scan()
    await cleaner.sync()
    ledger.end_watched_returns(cleaner.home.now)
    assert key in ledger.keeps(cleaner.home.now)
    ledger.schedule_manually(key, cleaner.home.now)
    (kept,) = [one for one in cleaner.plan().kept if one.key == key]
    ledger.unschedule(key)
    assert kept.reason.code == Why.BROUGHT_BACK
    assert ME in say(kept.reason)
    cleaner.home.wait(2 * DAY)
    house = cleaner.home.household
    house.play(
        house.user("bob"), cleaner.home.video("Alpha"), 0.97, at=cleaner.home.now
    )
    cleaner.home.wait(DAY)
    await cleaner.sync()
    ledger.end_watched_returns(cleaner.home.now)
    assert key not in ledger.keeps(cleaner.home.now)


async def test_it_is_kept_for_ninety_days(yard: Yard) -> None:
    """Even if nobody watches it, and then the rules decide."""
    now = yard.owned.cleaner.home.now
    await yard.delete("Alpha")
    await yard.ask()
    now = yard.owned.cleaner.home.now
    key = MediaKey("movie:tmdb:1")
    assert key in yard.ledger.keeps(now + 89 * DAY)
    assert key not in yard.ledger.keeps(now + 91 * DAY)


async def test_a_series_is_kept_until_all_of_it_is_watched(yard: Yard) -> None:
    """One of three episodes is not the series."""
    cleaner, ledger = yard.owned.cleaner, yard.ledger
    house = cleaner.home.household
    await yard.delete("E1", "E2", "E3")
    await yard.ask()
    key = MediaKey("series:tvdb:81189")
    cleaner.home.wait(DAY)
    house.scan()
    await cleaner.sync()
    for name, kept in (("E1", True), ("E2", True), ("E3", False)):
        cleaner.home.wait(DAY)
        house.play(
            house.user("bob"), cleaner.home.video(name), 0.97, at=cleaner.home.now
        )
        cleaner.home.wait(DAY)
        await cleaner.sync()
        ledger.end_watched_returns(cleaner.home.now)
        assert (key in ledger.keeps(cleaner.home.now)) is kept


async def test_a_longer_keep_stays(yard: Yard) -> None:
    """Whoever kept it for good keeps it for good."""
    await yard.delete("Alpha")
    now = yard.owned.cleaner.home.now
    key = MediaKey("movie:tmdb:1")
    yard.ledger.keep(Keep(key=key, kept_at=now, reason="mine"))
    await yard.ask()
    assert yard.ledger.keeps(now)[key].reason == "mine"
    assert yard.ledger.keeps(now)[key].until is None


async def test_what_could_not_be_brought_back_is_not_kept(yard: Yard) -> None:
    """The wish has failed, and its keep with it."""
    await yard.delete("Alpha")
    await yard.ask()
    title = yard.title()
    yard.ledger.conclude_return(title.deletion, ReturnState.FAILED, keep=False)
    assert not yard.ledger.keeps(yard.owned.cleaner.home.now)


async def test_nothing_is_remembered_of_lists_that_are_not_told(yard: Yard) -> None:
    """Without an exclusion of ours none is lifted."""
    yard.owned.cleaner.handling = Handling(import_exclusion=False)
    await yard.delete("Alpha")
    assert yard.title().excluded == frozenset()
    await yard.ask()
    assert not any("exclusions" in one for one in asked(yard.owned.radarr))
