"""The teller of stories: what a household might do tomorrow, by a seed."""

from collections.abc import Callable
import random

from simulators import Episode, Movie, Season, Series

from .choices import ALL_WATCH, NOTHING_GOES, OWNED_RULE_SETS, RULE_SETS
from .house import BEDROCK
from .life import EVENING, MORNING, Day, Life, Step
from .world import Kind

PEOPLE = ("alice", "bob", "carol")
ARRS = ("radarr", "radarr4k", "sonarr")


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
            step = self.tell(life)
            if await life.do(step):
                told.append(step)
        return tuple(told)

    def tell(self, life: Life) -> Step:
        """Return something that might happen now."""
        luck, house, estate = self._luck, life.house, life.estate
        who = luck.choice(PEOPLE)

        def some(*names: str) -> str:
            return luck.choice(names) if names else "nothing"

        anything = [
            name
            for name in house.listed(Movie, Episode, Season, Series)
            if name != BEDROCK
        ]
        videos = [name for name in anything if house.video(name)]
        films = [name for name in anything if house.find(name, Movie)]
        series = house.listed(Series)
        titles = [*films, *series]
        if life.world.kinds:
            who = some(*(one.name.partition(" ")[0] for one in house.household.users))
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
            if not (life.world.kinds or self._calm):
                # A wish is made once: a day with a fault would end otherwise for it. And
                # where what was brought back is forgotten, another truth holds.
                removed = sorted(house.removed_by_us)
                ordinary.append((10, lambda: ("wish_back", some(*removed))))
        for kind in sorted(life.world.kinds):
            ordinary += self._trials(kind, life, who, anything, titles)
        (chosen,) = luck.choices(
            [step for _, step in ordinary], [weight for weight, _ in ordinary]
        )
        return chosen()

    def _trials(
        self, kind: Kind, life: Life, who: str, anything: list[str], titles: list[str]
    ) -> list[tuple[int, Callable[[], Step]]]:
        """Return what one kind of a wider world holds, with how often it happens."""
        luck, estate = self._luck, life.estate
        days = luck.choice((1, 2, 5, 8))

        def something() -> str:
            return luck.choice(anything)

        def switch() -> Step:
            return luck.choice(
                (
                    ("dry_run", luck.random() < 0.3),
                    ("automatic", luck.random() < 0.7),
                    ("only_while", luck.random() < 0.7),
                )
            )

        def change() -> Step:
            return luck.choice(
                (
                    switch(),
                    ("rules", NOTHING_GOES),
                    ("keep", something(), 0),
                    ("not_by_hand", something()),
                    ("hearts", luck.random() < 0.7),
                    ("leave_alone", "Movies"),
                    ("love", who, something()),
                    ("unmark", who, something()),
                    ("tag", luck.choice(titles), "stay"),
                )
            )

        def meddle() -> Step:
            if luck.random() < 0.5:
                return ("after", luck.choice((1, 1, 2)), *change())
            return ("at", luck.randint(1, 60), *change())

        def owner() -> Step:
            server = luck.choice((*ARRS, "seerr"))
            how = luck.choice(("empty", "empty", "half", "untagged"))
            return ("owner_lies", server, how, days)

        library = luck.choice(("Movies", "Shows"))
        match kind:
            case Kind.LEDGER:
                return [(2, lambda: ("lose_ledger", luck.random() < 0.5))]
            case Kind.RESTORED:
                return [(3, lambda: ("restore", luck.randint(1, 6)))]
            case Kind.OFF:
                return [(3, lambda: ("off", luck.choice((8, 24, 24, 168, 720))))]
            case Kind.CLOCK:
                return [
                    (3, lambda: ("boot", luck.choice((-30, -1, 0, 0, 1, 30)))),
                    (3, lambda: ("set_right",)),
                ]
            case Kind.MEDDLING:
                return [(20, meddle), (6, switch), (2, lambda: ("hearts", True))]
            case Kind.FINDING:
                return [
                    (4, lambda: ("full_disk", luck.randint(1, 12))),
                    (3, lambda: ("jump", luck.choice((-30, -3, 3, 30)))),
                ]
            case Kind.LATE:
                return [
                    (12, lambda: ("unmark", who, something())),
                    (6, lambda: ("tag", luck.choice(titles), "stay")),
                    (3, lambda: ("rules", ALL_WATCH)),
                    (3, lambda: ("rules", 2)),
                    (4, lambda: ("label", luck.choice(titles), "stay"))
                    if estate is not None
                    else (4, lambda: ("love", who, something())),
                ]
            case Kind.USERS:
                return [
                    (4, lambda: ("join", luck.choice(("frank", "grace")))),
                    (3, lambda: ("move_out", who)),
                    (3, lambda: ("disable", who, luck.random() < 0.6)),
                    (2, lambda: ("hide", who, library)),
                    (10, lambda: ("love", who, something())),
                ]
            case Kind.IMPOSTOR:
                return [(4, lambda: ("impostor", luck.choice((1, 2, 4))))]
            case Kind.OWNERS:
                return [(8, owner)] if estate is not None else []
            case Kind.LIES:
                return [
                    (2, lambda: ("lose_titles", library, luck.choice((1, 2)), days)),
                    (2, lambda: ("lose_users", days)),
                    (2, lambda: ("lose_favourites", days)),
                    (2, lambda: ("lose_tags", days)),
                    (4, lambda: ("all_played", who, library, luck.choice((0, 4)), 8)),
                    (1, lambda: ("lose_history", days)),
                    (2, lambda: ("recreate", library)),
                ]
            case Kind.CAP:
                return [(2, lambda: ("cap", luck.randint(1, 4)))]
            case Kind.SWITCHES:
                return [(6, switch)]
            case Kind.APPROVAL:
                shown = sorted(life.world.shown)
                some = luck.sample(shown, min(len(shown), luck.randint(1, 8)))
                back = ("take_back", luck.choice(shown or titles))
                return [
                    (30, lambda: ("approve", *some)),
                    (5, lambda: back),
                    (8, lambda: ("after", luck.choice((1, 1, 2)), *back)),
                    (3, lambda: ("at", luck.randint(1, 60), *back)),
                    (3, lambda: ("at", luck.randint(1, 60), "approve", *some)),
                    (2, lambda: ("asks", luck.random() < 0.7)),
                ]
            case _:
                return self._befalls_titles(kind, life, who, anything, titles)

    def _befalls_titles(
        self, kind: Kind, life: Life, who: str, anything: list[str], titles: list[str]
    ) -> list[tuple[int, Callable[[], Step]]]:
        """Return what a kind of world lets befall titles, with weights."""
        if not titles:
            return []
        luck, house = self._luck, life.house
        library, series = (
            luck.choice(("Movies", "Shows")),
            luck.choice(("Show", "Serial")),
        )
        film = f"Film {len(house.shelf)}"
        videos = [name for name in anything if house.video(name)]
        several = [name for name in titles if not house.is_plain(house.shelf[name])]
        match kind:
            case Kind.DISKS:
                return [
                    (3, lambda: ("unplug", library, luck.random() < 0.3)),
                    (5, lambda: ("plug_in", library)),
                ]
            case Kind.MARKS:
                old = luck.choice((3, 40, 400))
                year = luck.choice((0, 0, 1970, 2018, 2126))
                return [
                    (
                        8,
                        lambda: (
                            "import_mark",
                            who,
                            luck.choice(videos or titles),
                            old,
                        ),
                    ),
                    (8, lambda: ("seen_elsewhere", film, who, old, year)),
                    (
                        5,
                        lambda: (
                            "seen_season",
                            luck.choice(("Show", "Serial")),
                            who,
                            old,
                        ),
                    ),
                ]
            case Kind.COPIES:
                return [
                    (
                        8,
                        lambda: (
                            "copy",
                            luck.choice(titles),
                            luck.choice((120, 125, 60)),
                        ),
                    ),
                    (3, lambda: ("merge", series)),
                    (2, lambda: ("same_number", series)),
                    (2, lambda: ("share", library, luck.random() < 0.6)),
                    (3, lambda: ("split", series)),
                ]
            case Kind.NUMBERS:
                return [(5, lambda: ("renumber", series))]
            case Kind.FILES:
                how = luck.choice(("parts", "Dvd", "versions"))
                rest = luck.choice(several or titles)
                return [
                    (4, lambda: ("new_files", film, how)),
                    (5, lambda: ("play", who, rest, 96)),
                    (6, lambda: ("play_rest", who, rest)),
                    (3, lambda: ("foreign", luck.choice(titles), luck.random() < 0.5)),
                ]
            case Kind.SIGHT:
                return [
                    (4, lambda: ("limit", who, luck.choice((0, 12)))),
                    (4, lambda: ("rate", luck.choice(titles), luck.choice((6, 18)))),
                    (10, lambda: ("love", who, luck.choice(anything))),
                ]
        return []
