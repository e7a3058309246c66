"""The household that the recordings of real servers were made with, and how to compare with them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

import pytest

from simulators import Household, Movie

RECORDINGS = Path(__file__).parents[2].parent / "shared"
FILM = timedelta(seconds=400)


def recording(path: str) -> Any:
    """Return a recording, or skip where there is none."""
    file = RECORDINGS / path
    if not file.exists():
        pytest.skip("no recordings here")
    return json.loads(file.read_text())


def recorded_household(clock: Callable[[], datetime]) -> Household:
    """Return the small library that the real servers were given."""
    house = Household(clock)
    for name in ("alice", "bob", "carol"):
        house.add_user(name)
    house.add_user("root", administrator=True)
    house.add_library("Shows", "tvshows", ["/media/TV"])
    house.add_library("Loose", "movies", ["/media/Loose"])
    house.add_library("Movies", "movies", ["/media/Movies"])
    names = ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel"]
    for number, name in enumerate(names, start=1):
        house.add_movie(
            name,
            year=2000 + number,
            provider_ids={"Tmdb": f"{1000 + number}", "Imdb": f"tt000{1000 + number}"},
            tags=["quick-watch"] if name == "Alpha" else (),
            runtime=FILM,
            size=8696,
        )
    house.add_movie(
        "India",
        year=2009,
        provider_ids={"Tmdb": "1009"},
        runtime=FILM,
        size=8696,
        versions=["1080p", "4K"],
    )
    for folder in "ab":
        house.add_movie(
            "Juliett",
            year=2010,
            provider_ids={"Tmdb": "1010"},
            runtime=FILM,
            path=f"/media/Movies/Juliett (2010) {folder}/Juliett (2010).mkv",
        )
    house.add_movie(
        "Kilo",
        year=2011,
        provider_ids={"Tmdb": "1011"},
        runtime=timedelta(seconds=60),
    )
    for name, year in (("Alien", 1979), ("Aliens", 1986)):
        house.add_movie(name, year=year, library="Loose", loose=True, runtime=FILM)
    _add_series(house)
    return house


def _add_series(house: Household) -> None:
    one = house.add_series(
        "Show One", provider_ids={"Tvdb": "9001", "Tmdb": "5001"}, image=False
    )
    two = house.add_series(
        "Show Two", provider_ids={"Tvdb": "9002", "Tmdb": "5002"}, image=False
    )
    for series, seasons in ((one, {1: 3, 2: 3}), (two, {1: 2})):
        for season, count in seasons.items():
            for number in range(1, count + 1):
                house.add_episode(
                    series,
                    season=season,
                    number=number,
                    title=f"{series.name} {season}x{number}",
                    premiere=datetime(2020, season, 10 + number, tzinfo=UTC),
                    runtime=FILM,
                    image=True,
                    path=f"{series.path}/Season {season}/{series.name} - S{season:02}E{number:02}.mkv",
                )
    flat = house.add_series("Show Flat", provider_ids={"Tvdb": "9003"}, image=False)
    for number, end, name in ((1, 2, "S01E01-E02"), (3, None, "S01E03")):
        house.add_episode(
            flat,
            season=1,
            number=number,
            number_end=end,
            title=f"Show Flat {name}",
            runtime=FILM,
            flat=True,
        )
    house.add_series("Show Empty", provider_ids={"Tvdb": "9004"}, image=False)


def film(house: Household, name: str) -> Movie:
    """Return a film."""
    item = house[name]
    assert isinstance(item, Movie)
    return item


def let_it_happen(house: Household, tick: Callable[[], None]) -> None:
    """Do what had happened before the recordings were made."""
    alice, bob = house.user("alice"), house.user("bob")
    for name, fraction in (
        ("Alpha", 0.96),
        ("Bravo", 0.01),
        ("Charlie", 0.4),
        ("Hotel", 0.96),
        ("Hotel", 0.2),
    ):
        house.start_playback(alice, film(house, name))
        tick()
        house.stop_playback(alice, film(house, name), fraction=fraction)
        tick()
    house.mark_played(bob, house["Delta"])
    house.mark_played(bob, house["Echo"], datetime(2024, 1, 1, 10, tzinfo=UTC))
    house.mark_played(bob, house["Foxtrot"])
    house.unmark_played(bob, house["Foxtrot"])
    house.set_favourite(alice, house["Golf"])
    house.set_favourite(bob, house["Show One"])
    for name in ("Show One", "Show Two"):
        for episode in house.episodes:
            if episode.series.name == name and episode.name != "Show One 2x3":
                house.mark_played(alice, episode)
                tick()
