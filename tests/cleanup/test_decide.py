"""The second decision: by the same rules, on what is true right before a file goes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.oxicleanarr.cleanup import Limits, Why
from custom_components.oxicleanarr.cleanup.decide import Live, decide_again, facts_now
from custom_components.oxicleanarr.ledger import (
    PlayMemory,
    Remembered,
    versions_changed,
)
from custom_components.oxicleanarr.model import (
    Keep,
    MediaFacts,
    MediaKey,
    PlannedDeletion,
    Reason,
    Requester,
    UserData,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    Rule,
    StandardRules,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from simulators.faults import Request
from tests.home import DAY
from tests.retention.builders import ALICE, BOB, CAROL, NOW, ago, movie

from .conftest import Cleaner, Owned
from .test_execute import reasons, watch

WEEK = parse_duration("7d")
STAY = TagRule(name="stay", tag="stay", retention=NEVER)


def rules(cleaner: Cleaner, *advanced: Rule) -> None:
    """Let rules come before the standard retentions."""
    cleaner.rules = replace(cleaner.rules, advanced=advanced)


def at_look(cleaner: Cleaner, number: int, change: Callable[[], object]) -> None:
    """Let something change when a run begins to look at its so-and-so-many-th title."""
    looks = 0

    def listen(request: Request) -> None:
        """Count the looks: each begins with the question who answers."""
        nonlocal looks
        if request.path == "/System/Info":
            looks += 1
            if looks == number:
                change()

    cleaner.home.jellyfin_server.listeners.append(listen)


def there(cleaner: Cleaner, title: str) -> bool:
    """Return whether a film's file is there still."""
    return f"{title} (2000)" in cleaner.files()


def decided(
    cleaner: Cleaner,
    entry: PlannedDeletion,
    *,
    facts: Sequence[MediaFacts] | None = None,
    now: datetime | None = None,
    left: Collection[str] | None = None,
    manual: Mapping[MediaKey, datetime] | None = None,
    favorites_keep: bool = True,
) -> Reason | None:
    """Return what is decided again about an entry of the plan."""
    home = cleaner.home
    now = now or home.now
    return decide_again(
        entry,
        entry.target_ids if left is None else left,
        home.ledger.facts(now) if facts is None else facts,
        cleaner.rules,
        {one.user_id: one.name for one in home.ledger.users()},
        home.ledger.keeps(now),
        manual or {},
        favorites_keep=favorites_keep,
        now=now,
    )


async def test_everybody_has_to_have_watched_it_still(cleaner: Cleaner) -> None:
    """One of them un-marks it after the sync: the other one's mark is not enough."""
    rules(
        cleaner,
        WatchedRule(
            name="all", retention=WEEK, require_watched=True, watched_by=Watchers.ALL
        ),
    )
    for name in ("alice", "bob"):
        watch(cleaner, "Alpha", days=30, user=name)
    plan = await cleaner.due_plan()
    assert [one.rule for one in plan.entries] == ["all"]
    house = cleaner.home.household
    house.unmark_played(house.user("bob"), house.movie("Alpha"))
    report = await cleaner.run()
    assert reasons(report.skipped)["Alpha"].startswith("decided otherwise just now")
    assert there(cleaner, "Alpha")


async def test_a_tag_set_in_jellyfin_meanwhile(cleaner: Cleaner) -> None:
    """It keeps by a rule."""
    rules(cleaner, STAY)
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house = cleaner.home.household
    house.retag(house.movie("Alpha"), ["stay"])
    report = await cleaner.run()
    assert "rule stay" in reasons(report.skipped)["Alpha"]
    assert there(cleaner, "Alpha")


async def test_a_tag_set_in_radarr_meanwhile(owned: Owned) -> None:
    """Also one whose name did not exist when the run began."""
    cleaner = owned.cleaner
    rules(cleaner, STAY)
    watch(cleaner, "Alpha", "Bravo")
    await cleaner.due_plan()
    film = cleaner.home.household.movie("Alpha")
    owned.radarr.manage(film, tags=["stay"])
    report = await cleaner.run()
    assert "rule stay" in reasons(report.skipped)["Alpha"]
    assert there(cleaner, "Alpha")
    assert not there(cleaner, "Bravo")


