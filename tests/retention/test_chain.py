"""Tag, user and watched rules, their order, and who must have watched."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
import time
from typing import Any

import pytest

from custom_components.oxicleanarr.model import (
    MediaFacts,
    MediaKey,
    MediaKind,
    Requester,
)
from custom_components.oxicleanarr.retention import (
    NEVER,
    STANDARD,
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    Rule,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    clause,
    evaluate,
    explain,
    parse_duration,
    rule_type,
)

from .builders import (
    ALICE,
    BOB,
    CAROL,
    NOW,
    USERS,
    ago,
    date,
    episode,
    judge,
    kept,
    movie,
    rules,
    series,
    verdicts,
)

D3, D7, D30 = (parse_duration(text) for text in ("3d", "7d", "30d"))
QUICK = TagRule(name="Quick", tag="quick-watch", retention=D3, require_watched=True)
BY_ALICE = Requester(request_user_id=1, user_id=ALICE, names=frozenset({"alice"}))
BY_BOB = Requester(
    request_user_id=2, user_id=BOB, names=frozenset({"Bob"}), email="B@x.y"
)
OFF = {"movie_retention": "never", "tv_retention": "never"}


@pytest.mark.parametrize(
    ("require_watched", "played", "due_at"),
    [
        (True, {ALICE: ago(10)}, ago(7)),
        (True, {}, None),
        (False, {ALICE: ago(10)}, ago(7)),
        (False, {}, ago(397)),
        (None, {ALICE: ago(10)}, ago(7)),
        (None, {}, ago(397)),
    ],
)
@pytest.mark.parametrize("kind", ["tag", "user", "watched"])
def test_require_watched(
    kind: str,
    require_watched: bool | None,
    played: dict[str, Any],
    due_at: datetime | None,
) -> None:
    """The guide's table: watched by anyone, regardless, and omitted is the same."""
    more: dict[str, Any] = {}
    if require_watched is not None:
        more["require_watched"] = require_watched
    rule: Rule
    match kind:
        case "tag":
            rule = TagRule(name="R", tag="quick-watch", retention=D3, **more)
        case "user":
            entry = UserEntry(username="alice", retention=D3)
            rule = UserRule(name="R", users=(entry,), **more)
        case _:
            rule = WatchedRule(name="R", retention=D3, **more)
    title = movie(played=played, tags=["quick-watch"], requesters=(BY_ALICE,))
    assert judge(title, rules(rule, **OFF)).due_at == due_at


def test_the_time_based_reason_warns() -> None:
    """A forgotten ``require_watched`` takes what nobody has seen, and says so."""
    rule = TagRule(name="Quick", tag="quick-watch", retention=D3)
    verdict = judge(movie(tags=["quick-watch"], added=date("2026-01-01")), rules(rule))
    assert clause(verdict.reason) == (
        "added January 1, 2026, not watched. Rule Quick "
        "(tag quick-watch) deletes 3 days after it was added, watched or not"
    )
    title = movie(tags=["quick-watch"], began={BOB: date("2026-01-02")})
    assert clause(judge(title, rules(rule)).reason).startswith(
        "last played January 2, 2026, but not finished. Rule Quick"
    )


def test_the_guides_tag_rule() -> None:
    """3 days after somebody has watched it; until then it is kept."""
    verdict = judge(movie(tags=["Quick-Watch"]), rules(QUICK, movie_retention="1d"))
    assert kept(verdict)
    assert (verdict.rule, verdict.rule_type) == ("Quick", "tag")
    assert clause(verdict.reason) == (
        "rule Quick (tag quick-watch) keeps it because nobody has finished it"
    )
    assert judge(
        movie(tags=["QUICK-WATCH"], played={BOB: ago(1)}), rules(QUICK)
    ).due_at == ago(-2)
    other = judge(movie(tags=["quick"], played={BOB: ago(1)}), rules(QUICK))
    assert other.rule == "standard"


