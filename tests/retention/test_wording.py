"""Every code has words, and a reason that was stored says the same."""

from datetime import UTC, datetime, timedelta, timezone
import json

import pytest

from custom_components.oxicleanarr.model import TEXT, Reason, ReasonValue
from custom_components.oxicleanarr.retention import Because, clause, say
from custom_components.oxicleanarr.retention.reasons import ImportNote
from custom_components.oxicleanarr.words import ENGLISH, LANGUAGES, Words, read_words

ALL_WORDS = [read_words(language) for language in sorted(LANGUAGES)]
AT = datetime(2026, 10, 27, 22, 30, tzinfo=UTC)
WHY = Reason(Because.TAGS_UNKNOWN)
SAMPLE: dict[str, ReasonValue] = {
    "rule": "Quick",
    "title": "Season 1",
    "tag": "quick-watch",
    "requester": "alice",
    "because": WHY,
    "progress": Reason(Because.BEGUN, {"users": ("alice",)}),
    "users": ("alice", None),
    "user": "alice",
    "libraries": ("Movies", "4K"),
    "watched": 3,
    "episodes": 7,
    "kind": "movie",
    "count": 5,
    "after": "7d",
    "regardless": True,
    "added_at": AT,
    "played_at": AT,
    "watched_at": AT,
    "aired_at": AT,
    "due_at": AT,
    "max_episodes": 5,
    "max_age": "30d",
    "by_season": False,
    "base": "added",
    "rules": ("TV", "Kids"),
    "section": "server",
    "source": "Janitorr",
    "place": "media-deletion",
    "places": ("a", "b"),
    "conditions": ("a", "b"),
    "percent": 12.5,
}


def stored(reason: Reason) -> Reason:
    """Return a reason after a way through JSON."""
    return Reason.from_mapping(json.loads(json.dumps(reason.to_mapping())))


@pytest.mark.parametrize("words", ALL_WORDS, ids=sorted(LANGUAGES))
@pytest.mark.parametrize("code", [*Because, *ImportNote])
def test_every_code_has_words(code: Because | ImportNote, words: Words) -> None:
    """A whole sentence in every language, the same after the reason was stored."""
    reason = Reason(code, SAMPLE)
    said = say(reason, words)
    assert clause(reason, words) != code
    assert not said[0].islower() or code in ImportNote
    assert said.endswith((".", "。"))
    assert "{" not in said
    assert "None" not in said.removeprefix("None of")
    assert stored(reason) == reason
    assert say(stored(reason), words) == said


@pytest.mark.parametrize("words", ALL_WORDS, ids=sorted(LANGUAGES))
@pytest.mark.parametrize(
    ("code", "name"),
    [
        (Because.NOBODY_FINISHED, "progress"),
        (Because.USERS_NOT_FINISHED, "progress"),
        (Because.RULE_KEEPS, "because"),
        (Because.EPISODE_OVER_LIMIT, "because"),
        (Because.PART_STAYS, "because"),
    ],
)
def test_a_reason_in_a_reason_is_in_its_language(
    code: Because, name: str, words: Words
) -> None:
    """All of a sentence is in one."""
    within = SAMPLE[name]
    assert isinstance(within, Reason)
    said = say(Reason(code, SAMPLE), words)
    assert clause(within, words).casefold() in said.casefold()


def test_a_requester_without_a_name() -> None:
    """The rule is named all the same."""
    data: dict[str, ReasonValue] = {"rule": "U", "requester": None}
    assert clause(Reason(Because.RULE_NEVER_DELETES, data)) == (
        "rule U (requester unknown) never deletes"
    )
    assert clause(Reason(Because.RULE_KEEPS, data | {"because": WHY})) == (
        "rule U (requester unknown) keeps it because its tags are not known"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            ImportNote.IMPORTED_DISABLED,
            "Janitorr counts differently, so these are imported disabled: TV, Kids. "
            "Check each of them, then enable it.",
        ),
        (
            ImportNote.LEFT_OUT,
            "Not imported, because it isn't written as Janitorr documents it: a, b.",
        ),
        (
            ImportNote.NO_COUNTERPART,
            "Nothing was imported, because these conditions have no counterpart: "
            "a, b. Without them, more would be deleted.",
        ),
    ],
)
def test_notes_that_name_everything(code: ImportNote, said: str) -> None:
    """And the program whose file it was, where that matters."""
    assert say(Reason(code, SAMPLE)) == said


