"""What is wrong with a rule, said so that a person can put it right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..words import ENGLISH, Words

SHOWN = 60


class Fault(StrEnum):
    """The codes of what can be wrong, with the names of their data."""

    # With a value.
    MISSING = "missing"
    MISSING_OF = "missing_of"
    """``allowed``."""
    UNKNOWN_KEY = "unknown_key"
    """``allowed``."""
    NO_TYPE = "no_type"
    """``value`` and ``allowed``."""
    OTHER_TYPE = "other_type"
    """``value`` and ``type``."""
    NO_TEXT = "no_text"
    """``value``, and so have the next."""
    NO_LINE = "no_line"
    """``most``: how many characters it may have."""
    NO_EMAIL = "no_email"
    NO_FLAG = "no_flag"
    NO_NUMBER = "no_number"
    """``least`` and ``most``."""
    NO_CHOICE = "no_choice"
    """``allowed``, and so has the next."""
    NO_WATCHERS = "no_watchers"
    NO_LIST = "no_list"
    NO_ENTRY = "no_entry"
    """``example``."""
    NO_DURATION = "no_duration"
    TOO_LONG = "too_long"
    NOT_ZERO = "not_zero"
    NOT_NEVER = "not_never"

    # With a rule.
    NEEDS_WATCHED = "needs_watched"
    NEEDS_LIMIT = "needs_limit"
    NEEDS_KEY = "needs_key"
    """``value`` and ``key``."""
    NO_NAMES = "no_names"
    NO_USERS = "no_users"
    """``example``."""
    ONE_IDENTITY = "one_identity"
    """``allowed``."""
    SAME_PERSON = "same_person"
    """``place``: of the other."""
    SAME_NAME = "same_name"
    """``first``: the line of the other."""

    # With a text.
    NO_RULES = "no_rules"
    NO_MAPPING = "no_mapping"
    NO_LIST_OF_RULES = "no_list_of_rules"
    UNKNOWN_SECTION = "unknown_section"
    """``ignored``: the sections that are passed over."""
    SAME_KEY = "same_key"
    """``first``: the line on which it is, too."""
    TOO_MANY_CHARACTERS = "too_many_characters"
    """``characters`` and ``most``."""
    BAD_CHARACTER = "bad_character"
    """``value``."""
    SEVERAL_DOCUMENTS = "several_documents"
    REFERENCE = "reference"
    TAG = "tag"
    NESTED = "nested"
    STRANGE_KEY = "strange_key"
    TABS = "tabs"
    NO_YAML = "no_yaml"
    BAD_YAML = "bad_yaml"
    """``problem``: what PyYAML says, in English."""


@dataclass(eq=False)
class RuleError(ValueError):
    """One fault: in which rule, at which key, on which line, and what is allowed."""

    code: Fault
    data: Mapping[str, str] = field(default_factory=dict)
    rule: str | None = None
    """The rule's name, or what stands for it where it has none."""
    key: str | None = None
    """The key, as ``retention`` or ``users[2].retention`` (counted from one)."""
    line: int | None = None

    def __str__(self) -> str:
        """Return the fault as one line of English text."""
        return self.text(ENGLISH)

    def message(self, words: Words) -> str:
        """Return what is wrong, and not where."""
        return words.text(f"fault_{self.code}", **self.data)

    def text(self, words: Words) -> str:
        """Return the fault as one line of text."""
        key = self.key or ""
        if len(key) > SHOWN or not key.isprintable():
            key = shown(key)
        place = []
        if self.line is not None:
            place.append(words.text("fault_on_line", line=str(self.line)))
        if self.rule is not None:
            place.append(words.text("rule", rule=shown(self.rule)))
        if key:
            place.append(key)
        if not place:
            return self.message(words)
        return words.text(
            "with_note", text=words.joined(place), note=self.message(words)
        )

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
        """Return one fault a line, in English."""
        return self.text(ENGLISH)

    def text(self, words: Words) -> str:
        """Return one fault a line."""
        return "\n".join(error.text(words) for error in self.errors)


def shown(value: object) -> str:
    """Return a wrong value as a message can show it: short and on one line."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def bad(code: Fault, value: object, **data: str) -> RuleError:
    """Return that a value is wrong, which the message shows."""
    return RuleError(code, {"value": shown(value), **data})
