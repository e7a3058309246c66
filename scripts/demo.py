"""The demo: a simulated household, real Home Assistant, and this integration in it.

Without arguments it stays up until Ctrl-C. With --once it goes through the main job,
tells what happened, and ends with 0 — or with the reason why not.
"""

from argparse import ArgumentParser
import asyncio
from datetime import UTC, datetime, timedelta
import signal
import sys
from typing import Any

import aiohttp
from homeassistant.const import __version__

from scripts.stage import PASSWORD, USER, Stage, StageError, open_stage
from simulators.arrs import ARR_CASES
from simulators.sample import CASES

PORT = 8124
PENDING = "sensor.household_pending_deletions"
# The guide's rules, and its example: watched on January 1st, due on January 8th.
RETENTIONS = (7, 14)
OWNERS = ("radarr", "radarr4k", "sonarr", "seerr")
TRIMMED = "Oak and Ember"
ADVANCED_RULES = """
advanced_rules:
  - {name: Quick, type: tag, tag: quick-watch, retention: 3d, require_watched: true}
  - name: People
    type: user
    users: [{username: alice, retention: 7d, require_watched: true}]
  - name: Two newest
    type: episode
    tag: two-newest
    max_episodes: 2
    require_watched: true
"""
EVENING = datetime(2026, 1, 1, 20, tzinfo=UTC)


def say(text: str = "") -> None:
    """Tell the person who watches."""
    print(text, flush=True)


def require(condition: bool, message: str) -> None:
    """End the demo if something is not as it was told."""
    if not condition:
        raise StageError(message)


def size(count: int | None) -> str:
    """Return bytes for a person."""
    return "?" if count is None else f"{count / 1_000_000_000:.1f} GB"


def name_of(row: dict[str, Any]) -> str:
    """Return what to call a planned deletion."""
    if row["kind"] == "series":
        return f"{row['title']} ({len(row['episodes'])} episodes)"
    if row["kind"] == "episode":
        return f"{row['series']} S{row['season']:02}E{row['episode']:02}"
    return str(row["title"])


def describe(row: dict[str, Any]) -> str:
    """Return a planned deletion as a line."""
    return (
        f"  {row['due_at'][:10]}  {name_of(row):<30} {size(row['size_bytes']):>8}"
        f"  {row['reason']}"
    )


async def stay(stage: Stage) -> None:
    """Stay up until Ctrl-C."""
    say(f"Starting Home Assistant {__version__} …")
    await stage.start_home_assistant()
    await stage.add_integration()
    await stage.choose_rules(*RETENTIONS)
    await add_owners_and_rules(stage)
    await stage.wait_for(PENDING, "unknown", "unavailable")
    say(f"\n  {stage.url}/config/integrations/integration/oxicleanarr")
    say(f"  log in as {USER!r} with the password {PASSWORD!r}")
    say("  for the cards: Settings > Dashboards > Add dashboard > OxiCleanarr\n")
    for name in ("jellyfin", "jellystat", *OWNERS):
        say(f"  simulated {name:<10} {stage.servers[name]['url']}")
    say(f"  steer the house      {stage.servers['control']['url']}/control/state")
    say("\nCtrl-C ends it all.")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    say("\nEnding …")


