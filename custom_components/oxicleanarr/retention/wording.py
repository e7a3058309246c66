"""How the reasons that the rules give become sentences. The words are ``translations``.

A reason is a clause, which begins with a small letter and has no full stop, so that it
can be part of another one. Only ``say`` makes a sentence of it. Its text is called
``reason_`` and its code; where that depends on the data, ``SPECIAL`` says how.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import re
from typing import Any, Final

from ..model import TEXT, Reason, ReasonValue
from ..words import ENGLISH, Words, capital
from .reasons import Because, ImportNote

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")

type Special = Callable[[Words, Mapping[str, Any]], str]
"""Makes a clause of the data of a reason."""


def say(reason: Reason, words: Words = ENGLISH) -> str:
    """Return a reason of the rules as a sentence."""
    return sentence(reason, clause(reason, words), words)


def clause(reason: Reason, words: Words = ENGLISH) -> str:
    """Return a reason of the rules as a part of a sentence."""
    return render(reason, words, SPECIAL)


def sentence(reason: Reason, text: str, words: Words) -> str:
    """Return a clause as a sentence; what came as a text stays as it is."""
    return text if reason.code == TEXT else words.sentence(text)


def render(reason: Reason, words: Words, special: Mapping[str, Special]) -> str:
    """Return a reason as a clause, and all reasons within it.

    A newer version can have stored a code, or other data, that this one has no words
    for. Then the code has to do.
    """
    if reason.code == TEXT:
        return str(reason.data.get("text", ""))
    try:
        if (made := special.get(reason.code)) is not None:
            return made(words, reason.data)
        return words.text(
            f"reason_{reason.code}",
            **{
                name: _shown(value, words, special)
                for name, value in reason.data.items()
            },
        )
    except AttributeError, KeyError, TypeError, ValueError:
        return str(reason.code)


def _shown(value: ReasonValue, words: Words, special: Mapping[str, Special]) -> str:
    """Return a value as a sentence shows it."""
    match value:
        case Reason():
            return render(value, words, special)
        case datetime():
            return words.day(value)
        case tuple():
            return words.people(
                [None if one is None else _shown(one, words, special) for one in value]
            )
        case bool() | None | str():
            return str(value)
    return words.number(value)


def plain(text: str) -> str:
    """Return a text for where Markdown is shown, in one line and with no effect."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _rule(words: Words, data: Mapping[str, Any]) -> str:
    """Return what to call a rule, with what it has matched by."""
    rule = data["rule"]
    if "tag" in data:
        return words.text("rule_with_tag", rule=rule, tag=data["tag"])
    if "requester" in data:
        requester = data["requester"] or words.text("requester_unknown")
        return words.text("rule_with_requester", rule=rule, requester=requester)
    return words.text("rule", rule=rule)


def _with_progress(words: Words, text: str, data: Mapping[str, Any]) -> str:
    """Return how far those are who have begun a title, if anybody has."""
    if not data.get("progress"):
        return text
    return words.text("with_addition", text=text, more=clause(data["progress"], words))


def _nobody_finished(words: Words, data: Mapping[str, Any]) -> str:
    """Return that nobody has watched a title."""
    return _with_progress(words, words.text("reason_nobody_finished"), data)


def _users_not_finished(words: Words, data: Mapping[str, Any]) -> str:
    """Return who has not watched a title."""
    users = data["users"]
    text = words.counted(
        "reason_users_not_finished", len(users), users=words.people(users)
    )
    return _with_progress(words, text, data)


def _episodes_watched(words: Words, data: Mapping[str, Any]) -> str:
    """Return how far somebody is in a series."""
    return words.counted(
        "reason_episodes_watched",
        data["episodes"],
        user=words.people((data["user"],)),
        watched=words.number(data["watched"]),
    )


def _other_library(words: Words, data: Mapping[str, Any]) -> str:
    """Return in which libraries a title is not."""
    libraries = words.listed(data["libraries"], "or")
    return words.text("reason_other_library", libraries=libraries)


def _requester_not_matched(words: Words, data: Mapping[str, Any]) -> str:
    """Return that a requester is nobody who is known, by name if there is one."""
    if not data["requester"]:
        return words.text("reason_requester_not_matched_unnamed")
    return words.text("reason_requester_not_matched", requester=data["requester"])


