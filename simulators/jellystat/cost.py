"""What an answer costs the real server, from measurements on two cores and PostgreSQL 15."""

from collections.abc import Callable

from ..faults import Request


def measured_cost(scale: float = 1.0) -> Callable[[Request, int], float]:
    """Return a `JellystatSimulator.cost`: seconds by request and rows in the table.

    getHistory groups the whole table for every page, whatever its size; the flat endpoints
    scan it, sort what they skip, and send what was asked for.
    """

    def cost(request: Request, rows: int) -> float:
        """Return the seconds of a request."""
        size = _whole(request.query.get("size"), 50)
        page = _whole(request.query.get("page"), 1)
        sent = min(size, rows)
        if request.path.lower().endswith("gethistory"):
            seconds = 44e-6 * rows + 1.3e-4 * sent
        elif request.path.lower().endswith(("getplaybackactivity", "getuserhistory")):
            seconds = 0.05 + 6e-7 * rows + 9e-5 * sent + 2.5e-6 * (page - 1) * size
        else:
            seconds = 0.05 + 4e-7 * rows
        return seconds * scale

    return cost


def _whole(text: str | None, otherwise: int) -> int:
    """Return a number from the query, or a default."""
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise
