"""A plan that is not made again is the plan that would be made."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.cleanup import Plan, Planner, plan_cleanup
from custom_components.oxicleanarr.ledger import Ledger, to_ms
from custom_components.oxicleanarr.model import (
    Keep,
    KeptItem,
    MediaKey,
    MediaKind,
    OwnedFacts,
    PlannedDeletion,
    UserData,
)
from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    RetentionRules,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    Watchers,
    parse_duration,
)
from tests.ledger.conftest import (
    ALICE,
    BOB,
    DAY,
    House,
    episode,
    item_id,
    movie,
    played,
    series,
)

HOUR = timedelta(hours=1)
FILM = MediaKey("movie:tmdb:1")
WEEK = parse_duration("7d")
STANDARD = StandardRules(
    movie_retention=WEEK,
    tv_retention=WEEK,
    unwatched_behavior=UnwatchedBehavior.ADDED,
)
RULES = [
    RetentionRules(standard=STANDARD),
    RetentionRules(standard=STANDARD, approval=True),
    RetentionRules(
        standard=STANDARD,
        advanced=(
            EpisodeRule(name="TV", max_age=WEEK),
            TagRule(
                name="All",
                tag="all",
                retention=WEEK,
                require_watched=True,
                watched_by=Watchers.ALL,
            ),
        ),
    ),
]


@dataclass
class Household:
    """A house with what its users have chosen, and its planner."""

    house: House
    rules: RetentionRules = RULES[0]
    grace: timedelta = 3 * DAY
    favorites_keep: bool = True
    planner: Planner = field(init=False)

    def __post_init__(self) -> None:
        """Move in."""
        self.planner = Planner(self.house.ledger)
        show = series(10)
        self.house.items = [
            movie(1),
            movie(2, tags=frozenset({"all"})),
            movie(3),
            show,
            replace(episode(11, show, 1, 1), premiere_at=self.now - 90 * DAY),
            replace(episode(12, show, 1, 2), premiere_at=self.now - 90 * DAY),
        ]
        self.house.play(ALICE, played(1), played(2), played(11))
        self.house.play(BOB, played(2))
        self.house.sync()

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.house.now

    @property
    def ledger(self) -> Ledger:
        """What is known."""
        return self.house.ledger

    def plan(self) -> Plan:
        """Return the plan, which is the one that would be made."""
        fresh = plan_cleanup(
            self.ledger,
            self.rules,
            now=self.now,
            grace=self.grace,
            favorites_keep=self.favorites_keep,
            announce=False,
        )
        plan = self.planner.plan(
            self.rules,
            now=self.now,
            grace=self.grace,
            favorites_keep=self.favorites_keep,
        )
        assert plan == fresh
        return plan

    def settled(self) -> Plan:
        """Return a plan after which nothing is new."""
        self.plan()
        return self.plan()

    def approve(self, lasts: timedelta) -> None:
        """Approve all that there is."""
        self.ledger.approve(self.plan().entries, self.now + lasts, None)


@pytest.fixture
def household(house: House) -> Household:
    """Return a household."""
    return Household(house)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house without anything in it."""
    with closing(Ledger(tmp_path / "ledger.db")) as ledger:
        yield House(ledger)


def test_what_is_new_in_a_plan(household: Household) -> None:
    """What another plan, made before, does not have."""
    plan = household.settled()
    assert len(plan.entries) > 1
    less = replace(plan, entries=plan.entries[1:])
    assert plan.new_since(None) == plan.entries
    assert plan.new_since(plan) == ()
    assert plan.new_since(less) == plan.entries[:1]
    assert less.new_since(plan) == ()
    film = next(one for one in plan.entries if one.kind is MediaKind.MOVIE)
    assert (film.kind, film.item_id) in plan.targets()


def test_what_is_the_same_is_the_same_object(household: Household) -> None:
    """So a new plan throws little away, wherever the old one is let go of."""

    def keep(number: int) -> dict[str, PlannedDeletion | KeptItem]:
        """Keep a movie; return what the plan has then, by item id."""
        key = MediaKey(f"movie:tmdb:{number}")
        household.ledger.keep(Keep(key=key, kept_at=household.now))
        plan = household.plan()
        found: list[PlannedDeletion | KeptItem] = [*plan.entries, *plan.kept]
        return {one.item_id: one for one in found}

    old, new = keep(1), keep(2)
    assert old.keys() == new.keys()
    assert {name for name in old if old[name] is not new[name]} == {item_id(2)}
    assert len(old) > 2


