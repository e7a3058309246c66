"""The surveyor holds what the product says has gone against the household's own disk.

A file is called deleted only when it is, and no byte is counted that is not free again:
whatever a server answers, and wherever a disk is at that moment.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import sqlite3
from typing import Any
from unittest.mock import patch

from custom_components.oxicleanarr import keeper as keeper_module
from custom_components.oxicleanarr.cleanup import CleanupReport
from custom_components.oxicleanarr.model import PlannedDeletion

from .judge import Judge

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Surveyor:
    """A pair of eyes on the disk."""

    judge: Judge

    def compare(self, report: CleanupReport, before: Ground) -> None:
        """Hold a report against the disk, as it was and as it is."""
        house, now = self.judge.house, self.judge.house.made()
        for entry in report.deleted:
            for item_id in entry.target_ids:
                for path, made in before.files.get(item_id, {}).items():
                    if now.get(path) == made:
                        name = house.names[item_id]
                        self.judge.wrong(
                            name, f"is called deleted, and {path} is there"
                        )
        freed = house.household.disk.free - before.free
        if report.reclaimed_bytes > freed:
            self.judge.wrong(
                "The report", f"counts {report.reclaimed_bytes} bytes, {freed} are free"
            )

    def read_journal(self) -> None:
        """Hold every outcome that is new in the journal against the disk."""
        world, house = self.judge.world, self.judge.house
        made = house.made()
        for number, item_id, path, at, size, recycled in self._deleted():
            if (number, at) in world.surveyed:
                continue
            world.surveyed.add((number, at))
            name = house.names.get(item_id, item_id)
            stake = world.at_stake.get(item_id, {})
            there = {one for one, then in stake.items() if made.get(one) == then}
            if path in made and made[path] <= _EPOCH + timedelta(milliseconds=at):
                there.add(path)
            for one in sorted(there):
                self.judge.wrong(name, f"is deleted by the journal, and {one} is there")
            real = world.bytes_at_stake.get(item_id)
            if None not in (size, real) and size > real and recycled is None:
                self.judge.wrong(name, f"has {real} bytes, and {size} in the journal")

    def _deleted(self) -> list[tuple[Any, ...]]:
        """Return the rows of what has gone, as it is written."""
        with sqlite3.connect(self.judge.ledger) as connection:
            try:
                rows = connection.execute(
                    "SELECT id, item_id, path, intended_at, size_bytes, recycle_bin"
                    " FROM journal WHERE outcome = 'deleted'"
                ).fetchall()
            except sqlite3.OperationalError:
                # There is no table yet.
                rows = []
        connection.close()
        return rows


@dataclass(frozen=True)
class Ground:
    """The disk before a run."""

    files: dict[str, dict[str, datetime]]
    """By item id when each file of a title was made."""
    free: int


@contextmanager
def surveyed(judge: Judge) -> Iterator[None]:
    """Let every run be compared with the disk."""
    clean_up: Callable[..., Any] = vars(keeper_module)["clean_up"]

    async def witnessed(
        entries: Sequence[PlannedDeletion], **options: Any
    ) -> CleanupReport:
        """Look at the ground, run, and look again."""
        house = judge.house
        ids = [one for entry in entries for one in entry.target_ids]
        titles = {one: house.shelf[house.names[one]] for one in ids}
        before = Ground(
            {one: house.files_of(title) for one, title in titles.items()},
            house.household.disk.free,
        )
        report: CleanupReport = await clean_up(entries, **options)
        Surveyor(judge).compare(report, before)
        return report

    with patch.object(keeper_module, "clean_up", witnessed):
        yield
