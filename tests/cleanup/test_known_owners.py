"""What Radarr, Sonarr and Seerr know is learnt, and what they do not say is unknown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.oxicleanarr.cleanup import UNMATCHED
from custom_components.oxicleanarr.ledger import Source
from custom_components.oxicleanarr.model import MediaFacts, Requester
from custom_components.oxicleanarr.retention import (
    Rule,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    parse_duration,
)
from simulators import FaultKind, Movie, Series
from tests.home import DAY, START

from .conftest import Cleaner, Owned
from .test_execute import reasons, watch

EVERY = (FaultKind.SERVER_ERROR, FaultKind.TRUNCATED, FaultKind.HTML)


def facts(owned: Owned) -> dict[str, MediaFacts]:
    """Return the facts by title."""
    return owned.cleaner.home.facts()


def rule(cleaner: Cleaner, *rules: Rule) -> None:
    """Let rules come before the standard retentions."""
    cleaner.rules = replace(cleaner.rules, advanced=rules)


def names(cleaner: Cleaner) -> list[str]:
    """Return the titles on the plan."""
    return [one.title for one in cleaner.plan().entries]


# --- tags ------------------------------------------------------------------------------


async def test_tags_of_all_servers_count(owned: Owned) -> None:
    """Those of Jellyfin, of Radarr and of Sonarr, whatever their case."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    film, show = house.movie("Alpha"), house.show("Show")
    house.retag(film, ["Mine"])
    owned.radarr.manage(film, tags=["quick-watch"])
    owned.sonarr.manage(show, tags=["long"])
    await cleaner.sync()
    assert facts(owned)["Alpha"].tags == frozenset({"Mine", "quick-watch"})
    assert facts(owned)["Show"].tags == frozenset({"long"})
    assert facts(owned)["Bravo"].tags == frozenset()
    assert cleaner.home.ledger.tags() == ["long", "Mine", "quick-watch"]


async def test_tags_of_all_copies_count(owned: Owned) -> None:
    """What is said of the one in 4K is said of the title."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    copy = house.add_movie(
        "Alpha 4K", library="Movies 4K", provider_ids={"Tmdb": "1"}, added=START
    )
    house.scan()
    owned.radarr4k.manage(copy, tags=["keep"])
    await cleaner.sync()
    assert (
        facts(owned)["Alpha"].tags
        == facts(owned)["Alpha 4K"].tags
        == frozenset({"keep"})
    )


async def test_a_tag_rule_matches_a_tag_of_radarr(owned: Owned) -> None:
    """As in the guide: three days after it was watched, and never."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    rule(
        cleaner,
        TagRule(
            name="Quick",
            tag="Quick-Watch",
            retention=parse_duration("3d"),
            require_watched=True,
        ),
        TagRule(name="Never", tag="stay", retention=parse_duration("never")),
    )
    owned.radarr.manage(house.movie("Alpha"), tags=["quick-watch"])
    owned.radarr.manage(house.movie("Bravo"), tags=["stay"])
    watch(cleaner, "Alpha", "Bravo", "Charlie", days=4)
    await cleaner.sync()
    entries = {one.title: one.rule for one in cleaner.plan().entries}
    assert entries == {"Alpha": "Quick", "Charlie": "standard"}


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("path", ["/tag$", "/movie$"])
async def test_a_radarr_that_fails_leaves_what_is_known(
    owned: Owned, path: str, kind: FaultKind
) -> None:
    """It is shown, but no film goes; and a film never read of has unknown tags."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    owned.radarr.manage(house.movie("Bravo"), tags=["stay"])
    rule(cleaner, TagRule(name="Never", tag="stay", retention=parse_duration("never")))
    watch(cleaner, "Alpha", "Bravo", "E1", "E2", "E3")
    await cleaner.due_plan()
    house.add_movie("Echo", provider_ids={"Tmdb": "5"}, added=START - 100 * DAY)
    watch(cleaner, "Echo")
    owned.radarr.fail(kind, path)
    trouble = await cleaner.sync()
    assert trouble["radarr"] is not None
    assert trouble["radarr4k"] is None
    assert trouble["sonarr"] is None
    assert cleaner.home.ledger.silent_sources() == {Source.RADARR}
    known = facts(owned)
    assert known["Bravo"].tags == frozenset({"stay"})
    assert known["Echo"].tags is None
    assert names(cleaner) == ["Alpha", "Show"]
    report = await cleaner.run()
    assert "Radarr did not respond" in reasons(report.skipped)["Alpha"]
    assert [one.title for one in report.deleted] == ["Show"]
    owned.radarr.faults.clear()
    await cleaner.sync()
    assert cleaner.home.ledger.silent_sources() == set()
    assert facts(owned)["Echo"].tags == frozenset()


async def test_a_sonarr_that_fails_holds_series_alone(owned: Owned) -> None:
    """Films go as before."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    await cleaner.due_plan()
    owned.sonarr.fail(FaultKind.SERVER_ERROR, "/tag$")
    trouble = await cleaner.sync()
    assert trouble["sonarr"] is not None
    report = await cleaner.run()
    assert "Sonarr did not respond" in reasons(report.skipped)["Show"]
    assert [one.title for one in report.deleted] == ["Alpha"]