def test_the_guides_user_rule() -> None:
    """Alice's media go only after she has watched them: anchors D3."""
    entry = UserEntry(username="Alice", retention=D7, require_watched=True)
    given = rules(UserRule(name="People", users=(entry,)), movie_retention="1d")
    title = movie(requesters=(BY_ALICE,), played={BOB: ago(99)})
    verdict = judge(title, given)
    assert kept(verdict)
    assert clause(verdict.reason) == (
        "rule People (requester alice) keeps it because alice hasn't finished it"
    )
    title = movie(requesters=(BY_ALICE,), played={ALICE: ago(99), BOB: ago(9)})
    assert judge(title, given).due_at == ago(2)
    title = movie(requesters=(BY_BOB,), played={BOB: ago(9)})
    assert judge(title, given).rule == "standard"
    title = movie(requesters=(BY_ALICE,), began={ALICE: ago(9)})
    assert clause(judge(title, given).reason).endswith(" (alice started it)")


def test_a_series_names_the_furthest() -> None:
    """The sentence of a kept series says how far somebody is."""
    episodes = [episode(1, played={ALICE: ago(9)}), episode(2), episode(3)]
    verdict = judge([series(tags=["quick-watch"]), *episodes], rules(QUICK))
    assert clause(verdict.reason) == (
        "rule Quick (tag quick-watch) keeps it because nobody has finished it "
        "(alice has watched 1 of 3 episodes)"
    )


@pytest.mark.parametrize("text", ["0d", "0s"])
def test_zero_on_a_tag_rule_is_at_once(text: str) -> None:
    """It is the opposite of never, which once was the same number."""
    rule = TagRule(name="Now", tag="t", retention=parse_duration(text))
    verdict = judge(movie(tags=["t"], added=ago(5)), rules(rule))
    assert verdict.due_at == ago(5)
    assert "deletes right away" in clause(verdict.reason)


@pytest.mark.parametrize(
    "rule",
    [
        TagRule(name="Keep", tag="t", retention=NEVER),
        UserRule(name="Keep", users=(UserEntry(user_id=1, retention=NEVER),)),
        WatchedRule(name="Keep", retention=NEVER),
    ],
)
def test_never_keeps_and_does_not_fall_through(rule: Rule) -> None:
    """Anchors 1.7: never on user and watched rules fell through to the standard."""
    title = movie(tags=["t"], requesters=(BY_ALICE,), played={ALICE: ago(999)})
    verdict = judge(title, rules(rule, movie_retention="1s"))
    assert kept(verdict)
    assert verdict.rule == "Keep"
    assert clause(verdict.reason).endswith("never deletes")


def test_unwatched_never_on_a_rule_is_a_decision() -> None:
    """Anchors B16: it only declined, and the standard rule deleted the title."""
    for base in (None, *RetentionBase):
        rule = TagRule(
            name="T",
            tag="t",
            retention=D3,
            retention_base=base,
            unwatched_behavior=UnwatchedBehavior.NEVER,
        )
        given = rules(rule, movie_retention="1s", retention_base=RetentionBase.ADDED)
        verdict = judge(movie(tags=["t"]), given)
        assert kept(verdict)
        assert verdict.rule == "T"


def test_bases_of_a_rule() -> None:
    """Both keys can be set on any rule; they are not taken from the standard rules."""
    title = movie(tags=["t"], played={ALICE: ago(40)}, added=ago(100))
    for base, due_at in (
        (RetentionBase.ADDED, ago(97)),
        (RetentionBase.LAST_WATCHED, ago(37)),
        (None, ago(37)),
    ):
        for required in (True, False):
            rule = TagRule(
                name="T",
                tag="t",
                retention=D3,
                require_watched=required,
                retention_base=base,
            )
            given = rules(rule, retention_base=RetentionBase.ADDED)
            assert judge(title, given).due_at == due_at
    rule = TagRule(
        name="T", tag="t", retention=D3, retention_base=RetentionBase.LAST_WATCHED
    )
    assert kept(judge(movie(tags=["t"]), rules(rule)))
    rule = TagRule(
        name="T",
        tag="t",
        retention=D3,
        retention_base=RetentionBase.LAST_WATCHED,
        unwatched_behavior=UnwatchedBehavior.ADDED,
    )
    assert judge(movie(tags=["t"], added=ago(100)), rules(rule)).due_at == ago(97)


@pytest.mark.parametrize("base", RetentionBase)
@pytest.mark.parametrize("behavior", [None, *UnwatchedBehavior])
def test_require_watched_goes_before_the_other_keys(
    base: RetentionBase, behavior: UnwatchedBehavior | None
) -> None:
    """Whatever the retention counts from, what nobody has watched stays."""
    rule = TagRule(
        name="T",
        tag="t",
        retention=D3,
        require_watched=True,
        retention_base=base,
        unwatched_behavior=behavior,
    )
    assert kept(judge(movie(tags=["t"], began={BOB: ago(90)}), rules(rule)))


