"""Rules from and to plain mappings, with the keys of OxiCleanarr's YAML.

The same mappings are stored with the rules that are made in the user interface.
Everything that is wrong is said at once; a rule is never half read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any

from .durations import Retention, format_duration, parse_duration
from .errors import Fault, RuleError, RuleErrors, bad
from .rules import (
    RULE_TYPES,
    EpisodeDeleteStrategy,
    EpisodeRule,
    RetentionBase,
    Rule,
    StandardRules,
    TagRule,
    UnwatchedBehavior,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    rule_type,
)

MAX_TEXT = 200
MAX_NUMBER = 100_000

type _Reader = Callable[[object], Any]


def rule_from_mapping(type_: str, data: Mapping[str, object]) -> Rule:
    """Return the rule that a mapping describes, or raise all that is wrong with it."""
    name = data.get("name")
    label = name.strip() if isinstance(name, str) and name.strip() else None
    cls = RULE_TYPES.get(type_) if isinstance(type_, str) else None
    if cls is None:
        raise RuleErrors(
            [
                bad(Fault.NO_TYPE, type_, allowed=_all(RULE_TYPES)).at(
                    rule=label, key="type"
                )
            ]
        )
    faults: list[RuleError] = []
    values = _read(cls, data, faults, also=("type",))
    if data.get("type", type_) != type_:
        faults.append(bad(Fault.OTHER_TYPE, data["type"], type=type_).at(key="type"))
    if not faults:
        rule: Rule = cls(**values)
        faults += _contradictions(rule)
    if faults:
        raise RuleErrors(fault.at(rule=label) for fault in faults)
    return rule


def rule_to_mapping(rule: Rule) -> dict[str, object]:
    """Return the mapping that describes a rule; it can be written as JSON."""
    # What decides most comes first, and is there even where it is the default.
    always = {"name": rule.name, "type": rule_type(rule), "enabled": rule.enabled}
    rest = _write(rule)
    if not isinstance(rule, UserRule):
        rest["require_watched"] = rule.require_watched
    return always | rest


def standard_from_mapping(data: Mapping[str, object]) -> StandardRules:
    """Return the standard rules that a mapping describes; what is missing is usual."""
    faults: list[RuleError] = []
    values = _read(StandardRules, data, faults)
    if faults:
        raise RuleErrors(faults)
    return StandardRules(**values)


def standard_to_mapping(rules: StandardRules) -> dict[str, object]:
    """Return the mapping that describes the standard rules, complete."""
    return {
        field.name: _plain(value)
        for field in fields(rules)
        if (value := getattr(rules, field.name)) is not None
    }


def _read(
    cls: type[
        TagRule | UserRule | WatchedRule | EpisodeRule | StandardRules | UserEntry
    ],
    data: Mapping[str, object],
    faults: list[RuleError],
    also: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the values of a mapping by key; what is wrong goes to ``faults``."""
    known = {field.name: field for field in fields(cls)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key in also:
            continue
        if key not in known:
            allowed = {"allowed": _all([*also, *known])}
            faults.append(RuleError(Fault.UNKNOWN_KEY, allowed, key=key))
            continue
        read = _READERS.get((cls, key)) or _READERS[key]
        try:
            values[key] = read(value)
        except RuleError as fault:
            faults.append(fault.at(key=key))
        except RuleErrors as several:
            faults += several.errors
    for key, field in known.items():
        if field.default is MISSING and key not in data:
            faults.append(RuleError(Fault.MISSING, key=key))
    return values


def _contradictions(rule: Rule) -> list[RuleError]:
    """Return what is wrong with a rule whose keys are each right."""
    if isinstance(rule, EpisodeRule):
        return _episode_contradictions(rule)
    entries = rule.users if isinstance(rule, UserRule) else ()
    asks = (
        rule.require_watched
        or any(entry.require_watched for entry in entries)
        or rule.retention_base is RetentionBase.LAST_WATCHED
        or rule.unwatched_behavior is not None
    )
    usual = Watchers.REQUESTER if isinstance(rule, UserRule) else Watchers.ANY
    return [] if asks or rule.watched_by is usual else [_WATCHED_BY_NOTHING]


_WATCHED_BY_NOTHING = RuleError(Fault.NEEDS_WATCHED, key="watched_by")


def _episode_contradictions(rule: EpisodeRule) -> list[RuleError]:
    """Return what is wrong with an episode rule whose keys are each right."""
    faults = []
    if not rule.require_watched and rule.watched_by is not Watchers.ANY:
        faults.append(_WATCHED_BY_NOTHING)
    strategy = rule.episode_delete_strategy
    if rule.max_episodes is None and rule.max_age is None:
        faults.append(RuleError(Fault.NEEDS_LIMIT))
    elif strategy is EpisodeDeleteStrategy.OLDEST_FIRST and rule.max_episodes is None:
        faults.append(_needs(strategy, "max_episodes"))
    elif strategy in _BY_AGE and rule.max_age is None:
        faults.append(_needs(strategy, "max_age"))
    return faults


def _needs(strategy: EpisodeDeleteStrategy, key: str) -> RuleError:
    """Return that a way to delete episodes makes no sense without another key."""
    data = {"value": strategy.value, "key": key}
    return RuleError(Fault.NEEDS_KEY, data, key="episode_delete_strategy")


_BY_AGE = (EpisodeDeleteStrategy.BY_AGE, EpisodeDeleteStrategy.BY_SEASON_AGE)


def _text(value: object) -> str:
    """Read a text of one line."""
    if not isinstance(value, str):
        raise bad(Fault.NO_TEXT, value)
    text = value.strip()
    if not text or len(text) > MAX_TEXT or not text.isprintable():
        raise bad(Fault.NO_LINE, value, most=str(MAX_TEXT))
    return text


def _email(value: object) -> str:
    """Read an e-mail address."""
    text = _text(value)
    if "@" not in text:
        raise bad(Fault.NO_EMAIL, value)
    return text


def _flag(value: object) -> bool:
    """Read a yes or no."""
    if not isinstance(value, bool):
        raise bad(Fault.NO_FLAG, value)
    return value


def _number(least: int) -> _Reader:
    """Return what reads a whole number."""

    def read(value: object) -> int:
        """Read a whole number within the limits."""
        # Forms give every number as a float.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            if least <= value <= MAX_NUMBER:
                return value
        raise bad(Fault.NO_NUMBER, value, least=str(least), most=str(MAX_NUMBER))

    return read


def _choice(options: type[StrEnum]) -> _Reader:
    """Return what reads one of several words."""

    def read(value: object) -> StrEnum:
        """Read one of the allowed words."""
        if isinstance(value, str) and value in options:
            return options(value)
        raise bad(Fault.NO_CHOICE, value, allowed=_all(options))

    return read


def _retention(*, zero: bool = False, never: bool = True) -> _Reader:
    """Return what reads a duration."""

    def read(value: object) -> Retention:
        """Read a duration that is allowed here."""
        retention = parse_duration(value)
        if retention.is_zero and not zero:
            raise bad(Fault.NOT_ZERO, value)
        if retention.is_never and not never:
            raise bad(Fault.NOT_NEVER, value)
        return retention

    return read


def _list(value: object) -> list[object]:
    """Read a list."""
    if not isinstance(value, list | tuple):
        raise bad(Fault.NO_LIST, value)
    return list(value)


def _names(value: object) -> tuple[str, ...]:
    """Read names; there must be at least one."""
    names = tuple(_text(name) for name in _list(value))
    if not names:
        raise RuleError(Fault.NO_NAMES)
    return names


def _seasons(value: object) -> tuple[int, ...]:
    """Read the numbers of seasons."""
    read = _number(0)
    return tuple(sorted({read(number) for number in _list(value)}))


def _watched_by(value: object) -> Watchers | tuple[str, ...]:
    """Read who must have watched."""
    if isinstance(value, str) and value in Watchers:
        return Watchers(value)
    if isinstance(value, list | tuple):
        return _names(value)
    raise bad(Fault.NO_WATCHERS, value, allowed=_all(Watchers))


def _users(value: object) -> tuple[UserEntry, ...]:
    """Read the entries of a user rule."""
    faults: list[RuleError] = []
    entries: list[UserEntry] = []
    seen: dict[object, int] = {}
    for number, data in enumerate(_list(value), 1):
        place = f"users[{number}]"
        if not isinstance(data, Mapping):
            faults.append(bad(Fault.NO_ENTRY, data, example=_ENTRY).at(key=place))
            continue
        own: list[RuleError] = []
        values = _read(UserEntry, data, own)
        if len([key for key in _IDENTITIES if key in data]) != 1:
            own.append(RuleError(Fault.ONE_IDENTITY, {"allowed": _all(_IDENTITIES)}))
        faults += (_within(place, fault) for fault in own)
        if own:
            continue
        entry = UserEntry(**values)
        identity = (
            entry.user_id,
            (entry.username or "").casefold(),
            (entry.email or "").casefold(),
        )
        if identity in seen:
            faults.append(
                RuleError(
                    Fault.SAME_PERSON,
                    {"place": f"users[{seen[identity]}]"},
                    key=place,
                )
            )
        seen.setdefault(identity, number)
        entries.append(entry)
    if faults:
        raise RuleErrors(faults)
    if not entries:
        raise RuleError(Fault.NO_USERS, {"example": _ENTRY})
    return tuple(entries)


_ENTRY = "{username: alice, retention: 7d}"
_IDENTITIES = ("user_id", "username", "email")


def _within(place: str, fault: RuleError) -> RuleError:
    """Return a fault of an entry with the entry's place before its key."""
    key = place if fault.key is None else f"{place}.{fault.key}"
    return RuleError(fault.code, fault.data, key=key)


_READERS: dict[str | tuple[type, str], _Reader] = {
    "name": _text,
    "enabled": _flag,
    "priority": _number(0),
    "tag": _text,
    "retention": _retention(),
    (TagRule, "retention"): _retention(zero=True),
    "require_watched": _flag,
    "watched_by": _watched_by,
    "retention_base": _choice(RetentionBase),
    "unwatched_behavior": _choice(UnwatchedBehavior),
    "unwatched_retention": _retention(),
    "libraries": _names,
    "approval": _flag,
    "users": _users,
    "user_id": _number(1),
    "username": _text,
    "email": _email,
    "max_episodes": _number(1),
    "max_age": _retention(never=False),
    "season_numbers": _seasons,
    "keep_latest_season": _flag,
    "exclude_continuing_series": _flag,
    "episode_delete_strategy": _choice(EpisodeDeleteStrategy),
    "movie_retention": _retention(zero=True),
    "tv_retention": _retention(zero=True),
}


def _write(data: Rule | UserEntry) -> dict[str, object]:
    """Return the keys of a rule or an entry that are not as usual."""
    return {
        field.name: _plain(value)
        for field in fields(data)
        if (value := getattr(data, field.name)) != field.default
    }


def _plain(value: object) -> object:
    """Return a value of a rule as JSON knows it."""
    match value:
        case Retention():
            return format_duration(value)
        case StrEnum():
            return value.value
        case UserEntry():
            return _write(value)
        case tuple():
            return [_plain(one) for one in value]
    return value


def _all(words: Iterable[str]) -> str:
    """Return all words of a choice, as they are written in a rule."""
    return ", ".join(map(str, words))
