"""A house whose due titles can be deleted for real, in a simulator."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.oxicleanarr.cleanup import (
    CleanupReport,
    Limits,
    Plan,
    clean_up,
    plan_cleanup,
)
from custom_components.oxicleanarr.model import PlannedDeletion
from custom_components.oxicleanarr.retention import (
    RetentionRules,
    StandardRules,
    parse_duration,
)
from custom_components.oxicleanarr.servers import http
from tests.home import DAY, Home, open_home

GRACE = 3 * DAY


@dataclass
class Cleaner:
    """What Home Assistant does with the rooms, by hand."""

    home: Home
    limits: Limits
    rules: RetentionRules
    dry_run: Callable[[], bool] = lambda: False

    def plan(self) -> Plan:
        """Make the plan from what the ledger knows."""
        return plan_cleanup(
            self.home.ledger,
            self.rules,
            now=self.home.now,
            grace=GRACE,
            favorites_keep=self.limits.favorites_keep,
        )

    async def due_plan(self) -> Plan:
        """Sync, wait until the grace is over, sync and make the plan."""
        await self.home.sync()
        self.plan()
        self.home.wait(GRACE + timedelta(hours=1))
        await self.home.sync()
        return self.plan()

    async def run(
        self, entries: Sequence[PlannedDeletion] | None = None
    ) -> CleanupReport:
        """Delete the entries, or all that are due."""
        if entries is None:
            entries = self.plan().due(self.home.now)
        return await clean_up(
            entries,
            ledger=self.home.ledger,
            jellyfin=self.home.jellyfin,
            limits=self.limits,
            is_dry_run=lambda: self.dry_run(),
            clock=lambda: self.home.now,
        )

    def files(self) -> set[str]:
        """Return the names of the video files on disk."""
        return {
            path.rpartition("/")[2].removesuffix(".mkv")
            for path in self.home.household.files
            if path.endswith(".mkv")
        }


@pytest.fixture
def versions() -> tuple[str, str]:
    """Return the versions of Jellyfin and Jellystat."""
    return "10.11.11", "1.1.8"


@pytest.fixture
async def cleaner(
    socket_enabled: None,
    tmp_path: Path,
    versions: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Cleaner]:
    """Return a house with the guide's example: seven days after it was watched."""

    async def no_wait(seconds: float) -> None:
        """Tests do not wait."""

    monkeypatch.setattr(http, "_sleep", no_wait)
    rules = RetentionRules(
        standard=StandardRules(
            movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
        )
    )
    async with open_home(tmp_path, *versions) as home:
        yield Cleaner(home, Limits(), rules)
