"""What can befall titles: their disks, files, marks, copies, numbers, and who sees them.

Like the other trials each is a step of a story, with plain arguments.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from simulators import Episode, Item, Movie, Series
from simulators.jellyfin.version import Line
from tests.home import DAY, HOUR

from .house import FOREIGN, MINUTE
from .trials import say_farewell, trial

if TYPE_CHECKING:
    from .life import Life


# --- disks --------------------------------------------------------------------------


@trial
async def unplug(life: Life, library: str, stray: bool) -> bool:
    """The disk of a library goes away; what was below its mount point may be seen then."""
    house = life.house
    disk, location = house.household.disk, _location(life, library)
    if location in disk.away or not disk.tree(location):
        return False
    for session in house.household.sessions:
        if session.item is not None and (session.item.path or "").startswith(location):
            session.item = session.source_id = session.started = None
    disk.unmount(location, mount_point=True)
    if stray:
        disk.write(f"{location}/not mounted.txt", 1, house.clock())
    return True


@trial
async def plug_in(life: Life, library: str) -> bool:
    """It is there again, with all that is on it; Jellyfin's next scan finds that."""
    house = life.house
    disk, location = house.household.disk, _location(life, library)
    if location not in disk.away:
        return False
    for path in disk.tree(location):
        disk.remove(path)
    disk.mount(location)
    for name, item in house.shelf.items():
        lost = isinstance(item, Movie | Episode) and item not in house.household
        if lost and house.files_of(item) and _is_below(item, location):
            house.has_returned(name)
    return True


def _location(life: Life, library: str) -> str:
    return life.house.household.library(library).locations[0]


def _is_below(item: Item, folder: str) -> bool:
    return item.path is not None and item.path.startswith(f"{folder}/")


# --- marks and dates ----------------------------------------------------------------


@trial
async def import_mark(life: Life, who: str, what: str, days: int) -> bool:
    """An import says that a user watched something so many days ago."""
    house = life.house
    user, item = house.person(who), house.video(what)
    if user is None or item is None or not house.household.sees(user, item):
        return False
    at = house.clock() - days * DAY
    house.household.mark_played(user, item, at)
    for known in (house.watched_at, house.active_at):
        known[user.id, what] = max(at, known.get((user.id, what), at))
    return True


@trial
async def seen_elsewhere(life: Life, name: str, who: str, days: int, year: int) -> bool:
    """A film arrives with an old mark, and a date of its own; nobody has seen it here."""
    house = life.house
    user = house.person(who)
    # The first sync knows no arrivals: what is there by then has been there.
    if user is None or life.world.synced_at is None or not house.new_film(name):
        return False
    film = house.shelf[name]
    house.household.mark_played(user, film, house.clock() - days * DAY)
    house.arrived[name] = house.clock()
    if year:
        film.date_created = datetime(year, 1, 2, tzinfo=UTC)
    return True


@trial
async def seen_season(life: Life, series: str, who: str, days: int) -> bool:
    """A second season arrives, with the old marks of one that was there before."""
    house = life.house
    user, show = house.person(who), house.find(series, Series)
    if user is None or not isinstance(show, Series) or house.is_away(show):
        return False
    if life.world.synced_at is None:
        return False
    if life.estate is not None and life.estate.manager(show) is not None:
        return False
    number = 1 + max((one.number for one in show.episodes), default=0)
    name = f"{series} 2x{number}"
    if name in house.shelf:
        return False
    episode = house.household.add_episode(
        show, season=2, number=number, title=name, premiere=house.clock() - 300 * DAY
    )
    house.shelf[name] = episode
    house.shelf[house.name_of(episode.season)] = episode.season
    house.household.mark_played(user, episode, house.clock() - days * DAY)
    house.arrived[name] = house.clock()
    return True


# --- numbers ------------------------------------------------------------------------


@trial
async def renumber(life: Life, series: str) -> bool:
    """The first episode becomes a special, and all others move up by one.

    Who had seen a file has seen it still, whatever Jellyfin says of its number.
    """
    house = life.house
    home, show = house.household, house.find(series, Series)
    if not isinstance(show, Series) or house.is_away(show):
        return False
    if life.estate is not None and life.estate.manager(show) is not None:
        return False
    first = [one for one in show.episodes if one.season.number == 1]
    specials = [one for one in show.episodes if one.season.number == 0]
    plain = all(
        one.number_end is None and house.is_plain(one) and house.find(one.name)
        for one in first
    )
    if len(first) < 2 or not plain:
        return False
    first.sort(key=lambda one: one.number)
    for one in first:
        house.end_sessions(one)
    numbers = {one: (1, one.number - 1) for one in first[1:]}
    special = 1 + max((one.number for one in specials), default=0)
    home.renumber({first[0]: (0, special)} | numbers)
    for one in first:
        house.shelf[house.name_of(one.season)] = one.season
    return True


# --- files --------------------------------------------------------------------------


@trial
async def new_files(life: Life, name: str, how: str) -> bool:
    """A film arrives in two parts, in two versions, or on a disc.

    Where there is a Radarr it comes by that, which knows of one file, or of more once it
    has looked again.
    """
    house = life.house
    if name in house.shelf or _location(life, "Movies") in house.household.disk.away:
        return False
    house.shelf[name] = house.household.add_movie(
        name,
        year=2002,
        provider_ids={"Tmdb": f"2{name.rpartition(' ')[2]}"},
        parts=2 if how == "parts" else 1,
        versions=("1080p", "720p") if how == "versions" else (),
        disc=None if how in ("parts", "versions") else how,
    )
    return life.estate is None or life.estate.manage(name, True)


