"""Run the simulated servers for other processes: `python -m simulators`."""

from argparse import ArgumentParser, Namespace
import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
import json
import signal

from .arrs import reference_arrs, sample_arrs
from .control import ControlServer, MovableClock
from .jellyfin import JellyfinSimulator
from .jellyfin.cost import MeasuredCost as JellyfinCost
from .jellystat import JellystatSimulator
from .jellystat.cost import measured_cost as jellystat_cost
from .reference import reference_household
from .sample import sample_household
from .server import Simulator


def arguments() -> Namespace:
    """Return the command line."""
    parser = ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--jellyfin-port", type=int, default=0)
    parser.add_argument("--jellystat-port", type=int, default=0)
    parser.add_argument(
        "--arrs", action="store_true", help="with Radarr, Sonarr and Seerr"
    )
    for name in ("radarr", "radarr4k", "sonarr", "seerr"):
        parser.add_argument(f"--{name}-port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument(
        "--version", default="10.11.11", help="of Jellyfin: 10.10.7, 10.11.11, 12.0"
    )
    parser.add_argument(
        "--jellystat-version",
        default="1.1.8",
        help='1.1.8, 1.1.6, 1.1.4, 1.1.2 or "guide"',
    )
    parser.add_argument(
        "--base-path", default="", help="of Jellyfin, for example /jellyfin"
    )
    parser.add_argument(
        "--tls", action="store_true", help="with a self-signed certificate"
    )
    parser.add_argument("--now", help="the household's time at the start (ISO 8601)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--reference", action="store_true", help="the large household of the benchmarks"
    )
    parser.add_argument(
        "--events", type=int, default=1_000_000, help="of the large household"
    )
    parser.add_argument(
        "--cost",
        type=float,
        help="make lists take this share of the real servers' time",
    )
    return parser.parse_args()


async def run(options: Namespace) -> None:
    """Run until told to stop; the first line of output says where everything is."""
    clock = MovableClock()
    if options.now:
        start = datetime.fromisoformat(options.now)
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        clock.offset = start - datetime.now(UTC)
    if options.reference:
        household = reference_household(clock, events=options.events, seed=options.seed)
    else:
        household = sample_household(clock, seed=options.seed)
        household.monitor_delay = timedelta(seconds=2)
    jellyfin = JellyfinSimulator(
        household,
        options.version,
        host=options.host,
        port=options.jellyfin_port,
        base_path=options.base_path,
        tls=options.tls,
    )
    jellystat = JellystatSimulator(
        household,
        options.jellystat_version,
        host=options.host,
        port=options.jellystat_port,
        tls=options.tls,
    )
    if options.cost is not None:
        jellyfin.cost = JellyfinCost(options.cost)
        jellystat.cost = jellystat_cost(household.plays, options.cost)
    servers: dict[str, Simulator] = {"jellyfin": jellyfin, "jellystat": jellystat}
    if options.arrs:
        furnish = reference_arrs if options.reference else sample_arrs
        for name, server in furnish(household, host=options.host, tls=options.tls):
            server.port = getattr(options, f"{name}_port")
            servers[name] = server
    control = ControlServer(
        household, servers, clock, host=options.host, port=options.control_port
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        for server in (*servers.values(), control):
            await stack.enter_async_context(server)
        addresses = {
            name: {"url": server.url, "api_key": server.api_key}
            for name, server in servers.items()
        }
        print(json.dumps({**addresses, "control": {"url": control.url}}), flush=True)
        await stop.wait()


asyncio.run(run(arguments()))
