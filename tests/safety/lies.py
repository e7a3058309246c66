"""Lies: for some days a server says other things than are true, consistently.

Jellyfin and Jellystat lie by their databases, as after a restored backup, so that all
they answer fits together; Radarr, Sonarr and Seerr lie in their lists. The truth stays
in the house. A lie is *gross* when the breaker is meant to notice it: it is about at
least half of something, and about more than a few.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
import re
from typing import Any, ClassVar, override

from custom_components.oxicleanarr.retention import RetentionRules, TagRule, UserRule
from simulators import Item, Movie, Series, User
from simulators.faults import Request
from simulators.items import Video
from simulators.plays import Play, PlayLog
from simulators.userdata import NOTHING, Change, Rules, UserData
from tests.home import DAY

from .choices import Chosen
from .house import House

FEW = 5
"""Less than so many of anything can be lost without anybody being meant to notice."""
MANY = 10
"""So many plays are meant to be missed."""
MUCH = 15
"""More titles than this are meant to be noticed, where they are more than half."""


@dataclass
class Lie(ABC):
    """Something that a server says for some days though it is not true."""

    days: int
    """For how many more it does."""
    gross: bool = field(default=False, init=False)
    """Whether the breaker is meant to notice."""
    read: bool = field(default=False, init=False)
    """Whether a complete sync has read it."""
    touched: set[str] = field(default_factory=set, init=False)
    """The names of the titles that it is about."""

    soon_read: ClassVar[bool] = False
    """Whether a poll reads it too."""

    @abstractmethod
    def begin(self, house: House) -> bool:
        """Begin to lie; return whether there was anything to lie about."""

    def matters(self, chosen: Chosen) -> bool:
        """Return whether it is about anything that the user has asked to look at."""
        return True

    def nightfall(self, house: House) -> None:  # noqa: B027 - most lies do not grow
        """Go on for another day."""

    @abstractmethod
    def end(self, house: House) -> None:
        """Say the truth again."""


@dataclass
class LostTitles(Lie):
    """Jellyfin lists every n-th title of a library no more, or all of them."""

    library: str
    every: int
    lost: dict[str, Item] = field(default_factory=dict, init=False)

    @override
    def begin(self, house: House) -> bool:
        """Take them out of Jellyfin's list; their files stay where they are."""
        home = house.household
        whole = [
            item
            for item in home.items
            if isinstance(item, Movie | Series) and item.library.name == self.library
        ]
        gone = whole[:: self.every]
        everything = [one for item in gone for one in (item, *home.below(item))]
        self.lost = {one.id: one for one in everything}
        for item_id in self.lost:
            home._items.pop(item_id, None)
        home.changed()
        self.touched = {house.name_of(one) for one in everything}
        house.hidden |= self.touched
        self.gross = len(gone) >= FEW and 2 * len(gone) >= len(whole)
        return bool(gone)

    @override
    def end(self, house: House) -> None:
        """List what is still there."""
        home = house.household
        for item_id, item in self.lost.items():
            gone = isinstance(item, Video) and not home.present(item)
            if item_id not in home and not gone:
                home._items[item_id] = item
        home.changed()
        house.hidden -= self.touched


@dataclass
class LostUsers(Lie):
    """Jellyfin lists its administrator, and nobody else."""

    lost: list[User] = field(default_factory=list, init=False)

    @override
    def begin(self, house: House) -> bool:
        """Take the others out of the list."""
        home = house.household
        self.lost = [user for user in home.users if not user.administrator]
        for user in self.lost:
            home.users.remove(user)
        house.away_users += self.lost
        self.gross = len(self.lost) >= 2
        return bool(self.lost)

    @override
    def end(self, house: House) -> None:
        """List them again."""
        for user in self.lost:
            house.away_users.remove(user)
            house.household.users.append(user)