def test_what_is_equal() -> None:
    """By value, whatever it was made of."""
    reason = Reason(Because.NO_TAG, {"tag": "x"})
    assert reason == Reason("no_tag", {"tag": "x"})
    assert hash(reason) == hash(Reason("no_tag", {"tag": "x"}))
    assert reason != Reason(Because.NO_TAG, {"tag": "y"})
    assert reason != Reason(Because.SERIES_NO_TAG, {"tag": "x"})


@pytest.mark.parametrize(
    "reason",
    [
        Reason("of_a_newer_version", {"rule": 1}),
        Reason(Because.WATCHED),
        Reason(Because.WATCHED, {"users": 1}),
        Reason(Because.NO_TAG),
        Reason(Because.RULE_KEEPS, {"rule": "R", "because": "words"}),
        Reason(Because.PLAYED, {"played_at": "soon", "rule": None}),
    ],
)
def test_what_there_are_no_words_for(reason: Reason) -> None:
    """Its code has to do; nothing fails."""
    assert clause(stored(reason)) == reason.code
    assert say(reason) == f"{reason.code[0].upper()}{reason.code[1:]}."


def test_a_text_stays_as_it_is() -> None:
    """Without a capital letter or a full stop of ours."""
    reason = Reason.from_text("watched by alice; standard rule deletes 7d after")
    assert reason.code == TEXT
    assert say(reason) == "watched by alice; standard rule deletes 7d after"
    assert say(stored(reason)) == say(reason)
    # A newer version can have stored it under another name.
    assert say(Reason(TEXT, {"words": "x"})) == ""
    for end in ".!?。":
        assert ENGLISH.sentence(f"so{end}") == f"So{end}"


def test_times_and_numbers_come_back_as_they_were() -> None:
    """A time by its name; a text that looks like one is a text."""
    text = AT.isoformat()
    reason = Reason("x", {"played_at": AT, "title": text, "n": 1, "f": 0.5, "no": None})
    assert stored(reason) == reason
    assert stored(Reason("x", {"played_at": "soon"})).data == {"played_at": "soon"}
    late = AT.astimezone(timezone(timedelta(hours=5)))
    reason = Reason(Because.FINISHING_DELETES_IT, {"due_at": late})
    assert clause(stored(reason)).endswith("October 27, 2026")


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        ("1d", "1 day"),
        ("30d", "30 days"),
        ("12h", "12 hours"),
        ("1s", "1 second"),
        ("never", "never"),
    ],
)
def test_durations(duration: str, said: str) -> None:
    """As they are said, not as they are written in a rule."""
    assert ENGLISH.span(duration) == said


def test_lists() -> None:
    """Of many only the first few."""
    assert [ENGLISH.listed("abcde"[:n]) for n in range(6)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and d",
        "a, b, c and 2 others",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Rule TV deletes all but the 5 newest episodes after 30 days."),
        ({"max_episodes": 1, "max_age": None}, "Rule TV deletes all but the newest"),
        ({"max_episodes": None}, "Rule TV deletes episodes after 30 days."),
    ],
)
def test_what_an_episode_rule_deletes(
    changes: dict[str, ReasonValue], said: str
) -> None:
    """With one limit, and with both."""
    reason = Reason(Because.RULE_DELETES_EPISODES, SAMPLE | {"rule": "TV"} | changes)
    assert say(reason).startswith(said)
