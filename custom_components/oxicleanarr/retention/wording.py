"""The words for the reasons that the rules give. This is the only place that has them.

A reason is a clause, which begins with a small letter and has no full stop, so that it
can be part of another one. Only ``say`` makes a sentence of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
import re
from typing import Any

from ..model import TEXT, Reason, ReasonValue
from .reasons import Because, ImportNote

_NAMED = 3
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")
_DURATION = re.compile(r"([0-9]+)([smhdw])")

type Words = str | Callable[[Mapping[str, Any]], str]
"""A clause with the names of data in braces, or what makes a clause of the data."""


def say(reason: Reason) -> str:
    """Return a reason of the rules as a sentence."""
    return sentence(reason, clause(reason))


def clause(reason: Reason) -> str:
    """Return a reason of the rules as a part of a sentence."""
    return render(reason, _WORDS, clause)


def sentence(reason: Reason, text: str) -> str:
    """Return a clause as a sentence; what came as a text stays as it is."""
    if reason.code == TEXT:
        return text
    end = "" if text.endswith((".", "!", "?")) else "."
    return f"{_capital(text)}{end}"


def _capital(text: str) -> str:
    """Return a clause as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def render(
    reason: Reason, words: Mapping[str, Words], inner: Callable[[Reason], str]
) -> str:
    """Return a reason as a clause, ``inner`` for the reasons within it.

    A newer version can have stored a code, or other data, that this one has no words
    for. Then the code has to do.
    """
    if reason.code == TEXT:
        return str(reason.data.get("text", ""))
    words_for_it = words.get(reason.code)
    if words_for_it is None:
        return str(reason.code)
    try:
        if not isinstance(words_for_it, str):
            return words_for_it(reason.data)
        return words_for_it.format_map(
            {name: _shown(value, inner) for name, value in reason.data.items()}
        )
    except AttributeError, KeyError, TypeError, ValueError:
        return str(reason.code)


def _shown(value: ReasonValue, inner: Callable[[Reason], str]) -> str:
    """Return a value as a sentence shows it."""
    match value:
        case Reason():
            return inner(value)
        case datetime():
            return day(value)
        case tuple():
            return listed([_shown(one, inner) for one in value])
    return str(value)


def day(at: datetime) -> str:
    """Return the day of a moment, in UTC."""
    at = at.astimezone(UTC)
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year}"


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """Return words as a sentence lists them; of many only the first few."""
    some = list(words)
    if len(some) > _NAMED + 1:
        some[_NAMED:] = [f"{len(some) - _NAMED} others"]
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} {conjunction} {some[-1]}"


def plain(text: str) -> str:
    """Return a text for where Markdown is shown, in one line and with no effect."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def people(names: Sequence[str | None]) -> str:
    """Return the names of users; one without a name no longer exists."""
    return listed([name or "a former user" for name in names])


def span(duration: str) -> str:
    """Return a duration of the rules, such as ``7d``, in words."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        return duration
    number = int(match[1])
    return f"{number} {_UNITS[match[2]]}{'' if number == 1 else 's'}"


def _rule(data: Mapping[str, Any]) -> str:
    """Return what to call a rule, with what it has matched by."""
    matched = ""
    if "tag" in data:
        matched = f" (tag {data['tag']})"
    elif "requester" in data:
        matched = f" (requester {data['requester'] or 'unknown'})"
    return f"rule {data['rule']}{matched}"


def _progress(data: Mapping[str, Any]) -> str:
    """Return how far those are who have begun a title, if anybody has."""
    progress = data.get("progress")
    return f" ({clause(progress)})" if progress else ""


def _users_not_finished(data: Mapping[str, Any]) -> str:
    """Return who has not watched a title."""
    have = "hasn't" if len(data["users"]) == 1 else "haven't"
    return f"{people(data['users'])} {have} finished it{_progress(data)}"


def _episodes_watched(data: Mapping[str, Any]) -> str:
    """Return how far somebody is in a series."""
    who = people((data["user"],))
    return f"{who} has watched {data['watched']} of {data['episodes']} episodes"


def _goes(data: Mapping[str, Any], what: str, base: str) -> str:
    """Return why a title goes: what has happened, and what the rule makes of it."""
    after = data["after"]
    when = "right away" if after == "0d" else f"{span(after)} after {base}"
    if data["regardless"]:
        when += ", watched or not"
    if data["rule"] is None:
        return f"{what}. Deleted {when}"
    return f"{what}. {_capital(_rule(data))} deletes {when}"


def _added(data: Mapping[str, Any]) -> str:
    """Return why a title goes that counts from when it was added."""
    users = data["users"]
    watched = f"watched by {people(users)}" if users else "not watched"
    return _goes(data, f"added {day(data['added_at'])}, {watched}", "it was added")


