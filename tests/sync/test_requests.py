"""Which request is for which title."""

from datetime import UTC, datetime

from custom_components.oxicleanarr.model import MediaKind, Requester, SeerrRequest
from custom_components.oxicleanarr.sync import match_requests

from .builders import item


def request(
    request_id: int,
    kind: MediaKind | None = MediaKind.MOVIE,
    *,
    declined: bool | None = False,
    **ids: str,
) -> SeerrRequest:
    """Return a request."""
    return SeerrRequest(
        request_id=request_id,
        media_id=1,
        kind=kind,
        requester=Requester(request_user_id=request_id),
        declined=declined,
        provider_ids=ids,
        requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_requests() -> None:
    """By ids of the same kind; what cannot be told is unknown, not nobody's."""
    found = match_requests(
        [
            item("a", tmdb="1"),
            item("b", tmdb="2"),
            item("c"),
            item("d", kind=MediaKind.SERIES, tmdb="1", tvdb="9"),
            item("e", kind=MediaKind.SERIES, tmdb="7", tvdb="8"),
            item("f", kind=MediaKind.SERIES, tmdb="5", tvdb="0"),
            item("g", kind=MediaKind.EPISODE, tmdb="1"),
        ],
        [
            request(1, tmdb="1"),
            request(3, tmdb="1", imdb="tt1"),
            request(2, declined=True, tmdb="2"),
            request(4, MediaKind.SERIES, tvdb="9"),
            request(5, MediaKind.SERIES, tmdb="7", tvdb="9999"),
            request(6, MediaKind.SERIES, tvdb="0"),
            request(7, None, tmdb="1"),
        ],
    )
    assert {
        key: None if own is None else [one.request_id for one in own]
        for key, own in found.items()
    } == {"a": [3, 1], "b": [], "c": None, "d": [4], "e": None, "f": []}


def test_what_comes_after_an_episode() -> None:
    """Nobody asks for single episodes; the next title counts all the same."""
    found = match_requests(
        [item("e", kind=MediaKind.EPISODE, tmdb="1"), item("a", tmdb="1")],
        [request(9, None, tmdb="1"), request(1, tmdb="1")],
    )
    assert {key: len(own or ()) for key, own in found.items()} == {"a": 1}
