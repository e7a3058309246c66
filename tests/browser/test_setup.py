"""The first minutes: the dialog with a wrong key, a rule, and the card from the picker."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
import re

from playwright.async_api import Browser, expect
import pytest_asyncio

from scripts.stage import Stage, open_stage

from .conftest import People
from .pages import WALL, Person

FLOW = "dialog-data-entry-flow"


@pytest_asyncio.fixture(loop_scope="session")
async def fresh() -> AsyncIterator[Stage]:
    """Return a Home Assistant in which nothing is set up."""
    async with open_stage("browser-fresh") as stage:
        await stage.start_home_assistant()
        yield stage


async def fill(admin: Person, **fields: str) -> None:
    """Fill fields of a form and send it."""
    flow = admin.page.locator(FLOW)
    for name, value in fields.items():
        await flow.locator(f"input[name={name}]").fill(value)
    await flow.get_by_role("button", name=re.compile("^(Next|Submit)$")).click()


async def test_first_minutes(fresh: Stage, browser: Browser) -> None:
    """A newcomer gets from nothing to a wall of posters with the mouse alone."""
    async with AsyncExitStack() as stack:
        people = People(fresh, browser, stack)
        admin = await people("/config/integrations/dashboard/add?domain=oxicleanarr")
        await connect(admin, fresh)
        await make_rule(admin)
        await fresh.wait_for("switch.rule_seen", "unknown", "unavailable")
        await fresh.wait_for("sensor.household_pending_deletions", "unknown", "0")
        await pick_card(admin)
        assert people.errors == []


async def connect(admin: Person, stage: Stage) -> None:
    """Add the integration through its dialog; the first key is wrong."""
    jellyfin, jellystat = stage.servers["jellyfin"], stage.servers["jellystat"]
    flow = admin.page.locator(FLOW)
    await admin.button("OK").click()
    await fill(admin, url=jellyfin["url"], api_key="not-the-key")
    await expect(flow).to_contain_text("Jellyfin doesn't accept this API key.")
    await fill(admin, api_key=jellyfin["api_key"])
    await expect(flow).to_contain_text("Connect to Jellystat")
    await fill(admin, url=jellystat["url"], api_key=jellystat["api_key"])
    await expect(flow).to_contain_text("Jellyfin has 49 movies")
    await flow.get_by_role("spinbutton").first.fill("7")
    await fill(admin)
    await flow.get_by_text("Add a rule", exact=True).click()


async def make_rule(admin: Person) -> None:
    """Make a rule, and save it after the preview."""
    flow = admin.page.locator(FLOW)
    await flow.get_by_text("Watched rule", exact=True).click()
    await flow.get_by_role("spinbutton").first.fill("3")
    await fill(admin, name="Seen")
    await expect(flow).to_contain_text("If you save")
    await flow.get_by_text("Save the rule", exact=True).click()


async def pick_card(admin: Person) -> None:
    """Add the card to a dashboard from the picker, which shows it as it will look."""
    page = admin.page
    await admin.open("/profile/general")
    await admin.make_dashboard(
        "try-out",
        {
            "views": [
                {
                    "title": "Home",
                    "type": "sections",
                    "sections": [{"type": "grid", "cards": []}],
                }
            ]
        },
    )
    await admin.open("/try-out/0?edit=1")
    await admin.button("Add card").first.click()
    await page.get_by_text("By card", exact=True).click()
    picker = page.locator("hui-card-picker")
    await picker.locator("input").first.fill("OxiCleanarr")
    card = picker.locator(".card").filter(has_text="OxiCleanarr: Leaving soon")
    await expect(card.locator(f"{WALL} li.tile .name").first).to_be_attached()
    await card.locator(".overlay").first.click()
    await expect(page.get_by_text("Days to postpone by").first).to_be_visible()
    await admin.button("Save").first.click()
    await admin.button("Done").first.click()
    await admin.see_wall()
    suggested = await page.evaluate(
        """() => window.customCards.find(one => one.getEntitySuggestion
        && one.type === 'oxicleanarr-leaving-soon').getEntitySuggestion(
        document.querySelector('home-assistant').hass, 'sensor.household_leaving_soon')"""
    )
    assert suggested["config"]["type"] == f"custom:{WALL}"
