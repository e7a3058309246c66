"""What goes wrong with a server, as six typed errors.

Their texts contain neither keys nor bodies nor URLs.
"""


class InvalidUrl(ValueError):
    """A server's address that cannot be used; ``reason`` says why, as a code."""

    def __init__(self, reason: str) -> None:
        """Remember the code: ``scheme``, ``host``, ``userinfo``, ``query`` or ``invalid``."""
        super().__init__(f"invalid URL: {reason}")
        self.reason = reason


class ServerError(Exception):
    """A server did not answer as it should.

    ``server`` is its name ("Jellyfin", "Jellystat"), ``reason`` a code for
    translations, ``status`` the HTTP status where there was one.
    """

    def __init__(
        self, server: str, message: str, *, reason: str = "", status: int | None = None
    ) -> None:
        """Make an error whose text is the server's name and the message."""
        super().__init__(f"{server}: {message}")
        self.server = server
        self.reason = reason
        self.status = status


class AuthenticationFailed(ServerError):
    """The key is missing, wrong or revoked (``reason``: ``key``, ``no_keys``)."""


class PermissionDenied(ServerError):
    """The key is known but may not do this."""


class NotFound(ServerError):
    """The server has no such route, user or item."""


class Conflict(ServerError):
    """The server refused a change for what it found there; nothing was changed.

    ``reason``: ``root_folder_missing``, ``root_folder_empty``, ``not_removable`` (a
    file) or ``conflict``.
    """


class BadAnswer(ServerError):
    """An answer came that is not what was asked for.

    ``reason``: ``html``, ``empty``, ``truncated``, ``malformed``, ``shape``,
    ``too_large``, ``redirect``, ``protocol``, ``status``, ``incomplete``,
    ``changing`` (the data moved while it was read) or ``other_server``, where
    ``found`` names what answered if that is known. After a change it is not known
    what has happened.
    """

    def __init__(
        self,
        server: str,
        message: str,
        *,
        reason: str = "",
        status: int | None = None,
        found: str = "",
    ) -> None:
        """Make an error; ``found`` is the name of another kind of server."""
        super().__init__(server, message, reason=reason, status=status)
        self.found = found


class Unavailable(ServerError):
    """No answer came; later there may be one.

    ``reason``: ``connection``, ``lost``, ``timeout``, ``certificate``, ``tls``,
    ``starting``, ``status``, ``not_ready`` or ``paused``.
    """

    def __init__(
        self,
        server: str,
        message: str,
        *,
        reason: str = "",
        status: int | None = None,
        timed_out: bool = False,
        certificate: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Make an error; ``retry_after`` is in seconds, as the server asked for."""
        super().__init__(server, message, reason=reason, status=status)
        self.timed_out = timed_out
        self.certificate = certificate
        self.retry_after = retry_after


def other_server(
    server: str, *, status: int | None = None, found: str = ""
) -> BadAnswer:
    """Return the error for an address that belongs to another kind of server."""
    return BadAnswer(
        server,
        f"{found or 'something else'} answers at this address",
        reason="other_server",
        status=status,
        found=found,
    )


def incomplete(server: str, what: str = "a list") -> BadAnswer:
    """Return the error for an answer in which rows are missing."""
    return BadAnswer(server, f"sent only a part of {what}", reason="incomplete")