@trial
async def play_rest(life: Life, who: str, what: str) -> bool:
    """Somebody watches the last part of a film."""
    house = life.house
    user, film = house.person(who), house.find(what, Movie)
    if user is None or not isinstance(film, Movie) or not film.parts:
        return False
    if not house.household.sees(user, film):
        return False
    house.household.play(user, film.parts[-1], at=house.clock() - MINUTE)
    house.active_at[user.id, what] = house.clock() - 3 * HOUR
    house.finished(user, film, len(film.parts))
    return True


@trial
async def foreign(life: Life, what: str, hidden: bool) -> bool:
    """A video that is nobody's lies in a film's folder, or below it in a hidden one."""
    house = life.house
    film = house.find(what, Movie)
    if not isinstance(film, Movie) or film.loose or house.is_away(film):
        return False
    disk, now = house.household.disk, house.clock()
    folder = f"{film.folder}/old" if hidden else film.folder
    path = f"{folder}/{FOREIGN} {what}.mkv"
    if path in disk.files:
        return False
    disk.write(path, 1_000_000, now)
    if hidden:
        disk.write(f"{folder}/.ignore", 0, now)
    return True


# --- copies -------------------------------------------------------------------------


@trial
async def copy(life: Life, what: str, minutes: int) -> bool:
    """Another copy of a film arrives, or what bears its number and is another film."""
    house = life.house
    film = house.find(what, Movie)
    if not isinstance(film, Movie) or not film.provider_ids or house.is_away(film):
        return False
    name = f"{what} copy"
    if name in house.shelf or life.estate is not None:
        return False
    length = timedelta(minutes=minutes)
    house.shelf[name] = house.household.add_movie(
        name, year=2003, provider_ids=film.provider_ids, runtime=length
    )
    alike = abs(length - film.runtime) <= 0.1 * film.runtime
    if alike or life.server.line is Line.V10_10:
        # What 10.10 knows of one it says of all that bear its number.
        family = house.same_as(what) | {name}
        for one in family:
            house.twins[one] = family
    return True


@trial
async def merge(life: Life, series: str) -> bool:
    """Jellyfin takes two episodes for two versions of one."""
    house = life.house
    show = house.find(series, Series)
    if not isinstance(show, Series) or life.estate is not None:
        return False
    there = [
        one for one in show.episodes if house.find(one.name) and house.is_plain(one)
    ]
    if len(there) < 2 or house.is_away(show):
        return False
    first, other = there[:2]
    for one in (first, other):
        house.end_sessions(one)
    house.household.merge(first, other)
    if life.server.line is not Line.V10_10:
        house.hidden.add(other.name)
    return True


@trial
async def same_number(life: Life, series: str) -> bool:
    """Jellyfin reads one number in the names of two episodes.

    10.10 shares all marks among them then; who has seen one has not seen the other.
    """
    house = life.house
    show = house.find(series, Series)
    if not isinstance(show, Series) or life.estate is not None or house.is_away(show):
        return False
    there = [
        one
        for one in show.episodes
        if house.find(one.name) and house.is_plain(one) and one.number_end is None
    ]
    if len(there) < 2 or there[0].season is not there[1].season:
        return False
    for one in there[:2]:
        house.end_sessions(one)
    there[1].number = there[0].number
    there[1].date_last_saved = house.clock()
    house.household.changed()
    return True


@trial
async def share(life: Life, library: str, managed: bool) -> bool:
    """The folder of a library becomes one of another library's as well."""
    home, name = life.house.household, f"{library} too"
    if any(one.name == name for one in home.libraries):
        return False
    own = home.library(library)
    other = home.add_library(name, own.collection_type, own.locations)
    if managed and life.chosen.managed is not None:
        life.chosen.managed |= {other.id}
        await life.adopt()
    return True


@trial
async def split(life: Life, series: str) -> bool:
    """It takes them for what they are again."""
    house = life.house
    home, show = house.household, house.find(series, Series)
    if not isinstance(show, Series):
        return False
    merged = [one for one in show.episodes if house.others_in(one)]
    for one in merged:
        own = [source for source in one.sources if source.path == one.path]
        one.sources = own
        home.merged.pop(one.id, None)
        house.hidden.discard(one.name)
    home.changed()
    return bool(merged)


# --- what users may see -------------------------------------------------------------


@trial
async def limit(life: Life, who: str, age: int) -> bool:
    """A user may see only what is for an age, or (0) everything."""
    user = life.house.person(who)
    if user is None or user.administrator:
        return False
    say_farewell(life, user)
    user.max_rating = age or None
    life.house.household.changed()
    return True


@trial
async def rate(life: Life, what: str, age: int) -> bool:
    """Somebody says from which age a title may be seen."""
    house = life.house
    item = house.find(what, Movie, Series)
    if item is None:
        return False
    for user in house.household.users:
        if user.max_rating is not None and user.max_rating < age:
            say_farewell(life, user)
    item.rating = age
    item.date_last_saved = house.clock()
    house.household.changed()
    return True
