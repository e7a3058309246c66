"""The people of a user rule: how its form shows them, and how it reads them back."""

from collections.abc import Iterable
import re
from typing import Any

from ..retention import UserEntry, UserRule, format_duration


def person(entry: UserEntry) -> str:
    """Return the value by which the form knows the person of an entry."""
    if entry.user_id is not None:
        return f"user_id:{entry.user_id}"
    if entry.email is not None:
        return f"email:{entry.email}"
    return f"username:{entry.username}"


def label(entry: UserEntry) -> str:
    """Return what to call the person of an entry."""
    if entry.user_id is not None:
        return f"Seerr #{entry.user_id}"
    return entry.email or entry.username or ""


def shared_values(rule: UserRule) -> tuple[str, bool]:
    """Return the retention and whether to require watching, as most entries have them.

    If several are equally common, the first counts.
    """
    values = [_values(rule, entry) for entry in rule.users]
    return max(values, key=values.count)


def own_values(rule: UserRule) -> list[tuple[str, str, bool]]:
    """Return who has other values than most, with their retention and requirement."""
    return [(label(entry), *_values(rule, entry)) for entry in _different(rule)]


def read_people(
    chosen: Iterable[str],
    stored: UserRule | None,
    retention: str | None,
    *,
    require_watched: bool,
    same_for_all: bool,
) -> list[dict[str, Any]]:
    """Return the entries for the people who were chosen or typed.

    Those who have values of their own in the stored rule keep them, unless the values
    of the form are to be the same for all.
    """
    entries = {} if stored is None else {person(one): one for one in stored.users}
    own = set() if stored is None else {person(one) for one in _different(stored)}
    of_rule = stored is not None and stored.require_watched
    users = []
    for one in chosen:
        values = _identity(one)
        entry = entries.get(one)
        required = None if entry is None else entry.require_watched
        if entry is not None and one in own and not same_for_all:
            values["retention"] = format_duration(entry.retention)
        else:
            if retention is not None:
                values["retention"] = retention
            if (of_rule if required is None else required) != require_watched:
                required = require_watched
        if required is not None:
            values["require_watched"] = required
        users.append(values)
    return users


def _identity(chosen: str) -> dict[str, Any]:
    """Return the key of an entry for a person who was chosen or typed."""
    kind, _, name = chosen.partition(":")
    if kind == "user_id" and name.isdecimal():
        return {"user_id": int(name)}
    if kind in ("email", "username"):
        return {kind: name}
    typed = chosen.strip()
    if re.fullmatch(r"#[0-9]{1,6}", typed):
        return {"user_id": int(typed[1:])}
    return {"email" if "@" in typed else "username": typed}


def _values(rule: UserRule, entry: UserEntry) -> tuple[str, bool]:
    """Return the retention of an entry, and whether it requires watching."""
    required = entry.require_watched
    if required is None:
        required = rule.require_watched
    return format_duration(entry.retention), required


def _different(rule: UserRule) -> list[UserEntry]:
    """Return the entries that have other values than most."""
    shared = shared_values(rule)
    return [entry for entry in rule.users if _values(rule, entry) != shared]
