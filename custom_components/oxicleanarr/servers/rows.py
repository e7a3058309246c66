"""Reading JSON row by row.

A page of a server's answer can be 17 MB. One call of ``json.loads`` on that holds the
interpreter lock for a quarter of a second, in whatever thread it runs, and the event
loop of Home Assistant with it. So the outer structure is walked here in small steps
and each row is decoded, turned into a model object and forgotten.

Whatever a value means, it has a bound here: what lies beyond it is not known.
"""

import codecs
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
import json
from json import JSONDecodeError
import math
from typing import Final

type JsonObject = dict[str, object]

# A row of Jellystat is 3 KB, a group of plays some hundred; what is still not complete
# after this much is not a list of rows.
_LONGEST_ROW = 16 * 1024 * 1024
_SPACE = " \t\r\n"

LONGEST_TEXT: Final = 1000
"""Characters of a name, a tag or a label."""
LONGEST_ID: Final = 128
"""Characters of what names something: an id, a version, an image."""
LONGEST_PATH: Final = 32_768
"""Characters of a path, as Windows counts them."""
LARGEST_ID: Final = 2**53 - 1
"""No larger number comes unharmed through a server written in JavaScript."""
LARGEST_INDEX: Final = 2**31 - 1
"""What numbers seasons and episodes: some people number them by date."""
LONGEST_RUNTIME: Final = 366 * 24 * 60 * 60
"""Seconds of a film, or of one viewing of it."""

_LARGEST_NUMBER: Final = 2**63 - 1
_LARGEST_SIZE: Final = 2**50
_LONGEST_NUMBER: Final = 64

# Servers write "no date" as the zero of their calendar: 0001, 1601 or 1970. Both bounds
# leave room for a time zone and for every interval that is added.
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_FIRST_FILM: Final = datetime(1850, 1, 1, tzinfo=UTC)


def _unknown(_constant: str) -> None:
    """Return what NaN and Infinity, which are not JSON, stand for."""


_JSON: Final = json.JSONDecoder(parse_constant=_unknown)


class BadJsonError(ValueError):
    """The text is not what was asked for; ``reason`` is a code, never the text."""

    def __init__(self, reason: str) -> None:
        """Remember the code, e.g. ``html``, ``empty``, ``truncated`` or ``shape``."""
        super().__init__(reason)
        self.reason = reason


class _Incomplete(Exception):
    """The buffer ends in the middle of something."""


class _State(Enum):
    """What the decoder expects next."""

    START = auto()
    KEY = auto()
    VALUE = auto()
    AFTER_VALUE = auto()
    ROW = auto()
    AFTER_ROW = auto()
    END = auto()


@dataclass(slots=True)
class Rows[T]:
    """A decoded answer: its rows as model objects, and what stood around them."""

    rows: list[T] = field(default_factory=list)
    count: int = 0
    """All rows of the answer, also those that were left out of ``rows``."""
    head: JsonObject = field(default_factory=dict)
    """The other members of the outer object."""
    bare: bool = False
    """The answer was an array, not an object."""
    size: int = 0
    """Bytes of the body, unpacked."""

    @property
    def skipped(self) -> int:
        """How many rows could not be understood."""
        return self.count - len(self.rows)


