"""What Radarr and Sonarr do when they are told to: refreshes, looks at the disk, searches."""

from collections.abc import Mapping
from typing import Any

from ..faults import Answer, as_json
from ..household import Household
from .binding import Call
from .errors import bad_request, failed, problem
from .records import Row
from .storage import ArrStorage
from .tags import Tags
from .tasks import COMPLETED, Task, Tasks

COMMANDS = (
    "CleanUpRecycleBin",
    "EpisodeSearch",
    "Housekeeping",
    "ImportListSync",
    "MissingEpisodeSearch",
    "MissingMoviesSearch",
    "MoviesSearch",
    "RefreshMovie",
    "RefreshSeries",
    "RescanMovie",
    "RescanSeries",
    "SeasonSearch",
)
"""The commands that are known; the names are not case-sensitive."""


class CommandServer(ArrStorage):
    """The commands of a Radarr or Sonarr, which are carried out after the answer."""

    app_name = ""
    title_key = ""
    tags: Tags

    def __init__(self, household: Household, **options: Any) -> None:
        """Begin with nothing to do."""
        super().__init__(household, **options)
        self.tasks = Tasks()

    # -- what differs --------------------------------------------------------

    def tagged(self, tag: int) -> list[int]:
        """Return the ids of the titles with a tag."""
        raise NotImplementedError

    def rescan(self) -> None:
        """Look at the disk."""
        raise NotImplementedError

    def search(self) -> list[str]:
        """Download what is monitored and has no file, and return what that was."""
        raise NotImplementedError

    def refresh(self, title_id: int) -> None:
        """Read all about a title anew, and look at the disk; raises TaskFailed."""
        raise NotImplementedError

    def search_for(self, task: Task) -> str:
        """Carry out a search for titles or episodes; raises TaskFailed."""
        raise NotImplementedError

    def list_sync(self) -> list[str]:
        """Let the import list bring back what is missing and not excluded, and return what that was."""
        raise NotImplementedError

    # -- commands ------------------------------------------------------------

    async def _commands(self, call: Call) -> Answer:
        """Answer `GET /command`."""
        return as_json([self._task_row(task) for task in self.tasks.all.values()])

    async def _one_command(self, call: Call) -> Answer:
        """Answer `GET /command/{id}`."""
        if (task := self.tasks.all.get(call.id)) is None:
            return problem(404)
        return as_json(self._task_row(task))

    async def _command(self, call: Call) -> Answer:
        """Answer `POST /command`: it is queued, and carried out after the answer."""
        body = dict(call.body)
        wanted = str(body.pop("name", None) or "")
        if not wanted:
            raise bad_request("name must be provided")
        name = next((one for one in COMMANDS if one.lower() == wanted.lower()), None)
        if name is None:
            raise failed(500, "Sequence contains no matching element")
        answer = as_json(self._task_row(self.queue_task(name, body)), 201)
        self.work()
        return answer

    def queue_task(
        self, name: str, body: Mapping[str, object], trigger: str = "manual"
    ) -> Task:
        """Queue a command; it is carried out by ``work``."""
        return self.tasks.add(self.next_id, name, body, self.household.now(), trigger)

    def work(self) -> None:
        """Carry out what is queued, unless other commands keep it busy."""
        self.tasks.work(self._carry_out, self.household.now())

    def _carry_out(self, task: Task) -> str:
        """Carry out a command, and return what it says in the end."""
        match task.name:
            case "RefreshMovie" | "RefreshSeries" if task.body.get(
                f"{self.title_key}s"
            ):
                for title_id in task.body[f"{self.title_key}s"]:
                    self.refresh(title_id)
            case "RefreshMovie" | "RefreshSeries" | "RescanMovie" | "RescanSeries":
                self.rescan()
            case "MissingMoviesSearch" | "MissingEpisodeSearch":
                self.search()
            case "MoviesSearch" | "EpisodeSearch" | "SeasonSearch":
                return self.search_for(task)
            case "ImportListSync":
                self.list_sync()
            case "CleanUpRecycleBin":
                self.clean_recycle_bin()
            case "Housekeeping":
                for number in [one for one in self.tags if not self.tagged(one)]:
                    del self.tags[number]
        return COMPLETED

    def _task_row(self, task: Task) -> Row:
        """Return a command as it is sent."""
        return task.row(radarr=self.app_name == "Radarr")
