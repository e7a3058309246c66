"""What is wrong with a rule, said so that a person can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

SHOWN = 60


@dataclass(eq=False)
class RuleError(ValueError):
    """One fault: in which rule, at which key, on which line, and what is allowed."""

    message: str
    rule: str | None = None
    """The rule's name, or what stands for it where it has none."""
    key: str | None = None
    """The key, as ``retention`` or ``users[2].retention`` (counted from one)."""
    line: int | None = None

    def __str__(self) -> str:
        """Return the fault as one line of text."""
        key = self.key or ""
        if len(key) > SHOWN or not key.isprintable():
            key = shown(key)
        where = [
            f"line {self.line}" if self.line is not None else "",
            f"rule {shown(self.rule)}" if self.rule is not None else "",
            key,
        ]
        place = ", ".join(part for part in where if part)
        return f"{place}: {self.message}" if place else self.message

    def at(
        self,
        *,
        rule: str | None = None,
        key: str | None = None,
        line: int | None = None,
    ) -> RuleError:
        """Return this fault with the places filled in that it does not know yet."""
        return replace(
            self,
            rule=rule if self.rule is None else self.rule,
            key=key if self.key is None else self.key,
            line=line if self.line is None else self.line,
        )


class RuleErrors(ValueError):
    """Every fault of a rule or of a text, in the order of their lines."""

    def __init__(self, errors: Iterable[RuleError]) -> None:
        """Put the faults in order."""
        self.errors: tuple[RuleError, ...] = tuple(
            sorted(errors, key=lambda error: error.line or 0)
        )
        super().__init__(self.errors)

    def __str__(self) -> str:
        """Return one fault a line."""
        return "\n".join(str(error) for error in self.errors)


def shown(value: object) -> str:
    """Return a wrong value as a message can show it: short and on one line."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
