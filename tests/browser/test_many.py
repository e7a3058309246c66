"""Five hundred titles on the wall: only what is seen is loaded, and nothing jumps."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
import os

from playwright.async_api import Browser, Page
import pytest_asyncio

from scripts.stage import Stage, open_stage

from .conftest import People
from .pages import WALL

MANY = 500
DASHBOARD = "many-titles"
FIRST_PAINT_MS = 1_000
"""On a machine that has a core for each who wants one."""


@pytest_asyncio.fixture(loop_scope="session")
async def full_house() -> AsyncIterator[Stage]:
    """Return a household in which five hundred more films were watched."""
    async with open_stage("browser-many") as stage:
        for number in range(MANY):
            name = f"Reel {number:03}"
            await stage.steer(
                "add_movie",
                name=name,
                year=1950 + number % 70,
                library="Movies",
                size=2_000_000_000 + number,
                provider_ids={"Tmdb": str(700_000 + number)},
            )
            await stage.steer("mark", user="alice", item=name)
        await stage.steer("scan")
        await stage.start_home_assistant()
        await stage.add_integration()
        await stage.choose_rules(7, 14)
        await stage.wait_for("sensor.household_pending_deletions", "unknown", "0")
        yield stage


async def painted(page: Page) -> dict[str, float]:
    """Return how long the wall took from its first line of code to its first posters."""
    measured: dict[str, float] = await page.evaluate(
        """async tag => {
          const deep = root => [...root.querySelectorAll('*')].flatMap(
            one => [one, ...(one.shadowRoot ? deep(one.shadowRoot) : [])]);
          const old = deep(document).find(one => one.localName === tag);
          const place = old.parentNode;
          const fresh = document.createElement(tag);
          fresh.setConfig({type: `custom:${tag}`});
          fresh.hass = old.hass;
          old.remove();
          // The last card has left: this one subscribes and asks for everything.
          let shift = 0;
          const observer = new PerformanceObserver(list => {
            for (const one of list.getEntries()) shift += one.value;
          });
          await new Promise(resolve => setTimeout(resolve, 500));
          const began = performance.now();
          place.append(fresh);
          const posters = () => [...fresh.shadowRoot.querySelectorAll('oxicleanarr-poster')]
            .map(one => one.shadowRoot.querySelector('img')).filter(one => one);
          const frame = () => new Promise(requestAnimationFrame);
          while (!fresh.shadowRoot.querySelector('li.tile .name')) await frame();
          observer.observe({type: 'layout-shift'});
          await frame();
          const tiles = performance.now() - began;
          while (!posters().length || !posters().every(one => one.complete)) await frame();
          const loaded = performance.now() - began;
          await new Promise(resolve => setTimeout(resolve, 300));
          observer.disconnect();
          return {tiles, loaded, posters: posters().length, shift,
            all: fresh.shadowRoot.querySelectorAll('li.tile').length};
        }""",
        WALL,
    )
    return measured


async def test_five_hundred(full_house: Stage, browser: Browser) -> None:
    """The first paint is there within a second; the rest is loaded as it is scrolled to."""
    async with AsyncExitStack() as stack:
        people = People(full_house, browser, stack)
        admin = await people("/profile/general")
        await admin.make_dashboard(
            DASHBOARD,
            {"views": [{"title": "Wall", "cards": [{"type": f"custom:{WALL}"}]}]},
        )
        asked: list[str] = []
        page = admin.page
        await admin.open(f"/{DASHBOARD}")
        await admin.see_wall()
        page.on(
            "request",
            lambda one: asked.append(one.url) if "/poster/" in one.url else None,
        )
        runs = [await painted(page) for _ in range(3)]
        for one in runs:
            print(one)  # noqa: T201 - these are measurements
        best = min(runs, key=lambda one: one["tiles"])
        assert best["all"] >= MANY
        crowded = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        assert best["tiles"] < FIRST_PAINT_MS * crowded
        assert best["posters"] < 60
        assert best["shift"] < 0.01
        before = len(asked)
        await page.mouse.move(600, 500)
        for _ in range(8):
            await page.mouse.wheel(0, 600)
            await page.wait_for_timeout(60)
        await admin.see_wall()
        assert 0 < len(asked) - before < 200
        assert people.errors == []
