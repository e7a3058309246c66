"""The wall: what leaves, and what people do about it."""

import re
from typing import Any

from playwright.async_api import expect

from scripts.stage import Stage

from .conftest import People
from .pages import LOG, SEARCH, WALL, Person


async def pending(stage: Stage) -> list[dict[str, Any]]:
    """Return the plan as the actions have it."""
    return list((await stage.action("evaluate_rules"))["pending"])


async def test_what_leaves(people: People, dashboard: str) -> None:
    """It shows the plan of the actions, with posters, how many and how much."""
    admin = await people(dashboard)
    await admin.see_wall()
    plan = await pending(people.stage)
    wall = admin.card()
    assert len(await admin.titles()) == len(plan)
    await expect(wall).to_contain_text("Dry run: nothing is deleted")
    await expect(wall).to_contain_text(re.compile(r"\d+ titles in the next 14 days"))
    await expect(wall).to_contain_text("The first can leave today.")
    ready = admin.tile("Harbour Lights")
    await expect(ready).to_contain_text("Ready")
    await expect(ready).to_contain_text("Watched by alice")
    await expect(ready).to_contain_text("4.2 GB")


async def test_other_views(people: People, dashboard: str) -> None:
    """The same titles as a list and day by day, and those of one day."""
    admin = await people(dashboard)
    await admin.see_wall()
    titles = await admin.titles()
    for view in ("List", "Timeline"):
        await admin.button(view).click()
        assert await admin.titles() == titles
    day = admin.card().locator(".day.has, .day.now").last
    await day.click()
    shown = await admin.titles()
    assert 0 < len(shown) < len(titles)
    await day.click()
    assert await admin.titles() == titles


async def test_keep_and_undo(people: People, dashboard: str) -> None:
    """One touch keeps, without a question; another takes it back, in the same place."""
    admin = await people(dashboard)
    await admin.see_wall()
    before = await admin.titles()
    tile = admin.tile("Winter Orchard")
    await admin.button("Keep Winter Orchard").click()
    await admin.said("Winter Orchard is kept.")
    await expect(tile).to_have_class(re.compile("kept"))
    assert "Winter Orchard" not in {one["title"] for one in await pending(people.stage)}
    assert await admin.titles() == before
    await admin.button("Stop keeping Winter Orchard").click()
    await admin.said("Winter Orchard isn't kept anymore.")
    await expect(tile).not_to_have_class(re.compile("kept"))
    assert "Winter Orchard" in {one["title"] for one in await pending(people.stage)}


async def test_why_and_postpone(people: People, dashboard: str) -> None:
    """A poster opens why; from there it is postponed. Escape closes."""
    admin = await people(dashboard)
    await admin.see_wall()
    await admin.tile("Seven Bridges").locator(".face").click()
    why = admin.page.get_by_role("dialog", name="Why")
    await expect(why).to_be_visible()
    inside = admin.page.locator("oxicleanarr-why")
    await expect(inside).to_contain_text("Deleted 7 days after watching.")
    await expect(inside).to_contain_text("Default retention decides")
    await admin.button("Postpone 30 days").click()
    await admin.said("Seven Bridges stays until")
    await expect(inside).to_contain_text("Stays.")
    await admin.button("Stop keeping", inside).click()
    await admin.said("Seven Bridges isn't kept anymore.")
    await admin.page.keyboard.press("Escape")
    await expect(why).not_to_be_visible()
    assert "Seven Bridges" in await admin.titles()


async def test_several_until_a_day(people: People, dashboard: str) -> None:
    """Several are chosen with the keyboard alone and kept until a day."""
    admin = await people(dashboard)
    await admin.see_wall()
    await admin.button("Select").focus()
    await admin.page.keyboard.press("Enter")
    for title in ("Comet", "Comets"):
        face = admin.tile(title).locator(".face")
        await face.focus()
        await admin.page.keyboard.press("Space")
        await expect(face).to_have_attribute("aria-pressed", "true")
    bar = admin.page.get_by_role("toolbar", name="Select")
    await expect(bar).to_contain_text("2 selected")
    await admin.button("Keep until…").click()
    dialog = admin.page.locator("oxicleanarr-dialog")
    await expect(dialog).to_contain_text("Keep 2 titles until")
    await admin.button("Keep", dialog).click()
    for title in ("Comet", "Comets"):
        await expect(admin.tile(title)).to_contain_text("Kept until")
        await admin.button(f"Stop keeping {title}").click()
        await admin.said(f"{title} isn't kept anymore.")


