"""What can go wrong with an answer, switched on per request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import json
import re
from typing import Any


class FaultKind(StrEnum):
    """Kinds of fault."""

    SLOW = "slow"
    HANG = "hang"
    SERVER_ERROR = "server_error"
    STARTING = "starting"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    HTML = "html"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    HALF_PAGE = "half_page"
    NO_ROWS = "no_rows"
    SHUFFLED = "shuffled"
    REPEATED = "repeated"
    STALE = "stale"
    DISCONNECT = "disconnect"
    DISCONNECT_AFTER = "disconnect_after"
    MALFORMED = "malformed"
    WRONG_SHAPE = "wrong_shape"
    BAD_GATEWAY = "bad_gateway"


@dataclass(slots=True)
class Request:
    """A request as it came in; ``status`` is the answer's, 0 while there is none."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    status: int = 0
    raw_query: str = ""

    @property
    def key(self) -> str:
        """Return method and path, for messages."""
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class Fault:
    """A fault for the requests that match; ``times`` None means forever, ``after`` lets that many requests pass first."""

    kind: FaultKind
    method: str | None = None
    path: str | None = None
    when: Callable[[Request], bool] | None = None
    times: int | None = None
    after: int = 0
    delay: float = 1.0
    hits: int = field(default=0, init=False)

    def matches(self, request: Request) -> bool:
        """Return whether the fault is for this request."""
        return (
            self.method in (None, request.method)
            and (
                self.path is None
                or re.search(self.path, request.path, re.IGNORECASE) is not None
            )
            and (self.when is None or self.when(request))
        )

    def strikes(self, request: Request) -> bool:
        """Return whether the fault strikes, and use it up by one."""
        if not self.matches(request) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True


@dataclass(slots=True)
class Answer:
    """An answer before it is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)


def dump(value: object) -> bytes:
    """Return JSON as the servers write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def as_json(value: object, status: int = 200) -> Answer:
    """Return a JSON answer."""
    return Answer(status, dump(value), "application/json; charset=utf-8")


def as_text(value: str, status: int = 200) -> Answer:
    """Return a plain text answer."""
    return Answer(status, value.encode(), "text/plain")


def as_html(title: str, status: int = 200) -> Answer:
    """Return a web page."""
    page = f"<!doctype html><html><head><title>{title}</title></head><body><div id=root></div></body></html>"
    return Answer(status, page.encode(), "text/html; charset=utf-8")


def spoil(kind: FaultKind, answer: Answer) -> Answer:
    """Return a good answer changed by a fault; faults of the connection are handled elsewhere."""
    match kind:
        case FaultKind.SERVER_ERROR:
            return as_text("Error processing request.", 500)
        case FaultKind.BAD_GATEWAY:
            return as_html("502 Bad Gateway", 502)
        case FaultKind.STARTING:
            starting = as_html("Jellyfin Startup", 503)
            starting.headers["Retry-After"] = "005"
            return starting
        case FaultKind.UNAUTHORIZED:
            return Answer(401)
        case FaultKind.FORBIDDEN:
            return Answer(403)
        case FaultKind.NOT_FOUND:
            return Answer(404)
        case FaultKind.HTML:
            return as_html("Sign in")
        case FaultKind.EMPTY:
            return Answer(200)
        case FaultKind.MALFORMED:
            return Answer(
                200, answer.body[: len(answer.body) // 2] + b"\x00", answer.content_type
            )
        case FaultKind.WRONG_SHAPE:
            return as_json({"message": "something else"})
        case FaultKind.HALF_PAGE:
            return _other_rows(answer, lambda rows: rows[: len(rows) // 2])
        case FaultKind.NO_ROWS:
            return _other_rows(answer, lambda rows: [])
        case FaultKind.SHUFFLED:
            return _other_rows(answer, lambda rows: rows[1::2] + rows[::2])
        case FaultKind.REPEATED:
            return _other_rows(answer, lambda rows: rows + rows[: len(rows) // 2])
        case _:
            return answer


def _other_rows(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    """Return an answer with other rows but unchanged counts."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return answer
    match content:
        case list():
            content = change(content)
        case {"Items": list() as rows}:
            content["Items"] = change(rows)
        case {"results": list() as rows}:
            content["results"] = change(rows)
        case {"records": list() as rows}:
            content["records"] = change(rows)
    return Answer(answer.status, dump(content), answer.content_type, answer.headers)