@dataclass
class LostFavourites(Lie):
    """Nothing is a favourite any more."""

    lost: set[tuple[str, str]] = field(default_factory=set, init=False)
    """User ids and item ids."""

    @override
    def begin(self, house: House) -> bool:
        """Take the hearts away."""
        home = house.household
        for user in home.users:
            for item in home.items:
                if home.data(user, item).favourite:
                    home.set_favourite(user, item, False)
                    self.lost.add((user.id, item.id))
                    self.touched.add(house.name_of(item))
        self.gross = len(self.lost) >= FEW
        return bool(self.lost)

    @override
    def matters(self, chosen: Chosen) -> bool:
        """Return whether favourites stay at all."""
        return chosen.limits.favorites_keep

    @override
    def end(self, house: House) -> None:
        """Bring them back."""
        home = house.household
        for user_id, item_id in self.lost:
            home.user_data.change(user_id, item_id, _loved)


def _loved(data: UserData) -> UserData:
    return replace(data, favourite=True)


def asked_about(rules: RetentionRules, lost: Mapping[str, int]) -> bool:
    """Return whether a rule asks about a tag that many titles have lost."""
    return any(
        isinstance(rule, TagRule) and rule.enabled and lost.get(rule.tag, 0) >= FEW
        for rule in rules.advanced
    )


@dataclass
class LostTags(Lie):
    """No title of Jellyfin has a tag any more."""

    lost: list[tuple[Item, list[str]]] = field(default_factory=list, init=False)

    @override
    def begin(self, house: House) -> bool:
        """Take them away."""
        self.lost = [(item, item.tags) for item in house.household.items if item.tags]
        for item, _ in self.lost:
            house.household.retag(item, [])
            self.touched.add(house.name_of(item))
        self.gross = len(self.lost) >= FEW
        return bool(self.lost)

    @override
    def matters(self, chosen: Chosen) -> bool:
        """Return whether much of a tag that a rule asks about is lost."""
        return asked_about(
            chosen.rules, Counter(tag for _, tags in self.lost for tag in tags)
        )

    @override
    def end(self, house: House) -> None:
        """Bring them back, but where there are new ones."""
        for item, tags in self.lost:
            if not item.tags:
                house.household.retag(item, tags)


@dataclass
class Played(Lie):
    """Titles of a library are played long ago by a user, some more every day, or all."""

    who: str
    library: str
    a_day: int
    """How many more every day; 0: all at once."""
    before: dict[str, dict[Rules, UserData | None]] = field(
        default_factory=dict, init=False
    )
    """What was written about each item, by its id."""
    after: dict[str, dict[Rules, UserData | None]] = field(
        default_factory=dict, init=False
    )
    user_id: str = field(default="", init=False)

    @override
    def begin(self, house: House) -> bool:
        """Mark the first ones."""
        user = house.person(self.who)
        if user is None:
            return False
        self.user_id = user.id
        self.nightfall(house)
        return bool(self.touched)

    @override
    def nightfall(self, house: House) -> None:
        """Mark some more."""
        home = house.household
        videos = [
            item
            for item in home.items
            if isinstance(item, Video) and item.library.name == self.library
        ]
        fresh = [
            item
            for item in videos
            if item.id not in self.before and not house.watchers(item.name)
        ]
        user = next((one for one in home.users if one.id == self.user_id), None)
        for item in fresh[: self.a_day or None] if user is not None else ():
            assert user is not None
            self.before[item.id] = _records(house, user.id, item.id)
            home.mark_played(user, item, home.now() - 40 * DAY)
            self.after[item.id] = _records(house, user.id, item.id)
            self.touched.add(item.name)
        much = len(self.touched) > MUCH and 2 * len(self.touched) > len(videos)
        if much and not self.gross:
            # That it has become so much has not been read yet.
            self.gross, self.read = True, False

    @override
    def end(self, house: House) -> None:
        """Take the marks away where nobody has touched them since."""
        book = house.household.user_data
        for item_id, before in self.before.items():
            if _records(house, self.user_id, item_id) != self.after[item_id]:
                continue
            for rules, record in before.items():
                book.change(self.user_id, item_id, _as_before(record), rules=(rules,))
        house.unmarked |= self.touched