def _rule_keeps(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a rule keeps a title."""
    because = clause(data["because"], words)
    return words.text("reason_rule_keeps", rule=_rule(words, data), because=because)


def _rule_never_deletes(words: Words, data: Mapping[str, Any]) -> str:
    """Return that a rule keeps a title for good."""
    return words.text("reason_rule_never_deletes", rule=_rule(words, data))


def _standard_off(words: Words, data: Mapping[str, Any]) -> str:
    """Return for which kind of title there is no default retention."""
    kind = "movies" if data["kind"] == "movie" else "series"
    return words.text(f"reason_standard_off_{kind}")


def _goes(words: Words, data: Mapping[str, Any], what: str, base: str) -> str:
    """Return why a title goes: what has happened, and what the rule makes of it."""
    after = data["after"]
    when = words.text("right_away")
    if after != "0d":
        when = words.text(f"after_{base}", span=words.span(after))
    if data["regardless"]:
        when = words.text("watched_or_not", when=when)
    if data["rule"] is None:
        return words.text("goes_by_default", what=what, when=when)
    rule = capital(_rule(words, data))
    return words.text("goes_by_rule", what=what, rule=rule, when=when)


def _added(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a title goes that counts from when it was added."""
    day, users = words.day(data["added_at"]), data["users"]
    if users:
        what = words.text("reason_added", added_at=day, users=words.people(users))
    else:
        what = words.text("reason_added_unwatched", added_at=day)
    return _goes(words, data, what, "added")


def _played(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a title goes that somebody has played, but nobody has finished."""
    what = words.text("reason_played", played_at=words.day(data["played_at"]))
    return _goes(words, data, what, "played")


def _watched(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a title goes that nobody has played since it was watched."""
    what = words.text(
        "reason_watched",
        users=words.people(data["users"]),
        watched_at=words.day(data["watched_at"]),
    )
    return _goes(words, data, what, "watched")


def _watched_and_played(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a title goes that has been watched, and when it was played last."""
    what = words.text(
        "reason_watched_and_played",
        users=words.people(data["users"]),
        played_at=words.day(data["played_at"]),
    )
    return _goes(words, data, what, "watched")


def _episode_over_limit(words: Words, data: Mapping[str, Any]) -> str:
    """Return why an episode goes."""
    values = {
        "aired_at": words.day(data["aired_at"]),
        "added_at": words.day(data["added_at"]),
        "because": capital(clause(data["because"], words)),
    }
    if "users" not in data:
        return words.text("reason_episode_over_limit", **values)
    users = words.people(data["users"])
    return words.text("reason_episode_over_limit_watched", users=users, **values)


def _rule_deletes_episodes(words: Words, data: Mapping[str, Any]) -> str:
    """Return which episodes a rule deletes."""
    count, age = data["max_episodes"], data["max_age"]
    if count is None:
        which = words.text("episodes")
    else:
        which = words.counted("all_but_newest", count)
    name, values = (
        "reason_rule_deletes_episodes",
        {"rule": data["rule"], "which": which},
    )
    if age is None:
        return words.text(name, **values)
    by = "season_age" if data["by_season"] else "age"
    return words.text(f"{name}_by_{by}", span=words.span(age), **values)


def _among_newest(words: Words, data: Mapping[str, Any]) -> str:
    """Return that an episode is within the number that stays."""
    return words.counted("reason_among_newest", data["count"])


def _playing_keeps_it(words: Words, data: Mapping[str, Any]) -> str:
    """Return what a play would do for a title that goes."""
    if not data["due_at"]:
        return words.text("reason_playing_keeps_it")
    return words.text("reason_playing_keeps_it_until", due_at=words.day(data["due_at"]))


def _other_base(words: Words, data: Mapping[str, Any]) -> str:
    """Return which rules a base does not reach that it reaches in OxiCleanarr."""
    return words.counted(
        "reason_base_is_default_only",
        len(data["rules"]),
        base=data["base"],
        rules=words.joined(data["rules"]),
    )


def _other_unwatched(words: Words, data: Mapping[str, Any]) -> str:
    """Return which rules take what a text seems to keep."""
    return words.counted(
        "reason_unwatched_is_default_only",
        len(data["rules"]),
        rules=words.joined(data["rules"]),
    )


def _naming(code: ImportNote, names: str) -> Special:
    """Return what words a note that names everything it is about."""

    def worded(words: Words, data: Mapping[str, Any]) -> str:
        """Return it with all names."""
        return words.text(
            f"reason_{code}",
            source=data.get("source", ""),
            **{names: words.joined(data[names])},
        )

    return worded


def _waits_for_free_space(words: Words, data: Mapping[str, Any]) -> str:
    """Return that something is deleted elsewhere only while space is needed."""
    percent = f"{data['percent']:g}"
    name = "reason_waits_for_free_space"
    return words.text(name, place=data["place"], percent=percent)


SPECIAL: Final[Mapping[str, Special]] = {
    ImportNote.BASE_IS_DEFAULT_ONLY: _other_base,
    ImportNote.UNWATCHED_IS_DEFAULT_ONLY: _other_unwatched,
    ImportNote.IMPORTED_DISABLED: _naming(ImportNote.IMPORTED_DISABLED, "rules"),
    ImportNote.LEFT_OUT: _naming(ImportNote.LEFT_OUT, "places"),
    ImportNote.NO_COUNTERPART: _naming(ImportNote.NO_COUNTERPART, "conditions"),
    ImportNote.WAITS_FOR_FREE_SPACE: _waits_for_free_space,
    Because.OTHER_LIBRARY: _other_library,
    Because.NOBODY_FINISHED: _nobody_finished,
    Because.USERS_NOT_FINISHED: _users_not_finished,
    Because.EPISODES_WATCHED: _episodes_watched,
    Because.REQUESTER_NOT_MATCHED: _requester_not_matched,
    Because.RULE_KEEPS: _rule_keeps,
    Because.RULE_NEVER_DELETES: _rule_never_deletes,
    Because.STANDARD_OFF: _standard_off,
    Because.AMONG_NEWEST: _among_newest,
    Because.ADDED: _added,
    Because.PLAYED: _played,
    Because.WATCHED: _watched,
    Because.WATCHED_AND_PLAYED: _watched_and_played,
    Because.EPISODE_OVER_LIMIT: _episode_over_limit,
    Because.RULE_DELETES_EPISODES: _rule_deletes_episodes,
    Because.PLAYING_KEEPS_IT: _playing_keeps_it,
}
"""What makes a clause of the data where one text with its values is not enough."""