def test_the_order_is_tag_user_watched_standard() -> None:
    """Anchors D20: OxiCleanarr takes the order of the list. The first match decides."""
    watched = WatchedRule(name="W", retention=D30)
    user = UserRule(name="U", users=(UserEntry(user_id=1, retention=D7),))
    tag = TagRule(name="T", tag="t", retention=D3)
    chain: list[Rule] = [watched, user, tag]
    full = movie(tags=["t"], requesters=(BY_ALICE,))
    for name in ("T", "U", "W", "standard"):
        assert judge(full, rules(*chain)).rule == name
        if chain:
            chain.pop()


def test_priority_then_list_order() -> None:
    """A smaller number is asked first; equal ones as they stand."""
    made = {
        name: TagRule(name=name, tag="t", retention=D3, priority=priority)
        for name, priority in (("a", 100), ("b", 100), ("c", 5))
    }
    title = movie(tags=["t"])
    assert judge(title, rules(made["a"], made["b"])).rule == "a"
    assert judge(title, rules(made["b"], made["a"])).rule == "b"
    assert judge(title, rules(*made.values())).rule == "c"
    low = WatchedRule(name="w", retention=D3, priority=0)
    assert judge(title, rules(low, made["a"])).rule == "a"


def test_a_rule_that_is_off_is_not_there() -> None:
    """Neither to delete nor to keep."""
    off = TagRule(name="T", tag="t", retention=NEVER, enabled=False)
    assert judge(movie(tags=["t"]), rules(off)).rule == "standard"


@pytest.mark.parametrize(
    ("entry", "matches"),
    [
        (UserEntry(user_id=2, retention=D3), True),
        (UserEntry(user_id=3, retention=D3), False),
        (UserEntry(user_id=0, retention=D3), False),
        (UserEntry(username="bOB", retention=D3), True),
        (UserEntry(username="bo", retention=D3), False),
        (UserEntry(email="b@X.Y", retention=D3), True),
        (UserEntry(email="b@x", retention=D3), False),
        (UserEntry(retention=D3), False),
    ],
)
def test_how_a_requester_is_named(entry: UserEntry, matches: bool) -> None:
    """By number, name or address, in any case."""
    rule = UserRule(name="U", users=(entry,))
    verdict = judge(movie(requesters=(BY_BOB,)), rules(rule))
    assert (verdict.rule == "U") is matches


def test_the_jellyfin_name_of_a_requester() -> None:
    """Also where Seerr knows them under another name."""
    rule = UserRule(name="U", users=(UserEntry(username="ALICE", retention=D3),))
    title = movie(requesters=(Requester(request_user_id=7, user_id=ALICE),))
    assert judge(title, rules(rule)).rule == "U"


@pytest.mark.parametrize("user_id", [None, "f" * 32])
def test_a_requester_whom_jellyfin_does_not_know(user_id: str | None) -> None:
    """The name in Seerr is all there is, as of somebody who has moved out."""
    rule = UserRule(name="U", users=(UserEntry(username="CAROL", retention=D3),))
    carol = Requester(user_id=user_id, names=frozenset({"Carol"}))
    assert judge(movie(requesters=(carol,)), rules(rule)).rule == "U"
    dave = Requester(user_id=user_id, names=frozenset({"Dave"}))
    assert judge(movie(requesters=(dave,)), rules(rule)).rule == "standard"


def test_missing_identities_are_nobodys() -> None:
    """Anchors B13: a null id matched another null id."""
    nameless = movie(requesters=(Requester(names=frozenset({"x"})),))
    for entry in (
        UserEntry(user_id=0, retention=D3),
        UserEntry(email="", retention=D3),
        UserEntry(username="", retention=D3),
    ):
        rule = UserRule(name="U", users=(entry,))
        assert judge(nameless, rules(rule)).rule == "standard"
    zero = UserRule(name="U", users=(UserEntry(user_id=0, retention=D3),))
    title = movie(requesters=(Requester(request_user_id=0),))
    assert judge(title, rules(zero)).rule == "standard"


