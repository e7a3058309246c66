"""Everybody can use it: axe, in light and dark, on a phone, and from right to left."""

from typing import Any

from playwright.async_api import expect
import pytest

from .conftest import Check, People
from .pages import LOG, SEARCH, STATS, WALL

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844},
    "right to left": {"language": "he"},
}


@pytest.mark.parametrize("look", LOOKS)
async def test_axe(
    people: People, dashboard: str, violations: Check, look: str
) -> None:
    """No violation on any card, nor in what opens from it; nothing scrolls sideways."""
    person = await people(dashboard, **LOOKS[look])
    await person.see_wall()
    page = person.page
    if look == "right to left":
        assert await page.evaluate("document.documentElement.dir") == "rtl"
    for view in ("Grid", "List", "Timeline"):
        await person.button(view).click()
        assert await violations(person, WALL) == []
    await person.button("Grid").click()
    await person.button("Select").click()
    await person.card().locator(".face").first.click()
    assert await violations(person, WALL) == []
    await person.button("Done").click()
    await person.card().locator(".face").first.click()
    await expect(page.locator("oxicleanarr-why .note")).to_be_visible()
    assert await violations(person, WALL) == []
    await page.keyboard.press("Escape")
    search = person.card(SEARCH)
    await search.get_by_role("searchbox").fill("the")
    await expect(search.locator(".hit").first).to_be_visible()
    assert await violations(person, SEARCH) == []
    assert await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    await person.open(f"{dashboard}/history")
    await expect(person.card(STATS)).to_contain_text("Watched")
    for card in (LOG, STATS):
        assert await violations(person, card) == []
