"""Paging, filters and order, with what goes wrong silently."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
import math
from typing import Any

from ..plays import Play, PlayLog, microseconds

_BIGINT = 2**63


class Silent(Exception):
    """The SQL failed: 200 with no pages and no results."""


class Hangs(Exception):
    """A request that is never answered."""


class BadFilters(Exception):
    """Filters that are not JSON: 400 with examples."""


COLUMNS: dict[str, Callable[[Play], Any]] = {
    "Id": lambda play: play.id,
    "IsPaused": lambda play: False,
    "UserId": lambda play: play.user_id,
    "UserName": lambda play: play.user_name,
    "Client": lambda play: play.client,
    "DeviceName": lambda play: play.device,
    "DeviceId": lambda play: f"{play.user_id[:12]}-{play.device}",
    "ApplicationVersion": lambda play: play.version,
    "NowPlayingItemId": lambda play: play.item_id,
    "NowPlayingItemName": lambda play: play.name,
    "SeasonId": lambda play: play.season_id,
    "SeriesName": lambda play: play.series_name,
    "EpisodeId": lambda play: play.episode_id,
    "PlaybackDuration": lambda play: play.seconds,
    "ActivityDateInserted": lambda play: play.date,
    "PlayMethod": lambda play: play.method,
    "OriginalContainer": lambda play: "mkv",
    "RemoteEndPoint": lambda play: "192.0.2.17",
    "ServerId": lambda play: None,
    "imported": lambda play: play.imported,
}
HISTORY_COLUMNS = frozenset(
    {
        "ActivityDateInserted",
        "PlaybackDuration",
        "TotalPlays",
        "DeviceName",
        "Client",
        "NowPlayingItemName",
        "RemoteEndPoint",
        "UserName",
    }
)


@dataclass(slots=True)
class Page:
    """What a request asks for, after the server's guessing of types."""

    page: Any
    size: Any
    sort: str
    descending: bool
    filters: list[Any] | None = None
    search: Any = None
    echo: dict[str, Any] = field(default_factory=dict)

    def envelope(self, pages: int | None, results: object) -> dict[str, Any]:
        """Return the answer around rows."""
        return {
            "current_page": self.page,
            "pages": pages,
            "size": self.size,
            "sort": self.sort,
            "desc": self.descending,
            "results": results,
            **self.echo,
        }

    def bounds(self, total: int) -> tuple[int, int, int | None]:
        """Return offset, size and number of pages, or fail as the SQL does."""
        size, page = _number(self.size), _number(self.page)
        if size is None or page is None or not 0 <= size < _BIGINT:
            raise Silent
        offset = round((page - 1) * size)
        if offset < 0 or not page > 0:
            raise Silent
        if size == 0:
            return 0, 0, None
        return offset, round(size), math.ceil(total / size)


def guess(text: str) -> Any:
    """Return a query value as the type it looks like."""
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _number(value: Any) -> float | None:
    """Return a number, None for anything else."""
    return value if isinstance(value, int | float) else None


def parse_page(
    query: Mapping[str, str], *, size: int = 50, sort: str = "ActivityDateInserted"
) -> Page:
    """Return the page that a query asks for."""
    desc = query.get("desc")
    page = Page(
        page=guess(query["page"]) if "page" in query else 1,
        size=guess(query["size"]) if "size" in query else size,
        sort=query.get("sort", sort),
        descending=desc not in ("false", "0"),
    )
    if search := query.get("search"):
        page.search = guess(search)
        page.echo["search"] = page.search
    if "filters" in query:
        page.filters = _filters(query["filters"])
        page.echo["filters"] = page.filters
    return page


def _filters(text: str) -> list[Any]:
    """Return the filters of a query, or fail as the real server does."""
    try:
        filters = json.loads(text)
    except ValueError as error:
        raise BadFilters from error
    if not isinstance(filters, list):
        raise Hangs
    for each in filters:
        if not isinstance(each, dict) or (
            isinstance(each.get("value"), int | float)
            and not isinstance(each.get("value"), bool)
        ):
            raise Hangs
    return filters


def _date(text: Any, offset: timedelta) -> datetime:
    """Return the date of a filter; one without a zone is in the server's own."""
    try:
        date = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Silent from error
    return date if date.tzinfo else (date - offset).replace(tzinfo=UTC)


