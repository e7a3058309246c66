"""A process that deletes for real, until it is killed.

``python -m tests.safety.victim`` reads one task a line, as JSON, forks a process for
it, says its id, and says when that has ended. To fork saves the time of a start.
"""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
import json
import os
from pathlib import Path
import sys
from typing import Self

import aiohttp

from custom_components.oxicleanarr.household import Clock, Servers
from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.servers import Connections, Jellyfin, Jellystat

from .choices import Chosen, rules
from .estate import connections
from .life import PATIENCE, employ


@dataclass(frozen=True)
class Task:
    """What a process needs to know for one look at the servers."""

    ledger: str
    jellyfin: tuple[str, str]
    """Its URL and its key."""
    jellystat: tuple[str, str] | None
    owners: dict[str, tuple[str, str]] | None
    """The same of the servers that own files, by their names."""
    rules: int
    managed: list[str]
    now: str

    @classmethod
    def load(cls, line: str) -> Self:
        """Return the task of a line."""
        return cls(**json.loads(line))

    def dump(self) -> str:
        """Return the line of a task."""
        return json.dumps(asdict(self))


async def look(task: Task) -> None:
    """Sync, plan and delete what is due, once."""
    now = datetime.fromisoformat(task.now)
    async with aiohttp.ClientSession() as session:
        keeper = employ(
            Ledger(Path(task.ledger)),
            Servers(
                Jellyfin(session, *task.jellyfin),
                Jellystat(session, *task.jellystat) if task.jellystat else None,
                Connections()
                if task.owners is None
                else connections(session, task.owners, PATIENCE, tells_paths=True),
            ),
            Chosen(rules(task.rules), frozenset(task.managed)),
            Clock(lambda: now),
        )
        await keeper.connect()
        await keeper.load()
        await keeper.tick()
        await keeper.close()


def main() -> None:
    """Do every task of the standard input in a process of its own."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(look(Task.load(line)))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
