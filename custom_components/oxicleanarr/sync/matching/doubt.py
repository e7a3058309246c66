"""Why a match may not be deleted."""

from collections.abc import Mapping
from enum import StrEnum


class Doubt(StrEnum):
    """Why a match may not be deleted."""

    IDS = "ids"
    """Some provider ids agree, others do not."""
    PATH = "path"
    """Ids and path contradict each other."""
    AMBIGUOUS = "ambiguous"
    """One server has several titles that fit."""
    UNSEEN_COPY = "unseen_copy"
    """There is another copy, which Jellyfin does not show."""
    UNTOLD = "untold"
    """It cannot be told which file it is, or what else is in it."""
    MISSING = "missing"
    """A server that had it has stopped listing it."""

    @property
    def because(self) -> str:
        """Return why, as the end of a sentence."""
        return _BECAUSE[self]


_BECAUSE: Mapping[Doubt, str] = {
    Doubt.IDS: "its provider ids agree in part only",
    Doubt.PATH: "provider ids and path contradict each other",
    Doubt.AMBIGUOUS: "more than one title of the same server fits",
    Doubt.UNSEEN_COPY: "there is another copy of it that Jellyfin does not show",
    Doubt.MISSING: "it is missing from the server that had it, for less than a day",
    Doubt.UNTOLD: "it cannot be told which file it is, or what else is in that file",
}
