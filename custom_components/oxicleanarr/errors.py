"""Where errors of the rooms become errors of Home Assistant, in its users' words."""

from collections.abc import Iterable
from typing import TypedDict

from .cleanup import say
from .const import DOMAIN
from .household import (
    BlockedError,
    BusyError,
    ClosingError,
    FindingChangedError,
    KeeperError,
    KeptByAnotherError,
    NotBroughtBackError,
    NotPlannedError,
    SyncFailedError,
)
from .ledger import LedgerDamaged, LedgerError, LedgerTooNew
from .model import Reason
from .servers import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
)
from .words import ENGLISH, Words


class Translated(TypedDict):
    """The arguments by which every Home Assistant error can be translated."""

    translation_domain: str
    translation_key: str
    translation_placeholders: dict[str, str]


def translate(
    err: ServerError | LedgerError | KeeperError, words: Words = ENGLISH
) -> Translated:
    """Return the translation of an error, for any of Home Assistant's exceptions.

    Only what the keeper refuses has reasons in words.
    """
    placeholders = {}
    match err:
        case AuthenticationFailed():
            key = "authentication_failed"
        case PermissionDenied(reason="csrf"):
            key = "csrf"
        case PermissionDenied():
            key = "permission_denied"
        case NotFound():
            key = "not_found"
        case Conflict():
            key = "conflict"
        case Unavailable(certificate=True):
            key = "certificate"
        case Unavailable(timed_out=True):
            key = "timed_out"
        case Unavailable():
            key = "unavailable"
        case BadAnswer(found=found) if found:
            key = "swapped_server"
            placeholders["found"] = found
        case BadAnswer():
            key = "bad_answer"
        case LedgerDamaged():
            key = "ledger_damaged"
        case LedgerTooNew():
            key = "ledger_too_new"
        case LedgerError():
            key = "ledger_failed"
        case BusyError():
            key = "busy"
        case ClosingError():
            key = "unloading"
        case BlockedError(blockers=blockers):
            key = "deletion_blocked"
            placeholders["reasons"] = _said([one.reason for one in blockers], words)
        case FindingChangedError():
            key = "finding_changed"
        case KeptByAnotherError():
            key = "kept_by_another"
        case NotBroughtBackError(reasons=reasons):
            key = "not_brought_back"
            placeholders["reasons"] = _said(reasons, words)
        case NotPlannedError():
            key = "not_planned"
            placeholders["item_ids"] = str(err)
        case SyncFailedError():
            key = "sync_failed"
        case _:
            key = "unavailable"
    if isinstance(err, ServerError):
        placeholders["server"] = err.server
    placeholders["error"] = str(err)
    return Translated(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def _said(reasons: Iterable[Reason], words: Words) -> str:
    """Return reasons as sentences, each of them once."""
    return " ".join(dict.fromkeys(say(reason, words) for reason in reasons))