async def test_a_tag_set_in_sonarr_meanwhile(owned: Owned) -> None:
    """It is the series' tag, and holds every episode."""
    cleaner = owned.cleaner
    rules(cleaner, STAY)
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.sonarr.manage(cleaner.home.household.show("Show"), tags=["stay"])
    report = await cleaner.run()
    assert "rule stay" in reasons(report.skipped)["Show"]
    assert {f"Show S01E0{one}" for one in (1, 2, 3)} <= cleaner.files()


async def test_somebody_else_has_asked_for_it_meanwhile(owned: Owned) -> None:
    """A rule keeps what bob requests, and he has, after the sync."""
    cleaner = owned.cleaner
    rules(
        cleaner,
        UserRule(name="bob's", users=(UserEntry(username="bob", retention=NEVER),)),
    )
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    house = cleaner.home.household
    owned.seerr.request(house.user("bob"), house.movie("Alpha"))
    report = await cleaner.run()
    assert "bob's" in reasons(report.skipped)["Alpha"]
    assert there(cleaner, "Alpha")


@pytest.mark.parametrize("what", ["movie", "series"])
async def test_a_favorite_made_between_two_files(cleaner: Cleaner, what: str) -> None:
    """It holds from the next file on, also that of a whole series."""
    watch(cleaner, "Alpha", days=40)
    watch(cleaner, "Bravo", days=30)
    watch(cleaner, "E1", "E2", "E3", days=30)
    await cleaner.due_plan()
    house = cleaner.home.household
    item = house.movie("Bravo") if what == "movie" else house.show("Show")
    at_look(cleaner, 2, lambda: house.set_favourite(house.user("bob"), item, True))
    report = await cleaner.run()
    assert not there(cleaner, "Alpha")
    told = reasons([*report.skipped, *report.failed])
    assert "favorite" in told["Bravo" if what == "movie" else "Show"]


@pytest.mark.parametrize(
    "change",
    ["retention", "rule off", "favorites", "unscheduled", "limits", "kept"],
)
async def test_what_is_changed_during_a_run_holds_at_once(
    cleaner: Cleaner, change: str
) -> None:
    """From the next file on, whatever it is; what was begun is not undone."""
    home = cleaner.home
    rules(cleaner, WatchedRule(name="auto", retention=WEEK, require_watched=True))
    cleaner.limits = Limits(favorites_keep=change != "favorites")
    watch(cleaner, "Alpha", days=40)
    watch(cleaner, "Bravo", "Charlie", days=30)
    house = home.household
    await cleaner.sync()
    if change == "favorites":
        house.set_favourite(house.user("bob"), house.movie("Bravo"), True)
    if change == "unscheduled":
        for title in ("Bravo", "Charlie"):
            key = home.facts()[title].key
            home.ledger.schedule_manually(key, home.now + DAY)
    await cleaner.due_plan()
    assert len(cleaner.plan().due(home.now)) == 3

    def think_again() -> None:
        """Be a person with second thoughts."""
        match change:
            case "retention":
                standard = StandardRules(movie_retention=NEVER)
                cleaner.rules = replace(cleaner.rules, standard=standard, advanced=())
            case "rule off":
                (rule,) = cleaner.rules.advanced
                cleaner.rules = replace(
                    cleaner.rules, advanced=(replace(rule, enabled=False),)
                )
            case "favorites":
                cleaner.limits = Limits(favorites_keep=True)
            case "unscheduled":
                for title in ("Bravo", "Charlie"):
                    home.ledger.unschedule(home.facts()[title].key)
            case "limits":
                cleaner.limits = Limits(max_items=1)
            case "kept":
                key = home.facts()["Bravo"].key
                home.ledger.keep(Keep(key=key, kept_at=home.now))

    at_look(cleaner, 2, think_again)
    report = await cleaner.run()
    assert [one.title for one in report.deleted][:1] == ["Alpha"]
    assert there(cleaner, "Bravo")
    assert report.skipped


