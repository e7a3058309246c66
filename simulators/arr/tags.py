"""The tags of a Radarr or Sonarr."""

import re
from typing import Any

from ..faults import Answer, as_json
from .errors import failed, invalid, unknown


class Tags(dict[int, str]):
    """Labels by id, in lower case; no id is given twice."""

    _last = 0

    def ids(self, labels: list[str]) -> list[int]:
        """Return the ids of labels; unknown ones are made."""
        return [self.add(label) for label in labels]

    def add(self, label: str) -> int:
        """Return the id of a label, made if need be."""
        for number, known in self.items():
            if known == label:
                return number
        if label.lower() in self.values():
            # The lookup is case-sensitive, the index of the table is not.
            raise failed(409, "constraint failed\nUNIQUE constraint failed: Tags.Label")
        self._last = max(self._last, *self, 0) + 1
        self[self._last] = label.lower()
        return self._last

    def create(self, label: Any) -> Answer:
        """Answer a POST; an existing label also counts as created."""
        if not isinstance(label, str) or not re.fullmatch(
            "[a-z0-9-]+", label, re.IGNORECASE
        ):
            raise invalid(
                "Label",
                "Allowed characters a-z, 0-9 and -",
                label,
                "RegularExpressionValidator",
            )
        return as_json(self.row(self.add(label)), 201)

    def row(self, number: int) -> dict[str, Any]:
        """Return a tag as it is listed."""
        if number not in self:
            raise unknown("Tag", number)
        return {"label": self[number], "id": number}

    def delete(self, number: int, *, in_use: bool) -> Answer:
        """Answer a DELETE; a tag in use stays."""
        if in_use:
            label = self.row(number)["label"]
            message = f"Tag with ID {number} '{label}' cannot be deleted since it's still in use"
            raise failed(409, message)
        self.pop(number, None)
        return Answer()


def apply(mode: Any, old: list[int], new: list[int]) -> list[int]:
    """Return the tags after an edit; without a mode they are added, and nobody asks whether they exist."""
    match str(mode or "add").lower():
        case "replace":
            return sorted(set(new))
        case "remove":
            return [each for each in old if each not in new]
        case _:
            return sorted({*old, *new})
