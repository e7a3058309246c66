"""Rows of libraries and of their titles."""

from collections.abc import Sequence
from datetime import timedelta

from ..household import Household
from ..items import Episode, Library, Movie, Series, ticks
from .rows import Flavour, Row, cut


def titles_of(household: Household, library: Library) -> list[Movie | Series]:
    """Return the films and series of a library."""
    return [
        item
        for item in household.items
        if isinstance(item, Movie | Series) and item.library is library
    ]


def library_row(
    household: Household, library: Library, flavour: Flavour, server_id: str
) -> Row:
    """Return the row of a library, with what it holds."""
    items = titles_of(household, library)
    episodes = [
        episode
        for item in items
        if isinstance(item, Series)
        for episode in item.episodes
    ]
    runtime = sum(
        (item.runtime for item in items if isinstance(item, Movie)), timedelta()
    )
    runtime += sum((episode.runtime for episode in episodes), timedelta())
    counts: Row = {
        "total_play_time": ticks(runtime),
        "item_count": len(items),
        "season_count": sum(
            len(item.seasons) for item in items if isinstance(item, Series)
        ),
        "episode_count": len(episodes),
    }
    if not flavour.numbers:
        counts = {name: str(value) for name, value in counts.items()}
    return {
        "Id": library.id,
        "Name": library.name,
        "ServerId": server_id,
        "IsFolder": True,
        "Type": "CollectionFolder",
        "CollectionType": library.collection_type or "mixed",
        "ImageTagsPrimary": None,
        **counts,
        "archived": False,
    }


def stats_row(
    item: Movie | Series, server_id: str, times_played: int, seconds: int
) -> Row:
    """Return the row of a title, with how often and how long it was played."""
    videos: Sequence[Movie | Episode] = (
        [item] if isinstance(item, Movie) else item.episodes
    )
    return {
        "Id": item.id,
        "Name": item.name,
        "ServerId": server_id,
        "PremiereDate": f"{item.year}-01-01T00:00:00.000Z" if item.year else None,
        "DateCreated": cut(item.date_created),
        "EndDate": None,
        "CommunityRating": None,
        "RunTimeTicks": ticks(item.runtime) if isinstance(item, Movie) else None,
        "ProductionYear": item.year,
        "IsFolder": isinstance(item, Series),
        "Type": item.type,
        "Status": None,
        "ImageTagsPrimary": None,
        "ImageTagsBanner": None,
        "ImageTagsLogo": None,
        "ImageTagsThumb": None,
        "BackdropImageTags": None,
        "ParentId": item.library.id,
        "PrimaryImageHash": None,
        "archived": False,
        "Size": sum(video.size for video in videos),
        "times_played": times_played,
        "total_play_time": seconds,
    }