def test_both_levels_of_require_watched_are_heard() -> None:
    """Anchors D2: on the rule it was ignored. The entry's own word goes first."""
    for of_rule, of_entry, stays in (
        (True, None, True),
        (True, True, True),
        (False, True, True),
        (True, False, False),
        (False, None, False),
    ):
        entry = UserEntry(user_id=1, retention=D3, require_watched=of_entry)
        rule = UserRule(name="U", users=(entry,), require_watched=of_rule)
        title = movie(requesters=(BY_ALICE,), played={BOB: ago(9)})
        assert kept(judge(title, rules(rule))) is stays


def test_several_requesters() -> None:
    """It stays as long as one of them wants, whoever is named first."""
    entries = (
        UserEntry(user_id=1, retention=D3, require_watched=True),
        UserEntry(user_id=2, retention=D30, require_watched=True),
    )
    both = (BY_ALICE, BY_BOB)
    for requesters in (both, both[::-1]):
        for users in (entries, entries[::-1]):
            given = rules(UserRule(name="U", users=users))
            title = movie(requesters=requesters, played={ALICE: ago(9)})
            assert kept(judge(title, given))
            title = movie(requesters=requesters, played={ALICE: ago(9), BOB: ago(9)})
            assert judge(title, given).due_at == ago(-21)
    # Whoever of them is the one with the most patience.
    patient = (UserEntry(user_id=1, retention=D30), UserEntry(user_id=2, retention=D3))
    for requesters in (both, both[::-1]):
        given = rules(UserRule(name="U", users=patient))
        title = movie(requesters=requesters, played={ALICE: ago(9)})
        assert judge(title, given).due_at == ago(-21)
    # Who is not in the rule has no say in it.
    given = rules(UserRule(name="U", users=patient[1:]))
    title = movie(requesters=both, played={ALICE: ago(9)})
    assert judge(title, given).due_at == ago(6)
    never = (UserEntry(user_id=1, retention=D3), UserEntry(user_id=2, retention=NEVER))
    given = rules(UserRule(name="U", users=never))
    assert kept(judge(movie(requesters=both), given))
    first = (
        UserEntry(user_id=1, retention=D3),
        UserEntry(username="alice", retention=D7),
    )
    given = rules(UserRule(name="U", users=first))
    assert judge(movie(requesters=(BY_ALICE,)), given).due_at == ago(397)


def test_which_of_several_requesters_is_named() -> None:
    """Of those who want it equally long it is always the same one."""
    both = (BY_ALICE, BY_BOB)
    for asks, reason in (
        (True, "rule U (requester Bob) keeps it because Bob hasn't finished it"),
        (
            False,
            "added December 28, 2024, not watched. Rule U (requester Bob) "
            "deletes 3 days after it was added, watched or not",
        ),
    ):
        users = tuple(
            UserEntry(user_id=one, retention=D3, require_watched=asks) for one in (1, 2)
        )
        given = rules(UserRule(name="U", users=users))
        for requesters in (both, both[::-1]):
            verdict = judge(movie(requesters=requesters), given)
            assert clause(verdict.reason) == reason


@pytest.mark.parametrize(
    ("watched_by", "played", "stays"),
    [
        (Watchers.ANY, [BOB], False),
        (Watchers.ALL, [BOB], True),
        (Watchers.ALL, [BOB, ALICE], False),
        (Watchers.REQUESTER, [BOB], True),
        (Watchers.REQUESTER, [ALICE], False),
        (("bob",), [BOB], False),
        (("ALICE", "bob"), [BOB], True),
        (("ALICE", "bob"), [BOB, ALICE], False),
        (("nobody",), [BOB, ALICE, CAROL], True),
        (("bob", "nobody"), [BOB, ALICE, CAROL], True),
        ((), [BOB, ALICE, CAROL], True),
    ],
)
def test_watched_by(
    watched_by: Watchers | tuple[str, ...], played: list[str], stays: bool
) -> None:
    """Who must have watched; a name that does not exist can never have."""
    rule = WatchedRule(
        name="W", retention=D3, require_watched=True, watched_by=watched_by
    )
    title = movie(
        played=dict.fromkeys(played, ago(9)),
        visible_to=frozenset({ALICE, BOB}),
        requesters=(BY_ALICE,),
    )
    assert kept(judge(title, rules(rule))) is stays


