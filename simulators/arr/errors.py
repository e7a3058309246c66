"""How Radarr and Sonarr refuse requests: in four formats, one of which includes a stack trace."""

import re

from .. import aspnet
from ..faults import Answer, as_json
from .records import Row

_TRACE_ID = "00-2a84e8f128ea49acbd2c029c00e2857e-56c056dcd7c2986f-00"
_TRACE = """{kind}: {message}
   at NzbDrone.Core.Datastore.BasicRepository`1.Get(Int32 id) in /app/src/NzbDrone.Core/Datastore/BasicRepository.cs:line 128
   at lambda_method312(Closure, Object, Object[])
   at Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor.SyncObjectResultExecutor.Execute(ActionContext actionContext)
   at NzbDrone.Core.Frontend.Middleware.BufferingMiddleware.InvokeAsync(HttpContext context) in /app/src/Frontend/BufferingMiddleware.cs:line 28"""


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(answer.status)
        self.answer = answer


def thrown(status: int, message: str, kind: str = "System.Exception") -> Answer:
    """Return the answer the middleware gives for an exception."""
    body = {
        "message": message,
        "description": _TRACE.format(kind=kind, message=message),
    }
    return Answer(status, as_json(body).body, "application/json")


def failed(status: int, message: str) -> Refused:
    """Return an exception that the middleware answers."""
    return Refused(thrown(status, message))


def unknown(model: str, number: int) -> Refused:
    """Return the exception for an unknown id."""
    message = f"{model} with ID {number} does not exist"
    return Refused(
        thrown(404, message, "NzbDrone.Core.Datastore.ModelNotFoundException")
    )


def miscounted(wanted: int, found: int) -> Refused:
    """Return the exception for a list with unknown or repeated ids."""
    message = f"Expected query to return {wanted} rows but returned {found}"
    return Refused(thrown(500, message, "System.ApplicationException"))


def bad_request(content: str) -> Refused:
    """Return the exception for missing parameters."""
    body = {"message": f"BadRequest: {content}", "content": content}
    return Refused(Answer(400, as_json(body).body, "application/json"))


def problem(status: int, errors: dict[str, list[str]] | None = None) -> Answer:
    """Return what ASP.NET answers by itself."""
    return aspnet.problem(status, errors, trace_id=_TRACE_ID)


def invalid(name: str, message: str, value: object, validator: str) -> Refused:
    """Return a validator's complaint about a property."""
    return refusal([failure(name, message, value, validator)])


def refusal(failures: list[Row]) -> Refused:
    """Return all that validators have to say."""
    return Refused(Answer(400, as_json(failures).body, "application/json"))


def failure(
    name: str, message: str, value: object, validator: str, **placeholders: object
) -> Row:
    """Return what one validator says of a property; a missing value is left out."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return {
        "propertyName": name,
        "errorMessage": message,
        **({} if value is None else {"attemptedValue": value}),
        "severity": "error",
        "errorCode": validator,
        "formattedMessageArguments": [],
        "formattedMessagePlaceholderValues": {
            **placeholders,
            "propertyName": spaced,
            "propertyValue": value,
        },
    }
