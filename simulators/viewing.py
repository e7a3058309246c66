"""Watching: sessions, marks, and the traces that both leave in Jellyfin and Jellystat."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .items import (
    BoxSet,
    Episode,
    Item,
    Season,
    Series,
    User,
    Video,
    jellyfin_id,
    ticks,
)
from .plays import Play, PlayLog, play_id
from .shelves import Shelves, utc_now
from .userdata import Change, Rules, marked, started, stopped, unmarked


@dataclass(slots=True, eq=False)
class Session:
    """A client of Jellyfin; ``item_id`` is what it plays, if anything."""

    id: str
    user: User
    device: str
    last_activity: datetime
    item: Video | None = None
    source_id: str | None = None
    started: datetime | None = None
    position: int = 0
    paused: bool = False
    check_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """An entry of Jellyfin's activity log."""

    id: int
    type: str
    name: str
    date: datetime
    user_id: str
    item_id: str | None = None


class Viewing(Shelves):
    """Shelves whose films are watched."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Start with nobody watching."""
        super().__init__(clock)
        self.sessions: list[Session] = []
        self.activities: list[Activity] = []
        self.plays = PlayLog()
        #: Jellystat is up; plays it does not see are lost to it.
        self.jellystat_watching = True
        self.min_play_seconds = 1
        self._play_number = 0

    # -- watching ------------------------------------------------------------

    def start_playback(
        self,
        user: User,
        item: Video,
        *,
        version: int = 0,
        device: str | None = None,
        at: datetime | None = None,
    ) -> Session:
        """Press play; ``version`` is the source that the client names."""
        at = at or self.now()
        source_id = item.sources[version].id
        session = self._session(user, device or f"{user.name}'s TV", at)
        session.item, session.source_id = item, source_id
        session.started = session.check_in = at
        session.position, session.paused = 0, False
        user.last_activity = at
        for rules in Rules:
            for credited in self._credited(rules, item, source_id):
                change = started(rules, at)
                if credited != source_id:
                    # The primary gets the mark of a played alternate version, but not its count.
                    change = _uncounted(change)
                self.user_data.change(user.id, credited, change, rules=(rules,))
        self._log(
            "VideoPlayback",
            f"{user.name} is playing {item.name} on {session.device}",
            at,
            user,
            source_id,
        )
        return session

    def stop_playback(
        self,
        user: User,
        item: Video,
        *,
        fraction: float | None = 0.96,
        device: str | None = None,
        seconds: int | None = None,
        at: datetime | None = None,
    ) -> Play | None:
        """Stop at a share of the runtime; None is a client that names no position.

        Jellystat's seconds are wall clock; where the clock stood still they are taken from the share.
        """
        session = self._playing(user, item, device)
        at = at or self.now()
        assert session.started is not None
        assert session.source_id is not None
        elapsed = int((at - session.started).total_seconds())
        if seconds is None:
            seconds = elapsed or round(
                item.runtime.total_seconds() * (1.0 if fraction is None else fraction)
            )
        for rules in Rules:
            for credited in self._credited(rules, item, session.source_id):
                self.user_data.change(
                    user.id, credited, stopped(fraction, item.runtime), rules=(rules,)
                )
        self._log(
            "VideoPlaybackStopped",
            f"{user.name} has finished playing {item.name} on {session.device}",
            at,
            user,
            session.source_id,
        )
        source_id = session.source_id
        session.item = session.source_id = session.started = None
        session.last_activity = user.last_activity = at
        if seconds < self.min_play_seconds or not self.jellystat_watching:
            return None
        play = self._play_of(user, item, source_id, seconds, at)
        play.device = session.device
        play.position = round(ticks(item.runtime) * (fraction or 0))
        return self.plays.record(play, item.runtime)

    def play(
        self,
        user: User,
        item: Video,
        fraction: float | None = 0.96,
        at: datetime | None = None,
        *,
        version: int = 0,
        seconds: int | None = None,
        device: str | None = None,
    ) -> Play | None:
        """Watch a share of an item; ``at`` is the end of it, Jellyfin remembers its start."""
        at = at or self.now()
        share = 1.0 if fraction is None else fraction
        begin = at - timedelta(seconds=round(item.runtime.total_seconds() * share))
        self.start_playback(user, item, version=version, at=begin, device=device)
        return self.stop_playback(user, item, fraction=fraction, at=at, seconds=seconds)

    def mark_played(self, user: User, item: Item, at: datetime | None = None) -> None:
        """Mark as played by hand; a series or season marks its episodes."""
        for each in _videos(item):
            self.user_data.change(user.id, each.id, marked(at, self.now()))

    def unmark_played(self, user: User, item: Item) -> None:
        """Take the mark away by hand."""
        for each in _videos(item):
            self.user_data.change(user.id, each.id, unmarked)

    def set_favourite(
        self, user: User, item: Item | BoxSet, favourite: bool = True
    ) -> None:
        """Make an item a favourite, or not; its children are not affected."""
        self.user_data.change(
            user.id, item.id, lambda data: replace(data, favourite=favourite)
        )

    def set_played_without_date(self, user: User, item: Item) -> None:
        """Leave the mark of an old import: played, with no date."""
        self.user_data.change(
            user.id, item.id, lambda data: replace(data, played=True, last_played=None)
        )

    def import_play(
        self, user: User, item: Video, *, at: datetime, seconds: int | None = None
    ) -> Play:
        """Give Jellystat a row as its import from the Playback Reporting plugin leaves it."""
        self._play_number += 1
        play = self._play_of(
            user, item, item.id, seconds or int(item.runtime.total_seconds()), at
        )
        play.id, play.item_id, play.imported = (
            str(1000 + self._play_number),
            item.id,
            True,
        )
        if isinstance(item, Episode):
            play.name = f"{item.series.name} - s{item.season.number:02}e{item.number:02} - {item.name}"
        self.plays.add(play)
        return play

    # -- sessions and rows ---------------------------------------------------

    def _session(self, user: User, device: str, at: datetime) -> Session:
        """Return the session of a user's device, made if need be."""
        for session in self.sessions:
            if session.user is user and session.device == device:
                break
        else:
            session = Session(
                jellyfin_id("User", f"{user.id}/{device}"), user, device, at
            )
            self.sessions.append(session)
        session.last_activity = at
        return session

    def _playing(self, user: User, item: Video, device: str | None) -> Session:
        """Return the session in which a user plays an item."""
        for session in self.sessions:
            if (
                session.user is user
                and session.item is item
                and device in (None, session.device)
            ):
                return session
        raise ValueError(f"{user.name} is not playing {item.name}")

    def _log(
        self, kind: str, name: str, at: datetime, user: User, item_id: str | None
    ) -> None:
        """Write an entry into the activity log."""
        self.activities.append(
            Activity(len(self.activities) + 1, kind, name, at, user.id, item_id)
        )

    @staticmethod
    def _credited(rules: Rules, item: Video, source_id: str) -> list[str]:
        """Return the ids whose user data a playback of a source changes."""
        if source_id == item.id:
            return [item.id]
        return [source_id, item.id] if rules is Rules.TWELVE else [source_id]

    def _play_of(
        self, user: User, item: Video, source_id: str, seconds: int, at: datetime
    ) -> Play:
        """Return the row Jellystat records for a playback."""
        self._play_number += 1
        play = Play(
            id=play_id(self._play_number),
            user_id=user.id,
            user_name=user.name,
            item_id=source_id,
            name=item.name,
            seconds=seconds,
            date=at,
            library_id=item.library.id,
            source_id=source_id,
        )
        if isinstance(item, Episode):
            play.item_id, play.episode_id = item.series.id, item.id
            play.season_id, play.series_name = item.season.id, item.series.name
            play.season_number, play.episode_number = item.season.number, item.number
        return play


def _videos(item: Item) -> list[Item]:
    """Return what a manual mark of an item marks."""
    match item:
        case Series() | Season():
            return [episode for episode in item.episodes if not episode.virtual]
        case _:
            return [item]


def _uncounted(
    change: Change,
) -> Change:
    """Return a change that leaves the number of plays alone."""
    return lambda data: replace(change(data), play_count=data.play_count)
