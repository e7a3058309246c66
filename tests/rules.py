"""Rules as people make them: through the forms."""

from typing import Any

from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

PENDING = "sensor.household_pending_deletions"


async def open_form(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    kind: str,
    subentry: ConfigSubentry | None = None,
) -> SubentryFlowResult:
    """Open the form for a new rule of a type, or for one that is there."""
    context: dict[str, Any] = {"source": "user"}
    if subentry is not None:
        context = {"source": "reconfigure", "subentry_id": subentry.subentry_id}
    flow = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "rule"),
        context=context,  # type: ignore[arg-type]
    )
    if subentry is None:
        assert flow["type"] is FlowResultType.MENU
        flow = await choose(hass, flow, kind)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == kind
    return flow


async def fill_in(
    hass: HomeAssistant, flow: SubentryFlowResult, **typed: Any
) -> SubentryFlowResult:
    """Send a form; what is rarely needed may be left out."""
    return await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"more": {}} | typed
    )


async def choose(
    hass: HomeAssistant, flow: SubentryFlowResult, option: str
) -> SubentryFlowResult:
    """Choose in a menu."""
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"next_step_id": option}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def add_rule(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, **typed: Any
) -> ConfigSubentry:
    """Make a rule."""
    before = set(entry.subentries)
    flow = await fill_in(hass, await open_form(hass, entry, kind), **typed)
    assert flow["type"] is FlowResultType.MENU, flow
    flow = await choose(hass, flow, "save")
    assert flow["type"] is FlowResultType.CREATE_ENTRY, flow
    (new,) = set(entry.subentries) - before
    return entry.subentries[new]


async def change_rule(
    hass: HomeAssistant, entry: MockConfigEntry, rule: ConfigSubentry, **typed: Any
) -> None:
    """Change a rule."""
    flow = await open_form(hass, entry, f"{rule.data['type']}_rule", rule)
    flow = await fill_in(hass, flow, **typed)
    assert flow["type"] is FlowResultType.MENU, flow
    flow = await choose(hass, flow, "save")
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "reconfigure_successful"


def pending(hass: HomeAssistant) -> int:
    """Return how many titles are going to be deleted."""
    state = hass.states.get(PENDING)
    assert state is not None
    return int(state.state)


def planned(entry: MockConfigEntry) -> dict[str, str]:
    """Return the titles of the plan with the names of the rules that took them."""
    plan = entry.runtime_data.data.plan
    assert plan is not None
    return {row.title: row.rule for row in plan.entries}
