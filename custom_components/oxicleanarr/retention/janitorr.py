"""Rules from Janitorr's configuration, its ``application.yml``.

Janitorr counts from the later of two dates: when a file was imported, and when it was
last watched. The base that is nearest to it takes the second wherever there is one.
"""

from collections.abc import Mapping
import re
from typing import Any, Final

from .foreign import Foreign, as_section
from .reasons import ImportNote
from .rules import RetentionBase

_APPLICATION: Final = "application"
# As Janitorr reads them: in any of the ways in which its keys can be written.
_EXCLUSIONS: Final = ("exclusiontags", "exclusiontag")
_MEDIA: Final = "mediadeletion"
_TAGS: Final = "tagbaseddeletion"
_EPISODES: Final = "episodedeletion"
_PARTS: Final = frozenset({*_EXCLUSIONS, _MEDIA, _TAGS, _EPISODES})
_WITHOUT_EFFECT: Final = frozenset(
    {
        "dryrun",
        "leavingsoon",
        "leavingsoonthresholdoffsetpercent",
        "runonce",
        "trainingrun",
        "wholeshowseedingcheck",
        "wholetvshow",
    }
)

# What it takes where nothing is said.
_USUAL_EXCLUSIONS: Final = ("janitorr_keep",)
_USUAL_FREE_PERCENT: Final = 20
_USUAL_EPISODES: Final = {
    "tag": "janitorr_daily",
    "maxepisodes": 10,
    "maxage": "30d",
}


def is_janitorr(data: Mapping[str, Any]) -> bool:
    """Return whether this is a configuration of Janitorr, by its keys."""
    section = data.get(_APPLICATION)
    return isinstance(section, Mapping) and not _PARTS.isdisjoint(_keys(section))


def from_janitorr(data: Mapping[str, Any]) -> Foreign:
    """Return the rules that the configuration becomes."""
    found = Foreign("Janitorr", tuple(key for key in data if key != _APPLICATION))
    section = _keys(data[_APPLICATION])
    _exclusions(section, found)
    for key, read in (
        ("media-deletion", _media),
        ("tag-based-deletion", _tags),
        ("episode-deletion", _episodes),
    ):
        part = as_section(section.get(_keyed(key)))
        if part is None:
            found.left_out.append(key)
        elif _keyed(key) in section:
            read(key, _keys(part), found)
    known = _PARTS | _WITHOUT_EFFECT
    found.left_out += (key for key in data[_APPLICATION] if _keyed(key) not in known)
    return found


def _exclusions(section: Mapping[str, Any], found: Foreign) -> None:
    """Let a rule keep what has a tag that excludes it, before any other is asked."""
    said = [section[key] for key in _EXCLUSIONS if key in section]
    for value in said or [_USUAL_EXCLUSIONS]:
        tags = re.split(r"\s*,\s*", value) if isinstance(value, str) else value
        if not isinstance(tags, list | tuple):
            found.left_out.append("exclusion-tags")
            continue
        for tag in tags:
            found.add(
                "exclusion-tags",
                "tag",
                name=f"Janitorr: keep {_text(tag)}",
                tag=_text(tag),
                retention="never",
                priority=0,
            )


def _media(key: str, part: Mapping[str, Any], found: Foreign) -> None:
    """Note that ages by free space have no counterpart."""
    if part.get("enabled", True) is not False:
        found.note(ImportNote.AGES_BY_FREE_SPACE, place=key)


def _tags(key: str, part: Mapping[str, Any], found: Foreign) -> None:
    """Make a rule of each schedule, if these do not wait for free space."""
    schedules = part.get("schedules") or []
    if part.get("enabled", True) is False or not schedules:
        return
    free = part.get("minimumfreediskpercent", _USUAL_FREE_PERCENT)
    if (
        not part.keys() <= {"enabled", "minimumfreediskpercent", "schedules"}
        or part.get("enabled", True) is not True
        or not isinstance(free, int | float)
        or not isinstance(schedules, list)
    ):
        found.left_out.append(key)
        return
    if free < 100:
        found.note(ImportNote.WAITS_FOR_FREE_SPACE, place=key, percent=free)
        return
    for number, schedule in enumerate(schedules, 1):
        place = f"{key}.schedules[{number}]"
        values = _keys(as_section(schedule) or {})
        if values.keys() != {"tag", "expiration"}:
            found.left_out.append(place)
            continue
        tag = _text(values["tag"])
        found.add(
            place,
            "tag",
            name=f"Janitorr: {tag}",
            enabled=False,
            tag=tag,
            retention=values["expiration"],
            retention_base=RetentionBase.LAST_WATCHED_OR_ADDED.value,
        )


def _episodes(key: str, part: Mapping[str, Any], found: Foreign) -> None:
    """Make a rule for the episodes of a tag, if it cleans up every season."""
    if part.get("enabled", False) is False:
        return
    older = part.get("cleanolderseasons", False)
    values = _USUAL_EPISODES | {
        name: value
        for name, value in part.items()
        if name not in ("enabled", "cleanolderseasons")
    }
    if (
        values.keys() != _USUAL_EPISODES.keys()
        or part["enabled"] is not True
        or not isinstance(older, bool)
    ):
        found.left_out.append(key)
    elif not older:
        found.note(ImportNote.LATEST_SEASON_ONLY, place=key)
    else:
        tag = _text(values["tag"])
        found.add(
            key,
            "episode",
            name=f"Janitorr: episodes of {tag}",
            enabled=False,
            tag=tag,
            max_episodes=values["maxepisodes"],
            max_age=values["maxage"],
        )


def _keyed(key: str) -> str:
    """Return a key as it is compared: ``max-age``, ``maxAge`` and ``max_age`` are one."""
    return key.replace("-", "").replace("_", "").casefold()


def _keys(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section by its keys as they are compared."""
    return {_keyed(key): value for key, value in section.items()}


def _text(value: object) -> object:
    """Return a tag as text; one that is filled in from elsewhere is none."""
    text = str(value) if isinstance(value, int) and value is not True else value
    return None if isinstance(text, str) and "${" in text else text