class RowDecoder[T]:
    """Decodes a body that is an array of rows, or an object with one under ``key``.

    ``convert`` turns a row into what the caller wants, or into ``None`` to leave it
    out; a ``ValueError`` of it makes the whole answer a bad one. Feed it the body in
    pieces, from any thread but one at a time; all errors are ``BadJsonError``.
    """

    def __init__(
        self, key: str | None, convert: Callable[[JsonObject], T | None]
    ) -> None:
        """Prepare for a body; without a ``key`` only an array will do."""
        self.result: Rows[T] = Rows()
        self._key = key
        self._convert = convert
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._state = _State.START
        self._text = ""
        self._position = 0
        self._wanted = 0
        self._member = ""
        self._found = False

    def feed(self, data: bytes) -> None:
        """Decode the next piece as far as its rows are complete."""
        self.result.size += len(data)
        self._take(data, last=False)
        if len(self._text) < self._wanted:
            return
        with suppress(_Incomplete):
            self._run(last=False)
        self._text = self._text[self._position :]
        self._position = 0
        if len(self._text) > _LONGEST_ROW:
            raise BadJsonError("malformed")
        # An unfinished row is not tried again before twice the text is there, or a
        # long one would cost the square of its length.
        self._wanted = 2 * len(self._text)

    def finish(self) -> Rows[T]:
        """Decode what is left and return the rows; the body must be complete."""
        if not self.result.size:
            raise BadJsonError("empty")
        self._take(b"", last=True)
        try:
            self._run(last=True)
        except _Incomplete:
            blank = self._state is _State.START
            raise BadJsonError("empty" if blank else "truncated") from None
        if not self._found:
            raise BadJsonError("shape")
        return self.result

    def _take(self, data: bytes, *, last: bool) -> None:
        """Add the next piece of the body to the text."""
        try:
            self._text += self._utf8.decode(data, last)
        except UnicodeDecodeError:
            raise BadJsonError("malformed") from None

    def _run(self, *, last: bool) -> None:
        """Decode as far as the text goes; raises ``_Incomplete`` where it ends too soon."""
        while True:
            mark = self._peek(last=last)
            match self._state:
                case _State.START:
                    self._start(mark)
                case _State.KEY:
                    self._name(mark, last=last)
                case _State.VALUE:
                    self._value(mark, last=last)
                case _State.ROW:
                    self._row(mark, last=last)
                case _State.AFTER_ROW:
                    after = _State.END if self.result.bare else _State.AFTER_VALUE
                    self._separator(mark, "]", _State.ROW, after)
                case _State.AFTER_VALUE:
                    self._separator(mark, "}", _State.KEY, _State.END)
                case _State.END:
                    if mark:
                        raise BadJsonError("malformed")
                    return

    def _peek(self, *, last: bool) -> str:
        """Skip white space and return the next character, nothing at the end."""
        text, position = self._text, self._position
        while position < len(text) and text[position] in _SPACE:
            position += 1
        self._position = position
        if position < len(text):
            return text[position]
        if last and self._state is _State.END:
            return ""
        raise _Incomplete

    def _start(self, mark: str) -> None:
        """Enter the outer array or object."""
        if mark == "<":
            raise BadJsonError("html")
        if mark == "[":
            self.result.bare = self._found = True
            self._state = _State.ROW
        elif mark == "{" and self._key is not None:
            self._state = _State.KEY
        else:
            raise BadJsonError("shape" if mark in '{"' else "malformed")
        self._position += 1

    def _name(self, mark: str, *, last: bool) -> None:
        """Decode the name of a member, or leave an empty object."""
        if mark == "}" and not self.result.head and not self._found:
            self._position += 1
            self._state = _State.END
            return
        if mark != '"':
            raise BadJsonError("malformed")
        start = self._position
        try:
            name = self._decode(last=last)
            if self._peek(last=last) != ":":
                raise BadJsonError("malformed")
        except _Incomplete:
            self._position = start
            raise
        self._position += 1
        self._member = str(name)
        self._state = _State.VALUE

    def _value(self, mark: str, *, last: bool) -> None:
        """Enter the array of rows, or decode another member."""
        if self._member == self._key and mark == "[" and not self._found:
            self._found = True
            self._position += 1
            self._state = _State.ROW
            return
        self.result.head[self._member] = self._decode(last=last)
        self._state = _State.AFTER_VALUE

    def _row(self, mark: str, *, last: bool) -> None:
        """Decode a row and convert it, and those that follow right behind it."""
        if mark == "]" and not self.result.count:
            self._state = _State.AFTER_ROW
            return
        if mark != "{":
            raise BadJsonError("shape" if mark in '["-0123456789tfn' else "malformed")
        while True:
            row = self._decode(last=last)
            if not isinstance(row, dict):
                raise BadJsonError("shape")
            self._state = _State.AFTER_ROW
            self.result.count += 1
            try:
                converted = self._convert(row)
            except ValueError:
                raise BadJsonError("shape") from None
            if converted is not None:
                self.result.rows.append(converted)
            if not self._text.startswith(",{", self._position):
                return
            self._position += 1
            self._state = _State.ROW

    def _separator(self, mark: str, end: str, more: _State, after: _State) -> None:
        """Pass a comma or the end of an array or object."""
        if mark == ",":
            self._state = more
        elif mark == end:
            self._state = after
        else:
            raise BadJsonError("malformed")
        self._position += 1

    def _decode(self, *, last: bool) -> object:
        """Decode the value at the current position and move behind it."""
        try:
            value: object
            value, end = _JSON.raw_decode(self._text, self._position)
        except JSONDecodeError:
            raise _Incomplete from None
        except ValueError, RecursionError:
            raise BadJsonError("malformed") from None
        if end == len(self._text) and not last and self._text[end - 1] not in '}]"':
            # "12" may go on as "123".
            raise _Incomplete
        self._position = end
        return value


