"""What ASP.NET answers by itself, in Jellyfin as in Radarr and Sonarr."""

from typing import Any

from .faults import Answer, dump


def problem(
    status: int, errors: dict[str, list[str]] | None = None, *, trace_id: str
) -> Answer:
    """Return the problem JSON for a bad request or for what is not found."""
    section = {400: "15.5.1", 404: "15.5.5"}[status]
    body: dict[str, Any] = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
        "title": "Not Found"
        if status == 404
        else "One or more validation errors occurred.",
        "status": status,
    }
    if errors is not None:
        body["errors"] = errors
    body["traceId"] = trace_id
    return Answer(status, dump(body), "application/problem+json; charset=utf-8")