def test_watched_by_on_a_user_rule() -> None:
    """Without the key it is the requester; with it, what it says."""
    entry = UserEntry(user_id=1, retention=D3, require_watched=True)
    title = movie(requesters=(BY_ALICE,), played={BOB: ago(9)})
    rule = UserRule(name="U", users=(entry,))
    assert kept(judge(title, rules(rule)))
    rule = UserRule(name="U", users=(entry,), watched_by=Watchers.ANY)
    assert not kept(judge(title, rules(rule)))


def test_watched_by_the_requester_on_a_tag_rule() -> None:
    """Whoever requested it, whatever else brings the rule to it."""
    rule = TagRule(
        name="T",
        tag="t",
        retention=D3,
        require_watched=True,
        watched_by=Watchers.REQUESTER,
    )
    for user, stays in ((ALICE, False), (BOB, True)):
        title = movie(tags=["t"], requesters=(BY_ALICE,), played={user: ago(9)})
        assert kept(judge(title, rules(rule))) is stays


W_ALL = WatchedRule(
    name="W", retention=D3, require_watched=True, watched_by=Watchers.ALL
)
W_REQ = WatchedRule(
    name="W", retention=D3, require_watched=True, watched_by=Watchers.REQUESTER
)
T = TagRule(name="T", tag="t", retention=D3)
U = UserRule(name="U", users=(UserEntry(user_id=1, retention=D3),))
W_BASE = WatchedRule(
    name="W",
    retention=D3,
    watched_by=Watchers.ALL,
    retention_base=RetentionBase.LAST_WATCHED,
    unwatched_behavior=UnwatchedBehavior.ADDED,
)
IN_MOVIES = WatchedRule(name="L", retention=D3, libraries=("Movies",))
EVERYBODY = dict.fromkeys(USERS, ago(99))


@pytest.mark.parametrize(
    ("rule", "title", "because"),
    [
        (T, movie(tags=None, played=EVERYBODY), "its tags are not known"),
        (U, movie(requesters=None, played=EVERYBODY), "who requested it"),
        (U, movie(requesters=(Requester(),), played=EVERYBODY), "who requested it"),
        (W_ALL, movie(visible_to=None, played=EVERYBODY), "who can see it"),
        (W_ALL, movie(visible_to=frozenset(), played=EVERYBODY), "nobody can see it"),
        (W_BASE, movie(visible_to=None), "who can see it"),
        (W_REQ, movie(requesters=None, played=EVERYBODY), "who requested it"),
        (W_REQ, movie(requesters=(), played=EVERYBODY), "nobody has requested it"),
        (
            W_REQ,
            movie(requesters=(Requester(email="a@b.c"),), played=EVERYBODY),
            "which Jellyfin user a@b.c is",
        ),
        (
            W_REQ,
            movie(requesters=(Requester(request_user_id=9),), played=EVERYBODY),
            "which Jellyfin user the requester is",
        ),
        (
            W_REQ,
            movie(
                requesters=(Requester(names=frozenset({"alice", "bob"})),),
                played=EVERYBODY,
            ),
            "which Jellyfin user alice is",
        ),
        (IN_MOVIES, movie(library="", played=EVERYBODY), "its library is not known"),
    ],
)
def test_unknown_keeps(rule: Rule, title: MediaFacts, because: str) -> None:
    """A fact that is not known is never a no, and never lets the next rule delete."""
    verdict = judge(title, rules(rule, movie_retention="1s"))
    assert kept(verdict)
    assert verdict.rule == rule.name
    assert because in clause(verdict.reason)


MAYBE = "might apply, so it is kept"


@pytest.mark.parametrize(
    ("rule", "title", "reason"),
    [
        (T, movie(tags=None), f"rule T {MAYBE}: its tags are not known"),
        (
            U,
            movie(requesters=None),
            f"rule U {MAYBE}: it is not known who requested it",
        ),
        (
            U,
            movie(requesters=(Requester(),)),
            f"rule U {MAYBE}: it is not known who requested it",
        ),
        (IN_MOVIES, movie(library=""), f"rule L {MAYBE}: its library is not known"),
        (
            replace(T, retention=NEVER),
            movie(tags=["t"]),
            "rule T (tag t) never deletes",
        ),
        (
            UserRule(name="U", users=(UserEntry(user_id=1, retention=NEVER),)),
            movie(
                requesters=(
                    Requester(
                        request_user_id=1, user_id=ALICE, names=frozenset({"Al"})
                    ),
                )
            ),
            "rule U (requester alice) never deletes",
        ),
        (
            WatchedRule(name="W", retention=NEVER),
            movie(),
            "rule W never deletes",
        ),
    ],
)
def test_why_a_title_stays(rule: Rule, title: MediaFacts, reason: str) -> None:
    """In a sentence, with the rule and its type."""
    verdict = judge(title, rules(rule))
    assert kept(verdict)
    assert (verdict.rule, verdict.rule_type) == (rule.name, rule_type(rule))
    assert clause(verdict.reason) == reason