def _played(data: Mapping[str, Any]) -> str:
    """Return why a title goes that somebody has played, but nobody has finished."""
    what = f"last played {day(data['played_at'])}, but not finished"
    return _goes(data, what, "it was last played")


def _watched(data: Mapping[str, Any]) -> str:
    """Return why a title goes that nobody has played since it was watched."""
    what = f"watched by {people(data['users'])} on {day(data['watched_at'])}"
    return _goes(data, what, "watching")


def _watched_and_played(data: Mapping[str, Any]) -> str:
    """Return why a title goes that has been watched, and when it was played last."""
    users = people(data["users"])
    what = f"watched by {users}, last played {day(data['played_at'])}"
    return _goes(data, what, "watching")


def _episode_over_limit(data: Mapping[str, Any]) -> str:
    """Return why an episode goes."""
    what = f"aired {day(data['aired_at'])}, added {day(data['added_at'])}"
    if "users" in data:
        what += f", watched by {people(data['users'])}"
    return f"{what}. {_capital(clause(data['because']))}"


def _rule_deletes_episodes(data: Mapping[str, Any]) -> str:
    """Return which episodes a rule deletes."""
    count, age = data["max_episodes"], data["max_age"]
    which = "episodes"
    if count is not None:
        which = f"all but the {count} newest episodes"
        if count == 1:
            which = "all but the newest episode"
    when = ""
    if age is not None:
        when = f" after {span(age)}"
        if data["by_season"]:
            when = f" {span(age)} after their season began"
    return f"rule {data['rule']} deletes {which}{when}"


def _among_newest(data: Mapping[str, Any]) -> str:
    """Return that an episode is within the number that stays."""
    if data["count"] == 1:
        return "it is the newest episode"
    return f"it is one of the {data['count']} newest episodes"


def _playing_keeps_it(data: Mapping[str, Any]) -> str:
    """Return what a play would do for a title that goes."""
    due_at = data["due_at"]
    until = f" until {day(due_at)}" if due_at else ""
    return f"if somebody played it now, it would be kept{until}"


def _other_base(data: Mapping[str, Any]) -> str:
    """Return which rules a base does not reach that it reaches in OxiCleanarr."""
    return (
        f"in OxiCleanarr, the global retention_base: {data['base']} reaches every rule;"
        " here it applies only to the default retention. To use it there too, add it to "
        f"{_each(data['rules'])}"
    )


def _other_unwatched(data: Mapping[str, Any]) -> str:
    """Return which rules take what a text seems to keep."""
    rules = data["rules"]
    return (
        "in OxiCleanarr, the global unwatched_behavior: never reaches every rule; here "
        "it applies only to the default retention. "
        f"{_capital(_each(rules))} {'deletes' if len(rules) == 1 else 'delete'} "
        "unwatched titles too; add require_watched: true to prevent that"
    )


def _each(rules: Sequence[str]) -> str:
    """Return rules by name, every one of them."""
    return f"{'rule' if len(rules) == 1 else 'rules'} {', '.join(rules)}"


