"""What a change of the rules would do: two plans, compared."""

from dataclasses import replace
from datetime import datetime, timedelta

from custom_components.oxicleanarr.cleanup import Plan, preview
from custom_components.oxicleanarr.ledger import Scheduled
from custom_components.oxicleanarr.model import MediaFacts
from tests.retention.builders import ALICE, BOB, NOW, ago, episode, movie, series

from .test_plan import candidates, goes, keep, planned, stays

DAY = timedelta(days=1)


def plan_of(
    *going: MediaFacts, at: datetime = NOW + DAY, staying: tuple[MediaFacts, ...] = ()
) -> Plan:
    """Return a plan by which some titles go at a time, and others stay."""
    titles = [*going, *staying]
    found = candidates(titles, *map(goes, going), *map(stays, staying))
    scheduled = Scheduled(first_scheduled_at=ago(1), due_at=at)
    return planned(titles, found, dict.fromkeys(found.wanted(), scheduled))


def test_what_would_go_and_stay() -> None:
    """As many as the sensors would count, each title by its name."""
    film, other = movie("m1", played={ALICE: ago(9)}), movie("m2")
    before, after = plan_of(film, staying=(other,)), plan_of(film, other, at=NOW)
    found = preview(before, after, NOW)
    assert (found.before.pending, found.before.due, found.before.kept) == (1, 0, 1)
    assert (found.after.pending, found.after.due, found.after.kept) == (2, 2, 0)
    assert [(one.name, one.watched) for one in found.added] == [("Title m2", False)]
    assert [one.name for one in found.sooner] == ["Title m1"]
    assert found.unwatched == found.added
    assert found.removed == ()
    assert preview(before, before, NOW).sooner == ()
    back = preview(after, before, NOW)
    assert [one.name for one in back.removed] == ["Title m2"]
    assert back.added == back.sooner == ()


def test_what_waits_for_an_approval() -> None:
    """What is ready but for that is counted by itself, before and after."""
    film = movie("m1")
    asked = plan_of(film, movie("m2"), movie("m3"), at=NOW)
    first, *rest = asked.entries
    asked = replace(asked, entries=(replace(first, needs_approval=True), *rest))
    found = preview(asked, plan_of(film), NOW)
    assert (found.before.due, found.before.awaiting) == (2, 1)
    assert (found.after.due, found.after.awaiting) == (0, 0)
    assert preview(plan_of(film), asked, NOW).after == found.before


def test_no_day_is_past() -> None:
    """What has been ready for a while goes now at the earliest."""
    found = preview(plan_of(), plan_of(movie(), at=ago(30)), NOW)
    assert [one.due_at for one in found.added] == [NOW]


def test_a_kept_title_is_not_named() -> None:
    """What is kept stays by these rules too, and counts as kept."""
    film = movie("m1")
    kept = planned([film], candidates([film], goes(film), keeps=keep(film)))
    found = preview(plan_of(), kept, NOW)
    assert found.added == ()
    assert found.after.kept == 1


def test_what_is_watched() -> None:
    """By anybody; a series that nobody has finished is not."""
    half, whole = series("s1"), series("s2")
    parts = [
        episode(1, played={BOB: ago(3)}),
        episode(2),
        episode(1, of="s2", played={BOB: ago(3)}),
    ]
    titles = [half, whole, *parts]
    found = candidates(titles, goes(half, *parts[:2]), goes(whole, parts[2]))
    scheduled = Scheduled(first_scheduled_at=ago(1), due_at=NOW)
    plan = planned(titles, found, dict.fromkeys(found.wanted(), scheduled))
    told = preview(plan_of(), plan, NOW).added
    assert {one.name: one.watched for one in told} == {
        "Title s1": False,
        "Title s2": True,
    }


def test_names() -> None:
    """With the year of a movie and the numbers of an episode."""
    film = movie(item={"year": 1979})
    part = episode(None, None, item={"series_title": "Fargo", "year": 2014})
    found = preview(plan_of(), plan_of(film, part), NOW)
    assert {one.name for one in found.added} == {"Title m1 (1979)", "Fargo S?E?"}