async def test_the_cap_counts_all_runs_of_a_day(cleaner: Cleaner) -> None:
    """Twenty-four hours later there is room again."""
    for days, title in ((50, "Alpha"), (40, "Bravo"), (30, "Charlie"), (20, "Delta")):
        watch(cleaner, title, days=days)
    cleaner.limits = Limits(max_items=2)
    await cleaner.due_plan()
    gone = [one.title for one in (await cleaner.run()).deleted]
    assert gone == ["Alpha", "Bravo"]
    for _ in range(3):
        cleaner.home.wait(DAY / 4)
        await cleaner.sync()
        assert (await cleaner.run()).deleted == []
    cleaner.home.wait(DAY / 4)
    await cleaner.sync()
    report = await cleaner.run()
    # Of the last one nothing beside it tells whether the disk is there.
    assert [one.title for one in report.deleted] == ["Charlie"]
    assert [one.title for one in report.unconfirmed] == ["Delta"]


async def test_another_server_deletes_nothing(cleaner: Cleaner) -> None:
    """It answers with the same key and the same items, right before a file goes."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    cleaner.home.jellyfin_server.server_id = "0" * 32
    report = await cleaner.run()
    assert "another server" in reasons(report.skipped)["Alpha"]
    assert there(cleaner, "Alpha")


@pytest.mark.parametrize("continuing", [True, None])
async def test_a_series_that_goes_on_meanwhile(
    cleaner: Cleaner, continuing: bool | None
) -> None:
    """What Sonarr says now counts, also that it does not say."""
    await cleaner.sync()
    (show,) = [
        replace(one, continuing=False)
        for one in cleaner.home.facts().values()
        if one.item.title == "Show"
    ]
    live = Live(continuing={show.item.item_id: continuing})
    (now,) = facts_now([show], live, cleaner.home.now)
    assert now == replace(show, continuing=continuing)


async def test_a_version_that_came_meanwhile(cleaner: Cleaner) -> None:
    """Nobody has looked at it, so the title is none that rules could let go."""
    await cleaner.sync()
    fact = cleaner.home.facts()["Alpha"]
    item_id = fact.item.item_id
    item = replace(fact.item, source_count=fact.item.source_count + 1)
    (now,) = facts_now([fact], Live(items={item_id: item}), cleaner.home.now)
    assert fact.unclear is None
    assert now.unclear == versions_changed(item)


async def test_an_episode_that_came_meanwhile(cleaner: Cleaner) -> None:
    """A series that holds more than what was announced is not what was announced."""
    rules(cleaner)
    watch(cleaner, "E1", "E2", "E3", days=30)
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    assert decided(cleaner, entry) is None
    less = replace(entry, episode_ids=entry.episode_ids[:-1])
    assert decided(cleaner, less) == Reason(Why.HOLDS_MORE)


async def test_a_retention_that_has_not_ended(cleaner: Cleaner) -> None:
    """It was made longer, or the clock went back."""
    watch(cleaner, "Alpha", days=30)
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    cleaner.rules = replace(
        cleaner.rules,
        standard=replace(
            cleaner.rules.standard, movie_retention=parse_duration("365d")
        ),
    )
    found = decided(cleaner, entry)
    assert found is not None
    assert found.code == Why.NOT_DUE


async def test_a_title_of_which_nothing_is_known_any_more(cleaner: Cleaner) -> None:
    """No rule lets it go, and none keeps it."""
    watch(cleaner, "Alpha", days=30)
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    assert decided(cleaner, entry, facts=[]) == Reason(Why.NO_LONGER_PLANNED)


async def test_from_the_very_moment_on(cleaner: Cleaner) -> None:
    """A retention that ends now has ended; one that ends in a second has not."""
    watch(cleaner, "Alpha", days=30)
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    early = decided(cleaner, entry, now=entry.last_watched_at)
    assert early is not None
    due_at = early.data["due_at"]
    assert isinstance(due_at, datetime)
    assert early == Reason(Why.NOT_DUE, {"due_at": due_at})
    assert decided(cleaner, entry, now=due_at) is None
    assert decided(cleaner, entry, now=due_at - timedelta(seconds=1)) == early


@pytest.mark.parametrize("what", ["keep", "favorite"])
@pytest.mark.parametrize("whole", [False, True])
async def test_what_somebody_wants_to_stay(
    cleaner: Cleaner, what: str, whole: bool
) -> None:
    """It is told as what it is, and not as another decision of the rules."""
    home = cleaner.home
    watch(cleaner, *(["E1", "E2", "E3"] if whole else ["Alpha"]), days=30)
    plan = await cleaner.due_plan()
    (entry,) = plan.entries
    facts = home.ledger.facts(home.now)
    if what == "keep":
        until = home.now + DAY
        home.ledger.keep(Keep(key=entry.key, kept_at=home.now, until=until))
    else:
        facts = [
            replace(one, favorite_of=frozenset({home.ledger.users()[0].user_id}))
            if one.item.item_id == entry.item_id
            else one
            for one in facts
        ]
    found = decided(cleaner, entry, facts=facts)
    assert found is not None
    assert found.code == (Why.KEPT_BY_USER if what == "keep" else Why.FAVORITE_OF)
    # Once the keep is over it holds nothing, nor do favorites that are not asked for.
    if what == "keep":
        assert decided(cleaner, entry, facts=facts, now=home.now + DAY) is None
    else:
        assert decided(cleaner, entry, facts=facts, favorites_keep=False) is None


async def test_a_copy_that_has_just_gone_is_as_long_as_it_was(cleaner: Cleaner) -> None:
    """Whoever has watched it has watched the other one, if that is as long."""
    home = cleaner.home
    cleaner.add_copy()
    home.household.scan()
    watch(cleaner, "Alpha")
    await cleaner.sync()
    facts = [one for one in home.ledger.facts(home.now) if one.key == "movie:tmdb:1"]
    ids = {one.item.item_id: one.item.title for one in facts}
    known: dict[str, Remembered] = {
        one: home.ledger.remembered(one, home.now) for one in ids
    }
    alice = home.household.user("alice").id
    played_at = home.now - 30 * DAY
    live = Live(
        user_data={
            alice: {
                one: UserData(
                    item_id=one,
                    played=title == "Alpha",
                    play_count=int(title == "Alpha"),
                    last_played_at=played_at if title == "Alpha" else None,
                )
                for one, title in ids.items()
            }
        },
        memories={one: memory.memories for one, memory in known.items()},
    )
    assert [one.watched_by for one in facts] == [frozenset({alice})] * 2
    now = facts_now(facts, live, home.now)
    assert [one.watched_by for one in now] == [frozenset({alice})] * 2
    # With what Jellyfin says of it now the lengths differ, and one is not the other.
    longer = {
        one.item.item_id: replace(one.item, runtime=9 * (one.item.runtime or 0))
        for one in facts[1:]
    }
    now = facts_now(facts, replace(live, items=longer), home.now)
    assert [one.watched_by for one in now] == [frozenset()] * 2


@pytest.mark.parametrize(
    "asked", [(), None, (Requester(request_user_id=7, user_id="a" * 32),)]
)
async def test_who_has_asked_for_it_by_now(
    cleaner: Cleaner, asked: tuple[Requester, ...] | None
) -> None:
    """What Seerr says now counts, also that it does not say; unasked, it is as before."""
    await cleaner.sync()
    known = (Requester(request_user_id=8, user_id="b" * 32),)
    fact = replace(cleaner.home.facts()["Alpha"], requesters=known)
    for requesters, expected in (
        ({fact.item.item_id: asked}, asked),
        ({"0" * 32: asked}, known),
        (None, known),
    ):
        live = Live(requesters=requesters)
        (now,) = facts_now([fact], live, cleaner.home.now)
        assert now == replace(fact, requesters=expected)


async def test_what_goes_by_another_rule_or_with_less(cleaner: Cleaner) -> None:
    """The same outcome is not the same decision."""
    watch(cleaner, "Alpha", "Bravo", days=30)
    plan = await cleaner.due_plan()
    entry, other = plan.entries
    assert decided(cleaner, entry) is None
    otherwise = Reason(Why.DECIDED_OTHERWISE, {"because": entry.reason})
    assert decided(cleaner, replace(entry, rule="mine")) == otherwise
    both = (*entry.target_ids, *other.target_ids)
    assert decided(cleaner, entry, left=both) == otherwise


async def test_what_goes_by_hand(cleaner: Cleaner) -> None:
    """Until somebody takes that back: then the rules' word counts."""
    home = cleaner.home
    await cleaner.sync()
    key = home.facts()["Alpha"].key
    home.ledger.schedule_manually(key, home.now)
    (entry,) = cleaner.plan().entries
    assert decided(cleaner, entry, manual={key: home.now}) is None
    kept = {one.item_id: one.reason for one in cleaner.plan().kept}
    assert entry.item_id not in kept
    home.ledger.unschedule(key)
    kept = {one.item_id: one.reason for one in cleaner.plan().kept}
    assert decided(cleaner, entry) == Reason(
        Why.DECIDED_OTHERWISE, {"because": kept[entry.item_id]}
    )


