"""How ASP.NET and System.Text.Json read parameters and bodies, and what they refuse."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..faults import Answer, Request, as_json
from .errors import Refused, problem

type Body = Mapping[str, Any]
type Handler = Callable[[Call], Awaitable[Answer]]


class Parameters:
    """The query of a request; names are not case-sensitive."""

    def __init__(self, raw_query: str) -> None:
        """Take a query apart."""
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(raw_query, keep_blank_values=True):
            self._values.setdefault(name.lower(), []).append(value)

    def text(self, name: str) -> str | None:
        """Return a text, None where there is none or an empty one."""
        values = self._values.get(name.lower())
        return (values[0] or None) if values else None

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false; 1 and yes are refused."""
        values = self._values.get(name.lower())
        if not values:
            return default
        match values[0].strip().lower():
            case "true":
                return True
            case "false":
                return False
        raise _bad_value(name, values[0])

    def number(self, name: str) -> int | None:
        """Return a whole number; an empty one counts as absent."""
        values = self._values.get(name.lower())
        if not values or not values[0].strip():
            return None
        return _whole(name, values[0])

    def numbers(self, name: str) -> list[int]:
        """Return a list, which is a repeated name; commas are refused."""
        return [
            _whole(name, value) for value in self._values.get(name.lower(), ()) if value
        ]


def _whole(name: str, value: str) -> int:
    """Return a text as a whole number, or refuse it."""
    try:
        return int(value)
    except ValueError:
        raise _bad_value(name, value) from None


def _bad_value(name: str, value: str) -> Refused:
    """Return the refusal of a value in the query."""
    return Refused(problem(400, {name: [f"The value '{value}' is not valid."]}))


def body_of(request: Request) -> Body:
    """Return the JSON object that came with a request."""
    if isinstance(request.body, Mapping):
        return request.body
    errors = {"": ["A non-empty request body is required."]}
    raise Refused(problem(400, errors))


def body_flag(body: Body, name: str) -> bool | None:
    """Return true, false, or None where it is left out; the texts "True" and "true" are refused."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise bad_type(name, "System.Nullable`1[System.Boolean]")


def body_numbers(body: Body, name: str) -> list[int] | None:
    """Return a list of whole numbers, or None where it is left out."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, list) and all(type(each) is int for each in value):
        return value
    raise bad_type(name, "System.Collections.Generic.List`1[System.Int32]")


def bad_type(name: str, wanted: str) -> Refused:
    """Return the refusal of a value in the body."""
    message = (
        f"The JSON value could not be converted to {wanted}. "
        f"Path: $.{name} | LineNumber: 0 | BytePositionInLine: 30."
    )
    return Refused(problem(400, {f"$.{name}": [message]}))


@dataclass(slots=True)
class Call:
    """A request on its way through a handler."""

    request: Request
    parameters: Parameters
    arguments: tuple[str, ...]

    @property
    def id(self) -> int:
        """Return the id in the path."""
        return int(self.arguments[0])

    @property
    def body(self) -> Body:
        """Return the JSON object that was sent."""
        return body_of(self.request)


def paged(rows: Sequence[Mapping[str, Any]], call: Call, sort_key: str) -> Answer:
    """Return a page of rows."""
    page = max(1, call.parameters.number("page") or 1)
    size = call.parameters.number("pageSize") or 10
    return as_json(
        {
            "page": page,
            "pageSize": size,
            "sortKey": call.parameters.text("sortKey") or sort_key,
            "sortDirection": call.parameters.text("sortDirection") or "descending",
            "totalRecords": len(rows),
            "records": rows[(page - 1) * size : page * size],
        }
    )
