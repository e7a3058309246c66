"""How long something is kept: ``never`` or a number with a unit."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
import re

from .errors import Fault, bad

MAX_SPAN = timedelta(days=36525)

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
# More digits than 100 years have seconds; leading zeros are not worth a rule.
_DURATION = re.compile(r"([0-9]{1,10})([smhdw])")


@dataclass(frozen=True, slots=True)
class Retention:
    """A span of time after which something may go; without one it never may."""

    span: timedelta | None

    @property
    def is_never(self) -> bool:
        """Whether it keeps for good."""
        return self.span is None

    @property
    def is_zero(self) -> bool:
        """Whether the span is nothing at all, which is not the same as never."""
        return self.span == timedelta(0)

    def __str__(self) -> str:
        """Return it in the words of the rules."""
        return format_duration(self)


NEVER = Retention(None)


def parse_duration(text: object) -> Retention:
    """Return the retention that a text such as ``90d`` or ``never`` stands for."""
    if text == "never":
        return NEVER
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise bad(Fault.NO_DURATION, text)
    span = int(match[1]) * _UNITS[match[2]]
    if span > MAX_SPAN:
        raise bad(Fault.TOO_LONG, text)
    return Retention(span)


@lru_cache(maxsize=256)
def format_duration(retention: Retention) -> str:
    """Return the text for a retention in days, or the largest unit that fits."""
    if retention.span is None:
        return "never"
    for unit in "dhm":
        if not retention.span % _UNITS[unit]:
            return f"{retention.span // _UNITS[unit]}{unit}"
    return f"{retention.span // _UNITS['s']}s"
