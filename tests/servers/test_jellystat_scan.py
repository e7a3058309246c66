"""No row lost, none doubled: histories that move, tie and break off, made up at random."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from random import Random
from typing import cast

import aiohttp
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.servers import (
    Jellystat,
    jellystat_history as history,
)
from custom_components.oxicleanarr.servers.rows import JsonObject, Rows

START = datetime(2026, 11, 1, tzinfo=UTC)
# The same cases on every machine, however slow it is.
STEADY = settings(deadline=None, derandomize=True, max_examples=300)
USERS = [f"{number:032x}" for number in (10, 11)]


@dataclass
class Table:
    """Jellystat's table, which changes between two requests and orders ties at will."""

    version: str
    random: Random
    changes: int
    rows: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    requests: int = 0

    def fill(self, offsets: list[int]) -> None:
        """Add rows; four offsets share a millisecond."""
        for number, offset in enumerate(offsets):
            at = START + timedelta(microseconds=250 * offset)
            self.rows[f"old-{number}"] = (at, self.random.choice(USERS))

    def shown(self) -> dict[str, datetime]:
        """Return all rows and their dates as they are sent."""
        return {
            name: at.replace(microsecond=at.microsecond // 1000 * 1000)
            for name, (at, _user) in self.rows.items()
        }

    def now(self) -> datetime:
        """Return a date later than all that were known at the start."""
        return START + timedelta(days=1, milliseconds=self.requests)

    def change(self) -> None:
        """Let somebody watch something, or go on with what was begun."""
        self.requests += 1
        if not self.changes or self.random.random() < 0.5:
            return
        self.changes -= 1
        user = self.random.choice(USERS)
        key = f"new-{self.requests}"
        if self.rows and self.random.random() < 0.5:
            key = self.random.choice(sorted(self.rows))
            user = self.rows[key][1]
        self.rows[key] = (self.now(), user)

    async def read_object(self, path: str, **_: object) -> JsonObject:
        """Answer whether it is ready."""
        return {"state": 2, "version": self.version}

    async def read_rows[T](
        self,
        path: str,
        params: dict[str, str],
        convert: Callable[[JsonObject], T | None],
        *,
        key: str,
        post: dict[str, str] | None,
        before_retry: Callable[[], Awaitable[object]],
    ) -> Rows[T]:
        """Answer a page."""
        self.change()
        bounds = json.loads(params["filters"])[0] if "filters" in params else {}
        low = datetime.fromisoformat(bounds.get("min", "1970-01-01T00:00:00Z"))
        high = datetime.fromisoformat(bounds.get("max", "9999-01-01T00:00:00Z"))
        fit = [
            (at, name, user)
            for name, (at, user) in self.rows.items()
            if low <= at <= high and (post is None or post["userid"] == user)
        ]
        self.random.shuffle(fit)
        fit.sort(key=lambda one: one[0], reverse=True)
        page, size = int(params["page"]), int(params["size"])
        shown = fit[(page - 1) * size : page * size]
        result: Rows[T] = Rows(count=len(shown))
        result.head = {"pages": -(-len(fit) // size), "size": size}
        if path != "/api/getHistory":
            result.head["filters"] = [bounds]
        for at, name, user in shown:
            converted = convert(
                {
                    "Id": name,
                    "UserId": user,
                    "NowPlayingItemId": "f" * 32,
                    # Dates are cut to milliseconds, not rounded.
                    "ActivityDateInserted": at.strftime("%Y-%m-%dT%H:%M:%S.")
                    + f"{at.microsecond // 1000:03}Z",
                }
            )
            assert converted is not None
            result.rows.append(converted)
        return result


def jellystat(table: Table) -> Jellystat:
    """Return our side of a table."""
    made = Jellystat(cast(aiohttp.ClientSession, None), "http://jellystat", "key")
    made._http = table  # type: ignore[assignment]
    return made


@STEADY
@given(
    version=st.sampled_from(["1.1.8", "1.1.6", ""]),
    offsets=st.lists(st.integers(0, 6000) | st.integers(0, 40), max_size=40),
    size=st.integers(2, 6),
    growth=st.integers(1, 4),
    changes=st.integers(0, 6),
    stops=st.lists(st.integers(1, 4), max_size=5),
    seed=st.integers(0, 2**32),
)
def test_no_row_is_lost_or_doubled(
    version: str,
    offsets: list[int],
    size: int,
    growth: int,
    changes: int,
    stops: list[int],
    seed: int,
) -> None:
    """A scan with breaks and an increment after it know every row and its last date.

    Rows tie to the millisecond or the microsecond, come and move while it is read.
    """
    table = Table(version, Random(seed), changes)
    table.fill(offsets)
    found: dict[str, datetime] = {}
    met: list[str] = []

    async def read() -> None:
        cursor: str | None = None
        for stop in [*stops, 10_000]:
            pages = 0
            async for page in jellystat(table).backfill(cursor, USERS):
                cursor = page.cursor
                pages += 1
                for event_id, _, _, ended_at, *_ in page.events:
                    met.append(event_id)
                    found[event_id] = ended_at
                if pages == stop:
                    break
            if cursor is None:
                break
        assert cursor is None
        table.changes = 0
        newest = max(found.values(), default=START)
        since = newest - timedelta(hours=13)
        async for events in jellystat(table).updates(since, USERS):
            found.update((event.event_id, event.ended_at) for event in events)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "PAGE", size)
        patch.setattr(history, "MOST_ROWS", growth * size)
        # Pages of two rows have to grow more often than those of five thousand.
        patch.setattr(history, "_PASSES", 5)
        patch.setattr(history, "_STALE_PAGES", 50)
        asyncio.run(read())
    assert found == table.shown()
    if not changes and not stops:
        assert len(met) == len(set(met))


@STEADY
@given(
    version=st.sampled_from(["1.1.8", ""]),
    offsets=st.lists(st.integers(0, 200), min_size=16, max_size=30),
    size=st.integers(2, 4),
    growth=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_what_came_meanwhile(
    version: str, offsets: list[int], size: int, growth: int, seed: int
) -> None:
    """A scan ends with what came and moved while its first pages were read."""
    table = Table(version, Random(seed), 0)
    table.fill(offsets)
    found: dict[str, datetime] = {}

    async def read() -> None:
        async for page in jellystat(table).backfill(None, USERS):
            # Two rows come or move once the first page was read.
            table.changes = 2 if not found else 0
            found.update((event_id, at) for event_id, _, _, at, *_ in page.events)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "PAGE", size)
        patch.setattr(history, "MOST_ROWS", growth * size)
        patch.setattr(history, "_PASSES", 5)
        patch.setattr(history, "_STALE_PAGES", 50)
        asyncio.run(read())
    assert found == table.shown()