BY_BOB_TOO = WatchedRule(
    name="W", retention=D3, require_watched=True, watched_by=("bob",)
)
ONE_OF_TWO = [series(), episode(1, played={"x": ago(9)}), episode(2)]


@pytest.mark.parametrize(
    ("title", "given", "reason"),
    [
        (
            movie(visible_to=None),
            rules(W_ALL),
            "rule W keeps it because it is not known who can see it",
        ),
        (
            movie(visible_to=frozenset()),
            rules(W_ALL),
            "rule W keeps it because nobody can see it, so nobody can watch it",
        ),
        (
            movie(visible_to=frozenset({BOB, CAROL})),
            rules(W_ALL),
            "rule W keeps it because Bob and carol haven't finished it",
        ),
        (
            movie(requesters=None),
            rules(W_REQ),
            "rule W keeps it because it is not known who requested it",
        ),
        (
            movie(requesters=()),
            rules(W_REQ),
            "rule W keeps it because nobody has requested it",
        ),
        (
            movie(requesters=(Requester(names=frozenset({"zoe", "Xi"})),)),
            rules(W_REQ),
            "rule W keeps it because it is not known which Jellyfin user Xi is",
        ),
        (
            movie(),
            rules(replace(W_ALL, watched_by=("alice", "dave"))),
            "rule W keeps it because there is no user dave",
        ),
        (
            movie(),
            rules(replace(W_ALL, watched_by=())),
            "rule W keeps it because the rule names nobody",
        ),
        (
            movie(played={ALICE: None}),
            rules(),
            "kept because it has been played, but it is not known when",
        ),
        (
            movie(),
            rules(
                unwatched_behavior=UnwatchedBehavior.ADDED, unwatched_retention="never"
            ),
            "kept because "
            "nobody has finished it, and unwatched titles are never deleted",
        ),
        (
            movie(added=None),
            rules(retention_base=RetentionBase.ADDED),
            "kept because it is not known when it was added",
        ),
        (
            [series(), episode(1)],
            rules(),
            "kept because nobody has finished it",
        ),
        (
            ONE_OF_TWO,
            rules(),
            "kept because "
            "nobody has finished it (a former user has watched 1 of 2 episodes)",
        ),
        (
            ONE_OF_TWO,
            rules(BY_BOB_TOO),
            "rule W keeps it because Bob hasn't finished it",
        ),
        (
            [
                series(),
                episode(1, played={ALICE: ago(9), BOB: ago(9)}),
                episode(2, played={ALICE: ago(9)}),
            ],
            rules(BY_BOB_TOO),
            "rule W keeps it because Bob hasn't finished it (Bob has watched 1 of 2 episodes)",
        ),
    ],
)
def test_why_a_title_is_kept_for_now(
    title: MediaFacts | list[MediaFacts], given: RetentionRules, reason: str
) -> None:
    """What is missing, and how far those are who have begun."""
    verdict = judge(title, given)
    assert kept(verdict)
    assert clause(verdict.reason) == reason


@pytest.mark.parametrize(
    ("played", "base", "reason"),
    [
        (
            {ALICE: ago(9)},
            RetentionBase.ADDED,
            "added December 28, 2024, watched by alice",
        ),
        ({}, RetentionBase.ADDED, "added December 28, 2024, not watched"),
        (
            {"x": ago(9)},
            RetentionBase.LAST_WATCHED,
            "watched by a former user on January 23, 2026",
        ),
        (
            {ALICE: ago(9), "x": ago(8), "y": ago(7)},
            RetentionBase.LAST_WATCHED,
            "watched by alice, a former user and a former user, "
            "last played January 25, 2026",
        ),
    ],
)
def test_why_a_title_goes(
    played: dict[str, datetime | None], base: RetentionBase, reason: str
) -> None:
    """By whom it was watched, and from when on its retention counts."""
    verdict = judge(movie(played=played), rules(retention_base=base))
    assert not kept(verdict)
    assert clause(verdict.reason).startswith(f"{reason}. Deleted 90 days after ")


