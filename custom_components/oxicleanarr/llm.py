"""Tools for Assist and other language models: they read, and change nothing.

They are on offer where one of the to-do lists is exposed to the assistant.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, override

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.components.todo.const import DOMAIN as TODO_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)
from homeassistant.util import dt as dt_util
import probatio

from .access import async_asker
from .cleanup import rule_name, say
from .const import DOMAIN
from .coordinator import OxiCleanarrCoordinator, loaded_coordinators
from .entity import announced_days
from .ledger import Ledger, SeveralTitlesError
from .model import MediaFacts, MediaItem, MediaKind, dated_title
from .responses import as_json
from .service_schemas import MAX_ID

_MOST_TITLES = 50
_TITLE = "title"
_DAYS = "days"


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools, for whoever is shown a list of what leaves soon."""
    if api_id != LLM_API_ASSIST:
        return None
    registry = er.async_get(hass)
    exposed = [
        coordinator
        for coordinator in loaded_coordinators(hass)
        for entity in er.async_entries_for_config_entry(
            registry, coordinator.config_entry.entry_id
        )
        if entity.domain == TODO_DOMAIN
        and async_should_expose(hass, llm_context.assistant, entity.entity_id)
    ]
    if not exposed:
        return None
    return LLMTools(
        tools=[LeavingTool(exposed), WhyTool(exposed), UnfinishedTool(exposed)]
    )


class _ReadingTool(Tool):
    """A tool that asks each household that is exposed."""

    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
    integration = DOMAIN
    fields: ClassVar[dict[Any, Any]]

    def __init__(self, coordinators: list[OxiCleanarrCoordinator]) -> None:
        """Take the households."""
        self.parameters = probatio.Schema(self.fields)
        self._coordinators = coordinators

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Return what the first household says that knows the title."""
        data = self.parameters(tool_input.tool_args)
        asker = await async_asker(hass, llm_context.context)
        error = "There is no such title"
        for coordinator in self._coordinators:
            try:
                answer = await self.async_answer(coordinator, data, admin=asker.admin)
            except SeveralTitlesError as err:
                names = [dated_title(item) for item, _ in err.titles]
                return ToolResult(data={"did_you_mean": list(names)})
            except LookupError:
                continue
            except HomeAssistantError as err:
                error = str(err)
                continue
            return ToolResult(data=as_json(answer) or {})
        return ToolResult(data={"error": error}, error=True)

    async def async_answer(
        self, coordinator: OxiCleanarrCoordinator, data: dict[str, Any], *, admin: bool
    ) -> dict[str, Any]:
        """Return the answer. Raises LookupError and HomeAssistantError."""
        raise NotImplementedError


class LeavingTool(_ReadingTool):
    """What leaves within some days."""

    name = f"{DOMAIN}__get_leaving"
    title = "Get what leaves the media library"
    description = (
        "Returns the movies and episodes that will be deleted from the Jellyfin media"
        " library within some days, with the day and the reason."
    )
    fields: ClassVar[dict[Any, Any]] = {
        probatio.Optional(_DAYS, default=7): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=365)
        )
    }

    @override
    async def async_answer(
        self, coordinator: OxiCleanarrCoordinator, data: dict[str, Any], *, admin: bool
    ) -> dict[str, Any]:
        """Return what leaves, the first first."""
        last = dt_util.now().date() + timedelta(days=data[_DAYS])
        plan = coordinator.data.plan
        words = coordinator.words
        leaving = [
            {
                "title": dated_title(entry),
                "leaves_on": day.isoformat(),
                "because": say(entry.reason, words),
            }
            for _, entry, day in announced_days(plan.entries if plan else ())
            if day <= last
        ]
        return {
            "count": len(leaving),
            "titles": leaving[:_MOST_TITLES],
            "nothing_is_deleted_because_of_dry_run": coordinator.settings.dry_run,
            "blocked_because": [
                say(blocker.reason, words) for blocker in coordinator.keeper.blockers
            ],
        }


class WhyTool(_ReadingTool):
    """Why a title is kept or deleted."""

    name = f"{DOMAIN}__explain_title"
    title = "Explain why a title is kept or leaves"
    description = (
        "Returns whether a movie, series or episode of the Jellyfin media library is"
        " kept or will be deleted, and why. An episode is called like 'Fargo S01E02'."
    )
    fields: ClassVar[dict[Any, Any]] = {
        probatio.Required(_TITLE): probatio.All(str, probatio.Length(max=MAX_ID))
    }

    @override
    async def async_answer(
        self, coordinator: OxiCleanarrCoordinator, data: dict[str, Any], *, admin: bool
    ) -> dict[str, Any]:
        """Return the verdict in words."""
        meant = await coordinator.async_meant(data[_TITLE])
        explained = await coordinator.async_asked(coordinator.keeper.explain(meant))
        due_at = explained.due_at
        words = coordinator.words
        return {
            "title": dated_title(explained.item),
            "kept_or_deleted": explained.outcome,
            "rule": rule_name(explained.rule, words),
            "because": say(explained.reason, words),
            "leaves_on": dt_util.as_local(due_at).date().isoformat()
            if due_at
            else None,
            "would_change": say(explained.would_change, words),
        }


class UnfinishedTool(_ReadingTool):
    """Who has not finished a title."""

    name = f"{DOMAIN}__get_unfinished"
    title = "Get who has not finished a title"
    description = (
        "Returns which users of Jellyfin have finished a movie, series or episode and"
        " which of those who can see it have not."
    )
    fields: ClassVar[dict[Any, Any]] = WhyTool.fields

    @override
    async def async_answer(
        self, coordinator: OxiCleanarrCoordinator, data: dict[str, Any], *, admin: bool
    ) -> dict[str, Any]:
        """Return the names; only admins are told of what is not in the plan."""
        meant = await coordinator.async_meant(data[_TITLE])
        item, parts = await coordinator.async_ask_ledger(
            _parts_of(meant, dt_util.utcnow())
        )
        plan = coordinator.data.plan
        pending = {
            item_id
            for entry in (plan.entries if plan else ())
            for item_id in (entry.item_id, *entry.target_ids)
        }
        if not admin and not pending & {
            item.item_id,
            *(one.item.item_id for one in parts),
        }:
            return {
                "error": "Only administrators may ask that about a title that stays"
            }
        finished, unfinished = [], []
        for user in coordinator.data.users:
            seen = [one for one in parts if _sees(one, user.user_id)]
            if seen and all(user.user_id in one.watched_by for one in seen):
                finished.append(user.name)
            elif seen:
                unfinished.append(user.name)
        return {
            "title": dated_title(item),
            "finished_by": finished,
            "not_finished_by": unfinished,
        }


def _sees(fact: MediaFacts, user_id: str) -> bool:
    """Return whether a user can see a title, as far as is known."""
    return fact.visible_to is None or user_id in fact.visible_to


def _parts_of(
    item_id: str, now: datetime
) -> Callable[[Ledger], tuple[MediaItem, list[MediaFacts]]]:
    """Return what asks for a title and the movies and episodes that it is made of."""

    def ask(ledger: Ledger) -> tuple[MediaItem, list[MediaFacts]]:
        """Ask. Raises LookupError."""
        item, _ = ledger.named(item_id)
        facts = ledger.facts(now, [item_id])
        field = {MediaKind.SERIES: "series_id", MediaKind.SEASON: "season_id"}.get(
            item.kind, "item_id"
        )
        return item, [
            one
            for one in facts
            if one.item.kind in (MediaKind.MOVIE, MediaKind.EPISODE)
            and getattr(one.item, field) == item_id
        ]

    return ask
