"""How facts are said in a sentence. The sentences are shown to people."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from .durations import Retention, format_duration

_NAMED = 3


def day(at: datetime) -> str:
    """Return the day of a moment, in UTC."""
    return _iso((at if at.tzinfo is UTC else at.astimezone(UTC)).toordinal())


@lru_cache(maxsize=4096)
def _iso(ordinal: int) -> str:
    """Return a day as text. Many titles share few days."""
    return date.fromordinal(ordinal).isoformat()


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """Return words as they stand in a sentence; of many only the first few."""
    some = list(words)
    if len(some) > _NAMED + 1:
        some[_NAMED:] = [f"{len(some) - _NAMED} others"]
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} {conjunction} {some[-1]}"


class Names(dict[frozenset[str], str]):
    """The names of sets of users, in alphabetical order, each set put in words once.

    A library has few sets of users who have watched the same, and many titles.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        """Take what every user is called, by id."""
        super().__init__()
        self._users = sorted(users.items(), key=lambda user: user[1].casefold())

    def __missing__(self, user_ids: frozenset[str]) -> str:
        """Put a set of users in words."""
        names = [name for user_id, name in self._users if user_id in user_ids]
        names += ["a former user"] * (len(user_ids) - len(names))
        self[user_ids] = text = listed(names)
        return text


def after(retention: Retention) -> str:
    """Return when a rule deletes: so long after its base."""
    return "at once" if retention.is_zero else f"{format_duration(retention)} after"
