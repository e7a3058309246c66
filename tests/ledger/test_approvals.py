"""What was approved: exactly that, and what becomes of it when titles change."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import (
    Approval,
    Keep,
    MediaKey,
    MediaKind,
    PlannedDeletion,
)

from .conftest import DAY, NOW, House, episode, item_id, movie, planned, series

UNTIL = NOW + 30 * DAY


def show(*episodes: int) -> PlannedDeletion:
    """Return the entry of a plan for a series with some of its episodes."""
    return replace(
        planned(10),
        kind=MediaKind.SERIES,
        key=MediaKey("series:tvdb:10"),
        episode_ids=tuple(map(item_id, episodes)),
    )


def approved(ledger: Ledger) -> list[str]:
    """Return the names of what is approved."""
    return sorted(one.name for one in ledger.approvals() if one.until)


def test_it_covers_what_it_was_given_for() -> None:
    """The same title, by the same rule, with nothing else in it."""
    entry = show(11, 12)
    approval = Approval(
        name=entry.name,
        item_id=entry.item_id,
        rule="standard",
        rule_type="standard",
        target_ids=frozenset(entry.target_ids),
        until=UNTIL,
    )
    assert approval.covers(entry)
    assert approval.covers(show(12))
    for other in (
        show(11, 12, 13),
        replace(entry, rule="another"),
        replace(entry, rule_type="tag"),
        replace(entry, key=MediaKey("series:tvdb:11")),
        replace(entry, item_id=item_id(9)),
        replace(entry, kind=MediaKind.SEASON),
    ):
        assert not approval.covers(other)


def test_asked_approved_taken_back(ledger: Ledger) -> None:
    """By id or key; that it was asked stays known, and asking changes no answer."""
    one, other = planned(1), planned(2)
    ledger.note_asked([one])
    assert [(a.name, a.until) for a in ledger.approvals()] == [(one.name, None)]
    ledger.approve([one, other], UNTIL, "admin")
    ledger.note_asked([one, other])
    assert approved(ledger) == [one.name, other.name]
    assert ledger.approvals()[0].until == UNTIL
    assert ledger.take_back([one.item_id]) == [(one.item_id, one.key)]
    assert approved(ledger) == [other.name]
    assert ledger.take_back([other.key]) == [(other.item_id, other.key)]
    assert approved(ledger) == []
    assert len(ledger.approvals()) == 2
    assert ledger.take_back([item_id(3), "movie:tmdb:3"]) == []
    ledger.end_approvals(ledger.approvals())
    assert ledger.approvals() == []


def test_a_gap_ends_all(ledger: Ledger) -> None:
    """Nobody can say what was taken back while the ledger did not know of it."""
    ledger.approve([planned(1)], UNTIL, None)
    ledger.begin_grace_anew(NOW, 3 * DAY)
    assert ledger.approvals() == []


@pytest.mark.parametrize(
    "key", ["series:tvdb:10", "season:tvdb:10:1", "episode:tvdb:10:1:2"]
)
def test_a_keep_ends_it(full: House, key: str) -> None:
    """Of the title, of what belongs to it, or of what holds it; another one does not."""
    ledger = full.ledger
    ledger.approve([show(11, 12)], UNTIL, "admin")
    ledger.keep(Keep(key=MediaKey("movie:tmdb:1"), kept_at=NOW))
    assert approved(ledger) == ["series:series:tvdb:10"]
    if key.startswith("season"):
        season = movie(13)
        full.items.append(
            replace(
                season,
                kind=MediaKind.SEASON,
                provider_ids={},
                library_id=full.items[2].library_id,
                series_id=item_id(10),
                season=1,
            )
        )
        full.items = [
            replace(one, season_id=item_id(13))
            if one.kind is MediaKind.EPISODE
            else one
            for one in full.items
        ]
        full.sync()
    ledger.keep(Keep(key=MediaKey(key), kept_at=NOW))
    ledger.unkeep(MediaKey(key))
    assert ledger.approvals() == []


def test_a_keep_of_a_series_ends_that_of_an_episode(full: House) -> None:
    """It would hold it, too."""
    one = replace(
        planned(11), kind=MediaKind.EPISODE, key=MediaKey("episode:tvdb:10:1:1")
    )
    full.ledger.approve([one], UNTIL, None)
    full.ledger.keep(Keep(key=MediaKey("series:tvdb:10"), kept_at=NOW))
    assert full.ledger.approvals() == []


def test_a_keep_that_is_refused_ends_nothing(full: House) -> None:
    """Somebody else keeps it longer anyway."""
    ledger, key = full.ledger, MediaKey("movie:tmdb:1")
    ledger.keep(Keep(key=key, kept_at=NOW, kept_by="alice"))
    ledger.approve([planned(1)], UNTIL, None)
    wish = Keep(key=key, kept_at=NOW, until=NOW + DAY, kept_by="bob")
    assert not ledger.keep_no_shorter(wish)
    assert approved(ledger) == ["movie:movie:tmdb:1"]


def test_it_follows_a_corrected_key(full: House) -> None:
    """The title is still that one."""
    ledger = full.ledger
    ledger.approve([planned(1), planned(2)], UNTIL, None)
    full.items[0] = movie(1, "9")
    full.sync()
    assert approved(ledger) == ["movie:movie:tmdb:2", "movie:movie:tmdb:9"]
    entry = replace(planned(1), key=MediaKey("movie:tmdb:9"))
    assert any(one.covers(entry) for one in ledger.approvals())


def test_two_titles_that_become_one_are_not_approved(full: House) -> None:
    """Nobody has said that both may go."""
    full.ledger.approve([planned(1), planned(2)], UNTIL, None)
    full.items[0] = movie(1, "2")
    full.sync()
    assert full.ledger.approvals() == []


def test_two_titles_of_one_are_not_approved(house: House) -> None:
    """Nobody has said which."""
    house.items = [movie(1), movie(2, "1")]
    house.sync()
    house.ledger.approve([planned(1)], UNTIL, None)
    house.items[1] = movie(2, "7")
    house.sync()
    assert house.ledger.approvals() == []


def test_what_comes_back_is_not_approved(full: House) -> None:
    """Nor what lies in its place: another copy, that nobody was asked about."""
    ledger = full.ledger
    ledger.approve([planned(1), show(11, 12)], UNTIL, None)
    gone = full.items
    full.items = [one for one in gone if one.item_id not in (item_id(1), item_id(12))]
    full.sync(after=DAY)
    full.items = gone
    full.sync(after=2 * DAY)
    assert ledger.approvals() == []


def test_renumbered_files(house: House) -> None:
    """Under either number lies another file than the one that was approved."""
    tv = series(10)
    first, second = episode(11, tv, 1, 1), episode(12, tv, 1, 2)
    house.items = [tv, first, second]
    house.sync()
    one = replace(
        planned(11), kind=MediaKind.EPISODE, key=MediaKey("episode:tvdb:10:1:1")
    )
    house.ledger.approve([one], UNTIL, None)
    house.items = [tv, replace(first, episode=2), replace(second, episode=1)]
    house.sync()
    assert not any(found.covers(one) for found in house.ledger.approvals())
