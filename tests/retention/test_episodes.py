"""The episode chain: what stays of a series, episode by episode."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given as for_all, strategies as st
import pytest

from custom_components.oxicleanarr.model import (
    MediaFacts,
    MediaKind,
    Outcome,
    Requester,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeDeleteStrategy,
    EpisodeRule,
    Rule,
    TagRule,
    UserEntry,
    UserRule,
    Watchers,
    clause,
    explain,
    parse_duration,
)

from .builders import (
    ALICE,
    BOB,
    NOW,
    USERS,
    ago,
    date,
    episode,
    rules,
    series,
    verdicts,
)

D30 = parse_duration("30d")
OFF = {"movie_retention": "never", "tv_retention": "never"}
BY_AGE = EpisodeDeleteStrategy.BY_AGE
BY_SEASON_AGE = EpisodeDeleteStrategy.BY_SEASON_AGE
OLDEST_FIRST = EpisodeDeleteStrategy.OLDEST_FIRST


def rule(**keys: Any) -> EpisodeRule:
    """Return an episode rule; a duration may be given as text."""
    if isinstance(keys.get("max_age"), str):
        keys["max_age"] = parse_duration(keys["max_age"])
    return EpisodeRule(**{"name": "TV"} | keys)


def weekly(count: int, **more: Any) -> list[MediaFacts]:
    """Return so many episodes, the last one aired today and each a week before."""
    return [
        episode(n, aired=(at := ago(7 * (count - n))), added=at, **more)
        for n in range(1, count + 1)
    ]


def taken(
    titles: list[MediaFacts], *given: Rule, of: MediaFacts | None = None
) -> dict[str, datetime]:
    """Return when which episodes go, by the end of their ids."""
    found = verdicts([of or series(), *titles], rules(*given, **OFF))
    return {
        item_id.partition("-")[2]: verdict.due_at
        for item_id, verdict in found.items()
        if verdict.kind is MediaKind.EPISODE and verdict.due_at is not None
    }


def test_the_guides_rule() -> None:
    """Keep the 5 newest; of the rest what is older than 30 days, and watched."""
    titles = weekly(12)
    for number in (1, 3, 7, 11):
        titles[number - 1] = episode(
            number,
            aired=titles[number - 1].item.premiere_at,
            added=titles[number - 1].added_at,
            played={ALICE: NOW - timedelta(hours=1)},
        )
    given = rule(max_episodes=5, max_age="30d", require_watched=True)
    assert taken(titles, given) == {
        "s1e1": NOW - timedelta(hours=1),
        "s1e3": NOW - timedelta(hours=1),
        "s1e7": NOW - timedelta(hours=1),
    }
    verdict = verdicts([series(), *titles], rules(given, **OFF))["s1-s1e7"]
    assert verdict.kind is MediaKind.EPISODE
    assert verdict.outcome is Outcome.DELETE
    assert (verdict.rule, verdict.rule_type) == ("TV", "episode")
    assert verdict.episode_ids == ()
    assert clause(verdict.reason) == (
        "aired December 28, 2025, added December 28, 2025, watched by alice. "
        "Rule TV deletes all but the 5 newest episodes after 30 days"
    )


def test_require_watched_always_wins() -> None:
    """Anchors D9 and D11: not even above the number of episodes to keep."""
    titles = weekly(20)
    for strategy in (None, *EpisodeDeleteStrategy):
        given = rule(
            max_episodes=1,
            max_age="1s",
            require_watched=True,
            episode_delete_strategy=strategy,
        )
        assert taken(titles, given) == {}
        assert taken(
            titles, rule(max_episodes=1, max_age="1s", episode_delete_strategy=strategy)
        )


def test_the_number_alone_and_the_age_alone() -> None:
    """A limit that is missing deletes nothing, but does not stop the other one."""
    titles = weekly(6)
    by_number = taken(titles, rule(max_episodes=4))
    assert by_number == {"s1e1": ago(35), "s1e2": ago(28)}
    by_age = taken(titles, rule(max_age="30d"))
    assert by_age["s1e1"] == ago(5)
    # As with movies, what is not due yet is said already.
    assert by_age["s1e6"] == NOW + timedelta(days=30)
    both = taken(titles, rule(max_episodes=4, max_age="30d"))
    assert both == {"s1e1": ago(5), "s1e2": ago(-2)}


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"max_episodes": 0},
        {"max_episodes": -1, "max_age": D30},
        {"max_episodes": 0, "max_age": D30},
        {"max_age": NEVER},
        {"max_age": NEVER, "max_episodes": 1},
        {"max_age": "0d"},
        {"max_age": "0h", "max_episodes": 1},
        {"episode_delete_strategy": OLDEST_FIRST},
        {"episode_delete_strategy": OLDEST_FIRST, "max_episodes": 0},
        {"episode_delete_strategy": OLDEST_FIRST, "max_age": D30},
        {"episode_delete_strategy": BY_AGE, "max_episodes": 1},
        {"episode_delete_strategy": BY_AGE, "max_age": NEVER},
        {"episode_delete_strategy": BY_AGE, "max_age": "0d"},
        {"episode_delete_strategy": BY_SEASON_AGE, "max_episodes": 1},
        {"season_numbers": (1,)},
    ],
)
def test_a_limit_of_nothing_deletes_nothing(keys: dict[str, Any]) -> None:
    """Anchors 1.7 and B7: 0 episodes or no age deleted every episode."""
    assert taken(weekly(9, played={ALICE: ago(1)}), rule(**keys)) == {}


def test_newest_by_air_date_then_season_and_number() -> None:
    """Numbers decide only between episodes of one day."""
    day = ago(50)
    titles = [
        episode(1, 2, aired=ago(90)),
        episode(9, 1, aired=ago(10)),
        episode(1, 1, aired=day),
        episode(2, 1, aired=day),
        episode(1, 2, aired=day, item_id="s1-special"),
        episode(None, None, aired=day, item_id="s1-none"),
    ]
    assert set(taken(titles, rule(max_episodes=1))) == {
        "s1e1",
        "s1e2",
        "s2e1",
        "special",
        "none",
    }
    assert set(taken(titles, rule(max_episodes=2))) == {"s1e1", "s1e2", "s2e1", "none"}
    assert set(taken(titles, rule(max_episodes=3))) == {"s1e1", "s2e1", "none"}
    # What has no number stands before the first, which can be zero.
    firsts = [
        episode(None, 1, aired=day),
        episode(0, 1, aired=day),
        episode(7, None, aired=day),
        episode(0, 0, aired=day),
    ]
    assert set(taken(firsts, rule(max_episodes=1))) == {"s1eNone", "sNonee7", "s0e0"}
    assert set(taken(firsts, rule(max_episodes=2))) == {"sNonee7", "s0e0"}
    assert set(taken(firsts, rule(max_episodes=3))) == {"sNonee7"}
    double = episode(1, aired=day, item={"episode_end": 3}, item_id="s1-double")
    assert set(taken([titles[3], double], rule(max_episodes=1))) == {"s1e2"}


def test_what_has_no_date_stays_and_takes_nobodys_place() -> None:
    """Unknown never deletes."""
    titles = [
        episode(1, aired=ago(90)),
        episode(2, aired=None),
        episode(3, aired=ago(80), added=None),
        episode(4, aired=ago(70)),
    ]
    assert set(taken(titles, rule(max_episodes=1))) == {"s1e1"}
    assert set(taken(titles, rule(max_age="1d"))) == {"s1e1", "s1e4"}
    undated = episode(1, played={ALICE: None})
    assert taken([undated], rule(max_age="1d", require_watched=True)) == {}


def test_the_age_counts_from_the_later_of_aired_and_added() -> None:
    """Anchors B4: an old episode that came yesterday was overdue today."""
    titles = [
        episode(1, aired=ago(900), added=ago(1)),
        episode(2, aired=ago(40), added=ago(900)),
        episode(3, aired=NOW + timedelta(days=900), added=ago(3)),
    ]
    assert taken(titles, rule(max_age="30d")) == {
        "s1e1": NOW + timedelta(days=29),
        "s1e2": ago(10),
        "s1e3": NOW + timedelta(days=30),
    }


def test_a_later_play_postpones() -> None:
    """With ``require_watched`` nothing is due before its last activity."""
    played = {ALICE: ago(90)}
    given = rule(max_age="30d", require_watched=True)
    titles = [episode(1, played=played, began={BOB: ago(1)})]
    assert taken(titles, given) == {"s1e1": ago(1)}
    titles = [episode(1, played={ALICE: NOW + timedelta(days=9)})]
    assert taken(titles, given) == {"s1e1": NOW}


@pytest.mark.parametrize("days", [28, 29, 30])
def test_a_play_in_the_future_is_no_hurry(days: int) -> None:
    """The clock was wrong, then or now: nothing is due earlier for it."""
    title = episode(1, added=ago(1), played={ALICE: ago(-days)})
    given = rule(max_age="30d", require_watched=True)
    assert taken([title], given) == {"s1e1": ago(-29)}


def test_seasons() -> None:
    """A rule for some seasons counts and takes only in these."""
    titles = [episode(n, s, aired=ago(99 - n - 9 * s)) for s in (1, 2) for n in (1, 2)]
    titles.append(episode(1, None))
    given = rule(max_episodes=1, season_numbers=(1,))
    assert set(taken(titles, given)) == {"s1e1"}
    # The next rule gets what is left.
    second = rule(name="Rest", max_age="1d")
    assert set(taken(titles, given, second)) == {"s1e1", "s2e1", "s2e2"}


def test_keep_latest_season() -> None:
    """The season with the highest number is spared, and what has no number."""
    titles = [
        episode(1, 1),
        episode(1, 2),
        episode(1, 3),
        episode(1, None),
        episode(1, 0),
    ]
    given = rule(max_age="1d", keep_latest_season=True)
    assert set(taken(titles, given)) == {"s0e1", "s1e1", "s2e1"}
    given = rule(max_age="1d", keep_latest_season=True, season_numbers=(1, 2))
    assert set(taken(titles, given)) == {"s1e1", "s2e1"}
    assert taken([episode(1, None)], rule(max_age="1d", keep_latest_season=True)) == {}


@pytest.mark.parametrize(
    ("continuing", "goes"), [(True, False), (False, True), (None, False)]
)
def test_exclude_continuing_series(continuing: bool | None, goes: bool) -> None:
    """What continues is passed over; what may continue stays."""
    of = series(continuing=continuing)
    titles = [episode(1)]
    given = rule(max_age="1d", exclude_continuing_series=True)
    assert bool(taken(titles, given, of=of)) is goes
    assert taken(titles, rule(max_age="1d"), of=of)
    # The next rule is asked only where it is certain that this one is not meant.
    passed = taken(titles, given, rule(name="Next", max_age="1d"), of=of)
    assert bool(passed) is (continuing is not None)


@pytest.mark.parametrize(
    ("tags", "goes"),
    [(["DAILY"], True), (["other"], False), ([], False), (None, False)],
)
def test_tag(tags: list[str] | None, goes: bool) -> None:
    """A rule with a tag is for the series with that tag."""
    of = series(tags=tags)
    assert bool(taken([episode(1)], rule(max_age="1d", tag="daily"), of=of)) is goes
    if tags is None:
        both = (rule(max_age="1d", tag="daily"), rule(name="All", max_age="1d"))
        assert taken([episode(1)], *both, of=of) == {}


def test_libraries_priority_and_off() -> None:
    """As with the other rules."""
    titles = weekly(3)
    assert taken(titles, rule(max_episodes=1, libraries=("Movies",))) == {}
    assert taken(titles, rule(max_episodes=1, libraries=("shows",)))
    unknown = series(library="")
    assert taken(titles, rule(max_episodes=1, libraries=("Shows",)), of=unknown) == {}
    assert taken(titles, rule(max_episodes=1, enabled=False)) == {}
    first = rule(name="First", max_episodes=3, priority=1)
    assert taken(titles, rule(max_episodes=1), first) == {}


def test_by_age() -> None:
    """It is the age that decides; a number that is there too still spares."""
    titles = weekly(6)
    given = rule(max_age="20d", episode_delete_strategy=BY_AGE)
    assert set(taken(titles, given)) >= {"s1e1", "s1e2", "s1e3"}
    given = rule(max_age="20d", max_episodes=5, episode_delete_strategy=BY_AGE)
    assert set(taken(titles, given)) == {"s1e1"}


def test_by_season_age() -> None:
    """A season goes as a whole, by its oldest episode."""
    titles = [
        episode(1, 1, aired=ago(40), added=ago(40)),
        episode(2, 1, aired=ago(5), added=ago(5)),
        episode(3, 1, aired=None),
        episode(1, 2, aired=ago(29), added=ago(29)),
        episode(1, None, aired=ago(99)),
    ]
    given = rule(max_age="30d", episode_delete_strategy=BY_SEASON_AGE)
    assert taken(titles, given) == {
        "s1e1": ago(10),
        "s1e2": ago(5),
        "s2e1": NOW + timedelta(days=1),
    }


@pytest.mark.parametrize(
    ("second", "due"),
    [
        ({"aired": ago(50), "added": ago(50)}, ago(20)),
        ({"aired": None}, None),
        ({"season": 2}, None),
    ],
)
def test_a_file_goes_only_if_all_in_it_may(
    second: dict[str, Any], due: datetime | None
) -> None:
    """Anchors B8: files that hold several episodes."""
    file = {"path": "/tv/s/e1-e2.mkv"}
    titles = [
        episode(1, aired=ago(90), added=ago(90), item=file),
        episode(2, **second, item=file),
        episode(3, aired=ago(90), added=ago(90), item={"path": "/tv/s/e3.mkv"}),
        episode(4, aired=ago(90), added=ago(90)),
        episode(5, aired=None, item={"path": "/tv/s/e5.mkv"}),
        episode(6, aired=None, item={"path": "/tv/s/e5.mkv"}),
    ]
    found = taken(titles, rule(max_age="30d", season_numbers=(1,)))
    assert found.pop("s1e3") == found.pop("s1e4") == ago(60)
    found.pop("s2e2", None)
    assert found == ({} if due is None else {"s1e1": due, "s1e2": due})


@pytest.mark.parametrize(
    ("one", "two"),
    [({"aired": None}, {}), ({}, {"aired": None})],
)
def test_the_order_in_a_file_does_not_matter(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    """Nor does what lies in other files before it."""
    file = {"path": "/tv/s/e3-e4.mkv"}
    undated: dict[str, Any] = {"aired": None, "item": {"path": "/tv/s/e1-e2.mkv"}}
    titles = [
        episode(0, item={"path": "/tv/s/e0.mkv"}),
        episode(1, **undated),
        episode(2, **undated),
        episode(3, **one, item=file),
        episode(4, **two, item=file),
        episode(5, item={"path": "/tv/s/e5.mkv"}),
    ]
    assert set(taken(titles, rule(max_age="1d"))) == {"s1e0", "s1e5"}


def test_a_file_of_several_episodes_counts_once() -> None:
    """It takes one place among the newest, whatever it holds."""
    double = {"path": "/tv/s/e3-e4.mkv"}
    titles = [
        episode(1, aired=ago(90), added=ago(90), item={"path": "/tv/s/e1.mkv"}),
        episode(2, aired=ago(80), added=ago(80), item={"path": "/tv/s/e2.mkv"}),
        episode(3, aired=ago(70), added=ago(70), item=double),
        episode(4, aired=ago(60), added=ago(60), item=double),
    ]
    assert set(taken(titles, rule(max_episodes=2))) == {"s1e1"}
    assert set(taken(titles, rule(max_episodes=1))) == {"s1e1", "s1e2"}


@for_all(
    st.lists(
        st.tuples(
            st.sampled_from([None, "/a", "/b", "/c"]),
            st.none() | st.integers(0, 60),
        ),
        max_size=8,
    )
)
def test_files_stand_or_fall(about: list[tuple[str | None, int | None]]) -> None:
    """All episodes of a file go on the same day, or none of them goes."""
    titles = [
        episode(
            number,
            aired=None if days is None else ago(days),
            added=None if days is None else ago(days),
            item={"path": path},
        )
        for number, (path, days) in enumerate(about)
    ]
    found = taken(titles, rule(max_age="30d"))
    for path in ("/a", "/b", "/c"):
        mates = [n for n, (other, _) in enumerate(about) if other == path]
        days = [about[n][1] for n in mates]
        due = {found.get(f"s1e{n}") for n in mates}
        latest = [day for day in days if day is not None]
        if len(latest) < len(days):
            assert due == {None}
        elif latest:
            assert due == {ago(min(latest) - 30)}


def test_watched_by_the_requester() -> None:
    """Of the series; nobody requests a single episode."""
    of = series(requesters=(Requester(user_id=ALICE),))
    titles = [episode(1, played={ALICE: ago(9)}), episode(2, played={BOB: ago(9)})]
    given = rule(max_age="1d", require_watched=True, watched_by=Watchers.REQUESTER)
    assert set(taken(titles, given, of=of)) == {"s1e1"}


def test_watched_by() -> None:
    """For episodes too; who can see the series must have seen them."""
    of = series(visible_to=frozenset({ALICE, BOB}))
    titles = [
        episode(1, played={ALICE: ago(9)}),
        episode(2, played={ALICE: ago(9), BOB: ago(9)}),
        episode(3, played={ALICE: ago(9)}, visible_to=frozenset({ALICE})),
    ]
    given = rule(max_age="1d", require_watched=True, watched_by=Watchers.ALL)
    assert set(taken(titles, given, of=of)) == {"s1e2", "s1e3"}
    assert set(taken(titles, given)) == {"s1e3"}
    given = rule(max_age="1d", require_watched=True, watched_by=("bob",))
    assert set(taken(titles, given)) == {"s1e2"}


def test_a_series_that_is_kept_for_good_keeps_its_episodes() -> None:
    """Unless an episode rule names a tag and comes first: it is meant for such."""
    keep = TagRule(name="Keep", tag="keep", retention=NEVER)
    titles = weekly(3)
    general = rule(max_episodes=1)
    named = rule(name="Daily", max_episodes=2, tag="daily")
    assert taken(titles, keep, general, of=series(tags=["keep"])) == {}
    assert set(taken(titles, keep, general)) == {"s1e1", "s1e2"}
    of = series(tags=["keep", "daily"])
    assert set(taken(titles, keep, named, general, of=of)) == {"s1e1"}
    assert taken(titles, keep, general, named, of=of) == {}
    assert taken(titles, keep, general, of=series(tags=None)) == {}
    # Of several requesters one is enough, also where another one keeps it for now.
    people = UserRule(
        name="U",
        users=(
            UserEntry(user_id=1, retention=D30, require_watched=True),
            UserEntry(user_id=2, retention=NEVER),
        ),
    )
    for ids in ((1, 2), (2, 1)):
        requesters = tuple(Requester(request_user_id=one) for one in ids)
        assert taken(titles, people, general, of=series(requesters=requesters)) == {}
    first = (Requester(request_user_id=1, user_id=BOB),)
    assert taken(titles, people, general, of=series(requesters=first))
    # A retention is not a keep: the two chains do not wait for each other.
    long = TagRule(name="Long", tag="keep", retention=parse_duration("9000d"))
    assert taken(titles, long, general, of=series(tags=["keep"]))


def test_the_scope_of_a_series_is_fixed() -> None:
    """Anchors B1: an episode's verdict never becomes one about the series."""
    titles = weekly(4, played={ALICE: date("2020-01-01")})
    given = rules(rule(max_episodes=1), tv_retention="1d")
    found = verdicts([series(), *titles], given)
    assert found["s1"].episode_ids == tuple(f"s1-s1e{n}" for n in range(1, 5))
    assert found["s1"].kind is MediaKind.SERIES
    assert {v.kind for i, v in found.items() if i != "s1"} == {MediaKind.EPISODE}
    found = verdicts([series(), *titles], rules(rule(max_episodes=4), **OFF))
    assert set(found) == {"s1"}