async def once(stage: Stage) -> None:
    """Go through the main job."""
    say(f"1. Set-up in Home Assistant {__version__}, in the evening of January 1st")
    await stage.start_home_assistant()
    await stage.add_integration()
    await stage.wait_for(PENDING, "unknown", "unavailable")
    await stage.choose_rules(*RETENTIONS, seerr_cleanup=True)
    await add_owners_and_rules(stage)
    say("   Jellyfin, Jellystat, two Radarrs, Sonarr and Seerr were checked by their")
    say("   forms. Rules: movies 7d, series 14d after they were watched, never what")
    say("   nobody has watched; what has the tag quick-watch 3d; what alice requested")
    say("   7d after alice has watched it; of Oak and Ember the two newest episodes.\n")

    say("2. Sync")
    # The servers that were added are being read.
    report = await stage.action_when_free("sync", full=True)
    say(f"   {report['items']} titles, {report['users']} users.")
    events = (await stage.action("get_watch_history", limit=10_000))["events"]
    say(f"   {len(events)} rows of watch history are remembered.")
    for name in ("movies", "series", "episodes"):
        watched = await stage.state(f"sensor.household_watched_{name}")
        say(f"   watched {name}: {watched}")

    say("\n3. What is pending, and why")
    plan = await stage.action("evaluate_rules", include_kept=True)
    pending = {row["title"]: row for row in plan["pending"]}
    kept = {row["title"]: row for row in plan["kept"]}
    for row in plan["pending"]:
        say(describe(row))
    say("\n   What stays, for example")
    for case in (
        "started, not finished",
        "one episode left",
        "never watched",
        "watched, a favourite",
    ):
        title = CASES[case]
        require(title not in pending, f"{title} ({case}) is pending")
        require(title in kept, f"{title} ({case}) is not among what is kept")
        say(f"  {title:<30} {case}: {kept[title]['reason']}")
    other = ARR_CASES["requested by alice, watched by bob only"]
    require(other not in pending, f"{other} is pending though alice has not watched it")
    say(f"  {other:<30} requested by alice: {kept[other]['reason']}")
    marked = CASES["marked by hand"]
    require(marked in pending, f"{marked} was marked by hand, and is not pending")
    example = pending[CASES["watched this morning"]]
    say(f"\n   The guide's example: {example['title']}, 7d,")
    say(f"   watched {example['last_watched_at'][:10]} → due {example['due_at'][:10]}")
    require(example["last_watched_at"][:10] == "2026-01-01", "not watched that day")
    require(example["due_at"][:10] == "2026-01-08", "not due on January 8th")
    require(
        not [row for row in plan["pending"] if not row["watched"]],
        "something that nobody has watched is pending",
    )

    say("\n4. Three days later, dry run")
    say("   Until then Home Assistant restarts every few hours. This takes minutes.")
    await stage.pass_days(timedelta(days=3, hours=1))
    await stage.wait_for(PENDING, "unknown", "unavailable")
    files = set(await stage.steer("files"))
    result = await stage.action_when_free("delete_media")
    require(result["dry_run"], "dry run was off from the beginning")
    require(result["deleted"] == [], "a dry run has deleted something")
    require(set(await stage.steer("files")) == files, "files are gone in a dry run")
    would = {
        row["title"] for row in result["skipped"] if row["reason_code"] == "dry_run"
    }
    say(f"   Nothing was deleted. {len(would)} titles would have been:")
    say(f"   {', '.join(sorted(would))}")
    for row in result["skipped"]:
        if row["title"] not in would:
            say(f"   not {row['title']}: {row['reason']}")
    require(bool(would), "nothing was due")

    say("\n5. The same with dry run off")
    try:
        await stage.post(
            "/api/services/switch/turn_off", {"entity_id": "switch.household_dry_run"}
        )
    except StageError:
        say("   The switch asks to look at what the first real run would delete;")
    else:
        raise StageError("dry run was switched off without a look at what would go")
    await stage.confirm_repair("first_real_run", "finish")
    require(
        await stage.state("switch.household_dry_run") == "off", "dry run is still on"
    )
    say("   that is confirmed under Repairs.")
    result = await stage.action_when_free("delete_media")
    deleted = {row["title"] for row in result["deleted"]}
    require(result["failed"] == [], f"failed: {result['failed']}")
    require(deleted == would, f"deleted {deleted}, but {would} was announced")
    for row in result["deleted"]:
        say(f"   deleted  {name_of(row):<30} {size(row['size_bytes']):>8}")
    unsure = [row["title"] for row in result["deleted"] if not row["confirmed"]]
    require(unsure == [], f"the disk does not say that these are gone: {unsure}")
    await stage.steer("tick", seconds=120)
    await stage.action("sync")
    space = float(await stage.state("sensor.household_reclaimed_space"))
    say(f"   The disk says so at once: {space:.1f} GB are free again.")

    say("\n6. The proof, asked of the servers themselves")
    house = await stage.steer("state")
    listed = {item["id"] for item in house["items"]}
    gone = [
        item_id
        for row in result["deleted"]
        for item_id in (row["episodes"] or [row["item_id"]])
    ]
    require(not listed & set(gone), "Jellyfin still lists what was deleted")
    async with aiohttp.ClientSession() as session:
        server = stage.servers["jellyfin"]
        async with session.get(
            f"{server['url']}/Items?ids={','.join(gone)}",
            headers={"Authorization": f'MediaBrowser Token="{server["api_key"]}"'},
        ) as response:
            answer = await response.json()
    require(answer["Items"] == [], "Jellyfin still has what was deleted")
    left = set(await stage.steer("files"))
    say(f"   Jellyfin has none of the {len(gone)} items any more,")
    say(f"   and {len(files - left)} of {len(files)} files are gone from the disk.")
    undue = {row["title"] for row in plan["pending"]} - deleted
    names = {item["name"] for item in house["items"]}
    require(undue <= names, f"gone without being due: {undue - names}")
    require(set(kept) <= names | deleted, f"gone though kept: {set(kept) - names}")
    rows = (await stage.action("get_deletions", limit=10_000))["deletions"]
    require(len(rows) == len(gone), "the journal does not have every deletion")
    require({row["outcome"] for row in rows} == {"deleted"}, "the journal disagrees")
    say(f"   The journal has all {len(rows)} of them with rule, reason and outcome.")
    await prove_owners(stage, rows)
    asked = ARR_CASES["requested and watched by alice"]
    requests = {one["title"] for one in await stage.steer("seerr")}
    require(asked in deleted, f"{asked} was requested by alice and is not deleted")
    require(asked not in requests, f"Seerr still has the request of {asked}")
    say(f"   Seerr has forgotten the request of {asked}.")

    say("\n7. One comes back, and it is January 8th")
    say("   Until then Home Assistant restarts every few hours. This takes minutes.")
    back = next(row["title"] for row in result["deleted"] if row["kind"] == "movie")
    await stage.steer("bring_back", item=back)
    await stage.steer("scan")
    await stage.action("sync", full=True)
    await stage.pass_days(timedelta(days=4))
    await stage.wait_for(PENDING, "unknown", "unavailable")
    result = await stage.action_when_free("delete_media")
    deleted = {row["title"] for row in result["deleted"]}
    require(example["title"] in deleted, f"{example['title']} was not deleted")
    require(back not in deleted, f"{back} was deleted again")
    plan = await stage.action("evaluate_rules")
    again = {row["title"] for row in plan["pending"]}
    require(back not in again, f"{back} is pending again")
    say(f"   {example['title']}, watched on January 1st, is gone as announced.")
    say(f"   {back} was downloaded again. Jellyfin calls it watched at once;")
    say("   for us it starts anew, and stays until somebody has seen it.")
    say("\nAll of it is as it should be.")


