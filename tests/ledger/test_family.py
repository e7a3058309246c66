"""The facts around a title are those of the whole library, and all that they rest on."""

from datetime import UTC, datetime
from pathlib import Path
import shutil
from typing import Any

import pytest

from custom_components.oxicleanarr.ledger import Ledger
from custom_components.oxicleanarr.model import MediaFacts, MediaKind

from .test_taken_over import FIXTURE, THEN


@pytest.fixture
def facts(tmp_path: Path) -> Any:
    """Return what reads the facts of a household, all of them or around some ids."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(FIXTURE, path)
    ledger = Ledger(path)

    def read(*around: str, now: datetime = THEN) -> dict[str, MediaFacts]:
        """Return them by item id."""
        found = ledger.facts(now, around or None)
        return {fact.item.item_id: fact for fact in found}

    yield read
    ledger.close()


def test_alike(facts: Any) -> None:
    """Nothing differs from the facts of the whole, whomever one asks about."""
    whole = facts()
    for item_id in whole:
        family = facts(item_id)
        assert item_id in family
        assert family == {one: whole[one] for one in family}


def test_relatives(facts: Any) -> None:
    """A series brings its seasons and episodes, each of them the rest; copies come too."""
    whole = facts()
    for item_id, fact in whole.items():
        item = fact.item
        series_id = item.item_id if item.kind is MediaKind.SERIES else item.series_id
        expected = {
            one
            for one, other in whole.items()
            if other.key == fact.key
            or (fact.group and other.group == fact.group)
            or (series_id and series_id in (one, other.item.series_id))
        }
        assert expected <= facts(item_id).keys()
    assert any(len(facts(one)) == 1 for one in whole)


def test_nobody(facts: Any) -> None:
    """What is not there has no family."""
    assert facts("0" * 32, now=datetime(2026, 2, 1, tzinfo=UTC)) == {}