def decode_object(data: bytes) -> JsonObject:
    """Decode a small body that has to be one JSON object, or raise ``BadJsonError``."""
    if not data.strip():
        raise BadJsonError("empty")
    if data.lstrip()[:1] == b"<":
        raise BadJsonError("html")
    try:
        value: object = json.loads(data, parse_constant=_unknown)
    except JSONDecodeError as err:
        unfinished = err.pos >= len(err.doc.rstrip()) or "Unterminated" in err.msg
        raise BadJsonError("truncated" if unfinished else "malformed") from None
    except ValueError, RecursionError:
        raise BadJsonError("malformed") from None
    if not isinstance(value, dict):
        raise BadJsonError("shape")
    return value


def text(value: object, longest: int = LONGEST_TEXT) -> str | None:
    """Return a text; Jellystat turns titles such as ``1917`` into numbers.

    ``None`` for all else, and for a text that is too long or cannot be stored.
    """
    if isinstance(value, str):
        found = value
    elif (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not -math.inf < value < math.inf
    ):
        return None
    else:
        found = str(value)
    if len(found) > longest or "\0" in found:
        return None
    if not found.isascii():
        try:
            found.encode()
        except UnicodeEncodeError:
            # Half a character, which neither a file nor a database can hold.
            return None
    return found


def identifier(value: object) -> str | None:
    """Return the text of an id, or ``None``."""
    return text(value, LONGEST_ID)


def location(value: object) -> str | None:
    """Return a path, or ``None``."""
    return text(value, LONGEST_PATH) or None if isinstance(value, str) else None


def integer(
    value: object, lowest: int = 0, highest: int = _LARGEST_NUMBER
) -> int | None:
    """Return a whole number within bounds, also of a text that is one, else ``None``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str | float):
        if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
            return None
        try:
            value = int(float(value))
        except ValueError, OverflowError:
            return None
    if isinstance(value, int) and lowest <= value <= highest:
        return value
    return None


def size_of(value: object) -> int | None:
    """Return a size in bytes, or ``None``: many of them still have a sum that fits."""
    return integer(value, 0, _LARGEST_SIZE)


def year_of(value: object) -> int | None:
    """Return the year of a title, or ``None``."""
    return integer(value, _FIRST_FILM.year, _LATEST.year)


def mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """Return a JSON array, an empty one where there is none."""
    return value if isinstance(value, list) else []


def day(value: object) -> datetime | None:
    """Return an ISO date as aware UTC, of any time that has films; else ``None``.

    A date without a zone is in UTC; more than six decimals are cut.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        return None
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        elif parsed.tzinfo is not UTC:
            parsed = parsed.astimezone(UTC)
    except ValueError, OverflowError:
        return None
    return parsed if _FIRST_FILM <= parsed < _LATEST else None


def moment(value: object) -> datetime | None:
    """Return when something happened on a server, aware UTC; ``None``: not known.

    What lies before 1971 is a server's way of saying that it has no date.
    """
    parsed = day(value)
    return parsed if parsed is not None and parsed >= _EARLIEST else None
