"""What Radarr, Sonarr and Seerr have said is a fact until they say otherwise."""

from datetime import timedelta

import pytest

from custom_components.oxicleanarr.ledger import Ledger, Source
from custom_components.oxicleanarr.model import (
    ArrFile,
    ArrMovie,
    MediaKind,
    MissingTitle,
    OwnedFacts,
    Requester,
)

from .conftest import ALICE, DAY, NOW, House, episode, item_id, series

REQUESTER = Requester(
    request_user_id=3,
    user_id=ALICE.user_id,
    names=frozenset({"alice", "Alice A."}),
    email="alice@example.org",
)


def test_what_is_said_of_a_film_is_a_fact(full: House) -> None:
    """Tags are merged, sizes and doubts shown, and dates only grow later."""
    full.ledger.note_answer(Source.RADARR, True)
    full.ledger.store_owned(
        MediaKind.MOVIE,
        [
            OwnedFacts(
                item_id=item_id(1),
                tags=frozenset({"one"}),
                size_bytes=700,
                file_added_at=NOW - DAY,
                doubt="it is not clear",
                group="both",
            ),
            OwnedFacts(item_id=item_id(2), tags=None, file_added_at=NOW - 900 * DAY),
        ],
    )
    fact = full.fact(1)
    assert fact.tags == frozenset({"one"})
    assert fact.size_bytes == 700
    assert fact.added_at == NOW - DAY
    assert fact.doubt == "it is not clear"
    assert fact.group == "both"
    assert full.fact(2).tags is None
    assert full.fact(2).added_at == NOW - 100 * DAY
    assert full.ledger.sizes([item_id(1), item_id(2)]) == {item_id(1): 700}
    full.ledger.store_owned(MediaKind.MOVIE, [])
    assert full.fact(1).tags is None
    assert full.fact(1).doubt is None


@pytest.mark.parametrize("answer", [True, False])
def test_a_kind_that_is_connected_has_a_say(full: House, answer: bool) -> None:
    """Of what it was never asked about, nothing is known."""
    assert full.fact(1).tags == frozenset()
    full.ledger.note_answer(Source.RADARR, answer)
    assert full.fact(1).tags is None
    assert full.fact(10).tags == frozenset()
    assert full.ledger.silent_sources() == (frozenset() if answer else {Source.RADARR})
    full.ledger.note_answer(Source.RADARR, None)
    assert full.fact(1).tags == frozenset()
    assert full.ledger.silent_sources() == frozenset()


def test_each_kind_forgets_its_own(full: House) -> None:
    """Without a Sonarr, what Radarr said stays, and the other way round."""
    ledger = full.ledger
    for source in Source:
        ledger.note_answer(source, True)
    for kind, number in ((MediaKind.MOVIE, 1), (MediaKind.SERIES, 10)):
        ledger.store_owned(kind, [OwnedFacts(item_id=item_id(number), size_bytes=7)])
    ledger.store_owned_episodes(
        item_id(10), [OwnedFacts(item_id=item_id(11), size_bytes=8)]
    )
    ledger.store_requests({item_id(1): (REQUESTER,), item_id(2): None, item_id(10): ()})
    assert full.fact(1).requesters == (REQUESTER,)
    assert full.fact(2).requesters is None
    assert full.fact(10).requesters == ()
    ledger.note_answer(Source.SONARR, None)
    assert full.fact(1).size_bytes == 7
    assert full.fact(10).size_bytes is None
    assert full.fact(11).size_bytes is None
    ledger.note_answer(Source.SEERR, None)
    assert full.fact(1).requesters is None
    ledger.note_answer(Source.RADARR, None)
    assert full.fact(1).size_bytes is None


def test_episodes_are_stored_by_series(full: House) -> None:
    """A new answer takes the place of the old one; other series keep theirs."""
    ledger = full.ledger
    other = series(20)
    full.items += [other, episode(21, other, 1, 1)]
    full.sync()
    ledger.note_answer(Source.SONARR, True)
    ledger.store_owned_episodes(
        item_id(20), [OwnedFacts(item_id=item_id(21), doubt="unclear")]
    )
    ledger.store_owned_episodes(
        item_id(10),
        [OwnedFacts(item_id=item_id(number), size_bytes=8) for number in (11, 12)],
    )
    assert ledger.series_in_doubt() == [item_id(20)]
    ledger.store_owned_episodes(item_id(10), [OwnedFacts(item_id=item_id(12))])
    assert full.fact(11).size_bytes is full.fact(12).size_bytes is None
    assert full.fact(21).doubt == "unclear"
    ledger.store_owned(MediaKind.SERIES, [])
    assert full.fact(21).doubt == "unclear"
    full.items = full.items[:-1]
    full.sync()
    assert ledger.series_in_doubt() == []


def listed(*numbers: int) -> list[ArrMovie]:
    """Return movies as Radarr lists them."""
    return [
        ArrMovie(
            title_id=number,
            title="",
            provider_ids={"tmdb": str(number)},
            path=f"/films/{number}",
            file=ArrFile(file_id=number, path=f"/films/{number}/{number}.mkv"),
        )
        for number in numbers
    ]


def test_what_is_listed_no_more_is_missing(ledger: Ledger) -> None:
    """With what it takes to find its item, and since when; until it is back."""
    ledger.note_listed("radarr", listed(1, 2), NOW - DAY)
    ledger.note_listed("radarr", listed(1), NOW)
    ledger.note_listed("radarr", listed(1), NOW + timedelta(hours=1))
    assert ledger.known_titles("radarr") == {1}
    missing = MissingTitle(
        connection="radarr",
        title_id=2,
        provider_ids={"tmdb": "2"},
        path="/films/2",
        file_path="/films/2/2.mkv",
        since=NOW,
    )
    assert ledger.missing_titles(["radarr"], NOW - DAY) == [missing]
    assert ledger.missing_titles(["radarr"], NOW) == []
    assert ledger.missing_titles(["sonarr"], NOW - DAY) == []
    ledger.note_listed("radarr", listed(1, 2), NOW)
    assert ledger.missing_titles(["radarr"], NOW - DAY) == []


def test_what_we_have_removed_is_not_missing(ledger: Ledger) -> None:
    """Nobody expects it."""
    ledger.note_listed("radarr", listed(1, 2), NOW)
    ledger.note_titles("radarr", {1})
    ledger.note_listed("radarr", listed(1), NOW + DAY)
    assert ledger.missing_titles(["radarr"], NOW - DAY) == []
    assert ledger.known_titles("radarr") == {1}


def test_what_is_missing_for_long_is_forgotten(ledger: Ledger) -> None:
    """After a month."""
    ledger.note_listed("radarr", listed(1, 2), NOW)
    ledger.note_listed("radarr", listed(1), NOW)
    ledger.note_listed("radarr", listed(1), NOW + 31 * DAY)
    assert ledger.missing_titles(["radarr"], NOW - DAY) == []