# --- what is true at this moment ---------------------------------------------------------

DAVE = "d" * 32


def test_what_is_known_and_what_is_said_now_add_up() -> None:
    """A mark taken back is not believed; that of another title is none of this one."""
    fact = movie(
        favorite_of=frozenset({CAROL}),
        visible_to=frozenset({ALICE}),
        tags=["old"],
        continuing=False,
    )
    other = movie("m2", visible_to=None, tags=None)
    live = Live(
        items={"m1": replace(fact.item, tags=frozenset({"new"})), "m2": other.item},
        favorites={ALICE: frozenset({"m1", "m3"}), DAVE: frozenset({"m3"})},
        user_data={
            ALICE: {"m1": UserData(item_id="m1", played=False)},
            BOB: {"m1": UserData(item_id="m1", played=False, favorite=True)},
            DAVE: {"m3": UserData(item_id="m3", played=False, favorite=True)},
        },
        seeing={"m1": frozenset({BOB}), "m2": frozenset({BOB})},
        continuing={"m2": True},
    )
    expected = replace(
        fact,
        favorite_of=frozenset({ALICE, BOB, CAROL}),
        visible_to=frozenset({ALICE, BOB}),
        tags=frozenset({"old", "new"}),
    )
    now = facts_now([fact, other], live, NOW)
    assert now == [expected, replace(other, continuing=True)]
    for owned, tags in (
        (frozenset({"theirs"}), frozenset({"new", "theirs"})),
        (None, None),
    ):
        asked = replace(live, owner_tags={"m1": owned, "m2": owned})
        now = facts_now([fact, other], asked, NOW)
        assert [one.tags for one in now] == [tags, None]


