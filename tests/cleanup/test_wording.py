"""Every code of this room has words, and so has every other that comes by."""

from datetime import datetime
import json
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import (
    Suspicion,
    Why,
    clause,
    details,
    keep_ends,
    kept_details,
    leaves,
    leaves_in,
    say,
)
from custom_components.oxicleanarr.cleanup.reasons import entry_stays
from custom_components.oxicleanarr.ledger import Unclear
from custom_components.oxicleanarr.model import (
    Keep,
    MediaItem,
    MediaKey,
    MediaKind,
    PlannedDeletion,
    Reason,
    ReasonValue,
)
from custom_components.oxicleanarr.retention import Because, say as say_of_rules
from custom_components.oxicleanarr.sync import Doubt
from custom_components.oxicleanarr.words import ENGLISH, LANGUAGES, Words, read_words
from tests.home import START

ALL_WORDS = [read_words(language) for language in sorted(LANGUAGES)]
WHY = Reason(Why.HAS_OTHER_FILES)
SAMPLE: dict[str, ReasonValue] = {
    "title": "Alien",
    "users": ("alice", "Bob"),
    "again_at": START,
    "ends_at": START,
    "due_at": START,
    "note": "mine",
    "server": "Radarr",
    "because": WHY,
    "titles": 25,
    "bytes": 1_500_000_000,
    "name": "Alien.nfo",
    "error": "Radarr: failed",
    "deleted": 1,
    "files": 3,
    "monitored": False,
    "where": "Films",
    "before": 70,
    "now": 30,
    "library": "Films",
    "file": "Alien.mkv",
    "other_file": "Aliens.mkv",
    "versions": 2,
    "shortest": 90,
    "longest": 120,
}


def stored(reason: Reason) -> Reason:
    """Return a reason after a way through JSON."""
    return Reason.from_mapping(json.loads(json.dumps(reason.to_mapping())))


@pytest.mark.parametrize("words", ALL_WORDS, ids=sorted(LANGUAGES))
@pytest.mark.parametrize("code", [*Why, *Doubt, *Suspicion, *Unclear])
def test_every_code_has_words(
    code: Why | Doubt | Suspicion | Unclear, words: Words
) -> None:
    """A whole sentence in every language, the same after the reason was stored."""
    data = SAMPLE
    if code in (Why.ENTRIES_STAY, Why.SEVERAL_NOTES):
        data = {"because": (WHY, WHY)}
    reason = Reason(code, data)
    said = say(reason, words)
    assert clause(reason, words) != code
    assert not said[0].islower()
    assert said.endswith((".", "。"))
    assert "{" not in said
    assert "None" not in said
    assert stored(reason) == reason
    assert say(stored(reason), words) == said


@pytest.mark.parametrize("words", ALL_WORDS, ids=sorted(LANGUAGES))
def test_all_of_a_reason_is_in_one_language(words: Words) -> None:
    """Also what it says about another reason, and the sentence of it."""
    for code in Why:
        data = SAMPLE
        if code in (Why.ENTRIES_STAY, Why.SEVERAL_NOTES):
            data = {"because": (WHY, WHY)}
        reason = Reason(code, data)
        if clause(WHY, ENGLISH) in clause(reason, ENGLISH):
            assert clause(WHY, words) in clause(reason, words), code
        assert clause(reason, words)[1:] in say(reason, words)
    nested = Reason(Why.UNSURE, {"because": Reason(Why.UNSURE, {"because": WHY})})
    assert clause(WHY, words) in say(nested, words)


def test_no_code_means_two_things() -> None:
    """In none of the rooms."""
    codes = [
        str(code) for room in (Because, Why, Doubt, Suspicion, Unclear) for code in room
    ]
    assert len(codes) == len(set(codes))


def test_what_the_rules_say() -> None:
    """Also within a reason of this room."""
    reason = Reason(Because.NO_TAG, {"tag": "x"})
    assert say(reason) == say_of_rules(reason)
    otherwise = Reason(Why.RULES_OTHERWISE, {"because": reason})
    assert say(otherwise) == (
        "Otherwise the rules would decide: it doesn't have the tag x."
    )


@pytest.mark.parametrize(
    "text",
    [
        "its provider ids agree in part only",
        "provider ids and path contradict each other",
        "more than one title of the same server fits",
        "there is another copy of it that Jellyfin does not show",
        "it cannot be told which file it is, or what else is in that file",
        "whatever a newer one says",
    ],
)
def test_a_doubt_in_words(text: str) -> None:
    """As older versions have stored it; as a code that is not known it stays, too."""
    for because in (Reason.from_text(text), Reason(text)):
        reason = Reason(Why.UNMATCHED, {"server": "Radarr", "because": because})
        assert say(reason) == f"Radarr and Jellyfin don't agree: {text}."


def test_what_stopped_half_way() -> None:
    """What is not known is said so there as well."""
    because = Reason(Why.UNSURE, {"because": Reason(Why.PATH_UNKNOWN)})
    reason = Reason(Why.PARTLY_DELETED, {"deleted": 2, "files": 3, "because": because})
    assert say(reason) == (
        "Deleted 2 of 3 files, then stopped to be safe: its path is not known."
    )


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (999_999, "999,999 bytes"),
        (10**6, "0.001 GB"),
        (10**9, "1 GB"),
        (1_500_000_000, "1.5 GB"),
        (2 * 10**12, "2,000 GB"),
    ],
)
def test_a_limit_of_bytes(size: int, said: str) -> None:
    """In the unit in which it was chosen."""
    for code in (Why.BYTE_LIMIT, Why.TOO_LARGE):
        assert f"the limit of {said} in 24 hours" in clause(
            Reason(code, {"bytes": size})
        )