async def add_owners_and_rules(stage: Stage) -> None:
    """Connect Radarr, Sonarr and Seerr, and make a rule of each type that needs them."""
    for name in OWNERS:
        await stage.add_server(name)
    await stage.steer(
        "manage",
        server="sonarr",
        item=TRIMMED,
        tags=["two-newest"],
        status="continuing",
    )
    await stage.action("import_rules", yaml=ADVANCED_RULES)


async def prove_owners(stage: Stage, rows: list[dict[str, Any]]) -> None:
    """Ask Radarr and Sonarr what they know of what is gone; rows of the journal."""
    by_owner: dict[str, int] = {}
    for row in rows:
        for owner in row["deleted_by"]:
            by_owner[owner] = by_owner.get(owner, 0) + 1
    for owner, count in sorted(by_owner.items()):
        say(f"   {count:>3} files went through {owner}.")
    require({"Jellyfin", "Radarr", "Sonarr"} <= by_owner.keys(), "not all had a part")
    for name in OWNERS[:3]:
        back = await stage.steer("arr_search", server=name)
        back += await stage.steer("list_sync", server=name)
        require(back == [], f"{name} brings back {back}")
    say("   Radarr and Sonarr look for none of them, and their lists add none again.")
    sonarr = await stage.steer("arr", server="sonarr")
    show = next(one for one in sonarr["titles"] if one["title"] == TRIMMED)
    gone = [one for one in show["episodes"].values() if not one["has_file"]]
    require(bool(gone), f"no episode of {TRIMMED} has gone")
    require(show["monitored"], f"{TRIMMED} is not monitored any more")
    require(not any(one["monitored"] for one in gone), "a deleted one is monitored")
    say(f"   {TRIMMED} goes on: {len(gone)} watched episodes are gone and not")
    say("   monitored, the series is, so that new ones still arrive.")


async def main() -> int:
    """Run the demo and return the exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="run the main job and end")
    options = parser.parse_args()
    try:
        if options.once:
            async with open_stage("demo-once", at=EVENING) as stage:
                await once(stage)
        else:
            async with open_stage("demo", port=PORT) as stage:
                await stay(stage)
    except StageError as err:
        print(f"\nThe demo failed: {err}", file=sys.stderr)
        return 1
    return 0


sys.exit(asyncio.run(main()))