@pytest.mark.parametrize(
    ("rule", "title", "because"),
    [
        (T, movie(), "it doesn't have the tag t"),
        (U, movie(), "nobody has requested it"),
        (U, movie(requesters=(BY_BOB,)), "the rule names none of its requesters"),
        (
            replace(IN_MOVIES, libraries=("Kids", "Old", "4K")),
            movie(),
            "it isn't in Kids, Old or 4K",
        ),
        (
            replace(IN_MOVIES, libraries=("Kids", "Old", "4K", "3D")),
            movie(),
            "it isn't in Kids, Old, 4K or 3D",
        ),
        (
            replace(IN_MOVIES, libraries=("Kids", "Old", "4K", "3D", "2D")),
            movie(),
            "it isn't in Kids, Old, 4K or 2 others",
        ),
        (replace(IN_MOVIES, libraries=("Kids",)), movie(), "it isn't in Kids"),
        (replace(T, enabled=False), movie(tags=["t"]), "the rule is disabled"),
    ],
)
def test_why_a_rule_has_no_say(rule: Rule, title: MediaFacts, because: str) -> None:
    """In the trace, and then the next one is asked."""
    trace = explain("m1", [title], rules(rule), USERS, NOW).trace
    assert (trace[0].matched, trace[0].outcome) == (False, None)
    assert clause(trace[0].because) == because
    assert len(trace) == 2


@pytest.mark.parametrize(
    ("watched_by", "title"),
    [
        (Watchers.ANY, movie()),
        (Watchers.ALL, movie(visible_to=frozenset())),
        (Watchers.ALL, movie(visible_to=frozenset({BOB}))),
        (Watchers.REQUESTER, movie(requesters=())),
        (Watchers.REQUESTER, movie(requesters=(BY_ALICE,))),
        (("dave",), movie()),
        ((), movie()),
    ],
)
def test_a_no_is_not_an_unknown(
    watched_by: Watchers | tuple[str, ...], title: MediaFacts
) -> None:
    """What nobody has watched goes by its added date, if a rule says so."""
    assert judge(title, rules(replace(W_BASE, watched_by=watched_by))).due_at == ago(
        397
    )


def test_without_a_seerr_a_user_rule_matches_nothing() -> None:
    """It does not hold back what it could match; who asks for a requester waits."""
    title = movie(requesters=None, played=EVERYBODY)
    without = replace(rules(U, movie_retention="7d"), seerr=False)
    assert judge(title, without).rule == STANDARD
    trace = explain("m1", [title], without, USERS, NOW).trace
    assert (trace[0].matched, trace[0].outcome) == (False, None)
    assert "no Seerr is connected" in clause(trace[0].because)
    # Nor does it where it cannot even be said whether its library is meant.
    shelved = replace(U, libraries=("Movies",))
    without = replace(rules(shelved, movie_retention="7d"), seerr=False)
    assert not kept(judge(movie(library="", played=EVERYBODY), without))
    # Nothing is known about requesters, which is not that there are none.
    verdict = judge(title, replace(rules(W_REQ), seerr=False))
    assert kept(verdict)
    assert "who requested it" in clause(verdict.reason)


def test_an_unknown_that_nobody_asks_for_does_not_matter() -> None:
    """A rule that is off, or is for another library, asks for nothing."""
    title = movie(tags=None, requesters=None, visible_to=None, played=EVERYBODY)
    off = TagRule(name="T", tag="t", retention=NEVER, enabled=False)
    elsewhere = TagRule(name="E", tag="t", retention=NEVER, libraries=("Shows",))
    assert not kept(judge(title, rules(off, elsewhere, movie_retention="1d")))


def test_a_requester_by_name_only() -> None:
    """A name that is one user's is enough to know them."""
    only_name = Requester(names=frozenset({"Alice", "alice@example.org"}))
    title = movie(requesters=(only_name,), played={ALICE: ago(9)})
    assert judge(title, rules(W_REQ)).due_at == ago(6)


