"""What an answer costs the real server, from measurements on two cores and PostgreSQL 15.

With 1,000,000 rows of 2.9 KB, newest first and without bounds, 5,000 rows took 3.5 to
4.0 seconds, 10,000 took 4.5 and 15,000 took 5.0; one row took 0.8, and so did the last
hour. Up to a thousand rows fit in the memory that PostgreSQL sorts in; for more it sorts
all that is within the bounds on disk, each time. A page of getHistory took 47 to 106
seconds then, of which the least is taken here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import json

from ..faults import Request
from ..plays import PlayLog, microseconds

_SORTED_IN_MEMORY = 1000


def measured_cost(log: PlayLog, scale: float = 1.0) -> Callable[[Request, int], float]:
    """Return a `JellystatSimulator.cost`: seconds by request and rows in the table.

    getHistory groups the whole table for every page, whatever its size; the flat endpoints
    scan it, sort what is within the bounds, and send what was asked for.
    """

    def cost(request: Request, rows: int) -> float:
        """Return the seconds of a request."""
        size = _whole(request.query.get("size"), 50)
        page = _whole(request.query.get("page"), 1)
        sent = min(size, rows)
        if request.path.lower().endswith("gethistory"):
            seconds = 47e-6 * rows + 1.3e-4 * sent
        elif request.path.lower().endswith(("getplaybackactivity", "getuserhistory")):
            within = min(rows, _within(log, request.query))
            seconds = 0.05 + 6e-7 * rows + 1.3e-4 * min(sent, within)
            seconds += 2.5e-6 * (page - 1) * size
            if sent > _SORTED_IN_MEMORY:
                seconds += 2.4e-6 * within
        else:
            seconds = 0.05 + 4e-7 * rows
        return seconds * scale

    return cost


def _within(log: PlayLog, query: Mapping[str, str]) -> int:
    """Return how many rows lie between the dates of a filter."""
    try:
        bounds = json.loads(query.get("filters", "[{}]"))[0]
        since, until = (
            microseconds(datetime.fromisoformat(bounds[end])) if end in bounds else None
            for end in ("min", "max")
        )
    except ValueError, LookupError, TypeError:
        return len(log)
    return len(log.between(since, until))


def _whole(text: str | None, otherwise: int) -> int:
    """Return a number from the query, or a default."""
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise
