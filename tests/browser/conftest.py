"""A simulated household, a real Home Assistant, and people who look at it.

All tests share one household and one browser; each has pages of its own, and leaves
the titles of others alone.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
import time
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
import pytest
import pytest_asyncio

from scripts.stage import Stage, StageError, open_stage

from .pages import Person

CARD = Path(__file__).parents[2] / "card"
AXE = CARD / "node_modules" / "axe-core" / "axe.min.js"
DASHBOARD = "oxicleanarr-test"
GRACE = timedelta(days=1)
SERVERS = ("radarr", "radarr4k", "sonarr", "seerr")
RULES = """
advanced_rules:
  - {name: Quick, type: tag, tag: quick-watch, retention: 3d, require_watched: true, approval: true}
"""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The machine may be busy.
expect.set_options(timeout=30_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pictures for the documentation be taken."""
    parser.addoption(
        "--pictures",
        action="store_true",
        help="take the pictures of docs/images, and test nothing else",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Take pictures or test; all in the loop in which the browser lives."""
    wanted = config.getoption("--pictures")
    items[:] = [
        one
        for one in items
        if (one.get_closest_marker("pictures") is not None) == wanted
    ]
    for one in items:
        one.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker."""
    config.addinivalue_line("markers", "pictures: takes pictures for the documentation")


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Chromium is missing: install Debian's package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(ARGUMENTS)
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def house() -> AsyncIterator[Stage]:
    """Return a household that has been set up for a day: some titles are ready."""
    began = datetime.now(UTC) - GRACE - timedelta(minutes=20)
    async with open_stage("browser", at=began) as stage:
        await stage.start_home_assistant()
        await stage.add_integration()
        await stage.choose_rules(7, 14, grace_days=GRACE.days)
        for name in SERVERS:
            await stage.add_server(name)
        await stage.action_when_free("import_rules", yaml=RULES)
        await stage.wait_for_sync(began)
        # Until the household's clock is that of the browser.
        await stage.pass_days(-stage.ahead)
        yield stage


class People:
    """Who looks at a household, each on devices of their own."""

    def __init__(self, stage: Stage, browser: Browser, stack: AsyncExitStack) -> None:
        """Begin with nobody."""
        self.stage = stage
        self._browser = browser
        self._stack = stack
        self.errors: list[str] = []

    async def __call__(
        self,
        path: str | None = None,
        *,
        tokens: dict[str, Any] | None = None,
        width: int = 1280,
        height: int = 900,
        language: str | None = None,
        **device: Any,
    ) -> Person:
        """Return somebody who is logged in and looks at a page; the admin by default."""
        url = self.stage.url
        login = tokens or self.stage.tokens
        storage = {
            "hassTokens": {
                **login,
                "hassUrl": url,
                "clientId": f"{url}/",
                # It is refreshed at once: nobody knows how old it is.
                "expires": int(time.time() * 1000),
            }
        }
        stored = [
            {"name": name, "value": json.dumps(value)}
            for name, value in (
                *storage.items(),
                *([("selectedLanguage", language)] if language else []),
            )
        ]
        context: BrowserContext = await self._browser.new_context(
            viewport={"width": width, "height": height},
            service_workers="block",
            reduced_motion="reduce",
            storage_state={
                "cookies": [],
                "origins": [{"origin": url, "localStorage": stored}],
            },
            **device,
        )
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(60_000)
        # Nobody here may ask the world for anything.
        await context.route(
            lambda asked: not asked.startswith(url), lambda route: route.abort()
        )
        page: Page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        person = Person(page, url)
        if path is not None:
            await person.open(path)
        return person


@pytest_asyncio.fixture(loop_scope="session")
async def people(house: Stage, browser: Browser) -> AsyncIterator[People]:
    """Return who looks at the household; nothing they do may break a page."""
    async with AsyncExitStack() as stack:
        people = People(house, browser, stack)
        yield people
    assert people.errors == []


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def dashboard(house: Stage, browser: Browser) -> str:
    """Return the path of the dashboard that the integration offers."""
    async with AsyncExitStack() as stack:
        admin = await People(house, browser, stack)("/profile/general")
        await admin.make_dashboard(
            DASHBOARD, {"strategy": {"type": "custom:oxicleanarr"}}
        )
    return f"/{DASHBOARD}"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def family_member(house: Stage) -> dict[str, Any]:
    """Return the login of somebody who is no admin."""
    return await house.add_user("Carol", "carols-secret")


type Check = Callable[[Person, str], Awaitable[list[str]]]


@pytest.fixture(scope="session")
def violations() -> Check:
    """Return what axe has to say about an element."""

    async def check(person: Person, selector: str) -> list[str]:
        """Return the violations, each with the elements it is about."""
        await person.page.add_script_tag(path=AXE)
        found = await person.page.locator(selector).first.evaluate(
            """async element => (await axe.run(element)).violations.map(one =>
            `${one.id}: ${one.nodes.map(node => node.html.slice(0, 160) + ' '
            + (node.any[0]?.message ?? '')).join(' | ')}`)"""
        )
        return list(found)

    return check


@pytest_asyncio.fixture(loop_scope="session")
async def real_runs(house: Stage) -> AsyncIterator[None]:
    """Let titles be deleted for real while a test runs."""
    dry_run = {"entity_id": "switch.household_dry_run"}
    try:
        await house.post("/api/services/switch/turn_off", dry_run)
    except StageError:
        # The first time, somebody has to look at what is pending.
        await house.confirm_repair("first_real_run", "finish")
    yield
    await house.post("/api/services/switch/turn_on", dry_run)
