"""The household of the demo: invented titles, five people, half a year of evenings.

Every case that the demo shows has a name here; `CASES` says which title it is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from .household import Household
from .items import Episode, Movie, Series, User, Video

CASES = {
    "watched 9 days ago": "Harbour Lights",
    "watched 12 days ago": "The Paper Kite",
    "watched 20 days ago": "Winter Orchard",
    "watched exactly 7 days ago": "Seven Bridges",
    "watched 5 days ago": "Moonlit Bakery",
    "watched this morning": "Blue Umbrella",
    "started, not finished": "Copper Canyon",
    "marked by hand": "A Quiet Garden",
    "never watched": "The Long Map",
    "watched, a favourite": "Lantern Street",
    "watched, playing now": "Night Ferry",
    "name is a prefix of another's": "Comet",
    "name starts with another's": "Comets",
    "two versions": "Glass Mountain",
    "returned after a deletion": "Old Tide",
    "watched, then started again": "Echo Valley",
    "tagged quick-watch": "Paper Lanterns",
    "row imported into Jellystat": "Amber Station",
    "played, nobody knows when": "First Snow",
    "one episode left": "Tidewater",
    "watched by one user": "Marble Court",
    "favourite series": "Star Nursery",
    "watched by half": "Oak and Ember",
    "never watched series": "Fox Hollow",
    "two episodes in one file": "Little Lighthouse",
    "one episode missing on disk": "Copper Kettle",
}

_GIGABYTE = 1_000_000_000
_OTHERS = (
    ("The Clockmaker's Garden", 2016),
    ("Salt and Cinnamon", 2012),
    ("Under the Linden", 2008),
    ("A Map of Clouds", 2021),
    ("Violet Hour", 2018),
    ("The Last Tram", 1997),
    ("Peppermint Sky", 2023),
    ("Stonebridge", 2005),
    ("The Weather Keeper", 2014),
    ("Juniper Road", 2020),
    ("Small Hours", 2011),
    ("Tin Whistle", 1994),
    ("Marigold", 2022),
    ("North of Nowhere Bay", 2009),
    ("The Borrowed Piano", 2017),
)


# Bought and never watched: most of a shelf is like that.
_UNTOUCHED = (
    ("Paper Moon Harbour", 2011),
    ("The Apple Ladder", 2019),
    ("Slow River", 1996),
    ("Thirteen Kites", 2016),
    ("A Room of Wind", 2020),
    ("Honey and Iron", 2004),
    ("The Quiet Signal", 2023),
    ("Birch Lane", 2001),
    ("Nine Autumns", 2013),
    ("The Salt Museum", 2018),
    ("Lowland", 2007),
    ("Rain on Tuesday", 2022),
    ("The Tallow House", 1992),
    ("Every Other Star", 2015),
)


class _Sample:
    """Builds the household, all times relative to its clock."""

    def __init__(self, clock: Callable[[], datetime], seed: int) -> None:
        """Prepare an empty household."""
        self.household = Household(clock)
        self.random = Random(seed)
        self.now = clock()
        self.number = 9000

    def ago(self, days: float) -> datetime:
        """Return the time some days ago."""
        return self.now - timedelta(days=days)

    def film(
        self,
        name: str,
        year: int,
        gigabytes: float,
        *,
        added: float = 200,
        **options: object,
    ) -> Movie:
        """Add a film to the library "Movies"."""
        self.number += 1
        return self.household.add_movie(
            name,
            year=year,
            added=self.ago(added),
            size=round(gigabytes * _GIGABYTE),
            runtime=timedelta(minutes=self.random.randrange(86, 148)),
            provider_ids={"Tmdb": str(self.number), "Imdb": f"tt{self.number:07}"},
            **options,  # type: ignore[arg-type]
        )

    def show(
        self,
        name: str,
        seasons: tuple[int, ...],
        *,
        added: float = 180,
        status: str = "Ended",
    ) -> Series:
        """Add a series to the library "Shows", one episode a week."""
        self.number += 1
        series = self.household.add_series(
            name,
            provider_ids={"Tvdb": str(self.number)},
            year=2015 + self.random.randrange(10),
            added=self.ago(added),
            status=status,
        )
        premiere = self.ago(added + 400)
        for season, episodes in enumerate(seasons, start=1):
            for number in range(1, episodes + 1):
                premiere += timedelta(days=7)
                self.household.add_episode(
                    series,
                    season=season,
                    number=number,
                    title=f"Chapter {number}",
                    added=self.ago(added),
                    premiere=premiere.replace(
                        hour=0, minute=0, second=0, microsecond=0
                    ),
                    size=round(self.random.uniform(0.7, 1.6) * _GIGABYTE),
                )
        return series

    def seen(
        self, user: User, item: Video, days: float, fraction: float = 0.97
    ) -> None:
        """Let a user have watched something some days ago."""
        self.household.play(user, item, fraction, at=self.ago(days))

    def binge(
        self, user: User, episodes: list[Episode], first: float, last: float
    ) -> None:
        """Let a user have watched episodes evenly between two days."""
        step = (first - last) / max(1, len(episodes) - 1)
        for place, episode in enumerate(episodes):
            self.seen(user, episode, first - place * step)


def sample_household(clock: Callable[[], datetime], seed: int = 1) -> Household:
    """Return the demo household."""
    sample = _Sample(clock, seed)
    house = sample.household
    alice = house.add_user("alice", administrator=True)
    bob = house.add_user("bob")
    carol = house.add_user("carol")
    # A name that reads as a number, as Jellystat turns it into one.
    junior = house.add_user("007", libraries=["Movies"])
    house.add_user("guest", disabled=True)
    house.add_library("Movies", "movies", ["/media/movies"])
    house.add_library("Shows", "tvshows", ["/media/shows"])
    house.add_library("Music", "music", ["/media/music"])
    _films(sample, alice, bob, carol, junior)
    _shows(sample, alice, bob, carol)
    _evenings(sample, [alice, bob, carol, junior])
    for name, year in _UNTOUCHED:
        sample.film(name, year, 3 + len(name) / 4, added=300)
    house.scan()
    house.start_playback(alice, _film(house, "Night Ferry"), at=sample.ago(0.02))
    return house


def _film(house: Household, name: str) -> Movie:
    """Return a film by name."""
    item = house[name]
    assert isinstance(item, Movie)
    return item


def _films(sample: _Sample, alice: User, bob: User, carol: User, junior: User) -> None:
    """Add the films, and who has seen them."""
    film, seen, house = sample.film, sample.seen, sample.household
    seen(alice, film("Harbour Lights", 2019, 4.2), 9)
    kite = film("The Paper Kite", 2015, 6.8)
    seen(bob, kite, 47)
    seen(carol, kite, 12)
    seen(alice, film("Winter Orchard", 2003, 11.5), 20)
    seen(bob, film("Seven Bridges", 2010, 5.1), 7)
    seen(carol, film("Moonlit Bakery", 2024, 3.7), 5)
    seen(alice, film("Blue Umbrella", 2013, 2.9), 0.3)
    seen(bob, film("Copper Canyon", 2006, 8.4), 15, 0.4)
    house.mark_played(bob, film("A Quiet Garden", 2001, 3.3), sample.ago(11))
    film("The Long Map", 2020, 14.2, added=400)
    lantern = film("Lantern Street", 1999, 4.9)
    seen(carol, lantern, 25)
    house.set_favourite(carol, lantern)
    seen(bob, film("Night Ferry", 2017, 7.7), 21)
    # Without the year the one file's name is the beginning of the other's.
    for name, year in (("Comet", 1998), ("Comets", 2004)):
        path = f"/media/movies/loose/{name}.mkv"
        seen(alice, film(name, year, 2.2, loose=True, path=path), 14)
    seen(alice, film("Glass Mountain", 2022, 9.6, versions=["1080p", "4K"]), 10)
    _returned(sample, carol)
    echo = film("Echo Valley", 2007, 6.1)
    seen(alice, echo, 40)
    seen(alice, echo, 10, 0.2)
    seen(junior, film("Paper Lanterns", 2018, 1.8, tags=["quick-watch"]), 4)
    amber = film("Amber Station", 2009, 5.5)
    house.mark_played(bob, amber, sample.ago(33))
    house.import_play(bob, amber, at=sample.ago(33))
    house.set_played_without_date(junior, film("First Snow", 1988, 1.4))


def _returned(sample: _Sample, user: User) -> None:
    """Let a film be watched, deleted, and come back two days ago."""
    tide = sample.film("Old Tide", 2002, 4.4)
    sample.seen(user, tide, 60)
    sample.household.delete(tide)
    sample.household.bring_back(tide, at=sample.ago(2))


def _shows(sample: _Sample, alice: User, bob: User, carol: User) -> None:
    """Add the series, and who has seen them."""
    show, binge, house = sample.show, sample.binge, sample.household
    binge(alice, show("Tidewater", (6, 6)).episodes[:-1], 60, 18)
    binge(bob, show("Marble Court", (8,)).episodes, 44, 16)
    nursery = show("Star Nursery", (5,))
    binge(carol, nursery.episodes, 35, 22)
    house.set_favourite(carol, nursery)
    oak = show("Oak and Ember", (6, 4), status="Continuing")
    binge(alice, oak.episodes[:5], 30, 6)
    binge(bob, oak.episodes[:3], 50, 40)
    show("Fox Hollow", (10,), added=90)
    lighthouse = show("Little Lighthouse", ())
    for number, end in ((1, 2), (3, None), (4, None)):
        house.add_episode(
            lighthouse,
            season=1,
            number=number,
            number_end=end,
            title=f"The Keeper, part {number}",
            added=sample.ago(100),
            flat=True,
            size=_GIGABYTE,
        )
    binge(carol, lighthouse.episodes, 27, 13)
    kettle = show("Copper Kettle", (4,))
    house.add_episode(
        kettle, season=1, number=5, title="Chapter 5", premiere=sample.now, virtual=True
    )
    binge(alice, [each for each in kettle.episodes if not each.virtual], 24, 19)


def _evenings(sample: _Sample, users: list[User]) -> None:
    """Let the rest of the films be watched here and there over half a year."""
    random = sample.random
    evenings: list[tuple[float, User, Movie, float]] = []
    for place, (name, year) in enumerate(_OTHERS):
        film = sample.film(name, year, round(random.uniform(2, 12), 1), added=190)
        if place % 3 == 0:
            continue
        for user in random.sample(users, k=random.randrange(1, 4)):
            # The last viewing is recent, so that only the named cases are due.
            evenings.append((random.uniform(0.5, 6.0), user, film, 0.97))
            evenings.extend(
                (random.uniform(30, 180), user, film, random.choice((0.3, 0.96)))
                for _ in range(random.randrange(3))
            )
    for days, user, film, fraction in sorted(
        evenings, key=lambda evening: evening[0], reverse=True
    ):
        sample.seen(user, film, days, fraction)
