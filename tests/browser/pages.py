"""A person in front of Home Assistant's frontend, and what such a person does there."""

from typing import Any

from playwright.async_api import Locator, Page, expect

WALL = "oxicleanarr-leaving-soon"
SEARCH = "oxicleanarr-search"
LOG = "oxicleanarr-log"
STATS = "oxicleanarr-stats"


class Person:
    """Somebody with a page."""

    def __init__(self, page: Page, url: str) -> None:
        """Take the page and Home Assistant's address."""
        self.page = page
        self._url = url

    async def open(self, path: str) -> None:
        """Open a page of Home Assistant."""
        await self.page.goto(self._url + path)
        await self.page.wait_for_function(
            "document.querySelector('home-assistant')?.hass?.config"
        )

    async def ask(self, message: dict[str, Any]) -> Any:
        """Send a message over the page's own connection."""
        return await self.page.evaluate(
            "message => document.querySelector('home-assistant').hass.callWS(message)",
            message,
        )

    async def action(self, name: str, **data: Any) -> Any:
        """Call an action with the page's own login; an error is returned as a text."""
        return await self.page.evaluate(
            """([name, data]) => document.querySelector('home-assistant').hass
            .callService('oxicleanarr', name, data, undefined, false, true)
            .then(answer => answer.response, error => `refused: ${error.message}`)""",
            [name, data],
        )

    async def make_dashboard(self, path: str, config: dict[str, Any]) -> None:
        """Make a dashboard."""
        await self.ask(
            {
                "type": "lovelace/dashboards/create",
                "url_path": path,
                "title": "OxiCleanarr",
                "icon": "mdi:movie-off-outline",
                "mode": "storage",
            }
        )
        await self.ask(
            {"type": "lovelace/config/save", "url_path": path, "config": config}
        )

    def card(self, tag: str = WALL) -> Locator:
        """Return a card."""
        return self.page.locator(tag).first

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """Return a button by its whole name."""
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def tile(self, title: str) -> Locator:
        """Return a title on the wall."""
        return (
            self.card()
            .locator("li.tile")
            .filter(has=self.page.locator(f'.name[title="{title}"]'))
        )

    async def see_wall(self) -> None:
        """Wait until the wall shows titles with their posters, in the theme of the browser."""
        await expect(self.card().locator("li.tile .name").first).to_be_visible()
        await self.page.wait_for_function(
            f"""() => {{
              const deep = (root) => [...root.querySelectorAll('*')].flatMap(
                (one) => [one, ...(one.shadowRoot ? deep(one.shadowRoot) : [])]);
              const wall = deep(document).find((one) => one.localName === '{WALL}');
              // Home Assistant's background can be dark a moment before its cards are.
              const dark = matchMedia('(prefers-color-scheme: dark)').matches;
              if (!wall || wall.hasAttribute('dark') !== dark) return false;
              const all = [...wall.shadowRoot.querySelectorAll('oxicleanarr-poster')];
              const images = all.map((one) => one.shadowRoot.querySelector('img'));
              const seen = images.filter((one) => one);
              return seen.length && seen.every((one) => one.complete && one.naturalWidth);
            }}"""
        )

    async def titles(self) -> list[str]:
        """Return the titles on the wall, in their order."""
        # Not by their text, which what is out of sight does not have.
        return list(
            await self.card()
            .locator("li.tile .name")
            .evaluate_all("all => all.map(one => one.title)")
        )

    async def said(self, text: str) -> None:
        """Wait until something was said at the edge of the screen."""
        await expect(
            self.page.get_by_text(text).filter(visible=True).first
        ).to_be_visible()
