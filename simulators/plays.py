"""Jellystat's table of plays: one row per viewing it noticed, ordered by the date it ended."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import overload
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
RESUME_WINDOW = timedelta(hours=1)
RESUME_LIMIT = 0.80


def microseconds(moment: datetime) -> int:
    """Return a moment as microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the moment of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=value)


@dataclass(slots=True)
class Play:
    """A row of Jellystat: who played what, and for how long."""

    id: str
    user_id: str
    user_name: str
    item_id: str
    name: str
    seconds: int
    date: datetime
    season_id: str | None = None
    series_name: str | None = None
    episode_id: str | None = None
    season_number: int | None = None
    episode_number: int | None = None
    library_id: str | None = None
    source_id: str | None = None
    position: int = 0
    client: str = "Jellyfin Web"
    device: str = "Firefox"
    version: str = "10.11.11"
    method: str = "DirectPlay"
    imported: bool = False

    @property
    def watched_id(self) -> str:
        """Return the id of what was played: the episode, or the item itself."""
        return self.episode_id or self.item_id

    @property
    def full_name(self) -> str:
        """Return the name that Jellystat searches and shows."""
        if self.series_name is None or self.episode_id is None:
            return self.name
        return f"{self.series_name} : S{self.season_number}E{self.episode_number} - {self.name}"


class Bulk:
    """A large history in columns; a row becomes a `Play` only when it is looked at."""

    def __init__(
        self,
        users: Sequence[str],
        make: Callable[[int, int, int, int, int], Play],
        key: Callable[[Play], int | None],
    ) -> None:
        """Start empty.

        `make` gives the play of (serial, user, subject, seconds, date), `key` says which of the
        bulk's groups a single play belongs to.
        """
        self.users = users
        self.make = make
        self.key = key
        self.user = array("H")
        self.subject = array("I")
        self.seconds = array("I")

    def append(self, user: int, subject: int, seconds: int) -> None:
        """Add a row; its serial is its place."""
        self.user.append(user)
        self.subject.append(subject)
        self.seconds.append(seconds)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.user)


class PlayLog(Sequence[Play]):
    """Every row, oldest first. Rows are changed through `update` only, for the order's sake."""

    def __init__(self) -> None:
        """Start with an empty table."""
        self._dates = array("q")
        self._serials = array("I")
        self._plays: dict[int, Play] = {}
        self._serial_of: dict[str, int] = {}
        self._next = 0
        self.bulk: Bulk | None = None
        self.revision = 0

    def load(self, bulk: Bulk, dates: array[int]) -> None:
        """Take a large history; ``dates`` ascend."""
        self.bulk = bulk
        self._dates = dates
        self._serials = array("I", range(len(dates)))
        self._next = len(dates)
        self.revision += 1

    def add(self, play: Play) -> None:
        """Insert a row at its date."""
        serial = self._next
        self._next += 1
        self._plays[serial] = play
        self._serial_of[play.id] = serial
        self._insert(serial, play.date)

    def update(self, play: Play, seconds: int, date: datetime) -> None:
        """Change a row, which keeps its id."""
        serial = self._serial_of[play.id]
        place = self._place(serial, play.date)
        del self._dates[place], self._serials[place]
        play.seconds, play.date = seconds, date
        self._insert(serial, date)

    def remove(self, play: Play) -> None:
        """Drop a row."""
        serial = self._serial_of.pop(play.id)
        place = self._place(serial, play.date)
        del self._dates[place], self._serials[place], self._plays[serial]
        self.revision += 1

    def touch(self) -> None:
        """Say that rows changed in place (names, item ids)."""
        self.revision += 1

    def _insert(self, serial: int, date: datetime) -> None:
        """Insert a play where its date belongs."""
        value = microseconds(date)
        place = bisect_right(self._dates, value)
        self._dates.insert(place, value)
        self._serials.insert(place, serial)
        self.revision += 1

    def _place(self, serial: int, date: datetime) -> int:
        """Return the place of a play."""
        place = bisect_left(self._dates, microseconds(date))
        while self._serials[place] != serial:
            place += 1
        return place

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._dates)

    @overload
    def __getitem__(self, index: int) -> Play: ...
    @overload
    def __getitem__(self, index: slice) -> list[Play]: ...
    def __getitem__(self, index: int | slice) -> Play | list[Play]:
        """Return rows by their place in time."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        serial = self._serials[index]
        if (play := self._plays.get(serial)) is not None:
            return play
        assert self.bulk is not None
        return self.bulk.make(
            serial,
            self.bulk.user[serial],
            self.bulk.subject[serial],
            self.bulk.seconds[serial],
            self._dates[index],
        )

    def __iter__(self) -> Iterator[Play]:
        """Yield the rows, oldest first."""
        return (self[place] for place in range(len(self)))

    @property
    def loose(self) -> Iterator[Play]:
        """Yield the rows that are no part of the bulk."""
        return iter(self._plays.values())

    def between(self, since: int | None, until: int | None) -> range:
        """Return the places of the rows between two dates, both inclusive."""
        low = 0 if since is None else bisect_left(self._dates, since)
        high = len(self) if until is None else bisect_right(self._dates, until)
        return range(low, max(low, high))

    def of_user(self, user_id: str, places: range) -> Sequence[int]:
        """Return the places of one user's rows."""
        wanted = -1
        if self.bulk is not None and user_id in self.bulk.users:
            wanted = self.bulk.users.index(user_id)
        column = self.bulk.user if self.bulk is not None else array("H")
        return [
            place
            for place in places
            if (
                play.user_id == user_id
                if (play := self._plays.get(self._serials[place])) is not None
                else column[self._serials[place]] == wanted
            )
        ]

    def date(self, place: int) -> int:
        """Return the date of a row in microseconds."""
        return self._dates[place]

    def serial(self, place: int) -> int:
        """Return the number a row was inserted under."""
        return self._serials[place]

    def group(self, place: int) -> object:
        """Return what getHistory groups a row by: item, episode and user."""
        serial = self._serials[place]
        if (play := self._plays.get(serial)) is not None:
            key = self.bulk.key(play) if self.bulk is not None else None
            return key or (play.item_id, play.episode_id, play.user_id)
        assert self.bulk is not None
        return self.bulk.user[serial] << 32 | self.bulk.subject[serial]

    def record(self, play: Play, runtime: timedelta) -> Play | None:
        """Store a viewing as Jellystat does: one resumed within the hour grows the row before it."""
        since, until = (
            microseconds(play.date - RESUME_WINDOW) - play.seconds * 1_000_000,
            microseconds(play.date),
        )
        for place in reversed(self.between(since, until)):
            earlier = self._plays.get(self._serials[place])
            if (
                earlier is None
                or earlier.user_id != play.user_id
                or earlier.watched_id != play.watched_id
            ):
                continue
            if (
                earlier.imported
                or earlier.seconds > RESUME_LIMIT * runtime.total_seconds()
            ):
                break
            if earlier.seconds + play.seconds > runtime.total_seconds():
                return None
            self.update(earlier, earlier.seconds + play.seconds, play.date)
            return earlier
        self.add(play)
        return play


def play_id(number: int) -> str:
    """Return the dashed UUID of the n-th play."""
    return str(
        UUID(
            int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 0x5851F42D4C957F2D)
            % (1 << 128),
            version=4,
        )
    )