_WORDS: Mapping[str, Words] = {
    ImportNote.BASE_IS_DEFAULT_ONLY: _other_base,
    ImportNote.UNWATCHED_IS_DEFAULT_ONLY: _other_unwatched,
    ImportNote.IMPORTED_DISABLED: lambda data: (
        f"{data['source']} counts differently, so these are imported disabled: "
        f"{', '.join(data['rules'])}. Check each of them, then enable it"
    ),
    ImportNote.LEFT_OUT: lambda data: (
        f"not imported, because it isn't written as {data['source']} documents it: "
        f"{', '.join(data['places'])}"
    ),
    ImportNote.AGES_BY_FREE_SPACE: (
        "Janitorr's {place} has no counterpart, because its ages depend on free space. "
        "Set Keep movies for, Keep series for and Free space instead"
    ),
    ImportNote.WAITS_FOR_FREE_SPACE: lambda data: (
        f"Janitorr's {data['place']} deletes only while at most {data['percent']:g} % "
        "is free, so it was not imported. Set Free space, then add a tag rule for each "
        "of its tags"
    ),
    ImportNote.LATEST_SEASON_ONLY: (
        "Janitorr's {place} cleans up only the latest season. No rule does that here, "
        "so it was not imported"
    ),
    ImportNote.LIBRARY_UNSAID: (
        "Maintainerr's export says neither which library the group is for nor after "
        "how many days it deletes. Enter the libraries, and add the days to Keep for, "
        "before you enable the rule"
    ),
    ImportNote.NO_COUNTERPART: lambda data: (
        "nothing was imported, because these conditions have no counterpart: "
        f"{', '.join(data['conditions'])}. Without them, more would be deleted"
    ),
    ImportNote.NO_DATE: (
        "nothing was imported, because the group has no date to count from. Add a rule "
        "by hand"
    ),
    Because.RULE_OFF: "the rule is disabled",
    Because.NO_SEERR: "no Seerr is connected, so the rule matches nothing",
    Because.NO_TAG: "it doesn't have the tag {tag}",
    Because.SERIES_NO_TAG: "its series doesn't have the tag {tag}",
    Because.REQUESTER_NOT_NAMED: "the rule names none of its requesters",
    Because.NOT_REQUESTED: "nobody has requested it",
    Because.OTHER_LIBRARY: lambda data: (
        f"it isn't in {listed(data['libraries'], 'or')}"
    ),
    Because.OTHER_SEASON: "the rule is for other seasons",
    Because.SERIES_CONTINUES: "its series is continuing",
    Because.NOBODY_FINISHED: lambda data: f"nobody has finished it{_progress(data)}",
    Because.USERS_NOT_FINISHED: _users_not_finished,
    Because.BEGUN: lambda data: f"{people(data['users'])} started it",
    Because.EPISODES_WATCHED: _episodes_watched,
    Because.COPIES_DIFFER: lambda data: (
        f"{people(data['users'])} watched only one of its copies, and it is not known"
        " whether they are the same title: they differ in length, or their length is"
        " unknown. If they aren't, correct their IDs in Jellyfin"
    ),
    Because.MARK_DOUBTFUL: lambda data: (
        f"the watched mark of {people(data['users'])} may be from an earlier copy or from"
        " another file. It counts after a sync has seen it cleared, or after Jellystat"
        " has seen half of this file played"
    ),
    Because.NOT_VISIBLE: "nobody can see it, so nobody can watch it",
    Because.NO_SUCH_USER: "there is no user {user}",
    Because.NAMES_NOBODY: "the rule names nobody",
    Because.VISIBILITY_UNKNOWN: "it is not known who can see it",
    Because.REQUESTER_UNKNOWN: "it is not known who requested it",
    Because.REQUESTER_NOT_MATCHED: lambda data: (
        f"it is not known which Jellyfin user {data['requester'] or 'the requester'} is"
    ),
    Because.TAGS_UNKNOWN: "its tags are not known",
    Because.SERIES_TAGS_UNKNOWN: "the tags of its series are not known",
    Because.LIBRARY_UNKNOWN: "its library is not known",
    Because.SEASON_UNKNOWN: "its season is not known",
    Because.SERIES_UNKNOWN: "its series is not known",
    Because.CONTINUING_UNKNOWN: "it is not known whether its series is continuing",
    Because.PLAYED_UNDATED: "it has been played, but it is not known when",
    Because.ADDED_UNKNOWN: "it is not known when it was added",
    Because.AIRED_UNKNOWN: "it is not known when it aired",
    Because.NO_EPISODES: "none of its episodes are known",
    Because.RULE_KEEPS: lambda data: (
        f"{_rule(data)} keeps it because {clause(data['because'])}"
    ),
    Because.RULE_NEVER_DELETES: lambda data: f"{_rule(data)} never deletes",
    Because.PART_STAYS: 'it contains "{title}": {because}',
    Because.RULE_MIGHT_APPLY: "rule {rule} might apply, so it is kept: {because}",
    Because.STANDARD_KEEPS: "kept because {because}",
    Because.STANDARD_OFF: lambda data: (
        "the default retention is off for"
        f" {'movies' if data['kind'] == 'movie' else 'series'}"
    ),
    Because.UNWATCHED_STAYS: "{because}, and unwatched titles are never deleted",
    Because.SERIES_KEPT_FOR_GOOD: "rule {rule} keeps the series for good",
    Because.SERIES_MIGHT_BE_KEPT: "another rule might keep the series for good",
    Because.NO_LIMIT: "the rule sets no limit",
    Because.AMONG_NEWEST: _among_newest,
    Because.LATEST_SEASON: "it belongs to the latest season",
    Because.SHARES_FILE: "its file also contains an episode that is kept",
    Because.NO_EPISODE_RULE: "no episode rule applies to it",
    Because.ADDED: _added,
    Because.PLAYED: _played,
    Because.WATCHED: _watched,
    Because.WATCHED_AND_PLAYED: _watched_and_played,
    Because.EPISODE_OVER_LIMIT: _episode_over_limit,
    Because.RULE_DELETES_EPISODES: _rule_deletes_episodes,
    Because.FILE_STAYS_UNTIL: (
        "{because}. Its file also contains an episode that is kept until {due_at}"
    ),
    Because.WHOLE_SERIES: "the series as a whole: {because}",
    Because.NOTHING_CHANGES_IT: (
        "only other rules, or facts that are unknown now, would change this"
    ),
    Because.FINISHING_DELETES_IT: (
        "if everybody finished it now, it would be deleted on {due_at}"
    ),
    Because.PLAYING_KEEPS_IT: _playing_keeps_it,
    Because.PLAYING_CHANGES_NOTHING: (
        "playing it again would not change this, but keeping it would"
    ),
}
