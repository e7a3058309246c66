"""The rooms run without Home Assistant, in a process that could not import it."""

import asyncio
from asyncio.subprocess import PIPE
import json
from pathlib import Path
import sys

from .home import DAY, START, open_home

RULES = """
rules:
  movie_retention: 7d
  tv_retention: 14d
"""


async def test_a_household_is_kept_without_home_assistant(
    socket_enabled: None, tmp_path: Path
) -> None:
    """Sync, plan, grace, deletion: nothing but Python, aiohttp and PyYAML."""
    async with open_home(tmp_path) as home:
        household = home.household
        household.play(
            household.users[0], home.video("Alpha"), 1.0, at=START - 20 * DAY
        )
        task = {
            "now": START.isoformat(),
            "ledger": str(tmp_path / "bare.db"),
            "jellyfin": [home.jellyfin_server.url, home.jellyfin_server.api_key],
            "jellystat": [home.jellystat_server.url, home.jellystat_server.api_key],
            "rules": RULES,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(Path(__file__).with_name("bare"))),
            json.dumps(task),
            stdout=PIPE,
            stderr=PIPE,
        )
        printed, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()
        assert json.loads(printed) == {
            "deleted": [["Alpha", "deleted"]],
            "told": ["changed", "deleted", "scheduled"],
            "foreign": [],
        }
        assert not any("Alpha" in path for path in household.files)
