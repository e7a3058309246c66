"""A household that lives, and what is true in it, whatever any server says.

What happens is a method with plain arguments, so that a life can be written down as a
list of steps and lived again; a step that makes no sense (the film has gone) is left
out. Titles are known by their names, which never change. The truth is kept beside the
simulated servers: what they say of a title that came back is not it. It is long because
everything that can happen in Jellyfin and Jellystat is here, next to the truth it changes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from posixpath import basename, dirname

from custom_components.oxicleanarr.ledger.identity import RETURN_AFTER
from simulators import Episode, Household, Item, Movie, Season, Series, User
from simulators.items import stem
from tests.home import DAY, HOUR, START

MINUTE = timedelta(minutes=1)
SCAN_TAKES = 3 * HOUR
FINISHED = 0.9
LOOSE = "/media/movies/loose"
JELLYFIN = "jellyfin"
BEDROCK = "Bedrock"
"""Nobody ever touches it: whatever else goes, there are two films in that folder."""

FOREIGN = "Foreign"
"""How a file is called that belongs to no title."""


@dataclass
class Clock:
    """The clock on the wall, and the time that has really passed."""

    now: datetime = START
    elapsed: float = 0.0
    wrong_by: timedelta = timedelta()
    """By how much Home Assistant's own clock is wrong; the servers' are right."""
    booted: float = 0.0
    """When Home Assistant's machine was started, in the time that has really passed."""

    def __call__(self) -> datetime:
        """Return what the clock shows."""
        return self.now

    def shown(self) -> datetime:
        """Return what Home Assistant's clock shows."""
        return self.now + self.wrong_by

    def monotonic(self) -> float:
        """Return the seconds since Home Assistant's machine was started."""
        return self.elapsed - self.booted

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time
        self.elapsed += time.total_seconds()

    def jump(self, time: timedelta) -> None:
        """Move the hands while no time passes."""
        self.now += time

    def boot(self, wrong_by: timedelta) -> None:
        """Start the machine anew, with a clock that is wrong by so much."""
        self.wrong_by, self.booted = wrong_by, self.elapsed


@dataclass(frozen=True)
class Deleted:
    """A file that our product has deleted."""

    title: str
    at: datetime
    rule: str
    through: str = JELLYFIN
    """The server that was asked to."""
    elapsed: float = field(default=0.0, compare=False)
    """When that was, in the time that has really passed."""


