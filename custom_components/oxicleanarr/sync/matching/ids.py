"""What provider ids say about two things being one."""

from collections.abc import Mapping
from enum import IntEnum

from ...model import MediaKind

# The order in which providers are asked. Their ids never mix: the numbers of films and
# of series at one provider overlap.
PROVIDERS = {
    MediaKind.MOVIE: ("tmdb", "imdb"),
    MediaKind.SERIES: ("tvdb", "tmdb", "imdb"),
}


class Ids(IntEnum):
    """What provider ids say about two things being one."""

    SILENT = 0
    OTHER = 1
    MIXED = 2
    SAME = 3


def known_ids(provider_ids: Mapping[str, str], kind: MediaKind) -> dict[str, str]:
    """Return the ids that count for a kind of media, in the order of their weight."""
    found = {}
    for provider in PROVIDERS[kind]:
        value = provider_ids.get(provider, "").strip().lower()
        if value and value != "0":
            found[provider] = value
    return found


def compare_ids(
    one: Mapping[str, str], other: Mapping[str, str], kind: MediaKind
) -> Ids:
    """Return what the ids of two things say about their being one."""
    mine, theirs = known_ids(one, kind), known_ids(other, kind)
    agree = [mine[provider] == theirs[provider] for provider in mine.keys() & theirs]
    if not agree:
        return Ids.SILENT
    if all(agree):
        return Ids.SAME
    return Ids.MIXED if any(agree) else Ids.OTHER