async def test_without_connections_nothing_is_remembered(owned: Owned) -> None:
    """Whoever disconnects Radarr and the others wants what Jellyfin says."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    owned.radarr.manage(house.movie("Alpha"), tags=["stay"])
    owned.sonarr.manage(house.show("Show"), tags=["stay"])
    owned.seerr.request(house.user("alice"), house.movie("Alpha"))
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    await cleaner.read_shelves()
    assert facts(owned)["E1"].size_bytes
    assert facts(owned)["Alpha"].requesters
    cleaner.connections = replace(cleaner.connections, sonarr=())
    await cleaner.sync()
    assert facts(owned)["Show"].tags == frozenset()
    assert facts(owned)["E1"].size_bytes is None
    assert facts(owned)["Alpha"].tags == frozenset({"stay"})
    cleaner.connections = replace(cleaner.connections, radarr=(), seerr=())
    assert await cleaner.sync() == {}
    assert facts(owned)["Alpha"].tags == frozenset()
    assert facts(owned)["Alpha"].size_bytes is None
    assert facts(owned)["Alpha"].requesters is None


# --- sizes and dates -------------------------------------------------------------------


async def test_sizes_come_from_radarr(owned: Owned) -> None:
    """Jellyfin, which would have to be asked for each, need not be."""
    cleaner = owned.cleaner
    watch(cleaner, "Alpha")
    await cleaner.sync()
    assert facts(owned)["Alpha"].size_bytes == 4_000_000_000
    (entry,) = cleaner.plan().entries
    assert entry.size_bytes == 4_000_000_000
    assert cleaner.home.ledger.items_without_files([entry.item_id]) == []


async def test_sizes_of_episodes_are_read_once(owned: Owned) -> None:
    """And once more when Sonarr has counted something new."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    assert facts(owned)["E1"].size_bytes is None

    def reads() -> int:
        return len(owned.sonarr.requested("/api/v3/episode"))

    assert await cleaner.read_shelves()
    assert reads() == 1
    assert facts(owned)["E1"].size_bytes == 1_000_000_000
    (entry,) = cleaner.plan().entries
    assert entry.size_bytes == 3_000_000_000
    for _ in range(2):
        assert not await cleaner.read_shelves()
        await cleaner.sync()
    assert reads() == 1
    file = owned.sonarr.show("Show").file_of(1, 1)
    file.size += 7
    house.disk.files[owned.sonarr.show("Show").path_of(file)].size += 7
    await cleaner.sync()
    assert await cleaner.read_shelves()
    assert reads() == 2
    assert facts(owned)["E1"].size_bytes == 1_000_000_007
    assert not await cleaner.read_shelves()


async def test_a_later_file_makes_a_title_newer_but_never_older(owned: Owned) -> None:
    """Jellyfin may show the day of the file that was replaced, or of its own set-up."""
    cleaner = owned.cleaner
    alpha, bravo = owned.radarr.movie("Alpha"), owned.radarr.movie("Bravo")
    charlie = owned.radarr.movie("Charlie")
    assert alpha.file is not None
    assert bravo.file is not None
    assert charlie.file is not None
    alpha.file.added = START - 2 * DAY
    bravo.file.added = START - 900 * DAY
    charlie.file.added = START + 900 * DAY
    owned.sonarr.show("Show").file_of(1, 1).added = START - 3 * DAY
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    await cleaner.read_shelves()
    known = facts(owned)
    assert known["Alpha"].added_at == START - 2 * DAY
    assert known["Bravo"].added_at == START - 100 * DAY
    assert known["Charlie"].added_at == START
    assert known["E1"].added_at == START - 3 * DAY
    assert known["E2"].added_at == START - 90 * DAY