@dataclass
class House:
    """The household and the truth about it."""

    clock: Clock
    household: Household
    shelf: dict[str, Item] = field(default_factory=dict)
    """Everything there ever was, by name, also what has gone."""
    watched_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """User id and title: when that user finished or marked it and has not un-marked."""
    active_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """User id and title: when that user last played it, finished or not."""
    kept: dict[str, datetime | None] = field(default_factory=dict)
    by_hand: dict[str, datetime] = field(default_factory=dict)
    """What the user wants gone, and from when on."""
    arrived: dict[str, datetime] = field(default_factory=dict)
    """When a title came whose date says something else."""
    parts_seen: set[tuple[str, str, int]] = field(default_factory=set)
    """User id, film in parts, and the place of a part that this user has seen."""
    hidden: set[str] = field(default_factory=set)
    """What is there, though Jellyfin does not list it at the moment."""
    parted: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Marks of users who have left since the last full sync, where these may count."""
    marks_part: bool = True
    """Whether they may: whoever reads the users before a run knows that they do not."""
    away_users: list[User] = field(default_factory=list)
    """Users who exist, though Jellyfin does not list them at the moment."""
    life: dict[str, datetime] = field(default_factory=dict)
    """Since when a title that returned is there: what was before counts for nothing."""
    missed: dict[str, datetime] = field(default_factory=dict)
    """Since when complete inventories do not hold a title that was there."""
    returned: dict[str, datetime] = field(default_factory=dict)
    """When a title was put back that no sync has met since."""
    twins: dict[str, set[str]] = field(default_factory=dict)
    """Titles that have borne one provider id: Jellyfin takes them for one."""
    deleted: list[Deleted] = field(default_factory=list)
    removed_by_us: set[str] = field(default_factory=set)
    wished_back: dict[str, datetime] = field(default_factory=dict)
    """What an admin has brought back, and when."""
    leftovers: set[str] = field(default_factory=set)
    """Files with the name of one that is gone: nobody owns them now."""
    names: dict[str, str] = field(default_factory=dict)
    """Every id that a title ever had, with its name."""
    unmarked: set[str] = field(default_factory=set)
    """What marks were taken back from since the last full sync."""
    versions: dict[str, int] = field(default_factory=dict)
    """How often a title was renamed or identified, so that it is never the same."""

    # --- looking ------------------------------------------------------------------

    def name_of(self, item: Item) -> str:
        """Return the name a title has in this story."""
        if isinstance(item, Season):
            return f"{item.series.name}, {item.name}"
        return item.name

    def note_ids(self) -> None:
        """Remember which ids the titles have at this moment."""
        for name, item in self.shelf.items():
            self.names[item.id] = name
            if isinstance(item, Movie | Episode):
                # Jellyfin 12 lists the second version of a film that has been deleted.
                self.names |= {source.id: name for source in item.sources}

    def listed(self, *kinds: type[Item]) -> list[str]:
        """Return the names of what is there, of some kinds or of all."""
        return [
            name
            for name, item in self.shelf.items()
            if item in self.household and isinstance(item, kinds or Item)
        ]

    def away(self) -> list[str]:
        """Return the films and episodes that were there once."""
        return [
            name
            for name, item in self.shelf.items()
            if isinstance(item, Movie | Episode)
            and item not in self.household
            and name not in self.hidden
        ]

    def find(self, name: str, *kinds: type[Item]) -> Item | None:
        """Return a title by its name if it is there."""
        item = self.shelf.get(name)
        if item is None or item not in self.household or name in self.hidden:
            return None
        if isinstance(item, Movie | Episode) and not self.household.present(item):
            # Jellyfin has not noticed yet that its file is gone.
            return None
        return item if isinstance(item, kinds or Item) else None

    def names_of(self, title: Item) -> set[str]:
        """Return the names of a title and of its episodes, also where these are gone."""
        return {
            name
            for name, item in self.shelf.items()
            if item is title or (isinstance(item, Episode) and item.series is title)
        }

    def video(self, name: str) -> Movie | Episode | None:
        """Return a film or an episode by its name if it is there."""
        item = self.find(name, Movie, Episode)
        return item if isinstance(item, Movie | Episode) else None

    def person(self, name: str) -> User | None:
        """Return a user who still exists, by the name at birth."""
        for user in self.household.users:
            if user.name.partition(" ")[0] == name:
                return user
        return None

    def residents(self) -> list[User]:
        """Return all users there are, whatever Jellyfin says."""
        return [*self.household.users, *self.away_users]

    def watchers(self, name: str) -> set[str]:
        """Return the ids of the users who have watched a title in its present life."""
        present = {user.id for user in self.residents()}
        marks = self.watched_at | (self.parted if self.marks_part else {})
        return {
            user_id
            for (user_id, title), at in marks.items()
            if (user_id in present or (user_id, title) in self.parted)
            and title in self.same_as(name)
            and at >= self.life.get(name, at)
        }

    def last_active(self, name: str) -> datetime | None:
        """Return when anybody last played a title in its present life."""
        life = self.life.get(name)
        return max(
            (
                at
                for (_, title), at in self.active_at.items()
                if title == name and (life is None or at >= life)
            ),
            default=None,
        )

    def same_as(self, name: str) -> set[str]:
        """Return a title and those it was ever taken for."""
        return {name} | self.twins.get(name, set())

    def made(self) -> dict[str, datetime]:
        """Return when each file was made, also of those on a disk that is away."""
        every = self.household.disk.everything()
        return {path: file.created for path, file in every.items()}

    def files_of(self, item: Item) -> dict[str, datetime]:
        """Return when each file of a title was made that is somewhere: all that it is."""
        if not isinstance(item, Movie | Episode):
            return {}
        paths = {source.path for source in item.sources}
        if isinstance(item, Movie):
            paths |= {part.path for part in item.parts if part.path}
        below = tuple(f"{one}/" for one in paths)
        return {
            path: file.created
            for path, file in self.household.disk.everything().items()
            if path in paths or path.startswith(below)
        }

    def is_away(self, item: Item) -> bool:
        """Return whether the disk that a title is on is away."""
        return any(
            item.path is not None and item.path.startswith(f"{folder}/")
            for folder in self.household.disk.away
        )

    def others_in(self, item: Item) -> list[str]:
        """Return the names of the titles whose files Jellyfin takes for versions of one."""
        paths = set(self.files_of(item))
        return [
            name
            for name, other in self.shelf.items()
            if isinstance(other, Movie | Episode)
            and other is not item
            and other.path in paths
        ]

    def libraries_of(self, item: Item) -> set[str]:
        """Return the ids of all libraries that a title lies in."""
        return {one.id for one in self.household.libraries if one.holds(item)}

    def copies(self, managed: frozenset[str] | None) -> dict[str, frozenset[str]]:
        """Return the films that bear one number, by each of their names."""
        same: dict[str, set[str]] = {}
        for name in self.listed(Movie):
            item = self.shelf[name]
            number = item.provider_ids.get("Tmdb")
            if number and (managed is None or self.libraries_of(item) & managed):
                same.setdefault(number, set()).add(name)
        return {name: frozenset(some) for some in same.values() for name in some}

    def is_plain(self, item: Item) -> bool:
        """Return whether a title is what its name and its rows say, file by file."""
        if isinstance(item, Movie) and (item.parts or item.disc):
            return False
        return not any(self.others_in(self.shelf[one]) for one in self._videos(item))

    # --- people watch -------------------------------------------------------------

    def play(self, who: str, what: str, percent: int) -> bool:
        """Somebody has watched a share of something until a moment ago."""
        user, item = self.person(who), self.video(what)
        if user is None or item is None or self._busy(user):
            return False
        if not user.sees(item.library):
            return False
        self.household.play(user, item, percent / 100, at=self.clock() - MINUTE)
        began = self.clock() - MINUTE - item.runtime * percent / 100
        self.active_at[user.id, what] = max(
            began, self.active_at.get((user.id, what), began)
        )
        if percent > 100 * FINISHED:
            self.finished(user, item)
        return True

    def press_play(self, who: str, what: str) -> bool:
        """Somebody starts something and goes on watching."""
        user, item = self.person(who), self.video(what)
        if user is None or item is None or self._busy(user):
            return False
        if not user.sees(item.library):
            return False
        self.household.start_playback(user, item, version=len(item.sources) - 1)
        self.active_at[user.id, what] = self.clock()
        return True

    def stop(self, who: str, percent: int) -> bool:
        """Whoever is watching stops."""
        user = self.person(who)
        item = self._busy(user) if user else None
        if user is None or item is None:
            return False
        self.household.stop_playback(user, item, fraction=percent / 100)
        if percent > 100 * FINISHED:
            self.finished(user, item)
        return True

    def finished(self, user: User, item: Item, part: int = 0) -> None:
        """Somebody has seen a title to its end, or a part of it."""
        parts = len(item.parts) if isinstance(item, Movie) else 0
        self.parts_seen.add((user.id, item.name, part))
        if {(user.id, item.name, one) for one in (0, parts)} <= self.parts_seen:
            self.watched_at[user.id, item.name] = self.clock()

    def mark(self, who: str, what: str) -> bool:
        """Somebody says to have watched something, or all of a series."""
        user, item = self.person(who), self.find(what)
        if user is None or item is None or not user.sees(item.library):
            return False
        self.household.mark_played(user, item)
        for name in self._videos(item):
            self.watched_at[user.id, name] = self.clock()
        return True

    def unmark(self, who: str, what: str) -> bool:
        """Somebody takes that back. Jellyfin forgets the date with it."""
        user, item = self.person(who), self.find(what)
        if user is None or item is None:
            return False
        self.household.unmark_played(user, item)
        for name in self._videos(item):
            for one in self.same_as(name):
                self.watched_at.pop((user.id, one), None)
            self.active_at.pop((user.id, name), None)
            self.unmarked |= self.same_as(name)
        return True

    def love(self, who: str, what: str) -> bool:
        """Something becomes a favourite."""
        return self._favourite(who, what, True)

    def unlove(self, who: str, what: str) -> bool:
        """Something is a favourite no more."""
        return self._favourite(who, what, False)

    def leave(self, who: str) -> bool:
        """A user is deleted; somebody always stays."""
        user = self.person(who)
        if user is None or len(self.household.users) < 2:
            return False
        self.household.delete_user(user)
        self.parted |= {
            key: at for key, at in self.watched_at.items() if key[0] == user.id
        }
        for known in (self.watched_at, self.active_at):
            for key in [key for key in known if key[0] == user.id]:
                del known[key]
        return True

    def rename_user(self, who: str) -> bool:
        """A user gets another name."""
        user = self.person(who)
        if user is None:
            return False
        self.household.rename_user(user, f"{who} {self._version(who)}")
        return True

    # --- files come and go ----------------------------------------------------------

    def new_film(self, name: str, library: str = "Movies") -> bool:
        """A film arrives."""
        location = self.household.library(library).locations[0]
        if name in self.shelf or location in self.household.disk.away:
            return False
        self.shelf[name] = self.household.add_movie(
            name,
            year=2001,
            library=library,
            provider_ids={"Tmdb": f"1{name.rpartition(' ')[2]}"},
        )
        return True

    def new_episode(self, series: str) -> bool:
        """A series goes on."""
        show = self.find(series, Series)
        if not isinstance(show, Series) or self.is_away(show):
            return False
        number = 1 + max(
            (one.number_end or one.number for one in show.episodes), default=0
        )
        while f"{series} 1x{number}" in self.shelf:
            number += 1
        self.add_episode(show, number)
        return True

    def add_episode(
        self,
        show: Series,
        number: int,
        added: datetime | None = None,
        *,
        until: int | None = None,
    ) -> None:
        """Put an episode on the shelf, or a file with several."""
        episode = self.household.add_episode(
            show,
            season=1,
            number=number,
            number_end=until,
            title=f"{show.name} 1x{number}",
            added=added,
            premiere=(added or self.clock()) - DAY,
        )
        self.shelf[episode.name] = episode
        self.shelf[self.name_of(episode.season)] = episode.season

    def rename(self, what: str) -> bool:
        """Somebody tidies up: the id changes, the title does not."""
        item = self.find(what, Movie, Episode, Series)
        if item is None or item.path is None or item.user_data_key is None:
            return False
        if self._is_in_doubt(item) or self.is_away(item) or not self.is_plain(item):
            return False
        number = self._version(what)
        if isinstance(item, Series):
            self.household.rename(item, f"/media/shows/{item.name} v{number}")
        elif isinstance(item, Movie) and not item.loose:
            title = f"{item.name} v{number}"
            library = item.library.locations[0]
            self.household.rename(item, f"{library}/{title}/{title}.mkv")
        else:
            folder = dirname(item.path)
            self.household.rename(item, f"{folder}/{item.name} v{number}.mkv")
        self.household.scan()
        return True

    def upgrade(self, what: str) -> bool:
        """A better file takes the place of the old one."""
        item = self.video(what)
        if item is None or item.path is None or item.user_data_key is None:
            return False
        if self._is_locked(item) or self._is_in_doubt(item) or not self.is_plain(item):
            return False
        old = item.path.rpartition(".")[0]
        new = f"{dirname(item.path)}/{stem(item.path)} u{self._version(what)}"
        self.household.replace(item, path=f"{new}.mkv")
        for path in self.household.disk.tree(dirname(old)):
            if path.startswith(f"{old}."):
                self.household.disk.move(path, new + path.removeprefix(old))
        return True

    def take_away(self, what: str) -> bool:
        """Somebody deletes something without us."""
        item = self.find(what)
        if item is None or isinstance(item, Season) or self._is_locked(item):
            return False
        if self.is_away(item) or not self.is_plain(item):
            return False
        self.end_sessions(item)
        if isinstance(item, Movie | Episode) and not self._shares_folder(item):
            self.household.remove_file(item)
            self.household.scan()
        else:
            for video in self._videos(item):
                one = self.shelf[video]
                self.household.unlist(one)
                if isinstance(one, Movie | Episode) and one.path is not None:
                    name = one.path.rpartition(".")[0]
                    for path in self.household.disk.tree(dirname(one.path)):
                        if path.startswith(f"{name}."):
                            self.household.disk.remove(path)
        return True

    def bring_back(self, what: str, elsewhere: bool) -> bool:
        """A film or an episode that was there once returns, as *Played* as it was."""
        item = self.shelf.get(what)
        if not isinstance(item, Movie | Episode) or item in self.household:
            return False
        if self.files_of(item) or self.is_away(item) or not self.is_plain(item):
            return False
        if item.path is None or item.user_data_key is None or what in self.hidden:
            return False
        if isinstance(item, Episode) and item.series not in self.household:
            return False
        path = f"{dirname(item.path)}/{item.name} r{self._version(what)}.mkv"
        self.household.bring_back(item, path=path if elsewhere else None)
        self.household.scan()
        self.has_returned(what)
        return True

    def has_returned(self, what: str) -> None:
        """Remember that a title is there again."""
        if what in self.removed_by_us:
            self.life[what] = self.clock()
            self.missed.pop(what, None)
        else:
            self.returned[what] = self.clock()

    def identify(self, what: str) -> bool:
        """Somebody corrects a provider id, or one is found."""
        item = self.find(what, Movie, Series)
        if item is None:
            return False
        provider = "Tmdb" if isinstance(item, Movie) else "Tvdb"
        self.household.identify(
            item, {provider: f"5{self._version(what)}00{self._place(what)}"}
        )
        return True

    def confuse(self, what: str, other: str) -> bool:
        """A film is given the provider id of another: two titles become one."""
        first, second = self.find(what, Movie), self.find(other, Movie)
        if first is None or second is None or first is second:
            return False
        if not second.provider_ids:
            return False
        self.household.identify(first, second.provider_ids)
        family = self.same_as(what) | self.same_as(other)
        for name in family:
            self.twins[name] = family
        return True

    def tag(self, what: str, tag: str) -> bool:
        """Somebody tags a title, or takes its tags away."""
        item = self.find(what, Movie, Series)
        if item is None:
            return False
        self.household.retag(item, [tag] if tag else [])
        return True

    def scan(self, takes_long: bool) -> bool:
        """The libraries are scanned, perhaps until after the next look."""
        self.household.scan_duration = SCAN_TAKES if takes_long else timedelta()
        self.household.start_scan()
        return True

    def nightfall(self) -> None:
        """The libraries are scanned every night, unless that is under way."""
        if not self.household.scanning:
            self.scan(takes_long=False)

    def rekey(self) -> bool:
        """Jellystat's daily sync gives rows of vanished titles to their namesakes."""
        self.household.jellystat_full_sync()
        return True

    # --- what the product has done --------------------------------------------------

    def synced(self, *, full: bool) -> None:
        """A sync was complete: from here on the product can know what is missing.

        What complete inventories have missed for a day starts anew when it is met.
        """
        now = self.clock()
        for name, at in list(self.returned.items()):
            if self.shelf[name] not in self.household:
                continue
            since = self.missed.get(name)
            if since is not None and now - since >= RETURN_AFTER:
                self.life[name] = at
            self.missed.pop(name, None)
            del self.returned[name]
        if full:
            self.parted.clear()
            self.unmarked.clear()
            for name in self.away():
                self.missed.setdefault(name, now)

    def gone_by_us(self, item: Item, rule: str, through: str = JELLYFIN) -> None:
        """Our product has deleted a file."""
        name = self.name_of(item)
        self.removed_by_us.add(name)
        self.deleted.append(
            Deleted(name, self.clock(), rule, through, self.clock.elapsed)
        )

    # --- how it is done ---------------------------------------------------------------

    def _is_locked(self, item: Item) -> bool:
        paths = {self.shelf[name].path for name in self._videos(item)}
        return bool(paths & self.household.disk.locked)

    def _is_in_doubt(self, item: Item) -> bool:
        """Return whether nobody could tell a mark taken back from one that a file lost."""
        return bool(self.unmarked.intersection(self._videos(item)))

    def _version(self, name: str) -> int:
        self.versions[name] = self.versions.get(name, 0) + 1
        return self.versions[name]

    def _place(self, name: str) -> int:
        return list(self.shelf).index(name)

    def _busy(self, user: User) -> Movie | Episode | None:
        for session in self.household.sessions:
            if session.user is user and isinstance(session.item, Movie | Episode):
                return session.item
        return None

    def end_sessions(self, item: Item) -> None:
        """Let nobody watch what is about to be taken away."""
        names = set(self._videos(item))
        for session in self.household.sessions:
            if session.item is not None and session.item.name in names:
                session.item = session.source_id = session.started = None

    def _videos(self, item: Item) -> list[str]:
        if isinstance(item, Series | Season):
            return [episode.name for episode in item.episodes]
        return [item.name]

    @staticmethod
    def _shares_folder(item: Movie | Episode) -> bool:
        return isinstance(item, Movie) and item.loose

    def _favourite(self, who: str, what: str, on: bool) -> bool:
        user, item = self.person(who), self.find(what)
        if user is None or item is None or not user.sees(item.library):
            return False
        self.household.set_favourite(user, item, on)
        return True


