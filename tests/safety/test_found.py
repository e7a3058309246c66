"""What the suite has found in the product, each as the shortest story of it."""

from pathlib import Path

import pytest

from simulators import FaultKind

from .conftest import Run
from .life import Day, Story, first_dawn, live_from
from .shrink import relive

NOTHING = Day()


@pytest.mark.parametrize(
    ("seed", "story"),
    [
        pytest.param(
            409,
            [
                Day(night=(("play", "alice", "Alpha", 96),)),
                Day(night=(("press_play", "bob", "Alpha"),)),
                Day(night=(("pass", 30),)),
                NOTHING,
                NOTHING,
                NOTHING,
                Day(day=(("upgrade", "Alpha"),)),
            ],
            id="a file replaced while somebody watches it has another id",
        ),
        pytest.param(
            480,
            [
                NOTHING,
                Day(night=(("by_hand", "Serial, Season 1", 2),)),
                Day(day=(("new_episode", "Serial"),)),
                NOTHING,
                NOTHING,
            ],
            id="an episode that joins its season has not been announced",
        ),
        pytest.param(
            143,
            [
                Day(night=(("take_away", "Serial 1x1"),)),
                Day(night=(("by_hand", "Serial, Season 1", 0),)),
                NOTHING,
                NOTHING,
                Day(night=(("bring_back", "Serial 1x1", False),)),
            ],
            id="nor has one that returns to it",
        ),
        pytest.param(
            5,
            [
                Day(night=(("rules", 3),)),
                Day(night=(("by_hand", "India", 2),)),
                NOTHING,
                Day(night=(("confuse", "India", "Hotel"),)),
                NOTHING,
            ],
            id="nor has a film that becomes a copy of one that is due",
        ),
        pytest.param(
            157,
            [
                Day(
                    night=(
                        ("play", "bob", "Alpha", 2),
                        ("play", "alice", "Show 1x3", 96),
                    ),
                    day=(("rules", 0),),
                ),
                Day(day=(("mark", "carol", "Foxtrot"),)),
                Day(night=(("pass", 30),)),
                NOTHING,
                Day(
                    night=(("bring_back", "Foxtrot", True), ("identify", "Foxtrot")),
                ),
                NOTHING,
                NOTHING,
                NOTHING,
            ],
            id="a film that returns under another name and another provider id",
        ),
    ],
)
def test_it_is_not_found_again(folder: Path, run: Run, seed: int, story: Story) -> None:
    """The judge has nothing to say."""
    assert run(relive(seed, story, folder)) is None


@pytest.mark.parametrize(
    ("seed", "story"),
    [
        pytest.param(
            607,
            [
                Day(night=(("rename", "Alpha"),), day=(("search",),)),
                Day(day=(("play", "alice", "Ultra", 96),)),
                NOTHING,
                NOTHING,
                NOTHING,
            ],
            id="a copy of which its Radarr has lost sight holds the other",
        ),
    ],
)
def test_it_is_not_found_where_files_have_owners(
    folder: Path, run: Run, seed: int, story: Story
) -> None:
    """In a house with Radarr, Sonarr and Seerr, neither the judge nor the bailiff has."""
    assert run(relive(seed, story, folder, owned=True)) is None


async def an_episode_goes(folder: Path) -> None:
    """Let somebody delete one episode, and another file of it come days later."""
    async with live_from(first_dawn(0), folder) as life:
        await life.live(Day(night=(("mark", "alice", "Serial"),)))
        assert life.facts()["Serial 1x1"].watched_by
        await life.live(Day(night=(("take_away", "Serial 1x1"),)))
        assert "Serial 1x1" not in life.facts()
        await life.live(NOTHING)
        await life.live(Day(night=(("bring_back", "Serial 1x1", False),)))
        assert not life.facts()["Serial 1x1"].watched_by


def test_an_episode_goes_without_its_series(folder: Path, run: Run) -> None:
    """It is not there any more, and new when it returns."""
    run(an_episode_goes(folder))


async def a_short_list(folder: Path, kind: FaultKind, path: str) -> None:
    """Let Jellyfin leave users or libraries out of a list, once."""
    async with live_from(first_dawn(3), folder) as life:
        await life.live(NOTHING)
        ledger = life.keeper.ledger
        before = ledger.users(), ledger.libraries()
        life.server.fail(kind, path, times=1)
        await life.live(Day(night=(("identify", "Alpha"),)))
        assert (ledger.users(), ledger.libraries()) == before
        assert life.facts()["Alpha"].key == "movie:tmdb:51000"


@pytest.mark.parametrize("kind", [FaultKind.HALF_PAGE, FaultKind.NO_ROWS])
@pytest.mark.parametrize("path", ["^/Users$", "^/Library/VirtualFolders$"])
def test_nobody_is_gone_because_one_answer_says_so(
    folder: Path, run: Run, kind: FaultKind, path: str
) -> None:
    """These lists do not say how long they are, so they are read again."""
    run(a_short_list(folder, kind, path))


async def die_after_a_delete(folder: Path) -> None:
    """Let the process die between a deletion and its outcome, and the film return."""
    async with live_from(first_dawn(0), folder) as life:

        def dies(item_id: str) -> None:
            """Be killed as soon as the server has done it."""
            life.judge.after(item_id)
            life.kill()

        await life.live(Day(night=(("play", "alice", "Alpha", 96),)))
        life.server.after = dies
        while not life.house.deleted:
            await life.live(NOTHING)
        life.server.after = life.judge.after
        assert life.deaths == 1
        assert await life.do(("bring_back", "Alpha", False))
        for _ in range(6):
            await life.live(NOTHING)
        assert life.house.find("Alpha")


def test_what_returns_before_its_deletion_is_settled_is_new(
    folder: Path, run: Run
) -> None:
    """It is listed under its old id, but that does not prove that it was never gone."""
    run(die_after_a_delete(folder))
