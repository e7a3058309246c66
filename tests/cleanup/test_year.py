"""A household lives for a year, and no title is ready for ever."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.oxicleanarr.cleanup import Limits, Why, say
from custom_components.oxicleanarr.model import MediaKind, Reason
from custom_components.oxicleanarr.retention import (
    RetentionRules,
    StandardRules,
    parse_duration,
)
from simulators import Household, Movie
from simulators.sample import sample_household
from tests.home import DAY, START, open_home

from .conftest import Cleaner

pytestmark = pytest.mark.timeout(240)

ADDED = START - 100 * DAY
FOUND = {
    "With a stranger": Why.FOLDER_HOLDS_VIDEO,
    "With a secret": Why.FOLDER_HOLDS_FOLDER,
    "Locked": Why.NOT_REMOVED,
}
"""What only a run finds out, and what keeps the title from then on."""


def add_what_is_awkward(house: Household) -> None:
    """Add titles whose files are not just one in a folder of its own."""

    def film(name: str, **options: object) -> Movie:
        """Add a film that was there long ago."""
        number = str(len(house.movies) + 1)
        return house.add_movie(
            name,
            provider_ids={"Tmdb": number},
            added=ADDED,
            **options,  # type: ignore[arg-type]
        )

    film("In parts", parts=2)
    film("On a disc", disc="Dvd")
    film("With extras", extras=("trailers/one.mkv",))
    loose = "/media/movies/loose"
    for name in ("Alone", "Alone again", "Other"):
        film(name, path=f"{loose}/{name}.mkv", loose=True)
    film("In parts, among others", path=f"{loose}/Half cd1.mkv", loose=True, parts=2)
    outer = film("Outer")
    film("Inner", path=f"{outer.folder}/Inner/Inner.mkv")
    for name, below in (("With a stranger", ""), ("With a secret", "old/")):
        folder = film(name).folder
        house.disk.write(f"{folder}/{below}Somebody.mkv", 1_000_000, ADDED)
        if below:
            house.disk.write(f"{folder}/{below}.ignore", 0, ADDED)
    house.disk.locked.add(film("Locked").path or "")
    twins = [film("Twin"), film("Other film")]
    house.identify(twins[1], twins[0].provider_ids)
    twins[1].runtime = timedelta(minutes=30)
    show = house.add_series("Merged", provider_ids={"Tvdb": "777"}, added=ADDED)
    house.merge(
        *(
            house.add_episode(show, season=1, number=number, added=ADDED)
            for number in (1, 2)
        )
    )
    film("Dated 1970").date_created = START.replace(year=1970)
    film("Dated 2126").date_created = START.replace(year=2126)
    house.scan()


async def test_no_title_is_ready_for_ever(
    socket_enabled: None, no_waiting: None, tmp_path: Path
) -> None:
    """All of it is watched: what does not go is kept, and it says why."""
    rules = RetentionRules(
        standard=StandardRules(
            movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
        )
    )
    async with open_home(tmp_path, furnish=sample_household) as home:
        house = home.household
        add_what_is_awkward(house)
        for item in house.items:
            house.mark_played(house.users[0], item)
            for part in item.parts if isinstance(item, Movie) else ():
                house.mark_played(house.users[0], part)
        for session in house.sessions:
            session.item = session.source_id = session.started = None
        cleaner = Cleaner(home, Limits(max_items=1000), rules)
        ready: Counter[str] = Counter()
        kept: dict[str, Reason] = {}
        runs = range(0, 365, 10)
        for _ in runs:
            house.scan()
            await cleaner.sync()
            await cleaner.settle()
            cleaner.plan()
            report = await cleaner.run()
            ready.update(entry.title for entry, _ in (*report.skipped, *report.failed))
            kept |= {one.title: one.reason for one in cleaner.plan().kept}
            home.wait(10 * DAY)
        there = {
            fact.item.title
            for fact in home.facts().values()
            if fact.item.kind in (MediaKind.MOVIE, MediaKind.SERIES)
        }
        assert not {title for title, times in ready.items() if 2 * times > len(runs)}
        assert all(say(kept[title]) for title in there)
        assert {title: kept[title].code for title in FOUND} == FOUND
        assert {ready["With a stranger"], ready["With a secret"]} == {1}
        assert {"In parts", "On a disc", "With extras", "Twin", "Inner"}.isdisjoint(
            there
        )