@pytest.mark.parametrize(
    ("status", "continuing"),
    [("ended", False), ("continuing", True), ("upcoming", True), ("deleted", None)],
)
async def test_sonarr_knows_whether_a_series_goes_on(
    owned: Owned, status: str, continuing: bool | None
) -> None:
    """Where it does not, nobody does."""
    house = owned.cleaner.home.household
    owned.sonarr.manage(house.show("Show"), status=status)
    await owned.cleaner.sync()
    assert facts(owned)["Show"].continuing is continuing
    owned.sonarr.unmanage(house.show("Show"))
    await owned.cleaner.sync()
    assert facts(owned)["Show"].continuing is None


async def test_a_doubt_about_an_episode_ends_with_its_cause(owned: Owned) -> None:
    """What is kept for a doubt is not on the plan, and is read again all the same."""
    cleaner = owned.cleaner
    show = owned.sonarr.show("Show")
    file = show.file_of(1, 1)
    right = file.relative_path
    file.relative_path = "Season 1/Something else.mkv"
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    await cleaner.read_shelves()
    plan = cleaner.plan()
    assert plan.entries == ()
    assert {one.kept_by for one in plan.kept if one.title == "Show"} == {UNMATCHED}
    file.relative_path = right
    file.size += 1
    await cleaner.sync()
    assert names(cleaner) == ["Show"]


async def test_a_doubt_about_an_episode_ends_with_its_series_in_sonarr(
    owned: Owned,
) -> None:
    """Sonarr has not owned it for a day, so Jellyfin alone has to know."""
    cleaner = owned.cleaner
    show = owned.sonarr.show("Show")
    show.file_of(1, 1).relative_path = "Season 1/Something else.mkv"
    watch(cleaner, "E1", "E2", "E3")
    await cleaner.sync()
    await cleaner.read_shelves()
    assert names(cleaner) == []
    owned.sonarr.fail(FaultKind.SERVER_ERROR)
    await cleaner.sync()
    assert names(cleaner) == []
    owned.sonarr.faults.clear()
    owned.sonarr.unmanage(cleaner.home.household.show("Show"))
    await cleaner.sync()
    assert names(cleaner) == []
    cleaner.home.wait(DAY)
    await cleaner.sync()
    assert names(cleaner) == ["Show"]


# --- requests --------------------------------------------------------------------------

ALICE = UserRule(
    name="People",
    users=(UserEntry(username="Alice", retention=parse_duration("7d")),),
    require_watched=True,
)


def ask(owned: Owned, user: str, title: str, *, is_4k: bool = False) -> None:
    """Let somebody request a title."""
    house = owned.cleaner.home.household
    item = house[title]
    assert isinstance(item, Movie | Series)
    owned.seerr.request(house.user(user), item, START - 50 * DAY, is_4k=is_4k)


async def test_a_request_goes_after_its_requester_has_watched_it(owned: Owned) -> None:
    """The guide's rule for alice: seven days after she, not bob, has watched it."""
    cleaner = owned.cleaner
    cleaner.rules = replace(
        cleaner.rules,
        standard=replace(
            cleaner.rules.standard, movie_retention=parse_duration("never")
        ),
    )
    rule(cleaner, ALICE)
    for title in ("Alpha", "Bravo"):
        ask(owned, "alice", title)
    ask(owned, "bob", "Charlie")
    watch(cleaner, "Alpha", "Charlie", days=30)
    watch(cleaner, "Bravo", days=30, user="bob")
    await cleaner.sync()
    (entry,) = cleaner.plan().entries
    assert (entry.title, entry.rule) == ("Alpha", "People")
    kept = {one.title: one.kept_by for one in cleaner.plan().kept}
    assert kept["Bravo"] == "People"
    assert kept["Charlie"] == "standard"
    watch(cleaner, "Bravo", days=1)
    await cleaner.sync()
    plan = cleaner.plan()
    assert [one.title for one in plan.entries] == ["Alpha", "Bravo"]
    assert plan.entries[1].due_at.date() == (START + 6 * DAY).date()


