"""Titles as people see them: what they call one, and as what a part of one is shown."""

from collections.abc import Collection, Sequence
import re
import sqlite3
import unicodedata

from ..model import MediaItem, MediaKey, MediaKind, full_title
from .inventory import ITEM_COLUMNS, find, item_from_row

_MOST_NAMED = 20
_WHOLE = (MediaKind.MOVIE, MediaKind.SERIES)
_PARTS = (MediaKind.SEASON, MediaKind.EPISODE)


class SeveralTitlesError(LookupError):
    """A name does not say which title is meant."""

    def __init__(self, titles: Sequence[tuple[MediaItem, MediaKey]]) -> None:
        """Take the titles that may be meant, with their keys; some if there are many."""
        super().__init__()
        self.titles = tuple(titles[:_MOST_NAMED])


def meant(connection: sqlite3.Connection, reference: str) -> MediaItem:
    """Return the present title of an id, a key or a name.

    Capitals, accents and signs make no difference, and a year may follow the name.
    Seasons and episodes are called by their series. Raises LookupError if there is
    none, SeveralTitlesError where it is not the whole name of just one.
    """
    if items := find(connection, reference):
        return items[0]
    if wanted := _plain(reference):
        for kinds, partly in ((_WHOLE, False), (_PARTS, False), (_WHOLE, True)):
            titles = _titles(connection, kinds, wanted, partly=partly)
            if len(titles) == 1 and not partly:
                return titles[0][0]
            if titles:
                raise SeveralTitlesError(titles)
    raise LookupError(reference)


def search(
    connection: sqlite3.Connection, words: str, limit: int
) -> list[tuple[MediaItem, MediaKey]]:
    """Return present titles with these words in their names, the closest first.

    Movies and series; seasons and episodes only where no movie or series has them.
    """
    wanted = _plain(words)
    if not wanted:
        return []
    found = _titles(connection, _WHOLE, wanted, partly=True) or _titles(
        connection, _PARTS, wanted, partly=True
    )
    found.sort(key=lambda one: _distance(one[0], wanted))
    return found[:limit]


def _distance(item: MediaItem, wanted: str) -> int:
    """Return how far words are from the name of an item: it is it, begins it, is in it."""
    names = _names(item)
    if wanted in names:
        return 0
    return 1 if any(name.startswith(wanted) for name in names) else 2


def wholes(
    connection: sqlite3.Connection, item_ids: Collection[str]
) -> dict[str, MediaItem]:
    """Return the present movie or series that present items are, or are part of."""
    rows = (
        (
            item_id,
            connection.execute(
                f"SELECT {ITEM_COLUMNS} FROM items AS part JOIN items"
                " ON items.item_id = coalesce(part.series_id, part.item_id)"
                " WHERE part.item_id = ? AND part.present AND items.present",
                (item_id,),
            ).fetchone(),
        )
        for item_id in item_ids
    )
    return {item_id: item_from_row(row) for item_id, row in rows if row}


def _titles(
    connection: sqlite3.Connection,
    kinds: Collection[MediaKind],
    wanted: str,
    *,
    partly: bool,
) -> list[tuple[MediaItem, MediaKey]]:
    """Return the present titles with a name, or with it in their name; each key once."""
    found: dict[MediaKey, MediaItem] = {}
    for row in connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM items WHERE present AND kind IN (?, ?)"
        " ORDER BY title, year, kind, item_id",
        tuple(kinds),
    ):
        item = item_from_row(row)
        names = _names(item)
        if wanted in names or (partly and any(wanted in name for name in names)):
            found.setdefault(MediaKey(row[1]), item)
    return [(item, key) for key, item in found.items()]


def _names(item: MediaItem) -> tuple[str, ...]:
    """Return what an item may be called."""
    name = _plain(full_title(item))
    return (name,) if item.year is None else (name, f"{name} {item.year}")


def _plain(name: str) -> str:
    """Return the words of a name, without accents, signs and capitals."""
    letters = (
        one
        for one in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(one)
    )
    return " ".join(re.findall(r"\w+", "".join(letters).casefold()))
