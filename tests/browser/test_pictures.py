"""The pictures of the documentation: `scripts/test --browser --pictures` takes them again."""

import contextlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import expect
import pytest
import pytest_asyncio

from scripts.stage import Stage, StageError

from .conftest import People
from .pages import LOG, SEARCH, STATS, WALL, Person

FOLDER = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 300_000
PHONE = {"width": 390, "height": 844, "device_scale_factor": 2}
DARK = {"color_scheme": "dark"}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop-light": {},
    "desktop-dark": DARK,
    "phone-light": PHONE,
    "phone-dark": PHONE | DARK,
}

pytestmark = [pytest.mark.pictures, pytest.mark.usefixtures("gentle_rules")]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def gentle_rules(house: Stage) -> None:
    """Let titles stay a little longer, so that not all of them are ready."""
    await house.choose_rules(14, 21, grace_days=1)
    await house.action_when_free("sync", full=True)


def store(name: str, content: bytes) -> None:
    """Write a picture, small enough for a page that shows several."""
    FOLDER.mkdir(exist_ok=True)
    picture = Image.open(BytesIO(content)).convert("RGB")
    for colors in (0, 256, 192, 128, 96, 64):
        buffer = BytesIO()
        one = picture
        if colors:
            palette = picture.quantize(colors)
            # Dithered: the skies of the posters are all gradients.
            one = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        one.save(buffer, "PNG", optimize=True)
        if len(buffer.getvalue()) <= MOST_BYTES:
            break
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())


async def take(person: Person, name: str) -> None:
    """Take a picture of the page once nothing moves on it any more."""
    await person.page.wait_for_load_state("networkidle")
    await person.page.wait_for_timeout(700)
    store(name, await person.page.screenshot())


async def delete_some(people: People) -> None:
    """Let there be something in the deletion log."""
    plan = (await people.stage.action("evaluate_rules"))["pending"]
    wanted = {"Winter Orchard", "Marble Court", "Amber Station", "Comets"}
    ids = [one["item_id"] for one in plan if one["title"] in wanted]
    await people.stage.action_when_free("delete_media", item_ids=ids)


async def test_first_real_run(people: People) -> None:
    """The repair that shows what the first real run would delete."""
    with contextlib.suppress(StageError):
        await people.stage.post(
            "/api/services/switch/turn_off", {"entity_id": "switch.household_dry_run"}
        )
    person = await people("/config/repairs")
    await person.page.get_by_text("Review before dry run is turned off").first.click()
    await expect(
        person.page.get_by_text("Nothing has been deleted so far.").first
    ).to_be_visible()
    await take(person, "first-run")
    assert await person.page.locator(WALL).count() == 0


async def test_home_assistant(people: People) -> None:
    """What Home Assistant itself shows of it."""
    stage = people.stage
    person = await people("/home/overview")
    await take(person, "overview")
    (device,) = [
        one
        for one in await person.ask({"type": "config/device_registry/list"})
        if ["oxicleanarr", stage.entry_id] in one["identifiers"]
    ]
    for path, name in (
        (f"/config/devices/device/{device['id']}", "device"),
        ("/calendar", "calendar"),
        ("/todo?entity_id=todo.household_leaving_soon", "to-do"),
        (
            "/media-browser/browser/app%2Cmedia-source%3A%2F%2Foxicleanarr",
            "media",
        ),
    ):
        await person.open(path)
        await take(person, name)
    page = "/config/integrations/integration/oxicleanarr"
    for button, kind in (("Add rule", "Tag rule"), ("Add server", "Radarr")):
        await person.open(page)
        await person.page.get_by_role("button", name=button).first.click()
        await expect(
            person.page.locator("dialog-data-entry-flow").get_by_text(kind, exact=True)
        ).to_be_visible()
        await take(person, f"menu-{button.lower().replace(' ', '-')}")


@pytest.mark.parametrize("look", LOOKS)
async def test_cards(people: People, dashboard: str, look: str) -> None:
    """The wall, why, the search and the figures, as everybody sees them."""
    person = await people(dashboard, **{"height": 800} | LOOKS[look])
    await person.see_wall()
    await take(person, f"wall-{look}")
    await person.card().locator(".face").first.click()
    await expect(person.page.locator("oxicleanarr-why .note")).to_be_visible()
    await take(person, f"why-{look}")
    await person.page.keyboard.press("Escape")
    search = person.card(SEARCH)
    await search.get_by_role("searchbox").fill("long map")
    await search.locator(".hit").first.click()
    await expect(search).to_contain_text("nobody has finished it")
    await take(person, f"search-{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_other_views(people: People, dashboard: str, look: str) -> None:
    """The same titles as a list and day by day."""
    person = await people(dashboard, **{"height": 800} | LOOKS[look])
    await person.see_wall()
    for view in ("List", "Timeline"):
        await person.button(view).click()
        await take(person, f"{view.lower()}-{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_history(
    people: People, dashboard: str, real_runs: None, look: str
) -> None:
    """The deletion log and the figures, after some titles have gone."""
    rows = (await people.stage.action("get_deletions"))["deletions"]
    if not rows:
        await delete_some(people)
    person = await people(f"{dashboard}/history", **{"height": 800} | LOOKS[look])
    await expect(person.card(LOG).locator("li").first).to_be_visible()
    await expect(person.card(STATS)).to_contain_text("Watched")
    await take(person, f"history-{look}")


async def test_second_thoughts(people: People, dashboard: str, real_runs: None) -> None:
    """A title that waits for an approval, gets it, goes, comes back and stays."""
    title, stage = "Paper Lanterns", people.stage
    admin = await people("/todo?entity_id=todo.household_approvals", height=560)
    item = admin.page.locator("ha-check-list-item, ha-list-item").filter(has_text=title)
    await expect(item.first).to_be_visible()
    await take(admin, "approval-1-waiting")
    await item.first.locator("ha-checkbox, input[type=checkbox]").first.click()
    await expect(admin.page.get_by_text("Completed")).to_be_visible()
    await take(admin, "approval-2-approved")
    (ready,) = [
        one
        for one in (await stage.action("evaluate_rules"))["pending"]
        if one["title"] == title
    ]
    await stage.action_when_free("delete_media", item_ids=[ready["item_id"]])
    await admin.open(f"{dashboard}/history")
    await expect(admin.button(f"Bring back {title}")).to_be_visible()
    await take(admin, "approval-3-deleted")
    await admin.button(f"Bring back {title}").click()
    dialog = admin.page.locator("oxicleanarr-dialog")
    await admin.button("Bring back", dialog).click()
    await expect(admin.card(LOG)).to_contain_text(f"{title} was added to Radarr")
    await take(admin, "approval-4-brought-back")
    await stage.action_when_free("sync", full=True)
    await admin.open(dashboard)
    search = admin.card(SEARCH)
    await search.get_by_role("searchbox").fill(title)
    await search.locator(".hit").first.click()
    await expect(search).to_contain_text("was brought back by")
    await expect(search).to_contain_text("A person keeps it")
    await take(admin, "approval-5-kept")
