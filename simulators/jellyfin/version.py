"""The lines of Jellyfin, and where they differ."""

from enum import StrEnum

from ..userdata import Rules


class Line(StrEnum):
    """A line of releases that behave alike."""

    V10_10 = "10.10"
    V10_11 = "10.11"
    V12 = "12"

    @classmethod
    def of(cls, version: str) -> Line:
        """Return the line of a version."""
        if version.startswith("10.10"):
            return cls.V10_10
        return cls.V10_11 if version.startswith("10.11") else cls.V12

    @property
    def rules(self) -> Rules:
        """Return whose rules user data follows."""
        return Rules.TWELVE if self is Line.V12 else Rules.TEN