async def test_several_may_have_requested_it(owned: Owned) -> None:
    """Alice's rule asks alice; one that asks the requesters asks all of them."""
    cleaner = owned.cleaner
    ask(owned, "alice", "Alpha")
    ask(owned, "bob", "Alpha", is_4k=True)
    watch(cleaner, "Alpha", days=30)
    await cleaner.sync()
    who = facts(owned)["Alpha"].requesters
    assert who is not None
    assert {min(one.names) for one in who} == {"alice", "bob"}
    assert facts(owned)["Bravo"].requesters == ()
    rule(cleaner, ALICE)
    assert names(cleaner) == ["Alpha"]
    rule(
        cleaner,
        WatchedRule(
            name="All",
            retention=parse_duration("7d"),
            require_watched=True,
            watched_by=Watchers.REQUESTER,
        ),
    )
    assert names(cleaner) == []
    watch(cleaner, "Alpha", days=20, user="bob")
    await cleaner.sync()
    assert names(cleaner) == ["Alpha"]


async def test_without_seerr_a_rule_for_requesters_matches_nothing(
    owned: Owned,
) -> None:
    """The next rule decides."""
    cleaner = owned.cleaner
    rule(cleaner, ALICE)
    cleaner.rules = replace(cleaner.rules, seerr=False)
    cleaner.connections = replace(cleaner.connections, seerr=())
    watch(cleaner, "Alpha", days=30)
    await cleaner.sync()
    (entry,) = cleaner.plan().entries
    assert entry.rule == "standard"


@pytest.mark.parametrize("kind", EVERY)
async def test_a_seerr_that_fails_holds_what_its_rules_may_want(
    owned: Owned, kind: FaultKind
) -> None:
    """Nothing goes while a rule asks for requesters; else it does not matter."""
    cleaner = owned.cleaner
    rule(cleaner, ALICE)
    watch(cleaner, "Alpha", days=30)
    watch(cleaner, "Bravo", days=40)
    ask(owned, "bob", "Bravo")
    await cleaner.due_plan()
    assert sorted(names(cleaner)) == ["Alpha", "Bravo"]
    owned.seerr.fail(kind, "/request$")
    trouble = await cleaner.sync()
    assert trouble["seerr"] is not None
    assert sorted(names(cleaner)) == ["Alpha", "Bravo"]
    report = await cleaner.run()
    assert set(reasons(report.skipped).values()) == {
        "skipped to be safe: Seerr did not respond when it was last asked"
    }
    rule(cleaner)
    report = await cleaner.run()
    assert {one.title for one in report.deleted} == {"Alpha", "Bravo"}


async def test_a_title_without_ids_has_unknown_requesters(owned: Owned) -> None:
    """It may be the one that somebody asked for."""
    house = owned.cleaner.home.household
    house.add_movie("Home video", added=START - 100 * DAY)
    await owned.cleaner.sync()
    assert facts(owned)["Home video"].requesters is None


async def test_a_requester_without_a_jellyfin_user_is_known_by_name(
    owned: Owned,
) -> None:
    """Such a one has watched nothing that anybody could know of."""
    cleaner = owned.cleaner
    house = cleaner.home.household
    carol = owned.seerr.add_local_user("carol")
    owned.seerr.request(carol, house.movie("Alpha"), START - 50 * DAY)
    rule(cleaner, replace(ALICE, users=(replace(ALICE.users[0], username="carol"),)))
    watch(cleaner, "Alpha", days=30)
    await cleaner.sync()
    (who,) = facts(owned)["Alpha"].requesters or ()
    assert who == Requester(
        request_user_id=carol.id,
        user_id=None,
        names=frozenset({"carol"}),
        email="carol@example.org",
    )
    assert names(cleaner) == []


async def test_nothing_is_asked_for_twice(owned: Owned) -> None:
    """Two requests to each Radarr and Sonarr, one to Seerr."""
    cleaner = owned.cleaner
    await cleaner.sync()
    for server in (owned.radarr, owned.radarr4k, owned.sonarr, owned.seerr):
        server.requests.clear()
    cleaner.home.wait(timedelta(minutes=5))
    await cleaner.sync()
    assert [one.path for one in owned.radarr.requests] == [
        "/api/v3/movie",
        "/api/v3/tag",
    ]
    assert [one.path for one in owned.sonarr.requests] == [
        "/api/v3/series",
        "/api/v3/tag",
    ]
    assert [one.path for one in owned.seerr.requests] == ["/api/v1/request"]
