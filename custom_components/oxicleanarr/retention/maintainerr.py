"""A rule from what Maintainerr exports: the conditions of one of its rule groups.

A group becomes a rule only if every condition has a counterpart here. Without the
others it would delete more, so then there is no rule at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
import re
from typing import Any, Final

from .foreign import NAMED, SHOWN, Foreign
from .reasons import ImportNote
from .rules import RetentionBase

_MEDIA: Final = "mediaType"
_RULES: Final = "rules"
_MOVIES, _SHOWS = "MOVIES", "SHOWS"

# What can be compared, in small letters, and for which media.
_DATES: Final = {
    "jellyfin.lastviewedat": (RetentionBase.LAST_WATCHED, {_MOVIES, _SHOWS}),
    "jellyfin.sw_lastwatched": (RetentionBase.LAST_WATCHED, {_SHOWS}),
    "jellyfin.adddate": (RetentionBase.ADDED, {_MOVIES, _SHOWS}),
}
_TAGS: Final = {
    "jellyfin.labels": {_MOVIES, _SHOWS},
    "radarr.tags": {_MOVIES},
    "sonarr.tags": {_SHOWS},
}
_WATCHERS: Final = {
    "jellyfin.seenby": {_MOVIES},
    "jellyfin.sw_allepisodesseenby": {_SHOWS},
}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def is_maintainerr(data: Mapping[str, Any]) -> bool:
    """Return whether this is a rule group of Maintainerr, by its keys."""
    return _MEDIA in data and isinstance(data.get(_RULES), list)


@dataclass(slots=True)
class _Group:
    """What the conditions of a group come to, as far as there are counterparts."""

    media: str
    values: dict[str, Any] = field(default_factory=dict)
    """Of the rule, by their keys."""
    without: list[str] = field(default_factory=list)
    """The conditions that have none."""

    def take(self, condition: object) -> None:
        """Take one condition: all of them have to be met."""
        found = _counterpart(condition, self.media)
        if found is None or not found.keys().isdisjoint(self.values):
            self.without.append(_told(condition))
        else:
            self.values |= found


def from_maintainerr(data: Mapping[str, Any]) -> Foreign:
    """Return the rule that a group becomes, if it becomes one."""
    found = Foreign("Maintainerr")
    group = _Group(str(data[_MEDIA]).upper())
    if group.media not in (_MOVIES, _SHOWS):
        group.without.append(f"{_MEDIA} {data[_MEDIA]}")
    group.without += (key for key in data if key not in (_MEDIA, _RULES))
    for first, condition in _conditions(data[_RULES], group):
        if not first and not _is_and(condition):
            group.without.append(f"OR {_told(condition)}")
        group.take(condition)
    values = group.values
    if group.without:
        conditions = tuple(one[:SHOWN] for one in group.without[:NAMED])
        found.note(ImportNote.NO_COUNTERPART, conditions=conditions)
        return found
    if "retention" not in values:
        found.note(ImportNote.NO_DATE)
        return found
    watchers = values.get("watched_by", ())
    parts = (group.media.lower(), values.get("tag"), *watchers, values["retention"])
    found.add(
        _RULES,
        "tag" if "tag" in values else "watched",
        name=f"Maintainerr: {' '.join(filter(None, parts))}",
        enabled=False,
        require_watched=(
            bool(watchers) or values["retention_base"] == RetentionBase.LAST_WATCHED
        ),
        **values,
    )
    if found.rules:
        found.note(ImportNote.LIBRARY_UNSAID)
    return found


def _conditions(sections: list[Any], group: _Group) -> Iterator[tuple[bool, object]]:
    """Yield every condition, and whether it is the very first.

    Each section is a list under its own number. What is none has no counterpart.
    """
    first = True
    for number, section in enumerate(sections):
        conditions = section.get(str(number)) if isinstance(section, Mapping) else None
        if not isinstance(conditions, list) or len(section) != 1:
            group.without.append(f"{_RULES}[{number}]")
            continue
        for condition in conditions:
            yield first, condition
            first = False


def _is_and(condition: object) -> bool:
    """Return whether a condition has to be met with those before it; unsaid is *or*."""
    return (
        isinstance(condition, Mapping)
        and str(condition.get("operator")).upper() == "AND"
    )


def _counterpart(condition: object, media: str) -> dict[str, Any] | None:
    """Return the keys of a rule that say the same as a condition, if any do."""
    if not isinstance(condition, Mapping) or not condition.keys() <= {
        "operator",
        "action",
        "firstValue",
        "customValue",
    }:
        return None
    name = str(condition.get("firstValue")).casefold()
    action = str(condition.get("action")).upper()
    value = condition.get("customValue")
    if not isinstance(value, Mapping) or value.keys() != {"type", "value"}:
        return None
    if name in _DATES and action == "BEFORE":
        base, of_media = _DATES[name]
        retention = _span(value)
        if media in of_media and retention is not None:
            return {"retention": retention, "retention_base": base.value}
        return None
    words = _words(value)
    alone = action == "CONTAINS" and len(words) == 1
    if media in _TAGS.get(name, ()) and alone:
        return {"tag": words[0]}
    if media in _WATCHERS.get(name, ()) and (
        alone or (action == "CONTAINS_ALL" and words)
    ):
        return {"watched_by": words}
    return None


def _span(value: Mapping[str, Any]) -> str | None:
    """Return how long ago something has to be; a date on the calendar is none."""
    number = str(value["value"])
    unit = {"custom_days": "d", "number": "s"}.get(str(value["type"]).casefold())
    if unit is None or _NUMBER.fullmatch(number) is None:
        return None
    return f"{int(number)}{unit}"


def _words(value: Mapping[str, Any]) -> list[str]:
    """Return the words of a list, which can be written as JSON, or a single word."""
    if str(value["type"]).casefold() not in ("text", "text list"):
        return []
    text = value["value"]
    if not isinstance(text, str):
        return []
    try:
        words = json.loads(text)
    except ValueError, RecursionError:
        return [text]
    if not isinstance(words, list):
        return [text]
    return words if all(isinstance(word, str) for word in words) else []


def _told(condition: object) -> str:
    """Return what to call a condition, without what it compares with."""
    if not isinstance(condition, Mapping):
        return _RULES
    return f"{condition.get('firstValue')} {condition.get('action')}"
