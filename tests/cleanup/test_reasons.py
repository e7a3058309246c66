"""Reasons are made with all that their sentences say."""

import pytest

from custom_components.oxicleanarr.cleanup.reasons import (
    Stopped,
    Why,
    entry_stays,
    failed,
    kept_because,
    together,
    unsure,
    why,
)
from custom_components.oxicleanarr.model import Keep, MediaKey, Reason, ReasonValue
from custom_components.oxicleanarr.servers import ServerError
from tests.home import DAY, START
from tests.retention.builders import movie

ONE, OTHER = why(Why.KEPT), why(Why.FAVORITE)


def test_why() -> None:
    """A code with its data, or without any."""
    assert why(Why.CUT_OFF, server="Radarr") == Reason("cut_off", {"server": "Radarr"})
    assert why(Why.KEPT) == Reason("kept")


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ([], None),
        ([ONE], ONE),
        ([ONE, OTHER], Reason("several_notes", {"because": (ONE, OTHER)})),
    ],
)
def test_several_notes(notes: list[Reason], said: Reason | None) -> None:
    """One is itself, and none is nothing."""
    assert together(notes) == said


def test_who_keeps_a_title() -> None:
    """A user, maybe with a word of why; or whoever has brought it back."""
    keep = Keep(key=MediaKey("movie:tmdb:1"), kept_at=START)
    assert kept_because(keep, "Alien") == Reason(
        "kept_by_user", {"title": "Alien", "ends_at": None, "note": None}
    )
    until = START + DAY
    keep = Keep(key=keep.key, kept_at=START, until=until, reason="mine")
    assert kept_because(keep, "Alien") == Reason(
        "kept_by_user", {"title": "Alien", "ends_at": until, "note": "mine"}
    )
    keep = Keep(key=keep.key, kept_at=START, until=until, brought_back_by="alice")
    assert kept_because(keep, "Alien") == Reason(
        "brought_back", {"title": "Alien", "name": "alice", "ends_at": until}
    )


def test_what_went_wrong() -> None:
    """It holds what is not known, or what a server says."""
    assert unsure(ONE) == Reason("unsure", {"because": ONE})
    error = ServerError("Radarr", "failed")
    assert failed(error) == Reason("server_failed", {"error": "Radarr: failed"})
    film = movie().item
    for stopped, item in ((Stopped(ONE), None), (Stopped(ONE, film), film)):
        assert (str(stopped), stopped.reason, stopped.item) == ("kept", ONE, item)


def test_an_entry_that_stays() -> None:
    """Nobody looks for it any more, unless it is said."""
    data: dict[str, ReasonValue] = {"server": "Sonarr", "because": ONE}
    for reason, monitored in (
        (entry_stays("Sonarr", ONE), False),
        (entry_stays("Sonarr", ONE, monitored=True), True),
    ):
        assert reason == Reason("entry_stays", data | {"monitored": monitored})
