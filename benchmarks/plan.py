"""What planning costs: after a start, after a play, and where nothing has changed.

    python -m benchmarks.plan

The reference library of ``benchmarks.evaluate`` lies in a ledger, with 22 rules: no
server is asked.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import (
    Library,
    MediaKind,
    OwnedFacts,
    User,
    UserData,
)
from custom_components.oxicleanarr.retention import (
    RetentionBase,
    RetentionRules,
    TagRule,
    WatchedRule,
    Watchers,
    parse_duration,
)

from .evaluate import USERS, library, some_rules
from .meter import Meter
from .sync import employ

_RUNS = 3
_BEGAN = datetime.now(UTC)
_LIBRARIES = {
    "Movies": Library(
        library_id="1" * 32,
        name="Movies",
        collection_type="movies",
        locations=("/media/Movies",),
    ),
    "Shows": Library(
        library_id="2" * 32,
        name="Shows",
        collection_type="tvshows",
        locations=("/media/Shows",),
    ),
}
_PEOPLE = [User(user_id=one, name=name, sight="") for one, name in USERS.items()]


def rules() -> RetentionRules:
    """Return 22 rules: one asks whether all have watched, one takes what was watched."""
    more = (
        TagRule(
            name="All",
            tag="tag39",
            retention=parse_duration("7d"),
            require_watched=True,
            watched_by=Watchers.ALL,
        ),
        WatchedRule(
            name="Watched",
            retention=parse_duration("300d"),
            retention_base=RetentionBase.LAST_WATCHED,
        ),
    )
    return RetentionRules(advanced=(*some_rules(20).advanced, *more))


def fill(path: Path) -> None:
    """Store what a full sync of the reference library brings."""
    ledger = Ledger(path)
    facts = library(5000, 400, 40_000, own_dates=True)
    batch = ledger.begin_sync(complete=True)
    batch.add_items(
        replace(
            one.item,
            library_id=_LIBRARIES[one.library].library_id,
            path=f"/media/{one.library}/{one.item.item_id}.mkv",
            added_at=one.added_at,
            tags=one.tags or frozenset(),
            runtime=5400,
        )
        for one in facts
    )
    for user in _PEOPLE:
        batch.add_user_data(
            user.user_id,
            (
                UserData(
                    item_id=one.item.item_id,
                    played=user.user_id in one.watched_by,
                    play_count=1,
                    last_played_at=one.last_watched[user.user_id],
                )
                for one in facts
                if user.user_id in one.last_watched
                and one.item.kind is not MediaKind.SERIES
            ),
        )
        batch.add_favorites(user.user_id, [])
    began = int(_BEGAN.timestamp() * 1000)
    batch.commit(
        users=_PEOPLE,
        libraries=list(_LIBRARIES.values()),
        managed=[one.library_id for one in _LIBRARIES.values()],
        now=_BEGAN,
        state={"synced_at": began, "fully_synced_at": began},
    )
    for kind in (MediaKind.MOVIE, MediaKind.SERIES):
        ledger.store_owned(
            kind,
            [
                OwnedFacts(
                    item_id=one.item.item_id,
                    size_bytes=one.size_bytes,
                    continuing=one.continuing,
                    owners=1,
                )
                for one in facts
                if one.item.kind is kind
            ],
        )
    ledger.store_requests(
        {
            one.item.item_id: one.requesters
            for one in facts
            if one.item.kind is not MediaKind.EPISODE
        }
    )
    ledger.close()


def watch(ledger: Ledger, item_id: str) -> None:
    """Let somebody watch a title."""
    batch = ledger.begin_sync(complete=False)
    now = datetime.now(UTC)
    data = UserData(item_id=item_id, played=True, play_count=9, last_played_at=now)
    batch.add_user_data(next(iter(USERS)), [data])
    batch.commit(
        users=_PEOPLE,
        libraries=list(_LIBRARIES.values()),
        managed=[one.library_id for one in _LIBRARIES.values()],
        now=now,
    )


async def main() -> None:
    """Run all phases and print the figures."""
    with TemporaryDirectory() as folder:
        # In a process of its own, so that its memory is not counted.
        filling = get_context("spawn").Process(
            target=fill, args=(Path(folder) / "ledger.db",)
        )
        filling.start()
        await asyncio.to_thread(filling.join)
        async with (
            aiohttp.ClientSession() as session,
            Meter.begin(session) as meter,
        ):
            nowhere = {"url": "http://127.0.0.1:9", "api_key": ""}
            keeper = employ(
                session,
                {"jellyfin": nowhere, "jellystat": nowhere},
                Path(folder),
                rules(),
            )
            movies = iter(keeper.ledger.present(MediaKind.MOVIE))
            episode = keeper.ledger.present(MediaKind.EPISODE)[0].item_id
            other = replace(rules(), advanced=rules().advanced[1:])
            await meter.measure("first plan", keeper.load)
            for _ in range(_RUNS):
                await meter.measure("nothing has changed", keeper.evaluate)
            for _ in range(_RUNS):
                await asyncio.to_thread(watch, keeper.ledger, next(movies).item_id)
                await meter.measure("somebody has watched", keeper.evaluate)
            for _ in range(_RUNS):
                await meter.measure(
                    "explain an episode", partial(keeper.explain, episode)
                )
            for _ in range(_RUNS):
                await meter.measure(
                    "preview other rules", partial(keeper.preview, other)
                )
            plan = keeper.overview.plan
            assert plan is not None
            print(f"{len(plan.entries)} entries, {len(plan.kept)} kept")
            await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
