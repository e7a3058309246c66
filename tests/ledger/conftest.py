"""A ledger in a file, and servers' answers made by hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.oxicleanarr.ledger import Committed, Ledger, to_ms
from custom_components.oxicleanarr.model import (
    Library,
    MediaFacts,
    MediaItem,
    MediaKey,
    MediaKind,
    PlannedDeletion,
    PlaybackEvent,
    Reason,
    User,
    UserData,
)

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = MediaKey("movie:tmdb:1")
"""The key of ``movie(1)``."""

ALICE = User(user_id="a" * 32, name="alice")
BOB = User(user_id="b" * 32, name="bob")
MOVIES = Library(
    library_id="1" * 32,
    name="Movies",
    collection_type="movies",
    locations=("/media/movies",),
)
SHOWS = Library(
    library_id="2" * 32,
    name="Shows",
    collection_type="tvshows",
    locations=("/media/shows",),
)


def item_id(number: int) -> str:
    """Return a Jellyfin id."""
    return f"{number:032x}"


def movie(number: int, tmdb: str | None = None, **changes: object) -> MediaItem:
    """Return a movie; its TMDB id is its number unless told otherwise."""
    values: dict[str, object] = {
        "item_id": item_id(number),
        "kind": MediaKind.MOVIE,
        "title": f"Film {number}",
        "library_id": MOVIES.library_id,
        "path": f"/media/movies/Film {number}/Film {number}.mkv",
        "added_at": NOW - 100 * DAY,
        "provider_ids": {"tmdb": str(number) if tmdb is None else tmdb},
        "runtime": 6000,
    }
    return MediaItem(**(values | changes))  # type: ignore[arg-type]


def series(number: int, tvdb: str | None = None) -> MediaItem:
    """Return a series."""
    return MediaItem(
        item_id=item_id(number),
        kind=MediaKind.SERIES,
        title=f"Show {number}",
        library_id=SHOWS.library_id,
        path=f"/media/shows/Show {number}",
        added_at=NOW - 100 * DAY,
        provider_ids={"tvdb": str(number) if tvdb is None else tvdb},
    )


def episode(number: int, owner: MediaItem, season: int, index: int) -> MediaItem:
    """Return an episode of a series."""
    return MediaItem(
        item_id=item_id(number),
        kind=MediaKind.EPISODE,
        title=f"Episode {index}",
        library_id=SHOWS.library_id,
        path=f"{owner.path}/S{season:02}E{index:02}.mkv",
        added_at=NOW - 100 * DAY,
        series_id=owner.item_id,
        series_title=owner.title,
        season=season,
        episode=index,
        runtime=3000,
    )


def played(number: int, at: datetime | None = NOW - 10 * DAY) -> UserData:
    """Return the state of something that was watched."""
    return UserData(
        item_id=item_id(number), played=True, play_count=1, last_played_at=at
    )


def started(number: int, at: datetime = NOW - 5 * DAY) -> UserData:
    """Return the state of something that was begun and not finished."""
    return UserData(
        item_id=item_id(number), played=False, play_count=1, last_played_at=at
    )


def untouched(number: int) -> UserData:
    """Return the state of something that was never played, or un-marked."""
    return UserData(item_id=item_id(number), played=False)


def event(
    number: int,
    at: datetime,
    event_id: str = "one",
    user: User = ALICE,
    seconds: int = 60,
) -> PlaybackEvent:
    """Return a row of Jellystat."""
    return PlaybackEvent(
        event_id=event_id,
        user_id=user.user_id,
        item_id=item_id(number),
        ended_at=at,
        seconds=seconds,
        user_name=user.name,
        title=f"Film {number}",
    )


def planned(number: int = 1) -> PlannedDeletion:
    """Return the entry of a plan for a movie."""
    return PlannedDeletion(
        item_id=item_id(number),
        key=MediaKey(f"movie:tmdb:{number}"),
        kind=MediaKind.MOVIE,
        title=f"Film {number}",
        year=None,
        series=None,
        season=None,
        episode=None,
        size_bytes=None,
        watched=True,
        watched_by=("alice",),
        last_watched_at=NOW,
        added_at=NOW,
        rule="standard",
        rule_type="standard",
        reason=Reason("because"),
        due_at=NOW,
        first_scheduled_at=NOW,
    )


@dataclass
class House:
    """What the servers say, told to a ledger again and again."""

    ledger: Ledger
    items: list[MediaItem] = field(default_factory=list)
    users: list[User] = field(default_factory=lambda: [ALICE, BOB])
    libraries: list[Library] = field(default_factory=lambda: [MOVIES, SHOWS])
    managed: list[Library] = field(default_factory=lambda: [MOVIES, SHOWS])
    plays: dict[str, dict[str, UserData]] = field(default_factory=dict)
    favorites: dict[str, set[str]] = field(default_factory=dict)
    now: datetime = NOW

    def play(self, user: User, *rows: UserData) -> None:
        """Let Jellyfin say this about a user from now on."""
        for row in rows:
            self.plays.setdefault(user.user_id, {})[row.item_id] = row

    def sync(self, *events: PlaybackEvent, after: timedelta = timedelta()) -> Committed:
        """Sync completely, some time after the last one."""
        self.now += after
        managed = {library.library_id for library in self.managed}
        batch = self.ledger.begin_sync(complete=True)
        batch.add_items(one for one in self.items if one.library_id in managed)
        for user in self.users:
            rows = self.plays.get(user.user_id, {})
            batch.add_user_data(
                user.user_id, [row for row in rows.values() if not row.untouched]
            )
            unlisted = batch.unlisted_plays(user.user_id)
            batch.add_user_data(
                user.user_id,
                [
                    rows.get(one, UserData(item_id=one, played=False))
                    for one in unlisted
                ],
            )
            batch.add_favorites(user.user_id, self.favorites.get(user.user_id, ()))
        batch.add_events(events)
        return batch.commit(
            users=self.users,
            libraries=self.libraries,
            managed=managed,
            now=self.now,
            state={"fully_synced_at": to_ms(self.now), "synced_at": to_ms(self.now)},
        )

    def poll(
        self,
        *events: PlaybackEvent,
        items: Iterable[MediaItem] = (),
        rows: Mapping[User, Iterable[UserData]] | None = None,
        gone: Iterable[str] = (),
        after: timedelta = timedelta(),
    ) -> Committed:
        """Tell the ledger about a few changes only."""
        self.now += after
        batch = self.ledger.begin_sync(complete=False)
        batch.add_items(items)
        for user, data in (rows or {}).items():
            batch.add_user_data(user.user_id, data)
        batch.add_events(events)
        return batch.commit(
            users=self.users,
            libraries=self.libraries,
            managed=[library.library_id for library in self.libraries],
            now=self.now,
            gone=list(gone),
        )

    def facts(self) -> dict[str, MediaFacts]:
        """Return the facts by item id."""
        return {one.item.item_id: one for one in self.ledger.facts(self.now)}

    def fact(self, number: int) -> MediaFacts:
        """Return the facts about one item."""
        return self.facts()[item_id(number)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return an empty ledger in a file."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def house(ledger: Ledger) -> House:
    """Return a house without anything in it."""
    return House(ledger)


@pytest.fixture
def full(house: House) -> House:
    """Return a house with two films and a series of two episodes."""
    show = series(10)
    house.items = [
        movie(1),
        movie(2),
        show,
        episode(11, show, 1, 1),
        episode(12, show, 1, 2),
    ]
    house.sync()
    return house
