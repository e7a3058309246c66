"""What must hold for every library and all rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import time
from typing import Any

from hypothesis import HealthCheck, assume, given, settings, strategies as st

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
    Retention,
    RetentionBase,
    RetentionRules,
    Rule,
    RuleErrors,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    clause,
    dump_rules,
    evaluate,
    explain,
    parse_rules,
    rule_from_mapping,
    rule_to_mapping,
    rule_type,
)

from .builders import ALICE, BOB, CAROL, NOW, USERS, ago, facts

PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))

USER_IDS = st.sampled_from([ALICE, BOB, CAROL, "d" * 32])
DAYS = st.integers(-2, 60)
DATES = st.builds(ago, DAYS)
TAGS = st.sampled_from(["a", "A", "b", "c"])


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """Return something, or now and then nothing."""
    return st.integers(0, 14).flatmap(lambda n: strategy if n else st.none())


REQUESTERS = st.builds(
    Requester,
    request_user_id=st.none() | st.integers(1, 2),
    user_id=st.none() | USER_IDS,
    names=st.frozensets(st.sampled_from(["alice", "BOB", "x"]), max_size=2),
)


@st.composite
def known(draw: st.DrawFn, /, item_id: str, kind: MediaKind, **item: Any) -> MediaFacts:
    """Return the facts of a title."""
    last = draw(st.dictionaries(USER_IDS, DATES, max_size=3))
    date = max(last.values(), default=None)
    return replace(
        facts(item_id, kind, item=item),
        added_at=draw(maybe(DATES)),
        watched_by=frozenset(last) & draw(st.frozensets(USER_IDS, min_size=1)),
        visible_to=draw(maybe(st.frozensets(st.sampled_from(list(USERS)), max_size=2))),
        last_watched=last if draw(st.booleans()) else {},
        last_watched_at=draw(maybe(st.just(date))),
        tags=draw(maybe(st.frozensets(TAGS, max_size=2))),
        requesters=draw(maybe(st.lists(REQUESTERS, max_size=2).map(tuple))),
        continuing=draw(st.none() | st.booleans()),
        library=draw(maybe(st.sampled_from(["Movies", "Shows"]))) or "",
    )


@st.composite
def libraries(draw: st.DrawFn) -> list[MediaFacts]:
    """Return the facts of a small library."""
    found = [
        draw(known(f"m{n}", MediaKind.MOVIE)) for n in range(draw(st.integers(0, 2)))
    ]
    for one in range(draw(st.integers(0, 2))):
        found.append(draw(known(f"s{one}", MediaKind.SERIES)))
        found += [
            draw(
                known(
                    f"s{one}-e{n}",
                    MediaKind.EPISODE,
                    series_id=f"s{one}",
                    season=draw(maybe(st.integers(1, 2))),
                    episode=draw(st.sampled_from([n, n, None])),
                    premiere_at=draw(maybe(DATES)),
                    path=f"/{one}/{draw(st.sampled_from([n, n, n, 0]))}",
                )
            )
            for n in range(draw(st.integers(0, 5)))
        ]
    return found


SPANS = st.integers(1, 40).map(lambda days: Retention(timedelta(days=days)))
RETENTIONS = st.integers(0, 7).flatmap(lambda n: SPANS if n else st.just(NEVER))
TEXTS = st.one_of(
    st.sampled_from(["a", "yes", "123", "7d", "~", "=", "<<", "1:30", "2026-01-01"]),
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).filter(
        lambda text: text == text.strip() and text.isprintable()
    ),
)
NAMES = st.lists(TEXTS, min_size=1, max_size=2).map(tuple)
WATCHED_BY = st.sampled_from([*Watchers, ("alice",), ("alice", "bob"), ("nobody",)])
COMMON = {
    "enabled": st.sampled_from([True, True, True, False]),
    "priority": st.integers(99, 101),
    "require_watched": st.booleans(),
    "libraries": st.sampled_from([(), (), (), (), ("movies",), ("Shows", "Movies")]),
}
BASED = COMMON | {
    "retention_base": st.none() | st.sampled_from(RetentionBase),
    "unwatched_behavior": st.none() | st.sampled_from(UnwatchedBehavior),
}


@st.composite
def rule_sets(draw: st.DrawFn, texts: st.SearchStrategy[str] = TAGS) -> RetentionRules:
    """Return rules, all of which could have been read from a text."""
    advanced: list[Rule] = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["tag", "user", "watched", "episode", "episode"]))
        common = COMMON if kind == "episode" else BASED
        keys: dict[str, Any] = {key: draw(value) for key, value in common.items()}
        keys["name"] = f"{draw(texts)} {number}"
        asks = keys["require_watched"] or (
            keys.get("unwatched_behavior") is not None
            or keys.get("retention_base") is RetentionBase.LAST_WATCHED
        )
        if asks:
            keys["watched_by"] = draw(WATCHED_BY)
        match kind:
            case "tag":
                zero = Retention(timedelta(0))
                span = draw(st.one_of(RETENTIONS, st.just(zero)))
                advanced.append(TagRule(tag=draw(texts), retention=span, **keys))
            case "watched":
                advanced.append(WatchedRule(retention=draw(RETENTIONS), **keys))
            case "user":
                who: list[Mapping[str, Any]] = [{"user_id": 1}, {"username": "bob"}]
                users = tuple(
                    UserEntry(
                        retention=draw(RETENTIONS),
                        require_watched=draw(st.none() | st.booleans()),
                        **one,
                    )
                    for one in who[: draw(st.integers(1, 2))]
                )
                advanced.append(UserRule(users=users, **keys))
            case _:
                limits: Mapping[str, Any] = draw(
                    st.fixed_dictionaries(
                        {"max_episodes": st.integers(1, 4), "max_age": SPANS}
                    )
                )
                strategy = draw(st.none() | st.sampled_from(EpisodeDeleteStrategy))
                if strategy is None and draw(st.booleans()):
                    limits = dict([draw(st.sampled_from(list(limits.items())))])
                advanced.append(
                    EpisodeRule(
                        **limits,
                        tag=draw(st.none() | texts),
                        season_numbers=draw(st.sampled_from([(), (), (1,), (0, 2)])),
                        keep_latest_season=draw(st.booleans()),
                        exclude_continuing_series=draw(st.booleans()),
                        episode_delete_strategy=strategy,
                        **keys,
                    )
                )
    standard = StandardRules(
        movie_retention=draw(RETENTIONS),
        tv_retention=draw(RETENTIONS),
        retention_base=draw(st.sampled_from(RetentionBase)),
        unwatched_behavior=draw(st.sampled_from(UnwatchedBehavior)),
        unwatched_retention=draw(st.none() | RETENTIONS),
    )
    return RetentionRules(standard=standard, advanced=tuple(advanced))


def going(library: list[MediaFacts], rules: RetentionRules) -> dict[str, datetime]:
    """Return what goes, and when."""
    return {
        verdict.item_id: verdict.due_at
        for verdict in evaluate(library, rules, USERS, NOW)
        if verdict.due_at is not None
    }


def nothing_added(
    library: list[MediaFacts], before: RetentionRules, after: RetentionRules
) -> None:
    """Check that a change lets nothing go that stayed, and nothing go earlier."""
    was = going(library, before)
    for item_id, due_at in going(library, after).items():
        assert item_id in was, item_id
        assert due_at >= was[item_id], item_id


def changed(rules: RetentionRules, index: int, **keys: Any) -> RetentionRules:
    """Return rules of which one is changed."""
    advanced = list(rules.advanced)
    advanced[index] = replace(advanced[index], **keys)
    return replace(rules, advanced=tuple(advanced))


@given(libraries(), rule_sets(), st.randoms(use_true_random=False))
@settings(PATIENT, max_examples=100)
def test_the_order_of_the_facts_means_nothing(
    library: list[MediaFacts], rules: RetentionRules, luck: Any
) -> None:
    """The same verdicts in the same order, whatever the order of the facts."""
    verdicts = evaluate(library, rules, USERS, NOW)
    shuffled = list(library)
    luck.shuffle(shuffled)
    assert evaluate(shuffled, rules, USERS, NOW) == verdicts
    backwards = dict(reversed(USERS.items()))
    assert evaluate(shuffled, rules, backwards, NOW) == verdicts


@given(libraries(), rule_sets())
@settings(PATIENT, max_examples=200)
def test_evaluate_and_explain_agree(
    library: list[MediaFacts], rules: RetentionRules
) -> None:
    """To the letter, for every title."""
    verdicts = {v.item_id: v for v in evaluate(library, rules, USERS, NOW)}
    for one in library:
        found = explain(one.item.item_id, library, rules, USERS, NOW)
        expected = verdicts.get(one.item.item_id)
        if expected is None:
            assert one.item.kind is MediaKind.EPISODE
            assert found.verdict.outcome is Outcome.KEEP
        else:
            assert found.verdict == expected
        assert found.would_change
        of_series = one.item.kind is MediaKind.EPISODE
        steps = found.trace[:-1] if of_series else found.trace
        decided = [step for step in steps if step.outcome is not None]
        if decided:
            assert decided[-1] is steps[-1]
            assert (
                decided[-1].rule,
                decided[-1].outcome,
                decided[-1].because,
            ) == (
                found.verdict.rule,
                found.verdict.outcome,
                found.verdict.reason,
            )
        # The tag of a part holds what a rule would take, after that.
        assert all(step.outcome is Outcome.DELETE for step in decided[:-1])


@given(libraries(), rule_sets(), TAGS)
@settings(PATIENT, max_examples=200)
def test_a_rule_that_keeps_adds_nothing(
    library: list[MediaFacts], rules: RetentionRules, tag: str
) -> None:
    """Put in front, of whichever type."""
    for keep in (
        TagRule(name="Keep", tag=tag, retention=NEVER, priority=0),
        EpisodeRule(name="Keep", tag=tag, max_episodes=1000, priority=0),
        EpisodeRule(name="Keep", season_numbers=(1,), max_episodes=9, priority=0),
    ):
        after = replace(rules, advanced=(keep, *rules.advanced))
        nothing_added(library, rules, after)


@given(libraries(), rule_sets(), st.data())
@settings(PATIENT, max_examples=200)
def test_a_later_play_adds_nothing(
    library: list[MediaFacts], rules: RetentionRules, data: st.DataObject
) -> None:
    """Whoever plays whatever just now, without finishing it."""
    assume(library)
    library = [
        replace(
            one,
            added_at=one.added_at or ago(50),
            last_watched_at=one.last_watched_at
            or (ago(50) if one.watched_by or one.last_watched else None),
        )
        for one in library
    ]
    index = data.draw(st.integers(0, len(library) - 1))
    one = library[index]
    played = replace(
        one,
        last_watched={**one.last_watched, ALICE: NOW},
        last_watched_at=NOW,
    )
    after = [*library[:index], played, *library[index + 1 :]]
    was = going(library, rules)
    for item_id, due_at in going(after, rules).items():
        assert due_at >= was[item_id]


@given(libraries(), rule_sets())
@settings(PATIENT, max_examples=200)
def test_more_caution_adds_nothing(
    library: list[MediaFacts], rules: RetentionRules
) -> None:
    """A watch that is required, a longer retention, more episodes to keep."""
    week = timedelta(days=7)
    for index, rule in enumerate(rules.advanced):
        required = changed(rules, index, require_watched=True)
        nothing_added(library, rules, required)
        if isinstance(rule, UserRule):
            for keys in ({"require_watched": True}, {"retention": NEVER}):
                users = tuple(replace(entry, **keys) for entry in rule.users)
                nothing_added(library, rules, changed(rules, index, users=users))
        elif isinstance(rule, EpisodeRule):
            if rule.max_episodes is not None:
                more = changed(rules, index, max_episodes=rule.max_episodes + 1)
                nothing_added(library, rules, more)
            if rule.max_age is not None and rule.max_age.span is not None:
                longer = Retention(rule.max_age.span + week)
                nothing_added(library, rules, changed(rules, index, max_age=longer))
        else:
            span = rule.retention.span
            longer = NEVER if span is None else Retention(span + week)
            nothing_added(library, rules, changed(rules, index, retention=longer))
            nothing_added(library, rules, changed(rules, index, retention=NEVER))
    standard = rules.standard
    for key in ("movie_retention", "tv_retention"):
        span = getattr(standard, key).span
        longer = NEVER if span is None else Retention(span + week)
        changes: dict[str, Any] = {key: longer}
        more_patient = replace(standard, **changes)
        nothing_added(library, rules, replace(rules, standard=more_patient))


@given(rule_sets(TEXTS))
@settings(PATIENT, max_examples=200)
def test_what_is_written_is_read_again(rules: RetentionRules) -> None:
    """As a text and, rule by rule, as mappings."""
    found = parse_rules(dump_rules(rules))
    assert found.rules == rules
    for rule in rules.advanced:
        assert rule_from_mapping(rule_type(rule), rule_to_mapping(rule)) == rule


WORDS = (
    'rules: advanced_rules: name: type: users: max_age: { } [ ] &a *a !!x | " ? # <<: '
    "%YAML --- ... - , 3d tag a"
)
PIECES = st.sampled_from(
    [*WORDS.split(" "), "\n", "\n  ", "\n  - ", "\t", ": ", " ", "  "]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join)))
@settings(PATIENT, max_examples=600)
def test_any_text_is_read_or_refused(text: str) -> None:
    """With faults, each of one line, and never with another error."""
    start = time.process_time()
    try:
        said = tuple(clause(one) for one in parse_rules(text).ignored)
    except RuleErrors as errors:
        said = tuple(str(error) for error in errors.errors) or ("",)
    assert all(sentence and "\n" not in sentence for sentence in said)
    assert time.process_time() - start < 5
