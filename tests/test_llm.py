"""What a voice assistant can be asked: it reads, and changes nothing."""

from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, ToolInput
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.oxicleanarr.ledger import LedgerError
from custom_components.oxicleanarr.llm import async_get_tools

from .counted import household, noon
from .test_access import member

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting", "exposed")

ASSISTANT = "conversation"


@pytest.fixture
async def exposed(hass: HomeAssistant, setup_integration: MockConfigEntry) -> None:
    """Show the to-do list to the assistant."""
    assert await async_setup_component(hass, "homeassistant", {})
    async_expose_entity(hass, ASSISTANT, "todo.household_leaving_soon", True)


def context(user: MockUser | None = None) -> LLMContext:
    """Return in whose name the assistant asks."""
    return LLMContext(
        platform="test",
        context=Context(user_id=user.id if user else None),
        language="en",
        assistant=ASSISTANT,
        device_id=None,
    )


async def ask(
    hass: HomeAssistant, tool: str, user: MockUser | None = None, **data: Any
) -> Any:
    """Return what a tool answers, ``None`` where that is an error."""
    tools = async_get_tools(hass, context(user), LLM_API_ASSIST)
    assert tools is not None
    (one,) = [one for one in tools.tools if one.name == f"oxicleanarr__{tool}"]
    assert one.annotations.read_only
    assert not one.annotations.destructive
    result = await one.async_call(hass, ToolInput(one.name, data), context(user))
    assert not isinstance(result, dict)
    return None if result.error else result.data


async def test_only_where_it_is_exposed(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The list that is shown to the assistant opens the tools to it."""
    assert async_get_tools(hass, context(), "other") is None
    async_expose_entity(hass, ASSISTANT, "todo.household_leaving_soon", False)
    assert async_get_tools(hass, context(), LLM_API_ASSIST) is None


async def test_what_leaves(hass: HomeAssistant) -> None:
    """The days are those of the calendar."""
    week = await ask(hass, "get_leaving")
    assert week["titles"] == [
        {
            "title": "Overdue",
            "leaves_on": "2026-11-25",
            "because": week["titles"][0]["because"],
        }
    ]
    assert week["nothing_is_deleted_because_of_dry_run"]
    assert (await ask(hass, "get_leaving", days=12))["count"] == 2


async def test_why(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its name; what is not known for sure is asked back."""
    loved = await ask(hass, "explain_title", title="loved")
    assert loved["kept_or_deleted"] == "keep"
    assert "favorite" in loved["because"]
    assert loved["leaves_on"] is None
    leaving = await ask(hass, "explain_title", title="Overdue")
    assert leaving["leaves_on"] == "2026-11-25"
    assert await ask(hass, "explain_title", title="Lov") == {"did_you_mean": ["Loved"]}
    assert await ask(hass, "explain_title", title="Nothing") is None

    def fails(*_: object) -> None:
        """Be a disk that is full."""
        raise LedgerError("disk I/O error")

    ledger = setup_integration.runtime_data.keeper.ledger
    monkeypatch.setattr(ledger, "meant", fails)
    assert await ask(hass, "explain_title", title="Loved") is None


async def test_who_has_not_finished(hass: HomeAssistant) -> None:
    """A series is finished by who has watched all of it."""
    for title, finished in (("Overdue", ["alice"]), ("Whole", ["alice"]), ("Half", [])):
        answer = await ask(hass, "get_unfinished", title=title)
        assert answer["finished_by"] == finished
        assert sorted(answer["finished_by"] + answer["not_finished_by"]) == [
            "alice",
            "bob",
        ]


async def test_what_others_watch(hass: HomeAssistant) -> None:
    """Who is no admin is told of pending titles only, as everywhere."""
    user = member(hass, "carol")
    assert "finished_by" in await ask(hass, "get_unfinished", user, title="Overdue")
    assert "error" in await ask(hass, "get_unfinished", user, title="Unseen")
