"""The commands of a Radarr or Sonarr: queued, carried out one after another, remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import re
from typing import Any

from .records import Row, when

COMPLETED = "Completed"
"""What most commands say in the end."""


class TaskFailed(Exception):
    """A command cannot be carried out; the text is that of the server's exception."""


@dataclass(slots=True)
class Task:
    """A command."""

    id: int
    name: str
    body: Mapping[str, Any]
    trigger: str
    queued: datetime
    status: str = "queued"
    message: str | None = None
    exception: str | None = None
    ended: datetime | None = None

    @property
    def open(self) -> bool:
        """Return whether it has not ended yet."""
        return self.status == "queued"

    def row(self, *, radarr: bool) -> Row:
        """Return the command as it is sent."""
        refresh = self.name.startswith("Refresh")
        body: Row = {
            **self.body,
            "sendUpdatesToClient": True,
            "updateScheduledTask": not refresh,
            "requiresDiskAccess": False,
            "isExclusive": False,
            "isLongRunning": refresh,
            "name": self.name,
            "trigger": self.trigger,
            "suppressMessages": False,
        }
        if refresh:
            body["completionMessage"] = COMPLETED
        if radarr:
            body["isTypeExclusive"] = False
        row: Row = {
            "name": self.name,
            "commandName": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name),
            "body": body,
            "priority": "normal",
            "status": self.status,
            "result": "successful" if self.status == "completed" else "unknown",
            "queued": when(self.queued),
            "trigger": self.trigger,
            "sendUpdatesToClient": True,
            "updateScheduledTask": not refresh,
            "id": self.id,
        }
        if self.ended is not None:
            row |= {
                "message": self.message,
                "started": when(self.queued),
                "ended": when(self.ended),
                "duration": "00:00:00.0250612",
                "stateChangeTime": when(self.ended),
            }
        if self.exception is not None:
            row["exception"] = f"{self.exception}\n(stack trace)"
        return row


@dataclass(slots=True)
class Tasks:
    """All commands, by id. While others keep it busy, new ones wait."""

    busy: bool = False
    all: dict[int, Task] = field(default_factory=dict)

    def add(
        self,
        number: Callable[[], int],
        name: str,
        body: Mapping[str, Any],
        now: datetime,
        trigger: str = "manual",
    ) -> Task:
        """Queue a command; the same one that waits already is not queued twice."""
        for task in self.all.values():
            if task.open and (task.name, task.body) == (name, body):
                return task
        task = Task(number(), name, dict(body), trigger, now)
        self.all[task.id] = task
        return task

    def work(self, run: Callable[[Task], str], now: datetime) -> None:
        """Carry out what waits, in order, with what comes up meanwhile."""
        while not self.busy and (
            task := next((one for one in self.all.values() if one.open), None)
        ):
            task.status = "started"
            try:
                task.message = run(task)
                task.status = "completed"
            except TaskFailed as error:
                task.message, task.exception = "Failed", str(error)
                task.status = "failed"
            task.ended = now