def test_two_users_of_one_name_must_both_have_watched() -> None:
    """Jellyfin allows it in other alphabets; the safe side is both."""
    rule = WatchedRule(
        name="W", retention=D3, require_watched=True, watched_by=("strasse",)
    )
    users = {ALICE: "Straße", BOB: "STRASSE"}
    for user in users:
        title = movie(played={user: ago(9)})
        assert kept(evaluate([title], rules(rule), users, NOW)[0])
    title = movie(played=dict.fromkeys(users, ago(9)))
    assert not kept(evaluate([title], rules(rule), users, NOW)[0])


def test_libraries() -> None:
    """A rule can be for some libraries only, in any case."""
    rule = WatchedRule(name="W", retention=NEVER, libraries=("MOVIES", "Other"))
    assert judge(movie(), rules(rule)).rule == "W"
    assert judge([series(), episode(1)], rules(rule)).rule == "standard"


def test_unknown_connection_is_not_no_requester() -> None:
    """No Seerr: the glue says that nobody is known to have requested anything."""
    assert judge(movie(requesters=()), rules(U)).rule == "standard"


def test_an_empty_series_is_kept_before_any_rule() -> None:
    """Nothing is known about it."""
    verdict = judge(series(), rules(WatchedRule(name="W", retention=D3)))
    assert (verdict.rule, verdict.rule_type) == (STANDARD, STANDARD)
    assert kept(verdict)


def test_the_standard_retentions_can_be_off() -> None:
    """Each for itself."""
    title = movie(played={ALICE: ago(9)})
    of = [series(), episode(1, played={ALICE: ago(9)})]
    for movies, shows in (("never", "1d"), ("0d", "1d"), ("1d", "never"), ("1d", "0d")):
        given = rules(movie_retention=movies, tv_retention=shows)
        off, on, what = judge(title, given), judge(of, given), "movies"
        if movies == "1d":
            off, on, what = on, off, "series"
        assert kept(off)
        assert (off.rule, off.rule_type) == (STANDARD, STANDARD)
        assert clause(off.reason) == f"the default retention is off for {what}"
        assert not kept(on)


def test_days_are_those_of_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zone a moment is told in, and wherever Home Assistant runs."""
    late = datetime(2026, 1, 20, 23, tzinfo=timezone(timedelta(hours=-5)))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Pacific/Honolulu")
        time.tzset()
        try:
            verdict = judge(movie(played={ALICE: late}), rules(movie_retention="1d"))
        finally:
            patch.undo()
            time.tzset()
    assert clause(verdict.reason).startswith("watched by alice on January 21, 2026.")


def test_names_are_in_alphabetical_order() -> None:
    """In any case, and whatever the ids are."""
    users = {ALICE: "Zoe", BOB: "adam", CAROL: "Eve"}
    title = movie(played=dict.fromkeys(users, ago(9)))
    verdict = evaluate([title], rules(movie_retention="1d"), users, NOW)[0]
    assert clause(verdict.reason).startswith(
        "watched by adam, Eve and Zoe, last played"
    )


def test_episode_rules_say_nothing_about_movies_and_series() -> None:
    """They are a chain of their own."""
    given = rules(EpisodeRule(name="E", max_episodes=1), **OFF)
    found = verdicts([movie(), series(), episode(1), episode(2)], given)
    assert kept(found["m1"])
    assert kept(found["s1"])


def test_a_verdict_is_about_its_title() -> None:
    """By id, kind and key; the scope of a series is in it, that of others is empty."""
    titles = [movie(), series(), episode(1)]
    titles = [replace(one, key=MediaKey(f"key:{one.item.item_id}")) for one in titles]
    found = verdicts(titles, rules(EpisodeRule(name="E", max_age=D3), **OFF))
    assert {v.item_id: (v.key, v.kind, v.episode_ids) for v in found.values()} == {
        "m1": ("key:m1", MediaKind.MOVIE, ()),
        "s1": ("key:s1", MediaKind.SERIES, ("s1-s1e1",)),
        "s1-s1e1": ("key:s1-s1e1", MediaKind.EPISODE, ()),
    }


def test_the_result_of_nothing() -> None:
    """No titles, no verdicts."""
    assert verdicts([], rules(QUICK)) == {}


def test_durations_of_a_century_do_not_overflow() -> None:
    """Anchors 1.7: a long duration became a date in the past."""
    rule = WatchedRule(name="W", retention=parse_duration("36525d"))
    due_at = judge(movie(added=NOW), rules(rule)).due_at
    assert due_at == NOW + timedelta(days=36525)