async def test_delete_asks_first(
    people: People, dashboard: str, real_runs: None
) -> None:
    """The admin is told which titles and how much; then it is in the deletion log."""
    title = "A Quiet Garden"
    admin = await people(dashboard)
    await admin.see_wall()
    await expect(admin.card()).not_to_contain_text("Dry run")
    await admin.tile(title).locator(".face").click()
    await admin.button("Delete now").click()
    dialog = admin.page.locator("oxicleanarr-dialog")
    await expect(dialog).to_contain_text(f"Delete {title}?")
    await expect(dialog).to_contain_text("3.3 GB")
    await admin.button("Cancel", dialog).click()
    assert title in {one["title"] for one in await pending(people.stage)}
    await admin.tile(title).locator(".face").click()
    await admin.button("Delete now").click()
    await admin.button("Delete", dialog).click()
    await expect(dialog).to_contain_text("1 title deleted, 3.3 GB free again.")
    await admin.button("Close", dialog).click()
    await expect(admin.tile(title)).to_have_count(0)
    await admin.open(f"{dashboard}/history")
    await expect(admin.card(LOG)).to_contain_text(title)
    await expect(admin.card(LOG)).to_contain_text("through Radarr")


async def test_bring_back(people: People, dashboard: str, real_runs: None) -> None:
    """What Radarr has deleted is listed there again, by two clicks in the log."""
    title = "Amber Station"
    stage = people.stage
    (item,) = [one for one in await pending(stage) if one["title"] == title]
    report = await stage.action_when_free("delete_media", item_ids=[item["item_id"]])
    assert [one["title"] for one in report["deleted"]] == [title]
    admin = await people(f"{dashboard}/history")
    log = admin.card(LOG)
    await admin.button(f"Bring back {title}").click()
    dialog = admin.page.locator("oxicleanarr-dialog")
    await expect(dialog).to_contain_text(f"Bring back {title}?")
    await admin.button("Bring back", dialog).click()
    await expect(log).to_contain_text(f"{title} was added to Radarr")
    await expect(log).to_contain_text(re.compile("On its way back|There again"))
    await expect(admin.button(f"Bring back {title}")).to_have_count(0)


async def test_approve(people: People, dashboard: str) -> None:
    """What a rule asks about says so, is approved from why, and taken back there."""
    admin = await people(dashboard)
    await admin.see_wall()
    await expect(admin.card()).to_contain_text("1 needs approval")
    tile = admin.tile("Paper Lanterns")
    await expect(tile).to_contain_text("Ready, not approved")
    await expect(tile).to_contain_text("Quick")
    await tile.locator(".face").click()
    await admin.button("Approve").click()
    await admin.said("Paper Lanterns is approved.")
    await expect(tile).to_contain_text("Approved")
    (row,) = [
        one for one in await pending(people.stage) if one["title"] == "Paper Lanterns"
    ]
    assert row["approval"] == "approved"
    await admin.button("Take back approval").click()
    await admin.said("Paper Lanterns needs approval again.")
    await expect(tile).to_contain_text("Ready, not approved")


async def test_a_family_member(
    people: People, dashboard: str, family_member: dict[str, Any]
) -> None:
    """Sees and keeps, but is offered no deletion; and the server refuses it anyway."""
    carol = await people(dashboard, tokens=family_member)
    await carol.see_wall()
    await (
        carol.tile("Marigold")
        .or_(carol.card().locator("li.tile"))
        .first.locator(".face")
        .click()
    )
    await expect(carol.button("Keep for good")).to_be_visible()
    await expect(carol.button("Delete now")).to_have_count(0)
    await expect(carol.button("Approve")).to_have_count(0)
    await carol.page.keyboard.press("Escape")
    await carol.button("Select").click()
    await expect(carol.button("Keep until…")).to_be_visible()
    await expect(carol.button("Delete now")).to_have_count(0)
    files = await people.stage.steer("files")
    for name, data in (
        ("delete_media", {}),
        ("approve_item", {"item_ids": ["Paper Lanterns"]}),
        ("schedule_item", {"item_id": "Harbour Lights"}),
    ):
        assert "refused" in str(await carol.action(name, **data))
    assert await people.stage.steer("files") == files


