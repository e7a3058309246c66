"""What is said of a title that stays because of another one."""

import pytest

from custom_components.oxicleanarr.cleanup import Why
from custom_components.oxicleanarr.cleanup.together import copy_stays
from custom_components.oxicleanarr.model import (
    KeptItem,
    MediaFacts,
    MediaItem,
    MediaKey,
    MediaKind,
    Reason,
)

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
