"""The teller of stories: what a household might do tomorrow, by a seed."""

from collections.abc import Callable
import random

from simulators import Episode, Movie, Season, Series

from .choices import OWNED_RULE_SETS, RULE_SETS
from .estate import Estate
from .house import BEDROCK, House
from .life import EVENING, MORNING, Day, Life, Step

PEOPLE = ("alice", "bob", "carol")


class Teller:
    """Tells a life, day by day, while it is lived: only what can happen is told."""

    def __init__(self, seed: int, *, calm: bool = False) -> None:
        """Begin the story of a seed; in a ``calm`` one the clock goes as it should."""
        self._luck = random.Random(seed)
        self._calm = calm
        self.story: list[Day] = []

    async def day(self, life: Life) -> None:
        """Tell a day while it is lived; ``story`` holds what was told so far."""
        life.nightfall()
        night = await self._some(life, 2, 6)
        self.story.append(Day(night))
        await life.look(MORNING)
        self.story[-1] = Day(night, await self._some(life, 0, 2))
        await life.look(EVENING)
        life.days += 1

    async def _some(self, life: Life, least: int, most: int) -> tuple[Step, ...]:
        told = []
        for _ in range(self._luck.randint(least, most)):
            step = self.tell(life.house, life.estate)
            if await life.do(step):
                told.append(step)
        return tuple(told)

    def tell(self, house: House, estate: Estate | None = None) -> Step:
        """Return something that might happen now."""
        luck = self._luck
        who = luck.choice(PEOPLE)

        def some(*names: str) -> str:
            return luck.choice(names) if names else "nothing"

        anything = house.listed(Movie, Episode, Season, Series)
        anything.remove(BEDROCK)
        videos = [name for name in anything if house.video(name)]
        films = [name for name in anything if house.find(name, Movie)]
        series = house.listed(Series)
        titles = [*films, *series]
        rule_sets = RULE_SETS if estate is None else OWNED_RULE_SETS
        ordinary: list[tuple[int, Callable[[], Step]]] = [
            (
                45,
                lambda: ("play", who, some(*videos), luck.choice((2, 30, 96, 96, 96))),
            ),
            (15, lambda: ("mark", who, some(*anything))),
            (4, lambda: ("unmark", who, some(*anything))),
            (4, lambda: ("press_play", who, some(*videos))),
            (4, lambda: ("stop", who, luck.choice((2, 30, 96)))),
            (3, lambda: ("love", who, some(*anything))),
            (3, lambda: ("unlove", who, some(*anything))),
            (2, lambda: ("keep", some(*anything), luck.choice((0, 0, 2)))),
            (2, lambda: ("unkeep", some(*house.kept))),
            (2, lambda: ("by_hand", some(*anything), luck.choice((0, 2)))),
            (1, lambda: ("not_by_hand", some(*anything))),
            (4, lambda: ("new_film", f"Film {len(house.shelf)}")),
            (4, lambda: ("new_episode", some(*series))),
            (4, lambda: ("rename", some(*titles, *videos))),
            (4, lambda: ("upgrade", some(*videos))),
            (4, lambda: ("take_away", some(*titles, *videos))),
            (8, lambda: ("bring_back", some(*house.away()), luck.random() < 0.4)),
            (4, lambda: ("identify", some(*titles))),
            (2, lambda: ("confuse", some(*films), some(*films))),
            (3, lambda: ("tag", some(*titles), luck.choice(("quick", "stay", "")))),
            (2, lambda: ("scan", luck.random() < 0.3)),
            (2, lambda: ("rekey",)),
            (1, lambda: ("rename_user", who)),
            (1, lambda: ("leave", who)),
            (2, lambda: ("rules", luck.randrange(rule_sets))),
            (2, lambda: ("restart",)),
            (1, lambda: ("crash",)),
            (6, lambda: ("go_on",)),
        ]
        if not self._calm:
            ordinary += [
                (1, lambda: ("jump", luck.choice((-30, -3, 3, 30)))),
                (2, lambda: ("pass", luck.choice((5, 30, 100)))),
            ]
        if estate is not None:
            ordinary += [
                (4, lambda: ("manage", some(*titles), luck.random() < 0.8)),
                (2, lambda: ("unmanage", some(*titles))),
                (2, lambda: ("monitor", some(*titles, *videos), luck.random() < 0.5)),
                (4, lambda: ("tidy", some(*titles, *videos))),
                (4, lambda: ("improve", some(*videos))),
                (
                    4,
                    lambda: (
                        "label",
                        some(*titles),
                        luck.choice(("quick", "stay", "")),
                    ),
                ),
                (2, lambda: ("download", some(*titles))),
                (2, lambda: ("give_up_downloads",)),
                (2, lambda: ("announce", some(*series))),
                (
                    3,
                    lambda: (
                        "owned_film",
                        f"Film {len(house.shelf)}",
                        luck.random() < 0.4,
                    ),
                ),
                (3, lambda: ("owned_episode", some(*series))),
                (5, lambda: ("rescan",)),
                (5, lambda: ("search",)),
                (3, lambda: ("list_sync",)),
                (3, lambda: ("throw_out", some(*titles), luck.random() < 0.5)),
                (2, lambda: ("bin", luck.randrange(3), luck.random() < 0.5)),
                (3, lambda: ("lock", some(*videos))),
                (3, lambda: ("unmount", luck.randrange(3))),
                (4, lambda: ("request", who, some(*titles), luck.random() < 0.2)),
                (2, lambda: ("ask_again", who, some(*house.away()))),
                (2, lambda: ("seerr_scan",)),
            ]
        (chosen,) = luck.choices(
            [step for _, step in ordinary], [weight for weight, _ in ordinary]
        )
        return chosen()
