"""Of which users it has to be asked whether they see a title."""

from collections.abc import Collection

import pytest

from custom_components.oxicleanarr.model import MediaFacts
from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeRule,
    Rule,
    TagRule,
    WatchedRule,
    Watchers,
    sight_questions,
)

from .builders import ALICE, BOB, CAROL, ago, episode, movie, rules, series

ALL = WatchedRule(
    name="All", retention=NEVER, require_watched=True, watched_by=Watchers.ALL
)
EVERYBODY = frozenset({ALICE, BOB, CAROL})
BY_ALICE = {ALICE: ago(9)}


def asked(
    titles: list[MediaFacts], rule: Rule, limited: Collection[str]
) -> dict[str, set[str]] | None:
    """Return of which users it is asked about which titles."""
    found = sight_questions(titles, rules(rule), limited)
    return None if found is None else {one: set(found[one]) for one in found}


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        (ALL, True),
        (WatchedRule(name="Any", retention=NEVER, require_watched=True), False),
        (
            TagRule(
                name="Off",
                tag="t",
                retention=NEVER,
                enabled=False,
                require_watched=True,
                watched_by=Watchers.ALL,
            ),
            False,
        ),
        (
            EpisodeRule(
                name="TV",
                max_episodes=1,
                require_watched=True,
                watched_by=Watchers.ALL,
            ),
            True,
        ),
    ],
)
def test_only_some_rules_ask_for_it(rule: Rule, asks: bool) -> None:
    """Those that wait for everybody who can see a title, if they are on."""
    title = movie(played=BY_ALICE, visible_to=frozenset({ALICE, BOB}))
    assert asked([title], rule, {BOB}) == ({"m1": {BOB}} if asks else None)
    # Where everybody sees everything, there is nothing to ask.
    assert asked([title], rule, set()) == ({} if asks else None)


@pytest.mark.parametrize(
    ("title", "missing"),
    [
        (movie(played=BY_ALICE, visible_to=EVERYBODY), {BOB, CAROL}),
        (movie(played=BY_ALICE, visible_to=frozenset({ALICE, CAROL})), {CAROL}),
        # Who sees everything has not watched it, so it stays anyway.
        (movie(played={BOB: ago(9)}, visible_to=EVERYBODY), None),
        (movie(played=dict.fromkeys(EVERYBODY, ago(9)), visible_to=EVERYBODY), None),
        (movie(visible_to=frozenset({BOB, CAROL})), None),
        (movie(played=BY_ALICE, visible_to=frozenset()), None),
        (movie(played=BY_ALICE, visible_to=None), None),
    ],
)
def test_it_matters_where_only_they_are_missing(
    title: MediaFacts, missing: set[str] | None
) -> None:
    """Somebody has watched it, and everybody of whom it is certain that they see it."""
    found = asked([title], ALL, [BOB, CAROL])
    assert found == ({} if missing is None else {"m1": missing})


def test_it_is_asked_about_a_series_not_its_episodes() -> None:
    """By its id, also where the answer matters for one of its episodes only."""
    titles = [
        series("s1", visible_to=frozenset({ALICE, BOB})),
        episode(1, played=BY_ALICE, visible_to=frozenset({ALICE, BOB})),
        episode(2, played=BY_ALICE, visible_to=frozenset({ALICE, CAROL})),
        series("s2", visible_to=EVERYBODY),
        episode(1, of="s2", played=BY_ALICE, visible_to=EVERYBODY),
        episode(2, of="s2", visible_to=EVERYBODY),
        series("s3", visible_to=frozenset({ALICE, BOB})),
        episode(1, of="s3", played=BY_ALICE),
        movie("m1", played=BY_ALICE, visible_to=frozenset({ALICE, BOB})),
    ]
    assert asked(titles, ALL, {BOB, CAROL}) == {
        "m1": {BOB},
        "s1": {BOB, CAROL},
        "s2": {BOB, CAROL},
        "s3": {BOB},
    }
