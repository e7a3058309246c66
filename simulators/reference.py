"""The household of the benchmarks: large, and kept in columns so that it is built in seconds."""

from array import array
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from .household import Household
from .items import Episode, Video
from .plays import Bulk, Play, microseconds, moment, play_id
from .userdata import UserData

_YEARS = timedelta(days=4 * 365)
_PLAYED = 6000
_DEVICES = (("Jellyfin Web", "Firefox"), ("Android TV", "Shield"), ("Swiftfin", "iPad"))


def reference_household(
    clock: Callable[[], datetime],
    movies: int = 5_000,
    series: int = 400,
    episodes: int = 40_000,
    users: int = 20,
    events: int = 1_000_000,
    seed: int = 1,
) -> Household:
    """Return a large household with its history."""
    random = Random(seed)
    house = Household(clock)
    for number in range(users):
        house.add_user(f"user{number:02}", administrator=number == 0)
    house.add_library("Movies", "movies", ["/media/movies"])
    house.add_library("Shows", "tvshows", ["/media/shows"])
    _furnish(house, movies, series, episodes, random)
    _watch(house, events, random)
    house.scan()
    return house


def _furnish(
    house: Household, movies: int, series: int, episodes: int, random: Random
) -> None:
    """Fill the libraries."""
    start = house.now() - _YEARS
    for number in range(movies):
        house.add_movie(
            f"Film {number:05}",
            year=1960 + number % 65,
            provider_ids={"Tmdb": str(100_000 + number)},
            added=start + _YEARS * random.random(),
            size=random.randrange(1, 20) * 1_000_000_000,
            sidecars=(),
        )
    for number in range(series):
        show = house.add_series(
            f"Show {number:03}",
            provider_ids={"Tvdb": str(200_000 + number)},
            added=start + _YEARS * random.random(),
        )
        count = episodes // series + (number < episodes % series)
        for episode in range(count):
            house.add_episode(
                show,
                season=episode // 20 + 1,
                number=episode % 20 + 1,
                title=f"Part {episode + 1}",
                added=show.date_created,
                premiere=start + timedelta(days=episode * 7),
                sidecars=(),
            )


def _watch(house: Household, events: int, random: Random) -> None:
    """Write the history: each user has seen some thousand things, some of them often."""
    items: list[Video] = [*house.movies, *house.episodes]
    users = house.users
    place = {user.id: number for number, user in enumerate(users)}
    subject = {item.id: number for number, item in enumerate(items)}
    pools = [
        random.sample(range(len(items)), k=min(_PLAYED, len(items))) for _ in users
    ]

    def make(serial: int, user: int, item: int, seconds: int, date: int) -> Play:
        """Return the play that a number stands for."""
        return _play(house, items[item], user, serial, seconds, date)

    def key(play: Play) -> int | None:
        """Return the number of a play's user and item, None if it is not one of the history."""
        if play.imported or (number := subject.get(play.watched_id)) is None:
            return None
        user = place.get(play.user_id)
        return None if user is None else user << 32 | number

    bulk = Bulk([user.id for user in users], make, key)
    end = microseconds(house.now()) - 3_600_000_000
    span = _YEARS // timedelta(microseconds=1)
    dates = array("q", sorted(end - random.randrange(span) for _ in range(events)))
    latest: list[dict[int, int]] = [{} for _ in users]
    for date in dates:
        user = random.randrange(len(users))
        # The square makes few things watched often and most of them rarely.
        item = pools[user][int(len(pools[user]) * random.random() ** 2)]
        bulk.append(user, item, random.randrange(600, 7200))
        latest[user][item] = date
    house.plays.load(bulk, dates)
    for number, user_row in enumerate(users):
        for item, date in latest[number].items():
            record = UserData(
                played=random.random() < 0.95, play_count=1, last_played=moment(date)
            )
            house.user_data.load(user_row.id, items[item].id, record)


def _play(
    house: Household, item: Video, user: int, serial: int, seconds: int, date: int
) -> Play:
    """Return a play of an item by a user."""
    person = house.users[user]
    client, device = _DEVICES[serial % len(_DEVICES)]
    play = Play(
        id=play_id(10_000_000 + serial),
        user_id=person.id,
        user_name=person.name,
        item_id=item.id,
        name=item.name,
        seconds=seconds,
        date=moment(date),
        library_id=item.library.id,
        source_id=item.id,
        client=client,
        device=device,
    )
    if isinstance(item, Episode):
        play.item_id, play.episode_id = item.series.id, item.id
        play.season_id, play.series_name = item.season.id, item.series.name
        play.season_number, play.episode_number = item.season.number, item.number
    return play
