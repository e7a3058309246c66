"""What it costs to ask Radarr, Sonarr and Seerr, beside asking about every series.

    python -m benchmarks.owners [--cost 0.05]

The reference library has 5,000 movies and 400 series. Read are all titles, tags and
requests, and the episodes of the series of the plan; the other method reads the
episodes and files of every series, every time.
"""

from argparse import ArgumentParser
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from custom_components.oxicleanarr.model import MediaKind
from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    RetentionRules,
    StandardRules,
    parse_duration,
)
from tests.connections import connect_to

from .sync import employ, measured, requests, servers

OWNERS = ("radarr", "sonarr", "seerr")


async def counted[Result](
    name: str,
    session: aiohttp.ClientSession,
    control: str,
    run: Callable[[], Awaitable[Result]],
) -> tuple[int, float]:
    """Run a phase, say what it cost, and return its requests and seconds."""
    asked = await requests(session, control)
    _, seconds = await measured(name, run)
    more = await requests(session, control)
    each = {owner: more[owner] - asked[owner] for owner in OWNERS}
    print("  requests: " + ", ".join(f"{owner} {each[owner]}" for owner in OWNERS))
    return sum(each.values()), seconds


async def main() -> None:
    """Run all phases and print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--cost", type=float, default=0.05)
    options = parser.parse_args()
    async with (
        servers(options, "--arrs") as addresses,
        aiohttp.ClientSession() as session,
    ):
        with TemporaryDirectory() as folder:
            connections = connect_to(
                session,
                {
                    one: (addresses[one]["url"], addresses[one]["api_key"])
                    for one in OWNERS
                },
                timeout=30,
            )
            rules = RetentionRules(
                standard=StandardRules(tv_retention=parse_duration("1d")),
                advanced=(
                    EpisodeRule(name="TV", max_episodes=20, require_watched=True),
                ),
            )
            keeper = employ(
                session, addresses, Path(folder), rules, connections, jellystat=False
            )
            control = addresses["control"]["url"]

            async def poll() -> None:
                """Look as every few minutes."""
                await keeper.sync(full=False)
                assert all(one.up for one in keeper.health.values())

            async def everything() -> None:
                """Read the episodes and files of every series."""
                (sonarr,) = connections.sonarr
                for series in await sonarr.client.series():
                    await sonarr.client.episodes(series.title_id)
                    await sonarr.client.episode_files(series.title_id)

            await counted("first sync and plan", session, control, poll)
            plan = keeper.overview.plan
            assert plan is not None
            planned = [
                one
                for entry in plan.entries
                if entry.kind is not MediaKind.MOVIE
                for one in entry.target_ids
            ]
            print(f"{len(keeper.ledger.series_of(planned))} series of the plan")
            again = await counted("a poll and plan", session, control, poll)
            other = await counted("every series", session, control, everything)
            print(
                f"a poll: {again[0]} requests against {again[0] + other[0]},"
                f" ratio of time {(again[1] + other[1]) / again[1]:.1f}"
            )
            await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
