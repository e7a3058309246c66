"""Why a match may not be deleted, as codes."""

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
    COPY_UNTOLD = "copy_untold"
    """A server has one of several copies, and nothing tells which."""
    SPLIT = "split"
    """It has files in several folders, of which its servers have some."""
    ELSEWHERE = "elsewhere"
    """A server waits for its file in another folder."""
    UNTOLD = "untold"
    """It cannot be told which file it is, or what else is in it."""
    MISSING = "missing"
    """A server that had it has stopped listing it."""
