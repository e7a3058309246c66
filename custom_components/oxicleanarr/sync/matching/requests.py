"""Which requests of Seerr are for which item of Jellyfin."""

from collections import defaultdict
from collections.abc import Iterable

from ...model import MediaItem, MediaKind, Requester, SeerrRequest
from .ids import PROVIDERS, Ids, compare_ids, known_ids


def match_requests(
    items: Iterable[MediaItem], requests: Iterable[SeerrRequest]
) -> dict[str, tuple[SeerrRequest, ...] | None]:
    """Return by item id who asked for a movie or series, newest request first.

    Declined requests are none. ``None``: it cannot be told, because the item has no
    provider id, or because ids agree in part only.
    """
    index: dict[tuple[MediaKind, str, str], list[SeerrRequest]] = defaultdict(list)
    for request in requests:
        if request.kind is None or request.declined:
            continue
        for provider, value in known_ids(request.provider_ids, request.kind).items():
            index[request.kind, provider, value].append(request)
    found: dict[str, tuple[SeerrRequest, ...] | None] = {}
    for item in items:
        if item.kind not in PROVIDERS:
            continue
        ids = known_ids(item.provider_ids, item.kind)
        own = {
            request.request_id: request
            for provider, value in ids.items()
            for request in index.get((item.kind, provider, value), ())
        }
        mixed = any(
            compare_ids(item.provider_ids, request.provider_ids, item.kind)
            is not Ids.SAME
            for request in own.values()
        )
        if not ids or mixed:
            found[item.item_id] = None
        else:
            found[item.item_id] = tuple(own[key] for key in sorted(own, reverse=True))
    return found


def match_requesters(
    items: Iterable[MediaItem], requests: Iterable[SeerrRequest]
) -> dict[str, tuple[Requester, ...] | None]:
    """Return by item id the people who asked for it, each once; ``None``: not known."""
    return {
        item_id: None
        if own is None
        else tuple(dict.fromkeys(one.requester for one in own))
        for item_id, own in match_requests(items, requests).items()
    }