def test_what_did_not_change_is_not_made_again(household: Household) -> None:
    """Polls that bring nothing new, until the next full sync."""
    known = household.settled()
    assert known.entries
    assert household.plan().entries is known.entries
    for _ in range(3):
        household.house.poll(items=[movie(1)], rows={ALICE: [played(1)]}, after=HOUR)
        plan = household.plan()
        assert plan.entries is known.entries
        assert plan.evaluated_at == household.now
    household.house.sync()
    assert household.plan().entries is not known.entries


def test_a_sync_without_news_is_the_newest_one(household: Household) -> None:
    """The plan is not made again, but it rests on that sync from then on."""
    known = household.settled()
    household.house.now += HOUR
    household.ledger.begin_sync(complete=False).commit(
        users=household.house.users,
        libraries=household.house.libraries,
        managed=[one.library_id for one in household.house.managed],
        now=household.now,
        state={"synced_at": to_ms(household.now)},
    )
    plan = household.plan()
    assert plan.entries is known.entries
    assert plan.synced_at == household.now != known.synced_at


def keep(household: Household) -> None:
    """Keep a film for three days."""
    household.ledger.keep(
        Keep(key=FILM, kept_at=household.now, until=household.now + 3 * DAY)
    )


def ask(household: Household) -> None:
    """Approve everything for three days."""
    household.rules = RULES[1]
    household.approve(3 * DAY)


def gone(household: Household) -> None:
    """Let a user go whose favorite a film is; three days later that counts no more."""
    household.house.favorites[BOB.user_id] = {item_id(1)}
    household.house.sync()
    household.house.users = [ALICE]
    household.house.sync()
    household.house.now += 4 * DAY


def lost(household: Household) -> None:
    """Hide a favorite from its user; three days later it counts no more."""
    batch = household.ledger.begin_sync(complete=True)
    batch.add_items(household.house.items)
    batch.add_lost_favorites(ALICE.user_id, [item_id(1)])
    batch.commit(
        users=household.house.users,
        libraries=household.house.libraries,
        managed=[one.library_id for one in household.house.managed],
        now=household.now,
        state={"fully_synced_at": 1},
    )
    household.house.now += 4 * DAY


@pytest.mark.parametrize("begin", [keep, ask, gone, lost])
def test_what_has_had_its_time(
    household: Household, begin: Callable[[Household], None]
) -> None:
    """Up to the last moment it holds, and from then on no longer."""
    begin(household)
    known = household.settled()
    end = household.now + 3 * DAY
    household.house.now = end - timedelta(milliseconds=1)
    assert household.plan().entries is known.entries
    household.house.now = end
    assert household.plan().entries is not known.entries


@pytest.mark.parametrize("dated", ["file", "episode", "play"])
def test_a_date_that_lies_ahead(household: Household, dated: str) -> None:
    """It counts as now until it has come, so what follows from it moves on."""
    ahead = household.now + DAY
    household.rules = RULES[2]
    match dated:
        case "file":
            household.ledger.store_owned(
                MediaKind.MOVIE, [OwnedFacts(item_id=item_id(1), file_added_at=ahead)]
            )
        case "episode":
            household.house.poll(
                items=[replace(household.house.items[-1], premiere_at=ahead)]
            )
        case "play":
            household.house.poll(rows={ALICE: [played(1, household.now)]}, after=-HOUR)
    known = household.settled()
    household.house.now += HOUR / 2
    assert household.plan().entries is not known.entries
    household.house.now += 2 * DAY
    known = household.settled()
    household.house.now += HOUR
    assert household.plan().entries is known.entries


def test_a_premiere_that_lies_ahead(household: Household) -> None:
    """No rule asks when that of a film is, so no plan waits for it."""
    household.house.items[0] = movie(1, premiere_at=household.now + DAY)
    household.house.sync()
    known = household.settled()
    household.house.now += HOUR
    assert household.plan().entries is known.entries


def test_a_clock_that_is_put_back(household: Household) -> None:
    """What was announced could be nearer then than the grace allows."""
    known = household.settled()
    household.house.now -= DAY
    assert household.plan().entries is not known.entries


