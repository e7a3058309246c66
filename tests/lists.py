"""To-do lists, as people and automations use them."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from pytest_homeassistant_custom_component.common import MockUser

DONE, OPEN = "completed", "needs_action"


async def items_of(hass: HomeAssistant, entity_id: str) -> list[dict[str, Any]]:
    """Return the items of a list, as an automation gets them."""
    response: Any = await hass.services.async_call(
        "todo",
        "get_items",
        {"entity_id": entity_id},
        blocking=True,
        return_response=True,
    )
    return list(response[entity_id]["items"])


async def statuses_of(hass: HomeAssistant, entity_id: str) -> dict[str, str]:
    """Return the titles on a list with their states."""
    return {one["summary"]: one["status"] for one in await items_of(hass, entity_id)}


async def tick_off(
    hass: HomeAssistant,
    entity_id: str,
    user: MockUser | None,
    item: str,
    **changes: Any,
) -> None:
    """Tick an item for somebody, ``None`` for an automation, or change it otherwise."""
    await hass.services.async_call(
        "todo",
        "update_item",
        {"entity_id": entity_id, "item": item, **(changes or {"status": DONE})},
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )
