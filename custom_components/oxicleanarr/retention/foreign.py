"""What is taken over from the files of other programs, and what is left out.

Whatever has no exact counterpart is left out with a note, never without its condition:
that would delete more. No rule here counts in exactly the way of another program, so
what would delete comes disabled, and somebody looks at it before it does anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import Reason, ReasonValue
from .errors import RuleErrors
from .mapping import rule_from_mapping
from .reasons import ImportNote
from .rules import Rule

SHOWN = 60
NAMED = 10


@dataclass(slots=True)
class Foreign:
    """The rules that a file of another program becomes."""

    source: str
    """The name of that program."""
    unread: tuple[str, ...] = ()
    """The sections that are about something else."""
    rules: list[Rule] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """The places whose values are not as that program documents them."""
    notes: list[Reason] = field(default_factory=list)

    def add(self, place: str, type_: str, **data: object) -> None:
        """Add a rule, or note that what stands at a place is left out."""
        try:
            rule = rule_from_mapping(type_, data)
        except RuleErrors:
            self.left_out.append(place)
            return
        if rule.name.casefold() in {one.name.casefold() for one in self.rules}:
            self.left_out.append(place)
        else:
            self.rules.append(rule)

    def note(self, code: ImportNote, **data: ReasonValue) -> None:
        """Note what has to be known."""
        self.notes.append(Reason(code, data))

    def all_notes(self) -> tuple[Reason, ...]:
        """Return all that has to be known, what concerns the rules first."""
        notes = list(self.notes)
        if disabled := tuple(rule.name for rule in self.rules if not rule.enabled):
            notes.insert(0, self._of(ImportNote.IMPORTED_DISABLED, rules=disabled))
        if self.left_out:
            places = tuple(one[:SHOWN] for one in self.left_out[:NAMED])
            notes.append(self._of(ImportNote.LEFT_OUT, places=places))
        return tuple(notes)

    def _of(self, code: ImportNote, **data: ReasonValue) -> Reason:
        """Return a note that names the program."""
        return Reason(code, {"source": self.source, **data})


def as_section(value: object) -> Mapping[str, Any] | None:
    """Return a mapping; ``None`` if a value is something else, and nothing is empty."""
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else None
