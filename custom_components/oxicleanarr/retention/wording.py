"""How facts are said in a sentence. The sentences are shown to people."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from .durations import Retention, format_duration

_NAMED = 3


def day(at: datetime) -> str:
    """Return the day of a moment, in UTC."""
    return at.astimezone(UTC).date().isoformat()


def listed(words: Iterable[str], conjunction: str = "and") -> str:
    """Return words as they stand in a sentence; of many only the first few."""
    some = list(words)
    if len(some) > _NAMED + 1:
        some[_NAMED:] = [f"{len(some) - _NAMED} others"]
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} {conjunction} {some[-1]}"


def named(user_ids: Iterable[str], users: Mapping[str, str]) -> str:
    """Return the names of users in alphabetical order."""
    return listed(
        sorted(
            (users.get(user_id, "a former user") for user_id in user_ids),
            key=str.casefold,
        )
    )


def after(retention: Retention) -> str:
    """Return when a rule deletes: so long after its base."""
    return "at once" if retention.is_zero else f"{format_duration(retention)} after"