async def test_search(people: People, dashboard: str) -> None:
    """Any title, also one that stays: why, and what would change that."""
    admin = await people(dashboard)
    card = admin.card(SEARCH)
    await card.get_by_role("searchbox").fill("long ma")
    hit = card.get_by_role("button", name="The Long Map")
    await expect(hit).to_contain_text("Stays.")
    await hit.click()
    await expect(card).to_contain_text("Kept because nobody has finished it.")
    await expect(card).to_contain_text("If everybody finished it now")
    await admin.button("Keep for good", card).click()
    await admin.said("The Long Map is kept.")
    await admin.button("Stop keeping", card).click()
    await admin.said("The Long Map isn't kept anymore.")
    await admin.button("Back to the results", card).click()
    await card.get_by_role("searchbox").fill("no such title")
    await expect(card).to_contain_text("No title has “no such title” in its name.")


async def restart(stage: Stage) -> None:
    """Restart Home Assistant, as after an update."""
    await stage.stop_home_assistant()
    await stage.start_home_assistant()
    await stage.wait_until_loaded()


async def test_a_restart(people: People, dashboard: str) -> None:
    """A page that stays open on the wall has its posters again, without a reload."""
    admin = await people(dashboard)
    await admin.see_wall()
    await admin.page.evaluate("window.stayed = true")
    src = "oxicleanarr-poster img"
    before = await admin.card().locator(src).first.get_attribute("src")
    await restart(people.stage)
    await expect(admin.card().locator(src).first).not_to_have_attribute(
        "src", before or "", timeout=60_000
    )
    await admin.see_wall()
    assert await admin.page.evaluate("window.stayed")
    # The frontend itself wanted to load something while nobody was there.
    people.errors.clear()


async def test_an_outage(people: People, dashboard: str) -> None:
    """While Jellyfin is away the wall stays, and says why nothing is deleted."""
    admin: Person = await people(dashboard)
    await admin.see_wall()
    count = len(await admin.titles())
    stage = people.stage
    await stage.steer("stop_server", server="jellyfin")
    try:
        assert "refused" in str(await admin.action("sync"))
        wall = admin.page.locator(WALL)
        await expect(wall).to_contain_text("Nothing is deleted right now")
        assert len(await admin.titles()) == count
        await admin.page.get_by_role("link", name="Open repairs").click()
        await expect(admin.page).to_have_url(re.compile("/config/repairs"))
    finally:
        await stage.steer("start_server", server="jellyfin")
    await stage.action_when_free("sync", full=True)
    await admin.open(dashboard)
    await admin.see_wall()
    await expect(admin.card()).not_to_contain_text("Nothing is deleted right now")


async def test_in_german(people: People, dashboard: str) -> None:
    """Whoever has chosen another language sees the cards and the reasons in it."""
    admin = await people(dashboard, language="de")
    await admin.see_wall()
    wall = admin.card()
    await expect(wall).to_contain_text("Verschwindet bald")
    await expect(wall).to_contain_text("Probelauf: Nichts wird gelöscht")
    await expect(wall).to_contain_text(
        re.compile(r"\d+ Titel in den nächsten 14 Tagen machen [\d,]+\sGB frei")
    )
    ready = admin.tile("Harbour Lights")
    await expect(ready).to_contain_text("Bereit")
    await expect(ready).to_contain_text("Angesehen von alice")
    await expect(ready).to_contain_text("4,2 GB")
    field = admin.page.get_by_role("searchbox", name="Titel suchen und sehen, warum")
    await expect(field).to_be_visible()
