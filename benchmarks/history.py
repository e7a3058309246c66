"""Storing the watch history: CPU a row, bytes a row, and what a poll costs after that.

    python -m benchmarks.history [--events 1000000] [--page 15000]

No server takes part. The plays are those of the reference library: 45,000 titles and
20 users who have each seen some thousand of them.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
import resource
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from uuid import UUID

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import PlaybackEvent

_TITLES = 45_000
_USERS = 20
_SEEN = 6_000
_YEARS = timedelta(days=4 * 365)


def plays(count: int, now: datetime) -> Iterator[PlaybackEvent]:
    """Return plays, newest first."""
    random = Random(1)
    pools = [random.sample(range(_TITLES), k=_SEEN) for _ in range(_USERS)]
    for number in range(count):
        user = random.randrange(_USERS)
        # The square makes few things watched often and most of them rarely.
        title = pools[user][int(_SEEN * random.random() ** 2)]
        yield PlaybackEvent(
            event_id=str(UUID(int=random.getrandbits(128), version=4)),
            user_id=f"{user:032x}",
            item_id=f"{title:032x}",
            ended_at=now - _YEARS * (number / count),
            seconds=random.randrange(600, 7200),
            user_name=f"user{user:02}",
            title=f"Film {title:05}" if title < 5_000 else f"Part {title % 100}",
            series_title=None if title < 5_000 else f"Show {title // 100}",
        )


def pages(count: int, size: int, now: datetime) -> Iterator[list[PlaybackEvent]]:
    """Return plays in pages."""
    page: list[PlaybackEvent] = []
    for play in plays(count, now):
        page.append(play)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def read_all(ledger: Ledger, count: int, size: int, now: datetime) -> float:
    """Store a whole read of the history, and return the seconds of CPU."""
    spent = 0.0
    stored = 0
    ledger.begin_history_scan(now)
    for page in pages(count, size, now):
        stored += len(page)
        started = process_time()
        ledger.add_history_page(page, None if stored == count else "cursor", now)
        spent += process_time() - started
    return spent


def timed[Result](name: str, run: Callable[[], Result]) -> Result:
    """Run something and say how long it took."""
    wall, cpu = perf_counter(), process_time()
    result = run()
    print(
        f"{name:<34} {1000 * (perf_counter() - wall):9.1f} ms"
        f" {1000 * (process_time() - cpu):9.1f} ms CPU"
    )
    return result


def main() -> None:
    """Run all phases and print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--page", type=int, default=15_000)
    options = parser.parse_args()
    count, now = options.events, datetime.now(UTC)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = Ledger(path)
        for name in ("first read of everything", "everything read again"):
            cpu = read_all(ledger, count, options.page, now)
            log = path.with_name(path.name + "-wal").stat().st_size
            print(
                f"{name:<34} {1e6 * cpu / count:9.1f} µs CPU a row"
                f"   write-ahead log {log / 1e6:.1f} MB"
            )
        ledger.checkpoint()
        print(f"{'on disk':<34} {path.stat().st_size / count:9.1f} bytes a row")
        newest = next(plays(count, now))
        state = timed("state", ledger.state)
        assert state.history_rows == count
        batch = ledger.begin_sync(complete=False)
        batch.add_events([newest])
        assert timed("new_events", batch.new_events) == 0
        timed("commit of a poll", lambda: batch.commit(users=(), libraries=(), now=now))
        for name, query in (
            ("history: newest", {}),
            ("history: a title", {"item_ids": [newest.item_id]}),
            ("history: a user", {"user_id": newest.user_id}),
        ):
            timed(name, lambda query=query: ledger.watch_history(**query))  # type: ignore[misc]
        ledger.close()
        timed("open", lambda: Ledger(path)).close()
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