class Selection:
    """The rows of a log that filters let through."""

    def __init__(
        self,
        log: PlayLog,
        page: Page,
        offset: timedelta,
        columns: Iterable[str],
        *,
        lists: bool,
    ) -> None:
        """Read the filters: dates become a range, the rest a test."""
        self.log = log
        self.since: int | None = None
        self.until: int | None = None
        self.tests: list[Callable[[Play], bool]] = []
        self._columns = frozenset(columns)
        self._lists = lists
        for each in page.filters or []:
            self._add(each, offset)
        # A search that reads as a number is ignored without a word.
        if isinstance(page.search, str):
            wanted = page.search.lower()
            self.tests.append(lambda play: wanted in play.full_name.lower())

    def _add(self, each: Mapping[str, Any], offset: timedelta) -> None:
        """Add the range or test of one filter."""
        name = each.get("field")
        if name not in self._columns or name == "ActivityDateInserted":
            if "min" in each:
                self.since = max(
                    self.since or 0, microseconds(_date(each["min"], offset))
                )
            if "max" in each:
                until = microseconds(_date(each["max"], offset))
                self.until = until if self.until is None else min(self.until, until)
            if "value" in each:
                moment = microseconds(_date(each["value"], offset))
                self.since = self.until = moment
            return
        if name == "TotalPlays":
            return
        column = COLUMNS[name]
        if "in" in each and self._lists:
            wanted = (
                each["in"].split(",")
                if isinstance(each["in"], str)
                else [str(value) for value in each["in"]]
            )
            values = {value.strip() for value in wanted}
            self.tests.append(lambda play: str(column(play)) in values)
        if "value" in each:
            self.tests.append(_value_test(column, each["value"]))
        if "min" in each:
            low = float(each["min"])
            self.tests.append(lambda play: float(column(play)) >= low)
        if "max" in each:
            high = float(each["max"])
            self.tests.append(lambda play: float(column(play)) <= high)

    def places(self, among: Sequence[int] | None = None) -> Sequence[int]:
        """Return the places of the rows, oldest first; without other filters a range of them."""
        window = self.log.between(self.since, self.until)
        if among is not None:
            places: Sequence[int] = [
                place for place in among if window.start <= place < window.stop
            ]
        else:
            places = window
        if not self.tests:
            return places
        return [
            place
            for place in places
            if all(test(self.log[place]) for test in self.tests)
        ]


def _value_test(column: Callable[[Play], Any], value: Any) -> Callable[[Play], bool]:
    """Return the test whether a column contains a value."""
    if isinstance(value, bool):
        return lambda play: bool(column(play)) is value
    text = str(value).lower()
    return lambda play: text in str(column(play) or "").lower()


def paged(
    log: PlayLog, places: Sequence[int], page: Page, offset: int, size: int
) -> list[int]:
    """Return a page of places. Rows of one date have no order: newest first, each page shuffles them anew."""
    if page.sort in COLUMNS and page.sort != "ActivityDateInserted":
        column = COLUMNS[page.sort]
        ordered = sorted(
            places,
            key=lambda place: _sort_key(column(log[place])),
            reverse=page.descending,
        )
        return ordered[offset : offset + size]
    if not page.descending:
        return list(places[offset : offset + size])
    total = len(places)
    chosen = [
        places[total - 1 - index] for index in range(offset, min(offset + size, total))
    ]
    return _shuffle_ties(log, places, chosen, offset) if chosen else chosen


def _sort_key(value: Any) -> tuple[bool, float, str]:
    """Return the sort key of a value; null comes last, as in PostgreSQL."""
    number = float(value) if isinstance(value, int) else 0.0
    return value is None, number, str(value)


def _shuffle_ties(
    log: PlayLog, places: Sequence[int], chosen: list[int], offset: int
) -> list[int]:
    """Return a page whose first and last date, where shared with a neighbouring page, are shuffled."""
    total = len(places)
    for edge in (0, -1):
        date = log.date(chosen[edge])
        low = high = total - 1 - offset if edge == 0 else total - offset - len(chosen)
        while low > 0 and log.date(places[low - 1]) == date:
            low -= 1
        while high < total - 1 and log.date(places[high + 1]) == date:
            high += 1
        first, last = total - 1 - high, total - 1 - low
        if first >= offset and last < offset + len(chosen):
            continue
        tie = sorted(
            (places[index] for index in range(low, high + 1)),
            key=lambda place: hash((log.serial(place), offset)),
        )
        for index in range(max(first, offset), min(last, offset + len(chosen) - 1) + 1):
            chosen[index - offset] = tie[index - first]
    return chosen
