"""Requests on their way to a handler, and the refusals of ASP.NET."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import re

from .. import aspnet
from ..faults import Answer, Request
from .auth import Caller
from .dates import guid
from .query import BadRequest, Parameters

type Handler = Callable[[Call], Awaitable[Answer]]

_TRACE_ID = "00-6f6883527a2f62f12cfae42ffcd28956-e8e608c9a93ef1bd-00"


@dataclass(slots=True)
class Call:
    """A request on its way through a handler."""

    request: Request
    caller: Caller
    parameters: Parameters
    arguments: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return the id in the path."""
        found = guid(self.arguments[0])
        if found is None:
            raise BadRequest("itemId", self.arguments[0])
        return found


@dataclass(frozen=True, slots=True)
class Route:
    """A route; `anonymous` ones need no key, `elevated` ones need an administrator."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    anonymous: bool = False
    elevated: bool = False

    @classmethod
    def of(cls, method: str, path: str, handler: Handler, **rights: bool) -> Route:
        """Return the route of a path, in which `{id}` stands for any id."""
        pattern = re.compile(
            "^" + path.replace("{id}", "([^/]+)") + "/?$", re.IGNORECASE
        )
        return cls(method, pattern, handler, **rights)


def problem(
    status: int,
    parameter: str | None = None,
    value: str = "",
    *,
    message: str | None = None,
) -> Answer:
    """Return what ASP.NET answers by itself, naming the parameter that is wrong."""
    errors = None
    if parameter is not None:
        errors = {parameter: [message or f"The value '{value}' is not valid."]}
    return aspnet.problem(status, errors, trace_id=_TRACE_ID)