def test_who_has_watched_which_copy_by_now() -> None:
    """All of it, and in the life of that copy; with a date, or marked at some time."""
    everybody = frozenset({ALICE, BOB, CAROL, DAVE})
    copies = [
        movie(
            name,
            key=MediaKey("movie:tmdb:1"),
            life_started_at=since,
            item={"runtime": 7200},
            watched_by=everybody,
        )
        for name, since in (("m1", ago(90)), ("m2", ago(90)), ("m3", ago(10)))
    ]
    alone = movie("m4", watched_by=everybody)
    seen = PlayMemory(played=True, touched=True, first_played_at=ago(1))
    marked = replace(seen, first_played_at=ago(20))
    live = Live(
        memories={
            "m1": {BOB: seen, ALICE: seen, CAROL: marked, DAVE: seen},
            "m2": {ALICE: PlayMemory()},
        },
        unfinished={"m1": frozenset({BOB})},
        user_data={
            BOB: {"m1": UserData(item_id="m1", played=True, last_played_at=ago(30))},
            ALICE: {
                "m1": UserData(item_id="m1", played=True, last_played_at=ago(30)),
                "m2": UserData(item_id="m2", played=False),
            },
            CAROL: {"m1": UserData(item_id="m1", played=True)},
        },
    )
    both = frozenset({ALICE, CAROL})
    expected = [both, both, frozenset(), everybody]
    for items in ({}, {one.item.item_id: one.item for one in copies}):
        now = facts_now([*copies, alone], replace(live, items=items), NOW)
        assert [one.watched_by for one in now] == expected
