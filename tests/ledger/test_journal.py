"""The journal: the intent before, the outcome after, and what was freed."""

from custom_components.oxicleanarr.ledger import ArrDeletion, DeletionOutcome
from custom_components.oxicleanarr.model import (
    MediaFiles,
    MediaKind,
    OwnedFacts,
    Reason,
)

from .conftest import DAY, KEY, NOW, House, item_id, movie, planned


def test_the_journal_has_the_intent_before_and_the_outcome_after(house: House) -> None:
    """What is deleted is not present any more, and its size is reclaimed."""
    house.items = [movie(1), movie(2)]
    house.sync()
    ledger = house.ledger
    ledger.store_files([MediaFiles(item_id=item_id(1), size_bytes=700)])
    (item,) = ledger.find("movie:tmdb:1")
    number = ledger.intend(planned(), item, NOW)
    (row,) = ledger.unsettled()
    assert row.outcome is DeletionOutcome.INTENDED
    assert (row.size_bytes, row.path, row.key) == (700, item.path, KEY)
    assert ledger.reclaimed_bytes(NOW) == 0
    ledger.conclude(number, DeletionOutcome.UNCONFIRMED, NOW, Reason("still_listed"))
    assert [one.error for one in ledger.unsettled()] == [Reason("still_listed")]
    ledger.conclude(number, DeletionOutcome.DELETED, NOW + DAY)
    assert ledger.unsettled() == []
    assert ledger.reclaimed_bytes(NOW) == 700
    assert set(house.facts()) == {item_id(2)}
    second = ledger.intend(planned(2), movie(2), NOW)
    ledger.conclude(second, DeletionOutcome.FAILED, NOW, Reason("no"))
    assert [one.outcome for one in ledger.deletions(10)] == ["failed", "deleted"]
    assert len(ledger.deletions(1)) == 1


def test_the_journal_knows_through_whom(full: House) -> None:
    """All that it takes to put things back after a restart, and where a file lies."""
    parts = [
        ArrDeletion(
            connection_id="r",
            app="Radarr",
            title_id=4,
            file_ids=(5,),
            was_monitored=True,
        ),
        ArrDeletion(
            connection_id="s",
            app="Sonarr",
            title_id=6,
            episode_ids=(7, 8),
        ),
    ]
    (item,) = full.ledger.find(item_id(1))
    full.ledger.store_owned(
        MediaKind.MOVIE, [OwnedFacts(item_id=item_id(1), size_bytes=700)]
    )
    number = full.ledger.intend(
        planned(),
        item,
        NOW,
        through=parts,
        recycle_bin="/bin",
        recoverable_until=NOW + 7 * DAY,
    )
    (row,) = full.ledger.unsettled()
    assert row.through == tuple(parts)
    assert row.recycle_bin == "/bin"
    assert row.recoverable_until == NOW + 7 * DAY
    assert row.size_bytes == 700
    full.ledger.conclude(number, DeletionOutcome.DELETED, NOW)
    days = (0, 7, 8)
    assert [full.ledger.reclaimed_bytes(NOW + day * DAY) for day in days] == [0, 0, 700]
    assert [full.ledger.recycled_bytes(NOW + day * DAY) for day in days] == [
        700,
        700,
        0,
    ]