def entry(**changes: Any) -> PlannedDeletion:
    """Return an entry of a plan."""
    values: dict[str, Any] = {
        "item_id": "1" * 32,
        "key": MediaKey("episode:tvdb:1:1:2"),
        "kind": MediaKind.EPISODE,
        "title": "Pilot",
        "year": 2014,
        "series": "Fargo",
        "season": 1,
        "episode": 2,
        "size_bytes": 4_200_000_000,
        "watched": True,
        "watched_by": ("alice",),
        "last_watched_at": START,
        "added_at": START,
        "rule": "TV",
        "rule_type": "episode",
        "reason": Reason.from_text("It is old."),
        "due_at": START,
        "first_scheduled_at": START,
    }
    return PlannedDeletion(**values | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Fargo S01E02 leaves"),
        ({"series": None, "season": None}, "Unknown series S?E02 leaves"),
        ({"kind": MediaKind.SEASON, "title": "Season 1"}, "Fargo, Season 1 leaves"),
        ({"kind": MediaKind.SERIES, "title": "Fargo"}, "Fargo leaves"),
        ({"kind": MediaKind.MOVIE, "title": "Heat"}, "Heat leaves"),
    ],
)
def test_what_leaves(changes: dict[str, Any], said: str) -> None:
    """A title as people call it."""
    assert leaves(entry(**changes), ENGLISH) == said


def test_details() -> None:
    """The reason, the rule by its name, and what else is known."""
    assert details(entry(), ENGLISH) == "It is old.\nRule: TV · 4.2 GB"
    full = entry(rule="standard", size_bytes=1_500_000, requested_by=("alice", "Bob"))
    assert details(full, ENGLISH) == (
        "It is old.\nRule: Default retention · 1.5 MB · Requested by alice and Bob"
    )
    by_hand = entry(rule="manual", size_bytes=None)
    assert details(by_hand, ENGLISH) == "It is old.\nRule: Scheduled manually"


def test_details_in_another_language() -> None:
    """All of them, the reason too."""
    because = Reason(Why.DISK_AWAY)
    for words in ALL_WORDS:
        first, second = details(entry(reason=because), words).split("\n")
        assert first == say(because, words)
        assert second.startswith(words.text("detail_rule", rule="TV"))


def test_details_of_an_approval() -> None:
    """That it is missing, or until when it holds; that it holds is more."""
    waiting = entry(needs_approval=True)
    assert details(waiting, ENGLISH) == (
        "It is old.\nRule: TV · Needs an administrator's approval · 4.2 GB"
    )
    approved = entry(needs_approval=True, approved_until=START)
    assert details(approved, ENGLISH) == (
        "It is old.\nRule: TV · Approved until January 10, 2026 · 4.2 GB"
    )


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "Fargo S01E02 · today"),
        (1, "Fargo S01E02 · tomorrow"),
        (2, "Fargo S01E02 · in 2 days"),
    ],
)
def test_when_it_leaves(days: int, said: str) -> None:
    """In the words of the wall."""
    assert leaves_in(entry(), days, ENGLISH) == said


@pytest.mark.parametrize(
    ("until", "note", "said"),
    [
        (START, "mine", "Kept until January 10, 2026\nmine"),
        (START, "", "Kept until January 10, 2026"),
        (None, "mine", "mine"),
        (None, "", ""),
    ],
)
def test_details_of_a_keep(until: datetime | None, note: str, said: str) -> None:
    """A line for each that there is."""
    key = MediaKey("movie:tmdb:1")
    keep = Keep(key=key, kept_at=START, until=until, reason=note)
    assert kept_details(keep, ENGLISH) == said


def test_the_end_of_a_keep() -> None:
    """A title as people call it."""
    film = MediaItem(
        item_id="1" * 32, kind=MediaKind.MOVIE, title="Alien", library_id="2" * 32
    )
    assert keep_ends(film, ENGLISH) == "Alien is no longer kept"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Another copy of the same title is kept."),
        (
            {"title": "Alien", "library": None, "because": WHY},
            'Another copy of it is kept, "Alien": it has other files.',
        ),
        (
            {"title": "Alien", "library": "4K", "because": WHY},
            'Another copy of it is kept, "Alien" in 4K: it has other files.',
        ),
    ],
)
def test_a_copy_that_stays(data: dict[str, ReasonValue], said: str) -> None:
    """Which one, where and why, as far as that is known."""
    assert say(Reason(Why.COPY_STAYS, data)) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            entry_stays("Radarr", WHY, monitored=True),
            "Its entry stays in Radarr: it has other files.",
        ),
        (
            entry_stays("Radarr", WHY),
            "Its entry stays in Radarr, unmonitored: it has other files.",
        ),
    ],
)
def test_an_entry_that_stays(reason: Reason, said: str) -> None:
    """Where, why, and whether its server goes on looking for it."""
    assert say(reason) == said


def test_a_limit_of_titles() -> None:
    """Of a day and of a run, and one is no plural."""
    for code, when in ((Why.ITEM_LIMIT, "24 hours"), (Why.RUN_LIMIT, "one run")):
        for titles, said in ((1, "1 title"), (2, "2 titles")):
            assert clause(Reason(code, {"titles": titles})) == (
                f"the limit of {said} in {when} is reached. The rest follows later"
            )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("Films", "Watched movies and episodes rose from 7 to 30 (Films)."),
        ("", "Watched movies and episodes rose from 7 to 30."),
    ],
)
def test_where_something_has_changed(where: str, said: str) -> None:
    """In the whole house, or in a part that has a name."""
    data: dict[str, ReasonValue] = {"before": 7, "now": 30, "where": where}
    assert say(Reason(Suspicion.PLAYED_SURGED, data)) == said
