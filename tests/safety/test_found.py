"""What the suite has found in the product, each as the shortest story of it."""

from pathlib import Path

import pytest

from .conftest import Run
from .life import Day, Story
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
    ],
)
def test_it_is_not_found_again(folder: Path, run: Run, seed: int, story: Story) -> None:
    """The judge has nothing to say."""
    assert run(relive(seed, story, folder)) is None
