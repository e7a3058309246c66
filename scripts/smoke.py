"""A smoke test on the newest Home Assistant, as a user would meet it.

Installed from the archive of a release: set-up through the config flow, the first
sync, actions, options, reload, a restart, and removal; and nothing of ours in the log
that should not be there.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib.util import cache_from_source
from pathlib import Path
import sys
from zipfile import ZipFile

from homeassistant.const import __version__

from scripts.release import build_zip
from scripts.stage import ROOT, Stage, StageError, open_stage

ENTITIES = (
    "sensor.household_pending_deletions",
    "sensor.household_watched_movies",
    "switch.household_dry_run",
    "binary_sensor.household_deletion_blocked",
)
OWNERS = ("radarr", "sonarr", "seerr")


def check(condition: bool, message: str) -> None:
    """Say what works, or end with what does not."""
    if not condition:
        raise StageError(message)
    print(f"  ok  {message}", flush=True)


def install_release(stage: Stage) -> Path:
    """Put what people download where the stage has the checkout; return where it is."""
    archive = stage.folder / "oxicleanarr.zip"
    build_zip(ROOT, archive)
    components = stage.config / "custom_components"
    components.unlink()
    installed = components / "oxicleanarr"
    with ZipFile(archive) as opened:
        opened.extractall(installed)
    return installed


async def smoke_rules(stage: Stage) -> None:
    """Make a rule, look at what it does, and take it away and back as a text."""
    await stage.add_rule("tag", name="Quick", tag="quick-watch", retention=3)
    await stage.wait_for("switch.rule_quick", "unknown", "unavailable")
    plan = await stage.action("evaluate_rules")
    (row,) = [row for row in plan["pending"] if row["rule"] == "Quick"]
    check(row["rule_type"] == "tag", "a rule made in its form changes the plan")
    explained = await stage.action("explain_item", item_id=row["key"])
    check(explained["verdict"]["due_at"] == row["due_at"], "action explain_item")
    text = (await stage.action("export_rules"))["yaml"]
    gone = await stage.action("import_rules", yaml="advanced_rules: []", replace=True)
    check(gone["removed"] == ["Quick"], "action import_rules removes")
    back = await stage.action("import_rules", yaml=text)
    check(back["added"] == ["Quick"], "what export_rules gives, import_rules takes")
    await stage.wait_for("switch.rule_quick", "unknown", "unavailable")


async def smoke(stage: Stage) -> int:
    """Go through it all and return how many checks there were."""
    installed = install_release(stage)
    await stage.start_home_assistant()
    await stage.add_integration()
    pending = await stage.wait_for(ENTITIES[0], "unknown", "unavailable")
    check(pending.isdigit(), "set-up through the config flow, and the first sync")
    if not sys.dont_write_bytecode:
        compiled = Path(cache_from_source(str(installed / "keeper.py")))
        check(compiled.exists(), "what runs is what was in the archive")
    for entity in ENTITIES:
        state = await stage.state(entity)
        check(state not in ("unknown", "unavailable"), f"{entity} is {state}")
    report = await stage.action("sync", full=True)
    check(report["mode"] == "full" and report["items"] > 0, "action sync")
    await stage.choose_rules(7, 14)
    plan = await stage.action("evaluate_rules")
    soon = [row for row in plan["pending"] if "7 days" in row["reason"]]
    check(bool(soon), "options change the plan")
    check(plan["dry_run"] is True, "dry run is on")
    result = await stage.action("delete_media")
    check(result["deleted"] == [], "action delete_media deletes nothing then")
    rows = (await stage.action("get_watch_history", limit=3))["events"]
    check(len(rows) == 3, "action get_watch_history")
    check(
        (await stage.action("get_deletions"))["deletions"] == [],
        "action get_deletions",
    )
    await smoke_rules(stage)
    for name in OWNERS:
        await stage.add_server(name)
        state = await stage.wait_for(
            f"binary_sensor.{name}_connectivity", "unknown", "unavailable"
        )
        check(state == "on", f"{name} is connected and answers")
    plan = await stage.action("evaluate_rules")
    path = f"/api/config/config_entries/entry/{stage.entry_id}"
    await stage.post(f"{path}/reload", {})
    state = await stage.wait_for(ENTITIES[0], "unknown", "unavailable")
    check(int(state) == plan["counts"]["pending"], "reload")
    await stage.pass_days(timedelta(days=1))
    state = await stage.wait_for(ENTITIES[0], "unknown", "unavailable")
    check(int(state) > 0, "restart a day later")
    diagnostics = await stage.get(f"/api/diagnostics/config_entry/{stage.entry_id}")
    text = str(diagnostics)
    for name, server in stage.servers.items():
        if key := server.get("api_key"):
            check(key not in text, f"no key of {name} in the diagnostics")
    await stage.delete(path)
    ledgers = list((stage.config / ".storage").glob("oxicleanarr*"))
    check(not ledgers, "removal leaves nothing behind")
    await stage.stop_home_assistant()
    ours = [
        line
        for line in stage.log.splitlines()
        # The checkout's own folder may be named like the integration.
        if "oxicleanarr" in line.replace(str(ROOT), "")
        and any(level in line for level in (" ERROR ", " WARNING ", "Traceback"))
        # Home Assistant says this of every custom integration.
        and "has not been tested by Home Assistant" not in line
    ]
    check(not ours, "nothing of ours in the log" + "".join(f"\n{one}" for one in ours))
    return 0


async def main() -> int:
    """Run the test and return the exit code."""
    print(f"Home Assistant {__version__}", flush=True)
    try:
        async with open_stage(
            "smoke", at=datetime(2026, 1, 6, 20, tzinfo=UTC)
        ) as stage:
            return await smoke(stage)
    except StageError as err:
        print(f"  FAILED  {err}", file=sys.stderr)
        return 1


sys.exit(asyncio.run(main()))