def test_series_do_not_mix() -> None:
    """The number counts for each series, and an empty one has nothing to take."""
    titles = [episode(n, of=of) for of in ("s1", "s2") for n in (1, 2)]
    of = [series("s1"), series("s2"), series("s3")]
    found = verdicts([*of, *titles], rules(rule(max_episodes=1), **OFF))
    assert set(found) == {"s1", "s2", "s3", "s1-s1e1", "s2-s1e1"}


MAYBE = "rule TV might apply, so it is kept"
IN_2 = {"season_numbers": (2,), "max_age": "1d"}


@pytest.mark.parametrize(
    ("keys", "title", "reason"),
    [
        (
            IN_2,
            episode(1, None),
            f"{MAYBE}: its season is not known",
        ),
        ({}, episode(1), "the rule sets no limit"),
        ({"max_episodes": 1}, episode(1), "it is the newest episode"),
        (
            {"max_age": "1d", "keep_latest_season": True},
            episode(1),
            "it belongs to the latest season",
        ),
        (
            {"max_age": "1d", "keep_latest_season": True},
            episode(1, None),
            "its season is not known",
        ),
        (
            {"max_age": "1d", "episode_delete_strategy": BY_SEASON_AGE},
            episode(1, None),
            "its season is not known",
        ),
        (
            {"max_age": "1d", "require_watched": True},
            episode(1),
            "nobody has finished it",
        ),
        (
            {"max_age": "1d", "require_watched": True},
            episode(1, played={ALICE: None}),
            "it has been played, but it is not known when",
        ),
        ({"max_age": "1d"}, episode(1, aired=None), "it is not known when it aired"),
        (
            {"max_age": "1d"},
            episode(1, added=None),
            "it is not known when it was added",
        ),
    ],
)
def test_why_an_episode_stays(
    keys: dict[str, Any], title: MediaFacts, reason: str
) -> None:
    """By the rule that is for it, in a sentence."""
    titles = [series(), title]
    verdict = explain(
        title.item.item_id, titles, rules(rule(**keys), **OFF), USERS, NOW
    ).verdict
    assert (verdict.outcome, verdict.rule, verdict.rule_type) == (
        Outcome.KEEP,
        "TV",
        "episode",
    )
    if not reason.startswith("rule"):
        reason = f"rule TV keeps it because {reason}"
    assert clause(verdict.reason) == reason


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"max_age": "30d"}, "Rule TV deletes episodes after 30 days"),
        (
            {"max_age": "30d", "episode_delete_strategy": BY_SEASON_AGE},
            "Rule TV deletes episodes 30 days after their season began",
        ),
        ({"max_episodes": 1}, "Rule TV deletes all but the newest episode"),
    ],
)
def test_why_an_episode_goes(keys: dict[str, Any], reason: str) -> None:
    """With the days from which its age counts."""
    titles = [episode(1, aired=date("2025-01-02"), added=date("2025-03-04"))]
    titles.append(episode(2, aired=ago(1)))
    found = verdicts([series(), *titles], rules(rule(**keys), **OFF))["s1-s1e1"]
    assert (
        clause(found.reason) == f"aired January 2, 2025, added March 4, 2025. {reason}"
    )


