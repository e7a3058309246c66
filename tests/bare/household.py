"""A household that is kept by what the rooms hand out, as a program without Home Assistant would.

It reads the addresses of the servers as JSON, and prints what it deleted.
"""

import asyncio
from datetime import datetime, timedelta
import json
from pathlib import Path
import sys
from typing import Any

import aiohttp

from custom_components.oxicleanarr.cleanup import Limits
from custom_components.oxicleanarr.household import (
    Clock,
    Event,
    KeeperSettings,
    Servers,
)
from custom_components.oxicleanarr.keeper import Keeper, open_household
from custom_components.oxicleanarr.retention import parse_rules
from custom_components.oxicleanarr.servers import Jellyfin, Jellystat


async def keep(task: dict[str, Any]) -> dict[str, Any]:
    """Sync, wait until the grace is over, and delete what is due."""
    now = datetime.fromisoformat(task["now"])
    told: list[str] = []

    def listen(event: Event) -> None:
        """Write down what is told."""
        told.append(event.type.value)

    async with aiohttp.ClientSession() as session:
        keeper = Keeper(
            open_household(Path(task["ledger"]), now).ledger,
            Servers(
                Jellyfin(session, *task["jellyfin"]),
                Jellystat(session, *task["jellystat"]),
            ),
            KeeperSettings(
                libraries=None,
                rules=parse_rules(task["rules"]).rules,
                full_sync_interval=timedelta(hours=6),
                grace=timedelta(days=3),
                limits=Limits(),
                dry_run=False,
                import_exclusion=True,
                seerr_cleanup=False,
            ),
            Clock(lambda: now, lambda: now.timestamp()),
            lambda recycled: Limits(),
        )
        keeper.listen(listen)
        await keeper.connect()
        await keeper.load()
        for _ in range(16):
            await keeper.tick()
            now += timedelta(hours=5)
        rows = keeper.ledger.deletions(10)
        await keeper.close()
    return {
        "deleted": [(row.title, row.outcome.value) for row in rows],
        "told": sorted(set(told)),
        "foreign": sorted({"homeassistant", "probatio"} & sys.modules.keys()),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(keep(json.loads(sys.argv[1])))))