def is_foreign(path: str) -> bool:
    """Return whether a file belongs to nobody that Jellyfin knows, by its name."""
    return basename(path).startswith(FOREIGN)


def furnish(*, owned: bool = False, wider: bool = False) -> House:
    """Return a house with all that is awkward about files, two months before START.

    In one whose files are ``owned`` there is more, that is awkward for their owners. In
    a ``wider`` one more people and films live, so that there is something to lose.
    """
    clock = Clock()
    house = House(clock, Household(clock))
    home = house.household
    for name, kind in (("Movies", "movies"), ("Shows", "tvshows"), ("Kids", "movies")):
        home.add_library(name, kind)
    home.add_library("Songs", "music")
    home.add_user("alice", administrator=True)
    home.add_user("bob")
    home.add_user("carol", libraries=["Movies", "Kids"])
    added = START - 60 * DAY

    def film(
        name: str,
        *,
        library: str = "Movies",
        ids: bool = True,
        path: str | None = None,
        versions: tuple[str, ...] = (),
    ) -> None:
        house.shelf[name] = home.add_movie(
            name,
            year=2000,
            library=library,
            provider_ids={"Tmdb": str(len(house.shelf) + 1)} if ids else {},
            added=added,
            path=path,
            loose=path is not None and dirname(path) == LOOSE,
            versions=versions,
        )

    for name in ("Alpha", "Bravo", "Charlie"):
        film(name)
    film("Delta", ids=False)
    # Clients can play its second version, and name that by an id of its own.
    film("Foxtrot", versions=("1080p", "4K"))
    # Nobody manages this library: what is in it does not exist for us.
    film("Echo", library="Kids")
    # The name of one is how the other's begins: Jellyfin takes its sidecars along.
    for name in ("Comet", "Comets", BEDROCK):
        film(name, path=f"{LOOSE}/{name}.mkv")
    home[BEDROCK].date_created = START
    # Jellyfin would delete the folder of the first with the second in it.
    film("Hotel")
    film("India", path="/media/movies/Hotel (2000)/India (2000)/India (2000).mkv")
    home.disk.write("/media/movies/Alpha (2000)/extras/making of.mkv", 1, added)
    for number, name in enumerate(("Show", "Serial"), start=1):
        series = home.add_series(
            name, provider_ids={"Tvdb": str(80000 + number)}, added=added
        )
        house.shelf[name] = series
        for episode in range(1, 4):
            # No two files are made in the same moment.
            house.add_episode(series, episode, added + episode * MINUTE)
    if owned:
        home.add_library("Movies 4K", "movies")
        film("Golf", library="Movies 4K")
        film("Juliet")
        # Another copy of Alpha: for Jellyfin the two are one title.
        film("Ultra", library="Movies 4K")
        home.identify(home["Ultra"], home["Alpha"].provider_ids)
        house.twins["Alpha"] = house.twins["Ultra"] = {"Alpha", "Ultra"}
        saga = home.add_series("Saga", provider_ids={"Tvdb": "80003"}, added=added)
        house.shelf["Saga"] = saga
        house.add_episode(saga, 1, added)
        house.add_episode(saga, 2, added + MINUTE, until=3)
    if wider:
        _more_of_everything(house)
    home.scan()
    house.note_ids()
    return house


EXTRAS = 18
"""Films that are there in a wider house: some watched, some loved, some tagged."""


def _more_of_everything(house: House) -> None:
    """Let two more people live here, and films that somebody cares for."""
    home = house.household
    for name in ("dave", "erin"):
        home.add_user(name)
    for number in range(1, EXTRAS + 1):
        name = f"Extra {number}"
        film = home.add_movie(
            name,
            year=1990,
            provider_ids={"Tmdb": str(900 + number)},
            added=START - 60 * DAY,
            sidecars=(),
        )
        house.shelf[name] = film
        if number <= 6:
            alice = home.user("alice")
            home.mark_played(alice, film, START - 20 * DAY)
            house.watched_at[alice.id, name] = START - 20 * DAY
        elif number <= 12:
            home.set_favourite(home.user("dave"), film)
        else:
            home.retag(film, ["stay"])
