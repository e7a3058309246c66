"""Files of Janitorr and Maintainerr: what they become, and that it is never more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.model import MediaFacts, MediaKind, ReasonValue
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    ImportedRules,
    RetentionBase,
    RuleErrors,
    TagRule,
    WatchedRule,
    dump_rules,
    parse_duration,
    parse_rules,
    say,
)

from .builders import NOW, USERS, judge, rules
from .test_properties import PATIENT, known

FIXTURES = Path(__file__).parent / "fixtures"
DAYS_30 = {"type": "custom_days", "value": "30"}
NOT_FOR_30_DAYS = {
    "firstValue": "Jellyfin.lastViewedAt",
    "action": "BEFORE",
    "customValue": DAYS_30,
}


def parse(data: object) -> ImportedRules:
    """Return the rules in a file."""
    # JSON is YAML, without references.
    return parse_rules(json.dumps(data))


def notes(found: ImportedRules) -> dict[str, Mapping[str, ReasonValue]]:
    """Return the codes of the notes with their data; each can be said."""
    for note in found.notes:
        assert note.code not in say(note)
    return {note.code: note.data for note in found.notes}


# --- Janitorr -----------------------------------------------------------------------


def test_a_configuration_of_janitorr() -> None:
    """Tags that exclude keep, what deletes is disabled, and the rest is said."""
    found = parse_rules((FIXTURES / "janitorr.yaml").read_text())
    assert found.rules.advanced == (
        TagRule(name="Janitorr: keep keep", tag="keep", retention=NEVER, priority=0),
        TagRule(
            name="Janitorr: keep grandma", tag="grandma", retention=NEVER, priority=0
        ),
        TagRule(
            name="Janitorr: quick",
            enabled=False,
            tag="quick",
            retention=parse_duration("7d"),
            retention_base=RetentionBase.LAST_WATCHED_OR_ADDED,
        ),
        TagRule(
            name="Janitorr: 5 - demo",
            enabled=False,
            tag="5 - demo",
            retention=parse_duration("36h"),
            retention_base=RetentionBase.LAST_WATCHED_OR_ADDED,
        ),
        EpisodeRule(
            name="Janitorr: episodes of daily",
            enabled=False,
            tag="daily",
            max_episodes=10,
            max_age=parse_duration("30d"),
        ),
    )
    assert (found.has_standard, found.has_advanced) == (False, True)
    assert notes(found) == {
        "imported_disabled": {
            "source": "Janitorr",
            "rules": (
                "Janitorr: quick",
                "Janitorr: 5 - demo",
                "Janitorr: episodes of daily",
            ),
        },
        "ages_by_free_space": {"place": "media-deletion"},
    }
    # What concerns the rules comes first.
    assert [note.code for note in found.notes] == list(notes(found))
    assert next(iter(notes(found))) == "imported_disabled"
    assert [one.data["section"] for one in found.ignored] == [
        "logging",
        "file-system",
        "clients",
    ]
    assert "SECRET" not in f"{found.ignored} {[say(one) for one in found.notes]}"
    # They can be exported, and imported again.
    assert parse_rules(dump_rules(found.rules)).rules == found.rules


def janitorr(**application: object) -> ImportedRules:
    """Return what a configuration becomes with these parts, besides what it keeps."""
    found = parse({"application": {"exclusion-tags": [], **application}})
    assert not any(rule.enabled for rule in found.rules.advanced)
    return found


SCHEDULE = {"tag": "a", "expiration": "7d"}
ALWAYS = {"minimum-free-disk-percent": 100, "schedules": [SCHEDULE]}
DAILY = {"enabled": True, "clean-older-seasons": True}


@pytest.mark.parametrize("key", ["tag-based-deletion", "tagBasedDeletion"])
def test_keys_in_any_spelling(key: str) -> None:
    """Janitorr takes all of them."""
    part = {"minimumFreeDiskPercent": 100.0, "schedules": [SCHEDULE]}
    (rule,) = janitorr(**{key: part}).rules.advanced
    assert isinstance(rule, TagRule)
    assert (rule.tag, rule.retention) == ("a", parse_duration("7d"))


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ({}, ["janitorr_keep"]),
        ({"exclusion-tags": ["a", "b"]}, ["a", "b"]),
        ({"exclusion-tags": "a, b"}, ["a", "b"]),
        ({"exclusion-tag": "a"}, ["a"]),
        ({"exclusionTags": [7]}, ["7"]),
        ({"exclusion-tags": []}, []),
    ],
)
def test_what_excludes_keeps(said: dict[str, object], tags: list[str]) -> None:
    """Also the tag that excludes where the file says nothing, before any other rule."""
    found = parse({"application": {"media-deletion": {"enabled": False}, **said}})
    assert found.rules.advanced == tuple(
        TagRule(name=f"Janitorr: keep {tag}", tag=tag, retention=NEVER, priority=0)
        for tag in tags
    )
    assert found.has_advanced is bool(tags)
    assert notes(found) == {}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        # Without the free space they would delete more.
        ({"tag-based-deletion": {"schedules": [SCHEDULE]}}, "waits_for_free_space"),
        (
            {"tag-based-deletion": ALWAYS | {"minimum-free-disk-percent": 99}},
            "waits_for_free_space",
        ),
        ({"tag-based-deletion": ALWAYS | {"minimum-age": 3}}, "left_out"),
        ({"tag-based-deletion": ALWAYS | {"enabled": "${ON}"}}, "left_out"),
        ({"tag-based-deletion": ALWAYS | {"schedules": "a"}}, "left_out"),
        (
            {"tag-based-deletion": ALWAYS | {"schedules": [SCHEDULE | {"unseen": 1}]}},
            "left_out",
        ),
        *(
            (
                {"tag-based-deletion": ALWAYS | {"schedules": [SCHEDULE | other]}},
                "left_out",
            )
            for other in (
                {"tag": "${TAG}"},
                {"tag": None},
                {"tag": ["a"]},
                {"expiration": 30},
                {"expiration": "P30D"},
                {"expiration": None},
            )
        ),
        ({"episode-deletion": {"enabled": True}}, "latest_season_only"),
        ({"episode-deletion": DAILY | {"max-episodes": "ten"}}, "left_out"),
        ({"episode-deletion": DAILY | {"max-age": 30}}, "left_out"),
        ({"episode-deletion": DAILY | {"unseen": True}}, "left_out"),
        ({"episode-deletion": DAILY | {"enabled": "maybe"}}, "left_out"),
        ({"episode-deletion": DAILY | {"clean-older-seasons": "${X}"}}, "left_out"),
        ({"episode-deletion": [DAILY]}, "left_out"),
        ({"media-deletion": {"movie-expiration": {5: "1d"}}}, "ages_by_free_space"),
        ({"exclude-seeding": True}, "left_out"),
        ({"exclusion-tags": {"a": "b"}}, "left_out"),
    ],
)
def test_what_is_left_out_and_said(part: dict[str, object], code: str) -> None:
    """Whatever is not understood to its end becomes no rule."""
    found = janitorr(**part)
    assert found.rules.advanced == ()
    assert found.has_advanced is False
    assert set(notes(found)) == {code}


@pytest.mark.parametrize(
    "part",
    [
        {"tag-based-deletion": {"enabled": False, "schedules": [SCHEDULE]}},
        {"tag-based-deletion": {"schedules": []}},
        {"tag-based-deletion": None},
        {"episode-deletion": {"clean-older-seasons": True}},
        {"episode-deletion": {"enabled": False}},
        {"media-deletion": {"enabled": False}},
        {"dry-run": True, "leaving-soon": "14d", "whole-tv-show": False},
    ],
)
def test_what_does_nothing_there_does_nothing_here(part: dict[str, object]) -> None:
    """And nothing is said of it."""
    found = janitorr(**part)
    assert found.rules.advanced == ()
    assert found.notes == ()


def test_a_tag_with_two_schedules() -> None:
    """Rules have names of their own: the first is taken, the other is named."""
    found = janitorr(
        **{"tag-based-deletion": ALWAYS | {"schedules": [SCHEDULE, SCHEDULE]}}
    )
    assert len(found.rules.advanced) == 1
    assert notes(found)["left_out"]["places"] == ("tag-based-deletion.schedules[2]",)


def test_a_key_that_is_there_twice() -> None:
    """What is not YAML is no configuration of Janitorr, either."""
    with pytest.raises(RuleErrors, match="line 3, exclusion-tags: already on line 2"):
        parse_rules("application:\n  exclusion-tags: [a]\n  exclusion-tags: [b]")


# --- Maintainerr --------------------------------------------------------------------


def test_an_export_of_maintainerr() -> None:
    """A group whose conditions all have a counterpart becomes a rule."""
    found = parse_rules((FIXTURES / "maintainerr.yaml").read_text())
    assert found.rules.advanced == (
        TagRule(
            name="Maintainerr: movies quick alice Bob 30d",
            enabled=False,
            tag="quick",
            retention=parse_duration("30d"),
            retention_base=RetentionBase.LAST_WATCHED,
            require_watched=True,
            watched_by=("alice", "Bob"),
        ),
    )
    assert list(notes(found)) == ["imported_disabled", "library_unsaid"]
    assert notes(found)["imported_disabled"] == {
        "source": "Maintainerr",
        "rules": ("Maintainerr: movies quick alice Bob 30d",),
    }


def condition(name: str, action: str, value: object, kind: str) -> dict[str, object]:
    """Return a condition that has to be met with those before it."""
    return {
        "operator": "AND",
        "firstValue": name,
        "action": action,
        "customValue": {"type": kind, "value": value},
    }


def group(*conditions: object, media: str = "MOVIES", **more: object) -> ImportedRules:
    """Return what a group of conditions becomes, all in one section."""
    found = parse({"mediaType": media, "rules": [{"0": list(conditions)}], **more})
    assert not any(rule.enabled for rule in found.rules.advanced)
    return found


@pytest.mark.parametrize(
    ("media", "one", "keys"),
    [
        ("MOVIES", NOT_FOR_30_DAYS, {"require_watched": True}),
        ("SHOWS", NOT_FOR_30_DAYS, {"require_watched": True}),
        (
            "shows",
            condition("Jellyfin.sw_lastWatched", "before", 30, "custom_days"),
            {"require_watched": True},
        ),
        (
            "MOVIES",
            condition("jellyfin.adddate", "BEFORE", 30 * 86400, "number"),
            {"retention_base": RetentionBase.ADDED},
        ),
    ],
)
def test_a_date(media: str, one: object, keys: dict[str, Any]) -> None:
    """A date that has to be some time ago is what a rule counts from."""
    (rule,) = group(one, media=media).rules.advanced
    assert rule == WatchedRule(
        name=rule.name,
        enabled=False,
        retention=parse_duration("30d"),
        **{"retention_base": RetentionBase.LAST_WATCHED, **keys},
    )
    assert rule.name.startswith(f"Maintainerr: {media.lower()} ")


SEEN = condition("Jellyfin.seenBy", "CONTAINS", "alice", "text")
ALSO_NOT_FOR_30_DAYS = NOT_FOR_30_DAYS | {"operator": "AND"}
TAGGED = condition("Radarr.tags", "CONTAINS", "a", "text")
UNKNOWN = [
    condition("Jellyfin.rating_critics", "SMALLER", 5, "number"),
    condition("Jellyfin.viewCount", "BIGGER", 0, "number"),
    condition("Jellyfin.lastViewedAt", "AFTER", 30, "custom_days"),
    condition("Jellyfin.lastViewedAt", "BEFORE", "2026-01-01", "date"),
    condition("Jellyfin.lastViewedAt", "BEFORE", "-3", "custom_days"),
    condition("Jellyfin.lastPlayedAt", "BEFORE", 30, "custom_days"),
    condition("Jellyfin.seenBy", "CONTAINS", '["alice","Bob"]', "text list"),
    condition("Jellyfin.seenBy", "NOT_CONTAINS", "alice", "text"),
    condition("Jellyfin.seenBy", "CONTAINS_PARTIAL", "ali", "text"),
    condition("Jellyfin.seenBy", "CONTAINS", "[1]", "text list"),
    condition("Jellyfin.seenBy", "CONTAINS_ALL", "[]", "text list"),
    condition("Jellyfin.sw_allEpisodesSeenBy", "CONTAINS", "alice", "text"),
    condition("Jellyfin.labels", "CONTAINS", True, "boolean"),
    condition("Sonarr.tags", "CONTAINS", "a", "text"),
    condition("Radarr.tags", "NOT_CONTAINS", "a", "text"),
    condition("Radarr.tags", "CONTAINS_ALL", "a", "text"),
    condition("Jellyfin.sw_lastWatched", "BEFORE", 30, "custom_days"),
    condition("Plex.lastViewedAt", "BEFORE", 30, "custom_days"),
    {"operator": "AND", "firstValue": "Jellyfin.genre", "action": "EXISTS"},
    SEEN | {"username": "bob"},
    SEEN | {"lastValue": "Jellyfin.people"},
    "SECRET",
    None,
]
OR = [
    SEEN | {"operator": "OR"},
    SEEN | {"operator": None},
    {key: value for key, value in SEEN.items() if key != "operator"},
]


@pytest.mark.parametrize(
    "conditions",
    [
        *([one, TAGGED] for one in UNKNOWN),
        *([one, ALSO_NOT_FOR_30_DAYS] for one in UNKNOWN),
        *([TAGGED, one] for one in (*UNKNOWN, *OR)),
        *([NOT_FOR_30_DAYS, one] for one in (*UNKNOWN, *OR)),
    ],
)
def test_a_group_with_anything_else_is_left_out(conditions: list[object]) -> None:
    """Its other conditions alone would delete more."""
    found = group(*conditions)
    assert found.rules.advanced == ()
    assert found.has_advanced is False
    assert set(notes(found)) == {"no_counterpart"}
    assert "SECRET" not in say(found.notes[0])


@pytest.mark.parametrize(
    "data",
    [
        {"mediaType": "SEASONS", "rules": [{"0": [NOT_FOR_30_DAYS]}]},
        {"mediaType": None, "rules": [{"0": [NOT_FOR_30_DAYS]}]},
        {"mediaType": "MOVIES", "rules": [{"1": [NOT_FOR_30_DAYS]}]},
        {"mediaType": "MOVIES", "rules": [[NOT_FOR_30_DAYS]]},
        {"mediaType": "MOVIES", "rules": [{"0": NOT_FOR_30_DAYS}]},
        {"mediaType": "MOVIES", "rules": [{"0": [NOT_FOR_30_DAYS], "1": [TAGGED]}]},
        {"mediaType": "MOVIES", "rules": [{"0": [NOT_FOR_30_DAYS]}], "only": "new"},
        # The second section is another way to be deleted.
        {
            "mediaType": "MOVIES",
            "rules": [
                {"0": [NOT_FOR_30_DAYS]},
                {"1": [SEEN | {"operator": "OR"}, TAGGED]},
            ],
        },
        # Of two dates a rule has one.
        {
            "mediaType": "MOVIES",
            "rules": [
                {
                    "0": [
                        NOT_FOR_30_DAYS,
                        condition("Jellyfin.addDate", "BEFORE", 90, "custom_days"),
                    ]
                }
            ],
        },
    ],
)
def test_another_shape_is_left_out(data: dict[str, object]) -> None:
    """Nothing is taken from what is not understood to its end."""
    found = parse(data)
    assert found.rules.advanced == ()
    assert set(notes(found)) == {"no_counterpart"}


def test_what_has_no_counterpart_is_named() -> None:
    """All of it, so that it can be looked for; not what it is compared with."""
    found = group(TAGGED, UNKNOWN[0], OR[0], media="SEASONS")
    assert notes(found)["no_counterpart"]["conditions"] == (
        "mediaType SEASONS",
        "Radarr.tags CONTAINS",
        "Jellyfin.rating_critics SMALLER",
        "OR Jellyfin.seenBy CONTAINS",
        "Jellyfin.seenBy CONTAINS",
    )


def test_who_has_watched_and_when_it_was_added() -> None:
    """Then it has to be watched, whenever that was."""
    date = condition("Jellyfin.addDate", "BEFORE", 9, "custom_days")
    (rule,) = group(SEEN, date).rules.advanced
    assert rule == WatchedRule(
        name="Maintainerr: movies alice 9d",
        enabled=False,
        retention=parse_duration("9d"),
        retention_base=RetentionBase.ADDED,
        require_watched=True,
        watched_by=("alice",),
    )


@pytest.mark.parametrize(
    "one",
    [
        condition("Jellyfin.seenBy", "CONTAINS", "[" * 50_000, "text list"),
        condition("Jellyfin.seenBy", "CONTAINS", " ", "text"),
        condition("Jellyfin.addDate", "BEFORE", 99_999_999, "custom_days"),
        condition("Jellyfin.addDate", "BEFORE", 0, "number"),
    ],
)
def test_values_that_no_rule_can_have(one: dict[str, object]) -> None:
    """They are left out as what they are: values that nobody enters."""
    date = () if one["firstValue"] == "Jellyfin.addDate" else (ALSO_NOT_FOR_30_DAYS,)
    found = group(one, *date)
    assert found.rules.advanced == ()
    assert notes(found) == {"left_out": {"source": "Maintainerr", "places": ("rules",)}}


def test_a_group_without_a_date() -> None:
    """After how many days Maintainerr deletes is not in its export."""
    found = group(TAGGED, SEEN)
    assert found.rules.advanced == ()
    assert set(notes(found)) == {"no_date"}


WORDS = st.lists(st.sampled_from(["alice", "BOB", "carol"]), min_size=1, max_size=2)
CONDITIONS = st.lists(
    st.one_of(
        st.integers(1, 40).map(
            lambda days: condition(
                "Jellyfin.lastViewedAt", "BEFORE", days, "custom_days"
            )
        ),
        st.integers(1, 40).map(
            lambda days: condition("Jellyfin.addDate", "BEFORE", days, "custom_days")
        ),
        st.sampled_from(["a", "b"]).map(
            lambda tag: condition("Radarr.tags", "CONTAINS", tag, "text")
        ),
        WORDS.map(
            lambda names: condition(
                "Jellyfin.seenBy", "CONTAINS_ALL", json.dumps(names), "text list"
            )
        ),
        st.sampled_from([*UNKNOWN, *OR]),
    ),
    min_size=1,
    max_size=3,
)


def is_met(one: Any, title: MediaFacts) -> bool:
    """Return whether Maintainerr finds a condition met; it has to know for that."""
    if one in UNKNOWN:
        return False
    value = one["customValue"]["value"]
    match one["firstValue"]:
        case "Jellyfin.lastViewedAt":
            dates = (title.last_watched_at, *title.last_watched.values())
            at = max((one for one in dates if one is not None), default=None)
        case "Jellyfin.addDate":
            at = title.added_at
        case "Radarr.tags":
            return value in {tag.casefold() for tag in title.tags or ()}
        case _:
            names = {USERS[who].casefold() for who in title.watched_by & USERS.keys()}
            wanted = [value] if one["action"] == "CONTAINS" else json.loads(value)
            return names >= {name.casefold() for name in wanted}
    return at is not None and at <= NOW - timedelta(days=value)


@PATIENT
@given(CONDITIONS, known("m", MediaKind.MOVIE))
def test_nothing_goes_that_would_have_stayed(
    conditions: list[Any], title: MediaFacts
) -> None:
    """Once its rule is enabled, what goes has met every condition of its group."""
    first, *others = conditions
    found = group(first, *others).rules.advanced
    verdict = judge(
        title,
        rules(*(replace(rule, enabled=True) for rule in found), movie_retention="0d"),
    )
    if verdict.due_at is not None and verdict.due_at <= NOW:
        assert all(is_met(one, title) for one in conditions)
