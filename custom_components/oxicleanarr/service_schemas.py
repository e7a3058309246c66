"""What the actions take: every field has a bound, and what is wrong names the field."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.helpers import config_validation as cv
import probatio

MAX_ID: Final = 200
MAX_IDS: Final = 1_000
MAX_DELETIONS: Final = 50
MAX_REASON: Final = 500
MAX_USER: Final = 200
MAX_YAML: Final = 256 * 1024
MAX_ROWS: Final = 10_000
FIRST_YEAR: Final = 1971
LAST_YEAR: Final = 2999
# Longer than any way to write a moment.
_MAX_MOMENT: Final = 64


class Field(StrEnum):
    """The names of the fields."""

    FULL = "full"
    INCLUDE_KEPT = "include_kept"
    ITEM_IDS = "item_ids"
    DRY_RUN = "dry_run"
    ITEM_ID = "item_id"
    USER = "user"
    SINCE = "since"
    BEFORE = "before"
    LIMIT = "limit"
    YAML = "yaml"
    REPLACE = "replace"
    REASON = "reason"
    UNTIL = "until"
    AT = "at"
    DELETION_ID = "deletion_id"
    SEARCH = "search"


def _text(field: str, most: int) -> Callable[[Any], str]:
    """Return what reads a text of bounded length that every encoding can hold."""

    def read(value: Any) -> str:
        """Read the text."""
        if isinstance(value, str | int | float):
            try:
                text = cv.string(value)
                text.encode()
            except ValueError:
                raise probatio.Invalid(
                    f"{field} contains a character that is not valid"
                ) from None
            if len(text) <= most:
                return text
        raise probatio.Invalid(f"{field} must be a text of at most {most:,} characters")

    return read


def _ids(value: Any) -> list[str]:
    """Read one id or a list of them."""
    if not isinstance(value, list | tuple):
        value = [value]
    if len(value) > MAX_IDS:
        raise probatio.Invalid(
            f"{Field.ITEM_IDS} must name at most {MAX_IDS:,} titles, not {len(value):,}"
        )
    read = _text(Field.ITEM_IDS, MAX_ID)
    return [read(one) for one in value]


def _moment(field: str) -> Callable[[Any], datetime]:
    """Return what reads a moment that is the same day in every time zone's calendar."""

    def read(value: Any) -> datetime:
        """Read the moment."""
        moment = None
        # Home Assistant's parser takes the whole process down over a lone surrogate.
        if not isinstance(value, str) or (
            len(value) <= _MAX_MOMENT and value.isascii()
        ):
            with suppress(
                probatio.Invalid, AttributeError, OverflowError, TypeError, ValueError
            ):
                moment = cv.datetime(value)
        if moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment
        raise probatio.Invalid(
            f"{field} must be a date and time between {FIRST_YEAR} and {LAST_YEAR},"
            " such as 2027-01-31 20:00:00"
        )

    return read


def _deletions(value: Any) -> list[int]:
    """Read the id of one deletion or a list of them; templates make texts of them."""
    if not isinstance(value, list | tuple):
        value = [value]
    numbers: list[int] = []
    for one in value:
        number = 0
        if isinstance(one, str) and one.strip().isascii() and len(one) <= 20:
            one = int(one) if one.strip().isdecimal() else 0
        if isinstance(one, int) and not isinstance(one, bool):
            number = one
        if not 1 <= number < 2**53:
            raise probatio.Invalid(
                f"{Field.DELETION_ID} must be an ID of the deletion log, such as 12"
            )
        numbers.append(number)
    if not 1 <= len(numbers) <= MAX_DELETIONS:
        raise probatio.Invalid(
            f"{Field.DELETION_ID} must name 1 to {MAX_DELETIONS} deletions,"
            f" not {len(numbers):,}"
        )
    return numbers


def _rows(value: Any) -> int:
    """Read how many rows are wanted."""
    try:
        number = int(value)
    except OverflowError, TypeError, ValueError:
        number = 0
    if not 1 <= number <= MAX_ROWS:
        raise probatio.Invalid(
            f"{Field.LIMIT} must be a whole number from 1 to {MAX_ROWS:,}"
        )
    return number


def _flag(field: str) -> Callable[[Any], bool]:
    """Return what reads a yes or no."""

    def read(value: Any) -> bool:
        """Read it."""
        try:
            return cv.boolean(value)
        except probatio.Invalid, TypeError, ValueError:
            raise probatio.Invalid(f"{field} must be true or false") from None

    return read


def _schema(
    required: Mapping[Field, Any], optional: Mapping[Field, Any]
) -> probatio.Schema:
    """Return the schema of an action; all can name a config entry."""
    return probatio.Schema(
        {probatio.Optional(ATTR_CONFIG_ENTRY_ID): _text(ATTR_CONFIG_ENTRY_ID, MAX_ID)}
        | {probatio.Required(name): read for name, read in required.items()}
        | {probatio.Optional(name): read for name, read in optional.items()}
    )


_ITEM_ID: Final = {Field.ITEM_ID: _text(Field.ITEM_ID, MAX_ID)}


def _switched(field: str) -> dict[probatio.Optional, Callable[[Any], bool]]:
    """Return a yes or no that is no unless it is given."""
    return {probatio.Optional(field, default=False): _flag(field)}


_LIMIT: Final = {probatio.Optional(Field.LIMIT, default=100): _rows}

ENTRY: Final = _schema({}, {})
SYNC: Final = ENTRY.extend(_switched(Field.FULL))
EVALUATE: Final = ENTRY.extend(_switched(Field.INCLUDE_KEPT))
DELETE: Final = _schema({}, {Field.ITEM_IDS: _ids}).extend(_switched(Field.DRY_RUN))
HISTORY: Final = _schema(
    {},
    _ITEM_ID
    | {Field.USER: _text(Field.USER, MAX_USER), Field.SINCE: _moment(Field.SINCE)},
).extend(_LIMIT)
PURGE: Final = _schema(
    {},
    {Field.USER: _text(Field.USER, MAX_USER), Field.BEFORE: _moment(Field.BEFORE)},
)
DELETIONS: Final = ENTRY.extend(_LIMIT)
BRING_BACK: Final = _schema({Field.DELETION_ID: _deletions}, {}).extend(
    {probatio.Optional(Field.SEARCH, default=True): _flag(Field.SEARCH)}
)
IMPORT: Final = (
    _schema({Field.YAML: _text(Field.YAML, MAX_YAML)}, {})
    .extend(_switched(Field.REPLACE))
    .extend(_switched(Field.DRY_RUN))
)
ITEM: Final = _schema(_ITEM_ID, {})
KEEP: Final = _schema(
    _ITEM_ID,
    {
        Field.UNTIL: _moment(Field.UNTIL),
        Field.REASON: _text(Field.REASON, MAX_REASON),
    },
)
TITLES: Final = _schema({Field.ITEM_IDS: _ids}, {})
SCHEDULE: Final = _schema(_ITEM_ID | {Field.AT: _moment(Field.AT)}, {})
