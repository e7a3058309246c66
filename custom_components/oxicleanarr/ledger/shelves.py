"""In which libraries an item lies: one folder can be in several, also unmanaged ones."""

from collections.abc import Collection
import sqlite3

from .inventory import known_libraries
from .state import get_state, set_state

_MANAGED = "managed"
"""The name in the state of the ids of the libraries that the last full sync read."""


def store_shelves(
    connection: sqlite3.Connection, managed: Collection[str] | None
) -> None:
    """Store what was staged: all there is, if the ``managed`` libraries were read."""
    if managed is not None:
        connection.execute(
            "DELETE FROM shelved WHERE (item_id, library_id) NOT IN"
            " (SELECT item_id, library_id FROM staged_shelved)"
        )
        set_state(connection, _MANAGED, sorted(managed))
    connection.execute(
        "INSERT OR IGNORE INTO shelved SELECT item_id, library_id FROM staged_shelved"
    )


def unmanaged_folders(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the folders of libraries that are not managed, with the library's name."""
    managed = get_state(connection, _MANAGED)
    return {
        f"{location.rstrip('/\\')}{separator}": library.name
        for library in known_libraries(connection)
        if managed is not None and library.library_id not in managed
        for location in library.locations
        for separator in "/\\"
    }


def shared_shelves(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the libraries of what is in several, by item id."""
    shelves: dict[str, list[str]] = {}
    for item_id, library_id in connection.execute(
        "SELECT item_id, library_id FROM shelved WHERE item_id IN"
        " (SELECT item_id FROM shelved GROUP BY item_id HAVING count(*) > 1)"
    ):
        shelves.setdefault(item_id, []).append(library_id)
    return shelves
