"""Jellyfin's way of writing dates and identifiers."""

from datetime import UTC, datetime
import re

_ID = re.compile(
    r"^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE
)


def iso(value: datetime) -> str:
    """Return a date with up to seven digits; zeros at the end are cut, but not all of them."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    if not value.microsecond:
        return f"{text}.0000000Z"
    # The seventh digit is real on a real server; a client must take it.
    return (
        f"{text}.{value.microsecond:06}{value.microsecond * 7 % 10}".rstrip("0") + "Z"
    )


def parse(value: str) -> datetime | None:
    """Return the date of a query, or None if it is none."""
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def guid(value: str) -> str | None:
    """Return an identifier in format N, None if it is not one."""
    return value.replace("-", "").lower() if _ID.match(value) else None


def dashed(value: str) -> str:
    """Return an identifier in format D."""
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