def test_other_settings(household: Household) -> None:
    """Each of them decides what goes, or when."""
    household.house.favorites[BOB.user_id] = {item_id(1)}
    household.house.sync()
    plan = household.settled()
    household.favorites_keep = False
    assert plan.entries != (plan := household.settled()).entries
    household.grace = 9 * DAY
    assert plan.entries is not (plan := household.settled()).entries
    household.rules = RULES[1]
    assert plan.entries != household.plan().entries


type Step = Callable[[Household], object]


def wait(span: timedelta) -> Step:
    """Return a step that lets time pass, or puts the clock back."""

    def step(household: Household) -> None:
        """Do so."""
        household.house.now += span

    return step


def choose(**chosen: object) -> Step:
    """Return a step with which users choose something else."""

    def step(household: Household) -> None:
        """Do so."""
        for name, value in chosen.items():
            setattr(household, name, value)

    return step


def play(number: int, ago: timedelta, *, finished: bool) -> Step:
    """Return a step with which somebody plays something, maybe by a wrong clock."""

    def step(household: Household) -> None:
        """Do so."""
        row = UserData(
            item_id=item_id(number),
            played=finished,
            play_count=1,
            last_played_at=household.now - ago,
        )
        household.house.play(ALICE, row)
        household.house.poll(rows={ALICE: [row]})

    return step


def favor(number: int, *, users: int) -> Step:
    """Return a step after which a user has another favorite, and others are left."""

    def step(household: Household) -> None:
        """Do so."""
        household.house.favorites[BOB.user_id] = {item_id(number)}
        household.house.users = [ALICE, BOB, replace(BOB, disabled=True)][:users]
        household.house.sync()

    return step


def want(number: int, lasts: timedelta | None) -> Step:
    """Return a step with which somebody keeps a film, or lets it go."""

    def step(household: Household) -> None:
        """Do so."""
        key = MediaKey(f"movie:tmdb:{number}")
        if lasts is None:
            household.ledger.unkeep(key)
            household.ledger.schedule_manually(key, household.now + DAY)
            return
        household.ledger.keep(
            Keep(key=key, kept_at=household.now, until=household.now + lasts)
        )

    return step


def own(number: int, ago: timedelta) -> Step:
    """Return a step with which Radarr tells of a file."""

    def step(household: Household) -> None:
        """Do so."""
        facts = OwnedFacts(item_id=item_id(number), file_added_at=household.now - ago)
        household.ledger.store_owned(MediaKind.MOVIE, [facts])

    return step


def approve(lasts: timedelta) -> Step:
    """Return a step with which an admin approves all that there is."""
    return lambda household: household.approve(lasts)


FILMS = st.integers(1, 3)
SPANS = st.sampled_from([HOUR / 60, HOUR, DAY, 3 * DAY, 7 * DAY, 20 * DAY])
AGO = st.one_of(SPANS, SPANS.map(lambda span: -span))
STEPS: st.SearchStrategy[Step] = st.one_of(
    SPANS.map(wait),
    SPANS.map(wait),
    AGO.map(wait),
    st.sampled_from(RULES).map(lambda one: choose(rules=one)),
    st.sampled_from([DAY, 5 * DAY]).map(lambda one: choose(grace=one)),
    st.booleans().map(lambda one: choose(favorites_keep=one)),
    st.builds(play, st.sampled_from([1, 2, 3, 11, 12]), AGO, finished=st.booleans()),
    st.builds(favor, FILMS, users=st.integers(1, 2)),
    st.builds(want, FILMS, st.none() | SPANS),
    st.builds(own, FILMS, AGO),
    st.builds(approve, SPANS),
    st.just(lambda household: household.house.poll()),
    st.just(lambda household: household.house.sync()),
)


@given(st.lists(STEPS, max_size=12))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_at_every_moment_it_is_the_plan_of_then(steps: list[Step]) -> None:
    """Whatever happens, in whatever order, and however often somebody looks."""
    with (
        TemporaryDirectory() as folder,
        closing(Ledger(Path(folder) / "ledger.db")) as ledger,
    ):
        household = Household(House(ledger))
        household.plan()
        for step in steps:
            step(household)
            household.plan()
            household.plan()
