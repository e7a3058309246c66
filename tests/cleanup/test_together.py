"""What is said of a title that stays because of another one, and when copies go."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.oxicleanarr.cleanup import Why
from custom_components.oxicleanarr.cleanup.together import all_at_once, copy_stays
from custom_components.oxicleanarr.model import (
    KeptItem,
    MediaFacts,
    MediaItem,
    MediaKey,
    MediaKind,
    Outcome,
    Reason,
    Verdict,
)
from tests.home import DAY, START

LOVED = Reason(Why.FAVORITE, {"title": "Pilot", "users": ("bob",)})


def fact(number: int, kind: MediaKind, key: str, library: str = "") -> MediaFacts:
    """Return what is known of a title."""
    item = MediaItem(
        item_id=f"{number:032x}", kind=kind, title="Pilot", library_id="1" * 32
    )
    return MediaFacts(item=item, key=MediaKey(key), library=library)


def kept(other: MediaFacts, reason: Reason) -> KeptItem:
    """Return that a title stays."""
    return KeptItem(
        item_id=other.item.item_id,
        key=other.key,
        kind=other.item.kind,
        title=other.item.title,
        kept_by="favorite",
        reason=reason,
    )


@pytest.mark.parametrize(
    ("kind", "keys", "library", "code"),
    [
        (MediaKind.MOVIE, ("movie:tmdb:1", "movie:tmdb:1"), "4K", Why.COPY_STAYS),
        (MediaKind.MOVIE, ("movie:tmdb:1", "movie:imdb:1"), "", Why.COPY_STAYS),
        (MediaKind.EPISODE, ("episode:1:1", "episode:1:1"), "4K", Why.COPY_STAYS),
        (MediaKind.EPISODE, ("episode:1:1", "episode:1:2"), "", Why.SHARED_FILE_STAYS),
    ],
)
def test_why_it_stays(
    kind: MediaKind, keys: tuple[str, str], library: str, code: Why
) -> None:
    """Another copy is kept, or another episode that is in the same file."""
    one, other = fact(1, kind, keys[0]), fact(2, kind, keys[1], library)
    by_id = {each.item.item_id: each for each in (one, other)}
    reason = copy_stays(one, kept(other, LOVED), by_id)
    assert reason.code == code
    assert reason.data["title"] == "Pilot"
    assert reason.data["because"] == LOVED
    if code is Why.COPY_STAYS:
        assert reason.data["library"] == (library or None)
    # What stays because of that one stays for the same reason.
    assert copy_stays(other, kept(one, reason), by_id) == reason


def goes(one: MediaFacts, days: int | None) -> Verdict:
    """Return that a title goes after so many days, or at no time that is known."""
    return Verdict(
        item_id=one.item.item_id,
        key=one.key,
        kind=one.item.kind,
        outcome=Outcome.DELETE,
        rule="R",
        rule_type="watched",
        reason=LOVED,
        due_at=None if days is None else START + days * DAY,
    )


@pytest.mark.parametrize(
    ("titles", "before", "after"),
    [
        # A key of its own, or the same one.
        ([("1", None), ("2", None), ("1", None)], (3, 1, 2), (3, 1, 3)),
        ([("1", None), ("1", None)], (1, 3), (3, 3)),
        # A group that both are in.
        ([("1", "g"), ("2", "g"), ("3", "h")], (1, 3, 2), (3, 3, 2)),
        # A copy that is the link between two others, and one that is between links.
        ([("1", None), ("1", "g"), ("2", "g")], (3, 1, 1), (3, 3, 3)),
        ([("3", "h"), ("2", "h"), ("2", "g"), ("1", "g")], (1, 1, 1, 3), (3, 3, 3, 3)),
        # Without a date there is none to wait for, nor one to be given.
        ([("1", None), ("1", None)], (None, 3), (None, 3)),
        ([("1", None), ("2", None)], (None, 3), (None, 3)),
    ],
)
def test_one_day_for_all_copies(
    titles: Sequence[tuple[str, str | None]],
    before: Sequence[int | None],
    after: Sequence[int | None],
) -> None:
    """The latest, in whatever order they are listed, and only for what belongs together."""
    facts = [
        replace(fact(number, MediaKind.MOVIE, key), group=group)
        for number, (key, group) in enumerate(titles)
    ]
    by_id = {one.item.item_id: one for one in facts}
    pairs = list(zip(facts, before, after, strict=True))
    for listed in (pairs, pairs[::-1]):
        verdicts = [goes(one, days) for one, days, _ in listed]
        assert all_at_once(verdicts, by_id) == [
            goes(one, days) for one, _, days in listed
        ]