KEEP = TagRule(name="Keep", tag="keep", retention=NEVER)


@pytest.mark.parametrize(
    ("keys", "of", "matched", "because"),
    [
        (
            {},
            series(tags=["keep"]),
            True,
            "rule TV keeps it because rule Keep keeps the series for good",
        ),
        (
            {},
            series(tags=None),
            True,
            f"{MAYBE}: another rule might keep the series for good",
        ),
        (
            {"tag": "t"},
            series(tags=None),
            True,
            f"{MAYBE}: the tags of its series are not known",
        ),
        (
            {"exclude_continuing_series": True},
            series(continuing=None),
            True,
            f"{MAYBE}: it is not known whether its series is continuing",
        ),
        (
            {"exclude_continuing_series": True},
            series(continuing=True),
            False,
            "its series is continuing",
        ),
        ({"tag": "t"}, series(), False, "its series doesn't have the tag t"),
        ({"libraries": ("Kids",)}, series(), False, "it isn't in Kids"),
        ({"season_numbers": (2,)}, series(), False, "the rule is for other seasons"),
        ({"enabled": False}, series(), False, "the rule is disabled"),
    ],
)
def test_what_a_rule_says_about_a_series(
    keys: dict[str, Any], of: MediaFacts, matched: bool, because: str
) -> None:
    """In the trace of each of its episodes; what it is not for is left to the next."""
    given = rules(KEEP, rule(max_age="1d", **keys), **OFF)
    first, *_ = explain("s1-s1e1", [of, episode(1)], given, USERS, NOW).trace
    assert (first.rule, first.type, first.matched) == ("TV", "episode", matched)
    assert first.outcome is (Outcome.KEEP if matched else None)
    assert clause(first.because) == because


def test_what_is_said_about_a_file_of_two_days() -> None:
    """The day on which all of it may go, in the verdict and in the trace."""
    file = {"path": "/tv/s/e1-e2.mkv"}
    titles = [
        series(),
        episode(1, aired=date("2025-12-01"), added=date("2025-12-01"), item=file),
        episode(2, aired=date("2025-12-11"), added=date("2025-12-11"), item=file),
    ]
    found = explain("s1-s1e1", titles, rules(rule(max_age="30d"), **OFF), USERS, NOW)
    assert found.verdict.due_at == date("2026-01-10")
    assert clause(found.verdict.reason) == (
        "aired December 1, 2025, added December 1, 2025. Rule TV deletes episodes after 30 days. "
        "Its file also contains an episode that is kept until January 10, 2026"
    )
    assert found.trace[0].because == found.verdict.reason
    assert found.trace[0].matched is True