def _as_before(record: UserData | None) -> Change:
    """Return what puts a record back."""
    return lambda data: record or NOTHING


def _records(house: House, user_id: str, item_id: str) -> dict[Rules, UserData | None]:
    """Return what is written about an item, by the rules of each line."""
    book = house.household.user_data
    return {rules: book.get(rules, user_id, item_id) for rules in Rules}


@dataclass
class LostHistory(Lie):
    """Jellystat has forgotten all that was ever played."""

    log: PlayLog | None = field(default=None, init=False)

    @override
    def begin(self, house: House) -> bool:
        """Give it an empty table."""
        home = house.household
        if not len(home.plays):
            return False
        self.gross = len(home.plays) >= MANY
        self.log, home.plays = home.plays, PlayLog()
        home.plays.revision = self.log.revision + 1
        return True

    @override
    def end(self, house: House) -> None:
        """Give it the old rows, and the new ones."""
        assert self.log is not None
        new: list[Play] = list(house.household.plays)
        self.log.revision = house.household.plays.revision + 1
        house.household.plays = self.log
        for play in new:
            self.log.add(play)


_TITLES = re.compile(r"/api/v3/(movie|series)(/\d+)?$")
_FILES = re.compile(r"/api/v3/(moviefile|episodefile|episode)$")


@dataclass
class OwnersLie(Lie):
    """A Radarr, a Sonarr or Seerr leaves something out of its lists."""

    server: str
    how: str
    """``empty``, ``half`` or ``untagged``."""
    soon_read: ClassVar[bool] = True
    began: float = field(default=0.0, init=False)
    lost_tags: Counter[str] = field(default_factory=Counter, init=False)
    """Of an ``untagged`` one: by tag from how many titles it is gone."""

    @override
    def begin(self, house: House) -> bool:
        """Begin; whoever knows the servers says how gross it is."""
        self.began = house.clock.elapsed
        return True

    @override
    def matters(self, chosen: Chosen) -> bool:
        """Return whether a rule asks about the requests or tags that are left out."""
        if self.server == "seerr":
            return any(
                isinstance(rule, UserRule) and rule.enabled
                for rule in chosen.rules.advanced
            )
        return self.hides or asked_about(chosen.rules, self.lost_tags)

    @override
    def end(self, house: House) -> None:
        """Say everything again."""

    @property
    def hides(self) -> bool:
        """Return whether titles are left out."""
        return self.how != "untagged"

    def alter(self, request: Request, content: Any) -> Any:
        """Return another content for an answer; ``None``: there is no such thing."""
        if self.server == "seerr":
            return self._requests(request, content)
        if (call := _TITLES.search(request.path)) is not None:
            rows = content if isinstance(content, list) else [content]
            if self.how == "untagged":
                rows = [row | {"tags": []} for row in rows]
            else:
                rows = [row for row in rows if self._shows(row["id"])]
            if call[2]:
                return rows[0] if rows else None
            return rows
        if self.hides and _FILES.search(request.path):
            owner = "movieId" if "moviefile" in request.path else "seriesId"
            return [row for row in content if self._shows(row[owner])]
        return content

    def _shows(self, number: int) -> bool:
        return self.how == "half" and number % 2 == 0

    def _requests(self, request: Request, content: Any) -> Any:
        if not request.path.endswith(("/request", "/media")):
            return content
        page = content["pageInfo"] | {"results": 0, "pages": 0}
        return content | {"pageInfo": page, "results": []}


def altered(lies: Iterable[OwnersLie], request: Request, content: Any) -> Any:
    """Return what is left of an answer after all lies of a server."""
    for lie in lies:
        if content is not None:
            content = lie.alter(request, content)
    return content
