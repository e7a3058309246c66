"""The words of a language: what is said, how many there are, when, how much.

Every text is in ``translations``, once for each language; what is made here is under
``common`` there. That includes what a language does with numbers, dates and plurals, so
that nothing here has to know any language.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
import json
from pathlib import Path
import re
from typing import Final, Literal

_NAMED = 3
_DURATION = re.compile(r"([0-9]+)([smhdw])")
_NUMBER = re.compile(r"1(\D*)234(\D)5")


def _polish(count: int) -> str:
    """Return the form of a Polish plural."""
    if count == 1:
        return "one"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return "few"
    return "many"


PLURALS: Final[Mapping[str, Callable[[int], str]]] = {
    "one_and_other": lambda count: "one" if count == 1 else "other",
    "zero_is_one": lambda count: "one" if count in (0, 1) else "other",
    "one_few_and_many": _polish,
    "only_other": lambda _: "other",
}
"""How languages choose between the forms of a text, by what ``plural`` says."""
FORMS: Final = {
    "one_and_other": ("one", "other"),
    "zero_is_one": ("one", "other"),
    "one_few_and_many": ("one", "few", "many"),
    "only_other": ("other",),
}
"""The forms that there are then: the endings of the names of texts."""


class Words:
    """All words of a language."""

    def __init__(self, texts: Mapping[str, str], prefix: str = "") -> None:
        """Take the texts by their names, and what stands before each name."""
        self._texts = texts
        self._prefix = prefix
        self._plural = PLURALS[self.text("plural")]
        sample = _NUMBER.fullmatch(self.text("number"))
        assert sample is not None
        self._separators = str.maketrans({",": sample[1], ".": sample[2]})

    def __contains__(self, name: str) -> bool:
        """Return whether there is a text of this name."""
        return f"{self._prefix}{name}" in self._texts

    def text(self, name: str, /, **values: str) -> str:
        """Return a text with its values filled in. Raises KeyError."""
        return self._texts[f"{self._prefix}{name}"].format_map(values)

    def counted(self, name: str, count: int, /, **values: str) -> str:
        """Return a text in the form that fits a number of things."""
        return self.text(
            f"{name}_{self._plural(count)}", count=self.number(count), **values
        )

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with so many decimals."""
        return f"{value:,.{decimals}f}".translate(self._separators)

    def size(self, count: int) -> str:
        """Return a number of bytes as people say it."""
        if count >= 100 * 1000**2:
            return self.gigabytes(count)
        return self.text("megabytes", size=self.number(count / 1000**2, 1))

    def gigabytes(self, count: int) -> str:
        """Return a number of bytes in gigabytes."""
        return self.text("gigabytes", size=self.number(count / 1000**3, 1))

    def limit(self, count: int) -> str:
        """Return a limit in bytes in the unit in which it was chosen."""
        if count < 1000**2:
            return self.text("bytes", size=self.number(count))
        decimals = next(
            some for some in range(4) if some == 3 or count % 10 ** (9 - some) == 0
        )
        return self.text("gigabytes", size=self.number(count / 1000**3, decimals))

    def day(self, at: datetime) -> str:
        """Return the day of a moment, in UTC."""
        at = at.astimezone(UTC)
        month = self.text(f"month_{at.month}")
        return self.text("date", year=str(at.year), month=month, day=str(at.day))

    def span(self, duration: str) -> str:
        """Return a duration of the rules, such as ``7d``, in words."""
        match = _DURATION.fullmatch(duration)
        if match is None:
            return self.text("never")
        return self.counted(f"span_{match[2]}", int(match[1]))

    def joined(self, words: Sequence[str]) -> str:
        """Return all words, with a comma between them."""
        return self._chained("list_comma", words)

    def listed(
        self, words: Sequence[str], conjunction: Literal["and", "or"] = "and"
    ) -> str:
        """Return words as a sentence lists them; of many only the first few."""
        some = list(words)
        if len(some) > _NAMED + 1:
            some[_NAMED:] = [self.counted("list_others", len(some) - _NAMED)]
        if len(some) < 2:
            return "".join(some)
        first, last = self.joined(some[:-1]), some[-1]
        return self.text(f"list_{conjunction}", first=first, last=last)

    def clauses(self, words: Sequence[str]) -> str:
        """Return several clauses as one."""
        return self._chained("list_clauses", words)

    def people(self, names: Sequence[str | None]) -> str:
        """Return the names of users; one without a name no longer exists."""
        return self.listed([name or self.text("former_user") for name in names])

    def sentence(self, clause: str) -> str:
        """Return a clause as a sentence."""
        clause = capital(clause)
        if clause.endswith((".", "!", "?", "。")):
            return clause
        return self.text("sentence", clause=clause)

    def _chained(self, name: str, words: Sequence[str]) -> str:
        """Return words with what a text puts between two of them."""
        if not words:
            return ""
        return reduce(
            lambda first, last: self.text(name, first=first, last=last), words
        )


def capital(clause: str) -> str:
    """Return a clause as the beginning of a sentence."""
    return clause[:1].upper() + clause[1:]


_TRANSLATIONS = Path(__file__).parent / "translations"
LANGUAGES: Final = frozenset(path.stem for path in _TRANSLATIONS.glob("*.json"))
"""The languages that there are, as Home Assistant calls them."""


def read_words(language: str) -> Words:
    """Read the words of a language, without Home Assistant."""
    path = _TRANSLATIONS / f"{language}.json"
    return Words(json.loads(path.read_text(encoding="utf-8"))["common"])


ENGLISH: Final = read_words("en")
"""For logs, and wherever nobody's language is known."""
