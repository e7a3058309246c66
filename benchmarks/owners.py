"""What it costs to ask Radarr, Sonarr and Seerr, beside asking about every series.

    python -m benchmarks.owners [--cost 0.05]

The reference library has 5,000 movies and 400 series. Read are all titles, tags and
requests, and the episodes of the series of the plan; the other method reads the
episodes and files of every series, every time.
"""

from argparse import ArgumentParser
import asyncio
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

from .meter import Measured, Meter
from .sync import employ, servers

OWNERS = ("radarr", "sonarr", "seerr")


def asked(phase: Measured[None]) -> int:
    """Return how many requests a phase sent to Radarr, Sonarr and Seerr."""
    return sum(phase.requests[owner] for owner in OWNERS)


async def main() -> None:
    """Run all phases and print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--cost", type=float, default=0.05)
    options = parser.parse_args()
    async with (
        servers(options, "--arrs") as addresses,
        aiohttp.ClientSession() as session,
        Meter.begin(session, addresses["control"]["url"]) as meter,
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

            await meter.measure("first sync and plan", poll)
            plan = keeper.overview.plan
            assert plan is not None
            planned = [
                one
                for entry in plan.entries
                if entry.kind is not MediaKind.MOVIE
                for one in entry.target_ids
            ]
            print(f"{len(keeper.ledger.series_of(planned))} series of the plan")
            again = await meter.measure("a poll and plan", poll)
            other = await meter.measure("every series", everything)
            print(
                f"a poll: {asked(again)} requests against"
                f" {asked(again) + asked(other)}, ratio of time"
                f" {(again.seconds + other.seconds) / again.seconds:.1f}"
            )
            await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
